# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role awx_setup, by the real modules of awx.awx, against a stand-in for the API of AWX.

What it makes is then used as AWX uses it: jobs and inventory updates with the environment that the credentials give and
the extra variables of the surveys, against the simulator.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import awx_collection
import awx_objects
import pytest
from support import awx_rules
from support.awx import PASSWORD, TOKEN, USER, Awx
from support.modules import COLLECTIONS, environment
from support.playbooks import Played, run_playbook
from support.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "roles" / "awx_setup" / "files" / "project"
URL = "https://git.example.com/connectors.git"
SCOPE = "sys.hcs.CS-P"
NAME = "Hybrid connectors"
SYSTEMS = ["apono", "hdp", "voss", "webex"]
ONE: dict[str, Any] = {
    "systems": ["webex"],
    "project_url": URL,
    "credentials": {"webex": {"access_token": "canary-webex"}},
}


class SetUp(Protocol):
    """Run the playbook awx_setup with variables of the role, given without its prefix."""

    def __call__(self, awx: Awx, /, *arguments: str, **variables: Any) -> Played: ...


@pytest.fixture(scope="session", autouse=True)
def _awx_collection() -> None:
    assert awx_collection.version(COLLECTIONS) == awx_collection.VERSION, "Run python tools/awx_collection.py first."


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    folder = tmp_path / "projects"
    shutil.copytree(PROJECT, folder / "connectors")
    return folder


@pytest.fixture
def awx(projects: Path) -> Iterator[Awx]:
    """AWX with everything running, and a repository with the project."""
    with Awx(projects, {URL: PROJECT}) as running:
        yield running
        assert "canary" not in "".join(running.answers)


@pytest.fixture
def bare_awx(projects: Path) -> Iterator[Awx]:
    """Only the API of AWX: what it does in tasks does not happen."""
    with Awx(projects, {URL: PROJECT}, engine=False) as running:
        yield running


@pytest.fixture
def set_up(tmp_path_factory: pytest.TempPathFactory) -> SetUp:
    def run(awx: Awx, /, *arguments: str, **variables: Any) -> Played:
        awx.journal.clear()
        given = {f"awx_setup_{name}": value for name, value in variables.items()}
        text = "- ansible.builtin.import_playbook: hybrid.connectors.awx_setup\n"
        env = {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": TOKEN, "ANSIBLE_PIPELINING": "true"}
        played = run_playbook(tmp_path_factory.mktemp("awx_setup"), text, arguments, given, env)
        assert "canary" not in played.output
        assert TOKEN not in played.output
        return played

    return run


def changed(played: Played) -> list[str]:
    """The tasks that changed something."""
    return [name.rpartition(" : ")[2] for name, result in played.tasks if result.changed]


def credentials(connection: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {system: dict(connection[system]) for system in SYSTEMS}


def read_inventory(awx: Awx, system: str, folder: Path) -> dict[str, Any]:
    """What an inventory update reads, with the credential and the source variables in its environment."""
    (source,) = (s for s in awx.objects["inventory_sources"].values() if s["source_path"] == f"{system}.fleet.yml")
    env = awx.environment([source["credential"]]) | awx_rules.variables(source["source_vars"], "source_vars")
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "inventory", "-i", str(PROJECT / source["source_path"]), "--list"],
        env=environment(folder, ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS), ANSIBLE_HOME=str(folder), **env),
        check=True,
        capture_output=True,
        text=True,
    )
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_everything_is_made_once_and_jobs_and_inventories_work_with_what_is_injected(
    awx: Awx, set_up: SetUp, simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path: Path
) -> None:
    secrets = {
        connection[s].get("password") or connection[s].get("api_token") or connection[s]["access_token"]
        for s in SYSTEMS
    }
    variables = {"project_url": URL, "voss_hierarchy": SCOPE, "credentials": credentials(connection)}
    made = set_up(awx, "-vvv", **variables)
    assert made.status == 0, made.output
    again = set_up(awx, **variables)
    assert again.status == 0, again.output
    assert changed(again) == []
    assert awx.writes() == []
    assert awx.refusals == []
    for secret in secrets:
        assert secret not in made.output
        assert secret not in "".join(awx.answers)
        others = {kind: items for kind, items in awx.objects.items() if kind != "credentials"}
        assert secret not in json.dumps(others)

    templates = ["apono_tidy", "connector_health", "fleet_report", "voss_offboard", "voss_onboard", "voss_tokens"]
    assert awx.names("job_templates") == [f"{NAME}: {name}" for name in templates]
    assert len(awx.named("job_templates", f"{NAME}: fleet_report")["credentials"]) == 4
    first = awx.named("workflow_job_template_nodes", "report_before")
    second = awx.named("workflow_job_template_nodes", "voss_tokens")
    third = awx.named("workflow_job_template_nodes", "report_after")
    assert [first["always_nodes"], second["always_nodes"], third["always_nodes"]] == [[second["id"]], [third["id"]], []]
    assert len(awx.objects["schedules"]) == 7

    report = run_job(awx, tmp_path / "report", "fleet_report", **third["extra_data"])
    assert report.status == 2, report.output
    assert "AAAGlobal" in report.output
    tokens = run_job(awx, tmp_path / "tokens", "voss_tokens")
    assert "To be authorised by a person: 2" in tokens.output
    for system in SYSTEMS:
        assert len(read_inventory(awx, system, tmp_path)[system]["hosts"]) >= 2
    assert simulator.refusals() == []


