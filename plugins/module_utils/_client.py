# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Send requests to a system's API at a single origin, with timeouts, retries, a rate limit and size limits.

The client does not depend on a vendor. A caller passes the path, the query and the expected statuses. The client
returns a :class:`Response`, or raises an exception from ``_errors``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import re
import threading
import typing as t
from urllib.parse import quote, urlencode, urlsplit

from . import _attempt, _retry
from ._address import resolve
from ._attempt import ApiRequest, FailedAttempt, RawResponse
from ._errors import AccessDenied, InputError, RequestFailed
from ._redaction import Redaction
from ._request_errors import RequestErrors
from ._response import Response
from ._retry import NOT_EXECUTED_STATUSES
from ._session import ApiSession
from ._settings import Settings
from ._stop import StopSwitch
from ._tls import is_closed, is_of_tls
from ._token_grant import FORM, Token, TokenGrant
from ._transport import DEADLINE, Exchange

# Maximum size of a response in bytes. A page of 2,000 customers is about 10 MB.
MAX_JSON_BYTES = 32 * 1024 * 1024
# Maximum size of an export in bytes. Only requests for exports specify ``accept``.
MAX_EXPORT_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 5
# Before a wait that takes longer than this number of seconds, the client displays a message.
LONG_WAIT = 5.0

# Matches the error message of a proxy that permanently refuses a connection, for example due to invalid credentials.
# Other proxy errors, for example 502 and 503, are temporary.
_REFUSED_BY_PROXY = re.compile(r"Tunnel connection failed: 4(?!08|2[59])[0-9]{2}\b")

# These statuses show that the token endpoint does not exist at the specified address.
NO_ENDPOINT_STATUSES = (404, 405)
NO_TOKEN_ENDPOINT = "The token endpoint does not exist at this URL. Check 'api_url'."

Show = t.Callable[[str], None]
# A function that registers the secrets in parameters, which are detected by their names.
Learn = t.Callable[[t.Mapping[str, t.Any]], None]
Query = t.Union[str, t.Sequence[tuple[str, str]]]


def segment(value: str) -> str:
    """Percent-encode a value as a single path segment, so that the value cannot change the rest of the path.

    :raises InputError: the value is empty or a dot segment. URL libraries remove dot segments even if they are encoded.
    """
    if value in ("", ".", ".."):
        raise InputError(f"'{value}' is not a valid identifier, because it would change the URL of the request.")
    return quote(value, safe="")


def _rejected_grant(title: str, error: RequestFailed, remedy: str) -> AccessDenied:
    """Return the error for OAuth credentials that the server rejected."""
    code = error.failure.code
    detail = (error.failure.message or f"HTTP status {error.failure.status}").rstrip(".")
    if code and code != detail:
        detail += f" ({code})"
    message = f"{title} did not issue an access token: {detail}. {remedy}"
    return AccessDenied(message, dataclasses.replace(error.failure, reason="unauthorized"))


