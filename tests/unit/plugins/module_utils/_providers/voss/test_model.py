# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes of a Spark customer: equality of values, and the content of an update."""

from __future__ import annotations

import base64
from datetime import datetime, timezone

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._plan import WRITTEN
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import model
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import Redaction
from ansible_collections.hybrid.connectors.plugins.module_utils._timestamps import days_left

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


def test_the_outer_pkid_is_the_customers() -> None:
    item = {
        "pkid": "65e0918d6fd4534903e212d9",
        "meta": {
            "references": {"parent": [{"pkid": "6130d69ae04a4a0015a93bc6"}]},
            "path": ["root", "6130d69ae04a4a0015a93bc6", "65e0918d6fd4534903e212d9"],
        },
        "data": {"pkid": "65e0918d6fd4534903e212da", "name": "AAAGlobal", "hierarchy_path": "sys.hcs.AAAGlobal"},
    }
    assert model.customer_from("65e0918d6fd4534903e212d9", item) == {
        "pkid": "65e0918d6fd4534903e212d9",
        "hierarchy": "6130d69ae04a4a0015a93bc6",
        "hierarchy_path": "sys.hcs.AAAGlobal",
        "nodes": ("root", "6130d69ae04a4a0015a93bc6"),
        "data": {"name": "AAAGlobal"},
    }


@pytest.mark.parametrize(
    ("meta", "node", "nodes"),
    [
        ({}, None, ()),
        ({"path": ["p9"]}, None, ()),
        ({"path": ["n1", "p9"]}, "n1", ("n1",)),
        ({"path": ["root", "n1", "p9"]}, "n1", ("root", "n1")),
        ({"path": ["root", None, "p9"]}, None, ()),
        ({"path": ["root", "", "p9"]}, None, ()),
        ({"path": "n1"}, None, ()),
        ({"path": ["n1", "p9"], "references": {"parent": [{"pkid": "n1"}]}}, "n1", ("n1",)),
        ({"path": ["n1", "p9"], "references": {"parent": [{"pkid": "n2"}]}}, None, ()),
        ({"path": ["n1", "p8"]}, None, ()),
        ({"path": ["n1", "p8"], "references": {"parent": [{"pkid": "n2"}]}}, "n2", ()),
        ({"path": ["n1", "p9"], "references": {"parent": [{"pkid": ""}, {"pkid": "n2"}]}}, "n1", ("n1",)),
        ({"path": ["n1", "p9"], "references": {"parent": [{"pkid": 7}]}}, "n1", ("n1",)),
        ({"path": ["n1", "p9"], "references": {"parent": []}}, "n1", ("n1",)),
        ({"path": ["n1", "p9"], "references": {"parent": [None]}}, "n1", ("n1",)),
    ],
)
def test_the_node_of_a_customer_is_its_parent(meta: object, node: str | None, nodes: tuple[str, ...]) -> None:
    assert model.customer_from("p9", {"meta": meta}) == {
        "pkid": "p9",
        "hierarchy": node,
        "hierarchy_path": None,
        "nodes": nodes,
        "data": {},
    }


@pytest.mark.parametrize(
    "item",
    [
        {"meta": {"references": {"self": [{"pkid": "p9", "href": "/api/relation/SparkCustomer/p9/"}]}}, "data": {}},
        {"meta": {"references": {"self": [{"pkid": None, "href": "/api/relation/SparkCustomer/p9/?hierarchy=x"}]}}},
        {"pkid": "", "meta": {"references": {"self": [{"pkid": "p9"}]}}},
        {"pkid": "p9", "meta": {"references": {"self": [{"pkid": "p9"}]}}},
        {"pkid": "p9"},
    ],
)
def test_a_customer_is_identified_by_pkid_or_address(item: dict[str, object]) -> None:
    assert model.pkid_of(item) == "p9"


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"pkid": ""},
        {"pkid": 7},
        {"pkid": ["p9"]},
        {"pkid": {"p": 9}},
        {"meta": [], "data": None},
        {"meta": {"references": []}},
        {"pkid": "p9", "meta": {"references": {"self": [{"pkid": "p8"}]}}},
        {"pkid": "p9", "meta": {"references": {"self": [{"href": "/api/relation/SparkCustomer/p8/"}]}}},
    ],
)
def test_missing_or_different_pkids_identify_no_customer(item: dict[str, object]) -> None:
    assert model.pkid_of(item) is None


