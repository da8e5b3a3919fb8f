# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Points in time as services write them, and how far away they are."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

SECONDS_A_DAY = 86400.0
MAX_TEXT = 64
MILLISECONDS_FROM = 1e11
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# Releases of Python read different parts of ISO 8601, so that the grammar is here: a date, or a date with a time, both
# in the extended format (2026-11-28T10:15:00Z) or both in the basic one (20261128T101500Z). Week dates, days of the
# year and a basic date alone, which is a number, are not read. A fraction is one of a second.
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
    """Return a point in time, in UTC, or None if the value is none.

    :param value: ISO 8601 with or without a zone (UTC then), or a number of seconds or milliseconds since 1970.
    """
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return EPOCH + timedelta(seconds=value / 1000 if abs(value) >= MILLISECONDS_FROM else value)
        return _parsed(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _parsed(value: str) -> datetime | None:
    """Return the point in time that a string is; None if it does not follow the grammar.

    :raises ValueError: a number in it is out of range.
    :raises OverflowError: it is before the year 1 or after 9999.
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
    """Return the time since midnight; None if there is no such time.

    24:00 is midnight of the next day, and a leap second is the second after :59.
    """
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    micro = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    clock = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micro)
    if minute > 59 or second > 60 or hour > 24:
        return None
    return None if hour == 24 and clock > timedelta(days=1) else clock


def _offset(found: re.Match[str]) -> timedelta | None:
    """Return how far a local time is ahead of UTC; None if that is more than any zone is."""
    hours, minutes = int(found["zone_hour"] or 0), int(found["zone_minute"] or 0)
    if hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if found["sign"] == "-" else offset


def days_left(value: object, now: datetime) -> float | None:
    """Return the days from ``now`` to an ISO 8601 time, below zero if it is past; None if the value is not one."""
    moment = parse_timestamp(value) if isinstance(value, str) else None
    return round((moment - now).total_seconds() / SECONDS_A_DAY, 3) if moment else None


def iso(moment: datetime) -> str:
    """Return a point in time as ISO 8601 in UTC, to the second."""
    return moment.astimezone(timezone.utc).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
