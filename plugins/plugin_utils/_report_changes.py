# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Compare a fleet report with the state of the fleet in an earlier report.

The state of a system that could not be read is carried over from report to report. When the system can be read again,
the report therefore shows the problems that are new since the system was last read.

A system can be read only partly in each run, for example because a Webex organization never grants access. Therefore,
the connectors that were read are compared even if their system was never read completely.
"""

from __future__ import annotations

import typing as t

from ..module_utils._fleet import PROBLEMS, identity
from ..module_utils._fleet_history import PROBLEM_FIELDS
from ..module_utils._mappings import picked, without_none
from ..module_utils._plan import Object

Key = tuple[str, t.Any]

# Health values from best to worst.
BY_SEVERITY = ("healthy", "maintenance", "unknown", "degraded", "down")
# How much of a system was read.
UNREAD, PARTLY, COMPLETE = range(3)


def key_of(item: t.Mapping[str, t.Any]) -> Key:
    """Return the system and the connector ID, which identify a connector across reports."""
    return item["system"], item["id"]


def keys_of(items: t.Iterable[t.Mapping[str, t.Any]]) -> set[Key]:
    """Return the keys of the connectors in a list."""
    return set(map(key_of, items))


def was_read(system: Object) -> bool:
    """Return whether a system in a report was read, completely or partly."""
    return bool(system["read"] or system["count"])


def _system_values(document: Object | None, field: str) -> dict[str, t.Any]:
    """Return the value of a field for each system in a report, or None for an optional field that does not exist."""
    if document is None:
        return {}
    return {system["system"]: system.get(field) for system in document["systems"]}


def _systems_with(document: Object, field: str) -> set[str]:
    """Return the systems in a report for which a field is true."""
    values = _system_values(document, field)
    return set(filter(values.get, values))


def add_last_read(document: Object, earlier: Object | None) -> None:
    """Set the time at which each system in a report was last read, completely or partly."""
    before = _system_values(earlier, "last_read")
    for system in document["systems"]:
        system["last_read"] = before.get(system["system"])
        if was_read(system):
            system["last_read"] = document["generated_at"]


def unhealthy(document: Object, earlier: Object | None) -> list[Object]:
    """Return the state of each unhealthy connector, with the time at which the connector became unhealthy.

    The state of a connector in maintenance also contains the problem that it had before, because the connector counts
    as recovered only after the maintenance.
    """
    before = _states(earlier)
    muted = keys_of(document["mutes"])
    read = _systems_with(document, "read")
    found = []
    for record in document["records"]:
        if record["health"] == "healthy":
            continue
        key = key_of(record)
        state = before.get(key)
        since = document["generated_at"]
        if state and (state["health"] in PROBLEMS) == (record["health"] in PROBLEMS):
            since = state["since"]
        entry = {**identity(record), "health": record["health"], "since": since, "muted": key in muted}
        if record["health"] not in PROBLEMS:
            entry.update(_problem_before(state))
        found.append(entry)
    # The state of a connector that could not be read is unchanged.
    seen, unread = keys_of(document["records"]), _system_values(document, "read").keys() - read
    for key, state in before.items():
        if key not in seen and state["system"] in unread:
            found.append(state)
    return found


def _problem_before(state: Object | None) -> Object:
    """Return the problem that a connector had before its maintenance, as the optional fields of its state."""
    if state is None:
        return {}
    if state["health"] not in PROBLEMS:
        return without_none(picked(state, PROBLEM_FIELDS))
    # The problem of a muted connector was not reported.
    return {} if state["muted"] else {"problem": state["health"], "problem_since": state["since"]}


def _states(document: Object | None) -> dict[Key, Object]:
    if not document:
        return {}
    return _by_key(document["unhealthy"])


def _by_key(items: t.Iterable[Object]) -> dict[Key, Object]:
    return {key_of(item): item for item in items}


def changes(earlier: Object, document: Object) -> Object:
    """Return the differences between a report and an earlier state of the fleet.

    :param earlier: an earlier report, or the last line of a history. A history does not contain records.
    """
    found: Object = {"since": earlier["generated_at"], **_differences(earlier, document)}
    found |= _problems(earlier, document)
    return {**found, **_systems(earlier, document)}


def _systems(earlier: Object, document: Object) -> Object:
    """Return the systems of which less could be read than for the earlier report, and those that are complete again."""
    before, after = _extents(earlier), _extents(document)
    found: Object = {"unread": [], "read_again": []}
    for name, extent in after.items():
        extent_before = before.get(name, COMPLETE)
        if extent < extent_before or _has_further_unread_parts(name, earlier, document):
            found["unread"].append(name)
        elif extent_before < extent == COMPLETE:
            found["read_again"].append(name)
    return found


def systems_read_alike(earlier: Object, document: Object) -> set[str]:
    """Return the systems that were read to the same extent for both reports, so that their counts can be compared."""
    extents_before, unread_before = _extents(earlier), _system_values(earlier, "unread")
    unread = _system_values(document, "unread")
    found = set()
    for system, extent in _extents(document).items():
        if (extent, unread[system]) == (extents_before.get(system), unread_before.get(system)):
            found.add(system)
    return found


def _has_further_unread_parts(name: str, earlier: Object, document: Object) -> bool:
    """Return whether parts of a system are unreadable that were readable in the earlier report.

    Reports of earlier versions do not contain these parts. If a system was not read at all, no parts are known.
    """
    before = _system_values(earlier, "unread").get(name)
    if not before:
        return False
    after = _system_values(document, "unread")[name] or ()
    return not {*before}.issuperset(after)


def _extents(document: Object) -> dict[str, int]:
    """Return whether each system in a report was read completely, partly or not at all."""
    by_system = document["summary"]["by_system"]
    found = {}
    for system, is_complete in _system_values(document, "read").items():
        found[system] = PARTLY if system in by_system else UNREAD
        if is_complete:
            found[system] = COMPLETE
    return found


def _differences(earlier: Object, document: Object) -> Object:
    """Return the differences between the records of two reports.

    A connector is listed as appeared only if its system was read completely for the earlier report, and as disappeared
    only if its system was read completely for the new report.
    """
    found: Object = {"appeared": [], "disappeared": [], "health": [], "version": []}
    if "records" not in earlier:
        return found
    complete_before, complete_after = _systems_with(earlier, "read"), _systems_with(document, "read")
    old, new = _by_key(earlier["records"]), _by_key(document["records"])
    for key, record in new.items():
        if key not in old:
            if record["system"] in complete_before:
                found["appeared"].append(identity(record))
            continue
        for field in ("health", "version"):
            if old[key][field] != record[field]:
                change = {**identity(record), "before": old[key][field], "after": record[field]}
                found[field].append(change)
    for key, record in old.items():
        if key not in new and record["system"] in complete_after:
            found["disappeared"].append(identity(record))
    return found


def _problems(earlier: Object, document: Object) -> Object:
    """Return the connectors that have a new or worse problem, and the connectors that have recovered.

    If a connector was muted, its problem counts as new when the mute has ended. If a system was not part of the earlier
    report, all its problems are new. If it was part of earlier reports, but never read, its problems are not compared.
    """
    found: Object = {"new": [], "worse": [], "recovered": []}
    read_before = _systems_with(earlier, "last_read") | earlier["summary"]["by_system"].keys()
    never_read = _system_values(earlier, "read").keys() - read_before
    missing = _missing_before(earlier, document)
    before, after = _states(earlier), _states(document)
    muted = keys_of(document["mutes"])
    for record in document["records"]:
        key = key_of(record)
        if record["system"] in never_read or key in muted:
            continue
        state = before.get(key, {})
        if record["health"] == "healthy":
            state = _without_maintenance(state)
        kind = _kind(record["health"], state)
        if kind is None:
            continue
        since = after.get(key, state)["since"]
        before_run = _health_before(state, key in missing)
        found[kind].append({**identity(record), "before": before_run, "after": record["health"], "since": since})
    for items in found.values():
        items.sort(key=lambda item: -BY_SEVERITY.index(item["after"]))
    return found


def _without_maintenance(state: Object) -> Object:
    """Return the state of a connector before its maintenance if it had a problem then, or its state unchanged."""
    if "problem" not in state:
        return state
    return {**state, "health": state["problem"], "since": state["problem_since"]}


def _missing_before(earlier: Object, document: Object) -> set[Key]:
    """Return the connectors without a record in the earlier report, which are therefore not known to have been healthy.

    A history does not contain records. An earlier report does not contain the records of unread parts of the fleet.
    """
    return keys_of(document["records"]) - keys_of(earlier.get("records", ()))


def _health_before(state: Object, is_missing: bool) -> t.Any:
    """Return the health of a connector before this run, or None if the earlier report does not contain the health."""
    if state:
        return state["health"]
    return None if is_missing else "healthy"


def _kind(health: str, state: Object) -> str | None:
    """Classify the change in a connector's health as ``new``, ``worse`` or ``recovered``, or return None."""
    before = "healthy"
    if state and not state["muted"]:
        before = state["health"]
    if health == "healthy" and before in PROBLEMS:
        return "recovered"
    if health not in PROBLEMS:
        return None
    if before not in PROBLEMS:
        return "new"
    return "worse" if BY_SEVERITY.index(health) > BY_SEVERITY.index(before) else None
