# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and stop a simulator in the background, and return its status."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connector_simulator import NAME, seeds

_START_TIMEOUT = 120.0
_STOP_TIMEOUT = 10.0
_POLL_INTERVAL = 0.05
_RESPONSE_TIMEOUT = 2.0


class BackgroundError(Exception):
    """An operation on a background simulator failed. The message is displayed to the user."""


def default_directory() -> Path:
    """Return the default state directory of the current user."""
    return Path(tempfile.gettempdir()) / f"hybrid-connectors-simulator-{os.getuid()}"


def require_aiohttp() -> None:
    """Check that the web framework aiohttp is installed.

    :raises BackgroundError: aiohttp is not installed.
    """
    if importlib.util.find_spec("aiohttp") is None:
        raise BackgroundError(
            f"The simulator requires the Python package aiohttp, which is not installed for {sys.executable}. "
            f"Install it with '{sys.executable} -m pip install aiohttp'."
        )


def port_in_use(port: int) -> str:
    """Return the error message for a port that is already in use by another program."""
    return f"Port {port} on 127.0.0.1 is in use by another program. Choose another port, or stop that program."


def status(port: int) -> str:
    """Return "running" or "stopped", or "taken" if another program is using the port."""
    if _read_index(port) is not None:
        return "running"
    return "taken" if _is_open(port) else "stopped"


def start(port: int, directory: Path, seed: Mapping[str, Any], options: Sequence[str]) -> str:
    """Start a simulator and wait until it accepts requests.

    :param directory: directory for the process ID, the log and the seed.
    :param options: options of ``serve`` except the port and the seed.
    :returns: "started", or "already running" if another simulator is using the port. It keeps its data.
    :raises BackgroundError: the simulator cannot be started, or the running simulator has a different seed or
        does not use TLS.
    """
    if port == 0:
        raise BackgroundError(
            "A simulator in the background requires a fixed port. Only 'serve' can choose a free port."
        )
    running = _read_index(port)
    if running is not None:
        return _already_running(port, running, seed, options)
    if _is_open(port):
        raise BackgroundError(port_in_use(port))
    require_aiohttp()
    _create_private_directory(directory)
    seed_path = directory / f"{port}.seed.json"
    _write_private(seed_path, json.dumps(seed))
    log_path = directory / f"{port}.log"
    process = _spawn(port, log_path, ["--seed", str(seed_path), *options])
    index = _wait_for_start(port, process, log_path)
    if index.get("pid") != process.pid:
        return _already_running(port, index, seed, options)
    _write_private(directory / f"{port}.pid", f"{process.pid}\n")
    return "started"


def _wait_for_start(port: int, process: subprocess.Popen[bytes], log_path: Path) -> Mapping[str, Any]:
    """Wait until a simulator responds on the port, and return its index page.

    If another process starts a simulator on the port at the same time, return the index page of that simulator.
    """
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        index = _read_index(port)
        if index is not None and (ended or index.get("pid") == process.pid):
            return index
        if ended:
            raise BackgroundError(_last_line(log_path) or f"The simulator exited with status {process.returncode}.")
        time.sleep(_POLL_INTERVAL)
    process.terminate()
    process.wait()
    message = f"The simulator did not start on port {port} within {_START_TIMEOUT:g} seconds. Check {log_path}."
    raise BackgroundError(message)


def _already_running(port: int, index: Mapping[str, Any], seed: Mapping[str, Any], options: Sequence[str]) -> str:
    remedy = "Stop that simulator, choose a different port"
    if any(seed.values()) and index.get("seed") != seeds.digest(seed):
        raise BackgroundError(
            f"Cannot start the simulator on port {port}: a simulator with a different seed or different settings is "
            f"already running there. {remedy}, or send the new seed to POST /_simulator/reset."
        )
    if "--tls-cert" in options and not index["systems"]["apono"].startswith("https"):
        raise BackgroundError(
            f"Cannot start the simulator with TLS on port {port}: a simulator without TLS is already running there. "
            f"{remedy}, or start the simulator without TLS."
        )
    return "already running"


