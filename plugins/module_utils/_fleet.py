# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""The fleet: what the four systems know of their connectors, as records of one shape, and how healthy each is.

Pure functions of the lists that the info modules return. A record has ``system``, ``id``, ``name``, ``host``,
``status`` (the vendor's word), ``health``, ``version``, ``outdated``, ``last_seen`` (ISO 8601, UTC), ``group`` and
``problems`` (sentences); what a system does not tell is None. Fields are strings, booleans or None, whatever a service
returns.
"""

from __future__ import annotations

import dataclasses
import typing as t
from datetime import datetime, timedelta

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._moments import days_left, iso, moment_from
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, by_name_and_id
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import (
    MAX_FIELD,
    address,
    one_line,
    record_id,
    record_text,
)

HEALTHS = ("healthy", "degraded", "down", "maintenance", "unknown")
FIELDS = (
    "system",
    "id",
    "name",
    "host",
    "status",
    "health",
    "version",
    "outdated",
    "last_seen",
    "group",
    "problems",
)
TEXTS = ("name", "status", "version", "group")
GRAVE_ALARMS = ("critical", "error")
MAX_ALARMS = 20
MAX_SHOWN = 100
MAX_HOURS = 1e7
MAX_DAYS = 1e6


@dataclasses.dataclass(frozen=True)
class Limits:
    """When health is judged, and by what: hours without access to a connector, days to the end of a token.

    :raises InputError: one of the numbers is negative, too large or not finite.
    """

    now: datetime
    stale_after: float = 24.0
    expiring_within: float = 7.0

    def __post_init__(self) -> None:
        if not 0 <= self.stale_after <= MAX_HOURS:
            raise InputError(f"The hours until a connector is stale must be between 0 and {MAX_HOURS:.0f}.")
        if not 0 <= self.expiring_within <= MAX_DAYS:
            raise InputError(f"The days before a token expires must be between 0 and {MAX_DAYS:.0f}.")


def records(system: str, items: object, limits: Limits) -> list[Object]:
    """The records of a list that the info module of a system returned, sorted by name, then by id.

    :raises InputError: there is no such system, or that is no such list.
    """
    if system not in _RECORDS:
        raise InputError(f"There is no system '{system}'; the fleet has {', '.join(_RECORDS)}.")
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, t.Mapping) for item in items):
        raise InputError(
            f"The fleet is made of the list that an info module returns, '{LISTS[system]}' of its result, and not of"
            f" {'its whole result' if isinstance(items, t.Mapping) else 'what was given'}."
        )
    return by_name_and_id([record_of(system, item, limits) for item in items])


def is_healthy(record: object) -> bool:
    """Whether a record's health is ``healthy``.

    :raises InputError: it is no record of the fleet.
    """
    return bool(_checked(record)["health"] == "healthy")


def is_outdated(record: object) -> bool:
    """Whether there is a newer version of a record's connector. One whose system does not tell is not outdated.

    :raises InputError: it is no record of the fleet.
    """
    return _checked(record)["outdated"] is True


def _checked(record: object) -> t.Mapping[str, t.Any]:
    if not isinstance(record, t.Mapping) or not {"health", "outdated"} <= record.keys():
        raise InputError("This is no record of the fleet; the filter hybrid.connectors.fleet makes them.")
    return record


def record_of(system: str, item: t.Mapping[str, t.Any], limits: Limits) -> Object:
    """Return the record of one item of the list of a system.

    Whatever the item contains, the fields are strings, booleans or null, and ``problems`` is a list of strings.
    """
    found = _RECORDS[system](item, limits)
    seen = moment_from(found["last_seen"])
    host = address(found["host"])
    record: Object = {
        **dict.fromkeys(FIELDS),
        **{field: record_text(found[field]) for field in TEXTS},
        "system": system,
        "id": record_id(found["id"]),
        "host": host,
        "health": found["health"],
        "outdated": found["outdated"],
        "last_seen": iso(seen) if seen else None,
    }
    problems = [*found["problems"]]
    if found["host"] not in (None, "") and host is None:
        problems.append(f"{_shown(found['host'])} is not a valid host name or IP address; it is not used as one.")
    if found["outdated"]:
        problems.append(f"Version {record['version'] or 'unknown'} is not the newest one.")
    return {**record, "problems": [one_line(problem)[:MAX_FIELD] for problem in problems]}


def _shown(value: object) -> str:
    """Return a value of a service as a part of a sentence."""
    text = record_text(value)
    return f"'{text[:MAX_SHOWN]}'" if text is not None else "a value that is not a string"


def _webex(item: t.Mapping[str, t.Any], limits: Limits) -> Object:
    status = item.get("status")
    given = item.get("alarms")
    alarms = [alarm for alarm in given if isinstance(alarm, t.Mapping)] if isinstance(given, (list, tuple)) else []
    health = {
        "operational": "healthy",
        "impaired": "degraded",
        "outage": "down",
        "maintenancemode": "maintenance",
    }.get(_word(status), "unknown")
    problems = [] if health == "healthy" else [_status("Webex", status)]
    if health == "healthy" and any(_word(alarm.get("severity")) in GRAVE_ALARMS for alarm in alarms):
        health = "degraded"
    problems += [_alarm(alarm) for alarm in alarms[:MAX_ALARMS]]
    if len(alarms) > MAX_ALARMS:
        problems.append(f"{len(alarms) - MAX_ALARMS} more alarms.")
    return {
        "id": item.get("id"),
        "name": item.get("hostname"),
        "host": item.get("hostname"),
        "status": status,
        "health": health,
        "version": item.get("version"),
        "outdated": None,
        "last_seen": None,
        "group": _first(item.get("hybrid_cluster_name"), item.get("hybrid_cluster_id")),
        "problems": problems,
    }


def _status(title: str, status: object) -> str:
    return f"{title} reports the status {_shown(status)}." if status is not None else f"{title} reports no status."


def _alarm(alarm: t.Mapping[str, t.Any]) -> str:
    severity, title = (record_text(alarm.get(field)) or "unknown" for field in ("severity", "title"))
    return f"Alarm ({severity}): {title}."


def _word(value: object) -> str:
    """Return a word of a service for a comparison."""
    return value.casefold() if isinstance(value, str) else ""


def _first(*candidates: object) -> object:
    """Return the first value that a field of a record can have."""
    return next((value for value in candidates if record_text(value)), None)


def _apono(item: t.Mapping[str, t.Any], limits: Limits) -> Object:
    status = item.get("status")
    health = {"connected": "healthy", "disconnected": "down"}.get(_word(status), "unknown")
    latest = item.get("is_latest_version")
    seen = item.get("last_connected")
    problems = []
    if health == "down":
        problems = [f"Disconnected since {record_text(seen)}." if record_text(seen) else "It was never connected."]
    elif health == "unknown":
        problems = [_status("Apono", status)]
    return {
        "id": item.get("id"),
        "name": _first(item.get("name"), item.get("id")),
        "host": None,
        "status": status,
        "health": health,
        "version": item.get("version"),
        "outdated": not latest if isinstance(latest, bool) else None,
        "last_seen": seen,
        "group": item.get("cloud_provider_type"),
        "problems": problems,
    }


def _voss(item: t.Mapping[str, t.Any], limits: Limits) -> Object:
    health = "healthy"
    problems = []
    for kind in ("access", "refresh"):
        expires = item.get(f"{kind}_token_expires")
        left = days_left(expires, limits.now)
        if left is None or left > limits.expiring_within:
            continue
        if left < 0:
            health = "down"
            problems.append(f"The {kind} token expired at {expires}.")
        else:
            health = "down" if health == "down" else "degraded"
            problems.append(f"The {kind} token expires in {left:.1f} days, at {expires}.")
    return {
        "id": item.get("pkid"),
        "name": item.get("name"),
        "host": None,
        "status": None,
        "health": health,
        "version": None,
        "outdated": None,
        "last_seen": None,
        "group": _first(item.get("hierarchy_path"), item.get("hierarchy")),
        "problems": problems,
    }


def _hdp(item: t.Mapping[str, t.Any], limits: Limits) -> Object:
    accessed = item.get("last_accessed")
    seen = moment_from(accessed)
    health, problems = "healthy", []
    if seen is None:
        health, problems = "unknown", ["When it was last accessed is not known."]
    elif limits.now - seen > timedelta(hours=limits.stale_after):
        health, problems = "degraded", [f"It was last accessed at {iso(seen)}."]
    return {
        "id": item.get("connector_id"),
        "name": _first(item.get("label"), item.get("connector_id")),
        "host": item.get("ip_address"),
        "status": None,
        "health": health,
        "version": item.get("version"),
        "outdated": None,
        "last_seen": accessed,
        "group": item.get("tenant_name"),
        "problems": problems,
    }


_RECORDS: dict[str, t.Callable[[t.Mapping[str, t.Any], Limits], Object]] = {
    "apono": _apono,
    "hdp": _hdp,
    "voss": _voss,
    "webex": _webex,
}
LISTS = {"apono": "connectors", "hdp": "connectors", "voss": "customers", "webex": "connectors"}
