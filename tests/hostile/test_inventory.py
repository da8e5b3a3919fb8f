# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, addresses and values of a hostile service in the inventory."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from support.messages import MessageTable

from hostile.attack import Attack, Serve, connection
from hostile.fleet import apono_item, hdp_item, lists, webex_item

pytestmark = pytest.mark.first_case_only

NASTY = (
    *("../../../../../../tmp/evil", "..", ".", "/", "\\", "a/b", "a\\b"),
    *("x/../y", "-x", "--list", " ", "", "\n", "\t"),
    *("a b", "a,b", "a:b", "a[0]", "a[", "[a]", "!a", "&a", "~a", "*", "?", "a*", "@/etc/passwd", "a@b", "#a", "%a"),
    *("all", "localhost", "127.0.0.1", "ungrouped", "down", "health_down", "apono", "x.yml", "x.yaml", "x.json", "x"),
    *("{{ 1 }}", "{% x %}", "{# x #}", "#jinja2:variable_start_string:'[['\n[[ 1 ]]"),
    *("a'b", 'a"b', "$x", "`x`", "a|b"),
    *("Zürich", "Zu\u0308rich", "Москва", "東京", "मुंबई", "\u202eabc"),
    *("a\u200bb", "\u3164", "\uff58\uff0f\uff59", "\ud800", "\x00", "\x1b[31m"),
    *("x" * 300, "x" * 299 + "y", "é" * 300, "." * 300, "a b", "a_b"),
    *("a+b", "a=b", "~root", "$HOME", "a;b", "(a)", "<a>"),
)


def hosts_of(listed: dict[str, Any]) -> dict[str, Any]:
    hosts: dict[str, Any] = listed["_meta"]["hostvars"]
    return hosts


def named_and_grouped(names: list[str]) -> list[dict[str, Any]]:
    """Return connectors that have the same value as name and group."""
    return [apono_item(str(number), name=name, cloud_provider_type=name) for number, name in enumerate(names)]


