# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Client for Acme Relay: list relays."""

from __future__ import annotations

import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._evidence import ListReader, list_content, reading_list

Relay = dict[str, t.Any]


def relays(http: ApiClient, site: str) -> list[Relay]:
    """Return the relays of a site.

    :raises InvalidResponse: the response is not a list of relays.
    """
    with reading_list():
        response = http.get("/v1/relays", [("site", site)])
    content = list_content(response, "relays")
    if not isinstance(content.get("relays"), list):
        raise response.unusable("JSON without a list of relays")
    reader = ListReader("relays")
    reader.add(response, content["relays"], "id")
    reader.finish(response, content)
    return list(reader.items.values())
