# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the tasks of the table of faults: every module, state and option that results in different calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LAST = "the last transaction"
FILE = "the file of this task"
SCOPE = "sys.hcs.CS-P"
NODE = "sys.hcs.CS-P.CS-NB.Initech"
WEST = "sys.hcs.CS-P.CS-AB.Initech-West"
UMBRELLA = "sys.hcs.CS-P.CS-AB.Umbrella"
GLOBEX = "sys.hcs.CS-P.CS-NB.Globex Corp"
PKID = "65e0918d6fd4534903e212d9"
AAAGLOBAL = {"hierarchy": SCOPE, "name": "AAAGlobal"}
FINANCE = [{"label": "finance-mssql"}]
USERS = {"authorized_users": ["Ann", "Bob"]}
ORGANIZATION = "Y2lzY29zcGFyazovL3"
TOKENS = {"token": "canary-token", "refresh_token": "canary-refresh"}


@dataclass(frozen=True)
class Task:
    """A module with options. ``repeats`` is true if a second run makes the same changes as the first. ``optional``
    matches the paths of requests for which the user may lack the permission.
    """

    title: str
    module: str
    options: Mapping[str, Any]
    login: str = ""
    repeats: bool = False
    check: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    reads: str = ""
    optional: str = ""

    @property
    def system(self) -> str:
        """Return the system of the module, or ``reads`` if the module reads several systems."""
        return self.reads or self.module.partition("_")[0]

    @property
    def name(self) -> str:
        return f"{self.module}: {self.title}" + (", check mode" if self.check else "")


def _bulk(title: str, customers: list[dict[str, Any]], repeats: bool = False, **more: Any) -> Task:
    # Send one request at a time, so that the order of the calls is the same in every run.
    options = {"hierarchy": SCOPE, "customers": customers, "max_parallel": 1, "poll_interval": 0.1, **more}
    return Task(title, "voss_spark_customers", options, repeats=repeats)


def _one(title: str, options: Mapping[str, Any], repeats: bool = False) -> Task:
    return Task(title, "voss_spark_customer", {"poll_interval": 0.1, **options}, repeats=repeats)


def _export(title: str, **options: Any) -> Task:
    return Task(title, "voss_spark_customer_export", {"dest": FILE, **options})


