# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of all tests.

- ``make test`` runs the tests without the mark ``extended``. ``make test-extended`` runs the tests with this mark.
- Two workers of pytest run on each processor.
- Hypothesis uses few examples, which are always the same, or with HYPOTHESIS_PROFILE=thorough many new examples.
"""

from __future__ import annotations

import os
import sys
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests in folders of extended tests, and all cases but the first in files with ``first_case_only``."""
    begun: set[Path] = set()
    for item in items:
        in_folder = item.path.relative_to(TESTS).parts[0] in EXTENDED
        is_further_case = item.path in begun and item.get_closest_marker("first_case_only")
        if in_folder or is_further_case:
            item.add_marker(pytest.mark.extended)
        begun.add(item.path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Use two workers for each processor, because tests wait for responses half of the time."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 2 * (processors or 1)


@pytest.fixture
def messages() -> MessageTable:
    """The table of messages."""
    return MessageTable()
