# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VOSS transactions: acceptance, polls, outcomes, correlation and replay."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from support.simulator import Client, Simulator

BASE = "/api/relation/SparkCustomer/"
TRANSACTIONS = "/api/tool/Transaction/"
AAA = "65e0918d6fd4534903e212d9"
CREATE = f"{BASE}?hierarchy=CS-P.CS-NB.Initech&nowait=true"


def submit(voss: Client, name: str = "Initech", **meta: str) -> str:
    """Create a customer without waiting, and return the ID of the transaction."""
    payload: dict[str, Any] = {"name": name}
    if meta:
        payload["request_meta"] = meta
    accepted = voss("POST", CREATE, json=payload).json()
    transaction = str(accepted["transaction_id"])
    assert accepted == {"href": TRANSACTIONS + transaction, "success": True, "transaction_id": transaction}
    assert str(uuid.UUID(transaction)) == transaction
    return transaction


def poll(voss: Client, transaction: str) -> dict[str, Any]:
    data: dict[str, Any] = voss("GET", f"{TRANSACTIONS}{transaction}/?format=json").json()["data"]
    return data


def find(voss: Client, external_id: str, field: str = "external.id") -> list[dict[str, Any]]:
    query = f"hierarchy=sys&format=json&filter_field={field}&filter_condition=contains&filter_text={external_id}"
    return [item["data"] for item in voss("GET", f"{TRANSACTIONS}?{query}").json()["resources"]]


def customers(simulator: Simulator) -> list[str]:
    return [customer["name"] for customer in simulator.state()["voss"]["customers"]]


def test_an_asynchronous_write_applies_after_two_polls(voss: Client, simulator: Simulator) -> None:
    transaction = submit(voss)
    assert poll(voss, transaction)["status"] == "Queued"
    assert poll(voss, transaction)["status"] == "In Progress"
    assert customers(simulator) == ["AAAGlobal", "AB_Group"]
    assert simulator.writes()[0]["applied"] is False
    data = poll(voss, transaction)
    assert data["status"] == "Success"
    pkid = data["resource"]["after_transaction"].split("/")[4]
    assert voss("GET", f"{BASE}{pkid}/").json()["data"]["name"] == "Initech"
    assert simulator.writes()[0]["applied"] is True


def test_polls_and_statuses_are_settings(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"polls": 0, "success_word": "Completed", "transaction_pkid": False})
    data = poll(voss, submit(voss))
    assert data["status"] == "Completed"
    assert "after_transaction" not in data["resource"]
    assert customers(simulator)[-1] == "Initech"


def test_the_poll_resource_counts_as_a_poll(voss: Client) -> None:
    transaction = submit(voss)
    seen = []
    for _poll in range(3):
        response = voss("GET", f"{TRANSACTIONS}{transaction}/poll/?format=json").json()
        assert response[transaction]["href"] == TRANSACTIONS + transaction
        seen.append(response[transaction]["status"])
    assert seen == ["Queued", "In Progress", "Success"]


def test_a_failing_transaction_has_its_reason(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"polls": 0, "fail_word": "Failed"})
    submit(voss)
    data = poll(voss, submit(voss))
    assert data["status"] == "Failed"
    assert "already exists" in data["message"]
    assert "after_transaction" not in data["resource"]
    assert [entry["applied"] for entry in simulator.writes()] == [True, False]


def test_a_transaction_is_found_by_its_external_id(voss: Client, simulator: Simulator) -> None:
    submit(voss, "one", external_id="run-1", external_reference="ticket")
    submit(voss, "two", external_id="run-2")
    assert [data["external"] for data in find(voss, "run-1")] == [{"id": "run-1", "reference": "ticket"}]
    assert len(find(voss, "ticket", "external.reference")) == 1
    assert find(voss, "run-3") == []
    assert find(voss, "run-1")[0]["status"] == "Success"
    assert customers(simulator)[2:] == ["one"]
    assert simulator.refusals() == []


def test_a_new_transaction_may_be_missing_from_lists(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"transaction_visible_after": 2})
    submit(voss, external_id="run-1")
    assert [len(find(voss, "run-1")) for _list in range(3)] == [0, 0, 1]


def test_time_can_finish_a_transaction(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"settle": 0.05})
    submit(voss)
    time.sleep(0.06)
    listed = voss("GET", f"{BASE}?hierarchy=CS-P.CS-NB.Initech").json()["resources"]
    assert [item["data"]["name"] for item in listed] == ["Initech"]


