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
from operator import attrgetter, index

from ..module_utils._errors import ConnectorsError, InputError
from ..module_utils._fleet import HEALTHS
from ..module_utils._plan import Object
from ..module_utils._response import is_integer, is_list_of
from ..module_utils._timestamps import parse_timestamp, seconds_between
from ..module_utils._untrusted import json_or_none
from ._sanitize import event_data

FORMAT = 2
CONDITIONS = READABLE, PARTLY, UNREADABLE, REFUSED = "readable", "partly_readable", "unreadable", "refused"
HEALTHY = "healthy"
# Fields of a system that contain the IDs of its parts.
PARTS = ("unread", "never_read")
# If a connector is deleted while the pages of the list are read, a different connector can be missing from the result.
# Therefore, a connector is reported as disappeared only after this number of consecutive polls without it.
POLLS_UNTIL_GONE = 2
# Only these events can report that a connector has recovered.
RECOVERIES = ("health_changed", "flapping_ended")
# Largest valid value of 'flapping_window'.
MAX_WINDOW = 100


@dataclasses.dataclass(frozen=True)
class Stability:
    """The options that define when a health change is reported.

    :ivar confirm: the number of consecutive polls that must find a new health value before an event reports it.
    :ivar flapping_changes: the number of health changes at which flapping begins; 0 disables flapping detection.
    :ivar flapping_window: the number of polls in which these changes are counted.
    """

    confirm: int = 1
    flapping_changes: int = 0
    flapping_window: int = 10

    def recent(self, changes: int) -> int:
        """Return the change bits for the polls in the flapping window, or 0 if flapping detection is disabled."""
        if not self.flapping_changes:
            return 0
        return changes & ((1 << self.flapping_window) - 1)

    def is_flapping(self, changes: int) -> bool:
        """Return whether a connector with these health changes is flapping."""
        return 0 < self.flapping_changes <= bin(changes).count("1")


@dataclasses.dataclass(frozen=True)
class Known:
    """The state of a connector after the last poll that found it.

    :ivar read: the health that the last poll found, regardless of confirmation and flapping.
    :ivar read_since: the time of the first of the consecutive polls that found this health.
    :ivar streak: the number of these consecutive polls, counted up to ``confirm``.
    :ivar reported: the health according to the last event, or None before the first event.
    :ivar is_new: whether the connector appeared after the first poll of the system or of its part of the system.
    :ivar unhealthy_since: the time of the first poll that found the connector unhealthy, until it has recovered.
    :ivar flapping_since: the time at which flapping began, or None if the connector does not flap.
    :ivar changes: a bit mask in which bit n is set if the health changed n polls before the last poll.
    :ivar missed: the number of consecutive polls that did not find the connector.
    """

    name: str | None
    read: str
    read_since: str
    streak: int = 0
    reported: str | None = None
    is_new: bool = False
    unhealthy_since: str | None = None
    flapping_since: str | None = None
    changes: int = 0
    missed: int = 0


@dataclasses.dataclass
class System:
    """The state of a system, which is kept between polls and between runs of the source.

    :ivar started: whether all events of the first poll were emitted.
    :ivar connectors: the connectors by ID.
    :ivar unread: the parts that the last poll could not read; empty if the system was read completely or not at all.
    :ivar never_read: the parts that no poll has read since the first poll.
    """

    condition: str = READABLE
    started: bool = False
    connectors: t.Mapping[str, Known] = dataclasses.field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    never_read: frozenset[str] = frozenset()

    def reads_first(self, unread: t.AbstractSet[str]) -> bool:
        """Return whether a poll that could not read the given parts is the first that reads any of the other parts."""
        if not self.started:
            return True
        return not self.never_read <= unread

    def add_poll(self, unread: frozenset[str]) -> None:
        """Record that all events of a poll that could not read the given parts were emitted."""
        self.never_read = self.never_read & unread if self.started else unread
        self.started = True


@dataclasses.dataclass(frozen=True)
class Step:
    """The change to one connector between two polls.

    :ivar known: the new state of the connector; None if the connector disappeared.
    :ivar event: the event to emit before the state changes; None if there is no event.
    """

    id: str
    known: Known | None
    event: Object | None


