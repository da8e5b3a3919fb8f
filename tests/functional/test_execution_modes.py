# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task has the same result in-process and in a module process, or is not run in-process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible import constants
from support.deadline import HANGS
from support.messages import MessageTable
from support.modules import MODULE_PYTHON, ROOT, Result, environment, run_process
from support.playbooks import Played, RunPlaybook
from support.simulator import CREDENTIALS, SYSTEMS, Simulator
from support.worker import Worker

pytestmark = [
    pytest.mark.first_case_only,
    pytest.mark.skipif(sys.executable != MODULE_PYTHON, reason="Modules are to run on another Python."),
]

TOKEN = CREDENTIALS["apono"]["api_token"]
PLUGINS = ROOT / "tests" / "support"
CUSTOMER = "hybrid.connectors.voss_spark_customer"
CUSTOMERS = "hybrid.connectors.voss_spark_customers"
CUSTOMER_LIST = "hybrid.connectors.voss_spark_customer_info"
EXPORT = "hybrid.connectors.voss_spark_customer_export"
CONNECTOR = "hybrid.connectors.apono_connector"
CONNECTORS = "hybrid.connectors.apono_connector_info"
SERVER_CONNECTORS = "hybrid.connectors.hdp_connector_info"
FLEET = "hybrid.connectors.fleet_info"
WEBEX = "hybrid.connectors.webex_hybrid_connector_info"
AT = {"hierarchy": "sys.hcs.CS-P", "poll_interval": 0.02}
OURS = {"name": "AAAGlobal", **AT}
CHECK = {"check_mode": True}
Task = dict[str, Any]

