# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VOSS in general: logins, cookies, request IDs and the rate limit."""

from __future__ import annotations

import requests
from support.deadline import wait_until
from support.simulator import CREDENTIALS, Client, Simulator

BASE = "/api/relation/SparkCustomer/"
AAA = "65e0918d6fd4534903e212d9"


def test_basic_authentication_is_needed(voss: Client, simulator: Simulator) -> None:
    for login in (("voss-admin", "wrong"), ("nobody", ""), ("", "")):
        response = voss("GET", f"{BASE}?hierarchy=sys", auth=login)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert len(simulator.refusals()) == 3


def test_every_response_has_a_request_id(voss: Client) -> None:
    responses = [voss("GET", path) for path in (f"{BASE}{AAA}/", f"{BASE}nobody/", "/nothing")]
    assert [response.status_code for response in responses] == [200, 404, 404]
    assert len({response.headers["X-Request-ID"] for response in responses}) == 3


def test_a_write_with_a_cookie_needs_the_csrf_header(voss: Client, simulator: Simulator) -> None:
    response = voss("GET", f"{BASE}{AAA}/")
    cookies = dict(response.cookies)
    assert set(cookies) == {"sessionid", "csrftoken"}
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    action = f"{BASE}{AAA}/+SyncWebexTeamsUsers/"
    assert voss("GET", f"{BASE}{AAA}/", headers=cookie).status_code == 200
    assert voss("POST", action, headers=cookie).status_code == 403
    assert voss("POST", action, headers={**cookie, "X-CSRFToken": cookies["csrftoken"]}).status_code == 200
    simulator.settings(voss={"session_cookies": False})
    assert not voss("GET", f"{BASE}{AAA}/").cookies


def test_the_documented_limit_is_twenty_requests_a_second(voss: Client, simulator: Simulator) -> None:
    assert voss("GET", f"{BASE}{AAA}/").status_code == 200
    simulator.reset()
    assert simulator.control("GET", "/settings")["voss"]["throttle"] == 20


def test_more_requests_in_a_second_are_throttled(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"throttle": 3})
    responses: list[requests.Response] = []

    def responds(status: int) -> bool:
        responses.append(voss("GET", f"{BASE}{AAA}/"))
        return responses[-1].status_code == status

    wait_until(lambda: responds(429), "No request was throttled.")
    assert [response.status_code for response in responses[:-1]] == [200] * max(3, len(responses) - 1)
    assert "Retry-After" not in responses[-1].headers
    assert responses[-1].json()["error"]["message"] == "Error 429: Too Many Requests"
    wait_until(lambda: responds(200), "The requests are still throttled.")
    assert simulator.refusals() == []


def test_a_throttled_write_may_have_retry_after(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"throttle": 1, "retry_after": 7})
    path = f"{BASE}{AAA}/+SyncWebexTeamsUsers/"
    responses: list[requests.Response] = []

    def is_throttled() -> bool:
        responses.append(voss("POST", path))
        return responses[-1].status_code == 429

    wait_until(is_throttled, "No write was throttled.")
    assert responses[-1].headers["Retry-After"] == "7"
    assert [entry["applied"] for entry in simulator.writes()] == [*[True] * (len(responses) - 1), False]


def test_users_are_throttled_one_by_one(voss: Client, simulator: Simulator) -> None:
    logins = [{"username": "a", "password": "x"}, {"username": "b", "password": "y"}]
    simulator.reset({"credentials": {"voss": logins}, "settings": {"voss": {"throttle": 1}}})

    def status(login: dict[str, str]) -> int:
        return voss("GET", f"{BASE}{AAA}/", auth=(login["username"], login["password"])).status_code

    first, second = logins
    wait_until(lambda: status(first) == 429, "The first user was not throttled.")
    assert status(second) == 200
    wait_until(lambda: status(second) == 429, "The second user was not throttled.")
    assert voss("GET", f"{BASE}{AAA}/", auth=tuple(CREDENTIALS["voss"].values())).status_code == 401
