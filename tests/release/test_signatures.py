# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the commands in the guide to releases with an archive, a project and a new key."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from build import build
from support.modules import ROOT, environment

PAGE = (ROOT / "docs" / "docsite" / "rst" / "release.rst").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return the text of a section of the page."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n---|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found.group(1)


def blocks(title: str, kind: str) -> list[str]:
    """Return the code blocks of one kind in a section."""
    found = re.findall(rf"^ *\.\. code-block:: {kind}\n(?: +:.*\n)?\n((?: +\S.*\n|\n)+)", section(title), re.MULTILINE)
    return [dedent(text).strip() for text in found]


def commands(block: str) -> str:
    """Return the commands in a block."""
    return "\n".join(match.group(1) for match in re.finditer(r"^\$ ((?:.*\\\n)*.*)$", block, re.MULTILINE))


@dataclass(frozen=True)
class Person:
    """A user with a folder for commands and a keyring."""

    folder: Path

    def run(self, text: str) -> tuple[int, str]:
        """Run commands until one fails, and return exit status and output."""
        env = environment(
            self.folder,
            GNUPGHOME=str(self.folder / "k"),
            ANSIBLE_HOME=str(self.folder / ".ansible"),
            ANSIBLE_COLLECTIONS_PATH=str(self.folder / "collections"),
            ANSIBLE_NOCOLOR="true",
            PATH=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        )
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", text],
            check=False,
            cwd=self.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, re.sub(r"\x1b\[\d+m", "", done.stdout)

    def must(self, text: str) -> str:
        """Run commands that must succeed, and return their output."""
        status, output = self.run(text)
        assert status == 0, output
        return output


@pytest.fixture
def keyrings() -> Iterator[tuple[Person, Person]]:
    """A maintainer with a key, and a user with its public part."""
    if shutil.which("gpg") is None:
        pytest.skip("There is no gpg on the search path.")
    with tempfile.TemporaryDirectory() as place:  # the path must be short, because GnuPG creates sockets in this folder
        maintainer, user = Person(Path(place, "m")), Person(Path(place, "u"))
        for person in (maintainer, user):
            (person.folder / "k").mkdir(parents=True, mode=0o700)
        maintainer.must("gpg --batch --passphrase '' --quick-generate-key 'M <m@example.com>' ed25519 default never")
        maintainer.must("gpg --armor --export m@example.com > ../u/hybrid-connectors.key")
        yield maintainer, user
        for person in (maintainer, user):
            person.run("gpgconf --kill all")


def test_a_signed_release_is_verified_as_documented(keyrings: tuple[Person, Person]) -> None:
    maintainer, user = keyrings
    archive = build(maintainer.folder)
    (sign,) = blocks("Make a release", "console")
    maintainer.must(commands(sign))
    for name in (archive.name, "hybrid-connectors.asc"):
        shutil.copy(maintainer.folder / name, user.folder)
    imported, verified, installed = blocks("Check a release", "console")
    assert "m@example.com" in user.must(commands(imported))
    assert "Good signature" in user.must(commands(verified))
    documented = installed.splitlines()[-1].split("...")
    output = user.must(commands(installed))
    assert all(words in output for words in documented)

    verify = commands(installed).partition("\n")[2]
    readme = user.folder / "collections" / "ansible_collections" / "hybrid" / "connectors" / "README.md"
    original = readme.read_text(encoding="utf-8")
    readme.write_text(f"{original}\n", encoding="utf-8")
    status, output = user.run(verify)
    assert (status, "README.md" in output) == (1, True), output
    readme.write_text(original, encoding="utf-8")
    maintainer.must("echo another | gpg --armor --detach-sign > ../u/hybrid-connectors.asc")
    status, output = user.run(verify)
    assert (status, "no successful signatures" in output) == (1, True), output
    assert user.run(commands(verified))[0] != 0


def test_a_signed_project_is_verified_as_documented(keyrings: tuple[Person, Person]) -> None:
    owner, _user = keyrings
    project = owner.folder / "project"
    files = {
        "playbooks/tidy.yml": "- hosts: localhost",
        "group_vars/all.yml": "a: 1",
        "requirements.yml": "collections: []",
    }
    (manifest,) = blocks("Sign your own project", "text")
    for name, text in {**files, "MANIFEST.in": manifest}.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(f"{text}\n", encoding="utf-8")
    (block,) = blocks("Sign your own project", "console")
    output = owner.must(f"cd project\n{commands(block)}")
    for line in block.splitlines():
        assert line.startswith(("$ ", "...")) or line in output, output
    signed = (project / ".ansible-sign" / "sha256sum.txt").read_text(encoding="utf-8")
    assert sorted(line.split()[1] for line in signed.splitlines()) == sorted([*files, "MANIFEST.in"])

    verify = f"cd project\n{commands(block).rpartition(chr(10))[2]}"
    (project / "tidy.retry").write_text("localhost\n", encoding="utf-8")
    owner.must(verify)
    for name in ("playbooks/more.yml", "playbooks/tidy.yml"):
        (project / name).write_text("- hosts: all\n", encoding="utf-8")
        status, output = owner.run(verify)
        assert (status, name in output) == (2, True), output
        (project / "playbooks" / "more.yml").unlink(missing_ok=True)
