# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Run modules that write large files, and omit the file content from the results."""

from __future__ import annotations

import typing as t

from ..module_utils._spec import Result
from . import _in_process


class ActionModule(_in_process.ActionModule):
    """Action plugin for a module whose parameters contain file content."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Return the result of the module without the module parameters."""
        result = super().run(tmp, task_vars)
        result.pop("invocation", None)
        return result
