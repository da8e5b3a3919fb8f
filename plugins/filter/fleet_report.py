# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report
short_description: Create a report of the connectors of several systems
version_added: 1.0.0
description:
  - Creates a report from the result of M(hybrid.connectors.fleet_info). The role P(hybrid.connectors.fleet_report#role)
    writes this report as JSON, as an HTML page and as metrics.
  - The file C(roles/fleet_report/files/fleet_report.schema.json) of this collection contains the JSON Schema of the
    report.
  - If the module failed to read a system, the report lists the system as not read, with the error. The report does not
    treat such a system as empty or healthy.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
options:
  _input:
    description:
      - Result of M(hybrid.connectors.fleet_info), or its value C(json), which the filter processes faster. Use the same
        thresholds for the module and for the filter.
      - Alternatively, specify a dictionary that contains the results of info modules. Each key is the name of a system,
        for example V(webex). Each value is the complete result of the info module, even if the module failed, or the
        result of M(ansible.builtin.async_status) for that module.
    type: raw
    required: true
  title:
    description: Title of the report.
    type: str
    default: Connector fleet
  stale_after_hours:
    description: A connector is degraded if its last access was more than this number of hours ago. This option applies
      to systems that report the time of the last access.
    type: float
    default: 24.0
  expiring_within_days:
    description: A connector is degraded if one of its tokens expires within this number of days. This option applies to
      systems that report when tokens expire.
    type: float
    default: 7.0
  previous:
    description:
      - Earlier report, as a dictionary or as a JSON string. The new report contains the changes since the earlier
        report.
      - The filter ignores a value that is not a report of this version.
    type: raw
  mute:
    description:
      - Muted connectors. The report does not list the problems of muted connectors as new or worse.
      - The report still shows the health of a muted connector, and still includes the connector in its counts.
    type: list
    elements: dict
    default: []
    suboptions:
      system:
        description: System of the connector.
        type: str
        required: true
      id:
        description: ID of the connector.
        type: str
        required: true
      until:
        description:
          - Time at which the mute ends, in ISO 8601 format. If the value is a date without a time, the mute ends at the
            end of that day, in UTC.
          - By default, the mute does not end.
        type: str
      reason:
        description: Reason for the mute.
        type: str
  history:
    description:
      - History of earlier reports, as a string of JSON lines. If this option is set, C(trend) in the report contains
        the numbers of connectors by health in the last 30 runs.
      - If O(previous) is not a valid fleet report, the filter uses the last run in the history for the comparison. The
        lists C(appeared), C(disappeared), C(health) and C(version) in C(changes) are then empty, because a history does
        not contain healthy connectors and versions.
    type: str
  as_json:
    description:
      - If V(true), the filter returns the report as a JSON string. For a large fleet, this is faster than the filter
        C(ansible.builtin.to_json).
    type: bool
    default: false
seealso:
  - plugin: hybrid.connectors.fleet
    plugin_type: filter
  - plugin: hybrid.connectors.fleet_metrics
    plugin_type: filter
  - plugin: hybrid.connectors.fleet_page
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

- name: Show the number of connectors for each health value
  ansible.builtin.debug:
    msg: "{{ ({'apono': apono, 'webex': webex} | hybrid.connectors.fleet_report).summary.by_health }}"
"""

RETURN = r"""
_value:
  description:
    - The report.
    - C(systems) contains each system, whether it was read, and the error if it was not. If a Webex organization could
      not be read, C(unread) contains the IDs of the unreadable organizations.
    - C(summary) contains the numbers of connectors by health and by system.
    - C(records) contains the records of all connectors, sorted by system, name and ID. The fields are those of the
      filter P(hybrid.connectors.fleet#filter).
    - C(expiries) contains the tokens whose expiry is known, sorted by expiry. C(alarms) contains the alarms, sorted
      from newest to oldest.
    - C(changes) contains the differences from the earlier report, or is null if there is no earlier report. The
      differences include only connectors of systems that were read, completely or partly, for both reports.
    - C(changes.new), C(changes.worse) and C(changes.recovered) contain the connectors whose problem is new or more
      severe, and those that are healthy again. If a system was not read for the earlier report, the filter compares
      its connectors with the last report for which the system was read. Maintenance is neither a problem nor a
      recovery. A connector that had a problem before its maintenance counts as recovered when it is healthy again.
    - C(unhealthy) contains the unhealthy connectors, and the time at which each connector became unhealthy.
    - C(mutes) contains the entries of O(mute) that have not ended.
    - C(headline) describes the state of the fleet in one sentence.
    - If O(as_json=true), the value is a JSON string that contains the report, and ends with a newline.
  type: raw
  sample:
    format: hybrid.connectors.fleet_report
    version: 1
    generated_at: "2026-11-22T12:00:00Z"
    title: Connector fleet
    limits: {stale_after_hours: 24.0, expiring_within_days: 7.0}
    systems:
      - system: apono
        title: Apono
        item: connector
        has_alarms: false
        has_expiries: false
        read: true
        error:
        count: 1
        last_read: "2026-11-22T12:00:00Z"
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
    mutes: []
    changes:
    unhealthy: []
    headline: The connector does not have a problem.
    trend: []
"""

import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HealthThresholds
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report import TITLE, as_text, report
from ansible_collections.hybrid.connectors.plugins.plugin_utils._template_data import as_data


def fleet_report(
    results: t.Any,
    title: str = TITLE,
    stale_after_hours: float = 24.0,
    expiring_within_days: float = 7.0,
    previous: object = None,
    mute: object = (),
    history: object = None,
    as_json: object = False,
) -> dict[str, t.Any] | str:
    """Create a report from the results of info modules. For the arguments, see the filter documentation."""
    try:
        thresholds = HealthThresholds(datetime.now(timezone.utc), float(stale_after_hours), float(expiring_within_days))
        past = None if history is None else str(history)
        document = report(results, thresholds, str(title), previous, mute, past)
        return as_data(as_text(document) if boolean(as_json) else document)  # type: ignore[no-any-return]
    except (InputError, ValueError, TypeError, OverflowError) as error:
        raise AnsibleFilterError(f"hybrid.connectors.fleet_report: {error}") from error


class FilterModule:
    """Filter plugins that Ansible loads from this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return a dictionary that maps filter names to functions."""
        return {"fleet_report": fleet_report}
