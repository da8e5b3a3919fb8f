# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of voss_spark_customers with a file: every format, the round trip, and files that are refused."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from support.messages import MessageTable
from support.workbooks import workbook_of

SCOPE = "sys.hcs.CS-P"
NODE = "sys.hcs.CS-P.CS-NB.Initech"
GLOBEX = "sys.hcs.CS-P.CS-NB.Globex Corp"
AAAGLOBAL = "65e0918d6fd4534903e212d9"
SECRET = "Secret-Token-0815"
TABLE = [
    ["Name", "Hierarchy", "Email Domain", "Dirsync-enabled", "token"],
    ["AAAGlobal", "", "rooms.example", "", ""],
    ["Initech", NODE, "initech.example", "TRUE", SECRET],
]
EXPECTED = {"AAAGlobal": ("rooms.example", None), "Initech": ("initech.example", True)}


def as_csv(rows: list[list[str]], delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def as_json(rows: list[list[str]]) -> bytes:
    header = [name.lower().replace(" ", "_").replace("-", "_") for name in rows[0]]
    return json.dumps(
        [{key: value for key, value in zip(header, row, strict=True) if value} for row in rows[1:]]
    ).encode()


BULK_LOAD: list[list[Any]] = [
    [f"entity: relation/SparkCustomer; hierarchy: {SCOPE}; parallel: True"],
    ["# Action", "name", "# Comment", "# Hierarchy Node", "email_domain", "dirsync_enabled", "token", "sync", "notes"],
    ["Base", "Details"],
    ["Action", "Customer Name"],
    ["modify", "AAAGlobal", "any text", "", "rooms.example", "", "", "", "x"],
    [],
    ["", "Initech", "", NODE, "initech.example", True, SECRET, "", ""],
]
FILES = {
    "csv": as_csv(TABLE),
    "csv with semicolons": as_csv(TABLE, ";"),
    "json": as_json(TABLE),
    "object": b'{"customers": ' + as_json(TABLE) + b"}",
    "workbook": workbook_of(("Customers", TABLE), ("# Notes", [["other", "table"]]), ("empty", [])),
    "bulk load": workbook_of(("one", BULK_LOAD), ("#two", [["entity: relation/User"], ["secret"]])),
    "blocks": workbook_of(("one", [*BULK_LOAD[:5], [], *BULK_LOAD[:4], BULK_LOAD[6]])),
}


def archive_of(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.fixture
def source(module: Any, tmp_path: Path) -> Any:
    """Run voss_spark_customers with a file that has the content."""

    def run(content: bytes, check: bool = False, **options: Any) -> Any:
        path = tmp_path / "customers"
        path.write_bytes(content)
        given = {"hierarchy": SCOPE, "poll_interval": 0.02, "requests_per_second": 0, "src": str(path), **options}
        return module("voss_spark_customers", check=check, **given)

    return run


def stored(simulator: Any) -> dict[str, Any]:
    return {item["name"]: item for item in simulator.state()["voss"]["customers"]}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_every_format_is_applied(simulator: Any, source: Any, content: bytes) -> None:
    predicted = source(content, check=True).ok()
    assert simulator.writes() == []
    done = source(content).ok()
    for result in (predicted, done):
        assert [item["action"] for item in result["customers"]] == ["updated", "created"]
        assert SECRET not in json.dumps(result.values)
    customers = stored(simulator)
    for name, (domain, dirsync) in EXPECTED.items():
        assert customers[name]["email_domain"] == domain
        assert dirsync is None or customers[name]["dirsync_enabled"] is dirsync
    assert not source(content).ok().changed


def renamed(name: str) -> bytes:
    """Return a bulk-load sheet that contains the pkid of AAAGlobal with this name."""
    return workbook_of(("x", [BULK_LOAD[0], ["name", "# Unique Identifier"], [], [], [name, AAAGLOBAL]]))


def test_a_row_with_the_pkid_of_another_customer_fails(simulator: Any, source: Any) -> None:
    assert not source(renamed("AAAGlobal")).ok().changed
    failed = source(renamed("New name"))
    assert failed.failure["reason"] == "conflict"
    assert [item["action"] for item in failed["customers"]] == ["failed"]
    assert "voss_spark_customer" in failed.msg
    assert simulator.writes() == []


AB_GROUP = "65e032dc6fd4534903dff709"
GONE = "65e0918d6fd4534903e29999"


@pytest.mark.parametrize(
    ("pkid", "state", "action"),
    [
        (AAAGLOBAL, "absent", "deleted"),
        (GONE, "absent", "failed"),
        (AAAGLOBAL, "present", "updated"),
        (GONE, "present", "updated"),
    ],
)
def test_a_row_deletes_only_the_customer_with_its_pkid(
    simulator: Any, source: Any, messages: MessageTable, pkid: str, state: str, action: str
) -> None:
    """A row without the old customer restores it, but does not delete a new customer that has the same name."""
    titles = ["name", "# Unique Identifier", "email_domain"]
    content = workbook_of(("x", [BULK_LOAD[0], titles, [], [], ["AAAGlobal", pkid, "new.example"]]))
    predicted = source(content, check=True, state=state)
    done = source(content, state=state)
    assert [item["action"] for item in (*predicted["customers"], *done["customers"])] == [action, action]
    if action == "failed":
        assert simulator.writes() == []
        assert done.failure["reason"] == "conflict"
        facts = {"pkid": pkid, "name": "AAAGlobal", "place": f"{SCOPE}.CS-NB.AAAGlobal", "other": AAAGLOBAL}
        messages.check("voss.pkid_of_another", done["customers"][0]["error"], **facts)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_row_does_not_select_the_namesake_of_its_customer(simulator: Any, source: Any, state: str) -> None:
    stored_now = simulator.state()["voss"]
    twin = {**stored_now["customers"][0], "pkid": GONE, "name": "AB_Group", "hierarchy": NODE}
    simulator.reset({"voss": {**stored_now, "customers": [*stored_now["customers"], twin]}})
    titles = ["name", "# Unique Identifier", "# Hierarchy Node", "email_domain"]
    content = workbook_of(("x", [BULK_LOAD[0], titles, [], [], ["AB_Group", AB_GROUP, NODE, "new.example"]]))
    failed = source(content, state=state)
    assert failed.failure["reason"] == "conflict"
    assert simulator.writes() == []


def test_an_export_can_be_edited_and_applied(simulator: Any, module: Any, source: Any, tmp_path: Path) -> None:
    exported = tmp_path / "export.zip"
    module("voss_spark_customer_export", hierarchy=SCOPE, dest=str(exported)).ok()
    content = exported.read_bytes()
    assert not source(content, prune=True).ok().changed
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        [name] = archive.namelist()
        document = json.loads(archive.read(name))
    for resource in document["resources"]:
        resource["data"]["email_domain"] = "edited.example"
    assert {item["action"] for item in source(json.dumps(document).encode()).ok()["customers"]} == {"updated"}
    assert {item["email_domain"] for item in stored(simulator).values()} == {"edited.example"}


def test_an_archive_with_a_damaged_part_does_not_prune(
    simulator: Any, module: Any, source: Any, tmp_path: Path, messages: MessageTable
) -> None:
    exported = tmp_path / "export.zip"
    module("voss_spark_customer_export", hierarchy=SCOPE, dest=str(exported)).ok()
    with zipfile.ZipFile(exported) as archive:
        document = json.loads(archive.read(archive.namelist()[0]))
    first, second = ({**document, "resources": document["resources"][place]} for place in (slice(1), slice(1, None)))
    parts = {"part1.json": json.dumps(first), "part2.json": json.dumps(second)}
    assert not source(archive_of(parts), prune=True).ok().changed
    simulator.forget()
    parts["part2.json"] = parts["part2.json"][:-1]
    failed = source(archive_of(parts), prune=True)
    assert failed.failure["reason"] == "invalid_option"
    cause = messages.expected("json.invalid_in_line", line=1)
    messages.check_in("export.unusable_part", failed.msg, file="part2.json", cause=cause)
    assert simulator.journal("voss") == []


def test_a_workbook_of_the_vendor_changes_nothing(simulator: Any, module: Any, source: Any, tmp_path: Path) -> None:
    exported = tmp_path / "export.xlsx"
    module("voss_spark_customer_export", hierarchy=SCOPE, dest=str(exported), format="xlsx").ok()
    result = source(exported.read_bytes(), prune=True).ok()
    assert result["summary"]["unchanged"] == len(stored(simulator))
    template = tmp_path / "template.xlsx.gz"
    module("voss_spark_customer_export", hierarchy=SCOPE, dest=str(template), bulkload_template=True).ok()
    assert source(template.read_bytes()).ok()["customers"] == []


def test_rows_that_delete_need_the_state_absent(simulator: Any, source: Any) -> None:
    content = workbook_of(("x", [BULK_LOAD[0], ["# Action", "name"], [], [], ["DELETE", "AB_Group"]]))
    failed = source(content)
    assert failed.failure["reason"] == "invalid_option"
    assert "row 5" in failed.msg
    assert "'x'" in failed.msg
    assert simulator.writes() == []
    assert [item["action"] for item in source(content, state="absent").ok()["customers"]] == ["deleted"]
    added = workbook_of(("x", [BULK_LOAD[0], ["# Action", "name"], [], [], ["add", "AAAGlobal"]]))
    assert source(added, state="absent").failure["reason"] == "invalid_option"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"src": "missing.csv"}, "/missing.csv': No such file"),
        ({"src": "/"}, "irectory"),
        ({"src": "/dev/zero"}, "'/dev/zero'"),
        ({}, "customers, src"),
        ({"src": "x", "customers": []}, "mutually exclusive"),
        ({"customers": [], "src_options": {"sheet": "x"}}, "src"),
        ({"src": "x", "src_options": [None, {"sheet": "x"}, None]}, "'src_options'"),
        ({"src": "x", "src_options": [{"sheet": "x"}]}, "'src_options'"),
    ],
    ids=["missing", "directory", "device", "neither", "both", "options alone", "list with nulls", "list"],
)
def test_an_unusable_source_is_refused(simulator: Any, module: Any, given: dict[str, Any], words: str) -> None:
    failed = module("voss_spark_customers", hierarchy=SCOPE, **given)
    assert failed.failure["reason"] == "invalid_option"
    assert words in failed.msg
    assert simulator.journal("voss") == []


