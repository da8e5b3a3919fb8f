# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the run time of the inventory for thousands of cached hosts, with and without the caching templar.

``python -m benchmarks.inventory`` writes the tables in docs/docsite/rst/benchmarks_inventory.rst.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from benchmarks import COLLECTIONS, ROOT
from benchmarks.report import BEGIN, END

PAGE = ROOT / "docs" / "docsite" / "rst" / "benchmarks_inventory.rst"
AIMS, LINEAR = {1000: 20, 10000: 30}, 5.5
WAYS = {"own": "``hybrid.connectors.fleet``", "stock": "``hybrid.connectors.fleet`` with Ansible's own templar"}
OPTIONS = {
    "compose": {
        "display_name": "fleet.name",
        "problem": "fleet.problems | join(' ')",
        "major": "fleet.version.split('.')[0]",
    },
    "groups": {
        "attention": "fleet.health in ['down', 'degraded']",
        "old": "fleet.version is version('1.3', '<')",
        "failing": "fleet is not hybrid.connectors.healthy",
    },
    "keyed_groups": [
        {"key": "fleet.version", "prefix": "version"},
        {"key": "fleet.group", "prefix": "in"},
        {"key": "fleet.health | upper", "prefix": "is"},
    ],
}


def connectors(count: int) -> list[dict[str, Any]]:
    """Return Apono connectors in a few versions and groups. Every tenth connector is disconnected."""
    return [
        {
            "id": f"connector-{number:05}",
            "name": f"connector-{number:05}",
            "status": "CONNECTED" if number % 10 else "DISCONNECTED",
            "version": f"1.{number % 7}.{number % 5}",
            "last_connected": "2026-10-01T08:15:30Z",
            "is_latest_version": number % 7 == 6,
            "cloud_provider_type": f"cloud-{number % 40}",
            "sessions": [],
        }
        for number in range(count)
    ]


def stock(plugin: Any, host: str, variables: Any) -> None:
    """Create the groups with the standard implementation of Constructable."""
    plugin._set_composite_vars(plugin.get_option("compose"), variables, host)
    plugin._add_host_to_composed_groups(plugin.get_option("groups"), variables, host)
    plugin._add_host_to_keyed_groups(plugin.get_option("keyed_groups"), variables, host)


def one(way: str, count: int) -> None:
    """Build the inventory in this process, and print its CPU time and memory."""
    from ansible.inventory.manager import InventoryManager
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.cache import CachePluginAdjudicator
    from ansible.plugins.loader import init_plugin_loader, inventory_loader

    init_plugin_loader([str(COLLECTIONS)])
    from ansible_collections.hybrid.connectors.plugins.plugin_utils import _sources as sources

    with tempfile.TemporaryDirectory() as folder:
        file, cache = Path(folder, "bench.fleet.yml"), Path(folder, "cache")
        keep = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(cache)}
        file.write_text(yaml.safe_dump({"plugin": "hybrid.connectors.fleet", "apono": {}, **keep, **OPTIONS}))
        entry = sources.cache_entry(connectors(count), sources.account("apono", {}))
        kept = CachePluginAdjudicator("ansible.builtin.jsonfile", _uri=str(cache), _prefix="ansible_inventory_")
        kept[sources.cache_key(str(file), "apono", {})] = entry
        kept.set_cache()
        if way == "stock":
            plugin = inventory_loader.get("hybrid.connectors.fleet")
            module: Any = sys.modules[type(plugin).__module__]
            module.prepare, module.construct = lambda *_arguments: None, stock
        begun = time.process_time()
        manager = InventoryManager(DataLoader(), [str(file)])
        seconds = time.process_time() - begun
        assert len(manager.hosts) == count, f"{len(manager.hosts)} hosts"
        assert {"old", "attention", "failing", "version_1_0_0", "in_cloud_1", "is_DOWN"} <= set(manager.groups)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps({"seconds": seconds, "mebibytes": memory}))


