# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define documented operations, and reject all other requests."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from connector_simulator.checks import Check
from connector_simulator.exchange import Call, Response, UndocumentedRequest

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Parameter:
    """A documented query parameter.

    :param repeat: whether a request may contain the parameter more than once.
    """

    check: Check
    required: bool = False
    repeat: bool = False


@dataclass(frozen=True)
class Body:
    """A documented request body, in JSON or in another media type.

    :param fields: check of each field. None if the operation checks the fields itself.
    :param required: names of the fields that the body must contain.
    :param optional: whether a request may omit the body.
    """

    fields: Mapping[str, Check] | None = None
    required: tuple[str, ...] = ()
    optional: bool = False
    media_type: str = JSON


@dataclass(frozen=True)
class Operation:
    """An operation that the vendor documents.

    :param template: path of the operation. ``{name}`` matches one segment, ``[/]`` matches an optional slash at the
        end, and ``+`` also matches ``%2B``.
    :param write: whether the operation can change the state.
    :param separator: character between two query parameters.
    """

    method: str
    template: str
    handler: Callable[[Call], Response]
    query: Mapping[str, Parameter] = field(default_factory=dict)
    body: Body | None = None
    write: bool = False
    separator: str = "&"
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", re.compile(_expression(self.template)))

    @property
    def label(self) -> str:
        """Return the method and path of the operation for use in messages."""
        return f"{self.method} {self.template.replace('[/]', '')}"


def _expression(template: str) -> str:
    pieces = re.split(r"(\{\w+\}|\[/\]|\+)", template)
    special = {"[/]": "/?", "+": r"(?:\+|%2[Bb])"}
    return "".join(
        f"(?P<{piece[1:-1]}>[^/]+)" if piece.startswith("{") else special.get(piece, re.escape(piece))
        for piece in pieces
    )


def find_operation(operations: Sequence[Operation], call: Call) -> Operation:
    """Find the operation that matches a request, and set the ``arguments`` of the request.

    :raises UndocumentedRequest: the path (404) or the method (405) is not documented.
    """
    found = _matching_operations(operations, call.path)
    for operation, match in found:
        if operation.method == call.method:
            call.arguments = {name: unquote(value) for name, value in match.groupdict().items()}
            return operation
    if found:
        allowed = ", ".join(sorted({operation.method for operation, _match in found}))
        message = f"The method {call.method} is not documented for this path. Documented: {allowed}."
        raise UndocumentedRequest(405, message, headers={"Allow": allowed})
    documented = "; ".join(map(operator.attrgetter("label"), operations))
    raise UndocumentedRequest(404, f"The path {call.path} is not documented. Documented: {documented}.")


def _matching_operations(operations: Sequence[Operation], path: str) -> list[tuple[Operation, re.Match[str]]]:
    """Return the operations whose path template matches. Literal templates take precedence over templates with IDs."""
    found = []
    for operation in operations:
        match = operation.pattern.fullmatch(path)
        if match:
            found.append((operation, match))
    literal = [(operation, match) for operation, match in found if not match.groupdict()]
    return literal or found


def check_query(operation: Operation, call: Call) -> None:
    """Check the query string of a request and set its ``parameters``.

    :raises UndocumentedRequest: the query is not as documented (400).
    """
    _check_separator(operation, call.query)
    for name, value in parse_qsl(call.query, keep_blank_values=True, separator=operation.separator):
        _add_parameter(operation, call, name, value)
    for name, parameter in operation.query.items():
        if parameter.required and name not in call.parameters:
            raise UndocumentedRequest(400, f"The query parameter {name} is required for {operation.label}.")


def _check_separator(operation: Operation, query: str) -> None:
    if operation.separator == ";" and "&" in query:
        raise UndocumentedRequest(400, "The documented separator of query parameters is a semicolon, not &.")
    if operation.separator == "&" and re.search(r";[A-Za-z_]+=", query):
        raise UndocumentedRequest(400, "The documented separator of query parameters is &, not a semicolon.")


def _add_parameter(operation: Operation, call: Call, name: str, value: str) -> None:
    parameter = operation.query.get(name)
    if parameter is None:
        documented = ", ".join(sorted(operation.query)) or "none"
        message = f"The query parameter {name} is not documented for {operation.label}. Documented: {documented}."
        raise UndocumentedRequest(400, message)
    values = call.parameters.setdefault(name, [])
    if values and not parameter.repeat:
        raise UndocumentedRequest(400, f"The query parameter {name} must have a single value.")
    complaint = parameter.check(value)
    if complaint:
        raise UndocumentedRequest(400, f"The query parameter {name} {complaint}, not {value!r}.")
    values.append(value)


def check_body(operation: Operation, call: Call) -> None:
    """Check the body of a request and set its ``content``.

    :raises UndocumentedRequest: the content type (415) or the body (400) is not as documented.
    """
    body = operation.body
    if body is None:
        if call.body:
            raise UndocumentedRequest(400, f"{operation.label} is documented without a body.")
        return
    if not call.body:
        if not body.optional:
            raise UndocumentedRequest(400, f"{operation.label} requires a body in {body.media_type}.")
        call.content = {}
        return
    call.content = _parse_body(operation, body, call)
    if body.fields is not None:
        check_fields(call.content, body.fields, operation.label)
    for name in body.required:
        if name not in call.content:
            raise UndocumentedRequest(400, f"The body of {operation.label} requires {name}.")


def _parse_body(operation: Operation, body: Body, call: Call) -> dict[str, Any]:
    media_type = call.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if media_type != body.media_type:
        message = f"The documented content type is {body.media_type}, not {media_type or 'a missing header'}."
        raise UndocumentedRequest(415, message)
    if body.media_type == FORM:
        return dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    content = parse_json(call.body)
    if not isinstance(content, dict):
        raise UndocumentedRequest(400, f"The body of {operation.label} must be a JSON object.")
    return content


def check_fields(content: Mapping[str, Any], fields: Mapping[str, Check], where: str) -> None:
    """Check the field names and values of a JSON object.

    :param where: name of the operation or field that contains the object, for messages.
    :raises UndocumentedRequest: a field is not as documented (400).
    """
    for name, value in content.items():
        check = fields.get(name)
        if check is None:
            documented = ", ".join(sorted(fields))
            message = f"The field {name} is not documented in the body of {where}. Documented: {documented}."
            raise UndocumentedRequest(400, message)
        complaint = check(value)
        if complaint:
            raise UndocumentedRequest(400, f"The field {name} in the body of {where} {complaint}.")


def parse_json(raw: bytes) -> Any:
    """Parse a JSON body.

    :raises UndocumentedRequest: the body is not valid JSON (400).
    """
    try:
        return json.loads(raw)
    except ValueError as error:
        raise UndocumentedRequest(400, f"The body is not valid JSON: {error}.") from None
