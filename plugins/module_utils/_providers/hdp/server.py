# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Read the health, the version and the nodes of a Hybrid Data Pipeline server.

Source: the vendor's reference of the health check, of the version and of the nodes.
"""

from __future__ import annotations

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import AccessDenied
from ansible_collections.hybrid.connectors.plugins.module_utils._evidence import (
    list_content,
    reports_error,
    require_ok,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_cased
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object

HEALTH = "/api/healthcheck"
VERSION = "/api/mgmt/version"
NODES = "/api/admin/system/nodes"
# The vendor shows the response as JSON, and without quotation marks.
ACTIVE = ('{"status":"active"}', "{status:active}")
UNHEALTHY = frozenset(range(500, 600))


def is_healthy(http: ApiClient) -> bool:
    """Return whether the health check of the server returns the status ``active``.

    Responses with a status of 500 or higher are not retried, because they are the result of the check.
    """
    response = http.get(HEALTH, expect=UNHEALTHY)
    text = response.body[:1000].decode(errors="replace")
    return response.status == 200 and "".join(text.split()).casefold() in ACTIVE


def version(http: ApiClient) -> Object:
    """Return the versions of the server, and the type of the installation."""
    response = http.get(VERSION)
    require_ok(response, "its version")
    content = response.json_object()
    found: Object = snake_cased(content)
    if reports_error(content) or "hdp_version" not in found:
        raise response.unusable("JSON without 'HDPVersion'")
    return found


def nodes(http: ApiClient) -> list[Object]:
    """Return the nodes of the server, sorted by address.

    :raises AccessDenied: the user does not have the Administrator permission.
    """
    try:
        response = http.get(NODES)
    except AccessDenied as error:
        message = f"{error.message} To get the version without the Administrator permission, set 'nodes: false'."
        raise AccessDenied(message, error.failure) from None
    found = list_content(response, "nodes").get("nodes")
    if not isinstance(found, list) or not all(isinstance(node, dict) for node in found):
        raise response.unusable("JSON without a list of nodes")
    return sorted(map(snake_cased, found), key=lambda node: str(node.get("url")))
