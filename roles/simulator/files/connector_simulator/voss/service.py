# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the VOSS service: authentication, rate limit, error format, and the table of all operations.

Source: the vendor's API guide. It does not document the format of error bodies, so a setting defines the format.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response, text_response
from connector_simulator.strict import SAFE_METHODS, Operation
from connector_simulator.system import System, basic_login
from connector_simulator.voss.action_calls import ActionCalls
from connector_simulator.voss.customer_calls import CustomerCalls
from connector_simulator.voss.documents import DocumentCalls
from connector_simulator.voss.exports import ExportCalls
from connector_simulator.voss.node_calls import NodeCalls
from connector_simulator.voss.state import VossState
from connector_simulator.voss.transaction_calls import TransactionCalls


@dataclass(frozen=True)
class VossLogin:
    """The user name and password of a VOSS API user."""

    username: str
    password: str


class Voss(System):
    """The simulated VOSS Automate service for managing Spark customers."""

    prefix = "/voss"

    def __init__(self, settings: Mapping[str, Any], logins: Sequence[VossLogin], data: Mapping[str, Any]):
        super().__init__(settings)
        self._passwords = {login.username: login.password for login in logins}
        self._recent: dict[str, deque[float]] = {}
        self._session = secrets.token_hex(16)
        self.state = state = VossState(settings, data)
        self.operations = (
            *DocumentCalls(state).operations,
            *ExportCalls(state).operations,
            *CustomerCalls(state).operations,
            *ActionCalls(state).operations,
            *NodeCalls(state).operations,
            *TransactionCalls(state).operations,
        )

    def authenticate(self, call: Call) -> None:
        """Check the Basic credentials, and the CSRF header if the request has a session cookie."""
        username, password = basic_login(call)
        if not username or self._passwords.get(username) != password:
            message = "Basic authentication with a valid user name and password is required."
            raise UndocumentedRequest(401, message, headers={"WWW-Authenticate": 'Basic realm="VOSS"'})
        cookies = call.headers.get("Cookie", "")
        if call.method not in SAFE_METHODS and "sessionid=" in cookies and "X-CSRFToken" not in call.headers:
            raise UndocumentedRequest(
                403, "CSRF verification failed: a write with a session cookie requires the header X-CSRFToken."
            )
        call.user = username

    def admit(self, call: Call, operation: Operation) -> None:
        """Limit the number of requests per second for each user."""
        self.state.transactions.settle()
        allowed = self.settings["throttle"]
        if not allowed:
            return
        now = time.monotonic()
        recent = self._recent.setdefault(call.user, deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= allowed:
            retry_after = self.settings["retry_after"]
            headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
            raise ApiError(429, "Error 429: Too Many Requests", headers=headers)
        recent.append(now)

    def error_response(self, error: ApiError) -> Response:
        shape = self.settings["error_shape"]
        if shape == "text":
            return text_response(error.message, error.status)
        if shape == "message":
            return json_response({"message": error.message}, error.status)
        content: Any = error.message
        if shape == "object":
            content = {"code": error.status, "message": error.message, "http_code": error.status}
        return json_response({"error": content}, error.status)

    def finish(self, call: Call, response: Response) -> None:
        response.headers["X-Request-ID"] = str(uuid.uuid4())
        if self.settings["session_cookies"] and call.user:
            secure = "; Secure" if call.origin.startswith("https") else ""
            attributes = f"; Path=/; HttpOnly; SameSite=Lax{secure}"
            response.cookies = (f"sessionid={self._session}{attributes}", f"csrftoken={self._session}{attributes}")

    def dump(self) -> dict[str, Any]:
        nodes = []
        for node in self.state.hierarchy.by_pkid.values():
            description = {"description": node.description} if node.description else {}
            nodes.append({"path": node.path, "pkid": node.pkid, "node_type": node.node_type, **description})
        return {"nodes": nodes, "customers": self.state.customers.dump()}

    def change(self, object_id: str, fields: Mapping[str, Any]) -> dict[str, Any] | None:
        """Update a customer with fields in the seed format. A new ``hierarchy`` moves the customer."""
        return self.state.customers.change(object_id, fields)
