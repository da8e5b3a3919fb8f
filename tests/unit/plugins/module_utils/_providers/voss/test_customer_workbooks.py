# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test workbooks and JSON lists of customers: values, layouts, and hostile files, whose values errors do not show."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl.comments import Comment
from support.messages import MessageTable
from support.workbooks import empty_workbook, saved, workbook_of

from ansible_collections.hybrid.connectors.plugins.module_utils import _workbook
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer_files import (
    COLUMNS,
    IN_JSON,
    customers_from,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._tables import (
    STANDARD,
    MissingLibrary,
    TableOptions,
    UnusableFile,
)

NODE = "sys.hcs.CS-P.CS-NB.Initech"
SECRET = "secret-1"
ENTITY = f"entity: relation/SparkCustomer; hierarchy: {NODE}; parallel: False"
KNOWN = ", ".join(COLUMNS.known)


def plain(*rows: list[Any]) -> bytes:
    return workbook_of(("Customers", list(rows)))


def bulk(names: list[str], *rows: list[Any], entity: str = ENTITY) -> bytes:
    return workbook_of(("Load", [[entity], names, ["Base"], ["Title"], *rows]))


def edited(content: bytes, edit: Callable[[str, bytes], bytes | None]) -> bytes:
    """Return a workbook whose parts a function replaces, or removes by returning None."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = edit(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
    return buffer.getvalue()


def refused(content: bytes, options: TableOptions = STANDARD, *, absent: bool = False) -> str:
    """Return the reason why a file is not read. The reason does not contain a secret."""
    with pytest.raises(UnusableFile) as raised:
        customers_from(content, options, absent)
    assert SECRET not in str(raised.value)
    return str(raised.value)


def in_sheet(old: bytes, new: bytes, content: bytes = plain(["name", "token"], ["A", SECRET])) -> bytes:
    def edit(name: str, data: bytes) -> bytes:
        if "worksheets/" in name:
            assert old in data
            return data.replace(old, new)
        return data

    return edited(content, edit)


VALUES = [
    (123, "123"),
    (123.0, "123"),
    (0.1 + 0.2, "0.3"),
    (-5, "-5"),
    (True, "TRUE"),
    ("  spaces ", "spaces"),
    ("'=1+1", "=1+1"),
    ("'quoted'", "'quoted'"),
    ('=" "', " "),
    ("007", "007"),
    ("two\nlines", "two\nlines"),
    ("{{ 1 + 1 }}", "{{ 1 + 1 }}"),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_a_value_is_read_as_text(value: object, text: str) -> None:
    workbook = empty_workbook()
    workbook.active.append(["name", "account_number"])
    workbook.active.append(["A", value])
    if isinstance(value, str):
        workbook.active["B2"].data_type = "s"
    assert customers_from(saved(workbook)) == [{"name": "A", "account_number": text}]


def test_a_stored_result_of_a_formula_is_read() -> None:
    content = in_sheet(b"<v />", b"<v>42</v>", plain(["name", "account_number"], ["A", "=40+2"]))
    assert customers_from(content) == [{"name": "A", "account_number": "42"}]
    empty = in_sheet(b'<c r="B2">', b'<c r="B2" t="str">', plain(["name", "account_number"], ["A", '=""']))
    assert customers_from(empty) == [{"name": "A"}]


def formatted(value: object, number_format: str) -> bytes:
    workbook = empty_workbook()
    workbook.active.title = "Customers"
    workbook.active.append(["name", "account_number"])
    workbook.active.append(["A", value])
    workbook.active["B2"].number_format = number_format
    return saved(workbook)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [(815, "General", "815"), (815, "0", "815"), (815, "@", "815"), (8.5, "General", "8.5"), ("0815", "0000", "0815")],
)
def test_a_number_is_read_if_it_is_shown_unchanged(value: object, number_format: str, text: str) -> None:
    assert customers_from(formatted(value, number_format)) == [{"name": "A", "account_number": text}]


@pytest.mark.parametrize(
    ("value", "number_format"),
    [(815, "0000"), (0.5, "0%"), (8.5, "0"), (8.5, "0.00"), (815, '"Nr. "0'), (815, "#,##0"), (8e5, "0.00E+00")],
)
def test_a_number_that_is_shown_differently_is_refused(
    value: float, number_format: str, messages: MessageTable
) -> None:
    message = refused(formatted(value, number_format))
    messages.check("workbook.number_format", message, cell="B2", sheet="Customers")


@pytest.mark.parametrize(("value", "number_format"), [(815, "#,##0"), (datetime.date(2026, 1, 1), "yyyy-mm-dd")])
def test_an_ignored_column_can_have_any_format(value: Any, number_format: str) -> None:
    content = formatted(value, number_format)
    assert customers_from(content, TableOptions(ignore_columns=["account_number"])) == [{"name": "A"}]


@pytest.mark.parametrize("rows", [[["name", 815], ["A"]], [["name"], ["A", 815]]], ids=["header", "no header"])
def test_a_value_of_another_format_needs_an_ignored_column(rows: list[list[Any]]) -> None:
    workbook = empty_workbook()
    for row in rows:
        workbook.active.append(row)
    for cells in workbook.active.iter_rows(min_col=2):
        cells[0].number_format = "0000"
    with pytest.raises(UnusableFile):
        customers_from(saved(workbook))


def with_sheet(rows: list[list[Any]], merged: str = "", hidden: int = 0) -> bytes:
    workbook = empty_workbook()
    workbook.active.title = "Load"
    for row in rows:
        workbook.active.append(row)
    if merged:
        workbook.active.merge_cells(merged)
    if hidden:
        workbook.active.row_dimensions[hidden].hidden = True
    return saved(workbook)


TABLE: list[list[Any]] = [["name", "hierarchy", "token"], ["A", NODE, SECRET], ["B", NODE, SECRET], ["C", NODE, SECRET]]
LOAD: list[list[Any]] = [
    [f"entity: relation/SparkCustomer; hierarchy: {NODE}"], ["name", "token"], ["Base", ""], ["Name", "Token"],
    ["A", SECRET], ["B", SECRET],
]  # fmt: skip


@pytest.mark.parametrize("utf16", [False, True])
@pytest.mark.parametrize(
    ("rows", "merged", "number"),
    [(TABLE, "B2:B4", 2), (TABLE, "A1:B1", 1), (TABLE, "C3:C4", 3), (LOAD, "B5:B6", 5), (LOAD, "A2:B2", 2)],
)
def test_merged_cells_of_a_table_are_refused(
    rows: list[list[Any]], merged: str, number: int, utf16: bool, messages: MessageTable
) -> None:
    content = with_sheet(rows, merged)
    if utf16:
        content = edited(content, lambda name, data: in_utf16(data) if "worksheets/" in name else data)
    messages.check("workbook.merged_cells", refused(content), row=number, sheet="Load")


def in_utf16(data: bytes) -> bytes:
    return data.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")


@pytest.mark.parametrize("merged", ["A1:B1", "A3:B3", "A4:B4", "A3:A4"])
def test_groups_and_titles_can_be_merged(merged: str) -> None:
    assert [item["name"] for item in customers_from(with_sheet(LOAD, merged))] == ["A", "B"]


def test_a_formula_in_utf16_needs_a_value(messages: MessageTable) -> None:
    content = edited(
        plain(["name", "token"], ["A", '="x"']),
        lambda name, data: in_utf16(data) if "worksheets/" in name else data,
    )
    messages.check("workbook.formula", refused(content), cell="B2", sheet="Customers")


def test_merged_cells_outside_the_table_are_ignored() -> None:
    assert len(customers_from(with_sheet(TABLE, "A6:B9"))) == 3


@pytest.mark.parametrize(("rows", "hidden"), [(TABLE, 3), (LOAD, 6)])
def test_a_hidden_row_is_not_deleted(rows: list[list[Any]], hidden: int, messages: MessageTable) -> None:
    content = with_sheet(rows, hidden=hidden)
    assert customers_from(content) == customers_from(with_sheet(rows))
    messages.check("workbook.hidden_row", refused(content, absent=True), row=hidden, sheet="Load")


SHEET = "xl/worksheets/sheet1.xml"
ROW_3 = b'<row r="3">'


def as_part(path: str, content: bytes) -> bytes:
    """Return a workbook whose first sheet is in a part with a different path."""
    buffer = io.BytesIO()
    relations = "xl/_rels/workbook.xml.rels"
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == relations:
                assert SHEET.encode() in data
                data = data.replace(SHEET.encode(), path.encode())
            new.writestr(path if name == SHEET else name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="3" ht="0" customHeight="1">',
        b'<row r="3" ht="0.0">',
        b'<row r="3" ht=" 0 ">',
        b'<row r="3" ht="0.75">',
        b'<row r="3" ht="-1">',
        b'<row r="3" ht="NaN">',
        b'<row r="3" ht="15,75">',
        b'<row r="3" h\xc3\xa9="1" hidden="1">',
        b'<row r="3" hidden="&#49;">',
        b'<row r="3" hidden=" 1 ">',
        b'<row r="3" hidden="true">',
        b'<row r="3" hidden="TRUE">',
        b'<row r="3" hidden="on">',
        b'<row r="3" spans="&gt;>" hidden="1">',
        b"<row r=\"3\" hidden = '1' \n>",
        b'<row r="&#51;" hidden="1">',
        b'<row r="3.0" hidden="1">',
        b'<row hidden="1">',
    ],
    ids=ascii,
)
def test_a_row_that_is_not_visible_is_not_deleted(row: bytes, messages: MessageTable) -> None:
    content = in_sheet(ROW_3, row, with_sheet(TABLE))
    assert customers_from(content) == customers_from(with_sheet(TABLE))
    messages.check("workbook.hidden_row", refused(content, absent=True), row=3, sheet="Load")


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="3" ht="15" customHeight="1">',
        b'<row r="3" hidden="0">',
        b'<row r="3" hidden="false">',
        b'<row r="3" collapsed="1">',
        b'<row r="3" spans="hidden=1">',
        b'<row r="3"><x xmlns="x"><row hidden="1" ht="0"/></x>',
    ],
    ids=ascii,
)
def test_a_visible_row_is_deleted(row: bytes) -> None:
    assert len(customers_from(in_sheet(ROW_3, row, with_sheet(TABLE)), absent=True)) == 3


def test_an_inner_row_does_not_show_a_hidden_row(messages: MessageTable) -> None:
    content = in_sheet(ROW_3, b'<row hidden="1"><row r="2"/>', with_sheet(TABLE))
    messages.check("workbook.hidden_row", refused(content, absent=True), row=3, sheet="Load")


@pytest.mark.parametrize(
    "default", [b'zeroHeight="1"', b'zeroHeight="&#49;"', b'defaultRowHeight="0" customHeight="1"']
)
def test_rows_that_are_hidden_by_default_are_not_deleted(default: bytes, messages: MessageTable) -> None:
    content = in_sheet(b"<sheetFormatPr", b"<sheetFormatPr " + default + b" /><sheetFormatPr", with_sheet(TABLE))
    assert len(customers_from(content)) == 3
    messages.check("workbook.rows_hidden_by_default", refused(content, absent=True), row=1, sheet="Load")


@pytest.mark.parametrize("path", ["xl/worksheets/sheet1.data", "xl/worksheets/sheet1", "sheet.svg"])
def test_a_sheet_is_checked_regardless_of_its_path(path: str, messages: MessageTable) -> None:
    assert customers_from(as_part(path, with_sheet(TABLE)), absent=True) == customers_from(with_sheet(TABLE))
    cases: list[tuple[bytes, str, dict[str, object]]] = [
        (with_sheet(TABLE, hidden=3), "workbook.hidden_row", {"row": 3}),
        (with_sheet(TABLE, merged="B2:B4"), "workbook.merged_cells", {"row": 2}),
        (with_sheet([["name", "token"], ["A", '="x"']]), "workbook.formula", {"cell": "B2"}),
    ]
    for content, row, facts in cases:
        messages.check(row, refused(as_part(path, content), absent=True), sheet="Load", **facts)
    content = in_sheet(b"<worksheet", ENTITIES + b"<worksheet", with_sheet(TABLE))
    messages.check("workbook.document_type", refused(as_part(path, content)).removeprefix("it is "))


def test_a_picture_can_have_a_document_type() -> None:
    content = with_part("xl/media/image1.svg", b"<!DOCTYPE svg><svg/>")
    assert customers_from(content) == [{"name": "A", "token": SECRET}]


@pytest.mark.parametrize("cell", [b"<mergeCell ref='B4:B2'/>", b'<mergeCell x=">" ref="&#66;2:b4"/>'])
def test_merged_cells_are_found_in_any_notation(cell: bytes, messages: MessageTable) -> None:
    content = in_sheet(b'<mergeCell ref="B2:B4" />', cell, with_sheet(TABLE, merged="B2:B4"))
    messages.check("workbook.merged_cells", refused(content), row=2, sheet="Load")


def test_a_formula_is_found_in_any_notation(messages: MessageTable) -> None:
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    for formula in (b'<a-b:f xmlns:a-b="' + namespace + b'">"x"</a-b:f>', b"<f\n>1</f>"):
        content = in_sheet(b'<f>"x"</f>', formula, with_sheet([["name", "token"], ["A", '="x"']]))
        messages.check("workbook.formula", refused(content), cell="B2", sheet="Load")


def test_a_workbook_without_one_of_its_sheets_is_refused(messages: MessageTable) -> None:
    content = edited(
        workbook_of(("One", [["name"], ["A"]]), ("#Two", [["name"]])),
        lambda name, data: None if name == SHEET else data,
    )
    messages.check("workbook.damaged", refused(content, TableOptions(sheet="#Two")).removeprefix("it is "))


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
@pytest.mark.parametrize("rows", [TABLE, LOAD], ids=["table", "bulk load"])
def test_a_hidden_sheet_is_not_deleted(rows: list[list[Any]], state: str, messages: MessageTable) -> None:
    workbook = empty_workbook()
    workbook.active.title = "Notes"
    sheet = workbook.create_sheet("Load")
    for row in rows:
        sheet.append(row)
    sheet.sheet_state = state
    content = saved(workbook)
    shown = customers_from(with_sheet(rows))
    assert customers_from(content) == shown
    messages.check("workbook.hidden_sheet", refused(content, absent=True), sheet="Load")
    assert customers_from(content, TableOptions(sheet="Load"), absent=True) == shown


@pytest.mark.parametrize("title", ["# Load", "Load"])
def test_an_unused_hidden_sheet_is_ignored(title: str) -> None:
    workbook = empty_workbook()
    workbook.active.title = "Shown"
    for row in LOAD:
        workbook.active.append(row)
    sheet = workbook.create_sheet(title)
    sheet.sheet_state = "hidden"
    if title.startswith("#"):
        sheet.append(["name"])
    assert len(customers_from(saved(workbook), absent=True)) == 2


def test_hidden_titles_are_no_customers() -> None:
    for number in (1, 3, 4, 7):
        assert len(customers_from(with_sheet(LOAD, hidden=number), absent=True)) == 2


IN_B2: dict[str, object] = {"cell": "B2", "sheet": "Customers"}
UNREADABLE: dict[str, tuple[bytes, str, dict[str, object]]] = {
    "formula": (plain(["name", "token"], ["A", f'="{SECRET}"&"x"']), "workbook.formula", IN_B2),
    "error": (plain(["name", "token"], ["A", "#REF!"]), "workbook.error_value", IN_B2),
    "date": (plain(["name", "token"], ["A", datetime.date(2026, 1, 1)]), "workbook.date", IN_B2),
    "digits": (plain(["name", "token"], ["A", 12345678901234567890]), "workbook.digits", IN_B2),
    "infinity": (
        in_sheet(b"<v>1</v>", b"<v>1E999</v>", plain(["name", "token"], ["A", 1])),
        "workbook.digits",
        IN_B2,
    ),
    "two tables": (
        workbook_of(("One", [["name"]]), ("Two", [["name"]])),
        "workbook.several_sheets",
        {"count": 2, "sheets": "'One', 'Two'"},
    ),
    "both layouts": (
        workbook_of(("One", [[ENTITY], ["name"]]), ("Two", [["name"]])),
        "workbook.several_sheets",
        {"count": 2, "sheets": "'One', 'Two'"},
    ),
    "no values": (workbook_of(("One", []), ("# Two", [["name"]])), "workbook.no_values", {}),
    "repeated column": (
        plain(["name", "Token", "token"], ["A", SECRET, SECRET]),
        "table.repeated_column",
        {"column": "token"},
    ),
    "unknown column": (
        plain(["name", "colour"], ["A", SECRET]),
        "table.unknown_columns",
        {"columns": "'colour'", "known": KNOWN},
    ),
    "no name": (plain(["name", "token"], ["", SECRET]), "workbook.no_name", {"row": 2, "sheet": "Customers"}),
    "no boolean": (
        plain(["name", "dirsync_enabled"], ["A", SECRET]),
        "workbook.not_a_boolean",
        {"row": 2, "sheet": "Customers", "column": "dirsync_enabled"},
    ),
    "no header": (plain(["A", SECRET]), "workbook.no_header", {"sheet": "Customers", "column": "name"}),
    "other model": (
        bulk(["name"], [SECRET], entity="entity: data/User"),
        "workbook.other_model",
        {"row": 1, "sheet": "Load"},
    ),
    "template": (
        bulk(["name"], entity=f"{ENTITY}; template: {SECRET}"),
        "workbook.template",
        {"row": 1, "sheet": "Load"},
    ),
    "macro": (
        bulk(["name", "token"], ["A", "{{ macro.secret-1 }}"]),
        "workbook.macro_in_cell",
        {"row": 5, "sheet": "Load", "column": "token"},
    ),
    "execute": (
        bulk(["name", "# Action"], ["A", "execute"]),
        "workbook.action",
        {"row": 5, "sheet": "Load", "actions": "add, modify"},
    ),
    "search": (
        bulk(["name", "# Search Fields"], ["A", SECRET]),
        "workbook.search",
        {"row": 5, "sheet": "Load"},
    ),
    "device": (
        bulk(["name", "# Device"], ["A", SECRET]),
        "workbook.unsupported_column",
        {"row": 5, "sheet": "Load", "column": "# Device"},
    ),
    "names missing": (
        workbook_of(("Load", [[ENTITY], [], [], [], ["A", SECRET]])),
        "workbook.no_column_names",
        {"row": 2, "sheet": "Load"},
    ),
    "second block": (
        workbook_of(("Load", [[ENTITY], ["name"], [], [], ["A"], ["entity: data/User"], ["name"]])),
        "workbook.other_model",
        {"row": 6, "sheet": "Load"},
    ),
}


@pytest.mark.parametrize(("content", "row", "facts"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unusable_workbook_is_refused_without_its_values(
    content: bytes, row: str, facts: dict[str, object], messages: MessageTable
) -> None:
    messages.check(row, refused(content).removeprefix("it is "), **facts)


def test_a_sheet_is_selected_by_its_name(messages: MessageTable) -> None:
    content = workbook_of(("One", [["name"], ["A"]]), ("# Two", [["name"], ["B"]]), ("Three", [["name"], ["C"]]))
    for title, name in {"One": "A", "# Two": "B", "Three": "C"}.items():
        assert customers_from(content, TableOptions(sheet=title)) == [{"name": name}]
    message = refused(content, TableOptions(sheet="Four"))
    messages.check("workbook.no_sheet", message, sheet="Four", sheets="'One', '# Two', 'Three'")


def test_columns_of_a_workbook_are_mapped_and_ignored() -> None:
    options = TableOptions(columns={"Company": "name"}, ignore_columns=["Sales", "# Device", "# CFT Template"])
    expected = [{"name": "A"}]
    assert customers_from(plain(["Company", "Sales"], ["A", SECRET]), options) == expected
    content = bulk(["Company", "# Device"], ["A", SECRET], entity="entity: relation/SparkCustomer; template: x")
    assert customers_from(content, options) == expected


def test_base_columns_of_a_bulk_load_are_found_by_name() -> None:
    content = bulk(
        [
            "token",
            "# Unique Identifier",
            "# Search Fields",
            "sync",
            "name",
            "# Hierarchy Node",
            "email_domain",
            "notes",
        ],
        ["t", "65e0918d6fd4534903e212d9", "name: A", "true", "A", "sys.other", " ", "x"],
        ["", "", "", "", "B", "", "", ""],
    )
    assert customers_from(content) == [
        {
            "token": "t",
            "sync_on_create": True,
            "name": "A",
            "hierarchy": "sys.other",
            "email_domain": "",
            "pkid": "65e0918d6fd4534903e212d9",
        },
        {"name": "B", "hierarchy": NODE},
    ]
    assert customers_from(gzip.compress(content)) == customers_from(content)


@pytest.mark.parametrize("node", ["", " ", "  ", None], ids=repr)
@pytest.mark.parametrize("absent", [False, True])
def test_an_empty_node_is_the_node_of_the_block(node: str | None, absent: bool) -> None:
    names = ["name", "# Hierarchy Node"]
    assert customers_from(bulk(names, ["A", node]), absent=absent) == [{"name": "A", "hierarchy": NODE}]


@pytest.mark.parametrize("node", ["", " ", "  ", None], ids=repr)
@pytest.mark.parametrize("block", ["", "; hierarchy:", "; hierarchy: "])
def test_an_empty_node_without_block_node_is_omitted(node: str | None, block: str) -> None:
    content = bulk(["name", "# Hierarchy Node"], ["A", node], entity=f"entity: relation/SparkCustomer{block}")
    for absent in (False, True):
        assert customers_from(content, absent=absent) == [{"name": "A"}]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("# Action", "Modify "),
        ("# action", "delete"),
        ("# Hierarchy Node", NODE),
        ("# Hierarchy Node", "CS-P.CS-NB.Globex Corp"),
        ("# Hierarchy Node", "6130d69ae04a4a0015a93c01"),
        ("# Unique Identifier", "65e0918d6fd4534903e212d9"),
    ],
)
@pytest.mark.parametrize("described", [0, 1])
def test_a_customer_in_a_row_for_titles_is_refused(
    column: str, value: str, described: int, messages: MessageTable
) -> None:
    rows = [[ENTITY], ["name", column], *[["Base", "Base columns, e.g. the action"]] * described, [SECRET, value]]
    for first in (1, 6):
        before = [[ENTITY], ["name"], [], [], ["A"]][: first - 1]
        content = workbook_of(("Load", [*before, *rows, ["B"]]))
        facts = {"row": first + 2 + described, "sheet": "Load", "groups": first + 2, "headings": first + 3}
        messages.check("workbook.customer_in_titles", refused(content), **facts)


def test_groups_and_titles_are_no_customer() -> None:
    names = ["# Action", "# Hierarchy Node", "# Unique Identifier", "name"]
    for groups in ([], ["Base", "Node of the row. Required.", "Base", "Details"]):
        rows = [[ENTITY], names, groups, ["Action", "Hierarchy Node", "Unique Identifier", "Name"], ["", "", "", "A"]]
        assert customers_from(workbook_of(("Load", rows))) == [{"name": "A", "hierarchy": NODE}]


def test_a_comment_on_a_cell_is_skipped() -> None:
    workbook = empty_workbook()
    workbook.active.append(["name"])
    workbook.active.append(["A"])
    workbook.active["A2"].comment = Comment(SECRET, "x")
    assert customers_from(saved(workbook)) == [{"name": "A"}]


def with_part(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO(plain(["name", "token"], ["A", SECRET]))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
FIRST = b'<c r="A2"'
HOSTILE = {
    "macros": (with_part("xl/vbaProject.bin", b"x"), "workbook.macros"),
    "macro type": (
        edited(plain(["name"]), lambda name, data: data.replace(b"sheet.main", b"sheet.macroEnabled.main")),
        "workbook.macros",
    ),
    "bomb": (with_part("xl/media/image.png", bytes(80 * 1024 * 1024)), "workbook.too_large"),
    "entities": (in_sheet(b"<worksheet", ENTITIES + b"<worksheet"), "workbook.document_type"),
    "entities in UTF-16": (
        edited(plain(["name"]), lambda _name, data: (ENTITIES + b"<x/>").decode().encode("utf-16")),
        "workbook.document_type",
    ),
    "other encoding": (
        in_sheet(b"<worksheet", b'<?xml version="1.0" encoding="cp037"?><worksheet'),
        "workbook.document_type",
    ),
    "other encoding after blanks": (
        in_sheet(b"<worksheet", b'<?xml version="1.0"' + b" " * 500 + b'encoding="cp037"?><worksheet'),
        "workbook.document_type",
    ),
    "no sheet": (
        edited(plain(["name"]), lambda name, data: None if "worksheets" in name else data),
        "workbook.no_values",
    ),
    "broken XML": (in_sheet(b"</sheetData>", b"</x>"), "workbook.damaged"),
    "wide": (in_sheet(b'<c r="B2"', b'<c r="XFD2"'), "workbook.cells"),
    "wider": (in_sheet(FIRST, b'<c r="AAAA2"'), "workbook.damaged"),
    "far": (in_sheet(b'<row r="2"', b'<row r="1e12"'), "workbook.too_many_cells"),
    "password": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "workbook.password"),
    "gzip": (b"\x1f\x8b\x08secret-1", "export.damaged"),
}


FACTS: dict[str, dict[str, object]] = {
    "workbook.cells": {"row": 2, "sheet": "Customers", "cells": 16384, "columns": 2},
    "workbook.too_many_cells": {"sheet": "Customers", "rows": _workbook.MAX_ROWS, "cells": _workbook.MAX_CELLS},
}


@pytest.mark.parametrize(("content", "row"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_workbook_is_refused(content: bytes, row: str, messages: MessageTable) -> None:
    messages.check(row, refused(content).removeprefix("it is "), **FACTS.get(row, {}))


def test_the_number_of_cells_is_limited(monkeypatch: pytest.MonkeyPatch, messages: MessageTable) -> None:
    monkeypatch.setattr(_workbook, "MAX_CELLS", 10)
    message = refused(plain(["name"], *[["A"]] * 10))
    messages.check("workbook.too_many_cells", message, sheet="Customers", rows=_workbook.MAX_ROWS, cells=10)


def test_the_missing_library_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingLibrary, match="openpyxl"):
        customers_from(plain(["name"]))


LISTS = [
    ([{"name": "A", "dirsync_enabled": "yes", "account_number": 5, "token": None}], {}),
    ([{"Name": "A", "Dirsync": True, "nr": "5", "x": SECRET}], {"dirsync": "dirsync_enabled", "NR": "account_number"}),
]


@pytest.mark.parametrize("content", [{}, {"customers": None}], ids=["list", "object"])
@pytest.mark.parametrize(("entries", "columns"), LISTS, ids=["types", "columns"])
def test_a_json_list_is_read(content: dict[str, Any], entries: list[Any], columns: dict[str, str]) -> None:
    document = {**content, "customers": entries} if content else entries
    options = TableOptions(columns={"Name": "name", **columns}, ignore_columns=["x"])
    expected = [{"name": "A", "dirsync_enabled": True, "account_number": "5"}]
    assert customers_from(json.dumps(document).encode(), options) == expected


ENTRY: dict[str, object] = {"number": 1}
WRONG_JSON: dict[str, tuple[bytes, str, dict[str, object]]] = {
    "syntax": (b'[{"name": "secret-1"', "json.invalid_in_line", {"line": 1}),
    "depth": (b"[" * 100_000, "json.invalid", {}),
    "other document": (b'{"x": 1}', "json.no_list", {}),
    "no object": (b'["secret-1"]', "json.not_an_object", ENTRY),
    "no name": (b'[{"token": "secret-1"}]', "json.no_name", ENTRY),
    "unknown key": (
        b'[{"name": "A", "colour": "secret-1"}]',
        "table.unknown_columns",
        {"columns": "'colour'", "known": ", ".join(IN_JSON.known)},
    ),
    "repeated key": (b'[{"name": "A", "name": "secret-1"}]', "json.duplicate_keys", {}),
    "repeated attribute": (b'[{"name": "A", "token": 1, "token": 2}]', "json.duplicate_keys", {}),
    "surrogate": (b'[{"name": "\\ud800"}]', "json.surrogate", {}),
    "list": (b'[{"name": "A", "token": ["secret-1"]}]', "json.not_a_string", {**ENTRY, "attribute": "token"}),
    "boolean": (b'[{"name": "A", "token": true}]', "json.not_a_string", {**ENTRY, "attribute": "token"}),
    "no boolean": (
        b'[{"name": "A", "dirsync_enabled": "secret-1"}]',
        "json.not_a_boolean",
        {**ENTRY, "attribute": "dirsync_enabled"},
    ),
    "extra": (
        b'[{"name": "A", "extra_attributes": "secret-1"}]',
        "json.not_a_dictionary",
        {**ENTRY, "attribute": "extra_attributes"},
    ),
    "encoding": (b'[{"name": "\xff"}]', "json.invalid", {}),
}


@pytest.mark.parametrize(("content", "row", "facts"), WRONG_JSON.values(), ids=WRONG_JSON)
def test_a_wrong_json_list_is_refused_without_its_values(
    content: bytes, row: str, facts: dict[str, object], messages: MessageTable
) -> None:
    messages.check(row, refused(content), **facts)


@pytest.mark.parametrize(
    ("data", "row", "attribute"),
    [
        ({"name": ["x"]}, "export.not_a_string", "name"),
        ({"name": "A", "dirsync_enabled": "secret-1"}, "export.not_a_boolean", "dirsync_enabled"),
    ],
)
def test_a_wrong_value_in_an_export_is_refused(
    data: dict[str, Any], row: str, attribute: str, messages: MessageTable
) -> None:
    content = json.dumps({"resources": [{"meta": {"hierarchy": NODE}, "data": data}]}).encode()
    first = refused(content).partition("; ")[0]
    messages.check(row, first, number=1, attribute=attribute)
