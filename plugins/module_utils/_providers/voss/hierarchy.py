# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Nodes of the hierarchy, and the places of customers in it.

An option specifies a node by its pkid or its dotted path. The pkids of the nodes above a customer determine its place.
Dotted paths are only compared if these pkids are not known, because names can contain dots, and because the vendor does
not document which of the prefixes ``sys.`` and ``hcs.`` a server returns or accepts.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import (
    Customer,
    mapping,
    non_empty,
    steps,
)

ROOT = "sys"
# The prefix of a complete path.
FULL = "sys.hcs."
ABOVE_CUSTOMERS = frozenset({"system", "hcs", "provider", "reseller"})
AT, BELOW, ELSEWHERE, UNKNOWN = "at", "below", "elsewhere", "unknown"

_PKID = re.compile(r"(?=.*\d)[0-9a-z]{24}")
_ROOTS = re.compile(r"^(?:sys\.)?(?:hcs\.)?(?=.)")


@dataclasses.dataclass(frozen=True)
class Node:
    """A node of the hierarchy.

    :ivar pkid: None if the user is not authorized to read nodes.
    :ivar path: the dotted path; None if the server does not show it.
    :ivar nodes: the pkids of the nodes from the root to the node itself; empty if they are not known.
    :ivar node_type: None if the server does not show it.
    """

    pkid: str | None
    path: str | None = None
    nodes: tuple[str, ...] = ()
    node_type: str | None = None

    @property
    def reference(self) -> str:
        """The identifier of the node in a request: its pkid, or its path if the pkid is not known."""
        return self.pkid or self.path or ""


def is_pkid(text: str) -> bool:
    """Return whether a string is a pkid: 24 lower-case letters and digits, with at least one digit."""
    return _PKID.fullmatch(text) is not None


@functools.lru_cache(maxsize=4096)
def plain_path(path: str) -> str:
    """Return a dotted path without the optional prefixes ``sys.`` and ``hcs.``."""
    return _ROOTS.sub("", path)


def relation(node: Node, customer: t.Mapping[str, t.Any]) -> str:
    """Return whether a customer is at a node, below it, elsewhere, or at an unknown place."""
    pkid = node.pkid
    if pkid:
        if customer["hierarchy"] == pkid:
            return AT
        if customer["nodes"]:
            return BELOW if pkid in customer["nodes"] else ELSEWHERE
    if node.path == ROOT:
        return BELOW
    if None in (node.path, customer["hierarchy_path"]):
        return UNKNOWN
    where = relation_of_paths(str(node.path), customer["hierarchy_path"])
    if where == AT and None not in (pkid, customer["hierarchy"]):  # the paths are equal, but the pkids are different
        return UNKNOWN
    return where


def relation_of_paths(path: str, other: str) -> str:
    """Return whether the node at the second dotted path is the node at the first path, below it or elsewhere."""
    if plain_path(path) == "hcs" and other.partition(".")[0] not in ("sys", "hcs"):
        return BELOW
    spellings = [(plain_path(path), plain_path(other)), (path.removeprefix("sys."), other.removeprefix("sys."))]
    if any(first == second for first, second in spellings):
        return AT
    is_below_path = any(second.startswith(f"{first}.") for first, second in spellings)
    return BELOW if is_below_path else ELSEWHERE


def is_proven_within(node: Node, customer: t.Mapping[str, t.Any]) -> bool:
    """Return whether pkids prove that a customer is at a node or below it. Everything is below the root."""
    if node.path == ROOT:
        return True
    return bool(node.pkid) and node.pkid in (customer["hierarchy"], *customer["nodes"])


def is_below(node: Node, scope: Node) -> bool:
    """Return whether a node is the scope or below it."""
    if scope.path == ROOT or (node.pkid and node.pkid == scope.pkid):
        return True
    if node.nodes and scope.pkid:
        return scope.pkid in node.nodes
    if node.path is None or scope.path is None:
        return False
    return relation_of_paths(scope.path, node.path) != ELSEWHERE


def node_among(path: str, customers: t.Iterable[Customer]) -> Node | None:
    """Return the node at a dotted path from the places of customers.

    Each customer must have as many names in its path as pkids of nodes, so that each name belongs to one pkid.

    :returns: None if the numbers are different for a customer, if no customer is at or below a node with exactly this
        path, or if the customers show different pkids.
    """
    found: set[tuple[str, ...]] = set()
    depth = path.count(".") + 1
    for customer in customers:
        if not is_aligned(customer):
            return None
        if f"{customer['hierarchy_path']}.".startswith(f"{path}."):
            found.add(customer["nodes"][:depth])
    if len(found) != 1:
        return None
    (nodes,) = found
    return Node(nodes[-1], path, nodes)


def is_aligned(customer: t.Mapping[str, t.Any]) -> bool:
    """Return whether the path of a customer has as many names as the customer has pkids of nodes above it."""
    shown, nodes = customer["hierarchy_path"], customer["nodes"]
    return shown is not None and shown.count(".") + 1 == len(nodes)


def is_elsewhere(path: str, customer: t.Mapping[str, t.Any]) -> bool:
    """Return whether the path of a customer proves that the customer is not at or below the node at a dotted path.

    The path is a proof if there is one name for each pkid, and if both paths are complete.
    """
    if not path.startswith(FULL) or not is_aligned(customer):
        return False
    actual = customer["hierarchy_path"]
    return actual.startswith(f"{ROOT}.") and not f"{actual}.".startswith(f"{path}.")


def node_from(item: t.Mapping[str, t.Any], names: t.Mapping[str, str]) -> Node | None:
    """Convert a list item or the response to a GET to a node; None if it has no pkid.

    :param names: the names of the nodes by pkid, for a server that does not show paths.
    """
    pkid = item.get("pkid")
    if not isinstance(pkid, str) or not pkid:
        return None
    data = mapping(item.get("data"))
    path = steps(mapping(item.get("meta")))
    own = tuple(path) if path and path[-1] == pkid else ()
    return Node(pkid, _path_from(data, path, names), own, _type_in(data.get("node_type")))


def _path_from(data: t.Mapping[str, t.Any], pkids: t.Sequence[str], names: t.Mapping[str, str]) -> str | None:
    """Return the dotted path of a node.

    ``hierarchy_path`` is the path of the node or of its parent, which the number of pkids in ``meta.path`` shows.
    """
    shown, name = data.get("hierarchy_path"), data.get("name")
    if not non_empty(shown):
        known = [names[pkid] for pkid in pkids if pkid in names]
        return ".".join(known) if known and len(known) == len(pkids) else None
    path = str(shown)
    parts = path.split(".")
    depth = len(pkids) - len(parts)
    if not name or depth == 0 or (depth != 1 and parts[-1] == name):
        return path
    return f"{path}.{name}"


def _type_in(shown: object) -> str | None:
    """Return the node type from the attribute ``node_type``, which is a name or an address that ends with the name."""
    if not isinstance(shown, str):
        return None
    return shown.rstrip("/").rpartition("/")[2].strip() or None


def is_above_customers(node: Node) -> bool:
    """Return whether a node has a type that is usually above the nodes of customers.

    The types are the default types of VOSS Automate. Other types are not known.
    """
    return (node.node_type or "").casefold() in ABOVE_CUSTOMERS
