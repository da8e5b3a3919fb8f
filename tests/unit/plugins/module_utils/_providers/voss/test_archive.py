# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the content of an export without its timestamps, and malformed exports."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import archive
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.archive import NotAnExport, fingerprint

NOON = (2026, 11, 22, 12, 0, 0)
LATER = (2026, 11, 22, 12, 0, 2)
INITECH = {"meta": {"pkid": "1"}, "data": {"name": "Initech"}}
INITRODE = {"meta": {"pkid": "2"}, "data": {"name": "Initrode"}}
TYPES = {archive.WORKBOOK_PART: b"<Types/>"}


def zipped(
    members: Mapping[str, bytes],
    timestamp: tuple[int, int, int, int, int, int] = NOON,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, timestamp)
            entry.compress_type = compression
            file.writestr(entry, content)
    return buffer.getvalue()


def exported(*resources: Any) -> bytes:
    return zipped({"export_2026-11-22.json": json.dumps({"meta": {}, "resources": resources}).encode()})


def workbook(sheet: bytes = b"<sheet/>", core: bytes = b"", **options: Any) -> bytes:
    return zipped({**TYPES, "xl/worksheets/sheet1.xml": sheet, "docProps/core.xml": core}, **options)


def test_json_is_equal_for_any_packing() -> None:
    first = fingerprint("json", exported(INITECH, INITRODE))
    document = json.dumps({"resources": [INITECH, INITRODE], "meta": {}}, indent=4).encode("utf-8-sig")
    assert (
        fingerprint("json", zipped({"export_2026-11-23.json": document}, LATER, compression=zipfile.ZIP_STORED))
        == first
    )
    assert fingerprint("json", exported(INITRODE, INITECH)) == first


@pytest.mark.parametrize(
    "other",
    [
        exported(INITECH),
        exported(INITECH, INITECH, INITRODE),
        exported(INITECH, {**INITRODE, "data": {"name": "initrode"}}),
        zipped({"a.json": json.dumps({"resources": [INITECH, INITRODE]}).encode()}),
        zipped({"a.json": b'{"meta": {}, "resources": []}', "b.txt": b"more"}),
    ],
)
def test_json_with_different_content_differs(other: bytes) -> None:
    assert fingerprint("json", other) != fingerprint("json", exported(INITECH, INITRODE))


def test_order_counts_in_all_lists_but_the_resources() -> None:
    assert fingerprint("json", exported({"a": [1, 2]})) != fingerprint("json", exported({"a": [2, 1]}))


def test_a_workbook_is_the_same_whenever_it_was_made() -> None:
    stamps = (
        b'<p><dcterms:created xsi:type="dcterms:W3CDTF">%s</dcterms:created><dcterms:modified>%s</dcterms:modified></p>'
    )
    first = workbook(core=stamps % (b"2026-11-22T12:00:00Z", b"2026-11-22T12:00:00Z"))
    second = workbook(
        core=stamps % (b"2026-11-23T08:00:00Z", b"2026-11-23T08:00:01Z"),
        timestamp=LATER,
        compression=zipfile.ZIP_STORED,
    )
    assert fingerprint("xlsx", first) == fingerprint("xlsx", second)
    compressed = [gzip.compress(content, mtime=timestamp) for timestamp, content in enumerate((first, second))]
    assert len({fingerprint("xlsx.gz", content) for content in compressed}) == 1


def test_a_workbook_with_different_content_differs() -> None:
    contents = [
        workbook(),
        workbook(sheet=b"<sheet>1</sheet>"),
        workbook(sheet=b"<created>1</created>"),
        workbook(sheet=b"<created>2</created>"),
        workbook(core=b"<creator>somebody</creator>"),
        zipped({**TYPES, "xl/worksheets/sheet2.xml": b"<sheet/>", "docProps/core.xml": b""}),
    ]
    assert len({fingerprint("xlsx", content) for content in contents}) == len(contents)


@pytest.mark.parametrize(
    ("kind", "content", "row"),
    [
        ("json", b"", "export.empty"),
        ("json", b" \n", "export.empty"),
        ("json", b"<html>Log in</html>", "export.html"),
        ("json", b"\n <html>Log in", "export.html"),
        ("json", b'{"resources": []}', "export.other"),
        ("json", exported(INITECH)[:-30], "export.damaged"),
        ("json", workbook(), "export.without_json"),
        ("json", zipped({}), "export.without_json"),
        ("json", zipped({"a.json": b'"text"'}), "export.without_json"),
        ("json", zipped({"a.json": b"[" * 100000 + b"]" * 100000}), "export.without_json"),
        ("json", zipped({"a.json": b"[]"}, compression=zipfile.ZIP_BZIP2), "export.compression"),
        ("xlsx", exported(INITECH), "export.not_a_workbook"),
        ("xlsx", b"", "export.empty"),
        ("xlsx.gz", b"", "export.empty"),
        ("xlsx.gz", b"<html>", "export.html_for_gzip"),
        ("xlsx.gz", workbook(), "export.other_for_gzip"),
        ("xlsx.gz", gzip.compress(workbook())[:-20], "export.damaged"),
        ("xlsx.gz", gzip.compress(exported(INITECH)), "export.not_a_workbook"),
    ],
)
def test_an_invalid_export_is_refused(kind: str, content: bytes, row: str, messages: MessageTable) -> None:
    with pytest.raises(NotAnExport) as error:
        fingerprint(kind, content)
    messages.check(row, str(error.value))


def test_a_huge_export_is_not_unpacked(monkeypatch: pytest.MonkeyPatch, messages: MessageTable) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 2 * 1024 * 1024)
    half = zipped({"a.json": b"[" + b" " * 1024 * 1024 + b"]"})
    assert len(half) < 10000
    assert fingerprint("json", half)
    for kind, content in (
        ("json", zipped({"a.json": b" " * 3 * 1024 * 1024})),
        ("json", zipped({"a.json": b" " * 1536 * 1024, "b.json": b" " * 1024 * 1024})),
        ("xlsx", workbook(sheet=b" " * 3 * 1024 * 1024)),
        ("xlsx.gz", gzip.compress(b" " * 3 * 1024 * 1024)),
        ("xlsx.gz", gzip.compress(workbook(sheet=b" " * 3 * 1024 * 1024))),
    ):
        with pytest.raises(NotAnExport) as error:
            fingerprint(kind, content)
        messages.check("export.too_large", str(error.value), size="2 MiB")


def test_a_damaged_archive_is_never_a_defect() -> None:
    """The result for arbitrary changes of bytes is a fingerprint or an error message."""
    chance = random.Random(20261122)
    for kind, whole in (
        ("json", exported(INITECH, INITRODE)),
        ("xlsx", workbook()),
        ("xlsx.gz", gzip.compress(workbook())),
    ):
        for _attempt in range(1000):
            content = bytearray(whole)
            for _byte in range(chance.randint(1, 3)):
                content[chance.randrange(len(content))] = chance.randrange(256)
            try:
                fingerprint(kind, bytes(content))
            except NotAnExport:
                pass