def run_job(awx: Awx, folder: Path, template: str, *arguments: str, **answers: Any) -> Played:
    """Run a job as AWX does: the playbook of its project, with the answers and the environment of the credentials."""
    folder.mkdir()
    playbook, variables, env = awx.job(f"{NAME}: {template}", **answers)
    return run_playbook(folder, playbook.read_text(encoding="utf-8"), arguments, variables, env)


def test_a_change_changes_that_alone_and_absent_takes_everything_away(awx: Awx, set_up: SetUp) -> None:
    predicted = set_up(awx, "--check", **ONE)
    assert predicted.status == 0, predicted.output
    assert awx.writes() == []
    assert len(changed(predicted)) == 3
    assert set_up(awx, "-vvv", **ONE).status == 0
    assert awx.named("credentials", f"{NAME}: Webex")["inputs"] == {"access_token": "canary-webex"}

    answers = {"fleet_report_title": "Our connectors"}
    other = {**ONE, "answers": answers, "credentials": {"webex": {"access_token": "canary-other"}}}
    updated = set_up(awx, "--diff", "-vvv", **other)
    assert changed(updated) == ["Make the job templates"]
    report = awx.named("job_templates", f"{NAME}: fleet_report")
    assert [(method, path) for method, path, _body in awx.writes()] == [
        ("POST", f"/api/v2/job_templates/{report['id']}/survey_spec/")
    ]
    assert awx_rules.accepted(report, {}, with_required=True)["fleet_report_title"] == "Our connectors"
    assert awx.named("credentials", f"{NAME}: Webex")["inputs"] == {"access_token": "canary-webex"}

    foreign = awx.add("organizations", name="Others")
    kind = awx.named("credential_types", "Webex (hybrid.connectors)")
    awx.add("credentials", name="Theirs", organization=foreign["id"], credential_type=kind["id"], inputs={})
    gone = set_up(awx, state="absent")
    assert gone.status == 0, gone.output
    left = {name: awx.names(name) for name, items in awx.objects.items() if items and name != "project_updates"}
    assert left == {
        "organizations": ["Default", "Others"],
        "credential_types": ["Webex (hybrid.connectors)"],
        "credentials": ["Theirs"],
    }
    assert "Webex: the credential type is left" in gone.output


