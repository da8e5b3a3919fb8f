# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a bug in the collection, the message explains how to display the traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.release import __version__

from hostile.attack import Attack, connection

pytestmark = pytest.mark.first_case_only

BROKEN = """
import urllib.parse

def broken(*arguments, **options):
    raise KeyError("defect-for-a-test")

urllib.parse.urlencode = broken
"""
IS_SHOWN_BY_VARIABLE = tuple(map(int, __version__.split(".")[:2])) >= (2, 19)


@pytest.mark.parametrize("in_process", ["true", "false"])
def test_a_defect_names_the_option_for_the_traceback(attack: Attack, tmp_path: Path, in_process: str) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(BROKEN, encoding="utf-8")
    env = {"PYTHONPATH": str(tmp_path / "site"), "HYBRID_CONNECTORS_IN_PROCESS": in_process}
    task = {"name": "attack", "hybrid.connectors.apono_connector_info": connection("apono", "http://127.0.0.1:9")}
    played = attack.tasks([task], "-vvv", **env)
    assert ("ANSIBLE_DISPLAY_TRACEBACK=error" in played["attack"].msg) is IS_SHOWN_BY_VARIABLE
    played = attack.tasks([task], "-vvv", ANSIBLE_DISPLAY_TRACEBACK="error", **env)
    assert "Traceback (most recent call last)" in played.output
    assert "defect-for-a-test" in played.output
