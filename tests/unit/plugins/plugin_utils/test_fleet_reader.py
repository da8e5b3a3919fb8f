# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet reader checks options before any request, and returns typed errors."""

from __future__ import annotations

import pytest
from support.modules import ROOT

from ansible_collections.hybrid.connectors.plugins.module_utils import _fleet_reader as reader
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError, RequestFailed
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.plugin_utils._in_process import module_called

NOWHERE = {"api_url": "http://127.0.0.1:1", "retry_budget": 0}


def test_every_provider_package_is_registered() -> None:
    packages = {path.parent.name for path in (ROOT / "plugins/module_utils/_providers").glob("*/provider.py")}
    assert set(PROVIDERS) == packages


@pytest.mark.parametrize("system", PROVIDERS)
def test_provider_names_options_of_its_info_module(system: str) -> None:
    provider = PROVIDERS[system]
    spec, _function = module_called(provider.info_module)
    assert spec.system == system
    assert {*provider.spec.options} <= {*spec.options}
    named = {*provider.scope, *provider.required_scope, *provider.health_filters}
    named |= {*provider.fleet_defaults, *provider.poll_defaults}
    assert named <= {*provider.spec.options}


@pytest.mark.parametrize(
    ("system", "options", "word"),
    [
        ("apono", {"api_token": "canary", "statuss": "canary"}, "statuss"),
        ("apono", {"api_token": "canary", "limit": 0}, "limit"),
        ("apono", {"api_token": "canary", "ca_path": "/nowhere/ca.pem", "api_url": "https://a.example"}, "ca_path"),
        ("hdp", {**NOWHERE, "username": "a", "password": "canary", "accessible": True}, "accessible"),
        ("hdp", {**NOWHERE, "username": "a", "password": "canary", "filters": {"a": 1}}, "Unknown filter"),
        ("voss", {**NOWHERE, "username": "a", "password": "canary"}, "hierarchy"),
        ("webex", {**NOWHERE, "access_token": "canary", "org_id": ""}, "org_id"),
    ],
)
def test_wrong_option_is_an_error_before_reading(system: str, options: dict[str, object], word: str) -> None:
    with pytest.raises(InputError, match=word) as raised:
        reader.source_of(system, options)
    assert raised.value.reason == "invalid_option"
    assert "canary" not in raised.value.message
    assert raised.value.message.startswith(f"{system}: ")


def test_wrong_options_of_all_systems_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APONO_PERSONAL_TOKEN", "WEBEX_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError) as raised:
        reader.sources_of({"apono": {}, "webex": {}})
    assert "APONO_PERSONAL_TOKEN" in raised.value.message
    assert "WEBEX_ACCESS_TOKEN" in raised.value.message


def test_unreachable_system_is_a_typed_error() -> None:
    source = reader.source_of("webex", {**NOWHERE, "access_token": "canary-canary-1"})
    reading = reader.read_all({"webex": source})["webex"]
    assert isinstance(reading.error, RequestFailed)
    assert reading.error.reason == reading.error.failure.reason == "unreachable"
    assert reading.error.result["failure"]["system"] == "webex"
    assert not reading.is_misconfigured
