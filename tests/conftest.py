# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many processes run the tests, and how many examples are made up: few and always the same, or with
HYPOTHESIS_PROFILE=thorough many that are new.
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from support.messages import MessageTable

# Examples take far less time than this, even on a busy machine. An example that takes longer hangs.
HANGS = timedelta(minutes=5)
NO_HEALTH_CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)

settings.register_profile(
    "few", derandomize=True, database=None, deadline=HANGS, suppress_health_check=NO_HEALTH_CHECKS
)
settings.register_profile(
    "thorough", max_examples=1000, print_blob=True, deadline=HANGS, suppress_health_check=NO_HEALTH_CHECKS
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Use two workers for each processor, because tests wait for responses half of the time."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 2 * (processors or 1)


@pytest.fixture
def messages() -> MessageTable:
    """The table of messages."""
    return MessageTable()
