# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""schemathesis with the OpenAPI documents: the simulator responds as documented, and rejects other requests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.openapi import path_of
from support.simulator import CREDENTIALS, SYSTEMS, Simulator

pytestmark = [pytest.mark.extended, pytest.mark.slow]

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
# The simulator also rejects requests for reasons that a schema cannot express: an unknown page token, an incomplete
# filter, or a name that is in use.
UNSAID = "positive_data_acceptance"
# Some paths of VOSS Automate are also documented without a trailing slash. Only the thorough run tests these paths.
ONCE = {"apono": (), "hdp": (), "webex": (), "voss": ("--exclude-path-regex", "[^/]$")}
FEW = ("--phases", "examples,coverage,fuzzing", "--max-examples", "3", "--generation-deterministic")
ALL = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "100", "--generation-database", "none")
SETTINGS = {"apono": {"over_limit": "clamp"}, "hdp": {"lockout": 0}, "voss": {"throttle": 0}}
COMMAND = "from schemathesis.cli import schemathesis; schemathesis()"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="schemathesis needs Python 3.11; the simulator is the same")
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_simulator_conforms_to_the_document(simulator: Simulator, system: str, tmp_path: Path) -> None:
    simulator.settings(**SETTINGS)
    login = CREDENTIALS[system]
    token = login.get("api_token") or login.get("access_token")
    access = (
        ("--header", f"Authorization: Bearer {token}")
        if token
        else ("--auth", f"{login['username']}:{login['password']}")
    )
    extent = ALL if THOROUGH else (*FEW, *ONCE[system])
    words = ("run", path_of(system), "--url", simulator.system_url(system), "--exclude-checks", UNSAID, "--no-color")
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words, *access, *extent, "--warnings", "off"],
        cwd=tmp_path,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout
    assert simulator.journal(system)
