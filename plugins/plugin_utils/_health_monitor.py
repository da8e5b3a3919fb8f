# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Implement the event source: poll the systems and put events into a queue.

Each system has its own task, so that a slow system does not delay the others. The systems are read in threads, so that
the event loop is not blocked. If a task is cancelled, its thread sends no further requests.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import random
import threading
import typing as t
from datetime import datetime, timezone

from ansible.module_utils.basic import missing_required_lib

from ..module_utils import _atomic_file
from ..module_utils._background import start
from ..module_utils._errors import AccessDenied, ConnectorsError, InputError, check_range
from ..module_utils._fleet import HealthThresholds, records
from ..module_utils._fleet_reader import DEADLINE, Source, read, source_of, too_late
from ..module_utils._module import check_arguments
from ..module_utils._plan import Object
from ..module_utils._providers._base import PartlyRead
from ..module_utils._providers.registry import PROVIDERS
from ..module_utils._redaction import Redaction
from ..module_utils._retry import backoff
from ..module_utils._session import REQUESTS_IMPORT_ERROR, ApiSession
from ..module_utils._stop import StopSwitch
from ..module_utils._timestamps import SECONDS_A_DAY, iso
from ..module_utils._unicode import one_line
from . import _health_events as events

SYSTEMS = tuple(PROVIDERS)
OPTIONS: dict[str, dict[str, t.Any]] = {
    "interval": {"type": "float", "default": 60.0},
    "jitter": {"type": "float", "default": 0.1},
    "max_interval": {"type": "float", "default": 900.0},
    "heartbeat": {"type": "float", "default": 0.0},
    "confirm": {"type": "int", "default": 1},
    "flapping_changes": {"type": "int", "default": 0},
    "flapping_window": {"type": "int", "default": 10},
    "stale_after_hours": {"type": "float", "default": 24.0, "aliases": ["stale_after"]},
    "expiring_within_days": {"type": "float", "default": 7.0},
    "state_file": {"type": "path"},
}
ALIASES = ("stale_after",)
# Minimum and maximum of each numeric option.
LIMITS = {
    "interval": (0.01, SECONDS_A_DAY),
    "jitter": (0.0, 0.5),
    "max_interval": (0.0, SECONDS_A_DAY),
    "heartbeat": (0.0, SECONDS_A_DAY),
    "confirm": (1, 100),
    "flapping_changes": (0, events.MAX_WINDOW),
    "flapping_window": (2, events.MAX_WINDOW),
    "stale_after_hours": (0.0, 365 * 24.0),
    "expiring_within_days": (0.0, 3650.0),
}
# Default 'retry_budget' in seconds. Longer waits are unnecessary, because the source polls each system regularly.
RETRY_BUDGET = 10.0
STATE_LIMIT = 64 * 1024 * 1024

log = logging.getLogger(__name__)

Params = t.Mapping[str, t.Any]


class Queue(t.Protocol):
    """Interface of the queue that ansible-rulebook passes to a source."""

    async def put(self, item: Object) -> None:
        """Put an event into the queue, and wait if the queue is full."""


async def monitor(queue: Queue, args: Params) -> t.NoReturn:
    """Put events into the queue until the task is cancelled.

    :param args: the options of the event source.
    :raises ConnectorsError: an option is not valid, or all systems have rejected their credentials.
    """
    if REQUESTS_IMPORT_ERROR:
        raise InputError(missing_required_lib("requests"))
    source = await asyncio.to_thread(_prepared, queue, args)
    await source.run()


def _prepared(queue: Queue, args: Params) -> _Monitor:
    params = _checked(args)
    systems = _checked_systems(args)
    return _Monitor(queue, params, systems, _remembered(params["state_file"], systems))


def _checked(args: Params) -> Params:
    """Validate the options of the event source itself, and return them with defaults applied.

    :raises InputError: an option is unknown or not valid.
    """
    own = {}
    for name, value in args.items():
        if name not in SYSTEMS and value not in (None, ""):
            own[name] = value
    unknown = sorted(own.keys() - {*OPTIONS, *ALIASES})
    if unknown:
        raise InputError(f"Unknown option '{unknown[0]}'. Valid options are {', '.join((*SYSTEMS, *OPTIONS))}.")
    params, complaint = check_arguments({"argument_spec": OPTIONS}, own, "connector_health", Redaction(OPTIONS))
    if complaint:
        raise InputError(complaint)
    for name, (lowest, highest) in LIMITS.items():
        check_range(params, name, lowest, highest)
    # A single change is not flapping.
    if params["flapping_changes"]:
        check_range(params, "flapping_changes", 2, params["flapping_window"])
    return params


