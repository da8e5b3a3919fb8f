# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports with unexpected content: no file is written, and no customer is deleted."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hostile.attack import SECRETS, Attack, Serve, connection
from hostile.server import Request, reply
from hostile.voss import CUSTOMERS, SCOPE, Json, Service, on
from hostile.voss_task import Task, reasons

pytestmark = pytest.mark.first_case_only

MODULE = "voss_spark_customer_export"


def zipped(*documents: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for number, document in enumerate(documents):
            content = document if isinstance(document, (bytes, str)) else json.dumps(document)
            file.writestr(f"{number}.json", content)
    return buffer.getvalue()


def resource(service: Service, name: str, **meta: Any) -> Json:
    key = service.named(name)[0]
    path = ".".join(service.nodes[service.customers[key]["node"]])
    given = {"model_type": "relation/SparkCustomer", "pkid": key, "hierarchy": path, **meta}
    return {"meta": {key: value for key, value in given.items() if value is not ...}, "data": {"name": name}}


def archives(service: Service) -> dict[str, bytes]:
    """Archives that are not valid exports of A and B."""
    a, b, c = (resource(service, name) for name in "ABC")

    def of(*resources: Any) -> bytes:
        return zipped({"meta": {}, "resources": list(resources)})

    return {
        "one is missing": of(a),
        "none": of(),
        "one too many": of(a, b, c),
        "another": of(a, c),
        "one twice": of(a, a),
        "one without a pkid": of(a, resource(service, "B", pkid=...)),
        "one with a list as pkid": of(a, resource(service, "B", pkid=["x"])),
        "one of another model": of(a, resource(service, "B", model_type="data/SparkCustomer")),
        "one with another name": of(a, {**b, "data": {"name": "Other"}}),
        "one at another node": of(a, resource(service, "B", hierarchy="sys.hcs.Other")),
        "one without data": of(a, {"meta": b["meta"]}),
        "no objects": of(a, "B"),
        "no resources": zipped({"meta": {}}),
        "resources that are no list": zipped({"resources": {"a": 1}}),
        "no json": zipped("{"),
        "no archive": b"not an archive",
        "an error": b'{"error": "no"}',
    }


@pytest.mark.parametrize("kind", list(archives(Service("A", "B", "C"))))
@pytest.mark.parametrize("options", [{"names": ["A", "B"]}, {"pkids": []}], ids=["names", "pkids"])
def test_an_export_of_different_customers_is_not_written(voss: Task, tmp_path: Path, kind: str, options: Json) -> None:
    service = Service("A", "B", "C")
    service.hooks.append(on("POST", "export", lambda request: reply(200, archives(service)[kind])))
    given = {**options}
    if "pkids" in options:
        given["pkids"] = [service.named(name)[0] for name in "AB"]
    dest = tmp_path / "export"
    for check in (True, False):
        result = voss(service, MODULE, check=check, dest=str(dest), hierarchy=SCOPE, **given)
        assert reasons(result) == ["invalid_response"]
        assert not dest.exists()
    dest.write_bytes(b"before")
    voss(service, MODULE, dest=str(dest), hierarchy=SCOPE, **given)
    assert dest.read_bytes() == b"before"


def test_an_export_of_one_is_of_that_one(voss: Task, tmp_path: Path) -> None:
    service = Service("A", "B")
    keys = [service.named(name)[0] for name in "AB"]
    service.hooks.append(on("GET", f"{keys[0]}/export", lambda request: reply(200, service.archive([keys[1]]))))
    for options in ({"pkids": keys[:1]}, {"pkids": keys[:1], "hierarchy": SCOPE}, {"names": ["A"], "hierarchy": SCOPE}):
        result = voss(service, MODULE, dest=str(tmp_path / "export"), **options)
        assert reasons(result) == ["invalid_response"]
    service.hooks.clear()
    result = voss(service, MODULE, dest=str(tmp_path / "export"), pkids=keys[:1])
    assert result["customers"] == keys[:1]


@pytest.mark.parametrize("kind", ["xlsx", "raw_xlsx"])
def test_a_workbook_without_a_customer_name_is_not_written(voss: Task, tmp_path: Path, kind: str) -> None:
    service = Service("A & B <one>", "Second")

    def workbook(*names: str, shared: bool) -> bytes:
        cells = "".join(f"<si><t xml:space='preserve'>{name}</t></si>" for name in names)
        if not shared:
            cells = "".join(f"<c t='inlineStr'><is><t>{name}</t></is></c>" for name in names)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr("[Content_Types].xml", "<Types/>")
            file.writestr("xl/sharedStrings.xml" if shared else "xl/worksheets/sheet1.xml", f"<x>{cells}</x>")
        return buffer.getvalue()

    sent: list[bytes] = []
    service.hooks.append(on("POST", "export", lambda request: reply(200, sent[-1])))
    given = {"dest": str(tmp_path / "export"), "hierarchy": SCOPE, "format": kind}
    for shared in (True, False):
        for names in ((), ("Second",), ("A &amp; B &lt;one&gt;",), ("A &amp; B", "Second"), ("Second &lt;one&gt;",)):
            sent.append(workbook(*names, shared=shared))
            assert reasons(voss(service, MODULE, **given)) == ["invalid_response"]
            assert not (tmp_path / "export").exists()
    for shared in (True, False):
        sent.append(workbook("Customer", "A &amp; B &lt;one&gt;", "Second", shared=shared))
        assert voss(service, MODULE, **given)["changed"]


def offboarded(attack: Attack, serve: Serve, service: Service, folder: Path, *names: str) -> tuple[Any, list[str]]:
    """Run the included playbook, and return its exit status and the writes."""
    server = serve(service.respond)
    given = {
        "voss_offboard_hierarchy": SCOPE,
        "voss_offboard_names": list(names),
        "voss_offboard_backup_directory": str(folder),
        "voss_offboard_connection": connection("voss", server.url),
    }
    done = attack.ansible("playbook", "hybrid.connectors.voss_offboard", "-e", json.dumps(given))
    for secret in SECRETS:
        assert secret not in done.stdout + done.stderr
    return done, [line for line in server.writes if "export" not in line]


@pytest.mark.parametrize("kind", ["one is missing", "one too many", "another", "one with another name"])
def test_a_customer_missing_in_the_backup_is_not_offboarded(
    attack: Attack, serve: Serve, tmp_path: Path, kind: str
) -> None:
    service = Service("A", "B", "C")
    service.hooks.append(on("POST", "export", lambda request: reply(200, archives(service)[kind])))
    folder = tmp_path / "backups"
    folder.mkdir()
    done, writes = offboarded(attack, serve, service, folder, "A", "B")
    assert done.returncode == 2, done.stdout
    assert writes == []
    assert len(service.customers) == 3
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("change", ["renamed", "moved", "moved below"])
def test_a_change_during_the_backup_stops_all_deletions(
    attack: Attack, serve: Serve, tmp_path: Path, change: str
) -> None:
    service = Service("A", "B", elsewhere=f"{SCOPE}.West")
    key = service.named("A")[0]

    def respond(request: Request) -> Any:
        sent = service.documented(request)
        if change == "renamed":
            service.customers[key]["data"]["name"] = "Important"
        else:
            path = f"{SCOPE}.NB.Site" if change == "moved below" else f"{SCOPE}.West"
            service.customers[key]["node"] = service.add_node(*path.split("."))
        return sent

    service.hooks.append(on("POST", "export", respond))
    done, writes = offboarded(attack, serve, service, tmp_path, "A", "B")
    assert done.returncode == 2, done.stdout
    assert len(service.customers) == 2
    assert writes == []


def test_one_that_changes_while_others_are_deleted_is_not(attack: Attack, serve: Serve, tmp_path: Path) -> None:
    service = Service("A", "B", elsewhere=f"{SCOPE}.West")
    key = service.named("B")[0]

    def respond(request: Request) -> Any:
        service.customers[key]["data"]["name"] = "Important"
        return service.documented(request)

    service.hooks.append(on("DELETE", CUSTOMERS, respond))
    done, writes = offboarded(attack, serve, service, tmp_path, "A", "B")
    assert done.returncode == 2, done.stdout
    assert list(service.customers) == [key]
    assert len(writes) == 1
