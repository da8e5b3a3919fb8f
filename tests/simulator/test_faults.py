# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from support.deadline import wait_until
from support.simulator import Client, Simulator, start

LIST = "/api/admin/v3/connectors"
ONE = f"{LIST}/prod-us-east-1"
CUT = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


def test_a_status_replaces_the_response_once(apono: Client, simulator: Simulator) -> None:
    simulator.fault(system="apono", status=503, body="try later", headers={"Retry-After": "3"})
    response = apono("PUT", ONE, json={"name": "x"})
    assert (response.status_code, response.text, response.headers["Retry-After"]) == (503, "try later", "3")
    entry = simulator.journal()[0]
    assert (entry["status"], entry["applied"], entry["fault"]) == (503, False, "status 503")
    assert apono("PUT", ONE, json={"name": "x"}).status_code == 200
    assert [entry["applied"] for entry in simulator.journal()] == [False, True]


def test_a_body_may_have_any_content_type(webex: Client, simulator: Simulator) -> None:
    simulator.fault(system="webex", body={"items": [1]})
    simulator.fault(system="webex", body="<html>", headers={"Content-Type": "text/html"}, status=200)
    assert webex("GET", "/hybrid/connectors").json() == {"items": [1]}
    page = webex("GET", "/hybrid/connectors")
    assert (page.text, page.headers["Content-Type"]) == ("<html>", "text/html")


def test_headers_are_added_to_the_real_response(voss: Client, simulator: Simulator) -> None:
    evil = "attachment; filename=../../evil.zip"
    simulator.fault(system="voss", path="/export/", headers={"Content-Disposition": evil})
    path = "/api/relation/SparkCustomer/65e0918d6fd4534903e212d9/export/?export_format=json"
    response = voss("GET", path)
    assert response.headers["Content-Disposition"] == evil
    assert response.content.startswith(b"PK")
    assert simulator.journal()[0]["fault"] == "headers Content-Disposition"


def test_a_delay_precedes_the_response(apono: Client, simulator: Simulator) -> None:
    simulator.fault(delay=0.2)
    begin = time.monotonic()
    assert apono("GET", LIST).status_code == 200
    assert time.monotonic() - begin >= 0.2


def test_a_disconnected_client_does_not_undo_its_write(apono: Client, simulator: Simulator) -> None:
    simulator.fault(delay=0.3)
    with pytest.raises(requests.Timeout):
        apono.session.put(apono.url + ONE, json={"name": "late"}, timeout=(10, 0.05))
    wait_until(lambda: any(entry["applied"] for entry in simulator.writes()), "The write was not applied.")
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
    with apono.session.get(apono.url + LIST, stream=True, timeout=30, headers=identity) as response:
        assert response.status_code == 200
        announced = int(response.headers["Content-Length"])
        pieces = response.iter_content(1)
        with pytest.raises(CUT):
            received.extend(pieces)
    assert 0 < len(received) < announced


def test_a_canned_response_can_be_cut_too(apono: Client, simulator: Simulator) -> None:
    simulator.fault(status=200, body={"items": []}, cut="body")
    with pytest.raises(CUT):
        apono("DELETE", ONE)
    assert apono("GET", ONE).status_code == 200


def test_a_failed_request_counts_as_its_original_write(voss: Client, simulator: Simulator) -> None:
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


def test_a_response_can_be_replaced_after_its_effect(apono: Client, simulator: Simulator) -> None:
    simulator.fault(method="PUT", status=504, body="gateway", applied=True)
    assert apono("PUT", ONE, json={"name": "x"}).status_code == 504
    entry = simulator.journal()[0]
    assert (entry["status"], entry["applied"], entry["fault"]) == (504, True, "status 504 once it was applied")
    assert apono("GET", ONE).json()["name"] == "x"


def test_a_response_can_have_any_length(apono: Client, simulator: Simulator) -> None:
    simulator.fault(size=3_000_000)
    response = apono("GET", LIST)
    assert len(response.content) == int(response.headers["Content-Length"]) == 3_000_000
    assert response.json() == apono("GET", LIST).json()


def test_the_port_opens_again_after_a_while(apono: Client, simulator: Simulator) -> None:
    simulator.journal()  # the control interface already has a connection
    simulator.fault(refuse=0.2)
    assert apono("GET", LIST).status_code == 200

    def responds() -> bool:
        try:
            return apono("GET", LIST).status_code == 200
        except requests.ConnectionError:
            return False

    wait_until(responds, "The port is still closed.")
    assert len(simulator.journal()) == 2


@pytest.mark.parametrize("restore", [Simulator.reset, Simulator.clear_faults])
def test_the_port_opens_again_without_faults(
    apono: Client, simulator: Simulator, restore: Callable[[Simulator], None]
) -> None:
    simulator.journal()
    simulator.fault(refuse=3600)
    apono("GET", LIST)
    with pytest.raises(requests.ConnectionError, match="refused"):
        apono("GET", LIST)
    restore(simulator)
    assert apono("GET", LIST).status_code == 200


def test_new_connections_are_met_with_another_certificate(tmp_path: Path) -> None:
    trusted, other = trustme.CA(), trustme.CA()
    trusted.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    for name, authority in (("server.pem", trusted), ("other.pem", other)):
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / name))
    with start("--tls-cert", str(tmp_path / "server.pem"), verify=str(tmp_path / "ca.pem")) as simulator:
        apono = simulator.client("apono")
        apono.session.verify = str(tmp_path / "ca.pem")
        simulator.fault(certificate=str(tmp_path / "other.pem"))
        assert apono("GET", LIST).status_code == 200
        with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            apono("GET", LIST)
        simulator.clear_faults()
        assert apono("GET", LIST).status_code == 200


def test_skip_and_times(apono: Client, simulator: Simulator) -> None:
    simulator.fault(path="limit=", skip=1, times=2, status=500)
    statuses = [apono("GET", f"{LIST}?limit=5").status_code for _request in range(5)]
    assert statuses == [200, 500, 500, 200, 200]


def test_for_ever_until_taken_away(apono: Client, simulator: Simulator) -> None:
    simulator.fault(times=None, status=502)
    assert [apono("GET", LIST).status_code for _request in range(4)] == [502] * 4
    simulator.clear_faults()
    assert apono("GET", LIST).status_code == 200


def test_a_rule_applies_to_its_system_method_and_path(apono: Client, webex: Client, simulator: Simulator) -> None:
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
        ({}, "at least one of status"),
        ({"statos": 500}, "in a fault: statos"),
        ({"system": "cisco", "status": 500}, "one of apono"),
        ({"cut": "middle"}, "before, after, body"),
        ({"status": 500, "path": "("}, "regular expression"),
        ({"status": "500"}, "whole numbers"),
        ({"delay": -1}, "numbers of seconds"),
        ({"refuse": "soon"}, "numbers of seconds"),
        ({"certificate": 1}, "path of a file"),
        ({"status": 500, "applied": "yes"}, "true or false"),
        ({"headers": ["x"]}, "names and values"),
        ("503", "must be an object"),
    ],
)
def test_an_invalid_rule_is_refused(simulator: Simulator, rule: Any, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        simulator.control("POST", "/faults", rule)
    assert simulator.control("GET", "/faults") == {"faults": []}
