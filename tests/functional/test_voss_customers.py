# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module voss_spark_customers: planned first, applied in parallel, with the outcome of each customer."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from support.messages import MessageTable

SCOPE = "sys.hcs.CS-P"
NODE = "sys.hcs.CS-P.CS-NB.Initech"
GLOBEX = "sys.hcs.CS-P.CS-NB.Globex Corp"
WEST = "sys.hcs.CS-P.CS-AB.Initech-West"
UMBRELLA = "sys.hcs.CS-P.CS-AB.Umbrella"
AAAGLOBAL = {"name": "AAAGlobal"}
AB_GROUP = {"name": "AB_Group"}
NEW = [{"name": "Initech", "hierarchy": NODE}, {"name": "Globex", "hierarchy": GLOBEX}]


@pytest.fixture
def customers(module: Any) -> Any:
    """Run voss_spark_customers with a short poll interval."""

    def run(desired: list[dict[str, Any]], check: bool = False, **options: Any) -> Any:
        given = {"hierarchy": SCOPE, "poll_interval": 0.02, "requests_per_second": 0, **options}
        return module("voss_spark_customers", check=check, customers=desired, **given)

    return run


def stored(simulator: Any) -> dict[str, str]:
    """Return the nodes of the customers in the simulator by name, which must be unique."""
    found = simulator.state()["voss"]["customers"]
    assert len({item["name"] for item in found}) == len(found)
    return {item["name"]: item["hierarchy"] for item in found}


def actions(result: Any) -> list[str]:
    return [item["action"] for item in result["customers"]]


def sent(simulator: Any) -> Counter[str]:
    """Return the number of requests of each kind."""
    return Counter(
        f"{entry['method']} {'/'.join(entry['path'].split('/')[2:4])}" for entry in simulator.journal("voss")
    )


MIXED: list[dict[str, Any]] = [
    {"name": "AAAGlobal", "email_domain": "rooms.example"},
    *NEW,
    {"name": "AB_Group", "hierarchy": UMBRELLA},
]


@pytest.mark.parametrize(
    ("desired", "options", "expected"),
    [
        (MIXED, {"relocate": True}, ["updated", "created", "created", "moved"]),
        ([AAAGLOBAL], {"prune": True}, ["unchanged", "deleted"]),
        ([AAAGLOBAL, AB_GROUP], {"state": "absent"}, ["deleted", "deleted"]),
        ([AAAGLOBAL], {"sync": ["users"], "sync_when": "always"}, ["synced"]),
        ([AAAGLOBAL], {"refresh_access_token": "expiring"}, ["updated"]),
    ],
    ids=["create, modify and move", "prune", "delete", "synchronise", "refresh tokens"],
)
def test_check_mode_predicts_the_run_and_writes_nothing(
    simulator: Any, customers: Any, desired: list[dict[str, Any]], options: dict[str, Any], expected: list[str]
) -> None:
    predicted = customers(desired, check=True, **options).ok()
    assert simulator.writes() == []
    done = customers(desired, **options).ok()
    assert actions(predicted) == actions(done) == expected
    assert predicted.changed
    for key in ("summary", "diff"):
        assert predicted[key] == done[key]
    assert predicted["summary"]["failed"] == 0


@pytest.mark.parametrize("parallel", [1, 8])
def test_a_list_is_applied_and_rerun_with_one_request(simulator: Any, customers: Any, parallel: int) -> None:
    first = customers(MIXED, relocate=True, max_parallel=parallel).ok()
    counts = {"created": 2, "updated": 1, "moved": 1, "deleted": 0, "synced": 0, "unchanged": 0, "failed": 0}
    assert first["summary"] == counts
    assert stored(simulator) == {
        "AAAGlobal": "sys.hcs.CS-P.CS-NB.AAAGlobal",
        "Initech": NODE,
        "Globex": GLOBEX,
        "AB_Group": UMBRELLA,
    }
    simulator.forget()
    second = customers(MIXED, relocate=True, max_parallel=parallel).ok()
    assert not second.changed
    assert actions(second) == ["unchanged"] * 4
    assert second["diff"] == {"before": {}, "after": {}}
    assert sent(simulator) == {"GET relation/SparkCustomer": 1}


