# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the ansible-test sanity tests on the built collection, which is installed below .cache/installed.

This script solves three problems of ansible-test:

- It stores files in the home folder, so it gets a home folder below .cache.
- It downloads a script that installs pip from a server, which a closed network does not allow. It gets a script that
  uses uv, or else the pip that is part of Python.
- It tests only files that Git tracks. Git does not track files in an ignored folder, so ansible-test would test nothing
  and succeed. It gets the list of files, and this script verifies that it uses the whole list.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from environment import CACHE, as_pip_does
from interpreters import search_path

CONTENT = CACHE / "installed" / "ansible_collections" / "hybrid" / "connectors"
HOME = CACHE / "home"

GET_PIP = """\
import os
import subprocess
import sys

os.environ.update({environment!r})
arguments = [word for word in sys.argv[1:] if not word.startswith("-")]
uv = {uv!r}
if not uv or subprocess.call([uv, "pip", "install", "--quiet", "--python", sys.executable, *arguments]):
    subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
    subprocess.check_call([sys.executable, "-m", "pip", "install", *arguments])
"""


def _write(path: Path, text: str) -> None:
    """Write a file that only the user can read, because the URL of a package index can contain a password."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _provide_get_pip(python: Path) -> None:
    """Write the bootstrap scripts to the location where ansible-test looks before it downloads them."""
    code = "import ansible_test._internal as package; print(package.__path__[0])"
    internal = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    script = GET_PIP.format(
        uv=shutil.which("uv", path=python.parent),
        environment={
            name: value for name, value in as_pip_does().items() if name.startswith(("PIP_", "SSL_CERT_", "UV_"))
        },
    )
    source = (Path(internal) / "python_requirements.py").read_text(encoding="utf-8")
    for version in re.findall(r"\bpip='([0-9.]+)'", source):
        _write(HOME / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py", script)


def _provide_pip_settings(python: Path) -> None:
    """Write the pip settings, which define the package index in a closed network, to the separate home folder.

    ansible-test does not pass PIP_* variables on, so the file contains them as well.
    """
    command = [str(python), "-m", "pip", "config", "list"]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    settings = {}
    for line in listing.splitlines():
        name, separator, value = line.partition("=")
        if separator:
            settings[name.rpartition(".")[2]] = "\n    ".join(ast.literal_eval(value).split())
    lines = [f"{name} = {value}\n" for name, value in settings.items()]
    _write(HOME / ".config" / "pip" / "pip.conf", "".join(["[global]\nquiet = 2\n", *lines]))


def ansible_test(python: Path, *arguments: str) -> Sequence[str]:
    """Return the command that runs ansible-test in the environment of a Python interpreter."""
    return (str(python), str(python.parent / "ansible-test"), *arguments)


def sanity(python: Path, *arguments: str) -> bool:
    """Run the sanity tests with the ansible-core version in the environment of a Python interpreter."""
    _provide_get_pip(python)
    _provide_pip_settings(python)
    environment = dict(
        os.environ,
        HOME=str(HOME),
        PATH=search_path(python.parent),
        ANSIBLE_TEST_CONTENT_ROOT=str(CONTENT),
    )
    listing = subprocess.run(
        ansible_test(python, "env", "--list-files"),
        check=True,
        cwd=CONTENT,
        env=environment,
        capture_output=True,
        text=True,
    )
    contents = json.loads((CONTENT / "FILES.json").read_text(encoding="utf-8"))["files"]
    missed = {entry["name"] for entry in contents if entry["ftype"] == "file"}.difference(listing.stdout.splitlines())
    if missed:
        print(f"ansible-test does not test these files of {CONTENT}: {', '.join(sorted(missed))}", file=sys.stderr)
        return False
    command = ansible_test(python, "sanity", "--local", "--color", "no", *arguments)
    return subprocess.run(command, check=False, cwd=CONTENT, env=environment).returncode == 0


if __name__ == "__main__":
    sys.exit(not sanity(Path(sys.executable), *sys.argv[1:]))
