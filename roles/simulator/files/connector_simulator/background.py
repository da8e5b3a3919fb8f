# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator in the background: started once, found by its port, stopped through its control interface."""

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

_START_WITHIN = 30.0
_STOP_WITHIN = 10.0
_LOOK_EVERY = 0.05
_ANSWER_WITHIN = 2.0


class CannotDo(Exception):
    """What is in the way, as a sentence for the user."""


def default_directory() -> Path:
    """The state directory of this user."""
    return Path(tempfile.gettempdir()) / f"hybrid-connectors-simulator-{os.getuid()}"


def need_aiohttp() -> None:
    """Raise CannotDo, with what to install, if the web framework is missing."""
    if importlib.util.find_spec("aiohttp") is None:
        raise CannotDo(
            f"The simulator needs the Python package aiohttp, which {sys.executable} does not have: "
            f"install it with '{sys.executable} -m pip install aiohttp'."
        )


def port_taken(port: int) -> str:
    """The sentence for a port that another program has."""
    return f"Port {port} on 127.0.0.1 is taken by another program: choose another port, or stop that program."


def status(port: int) -> str:
    """ "running", "stopped", or "taken" where something else answers on the port."""
    if _index(port) is not None:
        return "running"
    return "taken" if _is_open(port) else "stopped"


def start(port: int, directory: Path, seed: Mapping[str, Any], options: Sequence[str]) -> str:
    """Start a simulator and return once it responds: "started", or "already running" (which keeps its data).

    ``options`` are those of ``serve`` other than the port and the seed. Raises CannotDo if the simulator that runs
    there has another seed than one that is given, or no TLS where that is asked for.
    """
    if port == 0:
        raise CannotDo("A simulator in the background needs a port of its own; only serve can pick one.")
    running = _index(port)
    if running is not None:
        return _already_running(port, running, seed, options)
    if _is_open(port):
        raise CannotDo(port_taken(port))
    need_aiohttp()
    _make_private(directory)
    log_path = directory / f"{port}.log"
    seed_path = directory / f"{port}.seed.json"
    _write_private(seed_path, json.dumps(seed))
    process = _spawn(port, log_path, ["--seed", str(seed_path), *options])
    deadline = time.monotonic() + _START_WITHIN
    while time.monotonic() < deadline:
        index = _index(port)
        if index is not None and index.get("pid") == process.pid:
            _write_private(directory / f"{port}.pid", f"{process.pid}\n")
            return "started"
        if process.poll() is not None:
            index = index or _index(port)
            if index is not None:
                return _already_running(port, index, seed, options)
            raise CannotDo(_last_line(log_path) or f"The simulator ended with status {process.returncode}.")
        time.sleep(_LOOK_EVERY)
    process.terminate()
    process.wait()
    raise CannotDo(f"The simulator did not answer on port {port} within {_START_WITHIN:g} seconds; see {log_path}.")


def _already_running(port: int, index: Mapping[str, Any], seed: Mapping[str, Any], options: Sequence[str]) -> str:
    what_to_do = "Stop it first, or choose another port"
    if any(seed.values()) and index.get("seed") != seeds.digest(seed):
        raise CannotDo(
            f"Cannot start the simulator on port {port}: one with another seed or other settings already runs there. "
            f"{what_to_do}, or send the new seed to POST /_simulator/reset."
        )
    if "--tls-cert" in options and not index["systems"]["apono"].startswith("https"):
        raise CannotDo(
            f"Cannot start the simulator with TLS on port {port}: one without TLS already runs there. {what_to_do}."
        )
    return "already running"


def addresses(port: int) -> dict[str, str]:
    """The addresses of the four systems of the simulator on a port; none if there is none."""
    return dict((_index(port) or {}).get("systems", {}))


def stop(port: int, directory: Path) -> str:
    """Stop the simulator on a port and return when it is gone: "stopped", or "not running"."""
    if _index(port) is None:
        _tidy(port, directory)
        return "not running"
    _request(port, "/_simulator/stop", "POST")
    deadline = time.monotonic() + _STOP_WITHIN
    while _is_open(port):
        if time.monotonic() > deadline:
            raise CannotDo(f"The simulator on port {port} did not stop within {_STOP_WITHIN:g} seconds.")
        time.sleep(_LOOK_EVERY)
    _tidy(port, directory)
    return "stopped"


def environment(port: int) -> dict[str, str]:
    """The environment variables that lead to the simulator on a port, with the first login of each system."""
    index = _index(port)
    if index is None:
        raise CannotDo(f"No simulator answers on port {port} of 127.0.0.1: start it first.")
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


def _tidy(port: int, directory: Path) -> None:
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


def _make_private(directory: Path) -> None:
    """Make the state directory, or check that it is this user's and nobody else can write to it."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = directory.lstat()
    except OSError as error:
        raise CannotDo(f"The state directory {directory} cannot be made: {error.strerror}.") from None
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o022:
        raise CannotDo(f"The state directory {directory} has to be yours, and writable for you alone.")


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


def _index(port: int) -> dict[str, Any] | None:
    """What the simulator on a port says about itself; None if there is none."""
    try:
        answer = json.loads(_request(port, "/_simulator/", "GET"))
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) and answer.get("name") == NAME else None


def _request(port: int, path: str, method: str) -> bytes:
    """One control request, over https where http is not understood; raises OSError or ValueError."""
    if not _is_open(port):
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Nothing listens")
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting))
    last: Exception = ValueError("no answer")
    for scheme in ("http", "https"):
        request = urllib.request.Request(f"{scheme}://127.0.0.1:{port}{path}", method=method)
        try:
            with opener.open(request, timeout=_ANSWER_WITHIN) as answer:
                return bytes(answer.read())
        except OSError as error:
            last = error
            if isinstance(getattr(error, "reason", error), TimeoutError):
                break
        except Exception as error:  # http.client's errors for what is not HTTP at all
            last = ValueError(str(error))
    raise last
