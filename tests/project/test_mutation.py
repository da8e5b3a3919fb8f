# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every permitted surviving mutant has a reason and belongs to mutated code."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mutation import runner as mutation
from support.modules import ROOT

UTILS = ROOT / "plugins" / "module_utils"

# The files that send requests.
REQUESTS = tuple(f"_{name}.py" for name in ("client", "session", "retry", "rate_limit", "request_errors"))


def functions(path: Path) -> Iterator[str]:
    """The functions of a file, and the methods of its classes."""
    module = path.relative_to(UTILS).with_suffix("").as_posix().replace("/", ".")
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            yield f"{module}.{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from (f"{module}.{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef))


def test_every_explained_mutant_is_in_a_mutated_function() -> None:
    changed = {name for part in mutation.PARTS.values() for file in part.files for name in functions(UTILS / file)}
    explained = mutation.explanations()
    assert {mutant.function for mutant in explained} <= changed
    assert all(reason.endswith(".") for reason in explained.values())


def test_the_whole_client_of_voss_is_changed_once() -> None:
    files = Counter(file for part in mutation.PARTS.values() for file in part.files)
    found = {path.relative_to(UTILS).as_posix() for path in (UTILS / "_providers" / "voss").glob("*.py")}
    found -= {f"_providers/voss/{name}.py" for name in ("__init__", "connection", "provider")}
    assert {*REQUESTS, "_plan.py", "_tables.py"} | found == set(files)
    assert set(files.values()) == {1}


def test_every_part_has_its_tests() -> None:
    tests = ROOT / "tests"
    assert [name for name, part in mutation.PARTS.items() for glob in part.tests if not list(tests.glob(glob))] == []
