# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-doc shows the documentation of the installed collection."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from build import build
from support.documentation import documented
from support.modules import environment


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collections folder with the installed archive."""
    folder = tmp_path_factory.mktemp("installed")
    ansible(folder, "galaxy", "collection", "install", "--offline", "--collections-path", folder, build(folder))
    return folder


def ansible(folder: Path, program: str, *arguments: str | Path) -> str:
    """Run a program of Ansible and return its output."""
    done = subprocess.run(
        [Path(sys.executable).parent / f"ansible-{program}", *arguments],
        check=False,
        env=environment(folder, ANSIBLE_COLLECTIONS_PATH=str(folder), ANSIBLE_HOME=str(folder / "home")),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", documented())
def test_ansible_doc_shows_each_page(installed: Path, kind: str) -> None:
    names = documented()[kind]
    assert ansible(installed, "doc", "--type", kind, *names)
    # ansible-doc fails for a page that it cannot read, but not for a missing page.
    pages = json.loads(ansible(installed, "doc", "--json", "--type", kind, *names))
    assert [name for name in names if not pages.get(name)] == []
