# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provide the environment of the tasks: simulators with and without TLS, another server, and a folder."""

from __future__ import annotations

import datetime
import functools
import json
import re
import select
import shutil
import socket
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import trustme
from support.connections import connected
from support.simulator import CREDENTIALS, Simulator, start

from ansible_collections.hybrid.connectors.plugins.module_utils._clock import Clock
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.archive import fingerprint
from ansible_collections.hybrid.connectors.plugins.module_utils._session import ApiSession
from ansible_collections.hybrid.connectors.plugins.plugin_utils._in_process import execute, module_called
from faults.tasks import FILE, LAST, PKID, Task

CUSTOMER = f"/api/relation/SparkCustomer/{PKID}/?hierarchy=6130d69ae04a4a0015a93bc6&format=json&nowait=true"
KINDS = {"json": "json", "xlsx": "xlsx", "raw_xlsx": "xlsx", "csv": "csv"}


@dataclass(frozen=True)
class Run:
    """The result of a run, its requests, and the seconds that it waited between requests."""

    result: Mapping[str, Any]
    journal: list[dict[str, Any]]
    waited: float

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))


class CountingClock(Clock):
    """The system clock, which adds up the waits. They do not depend on the speed of the machine."""

    def __init__(self) -> None:
        self.waited = 0.0
        self._lock = threading.Lock()

    def wait(self, event: threading.Event, seconds: float) -> None:
        with self._lock:
            self.waited += seconds
        super().wait(event, seconds)


class Certificates:
    """A certificate for the simulator, and three that are not valid for it."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        self.files = {name: folder / f"{name}.pem" for name in ("right", "untrusted", "expired", "wrong host name")}
        for name, issued in (
            ("right", authority.issue_cert("127.0.0.1")),
            ("untrusted", trustme.CA().issue_cert("127.0.0.1")),
            ("expired", authority.issue_cert("127.0.0.1", not_after=past)),
            ("wrong host name", authority.issue_cert("elsewhere.example")),
        ):
            issued.private_key_and_cert_chain_pem.write_to_path(str(self.files[name]))


class Bench:
    """Run one task at a time in this process, with the function that the action plugin calls."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="faults-"))
        self.file = self.folder / "files" / "export"
        self.file.parent.mkdir()
        self.certificates = Certificates(self.folder)
        self._plain: Simulator | None = None
        self._secure: Simulator | None = None
        self._elsewhere = socket.create_server(("127.0.0.1", 0))
        self.elsewhere = f"http://127.0.0.1:{self._elsewhere.getsockname()[1]}/elsewhere"
        self.simulator = self.choose(secure=False)
        self._transaction = ""

    def close(self) -> None:
        """Stop the simulators and remove all files."""
        for simulator in (self._plain, self._secure):
            if simulator:
                simulator.stop()
        self._elsewhere.close()
        shutil.rmtree(self.folder)

    def choose(self, secure: bool) -> Simulator:
        """Select the simulator with or without TLS for the following runs."""
        if secure and not self._secure:
            files = self.certificates
            right = str(files.files["right"])
            self._secure = start("--tls-cert", right, verify=str(files.authority))
        elif not secure and not self._plain:
            self._plain = start()
        chosen = self._secure if secure else self._plain
        assert chosen
        self.simulator = chosen
        return chosen

    def strayed(self) -> bool:
        """Return whether the other origin received a request."""
        return bool(select.select([self._elsewhere], [], [], 0)[0])

    def prepare(self, task: Task) -> None:
        """Restore the samples, and add the objects that the task needs."""
        simulator = self.simulator
        simulator.reset()
        settings = {"voss": {"throttle": 0, "polls": 1 if task.options.get("wait") else 0}}
        settings.setdefault(task.system, {}).update(task.settings)
        simulator.settings(**settings)
        for file in self.file.parent.iterdir():
            file.unlink()
        if LAST in task.options.values():
            client = simulator.client("voss")
            client.session.verify = str(self.certificates.authority)
            made = client("PUT", CUSTOMER, json={"name": "AAAGlobal", "email_domain": "rooms.example"})
            self._transaction = made.json()["transaction_id"]
        simulator.forget()

    def knock(self, rule: Mapping[str, Any]) -> None:
        """Send a request that is not part of the task before a fault that follows a request."""
        self.simulator.fault(system="webex", path="/knock", **rule)
        requests.get(self.simulator.system_url("webex") + "/knock", verify=str(self.certificates.authority), timeout=30)
        self.simulator.forget()

    def run(self, task: Task, **connection: Any) -> Run:
        """Run a task."""
        spec, function = module_called(task.module)
        simulator = self.simulator
        given = {name: self._filled_in(value) for name, value in task.options.items()}

        def connected_to(system: str) -> dict[str, Any]:
            return {
                "api_url": simulator.system_url(system),
                "ca_path": str(self.certificates.authority),
                **CREDENTIALS[task.login or system],
                **({"requests_per_second": 0} if system == "voss" else {}),
                **connection,
            }

        arguments = connected(task.module, connected_to, given)
        clock = CountingClock()
        connect = functools.partial(ApiSession, clock=clock)
        result = execute(spec, function, arguments, task.module, task.check, connect)
        journal = simulator.journal()
        simulator.forget()
        return Run(result, journal, clock.waited)

    def _filled_in(self, value: Any) -> Any:
        if value in (LAST, FILE):
            return self._transaction if value == LAST else str(self.file)
        return value

    def world(self, task: Task) -> dict[str, Any]:
        """Return the objects of the system and the exported file, without accidental differences."""
        state = plain(self.simulator.state()[task.system])
        kind = "xlsx.gz" if task.options.get("bulkload_template") else KINDS[task.options.get("format", "json")]
        exported = fingerprint(kind, self.file.read_bytes()) if self.file.exists() else None
        return {"state": state, "exported": exported, "files": sorted(file.name for file in self.file.parent.iterdir())}


def plain(value: Any) -> Any:
    """Return a value without the parts that differ in every run: times, durations and new IDs."""
    if isinstance(value, Mapping):
        left_out = ("pkid", "data_pkid", "warnings", "checksum", "size", "seconds", "invocation")
        kept = {key: plain(item) for key, item in value.items() if key not in left_out}
        if isinstance(kept.get("syncs"), dict):  # the applied changes show how often a change was made
            kept["syncs"] = sorted(kept["syncs"])
        return kept
    if isinstance(value, (list, tuple)):
        items = [plain(item) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, float):
        return 0.0
    if isinstance(value, str):
        value = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[uuid]", value)
        value = re.sub(r"20\d\d-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)?", "[time]", value)
        value = re.sub(r"^(simulator-access-token-)[0-9a-z]{24}$", r"\1[new]", value)
        value = re.sub(r"/\S*/faults-[^/]+", "[folder]", value)
        return re.sub(r"127\.0\.0\.1:\d+", "[host]", value)
    return value
