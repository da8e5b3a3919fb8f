# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Create the fleet report, which contains only plain types. Its JSON Schema is in ``roles/fleet_report/files``.

The functions are pure. The system and the ID together identify a connector across reports. For a system that could not
be read, the report contains no connectors, counts or changes. A system that was only partly read counts as not read,
but the report contains the connectors that were read.
"""

from __future__ import annotations

import contextlib
import json
import operator
import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import InputError
from ..module_utils._fleet import FIELDS, HEALTHS, HealthThresholds, fleet_of
from ..module_utils._fleet_document import FORMAT, VERSION, report_from, unvalidated_report_from
from ..module_utils._fleet_history import SHOWN_RUNS, are_items, runs, state_of, unread_parts
from ..module_utils._plan import Object, by_name_and_id
from ..module_utils._providers.registry import provider_of
from ..module_utils._timestamps import iso
from ..module_utils._unicode import one_line
from ..module_utils._untrusted import json_or_none
from ._report_changes import add_last_read, changes, unhealthy, was_read
from ._report_headline import headline
from ._report_mutes import active_mutes

TITLE = "Connector fleet"
MAX_ERROR = 2000
# Maximum length of the margin (a line feed and two spaces) at which dictionary keys are written on separate lines.
INDENTED = 3
# Fields in the result of fleet_info: the fields of each system, and the fields of the items in each list.
SYSTEM_FIELDS = ("read", "error", "count")
PARTS = {
    "connectors": FIELDS,
    "alarms": ("system", "id", "name", "severity", "title", "description", "raised_at"),
    "expiries": ("system", "id", "name", "token", "expires_at", "days_left"),
}
# Exceptions that a manually edited report can cause.
DAMAGED = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)

Results = t.Mapping[str, t.Any]


def report(
    results: Results | str,
    thresholds: HealthThresholds,
    title: str = TITLE,
    previous: object = None,
    mute: object = (),
    history: str | None = None,
) -> Object:
    """Create a fleet report.

    :param results: the result of ``fleet_info`` or its JSON string, or the results of info modules, keyed by system. If
        a module failed, its system counts as not read.
    :param previous: an earlier report, or its JSON string. Any other value is ignored.
    :param mute: the muted connectors, as dictionaries with the keys ``system``, ``id``, ``until`` and ``reason``.
    :param history: the last lines of the history, or None if there is no history. Without an earlier report, the report
        is compared with the last run in the history.
    :raises InputError: a system does not exist, a value is not a result, or an entry of ``mute`` is not valid.
    """
    document = _document(_parsed(results), thresholds, title, mute)
    past = runs(history or "", thresholds.now)
    earlier = _earlier(previous, thresholds)
    # Without the state of the unhealthy connectors, all known problems would be new.
    if earlier is None and past and "unhealthy" in past[-1]:
        earlier = past[-1]
    add_last_read(document, earlier)
    document["unhealthy"] = unhealthy(document, earlier)
    if earlier is not None:
        document["changes"] = changes(earlier, document)
    document["headline"] = headline(document, earlier)
    document["trend"] = [] if history is None else _trend([*past[1 - SHOWN_RUNS :], document])
    return document


def as_text(document: Object) -> str:
    """Serialize a report as JSON with each list item on its own line, so that diffs show which items changed."""
    return _indented(document, "\n ") + "\n"


def _indented(value: t.Any, margin: str) -> str:
    """Return a value as JSON, with line breaks in lists and in the first two levels of dictionaries.

    The encoder of the standard library takes three times as long if it adds indentation.
    """
    separator, end = f",{margin}", margin[:-1]
    if isinstance(value, list) and value:
        return f"[{margin}{separator.join(map(json.dumps, value))}{end}]"
    if isinstance(value, dict) and value and len(margin) <= INDENTED:
        lines = [f"{json.dumps(key)}: {_indented(inner, margin + ' ')}" for key, inner in value.items()]
        return f"{{{margin}{separator.join(lines)}{end}}}"
    return json.dumps(value)


def _parsed(results: object) -> Results:
    """Return the results as a dictionary.

    :raises InputError: the value is neither a dictionary nor the JSON string of a dictionary.
    """
    if isinstance(results, str):
        results = json_or_none(results)
    if not isinstance(results, t.Mapping):
        raise InputError("A report requires the result of fleet_info, or a dictionary of the results of info modules.")
    return results


def _document(results: Results, thresholds: HealthThresholds, title: str, mute: object) -> Object:
    """Return the part of a report that does not depend on earlier reports."""
    fleet = _checked_fleet(results) if "systems" in results else _fleet_of(results, thresholds)
    systems = [_system(system, state) for system, state in sorted(fleet["systems"].items())]
    records = sorted(by_name_and_id(fleet["connectors"]), key=lambda record: str(record["system"]))
    return {
        "format": FORMAT,
        "version": VERSION,
        "generated_at": iso(thresholds.now),
        "title": title,
        "limits": {
            "stale_after_hours": thresholds.stale_after_hours,
            "expiring_within_days": thresholds.expiring_within_days,
        },
        "systems": systems,
        "summary": _summary(systems, records),
        "records": records,
        "expiries": list(fleet["expiries"]),
        "alarms": list(fleet["alarms"]),
        "mutes": active_mutes(mute, thresholds.now),
        "changes": None,
    }


def _earlier(previous: object, thresholds: HealthThresholds) -> Object | None:
    """Return the fleet state and the records in an earlier report, or None if the value is not a valid report."""
    document = report_from(previous)
    if document is None:
        return None
    return {**state_of(document, thresholds.now), "records": document["records"]}


def _trend(past: t.Iterable[Object]) -> list[Object]:
    """Return the connector counts for each run shown on the page, from the oldest to the newest run."""
    return [{"generated_at": run["generated_at"], "by_system": run["summary"]["by_system"]} for run in past]


def _checked_fleet(result: Results) -> Results:
    """Check the result of ``fleet_info``, and return it unchanged.

    :raises InputError: the value is not a result of ``fleet_info``, or a system does not exist.
    """
    if not _is_fleet(result):
        raise InputError("The value is not a result of hybrid.connectors.fleet_info, or the module failed.")
    for system in result["systems"]:
        provider_of(system)
    return result


def _is_fleet(result: Results) -> bool:
    systems = result["systems"]
    if not isinstance(systems, t.Mapping) or not are_items([*systems.values()], SYSTEM_FIELDS):
        return False
    return all(are_items(result.get(part), fields) for part, fields in PARTS.items())


def _fleet_of(results: Results, thresholds: HealthThresholds) -> Object:
    """Convert the results of info modules to the result format of ``fleet_info``."""
    lists = {}
    systems = {}
    for system in sorted(results):
        items = _items_of(system, results[system])
        systems[system] = _state(system, items, results[system])
        if items is not None:
            lists[system] = items
    return {**fleet_of(lists, thresholds), "systems": systems}


def _items_of(system: str, result: object) -> t.Sequence[t.Mapping[str, t.Any]] | None:
    """Return the items from the result of an info module, or None if the module failed.

    :raises InputError: the system does not exist, or the value is not a result.
    """
    provider = provider_of(system)
    list_key = provider.list_key
    if not isinstance(result, t.Mapping):
        raise InputError(
            f"The value of '{system}' must be the result of the module {provider.info_module}, not a value of type"
            f" {type(result).__name__}."
        )
    items = result.get(list_key)
    if result.get("failed") or not isinstance(items, (list, tuple)):
        return None
    return items


def _state(system: str, items: t.Sequence[t.Any] | None, result: t.Mapping[str, t.Any]) -> Object:
    """Return the state of a system in the format of ``fleet_info``."""
    if items is not None:
        provider = provider_of(system)
        error = provider.missing(result)
        return {"read": error is None, "error": error, "count": len(items), "unread": provider.unread_parts(result)}
    reason = "the module did not return a list."
    if result.get("finished") in (0, False):
        reason = "the module did not finish in time."
    return {"read": False, "error": str(result.get("msg") or reason), "count": 0}


def _system(system: str, state: t.Mapping[str, t.Any]) -> Object:
    provider = provider_of(system)
    error = None
    if not state["read"]:
        completely = " completely" if state["count"] else ""
        error = f"not read{completely}, because {one_line(str(state['error']))[:MAX_ERROR]}"
    return {
        "system": system,
        "title": provider.title,
        "item": provider.item,
        "has_alarms": provider.has_alarms,
        "has_expiries": provider.has_expiries,
        "read": state["read"],
        "error": error,
        "count": state["count"],
        **unread_parts(state),
    }


def _summary(systems: t.Iterable[Object], records: t.Sequence[Object]) -> Object:
    by_system = {}
    for system in systems:
        if was_read(system):
            by_system[system["system"]] = dict.fromkeys(HEALTHS, 0)
    by_health = dict.fromkeys(HEALTHS, 0)
    outdated = 0
    for record in records:
        by_system[record["system"]][record["health"]] += 1
        by_health[record["health"]] += 1
        outdated += record["outdated"] is True
    return {"total": len(records), "by_health": by_health, "by_system": by_system, "outdated": outdated}


def unchecked_report(value: object) -> Object:
    """Load a report from an object or a JSON string. The values in the report are not validated.

    :raises InputError: the value does not have the format of a report.
    """
    return _required(unvalidated_report_from(value))


def checked_report(value: object) -> Object:
    """Load and validate a report from an object or a JSON string.

    :raises InputError: the value is not a valid report of this version.
    """
    return _required(report_from(value))


def _required(document: Object | None) -> Object:
    if document is None:
        raise InputError("The value is not a report. Use the filter hybrid.connectors.fleet_report to create a report.")
    return document


@contextlib.contextmanager
def filter_errors(name: str, cause: str = "the report is not valid") -> t.Iterator[None]:
    """Convert errors caused by an invalid report to filter errors.

    :param cause: the cause that the message gives if the report is damaged.
    """
    try:
        yield
    except InputError as error:
        raise AnsibleFilterError(f"hybrid.connectors.{name}: {error}") from error
    except DAMAGED as error:
        raise AnsibleFilterError(f"hybrid.connectors.{name}: {cause} ({error!r})") from error


def same_fleet(first: object, second: object) -> bool:
    """Return whether two reports are equal, except for values that change over time.

    Each report is an object or a JSON string. The function returns False if a report is not valid.
    """
    try:
        return _timeless(checked_report(first)) == _timeless(checked_report(second))
    except InputError:
        return False


def _timeless(document: Object) -> Object:
    """Return the content of a report without the values that change over time."""
    return {
        "title": document.get("title"),
        "limits": document.get("limits"),
        "alarms": document.get("alarms"),
        "mutes": document.get("mutes"),
        "systems": list(map(operator.itemgetter("system", "read"), document["systems"])),
        "records": _without(document["records"], "problems", "last_seen"),
        "expiries": _without(document.get("expiries") or (), "days_left"),
    }


def _without(items: t.Iterable[Object], *fields: str) -> list[Object]:
    return [{name: item[name] for name in item.keys() - fields} for item in items]
