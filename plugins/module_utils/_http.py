# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The one request loop: time-outs, retries by the safety of the request, one budget a run, size limits, one origin.

It knows no vendor. A client names the path, the query and the statuses that it expects; what comes back is an
:class:`Answer`, what goes wrong is raised as a type of ``_errors``.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import ssl
import threading
import traceback
import typing as t
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode, urljoin, urlsplit

from ansible_collections.hybrid.connectors.plugins.module_utils._answer import MAX_VENDOR_TEXT, Answer, vendor_words
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    Failure,
    InputError,
    NotAllowed,
    OutcomeUnknown,
    RequestFailed,
    UnusableAnswer,
    reason_of_status,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._forms import forms_of, of_proxies
from ansible_collections.hybrid.connectors.plugins.module_utils._limits import Budget, Pace, retry_after
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import COLLECTION_VERSION, SYSTEMS, Settings
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import Stop
from ansible_collections.hybrid.connectors.plugins.module_utils._tls import (
    TlsAdapter,
    nothing_was_sent,
    tls_context,
    tls_hint,
)

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NewConnectionError, ReadTimeoutError
except ImportError:
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
    HTTPAdapter = object  # type: ignore[assignment,misc]
else:
    REQUESTS_IMPORT_ERROR = None

MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 5
MAX_ATTEMPTS = 12
BACKOFF_BASE = 0.5
BACKOFF_CAP = 30.0
CHUNK_BYTES = 256 * 1024
MAX_SAID = 300
MAX_NAME = 200

NOT_RUN_STATUSES = frozenset({423, 429})
PASSING_STATUSES = NOT_RUN_STATUSES | {502, 503, 504}

NOT_KNOWN = " Whether the change was made is not known; look at it there before you run this again."

Query = t.Union[str, t.Sequence[tuple[str, str]]]


def segment(value: str) -> str:
    """One value as one segment of a path, encoded so that it cannot leave its place.

    :raises InputError: the value is empty or a dot segment, which no encoding protects.
    """
    if value in ("", ".", ".."):
        raise InputError(f"'{value}' cannot be an identifier: it would change the address of the request.")
    return quote(value, safe="")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _root_cause(error: BaseException) -> BaseException:
    """The innermost exception behind one of requests, which wraps them in its arguments."""
    inner = getattr(error, "reason", None)
    if not isinstance(inner, BaseException):
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    return error if inner is None else _root_cause(inner)


def _never_made(error: requests.exceptions.RequestException) -> bool:
    """Whether a failed request certainly never reached the server."""
    cause = _root_cause(error)
    # urllib3 takes an answer that was lost behind a proxy for an error of the proxy, too.
    return isinstance(error, requests.exceptions.ConnectTimeout) or (
        isinstance(cause, NewConnectionError)
        or (isinstance(error, requests.exceptions.ProxyError) and not isinstance(cause, ConnectionError))
    )


class Link:
    """What may be kept from one task to the next one with the same settings: connections, pace, and a refusal.

    :param stop: the switch of the runs over this link; by default each run has one of its own.
    :param awaited: returns whether what started this process still awaits the result; if not, nothing is sent.
    """

    def __init__(
        self, settings: Settings, stop: Stop | None = None, awaited: t.Callable[[], bool] = lambda: True
    ) -> None:
        self.stop = stop
        self.awaited = awaited
        self.pace = Pace(settings.requests_per_second)
        self.refused: NotAllowed | None = None
        self.headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": settings.authorization,
            "User-Agent": f"hybrid.connectors/{COLLECTION_VERSION}",
        }
        self._settings = settings
        self._adapter: HTTPAdapter | None = None
        self._proxies: dict[str, str]
        self._lock = threading.Lock()

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        """Send a request over one of the connections; its answer is not read yet.

        A session would add what is not wanted here at all, cookies and redirects, and takes half as long again.
        """
        with self._lock:
            if self._adapter is None:
                self._adapter = self._made()
        try:
            return self._adapter.send(request, stream=True, timeout=self._settings.timeout, proxies=self._proxies)
        except LocationParseError as error:  # requests lets it pass where the name of a host is looked up
            raise requests.exceptions.InvalidURL(error) from None

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._adapter is not None:
                self._adapter.close()
            self._adapter = None

    def _made(self) -> HTTPAdapter:
        settings = self._settings
        self._proxies = requests.utils.get_environ_proxies(settings.api_url) if settings.use_proxy else {}
        if settings.api_url.startswith("https:"):
            return TlsAdapter(tls_context(settings), settings.connections)
        return HTTPAdapter(pool_maxsize=settings.connections)


