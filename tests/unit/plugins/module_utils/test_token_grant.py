# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access tokens of the OAuth refresh grant, and the file that caches them."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.clock import FakeClock
from support.deadline import HANGS
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils import _token_cache
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import Stopped
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch
from ansible_collections.hybrid.connectors.plugins.module_utils._token_grant import AccessTokens, Token, TokenGrant

DAY = 86400
ANSWER: dict[str, Any] = {
    "access_token": "access-1",
    "expires_in": 14 * DAY,
    "refresh_token": "refresh-2",
    "refresh_token_expires_in": 90 * DAY,
}


class Job:
    """A job with its own session, which uses the cache file of other jobs. ``sent`` contains the refresh tokens that
    the job sent to the server, and ``warnings`` its warnings.
    """

    def __init__(self, cache: Path | None, clock: FakeClock, key: str = "a", stop: StopSwitch | None = None) -> None:
        grant = TokenGrant(
            "client", "secret", "refresh-1", "/token", str(cache) if cache else None,
            remedies=(("", "The refresh token may have expired."),), authorize="Authorize it again.",
        )  # fmt: skip
        self.tokens = AccessTokens(grant, key, clock)
        self.clock = clock
        self.sleep = (stop or StopSwitch(clock=clock)).sleep
        self.sent: list[str] = []
        self.warnings: list[str] = []

    def token(self, *, before: Callable[[], object] = lambda: None, **answer: Any) -> str:
        """Return the access token. The server returns the answer after the function was called."""

        def endpoint(grant: TokenGrant, refresh_token: str) -> Token:
            assert grant is self.tokens.grant
            self.sent.append(refresh_token)
            before()
            token = Token.issued({**ANSWER, **answer}, refresh_token, self.clock.time())
            assert token
            return token

        return self.tokens.current(endpoint, self.warnings.append, self.sleep)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder / "tokens"


def entries(cache: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cache.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("lifetime", [DAY, float(DAY), str(DAY)])
def test_a_lifetime_is_a_number_or_a_string_of_digits(cache: Path, clock: FakeClock, lifetime: Any) -> None:
    Job(cache, clock).token(expires_in=lifetime, refresh_token_expires_in=lifetime)
    (entry,) = entries(cache).values()
    assert (entry["expires_at"], entry["refresh_expires_at"]) == (clock.now + DAY, clock.now + DAY)
    second = Job(cache, clock)
    second.token()
    assert second.sent == []


@pytest.mark.parametrize("lifetime", [None, "soon", "-1", "1e3", "٣", "9" * 5000, -1, True, []])
def test_a_new_refresh_token_is_kept_without_a_lifetime(cache: Path, clock: FakeClock, lifetime: Any) -> None:
    """Other jobs cannot know how long the access token is valid, but the server may reject the old refresh token."""
    first = Job(cache, clock)
    first.token(expires_in=lifetime, refresh_token_expires_in=lifetime)
    first.token()
    assert first.sent == ["refresh-1"]
    second = Job(cache, clock)
    second.token()
    assert second.sent == ["refresh-2"]
    assert first.warnings == second.warnings == []


def test_a_refresh_token_that_is_not_stored_gives_a_warning(
    cache: Path, clock: FakeClock, messages: MessageTable
) -> None:
    job = Job(cache, clock)
    assert job.token(before=lambda: shutil.rmtree(cache.parent)) == "access-1"
    cause = messages.expected("file.not_written", path=cache, cause="No such file or directory")
    unstored, renewed = job.warnings
    messages.check("token_cache.not_stored", unstored, cause=cause)
    messages.check("token_cache.new_refresh_token", renewed)


def test_a_refresh_token_that_is_not_stored_is_used_by_the_same_job(cache: Path, clock: FakeClock) -> None:
    """The cache still contains the refresh token that the server replaced."""
    Job(cache, clock).token(expires_in=0)
    job = Job(cache, clock)
    moved = cache.parent.with_name("moved")
    clock.now += 1
    job.token(before=lambda: cache.parent.rename(moved), refresh_token="refresh-3", expires_in=0)
    moved.rename(cache.parent)
    clock.now += 1
    job.token()
    assert job.sent == ["refresh-2", "refresh-3"]


def test_the_same_refresh_token_gives_no_warning_if_it_is_not_stored(cache: Path, clock: FakeClock) -> None:
    job = Job(cache, clock)
    job.token(before=lambda: shutil.rmtree(cache.parent), refresh_token=None)
    assert len(job.warnings) == 1
    without_cache = Job(None, clock)
    without_cache.token(refresh_token=None)
    assert without_cache.warnings == []


def test_other_entries_stay_until_all_their_tokens_expired(cache: Path, clock: FakeClock) -> None:
    """Without a known end, the refresh token may still be valid."""
    Job(cache, clock, "unknown").token(refresh_token_expires_in=None)
    Job(cache, clock, "known").token()
    clock.now += 15 * DAY
    Job(cache, clock).token()
    assert set(entries(cache)) == {"unknown", "known", "a"}
    clock.now += 90 * DAY
    Job(cache, clock).token()
    assert set(entries(cache)) == {"unknown", "a"}


def test_the_number_of_entries_without_an_end_is_limited(
    cache: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_token_cache, "MAX_WITHOUT_END", 2)
    Job(cache, clock, "known").token()
    for key in "abca":
        clock.now += 15 * DAY
        Job(cache, clock, key).token(refresh_token_expires_in=None)
    Job(cache, clock, "d").token()
    assert set(entries(cache)) == {"known", "c", "a", "d"}


def test_a_refresh_token_near_its_end_says_what_to_do(clock: FakeClock, messages: MessageTable) -> None:
    job = Job(None, clock)
    job.token(refresh_token=None, refresh_token_expires_in=3 * DAY)
    (warning,) = job.warnings
    messages.check("token_cache.refresh_expires", warning, days="3.0", remedy="Authorize it again.")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO])
