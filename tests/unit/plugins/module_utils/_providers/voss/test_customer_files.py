# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test tables and exports of customers: their content, and error messages without values."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer_files import (
    COLUMNS,
    customers_from,
    from_csv,
    from_export,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._tables import TableOptions, UnusableFile

NODE = "sys.hcs.CS-P.CS-NB.Initech"
KNOWN = ", ".join(COLUMNS.known)


def resource(model: str | None = "relation/SparkCustomer", **data: Any) -> dict[str, Any]:
    meta = {"pkid": "1", "hierarchy": NODE, **({"model_type": model} if model else {})}
    return {"meta": meta, "data": {"name": "Initech", **data}}


def document(*resources: Any) -> bytes:
    return json.dumps({"meta": {}, "resources": resources}).encode()


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("table", "customers"),
    [
        ("name\nInitech\n", [{"name": "Initech"}]),
        ("name", []),
        ("name,token,email_domain\nInitech,,\n", [{"name": "Initech"}]),
        (
            "\ufeffname;email_domain\r\nInitech;rooms, and more\r\n",
            [{"name": "Initech", "email_domain": "rooms, and more"}],
        ),
        ("name\ttoken\nInitech\tabc\n", [{"name": "Initech", "token": "abc"}]),
        ('"name","hierarchy"\n"Globex, ""Inc.""", x \n', [{"name": 'Globex, "Inc."', "hierarchy": "x"}]),
        ('name,email_domain\n"two\nlines",x\n', [{"name": "two\nlines", "email_domain": "x"}]),
        ("\nname\n\nInitech\n   \nGlobex", [{"name": "Initech"}, {"name": "Globex"}]),
        ("name,x\n,\n".replace("x", "token"), []),
        (
            "name,dirsync_enabled,sync_on_create\nA,TRUE,no\nB,0,\n",
            [{"name": "A", "dirsync_enabled": True, "sync_on_create": False}, {"name": "B", "dirsync_enabled": False}],
        ),
        ("name\n007\n{{ x }}\n", [{"name": "007"}, {"name": "{{ x }}"}]),
    ],
    ids=[
        "one column",
        "a header alone",
        "empty cells",
        "semicolons, a BOM and CRLF",
        "tabulators",
        "quotation marks",
        "a line break in a cell",
        "empty lines",
        "a line of empty cells",
        "booleans",
        "text stays text",
    ],
)
def test_a_table_is_read(table: str, customers: list[dict[str, Any]]) -> None:
    assert from_csv(table.encode()) == customers


@pytest.mark.parametrize(
    ("table", "row", "facts"),
    [
        (b"", "table.empty", {}),
        (b"\n\n", "table.empty", {}),
        (b"name,mail,colour\nA,b,c\n", "table.unknown_columns", {"columns": "'colour', 'mail'", "known": KNOWN}),
        (b"name,extra_attributes\nA,{}\n", "table.unknown_columns", {"columns": "'extra_attributes'", "known": KNOWN}),
        (b"name,token\nA,b\nname,token\n", "table.repeated_header", {"line": 3}),
        (b"name,token\r\nA,b\r\nName,\r\n", "table.repeated_header", {"line": 3}),
        (b"name\nA\0B\n", "table.nul", {"line": 2}),
        (b'name,token\nA,"secret-1" x\n', "table.not_csv", {"line": 2, "cause": "',' expected after '\"'"}),
        (b'name,token\nA,"secret-1\n', "table.not_csv", {"line": 2, "cause": "unexpected end of data"}),
        (zipped(x=b"{}"), "table.workbook", {}),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "table.workbook", {}),
        (b"company,token\nA,secret-1\n", "table.missing_column", {"column": "name"}),
        (b"name,token,token\nA,b,c\n", "table.repeated_column", {"column": "token"}),
        (b"name,token\nA,b\nB,secret-1,c,d\n", "table.cells", {"line": 3, "cells": 4, "columns": 2}),
        (b"name,token\n,secret-1\n", "table.no_name", {"line": 2}),
        (b"name,dirsync_enabled\nA,secret-1\n", "table.not_a_boolean", {"line": 2, "column": "dirsync_enabled"}),
        (b"name,,token\nA,secret-1,b\n", "table.unnamed_column", {"line": 2, "column": "column 2"}),
        ("name\nA\n".encode("utf-16-le"), "table.nul", {"line": 1}),
        ("name\nInitéch".encode("latin-1"), "table.encoding", {"line": 2, "encoding": "UTF-8"}),
    ],
)
def test_the_cause_of_a_wrong_table_is_shown_whole(
    table: bytes, row: str, facts: dict[str, Any], messages: MessageTable
) -> None:
    with pytest.raises(UnusableFile) as raised:
        from_csv(table)
    messages.check(row, str(raised.value), **facts)
    assert "secret" not in str(raised.value)


