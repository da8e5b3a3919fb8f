# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepare the home folder of ansible-test, which is the argument, for a machine without internet.

ansible-test downloads a script that installs pip, and ignores environment variables with settings of pip and uv. This
program writes a replacement to the location where ansible-test looks for the script before it downloads it. The
replacement uses uv, because ansible-test creates an environment for each test, and pip takes six seconds to install
itself in each of them. This program also writes the settings of pip, which contain the package index, to a file.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

GET_PIP = """\
import os
import subprocess
import sys

os.environ.update({settings!r})
packages = [word for word in sys.argv[1:] if not word.startswith("-")]
subprocess.check_call(["uv", "pip", "install", "--quiet", "--python", sys.executable] + packages)
"""


def write(path: Path, text: str) -> None:
    """Write a file that only the user can read, because the URL of a package index can contain a password."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def settings() -> str:
    """Return the settings of pip, including those in environment variables, in the format of a file."""
    listing = subprocess.run(["pip", "config", "list"], check=True, capture_output=True, text=True).stdout
    values = dict(re.findall(r"^[^=]*\.([\w-]+)=(.*)$", listing, re.MULTILINE))
    lines = [f"{name} = " + "\n    ".join(ast.literal_eval(value).split()) for name, value in values.items()]
    return "\n".join(["[global]", "quiet = 2", *lines, ""])


def main() -> None:
    """Write the replacement for each pip version that ansible-test can require, and the settings."""
    home = Path(sys.argv[1])
    write(home / ".config" / "pip" / "pip.conf", settings())
    script = GET_PIP.format(settings={name: value for name, value in os.environ.items() if name.startswith("UV_")})
    source = files("ansible_test").joinpath("_internal/python_requirements.py").read_text(encoding="utf-8")
    for version in re.findall(r"\bpip='([0-9.]+)'", source):
        write(home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py", script)


if __name__ == "__main__":
    main()
