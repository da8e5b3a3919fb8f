# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret is detected by its name in any position and any type, and never leaves a run."""

from __future__ import annotations

import base64
import html
import json
import re
import time
import unicodedata
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.hybrid.connectors.plugins.module_utils import _body
from ansible_collections.hybrid.connectors.plugins.module_utils._decoding import layers
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import Failure, InputError, InvalidResponse
from ansible_collections.hybrid.connectors.plugins.module_utils._evidence import require_identity
from ansible_collections.hybrid.connectors.plugins.module_utils._module import malformed
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import MAX_SHOWN, NOT_SHOWN, WRITTEN, shown
from ansible_collections.hybrid.connectors.plugins.module_utils._providers._base import quoted
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex.clusters import _counted
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import (
    HIDDEN,
    MAX_SCANNED,
    Redaction,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._response import Response
from ansible_collections.hybrid.connectors.plugins.module_utils._secret_values import is_unmistakable
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import printable
from ansible_collections.hybrid.connectors.plugins.modules.apono_connectors import SPEC as CONNECTORS_SPEC
from ansible_collections.hybrid.connectors.plugins.modules.apono_connectors import _names
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
def test_a_secret_inside_a_string_is_removed(shape: Any, secret: str) -> None:
    arguments = shape(secret)
    secrets = Redaction(OPTIONS, arguments)
    strings = [secret, f"The value {secret}.", str([secret]), json.dumps({"a": secret}), str(arguments)]
    result = secrets.result({"msg": strings, "bare": secret, "list": [{"in": [secret]}]}, arguments)
    assert "nary" not in json.dumps(result, ensure_ascii=False)
    assert result["bare"] == HIDDEN


def test_a_secret_is_removed_before_one_that_it_contains() -> None:
    secrets = Redaction(OPTIONS, {"password": "abc", "customers": [{"token": "abcdef"}, {"token": "bc"}]})
    strings = ["x abcdef y", "abcdef", "bc-", "def", "xabcxbcx"]
    assert [secrets.text(text) for text in strings] == [
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


def test_possible_secrets_are_removed_from_the_parameters() -> None:
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


def test_documents_are_neither_searched_nor_logged() -> None:
    document = json.dumps({"password": "password-in-a-file", "note": "canary-of-the-task"})
    arguments = {"password": "canary-of-the-task", "report": document}
    secrets = Redaction(OPTIONS, arguments, documents=("report", "contents"))
    assert secrets.data("password-in-a-file") == "password-in-a-file"
    result = secrets.result({"contents": document, "note": "canary-of-the-task"}, arguments)
    assert result["contents"] == document
    assert "canary" not in result["note"]
    assert result["invocation"]["module_args"].keys() == {"password"}


PLAIN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "names": ("apono_connectors", "aws-production", {"names": {"prod-token-service": "aws-production"}}),
    "columns": (
        "voss_spark_customers",
        "refresh_token",
        {"src_options": {"columns": {"Refresh token": "refresh_token"}}},
    ),
    "JSON": (
        "voss_spark_customers",
        "refresh_token",
        {"src_options": '{"columns": {"Refresh token": "refresh_token"}}'},
    ),
}


@pytest.mark.parametrize(("module", "value", "arguments"), PLAIN.values(), ids=PLAIN)
def test_keys_that_users_choose_do_not_make_values_secret(module: str, value: str, arguments: dict[str, Any]) -> None:
    """The keys are IDs of connectors or titles of columns, which can contain a word such as token."""
    spec = {"apono_connectors": CONNECTORS_SPEC, "voss_spark_customers": SPEC}[module]
    secrets = Redaction(spec.arguments()["argument_spec"], {**arguments, "password": "canary-1"}, plain=spec.plain)
    result = {"connectors": [{"name": value}], "diff": {"before": {"a": {"name": value}}}, "error": f"'{value}'"}
    shown = secrets.result({**result, "other": "canary-1"}, {**arguments, "api_token": "canary-1"})
    assert {name: shown[name] for name in result} == result
    assert "canary" not in repr(shown)
    is_validated = not isinstance(arguments.get("src_options"), str)
    assert (value in repr(shown["invocation"])) == is_validated


def test_only_the_specified_option_has_plain_keys() -> None:
    inner = {"columns": {"api_token": "canary-of-an-attribute"}}
    arguments = {
        "customers": [{"name": "x", "extra_attributes": inner}],
        "src_options": {"columns": "canary: 1", "password": "canary-of-an-option"},
    }
    secrets = Redaction(OPTIONS, arguments, plain=SPEC.plain)
    assert "canary" not in secrets.text("canary-of-an-attribute canary-of-an-option")
    assert "canary" not in repr(secrets.result({}, arguments))


def test_credentials_in_dictionaries_of_options_are_secrets() -> None:
    options: dict[str, dict[str, Any]] = {
        "apono": {"type": "dict"},
        "hdp": {"type": "dict", "options": {"username": {}, "password": {"no_log": True}}},
    }
    arguments = {
        "apono": {"api_token": "canary-1", "api_url": "https://u:canary-2@h"},
        "hdp": {"username": "u", "password": "canary-3"},
    }
    secrets = Redaction(options, arguments)
    basic = base64.b64encode(b"u:canary-3").decode()
    text = f"canary-1 canary-2 canary-3 {basic}"
    assert secrets.text(text) == "******** ******** ******** ********"
    shown = secrets.result({"msg": text}, arguments)["invocation"]["module_args"]
    assert shown == {
        "apono": {"api_token": HIDDEN, "api_url": "https://********@h"},
        "hdp": {"username": "u", "password": HIDDEN},
    }


def test_a_value_without_a_secret_is_as_it_was() -> None:
    value = {"list": [1, 2.5, "a", None, True], "nested": {"a": ["password"]}}
    assert Redaction(OPTIONS, {"password": "canary"}).data(value) == value


@given(
    secret=st.text(st.sampled_from('ab"ä\n'), min_size=1, max_size=40),
    before=st.text(st.sampled_from('ab"ä'), max_size=40),
    after=st.text(st.sampled_from('ab"ä'), max_size=20),
)
def test_a_secret_of_any_length_is_found_anywhere(secret: str, before: str, after: str) -> None:
    secrets = Redaction(OPTIONS, {"password": secret})
    assert secret not in secrets.text(before + secret + after)
    assert secrets.data({"in": [secret]}) == {"in": [HIDDEN]}


def test_many_secrets_are_searched_in_one_pass() -> None:
    tokens = [f"token-{number:05}-{number * 7919:020}" for number in range(10_000)]
    secrets = Redaction(OPTIONS, {"customers": [{"token": token} for token in tokens]})
    value = [f"customer {number} of 10,000, whose token is not shown" for number in range(20_000)]
    begin = time.thread_time()
    assert secrets.data([*value, f"but {tokens[-1]} was"]) == [*value, "but ******** was"]
    assert time.thread_time() - begin < 60  # a separate search for each secret would take minutes


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
    """Return data that contains a named secret at any depth, verbatim or in a JSON string."""
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
@example(name="src_options", value=[None, {"token": "canary"}], other=None)
def test_no_option_error_contains_a_secret(name: str, value: Any, other: Any) -> None:
    arguments = {"hierarchy": "x", "username": "u", "customers": other, "wait": "perhaps", name: value}
    rules = SPEC.arguments()
    rules.pop("supports_check_mode")
    secrets = Redaction(OPTIONS, arguments)
    complaint = malformed(OPTIONS, arguments)
    try:
        checked = ArgumentSpecValidator(**rules).validate(arguments)
    except (TypeError, ValueError):  # Ansible raises them for some values that are not dictionaries.
        assert complaint
        checked = None
    params = checked.validated_parameters if checked else arguments
    secrets.learn_parameters(params)
    messages = [complaint] if complaint else []
    if checked and not complaint:
        messages = checked.error_messages[:1]
    shown = json.dumps(secrets.result({"msg": messages}, params), ensure_ascii=False)
    assert not re.search("[aä]nary", shown)


@pytest.mark.parametrize("secret", ["canary/+=", "canary <b>&\"'", "cänary ☃", "canary%2Fx", "c.*(a|n)?a\\d"])
def test_encoded_secrets_are_found_in_addresses_and_html(secret: str) -> None:
    secrets = Redaction(OPTIONS, {"username": "admin", "password": secret})
    basic, alone = (base64.b64encode(text.encode()).decode() for text in (f"admin:{secret}", secret))
    encodings = [quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret), quote(alone, safe="")]
    for form in [
        *encodings,
        basic,
        alone,
        alone.rstrip("="),
        base64.urlsafe_b64encode(secret.encode()).decode(),
        secret,
    ]:
        shown = secrets.data([f"It is {form}.", json.dumps({"in": form}), {f"a {form}": 1}])
        assert not [text for text in map(str, shown) if form.rstrip("=") in text], form