def test_nowait_can_be_ignored(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"nowait": "ignore"})
    response = voss("POST", CREATE, json={"name": "Initech", "request_meta": {"external_id": "e"}}).json()
    assert len(response["pkid"]) == 24
    assert customers(simulator)[-1] == "Initech"


def test_a_synchronous_write_leaves_a_transaction_too(voss: Client) -> None:
    voss("POST", f"{BASE}{AAA}/+SyncWebexTeamsUsers/", json={})
    resources = voss("GET", f"{TRANSACTIONS}?hierarchy=sys").json()["resources"]
    assert [(item["data"]["action"], item["data"]["status"]) for item in resources] == [
        ("SyncWebexTeamsUsers", "Success")
    ]


def test_what_is_wrong_at_once_is_refused_at_once(voss: Client) -> None:
    assert voss("POST", CREATE, json={"nome": "x"}).status_code == 400
    assert voss("PUT", f"{BASE}nobody/?nowait=true", json={"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"{BASE}{AAA}/?nowait=true", {"name": "x"}),
        ("DELETE", f"{BASE}{AAA}/?nowait=true", {}),
        ("DELETE", f"{BASE}?hierarchy=sys&nowait=true", {"hrefs": [BASE + AAA]}),
        ("POST", f"{BASE}{AAA}/+RefreshAccessToken/?nowait=true", {}),
        (
            "POST",
            "/api/tool/DataMove/?model_type=relation/SparkCustomer&hierarchy=sys&context_hierarchy=CS-P&nowait=true",
            {"hrefs": [BASE + AAA]},
        ),
    ],
)
def test_every_write_can_be_asynchronous(
    voss: Client, simulator: Simulator, method: str, path: str, body: dict[str, Any]
) -> None:
    before = simulator.state()["voss"]["customers"]
    response = voss(method, path, json={**body, "request_meta": {"external_id": "mine"}})
    transaction = response.json()["transaction_id"]
    assert simulator.state()["voss"]["customers"] == before
    assert [poll(voss, transaction)["status"] for _attempt in range(3)][-1] == "Success"
    assert simulator.state()["voss"]["customers"] != before
    assert [data["pkid"] for data in find(voss, "mine")] == [transaction]
    assert simulator.refusals() == []


def test_a_write_to_an_object_deleted_meanwhile_fails(voss: Client) -> None:
    first = voss("DELETE", f"{BASE}{AAA}/?nowait=true").json()["transaction_id"]
    second = voss("PUT", f"{BASE}{AAA}/?nowait=true", json={"name": "x"}).json()["transaction_id"]
    assert [poll(voss, first)["status"] for _attempt in range(3)][-1] == "Success"
    for _attempt in range(3):
        data = poll(voss, second)
    assert (data["status"], data["message"]) == ("Fail", f"relation/SparkCustomer {AAA} does not exist.")


@pytest.mark.parametrize(
    ("meta", "status"),
    [({"colour": "red"}, 400), ("x", 400), ({"external_id": 1}, 400), ({"callback_url": "http://x.example"}, 501)],
)
def test_only_documented_parameters_are_accepted(voss: Client, meta: Any, status: int) -> None:
    assert voss("POST", CREATE, json={"name": "x", "request_meta": meta}).status_code == status


def test_a_replay_by_get_is_a_write(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"polls": 0})
    transaction = voss("POST", f"{BASE}{AAA}/+RefreshAccessToken/?nowait=true", json={}).json()["transaction_id"]
    token = simulator.state()["voss"]["customers"][0]["token"]
    simulator.forget()
    replayed = voss("GET", f"{TRANSACTIONS}{transaction}/replay/").json()
    assert len(replayed["resources"]) == 2
    assert simulator.state()["voss"]["customers"][0]["token"] != token
    assert [(entry["method"], entry["applied"]) for entry in simulator.writes()] == [("GET", True)]


def test_filters_on_transactions_are_checked(voss: Client, simulator: Simulator) -> None:
    query = "hierarchy=sys&filter_field=colour&filter_condition=contains&filter_text=red"
    assert voss("GET", f"{TRANSACTIONS}?{query}").status_code == 400
    assert "external.id" in simulator.refusals()[0]
