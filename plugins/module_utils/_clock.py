# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The system clock. Tests replace this clock to avoid real waiting."""

from __future__ import annotations

import threading
import time


class Clock:
    """Provide the current time, a monotonic clock and waiting."""

    def monotonic(self) -> float:
        """Return the seconds of a monotonic clock."""
        return time.monotonic()

    def time(self) -> float:
        """Return the seconds since 1970-01-01 UTC."""
        return time.time()

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait until an event is set or a number of seconds has passed."""
        event.wait(seconds)


CLOCK = Clock()
