# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""compose, groups and keyed_groups have the same results as Ansible's own Constructable."""

from __future__ import annotations

import re
import typing as t

import ansible.template
import pytest
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.template import Templar
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.hybrid.connectors.plugins.plugin_utils._caching_templar import CachingTemplar
from ansible_collections.hybrid.connectors.plugins.plugin_utils._construct import construct, prepare
from ansible_collections.hybrid.connectors.plugins.plugin_utils._expressions import (
    FILTERS,
    NOT_VARIABLES,
    TESTS,
    deciding,
)
from ansible_collections.hybrid.connectors.plugins.plugin_utils._template_data import as_data, is_trusted_as_template

trust_as_template = getattr(ansible.template, "trust_as_template", lambda value: value)

Hosts = list[dict[str, t.Any]]
Config = dict[str, t.Any]


class Plugin(BaseInventoryPlugin, Constructable):
    """An inventory plugin with the standard implementation of Constructable."""

    NAME = "test"


def trusted(value: t.Any) -> t.Any:
    """Return a configuration in the format of a file."""
    if isinstance(value, dict):
        return {name: trusted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [trusted(inner) for inner in value]
    return trust_as_template(value) if isinstance(value, str) else value


def plugin_with(config: Config, inventory: t.Any) -> t.Any:
    defaults = {"compose": {}, "groups": {}, "keyed_groups": [], "strict": False}
    plugin: t.Any = Plugin()
    plugin._options = {**defaults, "use_extra_vars": False, "leading_separator": True, **trusted(config)}
    plugin.inventory = inventory
    plugin._vars = trusted({"extra": "of the command line", "moving": "{{ fleet.health }}", "fleet_extra": {"a": 1}})
    plugin.templar = Templar(loader=DataLoader())
    return plugin


def stock(hosts: Hosts, config: Config) -> t.Any:
    """Return the inventory that Ansible creates, or the error of an expression."""
    inventory = InventoryData()
    plugin = plugin_with(config, inventory)
    for number, variables in enumerate(hosts):
        add(inventory, f"host{number}", variables)
        strict = plugin.get_option("strict")
        plugin._set_composite_vars(plugin.get_option("compose"), variables, f"host{number}", strict=strict)
        plugin._add_host_to_composed_groups(plugin.get_option("groups"), variables, f"host{number}", strict=strict)
        plugin._add_host_to_keyed_groups(plugin.get_option("keyed_groups"), variables, f"host{number}", strict=strict)
    return inventory


def ours(hosts: Hosts, config: Config, warn: t.Callable[[str], None] = print) -> t.Any:
    inventory = InventoryData()
    plugin = plugin_with(config, inventory)
    prepare(plugin, ("fleet", "connector"), warn, extra_vars=plugin._vars)
    for number, variables in enumerate(hosts):
        add(inventory, f"host{number}", variables)
        construct(plugin, f"host{number}", variables)
    return inventory


def add(inventory: t.Any, host: str, variables: dict[str, t.Any]) -> None:
    inventory.add_host(host)
    for name, value in variables.items():
        inventory.set_variable(host, name, value)


def outcome(make: t.Callable[[Hosts, Config], t.Any], hosts: Hosts, config: Config) -> t.Any:
    """Return an inventory in a comparable format, or the error."""
    try:
        inventory = make([as_data(host) for host in hosts], config)
        inventory.reconcile_inventory()
    except Exception as error:  # Ansible has no exception type for a group that contains itself.
        return type(error), str(error)
    hosts_of = {name: described(host.vars) for name, host in inventory.hosts.items()}
    groups = {
        name: (
            [host.name for host in group.hosts],
            [child.name for child in group.child_groups],
            described(group.vars),
        )
        for name, group in inventory.groups.items()
    }
    return list(hosts_of), hosts_of, list(groups), groups


def described(value: t.Any) -> t.Any:
    """Return a value with its type, and whether Ansible would evaluate it as a template.

    The plugin marks strings without a template as trusted, so that Ansible exports them unchanged.
    """
    kind = type(value).__name__.replace("_AnsibleTagged", "").lower()
    if isinstance(value, dict):
        return kind, [(described(name), described(inner)) for name, inner in value.items()]
    if isinstance(value, (list, tuple)):
        return kind, [described(inner) for inner in value]
    is_template = isinstance(value, str) and ("{" in value or value.startswith("#jinja2:"))
    return kind, repr(str(value) if isinstance(value, str) else value), is_template and is_trusted_as_template(value)


# -- random configurations -------------------------------------------------------------------------------------------

STRINGS = st.sampled_from(
    [
        *(
            "down",
            "healthy",
            "4.6.1",
            "all",
            "8.11-1.0.5211",
            "a b",
            "Zürich",
            "x.y",
            "",
            " ",
            "0",
            "1",
            "null",
            "None",
        ),
        *("True", "False", "[1, 2]", "{'a': 1}", "['{{ 1 }}']", "line\n", "#jinja2: trim_blocks: false", "\\n", "%"),
        *("{{ 1 + 1 }}", "{{ fleet.name }}", "{% if true %}x{% endif %}", "{# x #}", "{{", "}}", "{{ nothing }}"),
        "{{ lookup('ansible.builtin.env', 'HOME') }}",
    ]
)
SCALARS = STRINGS | st.integers(-2, 3) | st.booleans() | st.none() | st.sampled_from([0.5, -0.0, 1.0])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "items", "title"]), inner, max_size=2)
    ),
    max_leaves=4,
)
FIELDS = ("name", "health", "version", "group", "problems", "count", "items")
RECORD = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=len(FIELDS))
HOSTS = st.lists(
    st.fixed_dictionaries({"fleet": RECORD}, optional={"connector": RECORD, "plain": VALUES}), min_size=1, max_size=5
).map(lambda hosts: [*hosts, *hosts[:2]])  # some hosts have equal values, so that the cache is used

