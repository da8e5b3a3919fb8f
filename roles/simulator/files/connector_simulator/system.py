# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the four systems have in common: authenticate, find the documented operation, check it, run it."""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Iterable, Mapping
from typing import Any

from connector_simulator import quirks
from connector_simulator.exchange import Call, Misuse, Problem, Reply
from connector_simulator.strict import (
    SAFE_METHODS,
    Operation,
    check_body,
    check_query,
    find_operation,
)


class System:
    """A vendor's service: a table of operations over some state.

    ``settings`` is the live dictionary of the system's settings: changes to it take effect with the next request.
    """

    prefix = ""
    operations: tuple[Operation, ...] = ()

    def __init__(self, settings: Mapping[str, Any]):
        self.settings = settings

    def authenticate(self, call: Call) -> None:
        """Set the call's ``user``, or raise a Problem."""
        raise NotImplementedError

    def admit(self, call: Call, operation: Operation) -> None:
        """Raise a Problem for a request that may not go on (a throttle, a missing permission)."""

    def problem(self, problem: Problem) -> Reply:
        """A problem in the vendor's own shape."""
        raise NotImplementedError

    def finish(self, call: Call, reply: Reply) -> None:
        """Add what every answer of the vendor carries."""

    def separator(self, query: str) -> str:
        """What separates the parameters of a raw query."""
        return "&"

    def dump(self) -> dict[str, Any]:
        """The present state in the form of a seed, secrets included."""
        raise NotImplementedError

    def objects(self) -> Iterable[tuple[str, dict[str, Any]]]:
        """The ids and the stored data of all objects that the control interface can change."""
        raise NotImplementedError

    def change(self, wanted: str, fields: Mapping[str, Any]) -> dict[str, Any] | None:
        """Set fields of the object with an id, in all lists that it is in; None if there is none.

        Raises ValueError for fields that cannot be set.
        """
        found = [data for object_id, data in self.objects() if object_id == wanted]
        for data in found:
            name = quirks.id_name(data)
            if fields.get(name, wanted) != wanted:
                raise ValueError(f"The {name} of an object cannot be changed.")
        for data in found:
            data.update(copy.deepcopy(dict(fields)))
        return found[0] if found else None

    def could_write(self, call: Call) -> bool:
        """Whether a call could change anything, as far as its method and path tell."""
        try:
            return find_operation(self.operations, call).write
        except Misuse:
            return call.method not in SAFE_METHODS

    def answer(self, call: Call) -> Reply:
        """Answer a call; never raises for anything a client can do."""
        try:
            reply = self._run(call)
        except Problem as problem:
            if isinstance(problem, Misuse):
                call.entry.refused = problem.message
            reply = self.problem(problem)
            reply.headers.update(problem.headers)
        self.finish(call, reply)
        return quirks.spoil(call, reply)

    def _run(self, call: Call) -> Reply:
        try:
            operation = find_operation(self.operations, call)
        except Misuse:
            self.authenticate(call)
            raise
        call.entry.write = operation.write
        if not self.is_open(operation):
            self.authenticate(call)
        self.admit(call, operation)
        check_query(operation, call)
        check_body(operation, call)
        quirks.normalise(call)
        return quirks.replaced(call, operation.write) or operation.handler(call)

    def is_open(self, operation: Operation) -> bool:
        """Whether an operation is documented as needing no login."""
        return False


def bearer_token(call: Call) -> str:
    """The token of an ``Authorization: Bearer`` header, empty if there is none."""
    scheme, _space, token = call.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def basic_login(call: Call) -> tuple[str, str]:
    """User name and password of an ``Authorization: Basic`` header, both empty if there is none."""
    scheme, _space, encoded = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
