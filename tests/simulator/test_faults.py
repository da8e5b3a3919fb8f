# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures on request."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from support.simulator import Client, Simulator

LIST = "/api/admin/v3/connectors"
ONE = f"{LIST}/prod-us-east-1"
CUT = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


def test_a_status_takes_the_place_of_the_answer_once(apono: Client, simulator: Simulator) -> None:
    simulator.fault(system="apono", status=503, body="try later", headers={"Retry-After": "3"})
    answer = apono("PUT", ONE, json={"name": "x"})
    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (503, "try later", "3")
    entry = simulator.journal()[0]
    assert (entry["status"], entry["applied"], entry["fault"]) == (503, False, "status 503")
    assert apono("PUT", ONE, json={"name": "x"}).status_code == 200
    assert [entry["applied"] for entry in simulator.journal()] == [False, True]


def test_a_body_may_be_json_or_text_of_any_type(webex: Client, simulator: Simulator) -> None:
    simulator.fault(system="webex", body={"items": [1]})
    simulator.fault(system="webex", body="<html>", headers={"Content-Type": "text/html"}, status=200)
    assert webex("GET", "/hybrid/connectors").json() == {"items": [1]}
    page = webex("GET", "/hybrid/connectors")
    assert (page.text, page.headers["Content-Type"]) == ("<html>", "text/html")


def test_headers_alone_are_added_to_the_real_answer(voss: Client, simulator: Simulator) -> None:
    evil = "attachment; filename=../../evil.zip"
    simulator.fault(system="voss", path="/export/", headers={"Content-Disposition": evil})
    path = "/api/relation/SparkCustomer/65e0918d6fd4534903e212d9/export/?export_format=json"
    answer = voss("GET", path)
    assert answer.headers["Content-Disposition"] == evil
    assert answer.content.startswith(b"PK")
    assert simulator.journal()[0]["fault"] == "headers Content-Disposition"


def test_a_delay_comes_before_the_answer(apono: Client, simulator: Simulator) -> None:
    simulator.fault(delay=0.2)
    begin = time.monotonic()
    assert apono("GET", LIST).status_code == 200
    assert time.monotonic() - begin >= 0.2


def test_a_client_that_gives_up_does_not_undo_its_write(apono: Client, simulator: Simulator) -> None:
    simulator.fault(delay=0.3)
    with pytest.raises(requests.Timeout):
        apono.session.put(apono.url + ONE, json={"name": "late"}, timeout=0.05)
    deadline = time.monotonic() + 10
    while not simulator.writes()[0]["applied"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert apono("GET", ONE).json()["name"] == "late"


@pytest.mark.parametrize(
    ("cut", "applied", "name"), [("before", False, "prod-us-east-1"), ("after", True, "x"), ("body", True, "x")]
)
def test_cut_connections(apono: Client, simulator: Simulator, cut: str, applied: bool, name: str) -> None:
    simulator.fault(cut=cut, method="put")
    with pytest.raises(CUT):
        apono("PUT", ONE, json={"name": "x"})
    entry = simulator.journal()[0]
    assert (entry["status"], entry["applied"], entry["write"], entry["fault"]) == (None, applied, True, f"cut {cut}")
    assert apono("GET", ONE).json()["name"] == name


def test_a_body_that_is_cut_has_begun(apono: Client, simulator: Simulator) -> None:
    simulator.fault(cut="body")
    received: list[bytes] = []
    identity = {"Accept-Encoding": "identity"}
    with apono.session.get(apono.url + LIST, stream=True, timeout=30, headers=identity) as answer:
        assert answer.status_code == 200
        announced = int(answer.headers["Content-Length"])
        pieces = answer.iter_content(1)
        with pytest.raises(CUT):
            received.extend(pieces)
    assert 0 < len(received) < announced


def test_a_canned_answer_can_be_cut_too(apono: Client, simulator: Simulator) -> None:
    simulator.fault(status=200, body={"items": []}, cut="body")
    with pytest.raises(CUT):
        apono("DELETE", ONE)
    assert apono("GET", ONE).status_code == 200


def test_what_a_fault_hit_is_a_write_by_what_it_would_have_done(voss: Client, simulator: Simulator) -> None:
    simulator.fault(cut="before", times=None)
    base = "/api/relation/SparkCustomer/"
    transaction = "/api/tool/Transaction/00000000-0000-0000-0000-000000000000"
    calls = {
        ("POST", f"{base}export/?hierarchy=sys&export_format=json"): False,
        ("POST", f"{base}?hierarchy=sys"): True,
        ("GET", f"{transaction}/"): False,
        ("GET", f"{transaction}/replay/"): True,
        ("PATCH", "/nothing"): True,
    }
    for method, path in calls:
        with pytest.raises(CUT):
            voss(method, path)
    assert [entry["write"] for entry in simulator.journal()] == list(calls.values())


def test_skip_and_times(apono: Client, simulator: Simulator) -> None:
    simulator.fault(path="limit=", skip=1, times=2, status=500)
    statuses = [apono("GET", f"{LIST}?limit=5").status_code for _request in range(5)]
    assert statuses == [200, 500, 500, 200, 200]


def test_for_ever_until_taken_away(apono: Client, simulator: Simulator) -> None:
    simulator.fault(times=None, status=502)
    assert [apono("GET", LIST).status_code for _request in range(4)] == [502] * 4
    simulator.clear_faults()
    assert apono("GET", LIST).status_code == 200


def test_a_rule_concerns_its_system_method_and_path_alone(apono: Client, webex: Client, simulator: Simulator) -> None:
    simulator.fault(system="apono", method="DELETE", path=r"connectors/prod-\w+", times=None, status=500)
    assert apono("DELETE", ONE).status_code == 500
    assert apono("DELETE", f"{LIST}/gcp-analytics").status_code == 204
    assert apono("GET", ONE).status_code == 200
    assert webex("GET", "/hybrid/connectors").status_code == 200


def test_rules_follow_one_another(apono: Client, simulator: Simulator) -> None:
    simulator.control("POST", "/faults", [{"status": 503}, {"status": 429, "headers": {"Retry-After": "0"}}])
    assert [apono("GET", LIST).status_code for _request in range(3)] == [503, 429, 200]
    rules = simulator.control("GET", "/faults")["faults"]
    assert [(rule["status"], rule["hits"]) for rule in rules] == [(503, 1), (429, 1)]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({}, "needs a status"),
        ({"statos": 500}, "has no statos"),
        ({"system": "cisco", "status": 500}, "one of apono"),
        ({"cut": "middle"}, "before, after, body"),
        ({"status": 500, "path": "("}, "regular expression"),
        ({"status": "500"}, "whole numbers"),
        ({"delay": -1}, "number of seconds"),
        ({"headers": ["x"]}, "names and values"),
        ("503", "is an object"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(simulator: Simulator, rule: Any, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        simulator.control("POST", "/faults", rule)
    assert simulator.control("GET", "/faults") == {"faults": []}
