# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Convert lists from info modules to fleet records, which have the same fields for all systems.

The functions are pure. A record has the fields in :data:`FIELDS`. ``status`` is the status that the vendor
reports, ``last_seen`` is an ISO 8601 time in UTC, and ``problems`` is a list of sentences. The other fields are
strings, booleans or None, even if a service returns a different type. A field that a system does not provide is None.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from datetime import datetime

from ._errors import InputError
from ._plan import Object, by_name_and_id
from ._providers._base import HealthThresholds, Item, quoted
from ._providers.registry import provider_of
from ._timestamps import days_left, iso, parse_timestamp
from ._unicode import one_line
from ._untrusted import MAX_FIELD, address, record_id, record_text

__all__ = ["HealthThresholds"]

HEALTHS = ("healthy", "degraded", "down", "maintenance", "unknown")
# Maintenance is planned. It is neither a problem nor a recovery.
PROBLEMS = frozenset({"unknown", "degraded", "down"})
FIELDS = (
    "system", "id", "name", "host", "status", "health", "version", "outdated", "last_seen", "group", "type", "org",
    "problems",
)  # fmt: skip
TEXTS = ("status", "version", "group", "type", "org")


def records(system: str, items: t.Any, thresholds: HealthThresholds) -> list[Object]:
    """Convert a list from an info module to fleet records, sorted by name, then by ID.

    :raises InputError: the system does not exist, or the value is not a list of objects.
    """
    return by_name_and_id(_records(system, items, thresholds))


def _records(system: str, items: t.Any, thresholds: HealthThresholds) -> list[Object]:
    """Convert a list from an info module to fleet records, in the order of the list."""
    list_key = provider_of(system).list_key
    if isinstance(items, t.Mapping):
        raise InputError(f"The value is the whole result of the info module. Specify the list in its key '{list_key}'.")
    if not are_objects(items):
        raise InputError(
            f"The value is not a list of objects. Specify the list in the key '{list_key}' of the info module's result."
        )
    return [record_of(system, item, thresholds) for item in items]


def are_objects(value: t.Any) -> bool:
    """Return whether a value is a list of objects."""
    return isinstance(value, (list, tuple)) and all(isinstance(item, Mapping) for item in value)


def is_healthy(record: object) -> bool:
    """Return whether a fleet record describes a healthy connector.

    :raises InputError: the value is not a fleet record.
    """
    return bool(_checked(record)["health"] == "healthy")


def is_outdated(record: object) -> bool:
    """Return whether a newer version of a connector exists. If the system does not report this, return False.

    :raises InputError: the value is not a fleet record.
    """
    return _checked(record)["outdated"] is True


def _checked(record: object) -> t.Mapping[str, t.Any]:
    if not isinstance(record, t.Mapping) or not {"health", "outdated"} <= record.keys():
        raise InputError("The value is not a fleet record. Use the filter hybrid.connectors.fleet to create records.")
    return record


def record_of(system: str, item: t.Mapping[str, t.Any], thresholds: HealthThresholds) -> Object:
    """Convert an item from a system's list to a fleet record."""
    found = {**dict.fromkeys(FIELDS), **provider_of(system).record(item, thresholds)}
    host = address(found["host"])
    record: Object = {
        **dict.fromkeys(FIELDS),
        **_identity(system, item),
        "host": host,
        "health": found["health"],
        "outdated": found["outdated"],
        "last_seen": _time(found["last_seen"]),
    }
    for field in TEXTS:
        record[field] = record_text(found[field])
    problems = [*found["problems"]]
    if found["host"] not in (None, "") and host is None:
        problems.append(f"{quoted(found['host'])} is not a valid host name or IP address.")
    if found["outdated"]:
        problems.append(f"Version {record['version'] or 'unknown'} is not the latest version.")
    record["problems"] = [one_line(problem)[:MAX_FIELD] for problem in problems]
    return record


def identity(item: t.Mapping[str, t.Any]) -> Object:
    """Return the system, the connector ID and the connector name of a fleet record, an alarm or an expiry."""
    return {"system": item["system"], "id": item["id"], "name": item["name"]}


def fleet_of(lists: t.Mapping[str, t.Sequence[Item]], thresholds: HealthThresholds) -> Object:
    """Convert the lists of several systems to the ``connectors``, ``alarms`` and ``expiries`` of the fleet.

    The newest alarms and the earliest expiries come first. Alarms without a time come last.
    """
    connectors: list[Object] = []
    alarms: list[Object] = []
    expiries: list[Object] = []
    for system, items in lists.items():
        provider = provider_of(system)
        found = _records(system, items, thresholds)
        connectors += found
        for item, record in zip(items, found):
            connector = identity(record)
            alarms += [{**connector, **_alarm(alarm)} for alarm in provider.alarms(item)]
            expiries += _expiries(connector, provider.expiries(item), thresholds.now)
    alarms.sort(key=lambda alarm: (str(alarm["name"]), str(alarm["id"]), str(alarm["title"])))
    alarms.sort(key=lambda alarm: alarm["raised_at"] or "", reverse=True)
    expiries.sort(key=lambda expiry: (expiry["expires_at"], str(expiry["name"]), str(expiry["id"])))
    return {"connectors": by_name_and_id(connectors), "alarms": alarms, "expiries": expiries}


def _alarm(alarm: Item) -> Object:
    return {
        "severity": record_text(alarm.get("severity")),
        "title": record_text(alarm.get("title")),
        "description": record_text(alarm.get("description")),
        "raised_at": _time(alarm.get("created")),
    }


def _time(value: object) -> str | None:
    """Return a timestamp in ISO 8601 format, or None if the value is not a timestamp."""
    timestamp = parse_timestamp(value)
    if timestamp is None:
        return None
    return iso(timestamp)


def _expiries(connector: Item, expiries: t.Iterable[tuple[str, object]], now: datetime) -> t.Iterator[Object]:
    """Yield an entry for each connector token with a known expiry time."""
    for token, expires in expiries:
        left = days_left(expires, now)
        if left is not None:
            yield {**connector, "token": token, "expires_at": _time(expires), "days_left": left}


def _identity(system: str, item: Item) -> Object:
    """Return the system, the connector ID and the connector name of an item."""
    identifier, name = provider_of(system).identity(item)
    return {"system": system, "id": record_id(identifier), "name": record_text(name)}
