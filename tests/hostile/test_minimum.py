# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service may omit every field that does not identify an object: documented fields are returned as null."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from support.cases import MODULES
from support.modules import PACKAGE

from hostile.attack import Attack, Serve, connection
from hostile.server import Request, Sent, reply
from hostile.voss import SCOPE, Service

ALWAYS = "always"
TRANSACTION = "cfe8a8fd-98e6-4290-b0c3-2dfa2224b808"


@dataclass(frozen=True)
class Case:
    """A module, its options except for the connection, and the documented conditions that apply."""

    module: str
    options: Mapping[str, Any]
    holds: tuple[str, ...] = ()


V3 = "with O(api_version=v3)"
V2 = "with O(api_version=v2)"
ADMIN = ("with O(scope=admin), or with O(details=true)", "with O(scope=admin)")
DETAILS = "with O(scope=admin) and O(details=true)"
USER = ("with O(scope=admin), or with O(details=true)", "with O(scope=user) and O(details=true)")
CASES = {
    "rename": Case("apono_connector", {"id": "a", "name": "new"}, ("success",)),
    "v3": Case("apono_connector_info", {}, (V3,)),
    "v3, by id": Case("apono_connector_info", {"id": "a"}, (V3,)),
    "v2": Case("apono_connector_info", {"api_version": "v2"}, (V2,)),
    "names": Case("apono_connectors", {"names": {"a": "new"}}),
    "integrations": Case("apono_integration_info", {}),
    "integration": Case("apono_integration", {"id": "i", "connector_id": "a"}, ("success",)),
    "admin": Case("hdp_connector_info", {}, ADMIN),
    "admin, details": Case("hdp_connector_info", {"details": True}, (*ADMIN, DETAILS)),
    "user": Case("hdp_connector_info", {"scope": "user"}),
    "user, details": Case("hdp_connector_info", {"scope": "user", "details": True}, USER),
    "user's connector": Case("hdp_connector", {"connector_id": "h", "authorized_users": []}, ("success",)),
    "user's group": Case("hdp_connector_group", {"connector_id": "g", "retry_delay": 120}, ("success",)),
    "server": Case("hdp_server_info", {}, ("success",)),
    "webex": Case("webex_hybrid_connector_info", {}),
    "webex, clusters": Case(
        "webex_hybrid_connector_info", {"clusters": True}, ("with O(clusters=true) or O(hybrid_cluster_name)",)
    ),
    "webex, organizations": Case("webex_hybrid_connector_info", {"org_ids": ["o"]}, ("with O(org_ids)",)),
    "webex, all organizations": Case("webex_hybrid_connector_info", {"org_ids": "all"}, ("with O(org_ids)",)),
    "webex, cluster list": Case("webex_hybrid_cluster_info", {}),
    "webex, clusters of organizations": Case("webex_hybrid_cluster_info", {"org_ids": "all"}, ("with O(org_ids)",)),
    "webex, by id": Case("webex_hybrid_connector_info", {"id": "w"}),
    "nodes": Case("voss_hierarchy_node_info", {"customers": True}, ("if O(customers=true)",)),
    "customers": Case("voss_spark_customer_info", {"hierarchy": SCOPE}),
    "customer": Case("voss_spark_customer", {"hierarchy": SCOPE, "name": "A"}),
    "list of customers": Case("voss_spark_customers", {"hierarchy": SCOPE, "customers": [{"name": "A"}]}),
    "transaction": Case("voss_transaction_info", {"id": TRANSACTION}),
    "fleet": Case("fleet_info", {"apono": {}, "hdp": {}, "voss": {"hierarchy": SCOPE}, "webex": {"clusters": True}}),
}
# A change of Hybrid Data Pipeline replaces the users and the members, so these must not be missing.
GROUP = {"connectionTimeout": 15, "retryDelay": 120, "members": [{"memberID": "h", "sequence": 1}]}
HDP = {
    "/api/mgmt/connectors/h": {"connectorID": "h", "authUser": []},
    "/api/mgmt/connectors/g": {"connectorID": "g", "authUser": [], "connectorGroup": GROUP},
    "/api/healthcheck": {"status": "active"},
    "/api/mgmt/version": {"HDPVersion": "5.0"},
    "/api/admin/system/nodes": {"nodes": [{}]},
}
# The result does not contain the exported file, which the server creates.
WITHOUT_OBJECTS = {"voss_spark_customer_export"}