TASKS = (
    Task("list, in pages", "apono_connector_info", {"limit": 2}),
    Task("list of API v2", "apono_connector_info", {"api_version": "v2"}),
    Task("one by its id", "apono_connector_info", {"id": "prod-us-east-1"}),
    Task("list with integrations", "apono_connector_info", {"integrations": True}),
    Task("rename by id", "apono_connector", {"id": "prod-us-east-1", "name": "production"}),
    Task("rename by name", "apono_connector", {"name": "prod-us-east-1", "new_name": "production"}),
    Task("delete by id", "apono_connector", {"id": "gcp-analytics", "state": "absent"}),
    Task(
        "delete what is dead and unused",
        "apono_connector",
        {
            "name": "azure-west-europe",
            "state": "absent",
            "require_disconnected": True,
            "require_unused": True,
        },
    ),
    Task(
        "names and prune",
        "apono_connectors",
        {
            "names": {"prod-us-east-1": "production"},
            "prune": True,
            "prune_after_days": 1,
            "prune_never_connected": ["4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"],
        },
    ),
    *(
        Task(f"list of {system}", "fleet_info", {system: options, "strict": True}, reads=system)
        for system, options in (
            ("apono", {}),
            ("hdp", {}),
            ("voss", {"hierarchy": SCOPE}),
            ("webex", {"clusters": True, "org_ids": [ORGANIZATION]}),
        )
    ),
    Task("move", "apono_integration", {"name": "Orders database", "connector_id": "prod-us-east-1"}),
    Task("list", "apono_integration_info", {}),
    Task("list of the administrator", "hdp_connector_info", {}),
    Task("list with filters", "hdp_connector_info", {"filters": {"version": "4.6.1.758"}, "details": True}),
    Task("list of a user", "hdp_connector_info", {"scope": "user", "accessible": True}, login="hdp_user"),
    Task(
        "list with groups",
        "hdp_connector_info",
        {"scope": "user", "groups": True},
        login="hdp_owner",
        optional="/api/mgmt/connectors/.+",
    ),
    Task("change", "hdp_connector", {"label": "finance-mssql", **USERS}, login="hdp_owner"),
    Task("create", "hdp_connector_group", {"label": "finance", "members": FINANCE}, login="hdp_owner"),
    Task("change", "hdp_connector_group", {"label": "sales-oracle", "retry_delay": 60}, login="hdp_owner"),
    Task("delete", "hdp_connector_group", {"label": "sales-oracle", "state": "absent"}, login="hdp_owner"),
    Task("server", "hdp_server_info", {}),
    Task("list, in pages, with clusters", "webex_hybrid_connector_info", {"clusters": True}, settings={"page_size": 3}),
    Task("one by its id", "webex_hybrid_connector_info", {"id": "Y2lZY76124"}),
    Task("list with a refresh grant", "webex_hybrid_connector_info", {}, login="webex_grant"),
    # Read only one organization, because the task succeeds if only some of several organizations have a fault.
    Task("list of organizations", "webex_hybrid_connector_info", {"org_ids": [ORGANIZATION]}),
    Task("list", "webex_hybrid_cluster_info", {}),
    Task("list of organizations", "webex_hybrid_cluster_info", {"org_ids": [ORGANIZATION]}),
    Task("nodes with customers", "voss_hierarchy_node_info", {"customers": True}),
    Task("nodes below a node", "voss_hierarchy_node_info", {"hierarchy": SCOPE, "node_type": ["Customer"]}),
    _one("create", {"hierarchy": NODE, "name": "Initech", **TOKENS}),
    _one("modify", {**AAAGLOBAL, "email_domain": "rooms.example"}),
    _one("rename by pkid", {"hierarchy": SCOPE, "pkid": PKID, "name": "Global"}),
    _one("move", {**AAAGLOBAL, "target_hierarchy": WEST}),
    _one("modify and move", {**AAAGLOBAL, "email_domain": "rooms.example", "target_hierarchy": WEST}),
    _one("delete", {"hierarchy": SCOPE, "name": "AB_Group", "state": "absent"}),
    _one(
        "synchronise and refresh",
        {
            **AAAGLOBAL,
            "sync": ["roles_licences", "users"],
            "sync_when": "always",
            "refresh_access_token": "always",
        },
        repeats=True,
    ),
    _bulk(
        "create, modify, move and prune",
        [
            {"name": "AAAGlobal", "email_domain": "rooms.example"},
            {"name": "Initech", "hierarchy": NODE, **TOKENS},
            {"name": "Globex", "hierarchy": GLOBEX},
        ],
        prune=True,
    ),
    _bulk(
        "move many", [{"name": "AAAGlobal", "hierarchy": WEST}, {"name": "AB_Group", "hierarchy": WEST}], relocate=True
    ),
    _bulk("delete many", [{"name": "AAAGlobal"}, {"name": "AB_Group"}], state="absent"),
    _bulk("synchronise", [{"name": "AAAGlobal"}, {"name": "AB_Group"}], True, sync=["users"], sync_when="always"),
    Task("list", "voss_spark_customer_info", {"hierarchy": SCOPE}),
    Task("one by its name", "voss_spark_customer_info", {"hierarchy": SCOPE, "name": "AAAGlobal"}),
    Task("one by its pkid", "voss_spark_customer_info", {"pkid": PKID}),
    Task(
        "documents of the model",
        "voss_spark_customer_info",
        {
            "hierarchy": NODE,
            "gather": ["help", "add_form", "configuration_templates", "field_display_policies"],
        },
    ),
    _export("all as JSON", hierarchy=SCOPE),
    _export("two as a workbook", hierarchy=SCOPE, names=["AAAGlobal", "AB_Group"], format="xlsx"),
    _export("a table", hierarchy=SCOPE, format="csv"),
    _export("one by its pkid", pkids=[PKID], format="raw_xlsx"),
    _export("the template of a bulk load", hierarchy=NODE, bulkload_template=True),
    Task("of a change", "voss_transaction_info", {"id": LAST, "wait": True, "poll_interval": 0.1}),
)
