# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Summarize a fleet report in one sentence, which is the first line of the page and of each notification."""

from __future__ import annotations

import typing as t

from ..module_utils._plan import Object
from ..module_utils._timestamps import duration, seconds_between
from ._report_changes import key_of, keys_of, systems_read_alike

# If the age of the earlier report in seconds is in this range, the headline contains the word "yesterday".
YESTERDAY = range(20 * 3600, 28 * 3600)
# The headline mentions only the first of these health values that occurs.
UNHEALTHY = {"down": "down", "degraded": "degraded", "unknown": "of unknown health"}


def headline(document: Object, earlier: Object | None) -> str:
    """Return the headline of a report as one sentence.

    :param earlier: the earlier state of the fleet, with the connector counts of each system.
    """
    systems = document["systems"]
    incomplete = [system for system in systems if not system["read"]]
    unread = [str(system["title"]) for system in incomplete if not system["count"]]
    partly = [str(system["title"]) for system in incomplete if system["count"]]
    clauses = []
    if len(unread) < len(systems):
        clauses.append(_health(document, earlier))
    if unread:
        clauses.append(f"{_were(unread)} not read")
    if partly:
        clauses.append(f"{_were(partly)} not read completely")
    return "; ".join(clauses) + "."


def _were(titles: t.Sequence[str]) -> str:
    """Join system names to form the subject and verb of a sentence, for example ``A and B were``."""
    if len(titles) == 1:
        return f"{titles[0]} was"
    return f"{', '.join(titles[:-1])} and {titles[-1]} were"


def _health(document: Object, earlier: Object | None) -> str:
    summary = document["summary"]
    total = summary["total"]
    if not total:
        return "The systems have no connectors"
    counts = summary["by_health"]
    health = next(filter(counts.get, UNHEALTHY), None)
    if health is None:
        if total == 1:
            return "The connector does not have a problem"
        return f"None of the {total:,} connectors has a problem"
    count, words = counts[health], UNHEALTHY[health]
    verb = "is" if count == 1 else "are"
    clause = f"{count:,} of {total:,} {'connector' if total == 1 else 'connectors'} {verb} {words}"
    details = [_difference(document, earlier, health), _muted(document, health)]
    return ", ".join([clause, *filter(None, details)])


def _difference(document: Object, earlier: Object | None, health: str) -> str:
    """Describe how the number of connectors with this health has changed.

    The description is empty if the counts cannot be compared, because a system was not read to the same extent for the
    earlier report. An earlier report that was edited can contain a system, but not its counts.
    """
    if earlier is None:
        return ""
    now, before = document["summary"]["by_system"], earlier["summary"]["by_system"]
    if not now.keys() <= systems_read_alike(earlier, document) & before.keys():
        return ""
    difference = sum(now[system][health] - before[system][health] for system in now)
    since = _earlier(seconds_between(earlier["generated_at"], document["generated_at"]))
    if not difference:
        return f"as many as {since}"
    return f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} than {since}"


def _earlier(seconds: float) -> str:
    # Without the noun, "1 more than 1 minute ago" could be read as "longer than a minute ago".
    return "yesterday" if int(seconds) in YESTERDAY else f"in the report from {duration(seconds)} ago"


def _muted(document: Object, health: str) -> str:
    muted = keys_of(document["mutes"])
    if not muted:
        return ""
    count = sum(record["health"] == health and key_of(record) in muted for record in document["records"])
    return f"{count:,} of them muted" if count else ""
