# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""The report on the fleet: one document of plain types, whose form roles/fleet_report/files has as a JSON Schema.

Pure functions. A connector is known by its system and id from one report to the next. A system that was not read has no
connectors here, no counts and no changes; it is neither empty nor healthy.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import (
    FIELDS,
    HEALTHS,
    HealthThresholds,
    fleet_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, by_name_and_id
from ansible_collections.hybrid.connectors.plugins.module_utils._providers import PROVIDERS, provider_of
from ansible_collections.hybrid.connectors.plugins.module_utils._timestamps import iso
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import one_line

FORMAT = "hybrid.connectors.fleet_report"
VERSION = 1
TITLE = "Connector fleet"
MAX_ERROR = 2000
STATE = ("read", "error", "count")
# What a report raises that somebody has changed since the filter made it.
DAMAGED = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)
REASONS = ("down", "degraded", "maintenance", "unknown", "outdated", "expired", "expiring", "unread", "disappeared")

Results = t.Mapping[str, t.Any]
Key = tuple[str, t.Any]


def report(results: Results, thresholds: HealthThresholds, title: str = TITLE, previous: object = None) -> Object:
    """Return the report on what was read.

    :param results: the result of ``fleet_info``; or what the info module of each system returned, whole, by system. A
        failure counts as a system that was not read.
    :param previous: an earlier report, or its text; anything else counts as none.
    :raises InputError: a system does not exist, or a value is not a result.
    """
    if not isinstance(results, t.Mapping):
        raise InputError("The report is made of a dictionary of the systems with what their info modules returned.")
    fleet = _checked_fleet(results) if "systems" in results else _fleet_of(results, thresholds)
    systems = sorted(fleet["systems"])
    found = sorted(by_name_and_id(fleet["connectors"]), key=lambda record: str(record["system"]))
    document: Object = {
        "format": FORMAT,
        "version": VERSION,
        "generated_at": iso(thresholds.now),
        "title": title,
        "limits": {
            "stale_after_hours": thresholds.stale_after_hours,
            "expiring_within_days": thresholds.expiring_within_days,
        },
        "systems": [_system(system, fleet["systems"][system]) for system in systems],
        "summary": _summary([system for system in systems if fleet["systems"][system]["read"]], found),
        "records": found,
        "expiries": list(fleet["expiries"]),
        "alarms": list(fleet["alarms"]),
        "changes": None,
    }
    earlier = report_from(previous)
    document["changes"] = _changes(earlier, document) if earlier else None
    return document


def _checked_fleet(result: Results) -> Results:
    """Return the result of ``fleet_info``.

    :raises InputError: it is something else, for example a failure.
    """
    parts = {
        "connectors": FIELDS,
        "alarms": ("system", "id", "name", "severity", "title", "description", "raised_at"),
        "expiries": ("system", "id", "name", "token", "expires_at", "days_left"),
    }
    systems = result["systems"]
    is_whole = isinstance(systems, t.Mapping) and all(_is_part(state, STATE) for state in systems.values())
    for part, fields in parts.items():
        items = result.get(part)
        is_whole = is_whole and isinstance(items, (list, tuple)) and all(_has(item, fields) for item in items)
    if not is_whole:
        raise InputError("This is not a result of hybrid.connectors.fleet_info, or that module failed.")
    for system in systems:
        provider_of(system)
    return result


def _has(item: object, fields: t.Collection[str]) -> bool:
    """Return whether an item is an object with these fields."""
    return isinstance(item, t.Mapping) and item.keys() >= {*fields}


def _fleet_of(results: Results, thresholds: HealthThresholds) -> Object:
    """Return the results of info modules in the form of the result of ``fleet_info``."""
    lists = {system: _list_of(system, results[system]) for system in sorted(results)}
    read = {system: items for system, items in lists.items() if items is not None}
    systems = {system: _state(items, results[system]) for system, items in lists.items()}
    return {**fleet_of(read, thresholds), "systems": systems}


def report_from(value: object) -> Object | None:
    """A report of this version out of one or its text; None if it is something else."""
    if isinstance(value, (str, bytes)):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, t.Mapping) or (value.get("format"), value.get("version")) != (FORMAT, VERSION):
        return None
    parts = {"systems": ("system", "read"), "records": ("system", "id", "name", "health", "version")}
    for part, names in parts.items():
        items = value.get(part)
        if not isinstance(items, list) or not all(_is_part(item, names) for item in items):
            return None
    return dict(value)


def _is_part(item: object, names: t.Collection[str]) -> bool:
    """Return whether an item of a report has these fields, none of which is a list or a dictionary."""
    if not isinstance(item, t.Mapping) or not item.keys() >= {*names}:
        return False
    return not any(isinstance(item[name], (list, t.Mapping)) for name in names)


def same_fleet(first: object, second: object) -> bool:
    """Whether two reports, or their texts, say the same but for what the time alone changes."""
    reports = report_from(first), report_from(second)
    return all(reports) and _timeless(t.cast(Object, reports[0])) == _timeless(t.cast(Object, reports[1]))