def steps(
    name: str,
    system: System,
    records: t.Iterable[Object],
    at: str,
    unread: t.AbstractSet[str] = frozenset(),
    stability: Stability = Stability(),
) -> list[Step]:
    """Compare the connectors of a system with their previous state, and return the changes.

    Changes that do not emit an event are at the beginning of the list.

    :param name: the name of the system.
    :param records: fleet records. If several records have the same ID, the last one takes precedence.
    :param at: the time of the poll in ISO 8601 format.
    :param unread: the parts of the system that could not be read. If there are any, the state of a missing connector is
        unchanged.
    """
    is_new = not system.reads_first(unread)
    found = {str(record["id"] or record["name"]): record for record in records}
    changes = []
    for identifier, record in found.items():
        last = system.connectors.get(identifier)
        before = last or Known(record["name"], record["health"], at, is_new=is_new)
        now = _observed(before, record, at, stability)
        kind, known = _evaluated(now, at, stability)
        if known == last:
            continue
        emitted = None
        if kind:
            emitted = _of_connector(kind, name, identifier, now, known, record, at)
        changes.append(Step(identifier, known, emitted))
    for identifier, last in system.connectors.items():
        if not unread and identifier not in found:
            changes.append(_missed(name, identifier, last, at, stability))
    return sorted(changes, key=lambda step: step.event is not None)


def _observed(last: Known, record: Object, at: str, stability: Stability) -> Known:
    """Return the updated state of a connector after a poll, without evaluating events."""
    read = record["health"]
    is_changed = read != last.read
    read_since, streak = last.read_since, min(last.streak + 1, stability.confirm)
    if is_changed:
        read_since, streak = at, 1
    unhealthy_since = last.unhealthy_since
    if read != HEALTHY and not unhealthy_since:
        unhealthy_since = at
    return dataclasses.replace(
        last,
        name=record["name"],
        read=read,
        read_since=read_since,
        streak=streak,
        unhealthy_since=unhealthy_since,
        changes=stability.recent(last.changes << 1 | is_changed),
        missed=0,
    )


def _evaluated(now: Known, at: str, stability: Stability) -> tuple[str | None, Known]:
    """Return the event type for the last poll, or None, together with the updated state of the connector."""
    kind = _kind(now, stability)
    known = now
    if kind or _is_healthy_at_start(now):
        known = dataclasses.replace(now, reported=now.read)
    if kind == "flapping_started":
        known = dataclasses.replace(known, flapping_since=at)
    elif kind == "flapping_ended":
        known = dataclasses.replace(known, flapping_since=None)
    if known.reported == known.read == HEALTHY and not known.flapping_since:
        known = dataclasses.replace(known, unhealthy_since=None)
    return kind, known


def _kind(now: Known, stability: Stability) -> str | None:
    """Return the type of the event to emit after the last poll, or None if no event is needed."""
    is_confirmed = now.streak >= stability.confirm
    if now.flapping_since:
        if is_confirmed and not now.changes:
            return "flapping_ended"
        return None
    if stability.is_flapping(now.changes):
        return "flapping_started"
    if not is_confirmed or now.read == now.reported or _is_healthy_at_start(now):
        return None
    if now.reported:
        return "health_changed"
    if now.is_new:
        return "appeared"
    return "unhealthy_at_start"


def _is_healthy_at_start(now: Known) -> bool:
    """Return whether a connector is healthy, existed at the first poll, and has never been reported in an event."""
    return now.reported is None and not now.is_new and now.read == HEALTHY


def _missed(name: str, identifier: str, last: Known, at: str, stability: Stability) -> Step:
    """Return the change in the state of a connector that the last poll did not find."""
    if last.missed + 1 < max(POLLS_UNTIL_GONE, stability.confirm):
        return Step(identifier, dataclasses.replace(last, missed=last.missed + 1), None)
    emitted = None
    if last.reported:
        emitted = _of_connector("disappeared", name, identifier, last, last, None, at)
    return Step(identifier, None, emitted)


def _of_connector(
    kind: str, system: str, identifier: str, last: Known, known: Known, record: Object | None, at: str
) -> Object:
    """Return an event about a connector.

    :param last: the state before the event.
    :param known: the state after the event.
    :param record: the fleet record; None if the connector disappeared.
    """
    # Some characters are removed from strings in events. The encoded ID is complete, so rules can compare it.
    exact = base64.b64encode(identifier.encode("utf-8", "replace")).decode("ascii")
    downtime = None
    if kind in RECOVERIES and last.read == HEALTHY and last.unhealthy_since:
        downtime = max(0, round(seconds_between(last.unhealthy_since, last.read_since)))
    return event(
        kind,
        at,
        system=system,
        id=identifier,
        id_base64=exact,
        name=last.name,
        before=last.reported,
        after=record and last.read,
        unhealthy_since=last.unhealthy_since,
        downtime_seconds=downtime,
        flapping_since=known.flapping_since or last.flapping_since,
        record=record,
    )


