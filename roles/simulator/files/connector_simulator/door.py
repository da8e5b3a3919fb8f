# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where connections come in: a port on 127.0.0.1 that can be closed for a while, and whose certificate can change."""

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
    """A certificate with its key, in use in a TLS context."""

    context: ssl.SSLContext
    file: str
    key: str | None = None

    def present(self) -> None:
        """Meet connections with this certificate from now on."""
        self.context.load_cert_chain(self.file, self.key)


class Door:
    """One listening port. ``port`` 0 becomes the free one that was found when it is opened."""

    def __init__(self, port: int, certificate: Certificate | None):
        self.port = port
        self.scheme = "https" if certificate else "http"
        self._certificate = certificate
        self._runner: web.ServerRunner | None = None
        self._site: web.TCPSite | None = None
        self._over = asyncio.Event()
        self._closed: asyncio.Task[None] | None = None

    async def open(self, runner: web.ServerRunner) -> None:
        """Take connections. Raises OSError if the port cannot be had."""
        self._runner = runner
        await self._listen()
        self.port = runner.addresses[0][1]

    async def spoil(self, rule: Rule) -> None:
        """Do to the connections that follow what a fault asks for."""
        if rule.certificate and self._certificate:
            Certificate(self._certificate.context, rule.certificate).present()
        if rule.refuse and not self._closed and self._site:
            await self._site.stop()
            self._over.clear()
            self._closed = asyncio.create_task(self._stay_closed(rule.refuse))

    async def mend(self) -> None:
        """Take connections as at the start."""
        if self._certificate:
            self._certificate.present()
        if self._closed:
            self._over.set()
            await self._closed

    async def _stay_closed(self, seconds: float) -> None:
        """Keep the closed port: a socket that is bound and does not listen refuses every connection."""
        with socket.socket() as kept:
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.bind((HOST, self.port))
            await asyncio.wait([asyncio.create_task(self._over.wait())], timeout=seconds)
        self._over.set()
        await self._listen()
        self._closed = None

    async def _listen(self) -> None:
        assert self._runner is not None
        context = self._certificate.context if self._certificate else None
        self._site = web.TCPSite(self._runner, HOST, self.port, ssl_context=context)
        await self._site.start()