@pytest.mark.parametrize("secret", ["e", "*", "☃", "\\", "ab"])
def test_a_short_secret_is_removed_as_ansible_does(secret: str) -> None:
    text = f"Never {secret} and a{secret}b in every word"
    assert Redaction(OPTIONS, {"password": secret}).text(text) == remove_values(text, {secret})


def test_the_passwords_of_proxies_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://user:can%2Fary@proxy.example.com:3128")
    monkeypatch.setenv("http_proxy", "no address: http://[")
    secrets = Redaction(OPTIONS, {})
    basic = base64.b64encode(b"user:can/ary").decode()
    strings = ["can/ary", "x can%2Fary", f"Basic {basic}", "user"]
    assert [secrets.text(text) for text in strings] == [
        "********",
        "x ********",
        f"Basic ********{basic[len(basic.rstrip('=')) :]}",
        "user",
    ]


# -- encodings ---------------------------------------------------------------------------------------------------------

# How a service can write a character.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "percent, upper case": lambda one: "".join(f"%{byte:02X}" for byte in one.encode()),
    "percent, lower case": lambda one: "".join(f"%{byte:02x}" for byte in one.encode()),
    "JSON, lower case": lambda one: json.dumps(one)[1:-1] if ord(one) > 127 else f"\\u{ord(one):04x}",
    "JSON, upper case": lambda one: f"\\u{ord(one):04X}" if ord(one) < 0x10000 else one,
    "JSON, a slash": lambda one: one.replace("/", "\\/"),
    "Python": lambda one: f"\\x{ord(one):02x}" if ord(one) < 256 else f"\\U{ord(one):08x}",
    "JavaScript": lambda one: f"\\u{{{ord(one):x}}}",
    "octal": lambda one: f"\\{ord(one):03o}" if ord(one) < 256 else one,
    "decimal entity": lambda one: f"&#{ord(one)};",
    "hexadecimal entity": lambda one: f"&#x{ord(one):x};",
    "hexadecimal entity, upper case": lambda one: f"&#X{ord(one):04X};",
    "named entity": lambda one: {"/": "&sol;", "=": "&equals;", "&": "&amp;", "<": "&lt;", '"': "&quot;"}.get(one, one),
    "IIS": lambda one: f"%u{ord(one):04x}" if ord(one) < 0x10000 else one,
}
AWKWARD = "p/s=w&o<r\"d'%2F+\\n ä☃\U0001f600"
ROUNDS = st.lists(st.sampled_from(sorted(SPELLINGS)), min_size=1, max_size=4)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_secret_is_found_in_any_spelling(spelling: str, times: int) -> None:
    encoded = AWKWARD
    for _time in range(times):
        encoded = "".join(map(SPELLINGS[spelling], encoded))
    secrets = Redaction(OPTIONS, {"password": AWKWARD})
    assert secrets.text(f"before {encoded} after") == "before ******** after"
    assert secrets.data({"a": [{f"key {encoded}": f"value {encoded}"}]}) == {"a": [{"key ********": "value ********"}]}


