# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Current and desired state: choosing the one object that is meant, what differs, and how that is shown."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_case, snake_cased

Object = dict[str, t.Any]

NOT_SHOWN = "(not shown)"
WRITTEN = "(not shown, written by this run)"


def with_documented(item: t.Mapping[str, t.Any], keys: t.Iterable[str]) -> Object:
    """Return an item of a service in snake case, with every documented key: null where the service leaves it out.

    If a service sends a key in several spellings, the value of the documented spelling counts.

    :param keys: the documented keys in the spelling of the service.
    """
    documented = {snake_case(key): snake_cased(item.get(key)) for key in keys}
    return {**documented, **snake_cased(dict(item)), **{k: v for k, v in documented.items() if v is not None}}


def text_of(value: object) -> str | None:
    """Return a value of a service as a string that can be compared without regard to case; None if it is not scalar."""
    return str(value).casefold() if isinstance(value, (str, int, float)) else None


def shown(value: object, limit: int = 100) -> str:
    """Return a value of a service for a message: not longer than fits into a sentence."""
    text = str(value)
    return text if len(text) <= limit else f"{text[:limit]}..."


def by_name_and_id(objects: t.Iterable[Object], name: str = "name", identifier: str = "id") -> list[Object]:
    """The objects in the order in which every list is returned: by name, then by id; without a name first."""
    return sorted(objects, key=lambda item: (str(item.get(name) or ""), str(item.get(identifier) or "")))


def only_one(candidates: t.Sequence[Object], what: str, describe: t.Callable[[Object], str], use: str) -> Object | None:
    """The one candidate, or None if there is none.

    :raises InputError: there are several; the sentence lists them.
    """
    if len(candidates) > 1:
        listed = "; ".join(describe(item) for item in candidates[:20])
        more = f"; and {len(candidates) - 20} more" if len(candidates) > 20 else ""
        raise InputError(
            f"{len(candidates)} {what}: {listed}{more}. Nothing was changed; say which one is meant with '{use}'.",
            reason="ambiguous",
        )
    return candidates[0] if candidates else None


def differing(
    current: t.Mapping[str, t.Any], desired: t.Mapping[str, t.Any], equal: t.Callable[[str, t.Any, t.Any], bool]
) -> Object:
    """What of ``desired`` is not so in ``current``. An attribute that is desired as None is left as it is."""
    return {
        name: value
        for name, value in desired.items()
        if value is not None and not equal(name, current.get(name), value)
    }


def diff(
    before: t.Mapping[str, t.Any] | None, after: t.Mapping[str, t.Any] | None, identity: t.Collection[str] = ()
) -> Object:
    """Return the states before and after a change. Both are empty if nothing changed.

    A created or deleted object is complete. Of a modified object, each side has the keys that differ.

    :param before: the state before the change; None if the object did not exist.
    :param after: the state after the change; None if the object does not exist anymore.
    :param identity: keys that identify a modified object, and are therefore on both sides although they are equal.
    """
    if before is None or after is None:
        return {"before": dict(before or {}), "after": dict(after or {})}
    changed = {key for key in (*before, *after) if before.get(key) != after.get(key)}
    if not changed:
        return {"before": {}, "after": {}}
    keys = changed.union(identity)
    return {
        "before": {key: value for key, value in before.items() if key in keys},
        "after": {key: value for key, value in after.items() if key in keys},
    }


def result_of(
    what: str, reports: t.Sequence[Object], actions: t.Iterable[str], key: t.Callable[[Object], str]
) -> Object:
    """What a module for a whole list returns: the reports under the name of ``what`` they are about, their number by
    action, and one diff of what was changed.

    :param key: what a report's part of the diff is called.
    """
    counts = Counter(report["action"] for report in reports)
    changed = [report for report in reports if report["changed"]]
    return {
        "changed": bool(changed),
        what: reports,
        "summary": {action: counts[action] for action in actions},
        "diff": {side: _side_of(changed, side, key) for side in ("before", "after")},
    }


def _side_of(reports: t.Sequence[Object], side: str, key: t.Callable[[Object], str]) -> Object:
    """Return one side of the diff of a list. An object that does not exist on this side is left out."""
    return {key(report): report["diff"][side] for report in reports if report["diff"][side]}


def complaint(what: str, failed: t.Sequence[tuple[t.Any, str]], total: int, check_mode: bool = False) -> str:
    """Return the message of a task for a list in which some objects failed.

    :param what: what the objects are, in the plural. The result has their outcomes under this name.
    :param failed: the name and the error message of each object that failed.
    :param total: how many objects there are.
    :param check_mode: whether the task sent no changes.
    """
    objects = what if total > 1 else what.removesuffix("s")
    count = f"{len(failed)} of {total} {objects} failed"
    succeeded = total - len(failed)
    if succeeded:
        count += f"; {succeeded} {'would succeed' if check_mode else 'succeeded'}"
    more = f" See '{what}' for {len(failed) - 3} more." if len(failed) > 3 else ""
    return f"{count}. {named_messages(failed[:3])}{more}"


def first_of(texts: t.Sequence[str], limit: int, rest: str = " and") -> str:
    """Return the first texts, separated by commas, and how many more there are.

    :param rest: what precedes the number of the others.
    """
    listed = ", ".join(texts[:limit])
    return f"{listed}{rest} {len(texts) - limit} more" if len(texts) > limit else listed


def named_messages(messages: t.Iterable[tuple[t.Any, str]]) -> str:
    """Return the messages about several objects as sentences, each with the name of its object once.

    :param messages: the name of each object, and the message about it.
    """
    return " ".join(_named(name, message) for name, message in messages)


def _named(name: object, message: str) -> str:
    sentence = message if message.endswith((".", "!", "?")) else f"{message}."
    if f"'{name}'" in message:
        return sentence
    return f"'{name}': {sentence}"


def named_values(wanted: t.Sequence[str] | None) -> frozenset[str]:
    """The values of a filter, ready to be compared without regard to case."""
    return frozenset(value.casefold() for value in wanted or ())


def undocumented(option: str, wanted: t.Sequence[str] | None, documented: t.Collection[str], title: str) -> str | None:
    """A warning for filter values that a vendor does not document, else None: they may be new, or mistyped."""
    known = named_values(tuple(documented))
    strange = [value for value in wanted or () if value.casefold() not in known]
    if not strange:
        return None
    return (
        f"{title} does not document the {option} {', '.join(map(repr, strange))}; documented are"
        f" {', '.join(documented)}."
        " If it is mistyped, nothing will be found."
    )
