# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demonstration for ``make demo``: the same tasks twice against a simulator.

The exit status is not 0 if a run fails, if the first run changes nothing, or if the second run changes something. The
first argument can be ``--port`` with the port of the simulator. Other arguments are options of ``ansible-playbook``.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import typing as t
import urllib.request
from collections import Counter
from pathlib import Path

SYSTEMS = ("voss", "apono", "hdp", "webex")
SETTINGS = {
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
}
END = """
The second run changed nothing, because the systems already had the desired state. The simulator is stopped.

Where to go next:
  playbooks/demo.yml                                   the playbook that you saw
  ansible-doc hybrid.connectors.voss_spark_customer    the manual page of a module
  README.md                                            installing it and using it with your own services"""


def playbook(name: str, log: Path, *options: str, output: int | None = None) -> bool:
    """Run a playbook of the collection, and return whether it succeeded."""
    command = ["ansible-playbook", "-i", "localhost,", f"hybrid.connectors.{name}", *options]
    environment = {**os.environ, **SETTINGS, "ANSIBLE_LOG_PATH": str(log)}
    with subprocess.Popen(command, env=environment, stdout=output) as process:
        try:
            return process.wait() == 0
        except BaseException:
            process.terminate()
            raise


def requests(port: int) -> list[dict[str, t.Any]]:
    """Return the requests in the simulator's journal, and clear the journal."""
    address = f"http://127.0.0.1:{port}/_simulator/journal"
    with urllib.request.urlopen(address, timeout=10) as response:
        entries = json.load(response)["requests"]
    urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=10).close()
    return [entry for entry in entries if entry["system"] in SYSTEMS]


def changed_tasks(log: Path) -> tuple[int, list[str]]:
    """Return the number of successful tasks in a log of Ansible, and the names of the tasks that reported a change."""
    number, task = 0, ""
    changed = []
    for line in log.read_text(encoding="utf-8").splitlines():
        if found := re.search(r"TASK \[(.*)\] \*", line):
            task = found[1]
        elif re.search(r"\bchanged: \[localhost\]", line):
            changed.append(task)
        elif found := re.search(r"\blocalhost +: ok=(\d+)", line):
            number = int(found[1])
    return number, changed


def summary(number: int, log: Path, port: int, seconds: float) -> tuple[bool, str]:
    """Return whether a run changed something, and the lines of its summary."""
    tasks, changed = changed_tasks(log)
    sent = requests(port)
    applied = sum(entry["applied"] for entry in sent)
    counts = Counter(entry["system"] for entry in sent)
    line = (
        f"Run {number}: {tasks} tasks, {len(changed)} changed, in {seconds:.1f} s; {len(sent)} requests"
        f" ({', '.join(f'{system} {counts[system]}' for system in SYSTEMS)}), {applied} of them changed something."
    )
    return bool(changed or applied), "\n  - ".join([line, *changed])


def demonstration(folder: Path, port: int, options: list[str]) -> bool:
    """Run the tasks twice, print the summary, and return whether only the first run changed something."""
    results, lines = [], []
    for number in (1, 2):
        log = folder / f"run{number}.log"
        started = time.monotonic()
        if not playbook("demo", log, *options):
            return False
        changed, line = summary(number, log, port, time.monotonic() - started)
        results.append(changed)
        lines.append(line)
    print("\n" + "\n".join(lines))
    return results == [True, False]


def main(arguments: list[str]) -> int:
    """Run the demonstration, and always stop the simulator."""
    # Shells ignore interrupts for background processes by default. Therefore, install signal handlers.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _frame: sys.exit(128 + number))
    if arguments[:1] == ["--port"]:
        port, arguments = int(arguments[1]), arguments[2:]
    else:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="hybrid-connectors-demo-") as directory:
        folder = Path(directory)
        options = ["-e", json.dumps({"simulator_port": port, "simulator_directory": directory})]
        try:
            succeeded = demonstration(folder, port, [*options, *arguments])
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            stopped = playbook(
                "simulator", folder / "stop.log", *options, "-e", "simulator_state=stopped", output=subprocess.DEVNULL
            )
        if not stopped:
            print((folder / "stop.log").read_text(encoding="utf-8"), file=sys.stderr)
    if not succeeded or not stopped:
        print("The demonstration failed: see the messages above.", file=sys.stderr)
        return 1
    print(END)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
