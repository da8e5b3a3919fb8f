# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive of the collection contains only the necessary files, and one version."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from build import build
from nox.project import load_toml
from support.archives import STRAY

import connector_simulator
from ansible_collections.hybrid.connectors.plugins.module_utils import _session, _settings
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.connection import APONO

ROOT = Path(__file__).resolve().parents[2]
FOR_USERS = ("extensions/eda", "playbooks", "plugins", "roles")
BESIDE_THEM = {
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
    "execution-environment.yml",
    "changelogs/changelog.yaml",
    "changelogs/config.yaml",
    "meta/ee-requirements.txt",
    "meta/execution-environment.yml",
    "meta/extensions.yml",
    "meta/runtime.yml",
    "tests/config.yml",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The files in the archive, by name."""
    path = build(tmp_path_factory.mktemp("archive"))
    files = {}
    with tarfile.open(path) as tar:
        for member in tar:
            assert member.isreg() or member.isdir(), f"{member.name} is neither a file nor a folder"
            content = tar.extractfile(member)
            if content:
                files[member.name] = content.read()
    return files


def test_all_that_users_need_is_in_the_archive(archive: Mapping[str, bytes]) -> None:
    present = [path for folder in FOR_USERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    names = [path.relative_to(ROOT).as_posix() for path in present if path.suffix != ".pyc"]
    desired = {name: (ROOT / name).read_bytes() for name in names if "/." not in name}
    assert len(desired) > 20
    assert {name: archive.get(name) for name in desired} == desired


def test_the_archive_contains_no_other_files(archive: Mapping[str, bytes]) -> None:
    assert {name for name in archive if not name.startswith((*FOR_USERS, "docs/"))} <= BESIDE_THEM
    assert {name for name in archive if STRAY.search(name)} == set()


STRAYS = (
    "playbooks/vars/tokens.yml",
    "playbooks/group_vars/all.yml",
    "group_vars/all/vault.yml",
    "inventory.ini",
    "prod.fleet.yml",
    "playbooks/files/client.pem",
)


@pytest.fixture
def littered(tmp_path: Path) -> Path:
    """A copy of the tracked files with additional files that Git does not track."""
    tree = tmp_path / "tree"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", ROOT.as_uri(), str(tree)], check=True)
    shutil.copy(ROOT / "galaxy.yml", tree)
    for name in STRAYS:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("token: secret-canary\n", encoding="utf-8")
    return tree


def test_untracked_files_are_not_in_a_release(littered: Path, tmp_path: Path) -> None:
    (littered / "plugins" / "modules" / "mine.py").write_text("", encoding="utf-8")
    with tarfile.open(build(tmp_path, littered)) as tar:
        assert not {*STRAYS, "plugins/modules/mine.py"} & set(tar.getnames())


def test_ansible_galaxy_does_not_pack_a_developers_own_files(littered: Path, tmp_path: Path) -> None:
    galaxy = str(Path(sys.executable).parent / "ansible-galaxy")
    command = [galaxy, "collection", "build", "--output-path", str(tmp_path), str(littered)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    [archive] = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = set(tar.getnames())
    assert "playbooks/fleet_report.yml" in names
    assert not set(STRAYS) & names
    assert not {"playbooks/vars", "playbooks/group_vars", "playbooks/files", "group_vars"} & names


def test_no_file_contains_the_path_of_the_build(archive: Mapping[str, bytes]) -> None:
    assert {name for name, content in archive.items() if bytes(ROOT) in content} == set()


def test_the_version_is_the_same_everywhere() -> None:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    settings = _settings.settings_from(APONO, {"api_url": "http://127.0.0.1:1", "api_token": "token"})
    assert _session.ApiSession(settings).headers["User-Agent"] == f"hybrid.connectors/{version}"
    assert version == connector_simulator.VERSION
    assert version == load_toml(ROOT / "pyproject.toml")["project"]["version"]
