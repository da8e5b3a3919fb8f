# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What galaxy-importer, with which Galaxy and Automation Hub check what is uploaded, has to say about an archive."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from environment import COLLECTIONS, separate

DONE = "Importer processing completed successfully"


def complaints(archive: Path, thorough: bool) -> list[str]:
    """Its warnings and errors; thorough: with ansible-doc on each plugin and ansible-lint, as it does on a server.

    Its exit status is 0 even if there are errors. It runs no flake8, which is off on servers, too: ruff has other ideas
    of where a line may break.
    """
    programs = separate("importer")
    with tempfile.TemporaryDirectory() as folder:
        # Where ansible-lint finds what roles and playbooks name: awx.awx, and this collection.
        Path(folder, ".ansible").mkdir()
        Path(folder, ".ansible", "collections").symlink_to(COLLECTIONS)
        done = subprocess.run(
            [str(programs / "python"), "-m", "galaxy_importer.main", str(archive.resolve())],
            check=False,
            cwd=folder,  # in which it leaves its result
            env={
                "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
                "HOME": folder,
                "LC_ALL": os.environ.get("LC_ALL", "C.UTF-8"),
                "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true",
                "GALAXY_IMPORTER_REQUIRE_V1_OR_GREATER": "true",
                "GALAXY_IMPORTER_RUN_ANSIBLE_DOC": str(thorough).lower(),
                "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": str(thorough).lower(),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    lines = done.stdout.splitlines()
    if done.returncode or DONE not in lines:
        return lines
    return [line for line in lines if line.startswith(("CRITICAL: ", "ERROR: ", "WARNING: "))]