# The cases run in this order. Some of them use objects of an earlier case.
CASES: dict[str, Task] = {
    "a warning": {WEBEX: {"clusters": True}},
    "a time-out": {SERVER_CONNECTORS: {}, "timeout": 3},
    "a change in check mode": {CUSTOMER: {**OURS, "email_domain": "rooms.example"}, **CHECK, "diff": True},
    "a change": {CUSTOMER: {**OURS, "email_domain": "rooms.example"}, "diff": True},
    "no change": {CUSTOMER: {**OURS, "email_domain": "rooms.example"}},
    "a list of customers": {CUSTOMERS: {"customers": [{"name": "AAAGlobal", "dirsync_enabled": True}], **AT}},
    "one of a list fails": {CUSTOMERS: {"customers": [{"name": "AB_Group"}, {"name": "?", "hierarchy": "x"}], **AT}},
    "a file at a relative path": {EXPORT: {"pkids": ["65e0918d6fd4534903e212d9"], "dest": "exported.zip"}},
    "an unknown option": {CONNECTOR: {"name": "x", "bogus": "canary"}},
    "an option is missing": {CUSTOMER_LIST: {"username": "{{ omit }}", "pkid": "x"}},
    "secrets in a list": {
        CUSTOMERS: {
            "customers": [{"name": "AAAGlobal", "token": "canary-1", "email_domain": "canary-1.example"}],
            **AT,
        },
        **CHECK,
    },
    "a string in a list of dictionaries": {
        CUSTOMERS: {"customers": [{"name": "AAAGlobal", "token": "canary-2"}, "canary-2"], **AT}
    },
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
    "one system of a fleet": {FLEET: {"apono": {}, "stale_after_hours": 1}},
    "a wrong option of a fleet": {FLEET: {"apono": {"bogus": "canary"}, "voss": {}}},
    "an option of a fleet that is missing": {FLEET: {"apono": {}, "voss": {}}},
    "a string in place of the options of a system": {FLEET: {"apono": "canary-3"}},
    "nothing of it is shown": {CUSTOMER: OURS, "no_log": True},
    "a loop": {CUSTOMER: {**AT, "name": "{{ item }}"}, "loop": ["AAAGlobal", "AB_Group", "nobody"], **CHECK},
    "a loop of failures": {CONNECTOR: {"bogus": "{{ item }}"}, "loop": [1, 2]},
    "tried again": {CONNECTORS: {}, "until": "again.connectors | length > 50", "retries": 1, "delay": 0},
}
FAULTS: tuple[dict[str, Any], ...] = (
    {"system": "webex", "status": 429, "headers": {"Retry-After": "2"}},
    {"system": "hdp", "delay": HANGS},
)
WITHOUT_PARAMETERS = {"a time-out", "a loop", "a loop of failures", "nothing of it is shown"}
# Choices that ansible-core prints as a set, and IDs and durations that the simulator generates.
VARYING = (re.compile(r"(?<=Valid booleans include: ).*"), re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"))
VARYING_KEYS = {"seconds", "checksum", "frame"}


def play(tasks: Sequence[Task], **keywords: Any) -> str:
    """Return a playbook with the connection options as module defaults."""
    defaults = {f"group/hybrid.connectors.{name}": f"{{{{ systems.{name} }}}}" for name in SYSTEMS}
    return json.dumps(
        [{"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": list(tasks), **keywords}]
    )


def modes(played: Played) -> dict[str, str]:
    """Return the execution mode of each task, as the output of -vvv shows it."""
    sections = re.split(r"^TASK \[(.*?)\] \**$", played.output, flags=re.MULTILINE)[1:]
    return {
        name: "process" if "AnsiballZ_" in text else "worker"
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }


def steady(value: Any) -> Any:
    """Return a result without the values that differ in every run."""
    if isinstance(value, Mapping) and value.get("__ansible_type") == "WarningSummary":
        return steady(value["event"]["msg"])  # the format of warnings since ansible-core 2.19
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


def sent(simulator: Simulator) -> Any:
    """Return the requests except those of the task that times out: a process may time out before its first request."""
    return steady([[e["method"], e["path"], e["query"]] for e in simulator.journal() if e["system"] != "hdp"])


@pytest.fixture
def encrypted(tmp_path: Path) -> list[str]:
    """Return arguments that define the variables C(encrypted) and C(nested) in a vault."""
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
    """Run all cases from the same initial state. The last task shows the registered results."""
    simulator.reset()
    for fault in FAULTS:
        simulator.fault(**fault)
    tasks: list[Task] = []
    registered = []
    for number, (name, task) in enumerate(CASES.items()):
        registered.append("again" if "until" in task else f"result_{number}")
        tasks.append({"name": name, **task, "register": registered[-1], "ignore_errors": True})
    tasks.append({"name": "registered", "ansible.builtin.debug": {"msg": [f"{{{{ {name} }}}}" for name in registered]}})
    played = playbook(play(tasks), "-vvv", *arguments, env={**env, "ANSIBLE_INJECT_INVOCATION": "true"})
    assert played.status == 0, played.output
    return played


@pytest.mark.slow
def test_tasks_have_the_same_results_in_both_modes(
    playbook: RunPlaybook, simulator: Simulator, encrypted: list[str]
) -> None:
    by_process = all_cases(playbook, simulator, encrypted, {"HYBRID_CONNECTORS_IN_PROCESS": "false"})
    sent_by_process = sent(simulator)
    by_worker = all_cases(playbook, simulator, encrypted, {})
    sent_by_worker = sent(simulator)
    assert set(modes(by_process)) == {*CASES, "registered"}
    in_time = set(CASES) - {"a time-out"}  # the time can be over before the process has started
    assert {modes(by_process)[name] for name in in_time} == {"process"}
    assert {modes(by_worker)[name] for name in in_time} == {"worker"}

    found = {}
    names = [*CASES]
    registered = [played["registered"]["msg"] for played in (by_process, by_worker)]
    for name, first, second in zip(names, *registered, strict=True):
        found[f"registered: {name}"] = list(differences(steady(first), steady(second)))
    for (name, one), (_name, other) in zip(by_process.tasks[:-1], by_worker.tasks[:-1], strict=True):
        found[f"shown: {name}"] = list(differences(steady(one.values), steady(other.values)))
    assert {name: different for name, different in found.items() if different} == {}
    assert sent_by_process == sent_by_worker

    results = dict(zip(names, registered[1], strict=True))
    assert results["a warning"]["warnings"]
    assert "{{ 6 * 7 }}" in [item["name"] for item in results["what looks like a template is read"]["connectors"]]
    shown = dict(by_worker.tasks)
    assert {name for name in CASES if "invocation" not in shown[name]} == WITHOUT_PARAMETERS
    for played in (by_process, by_worker):
        text = played.output + json.dumps([task.values for _name, task in played.tasks])
        assert "canary" not in text


SECRET = {**OURS, "update_secrets": "always"}
ODD = 'canary\'s "odd" one\n'
# These cases test how modules validate their options, and do not change anything.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "a failed request": ("apono_connector_info", {"api_url": "http://127.0.0.1:9/apono", "retry_budget": 0}),
    "refused credentials": ("apono_connector_info", {"api_token": "canary"}),
    "a combination without a meaning": ("voss_spark_customer", {**OURS, "state": "absent", "target_hierarchy": "x"}),
    "a file that cannot be": ("voss_spark_customer_info", {"pkid": "x", "ca_path": "/no/such/file"}),
    "numbers as text": ("apono_connector_info", {"timeout": "30", "validate_certs": "yes", "retry_budget": "1.5"}),
    "text as numbers": ("voss_spark_customer", {**OURS, "name": 123, "pkid": 1.50}),
    "a list is nothing": ("voss_spark_customers", {"customers": None, **AT}),
    "an unknown option in a list": ("voss_spark_customers", {"customers": [{"name": "x", "tokn": "canary"}], **AT}),
    "one of two is missing": ("apono_connector", {}),
    "an option is missing in a list": ("voss_spark_customers", {"customers": [{"token": "canary"}], **AT}),
    "not a boolean": ("voss_spark_customer", {**SECRET, "dirsync_enabled": "perhaps", "token": "perhaps"}),
    "not a number": ("apono_connector_info", {"timeout": "soon"}),
    "not a choice": ("apono_connector", {"id": "a", "state": "renamed"}),
    "options that exclude each other": ("apono_connector", {"id": "a", "name": "b", "new_name": "c"}),
    "an option that requires a different option": ("apono_connector", {"new_name": "b"}),
    "a secret": ("voss_spark_customer", {**SECRET, "token": "canary"}),
    "a secret of one character": ("voss_spark_customer", {**SECRET, "token": "e"}),
    "a secret in the word true": ("voss_spark_customer", {**SECRET, "token": "rue"}),
    "a secret in another": ("voss_spark_customer", {**SECRET, "token": "canary.example", "refresh_token": "canary"}),
    "a secret of a different type": (
        "voss_spark_customer",
        {**SECRET, "token": [ODD], "refresh_token": {"a": "canary"}},
    ),
    "a secret that is a number": ("voss_spark_customer", {**SECRET, "token": 471147, "email_domain": "x471147"}),
    "a secret in a name": ("voss_spark_customer", {**SECRET, "name": {"token": ODD}}),
    "a secret among other attributes": ("voss_spark_customer", {**SECRET, "extra_attributes": {"token": "canary"}}),
    "a list in a list": ("voss_spark_customers", {"customers": [[{"token": ODD}]], **AT}),
    "a string in a list": ("voss_spark_customers", {"customers": [{"name": "x", "token": "canary"}, "a b"], **AT}),
    "nothing in a list": ("voss_spark_customers", {"customers": [None, {"token": "canary"}], **AT}),
    "a string as a list": ("voss_spark_customers", {"customers": "a token=canary", **AT}),
    "JSON as a list": ("voss_spark_customers", {"customers": json.dumps([{"name": "x", "token": ODD}]), **AT}),
    "a dictionary as a list": ("voss_spark_customers", {"customers": {"name": "x", "token": ODD}, **AT}),
    "a list as a dictionary": (
        "voss_spark_customers",
        {"customers": [{"name": "x", "extra_attributes": ["canary", {"token": ODD}]}], **AT},
    ),
    "a secret in an address": ("voss_spark_customer_info", {"pkid": "x", "api_url": "https://me:canary@127.0.0.1"}),
}


