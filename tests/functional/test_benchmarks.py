# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmarks run with a few customers, reach the expected state, and send the expected number of requests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from support.deadline import HANGS
from support.modules import ROOT, environment

from benchmarks import peer, report

RESULTS = ROOT / "benchmarks" / "results.json"

pytestmark = [pytest.mark.extended, pytest.mark.slow]


def test_every_benchmark_reaches_its_state_without_files(tmp_path: Path) -> None:
    kept = [RESULTS, ROOT / "docs" / "docsite" / "rst" / "benchmarks.rst"]
    before = [file.read_bytes() for file in kept]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=ROOT,
        env=environment(tmp_path),
        check=False,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    assert done.returncode == 0, done.stderr
    assert [file.read_bytes() for file in kept] == before
    # The columns are: seconds, spread, CPU seconds, requests, connections, memory, runs, benchmark.
    line = re.compile(r"^ *[\d.]+ +[\d.]+-[\d.]+ +[\d.]+ +(\d+) +(\d+) +(\d+) +1  5, (.*)$", re.MULTILINE)
    found = {what: (int(requests), int(mebibytes)) for requests, _conn, mebibytes, what in line.findall(done.stdout)}
    unchanged, changed = "0 % changed, 0 ms: ", "20 % changed, 0 ms: "
    # The numbers of requests: one list, and for each change one GET, one PUT and three polls, of which the third shows
    # the end of the transaction. The module then reads a single changed customer with a GET, or several with another
    # list.
    programs = {"a script with requests": 6, "voss_spark_customers": 7, "voss_spark_customers in a separate process": 7}
    for program, requests in programs.items():
        assert found[changed + program][0] == requests
    for program in ("a script with requests", "voss_spark_customers"):
        assert found[unchanged + program][0] == 1
    assert found[changed + "loop: over uri, one GET per customer"][0] == 9
    assert found[changed + "one list with uri, loop: over changed customers"][0] == 5
    # On a busy machine, the difference between two run times can be negative.
    for measure in ("A task in-process", "A task in a separate process", "fleet_report of the sample data"):
        assert re.search(rf"^ *(met|MISSED): {measure}.*: -?[\d.,]+ (ms|x) \(.*\d", done.stdout, re.MULTILINE)
    # The memory of a process does not include its parent processes, so the script without Ansible requires the least
    # memory.
    assert min(found.values(), key=lambda figures: figures[1]) == found[unchanged + "a script with requests"]


def test_results_can_be_read_again() -> None:
    facts, samples = report.read(RESULTS)
    assert samples
    assert report.kept(facts, samples) == RESULTS.read_text(encoding="utf-8")


def test_the_module_of_another_collection_finds_its_folder() -> None:
    with peer.serving() as server:
        options = peer.task(server.url)["community.grafana.grafana_folder"]
        with urllib.request.urlopen(f"{options['url']}/api/folders", timeout=HANGS) as response:
            folders = json.load(response)
    assert options["name"] in [folder["title"] for folder in folders]


def test_the_inventory_benchmark_runs_with_both_plugins() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.inventory", "--quick"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    assert [line.split()[2] for line in done.stderr.splitlines()] == ["100", "100"]
