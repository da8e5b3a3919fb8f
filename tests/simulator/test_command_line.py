# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands serve, start, stop and status."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme
from support.deadline import HANGS, wait_until
from support.messages import MessageTable
from support.ports import reserve_port
from support.simulator import PACKAGE_PARENT, environment

from connector_simulator.parent import call_when_ended


def run(*arguments: str, stdin: str = "", python: str = sys.executable, **env: str) -> tuple[int, str, str]:
    """Return the exit status, stdout and stderr of a command."""
    done = subprocess.run(
        [python, "-m", "connector_simulator", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**environment(), **env},
        timeout=HANGS,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def started(*arguments: str, stdin: str = "") -> tuple[int, str]:
    """Return the exit status and the first line of a command. The following lines are addresses."""
    status, stdout, stderr = run(*arguments, stdin=stdin)
    assert stderr == ""
    return status, stdout.splitlines()[0]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[list[str]]:
    """Return arguments for a free port and a state directory. Stop the simulator afterwards."""
    arguments = ["--port", str(reserve_port()), "--state-dir", str(tmp_path / "state")]
    yield arguments
    run("stop", *arguments)


def test_the_variables_that_lead_to_it(place: list[str]) -> None:
    status, output, error = run("environment", *place)
    assert (status, output) == (1, "")
    assert error.endswith("Start a simulator first.")
    run("start", *place)
    lines = dict(line.removeprefix("export ").split("=", 1) for line in run("environment", *place)[1].splitlines())
    response = requests.get(
        f"{lines['APONO_ENDPOINT']}/api/admin/v3/connectors",
        headers={"Authorization": f"Bearer {lines['APONO_PERSONAL_TOKEN']}"},
        timeout=30,
    )
    assert response.ok
    for system in ("HDP", "VOSS"):
        assert lines[f"{system}_API_URL"].startswith("http://127.0.0.1:")
        assert lines[f"{system}_USERNAME"]
        assert lines[f"{system}_PASSWORD"]


def test_starting_and_stopping_twice(place: list[str]) -> None:
    directory = Path(place[3])
    assert run("status", *place) == (3, "stopped", "")
    addresses = "\n".join(
        f"{name}: http://127.0.0.1:{place[1]}/{path}"
        for name, path in (("apono", "apono"), ("hdp", "hdp"), ("voss", "voss"), ("webex", "webex/v1"))
    )
    assert run("start", *place) == (0, f"started\n{addresses}", "")
    assert run("start", *place) == (0, f"already running\n{addresses}", "")
    assert run("status", *place) == (0, "running", "")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    pid = int((directory / f"{place[1]}.pid").read_text(encoding="ascii"))
    os.kill(pid, 0)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in directory.iterdir())
    assert run("stop", *place) == (0, "stopped", "")
    assert run("stop", *place) == (0, "not running", "")
    assert [path.suffix for path in directory.iterdir()] == [".log"]


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_a_seed_is_read_from_a_file_or_stdin(place: list[str], tmp_path: Path, source: str) -> None:
    seed = json.dumps({"apono": {"connectors": []}, "settings": {"voss": {"polls": 7}}})
    path = tmp_path / "seed.json"
    path.write_text(seed, encoding="utf-8")
    argument = str(path) if source == "file" else "-"
    assert started("start", *place, "--seed", argument, stdin=seed) == (0, "started")
    assert started("start", *place, "--seed", argument, stdin=seed) == (0, "already running")
    state = requests.get(f"http://127.0.0.1:{place[1]}/_simulator/state", timeout=30).json()
    assert (state["apono"]["connectors"], state["settings"]["voss"]["polls"]) == ([], 7)
    assert len(state["webex"]["connectors"]) == 7