def _checked_systems(args: Params) -> dict[str, Source]:
    """Return a source for each system in the options.

    If the options do not contain any systems, return a source for each system that has credentials in the environment.

    :raises InputError: there is no system to poll, or an option of a system is not valid.
    """
    polled = list(filter(args.__contains__, SYSTEMS))
    if not polled:
        polled = [system for system in SYSTEMS if PROVIDERS[system].connection.is_complete(os.environ)]
    if not polled:
        raise InputError(
            f"No system to poll. Set one or more of {', '.join(SYSTEMS)} in the options of the event source, or set the"
            " credential environment variables of a system."
        )
    return {system: _checked_system(system, args.get(system) or {}) for system in polled}


def _checked_system(system: str, options: t.Any) -> Source:
    if not isinstance(options, t.Mapping):
        raise InputError(f"Option '{system}' must be a dictionary with the options of this system.")
    provider = PROVIDERS[system]
    for name in provider.health_filters:
        if options.get(name) is not None:
            raise InputError(
                f"Option '{name}' is not supported by the event source for '{system}', because connectors would"
                " appear and disappear"
                " when their health changes. Use 'after' in the conditions of the rulebook instead."
            )
    defaults = {"retry_budget": RETRY_BUDGET, **provider.poll_defaults}
    unset = {name: default for name, default in defaults.items() if options.get(name) is None}
    return source_of(system, {**options, **unset})


def _remembered(path: str | None, systems: t.Iterable[str]) -> dict[str, events.System]:
    """Return the state of each system from the state file, or a new state if the file does not contain one.

    :raises InputError: the file cannot be used, or is not a state file.
    """
    known: dict[str, events.System] = {}
    if path:
        # The source would replace a link, and the target of the link would keep an old state.
        if os.path.islink(path):
            raise InputError(
                f"Cannot use '{path}' as 'state_file': it is a symbolic link. Specify the path of the file to which the"
                " link points."
            )
        _atomic_file.check_place(path)
        found = _atomic_file.read(path, STATE_LIMIT)
        if found and found[0].size and not events.is_state(found[1]):
            raise InputError(
                f"'{path}' is not a state file of the event source. Specify a different path in 'state_file', or delete"
                " the file."
            )
        try:
            known = events.restored(found[1]) if found else {}
        except InputError as error:
            log.warning("Cannot use the state file '%s': %s. The source replaces the file.", path, error)
    return {system: known.get(system, events.System()) for system in systems}


def pause(failures: int, interval: float, longest: float, jitter: float) -> float:
    """Return the delay in seconds before the next poll, with jitter and, after failures, exponential backoff."""
    return backoff(interval, failures, max(interval, longest)) * random.uniform(1 - jitter, 1 + jitter)