class ApiClient:
    """Thread-safe client for the API of one system. Each run uses one client per system.

    Use the client in a with statement. When the statement ends, the client sends no more requests and its threads stop
    waiting. Create threads with ``threads``, and wait with ``sleep``.

    :ivar retry_policy: decides whether a request is sent again.
    :ivar learn_secrets: registers additional secrets to redact in all messages of this client.
    :ivar learn_parameters: registers the secrets in parameters, which are detected by their names.
    :ivar scrub: removes all secrets from a string.
    :ivar sleep: waits for a number of seconds, or raises :class:`Stopped` if the run is stopped in the meantime.
    :ivar threads: provides a thread pool that is stopped promptly after an exception.
    :ivar proven_collections: the paths of collections that returned a list in this run, which proves that ``api_url``
        is correct.
    :param warn: emits a warning, which the user sees after the run.
    :param session: the session to use; by default, a new session.
    :param stop: the switch that ends the run; by default, a new switch.
    :param show: displays a message during the run, if that is possible.
    :param learn: registers the tokens that the client receives, so that the result of the task does not contain them.
    """

    def __init__(
        self,
        settings: Settings,
        warn: t.Callable[[str], None],
        session: ApiSession | None = None,
        stop: StopSwitch | None = None,
        show: Show = lambda text: None,
        learn: Learn = lambda params: None,
    ) -> None:
        self.settings = settings
        self.title = settings.title
        self.warn = warn
        self.show = show
        self.proven_collections: set[str] = set()
        self._session = session or ApiSession(settings)
        self._stop = stop or StopSwitch(self._session.is_awaited, self._session.clock)
        self.retry_policy = _retry.RetryPolicy(settings.retry_budget, settings.connect_budget, self._session.clock)
        self._redaction = Redaction()
        self._redaction.learn(settings.secrets)
        self.learn_secrets = self._redaction.learn
        self.learn_parameters = self._redaction.learn_parameters
        self.scrub = self._redaction.text
        self._learn = learn
        self.sleep = self._stop.sleep
        self.threads = self._stop.threads
        self._errors = RequestErrors(settings, self._session, self._redaction)
        self._connections = threading.BoundedSemaphore(settings.connections)

    def __enter__(self) -> ApiClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()

    @property
    def rejected(self) -> RequestFailed | None:
        """The error after which the client sends no more requests; None if there is no such error."""
        return self._session.rejected

    def get(self, path: str, query: Query = (), **options: t.Any) -> Response:
        """Send a GET request; see :meth:`request`."""
        return self.request("GET", path, query, **options)

    def request(
        self,
        method: str,
        path: str,
        query: Query = (),
        *,
        payload: t.Any = None,
        expect: t.Collection[int] = (),
        repeatable: bool | None = None,
        accept: str | None = None,
        remedies: t.Mapping[int, str] | None = None,
    ) -> Response:
        """Send a request to a path below ``api_url``, and retry it according to the retry policy.

        :param path: the path, which begins with a slash. Encode identifiers with :func:`segment`.
        :param query: the query parameters as pairs, or the encoded query string.
        :param payload: the content of the request, which is sent as JSON; None if the request has no body.
        :param expect: statuses other than 2xx that are not errors.
        :param repeatable: whether sending the request twice has the same effect as sending it once; by default, true
            for every method except POST.
        :param remedies: sentences that replace the default remedy in the message for an error status.
        :raises AccessDenied: 401 or 403.
        :raises OutcomeUnknown: a request that is not repeatable may have been executed.
        :raises RequestFailed: any other error.
        """
        encoded = query if isinstance(query, str) else urlencode(query, quote_via=quote)
        url = self.settings.api_url + path
        if encoded:
            url += f"?{encoded}"
        headers, limit = ({"Accept": accept}, MAX_EXPORT_BYTES) if accept else ({}, MAX_JSON_BYTES)
        body = None
        if payload is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(payload, separators=(",", ":")).encode()
        if repeatable is None:
            repeatable = method != "POST"
        return self._send(
            ApiRequest(method, url, body, headers, frozenset(expect), repeatable, limit, remedies=remedies or {})
        )

    def follow(self, link: str, base: str) -> Response:
        """Follow a link in a response with a GET request, if the link has the same origin as ``api_url``.

        :param base: the path of the request that returned the link. Relative links are resolved against this path.
        :raises RequestFailed: the link has a different origin, to which the client must not send credentials.
        """
        try:
            url = resolve(self.settings.api_url + base, link)
        except ValueError as error:
            raise self._errors.outside_link(link, error) from None
        return self._send(ApiRequest("GET", url, limit=MAX_JSON_BYTES))

    def _send(self, request: ApiRequest) -> Response:
        request = self._with_token(request)
        redirects = 0
        attempts = 0
        uncertain = 0
        lookups = 0
        while True:
            if self._session.rejected is not None:
                raise self._session.rejected
            attempts += 1
            found = self._attempt(request)
            if isinstance(found, FailedAttempt):
                lookups += found.exchange.unresolved is not None
                wait = self._after_failed_attempt(request, found, attempts, lookups)
                uncertain += found.exchange.sent
            elif found.status in request.expect or found.status // 100 == 2:
                unusable = functools.partial(self._errors.invalid, request, found)
                return Response(found.status, found.headers, found.body, attempts, unusable, uncertain)
            elif found.status // 100 == 3:
                redirects += 1
                request = dataclasses.replace(request, url=self._redirect_target(request, found, redirects))
                continue
            elif found.status == 401 and self._renews_token(request):
                request = dataclasses.replace(self._with_token(request), uses_grant=False)
                continue
            else:
                wait = self._after_error_status(request, found, attempts)
                uncertain += found.status not in NOT_EXECUTED_STATUSES
            self._stop.sleep(wait)

    def _with_token(self, request: ApiRequest) -> ApiRequest:
        """Add the access token to a request if the session has an OAuth grant, and return the new request."""
        tokens = self._session.tokens
        if tokens is None or not request.uses_grant:
            return request
        token = tokens.current(self._fetch_token, self.warn, self.sleep)
        self._learn_tokens(tokens.secrets())
        headers = {**request.headers, "Authorization": f"Bearer {token}"}
        return dataclasses.replace(request, token=token, headers=headers)

    def _renews_token(self, request: ApiRequest) -> bool:
        """Renew a rejected access token, and return whether the request can be retried with a different token."""
        tokens = self._session.tokens
        if tokens is None or request.token is None or not request.uses_grant:
            return False
        return tokens.renew(request.token, self._fetch_token, self.warn, self.sleep)

    def _fetch_token(self, grant: TokenGrant, refresh_token: str) -> Token:
        """Fetch an access token.

        :raises AccessDenied: the server rejected the credentials of the grant. No further request is sent.
        :raises RequestFailed: the request failed. If the token endpoint does not exist, no further request is sent.
        :raises InvalidResponse: the response does not contain an access token. No further request is sent.
        """
        self._learn_tokens([refresh_token])
        url, form = self.settings.api_url + grant.path, grant.form(refresh_token)
        remedies = dict.fromkeys(NO_ENDPOINT_STATUSES, NO_TOKEN_ENDPOINT)
        request = ApiRequest("POST", url, form, FORM, limit=MAX_JSON_BYTES, uses_grant=False, remedies=remedies)
        try:
            response = self._send(request)
            token = Token.issued(response.json_object(), refresh_token, self._session.clock.time())
            if token is None:
                raise response.unusable("a response without an access token")
        except RequestFailed as error:
            final = self._final_error(error, grant)
            if final is None:
                raise
            self._session.rejected = final
            raise final from None
        self._learn_tokens(token.secrets)
        return token

    def _final_error(self, error: RequestFailed, grant: TokenGrant) -> RequestFailed | None:
        """Return the error for all further requests after a failed token request, or None if it can be sent again."""
        status = error.failure.status
        if status in (400, 401, 403):
            return _rejected_grant(self.title, error, grant.remedy(error.failure.code))
        if status in NO_ENDPOINT_STATUSES:
            return RequestFailed(error.message, dataclasses.replace(error.failure, reason="wrong_address"))
        return error if error.reason in ("wrong_address", "invalid_response") else None

    def _learn_tokens(self, tokens: t.Sequence[str]) -> None:
        """Register tokens for redaction in the messages of this client and in the result of the task."""
        if self._redaction.values.issuperset(tokens):
            return
        self._redaction.learn(tokens)
        self._learn({"access_token": tokens})

    def _attempt(self, request: ApiRequest) -> RawResponse | FailedAttempt:
        """Send a request once, without retries."""
        self._session.open()
        with self._connections:
            self._session.rate_limiter.acquire(self._stop.sleep)
            exchange = Exchange(self.settings.timeout)
            with self._stop.interrupting(exchange), exchange:
                try:
                    found: RawResponse | FailedAttempt = self._transfer(request, exchange)
                except Exception as error:  # a malformed response can cause any exception in the libraries
                    self._stop.check()
                    found = FailedAttempt(error, exchange)
        if isinstance(found, RawResponse) or exchange.sent:
            self.retry_policy.connected()
        return found

    def _transfer(self, request: ApiRequest, exchange: Exchange) -> RawResponse:
        raw = self._session.send(request.method, request.url, request.headers, request.body)
        try:
            exchange.head_received(raw.status, raw.headers, request.limit)
            body = _attempt.content_of(request, raw)
            return RawResponse(raw.status, raw.headers, body, exchange.ended_by == DEADLINE)
        finally:
            # If the response was read completely, its connection is back in the pool, so close() does not close it.
            raw.close()
            raw.release_conn()

    def _redirect_target(self, request: ApiRequest, response: RawResponse, count: int) -> str:
        """Return the URL to which the server redirects a GET request.

        :raises OutcomeUnknown: the server may have executed a request that is not repeatable.
        :raises RequestFailed: the redirect is not followed.
        """
        target = response.headers.get("Location")
        if target:
            with contextlib.suppress(ValueError):
                target = resolve(request.url, target)
                if request.method == "GET" and count <= MAX_REDIRECTS:
                    return target
        raise self._errors.redirect(request, response, target)

    def _after_failed_attempt(self, request: ApiRequest, attempt: FailedAttempt, attempts: int, lookups: int) -> float:
        """Return the number of seconds to wait before the request is retried.

        :param lookups: the number of attempts in which the host name could not be resolved.
        :raises RequestFailed: the request is not sent again.
        """
        cause, exchange = attempt.cause, attempt.exchange
        is_overdue = exchange.ended_by == DEADLINE
        if is_of_tls(cause) and not is_closed(cause):
            raise self._errors.tls(request, attempt)
        if exchange.sent:
            if attempt.unread:
                raise self._errors.unread(request, attempt)
            decision = self.retry_policy.after_lost_response(attempts, is_overdue, request.repeatable)
            problem, error = "did not respond", self._errors.lost_response
        else:
            if isinstance(cause, ValueError):
                raise self._errors.not_sendable(request, attempt)
            is_refused = _REFUSED_BY_PROXY.match(str(cause)) is not None
            unresolved = exchange.unresolved
            decision = self.retry_policy.after_no_connection(attempts, unresolved, lookups, is_overdue, is_refused)
            problem, error = "cannot be reached", self._errors.no_connection
        if isinstance(decision, str):
            # A server can also close the connection because it rejects the client certificate.
            raise self._errors.tls(request, attempt) if is_of_tls(cause) else error(request, attempt, decision)
        self._announce(request, problem, decision)
        return decision

    def _after_error_status(self, request: ApiRequest, response: RawResponse, attempts: int) -> float:
        """Return the number of seconds to wait before the request is retried.

        :raises RequestFailed: the request is not sent again.
        """
        status = response.status
        requested = _retry.retry_after(response.headers.get("Retry-After"), self._session.clock)
        decision = self.retry_policy.after_status(
            status, attempts, requested, request.repeatable, is_overdue=response.is_overdue
        )
        if isinstance(decision, str):
            error = self._errors.status(request, response, decision)
            if status == 401:
                self._session.rejected = error
            raise error
        self._announce(request, f"returned {status}", decision)
        if status == 429:
            self._session.rate_limiter.pause(decision)
        return decision

    def _announce(self, request: ApiRequest, problem: str, wait: float) -> None:
        """Warn about the delay before a retry. If the delay is long, also display the message during the run."""
        if wait <= 1:
            return
        path = self._errors.shown(urlsplit(request.url).path)
        message = f"{self.title} {problem}. Retrying {request.method} {path} in {wait:.0f} s."
        self.warn(message)
        if wait > LONG_WAIT:
            self.show(message)
