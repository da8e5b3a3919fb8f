# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the benchmarks: methods to manage customers, the cells of the table, and the number of runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import ROOT

IN_PROCESS = any((ROOT / "plugins" / "action").glob("*.py"))


@dataclass(frozen=True)
class Way:
    """A playbook, or the script if there is no playbook.

    :param in_process: whether the modules of the collection run in the worker.
    :param arguments: arguments of the script.
    """

    title: str
    playbook: str | None
    in_process: bool = False
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A situation: number of customers, changed customers per hundred, and latency in milliseconds.

    :param throttle: rate limit of the server in requests per second. 0: no limit.
    :param page: maximum number of customers on a page of the server.
    """

    customers: int = 0
    changed: int = 0
    latency: int = 0
    throttle: int = 0
    page: int = 2000

    @property
    def writes(self) -> int:
        return len([number for number in range(self.customers) if self.differs(number)])

    def differs(self, number: int) -> bool:
        """Return whether the customer with this number must be changed."""
        return bool(self.changed) and number % (100 // self.changed) == 0


@dataclass(frozen=True)
class Entry:
    """A line of the table."""

    way: str
    cell: Cell
    runs: int


WAYS = {
    "empty": Way("an empty play", "empty"),
    "empty_task": Way("a play with one task that does nothing, in-process", "empty_task"),
    "empty_module": Way("a play with one module that does nothing", "empty_module"),
    "script": Way("a script with ``requests``", None),
    "script_each": Way("a script that reads one customer after the other", None, arguments=("each",)),
    "bulk": Way("``voss_spark_customers`` in a separate process", "bulk"),
    "loop": Way("``loop:`` over ``voss_spark_customer`` in separate processes", "loop"),
    "uri_each": Way("``loop:`` over ``uri``, one GET per customer", "uri_each"),
    "uri_list": Way("one list with ``uri``, ``loop:`` over changed customers", "uri_list"),
    "bulk_yaml": Way(
        "``voss_spark_customers`` in a separate process, customers from YAML in ``vars_files``", "bulk_vars_files"
    ),
}
if IN_PROCESS:
    WAYS["bulk_src_in"] = Way("``voss_spark_customers``, customers from CSV with ``src``", "bulk_src", True)
    WAYS["bulk_in"] = Way("``voss_spark_customers``", "bulk", True)
    WAYS["bulk_yaml_in"] = Way(
        "``voss_spark_customers``, customers from YAML in ``vars_files``", "bulk_vars_files", True
    )
    WAYS["loop_in"] = Way("``loop:`` over ``voss_spark_customer``", "loop", True)

YARDSTICKS = ("empty", "empty_task", "empty_module")
SHARES = (0, 10, 100)
LATENCIES = (0, 50)
RUNS = 5


def known(*ways: str) -> list[str]:
    return [way for way in ways if way in WAYS]


def quick() -> list[Entry]:
    """Return every benchmark once with few customers, to test that all of them work."""
    unchanged = [Entry(way, Cell(5), 1) for way in known("script", "script_each", "bulk_in")]
    changing = [way for way in WAYS if way not in (*YARDSTICKS, "script_each")]
    return [
        *unchanged,
        *[Entry(way, Cell(5, 20), 1) for way in changing],
        *[Entry(way, Cell(), 1) for way in YARDSTICKS],
    ]


def everything(full: bool) -> Iterator[Entry]:
    """Return all lines of the table.

    The slow loops run once, and with 1,000 customers only for two goals. With ``full``, they run with 100 customers as
    often as all other benchmarks, and the loop with one GET per customer also runs once with 1,000 customers.
    """
    for way in YARDSTICKS:
        yield Entry(way, Cell(), RUNS)
    for customers in (100, 1000):
        for changed in SHARES:
            for latency in LATENCIES:
                for way in known("script", "bulk", "bulk_in"):
                    yield Entry(way, Cell(customers, changed, latency), RUNS)
    for way, changed in (("loop", 0), ("uri_each", 0), ("uri_list", 0), ("uri_list", 10)):
        yield Entry(way, Cell(100, changed), RUNS if full else 1)
    for changed in (0, 10):
        yield from (Entry(way, Cell(100, changed), RUNS) for way in known("loop_in"))
    for customers in (100, 1000):
        yield Entry("script_each", Cell(customers), RUNS)
    yield from (Entry(way, Cell(1000), RUNS if full else 2) for way in known("loop_in"))
    if full:
        yield from (Entry(way, Cell(100, 10), 1) for way in ("loop", "uri_each"))
        yield Entry("uri_each", Cell(1000), 1)
    for way, changed in (("loop", 0), ("uri_list", 10)):
        yield Entry(way, Cell(1000, changed), 1)
    for way in known("bulk_yaml", "bulk_yaml_in"):
        yield Entry(way, Cell(1000), RUNS)
    yield from (Entry(way, Cell(1000), RUNS) for way in known("bulk_src_in"))
    for way in known("script", "bulk", "bulk_in", "bulk_src_in"):
        yield Entry(way, Cell(10000), RUNS)
    for way in known("bulk", "bulk_in"):
        yield Entry(way, Cell(1000, page=200), 1)
        yield Entry(way, Cell(200, 100, throttle=20), 1)
