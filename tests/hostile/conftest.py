# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for the attacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.skipped_waits import SKIP_WAITS, skipped_waits

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import transactions, verify
from hostile.attack import Attack, Serve
from hostile.server import HostileServer
from hostile.voss_task import Task


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a test. Sockets of Ansible may be in it, so its path is short."""
    return tmp_path_factory.mktemp("h")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers whose responses come from a function, and stop the servers after the test."""
    with ExitStack() as stack:
        yield lambda respond: stack.enter_context(HostileServer(respond))


@pytest.fixture
def attack(tmp_path: Path) -> Attack:
    """Runs playbooks, inventories and the event source."""
    return Attack(tmp_path)


@pytest.fixture
def voss(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Iterator[Task]:
    """Runs a module of VOSS Automate in this process. The module does not wait between requests."""
    monkeypatch.setattr(transactions, "LOOKUP_PAUSES", (0.0, 0.02))
    monkeypatch.setattr(verify, "LOOKUP_PAUSES", (0.0, 0.02))
    monkeypatch.setattr(transactions, "LATE_LOOKUP_PAUSES", (0.0, 0.02, 0.02))
    with skipped_waits({SKIP_WAITS: "true"}):
        yield Task(serve)
