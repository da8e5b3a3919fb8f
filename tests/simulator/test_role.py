# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role simulator in playbooks."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from support.deadline import HANGS
from support.messages import MessageTable
from support.modules import assert_nothing_deprecated
from support.ports import reserve_port

pytestmark = [pytest.mark.extended, pytest.mark.slow]

COLLECTION = Path(__file__).parents[2]
PLAY: list[dict[str, Any]] = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.include_role": {"name": "hybrid.connectors.simulator"}},
            {"ansible.builtin.debug": {"var": "simulator_urls.webex"}},
        ],
    }
]
PLAYBOOK = {"ansible.builtin.import_playbook": "hybrid.connectors.simulator"}
Run = Callable[..., "tuple[int, int, str]"]


@pytest.fixture
def port() -> int:
    return reserve_port()


@pytest.fixture
def play(tmp_path: Path, port: int) -> Iterator[Run]:
    """Run the role with variables, and return the exit status, the number of changed tasks and the output."""
    tree = tmp_path / "collections" / "ansible_collections" / "hybrid"
    tree.mkdir(parents=True)
    (tree / "connectors").symlink_to(COLLECTION)
    playbook = tmp_path / "play.yml"
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"),
        "ANSIBLE_HOME": str(tmp_path / "ansible"),
        "ANSIBLE_NOCOLOR": "true",
        "CONNECTOR_SIMULATOR_PARENT": str(os.getpid()),
    }

    def run(
        *options: str, hosts: str = "localhost,", plays: list[dict[str, Any]] = PLAY, **variables: Any
    ) -> tuple[int, int, str]:
        playbook.write_text(json.dumps(plays), encoding="utf-8")
        given = {"simulator_port": port, "simulator_directory": str(tmp_path / "state"), **variables}
        command = [sys.executable, "-m", "ansible", "playbook", "-i", hosts, "-e", json.dumps(given), *options]
        done = subprocess.run(
            [*command, str(playbook)], capture_output=True, text=True, env=environment, timeout=HANGS, check=False
        )
        assert_nothing_deprecated(done.stdout + done.stderr)
        changed = sum(int(count) for count in re.findall(r"changed=(\d+)", done.stdout))
        return done.returncode, changed, done.stdout + done.stderr

    yield run
    if responses(port):
        requests.post(f"http://127.0.0.1:{port}/_simulator/stop", timeout=30)