@given(
    secret=st.text(st.sampled_from("ab1/=&<\"'%+\\ ä☃\U0001f600"), min_size=8, max_size=20),
    rounds=ROUNDS,
    which=st.integers(0, 2**20),
)
def test_a_secret_is_found_in_any_mixture_of_spellings(secret: str, rounds: list[str], which: int) -> None:
    encoded = secret
    for number, spelling in enumerate(rounds):
        encoded = "".join(
            SPELLINGS[spelling](one) if which >> (place + number) % 20 & 1 else one for place, one in enumerate(encoded)
        )
    shown = Redaction(OPTIONS, {"password": secret}).text(f"({encoded})")
    assert not any(secret in layer for layer in layers(shown)), (encoded, shown)


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_a_secret_is_found_within_base64(before: str) -> None:
    secret = "token-canary-0815"
    encoded = base64.b64encode(f"{before}{secret} after".encode()).decode()
    shown = Redaction(OPTIONS, {"password": secret}).text(encoded)
    assert b"canary" not in base64.b64decode(shown.replace("*", "A") + "===")
    assert "********" in shown


def test_a_secret_is_found_in_both_unicode_normalizations() -> None:
    secrets = Redaction(OPTIONS, {"password": "Müller-wörd"})
    for form in ("NFC", "NFD"):
        assert secrets.text(unicodedata.normalize(form, "Müller-wörd")) == "********"
    assert secrets.text("Müller-wörd".encode().decode("latin-1")) == "********"


