# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide a fake VOSS Automate for attacks, without code of the simulator. Tests can change every response."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hostile.server import Request, Sent, reply

CUSTOMERS = "/api/relation/SparkCustomer/"
NODES = "/api/data/HierarchyNode/"
TRANSACTIONS = "/api/tool/Transaction/"
MOVE = "/api/tool/DataMove/"
SCOPE = "sys.hcs.CS-P"

# A hook returns the response to a request, or ... to leave the request to the service.
Hook = Callable[[Request], Any]
Json = dict[str, Any]


def pkid(number: int, kind: str = "c") -> str:
    """Return the pkid of a number: ``c`` for a customer, ``d`` for a node."""
    return f"{number:023d}{kind}"


class Service:
    """The state and the documented behavior. ``hooks`` handle each request first, starting with the last hook."""

    def __init__(self, *customers: str, **nodes: str) -> None:
        """Make a service with customers at nodes.

        :param customers: ``name @ path of the node``; without a path at ``sys.hcs.CS-P.NB``.
        """
        self.lock = threading.RLock()
        self.hooks: list[Hook] = []
        self.nodes: dict[str, list[str]] = {}
        self.customers: dict[str, Json] = {}
        self.transactions: dict[str, Json] = {}
        self.page_size = 2000
        self.shows_paths = True
        for path in ("sys", "sys.hcs", SCOPE, f"{SCOPE}.NB", *nodes.values()):
            self.add_node(*path.split("."))
        for words in customers:
            name, _at, path = words.partition(" @ ")
            self.add(name, path or f"{SCOPE}.NB")

    # State

    def add_node(self, *names: str) -> str:
        """Add a node and the nodes above it, and return its pkid. The names of the nodes can contain dots."""
        found = self.node(names)
        if found is None:
            if len(names) > 1:
                self.add_node(*names[:-1])
            found = pkid(len(self.nodes) + 1, "d")
            self.nodes[found] = list(names)
        return found

    def node(self, words: str | tuple[str, ...]) -> str | None:
        """Return the pkid of a node by its pkid, its names or its path."""
        if words in self.nodes:
            return str(words)
        for key, names in self.nodes.items():
            if tuple(names) == words or ".".join(names) == words:
                return key
        return None

    def add(self, name: str, path: str | tuple[str, ...] = f"{SCOPE}.NB", **data: Any) -> str:
        """Add a customer at a node, and return its pkid."""
        with self.lock:
            key = pkid(len(self.customers) + 1)
            while key in self.customers:
                key = pkid(int(key[:-1]) + 1)
            names = path if isinstance(path, tuple) else tuple(path.split("."))
            self.customers[key] = {"node": self.add_node(*names), "data": {"name": name, **data}}
            return key

    def named(self, name: str) -> list[str]:
        """Return the pkids of the customers with a name."""
        return [key for key, one in self.customers.items() if one["data"]["name"] == name]

    def trail(self, node: str) -> list[str]:
        """Return the pkids from the root down to a node."""
        names = self.nodes[node]
        return [str(self.node(tuple(names[: length + 1]))) for length in range(len(names))]

    # Responses

    def item(self, key: str, listed: bool = True) -> Json:
        """Return a customer in the format of a list or of a GET response."""
        one = self.customers[key]
        node = one["node"]
        meta: Json = {"references": {"parent": [{"pkid": node}], "self": [{"pkid": key, "href": f"{CUSTOMERS}{key}/"}]}}
        data = dict(one["data"])
        if listed:
            meta["path"] = [*self.trail(node), key]
            data["pkid"] = "f" * 24
            if self.shows_paths:
                data["hierarchy_path"] = ".".join(self.nodes[node])
        return {"pkid": key, "meta": meta, "data": data}

    def node_item(self, key: str) -> Json:
        names = self.nodes[key]
        return {
            "pkid": key,
            "meta": {"path": self.trail(key)},
            "data": {"name": names[-1], "hierarchy_path": ".".join(names)},
        }

    def transaction_item(self, key: str) -> Json:
        one = self.transactions[key]
        data: Json = {"status": one["status"], "rolled_back": "No", "external": {"id": one["external"]}}
        if one["pkid"]:
            data["resource"] = {"after_transaction": f"{CUSTOMERS}{one['pkid']}/?cached=true"}
        return {"pkid": key, "meta": {"model_type": "tool/Transaction"}, "data": data}

    # Requests

    def respond(self, request: Request) -> Sent:
        """Respond to a request with the response of a hook, or as documented."""
        for hook in reversed(self.hooks):
            sent = hook(request)
            if sent is not ...:
                return sent if isinstance(sent, (bytes, type(None), Iterator)) else reply(200, sent)
        with self.lock:
            return self.documented(request)

    def documented(self, request: Request) -> bytes:
        """Respond as documented."""
        path, query = request.path, request.query
        if request.method == "GET":
            return self._read(path, query)
        body = request.json or {}
        external = str(body.pop("request_meta", {}).get("external_id", ""))
        if path == f"{CUSTOMERS}export/":
            return reply(200, self.archive([href.rsplit("/", 1)[1] for href in body["hrefs"]]))
        if path == MOVE:
            for href in body["hrefs"]:
                self.customers[href.rsplit("/", 1)[1]]["node"] = self.node(query["context_hierarchy"])
            return self.accepted(external, body["hrefs"][0].rsplit("/", 1)[1])
        if path == CUSTOMERS and request.method == "POST":
            node = self.node(query["hierarchy"])
            if node is None:
                return self.missing(query["hierarchy"])
            key = self.add(body["name"], tuple(self.nodes[node]))
            self.customers[key]["data"].update(body)
            return self.accepted(external, key)
        if path == CUSTOMERS:
            for href in body["hrefs"]:
                self.customers.pop(href.rsplit("/", 1)[1], None)
            return self.accepted(external, None)
        key = path.removeprefix(CUSTOMERS).split("/")[0]
        if key not in self.customers:
            return self.missing(path)
        if request.method == "PUT":
            self.customers[key]["data"] = body
        if request.method == "DELETE":
            del self.customers[key]
        return self.accepted(external, None if request.method == "DELETE" else key)

    def accepted(self, external: str, key: str | None, status: str = "Success") -> bytes:
        """Accept a change as a transaction."""
        transaction = f"00000000-0000-4000-8000-{len(self.transactions):012d}"
        self.transactions[transaction] = {"status": status, "external": external, "pkid": key}
        return reply(200, {"href": f"{TRANSACTIONS}{transaction}", "success": True, "transaction_id": transaction})

    def missing(self, path: str) -> bytes:
        return reply(404, {"error": {"code": 404, "message": f"{path} does not exist."}})

    def _read(self, path: str, query: Mapping[str, str]) -> bytes:
        if path == CUSTOMERS:
            return self.listed([self.item(key) for key in self._within(query.get("hierarchy", "sys"))], query)
        if path == NODES:
            return self.listed([self.node_item(key) for key in self.nodes], query)
        if path == TRANSACTIONS:
            return self.listed([self.transaction_item(key) for key in self.transactions], query)
        rest = path.rpartition("/api/")[2].partition("/")[2]
        model, key, *more = [*rest.split("/"), ""]
        known: dict[str, Json] = {
            "SparkCustomer": self.customers,
            "HierarchyNode": self.nodes,
            "Transaction": self.transactions,
        }
        if key not in known.get(model, ()):
            return self.missing(path)
        if model == "HierarchyNode":
            return reply(200, self.node_item(key))
        if model == "Transaction":
            return reply(200, self.transaction_item(key))
        return reply(200, self.archive([key]) if more and more[0] == "export" else self.item(key, listed=False))

    def _within(self, words: str) -> list[str]:
        node = self.node(words)
        return [key for key, one in self.customers.items() if node and node in self.trail(one["node"])]

    def listed(self, items: list[Json], query: Mapping[str, str]) -> bytes:
        """Respond with a page of a list."""
        text, field = query.get("filter_text"), query.get("filter_field", "")
        if text is not None:
            items = [one for one in items if text.casefold() in str(_value(one["data"], field)).casefold()]
        return reply(200, self.page(items, query))

    def page(self, items: list[Json], query: Mapping[str, str], **pagination: Any) -> Json:
        """Return a page of a list as JSON."""
        skip, limit = int(query.get("skip", 0)), min(int(query.get("limit", 50)), self.page_size)
        shown = {"skip": skip, "limit": limit, "total": len(items), "maximum_limit": self.page_size, **pagination}
        return {"pagination": shown, "meta": {}, "resources": items[skip : skip + limit]}

    def archive(self, keys: list[str], **changes: Any) -> bytes:
        """Return a JSON export."""
        resources = [
            {
                "meta": {
                    "model_type": "relation/SparkCustomer",
                    "pkid": key,
                    "hierarchy": ".".join(self.nodes[self.customers[key]["node"]]),
                },
                "data": {**self.customers[key]["data"], **changes},
            }
            for key in keys
        ]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr("export.json", json.dumps({"meta": {}, "resources": resources}))
        return buffer.getvalue()


def _value(data: Json, field: str) -> Any:
    value: Any = data
    for step in field.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    return value


def on(method: str, pattern: str, respond: Callable[[Request], Any], times: int | None = None) -> Hook:
    """Return a hook for the requests of a method whose target contains a pattern. :param times: the number of affected
    requests; by default all.
    """
    seen: list[Request] = []
    lock = threading.Lock()

    def hook(request: Request) -> Any:
        if request.method != method or not re.search(pattern, request.target):
            return ...
        with lock:
            if times is not None and len(seen) >= times:
                return ...
            seen.append(request)
        return respond(request)

    return hook
