# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Undocumented behavior of VOSS Automate: every possible behavior leads to the same result."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import RunModule
from support.simulator import Simulator
from support.voss import AAAGLOBAL, INITECH_PKID, RESELLER_PKID, WEST
from support.voss import INITECH as NODE

QUICK = {"poll_interval": 0.02}
BEHAVIORS: dict[str, dict[str, Any]] = {
    "as documented": {},
    "a filter is ignored": {"filters": "ignore"},
    "a filter is refused": {"filters": "refuse"},
    "only the full dotted path is understood": {"dotted": "sys"},
    "no dotted path is understood": {"dotted": "refuse"},
    "an unknown hierarchy means the home node": {"dotted": "refuse", "unknown_hierarchy": "home"},
    "a node shows the path of its parent": {"node_path": "parent"},
    "a node shows its location only in lists": {"node_get": "sparse"},
    "a page is at most 200": {"maximum_limit": 200},
    "a page of more than 200 is refused": {"maximum_limit": 200, "over_limit": "refuse"},
    "a page is at most one": {"maximum_limit": 1},
    "every change is made at once": {"nowait": "ignore"},
    "a transaction is a success when it is Completed": {"success_word": "Completed", "fail_word": "FAILED"},
    "a creation does not name what it made": {"transaction_pkid": False},
    "a customer gets another pkid when it moves": {"pkid_after_move": "change"},
    "a deletion has no body": {"delete_body": "refuse"},
    "a deletion has an empty response": {"delete_response": "empty", "nowait": "ignore"},
    "a change returns 202": {"write_status": 202},
    "lists show summaries only": {"list_data": "summary"},
    "false is shown": {"false_values": "show"},
    "account numbers are base64": {"account_number_form": "base64"},
    "two customers of a node may share a name": {"duplicate_names": "allow"},
    "a transaction takes no time": {"polls": 0},
}


@pytest.mark.parametrize("behavior", BEHAVIORS.values(), ids=BEHAVIORS)
def test_a_customer_works_with_every_server_behavior(simulator: Any, module: Any, behavior: dict[str, Any]) -> None:
    simulator.settings(voss=behavior)

    def customer(**options: Any) -> Any:
        return module("voss_spark_customer", **{"hierarchy": "CS-P", "name": "Initech", **QUICK, **options}).ok()

    steps: list[tuple[dict[str, Any], list[str]]] = [
        ({"hierarchy": NODE, "account_number_external": "000fd0e4-83ef-d398-be23-d06998580fed"}, ["created"]),
        ({"email_domain": "rooms.example", "dirsync_enabled": False}, ["updated"]),
        ({"target_hierarchy": WEST}, ["moved"]),
        ({"state": "absent"}, ["deleted"]),
    ]
    for options, actions in steps:
        assert customer(**options)["actions"] == actions
        assert customer(**options)["actions"] == []
    names = [item["name"] for item in simulator.state()["voss"]["customers"]]
    assert sorted(names) == ["AAAGlobal", "AB_Group"]


def test_a_node_without_a_location_is_searched_in_the_list(simulator: Any, module: Any) -> None:
    simulator.settings(voss={"node_get": "sparse"})
    above = {"hierarchy": RESELLER_PKID, "pkid": AAAGLOBAL, "state": "absent"}
    assert module("voss_spark_customer", check=True, **above).ok()["actions"] == ["deleted"]
    customers = [{"name": "AAAGlobal", "hierarchy": INITECH_PKID}]
    for scope in ("sys.hcs.CS-P", "5f3ae1fcce894e001204e0ed"):
        result = module("voss_spark_customers", check=True, hierarchy=scope, customers=customers, relocate=True).ok()
        assert result["summary"]["moved"] == 1


def test_thousands_of_customers_are_listed_for_any_page_size(simulator: Any, module: Any) -> None:
    for maximum, requests in ((2000, 1), (200, 3)):
        simulator.reset(
            {
                "voss": {"generate": {"customers": 450}, "customers": []},
                "settings": {"voss": {"maximum_limit": maximum}},
            }
        )
        result = module("voss_spark_customer_info", hierarchy="sys.hcs").ok()
        assert len({item["pkid"] for item in result["customers"]}) == 450
        assert len(simulator.journal("voss")) == requests