def test_all_problems_of_a_table_are_listed(messages: MessageTable) -> None:
    with pytest.raises(UnusableFile) as raised:
        from_csv(b"name,dirsync_enabled\n,x\nA,maybe\nB,yes,secret-1\nC,1\n")
    assert str(raised.value).split("; ") == [
        messages.expected("table.no_name", line=2),
        messages.expected("table.not_a_boolean", line=3, column="dirsync_enabled"),
        messages.expected("table.cells", line=4, cells=3, columns=2),
    ]


EXCEL = [
    ("name,hierarchy,,\r\nInitech,x,,\r\n", [{"name": "Initech", "hierarchy": "x"}]),
    ("name,hierarchy,token\r\nInitech\r\nGlobex,x\r\n", [{"name": "Initech"}, {"name": "Globex", "hierarchy": "x"}]),
    ("sep=;\r\nname;hierarchy\r\nA, Inc.;x\r\n", [{"name": "A, Inc.", "hierarchy": "x"}]),
    ("Name;HIERARCHY;Account Email\r\nA;x;a@b\r\n", [{"name": "A", "hierarchy": "x", "account_email": "a@b"}]),
    (
        "name;hierarchy\rA, Inc.;x\rB, C, D;y\r",
        [{"name": "A, Inc.", "hierarchy": "x"}, {"name": "B, C, D", "hierarchy": "y"}],
    ),
    ('"name" ; "hierarchy"\r\n"A ; ""1""" ;"x"\t; \r\n', [{"name": 'A ; "1"', "hierarchy": "x"}]),
    ('name,account_number\n="00123",="0""4"\n', [{"name": "00123", "account_number": '0"4'}]),
    ('name,account_number\n"=""00123""",x\n', [{"name": "00123", "account_number": "x"}]),
    ("name|token\nA|b,c;d\n", [{"name": "A", "token": "b,c;d"}]),
    ('"na,me";name\nx;A\n'.replace('"na,me"', '"hierarchy"'), [{"hierarchy": "x", "name": "A"}]),
]


@pytest.mark.parametrize(
    ("table", "customers"),
    EXCEL,
    ids=[
        "trailing columns",
        "short rows",
        "sep",
        "case",
        "CR only",
        "blanks",
        "formula",
        "quoted formula",
        "pipe",
        "order",
    ],
)
def test_a_table_of_excel_is_read(table: str, customers: list[dict[str, Any]]) -> None:
    assert from_csv(table.encode()) == customers


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("name\nInitéch\n".encode("utf-16"), TableOptions()),
        (b"\xfe\xff" + "name\nInitéch\n".encode("utf-16-be"), TableOptions()),
        ("name\nInitéch\n".encode("utf-16-le"), TableOptions(encoding="utf-16-le")),
        ("name\nInitéch\n".encode("cp1252"), TableOptions(encoding="cp1252")),
    ],
    ids=["UTF-16 LE with a mark", "UTF-16 BE with a mark", "UTF-16 LE", "Windows-1252"],
)
def test_other_encodings_are_read(content: bytes, options: TableOptions) -> None:
    assert from_csv(content, options) == [{"name": "Initéch"}]