def test_a_cut_string_contains_no_part_of_a_secret() -> None:
    secret = "canary-0123456789"
    secrets = Redaction(OPTIONS, {"password": secret})
    for more in range(len(secret)):
        shown = secrets.text("x" * (MAX_SCANNED - more) + secret + "y" * 10)
        assert "canary"[: max(more, 1)] not in shown
        assert len(shown) <= MAX_SCANNED


def message_about_an_identity(value: str) -> str:
    def fail(what: str, **_options: Any) -> InvalidResponse:
        return InvalidResponse(what, Failure("apono"))

    with pytest.raises(InvalidResponse) as caught:
        require_identity(Response(200, {}, b"", 1, fail), "connector with the id", "a", value)
    return caught.value.message


def message_about_a_name(value: str) -> str:
    with pytest.raises(InputError) as caught:
        _names({"a": [value]})
    return caught.value.message


def message_about_an_encoding(value: str) -> str:
    with pytest.raises(_body.Unreadable) as caught:
        _body.read(SimpleNamespace(status=200, headers={"Content-Encoding": value}), 100)
    return str(caught.value)


def message_about_a_size(value: str) -> str:
    with pytest.raises(_body.Incomplete) as caught:
        _body.read(SimpleNamespace(status=200, headers={"Content-Length": value}), 100)
    return str(caught.value)


def key_of_a_count(value: str) -> str:
    return next(iter(_counted([{"status": value}], "status", ())))


QUOTING: list[Callable[[str], str]] = [
    shown, quoted, message_about_an_identity, message_about_a_name, message_about_an_encoding, message_about_a_size,
    key_of_a_count,
]  # fmt: skip


@pytest.mark.parametrize("message", QUOTING)
@pytest.mark.parametrize("spelling", [*SPELLINGS, "plain"])
def test_a_message_never_quotes_a_part_of_a_secret(message: Callable[[str], str], spelling: str) -> None:
    secret = "canary-0123456789"
    encoded = "".join(map(SPELLINGS.get(spelling, str), secret))
    secrets = Redaction(OPTIONS, {"password": secret})
    for before in (*range(0, MAX_SHOWN + 20, 3), *range(850, 1000, 5)):
        found = secrets.text(f"The service returned {message('.' * before + encoded + '.' * 40)}.")
        assert not any("can" in layer for layer in layers(found)), found


# -- what services return ----------------------------------------------------------------------------------------------

WORDY = Redaction(OPTIONS, {"password": "Global"})


