# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress DataDirect Hybrid Data Pipeline: the On-Premises Connectors as administrators and as users see them.

Source: the vendor's two reference pages. They disagree about the spelling of some keys, which are settings here. Only
the administrators' list is documented to separate query parameters by a semicolon.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector_simulator.checks import any_value, flag
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response
from connector_simulator.strict import Operation, Parameter
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
_FAILURE_WINDOW = 15 * 60
_LOCKED_FOR = 30 * 60
_NO_PERMISSION = 222208103
_BAD_LOGIN = 222206007


@dataclass(frozen=True)
class Login:
    """A user; ``owner`` is the name under which the user owns connectors."""

    username: str
    password: str
    administrator: bool = False
    owner: str = ""


class Hdp(System):
    """``connectors`` are those of the administrators' list, ``user_connectors`` those of the users' one."""

    prefix = "/hdp"

    def __init__(self, settings: Mapping[str, Any], logins: Sequence[Login], data: Mapping[str, Any]):
        super().__init__(settings)
        self.logins = {login.username: login for login in logins}
        self.connectors: list[dict[str, Any]] = copy.deepcopy(data["connectors"])
        self.user_connectors: list[dict[str, Any]] = copy.deepcopy(data["user_connectors"])
        self._failures: dict[str, list[float]] = {}
        self._locked_until: dict[str, float] = {}
        self._admin = Operation(
            "GET",
            "/api/admin/connectors",
            self.list_all,
            {"details": Parameter(flag), **{name: Parameter(any_value) for name in BRIEF + DETAILS}},
            separator=";",
        )
        self._health = Operation("GET", "/api/healthcheck", self.health)
        self._health_head = Operation("HEAD", "/api/healthcheck", self.health)
        self.operations = (
            self._admin,
            Operation(
                "GET",
                "/api/mgmt/connectors",
                self.list_mine,
                {"details": Parameter(flag), "accessible": Parameter(flag)},
            ),
            self._health,
            self._health_head,
        )

    def is_public(self, operation: Operation) -> bool:
        return operation in (self._health, self._health_head)

    def authenticate(self, call: Call) -> None:
        """Basic authentication. Three failed logins within 15 minutes lock the account for 30 minutes."""
        username, password = basic_login(call)
        headers = {"WWW-Authenticate": 'Basic realm="Hybrid Data Pipeline"'}
        if not username:
            raise UndocumentedRequest(401, "Basic authentication is documented.", code=_BAD_LOGIN, headers=headers)
        now = time.monotonic()
        if self._locked_until.get(username, 0) > now:
            message = f"The account {username} is locked for 30 minutes after too many failed logins."
            raise UndocumentedRequest(401, message, code=_BAD_LOGIN, headers=headers)
        login = self.logins.get(username)
        if login is None or login.password != password:
            recent = [moment for moment in self._failures.get(username, []) if moment > now - _FAILURE_WINDOW]
            self._failures[username] = [*recent, now]
            if 0 < self.settings["lockout"] <= len(recent) + 1:
                self._locked_until[username] = now + _LOCKED_FOR
            raise UndocumentedRequest(401, "Invalid user ID or password.", code=_BAD_LOGIN, headers=headers)
        self._failures.pop(username, None)
        call.user = username

    def admit(self, call: Call, operation: Operation) -> None:
        if operation is self._admin and not self.logins[call.user].administrator:
            raise ApiError(403, "You lack the permissions to access this url.", code=_NO_PERMISSION)

    def error_response(self, error: ApiError) -> Response:
        code = error.status if error.code is None else error.code
        shown = str(code) if self.settings["text_codes"] else code
        return json_response(
            {"error": {"code": shown, "message": {"lang": "en-US", "value": error.message}}}, error.status
        )

    def separator(self, query: str) -> str:
        return "&" if "&" in query else ";"

    def dump(self) -> dict[str, Any]:
        return {"connectors": self.connectors, "user_connectors": self.user_connectors}

    def objects(self) -> Iterable[tuple[str, dict[str, Any]]]:
        return [(item["connectorID"], item) for item in (*self.connectors, *self.user_connectors)]

    def health(self, call: Call) -> Response:
        return json_response({"status": "active"})

    def list_all(self, call: Call) -> Response:
        """``{"connectors": [...]}``: five properties each, fourteen with ``details``, filtered by exact values."""
        names = BRIEF + DETAILS if call.parameter("details") == "true" else BRIEF
        filters = {name: values[0] for name, values in call.parameters.items() if name != "details"}
        if self.settings["detail_filters"] == "refuse" and not set(filters) <= set(BRIEF):
            raise ApiError(400, f"A filter is one of {', '.join(BRIEF)}.")
        return json_response(
            {
                "connectors": [
                    {name: self._shown(name, item[name]) for name in names if name in item}
                    for item in self.connectors
                    if all(_as_text(item.get(name)) == value for name, value in filters.items())
                ]
            }
        )

    def list_mine(self, call: Call) -> Response:
        """The caller's connectors: bare ids, or objects with ``details``; ``accessible`` adds the shared ones."""
        owner = self.logins[call.user].owner or call.user
        shared = call.parameter("accessible") == "true"
        mine = [
            item
            for item in self.user_connectors
            if item["owner"] == owner or (shared and owner in item.get("authUser", []))
        ]
        key = self.settings["user_id_key"]
        items: list[Any] = [item["connectorID"] for item in mine]
        if call.parameter("details") == "true":
            items = [
                {
                    key: item["connectorID"],
                    "owner": item["owner"],
                    "label": item["label"],
                    "authUser": item.get("authUser", []) if item["owner"] == owner else [],
                }
                for item in mine
            ]
        return json_response({self.settings["user_list_key"]: items})

    def _shown(self, name: str, value: Any) -> Any:
        return _as_text(value) if name == "isGroup" and self.settings["group_as_text"] else value


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
