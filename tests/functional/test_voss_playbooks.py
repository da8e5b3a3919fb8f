# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks voss_onboard, voss_offboard and voss_tokens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml
from support.messages import MessageTable
from support.modules import COLLECTIONS, environment, spec_of
from support.playbooks import Played, RunPlaybook
from support.simulator import CREDENTIALS, Simulator
from support.workbooks import workbook_of

pytestmark = [pytest.mark.first_case_only, pytest.mark.usefixtures("only_documented")]

ROOT = Path(__file__).resolve().parents[2]
SCOPE = "sys.hcs.CS-P"
NODE = "sys.hcs.CS-P.CS-NB.Initech"
AAAGLOBAL = "65e0918d6fd4534903e212d9"
HOME = {"AAAGlobal": "sys.hcs.CS-P.CS-NB.AAAGlobal", "AB_Group": "sys.hcs.CS-P.CS-AB.AB_Group"}


class RunJob(Protocol):
    """Run a playbook of the collection with extra variables, and credentials in the environment."""

    def __call__(self, name: str, /, *arguments: str, **variables: Any) -> Played: ...


@pytest.fixture
def job(playbook: RunPlaybook, connection: Mapping[str, Mapping[str, str]]) -> RunJob:
    env = {f"VOSS_{name.upper()}": value for name, value in connection["voss"].items()}

    def run(name: str, /, *arguments: str, **variables: Any) -> Played:
        prefix = {"voss_tokens": "voss_spark_customers"}.get(name, name)
        given = json.dumps({f"{prefix}_{variable}": value for variable, value in variables.items()})
        text = f"- ansible.builtin.import_playbook: hybrid.connectors.{name}\n"
        played = playbook(text, "-e", given, *arguments, env=env)
        assert CREDENTIALS["voss"]["password"] not in played.output
        assert "canary" not in played.output
        return played

    return run


def lines(played: Played) -> list[str]:
    """Return the lines of the summary."""
    reported = [
        values["msg"]
        for name, values in played.tasks
        if re.search(r"(^|: )(Print |Show the summary)", name) and "msg" in values
    ]
    assert len(reported) == 1, played.output
    report: list[str] = reported[0]
    return report


def totals(messages: MessageTable, deleted: int, failed: int, missing: int) -> str:
    """Return the first line of the summary of voss_offboard."""
    return messages.expected("offboard.counts", deleted=deleted, failed=failed, missing=missing)


def changes(played: Played) -> int:
    return sum(result.changed for _name, result in played.tasks)


def customers(simulator: Simulator) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in simulator.state()["voss"]["customers"]}


def test_one_customer_is_onboarded_as_predicted_and_once(job: RunJob, simulator: Simulator) -> None:
    form = {
        "hierarchy": NODE,
        "name": "Initech",
        "account_email": "webex-admin@initech.example",
        "dirsync_enabled": "yes",
        "email_domain": "",
        "token": "canary-token",
        "refresh_token": "canary-refresh",
        "sync": ["roles_licences"],
        "customers": "",
        "extra_attributes": "",
        "wait_timeout": "",
    }
    predicted = job("voss_onboard", "--check", "--diff", "-vvv", **form)
    assert simulator.writes() == []
    made = job("voss_onboard", "--diff", "-vvv", **form)
    written = len(simulator.writes())
    again = job("voss_onboard", **form)
    assert [played.status for played in (predicted, made, again)] == [0, 0, 0], made.output
    assert [changes(played) for played in (predicted, made, again)] == [1, 1, 0]
    assert lines(made) == ["1 created", f"created: Initech at {NODE} (created, roles_licences_synced)"]
    assert lines(predicted) == ["Would create 1 customer", *lines(made)[1:]]
    assert lines(again) == ["1 unchanged"]
    assert len(simulator.writes()) == written
    initech = customers(simulator)["Initech"]
    assert initech["dirsync_enabled"] is True
    assert initech["token"] == "canary-token"
    assert "email_domain" not in initech


def test_customers_are_onboarded_from_table_and_list_without_removal(
    job: RunJob, simulator: Simulator, tmp_path: Path
) -> None:
    table = tmp_path / "customers.csv"
    table.write_text(f"name,hierarchy,token\nInitech,{NODE},canary-token\nAAAGlobal,,\n", encoding="utf-8")
    from_table = job("voss_onboard", "-vvv", hierarchy=SCOPE, csv=str(table))
    assert lines(from_table) == ["1 created, 1 unchanged", f"created: Initech at {NODE}"]
    globex = {"name": "Globex", "hierarchy": "sys.hcs.CS-P.CS-NB.Globex Corp", "token": "canary-token"}
    from_list = job("voss_onboard", "-vvv", hierarchy=SCOPE, customers=[globex])
    assert lines(from_list)[0] == "1 created"
    assert set(customers(simulator)) == {"Initech", "Globex", "AAAGlobal", "AB_Group"}


DELETING: list[dict[str, Any]] = [
    {"voss_spark_customers_prune": True},
    {"voss_spark_customers_state": "absent"},
]


