# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the connection to the Webex API: options, authentication and documented paths."""

from __future__ import annotations

from ansible_collections.hybrid.connectors.plugins.module_utils._connection import Connection, Option, bearer

WEBEX = Connection(
    name="webex",
    title="Webex",
    own_options=(
        Option(
            "api_url", "str", ("Address of the Webex API.",), default="https://webexapis.com/v1", env="WEBEX_API_URL"
        ),
        Option(
            "access_token",
            "str",
            (
                "Access token of a Webex administrator. The token requires the scope"
                " C(spark-admin:hybrid_connectors_read).",
                "Access tokens expire after hours or days. The collection does not renew access tokens.",
            ),
            required=True,
            secret=True,
            env="WEBEX_ACCESS_TOKEN",
        ),
    ),
    authorization=bearer("access_token"),
    request_id_headers=("trackingId",),
    documented_paths=("/hybrid", "/hybrid/connectors", "/hybrid/clusters"),
)
