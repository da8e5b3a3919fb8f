# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes with a lost response are looked up on the server, and made exactly once."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable

NODE = "sys.hcs.CS-P.CS-NB.Initech"
WEST = "sys.hcs.CS-P.CS-AB.Initech-West"
WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "create": ("POST", {"name": "Initech", "hierarchy": NODE}),
    "modify": ("PUT", {"name": "AAAGlobal", "email_domain": "rooms.example"}),
    "move": ("POST", {"name": "AAAGlobal", "target_hierarchy": WEST}),
    "synchronise": ("POST", {"name": "AAAGlobal", "sync": ["users"], "sync_when": "always"}),
    "delete": ("DELETE", {"name": "AB_Group", "state": "absent"}),
}
HOW: dict[str, tuple[dict[str, Any], int]] = {
    "the response is lost after the change was made": ({"cut": "after"}, 1),
    "the response is truncated": ({"cut": "body"}, 1),
    "the connection breaks before the request is read": ({"cut": "before"}, 2),
    "a gateway returns 504": ({"status": 504}, 2),
    "a gateway returns 502 with a page": ({"status": 502, "body": "<html>Bad gateway</html>"}, 2),
}


def run(module: Any, **options: Any) -> Any:
    return module("voss_spark_customer", **{"hierarchy": "sys.hcs.CS-P", "poll_interval": 0.02, **options})


def applied(simulator: Any) -> list[dict[str, Any]]:
    return [entry for entry in simulator.writes("voss") if entry["applied"]]


@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_change_with_a_lost_response_is_made_once(
    simulator: Any, module: Any, write: tuple[str, dict[str, Any]], how: tuple[dict[str, Any], int]
) -> None:
    method, desired = write
    fault, sent = how
    simulator.fault(system="voss", method=method, **fault)
    if sent > 1 and write is WRITES["create"]:  # the server may still create the customer
        assert run(module, **desired).failure["reason"] == "outcome_unknown"
        assert len(simulator.writes("voss")) == 1
        simulator.forget()
        sent = 1
    result = run(module, **desired).ok()
    assert result.changed
    assert len(result["actions"]) == 1
    writes = simulator.writes("voss")
    assert len(writes) == sent
    assert len({entry["body"]["request_meta"]["external_id"] for entry in writes}) == 1
    assert len(applied(simulator)) == 1
    if "sync" not in desired:
        assert not run(module, **desired).changed


FOREIGN = {"resources": [{"pkid": "cfe8a8fd-98e6-4290-b0c3-2dfa2224b808", "meta": {}, "data": {"status": "Success"}}]}


@pytest.mark.parametrize(
    "response",
    [{"status": 400, "body": {"error": "no such filter"}}, {"status": 200, "body": FOREIGN}],
    ids=["the search is refused", "the search returns a different object"],
)
@pytest.mark.parametrize("write", [WRITES["create"], WRITES["synchronise"]], ids=["create", "synchronise"])
def test_a_change_with_an_unknown_outcome_is_not_repeated(
    simulator: Any, module: Any, write: tuple[str, dict[str, Any]], response: dict[str, Any]
) -> None:
    simulator.settings(voss={"polls": 0})
    simulator.fault(system="voss", method="POST", cut="after")
    simulator.fault(system="voss", method="GET", path=r"/tool/Transaction/\?", times=None, **response)
    result = run(module, **write[1])
    assert len(simulator.writes("voss")) == 1
    if "sync" in write[1]:  # reading the customer does not show the change
        assert result.failure["reason"] == "outcome_unknown"
        assert result.failure["method"] == "POST"
        return
    assert result.ok()["actions"] == ["created"]
    simulator.clear_faults()
    assert not run(module, name="Initech", hierarchy=NODE).changed
    assert len([item for item in simulator.state()["voss"]["customers"] if item["name"] == "Initech"]) == 1


def test_without_a_budget_lost_changes_are_only_looked_up(simulator: Any, module: Any) -> None:
    simulator.fault(system="voss", method="PUT", cut="after")
    assert run(module, **WRITES["modify"][1], retry_budget=0).ok().changed
    simulator.reset()
    simulator.fault(system="voss", method="PUT", cut="before")
    result = run(module, **WRITES["modify"][1], retry_budget=0)
    assert result.failed
    assert len(simulator.writes("voss")) == 1


