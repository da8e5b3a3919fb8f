# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check an archive with galaxy-importer, which Galaxy and Automation Hub run for every upload."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from environment import COLLECTIONS, separate

DONE = "Importer processing completed successfully"


def complaints(archive: Path, thorough: bool) -> list[str]:
    """Return the warnings and errors of galaxy-importer.

    Its exit status is 0 even if it reports errors. flake8 is disabled as on the servers, because its rules contradict
    those of ruff.

    :param thorough: run ansible-doc for each plugin, and ansible-lint, as the servers do.
    """
    programs = separate("importer")
    with tempfile.TemporaryDirectory() as folder:
        # ansible-lint finds the collections that roles and playbooks use here: awx.awx and this collection.
        Path(folder, ".ansible").mkdir()
        Path(folder, ".ansible", "collections").symlink_to(COLLECTIONS)
        done = subprocess.run(
            [str(programs / "python"), "-m", "galaxy_importer.main", str(archive.resolve())],
            check=False,
            cwd=folder,  # galaxy-importer writes its results to this folder.
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
