# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the effects of options. An effect consists of the requests and the parts of the result that a different value
changes.

``tests/effects.json`` contains the expected effects. After a deliberate change, run the tests of the options with the
environment variable EFFECTS=write, and review the changes of the file.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "effects.json"
# Maximum number of lines of an effect, and of characters in a line.
LINES, CHARACTERS = 12, 160
# Parts of a result that separate tests cover, or that differ between releases.
UNCHECKED = ("deprecations", "exception", "failure", "msg", "size", "warnings")
# Values that depend on the time of the run.
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)?|\d+\.\d+|-?\d+ days")


def portable(value: Any, replaced: Mapping[str, str]) -> Any:
    """Return a value as JSON without parts that differ between machines."""
    text = json.dumps(value, sort_keys=True, default=str)
    for original, replacement in replaced.items():
        text = text.replace(original, replacement)
    return json.loads(text)


def check(name: str, before: Any, after: Any) -> None:
    """Compare the difference between two results and their requests with the expected effect of an option."""
    found = list(_effect(before, after))
    assert found, f"{name} has no effect."
    if os.environ.get("EFFECTS") == "write":
        _write(name, found)
        return
    assert found == json.loads(FILE.read_text(encoding="utf-8"))[name]


def _effect(before: Any, after: Any) -> Iterator[str]:
    lines = [*_requests(before[1], after[1]), *_differences(_facts(before[0]), _facts(after[0]), "")]
    for line in lines[:LINES]:
        line = TIME.sub("...", line)
        yield line if len(line) <= CHARACTERS else f"{line[:CHARACTERS]}..."
    if len(lines) > LINES:
        yield f"{len(lines) - LINES} more"


def _facts(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without messages, and with only the reason of a failure."""
    facts = {key: value for key, value in result.items() if key not in UNCHECKED}
    if "failure" in result:
        facts["reason"] = result["failure"]["reason"]
    return facts


def _requests(before: list[str], after: list[str]) -> Iterator[str]:
    for request in after:
        if request not in before:
            yield f"sends {request}"
    for request in before:
        if request not in after:
            yield f"no longer sends {request}"


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
    """Return a value, or the names of its items."""
    if isinstance(value, list):
        return str([_name(item) for item in value])
    return json.dumps(value, ensure_ascii=False, sort_keys=True)[: CHARACTERS // 2]


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
