# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the verification of changes by reading the customer, with a scripted server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.messages import MessageTable
from support.scripted import Scripted, Step, http_at, reply

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    Failure,
    InputError,
    OutcomeUnknown,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import verify
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import CUSTOMERS, Voss

NODE, WEST = "6130d69ae04a4a0015a93bc6", "6130d69ae04a4a0015a93c03"
PKID, OTHER = "65e0918d6fd4534903e212d9", "65e032dc6fd4534903dff709"
Item = dict[str, Any]
DOUBT = ConnectorsError("In doubt.", reason="outcome_unknown")
GONE = reply(404, '{"error": "not there"}')


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat reads without delays."""
    monkeypatch.setattr(verify, "LOOKUP_PAUSES", (0.0,) * 2)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as server:
        yield server


def voss_at(server: Scripted, *steps: Step, warn: Any = lambda text: None) -> Voss:
    """Return a client for the server, whose URL is already verified."""
    server.script(*steps)
    voss = Voss(http_at(server.origin, "voss", warn, requests_per_second=0))
    voss.http.proven_collections.add(CUSTOMERS)
    return voss


def item(name: str = "A", pkid: str = PKID, at: str = NODE, **data: Any) -> Item:
    return {"pkid": pkid, "meta": {"references": {"parent": [{"pkid": at}]}}, "data": {"name": name, **data}}


def one(*arguments: Any, **data: Any) -> Step:
    return reply(200, json.dumps(item(*arguments, **data)))


def several(*items: Item) -> Step:
    page = {"resources": list(items), "pagination": {"total": len(items), "limit": 2000}}
    return reply(200, json.dumps(page))


def customer(pkid: str | None = PKID, **data: Any) -> Item:
    return {"pkid": pkid, "hierarchy": NODE, "hierarchy_path": None, "nodes": (), "data": {"name": "A", **data}}


def kinds(server: Scripted) -> list[str]:
    """Return whether each request was for a filtered list, for a complete list or for a customer."""
    found = []
    for requested in server.received:
        kind = "one" if "skip=" not in requested.target else "complete list"
        found.append("list" if "filter_text" in requested.target else kind)
    return found


# Before


@pytest.mark.parametrize(("name", "words"), [("A", "another process has created"), ("a", "the customer 'a' exists")])
def test_a_customer_that_is_there_is_not_created(server: Scripted, name: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as raised:
        verify.refuse_existing(voss_at(server, several(item(name))), customer(None))
    assert raised.value.reason == "conflict"


def test_a_customer_that_is_not_there_is_created(server: Scripted) -> None:
    verify.refuse_existing(voss_at(server, several(item("AB"), item("A", OTHER, WEST))), customer(None))
    assert kinds(server) == ["list"]


# Creations


LOST = OutcomeUnknown("Lost.", Failure("voss", "POST", None, reason="outcome_unknown"))


def test_a_late_creation_is_found(server: Scripted) -> None:
    voss = voss_at(server, several(), several(), several(item(email_domain="x")), one(email_domain="x"))
    assert verify.seen_created(voss, customer(None, email_domain="x"), LOST)["pkid"] == PKID
    assert kinds(server) == ["list", "complete list", "list", "one"]


def test_a_creation_is_found_without_the_filter(server: Scripted) -> None:
    voss = voss_at(server, several(), several(item("B", OTHER), item()), one(), several(item("B", OTHER)))
    assert verify.seen_created(voss, customer(None), LOST)["pkid"] == PKID
    # The module no longer uses the filter, because the filter has omitted a customer.
    verify.refuse_existing(voss, customer(None))
    assert kinds(server) == ["list", "complete list", "one", "complete list"]


def test_a_refused_filter_is_not_followed_by_a_second_list(server: Scripted) -> None:
    voss = voss_at(server, reply(422), reply(400), *[several()] * 3)
    with pytest.raises(OutcomeUnknown):
        verify.seen_created(voss, customer(None), LOST)
    assert kinds(server)[2:] == ["complete list"] * 3


@pytest.mark.parametrize(
    "steps",
    [
        [several()] * 6,
        [several(item("a"))] * 3,
        [several(item(email_domain="y")), one(email_domain="y")],
        [reply(500)],
    ],
    ids=["none", "another name", "other settings", "it cannot be read"],
)
def test_a_foreign_creation_is_unknown(server: Scripted, steps: list[Step]) -> None:
    with pytest.raises(OutcomeUnknown, match=r"^Lost\.$"):
        verify.seen_created(voss_at(server, *steps), customer(None, email_domain="x"), LOST)


@pytest.mark.parametrize("doubt", [None, DOUBT])
@pytest.mark.parametrize(
    ("pkid", "steps", "read"),
    [
        (PKID, [one()], ["one"]),
        (PKID, [GONE, several(item()), one()], ["one", "list", "one"]),
        (None, [several(item()), one()], ["list", "one"]),
        (None, [several(), several(item()), one()], ["list", "complete list", "one"]),
        (None, [several(), several(), several(item()), one()], ["list", "complete list", "list", "one"]),
        (None, [several(item()), GONE], ["list", "one"]),
    ],
)
def test_a_created_customer_is_read(
    server: Scripted, pkid: str | None, steps: list[Step], read: list[str], doubt: ConnectorsError | None
) -> None:
    assert verify.verified_creation(voss_at(server, *steps), customer(pkid), doubt) == customer()
    assert kinds(server) == read


@pytest.mark.parametrize(
    ("pkid", "steps", "reason"),
    [
        (PKID, [one("B")], "invalid_response"),
        (PKID, [one("A", PKID, WEST)], "invalid_response"),
        (None, [several(item("a")), one("a")], "invalid_response"),
        (None, [several()] * 6, "outcome_unknown"),
        (PKID, [GONE, several(), several()] * 3, "outcome_unknown"),
    ],
)
@pytest.mark.parametrize("doubt", [None, DOUBT])
def test_a_different_or_missing_customer_was_not_created(
    server: Scripted, pkid: str | None, steps: list[Step], reason: str, doubt: ConnectorsError | None
) -> None:
    with pytest.raises(ConnectorsError) as raised:
        verify.verified_creation(voss_at(server, *steps), customer(pkid), doubt)
    assert raised.value.reason == ("outcome_unknown" if doubt else reason)
    assert (raised.value is DOUBT) is (doubt is not None)


# Updates


def updated(server: Scripted, *steps: Step, doubt: Any = None) -> Item | None:
    before = customer(email_domain="old", account_email="a@old")
    changes = {"email_domain": "new", "account_email": "a@new"}
    return verify.verified_update(voss_at(server, *steps), before, "A", changes, doubt)


NEW = {"email_domain": "new", "account_email": "a@new"}
OLD = {"email_domain": "old", "account_email": "a@old"}
PAIR = {"customer": f"customer 'A' (pkid {PKID})"}


@pytest.mark.parametrize("doubt", [None, DOUBT])
@pytest.mark.parametrize("steps", [[one(**NEW)], [one(**OLD), one(**NEW)], [GONE, one(**OLD), one(**NEW)]])
def test_an_update_is_read(server: Scripted, steps: list[Step], doubt: ConnectorsError | None) -> None:
    found = updated(server, *steps, doubt=doubt)
    assert found is not None
    assert found["data"] == {"name": "A", **NEW}
    assert len(server.received) == len(steps)


@pytest.mark.parametrize(
    ("last", "kind", "row", "facts"),
    [
        (one(**OLD), verify.NotMade, "voss.update_not_made", {"attributes": "account_email, email_domain", **PAIR}),
        (
            one(**{**NEW, "email_domain": "old"}),
            verify.NotMade,
            "voss.update_not_made",
            {"attributes": "email_domain", **PAIR},
        ),
        (one("B", **NEW), verify.NotMade, "voss.update_not_made", {"attributes": "name", **PAIR}),
        (
            GONE,
            TransactionFailed,
            "voss.change_not_shown",
            {"customer": "customer 'A'", "action": "updated", "node": NODE},
        ),
    ],
)
@pytest.mark.parametrize("doubt", [None, DOUBT])
def test_an_invisible_update_was_not_made(
    server: Scripted,
    last: Step,
    kind: type[ConnectorsError],
    row: str,
    facts: dict[str, str],
    doubt: ConnectorsError | None,
    messages: MessageTable,
) -> None:
    with pytest.raises(ConnectorsError) as raised:
        updated(server, last, last, last, doubt=doubt)
    if doubt:
        assert raised.value is doubt
    else:
        assert type(raised.value) is kind
        messages.check(row, raised.value.message, **facts)
    assert len(server.received) == 3


def test_a_normalized_value_is_a_warning_at_once(server: Scripted, messages: MessageTable) -> None:
    voss = voss_at(server, one(**{**NEW, "email_domain": "NEW"}))
    assert verify.verified_update(voss, customer(**OLD), "A", NEW, None)
    (warning,) = verify.normalization_warnings(voss)
    messages.check("voss.normalized", warning, attribute="email_domain", customers="the customer 'A'")
    assert len(server.received) == 1


def test_a_normalized_value_leaves_a_doubt(server: Scripted) -> None:
    with pytest.raises(ConnectorsError, match=r"^In doubt\.$"):
        updated(server, one(**{**NEW, "email_domain": "NEW"}), doubt=DOUBT)


def test_an_update_of_secrets_cannot_be_verified(server: Scripted) -> None:
    voss = voss_at(server)
    assert verify.verified_update(voss, customer(), "A", {}, None) is None
    with pytest.raises(ConnectorsError, match=r"^In doubt\.$"):
        verify.verified_update(voss, customer(), "A", {}, DOUBT)
    assert server.received == []


# Moves and deletions


SHOWN_NODE = reply(200, json.dumps({"pkid": WEST, "meta": {"path": [WEST]}, "data": {"name": "West"}}))


def test_a_moved_customer_is_found_by_pkid_or_name(server: Scripted) -> None:
    there = item("A", OTHER, WEST)
    by_name = [GONE, several(there), one("A", OTHER, WEST)]
    for steps, pkid in (
        ([one("A", PKID, WEST)], PKID),
        (by_name, OTHER),
        ([one("B", PKID, WEST), *by_name[1:]], OTHER),
        ([one(), several(), SHOWN_NODE, several(), one("A", PKID, WEST)], PKID),
        ([one(), several(), SHOWN_NODE, several(), GONE, *by_name[1:]], OTHER),
        ([one(), several(item("A", PKID, WEST)), one()], PKID),
    ):
        found = verify.verified_move(voss_at(server, *steps), customer(), WEST, None)
        assert (found["pkid"], found["hierarchy"]) == (pkid, WEST)


@pytest.mark.parametrize("doubt", [None, DOUBT])
def test_a_customer_outside_its_target_was_not_moved(server: Scripted, doubt: ConnectorsError | None) -> None:
    steps = [one(), several(), SHOWN_NODE, several(), *[one(), several(), several()] * 2]
    with pytest.raises(ConnectorsError) as raised:
        verify.verified_move(voss_at(server, *steps), customer(), WEST, doubt)
    assert len(server.received) == len(steps)
    assert (raised.value is DOUBT) is (doubt is not None)
    assert raised.value.reason == "outcome_unknown"


@pytest.mark.parametrize("steps", [[GONE], [one(), GONE], [one(), one(), GONE]])
def test_a_deleted_customer_is_not_there(server: Scripted, steps: list[Step]) -> None:
    verify.verified_deletion(voss_at(server, *steps), customer(), DOUBT)
    assert len(server.received) == len(steps)


@pytest.mark.parametrize("doubt", [None, DOUBT])
def test_a_customer_that_is_still_there_was_not_deleted(server: Scripted, doubt: ConnectorsError | None) -> None:
    with pytest.raises(ConnectorsError) as raised:
        verify.verified_deletion(voss_at(server, one(), one(), one()), customer(), doubt)
    assert isinstance(raised.value, verify.NotMade) is (doubt is None)
