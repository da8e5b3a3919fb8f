# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the role awx_setup with the modules of awx.awx and a fake AWX API. Jobs and inventory updates then run against
the simulator, with the environment that AWX would set.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import awx_objects
import pytest
import trustme
from support import awx_rules
from support.awx import PASSWORD, TOKEN, USER, Awx
from support.certificates import encrypted
from support.messages import MessageTable
from support.modules import AWX_COLLECTION, COLLECTIONS, environment
from support.playbooks import NULL_IS_NO_STRING, Played, run_playbook
from support.simulator import CREDENTIALS, SYSTEMS, Simulator, start
from support.warm import WarmInterpreter

pytestmark = [pytest.mark.extended, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "roles" / "awx_setup" / "files" / "project"
URL = "https://git.example.com/connectors.git"
SCOPE = "sys.hcs.CS-P"
NAME = "Hybrid connectors"
ONE: dict[str, Any] = {
    "systems": ["webex"],
    "project_url": URL,
    "credentials": {"webex": {"access_token": "canary-webex"}},
}


class PlayWithAwx(Protocol):
    """Run a playbook with the connection to AWX in its environment, and check that it displays no secret."""

    def __call__(self, awx: Awx, text: str, /, *arguments: str, **variables: Any) -> Played: ...


class SetUp(Protocol):
    """Run the playbook awx_setup with variables of the role, given without its prefix."""

    def __call__(self, awx: Awx, /, *arguments: str, **variables: Any) -> Played: ...


UNDEFINED = {system: {"api_token": "{{ vault_that_nobody_gave }}"} for system in SYSTEMS}


@pytest.fixture(scope="session", autouse=True)
def _awx_collection() -> None:
    assert AWX_COLLECTION.exists(), "Run make .venv/.development first."


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    folder = tmp_path / "projects"
    shutil.copytree(PROJECT, folder / "connectors")
    return folder


@pytest.fixture
def awx(projects: Path) -> Iterator[Awx]:
    """AWX with its task engine, and a repository with the project."""
    with Awx(projects, {URL: PROJECT}) as running:
        yield running
        assert "canary" not in "".join(running.answers)


@pytest.fixture
def bare_awx(projects: Path) -> Iterator[Awx]:
    """The API of AWX without its task engine."""
    with Awx(projects, {URL: PROJECT}, engine=False) as running:
        yield running


@pytest.fixture(scope="session")
def interpreter() -> Iterator[str]:
    """An interpreter that has already imported most of the code of the modules in the role."""
    modules = (
        "ansible.module_utils.basic",
        "ansible.module_utils.urls",
        "ansible_collections.awx.awx.plugins.module_utils.controller_api",
    )
    with WarmInterpreter(modules, search_path=str(COLLECTIONS)) as running:
        yield running.path


@pytest.fixture
def play_with_awx(interpreter: str, tmp_path_factory: pytest.TempPathFactory) -> PlayWithAwx:
    def run(awx: Awx, text: str, /, *arguments: str, **variables: Any) -> Played:
        awx.journal.clear()
        env = {
            "CONTROLLER_HOST": awx.url,
            "CONTROLLER_OAUTH_TOKEN": TOKEN,
            "ANSIBLE_PIPELINING": "true",
            # The modules load the certificates of the system before each request, even for HTTP.
            "SSL_CERT_FILE": os.devnull,
        }
        given = {**variables, "ansible_python_interpreter": interpreter}
        played = run_playbook(tmp_path_factory.mktemp("awx_setup"), text, arguments, given, env)
        assert "canary" not in played.output
        assert TOKEN not in played.output
        return played

    return run


@pytest.fixture
def set_up(play_with_awx: PlayWithAwx) -> SetUp:
    def run(awx: Awx, /, *arguments: str, **variables: Any) -> Played:
        given = {f"awx_setup_{name}": value for name, value in variables.items()}
        return play_with_awx(
            awx, "- ansible.builtin.import_playbook: hybrid.connectors.awx_setup\n", *arguments, **given
        )

    return run


def changed(played: Played) -> list[str]:
    """Return the tasks that changed something."""
    return [name.rpartition(" : ")[2] for name, result in played.tasks if result.changed]


def credentials(connection: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {system: dict(connection[system]) for system in SYSTEMS}


def read_inventory(awx: Awx, system: str, folder: Path) -> dict[str, Any]:
    """Return the result of an inventory update with ansible-core 2.19 or later and the collections of the project."""
    (source,) = (s for s in awx.objects["inventory_sources"].values() if s["source_path"] == f"{system}.fleet.yml")
    private = folder / f"private_{system}"
    private.mkdir()
    # The folder in which AWX installs the collections in collections/requirements.yml.
    (private / "requirements_collections").symlink_to(COLLECTIONS, target_is_directory=True)
    env = awx.inventory_environment(source, private)
    # ansible-core 2.18 and earlier also read this file, with a warning.
    del env["ANSIBLE_COLLECTIONS_PATHS"]
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "inventory", "-i", str(PROJECT / source["source_path"]), "--list"],
        env=environment(folder, ANSIBLE_HOME=str(folder), **env),
        check=True,
        capture_output=True,
        text=True,
    )
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_set_up_is_idempotent_and_jobs_use_injected_credentials(
    awx: Awx,
    set_up: SetUp,
    simulator: Simulator,
    connection: Mapping[str, Mapping[str, str]],
    tmp_path: Path,
    messages: MessageTable,
) -> None:
    secrets = {
        connection[s].get("password") or connection[s].get("api_token") or connection[s]["access_token"]
        for s in SYSTEMS
    }
    variables = {"project_url": URL, "voss_hierarchy": SCOPE, "credentials": credentials(connection)}
    variables["job_templates"] = {"voss_onboard": {"job_slice_count": 3}, "fleet_report": {"job_slice_count": 1}}
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

    templates = [
        "apono_replace_connector",
        "apono_tidy",
        "connector_health",
        "fleet_report",
        "voss_offboard",
        "voss_onboard",
        "voss_tokens",
    ]
    assert awx.names("job_templates") == [f"{NAME}: {name}" for name in templates]
    assert len(awx.named("job_templates", f"{NAME}: fleet_report")["credentials"]) == 4
    onboarding = awx.named("job_templates", f"{NAME}: voss_onboard")
    assert onboarding["job_slice_count"] == 3
    assert json.loads(onboarding["extra_vars"])["awx_job_slice_count"] == 3
    first = awx.named("workflow_job_template_nodes", "report_before")
    second = awx.named("workflow_job_template_nodes", "voss_tokens")
    third = awx.named("workflow_job_template_nodes", "report_after")
    assert [first["always_nodes"], second["always_nodes"], third["always_nodes"]] == [[second["id"]], [third["id"]], []]
    assert len(awx.objects["schedules"]) == 7

    report = run_job(awx, tmp_path / "report", "fleet_report", **third["extra_data"])
    assert report.status == 2, report.output
    assert "AAAGlobal" in report.output
    tokens = run_job(awx, tmp_path / "tokens", "voss_tokens")
    messages.check_in("tokens.unauthorized", tokens.output, count=2)
    for system in SYSTEMS:
        assert len(read_inventory(awx, system, tmp_path)[system]["hosts"]) >= 2
    assert simulator.refusals() == []


