# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret is known by its name, whatever its type and wherever it stands, and is in nothing that leaves a run."""

from __future__ import annotations

import base64
import html
import json
import time
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hybrid.connectors.plugins.module_utils._module import misshapen
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import HIDDEN, Redaction
from ansible_collections.hybrid.connectors.plugins.modules.voss_spark_customers import SPEC

OPTIONS = SPEC.arguments()["argument_spec"]
CANARIES = ["canary", "canary'", 'canary"', "canary\n", "canary\\", "cänary-1; token=x", "{canary", "[canary]"]


@pytest.mark.parametrize("secret", CANARIES)
@pytest.mark.parametrize(
    "shape",
    [
        lambda secret: {"password": secret},
        lambda secret: {"password": [secret]},
        lambda secret: {"password": {"a": [secret]}},
        lambda secret: {"customers": [{"name": "x", "token": secret}]},
        lambda secret: {"customers": [[{"token": secret}]]},
        lambda secret: {"customers": [5, {"token": secret}]},
        lambda secret: {"customers": {"token": {"a": secret}}},
        lambda secret: {"customers": json.dumps([{"token": secret}])},
        lambda secret: {"customers": [{"name": json.dumps({"refresh_token": secret})}]},
        lambda secret: {"customers": [{"extra_attributes": {"a": [{"token": secret}]}}]},
        lambda secret: {"state": {"https_proxy": secret}},
        lambda secret: {"bogus": {"password": secret}},
    ],
)
def test_a_secret_is_in_no_text_that_its_value_is_in(shape: Any, secret: str) -> None:
    arguments = shape(secret)
    secrets = Redaction(OPTIONS, arguments)
    texts = [secret, f"The value {secret}.", str([secret]), json.dumps({"a": secret}), str(arguments)]
    result = secrets.result({"msg": texts, "bare": secret, "list": [{"in": [secret]}]}, arguments)
    assert "nary" not in json.dumps(result, ensure_ascii=False)
    assert result["bare"] == HIDDEN


def test_a_secret_is_removed_before_another_one_that_is_a_part_of_it() -> None:
    secrets = Redaction(OPTIONS, {"password": "abc", "customers": [{"token": "abcdef"}, {"token": "bc"}]})
    texts = ["x abcdef y", "abcdef", "bc-", "def", "xabcxbcx"]
    assert [secrets.text(text) for text in texts] == [
        "x ******** y",
        "********",
        "********-",
        "def",
        "x********x********x",
    ]


def test_numbers_are_secrets_too_and_truths_are_not() -> None:
    secrets = Redaction(OPTIONS, {"password": 4711, "customers": [{"token": True}, {"token": 0}, {"token": None}]})
    shown = secrets.data({"a": 4711, "b": 147110, "c": 12, "d": "True 0 None", "e": True, "f": None, "id": 4711})
    assert shown == {"a": HIDDEN, "b": 147110, "c": 12, "d": "True 0 None", "e": True, "f": None, "id": 4711}


def test_the_credentials_in_an_address_are_secrets() -> None:
    secrets = Redaction(OPTIONS, {"api_url": "https://admin:canary@voss.example.com/?mail=a@b"})
    assert secrets.data("https://admin:canary@voss.example.com/") == "https://********@voss.example.com/"
    assert secrets.text("admin, canary, admin:canary") == "admin, ********, ********"
    assert secrets.data("mail=a@b") == "mail=a@b"


def test_what_could_be_a_secret_is_not_in_the_parameters() -> None:
    arguments = {
        "pasword": "canary",
        "hierarchy": "sys",
        "customers": [{"name": "x", "tokn": "canary", "extra_attributes": "token=canary b"}, ["canary"], "canary"],
    }
    shown = Redaction(OPTIONS, arguments).result({}, arguments)["invocation"]["module_args"]
    assert shown == {
        "pasword": HIDDEN,
        "hierarchy": "sys",
        "customers": [{"name": "x"}, HIDDEN, HIDDEN],
    }


def test_a_value_without_a_secret_is_as_it_was() -> None:
    value = {"list": [1, 2.5, "a", None, True], "nested": {"a": ["password"]}}
    assert Redaction(OPTIONS, {"password": "canary"}).data(value) == value


@given(
    secret=st.text(st.sampled_from('ab"ä\n'), min_size=1, max_size=40),
    before=st.text(st.sampled_from('ab"ä'), max_size=40),
    after=st.text(st.sampled_from('ab"ä'), max_size=20),
)
def test_a_secret_of_any_length_is_found_at_any_place(secret: str, before: str, after: str) -> None:
    secrets = Redaction(OPTIONS, {"password": secret})
    assert secret not in secrets.text(before + secret + after)
    assert secrets.data({"in": [secret]}) == {"in": [HIDDEN]}


