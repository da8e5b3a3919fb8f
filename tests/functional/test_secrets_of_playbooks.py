# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every playbook and role, the inventory, the event source and the lookup with difficult secrets. The tests search
the same output as :mod:`test_secrets_of_modules`, and the report, the caches, the events, the state file and the
artifacts of ansible-runner.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import canaries, runner
from support.awx import Awx
from support.canaries import GRANT, KINDS, USER, WORLDLY, echo, echo_in_header, leaks, logins, secrets_of, seed
from support.deadline import HANGS
from support.event_source import Source
from support.jobs import SCOPE, VARIABLES, VARIABLES_OF_AWX
from support.modules import COLLECTIONS, ROOT, environment
from support.playbooks import run_playbook
from support.simulator import SYSTEMS, Simulator, in_environment

pytestmark = [pytest.mark.extended, pytest.mark.undocumented]

WHOLE = os.environ.get("SWEEP") == "whole"
ALL_KINDS = [*KINDS, *WORLDLY, *(kind + GRANT for kind in KINDS)]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
SECRET_OPTIONS = ("token", "refresh_token", "http_proxy", "https_proxy")
KEY_FIELDS = ("client_key", "client_key_password")
# Situations: success, a refusal or an error with the secrets in the response, or a defect.
RESPONSES: dict[str, dict[str, Any]] = {
    "success": {},
    "refused": {"status": 401},
    "broken": {"status": 500},
    "HTML": {"status": 200},
    "a redirect": {"status": 302},
    "a defect": {},
}
# These playbooks always run. The other playbooks have many tasks or few secrets, and their own tests search for
# secrets.
QUICK = {
    "awx_setup": ("success", "markup"),
    "demo": ("success", "unicode"),
    "voss_onboard": ("broken", "pattern"),
    "voss_tokens": ("a defect", "blanks"),
}


def prepare(simulator: Simulator, kind: str, how: str) -> dict[str, dict[str, str]]:
    """Configure the simulator with the secrets and the responses, and return the connection options of all systems."""
    simulator.reset(seed(kind))
    simulator.settings(voss={"throttle": 0, "polls": 0}, hdp={"lockout": 0})
    for system in SYSTEMS if RESPONSES[how] else ():
        reported, header = echo(system, kind), echo_in_header(system, kind)
        headers = {"X-Request-ID": header, "Location": f"http://user:{header}@127.0.0.1:9/?token={header}"}
        simulator.fault(system=system, times=None, body=f"<html>{reported}</html>", headers=headers, **RESPONSES[how])
    return {system: {"api_url": simulator.system_url(system), **login} for system, login in logins(kind).items()}


def broken(how: str) -> dict[str, str]:
    return {"PYTHONPATH": canaries.SITE, "BROKEN_LIBRARY": "1"} if how == "a defect" else {}


def chosen(some: list[str], whole: bool = WHOLE) -> list[tuple[str, str, str]]:
    """Return each playbook with each kind of secret and with each response, or a few playbooks."""
    if whole:
        hows = [*RESPONSES]
        return [
            (one, hows[(number + place) % len(hows)], kind)
            for number, one in enumerate(some)
            for place, kind in enumerate(ALL_KINDS)
        ]
    return [(one, *QUICK[one]) for one in some if one in QUICK]


def assert_hidden(contents: Mapping[str, str], secrets: list[str]) -> None:
    found = leaks(contents, secrets)
    assert not found, "\n\n".join(f"{place}: {text}" for place, there in found.items() for text in there[:6])


# -- playbooks and roles ----------------------------------------------------------------------------------------------

PLAYBOOKS = {**VARIABLES, **VARIABLES_OF_AWX}


def test_every_playbook_and_role_is_swept() -> None:
    assert sorted(PLAYBOOKS) == sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
    contents = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml"))
    assert set(ROLES) - set(re.findall(r"(?m)^ +(?:- role|name): hybrid\.connectors\.(\w+)$", contents)) == set()


