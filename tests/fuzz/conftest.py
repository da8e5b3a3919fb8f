# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that records the exact bytes that it receives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.wire import Wire


@pytest.fixture(scope="session")
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a task may write one file."""
    return tmp_path_factory.mktemp("folder")
