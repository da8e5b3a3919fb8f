# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Exports of Spark customers, and the empty workbook for bulk loads.

Source: the vendor's API reference. An export is asked for with a GET or a POST that changes nothing, so it may be
repeated, and check mode asks for it as well. The file name that the server proposes is not looked at.
"""

from __future__ import annotations

import dataclasses
import gzip
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._answer import Answer
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError, UnusableAnswer
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.archive import NotAnExport, fingerprint
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.client import CUSTOMERS, Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.customer import chosen, href
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.hierarchy import is_pkid
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.model import Customer
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.query import JSON

FORMATS = {"json": "json", "xlsx": "xlsx", "raw_xlsx": "xlsx"}
TEMPLATE = "xlsx.gz"


@dataclasses.dataclass(frozen=True)
class Export:
    """A file as the server made it: what kind it is, and the pkids of the customers in it, sorted."""

    content: bytes
    kind: str
    fingerprint: str
    customers: tuple[str, ...] = ()

    def holds_the_same(self, other: bytes) -> bool:
        """Whether another file, of whatever kind, holds the same."""
        try:
            return fingerprint(self.kind, other) == self.fingerprint
        except NotAnExport:
            return False


@dataclasses.dataclass(frozen=True)
class Selection:
    """Which customers are exported: those with the names, those with the pkids, or without either all at a node and
    below it. One pkid does without a node.
    """

    hierarchy: str | None
    names: t.Sequence[str] = ()
    pkids: t.Sequence[str] = ()


def export(
    voss: Voss, selection: Selection, file_format: str, version: str | None = None, template: str | None = None
) -> Export:
    """The chosen customers in one file.

    :param version: the tag of a version of the schema.
    :param template: the name of a configuration template.
    :raises InputError: there are none, or some of those that were asked for are not there or ambiguous.
    """
    query = [JSON, ("export_format", file_format)]
    query += [(name, value) for name, value in (("version", version), ("template_name", template)) if value]
    nodes = _chosen(voss, selection)
    pkids = sorted(nodes)
    if len(pkids) == 1:
        place = [("hierarchy", node) for node in nodes.values() if node]
        answer = voss.http.get(f"{href(pkids[0])}/export/", [*place, *query], accept="*/*")
    else:
        place = [("hierarchy", _pkid_of(voss, selection.hierarchy or ""))]
        answer = voss.http.request(
            "POST",
            f"{CUSTOMERS}export/",
            [*place, *query],
            payload={"hrefs": [href(pkid) for pkid in pkids]},
            repeatable=True,
            accept="*/*",
        )
    return _checked(answer, answer.body, FORMATS[file_format], pkids)


def bulkload_template(voss: Voss, hierarchy: str) -> Export:
    """The compressed workbook to fill in for a bulk load at a node.

    :raises InputError: there is no such node.
    """
    place = ("hierarchy", voss.node(hierarchy)["pkid"])
    answer = voss.http.request(
        "POST", f"{CUSTOMERS}export_bulkload_template/", [place, JSON], repeatable=True, accept="*/*"
    )
    content = answer.body
    if content.startswith(b"PK"):  # a server that calls the compression its transport's has it undone on the way
        content = gzip.compress(content, mtime=0)
    return _checked(answer, content, TEMPLATE, ())


def _pkid_of(voss: Voss, hierarchy: str) -> str:
    """The pkid of a node that a list has proved to be there."""
    return hierarchy if is_pkid(hierarchy) else str(voss.node(hierarchy)["pkid"])


def _chosen(voss: Voss, selection: Selection) -> dict[str, str | None]:
    """The pkids of the chosen customers, each with the pkid of its node if that is known."""
    if selection.hierarchy is None:
        if len(set(selection.pkids)) != 1:
            raise InputError("Several customers are exported together below a node: give 'hierarchy' as well.")
        return dict.fromkeys(selection.pkids)
    hierarchy = selection.hierarchy
    customers = voss.customers(hierarchy)
    found: dict[str, Customer | None]
    if selection.names:
        found = {
            name: chosen(voss, hierarchy, [one for one in customers if one["data"].get("name") == name], "pkids")
            for name in selection.names
        }
    else:
        found = {customer["pkid"]: customer for customer in customers}
        if selection.pkids:
            found = {pkid: found.get(pkid) for pkid in selection.pkids}
    missing = [f"'{wanted}'" for wanted, customer in found.items() if customer is None]
    if missing:
        listed = ", ".join(missing[:20]) + (f" and {len(missing) - 20} more" if len(missing) > 20 else "")
        raise InputError(
            f"VOSS Automate shows no customer {listed} at '{hierarchy}' or below it. Nothing was exported."
        )
    if not found:
        raise InputError(f"There is no customer at '{hierarchy}' or below it, so there is nothing to export.")
    return {customer["pkid"]: customer["hierarchy"] for customer in found.values() if customer}


def _checked(answer: Answer, content: bytes, kind: str, pkids: t.Iterable[str]) -> Export:
    try:
        return Export(content, kind, fingerprint(kind, content), tuple(pkids))
    except NotAnExport as error:
        unusable = answer.unusable(str(error))
    # The words of an answer are shown if they are somebody's words, and not if they are what was exported.
    if answer.body.lstrip()[:1] not in (b"<", b"{"):
        raise UnusableAnswer(unusable.message, dataclasses.replace(unusable.failure, message=None))
    raise unusable