def test_an_unknown_encoding_is_refused(messages: MessageTable) -> None:
    with pytest.raises(UnusableFile) as raised:
        from_csv(b"name\n", TableOptions(encoding="utf-99"))
    messages.check("table.unknown_encoding", str(raised.value), encoding="utf-99")


def test_columns_are_mapped_and_ignored(messages: MessageTable) -> None:
    options = TableOptions(columns={"Company": "name", "Node ": "hierarchy"}, ignore_columns=["Sales rep"])
    assert from_csv(b"company,NODE,Sales-Rep\nA,x,secret\n", options) == [{"name": "A", "hierarchy": "x"}]
    with pytest.raises(UnusableFile) as raised:
        from_csv(b"name,x\nA,b\n", TableOptions(columns={"x": "title"}))
    messages.check("table.unknown_attribute", str(raised.value), attribute="title", known=KNOWN)


def test_at_most_twenty_problems_are_listed(messages: MessageTable) -> None:
    with pytest.raises(UnusableFile) as raised:
        from_csv(b"name,token\n" + b",x\n" * 50)
    *problems, rest = str(raised.value).split("; ")
    assert problems == [messages.expected("table.no_name", line=line) for line in range(2, 22)]
    messages.check("table.more_problems", rest, count=30)


@pytest.mark.parametrize("packed", [False, True])
def test_an_export_yields_customers_without_server_attributes(packed: bool) -> None:
    content = document(
        resource(email_domain="", dirsync_enabled=False, account_email=None, shadow=[], access_token_expires="2026"),
        resource(model=None, name="Globex", account_number="1"),
    )
    assert from_export(zipped(export=content, readme=b"hello") if packed else content, secrets=False) == [
        {"name": "Initech", "hierarchy": NODE, "email_domain": "", "dirsync_enabled": False},
        {"name": "Globex", "hierarchy": NODE, "account_number": "1"},
    ]


BOM = b"\xef\xbb\xbf"
TRUNCATED = document(resource(name="Globex", token="secret-1"))[:-5]


@pytest.mark.parametrize(
    ("name", "content", "row", "facts"),
    [
        ("part2.json", TRUNCATED, "json.invalid_in_line", {"line": 1}),
        ("PART2.JSON", TRUNCATED, "json.invalid_in_line", {"line": 1}),
        ("part2", TRUNCATED, "json.invalid_in_line", {"line": 1}),
        ("part2.txt", BOM + b"\r\n " + TRUNCATED, "json.invalid_in_line", {"line": 2}),
        ("part2", TRUNCATED.decode().encode("utf-16"), "json.invalid_in_line", {"line": 1}),
        ("part2.json", b"", "json.not_json_in_line", {"line": 1}),
        ("part2.json", b"\0\0\0", "json.not_json_in_line", {"line": 1}),
        ("part2.csv", b"name,token\nGlobex,secret-1\n", "json.not_json_in_line", {"line": 1}),
        ("part2.json", b'{"resources": "\xff"}', "json.invalid", {}),
        ("part2.json", b'{"resources": [1], "resources": []}', "json.duplicate_keys", {}),
        ("part2.json", b'{"resources": {}}', "export.no_resources", {}),
        ("part2.json", b'"secret-1"', "export.no_resources", {}),
        ("list", b'[{"name": "Globex"}]', "export.no_resources", {}),
        ("part2.zip", zipped(x=document(resource())), "export.nested", {}),
        ("part2.gz", b"\x1f\x8b\x08", "export.nested", {}),
    ],
)
def test_an_archive_with_an_unusable_part_is_refused(
    name: str, content: bytes, row: str, facts: dict[str, Any], messages: MessageTable
) -> None:
    with pytest.raises(UnusableFile) as raised:
        customers_from(zipped(**{"part1.json": document(resource()), name: content}))
    cause = messages.expected(row, **facts)
    messages.check("export.unusable_part", str(raised.value), file=name, cause=cause)
    assert "secret" not in str(raised.value)


