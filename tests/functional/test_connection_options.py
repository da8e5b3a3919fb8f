# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options: their sources, and the rules between them."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.documented import connection_options, environment_variables
from support.modules import Result, RunModule
from support.simulator import Simulator

LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "apono": ("apono_connector_info", {}),
    "hdp": ("hdp_connector_info", {}),
    "voss": ("voss_spark_customer_info", {"hierarchy": "sys.hcs.CS-P"}),
    "webex": ("webex_hybrid_connector_info", {}),
}
TLS = ("validate_certs", "ca_path", "client_cert", "client_key", "client_key_password")
# The environment variables of the address and the credentials.
ENVIRONMENT = {
    system: {option: variable for option, variable in environment_variables(system).items() if option not in TLS}
    for system in LISTS
}
EACH = [(system, option) for system, options in ENVIRONMENT.items() for option in options]
REQUIRED_SECRET = {"apono": "api_token", "hdp": "password", "voss": "password", "webex": "access_token"}
REQUIRED = [
    (system, name) for system in LISTS for name, option in connection_options(system).items() if option.get("required")
]
Connection = Mapping[str, Mapping[str, str]]


@pytest.fixture
def listed(module: RunModule) -> Callable[..., Result]:

    def run(system: str, env: Mapping[str, str] | None = None, **options: Any) -> Result:
        name, given = LISTS[system]
        return module(name, env=env, **given, **options)

    return run


def listed_in(result: Result) -> Any:
    return result.values.get("connectors") or result.values.get("customers")


@pytest.mark.parametrize("system", LISTS)
def test_all_connection_options_have_environment_fallbacks(
    listed: Callable[..., Result], connection: Connection, system: str
) -> None:
    used = connection[system]
    given = {variable: used[option] for option, variable in ENVIRONMENT[system].items() if option in used}
    without = dict.fromkeys(ENVIRONMENT[system])
    result = listed(system, env=given, **without)
    assert listed_in(result.ok())
    secrets = {value for variable, value in given.items() if variable.endswith(("TOKEN", "PASSWORD"))}
    assert not [secret for secret in secrets if secret in result.output]


@pytest.mark.parametrize("system", LISTS)
def test_an_empty_environment_variable_counts_as_not_set(
    listed: Callable[..., Result], connection: Connection, system: str
) -> None:
    empty = dict.fromkeys(environment_variables(system).values(), "")
    assert listed_in(listed(system, env=empty).ok())
    token = REQUIRED_SECRET[system]
    result = listed(system, env=empty, **{token: None})
    assert result.failure["reason"] == "invalid_option"
    assert token in result.msg


@pytest.mark.parametrize("system", LISTS)
def test_tls_options_have_environment_fallbacks(
    listed: Callable[..., Result], tls_simulator: Simulator, authority_file: Path, tmp_path: Path, system: str
) -> None:
    documented = environment_variables(system)
    assert {name: documented[name] for name in TLS} == {name: f"{system}_{name}".upper() for name in TLS}
    url = tls_simulator.system_url(system)
    name = system.upper()
    assert listed(system, api_url=url, retry_budget=0).failure["reason"] == "tls"
    assert listed_in(listed(system, api_url=url, env={f"{name}_CA_PATH": str(authority_file)}).ok())
    assert listed_in(listed(system, api_url=url, env={f"{name}_VALIDATE_CERTS": "no"}).ok())
    for variable, value, reported in (
        ("VALIDATE_CERTS", "perhaps", "'validate_certs'"),
        ("CLIENT_CERT", str(tmp_path / "none.pem"), "'client_cert'"),
        ("CLIENT_KEY", str(tmp_path / "none.pem"), "'client_key'"),
    ):
        result = listed(system, api_url=url, env={f"{name}_{variable}": value})
        assert result.failure["reason"] == "invalid_option"
        assert reported in result.msg


@pytest.mark.parametrize("scheme", ["HTTPS", "hTTps"])
def test_the_scheme_of_api_url_is_case_insensitive(
    module: RunModule, tls_simulator: Simulator, authority_file: Path, scheme: str
) -> None:
    url = tls_simulator.system_url("apono").replace("https", scheme)
    assert module("apono_connector_info", api_url=url, retry_budget=0).failure["reason"] == "tls"
    assert module("apono_connector_info", api_url=url, ca_path=str(authority_file)).ok()["connectors"]
    assert module("apono_connector_info", api_url=url, validate_certs=False).ok()["connectors"]


@pytest.mark.parametrize(("system", "option"), EACH)
def test_an_option_of_the_task_wins_over_the_environment(
    listed: Callable[..., Result], system: str, option: str
) -> None:
    assert not listed(system, env={ENVIRONMENT[system][option]: "http://127.0.0.1:9/wrong"}).failed


