# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read exported files, and compare them regardless of when they were exported.

The server writes the export time into file names and timestamps in an archive. Two files that differ only in these
times have the same fingerprint. Archives are read in memory up to a maximum size, and are never extracted to disk.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import gzip
import hashlib
import html
import io
import json
import operator
import re
import struct
import typing as t
import zipfile
import zlib

from ..._plan import Object
from ..._untrusted import json_or_none
from . import model

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
GZIP = b"\x1f\x8b"
WORKBOOK_PART = "[Content_Types].xml"

_STAMPS = re.compile(rb"<(?:\w+:)?(created|modified)\b[^>]*>[^<]*</(?:\w+:)?\1>")
# Matches part of the text in a cell, or the end of a cell.
_CELL_TEXTS = re.compile(r"<(?:t|v)(?:\s[^<>]*)?>([^<]*)</(?:t|v)>|(</(?:si|is|c)>)")
# zipfile raises RuntimeError for encrypted members.
_DEFECTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)

_canonical = functools.partial(json.dumps, sort_keys=True)


@dataclasses.dataclass(frozen=True)
class Resource:
    """A customer in an export. ``name`` and ``hierarchy`` (a dotted path) are None if they are not in the export."""

    pkid: str
    name: str | None
    hierarchy: str | None


class NotAnExport(Exception):
    """The file is not an export of the requested kind. The exception message describes the file."""


def fingerprint(kind: str, content: bytes) -> str:
    """Return a digest of an exported file. The digest does not depend on the time of the export.

    :param kind: ``json`` for a zip archive with JSON, ``xlsx`` for a workbook, ``xlsx.gz`` for a compressed workbook,
        ``csv`` for a CSV file.
    :raises NotAnExport: the file is of a different kind, is damaged, or is too large when unpacked.
    """
    if kind == "xlsx.gz":
        content = unzipped(content)
    if kind == "json":
        return _json_fingerprint(content)
    if kind == "csv":
        return _digest([content])
    parts = list(members(content))
    if WORKBOOK_PART not in dict(parts):
        raise NotAnExport("an archive that is not a workbook")
    pieces: list[bytes] = []
    for name, data in sorted(parts):
        pieces += (name.encode(), _part(name, data))
    return _digest(pieces)


def _json_fingerprint(content: bytes) -> str:
    documents = [_document(data) for _name, data in members(content)]
    if not any(map(operator.itemgetter(0), documents)):
        raise NotAnExport("an archive without JSON")
    return _digest(sorted(map(operator.itemgetter(1), documents)))


def resources_of(content: bytes, model_type: str) -> dict[str, Resource]:
    """Return the objects of a model in a JSON export, keyed by pkid.

    :raises NotAnExport: the file is not a JSON export, or an object has no pkid.
    """
    found: dict[str, Resource] = {}
    for _name, data in members(content):
        document = model.mapping(json_or_none(data))
        for item in map(model.mapping, model.sequence(document.get("resources"))):
            meta = model.mapping(item.get("meta"))
            if meta.get("model_type", model_type) == model_type:
                resource = _resource(meta, model.mapping(item.get("data")))
                found[resource.pkid] = resource
    return found


def _resource(meta: Object, data: Object) -> Resource:
    pkid = model.non_empty(meta.get("pkid"))
    if pkid is None:
        raise NotAnExport("an export that contains an object without a pkid")
    return Resource(pkid, model.non_empty(data.get("name")), model.non_empty(meta.get("hierarchy")))


def texts_of(content: bytes) -> set[str]:
    """Return the text of all cells in a workbook as a set of strings.

    :raises NotAnExport: the file is not an archive.
    """
    found = set()
    for name, data in members(content):
        if not fnmatch.fnmatchcase(name, "xl/*.xml"):
            continue
        pieces: list[str] = []
        for text, end in _CELL_TEXTS.findall(data.decode("utf-8", "replace")):
            if end:
                found.add("".join(pieces))
                pieces = []
            else:
                pieces.append(html.unescape(text))
    return found


def unzipped(content: bytes) -> bytes:
    """Return the content of a file that is compressed with gzip.

    :raises NotAnExport: the file is not compressed, is damaged, or is too large when unpacked.
    """
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
    """Yield the name and the content of each member of a zip archive.

    :raises NotAnExport: the file is not a zip archive, is damaged, or is too large when unpacked.
    """
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise NotAnExport("a damaged archive" if content.startswith(b"PK") else _instead_of("an archive", content))
    left = MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise NotAnExport("an archive with an unsupported compression method")
                with archive.open(info) as member:
                    data = member.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise _too_large()
                yield info.filename, data
    except _DEFECTS:
        raise NotAnExport("a damaged archive") from None


def _document(data: bytes) -> tuple[bool, bytes]:
    """Return whether a file is JSON, and its content in a form that does not depend on the order of the resources."""
    try:
        content = json.loads(data)
        resources = model.sequence(model.mapping(content).get("resources"))
        if resources:
            content = {**content, "resources": sorted(map(_canonical, resources))}
        return isinstance(content, (dict, list)), _canonical(content).encode()
    except (ValueError, RecursionError):
        return False, data


def _part(name: str, data: bytes) -> bytes:
    """Remove the creation and modification times from one part of a workbook."""
    return _STAMPS.sub(b"", data) if name.startswith("docProps/") else data


def _digest(pieces: t.Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()


def _too_large() -> NotAnExport:
    return NotAnExport(f"an archive that contains more than {MAX_UNPACKED_BYTES // 1024 // 1024} MiB of data")


def _instead_of(expected: str, content: bytes) -> str:
    if not content.strip():
        return "an empty body"
    actual = "HTML" if content.lstrip()[:1] == b"<" else "other content"
    return f"{actual} instead of {expected}"
