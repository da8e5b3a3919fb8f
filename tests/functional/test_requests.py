# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test failures of servers and networks with the info module of each system."""

from __future__ import annotations

import email.utils
import itertools
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.simulator import CREDENTIALS, Simulator, start

LISTS = {
    "apono": "apono_connector_info",
    "hdp": "hdp_connector_info",
    "webex": "webex_hybrid_connector_info",
}
SYSTEMS = sorted(LISTS)
WRONG = {
    "apono": {"api_token": "wrong-canary"},
    "hdp": {"password": "wrong-canary"},
    "webex": {"access_token": "wrong-canary"},
}
every_system = pytest.mark.parametrize("system", SYSTEMS)


def in_turn(name: str, *values: Any) -> pytest.MarkDecorator:
    """Combine each value with one of the systems in turn, because all systems share the API client."""
    return pytest.mark.parametrize(("system", name), list(zip(itertools.cycle(SYSTEMS), values, strict=False)))


def refusal(result: Result) -> str:
    """Return the message of a failure, and check that no list was returned."""
    assert result.failed
    assert "connectors" not in result
    return result.msg


@every_system
@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_sent_once_and_fails(module: RunModule, simulator: Simulator, system: str, status: int) -> None:
    simulator.fault(system=system, status=status, times=None)
    result = module(LISTS[system])
    assert "credentials" in refusal(result)
    assert result.failure["status"] == status
    assert result.failure["system"] == system
    assert len(simulator.journal()) == 1


@every_system
def test_wrong_credentials_are_sent_once_and_redacted(
    module: RunModule, simulator: Simulator, system: str, messages: MessageTable
) -> None:
    result = module(LISTS[system], **WRONG[system])
    messages.check_in("request.unauthorized", refusal(result))
    assert result.failure["reason"] == "unauthorized"
    assert [entry["status"] for entry in simulator.journal()] == [401]
    assert "canary" not in result.output


@pytest.mark.undocumented("the address is wrong")
@every_system
def test_a_wrong_address_fails(module: RunModule, simulator: Simulator, system: str) -> None:
    result = module(LISTS[system], api_url=f"{simulator.system_url(system)}/wrong")
    assert refusal(result).count("'api_url'") == 1
    assert (result.failure["status"], result.failure["reason"]) == (404, "wrong_address")
    assert result.failure["url"].startswith(f"{simulator.system_url(system)}/wrong/")


@in_turn("status", 400, 404, 409, 410, 418, 500, 501)
def test_a_permanent_status_fails_at_once(module: RunModule, simulator: Simulator, system: str, status: int) -> None:
    simulator.fault(system=system, status=status, body={"message": "Because of that."}, times=None)
    result = module(LISTS[system])
    assert f"returned {status} for GET" in refusal(result)
    assert "Because of that" in result.msg
    assert len(simulator.journal()) == 1


@in_turn("status", 423, 429, 502, 503, 504)
def test_a_status_that_passes_is_waited_for(module: RunModule, simulator: Simulator, system: str, status: int) -> None:
    simulator.fault(system=system, status=status)
    assert module(LISTS[system])["connectors"]
    assert [entry["status"] for entry in simulator.journal()] == [status, 200]


@pytest.mark.real_waits
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(module: RunModule, simulator: Simulator, status: int) -> None:
    simulator.fault(system="webex", status=status, headers={"Retry-After": "2"})
    result = module(LISTS["webex"], retry_budget=10)
    first, second = simulator.journal()
    assert second["time"] >= first["time"] + 2
    assert len(result["connectors"]) == 5
    assert f"returned {status}. Retrying GET" in result.warnings


@pytest.mark.real_waits
@pytest.mark.parametrize("status", [429, 503])
def test_a_date_in_retry_after_is_honoured(module: RunModule, simulator: Simulator, status: int) -> None:
    timestamp = int(time.time()) + 3
    retry_after = email.utils.formatdate(timestamp, usegmt=True)
    simulator.fault(system="webex", status=status, headers={"Retry-After": retry_after})
    assert len(module(LISTS["webex"], retry_budget=10)["connectors"]) == 5
    _first, second = simulator.journal()
    assert second["time"] >= timestamp


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_retry_after_beyond_the_budget_fails_at_once(module: RunModule, simulator: Simulator, form: str) -> None:
    received = "600" if form == "seconds" else email.utils.formatdate(time.time() + 600, usegmt=True)
    simulator.fault(system="webex", status=429, headers={"Retry-After": received})
    result = module(LISTS["webex"])
    assert "'retry_budget'" in refusal(result)
    assert re.search(r"Retry-After \((600|59\d) s\)", result.msg)
    assert len(simulator.journal()) == 1


