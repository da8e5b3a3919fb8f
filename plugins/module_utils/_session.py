# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Store the state that all requests to a system share: connections, headers, rate limiter and rejected credentials.

In-process execution reuses a session in later tasks with the same settings.
"""

from __future__ import annotations

import threading
import traceback
import typing as t

from ._address import parse
from ._clock import CLOCK, Clock
from ._errors import RequestFailed
from ._proxy import described, environment_proxies, proxy_for
from ._rate_limit import RateLimiter
from ._settings import COLLECTION_VERSION, Settings
from ._tls import tls_context
from ._token_grant import AccessTokens
from ._transport import Adapter

try:
    import requests
    from requests.cookies import RequestsCookieJar
except ImportError:
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
    RequestsCookieJar = object  # type: ignore[assignment,misc]
else:
    REQUESTS_IMPORT_ERROR = None


class ApiSession:
    """A thread-safe session with one system.

    :ivar clock: the clock for all waits of the session.
    :ivar proxy: a description of the proxy for messages; None if requests do not use a proxy.
    :ivar tokens: the access token of an OAuth grant; None if the credentials do not require a grant.
    :ivar rejected: the error of the first request with a 401 response, or of a token request that must not be repeated
        in the same run. After this error, no further request is sent.
    :param is_awaited: returns whether the parent process still waits for the result. If not, no request is sent.
    :param tokens: the access token of an earlier session with the same settings; by default, the session gets its own.
    """

    def __init__(
        self,
        settings: Settings,
        is_awaited: t.Callable[[], bool] = lambda: True,
        clock: Clock = CLOCK,
        tokens: AccessTokens | None = None,
    ) -> None:
        self.is_awaited = is_awaited
        self.clock = clock
        self.rate_limiter = RateLimiter(settings.requests_per_second, clock)
        self.rejected: RequestFailed | None = None
        self.proxy: str | None = None
        self.headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": settings.authorization,
            "User-Agent": f"hybrid.connectors/{COLLECTION_VERSION}",
        }
        self.tokens = tokens
        if settings.grant and tokens is None:
            self.tokens = AccessTokens(settings.grant, settings.grant.key(settings.api_url), clock)
        if settings.grant or not settings.authorization:
            del self.headers["Authorization"]
        self._settings = settings
        self._session: requests.Session | None = None
        self._lock = threading.Lock()

    def open(self) -> requests.Session:
        """Return the ``requests.Session``. The first call creates it.

        :raises SettingsError: a certificate or a proxy is invalid.
        """
        with self._lock:
            if self._session is None:
                self._session = self._opened()
            return self._session

    def send(self, method: str, url: str, headers: t.Mapping[str, str], body: bytes | None) -> t.Any:
        """Send a request, and return the urllib3 response before its body is read."""
        session = self.open()
        request = session.prepare_request(requests.Request(method, url, headers=dict(headers), data=body))
        # If proxies are passed as an argument, requests does not combine them with the proxies of the environment.
        proxies = session.proxies
        timeout = self._settings.timeout
        return session.send(request, stream=True, timeout=timeout, proxies=proxies, allow_redirects=False).raw

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._session is not None:
                self._session.close()
            self._session = None

    def _opened(self) -> requests.Session:
        """Return a ``requests.Session`` that ignores cookies, redirects, the environment and ``.netrc``."""
        settings = self._settings
        address = parse(settings.api_url)
        proxies = environment_proxies(settings.api_url) if settings.use_proxy else {}
        proxy = proxy_for(settings.api_url, proxies)
        self.proxy = described(settings.api_url, proxy) if proxy else None
        needs_tls = address.scheme == "https" or proxy.lower().startswith("https:")
        adapter = Adapter(address, tls_context(settings) if needs_tls else None, settings.connections)
        session = requests.Session()
        session.trust_env = False
        session.headers.clear()
        session.headers.update(self.headers)
        session.proxies = dict(proxies)
        session.cookies = _NoCookies()
        # requests always calls this method, but the original method fails for some redirect targets.
        session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


class _NoCookies(RequestsCookieJar):
    """A cookie jar that ignores the cookies in responses and stays empty."""

    def extract_cookies(self, response: t.Any, request: t.Any) -> None:
        """Ignore the cookies in a response."""


# A function that opens a session, or returns the session of an earlier task with the same settings.
Connect = t.Callable[[Settings], ApiSession]
