# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the connection to a Hybrid Data Pipeline server: options, authentication and URL paths."""

from __future__ import annotations

from ..._connection import Connection, Option, basic, basic_options

DOCUMENTATION = r"""
---
api_url:
  - URL of the Hybrid Data Pipeline server, including the port, for example V(https://hdp.example.com:8443).
username:
  - Name of the Hybrid Data Pipeline user.
password:
  - Password of the Hybrid Data Pipeline user.
"""

HDP = Connection(
    name="hdp",
    title="Hybrid Data Pipeline",
    own_options=(
        Option("api_url", required=True, env="HDP_API_URL"),
        *basic_options("HDP"),
    ),
    authorization=basic,
    request_id_headers=("X-Request-ID",),
    documented_paths=("/api", "/api/admin", "/api/admin/connectors", "/api/mgmt", "/api/mgmt/connectors"),
)
