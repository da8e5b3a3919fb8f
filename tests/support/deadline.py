# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for events. The limit is so long that no test reaches it, even on a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable

# Maximum number of seconds. A test that waits longer hangs.
HANGS = 600.0


def wait_until(condition: Callable[[], object], complaint: Callable[[], object] | str) -> None:
    """Wait until a condition is true. ``complaint`` describes what is missing if that does not happen."""
    until = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < until, complaint() if callable(complaint) else complaint
        time.sleep(0.02)
