# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webex: hybrid connectors, the clusters they belong to and the resource groups of those; all of it read only.

Source: the vendor's reference and published OpenAPI document. Its lists are not documented to have pages; a setting
adds the ``Link`` header that the vendor's general rules describe.
"""

from __future__ import annotations

import base64
import copy
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from connector_simulator import quirks
from connector_simulator.checks import non_empty_string
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response
from connector_simulator.strict import Operation, Parameter
from connector_simulator.system import System, bearer_token

_ORG = {"orgId": Parameter(non_empty_string)}
_LIST = {**_ORG, "cursor": Parameter(non_empty_string)}
_SCOPES = {
    "/hybrid/connectors": "spark-admin:hybrid_connectors_read",
    "/hybrid/clusters": "spark-admin:hybrid_clusters_read",
}
_NOT_FOUND = "The requested resource could not be found."


class Webex(System):
    """``connectors``, ``clusters`` and ``resource_groups`` in the vendor's shapes, each with ``id`` and ``orgId``."""

    prefix = "/webex/v1"

    def __init__(self, settings: Mapping[str, Any], token: str, data: Mapping[str, Any]):
        super().__init__(settings)
        self.token = token
        self.data: dict[str, list[dict[str, Any]]] = {
            "/hybrid/connectors": copy.deepcopy(data["connectors"]),
            "/hybrid/clusters": copy.deepcopy(data["clusters"]),
            "/resourceGroups": copy.deepcopy(data["resource_groups"]),
        }
        self.operations = (
            Operation("GET", "/hybrid/connectors", self.list_objects, _LIST),
            Operation("GET", "/hybrid/connectors/{id}", self.get_object),
            Operation("GET", "/hybrid/clusters", self.list_objects, _LIST),
            Operation("GET", "/hybrid/clusters/{id}", self.get_object, _ORG),
            Operation("GET", "/resourceGroups", self.list_objects, _LIST),
            Operation("GET", "/resourceGroups/{id}", self.get_object),
        )

    def authenticate(self, call: Call) -> None:
        if bearer_token(call) != self.token:
            raise UndocumentedRequest(
                401, "The request requires a valid access token set in the Authorization request header.",
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip

    def admit(self, call: Call, operation: Operation) -> None:
        scope = _SCOPES.get(_collection(operation.template))
        if scope is not None and scope not in self.settings["scopes"]:
            raise ApiError(403, f"The access token lacks the required scope {scope}.")

    def error_response(self, error: ApiError) -> Response:
        tracking_id = _tracking_id()
        return json_response(
            {"message": error.message, "errors": [{"description": error.message}], "trackingId": tracking_id},
            error.status,
            {"trackingId": tracking_id},
        )

    def finish(self, call: Call, response: Response) -> None:
        response.headers.setdefault("trackingId", _tracking_id())

    def dump(self) -> dict[str, Any]:
        connectors, clusters, resource_groups = self.data.values()
        return {"connectors": connectors, "clusters": clusters, "resource_groups": resource_groups}

    def objects(self) -> Iterable[tuple[str, dict[str, Any]]]:
        return [(item["id"], item) for items in self.data.values() for item in items]

    def list_objects(self, call: Call) -> Response:
        """``{"items": [...]}`` of one organization, the caller's own unless ``orgId`` names another."""
        start, organization = 0, call.parameter("orgId") or self.settings["organization"]
        cursor = call.parameter("cursor")
        if cursor is not None:
            start, organization = self._open_cursor(call, cursor)
        if organization not in self._organizations():
            raise ApiError(404, _NOT_FOUND)
        items = [item for item in self.data[call.path] if item["orgId"] == organization]
        if items and quirks.loses_first(call, start):
            self.data[call.path].remove(items.pop(0))
        if not items and self.settings["empty"] == "object":
            return json_response({})
        size: int | None = self.settings["page_size"]
        if size is None and call.quirk("endless_list"):
            size = len(items)
        if size is None:
            return json_response({"items": items})
        headers = {}
        shown, more = quirks.page(call, items, start, size, quirks.renewed)
        if more:
            next_cursor = base64.urlsafe_b64encode(f"{start + size} {organization}".encode()).decode()
            headers["Link"] = f'<{call.origin}{call.prefix}{call.path}?cursor={next_cursor}>; rel="next"'
        return json_response({"items": shown}, headers=headers)

    def get_object(self, call: Call) -> Response:
        organization = call.parameter("orgId")
        for item in self.data[_collection(call.path)]:
            if item["id"] == call.arguments["id"] and organization in (None, item["orgId"]):
                return json_response(quirks.substitute(call, item, self.data[_collection(call.path)]))
        raise ApiError(404, _NOT_FOUND)

    def _organizations(self) -> set[str]:
        return {self.settings["organization"], *(item["orgId"] for items in self.data.values() for item in items)}

    def _open_cursor(self, call: Call, cursor: str) -> tuple[int, str]:
        if self.settings["page_size"] is None and not call.quirk("endless_list"):
            raise UndocumentedRequest(400, "The lists are documented with orgId as their only parameter.")
        try:
            start, organization = base64.urlsafe_b64decode(cursor).decode().split(" ", 1)
            return int(start), organization
        except ValueError:
            raise UndocumentedRequest(400, "A cursor is one that an earlier page gave in its Link header.") from None


def _collection(path: str) -> str:
    return "/resourceGroups" if path.startswith("/resourceGroups") else "/".join(path.split("/")[:3])


def _tracking_id() -> str:
    return f"SIMULATOR_{uuid.uuid4()}"
