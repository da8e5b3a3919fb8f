# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the role ``fleet_report`` and single tasks, in-process and in separate processes."""

from __future__ import annotations

import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.simulator import SYSTEMS, Simulator, connections

from benchmarks import peer
from benchmarks.measure import HERE, launched
from benchmarks.report import Goal, at_least, at_most

TASKS = 40
FEW_TASKS = 4
LARGE = 10_000
# An unchanged connector, so that the task sends one request.
CONNECTOR = {"hybrid.connectors.apono_connector": {"id": "prod-us-east-1", "name": "prod-us-east-1"}}
PLAYS = {
    "tasks_assert": {"ansible.builtin.assert": {"that": True}},
    "tasks_in_process": CONNECTOR,
    "tasks_ping": {"ansible.builtin.ping": {}},
    "tasks_process": CONNECTOR,
}


@dataclass(frozen=True)
class Program:
    """A command to measure, and the size of the fleet in the simulator; None for the sample data."""

    command: tuple[str, ...]
    size: int | None = None


class FleetBench:
    """Programs that use a simulator, and a folder for their files.

    :param grafana: the URL of the server for the module of another collection.
    """

    def __init__(self, simulator: Simulator, folder: Path, quick: bool, grafana: str | None = None) -> None:
        self.simulator = simulator
        self.folder = folder
        self.tasks = FEW_TASKS if quick else TASKS
        self.large = 20 if quick else LARGE
        self.plays = {**PLAYS, **({"tasks_peer": peer.task(grafana)} if grafana else {})}
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
        self._write_files()

    def programs(self) -> dict[str, Program]:
        """Return the programs by name."""
        inventory = (self._ansible("ansible-inventory"), "-i", str(self.folder / "bench.fleet.yml"), "--list")
        return {
            "empty": Program(self._playbook(str(HERE / "playbooks" / "empty.yml"))),
            "inventory": Program(inventory),
            "report": Program(self._report("small")),
            "report_large": Program(self._report("large"), self.large),
            **{name: Program(self._playbook(str(self.folder / f"{name}.yml"))) for name in self.plays},
        }

    def measured(self, runs: int) -> dict[str, float]:
        """Return the median run time of each program in seconds. The programs run alternately."""
        seconds: dict[str, list[float]] = defaultdict(list)
        for _number in range(runs):
            for name, program in self.programs().items():
                self.simulator.reset(_seed(program.size))
                took, reported = launched(self.folder, program.command, in_process=name != "tasks_process")
                if took["status"]:
                    raise RuntimeError(f"{name} failed.\n{reported}")
                seconds[name].append(took["seconds"])
                print(f"{took['seconds']:10.2f} s  {name}", file=sys.stderr, flush=True)
        return {name: statistics.median(values) for name, values in seconds.items()}

    def _write_files(self) -> None:
        systems: dict[str, dict[str, Any]] = {
            name: dict(options) for name, options in connections(self.simulator).items()
        }
        systems["voss"]["hierarchy"] = "sys.hcs"
        options = {**systems, "systems": list(SYSTEMS)}
        variables = {f"fleet_report_{name}": value for name, value in options.items()}
        documents: dict[str, Any] = {
            "variables.json": {**variables, "apono": systems["apono"]},
            "bench.fleet.yml": {"plugin": "hybrid.connectors.fleet", **systems},
        }
        for size in ("small", "large"):
            # The files of each fleet persist, because a report compares the fleet with the earlier report.
            files = {f"fleet_report_{name}": str(self.folder / f"{size}.{name}") for name in ("html", "json", "prom")}
            documents[f"files_{size}.json"] = files
        for name, task in self.plays.items():
            play = {"hosts": "localhost", "gather_facts": False, "tasks": [task] * self.tasks}
            documents[f"{name}.yml"] = [{**play, "module_defaults": {"group/hybrid.connectors.all": systems["apono"]}}]
        for name, document in documents.items():
            (self.folder / name).write_text(json.dumps(document), encoding="utf-8")

    def _report(self, size: str) -> tuple[str, ...]:
        files = ("-e", f"@{self.folder / f'files_{size}.json'}")
        return (*self._playbook("hybrid.connectors.fleet_report"), *files)

    def _playbook(self, play: str) -> tuple[str, ...]:
        return (self._ansible("ansible-playbook"), "-e", f"@{self.folder / 'variables.json'}", play)

    def _ansible(self, program: str) -> str:
        return str(Path(sys.executable).with_name(program))


def _seed(size: int | None) -> dict[str, Any] | None:
    if size is None:
        return None
    return {"generate": {"connectors": size}}


def _compared_with_peer(seconds: Mapping[str, float]) -> list[Goal]:
    if "tasks_peer" not in seconds:
        return []

    def times(name: str) -> float:
        return (seconds[name] - seconds["empty"]) / (seconds["tasks_peer"] - seconds["empty"])

    other = "compared with ``community.grafana.grafana_folder``"
    return [
        Goal(f"A task in-process, {other}", "10 x faster", *at_least(1 / times("tasks_in_process"), 10, " x")),
        Goal(f"A task in a separate process, {other}", "at most 1 x", *at_most(times("tasks_process"), 1, " x")),
    ]


def goals(seconds: Mapping[str, float], tasks: int) -> list[Goal]:
    """Return the goals for the measured run times. ``tasks`` is the number of tasks in a play."""
    empty = seconds["empty"]
    task = 1000 * (seconds["tasks_in_process"] - seconds["tasks_assert"]) / tasks
    process = (seconds["tasks_process"] - empty) / (seconds["tasks_ping"] - empty)
    return [
        *_compared_with_peer(seconds),
        Goal(
            "A task in-process, in addition to ``assert`` in the same play",
            "at most 12 ms",
            *at_most(task, 12, " ms"),
        ),
        Goal(
            "A task in a separate process, compared with ``ping``",
            "at most 1.3 x",
            *at_most(process, 1.3, " x"),
        ),
        Goal(
            "``fleet_report`` of the sample data, compared with ``ansible-inventory``",
            "at most 3 x",
            *at_most(seconds["report"] / seconds["inventory"], 3, " x"),
        ),
        Goal(
            "``fleet_report`` of 10,000 connectors, in addition to an empty play",
            "at most 5 s",
            *at_most(seconds["report_large"] - empty, 5, " s"),
        ),
    ]
