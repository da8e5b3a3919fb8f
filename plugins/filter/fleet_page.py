# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_page
short_description: Convert a fleet report to the values of an HTML page
version_added: 1.0.0
description:
  - Returns the report as JSON that can be embedded in an HTML page, and the values that the page can display without
    JavaScript. The role P(hybrid.connectors.fleet_report#role) uses this filter in the template of its page.
  - A template must escape all values except C(data) with the filter C(escape), because the values contain strings from
    the systems.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
options:
  _input:
    description: Report from the filter P(hybrid.connectors.fleet_report#filter), as a dictionary or as a JSON string.
    type: raw
    required: true
seealso:
  - plugin: hybrid.connectors.fleet_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Create an HTML page from a report
  ansible.builtin.copy:
    content: |
      <!DOCTYPE html>
      <title>{{ page.title | escape }}</title>
      <p>{{ page.headline | escape }}</p>
      <script type="application/json" id="data">{{ page.data }}</script>
    dest: page.html
    mode: "0640"
  vars:
    page: "{{ lookup('ansible.builtin.file', 'fleet.json') | hybrid.connectors.fleet_page }}"
"""

RETURN = r"""
_value:
  description:
    - The values for the page.
    - C(data) contains the report as JSON, without characters that have a special meaning in HTML. C(nonce) is a nonce
      for the Content Security Policy that does not occur in the data.
    - C(title), C(headline), C(generated_at), C(limits), C(systems) and C(summary) have the same values as in the
      report.
    - C(unhealthy) contains the first 200 connectors that are not healthy, and C(unhealthy_count) is the total number of
      unhealthy connectors. C(alarms_count), C(expiries_count) and C(refresh_tokens_count) are the numbers of alarms,
      tokens and refresh tokens in the report.
    - C(changes) contains the time C(since) of the earlier report, and the number of connectors in each of its lists
      C(new), C(worse), C(recovered), C(appeared), C(disappeared), C(health) and C(version). The value is null if there
      is no earlier report.
  type: dict
  sample:
    title: Connector fleet
    headline: The connector does not have a problem.
    generated_at: "2026-11-22T12:00:00Z"
    limits: {stale_after_hours: 24.0, expiring_within_days: 7.0}
    systems: []
    summary:
      total: 0
      by_health: {healthy: 0, degraded: 0, down: 0, maintenance: 0, unknown: 0}
      by_system: {}
      outdated: 0
    data: "{}"
    nonce: 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
    unhealthy: []
    unhealthy_count: 0
    alarms_count: 0
    expiries_count: 0
    refresh_tokens_count: 0
    changes:
"""

import typing as t

from ansible_collections.hybrid.connectors.plugins.plugin_utils._report import filter_errors, unchecked_report
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report_page import page_values
from ansible_collections.hybrid.connectors.plugins.plugin_utils._template_data import as_data


def fleet_page(report: object) -> dict[str, t.Any]:
    """Return the template values for the HTML page of a report. For the arguments, see the filter documentation."""
    with filter_errors("fleet_page"):
        return as_data(page_values(unchecked_report(report)))  # type: ignore[no-any-return]


class FilterModule:
    """Filter plugins that Ansible loads from this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return a dictionary that maps filter names to functions."""
        return {"fleet_page": fleet_page}
