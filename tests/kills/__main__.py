# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kill a bulk run at many random points, and report how the next run ended."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.simulator import start

from kills.bulk import Bulk, Job, kill_after, prepare, problems, requests_so_far


def rounds(bulk: Bulk, points: list[float], playbook: bool) -> list[tuple[float, bool, list[str]]]:
    """Kill the job at each of these fractions of all requests. Yield whether the job was running, and the problems."""
    outcomes = []
    with start() as simulator, tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = Path(name)
        prepare(simulator, bulk)
        status, output = Job(bulk.options(simulator), folder / "whole", playbook).wait()
        wrong = problems(simulator, bulk)
        assert not status, output[-2000:]
        assert not wrong
        all_of_them = requests_so_far(simulator)
        for number, point in enumerate(points):
            prepare(simulator, bulk)
            killed = Job(bulk.options(simulator), folder / f"{number}-killed", playbook)
            alive = kill_after(simulator, killed, max(1, round(point * all_of_them)))
            time.sleep(1.0)
            status, output = Job(bulk.options(simulator), folder / f"{number}-again", playbook).wait()
            outcomes.append((point, alive, problems(simulator, bulk) + ([output[-2000:]] if status else [])))
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--parallel", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    chance = random.Random(options.seed)
    points = [chance.random() for _kill in range(options.kills)]
    begin = time.monotonic()
    with ThreadPoolExecutor(options.parallel) as pool:
        shares = [points[number :: options.parallel] for number in range(options.parallel)]
        done = [
            outcome
            for outcomes in pool.map(lambda share: rounds(Bulk(options.customers), share, True), shares)
            for outcome in outcomes
        ]
    for point, alive, wrong in sorted(done):
        print(f"{point:.4f} {'killed' if alive else 'had ended'} {'; '.join(wrong) or 'in the desired state'}")
    bad = [outcome for outcome in done if outcome[2]]
    killed = sum(alive for _point, alive, _wrong in done)
    print(
        f"{killed} kills of {len(done)} runs with {options.customers} customers, {len(bad)} not in the desired state,"
        f" {time.monotonic() - begin:.0f} s"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