PATHS = st.sampled_from(
    [
        *(f"{root}.{field}" for root in ("fleet", "connector") for field in FIELDS),
        *(
            "fleet",
            "connector",
            "plain",
            "first",
            "second",
            "nothing",
            "fleet.nothing.more",
            "plain.a",
            "extra",
            "moving",
        ),
        *("fleet['name']", "fleet['items']", "connector.problems[0]", "fleet.problems.a", "fleet.get('name')"),
        *("inventory_hostname", "inventory_hostname_short", "group_names", "fleet_extra.a"),
    ]
)
PATTERNS = st.sampled_from(
    [
        *["{0}"] * 8,
        *("{0} | default('d')", "{0} | lower", "{0} | length", "{0} | string", "{0} | int", "{0} | join('-')"),
        *("{0} | upper | replace('O', '0')", "{0} == {1}", "{0} == 'down'", "{0} in ['down', 1]", "not {0}"),
        *("{0} is defined", "{0} is none", "{0} is string", "{0} ~ '-' ~ {1}", "{0} if {1} else 'z'", "{0} and {1}"),
        *("{0} | default({1}, true)", "{{'a': {0}}}", "[{0}, {1}]", "[{0}]", "{0} | type_debug", "{0}.upper()"),
        *("{0}.split('.')", "{0}.split('.')[0]", "{0} | map('upper') | list", "{0} | select('defined') | list"),
        *("{0} | regex_replace('[^a-z]', '')", "{0} | ternary('yes', {1})", "{0} | to_json", "{0} | from_json"),
        *(
            "{0} | dict2items",
            "{0} | list",
            "{0} | first",
            "{0} | sort",
            "{0} | nofilter",
            "{0} is notest",
            "{0} +",
            "",
        ),
        *(
            "'{{{{ {0} }}}}'",
            "'{{{{' ~ '}}}}'",
            "{0} }} {{{{ {1}",
            "{{{{ {0} }}}}",
            "1 > 0",
            "true",
            "5",
            "none",
            "omit",
        ),
        *("lookup('ansible.builtin.env', 'NOTHING_SET') ~ {0}", "range(2) | list", "dict(a={0})", "hostvars | length"),
        *(
            "{0} is match('d')",
            "-{0}",
            "{0}.items",
            "{0}.__class__",
            "vars is defined",
            "{0} | bool",
            "'{0}'",
            "{0} == 1",
        ),
        *("fleet is hybrid.connectors.healthy", "{0} is hybrid.connectors.outdated", "lookup('vars', 'plain')"),
        *("{0} | default([]) | length > 0", "{0} in group_names", "{0} | random(seed=1)", "{0} | combine({1})"),
    ]
)
EXPRESSIONS = st.builds(lambda form, one, two: form.format(one, two), PATTERNS, PATHS, PATHS)
NAMES = st.sampled_from(["a", "b-c", "9", "ü", "down", "parent"])
KEYED = st.fixed_dictionaries(
    {"key": EXPRESSIONS},
    optional={
        "prefix": st.sampled_from(["", "p", "p-q"]),
        "separator": st.sampled_from(["", "_", "-"]),
        "parent_group": st.sampled_from(
            ["parent", "all", "{{ fleet.health }}", "{{ fleet.group | default('none') }}", "x{{ first }}", ""]
        ),
        "default_value": st.sampled_from(["none", "d"]),
        "trailing_separator": st.booleans(),
    },
)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "compose": st.dictionaries(st.sampled_from(["first", "second", "plain", "fleet"]), EXPRESSIONS, max_size=3),
        "groups": st.dictionaries(NAMES, EXPRESSIONS, max_size=2),
        "keyed_groups": st.lists(KEYED, max_size=3),
        "strict": st.booleans(),
        "use_extra_vars": st.booleans(),
        "leading_separator": st.booleans(),
    },
)