def of_condition(
    name: str,
    system: System,
    after: str,
    at: str,
    error: ConnectorsError | None = None,
    unread: t.AbstractSet[str] = frozenset(),
) -> Object | None:
    """Return the event for a change in the condition of a system, or None if the event is not needed.

    :param system: the state before the change.
    :param after: the condition after the change.
    :param unread: the parts that can no longer be read, if the system can be read partly.
    """
    if _is_reported(system, after, unread):
        return None
    problem = failure = None
    if error:
        problem, failure = error.message, error.result.get("failure")
    kind = UNREADABLE if after == PARTLY else after
    return event(f"system_{kind}", at, system=name, problem=problem, failure=failure)


def _is_reported(system: System, after: str, unread: t.AbstractSet[str]) -> bool:
    """Return whether an earlier event reported the condition of a system, and the condition is not worse now."""
    if after == system.condition == PARTLY:
        return unread <= system.unread
    # The outage has been reported, and a partly read system does not count as readable again.
    return after == system.condition or (system.condition, after) == (UNREADABLE, PARTLY)


def heartbeat(systems: t.Mapping[str, System], read_at: t.Mapping[str, str], at: str) -> Object:
    """Return the heartbeat event, which contains the number of connectors in each health state at the last poll."""
    states = {}
    for name, system in systems.items():
        connectors = dict(Counter(map(attrgetter("read"), system.connectors.values())))
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
    """Serialize the states of the systems as the content of the state file."""
    content = {}
    for name, system in systems.items():
        connectors = {identifier: _stored_connector(known) for identifier, known in system.connectors.items()}
        content[name] = {"condition": system.condition, "started": system.started, "connectors": connectors}
        for field in PARTS:
            parts = getattr(system, field)
            if parts:
                content[name][field] = sorted(parts)
    return json.dumps({"format": FORMAT, "systems": content}, sort_keys=True).encode("ascii") + b"\n"


def _stored_connector(known: Known) -> Object:
    """Serialize the state of a connector, omitting fields that have their default values."""
    values = dict(vars(known))
    # After a restart, the count of polls that did not find a connector starts again from 0.
    del values["missed"]
    for field in dataclasses.fields(known):
        if values.get(field.name) == field.default:
            del values[field.name]
    return values


def is_state(content: bytes) -> bool:
    """Return whether this or another version of the event source wrote a state file; see :func:`stored`."""
    whole = json_or_none(content)
    if not isinstance(whole, dict) or whole.keys() != {"format", "systems"}:
        return False
    return is_integer(whole["format"]) and isinstance(whole["systems"], dict)


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
    if entry["condition"] not in CONDITIONS:
        raise ValueError
    connectors = {identifier: _restored_connector(values) for identifier, values in entry["connectors"].items()}
    parts = {field: _restored_parts(entry.get(field, [])) for field in PARTS}
    return System(entry["condition"], bool(entry["started"]), connectors, **parts)


def _restored_parts(parts: object) -> frozenset[str]:
    """Return the IDs of the parts of a system from the state file.

    :raises ValueError: the value is not a list of strings.
    """
    if not is_list_of(parts, str):
        raise ValueError
    return frozenset(parts)


def _restored_connector(values: t.Mapping[str, t.Any]) -> Known:
    """Return the state of a connector from the state file.

    :raises ValueError: a value is not valid.
    :raises TypeError: a value is missing or unknown, or has the wrong type.
    """
    known = Known(**values)
    if known.read not in HEALTHS or known.reported not in (None, *HEALTHS):
        raise ValueError
    if not isinstance(known.name, (str, type(None))):
        raise ValueError
    timestamps = [known.read_since, *filter(None, (known.unhealthy_since, known.flapping_since))]
    if not all(map(parse_timestamp, timestamps)):
        raise ValueError
    for number in (known.streak, known.changes):
        if not 0 <= index(number) < 1 << MAX_WINDOW:
            raise ValueError
    return dataclasses.replace(known, is_new=bool(known.is_new), missed=0)
