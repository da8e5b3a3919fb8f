# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demonstration for ``make demo``: the same tasks twice against a simulator.

The exit status is not 0 if a run fails, if the first run changes nothing, or if the second run changes something.
The script checks the summary of Ansible and the request journal of the simulator. It passes unknown options to
``ansible-playbook``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
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

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = ("voss", "apono", "hdp", "webex")


def free_port() -> int:
    """Return a free port on the loopback address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def playbook(name: str, *options: str, quiet: bool = False) -> tuple[int, str]:
    """Run a playbook of the collection, and return its status and output. ``quiet`` hides successful output."""
    command = ["ansible-playbook", "-i", "localhost,", f"hybrid.connectors.{name}", *options]
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_NOCOLOR": "" if sys.stdout.isatty() else "1",
        "ANSIBLE_FORCE_COLOR": "1" if sys.stdout.isatty() else "",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    reported: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            for line in t.cast(t.IO[str], process.stdout):
                reported.append(line)
                if not quiet:
                    print(line, end="", flush=True)
        except BaseException:
            process.terminate()
            raise
    output = re.sub(r"\x1b\[[0-9;]*m", "", "".join(reported))
    if quiet and process.returncode:
        print(output, file=sys.stderr)
    return process.returncode, output


def recap(output: str) -> Counter[str]:
    """Return the task counts for localhost from Ansible's summary."""
    lines = re.findall(r"^localhost\s*:(.*)$", output, re.MULTILINE)
    return Counter({key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", lines[-1])} if lines else {})


def journal(port: int, *, empty: bool = False) -> list[dict[str, t.Any]]:
    """Return the requests in the simulator's journal. If ``empty`` is true, clear the journal afterwards."""
    address = f"http://127.0.0.1:{port}/_simulator/journal"
    with urllib.request.urlopen(address, timeout=10) as response:
        requests = [entry for entry in json.load(response)["requests"] if entry["system"] in SYSTEMS]
    if empty:
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=10).close()
    return requests


def changed_tasks(output: str) -> list[str]:
    """Return the names of the tasks that reported a change."""
    return re.findall(r"^TASK \[([^\]]*)\] \*+\n(?:(?!TASK ).*\n)*?changed: ", output, re.MULTILINE)


def run(number: int, port: int, options: list[str]) -> tuple[int, str]:
    """Run the tasks once. Return the number of errors and the lines of the summary."""
    started = time.monotonic()
    status, output = playbook("demo", *options)
    seconds = time.monotonic() - started
    numbers = recap(output)
    requests = journal(port, empty=True) if status == 0 else []
    applied = sum(entry["applied"] for entry in requests)
    share = Counter(entry["system"] for entry in requests)
    line = (
        f"Run {number}: {numbers['ok']} tasks, {numbers['changed']} changed, in {seconds:.1f} s;"
        f" {len(requests)} requests ({', '.join(f'{system} {share[system]}' for system in SYSTEMS)}),"
        f" {applied} of them changed something."
    )
    line = "\n  - ".join([line, *changed_tasks(output)])
    wrong = status != 0 or (numbers["changed"] == 0) == (number == 1) or (applied == 0) == (number == 1)
    return int(wrong), line


def main() -> int:
    """Run the demonstration twice, always stop the simulator, and print the summary."""
    parser = argparse.ArgumentParser(description="Show a day's work on the four systems, twice, against the simulator.")
    parser.add_argument("--port", type=int, help="port of the simulator (default: a free one)")
    arguments, further = parser.parse_known_args()
    # Shells ignore interrupts for background processes by default. Therefore, install signal handlers.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _frame: sys.exit(128 + number))
    port = arguments.port or free_port()
    directory = Path(tempfile.mkdtemp(prefix="hybrid-connectors-demo-"))
    options = ["-e", json.dumps({"simulator_port": port, "simulator_directory": str(directory)})]
    wrong, lines = 0, []
    try:
        for number in (1, 2):
            problem, line = run(number, port, [*options, *further])
            wrong += problem
            lines.append(line)
            if wrong:
                break
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stopped, _output = playbook("simulator", "-e", "simulator_state=stopped", *options, quiet=True)
        shutil.rmtree(directory, ignore_errors=True)
    print("\n" + "\n".join(lines))
    if wrong or stopped:
        print("The demonstration failed: see the messages above.", file=sys.stderr)
        return 1
    print(
        "The second run found everything as the playbook wants it and changed nothing. The simulator is stopped.\n\n"
        "Where to go next:\n"
        "  playbooks/demo.yml                                   the playbook that you saw\n"
        "  ansible-doc hybrid.connectors.voss_spark_customer    the manual page of a module\n"
        "  README.md                                            installing it and using it with your own services"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
