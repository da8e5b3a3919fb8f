# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pin the newest versions for requirements/*.in, in one file for all Python versions and platforms."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from environment import ROOT

# The order matters, because each file uses the pinned versions of the previous files. The tests also run with
# ansible-core 2.16.
OLDEST_PYTHON = {
    "test": "3.10",
    "rulebook": "3.10",
    "navigator": "3.10",
    "development": "3.11",
    "demo": "3.11",
    "importer": "3.11",
    "docs": "3.11",
    "mutation": "3.11",
    "supply_chain": "3.10",
}
OPTIONS = "--quiet --universal --upgrade --no-python-downloads --no-annotate --no-emit-index-url --no-emit-find-links"


def main() -> None:
    """Write all files requirements/*.txt."""
    uv = str(Path(sys.executable).parent / "uv")
    for name, python in OLDEST_PYTHON.items():
        command = [uv, "pip", "compile", *OPTIONS.split(), "--custom-compile-command", "make requirements"]
        command += ["--python-version", python, f"{name}.in", "--output-file", f"{name}.txt"]
        subprocess.run(command, check=True, cwd=ROOT / "requirements")


if __name__ == "__main__":
    main()
