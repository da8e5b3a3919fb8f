# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk runs that are killed or run at the same time. "make faults" kills many more and larger ones."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from kills.bulk import Bulk, Job, kill_after, prepare, problems, requests_so_far
from support.deadline import wait_until
from support.simulator import Simulator, start

pytestmark = pytest.mark.extended

BULK = Bulk(40)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with start() as simulator:
        yield simulator


@pytest.fixture(scope="module")
def whole(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Return the number of requests of a run that is not killed."""
    prepare(simulator, BULK)
    status, output = Job(BULK.options(simulator), tmp_path_factory.mktemp("whole"), playbook=False).wait()
    assert status == 0, output
    assert problems(simulator, BULK) == []
    return requests_so_far(simulator)


@pytest.mark.parametrize("point", [0.2, 0.5, 0.7])
def test_the_run_after_a_killed_one_completes_it(
    simulator: Simulator, whole: int, tmp_path: Path, point: float
) -> None:
    requests = round(point * whole)
    prepare(simulator, BULK, slow_after=requests)
    killed = Job(BULK.options(simulator), tmp_path / "killed", playbook=False)
    assert kill_after(simulator, killed, requests), "It had ended before it was killed."
    assert problems(simulator, BULK), "Nothing was left to do."
    status, output = Job(BULK.options(simulator), tmp_path / "again", playbook=False).wait()
    assert status == 0, output
    assert problems(simulator, BULK) == []


def test_an_in_process_task_ends_with_a_killed_ansible(simulator: Simulator, whole: int, tmp_path: Path) -> None:
    requests = round(0.3 * whole)
    prepare(simulator, BULK, slow_after=requests)
    killed = Job(BULK.options(simulator), tmp_path / "killed", playbook=True)
    assert kill_after(simulator, killed, requests), "It had ended before it was killed."
    assert problems(simulator, BULK), "It was not killed, or had nothing left to do."
    status, output = Job(BULK.options(simulator), tmp_path / "again", playbook=True).wait()
    assert status == 0, output
    assert problems(simulator, BULK) == []


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="The working directories of processes are not known.")
def test_no_worker_survives_a_killed_ansible(simulator: Simulator, tmp_path: Path) -> None:
    # The result is larger than the buffer of the pipe to Ansible.
    bulk = Bulk(400)
    prepare(simulator, bulk, slow_after=200)
    killed = Job(bulk.options(simulator), tmp_path / "killed", playbook=True)
    assert kill_after(simulator, killed, 200), "It had ended before it was killed."
    wait_until(lambda: not processes_in(tmp_path), lambda: processes_in(tmp_path))


def processes_in(folder: Path) -> list[str]:
    """Return the IDs of the processes whose working directory is in a folder."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):  # the process has ended in the meantime
            if link.resolve().is_relative_to(folder):
                found.append(link.parent.name)
    return found


def test_two_simultaneous_runs_reach_the_desired_state(simulator: Simulator, tmp_path: Path) -> None:
    prepare(simulator, BULK)
    simulator.settings(voss={"duplicate_names": "refuse"})
    both = [Job(BULK.options(simulator), tmp_path / name, playbook=False) for name in ("one", "other")]
    results = [json.loads(job.wait()[1]) for job in both]
    for result in results:
        assert "Traceback" not in json.dumps(result)
        for item in result["customers"]:
            assert item["action"] != "failed" or item["failure"], item
    assert problems(simulator, BULK) == []
    status, output = Job(BULK.options(simulator), tmp_path / "after", playbook=False).wait()
    assert status == 0, output
    assert json.loads(output)["changed"] is False
