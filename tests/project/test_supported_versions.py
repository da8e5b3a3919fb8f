# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README lists exactly the versions that the collection declares and tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import yaml
from packaging.version import parse
from support.simulator import SYSTEMS

from noxfile import OLDEST_AIOHTTP, OLDEST_FOR_MODULES, OLDEST_FOR_SIMULATOR, OLDEST_REQUESTS, SERIES, pythons

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def text(*path: str) -> str:
    return (ROOT.joinpath(*path)).read_text(encoding="utf-8")


def documented() -> Iterator[tuple[str, str, str]]:
    """The rows of the table in the README: a series, and its oldest and newest Python version."""
    yield from re.findall(r"^\| (\d\.\d+) \| (\d\.\d+) to (\d\.\d+) \|$", README, re.MULTILINE)


def test_the_table_has_what_the_matrix_runs() -> None:
    assert list(documented()) == [(series, *pythons) for series, pythons in SERIES.items()]


def test_the_oldest_ansible_is_the_same_everywhere() -> None:
    oldest = next(iter(SERIES))
    assert f"| ansible-core | {oldest} or later |" in README
    assert yaml.safe_load(text("meta", "runtime.yml"))["requires_ansible"] == f">={oldest}.0"
    for meta in ROOT.glob("roles/*/meta/main.yml"):
        desired = yaml.safe_load(meta.read_text(encoding="utf-8"))["galaxy_info"]["min_ansible_version"]
        assert (meta, desired) == (meta, oldest)


def test_what_modules_need_is_the_same_everywhere() -> None:
    needed = f"{OLDEST_FOR_MODULES} or later, with `requests` {OLDEST_REQUESTS} or later"
    assert f"| Python where the modules run | {needed} |" in README
    assert f"The modules also run on Python {OLDEST_FOR_MODULES} with `requests` {OLDEST_REQUESTS}." in README
    assert yaml.safe_load(text("tests", "config.yml"))["modules"]["python_requires"] == f">={OLDEST_FOR_MODULES}"
    assert text("meta", "ee-requirements.txt").split() == [f"requests>={OLDEST_REQUESTS}"]
    fragments = [text("plugins", "doc_fragments", f"{system}.py") for system in SYSTEMS]
    assert all(
        f"- python >= {OLDEST_FOR_MODULES}\n  - requests >= {OLDEST_REQUESTS}\n" in fragment for fragment in fragments
    )


def test_what_the_simulator_needs_is_the_same_everywhere() -> None:
    needed = f"{OLDEST_FOR_SIMULATOR} or later, with `aiohttp` {OLDEST_AIOHTTP} or later"
    assert f"| Python for the simulator | {needed} |" in README
    assert f"Python {OLDEST_FOR_SIMULATOR} or later with the package `aiohttp` {OLDEST_AIOHTTP} or later" in text(
        "roles", "simulator", "README.md"
    )
    assert f"The simulator also runs on Python {OLDEST_FOR_SIMULATOR} with `aiohttp` {OLDEST_AIOHTTP}." in README
    lines = text("requirements", "simulator.in").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        f"aiohttp>={OLDEST_AIOHTTP}",
        f"requests>={OLDEST_REQUESTS}",
    ]


def test_the_linters_check_for_the_oldest_pythons() -> None:
    settings = text("pyproject.toml")
    modules = "py" + OLDEST_FOR_MODULES.replace(".", "")
    assert set(re.findall(r'^"(?:plugins|extensions)/\*\*" = "(\w+)"$', settings, re.MULTILINE)) == {modules}
    assert f'\ntarget-version = "py{OLDEST_FOR_SIMULATOR.replace(".", "")}"\n' in settings
    assert f'\npython_version = "{OLDEST_FOR_SIMULATOR}"\n' in settings
    assert min((oldest for oldest, _newest in SERIES.values()), key=parse) == OLDEST_FOR_SIMULATOR


def test_these_tests_run_with_a_version_of_the_table() -> None:
    series = ".".join(metadata.version("ansible-core").split(".")[:2])
    assert series in SERIES
    oldest, newest = SERIES[series]
    assert parse(oldest) <= parse(f"{sys.version_info[0]}.{sys.version_info[1]}") <= parse(newest)


def test_ansible_test_runs_with_the_oldest_and_newest_series() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nox", "--list", "--json"], check=True, cwd=ROOT, capture_output=True, text=True
    )
    tags = [session["tags"] for session in json.loads(done.stdout) if session["name"] == "ansible_test"]
    ends = (min(SERIES, key=parse), max(SERIES, key=parse))
    assert tags == [[series] for series in ends if pythons(series)]
