# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""List hierarchy nodes and, optionally, the names of the customers at each node."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_cased
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import (
    Object,
    by_name_and_id,
    first_of,
    named_values,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.hierarchy import (
    ELSEWHERE,
    ROOT,
    UNKNOWN,
    Node,
    plain_path,
    relation,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import (
    LOCATION,
    Customer,
    customer_from,
)

# Maximum number of customers to name in the warning about customers whose nodes are not listed.
MAX_NAMED = 5


@dataclasses.dataclass(frozen=True)
class NodeFilter:
    """The conditions that a node must meet. Conditions that are None are ignored.

    :ivar hierarchy: the node must be this node or be below it.
    :ivar name: the exact name that the node must have.
    :ivar node_types: the node must have one of these types, regardless of case.
    """

    hierarchy: str | None = None
    name: str | None = None
    node_types: t.Sequence[str] | None = None


def nodes(voss: Voss, selection: NodeFilter, with_customers: bool) -> list[Object]:
    """Return the selected nodes, sorted by name, then by pkid.

    :param with_customers: whether to add the sorted names of the customers at each node.
    :raises InputError: the node in ``selection`` does not exist.
    :raises ConnectorsError: the response does not show whether a node is at or below the node in ``selection``.
    """
    scope = selection.hierarchy or ROOT
    customers = voss.customers(scope) if with_customers else []
    shown: list[Object] = []
    places: list[Node] = []
    listed = voss.listed_nodes()
    root = voss.node(scope) if selection.hierarchy else Node(None, ROOT)
    for node, item in listed:
        parent = customer_from(str(node.pkid), item)
        if _is_within(node, root, scope):
            places.append(node)
            shown.append(_shown(node, parent["hierarchy"], parent["data"]))
    if with_customers:
        _add_customers(voss, shown, places, customers)
    return by_name_and_id(_matching(selection, shown), identifier="pkid")


def _matching(selection: NodeFilter, shown: t.Iterable[Object]) -> list[Object]:
    """Return the nodes that match the name and the node types in the filter."""
    types = named_values(selection.node_types)
    selected: list[Object] = []
    for found in shown:
        if selection.name not in (None, found["name"]):
            continue
        if types and str(found["node_type"]).casefold() not in types:
            continue
        selected.append(found)
    return selected


def _is_within(node: Node, scope: Node, hierarchy: str) -> bool:
    if scope.path == ROOT:
        return True
    where = relation(scope, {"hierarchy": node.pkid, "hierarchy_path": node.path, "nodes": node.nodes})
    if where == UNKNOWN:
        raise ConnectorsError(
            f"Cannot locate the node with the pkid {node.pkid}: the response does not show whether the node is at or"
            f" below '{hierarchy}'. Omit 'hierarchy' to list all nodes.",
            reason="invalid_response",
        )
    return where != ELSEWHERE


def _shown(node: Node, parent: str | None, data: Object) -> Object:
    """Convert a node to the format of the module result. Documented values that the server omits are null."""
    attributes: Object = {"description": None, **snake_cased(data)}
    for name in LOCATION:
        attributes.pop(name, None)
    return {**attributes, "pkid": node.pkid, "path": node.path, "node_type": node.node_type or None, "parent": parent}


def _add_customers(
    voss: Voss, shown: t.Sequence[Object], places: t.Sequence[Node], customers: t.Sequence[Customer]
) -> None:
    """Add the names of customers to their nodes, and warn about customers whose nodes are not listed."""
    names: dict[str | None, list[str]] = {}
    by_path: dict[str | None, str | None] = {}
    for place in places:
        names[place.pkid] = []
        if place.path:
            by_path[plain_path(place.path)] = place.pkid
    lost: list[str] = []
    for customer in customers:
        pkid = customer["hierarchy"]
        if pkid is None:
            pkid = by_path.get(plain_path(customer["hierarchy_path"]))
        name = customer["data"]["name"]
        if pkid in names:
            names[pkid].append(name)
        else:
            lost.append(f"'{name}'")
    for node in shown:
        node["customers"] = sorted(names[node["pkid"]])
    if lost:
        voss.http.warn(
            "The list of nodes does not contain the nodes of all customers. The result therefore omits the customers"
            f" {first_of(lost, MAX_NAMED)}. Check that the user has access to the nodes of these customers."
        )
