# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test inventories with several files, damaged caches, and exported inventories."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.messages import MessageTable

from hostile.attack import Attack, Serve, connection
from hostile.fleet import apono_item, lists, webex_item

pytestmark = pytest.mark.first_case_only

HEALTHY = apono_item("prod", name="prod")
DOWN = apono_item("prod", name="prod", status="DISCONNECTED")
FAIL = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}


def listed(attack: Attack, *arguments: str, **env: str) -> tuple[dict[str, Any], str]:
    """List an inventory, and return the output of ansible-inventory, including standard error."""
    done = attack.ansible("inventory", "--list", *arguments, **FAIL, **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout[done.stdout.index("{\n") :]), " ".join(done.stderr.split())


def two_files(attack: Attack, serve: Serve, *more: dict[str, Any]) -> tuple[str, ...]:
    """Write two files of Apono with connectors of the same name. The first is healthy, and the second is down."""
    arguments: list[str] = []
    for name, item, options in zip(("a.fleet.yml", "b.fleet.yml"), (HEALTHY, DOWN), (*more, {}, {}), strict=False):
        server = serve(lists("apono", item))
        file = attack.write_inventory({"apono": connection("apono", server.url), **options}, name)
        arguments += ["-i", str(file)]
    return tuple(arguments)


def test_namesakes_from_two_files_are_two_hosts(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    found, warnings = listed(attack, *two_files(attack, serve))
    assert found["health_healthy"]["hosts"] == ["apono_prod"]
    assert found["health_down"]["hosts"] == ["apono_prod_b"]
    assert found["_meta"]["hostvars"]["apono_prod_b"]["fleet"]["health"] == "down"
    messages.check_in("inventory.renamed_host", warnings, name="apono_prod", new="apono_prod_b")


def test_a_prefix_separates_the_hosts_of_two_files(attack: Attack, serve: Serve) -> None:
    found, warnings = listed(attack, *two_files(attack, serve, {}, {"host_prefix": "emea_"}))
    assert found["health_healthy"]["hosts"] == ["apono_prod"]
    assert found["health_down"]["hosts"] == ["emea_apono_prod"]
    assert found["apono"]["hosts"] == ["apono_prod", "emea_apono_prod"]
    assert "host_prefix" not in warnings


def test_a_third_file_of_one_name_gets_a_number(attack: Attack, serve: Serve, tmp_path: Path) -> None:
    arguments = two_files(attack, serve)
    (tmp_path / "more").mkdir()
    server = serve(lists("apono", DOWN))
    file = attack.write_inventory({"apono": connection("apono", server.url)}, "more/b.fleet.yml")
    found, _warnings = listed(attack, *arguments, "-i", str(file))
    assert found["apono"]["hosts"] == ["apono_prod", "apono_prod_b", "apono_prod_b_2"]


def test_a_file_that_is_listed_twice_counts_once(attack: Attack, serve: Serve) -> None:
    arguments = two_files(attack, serve, {}, {"host_prefix": "emea_"})
    found, warnings = listed(attack, *arguments, *arguments)
    assert found["apono"]["hosts"] == ["apono_prod", "emea_apono_prod"]
    assert "host_prefix" not in warnings


def test_hosts_of_different_plugins_merge_with_a_warning(
    attack: Attack, serve: Serve, tmp_path: Path, messages: MessageTable
) -> None:
    hosts = {"all": {"hosts": {"apono_prod": {"region": "eu"}, "unrelated": {}}}}
    (tmp_path / "static.yml").write_text(json.dumps(hosts), encoding="utf-8")
    found, warnings = listed(attack, "-i", str(tmp_path / "static.yml"), *two_files(attack, serve)[:2])
    variables = found["_meta"]["hostvars"]["apono_prod"]
    assert (variables["region"], variables["fleet"]["health"]) == ("eu", "healthy")
    (source,) = re.findall(r"from (\S+static\.yml):", warnings)
    messages.check_in("inventory.merged_host", warnings, count=1, source=source, host="apono_prod")


def test_a_host_never_gets_the_name_of_a_group(attack: Attack, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "static.yml").write_text(json.dumps({"apono_prod": {"hosts": {"x": {}}}}), encoding="utf-8")
    found, _warnings = listed(attack, "-i", str(tmp_path / "static.yml"), *two_files(attack, serve)[:2])
    assert found["apono"]["hosts"] == ["apono_prod_a"]


@pytest.mark.parametrize("prefix", ["-x", ".x", "a b", "a/b", "{{ 1 }}x ", "../", "é", "x" * 51, "a\n"])
def test_an_invalid_prefix_is_an_error(attack: Attack, serve: Serve, prefix: str) -> None:
    server = serve(lists("apono", HEALTHY))
    file = attack.write_inventory({"apono": connection("apono", server.url), "host_prefix": prefix})
    done = attack.ansible("inventory", "--list", "-i", str(file), **FAIL)
    assert done.returncode != 0
    assert "'host_prefix'" in done.stderr
    assert server.requests == []


@pytest.mark.parametrize("plugin", ["ansible.builtin.jsonfile"])
@pytest.mark.parametrize(
    "content", [b"", b'{"format": 3, "account"', b"\xff\xfe\x00", b"null", b"[1]", b'{"format": 3}']
)
def test_a_damaged_cache_is_read_anew(
    attack: Attack, serve: Serve, tmp_path: Path, content: bytes, plugin: str, messages: MessageTable
) -> None:
    server = serve(lists("apono", HEALTHY))
    cache = {"cache": True, "cache_plugin": plugin, "cache_connection": str(tmp_path / "cache")}
    file = attack.write_inventory({"apono": connection("apono", server.url), **cache})
    before, _warnings = listed(attack, "-i", str(file))
    entries = list((tmp_path / "cache").iterdir())
    assert len(entries) == 1
    entries[0].write_bytes(content)
    after, warnings = listed(attack, "-i", str(file))
    assert after == before
    assert len(server.requests) == 2
    if content not in (b"null", b"[1]", b'{"format": 3}'):
        (cause,) = re.findall(r"Apono: (.+?)\. The plugin", warnings)
        messages.check_in("inventory.unreadable_cache", warnings, cause=cause)
    server.requests.clear()
    assert listed(attack, "-i", str(file))[0] == before
    assert server.requests == []


TEMPLATES = (
    "{{ 1 }}",
    "{% x %}",
    "{# x #}",
    "a { b",
    "a } b",
    "#jinja2:variable_start_string:'[['\n[[ 1 ]]",
    "lookup('ansible.builtin.pipe', 'touch x')",
    "x if q('pipe', 'touch x') else y",
    "query ('pipe', 'touch x')",
    "'touch x' | community.general.something",
)
STRINGS = (
    "prod",
    "eu-west-1 (primary",
    "a|",
    "1.9_foo_zz",
    "#1 in Zürich",
    "[1, 2]",
    "true",
    "5",
    "a: b",
    "it's (here) now",
)


def test_only_strings_in_which_a_template_starts_are_marked(attack: Attack, serve: Serve) -> None:
    """AWX stores a marked string as a dictionary."""
    names = (*STRINGS, *TEMPLATES)
    items = [webex_item(str(number), type=name, version=name) for number, name in enumerate(names)]
    server = serve(lists("webex", *items))
    compose = {"kind": "connector.type", "both": "connector.type ~ '-' ~ connector.version", "all": "[connector.type]"}
    file = attack.write_inventory({"webex": connection("webex", server.url), "compose": compose})
    found, _warnings = listed(attack, "-i", str(file), "--export")
    hosts = {variables["connector"]["id"]: variables for variables in found["_meta"]["hostvars"].values()}
    for number, name in enumerate(names):
        variables = hosts[str(number)]
        if name in TEMPLATES:
            assert variables["connector"]["type"] == {"__ansible_unsafe": name}
            assert "__ansible_unsafe" in variables["kind"]
        else:
            assert "__ansible_unsafe" not in json.dumps(variables)
            assert variables["connector"]["type"] == name


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_value_of_a_service_is_evaluated(attack: Attack, serve: Serve, tmp_path: Path, name: str) -> None:
    trap = tmp_path / "trap"
    text = name.replace("touch x", f"touch {trap}").replace("community.general.something", "list")
    server = serve(lists("webex", webex_item("1", type=text)))
    attack.write_inventory({"webex": connection("webex", server.url), "compose": {"kind": "connector.type"}})
    tasks = [
        {"ansible.builtin.debug": {"msg": "{{ kind }} {{ connector.type }}"}},
        {"ansible.builtin.debug": {"var": "{{ connector.type }}"}, "ignore_errors": True},
        {"ansible.builtin.debug": {"msg": "x"}, "when": "{{ connector.type }}", "ignore_errors": True},
        {"ansible.builtin.debug": {"msg": "x"}, "when": "{{ kind }}", "ignore_errors": True},
        {"ansible.builtin.assert": {"that": ["{{ kind }}", "{{ connector.type }}"]}, "ignore_errors": True},
    ]
    play = [{"hosts": "webex", "gather_facts": False, "connection": "local", "tasks": tasks}]
    (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    done = attack.ansible("playbook", "-i", "our.fleet.yml", "play.yml")
    assert "msg" in done.stdout, done.stdout + done.stderr
    assert not trap.exists()
