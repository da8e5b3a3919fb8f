# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test changes of VOSS Automate and their transactions with a scripted server."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest
from support.messages import MessageTable
from support.scripted import CUT, RESET, SILENCE, Scripted, Step, reply

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    Failure,
    InvalidResponse,
    OutcomeUnknown,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import transactions
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import Accepted, Change

ID = "cfe8a8fd-98e6-4290-b0c3-2dfa2224b808"
OTHER = "0b1c2d3e-98e6-4290-b0c3-2dfa2224b808"
MADE = "65e0918d6fd4534903e212d9"
PATH = "/api/relation/SparkCustomer/"
QUERY = (("hierarchy", "sys.hcs"), ("x", "1"))
TRANSACTIONS = "/v1/api/tool/Transaction/"
SENT = f"{PATH}?hierarchy=sys.hcs&x=1&format=json&nowait=true"
LOST_POST = f"The response of VOSS Automate to POST {{}}/v1{SENT} was lost: "


def json_reply(content: Any, status: int = 200) -> Step:
    return reply(status, json.dumps(content))


def listed(*items: Any) -> Step:
    return json_reply({"resources": list(items)})


def looked_for(text: str, limit: int = 50) -> str:
    """Return the request that searches for a transaction by its external ID."""
    filtered = f"filter_field=external.id&filter_condition=contains&filter_text={text}"
    return f"GET {TRANSACTIONS}?hierarchy=sys.hcs&{filtered}&limit={limit}&format=json"


def carries(external_id: str, pkid: str = ID, **data: Any) -> dict[str, Any]:
    return {"pkid": pkid, "data": {"external": {"id": external_id}, **data}}


def submit(
    server: Scripted,
    method: str = "POST",
    body: Any = None,
    warn: Any = None,
    pkids: tuple[str, ...] = (),
    repeatable: bool = True,
    **options: Any,
) -> Accepted:
    http = server.http("voss", warn or (lambda text: None), requests_per_second=0, **options)
    given = {"a": 1} if body is None else body
    return transactions.submitted(http, Change(method, PATH, QUERY, given, "our-id", pkids, repeatable))


# Status of a transaction


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Success", "succeeded"),
        (" completed ", "succeeded"),
        ("FAIL", "failed"),
        ("Failed", "failed"),
        ("cancelled", "failed"),
        ("Canceled", "failed"),
        ("Processing", "running"),
        ("Succeeded perhaps", "running"),
        ("", "running"),
        (None, "running"),
    ],
)
def test_an_undocumented_status_means_running(word: object, state: str) -> None:
    assert transactions.state_of(word) == state


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"status": "Success"}, {}),
        ({"status": "Success", "message": "Done.", "detail": "More."}, {"message": "Done."}),
        ({"status": "Success", "message": "", "detail": "More."}, {"message": "More."}),
        ({"status": "Success", "message": 7, "detail": "More."}, {"message": "More."}),
        ({"status": "Fail", "message": "pass-canary"}, {"status": "Fail", "state": "failed", "message": "********"}),
        ({"status": "Success", "message": "x" * 2001}, {"message": "x" * 2000}),
        ({"status": "Success", "resource": {"after_transaction": f"https://x{PATH}{MADE}/"}}, {"pkid": MADE}),
        ({"status": "Queued"}, {"status": "Queued", "state": "running"}),
    ],
)
def test_a_transaction_is_read(data: dict[str, Any], found: dict[str, Any]) -> None:
    with Scripted(json_reply({"data": data})) as server:
        seen = transactions.transaction(server.http("voss"), ID)
    usual = {"id": ID, "status": "Success", "state": "succeeded", "message": None, "pkid": None, "whole": True}
    assert seen == {**usual, **found}
    assert server.targets() == [f"GET {TRANSACTIONS}{ID}/?format=json"]


@pytest.mark.parametrize("content", ["Yes", " yes", True, 1, "partly", {"a": 1}, ["No"]], ids=repr)
def test_a_rolled_back_success_is_a_failure(content: Any, messages: MessageTable) -> None:
    data = {"status": "Success", "rolled_back": content, "message": "Why."}
    with Scripted(json_reply({"data": data})) as server:
        seen = transactions.transaction(server.http("voss"), ID)
    assert seen is not None
    assert seen["state"] == "failed"
    messages.check("voss.rolled_back", seen["message"], cause="Why.")


