# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Get access tokens with the OAuth 2.0 refresh grant (RFC 6749, section 6), and keep them for a session.

The session fetches a token before the first request, when less than 10 % of the lifetime remains, and once after a 401
response. If the user sets a cache file, other tasks can also use the token.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import threading
import typing as t
from urllib.parse import urlencode

from ._clock import Clock
from ._token_cache import Entry, Sleep, TokenCache, Warn

# A token is replaced when less than this fraction of its lifetime remains.
RESERVE = 0.1
# The module emits a warning if the refresh token expires within this number of seconds.
EXPIRES_SOON = 14 * 86400
MAX_LIFETIME = 1e10
# A string with more digits is longer than MAX_LIFETIME, and Python limits the number of digits that it converts.
MAX_DIGITS = 10
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclasses.dataclass(frozen=True)
class TokenGrant:
    """The credentials of a refresh grant.

    :ivar path: the path of the token endpoint, relative to the address of the API.
    :ivar cache: the path of the file that caches the access token; None to use no file.
    :ivar remedies: a remedy for each OAuth error code, as a sentence. The code "" applies to all other errors.
    :ivar authorize: sentences that explain how to get a new refresh token.
    """

    client_id: str
    client_secret: str = dataclasses.field(repr=False)
    refresh_token: str = dataclasses.field(repr=False)
    path: str
    cache: str | None = None
    remedies: tuple[tuple[str, str], ...] = ()
    authorize: str = ""

    def form(self, refresh_token: str) -> bytes:
        """Return the body of the token request."""
        fields = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": refresh_token,
        }
        return urlencode(fields).encode()

    def remedy(self, code: str | None) -> str:
        """Return a sentence that explains how to resolve an error."""
        remedies = dict(self.remedies)
        return remedies.get(code or "", remedies[""])

    def key(self, api_url: str) -> str:
        """Return the cache key for these credentials. The key is a hash, so that it does not reveal a secret."""
        text = "\0".join((api_url, self.client_id, self.refresh_token))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclasses.dataclass(frozen=True)
class Token:
    """An access token.

    :ivar expires_at: the end of its lifetime in seconds since the Unix epoch; None if it is unknown.
    :ivar refresh_token: the refresh token for the next access token.
    :ivar refresh_expires_at: the end of the lifetime of the refresh token; None if it is unknown.
    """

    access_token: str
    issued_at: float
    expires_at: float | None
    refresh_token: str
    refresh_expires_at: float | None = None

    @property
    def secrets(self) -> tuple[str, str]:
        """The access token and the refresh token."""
        return self.access_token, self.refresh_token

    @classmethod
    def issued(cls, content: t.Mapping[str, t.Any], refresh_token: str, now: float) -> Token | None:
        """Return the token from a token response, or None if the response does not contain a valid access token."""
        token, renewed = content.get("access_token"), content.get("refresh_token")
        if not _is_token(token):
            return None
        if not _is_token(renewed):
            renewed = refresh_token
        ends = [_end_of(now, content.get(key)) for key in ("expires_in", "refresh_token_expires_in")]
        return cls(str(token), now, ends[0], str(renewed), ends[1])

    def is_usable(self, now: float) -> bool:
        """Return whether more than 10 % of the token's lifetime remains, or the lifetime is unknown."""
        if self.expires_at is None:
            return True
        return now < self.expires_at - RESERVE * (self.expires_at - self.issued_at)

    def entry(self) -> Entry:
        """Return the entry for the cache. An access token whose lifetime is unknown is stored as expired.

        Other tasks could use such a token long after its end. But they need the refresh token, because the server may
        reject the refresh token that it replaced.
        """
        entry = dataclasses.asdict(self)
        if self.expires_at is None:
            entry["expires_at"] = self.issued_at
        return entry


def _is_token(value: object) -> bool:
    """Return whether a value from a server is a valid token for an HTTP header."""
    return isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]{1,65536}", value) is not None


def _end_of(now: float, seconds: t.Any) -> float | None:
    """Return the time at which a token expires, or None if the server does not return a valid lifetime.

    :param seconds: the lifetime as a number, or as a string of digits, which some OAuth servers return.
    """
    if isinstance(seconds, str) and re.fullmatch(rf"[0-9]{{1,{MAX_DIGITS}}}", seconds):
        seconds = int(seconds)
    if type(seconds) not in (int, float) or not 0 <= seconds < MAX_LIFETIME:
        return None
    return now + float(seconds)


class Endpoint(t.Protocol):
    """A function that sends a token request. It returns the token, or raises an error."""

    def __call__(self, grant: TokenGrant, refresh_token: str) -> Token: ...


class AccessTokens:
    """A thread-safe store for the access token that all requests of a session share.

    :ivar grant: the credentials.
    :param key: the key of the credentials in the cache.
    """

    def __init__(self, grant: TokenGrant, key: str, clock: Clock) -> None:
        self.grant = grant
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._cache = TokenCache(grant.cache, key, clock) if grant.cache else None

    def current(self, endpoint: Endpoint, warn: Warn, sleep: Sleep) -> str:
        """Return a usable access token. Request a new token if neither the session nor the cache has one.

        :param sleep: waits for a number of seconds, or raises an exception if the run is stopped.
        """
        with self._lock:
            if self._token is None or not self._token.is_usable(self._clock.time()):
                self._token = self._fetched(endpoint, warn, sleep, None)
            return self._token.access_token

    def secrets(self) -> tuple[str, ...]:
        """Return the current access token and its refresh token."""
        token = self._token
        return token.secrets if token else ()

    def renew(self, rejected: str, endpoint: Endpoint, warn: Warn, sleep: Sleep) -> bool:
        """Replace an access token that the server rejected. Return whether a different token is now available."""
        with self._lock:
            if self._token is None:
                return False
            if self._token.access_token == rejected:
                self._token = self._fetched(endpoint, warn, sleep, rejected)
            return self._token.access_token != rejected

    def _fetched(self, endpoint: Endpoint, warn: Warn, sleep: Sleep, rejected: str | None) -> Token:
        """Return a token from the cache, or from the server if the cache has no usable token."""
        refresh_token = self._token.refresh_token if self._token else self.grant.refresh_token
        if self._cache is None:
            return self._from_server(endpoint, warn, refresh_token)
        with self._cache.locked(warn, sleep):
            cached = self._cache.read()
            if cached:
                token = Token(**cached)
                if token.access_token != rejected and token.is_usable(self._clock.time()):
                    self._warn_of_expiry(token, warn)
                    return token
                # If the last token of this session could not be stored, the cache contains an older refresh token.
                if self._token is None or token.issued_at >= self._token.issued_at:
                    refresh_token = token.refresh_token
            return self._from_server(endpoint, warn, refresh_token)

    def _from_server(self, endpoint: Endpoint, warn: Warn, refresh_token: str) -> Token:
        """Return a new token from the server, and store it in the cache."""
        token = endpoint(self.grant, refresh_token)
        is_stored = self._cache is not None and self._cache.write(token.entry(), warn)
        if token.refresh_token != refresh_token and not is_stored:
            warn(
                "The server returned a new refresh token, and the current one may stop working. Set 'token_cache' to"
                " the path of a file that can be written to keep the new refresh token, or authorize the application"
                " again."
            )
        self._warn_of_expiry(token, warn)
        return token

    def _warn_of_expiry(self, token: Token, warn: Warn) -> None:
        if token.refresh_expires_at is None:
            return
        left = token.refresh_expires_at - self._clock.time()
        if left < EXPIRES_SOON:
            warn(f"The refresh token expires in {max(0, left) / 86400:.1f} days. {self.grant.authorize}")