def test_a_file_system_without_locks_causes_no_wait(
    cache: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, number: int, messages: MessageTable
) -> None:
    def flock(_handle: int, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    begin = clock.now
    job = Job(cache, clock)
    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "flock", flock)
        assert job.token() == "access-1"
    assert clock.now == begin
    (warning,) = job.warnings
    messages.check("token_cache.not_locked", warning, path=cache, cause=os.strerror(number))


def test_a_lock_of_another_job_is_awaited(cache: Path, clock: FakeClock, messages: MessageTable) -> None:
    with open(f"{cache}.lock", "w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        begin = clock.now
        job = Job(cache, clock)
        assert job.token() == "access-1"
    assert clock.now - begin >= _token_cache.MAX_WAIT
    (warning,) = job.warnings
    messages.check("token_cache.locked", warning, seconds=f"{_token_cache.MAX_WAIT:.0f}")


def test_two_jobs_at_once_fetch_one_token(cache: Path, clock: FakeClock) -> None:
    """The second job starts while the first one waits for the response of the server."""
    first, second = Job(cache, clock), Job(cache, clock)
    is_waiting, may_continue = threading.Event(), threading.Event()
    found: list[str] = []

    def sleep(seconds: float) -> None:
        is_waiting.set()
        assert may_continue.wait(HANGS)

    def run() -> None:
        try:
            found.append(second.token(access_token="access-2"))
        finally:
            is_waiting.set()

    def start() -> None:
        thread.start()
        assert is_waiting.wait(HANGS)

    second.sleep = sleep
    thread = threading.Thread(target=run, daemon=True)
    assert first.token(before=start) == "access-1"
    may_continue.set()
    thread.join(HANGS)
    assert found == ["access-1"]
    assert (first.sent, second.sent) == (["refresh-1"], [])
    assert first.warnings == second.warnings == []


def test_a_stopped_run_does_not_wait_for_the_lock(cache: Path, clock: FakeClock) -> None:
    stop = StopSwitch(clock=clock)
    job = Job(cache, clock, stop=stop)
    with open(f"{cache}.lock", "w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        clock.wait = lambda event, seconds: stop.set()  # type: ignore[method-assign]
        with pytest.raises(Stopped):
            job.token()
    assert job.sent == []
