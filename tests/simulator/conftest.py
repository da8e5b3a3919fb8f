# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide a simulator for each worker, which is reset for each test, and a client for each user."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.simulator import Client, Simulator, start


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    with start() as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    running.reset()
    return running


def _client(simulator: Simulator, login: str) -> Iterator[Client]:
    client = simulator.client(login)
    yield client
    client.session.close()


@pytest.fixture
def apono(simulator: Simulator) -> Iterator[Client]:
    yield from _client(simulator, "apono")


@pytest.fixture
def hdp(simulator: Simulator) -> Iterator[Client]:
    yield from _client(simulator, "hdp")


@pytest.fixture
def hdp_user(simulator: Simulator) -> Iterator[Client]:
    yield from _client(simulator, "hdp_user")


@pytest.fixture
def hdp_owner(simulator: Simulator) -> Iterator[Client]:
    """A user who owns single connectors and a group."""
    yield from _client(simulator, "hdp_owner")


@pytest.fixture
def webex(simulator: Simulator) -> Iterator[Client]:
    yield from _client(simulator, "webex")


@pytest.fixture
def voss(simulator: Simulator) -> Iterator[Client]:
    """VOSS without its rate limit, which separate tests cover."""
    simulator.settings(voss={"throttle": 0})
    yield from _client(simulator, "voss")
