# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report
short_description: Make one report of what the info modules of the systems returned
version_added: 1.0.0
description:
  - Turns the results of the info modules of this collection into one document, which the role
    P(hybrid.connectors.fleet_report#role) writes as JSON, as a page and as metrics. Its JSON Schema is the file
    C(roles/fleet_report/files/fleet_report.schema.json) of this collection.
  - A system whose result is a failure is in the report as not read, with the reason, and counts nowhere as empty or
    healthy.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
options:
  _input:
    description:
      - The result of M(hybrid.connectors.fleet_info). The thresholds have to be those of the module.
      - Alternatively the results of info modules, by the names of the systems V(apono), V(hdp), V(voss) and V(webex). A
        result is all that the module returned, a failure too, or what P(ansible.builtin.async_status#module) returned
        for it.
      - The list of Hybrid Data Pipeline needs its details, or the health of its connectors is unknown.
    type: dict
    required: true
  title:
    description: The title of the report.
    type: str
    default: Connector fleet
  stale_after_hours:
    description: After how many hours without access a connector of Hybrid Data Pipeline is degraded.
    type: float
    default: 24.0
  expiring_within_days:
    description: How many days before the end of a token a customer of VOSS Automate is degraded.
    type: float
    default: 7.0
  previous:
    description:
      - An earlier report, or its text. What changed since is in the new one.
      - Whatever is no report of this version is as good as none.
    type: raw
seealso:
  - plugin: hybrid.connectors.fleet
    plugin_type: filter
  - plugin: hybrid.connectors.fleet_metrics
    plugin_type: filter
  - plugin: hybrid.connectors.fleet_problems
    plugin_type: filter
  - plugin: hybrid.connectors.same_fleet
    plugin_type: test
"""

EXAMPLES = r"""
- name: List the connectors of Apono
  hybrid.connectors.apono_connector_info:
    api_token: "{{ apono_token }}"
  register: apono
  ignore_errors: true

- name: List the connectors of Webex
  hybrid.connectors.webex_hybrid_connector_info:
    access_token: "{{ webex_token }}"
  register: webex
  ignore_errors: true

- name: Show how many connectors there are by health
  ansible.builtin.debug:
    msg: "{{ ({'apono': apono, 'webex': webex} | hybrid.connectors.fleet_report).summary.by_health }}"
"""

RETURN = r"""
_value:
  description:
    - The report. C(systems) says which systems were asked, whether they were read and why not; C(summary) counts
      connectors by health; C(records) are those of P(hybrid.connectors.fleet#filter), of all systems, sorted by system,
      name and id; C(expiries) says when tokens of VOSS Automate expire, the next first; C(alarms) are those of Webex,
      the newest first.
    - C(changes) is null, or says what is different from the earlier report. Connectors of a system that was not read,
      then or now, are in none of it.
  type: dict
  sample:
    format: hybrid.connectors.fleet_report
    version: 1
    generated_at: "2026-11-22T12:00:00Z"
    title: Connector fleet
    limits: {stale_after_hours: 24.0, expiring_within_days: 7.0}
    systems:
      - {system: apono, title: Apono, read: true, error: null, count: 1}
    summary:
      total: 1
      by_health: {healthy: 1, degraded: 0, down: 0, maintenance: 0, unknown: 0}
      by_system:
        apono: {healthy: 1, degraded: 0, down: 0, maintenance: 0, unknown: 0}
      outdated: 0
    records:
      - system: apono
        id: prod-us-east-1
        name: prod-us-east-1
        host:
        status: CONNECTED
        health: healthy
        version: 1.6.4
        outdated: false
        last_seen: "2026-11-22T11:59:31Z"
        group: AWS
        type:
        org:
        problems: []
    expiries: []
    alarms: []
    changes:
"""

import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HealthThresholds
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report import TITLE, report
from ansible_collections.hybrid.connectors.plugins.plugin_utils._template_data import as_data


def fleet_report(
    results: t.Any,
    title: str = TITLE,
    stale_after_hours: float = 24.0,
    expiring_within_days: float = 7.0,
    previous: object = None,
) -> dict[str, t.Any]:
    """See the documentation above."""
    try:
        thresholds = HealthThresholds(datetime.now(timezone.utc), float(stale_after_hours), float(expiring_within_days))
        return as_data(report(results, thresholds, str(title), previous))  # type: ignore[no-any-return]
    except (InputError, ValueError, TypeError, OverflowError) as error:
        raise AnsibleFilterError(f"hybrid.connectors.fleet_report: {error}") from error


class FilterModule:
    """The filter plugin."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"fleet_report": fleet_report}
