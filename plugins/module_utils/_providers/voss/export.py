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

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError, InvalidResponse
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import first_of
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.archive import (
    NotAnExport,
    Resource,
    fingerprint,
    resources_of,
    texts_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import (
    CUSTOMERS,
    MODEL,
    Voss,
    href,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer import select
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.hierarchy import (
    AT,
    is_pkid,
    relation_of_paths,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import Customer
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.query import JSON
from ansible_collections.hybrid.connectors.plugins.module_utils._response import Response

FORMATS = {"json": "json", "xlsx": "xlsx", "raw_xlsx": "xlsx"}
TEMPLATE = "xlsx.gz"


@dataclasses.dataclass(frozen=True)
class Export:
    """A file as the server made it: what kind it is, and the pkids of the customers in it, sorted.

    A workbook shows no pkids: these are those of the customers whose names are in it, as far as they are known.
    """

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
    :raises InvalidResponse: the file does not contain exactly these.
    """
    query = [JSON, ("export_format", file_format)]
    query += [(name, value) for name, value in (("version", version), ("template_name", template)) if value]
    chosen_ones = _chosen(voss, selection)
    pkids = sorted(chosen_ones)
    if len(pkids) == 1:
        place = [("hierarchy", one["hierarchy"]) for one in chosen_ones.values() if one and one["hierarchy"]]
        response = voss.http.get(f"{href(pkids[0])}/export/", [*place, *query], accept="*/*")
    else:
        place = [("hierarchy", _pkid_of(voss, selection.hierarchy or ""))]
        response = voss.http.request(
            "POST",
            f"{CUSTOMERS}export/",
            [*place, *query],
            payload={"hrefs": [href(pkid) for pkid in pkids]},
            repeatable=True,
            accept="*/*",
        )
    exported = _checked(response, response.body, FORMATS[file_format], pkids)
    complaint = _complaint(exported, chosen_ones)
    if complaint:
        raise _without_content(response, complaint)
    return exported


def _complaint(exported: Export, chosen_ones: t.Mapping[str, Customer | None]) -> str | None:
    """What is wrong with an export: its customers are not exactly the chosen ones. None if nothing is.

    Of a workbook only the names can be checked.
    """
    if exported.kind != "json":
        texts = texts_of(exported.content)
        names = {one["data"]["name"] for one in chosen_ones.values() if one}
        missing = sorted(name for name in names if name not in texts)
        return f"an export without {len(missing)} of the customers: {_some(missing)}" if missing else None
    try:
        found = {resource.pkid: resource for resource in resources_of(exported.content, MODEL)}
    except NotAnExport as error:
        return str(error)
    missing, more = sorted(set(chosen_ones) - set(found)), sorted(set(found) - set(chosen_ones))
    if missing:
        return f"an export without {len(missing)} of the customers: {_some(missing)}"
    if more:
        return f"an export with {len(more)} customers that were not requested: {_some(more)}"
    other = sorted(pkid for pkid, one in chosen_ones.items() if one and not _is_same(found[pkid], one))
    return f"an export with other names or nodes of {len(other)} customers: {_some(other)}" if other else None


def _is_same(resource: Resource, customer: Customer) -> bool:
    """Whether an exported customer has the name and the node that the list shows."""
    path = customer["hierarchy_path"]
    if path and resource.hierarchy and relation_of_paths(path, resource.hierarchy) != AT:
        return False
    return bool(resource.name == customer["data"]["name"])


def _some(values: t.Sequence[str]) -> str:
    return ", ".join(value[:100] for value in values[:10]) + (", ..." if len(values) > 10 else "")


def bulkload_template(voss: Voss, hierarchy: str) -> Export:
    """The compressed workbook to fill in for a bulk load at a node.

    :raises InputError: there is no such node.
    """
    place = ("hierarchy", voss.node(hierarchy).reference)
    response = voss.http.request(
        "POST", f"{CUSTOMERS}export_bulkload_template/", [place, JSON], repeatable=True, accept="*/*"
    )
    content = response.body
    if content.startswith(b"PK"):  # a server that calls the compression its transport's has it undone on the way
        content = gzip.compress(content, mtime=0)
    return _checked(response, content, TEMPLATE, ())


def _pkid_of(voss: Voss, hierarchy: str) -> str:
    """The pkid of a node that a list has proved to be there."""
    return hierarchy if is_pkid(hierarchy) else voss.node(hierarchy).reference


def _chosen(voss: Voss, selection: Selection) -> dict[str, Customer | None]:
    """The chosen customers by their pkids, as the list shows them; None for one that was not listed."""
    if selection.hierarchy is None:
        if len(set(selection.pkids)) != 1:
            raise InputError("Several customers are exported together below a node: give 'hierarchy' as well.")
        return dict.fromkeys(selection.pkids)
    hierarchy = selection.hierarchy
    customers = voss.customers(hierarchy)
    found: dict[str, Customer | None]
    if selection.names:
        found = {
            name: select(voss, hierarchy, [one for one in customers if one["data"].get("name") == name], "pkids")
            for name in selection.names
        }
    else:
        found = {customer["pkid"]: customer for customer in customers}
        if selection.pkids:
            found = {pkid: found.get(pkid) for pkid in selection.pkids}
    missing = [f"'{wanted}'" for wanted, customer in found.items() if customer is None]
    if missing:
        raise InputError(
            f"VOSS Automate shows no customer {first_of(missing, 20)} at '{hierarchy}' or below it."
            " Nothing was exported."
        )
    if not found:
        raise InputError(f"There is no customer at '{hierarchy}' or below it, so there is nothing to export.")
    return {customer["pkid"]: customer for customer in found.values() if customer}


def _checked(response: Response, content: bytes, kind: str, pkids: t.Iterable[str]) -> Export:
    try:
        return Export(content, kind, fingerprint(kind, content), tuple(pkids))
    except NotAnExport as error:
        what = str(error)
    # The words of an answer are shown if they are somebody's words, and not if they are what was exported.
    if response.body.lstrip()[:1] not in (b"<", b"{"):
        raise _without_content(response, what)
    raise response.unusable(what)


def _without_content(response: Response, what: str) -> InvalidResponse:
    """The failure of an export, without any of what was exported."""
    unusable = response.unusable(what)
    return InvalidResponse(unusable.message, dataclasses.replace(unusable.failure, message=None))
