# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The errors of requests: their messages, and the structured failure without secrets."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._address import parse
from ansible_collections.hybrid.connectors.plugins.module_utils._attempt import (
    ApiRequest,
    FailedAttempt,
    RawResponse,
    is_timeout,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    AccessDenied,
    Failure,
    InvalidResponse,
    OutcomeUnknown,
    RequestFailed,
    reason_of_status,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import Redaction
from ansible_collections.hybrid.connectors.plugins.module_utils._response import MAX_VENDOR_TEXT, vendor_error
from ansible_collections.hybrid.connectors.plugins.module_utils._retry import ENDED_STATUSES, leaves_outcome_open
from ansible_collections.hybrid.connectors.plugins.module_utils._session import ApiSession
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import Settings
from ansible_collections.hybrid.connectors.plugins.module_utils._tls import tls_hint
from ansible_collections.hybrid.connectors.plugins.module_utils._transport import DEADLINE

try:
    from urllib3.exceptions import ConnectTimeoutError
except ImportError:
    pass

# Characters of a vendor's message within a sentence.
MAX_QUOTED = 300
# Characters of a vendor's text that are read. Secrets are removed from it before it is cut to what is shown.
MAX_SCANNED = 64 * 1024
MAX_NAME = 200

UNKNOWN_OUTCOME = (
    " It is not known whether the change was made. Check the object in the service before you run the task again."
)
REMEDIES = {
    401: " The service rejected the credentials, and the module does not send them again. Check the credentials.",
    403: " The credentials are valid, but lack the permission for this request. Grant it, or use other credentials.",
    404: " Check the identifiers in the URL and 'api_url'.",
}


class RequestErrors:
    """Make the errors of the requests to one system. No secret is in any of them."""

    def __init__(self, settings: Settings, session: ApiSession, redaction: Redaction) -> None:
        self._settings = settings
        self._session = session
        self._redaction = redaction
        self._title = settings.title

    def shown(self, url: str) -> str:
        """Return a URL for a message."""
        return self._redaction.text(url)[:MAX_VENDOR_TEXT]

    def outside_link(self, link: str, problem: object) -> RequestFailed:
        """Return the error of a link that does not stay at the origin of ``api_url``."""
        message = (
            f"{self._title} returned a link that does not stay at the origin of 'api_url' ({self.shown(link)}):"
            f" {problem}. The module does not follow it, because the credentials would go there. Check 'api_url'."
        )
        return self._error(RequestFailed, "GET", link, message, reason="wrong_address")

    def invalid(
        self, request: ApiRequest, response: RawResponse, what: str, reason: str = "invalid_response"
    ) -> InvalidResponse:
        """Return the error of a response that is not what the API documents.

        :param what: what the response is or contains instead.
        """
        message = (
            f"{self._title} returned {what} for {self._of(request)}, which is not a response of its API. Check that"
            " 'api_url' is the address of the API, and that no proxy or login page responds instead."
        )
        return self._error(InvalidResponse, request.method, request.url, message, response, reason)

    def redirect(self, request: ApiRequest, response: RawResponse, target: str | None) -> RequestFailed:
        """Return the error of a redirect that is not followed."""
        message = (
            f"{self._title} redirected {self._of(request)} to {self.shown(target) if target else 'nowhere'}"
            f" ({response.status}). The module does not follow this redirect. Set 'api_url' to the final address."
        )
        head = RawResponse(response.status, response.headers)
        if not request.repeatable and leaves_outcome_open(response.status):
            return self._unknown(request, message, head, may_come=True)
        return self._error(RequestFailed, request.method, request.url, message, head, "wrong_address")

    def status(self, request: ApiRequest, response: RawResponse, explanation: str) -> RequestFailed:
        """Return the error of a response with an error status.

        :param explanation: why the request is not sent again, as a sentence.
        """
        status = response.status
        message = f"{self._title} returned {status} for {self._of(request)}{self._vendor_message(response)}."
        if not request.repeatable and leaves_outcome_open(status):
            return self._unknown(request, message, response, may_come=status not in ENDED_STATUSES)
        message = f"{message} {explanation}".rstrip() + REMEDIES.get(status, "")
        kind = AccessDenied if status in (401, 403) else RequestFailed
        reason = "invalid_response" if status < 200 else reason_of_status(status)
        return self._error(kind, request.method, request.url, message, response, reason)

    def lost_response(self, request: ApiRequest, attempt: FailedAttempt, explanation: str) -> RequestFailed:
        """Return the error of a request that was sent and whose response was lost."""
        message = f"The response of {self._title} to {self._of(request)} was lost: {self._cause(attempt)}."
        timed_out = is_timeout(attempt.cause) or attempt.exchange.ended_by == DEADLINE
        if not request.repeatable:
            unknown = self._unknown(request, message, None, may_come=True)
            unknown.timed_out = timed_out
            return unknown
        reason = "timeout" if timed_out else "unreachable"
        return self._error(RequestFailed, request.method, request.url, f"{message} {explanation}", reason=reason)

    def no_connection(self, request: ApiRequest, attempt: FailedAttempt, explanation: str) -> RequestFailed:
        """Return the error of a request that was not sent, because there is no connection."""
        message = (
            f"Cannot connect to {self._title} at {self._origin()}: {self._cause(attempt)}. Check 'api_url', the network"
            f" path and any proxy. {explanation}"
        )
        timed_out = is_timeout(attempt.cause) or attempt.exchange.ended_by == DEADLINE
        reason = "timeout" if timed_out else "unreachable"
        return self._error(RequestFailed, request.method, request.url, message.rstrip(), reason=reason)

    def not_sendable(self, request: ApiRequest, attempt: FailedAttempt) -> RequestFailed:
        """Return the error of a request that the libraries refuse to send."""
        message = f"Cannot send {self._of(request)}: {self._cause(attempt)}. Check 'api_url'."
        return self._error(RequestFailed, request.method, request.url, message, reason="wrong_address")

    def tls(self, request: ApiRequest, attempt: FailedAttempt) -> RequestFailed:
        """Return the error of a TLS connection that cannot be established, or that failed later."""
        sent = attempt.exchange.sent
        message = (
            f"The TLS connection to {self._title} at {self._origin()} {'failed' if sent else 'could not be made'}:"
            f" {self._brief(str(attempt.cause))}. {tls_hint(attempt.cause, self._settings)}"
        )
        if sent and not request.repeatable:
            return self._unknown(request, message, None, may_come=True)
        return self._error(RequestFailed, request.method, request.url, message, reason="tls")

    def unread(self, request: ApiRequest, attempt: FailedAttempt) -> RequestFailed:
        """Return the error of a response that the client refuses to read."""
        message = f"{self._title} returned {attempt.unread} for {self._of(request)}. The module does not read it."
        if not request.repeatable:
            return self._unknown(request, message, attempt.response, may_come=True)
        return self._error(InvalidResponse, request.method, request.url, message, attempt.response)

    def _vendor_message(self, response: RawResponse) -> str:
        """Return the vendor's message as the end of a sentence; empty if there is none that a person can read."""
        vendor = vendor_error(response.body)[1]
        if not vendor or vendor.startswith("<"):
            return ""
        quoted = self._brief(vendor)
        return f": {quoted}" if quoted else ""

    def _unknown(
        self, request: ApiRequest, message: str, response: RawResponse | None, *, may_come: bool
    ) -> OutcomeUnknown:
        message += UNKNOWN_OUTCOME
        error = self._error(OutcomeUnknown, request.method, request.url, message, response, "outcome_unknown")
        error.may_come = may_come
        return error

    def _error(
        self,
        kind: type[Error],
        method: str,
        url: str,
        message: str,
        response: RawResponse | None = None,
        reason: str = "invalid_response",
    ) -> Error:
        code, vendor, request_id = vendor_error(response.body if response else b"")
        if response:
            names = [name for name in self._settings.request_id_headers if response.headers.get(name)]
            request_id = response.headers[names[-1]] if names else request_id
        failure = Failure(
            system=self._settings.system,
            method=method,
            url=self.shown(url),
            status=response.status if response else None,
            code=self._cut(code, MAX_NAME),
            message=self._cut(vendor, MAX_VENDOR_TEXT),
            request_id=self._cut(request_id, MAX_NAME),
            reason=reason,
        )
        if self._session.proxy:
            message += f" Requests go through the proxy {self._session.proxy}."
        return kind(self._redaction.text(message), failure)

    def _cut(self, text: str | None, limit: int) -> str | None:
        return self._redaction.text(text)[:limit] if text else None

    def _of(self, request: ApiRequest) -> str:
        return f"{request.method} {self.shown(request.url)}"

    def _origin(self) -> str:
        return parse(self._settings.api_url).origin

    def _cause(self, attempt: FailedAttempt) -> str:
        """Return the message of an exception without the representation of the connection."""
        cause = attempt.cause
        text = str(cause.args[-1] if isinstance(cause, ConnectTimeoutError) else cause)
        return self._brief(re.sub(r"^(<[^>]*>|\w+\([^)]*\)): ", "", text[:MAX_SCANNED]))

    def _brief(self, text: str) -> str:
        """Return a text as a part of a sentence."""
        return " ".join(self._redaction.text(text).split())[:MAX_QUOTED].rstrip(". ")


Error = t.TypeVar("Error", bound=RequestFailed)
