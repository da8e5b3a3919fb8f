# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define hierarchy nodes, and locate customers in the hierarchy.

An option specifies a node by its pkid or its dotted path. The pkids of the nodes above a customer determine where the
customer is. Dotted paths are compared only if these pkids are unknown, because names can contain dots, and because
the vendor does not document which of the prefixes ``sys.`` and ``hcs.`` a server returns or accepts.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ..._plan import Item
from .model import Customer, mapping, non_empty, path_to

ROOT = "sys"
# Prefix of a full dotted path.
FULL = "sys.hcs."
ABOVE_CUSTOMERS = frozenset({"system", "hcs", "provider", "reseller"})
AT, BELOW, ELSEWHERE, UNKNOWN = "at", "below", "elsewhere", "unknown"

_PKID = re.compile(r"(?=.*\d)[0-9a-z]{24}")
_ROOTS = re.compile(r"^(?:sys\.)?(?:hcs\.)?(?=.)")


@dataclasses.dataclass(frozen=True)
class Node:
    """A hierarchy node.

    :ivar pkid: None if the user is not authorized to read nodes.
    :ivar path: the dotted path; None if the server does not show it.
    :ivar nodes: the pkids of the nodes from the root to the node itself; empty if they are unknown.
    :ivar node_type: empty if the server does not show it.
    """

    pkid: str | None
    path: str | None = None
    nodes: tuple[str, ...] = ()
    node_type: str = ""

    @property
    def reference(self) -> str:
        """The identifier of the node in requests: its pkid, or its path if the pkid is unknown."""
        return self.pkid or self.path or ""


def is_pkid(text: str) -> bool:
    """Return whether a string is a pkid: 24 lower-case letters and digits, with at least one digit."""
    return _PKID.fullmatch(text) is not None


@functools.lru_cache(maxsize=4096)
def plain_path(path: str) -> str:
    """Return a dotted path without the optional prefixes ``sys.`` and ``hcs.``."""
    return _ROOTS.sub("", path)


def relation(node: Node, customer: Item) -> str:
    """Return the location of a customer relative to a node: ``AT``, ``BELOW``, ``ELSEWHERE`` or ``UNKNOWN``."""
    pkid = node.pkid
    if pkid:
        if customer["hierarchy"] == pkid:
            return AT
        if pkid in customer["nodes"]:
            return BELOW
        if customer["nodes"]:
            return ELSEWHERE
    if node.path == ROOT:
        return BELOW
    if None in (node.path, customer["hierarchy_path"]):
        return UNKNOWN
    where = relation_of_paths(str(node.path), customer["hierarchy_path"])
    if where == AT and None not in (pkid, customer["hierarchy"]):
        return UNKNOWN  # the paths are equal but the pkids are different
    return where


def relation_of_paths(path: str, other: str) -> str:
    """Return the location of ``other`` relative to the dotted path ``path``: ``AT``, ``BELOW`` or ``ELSEWHERE``.

    The function compares the paths twice: once with both prefixes removed, and once with only ``sys.`` removed.
    """
    if plain_path(path) == "hcs" and other.partition(".")[0] not in ("sys", "hcs"):
        return BELOW
    spellings = [(plain_path(path), plain_path(other)), (path.removeprefix("sys."), other.removeprefix("sys."))]
    for first, second in spellings:
        if first == second:
            return AT
    for first, second in spellings:
        if second.startswith(f"{first}."):
            return BELOW
    return ELSEWHERE


def is_proven_within(node: Node, customer: Item) -> bool:
    """Return whether pkids prove that a customer is at or below a node. This is always true for the root node."""
    if node.path == ROOT:
        return True
    return node.pkid in {customer["hierarchy"], *customer["nodes"]} - {None}


def is_below(node: Node, scope: Node) -> bool:
    """Return whether a node is the scope node or is below it."""
    place = {"hierarchy": node.pkid, "hierarchy_path": node.path, "nodes": node.nodes}
    return relation(scope, place) in (AT, BELOW)


def node_among(path: str, customers: t.Iterable[Customer]) -> Node | None:
    """Determine the node with a given dotted path from the locations of customers, and return it.

    The path of each customer must contain one name for each pkid, so that the pkid of each name is known.

    :returns: None if the path of a customer does not meet this condition, if no customer is at or below a node with
        exactly this path, or if the pkids of this node are different.
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


def is_aligned(customer: Item) -> bool:
    """Return whether the path of a customer contains exactly one name for each pkid in ``nodes``."""
    path = customer["hierarchy_path"]
    return path is not None and path.count(".") + 1 == len(customer["nodes"])


def is_elsewhere(path: str, customer: Item) -> bool:
    """Return whether the dotted path of a customer proves that the customer is not at or below a given path.

    The path is sufficient proof if it contains one name for each pkid, and if both paths are complete.
    """
    return (
        path.startswith(FULL)
        and is_aligned(customer)
        and customer["hierarchy_path"].startswith(f"{ROOT}.")
        and not f"{customer['hierarchy_path']}.".startswith(f"{path}.")
    )


def node_from(pkid: str, item: Item, names: t.Mapping[str, str]) -> Node:
    """Create a node object from a list item or from the response to a GET request.

    :param names: the names of the nodes by pkid. They are used if the server does not return the path.
    """
    data = mapping(item.get("data"))
    nodes = path_to(pkid, mapping(item.get("meta")))
    # The node type is a name, or a URL that ends with the name.
    node_type = str(data.get("node_type", "")).rstrip("/").rpartition("/")[2].strip()
    return Node(pkid, _path_from(data, nodes, names), nodes, node_type)


def _path_from(data: Item, nodes: t.Sequence[str], names: t.Mapping[str, str]) -> str | None:
    """Return the dotted path of a node.

    ``hierarchy_path`` is the path of the node or the path of its parent. The number of pkids shows which of the
    two it is. If this number is not conclusive, a path that ends with the name of the node is the path of the node.
    """
    path, name = non_empty(data.get("hierarchy_path")), data.get("name")
    if path is None:
        known = list(filter(None, map(names.get, nodes)))
        return ".".join(known) if len(known) == len(nodes) > 0 else None
    parts = path.split(".")
    is_parent = {0: False, 1: True}.get(len(nodes) - len(parts), parts[-1] != name)
    if name and is_parent:
        return f"{path}.{name}"
    return path


def is_above_customers(node: Node) -> bool:
    """Return whether a node is of a type that usually does not contain customers directly.

    These types are default types of VOSS Automate. The function does not recognize other types.
    """
    return node.node_type.casefold() in ABOVE_CUSTOMERS