SOURCES = {f"voss_spark_customers_{kind}": "missing" for kind in ("src", "csv", "export")}


@pytest.mark.parametrize("variables", [*DELETING, SOURCES], ids=json.dumps)
def test_onboarding_ignores_variables_of_the_inventory(
    job: RunJob, simulator: Simulator, tmp_path: Path, variables: dict[str, Any]
) -> None:
    inventory = tmp_path / "inventory.yml"
    host = {"ansible_connection": "local"}
    inventory.write_text(json.dumps({"all": {"hosts": {"localhost": host}, "vars": variables}}), encoding="utf-8")
    played = job("voss_onboard", "-i", str(inventory), hierarchy=SCOPE, name="AAAGlobal", email_domain="new.example")
    assert lines(played)[0] == "1 updated"
    assert set(customers(simulator)) == set(HOME)


@pytest.mark.parametrize("variables", DELETING, ids=json.dumps)
def test_onboarding_refuses_extra_variables_that_delete(
    job: RunJob, simulator: Simulator, variables: dict[str, Any], messages: MessageTable
) -> None:
    played = job("voss_onboard", "-e", json.dumps(variables), hierarchy=SCOPE, name="AAAGlobal")
    assert played.status == 2
    messages.check("onboard.deletion", played.failed.msg)
    assert simulator.journal() == []


def bulk_load(name: str, node: str, action: str) -> bytes:
    """Return a workbook in the bulk-load layout of VOSS Automate with one customer."""
    columns = ["# Hierarchy Node", "# Action", "name"]
    rows = [["entity: relation/SparkCustomer"], columns, [], [], [node, action, name]]
    return workbook_of(("Customers", rows))


def export(name: str, node: str, _action: str) -> bytes:
    resource = {"meta": {"model_type": "relation/SparkCustomer", "hierarchy": node}, "data": {"name": name}}
    return json.dumps({"resources": [resource]}).encode()


# A file of each format that contains one customer with an action.
FILES: dict[str, Callable[[str, str, str], bytes]] = {
    "CSV": lambda name, node, _action: f"name,hierarchy\n{name},{node}\n".encode(),
    "JSON": lambda name, node, _action: json.dumps([{"name": name, "hierarchy": node}]).encode(),
    "export": export,
    "workbook": lambda name, node, _action: workbook_of(("Customers", [["name", "hierarchy"], [name, node]])),
    "bulk load": bulk_load,
}


def written(folder: Path, content: bytes) -> str:
    """Write a file, whose name does not contain its format, and return its path."""
    folder.mkdir(exist_ok=True)
    (folder / "customers").write_bytes(content)
    return str(folder / "customers")


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "no customer to onboard": ("voss_onboard", {"hierarchy": NODE}, "onboard.sources"),
    "onboard nowhere": ("voss_onboard", {"name": "Initech", "hierarchy": ""}, "onboard.sources"),
    "two sources": ("voss_onboard", {"hierarchy": NODE, "name": "a", "csv": "b"}, "onboard.sources"),
    "two files": ("voss_onboard", {"hierarchy": NODE, "src": "a", "csv": "b"}, "onboard.sources"),
    "options without a file": (
        "voss_onboard",
        {"hierarchy": NODE, "name": "a", "src_options": {"sheet": "b"}},
        "onboard.sources",
    ),
    "names and a file": (
        "voss_offboard",
        {"hierarchy": SCOPE, "names": ["a"], "src": "b", "backup_directory": "."},
        "offboard.variables",
    ),
    "attributes without a name": (
        "voss_onboard",
        {"hierarchy": NODE, "customers": [{"name": "a"}], "token": "canary-token"},
        "onboard.sources",
    ),
    "no customer to offboard": (
        "voss_offboard",
        {"hierarchy": SCOPE, "names": [""], "backup_directory": "."},
        "offboard.variables",
    ),
}
MISTYPED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a mistyped name": (
        "voss_onboard",
        {"hierarchy": NODE, "nme": "canary-a"},
        "voss_onboard_nme. Supported parameters",
    ),
    "a mistyped sync": ("voss_onboard", {"hierarchy": NODE, "name": "a", "sync": ["user"]}, "roles_licences, users"),
    "a wrong item": ("voss_onboard", {"hierarchy": NODE, "customers": ["canary-a"]}, "voss_onboard_customers"),
    "a mistyped limit": (
        "voss_offboard",
        {"hierarchy": SCOPE, "names": ["AB_Group"], "backup_directory": ".", "limt": 1},
        "voss_offboard_limt. Supported parameters",
    ),
    "no hierarchy of tokens": ("voss_tokens", {}, "voss_spark_customers_hierarchy"),
    "a mistyped day": ("voss_tokens", {"hierarchy": SCOPE, "tokn_days": 1}, "voss_spark_customers_tokn_days"),
}


@pytest.mark.parametrize(("name", "variables", "row"), REFUSED.values(), ids=REFUSED)
def test_incomplete_variables_are_refused_with_a_remedy(
    job: RunJob, simulator: Simulator, name: str, variables: dict[str, Any], row: str, messages: MessageTable
) -> None:
    played = job(name, "-vvv", **variables)
    assert played.status == 2
    messages.check(row, played.failed.msg)
    assert simulator.journal() == []