def run_job(awx: Awx, folder: Path, template: str, *arguments: str, **answers: Any) -> Played:
    """Run a job as AWX does: the playbook of its project, with the answers and the environment of the credentials."""
    folder.mkdir()
    playbook, variables, env = awx.job(f"{NAME}: {template}", folder, **answers)
    return run_playbook(folder, playbook.read_text(encoding="utf-8"), arguments, variables, env)


def test_check_mode_predicts_changes_and_removal_needs_no_secrets(
    awx: Awx, set_up: SetUp, messages: MessageTable
) -> None:
    predicted = set_up(awx, "--check", **ONE)
    assert predicted.status == 0, predicted.output
    assert awx.writes() == []
    made = set_up(awx, "-vvv", **ONE)
    assert made.status == 0, made.output
    assert awx.named("credentials", f"{NAME}: Webex")["inputs"] == {"access_token": "canary-webex"}
    assert len(changed(predicted)) == len(changed(made)) == 8

    awx.remove("job_templates", f"{NAME}: connector_health")
    other = {**ONE, "credentials": {"webex": {"access_token": "canary-other"}}}
    for arguments in (("--check",), ("--diff", "-vvv")):
        assert changed(set_up(awx, *arguments, **other)) == ["Create the job templates"]
    paths = [(method, path) for method, path, _body in awx.writes()]
    assert paths == [("POST", "/api/v2/job_templates/")]
    assert awx.named("credentials", f"{NAME}: Webex")["inputs"] == {"access_token": "canary-webex"}

    foreign = awx.add("organizations", name="Others")
    kind = awx.named("credential_types", "Webex (hybrid.connectors)")
    awx.add("credentials", name="Theirs", organization=foreign["id"], credential_type=kind["id"], inputs={})
    absent = {"state": "absent", "credentials": UNDEFINED}
    predicted = set_up(awx, "--check", **absent)
    assert predicted.status == 0, predicted.output
    assert awx.writes() == []
    gone = set_up(awx, **absent)
    assert gone.status == 0, gone.output
    assert changed(predicted) == changed(gone)
    assert len(changed(gone)) == 5
    assert kinds_left(awx) == {
        "organizations": ["Default", "Others"],
        "credential_types": ["Webex (hybrid.connectors)"],
        "credentials": ["Theirs"],
    }
    messages.check_in("awx.kept_type", " ".join(gone.output.split()), name="Webex (hybrid.connectors)")


def kinds_left(awx: Awx) -> dict[str, list[str]]:
    """Return the names of all objects except for project updates."""
    return {kind: awx.names(kind) for kind, items in awx.objects.items() if items and kind != "project_updates"}


def test_a_manual_project_works_and_secrets_can_be_rotated(
    bare_awx: Awx,
    set_up: SetUp,
    simulator: Simulator,
    connection: Mapping[str, Mapping[str, str]],
    tmp_path: Path,
    messages: MessageTable,
) -> None:
    own = {"inventory": "Slices", "labels": ["ours", "slices"], "extra_vars": {"own": "a"}}
    variables = {
        **ONE,
        "project_url": "",
        "project_local_path": "connectors",
        "credentials": {"webex": dict(connection["webex"])},
        "connection": {"controller_host": bare_awx.url, "controller_username": USER, "controller_password": PASSWORD},
        "answers": {"fleet_report_title": "Our slices"},
        "job_templates": {"fleet_report": own},
    }
    slices = bare_awx.add(
        "inventories", name="Slices", organization=bare_awx.add("organizations", name="Default")["id"]
    )
    made = set_up(bare_awx, **variables)
    assert made.status == 0, made.output
    explained = [result.msg for name, result in made.tasks if name.endswith(": Explain why the inventory is empty")]
    messages.check("awx.empty_inventory", explained[-1], name=NAME)
    assert PASSWORD not in made.output
    assert bare_awx.names("inventory_sources") == []
    report = bare_awx.named("job_templates", f"{NAME}: fleet_report")
    assert report["inventory"] == slices["id"]
    assert json.loads(report["extra_vars"])["own"] == "a"
    assert sorted(bare_awx.objects["labels"][number]["name"] for number in report["labels"]) == ["ours", "slices"]
    played = run_job(bare_awx, tmp_path / "job", "fleet_report")
    assert played.status == 0, played.output
    assert awx_rules.accepted(report, {}, with_required=True)["fleet_report_title"] == "Our slices"
    assert [entry["system"] for entry in simulator.journal()] == ["webex"]

    absent = {"state": "absent"}
    fewer = {"schedules": [], "job_templates": {"fleet_report": absent, "connector_health": absent}}
    rotated = {"credentials": {"webex": {"access_token": "canary-other"}}, "update_secrets": True}
    assert set_up(bare_awx, "-vvv", **{**variables, **fewer, **rotated}).status == 0
    assert bare_awx.named("credentials", f"{NAME}: Webex")["inputs"] == {"access_token": "canary-other"}
    assert bare_awx.names("job_templates") == []

    assert set_up(bare_awx, state="absent").status == 0
    # The inventory exists until a task of AWX deletes it.
    assert bare_awx.named("inventories", NAME)["pending_deletion"]
    removed = set_up(bare_awx, state="absent", remove_organization=True)
    assert removed.status == 0, removed.output
    assert changed(removed) == ["Remove the organization"]
    assert set(kinds_left(bare_awx)) == {"inventories"}


