# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_problems
short_description: List what is wrong according to a report on the fleet, a line a problem
version_added: 1.0.0
description:
  - Looks in a report for what is named by O(reasons), and says each in one line.
  - A customer of VOSS Automate that is down because a token expired is listed with its tokens alone if V(expired) is
    among O(reasons), and one that is degraded because a token expires soon if V(expiring) is.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
positional: reasons
options:
  _input:
    description: A report, as the filter P(hybrid.connectors.fleet_report#filter) makes it, or its text.
    type: raw
    required: true
  reasons:
    description:
      - What counts as a problem.
      - V(down), V(degraded), V(maintenance) and V(unknown) are kinds of health.
      - V(outdated) is a connector of which its system says that there is a newer version.
      - V(expired) is a token of VOSS Automate that has expired, and V(expiring) one that expires within the days that
        the report was made with.
      - V(unread) is a system that could not be read.
      - V(disappeared) is a connector that an earlier report has and this one has not.
    type: list
    elements: str
    choices: [down, degraded, maintenance, unknown, outdated, expired, expiring, unread, disappeared]
    required: true
seealso:
  - plugin: hybrid.connectors.fleet_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what is down, and what is not known
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'fleet.json') | hybrid.connectors.fleet_problems(['down', 'unread']) }}"
"""

RETURN = r"""
_value:
  description: The lines, by reason in the order of the choices above, then as in the report.
  type: list
  elements: str
  sample:
    - "down: apono analytics (gcp-analytics): Disconnected since 2026-09-28T23:41:07Z."
    - "unread: webex: not read, because Webex returned 401."
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report import DAMAGED, checked_report, problems


def fleet_problems(report: object, reasons: t.Iterable[str]) -> list[str]:
    """See the documentation above."""
    try:
        wanted = reasons.split(",") if isinstance(reasons, str) else reasons
        return problems(checked_report(report), [reason.strip() for reason in wanted])
    except InputError as error:
        raise AnsibleFilterError(f"hybrid.connectors.fleet_problems: {error}") from error
    except DAMAGED as error:
        raise AnsibleFilterError(
            f"hybrid.connectors.fleet_problems: the report or the list of reasons is damaged ({error!r})"
        ) from error


class FilterModule:
    """The filter plugin."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"fleet_problems": fleet_problems}
