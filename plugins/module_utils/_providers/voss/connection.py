# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the connection to VOSS Automate: options, authentication and URL paths."""

from __future__ import annotations

from ..._connection import Connection, Option, basic, basic_options

DOCUMENTATION = r"""
---
api_url:
  - URL of VOSS Automate, for example V(https://voss.example.com). For a cluster, specify the URL of the web
    proxy.
username:
  - Name of the VOSS Automate user.
password:
  - Password of the VOSS Automate user.
requests_per_second:
  - Maximum number of requests per second, including parallel requests.
  - By default, VOSS Automate rejects more than 20 requests per second per user. Concurrent tasks with the same user
    share this limit.
  - V(0) disables the rate limit. Otherwise, the minimum is V(0.001).
"""

VOSS = Connection(
    name="voss",
    title="VOSS Automate",
    own_options=(
        Option("api_url", required=True, env="VOSS_API_URL"),
        *basic_options("VOSS"),
        Option("requests_per_second", "float", default=18.0),
    ),
    authorization=basic,
    request_id_headers=("X-Request-ID",),
    documented_paths=("/api", "/api/relation/SparkCustomer"),
)
