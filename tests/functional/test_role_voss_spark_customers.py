# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role voss_spark_customers in playbooks: customers from a list, a table or an export, and their tokens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol

import pytest
from support.messages import MessageTable
from support.modules import RunModule
from support.playbooks import Played, RunPlaybook
from support.simulator import CREDENTIALS, Simulator
from support.workbooks import workbook_of

pytestmark = [pytest.mark.first_case_only, pytest.mark.usefixtures("only_documented")]

ROLE = Path(__file__).resolve().parents[2] / "roles" / "voss_spark_customers"
SCOPE = "sys.hcs.CS-P"
NODE = "sys.hcs.CS-P.CS-NB.Initech"
GLOBEX = "sys.hcs.CS-P.CS-NB.Globex Corp"
AAAGLOBAL = "65e0918d6fd4534903e212d9"
HOME = {"AAAGlobal": "sys.hcs.CS-P.CS-NB.AAAGlobal", "AB_Group": "sys.hcs.CS-P.CS-AB.AB_Group"}


class RunRole(Protocol):
    """Run the role with variables that lack their common prefix."""

    def __call__(self, *arguments: str, entry: str = "main", **variables: Any) -> Played: ...


@pytest.fixture
def role(playbook: RunPlaybook) -> RunRole:
    def run(*arguments: str, entry: str = "main", **variables: Any) -> Played:
        given = {"hierarchy": SCOPE, "poll_interval": 0.02, **variables}
        include = {"name": "hybrid.connectors.voss_spark_customers", "tasks_from": entry}
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"group/hybrid.connectors.voss": "{{ systems.voss }}"},
            "tasks": [
                {
                    "ansible.builtin.include_role": include,
                    "vars": {f"voss_spark_customers_{name}": value for name, value in given.items()},
                }
            ],
        }
        return playbook(json.dumps([play]), *arguments)

    return run


def lines(played: Played) -> list[str]:
    """Return the lines of the report, the last output before a failure."""
    reported = [values["msg"] for name, values in played.tasks if ": Print " in name and "msg" in values]
    assert len(reported) == 1, played.output
    report: list[str] = reported[0]
    assert all(line in played.output.replace('\\"', '"') for line in report)
    return report


def stored(simulator: Simulator) -> dict[str, dict[str, Any]]:
    """Return the customers in the simulator by name."""
    return {item["name"]: item for item in simulator.state()["voss"]["customers"]}


def nodes(simulator: Simulator) -> dict[str, str]:
    return {name: item["hierarchy"] for name, item in stored(simulator).items()}


def changes(played: Played) -> int:
    return sum(result.changed for _name, result in played.tasks)


def test_a_list_is_predicted_applied_and_idempotent_without_leaks(role: RunRole, simulator: Simulator) -> None:
    desired: dict[str, Any] = {
        "list": [
            {"name": "AAAGlobal", "email_domain": "rooms.example"},
            {"name": "Initech", "hierarchy": NODE, "token": "canary-token", "refresh_token": "canary-refresh"},
        ],
        "sync": ["users"],
    }
    predicted = role("--check", "--diff", "-vvv", **desired)
    assert simulator.writes() == []
    made = role("--diff", "-vvv", **desired)
    assert stored(simulator)["Initech"]["token"] == "canary-token"
    again = role("-vvv", **desired)
    assert [played.status for played in (predicted, made, again)] == [0, 0, 0]
    assert [changes(played) for played in (predicted, made, again)] == [1, 1, 0]
    expected = [
        "1 created, 1 updated",
        f"updated: AAAGlobal at {HOME['AAAGlobal']}: email_domain (updated, users_synced)",
        f"created: Initech at {NODE} (created, users_synced)",
    ]
    assert lines(made) == expected
    assert lines(predicted) == ["Would create 1 customer, update 1 customer", *expected[1:]]
    assert lines(again) == ["2 unchanged"]
    for played in (predicted, made, again):
        assert "canary" not in played.output
        assert CREDENTIALS["voss"]["password"] not in played.output