def test_many_secrets_are_looked_for_in_a_long_text_at_once() -> None:
    tokens = [f"token-{number:05}-{number * 7919:020}" for number in range(10_000)]
    secrets = Redaction(OPTIONS, {"customers": [{"token": token} for token in tokens]})
    value = [f"customer {number} of 10,000, whose token is not shown" for number in range(20_000)]
    begin = time.process_time()
    assert secrets.data([*value, f"but {tokens[-1]} was"]) == [*value, "but ******** was"]
    assert time.process_time() - begin < 60  # to search for each of them in the whole takes minutes


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "token", "hierarchy", "extra_attributes", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)
HOLDERS = st.sampled_from(["token", "refresh_token", "https_proxy", "password"])


@st.composite
def with_a_canary(draw: st.DrawFn) -> Any:
    """Something that holds a secret by its name, in any depth and place, as it is or as JSON text."""
    value: Any = {draw(HOLDERS): draw(st.sampled_from(CANARIES)), "a": draw(ANYTHING)}
    wraps = st.sampled_from(["list", "item", "name", "extra"])
    for wrap in [
        *draw(st.lists(wraps, max_size=2)),
        *draw(st.sampled_from([[], ["text"]])),
        *draw(st.lists(wraps, max_size=2)),
    ]:
        if wrap == "list":
            value = [value]
        elif wrap == "item":
            value = [draw(ANYTHING), value, draw(ANYTHING)]
        elif wrap == "text":
            value = json.dumps(value)
        else:
            value = {"name": "x", ("name" if wrap == "name" else "extra_attributes"): value}
    return value


@given(name=st.sampled_from(sorted(OPTIONS)), value=with_a_canary(), other=ANYTHING)
def test_whatever_is_given_for_whichever_option_no_secret_is_in_the_complaint(
    name: str, value: Any, other: Any
) -> None:
    arguments = {"hierarchy": "x", "username": "u", "customers": other, "wait": "perhaps", name: value}
    rules = SPEC.arguments()
    rules.pop("supports_check_mode")
    secrets = Redaction(OPTIONS, arguments)
    complaint = misshapen(OPTIONS, arguments)
    try:
        checked = ArgumentSpecValidator(**rules).validate(arguments)
    except ValueError:  # ansible-core 2.16, at a text that is no dictionary
        assert complaint
        checked = None
    params = checked.validated_parameters if checked else arguments
    secrets.learn_parameters(params)
    messages = [complaint] if complaint else checked.error_messages[:1] if checked else []
    assert "nary" not in json.dumps(secrets.result({"msg": messages}, params), ensure_ascii=False)


@pytest.mark.parametrize("secret", ["canary/+=", "canary <b>&\"'", "cänary ☃", "canary%2Fx", "c.*(a|n)?a\\d"])
def test_a_secret_is_known_in_base64_in_an_address_and_in_html(secret: str) -> None:
    secrets = Redaction(OPTIONS, {"username": "admin", "password": secret})
    basic, alone = (base64.b64encode(text.encode()).decode() for text in (f"admin:{secret}", secret))
    forms = [quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret), quote(alone, safe="")]
    for form in [*forms, basic, alone, alone.rstrip("="), base64.urlsafe_b64encode(secret.encode()).decode(), secret]:
        shown = secrets.data([f"It is {form}.", json.dumps({"in": form}), {f"a {form}": 1}])
        assert not [text for text in map(str, shown) if form.rstrip("=") in text], form


@pytest.mark.parametrize("secret", ["e", "*", "☃", "\\", "ab"])
def test_a_short_secret_is_taken_out_of_messages_as_ansible_itself_does(secret: str) -> None:
    text = f"Never {secret} and a{secret}b in every word"
    assert Redaction(OPTIONS, {"password": secret}).text(text) == remove_values(text, {secret})


def test_the_passwords_of_proxies_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://user:can%2Fary@proxy.example.com:3128")
    monkeypatch.setenv("http_proxy", "no address: http://[")
    secrets = Redaction(OPTIONS, {})
    basic = base64.b64encode(b"user:can/ary").decode()
    texts = ["can/ary", "x can%2Fary", f"Basic {basic}", "user"]
    assert [secrets.text(text) for text in texts] == [
        "********",
        "x ********",
        f"Basic ********{basic[len(basic.rstrip('=')) :]}",
        "user",
    ]
