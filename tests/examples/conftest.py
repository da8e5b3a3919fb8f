# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator, a Galaxy and ansible-rulebook for each worker, and sessions that use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support import galaxy
from support.event_source import rulebook_programs
from support.pages import Block
from support.sessions import RunPage, Session
from support.simulator import Simulator, start

INSTALLS = "ansible-galaxy collection install hybrid.connectors"
OF_RULEBOOKS = ("ansible-rulebook", "ansible_rulebook", "condition:", "hybrid.connectors.connector_health:")


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with start() as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator: Simulator) -> Simulator:
    """A simulator with the samples."""
    _simulator.reset()
    return _simulator


@pytest.fixture(scope="session")
def _galaxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """The address of a Galaxy server, which starts on first use."""
    with ExitStack() as running:
        started: list[str] = []

        def address() -> str:
            if not started:
                started.append(running.enter_context(galaxy.serve(tmp_path_factory.mktemp("galaxy"))))
            return started[0]

        yield address


@pytest.fixture
def run_page(simulator: Simulator, tmp_path: Path, _galaxy: Callable[[], str]) -> RunPage:
    """Run the examples of a page with everything that they need."""

    def run(blocks: list[Block], *, source_tree: bool = False) -> None:
        text = "\n".join(block.text for block in blocks)
        session = Session(
            tmp_path,
            simulator,
            galaxy=_galaxy() if INSTALLS in text else None,
            programs=rulebook_programs() if any(word in text for word in OF_RULEBOOKS) else None,
            source_tree=source_tree,
        )
        with session:
            session.run(blocks)

    return run
