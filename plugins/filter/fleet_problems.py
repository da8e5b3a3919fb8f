# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_problems
short_description: List the problems in a fleet report
version_added: 1.0.0
description:
  - Returns one line for each problem in a report. O(reasons) selects the problems.
  - The filter does not list problems of muted connectors, except V(disappeared).
  - The health of some connectors depends on their tokens, for example the health of VOSS Automate customers. If
    O(reasons) contains V(expired), the filter lists the expired tokens of these connectors as V(expired) instead of
    V(down). If O(reasons) contains V(expiring), it lists their expiring tokens as V(expiring) instead of V(degraded).
author:
  - hybrid.connectors contributors (@hybrid-connectors)
positional: reasons
options:
  _input:
    description: Report from the filter P(hybrid.connectors.fleet_report#filter), as a dictionary or as a JSON string.
    type: raw
    required: true
  reasons:
    description:
      - Problems to list.
      - V(new) lists connectors that are V(down), V(degraded) or V(unknown) in this report, and were healthy, in
        maintenance, missing or muted in the earlier report. V(worse) lists connectors whose problem is more severe than
        in the earlier report.
      - V(down), V(degraded), V(maintenance) and V(unknown) list connectors by their health.
      - V(outdated) lists connectors for which their system reports a newer version.
      - V(expired) lists tokens that have expired. V(expiring) lists tokens that expire within the number of days that
        the report uses as the threshold.
      - V(unread) lists systems that could not be read.
      - V(disappeared) lists connectors that are in the earlier report but not in this report. If the report was
        compared with a history, there are no such lines, because a history does not contain healthy connectors.
    type: list
    elements: str
    choices: [new, worse, down, degraded, maintenance, unknown, outdated, expired, expiring, unread, disappeared]
    required: true
seealso:
  - plugin: hybrid.connectors.fleet_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the connectors that are down, and the systems that were not read
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'fleet.json') | hybrid.connectors.fleet_problems(['down', 'unread']) }}"
"""

RETURN = r"""
_value:
  description: The lines, sorted by reason, in the same order as the choices of O(reasons).
  type: list
  elements: str
  sample:
    - "down: apono analytics (gcp-analytics): Disconnected; last connected at 2026-09-28T23:41:07Z."
    - "unread: webex: not read, because Webex returned 401."
"""

import typing as t

from ansible_collections.hybrid.connectors.plugins.plugin_utils._report import filter_errors
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report_problems import problems


def fleet_problems(report: object, reasons: t.Iterable[str]) -> list[str]:
    """Return the problems in a report. For the arguments, see the filter documentation."""
    with filter_errors("fleet_problems", "the report or the list of reasons is not valid"):
        selected = reasons.split(",") if isinstance(reasons, str) else reasons
        return problems(report, [reason.strip() for reason in selected])


class FilterModule:
    """Filter plugins that Ansible loads from this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return a dictionary that maps filter names to functions."""
        return {"fleet_problems": fleet_problems}
