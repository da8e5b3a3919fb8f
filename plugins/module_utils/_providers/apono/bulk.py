# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Rename and prune all connectors of Apono: plan against one listing, delete dead connectors, then rename.

A connector is dead if it has been disconnected for long enough and no integration uses it. In doubt it is not. The
conditions are checked for the plan, and again for each connector right before it is deleted.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import typing as t
from collections import defaultdict
from datetime import datetime, timezone

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    AccessDenied,
    ConnectorsError,
    InputError,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._evidence import folded
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import (
    Object,
    by_name_and_id,
    complaint,
    diff,
    first_of,
    result_of,
    shown,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono import client
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.client import Connector
from ansible_collections.hybrid.connectors.plugins.module_utils._timestamps import SECONDS_A_DAY, parse_timestamp

ACTIONS = ("renamed", "deleted", "kept", "unchanged", "failed")
# Apono is younger than this. An earlier time stamp is a default value, such as the beginning of 1970 or of the year 1.
FIRST_CONNECTION = datetime(2021, 1, 1, tzinfo=timezone.utc)


@dataclasses.dataclass(frozen=True)
class Prune:
    """Which connectors are dead: days without contact, how many may be deleted in a run, and the ids of connectors that
    were never connected and may be deleted nevertheless.
    """

    after_days: float
    limit: int
    never_connected: t.Collection[str]


@dataclasses.dataclass
class Job:
    """One connector: the name that it is to have, and what the run did, or would do in check mode.

    ``why`` says why the connector was kept, or how it was renamed. ``temporary`` is the name that it has in between if
    it exchanges its name with others.
    """

    identifier: str
    before: Connector | None
    name: str | None = None
    after: Connector | None = None
    action: str = "unchanged"
    why: str | None = None
    error: ConnectorsError | None = None
    temporary: str | None = None

    @property
    def name_now(self) -> object:
        """The name that the connector has at this point of the run."""
        return self.temporary or self.name_before

    @property
    def name_before(self) -> object:
        """The name in the current state; None if there is none."""
        return (self.before or {}).get("name")

    def fail(self, error: ConnectorsError) -> None:
        """Record that the job failed."""
        self.action, self.error = "failed", error

    def keep(self, why: str) -> None:
        """Record that the connector is not deleted, and why."""
        self.action, self.why, self.after = "kept", why, self.before

    def find_gone(self) -> None:
        """Record that the connector was deleted by somebody else."""
        self.action, self.why = "unchanged", "gone already"


class Holders:
    """Which connectors have a name."""

    def __init__(self, connectors: t.Iterable[Connector]) -> None:
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for item in connectors:
            self.add(item.get("name"), item["id"])

    def add(self, name: object, identifier: str) -> None:
        """Record that a connector has a name. What is not a string cannot be the name that another one is to have."""
        if isinstance(name, str):
            self._by_name[name].add(identifier)

    def remove(self, name: object, identifier: str) -> None:
        """Record that a connector no longer has a name."""
        if isinstance(name, str):
            self._by_name[name].discard(identifier)

    def move(self, identifier: str, before: object, after: object) -> None:
        """Record that a connector was renamed."""
        self.remove(before, identifier)
        self.add(after, identifier)

    def of(self, name: object) -> set[str]:
        """Return the ids of the connectors that have a name."""
        return self._by_name[name] if isinstance(name, str) else set()


@dataclasses.dataclass
class Plan:
    """The jobs of a run, and which connectors have which name."""

    jobs: list[Job]
    holders: Holders


def plan(http: ApiClient, names: t.Mapping[str, str], prune: Prune | None, now: datetime) -> Plan:
    """Return a job for each connector that is to have a name, in that order, then with ``prune`` a job for each other
    connector that is disconnected. No request of this function changes anything.

    :raises InputError: more connectors are dead than ``prune`` allows to delete, or it cannot be known which are dead.
    :raises AccessDenied: the token may not list connectors, or integrations.
    """
    known = {item["id"]: item for item in client.connectors(http)}
    jobs = [_naming_job(known, identifier, name) for identifier, name in names.items()]
    if prune:
        jobs += _prune_jobs(http, known, names, prune, now)
    return Plan(jobs, Holders(known.values()))


def _naming_job(known: t.Mapping[str, Connector], identifier: str, name: str) -> Job:
    job = Job(identifier, known.get(identifier), name, known.get(identifier))
    if job.before is None:
        alike = next((other for other in known if folded(other) == folded(identifier)), None)
        hint = f" Did you mean '{alike}'?" if alike else ""
        job.fail(
            InputError(
                f"Apono has no connector with the id '{identifier}'.{hint} A connector registers itself when it is"
                " installed; it cannot be created here.",
                reason="not_found",
            )
        )
    return job


def _prune_jobs(
    http: ApiClient, known: t.Mapping[str, Connector], names: t.Mapping[str, str], prune: Prune, now: datetime
) -> list[Job]:
    """Return a job for each connector that is disconnected and not in ``names``."""
    look_alikes = {folded(identifier): identifier for identifier in names}
    disconnected = [item for item in known.values() if client.is_disconnected(item)]
    jobs = [Job(item["id"], item) for item in by_name_and_id(disconnected) if item["id"] not in names]
    for job in jobs:
        listed = look_alikes.get(folded(job.identifier))
        if listed:
            job.keep(f"'names' contains the id '{listed}', which differs only in case, whitespace or Unicode form")
        else:
            _judge(http, job, prune, now)
    dead = [job for job in jobs if job.action == "deleted"]
    if any(_is_dead_by_age(job) for job in dead):
        _refuse_meaningless_times(known.values(), prune, now)
    _refuse_too_many(dead, prune)
    return jobs


def _is_dead_by_age(job: Job) -> bool:
    return (job.before or {}).get("last_connected") is not None


def _refuse_meaningless_times(known: t.Iterable[Connector], prune: Prune, now: datetime) -> None:
    """Check that an old time stamp can mean a dead connector.

    Apono documents ``last_connected`` as the time of the most recent successful connection. If a connector that is
    connected has an old one, then the time is that of connecting, and a connector that connected as long ago and was
    alive until yesterday cannot be told from a dead one.

    :raises InputError: a connected connector has a time stamp that is older than dead connectors must be.
    """
    for item in known:
        moment = parse_timestamp(item["last_connected"]) if client.is_connected(item) else None
        if moment is None or _days_since(moment, now) <= prune.after_days:
            continue
        raise InputError(
            f"Cannot prune connectors by age: the connector '{shown(item['name'])}' ({item['id']}) is connected, and"
            f" its 'last_connected' is '{shown(item['last_connected'])}'. Apono shows when a connector connected, not"
            " until when it was connected, so an old time does not prove that a connector is dead. Nothing was changed."
            " Delete dead connectors by their ids with the module apono_connector.",
            reason="refused",
        )


def _refuse_too_many(dead: t.Sequence[Job], prune: Prune) -> None:
    if len(dead) <= prune.limit:
        return
    listed = first_of([f"{shown(job.name_before)} ({job.identifier})" for job in dead], 20)
    raise InputError(
        f"Dead connectors: {len(dead)}, and 'prune_limit' allows {prune.limit} deletions: {listed}."
        " Nothing was changed.",
        reason="refused",
    )


def run(http: ApiClient, planned: Plan, prune: Prune | None, now: t.Callable[[], datetime], check_mode: bool) -> None:
    """Delete the dead connectors, then rename, or in check mode predict what that leads to.

    The failure of one connector is recorded in its job and does not stop the others.
    """
    for job in planned.jobs:
        if prune and job.action == "deleted" and not check_mode:
            _attempt(job, functools.partial(_delete, http, job, prune, now()))
        if job.action == "deleted":
            planned.holders.remove(job.name_before, job.identifier)
    waiting = [job for job in planned.jobs if job.name and job.before and job.name_before != job.name]
    while waiting:
        free = next((job for job in waiting if not planned.holders.of(job.name)), None)
        if free is None:
            circular = _in_circle(waiting, planned.holders)
            if circular is None:
                break
            _attempt(circular, functools.partial(_make_way, http, circular, planned.holders, check_mode))
            if circular.error:
                waiting.remove(circular)
            continue
        waiting.remove(free)
        _attempt(free, functools.partial(_rename, http, free, check_mode))
        if free.action == "renamed":
            planned.holders.move(free.identifier, free.name_now, free.name)
    for job in waiting:
        job.fail(_taken(job, waiting, planned.holders))
    for job in planned.jobs:
        if job.error and job.temporary:
            _undo(http, job, planned.holders, check_mode)


def _in_circle(waiting: t.Sequence[Job], holders: Holders) -> Job | None:
    """Return a job that waits, directly or through others, for a name that it has itself; None if there is none."""
    by_identifier = {job.identifier: job for job in waiting}
    for start in waiting:
        job, passed = start, set[str]()
        while job.identifier not in passed:
            passed.add(job.identifier)
            held_by = holders.of(job.name)
            following = by_identifier.get(next(iter(held_by))) if len(held_by) == 1 else None
            if following is None or following.temporary:
                break
            if following is start:
                return start
            job = following
    return None


def _make_way(http: ApiClient, job: Job, holders: Holders, check_mode: bool) -> None:
    """Give a connector a temporary name, so that the others of its circle can have the names that they wait for.

    The name depends only on the id. After a run that was killed, the next one renames the connector by its id.
    """
    digest = hashlib.sha256(job.identifier.encode()).hexdigest()[:12]
    names = (f"renaming-{digest}", *(f"renaming-{digest}-{number}" for number in range(2, 100)))
    temporary = next(name for name in names if holders.of(name) <= {job.identifier})
    if not check_mode:
        client.rename(http, job.identifier, temporary)
    holders.move(job.identifier, job.name_before, temporary)
    job.temporary = temporary
    job.why = f"renamed through the temporary name '{temporary}', because connectors exchange their names"


def _undo(http: ApiClient, job: Job, holders: Holders, check_mode: bool) -> None:
    """Give a connector whose renaming failed its first name back, if no other connector has it by now.

    If that fails as well, the job reports the temporary name.
    """
    error = t.cast(ConnectorsError, job.error)
    temporary, job.why = job.temporary, None
    if not holders.of(job.name_before) - {job.identifier}:
        try:
            if not check_mode:
                client.rename(http, job.identifier, str(job.name_before))
            holders.move(job.identifier, temporary, job.name_before)
            job.temporary = None
            return
        except ConnectorsError:
            pass
    job.after = {**(job.before or {}), "name": temporary}
    message = f"{error.message} The connector has the temporary name '{temporary}' now. Run the task again."
    job.error = ConnectorsError(message, error.result, error.reason)


def _attempt(job: Job, step: t.Callable[[], None]) -> None:
    """Run a step of a job. Whatever goes wrong is recorded in the job, so that the report of the others is not lost."""
    try:
        step()
    except ConnectorsError as error:
        job.fail(error)
    except Exception as error:  # a defect of ours, or a response that nobody foresaw
        job.fail(
            ConnectorsError(
                f"A response cannot be handled ({type(error).__name__}). Whether the change was made is unknown."
                " This is a defect; please report it.",
                reason="outcome_unknown",
            )
        )


def _taken(job: Job, waiting: t.Sequence[Job], holders: Holders) -> InputError:
    holder = min(holders.of(job.name))
    sentence = f"The name '{job.name}' belongs to the connector with the id '{holder}', and names are unique."
    if any(holder == one.identifier for one in waiting):
        sentence += " That connector was to be renamed first, and was not."
    return InputError(sentence, reason="conflict")


def _judge(http: ApiClient, job: Job, prune: Prune, now: datetime) -> None:
    """Decide whether a job deletes its connector, or keeps it and says why."""
    why = _alive(job.before or {}, prune, now)
    if not why:
        try:
            why = client.in_use(client.integrations(http, job.identifier))
        except AccessDenied:
            raise
        except RequestFailed as error:
            job.fail(
                RequestFailed(
                    f"Whether integrations use it is not known, so it is not deleted. {error.message}", error.failure
                )
            )
            return
    if why:
        job.keep(why)
    else:
        job.action = "deleted"


def _delete(http: ApiClient, job: Job, prune: Prune, now: datetime) -> None:
    """Delete a connector if it still exists, is still dead and was not changed. The last request before the deletion
    reads the connector.
    """
    planned = job.before or {}
    _judge(http, job, prune, now)
    if job.action != "deleted":
        return
    current = client.connector(http, job.identifier)
    if current is None:
        job.find_gone()
        return
    job.before = current
    why = _alive(current, prune, now) or _changed(planned, current)
    if why:
        job.keep(why)
    elif not client.delete(http, job.identifier):
        job.find_gone()


def _rename(http: ApiClient, job: Job, check_mode: bool) -> None:
    predicted = {**(job.before or {}), "name": job.name}
    job.after = predicted if check_mode else client.rename(http, job.identifier, str(job.name))
    job.action = "renamed"


def _alive(connector: Connector, prune: Prune, now: datetime) -> str | None:
    """Return why a connector is not dead, whatever uses it; None if nothing speaks for it."""
    if not client.is_disconnected(connector):
        return shown(connector.get("status"))
    if connector.get("sessions"):
        return "its status is DISCONNECTED, but it has sessions"
    seen = connector.get("last_connected")
    if seen is None:
        return None if connector["id"] in prune.never_connected else "it was never connected"
    moment = parse_timestamp(seen) if isinstance(seen, str) else None
    if moment is None:
        return f"when it was last connected cannot be read from '{shown(seen)}'"
    if moment < FIRST_CONNECTION:
        return f"when it was last connected is unknown, '{shown(seen)}' is before Apono existed"
    days = _days_since(moment, now)
    return None if days > prune.after_days else f"disconnected for {max(days, 0.0):.1f} days only"


def _changed(planned: Connector, current: Connector) -> str | None:
    """Return what of a connector changed since the list was read, so that it is not the one that was judged."""
    if planned.get("name") != current.get("name"):
        return f"its name changed to '{shown(current.get('name'))}' after the list was read"
    before, after = planned.get("last_connected"), current.get("last_connected")
    if before != after and parse_timestamp(before) != parse_timestamp(after):
        return f"'last_connected' changed to '{shown(after)}' after the list was read"
    return None


def _days_since(moment: datetime, now: datetime) -> float:
    return (now - moment).total_seconds() / SECONDS_A_DAY


def result(planned: Plan) -> Object:
    """Return the result of the module."""
    return result_of("connectors", [_report(job) for job in planned.jobs], ACTIONS, lambda report: str(report["id"]))


def _report(job: Job) -> Object:
    before = job.before or {}
    report: Object = {
        "id": job.identifier,
        "name": (job.after or before).get("name"),
        "last_connected": before.get("last_connected"),
        "action": job.action,
        "changed": job.action in ("renamed", "deleted") or bool(job.error and job.temporary),
    }
    if report["changed"]:
        report["diff"] = diff(before, None if job.action == "deleted" else job.after, client.IDENTITY)
    if job.why:
        report["why"] = job.why
    if job.error:
        report.update(error=job.error.message, failure=job.error.result.get("failure"))
    return report


def complaint_about(planned: Plan, check_mode: bool) -> str:
    """Return one message for all failures."""
    failed = [(job.identifier, job.error.message) for job in planned.jobs if job.error]
    return complaint("connectors", failed, len(planned.jobs), check_mode)
