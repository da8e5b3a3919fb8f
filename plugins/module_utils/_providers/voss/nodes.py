# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Find nodes in the hierarchy, and determine whether customers are at or below them."""

from __future__ import annotations

import abc
import typing as t
from collections import ChainMap, defaultdict

from ..._client import ApiClient, segment
from ..._errors import ConnectorsError, InputError, RequestFailed
from ..._evidence import object_content, require_identity
from ..._plan import Object
from ..._response import Response
from .hierarchy import (
    AT,
    ELSEWHERE,
    ROOT,
    UNKNOWN,
    Node,
    is_elsewhere,
    is_pkid,
    is_proven_within,
    node_among,
    node_from,
    plain_path,
    relation,
)
from .model import Customer, mapping, non_empty, pkid_of
from .paging import PARAMETER_REFUSALS, Pages
from .query import JSON, Pairs

NODES = "/api/data/HierarchyNode/"
NODE_REFUSALS = (403, 404)

NodesByPath = t.Mapping[str, t.Sequence[Node]]
T = t.TypeVar("T")


class NodeClient(abc.ABC):
    """Client that reads hierarchy nodes and caches them for the duration of a module run."""

    def __init__(self, http: ApiClient) -> None:
        self.http = http
        self.pages = Pages(http)
        # Nodes by pkid and by the requested path.
        self._read: dict[str, Node] = {}
        # Nodes by path, derived from the locations of customers instead of being read from the server.
        self._derived: dict[str, Node] = {}
        self._known = ChainMap(self._read, self._derived)
        self._all_nodes: NodesByPath | None = None
        # Paths of lists for which the server rejects filters by name, or omits resources that match a filter.
        self._unfiltered: set[str] = set()

    @abc.abstractmethod
    def confirm_absence(self, response: Response) -> None:
        """Check that a 404 response proves that an object does not exist.

        :raises RequestFailed: the 404 did not come from the API, or 'api_url' is wrong.
        """

    def _filtered(self, path: str, query: Pairs, text: str, read: t.Callable[[Pairs], T]) -> T:
        """Read the resources whose names contain a string, or all resources if the server rejects the filter."""
        if path not in self._unfiltered:
            name_filter = [("filter_field", "name"), ("filter_condition", "contains"), ("filter_text", text)]
            try:
                return read([*query, *name_filter])
            except RequestFailed as error:
                if not is_refusal(error, PARAMETER_REFUSALS):
                    raise
                self._unfiltered.add(path)
        return read(query)

    def node(self, hierarchy: str) -> Node:
        """Return the node with the given dotted path or pkid.

        :raises InputError: the node does not exist, or several nodes have the path.
        """
        if is_pkid(hierarchy):
            return self._node_with_pkid(hierarchy)
        if hierarchy not in self._read:
            node = self._node_at_path(hierarchy)
            self._read[hierarchy] = self._read[node.reference] = node
        return self._read[hierarchy]

    def reference(self, hierarchy: str) -> str:
        """Return the identifier of a node for use in a request: its pkid, or its path if the pkid is unknown.

        A pkid is returned without checking that the node exists.
        """
        if is_pkid(hierarchy):
            return hierarchy
        if hierarchy not in self._known:
            self.node(hierarchy)
        return self._known[hierarchy].reference

    def node_of(self, customer: Customer) -> Node:
        """Return the node of a customer. If the node cannot be read, return a node that has at most a pkid."""
        pkid = customer["hierarchy"]
        if pkid is None:
            return Node(None)
        try:
            return self._node_with_pkid(pkid)
        except (InputError, RequestFailed):
            return Node(pkid)

    def _node_with_pkid(self, pkid: str) -> Node:
        if pkid not in self._read:
            self._read[pkid] = self._requested(pkid)
        return self._read[pkid]

    def _requested(self, pkid: str) -> Node:
        """Read a node. If the user is not authorized to read nodes, return a node that has only a pkid."""
        response = self.http.get(f"{NODES}{segment(pkid)}/", [JSON], expect=(400, 403, 404))
        if response.status == 404:
            self.confirm_absence(response)
        if response.status == 403:
            return Node(pkid)
        if response.status >= 400:
            raise _unknown_hierarchy(pkid)
        item = object_content(response, "a hierarchy node")
        require_identity(response, "node with the pkid", pkid, pkid_of(item))
        return self._located(pkid, node_from(pkid, item, {}))

    def _located(self, pkid: str, node: Node) -> Node:
        """Return a node with its location. If its own response omits the location, search the list of all nodes."""
        if node.nodes:
            return node
        self.learn_nodes()
        return self._read.get(pkid, node)

    def _node_at_path(self, path: str) -> Node:
        if not all(map(str.strip, path.split("."))):
            raise _unknown_hierarchy(path)
        try:
            some_nodes = self._filtered(NODES, (), path.rpartition(".")[2], self._nodes)
            node = _matching(path, some_nodes) or _matching(path, self._nodes())
        except RequestFailed as error:
            if not is_refusal(error, NODE_REFUSALS):
                raise
            # Some users are not authorized to list nodes. For these users, requests contain the dotted path, which the
            # vendor documents as a valid parameter.
            return Node(None, path)
        if node is None:
            raise _unknown_hierarchy(path)
        return node

    def learn_nodes(self) -> None:
        """Read and cache the list of all nodes, to avoid many requests for individual nodes."""
        try:
            self._nodes()
        except RequestFailed as error:
            if not is_refusal(error, NODE_REFUSALS):
                raise

    def _nodes(self, query: Pairs = ()) -> NodesByPath:
        """Return nodes, keyed by path without the optional prefix. The list of all nodes is read only once."""
        if self._all_nodes is not None:
            return self._all_nodes
        by_path = self._learned(self.pages.read(NODES, query, "hierarchy nodes", _identified))
        if not query:
            self._all_nodes = by_path
        return by_path

    def listed_nodes(self) -> list[tuple[Node, Object]]:
        """Read the list of all nodes, and return each node together with its list item.

        :raises RequestFailed: the server rejects the list request, or a node does not have a name.
        """
        items = self.pages.read(NODES, (), "hierarchy nodes", _named)
        self._all_nodes = self._learned(items)
        return [(self._read[pkid], item) for pkid, item in items]

    def _learned(self, items: t.Sequence[tuple[str, Object]]) -> NodesByPath:
        """Cache the listed nodes, and return them keyed by path without the optional prefix."""
        names = {pkid: _name_of(item) for pkid, item in items}
        by_path: dict[str, list[Node]] = defaultdict(list)
        for pkid, item in items:
            self._read[pkid] = node = node_from(pkid, item, names)
            if node.path:
                by_path[plain_path(node.path)].append(node)
        return by_path

    def _relevant_node(self, hierarchy: str, customers: t.Sequence[Customer]) -> Node | None:
        """Return the node to compare the locations of customers with, avoiding a request if possible.

        :returns: None if the paths of all customers prove that no customer is at or below the node.
        """
        if hierarchy in self._known:
            return self._known[hierarchy]
        if is_pkid(hierarchy):
            return Node(hierarchy)
        if hierarchy == ROOT:
            return Node(None, ROOT)
        derived = node_among(hierarchy, customers)
        if derived:
            self._derived[hierarchy] = derived
            return derived
        if all(is_elsewhere(hierarchy, customer) for customer in customers):
            return None
        return self.node(hierarchy)

    def _placed(self, customer: Customer, node: Node) -> Customer:
        """Add the pkids of the parent nodes to a customer if they are needed to compare its location with a node."""
        if customer["nodes"] or node.pkid in (None, customer["hierarchy"]):
            return customer
        return {**customer, "nodes": self.node_of(customer).nodes}

    def is_within(self, customer: Customer, hierarchy: str) -> bool:
        """Return whether a customer is at or below a node.

        :raises ConnectorsError: the response does not show the location of the customer. If the customer were ignored,
            the module might create it again.
        """
        return self._is_within_node(customer, self._relevant_node(hierarchy, [customer]), hierarchy)

    def _is_within_node(self, customer: Customer, node: Node | None, hierarchy: str) -> bool:
        """Return whether a customer is at or below the node that :meth:`_relevant_node` returned."""
        if node is None:
            return False
        where = relation(node, self._placed(customer, node))
        if where == UNKNOWN:
            raise ConnectorsError(
                f"Cannot locate the customer '{customer['data'].get('name')}' (pkid {customer['pkid']}): the response"
                f" does not show whether the customer is at or below '{hierarchy}'. Specify the pkid of the node"
                " instead of its path.",
                reason="invalid_response",
            )
        return where != ELSEWHERE

    def where(self, customer: Customer, hierarchy: str) -> str:
        """Return the location of a customer relative to a node, without reading the customer's own node."""
        node = self._relevant_node(hierarchy, [customer])
        if node is None:
            return ELSEWHERE
        return relation(node, customer)

    def is_at(self, customer: Customer, hierarchy: str) -> bool:
        """Return whether a customer is directly at a node."""
        return self.where(customer, hierarchy) == AT

    def is_proven_within(self, customer: Customer, hierarchy: str) -> bool:
        """Return whether pkids prove that a customer is at or below a node. A dotted path alone is not proof.

        The node is read unless ``hierarchy`` is its pkid. If the user is not authorized to read nodes, the list of
        customers must contain one pkid for each name in the path of the customer.
        """
        if hierarchy == ROOT:
            return True
        node = Node(hierarchy) if is_pkid(hierarchy) else self.node(hierarchy)
        if node.pkid is None:
            node = self._derived.get(hierarchy, node)
        return is_proven_within(node, self._placed(customer, node))


