# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build a reproducible archive of the collection: identical files always result in identical bytes.

``python build.py FOLDER`` writes the archive to a folder. ansible-galaxy stores the build time and the times of the
files, and lists the files in file system order. This script sorts the files, and sets the same timestamp for all of
them: ``SOURCE_DATE_EPOCH``, or else the release date in the changelog, or 1980-01-01 for an unreleased version.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
Entries = dict[str, tuple[tarfile.TarInfo, bytes]]


def archive_timestamp(root: Path) -> int:
    """Return the timestamp to set on all files in the archive, in seconds since the Unix epoch."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    version = yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    releases = yaml.safe_load((root / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    day = str(releases.get(version, {}).get("release_date", "1980-01-01"))
    return int(datetime.fromisoformat(day).replace(tzinfo=timezone.utc).timestamp())


def _as_ansible_galaxy_writes_it(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, indent=1).encode()


def _entries(archive: Path) -> Entries:
    with tarfile.open(archive) as tar:
        read = {member.name: (member, tar.extractfile(member)) for member in tar}
        return {name: (member, file.read() if file else b"") for name, (member, file) in read.items()}


def normalise(archive: Path, destination: Path, when: int) -> None:
    """Rewrite an archive from ansible-galaxy. Sort the files by name, and use a single timestamp for all files."""
    entries = _entries(archive)
    contents = {name: content for name, (_member, content) in entries.items()}
    files, manifest = json.loads(contents["FILES.json"]), json.loads(contents["MANIFEST.json"])
    files["files"].sort(key=lambda entry: entry["name"])
    contents["FILES.json"] = _as_ansible_galaxy_writes_it(files)
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents["FILES.json"]).hexdigest()
    contents["MANIFEST.json"] = _as_ansible_galaxy_writes_it(manifest)
    with (
        destination.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=when) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        # The manifest files come first, as in archives that ansible-galaxy creates.
        for name in sorted(contents, key=lambda name: (name not in ("MANIFEST.json", "FILES.json"), name)):
            member = tarfile.TarInfo(name)
            member.type, member.mode = entries[name][0].type, entries[name][0].mode
            member.linkname, member.mtime, member.size = entries[name][0].linkname, when, len(contents[name])
            tar.addfile(member, io.BytesIO(contents[name]))


def _git(root: Path, *arguments: str) -> list[str]:
    command = ["git", "-C", str(root), "ls-files", "-z", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")[:-1]


def _tracked(root: Path, scratch: Path) -> Path:
    """Return a copy of the source tree that contains only the files that Git tracks.

    A source tree without Git, for example from an archive, is returned unchanged.
    """
    if not (root / ".git").exists():
        return root
    for name in _git(root):
        if (root / name).is_file():
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, scratch / name)
    untracked = _git(root, "--others", "--exclude-standard")
    if untracked:
        print(f"Not in the archive, because Git does not track them: {', '.join(untracked)}", file=sys.stderr)
    return scratch


def build(folder: Path, root: Path = ROOT) -> Path:
    """Build an archive of a source tree in the given folder, and return the path of the archive."""
    galaxy = str(Path(sys.executable).parent / "ansible-galaxy")
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as copy:
        command = [galaxy, "collection", "build", "--output-path", scratch, str(_tracked(root, Path(copy)))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (made,) = Path(scratch).glob("*.tar.gz")
        normalise(made, folder / made.name, archive_timestamp(root))
    return folder / made.name


if __name__ == "__main__":
    print(f"Built {build(Path(sys.argv[1]))}")