def run(way: str, count: int) -> dict[str, float]:
    """Build the inventory in a separate process without credentials."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "APONO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.inventory", "--one", way, str(count)],
        cwd=ROOT,
        env={**kept, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(plan: list[tuple[str, int, int]]) -> dict[tuple[str, int], list[dict[str, float]]]:
    """Yield plugin, hosts and rounds. The plugins run alternately, so that other load on the machine affects both."""
    samples: dict[tuple[str, int], list[dict[str, float]]] = {(way, count): [] for way, count, _rounds in plan}
    for number in range(max(rounds for _way, _count, rounds in plan)):
        for way, count, rounds in plan:
            if number < rounds:
                samples[way, count].append(run(way, count))
                print(
                    f"{samples[way, count][-1]['seconds']:8.2f} s  {count:6} hosts, {way}", file=sys.stderr, flush=True
                )
    return samples


def tables(samples: dict[tuple[str, int], list[dict[str, float]]]) -> list[str]:
    """Return the lines of the page."""
    median = {cell: statistics.median(sample["seconds"] for sample in runs) for cell, runs in samples.items()}
    lines = ["", ".. list-table:: Targets and results of this run", "   :header-rows: 1", ""]
    rows = [("Measure", "Target", "Result", "Met")]
    for count, aim in AIMS.items():
        if {("own", count), ("stock", count)} <= set(median):
            ratio = median["stock", count] / median["own", count]
            met = "yes" if ratio >= aim else "**no**"
            rows.append(
                (f"{count:,} hosts, compared with Ansible's own templar", f"{aim} x faster", f"{ratio:.1f} x", met)
            )
    if ("own", 50000) in median:
        growth = median["own", 50000] / median["own", 10000]
        met = "yes" if growth <= LINEAR else "**no**"
        rows.append(("50,000 hosts, compared with 10,000", f"at most {LINEAR} x the time", f"{growth:.1f} x", met))
    lines += _table(rows)
    lines += ["", ".. list-table:: CPU time in seconds to create an inventory", "   :header-rows: 1", ""]
    figures = [("Plugin", "Hosts", "Seconds", "Fastest - slowest", "MiB", "Runs")]
    for (way, count), runs in samples.items():
        seconds = sorted(sample["seconds"] for sample in runs)
        spread = f"{seconds[0]:.2f} - {seconds[-1]:.2f}" if len(runs) > 1 else "\\-"
        memory = statistics.median(sample["mebibytes"] for sample in runs)
        words = (WAYS[way], f"{count:,}", f"{median[way, count]:.2f}", spread, f"{memory:.0f}", str(len(runs)))
        figures.append(words)
    return lines + _table(figures)


def _table(rows: list[Any]) -> list[str]:
    return [f"   {'* ' if place == 0 else '  '}- {cell}" for row in rows for place, cell in enumerate(row)]


def main() -> None:
    """Run the benchmark; see ``--help``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inventory", description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("WAY", "HOSTS"), help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="both ways once with 100 hosts; writes nothing")
    parser.add_argument("--full", action="store_true", help="no more than without it")
    options = parser.parse_args()
    if options.one:
        one(options.one[0], int(options.one[1]))
        return
    if options.quick:
        print("\n".join(tables(measured([("own", 100, 1), ("stock", 100, 1)]))))
        return
    load = os.getloadavg()[0]
    plan = [("own", 1000, 5), ("stock", 1000, 5), ("own", 10000, 5), ("own", 50000, 3), ("stock", 10000, 1)]
    lines = tables(measured(plan))
    print("\n".join(lines))
    reported = (
        f"The benchmark ran on {time.strftime('%Y-%m-%d')} with ansible-core {version('ansible-core')} on Python"
        f" {platform.python_version()}, on a machine with {os.cpu_count()} processors. The system load was {load:.1f}"
        f" at the start and {os.getloadavg()[0]:.1f} at the end."
    )
    before, _begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    page = [before + BEGIN, "", reported, *lines, "", END + rest.partition(END)[2]]
    PAGE.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
