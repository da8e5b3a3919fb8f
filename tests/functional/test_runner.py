# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every playbook of the collection in ansible-runner, on one node and on a mesh, as AWX runs jobs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import environments
from support.deadline import HANGS
from support.jobs import VARIABLES, VARIABLES_OF_AWX
from support.modules import ROOT
from support.ports import reserve_port
from support.runner import (
    IDENT,
    Artifacts,
    Connections,
    job_environment,
    job_folder,
    node_environment,
    run,
    run_on_a_mesh,
)
from support.simulator import CREDENTIALS, Simulator

pytestmark = [pytest.mark.first_case_only, pytest.mark.usefixtures("only_documented")]

# The systems in which each playbook changes something.
CHANGES = {
    "apono_replace_connector": {"apono"},
    "apono_tidy": {"apono"},
    "demo": {"apono", "voss"},
    "voss_offboard": {"voss"},
    "voss_onboard": {"voss"},
}
# The file in which ansible-runner stores the environment of a job. AWX deletes this file with the job.
ENVIRONMENT = f"artifacts/{IDENT}/command"


@pytest.fixture
def port() -> int:
    return reserve_port()


def test_each_playbook_runs_in_ansible_runner() -> None:
    assert sorted([*VARIABLES, *VARIABLES_OF_AWX]) == sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


@pytest.mark.parametrize("engine", [run, run_on_a_mesh], ids=["run", "mesh"])
@pytest.mark.parametrize("playbook", VARIABLES)
def test_credentials_in_ansible_runner_are_only_in_the_environment(
    engine: Callable[[Path, Connections], Artifacts],
    playbook: str,
    simulator: Simulator,
    connection: Connections,
    port: int,
    tmp_path: Path,
) -> None:
    folder, kept = tmp_path / "job", tmp_path / "kept"
    kept.mkdir()
    variables = json.loads(json.dumps(VARIABLES[playbook]).replace("{folder}", str(kept)).replace("{port}", str(port)))
    text = f"- ansible.builtin.import_playbook: hybrid.connectors.{playbook}\n"
    artifacts = engine(job_folder(folder, text, {}, variables), connection)

    events = artifacts.events()
    assert [event["counter"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["event"] == "playbook_on_stats"
    assert artifacts.stats()["ok"]["localhost"] > 0
    assert "PLAY RECAP" in artifacts.text("stdout")
    assert {entry["system"] for entry in simulator.writes()} == CHANGES.get(playbook, set())
    (folder / "env" / "envvars").unlink(missing_ok=True)
    showing = showing_a_secret(tmp_path)
    assert {str(Path(*path.relative_to(tmp_path).parts[1:])) for path in showing} == {ENVIRONMENT}
    assert {path.stat().st_mode & 0o777 for path in showing} == {0o600}


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (("run", "job.yml", "--extra-vars", "@variables.json", "--playbook-artifact-enable", "false"), "1 created"),
        (("doc", "hybrid.connectors.voss_spark_customer"), "refresh_access_token"),
        (("doc", "--type", "inventory", "hybrid.connectors.fleet"), "stale_after"),
    ],
    ids=["run", "doc of a module", "doc of the inventory"],
)
def test_ansible_navigator_runs_a_playbook_and_shows_documentation(
    arguments: tuple[str, ...], reported: str, simulator: Simulator, connection: Connections, tmp_path: Path
) -> None:
    folder = job_folder(tmp_path / "job", "- ansible.builtin.import_playbook: hybrid.connectors.voss_onboard\n", {}, {})
    project = folder / "project"
    (project / "variables.json").write_text(json.dumps(VARIABLES["voss_onboard"]), encoding="utf-8")
    navigator = environments.programs("navigator") / "ansible-navigator"
    done = subprocess.run(
        [navigator, *arguments, "--mode", "stdout", "--execution-environment", "false"],
        cwd=project,
        env={**node_environment(folder), **job_environment(folder, connection)},
        check=False,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert reported in output
    assert bool(simulator.writes()) == (arguments[0] == "run")
    assert showing_a_secret(tmp_path) == []


def showing_a_secret(folder: Path) -> list[Path]:
    """Return the files below a folder that contain a token or a password."""
    options = {option: value for login in CREDENTIALS.values() for option, value in login.items()}
    secrets = [value.encode() for option, value in options.items() if option != "username"]
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if any(secret in path.read_bytes() for secret in secrets)]
