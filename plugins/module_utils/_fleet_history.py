# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Maintain the history of fleet reports, a JSON Lines file with one line for each run, in the order of the runs.

Each line contains the number of connectors by system and health. The last line also contains the state of each
unhealthy connector, so that the next run can compute how long a connector has been unhealthy. It also contains the IDs
of the parts of a system that could not be read, so that the next run can detect further unreadable parts.

The content of the file is untrusted and is validated. The clocks of two hosts that write the file can differ, so a line
with a time in the future is valid, and the time of a single run does not determine which lines are too old.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping
from datetime import datetime, timedelta

from ._errors import InputError
from ._fleet import HEALTHS, PROBLEMS, are_objects
from ._mappings import picked
from ._plan import Object
from ._providers.registry import PROVIDERS
from ._response import is_integer
from ._timestamps import iso, parse_timestamp
from ._untrusted import has_format, json_or_none, record_id, record_text

FORMAT = "hybrid.connectors.fleet_history"
VERSION = 1
MAX_AGE = timedelta(days=400)
MAX_RUNS = 10_000
# The clock of a host can be wrong. A time that is more than MAX_AGE later than the previous run counts as correct only
# after this number of runs.
CONFIRMING_RUNS = 10
# Maximum size of the file in bytes. A line is about 700 bytes long.
# In the last line, each unhealthy connector adds about 150 bytes.
MAX_BYTES = 64 * 1024 * 1024
SHOWN_RUNS = 30
MAX_COUNT = 10**9
SCALARS = frozenset({str, int, float, bool, type(None)})

SYSTEM_FIELDS = ("system", "read", "last_read")
STATE_FIELDS = ("system", "id", "name", "health", "since", "muted")
# Optional fields of the state of a connector in maintenance: the problem that the connector had before.
PROBLEM_FIELDS = ("problem", "problem_since")


def run_of(document: t.Mapping[str, t.Any]) -> Object:
    """Return the history entry for a report."""
    systems = [{**picked(system, SYSTEM_FIELDS), **unread_parts(system)} for system in document["systems"]]
    return {
        "format": FORMAT,
        "version": VERSION,
        "generated_at": document["generated_at"],
        "systems": systems,
        "summary": {"by_system": document["summary"]["by_system"]},
        "unhealthy": document["unhealthy"],
    }


def last_lines(text: str) -> str:
    """Return the most recent lines of a history, for display in the next report."""
    return "\n".join(text.splitlines()[-SHOWN_RUNS:])


def runs(text: str, now: datetime) -> list[Object]:
    """Return the fleet state for each valid run in a history.

    A state does not contain ``unhealthy`` if the history does not contain the state of the unhealthy connectors.
    """
    states = []
    for _line, run, _time in _valid_lines(text):
        state = state_of({"unhealthy": [], **run}, now)
        if "unhealthy" not in run:
            del state["unhealthy"]
        states.append(state)
    return states


def check_history(text: str, path: str) -> None:
    """Check that a file is empty, or contains at least one valid line of a history.

    :param text: the content of the file.
    :param path: the path of the file, for the error message.
    :raises InputError: the text is not a history.
    """
    if text.strip() and next(_valid_lines(text), None) is None:
        raise InputError(f"'{path}' is not a history of fleet reports. Specify a different path, or delete the file.")


def appended(text: str, document: t.Mapping[str, t.Any], path: str) -> str:
    """Add the run that a report describes to a history, and remove runs that are too old.

    :param path: the path of the file, for the error message.
    :raises InputError: the text is not a history.
    """
    now = parse_timestamp(document["generated_at"])
    if now is None:
        raise InputError("The value of 'report' is not a valid report, because it does not contain a valid time.")
    check_history(text, path)
    valid = list(_valid_lines(text))
    confirmed = _confirmed_time([time for _line, _run, time in valid[-CONFIRMING_RUNS:]], now)
    lines = []
    for line, run, time in valid[-(MAX_RUNS - 1) :]:
        if confirmed - time > MAX_AGE:
            continue
        lines.append(_without_states(line, run))
    lines.append(_line(run_of(document)))
    return "\n".join(lines) + "\n"


def _without_states(line: str, run: Object) -> str:
    """Return the line of a run without the states that only the last line of a history contains."""
    states = [run.pop("unhealthy", None)]
    for system in run["systems"]:
        states.append(system.pop("unread", None))
    return _line(run) if any(states) else line


def _confirmed_time(times: t.Sequence[datetime], now: datetime) -> datetime:
    """Return the reference time for the age of the runs, so that a wrong clock does not erase the history.

    :param times: the times of the last runs, in the order of the runs.
    """
    confirmed = following = now
    for time in reversed(times):
        if following - time > MAX_AGE:
            confirmed = min(confirmed, time)
        following = time
    return confirmed


def _line(run: Object) -> str:
    return json.dumps(run, separators=(",", ":"))


