# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the connections that a worker keeps between the items of a loop, and how the worker stops."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.deadline import wait_until

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.module_utils._session import ApiSession
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import Settings, settings_from
from ansible_collections.hybrid.connectors.plugins.module_utils._signals import FOR_MAIN_THREAD
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _in_process


@pytest.fixture(autouse=True)
def _no_sessions() -> Iterator[None]:
    _in_process._sessions.clear()
    yield
    _in_process._sessions.clear()


def account(number: int) -> Settings:
    return settings_from(
        PROVIDERS["apono"].connection, {"api_token": f"token-{number}", "api_url": "http://127.0.0.1:1"}
    )


def test_connections_of_eight_accounts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[ApiSession] = []

    def close(session: ApiSession) -> None:
        closed.append(session)

    monkeypatch.setattr(ApiSession, "close", close)
    sessions = [_in_process._session_for(account(number)) for number in range(8)]
    assert _in_process._session_for(account(0)) is sessions[0]
    more = [_in_process._session_for(account(number)) for number in range(8, 10)]
    assert closed == sessions[1:3]
    assert [_in_process._session_for(account(number)) for number in (0, 9, 8, 7)] == [
        sessions[0],
        more[1],
        more[0],
        sessions[7],
    ]
    assert len(_in_process._sessions) == 8


def _report_after_parent(connection: object, parent: int) -> None:
    """Report in a worker whether the result is still awaited after the parent was killed."""
    while os.getppid() == parent:
        time.sleep(0.01)
    connection.send((_in_process._is_awaited(), _in_process._is_awaited()))  # type: ignore[attr-defined]


def _start_worker_and_die(connection: object) -> None:
    context = multiprocessing.get_context("fork")
    context.Process(target=_report_after_parent, args=(connection, os.getpid())).start()
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_dead_parent_is_detected_before_the_first_item() -> None:
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    context.Process(target=_start_worker_and_die, args=(there,)).start()
    assert here.poll(60)
    assert here.recv() == (False, False)


def test_without_an_ansible_parent_a_worker_uses_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = [7, 7, 1]
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: None)
    monkeypatch.setattr(os, "getppid", lambda: parents.pop(0))
    _in_process._parent.cache_clear()
    try:
        assert [_in_process._is_awaited(), _in_process._is_awaited()] == [True, False]
    finally:
        _in_process._parent.cache_clear()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Only Linux lists the threads of a process in /proc.")
def test_the_monitor_of_ansible_leaves_signals_to_the_main_thread() -> None:
    before = set(threading.enumerate())
    with _in_process._ending_with_ansible():
        (thread,) = set(threading.enumerate()) - before
        status = Path(f"/proc/self/task/{thread.native_id}/status")

        def blocked() -> set[int]:
            lines = status.read_text(encoding="utf-8").splitlines()
            mask = int(next(line.split()[1] for line in lines if line.startswith("SigBlk")), 16)
            return {number for number in signal.valid_signals() if mask >> (number - 1) & 1}

        wait_until(lambda: blocked() >= FOR_MAIN_THREAD, "The thread does not block the signals.")
