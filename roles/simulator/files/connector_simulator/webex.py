# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulate Webex: organizations, hybrid connectors, clusters, resource groups, and the refresh token grant.

Source: the vendor's reference and OpenAPI document. They do not document pagination for these lists. A setting adds the
``Link`` header that the vendor's general rules describe.
"""

from __future__ import annotations

import base64
import copy
import itertools
import operator
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from connector_simulator import quirks
from connector_simulator.checks import non_empty_string, string
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response
from connector_simulator.strict import FORM, Body, Operation, Parameter
from connector_simulator.system import System, bearer_token
from connector_simulator.webex_tokens import TokenService

_CONNECTORS, _CLUSTERS = "/hybrid/connectors", "/hybrid/clusters"
_ORGANIZATIONS, _GROUPS = "/organizations", "/resourceGroups"
_ORGANIZATION = {"orgId": Parameter(non_empty_string)}
_LIST = {**_ORGANIZATION, "cursor": Parameter(non_empty_string)}
_SCOPES = {
    _CONNECTORS: "spark-admin:hybrid_connectors_read",
    _CLUSTERS: "spark-admin:hybrid_clusters_read",
    _GROUPS: "spark-admin:resource_groups_read",
    _ORGANIZATIONS: "spark-admin:organizations_read",
}
_TOKEN_FIELDS = ("grant_type", "client_id", "client_secret", "refresh_token")
_REFERENCES = ("hybridClusterId", "resourceGroupId")
_NOT_FOUND = "The requested resource could not be found."


class Webex(System):
    """The simulated Webex service, which stores organizations, connectors, clusters and resource groups."""

    prefix = "/webex/v1"

    def __init__(self, settings: Mapping[str, Any], credentials: dict[str, Any], data: Mapping[str, Any]):
        super().__init__(settings)
        self.tokens = TokenService(settings, credentials)
        self.data: dict[str, list[dict[str, Any]]] = {
            _CONNECTORS: copy.deepcopy(data["connectors"]),
            _CLUSTERS: copy.deepcopy(data["clusters"]),
            _GROUPS: copy.deepcopy(data["resource_groups"]),
        }
        self.organizations: list[dict[str, Any]] = copy.deepcopy(data["organizations"])
        body = Body(dict.fromkeys(_TOKEN_FIELDS, string), media_type=FORM)
        # Refreshing a token is not a write operation, because it does not change the connectors.
        self._token_operation = Operation("POST", "/access_token", self.tokens.refresh, body=body)
        self.operations = (
            Operation("GET", _CONNECTORS, self.list_objects, _LIST),
            Operation("GET", f"{_CONNECTORS}/{{id}}", self.get_object),
            Operation("GET", _CLUSTERS, self.list_objects, _LIST),
            Operation("GET", f"{_CLUSTERS}/{{id}}", self.get_object, _ORGANIZATION),
            Operation("GET", _GROUPS, self.list_objects, _LIST),
            Operation("GET", f"{_GROUPS}/{{id}}", self.get_object),
            Operation("GET", _ORGANIZATIONS, self.list_organizations),
            Operation("GET", f"{_ORGANIZATIONS}/{{id}}", self.get_organization),
            self._token_operation,
        )

    def is_public(self, operation: Operation) -> bool:
        return operation is self._token_operation

    def authenticate(self, call: Call) -> None:
        if not self.tokens.accepts(bearer_token(call)):
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
        return {
            "connectors": connectors,
            "clusters": clusters,
            "resource_groups": resource_groups,
            "organizations": self.organizations,
        }

    def objects(self) -> Iterable[tuple[str, dict[str, Any]]]:
        items = itertools.chain(*self.data.values(), self.organizations)
        return [(item["id"], item) for item in items]

    def list_objects(self, call: Call) -> Response:
        """Return the objects of one organization, by default the organization of the token."""
        start, organization = 0, call.parameter("orgId") or self.settings["organization"]
        cursor = call.parameter("cursor")
        if cursor is not None:
            start, organization = self._parse_cursor(call, cursor)
        organization = _plain(organization)
        self._check_organization(organization)
        items = [item for item in self.data[call.path] if _plain(item["orgId"]) == organization]
        if items and quirks.loses_first(call, start):
            self.data[call.path].remove(items.pop(0))
        if not items and self.settings["empty"] == "object":
            return json_response({})
        return self._page(call, items, start, organization)

    def get_object(self, call: Call) -> Response:
        """Return a connector, a cluster or a resource group."""
        items = self.data[_collection(call.path)]
        organization = _plain(call.parameter("orgId") or "")
        item = _find(items, call.arguments["id"])
        if organization and _plain(item["orgId"]) != organization:
            raise ApiError(404, _NOT_FOUND)
        self._check_organization(item["orgId"])
        return json_response(self._shown(quirks.substitute(call, item, items)))

    def list_organizations(self, call: Call) -> Response:
        """Return all organizations that the token can read. The vendor does not document pagination of this list."""
        return json_response({"items": list(map(self._shown, self._all_organizations()))})

    def get_organization(self, call: Call) -> Response:
        """Return an organization."""
        items = self._all_organizations()
        item = _find(items, call.arguments["id"])
        return json_response(self._shown(quirks.substitute(call, item, items)))

    def _page(self, call: Call, items: list[dict[str, Any]], start: int, organization: str) -> Response:
        size: int | None = self.settings["page_size"]
        if size is None and call.quirk("endless_list"):
            size = len(items)
        if size is None:
            return json_response({"items": list(map(self._shown, items))})
        headers = {}
        shown, more = quirks.page(call, items, start, size, quirks.renewed)
        if more:
            cursor = base64.urlsafe_b64encode(f"{start + size} {organization}".encode()).decode()
            headers["Link"] = f'<{call.origin}{call.prefix}{call.path}?cursor={cursor}>; rel="next"'
        return json_response({"items": list(map(self._shown, shown))}, headers=headers)

    def _shown(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return an object in the format that the settings specify."""
        if not self.settings["padded_ids"]:
            return item
        names = _REFERENCES if "orgId" in item else ("id",)
        return {**item, **{name: _padded(item[name]) for name in names if name in item}}

    def _check_organization(self, organization: str) -> None:
        organization = _plain(organization)
        if organization in map(_plain, self.settings["forbidden_organizations"]):
            raise ApiError(403, "The access token does not have access to this organization.")
        if organization not in {_plain(item["id"]) for item in self._all_organizations()}:
            raise ApiError(404, _NOT_FOUND)

    def _all_organizations(self) -> list[dict[str, Any]]:
        """Return all organizations from the seed, the setting ``organization``, and the ``orgId`` fields of objects."""
        found = {_plain(item["id"]): item for item in self.organizations}
        referenced = map(operator.itemgetter("orgId"), itertools.chain(*self.data.values()))
        for organization in (self.settings["organization"], *referenced):
            missing = {"id": organization, "displayName": organization, "created": "2017-09-15T15:53:00.000Z"}
            found.setdefault(_plain(organization), missing)
        return list(found.values())

    def _parse_cursor(self, call: Call, cursor: str) -> tuple[int, str]:
        if self.settings["page_size"] is None and not call.quirk("endless_list"):
            raise UndocumentedRequest(400, "The documented query parameter of this list is orgId.")
        try:
            start, organization = base64.urlsafe_b64decode(cursor).decode().split(" ", 1)
            return int(start), organization
        except ValueError:
            message = "The cursor must be from the Link header of a previous page."
            raise UndocumentedRequest(400, message) from None


def _find(items: Iterable[dict[str, Any]], object_id: str) -> dict[str, Any]:
    """Return the object with the given ID, ignoring base64 padding.

    :raises ApiError: the object does not exist (404).
    """
    for item in items:
        if _plain(item["id"]) == _plain(object_id):
            return item
    raise ApiError(404, _NOT_FOUND)


def _plain(encoded: str) -> str:
    """Return an ID without base64 padding."""
    return encoded.rstrip("=")


def _padded(encoded: str) -> str:
    return encoded + "=" * (-len(encoded) % 4)


def _collection(path: str) -> str:
    """Return the path of the collection to which an object belongs."""
    segments = path.split("/")
    return "/".join(segments[:3] if segments[1] == "hybrid" else segments[:2])


def _tracking_id() -> str:
    return f"SIMULATOR_{uuid.uuid4()}"
