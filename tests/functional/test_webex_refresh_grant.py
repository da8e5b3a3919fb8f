# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The refresh grant of Webex: modules get an access token by themselves."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.simulator import CREDENTIALS, WEBEX_GRANT, Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

SECRET, REFRESH = WEBEX_GRANT["client_secret"], WEBEX_GRANT["refresh_token"]
LIST = "webex_hybrid_connector_info"


def run(module: RunModule, **options: Any) -> Result:
    """List the connectors with the grant, and check that no secret is shown."""
    result = module(LIST, **{"access_token": None, **WEBEX_GRANT, **options})
    for secret in (SECRET, REFRESH, "simulator-webex-access-", "simulator-webex-refresh-"):
        assert secret not in result.output
        assert secret not in repr(result.values)
    return result


def fetched(simulator: Simulator) -> int:
    """Return how often a token was requested."""
    return sum(entry["path"] == "/access_token" for entry in simulator.journal("webex"))


def test_a_token_is_fetched_once_for_all_requests(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"personal_token": "refuse"})
    result = run(module, clusters=True).ok()
    assert not result.changed
    assert len(result["connectors"]) > 1
    assert fetched(simulator) == 1
    assert simulator.writes() == []
    assert not result.warnings.strip("[]")


def test_check_mode_also_fetches_a_token(module: RunModule) -> None:
    assert run(module, check=True).ok()["connectors"]


def test_environment_variables_contain_the_grant(module: RunModule) -> None:
    env = {f"WEBEX_{name.upper()}": value for name, value in WEBEX_GRANT.items()}
    assert run(module, env=env, **dict.fromkeys(WEBEX_GRANT)).ok()["connectors"]


def test_credentials_of_the_task_have_precedence(module: RunModule, simulator: Simulator) -> None:
    environment = {f"WEBEX_{name.upper()}": "wrong" for name in ("access_token", *WEBEX_GRANT)}
    assert run(module, env=environment).ok()["connectors"]
    assert fetched(simulator) == 1
    simulator.forget()
    token = {**CREDENTIALS["webex"], **dict.fromkeys(WEBEX_GRANT)}
    assert run(module, env=environment, **token).ok()["connectors"]
    assert fetched(simulator) == 0
    result = run(module, env=environment, **dict.fromkeys(WEBEX_GRANT))
    assert result.failure["reason"] == "invalid_option"


def test_credentials_of_fleet_info_have_precedence(module: RunModule, simulator: Simulator) -> None:
    environment = {f"WEBEX_{name.upper()}": "wrong" for name in ("access_token", *WEBEX_GRANT)}
    for options, requests in ((WEBEX_GRANT, 1), ({"access_token": "simulator-webex-token"}, 0)):
        simulator.forget()
        unset = {"access_token": None, **dict.fromkeys(WEBEX_GRANT)}
        result = module("fleet_info", env=environment, webex={**unset, **options}).ok()
        assert result["systems"]["webex"]["read"], result["systems"]
        assert fetched(simulator) == requests


OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "no client secret": ({"client_secret": None}, "'client_secret'"),
    "only a client ID": ({"client_secret": None, "refresh_token": ""}, "'client_secret' and 'refresh_token'"),
    "both kinds": (CREDENTIALS["webex"], "Both 'access_token' and 'client_id'"),
    "no credentials": (dict.fromkeys(WEBEX_GRANT), "WEBEX_REFRESH_TOKEN"),
}


@pytest.mark.parametrize(("options", "words"), OPTIONS.values(), ids=OPTIONS)
def test_incomplete_credentials_send_no_request(
    module: RunModule, simulator: Simulator, options: dict[str, Any], words: str
) -> None:
    result = run(module, **options)
    assert result.failure["reason"] == "invalid_option"
    assert words in result.msg
    assert simulator.journal("webex") == []


