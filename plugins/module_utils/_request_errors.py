# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Create exceptions for failed requests. Neither their messages nor their error details contain secrets."""

from __future__ import annotations

import dataclasses
import re

from ._address import parse
from ._attempt import ApiRequest, FailedAttempt, RawResponse
from ._errors import (
    AccessDenied,
    Failure,
    InvalidResponse,
    OutcomeUnknown,
    RequestFailed,
    reason_of_status,
)
from ._redaction import Redaction
from ._response import MAX_VENDOR_TEXT
from ._retry import ENDED_STATUSES, leaves_outcome_open
from ._session import ApiSession
from ._settings import Settings
from ._tls import tls_hint

try:
    from urllib3.exceptions import ConnectTimeoutError
except ImportError:
    pass

# Maximum number of characters that a sentence quotes from a vendor message or an exception message.
MAX_QUOTED = 300
# Maximum number of characters that are searched for secrets before the text is truncated to :data:`MAX_QUOTED`.
MAX_SCANNED = 64 * 1024
MAX_NAME = 200

UNKNOWN_OUTCOME = (
    " It is not known whether the change was made. Check the object in the service before you run the task again."
)
NOT_OF_THE_API = (
    ", which is not a response of its API. Check that 'api_url' is the address of the API, and that no proxy or login"
    " page responds instead."
)
REMEDIES = {
    401: "The service rejected the credentials, and the module does not send them again. Check the credentials.",
    403: (
        "The credentials are valid, but lack the permission for this request. Grant the permission, or use other"
        " credentials."
    ),
    404: "Check the identifiers in the URL and 'api_url'.",
}


