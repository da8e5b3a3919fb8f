# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: serve in the foreground; start, stop and ask about a simulator in the background."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import shlex
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connector_simulator import NAME, background, quirks, seeds
from connector_simulator.world import World


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what goes wrong is one sentence on stderr and exit status 1."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "serve":
            return _serve(options)
        if options.command == "start":
            serve_options = [*_tls_options(options), *_parent_options(options)]
            print(background.start(options.port, options.state_dir, _checked_seed(options), serve_options))
            for name, address in background.addresses(options.port).items():
                print(f"{name}: {address}")
        elif options.command == "stop":
            print(background.stop(options.port, options.state_dir))
        elif options.command == "environment":
            for name, value in background.environment(options.port).items():
                print(f"export {name}={shlex.quote(value)}")
        else:
            state = background.status(options.port)
            print(state)
            return 0 if state == "running" else 3
    except (background.CannotDo, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="connector_simulator", description=NAME)
    commands = parser.add_subparsers(dest="command", required=True)
    texts = {
        "serve": "serve in the foreground until interrupted",
        "start": "start in the background, unless it already runs",
        "stop": "stop what runs in the background",
        "status": "say whether it runs (exit status 3 if not)",
        "environment": "print, for a shell, the variables that lead to it",
    }
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--port", type=int, default=8800, help="default: 8800; serve --port 0 picks a free one")
        command.add_argument(
            "--state-dir",
            type=Path,
            default=background.default_directory(),
            help="where the process id, the log and the seed of a background simulator are (default: %(default)s)",
        )
        if name in ("serve", "start"):
            command.add_argument(
                "--seed", metavar="FILE", help="a JSON file with other data than the samples; -: stdin"
            )
            command.add_argument(
                "--quirk",
                action="append",
                default=[],
                metavar="SYSTEM.NAME[=WORD]",
                help="switch a misbehaviour on, such as voss.unproven=lost; can be repeated",
            )
            command.add_argument(
                "--parent",
                type=int,
                metavar="PID",
                default=os.environ.get("CONNECTOR_SIMULATOR_PARENT") or None,
                help="end with the process PID (default: the environment variable CONNECTOR_SIMULATOR_PARENT)",
            )
            command.add_argument("--tls-cert", metavar="FILE", help="serve https with this certificate (chain)")
            command.add_argument("--tls-key", metavar="FILE", help="the certificate's key")
        if name == "serve":
            command.add_argument("--tls-client-ca", metavar="FILE", help="demand client certificates of this authority")
    return parser


def _checked_seed(options: argparse.Namespace) -> dict[str, Any]:
    seed = seeds.read(options.seed) if options.seed else {}
    for text in options.quirk:
        seed = quirks.added(seed, text)
    World(seed)
    return seed


def _parent_options(options: argparse.Namespace) -> list[str]:
    return [] if options.parent is None else ["--parent", str(options.parent)]


def _tls_options(options: argparse.Namespace) -> list[str]:
    _tls(options.tls_cert, options.tls_key)
    named = {"--tls-cert": options.tls_cert, "--tls-key": options.tls_key}
    return [word for name, path in named.items() if path for word in (name, str(Path(path).resolve()))]


def _serve(options: argparse.Namespace) -> int:
    background.need_aiohttp()
    from connector_simulator.door import Certificate
    from connector_simulator.server import serve

    seed = _checked_seed(options)
    tls = _tls(options.tls_cert, options.tls_key, options.tls_client_ca)
    try:
        certificate = Certificate(tls, options.tls_cert, options.tls_key) if tls else None
        asyncio.run(serve(options.port, seed, certificate, options.parent))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise background.CannotDo(background.port_taken(options.port)) from None
        raise background.CannotDo(f"Port {options.port} cannot be opened: {error.strerror}.") from None
    return 0


def _tls(certificate: str | None, key: str | None, client_ca: str | None = None) -> ssl.SSLContext | None:
    if certificate is None:
        if key or client_ca:
            raise ValueError("TLS needs a certificate (--tls-cert).")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # An encrypted key fails; without a password to try, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="no password")
        if client_ca:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:
        raise ValueError(f"The TLS certificate or key cannot be used: {error}.") from None
    return context