class _Monitor:
    """The tasks of a running event source, and their state."""

    def __init__(
        self, queue: Queue, params: Params, systems: dict[str, Source], known: dict[str, events.System]
    ) -> None:
        self._queue = queue
        self._params = params
        self._systems = systems
        self._known = known
        self._refusals: dict[str, str] = {}
        self._read_at: dict[str, str] = {}
        self._warned: dict[str, frozenset[str]] = {}
        self._saving = threading.Lock()
        self._saved = b""

    async def run(self) -> t.NoReturn:
        """Poll all systems until the task is cancelled.

        :raises ConnectorsError: all systems have rejected their credentials.
        """
        tasks = list(map(asyncio.ensure_future, (*map(self._follow, self._systems), self._beat())))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._write()
        raise AssertionError("All tasks of the source have ended.")

    async def _follow(self, system: str) -> None:
        """Poll a system until it rejects the credentials."""
        failures = 0
        while True:
            at = iso(datetime.now(timezone.utc))
            try:
                found = await self._read(system)
            except PartlyRead as error:
                failures = 0
                await self._report_part(system, error, at)
            except ConnectorsError as error:
                failures += 1
                await self._report_failure(system, error, at)
                if system in self._refusals:
                    return
            else:
                failures = 0
                self._read_at[system] = at
                await self._turn(system, events.READABLE, at)
                await self._report_changes(system, found, at)
            params = self._params
            await asyncio.sleep(pause(failures, params["interval"], params["max_interval"], params["jitter"]))

    async def _read(self, system: str) -> list[Object]:
        """Return the fleet records of a system.

        If the task is cancelled, the thread sends no further requests, and the task does not wait for the thread.

        :raises PartlyRead: the system can be read only in part. The error contains the fleet records that were read.
        :raises ConnectorsError: the system cannot be read.
        """
        stop = StopSwitch()
        reading = asyncio.wrap_future(start(self._records, system, stop))
        try:
            # Before Python 3.12, asyncio.wait_for() ignores a cancellation if the future is done at the same time.
            await asyncio.wait([reading], timeout=DEADLINE)
        finally:
            stop.set()
            if not reading.cancel():
                reading.exception()  # If this task is cancelled, asyncio must not log the thread's error.
        if reading.cancelled():
            raise too_late(self._systems[system], DEADLINE)
        return reading.result()

    def _records(self, system: str, stop: StopSwitch) -> list[Object]:
        """Return the fleet records of a system. Run this method in a thread, because it blocks."""
        warnings: set[str] = set()
        source = self._systems[system]
        # Use a new session, because the server can close connections that are idle between polls. Keep the access
        # token, because the server can reject a refresh token that it has replaced.
        session = ApiSession(source.settings, tokens=source.session.tokens)
        source = dataclasses.replace(source, session=session)
        partial: PartlyRead | None = None
        try:
            items = read(source, warnings.add, stop)
        except PartlyRead as error:
            partial, items = error, error.items
        for warning in sorted(warnings - self._warned.get(system, frozenset())):
            log.warning("%s: %s", system, one_line(warning))
        self._warned[system] = frozenset(warnings)
        hours, days = self._params["stale_after_hours"], self._params["expiring_within_days"]
        found = records(system, items, HealthThresholds(datetime.now(timezone.utc), hours, days))
        if partial:
            partial.items = found
            raise partial
        return found

    async def _report_failure(self, system: str, error: ConnectorsError, at: str) -> None:
        """Emit an event if a failure changes the condition of a system. Keep the state of its connectors unchanged.

        :raises ConnectorsError: all systems have rejected their credentials.
        """
        message = one_line(error.message)
        log.warning("%s was not read: %s", system, message)
        condition = events.UNREADABLE
        if isinstance(error, AccessDenied):
            self._refusals[system] = message
            condition = events.REFUSED
        await self._turn(system, condition, at, error)
        await self._save()
        if set(self._refusals) == set(self._systems):
            listed = " ".join(f"{name}: {message}" for name, message in self._refusals.items())
            raise ConnectorsError(f"All systems rejected the credentials, so the event source stops. {listed}")

    async def _report_part(self, system: str, error: PartlyRead, at: str) -> None:
        """Emit events for a poll that read only some connectors. Keep the state of missing connectors unchanged."""
        log.warning("%s was not read completely: %s", system, one_line(error.message))
        await self._turn(system, events.PARTLY, at, error, error.unread)
        await self._report_changes(system, error.items, at, error.unread)

    async def _report_changes(
        self, system: str, found: list[Object], at: str, unread: frozenset[str] = frozenset()
    ) -> None:
        """Emit events for the changes that a poll found.

        :param unread: the parts of the system that the poll could not read.

        The state is updated after each emitted event, so that no event is repeated or lost if the source is cancelled
        between two events.
        """
        known = self._known[system]
        connectors = dict(known.connectors)
        params = self._params
        stability = events.Stability(params["confirm"], params["flapping_changes"], params["flapping_window"])
        try:
            for step in events.steps(system, known, found, at, unread, stability):
                if step.event:
                    await self._queue.put(step.event)
                if step.known:
                    connectors[step.id] = step.known
                else:
                    del connectors[step.id]
            known.add_poll(unread)
        finally:
            known.connectors = connectors
        await self._save()

    async def _turn(
        self,
        system: str,
        condition: str,
        at: str,
        error: ConnectorsError | None = None,
        unread: frozenset[str] = frozenset(),
    ) -> None:
        """Set the condition of a system. Emit an event if the condition has changed, or if more parts are unreadable.

        :param unread: the parts of the system that could not be read, if others were read.
        """
        known = self._known[system]
        event = events.of_condition(system, known, condition, at, error, unread)
        if event:
            await self._queue.put(event)
        known.condition, known.unread = condition, unread

    async def _beat(self) -> None:
        """If heartbeats are enabled, emit them until the task is cancelled."""
        interval = self._params["heartbeat"]
        while interval:
            await asyncio.sleep(interval)
            now = iso(datetime.now(timezone.utc))
            await self._queue.put(events.heartbeat(self._known, self._read_at, now))

    async def _save(self) -> None:
        if self._params["state_file"]:
            await asyncio.to_thread(self._write)

    def _write(self) -> None:
        """Write the state file if the state has changed. If the file cannot be written, log a warning."""
        path = self._params["state_file"]
        if not path:
            return
        try:
            with self._saving:
                content = events.stored(self._known)
                if content != self._saved:
                    _atomic_file.replace(path, content, 0o600)
                    self._saved = content
        except InputError as error:
            log.warning("Cannot write the state file, so events can be repeated after a restart: %s", error)
