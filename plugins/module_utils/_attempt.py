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


@dataclasses.dataclass(frozen=True)
class ApiRequest:
    """A request to send.

    ``expect`` has the statuses other than 2xx that are not an error. ``repeatable`` is whether sending the request
    twice has the same effect as sending it once. ``limit`` is the maximum size of the response in bytes.
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
    """A response. ``body`` is complete if the status is a success or expected."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes = b""


class FailedAttempt:
    """An attempt without a response, or with a response that cannot be read.

    :ivar cause: the innermost exception.
    :ivar response: the head of the response, if it was received.
    :ivar unread: what the client refused to read, if that is why the attempt failed.
    """

    def __init__(self, error: Exception, exchange: Exchange) -> None:
        self.cause = _root_cause(error)
        self.exchange = exchange
        self.response = None if exchange.status is None else RawResponse(exchange.status, exchange.headers)
        self.unread: str | None = None
        if isinstance(error, _body.Unreadable):
            self.unread = str(error)
        elif exchange.ended_by == OVERSIZE:
            self.unread = "header lines or chunks without end"


def content_of(call: ApiRequest, raw: t.Any) -> bytes:
    """Read the body of a response of urllib3, as far as it matters."""
    if raw.status < 200:
        return b""
    if raw.status >= 400 and raw.status not in call.expect:
        return _body.read_start(raw, MAX_WORDS)
    return _body.read(raw, call.limit)