class RequestErrors:
    """Factory for the exceptions that are raised when requests to a system fail."""

    def __init__(self, settings: Settings, session: ApiSession, redaction: Redaction) -> None:
        self._settings = settings
        self._session = session
        self._redaction = redaction
        self._title = settings.title

    def shown(self, url: str) -> str:
        """Return a URL without secrets for use in a message."""
        return self._redaction.text(url)[:MAX_VENDOR_TEXT]

    def outside_link(self, link: str, problem: object) -> RequestFailed:
        """Return the error for a link whose origin differs from the origin of ``api_url``."""
        message = (
            f"{self._title} returned a link that the module does not follow ({self.shown(link)}): {problem}. Following"
            " the link could send the credentials to a different server. Check 'api_url'."
        )
        return self._error(ApiRequest("GET", link), message, "wrong_address")

    def invalid(
        self,
        request: ApiRequest,
        response: RawResponse,
        what: str,
        reason: str = "invalid_response",
        remedy: str | None = None,
    ) -> InvalidResponse:
        """Return the error for a response that does not conform to the documented API.

        :param what: a description of the response, which follows the word "returned" in the message.
        :param remedy: a sentence with a remedy. The default depends on the reason.
        """
        message = f"{self._title} returned {what} for {self._of(request)}"
        if remedy is not None:
            message = f"{message}. {remedy}".rstrip()
        elif reason == "refused":
            message += f". The service rejected the request{self._vendor_message(response)}."
        else:
            message += NOT_OF_THE_API
        return InvalidResponse(self._redacted(message), self._failure(request, reason, response))

    def redirect(self, request: ApiRequest, response: RawResponse, target: str | None) -> RequestFailed:
        """Return the error for a redirect that the client does not follow."""
        address = self.shown(target or "an unknown address")
        message = (
            f"{self._title} redirected {self._of(request)} to {address} ({response.status}). The module does not follow"
            " this redirect. Set 'api_url' to the final address."
        )
        head = RawResponse(response.status, response.headers)
        return self._error(request, message, "wrong_address", head, is_open=leaves_outcome_open(response.status))

    def status(self, request: ApiRequest, response: RawResponse, explanation: str) -> RequestFailed:
        """Return the error for a response with an error status.

        :param explanation: a sentence that explains why the request is not sent again.
        """
        status = response.status
        message = f"{self._title} returned {status} for {self._of(request)}{self._vendor_message(response)}."
        remedy = request.remedies.get(status, REMEDIES.get(status))
        message = " ".join(filter(None, (message, explanation, remedy)))
        kind = AccessDenied if status in (401, 403) else RequestFailed
        is_open = leaves_outcome_open(status)
        return self._error(request, message, reason_of_status(status), response, kind=kind, is_open=is_open)

    def lost_response(self, request: ApiRequest, attempt: FailedAttempt, explanation: str) -> RequestFailed:
        """Return the error for a request that was sent but whose response was lost."""
        message = f"The response of {self._title} to {self._of(request)} was lost: {self._cause(attempt)}."
        message = f"{message} {explanation}".rstrip()
        error = self._error(request, message, attempt.reason, is_open=True)
        if isinstance(error, OutcomeUnknown):
            error.timed_out = attempt.timed_out
        return error

    def no_connection(self, request: ApiRequest, attempt: FailedAttempt, explanation: str) -> RequestFailed:
        """Return the error for a request that was not sent because the connection failed."""
        message = (
            f"Cannot connect to {self._title} at {self._origin()}: {self._cause(attempt)}. Check 'api_url', the network"
            f" path and any proxy. {explanation}"
        )
        return self._error(request, message.rstrip(), attempt.reason)

    def not_sendable(self, request: ApiRequest, attempt: FailedAttempt) -> RequestFailed:
        """Return the error for a request that the HTTP library refuses to send."""
        message = f"Cannot send {self._of(request)}: {self._cause(attempt)}. Check 'api_url'."
        return self._error(request, message, "wrong_address")

    def tls(self, request: ApiRequest, attempt: FailedAttempt) -> RequestFailed:
        """Return the error for a TLS connection that could not be established or that failed later."""
        problem = "failed" if attempt.exchange.sent else "could not be established"
        message = (
            f"The TLS connection to {self._title} at {self._origin()} {problem}: {self._brief(str(attempt.cause))}."
            f" {tls_hint(attempt.cause, self._settings)}"
        )
        return self._error(request, message, "tls", is_open=attempt.exchange.sent)

    def unread(self, request: ApiRequest, attempt: FailedAttempt) -> RequestFailed:
        """Return the error for a response that the client does not accept."""
        message = (
            f"{self._title} returned {attempt.unread} for {self._of(request)}. The module does not read this response."
        )
        return self._error(request, message, "invalid_response", attempt.response, kind=InvalidResponse, is_open=True)

    def _vendor_message(self, response: RawResponse) -> str:
        """Return the vendor message as the end of a sentence, or an empty string if the message is missing or HTML."""
        message = self._brief(response.error.message or "")
        if message[:1] in ("", "<"):
            return ""
        return f": {message}"

    def _error(
        self,
        request: ApiRequest,
        message: str,
        reason: str,
        response: RawResponse | None = None,
        *,
        kind: type[RequestFailed] = RequestFailed,
        is_open: bool = False,
    ) -> RequestFailed:
        """Return the error for a failed request.

        :param is_open: whether the server may have executed the request. The error is then an :class:`OutcomeUnknown`,
            unless the request is repeatable.
        """
        if request.repeatable or not is_open:
            return kind(self._redacted(message), self._failure(request, reason, response))
        failure = self._failure(request, "outcome_unknown", response)
        error = OutcomeUnknown(self._redacted(message + UNKNOWN_OUTCOME), failure)
        error.may_come = response is None or response.status not in ENDED_STATUSES
        return error

    def _redacted(self, message: str) -> str:
        """Return an error message without secrets, followed by a description of the proxy if one is used."""
        if self._session.proxy:
            message += f" Requests go through the proxy {self._session.proxy}."
        return self._redaction.text(message)

    def _failure(self, request: ApiRequest, reason: str, response: RawResponse | None) -> Failure:
        failure = Failure(self._settings.system, request.method, self.shown(request.url), reason=reason)
        if response:
            failure = dataclasses.replace(
                failure,
                status=response.status,
                code=self._cut(response.error.code, MAX_NAME),
                message=self._cut(response.error.message, MAX_VENDOR_TEXT),
                request_id=self._cut(self._request_id(response), MAX_NAME),
            )
        return failure

    def _request_id(self, response: RawResponse) -> str | None:
        found = response.error.request_id
        for name in self._settings.request_id_headers:
            found = response.headers.get(name, found)
        return found

    def _cut(self, text: str | None, limit: int) -> str | None:
        return self._redaction.text(text)[:limit] if text else None

    def _of(self, request: ApiRequest) -> str:
        return f"{request.method} {self.shown(request.url)}"

    def _origin(self) -> str:
        return parse(self._settings.api_url).origin

    def _cause(self, attempt: FailedAttempt) -> str:
        """Return the message of an exception without the representation of a connection object at the beginning."""
        cause: object = attempt.cause
        if isinstance(cause, ConnectTimeoutError):
            cause = cause.args[-1]
        return self._brief(re.sub(r"^(<[^>]*>|\w+\([^)]*\)): ", "", str(cause)[:MAX_SCANNED]))

    def _brief(self, text: str) -> str:
        """Remove secrets from a string, and shorten it for use inside a sentence."""
        return " ".join(self._redaction.text(text).split())[:MAX_QUOTED].rstrip(". ")
