# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures that run modules and playbooks against a simulator, one for each worker of pytest.

The environment variable EXECUTION_MODE selects how modules run:

- C(process): each module in a process of its own.
- C(worker): in-process execution, in the worker of an ``ansible-playbook`` that keeps running.
- C(both): all tests in both modes.
- C(inline): in the process of the tests, without Ansible. Mutation testing uses this mode.

By default, every test runs in the mode C(worker). ``make test-extended`` also runs the first case of every test in the
mode C(process). Tests with the mark C(in_worker) run in the mode C(worker) only.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.connections import connected
from support.fixtures import _simulator, authority, authority_file, connection, simulator
from support.inline import run_inline
from support.modules import NULL, Result, RunModule, environment, run_process
from support.playbooks import Played, RunPlaybook, run_playbook
from support.receiver import Receiver, receiving
from support.simulator import Simulator, start
from support.skipped_waits import SKIP_WAITS
from support.worker import Worker

__all__ = ["_simulator", "authority", "authority_file", "connection", "simulator"]
MODES = ("worker", "process")
EXECUTION_MODE = os.environ.get("EXECUTION_MODE")
assert EXECUTION_MODE in (None, "both", "inline", *MODES), (
    f"EXECUTION_MODE={EXECUTION_MODE} is not one of process, worker, both, inline."
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of modules in the selected modes."""
    if "mode" in metafunc.fixturenames:
        modes: Sequence[str] = MODES
        if not EXECUTION_MODE and metafunc.definition.get_closest_marker("in_worker"):
            modes = MODES[:1]
        elif EXECUTION_MODE and EXECUTION_MODE != "both":
            modes = (EXECUTION_MODE,)
        metafunc.parametrize("mode", modes, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect all cases but the first in the mode C(process), and mark this case, unless a mode is selected."""
    if EXECUTION_MODE:
        return
    seen: set[tuple[Path, str]] = set()
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        case = getattr(item, "callspec", None)
        if case and case.params.get("mode") == "process":
            item.add_marker(pytest.mark.extended)
            test = (item.path, item.name.partition("[")[0])
            (left_out if test in seen else kept).append(item)
            seen.add(test)
        else:
            kept.append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a test. Its path is short, because Ansible may create sockets in it."""
    return tmp_path_factory.mktemp("t")


@pytest.fixture
def only_documented(simulator: Simulator) -> Iterator[None]:
    """Fail the test if it sent undocumented requests. Requests with rejected credentials are permitted."""
    yield
    unexpected = [entry for entry in simulator.journal() if entry["refused"] and entry["status"] != 401]
    assert [entry["refused"] for entry in unexpected] == []


@pytest.fixture(scope="session")
def _second_simulator() -> Iterator[Simulator]:
    with start() as simulator:
        yield simulator


@pytest.fixture
def second_simulator(_second_simulator: Simulator) -> Simulator:
    """A second simulator: a different origin that must not receive any request."""
    _second_simulator.reset()
    return _second_simulator


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
    """A simulator with TLS and a certificate that is not publicly trusted."""
    _tls_simulator.reset()
    return _tls_simulator


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses every connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture(scope="session")
def _worker(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker | None]:
    if mode == "worker":
        with Worker(tmp_path_factory.mktemp("worker")) as worker:
            yield worker
    else:
        yield None


@pytest.fixture
def module(
    simulator: Simulator,
    connection: Mapping[str, Mapping[str, str]],
    mode: str,
    _worker: Worker | None,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> RunModule:
    """Runs a module against the simulator, whose connection options are filled in.

    In check mode, no test may send a request that could change something. Modules do not wait between requests, unless
    the test has the mark C(real_waits).
    """
    home = tmp_path_factory.mktemp("home")
    run_module = run_process
    if _worker:
        run_module = _worker.run
    elif mode == "inline":
        run_module = run_inline
    waits = {} if request.node.get_closest_marker("real_waits") else {SKIP_WAITS: "true"}

    def run(module_name: str, /, check: bool = False, env: Mapping[str, str] | None = None, **options: Any) -> Result:
        before = len(simulator.writes())
        given = connected(module_name, lambda system: connection[system], options)
        given = {name: None if value is NULL else value for name, value in given.items() if value is not None}
        result = run_module(module_name, given, check, environment(home, **{**waits, **(env or {})}))
        assert not check or len(simulator.writes()) == before, "Check mode sent a write."
        return result

    return run


@pytest.fixture
def playbook(
    simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> RunPlaybook:
    """Run a playbook on the local host. Its variable C(systems) contains the connection options of each system."""

    def run(text: str, *arguments: str, env: Mapping[str, str] | None = None) -> Played:
        folder = tmp_path_factory.mktemp("playbook")
        return run_playbook(folder, text, arguments, {"systems": connection}, env or {})

    return run


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a web server that receives notifications."""
    with receiving() as found:
        yield found
