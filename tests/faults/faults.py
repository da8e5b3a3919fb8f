# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults of the table, and how long each lasts."""

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
    """What befalls a request. ``rule`` is the simulator's; one that ``follows`` befalls the request before it there.

    ``status`` is what the failure has to show, None if no answer can have come. ``budget`` is enough to get over it
    if it happens once, ``spent`` what is given if it lasts. Seconds.
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
    def answers(self) -> bool:
        """Whether something else answers in the place of the service."""
        return "status" in self.rule or "body" in self.rule


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
    Fault("cut before the request was read", {"cut": "before"}),
    Fault("cut after it was applied", {"cut": "after"}),
    Fault("cut in the body", {"cut": "body"}),
    Fault("slow beyond the time-out", {"delay": 2 * SHORT_TIMEOUT}, timeout=SHORT_TIMEOUT),
    Fault("HTML with 200", {"body": HTML, "headers": {"Content-Type": "text/html"}}, 200),
    Fault("wrong JSON type", {"body": [["a", 1], None]}, 200),
    Fault("empty body", {"body": ""}, 200),
    Fault("100 MiB body", {"size": 100 * 2**20}, 200),
    Fault("redirect to another origin", {"status": 307}, 307),
    *map(_certificate, ("untrusted", "expired", "wrong host name")),
)
BY_NAME = {fault.name: fault for fault in FAULTS}

ONCE, APPLIED, LASTING, NO_BUDGET = "once", "once, when it was applied", "for good", "once, without a budget"
DURATIONS = (ONCE, APPLIED, LASTING, NO_BUDGET)
