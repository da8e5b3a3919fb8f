# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define a case for each option of each module, and run the cases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connector_simulator.state import PREFIXES
from support.modules import ROOT, Result, RunModule
from support.simulator import CREDENTIALS, Simulator

# These modules do not send requests. Separate tests cover them, because the cases require the simulator.
WITHOUT_REQUESTS = {"fleet_report_files", "voss_spark_customer_tokens"}
# The cases of a module require its system in the simulator. Separate tests cover other systems.
SIMULATED = (*PREFIXES, "fleet")
MODULES = sorted(
    path.stem
    for path in (ROOT / "plugins" / "modules").glob("*.py")
    if path.stem.partition("_")[0] in SIMULATED and path.stem not in WITHOUT_REQUESTS
)

SCOPE = "sys.hcs.CS-P"
NODE = f"{SCOPE}.CS-NB.Initech"
AAAGLOBAL = {"hierarchy": SCOPE, "name": "AAAGlobal"}
INITECH = {"hierarchy": NODE, "name": "Initech"}
LIST = {"hierarchy": SCOPE, "customers": [{"name": "AAAGlobal", "account_email": "new@example.com"}]}
TWO = {
    "hierarchy": SCOPE,
    "customers": [{"name": name, "account_email": "new@example.com"} for name in ("AAAGlobal", "AB_Group")],
}
SOURCE, OTHER_SOURCE = (str(ROOT / "tests" / "support" / f"customers_{number}.csv") for number in (1, 2))
PKID = "65e0918d6fd4534903e212d9"
DEAD = {"prune": True, "prune_after_days": 1}
PLACE = "a file of the test"
TRANSACTION = "a transaction of the test"
# Modules that require a user other than the first user of their system.
LOGINS = {"hdp_connector": "hdp_owner", "hdp_connector_group": "hdp_owner"}
FINANCE = {"label": "finance-mssql"}
ORACLE = {"label": "sales-oracle"}
USERS = {"authorized_users": ["Ann", "Bob"]}
SUBSIDIARY = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMg"
SLOW = {"voss": {"polls": 1000}}


@dataclass(frozen=True)
class Case:
    """A value of an option, the other options of both runs, and the behavior of the simulator in both."""

    value: Any
    given: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    login: str = ""


def _cases(given: Mapping[str, Any], **values: Any) -> dict[str, Case]:
    return {option: value if isinstance(value, Case) else Case(value, given) for option, value in values.items()}


def _attributes(given: Mapping[str, Any]) -> dict[str, Case]:
    """Return cases for the attributes of a customer without attributes."""
    return _cases(
        given,
        account_email="admin@initech.example",
        account_number="17",
        account_number_external="18",
        default_calling_behaviour="Cisco Jabber app",
        dirsync_enabled=True,
        email_domain="initech.example",
        http_proxy="proxy.initech.example",
        https_proxy="secure.initech.example",
        token="new-access-token",
        refresh_token="new-refresh-token",
        sync_on_create=Case(True, {**given, "token": "new-access-token"}),
        extra_attributes=Case({"newAttribute": "x"}, given, {"voss": {"extra_attributes": ["newAttribute"]}}),
    )


def _rules(change: Mapping[str, Any], unchanged: Mapping[str, Any], secret: Mapping[str, Any]) -> dict[str, Case]:
    """Return cases for the options that do not set attributes."""
    return _cases(
        change,
        update_secrets=Case("always", secret),
        sync=["users"],
        sync_when=Case("always", {**unchanged, "sync": ["users"]}),
        refresh_access_token=Case("always", unchanged),
        token_min_days=Case(-10000, {**unchanged, "refresh_access_token": "expiring"}),
        wait=False,
        wait_timeout=Case(0.2, {**change, "poll_interval": 0.1}, {"voss": {"polls": 6}}),
        poll_interval=Case(0.01, change),
    )


