# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Compare the current state of objects with the desired state, and describe the differences."""

from __future__ import annotations

import itertools
import typing as t
from collections import Counter
from operator import itemgetter

from ._errors import InputError
from ._names import snake_case, snake_cased

Object = dict[str, t.Any]
Item = t.Mapping[str, t.Any]

NOT_SHOWN = "(not shown)"
WRITTEN = "(not shown, written by this run)"
# Maximum number of characters of a value that a message quotes. Identifiers in a list are not longer.
MAX_SHOWN = 512


def with_documented(item: Item, keys: t.Collection[str]) -> Object:
    """Convert the keys of an item to snake case, and add missing documented keys with the value None.

    If a service returns a key in several spellings, the value with the documented spelling takes precedence.

    :param keys: the documented keys in the spelling of the service.
    """
    documented = {key: item[key] for key in keys if item.get(key) is not None}
    others = {key: value for key, value in item.items() if key not in documented}
    return {**dict.fromkeys(map(snake_case, keys)), **snake_cased(others), **snake_cased(documented)}


def text_of(value: object) -> str | None:
    """Return a scalar as a string for case-insensitive comparison, or None if the value is not a scalar."""
    if isinstance(value, (str, int, float)):
        return str(value).casefold()
    return None


def shown(value: object) -> str:
    """Return a value from a service or a file as a string for messages, or a description if the value is too long.

    A long value is not truncated: messages are redacted later, and redaction does not detect a part of a secret.
    """
    text = str(value)
    if len(text) > MAX_SHOWN:
        return f"(a value of more than {MAX_SHOWN} characters)"
    return text


def by_name_and_id(objects: t.Iterable[Object], name: str = "name", identifier: str = "id") -> list[Object]:
    """Return the objects sorted by name, then by ID. Objects without a name come first."""
    return sorted(objects, key=lambda item: [str(item.get(key) or "") for key in (name, identifier)])


def only_one(candidates: t.Sequence[Object], what: str, describe: t.Callable[[Object], str], use: str) -> Object | None:
    """Return the only candidate, or None if there are no candidates.

    :param what: the plural noun for the candidates in the message.
    :param use: the option that selects one of several candidates.
    :raises InputError: there are several candidates; the message lists them.
    """
    if not candidates:
        return None
    if len(candidates) == 1:
        return candidates[0]
    listed = first_of(list(map(describe, candidates)), 20, "; and", "; ")
    raise InputError(
        f"Found {len(candidates)} {what}: {listed}. Nothing was changed. Specify '{use}' to select one of them.",
        reason="ambiguous",
    )


def differing(current: Item, desired: Item, equal: t.Callable[[str, t.Any, t.Any], bool]) -> Object:
    """Return the attributes of ``desired`` that differ from ``current``. Attributes that are None are ignored."""
    changes: Object = {}
    for name, value in desired.items():
        shown_value = current.get(name)
        if value is None or (type(value) is type(shown_value) and value == shown_value):
            continue  # most values are equal, so this comparison saves many calls
        if not equal(name, shown_value, value):
            changes[name] = value
    return changes


def diff(before: Item | None, after: Item | None, identity: t.Collection[str] = ()) -> Object:
    """Return a diff with the keys ``before`` and ``after``. Both values are empty if nothing changed.

    The diff contains all keys of a created or deleted object, and only the changed keys of a modified object.

    :param before: the state before the change; None if the object did not exist.
    :param after: the state after the change; None if the object was deleted.
    :param identity: keys that identify a modified object. Both states contain them.
    """
    old, new = before or {}, after or {}
    keys = {key for key in (*old, *new) if old.get(key) != new.get(key)}
    if keys:
        keys.update(identity)
    if None in (before, after):
        keys.update(old, new)
    return {"before": _only(old, keys), "after": _only(new, keys)}


def _only(state: Item, keys: t.Collection[str]) -> Object:
    return {key: value for key, value in state.items() if key in keys}


def result_of(
    what: str, reports: t.Sequence[Object], actions: t.Iterable[str], key: t.Callable[[Object], str]
) -> Object:
    """Return the result of a module that manages a list of objects.

    :param what: the key of the reports in the result.
    :param reports: the outcomes, one for each object.
    :param actions: the actions to count in the summary.
    :param key: returns the key of a report in the diff.
    """
    counts = Counter(map(itemgetter("action"), reports))
    changed = list(filter(itemgetter("changed"), reports))
    return {
        "changed": bool(changed),
        what: reports,
        "summary": {action: counts[action] for action in actions},
        "diff": {"before": _side_of(changed, "before", key), "after": _side_of(changed, "after", key)},
    }


def _side_of(reports: t.Sequence[Object], side: str, key: t.Callable[[Object], str]) -> Object:
    """Return one side of the diff for a list. Objects that do not exist on that side are omitted."""
    return {key(report): report["diff"][side] for report in reports if report["diff"][side]}


def complaint(what: str, failed: t.Sequence[tuple[t.Any, str]], total: int, check_mode: bool = False) -> str:
    """Return the error message for a task that failed for one or more objects in a list.

    :param what: the plural noun for the objects. It is also the key of their outcomes in the result.
    :param failed: the name and the error message of each object that failed.
    :param total: the number of objects.
    :param check_mode: whether the task ran in check mode.
    """
    message = f"{len(failed)} of {counted(total, what.removesuffix('s'))} failed"
    outcome = "would succeed" if check_mode else "succeeded"
    if total > len(failed):
        message += f"; {total - len(failed)} {outcome}"
    message += f". {named_messages(failed[:3])}"
    if len(failed) > 3:
        message += f" See '{what}' for {len(failed) - 3} more."
    return message


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, for example "1 customer" or "2 customers"."""
    if number == 1:
        return f"{number} {noun}"
    return f"{number} {noun}s"


def first_of(texts: t.Sequence[str], limit: int, rest: str = " and", separator: str = ", ") -> str:
    """Join the first ``limit`` strings with a separator, and append the number of remaining strings.

    :param rest: the text before the number of remaining strings.
    """
    listed = separator.join(texts[:limit])
    if len(texts) > limit:
        listed += f"{rest} {len(texts) - limit} more"
    return listed


def named_messages(messages: t.Iterable[tuple[t.Any, str]]) -> str:
    """Combine the error messages of several objects into one string that contains the name of each object.

    :param messages: the name and the error message of each object.
    """
    return " ".join(itertools.starmap(_named, messages))


def _named(name: object, message: str) -> str:
    if not message.endswith((".", "!", "?")):
        message += "."
    if f"'{name}'" in message:
        return message
    return f"'{name}': {message}"


def named_values(values: t.Iterable[str] | None) -> frozenset[str]:
    """Normalize the values of a filter for case-insensitive comparison."""
    return frozenset(map(str.casefold, values or ()))


def undocumented(option: str, values: t.Sequence[str] | None, documented: t.Sequence[str], title: str) -> str | None:
    """Return a warning about filter values that the vendor does not document, or None if all values are documented."""
    known = named_values(documented)
    unknown = [repr(value) for value in values or () if value.casefold() not in known]
    if not unknown:
        return None
    noun = "the value" if len(unknown) == 1 else "the values"
    return (
        f"{title} does not document {noun} {', '.join(unknown)} for '{option}'. Documented values are"
        f" {', '.join(documented)}. Check the spelling if the result is empty."
    )
