# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VOSS service as a whole: authentication, throttling, the shape of errors, and the table of all calls.

Source: the vendor's API guide. It documents no error body, so that its shape is a setting.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector_simulator.exchange import Call, Misuse, Problem, Reply, json_reply, text_reply
from connector_simulator.strict import SAFE_METHODS, Operation
from connector_simulator.system import System, basic_login
from connector_simulator.voss.action_calls import ActionCalls
from connector_simulator.voss.customer_calls import CustomerCalls
from connector_simulator.voss.documents import DocumentCalls
from connector_simulator.voss.exports import ExportCalls
from connector_simulator.voss.node_calls import NodeCalls
from connector_simulator.voss.state import State
from connector_simulator.voss.transaction_calls import TransactionCalls


@dataclass(frozen=True)
class VossLogin:
    """A user of the VOSS API."""

    username: str
    password: str


class Voss(System):
    """The parts of VOSS Automate that have to do with Spark customers."""

    prefix = "/voss"

    def __init__(self, settings: Mapping[str, Any], logins: Sequence[VossLogin], data: Mapping[str, Any]):
        super().__init__(settings)
        self._passwords = {login.username: login.password for login in logins}
        self._recent: dict[str, deque[float]] = {}
        self._session = secrets.token_hex(16)
        self.state = state = State(settings, data)
        self.operations = (
            *DocumentCalls(state).operations,
            *ExportCalls(state).operations,
            *CustomerCalls(state).operations,
            *ActionCalls(state).operations,
            *NodeCalls(state).operations,
            *TransactionCalls(state).operations,
        )

    def authenticate(self, call: Call) -> None:
        """Basic authentication; a session cookie makes a write need the CSRF header as well."""
        username, password = basic_login(call)
        if not username or self._passwords.get(username) != password:
            message = "Basic authentication with a valid user name and password is documented."
            raise Misuse(401, message, headers={"WWW-Authenticate": 'Basic realm="VOSS"'})
        cookies = call.headers.get("Cookie", "")
        if call.method not in SAFE_METHODS and "sessionid=" in cookies and "X-CSRFToken" not in call.headers:
            raise Misuse(403, "CSRF verification failed: a write with a session cookie needs the header X-CSRFToken.")
        call.user = username

    def admit(self, call: Call, operation: Operation) -> None:
        """At most so many requests of one user within any second."""
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
            raise Problem(429, "Error 429: Too Many Requests", headers=headers)
        recent.append(now)

    def problem(self, problem: Problem) -> Reply:
        shape = self.settings["error_shape"]
        if shape == "text":
            return text_reply(problem.message, problem.status)
        if shape == "message":
            return json_reply({"message": problem.message}, problem.status)
        error: Any = problem.message
        if shape == "object":
            error = {"code": problem.status, "message": problem.message, "http_code": problem.status}
        return json_reply({"error": error}, problem.status)

    def finish(self, call: Call, reply: Reply) -> None:
        reply.headers["X-Request-ID"] = str(uuid.uuid4())
        if self.settings["session_cookies"] and call.user:
            secure = "; Secure" if call.origin.startswith("https") else ""
            attributes = f"; Path=/; HttpOnly; SameSite=Lax{secure}"
            reply.cookies = (f"sessionid={self._session}{attributes}", f"csrftoken={self._session}{attributes}")

    def dump(self) -> dict[str, Any]:
        nodes = [
            {"path": node.path, "pkid": node.pkid, "node_type": node.node_type}
            for node in self.state.hierarchy.by_pkid.values()
        ]
        return {"nodes": nodes, "customers": self.state.customers.dump()}

    def change(self, wanted: str, fields: Mapping[str, Any]) -> dict[str, Any] | None:
        """Set fields of the customer with a pkid, in the form of a seed; ``hierarchy`` moves it."""
        return self.state.customers.change(wanted, fields)