def addresses(port: int) -> dict[str, str]:
    """Return the URLs of the four systems, or an empty dictionary if no simulator is running on the port."""
    return dict((_read_index(port) or {}).get("systems", {}))


def stop(port: int, directory: Path) -> str:
    """Stop the simulator on a port and wait until the port is closed.

    :returns: "stopped", or "not running".
    :raises BackgroundError: the simulator does not stop in time.
    """
    if _read_index(port) is None:
        _remove_files(port, directory)
        return "not running"
    _request(port, "/_simulator/stop", "POST")
    deadline = time.monotonic() + _STOP_TIMEOUT
    while _is_open(port):
        if time.monotonic() > deadline:
            raise BackgroundError(f"The simulator on port {port} did not stop within {_STOP_TIMEOUT:g} seconds.")
        time.sleep(_POLL_INTERVAL)
    _remove_files(port, directory)
    return "stopped"


def environment(port: int) -> dict[str, str]:
    """Return the environment variables for connecting to a simulator with the first credentials of each system.

    :raises BackgroundError: no simulator is running on the port.
    """
    index = _read_index(port)
    if index is None:
        raise BackgroundError(f"No simulator is running on port {port} of 127.0.0.1. Start a simulator first.")
    systems = index["systems"]
    credentials = json.loads(_request(port, "/_simulator/state", "GET"))["credentials"]
    variables = {
        "APONO_ENDPOINT": systems["apono"],
        "APONO_PERSONAL_TOKEN": credentials["apono"]["token"],
        "WEBEX_API_URL": systems["webex"],
        "WEBEX_ACCESS_TOKEN": credentials["webex"]["token"],
    }
    for system in ("hdp", "voss"):
        login = credentials[system][0]
        variables[f"{system.upper()}_API_URL"] = systems[system]
        variables[f"{system.upper()}_USERNAME"] = login["username"]
        variables[f"{system.upper()}_PASSWORD"] = login["password"]
    return variables


def _remove_files(port: int, directory: Path) -> None:
    for suffix in ("pid", "seed.json"):
        (directory / f"{port}.{suffix}").unlink(missing_ok=True)


def _spawn(port: int, log_path: Path, options: Sequence[str]) -> subprocess.Popen[bytes]:
    package_parent = str(Path(__file__).resolve().parent.parent)
    search_path = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
    log_path.unlink(missing_ok=True)
    with os.fdopen(os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "connector_simulator", "serve", "--port", str(port), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=log_path.parent,
            env={**os.environ, "PYTHONPATH": search_path, "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )


def _create_private_directory(directory: Path) -> None:
    """Create the state directory if necessary, and check that the user owns it and no other user can write to it."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = directory.lstat()
    except OSError as error:
        raise BackgroundError(f"Cannot create the state directory {directory}: {error.strerror}.") from None
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o022:
        message = f"The state directory {directory} must belong to you, and other users must not have write permission."
        raise BackgroundError(message)


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) not in (errno.ECONNREFUSED, errno.ECONNRESET)


def _read_index(port: int) -> dict[str, Any] | None:
    """Return the index page of the control interface on a port, or None if no simulator is running there."""
    try:
        content = json.loads(_request(port, "/_simulator/", "GET"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and content.get("name") == NAME else None


def _request(port: int, path: str, method: str) -> bytes:
    """Send a control request over HTTP, or over HTTPS if HTTP fails, and return the response body.

    :raises OSError, ValueError: there is no valid response.
    """
    if not _is_open(port):
        raise ConnectionRefusedError(errno.ECONNREFUSED, "The port is closed")
    insecure = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    insecure.check_hostname = False
    insecure.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=insecure))
    last: Exception = ValueError("no response")
    for scheme in ("http", "https"):
        request = urllib.request.Request(f"{scheme}://127.0.0.1:{port}{path}", method=method)
        try:
            with opener.open(request, timeout=_RESPONSE_TIMEOUT) as response:
                return bytes(response.read())
        except OSError as error:
            last = error
            if isinstance(getattr(error, "reason", error), TimeoutError):
                break
        except Exception as error:  # http.client raises HTTPException if the response is not valid HTTP.
            last = ValueError(str(error))
    raise last