@pytest.mark.long
def test_a_failed_project_update_is_repeated(awx: Awx, set_up: SetUp, tmp_path: Path, messages: MessageTable) -> None:
    content = tmp_path / "content"
    shutil.copytree(PROJECT, content)
    (content / "fleet_report.yml").unlink()
    awx.repositories.clear()
    failed = set_up(awx, **ONE)
    assert failed.status == 2
    messages.check("awx.project_not_fetched", failed.failed.msg, name=NAME)

    awx.repositories[URL] = content
    lacking = set_up(awx, **ONE)
    assert lacking.status == 2
    messages.check("awx.missing_playbooks", lacking.failed.msg, name=NAME, files="fleet_report.yml")
    assert changed(lacking) == ["Fetch the project again"]

    awx.repositories[URL] = PROJECT
    predicted = set_up(awx, "--check", **ONE)
    assert awx.writes() == []
    made = set_up(awx, **ONE)
    assert made.status == 0, made.output
    assert changed(made)[0] == "Fetch the project again"
    assert len(changed(predicted)) == len(changed(made))

    awx.remove("projects", NAME)
    predicted = set_up(awx, "--check", **ONE)
    assert awx.writes() == []
    made = set_up(awx, **ONE)
    assert made.status == 0, made.output
    assert changed(made) == [
        "Create the project",
        "Create the inventory sources",
        "Create the job templates",
        "Create the schedules",
    ]
    assert len(changed(predicted)) == len(changed(made))
    assert awx.refusals == []


def test_omitted_objects_are_reset_and_lose_their_hosts(awx: Awx, set_up: SetUp) -> None:
    organization = awx.add("organizations", name="Default")["id"]
    scm = awx.add("credential_types", name="Source Control", kind="net")
    awx.add("credentials", name="Git", organization=organization, credential_type=scm["id"])
    awx.add("instance_groups", name="ours")
    awx.add("notification_templates", name="Chat", organization=organization)
    tokens = {"webex": {"access_token": "canary-webex"}, "apono": {"api_token": "canary-apono"}}
    own = {"timeout": 60, "labels": ["ours"], "instance_groups": ["ours"], "extra_vars": {"own": "a"}}
    more = {
        "systems": ["apono", "webex"],
        "credentials": tokens,
        "project_branch": "next",
        "project_credential": "Git",
        "execution_environment_image": "registry.example.com/connectors:1",
        "job_templates": {"fleet_report": own},
        "notify_on_failure": ["Chat"],
    }
    predicted = set_up(awx, "--check", **{**ONE, **more})
    assert predicted.status == 0, predicted.output
    assert awx.writes() == []
    made = set_up(awx, **{**ONE, **more})
    assert made.status == 0, made.output
    assert len(changed(predicted)) == len(changed(made)) == 9
    report = awx.named("job_templates", f"{NAME}: fleet_report")
    assert all(report[name] for name in ("labels", "instance_groups", "credentials", "notification_templates_error"))

    add_hosts(awx)
    fewer = {**ONE, "credentials": {}}
    predicted = set_up(awx, "--check", **fewer)
    assert predicted.status == 0, predicted.output
    assert awx.writes() == []
    updated = set_up(awx, **fewer)
    assert updated.status == 0, updated.output
    assert len(changed(predicted)) == len(changed(updated)), (changed(predicted), changed(updated))
    assert awx.refusals == []
    assert awx.names("hosts") == ["by hand", "in both", "in the source of a user", "webex"]
    assert awx.names("groups") == ["apono with hosts", "health_down", "webex"]
    assert awx.names("inventory_sources") == [f"{NAME}: Webex", "of a user"]
    assert awx.names("job_templates") == [f"{NAME}: connector_health", f"{NAME}: fleet_report"]
    project = awx.named("projects", NAME)
    assert (project["scm_branch"], project["credential"]) == ("", None)
    source = awx.named("inventory_sources", f"{NAME}: Webex")
    assert (source["credential"], source["execution_environment"]) == (None, None)
    emptied = ("labels", "instance_groups", "credentials", "notification_templates_error")
    assert [report[name] for name in emptied] == [[], [], [], []]
    assert (report["execution_environment"], report["timeout"]) == (None, 0)
    assert json.loads(report["extra_vars"]) == {"fleet_report_systems": ["webex"]}
    assert awx.names("labels") == []
    assert set_up(awx, **fewer).status == 0
    assert awx.writes() == []


def add_hosts(awx: Awx) -> None:
    """Add the hosts of inventory updates, more than fit on one page, and the objects of a user."""
    inventory = awx.named("inventories", NAME)["id"]
    apono, webex = (awx.named("inventory_sources", f"{NAME}: {name}")["id"] for name in ("Apono", "Webex"))
    own = {"inventory": inventory, "source": "scm", "source_project": awx.named("projects", NAME)["id"]}
    foreign = awx.add("inventory_sources", name="of a user", **own)["id"]
    sources = {"apono": [apono], "apono with hosts": [apono], "health_down": [apono, webex], "webex": [webex]}
    groups = {
        name: awx.add("groups", name=name, inventory=inventory, inventory_sources=list(given))["id"]
        for name, given in sources.items()
    }
    hosts = {f"apono-{number}": ([apono], [groups["apono"], groups["health_down"]]) for number in range(201)}
    hosts |= {
        "in both": ([apono, webex], [groups["health_down"]]),
        "in the source of a user": ([apono, foreign], []),
        "webex": ([webex], [groups["webex"]]),
        "by hand": ([], [groups["apono with hosts"]]),
    }
    for name, (given, inside) in hosts.items():
        awx.add("hosts", name=name, inventory=inventory, inventory_sources=given, groups=inside)


