# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Parse and format timestamps."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

SECONDS_A_DAY = 86400.0
MAX_TEXT = 64
MILLISECONDS_FROM = 1e11
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# Releases of Python support different parts of ISO 8601. This grammar supports a date, or a date with a time, both in
# the extended format (2026-11-28T10:15:00Z) or both in the basic format (20261128T101500Z). It does not support week
# dates, days of the year, and a date alone in the basic format, which is a number. Only seconds can have a fraction.
_ZONE = r"(?P<zone>[Zz]|(?P<sign>[+-])(?P<zone_hour>[0-9]{2})(?::?(?P<zone_minute>[0-9]{2}))?)?"
_FRACTION = r"(?:[.,](?P<fraction>[0-9]+))?"
_EXTENDED = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    rf"(?:[Tt ](?P<hour>[0-9]{{2}})(?::(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}}){_FRACTION})?)?{_ZONE})?"
)
_BASIC = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    rf"[Tt](?P<hour>[0-9]{{2}})(?:(?P<minute>[0-9]{{2}})(?:(?P<second>[0-9]{{2}}){_FRACTION})?)?{_ZONE}"
)


def parse_timestamp(value: object) -> datetime | None:
    """Return a timestamp as a UTC datetime, or None if the value is not a timestamp.

    :param value: a string in ISO 8601 format, in UTC if it has no zone, or the seconds or milliseconds since 1970.
    """
    try:
        if isinstance(value, str):
            return _parsed(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        seconds = value / 1000 if abs(value) >= MILLISECONDS_FROM else value
        return EPOCH + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None


def _parsed(value: str) -> datetime | None:
    """Return the timestamp in a string; None if the string does not follow the grammar.

    :raises ValueError: a number is out of range.
    :raises OverflowError: the timestamp is before the year 1 or after the year 9999.
    """
    text = value.strip() if len(value) <= MAX_TEXT else ""
    found = _EXTENDED.fullmatch(text) or _BASIC.fullmatch(text)
    if not found:
        return None
    clock, zone = _clock(found), _offset(found)
    if clock is None or zone is None:
        return None
    return datetime(int(found["year"]), int(found["month"]), int(found["day"]), tzinfo=timezone.utc) + clock - zone


def _clock(found: re.Match[str]) -> timedelta | None:
    """Return the time since midnight; None if the time is invalid.

    24:00 is midnight of the next day, and a leap second is the second after :59.
    """
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    micro = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    clock = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micro)
    is_after_midnight = hour >= 24 and clock > timedelta(days=1)
    if is_after_midnight or minute > 59 or second > 60:
        return None
    return clock


def _offset(found: re.Match[str]) -> timedelta | None:
    """Return the offset of a local time from UTC; None if the offset is invalid."""
    hours, minutes = (int(found[name] or 0) for name in ("zone_hour", "zone_minute"))
    if hours > 23 or minutes > 59:
        return None
    return timedelta(hours=hours, minutes=minutes) * {"-": -1}.get(found["sign"], 1)


def days_left(value: object, now: datetime) -> float | None:
    """Return the days from ``now`` to an ISO 8601 timestamp, negative if it is past; None if it is not a timestamp."""
    timestamp = parse_timestamp(value) if isinstance(value, str) else None
    return round((timestamp - now).total_seconds() / SECONDS_A_DAY, 3) if timestamp else None


def iso(timestamp: datetime) -> str:
    """Return a timestamp in ISO 8601 format, in UTC, without fractions of a second."""
    return timestamp.astimezone(timezone.utc).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
