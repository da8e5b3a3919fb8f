# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Client for the documented API calls of VOSS Automate: hierarchy nodes, customers, transactions and documents.

Source: the API reference of relation/SparkCustomer and the API guide. Every request has the parameter ``format=json``.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata
from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient, segment
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    InputError,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._evidence import (
    confirm_absence,
    content_of,
    reports_error,
    require_identity,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.hierarchy import (
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
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import (
    INVISIBLE,
    Customer,
    customer_from,
    mapping,
    normal,
    pkid_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.paging import (
    PARAMETER_REFUSALS,
    Pages,
    not_found,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.poller import TransactionPoller
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.query import JSON, Pairs
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import (
    TRANSACTIONS,
    Transaction,
    transaction_in,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._response import Response

MODEL = "relation/SparkCustomer"
CUSTOMERS = f"/api/{MODEL}/"
MOVE = "/api/tool/DataMove/"
NODES = "/api/data/HierarchyNode/"
DOCUMENTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "help": ("help", ()),
    "add_form": ("add/", (JSON, ("schema", "1"))),
    "configuration_templates": ("configuration_template/", (JSON,)),
    "field_display_policies": ("field_display_policy/", (JSON,)),
}
# Minimum length of a part of a name that is searched for. Too many names contain a shorter part.
MIN_PART = 3
HIERARCHY_REFUSALS = (400, 404, 409, 422)
NODE_REFUSALS = (403, 404)

_ASCII = re.compile("[!-~]+")

Item = dict[str, t.Any]
Listed = t.Callable[[Pairs], list[Customer]]


class Voss:
    """Client for one module run. It caches nodes, the names of listed customers and unsupported filters.

    :ivar normalized: the names of the customers by attribute, where the server stores a different form of the value.
    :ivar page_counts: the number of requests that the list of customers took, by node.
    """

    def __init__(self, http: ApiClient, hierarchy: str | None = None) -> None:
        self.http = http
        self.poller = TransactionPoller(http)
        self.pages = Pages(http)
        self._hierarchy = hierarchy
        self._nodes: list[Node] | None = None
        self._resolved: dict[str, Node] = {}
        # Nodes that are known only from the places of customers.
        self._derived: dict[str, Node] = {}
        self._refused_filters: set[str] = set()
        # Listed customers by their names as :func:`normal` returns them, then by pkid.
        self._names: dict[str, dict[str, Customer]] = {}
        self.normalized: dict[str, list[str]] = {}
        self.page_counts: dict[str, int] = {}

    # Lists

    def _filtered(
        self, path: str, query: Pairs, field: str, text: str, read: t.Callable[[Pairs], list[t.Any]]
    ) -> list[t.Any] | None:
        """Return the resources whose field contains a string; None if the server rejects the filter."""
        if path in self._refused_filters:
            return None
        try:
            return read([*query, ("filter_field", field), ("filter_condition", "contains"), ("filter_text", text)])
        except RequestFailed as error:
            if error.failure.status not in PARAMETER_REFUSALS:
                raise
            self._refused_filters.add(path)
            return None

    def _prove_address(self) -> None:
        """Request the list of customers, which proves that 'api_url' is correct.

        :raises RequestFailed: the server does not return a list of customers.
        """
        for hierarchy in dict.fromkeys((self._hierarchy or ROOT, ROOT)):
            query = [("hierarchy", hierarchy), ("skip", "0"), ("limit", "1"), JSON]
            response = self.http.get(CUSTOMERS, query, expect=HIERARCHY_REFUSALS)
            if response.status < 400 and isinstance(response.json_object().get("resources"), list):
                self.http.proven_collections.add(CUSTOMERS)
                return
        raise response.unusable(f"{response.status} and no list of customers either", reason="wrong_address")

    def confirm_absence(self, response: Response) -> None:
        """Check that a 404 proves that an object does not exist.

        :raises RequestFailed: the API did not return the 404, or 'api_url' is wrong.
        """
        collection = NODES if NODES in self.http.proven_collections else CUSTOMERS
        confirm_absence(response, self.http.proven_collections, collection, self._prove_address)

    # Hierarchy

    def node(self, hierarchy: str) -> Node:
        """Return the node at a dotted path or with a pkid.

        :raises InputError: the node does not exist, or several nodes have the path.
        """
        if hierarchy not in self._resolved:
            node = self._node_by_pkid(hierarchy) if is_pkid(hierarchy) else self._node_by_path(hierarchy)
            self._resolved[hierarchy] = self._resolved[node.reference] = node
        return self._resolved[hierarchy]

    def reference(self, hierarchy: str) -> str:
        """Return the pkid of a node for a request, or its path if the pkid is not known."""
        node = self._resolved.get(hierarchy) or self._derived.get(hierarchy) or self.node(hierarchy)
        return node.reference

    def _node_by_pkid(self, pkid: str) -> Node:
        for known in self._nodes or ():
            if known.pkid == pkid:
                return known
        response = self.http.get(f"{NODES}{segment(pkid)}/", [JSON], expect=(400, 404))
        if response.status == 404:
            self.confirm_absence(response)
        if response.status >= 400:
            raise _unknown_hierarchy(pkid)
        item = response.json_object()
        require_identity(response, "node with the pkid", pkid, pkid_of(item))
        return node_from({**item, "pkid": pkid}, {}) or Node(pkid)

    def learn_nodes(self) -> None:
        """Read all nodes with one list, instead of many requests for single nodes."""
        if self._nodes is not None:
            return
        try:
            self._nodes = self._all_nodes()
        except RequestFailed as error:
            if error.failure.status not in NODE_REFUSALS or error.failure.reason == "wrong_address":
                raise

    def _all_nodes(self, query: Pairs = ()) -> list[Node]:
        items = self.pages.read(NODES, query, "hierarchy nodes", lambda _answer, item: item)
        names = {str(pkid_of(item)): _name_of(item) for item in items}
        return list(filter(None, (node_from({**item, "pkid": pkid_of(item)}, names) for item in items)))

    def _node_by_path(self, path: str) -> Node:
        if not all(name.strip() for name in path.split(".")):
            raise _unknown_hierarchy(path)
        if self._nodes is not None:
            return self._among_all_nodes(path)
        try:
            named = self._filtered(NODES, (), "name", path.rpartition(".")[2], self._all_nodes)
            return _matching(path, named or ()) or self._among_all_nodes(path)
        except RequestFailed as error:
            if error.failure.status not in NODE_REFUSALS or error.failure.reason == "wrong_address":
                raise
            # Some users are not authorized to list nodes. The vendor documents a dotted path as a parameter, so the
            # server resolves the path.
            return Node(None, path)

    def _among_all_nodes(self, path: str) -> Node:
        if self._nodes is None:
            self._nodes = self._all_nodes()
        node = _matching(path, self._nodes)
        if node is None:
            raise _unknown_hierarchy(path)
        return node

    def _node_without_request(self, hierarchy: str, customers: t.Sequence[Customer]) -> Node | None:
        """Return the node at a dotted path or with a pkid if no request is necessary, for example from a customer."""
        known = self._resolved.get(hierarchy) or self._derived.get(hierarchy)
        if known:
            return known
        if is_pkid(hierarchy):
            return Node(hierarchy)
        if hierarchy == ROOT:
            return Node(None, ROOT)
        node = node_among(hierarchy, customers)
        if node:
            self._derived[hierarchy] = node
        return node

    def _placed(self, customer: Customer) -> Customer:
        """Return the customer with the pkids of the nodes above it. If the customer has none, the node is read."""
        pkid = customer["hierarchy"]
        if customer["nodes"] or not pkid:
            return customer
        try:
            if pkid not in self._resolved:
                self._resolved[pkid] = self._node_by_pkid(pkid)
            return {**customer, "nodes": self._resolved[pkid].nodes}
        except (InputError, RequestFailed):
            return customer

    def is_within(self, customer: Customer, hierarchy: str, node: Node | None = None) -> bool:
        """Return whether a customer is at a node or below it.

        :param node: the node, if it is known already.
        :raises ConnectorsError: the server does not show the place of the customer. If the customer were ignored, it
            would be created again.
        """
        node = node or self._node_without_request(hierarchy, [customer])
        if node is None and is_elsewhere(hierarchy, customer):
            return False
        node = node or self.node(hierarchy)
        is_decided = node.pkid in (None, customer["hierarchy"])
        where = relation(node, customer if is_decided else self._placed(customer))
        if where == UNKNOWN:
            raise ConnectorsError(
                f"Cannot locate the customer '{customer['data'].get('name')}' (pkid {customer['pkid']}): VOSS Automate"
                f" does not show whether it is at or below '{hierarchy}'. Specify the pkid of the node instead of its"
                " path.",
                reason="invalid_response",
            )
        return where != ELSEWHERE

    def where(self, customer: Customer, hierarchy: str) -> str:
        """Return whether a customer is at a node, below it or elsewhere, without reading the node of the customer."""
        node = self._node_without_request(hierarchy, [customer])
        if node is None and is_elsewhere(hierarchy, customer):
            return ELSEWHERE
        return relation(node or self.node(hierarchy), customer)

    def is_at(self, customer: Customer, hierarchy: str) -> bool:
        """Return whether a customer is at the node itself."""
        return self.where(customer, hierarchy) == AT

    def is_proven_within(self, customer: Customer, hierarchy: str) -> bool:
        """Return whether pkids prove that a customer is at a node or below it. A dotted path is not a proof.

        The node is read, unless its pkid is given. If the user is not authorized to read nodes, the list of customers
        must contain one pkid for each name in the path of the customer.
        """
        if hierarchy == ROOT:
            return True
        node = Node(hierarchy) if is_pkid(hierarchy) else self.node(hierarchy)
        if node.pkid is None:
            node = self._derived.get(hierarchy) or node
        return is_proven_within(node, customer) or is_proven_within(node, self._placed(customer))

    # Customers

    def customers(self, hierarchy: str) -> list[Customer]:
        """Return all customers at a node and below it, as the list shows them. A GET can show more attributes.

        :raises InputError: the node does not exist. This is checked only if the list is empty.
        """
        found = self._scoped(hierarchy, self._listed)
        self.page_counts[hierarchy] = self.pages.count
        return found

    def _listed(self, query: Pairs) -> list[Customer]:
        return self.pages.read(CUSTOMERS, query, "customers", _listed_customer)

    def customers_called(self, name: str, hierarchy: str, certain: bool = True) -> list[Customer]:
        """Return the customers with exactly this name at a node and below it, as the list shows them.

        :param certain: whether to read the complete list if the list that the server filters by name is empty.
        """
        found = _of_name(name, self._scoped(hierarchy, self._filter(name), certain))
        if not found and certain and CUSTOMERS not in self._refused_filters:
            found = _of_name(name, self.customers(self.node(hierarchy).reference))
        return found

    def _filter(self, text: str) -> Listed:
        """Return a function that lists the customers whose name contains a string.

        The function lists all customers if the server rejects the filter.
        """

        def listed(query: Pairs) -> list[Customer]:
            filtered = self._filtered(CUSTOMERS, query, "name", text, self._listed)
            return self._listed(query) if filtered is None else filtered

        return listed

    def similar_within(self, name: str, hierarchy: str) -> list[Customer]:
        """Return the customers at a node and below it with this name or a similar name. The method sends a request."""
        return _similar(name, self._scoped(hierarchy, self._filter(_text_in(name)), certain=False))

    def note_normalized(self, attributes: t.Iterable[str], name: str) -> None:
        """Record that the server stores attributes of a customer in a different form than specified."""
        for attribute in attributes:
            self.normalized.setdefault(attribute, []).append(name)

    def similar_at(self, name: str, node: str) -> Customer | None:
        """Return the customer at the node itself with this name, or else with a similar name; None if there is none.

        The method sends a request.
        """
        listed = self._filter(_text_in(name))([("hierarchy", node)])
        similar = [customer for customer in _similar(name, listed) if self.is_at(customer, node)]
        return next(iter(_of_name(name, similar) or similar), None)

    def known_similar_at(self, name: str, node: str) -> Customer | None:
        """Return the same customer as :meth:`similar_at`, from the customers that were listed already."""
        return next((one for one in self.known_similar(name) if one["hierarchy"] == node), None)

    def known_similar(self, name: str) -> list[Customer]:
        """Return the customers with this name or a similar name, from the customers that were listed already."""
        return list(self._names.get(normal(name), {}).values())

    def look_alike_within(self, name: str, hierarchy: str) -> Customer | None:
        """Return a customer at a node or below it with a similar name, from the customers that were listed already."""
        for customer in self.known_similar(name):
            if customer["data"]["name"] != name and self.is_within(customer, hierarchy):
                return customer
        return None

    def _scoped(self, hierarchy: str, listed: Listed, certain: bool = True) -> list[Customer]:
        """Return the customers at a node and below it, even if the server ignores the node in the request.

        :param certain: whether an empty list must be the list of an existing node.
        """
        customers = self._listed_below(hierarchy, listed)
        without_nodes = 0
        for customer in customers:
            self._names.setdefault(normal(customer["data"]["name"]), {})[customer["pkid"]] = customer
            without_nodes += not customer["nodes"]
        node = self._node_without_request(hierarchy, customers)
        if node is None and not all(is_elsewhere(hierarchy, customer) for customer in customers):
            node = self.node(hierarchy)
        if without_nodes > 1:
            self.learn_nodes()
        found = [customer for customer in customers if self.is_within(customer, hierarchy, node)]
        if not found and certain:
            self.node(hierarchy)
        return found

    def _listed_below(self, hierarchy: str, listed: Listed) -> list[Customer]:
        """List customers at a node. If the server rejects the dotted path, the request is repeated with the pkid."""
        node = self._resolved.get(hierarchy) or self._derived.get(hierarchy)
        try:
            return listed([("hierarchy", node.reference if node else hierarchy)])
        except RequestFailed as error:
            status = error.failure.status
            if error.failure.reason == "wrong_address" or status not in HIERARCHY_REFUSALS:
                raise
            if node and status == 404 and not self.http.proven_collections:
                self._prove_address()
            if node:
                raise
        return self._listed_below(self.node(hierarchy).reference, listed)

    def listed_customer(self, listed: Customer) -> Customer:
        """Return the current state of a customer that a list contains.

        :raises RequestFailed: the customer does not exist or has a different name. If the response is wrong and the
            customer were considered missing, it would be created a second time.
        """
        current = self._read(listed["pkid"], listed)
        if isinstance(current, Response):
            error = not_found(current)
            raise RequestFailed(
                f"{error.message} The list contains this customer, so either the customer was deleted in the meantime"
                " or the responses are inconsistent. Nothing was changed. Run the task again.",
                error.failure,
            )
        return current

    def customer(self, pkid: str, listed: Customer | None = None) -> Customer | None:
        """Return the current state of a customer; None if the customer does not exist.

        :param listed: the customer as a list shows it. Its name must be the same, and its path is added to the
            customer, because only lists contain paths.
        :raises RequestFailed: the response contains a different customer, or its 404 proves nothing.
        """
        current = self._read(pkid, listed)
        return None if isinstance(current, Response) else current

    def _read(self, pkid: str, listed: Customer | None) -> Customer | Response:
        """Return the current state of a customer, or the response with the 404 if the customer does not exist."""
        place = [("hierarchy", listed["hierarchy"])] if listed and listed["hierarchy"] else []
        response = self.http.get(f"{CUSTOMERS}{segment(pkid)}/", [*place, JSON], expect=(404,))
        if response.status == 404:
            self.confirm_absence(response)
            return response
        item = response.json_object()
        require_identity(response, "customer with the pkid", pkid, pkid_of(item))
        found = customer_from(item)
        if found is None or not _has_name(found):
            raise response.unusable("JSON that is not a customer")
        if listed:
            require_identity(response, "customer with the name", listed["data"]["name"], found["data"]["name"])
            _add_place(found, listed)
        return found

    def transaction(self, identifier: str) -> Transaction | None:
        """Return a transaction; None if it does not exist.

        :raises RequestFailed: the response contains a different transaction, or its 404 proves nothing.
        """
        response = self.http.get(f"{TRANSACTIONS}{segment(identifier)}/", [JSON], expect=(404,))
        if response.status == 404:
            self.confirm_absence(response)
            return None
        return transaction_in(self.http, response, identifier)

    # The model's own documents

    def document(self, name: str, hierarchy: str, pkid: str | None = None) -> t.Any:
        """Return a document of the model: HTML as a string, JSON as an object.

        The links in a document contain session tokens. Like all secrets, they are removed from the result of the task.

        :raises InvalidResponse: the response has a successful status, but contains an error.
        """
        path, query = DOCUMENTS[name]
        of = f"{segment(pkid)}/" if pkid and name == "help" else ""
        known = self._resolved.get(hierarchy)
        place = ("hierarchy", known.reference if known else hierarchy)
        response = self.http.get(CUSTOMERS + of + path, [place, *query], accept="*/*")
        is_json = JSON in query
        content = response.json_object() if is_json else content_of(response)
        if isinstance(content, Mapping) and reports_error(content):
            raise response.unusable("an error in place of a document of the model")
        return content if is_json else response.body.decode(errors="replace")


def href(pkid: str) -> str:
    """Return the address of a customer for the ``hrefs`` of a request."""
    return CUSTOMERS + segment(pkid)


def _text_in(name: str) -> str:
    """Return the string to search for, because the server may store a different form of the name.

    The string is the name itself, or its longest word if the name contains irregular spaces or invisible characters.
    The server may store a non-ASCII letter as several characters, so the string is the longest part in ASCII.
    """
    visible = "".join(letter for letter in name if unicodedata.category(letter) not in INVISIBLE)
    words = visible.split()
    text = name if name == " ".join(words) else max([*words, ""], key=len)
    if text.isascii():
        return text
    part = max(_ASCII.findall(unicodedata.normalize("NFC", text)), key=len, default="")
    return part if len(part) >= MIN_PART else text


def _has_name(customer: Customer) -> bool:
    name = customer["data"].get("name")
    return isinstance(name, str) and bool(name)


def _listed_customer(response: Response, item: Item) -> Customer:
    """Convert an item of a list to a customer.

    :raises InvalidResponse: the customer has no name or no place. If it were ignored, it might be created again.
    """
    customer = customer_from(item)
    if customer is None or not _has_name(customer):
        raise response.unusable("a list with a customer without a name")
    if customer["hierarchy"] is None and customer["hierarchy_path"] is None:
        raise response.unusable("a list with a customer without a place in the hierarchy")
    return customer


def _add_place(customer: Customer, listed: Customer) -> None:
    """Add the place that only a list shows to a customer, if both are at the same node."""
    customer["hierarchy"] = customer["hierarchy"] or listed["hierarchy"]
    if customer["hierarchy"] == listed["hierarchy"]:
        for key in ("hierarchy_path", "nodes"):
            customer[key] = customer[key] or listed[key]


def _similar(name: str, customers: t.Iterable[Customer]) -> list[Customer]:
    return [customer for customer in customers if normal(customer["data"]["name"]) == normal(name)]


def _of_name(name: str, customers: t.Iterable[Customer]) -> list[Customer]:
    return [customer for customer in customers if customer["data"]["name"] == name]


def _name_of(item: Item) -> str:
    return str(mapping(item.get("data")).get("name"))


def _matching(path: str, nodes: t.Sequence[Node]) -> Node | None:
    """Return the node with exactly this path, or else the node whose path differs only in its roots.

    :raises InputError: there are several.
    """
    exact: list[Node] = []
    plain: list[Node] = []
    for node in nodes:
        if node.path == path:
            exact.append(node)
        if node.path and plain_path(node.path) == plain_path(path):
            plain.append(node)
    found = exact or plain
    if len(found) > 1:
        listed = "; ".join(f"{node.path} ({node.pkid})" for node in found)
        raise InputError(
            f"{len(found)} nodes of the hierarchy match '{path}': {listed}. Specify the pkid of the node.",
            reason="ambiguous",
        )
    return found[0] if found else None


def _unknown_hierarchy(hierarchy: str) -> InputError:
    return InputError(
        f"VOSS Automate does not show the node '{hierarchy}' in its hierarchy. Specify the dotted path from the root,"
        " for example 'sys.hcs.Provider.Customer', or the pkid of the node, and check that the user has access to it."
    )