def is_of_the_groups(error: t.Any) -> bool:
    """Return whether Ansible failed because of the name of a group, which the plugin tolerates."""
    return any(
        reported in error[1]
        for reported in ("empty/false group name", "recursive dependency", "add group to itself", "bytes-like object")
    )


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(HOSTS, CONFIGS)
def test_the_result_is_that_of_ansibles_own_way(hosts: Hosts, config: Config) -> None:
    expected = outcome(stock, hosts, config)
    if isinstance(expected[0], type) and is_of_the_groups(expected):
        return
    if re.search("object.at.0x", str(expected)):  # contains the address of the method
        return
    assert outcome(ours, hosts, config) == expected


# -- cached results --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "paths"),
    [
        ("{{ fleet.health }}", [("fleet", "health")]),
        ("{{ fleet['health'] == 'down' }}", [("fleet", "health")]),
        ("{{ fleet.version.split('.')[0] }}", [("fleet", "version")]),
        ("{{ connector.get('alarms', []) | length }}", [("connector", "alarms")]),
        ("{{ connector.alarms | map(attribute='title') | list }}", [("connector", "alarms")]),
        ("{{ fleet is hybrid.connectors.healthy }}", [("fleet", "health"), ("fleet", "outdated")]),
        ("{{ fleet }}", [("fleet",)]),
        ("{{ fleet[fleet.system] }}", [("fleet",), ("fleet", "system")]),
        ("{{ a | ansible.builtin.default(b.c) }}", [("a",), ("b", "c")]),
        ("{{ 1 + 1 }}", []),
    ],
)
def test_what_decides_a_result(template: str, paths: list[tuple[str, ...]]) -> None:
    assert deciding(template) == tuple(paths)


