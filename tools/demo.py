# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demonstration for ``make demo``: run the same tasks twice against a simulator, then write a fleet report.

The exit status is nonzero if a run fails, if the first run changes nothing, or if the second run changes something.
``--port`` sets the port of the simulator, and ``--report`` sets the path of the report. Other arguments are passed to
``ansible-playbook``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
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

ROOT = Path(__file__).resolve().parents[1]
SYSTEMS = ("voss", "apono", "hdp", "webex")
SETTINGS = {
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
}
REPORT = {
    "fleet_report_title": "Fleet of the demonstration",
    "fleet_report_systems": ["apono", "hdp"],
    "fleet_report_voss": {"hierarchy": "sys.hcs.CS-P"},
    "fleet_report_webex": {"org_ids": "all", "clusters": True},
}
END = """
The second run changed nothing, because the systems already had the desired state. The simulator is stopped.

Where to go next:
  playbooks/demo.yml    the playbook that the demonstration ran
  README.md             how to install and use the collection with your own services
  To display the manual page of a module, run in this directory:
  {manual}

Open the fleet report in a browser:
  {report}"""


def manual_page() -> str:
    """Return the command that displays the manual page of a module, for a shell without the settings of ``make``."""
    program = _from_root(str(Path(sys.executable).parent / "ansible-doc"))
    command = f"{program} hybrid.connectors.voss_spark_customer"
    if collections := os.environ.get("ANSIBLE_COLLECTIONS_PATH"):
        return f"ANSIBLE_COLLECTIONS_PATH={_from_root(collections)} {command}"
    return command


def _from_root(path: str) -> str:
    """Quote a path for a shell. A path in the source tree becomes relative to its root."""
    return shlex.quote(path.removeprefix(f"{ROOT}{os.sep}"))


def playbook(
    name: str, log: Path, *options: str, quiet: bool = False, environment: t.Mapping[str, str] | None = None
) -> bool:
    """Run a playbook from the collection, and return whether it succeeded.

    :param quiet: whether to print the output only if the playbook fails.
    """
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", f"hybrid.connectors.{name}", *options]
    variables = {**os.environ, **SETTINGS, **(environment or {}), "ANSIBLE_LOG_PATH": str(log)}
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL if quiet else None) as process:
        try:
            succeeded = process.wait() == 0
        except BaseException:
            process.terminate()
            raise
    if quiet and not succeeded:
        print(log.read_text(encoding="utf-8"), file=sys.stderr)
    return succeeded


def requests(port: int) -> list[dict[str, t.Any]]:
    """Return the requests in the simulator's journal, and clear the journal."""
    address = f"http://127.0.0.1:{port}/_simulator/journal"
    with urllib.request.urlopen(address, timeout=10) as response:
        entries = json.load(response)["requests"]
    urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=10).close()
    return [entry for entry in entries if entry["system"] in SYSTEMS]


def changed_tasks(log: Path) -> tuple[int, list[str]]:
    """Return the number of successful tasks in an Ansible log, and the names of the tasks that reported a change."""
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
    """Return whether a run made changes, and a summary of the run."""
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
    """Run the tasks twice, print the summary, and return whether only the first run made changes."""
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


def report(folder: Path, port: int, path: Path) -> bool:
    """Run the playbook that writes the fleet report, and return whether it succeeded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    variables = json.dumps({**REPORT, "fleet_report_html": str(path)})
    return playbook("fleet_report", folder / "report.log", "-e", variables, quiet=True, environment=credentials(port))


def credentials(port: int) -> dict[str, str]:
    """Return the environment variables with the addresses and credentials of the simulator."""
    command = [sys.executable, "-m", "connector_simulator", "environment", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "roles" / "simulator" / "files")}
    lines = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(word.split("=", 1) for word in shlex.split(lines) if "=" in word)


def main(arguments: list[str]) -> int:
    """Run the demonstration, and stop the simulator even if the demonstration fails."""
    # Shells can start background processes with interrupts ignored, so install signal handlers.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _frame: sys.exit(128 + number))
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--report", type=Path, default=ROOT / ".cache" / "demo" / "fleet.html")
    chosen, arguments = parser.parse_known_args(arguments)
    with socket.create_server(("127.0.0.1", chosen.port)) as server:
        port = server.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="hybrid-connectors-demo-") as directory:
        folder = Path(directory)
        options = ["-e", json.dumps({"simulator_port": port, "simulator_directory": directory})]
        try:
            succeeded = demonstration(folder, port, [*options, *arguments]) and report(folder, port, chosen.report)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            stop = [*options, "-e", "simulator_state=stopped"]
            stopped = playbook("simulator", folder / "stop.log", *stop, quiet=True)
    if not succeeded or not stopped:
        print("The demonstration failed: see the messages above.", file=sys.stderr)
        return 1
    print(END.format(manual=manual_page(), report=chosen.report))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
