# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Select the connectors that a user has muted, so that a report does not count them as new problems."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timedelta

from ..module_utils._errors import InputError
from ..module_utils._plan import Object
from ..module_utils._providers.registry import provider_of
from ..module_utils._timestamps import iso, parse_timestamp
from ..module_utils._unicode import one_line
from ..module_utils._untrusted import record_id

FIELDS = ("system", "id", "until", "reason")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def active_mutes(entries: object, now: datetime) -> list[Object]:
    """Return the entries for connectors that are still muted.

    :param entries: the list that the user specified.
    :raises InputError: an entry is not valid.
    """
    if not isinstance(entries, (list, tuple)):
        raise InputError("The value for the muted connectors must be a list of dictionaries.")
    found = []
    for number, entry in enumerate(entries, 1):
        mute, end = _checked(number, entry)
        if end is None or now < end:
            found.append(mute)
    return found


def _checked(number: int, entry: object) -> tuple[Object, datetime | None]:
    """Validate an entry. Return it in the report format, together with the end time of the mute."""
    place = f"Entry {number} of the muted connectors"
    if not isinstance(entry, t.Mapping):
        raise InputError(f"{place} is not a dictionary. Specify 'system' and 'id'.")
    for name in entry:
        if name not in FIELDS:
            raise InputError(f"{place} has the unknown key '{name}'. The keys are {', '.join(FIELDS)}.")
    for name in ("system", "id"):
        if entry.get(name) in (None, ""):
            raise InputError(f"{place} does not have the key '{name}'. Specify 'system' and 'id'.")
    end = _end(place, entry.get("until"))
    mute = {
        "system": provider_of(str(entry["system"])).name,
        "id": record_id(str(entry["id"])),
        "until": iso(end) if end else None,
        "reason": one_line(entry.get("reason") or "") or None,
    }
    return mute, end


def _end(place: str, until: object) -> datetime | None:
    """Return the end time of a mute. A date without a time includes the whole day in UTC."""
    if until in (None, ""):
        return None
    text = str(until)
    end = parse_timestamp(text)
    if end is None:
        raise InputError(
            f"{place} has an invalid value '{one_line(text)}' for 'until'. Specify a date or a time in ISO 8601 format,"
            " for example '2026-12-31' or '2026-12-31T18:00:00Z'."
        )
    try:
        return end + timedelta(days=1) if _DATE.fullmatch(text.strip()) else end
    except OverflowError:
        return None
