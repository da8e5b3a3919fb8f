# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Errors as types. They are raised where they happen and become a failure at the module edge alone.

``reason`` is a stable word for programs, one of :data:`REASONS`. Messages may change between releases; reasons do not.
"""

from __future__ import annotations

import dataclasses
import typing as t

REASONS = (
    "unreachable",
    "tls",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "rate_limited",
    "unavailable",
    "timeout",
    "invalid_response",
    "wrong_address",
    "ambiguous",
    "invalid_option",
    "refused",
    "outcome_unknown",
    "transaction_failed",
)
REASON_OF_STATUS = {
    400: "refused",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    423: "unavailable",
    429: "rate_limited",
    502: "unavailable",
    503: "unavailable",
    504: "unavailable",
}


def reason_of_status(status: int) -> str:
    """Return the reason for a response with an HTTP status that is an error."""
    if status in REASON_OF_STATUS:
        return REASON_OF_STATUS[status]
    return "unavailable" if status >= 500 else "refused"


@dataclasses.dataclass(frozen=True)
class Failure:
    """The structured part of a failure, without secrets.

    ``method``, ``url`` and ``status`` are None where no request failed; ``status`` is None as well if no response came.
    """

    system: str | None
    method: str | None
    url: str | None
    status: int | None = None
    code: str | None = None
    message: str | None = None
    request_id: str | None = None
    reason: str = "invalid_response"


class ConnectorsError(Exception):
    """Any error that this collection reports: one sentence for the user, and ``result``, what the task still returns.

    :ivar reason: why it failed, one of :data:`REASONS`.
    """

    reason = "refused"

    def __init__(self, message: str, result: t.Mapping[str, t.Any] | None = None, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.result = dict(result or {})
        if reason:
            self.reason = reason


class SettingsError(ConnectorsError):
    """A connection option is missing or invalid."""

    reason = "invalid_option"


class InputError(ConnectorsError):
    """The task asks for something impossible: an invalid value, an ambiguous or unknown name."""

    reason = "invalid_option"


class TransactionFailed(ConnectorsError):
    """The server accepted a change and reported later that it failed, or did not finish it in time."""

    reason = "transaction_failed"


class Stopped(ConnectorsError):
    """The run was stopped, for example by a task timeout. It sends nothing more, and nobody reads this error."""

    def __init__(self) -> None:
        super().__init__("The task was stopped. Nothing more is sent.")


class RequestFailed(ConnectorsError):
    """A request got no response, or an error, or an unusable response. ``failure`` says which and why."""

    def __init__(self, message: str, failure: Failure) -> None:
        super().__init__(message, {"failure": dataclasses.asdict(failure)}, failure.reason)
        self.failure = failure


class AccessDenied(RequestFailed):
    """HTTP 401 or 403: the server rejected the credentials. No request is sent again with them."""


class OutcomeUnknown(RequestFailed):
    """The client sent a change and lost the response: the change may have been made or not.

    ``may_come`` is true if the server may still be working on it, so that finding no trace of it proves nothing.
    ``timed_out`` is true if the client stopped waiting for the response.
    """

    may_come = False
    timed_out = False


class InvalidResponse(RequestFailed):
    """A response is not what the documented API returns, or does not prove what was requested."""