def test_the_name_of_an_unusable_part_is_printable(messages: MessageTable) -> None:
    with pytest.raises(UnusableFile) as raised:
        customers_from(zipped(**{"a\x1b.json": b"{}"}))
    facts = {"file": "a[U+001B].json", "cause": messages.expected("export.no_resources")}
    messages.check("export.unusable_part", str(raised.value), **facts)


def test_all_parts_of_an_archive_are_read() -> None:
    parts = {
        "part1.json": document(resource()),
        "part2.txt": BOM + b"\n" + document(resource(name="Globex")),
        "part3.json": document(resource(name="Hooli")).decode().encode("utf-16"),
        "__MACOSX/._part1.json": b"\0\x05\x16\x07\0\x02\0\0Mac OS X",
        "directory.json/": b"",
        "readme.txt": b"hello",
    }
    found = customers_from(zipped(**parts))
    assert [customer["name"] for customer in found] == ["Initech", "Globex", "Hooli"]


def test_secrets_of_an_export_are_read_only_on_demand() -> None:
    shown = {"refresh_token": "r", "http_proxy": "http://p", "token_link": "https://login.example"}
    content = document(resource(**shown, token="********", https_proxy=""))
    assert from_export(content, secrets=False) == [{"name": "Initech", "hierarchy": NODE}]
    assert from_export(content, secrets=True) == [
        {"name": "Initech", "hierarchy": NODE, "refresh_token": "r", "http_proxy": "http://p"}
    ]


@pytest.mark.parametrize("mask", ["********", "http://u:********@proxy:8080", "****1234", "REDACTED"])
def test_masked_secrets_of_an_export_are_omitted(mask: str) -> None:
    content = document(resource(http_proxy=mask, https_proxy=mask, token=mask, refresh_token=mask))
    assert from_export(content, secrets=True) == [{"name": "Initech", "hierarchy": NODE}]


@pytest.mark.parametrize(
    ("content", "row", "facts"),
    [
        (b"", "export.without_resources", {}),
        (b"name,token\nInitech,secret-1\n", "export.without_resources", {}),
        (b"[]", "export.without_resources", {}),
        (b'{"resources": {}}', "export.without_resources", {}),
        (b"[" * 100_000, "json.invalid", {}),
        (document(resource(token="secret-1"))[:-5], "json.invalid_in_line", {"line": 1}),
        (b'{"resources": [1], "resources": []}', "json.duplicate_keys", {}),
        (b"PK\x03\x04secret-1", "export.damaged", {}),
        (zipped(x=b"hello"), "export.without_resources", {}),
        (document("secret-1"), "export.not_a_customer", {"number": 1}),
        (document(resource(), {"meta": {}, "data": {"name": "secret-1"}}), "export.not_a_customer", {"number": 2}),
    ],
    ids=range(11),
)
def test_other_files_are_not_accepted_as_an_export(
    content: bytes, row: str, facts: dict[str, int], messages: MessageTable
) -> None:
    with pytest.raises(UnusableFile) as raised:
        from_export(content, secrets=True)
    messages.check(row, str(raised.value).removeprefix("it is "), **facts)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("column", ["PK", "PKID", "PK\x03"])
def test_a_table_may_begin_like_an_archive(column: str) -> None:
    content = f"{column},name\n1,A\n".encode()
    assert customers_from(content, TableOptions(ignore_columns=[column])) == [{"name": "A"}]


def test_an_empty_archive_is_not_a_table(messages: MessageTable) -> None:
    with pytest.raises(UnusableFile) as raised:
        customers_from(zipped())
    messages.check("export.without_resources", str(raised.value).removeprefix("it is "))


def test_an_export_of_another_model_is_refused(messages: MessageTable) -> None:
    with pytest.raises(UnusableFile) as raised:
        from_export(document(resource("relation/Subscriber")), secrets=True)
    messages.check("export.other_model", str(raised.value), number=1)
