# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the module voss_spark_customer_export: content, idempotence, and protection of the existing file."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.playbooks import RunPlaybook
from support.simulator import Simulator

AAAGLOBAL = "65e0918d6fd4534903e212d9"
AB_GROUP = "65e032dc6fd4534903dff709"
BOTH = [AB_GROUP, AAAGLOBAL]
PROVIDER = "sys.hcs.CS-P"
INITECH = "sys.hcs.CS-P.CS-NB.Initech"
BASE = "/api/relation/SparkCustomer/"
MODULE = "voss_spark_customer_export"
FORMATS = ["json", "xlsx", "raw_xlsx"]
OLD = b"what was there before"


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "export"


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pkids_in(path: Path) -> list[str]:
    """Return the pkids in a JSON export."""
    (document,) = members(path.read_bytes()).values()
    return sorted(item["meta"]["pkid"] for item in json.loads(document)["resources"])


def sheet(content: bytes) -> str:
    return members(content)["xl/worksheets/sheet1.xml"].decode()


def requests_for_files(simulator: Simulator) -> list[str]:
    return [f"{entry['method']} {entry['path']}" for entry in simulator.journal() if "export" in entry["path"]]


def seeded(simulator: Simulator, *customers: tuple[str, str]) -> None:
    """Create customers by node and name. The pkid of the first one ends in 0000."""
    made = [
        {"pkid": f"65e0918d6fd4534903e2{number:04d}", "hierarchy": hierarchy, "name": name}
        for number, (hierarchy, name) in enumerate(customers)
    ]
    simulator.reset({"voss": {**simulator.state()["voss"], "customers": made}})


def refused(result: Result, words: str, dest: Path | None = None) -> None:
    """Check that the task failed and left the file, or its absence, unchanged."""
    assert result.failed
    assert words in result.msg
    if dest:
        assert [(path.name, path.read_bytes()) for path in dest.parent.iterdir()] == [(dest.name, OLD)]


@pytest.mark.usefixtures("only_documented")
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("names", [None, ["AAAGlobal"]], ids=["all", "one"])
def test_an_export_is_predicted_saved_and_then_unchanged(
    simulator: Simulator, module: RunModule, dest: Path, kind: str, names: list[str] | None
) -> None:
    options = {"dest": str(dest), "hierarchy": PROVIDER, "format": kind, "names": names}
    predicted = module(MODULE, check=True, **options).ok()
    assert not dest.exists()
    made = module(MODULE, **options).ok()
    content, status = dest.read_bytes(), dest.stat()
    again = module(MODULE, **options).ok()
    checked = module(MODULE, check=True, **options).ok()
    assert [result.changed for result in (predicted, made, again, checked)] == [True, True, False, False]
    assert predicted["customers"] == made["customers"] == again["customers"] == ([AAAGLOBAL] if names else BOTH)
    assert made["dest"] == str(dest)
    assert made["size"] == len(content)
    assert made["checksum"] == again["checksum"] == hashlib.sha1(content).hexdigest()
    after = {"dest": str(dest), "size": len(content), "checksum": made["checksum"], "mode": "0600"}
    assert made["diff"] == {"before": {}, "after": after}
    assert again["diff"] == {"before": {}, "after": {}}
    assert predicted["diff"]["before"] == {}
    assert dest.read_bytes() == content
    assert (dest.stat().st_ino, dest.stat().st_mtime_ns) == (status.st_ino, status.st_mtime_ns)
    assert os.listdir(dest.parent) == [dest.name]
    if kind == "json":
        assert pkids_in(dest) == made["customers"]
    else:
        assert "AAAGlobal" in sheet(content)
        assert ("AB_Group" in sheet(content)) == (names is None)
        assert ("Customer Name" in sheet(content)) == (kind == "xlsx")


