# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulate Apono: connectors (API versions 3 and 2) and integrations (API version 4).

Source: the vendor's API reference and, for integrations, the OpenAPI document of its Terraform provider. A connector
registers itself during its installation, so no operation creates one, and only its name can be changed. The vendor
documents the error body only for status 401. For any other error, the body is an object with a ``message``.
"""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from connector_simulator import quirks
from connector_simulator.apono_integrations import CHANGE_FIELDS, CREATE_FIELDS, REQUIRED, IntegrationStore
from connector_simulator.checks import INT32, any_value, integer, non_empty_string
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response
from connector_simulator.strict import Body, Operation, Parameter
from connector_simulator.system import System, bearer_token

STATUSES = ("CONNECTED", "DISCONNECTED")
DEFAULT_LIMIT = 100
_CONNECTORS = "/api/admin/v3/connectors"
_CONNECTOR = f"{_CONNECTORS}/{{id}}"
_INTEGRATIONS = "/api/admin/v4/integrations"
_INTEGRATION = f"{_INTEGRATIONS}/{{id}}"
_PAGE = {"limit": Parameter(integer(1, INT32)), "page_token": Parameter(non_empty_string)}
_FILTERS = {
    **dict.fromkeys(("category", "connector_id", "status", "type"), Parameter(non_empty_string, repeat=True)),
    "name": Parameter(non_empty_string),
}
_WILDCARD_FILTERS = ("name", "type")
_REPEATED_TOKEN = "c2FtZS1wYWdlLWFnYWlu"


class Apono(System):
    """The simulated Apono service, which stores integrations and connectors (in the format of API version 3).

    The status of a connector is stored in uppercase. A stored connector may lack ``sessions``.
    """

    prefix = "/apono"

    def __init__(self, settings: Mapping[str, Any], token: str, data: Mapping[str, Any]):
        super().__init__(settings)
        self.token = token
        self.connectors: dict[str, dict[str, Any]] = {item["id"]: copy.deepcopy(item) for item in data["connectors"]}
        self.integrations = IntegrationStore(settings, copy.deepcopy(data["integrations"]), self.connectors)
        new_name = Body({"name": non_empty_string}, ("name",))
        created = Body(CREATE_FIELDS, (*REQUIRED, "type"))
        changed = Body(CHANGE_FIELDS, REQUIRED)
        self.operations = (
            Operation("GET", _CONNECTORS, self.list_v3, {**_PAGE, "status": Parameter(any_value, repeat=True)}),
            Operation("GET", _CONNECTOR, self.get),
            Operation("PUT", _CONNECTOR, self.rename, body=new_name, write=True),
            Operation("DELETE", _CONNECTOR, self.delete, write=True),
            Operation("GET", "/api/v2/connectors", self.list_v2),
            Operation("GET", _INTEGRATIONS, self.list_integrations, {**_PAGE, **_FILTERS}),
            Operation("POST", _INTEGRATIONS, self.create_integration, body=created, write=True),
            Operation("GET", _INTEGRATION, self.get_integration),
            Operation("PUT", _INTEGRATION, self.replace_integration, body=changed, write=True),
            Operation("DELETE", _INTEGRATION, self.delete_integration, write=True),
        )

    def authenticate(self, call: Call) -> None:
        if bearer_token(call) != self.token:
            raise UndocumentedRequest(401, "The header Authorization: Bearer requires a valid token.")

    def error_response(self, error: ApiError) -> Response:
        if error.status == 401:
            return json_response({"status": "401", "code": "Unauthorized"}, 401)
        return json_response({"message": error.message}, error.status)

    def dump(self) -> dict[str, Any]:
        return {"connectors": list(self.connectors.values()), "integrations": self.integrations.items}

    def snapshot(self) -> Callable[[], None]:
        connectors, integrations = copy.deepcopy((self.connectors, self.integrations.items))

        def restore() -> None:
            self.connectors.clear()
            self.connectors.update(connectors)
            self.integrations.items[:] = integrations

        return restore

    def objects(self) -> Iterable[tuple[str, dict[str, Any]]]:
        return [(item["id"], item) for item in (*self.connectors.values(), *self.integrations.items)]

    def list_v3(self, call: Call) -> Response:
        """Return a page of connectors. The page token contains the filters and the page size."""
        state = self._page_state(call)
        statuses = state["filters"].get("status", ())
        for status in statuses:
            self._check_status(status)
        found = list(self.connectors.values())
        if statuses:
            found = [item for item in found if self._status(item) in statuses]
        if found and quirks.loses_first(call, state["start"]):
            del self.connectors[found.pop(0)["id"]]
        return self._page(call, found, state, self._shown)

    def list_v2(self, call: Call) -> Response:
        """Return all connectors as an array. ``last_connected`` is a Unix timestamp or null."""
        items = []
        for item in self.connectors.values():
            seconds = _seconds(item.get("last_connected"))
            items.append({"connector_id": item["id"], "status": self._status(item), "last_connected": seconds})
        return json_response(items)

    def get(self, call: Call) -> Response:
        """Return a connector."""
        return json_response(self._connector(call, self._find(call)))

    def rename(self, call: Call) -> Response:
        """Rename a connector. If another connector already has the name, return HTTP status 409."""
        item = self._find(call)
        name = call.content["name"]
        if call.quirk("ignore_rename"):
            name = item["name"]
        if any(other is not item and other["name"] == name for other in self.connectors.values()):
            raise ApiError(409, f"A connector named {name} already exists.")
        if item["name"] != name:
            item["name"] = name
            call.applied()
        return json_response(self._connector(call, item))

    def delete(self, call: Call) -> Response:
        """Delete a connector. Settings determine whether connectors that are connected or in use can be deleted."""
        item = self._find(call)
        if item["status"] == "CONNECTED" and self.settings["delete_connected"] == "refuse":
            raise ApiError(409, f"The connector {item['id']} is connected.")
        used = [one for one in self.integrations.items if _matches(one, {"connector_id": [item["id"]]})]
        if used and self.settings["delete_used"] == "refuse":
            raise ApiError(409, f"The connector {item['id']} is used by integrations.")
        del self.connectors[item["id"]]
        call.applied()
        return Response(204)

    def list_integrations(self, call: Call) -> Response:
        """Return a page of integrations. The name and type filters support wildcards. All filters ignore case."""
        state = self._page_state(call)
        found = [item for item in self.integrations.items if _matches(item, state["filters"])]
        if found and quirks.loses_first(call, state["start"]):
            self.integrations.items.remove(found.pop(0))
        return self._page(call, found, state, self.integrations.shown)

    def create_integration(self, call: Call) -> Response:
        """Create an integration and return it."""
        item = self.integrations.create(call.content)
        call.applied()
        return json_response(self._integration(call, item))

    def get_integration(self, call: Call) -> Response:
        """Return an integration."""
        return json_response(self._integration(call, self.integrations.find(call.arguments["id"])))

    def replace_integration(self, call: Call) -> Response:
        """Update an integration and return it. Its connector can be changed, but its type cannot."""
        item = self.integrations.find(call.arguments["id"])
        content = dict(call.content)
        if call.quirk("ignore_rename"):
            content["name"] = item["name"]
        if self.integrations.replace(item, content, bool(call.quirk("ignore_move"))):
            call.applied()
        return json_response(self._integration(call, item))

    def delete_integration(self, call: Call) -> Response:
        """Delete an integration."""
        self.integrations.items.remove(self.integrations.find(call.arguments["id"]))
        call.applied()
        return Response(204)

    def _find(self, call: Call) -> dict[str, Any]:
        item = self.connectors.get(call.arguments["id"])
        if item is None:
            raise ApiError(404, "Connector not found")
        return item

    def _connector(self, call: Call, item: dict[str, Any]) -> dict[str, Any]:
        return self._shown(quirks.substitute(call, item, list(self.connectors.values())))

    def _integration(self, call: Call, item: dict[str, Any]) -> dict[str, Any]:
        return self.integrations.shown(quirks.substitute(call, item, self.integrations.items))

    def _check_status(self, status: str) -> None:
        if status in STATUSES or self.settings["unknown_status"] == "empty":
            return
        remedy = " To specify several values, repeat the parameter." if "," in status else ""
        message = f"status must be {' or '.join(STATUSES)}, not {status!r}.{remedy}"
        raise UndocumentedRequest(400, message)

    def _status(self, item: Mapping[str, Any]) -> str:
        status = str(item["status"])
        if self.settings["status_case"] == "title":
            return status.title()
        return status

    def _shown(self, item: Mapping[str, Any]) -> dict[str, Any]:
        shown = {**item, "status": self._status(item)}
        if self.settings["sessions"]:
            shown.setdefault("sessions", [])
        else:
            shown.pop("sessions", None)
        return shown

    def _page_state(self, call: Call) -> dict[str, Any]:
        """Return the start index, size and filters of a page, from the page token or the query parameters."""
        filters = {name: values for name, values in call.parameters.items() if name not in _PAGE}
        token = call.parameter("page_token")
        state: dict[str, Any] = {"start": 0, "limit": DEFAULT_LIMIT, "filters": filters, "path": call.path}
        if token is not None:
            if len(call.parameters) > 1 and self.settings["token_with_filters"] == "refuse":
                message = "A page token contains the page size and the filters, and must be sent alone."
                raise UndocumentedRequest(400, message)
            if token != _REPEATED_TOKEN:
                state = _parse_token(token, call.path)
        limit = call.parameter("limit")
        if limit is not None:
            state["limit"] = int(limit)
        maximum = self.settings["maximum_limit"]
        if state["limit"] > maximum and self.settings["over_limit"] == "refuse":
            raise ApiError(400, f"limit must be at most {maximum}.")
        state["limit"] = min(state["limit"], maximum)
        return state

    def _page(
        self,
        call: Call,
        items: list[dict[str, Any]],
        state: Mapping[str, Any],
        show: Callable[[Mapping[str, Any]], dict[str, Any]],
    ) -> Response:
        end = state["start"] + state["limit"]
        shown, more = quirks.page(call, items, state["start"], state["limit"], quirks.renewed)
        pagination: dict[str, str | None] = {}
        if self.settings["repeat_token"]:
            pagination["next_page_token"] = _REPEATED_TOKEN
        elif more:
            token = base64.urlsafe_b64encode(json.dumps({**state, "start": end}).encode())
            pagination["next_page_token"] = token.decode()
        elif self.settings["last_page"] != "missing":
            pagination["next_page_token"] = None if self.settings["last_page"] == "null" else ""
        return json_response({"items": list(map(show, shown)), "pagination": pagination})


def _matches(integration: Mapping[str, Any], filters: Mapping[str, list[str]]) -> bool:
    """Return whether an integration matches at least one value of every filter."""
    return all(_has_one_of(integration, name, values) for name, values in filters.items())


def _has_one_of(integration: Mapping[str, Any], name: str, values: Iterable[str]) -> bool:
    actual = str(integration.get(name))
    for value in values:
        pattern = re.escape(value)
        if name in _WILDCARD_FILTERS:
            pattern = pattern.replace(r"\*", ".*")
        if re.fullmatch(pattern, actual, re.IGNORECASE):
            return True
    return False


def _parse_token(token: str, path: str) -> dict[str, Any]:
    try:
        state = json.loads(base64.urlsafe_b64decode(token))
        if state["path"] != path:
            raise ValueError("token of a different list")
    except (ValueError, KeyError, TypeError):
        message = "page_token must be the next_page_token of a previous page of this list."
        raise UndocumentedRequest(400, message) from None
    return dict(state)


def _seconds(timestamp: Any) -> Any:
    """Convert a timestamp to seconds since the Unix epoch. Return a value that is not a timestamp unchanged."""
    if not isinstance(timestamp, str):
        return timestamp
    # Before Python 3.11, datetime only supports fractions with three or six digits.
    fraction = re.search(r"\.\d+", timestamp)
    whole = re.sub(r"\.\d+", "", timestamp).replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(whole).timestamp() + float(fraction[0] if fraction else 0)
    except ValueError:
        return timestamp
