# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""List the problems in a fleet report, with one line for each problem."""

from __future__ import annotations

import typing as t

from ..module_utils._errors import InputError
from ..module_utils._plan import Object
from ..module_utils._providers.registry import PROVIDERS
from ..module_utils._unicode import one_line
from ._report import checked_report
from ._report_changes import Key, key_of, keys_of

# Reasons that users can select. The lines are sorted in this order.
REASONS = (
    "new", "worse", "down", "degraded", "maintenance", "unknown", "outdated", "expired", "expiring", "unread",
    "disappeared",
)  # fmt: skip
CHANGES = ("new", "worse")
HEALTH_REASONS = ("down", "degraded", "maintenance", "unknown")
# The reason for each health, if the expiry of access tokens determines the health.
TOKEN_REASON = {"down": "expired", "degraded": "expiring"}

Found = t.Iterator[tuple[str, str]]


def problems(report: object, reasons: t.Iterable[str]) -> list[str]:
    """Return one line for each problem in a report, in the order of :data:`REASONS`.

    Muted connectors are omitted, unless they have disappeared. If the health of a connector is derived from its tokens
    and the tokens are listed, the health is not listed separately.

    :raises InputError: a reason does not exist, or the value is not a report.
    """
    selected = frozenset(reasons)
    unknown = sorted(selected - {*REASONS})
    if unknown:
        noun = "reason" if len(unknown) == 1 else "reasons"
        raise InputError(
            f"Unknown {noun} {', '.join(map(repr, unknown))}. Specify one or more of {', '.join(REASONS)}."
        )
    checked = checked_report(report)
    found: list[tuple[str, str]] = []
    muted = keys_of(checked.get("mutes") or ())
    document = {**checked, "records": _without(muted, checked["records"])}
    document["expiries"] = _without(muted, checked["expiries"])
    for find in (_of_problems, _of_health, _of_versions, _of_tokens, _of_systems, _of_changes):
        found += find(document, selected)
    found.sort(key=lambda problem: REASONS.index(problem[0]))
    return [one_line(f"{reason}: {line}") for reason, line in found if reason in selected]


def _without(muted: t.Collection[Key], items: t.Iterable[Object]) -> list[Object]:
    """Return the items whose connector is not muted."""
    return [item for item in items if key_of(item) not in muted]


def _of_problems(document: Object, selected: frozenset[str]) -> Found:
    """Yield a line for each connector that has a new problem, or a worse problem than in the earlier report."""
    changes = document["changes"]
    if not changes or selected.isdisjoint(CHANGES):
        return
    known = _known_before(document)
    appeared = keys_of(changes["appeared"])
    sentences = {key_of(record): " ".join(record["problems"]) for record in document["records"]}
    for kind in CHANGES:
        for change in changes[kind]:
            before = _before(change, appeared, known)
            line = f"{_called(change)}: {change['after']}, {before}. {sentences.get(key_of(change), '')}"
            yield kind, line.rstrip()


def _known_before(document: Object) -> set[str]:
    """Return the systems that were read completely for both reports.

    If a connector of these systems has neither an earlier health nor appeared, the earlier report is a history, which
    contains the health of unhealthy connectors only.
    """
    complete = {system["system"] for system in document["systems"] if system["read"]}
    return complete.difference(document["changes"]["read_again"])


def _before(change: Object, appeared: t.Collection[Key], known: t.Collection[str]) -> str:
    """Describe the earlier health of a connector.

    :param appeared: the connectors that are not in the earlier report.
    :param known: the systems that were read completely for both reports.
    """
    if change["before"]:
        return f"it was {change['before']} before"
    if key_of(change) in appeared:
        return "it was not in the earlier report"
    if change["system"] in known:
        return "it had no problem in the earlier report"
    return "its earlier health is not known"


def _of_health(document: Object, selected: frozenset[str]) -> Found:
    for record in document["records"]:
        health = record["health"]
        if health not in HEALTH_REASONS:
            continue
        if PROVIDERS[record["system"]].health_from_tokens and TOKEN_REASON.get(health) in selected:
            continue
        yield health, f"{_called(record)}: {' '.join(record['problems'])}"


def _of_versions(document: Object, selected: frozenset[str]) -> Found:
    for record in document["records"]:
        if record["outdated"]:
            yield "outdated", f"{_called(record)}: version {record['version'] or 'unknown'}"


def _of_tokens(document: Object, selected: frozenset[str]) -> Found:
    for expiry in document["expiries"]:
        left = expiry["days_left"]
        token = f"{_called(expiry)}: {expiry['token']} token, {expiry['expires_at']}"
        if left < 0:
            yield "expired", f"{token}, {-left:.1f} days ago"
        elif left <= document["limits"]["expiring_within_days"]:
            yield "expiring", f"{token}, {left:.1f} days left"


def _of_systems(document: Object, selected: frozenset[str]) -> Found:
    for system in document["systems"]:
        if system["error"]:
            yield "unread", f"{system['system']}: {system['error']}"


def _of_changes(document: Object, selected: frozenset[str]) -> Found:
    changes = document["changes"]
    if not changes:
        return
    for record in changes["disappeared"]:
        yield "disappeared", f"{_called(record)}: in the report of {changes['since']}, but not in this report"


def _called(record: t.Mapping[str, t.Any]) -> str:
    """Describe a connector by its system, name and ID."""
    name, identifier = record["name"], record["id"]
    if name in (None, "", identifier):
        return f"{record['system']} {identifier}"
    return f"{record['system']} {name} ({identifier})"
