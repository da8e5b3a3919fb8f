# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of modules, and the requirements for every result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.connections import connected
from support.wire import Wire

from ansible_collections.hybrid.connectors.plugins.module_utils._module import TRACEBACK_SHOWN_BY
from ansible_collections.hybrid.connectors.plugins.module_utils._spec import Spec
from ansible_collections.hybrid.connectors.plugins.plugin_utils._in_process import module_called

CANARY = "canary-5d1f7c9ae2"
FAILURE = {"system", "method", "url", "status", "code", "message", "request_id", "reason"}
# The modules do not wait, because every response of the server is final.
HASTE = {"retry_budget": 0, "timeout": 10, "validate_certs": True}
WAITING = {"wait_timeout": 0.05, "poll_interval": 0.01}

Result = dict[str, Any]


def spec_of(module: str) -> Spec:
    """Return the options and rules of a module."""
    return module_called(module)[0]


def arguments_of(module: str, wire: Wire, given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the arguments of a module: connection options, no waiting, an output file, and the given options."""
    known = spec_of(module).arguments()["argument_spec"]
    waiting = {name: value for name, value in WAITING.items() if name in known}
    file = {"dest": str(folder / "file")} if "dest" in known else {}

    def connection(system: str) -> dict[str, Any]:
        rate = {"requests_per_second": 0} if system == "voss" else {}
        return {**wire.connection(system), **HASTE, **rate}

    return connected(module, connection, {**waiting, **given, **file})


def assert_sanitized(result: Result, wire: Wire, secrets: tuple[str, ...] = (CANARY,)) -> None:
    """Check that a result is a success or a structured failure without secrets, and that requests are valid."""
    text = json.dumps(result)
    assert "exception" not in result, result["exception"]
    assert TRACEBACK_SHOWN_BY not in str(result.get("msg", ""))  # only the message about a bug contains it
    if result.get("failed"):
        assert isinstance(result["msg"], str)
        assert result["msg"].strip()
        assert "Traceback" not in text
        assert set(result.get("failure") or FAILURE) == FAILURE
    else:
        assert isinstance(result["changed"], bool)
    for secret in secrets:
        assert secret not in text
    assert wire.wrong == []
