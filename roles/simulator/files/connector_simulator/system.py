# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the base class of the four systems. It checks requests and runs the requested operations."""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connector_simulator import quirks
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest
from connector_simulator.strict import (
    SAFE_METHODS,
    Operation,
    check_body,
    check_query,
    find_operation,
)


class System:
    """A simulated vendor service, with its operations and its state.

    :param settings: settings of the system. A change takes effect with the next request.
    """

    prefix = ""
    operations: tuple[Operation, ...] = ()

    def __init__(self, settings: Mapping[str, Any]):
        self.settings = settings

    def authenticate(self, call: Call) -> None:
        """Check the credentials of a request, and set its ``user``.

        :raises ApiError: the credentials are not valid.
        """
        raise NotImplementedError

    def admit(self, call: Call, operation: Operation) -> None:
        """Check the rate limit and the permissions for a request.

        :raises ApiError: the user is not permitted to call the operation, or has exceeded the rate limit.
        """

    def error_response(self, error: ApiError) -> Response:
        """Return an error response in the vendor's format."""
        raise NotImplementedError

    def finish(self, call: Call, response: Response) -> None:
        """Add the headers and cookies that the vendor sends with every response."""

    def separator(self, query: str) -> str:
        """Return the character that separates the parameters in a raw query string, for the journal."""
        return "&"

    def dump(self) -> dict[str, Any]:
        """Return the state in the format of a seed, including secrets."""
        raise NotImplementedError

    def snapshot(self) -> Callable[[], None]:
        """Return a function that restores the current objects. The quirk ``lost_changes`` uses it to undo changes."""
        raise NotImplementedError

    def objects(self) -> Iterable[tuple[str, dict[str, Any]]]:
        """Return the ID and the data of every object that the control interface can change."""
        raise NotImplementedError

    def change(self, object_id: str, fields: Mapping[str, Any]) -> dict[str, Any] | None:
        """Set fields of an object in every list that contains it.

        :returns: the object, or None if it does not exist.
        :raises ValueError: a field cannot be changed.
        """
        found = [data for known_id, data in self.objects() if known_id == object_id]
        for data in found:
            name = quirks.id_name(data)
            if fields.get(name, object_id) != object_id:
                raise ValueError(f"Cannot change the {name} of an object.")
        for data in found:
            data.update(copy.deepcopy(dict(fields)))
        return found[0] if found else None

    def could_write(self, call: Call) -> bool:
        """Return whether a request can change the state, based on its method and path."""
        try:
            return find_operation(self.operations, call).write
        except UndocumentedRequest:
            return call.method not in SAFE_METHODS

    def respond(self, call: Call) -> Response:
        """Handle a request and return its response. API errors are returned as error responses."""
        try:
            response = self._run(call)
        except ApiError as error:
            if isinstance(error, UndocumentedRequest):
                call.entry.refused = error.message
            response = self.error_response(error)
            response.headers.update(error.headers)
        self.finish(call, response)
        return quirks.change_response(call, response)

    def _run(self, call: Call) -> Response:
        try:
            operation = find_operation(self.operations, call)
        except UndocumentedRequest:
            self.authenticate(call)
            raise
        call.entry.write = operation.write
        if not self.is_public(operation):
            self.authenticate(call)
        self.admit(call, operation)
        check_query(operation, call)
        check_body(operation, call)
        quirks.normalise(call)
        replacement = quirks.replacement(call, operation.write)
        if replacement is not None:
            return replacement
        if operation.write and call.quirk("lost_changes"):
            return self._run_without_effect(call, operation)
        return operation.handler(call)

    def _run_without_effect(self, call: Call, operation: Operation) -> Response:
        restore = self.snapshot()
        try:
            return operation.handler(call)
        finally:
            restore()
            call.entry.applied = False

    def is_public(self, operation: Operation) -> bool:
        """Return whether an operation does not require authentication."""
        return False


def bearer_token(call: Call) -> str:
    """Return the token from an ``Authorization: Bearer`` header, or an empty string."""
    scheme, _space, token = call.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def basic_login(call: Call) -> tuple[str, str]:
    """Return the user name and password from an ``Authorization: Basic`` header, or two empty strings."""
    scheme, _space, encoded = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
