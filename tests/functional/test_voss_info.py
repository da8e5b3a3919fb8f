# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that read VOSS Automate: customers, documents of the model, and transactions."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.messages import MessageTable

AAAGLOBAL = "65e0918d6fd4534903e212d9"
AB_GROUP = "65e032dc6fd4534903dff709"
PROVIDER = "sys.hcs.CS-P"


def customers(module: Any, **options: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = module("voss_spark_customer_info", **options).ok()["customers"]
    return found


def seeded_with_expiries(simulator: Any, days: dict[str, tuple[float | None, float | None]]) -> None:
    """Create customers whose access and refresh tokens expire in this many days."""

    def expiries(*left: float | None) -> dict[str, str]:
        now = datetime.now(timezone.utc)
        timestamps = zip(("access_token_expires", "refresh_token_expires"), left, strict=True)
        return {key: (now + timedelta(days=value)).isoformat() for key, value in timestamps if value is not None}

    made = [
        {
            "pkid": f"65e0918d6fd4534903e2{number:04d}",
            "hierarchy": "sys.hcs.CS-P.CS-NB.Initech",
            "name": name,
            **expiries(*left),
        }
        for number, (name, left) in enumerate(days.items())
    ]
    simulator.reset({"voss": {**simulator.state()["voss"], "customers": made}})


def test_customers_are_sorted_with_path_and_days_left(simulator: Any, module: Any) -> None:
    found = customers(module, hierarchy=PROVIDER)
    assert [item["name"] for item in found] == ["AAAGlobal", "AB_Group"]
    first = found[0]
    assert first["pkid"] == AAAGLOBAL
    assert first["hierarchy"] == "6130d69ae04a4a0015a93bc6"
    assert first["hierarchy_path"] == "sys.hcs.CS-P.CS-NB.AAAGlobal"
    assert first["access_token_days_left"] < -900
    assert len(simulator.journal()) == 1


def test_secrets_are_not_listed(simulator: Any, module: Any) -> None:
    secret = simulator.state()["voss"]["customers"][0]["refresh_token"]
    for options in ({"hierarchy": PROVIDER}, {"pkid": AAAGLOBAL}):
        result = module("voss_spark_customer_info", **options)
        assert secret not in result.output
        assert {"token", "refresh_token", "https_proxy"} & result["customers"][0].keys() == set()


def test_one_customer_is_read_by_pkid_with_one_request(simulator: Any, module: Any) -> None:
    found = customers(module, pkid=AB_GROUP)
    assert [item["name"] for item in found] == ["AB_Group"]
    assert found[0]["hierarchy_path"] is None
    assert [entry["path"] for entry in simulator.journal()] == [f"/api/relation/SparkCustomer/{AB_GROUP}/"]
    assert customers(module, pkid=AB_GROUP, name="Another") == []


@pytest.mark.parametrize(
    "options",
    [
        {"pkid": "65e0918d6fd4534903e29999"},
        {"hierarchy": PROVIDER, "name": "Nobody"},
        {"hierarchy": PROVIDER, "name": "AAA"},
        {"hierarchy": "sys.hcs.CS-P.CS-NB.Initech"},
    ],
)
def test_an_unknown_name_returns_an_empty_list(module: Any, options: dict[str, Any]) -> None:
    assert customers(module, **options) == []


def test_customers_are_found_by_name_below_a_node(module: Any) -> None:
    assert [item["pkid"] for item in customers(module, hierarchy="sys.hcs", name="AB_Group")] == [AB_GROUP]
    assert customers(module, hierarchy="sys.hcs.CS-P.CS-NB", name="AB_Group") == []


@pytest.mark.parametrize("response", ["refuse", "home"])
def test_an_unknown_hierarchy_is_a_failure(simulator: Any, module: Any, response: str, messages: MessageTable) -> None:
    simulator.settings(voss={"unknown_hierarchy": response})
    result = module("voss_spark_customer_info", hierarchy="sys.hcs.CS-P.Nobody")
    assert result.failed
    messages.check("voss.unknown_node", result.msg, node="sys.hcs.CS-P.Nobody")


def test_expiring_within_days_selects_expiring_tokens(simulator: Any, module: Any) -> None:
    seeded_with_expiries(
        simulator,
        {
            "expired": (-1, 50),
            "soon": (5, 50),
            "refresh soon": (12, 3),
            "later": (12, 80),
            "never authorised": (None, None),
        },
    )
    options = {"hierarchy": PROVIDER, "expiring_within_days": 7}
    found = customers(module, **options)
    assert [item["name"] for item in found] == ["expired", "refresh soon", "soon"]
    assert found[2]["access_token_days_left"] == pytest.approx(5, abs=0.01)
    everyone = {item["name"]: item for item in customers(module, hierarchy=PROVIDER)}
    assert everyone["never authorised"]["access_token_days_left"] is None


def test_model_documents_contain_no_session_token(simulator: Any, module: Any) -> None:
    gather = ["help", "add_form", "configuration_templates", "field_display_policies"]
    result = module("voss_spark_customer_info", hierarchy="sys.hcs.CS-P.CS-NB.AAAGlobal", gather=gather).ok()
    assert result["help"].lstrip().startswith("<")
    for name in gather[1:]:
        assert isinstance(result[name], dict)
    assert "auth_token" not in result.output
    assert len(simulator.journal()) == 1 + len(gather)
    assert simulator.refusals() == []


def test_the_help_of_one_customer_is_read_by_pkid(simulator: Any, module: Any) -> None:
    result = module(
        "voss_spark_customer_info", hierarchy="sys.hcs.CS-P.CS-NB.AAAGlobal", pkid=AAAGLOBAL, gather=["help"]
    ).ok()
    assert result["help"].lstrip().startswith("<")
    assert f"/api/relation/SparkCustomer/{AAAGLOBAL}/help" in [entry["path"] for entry in simulator.journal()]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of the following is required: hierarchy, pkid"),
        ({"pkid": AAAGLOBAL, "gather": ["help"]}, "missing parameter(s) required by 'gather': hierarchy"),
        ({"hierarchy": PROVIDER, "gather": ["everything"]}, "gather"),
        ({"hierarchy": ""}, "'hierarchy'"),
    ],
)
def test_options_that_make_no_sense_are_a_failure(
    simulator: Any, module: Any, options: dict[str, Any], words: str
) -> None:
    result = module("voss_spark_customer_info", **options)
    assert result.failed
    assert words in result.msg
    assert simulator.journal() == []