@pytest.mark.parametrize(
    "expression",
    [
        *("lookup('env', 'HOME')", "query('env', 'HOME')", "q('env', 'HOME')", "now()", "now", "[1, 2] | random"),
        *("hostvars.a.b", "hostvars['a']", "groups.all", "groups['all']", "group_names", "vars.a", "a | shuffle"),
        *("vars.get('a')", "hostvars.get('a')"),
        *("'secret' | password_hash", "'%Y' | strftime", "a | map('random')", "a | map(b)", "a | select('file')"),
        *("a | map('map', 'random')", "a | hybrid.connectors.fleet('voss')", "a | our.filters.something", "a is file"),
        *(
            "a is our.tests.something",
            "a.pop()",
            "a.update({})",
            "undef('x')",
            "range(3) | random",
            "a.__class__",
            "omit",
        ),
        *("a | vault('x')", "a | fileglob", "a | realpath", "'{{ now() }}'", "a(b)", "a.b(c)", "dict(a=1)", "a |", ""),
        *("a }}{% for x in y %}{% endfor %}{{ 1", "a }}{% set b = 1 %}{{ 1", "a | sum(start=now())", "a is eq(now())"),
        *(
            "a | default(lookup('env', 'HOME'))",
            "a.get(now())",
            "{'a': now()}",
            "[now()]",
            "a[now()]",
            "a if now() else b",
        ),
    ],
)
def test_impure_expressions_are_never_cached(expression: str) -> None:
    assert deciding("{{ " + expression + " }}") is None


def test_what_ansible_offers_to_every_template_is_no_variable() -> None:
    templar: t.Any = Templar(loader=DataLoader())
    environment = templar._engine.environment if hasattr(templar, "_engine") else templar.environment
    assert set(environment.globals) <= NOT_VARIABLES


def test_expressions_considered_pure_exist_in_ansible() -> None:
    templar: t.Any = Templar(loader=DataLoader())
    environment = templar._engine.environment if hasattr(templar, "_engine") else templar.environment
    assert [name for name in FILTERS if name not in environment.filters] == []
    assert [name for name in TESTS if name not in environment.tests] == []


def test_an_expression_is_evaluated_once_for_the_same_values() -> None:
    class Counting:
        available_variables: t.ClassVar[dict[str, t.Any]] = {}
        received: t.ClassVar[list[str]] = []

        def evaluate_expression(self, expression: str) -> str:
            self.received.append(expression)
            return "result"

    counting = Counting()
    expressions = trusted(["fleet.version | upper", "fleet.id"])
    templar = CachingTemplar(counting, {"fleet"})
    for number in range(30):
        templar.available_variables = {"fleet": {"id": str(number), "version": str(number % 3)}}
        assert templar.evaluate_expression(expressions[0]) == "result"
        assert templar.evaluate_expression(expressions[1]) == str(number)
    assert counting.received == ["fleet.version | upper"] * 3


def test_what_is_composed_is_each_hosts_own() -> None:
    inventory = ours([{"fleet": {"a": [1]}}, {"fleet": {"a": [1]}}], {"compose": {"b": "fleet.a"}})
    first, second = (inventory.hosts[f"host{number}"].vars["b"] for number in range(2))
    assert first == second == [1]
    assert first is not second


def test_a_group_that_ansible_refuses_is_a_warning() -> None:
    warnings: list[str] = []
    inventory = ours(
        [{"fleet": {"group": "clusters", "list": [1]}}],
        {
            "groups": {"": "true"},
            "keyed_groups": [
                {"key": "fleet.group", "separator": "", "parent_group": "clusters"},
                {"key": "'all'", "separator": "", "parent_group": "clusters"},
                {"key": "['']", "separator": ""},
                {"key": "fleet.group", "parent_group": "{{ fleet.list }}"},
            ],
        },
        warnings.append,
    )
    inventory.reconcile_inventory()
    assert inventory.groups["clusters"].hosts == [inventory.hosts["host0"]]
    assert "" not in inventory.groups
    assert len(warnings) == 2
