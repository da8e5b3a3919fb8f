# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""The event source without its edge: every system is read again and again, and what follows is put into a queue.

Each system has a task of its own, so that a slow one delays no other, and is read in a thread, so that the loop runs
on. A thread ends with the task that waits for it.
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
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.hybrid.connectors.plugins.module_utils import _atomic_file
from ansible_collections.hybrid.connectors.plugins.module_utils._background import start
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    AccessDenied,
    ConnectorsError,
    InputError,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HealthThresholds, records
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet_reader import (
    DEADLINE,
    Source,
    read,
    source_of,
    too_late,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._module import UNREADABLE
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.module_utils._retry import backoff
from ansible_collections.hybrid.connectors.plugins.module_utils._session import REQUESTS_IMPORT_ERROR, ApiSession
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch
from ansible_collections.hybrid.connectors.plugins.module_utils._timestamps import SECONDS_A_DAY, iso
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import one_line
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _health_events as events

SYSTEMS = tuple(PROVIDERS)
OPTIONS: dict[str, dict[str, t.Any]] = {
    "interval": {"type": "float", "default": 60.0},
    "jitter": {"type": "float", "default": 0.1},
    "max_interval": {"type": "float", "default": 900.0},
    "heartbeat": {"type": "float", "default": 0.0},
    "stale_after_hours": {"type": "float", "default": 24.0, "aliases": ["stale_after"]},
    "expiring_within_days": {"type": "float", "default": 7.0},
    "state_file": {"type": "path"},
}
# A source repeats by reading again; long waits in a thread would only hold up its end.
RETRY_BUDGET = 10.0
STATE_LIMIT = 64 * 1024 * 1024

log = logging.getLogger(__name__)

Params = t.Mapping[str, t.Any]


class Queue(t.Protocol):
    """What ansible-rulebook gives a source."""

    async def put(self, item: Object) -> None:
        """Put an event into the queue, as soon as there is room."""


async def watch(queue: Queue, args: Params) -> t.NoReturn:
    """Put events into the queue until cancelled.

    :param args: as the documentation of the event source has them.
    :raises ConnectorsError: an option is wrong, or every system has refused its credentials.
    """
    if REQUESTS_IMPORT_ERROR:
        raise InputError(missing_required_lib("requests"))
    watcher = await asyncio.to_thread(_watcher, queue, args)
    await watcher.run()


def _watcher(queue: Queue, args: Params) -> _Watcher:
    params = _checked(args)
    systems = _checked_systems(args)
    return _Watcher(queue, params, systems, _remembered(params["state_file"], systems))


def _checked(args: Params) -> Params:
    own = {name: value for name, value in args.items() if name not in SYSTEMS and value not in (None, "")}
    aliases = {alias for option in OPTIONS.values() for alias in option.get("aliases", ())}
    unknown = sorted(own.keys() - OPTIONS.keys() - aliases)
    if unknown:
        raise InputError(f"There is no option '{unknown[0]}'; there are {', '.join((*SYSTEMS, *OPTIONS))}.")
    try:
        checked = ArgumentSpecValidator(OPTIONS).validate(own)
    except (ValueError, OverflowError):
        raise InputError(UNREADABLE) from None
    if checked.errors.errors:
        raise InputError(checked.errors.msg)
    params: Params = checked.validated_parameters
    for name, lowest, highest in (
        ("interval", 0.01, SECONDS_A_DAY),
        ("jitter", 0.0, 0.5),
        ("max_interval", 0.0, SECONDS_A_DAY),
        ("heartbeat", 0.0, SECONDS_A_DAY),
        ("stale_after_hours", 0.0, 365 * 24.0),
        ("expiring_within_days", 0.0, 3650.0),
    ):
        if not lowest <= params[name] <= highest:
            raise InputError(f"The option '{name}' has to be a number from {lowest:g} to {highest:g}.")
    return params


def _checked_systems(args: Params) -> dict[str, Source]:
    """The options of each system to watch: those that are named, else those whose credentials the environment has."""
    named: dict[str, t.Any] = {system: args[system] or {} for system in SYSTEMS if system in args}
    named = named or {system: {} for system in SYSTEMS if _is_in_environment(system)}
    if not named:
        raise InputError(
            f"There is nothing to watch: name one of {', '.join(SYSTEMS)} in the options of the source, or put the"
            " credentials of one into the environment."
        )
    sources = {}
    for system, options in named.items():
        if not isinstance(options, t.Mapping):
            raise InputError(f"The option '{system}' has to be a dictionary with the options of that system.")
        unsuitable = [name for name in PROVIDERS[system].health_filters if name in options]
        if unsuitable:
            raise InputError(
                f"The option '{unsuitable[0]}' cannot be used for '{system}' here: connectors would seem to come and"
                " go as their health changes. Pick events by their 'after' in the rulebook."
            )
        sources[system] = source_of(
            system, {"retry_budget": RETRY_BUDGET, **PROVIDERS[system].watch_defaults, **options}
        )
    return sources


def _is_in_environment(system: str) -> bool:
    return all(os.environ.get(option.env or "") for option in PROVIDERS[system].connection.options if option.required)


def _remembered(path: str | None, systems: t.Iterable[str]) -> dict[str, events.System]:
    """What was known at the end of the last run, of the systems that are watched."""
    known: dict[str, events.System] = {}
    if path:
        _atomic_file.check_place(path)
        found = _atomic_file.read(path, STATE_LIMIT)
        try:
            known = events.restored(found[1]) if found else {}
        except InputError as error:
            log.warning("The state file '%s' is not used: %s. It will be written anew.", path, error)
    return {system: known.get(system) or events.System() for system in systems}


def pause(failures: int, interval: float, longest: float, jitter: float) -> float:
    """Return the seconds until a system is read again: more after each failure in a row, and never in step."""
    return backoff(interval, failures, max(interval, longest)) * random.uniform(1 - jitter, 1 + jitter)


class _Watcher:
    """The tasks of one source, and what they know."""

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
        """Follow all systems until cancelled.

        :raises ConnectorsError: every system has refused its credentials.
        """
        tasks = [asyncio.ensure_future(self._follow(system)) for system in self._systems]
        tasks.append(asyncio.ensure_future(self._beat()))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._write()
        raise AssertionError("A heart that beats for ever has stopped.")

    async def _follow(self, system: str) -> None:
        """Read a system again and again, until it refuses the credentials."""
        failures = 0
        while True:
            at = iso(datetime.now(timezone.utc))
            try:
                found = await self._read(system)
            except ConnectorsError as error:
                failures += 1
                await self._trouble(system, error, at)
                if system in self._refusals:
                    return
            else:
                failures = 0
                self._read_at[system] = at
                await self._news(system, found, at)
            interval, longest, jitter = (self._params[name] for name in ("interval", "max_interval", "jitter"))
            await asyncio.sleep(pause(failures, interval, longest, jitter))

    async def _read(self, system: str) -> list[Object]:
        """Return the records of a system. Nothing more is sent if this is cancelled, and nothing waits for the thread.

        :raises ConnectorsError: the system cannot be read.
        """
        stop = StopSwitch()
        try:
            reading = asyncio.wrap_future(start(self._records, system, stop))
            return await asyncio.wait_for(reading, DEADLINE)
        except asyncio.TimeoutError:
            raise too_late(self._systems[system], DEADLINE) from None
        finally:
            stop.set()

    def _records(self, system: str, stop: StopSwitch) -> list[Object]:
        """Return the records of a system, in a thread."""
        warnings: set[str] = set()
        source = self._systems[system]
        # A connection that was idle between two readings may have been closed by the server.
        items = read(dataclasses.replace(source, session=ApiSession(source.settings)), warnings.add, stop)
        for warning in sorted(warnings - self._warned.get(system, frozenset())):
            log.warning("%s: %s", system, one_line(warning))
        self._warned[system] = frozenset(warnings)
        hours, days = self._params["stale_after_hours"], self._params["expiring_within_days"]
        return records(system, items, HealthThresholds(datetime.now(timezone.utc), hours, days))

    async def _trouble(self, system: str, error: ConnectorsError, at: str) -> None:
        """Tell that a system cannot be read; what is known of its connectors stays as it is.

        :raises ConnectorsError: it was the last one that had not refused the credentials.
        """
        refused = isinstance(error, AccessDenied)
        message = one_line(error.message)
        log.warning("%s cannot be read: %s", system, message)
        if refused:
            self._refusals[system] = message
        await self._turn(system, events.REFUSED if refused else events.UNREADABLE, at, error)
        await self._save()
        if set(self._refusals) == set(self._systems):
            raise ConnectorsError(
                "Every system has refused its credentials, and nothing is left to watch. "
                + " ".join(f"{name}: {message}" for name, message in self._refusals.items())
            )

    async def _news(self, system: str, found: list[Object], at: str) -> None:
        """Tell what is new. What is known moves on with each event that was taken, so that none is told again, and
        none is lost if the source is ended amid them.
        """
        known = self._known[system]
        await self._turn(system, events.READABLE, at)
        connectors = dict(known.connectors)
        try:
            for step in events.steps(system, known, found, at):
                if step.event:
                    await self._queue.put(step.event)
                if step.known:
                    connectors[step.id] = step.known
                else:
                    del connectors[step.id]
            known.started = True
        finally:
            known.connectors = connectors
        await self._save()

    async def _turn(self, system: str, condition: str, at: str, error: ConnectorsError | None = None) -> None:
        known = self._known[system]
        news = events.of_condition(system, known.condition, condition, at, error)
        if news:
            await self._queue.put(news)
        known.condition = condition

    async def _beat(self) -> None:
        """Tell every now and then that the source is alive, if that is asked for; never end."""
        while True:
            await asyncio.sleep(self._params["heartbeat"] or SECONDS_A_DAY)
            if self._params["heartbeat"]:
                now = iso(datetime.now(timezone.utc))
                await self._queue.put(events.heartbeat(self._known, self._read_at, now))

    async def _save(self) -> None:
        if self._params["state_file"]:
            await asyncio.to_thread(self._write)

    def _write(self) -> None:
        """Write the state file, if there is one and it has changed. A full disk is no reason to stop watching."""
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
            log.warning("What is known could not be saved, and would be told again after a restart: %s", error)