@pytest.mark.parametrize(
    ("href", "pkid"),
    [
        ("/api/relation/SparkCustomer/65e0Az9/", "65e0Az9"),
        ("/api/relation/SparkCustomer/65e0Az9", "65e0Az9"),
        ("https://voss.example/api/relation/SparkCustomer/65e0Az9?hierarchy=n1", "65e0Az9"),
        ("/api/relation/SparkCustomer/65e0Az9/help", "65e0Az9"),
        ("/api/relation/SparkCustomer/65e0-Az9/", None),
        ("/api/relation/SparkCustomer/", None),
        ("/api/relation/Another/65e0Az9/", None),
        (["/api/relation/SparkCustomer/65e0Az9/"], None),
        (None, None),
    ],
)
def test_a_pkid_is_extracted_from_an_address(href: object, pkid: str | None) -> None:
    assert model.pkid_in(href) == pkid


@pytest.mark.parametrize("shown", [7, ["sys"], {"a": "sys"}, "", None])
def test_a_customer_path_is_a_string_or_unknown(shown: object) -> None:
    assert model.customer_from("p9", {"data": {"hierarchy_path": shown}})["hierarchy_path"] is None


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Initech", "initech", True),
        ("Initech", " Initech\n", True),
        ("Initech East", "Initech  East", True),
        ("Initech", "Initech\u00a0", True),
        ("Initech", "Ini\u200btech", True),
        ("Stra\u00dfe", "STRASSE", True),
        ("Caf\u00e9", "Cafe\u0301", True),
        ("Initech", "Initech2", False),
        ("Initech East", "InitechEast", False),
        ("Caf\u00e9", "Cafe", False),
    ],
)
def test_names_that_a_server_may_equate_are_equal(name: str, other: str, same: bool) -> None:
    assert (model.normal(name) == model.normal(other)) is same


@pytest.mark.parametrize("value", [None, False, "", [], {}, "false", "False"])
def test_empty_values_are_blank(value: object) -> None:
    assert model.is_blank(value)


@pytest.mark.parametrize("value", [True, 0, 0.0, " ", "true", "FALSE", "None", [None], {"a": None}])
def test_other_values_are_not_blank(value: object) -> None:
    assert not model.is_blank(value)


ADDRESS = f"ciscospark://us/ORGANIZATION/{UUID}"


@pytest.mark.parametrize(
    ("number", "bare"),
    [
        (UUID, UUID),
        (f" {UUID}\n", UUID),
        (UUID.upper(), UUID),
        (f"{UUID[:18].upper()}{UUID[18:]}", UUID),
        (BASE64, UUID),
        (base64.b64encode(ADDRESS.upper().replace("CISCOSPARK", "ciscospark").encode()).decode(), UUID),
        *(
            (base64.b64encode(f"ciscospark://{region}/ORGANIZATION/{UUID}".encode()).decode().rstrip("="), UUID)
            for region in ("u", "us", "us1", "us-1")
        ),
        (f"!!!!{BASE64}", f"!!!!{BASE64}"),
        (f"{BASE64[:10]}\n{BASE64[10:]}", f"{BASE64[:10]}\n{BASE64[10:]}"),
        (base64.b64encode(f"x{ADDRESS}".encode()).decode(), base64.b64encode(f"x{ADDRESS}".encode()).decode()),
        (base64.b64encode(f"{ADDRESS}0".encode()).decode(), base64.b64encode(f"{ADDRESS}0".encode()).decode()),
        ("SGVsbG8", "SGVsbG8"),
        ("VGhpcnR5LXNpeCBsZXR0ZXJzIG9mIGJhc2U2", "VGhpcnR5LXNpeCBsZXR0ZXJzIG9mIGJhc2U2"),
        ("/////w==", "/////w=="),
        (UUID[:-1] + "G", UUID[:-1] + "G"),
        ("Thirty-six letters of another kind.", "Thirty-six letters of another kind."),
        (123, "123"),
    ],
)
def test_an_organization_number_is_reduced_to_its_uuid(number: object, bare: str) -> None:
    assert model.organization(number) == bare