def test_results_are_the_same_and_redacted_in_both_modes(
    simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path: Path
) -> None:
    simulator.settings(voss={"throttle": 0})  # The runs together exceed the rate limit.
    env = environment(tmp_path, ANSIBLE_INJECT_INVOCATION="true")
    # Since ansible-core 2.21, a setting shows parameters. Ansible passes this setting to the process.
    choice = {"_ansible_inject_invocation": True} if hasattr(constants, "INJECT_INVOCATION") else {}
    found = {}
    showing = []
    with Worker(tmp_path) as worker:
        for name, (module, options) in CALLS.items():
            given = {**connection[module.partition("_")[0]], **options}
            by_process = run_process(module, {**given, **choice}, True, env)
            by_worker = worker.run(module, given, True, env)
            assert "invocation" in by_process
            found[name] = list(differences(reported(by_process), reported(by_worker)))
            # Ansible can display the source of the task in addition to the result.
            showing += [name for text in (by_process.output, json.dumps(by_worker.values)) if "canary" in text]
    assert {name: different for name, different in found.items() if different} == {}
    assert showing == []
    assert simulator.writes() == []


def reported(result: Result) -> Any:
    """Return the module's part of a result. Ansible adds that nothing was changed, and that there is no traceback."""
    values = {"changed": False, **result.values, "failed": result.failed}
    added = {name for name in values if name.startswith("_ansible")} | {"exception"}
    return steady({name: value for name, value in values.items() if name not in added})