def test_exports_that_differ_in_their_times_are_unchanged(simulator: Simulator, module: RunModule, dest: Path) -> None:
    client = simulator.client("voss")
    received = f"{BASE}{AAAGLOBAL}/export/?export_format=json"
    assert client("GET", received).content != client("GET", received).content
    dest.write_bytes(client("GET", received).content)
    dest.chmod(0o600)
    assert not module(MODULE, dest=str(dest), pkids=[AAAGLOBAL]).ok().changed


@pytest.mark.parametrize("kind", FORMATS)
def test_an_export_changes_when_a_customer_does(simulator: Simulator, module: RunModule, dest: Path, kind: str) -> None:
    options = {"dest": str(dest), "hierarchy": PROVIDER, "format": kind}
    first = module(MODULE, **options).ok()
    module("voss_spark_customer", hierarchy=PROVIDER, name="AB_Group", email_domain="rooms.example", poll_interval=0.02)
    predicted = module(MODULE, check=True, **options).ok()
    assert hashlib.sha1(dest.read_bytes()).hexdigest() == first["checksum"]
    second = module(MODULE, **options).ok()
    assert predicted.changed
    assert second.changed
    assert second["diff"]["before"]["checksum"] == first["checksum"]
    assert second["checksum"] != first["checksum"]
    assert not module(MODULE, **options).ok().changed


def test_a_different_format_or_file_at_dest_is_replaced(module: RunModule, dest: Path) -> None:
    dest.write_bytes(OLD)
    for kind in FORMATS:
        assert module(MODULE, dest=str(dest), hierarchy=PROVIDER, format=kind).ok().changed
    assert module(MODULE, dest=str(dest), hierarchy=PROVIDER, bulkload_template=True).ok().changed
    dest.write_bytes(b"")
    assert module(MODULE, dest=str(dest), hierarchy=PROVIDER).ok().changed


@pytest.mark.usefixtures("only_documented")
@pytest.mark.parametrize(
    ("options", "found", "request_for_file"),
    [
        ({"pkids": [AAAGLOBAL]}, [AAAGLOBAL], f"GET {BASE}{AAAGLOBAL}/export/"),
        ({"pkids": [AAAGLOBAL, AAAGLOBAL]}, [AAAGLOBAL], f"GET {BASE}{AAAGLOBAL}/export/"),
        ({"pkids": [AAAGLOBAL], "hierarchy": PROVIDER}, [AAAGLOBAL], f"GET {BASE}{AAAGLOBAL}/export/"),
        ({"pkids": [AAAGLOBAL, AB_GROUP], "hierarchy": PROVIDER}, BOTH, f"POST {BASE}export/"),
        ({"names": ["AB_Group"], "hierarchy": "CS-P"}, [AB_GROUP], f"GET {BASE}{AB_GROUP}/export/"),
        ({"names": ["AB_Group", "AAAGlobal", "AB_Group"], "hierarchy": "hcs.CS-P"}, BOTH, f"POST {BASE}export/"),
        ({"hierarchy": "sys.hcs.CS-P.CS-NB"}, [AAAGLOBAL], f"GET {BASE}{AAAGLOBAL}/export/"),
        ({"hierarchy": "5f3ae1fcce894e001204e0ed"}, BOTH, f"POST {BASE}export/"),
    ],
)
def test_customers_are_chosen_by_name_pkid_or_node(
    simulator: Simulator,
    module: RunModule,
    dest: Path,
    options: dict[str, Any],
    found: list[str],
    request_for_file: str,
) -> None:
    assert module(MODULE, dest=str(dest), **options).ok()["customers"] == found
    assert pkids_in(dest) == found
    assert requests_for_files(simulator) == [request_for_file]
    assert simulator.writes() == []