def is_refusal(error: RequestFailed, statuses: t.Container[int | None]) -> bool:
    """Return whether an error has one of the given HTTP statuses and is not caused by an incorrect 'api_url'."""
    return error.failure.status in statuses and error.failure.reason != "wrong_address"


def _identified(_response: Response, pkid: str, item: Object) -> tuple[str, Object]:
    """Return a list item together with its pkid."""
    return pkid, item


def _named(response: Response, pkid: str, item: Object) -> tuple[str, Object]:
    """Check that a list item has a name, and return the item together with its pkid.

    :raises InvalidResponse: the node does not have a name.
    """
    if non_empty(mapping(item.get("data")).get("name")) is None:
        raise response.malformed("a list that contains a hierarchy node without a name")
    return pkid, item


def _name_of(item: Object) -> str:
    return str(mapping(item.get("data")).get("name"))


def _matching(path: str, nodes: NodesByPath) -> Node | None:
    """Return the node with the given path. If no path matches exactly, ignore the optional prefix.

    :raises InputError: several nodes match.
    """
    same = nodes.get(plain_path(path), ())
    found = [node for node in same if node.path == path] or same
    if len(found) > 1:
        listed = "; ".join(f"{node.path} ({node.pkid})" for node in found)
        raise InputError(
            f"Found {len(found)} nodes that match '{path}': {listed}. Specify the pkid of the node.",
            reason="ambiguous",
        )
    return next(iter(found), None)


def _unknown_hierarchy(hierarchy: str) -> InputError:
    return InputError(
        f"VOSS Automate does not show the node '{hierarchy}' in its hierarchy. Specify the dotted path from the root,"
        " for example 'sys.hcs.Provider.Customer', or the pkid of the node, and check that the user has access to the"
        " node."
    )
