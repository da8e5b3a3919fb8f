# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""One request and what came of it: a response, or the reasons why there is none."""

from __future__ import annotations

import dataclasses
import socket
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils import _body
from ansible_collections.hybrid.connectors.plugins.module_utils._response import MAX_WORDS
from ansible_collections.hybrid.connectors.plugins.module_utils._transport import OVERSIZE, Exchange

try:
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ReadTimeoutError
except ImportError:
    pass

NOT_RUN_STATUSES = frozenset({423, 429})
PASSING_STATUSES = NOT_RUN_STATUSES | {502, 503, 504}
# Redirects that repeat the method at a different address: this server did not execute the request.
NOT_RUN_REDIRECTS = frozenset({307, 308})
# Errors of a server that prove that it did not execute the request, or that it reports as its own failure.
FINAL_SERVER_ERRORS = frozenset({500, 501, 505, 511})
# After these, nothing executes a request any more.
ENDED_STATUSES = frozenset({408, 502, 503})


def _root_cause(error: BaseException) -> BaseException:
    """Return the innermost exception behind one of requests, which wraps them in its arguments."""
    inner = getattr(error, "reason", None)
    if not isinstance(inner, BaseException):
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    return error if inner is None else _root_cause(inner)


def is_timeout(cause: BaseException) -> bool:
    """Return whether an error is a timeout."""
    # A refused connection is a kind of connect timeout for urllib3.
    timeouts = (ReadTimeoutError, ConnectTimeoutError, TimeoutError, socket.timeout)
    return isinstance(cause, timeouts) and not isinstance(cause, NewConnectionError)


def leaves_outcome_open(status: int) -> bool:
    """Return whether the request may have been executed although this status came."""
    if status // 100 == 3:
        return status not in NOT_RUN_REDIRECTS
    return status < 200 or status == 408 or (status >= 500 and status not in FINAL_SERVER_ERRORS)


@dataclasses.dataclass(frozen=True)
class ApiRequest:
    """A request to send.

    ``expect`` are the statuses beside 2xx that are not an error, and ``limit`` is the size of the response in bytes.
    """

    method: str
    url: str
    body: bytes | None
    headers: t.Mapping[str, str]
    expect: frozenset[int]
    repeatable: bool
    limit: int


@dataclasses.dataclass(frozen=True)
class RawResponse:
    """What came back. ``body`` is complete if the status is one of success or expected."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes = b""


class FailedAttempt:
    """What happened if no response came, or none that can be read.

    :ivar response: its beginning, if that came.
    :ivar refused: what the client refused to read, if that was it.
    """

    def __init__(self, error: Exception, exchange: Exchange) -> None:
        self.cause = _root_cause(error)
        self.exchange = exchange
        self.response = None if exchange.status is None else RawResponse(exchange.status, exchange.headers)
        self.refused: str | None = None
        if isinstance(error, _body.Unreadable):
            self.refused = str(error)
        elif exchange.ended_by == OVERSIZE:
            self.refused = "header lines or chunks without end"


def content_of(call: ApiRequest, raw: t.Any) -> bytes:
    """Read the body of a response of urllib3, as far as it matters."""
    if raw.status < 200:
        return b""
    if raw.status >= 400 and raw.status not in call.expect:
        return _body.read_start(raw, MAX_WORDS)
    return _body.read(raw, call.limit)
