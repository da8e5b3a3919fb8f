# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the validation rules for Apono integrations (API version 4), and the formats of owners and secrets.

Source: the OpenAPI document of the vendor's Terraform provider. Responses and requests use different formats for
``owner`` and ``owners_mapping``. Settings define how omitted fields and secrets are handled, because this is not
documented.
"""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from connector_simulator.checks import (
    Check,
    json_object,
    list_of_strings,
    non_empty_string,
    nullable,
    string,
)
from connector_simulator.exchange import ApiError
from connector_simulator.strict import check_fields

MASK = "********"
MAXIMUM_DETAILS = 400
REQUIRED = ("name", "integration_config")
CHANGE_FIELDS: dict[str, Check] = {
    "name": non_empty_string,
    "integration_config": json_object,
    "connector_id": nullable(non_empty_string),
    "secret_store_config": nullable(json_object),
    "connected_resource_types": nullable(list_of_strings),
    "custom_access_details": nullable(string),
    "owner": nullable(json_object),
    "owners_mapping": nullable(json_object),
}
CREATE_FIELDS: dict[str, Check] = {**CHANGE_FIELDS, "type": non_empty_string}
_OPTIONAL = tuple(name for name in CHANGE_FIELDS if name not in REQUIRED)
_STORES: dict[str, tuple[str, ...]] = {
    "aws": ("region", "secret_id"),
    "gcp": ("project", "secret_id"),
    "kubernetes": ("namespace", "name"),
    "azure": ("vault_url", "name"),
    "hashicorp_vault": ("secret_engine", "path"),
    "apono": ("parameters",),
}
_OWNER_REQUIRED = {"owner": ("attribute_type", "attribute_value"), "owners_mapping": ("key_name", "attribute_type")}
_OWNER_FIELDS: dict[str, dict[str, Check]] = {
    "owner": {
        "attribute_type": non_empty_string,
        "attribute_value": list_of_strings,
        "source_integration_reference": nullable(non_empty_string),
    },
    "owners_mapping": {
        "key_name": non_empty_string,
        "attribute_type": non_empty_string,
        "source_integration_reference": nullable(non_empty_string),
    },
}
_SECRET_NAME = re.compile(r"password|secret|token|private_key|api_key", re.IGNORECASE)


class IntegrationStore:
    """The integrations of the simulated Apono account.

    :param connectors: connectors by ID.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        integrations: list[dict[str, Any]],
        connectors: Mapping[str, Mapping[str, Any]],
    ):
        self._settings = settings
        self._connectors = connectors
        self._refreshing: dict[str, int] = {}
        self.items = integrations

    def find(self, integration_id: str) -> dict[str, Any]:
        """Return an integration.

        :raises ApiError: the integration does not exist (404).
        """
        for item in self.items:
            if item["id"] == integration_id:
                return item
        raise ApiError(404, "Integration not found")

    def create(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Create an integration.

        :raises ApiError: a field is not valid (400).
        """
        fields = self._checked(content)
        item = {"id": str(uuid.uuid4()), "category": "RESOURCES", "status": "ACTIVE", "last_sync_time": None, **fields}
        self.items.append(item)
        return item

    def replace(self, item: dict[str, Any], content: Mapping[str, Any], keep_connector: bool) -> bool:
        """Replace the fields of an integration and return whether it changed.

        :param keep_connector: whether the integration keeps its connector, because a quirk requires this.
        :raises ApiError: a field is not valid (400). Nothing is changed.
        """
        fields = self._checked(content)
        if self._settings["omitted_fields"] == "clear":
            fields = {**{name: None for name in _OPTIONAL if name in item}, **fields}
        if keep_connector:
            fields["connector_id"] = item.get("connector_id")
        changed = {**item, **fields}
        if changed == item:
            return False
        item.update(changed)
        self._refreshing[item["id"]] = self._settings["refreshing"]
        return True

    def shown(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return an integration in the response format, with the temporary status ``Refreshing`` after a change."""
        shown = copy.deepcopy(dict(item))
        remaining = self._refreshing.get(item["id"], 0)
        if remaining > 0:
            self._refreshing[item["id"]] = remaining - 1
            shown["status"] = "Refreshing"
        self._hide_parameters(shown)
        if self._settings["config_secrets"] == "mask":
            config = shown["integration_config"]
            shown["integration_config"] = {name: _masked(name, value) for name, value in config.items()}
        return shown

    def _hide_parameters(self, shown: Mapping[str, Any]) -> None:
        """Hide secrets that are stored in Apono, but not references to external secret stores."""
        store = shown.get("secret_store_config") or {}
        parameters = (store.get("apono") or {}).get("parameters")
        if not isinstance(parameters, dict):
            return
        if self._settings["stored_secrets"] == "mask":
            store["apono"]["parameters"] = dict.fromkeys(parameters, MASK)
        elif self._settings["stored_secrets"] == "drop":
            store["apono"].pop("parameters", None)

    def _checked(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Check the fields of a request and convert them to the storage format."""
        fields = copy.deepcopy(dict(content))
        self._check_connector(fields.get("connector_id"))
        if len(fields.get("custom_access_details") or "") > MAXIMUM_DETAILS:
            raise ApiError(400, f"custom_access_details must have at most {MAXIMUM_DETAILS} characters.")
        if fields.get("secret_store_config") is not None:
            _check_store(fields["secret_store_config"])
        for name, known in _OWNER_FIELDS.items():
            if fields.get(name) is not None:
                fields[name] = self._stored_owner(name, fields[name], known)
        return fields

    def _check_connector(self, connector_id: str | None) -> None:
        if connector_id is None or self._settings["unknown_connector"] == "accept":
            return
        if connector_id not in self._connectors:
            raise ApiError(400, f"The connector {connector_id} does not exist.")

    def _stored_owner(self, name: str, given: dict[str, Any], known: Mapping[str, Check]) -> dict[str, Any]:
        """Replace a reference to another integration with the ID and name of that integration."""
        check_fields(given, known, name)
        _require(name, given, _OWNER_REQUIRED[name])
        reference = given.pop("source_integration_reference", None)
        source: Mapping[str, Any] = {}
        if reference is not None:
            source = self._referenced(reference)
        return {**given, "source_integration_id": source.get("id"), "source_integration_name": source.get("name")}

    def _referenced(self, reference: str) -> Mapping[str, Any]:
        for item in self.items:
            if reference in (item["id"], item["name"]):
                return item
        raise ApiError(400, f"The integration {reference} does not exist.")


def _check_store(store: Mapping[str, Any]) -> None:
    """Check that exactly one secret store is specified, with all required fields and only string values."""
    given = {name: value for name, value in store.items() if value is not None}
    if len(given) != 1 or not set(store) <= set(_STORES):
        raise ApiError(400, f"secret_store_config must have exactly one of {', '.join(_STORES)}.")
    for name, value in given.items():
        place = f"secret_store_config.{name}"
        if not isinstance(value, dict) or not set(value) <= set(_STORES[name]):
            raise ApiError(400, f"{place} must be an object with {', '.join(_STORES[name])}.")
        _require(place, value, _STORES[name])
        for field, content in value.items():
            strings = [content]
            if field == "parameters":
                strings = list(content.values()) if isinstance(content, dict) else [None]
            if not all(isinstance(one, str) for one in strings):
                raise ApiError(400, f"The values of {place} must be strings.")


def _require(place: str, value: Mapping[str, Any], names: Iterable[str]) -> None:
    missing = [name for name in names if name not in value]
    if missing:
        raise ApiError(400, f"{place} must have {', '.join(missing)}.")


def _masked(name: str, value: Any) -> Any:
    return MASK if _SECRET_NAME.search(name) and isinstance(value, str) else value
