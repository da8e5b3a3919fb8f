# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the ``meta`` objects of relation/SparkCustomer, based on the vendor's samples.

Links in the ``meta`` objects of lists and customers contain a token that clients must treat as a secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connector_simulator.voss.envelope import list_meta
from connector_simulator.voss.schema import SCHEMA, SUMMARY_ATTRIBUTES, title
from connector_simulator.voss.state import BASE, MODEL
from connector_simulator.voss.store import Customer

LINK_TOKEN = "simulator-link-token%3A5d1f7c9ae2"
OPERATIONS = (
    "field_display_policy",
    "configuration_template",
    "help",
    "get",
    "export_bulkload_template",
    "move",
    "list",
    "update",
    "remove",
    "add",
    "bulk_update",
    "export",
)
SUMMARY = [
    {"allow_filtering": True, "name": name, "title": title(name)}
    if name == "hierarchy_friendly_name"
    else {"name": name, "title": title(name)}
    for name in SUMMARY_ATTRIBUTES
]
CUSTOM_ACTIONS = {
    "RefreshAccessToken": "Refresh Access Token",
    "SyncWebexTeamsRolesLicences": "Sync Webex Teams Roles Licences",
    "SyncWebexTeamsUsers": "Sync Webex Teams Users",
}
_PKID, _PARENT, _TITLE, _TRAIL = "@pkid@", "@parent@", "@title@", "@trail@"


def action(
    name: str, kind: str, method: str, href: str, shown: str, asynchronous: bool = False, **more: str
) -> dict[str, dict[str, Any]]:
    """Return an entry for the list ``meta.actions``."""
    facts = {"support_async": asynchronous, "class": kind, "href": href, "method": method, "title": shown}
    return {name: {**facts, **more}}


def for_list(node_pkid: str) -> dict[str, Any]:
    """Return the ``meta`` object for the list of customers at a node."""
    at = f"?hierarchy={node_pkid}"
    token = f"?auth_token={LINK_TOKEN}"
    documents = {
        "export_bulkload_template": ("bulkload_template", "POST", "Export Bulk Load Template"),
        "configuration_template": ("config", "GET", "Configuration Template"),
        "field_display_policy": ("display_policy", "GET", "Field Display Policy"),
    }
    actions = [
        action("add", "add", "GET", f"{BASE}add/{at}", "Add"),
        action("remove", "delete", "DELETE", f"{BASE}{at}", "Delete", True),
        action(
            "move", "move", "POST", f"/api/tool/DataMove/{at}&model_type={MODEL}", "Move", True,
            view=f"/api/tool/DataMove/{token}",
        ),
        action(
            "export", "export", "POST", f"{BASE}export/{at}", "Export",
            submit="payload", view=f"/api/view/ExportData/add/{token}",
        ),
        *(action(name, kind, method, f"{BASE}{name}/{at}", shown) for name, (kind, method, shown) in documents.items()),
        action("list", "list", "GET", f"{BASE}{at}", "List"),
        action("help", "help", "GET", f"{BASE}help{at}", "Help"),
    ]  # fmt: skip
    return list_meta(
        MODEL,
        node_pkid,
        SUMMARY,
        schema_version=SCHEMA["schema_version"],
        actions=actions,
        model_specific_actions=[name for name in OPERATIONS if name != "bulk_update"],
    )


def for_instance(customer: Customer) -> dict[str, Any]:
    """Return the ``meta`` object of a customer."""
    node = customer.node.pkid
    actions = _instance_actions(customer.pkid, f"?hierarchy={node}", f"?auth_token={LINK_TOKEN}")
    references = _references(customer.pkid, node)
    del references["owner"], references["foreign_key"]
    return {
        "tags": [],
        "cached": True,
        "cache_control_policy": "cache_then_device",
        "title": customer.data["name"],
        "business_key": {},
        "schema_version": SCHEMA["schema_version"],
        "references": {**references, "children": []},
        "actions": actions,
        "model_type": MODEL,
        "summary_attrs": SUMMARY,
        "api_version": "21.2",
        "tagged_versions": [],
    }


def list_item(customer: Customer, data: Mapping[str, Any]) -> str:
    """Return a list item as JSON. For speed, create ``meta`` by replacing placeholders in a template."""
    node = customer.node
    meta = _ITEM_META.replace(_PKID, customer.pkid).replace(_PARENT, node.pkid)
    meta = meta.replace(f'"{_TRAIL}"', json.dumps([*node.trail, customer.pkid], separators=(",", ":")))
    meta = meta.replace(f'"{_TITLE}"', json.dumps(customer.data["name"]))
    return f'{{"pkid":{json.dumps(customer.pkid)},"meta":{meta},"data":{json.dumps(data, separators=(",", ":"))}}}'


def _references(pkid: str, node_pkid: str) -> dict[str, Any]:
    return {
        "device": [{"pkid": "", "href": ""}],
        "owner": [{"pkid": ""}],
        "self": [{"pkid": pkid, "href": f"{BASE}{pkid}/"}],
        "parent": [{"pkid": node_pkid, "href": f"/api/data/HierarchyNode/{node_pkid}"}],
        "foreign_key": [],
    }


def _instance_actions(pkid: str, at: str, token: str) -> list[dict[str, Any]]:
    own = f"{BASE}{pkid}/"
    move = f"{at}&model_type={MODEL}" if at else f"?model_type={MODEL}"
    return [
        action("update", "update", "PUT", f"{own}{at}", "Modify", True),
        action("remove", "delete", "DELETE", f"{own}{at}", "Delete", True),
        action(
            "move", "move", "POST", f"/api/tool/DataMove/{pkid}/{move}", "Move", True,
            view=f"/api/tool/DataMove/{token}",
        ),
        action(
            "export", "export", "GET", f"{own}export/{at}", "Export",
            submit="payload", view=f"/api/view/ExportData/add/{token}",
        ),
        action("get", "get", "GET", f"{own}{at}", "Get"),
        action("help", "help", "GET", f"{own}help{at}", "Help"),
        *(
            action(name, "custom", "POST", f"{own}+{name}/{at}", shown, True)
            for name, shown in CUSTOM_ACTIONS.items()
        ),
    ]  # fmt: skip


_ITEM_META = json.dumps(
    {
        "tags": [],
        "cached": True,
        "title": _TITLE,
        "business_key": {},
        "schema_version": "2.4",
        "summary": "false",
        "references": _references(_PKID, _PARENT),
        "actions": _instance_actions(_PKID, "", ""),
        "model_type": MODEL,
        "path": _TRAIL,
        "summary_attrs": SUMMARY,
        "api_version": "21.2",
        "tagged_versions": [],
    },
    separators=(",", ":"),
)
