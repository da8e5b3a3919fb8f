# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Spark customer is, when two values are the same, and what a modification carries."""

from __future__ import annotations

import base64
from datetime import datetime, timezone

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils._moments import days_left
from ansible_collections.hybrid.connectors.plugins.module_utils._voss import model

UUID = "566fe183-ae8a-458c-b3c2-ed531e4216c9"
BASE64 = base64.b64encode(f"ciscospark://us/ORGANIZATION/{UUID}".encode()).decode().rstrip("=")
NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)


def customer(**data: object) -> model.Customer:
    return {
        "pkid": "p1",
        "hierarchy": "n1",
        "hierarchy_path": "sys.A",
        "nodes": ("n0", "n1"),
        "data": {"name": "A", **data},
    }


def test_the_pkid_beside_the_data_is_the_customers_and_the_one_inside_is_not() -> None:
    item = {
        "pkid": "65e0918d6fd4534903e212d9",
        "meta": {
            "references": {"parent": [{"pkid": "6130d69ae04a4a0015a93bc6"}]},
            "path": ["root", "6130d69ae04a4a0015a93bc6", "65e0918d6fd4534903e212d9"],
        },
        "data": {"pkid": "65e0918d6fd4534903e212da", "name": "AAAGlobal", "hierarchy_path": "sys.hcs.AAAGlobal"},
    }
    found = model.customer_from(item)
    assert found is not None
    assert found["pkid"] == "65e0918d6fd4534903e212d9"
    assert found["hierarchy"] == "6130d69ae04a4a0015a93bc6"
    assert found["nodes"] == ("root", "6130d69ae04a4a0015a93bc6")
    assert found["data"] == {"name": "AAAGlobal"}


@pytest.mark.parametrize(
    "item",
    [
        {"meta": {"references": {"self": [{"pkid": "p9", "href": "/api/relation/SparkCustomer/p9/"}]}}, "data": {}},
        {"meta": {"references": {"self": [{"pkid": None, "href": "/api/relation/SparkCustomer/p9/?hierarchy=x"}]}}},
        {"pkid": "p9"},
    ],
)
def test_a_customer_is_known_by_its_pkid_or_by_its_own_address(item: dict[str, object]) -> None:
    found = model.customer_from(item)
    assert found is not None
    assert found["pkid"] == "p9"


@pytest.mark.parametrize(
    "item", [{}, {"pkid": ""}, {"pkid": 7}, {"meta": [], "data": None}, {"meta": {"references": []}}]
)
def test_what_has_no_pkid_is_no_customer(item: dict[str, object]) -> None:
    assert model.customer_from(item) is None


@pytest.mark.parametrize(
    ("name", "current", "wanted", "same"),
    [
        ("email_domain", None, "", True),
        ("dirsync_enabled", None, False, True),
        ("dirsync_enabled", "true", True, True),
        ("dirsync_enabled", None, True, False),
        ("dirsync_enabled", True, False, False),
        ("email_domain", "a.example", "b.example", False),
        ("email_domain", "a.example", "", False),
        ("account_number_external", BASE64, UUID, True),
        ("account_number_external", BASE64, UUID.upper(), True),
        ("account_number", BASE64, BASE64 + "=", True),
        ("account_number_external", BASE64, "00000000-0000-0000-0000-000000000000", False),
        ("account_number_external", "free text", "free text", True),
        ("webex_contact_center", {"a": [1]}, {"a": [1]}, True),
        ("webex_contact_center", {"a": [1]}, {"a": [2]}, False),
    ],
)
def test_two_values_are_the_same_however_they_are_spelt(name: str, current: object, wanted: object, same: bool) -> None:
    assert model.equal(name, current, wanted) is same


def test_a_shown_secret_is_compared_and_a_hidden_one_is_written_only_on_demand() -> None:
    current = customer(token="", refresh_token="shown-one")
    secrets = {"token": "t", "refresh_token": "shown-one", "https_proxy": "https://p"}
    assert model.changes(current, {}, secrets, rewrite_secrets=False) == ({}, {})
    assert model.changes(current, {}, secrets, rewrite_secrets=True) == ({}, {"token": "t", "https_proxy": "https://p"})
    other = {**secrets, "refresh_token": "another"}
    assert model.changes(current, {}, other, rewrite_secrets=False) == ({}, {"refresh_token": "another"})


@pytest.mark.parametrize("mask", ["", "****", "\u2022\u2022\u2022", None, 7])
def test_a_mask_shows_nothing(mask: object) -> None:
    assert not model.is_shown({"token": mask}, "token")


def test_a_modification_carries_all_but_secrets_and_places() -> None:
    current = customer(
        account_email="a@example.com",
        shadow=[],
        access_token_expires="2026-12-01T00:00:00Z",
        http_proxy="http://p:8",
        token="",
        refresh_token="servers-own",
        token_link="https://login.example",
        sync=True,
    )
    body = model.modification(current, {"email_domain": "x.example"}, {}, {})
    assert body == {
        "name": "A",
        "account_email": "a@example.com",
        "shadow": [],
        "access_token_expires": "2026-12-01T00:00:00Z",
        "http_proxy": "http://p:8",
        "email_domain": "x.example",
    }


def test_a_modification_keeps_a_given_secret_that_the_server_shows_to_be_the_same() -> None:
    current = customer(token="", refresh_token="mine")
    given = {"token": "hidden", "refresh_token": "mine"}
    assert model.modification(current, {}, {}, given) == {"name": "A", "refresh_token": "mine"}


def test_nothing_secret_is_returned_whatever_a_release_calls_it() -> None:
    current = customer(
        token="t",
        refresh_token="r",
        https_proxy="https://u:p@x",
        http_proxy="http://u:p@x",
        token_link="https://l",
        api_password="x",
        client_secret="y",
        access_token_expires="2026-12-02T00:00:00Z",
        refresh_token_expires="never",
        base_url_setting="kept",
    )
    assert model.public(current, NOW) == {
        "name": "A",
        "access_token_expires": "2026-12-02T00:00:00Z",
        "refresh_token_expires": "never",
        "base_url_setting": "kept",
        "pkid": "p1",
        "hierarchy": "n1",
        "hierarchy_path": "sys.A",
        "access_token_days_left": 10.0,
        "refresh_token_days_left": None,
    }


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        ("2026-11-23T00:00:00Z", 1.0),
        ("2026-11-21T12:00:00.448016Z", -0.5),
        ("2026-11-22T01:00:00+01:00", 0.0),
        ("2026-11-24T00:00:00", 2.0),
        ("2026-11-24T00:00:00.123456789Z", 2.0),
        ("soon", None),
        ("", None),
        (None, None),
        (1700000000, None),
        ("99999-01-01T00:00:00Z", None),
    ],
)
def test_days_left_are_counted_from_any_iso_time_and_null_otherwise(moment: object, days: float | None) -> None:
    assert days_left(moment, NOW) == days


def test_a_diff_shows_secrets_as_written_or_not_and_never_their_values() -> None:
    shown = model.shown_with_secrets(customer(refresh_token="r"), ["token", "https_proxy"], ["token"])
    assert shown is not None
    assert shown["token"] == "(not shown, written by this run)"
    assert shown["https_proxy"] == "(not shown)"
    assert model.shown_with_secrets(None, ["token"]) is None
