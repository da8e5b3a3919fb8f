# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role apono_connectors, alone and in the playbook apono_tidy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml
from support.messages import MessageTable
from support.modules import spec_of
from support.playbooks import Played, RunPlaybook
from support.simulator import CREDENTIALS, Simulator, in_environment

pytestmark = [pytest.mark.first_case_only, pytest.mark.usefixtures("only_documented")]

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "apono_connectors"
NEVER = "4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"
TIDY = "- ansible.builtin.import_playbook: hybrid.connectors.apono_tidy\n"


class Tidy(Protocol):
    """Run the playbook with variables that lack their common prefix, and credentials in the environment."""

    def __call__(self, *arguments: str, **variables: Any) -> Played: ...


@pytest.fixture
def tidy(playbook: RunPlaybook, environment: Mapping[str, str]) -> Tidy:
    def run(*arguments: str, **variables: Any) -> Played:
        given = {f"apono_connectors_{name}": value for name, value in variables.items()}
        return playbook(TIDY, "-e", json.dumps(given), *arguments, env=environment)

    return run


@pytest.fixture
def environment(connection: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return in_environment({"apono": connection["apono"]})


def lines(played: Played) -> list[str]:
    """Return the lines of the summary."""
    reported = [values["msg"] for name, values in played.tasks if ": Print a summary" in name and "msg" in values]
    assert len(reported) == 1, played.output
    report: list[str] = reported[0]
    return report


def renamed(messages: MessageTable, name: str) -> str:
    """Return the line of the summary about the new name of a connector."""
    before = "prod-us-east-1"
    return messages.expected("apono.summary_renamed", name=name, identifier=before, before=before)


def changes(played: Played) -> int:
    return sum(result.changed for _name, result in played.tasks)


def names(simulator: Simulator) -> dict[str, str]:
    return {item["id"]: item["name"] for item in simulator.state()["apono"]["connectors"]}


def test_connectors_are_tidied_as_predicted_once_without_leaks(
    tidy: Tidy, simulator: Simulator, messages: MessageTable
) -> None:
    desired = {
        "names": {"prod-us-east-1": "aws-us-east-1"},
        "prune": True,
        "prune_after_days": 1,
        "prune_never_connected": [NEVER],
    }
    predicted = tidy("--check", "--diff", "-vvv", **desired)
    assert simulator.writes() == []
    made = tidy("--diff", "-vvv", **desired)
    written = len(simulator.writes())
    again = tidy(**desired)
    assert [played.status for played in (predicted, made, again)] == [0, 0, 0], made.output
    assert [changes(played) for played in (predicted, made, again)] == [1, 1, 0]
    assert lines(made) == [
        "1 renamed, 1 deleted, 1 kept",
        renamed(messages, "aws-us-east-1"),
        f"kept: analytics (gcp-analytics): {messages.expected('apono.kept_for_use', integration='Warehouse')}",
        messages.expected("apono.summary_deleted", name="azure-west-europe", identifier=NEVER, time="never"),
    ]
    assert lines(predicted) == [
        "Would rename 1 connector, delete 1 connector, keep 1 connector",
        *lines(made)[1:],
    ]
    assert lines(again) == ["1 kept, 1 unchanged", lines(made)[2]]
    assert len(simulator.writes()) == written == 2
    assert NEVER not in names(simulator)
    for played in (predicted, made, again):
        assert CREDENTIALS["apono"]["api_token"] not in played.output


def test_exceeding_the_limit_fails_with_the_names(tidy: Tidy, simulator: Simulator, messages: MessageTable) -> None:
    desired = {"names": {"prod-us-east-1": "x"}, "prune": True, "prune_never_connected": [NEVER], "prune_limit": 0}
    played = tidy(**desired)
    assert played.status == 2
    found = f"azure-west-europe ({NEVER})"
    messages.check("apono.prune_limit", played.failed.msg, count=1, limit=0, connectors=found)
    assert played.failed.failure["reason"] == "refused"
    assert simulator.writes() == []


@pytest.mark.parametrize("arguments", [(), ("--check",)], ids=["run", "check mode"])
def test_nothing_is_pruned_while_a_table_contains_an_unknown_id(
    tidy: Tidy, simulator: Simulator, tmp_path: Path, messages: MessageTable, arguments: tuple[str, ...]
) -> None:
    table = tmp_path / "connectors.csv"
    table.write_text("id,name\nprod-us-east-1,x\ngone,y\n", encoding="utf-8")
    played = tidy(*arguments, csv=str(table), prune=True, prune_never_connected=[NEVER])
    assert played.status == 2
    messages.check("apono.prune_unknown_id", played.failed.msg, identifier="gone")
    assert simulator.writes() == []


def test_failures_are_in_the_summary_before_the_play_fails(
    tidy: Tidy, simulator: Simulator, messages: MessageTable
) -> None:
    played = tidy(names={"prod-us-east-1": "x", "gone": "y"})
    assert played.status == 2
    counts, change, failed = lines(played)
    assert (counts, change) == ("1 renamed, 1 failed", renamed(messages, "x"))
    connector, _colon, cause = failed.partition(" (gone): ")
    assert connector == "failed: no name"
    messages.check("apono.unknown_id", cause, identifier="gone")


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"prune_limt": 1}, "apono_connectors_prune_limt"),
        ({"prune_limit": "few"}, "apono_connectors_prune_limit"),
        ({"connection": "canary-token"}, "apono_connectors_connection"),
        ({"connection": {"api_tokn": "canary-token"}}, "api_tokn"),
    ],
    ids=["a mistyped name", "a wrong value", "no dictionary", "a mistyped option"],
)
def test_wrong_variables_are_refused_before_any_request(
    tidy: Tidy, simulator: Simulator, variables: dict[str, Any], named: str
) -> None:
    played = tidy("-vvv", **variables)
    assert played.status == 2
    assert named in " ".join(played.output.split())
    assert "canary" not in played.output
    assert simulator.journal() == []


