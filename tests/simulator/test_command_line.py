# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""serve, start, stop and status as a user types them."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from support.simulator import environment


def run(*arguments: str, stdin: str = "", python: str = sys.executable) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of one command."""
    done = subprocess.run(
        [python, "-m", "connector_simulator", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[list[str]]:
    """Arguments for a port that was free a moment ago and a state directory; stops what a test started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["--port", str(port), "--state-dir", str(tmp_path / "state")]
    yield arguments
    run("stop", *arguments)


def test_the_variables_that_lead_to_it(place: list[str]) -> None:
    status, output, error = run("environment", *place)
    assert (status, output) == (1, "")
    assert error.endswith("start it first.")
    run("start", *place)
    lines = dict(line.removeprefix("export ").split("=", 1) for line in run("environment", *place)[1].splitlines())
    answer = requests.get(
        f"{lines['APONO_ENDPOINT']}/api/admin/v3/connectors",
        headers={"Authorization": f"Bearer {lines['APONO_PERSONAL_TOKEN']}"},
        timeout=30,
    )
    assert answer.ok
    for system in ("HDP", "VOSS"):
        assert lines[f"{system}_API_URL"].startswith("http://127.0.0.1:")
        assert lines[f"{system}_USERNAME"]
        assert lines[f"{system}_PASSWORD"]


def test_starting_and_stopping_twice(place: list[str]) -> None:
    directory = Path(place[3])
    assert run("status", *place) == (3, "stopped", "")
    assert run("start", *place) == (0, "started", "")
    assert run("start", *place) == (0, "already running", "")
    assert run("status", *place) == (0, "running", "")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    pid = int((directory / f"{place[1]}.pid").read_text(encoding="ascii"))
    os.kill(pid, 0)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in directory.iterdir())
    assert run("stop", *place) == (0, "stopped", "")
    assert run("stop", *place) == (0, "not running", "")
    assert [path.suffix for path in directory.iterdir()] == [".log"]


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_a_seed_comes_from_a_file_or_stdin(place: list[str], tmp_path: Path, way: str) -> None:
    seed = json.dumps({"apono": {"connectors": []}, "settings": {"voss": {"looks": 7}}})
    path = tmp_path / "seed.json"
    path.write_text(seed, encoding="utf-8")
    argument = str(path) if way == "file" else "-"
    assert run("start", *place, "--seed", argument, stdin=seed)[1] == "started"
    state = requests.get(f"http://127.0.0.1:{place[1]}/_simulator/state", timeout=30).json()
    assert (state["apono"]["connectors"], state["settings"]["voss"]["looks"]) == ([], 7)
    assert len(state["webex"]["connectors"]) == 5


def test_a_port_that_another_program_has(place: list[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(place[1])))
        other.listen()
        sentence = (
            f"Port {place[1]} on 127.0.0.1 is taken by another program: choose another port, or stop that program."
        )
        assert run("start", *place) == (1, "", sentence)
        assert run("serve", "--port", place[1]) == (1, "", sentence)
        assert run("status", *place) == (3, "taken", "")
        assert run("stop", *place) == (0, "not running", "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "does not hold an object"),
        ('{"cisco": {}}', "A seed has no cisco"),
        ('{"settings": {"voss": {"looks": "x"}}}', "voss.looks is a number from 0"),
    ],
)
@pytest.mark.parametrize("command", ["start", "serve"])
def test_a_bad_seed_is_one_sentence(
    place: list[str], tmp_path: Path, command: str, content: str | None, sentence: str
) -> None:
    path = tmp_path / "seed.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    status, stdout, stderr = run(command, *place, "--seed", str(path))
    assert (status, stdout) == (1, "")
    assert sentence in stderr
    assert "\n" not in stderr


def test_a_bad_certificate_is_one_sentence(place: list[str], tmp_path: Path) -> None:
    status, _stdout, stderr = run("start", *place, "--tls-cert", str(tmp_path / "none.pem"))
    assert (status, stderr.count("\n")) == (1, 0)
    assert "certificate" in stderr
    assert run("start", *place, "--tls-key", "k")[2] == "TLS needs a certificate (--tls-cert)."


def test_the_background_has_no_port_zero(place: list[str]) -> None:
    status, _stdout, stderr = run("start", "--port", "0", *place[2:])
    assert (status, "port of its own" in stderr) == (1, True)


def test_a_state_directory_that_others_can_write_to_is_refused(place: list[str]) -> None:
    directory = Path(place[3])
    directory.mkdir()
    directory.chmod(0o777)
    status, _stdout, stderr = run("start", *place)
    assert (status, "writable for you alone" in stderr) == (1, True)


def test_what_is_missing_is_said(place: list[str], tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = str(tmp_path / "bare" / "bin" / "python")
    for command in ("start", "serve"):
        status, _stdout, stderr = run(command, *place, python=python)
        assert status == 1
        assert stderr.startswith(f"The simulator needs the Python package aiohttp, which {python} does not have")
        assert "\n" not in stderr


def test_a_start_with_tls_is_found_and_stopped(place: list[str], tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    certificate = str(tmp_path / "server.pem")
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    assert run("start", *place, "--tls-cert", certificate) == (0, "started", "")
    assert run("start", *place, "--tls-cert", certificate) == (0, "already running", "")
    assert run("stop", *place) == (0, "stopped", "")
