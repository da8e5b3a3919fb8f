# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The vendors' camel case and ours, snake case."""

from __future__ import annotations

import re
import typing as t


def snake_case(name: str) -> str:
    """C(connectorID), C(connectorId) and C(connector_id) as C(connector_id); C(memberIDs) as C(member_ids)."""
    name = re.sub(r"IDs(?![a-z])", "Ids", name)
    name = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return name.replace("-", "_").lower()


def snake_cased(value: t.Any) -> t.Any:
    """The value with all keys in snake case, at every depth; values stay the server's."""
    if isinstance(value, dict):
        return {snake_case(str(key)): snake_cased(item) for key, item in value.items()}
    if isinstance(value, list):
        return [snake_cased(item) for item in value]
    return value
