# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: same_fleet
short_description: Test whether two fleet reports show the same fleet
version_added: 1.0.0
description:
  - Returns V(true) if two reports have the same title, thresholds, systems, connectors, alarms and tokens.
  - The test ignores the time of each report, the time of the last contact with a connector, the remaining days of
    tokens, the changes since an earlier report, and the errors of systems that were not read.
  - If one of the values is not a report, the test returns V(false).
author:
  - hybrid.connectors contributors (@hybrid-connectors)
positional: other
options:
  _input:
    description: Report from the filter P(hybrid.connectors.fleet_report#filter), as a dictionary or as a JSON string.
    type: raw
    required: true
  other:
    description: Report to compare with, as a dictionary or as a JSON string.
    type: raw
    required: true
seealso:
  - plugin: hybrid.connectors.fleet_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show a message if the fleet has changed
  ansible.builtin.debug:
    msg: The fleet has changed.
  when: today is not hybrid.connectors.same_fleet(yesterday)
  vars:
    today: "{{ lookup('ansible.builtin.file', 'fleet.json') }}"
    yesterday: "{{ lookup('ansible.builtin.file', 'fleet.yesterday.json') }}"
"""

RETURN = r"""
_value:
  description: Whether the two reports show the same fleet.
  type: bool
"""

import typing as t

from ansible_collections.hybrid.connectors.plugins.plugin_utils import _report


def same_fleet(report: object, other: object) -> bool:
    """Return whether two fleet reports show the same fleet. ``DOCUMENTATION`` describes the arguments."""
    try:
        return _report.same_fleet(report, other)
    except _report.DAMAGED:
        return False


class TestModule:
    """Class that Ansible loads to find the tests in this file."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        """Return the test functions, keyed by test name."""
        return {"same_fleet": same_fleet}