def test_the_customer_at_the_node_precedes_namesakes(simulator: Simulator, module: RunModule, dest: Path) -> None:
    seeded(simulator, (INITECH, "Twin"), ("sys.hcs.CS-P.CS-NB", "Twin"), ("sys.hcs.CS-P.CS-AB", "Twin"))
    result = module(MODULE, dest=str(dest), hierarchy="sys.hcs.CS-P.CS-NB", names=["Twin"]).ok()
    assert result["customers"] == ["65e0918d6fd4534903e20001"]
    dest.write_bytes(OLD)
    result = module(MODULE, dest=str(dest), hierarchy=PROVIDER, names=["Twin"])
    refused(result, "'Twin'", dest)
    assert result.failure["reason"] == "ambiguous"
    for fact in (f"'{PROVIDER}'", INITECH, "65e0918d6fd4534903e20000", "'pkids'"):
        assert fact in result.msg


@pytest.mark.parametrize(
    ("options", "unknown"),
    [
        ({"names": ["AAAGlobal", "Nobody", "AAA", "No_One"]}, "'Nobody', 'AAA', 'No_One'"),
        ({"pkids": [AAAGLOBAL, "65e0918d6fd4534903e29999"]}, "'65e0918d6fd4534903e29999'"),
        ({"pkids": [AB_GROUP], "hierarchy": INITECH}, f"'{AB_GROUP}'"),
        ({"pkids": ["../../data/HierarchyNode", "..", "a/b"]}, "'../../data/HierarchyNode', '..', 'a/b'"),
        ({"hierarchy": "sys.hcs.CS-P.Nobody"}, None),
        ({"hierarchy": "sys.hcs.CS-P.Nobody", "bulkload_template": True}, None),
    ],
)
def test_an_unknown_customer_fails_before_the_export(
    simulator: Simulator,
    module: RunModule,
    dest: Path,
    options: dict[str, Any],
    unknown: str | None,
    messages: MessageTable,
) -> None:
    dest.write_bytes(OLD)
    given = {"hierarchy": PROVIDER, **options}
    result = module(MODULE, dest=str(dest), **given)
    refused(result, f"'{given['hierarchy']}'", dest)
    if unknown is None:
        messages.check("voss.unknown_node", result.msg, node=given["hierarchy"])
    else:
        messages.check("export.unknown_customers", result.msg, names=unknown, hierarchy=given["hierarchy"])
    assert requests_for_files(simulator) == []


def test_a_hierarchy_without_customers_fails_before_the_export(
    simulator: Simulator, module: RunModule, dest: Path, messages: MessageTable
) -> None:
    dest.write_bytes(OLD)
    result = module(MODULE, dest=str(dest), hierarchy=INITECH)
    refused(result, INITECH, dest)
    messages.check("export.no_customer", result.msg, hierarchy=INITECH)
    assert requests_for_files(simulator) == []


@pytest.mark.parametrize(
    ("pkid", "path"),
    [
        ("65e0918d6fd4534903e29999", f"{BASE}65e0918d6fd4534903e29999/export/"),
        ("../../data/HierarchyNode", f"{BASE}..%2F..%2Fdata%2FHierarchyNode/export/"),
        ("a?b#c", f"{BASE}a%3Fb%23c/export/"),
        ("..", None),
        (".", None),
    ],
)
def test_a_pkid_with_path_characters_is_refused(
    simulator: Simulator, module: RunModule, dest: Path, pkid: str, path: str | None, messages: MessageTable
) -> None:
    dest.write_bytes(OLD)
    result = module(MODULE, dest=str(dest), pkids=[pkid])
    refused(result, pkid, dest)
    if path:
        assert (result.failure["status"], result.failure["reason"]) == (404, "not_found")
    else:
        messages.check("client.identifier", result.msg, value=pkid)
    assert [entry["path"] for entry in simulator.journal()] == ([path] if path else [])


