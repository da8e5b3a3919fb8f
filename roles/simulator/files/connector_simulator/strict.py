# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations as the vendors document them, and the refusal of everything else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from connector_simulator.checks import Check
from connector_simulator.exchange import Call, Misuse, Reply

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Parameter:
    """A documented query parameter; ``repeat`` allows the key several times."""

    check: Check
    required: bool = False
    repeat: bool = False


@dataclass(frozen=True)
class Body:
    """A documented JSON object. ``fields`` None: its names are checked by the handler; ``optional``: may be missing."""

    fields: Mapping[str, Check] | None = None
    required: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Operation:
    """One documented call.

    ``template`` is the path as documented: ``{name}`` stands for one segment, a trailing ``[/]`` for a slash that may
    be left out, and a ``+`` may come as ``%2B``. ``separator`` is what stands between query parameters.
    """

    method: str
    template: str
    handler: Callable[[Call], Reply]
    query: Mapping[str, Parameter] = field(default_factory=dict)
    body: Body | None = None
    write: bool = False
    separator: str = "&"
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", re.compile(_expression(self.template)))

    @property
    def shown(self) -> str:
        """The call as a sentence shows it."""
        return f"{self.method} {self.template.replace('[/]', '')}"


def _expression(template: str) -> str:
    pieces = re.split(r"(\{\w+\}|\[/\]|\+)", template)
    special = {"[/]": "/?", "+": r"(?:\+|%2[Bb])"}
    return "".join(
        f"(?P<{piece[1:-1]}>[^/]+)" if piece.startswith("{") else special.get(piece, re.escape(piece))
        for piece in pieces
    )


def find_operation(operations: Sequence[Operation], call: Call) -> Operation:
    """The operation that a call means; fills its ``arguments``. Raises Misuse with 404 or 405.

    A path that is documented word for word is not taken for one with an instance's id in that place.
    """
    found = [(operation, match) for operation in operations if (match := operation.pattern.fullmatch(call.path))]
    found = [(operation, match) for operation, match in found if not match.groupdict()] or found
    for operation, match in found:
        if operation.method == call.method:
            call.arguments = {name: unquote(value) for name, value in match.groupdict().items()}
            return operation
    if found:
        allowed = ", ".join(sorted({operation.method for operation, _match in found}))
        raise Misuse(405, f"{call.method} is not documented for this path, only {allowed}.", headers={"Allow": allowed})
    documented = "; ".join(operation.shown for operation in operations)
    raise Misuse(404, f"The path {call.path} is not documented. Documented: {documented}.")


def check_query(operation: Operation, call: Call) -> None:
    """Check and fill the call's ``parameters``; raises Misuse with 400."""
    foreign = {"&": ";", ";": "&"}[operation.separator]
    known = ", ".join(sorted(operation.query)) or "none"
    if foreign == "&" and foreign in call.query:
        raise Misuse(400, "Several query parameters are documented to be separated by a semicolon, not by &.")
    if foreign == ";" and re.search(r";[A-Za-z_]+=", call.query):
        raise Misuse(400, "Several query parameters are documented to be separated by &, not by a semicolon.")
    for name, value in parse_qsl(call.query, keep_blank_values=True, separator=operation.separator):
        parameter = operation.query.get(name)
        if parameter is None:
            raise Misuse(
                400, f"The query parameter {name} is not documented for {operation.shown}, which has: {known}."
            )
        values = call.parameters.setdefault(name, [])
        if values and not parameter.repeat:
            raise Misuse(400, f"The query parameter {name} is documented as a single value, but was given twice.")
        complaint = parameter.check(value)
        if complaint:
            raise Misuse(400, f"The query parameter {name} {complaint}, not {value!r}.")
        values.append(value)
    for name, parameter in operation.query.items():
        if parameter.required and name not in call.parameters:
            raise Misuse(400, f"The query parameter {name} is required for {operation.shown}.")


def check_body(operation: Operation, call: Call) -> None:
    """Check and fill the call's ``content``; raises Misuse with 400 or 415."""
    body = operation.body
    if body is None:
        if call.body:
            raise Misuse(400, f"{operation.shown} is documented without a body.")
        return
    if not call.body:
        if not body.optional:
            raise Misuse(400, f"{operation.shown} is documented with a JSON object as its body, but none was sent.")
        call.content = {}
        return
    media_type = call.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if media_type != "application/json":
        raise Misuse(415, f"The documented content type is application/json, not {media_type or 'a missing one'}.")
    call.content = content = parse_json(call.body)
    if not isinstance(content, dict):
        raise Misuse(400, f"The body of {operation.shown} is documented as a JSON object.")
    if body.fields is not None:
        check_fields(content, body.fields, operation.shown)
    for name in body.required:
        if name not in content:
            raise Misuse(400, f"The body of {operation.shown} needs {name}.")


def check_fields(content: Mapping[str, Any], fields: Mapping[str, Check], where: str) -> None:
    """Check the names and values of a JSON object; raises Misuse with 400."""
    for name, value in content.items():
        check = fields.get(name)
        if check is None:
            known = ", ".join(sorted(fields))
            raise Misuse(400, f"{name} is not documented in the body of {where}, which has: {known}.")
        complaint = check(value)
        if complaint:
            raise Misuse(400, f"{name} in the body of {where} {complaint}.")


def parse_json(raw: bytes) -> Any:
    """Parse a body; raises Misuse with 400."""
    try:
        return json.loads(raw)
    except ValueError as error:
        raise Misuse(400, f"The body is not valid JSON: {error}.") from None