def test_outcomes_keep_the_order_of_the_list(customers: Any) -> None:
    result = customers([AB_GROUP, {"name": "AAAGlobal", "email_domain": "rooms.example"}], prune=True).ok()
    short, full = result["customers"]
    assert short == {
        "name": "AB_Group",
        "hierarchy_path": "sys.hcs.CS-P.CS-AB.AB_Group",
        "pkid": "65e032dc6fd4534903dff709",
        "action": "unchanged",
        "changed": False,
        "transactions": [],
    }
    assert full["actions"] == ["updated"]
    assert full["diff"]["before"].get("email_domain") is None
    assert full["diff"]["after"]["email_domain"] == "rooms.example"
    assert list(result["diff"]["after"]) == ["sys.hcs.CS-P.CS-NB.AAAGlobal: AAAGlobal"]


def test_an_update_costs_get_put_and_shared_polls(simulator: Any, customers: Any) -> None:
    simulator.reset({"voss": {"generate": {"customers": 60}}, "settings": {"voss": {"throttle": 0}}})
    names = [name for name in stored(simulator) if name not in ("AAAGlobal", "AB_Group")]
    result = customers([{"name": name, "email_domain": "rooms.example"} for name in names], hierarchy="sys.hcs").ok()
    assert result["summary"]["updated"] == 60
    requests = sent(simulator)
    assert requests["PUT relation/SparkCustomer"] == 60
    assert requests["GET relation/SparkCustomer"] == 62  # the scope before and after
    assert requests["GET tool/Transaction"] < 60
    assert len({entry["connection"] for entry in simulator.journal("voss")}) <= 8


def test_moves_to_one_node_and_deletions_go_out_together(simulator: Any, customers: Any) -> None:
    simulator.settings(voss={"duplicate_names": "allow"})
    customers(NEW).ok()
    simulator.forget()
    moved = customers([{"name": item["name"], "hierarchy": UMBRELLA} for item in NEW], relocate=True).ok()
    assert actions(moved) == ["moved", "moved"]
    customers(NEW, state="absent", hierarchy="sys.hcs").ok()
    result = customers([{"name": item["name"]} for item in NEW], state="absent").ok()
    assert actions(result) == ["deleted", "deleted"]
    writes = [entry for entry in simulator.writes("voss") if entry["applied"]]
    assert [(entry["method"], len(entry["body"]["hrefs"])) for entry in writes] == [("POST", 2), ("DELETE", 2)]


@pytest.mark.parametrize(
    "behavior",
    [
        {"delete_body": "refuse"},
        {"pkid_after_move": "change"},
        {"nowait": "ignore"},
        {"filters": "refuse"},
        {"maximum_limit": 1},
    ],
    ids=["a body on DELETE is refused", "pkids change", "all is synchronous", "filters are refused", "pages of one"],
)
def test_bulk_moves_and_deletions_work_for_every_server_behavior(
    simulator: Any, customers: Any, behavior: dict[str, Any]
) -> None:
    simulator.settings(voss=behavior)
    customers(NEW).ok()
    assert actions(customers([{**item, "hierarchy": WEST} for item in NEW], relocate=True).ok()) == ["moved"] * 2
    assert actions(customers([{**item, "hierarchy": WEST} for item in NEW], relocate=True).ok()) == ["unchanged"] * 2
    desired = [{**item, "hierarchy": UMBRELLA, "email_domain": "x.example"} for item in NEW]
    both = customers(desired, relocate=True).ok()
    assert [item["actions"] for item in both["customers"]] == [["updated", "moved"]] * 2
    assert actions(customers([{"name": item["name"]} for item in NEW], state="absent").ok()) == ["deleted"] * 2
    assert sorted(stored(simulator)) == ["AAAGlobal", "AB_Group"]


