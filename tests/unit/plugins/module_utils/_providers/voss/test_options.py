# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the customer modules as attributes of the API."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import model
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer import DesiredCustomer, Rules
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.options import (
    ATTRIBUTES,
    desired_customer_from,
    poll_options_from,
    rules_from,
    secrets_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import PollOptions

RULES: dict[str, Any] = {
    "update_secrets": "on_create",
    "sync": None,
    "sync_when": "changed",
    "refresh_access_token": "never",
    "token_min_days": 3.0,
}


def test_omitted_options_are_not_desired() -> None:
    given = {"name": "A", **dict.fromkeys(ATTRIBUTES)}
    assert desired_customer_from(given, "sys.h") == DesiredCustomer("sys.h", "A", None, {}, {})
    assert desired_customer_from({"pkid": "5ca9"}, "sys.h") == DesiredCustomer("sys.h", None, "5ca9", {}, {})


def test_false_and_empty_options_are_desired() -> None:
    given = {
        "name": "A",
        "pkid": "5ca9",
        "target_hierarchy": "sys.t",
        "sync_on_create": False,
        "account_email": "",
        "dirsync_enabled": False,
        "email_domain": "a.example",
        "extra_attributes": {"theme": "dark"},
    }
    settings = {"account_email": "", "dirsync_enabled": False, "email_domain": "a.example", "theme": "dark"}
    assert desired_customer_from(given, "sys.h", "sys") == DesiredCustomer(
        "sys.h", "A", "5ca9", settings, {}, False, "sys.t", "sys"
    )


def test_passwords_are_separate() -> None:
    given = {"name": "A", "token": "t", "refresh_token": "r", "https_proxy": "", "http_proxy": "p"}
    desired = desired_customer_from(given, "sys.h")
    assert desired.secrets == {"token": "t", "refresh_token": "r", "https_proxy": ""}
    assert desired.settings == {"http_proxy": "p"}
    assert desired_customer_from({"name": "A", "token": None, "https_proxy": None}, "sys.h").secrets == {}


@pytest.mark.parametrize("token", ["token", "refresh_token"])
def test_an_empty_token_is_refused(token: str, messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        desired_customer_from({"name": "A", token: ""}, "sys.h")
    assert caught.value.reason == "invalid_option"
    messages.check("voss.empty_token", caught.value.message, token=token, name="A")


def test_every_possible_secret_is_one() -> None:
    given = {"token": "t", "refresh_token": "r", "https_proxy": "s", "http_proxy": "p", "name": "A"}
    assert secrets_of(given) == {"token": "t", "refresh_token": "r", "https_proxy": "s", "http_proxy": "p"}
    assert secrets_of({"token": "", "http_proxy": None}) == {}


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_an_empty_name_is_refused(name: str, messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        desired_customer_from({"name": name}, "sys.h")
    assert caught.value.reason == "invalid_option"
    messages.check("voss.empty_option", caught.value.message, option="name", customer="a customer")


@pytest.mark.parametrize("value", ["", " "])
@pytest.mark.parametrize("option", ["pkid", "hierarchy", "target_hierarchy"])
@pytest.mark.parametrize(("name", "customer"), [(None, "a customer"), ("A", "the customer 'A'")])
def test_an_empty_identifier_is_refused(
    option: str, value: str, name: str | None, customer: str, messages: MessageTable
) -> None:
    with pytest.raises(InputError) as caught:
        desired_customer_from({"name": name, "pkid": "5ca9", option: value}, "sys.h")
    assert caught.value.reason == "invalid_option"
    messages.check("voss.empty_option", caught.value.message, option=option, customer=customer)


@pytest.mark.parametrize("name", sorted({*model.SETTINGS, *model.UNWRITTEN, "request_meta"}))
def test_extra_attributes_exclude_options_and_server_attributes(name: str, messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        desired_customer_from({"name": "A", "extra_attributes": {name: 1, "theme": "dark"}}, "sys.h")
    assert caught.value.reason == "invalid_option"
    messages.check("voss.extra_attributes", caught.value.message, names=name)


def test_all_extra_attributes_that_are_refused_are_named(messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        desired_customer_from({"extra_attributes": {"token": 1, "pkid": 2, "name": 3}}, "sys.h")
    messages.check("voss.extra_attributes", caught.value.message, names="name, pkid, token")


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        ({}, Rules()),
        ({"update_secrets": "always"}, Rules(rewrite_secrets=True)),
        ({"sync": ["users", "places"]}, Rules(sync=("users", "places"))),
        ({"sync_when": "always"}, Rules(sync_always=True)),
        ({"refresh_access_token": "expiring"}, Rules(refresh="expiring")),
        ({"token_min_days": 0.5}, Rules(token_min_days=0.5)),
    ],
)
def test_rules_are_built_from_the_options(given: dict[str, Any], rules: Rules) -> None:
    assert rules_from({**RULES, **given}) == rules


def test_poll_options_are_built_from_the_options() -> None:
    times = {"wait_timeout": 0.0, "poll_interval": 0.1}
    assert poll_options_from(times) == PollOptions(True, 0.0, 0.1)
    assert poll_options_from({**times, "wait": False}) == PollOptions(False, 0.0, 0.1)


@pytest.mark.parametrize(
    ("times", "option"),
    [
        ((-0.1, 1.0), "wait_timeout"),
        ((inf, 1.0), "wait_timeout"),
        ((nan, 1.0), "wait_timeout"),
        ((604800.1, 1.0), "wait_timeout"),
        ((1.0, 0.0), "poll_interval"),
        ((1.0, -0.1), "poll_interval"),
        ((1.0, inf), "poll_interval"),
        ((1.0, nan), "poll_interval"),
    ],
)
def test_times_out_of_range_are_refused(times: tuple[float, float], option: str, messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        poll_options_from(dict(zip(("wait_timeout", "poll_interval"), times, strict=True)))
    assert caught.value.reason == "invalid_option"
    value, low = (times[0], 0) if option == "wait_timeout" else (times[1], 0.001)
    messages.check("option.out_of_range", caught.value.message, option=option, value=f"{value:g}", low=low, high=604800)


@pytest.mark.parametrize("days", [-1, inf, nan, 1000001])
def test_days_out_of_range_are_refused(days: float, messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        rules_from({**RULES, "token_min_days": days})
    assert caught.value.reason == "invalid_option"
    facts = {"option": "token_min_days", "value": f"{days:g}", "low": 0, "high": 1000000}
    messages.check("option.out_of_range", caught.value.message, **facts)
