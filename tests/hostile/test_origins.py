# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials stay at the origin of 'api_url'."""

from __future__ import annotations

import pytest

from hostile.attack import Attack, Serve, connection
from hostile.server import reply


@pytest.mark.parametrize("header", ["Location", "Link"])
def test_a_backslash_does_not_lead_to_another_origin(attack: Attack, serve: Serve, header: str) -> None:
    evil = serve(lambda request: reply(200, {"items": []}))

    def respond(request: object) -> bytes:
        target = rf"http://127.0.0.1:{evil.port}\@{good.host}/x"
        if header == "Link":
            return reply(200, {"items": []}, f'Link: <{target}>; rel="next"')
        return reply(307, b"", f"Location: {target}")

    good = serve(respond)
    result = attack.task("webex_hybrid_connector_info", connection("webex", f"{good.url}/v1"))
    assert evil.requests == []
    assert result.failed
    assert result.failure["reason"] == "wrong_address"