ERRORS = {
    "invalid_request": "webex.rejected_refresh_token",
    "invalid_grant": "webex.rejected_refresh_token",
    "unauthorized": "webex.rejected_refresh_token",
    "invalid_client": "webex.rejected_client",
    "unauthorized_client": "webex.unauthorized_client",
    "unsupported_grant_type": "webex.unauthorized_client",
    "invalid_scope": "webex.rejected_refresh_token",
}


@pytest.mark.parametrize(("error", "row"), ERRORS.items(), ids=ERRORS)
def test_a_rejected_grant_says_what_to_do(
    module: RunModule, simulator: Simulator, error: str, row: str, messages: MessageTable
) -> None:
    simulator.settings(webex={"token_error": error})
    result = run(module)
    assert result.failure["reason"] == "unauthorized"
    assert result.failure["status"] == (401 if error == "unauthorized" else 400)
    messages.check_in(row, result.msg)
    if error != "unauthorized":
        assert result.failure["code"] == error
    assert [entry["path"] for entry in simulator.journal("webex")] == ["/access_token"]


def test_wrong_credentials_are_sent_once(module: RunModule, simulator: Simulator) -> None:
    result = run(module, client_secret="another-secret-of-a-client", clusters=True)
    assert result.failure["code"] == "invalid_client"
    assert "another-secret-of-a-client" not in result.output
    assert len(simulator.journal("webex")) == 1


def test_a_temporary_failure_is_retried(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", path="/access_token", status=503, times=1)
    assert run(module).ok()["connectors"]
    assert fetched(simulator) == 2


def test_a_rejected_token_is_replaced_once(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", method="GET", status=401, times=1)
    assert run(module).ok()["connectors"]
    assert fetched(simulator) == 2
    simulator.forget()
    simulator.fault(system="webex", method="GET", status=401, times=None)
    result = run(module)
    assert result.failure["reason"] == "unauthorized"
    assert sum(entry["method"] == "GET" for entry in simulator.journal("webex")) == 2


def test_the_same_token_again_is_not_sent_again(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"token_reuse": 3600})
    simulator.fault(system="webex", method="GET", status=401, times=None)
    assert run(module).failure["reason"] == "unauthorized"
    assert sum(entry["method"] == "GET" for entry in simulator.journal("webex")) == 1


@pytest.mark.parametrize(("lifetime", "days"), [(13 * 86400, "13.0"), (15 * 86400, None), (3600, "0.0")])
def test_a_refresh_token_that_expires_soon_gives_a_warning(
    module: RunModule, simulator: Simulator, lifetime: float, days: str | None, messages: MessageTable
) -> None:
    simulator.settings(webex={"refresh_token_lifetime": lifetime})
    result = run(module)
    if days:
        messages.check_in("webex.refresh_token_expires", result.warnings, days=days)
    else:
        assert result.warnings == "[]"
    assert messages.expected("webex.rejected_refresh_token") not in result.warnings


def test_a_new_refresh_token_gives_a_warning(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"refresh_token": "rotate"})
    assert "'token_cache'" in run(module).ok().warnings


@pytest.mark.parametrize("returned", ["keep", "omit"])
def test_the_refresh_token_may_stay(module: RunModule, simulator: Simulator, returned: str) -> None:
    simulator.settings(webex={"refresh_token": returned})
    assert "'token_cache'" not in run(module).ok().warnings


def test_a_cached_token_is_used_by_the_next_task(module: RunModule, simulator: Simulator, tmp_path: Path) -> None:
    cache = tmp_path / "tokens"
    for _task in range(3):
        assert run(module, token_cache=str(cache)).ok()["connectors"]
    assert fetched(simulator) == 1
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    (entry,) = json.loads(cache.read_text()).values()
    assert entry["access_token"].startswith("simulator-webex-access-")
    assert SECRET not in cache.read_text()


def test_a_cached_token_is_replaced_near_its_end(module: RunModule, simulator: Simulator, tmp_path: Path) -> None:
    cache = tmp_path / "tokens"
    run(module, token_cache=str(cache)).ok()
    entries = json.loads(cache.read_text())
    (entry,) = entries.values()
    for ago, requests in ((0.89, 1), (0.91, 2)):
        lifetime, now = 10000.0, time.time()
        entry.update(issued_at=now - ago * lifetime, expires_at=now + (1 - ago) * lifetime)
        cache.write_text(json.dumps(entries))
        run(module, token_cache=str(cache), hostname=f"host-{ago}").ok()
        assert fetched(simulator) == requests


