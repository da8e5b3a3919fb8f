# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Implement the operations that read hierarchy nodes."""

from __future__ import annotations

import json
from typing import Any

from connector_simulator import quirks
from connector_simulator.exchange import ApiError, Call, Response, json_response
from connector_simulator.strict import Operation
from connector_simulator.voss.envelope import list_meta, list_response, select
from connector_simulator.voss.hierarchy import Node
from connector_simulator.voss.state import COMMON, LIST, SCHEMA_PARAMETERS, VossState

MODEL = "data/HierarchyNode"
BASE_PATH = f"/api/{MODEL}/"
_FIELDS = ("name", "node_type", "hierarchy_path", "hierarchy_friendly_name")
_SUMMARY = [{"name": name, "title": name.replace("_", " ").title()} for name in _FIELDS]


class NodeCalls:
    """Operations on hierarchy nodes under ``/api/data/HierarchyNode/``."""

    def __init__(self, state: VossState):
        self.state = state
        self.operations = (
            Operation("GET", BASE_PATH, self.list_nodes, LIST),
            Operation("GET", BASE_PATH + "{pkid}[/]", self.get, {**COMMON, **SCHEMA_PARAMETERS}),
        )

    def list_nodes(self, call: Call) -> Response:
        """Return the nodes at or below a node, or all nodes if the request has no ``hierarchy``."""
        scope = self.state.node(call) if call.parameter("hierarchy") else self.state.hierarchy.by_path["sys"]
        shown = self.state.scope(call, scope)
        nodes = [node for node in self.state.hierarchy.by_pkid.values() if node.is_within(shown)]
        page, chosen = select(call, self.state.settings, nodes, self._data, _FIELDS, Node.renewed)
        resources = [
            json.dumps({"pkid": node.pkid, "meta": _meta(node), "data": self._data(node)}, separators=(",", ":"))
            for node in chosen
        ]
        meta = list_meta(MODEL, scope.pkid, _SUMMARY)
        return list_response(BASE_PATH, page, self.state.settings, meta, resources, ["list", "get"])

    def get(self, call: Call) -> Response:
        """Return a node as an object with ``pkid``, ``meta`` and ``data``."""
        self.state.check_node(call)
        node = self.state.hierarchy.by_pkid.get(call.arguments["pkid"])
        if node is None:
            raise ApiError(404, f"{MODEL} {call.arguments['pkid']} does not exist.")
        shown = quirks.substitute(call, node, list(self.state.hierarchy.by_pkid.values()))
        meta = _meta(shown)
        children = self.state.hierarchy.children(shown)
        meta["references"]["children"] = [{"pkid": one.pkid, "href": f"{BASE_PATH}{one.pkid}"} for one in children]
        data = self._data(shown)
        if self.state.settings["node_get"] == "sparse":
            del meta["path"], data["hierarchy_path"], data["hierarchy_friendly_name"]
        return json_response({"pkid": shown.pkid, "meta": meta, "data": data})

    def _data(self, node: Node) -> dict[str, Any]:
        own = self.state.settings["node_path"] == "own"
        data = {"name": node.name, "hierarchy_path": node.path if own else node.parent_path}
        optional = {"node_type": node.node_type, "description": node.description}
        data.update({name: value for name, value in optional.items() if value})
        return {**data, "hierarchy_friendly_name": node.friendly_name}


def _meta(node: Node) -> dict[str, Any]:
    parents = [{"pkid": pkid, "href": f"{BASE_PATH}{pkid}"} for pkid in node.trail[-2:-1]]
    return {
        "tags": [],
        "cached": True,
        "title": node.name,
        "business_key": {},
        "references": {
            "self": [{"pkid": node.pkid, "href": f"{BASE_PATH}{node.pkid}/"}],
            "parent": parents,
            "foreign_key": [],
        },
        "model_type": MODEL,
        "path": list(node.trail),
        "api_version": "21.2",
    }