@pytest.mark.usefixtures("only_documented")
def test_version_and_configuration_template_go_to_the_server(
    simulator: Simulator, module: RunModule, dest: Path
) -> None:
    options = {"version": "1.2.7 rc", "configuration_template": "Spark Customer Defaults"}
    for customers in ({"hierarchy": PROVIDER}, {"pkids": [AAAGLOBAL]}):
        simulator.forget()
        module(MODULE, dest=str(dest), **customers, **options).ok()
        received = simulator.journal()[-1]["params"]
        assert received["version"] == ["1.2.7 rc"]
        assert received["template_name"] == ["Spark Customer Defaults"]
        assert received["export_format"] == ["json"]


def test_an_unknown_template_fails_with_the_vendor_message(module: RunModule, dest: Path) -> None:
    dest.write_bytes(OLD)
    result = module(MODULE, dest=str(dest), hierarchy=PROVIDER, configuration_template="Nothing")
    refused(result, "configuration template Nothing", dest)
    assert (result.failure["status"], result.failure["reason"]) == (404, "not_found")
    assert "configuration template Nothing" in result.failure["message"]


@pytest.mark.usefixtures("only_documented")
def test_the_bulk_load_template_is_saved_verbatim(simulator: Simulator, module: RunModule, dest: Path) -> None:
    options = {"dest": str(dest), "hierarchy": "CS-P.CS-NB", "bulkload_template": True}
    assert module(MODULE, check=True, **options).ok().changed
    assert not dest.exists()
    made = module(MODULE, **options).ok()
    assert made.changed
    assert made["customers"] == []
    assert "account_email" in sheet(gzip.decompress(dest.read_bytes()))
    dest.write_bytes(gzip.compress(gzip.decompress(dest.read_bytes()), mtime=1))
    assert not module(MODULE, **options).ok().changed
    assert requests_for_files(simulator) == [f"POST {BASE}export_bulkload_template/"] * 3
    assert {tuple(entry["params"]) for entry in simulator.journal() if "bulkload" in entry["path"]} == {
        ("hierarchy", "format")
    }


def test_a_template_decompressed_by_a_proxy_is_the_same(simulator: Simulator, module: RunModule, dest: Path) -> None:
    options = {"dest": str(dest), "hierarchy": PROVIDER, "bulkload_template": True}
    module(MODULE, **options).ok()
    simulator.fault(system="voss", path="bulkload", times=None, headers={"Content-Encoding": "gzip"})
    assert not module(MODULE, **options).ok().changed
    dest.unlink()
    assert module(MODULE, **options).ok().changed
    assert "account_email" in sheet(gzip.decompress(dest.read_bytes()))


def test_permissions_are_set_as_requested(module: RunModule, dest: Path) -> None:
    options = {"dest": str(dest), "hierarchy": PROVIDER}
    before = os.umask(0)
    try:
        module(MODULE, **options).ok()
    finally:
        os.umask(before)
    assert permissions(dest) == 0o600
    content = dest.read_bytes()
    dest.chmod(0o644)
    predicted = module(MODULE, check=True, **options).ok()
    assert permissions(dest) == 0o644
    corrected = module(MODULE, **options).ok()
    assert predicted.changed
    assert predicted["diff"] == corrected["diff"]
    assert [corrected["diff"][side]["mode"] for side in ("before", "after")] == ["0644", "0600"]
    assert permissions(dest) == 0o600
    for mode in ("0640", 0o640):
        assert module(MODULE, mode=mode, **options).ok().changed == (mode == "0640")
        assert permissions(dest) == 0o640
    assert dest.read_bytes() == content


MODES = {
    '"0640"': 0o640,
    "'640'": 0o640,
    "0640": 0o640,
    "0o640": 0o640,
    '"{{ quoted }}"': 0o640,
    "640": None,
    "440": None,
    "u=rw,g=r": None,
    "preserve": None,
    "true": None,
}