CASES: dict[str, dict[str, Case]] = {
    "apono_connector": _cases(
        {"id": "prod-us-east-1", "name": "production"},
        id="gcp-analytics",
        name="other",
        new_name=Case("stock", {"name": "analytics"}),
        state="absent",
        require_disconnected=Case(True, {"id": "prod-us-east-1", "state": "absent"}),
        require_unused=Case(True, {"id": "gcp-analytics", "state": "absent"}),
    ),
    "apono_connector_info": _cases(
        {}, id="prod-us-east-1", name="analytics", status=["DISCONNECTED"], api_version="v2", limit=2, integrations=True
    ),
    "apono_integration": _cases(
        {"name": "Orders database", "connector_id": "prod-us-east-1"},
        name="Production accounts",
        id=Case("0b9d3e54-8f7e-4c60-a1a4-5ab1c0f3d201", {"connector_id": "prod-us-east-1"}),
        connector_id="gcp-analytics",
        secret_parameters=Case(
            {"username": "new", "password": "newer"}, {"name": "Warehouse", "connector_id": "prod-us-east-1"}
        ),
    ),
    "apono_integration_info": _cases(
        {},
        connector_id=["gcp-analytics"],
        name="Warehouse",
        type=["gcp-project"],
        category=["none"],
        status=["warning"],
    ),
    "apono_connectors": _cases(
        {"names": {"prod-us-east-1": "production"}},
        names={"prod-us-east-1": "other"},
        prune=True,
        prune_after_days=Case(100000, DEAD),
        prune_limit=Case(0, {**DEAD, "prune_never_connected": ["4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"]}),
        prune_never_connected=Case(["4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"], DEAD),
    ),
    "fleet_info": _cases(
        {"apono": {}},
        apono={"name": "analytics"},
        hdp={},
        voss={"hierarchy": SCOPE},
        webex={"clusters": True},
        stale_after_hours=Case(1e6, {"hdp": {}}),
        # The tokens in the sample data have expired, regardless of the threshold. The module rejects this value.
        expiring_within_days=Case(-1.0, {"voss": {"hierarchy": SCOPE}}),
        deadline=Case(0.2, {"apono": {}}, {"latency": 1.0}),
        strict=Case(True, {"apono": {"api_token": "wrong"}}),
        as_json=True,
    ),
    "hdp_connector": _cases(
        {**FINANCE, **USERS},
        label="sales-oracle-1",
        new_label="finance",
        connector_id=Case("3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e03", USERS),
        authorized_users=["Bob"],
        authorized_users_mode="remove",
    ),
    "hdp_connector_group": _cases(
        {**ORACLE, **USERS},
        label="sales-oracle-1",
        new_label="oracle",
        connector_id=Case("3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e10", USERS),
        state="absent",
        members=[{"label": "sales-oracle-1"}],
        connection_timeout=30,
        retry_delay=0,
        load_balancing=False,
        authorized_users=["Bob"],
        authorized_users_mode="remove",
    ),
    "hdp_server_info": _cases({}, nodes=False),
    "hdp_connector_info": _cases(
        {},
        scope="user",
        details=True,
        accessible=Case(True, {"scope": "user"}),
        filters={"version": "4.6.1.815"},
        connector_id="55b55556-22d1-4f6a-888f-444a2df565e0",
        groups=Case(True, {"scope": "user"}, login="hdp_owner"),
    ),
    "voss_hierarchy_node_info": _cases(
        {}, hierarchy=f"{SCOPE}.CS-NB", name="Initech", node_type=["Customer"], customers=True
    ),
    "voss_spark_customer": {
        **_cases(
            INITECH,
            name="Other",
            pkid=Case(PKID, {"hierarchy": SCOPE, "name": "Globex"}),
            hierarchy=f"{SCOPE}.CS-AB.Umbrella",
            target_hierarchy=Case(NODE, AAAGLOBAL),
            state=Case("absent", AAAGLOBAL),
        ),
        **_attributes(INITECH),
        **_rules(
            {**AAAGLOBAL, "account_email": "new@example.com"},
            AAAGLOBAL,
            {**AAAGLOBAL, "https_proxy": "proxy.example.com"},
        ),
    },
    "voss_spark_customer_export": _cases(
        {"dest": PLACE, "hierarchy": SCOPE},
        dest=f"{PLACE}, another",
        mode="0640",
        format="xlsx",
        hierarchy=f"{SCOPE}.CS-NB",
        names=["AAAGlobal"],
        pkids=Case([PKID], {"dest": PLACE}),
        version="21.4",
        configuration_template="default",
        bulkload_template=True,
    ),
    "voss_spark_customer_info": _cases(
        {"hierarchy": SCOPE},
        hierarchy=f"{SCOPE}.CS-NB",
        name="AAAGlobal",
        pkid=PKID,
        expiring_within_days=-100000,
        gather=["help"],
    ),
    "voss_spark_customers": {
        **_cases(
            LIST,
            hierarchy=f"{SCOPE}.CS-NB",
            customers=[{"name": "AB_Group", "account_email": "new@example.com"}],
            src=Case(SOURCE, {"hierarchy": SCOPE, "src": OTHER_SOURCE}),
            src_options=Case({"ignore_columns": ["account_email"]}, {"hierarchy": SCOPE, "src": SOURCE}),
            state="absent",
            relocate=Case(True, {"hierarchy": SCOPE, "customers": [{"name": "AAAGlobal", "hierarchy": NODE}]}),
            prune=True,
            prune_limit=Case(0, {**LIST, "prune": True}),
            max_parallel=Case(1, TWO, {"latency": 0.25}),
        ),
        **_rules(
            LIST,
            {"hierarchy": SCOPE, "customers": [{"name": "AAAGlobal"}]},
            {"hierarchy": SCOPE, "customers": [{"name": "AAAGlobal", "https_proxy": "proxy.example.com"}]},
        ),
    },
    "voss_transaction_info": _cases(
        {"id": TRANSACTION},
        id="00000000-0000-4000-8000-000000000000",
        wait=True,
        wait_timeout=Case(0.3, {"id": TRANSACTION, "wait": True, "poll_interval": 0.1}, {"voss": {"polls": 9}}),
        poll_interval=Case(0.01, {"id": TRANSACTION, "wait": True}),
    ),
    "webex_hybrid_connector_info": _cases(
        {},
        id="Y2lZY76123",
        org_id="Y2lzY29zcGFyazovL3",
        org_ids="all",
        status=["outage"],
        type=["call"],
        hostname="foo.example.org",
        hybrid_cluster_id="Y2lZY76123abbb",
        hybrid_cluster_name="Expressway Oslo",
        alarm_severity=["critical"],
        clusters=True,
    ),
    "webex_hybrid_cluster_info": _cases(
        {},
        id="Y2lZY76123accc",
        name="Expressway Dallas",
        org_id=SUBSIDIARY,
        org_ids="all",
        resource_groups=False,
    ),
}


