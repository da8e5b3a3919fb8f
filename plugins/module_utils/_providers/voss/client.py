# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Client for the documented VOSS Automate API: customers, transactions and documents.

Source: the API reference of relation/SparkCustomer and the API guide. Every request has the parameter ``format=json``.
"""

from __future__ import annotations

import typing as t

from ..._client import ApiClient, segment
from ..._errors import RequestFailed
from ..._evidence import (
    content_of,
    list_content,
    object_content,
    reports_error,
    require_api_404,
    require_identity,
    require_ok,
)
from ..._plan import Object
from ..._response import Response
from .hierarchy import ROOT, Node
from .model import Customer, customer_from, mapping, non_empty, normal, pkid_of, place_of, search_text
from .nodes import NodeClient, is_refusal
from .paging import not_found
from .poller import TransactionPoller
from .query import JSON, Pairs
from .transactions import TRANSACTIONS, Transaction, transaction_in

MODEL = "relation/SparkCustomer"
CUSTOMERS = f"/api/{MODEL}/"
MOVE = "/api/tool/DataMove/"
DOCUMENTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "help": ("help", ()),
    "add_form": ("add/", (JSON, ("schema", "1"))),
    "configuration_templates": ("configuration_template/", (JSON,)),
    "field_display_policies": ("field_display_policy/", (JSON,)),
}
HIERARCHY_REFUSALS = (400, 404, 409, 422)

ListCustomers = t.Callable[[Pairs], list[Customer]]


class Voss(NodeClient):
    """Client that caches nodes and the names of listed customers during one module run.

    :ivar normalized: the attributes that the server stores in a different form, each with the names of the affected
        customers.
    :ivar page_counts: for each node, the number of requests that were necessary to list its customers.
    """

    def __init__(self, http: ApiClient, hierarchy: str | None = None) -> None:
        super().__init__(http)
        self.poller = TransactionPoller(http)
        self._hierarchy = hierarchy
        # The listed customers by normalized name, and then by pkid. Similar names have the same normalized name.
        self._names: dict[str, dict[str, Customer]] = {}
        self._unindexed: list[Customer] = []  # listed customers that are not in _names yet
        self.normalized: dict[str, list[str]] = {}
        self.page_counts: dict[str, int] = {}

    # Verification of 404 responses

    def confirm_absence(self, response: Response) -> None:
        """Check that a 404 response proves that an object does not exist.

        :raises RequestFailed: the API did not return the 404, or 'api_url' is wrong.
        """
        require_api_404(response)
        self._prove_address()

    def _prove_address(self) -> None:
        """Check that 'api_url' is correct by listing customers, unless an earlier list has already proven this.

        :raises RequestFailed: the server does not return a list of customers.
        """
        if self.http.proven_collections:
            return
        for hierarchy in filter(None, dict.fromkeys((self._hierarchy, ROOT))):
            query = [("hierarchy", hierarchy), ("skip", "0"), ("limit", "1"), JSON]
            response = self.http.get(CUSTOMERS, query, expect=HIERARCHY_REFUSALS)
            if response.status < 400 and isinstance(list_content(response, "customers").get("resources"), list):
                self.http.proven_collections.add(CUSTOMERS)
                return
        raise response.unusable(f"the status {response.status} instead of a list of customers", reason="wrong_address")

    def _get(self, path: str, query: Pairs) -> Response:
        """Send a GET request and return the response. Accept a 404 only if it proves that the object does not exist."""
        response = self.http.get(path, query, expect=(404,))
        if response.status == 404:
            self.confirm_absence(response)
        return response

    # Lists of customers

    def customers(self, hierarchy: str) -> list[Customer]:
        """Return all customers at or below a node, with only the attributes that are included in lists.

        A GET request for a single customer can return more attributes.

        :raises InputError: the node does not exist. This is checked only if the list is empty.
        """
        found = self._list_within(hierarchy, self._list)
        self.page_counts[hierarchy] = self.pages.count
        return found

    def customers_called(self, name: str, hierarchy: str, certain: bool = True) -> list[Customer]:
        """List the customers at or below a node whose name exactly matches the given name.

        :param certain: whether to read the complete list if the server finds no customer with this name.
        """
        found = _of_name(name, self._list_within(hierarchy, self._list_containing(name), certain))
        if not found and certain and CUSTOMERS not in self._unfiltered:
            found = _of_name(name, self.customers(self.node(hierarchy).reference))
            self._note_omission(found)
        return found

    def similar_within(self, name: str, hierarchy: str) -> list[Customer]:
        """List the customers with this name or a similar name at or below a node.

        The complete list is read, because a filter can omit customers, for example because of the case of their names.
        """
        return _similar(name, self._list_within(hierarchy, self._list, certain=False))

    def similar_at(self, name: str, node: str, certain: bool = False) -> Customer | None:
        """Return the customer with this name at a node. If there is none, return one with a similar name, or None.

        :param certain: whether to read the complete list if the server finds no customer with such a name.
        """
        found = self._similar_among(self._list_containing(search_text(name)), name, node)
        if found is None and certain and CUSTOMERS not in self._unfiltered:
            found = self._similar_among(self._list, name, node)
            self._note_omission(found)
        return found

    def _similar_among(self, read: ListCustomers, name: str, node: str) -> Customer | None:
        """Search a list for a customer at a node with this name or a similar name; see :meth:`similar_at`."""
        listed = read([("hierarchy", node)])
        similar = [customer for customer in _similar(name, listed) if self.is_at(customer, node)]
        return min(similar, key=lambda customer: customer["data"]["name"] != name, default=None)

    def _note_omission(self, found: object) -> None:
        """Stop the use of filters if a complete list contains a customer that the filtered list did not contain."""
        if found:
            self._unfiltered.add(CUSTOMERS)

    def _list(self, query: Pairs) -> list[Customer]:
        return self.pages.read(CUSTOMERS, query, "customers", _listed_customer)

    def _list_containing(self, text: str) -> ListCustomers:
        """Return a function that lists the customers whose names contain a string.

        If the server rejects the filter, the function lists all customers.
        """
        return lambda query: self._filtered(CUSTOMERS, query, text, self._list)

    def _list_within(self, hierarchy: str, read: ListCustomers, certain: bool = True) -> list[Customer]:
        """Return the customers at or below a node, even if the server ignores the node in the request.

        :param certain: whether to check that the node exists if the list is empty.
        """
        customers = self._list_at(hierarchy, read)
        self._unindexed += customers
        node = self._relevant_node(hierarchy, customers)
        if sum(not customer["nodes"] for customer in customers) > 1:
            self.learn_nodes()
        found = [customer for customer in customers if self._is_within_node(customer, node, hierarchy)]
        if not found and certain:
            self.node(hierarchy)
        return found

    def _list_at(self, hierarchy: str, read: ListCustomers) -> list[Customer]:
        """List the customers at a node. If the server rejects the dotted path, repeat the request with the pkid."""
        node = self._known.get(hierarchy, Node(None, hierarchy))
        try:
            return read([("hierarchy", node.reference)])
        except RequestFailed as error:
            if not is_refusal(error, HIERARCHY_REFUSALS):
                raise
            if hierarchy in self._known:
                if error.failure.status == 404:
                    self._prove_address()
                raise
        return self._list_at(self.node(hierarchy).reference, read)

    # Names of listed customers

    def known_similar(self, name: str) -> list[Customer]:
        """Return the customers with this name or a similar name from the lists that were already read."""
        for customer in self._unindexed:
            self._names.setdefault(normal(customer["data"]["name"]), {})[customer["pkid"]] = customer
        self._unindexed.clear()
        return list(self._names.get(normal(name), {}).values())

    def look_alike_within(self, name: str, hierarchy: str) -> Customer | None:
        """Search the lists that were already read for a customer with a similar name at or below a node."""
        for customer in self.known_similar(name):
            if customer["data"]["name"] != name and self.is_within(customer, hierarchy):
                return customer
        return None

    def note_normalized(self, attributes: t.Iterable[str], name: str) -> None:
        """Record that the server normalized some attribute values of a customer."""
        for attribute in attributes:
            self.normalized.setdefault(attribute, []).append(name)

    # Single objects

    def listed_customer(self, listed: Customer) -> Customer:
        """Read the current state of a listed customer.

        :raises RequestFailed: the customer does not exist or has a different name. If the function returned None after
            a wrong response, the module would create the customer a second time.
        """
        response = self._get_customer(listed["pkid"], listed["hierarchy"])
        if response.status == 404:
            error = not_found(response)
            raise RequestFailed(
                f"{error.message} The list contains this customer, so either the customer was deleted in the meantime"
                " or the responses are inconsistent. Nothing was changed. Run the task again.",
                error.failure,
            )
        return _same_customer(response, listed)

    def customer(self, pkid: str, listed: Customer | None = None) -> Customer | None:
        """Return the current state of a customer, or None if the customer does not exist.

        :param listed: the customer from a list, which must have the same name. The path of the listed customer is added
            to the result, because only lists contain paths.
        :raises RequestFailed: the response contains a different customer, or a 404 does not prove its absence.
        """
        response = self._get_customer(pkid, listed["hierarchy"] if listed else None)
        if response.status == 404:
            return None
        if listed:
            return _same_customer(response, listed)
        return _customer_in(response, pkid)

    def _get_customer(self, pkid: str, hierarchy: str | None) -> Response:
        query = [JSON]
        if hierarchy:
            query.insert(0, ("hierarchy", hierarchy))
        return self._get(f"{CUSTOMERS}{segment(pkid)}/", query)

    def transaction(self, identifier: str) -> Transaction | None:
        """Return a transaction, or None if it does not exist.

        :raises RequestFailed: the response contains a different transaction, or a 404 does not prove its absence.
        """
        response = self._get(f"{TRANSACTIONS}{segment(identifier)}/", [JSON])
        if response.status == 404:
            return None
        return transaction_in(self.http, response, identifier)

    def document(self, name: str, hierarchy: str, pkid: str | None = None) -> t.Any:
        """Return a document that describes the model: a string if it is HTML, or an object if it is JSON.

        The links in a document contain session tokens, which the redaction removes from the result of the task.

        :param pkid: if set, return the help page of this customer instead of the help page of the model.
        :raises InvalidResponse: the response has a success status, but is incomplete or contains an error.
        """
        path, query = DOCUMENTS[name]
        if name == "help" and pkid:
            path = f"{segment(pkid)}/{path}"
        node = self._read.get(hierarchy, Node(None, hierarchy))
        response = self.http.get(CUSTOMERS + path, [("hierarchy", node.reference), *query], accept="*/*")
        require_ok(response, "the requested document")
        if reports_error(mapping(content_of(response))):
            raise response.malformed("an error instead of the requested document")
        if JSON in query:
            return response.json_object()
        return response.body.decode(errors="replace")


def href(pkid: str) -> str:
    """Return the URL path of a customer for the ``hrefs`` field of a request body."""
    return CUSTOMERS + segment(pkid)


def _named_customer(response: Response, pkid: str, item: Object, defect: str) -> Customer:
    """Create a customer object from an item, and check that the item contains a name.

    :param defect: the description of an item without a name, for the error message.
    :raises InvalidResponse: the customer does not have a name.
    """
    customer = customer_from(pkid, item)
    if non_empty(customer["data"].get("name")) is None:
        raise response.malformed(defect)
    return customer


def _listed_customer(response: Response, pkid: str, item: Object) -> Customer:
    """Create a customer object from a list item.

    :raises InvalidResponse: the customer does not have a name or a location. If the customer were ignored, the module
        might create it again.
    """
    customer = _named_customer(response, pkid, item, "a list that contains a customer without a name")
    if place_of(customer) is None:
        raise response.malformed("a list that contains a customer without a hierarchy node")
    return customer


def _customer_in(response: Response, pkid: str) -> Customer:
    """Create a customer object from the response to a GET request.

    :raises InvalidResponse: the response is incomplete or contains an error, a different customer, or a customer
        without a name.
    """
    item = object_content(response, "a customer")
    require_identity(response, "customer with the pkid", pkid, pkid_of(item))
    return _named_customer(response, pkid, item, "a JSON object that is not a customer")


def _same_customer(response: Response, listed: Customer) -> Customer:
    """Create a customer object from a GET response, and add any missing location from the listed customer.

    :raises InvalidResponse: the response contains a different customer, or the customer has a different name.
    """
    customer = _customer_in(response, listed["pkid"])
    require_identity(response, "customer with the name", listed["data"]["name"], customer["data"]["name"])
    if customer["hierarchy"] in (None, listed["hierarchy"]):
        for key in ("hierarchy", "hierarchy_path", "nodes"):
            customer[key] = customer[key] or listed[key]
    return customer


def _similar(name: str, customers: t.Iterable[Customer]) -> list[Customer]:
    return [customer for customer in customers if normal(customer["data"]["name"]) == normal(name)]


def _of_name(name: str, customers: t.Iterable[Customer]) -> list[Customer]:
    return [customer for customer in customers if customer["data"]["name"] == name]
