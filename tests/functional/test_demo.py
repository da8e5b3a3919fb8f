# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demonstration, run by ``make demo`` and by its playbook against running services."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import terminal
from support.deadline import HANGS, wait_until
from support.messages import MessageTable
from support.modules import COLLECTIONS, ROOT, environment
from support.ports import reserve_port
from support.simulator import CREDENTIALS, in_environment

pytestmark = [pytest.mark.extended, pytest.mark.slow]


def responses(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def demonstration(home: Path, port: int, *options: str) -> subprocess.Popen[str]:
    """Run the demonstration like a shell in the background, which ignores interrupts by default."""
    paths = {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_HOME": str(home / "ansible"), "TMPDIR": str(home)}
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    demo = ROOT / "tools" / "demo.py"
    fixed = ["--port", str(port), "--report", str(home / "pages" / "fleet.html")]
    return subprocess.Popen(
        ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, str(demo), *fixed, *options],
        env=environment(home, **paths, PATH=path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def manual_page(command: str, folder: Path) -> str:
    """Run the printed command in the clone like a new user, who has neither settings nor the tools in the path."""
    home = folder / "home"
    home.mkdir()
    env = {"HOME": str(home), "PATH": os.defpath, "LC_ALL": environment(home)["LC_ALL"]}
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demonstration_changes_the_fleet_and_ends_with_a_report(tmp_path: Path, messages: MessageTable) -> None:
    port = reserve_port()
    with demonstration(tmp_path, port) as process:
        output, _nothing = process.communicate(timeout=HANGS)
    assert process.returncode == 0, output
    first, second = re.findall(r"^Run \d: \d+ tasks, (\d+) changed, .* (\d+) of them changed", output, re.MULTILINE)
    assert (first, second) == (("9", "10"), ("0", "0"))
    for task in ("VOSS | Offboard", "Apono | Move an integration", "Hybrid Data Pipeline | Create a group"):
        assert re.search(rf"^  - {re.escape(task)}", output, re.MULTILINE), output
    messages.check_in("demo.next_steps", output)
    assert "WARNING" not in output
    [command] = re.findall(r"^  (.*\bansible-doc .*)$", output, re.MULTILINE)
    assert "hybrid.connectors.voss_spark_customer" in manual_page(command, tmp_path).splitlines()[0].lower()
    assert not responses(port)
    assert not list(tmp_path.glob("hybrid-connectors-*"))

    report = tmp_path / "pages" / "fleet.html"
    assert output.splitlines()[-2:] == [messages.expected("demo.report"), f"  {report}"]
    page = report.read_text(encoding="utf-8")
    for name in ('"finance"', "aws-production", "Initech", "expc01.subsidiary.example"):
        assert name in page
    assert "AB_Group" not in page
    secrets = (CREDENTIALS["apono"]["api_token"], CREDENTIALS["hdp"]["password"])
    assert not [secret for secret in secrets if secret in page + output]

    picture = terminal.shortened(output)
    assert "TASK [VOSS | Onboard a customer" in picture
    assert picture.count("PLAY RECAP") == picture.count("Run 2:") == 1
    assert picture.endswith(f"  {report}\n")


def test_a_failed_demonstration_reports_it_and_stops_its_processes(tmp_path: Path, messages: MessageTable) -> None:
    port = reserve_port()
    with demonstration(tmp_path, port, "-e", "demo_apono_remove=prod-us-east-1") as process:
        output, _nothing = process.communicate(timeout=HANGS)
    assert process.returncode == 1
    assert "'require_disconnected'" in output
    messages.check_in("demo.failed", output)
    assert not responses(port)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_demonstration_stops_its_processes(tmp_path: Path, name: signal.Signals) -> None:
    port = reserve_port()
    with demonstration(tmp_path, port) as process:
        assert process.stdout
        for line in process.stdout:
            if "VOSS | Set the calling behavior" in line:
                break
        assert responses(port)
        os.killpg(process.pid, name) if name is signal.SIGINT else process.send_signal(name)
        process.communicate(timeout=HANGS)
    assert process.returncode != 0
    wait_until(lambda: not responses(port), "The simulator still responds.")
    assert not list(tmp_path.glob("hybrid-connectors-*"))


def test_the_playbook_works_on_services_that_are_already_there(simulator: Any, playbook: Any, connection: Any) -> None:
    """Addresses and credentials come only from the environment, as for real services."""
    env = in_environment(connection)
    text = "- ansible.builtin.import_playbook: hybrid.connectors.demo\n"
    options = ("-e", json.dumps({"demo_simulator": False, "demo_hdp_owner": CREDENTIALS["hdp_owner"]}))
    first = playbook(text, *options, env=env)
    assert first.status == 0, first.output
    written = len(simulator.writes())
    assert written == 10
    again = playbook(text, *options, env=env)
    assert again.status == 0, again.output
    assert "changed=0" in again.output
    assert len(simulator.writes()) == written
