# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command and print its resource usage. This process is so small that it does not affect the result. The memory
is the memory of the largest process among the command and its descendants.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(output: str, *command: str) -> None:
    """Run ``command`` with its output in the file ``output``."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    started = time.monotonic()
    process = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, output, flags, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)],
    )
    _process, status, usage = os.wait4(process, 0)
    facts = {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "mebibytes": usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
