# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator for each worker, modules through either door and playbooks against it.

The environment variable DOOR says how modules are run: C(process), each in a process of its own; C(worker), by
Ansible's engine, which runs them in its worker; C(both), everything through both doors; C(here), in the process of the
tests, which is for mutation testing: without Ansible. Without it, every test goes through the first door, and the first
case of every test through the second one, too; tests with the mark C(quick_door) go through the second one only, which
costs half.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.connections import connected
from support.here import run_here
from support.modules import NULL, Result, RunModule, environment, run_process
from support.openapi import complaints
from support.playbooks import Played, RunPlaybook, run_playbook
from support.simulator import CREDENTIALS, Simulator, start
from support.worker import Worker

SYSTEMS = ("apono", "hdp", "voss", "webex")
DOORS = ("process", "worker")
DOOR = os.environ.get("DOOR")
assert DOOR in (None, "both", "here", *DOORS), f"DOOR={DOOR} is none of process, worker, both, here."


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let the tests that run modules go through the doors that are asked for."""
    if "door" in metafunc.fixturenames:
        quick = not DOOR and metafunc.definition.get_closest_marker("quick_door")
        doors = [DOOR] if DOOR and DOOR != "both" else DOORS[1:] if quick else DOORS
        metafunc.parametrize("door", doors, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what goes through the second door only if it is asked for."""
    if DOOR:
        return
    seen: set[tuple[Path, str]] = set()
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        case = getattr(item, "callspec", None)
        if case and case.params.get("door") == "worker" and not item.get_closest_marker("quick_door"):
            test = (item.path, item.name.partition("[")[0])
            (left_out if test in seen else kept).append(item)
            seen.add(test)
        else:
            kept.append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with start() as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator: Simulator, request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A simulator with the samples, an empty journal, no faults and the settings of the start.

    Whatever was sent to it has to be in the OpenAPI documents of the systems, unless a test is C(undocumented).
    """
    _simulator.reset()
    _simulator.forgotten.clear()
    yield _simulator
    if not request.node.get_closest_marker("undocumented"):
        assert complaints([*_simulator.forgotten, *_simulator.journal()]) == []


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a test. Sockets of Ansible may be in it, so its path is short."""
    return tmp_path_factory.mktemp("t")


@pytest.fixture
def only_documented(simulator: Simulator) -> Iterator[None]:
    """Fails a test that sent what the vendor does not document; refused credentials are another matter."""
    yield
    strange = [entry for entry in simulator.journal() if entry["refused"] and entry["status"] != 401]
    assert [entry["refused"] for entry in strange] == []


@pytest.fixture(scope="session")
def _stranger() -> Iterator[Simulator]:
    with start() as simulator:
        yield simulator


@pytest.fixture
def stranger(_stranger: Simulator) -> Simulator:
    """A second simulator: another origin, where nothing may ever arrive."""
    _stranger.reset()
    return _stranger


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody trusts."""
    return trustme.CA()


@pytest.fixture(scope="session")
def authority_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority's certificate."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def server_certificate(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 of that authority, with its key in the same file."""
    path = tmp_path_factory.mktemp("server") / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def _tls_simulator(server_certificate: Path, authority_file: Path) -> Iterator[Simulator]:
    with start("--tls-cert", str(server_certificate), verify=str(authority_file)) as simulator:
        yield simulator


@pytest.fixture
def tls_simulator(_tls_simulator: Simulator) -> Simulator:
    """A simulator behind TLS, with a certificate that is not publicly trusted."""
    _tls_simulator.reset()
    return _tls_simulator


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which every connection is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture(scope="session")
def connection(_simulator: Simulator) -> Mapping[str, Mapping[str, str]]:
    """The connection options of each system at the simulator."""
    return {system: {"api_url": _simulator.system_url(system), **CREDENTIALS[system]} for system in SYSTEMS}


@pytest.fixture(scope="session")
def _worker(door: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker | None]:
    if door == "worker":
        with Worker(tmp_path_factory.mktemp("worker")) as worker:
            yield worker
    else:
        yield None


@pytest.fixture
def module(
    simulator: Simulator,
    connection: Mapping[str, Mapping[str, str]],
    door: str,
    _worker: Worker | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> RunModule:
    """Runs a module against the simulator, whose connection options are filled in.

    Whatever is tested, nothing that could change something is sent in check mode.
    """
    home = tmp_path_factory.mktemp("home")

    def run(module_name: str, /, check: bool = False, env: Mapping[str, str] | None = None, **options: Any) -> Result:
        before = len(simulator.writes())
        given = connected(module_name, lambda system: connection[system], options)
        given = {name: None if value is NULL else value for name, value in given.items() if value is not None}
        through_door = _worker.run if _worker else run_here if door == "here" else run_process
        result = through_door(module_name, given, check, environment(home, **(env or {})))
        assert not check or len(simulator.writes()) == before, "Check mode sent a write."
        return result

    return run


@pytest.fixture
def playbook(
    simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> RunPlaybook:
    """Runs a playbook on the local host; its variable C(systems) holds the connection options of each system."""

    def run(text: str, *arguments: str, env: Mapping[str, str] | None = None) -> Played:
        folder = tmp_path_factory.mktemp("playbook")
        return run_playbook(folder, text, arguments, {"systems": connection}, env or {})

    return run