@in_turn("rule", {"status": 503}, {"status": 429, "headers": {"Retry-After": "0"}}, {"cut": "before"})
def test_a_budget_of_zero_means_no_retry(
    module: RunModule, simulator: Simulator, system: str, rule: dict[str, Any], messages: MessageTable
) -> None:
    simulator.fault(system=system, **rule)
    messages.check_in("retry.zero_budget", refusal(module(LISTS[system], retry_budget=0)))
    assert len(simulator.journal()) == 1


def test_the_retry_budget_covers_the_whole_run(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"page_size": 1})
    simulator.fault(system="webex", status=429, headers={"Retry-After": "2"}, path="connectors$")
    simulator.fault(system="webex", status=429, headers={"Retry-After": "2"}, path="cursor")
    assert "'retry_budget'" in refusal(module(LISTS["webex"], retry_budget=3))
    assert [entry["status"] for entry in simulator.journal()] == [429, 200, 429]


def test_an_unavailable_server_fails_when_the_budget_is_spent(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", status=503, times=None)
    result = module(LISTS["apono"], retry_budget=1)
    assert "'retry_budget' (1 s)" in refusal(result)
    assert result.failure["status"] == 503
    assert len(simulator.journal()) > 1


@every_system
@pytest.mark.parametrize("cut", ["before", "after", "body"])
def test_a_request_with_a_lost_response_is_retried(
    module: RunModule, simulator: Simulator, system: str, cut: str
) -> None:
    simulator.fault(system=system, cut=cut)
    assert module(LISTS[system])["connectors"]
    assert [entry["status"] for entry in simulator.journal()] == [None, 200]


@in_turn("cut", "before", "body")
def test_a_permanently_lost_response_is_a_failure(
    module: RunModule, simulator: Simulator, system: str, cut: str
) -> None:
    simulator.fault(system=system, cut=cut, times=None)
    result = module(LISTS[system], retry_budget=0.2)
    refusal(result)
    assert result.failure["reason"] == "unreachable"
    assert result.failure["status"] is None
    assert {entry["status"] for entry in simulator.journal()} == {None}


@every_system
def test_a_request_that_times_out_is_retried(module: RunModule, simulator: Simulator, system: str) -> None:
    simulator.fault(system=system, delay=30)
    assert module(LISTS[system], timeout=1)["connectors"]
    assert len(simulator.journal()) > 1  # A busy machine can exceed the timeout again.


def test_a_permanent_timeout_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="hdp", delay=20, times=None)
    assert "timed out" in refusal(module(LISTS["hdp"], timeout=0.5, retry_budget=0))


@every_system
def test_a_refused_connection_is_a_failure_with_the_address(module: RunModule, closed_port: int, system: str) -> None:
    result = module(LISTS[system], api_url=f"http://127.0.0.1:{closed_port}", retry_budget=0.1)
    assert f" at http://127.0.0.1:{closed_port}: " in refusal(result)
    assert "Connection refused" in result.msg
    assert result.failure["reason"] == "unreachable"
    assert result.failure["status"] is None
    assert result.failure["url"].startswith(f"http://127.0.0.1:{closed_port}/")


def test_an_unknown_host_is_a_failure_with_its_name(module: RunModule) -> None:
    result = module(LISTS["apono"], api_url="https://apono.invalid", retry_budget=0)
    assert "https://apono.invalid" in refusal(result)
    assert result.failure["reason"] == "unreachable"
    assert result.failure["reason"] == "unreachable"


