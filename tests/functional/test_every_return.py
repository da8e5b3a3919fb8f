# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules return exactly the values that their documentation describes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.cases import MODULES
from support.modules import PACKAGE, RunModule
from support.simulator import CREDENTIALS, Simulator

pytestmark = pytest.mark.in_worker

SCOPE = "sys.hcs.CS-P"
NODE = f"{SCOPE}.CS-NB.Initech"
OWNER = CREDENTIALS["hdp_owner"]
TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "dict": (dict,),
    "list": (list,),
}
# Ansible adds the first keys to every result. Every failure contains the other keys.
OF_ANSIBLE = {"changed", "exception", "failed", "msg", "invocation", "warnings"}
OF_FAILURES = {"failure"}
FAILURE = ["code", "message", "method", "reason", "request_id", "status", "system", "url"]

# Together, these runs return all documented values. Faults of the simulator cause some of the values.
RUNS: dict[str, list[dict[str, Any]]] = {
    "apono_connector": [{"id": "prod-us-east-1", "name": "production"}],
    "apono_connector_info": [{"integrations": True}, {"api_version": "v2"}],
    "apono_integration": [{"name": "Orders database", "connector_id": "prod-us-east-1"}],
    "apono_integration_info": [{}],
    "apono_connectors": [
        {"names": {"prod-us-east-1": "production"}, "prune": True, "prune_after_days": 1},
        {"names": {"gcp-analytics": "stock"}, "fault": {"method": "PUT", "path": "gcp", "status": 403, "body": {}}},
    ],
    "fleet_info": [
        {"apono": {}, "hdp": {}, "voss": {"hierarchy": SCOPE}, "webex": {"clusters": True}},
        {"apono": {}, "as_json": True},
    ],
    "hdp_connector": [{**OWNER, "label": "finance-mssql", "new_label": "finance"}],
    "hdp_connector_group": [{**OWNER, "label": "sales-oracle", "retry_delay": 0}],
    "hdp_server_info": [{}],
    "hdp_connector_info": [
        {"details": True},
        {"scope": "user", "details": True, "groups": True, "username": "hdp-user"},
    ],
    "voss_hierarchy_node_info": [{"customers": True}],
    "voss_spark_customer": [
        {"hierarchy": SCOPE, "name": "AAAGlobal", "account_email": "new@example.com"},
        {"hierarchy": NODE, "name": "Initech", "token": "new-token", "extra_attributes": {}},
    ],
    "voss_spark_customer_export": [{"hierarchy": SCOPE, "dest": "..."}],
    "voss_spark_customer_info": [
        {"hierarchy": SCOPE, "gather": ["help", "add_form", "configuration_templates", "field_display_policies"]}
    ],
    "voss_spark_customers": [
        {
            "hierarchy": SCOPE,
            "customers": [{"name": "AAAGlobal", "account_email": "new@example.com"}, {"name": "AB_Group"}],
        },
        {
            "hierarchy": SCOPE,
            "customers": [{"name": "AAAGlobal", "account_email": "other@example.com"}],
            "fault": {"method": "PUT", "path": ".", "status": 403, "body": {}},
        },
    ],
    "voss_transaction_info": [{"id": "the last one", "wait": True}],
    "webex_hybrid_cluster_info": [{"org_ids": "all"}],
    "webex_hybrid_connector_info": [{"org_ids": "all", "clusters": True}],
}
# Objects of VOSS Automate and Apono keep undocumented fields.
KEPT = {
    "voss_spark_customer": ("customer.",),
    "voss_spark_customer_info": ("customers.",),
}


def documented(name: str) -> dict[str, Any]:
    """Return the documented return values of a module."""
    found: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{name}").RETURN)
    return found


def keys(contents: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the path and the documentation of each documented key."""
    for key, entry in contents.items():
        yield prefix + key, entry
        yield from keys(entry.get("contains", {}), f"{prefix}{key}.")


def found(value: Any, contents: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of each key, down to the documented depth."""
    for key, item in value.items():
        yield prefix + key, item
        inside = contents.get(key, {}).get("contains")
        if inside and item is not None:
            for one in item if isinstance(item, list) else [item]:
                yield from found(one, inside, f"{prefix}{key}.")


@pytest.mark.parametrize("name", MODULES)
def test_returned_values_are_documented(module: RunModule, simulator: Simulator, tmp_path: Path, name: str) -> None:
    contents = documented(name)
    described = dict(keys(contents))
    seen: dict[str, list[Any]] = {}
    for given in RUNS[name]:
        options = {key: value for key, value in given.items() if key != "fault"}
        simulator.reset()
        if "fault" in given:
            simulator.fault(system=name.partition("_")[0], times=None, **given["fault"])
        if "dest" in options:
            options["dest"] = str(tmp_path / "export")
        if options.get("id") == "the last one":
            module("voss_spark_customer", hierarchy=SCOPE, name="AAAGlobal", account_email="new@example.com").ok()
            path = next(entry["path"] for entry in simulator.journal() if "Transaction" in entry["path"])
            options["id"] = path.strip("/").rpartition("/")[2]
        result = module(name, **options)
        assert result.failed == ("fault" in given), result.msg
        for path, value in found(result.values, contents):
            seen.setdefault(path, []).append(value)
    unexpected = [path for path in seen if path not in described and path not in OF_ANSIBLE | OF_FAILURES]
    assert [path for path in unexpected if not path.startswith(("_ansible_", *KEPT.get(name, ())))] == []
    assert [path for path in described if path not in seen] == []
    for path, values in seen.items():
        entry = described.get(path, {})
        for value in values:
            if path.endswith("failure") and value is not None:
                assert sorted(value) == FAILURE
            assert value is None or isinstance(value, TYPES[entry.get("type", type(value).__name__)]), path