@pytest.mark.parametrize(
    ("name", "current", "desired", "same"),
    [
        ("email_domain", None, "", True),
        ("dirsync_enabled", None, False, True),
        ("dirsync_enabled", "true", True, True),
        ("dirsync_enabled", None, True, False),
        ("dirsync_enabled", "TRUE", True, True),
        ("dirsync_enabled", "yes", True, False),
        ("dirsync_enabled", True, False, False),
        ("dirsync_enabled", "False", "", True),
        ("account_number", BASE64, UUID, True),
        ("account_number", None, "None", False),
        ("email_domain", BASE64, UUID, False),
        ("email_domain", UUID, UUID.upper(), False),
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
def test_two_values_are_the_same_however_they_are_spelt(
    name: str, current: object, desired: object, same: bool
) -> None:
    assert model.equal(name, current, desired) is same


def test_only_a_returned_secret_is_compared() -> None:
    current = customer(token="", refresh_token="shown-one")
    secrets = {"token": "t", "refresh_token": "shown-one", "https_proxy": "https://p"}
    assert model.changes(current, {}, secrets, rewrite_secrets=False) == ({}, {})
    assert model.changes(current, {}, secrets, rewrite_secrets=True) == ({}, {"token": "t", "https_proxy": "https://p"})
    other = {**secrets, "refresh_token": "another"}
    assert model.changes(current, {}, other, rewrite_secrets=False) == ({}, {"refresh_token": "another"})


@pytest.mark.parametrize("mask", ["", "****", "\u2022\u2022\u2022", "\u25cf\u25cf", None, 7])
def test_a_mask_is_not_a_value(mask: object) -> None:
    assert model.is_shown({"token": mask}, "token") is False


@pytest.mark.parametrize("value", ["a", "*a*", "**** ", "\u2022\u25cfX"])
def test_more_than_a_mask_is_a_value(value: str) -> None:
    assert model.is_shown({"token": value}, "token") is True


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
    body = model.modification(current, {"email_domain": "x.example"}, {}, {}, {})
    assert body == {
        "name": "A",
        "account_email": "a@example.com",
        "shadow": [],
        "access_token_expires": "2026-12-01T00:00:00Z",
        "http_proxy": "http://p:8",
        "email_domain": "x.example",
    }


@pytest.mark.parametrize(
    ("before", "settings", "kept"),
    [
        ("org-1", {"account_number_external": "org-2"}, False),
        ("org-1", {"account_number_external": "org-1"}, True),
        ("org-1", {"email_domain": "x.example"}, True),
        ("org-1", {"account_number_external": "org-2", "account_number": "org-3"}, True),
    ],
)
def test_an_update_omits_the_number_of_the_earlier_organization(
    before: str, settings: dict[str, str], kept: bool
) -> None:
    current = customer(account_number=before, account_number_external=before)
    body = model.modification(current, settings, {}, settings, {})
    assert ("account_number" in body) is kept
    assert body["account_number_external"] == settings.get("account_number_external", before)


@pytest.mark.parametrize(
    ("secrets", "expiries"),
    [
        ({}, {"access_token_expires", "refresh_token_expires"}),
        ({"https_proxy": "p"}, {"access_token_expires", "refresh_token_expires"}),
        ({"token": "t"}, {"refresh_token_expires"}),
        ({"refresh_token": "r"}, {"access_token_expires"}),
        ({"token": "t", "refresh_token": "r"}, set()),
    ],
)
def test_an_update_omits_the_expiry_of_a_replaced_token(secrets: dict[str, str], expiries: set[str]) -> None:
    current = customer(access_token_expires="2024-03-14T00:00:00Z", refresh_token_expires="2024-05-28T00:00:00Z")
    body = model.modification(current, {}, secrets, {}, secrets)
    assert {name for name in body if name.endswith("_expires")} == expiries


def test_an_update_keeps_an_equal_secret() -> None:
    current = customer(token="", refresh_token="mine")
    given = {"token": "hidden", "refresh_token": "mine"}
    assert model.modification(current, {}, {}, {}, given) == {"name": "A", "refresh_token": "mine"}
    given = {"https_proxy": "hidden", "refresh_token": "another"}
    assert model.modification(current, {}, {}, {}, given) == {"name": "A"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"account_number": UUID, "access_token_expires": "2024"}, {"account_number", "access_token_expires"}),
        ({"account_number": None, "access_token_expires": None}, set()),
        ({"email_domain": "x.example"}, set()),
    ],
    ids=["given", "null", "omitted"],
)
def test_an_update_keeps_a_given_value(given: dict[str, str | None], kept: set[str]) -> None:
    current = customer(account_number=BASE64, account_number_external=BASE64, access_token_expires="2024")
    settings, secrets = {"account_number_external": "org-2"}, {"token": "t"}
    body = model.modification(current, settings, secrets, {**given, **settings}, secrets)
    assert body == {"name": "A", **settings, **secrets, **{name: current["data"][name] for name in kept}}


