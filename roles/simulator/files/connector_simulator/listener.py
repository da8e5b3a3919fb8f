# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide the listening port on 127.0.0.1. A fault can close the port temporarily or change its certificate."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass

from aiohttp import web

from connector_simulator.faults import Rule

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Certificate:
    """A certificate, its private key, and the TLS context that uses them."""

    context: ssl.SSLContext
    file: str
    key: str | None = None

    def load(self) -> None:
        """Use this certificate for subsequent connections."""
        self.context.load_cert_chain(self.file, self.key)


class Listener:
    """A listening port of the simulator.

    :param port: port number. If 0, a free port is chosen when the listener is opened.
    """

    def __init__(self, port: int, certificate: Certificate | None):
        self.port = port
        self.scheme = "https" if certificate else "http"
        self._certificate = certificate
        self._runner: web.ServerRunner | None = None
        self._site: web.TCPSite | None = None
        self._reopen = asyncio.Event()
        self._closed: asyncio.Task[None] | None = None

    async def open(self, runner: web.ServerRunner) -> None:
        """Start accepting connections.

        :raises OSError: the port is not available.
        """
        self._runner = runner
        await self._listen()
        self.port = runner.addresses[0][1]

    async def apply_fault(self, rule: Rule) -> None:
        """Apply the effects that a fault has on subsequent connections."""
        if rule.certificate and self._certificate:
            Certificate(self._certificate.context, rule.certificate).load()
        if rule.refuse and not self._closed and self._site:
            await self._site.stop()
            self._reopen.clear()
            self._closed = asyncio.create_task(self._stay_closed(rule.refuse))

    async def restore(self) -> None:
        """Reopen the port and restore the original certificate."""
        if self._certificate:
            self._certificate.load()
        if self._closed:
            self._reopen.set()
            await self._closed

    async def _stay_closed(self, seconds: float) -> None:
        # A bound socket that does not listen reserves the port and refuses all connections.
        with socket.socket() as reserved:
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind((HOST, self.port))
            await asyncio.wait([asyncio.create_task(self._reopen.wait())], timeout=seconds)
        self._reopen.set()
        await self._listen()
        self._closed = None

    async def _listen(self) -> None:
        assert self._runner is not None
        context = self._certificate.context if self._certificate else None
        self._site = web.TCPSite(self._runner, HOST, self.port, ssl_context=context)
        await self._site.start()
