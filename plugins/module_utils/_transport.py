# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Connections on which nothing lasts forever: each exchange has a deadline, a size limit, and can be aborted.

urllib3 has a timeout for each read, so that a server that sends one byte now and then is waited for without end. It
does not limit header lines, chunk lines or '100 Continue' either. The sockets here know the exchange that uses them,
which is the one of the current thread, and raise where urllib3 would go on.
"""

from __future__ import annotations

import functools
import http.client
import logging
import socket
import ssl
import threading
import time
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._address import Address
from ansible_collections.hybrid.connectors.plugins.module_utils._tls import URLLIB3_1

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NewConnectionError
    from urllib3.util.connection import allowed_gai_family
except ImportError:
    HTTPAdapter = object  # type: ignore[assignment,misc]

# An exchange ends after so many times 'timeout', and one second later for so many bytes that arrived.
DEADLINE_FACTOR = 10
SLOWEST_BYTES_PER_SECOND = 64 * 1024
MAX_HEAD_BYTES = 1024 * 1024

DEADLINE, OVERSIZE, ABORTED = "deadline", "oversize", "aborted"

_current = threading.local()


class Exchange:
    """One request and its response, as far as connections are concerned. Use it in a with statement.

    :ivar sent: whether any byte of the request may have reached the server.
    :ivar unresolved: the name of the host or proxy, if it could not be resolved.
    :ivar status: the status of the response, once its head is complete.
    :ivar ended_by: ``deadline``, ``oversize`` or ``aborted`` if that ended the exchange.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.sent = False
        self.unresolved: str | None = None
        self.ended_by: str | None = None
        self.status: int | None = None
        self.headers: t.Mapping[str, str] = {}
        self._writing = False
        self._received = 0
        self._allowed = MAX_HEAD_BYTES
        self._deadline = time.monotonic() + DEADLINE_FACTOR * timeout
        self._socket: socket.socket | None = None
        self._response: http.client.HTTPResponse | None = None

    def __enter__(self) -> Exchange:
        _current.exchange = self
        return self

    def __exit__(self, *_exception: object) -> None:
        _current.exchange = None
        if self._response is not None:
            self._response.close()

    def abort(self) -> None:
        """End the exchange from another thread."""
        self.ended_by = ABORTED
        used = self._socket
        if used is not None:
            try:
                # That of SSLSocket would have a concurrent write continue in plain text.
                socket.socket.shutdown(used, socket.SHUT_RDWR)
            except OSError:
                pass

    def close_afterwards(self, response: http.client.HTTPResponse) -> None:
        """Have a response closed at the end. urllib3 forgets one whose headers it does not like."""
        self._response = response

    def request_follows(self) -> None:
        """Note that what is sent from now on is the request, and not a handshake or a tunnel."""
        self._writing = True

    def head_received(self, status: int, headers: t.Mapping[str, str], limit: int) -> None:
        """Note the head of the response, which a body of so many bytes may follow."""
        self.status = status
        self.headers = headers
        self._allowed = self._received + 2 * limit

    def use(self, sock: socket.socket, writing: bool = False) -> None:
        """Prepare for a call that may block: within the deadline, and so that it can be aborted."""
        self._socket = sock
        if self.ended_by == ABORTED:
            raise ConnectionAbortedError("The request was stopped.")
        remaining = self._remaining()
        if remaining <= 0:
            self._expire()
        timeout = sock.gettimeout()
        if timeout is None or timeout > remaining:
            sock.settimeout(remaining)
        if writing and self._writing:
            self.sent = True

    def timed_out(self) -> None:
        """Note that a call of :meth:`use` ended with a timeout, which may be that of the deadline."""
        if self._remaining() <= 0:
            self._expire()

    def received(self, count: int) -> None:
        self._received += count
        if self._received > self._allowed:
            self.ended_by = OVERSIZE
            raise ConnectionAbortedError("The response is too large.")

    def _remaining(self) -> float:
        return self._deadline + self._received / SLOWEST_BYTES_PER_SECOND - time.monotonic()

    def _expire(self) -> t.NoReturn:
        self.ended_by = DEADLINE
        raise socket.timeout(f"The response was not complete after {DEADLINE_FACTOR * self.timeout:g} s.")


def _exchange() -> Exchange | None:
    return getattr(_current, "exchange", None)


class _TimedSocket(socket.socket):
    """A socket that accounts to the exchange of the current thread."""

    def recv_into(self, *args: t.Any) -> int:
        count: int = _timed(self, super().recv_into, args)
        return count

    def send(self, *args: t.Any) -> int:
        count: int = _timed(self, super().send, args, writing=True)
        return count

    def sendall(self, *args: t.Any) -> None:
        _timed(self, super().sendall, args, writing=True)


