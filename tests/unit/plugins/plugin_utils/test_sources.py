# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the systems of an inventory: host names and cached lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hybrid.connectors.plugins.module_utils import _fleet
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _sources as sources

WORDS = st.sampled_from(["a", "b", "a_b", "a_1", "1", "down", "a_down", "", "{x}", "_x_", "a_2"]) | st.none()


def names(*pairs: tuple[str | None, str | None]) -> list[str]:
    return sources.host_names("apono", [{"name": name, "id": identifier} for name, identifier in pairs])


@pytest.mark.parametrize(
    ("pairs", "desired"),
    [
        ([("a", "1"), ("b", "2")], ["apono_a", "apono_b"]),
        ([("a", "1"), ("a", "2"), ("b", "3")], ["apono_a_1", "apono_a_2", "apono_b"]),
        ([("a", "1"), ("a", "2"), ("a_1", "3")], ["apono_a_1", "apono_a_2", "apono_a_1_3"]),
        ([("a", "1"), ("a", "1")], ["apono_a", "apono_a_2"]),
        ([(None, "1"), ("", "2")], ["apono_1", "apono_2"]),
        ([("healthy", "1")], ["apono_healthy_1"]),
        ([("{{ now() }}\n", "1")], ["apono____now______"]),
        ([("a b", "1"), ("a/b", "2")], ["apono_a_b_1", "apono_a_b_2"]),
        (
            [("a", "1 2"), ("a", "1/2"), ("a", "1/2")],
            ["apono_a_1_2_e0afa086db2b", "apono_a_1_2_f959c295a792", "apono_a_1_2_f959c295a792_2"],
        ),
    ],
)
def test_names_of_hosts(pairs: list[tuple[str | None, str]], desired: list[str]) -> None:
    assert names(*pairs) == desired


@given(st.lists(st.tuples(WORDS, WORDS), max_size=8))
def test_host_names_are_unique_and_differ_from_groups(pairs: list[tuple[str | None, str | None]]) -> None:
    found = names(*pairs)
    groups = {name for health in _fleet.HEALTHS for name in sources.groups_of("apono", health)}
    assert len(set(found)) == len(pairs)
    assert not groups & set(found)


def test_a_cache_entry_needs_its_account_or_no_credentials() -> None:
    entry = sources.cache_entry([{"id": "1"}], {"username": "a"})
    assert sources.cached_items(entry, {"username": "a"}) == [{"id": "1"}]
    assert sources.cached_items(entry, {}) == [{"id": "1"}]
    assert sources.cached_items(entry, {"username": "b"}) is None


@pytest.mark.parametrize(
    "entry", [None, [], {}, {"format": 0, "account": {}, "items": []}, {"format": 1, "items": object()}]
)
def test_a_malformed_cache_entry_is_ignored(entry: object) -> None:
    assert sources.cached_items(entry, {}) is None


def test_the_cache_key_depends_on_file_system_and_scope() -> None:
    keys = [
        sources.cache_key("a", "webex", {}),
        sources.cache_key("b", "webex", {}),
        sources.cache_key("a", "apono", {}),
        sources.cache_key("a", "webex", {"org_id": "1"}),
        sources.cache_key("a", "webex", {"api_url": "https://example.com"}),
    ]
    assert len(set(keys)) == len(keys)
    assert sources.cache_key("a", "webex", {"timeout": 1, "access_token": "x"}) == keys[0]
