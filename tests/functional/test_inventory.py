# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet inventory in ansible-inventory and ansible-playbook, against the simulator."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.deadline import HANGS
from support.documented import environment_variables
from support.messages import MessageTable
from support.modules import COLLECTIONS, SECRETS, assert_nothing_deprecated, environment
from support.simulator import CREDENTIALS, SYSTEMS, Simulator, in_environment

SCOPES: dict[str, dict[str, Any]] = {
    "apono": {},
    "hdp": {},
    "voss": {"hierarchy": "sys.hcs.CS-P"},
    "webex": {"clusters": True},
}

pytestmark = pytest.mark.usefixtures("only_documented")


class Inventory:
    """An inventory file in a separate folder, and the output of ansible-inventory for it."""

    def __init__(self, folder: Path, connection: Mapping[str, Mapping[str, str]]):
        self.folder = folder
        self.connection = connection
        self.cache = folder / "cache"
        self.file = folder / "our.fleet.yml"

    def write(self, *systems: str, **options: Any) -> None:
        """Write an inventory of systems with their connection options."""
        read = {system: {**self.connection[system], **SCOPES[system]} for system in systems}
        self.save({"plugin": "hybrid.connectors.fleet", **read, **options})

    def save(self, content: Mapping[str, Any]) -> None:
        self.file.write_text(yaml.safe_dump(dict(content), sort_keys=False), encoding="utf-8")

    def keep(self) -> dict[str, Any]:
        """Return the options of a cache."""
        return {
            "cache": True,
            "cache_plugin": "ansible.builtin.jsonfile",
            "cache_connection": str(self.cache),
        }

    def command(self, *arguments: str, program: str = "inventory", **env: str) -> subprocess.CompletedProcess[str]:
        sources = [word for file in sorted(self.folder.glob("*fleet.yml")) for word in ("-i", str(file))]
        done = subprocess.run(
            [sys.executable, "-m", "ansible", program, *(sources or ["-i", str(self.file)]), *arguments],
            cwd=self.folder,
            env=environment(
                self.folder,
                ANSIBLE_HOME=str(self.folder / ".ansible"),
                ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
                ANSIBLE_NOCOLOR="true",
                COLUMNS="10000",
                **{"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", **env},
            ),
            check=False,
            capture_output=True,
            text=True,
            timeout=HANGS,
        )
        for system in SYSTEMS:
            for name in SECRETS:
                secret = self.connection[system].get(name, "a secret that is not given")
                assert secret not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert_nothing_deprecated(done.stderr)
        return done

    def list(self, *arguments: str, **env: str) -> Listed:
        """Return all hosts with their variables."""
        done = self.command("--list", *arguments, **env)
        assert done.returncode == 0, done.stderr
        return Listed(plain(json.loads(done.stdout[done.stdout.index("{\n") :])), " ".join(done.stderr.split()))

    def failure(self, *arguments: str, **env: str) -> str:
        """Return the error message."""
        done = self.command("--list", *arguments, **env)
        assert done.returncode != 0, done.stdout
        return " ".join(done.stderr.split())


class Listed:
    """An inventory: its hosts with their variables, and its groups."""

    def __init__(self, content: dict[str, Any], reported: str):
        self.hosts: dict[str, dict[str, Any]] = content["_meta"]["hostvars"]
        self.groups = {name: group.get("hosts", []) for name, group in content.items() if name != "_meta"}
        self.children = {name: group.get("children", []) for name, group in content.items() if name != "_meta"}
        self.reported = reported

    @property
    def names(self) -> list[str]:
        return sorted(self.hosts)


