# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages about missing options, and the result of a defect."""

from __future__ import annotations

import platform
from typing import Any

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._module import (
    Spec,
    TaskContext,
    check_arguments,
    outcome,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import Redaction
from ansible_collections.hybrid.connectors.plugins.modules import apono_connector_info, fleet_info

TOKEN = {"option": "api_token", "variable": "APONO_PERSONAL_TOKEN", "host": platform.node()}


@pytest.mark.parametrize(
    ("spec", "arguments", "row", "facts"),
    [
        (
            fleet_info.SPEC,
            {"voss": {"api_url": "https://x.example", "username": "u", "password": "canary"}},
            "options.one_required",
            {"first": "hierarchy", "second": "pkid", "system": "voss"},
        ),
        (fleet_info.SPEC, {"apono": {}}, "options.required_of_system", {**TOKEN, "system": "apono"}),
        (apono_connector_info.SPEC, {}, "options.required", TOKEN),
    ],
    ids=["one of several options of a system", "a required option of a system", "a required option"],
)
def test_a_missing_option_is_reported_with_a_remedy(
    messages: MessageTable,
    monkeypatch: pytest.MonkeyPatch,
    spec: Spec,
    arguments: dict[str, Any],
    row: str,
    facts: dict[str, str],
) -> None:
    monkeypatch.delenv("APONO_PERSONAL_TOKEN", raising=False)
    rules = spec.arguments()
    _params, complaint = check_arguments(rules, arguments, "a_module", Redaction(rules["argument_spec"]))
    messages.check(row, complaint, **facts)


def test_a_defect_is_a_failure_with_a_reason() -> None:
    def broken(params: Any, task: TaskContext) -> dict[str, Any]:
        raise KeyError("canary")

    def ignore(*_arguments: Any) -> Any:
        return None

    task = TaskContext(False, warn=ignore, connect=ignore, show=ignore, learn=ignore, redact=ignore)
    result = outcome(Spec(connection=None, options={}), broken, {}, task, {})
    assert result["failed"]
    assert result["failure"]["reason"] == "invalid_response"
    assert "canary" not in result["msg"]