UNSET: dict[str, list[str]] = {
    "voss_onboard": [
        "node",
        "customers",
        "src",
        "src_options",
        "csv",
        "token",
        "relocate",
        "sync",
        "wait_timeout",
        "connection",
    ],
    "voss_offboard": ["src", "src_options", "limit", "missing", "wait_timeout", "connection"],
}


@pytest.mark.parametrize(("name", "unset"), UNSET.items(), ids=UNSET)
def test_null_variables_of_playbooks_are_omitted(
    job: RunJob, simulator: Simulator, tmp_path: Path, name: str, unset: list[str]
) -> None:
    form: dict[str, Any] = {"names": ["AB_Group"], "backup_directory": str(tmp_path)}
    if name == "voss_onboard":
        form = {"name": "Initech"}
    without_scope = job(name, hierarchy=None, **form)
    assert without_scope.status == 2
    assert f"{name}_hierarchy" in without_scope.failed.msg
    assert simulator.journal() == []
    played = job(name, "--check", **form, hierarchy=NODE if name == "voss_onboard" else SCOPE, **dict.fromkeys(unset))
    assert played.status == 0, played.output


def test_a_directory_that_does_not_exist_is_refused(
    job: RunJob, simulator: Simulator, messages: MessageTable, tmp_path: Path
) -> None:
    directory = str(tmp_path / "nowhere")
    played = job("voss_offboard", "-vvv", hierarchy=SCOPE, names=["AB_Group"], backup_directory=directory)
    assert played.status == 2
    messages.check("offboard.directory", played.failed.msg, directory=directory)
    assert simulator.journal() == []


@pytest.mark.parametrize(("name", "variables", "words"), MISTYPED.values(), ids=MISTYPED)
def test_wrong_variables_are_named(
    job: RunJob, simulator: Simulator, name: str, variables: dict[str, Any], words: str
) -> None:
    played = job(name, "-vvv", **variables)
    assert played.status == 2
    assert words in " ".join(played.output.split())
    assert simulator.journal() == []


def test_customers_are_saved_deleted_and_restored_as_predicted(
    job: RunJob, simulator: Simulator, playbook: RunPlaybook, tmp_path: Path, messages: MessageTable
) -> None:
    form = {"hierarchy": SCOPE, "names": "AB_Group\nNobody\n", "backup_directory": str(tmp_path), "wait_timeout": 60}
    predicted = job("voss_offboard", "--check", "--diff", "-vvv", **form)
    assert simulator.writes() == []
    assert list(tmp_path.iterdir()) == []
    made = job("voss_offboard", "--diff", "-vvv", **form)
    assert made.status == 0, made.output
    assert set(customers(simulator)) == {"AAAGlobal"}
    (backup,) = tmp_path.iterdir()
    assert backup.stat().st_mode & 0o777 == 0o600
    deleted = ["deleted: AB_Group at sys.hcs.CS-P.CS-AB.AB_Group", "not found: Nobody"]
    assert lines(made) == [totals(messages, 1, 0, 1), f"backup: {backup}", *deleted]
    messages.check("offboard.predicted_counts", lines(predicted)[0], deleted=1, failed=0, missing=1)
    assert lines(predicted)[2:] == deleted
    assert changes(predicted) == changes(made)

    simulator.forget()
    again = job("voss_offboard", **form)
    assert again.status == 0, again.output
    assert changes(again) == 0
    counts, none, *missing = lines(again)
    assert counts == totals(messages, 0, 0, 2)
    messages.check("offboard.no_name_exists", none, hierarchy=SCOPE)
    assert missing == ["not found: AB_Group", "not found: Nobody"]
    assert simulator.writes() == []
    assert list(tmp_path.iterdir()) == [backup]

    restore = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/hybrid.connectors.voss": "{{ systems.voss }}"},
        "roles": [{"role": "hybrid.connectors.voss_spark_customers"}],
        "vars": {"voss_spark_customers_hierarchy": SCOPE, "voss_spark_customers_export": str(backup)},
    }
    restored = playbook(json.dumps([restore]))
    assert restored.status == 0, restored.output
    assert customers(simulator)["AB_Group"]["hierarchy"] == HOME["AB_Group"]


@pytest.mark.parametrize("title", FILES)
def test_the_customers_of_a_file_are_deleted(
    job: RunJob, simulator: Simulator, tmp_path: Path, title: str, messages: MessageTable
) -> None:
    source = written(tmp_path, FILES[title]("AB_Group", HOME["AB_Group"], "delete"))
    backups = tmp_path / "backups"
    backups.mkdir()
    played = job("voss_offboard", hierarchy=SCOPE, src=source, names="", backup_directory=str(backups))
    assert played.status == 0, played.output
    assert lines(played)[::2] == [totals(messages, 1, 0, 0), f"deleted: AB_Group at {HOME['AB_Group']}"]
    assert set(customers(simulator)) == {"AAAGlobal"}


