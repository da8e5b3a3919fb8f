# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the module voss_spark_customer: each change, and idempotence afterwards."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from support.messages import MessageTable

PROVIDER = "sys.hcs.CS-P"
RESELLER = "sys.hcs.CS-P.CS-NB"
NODE = "sys.hcs.CS-P.CS-NB.Initech"
WEST = "sys.hcs.CS-P.CS-AB.Initech-West"
AAAGLOBAL = "65e0918d6fd4534903e212d9"
AB_GROUP = "65e032dc6fd4534903dff709"
QUICK = {"poll_interval": 0.02}


@pytest.fixture
def customer(module: Any) -> Any:
    """Run voss_spark_customer with a short poll interval."""

    def run(check: bool = False, **options: Any) -> Any:
        return module("voss_spark_customer", check=check, **{"hierarchy": PROVIDER, **QUICK, **options})

    return run


def stored(simulator: Any, name: str) -> list[dict[str, Any]]:
    """Return the customers with this name in the simulator."""
    return [item for item in simulator.state()["voss"]["customers"] if item["name"] == name]


def requests_of(simulator: Any) -> list[str]:
    """Return the method and the path of every request, in order."""
    return [f"{entry['method']} {entry['path']}" for entry in simulator.journal("voss")]


CHANGES: dict[str, dict[str, Any]] = {
    "create": {"name": "Initech", "hierarchy": NODE, "account_email": "a@initech.example", "sync": ["roles_licences"]},
    "create with tokens": {
        "name": "Initech",
        "hierarchy": NODE,
        "token": "canary-token",
        "refresh_token": "canary-refresh",
        "sync": ["roles_licences", "users"],
        "sync_on_create": True,
    },
    "modify": {"name": "AAAGlobal", "email_domain": "rooms.example", "dirsync_enabled": True},
    "rename": {"pkid": AAAGLOBAL, "name": "AAA Worldwide"},
    "move": {"name": "AAAGlobal", "target_hierarchy": WEST},
    "modify, move and synchronise": {
        "name": "AAAGlobal",
        "email_domain": "rooms.example",
        "target_hierarchy": WEST,
        "sync": ["users", "roles_licences"],
    },
    "replace one of two specified organization IDs": {
        "name": "AAAGlobal",
        "account_number": "566fe183-ae8a-458c-b3c2-ed531e4216c9",
        "account_number_external": "000fd0e4-83ef-d398-be23-d06998580fed",
    },
    "an attribute without an option": {"name": "AAAGlobal", "extra_attributes": {"notes": "Migrated in 2026"}},
    "delete by name": {"name": "AB_Group", "state": "absent"},
    "delete by pkid": {"pkid": AB_GROUP, "state": "absent"},
}
ALWAYS: dict[str, dict[str, Any]] = {
    "write secrets": {"name": "AAAGlobal", "token": "canary-token", "update_secrets": "always"},
    "synchronise": {"name": "AAAGlobal", "sync": ["roles_licences"], "sync_when": "always"},
    "refresh the access token": {"name": "AAAGlobal", "refresh_access_token": "always"},
}


