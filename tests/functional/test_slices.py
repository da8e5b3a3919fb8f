# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the slices of a job, which AWX runs at the same time, and which share the customers of a provider."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support import runner
from support.deadline import HANGS
from support.documented import connection_options
from support.messages import MessageTable
from support.modules import ROOT
from support.playbooks import RunPlaybook
from support.runner import Artifacts, Connections, Hosts
from support.simulator import Simulator

pytestmark = [pytest.mark.extended, pytest.mark.usefixtures("only_documented")]

ROLE = "hybrid.connectors.voss_spark_customers"
SCOPE = "sys.hcs.CS-P"
SEED = {"voss": {"generate": {"customers": 16, "free_nodes": 8}}}
SLICES = 3
# Eight customers are unchanged, eight are updated, and eight are created. Two customers have the same name and are
# therefore in the same slice.
CUSTOMERS = [
    {"name": f"Customer-{number:04}", "hierarchy": f"{SCOPE}.CS-GEN.Customer-{number:04}"} for number in range(1, 25)
]
for customer in CUSTOMERS[8:16]:
    customer["email_domain"] = "rooms.example"
CUSTOMERS.append({"name": "Customer-0001", "hierarchy": f"{SCOPE}.CS-GEN.Customer-0002"})
LOCAL = {"ansible_connection": "local"}
# Each host represents one slice, and all hosts have the complete list.
BY_NUMBER = {
    "play": {
        "hosts": "all",
        "gather_facts": False,
        "roles": [{"role": ROLE}],
    },
    "variables": {"list": CUSTOMERS, "slice_count": SLICES},
    "hosts": {
        f"slice-{number}": {**LOCAL, "voss_spark_customers_slice_number": number} for number in range(1, SLICES + 1)
    },
}
# Each host represents one customer, and AWX selects the hosts of a slice.
BY_HOSTS = {
    "play": {
        "hosts": "all",
        "gather_facts": False,
        "vars": {
            "voss_spark_customers_list": "{{ ansible_play_hosts_all | map('extract', hostvars, 'customer') }}",
            "voss_spark_customers_slice_number": 0,
        },
        "roles": [{"role": ROLE, "run_once": True}],
    },
    "variables": {"slice_count": SLICES},
    "hosts": {f"customer {number}": {**LOCAL, "customer": item} for number, item in enumerate(CUSTOMERS)},
}


def sliced(hosts: Hosts, number: int, count: int) -> Hosts:
    """Return the hosts in the inventory of a slice: every ``count``-th host, sorted by name."""
    return dict(sorted(hosts.items())[number - 1 :: count])


def run_slices(folder: Path, how: dict[str, Any], count: int, connections: Connections) -> list[Artifacts]:
    """Run all slices of a job at the same time."""
    # Without a shared rate limit, the slices would exceed the limit of the service.
    given = {"hierarchy": SCOPE, "poll_interval": 0.2, "requests_per_second": 12, **how["variables"]}
    variables = {f"voss_spark_customers_{name}": value for name, value in given.items()}
    folders = [
        runner.job_folder(
            folder / str(number), json.dumps([how["play"]]), sliced(how["hosts"], number, count), variables
        )
        for number in range(1, count + 1)
    ]
    with ExitStack() as stack:
        jobs = [stack.enter_context(runner.start(job, connections)) for job in folders]
        outputs = [job.communicate(timeout=HANGS)[0] for job in jobs]
    return [runner.finished(job, output) for job, output in zip(folders, outputs, strict=True)]


def stored(simulator: Simulator) -> list[str]:
    """Return the customers in the simulator without their IDs."""
    customers = simulator.state()["voss"]["customers"]
    return sorted(json.dumps({**customer, "pkid": 0, "data_pkid": 0}, sort_keys=True) for customer in customers)


def busiest_second(simulator: Simulator) -> int:
    """Return the largest number of requests within one second."""
    times: list[float] = [entry["time"] for entry in simulator.journal("voss")]
    return max(sum(start <= time < start + 1 for time in times) for start in times)


@pytest.mark.parametrize("how", [BY_NUMBER, BY_HOSTS], ids=["by number", "by hosts"])
def test_slices_reach_the_state_of_one_run(
    how: dict[str, Any], simulator: Simulator, connection: Connections, tmp_path: Path
) -> None:
    simulator.reset(SEED)
    whole = {"play": BY_NUMBER["play"], "variables": {"list": CUSTOMERS}, "hosts": {"one": LOCAL}}
    run_slices(tmp_path / "whole", whole, 1, connection)
    expected, writes = stored(simulator), writes_of(simulator)
    assert writes == Counter({"POST": 9, "PUT": 8})

    simulator.reset(SEED)
    slices = run_slices(tmp_path / "slices", how, SLICES, connection)
    assert stored(simulator) == expected
    assert writes_of(simulator) == writes
    assert [entry for entry in simulator.journal("voss") if entry["status"] == 429] == []
    assert busiest_second(simulator) <= 20
    assert all(sum(job.stats()["changed"].values()) == 1 for job in slices)

    simulator.forget()
    run_slices(tmp_path / "again", how, SLICES, connection)
    assert simulator.writes() == []


def writes_of(simulator: Simulator) -> Counter[str]:
    """Return the number of writes of each kind."""
    return Counter(entry["method"] for entry in simulator.writes("voss"))