def test_the_whole_sweep_runs_each_playbook_with_each_kind_and_response() -> None:
    for some in (PLAYBOOKS, VARIABLES):
        runs = chosen([*some], whole=True)
        assert {(one, kind) for one, _how, kind in runs} == {(one, kind) for one in some for kind in ALL_KINDS}
        assert {(one, how) for one, how, _kind in runs} == {(one, how) for one in some for how in RESPONSES}
        assert {(how, kind) for _one, how, kind in runs} == {(how, kind) for how in RESPONSES for kind in ALL_KINDS}


def variables_of(playbook: str, kind: str, connections: Any, kept: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the variables of a playbook with secrets, and these secrets."""
    text = json.dumps(PLAYBOOKS[playbook]).replace("{folder}", str(kept)).replace("{port}", "1")
    variables: dict[str, Any] = json.loads(text)
    stored = {option: canaries.secret(kind, option) for option in SECRET_OPTIONS}
    more: list[str] = []
    if playbook == "voss_onboard":
        variables.update({f"voss_onboard_{option}": value for option, value in stored.items()})
        more = [*stored.values()]
    elif playbook == "fleet_report":
        variables.update(
            fleet_report_systems=[*SYSTEMS],
            fleet_report_voss={"hierarchy": SCOPE},
            fleet_report_prom=f"{kept}/fleet.prom",
            fleet_report_fail_on="down",
        )
    elif playbook == "awx_setup":
        keys = {field: canaries.secret(kind, field) for field in KEY_FIELDS}
        more = [*keys.values()]
        credentials = {system: {**fields, **keys} for system, fields in connections.items()}
        variables.update(awx_setup_systems=[*SYSTEMS], awx_setup_credentials=credentials)
        variables["awx_setup_voss_hierarchy"] = SCOPE
    elif playbook == "voss_tokens":
        variables["voss_spark_customers_connection"] = connections["voss"]
    return variables, more


@pytest.mark.parametrize(("playbook", "how", "kind"), chosen([*PLAYBOOKS]))
def test_no_playbook_leaks_a_secret(playbook: str, how: str, kind: str, simulator: Simulator, tmp_path: Path) -> None:
    folder, kept = tmp_path / "run", tmp_path / "kept"
    kept.mkdir()
    connections = prepare(simulator, kind, how)
    variables, more = variables_of(playbook, kind, connections, kept)
    secrets = [*secrets_of(kind), *more]
    env = {**canaries.environment(folder), **in_environment(connections), **broken(how)}
    given = folder / "variables.json"
    text = f"- ansible.builtin.import_playbook: hybrid.connectors.{playbook}\n"
    with Awx(tmp_path / "projects", {}, engine=False) as awx, canaries.process_list() as processes:
        env.update(CONTROLLER_HOST=awx.url, CONTROLLER_OAUTH_TOKEN=canaries.token(kind, "awx"))
        secrets.append(env["CONTROLLER_OAUTH_TOKEN"])
        played = run_playbook(folder, text, ("-vvvv", "--diff"), unsafe(variables), env)
    assert played.tasks, played.output
    contents = {"output": played.output, "results": canaries.results(played), "processes": "\n".join(processes)}
    assert_hidden({**contents, **canaries.places(folder, [given]), **canaries.places(kept)}, secrets)


def unsafe(value: Any) -> Any:
    """Return variables in Ansible's JSON format for untrusted strings, as a vault or a survey provides them."""
    if isinstance(value, str) and "{" in value:
        return {"__ansible_unsafe": value}
    if isinstance(value, dict):
        return {name: unsafe(inner) for name, inner in value.items()}
    return [unsafe(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("playbook", "how", "kind"), chosen([*VARIABLES]) if WHOLE else [("apono_tidy", "broken", "plain")]
)
def test_a_failed_run_keeps_credentials_only_in_its_environment(
    playbook: str, how: str, kind: str, simulator: Simulator, tmp_path: Path
) -> None:
    folder, kept = tmp_path / "job", tmp_path / "kept"
    kept.mkdir()
    connections = prepare(simulator, kind, how)
    variables = json.loads(json.dumps(VARIABLES[playbook]).replace("{folder}", str(kept)).replace("{port}", "1"))
    text = f"- ansible.builtin.import_playbook: hybrid.connectors.{playbook}\n"
    runner.job_folder(folder, text, {}, variables)
    (folder / "env" / "cmdline").write_text("-vvvv --diff", encoding="utf-8")
    with canaries.process_list() as processes, runner.start(folder, connections) as process:
        output, _nothing = process.communicate(timeout=HANGS)
    (folder / "env" / "envvars").unlink(missing_ok=True)
    contents = {"output": output, "processes": "\n".join(processes), **canaries.places(tmp_path)}
    command = f"job/artifacts/{runner.IDENT}/command"
    assert f"job/artifacts/{runner.IDENT}/rc" in contents
    assert (tmp_path / command).stat().st_mode & 0o777 == 0o600
    del contents[command]
    assert_hidden(contents, secrets_of(kind))


# -- inventory --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "kind"),
    [(how, kind) for how in RESPONSES for kind in ALL_KINDS]
    if WHOLE
    else [("success", "markup"), ("broken", "unicode"), ("success", f"template{GRANT}")],
)
@pytest.mark.parametrize("place", ["file", "environment"] if WHOLE else ["file"])
def test_the_inventory_leaks_no_secret(how: str, kind: str, place: str, simulator: Simulator, tmp_path: Path) -> None:
    folder, file = tmp_path / "run", tmp_path / "our.fleet.yml"
    connections = prepare(simulator, kind, how)
    options: dict[str, Any] = {system: {"retry_budget": 0} for system in SYSTEMS}
    options["voss"]["hierarchy"] = SCOPE
    env = in_environment(connections)
    if place == "file":
        env = {"OF_THE_TEST": json.dumps(connections)}
        for system in SYSTEMS:
            for option in connections[system]:
                value = f"{{{{ (lookup('ansible.builtin.env', 'OF_THE_TEST') | from_json).{system}.{option} }}}}"
                options[system][option] = value
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder / "cache")}
    file.write_text(yaml.safe_dump({"plugin": "hybrid.connectors.fleet", **options, **cache}), encoding="utf-8")
    env.update(canaries.environment(folder))
    with canaries.process_list() as processes:
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "inventory", "-i", str(file), "--list", "-vvvv"],
            cwd=folder,
            env=environment(
                folder,
                ANSIBLE_HOME=str(folder / ".ansible"),
                ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
                **{**env, **broken(how)},
            ),
            check=False,
            capture_output=True,
            text=True,
            timeout=HANGS,
        )
    assert ("webex_" in done.stdout) == (how == "success"), done.stderr[-3000:]
    assert how != "success" or list((folder / "cache").iterdir())
    contents = {"output": done.stdout + done.stderr, "processes": "\n".join(processes), **canaries.places(folder)}
    assert_hidden(contents, secrets_of(kind))


