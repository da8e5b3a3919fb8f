# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the exceptions of this collection.

Each exception has a ``reason``, which is one of :data:`REASONS`. Programs can rely on the reason. Unlike a message,
a reason does not change between releases.
"""

from __future__ import annotations

import dataclasses
import os
import types
import typing as t

Params = t.Mapping[str, t.Any]

REASONS = (
    "unreachable", "tls", "unauthorized", "forbidden", "not_found", "conflict", "rate_limited", "unavailable",
    "timeout", "invalid_response", "wrong_address", "ambiguous", "invalid_option", "refused", "outcome_unknown",
    "transaction_failed",
)  # fmt: skip
# For any other status below 500, the reason is "refused".
REASON_OF_STATUS = {
    401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 423: "unavailable", 429: "rate_limited",
}  # fmt: skip


def reason_of_status(status: int) -> str:
    """Return the failure ``reason`` for an HTTP error status."""
    if status < 200:
        return "invalid_response"
    if status >= 500:
        return "unavailable"
    return REASON_OF_STATUS.get(status, "refused")


@dataclasses.dataclass(frozen=True)
class Failure:
    """The structured details of a failure, without secrets.

    ``method``, ``url`` and ``status`` are None if no request failed. ``status`` is also None if there is no response.
    """

    system: str | None
    method: str | None = None
    url: str | None = None
    status: int | None = None
    code: str | None = None
    message: str | None = None
    request_id: str | None = None
    reason: str = "invalid_response"


Error = t.TypeVar("Error", bound="ConnectorsError")


class ConnectorsError(Exception):
    """Base class of the errors that this collection reports.

    :ivar message: the message for the user.
    :ivar result: the values that the task returns in addition to the message.
    :ivar reason: the reason for the failure, one of :data:`REASONS`.
    """

    reason = "refused"

    def __init__(self, message: str, result: Params = types.MappingProxyType({}), reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.result = dict(result)
        if reason:
            self.reason = reason

    def with_message(self: Error, message: str) -> Error:
        """Return a copy of this error with a different message."""
        copy = type(self).__new__(type(self), message)
        copy.__dict__.update(vars(self), message=message, result=dict(self.result))
        return copy

    def with_change(self: Error) -> Error:
        """Return a copy of this error for a task that made a change before it failed."""
        copy = self.with_message(self.message)
        copy.result["changed"] = True
        return copy


class SettingsError(ConnectorsError):
    """A connection option is missing or invalid."""

    reason = "invalid_option"


class InputError(ConnectorsError):
    """A task parameter is invalid, does not identify any object, or identifies several objects."""

    reason = "invalid_option"


def cause_of(error: Exception) -> object:
    """Return the reason that the operating system gives for an error, or the error itself if there is no reason."""
    return getattr(error, "strerror", None) or error


def check_range(
    params: Params, option: str, least: float, most: float, error: type[ConnectorsError] = InputError
) -> None:
    """If a numeric option is set, check that it is within its range.

    :raises ConnectorsError: the number is out of range, infinity or NaN.
    """
    value = params.get(option)
    if value is not None and not least <= value <= most:
        raise error(f"Invalid value {value:g} for '{option}': it must be between {least:.10g} and {most:.10g}.")


def check_not_empty(params: Params, *options: str) -> None:
    """Check that none of the options is an empty string or an empty list, or a list with an empty string.

    An empty value, for example from an undefined variable, would otherwise match no object or all objects.

    :raises InputError: an option is empty.
    """
    for option in options:
        value = params.get(option)
        if value in ("", []) or (isinstance(value, list) and "" in value):
            raise InputError(f"'{option}' must not be empty. Specify a value, or omit the option.")


class TransactionFailed(ConnectorsError):
    """The server accepted the request, but its transaction failed or did not finish in time."""

    reason = "transaction_failed"


class Stopped(ConnectorsError):
    """The run was stopped, for example by a task timeout. It sends no more requests and does not return a result."""

    def __init__(self) -> None:
        super().__init__("The task was stopped and sends no more requests.")


class RequestFailed(ConnectorsError):
    """A request received no response, an error response or an unusable response. ``failure`` contains the details."""

    def __init__(self, message: str, failure: Failure) -> None:
        super().__init__(message, {"failure": dataclasses.asdict(failure)}, failure.reason)
        self.failure = failure


class AccessDenied(RequestFailed):
    """The server rejected the credentials (401) or denied access (403)."""


class OutcomeUnknown(RequestFailed):
    """The client sent a change, but the response does not show whether the change was made.

    :ivar may_come: whether the server may still execute the change. If so, a lookup that does not find the change is
        inconclusive.
    :ivar timed_out: whether the client stopped waiting for the response.
    """

    may_come = False
    timed_out = False


class InvalidResponse(RequestFailed):
    """The response does not conform to the documented API, or does not prove the effect of the request."""


def failure_of(error: ConnectorsError, system: str) -> Params:
    """Return the failure details of an error. If no request failed, only the system and the reason are set."""
    details: Params | None = error.result.get("failure")
    return details or dataclasses.asdict(Failure(system, reason=error.reason))


def as_failure(error: Exception, reason: str = "invalid_response") -> ConnectorsError:
    """Convert any exception to a ``ConnectorsError``. Any data in an unexpected exception is removed.

    :param reason: the ``reason`` of the error if the exception is unexpected.
    """
    if isinstance(error, ConnectorsError):
        return error
    return ConnectorsError(
        f"Cannot process a response or an option ({type(error).__name__}{_place_of(error)}). Report this as a bug in"
        " hybrid.connectors.",
        reason=reason,
    )


def _place_of(error: Exception) -> str:
    """Return the file name and the line number at which an exception was raised.

    This function does not use the module ``traceback``, because ``sys.tracebacklimit`` can limit its entries.
    """
    entry = error.__traceback__
    if entry is None:
        return ""
    while entry.tb_next:
        entry = entry.tb_next
    return f" at {os.path.basename(entry.tb_frame.f_code.co_filename)}:{entry.tb_lineno}"