def each(modules: Iterable[str]) -> list[Any]:
    """Return module and option of each case as parameters of a test."""
    beyond = pytest.mark.undocumented("an attribute of another release")
    return [
        pytest.param(name, option, marks=[beyond] if option == "extra_attributes" else [])
        for name in modules
        for option in CASES[name]
    ]


FLEETING_KEYS = ("seconds", "invocation", "request_meta", "checksum", "access_token_expires", "days_left")
KNOWN = re.compile(r"65e0\w{20}|6130\w{20}|5f3a\w{20}")
FLEETING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-z]{24}\b")


def lasting(value: Any) -> Any:
    """Return a value without parts that differ from run to run: new IDs, times and durations."""
    if isinstance(value, dict):
        return {key: lasting(item) for key, item in value.items() if key not in FLEETING_KEYS}
    if isinstance(value, list):
        return [lasting(item) for item in value]
    if isinstance(value, float):
        return round(value)
    if isinstance(value, str):
        return FLEETING.sub(lambda found: found[0] if KNOWN.fullmatch(found[0]) else "an id", value)
    return value


def login_of(name: str, login: str) -> Mapping[str, str]:
    """Return the credentials if a case or a module requires a different user, or an empty dictionary."""
    login = login or LOGINS.get(name, "")
    return CREDENTIALS[login] if login else {}


def run_case(
    module: RunModule,
    simulator: Simulator,
    file: Path,
    name: str,
    given: Mapping[str, Any],
    check: bool = False,
    login: str = "",
) -> Result:
    """Clear the journal, and run a module with the options of a case, including the file and the transaction."""
    options = {
        key: value.replace(PLACE, str(file)) if isinstance(value, str) else value for key, value in given.items()
    }
    if options.get("id") == TRANSACTION:
        options["id"] = _started(simulator)
    simulator.forget()
    return module(name, check=check, **login_of(name, login), **options)


def _started(simulator: Simulator) -> str:
    """Return the ID of a transaction that has just started."""
    response = simulator.client("voss")(
        "DELETE", "/api/relation/SparkCustomer/65e032dc6fd4534903dff709/", params={"nowait": "true", "hierarchy": SCOPE}
    )
    return str(response.json()["transaction_id"])
