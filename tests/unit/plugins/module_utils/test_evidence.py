# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test whether responses prove the identity of an object, a change, the end of a list, or a missing object."""

from __future__ import annotations

import json
import types
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils import _evidence as evidence
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    Failure,
    InvalidResponse,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._response import Response


def response(content: Any = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response. A body that is not bytes is sent as JSON."""

    def fail(what: str, reason: str = "invalid_response", remedy: str | None = None) -> InvalidResponse:
        return InvalidResponse(f"{what}. {remedy}", Failure("apono", "GET", "http://x/", reason=reason))

    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Response(status, headers or {}, body, 1, fail)


def reason_of(function: Any, *arguments: Any) -> str | None:
    """Return the reason of the error that a function raises, or None."""
    try:
        function(*arguments)
    except InvalidResponse as error:
        return error.reason
    return None


@pytest.mark.parametrize("returned", ["y", "X", "x ", "", None, 7, ["x"], {"id": "x"}, True])
def test_an_object_with_a_different_id_is_refused(returned: object) -> None:
    assert reason_of(evidence.require_identity, response(), "thing", "x", returned) == "invalid_response"


def test_an_id_may_have_several_spellings() -> None:
    evidence.require_identity(response(), "thing", "x", "x")
    evidence.require_identity(response(), "thing", "x", "X", lambda one, other: one == other.lower())


def test_a_long_id_is_not_repeated_whole() -> None:
    with pytest.raises(InvalidResponse) as caught:
        evidence.require_identity(response(), "thing", "x" * 10_000, "y" * 10_000)
    assert len(caught.value.message) < 1000
    assert "xx" not in caught.value.message
    assert "yy" not in caught.value.message


ALIKE = [
    ("prod-1", "PROD-1"),
    ("caf\u00e9", "cafe\u0301"),
    ("a b", "ab"),
    ("a\u00a0b\t", "AB"),
    ("stra\u00dfe", "STRASSE"),
    ("\ufb01ve", "five"),
    ("a\u200bb", "ab"),
    ("\ufeffab", "ab"),
    ("\uff21", "a"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_ids_that_differ_in_spelling_are_folded(one: str, other: str) -> None:
    assert evidence.folded(one) == evidence.folded(other)
    assert evidence.folded(unicodedata.normalize("NFD", one)) == evidence.folded(one)


@pytest.mark.parametrize("other", ["prod-2", "prod1", "prod_1", "prod-1-b", ""])
def test_ids_that_differ_in_a_letter_stay_different(other: str) -> None:
    assert evidence.folded("prod-1") != evidence.folded(other)


EFFECTS: list[tuple[Any, str]] = [
    ({"id": "x"}, "proven"),
    ({"pkid": "x"}, "proven"),
    ({"connectorId": "x"}, "proven"),
    ({"success": True}, "proven"),
    ({"transaction_id": "t"}, "proven"),
    ({"id": "y"}, "unproven"),
    ({"id": ["x"]}, "unproven"),
    ({"success": "true"}, "unproven"),
    ({"transaction_id": ""}, "unproven"),
    ({"transaction_id": 7}, "unproven"),
    ({}, "unproven"),
    (None, "unproven"),
    (["x"], "unproven"),
    ("x", "unproven"),
    ({"id": "x", "error": "No."}, "refused"),
    ({"id": "x", "errors": [{}]}, "refused"),
    ({"id": "x", "errors": [], "error": None}, "proven"),
    ({"id": "x", "success": False}, "refused"),
    ({"id": "x", "success": "False"}, "refused"),
    ({"id": "x", "success": 0}, "refused"),
    ({"success": True, "status": "Failed"}, "refused"),
    ({"status": "401", "code": "Unauthorized"}, "refused"),
    ({"status": 503}, "refused"),
    ({"id": "x", "status": "CONNECTED"}, "proven"),
    ({"id": "x", "status": 200}, "proven"),
]


@pytest.mark.parametrize(("content", "effect"), EFFECTS)
def test_the_effect_of_a_change(content: Any, effect: str) -> None:
    assert evidence.effect_of(content, ("x",)) == effect


def test_the_status_of_an_object_is_not_an_error() -> None:
    assert not evidence.contains_error({"id": "x", "status": "Error"})
    assert evidence.contains_error({"id": "x", "status": "Error", "error": "No."})
    assert evidence.contains_error({"id": "x", "success": False})


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"", None),
        (b" ", None),
        (b"<html>", None),
        (b"{", None),
        (b"[NaN]", None),
        (b"[1e999]", ["1e999"]),
        (b"[1]", [1]),
        (b"{}", {}),
    ],
)
def test_a_change_response_without_json_is_no_proof(body: bytes, content: Any) -> None:
    assert evidence.content_of(response(body)) == content


@pytest.mark.parametrize("status", [201, 202, 203, 204, 206, 207, 226, 299])
def test_only_200_is_a_complete_response_to_a_get(status: int) -> None:
    assert reason_of(evidence.require_ok, response({}, status), "things") == "invalid_response"
    assert reason_of(evidence.list_content, response({}, status), "things") == "invalid_response"
    assert reason_of(evidence.object_content, response({}, status), "a thing") == "invalid_response"


@pytest.mark.parametrize(("status", "reason"), [(404, "wrong_address"), (403, "forbidden"), (None, "unreachable")])
def test_a_404_of_a_list_is_a_wrong_address(status: int | None, reason: str) -> None:
    before = "not_found" if status == 404 else reason
    with pytest.raises(RequestFailed, match=r"^No\.") as caught, evidence.reading_list("Check it."):
        raise RequestFailed("No.", Failure("apono", "GET", "http://x/", status, reason=before))
    assert (caught.value.reason, caught.value.failure.reason) == (reason, reason)
    assert ("Check it." in caught.value.message) == (status == 404)


@pytest.mark.parametrize(
    "content", [{"error": "No."}, {"errors": ["No."]}, {"success": False}, {"status": "error"}, {"status": "500"}]
)
def test_an_error_is_not_a_list(content: Any) -> None:
    assert reason_of(evidence.list_content, response({"items": [], **content}), "things") == "invalid_response"


@pytest.mark.parametrize("content", [{"error": "No."}, {"errors": ["No."]}, {"success": False}, [], None])
def test_an_error_is_not_an_object(content: Any) -> None:
    assert reason_of(evidence.object_content, response(content), "a thing") == "invalid_response"


def test_a_failed_object_is_an_object() -> None:
    content = {"id": "x", "status": "Error"}
    assert evidence.object_content(response(content), "a thing") == content


@pytest.mark.parametrize("content", [[], "x", 7, None, True])
def test_a_list_is_inside_an_object(content: Any) -> None:
    assert reason_of(evidence.list_content, response(content), "things") == "invalid_response"


@pytest.mark.parametrize("content", [{}, {"items": []}, {"items": [], "error": None, "errors": []}])
def test_the_content_of_a_list_is_returned(content: Any) -> None:
    assert evidence.list_content(response(content), "things") == content


@pytest.mark.parametrize(
    "entries",
    [None, {}, "x", 7, [None], ["x"], [["id"]], [{}], [{"id": None}], [{"id": ""}], [{"id": 7}], [{"id": ["x"]}]],
)
def test_a_list_of_unidentified_objects_is_unusable(entries: Any) -> None:
    assert reason_of(evidence.ListReader("things").add, response(), entries, "id") == "invalid_response"


def test_an_id_may_have_a_certain_length() -> None:
    reader = evidence.ListReader("things")
    reader.add(response(), [{"id": "x" * evidence.MAX_IDENTIFIER}], "id")
    too_long = [{"id": "x" * (evidence.MAX_IDENTIFIER + 1)}]
    assert reason_of(reader.add, response(), too_long, "id") == "invalid_response"


def test_the_same_id_twice_is_one_item() -> None:
    reader = evidence.ListReader("things")
    assert reader.add(response(), [{"id": "a"}, {"id": "a", "n": 2}, {"id": "b"}], "id") == [{"id": "a"}, {"id": "b"}]
    assert reader.add(response(), [{"id": "b"}, {"id": "c"}], "id") == [{"id": "c"}]
    assert list(reader.items) == ["a", "b", "c"]
    assert reader.repeated == 2


def test_a_function_may_identify_an_item() -> None:
    reader = evidence.ListReader("things")
    assert len(reader.add(response(), [{"name": "A"}, {"name": "a"}], lambda item: item["name"].lower())) == 1


def test_a_list_has_a_limit_of_pages_and_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_PAGES", 2)
    reader = evidence.ListReader("things")
    for number in range(2):
        reader.add(response(), [{"id": str(number)}], "id")
        refused = reason_of(reader.advance, response(), f"page {number}")
        assert refused == (None if number == 0 else "invalid_response")
    assert reason_of(reader.add, response(), [], "id") == "invalid_response"
    monkeypatch.setattr(evidence, "MAX_ITEMS", 3)
    many = [{"id": str(number)} for number in range(4)]
    assert reason_of(evidence.ListReader("things").add, response(), many, "id") == "invalid_response"
    assert reason_of(evidence.ListReader("things").add, response(), many[:3], "id") is None


@pytest.mark.parametrize("position", [None, 7, False, [], {}, "", " ", "x" * 10_000])
def test_a_position_that_is_not_one_is_refused(position: object) -> None:
    assert reason_of(evidence.ListReader("things").advance, response(), position) == "invalid_response"


def test_a_position_that_repeats_is_refused() -> None:
    reader = evidence.ListReader("things")
    assert [reader.advance(response(), position) for position in ("a", "b")] == ["a", "b"]
    assert reason_of(reader.advance, response(), "a") == "invalid_response"


ENDS: list[tuple[int, tuple[Any, ...], bool]] = [
    (0, ({"items": []},), True),
    (0, ({"items": [], "status": "success", "code": 0, "message": ""},), True),
    (0, ({"items": [], "message": "Maintenance."},), False),
    (0, ({"items": [], "status": "maintenance"},), False),
    (2, ({"items": [], "message": "Two."}, {"total": 2}), True),
    (2, ({}, {"total": 1}), True),
    (2, ({}, {"total": 3}), False),
    (2, ({"totalResults": 3}, {}), False),
    (2, ({"total_count": 3},), False),
    (2, ({"Total-Items": 3},), False),
    (2, ({"total": True},), True),
    (2, ({"total": None, "totalResults": "many"},), True),
    (2, ({"hasMore": True},), False),
    (2, ({"has_next_page": True},), False),
    (2, ({"truncated": True},), False),
    (2, ({"has_more": False, "truncated": None},), True),
    (2, ({"next": "/things?page=2"},), False),
    (2, ({"nextPageToken": "t"},), False),
    (2, ({"next_page": 2},), False),
    (2, ({"next": None, "next_page_token": "", "nextLink": []},), True),
    (2, ([], None, "x"), True),
]


@pytest.mark.parametrize(("count", "parts", "ended"), ENDS)
def test_a_list_has_ended_only_if_every_signal_agrees(count: int, parts: tuple[Any, ...], ended: bool) -> None:
    reader = evidence.ListReader("things")
    reader.add(response(), [{"id": str(number)} for number in range(count)], "id")
    assert (reason_of(reader.finish, response(), *parts) is None) == ended


@pytest.mark.parametrize("body", [b"", b"Not found", b"<html>", b"[]", b"null", b'"x"', b"{", b"[" * 100_000])
def test_a_404_without_json_is_a_wrong_address(body: bytes) -> None:
    assert reason_of(evidence.require_api_404, response(body, 404)) == "wrong_address"


def test_absence_needs_a_successful_collection_request() -> None:
    probes: list[str] = []

    def listed() -> list[str]:
        probes.append("read")
        return ["2"]

    http: Any = types.SimpleNamespace(proven_collections={"/others"})
    missing = response({"message": "No."}, 404)
    evidence.confirm_absence(missing, http, "/others", "thing", "1", listed)
    assert probes == []
    evidence.confirm_absence(missing, http, "/things", "thing", "1", listed)
    assert probes == ["read"]
    with pytest.raises(InvalidResponse):
        evidence.confirm_absence(missing, http, "/things", "thing", "2", listed)
    with pytest.raises(InvalidResponse):
        evidence.confirm_absence(response(b"<html>", 404), http, "/others", "thing", "1", listed)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1.0e400", "9" * 5000, "-" + "9" * 5000, "9" * 400 + ".5"])
def test_numbers_out_of_range_are_kept_as_strings(number: str) -> None:
    assert response(f'{{"a": [{number}, 1]}}'.encode()).json() == {"a": [number[:40], 1]}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_not_json(number: str) -> None:
    assert reason_of(response(f'{{"a": [{number}]}}'.encode()).json) == "invalid_response"


@pytest.mark.parametrize("number", [0.0, -0.0, 1.5, 1e308, -1e308, 5e-324])
def test_a_finite_number_is_read(number: float) -> None:
    assert response([number]).json() == [number]