def test_with_the_api_alone_a_manual_project_is_enough_and_secrets_can_be_rotated(
    bare_awx: Awx, set_up: SetUp, simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path: Path
) -> None:
    variables = {
        **ONE,
        "project_url": "",
        "project_local_path": "connectors",
        "credentials": {"webex": dict(connection["webex"])},
        "connection": {"controller_host": bare_awx.url, "controller_username": USER, "controller_password": PASSWORD},
        "job_templates": {"fleet_report": {"job_slice_count": 3, "extra_vars": {"fleet_report_title": "By slices"}}},
    }
    made = set_up(bare_awx, **variables)
    assert made.status == 0, made.output
    assert "AWX takes no inventory source from a manual project" in " ".join(made.output.split())
    assert PASSWORD not in made.output
    assert bare_awx.names("inventory_sources") == []
    report = bare_awx.named("job_templates", f"{NAME}: fleet_report")
    assert report["job_slice_count"] == 3
    assert json.loads(report["extra_vars"])["awx_job_slice_count"] == 3
    played = run_job(bare_awx, tmp_path / "job", "fleet_report")
    assert played.status == 0, played.output
    assert [entry["system"] for entry in simulator.journal()] == ["webex"]

    own = {"state": "absent"}
    fewer = {"schedules": [], "job_templates": {"fleet_report": own, "connector_health": own}}
    rotated = {"credentials": {"webex": {"access_token": "canary-other"}}, "update_secrets": True}
    assert set_up(bare_awx, "-vvv", **{**variables, **fewer, **rotated}).status == 0
    assert bare_awx.named("credentials", f"{NAME}: Webex")["inputs"] == {"access_token": "canary-other"}
    assert bare_awx.names("job_templates") == []

    assert set_up(bare_awx, state="absent").status == 0
    # It is there until a task of AWX removes it.
    assert bare_awx.named("inventories", NAME)["pending_deletion"]
    removed = set_up(bare_awx, state="absent", remove_organization=True)
    assert removed.status == 0, removed.output
    assert changed(removed) == ["Remove the organization"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a mistyped variable": ({"sytems": ["webex"]}, "The role awx_setup has no variable awx_setup_sytems"),
    "no project": ({"project_url": ""}, "Give either the address of a Git repository"),
    "two projects": ({"project_local_path": "connectors"}, "Give either the address of a Git repository"),
    "no provider": ({"systems": ["voss"]}, "Give the node of the provider in awx_setup_voss_hierarchy"),
    "a mistyped credential": (
        {"credentials": {"webex": {"token": "canary"}}},
        "nothing reads token; there are access_token",
    ),
    "half a credential": ({"systems": ["hdp"], "credentials": {"hdp": {"username": "me"}}}, "lacks api_url, password"),
    "a mistyped playbook": ({"job_templates": {"fleet_reprot": {}}}, "nothing reads fleet_reprot"),
    "a mistyped answer": ({"answers": {"fleet_report_titel": "canary"}}, "nothing reads fleet_report_titel"),
    "a mistyped run": ({"schedules": [{"name": "a", "run": "wrkflow", "rrule": "b"}]}, "nothing reads wrkflow"),
}


@pytest.mark.parametrize(("variables", "words"), REFUSED.values(), ids=REFUSED)
def test_wrong_variables_are_refused_before_any_request(
    awx: Awx, set_up: SetUp, variables: dict[str, Any], words: str
) -> None:
    played = set_up(awx, "-vvv", **{**ONE, **variables})
    assert played.status == 2
    assert words in " ".join(played.output.split())
    assert awx.journal == []


ANSWERS: dict[str, dict[str, Any]] = {
    "apono_tidy": {},
    "voss_onboard": {"voss_onboard_hierarchy": f"{SCOPE}.CS-NB", "voss_onboard_name": "Initech"},
    "voss_offboard": {"voss_offboard_hierarchy": SCOPE, "voss_offboard_names": "AB_Group\nNobody"},
}


@pytest.mark.parametrize("playbook", ANSWERS)
def test_a_playbook_takes_the_defaults_of_its_survey_and_texts_that_are_left_empty(
    playbook: str, simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path: Path
) -> None:
    survey = awx_objects.survey(playbook)
    answers = {q["variable"]: "" for q in survey["spec"] if q["type"] in ("text", "textarea", "password")} | ANSWERS[
        playbook
    ]
    if playbook == "voss_offboard":
        answers["voss_offboard_backup_directory"] = str(tmp_path)
    template = {"survey_spec": survey, "survey_enabled": True, "extra_vars": "", "ask_variables_on_launch": False}
    env = {
        option: connection[system][name]
        for system in SYSTEMS
        for name, option in (
            (field, text)
            for text, template_text in awx_objects.credential_type(system)["injectors"]["env"].items()
            for field in connection[system]
            if field in template_text
        )
    }
    text = (PROJECT / f"{playbook}.yml").read_text(encoding="utf-8")
    folder = tmp_path / "job"
    folder.mkdir()
    played = run_playbook(folder, text, ("--check",), awx_rules.accepted(template, answers, with_required=True), env)
    assert played.status == 0, played.output
    assert simulator.refusals() == []


def test_the_project_is_written_for_a_repository_of_ones_own(tmp_path: Path) -> None:
    text = "- ansible.builtin.import_playbook: hybrid.connectors.awx_project\n"
    project = tmp_path / "project"
    written = run_playbook(tmp_path, text, (), {"awx_setup_project_dest": "project"}, {})
    assert written.status == 0, written.output

    def files(root: Path) -> dict[str, str]:
        return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*.yml")}

    assert files(project) == files(PROJECT)
