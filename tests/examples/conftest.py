# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator for each worker, and a session at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sessions import Session
from support.simulator import Simulator, start


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with start() as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator: Simulator) -> Simulator:
    """A simulator with the samples."""
    _simulator.reset()
    return _simulator


@pytest.fixture
def session(simulator: Simulator, tmp_path: Path) -> Iterator[Session]:
    """An empty folder and a simulator in which the examples of a page are tried."""
    with Session(tmp_path, simulator) as session:
        yield session
