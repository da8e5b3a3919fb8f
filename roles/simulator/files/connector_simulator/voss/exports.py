# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Export customers as zipped JSON or as a spreadsheet, and provide the bulk load template.

Source: the vendor's API reference and its documentation of bulk load sheets. Two exports of the same customers differ
only in the timestamps in their file names and archives.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from connector_simulator.checks import non_empty_string, one_of
from connector_simulator.exchange import ApiError, Call, Response
from connector_simulator.strict import Body, Operation, Parameter
from connector_simulator.voss.customer_calls import named_customers
from connector_simulator.voss.documents import TEMPLATES
from connector_simulator.voss.hierarchy import Node
from connector_simulator.voss.schema import SCHEMA, title
from connector_simulator.voss.state import BASE, COMMON, MODEL, SCHEMA_PARAMETERS, VossState
from connector_simulator.voss.store import Customer
from connector_simulator.voss.workbook import workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXPORT = {
    **COMMON,
    **SCHEMA_PARAMETERS,
    "export_format": Parameter(one_of("json", "xlsx", "raw_xlsx"), required=True),
    "version": Parameter(non_empty_string),
    "template_name": Parameter(non_empty_string),
}
_COLUMNS = sorted(SCHEMA["properties"])
# The vendor documents these columns but not their order.
_BASE_COLUMNS = (
    "# Comment",
    "# Hierarchy Node",
    "# Action",
    "# Search Fields",
    "# Device",
    "# CFT Template",
    "# Unique Identifier",
)
_SHEET = "relation_SparkCustomer"


class ExportCalls:
    """Operations that return export files or the bulk load template."""

    def __init__(self, state: VossState):
        self.state = state
        self.operations = (
            Operation("POST", BASE + "export/", self.export_many, _EXPORT, Body()),
            Operation("GET", BASE + "{pkid}/export[/]", self.export_one, _EXPORT),
            Operation("GET", BASE + "export/{pkid}/", self.export_one, _EXPORT),
            Operation("POST", BASE + "export_bulkload_template/", self.bulkload_template, COMMON, Body(optional=True)),
        )

    def export_many(self, call: Call) -> Response:
        """Export the customers identified by ``hrefs``."""
        return self._export(call, named_customers(self.state, call), self.state.node(call))

    def export_one(self, call: Call) -> Response:
        """Export the customer identified by the request path."""
        customer = self.state.customer(call)
        return self._export(call, [customer], customer.node)

    def bulkload_template(self, call: Call) -> Response:
        """Return the compressed spreadsheet template for bulk loads."""
        node = self.state.node(call)
        content = gzip.compress(workbook(_SHEET, self._sheet_header(node.path)), mtime=0)
        return _attachment(content, f"{_SHEET}_bulkloadsheet.xlsx.gz", "application/x-gzip")

    def _export(self, call: Call, customers: Sequence[Customer], node: Node) -> Response:
        template = call.parameter("template_name")
        if template is not None and template not in TEMPLATES.values():
            raise ApiError(404, f"There is no configuration template {template}.")
        customers = self._with_quirks(call, customers)
        now = datetime.now(timezone.utc)
        kind = call.parameter("export_format")
        if kind == "json":
            name = f"export_{now:%Y-%m-%d_%H:%M:%S.%f}.json"
            return _attachment(self._archive(customers, name, now), f"{name}.zip", "application/x-zip")
        is_raw = kind == "raw_xlsx"
        suffix = "" if is_raw else "_formatted"
        name = f"relation_SparkCustomer_exportedsheet{suffix}_{now:%Y-%m-%d_%H-%M-%S}.xlsx"
        rows = [_COLUMNS] if is_raw else self._sheet_header(node.path)
        is_bulk_load = not is_raw and self.state.settings["sheet_layout"] == "bulkload"
        for customer in customers:
            base = _base_cells(customer) if is_bulk_load else []
            rows.append([*base, *self._cells(customer)])
        return _attachment(workbook(_SHEET, rows), name, _XLSX)

    def _sheet_header(self, hierarchy: str) -> list[list[str]]:
        """Return the header rows of the spreadsheet. In the plain layout, return only the row with the titles."""
        titles = list(map(title, _COLUMNS))
        if self.state.settings["sheet_layout"] == "plain":
            return [titles]
        return [
            [f"entity: {MODEL}; hierarchy: {hierarchy}; parallel: False"],
            [*_BASE_COLUMNS, *_COLUMNS],
            ["Base"] * len(_BASE_COLUMNS) + ["Details"] * len(_COLUMNS),
            [*_BASE_COLUMNS, *titles],
        ]

    def _cells(self, customer: Customer) -> list[str]:
        data = self.state.customers.shown(customer)
        return list(map(_cell, map(data.get, _COLUMNS)))

    def _with_quirks(self, call: Call, customers: Sequence[Customer]) -> Sequence[Customer]:
        word = call.quirk("wrong_export")
        if not word:
            return customers
        others = [customer for customer in self.state.customers.by_pkid.values() if customer not in customers]
        return {"missing": customers[:-1], "other": [*customers[:-1], *others[:1]], "empty": []}[word]

    def _archive(self, customers: Sequence[Customer], name: str, now: datetime) -> bytes:
        resources = [
            {
                "meta": {
                    "model_type": MODEL,
                    "pkid": customer.pkid,
                    "schema_version": SCHEMA["schema_version"],
                    "hierarchy": customer.node.path,
                    "tags": [],
                },
                "data": {name: value for name, value in self.state.customers.shown(customer).items() if value},
            }
            for customer in customers
        ]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, json.dumps({"meta": {}, "resources": resources}, indent=2))
        return buffer.getvalue()


def _base_cells(customer: Customer) -> list[str]:
    return ["Exported data", customer.node.path, "modify", "", "", "", customer.pkid]


def _cell(value: Any) -> str:
    if value is None or value == []:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _attachment(content: bytes, name: str, content_type: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}", "Content-Language": "en"}
    return Response(200, content, content_type, headers)
