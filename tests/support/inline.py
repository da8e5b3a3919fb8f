# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules in the process of the tests, in the same way as a worker but without Ansible."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from unittest import mock

from ansible_collections.hybrid.connectors.plugins.plugin_utils import _in_process as in_process
from ansible_collections.hybrid.connectors.plugins.plugin_utils._in_process import execute, module_called
from support.modules import Result, assert_sanitized
from support.skipped_waits import skipped_waits


def call(module: str, arguments: Mapping[str, Any], check: bool = False) -> dict[str, Any]:
    """Run a module's function with arguments in the format of a task."""
    spec, function = module_called(module)
    return execute(
        spec, function, in_process._plain(arguments), f"hybrid.connectors.{module}", check, in_process._session_for
    )


def run_inline(name: str, options: Mapping[str, Any], check: bool, env: Mapping[str, str]) -> Result:
    """Run a module, and check that its result contains none of the given secrets."""
    in_process._sessions.clear()  # Each run starts without the sessions of earlier runs.
    with mock.patch.dict(os.environ, env, clear=True), skipped_waits(env):
        values = call(name, options, check)
    output = json.dumps(values)
    assert_sanitized(name, options, output)
    return Result({"failed": False, "changed": False, **values}, output)