class Minimum:
    """Return only the fields that identify an object of Apono, Hybrid Data Pipeline or Webex."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.moved: dict[str, Any] = {}

    def __call__(self, request: Request) -> Sent:
        path = request.path
        if path == "/api/admin/v3/connectors":
            return reply(200, {"items": [self.connector()], "pagination": {}})
        if path.startswith("/api/admin/v3/connectors/"):
            if request.method == "PUT":
                self.name = request.json["name"]
            return reply(200, self.connector())
        if path == "/api/v2/connectors":
            return reply(200, [{"connector_id": "a"}])
        if path == "/api/admin/connectors":
            return reply(200, {"connectors": [{"connectorID": "h"}]})
        if path == "/api/mgmt/connectors":
            return reply(200, {"connectors": [{"connectorID": "h"}]})
        if path == "/api/admin/v4/integrations":
            return reply(200, {"items": [{"id": "i"}], "pagination": {}})
        if path == "/api/admin/v4/integrations/i":
            if request.method == "PUT":
                self.moved = {"connector_id": request.json["connector_id"]}
            return reply(200, {"id": "i", "name": "i", "integration_config": {}, **self.moved})
        if path in HDP:
            return reply(200, HDP[path])
        if path.endswith("/organizations"):
            return reply(200, {"items": [{"id": "o"}]})
        if path.endswith("/resourceGroups"):
            return reply(200, {"items": [{"id": "g"}]})
        if path.endswith("/hybrid/clusters"):
            return reply(200, {"items": [{"id": "c"}]})
        if path.endswith("/hybrid/connectors"):
            return reply(200, {"items": [{"id": "w", "alarms": [{"id": "m"}]}, {"id": "x"}]})
        if path.endswith("/hybrid/connectors/w"):
            return reply(200, {"id": "w", "alarms": [{"id": "m"}]})
        return reply(404, {"message": "Not found."})

    def connector(self) -> dict[str, Any]:
        """Return the connector of Apono, which has a name only after a rename."""
        return {"id": "a"} if self.name is None else {"id": "a", "name": self.name}


def test_every_module_has_a_case() -> None:
    assert {case.module for case in CASES.values()} == {*MODULES} - WITHOUT_OBJECTS


def missing(value: Any, contents: Mapping[str, Any], holds: tuple[str, ...], path: str = "") -> Iterator[str]:
    """Return the documented keys that a result and its nested objects do not contain."""
    for key, entry in contents.items():
        if entry["returned"] not in (ALWAYS, "success", *holds):
            continue
        if key not in value:
            yield path + key
            continue
        found = value[key]
        inside = entry.get("contains") or {}
        for item in found if isinstance(found, list) else [found]:
            if inside and isinstance(item, Mapping):
                yield from missing(item, inside, holds, f"{path}{key}.")


def test_omitted_documented_fields_are_null(attack: Attack, serve: Serve) -> None:
    minimum = Minimum()
    service = Service("A")
    for customer in service.customers.values():
        customer["data"] = {"name": "A"}
    others, voss = serve(minimum), serve(service.respond)
    urls = {"apono": others.url, "hdp": others.url, "webex": f"{others.url}/v1", "voss": voss.url}

    def connected(case: Case) -> dict[str, Any]:
        system = case.module.partition("_")[0]
        if system in urls:
            return {**connection(system, urls[system]), **case.options}
        return {name: {**connection(name, urls[name]), **options} for name, options in case.options.items()}

    service.transactions[TRANSACTION] = {"status": "Success", "external": TRANSACTION, "pkid": None}
    tasks = [
        {"name": name, f"hybrid.connectors.{case.module}": connected(case), "ignore_errors": True}
        for name, case in CASES.items()
    ]
    played = attack.tasks(tasks)
    problems = {}
    for name, case in CASES.items():
        result = played[name]
        assert not result.failed, (name, result.msg)
        contents = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{case.module}").RETURN)
        problems[name] = list(missing(result.values, contents, case.holds))
    assert {name: keys for name, keys in problems.items() if keys} == {}
    sample = yaml.safe_load(importlib.import_module(f"{PACKAGE}.apono_connector").RETURN)["connector"]["sample"]
    assert set(sample) <= set(played["rename"]["connector"])
    assert played["v3"]["connectors"][0]["last_connected"] is None
    assert played["webex"]["connectors"][0]["alarms"][0]["title"] is None
