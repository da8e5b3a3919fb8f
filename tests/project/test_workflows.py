# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The GitHub workflows run the commands of developers, with minimal permissions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import parse

from noxfile import OLDEST_FOR_MODULES, SERIES

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}
SETUP = ROOT / ".github" / "actions" / "setup" / "action.yml"
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs(name: str) -> dict[str, Any]:
    """Return the jobs of a workflow."""
    return dict(load(WORKFLOWS[name])["jobs"])


def steps(name: str) -> Iterator[dict[str, Any]]:
    """Return the steps of all jobs of a workflow."""
    for job in jobs(name).values():
        yield from job.get("steps", ())


@pytest.mark.parametrize("name", WORKFLOWS)
def test_commands_are_make_targets(name: str) -> None:
    commands = [step["run"].split() for step in steps(name) if "run" in step]
    assert {words[0] for words in commands} <= {"make"}
    assert {words[1] for words in commands} <= TARGETS


@pytest.mark.parametrize("path", [*WORKFLOWS.values(), SETUP], ids=lambda path: path.name)
def test_actions_are_pinned_and_name_their_version(path: Path) -> None:
    for reference in re.findall(r"uses: (.*)", path.read_text(encoding="utf-8")):
        assert reference.startswith("./.github/") or re.fullmatch(
            r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", reference
        )


@pytest.mark.parametrize("name", WORKFLOWS)
def test_jobs_can_only_read_the_repository(name: str) -> None:
    assert load(WORKFLOWS[name])["permissions"] == {}
    assert {str(job["permissions"]) for job in jobs(name).values()} == {"{'contents': 'read'}"}
    checkouts = [step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"] == {"persist-credentials": False} for step in checkouts)


def test_every_workflow_tests_every_series() -> None:
    assert "pull_request" in load(WORKFLOWS["test"])["on"]
    assert jobs("test")["ansible-core"]["strategy"]["matrix"]["series"] == list(SERIES)
    callers = {name for name in WORKFLOWS for job in jobs(name).values() if job.get("uses", "").endswith("/test.yml")}
    assert callers == {"nightly", "release"}
    assert "schedule" in load(WORKFLOWS["nightly"])["on"]
    assert jobs("release")["publish"]["needs"] == ["test", "check"]


def test_all_supported_python_versions_are_installed() -> None:
    (python,) = [step for step in load(SETUP)["runs"]["steps"] if "setup-python" in step["uses"]]
    minors = sorted(int(version.removeprefix("3.")) for version in python["with"]["python-version"].split())
    assert minors == list(range(minors[0], minors[-1] + 1))
    newest = max((last for _first, last in SERIES.values()), key=parse)
    assert (f"3.{minors[0]}", f"3.{minors[-1]}") == (OLDEST_FOR_MODULES, newest)


def test_only_the_publication_receives_a_secret() -> None:
    with_secrets = [job for name in WORKFLOWS for job, content in jobs(name).items() if "secrets." in str(content)]
    assert with_secrets == ["publish"]
    assert jobs("release")["publish"]["environment"] == "galaxy"