@pytest.mark.parametrize(
    "value",
    [
        {"name": "AAAGlobal", "hierarchy_path": "sys.hcs.Global.AAAGlobal", "pkid": "Global"},
        {"name": "Global", "id": "Global", "hostname": "Global", "label": "Global", "status": "Global"},
        {"connector_id": "Global", "hybrid_cluster_name": "Global", "ip_address": "Global", "tenant_name": "Global"},
        {"customers": ["Globally"], "names": ["Global"], "actions": ["Global"]},
        {"diff": {"before": {"sys.Global: Global": {"name": "Global"}}, "after": {}}},
        {"Global": 1, "notes": "In the Global region"},
    ],
)
def test_a_common_word_as_secret_changes_no_decision(value: Any) -> None:
    assert WORDY.data(value) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"notes": "Global"}, {"notes": HIDDEN}),
        ({"notes": " Global "}, {"notes": HIDDEN}),
        ({"notes": "%47lobal"}, {"notes": HIDDEN}),
        (
            {"customers": [{"name": "Global", "error": "No 'Global'."}]},
            {"customers": [{"name": "Global", "error": "No '********'."}]},
        ),
        ({"msg": "AAAGlobal is there"}, {"msg": "AAA******** is there"}),
        ({"warnings": ["Global"]}, {"warnings": ["********"]}),
        (
            {
                "failure": {
                    "system": "Global",
                    "url": "http://Global/",
                    "message": "Global",
                    "code": "Global",
                    "request_id": "Global",
                    "reason": "Global",
                }
            },
            {
                "failure": {
                    "system": "Global",
                    "url": "http://********/",
                    "message": "********",
                    "code": "********",
                    "request_id": "********",
                    "reason": "Global",
                }
            },
        ),
        (
            {"transactions": [{"status": "Global", "message": "of Global"}]},
            {"transactions": [{"status": "Global", "message": "of ********"}]},
        ),
        ({"notes": base64.b64encode(b"Global").decode() + "!"}, {"notes": "********!"}),
    ],
)
def test_a_common_word_as_secret_is_masked_in_messages(value: Any, shown: Any) -> None:
    assert WORDY.data(value) == shown


@pytest.mark.parametrize("secret", ["plain-word", "Summer24", "canary 1", "canarycanarycana", "0815-4711"])
def test_an_unmistakable_secret_is_masked_wherever_it_is(secret: str) -> None:
    value = {"name": f"AAA{secret}", secret: {"id": secret, "notes": [f"x {secret}"]}, "changed": True}
    shown = {"name": "AAA********", "********": {"id": HIDDEN, "notes": ["x ********"]}, "changed": True}
    assert Redaction(OPTIONS, {"password": secret}).data(value) == shown


@pytest.mark.parametrize("secret", ["canary", "Headquarters", "12345678", "pass-wo", "telecommunicate"])
def test_a_common_word_is_not_distinctive(secret: str) -> None:
    assert not is_unmistakable(secret)


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "TOKEN",
        "refreshToken",
        "connectorPassword",
        "connector_password",
        "Api-Password",
        "dbPasswd",
        "secret",
        "clientSecret",
        "SECRETS",
        "secretKey",
        "api_key",
        "apiKey",
        "apikey",
        "encryption_key",
        "privateKey",
        "tokens",
        "auth_token",
        "X-CSRFToken",
        "csrftoken",
        "csrfmiddlewaretoken",
        "sessionid",
        "JSESSIONID",
        "authorization",
        "Set-Cookie",
        "credentials",
        "passphrase",
        "pwd",
        "token_expired",
        "A" * 5000 + "token",
        "token" + "A" * 5000,
    ],
)
@pytest.mark.parametrize("value", ["canary", 4711, ["canary"], {"a": "canary"}, {"type": "x", "data": "canary"}])
def test_a_value_under_a_secret_key_is_removed_anywhere(name: str, value: Any) -> None:
    nested = {"connectors": [{"id": "1", "metadata": {"inner": [{name: value, "left": 1}]}}]}
    assert Redaction().data(nested) == {"connectors": [{"id": "1", "metadata": {"inner": [{"left": 1}]}}]}


