# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The script that runs ansible-test on the built collection, with a program that replaces ansible-test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.modules import ROOT

INSTALLED = Path(".cache", "installed", "ansible_collections", "hybrid", "connectors")
TESTS = ["config.yml", "unit"]
# The replacement prints the files, as ansible-test does, or its arguments, its folder and whether the tests are there.
REPLACEMENT = """\
#!/bin/sh
if [ "$1" = env ]; then git ls-files; exit; fi
echo "$@"
pwd
ls tests
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with the script, an installed collection, and a replacement of ansible-test."""
    for name in ("tools/ansible_test.sh", "offline/sanity.py"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(ROOT / name, tmp_path / name)
    for path in (tmp_path / INSTALLED / "tests" / "config.yml", tmp_path / "tests" / "unit" / "requirements.txt"):
        path.parent.mkdir(parents=True)
        path.write_text("", encoding="utf-8")
    program = tmp_path / "bin" / "ansible-test"
    program.parent.mkdir()
    program.write_text(REPLACEMENT, encoding="utf-8")
    program.chmod(0o755)
    return tmp_path


def run(tree: Path, *arguments: str, **variables: str) -> list[str]:
    """Run the script without the settings of pip on this machine, and return the lines that ansible-test prints."""
    path = os.pathsep.join((str(tree / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "GIT_"))}
    done = subprocess.run(
        ["sh", tree / "tools" / "ansible_test.sh", *arguments],
        check=False,
        env={**inherited, "PATH": path, "HOME": str(tree / "home"), "PIP_CONFIG_FILE": os.devnull, **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def replacements(tree: Path) -> list[str]:
    """Return the names of the scripts that replace a download of ansible-test."""
    return [path.name for path in (tree / ".cache" / "home" / ".ansible" / "test" / "cache").glob("get_pip_*.py")]


def test_sanity_tests_use_the_usual_package_index(tree: Path) -> None:
    run(tree, "sanity")
    assert replacements(tree) == []


@pytest.mark.parametrize("variable", ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"])
def test_sanity_tests_use_another_package_index(tree: Path, variable: str) -> None:
    run(tree, "sanity", **{variable: "https://index.example.com/simple"})
    assert replacements(tree)
    settings = (tree / ".cache" / "home" / ".config" / "pip" / "pip.conf").read_text(encoding="utf-8")
    assert "https://index.example.com/simple" in settings


def test_only_units_and_integration_run_with_the_tests(tree: Path) -> None:
    for command, tests in (("sanity", ["config.yml"]), ("units", TESTS), ("integration", TESTS)):
        arguments, folder, *files = run(tree, command, "--python", "3.12")
        assert arguments == f"{command} --local --color no --python 3.12"
        assert Path(folder).parts[-3:] == ("ansible_collections", "hybrid", "connectors")
        assert files == tests
