# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test a part of the table of faults, with every module, every rule and every fault, and check the page."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import pytest
from support import cases

from faults.bench import Bench
from faults.fault_cases import FaultCase, Verdict, cases_of, examine, good, tasks
from faults.faults import FAULTS
from faults.page import PAGE, rendered
from faults.rules import RULES, exception_of, rule_of
from faults.tasks import TASKS

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted({task.module for task in TASKS})
AT_ONCE = 3


@pytest.fixture(scope="session")
def benches() -> Iterator[list[Bench]]:
    made = [Bench() for _number in range(AT_ONCE)]
    yield made
    for bench in made:
        bench.close()


def part(module: str, of: list[FaultCase]) -> list[FaultCase]:
    """Return one case for each rule, with a different fault, call and duration for each module."""
    number = MODULES.index(module)
    chosen = []
    for rule in RULES:
        fault = sorted(rule.faults)[number % len(rule.faults)]
        fitting = [
            case
            for case in of
            if case.fault.name == fault
            and rule_of(case.fault, case.call) is rule
            and not exception_of(case.fault, case.call)
        ]
        if fitting:
            chosen.append(fitting[number * 7 % len(fitting)])
    return chosen


@pytest.mark.parametrize("module", MODULES)
def test_outcomes_of_faults_follow_the_rules(module: str, benches: list[Bench]) -> None:
    chosen = part(
        module, [case for task in tasks() if task.module == module for case in cases_of(good(benches[0], task))]
    )
    assert chosen
    free: SimpleQueue[Bench] = SimpleQueue()
    for bench in benches:
        free.put(bench)

    def examined(case: FaultCase) -> Verdict:
        bench = free.get()
        try:
            return examine(bench, case)
        finally:
            free.put(bench)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = list(pool.map(examined, chosen))
    assert {verdict.case: verdict.problems for verdict in verdicts if verdict.problems} == {}


def test_the_table_has_every_module_and_fault() -> None:
    assert set(cases.MODULES) == set(MODULES)
    assert len({fault.name for fault in FAULTS}) == 29
    assert set().union(*(rule.faults for rule in RULES)) == {fault.name for fault in FAULTS}
    for rule in RULES:
        assert len(rule.faults) <= len(MODULES), "The part does not have every fault."


def test_the_page_shows_the_rules() -> None:
    assert rendered() in PAGE.read_text(encoding="utf-8")