@in_turn(
    "response",
    ("<!DOCTYPE html><html><body>Please sign in</body></html>", "HTML"),
    ("  \n<html/>", "HTML"),
    ("", "empty"),
    (" \r\n ", "empty"),
    ("Everything is fine.", "not JSON"),
    ('{"items": [', "not JSON"),
    ('{"items": [NaN]}', "not JSON"),
    ("[" * 100_000, "not JSON"),
    ('{"items": ' + "[" * 150 + "]" * 150 + "}", "100"),
    ("null", "null"),
    ("true", "boolean"),
    ("17", "number"),
    ('"text"', "string"),
)
def test_a_malformed_success_is_a_failure_with_the_content(
    module: RunModule, simulator: Simulator, system: str, response: tuple[str, str], messages: MessageTable
) -> None:
    body, what = response
    simulator.fault(system=system, body=body, times=None)
    result = module(LISTS[system])
    assert what in refusal(result)
    assert result.failure["reason"] == "invalid_response"
    # JSON with too many levels comes from the API itself, so the address is not the cause.
    messages.check_in("response.malformed" if what == "100" else "response.unusable", result.msg)
    assert result.failure["status"] == 200


def test_brackets_in_strings_do_not_count_as_nesting(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", body={"items": [{"id": "a", "hostname": "[" * 200}]})
    assert module(LISTS["webex"])["connectors"][0]["hostname"] == "[" * 200


def test_a_lone_surrogate_in_a_response_is_replaced(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", body='{"items": [{"id": "a\\ud800", "\\udfff": "\\ud83d\\ude42"}]}')
    (item,) = module(LISTS["webex"])["connectors"]
    assert (item["id"], item["\ufffd"]) == ("a\ufffd", "\U0001f642")


@pytest.mark.parametrize(("option", "value"), [("id", "a\ud800"), ("api_token", "a\ud800")])
def test_a_lone_surrogate_in_an_option_is_refused(
    module: RunModule, simulator: Simulator, option: str, value: str
) -> None:
    result = module(LISTS["apono"], **{option: value})
    assert f"'{option}'" in refusal(result)
    assert result.failure["reason"] == "invalid_option"
    assert simulator.journal() == []


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_infinity_in_an_option_is_refused(module: RunModule, simulator: Simulator, value: float) -> None:
    result = module(LISTS["apono"], limit=value)
    assert result.failed
    # A module process that cannot read its parameters has no failure. Ansible itself rejects the option in its worker.
    assert "number" in result.msg or "'limit'" in result.msg
    assert simulator.journal() == []


def test_json_of_any_content_type_and_bom_is_accepted(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", body='\ufeff{"items": []}', headers={"Content-Type": "text/html"})
    assert module(LISTS["webex"])["connectors"] == []


def test_a_response_over_32_mib_is_refused(module: RunModule, tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    huge = {"id": "a", "name": "x" * 33 * 1024 * 1024, "status": "CONNECTED"}
    seed.write_text(json.dumps({"apono": {"connectors": [huge]}}), encoding="utf-8")
    with start("--seed", str(seed)) as large:
        result = module(LISTS["apono"], api_url=large.system_url("apono"))
        assert len(large.journal()) == 1
    assert "32 MiB" in refusal(result)
    assert result.failure["reason"] == "invalid_response"
    assert len(result.output) < 10_000


@pytest.mark.parametrize(
    ("system", "rule", "code", "message", "request_id"),
    [
        ("apono", {"status": 409, "body": "Name is taken"}, None, "Name is taken", None),
        ("apono", {"status": 400, "body": {"error_code": "E1", "error_details": "No."}}, "E1", "No.", None),
        ("apono", {"status": 500, "headers": {"X-Request-ID": "R-1"}}, None, None, "R-1"),
        (
            "hdp",
            {"status": 500, "body": {"error": {"code": 222208103, "message": {"lang": "en-US", "value": "No."}}}},
            "222208103",
            "No.",
            None,
        ),
        (
            "webex",
            {"status": 500, "body": {"message": "No.", "errors": [{"description": "More."}], "trackingId": "T-1"}},
            None,
            "No.",
            "T-1",
        ),
        ("webex", {"status": 500, "body": "<html>", "headers": {"trackingId": "T-2"}}, None, "<html>", "T-2"),
    ],
)
def test_a_failure_has_vendor_message_code_and_request_id(
    module: RunModule,
    simulator: Simulator,
    system: str,
    rule: dict[str, Any],
    code: str | None,
    message: str | None,
    request_id: str | None,
) -> None:
    simulator.fault(system=system, **rule)
    failure = module(LISTS[system]).failure
    if system == "webex" and request_id is None:
        request_id = failure["request_id"]
    assert (failure["code"], failure["message"], failure["request_id"]) == (code, message, request_id)


def test_the_vendor_message_is_cut_at_2000_characters(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", status=500, body="x" * 100_000)
    result = module(LISTS["apono"])
    assert result.failure["message"] == "x" * 2000
    assert len(result.msg) < 1000


@every_system
def test_credentials_that_a_server_returns_are_redacted(module: RunModule, simulator: Simulator, system: str) -> None:
    secret = next(value for name, value in CREDENTIALS[system].items() if name != "username")
    words = f"You sent {secret}, see https://x.example/?access_token=other-canary and https://u:p-canary@x.example"
    simulator.fault(system=system, status=500, body={"message": words, "code": secret})
    result = module(LISTS[system])
    assert "You sent ****" in result.failure["message"]
    assert "canary" not in result.output


@in_turn("status", 301, 302, 303, 307, 308)
def test_a_redirect_to_another_origin_is_not_followed(
    module: RunModule, simulator: Simulator, second_simulator: Simulator, system: str, status: int
) -> None:
    target = f"{second_simulator.system_url(system)}/elsewhere"
    simulator.fault(system=system, status=status, headers={"Location": target}, times=None)
    result = module(LISTS[system])
    assert target in refusal(result)
    assert result.failure["reason"] == "wrong_address"
    assert result.failure["status"] == status
    assert second_simulator.journal() == []
    assert len(simulator.journal()) == 1


def test_a_redirect_within_the_origin_is_followed(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(
        system="webex", status=307, headers={"Location": "/webex/v1/hybrid/connectors?orgId=Y2lzY29zcGFyazovL3"}
    )
    assert len(module(LISTS["webex"])["connectors"]) == 5
    assert [entry["status"] for entry in simulator.journal()] == [307, 200]


def test_a_redirect_in_a_circle_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", status=302, headers={"Location": "/webex/v1/hybrid/connectors"}, times=None)
    result = module(LISTS["webex"])
    assert "redirect" in refusal(result)
    assert result.failure["reason"] == "wrong_address"
    assert len(simulator.journal()) < 10


def test_a_redirect_without_a_location_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", status=302)
    result = module(LISTS["webex"])
    assert "(302)" in refusal(result)
    assert result.failure["reason"] == "wrong_address"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_write_is_not_redirected_even_within_the_origin(module: RunModule, simulator: Simulator, status: int) -> None:
    location = "/apono/api/admin/v3/connectors/prod-us-east-1"
    simulator.fault(system="apono", method="DELETE", status=status, headers={"Location": location})
    result = module("apono_connector", id="gcp-analytics", state="absent")
    assert location in result.msg
    assert result.failure["reason"] == "wrong_address"
    assert len(simulator.writes()) == 1
    assert len(simulator.state()["apono"]["connectors"]) == 4


def test_a_proxy_of_the_environment_is_used_and_redacted(module: RunModule, closed_port: int) -> None:
    proxy = {"HTTP_PROXY": f"http://proxy-user:proxy-canary@127.0.0.1:{closed_port}"}
    result = module(LISTS["apono"], env=proxy, retry_budget=0)
    assert "Apono" in refusal(result)
    assert result.failure["reason"] == "unreachable"
    assert "canary" not in result.output


@pytest.mark.parametrize("how", ["use_proxy", "NO_PROXY"])
def test_use_proxy_false_ignores_the_environment(
    module: RunModule, simulator: Simulator, closed_port: int, how: str
) -> None:
    env = {"http_proxy": f"http://127.0.0.1:{closed_port}"}
    if how == "NO_PROXY":
        assert module(LISTS["apono"], env={**env, "NO_PROXY": "127.0.0.1"})["connectors"]
    else:
        assert module(LISTS["apono"], env=env, use_proxy=False)["connectors"]


def test_a_proxy_gets_the_request_in_the_servers_place(
    module: RunModule, simulator: Simulator, second_simulator: Simulator
) -> None:
    result = module(LISTS["apono"], env={"HTTP_PROXY": second_simulator.url})
    assert f"The simulator has no path {simulator.system_url('apono')}" in refusal(result)
    assert simulator.journal() == []


def test_a_netrc_file_is_ignored(module: RunModule, simulator: Simulator, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login netrc password netrc\n", encoding="utf-8")
    netrc.chmod(0o600)
    assert module(LISTS["apono"], env={"NETRC": str(netrc)})["connectors"]


@every_system
def test_an_untrusted_certificate_is_a_failure_with_a_remedy(
    module: RunModule, tls_simulator: Simulator, system: str
) -> None:
    result = module(LISTS[system], api_url=tls_simulator.system_url(system))
    assert "'ca_path'" in refusal(result)
    assert "certificate" in result.msg
    assert result.failure["status"] is None
    assert tls_simulator.journal() == []


@every_system
def test_a_certificate_is_trusted_by_its_authority(
    module: RunModule, tls_simulator: Simulator, authority_file: Path, system: str
) -> None:
    assert module(LISTS[system], api_url=tls_simulator.system_url(system), ca_path=str(authority_file))["connectors"]


def test_the_authority_may_be_named_by_the_environment(
    module: RunModule, tls_simulator: Simulator, authority_file: Path
) -> None:
    address = tls_simulator.system_url("apono")
    assert module(LISTS["apono"], api_url=address, env={"REQUESTS_CA_BUNDLE": str(authority_file)})["connectors"]


@every_system
def test_validate_certs_false_skips_the_certificate_check(
    module: RunModule, tls_simulator: Simulator, system: str
) -> None:
    result = module(LISTS[system], api_url=tls_simulator.system_url(system), validate_certs=False)
    assert result["connectors"]
    assert "InsecureRequestWarning" not in result.output


def test_a_certificate_for_another_host_is_a_failure(
    module: RunModule, tls_simulator: Simulator, authority_file: Path
) -> None:
    address = tls_simulator.system_url("apono").replace("127.0.0.1", "localhost")
    result = module(LISTS["apono"], api_url=address, ca_path=str(authority_file))
    assert "certificate" in refusal(result)
    assert result.failure["reason"] == "tls"
    assert "'api_url'" in result.msg


@pytest.mark.parametrize("content", [None, "no certificate\n"], ids=["no file", "no certificate"])
def test_an_unreadable_ca_file_is_a_failure(
    module: RunModule, tls_simulator: Simulator, tmp_path: Path, content: str | None, messages: MessageTable
) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content, encoding="utf-8")
    result = module(LISTS["apono"], api_url=tls_simulator.system_url("apono"), ca_path=str(path))
    assert result.failure["reason"] == "invalid_option"
    start, _colon, cause = refusal(result).partition(": ")
    messages.check("tls.unusable_file", start, option="ca_path", path=path)
    assert cause


def test_http_and_tls_mismatches_are_failures(
    module: RunModule, simulator: Simulator, tls_simulator: Simulator
) -> None:
    plain = tls_simulator.system_url("apono").replace("https:", "http:")
    tls = simulator.system_url("apono").replace("http:", "https:")
    assert refusal(module(LISTS["apono"], api_url=plain, retry_budget=0))
    result = module(LISTS["apono"], api_url=tls, retry_budget=0)
    assert "'api_url'" in refusal(result)
    assert result.failure["reason"] == "tls"


@pytest.mark.parametrize("files", ["one", "two"])
def test_a_client_certificate_is_presented(
    module: RunModule,
    authority: trustme.CA,
    authority_file: Path,
    server_certificate: Path,
    tmp_path: Path,
    files: str,
) -> None:
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    issued = authority.issue_cert("client@example.com")
    options: dict[str, Any] = {"ca_path": str(authority_file), "client_cert": str(certificate), "retry_budget": 0}
    if files == "one":
        issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
    else:
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        options["client_key"] = str(key)
    with start("--tls-cert", str(server_certificate), "--tls-client-ca", str(authority_file)) as demanding:
        address = f"{demanding.url}/apono"
        assert module(LISTS["apono"], api_url=address, **options)["connectors"]
        assert refusal(module(LISTS["apono"], api_url=address, ca_path=str(authority_file), retry_budget=0))
