# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apono: connectors (v3 and v2) and the integrations that use them.

Source: the vendor's published API reference. Connectors register themselves when they are installed, so that there is
no operation to create one, and a name is all that can be changed. The vendor documents no body for errors other than
401; what is sent here is an object with ``message``. Integrations are as in the OpenAPI document of the
vendor's Terraform provider.
"""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connector_simulator import quirks
from connector_simulator.checks import INT32, any_value, integer, non_empty_string
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response
from connector_simulator.strict import Body, Operation, Parameter
from connector_simulator.system import System, bearer_token

STATUSES = ("CONNECTED", "DISCONNECTED")
DEFAULT_LIMIT = 100
_CONNECTOR = "/api/admin/v3/connectors/{id}"
_PAGE = {"limit": Parameter(integer(1, INT32)), "page_token": Parameter(non_empty_string)}
_REPEATING_TOKEN = "c2FtZS1wYWdlLWFnYWlu"


class Apono(System):
    """``connectors`` are v3 objects; ``status`` is kept in upper case, ``sessions`` may be missing."""

    prefix = "/apono"

    def __init__(self, settings: Mapping[str, Any], token: str, data: Mapping[str, Any]):
        super().__init__(settings)
        self.token = token
        self.connectors: dict[str, dict[str, Any]] = {item["id"]: copy.deepcopy(item) for item in data["connectors"]}
        self.integrations: list[dict[str, Any]] = copy.deepcopy(data["integrations"])
        self.operations = (
            Operation(
                "GET", "/api/admin/v3/connectors", self.list_v3, {**_PAGE, "status": Parameter(any_value, repeat=True)}
            ),
            Operation("GET", _CONNECTOR, self.get),
            Operation("PUT", _CONNECTOR, self.rename, body=Body({"name": non_empty_string}, ("name",)), write=True),
            Operation("DELETE", _CONNECTOR, self.delete, write=True),
            Operation("GET", "/api/v2/connectors", self.list_v2),
            Operation(
                "GET",
                "/api/admin/v4/integrations",
                self.list_integrations,
                {
                    **_PAGE,
                    **{
                        name: Parameter(non_empty_string, repeat=True)
                        for name in ("category", "connector_id", "status", "type")
                    },
                    "name": Parameter(non_empty_string),
                },
            ),
        )

    def authenticate(self, call: Call) -> None:
        if bearer_token(call) != self.token:
            raise UndocumentedRequest(401, "A valid token is documented in the header Authorization: Bearer <token>.")

    def error_response(self, error: ApiError) -> Response:
        if error.status == 401:
            return json_response({"status": "401", "code": "Unauthorized"}, 401)
        return json_response({"message": error.message}, error.status)

    def dump(self) -> dict[str, Any]:
        return {"connectors": list(self.connectors.values()), "integrations": self.integrations}

    def objects(self) -> Iterable[tuple[str, dict[str, Any]]]:
        return [(item["id"], item) for item in (*self.connectors.values(), *self.integrations)]

    def list_v3(self, call: Call) -> Response:
        """A page ``{"items": [...], "pagination": {...}}``; the page token carries the filters and the page size."""
        state = self._page_state(call)
        statuses = state["filters"].get("status", ())
        for status in statuses:
            if status not in STATUSES and self.settings["unknown_status"] == "refuse":
                hint = "; several are repeated keys, not a comma list" if "," in status else ""
                raise UndocumentedRequest(
                    400, f"status is documented as {' or '.join(STATUSES)}{hint}, not {status!r}."
                )
        wanted = [item for item in self.connectors.values() if not statuses or item["status"] in statuses]
        if wanted and quirks.loses_first(call, state["start"]):
            del self.connectors[wanted.pop(0)["id"]]
        return self._page(call, [self._shown(item) for item in wanted], state)

    def list_integrations(self, call: Call) -> Response:
        """Integrations that every filter takes; names and types may have wildcards, ids of connectors either case."""
        state = self._page_state(call)
        wanted = [item for item in self.integrations if _is_wanted(item, state["filters"])]
        if wanted and quirks.loses_first(call, state["start"]):
            self.integrations.remove(wanted.pop(0))
        return self._page(call, wanted, state)

    def list_v2(self, call: Call) -> Response:
        """A bare array; ``last_connected`` is a number of seconds or null."""
        return json_response(
            [
                {
                    "connector_id": item["id"],
                    "status": self._status(item),
                    "last_connected": _seconds(item.get("last_connected")),
                }
                for item in self.connectors.values()
            ]
        )

    def get(self, call: Call) -> Response:
        return json_response(self._response(call, self._find(call)))

    def rename(self, call: Call) -> Response:
        """Give a connector another name; 409 if another connector has it."""
        item = self._find(call)
        name = item["name"] if call.quirk("ignore_rename") else call.content["name"]
        if any(other is not item and other["name"] == name for other in self.connectors.values()):
            raise ApiError(409, f"A connector named {name} already exists.")
        if item["name"] != name:
            item["name"] = name
            call.applied()
        return json_response(self._response(call, item))

    def delete(self, call: Call) -> Response:
        item = self._find(call)
        if item["status"] == "CONNECTED" and self.settings["delete_connected"] == "refuse":
            raise ApiError(409, f"The connector {item['id']} is connected.")
        if self.settings["delete_used"] == "refuse" and any(
            _is_wanted(one, {"connector_id": [item["id"]]}) for one in self.integrations
        ):
            raise ApiError(409, f"The connector {item['id']} is used by integrations.")
        del self.connectors[item["id"]]
        call.applied()
        return Response(204)

    def _find(self, call: Call) -> dict[str, Any]:
        item = self.connectors.get(call.arguments["id"])
        if item is None:
            raise ApiError(404, "Connector not found")
        return item

    def _response(self, call: Call, item: dict[str, Any]) -> dict[str, Any]:
        return self._shown(quirks.substitute(call, item, list(self.connectors.values())))

    def _status(self, item: Mapping[str, Any]) -> str:
        status = str(item["status"])
        return status.title() if self.settings["status_case"] == "title" else status

    def _shown(self, item: Mapping[str, Any]) -> dict[str, Any]:
        shown = {**item, "status": self._status(item)}
        if self.settings["sessions"]:
            shown.setdefault("sessions", [])
        else:
            shown.pop("sessions", None)
        return shown

    def _page_state(self, call: Call) -> dict[str, Any]:
        """Where a page starts, how long it is and what it filters on: from the page token, or from the parameters."""
        filters = {name: values for name, values in call.parameters.items() if name not in _PAGE}
        token = call.parameter("page_token")
        state: dict[str, Any] = {"start": 0, "limit": DEFAULT_LIMIT, "filters": filters, "path": call.path}
        if token is not None:
            if len(call.parameters) > 1 and self.settings["token_with_filters"] == "refuse":
                raise UndocumentedRequest(
                    400, "A page token already holds the page size and the filters, and is sent alone."
                )
            if token != _REPEATING_TOKEN:
                state = _open_token(token, call.path)
        limit = call.parameter("limit")
        if limit is not None:
            state["limit"] = int(limit)
        if state["limit"] > self.settings["maximum_limit"]:
            if self.settings["over_limit"] == "refuse":
                raise ApiError(400, f"limit must be at most {self.settings['maximum_limit']}.")
            state["limit"] = self.settings["maximum_limit"]
        return state

    def _page(self, call: Call, items: list[dict[str, Any]], state: Mapping[str, Any]) -> Response:
        end = state["start"] + state["limit"]
        shown, more = quirks.page(call, items, state["start"], state["limit"], quirks.renewed)
        pagination: dict[str, str | None] = {}
        if self.settings["repeat_token"]:
            pagination["next_page_token"] = _REPEATING_TOKEN
        elif more:
            pagination["next_page_token"] = base64.urlsafe_b64encode(
                json.dumps({**state, "start": end}).encode()
            ).decode()
        elif self.settings["last_page"] != "missing":
            pagination["next_page_token"] = None if self.settings["last_page"] == "null" else ""
        return json_response({"items": shown, "pagination": pagination})


def _is_wanted(integration: Mapping[str, Any], filters: Mapping[str, list[str]]) -> bool:
    wildcards = ("name", "type")
    return all(
        any(
            re.fullmatch(
                re.escape(value).replace(r"\*", ".*") if key in wildcards else re.escape(value),
                str(integration.get(key)),
                re.IGNORECASE,
            )
            for value in values
        )
        for key, values in filters.items()
    )


def _open_token(token: str, path: str) -> dict[str, Any]:
    try:
        state = json.loads(base64.urlsafe_b64decode(token))
        if state["path"] != path:
            raise ValueError("another list's token")
    except (ValueError, KeyError, TypeError):
        raise UndocumentedRequest(
            400, "page_token is a token that an earlier page of this list gave as next_page_token."
        ) from None
    return dict(state)


def _seconds(timestamp: Any) -> Any:
    """Return a timestamp in seconds; what is none, because a seed or a PATCH has it so, stays unchanged."""
    if not isinstance(timestamp, str):
        return timestamp
    # datetime reads fractions of any length from Python 3.11 on only.
    fraction = re.search(r"\.\d+", timestamp)
    whole = re.sub(r"\.\d+", "", timestamp).replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(whole).timestamp() + float(fraction[0] if fraction else 0)
    except ValueError:
        return timestamp
