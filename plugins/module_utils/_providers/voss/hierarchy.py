# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Nodes of the hierarchy: which node an option means, and whether a customer is at a node or below it.

A hierarchy is written as the pkid of a node or as dotted names. The pkids from the root down to a customer decide where
it is. A dotted path is only compared where these are not known: names may have dots in them, and which of the leading
``sys.`` and ``hcs.`` a server shows or accepts is not documented.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import Customer, mapping, steps

ROOT = "sys"
# A path that leaves out no root.
FULL = "sys.hcs."
ABOVE_CUSTOMERS = frozenset({"system", "hcs", "provider", "reseller"})
AT, BELOW, ELSEWHERE, UNKNOWN = "at", "below", "elsewhere", "unknown"

_PKID = re.compile(r"(?=.*\d)[0-9a-z]{24}")
_ROOTS = re.compile(r"^(?:sys\.)?(?:hcs\.)?(?=.)")


@dataclasses.dataclass(frozen=True)
class Node:
    """A node of the hierarchy.

    ``pkid`` is None if the user may not see nodes, ``path`` if the server does not show it. ``nodes`` has the pkids
    from the root down to the node itself, if they are known. ``node_type`` is None if the server does not show it.
    """

    pkid: str | None
    path: str | None = None
    nodes: tuple[str, ...] = ()
    node_type: str | None = None

    @property
    def reference(self) -> str:
        """What a request calls the node: its pkid, or its path if that is all that is known."""
        return self.pkid or self.path or ""


def is_pkid(text: str) -> bool:
    """Whether the words are a pkid: 24 lower-case letters and digits, at least one of them a digit."""
    return _PKID.fullmatch(text) is not None


@functools.lru_cache(maxsize=4096)
def plain_path(path: str) -> str:
    """A dotted path without the roots that some spellings have."""
    return _ROOTS.sub("", path)


def relation(node: Node, customer: t.Mapping[str, t.Any]) -> str:
    """Return whether a customer is at a node, below it or elsewhere, or that the server does not show that."""
    if node.pkid and customer["hierarchy"] == node.pkid:
        return AT
    if node.pkid and customer["nodes"]:
        return BELOW if node.pkid in customer["nodes"] else ELSEWHERE
    if node.path == ROOT:
        return BELOW
    if node.path is None or customer["hierarchy_path"] is None:
        return UNKNOWN
    where = relation_of_paths(node.path, customer["hierarchy_path"])
    return UNKNOWN if where == AT and node.pkid and customer["hierarchy"] else where


def relation_of_paths(path: str, other: str) -> str:
    """Return how the node at a second dotted path is placed to the one at the first, as far as the spellings tell."""
    if plain_path(path) == "hcs" and other.partition(".")[0] not in ("sys", "hcs"):
        return BELOW
    spellings = [(plain_path(path), plain_path(other)), (path.removeprefix("sys."), other.removeprefix("sys."))]
    if any(wanted == actual for wanted, actual in spellings):
        return AT
    return BELOW if any(actual.startswith(f"{wanted}.") for wanted, actual in spellings) else ELSEWHERE


def is_proven_within(node: Node, customer: t.Mapping[str, t.Any]) -> bool:
    """Return whether pkids prove that a customer is at a node or below it. Everything is below the root."""
    if node.path == ROOT:
        return True
    return bool(node.pkid) and node.pkid in (customer["hierarchy"], *customer["nodes"])


def is_below(node: Node, scope: Node) -> bool:
    """Return whether a node is another one or below it."""
    if scope.path == ROOT or (node.pkid and node.pkid == scope.pkid):
        return True
    if node.nodes and scope.pkid:
        return scope.pkid in node.nodes
    if node.path is None or scope.path is None:
        return False
    return relation_of_paths(scope.path, node.path) != ELSEWHERE


def node_among(path: str, customers: t.Iterable[Customer]) -> Node | None:
    """Return the node at a dotted path as the places of customers show it.

    Each customer has to show as many names as pkids, so that each name belongs to one pkid, whatever dots are in it.

    :returns: None if one of them does not, if none is at or below a node of exactly this path, or if they disagree.
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
    """Return whether a customer shows as many names as pkids of the nodes above it, so that each name has its pkid."""
    shown, nodes = customer["hierarchy_path"], customer["nodes"]
    return shown is not None and shown.count(".") + 1 == len(nodes)


def is_elsewhere(path: str, customer: t.Mapping[str, t.Any]) -> bool:
    """Return whether the names of the nodes above a customer show that it is not at or below the node at a path.

    They do if there is one for each pkid, and the path leaves out none of the roots.
    """
    if not is_aligned(customer) or not path.startswith(FULL) or not customer["hierarchy_path"].startswith(f"{ROOT}."):
        return False
    return not f"{customer['hierarchy_path']}.".startswith(f"{path}.")


def node_from(item: t.Mapping[str, t.Any], names: t.Mapping[str, str]) -> Node | None:
    """A node out of a list item or the answer to a GET; None if it has no pkid.

    ``hierarchy_path`` may be the node's own path or that of its parent; the length of ``meta.path`` tells which.

    :param names: the names of the nodes by pkid, for a server that shows no path.
    """
    pkid = item.get("pkid")
    if not isinstance(pkid, str) or not pkid:
        return None
    data = mapping(item.get("data"))
    path = steps(mapping(item.get("meta")))
    own = tuple(path) if path and path[-1] == pkid else ()
    shown, name = data.get("hierarchy_path"), data.get("name")
    node_type = _type_in(data.get("node_type"))
    if isinstance(shown, str) and shown:
        parts = shown.split(".")
        is_parents = len(path) == len(parts) + 1 or (len(path) != len(parts) and parts[-1] != name)
        return Node(pkid, f"{shown}.{name}" if is_parents and name else shown, own, node_type)
    if path and all(step in names for step in path):
        return Node(pkid, ".".join(names[step] for step in path), own, node_type)
    return Node(pkid, None, own, node_type)


def _type_in(shown: object) -> str | None:
    """Return the name of a node type out of the attribute ``node_type``, which is a name or an address with it."""
    if not isinstance(shown, str):
        return None
    return shown.rstrip("/").rpartition("/")[2].strip() or None


def is_above_customers(node: Node) -> bool:
    """Return whether a node has a type whose nodes contain customers, and are not those of a single customer.

    The types are those that VOSS Automate has by default. Nothing is known of other types.
    """
    return (node.node_type or "").casefold() in ABOVE_CUSTOMERS
