# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Points in time as services write them, and how far away they are."""

from __future__ import annotations

import re
from datetime import datetime, timezone

SECONDS_A_DAY = 86400.0


def moment_from(value: object) -> datetime | None:
    """A point in time out of ISO 8601, with or without a zone (UTC then), or out of a number of seconds or milliseconds
    since 1970; None if it is none of them.
    """
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if abs(value) >= 1e11 else value, timezone.utc)
        if not isinstance(value, str):
            return None
        text = re.sub(r"[Zz]$", "+00:00", value.strip())
        text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text)
        text = re.sub(r"\.(\d+)", lambda found: "." + found.group(1)[:6].ljust(6, "0"), text)
        parsed = datetime.fromisoformat(text)
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


def days_left(value: object, now: datetime) -> float | None:
    """Days from ``now`` to an ISO 8601 time, below zero if it is past; None if the value is not one."""
    moment = moment_from(value) if isinstance(value, str) else None
    try:
        return round((moment - now).total_seconds() / SECONDS_A_DAY, 3) if moment else None
    except OverflowError:
        return None


def iso(moment: datetime) -> str:
    """A point in time as ISO 8601 in UTC, to the second."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
