# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the effects of options. An effect consists of the requests and the parts of the result that a different value
changes.

An effect is a list of lines, one for each difference. A long value is followed by a hash of the whole value.

``tests/effects.json`` contains the expected effects. After a deliberate change, run the tests of the options with the
environment variable EFFECTS=write, and review the changes of the file.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "effects.json"
# A longer value is cut, and the hash of the whole value is added.
CHARACTERS = 80
# Parts of a result that separate tests cover, or that differ between releases.
UNCHECKED = ("deprecations", "exception", "failure", "msg", "size", "warnings")
# Parts of values that depend on the time of the run.
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)?|\d+\.\d+ s\b|-?\d+(\.\d+)? days")
# Numbers that depend on the time of the run, also in JSON in a string.
DAYS_LEFT = re.compile(r'(days_left\\?": )-?\d+(\.\d+)?')


def portable(value: Any, replaced: Mapping[str, str]) -> Any:
    """Return a value as JSON without parts that differ between machines or runs."""
    text = json.dumps(value, sort_keys=True, default=str)
    for original, replacement in replaced.items():
        text = text.replace(original, replacement)
    return json.loads(DAYS_LEFT.sub(r"\g<1>0", TIME.sub("...", text)))


def check(name: str, before: Any, after: Any) -> None:
    """Compare the difference between two results and their requests with the expected effect of an option."""
    found = effect(before, after)
    assert found, f"{name} has no effect."
    if os.environ.get("EFFECTS") == "write":
        _write(name, found)
        return
    assert found == json.loads(FILE.read_text(encoding="utf-8"))[name]


def effect(before: Any, after: Any) -> list[str]:
    """Return the differences between two results and their requests. The requests are lists of a method, a path, the
    parameters and a body.
    """
    return [*_requests(before[1], after[1]), *_differences(_facts(before[0]), _facts(after[0]), "")]


def _facts(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without messages, and with only the reason of a failure."""
    facts = {key: value for key, value in result.items() if key not in UNCHECKED}
    if "failure" in result:
        facts["reason"] = result["failure"]["reason"]
    return facts


def _requests(before: list[Any], after: list[Any]) -> Iterator[str]:
    """Compare the requests with the same method and path by their fields, if their number is the same."""
    lost, new = _by_target(before, after), _by_target(after, before)
    for target in sorted({*lost, *new}):
        if len(lost[target]) == len(new[target]):
            for one, other in zip(lost[target], new[target], strict=True):
                yield from (f"{target} {line}" for line in _differences(one, other, ""))
        else:
            yield from (f"sends {target} {_short(request)}".removesuffix(" {}") for request in new[target])
            yield from (f"no longer sends {target} {_short(request)}".removesuffix(" {}") for request in lost[target])


def _by_target(requests: list[Any], others: list[Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the requests that are not among the others, by method and path."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for method, path, params, body in requests:
        if [method, path, params, body] not in others:
            found[f"{method} {path}"].append(_fields(params, body))
    return found


def _fields(params: dict[str, Any], body: Any) -> dict[str, Any]:
    """Return the parts of a request that it contains."""
    fields: dict[str, Any] = {}
    if params:
        fields["params"] = params
    if body is not None:
        fields["body"] = body
    return fields


def _differences(before: Any, after: Any, path: str) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            yield from _differences(before.get(key, "(absent)"), after.get(key, "(absent)"), f"{path}.{key}".strip("."))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, f"{path}[{number}]")
    else:
        yield f"{path}: {_short(before)} -> {_short(after)}"


def _short(value: Any) -> str:
    """Return a value. If the value is long, return its start, or the names of its items, and a hash of the value."""
    whole = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(whole) <= CHARACTERS:
        return whole
    shown = whole
    if isinstance(value, list):
        shown = json.dumps([_name(item) for item in value], ensure_ascii=False)
    return f"{shown[:CHARACTERS]}... #{hashlib.sha256(whole.encode()).hexdigest()[:12]}"


def _name(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    names = [str(item[key]) for key in ("name", "label", "id", "connector_id", "pkid") if item.get(key)]
    return names[0] if names else "..."


def _write(name: str, found: list[str]) -> None:
    with FILE.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        effects = json.loads(file.read() or "{}")
        effects[name] = found
        file.truncate(0)
        file.write(json.dumps(effects, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
