# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of all tests.

- ``make test`` runs the tests without the mark ``extended``. ``make test-extended`` runs the tests with this mark,
  except for those with the mark ``long``. ``make test-all`` runs all tests.
- Three workers of pytest run on each processor.
- Hypothesis uses few examples, which are always the same, or with HYPOTHESIS_PROFILE=thorough many new examples.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))  # ansible-test does not read the search path in pyproject.toml.

from support.messages import MessageTable

# Even on a busy machine, an example takes far less time than this. If an example takes longer, it hangs.
HANGS = timedelta(minutes=5)
NO_HEALTH_CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)

settings.register_profile(
    "few", derandomize=True, database=None, deadline=HANGS, suppress_health_check=NO_HEALTH_CHECKS
)
settings.register_profile(
    "thorough", max_examples=1000, print_blob=True, deadline=HANGS, suppress_health_check=NO_HEALTH_CHECKS
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))

TESTS = Path(__file__).parent
# `make test` runs none of these folders.
EXTENDED = ("browser", "examples", "faults", "fuzz", "kills", "molecule", "mutation", "release")
# `make test` runs the first case of each test in these folders. `make test-extended` runs the other cases, except for
# tests with this fixture, in which each case runs Ansible.
QUICK = ("hostile",)
RUNS_ANSIBLE = "attack"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Mark the tests that ``make test`` does not run, and move slow tests to the front after the selection.

    These tests are the tests in folders of extended tests, all cases but the first of a test in other folders, and all
    cases but the first in files with ``first_case_only``.
    """
    begun: set[object] = set()
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        test = (item.path, getattr(item, "originalname", item.name))
        is_further_case = item.path in begun and item.get_closest_marker("first_case_only")
        if folder in EXTENDED or is_further_case or (folder in QUICK and test in begun):
            item.add_marker(pytest.mark.extended)
        if folder in QUICK and test in begun and RUNS_ANSIBLE in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.long)
        begun.update((item.path, test))
    yield
    items[:] = _slow_first(items, getattr(config, "workerinput", {}).get("workercount", 1))


def _slow_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Distribute the slow tests to the beginnings of the equal parts that pytest-xdist assigns to its workers."""
    slow = [item for item in items if item.get_closest_marker("slow")]
    others = iter([item for item in items if not item.get_closest_marker("slow")])
    ordered: list[pytest.Item] = []
    for number in range(workers):
        ordered += slow[number::workers]
        ordered += itertools.islice(others, max(0, len(items) * (number + 1) // workers - len(ordered)))
    return [*ordered, *others]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Use three workers for each processor, because tests wait for responses most of the time."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 3 * (processors or 1)


@pytest.fixture
def messages() -> MessageTable:
    """The table of messages."""
    return MessageTable()
