# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release: its changelog, the bytes of its archive, and the results of galaxy-importer."""

from __future__ import annotations

import io
import json
import os
import tarfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from build import archive_timestamp, build, normalise
from support.archives import STRAY
from support.modules import ROOT
from support.releases import copy, imported, release, released

VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def changelog(root: Path) -> Any:
    """Return the releases in the changelog of a source tree by version."""
    return yaml.safe_load((root / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]


def test_fragments_make_the_changelog_of_a_reproducible_archive(tmp_path: Path) -> None:
    one, another = released(tmp_path)
    assert one.read_bytes() == another.read_bytes()
    fragments = {path.name for path in (ROOT / "changelogs" / "fragments").glob("*.yml")}
    assert fragments <= set(changelog(tmp_path / "one")[VERSION]["fragments"])
    with tarfile.open(one) as tar:
        assert {name for name in tar.getnames() if STRAY.search(name)} == set()
        text = io.TextIOWrapper(tar.extractfile("CHANGELOG.rst") or io.BytesIO(), "utf-8").read()
        released_at = datetime.fromtimestamp(tar.getmember("CHANGELOG.rst").mtime, timezone.utc)
    assert f"v{VERSION}" in text.splitlines()
    assert str(changelog(tmp_path / "one")[VERSION]["release_date"]) == released_at.date().isoformat()


FRAGMENT = (
    "---\nbugfixes:\n  - apono_connector - fix a bug (https://github.com/hybrid-connectors/hybrid.connectors/pull/1).\n"
)


def test_fragments_are_added_to_a_released_version(tmp_path: Path) -> None:
    root = copy(ROOT, tmp_path / "copy")
    before = changelog(root)[VERSION]["changes"]
    for fragment in (root / "changelogs" / "fragments").glob("*.yml"):
        fragment.unlink()
    (root / "changelogs" / "fragments" / "fix.yml").write_text(FRAGMENT, encoding="utf-8")
    text = release(root)
    changes = changelog(root)[VERSION]["changes"]
    assert changes.pop("bugfixes") == [FRAGMENT.splitlines()[2].removeprefix("  - ")]
    assert changes == before
    assert text.count(f"\nv{VERSION}\n") == 1


def test_a_new_version_requires_a_summary(tmp_path: Path) -> None:
    root = copy(ROOT, tmp_path / "copy")
    about = (root / "galaxy.yml").read_text(encoding="utf-8")
    (root / "galaxy.yml").write_text(about.replace(f"version: {VERSION}", "version: 99.0.0"), encoding="utf-8")
    (root / "changelogs" / "fragments" / "fix.yml").write_text(FRAGMENT, encoding="utf-8")
    with pytest.raises(SystemExit, match="release_summary"):
        release(root)


def test_file_order_and_owner_do_not_change_the_archive(tmp_path: Path) -> None:
    plain, shuffled = build(tmp_path), tmp_path / "shuffled.tar.gz"
    with tarfile.open(plain) as source, tarfile.open(shuffled, "w:gz") as target:
        for member in reversed(source.getmembers()):
            file = source.extractfile(member)
            content = file.read() if file else b""
            if member.name == "FILES.json":
                files = json.loads(content)
                files["files"].reverse()
                content = json.dumps(files, indent=True).encode()
            member.size, member.mtime, member.uid, member.uname = len(content), 1_700_000_000, 1000, "somebody"
            target.addfile(member, io.BytesIO(content))
    normalise(shuffled, tmp_path / "again.tar.gz", archive_timestamp(ROOT))
    assert (tmp_path / "again.tar.gz").read_bytes() == plain.read_bytes()


def test_the_time_in_the_archive_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    with tarfile.open(build(tmp_path)) as tar:
        assert {(member.mtime, member.uid, member.uname) for member in tar} == {(1_700_000_000, 0, "")}


def content() -> dict[str, set[str]]:
    """Return the names of the roles, playbooks and public plugins in the source tree, by their type on Galaxy."""
    names = {
        "playbook": {path.name for path in (ROOT / "playbooks").glob("*.yml")},
        "role": {path.name for path in (ROOT / "roles").iterdir()},
    }
    folders = {kind: ROOT / "plugins" / kind for kind in ("action", "filter", "inventory", "lookup", "test")}
    folders["module"] = ROOT / "plugins" / "modules"
    for path in (ROOT / "extensions" / "eda" / "plugins").glob("event_*"):
        folders[f"eda/plugins/{path.name}"] = path
    return names | {kind: {path.stem for path in folder.glob("[!_]*.py")} for kind, folder in folders.items()}


def test_galaxy_importer_accepts_the_archive_and_detects_faults(tmp_path: Path) -> None:
    # The checks of ansible-lint take some minutes, so only `make release-check` enables them.
    complaints, listed = imported(build(tmp_path), thorough="RELEASE_CHECK" in os.environ)
    assert complaints == []
    assert {kind: listed.get(kind) for kind in content()} == content()
    root = copy(ROOT, tmp_path / "copy")
    about = (root / "galaxy.yml").read_text(encoding="utf-8")
    (root / "galaxy.yml").write_text(about.replace("authors:\n", f"authors:\n  - {'x' * 65}\n"), encoding="utf-8")
    (complaint,) = [line for line in imported(build(tmp_path, root)).complaints if "author" in line]
    assert complaint.startswith("ERROR: ")
