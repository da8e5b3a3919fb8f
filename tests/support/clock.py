# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock for tests, so that waits take no time."""

from __future__ import annotations

import threading

from ansible_collections.hybrid.connectors.plugins.module_utils._clock import Clock


class FakeClock(Clock):
    """A clock that only waits move forward."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> None:
        self.sleep(seconds)

    def sleep(self, seconds: float) -> None:
        """Move the clock forward."""
        self.now += seconds