@pytest.mark.parametrize(("system", "option"), REQUIRED)
def test_a_required_connection_option_is_missed(
    listed: Callable[..., Result], simulator: Simulator, system: str, option: str
) -> None:
    result = listed(system, **{option: None})
    assert result.failed
    assert option in result.msg
    assert ENVIRONMENT[system][option] in result.msg
    assert listed(system, **{option: ""}).failed
    assert simulator.journal() == []


@pytest.mark.parametrize("system", LISTS)
def test_a_missing_option_names_the_host_of_the_environment(listed: Callable[..., Result], system: str) -> None:
    option = REQUIRED_SECRET[system]
    for value in (None, ""):
        message = listed(system, **{option: value}).msg
        assert ENVIRONMENT[system][option] in message
        assert f"'{platform.node()}'" in message


@pytest.mark.parametrize("host", ["a..example", f"{'a' * 64}.example", "127.0.0.1.."])
def test_an_impossible_host_name_names_the_option(module: RunModule, host: str) -> None:
    result = module("apono_connector_info", api_url=f"http://{host}:1/api")
    assert result.failed
    assert "Cannot send " in result.msg
    assert "'api_url'" in result.msg


@pytest.mark.parametrize("trailing", ["/", "//"])
@pytest.mark.parametrize("system", LISTS)
def test_a_trailing_slash_of_api_url_is_ignored(
    listed: Callable[..., Result], simulator: Simulator, system: str, trailing: str
) -> None:
    assert listed_in(listed(system, api_url=simulator.system_url(system) + trailing).ok())


@pytest.mark.parametrize(("system", "option"), [("apono", "api_token"), ("webex", "access_token"), ("hdp", "password")])
def test_secrets_with_line_breaks_are_refused_and_redacted(
    listed: Callable[..., Result], simulator: Simulator, system: str, option: str
) -> None:
    result = listed(system, **{option: "canary-secret\n"})
    assert f"'{option}'" in result.msg
    assert "canary" not in result.output
    assert simulator.journal() == []


def test_credentials_in_the_address_are_refused_before_any_request(
    listed: Callable[..., Result], simulator: Simulator
) -> None:
    address = simulator.system_url("apono").replace("://", "://user:pass@")
    assert "credentials" in listed("apono", api_url=address).msg
    assert simulator.journal() == []


@pytest.mark.parametrize(
    ("system", "option", "value"),
    [
        ("apono", "timeout", 0),
        ("hdp", "timeout", -1),
        ("webex", "retry_budget", -1),
        ("voss", "requests_per_second", -1),
        ("voss", "requests_per_second", 1e-300),
    ],
)
def test_times_that_make_no_sense_are_refused(
    listed: Callable[..., Result], simulator: Simulator, system: str, option: str, value: float
) -> None:
    assert f"'{option}'" in listed(system, **{option: value}).msg
    assert simulator.journal() == []


RULES: dict[str, tuple[str, dict[str, Any], str]] = {
    "id or name": ("apono_connector", {}, "one of the following is required: id, name"),
    "id or name, absent": ("apono_connector", {"state": "absent"}, "one of the following is required: id, name"),
    "a new name needs the old one": ("apono_connector", {"id": "a", "new_name": "b"}, "id|new_name"),
    "a new name alone": ("apono_connector", {"new_name": "b"}, "id, name"),
    "an id has its new name in name": (
        "apono_connector",
        {"id": "a", "name": "b", "new_name": "c"},
        "mutually exclusive: id|new_name",
    ),
    "an unknown state": ("apono_connector", {"id": "a", "state": "renamed"}, "present, absent"),
    "an empty id": ("apono_connector", {"id": "", "name": "x"}, "'id' is empty"),
    "an empty name": ("apono_connector", {"id": "a", "name": ""}, "'name' is empty"),
    "an empty new name": ("apono_connector", {"name": "a", "new_name": ""}, "'new_name' is empty"),
    "an unknown version": ("apono_connector_info", {"api_version": "v1"}, "v3, v2"),
    "an unknown scope": ("hdp_connector_info", {"scope": "all"}, "admin, user"),
    "an id has its organization": (
        "webex_hybrid_connector_info",
        {"id": "a", "org_id": "b"},
        "mutually exclusive: id|org_id",
    ),
    "a client key without its certificate": ("apono_connector_info", {"client_key": "/key.pem"}, "'client_cert'"),
}


@pytest.mark.parametrize(("name", "options", "reported"), RULES.values(), ids=RULES)
def test_invalid_option_combinations_are_refused_before_any_request(
    module: RunModule, simulator: Simulator, name: str, options: dict[str, Any], reported: str
) -> None:
    result = module(name, **options)
    assert result.failed
    assert reported in result.msg
    assert simulator.journal() == []