def test_secrets_of_any_attribute_are_not_returned() -> None:
    current = customer(
        token="t",
        refresh_token="r",
        https_proxy="https://u:p@x",
        http_proxy="http://u:p@x",
        token_link="https://l",
        api_password="x",
        client_secret="y",
        access_token_expires="2026-12-02T00:00:00Z",
        refresh_token_expires="2026-11-23T00:00:00Z",
        base_url_setting="kept",
    )
    assert Redaction().data(model.public(current, NOW)) == {
        "name": "A",
        "access_token_expires": "2026-12-02T00:00:00Z",
        "refresh_token_expires": "2026-11-23T00:00:00Z",
        "base_url_setting": "kept",
        "pkid": "p1",
        "hierarchy": "n1",
        "hierarchy_path": "sys.A",
        "access_token_days_left": 10.0,
        "refresh_token_days_left": 1.0,
    }


@pytest.mark.parametrize(
    ("timestamp", "days"),
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
def test_days_left_are_counted_from_iso_timestamps(timestamp: object, days: float | None) -> None:
    assert days_left(timestamp, NOW) == days


def test_a_diff_never_contains_the_value_of_a_secret(messages: MessageTable) -> None:
    current = customer(refresh_token="r", email_domain="a.example")
    same = {"name": "A", "pkid": "p1", "hierarchy_path": "sys.A"}
    messages.check("diff.written_secret", WRITTEN)
    assert model.difference(current, current, ["token"]) == {
        "before": {**same, "token": "(not shown)"},
        "after": {**same, "token": WRITTEN},
    }
    complete = {**same, "hierarchy": "n1", "email_domain": "a.example"}
    assert model.difference(None, current, ["token"]) == {
        "before": {},
        "after": {**complete, "token": WRITTEN},
    }
    assert model.difference(current, None) == {"before": complete, "after": {}}


def test_a_diff_contains_actions_without_attribute_changes() -> None:
    current = customer(email_domain="a.example")
    same = {"name": "A", "pkid": "p1", "hierarchy_path": "sys.A"}
    assert model.difference(current, current, (), ["users_synced"]) == {
        "before": same,
        "after": {**same, "actions": ["users_synced"]},
    }
    assert model.difference(current, current) == {"before": {}, "after": {}}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["A"], "the customer 'A'"),
        (["A", "B"], "2 customers ('A', 'B')"),
        (["A", "B", "C"], "3 customers ('A', 'B' and 1 more)"),
    ],
)
def test_customers_are_counted_and_the_first_are_named(names: list[str], words: str) -> None:
    assert model.counted_names(names, limit=2) == words


def test_applying_changes_leaves_the_customer_unchanged() -> None:
    current = customer(email_domain="a.example")
    assert model.after_changes(current, {"email_domain": "b.example", "account_email": "a@b.example"}) == customer(
        email_domain="b.example", account_email="a@b.example"
    )
    assert current == customer(email_domain="a.example")


def test_only_settings_that_differ_are_changed() -> None:
    current = customer(email_domain="a.example", account_number=BASE64)
    settings = {"email_domain": "b.example", "account_number": UUID, "http_proxy": None, "account_email": "a@b.example"}
    assert model.changes(current, settings, {}, rewrite_secrets=True) == (
        {"email_domain": "b.example", "account_email": "a@b.example"},
        {},
    )


def test_days_left_need_a_valid_timestamp() -> None:
    assert model.public(customer(access_token_expires="2026-12-02T00:00:00Z")) == {
        "name": "A",
        "access_token_expires": "2026-12-02T00:00:00Z",
        "pkid": "p1",
        "hierarchy": "n1",
        "hierarchy_path": "sys.A",
    }