def test_a_port_that_another_program_has(place: list[str], messages: MessageTable) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(place[1])))
        other.listen()
        for arguments in (("start", *place), ("serve", "--port", place[1])):
            status, stdout, stderr = run(*arguments)
            assert (status, stdout) == (1, "")
            messages.check("simulator.taken_port", stderr, port=place[1])
        assert run("status", *place) == (3, "taken", "")
        assert run("stop", *place) == (0, "not running", "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "Cannot read the seed"),
        ("{", "Cannot read the seed"),
        ("[]", "must contain an object"),
        ('{"cisco": {}}', "Unknown key in the seed: cisco"),
        ('{"settings": {"voss": {"polls": "x"}}}', "voss.polls must be a number"),
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


def test_a_bad_certificate_is_one_sentence(place: list[str], tmp_path: Path, messages: MessageTable) -> None:
    status, _stdout, stderr = run("start", *place, "--tls-cert", str(tmp_path / "none.pem"))
    assert (status, stderr.count("\n")) == (1, 0)
    assert "certificate" in stderr
    messages.check("simulator.no_certificate", run("start", *place, "--tls-key", "k")[2])


def test_the_background_has_no_port_zero(place: list[str]) -> None:
    status, _stdout, stderr = run("start", "--port", "0", *place[2:])
    assert (status, "requires a fixed port" in stderr) == (1, True)


def test_a_state_directory_writable_by_others_is_refused(place: list[str], messages: MessageTable) -> None:
    directory = Path(place[3])
    directory.mkdir()
    directory.chmod(0o777)
    status, _stdout, stderr = run("start", *place)
    assert status == 1
    messages.check("simulator.shared_directory", stderr, directory=directory)


def test_a_missing_package_is_named(place: list[str], tmp_path: Path, messages: MessageTable) -> None:
    (tmp_path / "bare").mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = str(tmp_path / "bare" / "bin" / "python")
    for command in ("start", "serve"):
        status, _stdout, stderr = run(command, *place, python=python)
        assert status == 1
        messages.check("simulator.no_aiohttp", stderr, python=python)


def test_a_start_with_tls_is_found_and_stopped(place: list[str], tmp_path: Path) -> None:
    certificate = str(tmp_path / "server.pem")
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    assert started("start", *place, "--tls-cert", certificate) == (0, "started")
    assert started("start", *place, "--tls-cert", certificate) == (0, "already running")
    assert "https://127.0.0.1" in run("start", *place)[1]
    assert run("stop", *place) == (0, "stopped", "")


def test_an_encrypted_key_is_one_sentence(place: list[str], tmp_path: Path, messages: MessageTable) -> None:
    cryptography = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    issued = trustme.CA().issue_cert("127.0.0.1")
    key = cryptography.load_pem_private_key(issued.private_key_pem.bytes(), None)
    encryption = cryptography.BestAvailableEncryption(b"secret")
    encrypted = key.private_bytes(cryptography.Encoding.PEM, cryptography.PrivateFormat.PKCS8, encryption)
    (tmp_path / "key.pem").write_bytes(encrypted)
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    files = ("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    for command in ("start", "serve"):
        status, _stdout, stderr = run(command, *place, *files)
        assert (status, stderr.count("\n")) == (1, 0)
        messages.check("simulator.unusable_certificate", stderr.partition(": ")[0])


def test_serve_prints_the_addresses() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "connector_simulator", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    assert process.stdout is not None
    first, *others = (process.stdout.readline().strip() for _line in range(5))
    origin = first.removeprefix("listening on ")
    paths = {"apono": "apono", "hdp": "hdp", "voss": "voss", "webex": "webex/v1"}
    assert others == [f"{name}: {origin}/{path}" for name, path in paths.items()]
    process.terminate()
    assert process.wait(HANGS) == 0
    process.stdout.close()


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("unproven", "Use SYSTEM.NAME"),
        ("voss.unprooven", "no quirk 'unprooven'"),
        ("voss.unproven=maybe", "one of applied, lost"),
        ("cisco.unproven", "Unknown system cisco"),
    ],
)
def test_an_unknown_quirk_is_a_short_error(place: list[str], option: str, sentence: str) -> None:
    status, _stdout, stderr = run("start", *place, "--quirk", option)
    assert (status, stderr.count("\n")) == (1, 0)
    assert sentence in stderr


