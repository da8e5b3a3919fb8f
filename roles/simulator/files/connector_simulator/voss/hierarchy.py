# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the tree of hierarchy nodes, and resolve references to nodes in requests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

ROOT = "sys"
_SHORTHANDS = ("", "sys.", "sys.hcs.")


@dataclass(frozen=True)
class Node:
    """A node in the hierarchy.

    :param path: complete dotted path of the node.
    :param node_type: type of the node. Empty for an intermediate node.
    :param trail: pkids of the nodes from the root to this node.
    """

    pkid: str
    name: str
    path: str
    node_type: str
    trail: tuple[str, ...]
    description: str = ""

    @property
    def friendly_name(self) -> str:
        """Return the display name of the node, as shown in lists of customers."""
        return f"{self.name} ({self.node_type})" if self.node_type else self.name

    @property
    def parent_path(self) -> str:
        """Return the complete path of the parent node, or an empty string for the root."""
        return self.path.rpartition(".")[0]

    def renewed(self, number: int) -> Node:
        """Return a copy of the node with a different pkid, name and path."""
        pkid = hashlib.sha256(f"{self.pkid} {number}".encode()).hexdigest()[:24]
        name, path = f"{self.name}-{number}", f"{self.path}-{number}"
        return replace(self, pkid=pkid, name=name, path=path, trail=(*self.trail[:-1], pkid))

    def is_within(self, scope: Node) -> bool:
        """Return whether this node is at or below another node."""
        return scope.pkid in self.trail


class Hierarchy:
    """All hierarchy nodes, by pkid and by path.

    :param nodes: objects with a ``path``, and optionally a ``pkid`` and a ``node_type``. Missing parents are added.
    :raises ValueError: a path does not begin with ``sys``.
    """

    def __init__(self, nodes: Iterable[Mapping[str, Any]]):
        self.by_pkid: dict[str, Node] = {}
        self.by_path: dict[str, Node] = {}
        given = {str(node["path"]): node for node in nodes}
        if any(path.split(".")[0] != ROOT for path in given):
            raise ValueError(f"The path of every VOSS node must begin with {ROOT}.")
        for path in [ROOT, *given]:
            self._ensure(path, given)

    def _ensure(self, path: str, given: Mapping[str, Mapping[str, Any]]) -> Node:
        known = self.by_path.get(path)
        if known is not None:
            return known
        above, _dot, name = path.rpartition(".")
        trail = self._ensure(above, given).trail if above else ()
        facts = given.get(path, {})
        pkid = facts.get("pkid") or hashlib.sha256(path.encode()).hexdigest()[:24]
        node_type, description = facts.get("node_type", "Customer"), facts.get("description", "")
        node = Node(pkid, name, path, node_type, (*trail, pkid), description)
        self.by_pkid[pkid] = self.by_path[path] = node
        return node

    def children(self, node: Node) -> list[Node]:
        """Return the direct children of a node."""
        return [child for child in self.by_pkid.values() if child.parent_path == node.path]

    def find(self, reference: str, dotted: str = "accept") -> Node | None:
        """Return the node with the given pkid or dotted path, or None if it does not exist.

        :param dotted: accepted dotted paths: "accept" (with or without ``sys.`` or ``sys.hcs.``), "sys" (complete
            paths) or "refuse" (none).
        """
        node = self.by_pkid.get(reference)
        if node is not None or dotted == "refuse":
            return node
        shorthands = _SHORTHANDS if dotted == "accept" else ("",)
        paths = (shorthand + reference for shorthand in shorthands)
        return next((self.by_path[path] for path in paths if path in self.by_path), None)