@pytest.mark.parametrize("arguments", [("--check",), ()], ids=["check", "run"])
def test_a_credential_name_that_does_not_exist_is_named(
    awx: Awx, set_up: SetUp, arguments: tuple[str, ...], messages: MessageTable
) -> None:
    names = {"credentials": {}, "credential_names": {"webex": "Our Webex"}}
    if not arguments:
        organization = awx.add("organizations", name="Default")["id"]
        webex = awx.add("credential_types", kind="cloud", **type_of("webex"))
        awx.add("credentials", name="Webex A", organization=organization, credential_type=webex["id"])
        awx.add("credentials", name="Webex B", organization=organization, credential_type=webex["id"])
    played = set_up(awx, *arguments, **{**ONE, **names})
    assert played.status == 2
    facts = {
        "name": "Our Webex",
        "system": "webex",
        "type": "Webex (hybrid.connectors)",
        "organization": "Default",
        "candidates": "Webex A, Webex B" if not arguments else "none",
    }
    messages.check("awx.unknown_credential", played.failed.msg, **facts)
    assert [path for _method, path, _body in awx.writes()] == []


def type_of(system: str) -> dict[str, Any]:
    """Return the fields of a credential type as the role sends them."""
    made = awx_objects.credential_type(system)
    return {name: made[name] for name in ("name", "description", "inputs", "injectors")}


def test_the_connection_is_set_by_options_or_environment(tmp_path: Path) -> None:
    cases: list[tuple[dict[str, Any], dict[str, str], list[Any]]] = [
        ({}, {"CONTROLLER_HOST": "awx.example.com/", "CONTROLLER_OAUTH_TOKEN": "a"}, ["https://awx.example.com", "a"]),
        ({}, {"TOWER_HOST": "http://a:1", "CONTROLLER_USERNAME": "me"}, ["http://a:1", "", "me"]),
        (
            {"controller_host": "https://a/awx", "controller_oauthtoken": {"token": "b", "id": 1}},
            {"CONTROLLER_HOST": "https://b", "CONTROLLER_OAUTH_TOKEN": "a"},
            ["https://a/awx", "b"],
        ),
        ({"tower_host": "a"}, {"CONTROLLER_PASSWORD": "x y\n"}, ["https://a", "", "", "x y"]),
        (
            {"validate_certs": False},
            {"CONTROLLER_HOST": "a", "CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX": "/api/controller/"},
            ["https://a", "", "", "", False, "/api/controller/v2/"],
        ),
        ({}, {"CONTROLLER_HOST": "a", "CONTROLLER_VERIFY_SSL": "no"}, ["https://a", "", "", "", False, "/api/v2/"]),
        ({}, {"CONTROLLER_HOST": "a"}, ["https://a", "", "", "", True, "/api/v2/"]),
        ({"validate_certs": None}, {"CONTROLLER_HOST": "a"}, ["https://a", "", "", "", True, "/api/v2/"]),
        (
            dict.fromkeys(("controller_host", "controller_oauthtoken", "validate_certs"), "{{ omit }}"),
            {"CONTROLLER_HOST": "a", "CONTROLLER_OAUTH_TOKEN": "b"},
            ["https://a", "b", "", "", True, "/api/v2/"],
        ),
        ({"tower_verify_ssl": False}, {"CONTROLLER_HOST": "a"}, ["https://a", "", "", "", False, "/api/v2/"]),
    ]
    tasks: list[dict[str, Any]] = []
    for number, (connection, env, _expected) in enumerate(cases):
        include = {"name": "hybrid.connectors.awx_setup", "tasks_from": "connection", "public": True}
        tasks += [
            {
                "ansible.builtin.include_role": {**include, "apply": {"environment": env}},
                "vars": {"awx_setup_connection": connection},
            },
            {
                "name": f"case {number}",
                "ansible.builtin.debug": {"msg": "{{ __awx_setup_api }}"},
                "vars": {"awx_setup_connection": connection},
            },
        ]
    played = run_playbook(
        tmp_path, json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), (), {}, {}
    )
    assert played.status == 0, played.output
    for number, (_connection, _env, expected) in enumerate(cases):
        found = played[f"case {number}"]["msg"]
        values = [found[name] for name in ("host", "token", "username", "password", "validate_certs", "path")]
        assert values[: len(expected)] == expected


REMOVALS: dict[str, dict[str, Any]] = {
    "an empty name": {"name": ""},
    "a null name": {"name": None},
    "a number as the name": {"name": "2026"},
    "a named URL as the name": {"name": "Theirs++Default"},
    "an empty organization": {"organization": "", "remove_organization": True},
}


@pytest.mark.parametrize("variables", REMOVALS.values(), ids=REMOVALS)
def test_a_removal_requires_valid_names(awx: Awx, set_up: SetUp, variables: dict[str, Any]) -> None:
    organization = awx.add("organizations", name="Default")["id"]
    awx.add("projects", name="Theirs", organization=organization, scm_type="git", scm_url=URL)
    before = kinds_left(awx)
    refused = set_up(awx, state="absent", **variables)
    assert refused.status == 2
    assert f"awx_setup_{next(iter(variables))}" in refused.failed.msg
    assert awx.journal == []
    assert kinds_left(awx) == before