@pytest.mark.parametrize("status", [423, 429])
def test_a_change_refused_before_execution_is_sent_again(simulator: Any, module: Any, status: int) -> None:
    simulator.fault(system="voss", method="POST", times=2, status=status, headers={"Retry-After": "1"})
    result = run(module, name="Initech", hierarchy=NODE).ok()
    assert result["actions"] == ["created"]
    assert [entry["status"] for entry in simulator.writes("voss")] == [status, status, 200]
    assert [entry for entry in simulator.journal("voss") if "external" in entry["query"]] == []


def test_failed_reads_do_not_lose_a_followed_transaction(simulator: Any, module: Any) -> None:
    simulator.fault(system="voss", method="GET", path="/tool/Transaction/", times=2, cut="before")
    simulator.fault(system="voss", method="GET", path="/tool/Transaction/", times=1, status=503)
    result = run(module, **WRITES["modify"][1]).ok()
    assert result["transactions"][0]["status"] == "Success"
    assert len(applied(simulator)) == 1


def test_a_failure_lists_completed_steps_for_the_next_run(simulator: Any, module: Any, messages: MessageTable) -> None:
    desired = {"name": "AAAGlobal", "email_domain": "rooms.example", "target_hierarchy": WEST}
    simulator.fault(system="voss", path="/tool/DataMove/", times=None, status=500, body={"error": "out of order"})
    result = run(module, **desired)
    assert result.failed
    assert result["changed"] is True
    assert result["actions"] == ["updated"]
    assert result.failure["status"] == 500
    assert result.failure["message"] == "out of order"
    messages.check_in("voss.completed_steps", result.msg, steps="updated")
    simulator.clear_faults()
    assert run(module, **desired)["actions"] == ["moved"]


@pytest.mark.real_waits
def test_the_servers_rate_limit_is_kept_or_awaited(simulator: Any, module: Any) -> None:
    simulator.settings(voss={"throttle": 3, "polls": 4})
    result = run(module, **WRITES["modify"][1], requests_per_second=0).ok()
    assert result["actions"] == ["updated"]
    assert 429 in [entry["status"] for entry in simulator.journal("voss")]
    simulator.reset({"settings": {"voss": {"throttle": 3, "polls": 4}}})
    run(module, **WRITES["modify"][1], requests_per_second=1).ok()
    assert 429 not in [entry["status"] for entry in simulator.journal("voss")]


def test_a_change_that_may_follow_is_never_repeated(simulator: Any, module: Any, messages: MessageTable) -> None:
    for timeout in (0.5, 5, 50):  # On a busy machine, a lookup can exceed a short timeout, and is then repeated.
        simulator.reset()
        simulator.settings(voss={"duplicate_names": "allow"})
        simulator.fault(system="voss", method="POST", delay=10 * timeout)
        result = run(module, name="Initech", hierarchy=NODE, timeout=timeout)
        assert result.failed
        assert len(simulator.writes("voss")) == 1
        lookups = [entry for entry in simulator.journal("voss") if "external" in entry["query"]]
        if len(lookups) == 5:
            break
    messages.check_in("request.outcome_unknown", result.msg)
    assert result.failure["status"] is None
    assert len(lookups) == 5


def test_a_listed_customer_without_an_object_is_not_recreated(
    simulator: Any, module: Any, messages: MessageTable
) -> None:
    simulator.settings(voss={"duplicate_names": "allow"})
    simulator.fault(
        system="voss", method="GET", path=r"/SparkCustomer/\w{24}/", status=404, body={"error": "gone"}, times=None
    )
    bulk = {"hierarchy": "sys.hcs.CS-P", "customers": [{"name": "AAAGlobal", "email_domain": "rooms.example"}]}
    single, several = run(module, **WRITES["modify"][1]), module("voss_spark_customers", **bulk)
    assert (single.failed, several.failed) == (True, True)
    (customer,) = several["customers"]
    for message, failure in ((single.msg, single.failure), (customer["error"], customer["failure"])):
        request = f"GET {failure['url']}"
        messages.check("voss.listed_customer_missing", message, request=request, cause="gone")
    assert simulator.writes("voss") == []
    assert not run(module, **WRITES["delete"][1]).ok().changed


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("made", [True, False])
def test_an_empty_response_does_not_prove_a_change(
    simulator: Any, module: Any, write: tuple[str, dict[str, Any]], made: bool
) -> None:
    method, desired = write
    simulator.fault(system="voss", method=method, body="", applied=made)
    result = run(module, **desired)
    assert len(simulator.writes("voss")) == 1
    if made:
        assert result.ok()["transactions"][0]["status"] == "Success"
    else:
        assert result.failure["reason"] == "outcome_unknown"
        assert result.failure["status"] == 200
