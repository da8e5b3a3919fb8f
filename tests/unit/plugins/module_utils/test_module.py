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
from ansible_collections.hybrid.connectors.plugins.modules import (
    apono_connector_info,
    fleet_info,
    fleet_report_files,
    hdp_connector_group,
    voss_spark_customers,
)

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


NOTIFY = {"url": "https://x.example", "format": None, "on": None}
APONO = {"api_url": "https://x.example", "api_token": "canary"}


@pytest.mark.parametrize(
    ("spec", "option", "given", "omitted"),
    [
        (fleet_report_files.SPEC, "notify", [NOTIFY], [{"url": NOTIFY["url"]}]),
        (fleet_report_files.SPEC, "notify", [{"url": NOTIFY["url"], "true": None}], [{"url": NOTIFY["url"]}]),
        (
            fleet_report_files.SPEC,
            "files",
            [{"path": "a", "content": "b", "mode": None}],
            [{"path": "a", "content": "b"}],
        ),
        (hdp_connector_group.SPEC, "members", [{"connector_id": "a", "label": None}], [{"connector_id": "a"}]),
        (fleet_info.SPEC, "apono", {**APONO, "timeout": None, "status": None}, APONO),
    ],
    ids=["list", "alias in a list", "mode", "exclusive options", "dictionary"],
)
def test_null_equals_an_omitted_suboption(spec: Spec, option: str, given: Any, omitted: Any) -> None:
    rules = spec.arguments()
    required = {"api_url": "https://x.example", "username": "u", "password": "canary", "connector_id": "g"}
    more = {name: value for name, value in required.items() if name in rules["argument_spec"]}

    def checked(value: Any) -> Any:
        redaction = Redaction(rules["argument_spec"])
        params, complaint = check_arguments(rules, {**more, option: value}, "a_module", redaction)
        assert complaint is None
        return params

    assert checked(given) == checked(omitted)


@pytest.mark.parametrize(
    ("option", "given", "expected"),
    [
        ("notify", "canary", "Option 'notify' must be a list of dictionaries, not a value of type str."),
        ("notify", 1, "Option 'notify' must be a list of dictionaries, not a value of type int."),
        ("notify", ["canary"], "Item 1 of option 'notify' must be a dictionary, not a value of type str."),
        ("files", "canary", "Option 'files' must be a list of dictionaries, not a value of type str."),
        ("notify", "url=https://x.example", None),
    ],
)
def test_a_value_of_the_wrong_type_is_described(option: str, given: Any, expected: str | None) -> None:
    rules = fleet_report_files.SPEC.arguments()
    _params, complaint = check_arguments(rules, {option: given}, "a_module", Redaction(rules["argument_spec"]))
    assert complaint == expected


def test_null_in_a_dictionary_without_suboptions_is_kept() -> None:
    rules = voss_spark_customers.SPEC.arguments()
    connection = {"api_url": "https://x.example", "username": "u", "password": "canary", "hierarchy": "sys"}
    customers = [{"name": "a", "email_domain": None, "extra_attributes": {"attribute": None}}]
    arguments = {**connection, "customers": customers}
    params, complaint = check_arguments(rules, arguments, "a_module", Redaction(rules["argument_spec"]))
    assert complaint is None
    assert params["customers"][0]["email_domain"] is None
    assert params["customers"][0]["extra_attributes"] == {"attribute": None}
    assert "email_domain" in customers[0]


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