def test_permissions_are_read_from_yaml_or_refused(playbook: RunPlaybook, simulator: Simulator, tmp_path: Path) -> None:
    tasks = "".join(
        f"""
    - name: mode {number}
      hybrid.connectors.voss_spark_customer_export:
        dest: {tmp_path / str(number)}
        hierarchy: {PROVIDER}
        mode: {mode}
      ignore_errors: true
"""
        for number, mode in enumerate(MODES)
    )
    played = playbook(f"""
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.voss: "{{{{ systems.voss }}}}"
  vars:
    quoted: "0640"
  tasks:
{tasks}
""")
    found = {mode: tmp_path / str(number) for number, mode in enumerate(MODES)}
    assert {mode: permissions(path) if path.exists() else None for mode, path in found.items()} == MODES
    refusals = [result.msg for _name, result in played.tasks if result.failed]
    assert len(refusals) == list(MODES.values()).count(None)
    assert all("'mode'" in words for words in refusals)
    assert len(requests_for_files(simulator)) == len(MODES) - len(refusals)


def test_the_name_that_the_server_proposes_is_not_used(simulator: Simulator, module: RunModule, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    for number, name in enumerate(("../../evil", "/tmp/evil-export", 'x"; rm', "..")):
        simulator.fault(system="voss", path="export", headers={"Content-Disposition": f"attachment; filename={name}"})
        module(MODULE, dest=str(folder / f"{number}.zip"), hierarchy=PROVIDER).ok()
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert found == [f"a/b/{number}.zip" for number in range(4)]
    assert not Path("/tmp/evil-export").exists()


def test_a_symbolic_link_is_replaced_without_its_target(module: RunModule, tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    module(MODULE, dest=str(target), hierarchy=PROVIDER).ok()
    content = target.read_bytes()
    target.chmod(0o644)
    link.symlink_to(target)
    result = module(MODULE, dest=str(link), hierarchy=PROVIDER).ok()
    assert result.changed
    assert result["diff"]["before"] == {}
    assert not link.is_symlink()
    assert pkids_in(link) == BOTH
    assert permissions(link) == 0o600
    assert target.read_bytes() == content
    assert permissions(target) == 0o644


@pytest.mark.parametrize(
    ("name", "row", "path"),
    [
        ("folder", "file.directory", "folder"),
        ("link", "file.directory", "link"),
        ("new/", "file.directory", "new/"),
        ("pipe", "file.special", "pipe"),
        ("missing/file", "file.missing_directory", "missing"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_an_impossible_dest_fails_before_any_request(
    simulator: Simulator,
    module: RunModule,
    tmp_path: Path,
    name: str,
    row: str,
    path: str,
    check: bool,
    messages: MessageTable,
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.rglob("*"))
    result = module(MODULE, check=check, dest=f"{tmp_path}/{name}", hierarchy=PROVIDER)
    refused(result, f"{tmp_path}/{path}")
    messages.check(row, result.msg, path=f"{tmp_path}/{path}")
    assert sorted(tmp_path.rglob("*")) == before
    assert simulator.journal() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_write_access_fails_before_any_request(
    simulator: Simulator, module: RunModule, tmp_path: Path, messages: MessageTable
) -> None:
    tmp_path.chmod(0o500)
    try:
        result = module(MODULE, dest=f"{tmp_path}/file", hierarchy=PROVIDER)
        messages.check("file.protected_directory", result.msg, directory=tmp_path)
    finally:
        tmp_path.chmod(0o700)
    assert simulator.journal() == []


def test_a_file_that_cannot_be_written_is_a_failure(module: RunModule, tmp_path: Path) -> None:
    result = module(MODULE, dest=f"{tmp_path}/{'x' * 300}", hierarchy=PROVIDER)
    refused(result, "File name too long")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("options", [{}, {"format": "xlsx", "check": True}, {"bulkload_template": True}], ids=str)
@pytest.mark.parametrize(
    ("fault", "row", "reason"),
    [
        ({"body": "<html><title>Log in</title></html>"}, "export.html", "invalid_response"),
        ({"body": ""}, "export.empty", "invalid_response"),
        ({"body": "token-canary, and more that is not an archive"}, "export.other", "invalid_response"),
        ({"body": {"error": {"message": "Out of order."}}}, "export.other", "invalid_response"),
        ({"body": "PK\u0003\u0004token-canary"}, "export.damaged", "invalid_response"),
        ({"cut": "body"}, "retry.zero_budget", "unreachable"),
        ({"status": 500, "body": {"error": {"message": "Out of order."}}}, None, "unavailable"),
        ({"status": 403, "body": {}}, "request.forbidden", "forbidden"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_malformed_export_leaves_the_file_unchanged(
    simulator: Simulator,
    module: RunModule,
    dest: Path,
    fault: dict[str, Any],
    row: str | None,
    reason: str,
    options: dict[str, Any],
    messages: MessageTable,
) -> None:
    dest.write_bytes(OLD)
    dest.chmod(0o644)
    simulator.fault(system="voss", path="export", times=None, **fault)
    result = module(MODULE, dest=str(dest), hierarchy=PROVIDER, retry_budget=0, **options)
    if row in ("export.html", "export.other") and "bulkload_template" in options:
        row += "_for_gzip"
    refused(result, messages.expected(row) if row else "Out of order", dest)
    assert result.failure["reason"] == reason
    assert permissions(dest) == 0o644
    assert result.failure["method"] == "POST"
    assert "canary" not in result.output


def test_an_export_with_a_temporary_failure_is_retried(simulator: Simulator, module: RunModule, dest: Path) -> None:
    for fault in ({"status": 503}, {"cut": "after"}, {"cut": "body"}):
        simulator.fault(system="voss", path="export", **fault)
        module(MODULE, dest=str(dest), hierarchy=PROVIDER).ok()
    assert len(requests_for_files(simulator)) == 6
    assert simulator.writes() == []


@pytest.mark.parametrize("kind", FORMATS)
def test_exported_data_is_redacted(simulator: Simulator, module: RunModule, dest: Path, kind: str) -> None:
    secret = simulator.state()["voss"]["customers"][0]["refresh_token"]
    for check in (True, False):
        result = module(MODULE, check=check, dest=str(dest), hierarchy=PROVIDER, format=kind).ok()
        assert secret not in result.output
        assert "account_email" not in result.output
    assert any(secret.encode() in content for content in members(dest.read_bytes()).values())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"dest": None}, "missing required arguments: dest"),
        ({"dest": ""}, "empty"),
        ({"hierarchy": None}, "one of the following is required: hierarchy, pkids"),
        ({"hierarchy": None, "names": ["A"]}, "hierarchy"),
        ({"hierarchy": None, "pkids": [AAAGLOBAL, AB_GROUP]}, "'hierarchy'"),
        ({"names": ["A"], "pkids": ["B"]}, "mutually exclusive: names|pkids"),
        ({"format": "ods"}, "format"),
        ({"mode": "u=rw"}, "'mode'"),
        ({"mode": 640}, "'mode'"),
        ({"hierarchy": ""}, "'hierarchy'"),
        ({"names": []}, "'names'"),
        ({"names": ["A", ""]}, "'names'"),
        ({"pkids": []}, "'pkids'"),
        ({"pkids": [""]}, "'pkids'"),
        ({"version": ""}, "'version'"),
        ({"configuration_template": ""}, "'configuration_template'"),
        ({"bulkload_template": True, "hierarchy": None, "pkids": ["B"]}, "hierarchy"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    simulator: Simulator, module: RunModule, dest: Path, options: dict[str, Any], words: str
) -> None:
    dest.write_bytes(OLD)
    refused(module(MODULE, **{"dest": str(dest), "hierarchy": PROVIDER, **options}), words, dest)
    assert simulator.journal() == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("names", ["A"]),
        ("pkids", ["A"]),
        ("version", "1"),
        ("configuration_template", "A"),
        ("format", "xlsx"),
    ],
)
def test_the_template_is_exported_without_other_options(
    simulator: Simulator, module: RunModule, dest: Path, option: str, value: Any, messages: MessageTable
) -> None:
    dest.write_bytes(OLD)
    options = {"dest": str(dest), "hierarchy": PROVIDER, "bulkload_template": True, option: value}
    result = module(MODULE, **options)
    refused(result, "'bulkload_template'", dest)
    assert result.failure["reason"] == "invalid_option"
    messages.check("export.template_option", result.msg, option=option)
    assert simulator.journal() == []


@pytest.mark.parametrize(
    "behavior",
    [
        {"dotted": "refuse"},
        {"dotted": "sys"},
        {"dotted": "refuse", "unknown_hierarchy": "home"},
        {"filters": "refuse"},
        {"filters": "ignore"},
        {"maximum_limit": 1},
        {"list_data": "summary"},
        {"node_path": "parent"},
    ],
    ids=str,
)
def test_the_export_is_the_same_for_every_server_behavior(
    simulator: Simulator, module: RunModule, dest: Path, behavior: dict[str, Any]
) -> None:
    simulator.settings(voss=behavior)
    assert module(MODULE, dest=str(dest), hierarchy="CS-P").ok()["customers"] == BOTH
    assert (
        not module(MODULE, dest=str(dest), hierarchy="5f3ae1fcce894e001204e0ed", names=["AAAGlobal", "AB_Group"])
        .ok()
        .changed
    )
    assert module(MODULE, dest=str(dest), hierarchy="CS-P", bulkload_template=True).ok().changed


PLAY = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.voss: "{{{{ systems.voss }}}}"
  tasks:
    - name: export
      hybrid.connectors.voss_spark_customer_export:
        hierarchy: sys.hcs.CS-P
        dest: {dest}
        mode: {mode}
"""


def test_a_play_exports_without_content_in_its_diff(simulator: Simulator, playbook: RunPlaybook, dest: Path) -> None:
    secret = simulator.state()["voss"]["customers"][0]["refresh_token"]
    for mode, changed in (('"0640"', True), ("0640", False), ("0600", True)):
        played = playbook(PLAY.format(dest=dest, mode=mode), "--diff", "-vvv")
        assert played.status == 0, played.output
        assert played["export"].changed == changed
        assert secret not in played.output
        assert f"{permissions(dest):04o}" == mode.strip('"')
    assert '"checksum"' in played.output


TABLES = ["csv", "table_xlsx"]
UNUSUAL = [
    "=1+1", "+1", "-1", "@SUM(1)", "'=1", "''+1", "'quoted'", '="text"', " spaces ", "two\nlines", 'a,"b";c', "Zürich",
    "\uff1d1", "0123", "TRUE", "{{ x }}", "name", "#N/A", "#REF!",
]  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_is_saved_and_read_back_unchanged(
    simulator: Simulator, module: RunModule, dest: Path, kind: str
) -> None:
    customers = [
        {
            "pkid": f"65e0918d6fd4534903e2{number:04d}",
            "hierarchy": INITECH,
            "name": value,
            "email_domain": value,
            "dirsync_enabled": bool(number % 2),
            "token": "Secret-Token-0815",
            "http_proxy": "http://user:Secret-Word-0815@proxy.example",
        }
        for number, value in enumerate(UNUSUAL)
    ]
    simulator.reset({"voss": {**simulator.state()["voss"], "customers": customers}})
    options = {"dest": str(dest), "hierarchy": PROVIDER, "format": kind}
    assert module(MODULE, check=True, **options).ok().changed
    made = module(MODULE, **options).ok()
    assert made.changed
    assert made["customers"] == [customer["pkid"] for customer in customers]
    assert permissions(dest) == 0o600
    assert not module(MODULE, **options).ok().changed
    assert requests_for_files(simulator) == []
    content = dest.read_bytes()
    text = content.decode() if kind == "csv" else sheet(content)
    assert "Secret" not in text
    if kind == "csv":
        cells = [cell for row in csv.reader(io.StringIO(text[1:], newline="")) for cell in row]
        assert [cell for cell in cells if cell[:1] in tuple("=+-@") and cell != '=" spaces "'] == []
    else:
        assert "<f>" not in text
    applied = module("voss_spark_customers", hierarchy=PROVIDER, src=str(dest), prune=True, requests_per_second=0).ok()
    assert applied["summary"]["unchanged"] == len(UNUSUAL)
    assert not applied.changed


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_of_selected_customers(simulator: Simulator, module: RunModule, dest: Path, kind: str) -> None:
    for selection in ({"pkids": [AB_GROUP]}, {"hierarchy": PROVIDER, "names": ["AB_Group"]}):
        assert module(MODULE, dest=str(dest), format=kind, **selection).ok()["customers"] == [AB_GROUP]
        applied = module("voss_spark_customers", hierarchy=PROVIDER, src=str(dest), requests_per_second=0).ok()
        assert [(item["name"], item["changed"]) for item in applied["customers"]] == [("AB_Group", False)]


def test_an_edited_table_is_applied_in_one_run(simulator: Simulator, module: RunModule, dest: Path) -> None:
    assert module(MODULE, dest=str(dest), format="csv", hierarchy=PROVIDER, names=["AB_Group"]).ok()
    rows = list(csv.DictReader(io.StringIO(dest.read_text(encoding="utf-8-sig"))))
    rows[0]["account_number_external"] = "000fd0e4-83ef-d398-be23-d06998580fed"
    with dest.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    given = {"hierarchy": PROVIDER, "src": str(dest), "requests_per_second": 0, "poll_interval": 0.02}
    assert module("voss_spark_customers", **given).ok().changed
    assert not module("voss_spark_customers", **given).ok().changed
    stored = {one["name"]: one for one in simulator.state()["voss"]["customers"]}
    assert stored["AB_Group"]["account_number"] == rows[0]["account_number"]


def test_a_value_that_a_cell_cannot_contain_is_not_truncated(
    simulator: Simulator, module: RunModule, dest: Path
) -> None:
    options = {"dest": str(dest), "hierarchy": PROVIDER}
    dest.write_bytes(OLD)
    for value in ("x" * 32_768, "=" * 32_767):  # the cell of the second value begins with an apostrophe
        simulator.change("voss", AAAGLOBAL, email_domain=value)
        result = module(MODULE, format="table_xlsx", **options)
        refused(result, "'email_domain'", dest)
        assert "32767" in result.msg
        assert result.failure["reason"] == "invalid_response"
        assert module(MODULE, format="csv", check=True, **options).ok().changed
    simulator.change("voss", AAAGLOBAL, email_domain="x" * 32_767)
    assert module(MODULE, format="table_xlsx", **options).ok().changed
    given = {"hierarchy": PROVIDER, "src": str(dest), "requests_per_second": 0}
    assert not module("voss_spark_customers", **given).ok().changed


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_is_not_written_in_case_of_an_error(
    simulator: Simulator, module: RunModule, dest: Path, kind: str
) -> None:
    dest.write_bytes(OLD)
    options = {"dest": str(dest), "hierarchy": PROVIDER, "format": kind}
    refused(module(MODULE, version="1.2.7", **options), "'version'", dest)
    refused(
        module(MODULE, pkids=["65e0918d6fd4534903e20000"], dest=str(dest), format=kind),
        "65e0918d6fd4534903e20000",
        dest,
    )
    for value in ("a\0b", "a\rb", ["x"]):
        simulator.change("voss", AAAGLOBAL, email_domain=value)
        result = module(MODULE, **options)
        refused(result, "'email_domain'", dest)
        assert result.failure["reason"] == "invalid_response"
