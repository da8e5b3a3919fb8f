# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data from a service is safe at each destination."""

from __future__ import annotations

import base64
import ipaddress
import json
import sys
import unicodedata
from typing import Any

import ansible.template
import pytest
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager, split_host_pattern
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.hybrid.connectors.plugins.module_utils import _untrusted as untrusted
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import one_line
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _sanitize
from ansible_collections.hybrid.connectors.plugins.plugin_utils._sources import host_names

trust_as_template = getattr(ansible.template, "trust_as_template", lambda value: value)

EVERY_CHARACTER = [chr(code) for code in range(sys.maxunicode + 1)]
MARKERS = st.sampled_from(
    [
        *("{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "#"),
        *("%", "#jinja2:", "jinja2:", "\n", "\\n", "'", '"', "[", "]"),
        *("[[", "]]", "<<", ">>", "@", "@ ", "-", "+", ":", ","),
        *(" ", "`", "$", "\\", "|", "(", ")", "~", "!unsafe ", "U+"),
        *("variable_start_string:'[['", "variable_end_string:']]'"),
        *("block_start_string:'<<'", "line_statement_prefix:'@'"),
        *("variable_start_string:((", "trim_blocks:True", "7*7"),
        *("lookup('ansible.builtin.env', 'HOME')", "x", "True"),
        *("\uff5b\uff5b", "\ufe5b", "\u2774", "\u202e", "\ud800", "\x00", "\x85", "\u2028", "é", "東", "\u2019"),
    ]
)
HOSTILE = st.lists(MARKERS | st.text(max_size=3), max_size=12).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | HOSTILE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            HOSTILE | st.sampled_from(["__ansible_vault", "__ansible_unsafe", "__ansible_type"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def rendered(text: str) -> Any:
    """Return the result of a string that Ansible evaluates as a trusted template."""
    templar: Any = Templar(loader=DataLoader())
    return templar.template(trust_as_template(text))


def rendered_or_refused(text: str) -> Any:
    """Return the result of evaluating a string, or the string if Ansible rejects it as a malformed Jinja header."""
    try:
        return rendered(text)
    except AnsibleError:
        return text


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


# -- events ----------------------------------------------------------------------------------------------------------


@given(HOSTILE, HOSTILE)
@example("#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ 7 * 7 ]]", "{{ 7 * 7 }}")
@example("{ 7 * 7 }", "% set x = 7 %")
def test_no_string_of_an_event_is_special_to_ansible(first: str, second: str) -> None:
    a, b = _sanitize.event_text(first), _sanitize.event_text(second)
    for text in (a, a + b, "{" + a + "}", "{" + a, a + "}", "{" + a + b + "}", "{" + a + "}{" + b + "}", f"[{a}]"):
        assert rendered(text) == text
    # A number sign that a playbook puts before a name results in a Jinja header.
    assert rendered_or_refused("#" + a) == "#" + a


@given(JSON)
def test_every_string_of_an_event_passes_the_allow_list(value: Any) -> None:
    data = _sanitize.event_data(value)
    json.dumps(data, allow_nan=False)
    for text in strings(data):
        assert _sanitize.event_text(text) == text, "Inert strings stay unchanged."
        assert len(text) <= _sanitize.MAX_EVENT_TEXT
        assert text.isprintable()
        assert not set(text) & set("{}[]#%'\"\\`$<>|^")


def test_no_normalization_of_an_allowed_character_is_forbidden() -> None:
    """Unicode normalization, for example in a database, does not create braces."""
    for character in EVERY_CHARACTER:
        if _sanitize.event_text(character) == character:
            for form in ("NFC", "NFD", "NFKC", "NFKD"):
                normal = unicodedata.normalize(form, character)
                assert not set(normal) & set("{}[]#%'\"\\`$<>|^\n"), f"U+{ord(character):04X}"


def test_a_forbidden_character_is_replaced_by_its_number() -> None:
    assert (
        _sanitize.event_text('{{ a }}\n#b\'s "c"')
        == "(U+007B)(U+007B) a (U+007D)(U+007D)(U+000A)(U+0023)b\u2019s \u201dc\u201d"
    )
    assert (
        _sanitize.event_text("Zürich, 東京: https://example.com/a?b=1&c") == "Zürich, 東京: https://example.com/a?b=1&c"
    )
    assert len(_sanitize.event_text("{" * 100_000)) == _sanitize.MAX_EVENT_TEXT


# -- names of hosts and groups ---------------------------------------------------------------------------------------

NAMES = (
    HOSTILE | st.text() | st.sampled_from(["../x", "..", ".", "-x", "a/b", "x.yml", "a:b", "a,b", "x" * 300, "é" * 300])
)


def assert_is_safe(name: str) -> None:
    assert not set(name) & set("/\\ ,:[]!&~*?@;|<>'\"`$(){}%#=+^\n\r\t\x00")
    assert not name.startswith((".", "-"))
    assert not name.lower().endswith((".yml", ".yaml", ".json"))
    assert len(name.encode("utf-8")) <= 200
    assert unicodedata.normalize("NFKC", name) == name


@given(NAMES)
def test_names_are_no_paths_patterns_or_options(text: str) -> None:
    group, host = _sanitize.inventory_name(text), _sanitize.inventory_name("apono", text)
    for name in (group, host):
        assert_is_safe(name)
        assert _sanitize.inventory_name(name) == name
    assert split_host_pattern(host) == [host]


@given(st.lists(st.tuples(NAMES | st.none(), NAMES | st.none()), max_size=10))
def test_every_host_has_a_unique_matching_name(pairs: list[tuple[str | None, str | None]]) -> None:
    names = host_names("apono", [{"name": name, "id": identifier} for name, identifier in pairs])
    assert len(set(names)) == len(names)
    inventory: Any = InventoryManager(loader=DataLoader(), sources=[])
    for name in names:
        assert_is_safe(name)
        inventory._inventory.add_host(name)
    inventory._inventory.reconcile_inventory()
    for name in names:
        inventory.subset(name)
        assert [host.name for host in inventory.list_hosts("all")] == [name]
    if names:
        inventory.subset(",".join(names))
        assert len(inventory.list_hosts("all")) == len(names)


def test_names_in_other_scripts_stay_readable() -> None:
    assert _sanitize.inventory_name("voss", "Zürich Москва 東京 मुंबई") == "voss_Zürich_Москва_東京_मुंबई"
    assert _sanitize.inventory_name("voss", "\uff50\uff52\uff4f\uff44\uff0f\uff11") == "voss_prod_1"
    assert _sanitize.inventory_name("voss", "a\u3164\u200bb\ufe0f") == "voss_a__b_"
    long = [_sanitize.inventory_name("voss", "x" * 300 + end) for end in ("a", "b")]
    assert long[0] != long[1]


# -- addresses -------------------------------------------------------------------------------------------------------

ADDRESSES = (
    "a",
    "a.example.com",
    "A-1.example.com.",
    "192.0.2.7",
    "::1",
    "2001:db8::7",
    "0123:db8::07",
    "::ffff:10.0.0.7",
    "1a",
    "a.b1",
    ".".join(["a"] * 127),
)
NO_ADDRESSES: tuple[object, ...] = (
    *("", " ", ".", "..", "-", "-a", "a-", "a..b", ".a"),
    *("a_b", "a b", "a\n", "a\x00", "a@b", "a:22", "[::1]", "a/b", "ä"),
    *("-oProxyCommand=x", "--", "fe80::1%eth0", "::1%-o", "1.2.3"),
    *("1.2.3.256", "010.0.0.1", "0x7f.1", "a.1", "a.0x", "2130706433"),
    *("a" * 64, ".".join(["a"] * 128), "{{ a }}", "xn--" + "a" * 60, "\u0661.2.3.4", "a。b", None),
    *(7, 1.5, True, [], ["a"], {}, b"a"),
)


@pytest.mark.parametrize("value", ADDRESSES)
def test_host_names_and_addresses_are_taken(value: str) -> None:
    assert untrusted.address(value) == value


@pytest.mark.parametrize("value", NO_ADDRESSES)
def test_other_strings_are_not_addresses(value: object) -> None:
    assert untrusted.address(value) is None


@given(st.from_regex(r"[a-zA-Z0-9.:%_ @-]{1,20}", fullmatch=True) | HOSTILE)
def test_an_address_is_one(text: str) -> None:
    found = untrusted.address(text)
    assert found in (None, text)
    if found is not None:
        assert set(found) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-")
        assert not found.startswith("-")


@given(st.ip_addresses())
def test_every_ip_address_is_one(value: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert untrusted.address(str(value)) == str(value)


# -- values ----------------------------------------------------------------------------------------------------------


@given(JSON)
def test_a_record_field_is_a_string_or_null(value: Any) -> None:
    for found in (untrusted.record_text(value), untrusted.record_id(value)):
        assert found is None or type(found) is str
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    assert len(untrusted.record_text(value) or "") <= untrusted.MAX_FIELD
    if isinstance(value, (list, dict)):
        assert untrusted.record_text(value) is untrusted.record_id(value) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, None), (True, "true"), (5, "5")),
        *((1.5, "1.5"), (float("inf"), None), (float("nan"), None), (10**400, None)),
        *(("", ""), ("a\x1b[31m\u202e", "a[U+001B][31m[U+202E]")),
        *(("\ud800", "\ufffd"), ([1], None), ("x" * 5000, "x" * 999 + "\u2026")),
    ],
)
def test_fields_of_records(value: object, text: str | None) -> None:
    assert untrusted.record_text(value) == text