# -- event source -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "kind"),
    [(how, kind) for how in RESPONSES for kind in ALL_KINDS]
    if WHOLE
    else [("broken", "long"), ("a defect", "encoded"), ("broken", f"base64{GRANT}")],
)
def test_no_secret_is_in_any_event(how: str, kind: str, simulator: Simulator, tmp_path: Path) -> None:
    connections = prepare(simulator, kind, how)
    systems: dict[str, Any] = {system: {**options, "retry_budget": 0} for system, options in connections.items()}
    (tmp_path / "source").mkdir()
    options = {"interval": 0.2, "state_file": str(tmp_path / "state.json"), **systems}
    with Source(tmp_path / "source", options, broken(how)) as source, canaries.process_list() as processes:
        if how == "refused":
            assert source.wait() == 1
        else:
            emitted = {source.event()["system"]}
            while emitted != {*SYSTEMS}:
                emitted.add(source.event()["system"])
    contents = {"output": source.output, "processes": "\n".join(processes), **canaries.places(tmp_path)}
    del contents["source/options.json"]
    events = {"events": json.dumps(source.events(), ensure_ascii=False)}
    assert source.events()
    assert_hidden({**contents, **events}, secrets_of(kind))


# -- lookup and filters -----------------------------------------------------------------------------------------------