def responses(port: int) -> bool:
    """Return whether a simulator responds on the port."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/_simulator/", timeout=5).ok
    except requests.ConnectionError:
        return False


def test_it_starts_once_and_stops_once(play: Run, port: int) -> None:
    assert play("--check")[:2] == (0, 1)
    assert not responses(port)
    status, changed, output = play(
        simulator_settings={"voss": {"polls": 9}}, simulator_seed={"apono": {"connectors": []}}
    )
    assert (status, changed) == (0, 1), output
    assert f"http://127.0.0.1:{port}/webex/v1" in output
    state = requests.get(f"http://127.0.0.1:{port}/_simulator/state", timeout=30).json()
    assert (state["settings"]["voss"]["polls"], state["apono"]["connectors"]) == (9, [])
    assert play()[:2] == (0, 0)
    assert play("--check", simulator_state="stopped")[:2] == (0, 1)
    assert responses(port)
    assert play(simulator_state="stopped")[:2] == (0, 1)
    assert not responses(port)
    assert play(simulator_state="stopped")[:2] == (0, 0)


def test_it_runs_where_the_playbook_runs(play: Run, port: int, tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"settings": {"latency": 0.001}}), encoding="utf-8")
    status, changed, output = play(hosts="nowhere.invalid,", simulator_seed=str(seed))
    assert (status, changed) == (0, 1), output
    assert requests.get(f"http://127.0.0.1:{port}/_simulator/settings", timeout=30).json()["latency"] == 0.001


def test_a_relative_seed_begins_where_ansible_was_started(
    play: Run, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "started here"
    folder.mkdir()
    (folder / "seed.json").write_text(json.dumps({"settings": {"latency": 0.001}}), encoding="utf-8")
    # The folder of the playbook and the role contain files of the same name with different content.
    (tmp_path / "seed.json").write_text(json.dumps({"settings": {"latency": 0.002}}), encoding="utf-8")
    monkeypatch.chdir(folder)
    status, changed, output = play(simulator_seed="seed.json")
    assert (status, changed) == (0, 1), output
    assert requests.get(f"http://127.0.0.1:{port}/_simulator/settings", timeout=30).json()["latency"] == 0.001


def test_a_running_simulator_with_another_seed(play: Run, port: int, messages: MessageTable) -> None:
    seed: dict[str, Any] = {"apono": {"connectors": []}}
    assert play(simulator_seed=seed)[:2] == (0, 1)
    assert play(simulator_seed=seed)[:2] == (0, 0)
    assert play()[:2] == (0, 0)
    for options, given in (
        ((), {"simulator_seed": {"apono": {"connectors": [{"id": "a", "name": "a", "status": "CONNECTED"}]}}}),
        (("--check",), {"simulator_seed": {"webex": {"connectors": []}}}),
        ((), {"simulator_seed": seed, "simulator_settings": {"voss": {"polls": 9}}}),
    ):
        status, changed, output = play(*options, **given)
        assert (status, changed) == (2, 0), output
        messages.check_in("simulator.another_seed", output, port=port)
    requests.post(f"http://127.0.0.1:{port}/_simulator/reset", json={"seed": {}}, timeout=30)
    assert play(simulator_seed=seed)[0] == 2
    requests.post(f"http://127.0.0.1:{port}/_simulator/reset", timeout=30)
    assert play(simulator_seed=seed)[:2] == (0, 0)


def test_tls(play: Run, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: MessageTable) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(str(tmp_path / "cert.pem"), append=True)
    monkeypatch.chdir(tmp_path)
    given = {"simulator_tls_cert": "cert.pem", "simulator_tls_key": str(tmp_path / "key.pem")}
    status, changed, output = play(**given)
    assert (status, changed) == (0, 1), output
    assert f"https://127.0.0.1:{port}/webex/v1" in output
    index = requests.get(f"https://127.0.0.1:{port}/_simulator/", verify=str(tmp_path / "ca.pem"), timeout=30).json()
    assert index["systems"]["voss"] == f"https://127.0.0.1:{port}/voss"
    assert play(**given)[:2] == (0, 0)
    # The addresses belong to the running simulator.
    status, changed, output = play()
    assert (status, changed, f"https://127.0.0.1:{port}/webex/v1" in output) == (0, 0, True)
    assert play(simulator_state="stopped", **given)[:2] == (0, 1)
    status, changed, output = play(simulator_tls_key="key.pem")
    assert (status, changed) == (2, 0)
    messages.check_in("simulator.no_certificate", output)


def test_a_running_simulator_without_tls(play: Run, port: int, tmp_path: Path, messages: MessageTable) -> None:
    certificate = str(tmp_path / "server.pem")
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    assert play()[:2] == (0, 1)
    status, changed, output = play(simulator_tls_cert=certificate)
    assert (status, changed) == (2, 0)
    messages.check_in("simulator.without_tls", output, port=port)


def test_an_obstacle_is_a_short_error(play: Run, port: int, messages: MessageTable) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        status, changed, output = play()
    assert (status, changed) == (2, 0)
    messages.check_in("simulator.taken_port", output, port=port)
    status, changed, output = play(simulator_seed={"cisco": {}})
    assert (status, changed) == (2, 0)
    assert '"msg": "Unknown key in the seed: cisco. Valid keys: credentials' in output
    status, _changed, output = play(simulator_state="restarted")
    assert status == 2
    assert "must be one of: started, stopped" in output


def test_the_short_names_are_understood(play: Run, port: int) -> None:
    short = {"state": "started", "seed": {"webex": {"connectors": []}}}
    assert play(**short)[:2] == (0, 1)
    state = requests.get(f"http://127.0.0.1:{port}/_simulator/state", timeout=30).json()
    assert state["webex"]["connectors"] == []
    assert play(state="of something else")[:2] == (0, 0)
    assert play(state="stopped")[:2] == (0, 1)


def test_a_file_for_the_shell_leads_to_it(play: Run, port: int, tmp_path: Path) -> None:
    file = tmp_path / "simulator.env"
    given = {
        "simulator_environment_file": str(file),
        "simulator_seed": {"credentials": {"apono": {"token": "it's $new"}}},
    }
    assert play("--check", **given)[:2] == (0, 1)
    assert not file.exists()
    status, changed, output = play("-vvv", "--diff", **given)
    assert (status, changed) == (0, 2), output
    assert file.stat().st_mode & 0o777 == 0o600
    reported = subprocess.run(
        ["bash", "-c", f'. {file}; echo "$APONO_ENDPOINT $APONO_PERSONAL_TOKEN $HDP_USERNAME $VOSS_PASSWORD"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert reported.stdout == f"http://127.0.0.1:{port}/apono it's $new hdp-admin simulator-voss-password\n"
    assert play(**given)[:2] == (0, 0)
    assert play(simulator_state="stopped", **given)[:2] == (0, 2)
    assert not file.exists()


def test_the_playbook_rejects_unknown_variables(play: Run) -> None:
    status, changed, output = play(plays=[PLAYBOOK], simulator_prot=8801)
    assert (status, changed) == (2, 0)
    assert "Unknown variables: simulator_prot. The variables of the playbook are simulator_directory, " in output


def test_the_playbook_runs_several_times_in_a_playbook(play: Run) -> None:
    stop = {**PLAYBOOK, "vars": {"simulator_state": "stopped"}}
    status, changed, output = play(plays=[PLAYBOOK, PLAYBOOK, stop])
    assert (status, changed) == (0, 2), output