def test_a_name_does_not_select_a_host_vars_file(attack: Attack, serve: Serve, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    evil = tmp_path / "evil.yml"
    evil.write_text(f"loaded: \"{{{{ lookup('ansible.builtin.pipe', 'touch {trap}') }}}}\"\nplain: loaded\n", "utf-8")
    (tmp_path / "host_vars" / "apono_x").mkdir(parents=True)
    (tmp_path / "group_vars" / "in_x").mkdir(parents=True)
    up = "../" * 30
    names = [f"x/{up}{evil}", f"x/{up}{tmp_path}/evil", f"/{evil}", f"{up}{evil}", "x/..", f"x\\..\\{evil}"]
    server = serve(lists("apono", *named_and_grouped(names)))
    options = {
        "apono": connection("apono", server.url),
        "keyed_groups": [
            {"key": "fleet.group", "prefix": "in"},
            {"key": "fleet.group", "prefix": "", "separator": ""},
            {"key": "[fleet.group]", "prefix": "", "separator": "", "parent_group": "{{ fleet.name }}"},
            {"key": "{fleet.group: fleet.name}", "separator": "/"},
        ],
    }
    listed = attack.inventory(options)
    assert len(hosts_of(listed)) == len(names)
    assert not [name for name, variables in hosts_of(listed).items() if "plain" in variables]
    (tmp_path / "play.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  connection: local\n  tasks:\n"
        "    - ansible.builtin.debug:\n        msg: \"{{ loaded | default('nothing') }}\"\n",
        "utf-8",
    )
    done = attack.ansible("playbook", "-i", "our.fleet.yml", "play.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count('"msg": "nothing"') == len(names)
    assert not trap.exists()


def test_files_of_other_hosts_or_groups_are_not_loaded(attack: Attack, serve: Serve, tmp_path: Path) -> None:
    """Test names with a file extension, and names of folders such as ".."."""
    for kind, name in (("host_vars", "apono_x"), ("group_vars", "x"), ("group_vars", "in_x")):
        (tmp_path / kind).mkdir(exist_ok=True)
        (tmp_path / kind / f"{name}.yml").write_text(f"plain: {kind}\n", "utf-8")
    (tmp_path / "secret.yml").write_text("plain: folder\n", "utf-8")
    names = ["x.yml", "..", ".", "", "./x", "../group_vars/x"]
    server = serve(lists("apono", *named_and_grouped(names)))
    keyed = [{"key": "fleet.group", "prefix": "in"}, {"key": "fleet.group", "prefix": "", "separator": ""}]
    listed = attack.inventory({"apono": connection("apono", server.url), "keyed_groups": keyed})
    assert len(hosts_of(listed)) == len(names)
    assert not [name for name, variables in hosts_of(listed).items() if "plain" in variables]


def test_every_host_is_matched_by_its_name(attack: Attack, serve: Serve) -> None:
    items = [apono_item(f"id {n}", name=name, cloud_provider_type="apono_all") for n, name in enumerate(NASTY)]
    server = serve(lists("apono", *items))
    # If a group and a host have the same name, a pattern selects the group.
    keyed = [{"key": "fleet.group", "prefix": "", "separator": ""}]
    names = set(hosts_of(attack.inventory({"apono": connection("apono", server.url), "keyed_groups": keyed})))
    assert "apono_all" in names
    done = attack.ansible("adhoc", "all", "-i", "our.fleet.yml", "--list-hosts", "--limit", "apono_all")
    assert [line.strip() for line in done.stdout.splitlines()[1:]] == ["apono_all"]
    assert len(names) == len(NASTY)
    assert max(len(name.encode()) for name in names) <= 200
    for separator in (",", ":"):
        done = attack.ansible(
            "adhoc", "all", "-i", "our.fleet.yml", "--list-hosts", "--limit", separator.join(sorted(names))
        )
        assert done.returncode == 0, done.stderr
        assert {line.strip() for line in done.stdout.splitlines()[1:]} == names
        assert "Could not match" not in done.stderr


@pytest.mark.parametrize("system", ["webex", "hdp"])
def test_an_address_is_never_an_ssh_option(
    attack: Attack, serve: Serve, tmp_path: Path, system: str, messages: MessageTable
) -> None:
    trap = tmp_path / "trap"
    addresses = [
        f"-oProxyCommand=touch {trap}",
        f"-oProxyCommand=touch\t{trap}",
        "--",
        "-v",
        f"user@-oProxyCommand=touch {trap}",
        "a b",
        "evil.example.com -p 1",
        "root@evil.example.com",
        "ssh://evil.example.com",
        "fe80::1%-oProxyCommand=x",
        "[::1]:22",
        "a..b",
        ".",
        "a" * 64,
        ".".join(["abcdefgh"] * 30),
        "exa mple.com\n",
        "example.com\n",
        "{{ 1 }}",
        "١٢٧.0.0.1",
        "0x7f.1",
        "2130706433",
        7,
        ["-oProxyCommand=x"],
        {"-oProxyCommand": "x"},
        True,
    ]
    fine = ["a.example.com", "a", "192.0.2.7", "2001:db8::7", "xn--bcher-kva.example", "1a.example.com", "example.com."]
    make, key = (webex_item, "hostname") if system == "webex" else (hdp_item, "ipAddress")
    server = serve(lists(system, *(make(str(n), **{key: address}) for n, address in enumerate([*fine, *addresses]))))
    listed = hosts_of(attack.inventory({system: connection(system, server.url)}))
    found = {variables["fleet"]["id"]: variables for variables in listed.values()}
    assert [found[str(n)].get("ansible_host") for n in range(len(found))] == [*fine, *[None] * len(addresses)]
    wrong = found[str(len(fine))]
    assert wrong["fleet"]["host"] is None
    assert messages.expected("fleet.invalid_host", host=addresses[0]) in wrong["fleet"]["problems"]

    ssh = tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\nfor word in "$@"; do echo "$word" >> {tmp_path}/words; done\nexit 0\n', "utf-8")
    ssh.chmod(0o755)
    command = ("adhoc", "all", "-i", "our.fleet.yml", "-m", "ansible.builtin.raw", "-a", "true")
    done = attack.ansible(*command, ANSIBLE_SSH_EXECUTABLE=str(ssh))
    assert done.returncode == 0, done.stdout + done.stderr
    words = (tmp_path / "words").read_text("utf-8").splitlines()
    assert "192.0.2.7" in words
    assert not [word for word in words if word.startswith("-") and "Proxy" in word]
    assert not trap.exists()


def test_a_composed_address_is_checked_as_well(attack: Attack, serve: Serve) -> None:
    names = ("-oProxyCommand=x", "a.example.com")
    server = serve(lists("webex", *(webex_item(name, hostname=name) for name in names)))
    compose = {"ansible_host": "connector.hostname", "ansible_ssh_host": "connector.hostname"}
    listed = hosts_of(attack.inventory({"webex": connection("webex", server.url), "compose": compose}))
    found = [(variables.get("ansible_host"), variables.get("ansible_ssh_host")) for variables in listed.values()]
    assert found == [(None, None), ("a.example.com", "a.example.com")]


ODD: tuple[Any, ...] = (
    *("5", "true", "True", "null", "None", "[1, 2]", "{'a': 1}", "", " ", "1e999", "~", "0x1f", "1_000"),
    *(5, 0, True, False, None, 1.5, [], [1], ["a"], {}, {"a": 1}, 10**30, 1e999, -1e999),
    *({"__ansible_vault": "x"}, {"__ansible_unsafe": {"a": 1}}, {"__ansible_unsafe": "x"}, {"__ansible_type": "x"}),
    *([{"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n00"}], {"__ansible_type": "AnsibleTaggedStr", "value": "x"}),
)
FIELDS = ("name", "status", "version", "last_connected", "cloud_provider_type", "is_latest_version", "more")


def odd_items() -> list[dict[str, Any]]:
    """Return connectors in which each field has each unusual value once."""
    return [apono_item(f"{n}-{field}", **{field: value}) for field in FIELDS for n, value in enumerate(ODD)]


@pytest.mark.parametrize("kept", [False, True])
def test_no_odd_value_loses_a_host(attack: Attack, serve: Serve, tmp_path: Path, kept: bool) -> None:
    server = serve(lists("apono", *odd_items()))
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    keyed = [{"key": f"fleet.{field}", "prefix": field} for field in ("name", "status", "version", "group", "outdated")]
    keyed += [{"key": f"connector.{field}", "prefix": field, "parent_group": "{{ fleet.group }}"} for field in FIELDS]
    options = {"apono": connection("apono", server.url), "keyed_groups": keyed, "compose": {"kind": "connector.more"}}
    listed = attack.inventory({**options, **(cache if kept else {})})
    if kept:
        before, server.requests = listed, []
        listed = attack.inventory({**options, **cache})
        assert server.requests == []
        assert listed == before
        assert [stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "cache").iterdir()] == [0o600]
    hosts = hosts_of(listed)
    assert len(hosts) == len(FIELDS) * len(ODD)
    for variables in hosts.values():
        record = variables["fleet"]
        assert all(value is None or isinstance(value, (str, bool, list, dict)) for value in record.values())
    for word in ("Infinity", "__ansible"):
        assert word not in json.dumps(hosts)
