# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Export Spark customers, or an empty workbook for a bulk load.

Source: the vendor's API reference. The GET or POST request for an export does not change anything. Therefore, the
request can be retried, and it is also sent in check mode. The file name in the response is ignored.
"""

from __future__ import annotations

import dataclasses
import gzip
import typing as t

from ..._errors import InputError, InvalidResponse
from ..._plan import first_of, shown
from ..._response import Response
from ..._tables import MissingLibrary
from . import archive
from .client import CUSTOMERS, MODEL, Voss, href
from .customer import find_with_path, select
from .hierarchy import AT, is_pkid, relation_of_paths
from .model import Customer, sequence
from .query import JSON

FORMATS = {"json": "json", "xlsx": "xlsx", "raw_xlsx": "xlsx"}
# Formats for which the module writes the table itself.
TABLES = {"csv": "csv", "table_xlsx": "xlsx"}
TEMPLATE = "xlsx.gz"


@dataclasses.dataclass(frozen=True)
class Export:
    """An exported file and its properties.

    :ivar kind: the kind of file, see :func:`fingerprint`.
    :ivar customers: the sorted pkids of the exported customers. A workbook does not contain pkids, so these are the
        requested pkids.
    """

    content: bytes
    kind: str
    fingerprint: str
    customers: tuple[str, ...] = ()

    def holds_the_same(self, other: bytes) -> bool:
        """Return whether another file has the same content, ignoring the time of the export."""
        try:
            return archive.fingerprint(self.kind, other) == self.fingerprint
        except archive.NotAnExport:
            return False


@dataclasses.dataclass(frozen=True)
class Selection:
    """The customers to export: customers selected by name or pkid, or all customers at or below a node.

    The node is optional if a single pkid is selected.
    """

    hierarchy: str | None
    names: t.Sequence[str] | None
    pkids: t.Sequence[str] | None


def export(
    voss: Voss, selection: Selection, file_format: str, version: str | None = None, template: str | None = None
) -> Export:
    """Export the selected customers to one file.

    :param version: the tag of a schema version.
    :param template: the name of a configuration template.
    :raises InputError: no customer is selected, or a name or pkid is not found or is ambiguous.
    :raises InvalidResponse: the file does not contain exactly the selected customers.
    """
    selected = _selected(voss, selection)
    pkids = sorted(selected)
    if len(pkids) == 1:
        (customer,) = selected.values()
        method, path, payload = "GET", f"{href(pkids[0])}/export/", None
        node = customer.get("hierarchy")
    else:
        method, path, payload = "POST", f"{CUSTOMERS}export/", {"hrefs": list(map(href, pkids))}
        node = _pkid_of(voss, str(selection.hierarchy))
    pairs = (("export_format", file_format), ("hierarchy", node), ("version", version), ("template_name", template))
    query = [JSON, *((name, value) for name, value in pairs if value)]
    response = voss.http.request(method, path, query, payload=payload, repeatable=True, accept="*/*")
    exported = _checked(response, response.body, FORMATS[file_format], pkids)
    defect = _defect_of(exported, selected)
    if defect:
        raise _without_content(response, defect)
    return exported


def export_table(voss: Voss, selection: Selection, file_format: str) -> Export:
    """Write the selected customers to a table, without using the export function of the server.

    :raises InputError: no customer is selected, a name or pkid is not found or is ambiguous, or a library is missing.
    :raises ConnectorsError: see :func:`customer_table.table_of`.
    """
    from . import customer_table

    kind = TABLES[file_format]
    selected = _selected(voss, selection)
    for pkid, customer in selected.items():
        selected[pkid] = customer or _read(voss, pkid)
    try:
        content = customer_table.table_of(selected.values(), kind == "xlsx")
    except MissingLibrary as error:
        raise InputError(f"Cannot write the format '{file_format}': {error}") from None
    return Export(content, kind, archive.fingerprint(kind, content), tuple(sorted(selected)))


def _read(voss: Voss, pkid: str) -> Customer:
    customer = find_with_path(voss, pkid)
    if customer is None:
        raise InputError(
            f"Cannot find the customer with the pkid '{pkid}'. Nothing was exported. Check the pkid.",
            reason="not_found",
        )
    return customer


def _defect_of(exported: Export, selected: t.Mapping[str, Customer]) -> str | None:
    """Describe how an export differs from the selected customers, or return None if there is no difference.

    For a workbook, only the names can be checked.
    """
    listed = {pkid: customer for pkid, customer in selected.items() if customer}
    if exported.kind != "json":
        names = {customer["data"]["name"] for customer in listed.values()}
        return _described_defect({"an export without {} of the customers": names - archive.texts_of(exported.content)})
    try:
        found = archive.resources_of(exported.content, MODEL)
    except archive.NotAnExport as error:
        return str(error)
    different: set[str] = set()
    for pkid in listed.keys() & found.keys():
        if not _is_same(found[pkid], listed[pkid]):
            different.add(pkid)
    return _described_defect(
        {
            "an export without {} of the customers": selected.keys() - found.keys(),
            "an export with {} customers that were not requested": found.keys() - selected.keys(),
            "an export with different names or nodes of {} customers": different,
        }
    )


def _described_defect(defects: t.Mapping[str, t.AbstractSet[str]]) -> str | None:
    """Describe the first defect found and list up to ten affected values, or return None if there are no defects."""
    for text, values in defects.items():
        if values:
            return f"{text.format(len(values))}: {first_of(list(map(shown, sorted(values))), 10)}"
    return None


def _is_same(resource: archive.Resource, customer: Customer) -> bool:
    """Return whether an exported customer has the same name and the same node as the listed customer."""
    if resource.name != customer["data"]["name"]:
        return False
    if None in (customer["hierarchy_path"], resource.hierarchy):
        return True
    return relation_of_paths(customer["hierarchy_path"], str(resource.hierarchy)) == AT


def bulkload_template(voss: Voss, hierarchy: str) -> Export:
    """Export an empty, compressed bulk-load workbook for a node.

    :raises InputError: the node does not exist.
    """
    place = ("hierarchy", voss.node(hierarchy).reference)
    response = voss.http.request(
        "POST", f"{CUSTOMERS}export_bulkload_template/", [place, JSON], repeatable=True, accept="*/*"
    )
    content = response.body
    if content.startswith(b"PK"):  # the client has already decompressed the response
        content = gzip.compress(content, mtime=0)
    return _checked(response, content, TEMPLATE, ())


def _pkid_of(voss: Voss, hierarchy: str) -> str:
    """Return the pkid of a node, or its dotted path if the user is not authorized to read nodes."""
    return hierarchy if is_pkid(hierarchy) else voss.node(hierarchy).reference


def _selected(voss: Voss, selection: Selection) -> dict[str, Customer]:
    """Return the selected customers, keyed by pkid. If no list was read, the value is an empty dictionary."""
    if selection.hierarchy is None:
        pkids = set(sequence(selection.pkids))
        if len(pkids) != 1:
            raise InputError(
                "Cannot export several customers without 'hierarchy'. Specify a node that contains all of them."
            )
        return {pkids.pop(): {}}
    hierarchy = selection.hierarchy
    found = _selected_in(voss, hierarchy, selection)
    selected: dict[str, Customer] = {}
    missing: list[str] = []
    for value, customer in found.items():
        if customer is None:
            missing.append(f"'{value}'")
        else:
            selected[customer["pkid"]] = customer
    if missing:
        raise InputError(
            f"Cannot find {first_of(missing, 20)} at or below '{hierarchy}'. Nothing was exported. Check the names or"
            " pkids of the customers, and 'hierarchy'."
        )
    if not found:
        raise InputError(f"Cannot export customers: there are no customers at or below '{hierarchy}'.")
    return selected


def _selected_in(voss: Voss, hierarchy: str, selection: Selection) -> dict[str, Customer | None]:
    """Return the selected customers, keyed by name or pkid. The value is None if a name or pkid does not exist."""
    customers = voss.customers(hierarchy)
    found: dict[str, Customer | None] = {}
    if selection.names:
        for name in selection.names:
            same_name = [customer for customer in customers if customer["data"]["name"] == name]
            found[name] = select(voss, hierarchy, same_name, "pkids")
        return found
    for customer in customers:
        found[customer["pkid"]] = customer
    if selection.pkids:
        return dict(zip(selection.pkids, map(found.get, selection.pkids)))
    return found


def _checked(response: Response, content: bytes, kind: str, pkids: t.Iterable[str]) -> Export:
    try:
        return Export(content, kind, archive.fingerprint(kind, content), tuple(pkids))
    except archive.NotAnExport as error:
        defect = str(error)
    # An HTML or JSON body is an error message, which can be displayed. Any other body may contain exported data.
    if response.body.lstrip()[:1] not in (b"<", b"{"):
        raise _without_content(response, defect)
    raise response.malformed(defect)


def _without_content(response: Response, what: str) -> InvalidResponse:
    """Return an error about an export. Its message does not contain exported data."""
    unusable = response.malformed(what)
    return InvalidResponse(unusable.message, dataclasses.replace(unusable.failure, message=None))
