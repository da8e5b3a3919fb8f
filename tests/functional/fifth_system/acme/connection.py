# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection to the API of Acme Relay."""

from __future__ import annotations

from ansible_collections.hybrid.connectors.plugins.module_utils._connection import Connection, Option, bearer

DOCUMENTATION = r"""
---
api_url:
  - Address of Acme Relay.
api_key:
  - API key of Acme Relay.
"""

ACME = Connection(
    name="acme",
    title="Acme Relay",
    own_options=(
        Option("api_url", required=True, env="ACME_API_URL"),
        Option("api_key", required=True, secret=True, env="ACME_API_KEY"),
    ),
    authorization=bearer("api_key"),
)
