# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run all benchmarks for ``make bench``, print the results, and write them to the documentation."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from support.simulator import start

from benchmarks import PEERS, ROOT, fleet, peer, plan, report
from benchmarks.measure import Bench, Sample
from benchmarks.plan import Entry

RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "docsite" / "rst" / "benchmarks.rst"


def measured(entries: list[Entry]) -> dict[Entry, list[Sample]]:
    """Return all runs. The benchmarks run alternately, so that other load on the machine affects all of them."""
    samples: dict[Entry, list[Sample]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="hybrid-connectors-bench-") as folder, start() as simulator:
        bench = Bench(simulator, Path(folder))
        rounds = max(entry.runs for entry in entries)
        for way in plan.WAYS if rounds > 1 else ():
            bench.run(way, plan.Cell(1))
        for number in range(1, rounds + 1):
            for entry in entries:
                if entry.runs >= number:
                    sample = bench.run(entry.way, entry.cell)
                    samples[entry].append(sample)
                    print(f"{number}: {sample.seconds:7.2f} s  {entry.way} {entry.cell}", file=sys.stderr, flush=True)
    return samples


def fleet_seconds(quick: bool) -> dict[str, float]:
    """Run the programs in :mod:`benchmarks.fleet`, and return their median run times in seconds."""
    if not quick:
        peer.install(PEERS)
    with (
        tempfile.TemporaryDirectory(prefix="hybrid-connectors-bench-") as folder,
        start() as simulator,
        peer.serving() as grafana,
    ):
        bench = fleet.FleetBench(simulator, Path(folder), quick, None if quick else grafana.url)
        return bench.measured(1 if quick else plan.RUNS)


def environment(load: float) -> dict[str, Any]:
    """Return the facts about a run that has ended.

    :param load: the system load when the run started.
    """
    return {
        "date": time.strftime("%Y-%m-%d"),
        "ansible": version("ansible-core"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": [load, os.getloadavg()[0]],
    }


def main() -> None:
    """Run the benchmarks; see ``--help``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="every way once with five customers; writes nothing")
    size.add_argument("--full", action="store_true", help="run the slow loops more often, for an hour")
    size.add_argument("--fleet", action="store_true", help="only the report and single tasks; keep the other results")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    seconds = fleet_seconds(options.quick)
    of_fleet = {**environment(load), "seconds": seconds}
    if options.fleet:
        facts, samples = report.read(RESULTS)
    else:
        load = os.getloadavg()[0]
        samples = measured(plan.quick() if options.quick else list(plan.everything(options.full)))
        facts = environment(load)
    rows = [report.Row.of(entry, runs) for entry, runs in samples.items()]
    aims = [*report.goals(report.Rows(rows)), *fleet.goals(seconds, fleet.FEW_TASKS if options.quick else fleet.TASKS)]
    print(report.text(rows, aims))
    if options.quick:
        return
    facts["fleet"] = of_fleet
    RESULTS.write_text(report.kept(facts, samples), encoding="utf-8")
    report.page(PAGE, rows, aims, facts)


if __name__ == "__main__":
    main()
