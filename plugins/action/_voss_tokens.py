# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This action plugin is PRIVATE to the role voss_spark_customers: it can change without notice.
"""Run the decisions of the entry point ``tokens`` of the role voss_spark_customers. It sends no requests."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.hybrid.connectors.plugins.plugin_utils import _voss_tokens


class ActionModule(ActionBase):
    """Select customers by the expiry of their tokens, plan, or report, depending on the arguments."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the decision for the arguments of the task."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = self._task.args
        if "renewals" in arguments:
            found = _voss_tokens.outcome(arguments["renewals"], arguments["ends"])
            lines = _voss_tokens.report(found, arguments["reauthorise"], bool(self._task.check_mode))
            return {**result, "refreshed": found["refreshed"], "lines": lines}
        if "results" in arguments:
            days = float(arguments["token_days"])
            return {**result, **_voss_tokens.plan(arguments["customers"], arguments["results"], days)}
        return {**result, "without_expiry": _voss_tokens.without_expiry(arguments["customers"])}
