# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Store access tokens in a file that only the current user can read. Several jobs can use the file concurrently."""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
import stat
import typing as t

from . import _atomic_file
from ._clock import Clock
from ._errors import ConnectorsError, SettingsError
from ._untrusted import json_or_none

MODE = 0o600
# Maximum size of the file in bytes. A larger file cannot be a cache, because an entry is shorter than 132 KiB.
MAX_BYTES = 64 * 1024 * 1024
# Maximum number of seconds to wait while another job fetches a token.
MAX_WAIT = 60.0
PAUSE = 0.05
# Maximum number of entries whose refresh token does not have a known end. Such entries do not expire.
MAX_WITHOUT_END = 200

Warn = t.Callable[[str], None]
Sleep = t.Callable[[float], None]
Entry = dict[str, t.Any]
# The keys of an entry and the types of the values.
KEYS: t.Mapping[str, tuple[type, ...]] = {
    "access_token": (str,),
    "issued_at": (int, float),
    "expires_at": (int, float),
    "refresh_token": (str,),
    "refresh_expires_at": (int, float, type(None)),
}


class TokenCache:
    """The entry for one refresh grant in a cache file.

    :param path: the path of the file. The path of the lock file is this path with the suffix ``.lock``.
    :param key: the key of the entry.
    """

    def __init__(self, path: str, key: str, clock: Clock) -> None:
        self._path = path
        self._key = key
        self._clock = clock

    @contextlib.contextmanager
    def locked(self, warn: Warn, sleep: Sleep) -> t.Iterator[None]:
        """Lock the file for this job. If the lock cannot be acquired, emit a warning and continue without the lock.

        :param sleep: waits for a number of seconds, or raises an exception if the run is stopped.
        :raises SettingsError: the lock file cannot be created.
        """
        try:
            handle = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"Cannot use '{self._path}' of 'token_cache': {getattr(error, 'strerror', error)}. Set the path of a"
                " file in a directory that exists and is writable."
            ) from None
        try:
            problem = self._acquire(handle, sleep)
            if problem:
                warn(f"{problem} The module continues without the lock.")
            yield
        finally:
            os.close(handle)

    def read(self) -> Entry | None:
        """Return the entry, or None if the file does not contain a valid entry.

        :raises SettingsError: the file cannot be read, is accessible to other users, or is not a cache.
        """
        entry = self._entries().get(self._key)
        if entry is None or set(entry) != set(KEYS):
            return None
        for name, types in KEYS.items():
            if not isinstance(entry[name], types) or isinstance(entry[name], bool):
                return None
        return entry

    def write(self, entry: Entry, warn: Warn) -> bool:
        """Store an entry, and remove expired entries. Return whether the entry was stored; if not, emit a warning."""
        try:
            entries = self._entries()
            entries.pop(self._key, None)
            kept = _unexpired(entries, self._clock.time())
            _atomic_file.replace(self._path, json.dumps({**kept, self._key: entry}).encode(), MODE)
        except ConnectorsError as error:
            warn(f"The access token was not stored in 'token_cache'. {error.message}")
            return False
        return True

    def _entries(self) -> dict[str, Entry]:
        """Return the entries in the file, or an empty dictionary if the file is empty or does not exist.

        The file is replaced atomically, so a file that is not a cache belongs to a different program.
        """
        try:
            handle = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._unusable(f"cannot be read: {getattr(error, 'strerror', error)}") from None
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise self._unusable("is not a regular file")
            if status.st_uid != os.geteuid() or status.st_mode & 0o077:
                raise self._unusable("belongs to a different user, or is accessible to other users")
            content = file.read(MAX_BYTES)
        if not content.strip():
            return {}
        entries = json_or_none(content)
        if not isinstance(entries, dict) or not all(map(_is_entry, entries.values())):
            raise SettingsError(
                f"The file '{self._path}' of 'token_cache' is not a token cache. Specify a different path, or delete"
                " the file."
            )
        return entries

    def _unusable(self, problem: str) -> SettingsError:
        return SettingsError(
            f"The file '{self._path}' of 'token_cache' {problem}. Set a different path, or make the current user the"
            " owner of the file and set its mode to 0600."
        )

    def _acquire(self, handle: int, sleep: Sleep) -> str | None:
        """Acquire the lock, or return a sentence that explains why it was not acquired."""
        end = self._clock.monotonic() + MAX_WAIT
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # EAGAIN or EACCES: another process holds the lock.
                if self._clock.monotonic() > end:
                    return f"Another job has held the lock of 'token_cache' for more than {MAX_WAIT:.0f} s."
            except OSError as error:
                return (
                    f"Cannot lock the file '{self._path}.lock' of 'token_cache': {error.strerror}. If several jobs use"
                    " the file at the same time, set a path on a file system that supports locks."
                )
            else:
                return None
            sleep(PAUSE)


def _is_entry(value: object) -> bool:
    """Return whether a value has all keys of an entry. Other versions can store additional keys."""
    return isinstance(value, dict) and value.keys() >= KEYS.keys()


def _unexpired(entries: dict[str, Entry], now: float) -> dict[str, Entry]:
    """Return the entries with a token that may still be valid. The last entry is the one that was stored last."""
    kept = {}
    for key, entry in entries.items():
        if _end(entry) > now:
            kept[key] = entry
    without_end = [key for key, entry in kept.items() if _end(entry) == math.inf]
    for key in without_end[:-MAX_WITHOUT_END]:
        del kept[key]
    return kept


def _end(entry: Entry) -> float:
    """Return the time at which the last token in an entry expires, in Unix time, or infinity if unknown."""
    if entry.get("refresh_token") and entry.get("refresh_expires_at") is None:
        return math.inf
    ends = [entry.get("expires_at"), entry.get("refresh_expires_at")]
    return max([end for end in ends if isinstance(end, (int, float))], default=0.0)
