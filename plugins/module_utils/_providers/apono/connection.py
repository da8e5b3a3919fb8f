# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the connection to the Apono API: options, authentication and URL paths."""

from __future__ import annotations

from ..._connection import Connection, Option, bearer

DOCUMENTATION = r"""
---
api_url:
  - URL of the Apono API.
api_token:
  - Apono personal token or service account token. The module has the permissions of the token owner.
"""

PATHS = (
    "/api", "/api/admin", "/api/admin/v3", "/api/admin/v3/connectors", "/api/admin/v4", "/api/admin/v4/integrations",
    "/api/v2", "/api/v2/connectors",
)  # fmt: skip

APONO = Connection(
    name="apono",
    title="Apono",
    own_options=(
        Option("api_url", default="https://api.apono.io", env="APONO_ENDPOINT"),
        Option("api_token", required=True, secret=True, env="APONO_PERSONAL_TOKEN"),
    ),
    authorization=bearer("api_token"),
    request_id_headers=("X-Request-ID",),
    documented_paths=PATHS,
)
