#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_info
short_description: List the connectors of several systems and their health
version_added: 1.0.0
description:
  - Reads the connectors of Apono, Hybrid Data Pipeline and Webex, and the Webex customers of VOSS Automate. The module
    reads the systems in parallel. The module returns one record for each connector and customer, with its health. All
    records have the same fields.
  - The module reads only the systems that you specify. If the dictionary of a system is empty, for example O(apono={}),
    all options of the system come from the environment or from C(module_defaults). The module does not read a system
    without a value, because null has the same effect as omitting the option.
  - Options that filter by health, for example O(webex.status), are not inherited from C(module_defaults), because
    connectors would then disappear when their health changes.
  - If an option is not valid or a required option is missing, the module fails before it sends a request to any system.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.fleet_info
options:
  stale_after_hours:
    description:
      - A connector is degraded if its last access was more than this number of hours ago. This option applies to
        systems that report the time of the last access.
    type: float
    default: 24.0
  expiring_within_days:
    description:
      - A connector is degraded if one of its tokens expires within this number of days. This option applies to systems
        that report when tokens expire.
    type: float
    default: 7.0
  deadline:
    description:
      - Maximum number of seconds to read one system. If reading a system takes longer, the module reports the
        system as not read, with the reason V(timeout).
    type: float
    default: 600.0
  strict:
    description:
      - If V(true), the module fails if a system cannot be read, or is read only partly because a Webex organization
        cannot be read. The result still contains everything that was read.
      - If V(false), the module does not fail if a system cannot be read, and RV(systems) contains the error.
      - The module always fails if an option is not valid.
    type: bool
    default: false
  as_json:
    description:
      - If V(true), the module returns the lists in RV(json), as a JSON string that the filter
        P(hybrid.connectors.fleet_report#filter) accepts. Ansible processes each value of a list separately, which takes
        seconds if the fleet consists of thousands of connectors.
      - If V(false), the module returns RV(connectors), RV(alarms) and RV(expiries).
    type: bool
    default: false
seealso:
  - plugin: hybrid.connectors.fleet
    plugin_type: inventory
  - plugin: hybrid.connectors.fleet
    plugin_type: filter
  - ref: ansible_collections.hybrid.connectors.docsite.fleet_info
    description: Guide for this module.
"""

EXAMPLES = r"""
- name: List the connectors of all systems with credentials from the environment
  hybrid.connectors.fleet_info:
    apono: {}
    hdp: {}
    voss:
      hierarchy: sys.hcs.CS-P
    webex:
      org_ids: all
      clusters: true
  register: fleet

- name: Show the connectors that are not healthy
  ansible.builtin.debug:
    msg: "{{ item.system }} {{ item.name }}: {{ item.health }}. {{ item.problems | join(' ') }}"
  loop: "{{ fleet.connectors | reject('hybrid.connectors.healthy') }}"
  loop_control:
    label: "{{ item.id }}"

- name: Show the systems that could not be read
  ansible.builtin.debug:
    msg: "{{ item.key }}: {{ item.value.error }}"
  loop: "{{ fleet.systems | dict2items | rejectattr('value.read') }}"
  loop_control:
    label: "{{ item.key }}"

- name: Fail if one of two systems cannot be read
  hybrid.connectors.fleet_info:
    apono:
      api_token: "{{ apono_token }}"
    hdp:
      api_url: https://hdp.example.com:8443
      username: "{{ hdp_username }}"
      password: "{{ hdp_password }}"
    stale_after_hours: 48
    strict: true
"""

RETURN = r"""
connectors:
  description:
    - The fleet records of all systems that were read, sorted by name, then by ID.
    - All fields except C(problems) are strings, booleans or null, regardless of the types that the service returns.
  returned: success, or failure with O(strict=true); only with O(as_json=false)
  type: list
  elements: dict
  contains:
    system:
      description: Name of the system, for example V(webex).
      returned: always
      type: str
    id:
      description: ID of the connector in its system.
      returned: always
      type: str
    name:
      description: Name of the connector.
      returned: always
      type: str
    host:
      description: Host name or IP address of the connector. Null if the system does not provide this information.
      returned: always
      type: str
    status:
      description: Status as the system returns it. Null if the system does not provide this information.
      returned: always
      type: str
    health:
      description: V(healthy), V(degraded), V(down), V(maintenance) or V(unknown).
      returned: always
      type: str
    version:
      description: Version of the connector software. Null if the version is not known.
      returned: always
      type: str
    outdated:
      description: Whether a newer version exists. Null if this is not known.
      returned: always
      type: bool
    last_seen:
      description: Time of the last connection or access in ISO 8601 format. Null if the time is not known.
      returned: always
      type: str
    group:
      description: Webex cluster, Hybrid Data Pipeline tenant, VOSS Automate node or Apono cloud provider.
      returned: always
      type: str
    type:
      description: Type of a Webex connector, for example V(calendar). It is null for other systems.
      returned: always
      type: str
    org:
      description: Tenant of Hybrid Data Pipeline, or name of the Webex organization. It is null if the name is unknown.
      returned: always
      type: str
    problems:
      description: Sentences that explain the health. The list is empty if there is no problem.
      returned: always
      type: list
      elements: str
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
systems:
  description:
    - The specified systems, by name. For each system, C(read) indicates whether the complete list was read, and
      C(count) is the number of connectors that were read. C(error) is the error message, and C(reason) is the kind of
      error, for example V(unauthorized) or V(timeout). If no error occurred, C(error) and C(reason) are null.
    - If a Webex organization cannot be read, C(read) is V(false), and C(connectors) contains the connectors of the
      other organizations. In this case, the additional key C(unread) contains the IDs of the organizations that could
      not be read.
  returned: success, or failure with O(strict=true)
  type: dict
  sample:
    webex: {read: true, error: null, reason: null, count: 1}
    hdp:
      read: false
      error: "Hybrid Data Pipeline returned 401 for GET https://hdp.example.com:8443/api/admin/connectors."
      reason: unauthorized
      count: 0
alarms:
  description: The unresolved alarms of Webex connectors, sorted from newest to oldest.
  returned: success, or failure with O(strict=true); only with O(as_json=false)
  type: list
  elements: dict
  contains:
    system:
      description: Name of the system.
      returned: always
      type: str
    id:
      description: ID of the connector.
      returned: always
      type: str
    name:
      description: Name of the connector.
      returned: always
      type: str
    severity:
      description: Severity of the alarm, as the system returns it.
      returned: always
      type: str
    title:
      description: Title of the alarm.
      returned: always
      type: str
    description:
      description: Description of the alarm.
      returned: always
      type: str
    raised_at:
      description: Time when the alarm was raised, in ISO 8601 format.
      returned: always
      type: str
  sample:
    - system: webex
      id: Y2lzY29zcGFyazovL3VzL0hZQlJJRF9DT05ORUNUT1IvMQ
      name: expressway1.example.com
      severity: warning
      title: Exchange server does not respond
      description: The connector cannot reach one of its Exchange servers.
      raised_at: "2026-11-20T08:15:30Z"
expiries:
  description: The tokens of VOSS Automate customers whose expiry is known, sorted by expiry.
  returned: success, or failure with O(strict=true); only with O(as_json=false)
  type: list
  elements: dict
  contains:
    system:
      description: Name of the system.
      returned: always
      type: str
    id:
      description: ID of the customer.
      returned: always
      type: str
    name:
      description: Name of the customer.
      returned: always
      type: str
    token:
      description: V(access) or V(refresh).
      returned: always
      type: str
    expires_at:
      description: Time when the token expires, in ISO 8601 format.
      returned: always
      type: str
    days_left:
      description: Number of days until the token expires. The number is negative if the token has expired.
      returned: always
      type: float
  sample:
    - system: voss
      id: 65e0918d6fd4534903e212d9
      name: AAAGlobal
      token: access
      expires_at: "2026-12-03T14:19:31Z"
      days_left: 11.4
json:
  description: RV(connectors), RV(alarms), RV(expiries) and RV(systems), as a JSON string.
  returned: success, or failure with O(strict=true); only with O(as_json=true)
  type: str
  sample: '{"connectors": [], "alarms": [], "expiries": [], "systems": {}}'
"""

import json
from datetime import datetime, timezone

from ansible_collections.hybrid.connectors.plugins.module_utils._connection import RETRY_BUDGET
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HealthThresholds
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet_reader import (
    DEADLINE,
    MAX_DEADLINE,
    read_all,
    require_read,
    sources_of,
    summary_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Params, Result, Spec, TaskContext, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS

SPEC = Spec(
    connection=None,
    options={
        **{name: provider.fleet_spec.as_option() for name, provider in PROVIDERS.items()},
        "stale_after_hours": {"type": "float", "default": 24.0},
        "expiring_within_days": {"type": "float", "default": 7.0},
        "deadline": {"type": "float", "default": DEADLINE},
        "strict": {"type": "bool", "default": False},
        "as_json": {"type": "bool", "default": False},
    },
    required_one_of=(tuple(PROVIDERS),),
    documents=("json",),
)


def _without_default(options: Params) -> Params:
    """Remove ``retry_budget`` if it has the default value, so that it does not count as set by the user."""
    given = dict(options)
    if given.get("retry_budget") == RETRY_BUDGET:
        del given["retry_budget"]
    return given


def fleet_info(params: Params, context: TaskContext) -> Result:
    """Return the fleet records of all systems that the task specifies."""
    now = datetime.now(timezone.utc)
    thresholds = HealthThresholds(now, params["stale_after_hours"], params["expiring_within_days"])
    if not 0 < params["deadline"] <= MAX_DEADLINE:
        raise InputError(f"Option 'deadline' is not valid: it must be greater than 0 and at most {MAX_DEADLINE:.0f}.")
    given = {name: _without_default(params[name]) for name in PROVIDERS if params[name] is not None}
    sources = sources_of(given, context.connect)
    for source in sources.values():
        # The parameters of a source also contain the secrets from environment variables.
        context.learn(source.params)
    readings = read_all(sources, params["deadline"], context.show)
    for name, reading in readings.items():
        for warning in reading.warnings:
            context.warn(f"{PROVIDERS[name].title}: {warning}")
    result = summary_of(readings, thresholds)
    if params["as_json"]:
        result = {"systems": result["systems"], "json": json.dumps(context.redact(result))}
    require_read(readings, params["strict"], result)
    return {"changed": False, **result}


def main() -> None:
    """Run the module."""
    run(SPEC, fleet_info)


if __name__ == "__main__":
    main()