def test_a_rotated_refresh_token_is_cached(module: RunModule, simulator: Simulator, tmp_path: Path) -> None:
    simulator.settings(webex={"refresh_token": "rotate"})
    cache = tmp_path / "tokens"
    first = run(module, token_cache=str(cache)).ok()
    assert "'token_cache'" not in first.warnings
    simulator.settings(webex={"access_token_lifetime": 0})
    entries = json.loads(cache.read_text())
    (entry,) = entries.values()
    entry["expires_at"] = entry["issued_at"]
    cache.write_text(json.dumps(entries))
    simulator.settings(webex={"access_token_lifetime": 3600})
    assert run(module, token_cache=str(cache)).ok()["connectors"]


def test_a_cache_for_other_users_is_refused(module: RunModule, simulator: Simulator, tmp_path: Path) -> None:
    cache = tmp_path / "tokens"
    cache.write_text("{}")
    cache.chmod(0o640)
    result = run(module, token_cache=str(cache))
    assert result.failure["reason"] == "invalid_option"
    assert str(cache) in result.msg
    assert simulator.journal("webex") == []


UNUSABLE_ENTRY = {
    "access_token": 1, "issued_at": 0, "expires_at": 0, "refresh_token": "r", "refresh_expires_at": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    "content", ["", " \n", "{}", json.dumps({"a": UNUSABLE_ENTRY}), json.dumps({"a": {**UNUSABLE_ENTRY, "later": 1}})]
)
def test_an_empty_cache_or_an_unusable_entry_is_replaced(
    module: RunModule, simulator: Simulator, tmp_path: Path, content: str
) -> None:
    cache = tmp_path / "tokens"
    cache.write_text(content)
    cache.chmod(0o600)
    assert run(module, token_cache=str(cache)).ok()["connectors"]
    assert len(json.loads(cache.read_text())) == 1


FOREIGN = {
    "password": b"canary-password\n",
    "list": b"[]",
    "truncated": json.dumps({"a": UNUSABLE_ENTRY}).encode()[:-1],
    "settings": b'{"a": 1}',
    "other tokens": b'{"a": {"access_token": "canary", "refresh_token": "canary"}}',
    "one other key": json.dumps({"a": UNUSABLE_ENTRY, "b": {}}).encode(),
    "other encoding": b"\xff",
    "deep": b"[" * 100_000,
    "large": b"x" * 2_000_000,
}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_not_a_cache_is_kept(
    module: RunModule, simulator: Simulator, tmp_path: Path, messages: MessageTable, content: bytes, check: bool
) -> None:
    cache = tmp_path / "tokens"
    cache.write_bytes(content)
    cache.chmod(0o600)
    result = run(module, token_cache=str(cache), check=check)
    assert result.failure["reason"] == "invalid_option"
    messages.check("token_cache.other_file", result.msg, path=cache)
    assert cache.read_bytes() == content
    assert simulator.journal("webex") == []


def test_a_link_is_not_used_as_a_cache(module: RunModule, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("{}")
    target.chmod(0o600)
    cache = tmp_path / "tokens"
    cache.symlink_to(target)
    assert run(module, token_cache=str(cache)).failure["reason"] == "invalid_option"
    assert target.read_text() == "{}"


def test_a_missing_directory_is_reported(module: RunModule, simulator: Simulator, tmp_path: Path) -> None:
    result = run(module, token_cache=str(tmp_path / "none" / "tokens"))
    assert result.failure["reason"] == "invalid_option"
    assert simulator.journal("webex") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write every directory")
def test_a_directory_without_permission_is_reported(module: RunModule, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    assert run(module, token_cache=str(folder / "tokens")).failure["reason"] == "invalid_option"