SCHEDULE = {"name": "Ours", "run": "fleet_report", "rrule": "DTSTART:20260101T000000Z RRULE:FREQ=DAILY;INTERVAL=1"}
KEY = "\n-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n"
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a mistyped variable": ({"sytems": ["webex"]}, "Unknown variable awx_setup_sytems"),
    "a wrong type": ({"systems": "webx"}, "value of awx_setup_systems must be one or more of"),
    "a blank name": (
        {"name": " "},
        "Invalid value of awx_setup_name: the name must not be empty, must not be a number and must not contain '++'.",
    ),
    "named URLs as names": (
        {
            "name": "Ours++Theirs",
            "organization": "Theirs++",
            "execution_environment": "Ours++",
            "execution_environment_image": "registry.example.com/connectors:1",
            "credentials": {},
            "credential_names": {"webex": "Webex++Webex+cloud++Theirs"},
            "schedules": [{**SCHEDULE, "name": "Ours++Theirs"}],
        },
        "Invalid value of awx_setup_name, awx_setup_organization, awx_setup_execution_environment,"
        " awx_setup_credential_names.webex, name in awx_setup_schedules: the name must not be empty, must not be a"
        " number and must not contain '++'.",
    ),
    "a number as the name of an execution environment": (
        {"execution_environment": "2026", "execution_environment_image": "registry.example.com/connectors:1"},
        "Invalid value of awx_setup_execution_environment",
    ),
    "a number as the name of a credential": (
        {"credentials": {}, "credential_names": {"webex": "2026"}},
        "Invalid value of awx_setup_credential_names.webex",
    ),
    "an empty name of a credential": (
        {"credentials": {}, "credential_names": {"webex": ""}},
        "Invalid value of awx_setup_credential_names.webex",
    ),
    "a number as the name of a schedule": (
        {"schedules": [{**SCHEDULE, "name": "0600"}, {**SCHEDULE, "name": 7}, SCHEDULE]},
        "Invalid value of name in awx_setup_schedules: the name",
    ),
    "names in job templates that select other objects": (
        {
            "job_templates": {
                "fleet_report": {"labels": ["", "Ours++Theirs"], "credentials": [""], "instance_groups": [""]},
                "connector_health": {
                    "labels": ["Ours", 2026],
                    "credentials": ["Ours++Webhook+cloud++Default", None, "7"],
                    "instance_groups": ["7"],
                },
            },
            "notify_on_failure": ["7", "Ours++Default", ""],
        },
        "Invalid value of labels in awx_setup_job_templates.fleet_report, labels in"
        " awx_setup_job_templates.connector_health: the name must not be empty, must not be a number and must not"
        " contain '++'. Invalid value of credentials in awx_setup_job_templates.fleet_report, credentials in"
        " awx_setup_job_templates.connector_health: the name must not be empty and must not be a number. Invalid value"
        " of instance_groups in awx_setup_job_templates.fleet_report, awx_setup_notify_on_failure: the name must not be"
        " empty.",
    ),
    "no project": ({"project_url": ""}, "Set either awx_setup_project_url"),
    "two projects": ({"project_local_path": "connectors"}, "Set either awx_setup_project_url"),
    "no provider": ({"systems": ["voss"]}, "Set awx_setup_voss_hierarchy, or remove voss from awx_setup_systems"),
    "a mistyped credential": (
        {"credentials": {"webex": {"token": "canary"}}},
        "Unknown key token in awx_setup_credentials.webex. Valid keys are access_token,",
    ),
    "half a credential": (
        {"systems": ["hdp"], "credentials": {"hdp": {"username": "me"}}},
        "does not have api_url, password",
    ),
    "slices of playbooks that cannot be sliced": (
        {"job_templates": {"fleet_report": {"job_slice_count": 2}, "apono_tidy": {"job_slice_count": "3"}}},
        "Cannot set job_slice_count in awx_setup_job_templates to more than 1 for apono_tidy, fleet_report: each slice",
    ),
    "a mistyped playbook": ({"job_templates": {"fleet_reprot": {}}}, "Unknown key fleet_reprot"),
    "a mistyped answer": ({"answers": {"fleet_report_titel": "canary"}}, "Unknown key fleet_report_titel"),
    "a mistyped run": (
        {"schedules": [{"name": "a", "run": "wrkflow", "rrule": "b"}]},
        "Invalid value wrkflow of run in awx_setup_schedules",
    ),
    "an unknown state of a job template": (
        {"job_templates": {"fleet_report": {"state": "exists"}}},
        "Invalid value exists of state in awx_setup_job_templates. Valid values are absent, present.",
    ),
    "a state of a job template in capitals": (
        {"job_templates": {"fleet_report": {"state": "Present"}}},
        "Invalid value Present of state in awx_setup_job_templates",
    ),
    "a Boolean state of a job template": (
        {"job_templates": {"fleet_report": {"state": True}}},
        "Invalid value True of state in awx_setup_job_templates",
    ),
    "an unknown state of a schedule": (
        {"schedules": [{**SCHEDULE, "state": "exists"}]},
        "Invalid value exists of state in awx_setup_schedules. Valid values are absent, present.",
    ),
    "an unknown job type of a schedule": (
        {"schedules": [{**SCHEDULE, "job_type": "chek"}]},
        "Invalid value chek of job_type in awx_setup_schedules. Valid values are check, run.",
    ),
    "a schedule without a rule": (
        {"schedules": [{"name": "Ours", "run": "fleet_report"}]},
        "The schedule 'Ours' in awx_setup_schedules does not have rrule.",
    ),
    "a secret answer": (
        {"answers": {"voss_onboard_token": "canary-token"}},
        "Cannot set voss_onboard_token in awx_setup_answers: the value is a secret",
    ),
    "a secret in a schedule": (
        {"schedules": [{**SCHEDULE, "run": "voss_onboard", "extra_data": {"voss_onboard_http_proxy": "canary"}}]},
        "Cannot set voss_onboard_http_proxy in the extra_data of the schedule 'Ours'",
    ),
    "a secret in extra variables": (
        {"job_templates": {"apono_tidy": {"extra_vars": {"apono_connectors_connection": {"api_token": "canary"}}}}},
        "Cannot set api_token in the extra_vars of awx_setup_job_templates.apono_tidy",
    ),
    "a key in extra variables": (
        {"job_templates": {"apono_tidy": {"extra_vars": {"apono_connectors_connection": {"client_key": KEY}}}}},
        "Cannot set client_key in the extra_vars of awx_setup_job_templates.apono_tidy",
    ),
    "the password of a key in a schedule": (
        {"schedules": [{**SCHEDULE, "extra_data": {"fleet_report_webex": {"client_key_password": "canary"}}}]},
        "Cannot set client_key_password in the extra_data of the schedule 'Ours'",
    ),
    "a proxy of a customer in extra variables": (
        {"job_templates": {"voss_onboard": {"extra_vars": {"voss_onboard_customers": [{"https_proxy": "canary"}]}}}},
        "Cannot set https_proxy in the extra_vars of awx_setup_job_templates.voss_onboard",
    ),
    "the URL of a webhook in extra variables": (
        {"job_templates": {"fleet_report": {"extra_vars": {"fleet_report_notify": [{"url": "http://canary"}]}}}},
        "Cannot set fleet_report_notify in the extra_vars of awx_setup_job_templates.fleet_report: the value is a"
        " secret, and the modules of awx.awx would log it. In the extra_vars of a job template, set the secret to a"
        " template that the job evaluates, for example a lookup of an environment variable.",
    ),
    "a secret parameter of an integration in extra variables": (
        {
            "job_templates": {
                "apono_replace_connector": {
                    "extra_vars": {
                        "apono_replace_connector_secret_parameters": {
                            "MySQL": {"username": {"__ansible_unsafe": "{{ user }}"}, "password": "canary"}
                        }
                    }
                }
            }
        },
        "Cannot set apono_replace_connector_secret_parameters in the extra_vars of"
        " awx_setup_job_templates.apono_replace_connector: the value is a secret",
    ),
    "a number as a text answer": (
        {"answers": {"fleet_report_title": 2026}},
        "Invalid value of fleet_report_title in awx_setup_answers: the survey requires a string of at most 1024",
    ),
    "a null answer": (
        {"answers": {"fleet_report_title": None}},
        "Invalid value of fleet_report_title in awx_setup_answers",
    ),
    "a text as a number": (
        {"answers": {"fleet_report_timeout": "300"}},
        "Invalid value of fleet_report_timeout in awx_setup_answers: the survey requires an integer of at least 0",
    ),
    "a number that is too small": (
        {"answers": {"apono_connectors_prune_after_days": -0.5}},
        "Invalid value of apono_connectors_prune_after_days in awx_setup_answers: the survey requires a number of at",
    ),
    "an unknown choice": (
        {"answers": {"fleet_report_fail_on": ["down", "dwn"]}},
        "Invalid value of fleet_report_fail_on in awx_setup_answers: the survey requires a list of new, worse,",
    ),
    "an unknown choice in a schedule": (
        {"schedules": [{**SCHEDULE, "run": "apono_tidy", "extra_data": {"apono_connectors_prune": True}}]},
        "Invalid value of apono_connectors_prune in the extra_data of the schedule 'Ours'",
    ),
    "an unknown problem of the workflow": (
        {"workflow_fail_on": ["expird"]},
        "Invalid value of fleet_report_fail_on in awx_setup_workflow_fail_on",
    ),
    "half a refresh grant": (
        {"credentials": {"webex": {"client_id": "x"}}},
        "The credential of Webex in awx_setup_credentials is not complete. Set either access_token, or client_id,"
        " client_secret, refresh_token.",
    ),
    "two kinds of credentials": (
        {"credentials": {"webex": {"access_token": "canary", "client_id": "x"}}},
        "Set either access_token, or client_id, client_secret, refresh_token.",
    ),
    "an empty credential": (
        {"credentials": {"webex": {"access_token": ""}}},
        "The credential of Webex in awx_setup_credentials is not complete",
    ),
    "an empty required field": (
        {"systems": ["apono"], "credentials": {"apono": {"api_token": ""}}},
        "does not have api_token",
    ),
    "private keys in certificates": (
        {"credentials": {"webex": {"access_token": "canary", "ca_certificate": KEY, "client_certificate": KEY}}},
        "The credential of Webex in awx_setup_credentials contains a private key in ca_certificate, client_certificate,"
        " which AWX would not encrypt. Move the key to client_key.",
    ),
    "a credential and the name of a credential": (
        {"credential_names": {"webex": "Theirs"}},
        "Both awx_setup_credentials and awx_setup_credential_names contain webex. Set one of them.",
    ),
    "a variable of the survey": (
        {"job_templates": {"fleet_report": {"extra_vars": {"fleet_report_title": "canary", "own": 1}}}},
        "fleet_report_title in the extra_vars of awx_setup_job_templates.fleet_report",
    ),
    "a list of the survey": (
        {"job_templates": {"fleet_report": {"extra_vars": {"fleet_report_fail_on": ["down"]}}}},
        "In awx_setup_answers, set fleet_report_fail_on.",
    ),
    "another prefix": (
        {"job_templates": {"apono_tidy": {"extra_vars": {"apono_tidy_prune": True, "apono_tidy_names": {}}}}},
        "Cannot set apono_tidy_prune in the extra_vars of awx_setup_job_templates.apono_tidy: the survey of this job"
        " template sets the same option, and AWX uses the value of the survey. In awx_setup_answers, set"
        " apono_connectors_prune.",
    ),
    "another prefix of tokens": (
        {"job_templates": {"voss_tokens": {"extra_vars": {"voss_tokens_token_days": 1}}}},
        "In awx_setup_answers, set voss_spark_customers_token_days.",
    ),
}