def test_a_transaction_is_returned_at_once_or_awaited(simulator: Any, module: Any) -> None:
    change = module("voss_spark_customer", hierarchy="sys.hcs.CS-P.CS-NB.Initech", name="Initech", wait=False).ok()
    identifier = change["transactions"][0]["id"]
    now = module("voss_transaction_info", id=identifier).ok()["transaction"]
    assert now["state"] == "running"
    assert now["pkid"] is None
    ended = module("voss_transaction_info", id=identifier, wait=True, poll_interval=0.02).ok()["transaction"]
    assert ended["id"] == identifier
    assert ended["status"] == "Success"
    assert ended["state"] == "succeeded"
    made = next(item for item in simulator.state()["voss"]["customers"] if item["name"] == "Initech")
    assert ended["pkid"] == made["pkid"]


def test_a_failed_transaction_is_returned_with_its_message(simulator: Any, module: Any) -> None:
    module("voss_spark_customer", hierarchy="sys.hcs.CS-P.CS-NB.Initech", name="Initech", poll_interval=0.02).ok()
    change = module(
        "voss_spark_customer", hierarchy=PROVIDER, name="Initech", sync=["users"], sync_when="always", wait=False
    )
    identifier = change["transactions"][0]["id"]
    ended = module("voss_transaction_info", id=identifier, wait=True, poll_interval=0.02).ok()["transaction"]
    assert ended["state"] == "failed"
    assert ended["message"]


def test_an_unknown_transaction_is_null(module: Any) -> None:
    assert module("voss_transaction_info", id="cfe8a8fd-98e6-4290-b0c3-2dfa2224b808").ok()["transaction"] is None


def test_a_transaction_that_times_out_is_a_failure(simulator: Any, module: Any) -> None:
    simulator.settings(voss={"polls": 1000})
    change = module("voss_spark_customer", hierarchy="sys.hcs.CS-P.CS-NB.Initech", name="Initech", wait=False).ok()
    result = module(
        "voss_transaction_info", id=change["transactions"][0]["id"], wait=True, wait_timeout=0.2, poll_interval=0.05
    )
    assert result.failed
    assert "wait_timeout" in result.msg
    assert result["transaction"]["state"] == "running"


def test_check_mode_of_info_modules_is_the_same_run(module: Any) -> None:
    for name, options in (
        ("voss_spark_customer_info", {"hierarchy": PROVIDER}),
        ("voss_transaction_info", {"id": "cfe8a8fd-98e6-4290-b0c3-2dfa2224b808"}),
    ):
        real, checked = module(name, **options).ok(), module(name, check=True, **options).ok()
        assert not checked.changed
        assert set(real.values) == set(checked.values)


def test_a_list_without_expiries_does_not_hide_expired_tokens(
    simulator: Any, module: Any, messages: MessageTable
) -> None:
    assert module("voss_spark_customer_info", hierarchy=PROVIDER).ok().warnings == "[]"
    simulator.settings(voss={"list_data": "summary"})
    result = module("voss_spark_customer_info", hierarchy=PROVIDER, expiring_within_days=7).ok()
    assert result["customers"] == []
    messages.check_in("voss.list_without_expiry", result.warnings)
    assert module("voss_spark_customer_info", pkid=AAAGLOBAL).ok().warnings == "[]"
    fleet = module("fleet_info", voss={"hierarchy": PROVIDER}).ok()
    messages.check_in("voss.list_without_expiry", fleet.warnings)