def plain(value: Any) -> Any:
    """Return a value without the mark for untrusted data of ansible-core 2.16."""
    if isinstance(value, dict):
        if list(value) == ["__ansible_unsafe"]:
            return value["__ansible_unsafe"]
        return {plain(name): plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@pytest.fixture
def inventory(tmp_path: Path, connection: Mapping[str, Mapping[str, str]], simulator: Simulator) -> Inventory:
    return Inventory(tmp_path, connection)


def apono(identifier: str, **fields: Any) -> dict[str, Any]:
    return {"id": identifier, "name": identifier, "status": "CONNECTED", "version": "1.6.4", **fields}


def seed(*connectors: dict[str, Any]) -> dict[str, Any]:
    return {"apono": {"connectors": list(connectors)}}


# -- hosts, variables, groups ----------------------------------------------------------------------------------------


def test_the_four_systems_are_one_inventory(inventory: Inventory, simulator: Simulator) -> None:
    inventory.write(*SYSTEMS)
    found = inventory.list()
    assert found.reported == ""
    assert {name.partition("_")[0] for name in found.names} == set(SYSTEMS)
    assert found.hosts["hdp_MyConnector"]["ansible_host"] == found.hosts["hdp_MyConnector"]["connector"]["ip_address"]
    assert found.hosts["webex_videomesh01.example.org"]["ansible_host"] == "videomesh01.example.org"
    assert "ansible_host" not in found.hosts["apono_analytics"]
    assert found.hosts["webex_videomesh01.example.org"]["fleet"]["group"] == "Video Mesh Dallas"
    assert found.hosts["apono_analytics"]["connector"]["last_connected"] == "2026-08-19T22:41:07.5Z"
    assert "token" not in found.hosts["voss_AAAGlobal"]["connector"]
    for name, variables in found.hosts.items():
        record = variables["fleet"]
        groups = {group for group, hosts in found.groups.items() if name in hosts}
        assert groups == {record["system"], f"{record['system']}_{record['health']}", f"health_{record['health']}"}
    assert {entry["system"] for entry in simulator.journal()} == set(SYSTEMS)
    assert simulator.writes() == []


def test_all_systems_are_read_at_the_same_time(inventory: Inventory, simulator: Simulator) -> None:
    simulator.control("PATCH", "/settings", {"latency": 1.0})
    inventory.write(*SYSTEMS)
    inventory.list()
    first = {system: min(entry["time"] for entry in simulator.journal(system)) for system in SYSTEMS}
    assert max(first.values()) - min(first.values()) < 0.9


def test_a_system_that_is_not_named_is_left_out(inventory: Inventory, simulator: Simulator) -> None:
    inventory.write("apono", "webex")
    assert {name.partition("_")[0] for name in inventory.list().names} == {"apono", "webex"}
    assert {entry["system"] for entry in simulator.journal()} == {"apono", "webex"}


def test_hosts_of_one_name_get_their_ids_appended(inventory: Inventory, simulator: Simulator) -> None:
    simulator.reset(
        seed(*(apono(str(number), name=name) for number, name in enumerate(["a", "a", "b", "a_1", "down"])))
    )
    inventory.write("apono")
    assert inventory.list().names == ["apono_a_0", "apono_a_1", "apono_a_1_3", "apono_b", "apono_down_4"]


def test_an_empty_list_is_an_empty_group(inventory: Inventory, simulator: Simulator) -> None:
    simulator.reset(seed())
    inventory.write("apono")
    done = inventory.command("--graph")
    assert "@apono:" in done.stdout
    assert done.returncode == 0


def test_only_hosts_of_some_healths(inventory: Inventory) -> None:
    inventory.write("apono", "webex", health=["down", "maintenance"])
    found = inventory.list()
    assert {variables["fleet"]["health"] for variables in found.hosts.values()} == {"down", "maintenance"}
    assert "webex_expc02.example.org_Y2lZY76125" in found.names


def test_the_limits_of_health_are_options(inventory: Inventory) -> None:
    inventory.write("hdp", stale_after=1e6)
    assert {variables["fleet"]["health"] for variables in inventory.list().hosts.values()} == {"healthy"}


def test_composed_groups_and_variables(inventory: Inventory, messages: MessageTable) -> None:
    inventory.write(
        "apono",
        "webex",
        compose={"trouble": "fleet.problems | join(' ')", "kind": "connector.type"},
        groups={"alarmed": "connector.alarms | default([]) | length > 0", "well": "fleet is hybrid.connectors.healthy"},
        keyed_groups=[
            {"key": "fleet.group", "prefix": "in", "parent_group": "places"},
            {"key": "kind", "separator": ""},
            {"key": "[fleet.version, '']", "prefix": "", "separator": ""},
        ],
    )
    found = inventory.list()
    assert found.reported == ""
    disconnected = messages.expected("apono.disconnected", time="2026-08-19T22:41:07.5Z")
    assert found.hosts["apono_analytics"]["trouble"].startswith(disconnected)
    assert found.hosts["webex_videomesh01.example.org"]["kind"] == "videoMesh"
    assert "kind" not in found.hosts["apono_analytics"]
    assert len(found.groups["alarmed"]) == 3
    assert sorted(found.groups["well"]) == sorted(found.groups["health_healthy"])
    assert "in_GCP" in found.children["places"]
    assert found.groups["videoMesh"] == ["webex_videomesh01.example.org"]


def test_a_failing_expression_is_skipped_or_fails_if_strict(inventory: Inventory) -> None:
    inventory.write("apono", compose={"kind": "connector.type"}, strict=True)
    assert "Could not set kind for host" in inventory.failure()


def test_no_name_of_a_service_breaks_the_groups(
    inventory: Inventory, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.reset(
        seed(
            *(
                apono(str(number), name=name, cloud_provider_type=name)
                for number, name in enumerate(
                    ["all", "ungrouped", "", "places", "apono_places", " ", "a:b,c", "9", "x" * 300]
                )
            )
        )
    )
    inventory.write(
        "apono", keyed_groups=[{"key": "fleet.group", "separator": "", "parent_group": "places"}, {"key": "fleet.name"}]
    )
    found = inventory.list()
    assert len(found.hosts) == 9
    assert all("fleet" in variables for variables in found.hosts.values())
    messages.check_in("inventory.group_in_itself", found.reported, child="places", group="places")


# -- data that looks like templates ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [False, True])
def test_vendor_data_is_never_a_template(inventory: Inventory, simulator: Simulator, kept: bool) -> None:
    trap = inventory.folder / "trap"
    template = f"{{{{ lookup('ansible.builtin.pipe', 'touch {trap}') }}}}"
    simulator.reset(seed(apono("1", name=template, extra={template: [template]}, cloud_provider_type=template)))
    inventory.write(
        "apono",
        compose={
            "one": "fleet.name",
            "longer": "'a' ~ fleet.name",
            "extra": "connector.extra",
            "two": "fleet.group ~ 'a' ~ fleet.name",
        },
        groups={"odd": "fleet.name == connector.name"},
        keyed_groups=[{"key": "fleet.group", "prefix": "in"}, {"key": "one", "parent_group": "{{ two }}"}],
        **(inventory.keep() if kept else {}),
    )
    found = inventory.list()
    if kept:
        found = inventory.list()
    [variables] = found.hosts.values()
    assert variables["one"] == variables["fleet"]["name"] == template
    assert variables["two"] == f"{template}a{template}"
    assert found.groups["odd"] == found.names
    play = inventory.folder / "play.yml"
    play.write_text(
        "- hosts: all\n  gather_facts: false\n  connection: local\n  tasks:\n    - ansible.builtin.debug:\n        msg:"
        " ['{{ fleet }}', '{{ connector }}', '{{ one }}', '{{ two }}', '{{ extra }}', '{{ inventory_hostname }}',"
        " '{{ inventory_hostname_short }}', '{{ group_names }}', '{{ groups }}', '{{ hostvars }}']\n",
        encoding="utf-8",
    )
    done = inventory.command(str(play), program="playbook")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "touch" in done.stdout
    assert not trap.exists()


# -- the options -----------------------------------------------------------------------------------------------------


def test_all_options_have_environment_fallbacks(inventory: Inventory) -> None:
    systems = {"apono": None, "hdp": {}, "voss": SCOPES["voss"], "webex": None}
    inventory.save({"plugin": "hybrid.connectors.fleet", **systems})
    env = {}
    for system in systems:
        for option, variable in environment_variables(system).items():
            if option in inventory.connection[system]:
                env[variable] = inventory.connection[system][option]
    assert {name.partition("_")[0] for name in inventory.list(**env).names} == set(systems)


def test_options_can_be_templates_and_vault_strings(inventory: Inventory) -> None:
    password = inventory.folder / "password"
    password.write_text("of the vault", encoding="utf-8")
    token = inventory.connection["apono"]["api_token"]
    encrypted = subprocess.run(
        [sys.executable, "-m", "ansible", "vault", "encrypt_string", "--vault-password-file", str(password), token],
        env=environment(inventory.folder),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    inventory.file.write_text(
        "plugin: hybrid.connectors.fleet\nstale_after: '{{ hours }}'\nhealth: ['{{ selected }}']\n"
        "apono:\n  api_url: '{{ address }}/apono'\n  api_token: "
        f"{encrypted}\n"
        "hdp:\n  api_url: '{{ address }}/hdp'\n  username: hdp-admin\n"
        "  password: \"{{ lookup('ansible.builtin.env', 'OUR_PASSWORD') }}\"\n",
        encoding="utf-8",
    )
    address = inventory.connection["apono"]["api_url"].rpartition("/")[0]
    found = inventory.list(
        *("-e", f"address={address}", "-e", "hours=1000000", "-e", "selected=healthy"),
        *("--vault-password-file", str(password)),
        OUR_PASSWORD=inventory.connection["hdp"]["password"],
    )
    assert {name.partition("_")[0] for name in found.names} == {"apono", "hdp"}


def test_a_wrong_option_is_an_error_without_secrets(
    inventory: Inventory, simulator: Simulator, messages: MessageTable
) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        (
            {"apono": {"api_token": "canary", "status": ["DISCONNECTED"]}},
            "Unknown option for 'apono': status. Valid options are api_url",
        ),
        ({"apono": {"api_token": "canary", "timeout": "canary"}}, "'timeout' is of type"),
        ({"apono": {}}, "missing required arguments: api_token"),
        ({"voss": {"username": "u", "password": "canary"}}, "'voss' requires the option 'hierarchy'"),
        ({"apono": {"api_token": "{{ nothing ~ 'canary' }}"}}, "Cannot resolve the option 'api_token' of 'apono'"),
        ({"apono": {"api_token": "canary"}, "health": ["ill"]}, "health"),
        ({"apono": {"api_token": "canary"}, "stale_after": "{{ nothing }}"}, "Cannot resolve the option 'stale_after'"),
    ]
    rows: list[tuple[dict[str, Any], str, dict[str, str]]] = [
        ({}, "inventory.no_system", {"systems": "apono, hdp, voss, webex"}),
        ({"apono": ["canary"]}, "inventory.not_a_dictionary", {"system": "apono"}),
        ({"apono": None, "wbex": {"clusters": True}}, "inventory.close_name", {"unknown": "wbex", "close": "webex"}),
        ({"aponno": {"api_token": "canary"}}, "inventory.close_name", {"unknown": "aponno", "close": "apono"}),
        (
            {"apono": None, "healt": "{{ 'canary' }}", "compse": {}},
            "inventory.close_name",
            {"unknown": "compse, healt", "close": "compose, health"},
        ),
        ({"apono": None, "x-common": {"timeout": 5}}, "inventory.unknown_name", {"unknown": "x-common"}),
        (
            {"apono": {"api_token": "{{ 'canary' | nothing }}"}},
            "inventory.invalid_template",
            {"option": "api_token", "system": "apono"},
        ),
    ]
    every = [options for options, _reported in wrong] + [options for options, _row, _facts in rows]
    for number, options in enumerate(every):
        inventory.file = inventory.folder / f"{number}.fleet.yml"
        inventory.save({"plugin": "hybrid.connectors.fleet", **options})
    done = inventory.command("--list", "-vvvv", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="false")
    for _options, reported in wrong:
        assert reported in " ".join(done.stderr.split())
    for _options, row, facts in rows:
        messages.check_in(row, " ".join(done.stderr.split()), **facts)
    assert "canary" not in done.stdout + done.stderr
    assert simulator.journal() == []


def test_options_from_all_documentation_fragments_are_valid(inventory: Inventory) -> None:
    names = {
        "host_prefix": "p_",  # of the plugin
        "stale_after": 1000000,  # an alias
        "webex": {**inventory.connection["webex"], "clusters": True},  # of the fragment of this collection
        "use_extra_vars": False,  # of the fragment constructed
        "cache_timeout": 60,  # of the fragment inventory_cache
    }
    inventory.write("apono", **names)
    found = inventory.list()
    assert found.reported == ""
    assert {name.split("_")[1] for name in found.names} == {"apono", "webex"}


def test_an_expression_error_shows_no_line_of_the_file(inventory: Inventory) -> None:
    inventory.write("apono", compose={"broken": "connector.type.nothing"}, strict=True)
    content = inventory.file.read_text(encoding="utf-8")
    secret = CREDENTIALS["apono"]["api_token"]
    inventory.file.write_text(content.replace("compose:", f"# {secret}\ncompose:"), encoding="utf-8")
    assert "Could not set broken" in inventory.failure("-vvvv")


def test_files_of_other_names_are_not_ours(inventory: Inventory, simulator: Simulator) -> None:
    inventory.write("apono")
    inventory.file = inventory.file.rename(inventory.folder / "inventory.yml")
    inventory.failure()
    assert simulator.journal() == []


# -- a system that cannot be read ------------------------------------------------------------------------------------


def unread(messages: MessageTable, status: int) -> str:
    """Return the beginning of the message about Webex, which returned an error status."""
    cause = messages.expected("request.status", status=status, method="GET", url="")
    return messages.expected("inventory.unread", system="Webex", cause=cause)


def test_one_system_is_down_and_the_others_are_there(
    inventory: Inventory, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.fault(system="webex", status=401, times=None)
    inventory.write("apono", "webex")
    found = inventory.list("-vvvv")
    assert {name.partition("_")[0] for name in found.names} == {"apono"}
    assert unread(messages, 401) in found.reported
    assert "webex" not in found.groups
    assert len(simulator.journal("webex")) == 1


def test_a_failed_system_is_an_error_if_strict(
    inventory: Inventory, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.fault(system="webex", status=401, times=None)
    inventory.write("apono", "webex", strict_systems=True)
    assert unread(messages, 401) in inventory.failure()


def test_an_inventory_without_any_readable_system_is_an_error(
    inventory: Inventory, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.fault(system="webex", status=403, times=None)
    inventory.write("webex")
    assert unread(messages, 403) in inventory.failure()


# -- the cache -------------------------------------------------------------------------------------------------------


def test_a_cache_hit_needs_neither_request_nor_credentials(inventory: Inventory, simulator: Simulator) -> None:
    content: dict[str, Any] = {"plugin": "hybrid.connectors.fleet", **inventory.keep()}
    env = {"OUR_PASSWORD": inventory.connection["voss"]["password"]}
    for system in ("apono", "webex", "hdp"):
        content[system] = {"api_url": inventory.connection[system]["api_url"], **SCOPES[system]}
        env |= in_environment({system: CREDENTIALS[system]})
    content["voss"] = {
        **inventory.connection["voss"],
        **SCOPES["voss"],
        "password": "{{ lookup('ansible.builtin.env', 'OUR_PASSWORD', default=undef()) }}",
    }
    inventory.save(content)
    read = inventory.list(**env)
    assert simulator.journal() != []
    simulator.forget()
    found = inventory.list()
    assert simulator.journal() == []
    assert (found.hosts, found.groups, found.reported) == (read.hosts, read.groups, "")
    kept = "".join(file.name + file.read_text(encoding="utf-8") for file in inventory.cache.iterdir())
    for system in SYSTEMS:
        for name in SECRETS:
            assert inventory.connection[system].get(name, "not given") not in kept
    for token in (
        "simulator-",
        *(customer.get("token") or "x" * 9 for customer in simulator.state()["voss"]["customers"]),
    ):
        assert token not in kept


def test_flush_cache_reads_again(inventory: Inventory, simulator: Simulator) -> None:
    inventory.write("apono", **inventory.keep())
    inventory.list()
    simulator.reset(seed(apono("new")))
    assert "apono_new" not in inventory.list().names
    play = inventory.folder / "play.yml"
    play.write_text("- hosts: all\n", encoding="utf-8")
    assert "apono_new" in inventory.command("--flush-cache", "--list-hosts", str(play), program="playbook").stdout
    simulator.forget()
    assert inventory.list().names == ["apono_new"]
    assert simulator.journal() == []


def test_an_entry_that_is_only_read_keeps_its_age_and_its_permissions(
    inventory: Inventory, simulator: Simulator
) -> None:
    simulator.fault(system="webex", status=401)
    inventory.write("apono", "webex", **inventory.keep())
    inventory.list()
    [apono_file] = inventory.cache.iterdir()
    old = apono_file.stat().st_mtime - 1000
    os.utime(apono_file, (old, old))
    inventory.list()
    assert apono_file.stat().st_mtime == pytest.approx(old)
    assert [stat.S_IMODE(file.stat().st_mode) for file in inventory.cache.iterdir()] == [0o600, 0o600]


@pytest.mark.parametrize("failure", ["no system", "one system", "one organization"])
def test_a_flushed_entry_is_not_used_after_a_failed_read(
    inventory: Inventory, simulator: Simulator, failure: str
) -> None:
    systems = ["webex", "apono"] if failure == "one system" else ["webex"]
    inventory.write(*systems, **inventory.keep())
    if failure == "one organization":
        organizations(inventory, **inventory.keep())
    names = inventory.list().names
    if failure == "one organization":
        simulator.settings(webex={"forbidden_organizations": [SUBSIDIARY]})
    else:
        simulator.fault(system="webex", times=None, status=401)
    play = inventory.folder / "play.yml"
    play.write_text("- hosts: all\n", encoding="utf-8")
    inventory.command("--flush-cache", "--list-hosts", str(play), program="playbook")
    assert {stat.S_IMODE(file.stat().st_mode) for file in inventory.cache.iterdir()} == {0o600}
    simulator.clear_faults()
    simulator.settings(webex={"forbidden_organizations": []})
    simulator.forget()
    found = inventory.list()
    assert (found.names, found.reported) == (names, "")
    assert {entry["system"] for entry in simulator.journal()} == {"webex"}


def test_options_that_change_the_list_miss_the_cache(inventory: Inventory, simulator: Simulator) -> None:
    changes: list[tuple[str, dict[str, Any]]] = [
        ("webex", {"clusters": False}),
        ("webex", {"org_id": "Y2lzY29zcGFyazovL3"}),
        ("webex", {"org_ids": ["Y2lzY29zcGFyazovL3"]}),
        ("hdp", {"scope": "user"}),
        ("hdp", {"username": "hdp-user"}),
        ("voss", {"hierarchy": "sys.hcs.CS-P.CS-NB"}),
    ]
    for changed in (False, True):
        simulator.forget()
        for number, (system, change) in enumerate(changes):
            inventory.file = inventory.folder / f"{number}.fleet.yml"
            options = {**inventory.connection[system], **SCOPES[system], **(change if changed else {})}
            inventory.write(**{**inventory.keep(), system: options})
        inventory.command("--list", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="false")
    assert [len(simulator.journal(system)) for system in ("hdp", "voss", "webex")] == [2, 1, 6]


def test_another_address_is_read_anew(inventory: Inventory, simulator: Simulator, second_simulator: Simulator) -> None:
    second_simulator.reset(seed(apono("elsewhere")))
    inventory.save({"plugin": "hybrid.connectors.fleet", "apono": {}, **inventory.keep()})
    token = inventory.connection["apono"]["api_token"]
    for server in (simulator, second_simulator):
        names = inventory.list(APONO_ENDPOINT=server.system_url("apono"), APONO_PERSONAL_TOKEN=token).names
        assert ("apono_elsewhere" in names) == (server is second_simulator)


def test_options_without_effect_on_the_list_hit_the_cache(inventory: Inventory, simulator: Simulator) -> None:
    inventory.write("apono", "webex", **inventory.keep())
    inventory.list()
    simulator.forget()
    inventory.write("apono", health=["down"], groups={"all_of_them": "true"}, **inventory.keep())
    found = inventory.list()
    assert {variables["fleet"]["system"] for variables in found.hosts.values()} == {"apono"}
    assert {variables["fleet"]["health"] for variables in found.hosts.values()} == {"down"}
    assert simulator.journal() == []


def test_a_recovered_system_is_read_again(inventory: Inventory, simulator: Simulator, messages: MessageTable) -> None:
    simulator.fault(system="webex", status=401)
    inventory.write("apono", "webex", **inventory.keep())
    assert unread(messages, 401) in inventory.list().reported
    simulator.forget()
    assert {name.partition("_")[0] for name in inventory.list().names} == {"apono", "webex"}
    assert {entry["system"] for entry in simulator.journal()} == {"webex"}


def test_a_cache_of_another_version_is_ignored(inventory: Inventory, simulator: Simulator) -> None:
    changes: list[dict[str, Any]] = [{"format": 0}, {"format": None}, {"items": {}}, {"items": [1]}, {"account": None}]
    for number in range(len(changes)):
        inventory.file = inventory.folder / f"{number}.fleet.yml"
        inventory.write("apono", **inventory.keep())
    names = inventory.list().names
    for file, change in zip(inventory.cache.iterdir(), changes, strict=True):
        content = json.loads(file.read_text(encoding="utf-8"))
        kept = json.loads(content["__payload__"]) if "__payload__" in content else content
        kept.update(change)
        written = {**content, "__payload__": json.dumps(kept)} if "__payload__" in content else kept
        file.write_text(json.dumps(written), encoding="utf-8")
    simulator.forget()
    assert inventory.list().names == names
    assert len(simulator.journal("apono")) == len(changes)


SUBSIDIARY = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMg"


def organizations(inventory: Inventory, **options: Any) -> None:
    """Write an inventory of all organizations of Webex."""
    webex = {**inventory.connection["webex"], "org_ids": "all"}
    groups = [{"key": "fleet.org", "prefix": "org"}]
    inventory.save({"plugin": "hybrid.connectors.fleet", "webex": webex, "keyed_groups": groups, **options})


def test_hosts_are_grouped_by_organization(inventory: Inventory, simulator: Simulator) -> None:
    organizations(inventory)
    found = inventory.list()
    assert len(found.groups["org_Example_Corporation"]) == 5
    assert len(found.groups["org_Example_Subsidiary"]) == 2
    assert len(found.names) == 7


def test_an_unread_organization_is_reported_and_not_cached(
    inventory: Inventory, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.settings(webex={"forbidden_organizations": [SUBSIDIARY]})
    organizations(inventory, **inventory.keep())
    found = inventory.list()
    assert len(found.names) == 5
    cause = messages.expected("webex.unread_organization", total=2)
    messages.check_in("inventory.partly_read", found.reported, system="Webex", cause=cause)
    assert "Example Subsidiary" in found.reported
    simulator.settings(webex={"forbidden_organizations": []})
    assert len(inventory.list().names) == 7
    simulator.forget()
    assert len(inventory.list().names) == 7
    assert simulator.journal() == []


def test_strict_systems_fails_with_an_unread_organization(
    inventory: Inventory, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.settings(webex={"forbidden_organizations": [SUBSIDIARY]})
    organizations(inventory, strict_systems=True)
    messages.check_in("webex.unread_organization", inventory.failure(), total=2)
