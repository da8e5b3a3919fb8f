# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Implement the command-line interface of the simulator."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import shlex
import ssl
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from connector_simulator import NAME, background, quirks, reference, seeds
from connector_simulator.state import State

_STOPPED_STATUS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status. If an error occurs, print one line to stderr and return 1."""
    options = _parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except (background.BackgroundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="connector_simulator", description=NAME)
    commands = parser.add_subparsers(dest="command", required=True)
    descriptions = {
        "serve": "run in the foreground until interrupted",
        "start": "start in the background, unless it is already running",
        "stop": "stop the simulator that runs in the background",
        "status": f"print whether the simulator is running (exit status {_STOPPED_STATUS} if not)",
        "environment": "print shell commands that set the environment variables of the modules",
        "reference": "print the reference of all settings, faults and quirks",
    }
    for name, description in descriptions.items():
        command = commands.add_parser(name, help=description, description=description)
        if name == "reference":
            continue
        command.add_argument(
            "--port", type=int, default=8800, help="port (default: %(default)s); serve --port 0 chooses a free port"
        )
        command.add_argument(
            "--state-dir",
            type=Path,
            default=background.default_directory(),
            help="directory for the process ID, the log and the seed of a background simulator (default: %(default)s)",
        )
        if name in ("serve", "start"):
            _add_serve_options(command)
        if name == "serve":
            command.add_argument("--tls-client-ca", metavar="FILE", help="require client certificates from this CA")
    return parser


def _add_serve_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seed", metavar="FILE", help="JSON file with data that replaces the samples; - for stdin")
    command.add_argument(
        "--quirk",
        action="append",
        default=[],
        metavar="SYSTEM.NAME[=VALUE]",
        help="enable a quirk (a deviation from the documented behavior), such as voss.unproven=lost; can be repeated",
    )
    command.add_argument(
        "--parent",
        type=int,
        metavar="PID",
        default=os.environ.get("CONNECTOR_SIMULATOR_PARENT") or None,
        help="stop when the process PID ends (default: environment variable CONNECTOR_SIMULATOR_PARENT)",
    )
    command.add_argument("--tls-cert", metavar="FILE", help="serve HTTPS with this certificate (chain)")
    command.add_argument("--tls-key", metavar="FILE", help="private key of the certificate")


def _serve(options: argparse.Namespace) -> int:
    background.require_aiohttp()
    from connector_simulator.listener import Certificate
    from connector_simulator.server import serve

    seed = _checked_seed(options)
    context = _tls_context(options.tls_cert, options.tls_key, options.tls_client_ca)
    try:
        certificate = Certificate(context, options.tls_cert, options.tls_key) if context else None
        asyncio.run(serve(options.port, seed, certificate, options.parent))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise background.BackgroundError(background.port_in_use(options.port)) from None
        raise background.BackgroundError(f"Cannot open port {options.port}: {error.strerror}.") from None
    return 0


def _start(options: argparse.Namespace) -> int:
    serve_options = [*_tls_options(options), *_parent_options(options)]
    print(background.start(options.port, options.state_dir, _checked_seed(options), serve_options))
    for name, address in background.addresses(options.port).items():
        print(f"{name}: {address}")
    return 0


def _stop(options: argparse.Namespace) -> int:
    print(background.stop(options.port, options.state_dir))
    return 0


def _status(options: argparse.Namespace) -> int:
    status = background.status(options.port)
    print(status)
    return 0 if status == "running" else _STOPPED_STATUS


def _environment(options: argparse.Namespace) -> int:
    for name, value in background.environment(options.port).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _reference(_options: argparse.Namespace) -> int:
    print(reference.markdown(), end="")
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "serve": _serve,
    "start": _start,
    "stop": _stop,
    "status": _status,
    "environment": _environment,
    "reference": _reference,
}


def _checked_seed(options: argparse.Namespace) -> dict[str, Any]:
    seed = seeds.read(options.seed) if options.seed else {}
    for argument in options.quirk:
        seed = quirks.added(seed, argument)
    State(seed)
    return seed


def _parent_options(options: argparse.Namespace) -> list[str]:
    return [] if options.parent is None else ["--parent", str(options.parent)]


def _tls_options(options: argparse.Namespace) -> list[str]:
    _tls_context(options.tls_cert, options.tls_key)
    arguments = []
    for name, path in (("--tls-cert", options.tls_cert), ("--tls-key", options.tls_key)):
        if path:
            arguments += [name, str(Path(path).resolve())]
    return arguments


def _tls_context(certificate: str | None, key: str | None, client_ca: str | None = None) -> ssl.SSLContext | None:
    if certificate is None:
        if key or client_ca:
            raise ValueError("TLS requires a certificate. Use --tls-cert.")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # With an encrypted key, OpenSSL would otherwise prompt for the password in the terminal.
        context.load_cert_chain(certificate, key, password="no password")
        if client_ca:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:
        raise ValueError(f"Cannot use the TLS certificate or key: {error}.") from None
    return context
