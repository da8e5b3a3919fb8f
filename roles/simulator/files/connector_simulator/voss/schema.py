# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the documented schema of relation/SparkCustomer, and validate attributes against it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connector_simulator.checks import Check, any_value, boolean, string
from connector_simulator.exchange import UndocumentedRequest

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
    """Check the attributes in a payload against the schema.

    :param extra: attributes of other releases that are accepted.
    :raises UndocumentedRequest: an attribute is unknown or has an invalid value (400).
    """
    for name, value in content.items():
        check = any_value if name in extra else _CHECKS.get(name)
        if check is None:
            valid = ", ".join(sorted(_CHECKS))
            message = f"{name} is not an attribute of relation/SparkCustomer. Valid attributes: {valid}."
            raise UndocumentedRequest(400, message)
        complaint = check(value)
        if complaint:
            raise UndocumentedRequest(400, f"The attribute {name} {complaint}.")
    if not content.get("name"):
        raise UndocumentedRequest(400, "The attribute name is required.")


def title(name: str) -> str:
    """Return the title of an attribute."""
    return str(SCHEMA["properties"].get(name, {}).get("title", "Located At"))


def _choice(values: Sequence[str]) -> Check:
    def check(value: Any) -> str | None:
        return None if value in values or value == "" else f"must be one of {', '.join(values)}"

    return check


def _array(facts: Mapping[str, Any]) -> Check:
    inner: Mapping[str, Mapping[str, Any]] = facts["items"]["properties"]
    longest = {name: fact.get("maxLength", sys.maxsize) for name, fact in inner.items()}

    def is_item(item: Any) -> bool:
        return (
            isinstance(item, dict)
            and set(item) <= set(inner)
            and all(name in item for name, fact in inner.items() if fact.get("required"))
            and all(isinstance(text, str) and len(text) <= longest[name] for name, text in item.items())
        )

    def check(value: Any) -> str | None:
        fine = isinstance(value, list) and len(value) <= facts.get("maxItems", sys.maxsize)
        if fine and all(map(is_item, value)):
            return None
        return f"must be a list of objects with the fields {', '.join(inner)}"

    return check


def _check_for(facts: Mapping[str, Any]) -> Check:
    if "choices" in facts:
        return _choice([choice["value"] for choice in facts["choices"]])
    if facts["type"] == "array":
        return _array(facts)
    return boolean if facts["type"] == "boolean" else string


_CHECKS: dict[str, Check] = {name: _check_for(facts) for name, facts in SCHEMA["properties"].items()}