def test_a_file_selects_customers_by_name_and_node(
    job: RunJob, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    stored = simulator.state()["voss"]
    twin = {**stored["customers"][0], "pkid": "65e0918d6fd4534903e20000", "hierarchy": NODE}
    simulator.reset({"voss": {**stored, "customers": [*stored["customers"], twin]}})
    name = twin["name"]
    rows = [["Company", "Node", "Sales"], [name, NODE, 7], ["AB_Group", NODE, 7]]
    options = {"sheet": "Leavers", "columns": {"Company": "name", "Node": "hierarchy"}, "ignore_columns": ["Sales"]}
    source = written(tmp_path, workbook_of(("Leavers", rows), ("Others", [["AB_Group"]])))
    form = {"hierarchy": SCOPE, "src": source, "src_options": options, "backup_directory": str(tmp_path)}
    played = job("voss_offboard", **form)
    assert played.status == 0, played.output
    assert lines(played)[0] == totals(messages, 1, 0, 1)
    assert lines(played)[2:] == [f"deleted: {name} at {NODE}", f"not found: AB_Group at {NODE}"]
    assert sorted(item["hierarchy"] for item in simulator.state()["voss"]["customers"]) == sorted(HOME.values())


@pytest.mark.parametrize("node", ["CS-P.CS-AB.AB_Group", "hcs.CS-P.CS-AB.AB_Group", "sys.hcs.CS-P.CS-AB.AB_Group"])
def test_a_file_can_contain_the_short_path_of_a_node(
    job: RunJob, tmp_path: Path, node: str, messages: MessageTable
) -> None:
    source = written(tmp_path, f"name,hierarchy\nAB_Group,{node}\nNobody,{node}\n".encode())
    played = job("voss_offboard", "--check", hierarchy=SCOPE, src=source, backup_directory=str(tmp_path))
    assert played.status == 0, played.output
    messages.check("offboard.predicted_counts", lines(played)[0], deleted=1, failed=0, missing=1)
    assert lines(played)[-1] == f"not found: Nobody at {node}"


def stored_customers(*places: tuple[str, str]) -> list[dict[str, Any]]:
    """Return customers with a name and a node."""
    return [
        {"pkid": f"65e0918d6fd4534903e2000{number}", "name": name, "hierarchy": node}
        for number, (name, node) in enumerate(places)
    ]


# The pkids of the nodes are in the sample data.
AMBIGUOUS: dict[str, tuple[str, list[str]]] = {
    "two customers at a node": (f"Acme,{NODE}", [NODE, NODE]),
    "two customers at a node that the file contains as a pkid": ("Acme,6130d69ae04a4a0015a93c01", [NODE, NODE]),
    "two nodes whose paths differ in a prefix": ("Acme,sys.hcs.West", ["sys.hcs.West", "sys.West"]),
}


@pytest.mark.parametrize(("row", "nodes"), AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_row_that_selects_several_customers_fails(
    job: RunJob, simulator: Simulator, tmp_path: Path, row: str, nodes: list[str], messages: MessageTable
) -> None:
    seed = {**simulator.state()["voss"], "customers": stored_customers(*(("Acme", node) for node in nodes))}
    simulator.reset({"voss": {**seed, "nodes": [*({"path": node} for node in nodes), *seed["nodes"]]}})
    source = written(tmp_path / "files", f"name,hierarchy\n{row}\n".encode())
    backups = tmp_path / "backups"
    backups.mkdir()
    played = job("voss_offboard", hierarchy="sys", src=source, backup_directory=str(backups))
    assert played.status == 2
    twins = [f"Acme at {node} with pkid 65e0918d6fd4534903e2000{number}" for number, node in enumerate(nodes)]
    messages.check("offboard.ambiguous", " ".join(played.failed.msg.split()), customers=", ".join(twins))
    assert simulator.writes() == []
    assert list(backups.iterdir()) == []


@pytest.mark.parametrize("separator", ["\\n", "\n"], ids=["backslash", "line break"])
def test_a_name_can_contain_a_separator(
    job: RunJob, simulator: Simulator, tmp_path: Path, separator: str, messages: MessageTable
) -> None:
    other, wanted = f"AB_Group{separator}{NODE}", f"ACME{separator}ova"
    seed = simulator.state()["voss"]
    simulator.reset({"voss": {**seed, "customers": stored_customers((other, NODE), (wanted, NODE))}})
    rows = [{"name": "AB_Group", "hierarchy": NODE}, {"name": wanted, "hierarchy": NODE}]
    source = written(tmp_path / "files", json.dumps(rows).encode())
    played = job("voss_offboard", hierarchy=SCOPE, src=source, backup_directory=str(tmp_path))
    assert played.status == 0, played.output
    assert lines(played)[0] == totals(messages, 1, 0, 1)
    assert lines(played)[-1] == f"not found: AB_Group at {NODE}"
    assert set(customers(simulator)) == {other}


@pytest.mark.parametrize("node", ["", " "])
def test_an_empty_node_in_a_file_is_refused(
    job: RunJob, simulator: Simulator, tmp_path: Path, node: str, messages: MessageTable
) -> None:
    rows = [{"name": "AB_Group", "hierarchy": node}, {"name": "AAAGlobal"}]
    source = written(tmp_path, json.dumps(rows).encode())
    played = job("voss_offboard", hierarchy=SCOPE, src=source, backup_directory=str(tmp_path))
    assert played.status == 2
    messages.check("offboard.empty_node", played.failed.msg, names="AB_Group")
    assert simulator.writes() == []


@pytest.mark.parametrize("from_file", [False, True])
def test_names_that_differ_in_case_are_different_customers(
    job: RunJob, simulator: Simulator, tmp_path: Path, from_file: bool, messages: MessageTable
) -> None:
    stored = simulator.state()["voss"]
    other = {**stored["customers"][0], "pkid": "65e0918d6fd4534903e20000", "name": "aB_gROUP", "hierarchy": NODE}
    simulator.reset({"voss": {**stored, "customers": [*stored["customers"], other]}})
    form: dict[str, Any] = {"hierarchy": SCOPE, "backup_directory": str(tmp_path)}
    if from_file:
        form["src"] = written(tmp_path / "files", b"name\nAB_Group\naB_gROUP\n")
    else:
        form["names"] = ["AB_Group", "aB_gROUP"]
    played = job("voss_offboard", **form)
    assert played.status == 0, played.output
    assert lines(played)[0] == totals(messages, 2, 0, 0)
    assert set(customers(simulator)) == {"AAAGlobal"}


@pytest.mark.parametrize(("limit", "status"), [(0, 2), ("0", 2), ("", 0), (None, 0)])
def test_only_an_unset_limit_is_the_default(
    job: RunJob, simulator: Simulator, tmp_path: Path, limit: Any, status: int, messages: MessageTable
) -> None:
    played = job("voss_offboard", hierarchy=SCOPE, names=["AB_Group"], backup_directory=str(tmp_path), limit=limit)
    assert played.status == status, played.output
    if status:
        messages.check("offboard.limit", played.failed.msg, count=1, limit=0, names="AB_Group")
        assert simulator.writes() == []


@pytest.mark.parametrize("name", ["voss_onboard", "voss_offboard"])
def test_a_wait_timeout_of_zero_is_not_the_default(
    job: RunJob, simulator: Simulator, tmp_path: Path, name: str
) -> None:
    simulator.settings(voss={"polls": 1000})
    form: dict[str, Any] = {"hierarchy": SCOPE, "names": ["AB_Group"], "backup_directory": str(tmp_path)}
    if name == "voss_onboard":
        form = {"hierarchy": NODE, "name": "Initech"}
    played = job(name, wait_timeout=0, **form)
    assert played.status == 2
    assert "0 s ('wait_timeout')" in played.output


def test_a_customer_without_a_backup_is_not_deleted(
    job: RunJob, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    form = {"hierarchy": SCOPE, "names": list(HOME), "backup_directory": str(tmp_path)}
    simulator.fault(system="voss", path="export", times=None, status=500, body={"error": "Out of order."})
    refused = job("voss_offboard", **form)
    assert refused.status == 2
    assert "Out of order" in refused.output
    assert lines(refused) == [totals(messages, 0, 0, 0)]
    assert set(customers(simulator)) == set(HOME)


def test_the_summary_contains_only_the_deletions_of_its_import(
    playbook: RunPlaybook,
    connection: Mapping[str, Mapping[str, str]],
    simulator: Simulator,
    tmp_path: Path,
    messages: MessageTable,
) -> None:
    env = {f"VOSS_{name.upper()}": value for name, value in connection["voss"].items()}
    simulator.fault(system="voss", path="export", skip=1, times=None, status=500)
    form = {"voss_offboard_hierarchy": SCOPE, "voss_offboard_backup_directory": str(tmp_path)}
    plays = [
        {
            "ansible.builtin.import_playbook": "hybrid.connectors.voss_offboard",
            "vars": {**form, "voss_offboard_names": [name]},
        }
        for name in HOME
    ]
    played = playbook(json.dumps(plays), env=env)
    assert played.status == 2
    first, second = [values["msg"] for name, values in played.tasks if name == "Show the summary"]
    assert first[0] == totals(messages, 1, 0, 0)
    assert second == [totals(messages, 0, 0, 0)]


def test_limits_and_ambiguous_names_fail_before_any_write(
    job: RunJob, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    form = {"hierarchy": SCOPE, "names": list(HOME), "backup_directory": str(tmp_path)}
    many = job("voss_offboard", limit=1, **form)
    messages.check("offboard.limit", many.failed.msg, count=2, limit=1, names="AAAGlobal, AB_Group")
    stored = simulator.state()["voss"]
    twin = {**stored["customers"][0], "pkid": "65e0918d6fd4534903e20000", "hierarchy": NODE}
    simulator.reset({"voss": {**stored, "customers": [*stored["customers"], twin]}})
    ambiguous = job("voss_offboard", **form)
    name, pkids = twin["name"], [twin["pkid"], stored["customers"][0]["pkid"]]
    twins = f"{name} at {NODE} with pkid {pkids[0]}, {name} at {HOME[name]} with pkid {pkids[1]}"
    messages.check("offboard.ambiguous", " ".join(ambiguous.failed.msg.split()), customers=twins)
    assert [played.status for played in (many, ambiguous)] == [2, 2]
    assert simulator.writes() == []
    assert list(tmp_path.iterdir()) == []


def test_one_failed_deletion_does_not_stop_the_others(
    job: RunJob, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    simulator.fault(system="voss", method="DELETE", path=AAAGLOBAL, times=None, status=500, body={"error": "Not now."})
    played = job("voss_offboard", hierarchy=SCOPE, names=list(HOME), backup_directory=str(tmp_path))
    assert played.status == 2
    counts, _backup, deleted, failed = lines(played)
    assert counts == totals(messages, 1, 1, 0)
    assert deleted == f"deleted: AB_Group at {HOME['AB_Group']}"
    assert failed.startswith("failed: AAAGlobal: ")
    assert "Not now" in failed
    assert set(customers(simulator)) == {"AAAGlobal"}


def test_tokens_are_renewed_as_predicted_and_once(job: RunJob, simulator: Simulator, messages: MessageTable) -> None:
    now = datetime.now(timezone.utc)
    expiring = {
        "pkid": AAAGLOBAL,
        "hierarchy": NODE,
        "name": "Initech",
        "token": "canary-token",
        "refresh_token": "canary-refresh",
        "access_token_expires": (now + timedelta(days=2)).isoformat(),
        "refresh_token_expires": (now + timedelta(days=60)).isoformat(),
    }
    simulator.reset({"voss": {**simulator.state()["voss"], "customers": [expiring]}})
    form = {"hierarchy": SCOPE, "token_days": 5}
    predicted = job("voss_tokens", "--check", "-vvv", **form)
    assert simulator.writes() == []
    made = job("voss_tokens", "-vvv", **form)
    written = len(simulator.writes())
    again = job("voss_tokens", fail_on_reauthorise=True, **form)
    assert [played.status for played in (predicted, made, again)] == [0, 0, 0], made.output
    heading, customer, _count = lines(predicted)
    messages.check("tokens.predicted", heading, count=1)
    assert customer == f"Initech at {NODE}"
    assert lines(made)[:2] == [messages.expected("tokens.refreshed", count=1), f"Initech at {NODE}"]
    assert lines(again) == [
        messages.expected("tokens.refreshed", count=0),
        messages.expected("tokens.unauthorized", count=0),
    ]
    assert len(simulator.writes()) == written == 1


def test_token_variables_can_have_the_prefix_of_the_playbook(
    playbook: RunPlaybook, connection: Mapping[str, Mapping[str, str]], simulator: Simulator, messages: MessageTable
) -> None:
    text = "- ansible.builtin.import_playbook: hybrid.connectors.voss_tokens\n"
    variables = {"voss_tokens_hierarchy": SCOPE, "voss_tokens_connection": connection["voss"]}
    played = playbook(text, "-vvv", "-e", json.dumps(variables))
    assert played.status == 0, played.output
    assert CREDENTIALS["voss"]["password"] not in played.output
    assert SCOPE in simulator.journal()[0]["query"]
    written = len(simulator.journal())
    refused = playbook(text, "-e", json.dumps({**variables, "voss_tokens_tokn_days": 1}))
    facts = {"names": "voss_tokens_tokn_days", "first": "voss_spark_customers_connection"}
    messages.check_in("playbook.unknown_variables", refused.failed.msg, **facts)
    assert len(simulator.journal()) == written


def test_results_of_earlier_plays_are_not_variables_of_the_token_playbook(
    playbook: RunPlaybook, connection: Mapping[str, Mapping[str, str]], simulator: Simulator, messages: MessageTable
) -> None:
    env = {f"VOSS_{name.upper()}": value for name, value in connection["voss"].items()}
    onboard = {"voss_onboard_hierarchy": SCOPE, "voss_onboard_name": "AAAGlobal"}
    first = {"voss_tokens_hierarchy": SCOPE, "voss_tokens_fail_on_reauthorise": False}
    second = {"voss_spark_customers_hierarchy": HOME["AAAGlobal"]}
    imports = [("voss_onboard", onboard), ("voss_tokens", first), ("voss_tokens", second), ("voss_tokens", {})]
    plays = [
        {"ansible.builtin.import_playbook": f"hybrid.connectors.{name}", "vars": variables}
        for name, variables in imports
    ]
    played = playbook(json.dumps(plays), "--check", env=env)
    assert played.status == 2
    messages.check("tokens.no_node", played.failed.msg)
    assert [values["msg"][0] for name, values in played.tasks if ": Print the refreshed" in name] == [
        messages.expected("tokens.predicted", count=0),
        messages.expected("tokens.predicted", count=0),
    ]
    assert simulator.writes() == []


def test_a_setting_of_the_token_playbook_has_only_one_value(
    playbook: RunPlaybook, simulator: Simulator, messages: MessageTable
) -> None:
    text = "- ansible.builtin.import_playbook: hybrid.connectors.voss_tokens\n"
    given = {"voss_tokens_hierarchy": SCOPE, "voss_spark_customers_hierarchy": NODE}
    played = playbook(text, "-e", json.dumps(given))
    assert played.status == 2
    names = "voss_spark_customers_hierarchy and voss_tokens_hierarchy"
    messages.check("playbooks.two_values", played.failed.msg, names=names)
    assert simulator.journal() == []


@pytest.mark.parametrize(("prefix", "status"), [("voss_tokens", 0), ("voss_spark_customers", 2)])
def test_a_null_token_variable_does_not_replace_a_value(
    playbook: RunPlaybook, connection: Mapping[str, Mapping[str, str]], prefix: str, status: int
) -> None:
    env = {f"VOSS_{name.upper()}": value for name, value in connection["voss"].items()}
    text = "- ansible.builtin.import_playbook: hybrid.connectors.voss_tokens\n"
    given = {"voss_tokens_hierarchy": SCOPE, "voss_spark_customers_hierarchy": SCOPE}
    played = playbook(text, "--check", "-e", json.dumps({**given, f"{prefix}_hierarchy": None}), env=env)
    assert played.status == status, played.output


def test_the_token_playbook_accepts_the_variables_of_its_role() -> None:
    specs = ROOT / "roles" / "voss_spark_customers" / "meta" / "argument_specs.yml"
    documented = yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"]["tokens"]["options"]
    (play,) = yaml.safe_load((ROOT / "playbooks" / "voss_tokens.yml").read_text(encoding="utf-8"))
    assert play["vars"]["renewing_variables"] == sorted(documented)
    passed = play["tasks"][-1]["vars"]
    assert set(passed) == {*documented}
    options = spec_of("voss_spark_customers").options
    defaults = {name: options[name]["default"] for name in ("poll_interval", "wait_timeout")}
    for name, default in {**defaults, "token_days": documented["voss_spark_customers_token_days"]["default"]}.items():
        assert f"| default(none), {default:g}] | reject('none')" in passed[f"voss_spark_customers_{name}"]


def test_a_customer_may_be_onboarded_with_every_attribute() -> None:
    options = spec_of("voss_spark_customers").options["customers"]["options"]
    attributes = {name: options[name] for name in sorted({*options} - {"hierarchy", "name"})}
    (play,) = yaml.safe_load((ROOT / "playbooks" / "voss_onboard.yml").read_text(encoding="utf-8"))
    assert play["vars"]["onboarding_attributes"] == list(attributes)
    spec = play["tasks"][0]["ansible.builtin.validate_argument_spec"]["argument_spec"]
    checked = {name: spec[f"voss_onboard_{name}"] for name in attributes}
    assert {name: {**option, "description": None} for name, option in checked.items()} == {
        name: {**option, "description": None} for name, option in attributes.items()
    }


# Mistakes on the command line


@pytest.mark.parametrize("missing", [None, "", "warn"])
def test_names_that_do_not_exist_are_reported(
    job: RunJob, simulator: Simulator, tmp_path: Path, missing: Any, messages: MessageTable
) -> None:
    form = {"hierarchy": SCOPE, "names": ["ab_group ", "Nobody"], "backup_directory": str(tmp_path)}
    played = job("voss_offboard", **form, missing=missing)
    assert played.status == 0, played.output
    assert lines(played) == [
        totals(messages, 0, 0, 2),
        messages.expected("offboard.no_name_exists", hierarchy=SCOPE),
        messages.expected("offboard.similar_name", name="ab_group", similar="AB_Group"),
        "not found: Nobody",
    ]
    assert simulator.writes() == []


def test_missing_names_fail_on_request(
    job: RunJob, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    form = {"hierarchy": SCOPE, "names": ["AB_Group", "Nobody"], "backup_directory": str(tmp_path), "missing": "fail"}
    played = job("voss_offboard", **form)
    assert played.status == 2
    facts = {"missing": 1, "count": 2, "hierarchy": SCOPE, "names": "Nobody"}
    messages.check("offboard.missing_names", played.failed.msg, **facts)
    assert simulator.writes() == []
    assert job("voss_offboard", **{**form, "names": ["AB_Group"]}).status == 0
    assert set(customers(simulator)) == {"AAAGlobal"}


CUT = ['["AB_Group",', "AB_Group,", "'AB_Group", '"AB_Group']


@pytest.mark.parametrize("names", CUT)
def test_string_that_is_part_of_a_list_is_refused(
    job: RunJob, simulator: Simulator, tmp_path: Path, names: str, messages: MessageTable
) -> None:
    played = job("voss_offboard", hierarchy=SCOPE, names=names, backup_directory=str(tmp_path))
    assert played.status == 2
    messages.check("offboard.incomplete_list", played.failed.msg, names=names)
    assert simulator.journal() == []


def test_name_that_a_space_may_shorten_is_refused(
    job: RunJob, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    stored = simulator.state()["voss"]
    longer = {"pkid": "65e0918d6fd4534903e20000", "hierarchy": NODE, "name": "AB_Group West"}
    simulator.reset({"voss": {**stored, "customers": [*stored["customers"], longer]}})
    form = {"hierarchy": SCOPE, "backup_directory": str(tmp_path)}
    cut = job("voss_offboard", "-e", "voss_offboard_names=AB_Group West", **form)
    assert cut.status == 2
    messages.check("offboard.split_name", cut.failed.msg, name="AB_Group", longer="AB_Group West")
    assert simulator.writes() == []
    complete = job("voss_offboard", names="AB_Group\n", **form)
    assert complete.status == 0, complete.output
    assert set(customers(simulator)) == {"AAAGlobal", "AB_Group West"}


def test_check_mode_predicts_no_backup(
    job: RunJob, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    form = {"hierarchy": SCOPE, "names": ["AB_Group"], "backup_directory": str(tmp_path)}
    predicted = job("voss_offboard", "--check", **form)
    messages.check("offboard.predicted_backup", lines(predicted)[1], directory=tmp_path)
    assert simulator.writes() == []


@pytest.mark.parametrize("source", ["name", "customers", "csv", *FILES])
def test_hierarchy_of_onboarding_is_the_scope(job: RunJob, simulator: Simulator, tmp_path: Path, source: str) -> None:
    sources: dict[str, dict[str, Any]] = {
        "name": {"name": "Initech", "node": NODE},
        "customers": {"customers": [{"name": "Initech", "hierarchy": NODE}]},
        "csv": {"csv": written(tmp_path, FILES["CSV"]("Initech", NODE, "add"))},
    }
    for title, content in FILES.items():
        sources[title] = {"src": written(tmp_path / title, content("Initech", NODE, "add"))}
    for expected in (f"created: Initech at {NODE}", None):
        played = job("voss_onboard", hierarchy=SCOPE, **sources[source])
        assert played.status == 0, played.output
        assert lines(played)[1:] == ([expected] if expected else [])
        assert [result.warnings for _name, result in played.tasks if result.values.get("warnings")] == []
    assert customers(simulator)["Initech"]["hierarchy"] == NODE


@pytest.mark.parametrize("source", ["name", "customers"])
def test_customer_at_a_provider_scope_is_a_warning(job: RunJob, source: str, messages: MessageTable) -> None:
    form: dict[str, Any] = {"name": "Initech"} if source == "name" else {"customers": [{"name": "Initech"}]}
    played = job("voss_onboard", "--check", hierarchy=SCOPE, **form)
    (warning,) = [text for _name, result in played.tasks for text in result.values.get("warnings", ())]
    messages.check("voss.unusual_node", warning, name="'Initech'", node=SCOPE, node_type="Provider")


@pytest.mark.parametrize("relocate", [True, False])
def test_changed_node_moves_a_customer_on_request(job: RunJob, simulator: Simulator, relocate: bool) -> None:
    form = {"hierarchy": SCOPE, "customers": [{"name": "AB_Group", "hierarchy": NODE}], "relocate": relocate}
    predicted = job("voss_onboard", "--check", **form)
    reported = " ".join(predicted.output.split())
    assert (
        f"'AB_Group' at {NODE} (a customer with this name exists at {HOME['AB_Group']})" in reported
    ) is not relocate
    assert ("relocate: true" in reported) is not relocate
    made = job("voss_onboard", **form)
    assert made.status == 0, made.output
    assert lines(made)[0] == ("1 moved" if relocate else "1 created")
    assert len(simulator.state()["voss"]["customers"]) == (2 if relocate else 3)


@pytest.mark.parametrize("imported", [True, False])
def test_relative_paths_of_playbooks_begin_in_the_current_directory(
    job: RunJob, simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path: Path, imported: bool
) -> None:
    """Ansible does not provide the directory of a playbook that imports another playbook."""
    start, project = tmp_path / "start", tmp_path / "project"
    for folder in (start, project):
        (folder / "backups").mkdir(parents=True)
    (start / "customers.csv").write_text(f"name,hierarchy\nInitech,{NODE}\n", encoding="utf-8")
    env = {f"VOSS_{name.upper()}": value for name, value in connection["voss"].items()}
    variables = {
        "voss_onboard_hierarchy": SCOPE,
        "voss_onboard_csv": "customers.csv",
        "voss_offboard_hierarchy": SCOPE,
        "voss_offboard_names": ["Initech"],
        "voss_offboard_backup_directory": "backups",
    }
    for name in ("voss_onboard", "voss_offboard"):
        book = f"hybrid.connectors.{name}"
        if imported:
            own = project / f"{name}.yml"
            own.write_text(f"- ansible.builtin.import_playbook: {book}\n", encoding="utf-8")
            book = str(own)
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", book, "-e", json.dumps(variables)],
            cwd=start,
            env=environment(start, ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS), ANSIBLE_HOME=str(start / "home"), **env),
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("Initech" in customers(simulator)) is (name == "voss_onboard")
    assert len(list((start / "backups").iterdir())) == 1
