# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the complete table of faults in parallel processes, because the tasks wait most of the time."""

from __future__ import annotations

import argparse
import collections
import functools
import os
import pickle
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.util import Finalize
from pathlib import Path

from faults import page
from faults.bench import Bench
from faults.fault_cases import FaultCase, Verdict, cases_of, examine, good, tasks


def _examine(case: FaultCase) -> Verdict:
    return examine(_bench(), case)


@functools.cache
def _bench() -> Bench:
    """Return the bench of this process, which ends with it."""
    bench = Bench()
    Finalize(None, bench.close, exitpriority=1)
    return bench


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--only", default="", help="run only the cases whose name contains this text")
    parser.add_argument("--processes", type=int, default=6 * (os.cpu_count() or 1))
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    begin = time.monotonic()
    bench = Bench()
    try:
        goods = [good(bench, task) for task in tasks()]
    finally:
        bench.close()
    chosen = [case for one in goods for case in cases_of(one) if options.only in case.name]
    print(f"{len(goods)} tasks, {len(chosen)} cases", flush=True)
    verdicts = []
    with ProcessPoolExecutor(options.processes) as pool:
        for verdict in pool.map(_examine, chosen):
            verdicts.append(verdict)
            if verdict.problems:
                print(verdict.case, *verdict.problems, sep="\n    ", flush=True)
            if len(verdicts) % 500 == 0:
                print(len(verdicts), round(time.monotonic() - begin), flush=True)
    if options.keep:
        options.keep.write_bytes(pickle.dumps(verdicts))
    page.write()
    counts = collections.Counter((verdict.rule, verdict.duration, verdict.outcome) for verdict in verdicts)
    for key, count in sorted(counts.items()):
        print(count, *key)
    wrong = [verdict for verdict in verdicts if verdict.problems]
    print(f"{len(verdicts)} cases, {len(wrong)} wrong, {time.monotonic() - begin:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