def test_a_pipe_is_refused_at_once(simulator: Any, module: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert (
        module("voss_spark_customers", hierarchy=SCOPE, src=str(tmp_path / "pipe")).failure["reason"]
        == "invalid_option"
    )


@pytest.mark.parametrize(
    "content", [b"$ANSIBLE_VAULT;1.1;AES256\n3132\n", b"Initech,Secret-Token-0815\n", b"PK\x03\x04"]
)
def test_an_invalid_file_changes_nothing(
    simulator: Any, source: Any, tmp_path: Path, content: bytes, messages: MessageTable
) -> None:
    failed = source(content)
    assert failed.failure["reason"] == "invalid_option"
    beginning, end = messages.expected("voss.invalid_file", file=tmp_path / "customers").split("<cause>")
    assert failed.msg.startswith(beginning)
    assert failed.msg.endswith(end)
    assert SECRET not in json.dumps(failed.values)
    assert simulator.journal("voss") == []


def test_a_secret_of_the_file_is_masked_in_a_response(simulator: Any, source: Any) -> None:
    stored_token = as_json([["name", "token", "email_domain"], ["AAAGlobal", SECRET, "x.example"]])
    simulator.change("voss", AAAGLOBAL, email_domain=SECRET)
    result = source(stored_token, check=True).ok()
    assert SECRET not in json.dumps(result.values)


def test_the_missing_library_is_named(playbook: Any, tmp_path: Path) -> None:
    (tmp_path / "openpyxl.py").write_text("raise ImportError\n", encoding="utf-8")
    (tmp_path / "customers.xlsx").write_bytes(FILES["workbook"])
    (tmp_path / "customers.csv").write_bytes(FILES["csv"])
    text = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.voss: "{{{{ systems.voss }}}}"
  tasks:
    - hybrid.connectors.voss_spark_customers:
        hierarchy: {scope}
        src: {file}
"""
    env = {"PYTHONPATH": str(tmp_path)}
    failed = playbook(text.format(scope=SCOPE, file=tmp_path / "customers.xlsx"), env=env)
    assert failed.status
    assert "Failed to import the required Python library (openpyxl)" in failed.output
    assert not playbook(text.format(scope=SCOPE, file=tmp_path / "customers.csv"), "--check", env=env).status
