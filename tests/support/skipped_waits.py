# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Skip the waits of modules: the clock of the collection jumps to the end of each wait. This applies to the waits
between retries, between lookups after lost responses, and for the rate limit, but not to requests. Programs that cannot
import the package ``support`` import this file directly.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.hybrid.connectors.plugins.module_utils._clock import CLOCK, Clock

# If this environment variable of a module is not empty, the module does not wait.
SKIP_WAITS = "HYBRID_CONNECTORS_TESTS_SKIP_WAITS"


class SkippingClock(Clock):
    """The system clock plus the total of all skipped waits."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return time.monotonic() + self._skipped

    def time(self) -> float:
        return time.time() + self._skipped

    def wait(self, event: threading.Event, seconds: float) -> None:
        with self._lock:
            self._skipped += seconds
        event.wait(0)


@contextlib.contextmanager
def skipped_waits(env: Mapping[str, Any]) -> Iterator[None]:
    """Replace the collection's clock if the environment of a module requires it. Forks of this process inherit it."""
    if not env.get(SKIP_WAITS):
        yield
        return
    skipping = SkippingClock()
    vars(CLOCK).update(monotonic=skipping.monotonic, time=skipping.time, wait=skipping.wait)
    try:
        yield
    finally:
        vars(CLOCK).clear()