def test_wrong_variables_are_refused_before_any_request(awx: Awx, play_with_awx: PlayWithAwx) -> None:
    rows = {name: {**ONE, **variables} for name, (variables, _words) in REFUSED.items()}
    role = {"name": "hybrid.connectors.awx_setup", "rolespec_validate": False}
    tasks: list[dict[str, Any]] = []
    for name, variables in rows.items():
        given = {f"awx_setup_{option}": f"{{{{ rows['{name}'].{option} }}}}" for option in variables}
        accepted, refused = (
            {"name": name, "ansible.builtin.debug": {"msg": msg}} for msg in ("accepted", "{{ ansible_failed_result }}")
        )
        tasks.append({"block": [{"ansible.builtin.include_role": role, "vars": given}, accepted], "rescue": [refused]})
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    played = play_with_awx(awx, json.dumps(play), "-vvv", rows=rows)
    assert played.status == 0, played.output
    results = {name: " ".join(json.dumps(played[name]["msg"], ensure_ascii=False).split()) for name in REFUSED}
    assert {name: found for name, found in results.items() if REFUSED[name][1] not in found} == {}
    assert awx.journal == []


def test_only_state_absent_deletes_a_job_template(awx: Awx, set_up: SetUp) -> None:
    made = set_up(awx, **ONE)
    assert made.status == 0, made.output
    before = kinds_left(awx)
    invalid = set_up(awx, **ONE, job_templates={"fleet_report": {"state": "exists"}})
    assert invalid.status == 2
    assert awx.journal == []
    strings = {} if NULL_IS_NO_STRING else dict.fromkeys(("collections_path", "project_directory", "timezone"))
    unset = set_up(awx, **ONE, **strings, job_templates={"fleet_report": {"state": None}, "connector_health": None})
    assert unset.status == 0, unset.output
    assert changed(unset) == []
    assert kinds_left(awx) == before