def test_a_simulator_with_another_seed_runs(place: list[str], tmp_path: Path) -> None:
    one, same = tmp_path / "one.json", tmp_path / "same.json"
    one.write_text('{"apono": {"connectors": []}}', encoding="utf-8")
    same.write_text('{"hdp": {}, "apono": {"connectors": []}}', encoding="utf-8")
    assert started("start", *place, "--seed", str(one)) == (0, "started")
    assert started("start", *place, "--seed", str(same)) == (0, "already running")
    assert started("start", *place) == (0, "already running")
    status, stdout, stderr = run("start", *place, "--seed", str(one), "--quirk", "voss.page_total")
    assert (status, stdout, stderr.count("\n")) == (1, "", 0)
    assert "different seed" in stderr


# Tests of the option that stops the simulator when another process ends.


def runs(pid: int) -> bool:
    """Return whether a process is running. A zombie process is not running."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return False


# A job in the background of a shell ignores SIGINT, and so do its processes by default.
PYTEST = """
import signal, sys, pytest
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(pytest.main(sys.argv[1:]))
"""
PYTEST_RUN = """
import os, time
from pathlib import Path
import pytest
from support.simulator import start

@pytest.fixture(scope="session")
def simulator():
    with start() as simulator:
        yield simulator

def test_that_is_interrupted(simulator):
    pid = simulator.control("GET", "/")["pid"]
    Path("pids.new").write_text(f"{os.getpid()} {pid}")
    Path("pids.new").rename("pids")
    time.sleep(600)
"""


@pytest.mark.extended
@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=["kill", "ctrl-c", "term"])
def test_no_simulator_outlives_pytest(tmp_path: Path, number: signal.Signals, workers: str) -> None:
    (tmp_path / "test_run.py").write_text(PYTEST_RUN, encoding="utf-8")
    tests = Path(__file__).parents[1]
    plugins = ("-p", "no:schemathesis", "-p", "no:cacheprovider")
    process = subprocess.Popen(
        [sys.executable, "-c", PYTEST, "-q", "-n", workers, *plugins, "--rootdir", str(tmp_path), "test_run.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tests), str(PACKAGE_PARENT)))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    pids = tmp_path / "pids"
    try:
        wait_until(pids.exists, "No test runs.")
        pid = int(pids.read_text(encoding="ascii").split()[1])
        assert runs(pid)
        process.send_signal(number)
        wait_until(lambda: not runs(pid), "The simulator still runs.")
    finally:
        process.kill()
        process.wait()


def test_a_simulator_in_the_background_outlives_its_starter(place: list[str]) -> None:
    assert run("start", *place, CONNECTOR_SIMULATOR_PARENT="")[0] == 0
    time.sleep(1.5)  # longer than the interval at which the simulator polls the parent
    assert run("status", *place)[1] == "running"


def test_a_background_simulator_can_end_with_another_process(place: list[str]) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert started("start", *place, "--parent", str(other.pid)) == (0, "started")
        pid = int((Path(place[3]) / f"{place[1]}.pid").read_text(encoding="ascii"))
        assert runs(pid)
        other.kill()
        wait_until(lambda: not runs(pid), "The simulator still runs.")


def test_a_parent_that_ended_before(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as other:
        other.wait()
    status, stdout, stderr = run("serve", "--port", "0", "--parent", str(other.pid))
    assert (status, stdout.splitlines()[0].startswith("listening on"), stderr) == (0, True, "")


@pytest.mark.parametrize("end", ["kill", "gone"])
def test_the_end_of_a_process_is_detected_without_pidfd(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)

    async def watched() -> bool:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            gone = asyncio.Event()
            if end == "gone":
                other.kill()
                other.wait()
            call_when_ended(other.pid, gone.set)
            if end == "kill":
                await asyncio.sleep(0.7)
                assert not gone.is_set()
                other.kill()
                other.wait()
            await asyncio.wait_for(gone.wait(), HANGS)
        return gone.is_set()

    assert asyncio.run(watched())