class Http:
    """Requests to one system. One object a run, for any number of threads; its settings say how many connections.

    Use it in a with statement, so that nothing is sent and no thread waits after the run. Whoever makes threads uses
    :meth:`threads`, and whoever waits uses :meth:`sleep`.
    """

    def __init__(
        self,
        settings: Settings,
        warn: t.Callable[[str], None],
        link: Link | None = None,
    ) -> None:
        self.settings = settings
        self.title = SYSTEMS[settings.system].title
        self.warn = warn
        self._link = link or Link(settings)
        self._stop = self._link.stop or Stop(self._link.awaited)
        self._budget = Budget(settings.retry_budget)
        self._secrets = {*settings.secrets, *of_proxies()}
        self._free = threading.BoundedSemaphore(settings.connections)
        # Paths of collections that returned a list in this run, which proves that 'api_url' is right.
        self.proven_collections: set[str] = set()

    def __enter__(self) -> Http:
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
        self._secrets.update(form for value in values if value for form in forms_of(value))

    def scrub(self, text: str) -> str:
        """The text without known secrets, without credentials in addresses and without tokens in query strings."""
        for secret in sorted((secret for secret in self._secrets if secret in text), key=len, reverse=True):
            text = text.replace(secret, "********")
        text = re.sub(r"(?<=://)[^/\s@'\"]+@", "********@", text)
        text = re.sub(
            r"(?i)((?:auth_|access_|refresh_)?token|password|secret)(=|%3d)[^&\s'\"<>]+", r"\1\2********", text
        )
        return re.sub(
            r'(?i)("[a-z_]*(?:token|password|secret)[a-z_]*"\s*:\s*)"(?:[^"\\]|\\.)*"?', r'\1"********"', text
        )

    def get(self, path: str, query: Query = (), **options: t.Any) -> Answer:
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
    ) -> Answer:
        """Send one request below the system's address until it has an answer that is final.

        :param path: begins with a slash; identifiers in it went through :func:`segment`.
        :param query: pairs, or a string that is encoded already.
        :param payload: sent as JSON, unless it is None.
        :param expect: statuses beside the 2xx that the caller wants to see; every other one is raised.
        :param repeatable: whether sending it twice does no more than sending it once (by default: all but POST).
        :raises NotAllowed: 401 or 403.
        :raises OutcomeUnknown: a request that is not repeatable may have been carried out.
        :raises RequestFailed: everything else that is not an answer.
        """
        text = query if isinstance(query, str) else urlencode(query, quote_via=quote)
        url = self.settings.api_url + path + ("?" + text if text else "")
        return self._send(
            method, url, payload, frozenset(expect), method != "POST" if repeatable is None else repeatable, accept
        )

    def follow(self, link: str, base: str) -> Answer:
        """GET a link that an answer gave, if it stays at the origin of ``api_url``.

        :param base: path of the request that was answered, for links that are relative.
        :raises RequestFailed: the link leads elsewhere; the credentials are not sent there.
        """
        url, within = self._joined(self.settings.api_url + base, link)
        if not within:
            raise self._failure(
                RequestFailed,
                "GET",
                url,
                f"{self.title} gave a link to another origin ({self._shown(url)}); it is not followed, because the"
                " credentials would go there. Check 'api_url'.",
                reason="wrong_address",
            )
        return self._send("GET", url, None, frozenset(), True, None)

    def _joined(self, base: str, link: str) -> tuple[str, bool]:
        """Where a link leads, and whether that is the origin of ``api_url``."""
        try:
            url = urljoin(base, link)
            return url, _origin(url) == _origin(self.settings.api_url)
        except ValueError:
            return link, False

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
        status: int | None = None,
        headers: t.Mapping[str, str] | None = None,
        body: bytes = b"",
        reason: str = "invalid_response",
    ) -> t.Any:
        code, words, request_id = vendor_words(body)
        for name in self.settings.request_id_headers:
            request_id = (headers or {}).get(name) or request_id
        failure = Failure(
            system=self.settings.system,
            method=method,
            url=self._shown(url),
            status=status,
            code=self.scrub(code)[:MAX_NAME] if code else None,
            message=self.scrub(words)[:MAX_VENDOR_TEXT] if words else None,
            request_id=self.scrub(request_id)[:MAX_NAME] if request_id else None,
            reason=reason,
        )
        return kind(self.scrub(sentence), failure)

    def _send(
        self, method: str, url: str, payload: t.Any, expect: frozenset[int], repeatable: bool, accept: str | None
    ) -> Answer:
        redirects = 0
        attempt = 0
        uncertain = 0
        body = None if payload is None else json.dumps(payload, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if accept:
            headers["Accept"] = accept
        while True:
            if self._link.refused is not None:
                raise self._link.refused
            attempt += 1
            try:
                with self._free:
                    self._link.pace.take(self._stop.sleep)
                    self._stop.check()
                    status, answer_headers, content = self._exchange(method, url, body, headers)
            except requests.exceptions.RequestException as error:
                wait_for = self._after_lost_answer(error, method, url, repeatable, attempt)
                uncertain += 0 if _never_made(error) else 1
            else:
                if status // 100 == 2 or status in expect:
                    return self._answer(method, url, status, answer_headers, content, attempt, uncertain)
                if status // 100 == 3:
                    redirects += 1
                    url = self._redirected(method, url, status, answer_headers, redirects)
                    continue
                wait_for = self._after_refusal(method, url, status, answer_headers, content, repeatable, attempt)
                uncertain += 0 if status in NOT_RUN_STATUSES else 1
            self._stop.sleep(wait_for)

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: t.Mapping[str, str]
    ) -> tuple[int, t.Mapping[str, str], bytes]:
        request = requests.PreparedRequest()
        request.prepare(method=method, url=url, headers={**self._link.headers, **headers}, data=body)
        with self._link.send(request) as response:
            chunks: list[bytes] = []
            size = 0
            for chunk in response.iter_content(CHUNK_BYTES):
                size += len(chunk)
                if size > MAX_ANSWER_BYTES:
                    raise self._failure(
                        UnusableAnswer,
                        method,
                        url,
                        status=response.status_code,
                        headers=response.headers,
                        sentence=(
                            f"{self.title} answered {method} {self._shown(url)} with more than 64 MiB,"
                            " which is not read."
                        ),
                    )
                chunks.append(chunk)
            announced = response.headers.get("Content-Length")
            whole = not announced or not announced.isdigit() or size >= int(announced)
            if not whole and not response.headers.get("Content-Encoding"):
                raise requests.exceptions.ChunkedEncodingError(f"{size} of {announced} bytes came")
        return response.status_code, response.headers, b"".join(chunks)

    def _answer(
        self,
        method: str,
        url: str,
        status: int,
        headers: t.Mapping[str, str],
        content: bytes,
        attempts: int,
        uncertain: int,
    ) -> Answer:
        def unusable(what: str, reason: str = "invalid_response") -> UnusableAnswer:
            error: UnusableAnswer = self._failure(
                UnusableAnswer,
                method,
                url,
                status=status,
                headers=headers,
                body=content,
                reason=reason,
                sentence=f"{self.title} answered {method} {self._shown(url)} with {what}, which its API does not do."
                " Check that 'api_url' is the address of the API and that no proxy or login page answers in its place.",
            )
            return error

        return Answer(status, headers, content, attempts, unusable, uncertain)

    def _redirected(self, method: str, url: str, status: int, headers: t.Mapping[str, str], count: int) -> str:
        location = headers.get("Location")
        target, within = self._joined(url, location) if location else ("", False)
        if method == "GET" and within and count <= MAX_REDIRECTS:
            return target
        raise self._failure(
            RequestFailed,
            method,
            url,
            status=status,
            headers=headers,
            reason="wrong_address",
            sentence=f"{self.title} answered {method} {self._shown(url)} with a redirect ({status}) to"
            f" {self._shown(target) or 'nowhere'}, which is not followed."
            " Set 'api_url' to the address where the API really is.",
        )

    def _wait(self, attempt: int, asked: float | None, why: str, method: str, url: str) -> float | None:
        """Seconds to wait before the next attempt, out of the budget; None if there is to be none."""
        if attempt >= MAX_ATTEMPTS:
            return None
        wanted = asked or random.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt))
        granted = self._budget.grant(wanted, may_shorten=not asked)
        if granted and granted > 1:
            self.warn(
                f"{self.title} {why}; waiting {granted:.0f} s before {method}"
                f" {self._shown(urlsplit(url).path)} is repeated."
            )
        return granted

    def _spent(self, attempt: int, asked: float | None) -> str:
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

    def _after_lost_answer(
        self, error: requests.exceptions.RequestException, method: str, url: str, repeatable: bool, attempt: int
    ) -> float:
        cause = _root_cause(error)
        words = str(cause.args[-1] if isinstance(cause, ConnectTimeoutError) else cause)
        said = self._brief(re.sub(r"^(<[^>]*>|\w+\([^)]*\)): ", "", words))
        where = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
        if isinstance(error, requests.exceptions.SSLError) or isinstance(cause, ssl.SSLCertVerificationError):
            never_made = nothing_was_sent(cause)
            raise self._failure(
                RequestFailed if never_made or repeatable else OutcomeUnknown,
                method,
                url,
                f"The TLS connection to {self.title} at {where} {'could not be made' if never_made else 'failed'}:"
                f" {said}. {tls_hint(cause)}{'' if never_made or repeatable else NOT_KNOWN}",
                reason="tls" if never_made or repeatable else "outcome_unknown",
            ) from None
        never_made = _never_made(error)
        lost = isinstance(
            error,
            (
                requests.exceptions.ConnectionError,
                requests.exceptions.Timeout,
                requests.exceptions.ChunkedEncodingError,
                requests.exceptions.ContentDecodingError,
            ),
        )
        if never_made:
            sentence = f"{self.title} cannot be reached at {where}: {said}. Check 'api_url' and the way there."
        elif lost:
            sentence = f"The answer of {self.title} to {method} {self._shown(url)} was lost: {said}."
        else:
            raise self._failure(
                RequestFailed,
                method,
                url,
                f"{method} {self._shown(url)} cannot be sent: {said}. Check 'api_url'.",
                reason="wrong_address",
            ) from None
        if not never_made and not repeatable:
            unknown = self._failure(OutcomeUnknown, method, url, sentence + NOT_KNOWN, reason="outcome_unknown")
            unknown.may_come = isinstance(cause, (ReadTimeoutError, TimeoutError))
            raise unknown from None
        wait_for = self._wait(attempt, None, "did not answer", method, url)
        if wait_for is None:
            # A refused connection is a kind of connect timeout for urllib3.
            timed_out = isinstance(cause, (ReadTimeoutError, ConnectTimeoutError, TimeoutError))
            timed_out = timed_out and not isinstance(cause, NewConnectionError)
            raise self._failure(
                RequestFailed,
                method,
                url,
                f"{sentence} {self._spent(attempt, None)}",
                reason="timeout" if timed_out else "unreachable",
            ) from None
        return wait_for

    def _after_refusal(
        self,
        method: str,
        url: str,
        status: int,
        headers: t.Mapping[str, str],
        content: bytes,
        repeatable: bool,
        attempt: int,
    ) -> float:
        words = vendor_words(content)[1]
        said = self._brief(words) if words and not words.startswith("<") else ""
        sentence = f"{self.title} answered {status} to {method} {self._shown(url)}{': ' if said else ''}{said}."
        kind: type[RequestFailed] = RequestFailed
        if status in (401, 403):
            kind = NotAllowed
            sentence += (
                " The credentials were refused and are not tried again; check them."
                if status == 401
                else " The credentials are valid, but they may not do this; give their owner the right to."
            )
        elif status in PASSING_STATUSES:
            if status not in NOT_RUN_STATUSES and not repeatable:
                kind = OutcomeUnknown
                sentence += NOT_KNOWN
            else:
                asked = retry_after(headers.get("Retry-After"))
                wait_for = self._wait(attempt, asked, f"answered {status}", method, url)
                if wait_for is not None:
                    if status == 429:
                        self._link.pace.hold(wait_for)
                    return wait_for
                sentence += " " + self._spent(attempt, asked)
        elif status == 404:
            sentence += " Check the identifiers in it and 'api_url'."
        reason = "outcome_unknown" if kind is OutcomeUnknown else reason_of_status(status)
        failure = self._failure(
            kind, method, url, sentence, status=status, headers=headers, body=content, reason=reason
        )
        if status == 401:
            self._link.refused = failure
        raise failure