@given(JSON)
def test_data_means_the_same_to_every_decoder(value: Any) -> None:
    plain = untrusted.plain_data(value)
    written = json.dumps(plain, allow_nan=False, ensure_ascii=False).encode("utf-8")
    for decoder in decoders():
        assert json.loads(written, cls=decoder) == plain
    assert untrusted.plain_data(plain) == plain


def decoders() -> list[Any]:
    """Return the decoders of Ansible that convert dictionaries with certain keys to objects."""
    found: list[Any] = [json.JSONDecoder]
    try:
        from ansible.parsing.ajson import AnsibleJSONDecoder
    except ImportError:
        return found
    return [*found, AnsibleJSONDecoder]


def test_keys_that_ansible_interprets_are_renamed() -> None:
    assert untrusted.plain_data({"__ansible_vault": "x", "a": [{"____ansible_type": 1}]}) == {
        "ansible_vault": "x",
        "a": [{"ansible_type": 1}],
    }
    assert untrusted.plain_data({"__a": 1, "a": 2}) == {"a": 2}
    assert untrusted.plain_data({"_a": 1, "__": 2}) == {"_a": 1, "": 2}


@given(HOSTILE | st.none())
def test_labels_of_metrics_and_lines_have_no_control_characters(value: str | None) -> None:
    for text in (_sanitize.metric_label(value), one_line(value)):
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
    assert len(_sanitize.metric_label(value)) <= _sanitize.MAX_LABEL


def test_long_labels_stay_different() -> None:
    first, second = (_sanitize.metric_label("x" * 1000 + end) for end in "ab")
    assert first != second
    assert len(first) == len(second) == _sanitize.MAX_LABEL


def test_an_event_has_the_exact_id_of_its_connector() -> None:
    from ansible_collections.hybrid.connectors.plugins.plugin_utils import _health_events as events

    identifier = "{{ a }}/\n東"
    record = {"id": identifier, "name": identifier, "health": "down"}
    [step] = events.steps("apono", events.System(), [record], "2026-11-22T12:00:00Z")
    assert step.event
    content = step.event["connector_health"]
    assert content["id"] == _sanitize.event_text(identifier)
    assert base64.b64decode(content["id_base64"]).decode() == identifier
