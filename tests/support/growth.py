# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how the run time of a function grows with its input, independent of the load on the machine. Other processes
can only make a measurement longer. Therefore, the shortest of many measurements counts, in CPU time of the thread. The
measurements end as soon as the growth is small enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable

# Four times the input takes about 4 times as long if the run time is linear, and 16 times if it is quadratic.
TIMES = 4
LIMIT = 9.0
ROUNDS = 40
# Seconds. The clock is too coarse to compare shorter times.
TOO_SHORT = 0.003


def cpu_seconds(function: Callable[[], object]) -> float:
    begin = time.thread_time()
    function()
    return time.thread_time() - begin


def is_linear(less: Callable[[], object], more: Callable[[], object]) -> bool:
    """Return whether the run time of a call with :data:`TIMES` as much input grows about linearly."""
    shortest_less = shortest_more = float("inf")
    for _round in range(ROUNDS):
        shortest_more = min(shortest_more, cpu_seconds(more))
        if shortest_more <= TOO_SHORT:
            return True
        shortest_less = min(shortest_less, cpu_seconds(less))
        if shortest_more <= LIMIT * max(shortest_less, TOO_SHORT / TIMES):
            return True
    return False
