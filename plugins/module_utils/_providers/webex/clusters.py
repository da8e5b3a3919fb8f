# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""List Webex hybrid clusters with their resource groups and connector counts."""

from __future__ import annotations

import functools
import typing as t
from collections import Counter, defaultdict

from ..._client import ApiClient
from ..._errors import AccessDenied
from ..._plan import Object, shown
from ..._spec import Params
from ..._untrusted import record_text
from .._base import Warn, matching
from . import client, organizations

# The key under which connectors without a valid status or type are counted.
UNKNOWN = "unknown"


def listing(http: ApiClient, params: Params, warn: Warn) -> organizations.Listing:
    """Return the clusters that match the parameters of the module."""
    return organizations.listing(http, params, functools.partial(_of_organization, http, params), warn)


def _of_organization(http: ApiClient, params: Params, org_id: str | None) -> list[Object]:
    """Return the matching clusters in an organization. If no cluster matches, do not send further requests."""
    found = client.clusters(http, org_id)
    if params["id"] is not None:
        found = [item for item in found if client.is_same(params["id"], item["id"])]
    if params["name"]:
        found = matching(found, "name", [params["name"]])
    if not found:
        return found
    by_cluster = defaultdict(list)
    for connector in client.connectors(http, org_id):
        by_cluster[client.plain(connector["hybrid_cluster_id"])].append(connector)
    names = _resource_group_names(http, org_id) if params["resource_groups"] else {}
    for item in found:
        item["resource_group_name"] = names.get(client.plain(item["resource_group_id"]))
        item["connectors"] = _counts(by_cluster[client.plain(item["id"])])
    return found


def _resource_group_names(http: ApiClient, org_id: str | None) -> dict[str | None, t.Any]:
    """Return the names of the resource groups in an organization, keyed by ID.

    :raises AccessDenied: the token does not have the scope for resource groups, or does not give access to the
        organization.
    """
    try:
        return client.resource_group_names(http, org_id)
    except AccessDenied as error:
        if error.reason != "forbidden":
            raise
        message = f"{error.message} To list the clusters without their resource groups, set 'resource_groups: false'."
        raise AccessDenied(message, error.failure) from None


def _counts(connectors: list[Object]) -> Object:
    """Return the number of connectors in total, by status and by type."""
    return {
        "total": len(connectors),
        "by_status": _counted(connectors, "status", client.STATUSES),
        "by_type": _counted(connectors, "type", client.TYPES),
    }


def _counted(connectors: list[Object], key: str, documented: t.Iterable[str]) -> dict[str, int]:
    """Count connectors by the value of a key. Documented values without connectors have a count of 0."""
    spellings = {value.casefold(): value for value in documented}
    counts = Counter(dict.fromkeys(documented, 0))
    for connector in connectors:
        value = shown(record_text(connector[key]) or UNKNOWN)
        counts[spellings.get(value.casefold(), value)] += 1
    return dict(counts)
