# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure one run of one benchmark, and verify its result."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from support.simulator import CREDENTIALS, Simulator

from benchmarks import COLLECTIONS, PEERS, ROOT
from benchmarks.plan import WAYS, Cell, Way

HERE = Path(__file__).resolve().parent
SCOPE = "sys.hcs.CS-P.CS-GEN"
PARALLEL = 16
RATE = 18.0


@dataclass(frozen=True)
class Sample:
    """The resource usage of one run, and its requests. ``rate`` is in requests per second."""

    seconds: float
    cpu: float
    mebibytes: float
    requests: int
    looks: int
    connections: int
    refused: int
    rate: float


class Bench:
    """A simulator, and a folder for the files of the runs."""

    def __init__(self, simulator: Simulator, folder: Path):
        self.simulator = simulator
        self.folder = folder
        self.url = simulator.system_url("voss")
        self.cell: Cell | None = None
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")

    def run(self, name: str, cell: Cell) -> Sample:
        """Run a benchmark from the initial state.

        :raises RuntimeError: the run failed, or did not make exactly the expected changes.
        """
        way = WAYS[name]
        self._prepare(cell)
        took, reported = launched(self.folder, self._command(way), way.in_process)
        requests = self.simulator.journal("voss")
        refused = [entry for entry in requests if entry["refused"] or (entry["status"] or 500) >= 400]
        applied = sum(entry["applied"] for entry in requests)
        if (
            took.pop("status")
            or applied != cell.writes
            or any(entry["status"] != 429 or not cell.throttle for entry in refused)
        ):
            raise RuntimeError(f"{way.title}, {cell}: {applied} applied, {len(refused)} refused.\n{reported}")
        span = requests[-1]["time"] - requests[0]["time"] if len(requests) > 1 else 0.0
        return Sample(
            **took,
            requests=len(requests),
            looks=sum(entry["path"].startswith("/api/tool/Transaction/") for entry in requests),
            connections=len({entry["connection"] for entry in requests}),
            refused=len(refused),
            rate=(len(requests) - 1) / span if span else 0.0,
        )

    def _prepare(self, cell: Cell) -> None:
        """Restore the initial customers of the cell, warm up the caches of the server, and clear the journal."""
        self.simulator.reset({"voss": {"nodes": [], "customers": [], "generate": {"customers": cell.customers}}})
        if cell.customers:
            client = self.simulator.client("voss")
            for skip in range(0, cell.customers, 2000):
                client("GET", f"/api/relation/SparkCustomer/?hierarchy={SCOPE}&skip={skip}&limit=2000&format=json")
        self.simulator.settings(voss={"throttle": cell.throttle, "maximum_limit": cell.page})
        self.simulator.control("PATCH", "/settings", {"latency": cell.latency / 1000})
        self.simulator.forget()
        if cell != self.cell:
            self.cell = cell
            desired = [_desired(number, cell.differs(number)) for number in range(cell.customers)]
            given = {
                "api_url": self.url,
                **CREDENTIALS["voss"],
                "scope": SCOPE,
                "parallel": PARALLEL,
                "requests_per_second": RATE if cell.throttle else 0,
                "desired_file": str(self.folder / "desired.json"),
                "desired_yaml": str(self.folder / "desired.yml"),
                "desired_csv": str(self.folder / "desired.csv"),
            }
            (self.folder / "desired.json").write_text(json.dumps(desired), encoding="utf-8")
            (self.folder / "desired.yml").write_text(yaml.safe_dump({"customers": desired}), encoding="utf-8")
            with (self.folder / "desired.csv").open("w", encoding="utf-8", newline="") as file:
                table = csv.DictWriter(file, _desired(0, False))
                table.writeheader()
                table.writerows(desired)
            (self.folder / "given.json").write_text(json.dumps(given), encoding="utf-8")

    def _command(self, way: Way) -> list[str]:
        given = self.folder / "given.json"
        if way.playbook is None:
            return [sys.executable, str(HERE / "floor.py"), str(given), *way.arguments]
        play = str(HERE / "playbooks" / f"{way.playbook}.yml")
        ansible = Path(sys.executable).with_name("ansible-playbook")
        return [str(ansible), "-e", f"@{given}", play]


def launched(folder: Path, command: Sequence[str], in_process: bool) -> tuple[dict[str, Any], str]:
    """Run a command, and return its cost and the end of its output.

    :param in_process: whether the modules of the collection run in the worker.
    """
    output = folder / "output.txt"
    launcher = (sys.executable, "-I", "-S", str(HERE / "launch.py"), str(output))
    environment = _environment(folder, in_process)
    done = subprocess.run(
        [*launcher, *command], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout), output.read_text(encoding="utf-8")[-3000:]


def _environment(folder: Path, in_process: bool) -> dict[str, str]:
    """Return the environment of a user without settings. Python writes bytecode, as in an installed collection."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    return {
        **kept,
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}{os.pathsep}{PEERS}",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "PYTHONPYCACHEPREFIX": str(ROOT / ".cache" / "pycache"),
        "HYBRID_CONNECTORS_IN_PROCESS": str(in_process).lower(),
    }


def _desired(number: int, differs: bool) -> dict[str, Any]:
    """Return a customer as the simulator generates it, or with a different domain."""
    name = f"Customer-{number + 1:04}"
    return {
        "name": name,
        "hierarchy": f"{SCOPE}.{name}",
        "account_email": f"{name.lower()}@example.com",
        "account_number_external": f"a0000000-0000-0000-0000-{number + 1:012x}",
        "default_calling_behaviour": "Calling in Webex App",
        "dirsync_enabled": True,
        "email_domain": f"rooms.{name.lower()}.example.com" if differs else f"{name.lower()}.example.com",
    }
