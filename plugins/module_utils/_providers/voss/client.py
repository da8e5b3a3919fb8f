# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""The documented calls of VOSS Automate that this collection uses, as functions of one object a run.

Source: the API reference of relation/SparkCustomer and the API guide. Every call is ``format=json``; lists are read
page by page and only what is needed of a page is kept.
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
# The least number of characters to search for in place of a name. A shorter part would be in too many names.
MIN_PART = 3
HIERARCHY_REFUSALS = (400, 404, 409, 422)
NODE_REFUSALS = (403, 404)

_ASCII = re.compile("[!-~]+")

Item = dict[str, t.Any]
Listed = t.Callable[[Pairs], list[Customer]]


class Voss:
    """One run against one VOSS Automate, with what it has learnt of it: nodes, filters, names."""

    def __init__(self, http: ApiClient, hierarchy: str | None = None) -> None:
        self.http = http
        self.poller = TransactionPoller(http)
        self.pages = Pages(http)
        self._hierarchy = hierarchy
        self._nodes: list[Node] | None = None
        self._resolved: dict[str, Node] = {}
        # Nodes that are known from the places of customers alone.
        self._derived: dict[str, Node] = {}
        self._refused_filters: set[str] = set()
        # The customers that were listed, by their names as :func:`normal` writes them, then by pkid.
        self._names: dict[str, dict[str, Customer]] = {}
        # The customers of which the server stores an attribute in a different form than specified, by attribute.
        self.normalized: dict[str, list[str]] = {}
        # How many requests the list of customers of a node took.
        self.page_counts: dict[str, int] = {}

    # Lists

    def _filtered(
        self, path: str, query: Pairs, field: str, text: str, read: t.Callable[[Pairs], list[t.Any]]
    ) -> list[t.Any] | None:
        """The resources whose field contains a text, or None if the server does not take the filter."""
        if path in self._refused_filters:
            return None
        wanted = [*query, ("filter_field", field), ("filter_condition", "contains"), ("filter_text", text)]
        try:
            return read(wanted)
        except RequestFailed as error:
            if error.failure.status not in PARAMETER_REFUSALS:
                raise
            self._refused_filters.add(path)
            return None

    def _prove_address(self) -> None:
        """Have the list of customers answer, which proves that 'api_url' is right.

        :raises RequestFailed: there is no such list.
        """
        for hierarchy in dict.fromkeys((self._hierarchy or ROOT, ROOT)):
            query = [("hierarchy", hierarchy), ("skip", "0"), ("limit", "1"), JSON]
            response = self.http.get(CUSTOMERS, query, expect=HIERARCHY_REFUSALS)
            if response.status < 400 and isinstance(response.json_object().get("resources"), list):
                self.http.proven_collections.add(CUSTOMERS)
                return
        raise response.unusable(f"{response.status} and no list of customers either", reason="wrong_address")

    def confirm_absence(self, response: Response) -> None:
        """Check that a 404 means that an object is not there.

        :raises RequestFailed: the 404 is not the API's own, or 'api_url' is wrong.
        """
        collection = NODES if NODES in self.http.proven_collections else CUSTOMERS
        confirm_absence(response, self.http.proven_collections, collection, self._prove_address)

    # Hierarchy

    def node(self, hierarchy: str) -> Node:
        """The node that the words mean.

        :raises InputError: there is no such node, or several fit.
        """
        if hierarchy not in self._resolved:
            node = self._node_by_pkid(hierarchy) if is_pkid(hierarchy) else self._node_by_path(hierarchy)
            self._resolved[hierarchy] = self._resolved[node.reference] = node
        return self._resolved[hierarchy]

    def reference(self, hierarchy: str) -> str:
        """What a request calls the node that the words mean: its pkid, if that is known."""
        node = self._resolved.get(hierarchy) or self._derived.get(hierarchy) or self.node(hierarchy)
        return node.reference

    def _node_by_pkid(self, pkid: str) -> Node:
        known = next((node for node in self._nodes or () if node.pkid == pkid), None)
        if known:
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
        """Read all nodes at once, where many of them will be asked for."""
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
        return [node for node in (node_from({**item, "pkid": pkid_of(item)}, names) for item in items) if node]

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
            # The list of nodes is not for every user. Dotted names are documented as a parameter, so the server is left
            # to judge.
            return Node(None, path)

    def _among_all_nodes(self, path: str) -> Node:
        if self._nodes is None:
            self._nodes = self._all_nodes()
        node = _matching(path, self._nodes)
        if node is None:
            raise _unknown_hierarchy(path)
        return node

    def _node_without_request(self, hierarchy: str, customers: t.Sequence[Customer]) -> Node | None:
        """The node that the words mean if it is known without a request, as the places of customers may show it."""
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
        """The customer with the pkids of the nodes above it, out of its own node if it does not show them itself."""
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
        """Whether a customer is at the node or below it.

        :param node: the node that the words mean, if it is known.
        :raises ConnectorsError: the server does not show that. To leave the customer out would mean to create it again.
        """
        node = node or self._node_without_request(hierarchy, [customer])
        if node is None and is_elsewhere(hierarchy, customer):
            return False
        node = node or self.node(hierarchy)
        is_decided = node.pkid in (None, customer["hierarchy"])
        where = relation(node, customer if is_decided else self._placed(customer))
        if where == UNKNOWN:
            raise ConnectorsError(
                f"VOSS Automate does not show whether the customer '{customer['data'].get('name')}' (pkid"
                f" {customer['pkid']}) is at or below '{hierarchy}'. Specify the pkid of the node instead of its path.",
                reason="invalid_response",
            )
        return where != ELSEWHERE

    def where(self, customer: Customer, hierarchy: str) -> str:
        """How a customer is placed to a node, as far as it shows that itself."""
        node = self._node_without_request(hierarchy, [customer])
        if node is None and is_elsewhere(hierarchy, customer):
            return ELSEWHERE
        return relation(node or self.node(hierarchy), customer)

    def is_at(self, customer: Customer, hierarchy: str) -> bool:
        """Whether a customer is at the very node."""
        return self.where(customer, hierarchy) == AT

    def is_proven_within(self, customer: Customer, hierarchy: str) -> bool:
        """Whether pkids prove that a customer is at the node or below it. A dotted path proves nothing.

        The node is looked up, unless its pkid is given: the list of customers alone is not enough. Where the user may
        not see nodes, the list has to show a pkid for each name on the way to the customer.
        """
        if hierarchy == ROOT:
            return True
        node = Node(hierarchy) if is_pkid(hierarchy) else self.node(hierarchy)
        if node.pkid is None:
            node = self._derived.get(hierarchy) or node
        return is_proven_within(node, customer) or is_proven_within(node, self._placed(customer))

    # Customers

    def customers(self, hierarchy: str) -> list[Customer]:
        """All customers at a node and below it, as the list shows them: a hint of what a GET would show.

        :raises InputError: there is no such node. It is looked for only where the list does not prove that there is.
        """
        found = self._scoped(hierarchy, self._listed)
        self.page_counts[hierarchy] = self.pages.count
        return found

    def _listed(self, query: Pairs) -> list[Customer]:
        return self.pages.read(CUSTOMERS, query, "customers", _listed_customer)

    def customers_called(self, name: str, hierarchy: str, certain: bool = True) -> list[Customer]:
        """The customers of exactly this name at a node and below it, as the list shows them.

        The server is asked for the name. That it finds none is believed only after a look at the whole list if
        ``certain``.
        """
        found = _of_name(name, self._scoped(hierarchy, self._filter(name), certain))
        if not found and certain and CUSTOMERS not in self._refused_filters:
            found = _of_name(name, self.customers(self.node(hierarchy).reference))
        return found

    def _filter(self, text: str) -> Listed:
        """Lists the customers whose name contains a text, or all of them if the server does not filter."""

        def listed(query: Pairs) -> list[Customer]:
            filtered = self._filtered(CUSTOMERS, query, "name", text, self._listed)
            return self._listed(query) if filtered is None else filtered

        return listed

    def similar_within(self, name: str, hierarchy: str) -> list[Customer]:
        """Return the customers at a node and below whose names a server might take for this one, by a lookup."""
        listed = self._scoped(hierarchy, self._filter(_text_in(name)), certain=False)
        return [one for one in listed if normal(one["data"]["name"]) == normal(name)]

    def note_normalized(self, attributes: t.Iterable[str], name: str) -> None:
        """Record that the server stores attributes of a customer in a different form than specified."""
        for attribute in attributes:
            self.normalized.setdefault(attribute, []).append(name)

    def similar_at(self, name: str, node: str) -> Customer | None:
        """The customer at the very node whose name a server might take for this one, by a lookup of the name."""
        found = self._filter(_text_in(name))([("hierarchy", node)])
        same = [one for one in found if normal(one["data"]["name"]) == normal(name) and self.is_at(one, node)]
        return next((one for one in same if one["data"]["name"] == name), next(iter(same), None))

    def known_similar_at(self, name: str, node: str) -> Customer | None:
        """The same as :meth:`similar_at`, without a request, among the customers that this run has listed."""
        return next((one for one in self.known_similar(name) if one["hierarchy"] == node), None)

    def known_similar(self, name: str) -> list[Customer]:
        """Return the customers whose names a server might take for this one, among those that this run has listed."""
        return list(self._names.get(normal(name), {}).values())

    def look_alike_within(self, name: str, hierarchy: str) -> Customer | None:
        """Return a customer at a node or below it whose name looks like this one, but is different.

        The method knows the customers that this run has listed.
        """
        alike = (one for one in self.known_similar(name) if one["data"]["name"] != name)
        return next((one for one in alike if self.is_within(one, hierarchy)), None)

    def _scoped(self, hierarchy: str, listed: Listed, certain: bool = True) -> list[Customer]:
        node = self._resolved.get(hierarchy) or self._derived.get(hierarchy)
        try:
            customers = listed([("hierarchy", node.reference if node else hierarchy)])
        except RequestFailed as error:
            status = error.failure.status
            if error.failure.reason == "wrong_address" or status not in HIERARCHY_REFUSALS:
                raise
            if node is None:
                return self._scoped(self.node(hierarchy).reference, listed)
            if status == 404 and not self.http.proven_collections:
                self._prove_address()
            raise
        for customer in customers:
            self._names.setdefault(normal(customer["data"]["name"]), {})[customer["pkid"]] = customer
        node = self._node_without_request(hierarchy, customers)
        if node is None and not all(is_elsewhere(hierarchy, customer) for customer in customers):
            node = self.node(hierarchy)
        if len([customer for customer in customers if not customer["nodes"]]) > 1:
            self.learn_nodes()  # rather than one after the other
        found = [customer for customer in customers if self.is_within(customer, hierarchy, node)]
        if not found and certain:
            self.node(hierarchy)
        return found

    def listed_customer(self, hint: Customer) -> Customer:
        """The truth about a customer that the list shows.

        :raises RequestFailed: there is none, or it has another name. To take the customer for one that is missing would
            double it if it is the response that is wrong.
        """
        truth = self._read(hint["pkid"], hint)
        if isinstance(truth, Response):
            error = not_found(truth)
            raise RequestFailed(
                f"{error.message} The list shows this customer, so it was deleted just now, or the server contradicts"
                " itself. Nothing was changed; run the task again.",
                error.failure,
            )
        return truth

    def customer(self, pkid: str, hint: Customer | None = None) -> Customer | None:
        """The truth about one customer, or None if there is none.

        The list alone shows its path, so that comes from the hint, whose name the customer has to have.

        :raises RequestFailed: the response is about another customer, or its 404 proves nothing.
        """
        truth = self._read(pkid, hint)
        return None if isinstance(truth, Response) else truth

    def _read(self, pkid: str, hint: Customer | None) -> Customer | Response:
        """The truth about one customer, or the 404 that says that there is none."""
        place = [("hierarchy", hint["hierarchy"])] if hint and hint["hierarchy"] else []
        response = self.http.get(f"{CUSTOMERS}{segment(pkid)}/", [*place, JSON], expect=(404,))
        if response.status == 404:
            self.confirm_absence(response)
            return response
        item = response.json_object()
        require_identity(response, "customer with the pkid", pkid, pkid_of(item))
        found = customer_from(item)
        if found is None or not _has_name(found):
            raise response.unusable("JSON that is not a customer")
        if hint:
            require_identity(response, "customer with the name", hint["data"]["name"], found["data"]["name"])
            found["hierarchy"] = found["hierarchy"] or hint["hierarchy"]
            same_node = found["hierarchy"] == hint["hierarchy"]
            found["hierarchy_path"] = found["hierarchy_path"] or (hint["hierarchy_path"] if same_node else None)
            found["nodes"] = found["nodes"] or (hint["nodes"] if same_node else ())
        return found

    def transaction(self, identifier: str) -> Transaction | None:
        """A transaction, or None if there is none.

        :raises RequestFailed: the response is about another transaction, or its 404 proves nothing.
        """
        response = self.http.get(f"{TRANSACTIONS}{segment(identifier)}/", [JSON], expect=(404,))
        if response.status == 404:
            self.confirm_absence(response)
            return None
        return transaction_in(self.http, response, identifier)

    # The model's own documents

    def document(self, name: str, hierarchy: str, pkid: str | None = None) -> t.Any:
        """Return one of the model's own documents: HTML as a string, JSON as an object.

        The server writes session tokens into its links. Like all secrets, they are removed from the result of the task.

        :raises InvalidResponse: the response reports an error in spite of its status.
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
    """Return the text to search for where a server may store a name in a different form.

    The text is the name itself, or its longest word if the name contains irregular spaces or invisible characters.
    Outside ASCII, a letter may be stored as several characters, so the text is the longest part in ASCII.
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
    """A customer of a list.

    :raises InvalidResponse: it has no name or no place. Nothing is known of what it stands for, so that it might be
        created again.
    """
    customer = customer_from(item)
    if customer is None or not _has_name(customer):
        raise response.unusable("a list with a customer without a name")
    if customer["hierarchy"] is None and customer["hierarchy_path"] is None:
        raise response.unusable("a list with a customer without a place in the hierarchy")
    return customer


def _of_name(name: str, customers: t.Iterable[Customer]) -> list[Customer]:
    return [customer for customer in customers if customer["data"]["name"] == name]


def _name_of(item: Item) -> str:
    data = item.get("data")
    return str(data.get("name") if isinstance(data, dict) else None)


def _matching(path: str, nodes: t.Sequence[Node]) -> Node | None:
    found = [node for node in nodes if node.path == path]
    found = found or [node for node in nodes if node.path and plain_path(node.path) == plain_path(path)]
    if len(found) > 1:
        listed = "; ".join(f"{node.path} ({node.pkid})" for node in found)
        raise InputError(
            f"{len(found)} nodes of the hierarchy fit '{path}': {listed}. Give the pkid of the one that is meant.",
            reason="ambiguous",
        )
    return found[0] if found else None


def _unknown_hierarchy(words: str) -> InputError:
    return InputError(
        f"VOSS Automate shows no node '{words}' in its hierarchy. Give the dotted path from the root, for example"
        " 'sys.hcs.Provider.Customer', or the node's pkid, and check that the user may see it."
    )
