# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Nodes of the hierarchy: what the words of a user mean, and whether a customer is at a node or below it.

A hierarchy is written as the pkid of a node or as dotted names. Dotted paths are spelt with or without the leading
``sys.`` and ``hcs.``, and which of these a server takes as a parameter is not documented. So a path is compared without
them, and the pkid is what is sent with every write.
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._voss.model import mapping, steps

Node = dict[str, t.Any]

_PKID = re.compile(r"(?=.*\d)[0-9a-z]{24}")
_ROOTS = re.compile(r"^(?:sys\.)?(?:hcs\.)?(?=.)")


def is_pkid(text: str) -> bool:
    """Whether the words are a pkid: 24 lower-case letters and digits, at least one of them a digit."""
    return _PKID.fullmatch(text) is not None


@functools.lru_cache(maxsize=4096)
def plain_path(path: str) -> str:
    """A dotted path without the roots that some spellings have."""
    return _ROOTS.sub("", path)


def relation(hierarchy: str, customer: t.Mapping[str, t.Any]) -> str | None:
    """``at`` if a customer is at the node, ``below`` if it is further down, None if it is elsewhere or cannot be
    told.
    """
    if is_pkid(hierarchy):
        if customer["hierarchy"] == hierarchy:
            return "at"
        return "below" if hierarchy in customer["nodes"] else None
    if not isinstance(customer["hierarchy_path"], str):
        return None
    wanted, actual = plain_path(hierarchy), plain_path(customer["hierarchy_path"])
    if wanted == actual:
        return "at"
    return "below" if actual.startswith(wanted + ".") or hierarchy in ("sys", "sys.hcs", "hcs") else None


def node_from(item: t.Mapping[str, t.Any], names: t.Mapping[str, str]) -> Node | None:
    """A node as ``pkid`` and ``path`` (None if it cannot be told) out of a list item or the answer to a GET.

    ``hierarchy_path`` may be the node's own path or that of its parent; the length of ``meta.path`` tells which.

    :param names: the names of the nodes by pkid, for a server that shows no path.
    """
    pkid = item.get("pkid")
    if not isinstance(pkid, str) or not pkid:
        return None
    data = mapping(item.get("data"))
    path = steps(mapping(item.get("meta")))
    shown, name = data.get("hierarchy_path"), data.get("name")
    if isinstance(shown, str) and shown:
        parts = shown.split(".")
        is_parents = len(path) == len(parts) + 1 or (len(path) != len(parts) and parts[-1] != name)
        return {"pkid": pkid, "path": f"{shown}.{name}" if is_parents and name else shown}
    if path and all(step in names for step in path):
        return {"pkid": pkid, "path": ".".join(names[step] for step in path)}
    return {"pkid": pkid, "path": None}