@pytest.mark.parametrize("shown", [None, "true"])
def test_parameters_are_returned_in_both_modes_or_in_none(playbook: RunPlaybook, shown: str | None) -> None:
    tasks = [{"name": "worker", CONNECTORS: {}}, {"name": "process", CONNECTORS: {}, "environment": {"A": "process"}}]
    played = playbook(play(tasks), "-vvv", env={"ANSIBLE_INJECT_INVOCATION": shown} if shown else {})
    assert modes(played) == {"worker": "worker", "process": "process"}
    assert ("invocation" in played["worker"]) == ("invocation" in played["process"])
    assert "invocation" in played["worker"] or not shown


IMPORTED = """
import sys

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        return [name for name in terms if name in sys.modules]
"""


def test_workers_inherit_imported_modules(playbook: RunPlaybook, tmp_path: Path) -> None:
    """A worker takes over what Ansible has imported, so the second worker shows what Ansible imported for the first."""
    (tmp_path / "imported.py").write_text(IMPORTED, encoding="utf-8")
    module = "ansible_collections.hybrid.connectors.plugins.modules.apono_connector_info"
    shown = {"name": "imported", "ansible.builtin.debug": {"msg": f"{{{{ query('imported', '{module}') }}}}"}}
    env = {"ANSIBLE_LOOKUP_PLUGINS": str(tmp_path)}
    played = playbook(play([shown, {"name": "list", CONNECTORS: {}}, shown]), env=env)
    assert [result["msg"] for name, result in played.tasks if name == "imported"] == [[], [module]]


def test_a_loop_has_one_connection(playbook: RunPlaybook, simulator: Simulator) -> None:
    loop = {
        "name": "loop",
        CUSTOMER_LIST: {"hierarchy": "sys.hcs.CS-P", "name": "{{ item }}"},
        "loop": ["AAAGlobal", "AB_Group", "nobody"],
    }
    played = playbook(play([loop]), "-vvv")
    assert modes(played) == {"loop": "worker"}
    assert len({entry["connection"] for entry in simulator.journal()}) == 1
    assert len(simulator.journal()) >= 3


def test_refused_credentials_are_sent_once_in_a_loop(
    playbook: RunPlaybook, simulator: Simulator, messages: MessageTable
) -> None:
    options = {"hierarchy": "sys.hcs.CS-P", "name": "{{ item }}", "password": "wrong"}
    played = playbook(play([{"name": "loop", CUSTOMER_LIST: options, "loop": ["a", "b", "c"]}]))
    assert [entry["status"] for entry in simulator.journal()] == [401]
    results = played["loop"]["results"]
    assert [result["failure"]["reason"] for result in results] == ["unauthorized"] * 3
    for result in results:
        messages.check_in("request.unauthorized", result["msg"])


def test_loop_items_share_the_rate_limit(playbook: RunPlaybook, simulator: Simulator) -> None:
    options = {"pkid": "65e0918d6fd4534903e212d9", "requests_per_second": 4}
    playbook(play([{"name": "loop", CUSTOMER_LIST: options, "loop": [*range(9)]}]))
    times = [entry["time"] for entry in simulator.journal()]
    assert len(times) >= 9
    assert times[-1] - times[0] > 1.5  # Nine requests take two seconds after the first one has been sent.