def without_what_the_server_fills_in(customer: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the attributes of a customer that check mode can predict."""
    if customer is None:
        return None
    own = {"pkid", "shadow", "access_token_expires", "refresh_token_expires", "account_number"}
    return {key: value for key, value in customer.items() if key not in own}


@pytest.mark.parametrize("desired", [*CHANGES.values(), *ALWAYS.values()], ids=[*CHANGES, *ALWAYS])
def test_check_mode_predicts_the_run_and_writes_nothing(simulator: Any, customer: Any, desired: dict[str, Any]) -> None:
    if desired.get("sync") and desired["name"] == "Initech":
        desired = {"token": "canary-token", "refresh_token": "canary-refresh", **desired}
    predicted = customer(check=True, **desired)
    assert simulator.writes() == []
    assert predicted["transactions"] == []
    done = customer(**desired)
    assert simulator.writes() != []
    assert simulator.refusals() == []
    assert predicted.changed
    assert done.changed
    for key in ("actions", "diff"):
        assert predicted[key] == done[key]
    assert without_what_the_server_fills_in(predicted["customer"]) == without_what_the_server_fills_in(done["customer"])


@pytest.mark.parametrize("desired", CHANGES.values(), ids=CHANGES)
def test_a_second_run_is_unchanged_within_three_requests(
    simulator: Any, customer: Any, desired: dict[str, Any]
) -> None:
    if desired.get("sync") and desired["name"] == "Initech":
        desired = {"token": "canary-token", "refresh_token": "canary-refresh", **desired}
    customer(**desired).ok()
    simulator.forget()
    again = customer(**desired)
    assert not again.changed
    assert again["actions"] == []
    assert again["diff"]["before"] == again["diff"]["after"]
    assert simulator.writes() == []
    assert len(simulator.journal("voss")) <= 3, requests_of(simulator)


def test_every_write_is_asynchronous_with_its_own_external_id(simulator: Any, customer: Any) -> None:
    simulator.settings(voss={"throttle": 0})  # the journal would also contain a rejected request
    customer(**CHANGES["modify, move and synchronise"]).ok()
    customer(**CHANGES["delete by name"]).ok()
    writes = simulator.writes("voss")
    assert [entry["method"] for entry in writes] == ["PUT", "POST", "POST", "POST", "DELETE"]
    assert all(entry["params"]["nowait"] == ["true"] for entry in writes)
    assert len({entry["body"]["request_meta"]["external_id"] for entry in writes}) == len(writes)


def test_a_move_sends_target_and_customer_as_documented(simulator: Any, customer: Any) -> None:
    customer(**CHANGES["move"]).ok()
    move = simulator.writes("voss")[0]
    assert move["path"] == "/api/tool/DataMove/"
    assert move["params"]["model_type"] == ["relation/SparkCustomer"]
    assert move["params"]["context_hierarchy"] == ["6130d69ae04a4a0015a93c03"]
    assert move["body"]["hrefs"] == [f"/api/relation/SparkCustomer/{AAAGLOBAL}"]


def test_an_update_costs_two_gets_one_put_and_polls(simulator: Any, customer: Any) -> None:
    result = customer(**CHANGES["modify"])
    identifier = result["transactions"][0]["id"]
    assert requests_of(simulator) == [
        "GET /api/relation/SparkCustomer/",
        f"GET /api/relation/SparkCustomer/{AAAGLOBAL}/",
        f"PUT /api/relation/SparkCustomer/{AAAGLOBAL}/",
        *[f"GET /api/tool/Transaction/{identifier}/"] * 3,
        f"GET /api/relation/SparkCustomer/{AAAGLOBAL}/",
    ]


def test_an_update_sends_no_secret_that_is_not_set(simulator: Any, customer: Any) -> None:
    before = stored(simulator, "AAAGlobal")[0]
    customer(name="AAAGlobal", email_domain="rooms.example").ok()
    body = simulator.writes("voss")[0]["body"]
    assert {"token", "refresh_token", "https_proxy"} & body.keys() == set()
    assert body["email_domain"] == "rooms.example"
    assert body["account_email"] == before["account_email"]
    assert stored(simulator, "AAAGlobal")[0] == {**before, "shadow": [], "email_domain": "rooms.example"}


MASKED: dict[str, tuple[dict[str, Any], str, str, dict[str, Any]]] = {
    "proxy": (
        {"http_proxy": "http://u:********@proxy:8080"},
        "'http_proxy'",
        "'http_proxy'",
        {"http_proxy": "http://u:p@proxy:8080"},
    ),
    "other attribute": (
        {"notes": "********"},
        "'notes'",
        "'notes' in 'extra_attributes'",
        {"extra_attributes": {"notes": "new"}},
    ),
    "list": (
        {"shadow": [{"name": "REDACTED"}]},
        "the value 'name' of 'shadow'",
        "'shadow' in 'extra_attributes'",
        {"extra_attributes": {"shadow": [{"name": "a"}]}},
    ),
}


@pytest.mark.parametrize(("stored_values", "masked", "attribute", "remedy"), MASKED.values(), ids=MASKED)
def test_a_masked_value_is_not_sent_back(
    simulator: Any,
    customer: Any,
    messages: MessageTable,
    stored_values: dict[str, Any],
    masked: str,
    attribute: str,
    remedy: dict[str, Any],
) -> None:
    simulator.change("voss", AAAGLOBAL, **stored_values)
    change = {"name": "AAAGlobal", "account_email": "new@example.com"}
    facts = {"name": "AAAGlobal", "pkid": AAAGLOBAL, "masked": masked, "attribute": attribute}
    for check in (True, False):
        failed = customer(check, **change)
        assert failed.failure["reason"] == "refused"
        messages.check("voss.masked", failed.msg, **facts)
    assert simulator.writes() == []
    assert not customer(name="AAAGlobal").ok().changed
    assert customer(**change, **remedy).ok().changed
    sent = {"account_email": "new@example.com", **remedy.get("extra_attributes", remedy)}
    assert stored(simulator, "AAAGlobal")[0].items() >= sent.items()


def test_a_masked_token_does_not_prevent_an_update(simulator: Any, customer: Any) -> None:
    secrets = {"token": "********", "refresh_token": "\u2022\u2022\u2022\u2022", "https_proxy": "https://u:***@proxy"}
    simulator.change("voss", AAAGLOBAL, **secrets)
    assert customer(name="AAAGlobal", account_email="new@example.com").ok().changed
    [entry] = simulator.writes()
    assert not secrets.keys() & entry["body"].keys()


@pytest.mark.parametrize("attribute", ["token", "https_proxy"])
def test_a_hidden_secret_is_updated_only_on_demand(simulator: Any, customer: Any, attribute: str) -> None:
    desired = {"name": "Initech", "hierarchy": NODE, attribute: "https://canary:secret@proxy.example"}
    customer(**desired).ok()
    assert stored(simulator, "Initech")[0][attribute] == desired[attribute]
    simulator.forget()
    changed = {**desired, attribute: "https://another:secret@proxy.example"}
    assert not customer(**changed).changed
    customer(**changed, email_domain="rooms.example").ok()
    assert attribute not in simulator.writes("voss")[0]["body"]
    always = customer(**changed, update_secrets="always")
    assert always["actions"] == ["updated"]
    assert always["diff"]["after"][attribute] == "(not shown, written by this run)"
    assert stored(simulator, "Initech")[0][attribute] == changed[attribute]
    assert "another" not in always.output


def test_a_returned_refresh_token_is_compared(simulator: Any, customer: Any) -> None:
    shown = stored(simulator, "AAAGlobal")[0]["refresh_token"]
    assert not customer(name="AAAGlobal", refresh_token=shown).changed
    result = customer(name="AAAGlobal", refresh_token="canary-refresh")
    assert result["actions"] == ["updated"]
    assert stored(simulator, "AAAGlobal")[0]["refresh_token"] == "canary-refresh"
    assert shown not in result.output
    assert "canary-refresh" not in result.output


def test_no_stored_secret_is_returned_at_any_verbosity(simulator: Any, customer: Any) -> None:
    shown = stored(simulator, "AAAGlobal")[0]["refresh_token"]
    for desired in (CHANGES["modify"], CHANGES["move"], {"name": "AAAGlobal", "state": "absent"}):
        result = customer(**desired)
        assert shown not in result.output
        assert {"token", "refresh_token", "https_proxy", "http_proxy", "token_link"} & result[
            "customer"
        ].keys() == set()


def test_both_spellings_of_an_account_number_are_the_same(customer: Any) -> None:
    assert not customer(name="AAAGlobal", account_number_external="566fe183-ae8a-458c-b3c2-ed531e4216c9").changed


def test_an_empty_value_clears_an_attribute_like_null(simulator: Any, customer: Any) -> None:
    assert not customer(name="AAAGlobal", email_domain="", dirsync_enabled=False).changed
    assert customer(name="AAAGlobal", account_email="").changed
    assert not stored(simulator, "AAAGlobal")[0].get("account_email")
    assert not customer(name="AAAGlobal", account_email="").changed


@pytest.mark.parametrize(
    "hierarchy", [NODE, "hcs.CS-P.CS-NB.Initech", "CS-P.CS-NB.Initech", "6130d69ae04a4a0015a93c01"]
)
def test_hierarchy_may_be_a_path_or_a_pkid(simulator: Any, customer: Any, hierarchy: str) -> None:
    result = customer(name="Initech", hierarchy=hierarchy)
    assert result["actions"] == ["created"]
    assert result["customer"]["hierarchy_path"] == NODE
    assert result["customer"]["hierarchy"] == "6130d69ae04a4a0015a93c01"
    assert simulator.writes("voss")[0]["params"]["hierarchy"] == ["6130d69ae04a4a0015a93c01"]
    assert not customer(name="Initech", hierarchy=hierarchy).changed


@pytest.mark.parametrize(
    "hierarchy", ["sys.hcs.CS-P.Nobody", "000000000000000000000000", "sys.hcs.CS-P.CS-N", "../..", "a/b"]
)
@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("response", ["refuse", "home"])
def test_an_unknown_hierarchy_is_a_failure(
    simulator: Any, customer: Any, hierarchy: str, state: str, response: str, messages: MessageTable
) -> None:
    simulator.settings(voss={"unknown_hierarchy": response})
    result = customer(name="AAAGlobal", hierarchy=hierarchy, state=state)
    assert result.failed
    messages.check("voss.unknown_node", result.msg, node=hierarchy)
    assert simulator.writes() == []


def test_the_customer_at_the_node_precedes_those_below(simulator: Any, customer: Any) -> None:
    customer(name="Twin", hierarchy=RESELLER).ok()
    simulator.control("POST", "/reset", {"seed": simulator.state() | {"voss": with_twin(simulator)}})
    result = customer(name="Twin", hierarchy=RESELLER, email_domain="rooms.example")
    assert result["customer"]["hierarchy_path"] == RESELLER


def with_twin(simulator: Any) -> dict[str, Any]:
    voss: dict[str, Any] = simulator.state()["voss"]
    twins = [
        {"pkid": f"65e0918d6fd4534903e2{number:04d}", "hierarchy": path, "name": "Twin"}
        for number, path in enumerate((NODE, WEST))
    ]
    return {**voss, "customers": [*voss["customers"], *twins]}


def test_several_customers_below_are_a_failure_with_their_pkids(simulator: Any, customer: Any) -> None:
    simulator.reset({"voss": with_twin(simulator)})
    for state in ("present", "absent"):
        result = customer(name="Twin", state=state)
        assert result.failed
        for words in (NODE, WEST, "65e0918d6fd4534903e20000", "65e0918d6fd4534903e20001", "'pkid'"):
            assert words in result.msg
    assert simulator.writes() == []
    assert customer(pkid="65e0918d6fd4534903e20001", state="absent")["actions"] == ["deleted"]


def test_a_name_that_contains_the_name_does_not_match(simulator: Any, customer: Any) -> None:
    assert customer(name="AAAGlob", hierarchy=NODE)["actions"] == ["created"]
    assert len(stored(simulator, "AAAGlobal")) == 1


def test_an_unknown_pkid_fails_unless_state_is_absent(customer: Any, messages: MessageTable) -> None:
    result = customer(pkid="65e0918d6fd4534903e29999", email_domain="x.example")
    assert result.failure["reason"] == "not_found"
    messages.check("voss.unknown_pkid", result.msg, pkid="65e0918d6fd4534903e29999")
    assert not customer(pkid="65e0918d6fd4534903e29999", state="absent").changed


@pytest.mark.parametrize(
    "pkid", ["../../data/HierarchyNode/5f3ae236ce894e001204efa0", "a/b", "..", ".", "%2e%2e", "a?b#c"]
)
def test_a_pkid_cannot_leave_its_place_in_the_address(simulator: Any, customer: Any, pkid: str) -> None:
    result = customer(pkid=pkid, state="absent")
    if pkid in ("..", "."):
        assert result.failed
        assert "identifier" in result.msg
    else:
        assert not result.changed
    assert simulator.writes() == []
    prefix = "/api/relation/SparkCustomer/"
    assert all(path.count("/") == 5 for path in (entry["path"] for entry in simulator.journal()) if path != prefix)


def test_a_taken_name_is_refused_before_any_write(simulator: Any, customer: Any) -> None:
    customer(name="Initech", hierarchy=NODE).ok()
    customer(name="Initech", hierarchy=WEST).ok()
    customer(name="Hooli", hierarchy=WEST).ok()
    simulator.forget()
    hooli = stored(simulator, "Hooli")[0]["pkid"]
    renamed = customer(pkid=hooli, name="Initech")
    moved = customer(name="Initech", hierarchy=NODE, target_hierarchy=WEST)
    for result in (renamed, moved):
        assert result.failed
        assert result.failure["reason"] == "conflict"
        assert "'Initech'" in result.msg
    assert simulator.writes() == []


def test_a_missing_customer_is_created_at_its_target(customer: Any) -> None:
    result = customer(name="Initech", hierarchy=NODE, target_hierarchy=WEST)
    assert result["actions"] == ["created"]
    assert result["customer"]["hierarchy_path"] == WEST


def test_steps_run_in_their_documented_order(customer: Any) -> None:
    result = customer(
        name="AAAGlobal",
        email_domain="rooms.example",
        target_hierarchy=WEST,
        refresh_access_token="always",
        sync=["users", "roles_licences"],
    )
    expected = ["updated", "moved", "access_token_refreshed", "roles_licences_synced", "users_synced"]
    assert result["actions"] == expected
    assert [entry["action"] for entry in result["transactions"]] == expected
    assert {entry["status"] for entry in result["transactions"]} == {"Success"}
    assert all(entry["seconds"] >= 0 for entry in result["transactions"])


def test_a_token_is_refreshed_only_if_it_expires_soon(simulator: Any, customer: Any) -> None:
    first = customer(name="AAAGlobal", refresh_access_token="expiring")
    assert first["actions"] == ["access_token_refreshed"]
    assert first["customer"]["access_token_expires"] > "2026-11"
    assert not customer(name="AAAGlobal", refresh_access_token="expiring").changed
    assert customer(name="AAAGlobal", refresh_access_token="expiring", token_min_days=15).changed
    assert not customer(name="AAAGlobal", refresh_access_token="never", token_min_days=15).changed


def test_without_waiting_the_last_transaction_is_not_polled(simulator: Any, customer: Any) -> None:
    result = customer(name="AAAGlobal", email_domain="rooms.example", sync=["users"], wait=False)
    assert result["actions"] == ["updated", "users_synced"]
    assert [entry["status"] for entry in result["transactions"]] == ["Success", "submitted"]
    assert result["transactions"][1]["seconds"] is None
    polls = [path for path in requests_of(simulator) if result["transactions"][1]["id"] in path]
    assert polls == []


def test_a_failed_transaction_is_a_failure_with_its_message(
    simulator: Any, customer: Any, messages: MessageTable
) -> None:
    customer(name="Initech", hierarchy=NODE).ok()
    result = customer(name="Initech", email_domain="rooms.example", sync=["users"])
    assert result.failed
    assert result["changed"] is True
    assert result["actions"] == ["updated"]
    assert [entry["action"] for entry in result["transactions"]] == ["updated", "users_synced"]
    assert result.failure["system"] == "voss"
    assert result["transactions"][1]["id"] in result.failure["url"]
    assert result.failure["message"]
    messages.check_in("voss.no_synchronization", result.msg)


def test_a_transaction_that_times_out_is_reported_as_running(simulator: Any, customer: Any) -> None:
    simulator.settings(voss={"polls": 1000})
    result = customer(name="AAAGlobal", email_domain="rooms.example", wait_timeout=0.3)
    assert result.failed
    (transaction,) = result["transactions"]
    assert result.failure["reason"] == "timeout"
    assert transaction["id"] in result.msg
    assert "'wait_timeout'" in result.msg
    assert transaction["status"] == "submitted"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "A", "extra_attributes": {"token": "canary"}}, "extra_attributes"),
        ({"name": "A", "extra_attributes": {"email_domain": "x"}}, "extra_attributes"),
        ({"name": "A", "extra_attributes": {"request_meta": {}}}, "extra_attributes"),
        ({"name": "A", "state": "absent", "target_hierarchy": WEST}, "target_hierarchy"),
        ({"name": " "}, "name"),
        ({"name": "A", "poll_interval": 0}, "poll_interval"),
        ({"name": "A", "wait_timeout": -1}, "wait_timeout"),
        ({}, "one of the following is required: name, pkid"),
        ({"name": "A", "sync": ["everything"]}, "sync"),
        ({"name": "A", "requests_per_second": -1}, "requests_per_second"),
    ],
)
def test_contradictory_options_are_refused_before_any_request(
    simulator: Any, customer: Any, options: dict[str, Any], words: str
) -> None:
    result = customer(**options)
    assert result.failed
    assert words in result.msg
    assert simulator.journal() == []


@pytest.mark.undocumented("the attribute is not documented")
@pytest.mark.parametrize("before", [285, 290, 295])
def test_a_cut_vendor_message_has_no_part_of_an_additional_secret(customer: Any, simulator: Any, before: int) -> None:
    secret = "canary-0123456789"
    simulator.fault(system="voss", method="PUT", times=None, status=400, body={"message": "." * before + secret})
    result = customer(name="AAAGlobal", extra_attributes={"sip": {"admin_password": secret}})
    assert result.failed
    assert "canar" not in result.output


def test_the_result_has_the_values_that_the_server_sets(simulator: Any, module: Any) -> None:
    options = {"hierarchy": "sys.hcs.CS-P", "name": "AAAGlobal", "update_secrets": "always", **QUICK}
    result = module("voss_spark_customer", token="new", refresh_token="newer", **options).ok()
    [stored] = [item for item in simulator.state()["voss"]["customers"] if item["name"] == "AAAGlobal"]
    for name in ("access_token_expires", "refresh_token_expires"):
        assert result["customer"][name] == stored[name] > datetime.now(timezone.utc).isoformat()
    number = "000fd0e4-83ef-d398-be23-d06998580fed"
    result = module("voss_spark_customer", account_number_external=number, **options).ok()
    assert result["customer"]["account_number"] == number
