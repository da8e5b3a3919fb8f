# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
short_description: Make records of one shape of the connectors of any system
version_added: 1.0.0
description:
  - Turns the list that an info module of this collection returns into records of the fleet, which are the same for all
    systems, and judges the health of each connector.
  - A connector of Webex is healthy if it is operational, V(degraded) if it is impaired or has an alarm of the severity
    critical or error, V(down) if it is out, and in V(maintenance) if Webex says so.
  - One of Apono is healthy if it is connected, and V(down) if it is not.
  - One of Hybrid Data Pipeline is V(degraded) if nobody had access to it for O(stale_after_hours) hours. For that the
    list needs its details; without them the health is V(unknown).
  - A customer of VOSS Automate is V(down) if one of its tokens has expired, and V(degraded) if one expires within
    O(expiring_within_days) days.
  - A status that no vendor documents makes the health V(unknown), never healthy.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
positional: system
options:
  _input:
    description: The list RV(hybrid.connectors.apono_connector_info#module:connectors), or that of another info module.
    type: list
    elements: dict
    required: true
  system:
    description: The system that the list is of.
    type: str
    choices: [apono, hdp, voss, webex]
    required: true
  stale_after_hours:
    description: Number of hours without access after which a connector of Hybrid Data Pipeline is degraded.
    type: float
    default: 24.0
    aliases: [stale_after]
  expiring_within_days:
    description: How many days before the end of a token a customer of VOSS Automate is degraded.
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

- name: Show what is wrong with those that are not healthy
  ansible.builtin.debug:
    msg: "{{ item.name }} is {{ item.health }}: {{ item.problems | join(' ') }}"
  loop: "{{ webex.connectors | hybrid.connectors.fleet('webex') | reject('hybrid.connectors.healthy') }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
_value:
  description:
    - The records, sorted by name, then by id. Each has C(system), C(id), C(name), C(host), C(status) (the vendor's
      word), C(health) (V(healthy), V(degraded), V(down), V(maintenance) or V(unknown)), C(version), C(outdated),
      C(last_seen) (ISO 8601), C(group) (the cluster, tenant, node or cloud provider), C(type) (the type of a Webex
      connector), C(org) (the tenant of Hybrid Data Pipeline, or the name of the Webex organization if it is known) and
      C(problems) (sentences). A field that a system does not have is null.
    - Fields are strings, booleans or null, whatever the service returned. Control characters in them are shown by
      their numbers, as in V([U+001B]), except in C(id), which is unchanged. C(host) is null if it is not a valid host
      name or IP address.
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
    """See the documentation above."""
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