@pytest.mark.parametrize(
    "value",
    [
        {"access_token_expires": "2026", "refresh_token_expires": "2027", "Token_Days_Left": 3, "token_min_days": 3},
        {"primary_key": "a", "business_key": {"a": 1}, "foreign_key": [], "public_key": "ssh-rsa AAAA", "key": "value"},
        {"transaction_id": "x", "password_policy": "strict", "token_type": "Bearer", "secret_name": "a", "monkey": 1},
        {"token": True, "is_password": "x", "has_secret": "x", "expiries": [{"token": "access"}, {"token": "refresh"}]},
        {"token": NOT_SHOWN, "refresh_token": WRITTEN, "https_proxy": NOT_SHOWN},
        {"secretary": "Ms Miller", "authorized_users": ["a"], "auth_user": "b", "author": "c", "compass": 1},
        [None, True, 1.5, "a", ["b"], {"c": {}}],
    ],
)
def test_what_is_only_about_a_secret_stays(value: Any) -> None:
    assert Redaction().data(value) == value


def test_object_names_in_a_diff_are_not_secret_keys() -> None:
    sides = {
        "sys.hcs.Token Corp: Secret Garden": {"name": "Secret Garden", "notes": "a", "apiToken": "canary"},
        "token-broker": {"id": "token-broker", "name": "b", "secret": {"id": "x"}},
        "secret-sync": {},
    }
    assert Redaction().data({"diff": {"before": sides}})["diff"]["before"] == {
        "sys.hcs.Token Corp: Secret Garden": {"name": "Secret Garden", "notes": "a"},
        "token-broker": {"id": "token-broker", "name": "b"},
        "secret-sync": {},
    }


def test_the_description_of_a_field_stays_without_its_value() -> None:
    field = {
        "type": "string",
        "title": "Token",
        "is_password": True,
        "maxLength": 9,
        "default": "canary",
        "x": "canary",
    }
    form = {"properties": {"token": field, "name": {"type": "string", "default": "A"}}, "required": ["name", "token"]}
    assert Redaction().data(form) == {
        "properties": {
            "token": {"title": "Token", "type": "string", "is_password": True, "maxLength": 9},
            "name": {"type": "string", "default": "A"},
        },
        "required": ["name", "token"],
    }


@pytest.mark.parametrize("kind", [["string", "null"], {"a": 1}, None, 5])
def test_a_field_of_an_unknown_type_is_removed(kind: object) -> None:
    assert Redaction().data({"token": {"type": kind, "default": "canary"}, "a": 1}) == {"a": 1}


@pytest.mark.parametrize("name", ["name", "key", "field", "header"])
@pytest.mark.parametrize("value", ["value", "content", "default"])
def test_a_value_next_to_a_secret_name_is_removed(name: str, value: str) -> None:
    pairs = [{name: "X-CSRFToken", value: "canary"}, {name: "colour", value: "red"}]
    assert Redaction().data(pairs) == [{name: "X-CSRFToken"}, {name: "colour", value: "red"}]


@pytest.mark.parametrize(
    "proxy",
    [
        "http://u:canary@proxy:3128",
        "http://u:can/ary@proxy:3128",
        "http://u:1/canary@proxy:3128",
        "u:canary@proxy:3128",
        "http://u:c#a?canary[x@proxy:3128/",
        "http://canary@proxy",
    ],
)
def test_a_proxy_is_returned_without_its_credentials(proxy: str) -> None:
    assert "ary" not in str(Redaction().data([{"httpProxy": proxy, "proxies": [proxy]}]))
    if "://" in proxy:
        assert Redaction().data({"a": {"b": [proxy]}})["a"]["b"][0].startswith("http://********@proxy")


@pytest.mark.parametrize(
    "address",
    [
        "https://host/api/User/bob@example.com",
        "https://host:8443/a?mail=a@b.example",
        "mail a@b.example",
        "http://[::1]:80/a@b",
    ],
)
def test_an_address_without_credentials_stays(address: str) -> None:
    assert Redaction().data({"a": address}) == {"a": address}


