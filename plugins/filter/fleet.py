# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
short_description: Convert the list of an info module to fleet records
version_added: 1.0.0
description:
  - Converts the list that an info module of this collection returns to records that have the same fields for all
    systems, and determines the health of each connector.
  # BEGIN GENERATED health rules by `make generate`
  - A connector of Apono is healthy if its status is C(connected), and V(down) if it is C(disconnected).
  - A connector of Hybrid Data Pipeline is V(degraded) if it was not accessed within the last O(stale_after_hours)
    hours. If its time of last access is unknown, for example because the list has no details, its health
    is V(unknown).
  - A customer of VOSS Automate is V(down) if one of its tokens has expired, and V(degraded) if one expires
    within O(expiring_within_days) days.
  - A connector of Webex is healthy if its status is C(operational), V(degraded) if it is C(impaired), V(down)
    if it is C(outage), and V(maintenance) if it is C(maintenanceMode).
  - An operational connector of Webex with an unresolved alarm of the severity C(critical) or C(error) is
    V(degraded).
  # END GENERATED health rules
  - If the vendor does not document a status, the health is V(unknown).
author:
  - hybrid.connectors contributors (@hybrid-connectors)
positional: system
options:
  _input:
    description: List of an info module, for example RV(hybrid.connectors.apono_connector_info#module:connectors).
    type: list
    elements: dict
    required: true
  # BEGIN GENERATED system by `make generate`
  system:
    description: System that the list comes from.
    type: str
    choices:
      - apono
      - hdp
      - voss
      - webex
    required: true
  # END GENERATED system
  stale_after_hours:
    description: Number of hours without access after which a connector is degraded, in systems that report the time
        of the last access.
    type: float
    default: 24.0
    aliases: [stale_after]
  expiring_within_days:
    description: Number of days before the expiry of a token at which a connector is degraded, in systems that report
        expiries.
    type: float
    default: 7.0
seealso:
  - plugin: hybrid.connectors.healthy
    plugin_type: test
  - plugin: hybrid.connectors.outdated
    plugin_type: test
"""

EXAMPLES = r"""
- name: List all connectors of Webex
  hybrid.connectors.webex_hybrid_connector_info:
    access_token: "{{ webex_token }}"
    clusters: true
  register: webex

- name: Show the problems of connectors that are not healthy
  ansible.builtin.debug:
    msg: "{{ item.name }} is {{ item.health }}: {{ item.problems | join(' ') }}"
  loop: "{{ webex.connectors | hybrid.connectors.fleet('webex') | reject('hybrid.connectors.healthy') }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
_value:
  description:
    - The records, sorted by name, then by ID. A field that a system does not have is null.
    - C(system), C(id) and C(name) identify the connector. C(host) is its host name or IP address, or null if the value
      is not valid.
    - C(status) is the status as the vendor returns it. C(health) is V(healthy), V(degraded), V(down), V(maintenance) or
      V(unknown). C(problems) is a list of sentences.
    - C(version) is the version of the connector, and C(outdated) is whether a newer version exists. C(last_seen) is an
      ISO 8601 time.
    - C(group) is the cluster, tenant, node or cloud provider. C(type) is the type of a Webex connector. C(org) is the
      tenant of Hybrid Data Pipeline, or the name of the Webex organization if it is known.
    - All fields except C(problems) are strings, booleans or null. In strings except C(id), control characters are
      replaced by their numbers, for example V([U+001B]).
  type: list
  elements: dict
  sample:
    - system: webex
      id: Y2lzY29zcGFyazovL3VzL0hZQlJJRF9DT05ORUNUT1IvMQ
      name: expressway1.example.com
      host: expressway1.example.com
      status: impaired
      health: degraded
      version: 8.11-1.0.5211
      outdated:
      last_seen:
      group: Berlin
      type: calendar
      org:
      problems: ["Webex reports the status 'impaired'."]
"""

import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HealthThresholds, records
from ansible_collections.hybrid.connectors.plugins.plugin_utils._template_data import as_data


def fleet(
    items: object,
    system: str,
    stale_after_hours: float = 24.0,
    expiring_within_days: float = 7.0,
    stale_after: float | None = None,
) -> list[dict[str, t.Any]]:
    """Return fleet records, see the documentation of the filter."""
    hours = stale_after_hours if stale_after is None else stale_after
    try:
        thresholds = HealthThresholds(datetime.now(timezone.utc), float(hours), float(expiring_within_days))
        return as_data(records(system, items, thresholds))  # type: ignore[no-any-return]
    except (InputError, ValueError, TypeError, OverflowError) as error:
        raise AnsibleFilterError(f"hybrid.connectors.fleet: {error}") from error


class FilterModule:
    """The filter plugin."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"fleet": fleet}