IN_A_PROCESS: dict[str, Task] = {
    "async": {CONNECTORS: {}, "async": 60, "poll": 1},
    "become": {CONNECTORS: {}, "become": True, "become_method": "otheruser", "become_user": "root"},
    "environment": {CONNECTORS: {"api_token": "{{ omit }}"}, "environment": {"APONO_PERSONAL_TOKEN": "{{ token }}"}},
    "another Python": {CONNECTORS: {}, "vars": {"ansible_python_interpreter": "{{ other_python }}"}},
    "another name of this Python": {CONNECTORS: {}, "vars": {"ansible_python_interpreter": "{{ linked_python }}"}},
    "another connection": {CONNECTORS: {}, "vars": {"ansible_connection": "otherhost"}},
    "delegated to another connection": {CONNECTORS: {}, "delegate_to": "far"},
}
IN_THE_WORKER: dict[str, Task] = {
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
    inventory.write_text("near ansible_connection=local\nfar ansible_connection=otherhost\n", encoding="utf-8")
    variables = {
        "token": TOKEN,
        "linked_python": str(linked),
        "other_python": str(other / "bin" / "python"),
    }
    tasks = [{"name": name, **task, "ignore_errors": True} for name, task in {**IN_A_PROCESS, **IN_THE_WORKER}.items()]
    played = playbook(
        play(tasks, vars=variables),
        "-vvv",
        "-i",
        str(inventory),
        env={
            "ANSIBLE_CONNECTION_PLUGINS": str(PLUGINS / "connection_plugins"),
            "ANSIBLE_BECOME_PLUGINS": str(PLUGINS / "become_plugins"),
        },
    )
    assert modes(played) == {**dict.fromkeys(IN_A_PROCESS, "process"), **dict.fromkeys(IN_THE_WORKER, "worker")}
    missing = {"another Python", "another name of this Python"}  # Ansible cannot determine this.
    for name in {*IN_A_PROCESS, *IN_THE_WORKER} - missing:
        assert len(played[name].ok()["connectors"]) == 4, name
    assert "requests" in played["another Python"].msg


def test_the_plays_environment_precedes_the_controllers(playbook: RunPlaybook) -> None:
    options = {"api_token": "{{ omit }}"}
    plays = [
        *json.loads(play([{"name": "the controller's", CONNECTORS: options}])),
        *json.loads(
            play([{"name": "the play's", CONNECTORS: options}], environment={"APONO_PERSONAL_TOKEN": "canary"})
        ),
    ]
    played = playbook(json.dumps(plays), "-vvv", env={"APONO_PERSONAL_TOKEN": TOKEN})
    assert modes(played) == {"the controller's": "worker", "the play's": "process"}
    assert len(played["the controller's"].ok()["connectors"]) == 4
    assert played["the play's"].failure["status"] == 401
    assert TOKEN not in played.output + played["the controller's"].output


@pytest.mark.parametrize(
    ("variable", "file", "expected"),
    [
        ("false", None, "process"),
        ("yes", None, "worker"),
        (None, "false", "process"),
        ("true", "false", "worker"),
        ("", "false", "process"),
        (None, "", "worker"),
        (None, "false ; a comment", "process"),
    ],
)
def test_in_process_execution_can_be_disabled(
    playbook: RunPlaybook, tmp_path: Path, variable: str | None, file: str | None, expected: str
) -> None:
    settings = tmp_path / "ansible.cfg"
    settings.write_text(f"[hybrid_connectors]\nin_process = {file}\n" if file is not None else "", encoding="utf-8")
    env = {"ANSIBLE_CONFIG": str(settings)}
    if variable is not None:
        env["HYBRID_CONNECTORS_IN_PROCESS"] = variable
    played = playbook(play([{"name": "task", CONNECTORS: {}}]), "-vvv", env=env)
    assert modes(played) == {"task": expected}
    assert not played["task"].failed


def test_an_invalid_in_process_setting_is_an_error(playbook: RunPlaybook, simulator: Simulator) -> None:
    played = playbook(play([{"name": "task", CONNECTORS: {}}]), env={"HYBRID_CONNECTORS_IN_PROCESS": "perhaps"})
    assert "HYBRID_CONNECTORS_IN_PROCESS" in played["task"].msg
    assert "perhaps" in played["task"].msg
    assert simulator.journal() == []


def test_a_process_without_requests_reports_the_missing_library(playbook: RunPlaybook, tmp_path: Path) -> None:
    (tmp_path / "requests.py").write_text("raise ImportError('There is none.')\n", encoding="utf-8")
    played = playbook(play([{"name": "task", CONNECTORS: {}}]), "-vvv", env={"PYTHONPATH": str(tmp_path)})
    assert modes(played) == {"task": "process"}
    assert "Failed to import the required Python library (requests)" in played["task"].msg
