# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""The documented calls of VOSS Automate that this collection uses, as functions of one object a run.

Source: the API reference of relation/SparkCustomer and the API guide. Every call is ``format=json``; lists are read
page by page and only what is needed of a page is kept.
"""

from __future__ import annotations

import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._answer import Answer
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError, RequestFailed
from ansible_collections.hybrid.connectors.plugins.module_utils._http import Http, segment
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.hierarchy import (
    Node,
    is_pkid,
    node_from,
    plain_path,
    relation,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.model import (
    Customer,
    customer_from,
    mapping,
    pkid_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.query import JSON, Pairs
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.watch import Watch

MODEL = "relation/SparkCustomer"
CUSTOMERS = f"/api/{MODEL}/"
MOVE = "/api/tool/DataMove/"
NODES = "/api/data/HierarchyNode/"
PAGE_SIZES = (2000, 200)
DOCUMENTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "help": ("help", ()),
    "add_form": ("add/", (JSON, ("schema", "1"))),
    "configuration_templates": ("configuration_template/", (JSON,)),
    "field_display_policies": ("field_display_policy/", (JSON,)),
}
FILTER_REFUSALS = (400, 422)
HIERARCHY_REFUSALS = (400, 404, 409, 422)

Item = dict[str, t.Any]


class Voss:
    """One run against one VOSS Automate, with what it has learnt of it: nodes, filters, the size of a page."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.watch = Watch(http)
        self._nodes: list[Node] | None = None
        self._resolved: dict[str, Node] = {}
        self._refused_filters: set[str] = set()
        self._page_size = PAGE_SIZES[0]

    # Lists

    def pages(self, path: str, query: Pairs) -> t.Iterator[Item]:
        """The resources of a list, page by page until the end.

        The end is the number that the server announces; where it announces none, a page that is not full.

        :raises UnusableAnswer: not a list, or a page that came before, which would never end.
        """
        skip = 0
        seen: set[str] = set()
        while True:
            answer = self._page(path, query, skip)
            page = answer.json_object()
            resources = page.get("resources")
            if not isinstance(resources, list) or not all(isinstance(item, dict) for item in resources):
                raise answer.unusable("JSON without a list of resources")
            fresh = [item for item in resources if _identity(item) not in seen]
            if resources and not fresh:
                raise answer.unusable("a page that it gave before, so that the list would never end")
            seen.update(map(_identity, fresh))
            received, pagination = len(resources), mapping(page.get("pagination"))
            skip += received
            del answer, page, resources  # they are large, and not to be kept while the next page comes
            fresh.reverse()
            while fresh:
                yield fresh.pop()
            if _is_last(pagination, received, skip):
                return

    def _page(self, path: str, query: Pairs, skip: int) -> Answer:
        """One page, as large as the server lets it be: both maxima are documented, and what happens above is not."""
        for size in (self._page_size, *(size for size in PAGE_SIZES if size < self._page_size)):
            try:
                answer = self.http.get(path, [*query, ("skip", str(skip)), ("limit", str(size)), JSON])
            except RequestFailed as error:
                if error.failure.status not in FILTER_REFUSALS or size == min(PAGE_SIZES):
                    raise
            else:
                self._page_size = size
                break
        return answer

    def _filtered(self, path: str, query: Pairs, field: str, text: str) -> t.Iterator[Item] | None:
        """The resources whose field contains a text, or None if the server does not take the filter."""
        if path in self._refused_filters:
            return None
        wanted = [*query, ("filter_field", field), ("filter_condition", "contains"), ("filter_text", text)]
        try:
            return iter(list(self.pages(path, wanted)))  # read here, so that a refusal shows here
        except RequestFailed as error:
            if error.failure.status not in FILTER_REFUSALS:
                raise
            self._refused_filters.add(path)
            return None

    # Hierarchy

    def node(self, hierarchy: str) -> Node:
        """The node that the words mean: ``pkid`` and ``path``.

        :raises InputError: there is no such node, or several fit.
        """
        if hierarchy not in self._resolved:
            node = self._node_by_pkid(hierarchy) if is_pkid(hierarchy) else self._node_by_path(hierarchy)
            self._resolved[hierarchy] = self._resolved[node["pkid"]] = node
        return self._resolved[hierarchy]

    def _node_by_pkid(self, pkid: str) -> Node:
        answer = self.http.get(f"{NODES}{segment(pkid)}/", [JSON], expect=(400, 404))
        node = node_from({"pkid": pkid, **answer.json_object()}, {}) if answer.status < 400 else None
        if node is None:
            raise _unknown_hierarchy(pkid)
        return node

    def learn_nodes(self) -> None:
        """Read all nodes at once, where many of them will be asked for."""
        try:
            self._nodes = _nodes(self.pages(NODES, ()))
        except RequestFailed as error:
            if error.failure.status not in (403, 404):
                raise

    def _node_by_path(self, path: str) -> Node:
        if not all(name.strip() for name in path.split(".")):
            raise _unknown_hierarchy(path)
        if self._nodes is not None:
            return self._among_all_nodes(path)
        try:
            named = self._filtered(NODES, (), "name", path.rpartition(".")[2])
            return _matching(path, _nodes(named or ())) or self._among_all_nodes(path)
        except RequestFailed as error:
            if error.failure.status not in (403, 404):
                raise
            # The list of nodes is not for every user. Dotted names are documented as a parameter, so the server is left
            # to judge.
            return {"pkid": path, "path": path}

    def _among_all_nodes(self, path: str) -> Node:
        if self._nodes is None:
            self._nodes = _nodes(self.pages(NODES, ()))
        node = _matching(path, self._nodes)
        if node is None:
            raise _unknown_hierarchy(path)
        return node

    # Customers

    def customers(self, hierarchy: str) -> list[Customer]:
        """All customers at a node and below it, as the list shows them: a hint of what a GET would show.

        :raises InputError: there is no such node. It is looked for only where the list does not prove that there is.
        """
        return self._scoped(hierarchy, lambda query: self.pages(CUSTOMERS, query))

    def customers_called(self, name: str, hierarchy: str, certain: bool = True) -> list[Customer]:
        """The customers of exactly this name at a node and below it, as the list shows them.

        The server is asked for the name. That it finds none is believed only after a look at the whole list if
        ``certain``.
        """

        def listed(query: Pairs) -> t.Iterable[Item]:
            filtered = self._filtered(CUSTOMERS, query, "name", name)
            return self.pages(CUSTOMERS, query) if filtered is None else filtered

        found = [item for item in self._scoped(hierarchy, listed, certain) if item["data"].get("name") == name]
        if not found and certain and CUSTOMERS not in self._refused_filters:
            found = [item for item in self.customers(self.node(hierarchy)["pkid"]) if item["data"].get("name") == name]
        return found

    def _scoped(
        self, hierarchy: str, listed: t.Callable[[Pairs], t.Iterable[Item]], certain: bool = True
    ) -> list[Customer]:
        known = self._resolved.get(hierarchy)
        try:
            items = listed([("hierarchy", known["pkid"] if known else hierarchy)])
            customers = [customer for customer in map(customer_from, items) if customer]
        except RequestFailed as error:
            if known or error.failure.status not in HIERARCHY_REFUSALS:
                raise
            return self._scoped(self.node(hierarchy)["pkid"], listed)
        found = [customer for customer in customers if self.is_within(customer, hierarchy)]
        if not found and not known and certain:
            self.node(hierarchy)
            found = [customer for customer in customers if self.is_within(customer, hierarchy)]
        return found

    def _relations(self, customer: Customer, hierarchy: str) -> set[str | None]:
        """How a customer is placed to a node, by each of the node's names that are known."""
        known = self._resolved.get(hierarchy)
        names = {hierarchy, *(known.values() if known else ())}
        return {relation(words, customer) for words in names if words}

    def is_within(self, customer: Customer, hierarchy: str) -> bool:
        """Whether a customer is at the node or below it."""
        return bool(self._relations(customer, hierarchy) & {"at", "below"})

    def is_at(self, customer: Customer, hierarchy: str) -> bool:
        """Whether a customer is at the very node."""
        return "at" in self._relations(customer, hierarchy)

    def listed_customer(self, hint: Customer) -> Customer:
        """The truth about a customer that the list shows.

        :raises RequestFailed: there is none. To take the customer for one that is missing would double it if it is the
            answer that is wrong.
        """
        try:
            return t.cast(Customer, self.customer(hint["pkid"], hint, expect=()))
        except RequestFailed as error:
            if error.failure.status != 404:
                raise
            raise RequestFailed(
                f"{error.message} The list shows this customer, so it was deleted just now, or the server contradicts"
                " itself. Nothing was changed; run the task again.",
                error.failure,
            ) from None

    def customer(self, pkid: str, hint: Customer | None = None, expect: t.Collection[int] = (404,)) -> Customer | None:
        """The truth about one customer, or None if there is none.

        The list alone shows its path, so that comes from the hint.
        """
        place = [("hierarchy", hint["hierarchy"])] if hint and hint["hierarchy"] else []
        answer = self.http.get(f"{CUSTOMERS}{segment(pkid)}/", [*place, JSON], expect=expect)
        if answer.status == 404:
            return None
        found = customer_from({"pkid": pkid, **answer.json_object()})
        if found is None or not isinstance(found["data"].get("name"), str):
            raise answer.unusable("JSON that is not a customer")
        if hint:
            found["hierarchy"] = found["hierarchy"] or hint["hierarchy"]
            same_node = found["hierarchy"] == hint["hierarchy"]
            found["hierarchy_path"] = found["hierarchy_path"] or (hint["hierarchy_path"] if same_node else None)
            found["nodes"] = found["nodes"] or (hint["nodes"] if same_node else ())
        return found

    # The model's own documents

    def document(self, name: str, hierarchy: str, pkid: str | None = None) -> t.Any:
        """Return one of the model's own documents: HTML as a string, JSON as an object.

        The server writes session tokens into its links. Like all secrets, they are removed from the result of the task.
        """
        path, query = DOCUMENTS[name]
        of = f"{segment(pkid)}/" if pkid and name == "help" else ""
        known = self._resolved.get(hierarchy)
        place = ("hierarchy", known["pkid"] if known else hierarchy)
        answer = self.http.get(CUSTOMERS + of + path, [place, *query], accept="*/*")
        return answer.json_object() if JSON in query else answer.body.decode(errors="replace")