def test_names_are_read_from_a_table(tidy: Tidy, simulator: Simulator, tmp_path: Path, messages: MessageTable) -> None:
    table = tmp_path / "connectors.csv"
    table.write_text("Id;Name\nprod-us-east-1;aws-us-east-1\ngcp-analytics;analytics\n", encoding="utf-8")
    made = tidy(csv=str(table))
    assert lines(made) == ["1 renamed, 1 unchanged", renamed(messages, "aws-us-east-1")]
    assert names(simulator)["prod-us-east-1"] == "aws-us-east-1"


@pytest.mark.parametrize(
    ("table", "facts"),
    [
        ("id,name\na,x\nb,x\na,y\n", ["line 3", "'x'", "line 2", "line 4", "'a'"]),
        ("id,team\na,x\n", ["'name'"]),
        ("id,name,team\na,x,y\n", ["'team'", "id, name"]),
    ],
    ids=["repeated values", "no name", "an unknown column"],
)
def test_a_wrong_table_is_refused_before_any_request(
    tidy: Tidy, simulator: Simulator, tmp_path: Path, table: str, facts: list[str]
) -> None:
    (tmp_path / "connectors.csv").write_text(table, encoding="utf-8")
    played = tidy(csv=str(tmp_path / "connectors.csv"))
    assert played.status == 2
    assert [fact for fact in facts if fact not in played.failed.msg] == []
    assert simulator.journal() == []


