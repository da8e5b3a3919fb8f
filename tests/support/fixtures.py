# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures with a simulator and a certificate authority for each worker of pytest. A C(conftest.py) imports them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import trustme

from support.openapi import complaints
from support.simulator import Simulator, connections, start


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with start() as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator: Simulator, request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A simulator with the sample data, an empty journal, no faults and the initial settings. All requests must conform
    to the OpenAPI documents of the systems, unless a test has the mark C(undocumented). Because a fast machine would
    exceed the rate limit of VOSS Automate, the limit is disabled unless a test has the mark C(real_waits).
    """
    _simulator.rate_limit = bool(request.node.get_closest_marker("real_waits"))
    _simulator.reset()
    _simulator.forgotten.clear()
    yield _simulator
    if not request.node.get_closest_marker("undocumented"):
        assert complaints([*_simulator.forgotten, *_simulator.journal()]) == []


@pytest.fixture(scope="session")
def connection(_simulator: Simulator) -> Mapping[str, Mapping[str, str]]:
    """The connection options of each system at the simulator."""
    return connections(_simulator)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that is not publicly trusted."""
    return trustme.CA()


@pytest.fixture(scope="session")
def authority_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the authority."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path
