# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options are converted to settings, or result in an error without secrets."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import SettingsError
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import (
    Settings,
    settings_from,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._tls import tls_context

FLOATS = [option.name for option in PROVIDERS["voss"].connection.options if option.type == "float"]
GIVEN: dict[str, dict[str, Any]] = {
    "apono": {"api_token": "aup_secret"},
    "hdp": {"api_url": "https://hdp.example.com:8443", "username": "user|LDAP", "password": "secret"},
    "voss": {"api_url": "https://voss.example.com", "username": "user", "password": "secret"},
    "webex": {"access_token": "secret"},
}


def made(system: str, **changed: Any) -> Settings:
    return settings_from(PROVIDERS[system].connection, {**GIVEN[system], **changed})


def complaint(system: str, **changed: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        made(system, **changed)
    return caught.value.message


@pytest.mark.parametrize("option", ["ca_path", "client_cert"])
def test_a_missing_certificate_file_is_reported_with_its_directory(
    messages: MessageTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as caught:
        tls_context(made("apono", **{option: "ca.pem"}))
    start, _colon, cause = caught.value.message.partition(": ")
    messages.check("tls.unusable_file", start, option=option, path=tmp_path / "ca.pem")
    assert cause.startswith("No such file")


def test_every_system_has_settings_from_what_it_requires() -> None:
    addresses = {system: made(system).api_url for system in GIVEN}
    assert addresses == {
        "apono": "https://api.apono.io",
        "hdp": "https://hdp.example.com:8443",
        "voss": "https://voss.example.com",
        "webex": "https://webexapis.com/v1",
    }


@pytest.mark.parametrize("system", sorted(GIVEN))
def test_an_omitted_option_has_its_default(system: str) -> None:
    settings = made(system)
    assert (settings.validate_certs, settings.timeout, settings.retry_budget, settings.use_proxy) == (
        True,
        30,
        120,
        True,
    )
    assert settings.requests_per_second == (18 if system == "voss" else 0)


@pytest.mark.parametrize(
    ("system", "option"), [(system, option) for system, options in GIVEN.items() for option in options]
)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_option_is_named_with_its_environment_variable(system: str, option: str, value: str | None) -> None:
    environment = {known.name: known.env for known in PROVIDERS[system].connection.options}[option]
    assert environment
    reported = complaint(system, **{option: value})
    assert f"'{option}'" in reported
    assert environment in reported


@pytest.mark.parametrize(("system", "token"), [("apono", "api_token"), ("webex", "access_token")])
def test_a_token_becomes_a_bearer(system: str, token: str) -> None:
    assert made(system, **{token: "abc.DEF-1"}).authorization == "Bearer abc.DEF-1"


@pytest.mark.parametrize(("system", "token"), [("apono", "api_token"), ("webex", "access_token")])
@pytest.mark.parametrize("value", ["canary\n", " canary", "can ary", "canäry", "canary\x00"])
def test_a_token_that_fits_no_header_is_refused(system: str, token: str, value: str) -> None:
    reported = complaint(system, **{token: value})
    assert f"'{token}'" in reported
    assert "trim" in reported
    assert value.strip() not in reported


def test_basic_credentials_are_sent_verbatim_in_utf_8() -> None:
    scheme, _, encoded = made("hdp", username="jörg|LDAP1", password="pä:ß€").authorization.partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode("utf-8") == "jörg|LDAP1:pä:ß€"


@pytest.mark.parametrize("system", ["hdp", "voss"])
@pytest.mark.parametrize(("username", "password"), [("a:b", "canary"), ("user", "canary\n"), ("us\ter", "canary")])
def test_ambiguous_basic_credentials_are_refused_and_redacted(system: str, username: str, password: str) -> None:
    reported = complaint(system, username=username, password=password)
    assert "'username' and 'password'" in reported
    assert "canary" not in reported


@pytest.mark.parametrize(
    "address",
    [
        "api.example.com",
        "ftp://api.example.com",
        "file:///etc/passwd",
        "https://",
        "https://api.example.com:0",
        "https://api.example.com:99999",
        "https://api.example.com:port",
        "https://[::1",
        "https://api.example.com/ path",
        "https://api.example.com\\@evil.example.com",
        "https://api.example.com/?query=1",
        "https://api.example.com/#part",
        "https://api.example.com\n",
    ],
)
@pytest.mark.parametrize("system", sorted(GIVEN))
def test_an_invalid_address_is_refused(system: str, address: str) -> None:
    assert "'api_url'" in complaint(system, api_url=address)


def test_credentials_in_the_address_are_refused_and_redacted() -> None:
    reported = complaint("hdp", api_url="https://admin:canary@hdp.example.com")
    assert "credentials" in reported
    assert "canary" not in reported


@pytest.mark.parametrize("address", ["http://localhost:8800/apono/", "https://[2001:db8::1]:8443/apono//"])
def test_a_trailing_slash_of_the_address_does_not_matter(address: str) -> None:
    assert made("apono", api_url=address).api_url == address.rstrip("/")


DOCUMENTED_PATHS = [
    ("apono", "https://api.apono.io/api", "https://api.apono.io"),
    ("apono", "https://api.apono.io/api/", "https://api.apono.io"),
    ("apono", "https://api.apono.io//api//", "https://api.apono.io"),
    ("apono", "https://api.apono.io/API/Admin", "https://api.apono.io"),
    ("apono", "https://api.apono.io/api/admin/v3", "https://api.apono.io"),
    ("apono", "https://api.apono.io/api/admin/v3/connectors/", "https://api.apono.io"),
    ("apono", "https://api.apono.io/api/v2/connectors", "https://api.apono.io"),
    ("apono", "https://proxy.example/apono/api", "https://proxy.example/apono"),
    ("apono", "https://proxy.example/myapi", "https://proxy.example/myapi"),
    ("apono", "https://api", "https://api"),
    ("apono", "https://admin/api", "https://admin"),
    ("apono", "https://proxy.example/api/x", "https://proxy.example/api/x"),
    ("hdp", "https://hdp.example:8443/api/mgmt/connectors", "https://hdp.example:8443"),
    ("webex", "https://webexapis.com/v1/hybrid/connectors", "https://webexapis.com/v1"),
    ("webex", "https://webexapis.com", "https://webexapis.com"),
    ("voss", "https://voss.example/api/relation/SparkCustomer/", "https://voss.example"),
]


@pytest.mark.parametrize(("system", "given", "used"), DOCUMENTED_PATHS)
def test_a_documented_path_is_removed_from_an_address(system: str, given: str, used: str) -> None:
    assert made(system, api_url=given).api_url == used


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("HTTPS://API.Example.com/V1", "https://api.example.com/V1"),
        ("https://api.example.com:443", "https://api.example.com"),
        ("http://api.example.com:0080/", "http://api.example.com"),
        ("https://b\xfccher.example:8443/\xe4", "https://xn--bcher-kva.example:8443/%C3%A4"),
    ],
)
def test_an_address_has_one_spelling(address: str, known: str) -> None:
    assert made("apono", api_url=address).api_url == known


@pytest.mark.parametrize("system", sorted(GIVEN))
def test_the_password_of_a_key_is_a_secret(system: str) -> None:
    settings = made(system, client_cert="/c.pem", client_key_password="key-canary")
    assert "key-canary" in settings.secrets
    assert "key-canary" not in repr(settings)
    assert settings.client_key_password == "key-canary"
    assert made(system, client_key_password="").client_key_password == ""


@pytest.mark.parametrize(
    "address", ["https://user:pa/ss@hdp.example.com", "https://hdp.example.com/?access_token=ab-canary"]
)
def test_a_refused_address_is_redacted(address: str) -> None:
    reported = complaint("hdp", api_url=address)
    assert "hdp.example" not in reported
    assert "canary" not in reported
    assert "pa/ss" not in reported


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("timeout", 0.0),
        ("timeout", -1.0),
        ("timeout", float("nan")),
        ("retry_budget", -0.1),
        ("retry_budget", 1e9),
        ("retry_budget", float("inf")),
        ("requests_per_second", -1.0),
        *[(name, value) for name in FLOATS for value in (float("inf"), float("-inf"), float("nan"), 1e308)],
    ],
)
def test_an_invalid_number_is_refused_by_its_name(option: str, value: float) -> None:
    assert f"'{option}'" in complaint("voss", **{option: value})


def test_a_client_key_needs_its_certificate() -> None:
    assert "'client_cert'" in complaint("apono", client_key="/key.pem")


@pytest.mark.parametrize("system", sorted(GIVEN))
def test_printed_settings_contain_no_secret(system: str) -> None:
    shown = repr(made(system))
    assert "secret" not in shown
    assert "Bearer" not in shown
    assert "Basic" not in shown


def test_secrets_include_encoded_credentials() -> None:
    secrets = made("hdp", username="u", password="a b/ä+").secrets
    assert secrets == ("a b/ä+", base64.b64encode("u:a b/ä+".encode()).decode())