def test_an_incomplete_table_is_refused(
    tidy: Tidy, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    (tmp_path / "connectors.csv").write_text("id,name\na,x\nb,\n,y\n", encoding="utf-8")
    played = tidy(csv=str(tmp_path / "connectors.csv"))
    assert played.status == 2
    problems = messages.expected("table.no_name", line=3), messages.expected("table.no_id", line=4)
    assert "; ".join(problems) in " ".join(played.output.split())
    assert simulator.journal() == []


def test_variables_can_have_the_prefix_of_the_playbook(
    playbook: RunPlaybook, environment: Mapping[str, str], simulator: Simulator
) -> None:
    given = json.dumps({"apono_tidy_names": {"prod-us-east-1": "aws-us-east-1"}})
    played = playbook(TIDY, "-e", given, env=environment)
    assert played.status == 0, played.output
    assert names(simulator)["prod-us-east-1"] == "aws-us-east-1"


def test_variables_of_an_earlier_import_have_no_effect(
    playbook: RunPlaybook, environment: Mapping[str, str], simulator: Simulator
) -> None:
    imported = "hybrid.connectors.apono_tidy"
    prune = {"apono_tidy_prune": True, "apono_tidy_prune_never_connected": [NEVER]}
    later = {"apono_connectors_prune": False}
    plays = [{"ansible.builtin.import_playbook": imported, "vars": variables} for variables in (prune, {}, later)]
    played = playbook(json.dumps(plays), "--check", env=environment)
    assert played.status == 0, played.output
    results = [values["summary"] for _name, values in played.tasks if "summary" in values]
    assert [summary["deleted"] for summary in results] == [1, 0, 0]
    assert simulator.writes() == []


@pytest.mark.parametrize(
    ("role", "tidy", "status"),
    [(50, 0, 2), ("5", 5, 0)],
    ids=["different values", "the same value"],
)
def test_a_setting_has_only_one_value(
    playbook: RunPlaybook,
    environment: Mapping[str, str],
    simulator: Simulator,
    messages: MessageTable,
    role: Any,
    tidy: Any,
    status: int,
) -> None:
    role_variables = {"apono_connectors_prune_limit": role, "apono_connectors_connection": {"api_token": "canary"}}
    tidy_variables = {"apono_tidy_prune_limit": tidy, "apono_tidy_connection": {"api_token": f"canary{status}"}}
    if not status:
        role_variables.pop("apono_connectors_connection")
        tidy_variables.pop("apono_tidy_connection")
    given = ["-e", json.dumps(role_variables), "-e", json.dumps(tidy_variables)]
    played = playbook(TIDY, "-vvv", *given, env=environment)
    assert played.status == status, played.output
    assert "canary" not in played.output
    if status:
        names = "apono_connectors_connection and apono_tidy_connection, apono_connectors_prune_limit and"
        messages.check("playbooks.two_values", played.failed.msg, names=f"{names} apono_tidy_prune_limit")
        assert simulator.journal() == []


@pytest.mark.parametrize("values", [(True, "true", 0), ("A.csv", "a.csv", 2)], ids=["booleans", "letter case"])
def test_values_are_compared_as_strings(
    playbook: RunPlaybook, environment: Mapping[str, str], values: tuple[Any, Any, int]
) -> None:
    name = "prune" if values[0] is True else "csv"
    given = {f"apono_connectors_{name}": values[0], f"apono_tidy_{name}": values[1]}
    played = playbook(TIDY, "--check", "-e", json.dumps(given), env=environment)
    assert played.status == values[2], played.output


def test_an_option_without_a_value_has_its_default(tidy: Tidy, simulator: Simulator) -> None:
    options = ("csv", "prune", "prune_limit", "prune_after_days", "prune_never_connected")
    played = tidy("--check", **dict.fromkeys(options))
    assert played.status == 0, played.output
    assert simulator.writes() == []
    played = tidy(csv=None, names={"prod-us-east-1": "aws-us-east-1"})
    assert played.status == 0, played.output
    assert names(simulator)["prod-us-east-1"] == "aws-us-east-1"


@pytest.mark.parametrize(("prefix", "status"), [("apono_tidy", 0), ("apono_connectors", 2)])
def test_a_null_variable_does_not_replace_a_value(
    playbook: RunPlaybook, environment: Mapping[str, str], simulator: Simulator, prefix: str, status: int
) -> None:
    given = {f"{name}_names": {"prod-us-east-1": "aws-us-east-1"} for name in ("apono_connectors", "apono_tidy")}
    played = playbook(TIDY, "-e", json.dumps({**given, f"{prefix}_names": None}), env=environment)
    assert played.status == status, played.output
    assert (names(simulator)["prod-us-east-1"] == "aws-us-east-1") == (status == 0)


@pytest.mark.parametrize("variable", ["apono_connectors_nmes", "apono_tidy_nmes"])
def test_an_unknown_variable_is_refused(
    playbook: RunPlaybook,
    environment: Mapping[str, str],
    simulator: Simulator,
    messages: MessageTable,
    variable: str,
) -> None:
    played = playbook(TIDY, "-e", json.dumps({variable: {"a": "b"}}), env=environment)
    assert played.status == 2
    facts = {"names": variable, "first": "apono_connectors_connection"}
    messages.check_in("playbook.unknown_variables", played.failed.msg, **facts)
    assert simulator.journal() == []


def test_names_from_two_sources_are_refused(
    tidy: Tidy, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    played = tidy(csv=str(tmp_path / "connectors.csv"), names={"a": "b"})
    assert played.status == 2
    messages.check("apono.two_sources", played.failed.msg)
    assert simulator.journal() == []


def test_without_variables_it_lists_them_and_changes_nothing(
    tidy: Tidy, simulator: Simulator, messages: MessageTable
) -> None:
    (line,) = lines(tidy())
    messages.check("apono.nothing_to_do", line)
    assert simulator.writes() == []


def test_variables_of_the_role_precede_the_environment(tidy: Tidy, simulator: Simulator) -> None:
    played = tidy("-vvv", connection={"api_token": "canary-wrong"})
    assert [entry["status"] for entry in simulator.journal()] == [401]
    assert "canary" not in played.output


def test_the_playbook_accepts_the_variables_of_the_role() -> None:
    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    documented = options["argument_specs"]["main"]["options"]
    (play,) = yaml.safe_load((ROOT / "playbooks" / "apono_tidy.yml").read_text(encoding="utf-8"))
    assert play["vars"]["tidying_variables"] == sorted(documented)
    passed = play["tasks"][-1]["vars"]
    assert set(passed) == {*documented}
    for name, option in spec_of("apono_connectors").options.items():
        if name != "names":
            default = json.dumps(option["default"]).removesuffix(".0")
            assert f"| default(none), {default}] | reject('none')" in passed[f"apono_connectors_{name}"]