def test_a_table_on_the_controller_may_be_encrypted(role: RunRole, simulator: Simulator, tmp_path: Path) -> None:
    table, key = tmp_path / "customers.csv", tmp_path / "key"
    table.write_text(
        "\ufeffname;hierarchy;email_domain;dirsync_enabled;token\r\n"
        f'Initech;{NODE};"{{{{ 6 * 7 }}}};x";yes;canary-token\r\n'
        "AAAGlobal;;;;\r\n",
        encoding="utf-8",
    )
    first = role("-vvv", csv=str(table))
    assert first.status == 0, first.output
    assert lines(first) == ["1 created, 1 unchanged", f"created: Initech at {NODE}"]
    made = stored(simulator)["Initech"]
    assert (made["email_domain"], made["dirsync_enabled"], made["token"]) == ("{{ 6 * 7 }};x", True, "canary-token")
    key.write_text("key", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "ansible", "vault", "encrypt", "--vault-password-file", str(key), str(table)],
        check=True,
        capture_output=True,
    )
    again = role("--vault-password-file", str(key), "-vvv", csv=str(table))
    assert lines(again) == ["2 unchanged"]
    assert "canary" not in first.output + again.output


def test_a_workbook_on_the_controller_is_read(role: RunRole, simulator: Simulator, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Company", "Node", "email_domain", "Sales"], ["Initech", NODE, "{{ 6 * 7 }}", 7]]
    (tmp_path / "customers.xlsx").write_bytes(workbook_of(("Customers", rows), ("Notes", [["canary"]])))
    options = {"columns": {"Company": "name", "Node": "hierarchy"}, "ignore_columns": ["Sales"], "sheet": "Customers"}
    played = role(src=str(tmp_path / "customers.xlsx"), src_options=options)
    assert lines(played) == ["1 created", f"created: Initech at {NODE}"]
    assert stored(simulator)["Initech"]["email_domain"] == "{{ 6 * 7 }}"


def test_a_bulk_load_sheet_with_deletions_is_read(role: RunRole, simulator: Simulator, tmp_path: Path) -> None:
    rows = [["entity: relation/SparkCustomer"], ["# Hierarchy Node", "# Action", "name"], [], []]
    rows.append([HOME["AB_Group"], "delete", "AB_Group"])
    (tmp_path / "customers.xlsx").write_bytes(workbook_of(("Customers", rows)))
    played = role(src=str(tmp_path / "customers.xlsx"), state="absent")
    assert lines(played)[0] == "1 deleted"
    assert set(stored(simulator)) == {"AAAGlobal"}


@pytest.mark.parametrize(("zipped", "secrets"), [(True, False), (False, True)])
def test_an_export_restores_deleted_customers(
    role: RunRole, module: RunModule, simulator: Simulator, tmp_path: Path, zipped: bool, secrets: bool
) -> None:
    export = tmp_path / "customers.json.zip"
    module("voss_spark_customer_export", hierarchy=SCOPE, dest=str(export)).ok()
    before = stored(simulator)
    if not zipped:
        with zipfile.ZipFile(export) as archive:
            (member,) = archive.namelist()
            export = Path(archive.extract(member, tmp_path))
    simulator.reset({"voss": {**simulator.state()["voss"], "customers": []}})
    played = role("-vvv", export=str(export), export_secrets=secrets)
    assert played.status == 0, played.output
    assert lines(played)[0] == "2 created"
    after = stored(simulator)
    assert nodes(simulator) == HOME
    for name, customer in before.items():
        for attribute in ("account_email", "account_number_external"):
            assert after[name].get(attribute) == customer.get(attribute)
        assert customer["refresh_token"] not in played.output
        assert after[name].get("refresh_token") == (customer["refresh_token"] if secrets else None)
    assert lines(role(export=str(export))) == ["2 unchanged"]


def test_prune_limit_is_kept_and_pruned_customers_are_named(role: RunRole, simulator: Simulator) -> None:
    desired: dict[str, Any] = {"list": [], "prune": True}
    refused = role(**desired, prune_limit=1)
    assert refused.status == 2
    assert "'prune_limit' is 1" in refused.output
    assert simulator.writes() == []
    desired["list"] = [{"name": "AAAGlobal"}]
    for arguments, counts in (
        (("--check",), "Would delete 1 customer, not change 1 customer"),
        ((), "1 deleted, 1 unchanged"),
    ):
        assert lines(role(*arguments, **desired, prune_limit=1)) == [
            counts,
            f"deleted: AB_Group at {HOME['AB_Group']}",
        ]
    assert list(nodes(simulator)) == ["AAAGlobal"]


def test_the_options_of_the_module_are_passed_on(role: RunRole, simulator: Simulator) -> None:
    moved = role(list=[{"name": "AAAGlobal", "hierarchy": NODE}], relocate="true", max_parallel=1, wait_timeout=60)
    assert lines(moved) == ["1 moved", f"moved: AAAGlobal from {HOME['AAAGlobal']} to {NODE}"]
    both = role(list=[{"name": "AB_Group", "hierarchy": GLOBEX, "email_domain": "rooms.example"}], relocate=True)
    assert lines(both) == [
        "1 updated",
        f"updated: AB_Group from {HOME['AB_Group']} to {GLOBEX}: email_domain (updated, moved)",
    ]
    options = {"sync": "roles_licences", "sync_when": "always", "update_secrets": "always"}
    synced = role(
        **options, refresh_access_token="expiring", token_min_days=5, list=[{"name": "AAAGlobal", "token": "canary"}]
    )
    assert lines(synced) == [
        "1 updated",
        f"updated: AAAGlobal at {NODE}: token (updated, access_token_refreshed, roles_licences_synced)",
    ]
    gone = role(state="absent", list=[{"name": "AAAGlobal"}, {"name": "AB_Group"}])
    assert lines(gone)[0] == "2 deleted"
    assert nodes(simulator) == {}


def test_the_summary_precedes_the_failure_of_the_play(role: RunRole, simulator: Simulator) -> None:
    simulator.fault(
        system="voss", method="PUT", path=AAAGLOBAL, times=None, status=500, body={"error": "Out of order."}
    )
    played = role(list=[{"name": "AAAGlobal", "email_domain": "rooms.example"}, {"name": "Initech", "hierarchy": NODE}])
    assert played.status == 2
    counts, failed, created = lines(played)
    assert counts == "1 created, 1 failed"
    assert failed.startswith(f"failed: AAAGlobal at {HOME['AAAGlobal']}: ")
    assert "Out of order" in failed
    assert created == f"created: Initech at {NODE}"
    assert re.search(r"failed=1\b", played.output)


@pytest.mark.parametrize(
    ("entry", "variables", "words"),
    [
        ("main", {}, "voss_spark_customers_list"),
        ("main", {"list": [], "csv": "customers.csv"}, "voss_spark_customers_list"),
        ("main", {"csv": "customers.csv"}, "'customers.csv'"),
        ("main", {"list": [], "state": "gone"}, "voss_spark_customers_state must be one of: present, absent"),
        ("main", {"list": [], "connection": {"api_ur": "x"}}, "api_ur"),
        ("tokens", {"hierarchy": "{{ omit }}", "token_days": "a week"}, "voss_spark_customers_token_days"),
    ],
    ids=["no source", "two sources", "no such file", "a wrong state", "a wrong connection option", "wrong days"],
)
def test_wrong_options_are_refused_before_any_request(
    role: RunRole, simulator: Simulator, entry: str, variables: Mapping[str, Any], words: str
) -> None:
    played = role(entry=entry, **variables)
    assert played.status == 2
    assert words in " ".join(played.output.split())
    assert simulator.journal() == []


def test_a_wrong_table_is_refused_without_its_values(
    role: RunRole, simulator: Simulator, tmp_path: Path, messages: MessageTable
) -> None:
    table = tmp_path / "customers.csv"
    table.write_text("name,token\nInitech,canary-token,canary-more\n", encoding="utf-8")
    played = role("-vvv", csv=str(table))
    assert played.status == 2
    cause = messages.expected("table.cells", line=2, cells=3, columns=2)
    assert " ".join(played.failed.msg.split()).count(cause) == 1, "The cause appears once."
    assert "canary" not in played.output
    assert simulator.journal() == []


def test_variables_of_the_role_precede_module_defaults(role: RunRole, simulator: Simulator) -> None:
    for entry, more in (("main", {"list": [{"name": "AAAGlobal"}]}), ("tokens", {})):
        simulator.forget()
        played = role(entry=entry, connection={"password": "canary-wrong"}, **more)
        assert played.status == 2
        assert [entry["status"] for entry in simulator.journal()] == [401]
        assert "canary" not in played.output


def seeded_with_expiries(simulator: Simulator, days: Mapping[str, tuple[float | None, float | None]]) -> None:
    """Create customers whose access and refresh tokens expire in this many days."""
    now = datetime.now(timezone.utc)
    kinds = ("access_token", "refresh_token")
    customers = [
        {
            "pkid": f"65e0918d6fd4534903e2{number:04d}",
            "hierarchy": NODE,
            "name": name,
            "account_email": f"{name.split()[0]}@example.com",
            **{kind: f"canary-{kind}" for kind, value in zip(kinds, left, strict=True) if value is not None},
            **{
                f"{kind}_expires": (now + timedelta(days=value)).isoformat()
                for kind, value in zip(kinds, left, strict=True)
                if value is not None
            },
        }
        for number, (name, left) in enumerate(days.items())
    ]
    simulator.reset({"voss": {**simulator.state()["voss"], "customers": customers}})


EXPIRIES = {
    "expired": (-1, 50),
    "soon": (5, 50),
    "both soon": (6, 3),
    "refresh soon": (12, 2),
    "lost": (-20, -3),
    "later": (12, 80),
    "never authorised": (None, None),
    "no refresh token": (12, None),
    "unknown": (None, 50),
}
# The customers that an administrator must authorize, with the account of each customer and the message row of the
# cause.
UNAUTHORIZED = [
    ("both soon", "both", "tokens.refresh_expires", {"days": "3.0"}),
    ("lost", "lost", "tokens.refresh_expired", {"days": "3.0"}),
    ("never authorised", "never", "tokens.never_authorized", {}),
    ("no refresh token", "no", "tokens.unknown_refresh_expiry", {}),
    ("refresh soon", "refresh", "tokens.refresh_expires", {"days": "2.0"}),
]
RENEWED = ["both soon", "expired", "soon", "unknown"]


def check_unauthorized(messages: MessageTable, lines: list[str]) -> None:
    for line, (name, account, row, facts) in zip(lines, UNAUTHORIZED, strict=True):
        customer, _comma, cause = line.partition(": ")
        assert customer == f"{name} at {NODE}, account {account}@example.com"
        messages.check(row, cause, **facts)


def named(played: Played, fact: str) -> list[str]:
    """Return the names in a list that the role sets as a fact."""
    (facts,) = [values["ansible_facts"] for _name, values in played.tasks if "ansible_facts" in values]
    return [customer["name"] for customer in facts[f"voss_spark_customers_{fact}"]]


def refreshed(simulator: Simulator) -> set[str]:
    """Return the customers whose access tokens were refreshed, and check that there was no other write."""
    pkids = {item["pkid"]: name for name, item in stored(simulator).items()}
    paths = [entry["path"] for entry in simulator.writes()]
    assert all("+RefreshAccessToken" in path for path in paths), paths
    return {pkids[path.split("/")[4]] for path in paths}


@pytest.mark.parametrize("list_data", ["sample", "summary"])
def test_tokens_are_renewed_if_possible_and_otherwise_reported(
    role: RunRole, simulator: Simulator, list_data: str, messages: MessageTable
) -> None:
    """The result is the same if the list does not contain the expiry of tokens."""
    seeded_with_expiries(simulator, EXPIRIES)
    simulator.settings(voss={"list_data": list_data})
    for arguments, row in ((("--check",), "tokens.predicted"), ((), "tokens.refreshed")):
        played = role(*arguments, "-vvv", entry="tokens")
        assert played.status == 0, played.output
        report = lines(played)
        messages.check(row, report[0], count=4)
        assert report[1:4] == [f"{name} at {NODE}" for name in RENEWED[:3]]
        messages.check("voss.refreshed_unknown_expiry", report[4], customer=f"unknown at {NODE}")
        messages.check("tokens.unauthorized", report[5], count=5)
        messages.check("tokens.authorize", report[6])
        check_unauthorized(messages, report[7:])
        assert named(played, "refreshed") == RENEWED
        assert named(played, "reauthorise") == [name for name, *_cause in UNAUTHORIZED]
        assert "canary" not in played.output
        assert "token_link" not in played.output
        assert refreshed(simulator) == (set() if arguments else set(RENEWED))
    again = role(entry="tokens", fail_on_reauthorise=True, token_days=2.5)
    assert again.status == 2
    assert changes(again) == 0
    assert lines(again)[:2] == [
        messages.expected("tokens.refreshed", count=0),
        messages.expected("tokens.unauthorized", count=4),
    ]
    assert f"{messages.expected('tokens.unauthorized', count=4)} (" in again.output


def test_a_customer_deleted_before_its_renewal_is_not_recreated(
    role: RunRole, simulator: Simulator, messages: MessageTable
) -> None:
    seeded_with_expiries(simulator, {"deleted": (5, 50), "soon": (5, 50)})
    pkid = stored(simulator)["deleted"]["pkid"]
    simulator.fault(system="voss", method="GET", path=f"SparkCustomer/{pkid}", times=None, delay=3)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(role, entry="tokens")
        while not simulator.journal("voss"):
            assert not running.done(), running.result().output
            time.sleep(0.01)
        deletion = simulator.client("voss")("DELETE", f"/api/relation/SparkCustomer/{pkid}/?format=json")
        played = running.result()
    assert deletion.ok, deletion.text
    assert list(stored(simulator)) == ["soon"]
    requests = [f"{entry['method']} {entry['path'].rstrip('/').rsplit('/', 1)[-1]}" for entry in simulator.writes()]
    assert requests == [f"DELETE {pkid}", "POST +RefreshAccessToken"]
    assert played.status == 2
    report = lines(played)
    assert report[:2] == [messages.expected("tokens.refreshed", count=1), f"soon at {NODE}"]
    place, _colon, cause = report[2].partition(f" at {NODE}: ")
    assert place == "failed: deleted"
    messages.check("voss.unknown_pkid", cause, pkid=pkid)


def test_an_unreadable_customer_does_not_stop_the_other_renewals(
    role: RunRole, simulator: Simulator, messages: MessageTable
) -> None:
    seeded_with_expiries(simulator, {"unreadable": (None, None), "soon": (5, 50), "unknown": (None, 50)})
    pkid = stored(simulator)["unreadable"]["pkid"]
    error = {"status": 500, "body": {"error": "Out of order."}}
    simulator.fault(system="voss", method="GET", path=f"SparkCustomer/{pkid}", times=None, **error)
    played = role(entry="tokens")
    assert played.status == 2
    report = lines(played)
    assert report[0] == messages.expected("tokens.refreshed", count=2)
    failed = [line for line in report if line.startswith("failed: ")]
    assert [line.partition(": GET ")[0][:40] for line in failed] == [f"failed: unreadable at {NODE}"[:40]]
    assert "Out of order." in failed[0]
    assert report[-1] == messages.expected("tokens.unauthorized", count=0)
    assert played.failed.msg == failed[0]
    assert refreshed(simulator) == {"soon", "unknown"}


def test_a_customer_deleted_while_it_is_read_is_ignored(
    role: RunRole, simulator: Simulator, messages: MessageTable
) -> None:
    seeded_with_expiries(simulator, {"deleted": (None, None), "soon": (5, 50)})
    simulator.fault(system="voss", method="GET", path="SparkCustomer/65e", status=404, body={"error": "It is gone."})
    played = role(entry="tokens", fail_on_reauthorise=True)
    assert played.status == 0, played.output
    assert lines(played) == [
        messages.expected("tokens.refreshed", count=1),
        f"soon at {NODE}",
        messages.expected("tokens.unauthorized", count=0),
    ]


def test_without_expiring_tokens_nothing_is_done(role: RunRole, simulator: Simulator, messages: MessageTable) -> None:
    seeded_with_expiries(simulator, {"later": (12, 80)})
    played = role(entry="tokens", fail_on_reauthorise=True)
    assert played.status == 0, played.output
    assert lines(played) == [
        messages.expected("tokens.refreshed", count=0),
        messages.expected("tokens.unauthorized", count=0),
    ]
    assert len(simulator.journal()) == 1


def test_failed_renewals_are_reported_before_the_play_fails(
    role: RunRole, simulator: Simulator, messages: MessageTable
) -> None:
    seeded_with_expiries(simulator, EXPIRIES)
    pkid = stored(simulator)["soon"]["pkid"]
    simulator.fault(system="voss", method="POST", path=pkid, times=None, status=500, body={"error": "Out of order."})
    played = role(entry="tokens")
    assert played.status == 2
    report = lines(played)
    unknown = messages.expected("voss.refreshed_unknown_expiry", customer=f"unknown at {NODE}")
    assert report[:4] == [
        messages.expected("tokens.refreshed", count=3),
        f"both soon at {NODE}",
        f"expired at {NODE}",
        unknown,
    ]
    assert report[4].startswith(f"failed: soon at {NODE}: ")
    assert "Out of order" in report[4]
    check_unauthorized(messages, report[7:])
    assert named(played, "refreshed") == ["both soon", "expired", "unknown"]


@pytest.mark.parametrize("nowait", ["honour", "ignore"])
def test_a_failed_renewal_is_reported_with_the_vendor_message(
    role: RunRole, simulator: Simulator, nowait: str, messages: MessageTable
) -> None:
    seeded_with_expiries(simulator, {"lost": (5, 50), "soon": (5, 50)})
    customers = simulator.state()["voss"]["customers"]
    del customers[0]["refresh_token"]
    simulator.reset({"voss": {**simulator.state()["voss"], "customers": customers}})
    simulator.settings(voss={"nowait": nowait})
    played = role(entry="tokens")
    assert played.status == 2
    report = lines(played)
    assert report[:2] == [messages.expected("tokens.refreshed", count=1), f"soon at {NODE}"]
    assert report[2].startswith(f"failed: lost at {NODE}: ")
    assert "lost: it has no refresh" in report[2]
    assert named(played, "refreshed") == ["soon"]


def test_a_renewal_that_times_out_is_reported_as_unfinished(
    role: RunRole, simulator: Simulator, messages: MessageTable
) -> None:
    seeded_with_expiries(simulator, {"soon": (5, 50)})
    simulator.settings(voss={"polls": 1000})
    played = role(entry="tokens", wait_timeout=0.2)
    assert played.status == 2
    report = lines(played)
    assert report[0] == messages.expected("tokens.refreshed", count=0)
    assert report[1].startswith(f"failed: soon at {NODE}: ")
    assert "wait_timeout" in report[1]


def test_a_renewal_without_a_transaction_is_reported_as_unproven(
    role: RunRole, simulator: Simulator, messages: MessageTable
) -> None:
    seeded_with_expiries(simulator, {"soon": (5, 50)})
    simulator.fault(system="voss", method="GET", path="Transaction", times=None, status=404, body={"error": "Unknown."})
    played = role(entry="tokens")
    assert played.status == 2
    assert lines(played)[:2] == [
        messages.expected("tokens.refreshed", count=0),
        f"failed: soon at {NODE}: {messages.expected('voss.missing_transaction')}",
    ]
