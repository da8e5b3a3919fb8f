# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Parse and format timestamps."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

SECONDS_A_DAY = 86400.0
MILLISECONDS_FROM = 1e11
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# This grammar is necessary because Python versions support different parts of ISO 8601.
# A date or a date with a time can be in the extended format (2026-11-28T10:15:00Z).
# A date with a time can also be in the basic format (20261128T101500Z).
# A date in the basic format without a time is not supported, because it looks like a number.
# Week dates and days of the year are not supported either.
# Only seconds can have a fraction. A leap second is written as second 60.
_ZONE = r"(?:[Zz]|(?P<sign>[+-])(?P<zone_hour>[01][0-9]|2[0-3])(?::?(?P<zone_minute>[0-5][0-9]))?)?"
_HOUR, _MINUTE = "(?P<hour>[01][0-9]|2[0-4])", "(?P<minute>[0-5][0-9])"
_SECOND = r"(?P<second>[0-5][0-9]|60)(?:[.,](?P<fraction>[0-9]{1,40}))?"
_EXTENDED = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    rf"(?:[Tt ]{_HOUR}(?::{_MINUTE}(?::{_SECOND})?)?{_ZONE})?"
)
_BASIC = re.compile(
    rf"(?P<year>[0-9]{{4}})(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})[Tt]{_HOUR}(?:{_MINUTE}(?:{_SECOND})?)?{_ZONE}"
)


def parse_timestamp(value: object) -> datetime | None:
    """Parse a timestamp as a datetime in UTC, or return None if the value is not a timestamp.

    :param value: a string in ISO 8601 format, or the seconds or milliseconds since the Unix epoch. A string without a
        time zone is interpreted as UTC.
    """
    try:
        if isinstance(value, str):
            return _parsed(value.strip())
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        seconds = value / 1000 if abs(value) >= MILLISECONDS_FROM else value
        return EPOCH + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None


def _parsed(text: str) -> datetime | None:
    """Parse a timestamp string, or return None if its format is not supported.

    :raises ValueError: the date does not exist.
    :raises OverflowError: the timestamp is before the year 1 or after the year 9999.
    """
    found = _EXTENDED.fullmatch(text) or _BASIC.fullmatch(text)
    if not found:
        return None
    parts = found.groupdict("0")
    micro = int(parts["fraction"][:6].ljust(6, "0"))
    clock = timedelta(0, int(parts["second"]), micro, 0, int(parts["minute"]), int(parts["hour"]))
    # The hour 24 is valid only in 24:00, which is midnight at the end of the day.
    if parts["hour"] == "24" and clock > timedelta(days=1):
        return None
    zone = timedelta(hours=int(parts["zone_hour"]), minutes=int(parts["zone_minute"]))
    midnight = datetime(int(parts["year"]), int(parts["month"]), int(parts["day"]), tzinfo=timezone.utc)
    return midnight + clock - zone * {"-": -1}.get(parts["sign"], 1)


def days_left(value: object, now: datetime) -> float | None:
    """Return the number of days from ``now`` to an ISO 8601 timestamp, or None for any other value.

    The number is negative if the timestamp is in the past.
    """
    timestamp = parse_timestamp(value) if isinstance(value, str) else None
    if timestamp is None:
        return None
    return round((timestamp - now).total_seconds() / SECONDS_A_DAY, 3)


def iso(timestamp: datetime) -> str:
    """Return a timestamp in ISO 8601 format, in UTC, without fractions of a second."""
    return timestamp.astimezone(timezone.utc).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def duration(seconds: float) -> str:
    """Return a duration in words, for example "12 days"."""
    minutes = max(0, round(seconds / 60))
    for unit, length, longest in (("minute", 1, 60), ("hour", 60, 48 * 60)):
        if minutes < longest:
            return _plural(max(1, round(minutes / length)), unit)
    return _plural(round(minutes / (24 * 60)), "day")


def _plural(count: int, unit: str) -> str:
    if count == 1:
        return f"{count} {unit}"
    return f"{count:,} {unit}s"


def seconds_between(start: object, end: object) -> float:
    """Return the seconds from one timestamp to another, or 0 if either value is not a timestamp."""
    first, last = parse_timestamp(start), parse_timestamp(end)
    return (last - first).total_seconds() if first and last else 0.0
