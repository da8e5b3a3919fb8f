# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run mutation testing on the code that all modules share, to check that the tests detect incorrect lines.

Mutmut changes one expression at a time, in a copy of the source tree where the collection is installed. The tests run
in one process, including the modules (EXECUTION_MODE=inline). A mutant that mypy rejects counts as detected. A mutant
that survives is a failure, unless tests/mutation/survivors.yml lists it with a reason.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml
from support.environments import programs
from support.modules import ROOT

FOLDER = ROOT / ".cache" / "mutation"
INSIDE = Path("ansible_collections", "hybrid", "connectors")
UTILS = "plugins/module_utils"
UNIT = f"unit/{UTILS}"
EXPLAINED = ROOT / "tests" / "mutation" / "survivors.yml"
NOTICED = ("killed", "timeout", "caught by type check")
# These are the options of pyproject.toml, adapted because mutmut defines attributes in each copy of a method.
TYPE_CHECK = (
    "mypy --output=json --strict --no-warn-unused-ignores --disable-error-code=no-redef"
    " --disable-error-code=import-untyped --namespace-packages --explicit-package-bases --python-version=3.10"
)
REQUIRED_SCORE = 0.9


@dataclass(frozen=True)
class Part:
    """The files in :data:`UTILS` to mutate, and the tests that must detect the mutants."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    expression: str = ""


@dataclass(frozen=True, order=True)
class Mutant:
    """The identity of a mutant: its function and the changed line."""

    function: str
    becomes: str


PARTS = {
    "requests": Part(
        tuple(f"_{name}.py" for name in ("client", "session", "retry", "rate_limit", "request_errors")),
        tuple(f"{UNIT}/test_{name}.py" for name in ("client*", "retry", "rate_limit", "request_loop")),
    ),
    "plan": Part(
        ("_plan.py",),
        (f"{UNIT}/test_plan.py", "functional/test_apono_connector.py", "functional/test_apono_connectors.py"),
    ),
    "client": Part(
        tuple(f"_providers/voss/{name}.py" for name in ("client", "hierarchy", "model", "nodes", "paging", "query")),
        tuple(f"{UNIT}/_providers/voss/test_{name}.py" for name in ("client", "hierarchy", "model")),
    ),
    "customers": Part(
        tuple(
            f"_providers/voss/{name}.py"
            for name in ("bulk_items", "bulk_plan", "bulk_report", "bulk_run", "customer", "steps", "verify")
        ),
        tuple(
            f"{UNIT}/_providers/voss/test_{name}.py" for name in ("bulk_run", "customer", "customer_steps", "verify")
        ),
    ),
    "files": Part(
        (
            "_tables.py",
            *(
                f"_providers/voss/{name}.py"
                for name in ("bulk_load_sheet", "bulk_source", "customer_files", "customer_table")
            ),
        ),
        (
            *(f"{UNIT}/_providers/voss/test_{name}.py" for name in ("customer_files", "customer_workbooks")),
            "functional/test_voss_customers_src.py",
        ),
    ),
    "nodes": Part(("_providers/voss/node_list.py",), ("functional/test_voss_hierarchy_node_info.py",)),
    "exports": Part(
        ("_providers/voss/archive.py", "_providers/voss/export.py"),
        (f"{UNIT}/_providers/voss/test_archive.py", "functional/test_voss_export.py"),
        "not a_play and not permissions_are_read",
    ),
    "options": Part(("_providers/voss/options.py",), (f"{UNIT}/_providers/voss/test_options.py",)),
    "transactions": Part(("_providers/voss/transactions.py",), (f"{UNIT}/_providers/voss/test_transactions.py",)),
    "tokens": Part(("_providers/voss/tokens.py",), (f"{UNIT}/_providers/voss/test_tokens.py",)),
    "poller": Part(("_providers/voss/poller.py",), (f"{UNIT}/_providers/voss/test_poller.py",)),
}


def prepared(name: str) -> Path:
    """Prepare a folder with a copy of the source tree and the mutmut settings for a part, and return it."""
    folder, part = FOLDER / name, PARTS[name]
    shutil.rmtree(folder, ignore_errors=True)
    copy = folder / INSIDE
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        check=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    for path in filter(None, listed.split("\0")):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy / path)
    tests = [str(path.relative_to(folder)) for glob in part.tests for path in sorted((copy / "tests").glob(glob))]
    mutated = [str(INSIDE / UTILS / file) for file in part.files]
    settings: dict[str, dict[str, object]] = {
        "tool.mutmut": {
            "source_paths": [INSIDE.parts[0]],
            "only_mutate": mutated,
            "pytest_add_cli_args": ["-c", "pyproject.toml", "-k", part.expression],
            "pytest_add_cli_args_test_selection": tests,
            "use_git_change_detection": False,
            "track_dependencies": False,
            "type_check_command": [*TYPE_CHECK.split(), *mutated],
            "timeout_multiplier": 5.0,
            "timeout_constant": 4.0,
        },
        "tool.pytest.ini_options": {
            "pythonpath": [".", *(str(INSIDE / path) for path in (".", "tests", "tools", "roles/simulator/files"))],
            "addopts": ["--import-mode=importlib", "-p", "no:schemathesis", "-p", "no:cacheprovider"],
            "markers": ["in_worker", "undocumented(reason)"],
        },
    }
    lines = [
        f"[{table}]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in entries.items())
        for table, entries in settings.items()
    ]
    (folder / "pyproject.toml").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return folder


def mutmut(name: str, *arguments: str) -> str:
    """Run mutmut for a part and return its output."""
    folder = programs("mutation")
    path = os.pathsep.join((str(folder), os.environ["PATH"]))
    done = subprocess.run(
        (folder / "mutmut", *arguments),
        check=False,
        cwd=FOLDER / name,
        env={**os.environ, "EXECUTION_MODE": "inline", "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"mutmut {' '.join(arguments)} failed:\n{done.stdout[-3000:]}")
    return done.stdout


def outcomes(name: str) -> dict[str, str]:
    """Return the status of each mutant in a part."""
    pairs = (line.strip().rpartition(": ") for line in mutmut(name, "results", "--all", "true").splitlines())
    return {mutant: status for mutant, _colon, status in pairs if mutant}


def shown(name: str, mutant: str) -> Mutant:
    """Return the function and the changed line of a mutant."""
    place = mutant.rpartition("__mutmut_")[0].removeprefix(".".join((*INSIDE.parts, UTILS.replace("/", "."), "")))
    module, _dot, function = place.rpartition(".")
    function = function.removeprefix("x").removeprefix("_").strip("\u01c1").replace("\u01c1", ".")
    lines = mutmut(name, "show", mutant).splitlines()
    new, old = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign) and not line.startswith(3 * sign))
        for sign in "+-"
    )
    return Mutant(f"{module}.{function}", new or f"without {old}")


def explanations() -> dict[Mutant, str]:
    """Return the documented reasons why certain mutants may survive."""
    return {
        Mutant(entry["function"], becomes): entry["reason"]
        for entry in yaml.safe_load(EXPLAINED.read_text(encoding="utf-8"))
        for becomes in entry["becomes"]
    }


def main(names: list[str]) -> int:
    """Test some or all parts, print the counts, and return the exit status."""
    explained = explanations()
    counts: Counter[str] = Counter()
    unexplained = 0
    unused = set(explained)
    for name in names or PARTS:
        prepared(name)
        mutmut(name, "run", "--max-children", str(2 * (os.cpu_count() or 1)))  # The processes wait most of the time.
        of_part = outcomes(name)
        counts.update(of_part.values())
        print(f"{name}: {numbers(Counter(of_part.values()))}", flush=True)
        for mutant, status in of_part.items():
            if status in NOTICED:
                continue
            found = shown(name, mutant)
            unused.discard(found)
            if found not in explained:
                unexplained += 1
                print(f"  {status}: {found.function}\n    {found.becomes}", flush=True)
    if not names:
        for entry in sorted(unused):
            print(f"  explained, but detected or missing: {entry.function}\n    {entry.becomes}")
    print(f"{numbers(counts)}; {unexplained} without an explanation")
    return 1 if unexplained or score(counts) < REQUIRED_SCORE else 0


def score(counts: Counter[str]) -> float:
    """Return the fraction of mutants that were detected."""
    return sum(counts[status] for status in NOTICED) / counts.total()


def numbers(counts: Counter[str]) -> str:
    """Return the number of mutants, in total and by status, as a string."""
    statuses = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    return f"{counts.total()} mutants, {score(counts):.1%} noticed: {statuses}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
