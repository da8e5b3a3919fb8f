# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenarios of extensions/molecule, one for each role, as ``molecule test`` runs them."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.deadline import HANGS
from support.modules import COLLECTIONS, ROOT, assert_nothing_deprecated, environment

pytestmark = pytest.mark.slow

SCENARIOS = sorted(path.parent.name for path in (ROOT / "extensions" / "molecule").glob("*/molecule.yml"))
STEPS = ("create", "converge", "idempotence", "verify", "destroy")


def molecule(folder: Path, scenario: str, *arguments: str) -> tuple[int, str]:
    """Run all steps of a scenario, check that no simulator is left, and return exit status and output."""
    variables = {
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(folder / ".ansible"),
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_REMOTE_TMP": str(folder / ".ansible" / "tmp"),
        "ANSIBLE_ASYNC_DIR": str(folder / ".ansible" / "async"),
        "MOLECULE_EPHEMERAL_DIRECTORY": str(folder / "molecule"),
        "NO_COLOR": "1",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        # The modules load the certificates of the system before each request, even for HTTP.
        "SSL_CERT_FILE": os.devnull,
    }
    done = subprocess.run(
        [sys.executable, "-m", "molecule", "test", "--scenario-name", scenario, *arguments],
        cwd=ROOT,
        env=environment(folder, **variables),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANGS,
    )
    assert_nothing_deprecated(done.stdout)
    (port,) = re.findall(r"TASK \[Store the port (\d+)\]", done.stdout)
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", int(port))) != 0, done.stdout
    return done.returncode, done.stdout


def ended(output: str, scenario: str) -> list[tuple[str, str]]:
    """Return the steps of a scenario in their order, with their results."""
    return re.findall(rf"^INFO +\[{scenario} > (\w+)\] Executed: (.+)$", output, re.MULTILINE)


def test_every_role_has_its_scenario() -> None:
    assert sorted(path.name for path in (ROOT / "roles").iterdir()) == SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_is_idempotent_verified_and_cleaned_up(scenario: str, tmp_path: Path) -> None:
    status, output = molecule(tmp_path, scenario)
    assert status == 0, output
    assert ended(output, scenario) == [(step, "Successful") for step in STEPS], output


def test_the_simulator_is_stopped_after_a_failure_too(tmp_path: Path) -> None:
    status, output = molecule(tmp_path, "apono_connectors", "--", "-e", "apono_connectors_prune_limit=few")
    assert status != 0
    assert "apono_connectors_prune_limit" in output
    assert ended(output, "apono_connectors") == [("create", "Successful"), ("destroy", "Successful")], output
