# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Read the health, the version and the nodes of a Hybrid Data Pipeline server.

Source: the vendor's API reference for the health check, the version and the nodes.
"""

from __future__ import annotations

import re

from ..._client import ApiClient
from ..._evidence import list_content, reports_error, require_ok
from ..._names import snake_cased
from ..._plan import Object
from ..._response import is_list_of

HEALTH = "/api/healthcheck"
VERSION = "/api/mgmt/version"
NODES = "/api/admin/system/nodes"
NOT_AN_ADMINISTRATOR = (
    "The credentials are valid, but lack the Administrator permission. Grant the permission, or use other credentials."
    " To get only the version, set 'nodes: false'."
)
# In one of the documented examples, the response has no quotation marks and is therefore not valid JSON.
UNQUOTED = re.compile(rb"\s*\{\s*status\s*:\s*(\w{1,100})\s*\}\s*")


def is_healthy(http: ApiClient) -> bool:
    """Return whether the health check of the server reports the status ``active``.

    :raises InvalidResponse: the response does not contain a status, for example because a proxy returned it.
    """
    response = http.get(HEALTH)
    require_ok(response, "the health")
    unquoted = UNQUOTED.fullmatch(response.body)
    status = unquoted[1].decode(errors="replace") if unquoted else response.json_object().get("status")
    if not isinstance(status, str):
        raise response.malformed("a health check without a status")
    return status.casefold() == "active"


def version(http: ApiClient) -> Object:
    """Return version information and the installation type of the server."""
    response = http.get(VERSION)
    require_ok(response, "the version")
    content = response.json_object()
    found: Object = snake_cased(content)
    if reports_error(content) or "hdp_version" not in found:
        raise response.unusable("JSON without 'HDPVersion'")
    return found


def nodes(http: ApiClient) -> list[Object]:
    """Return the nodes of the server, sorted by address.

    :raises AccessDenied: the user does not have the Administrator permission.
    """
    response = http.get(NODES, remedies={403: NOT_AN_ADMINISTRATOR})
    found = list_content(response, "nodes").get("nodes")
    if not is_list_of(found, dict):
        raise response.unusable("JSON without a list of nodes")
    described = [{"url": None, "id": None, **snake_cased(node)} for node in found]
    return sorted(described, key=lambda node: str(node["url"]))