class TimedTlsSocket(ssl.SSLSocket):
    """The same with TLS. A tunnel through a proxy that uses TLS itself reads with recv."""

    def do_handshake(self, *args: t.Any) -> None:
        _timed(self, super().do_handshake, args)

    def recv(self, *args: t.Any) -> bytes:
        data: bytes = _timed(self, super().recv, args)
        return data

    def recv_into(self, *args: t.Any) -> int:
        count: int = _timed(self, super().recv_into, args)
        return count

    def send(self, *args: t.Any) -> int:
        count: int = _timed(self, super().send, args, writing=True)
        return count


def _timed(sock: socket.socket, call: t.Callable[..., t.Any], args: t.Sequence[t.Any], writing: bool = False) -> t.Any:
    exchange = _exchange()
    if exchange is None:
        return call(*args)
    exchange.use(sock, writing)
    try:
        result = call(*args)
    except socket.timeout:
        exchange.timed_out()
        raise
    if not writing and result:
        exchange.received(result if isinstance(result, int) else len(result))
    return result


def _connected(host: str, port: int, timeout: t.Any, options: t.Iterable[t.Any]) -> socket.socket:
    """Connect to the first address of a host that accepts."""
    failure: OSError | None = None
    for family, kind, protocol, _name, address in _resolved(host, port):
        sock = _TimedSocket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(timeout)
            _timed(sock, sock.connect, [address])
            return sock
        except OSError as error:
            sock.close()
            failure = error
    raise failure or OSError("the name of the host has no address")


def _resolved(host: str, port: int) -> t.Sequence[t.Any]:
    """Return the addresses of a host.

    :raises LocationParseError: no host can have that name.
    """
    try:
        return socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
    except UnicodeError:
        raise LocationParseError(f"'{host}', label empty or too long") from None
    except socket.gaierror:
        exchange = _exchange()
        if exchange is not None:
            exchange.unresolved = host
        raise


class _Timed:
    """What is different in the connections of urllib3."""

    host: str
    port: int
    timeout: t.Any
    socket_options: t.Any
    _dns_host: str
    # That of http.client would print credentials, and is a class attribute that other code may set.
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
        exchange = _exchange()
        if exchange is not None:
            exchange.request_follows()
        return super().request(*args, **kwargs)  # type: ignore[misc]

    def response_class(self, *args: t.Any, **kwargs: t.Any) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(*args, **kwargs)
        exchange = _exchange()
        if exchange is not None:
            exchange.close_afterwards(response)
        return response


class _TimedThroughSocks(_Timed):
    """The same through a SOCKS proxy, where PySocks connects."""

    def _new_conn(self) -> socket.socket:
        connected: socket.socket = super(_Timed, self)._new_conn()  # type: ignore[misc]
        timeout = connected.gettimeout()
        sock = _TimedSocket(fileno=connected.detach())
        sock.settimeout(timeout)
        return sock


@functools.cache
def _timed_pool(pool: type) -> type:
    """Return a subclass of a pool of urllib3 with timed connections."""
    connection: type = pool.ConnectionCls  # type: ignore[attr-defined]
    through_socks = connection.__module__.endswith("socks")
    timed = type(connection.__name__, (_TimedThroughSocks if through_socks else _Timed, connection), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": timed})


class Adapter(HTTPAdapter):
    """An adapter with timed connections, all of them to one origin, whatever the address of a request is.

    The connections share one TLS context: requests would load the CA bundle for each.

    :param address: the address of the API.
    :param context: the TLS context; None if neither the server nor a proxy uses TLS.
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
        # urllib3 1 would not check whether a certificate is for this proxy if it were given a context for it, and that
        # of SOCKS does not take one.
        if not URLLIB3_1 and not proxy.lower().startswith("socks"):
            kwargs["proxy_ssl_context"] = self._context
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        if not known:
            _use_timed_pools(manager)
        return manager

    def get_connection(self, url: t.Any, proxies: t.Any = None) -> t.Any:
        """Return the connections to the origin. Before its release 2.32, requests calls this."""
        return super().get_connection(self._address.origin, proxies)

    def build_connection_pool_key_attributes(self, request: t.Any, verify: t.Any, cert: t.Any = None) -> t.Any:
        """Return the connections to the origin."""
        scheme, host, port, _rest = self._address
        return {"scheme": scheme, "host": host, "port": port}, {}

    def cert_verify(self, conn: t.Any, url: t.Any, verify: t.Any, cert: t.Any) -> None:
        """The context knows it all: what requests would set here makes urllib3 load the bundle again."""

    def build_response(self, req: t.Any, resp: t.Any) -> requests.Response:
        """Return the response, without its cookies. Whatever else that of requests has, nobody uses."""
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
    """Drop what urllib3 and requests log of our exchanges.

    They log addresses with their query, and header lines of a server that they cannot parse. Those may repeat the
    credentials of the request, whatever level a log file has.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return _exchange() is None


def keep_out_of_logs() -> None:
    """Attach the filter to the loggers of urllib3 and requests. A filter does not act on loggers further down."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("urllib3", "requests"):
            logger = logging.getLogger(name)
            if not any(isinstance(existing, _NotOurs) for existing in logger.filters):
                logger.addFilter(_NotOurs())


keep_out_of_logs()