TABLES = {
    "no header": "{secret};{secret}\n",
    "an unknown column": "name,token,colour\nA,{secret},x\n",
    "too many cells": "name,token\nA,{secret},{secret}\n",
    "no name": "name,token\n,{secret}\n",
    "not a boolean": "name,token,dirsync_enabled\nA,{secret},{secret}\n",
    "a quotation mark": 'name,token\nA,"{secret}" {secret}\n',
    "no table": '{{"resources": [{{"data": "{secret}"}}]}}',
    "nothing wrong": "name,token\nAAAGlobal,{secret}\n",
}
FILTERS = {
    "a string": "{{ secret | hybrid.connectors.fleet('voss') }}",
    "a list of strings": "{{ [secret] | hybrid.connectors.fleet('apono') }}",
    "a customer": "{{ [{'name': 'a', 'token': secret, 'https_proxy': secret}] | hybrid.connectors.fleet('voss') }}",
    "wrong dates": "{{ [{'name': 'a', 'access_token_days_left': secret}] | hybrid.connectors.fleet('voss') }}",
    "a report": "{{ secret | hybrid.connectors.fleet_report }}",
    "problems": "{{ secret | hybrid.connectors.fleet_problems('down') }}",
    "a JSON string": "{{ {'apono': secret} | to_json | hybrid.connectors.fleet_report(as_json=true) }}",
    "a page": "{{ [{'token': secret}] | hybrid.connectors.fleet_page }}",
    "metrics": "{{ [{'token': secret}] | hybrid.connectors.fleet_metrics }}",
}


def test_lookup_and_filters_leak_no_secret(simulator: Simulator, tmp_path: Path) -> None:
    kind = "plain"
    folder = tmp_path / "run"
    connections = prepare(simulator, kind, "success")
    (tmp_path / "given").mkdir()
    tasks = []
    for name, table in TABLES.items():
        file = tmp_path / "given" / f"{name}.csv"
        file.write_text(table.format(secret=canaries.secret(kind, "token")), encoding="utf-8")
        customers = f"{{{{ lookup('hybrid.connectors.voss_spark_customers_file', '{file}', format='csv') }}}}"
        options = {"hierarchy": SCOPE, "customers": customers, "update_secrets": "always"}
        tasks.append({"name": name, "hybrid.connectors.voss_spark_customers": options, "ignore_errors": True})
    for name, text in FILTERS.items():
        tasks.append({"name": f"filter: {name}", "ansible.builtin.debug": {"msg": text}, "ignore_errors": True})
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    variables = {"secret": canaries.secret(kind, "token")}
    env = {**canaries.environment(folder), **in_environment(connections)}
    played = run_playbook(folder, json.dumps(play), ("-vvvv", "--diff"), variables, env)
    assert [name for name in TABLES if not played[name].failed] == ["nothing wrong"], played.output[-3000:]
    contents = {"output": played.output, "results": canaries.results(played)}
    contents.update(canaries.places(folder, [folder / "variables.json"]))
    assert_hidden(contents, [*secrets_of(kind), canaries.secret(kind, "token")])


# -- secrets that are words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_process", ["true", "false"])
def test_customers_with_the_password_in_their_name_are_offboarded(
    in_process: str, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.reset({"credentials": {"voss": [{"username": USER, "password": "Global"}]}})
    simulator.settings(voss={"throttle": 0, "polls": 0})
    connection = {"api_url": simulator.system_url("voss"), "username": USER, "password": "Global"}
    variables = {
        "voss_offboard_hierarchy": SCOPE,
        "voss_offboard_names": ["AAAGlobal"],
        "voss_offboard_backup_directory": str(tmp_path),
        "voss_offboard_connection": connection,
    }
    text = "- ansible.builtin.import_playbook: hybrid.connectors.voss_offboard\n"
    folder = tmp_path / "run"
    folder.mkdir()
    played = run_playbook(folder, text, (), variables, {"HYBRID_CONNECTORS_IN_PROCESS": in_process})
    assert played.status == 0, played.output
    assert [customer["name"] for customer in simulator.state()["voss"]["customers"]] == ["AB_Group"]
    assert played["List the customers"]["customers"][0]["name"] == "AAAGlobal"
    summary = played["Show the summary"]["msg"]
    assert f"deleted: AAAGlobal at {SCOPE}" in "\n".join(summary)
