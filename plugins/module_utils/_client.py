# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The one request loop: time-outs, retries by the safety of the request, one budget a run, size limits, one origin.

It knows no vendor. A client names the path, the query and the statuses that it expects; what comes back is an
:class:`RawResponse`, what goes wrong is raised as a type of ``_errors``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import random
import re
import threading
import traceback
import typing as t
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode, urlsplit

from ansible_collections.hybrid.connectors.plugins.module_utils._address import parse, resolve
from ansible_collections.hybrid.connectors.plugins.module_utils._attempt import (
    ENDED_STATUSES,
    NOT_RUN_STATUSES,
    PASSING_STATUSES,
    ApiRequest,
    FailedAttempt,
    RawResponse,
    content_of,
    is_timeout,
    leaves_outcome_open,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    AccessDenied,
    Failure,
    InputError,
    InvalidResponse,
    OutcomeUnknown,
    RequestFailed,
    reason_of_status,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._limits import (
    Outage,
    RateLimiter,
    RetryBudget,
    retry_after,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._proxy import described, environment_proxies, uses_tls
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import Redaction
from ansible_collections.hybrid.connectors.plugins.module_utils._response import (
    MAX_VENDOR_TEXT,
    Response,
    vendor_error,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import COLLECTION_VERSION, SYSTEMS, Settings
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch
from ansible_collections.hybrid.connectors.plugins.module_utils._tls import is_of_tls, tls_context, tls_hint
from ansible_collections.hybrid.connectors.plugins.module_utils._transport import (
    DEADLINE,
    Adapter,
    Exchange,
)

try:
    import requests
    from urllib3.exceptions import ConnectTimeoutError
except ImportError:
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

# A page of 2,000 customers with several KB each has 10 MB.
MAX_JSON_BYTES = 32 * 1024 * 1024
# Of exports, whose callers say what they accept.
MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 5
MAX_ATTEMPTS = 12
MAX_RESOLUTIONS = 2
BACKOFF_BASE = 0.5
BACKOFF_CAP = 30.0
MAX_SAID = 300
# Seconds. A longer wait is shown while it lasts, where Ansible can show it.
LONG_WAIT = 5.0
# Of a text of a server. Secrets are removed from it before it is cut to what is shown.
MAX_SCANNED = 64 * 1024
MAX_NAME = 200

NOT_KNOWN = " Whether the change was made is not known; look at it there before you run this again."

REMEDIES = {
    401: " The credentials were refused and are not tried again; check them.",
    403: " The credentials are valid, but they may not do this; give their owner the right to.",
    404: " Check the identifiers in it and 'api_url'.",
}

Query = t.Union[str, t.Sequence[tuple[str, str]]]


def segment(value: str) -> str:
    """One value as one segment of a path, encoded so that it cannot leave its place.

    :raises InputError: the value is empty or a dot segment, which no encoding protects.
    """
    if value in ("", ".", ".."):
        raise InputError(f"'{value}' cannot be an identifier: it would change the address of the request.")
    return quote(value, safe="")


def _is_refused_by_proxy(cause: BaseException) -> bool:
    """Return whether a proxy refuses to connect to the server, for example because it requires credentials.

    Its other errors, 502 and 503 among them, pass.
    """
    return re.match(r"Tunnel connection failed: 4(?!08|2[59])[0-9]{2}\b", str(cause)) is not None


class ApiSession:
    """What may be kept from one task to the next one with the same settings: connections, pace, and a refusal.

    :param awaited: returns whether what started this process still awaits the result; if not, nothing is sent.
    """

    def __init__(self, settings: Settings, awaited: t.Callable[[], bool] = lambda: True) -> None:
        self.awaited = awaited
        self.pace = RateLimiter(settings.requests_per_second)
        self.refused: AccessDenied | None = None
        self.headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": settings.authorization,
            "User-Agent": f"hybrid.connectors/{COLLECTION_VERSION}",
        }
        self._settings = settings
        # The proxy of the environment that requests go through, for messages.
        self.proxy: str | None = None
        self._adapter: Adapter | None = None
        self._proxies: dict[str, str] = {}
        self._lock = threading.Lock()

    def open(self) -> Adapter:
        """Return the connections, which are made when they are needed first.

        :raises SettingsError: a certificate or a proxy cannot be used.
        """
        adapter = self._adapter
        if adapter is None:
            with self._lock:
                adapter = self._adapter = self._adapter or self._made()
        return adapter

    def send(self, request: requests.PreparedRequest) -> t.Any:
        """Send a request over one of the connections, and return the response of urllib3, whose body is not read yet.

        A session would add what is not wanted here at all, cookies and redirects, and takes half as long again.
        """
        return self.open().send(request, stream=True, timeout=self._settings.timeout, proxies=self._proxies)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._adapter is not None:
                self._adapter.close()
            self._adapter = None

    def _made(self) -> Adapter:
        settings = self._settings
        address = parse(settings.api_url)
        self._proxies = environment_proxies(settings.api_url) if settings.use_proxy else {}
        self.proxy = described(settings.api_url, self._proxies)
        needs_tls = address.scheme == "https" or uses_tls(settings.api_url, self._proxies)
        return Adapter(address, tls_context(settings) if needs_tls else None, settings.connections)


class ApiClient:
    """Requests to one system. One object a run, for any number of threads; its settings say how many connections.

    Use it in a with statement, so that nothing is sent and no thread waits after the run. Whoever makes threads uses
    :meth:`threads`, and whoever waits uses :meth:`sleep`.

    :param warn: emits a warning, which the user sees after the run.
    :param stop: the switch that ends the run, by default one of its own.
    :param show: displays a message during the run, where that is possible.
    """

    def __init__(
        self,
        settings: Settings,
        warn: t.Callable[[str], None],
        link: ApiSession | None = None,
        stop: StopSwitch | None = None,
        show: t.Callable[[str], None] = lambda text: None,
    ) -> None:
        self.settings = settings
        self.title = SYSTEMS[settings.system].title
        self.warn = warn
        self.show = show
        self._link = link or ApiSession(settings)
        self._stop = stop or StopSwitch(self._link.awaited)
        self._budget = RetryBudget(settings.retry_budget)
        self._outage = Outage(settings.connect_budget)
        self._redaction = Redaction()
        self._redaction.learn(settings.secrets)
        self._free = threading.BoundedSemaphore(settings.connections)
        # Paths of collections that returned a list in this run, which proves that 'api_url' is right.
        self.proven_collections: set[str] = set()

    def __enter__(self) -> ApiClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End all waits and requests of this run, from any thread. Later ones raise :class:`Stopped`."""
        self._stop.set()

    def sleep(self, seconds: float) -> None:
        """Wait.

        :raises Stopped: the run was stopped meanwhile.
        """
        self._stop.sleep(seconds)

    def threads(self, number: int) -> contextlib.AbstractContextManager[ThreadPoolExecutor]:
        """Provide a thread pool, which does not outlive an exception for longer than a moment."""
        return self._stop.threads(number)

    def learn_secrets(self, values: t.Iterable[str | None]) -> None:
        """Have these values taken out of every text that this object reports."""
        self._redaction.learn(values)

    def scrub(self, text: str) -> str:
        """Return a text without secrets, known ones and named ones."""
        return self._redaction.text(text)

    def get(self, path: str, query: Query = (), **options: t.Any) -> Response:
        """A GET; see :meth:`request`."""
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
    ) -> Response:
        """Send one request below the system's address until it has an answer that is final.

        :param path: begins with a slash; identifiers in it went through :func:`segment`.
        :param query: pairs, or a string that is encoded already.
        :param payload: sent as JSON, unless it is None.
        :param expect: statuses beside the 2xx that the caller wants to see; every other one is raised.
        :param repeatable: whether sending it twice does no more than sending it once (by default: all but POST).
        :raises AccessDenied: 401 or 403.
        :raises OutcomeUnknown: a request that is not repeatable may have been carried out.
        :raises RequestFailed: everything else that is not an answer.
        """
        text = query if isinstance(query, str) else urlencode(query, quote_via=quote)
        headers: dict[str, str] = {} if payload is None else {"Content-Type": "application/json"}
        if accept:
            headers["Accept"] = accept
        return self._send(
            ApiRequest(
                method,
                self.settings.api_url + path + ("?" + text if text else ""),
                None if payload is None else json.dumps(payload, separators=(",", ":")).encode(),
                headers,
                frozenset(expect),
                method != "POST" if repeatable is None else repeatable,
                MAX_ANSWER_BYTES if accept else MAX_JSON_BYTES,
            )
        )

    def follow(self, link: str, base: str) -> Response:
        """GET a link that an answer gave, if it stays at the origin of ``api_url``.

        :param base: path of the request that was answered, for links that are relative.
        :raises RequestFailed: the link leads elsewhere; the credentials are not sent there.
        """
        try:
            url = resolve(self.settings.api_url + base, link)
        except ValueError as error:
            raise self._failure(
                RequestFailed,
                "GET",
                link,
                f"{self.title} returned a link that does not stay at the origin of 'api_url' ({self._shown(link)}):"
                f" {error}. The client does not follow it, because the credentials would go there. Check 'api_url'.",
                reason="wrong_address",
            ) from None
        return self._send(ApiRequest("GET", url, None, {}, frozenset(), True, MAX_JSON_BYTES))

    def _shown(self, url: str) -> str:
        return self.scrub(url)[:MAX_VENDOR_TEXT]

    def _brief(self, text: str) -> str:
        """The words of somebody else as a part of a sentence."""
        return " ".join(self.scrub(text).split())[:MAX_SAID].rstrip(". ")

    def _failure(
        self,
        kind: type[RequestFailed],
        method: str,
        url: str,
        sentence: str,
        *,
        response: RawResponse | None = None,
        reason: str = "invalid_response",
    ) -> t.Any:
        code, words, request_id = vendor_error(response.body if response else b"")
        for name in self.settings.request_id_headers:
            request_id = (response.headers.get(name) if response else None) or request_id
        failure = Failure(
            system=self.settings.system,
            method=method,
            url=self._shown(url),
            status=response.status if response else None,
            code=self.scrub(code)[:MAX_NAME] if code else None,
            message=self.scrub(words)[:MAX_VENDOR_TEXT] if words else None,
            request_id=self.scrub(request_id)[:MAX_NAME] if request_id else None,
            reason=reason,
        )
        if self._link.proxy:
            sentence += f" Requests go through the proxy {self._link.proxy}."
        return kind(self.scrub(sentence), failure)

    def _send(self, call: ApiRequest) -> Response:
        redirects = 0
        attempt = 0
        uncertain = 0
        while True:
            if self._link.refused is not None:
                raise self._link.refused
            attempt += 1
            found = self._exchange(call)
            if not isinstance(found, FailedAttempt) or found.exchange.sent:
                self._outage.end()
            if isinstance(found, FailedAttempt):
                pause = self._after_lost_answer(call, found, attempt)
                uncertain += 1 if found.exchange.sent else 0
            elif found.status // 100 == 2 or found.status in call.expect:
                return self._answer(call, found, attempt, uncertain)
            elif found.status // 100 == 3:
                redirects += 1
                call = dataclasses.replace(call, url=self._redirected(call, found, redirects))
                continue
            else:
                pause = self._after_refusal(call, found, attempt)
                uncertain += 0 if found.status in NOT_RUN_STATUSES else 1
            self._stop.sleep(pause)

    def _exchange(self, call: ApiRequest) -> RawResponse | FailedAttempt:
        """Send a request once."""
        self._link.open()
        with self._free:
            self._link.pace.take(self._stop.sleep)
            exchange = Exchange(self.settings.timeout)
            with self._stop.interrupting(exchange), exchange:
                try:
                    return self._transfer(call, exchange)
                except Exception as error:  # a server can make the libraries raise anything
                    self._stop.check()
                    return FailedAttempt(error, exchange)

    def _transfer(self, call: ApiRequest, exchange: Exchange) -> RawResponse:
        request = requests.PreparedRequest()
        headers = {**self._link.headers, **call.headers}
        request.prepare(method=call.method, url=call.url, headers=headers, data=call.body)
        raw = self._link.send(request)
        try:
            exchange.head_received(raw.status, raw.headers, call.limit)
            return RawResponse(raw.status, raw.headers, content_of(call, raw))
        finally:
            # The connection of a response that was read to its end is back in the pool, and is not closed.
            raw.close()
            raw.release_conn()

    def _answer(self, call: ApiRequest, response: RawResponse, attempts: int, uncertain: int) -> Response:
        def unusable(what: str, reason: str = "invalid_response") -> InvalidResponse:
            error: InvalidResponse = self._failure(
                InvalidResponse,
                call.method,
                call.url,
                response=response,
                reason=reason,
                sentence=f"{self.title} answered {call.method} {self._shown(call.url)} with {what}, which its API does"
                " not do. Check that 'api_url' is the address of the API and that no proxy or login page answers in its"
                " place.",
            )
            return error

        return Response(response.status, response.headers, response.body, attempts, unusable, uncertain)

    def _redirected(self, call: ApiRequest, response: RawResponse, count: int) -> str:
        """Return the address that a redirect of a GET leads to.

        :raises OutcomeUnknown: the request is not repeatable, and the server may have executed it before it redirected.
        :raises RequestFailed: the redirect is not followed.
        """
        location = response.headers.get("Location")
        try:
            target = resolve(call.url, location) if location else None
        except ValueError:
            target = None
        if call.method == "GET" and target and count <= MAX_REDIRECTS:
            return target
        open_outcome = not call.repeatable and leaves_outcome_open(response.status)
        error = self._failure(
            OutcomeUnknown if open_outcome else RequestFailed,
            call.method,
            call.url,
            response=RawResponse(response.status, response.headers),
            reason="outcome_unknown" if open_outcome else "wrong_address",
            sentence=f"{self.title} answered {call.method} {self._shown(call.url)} with a redirect ({response.status})"
            f" to {self._shown(target or location or 'nowhere')}, which is not followed."
            f" Set 'api_url' to the address where the API really is.{NOT_KNOWN if open_outcome else ''}",
        )
        if open_outcome:
            error.may_come = True
        raise error

    def _wait(
        self,
        attempt: int,
        asked: float | None,
        why: str,
        method: str,
        url: str,
        most: int = MAX_ATTEMPTS,
        longest: float = math.inf,
    ) -> float | None:
        """Return the seconds to wait before the next attempt, out of the budget; None if there is to be none.

        :param asked: the seconds that the server asks for.
        :param most: how many attempts there may be.
        :param longest: the most seconds to wait, unless the server asks for more.
        """
        if attempt >= most or longest <= 0:
            return None
        wanted = asked or min(longest, random.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt)))
        granted = self._budget.grant(wanted, may_shorten=not asked)
        if granted and granted > 1:
            message = (
                f"{self.title} {why}; waiting {granted:.0f} s before {method}"
                f" {self._shown(urlsplit(url).path)} is repeated."
            )
            self.warn(message)
            if granted > LONG_WAIT:
                self.show(message)
        return granted

    def _spent(self, attempt: int, asked: float | None) -> str:
        """Return why a request is not repeated any more, for a message."""
        budget = f"'retry_budget' ({self.settings.retry_budget:g} s for the whole task)"
        if self.settings.retry_budget <= 0:
            return "Nothing is repeated, because 'retry_budget' is 0."
        if attempt >= MAX_ATTEMPTS:
            return f"Sending it {attempt} times did not help. Run the task again later."
        if asked:
            return (
                f"It asks to wait {asked:.0f} s, more than is left of {budget}. Run the task again later, or raise it."
            )
        return f"Repeating it did not help within {budget}. Run the task again later, or raise it."

    def _unconnected(self, lost: FailedAttempt, attempt: int) -> str:
        """Return why a connection that cannot be made is not tried again, for a message."""
        settings = self.settings
        if lost.exchange.unresolved and attempt >= MAX_RESOLUTIONS:
            return f"The name '{lost.exchange.unresolved}' was looked up {attempt} times."
        if attempt >= MAX_ATTEMPTS or settings.connect_budget == settings.retry_budget:
            return self._spent(attempt, None)
        return (
            f"Trying again for {settings.connect_budget:g} s did not help."
            " Set 'retry_budget' to have it tried for longer."
        )

    def _after_lost_answer(self, call: ApiRequest, lost: FailedAttempt, attempt: int) -> float:
        """Return the seconds to wait before the request is sent again, or raise."""
        if is_of_tls(lost.cause):
            raise self._tls_failed(call, lost)
        if lost.refused and lost.exchange.sent:
            raise self._refused(call, lost, lost.refused)
        words = str(lost.cause.args[-1] if isinstance(lost.cause, ConnectTimeoutError) else lost.cause)
        said = self._brief(re.sub(r"^(<[^>]*>|\w+\([^)]*\)): ", "", words[:MAX_SCANNED]))
        if not lost.exchange.sent:
            return self._after_no_connection(call, lost, attempt, said)
        sentence = f"The answer of {self.title} to {call.method} {self._shown(call.url)} was lost: {said}."
        is_too_late = lost.exchange.ended_by == DEADLINE
        timed_out = is_timeout(lost.cause) or is_too_late
        if not call.repeatable:
            unknown = self._outcome_unknown(call, None, sentence, may_come=True)
            unknown.timed_out = timed_out
            raise unknown
        wait_for = None
        if is_too_late:
            sentence += " A request that takes so long is not repeated. Raise 'timeout' if the server needs the time."
        else:
            wait_for = self._wait(attempt, None, "did not answer", call.method, call.url)
            sentence += f" {self._spent(attempt, None)}"
        if wait_for is None:
            reason = "timeout" if timed_out else "unreachable"
            raise self._failure(RequestFailed, call.method, call.url, sentence, reason=reason)
        return wait_for

    def _after_no_connection(self, call: ApiRequest, lost: FailedAttempt, attempt: int, said: str) -> float:
        """Return the seconds to wait before a connection is tried again, or raise. The request was not sent."""
        if isinstance(lost.cause, ValueError):
            sentence = f"{call.method} {self._shown(call.url)} cannot be sent: {said}. Check 'api_url'."
            raise self._failure(RequestFailed, call.method, call.url, sentence, reason="wrong_address")
        where = parse(self.settings.api_url).origin
        sentence = f"{self.title} cannot be reached at {where}: {said}. Check 'api_url' and the way there."
        is_too_late = lost.exchange.ended_by == DEADLINE
        wait_for = None
        if _is_refused_by_proxy(lost.cause):
            sentence += " The proxy refuses it, so it is not tried again. Check the proxy and its credentials."
        elif not is_too_late:
            most = MAX_RESOLUTIONS if lost.exchange.unresolved else MAX_ATTEMPTS
            left = self._outage.left()
            wait_for = self._wait(attempt, None, "cannot be reached", call.method, call.url, most, left)
            sentence += f" {self._unconnected(lost, attempt)}"
        if wait_for is None:
            reason = "timeout" if is_timeout(lost.cause) or is_too_late else "unreachable"
            raise self._failure(RequestFailed, call.method, call.url, sentence, reason=reason)
        return wait_for

    def _tls_failed(self, call: ApiRequest, lost: FailedAttempt) -> RequestFailed:
        said, hint = self._brief(str(lost.cause)), tls_hint(lost.cause, self.settings)
        sent = lost.exchange.sent
        sentence = (
            f"The TLS connection to {self.title} at {parse(self.settings.api_url).origin}"
            f" {'failed' if sent else 'could not be made'}: {said}. {hint}"
        )
        if sent and not call.repeatable:
            return self._outcome_unknown(call, None, sentence, may_come=True)
        error: RequestFailed = self._failure(RequestFailed, call.method, call.url, sentence, reason="tls")
        return error

    def _refused(self, call: ApiRequest, lost: FailedAttempt, what: str) -> RequestFailed:
        """Return the error for a response that the client refuses to read."""
        sentence = f"{self.title} answered {call.method} {self._shown(call.url)} with {what}, which is not read."
        if not call.repeatable:
            return self._outcome_unknown(call, lost.response, sentence, may_come=True)
        error: RequestFailed = self._failure(InvalidResponse, call.method, call.url, sentence, response=lost.response)
        return error

    def _outcome_unknown(
        self, call: ApiRequest, response: RawResponse | None, sentence: str, *, may_come: bool
    ) -> OutcomeUnknown:
        error: OutcomeUnknown = self._failure(
            OutcomeUnknown, call.method, call.url, sentence + NOT_KNOWN, response=response, reason="outcome_unknown"
        )
        error.may_come = may_come
        return error

    def _after_refusal(self, call: ApiRequest, response: RawResponse, attempt: int) -> float:
        """Return the seconds to wait before the request is sent again, or raise."""
        status = response.status
        words = vendor_error(response.body)[1]
        said = self._brief(words) if words and not words.startswith("<") else ""
        shown = f"{call.method} {self._shown(call.url)}"
        sentence = f"{self.title} answered {status} to {shown}{': ' if said else ''}{said}."
        if not call.repeatable and leaves_outcome_open(status):
            raise self._outcome_unknown(call, response, sentence, may_come=status not in ENDED_STATUSES)
        if status in PASSING_STATUSES:
            asked = retry_after(response.headers.get("Retry-After"))
            wait_for = self._wait(attempt, asked, f"answered {status}", call.method, call.url)
            if wait_for is not None:
                if status == 429:
                    self._link.pace.hold(wait_for)
                return wait_for
            sentence += " " + self._spent(attempt, asked)
        sentence += REMEDIES.get(status, "")
        failure = self._failure(
            AccessDenied if status in (401, 403) else RequestFailed,
            call.method,
            call.url,
            sentence,
            response=response,
            reason="invalid_response" if status < 200 else reason_of_status(status),
        )
        if status == 401:
            self._link.refused = failure
        raise failure
