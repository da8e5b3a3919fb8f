# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulate Progress DataDirect Hybrid Data Pipeline: On-Premises Connectors and connector groups.

Source: the vendor's reference pages. They disagree on the spelling of some keys, so settings define the spelling. A
semicolon between query parameters is documented only for the list for administrators. The deprecated DELETE requests
for authorized users and members are not supported.
"""

from __future__ import annotations

import copy
import operator
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector_simulator import quirks
from connector_simulator.checks import any_value, flag, list_of_non_empty_strings, list_of_strings
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response, text_response
from connector_simulator.hdp_connectors import CONNECTOR_FIELDS, ConnectorStore, objects
from connector_simulator.strict import Body, Operation, Parameter
from connector_simulator.system import System, basic_login

BRIEF = ("connectorID", "label", "version", "owner", "tenantName")
DETAILS = (
    "isGroup",
    "createdTime",
    "lastModified",
    "lastAccessed",
    "ipAddress",
    "javaVersion",
    "javaVendor",
    "osName",
    "osVersion",
)
_CONNECTORS = "/api/mgmt/connectors"
_CONNECTOR = f"{_CONNECTORS}/{{id}}"
_FAILURE_WINDOW = 15 * 60
_LOCK_TIME = 30 * 60
_NO_PERMISSION = 222208103
_INVALID_LOGIN = 222206007


@dataclass(frozen=True)
class Login:
    """A user account that can log in to the server.

    :param owner: name under which the user owns connectors. Default: the user name.
    """

    username: str
    password: str
    administrator: bool = False
    owner: str = ""


class Hdp(System):
    """The simulated Hybrid Data Pipeline server with its connectors, connector groups and users."""

    prefix = "/hdp"

    def __init__(self, settings: Mapping[str, Any], logins: Sequence[Login], data: Mapping[str, Any]):
        super().__init__(settings)
        self.logins = {login.username: login for login in logins}
        self.users: list[dict[str, Any]] = copy.deepcopy(data["users"])
        self.nodes: list[dict[str, Any]] = copy.deepcopy(data["nodes"])
        connectors = copy.deepcopy(data["connectors"])
        user_connectors = copy.deepcopy(data["user_connectors"])
        names = _user_names(self.users, logins, connectors, user_connectors)
        self.store = ConnectorStore(settings, connectors, user_connectors, names)
        self._failures: dict[str, list[float]] = {}
        self._locked_until: dict[str, float] = {}
        filters = dict.fromkeys(BRIEF + DETAILS, Parameter(any_value))
        self._admin_operations = (
            Operation("GET", "/api/admin/connectors", self.list_all, {"details": Parameter(flag), **filters},
                      separator=";"),
            Operation("GET", "/api/admin/system/nodes", self.list_nodes),
        )  # fmt: skip
        self._public_operations = (
            Operation("GET", "/api/healthcheck", self.health),
            Operation("HEAD", "/api/healthcheck", self.health),
        )
        self.operations = (*self._admin_operations, *self._user_operations(), *self._public_operations)

    def _user_operations(self) -> tuple[Operation, ...]:
        options = {"details": Parameter(flag), "accessible": Parameter(flag)}
        users, members = f"{_CONNECTOR}/authuser", f"{_CONNECTOR}/members"
        new_group = Body(CONNECTOR_FIELDS, ("label", "connectorGroup", "authUser"))
        new_users = Body({"authUser": list_of_non_empty_strings}, ("authUser",))
        all_users = Body({"authUser": list_of_strings}, ("authUser",))
        member_list = Body({"members": objects}, ("members",))
        return (
            Operation("GET", _CONNECTORS, self.list_own, options),
            Operation("POST", _CONNECTORS, self.create_group, body=new_group, write=True),
            Operation("GET", _CONNECTOR, self.get),
            Operation("PUT", _CONNECTOR, self.replace, body=Body(CONNECTOR_FIELDS), write=True),
            Operation("DELETE", _CONNECTOR, self.delete_group, write=True),
            Operation("GET", users, self.get_users),
            Operation("POST", users, self.add_users, body=new_users, write=True),
            Operation("PUT", users, self.replace_users, body=all_users, write=True),
            Operation("GET", members, self.get_members),
            Operation("POST", members, self.add_members, body=member_list, write=True),
            Operation("PUT", members, self.replace_members, body=member_list, write=True),
            Operation("GET", "/api/mgmt/version", self.version),
        )

    def is_public(self, operation: Operation) -> bool:
        return operation in self._public_operations

    def authenticate(self, call: Call) -> None:
        """Check the Basic credentials. Three failed logins within 15 minutes lock the account for 30 minutes."""
        username, password = basic_login(call)
        headers = {"WWW-Authenticate": 'Basic realm="Hybrid Data Pipeline"'}
        if not username:
            message = "Basic authentication is required."
            raise UndocumentedRequest(401, message, code=_INVALID_LOGIN, headers=headers)
        now = time.monotonic()
        if self._locked_until.get(username, 0) > now:
            message = f"The account {username} is locked for 30 minutes after too many failed logins."
            raise UndocumentedRequest(401, message, code=_INVALID_LOGIN, headers=headers)
        login = self.logins.get(username)
        if login is None or login.password != password:
            self._count_failure(username, now)
            message = "Invalid user ID or password."
            raise UndocumentedRequest(401, message, code=_INVALID_LOGIN, headers=headers)
        self._failures.pop(username, None)
        call.user = username

    def _count_failure(self, username: str, now: float) -> None:
        recent = [failure for failure in self._failures.get(username, []) if failure > now - _FAILURE_WINDOW]
        self._failures[username] = [*recent, now]
        if 0 < self.settings["lockout"] <= len(recent) + 1:
            self._locked_until[username] = now + _LOCK_TIME

    def admit(self, call: Call, operation: Operation) -> None:
        if operation in self._admin_operations and not self.logins[call.user].administrator:
            raise ApiError(403, "You lack the permissions to access this url.", code=_NO_PERMISSION)

    def error_response(self, error: ApiError) -> Response:
        code = error.code
        if code is None:
            code = error.status
        if self.settings["text_codes"]:
            code = str(code)
        message = {"lang": "en-US", "value": error.message}
        return json_response({"error": {"code": code, "message": message}}, error.status)

    def separator(self, query: str) -> str:
        return "&" if "&" in query else ";"

    def dump(self) -> dict[str, Any]:
        return {
            "connectors": self.store.connectors,
            "user_connectors": self.store.user_connectors,
            "users": self.users,
            "nodes": self.nodes,
        }

    def snapshot(self) -> Callable[[], None]:
        store = self.store
        connectors, user_connectors = copy.deepcopy((store.connectors, store.user_connectors))

        def restore() -> None:
            store.connectors[:] = connectors
            store.user_connectors[:] = user_connectors

        return restore

    def objects(self) -> Iterable[tuple[str, dict[str, Any]]]:
        items = (*self.store.connectors, *self.store.user_connectors)
        return [(item["connectorID"], item) for item in items]

    def health(self, call: Call) -> Response:
        """Return the server status as JSON or as plain text, because the vendor documents both formats."""
        status = self.settings["health"]
        if self.settings["health_as_text"]:
            return text_response(f"{{status: {status}}}")
        return json_response({"status": status})

    def version(self, call: Call) -> Response:
        """Return the server version and, for an evaluation installation, the end of the evaluation period."""
        version = self.settings["version"]
        content: dict[str, Any] = {"InstallType": self.settings["license"]}
        content.update({"HDPVersion": version, "WAPVersion": version, "DASVersion": version})
        if self.settings["license"] == "Evaluation":
            content.update({"EvalDaysRemaining": 30, "EvalExpiryDate": "2099-01-01"})
        return json_response(content)

    def list_nodes(self, call: Call) -> Response:
        """Return the server nodes. If the seed does not contain nodes, return the simulator as the only node."""
        return json_response({"nodes": self.nodes or [{"url": call.origin + call.prefix, "id": 1}]})

    def list_all(self, call: Call) -> Response:
        """Return the connectors whose properties equal the filter values. With ``details``, include more properties."""
        names = BRIEF + DETAILS if call.parameter("details") == "true" else BRIEF
        filters = {name: values[0] for name, values in call.parameters.items() if name != "details"}
        if self.settings["detail_filters"] == "refuse" and not set(filters) <= set(BRIEF):
            raise ApiError(400, f"A filter must be one of {', '.join(BRIEF)}.")
        found = [item for item in self.store.connectors if _matches(item, filters)]
        return json_response({"connectors": [self._admin_item(item, names) for item in found]})

    def list_own(self, call: Call) -> Response:
        """Return the IDs or details of the user's connectors. With ``accessible``, include shared connectors."""
        user = self._owner(call)
        items: list[Any] = self.store.visible(user, call.parameter("accessible") == "true")
        if call.parameter("details") == "true":
            items = [self._list_item(item, user) for item in items]
        else:
            items = list(map(operator.itemgetter("connectorID"), items))
        return json_response({self.settings["user_list_key"]: items})

    def create_group(self, call: Call) -> Response:
        """Create a connector group and return it."""
        if "connectorID" in call.content:
            raise UndocumentedRequest(400, "A new group is documented without a connectorID.")
        group, error = self.store.create_group(self._owner(call), call.content)
        call.applied()
        if error is not None:
            raise error
        return json_response(self._details(call, group), self.settings["create_status"])

    def get(self, call: Call) -> Response:
        """Return a connector or connector group that the user owns."""
        return json_response(self._details(call, self._owned(call)))

    def replace(self, call: Call) -> Response:
        """Replace the definition of a connector or connector group."""
        item = self._owned(call)
        return self._changed(call, item, self.store.replace(item, call.content, bool(call.quirk("ignore_rename"))))

    def delete_group(self, call: Call) -> Response:
        """Delete a connector group. Individual connectors cannot be deleted."""
        self.store.delete(self.store.group(call.arguments["id"], self._owner(call)))
        call.applied()
        if self.settings["delete_status"] == 204:
            return Response(204)
        return json_response({"success": True}, self.settings["delete_status"])

    def get_users(self, call: Call) -> Response:
        """Return the authorized users of a connector or connector group."""
        return json_response({"authUser": self._owned(call).get("authUser", [])})

    def add_users(self, call: Call) -> Response:
        """Add authorized users to a connector or connector group. If one user is not valid, add none."""
        item, names = self._owned(call), call.content["authUser"]
        self._limit_users(names)
        return self._changed(call, item, self.store.set_users(item, [*item.get("authUser", []), *names]))

    def replace_users(self, call: Call) -> Response:
        """Replace all authorized users of a connector or connector group."""
        item, names = self._owned(call), call.content["authUser"]
        if self.settings["user_limit_for_put"]:
            self._limit_users(names)
        changed = self.store.set_users(item, names)
        return self._changed(call, item, changed, documented=True)

    def get_members(self, call: Call) -> Response:
        """Return the members of a connector group."""
        group = self.store.group(call.arguments["id"], self._owner(call))
        return json_response({"members": self._group(group["connectorGroup"])["members"]})

    def add_members(self, call: Call) -> Response:
        """Add members to a connector group. If one member is not valid, add none."""
        group = self.store.group(call.arguments["id"], self._owner(call))
        members = [*group["connectorGroup"]["members"], *call.content["members"]]
        return self._changed(call, group, self.store.set_members(group, members))

    def replace_members(self, call: Call) -> Response:
        """Replace all members of a connector group."""
        group = self.store.group(call.arguments["id"], self._owner(call))
        return self._changed(call, group, self.store.set_members(group, call.content["members"]))

    def _changed(self, call: Call, item: dict[str, Any], changed: bool, documented: bool = False) -> Response:
        """Return the response to a change request, and record whether the state changed.

        :param documented: whether the vendor documents the body of the response.
        """
        if changed:
            call.applied()
        if documented or self.settings["change_body"] == "success":
            return json_response({"success": True})
        if self.settings["change_body"] == "empty":
            return Response(200)
        return json_response(self._details(call, item))

    def _owner(self, call: Call) -> str:
        return self.logins[call.user].owner or call.user

    def _owned(self, call: Call) -> dict[str, Any]:
        return self.store.owned(call.arguments["id"], self._owner(call))

    def _limit_users(self, names: Sequence[str]) -> None:
        limit = self.settings["user_limit"]
        if len(names) > limit:
            raise ApiError(400, f"A request can have at most {limit} users.")

    def _details(self, call: Call, item: dict[str, Any]) -> dict[str, Any]:
        owned = self.store.visible(item["owner"], shared=False)
        shown = quirks.substitute(call, item, owned)
        details = {name: shown[name] for name in ("connectorID", "owner", "label")}
        if "connectorGroup" in shown:
            details["connectorGroup"] = self._group(shown["connectorGroup"])
        return {**details, "authUser": shown.get("authUser", [])}

    def _list_item(self, item: Mapping[str, Any], user: str) -> dict[str, Any]:
        shown = {self.settings["user_id_key"]: item["connectorID"], "owner": item["owner"], "label": item["label"]}
        if self.settings["groups_in_lists"] and "connectorGroup" in item:
            shown["connectorGroup"] = self._group(item["connectorGroup"])
        return {**shown, "authUser": item.get("authUser", []) if item["owner"] == user else []}

    def _group(self, group: Mapping[str, Any]) -> dict[str, Any]:
        """Return a connector group in the format that the settings specify."""
        shown = {name: self._number(value) for name, value in group.items()}
        shown["members"] = [{name: self._number(member[name]) for name in member} for member in group["members"]]
        off: dict[str, dict[str, Any]] = {
            "missing": {},
            "null": {"loadBalancing": None},
            "empty": {"loadBalancing": ""},
        }
        return {**off[self.settings["no_load_balancing"]], **shown}

    def _number(self, value: Any) -> Any:
        return str(value) if self.settings["numbers_as_text"] and isinstance(value, int) else value

    def _admin_item(self, item: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
        shown = {name: item[name] for name in names if name in item}
        if self.settings["group_as_text"] and "isGroup" in shown:
            shown["isGroup"] = _as_text(shown["isGroup"])
        return shown


def _user_names(
    users: Iterable[Mapping[str, Any]], logins: Iterable[Login], *lists: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the names of all users: users in the seed, users with credentials, owners, and authorized users."""
    for user in users:
        yield user["name"]
    for login in logins:
        yield login.username
        yield login.owner or login.username
    for items in lists:
        for item in items:
            yield item["owner"]
            yield from item.get("authUser", [])


def _matches(item: Mapping[str, Any], filters: Mapping[str, str]) -> bool:
    return all(_as_text(item.get(name)) == value for name, value in filters.items())


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
