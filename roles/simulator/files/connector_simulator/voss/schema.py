# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented schema of relation/SparkCustomer, and the check of attributes against it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connector_simulator.checks import Check, anything, boolean, string
from connector_simulator.exchange import Misuse

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data" / "spark_customer_schema.json").read_text(encoding="utf-8")
)
PASSWORDS = tuple(name for name, facts in SCHEMA["properties"].items() if facts.get("is_password"))
EXPIRIES = ("access_token_expires", "refresh_token_expires")
SUMMARY_ATTRIBUTES = (
    "name",
    "account_number_external",
    "account_email",
    "default_calling_behaviour",
    "email_domain",
    "dirsync_enabled",
    "hierarchy_friendly_name",
)


def check_attributes(content: Mapping[str, Any], extra: Sequence[str]) -> None:
    """Check the attributes of a payload; ``extra`` are attributes of other releases. Raises Misuse with 400."""
    for name, value in content.items():
        check = anything if name in extra else _CHECKS.get(name)
        if check is None:
            raise Misuse(400, f"{name} is not an attribute of relation/SparkCustomer: {', '.join(sorted(_CHECKS))}.")
        complaint = check(value)
        if complaint:
            raise Misuse(400, f"The attribute {name} {complaint}.")
    if not content.get("name"):
        raise Misuse(400, "The attribute name is required.")


def title(name: str) -> str:
    """An attribute's title."""
    return str(SCHEMA["properties"].get(name, {}).get("title", "Located At"))


def _choice(values: Sequence[str]) -> Check:
    def check(value: Any) -> str | None:
        return None if value in values or value == "" else f"is one of {', '.join(values)}"

    return check


def _array(value: Any) -> str | None:
    return None if isinstance(value, list) else "is a list"


def _check_for(facts: Mapping[str, Any]) -> Check:
    if "choices" in facts:
        return _choice([choice["value"] for choice in facts["choices"]])
    return {"boolean": boolean, "array": _array}.get(facts["type"], string)


_CHECKS: dict[str, Check] = {name: _check_for(facts) for name, facts in SCHEMA["properties"].items()}
