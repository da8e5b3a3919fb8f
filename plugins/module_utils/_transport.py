# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Limit the duration and the size of each HTTP exchange, and allow other threads to abort it.

The timeout of urllib3 applies to each read, so a server can delay a response indefinitely by sending single bytes.
urllib3 also does not limit the number of header lines, chunk lines and '100 Continue' responses. The sockets in this
module apply the limits of the current thread's exchange, and raise an exception if the exchange exceeds a limit.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import logging
import math
import socket
import ssl
import threading
import time
import typing as t

from ._address import Address
from ._tls import URLLIB3_1

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NewConnectionError
    from urllib3.util.connection import allowed_gai_family
except ImportError:
    HTTPAdapter = object  # type: ignore[assignment,misc]

# The deadline of an exchange is 'timeout' multiplied by this factor.
# Received data extends the deadline according to the minimum transfer rate.
DEADLINE_FACTOR = 10
SLOWEST_BYTES_PER_SECOND = 64 * 1024
MAX_HEAD_BYTES = 1024 * 1024

DEADLINE, OVERSIZE, ABORTED = "deadline", "oversize", "aborted"


class Exchange:
    """One HTTP request and its response, for use in a ``with`` statement.

    :ivar sent: whether any byte of the request may have reached the server.
    :ivar unresolved: the name of the host or proxy if the name could not be resolved; otherwise None.
    :ivar status: the status of the response; None if the headers were not received.
    :ivar writing: whether bytes that are sent belong to the request, and not to a handshake or a tunnel.
    :ivar response: the response to close when the exchange ends, because urllib3 leaves a response with invalid headers
        open.
    :ivar ended_by: ``deadline``, ``oversize`` or ``aborted`` if the exchange ended for this reason; otherwise None.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.sent = False
        self.unresolved: str | None = None
        self.ended_by: str | None = None
        self.status: int | None = None
        self.headers: t.Mapping[str, str] = {}
        self.writing = False
        self._received = 0
        self._allowed = MAX_HEAD_BYTES
        self._deadline = time.monotonic() + DEADLINE_FACTOR * timeout
        self._socket: socket.socket | None = None
        self.response: http.client.HTTPResponse | None = None

    def __enter__(self) -> Exchange:
        _current.exchange = self
        return self

    def __exit__(self, *_exception: object) -> None:
        _current.exchange = None
        if self.response is not None:
            self.response.close()

    def abort(self) -> None:
        """Abort the exchange from another thread."""
        self.ended_by = ABORTED
        used = self._socket
        if used is not None:
            # Do not call the SSLSocket method, because a concurrent write would then continue without encryption.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(used, socket.SHUT_RDWR)

    def head_received(self, status: int, headers: t.Mapping[str, str], limit: int) -> None:
        """Store the status and the headers of the response, and allow ``limit`` bytes for its body."""
        self.status = status
        self.headers = headers
        self._allowed = self._received + 2 * limit

    def use(self, sock: socket.socket, writing: bool = False) -> None:
        """Prepare a socket for a blocking call that ends at the deadline and can be aborted."""
        self._socket = sock
        if self.ended_by == ABORTED:
            raise ConnectionAbortedError("The request was stopped.")
        remaining = self.remaining()
        if remaining < (sock.gettimeout() or math.inf):
            sock.settimeout(remaining)
        self.sent |= writing & self.writing

    def received(self, count: int) -> None:
        """Add ``count`` to the number of received bytes, and enforce the size limit.

        :raises ConnectionAbortedError: the response is too large.
        """
        self._received += count
        if self._received > self._allowed:
            self.ended_by = OVERSIZE
            raise ConnectionAbortedError("The response is too large.")

    def remaining(self) -> float:
        """Return the seconds until the deadline.

        :raises socket.timeout: the deadline has passed.
        """
        seconds = self._deadline + self._received / SLOWEST_BYTES_PER_SECOND - time.monotonic()
        if seconds <= 0:
            self.ended_by = DEADLINE
            raise socket.timeout(f"The response was not complete after {DEADLINE_FACTOR * self.timeout:g} s.")
        return seconds


class _Current(threading.local):
    exchange: Exchange | None = None


_current = _Current()


def _timed(call: t.Callable[..., t.Any], writing: bool = False) -> t.Callable[..., t.Any]:
    """Wrap a socket method so that it applies the limits of the current thread's exchange."""

    def method(sock: socket.socket, *args: t.Any) -> t.Any:
        exchange = _current.exchange
        if exchange is None:
            return call(sock, *args)
        exchange.use(sock, writing)
        try:
            result = call(sock, *args)
        except socket.timeout:
            exchange.remaining()
            raise
        if result and not writing:
            exchange.received(result if isinstance(result, int) else len(result))
        return result

    return method


class _TimedSocket(socket.socket):
    """A socket that applies the limits of the current thread's exchange."""

    connect = _timed(socket.socket.connect)
    recv_into = _timed(socket.socket.recv_into)
    send = _timed(socket.socket.send, writing=True)
    sendall = _timed(socket.socket.sendall, writing=True)


class TimedTlsSocket(ssl.SSLSocket):
    """A TLS socket that applies the limits of the current thread's exchange.

    urllib3 calls ``recv`` if the connection is a tunnel through a proxy that uses TLS.
    """

    do_handshake = _timed(ssl.SSLSocket.do_handshake)
    recv = _timed(ssl.SSLSocket.recv)
    recv_into = _timed(ssl.SSLSocket.recv_into)
    send = _timed(ssl.SSLSocket.send, writing=True)


