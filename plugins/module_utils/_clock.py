# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Provide the system clock, which tests replace to avoid real waits."""

from __future__ import annotations

import threading
import time


class Clock:
    """Provide the current time, a monotonic clock and a method that waits."""

    def monotonic(self) -> float:
        """Return the value of a monotonic clock in seconds."""
        return time.monotonic()

    def time(self) -> float:
        """Return the current time in seconds since the Unix epoch."""
        return time.time()

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait until an event is set or a number of seconds has passed."""
        event.wait(seconds)


CLOCK = Clock()
