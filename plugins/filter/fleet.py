# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
short_description: Convert the results of an info module to fleet records
version_added: 1.0.0
description:
  - Converts the results of an info module of this collection to fleet records, and determines the health of each
    connector. Fleet records have the same fields for all systems.
  # BEGIN GENERATED health rules by `make generate`
  - An Apono connector is V(healthy) if its status is C(connected), and V(down) if its status is C(disconnected).
  - A Hybrid Data Pipeline connector is V(degraded) if its last access to the server was more than O(stale_after_hours)
    hours ago. If the time of the last access is unknown, for example because the list does not contain
    details, the health of the connector is V(unknown).
  - A VOSS Automate customer is V(down) if one of its tokens has expired, and V(degraded) if one of its
    tokens expires within O(expiring_within_days) days.
  - A Webex connector is V(healthy) if its status is C(operational), V(degraded) if its status is C(impaired),
    V(down) if its status is C(outage), and V(maintenance) if its status is C(maintenanceMode).
  - An operational Webex connector is V(degraded) if it has an unresolved alarm with the severity C(critical)
    or C(error).
  # END GENERATED health rules
  - If the vendor does not document a status, the health is V(unknown).
author:
  - hybrid.connectors contributors (@hybrid-connectors)
positional: system
options:
  _input:
    description: List that an info module returns, for example
      RV(hybrid.connectors.apono_connector_info#module:connectors).
    type: list
    elements: dict
    required: true
  # BEGIN GENERATED system by `make generate`
  system:
    description: System from which the list was read.
    type: str
    choices:
      - apono
      - hdp
      - voss
      - webex
    required: true
  # END GENERATED system
  stale_after_hours:
    description: A connector is degraded if its last access was more than this number of hours ago. This option applies
      to systems that report the time of the last access.
    type: float
    default: 24.0
    aliases: [stale_after]
  expiring_within_days:
    description: A connector is degraded if one of its tokens expires within this number of days. This option applies to
      systems that report when tokens expire.
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
    - The records, sorted by name, then by ID. Fields that a system does not provide are null.
    - C(system), C(id) and C(name) identify the connector. C(host) is its host name or IP address, or null if the value
      is not valid.
    - C(status) is the status that the vendor returns. C(health) is V(healthy), V(degraded), V(down), V(maintenance) or
      V(unknown). C(problems) is a list of sentences.
    - C(version) is the version of the connector, and C(outdated) is whether a newer version exists. C(last_seen) is the
      time of the last connection or access, in ISO 8601 format.
    - C(group) is the cluster, tenant, node or cloud provider. C(type) is the type of a Webex connector. C(org) is the
      tenant of Hybrid Data Pipeline, or the name of the Webex organization if it is known.
    - All fields except C(problems) are strings, booleans or null. In all strings except C(id), control characters are
      replaced with their code points, for example V([U+001B]).
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
      org: Example Corporation
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
    """Convert a list of connectors to fleet records. For the arguments, see the filter documentation."""
    hours = stale_after_hours if stale_after is None else stale_after
    try:
        thresholds = HealthThresholds(datetime.now(timezone.utc), float(hours), float(expiring_within_days))
        return as_data(records(system, items, thresholds))  # type: ignore[no-any-return]
    except (InputError, ValueError, TypeError, OverflowError) as error:
        raise AnsibleFilterError(f"hybrid.connectors.fleet: {error}") from error


class FilterModule:
    """Filter plugins that Ansible loads from this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return a dictionary that maps filter names to functions."""
        return {"fleet": fleet}