def _connected(host: str, port: int, timeout: t.Any, options: t.Iterable[t.Any]) -> socket.socket:
    """Try the addresses of a host in order until one accepts a connection, and return the connected socket."""
    failure = OSError("the host name does not have an IP address")
    for family, kind, protocol, _name, address in _resolved(host, port):
        sock = _TimedSocket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(timeout)
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            failure = error
    raise failure


def _resolved(host: str, port: int) -> t.Sequence[t.Any]:
    """Resolve a host name, and return its addresses in the format of ``getaddrinfo``.

    :raises LocationParseError: the name is not a valid host name.
    """
    try:
        return socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
    except UnicodeError:
        raise LocationParseError(f"'{host}', label empty or too long") from None
    except socket.gaierror:
        if _current.exchange is not None:
            _current.exchange.unresolved = host
        raise


class _Timed:
    """Mixin that overrides methods of urllib3 connections to apply the limits of the current exchange."""

    host: str
    port: int
    timeout: t.Any
    socket_options: t.Any
    _dns_host: str
    # If other code sets this attribute in http.client, connections print requests including their credentials.
    # This value overrides the attribute.
    debuglevel = 0

    def _new_conn(self) -> socket.socket:
        try:
            return _connected(self._dns_host.strip("[]"), self.port, self.timeout, self.socket_options or ())
        except socket.timeout:
            message = f"Connection to {self.host} timed out. (connect timeout={self.timeout})"
            raise ConnectTimeoutError(self, message) from None
        except OSError as error:
            raise NewConnectionError(self, f"Failed to establish a new connection: {error}") from None  # type: ignore[arg-type]

    def request(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        if _current.exchange is not None:
            _current.exchange.writing = True
        return super().request(*args, **kwargs)  # type: ignore[misc]

    def response_class(self, *args: t.Any, **kwargs: t.Any) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(*args, **kwargs)
        if _current.exchange is not None:
            _current.exchange.response = response
        return response


class _TimedThroughSocks(_Timed):
    """Variant of :class:`_Timed` for connections that PySocks establishes through a SOCKS proxy."""

    def _new_conn(self) -> socket.socket:
        connected: socket.socket = super(_Timed, self)._new_conn()  # type: ignore[misc]
        timeout = connected.gettimeout()
        sock = _TimedSocket(fileno=connected.detach())
        sock.settimeout(timeout)
        return sock


@functools.cache
def _timed_pool(pool: type) -> type:
    """Return a subclass of a urllib3 connection pool whose connections have time limits."""
    connection: type = pool.ConnectionCls  # type: ignore[attr-defined]
    mixin = _TimedThroughSocks if connection.__module__.endswith("socks") else _Timed
    timed = type(connection.__name__, (mixin, connection), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": timed})


class Adapter(HTTPAdapter):
    """A requests adapter with time limits. All its connections go to one origin, regardless of the request URL.

    The connections share one TLS context, because requests would otherwise load the CA bundle for each connection.

    :param address: the address of the API.
    :param context: the TLS context; None if neither the server nor the proxy uses TLS.
    """

    def __init__(self, address: Address, context: ssl.SSLContext | None, connections: int) -> None:
        if context is not None:
            context.sslsocket_class = TimedTlsSocket
        self._address = address
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        _use_timed_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: t.Any, **kwargs: t.Any) -> t.Any:
        known = proxy in self.proxy_manager
        # With this argument, urllib3 1 would not check the host name in the certificate of the proxy.
        # The manager of a SOCKS proxy does not accept this argument.
        if not URLLIB3_1 and not proxy.lower().startswith("socks"):
            kwargs["proxy_ssl_context"] = self._context
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        if not known:
            _use_timed_pools(manager)
        return manager

    def get_connection(self, url: t.Any, proxies: t.Any = None) -> t.Any:
        """Return the connection pool for the origin. Versions of requests before 2.32 call this method."""
        return super().get_connection(self._address.origin, proxies)

    def build_connection_pool_key_attributes(self, request: t.Any, verify: t.Any, cert: t.Any = None) -> t.Any:
        """Return the key of the connection pool for the origin."""
        scheme, host, port, _rest = self._address
        return {"scheme": scheme, "host": host, "port": port}, {}

    def cert_verify(self, conn: t.Any, url: t.Any, verify: t.Any, cert: t.Any) -> None:
        """Do nothing, because the attributes that requests sets here would make urllib3 load the CA bundle again."""

    def build_response(self, req: t.Any, resp: t.Any) -> requests.Response:
        """Build the response without cookies and other unused attributes."""
        response = requests.Response()
        response.status_code = resp.status
        response.raw = resp
        response.url = req.url
        response.request = req
        return response


def _use_timed_pools(manager: t.Any) -> None:
    manager.pool_classes_by_scheme = {
        scheme: _timed_pool(pool) for scheme, pool in manager.pool_classes_by_scheme.items()
    }


class _NotOurs(logging.Filter):
    """A logging filter that drops the records that urllib3 and requests log for exchanges of this collection.

    Such records contain the query strings of URLs, and header lines from the server that cannot be parsed. A header
    line can repeat the credentials of the request. The records have various log levels.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return _current.exchange is None


def keep_out_of_logs() -> None:
    """Add the logging filter to every urllib3 and requests logger, because filters do not apply to child loggers."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("urllib3", "requests"):
            logging.getLogger(name).addFilter(_not_ours)


_not_ours = _NotOurs()
keep_out_of_logs()
