# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve the forms, help pages, configuration templates and field display policies of relation/SparkCustomer."""

from __future__ import annotations

from html import escape
from typing import Any

from connector_simulator.exchange import Call, Response, json_response, text_response
from connector_simulator.strict import Operation
from connector_simulator.voss.customer_meta import action
from connector_simulator.voss.schema import SCHEMA
from connector_simulator.voss.state import BASE, COMMON, MODEL, POLICY, SCHEMA_PARAMETERS, VossState

TEMPLATES = {"5f3ae9d0ce894e0012060001": "Spark Customer Defaults"}
POLICIES = {"5f3ae9d0ce894e0012070001": "default"}


class DocumentCalls:
    """Operations that read forms, help pages, configuration templates and field display policies."""

    def __init__(self, state: VossState):
        self.state = state
        form = {**COMMON, **SCHEMA_PARAMETERS, **POLICY}
        self.operations = (
            Operation("GET", BASE + "add/", self.add_form, form),
            Operation("GET", BASE + "bulk_update/", self.bulk_update_form, form),
            Operation("GET", BASE + "help[/]", self.help, COMMON),
            Operation("GET", BASE + "{pkid}/help[/]", self.instance_help, COMMON),
            Operation("GET", BASE + "configuration_template/", self.configuration_templates, COMMON),
            Operation("GET", BASE + "field_display_policy/", self.field_display_policies, COMMON),
        )

    def add_form(self, call: Call) -> Response:
        """Return the form for creating a customer, with its schema and the create operation."""
        return self._form(call, "create", "POST", BASE, "add")

    def bulk_update_form(self, call: Call) -> Response:
        """Return the form for updating several customers, with its schema and the bulk update operation."""
        return self._form(call, "bulk_update", "POST", f"{BASE}bulk_update/", "update")

    def help(self, call: Call) -> Response:
        """Return the help page of the model as HTML."""
        self.state.node(call)
        return self._help()

    def instance_help(self, call: Call) -> Response:
        """Return the help page for a customer."""
        self.state.customer(call)
        return self._help()

    def configuration_templates(self, call: Call) -> Response:
        """Return the configuration templates of the model."""
        return self._documents(call, "data/ConfigurationTemplate", TEMPLATES)

    def field_display_policies(self, call: Call) -> Response:
        """Return the field display policies of the model."""
        return self._documents(call, "data/FieldDisplayPolicy", POLICIES)

    def _form(self, call: Call, name: str, method: str, path: str, kind: str) -> Response:
        node = self.state.node(call)
        href = f"{path}?hierarchy={node.pkid}"
        actions = [action(name, kind, method, href, name.replace("_", " ").capitalize(), True, submit="payload")]
        response: dict[str, Any] = {
            "meta": {
                "model_type": MODEL,
                "schema_version": SCHEMA["schema_version"],
                "references": {"parent": [{"pkid": node.pkid, "href": f"/api/data/HierarchyNode/{node.pkid}"}]},
                "actions": actions,
                "api_version": "21.2",
            },
            "data": {"sync": False},
        }
        if call.parameter("schema") in ("1", "true"):
            response["schema"] = SCHEMA
        return json_response(response)

    def _help(self) -> Response:
        rows = "".join(
            f"<dt>{escape(facts['title'])} ({name})</dt><dd>{escape(facts.get('description', ''))}</dd>"
            for name, facts in SCHEMA["properties"].items()
            if "title" in facts
        )
        head = f"<!DOCTYPE html><html><head><title>{MODEL}</title></head>"
        return text_response(f"{head}<body><h1>{MODEL}</h1><dl>{rows}</dl></body></html>", content_type="text/html")

    def _documents(self, call: Call, model_type: str, documents: dict[str, str]) -> Response:
        node = self.state.node(call)
        resources = [
            {
                "pkid": pkid,
                "meta": {"model_type": model_type, "title": name},
                "data": {"name": name, "target_model_type": MODEL, "hierarchy_path": node.path},
            }
            for pkid, name in documents.items()
        ]
        href = f"/api/{model_type}/?hierarchy={node.pkid}"
        meta = {"model_type": model_type, "actions": [action("add", "add", "POST", href, "Add")]}
        return json_response({"meta": meta, "resources": resources})
