# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define a list of customers with every kind of change, and the processes that apply the list."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.modules import COLLECTIONS, PACKAGE, environment
from support.simulator import CREDENTIALS, Simulator

SCOPE = "sys.hcs.CS-P.CS-GEN"
SETTLE = 0.3
PLAYBOOK = [
    {"hosts": "localhost", "gather_facts": False, "tasks": [{"hybrid.connectors.voss_spark_customers": "{{ given }}"}]}
]


@dataclass(frozen=True)
class Bulk:
    """A list of customers. Equal parts of the customers are created, updated, moved and deleted."""

    count: int

    @property
    def quarter(self) -> int:
        return self.count // 4

    def seed(self) -> dict[str, Any]:
        """Return the initial state. Nodes permit customers with the same name, so that duplicates are detected."""
        generate = {"customers": 3 * self.quarter, "free_nodes": 2 * self.quarter}
        # Transactions end without polls, as on a real server after the client was killed.
        settings = {"throttle": 0, "polls": 2, "settle": SETTLE, "duplicate_names": "allow"}
        return {"settings": {"voss": settings}, "voss": {"customers": [], "generate": generate}}

    def desired(self) -> dict[str, tuple[str, str]]:
        """Return the node and the e-mail domain of every desired customer."""
        names = [f"Customer-{number:04}" for number in range(1, 5 * self.quarter + 1)]
        changed, moved, free = (names[start * self.quarter :][: self.quarter] for start in (0, 1, 3))
        created = names[4 * self.quarter :]
        return {
            **{name: (f"{SCOPE}.{name}", "changed.example") for name in changed},
            **{
                name: (f"{SCOPE}.{node}", f"{name.lower()}.example.com") for name, node in zip(moved, free, strict=True)
            },
            **{name: (f"{SCOPE}.{name}", "created.example") for name in created},
        }

    def options(self, simulator: Simulator) -> dict[str, Any]:
        """Return the options of the task."""
        return {
            "api_url": simulator.system_url("voss"),
            **CREDENTIALS["voss"],
            "hierarchy": SCOPE,
            "customers": [
                {"name": name, "hierarchy": node, "email_domain": domain}
                for name, (node, domain) in self.desired().items()
            ],
            "relocate": True,
            "prune": True,
            "prune_limit": self.count,
            "requests_per_second": 0,
            "poll_interval": 0.1,
        }


class Job:
    """A run of the task in separate processes, by ansible-playbook or as a module."""

    def __init__(self, options: Mapping[str, Any], folder: Path, playbook: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command, given = (
            [sys.executable, "-m", f"{PACKAGE}.voss_spark_customers"],
            {"ANSIBLE_MODULE_ARGS": dict(options)},
        )
        if playbook:
            (folder / "playbook.yml").write_text(json.dumps(PLAYBOOK), encoding="utf-8")
            (folder / "given.json").write_text(json.dumps({"given": options}), encoding="utf-8")
            command = [sys.executable, "-m", "ansible", "playbook", "-e", "@given.json", "playbook.yml"]
        self._output = (folder / "output.txt").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(
                folder,
                PYTHONPATH=str(COLLECTIONS),
                ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
                ANSIBLE_HOME=str(folder / ".ansible"),
                ANSIBLE_REMOTE_TMP=str(folder / ".ansible" / "tmp"),
                ANSIBLE_LOCALHOST_WARNING="false",
                **({"ANSIBLE_STDOUT_CALLBACK": "minimal"} if playbook else {}),
            ),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdin
        if not playbook:
            self._process.stdin.write(json.dumps(given))
        self._process.stdin.close()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """Kill the whole process group."""
        if not self.ended:
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> tuple[int, str]:
        """Return exit status and output."""
        status = self._process.wait(300)
        if self._output.closed:
            return status, ""
        self._output.seek(0)
        output = self._output.read()
        self._output.close()
        return status, output


def prepare(simulator: Simulator, bulk: Bulk, slow_after: int | None = None) -> None:
    """Restore the initial state. Delay requests after this number, so that the kill is not too late."""
    simulator.reset(bulk.seed())
    rule = {"headers": {"X-Counted": "yes"}} if slow_after is None else {"skip": slow_after, "delay": SETTLE}
    simulator.fault(system="voss", times=None, **rule)


def requests_so_far(simulator: Simulator) -> int:
    """Return the number of requests so far."""
    seen: int = simulator.control("GET", "/faults")["faults"][0]["seen"]
    return seen


def kill_after(simulator: Simulator, job: Job, requests: int) -> bool:
    """Kill a job after this number of requests, and return whether it was still running."""
    while not job.ended and requests_so_far(simulator) < requests:
        time.sleep(0.002)
    alive = not job.ended
    job.kill()
    simulator.clear_faults()
    return alive


def problems(simulator: Simulator, bulk: Bulk) -> list[str]:
    """Return the differences from the desired state, and changes that were made twice."""
    time.sleep(2 * SETTLE)
    # The next request ends transactions whose time has passed.
    simulator.client("voss")("GET", "/api/tool/Transaction/?hierarchy=sys&limit=1&format=json")
    there = simulator.state()["voss"]["customers"]
    found = sorted((item["name"], (item["hierarchy"], item["email_domain"])) for item in there)
    wrong = [] if found == sorted(bulk.desired().items()) else ["the objects are not in the desired state"]
    names = Counter(item["name"] for item in there)
    wrong += [f"{name} is there {count} times" for name, count in names.items() if count > 1]
    done: Counter[str] = Counter()
    for entry in simulator.writes("voss"):
        if entry["applied"]:
            body = entry["body"] or {}
            subjects = body.get("hrefs") or [body.get("name") or entry["path"].rstrip("/")]
            done.update(
                f"{entry['method']} {entry['path'] if 'hrefs' in body else ''} {subject}" for subject in subjects
            )
    return wrong + [f"{words}: {count} times" for words, count in done.items() if count > 1]
