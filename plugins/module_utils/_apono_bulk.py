# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""All of Apono's connectors: planned against one listing, then dead ones deleted and the others given their names.

A connector is dead if it has been disconnected for long enough and no integration uses it. In doubt it is not. That is
found out for the plan, and once more for each connector right before it is deleted.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections import defaultdict
from datetime import datetime

from ansible_collections.hybrid.connectors.plugins.module_utils import _apono
from ansible_collections.hybrid.connectors.plugins.module_utils._apono import Connector
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    InputError,
    NotAllowed,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._http import Http
from ansible_collections.hybrid.connectors.plugins.module_utils._moments import SECONDS_A_DAY, moment_from
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import (
    Object,
    by_name_and_id,
    complaint,
    diff,
    result_of,
)

ACTIONS = ("renamed", "deleted", "kept", "unchanged", "failed")


@dataclasses.dataclass(frozen=True)
class Prune:
    """Which connectors are dead: days without contact, how many may go in a run, and the ids of those that were never
    connected and may go nevertheless.
    """

    after_days: float
    limit: int
    never_connected: t.Collection[str]


@dataclasses.dataclass
class Job:
    """One connector: what is wanted of it, and what was done, or in check mode would be. ``why`` it was kept."""

    identifier: str
    before: Connector | None
    name: str | None = None
    after: Connector | None = None
    action: str = "unchanged"
    why: str | None = None
    error: ConnectorsError | None = None

    def fail(self, error: ConnectorsError) -> None:
        """Take down what went wrong."""
        self.action, self.error = "failed", error

    def keep(self, why: str) -> None:
        """Let the connector be, and say why."""
        self.action, self.why, self.after = "kept", why, self.before


@dataclasses.dataclass
class Plan:
    """The jobs of a run, and which connectors have a name, by that name."""

    jobs: list[Job]
    holders: dict[str, set[str]]


def plan(http: Http, names: t.Mapping[str, str], prune: Prune | None, now: datetime) -> Plan:
    """A job for each connector that is to have a name, in that order, then one for each other that is disconnected, if
    connectors are pruned. Nothing is written here.

    :raises InputError: more connectors are dead than ``prune`` allows to delete.
    :raises NotAllowed: the token may not list connectors, or integrations.
    """
    known = {item["id"]: item for item in _apono.connectors(http)}
    jobs = [Job(identifier, known.get(identifier), name) for identifier, name in names.items()]
    for job in jobs:
        job.after = job.before
        if job.before is None:
            job.fail(
                InputError(
                    f"Apono has no connector with the id '{job.identifier}'. A connector registers itself when it is"
                    " installed; it cannot be created here."
                )
            )
    if prune:
        disconnected = [item for item in known.values() if _apono.is_disconnected(item)]
        others = [Job(item["id"], item) for item in by_name_and_id(disconnected) if item["id"] not in names]
        for job in others:
            _judge(http, job, prune, now)
        dead = [job for job in others if job.action == "deleted"]
        if len(dead) > prune.limit:
            raise InputError(
                f"Dead connectors: {len(dead)}, and 'prune_limit' allows {prune.limit} deletions: "
                + ", ".join(f"{(job.before or {}).get('name')} ({job.identifier})" for job in dead[:20])
                + (f" and {len(dead) - 20} more" if len(dead) > 20 else "")
                + ". Nothing was changed."
            )
        jobs += others
    holders: dict[str, set[str]] = defaultdict(set)
    for item in known.values():
        holders[str(item.get("name"))].add(item["id"])
    return Plan(jobs, holders)


def run(http: Http, planned: Plan, prune: Prune | None, now: t.Callable[[], datetime], check_mode: bool) -> None:
    """Delete the dead, then rename, or in check mode see what that would come to.

    What goes wrong with one connector is in its job, and stops no other.
    """
    for job in planned.jobs:
        if prune and job.action == "deleted" and not check_mode:
            try:
                _delete(http, job, prune, now())
            except ConnectorsError as error:
                job.fail(error)
        if job.action == "deleted" and job.before:
            planned.holders[str(job.before.get("name"))].discard(job.identifier)
    waiting = [job for job in planned.jobs if job.name and job.before and job.before.get("name") != job.name]
    while waiting:
        free = next((job for job in waiting if not planned.holders[str(job.name)]), None)
        if free is None:
            break
        waiting.remove(free)
        try:
            _rename(http, free, check_mode)
        except ConnectorsError as error:
            free.fail(error)
        else:
            planned.holders[str((free.before or {}).get("name"))].discard(free.identifier)
            planned.holders[str(free.name)].add(free.identifier)
    for job in waiting:
        holder = min(planned.holders[str(job.name)])
        sentence = f"The name '{job.name}' belongs to the connector with the id '{holder}', and names are unique."
        if any(holder == one.identifier for one in waiting):
            sentence += " That one is to get another name, but not before this one has its own."
        job.fail(InputError(sentence))


def _judge(http: Http, job: Job, prune: Prune, now: datetime) -> None:
    """Make a job one that deletes, or one that keeps and says why."""
    try:
        why = _alive(job.before or {}, prune, now) or _apono.in_use(_apono.integrations(http, job.identifier))
    except NotAllowed:
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


def _delete(http: Http, job: Job, prune: Prune, now: datetime) -> None:
    """Delete a connector if it is still there and still dead."""
    current = _apono.connector(http, job.identifier)
    if current is None:
        job.action, job.why = "unchanged", "gone already"
        return
    job.before = current
    _judge(http, job, prune, now)
    if job.action == "deleted" and not _apono.delete(http, job.identifier):
        job.action, job.why = "unchanged", "gone already"


def _rename(http: Http, job: Job, check_mode: bool) -> None:
    renamed = None if check_mode else _apono.rename(http, job.identifier, str(job.name))
    job.after = renamed or {**(job.before or {}), "name": job.name}
    job.action = "renamed"


def _alive(connector: Connector, prune: Prune, now: datetime) -> str | None:
    """Why a connector is not dead, whatever uses it; None if nothing speaks for it."""
    if not _apono.is_disconnected(connector):
        return f"{connector.get('status')}"
    if connector.get("sessions"):
        return "it is said to be disconnected, but has sessions"
    seen = connector.get("last_connected")
    if seen is None:
        return None if connector["id"] in prune.never_connected else "it was never connected"
    moment = moment_from(seen) if isinstance(seen, str) else None
    if moment is None:
        return f"when it was last connected cannot be read from '{seen}'"
    days = (now - moment).total_seconds() / SECONDS_A_DAY
    return None if days > prune.after_days else f"disconnected for {max(days, 0.0):.1f} days only"


def result(planned: Plan) -> Object:
    """What is returned for all of them."""
    return result_of("connectors", [_report(job) for job in planned.jobs], ACTIONS, lambda report: str(report["id"]))


def _report(job: Job) -> Object:
    before = job.before or {}
    report: Object = {
        "id": job.identifier,
        "name": (job.after or before).get("name"),
        "last_connected": before.get("last_connected"),
        "action": job.action,
        "changed": job.action in ("renamed", "deleted"),
    }
    if report["changed"]:
        report["diff"] = diff(before, None if job.action == "deleted" else job.after)
    if job.why:
        report["why"] = job.why
    if job.error:
        report.update(error=job.error.message, failure=job.error.result.get("failure"))
    return report


def complaint_about(planned: Plan) -> str:
    """One sentence for all that went wrong."""
    failed = [(job.identifier, job.error.message) for job in planned.jobs if job.error]
    return complaint("connectors", failed, len(planned.jobs))
