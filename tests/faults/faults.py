# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the faults of the table and their durations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TIMEOUT = 30.0
SHORT_TIMEOUT = 0.6
BUDGET = 0.4
HTML = "<!DOCTYPE html><html><body>Please sign in</body></html>"


@dataclass(frozen=True)
class Fault:
    """A fault of a request. ``rule`` is the fault rule of the simulator. With ``follows``, the rule applies to the
    previous request. ``status`` is the status in the failure, or None if no response is possible. Both budgets are in
    seconds: ``budget`` is sufficient if the fault occurs once, and ``spent`` applies if the fault is permanent.
    """

    name: str
    rule: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = None
    body: Any = None
    follows: bool = False
    secure: bool = False
    certificate: str = ""
    timeout: float = TIMEOUT
    budget: float = BUDGET
    spent: float = BUDGET

    @property
    def responses(self) -> bool:
        """Return whether a different server responds instead of the service."""
        return ("status" in self.rule or "body" in self.rule) and "late" not in self.rule


def _status(status: int, name: str = "", **more: Any) -> Fault:
    headers = {"X-Request-ID": "request-canary", "trackingId": "request-canary", **more.pop("headers", {})}
    rule = {"status": status, "headers": headers, "body": {"error": "It is out of order.", "code": "E17"}}
    return Fault(name or str(status), rule, status, **more)


def _certificate(name: str) -> Fault:
    return Fault(
        f"{name} certificate" if " " not in name else f"certificate for a {name}",
        follows=True,
        secure=True,
        certificate=name,
    )


FAULTS = (
    *map(_status, (401, 403, 404, 409, 423)),
    _status(429, "429 with Retry-After", headers={"Retry-After": "1"}, budget=1.5, spent=1.5),
    _status(429, "429 without Retry-After"),
    *map(_status, (500, 502, 503, 504)),
    Fault("connection refused", follows=True, budget=5.0),
    Fault("connection closed before the request was read", {"cut": "before"}),
    Fault("connection closed after the change was made", {"cut": "after"}),
    Fault("connection closed within the body", {"cut": "body"}),
    Fault("slower than the timeout", {"delay": 2 * SHORT_TIMEOUT}, timeout=SHORT_TIMEOUT),
    Fault("HTML with 200", {"body": HTML, "headers": {"Content-Type": "text/html"}}, 200),
    Fault("wrong JSON type", {"body": [["a", 1], None]}, 200),
    Fault("empty body", {"body": ""}, 200),
    Fault("100 MiB body", {"size": 100 * 2**20}, 200),
    Fault("error with 200", {"body": {"error": {"message": "It is out of order."}}}, 200),
    Fault("HTML with 404", {"status": 404, "body": HTML, "headers": {"Content-Type": "text/html"}}, 404),
    Fault("malformed Content-Length", {"raw": "HTTP/1.1 200 OK\r\nContent-Length: 5, 7\r\n\r\nhello"}),
    Fault("endless headers", {"endless": "headers"}),
    Fault("504 before the change is made", {"status": 504, "body": {"error": "Timeout."}, "late": 0.5}, 504),
    Fault("redirect to another origin", {"status": 307}, 307),
    *map(_certificate, ("untrusted", "expired", "wrong host name")),
)

ONCE, APPLIED, LASTING, NO_BUDGET = "once", "once, change made", "permanent", "once, no retry budget"
DURATIONS = (ONCE, APPLIED, LASTING, NO_BUDGET)