def test_one_failure_does_not_stop_the_others(simulator: Any, customers: Any) -> None:
    simulator.fault(
        system="voss", method="PUT", path="65e0918d6fd4534903e212d9", times=None, status=500, body={"error": "no"}
    )
    result = customers(MIXED, relocate=True)
    assert result.failed
    assert result.changed
    assert actions(result) == ["failed", "created", "created", "moved"]
    assert re.findall(r"\d+", result.msg)[:2] == ["1", "4"]
    failed = result["customers"][0]
    assert failed["failure"]["status"] == 500
    assert "500" in failed["error"]
    simulator.clear_faults()
    assert actions(customers(MIXED, relocate=True).ok()) == ["updated", "unchanged", "unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("desired", "options", "words"),
    [
        ([], {"prune": True, "prune_limit": 1}, "'prune_limit' is 1"),
        ([AAAGLOBAL], {"prune": True, "state": "absent"}, "'prune'"),
        ([AAAGLOBAL], {"max_parallel": 0}, "max_parallel"),
        ([AAAGLOBAL], {"max_parallel": 1000000}, "max_parallel"),
        ([AAAGLOBAL], {"prune_limit": -1}, "prune_limit"),
        ([{"name": ""}], {}, "'name'"),
        ([{"name": "A", "extra_attributes": {"token": "canary"}}], {}, "extra_attributes"),
        ([{}], {}, "missing required arguments: name"),
        ([AAAGLOBAL], {"hierarchy": "sys.hcs.Nowhere"}, "'sys.hcs.Nowhere'"),
    ],
)
def test_a_wrong_list_is_refused_before_any_write(
    simulator: Any, customers: Any, desired: list[dict[str, Any]], options: dict[str, Any], words: str
) -> None:
    result = customers(desired, **options)
    assert result.failed
    assert words in result.msg
    assert simulator.writes() == []


@pytest.mark.parametrize(
    ("desired", "node"),
    [
        ([AAAGLOBAL, AAAGLOBAL], "CS-P"),
        ([{"name": "A", "hierarchy": NODE}, {"name": "A", "hierarchy": "CS-P.CS-NB.Initech"}], "CS-P.CS-NB.Initech"),
        (
            [{"name": "A", "hierarchy": NODE}, {"name": "A", "hierarchy": "6130d69ae04a4a0015a93c01"}],
            "6130d69ae04a4a0015a93c01",
        ),
    ],
    ids=["same entry", "short path", "pkid"],
)
def test_a_repeated_customer_is_refused_before_any_write(
    simulator: Any, customers: Any, desired: list[dict[str, str]], node: str, messages: MessageTable
) -> None:
    result = customers(desired)
    messages.check("voss.duplicate_item", result.msg, name=f"'{desired[0]['name']}'", node=node)
    assert simulator.writes() == []


def test_two_entries_for_one_customer_are_refused(simulator: Any, customers: Any, messages: MessageTable) -> None:
    result = customers([AAAGLOBAL, {"name": "AAAGlobal", "hierarchy": "sys.hcs.CS-P.CS-NB"}])
    (stored_customer,) = (item for item in simulator.state()["voss"]["customers"] if item["name"] == "AAAGlobal")
    facts = {"first": SCOPE, "second": "sys.hcs.CS-P.CS-NB"}
    messages.check("voss.shared_customer", result.msg, name="AAAGlobal", pkid=stored_customer["pkid"], **facts)
    assert simulator.writes() == []


def test_nothing_is_pruned_for_an_ambiguous_list(simulator: Any, customers: Any) -> None:
    customers([{"name": "Twin", "hierarchy": NODE}, {"name": "Twin", "hierarchy": WEST}]).ok()
    simulator.forget()
    result = customers([{"name": "Twin"}], prune=True)
    assert result.failed
    assert "below" in result.msg
    assert simulator.writes() == []


def test_customers_at_different_nodes_move_only_with_relocate(simulator: Any, customers: Any) -> None:
    desired = [{"name": "AB_Group", "hierarchy": UMBRELLA}]
    assert actions(customers(desired, relocate=True, check=True).ok()) == ["moved"]
    assert actions(customers(desired).ok()) == ["created"]
    assert len(simulator.state()["voss"]["customers"]) == 3


