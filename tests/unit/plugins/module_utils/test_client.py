# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the parts of the API client that do not require a server."""

from __future__ import annotations

import json
import time
from urllib.parse import urlsplit

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils import _client, _response, _retry
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import settings_from


def http(**options: object) -> _client.ApiClient:
    given = {"api_url": "http://127.0.0.1:1", "username": "user", "password": "pass-canary", **options}
    return _client.ApiClient(settings_from(PROVIDERS["voss"].connection, given), warn=lambda text: None)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("plain-1.2_3~", "plain-1.2_3~"),
        ("a/b", "a%2Fb"),
        ("../etc", "..%2Fetc"),
        ("...", "..."),
        ("a b", "a%20b"),
        ("50%", "50%25"),
        ("%2F", "%252F"),
        ("a?b#c&d=e;f", "a%3Fb%23c%26d%3De%3Bf"),
        ("zürich", "z%C3%BCrich"),
        ("a\nb", "a%0Ab"),
    ],
)
def test_an_identifier_stays_one_segment_of_the_path(value: str, encoded: str) -> None:
    assert _client.segment(value) == encoded
    assert urlsplit(f"https://host/a/{_client.segment(value)}").path == f"/a/{encoded}"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_identifier_with_path_characters_is_refused(value: str) -> None:
    with pytest.raises(InputError):
        _client.segment(value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), ("7", 7), (" 120 ", 120), ("1.5", 1.5), ("999999999", 999999999), ("9" * 40, 999999999)],
)
def test_retry_after_in_seconds(header: str, seconds: float) -> None:
    assert _retry.retry_after(header) == seconds


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize(
    "form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"], ids=["1123", "850", "C"]
)
def test_retry_after_as_a_date_is_in_utc(monkeypatch: pytest.MonkeyPatch, zone: str, form: str) -> None:
    header = time.strftime(form, time.gmtime(time.time() + 600))
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        seconds = _retry.retry_after(header)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert seconds is not None
    assert 400 <= seconds <= 600


def test_retry_after_in_the_past_is_now() -> None:
    assert _retry.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert _retry.retry_after("Wed Oct 21 07:28:00 2015") == 0


@pytest.mark.parametrize(
    "header",
    [
        *[
            None,
            "",
            "soon",
            "-5",
            "+5",
            "1e3",
            "Wed, 99 Foo 2015",
            "NaN",
            "inf",
            "2026-10-01",
            "5, 7",
            "\u00b2",
            "5" * 101,
        ],
        *["Wed, 21 Oct 99999 07:28:00 GMT", "Wed, 99 Oct 2026 99:99:99 GMT", "Wed, 21 Oct 2026 07:28:00 +9999999999"],
    ],
)
def test_an_invalid_retry_after_is_ignored(header: str | None) -> None:
    assert _retry.retry_after(header) is None


@pytest.mark.parametrize(
    ("body", "code", "words", "request_id"),
    [
        ({"status": "401", "code": "Unauthorized"}, "Unauthorized", '{"status": "401", "code": "Unauthorized"}', None),
        ({"error": {"code": 222208103, "message": {"lang": "en", "value": "No."}}}, "222208103", "No.", None),
        ({"error": {"code": "222207004", "message": "No."}}, "222207004", "No.", None),
        (
            {"message": "No.", "errors": [{"description": "Not that.", "errorCode": 7}], "trackingId": "T_1"},
            "7",
            "No.",
            "T_1",
        ),
        ({"errors": [{"description": "Not that."}]}, None, "Not that.", None),
        ({"errors": ["Not that."]}, None, "Not that.", None),
        ({"error": "No."}, None, "No.", None),
        ({"error": "invalid_client"}, "invalid_client", "invalid_client", None),
        ({"error": "invalid_client", "code": "E1"}, "E1", "invalid_client", None),
        ({"error": "Forbidden"}, None, "Forbidden", None),
        ({"error": "gone"}, None, "gone", None),
        ({"detail": "No."}, None, "No.", None),
        ({"error_code": "E1", "error_details": "No."}, "E1", "No.", None),
        (["No."], None, '["No."]', None),
        ({"message": ["No."]}, None, '{"message": ["No."]}', None),
        ("plain", None, '"plain"', None),
    ],
)
def test_the_vendor_message_is_found_in_every_error_shape(
    body: object, code: str | None, words: str, request_id: str | None
) -> None:
    assert _response.vendor_error(json.dumps(body).encode(), 404) == (code, words, request_id)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", None),
        (b"  \n", None),
        (b"Connector not found", "Connector not found"),
        (b"<html>502</html>", "<html>502</html>"),
        (b'{"message": "cut', '{"message": "cut'),
        (b"\xff\xfeno", "\ufffd\ufffdno"),
        (b"[" * 200_000, "[" * 200_000),
    ],
)
def test_a_body_without_json_is_the_vendor_message(body: bytes, words: str | None) -> None:
    assert _response.vendor_error(body, 404) == (None, words, None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"items": [{"note": "secret"}]}', None),
        ('{"items": [{"note": "sec', None),
        ("<html>Sign in</html>", None),
        ('{"error": "No."}', "No."),
        ('{"message": "No."}', "No."),
    ],
)
def test_the_body_of_a_success_status_is_not_a_vendor_message(body: str, words: str | None) -> None:
    assert _response.vendor_error(body.encode(), 200) == (None, words, None)


@pytest.mark.parametrize(
    "text",
    [
        "password is pass-canary",
        "https://user:canary@proxy.example.com:3128/path",
        "https://canary@proxy.example.com",
        "GET /x?auth_token=canary&y=1",
        "GET /x?access_token=canary",
        "redirect=%2Fx%3Ftoken%3Dcanary",
        '{"refresh_token": "canary"}',
        '{"token":"ca\\"nary canary"}',
        '{"client_secret" : "canary',
        "Authorization: Basic dXNlcjpwYXNzLWNhbmFyeQ==",
    ],
)
def test_no_secret_survives_scrubbing(text: str) -> None:
    scrubbed = http().scrub(text)
    assert "canary" not in scrubbed
    assert "dXNlcjpwYXNzLWNhbmFyeQ" not in scrubbed
    assert "***" in scrubbed


def test_scrubbing_changes_only_secrets() -> None:
    text = 'Webex returned 404 for GET https://webexapis.com/v1/x?orgId=1: {"message": "a@b.example"} at 10:30@here'
    assert http().scrub(text) == text


def test_a_secret_that_is_learnt_later_is_scrubbed_too() -> None:
    client = http()
    client.learn_secrets(["learnt-canary", None, ""])
    assert client.scrub("so learnt-canary it is") == "so ******** it is"


def test_the_longest_secret_is_taken_out_first() -> None:
    client = http()
    client.learn_secrets(["abc", "abc-and-more", "more-of-it", "and-more-of-it"])
    assert client.scrub("abc-and-more") == "********"
    assert client.scrub("and-more-of-it") == "********"
