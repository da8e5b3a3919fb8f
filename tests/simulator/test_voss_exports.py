# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VOSS exports: archives, spreadsheets and their names."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest
from support.simulator import Client, Simulator

BASE = "/api/relation/SparkCustomer/"
AAA = "65e0918d6fd4534903e212d9"
AB = "65e032dc6fd4534903dff709"
HREFS = {"hrefs": [BASE + AAA, BASE + AB]}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows(workbook: bytes) -> list[list[str]]:
    """Return the strings of the only sheet of a spreadsheet."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return [[cell.findtext(f".//{MAIN}t") or "" for cell in row] for row in sheet.iter(f"{MAIN}row")]


def test_json_is_a_zip_of_resources(voss: Client, simulator: Simulator) -> None:
    response = voss("POST", f"{BASE}export/?hierarchy=sys&export_format=json", json=HREFS)
    assert response.headers["Content-Type"] == "application/x-zip"
    assert response.headers["Content-Language"] == "en"
    name = response.headers["Content-Disposition"].removeprefix("attachment; filename=")
    assert re.fullmatch(r"export_\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.\d{6}\.json\.zip", name)
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.namelist() == [name.removesuffix(".zip")]
        content = json.loads(archive.read(archive.namelist()[0]))
    assert [item["meta"]["pkid"] for item in content["resources"]] == [AAA, AB]
    assert content["resources"][0]["meta"]["hierarchy"] == "sys.hcs.CS-P.CS-NB.AAAGlobal"
    assert not {"token", "shadow", "dirsync_enabled"} & set(content["resources"][0]["data"])
    assert simulator.writes() == []


@pytest.mark.parametrize("path", [f"{BASE}{AAA}/export/", f"{BASE}{AAA}/export", f"{BASE}export/{AAA}/"])
def test_one_customer(voss: Client, path: str) -> None:
    response = voss("GET", f"{path}?export_format=json&version=1.0&template_name=Spark%20Customer%20Defaults")
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        content = json.loads(archive.read(archive.namelist()[0]))
    assert [item["data"]["name"] for item in content["resources"]] == ["AAAGlobal"]


@pytest.mark.parametrize(
    ("kind", "heading", "suffix"), [("raw_xlsx", "name", ""), ("xlsx", "Customer Name", "_formatted")]
)
def test_spreadsheets(voss: Client, simulator: Simulator, kind: str, heading: str, suffix: str) -> None:
    simulator.settings(voss={"sheet_layout": "plain"})
    response = voss("POST", f"{BASE}export/?hierarchy=sys&export_format={kind}", json=HREFS)
    assert response.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    pattern = (
        rf"attachment; filename=relation_SparkCustomer_exportedsheet{suffix}_\d{{4}}-\d\d-\d\d_\d\d-\d\d-\d\d\.xlsx"
    )
    assert re.fullmatch(pattern, response.headers["Content-Disposition"])
    headings, *customers = rows(response.content)
    assert [customer[headings.index(heading)] for customer in customers] == ["AAAGlobal", "AB_Group"]


def test_a_formatted_spreadsheet_can_be_loaded_again(voss: Client) -> None:
    response = voss("POST", f"{BASE}export/?hierarchy=sys&export_format=xlsx", json=HREFS)
    entity, names, groups, titles, *customers = rows(response.content)
    assert entity == ["entity: relation/SparkCustomer; hierarchy: sys; parallel: False"]
    assert len(names) == len(groups) == len(titles) == len(customers[0])
    assert titles[names.index("name")] == "Customer Name"
    shown = [dict(zip(names, customer, strict=True)) for customer in customers]
    assert [(item["# Comment"], item["# Unique Identifier"], item["name"]) for item in shown] == [
        ("Exported data", AAA, "AAAGlobal"),
        ("Exported data", AB, "AB_Group"),
    ]
    assert shown[0]["# Hierarchy Node"] == "sys.hcs.CS-P.CS-NB.AAAGlobal"
    assert shown[0]["token"] == ""


def test_the_bulk_load_template_is_compressed(voss: Client) -> None:
    response = voss("POST", f"{BASE}export_bulkload_template/?hierarchy=CS-P.CS-NB")
    assert response.headers["Content-Disposition"].endswith("relation_SparkCustomer_bulkloadsheet.xlsx.gz")
    assert "Content-Encoding" not in response.headers
    entity, names, _groups, _titles = rows(gzip.decompress(response.content))
    assert entity == ["entity: relation/SparkCustomer; hierarchy: sys.hcs.CS-P.CS-NB; parallel: False"]
    assert {"# Action", "# Hierarchy Node", "name", "account_email", "refresh_token"} <= set(names)


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("POST", f"{BASE}export/?hierarchy=sys", 400, "export_format is required"),
        ("POST", f"{BASE}export/?hierarchy=sys&export_format=csv", 400, "json or xlsx or raw_xlsx"),
        ("POST", f"{BASE}export/?export_format=json", 400, "hierarchy is required"),
        ("GET", f"{BASE}{AAA}/export/?export_format=json&names=x", 400, "names is not documented"),
    ],
)
def test_what_is_not_documented_is_refused(
    voss: Client, simulator: Simulator, method: str, path: str, status: int, reason: str
) -> None:
    response = voss(method, path, json=HREFS if method == "POST" else None)
    assert response.status_code == status
    assert reason in simulator.refusals()[0]


def test_what_does_not_exist_cannot_be_exported(voss: Client) -> None:
    gone = voss("POST", f"{BASE}export/?hierarchy=sys&export_format=json", json={"hrefs": [BASE + "nobody"]})
    assert gone.status_code == 404
    template = voss("GET", f"{BASE}{AAA}/export/?export_format=json&template_name=nothing")
    assert template.status_code == 404
