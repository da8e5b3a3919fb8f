# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a simulator for tests in a process on a free port, and use its control interface."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from support.deadline import HANGS

# The interpreter for the simulator, if it differs from the interpreter of the tests.
PYTHON = os.environ.get("SIMULATOR_PYTHON", sys.executable)
PACKAGE_PARENT = Path(__file__).resolve().parents[2] / "roles" / "simulator" / "files"
SYSTEMS = ("apono", "hdp", "voss", "webex")
CREDENTIALS = {
    "apono": {"api_token": "simulator-apono-token"},
    "hdp": {"username": "hdp-admin", "password": "simulator-hdp-password"},
    "hdp_owner": {"username": "hdp-owner", "password": "simulator-hdp-password"},
    "hdp_user": {"username": "hdp-user", "password": "simulator-hdp-password"},
    "voss": {"username": "voss-admin", "password": "simulator-voss-password"},
    "webex": {"access_token": "simulator-webex-token"},
    "webex_grant": {
        "client_id": "simulator-webex-client",
        "client_secret": "simulator-webex-client-secret",
        "refresh_token": "simulator-webex-refresh-token",
    },
}
# The credentials with which the modules request an access token from Webex.
WEBEX_GRANT = CREDENTIALS["webex_grant"]
# The environment variables of the modules, and of the credential types of AWX, by connection option.
ENVIRONMENT = {
    "apono": {"api_url": "APONO_ENDPOINT", "api_token": "APONO_PERSONAL_TOKEN"},
    "hdp": {"api_url": "HDP_API_URL", "username": "HDP_USERNAME", "password": "HDP_PASSWORD"},
    "voss": {"api_url": "VOSS_API_URL", "username": "VOSS_USERNAME", "password": "VOSS_PASSWORD"},
    "webex": {
        "api_url": "WEBEX_API_URL",
        "access_token": "WEBEX_ACCESS_TOKEN",
        "client_id": "WEBEX_CLIENT_ID",
        "client_secret": "WEBEX_CLIENT_SECRET",
        "refresh_token": "WEBEX_REFRESH_TOKEN",
    },
}


def environment() -> dict[str, str]:
    """Return an environment that finds ``python -m connector_simulator``, which ends with this process."""
    return {
        **os.environ,
        "PYTHONPATH": str(PACKAGE_PARENT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CONNECTOR_SIMULATOR_PARENT": str(os.getpid()),
    }


class Client:
    """A ``requests`` session with the URL and the credentials of a system. Paths are sent verbatim."""

    def __init__(self, url: str, login: dict[str, str]):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        token = login.get("api_token") or login.get("access_token")
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"
        else:
            self.session.auth = (login["username"], login["password"])

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request without cookies of earlier responses."""
        self.session.cookies.clear()
        return self.session.request(method, self.url + path, timeout=HANGS, **options)


class Simulator:
    """A running simulator at ``url``. Use :func:`start`; call :meth:`stop` or use it in a with statement."""

    def __init__(self, process: subprocess.Popen[str], url: str, verify: str | bool = True):
        self.url = url
        self.forgotten: list[dict[str, Any]] = []
        self.rate_limit = True
        self._process = process
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = verify

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def system_url(self, name: str) -> str:
        """Return the ``api_url`` of a system."""
        url: str = self.control("GET", "/")["systems"][name]
        return url

    def client(self, login: str) -> Client:
        """Return a client with the credentials of a user in :data:`CREDENTIALS`."""
        return Client(self.system_url(login.partition("_")[0]), CREDENTIALS[login])

    def reset(self, seed: dict[str, Any] | None = None) -> None:
        """Restore the data (by default the initial data), the journal, the faults and the settings.

        If ``rate_limit`` is false, VOSS Automate has no rate limit unless the seed contains settings.
        """
        self.forgotten += self.journal()
        if not self.rate_limit:
            seed = {"settings": {"voss": {"throttle": 0}}, **(seed or {})}
        self.control("POST", "/reset", {} if seed is None else {"seed": seed})

    def journal(self, system: str | None = None) -> list[dict[str, Any]]:
        """Return all vendor requests since the start, the last reset or the last :meth:`forget`."""
        suffix = f"?system={system}" if system else ""
        entries: list[dict[str, Any]] = self.control("GET", f"/journal{suffix}")["requests"]
        return entries

    def writes(self, system: str | None = None) -> list[dict[str, Any]]:
        """Return the requests that could have changed something."""
        return [entry for entry in self.journal(system) if entry["write"]]

    def refusals(self, system: str | None = None) -> list[str]:
        """Return why requests were not documented by the vendors."""
        return [entry["refused"] for entry in self.journal(system) if entry["refused"]]

    def forget(self) -> None:
        """Clear the journal, and keep its entries in ``forgotten``."""
        self.forgotten += self.journal()
        self.control("DELETE", "/journal")

    def fault(self, **rule: Any) -> None:
        """Add a fault."""
        self.control("POST", "/faults", rule)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.control("DELETE", "/faults")

    def settings(self, **by_system: Any) -> None:
        """Change settings, as in ``settings(voss={"polls": 0})``."""
        self.control("PATCH", "/settings", by_system)

    def quirks(self, **by_system: Any) -> None:
        """Switch quirks on or off, as in ``quirks(voss={"unproven": "lost"})``."""
        self.control("PATCH", "/quirks", by_system)

    def change(self, system: str, object_id: str, **fields: Any) -> dict[str, Any]:
        """Set fields of an object, and return the object."""
        changed: dict[str, Any] = self.control("PATCH", f"/state/{system}/{quote(object_id, safe='')}", fields)
        return changed

    def state(self) -> dict[str, Any]:
        """Return the complete state, including secrets, in the format of a seed."""
        state: dict[str, Any] = self.control("GET", "/state")
        return state

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """Send a request to the control interface. An error is raised as AssertionError."""
        response = self._session.request(method, f"{self.url}/_simulator{path}", json=content, timeout=HANGS)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def stop(self) -> None:
        """End the process."""
        self._session.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


def start(*arguments: str, verify: str | bool = True) -> Simulator:
    """Start a simulator on a free port, which ends with this process. ``arguments`` are passed to the command
    ``serve``, and ``verify`` is a CA bundle for TLS.
    """
    process = subprocess.Popen(
        [PYTHON, "-m", "connector_simulator", "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline().strip()
    if not first.startswith("listening on "):
        process.wait(10)
        process.stdout.close()
        raise RuntimeError(f"connector_simulator ended with status {process.returncode}: {first}")
    return Simulator(process, first.removeprefix("listening on "), verify)


def connections(simulator: Simulator) -> dict[str, dict[str, str]]:
    """Return the connection options of each system at a simulator."""
    return {name: {"api_url": simulator.system_url(name), **CREDENTIALS[name]} for name in SYSTEMS}


def in_environment(connections: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the environment variables for the connection options of systems."""
    return {
        ENVIRONMENT[system][option]: value
        for system, options in connections.items()
        for option, value in options.items()
    }


def _apono_connector(name: str, status: str) -> dict[str, Any]:
    """Return a connector in the format of a seed."""
    return {
        "id": f"id-of-{name}",
        "name": name,
        "status": status,
        "version": "1.6.4",
        "last_connected": "2026-10-01T08:15:30Z",
        "is_latest_version": True,
        "cloud_provider_type": "AWS",
    }


def apono_seed(**connectors: str) -> dict[str, Any]:
    """Return a seed with Apono connectors by name and status."""
    return {"apono": {"connectors": [_apono_connector(name, status) for name, status in connectors.items()]}}
