# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""What an exported file holds, whenever it was exported.

The server writes the time of an export into the names and the stamps of archives. Two files that differ in nothing but
such times have one fingerprint. Archives are read in memory within limits; nothing is ever unpacked to a disk.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import html
import io
import json
import re
import struct
import typing as t
import zipfile
import zlib

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
GZIP = b"\x1f\x8b"
WORKBOOK_PART = "[Content_Types].xml"

_STAMPS = re.compile(rb"<(?:\w+:)?(created|modified)\b[^>]*>[^<]*</(?:\w+:)?\1>")
# The text of a cell, which may come in pieces, and where a cell ends.
_CELL_TEXTS = re.compile(r"<(?:t|v)(?:\s[^<>]*)?>([^<]*)</(?:t|v)>|(</(?:si|is|c)>)")
# zipfile says RuntimeError to encrypted members.
_DEFECTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)


@dataclasses.dataclass(frozen=True)
class Resource:
    """A customer in an export: its pkid, and its name and the dotted path of its node if the export shows them."""

    pkid: str
    name: str | None
    hierarchy: str | None


class NotAnExport(ValueError):
    """A file is not of the kind that was asked for. The text says what it is instead."""


def fingerprint(kind: str, content: bytes) -> str:
    """A digest of what a file holds, without the time at which it was made.

    :param kind: ``json`` for a zip of JSON, ``xlsx`` for a workbook, ``xlsx.gz`` for a compressed one.
    :raises NotAnExport: it is not of that kind, damaged, or unreasonably large when it is unpacked.
    """
    if kind == "xlsx.gz":
        content = _unzipped(content)
    parts_of = list(members(content))
    if kind == "json":
        documents = [_document(data) for _name, data in parts_of]
        if not any(is_json for is_json, _text in documents):
            raise NotAnExport("an archive without JSON")
        return _digest(sorted(text for _is_json, text in documents))
    if WORKBOOK_PART not in {name for name, _data in parts_of}:
        raise NotAnExport("an archive that is no workbook")
    parts = sorted((name.encode(), _part(name, data)) for name, data in parts_of)
    return _digest(piece for part in parts for piece in part)


def resources_of(content: bytes, model: str) -> list[Resource]:
    """The objects of a model in an export of JSON.

    :raises NotAnExport: it is not such an export, or one of its objects cannot be identified.
    """
    found: dict[str, Resource] = {}
    for _name, data in members(content):
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            continue
        listed = document.get("resources") if isinstance(document, dict) else None
        for item in listed if isinstance(listed, list) else ():
            resource = _resource(item, model)
            if resource:
                found[resource.pkid] = resource
    return list(found.values())


def _resource(item: object, model: str) -> Resource | None:
    """An object of an export, None if it is one of another model."""
    meta, data = (_mapping(item).get(key) for key in ("meta", "data"))
    meta, data = _mapping(meta), _mapping(data)
    if meta.get("model_type", model) != model:
        return None
    pkid, name, hierarchy = meta.get("pkid"), data.get("name"), meta.get("hierarchy")
    if not isinstance(pkid, str) or not pkid:
        raise NotAnExport("an export with an object that has no pkid")
    return Resource(
        pkid,
        name if isinstance(name, str) else None,
        hierarchy if isinstance(hierarchy, str) and hierarchy else None,
    )


def _mapping(value: object) -> dict[str, t.Any]:
    return value if isinstance(value, dict) else {}


def texts_of(content: bytes) -> set[str]:
    """The texts of the cells of a workbook.

    :raises NotAnExport: it is not an archive.
    """
    found = set()
    for name, data in members(content):
        if not name.startswith("xl/") or not name.endswith(".xml"):
            continue
        pieces: list[str] = []
        for text, end in _CELL_TEXTS.findall(data.decode("utf-8", "replace")):
            if end:
                found.add("".join(pieces))
                pieces = []
            else:
                pieces.append(html.unescape(text))
    return found


def _unzipped(content: bytes) -> bytes:
    if not content.startswith(GZIP):
        raise NotAnExport(_instead_of("a compressed workbook", content))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(MAX_UNPACKED_BYTES + 1)
    except _DEFECTS:
        raise NotAnExport("a damaged archive") from None
    if len(unpacked) > MAX_UNPACKED_BYTES:
        raise _too_large()
    return unpacked


def members(content: bytes) -> t.Iterator[tuple[str, bytes]]:
    """The names and contents of what is in a zip archive.

    :raises NotAnExport: it is no such archive, damaged, or unreasonably large when it is unpacked.
    """
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise NotAnExport("a damaged archive" if content.startswith(b"PK") else _instead_of("an archive", content))
    left = MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise NotAnExport("an archive in an unusual compression")
                with archive.open(info) as member:
                    data = member.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise _too_large()
                yield info.filename, data
    except NotAnExport:
        raise
    except _DEFECTS:
        raise NotAnExport("a damaged archive") from None


def _document(data: bytes) -> tuple[bool, bytes]:
    """Whether a member is JSON, and what it says in one spelling. The order of an export's resources says nothing."""
    try:
        content = json.loads(data)
        if isinstance(content, dict) and isinstance(content.get("resources"), list):
            content = {**content, "resources": sorted(map(_canonical, content["resources"]))}
        return isinstance(content, (dict, list)), _canonical(content).encode()
    except (ValueError, RecursionError):
        return False, data


def _canonical(content: t.Any) -> str:
    return json.dumps(content, sort_keys=True)


def _part(name: str, data: bytes) -> bytes:
    """A part of a workbook. Its properties hold the times at which it was created and modified."""
    return _STAMPS.sub(b"", data) if name.startswith("docProps/") else data


def _digest(pieces: t.Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()


def _too_large() -> NotAnExport:
    return NotAnExport(f"an archive of more than {MAX_UNPACKED_BYTES // 1024 // 1024} MiB when it is unpacked")


def _instead_of(wanted: str, content: bytes) -> str:
    if not content.strip():
        return "an empty body"
    return f"{'HTML' if content.lstrip()[:1] == b'<' else 'something'} in place of {wanted}"