@pytest.mark.parametrize("content", ["No", "no ", "", "false", "0", "None", False, 0, None, [], {}], ids=repr)
def test_a_success_that_was_not_rolled_back_is_one(content: Any) -> None:
    with Scripted(json_reply({"data": {"status": "Success", "rolled_back": content}})) as server:
        seen = transactions.transaction(server.http("voss"), ID)
    assert seen is not None
    assert seen["state"] == "succeeded"


def own(identifier: str) -> list[Any]:
    """Return a transaction with its ID in some of the possible fields."""
    address = f"{TRANSACTIONS}{identifier}"
    return [
        {"pkid": identifier},
        {"href": f"{address}/"},
        {"meta": {"references": {"self": [{"pkid": identifier}]}}},
        {"meta": {"references": {"self": [{"href": f"{address}/?x"}]}}},
        {"meta": {"actions": {"replay": {"href": f"{address}/replay?format=json"}}}},
        {"meta": {"actions": [{"replay": {"href": f"{address}/replay?format=json"}}]}},
    ]


@pytest.mark.parametrize("shown", own(ID) + own(ID.upper()), ids=str)
def test_a_transaction_with_its_own_id_is_accepted(shown: Any) -> None:
    with Scripted(json_reply({"data": {"status": "Success", "external": {"id": "e"}}, **shown})) as server:
        assert transactions.transaction(server.http("voss"), ID, "e")


@pytest.mark.parametrize(
    "shown",
    [*own(OTHER), *own(f"{ID}x"), {"data": {"external": {"id": "another"}}}, {"pkid": [ID]}],
    ids=str,
)
def test_a_different_transaction_is_not_accepted(shown: Any) -> None:
    data = {"status": "Success", **shown.get("data", {})}
    with Scripted(json_reply({**shown, "data": data})) as server, pytest.raises(InvalidResponse) as caught:
        transactions.transaction(server.http("voss"), ID, "e")
    assert caught.value.reason == "invalid_response"


def test_a_listed_transaction_is_incomplete() -> None:
    with Scripted() as server:
        seen = transactions.summary(server.http("voss"), {"pkid": ID, "data": {"status": "Success"}})
    assert seen == {
        "id": ID, "status": "Success", "state": "succeeded", "message": None, "pkid": None, "whole": False,
    }  # fmt: skip
    assert transactions.as_result(seen) == {
        "id": ID, "status": "Success", "state": "succeeded", "message": None, "pkid": None,
    }  # fmt: skip


def test_an_identifier_of_a_transaction_stays_in_its_place() -> None:
    with Scripted(reply(404, "{}")) as server:
        assert transactions.transaction(server.http("voss"), "../x y") is None
    assert server.targets() == [f"GET {TRANSACTIONS}..%2Fx%20y/?format=json"]


@pytest.mark.parametrize("content", [{}, {"data": []}, {"data": {"status": 7}}, {"status": "Success"}])
def test_malformed_json_is_not_a_transaction(content: Any, messages: MessageTable) -> None:
    with Scripted(json_reply(content)) as server, pytest.raises(InvalidResponse) as caught:
        transactions.transaction(server.http("voss"), ID)
    assert caught.value.reason == "invalid_response"
    messages.check_unusable("voss.not_a_transaction", caught.value, "response.malformed")


@pytest.mark.parametrize(
    ("status", "more"),
    [(202, {}), (206, {}), (200, {"error": "Backend down."}), (200, {"errors": ["No."]}), (200, {"success": False})],
    ids=str,
)
def test_an_incomplete_response_is_not_a_transaction(status: int, more: dict[str, Any]) -> None:
    content = {"pkid": ID, "data": {"status": "Success"}, **more}
    with Scripted(json_reply(content, status)) as server, pytest.raises(InvalidResponse) as caught:
        transactions.transaction(server.http("voss"), ID)
    assert caught.value.reason == "invalid_response"


def test_a_failed_transaction_has_its_message() -> None:
    with Scripted() as server:
        failure = transactions.failure_of(server.http("voss"), {"id": ID, "status": "Fail", "message": "No."})
    url = f"{server.origin}{TRANSACTIONS}{ID}/"
    assert failure == Failure("voss", "GET", url, 200, "Fail", "No.", reason="transaction_failed")