def problems(document: t.Mapping[str, t.Any], reasons: t.Iterable[str]) -> list[str]:
    """One line for each thing in a report for which one of these reasons is given, in the order of :data:`REASONS`.

    A customer whose health comes from its tokens is not listed with its health, too, if its tokens are.

    :raises InputError: there is no such reason, or that is no report.
    """
    wanted = frozenset(reasons)
    if not wanted <= {*REASONS}:
        raise InputError(
            f"There is no reason {', '.join(repr(reason) for reason in sorted(wanted - {*REASONS}))};"
            f" there are {', '.join(REASONS)}."
        )
    checked = checked_report(document)
    told = {"down": "expired" in wanted, "degraded": "expiring" in wanted}
    with_tokens = {system for system, provider in PROVIDERS.items() if provider.health_from_tokens}
    lines: dict[str, list[str]] = {reason: [] for reason in REASONS if reason in wanted}
    for record in checked["records"]:
        if record["health"] in lines and not (record["system"] in with_tokens and told.get(record["health"])):
            lines[record["health"]].append(f"{_called(record)}: {' '.join(record['problems'])}")
        if record["outdated"] and "outdated" in lines:
            lines["outdated"].append(f"{_called(record)}: version {record['version'] or 'unknown'}")
    for expiry in checked["expiries"]:
        left = expiry["days_left"]
        reason = "expired" if left < 0 else "expiring"
        if reason in lines and left <= checked["limits"]["expiring_within_days"]:
            days = f"{abs(left):.1f} days {'ago' if left < 0 else 'left'}"
            lines[reason].append(f"{_called(expiry)}: {expiry['token']} token, {expiry['expires_at']}, {days}")
    if "unread" in lines:
        lines["unread"] = [f"{system['system']}: {system['error']}" for system in checked["systems"] if system["error"]]
    if "disappeared" in lines and checked["changes"]:
        lines["disappeared"] = [
            f"{_called(gone)}: it was there at {checked['changes']['since']}"
            for gone in checked["changes"]["disappeared"]
        ]
    return [one_line(f"{reason}: {line}") for reason, of_it in lines.items() for line in of_it]


def checked_report(value: object) -> Object:
    """A report.

    :raises InputError: it is none.
    """
    document = report_from(value)
    if document is None:
        raise InputError("This is no report; the filter hybrid.connectors.fleet_report makes them.")
    return document


def _list_of(system: str, result: object) -> t.Sequence[t.Mapping[str, t.Any]] | None:
    """The list that an info module returned, or None if it returned none."""
    list_key = provider_of(system).list_key
    if not isinstance(result, t.Mapping):
        raise InputError(
            f"What is given for {system} is not what its info module returned, but {type(result).__name__}."
        )
    items = result.get(list_key)
    return items if isinstance(items, (list, tuple)) and not result.get("failed") else None


def _state(items: t.Sequence[t.Any] | None, result: t.Mapping[str, t.Any]) -> Object:
    """Return the state of a system as ``fleet_info`` returns it, from the result of its info module."""
    if items is not None:
        return {"read": True, "error": None, "count": len(items)}
    unsaid = "its list was not there in time." if result.get("finished") in (0, False) else "it gave no list."
    return {"read": False, "error": str(result.get("msg") or unsaid), "count": 0}


def _system(system: str, state: t.Mapping[str, t.Any]) -> Object:
    provider = provider_of(system)
    error = None if state["read"] else f"not read, because {one_line(str(state['error']))[:MAX_ERROR]}"
    return {
        "system": system,
        "title": provider.title,
        "item": provider.item,
        "has_alarms": provider.has_alarms,
        "has_expiries": provider.has_expiries,
        "read": state["read"],
        "error": error,
        "count": state["count"],
    }


def _summary(systems: t.Sequence[str], found: t.Sequence[Object]) -> Object:
    by_system = {system: dict.fromkeys(HEALTHS, 0) for system in systems}
    for record in found:
        by_system[record["system"]][record["health"]] += 1
    return {
        "total": len(found),
        "by_health": {health: sum(counts[health] for counts in by_system.values()) for health in HEALTHS},
        "by_system": by_system,
        "outdated": sum(record["outdated"] is True for record in found),
    }


def _changes(before: Object, after: Object) -> Object:
    """What is different from an earlier report, of the systems that were read both times."""
    both = _read(before) & _read(after)
    old, new = _by_key(before, both), _by_key(after, both)
    return {
        "since": before.get("generated_at"),
        "appeared": [named(record) for key, record in new.items() if key not in old],
        "disappeared": [named(record) for key, record in old.items() if key not in new],
        **{
            field: [
                {**named(record), "before": old[key][field], "after": record[field]}
                for key, record in new.items()
                if key in old and old[key][field] != record[field]
            ]
            for field in ("health", "version")
        },
    }


def _read(document: Object) -> set[str]:
    return {system["system"] for system in document["systems"] if system["read"]}


def _by_key(document: Object, systems: set[str]) -> dict[Key, Object]:
    found = (record for record in document["records"] if record["system"] in systems)
    return {(record["system"], record["id"]): record for record in found}


def named(item: Object) -> Object:
    """What tells a connector in a record, or in another part of a report, from all others, and its name."""
    return {field: item[field] for field in ("system", "id", "name")}


def _called(record: t.Mapping[str, t.Any]) -> str:
    name = record["name"] if record["name"] not in (None, "", record["id"]) else None
    return f"{record['system']} {name} ({record['id']})" if name else f"{record['system']} {record['id']}"


def _timeless(document: Object) -> Object:
    """A report without what changes with the time alone, and without what is said in other words elsewhere in it."""
    return {
        **{part: document.get(part) for part in ("title", "limits", "alarms")},
        "systems": [(system["system"], system["read"]) for system in document["systems"]],
        "records": [_without(record, "problems", "last_seen") for record in document["records"]],
        "expiries": [_without(expiry, "days_left") for expiry in document.get("expiries") or ()],
    }


def _without(item: Object, *fields: str) -> Object:
    return {name: value for name, value in item.items() if name not in fields}