def test_a_node_outside_the_scope_is_refused(simulator: Any, customers: Any, messages: MessageTable) -> None:
    result = customers([{"name": "Initech", "hierarchy": WEST}, *NEW], hierarchy="sys.hcs.CS-P.CS-NB")
    assert actions(result) == ["failed", "created", "created"]
    facts = {"node": WEST, "scope": "'sys.hcs.CS-P.CS-NB'"}
    messages.check("voss.outside_scope", result["customers"][0]["error"], **facts)
    assert "Initech" in stored(simulator)


def test_list_entries_are_verified_by_a_get(simulator: Any, customers: Any) -> None:
    """The list of the server omits attributes, which must not cause a write."""
    desired = [{"name": "AAAGlobal", "email_domain": "rooms.example", "dirsync_enabled": True}]
    customers(desired).ok()
    simulator.settings(voss={"list_data": "summary"})
    simulator.forget()
    assert not customers(desired).ok().changed
    assert simulator.writes() == []


@pytest.mark.parametrize(
    "attributes",
    [{"email_domain": ""}, {"http_proxy": ""}, {"dirsync_enabled": False}, {"refresh_token": "new-refresh"}],
    ids=json.dumps,
)
def test_attributes_that_the_list_omits_are_compared(
    simulator: Any, customers: Any, attributes: dict[str, Any]
) -> None:
    set_before = {
        "email_domain": "rooms.example",
        "http_proxy": "http://proxy.example",
        "dirsync_enabled": True,
        "refresh_token": "old-refresh",
    }
    customers([{"name": "AAAGlobal", **set_before}]).ok()
    simulator.settings(voss={"list_data": "summary"})
    desired = [{"name": "AAAGlobal", **attributes}]
    predicted, done = customers(desired, check=True).ok(), customers(desired).ok()
    assert actions(predicted) == actions(done) == ["updated"]
    simulator.forget()
    assert not customers(desired).ok().changed
    assert sent(simulator) == {"GET relation/SparkCustomer": 2}


def test_an_empty_proxy_is_written_like_other_secrets(simulator: Any, customers: Any) -> None:
    def proxy() -> Any:
        return {item["name"]: item.get("https_proxy") for item in simulator.state()["voss"]["customers"]}["Initech"]

    desired = {"name": "Initech", "hierarchy": NODE}
    customers([{**desired, "https_proxy": "https://proxy.example"}]).ok()
    assert not customers([{**desired, "https_proxy": ""}]).ok().changed
    assert proxy() == "https://proxy.example"
    cleared = customers([{**desired, "https_proxy": ""}], update_secrets="always").ok()
    assert actions(cleared) == ["updated"]
    assert proxy() == ""
    created = customers([{"name": "Globex", "hierarchy": GLOBEX, "https_proxy": ""}]).ok()
    assert "https_proxy" not in created["customers"][0]["diff"]["after"]
    assert "https_proxy" not in simulator.writes()[-1]["body"]


@pytest.mark.parametrize("cut", ["after", "before", "body"])
def test_changes_with_lost_responses_are_not_repeated(simulator: Any, customers: Any, cut: str) -> None:
    simulator.fault(system="voss", method="POST", path="SparkCustomer", times=1, cut=cut)
    simulator.fault(system="voss", method="PUT", times=1, cut=cut)
    result = customers(MIXED, relocate=True)
    if cut == "before":  # A creation is never repeated, because the server may still be processing the first one.
        assert sorted(actions(result)) == ["created", "failed", "moved", "updated"]
        assert {item["failure"]["reason"] for item in result["customers"] if "failure" in item} == {"outcome_unknown"}
        result = customers(MIXED, relocate=True).ok()
        assert sorted(actions(result)) == ["created", "unchanged", "unchanged", "unchanged"]
    else:
        assert actions(result.ok()) == ["updated", "created", "created", "moved"]
    assert Counter(entry["method"] for entry in simulator.writes("voss") if entry["applied"]) == {"POST": 3, "PUT": 1}
    assert not customers(MIXED, relocate=True).ok().changed


