# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of Hybrid Data Pipeline, before any request."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.hdp.client import FILTERS, checked_filters


def test_the_documented_properties_can_be_filtered_by() -> None:
    assert len(FILTERS) == 14
    assert checked_filters(dict.fromkeys(FILTERS, "true")) == dict.fromkeys(FILTERS, "true")
    assert checked_filters(dict.fromkeys(FILTERS.values(), "true")) == dict.fromkeys(FILTERS, "true")


@pytest.mark.parametrize("spelling", ["tenant_name", "tenantName", "TENANTNAME", "Tenant_Name", "tenantname"])
def test_a_property_is_accepted_in_every_spelling(spelling: str) -> None:
    assert checked_filters({spelling: "OrgB"}) == {"tenant_name": "OrgB"}


def test_an_unknown_property_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(InputError) as caught:
        checked_filters({"status": "up"})
    assert "'status'" in caught.value.message
    assert all(name in caught.value.message for name in FILTERS)


def test_a_property_in_two_spellings_is_refused(messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        checked_filters({"ip_address": "192.0.2.1", "ipAddress": "192.0.2.2"})
    messages.check("hdp.repeated_filter", caught.value.message, name="ip_address")


@pytest.mark.parametrize(("value", "sent"), [("4.6.1.758", "4.6.1.758"), (5, "5"), (4.6, "4.6"), (" a b ", " a b ")])
def test_a_value_is_sent_as_a_string(value: Any, sent: str) -> None:
    assert checked_filters({"version": value}) == {"version": sent}


@pytest.mark.parametrize(("value", "sent"), [(True, "true"), (False, "false"), ("True", "true"), ("FALSE", "false")])
def test_is_group_is_sent_in_lower_case(value: Any, sent: str) -> None:
    assert checked_filters({"isGroup": value}) == {"is_group": sent}


@pytest.mark.parametrize(
    ("name", "value"), [("is_group", "maybe"), ("label", None), ("label", ""), ("label", ["a"]), ("label", {"a": 1})]
)
def test_a_value_that_no_connector_can_have_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"'{name}'"):
        checked_filters({name: value})