def test_a_list_that_repeats_a_page_is_a_failure(simulator: Any, module: Any) -> None:
    data = {"name": "A", "hierarchy_path": "sys.hcs.A"}
    page = {
        "pagination": {"skip": 0, "limit": 1, "total": 5},
        "resources": [{"pkid": "65e0918d6fd4534903e212d9", "meta": {}, "data": data}],
    }
    simulator.fault(system="voss", path="SparkCustomer", times=None, status=200, body=page)
    result = module("voss_spark_customer_info", hierarchy="sys.hcs")
    assert result.failed
    assert result.failure["reason"] == "invalid_response"
    assert len(simulator.journal("voss")) == 2 * 3  # the list is read three times


@pytest.mark.parametrize("word", ["Processing", "Success with warnings", "Bouncing", ""])
def test_an_undocumented_status_means_running(simulator: Any, module: Any, word: str) -> None:
    body = {"meta": {}, "data": {"status": word}}
    simulator.fault(system="voss", path="/tool/Transaction/", times=3, status=200, body=body)
    result = module(
        "voss_spark_customer", hierarchy="sys.hcs", name="AAAGlobal", email_domain="x.example", **QUICK
    ).ok()
    assert result["transactions"][0]["status"] == "Success"
    polls = [entry for entry in simulator.journal("voss") if "/tool/Transaction/" in entry["path"]]
    assert len(polls) > 3


def test_a_transaction_that_appears_late_is_awaited(simulator: Any, module: Any) -> None:
    simulator.fault(system="voss", path="/tool/Transaction/", times=2, status=404, body={"error": "not found"})
    result = module(
        "voss_spark_customer", hierarchy="sys.hcs", name="AAAGlobal", email_domain="x.example", **QUICK
    ).ok()
    assert result["actions"] == ["updated"]


def test_the_replay_link_of_a_transaction_is_never_called(simulator: Any, module: Any) -> None:
    module("voss_spark_customer", hierarchy="sys.hcs", name="AAAGlobal", email_domain="x.example", **QUICK).ok()
    assert [entry["path"] for entry in simulator.journal() if "replay" in entry["path"]] == []


def test_a_list_with_a_wrong_name_changes_nothing(simulator: Any, module: Any) -> None:
    """A GET returns a different name than the list, so the customer does not match."""
    simulator.fault(
        system="voss",
        method="GET",
        path="/SparkCustomer/65e0918d6fd4534903e212d9/",
        status=200,
        body={"pkid": "65e0918d6fd4534903e212d9", "meta": {}, "data": {"name": "Renamed since"}},
    )
    result = module("voss_spark_customer", hierarchy="sys.hcs", name="AAAGlobal", email_domain="x.example")
    assert result.failure["reason"] == "invalid_response"
    assert simulator.writes() == []


def test_a_path_is_sent_verbatim_if_nodes_are_hidden(simulator: Any, module: Any) -> None:
    simulator.fault(system="voss", path="/data/HierarchyNode/", times=None, status=403, body={"error": "no"})
    result = module("voss_spark_customer", hierarchy=NODE, name="Initech", **QUICK).ok()
    assert result["actions"] == ["created"]
    assert simulator.writes("voss")[0]["params"]["hierarchy"] == [NODE]
    assert not module("voss_spark_customer", hierarchy=NODE, name="Initech", **QUICK).changed


@pytest.mark.parametrize("meta", [{}, {"references": {"parent": []}}, {"path": [None, 5]}])
def test_a_customer_with_a_hidden_node_is_not_renamed(
    module: RunModule, simulator: Simulator, meta: dict[str, Any], messages: MessageTable
) -> None:
    pkid = "65e0918d6fd4534903e212d9"
    response = {"pkid": pkid, "meta": meta, "data": {"name": "AAAGlobal"}}
    simulator.fault(system="voss", method="GET", path=f"SparkCustomer/{pkid}/", body=response, times=None)
    result = module("voss_spark_customer", hierarchy="sys.hcs", pkid=pkid, name="renamed")
    assert result.failure["reason"] == "refused"
    messages.check("voss.rename_at_hidden_node", result.msg, name="AAAGlobal", new_name="renamed")
    assert simulator.writes() == []