def _identity(item: Item) -> str:
    return pkid_of(item) or repr(item)


def _is_last(pagination: Item, received: int, skip: int) -> bool:
    total, limit = pagination.get("total"), pagination.get("limit")
    if not received:
        return True
    if isinstance(total, int) and total > 0:
        return skip >= total
    return isinstance(limit, int) and received < limit


def _nodes(items: t.Iterable[Item]) -> list[Node]:
    listed = list(items)
    names = {str(item.get("pkid")): str(mapping(item.get("data")).get("name")) for item in listed}
    return [node for node in (node_from(item, names) for item in listed) if node]


def _matching(path: str, nodes: t.Sequence[Node]) -> Node | None:
    found = [node for node in nodes if node["path"] == path]
    found = found or [node for node in nodes if node["path"] and plain_path(node["path"]) == plain_path(path)]
    if len(found) > 1:
        listed = "; ".join(f"{node['path']} ({node['pkid']})" for node in found)
        raise InputError(
            f"{len(found)} nodes of the hierarchy fit '{path}': {listed}. Give the pkid of the one that is meant."
        )
    return found[0] if found else None


def _unknown_hierarchy(words: str) -> InputError:
    return InputError(
        f"VOSS Automate shows no node '{words}' in its hierarchy. Give the dotted path from the root, for example"
        " 'sys.hcs.Provider.Customer', or the node's pkid, and check that the user may see it."
    )