def test_a_failed_bulk_move_is_repeated_for_each_customer(simulator: Any, customers: Any) -> None:
    customers(NEW).ok()
    simulator.fault(system="voss", method="POST", path="DataMove", times=1, status=400, body={"error": "too many"})
    result = customers([{**item, "hierarchy": WEST} for item in NEW], relocate=True).ok()
    assert actions(result) == ["moved", "moved"]
    moves = [entry for entry in simulator.writes("voss") if "DataMove" in entry["path"]]
    assert [len(entry["body"]["hrefs"]) for entry in moves] == [2, 1, 1]


@pytest.mark.real_waits
def test_all_workers_share_the_rate_limit(simulator: Any, module: Any) -> None:
    # The server permits 36 requests per second, plus a margin for requests that a busy machine sends late. Workers that
    # do not share the limit exceed this number.
    simulator.reset({"settings": {"voss": {"throttle": 70}}, "voss": {"generate": {"customers": 40}}})
    names = [name for name in stored(simulator) if name not in ("AAAGlobal", "AB_Group")]
    # While a worker waits for a response, another worker must send the next change.
    simulator.fault(system="voss", method="PUT", delay=0.2, times=None)
    module(
        "voss_spark_customers",
        hierarchy="sys.hcs",
        customers=[{"name": name, "email_domain": "rooms.example"} for name in names],
        requests_per_second=36,
    ).ok()
    journal = simulator.journal("voss")
    assert [entry["status"] for entry in journal if entry["status"] == 429] == []
    assert len({entry["connection"] for entry in simulator.writes("voss")}) > 1


def test_a_429_delays_a_bulk_run_without_a_failure(simulator: Any, customers: Any) -> None:
    simulator.reset({"voss": {"generate": {"customers": 10}}})
    simulator.fault(system="voss", method="PUT", times=5, status=429, headers={"Retry-After": "1"})
    names = [name for name in stored(simulator) if name not in ("AAAGlobal", "AB_Group")]
    result = customers([{"name": name, "email_domain": "rooms.example"} for name in names], hierarchy="sys.hcs").ok()
    assert result["summary"]["updated"] == 10
    assert Counter(entry["status"] for entry in simulator.writes("voss")) == {429: 5, 200: 10}


def test_secrets_of_the_list_are_redacted(simulator: Any, customers: Any) -> None:
    desired = [
        {
            **item,
            "token": f"canary-token-{number}",
            "refresh_token": f"canary-refresh-{number}",
            "https_proxy": "https://canary",
        }
        for number, item in enumerate(NEW)
    ]
    for options in ({"check": True}, {}, {}, {"update_secrets": "always"}, {"state": "absent"}):
        result = customers(desired, **options)
        assert "canary" not in result.output
    simulator.fault(system="voss", method="POST", times=None, status=500, body={"error": "bad token canary-token-0"})
    result = customers(desired)
    assert result.failed
    assert "canary" not in result.output


@pytest.mark.undocumented("the attribute is not documented")
def test_a_cut_vendor_message_has_no_part_of_an_additional_secret(customers: Any, simulator: Any) -> None:
    secret = "canary-0123456789"
    simulator.fault(system="voss", method="PUT", times=None, status=400, body={"message": "." * 290 + secret})
    result = customers([{"name": "AAAGlobal", "extra_attributes": {"sip": {"admin_password": secret}}}])
    assert result.failed
    assert "canar" not in result.output


def test_without_waiting_the_last_transactions_are_not_polled(simulator: Any, customers: Any) -> None:
    result = customers([{"name": "AAAGlobal", "email_domain": "rooms.example"}], wait=False).ok()
    assert actions(result) == ["updated"]
    assert sent(simulator)["GET tool/Transaction"] == 0


@pytest.mark.parametrize("check", [True, False])
def test_a_masked_value_fails_one_customer(simulator: Any, customers: Any, check: bool) -> None:
    simulator.change("voss", "65e0918d6fd4534903e212d9", http_proxy="http://u:********@proxy:8080")
    desired = [{**customer, "account_email": "new@example.com"} for customer in (AAAGLOBAL, AB_GROUP)]
    failed = customers(desired, check=check)
    assert actions(failed) == ["failed", "updated"]
    assert failed.failure["reason"] == "refused"
    assert "'http_proxy' looks masked" in failed["customers"][0]["error"]
    assert len(simulator.writes()) == (not check)
