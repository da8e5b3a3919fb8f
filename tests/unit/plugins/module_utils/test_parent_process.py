# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test whether a module detects that its result is no longer awaited. All threads check this before each request."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils._parent_process import ParentProcess

THREADS, TIMES = 8, 3000


@dataclass
class Output:
    """The pipe to which a module writes its result."""

    reader: int


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Iterator[Output]:
    """The standard output of this process is a pipe."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "__stdout__", stream)
        pipe = Output(reader)
        yield pipe
        if pipe.reader >= 0:
            os.close(pipe.reader)


def test_a_result_is_not_awaited_after_its_reader_has_closed(output: Output) -> None:
    parent = ParentProcess()
    assert parent.awaits_result()
    os.close(output.reader)
    output.reader = -1
    assert not parent.awaits_result()


def test_threads_can_ask_at_the_same_time(output: Output) -> None:
    parent = ParentProcess()

    def ask(_thread: int) -> bool:
        return all(parent.awaits_result() for _time in range(TIMES))

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(ask, range(THREADS)))