# Sending


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_change_is_sent_once_asynchronously_with_its_id(method: str) -> None:
    with Scripted(json_reply({"transaction_id": ID})) as server:
        assert submit(server, method) == Accepted(ID)
    (requested,) = server.received
    assert f"{requested.method} {requested.target}" == f"{method} /v1{SENT}"
    assert json.loads(requested.body) == {"a": 1, "request_meta": {"external_id": "our-id"}}


@pytest.mark.parametrize(
    ("content", "accepted"),
    [
        ({"transaction_id": ID, "href": f"{TRANSACTIONS}{OTHER}/"}, Accepted(ID)),
        ({"transaction_id": "", "href": f"https://x{TRANSACTIONS}{ID}/?format=json"}, Accepted(ID)),
        ({"href": f"{TRANSACTIONS}{ID}?format=json"}, Accepted(ID)),
        ({"href": f"{TRANSACTIONS}{ID}/{TRANSACTIONS}{OTHER}/"}, Accepted(ID)),
        ({"success": True, "pkid": MADE}, Accepted(None, MADE)),
        ({"success": True, "pkid": 7}, Accepted(None)),
        ({"success": True, "href": "/api/other/7/", "pkid": MADE}, Accepted(None, MADE)),
    ],
)
def test_responses_to_changes_are_interpreted(content: Any, accepted: Accepted) -> None:
    with Scripted(json_reply(content)) as server:
        assert submit(server) == accepted
    assert len(server.received) == 1


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look up lost changes without delays."""
    monkeypatch.setattr(transactions, "LOOKUP_PAUSES", (0.0,) * 4)
    monkeypatch.setattr(transactions, "LATE_LOOKUP_PAUSES", (0.0,) * 5)


PROVES_NOTHING: list[Any] = [
    {},
    {"success": None},
    {"pkid": MADE},
    {"href": "/api/other/7/", "pkid": MADE},
    {"href": 7, "pkid": 7},
    {"transaction_id": 7},
    {"transaction_id": "", "success": True},
    {"transaction_id": ["x"], "success": True},
    {"transaction_id": "x" * 129},
    {"transaction_id": ".."},
    {"transaction_id": "a/b"},
    {"href": f"{TRANSACTIONS}..%2Fa/", "success": True},
]


@pytest.mark.parametrize("content", PROVES_NOTHING, ids=str)
def test_an_unproven_change_is_looked_up(content: Any) -> None:
    with Scripted(json_reply(content), listed(carries("our-id"))) as server:
        assert submit(server) == Accepted(ID)
    assert server.targets() == [f"POST /v1{SENT}", looked_for("our-id")]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("content", PROVES_NOTHING, ids=str)
def test_an_unproven_change_without_a_trace_is_in_doubt(content: Any) -> None:
    with Scripted(json_reply(content), *[listed()] * 4) as server:
        accepted = submit(server)
    assert (accepted.transaction, accepted.gone) == (None, False)
    assert accepted.doubt is not None
    assert accepted.doubt.reason == "outcome_unknown"
    assert accepted.doubt.result["failure"]["reason"] == "outcome_unknown"
    assert len(server.received) == 5


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("content", "is_proof"), [({"pkid": MADE}, True), ({"pkid": "other", "success": True}, False)])
def test_only_a_response_naming_the_customer_is_a_proof(content: Any, is_proof: bool) -> None:
    with Scripted(json_reply(content), *[listed()] * 4) as server:
        assert (submit(server, "PUT", pkids=(MADE,)).doubt is None) is is_proof


@pytest.mark.parametrize(
    "content",
    [
        {"success": False, "transaction_id": ID, "message": "Invalid value."},
        {"status": "error", "transaction_id": ID, "message": "Invalid value."},
        {"error": "Invalid value."},
        {"errors": [{"message": "Invalid value."}]},
    ],
)
def test_a_refusal_with_a_success_status_is_a_failure(content: Any, messages: MessageTable) -> None:
    with Scripted(json_reply(content)) as server, pytest.raises(InvalidResponse) as caught:
        submit(server)
    assert caught.value.reason == "refused"
    messages.check_unusable("voss.error_in_success", caught.value, "response.refused")


def test_a_missing_object_need_not_be_deleted() -> None:
    with Scripted(reply(404, '{"error": "No such customer."}')) as server:
        assert submit(server, "DELETE") == Accepted(None, gone=True)
    with Scripted(reply(404)) as server, pytest.raises(RequestFailed, match="returned 404"):
        submit(server, "PUT")


@pytest.mark.parametrize("content", ["No such customer.", "", "<html>", "[]"])
def test_a_foreign_404_does_not_prove_a_deletion(content: str) -> None:
    with Scripted(reply(404, content)) as server, pytest.raises(InvalidResponse) as caught:
        submit(server, "DELETE")
    assert caught.value.reason == "wrong_address"


@pytest.mark.parametrize("status", [400, 411, 413, 415])
@pytest.mark.parametrize(("again", "accepted"), [(reply(404, "{}"), Accepted(None, gone=True)), (
    json_reply({"transaction_id": ID}), Accepted(ID))])  # fmt: skip
def test_a_refused_deletion_body_is_omitted(status: int, again: Step, accepted: Accepted) -> None:
    with Scripted(reply(status, "No body."), again) as server:
        assert submit(server, "DELETE", {}) == accepted
    assert server.targets() == [f"DELETE /v1{SENT}"] * 2
    assert [bool(requested.body) for requested in server.received] == [True, False]


@pytest.mark.parametrize(
    ("method", "status", "body"), [("DELETE", 400, {"hrefs": [PATH]}), ("DELETE", 403, {}), ("POST", 400, {})]
)
def test_any_other_refusal_is_final(method: str, status: int, body: Any) -> None:
    with Scripted(reply(status)) as server, pytest.raises(RequestFailed) as caught:
        submit(server, method, body)
    assert caught.value.failure.status == status
    assert server.targets() == [f"{method} /v1{SENT}"]


def test_a_deletion_without_a_body_is_looked_up() -> None:
    steps = (reply(400), CUT, listed(carries("our-id")))
    with Scripted(*steps) as server:
        assert submit(server, "DELETE", {}) == Accepted(ID)
    assert server.targets() == [f"DELETE /v1{SENT}"] * 2 + [looked_for("our-id")]


# Lost responses


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_is_never_repeated_blindly(method: str) -> None:
    with Scripted(CUT, listed(carries("our-id"))) as server:
        assert submit(server, method, retry_budget=5) == Accepted(ID)
    assert server.targets() == [f"{method} /v1{SENT}", looked_for("our-id")]


@pytest.mark.parametrize(
    "found",
    [
        [carries("our-id")],
        [carries("another"), carries("our-id"), carries("a third", OTHER)],
        [carries("our-id", OTHER, parent_pkid="x"), carries("our-id")],
        [{"pkid": "", "data": {"external": {"id": "our-id"}}}, "no item", carries("our-id")],
        [{"pkid": "../x", "data": {"external": {"id": "our-id"}}}, carries("our-id")],
    ],
)
def test_a_lost_change_is_found_by_its_id(found: list[Any]) -> None:
    with Scripted(CUT, listed(*found)) as server:
        start = time.monotonic()
        assert submit(server).transaction == ID
        assert time.monotonic() - start > 0.19
    assert server.targets() == [f"POST /v1{SENT}", looked_for("our-id")]


def test_a_trace_without_its_id_needs_an_effective_filter() -> None:
    with Scripted(RESET, listed({"pkid": ID}), listed()) as server:
        assert submit(server) == Accepted(ID)
    assert server.targets()[1] == looked_for("our-id")
    before, found, after = looked_for("\0").partition("\0")
    requested = server.targets()[2]
    assert requested.startswith(before)
    assert requested.endswith(after)
    assert uuid.UUID(requested.removeprefix(before).removesuffix(after))
    assert found


@pytest.mark.parametrize(
    "steps",
    [
        (listed({"pkid": ID}), listed({"pkid": ID})),
        (listed({"pkid": ID}, {"pkid": OTHER}),),
        (listed({"pkid": ID}), json_reply({"resources": None})),
        (reply(400, "No such filter."),),
        (json_reply([]),),
        (json_reply({}),),
        (json_reply({"resources": None}),),
        (json_reply({"resources": {}}),),
        (listed("no item"),),
        (listed({"pkid": ""}),),
        (listed({"pkid": "../x"}),),
        (json_reply({"resources": [], "pagination": {"total": 1}}),),
        (json_reply({"resources": [], "message": "The search index is being rebuilt."}),),
        (json_reply({"resources": []}, 206),),
    ],
)
@pytest.mark.usefixtures("at_once")
def test_an_unanswerable_lookup_leaves_the_outcome_unknown(steps: tuple[Step, ...]) -> None:
    with Scripted(CUT, *steps) as server, pytest.raises(OutcomeUnknown) as caught:
        submit(server, retry_budget=5)
    assert caught.value.message.startswith(LOST_POST.format(server.origin))
    assert caught.value.failure.method == "POST"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert len(server.received) == 1 + len(steps)


def test_an_unreachable_server_leaves_a_lost_change_unknown() -> None:
    with Scripted(CUT, CUT) as server, pytest.raises(OutcomeUnknown) as caught:
        submit(server, retry_budget=0.01)
    assert caught.value.failure.method == "POST"
    assert caught.value.reason == "outcome_unknown"


@pytest.mark.usefixtures("at_once")
def test_a_creation_is_looked_up_and_never_repeated() -> None:
    with Scripted(CUT, *[listed()] * 5) as server, pytest.raises(OutcomeUnknown):
        submit(server, repeatable=False, retry_budget=60)
    assert server.targets() == [f"POST /v1{SENT}", *[looked_for("our-id")] * 5]


@pytest.mark.usefixtures("at_once")
def test_a_change_without_a_trace_is_sent_three_times(messages: MessageTable) -> None:
    warnings: list[str] = []
    with Scripted(*[CUT, *[listed()] * 5] * 3) as server, pytest.raises(OutcomeUnknown):
        submit(server, warn=warnings.append, retry_budget=60)
    assert server.targets() == [f"POST /v1{SENT}", *[looked_for("our-id")] * 5] * 3
    assert server.received[0] == server.received[6] == server.received[12]
    assert len(warnings) == 2
    for warning in warnings:
        messages.check("voss.sent_again", warning, method="POST", path=PATH)


@pytest.mark.usefixtures("at_once")
def test_with_a_budget_below_a_second_it_is_repeated() -> None:
    with Scripted(CUT, *[listed()] * 5, json_reply({"transaction_id": ID})) as server:
        assert submit(server, retry_budget=0.5) == Accepted(ID)


@pytest.mark.usefixtures("at_once")
def test_without_a_budget_it_is_not_repeated() -> None:
    with Scripted(CUT, *[listed()] * 5) as server, pytest.raises(OutcomeUnknown):
        submit(server)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_trace_proves_an_empty_response(method: str) -> None:
    with Scripted(reply(200, " "), listed(carries("our-id"))) as server:
        assert submit(server, method) == Accepted(ID)
    assert server.targets() == [f"{method} /v1{SENT}", looked_for("our-id")]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("lookups", [[listed()] * 4, [reply(400)]], ids=["no trace", "lookup refused"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_empty_response_without_a_trace_is_in_doubt(method: str, lookups: list[Step]) -> None:
    with Scripted(reply(), *lookups) as server:
        accepted = submit(server, method)
    assert accepted.transaction is None
    assert accepted.doubt is not None
    assert accepted.doubt.reason == "outcome_unknown"


@pytest.mark.usefixtures("at_once")
def test_a_change_that_may_follow_is_never_repeated() -> None:
    with Scripted(SILENCE, *[listed()] * 5) as server, pytest.raises(OutcomeUnknown) as caught:
        submit(server, timeout=0.3, retry_budget=60)
    assert caught.value.may_come
    assert server.targets() == [f"POST /v1{SENT}", *[looked_for("our-id")] * 5]


@pytest.mark.parametrize("body", ["", "<html>", "[]", '"gone"'])
def test_foreign_404_is_not_a_missing_transaction(body: str) -> None:
    with Scripted(reply(404, body)) as server, pytest.raises(InvalidResponse) as caught:
        transactions.transaction(server.http("voss"), "t")
    assert caught.value.reason == "wrong_address"
