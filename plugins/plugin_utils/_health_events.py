# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Which events follow from what was known of a system's connectors and what is read now.

Pure functions. An event is ``{"connector_health": {"type", "system", "at", ...}}``; its shapes are documented by the
event source. What is known between two readings, and between two runs, is a :class:`System` each.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import typing as t
from collections import Counter

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError, InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HEALTHS
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import event_data

FORMAT = 1
CONDITIONS = READABLE, UNREADABLE, REFUSED = "readable", "unreadable", "refused"
# A page read while an object before it is deleted lacks one that is still there.
READINGS_UNTIL_GONE = 2


@dataclasses.dataclass(frozen=True)
class Known:
    """What is remembered of a connector. ``missed`` counts the last readings that it was not in."""

    health: str
    name: str | None
    missed: int = 0


@dataclasses.dataclass
class System:
    """What is remembered of a system. ``started`` once a whole reading was told; ``connectors`` by id."""

    condition: str = READABLE
    started: bool = False
    connectors: t.Mapping[str, Known] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Step:
    """What one reading says of one connector: the event to tell, if any, and what is known of it once that is told;
    None: nothing any more.
    """

    id: str
    known: Known | None
    event: Object | None


def steps(name: str, system: System, records: t.Iterable[Object], at: str) -> list[Step]:
    """What a reading says that was not known before, connector by connector, and first what there is no event about.

    :param name: the system's name.
    :param records: of the fleet; of several with one id the last one counts.
    :param at: when they were read, ISO 8601.
    """
    found = {str(record["id"] or record["name"]): record for record in records}
    taken = []
    for identifier, record in found.items():
        last = system.connectors.get(identifier)
        now = Known(record["health"], record["name"])
        kind = None
        if last is None:
            if system.started:
                kind = "appeared"
            elif now.health != "healthy":
                kind = "unhealthy_at_start"
        elif last.health != now.health:
            kind = "health_changed"
        if now != last:
            news = (
                _of_connector(kind, name, identifier, now, last.health if last else None, record, at) if kind else None
            )
            taken.append(Step(identifier, now, news))
    for identifier, last in system.connectors.items():
        if identifier in found:
            continue
        if last.missed + 1 < READINGS_UNTIL_GONE:
            taken.append(Step(identifier, dataclasses.replace(last, missed=last.missed + 1), None))
        else:
            news = _of_connector("disappeared", name, identifier, last, last.health, None, at)
            taken.append(Step(identifier, None, news))
    return sorted(taken, key=lambda step: step.event is not None)


def _of_connector(
    kind: str, system: str, identifier: str, known: Known, before: str | None, record: Object | None, at: str
) -> Object:
    # The id of a connector may contain what no string of an event can. A program finds the connector by this one.
    exact = base64.b64encode(identifier.encode("utf-8", "replace")).decode("ascii")
    return event(
        kind,
        at,
        system=system,
        id=identifier,
        id_base64=exact,
        name=known.name,
        before=before,
        after=record and known.health,
        record=record,
    )


def of_condition(system: str, before: str, after: str, at: str, error: ConnectorsError | None = None) -> Object | None:
    """The event that a system can be read no more, or again; None if that is as it was."""
    if before == after:
        return None
    failure = error.result.get("failure") if error else None
    return event(f"system_{after}", at, system=system, problem=error.message if error else None, failure=failure)


def heartbeat(systems: t.Mapping[str, System], read_at: t.Mapping[str, str], at: str) -> Object:
    """The event that says that the source is alive, and what it knows, in numbers."""
    return event(
        "heartbeat",
        at,
        systems={
            name: {
                "condition": system.condition,
                "read_at": read_at.get(name),
                "connectors": dict(Counter(known.health for known in system.connectors.values())),
            }
            for name, system in systems.items()
        },
    )


def event(kind: str, at: str, **more: t.Any) -> Object:
    """Return an event, in which every string is inert, whatever renders it.

    Rulebooks hand events to playbooks as extra variables, and Ansible renders those: a connector with the name
    ``{{ lookup('pipe', '...') }}`` would run a command.
    """
    content: Object = event_data({"type": kind, "at": at, **more})
    return {"connector_health": content}


def stored(systems: t.Mapping[str, System]) -> bytes:
    """What is known, as the state file holds it."""
    content = {
        name: {
            "condition": system.condition,
            "started": system.started,
            "connectors": {identifier: [known.health, known.name] for identifier, known in system.connectors.items()},
        }
        for name, system in systems.items()
    }
    return json.dumps({"format": FORMAT, "systems": content}, sort_keys=True).encode("ascii") + b"\n"


def restored(content: bytes) -> dict[str, System]:
    """What was known when :func:`stored` was called.

    :raises InputError: that is not what it wrote.
    """
    try:
        whole = json.loads(content)
        if whole["format"] != FORMAT:
            raise ValueError
        return {str(name): _restored_system(entry) for name, entry in whole["systems"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InputError("it is no state of this version of the event source") from None


def _restored_system(entry: t.Mapping[str, t.Any]) -> System:
    connectors = {
        str(identifier): Known(health, None if name is None else str(name))
        for identifier, (health, name) in entry["connectors"].items()
    }
    if entry["condition"] not in CONDITIONS or any(known.health not in HEALTHS for known in connectors.values()):
        raise ValueError
    return System(entry["condition"], bool(entry["started"]), connectors)