@pytest.mark.long
def test_null_options_are_reset_to_their_defaults(awx: Awx, set_up: SetUp) -> None:
    awx.add("instance_groups", name="ours")
    options = {"timeout": 60, "job_slice_count": 2, "instance_groups": ["ours"]}
    schedule = {**SCHEDULE, "job_type": "check", "enabled": False}
    both = {**ONE, "systems": ["voss", "webex"], "voss_hierarchy": SCOPE}
    made = set_up(awx, **both, job_templates={"voss_onboard": options}, schedules=[schedule])
    assert made.status == 0, made.output
    nulls = {
        "job_templates": {"voss_onboard": dict.fromkeys(options)},
        "schedules": [{**SCHEDULE, "job_type": None, "enabled": None}],
    }
    reset = set_up(awx, **both, **nulls)
    assert reset.status == 0, reset.output
    assert changed(reset) == ["Create the job templates", "Create the schedules"]
    onboarding = awx.named("job_templates", f"{NAME}: voss_onboard")
    assert [onboarding[name] for name in options] == [0, 1, []]
    (stored,) = awx.objects["schedules"].values()
    assert [stored["job_type"], stored["enabled"]] == ["run", True]
    omitted = set_up(awx, **both, job_templates={"voss_onboard": {}}, schedules=[SCHEDULE])
    assert changed(omitted) == []
    assert awx.refusals == []


@pytest.mark.long
def test_valid_answers_are_accepted(awx: Awx, set_up: SetUp) -> None:
    answers = {
        "fleet_report_title": "Ours",
        "fleet_report_timeout": 300,
        "fleet_report_stale_after_hours": 12,
        "fleet_report_expiring_within_days": 1.5,
        "fleet_report_fail_on": "down",
        "fleet_report_previous": "",
        "apono_connectors_prune": True,
        "voss_offboard_names": ["a", "b"],
        "voss_offboard_missing": "fail",
    }
    schedule = {**SCHEDULE, "extra_data": {"fleet_report_fail_on": ["new"], "fleet_report_timeout": 60}}
    grant = {"client_id": "x", "client_secret": "canary-client", "refresh_token": "canary-refresh"}
    variables = {**ONE, "credentials": {"webex": grant}, "answers": answers, "schedules": [schedule]}
    assert set_up(awx, "-vvv", **variables).status == 0
    again = set_up(awx, **variables)
    assert again.status == 0, again.output
    assert changed(again) == []
    assert awx.refusals == []


def test_extra_variables_can_contain_templates_and_paths(awx: Awx, set_up: SetUp) -> None:
    template = "{{ lookup('ansible.builtin.env', 'WEBHOOK') }}"
    unsafe = {"__ansible_unsafe": template}
    paths = {"client_cert": "/etc/pki/us.pem", "client_key": "/etc/pki/us.key"}
    parameters = "apono_replace_connector_secret_parameters"
    given: dict[str, dict[str, Any]] = {
        "fleet_report": {"fleet_report_notify": [{"url": unsafe, "format": "slack"}], "fleet_report_webex": paths},
        "apono_replace_connector": {parameters: {"MySQL": {"username": unsafe, "password": unsafe}, "Redis": None}},
        "apono_tidy": {parameters: unsafe},
    }
    templates = {playbook: {"extra_vars": extra} for playbook, extra in given.items()}
    made = set_up(awx, **{**ONE, "systems": ["apono", "webex"]}, job_templates=templates, schedules=[])
    assert made.status == 0, made.output
    stored = {name: json.loads(awx.named("job_templates", f"{NAME}: {name}")["extra_vars"]) for name in given}
    assert stored["fleet_report"]["fleet_report_notify"] == [{"url": template, "format": "slack"}]
    assert stored["fleet_report"]["fleet_report_webex"] == paths
    assert stored["apono_replace_connector"][parameters] == {
        "MySQL": {"username": template, "password": template},
        "Redis": None,
    }
    assert stored["apono_tidy"][parameters] == template


@pytest.mark.long
def test_job_templates_can_have_more_credentials_and_labels(awx: Awx, set_up: SetUp) -> None:
    organization = awx.add("organizations", name="Default")["id"]
    webhook = awx.add("credential_types", name="Webhook", kind="cloud")
    own = awx.add("credentials", name="Ours", organization=organization, credential_type=webhook["id"])
    options = {
        "job_templates": {
            "fleet_report": {"credentials": ["Ours"], "labels": "ours"},
            "connector_health": {"credentials": None, "labels": ["ours", None]},
        }
    }
    made = set_up(awx, **ONE, **options)
    assert made.status == 0, made.output
    webex = awx.named("credentials", f"{NAME}: Webex")
    report = awx.named("job_templates", f"{NAME}: fleet_report")
    assert sorted(report["credentials"]) == sorted([own["id"], webex["id"]])
    health = awx.named("job_templates", f"{NAME}: connector_health")
    assert report["labels"] == health["labels"] == [awx.named("labels", "ours")["id"]]
    assert changed(set_up(awx, **ONE, **options)) == []
    assert changed(set_up(awx, **ONE)) == ["Create the job templates"]
    assert report["credentials"] == [webex["id"]]
    assert awx.refusals == []


