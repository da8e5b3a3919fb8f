# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task gives the same in Ansible's worker as in a process, and where it would not, there is a process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.modules import MODULE_PYTHON, ROOT
from support.playbooks import Played, RunPlaybook
from support.simulator import Simulator

pytestmark = pytest.mark.skipif(sys.executable != MODULE_PYTHON, reason="Modules are to run on another Python.")

PLUGINS = ROOT / "tests" / "support"
CUSTOMER = "hybrid.connectors.voss_spark_customer"
CUSTOMERS = "hybrid.connectors.voss_spark_customers"
CUSTOMER_LIST = "hybrid.connectors.voss_spark_customer_info"
EXPORT = "hybrid.connectors.voss_spark_customer_export"
CONNECTOR = "hybrid.connectors.apono_connector"
CONNECTORS = "hybrid.connectors.apono_connector_info"
WEBEX = "hybrid.connectors.webex_hybrid_connector_info"
AT = {"hierarchy": "sys.hcs.CS-P", "poll_interval": 0.02}
OURS = {"name": "AAAGlobal", **AT}
CHECK = {"check_mode": True}
Task = dict[str, Any]

# In their order, each after the others: some find what an earlier one left.
CASES: dict[str, Task] = {
    "list": {CONNECTORS: {}},
    "several lists": {WEBEX: {"clusters": True}},
    "a change in check mode": {CUSTOMER: {**OURS, "email_domain": "rooms.example"}, **CHECK, "diff": True},
    "a change": {CUSTOMER: {**OURS, "email_domain": "rooms.example"}, "diff": True},
    "no change": {CUSTOMER: {**OURS, "email_domain": "rooms.example"}},
    "a list of customers": {CUSTOMERS: {"customers": [{"name": "AAAGlobal", "dirsync_enabled": True}], **AT}},
    "a file at a relative path": {EXPORT: {"pkids": ["65e0918d6fd4534903e212d9"], "dest": "exported.zip"}},
    "a failed request": {CONNECTORS: {"api_url": "http://127.0.0.1:9/apono", "retry_budget": 0}},
    "refused credentials": {CONNECTORS: {"api_token": "canary-wrong"}},
    "a warning": {CONNECTORS: {}},
    "a time-out": {CONNECTORS: {}, "timeout": 1},
    "what is asked for has no meaning": {CUSTOMER: {**OURS, "state": "absent", "target_hierarchy": "x"}},
    "one of a list fails": {CUSTOMERS: {"customers": [{"name": "AB_Group"}, {"name": "?", "hierarchy": "x"}], **AT}},
    "an unknown option": {CONNECTOR: {"name": "x", "bogus": 1}},
    "an unknown option in a list": {CUSTOMERS: {"customers": [{"name": "x", "bogus": 1}], **AT}},
    "an option is missing": {CUSTOMER_LIST: {"username": "{{ omit }}", "pkid": "x"}},
    "one of two is missing": {CONNECTOR: {}},
    "an option is missing in a list": {CUSTOMERS: {"customers": [{"hierarchy": "x"}], **AT}},
    "a list is nothing": {CUSTOMERS: {"customers": None, **AT}},
    "not a truth": {CUSTOMER: {**OURS, "dirsync_enabled": "maybe"}},
    "not a number": {CONNECTORS: {"timeout": "soon"}},
    "not a choice": {CONNECTOR: {"id": "a", "state": "renamed"}},
    "options that exclude each other": {CONNECTOR: {"id": "a", "name": "b", "new_name": "c"}},
    "an option that needs another one": {CONNECTOR: {"new_name": "b"}},
    "numbers as text": {CONNECTORS: {"timeout": "30", "validate_certs": "yes", "retry_budget": "1.5"}},
    "text as numbers": {CUSTOMER: {**OURS, "name": 123, "pkid": 1.50}},
    "a secret": {CUSTOMER: {**OURS, "token": "canary-token", "update_secrets": "always"}, **CHECK},
    "a secret of one character": {CUSTOMER: {**OURS, "token": "e", "update_secrets": "always"}, **CHECK},
    "a secret in the name of a truth": {CUSTOMER: {**OURS, "token": "rue", "update_secrets": "always"}, **CHECK},
    "a secret in another one": {
        CUSTOMER: {**OURS, "token": "rooms.example", "refresh_token": "rooms", "update_secrets": "always"},
        **CHECK,
    },
    "a secret that is no text": {CUSTOMER: {**OURS, "token": ["canary-item"], "update_secrets": "always"}, **CHECK},
    "secrets in a list": {
        CUSTOMERS: {
            "customers": [{"name": "AAAGlobal", "token": "canary-1", "email_domain": "canary-1.example"}],
            **AT,
        },
        **CHECK,
    },
    "a secret of one character in a list": {
        CUSTOMERS: {"customers": [{"name": "AB_Group", "token": "b"}, {"name": "AAAGlobal"}], **AT},
        **CHECK,
    },
    "an unknown option with a secret": {CUSTOMERS: {"customers": [{"name": "x", "token": "canary-2", "a": 1}], **AT}},
    "encrypted values": {
        CUSTOMER: {
            **OURS,
            "token": "{{ encrypted }}",
            "email_domain": "{{ encrypted }}",
            "extra_attributes": "{{ nested }}",
        },
        **CHECK,
    },
    "values from templates": {
        CUSTOMER: {
            **OURS,
            "dirsync_enabled": "{{ 1 == 1 }}",
            "extra_attributes": {"when": "{{ '2026-01-02' | to_datetime('%Y-%m-%d') }}", "set": "{{ ['a'] | unique }}"},
        },
        **CHECK,
    },
    "all options from a template": {CUSTOMER: "{{ options }}", "vars": {"options": OURS}},
    "letters of the world": {CONNECTOR: {"name": "Zürich ☃ \U0001f600", "state": "absent"}},
    "what looks like a template is written": {CONNECTOR: {"name": "analytics", "new_name": "{{ '{{' }} 6 * 7 }}"}},
    "what looks like a template is read": {CONNECTORS: {}},
    "nothing of it is shown": {CUSTOMER: OURS, "no_log": True},
    "a loop": {CUSTOMER: {**AT, "name": "{{ item }}"}, "loop": ["AAAGlobal", "AB_Group", "nobody"], **CHECK},
    "a loop of failures": {CONNECTOR: {"bogus": "{{ item }}"}, "loop": [1, 2]},
    "tried again": {CONNECTORS: {}, "until": "again.connectors | length > 50", "retries": 1, "delay": 0},
}
FAULTS: dict[str, dict[str, Any]] = {
    "a warning": {"status": 429, "headers": {"Retry-After": "2"}},
    "a time-out": {"delay": 3},
}
WITHOUT_PARAMETERS = {"a time-out", "a loop", "a loop of failures", "nothing of it is shown"}
# Choices of core that it prints as a set; identifiers and durations that the simulator makes up.
VARYING = (re.compile(r"(?<=Valid booleans include: ).*"), re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"))
VARYING_KEYS = {"seconds", "checksum"}


def play(tasks: Sequence[Task], **keywords: Any) -> str:
    """A playbook; the connection options are the defaults of its modules."""
    defaults = {f"group/hybrid.connectors.{name}": f"{{{{ systems.{name} }}}}" for name in ("apono", "voss", "webex")}
    return json.dumps(
        [{"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": list(tasks), **keywords}]
    )


def doors(played: Played) -> dict[str, str]:
    """Which door each task took, as the output of -vvv shows it."""
    sections = re.split(r"^TASK \[(.*?)\] \**$", played.output, flags=re.MULTILINE)[1:]
    return {
        name: "process" if "AnsiballZ_" in text else "worker"
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }


def steady(value: Any) -> Any:
    """A result without what no two runs have in common."""
    if isinstance(value, Mapping):
        return {key: "..." if key in VARYING_KEYS else steady(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [steady(inner) for inner in value]
    if isinstance(value, str):
        for pattern in VARYING:
            value = pattern.sub("...", value)
    return value


def differences(first: Any, second: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted({*first, *second}):
            yield from differences(first.get(key, "(absent)"), second.get(key, "(absent)"), f"{path}.{key}")
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for number, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif first != second or type(first) is not type(second):
        yield path, first, second


@pytest.fixture
def encrypted(tmp_path: Path) -> list[str]:
    """Arguments that give a play the variables C(encrypted) and C(nested), whose values are in a vault."""
    password, variables = tmp_path / "password", tmp_path / "encrypted.yml"
    password.write_text("of the vault", encoding="utf-8")
    command = [sys.executable, "-m", "ansible", "vault", "encrypt_string", "--vault-password-file", str(password)]
    text = subprocess.run(
        [*command, "--name", "encrypted", "canary-encrypted"], check=True, capture_output=True, text=True
    ).stdout
    value = text.partition(": ")[2].rstrip().replace("\n", "\n    ")
    variables.write_text(f"{text}\nnested:\n  notes: {value}\n  list:\n    - {value}\n", encoding="utf-8")
    return ["--vault-password-file", str(password), "-e", f"@{variables}"]


def all_cases(playbook: RunPlaybook, simulator: Simulator, arguments: Sequence[str], env: Mapping[str, str]) -> Played:
    """Run all cases from the same start; the last task shows the registered results of all of them."""
    simulator.reset()
    tasks: list[Task] = []
    registered = []
    for number, (name, task) in enumerate(CASES.items()):
        if name in FAULTS:
            body = {"system": "apono", **FAULTS[name]}
            options = {
                "url": f"{simulator.url}/_simulator/faults",
                "method": "POST",
                "body_format": "json",
                "body": body,
            }
            tasks.append({"name": "fault", "ansible.builtin.uri": {**options, "status_code": [200, 201, 204]}})
        registered.append("again" if "until" in task else f"result_{number}")
        tasks.append({"name": name, **task, "register": registered[-1], "ignore_errors": True})
    tasks.append({"name": "registered", "ansible.builtin.debug": {"msg": [f"{{{{ {name} }}}}" for name in registered]}})
    played = playbook(play(tasks), "-vvv", *arguments, env={**env, "ANSIBLE_INJECT_INVOCATION": "true"})
    assert played.status == 0, played.output
    return played


def test_the_same_tasks_give_the_same_through_both_doors(
    playbook: RunPlaybook, simulator: Simulator, encrypted: list[str]
) -> None:
    by_process = all_cases(playbook, simulator, encrypted, {"HYBRID_CONNECTORS_IN_PROCESS": "false"})
    sent_by_process = [[entry["method"], entry["path"], entry["query"]] for entry in simulator.journal()]
    by_worker = all_cases(playbook, simulator, encrypted, {})
    sent_by_worker = [[entry["method"], entry["path"], entry["query"]] for entry in simulator.journal()]
    assert set(doors(by_process)) == {*CASES, "fault", "registered"}
    assert {doors(by_process)[name] for name in CASES} == {"process"}
    assert {doors(by_worker)[name] for name in CASES} == {"worker"}

    found = {}
    names = [*CASES]
    registered = [played["registered"]["msg"] for played in (by_process, by_worker)]
    for name, first, second in zip(names, *registered, strict=True):
        found[f"registered: {name}"] = list(differences(steady(first), steady(second)))
    for (name, one), (_name, other) in zip(by_process.tasks[:-1], by_worker.tasks[:-1], strict=True):
        if name != "fault":
            found[f"shown: {name}"] = list(differences(steady(one.values), steady(other.values)))
    assert {name: different for name, different in found.items() if different} == {}
    assert steady(sent_by_process) == steady(sent_by_worker)

    results = dict(zip(names, registered[1], strict=True))
    assert results["a warning"]["warnings"]
    assert "{{ 6 * 7 }}" in [item["name"] for item in results["what looks like a template is read"]["connectors"]]
    shown = dict(by_worker.tasks)
    assert {name for name in CASES if "invocation" not in shown[name]} == WITHOUT_PARAMETERS
    for played in (by_process, by_worker):
        text = played.output + json.dumps([task.values for _name, task in played.tasks])
        assert "canary" not in text


@pytest.mark.parametrize(
    "customers", ["abc", ["abc"], [{"name": "x", "token": "canary-1"}, 5], [[{"token": "canary-1"}]]], ids=json.dumps
)
def test_a_list_of_a_wrong_type_is_refused_and_shows_no_secret(playbook: RunPlaybook, customers: Any) -> None:
    task = {"name": "task", CUSTOMERS: {"customers": customers, "token": "canary-2", **AT}}
    played = playbook(play([task]), "-vvv", env={"ANSIBLE_INJECT_INVOCATION": "true"})
    assert doors(played)["task"] == "worker"
    assert played["task"].failed
    text = played.output + played["task"].output
    assert not [secret for secret in ("canary-1", "canary-2", "simulator-voss-password") if secret in text]


@pytest.mark.parametrize("shown", [None, "false", "true"])
def test_the_parameters_are_in_the_result_if_those_of_a_process_are(playbook: RunPlaybook, shown: str | None) -> None:
    tasks = [{"name": "task", CONNECTORS: {}}]
    given = {"ANSIBLE_INJECT_INVOCATION": shown} if shown else {}
    by_process = playbook(play(tasks), env={"HYBRID_CONNECTORS_IN_PROCESS": "false", **given})
    by_worker = playbook(play(tasks), env=given)
    assert ("invocation" in by_worker["task"]) == ("invocation" in by_process["task"])


def test_a_loop_has_one_connection(playbook: RunPlaybook, simulator: Simulator) -> None:
    loop = {
        "name": "loop",
        CUSTOMER_LIST: {"hierarchy": "sys.hcs.CS-P", "name": "{{ item }}"},
        "loop": ["AAAGlobal", "AB_Group", "nobody"],
    }
    played = playbook(play([loop]), "-vvv")
    assert doors(played) == {"loop": "worker"}
    assert len({entry["connection"] for entry in simulator.journal()}) == 1
    assert len(simulator.journal()) >= 3


def test_refused_credentials_are_sent_once_in_a_loop(playbook: RunPlaybook, simulator: Simulator) -> None:
    options = {"hierarchy": "sys.hcs.CS-P", "name": "{{ item }}", "password": "wrong"}
    played = playbook(play([{"name": "loop", CUSTOMER_LIST: options, "loop": ["a", "b", "c"]}]))
    assert [entry["status"] for entry in simulator.journal()] == [401]
    messages = [result["msg"] for result in played["loop"]["results"]]
    assert len(messages) == 3
    assert all("check them" in message for message in messages)


def test_the_pace_is_kept_from_item_to_item(playbook: RunPlaybook, simulator: Simulator) -> None:
    options = {"pkid": "65e0918d6fd4534903e212d9", "requests_per_second": 4}
    playbook(play([{"name": "loop", CUSTOMER_LIST: options, "loop": [*range(9)]}]))
    times = [entry["time"] for entry in simulator.journal()]
    assert len(times) >= 9
    assert all(later - earlier > 0.9 for earlier, later in zip(times, times[4:], strict=False))


ELSEWHERE: dict[str, Task] = {
    "async": {CONNECTORS: {}, "async": 60, "poll": 1},
    "become": {CONNECTORS: {}, "become": True, "become_method": "somebody", "become_user": "root"},
    "environment": {CONNECTORS: {"api_token": "{{ omit }}"}, "environment": {"APONO_PERSONAL_TOKEN": "{{ token }}"}},
    "another Python": {CONNECTORS: {}, "vars": {"ansible_python_interpreter": "{{ other_python }}"}},
    "another name of this Python": {CONNECTORS: {}, "vars": {"ansible_python_interpreter": "{{ linked_python }}"}},
    "another connection": {CONNECTORS: {}, "vars": {"ansible_connection": "elsewhere"}},
    "delegated to another connection": {CONNECTORS: {}, "delegate_to": "far"},
}
HERE: dict[str, Task] = {
    "plain": {CONNECTORS: {}},
    "this Python": {CONNECTORS: {}, "vars": {"ansible_python_interpreter": sys.executable}},
    "any Python": {CONNECTORS: {}, "vars": {"ansible_python_interpreter": "auto_silent"}},
    "the connection by its full name": {CONNECTORS: {}, "vars": {"ansible_connection": "ansible.builtin.local"}},
    "delegated to this machine": {CONNECTORS: {}, "delegate_to": "near"},
    "no environment": {CONNECTORS: {}, "environment": {}},
}


def test_a_task_has_a_process_where_that_is_different(playbook: RunPlaybook, tmp_path: Path) -> None:
    linked = tmp_path / "python"
    linked.symlink_to(sys.executable)
    other = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(other)], check=True)
    inventory = tmp_path / "hosts"
    inventory.write_text("near ansible_connection=local\nfar ansible_connection=elsewhere\n", encoding="utf-8")
    variables = {
        "token": "simulator-apono-token",
        "linked_python": str(linked),
        "other_python": str(other / "bin" / "python"),
    }
    tasks = [{"name": name, **task, "ignore_errors": True} for name, task in {**ELSEWHERE, **HERE}.items()]
    played = playbook(
        play(tasks, vars=variables),
        "-vvv",
        "-i",
        str(inventory),
        env={
            "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
            "ANSIBLE_CONNECTION_PLUGINS": str(PLUGINS / "connection_plugins"),
            "ANSIBLE_BECOME_PLUGINS": str(PLUGINS / "become_plugins"),
        },
    )
    assert doors(played) == {**dict.fromkeys(ELSEWHERE, "process"), **dict.fromkeys(HERE, "worker")}
    missing = {"another Python", "another name of this Python"}  # which has no requests, as far as it knows
    for name in {*ELSEWHERE, *HERE} - missing:
        assert len(played[name].ok()["connectors"]) == 4, name
    assert "requests" in played["another Python"].msg


def test_an_environment_of_the_play_is_seen(playbook: RunPlaybook) -> None:
    tasks = [{"name": "task", CONNECTORS: {"api_token": "{{ omit }}"}}]
    played = playbook(play(tasks, environment={"APONO_PERSONAL_TOKEN": "simulator-apono-token"}), "-vvv")
    assert doors(played) == {"task": "process"}
    assert len(played["task"].ok()["connectors"]) == 4


def test_an_environment_variable_of_the_controller_is_seen(playbook: RunPlaybook) -> None:
    tasks = [{"name": "task", CONNECTORS: {"api_token": "{{ omit }}"}}]
    played = playbook(play(tasks), "-vvv", env={"APONO_PERSONAL_TOKEN": "simulator-apono-token"})
    assert doors(played) == {"task": "worker"}
    assert len(played["task"].ok()["connectors"]) == 4
    assert "simulator-apono-token" not in played.output + played["task"].output


@pytest.mark.parametrize(
    ("variable", "file", "expected"),
    [
        ("false", None, "process"),
        ("no", None, "process"),
        ("true", None, "worker"),
        (None, "false", "process"),
        (None, "true", "worker"),
        ("true", "false", "worker"),
    ],
)
def test_the_second_door_can_be_closed(
    playbook: RunPlaybook, tmp_path: Path, variable: str | None, file: str | None, expected: str
) -> None:
    settings = tmp_path / "ansible.cfg"
    settings.write_text(f"[hybrid_connectors]\nin_process = {file}\n" if file else "", encoding="utf-8")
    env = {"ANSIBLE_CONFIG": str(settings), **({"HYBRID_CONNECTORS_IN_PROCESS": variable} if variable else {})}
    played = playbook(play([{"name": "task", CONNECTORS: {}}]), "-vvv", env=env)
    assert doors(played) == {"task": expected}
    assert not played["task"].failed


def test_a_switch_that_is_neither_on_nor_off_is_an_error(playbook: RunPlaybook, simulator: Simulator) -> None:
    played = playbook(play([{"name": "task", CONNECTORS: {}}]), env={"HYBRID_CONNECTORS_IN_PROCESS": "perhaps"})
    assert "HYBRID_CONNECTORS_IN_PROCESS" in played["task"].msg
    assert "perhaps" in played["task"].msg
    assert simulator.journal() == []


def test_without_requests_the_process_says_what_is_missing(playbook: RunPlaybook, tmp_path: Path) -> None:
    (tmp_path / "requests.py").write_text("raise ImportError('There is none.')\n", encoding="utf-8")
    played = playbook(play([{"name": "task", CONNECTORS: {}}]), "-vvv", env={"PYTHONPATH": str(tmp_path)})
    assert doors(played) == {"task": "process"}
    assert "Failed to import the required Python library (requests)" in played["task"].msg