def test_a_slice_has_its_share_of_the_limit(
    playbook: RunPlaybook,
) -> None:
    cases: list[tuple[dict[str, Any], float]] = [
        ({"slice_count": 3}, 6),
        ({"slice_count": 4}, 4),
        ({"slice_count": 40}, 0.45),
        ({"slice_count": 2, "requests_per_second": 90}, 45),
        ({"slice_count": 2, "requests_per_second": 0}, 0),
        ({"slice_count": 1, "requests_per_second": 9.5}, 9.5),
        ({"slice_count": 1, "requests_per_second": None}, 18),
        ({"slice_count": 3, "requests_per_second": None}, 6),
        ({"slice_count": None}, 18),
        ({"slice_count": 3, "connection": {"requests_per_second": None}}, 6),
        ({"slice_count": 3, "connection": {"requests_per_second": "few"}}, 6),
    ]
    tasks = []
    for number, (given, _share) in enumerate(cases):
        tasks += [
            including({"list": [], "slice_number": 1, **given}),
            {"name": f"case {number}", "ansible.builtin.debug": {"msg": "{{ __voss_spark_customers_share | float }}"}},
        ]
        tasks[-1]["vars"] = tasks[-2]["vars"]
    played = playbook(play(*tasks))
    assert played.status == 0, played.output
    assert [float(played[f"case {number}"]["msg"]) for number in range(len(cases))] == [
        share for _given, share in cases
    ]


def test_the_shared_rate_limit_is_that_of_the_modules() -> None:
    """The role repeats the default of the option, because it cannot read it from the module."""
    default = connection_options("voss")["requests_per_second"]["default"]
    text = (ROOT / "roles" / "voss_spark_customers" / "vars" / "main.yml").read_text(encoding="utf-8")
    assert re.findall(r"default\(none\), (\d+)\] .* float\((\d+)\)", text) == [(f"{default:g}", f"{default:g}")]


def test_conflicting_slices_are_refused_before_any_request(
    playbook: RunPlaybook, simulator: Simulator, messages: MessageTable
) -> None:
    cases: list[dict[str, Any]] = [
        {"slice_count": 2},
        {"slice_count": 2, "slice_number": 3},
        {"slice_count": 2, "slice_number": -1},
        {"slice_count": 0, "slice_number": 0},
        {"slice_count": 2, "slice_number": 1, "prune": True},
        {"slice_count": 2, "slice_number": 0, "prune": True},
    ]
    refused = {"name": "refused", "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}
    tasks = [{"block": [including({"list": [{"name": "A"}], **given})], "rescue": [refused]} for given in cases]
    played = playbook(play(*tasks))
    reported = [result["msg"] for name, result in played.tasks if name == "refused"]
    assert reported == [messages.expected("voss.invalid_slices")] * len(cases), played.output
    assert simulator.journal() == []


def test_slice_variables_of_awx_divide_a_table(playbook: RunPlaybook, simulator: Simulator, tmp_path: Path) -> None:
    table = tmp_path / "customers.csv"
    table.write_text("name,email_domain\nAAAGlobal,a.example\nAB_Group,{{ 6 * 7 }}\n", encoding="utf-8")
    awx = ("-e", "awx_job_slice_count=2", "-e", "awx_job_slice_number=2")
    # Variables of the role that are null are not set.
    unset = {"slice_count": None, "slice_number": None}
    played = playbook(play(including({"csv": str(table), "poll_interval": 0.02, **unset})), *awx)
    assert played.status == 0, played.output
    domains = {item["name"]: item.get("email_domain") for item in simulator.state()["voss"]["customers"]}
    assert domains == {"AAAGlobal": None, "AB_Group": "{{ 6 * 7 }}"}


def test_null_slice_variables_of_awx_are_not_set(playbook: RunPlaybook, simulator: Simulator) -> None:
    awx = ("-e", json.dumps({"awx_job_slice_count": None, "awx_job_slice_number": None}))
    unset = {"slice_count": None, "slice_number": None}
    played = playbook(play(including({"list": [{"name": "AB_Group", "email_domain": "b.example"}], **unset})), *awx)
    assert played.status == 0, played.output
    domains = {item["name"]: item.get("email_domain") for item in simulator.state()["voss"]["customers"]}
    assert domains["AB_Group"] == "b.example"


def test_slices_contain_names_that_differ_in_case(playbook: RunPlaybook, simulator: Simulator) -> None:
    names = ["ACME", "Acme", "acme", "Other"]
    variables = {"hierarchy": SCOPE, "list": [{"name": name} for name in names], "slice_count": 2, "state": "absent"}
    seen: list[str] = []
    for number in (1, 2):
        played = playbook(play(including({**variables, "slice_number": number})), "--check")
        assert played.status == 0, played.output
        [result] = [result for name, result in played.tasks if name.endswith("Manage the customers")]
        seen += [item["name"] for item in result["customers"]]
    assert sorted(seen) == sorted(names)


def including(variables: dict[str, Any]) -> dict[str, Any]:
    """Return a task that includes the role with variables that lack their common prefix."""
    return {
        "ansible.builtin.include_role": {"name": ROLE, "public": True},
        "vars": {
            "voss_spark_customers_hierarchy": SCOPE,
            **{f"voss_spark_customers_{name}": value for name, value in variables.items()},
        },
    }


def play(*tasks: dict[str, Any]) -> str:
    """Return a playbook for the local host."""
    defaults = {"group/hybrid.connectors.voss": "{{ systems.voss }}"}
    return json.dumps([{"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": tasks}])