@pytest.mark.long
def test_an_empty_collections_path_is_not_set_and_clears_the_old_value(awx: Awx, set_up: SetUp) -> None:
    assert set_up(awx, **ONE, schedules=[]).status == 0
    source = awx.named("inventory_sources", f"{NAME}: Webex")
    assert "ANSIBLE_COLLECTIONS_PATH" in source["source_vars"]
    empty = {**ONE, "schedules": [], "collections_path": ""}
    predicted = set_up(awx, "--check", **empty)
    assert awx.writes() == []
    cleared = set_up(awx, **empty)
    assert cleared.status == 0, cleared.output
    assert changed(predicted)
    assert len(changed(predicted)) == len(changed(cleared)) == 1
    assert source["source_vars"] == ""
    for arguments in ((), ("--check",)):
        again = set_up(awx, *arguments, **empty)
        assert again.status == 0, again.output
        assert changed(again) == []

    awx.remove("inventory_sources", f"{NAME}: Webex")
    made = set_up(awx, **empty)
    assert changed(made) == ["Create the inventory sources"]
    assert changed(set_up(awx, **empty)) == []


@pytest.mark.long
def test_the_default_schedule_reports_unused_apono_connectors(
    awx: Awx,
    set_up: SetUp,
    simulator: Simulator,
    connection: Mapping[str, Mapping[str, str]],
    tmp_path: Path,
    messages: MessageTable,
) -> None:
    variables = {**ONE, "systems": ["apono"], "credentials": {"apono": dict(connection["apono"])}}
    made = set_up(awx, **variables)
    assert made.status == 0, made.output
    (schedule,) = (item for item in awx.objects["schedules"].values() if "unused Apono" in item["name"])
    assert schedule["job_type"] == "check"
    unused = "4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"
    simulator.control("PATCH", f"/state/apono/{unused}", {"last_connected": "2024-01-01T00:00:00Z"})
    played = run_job(awx, tmp_path / "job", "apono_tidy", "--check", **schedule["extra_data"])
    assert played.status == 0, played.output
    facts = {"name": "azure-west-europe", "identifier": unused, "time": "2024-01-01T00:00:00Z"}
    messages.check_in("apono.summary_deleted", played.output, **facts)
    assert simulator.writes() == []


def test_the_address_of_awx_is_required(awx: Awx, set_up: SetUp, messages: MessageTable) -> None:
    awx.url = ""
    played = set_up(awx, **ONE)
    assert played.status == 2
    messages.check("awx.no_address", played.failed.msg)
    assert awx.journal == []


@pytest.mark.parametrize("given", [True, False], ids=["certificate", "none"])
def test_a_launch_trusts_the_ca_certificate_of_its_credential(
    tls_simulator: Simulator, authority_file: Path, given: bool, tmp_path: Path
) -> None:
    inputs = {"api_url": tls_simulator.system_url("webex"), **CREDENTIALS["webex"]}
    if given:
        inputs["ca_certificate"] = authority_file.read_text(encoding="utf-8")
    env = awx_rules.injected(awx_objects.credential_type("webex")["injectors"], inputs, tmp_path)
    task = {"name": "Read", "hybrid.connectors.webex_hybrid_connector_info": {"retry_budget": 0}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    played = run_playbook(tmp_path, json.dumps([play]), (), {}, env)
    assert played.status == (0 if given else 2), played.output
    if not given:
        assert played["Read"].failure["reason"] == "tls"


@pytest.mark.long
@pytest.mark.parametrize("kind", ["plain", "encrypted"])
def test_a_job_presents_its_credentials_client_certificate(
    awx: Awx,
    set_up: SetUp,
    authority: trustme.CA,
    authority_file: Path,
    server_certificate: Path,
    kind: str,
    tmp_path: Path,
) -> None:
    issued = authority.issue_cert("client@example.com")
    key, password = issued.private_key_pem.bytes(), "canary-password"
    presented = {"client_certificate": issued.cert_chain_pems[0].bytes().decode(), "client_key": key.decode()}
    if kind == "encrypted":
        presented |= {"client_key": encrypted(key, password).decode(), "client_key_password": password}
    with start("--tls-cert", str(server_certificate), "--tls-client-ca", str(authority_file)) as demanding:
        login = {"api_url": f"{demanding.url}/webex/v1", **CREDENTIALS["webex"]}
        login["ca_certificate"] = authority_file.read_text(encoding="utf-8")
        assert set_up(awx, "-vvv", **{**ONE, "credentials": {"webex": login}}).status == 0
        refused = run_job(awx, tmp_path / "refused", "fleet_report", fleet_report_fail_on=["unread"])
        assert refused.status == 2, refused.output
        assert "unread: webex" in refused.output

        variables = {**ONE, "credentials": {"webex": {**login, **presented}}}
        made = set_up(awx, "-vvv", **variables, update_secrets=True)
        assert made.status == 0, made.output
        assert changed(made) == ["Create the credentials"]
        assert changed(set_up(awx, **variables)) == []
        job = run_job(awx, tmp_path / "job", "fleet_report", fleet_report_fail_on=["unread"])
        assert job.status == 0, job.output
    line = presented["client_key"].splitlines()[1]
    for text in (made.output, job.output, *awx.answers):
        assert line not in text
        assert password not in text


ANSWERS: dict[str, dict[str, Any]] = {
    "apono_replace_connector": {
        "apono_replace_connector_old": "AwsConnector-ProdTeam-XYZ123",
        "apono_replace_connector_new": "prod-us-east-1",
    },
    "apono_tidy": {},
    "voss_onboard": {"voss_onboard_hierarchy": f"{SCOPE}.CS-NB", "voss_onboard_name": "Initech"},
    "voss_offboard": {"voss_offboard_hierarchy": SCOPE, "voss_offboard_names": "AB_Group\nNobody"},
}


@pytest.mark.parametrize("playbook", ANSWERS)
def test_a_playbook_accepts_survey_defaults_and_empty_strings(
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


def test_the_project_is_written_for_an_own_repository(tmp_path: Path) -> None:
    text = "- ansible.builtin.import_playbook: hybrid.connectors.awx_project\n"
    project = tmp_path / "project"
    written = run_playbook(tmp_path, text, (), {"awx_setup_project_dest": "project"}, {})
    assert written.status == 0, written.output

    def files(root: Path) -> dict[str, str]:
        return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*.yml")}

    assert files(project) == files(PROJECT)
