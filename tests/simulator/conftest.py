# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for each worker, as fresh as on its first day for each test; and a client for each system."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from support.simulator import CREDENTIALS, Simulator, start


class Client:
    """``requests`` with a system's address and login; paths are sent as they are written."""

    def __init__(self, url: str, login: dict[str, str]):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        token = login.get("api_token") or login.get("access_token")
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"
        else:
            self.session.auth = (login["username"], login["password"])

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        # No session cookies between requests, as the services ask for the login with each.
        self.session.cookies.clear()
        return self.session.request(method, self.url + path, timeout=30, **options)


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    with start() as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    running.reset()
    return running


def _client(simulator: Simulator, system: str, login: str) -> Iterator[Client]:
    client = Client(simulator.system_url(system), CREDENTIALS[login])
    yield client
    client.session.close()


@pytest.fixture
def apono(simulator: Simulator) -> Iterator[Client]:
    yield from _client(simulator, "apono", "apono")


@pytest.fixture
def hdp(simulator: Simulator) -> Iterator[Client]:
    yield from _client(simulator, "hdp", "hdp")


@pytest.fixture
def hdp_user(simulator: Simulator) -> Iterator[Client]:
    yield from _client(simulator, "hdp", "hdp_user")


@pytest.fixture
def webex(simulator: Simulator) -> Iterator[Client]:
    yield from _client(simulator, "webex", "webex")


@pytest.fixture
def voss(simulator: Simulator) -> Iterator[Client]:
    """VOSS without its throttle, which has tests of its own."""
    simulator.settings(voss={"throttle": 0})
    yield from _client(simulator, "voss", "voss")
