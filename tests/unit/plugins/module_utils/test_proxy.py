# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test which URLs use a proxy of the environment."""

from __future__ import annotations

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils._proxy import environment_proxies


@pytest.mark.parametrize(
    ("host", "exempt", "is_exempt"),
    [
        ("[::1]", "::1/128", True),
        ("[::1]", "0:0:0:0:0:0:0:1", True),
        ("[::1]", "[::1]", True),
        ("[::1]", "example.com, ::/64", True),
        ("[2001:db8::7]", "2001:db8::/32", True),
        ("[2001:DB8:0::7]", "2001:db8::7", True),
        ("[2001:db8::7]", "2001:db9::/32", False),
        ("[::1]", "127.0.0.0/8,example.com,::/x", False),
        ("127.0.0.1", "::/0", False),
        ("127.0.0.1", "127.0.0.0/8", True),
        ("example.com", "::/0,.example.org", False),
    ],
)
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_networks_of_ipv6_can_be_exempt(
    monkeypatch: pytest.MonkeyPatch, host: str, exempt: str, is_exempt: bool, variable: str
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv(variable, exempt)
    proxies = environment_proxies(f"https://{host}:8443/api")
    assert ("https" not in proxies) is is_exempt
