# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenAPI documents of the four systems, and the validation of journal entries with them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import yaml
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

FOLDER = Path(__file__).resolve().parents[1] / "openapi"
METHODS = ("get", "put", "post", "delete", "head")
SEPARATOR = "x-parameter-separator"
ALIKE = 3


@dataclass
class Request:
    """A request in the form that openapi-core requires."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None

    @property
    def full_url_pattern(self) -> str:
        return self.host_url + self.path


def path_of(system: str) -> Path:
    """The file of a system's document."""
    return FOLDER / f"{system}.yaml"


@cache
def document(system: str) -> dict[str, Any]:
    """A system's document."""
    content: dict[str, Any] = yaml.safe_load(path_of(system).read_text(encoding="utf-8"))
    return content


@cache
def checker(system: str) -> OpenAPI:
    """Return a validator of requests and responses for the document of a system."""
    return OpenAPI.from_dict(document(system))


def resolved(system: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a part of a document after resolving its reference."""
    while "$ref" in value:
        found: Any = document(system)
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


def operations(system: str) -> Iterator[tuple[str, str, Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Method, path, operation and parameters of every operation."""
    for path, item in document(system)["paths"].items():
        for method in METHODS:
            if method in item:
                given = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                yield method.upper(), path, item[method], [resolved(system, one) for one in given]


def complaints(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return each undocumented property of the requests in a journal once. Similar requests are sampled."""
    found: dict[str, None] = {}
    alike: Counter[tuple[Any, ...]] = Counter()
    for entry in entries:
        shape = _shape(entry)
        alike[shape] += 1
        if alike[shape] > ALIKE:
            continue
        for complaint in _undocumented(entry):
            found[f"{entry['system']}: {entry['method']} {entry['path']}?{entry['query']}: {complaint}"] = None
    return list(found)


def _shape(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    body = entry["body"]
    keys = tuple(sorted(body)) if isinstance(body, dict) else str(body)
    words = tuple(re.sub(r".*\d.*", "0", word) for word in entry["path"].split("/"))
    return entry["system"], entry["method"], words, tuple(sorted(entry["params"])), keys


def _body(content: Any, content_type: str) -> bytes | None:
    """Return the body of a request in its content type."""
    if content is None:
        return None
    if content_type.startswith("application/x-www-form-urlencoded"):
        return urlencode(content).encode()
    return json.dumps(content).encode()


def _undocumented(entry: Mapping[str, Any]) -> Iterator[str]:
    system, headers = entry["system"], dict(entry["headers"])
    if "authorization" in headers:
        headers["authorization"] += " hidden"  # the journal contains only the scheme
    query = [(name, value) for name, values in entry["params"].items() for value in values]
    server = urlsplit(document(system)["servers"][0]["url"])
    request = Request(
        host_url=f"{server.scheme}://{server.netloc}",
        path=server.path + entry["path"],
        method=entry["method"].lower(),
        parameters=RequestParameters(query=ImmutableMultiDict(query), header=Headers(list(headers.items()))),
        content_type=headers.get("content-type", "application/json"),
        body=_body(entry["body"], headers.get("content-type", "")),
    )
    found = checker(system).unmarshal_request(request)
    for error in found.errors:
        reasons = [*getattr(error.__cause__, "schema_errors", ()), error.__cause__, error]
        yield "; ".join(str(getattr(reason, "message", reason)) for reason in reasons if reason)
    if not found.errors:
        for name in sorted({name for name, _value in query} - set(found.parameters.query)):
            yield f"the query parameter {name} is not documented"
        separator = document(system)["paths"].get(entry["path"], {}).get(request.method, {}).get(SEPARATOR, "&")
        if len(query) > 1 and len(entry["query"].split(separator)) != len(query):
            yield f"its parameters are not separated by {separator}"
