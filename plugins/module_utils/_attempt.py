# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the classes for a request, a response and a failed attempt to send a request."""

from __future__ import annotations

import dataclasses
import functools
import socket
import typing as t

from . import _body
from ._response import MAX_ERROR_BYTES, VendorError, vendor_error
from ._transport import DEADLINE, OVERSIZE, Exchange

try:
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ReadTimeoutError
except ImportError:
    pass


def _root_cause(error: BaseException) -> BaseException:
    """Return the original exception, which requests and urllib3 wrap in other exceptions."""
    for inner in (getattr(error, "reason", None), *error.args):
        if isinstance(inner, BaseException):
            return _root_cause(inner)
    return error


def _is_timeout(cause: BaseException) -> bool:
    # In urllib3, the exception for a refused connection is a subclass of the exception for a connect timeout.
    timeouts = (ReadTimeoutError, ConnectTimeoutError, TimeoutError, socket.timeout)
    return isinstance(cause, timeouts) and not isinstance(cause, NewConnectionError)


@dataclasses.dataclass(frozen=True)
class ApiRequest:
    """An HTTP request to send.

    :ivar expect: the statuses other than 2xx that are not errors.
    :ivar repeatable: whether sending the request twice has the same effect as sending it once.
    :ivar limit: the maximum size of the response in bytes.
    :ivar remedies: the sentence with a remedy for each error status, if it differs from the default.
    :ivar uses_grant: whether the request uses the access token of an OAuth grant, if the session has a grant.
    :ivar token: the access token of the OAuth grant; None if the request does not use one.
    """

    method: str
    url: str
    body: bytes | None = None
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    expect: frozenset[int] = frozenset()
    repeatable: bool = True
    limit: int = 0
    remedies: t.Mapping[int, str] = dataclasses.field(default_factory=dict)
    uses_grant: bool = True
    token: str | None = dataclasses.field(default=None, repr=False)


@dataclasses.dataclass(frozen=True)
class RawResponse:
    """An HTTP response. ``body`` is complete if the status is 2xx or a status that the request expects.

    :ivar is_overdue: whether the deadline of the request ended the attempt, so that the body is incomplete.
    """

    status: int
    headers: t.Mapping[str, str]
    body: bytes = b""
    is_overdue: bool = False

    @functools.cached_property
    def error(self) -> VendorError:
        """The code, the message and the request ID in the body of the response, if the body contains an error."""
        return vendor_error(self.body, self.status)


class FailedAttempt:
    """A failed attempt: no response was received, or the response cannot be read.

    :ivar cause: the innermost exception.
    :ivar timed_out: whether a timeout ended the attempt.
    :ivar reason: the reason for the failure if there is no response.
    :ivar response: the status and the headers of the response; None if they were not received.
    :ivar unread: a description of the data that the client refused to read; None if the attempt failed for a different
        reason.
    """

    def __init__(self, error: Exception, exchange: Exchange) -> None:
        self.cause = _root_cause(error)
        self.exchange = exchange
        self.timed_out = _is_timeout(self.cause) or exchange.ended_by == DEADLINE
        self.reason = "timeout" if self.timed_out else "unreachable"
        self.response = None if exchange.status is None else RawResponse(exchange.status, exchange.headers)
        self.unread: str | None = None
        if isinstance(error, _body.Unreadable):
            self.unread = str(error)
        elif exchange.ended_by == OVERSIZE:
            self.unread = "too much data in header lines or chunks"


def content_of(request: ApiRequest, raw: t.Any) -> bytes:
    """Return the body of a urllib3 response. For an error response, return only the beginning of the body."""
    if raw.status < 200:
        return b""
    if raw.status >= 400 and raw.status not in request.expect:
        return _body.read_start(raw, MAX_ERROR_BYTES)
    return _body.read(raw, request.limit)