DOCUMENTS = [
    '<a href="/x?auth_token=canary">',
    "<a href='/x?a=1&auth_token=canary&b=2'>",
    '<a href="/x?a=1&amp;auth_token=canary">',
    '<a href="/x?a=1&#38;auth_token=canary&#38;b">',
    '<a href="/x?a=1&#x26;auth_token&#61;canary">',
    "?AUTH_TOKEN=canary",
    "next=%2Fx%3Fauth_token%3Dcanary%26a%3D1",
    "next=%252Fx%253Fauth_token%253Dcanary%2526a",
    "%3fauth%5ftoken%3dcanary",
    '<input type="hidden" name="auth_token" value="canary">',
    "<input value='canary' type=hidden name='auth_token'/>",
    "<INPUT NAME=AUTH_TOKEN VALUE=canary>",
    '<input\n  value = "canary"\n  name = auth_token >',
    '<input id="id_auth_token" value="a>canary">',
    "&lt;input name=&quot;auth_token&quot; value=&quot;canary&quot;&gt;",
    '<input name="csrfmiddlewaretoken" value="canary">',
    '<meta name="csrf-token" content="canary">',
    '<meta content="canary" name="csrf-token">',
    "<textarea name=auth_token>canary</textarea>",
    '<form data-csrf-token="canary">',
    "<auth_token>canary</auth_token>",
    "<ns:authToken>canary</ns:authToken>",
    '{"auth_token": "canary"}',
    '"{\\"auth_token\\": \\"canary\\"}"',
    "{'authToken': 'canary'}",
    '{"auth_token" : "a\\"canary"}',
    '"{\\"a\\": \\"{\\\\\\"auth_token\\\\\\": \\\\\\"canary\\\\\\"}\\"}"',
    '{"tokens": ["canary", "canary"]}',
    '{"sessionid":4711}',
    "X-CSRFToken: canary",
    "x-csrftoken:canary",
    'setRequestHeader("X-CSRFToken", "canary")',
    "var csrftoken = 'canary';",
    "Cookie: csrftoken=canary; sessionid=canary",
    "Set-Cookie: sessionid=canary; Path=/",
    "sessionid%3Dcanary",
    "Authorization: Bearer canary",
    "Authorization: Basic canary",
    "curl -H 'Authorization: Token canary'",
    "Bearer canarycanarycanary",
    "auth&#95;token=canary",
    "auth\\u005ftoken\\u003dcanary",
    "password = canary",
    "a:\n  db_password: canary-1\nb: c",
    "- token: canary-1",
    "{user: a, password: canary-1}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canary",
    "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----",
    "https://u:canary@host/",
    "https%3A%2F%2Fu%3Acanary%40host%2F",
    "https://u:canary/x@host:8443",
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_documents_and_messages_contain_no_session_token(text: str) -> None:
    document = f"<p>before</p> {text} <p>after</p>"
    for found in (Redaction().data({"help": document})["help"], Redaction().text(document)):
        assert "canary" not in found
        assert "4711" not in found
        assert "eyJzdWI" not in found
        assert found.startswith("<p>before</p> ")
        assert found.endswith(" <p>after</p>")


@pytest.mark.parametrize(
    "text",
    [
        "an auth_token of yours",
        "must be one of 'token', 'password'",
        "the token: it is not valid",
        "a token= b",
        "x?token=",
        '{"token": null, "secret": true}',
        "access_token_expires=2026-12-03",
        '{"refresh_token_days_left": 3}',
        "tokens=a",
        "<td>token</td><td>a</td>",
        "<input name=user value=bob>",
        "missing required arguments: api_token. The",
        "Not allowed.\ntoken: expired",
        "the new token: it-is here",
        "Basic authentication",
        "password: x",
        "bearer of news",
        "Set 'update_secrets: always'",
        "refresh_access_token=always",
        '{"token": {"type": "string"}}',
        "<b>Token</b>: a text",
    ],
)
def test_a_sentence_about_tokens_is_unchanged(text: str) -> None:
    assert Redaction().data({"help": text}) == {"help": text}
    assert Redaction().text(text) == text


def test_credentials_of_http_basic_are_always_masked() -> None:
    basic = base64.b64encode(b"somebody:else").decode()
    assert Redaction().text(f"Authorization: Basic {basic}") == "Authorization: Basic ********"
    assert Redaction().data({"auth": f"Basic {basic}"}) == {"auth": "Basic ********"}


def test_the_token_of_a_link_is_removed() -> None:
    assert Redaction().data(["/a?auth_token=x.Y-1", "/a?auth_token=x&b=c"]) == ["/a", "/a&b=c"]


# -- addresses that are refused, and proxies ---------------------------------------------------------------------------

ADDRESSES = [
    "https://user:canary@host",
    "https://user:can/canary@host",
    "https://user:p?a#canary@h",
    "https://user:c@canary@host",
    "https://host/?access_token=canary",
    "https://host/#access_token=canary",
    "https://host/x;token=canary",
    "//u:canary@h",
    "user:canary@host:8443",
    "https:/user:canary@host",
    "https:user:canary@host",
    "HTTPS://user:canary[x@host",
    "https://canary@host",
    "https://user:ca\\canary@host",
    "https://user:x canary@host",
    " https://user:canary@host",
    "https://user:%63anary/canary@host",
    "https://user:canary@[::1",
    "ftp://user:canary@host",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_returned_without_credentials_and_query(address: str) -> None:
    arguments = {"api_url": address, "hierarchy": address}
    secrets = Redaction(OPTIONS, arguments)
    shown = secrets.result({"msg": f"'{address}' cannot be used"}, arguments)
    assert "canary" not in json.dumps({**shown, "invocation": shown["invocation"]["module_args"]["api_url"]})


def test_a_usable_address_is_returned() -> None:
    address = "https://voss.example.com:8443/path"
    arguments = {"api_url": address}
    assert Redaction(OPTIONS, arguments).parameters(arguments) == arguments


@pytest.mark.parametrize(
    "password", ["p/canary", "a#canary", "s?s[canary", "can/ary", "canary@canary", "c:anary", "a%2Fcanary"]
)
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_any_password_of_a_proxy_is_a_secret(password: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"{scheme}user:{password}@proxy.example.com:3128")
    secrets = Redaction()
    basic = base64.b64encode(f"user:{unquote(password)}".encode()).decode()
    parts = [part for part in re.split(r"[/?#\[@:]", password) if len(part) >= 4]
    assert "user:" + re.split(r"[/?#\[@:]", password)[0] not in secrets.text(f"no port: 'user:{password}'")
    for text in (password, f"x {unquote(password)}", f"nonnumeric port: '{password}'", f"Failed: {parts}", basic):
        shown = secrets.text(text)
        assert not [part for part in (password, unquote(password), *parts, basic.rstrip("=")) if part in shown]
    assert secrets.text("user at proxy.example.com") == "user at proxy.example.com"


def test_messages_are_one_line_of_bounded_length() -> None:
    result = WORDY.result({"msg": "a\nPLAY RECAP\r\n\x1b[31m\u2028" + 9000 * "b", "warnings": ["a\nb"]}, {})
    assert result["msg"].startswith("a PLAY RECAP [U+001B][31m bbb")
    assert len(result["msg"]) == 5000
    assert result["warnings"] == ["a b"]
    nested = WORDY.result({"customers": [{"error": "a\nb", "name": "a\tb\x9b"}]}, {})
    assert nested["customers"] == [{"error": "a b", "name": "a\tb[U+009B]"}]


# Characters whose display depends on the characters around them.
CONTEXTS = st.text(st.sampled_from("a\r\n\t \u200d\ufe0f\U0001f468\u0915\x1b"), max_size=3)


@given(st.lists(CONTEXTS, max_size=4))
def test_each_string_of_a_list_is_displayed_like_a_single_string(texts: list[str]) -> None:
    assert Redaction().data(texts) == list(map(printable, texts))


@given(ANYTHING)
def test_a_value_without_secrets_is_returned_unchanged(value: Any) -> None:
    shown = Redaction().data(value)
    assert shown is value or shown != value or "token" in str(value)


def test_a_service_cannot_return_an_object_of_ansible() -> None:
    item = {"name": {"__ansible_vault": "x"}, "__ansible_type": "y", "___": 1, "ansible_type": "z"}
    assert Redaction().data([item]) == [{"name": {"ansible_vault": "x"}, "ansible_type": "z", "": 1}]
