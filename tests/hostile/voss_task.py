# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module of VOSS Automate against a service in this process, for the many variants of an attack."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.hybrid.connectors.plugins.plugin_utils._in_process import execute, module_called
from hostile.attack import SECRETS, Serve, connection
from hostile.server import HostileServer
from hostile.voss import SCOPE, Service


class Task:
    """Run a task with the function that the action plugin calls. ``server`` is the server of the last task."""

    def __init__(self, serve: Serve) -> None:
        self.server: HostileServer
        self._serve = serve
        self._servers: dict[int, HostileServer] = {}

    def __call__(self, service: Service, module: str, check: Any = False, **options: Any) -> dict[str, Any]:
        if id(service) not in self._servers:
            self._servers[id(service)] = self._serve(service.respond)
        server = self._servers[id(service)]
        server.requests.clear()
        self.server = server
        given: dict[str, Any] = {**connection("voss", server.url), "requests_per_second": 0, "timeout": 20}
        if module in ("voss_spark_customer", "voss_spark_customers"):
            given["poll_interval"] = 0.02
        if module == "voss_spark_customers":
            given["hierarchy"] = SCOPE
        spec, function = module_called(module)
        result = execute(spec, function, {**given, **options}, module, check)
        text = json.dumps(result)
        assert [secret for secret in SECRETS if secret in text] == []
        assert "exception" not in result, result["exception"]
        return dict(result)


def actions(result: Any) -> list[str]:
    """Return the action of each customer."""
    return [item["action"] for item in result["customers"]]


def reasons(result: Any) -> list[str]:
    """Return the reasons for the failure of the task and of its customers, or an empty list after a success."""
    if not result.get("failed"):
        return []
    items = [item["failure"]["reason"] for item in result.get("customers", ()) if item.get("failure")]
    return [result["failure"]["reason"], *items]