def _valid_lines(text: str) -> t.Iterator[tuple[str, Object, datetime]]:
    """Yield each valid line with its run and the time of the run."""
    for line in text.split("\n"):
        run = json_or_none(line)
        if not _is_run(run):
            continue
        time = parse_timestamp(run["generated_at"])
        if time is not None:
            yield line, run, time


def _is_run(run: object) -> bool:
    if not has_format(run, FORMAT, VERSION):
        return False
    return has_state({"unhealthy": [], **run})


def has_state(value: t.Mapping[str, t.Any]) -> bool:
    """Return whether an untrusted report or history entry contains a valid fleet state."""
    if parse_timestamp(value.get("generated_at")) is None:
        return False
    for part, fields in (("systems", SYSTEM_FIELDS), ("unhealthy", STATE_FIELDS)):
        if not are_items(value.get(part), fields):
            return False
    summary = value.get("summary")
    return isinstance(summary, t.Mapping) and _have_times(value) and _are_counts(summary.get("by_system"))


def _have_times(value: t.Mapping[str, t.Any]) -> bool:
    """Return whether a fleet state contains valid health values and valid times."""
    for state in value["unhealthy"]:
        if state["health"] not in HEALTHS or parse_timestamp(state["since"]) is None:
            return False
    times = {system["last_read"] for system in value["systems"]} - {None}
    return all(map(parse_timestamp, times))


def are_items(value: t.Any, fields: t.Iterable[str]) -> bool:
    """Return whether a value is a list of objects with the given fields. All except ``problems`` must be scalars."""
    if not are_objects(value):
        return False
    required = {*fields}
    scalars = required - {"problems"}
    for item in value:
        if not item.keys() >= required:
            return False
        if not SCALARS.issuperset(map(type, map(item.__getitem__, scalars))) and _has_collection(item, scalars):
            return False
    return True


def _has_collection(item: t.Mapping[str, t.Any], names: t.Iterable[str]) -> bool:
    """Return whether any of the specified fields is a list or a dictionary. Ansible's own string types are allowed."""
    return any(isinstance(item[name], (list, Mapping)) for name in names)


def _are_counts(value: object) -> bool:
    """Return whether a value contains valid connector counts by system and health."""
    if not isinstance(value, t.Mapping):
        return False
    for counts in value.values():
        if not isinstance(counts, t.Mapping) or counts.keys() != {*HEALTHS}:
            return False
        if not all(map(_is_count, counts.values())):
            return False
    return True


def _is_count(value: object) -> bool:
    return is_integer(value) and 0 <= value <= MAX_COUNT


def state_of(value: t.Mapping[str, t.Any], now: datetime) -> Object:
    """Return the fleet state from a report or history entry that :func:`has_state` accepts.

    The result contains only known systems and valid timestamps, none of which is in the future.
    """
    by_system = value["summary"]["by_system"]
    return {
        "generated_at": _past(value["generated_at"], now),
        "systems": _known(value["systems"], _system, now),
        "summary": {"by_system": {system: dict(by_system[system]) for system in PROVIDERS if system in by_system}},
        "unhealthy": _known(value["unhealthy"], _state, now),
    }


def _known(
    items: t.Iterable[Object], convert: t.Callable[[t.Mapping[str, t.Any], datetime], Object], now: datetime
) -> list[Object]:
    """Convert the items that belong to known systems, and omit the other items."""
    return [convert(item, now) for item in items if item["system"] in PROVIDERS]


def _system(system: t.Mapping[str, t.Any], now: datetime) -> Object:
    return {
        "system": system["system"],
        "read": bool(system["read"]),
        "last_read": _past(system["last_read"], now),
        **unread_parts(system),
    }


def unread_parts(system: t.Mapping[str, t.Any]) -> Object:
    """Return the optional field ``unread`` of a system, which contains the IDs of the parts that could not be read."""
    unread = system.get("unread")
    if not isinstance(unread, (list, tuple)):
        return {}
    parts = {*map(record_id, unread)} - {None}
    return {"unread": sorted(map(str, parts))} if parts else {}


def _state(state: t.Mapping[str, t.Any], now: datetime) -> Object:
    return {
        "system": state["system"],
        "id": record_id(state["id"]),
        "name": record_text(state["name"]),
        "health": state["health"],
        "since": _past(state["since"], now),
        "muted": state["muted"] is True,
        **_problem(state, now),
    }


def _problem(state: t.Mapping[str, t.Any], now: datetime) -> Object:
    """Return the valid optional fields of the state of a connector."""
    problem, since = picked(state, PROBLEM_FIELDS).values()
    started = _past(since, now)
    if started is None or problem not in [*PROBLEMS]:
        return {}
    return {"problem": problem, "problem_since": started}


def _past(value: object, now: datetime) -> str | None:
    time = parse_timestamp(value)
    if time is None:
        return None
    return iso(min(time, now))
