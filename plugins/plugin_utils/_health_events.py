# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Derive events from the previous state and the current records of a system.

All functions are pure. An event is ``{"connector_health": {"type", "system", "at", ...}}``. The documentation of the
event source describes the types of events.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import typing as t
from collections import Counter
from operator import attrgetter

from ..module_utils._errors import ConnectorsError, InputError
from ..module_utils._fleet import HEALTHS
from ..module_utils._plan import Object
from ._sanitize import event_data

FORMAT = 1
CONDITIONS = READABLE, UNREADABLE, REFUSED = "readable", "unreadable", "refused"
# If an item is deleted while the list is read page by page, a different item can be missing from the result.
READINGS_UNTIL_GONE = 2


@dataclasses.dataclass(frozen=True)
class Known:
    """The state of a connector at the last reading.

    :ivar missed: the number of consecutive readings that did not contain the connector.
    """

    health: str
    name: str | None
    missed: int = 0


@dataclasses.dataclass
class System:
    """The state of a system, which is kept between readings and between runs of the source.

    :ivar started: whether all events of the first reading were emitted.
    :ivar connectors: the connectors by ID.
    """

    condition: str = READABLE
    started: bool = False
    connectors: t.Mapping[str, Known] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Step:
    """The change of one connector between two readings.

    :ivar known: the new state of the connector; None if the connector disappeared.
    :ivar event: the event to emit before the state changes; None if there is no event.
    """

    id: str
    known: Known | None
    event: Object | None


def steps(name: str, system: System, records: t.Iterable[Object], at: str, is_complete: bool = True) -> list[Step]:
    """Return the changes of the connectors of a system. Changes without events come first.

    :param name: the name of the system.
    :param records: fleet records. If several records have the same ID, the last one has precedence.
    :param at: the time of the reading in ISO 8601 format.
    :param is_complete: whether all connectors were read. Otherwise, a missing connector is unchanged.
    """
    found = {str(record["id"] or record["name"]): record for record in records}
    changes = []
    for identifier, record in found.items():
        last = system.connectors.get(identifier)
        now = Known(record["health"], record["name"])
        if now == last:
            continue
        emitted = None
        kind = _kind(system, last, now)
        if kind:
            emitted = _of_connector(kind, name, identifier, now, last, record, at)
        changes.append(Step(identifier, now, emitted))
    for identifier, last in system.connectors.items():
        if identifier in found or not is_complete:
            continue
        if last.missed + 1 < READINGS_UNTIL_GONE:
            changes.append(Step(identifier, dataclasses.replace(last, missed=last.missed + 1), None))
        else:
            emitted = _of_connector("disappeared", name, identifier, last, last, None, at)
            changes.append(Step(identifier, None, emitted))
    return sorted(changes, key=lambda step: step.event is not None)


def _kind(system: System, last: Known | None, now: Known) -> str | None:
    """Return the event type for a connector that a reading contains, or None if there is no event."""
    if last is None:
        if system.started:
            return "appeared"
        if now.health != "healthy":
            return "unhealthy_at_start"
    elif last.health != now.health:
        return "health_changed"
    return None


def _of_connector(
    kind: str, system: str, identifier: str, known: Known, last: Known | None, record: Object | None, at: str
) -> Object:
    # Some characters are removed from strings in events. The encoded ID is complete, so rules can compare it.
    exact = base64.b64encode(identifier.encode("utf-8", "replace")).decode("ascii")
    return event(
        kind,
        at,
        system=system,
        id=identifier,
        id_base64=exact,
        name=known.name,
        before=last and last.health,
        after=record and known.health,
        record=record,
    )


def of_condition(system: str, before: str, after: str, at: str, error: ConnectorsError | None = None) -> Object | None:
    """Return the event for a changed condition of a system, or None if the condition is unchanged."""
    if before == after:
        return None
    problem = failure = None
    if error:
        problem, failure = error.message, error.result.get("failure")
    return event(f"system_{after}", at, system=system, problem=problem, failure=failure)


def heartbeat(systems: t.Mapping[str, System], read_at: t.Mapping[str, str], at: str) -> Object:
    """Return the heartbeat event, which contains the number of connectors by health."""
    states = {}
    for name, system in systems.items():
        connectors = dict(Counter(map(attrgetter("health"), system.connectors.values())))
        states[name] = {"condition": system.condition, "read_at": read_at.get(name), "connectors": connectors}
    return event("heartbeat", at, systems=states)


def event(kind: str, at: str, **more: t.Any) -> Object:
    """Return an event in which no string can be evaluated as a template.

    Rulebooks pass events to playbooks as extra variables, which Ansible evaluates as templates. A connector with the
    name ``{{ lookup('pipe', '...') }}`` would otherwise run a command.
    """
    content: Object = event_data({"type": kind, "at": at, **more})
    return {"connector_health": content}


def stored(systems: t.Mapping[str, System]) -> bytes:
    """Return the content for the state file."""
    content = {}
    for name, system in systems.items():
        connectors = {identifier: [known.health, known.name] for identifier, known in system.connectors.items()}
        content[name] = {"condition": system.condition, "started": system.started, "connectors": connectors}
    return json.dumps({"format": FORMAT, "systems": content}, sort_keys=True).encode("ascii") + b"\n"


def restored(content: bytes) -> dict[str, System]:
    """Parse the content of a state file and return the states; see :func:`stored`.

    :raises InputError: the content is not valid.
    """
    try:
        whole = json.loads(content)
        if whole["format"] != FORMAT:
            raise ValueError
        return {str(name): _restored_system(entry) for name, entry in whole["systems"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InputError("the content is not valid for this version of the event source") from None


def _restored_system(entry: t.Mapping[str, t.Any]) -> System:
    connectors = {}
    for identifier, (health, name) in entry["connectors"].items():
        if health not in HEALTHS:
            raise ValueError
        connectors[str(identifier)] = Known(health, None if name is None else str(name))
    if entry["condition"] not in CONDITIONS:
        raise ValueError
    return System(entry["condition"], bool(entry["started"]), connectors)
