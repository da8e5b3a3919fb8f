# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test reading and atomically replacing a file."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from pathlib import Path

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils import _atomic_file
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("given", "mode"),
    [("0600", 0o600), ("640", 0o640), ("0o644", 0o644), (0o600, 0o600), ("0", 0), ("0777", 0o777), ("0604", 0o604)],
)
def test_a_mode_is_an_octal_number(given: object, mode: int) -> None:
    assert _atomic_file.mode_from(given) == mode


@pytest.mark.parametrize(
    "given",
    ["u=rw", "u+r", "+600", "", " ", "0800", "6_00", "preserve", 600, 644, 640, -1, True, None, 6.0, ["0600"], "1777"],
)
def test_what_is_no_octal_number_in_quotes_is_refused(given: object, messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        _atomic_file.mode_from(given)
    messages.check("file.invalid_mode", caught.value.message, value=repr(given))


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        (400, "0620"),
        (440, "0670"),
        (444, "0674"),
        ("416", "0416"),
        ("420", "0420"),
        ("432", "0432"),
        ("256", "0256"),
        ("0620", "0620"),
        ("0066", "0066"),
    ],
)
def test_a_mode_that_yaml_would_misread_is_refused(given: object, mode: str, messages: MessageTable) -> None:
    """If Ansible converts the result of a template to a string, a variable with the number 0640 becomes "416"."""
    with pytest.raises(InputError) as caught:
        _atomic_file.mode_from(given)
    messages.check("file.unusual_mode", caught.value.message, value=repr(given), mode=mode)


def test_a_file_is_described_as_ansible_does(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    path.chmod(0o640)
    found = _atomic_file.read(str(path), 100)
    assert found is not None
    assert found == (_atomic_file.File(7, hashlib.sha1(b"content").hexdigest(), 0o640), b"content")
    assert found[0] == _atomic_file.described(b"content", 0o640)
    assert found[0].shown()["mode"] == "0640"


def test_of_a_large_file_only_the_description_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 3_000_000)
    found = _atomic_file.read(str(path), 100)
    assert found is not None
    assert found[1] == b""
    assert found[0].checksum == hashlib.sha1(b"x" * 3_000_000).hexdigest()


def test_missing_files_and_symbolic_links_are_not_read(tmp_path: Path) -> None:
    assert _atomic_file.read(str(tmp_path / "file"), 100) is None
    (tmp_path / "target").write_bytes(b"target")
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert _atomic_file.read(str(tmp_path / "link"), 100) is None
    assert _atomic_file.read(str(tmp_path / "dangling"), 100) is None


def test_a_file_is_replaced_atomically_without_leftovers(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    before = path.stat().st_ino
    with path.open("rb") as still_open:
        _atomic_file.replace(str(path), b"new", 0o640)
        assert still_open.read() == b"old"
    assert path.read_bytes() == b"new"
    assert permissions(path) == 0o640
    assert path.stat().st_ino != before
    assert os.listdir(tmp_path) == ["file"]


def test_what_is_written_is_never_readable_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[int] = set()
    done = threading.Event()

    def observe() -> None:
        while not done.is_set():
            for name in os.listdir(tmp_path):
                try:
                    seen.add(permissions(tmp_path / name))
                except FileNotFoundError:
                    pass

    before = os.umask(0)
    watcher = threading.Thread(target=observe)
    watcher.start()
    try:
        for number in range(20):
            _atomic_file.replace(str(tmp_path / "file"), b"x" * 500_000 + b"%d" % number, 0o600)
    finally:
        os.umask(before)
        done.set()
        watcher.join()
    assert seen == {0o600}


def test_a_failed_replacement_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: MessageTable
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(os, step, full)
            with pytest.raises(InputError) as caught:
                _atomic_file.replace(str(path), b"new", 0o600)
        messages.check("file.not_written", caught.value.message, path=path, cause="No space left on device")
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["file"]


def test_a_symbolic_link_is_replaced_without_its_target(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"target")
    target.chmod(0o644)
    link.symlink_to(target)
    _atomic_file.target(str(link), "0600").write(b"new", check_mode=False)
    assert permissions(target) == 0o644
    assert not link.is_symlink()
    assert link.read_bytes() == b"new"
    assert target.read_bytes() == b"target"


def test_a_different_content_or_mode_is_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    path.chmod(0o600)
    target = _atomic_file.target(str(path), "0640", 100)
    assert (target.before, target.content) == (_atomic_file.described(b"content", 0o600), b"content")
    assert target.write(b"content", check_mode=True).mode == 0o640
    assert permissions(path) == 0o600
    assert target.write(b"content", check_mode=False) == _atomic_file.described(b"content", 0o640)
    assert (permissions(path), path.read_bytes()) == (0o640, b"content")
    written = path.stat()
    _atomic_file.target(str(path), "0640").write(b"content", check_mode=False)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    assert os.listdir(tmp_path) == ["file"]


def test_a_place_for_a_file_is_checked(tmp_path: Path, messages: MessageTable) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    for fine in ("file", "dangling", "folder/file", "..file", "link/file"):
        _atomic_file.check_place(str(tmp_path / fine))
    for name, row, shown in (
        ("folder", "file.directory", "folder"),
        ("folder/", "file.directory", "folder/"),
        ("new/", "file.directory", "new/"),
        ("link", "file.directory", "link"),
        (".", "file.directory", "."),
        ("pipe", "file.special", "pipe"),
        ("missing/file", "file.missing_directory", "missing"),
        ("dangling/file", "file.missing_directory", "dangling"),
    ):
        with pytest.raises(InputError) as caught:
            _atomic_file.check_place(f"{tmp_path}/{name}")
        messages.check(row, caught.value.message, path=f"{tmp_path}/{shown}")
    with pytest.raises(InputError) as caught:
        _atomic_file.check_place("")
    messages.check("file.empty_path", caught.value.message)


@pytest.mark.parametrize(
    ("name", "shown", "cause"),
    [
        ("x" * 300, "x" * 300, "File name too long"),
        ("with\0null", "with[U+0000]null", "The path contains a null character"),
    ],
)
def test_an_invalid_file_name_is_a_failure(
    tmp_path: Path, name: str, shown: str, cause: str, messages: MessageTable
) -> None:
    with pytest.raises(InputError) as caught:
        _atomic_file.replace(str(tmp_path / name), b"new", 0o600)
    messages.check("file.not_written", caught.value.message, path=tmp_path / shown, cause=cause)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everywhere")
def test_a_denied_permission_is_reported(tmp_path: Path, messages: MessageTable) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0)
    denied = {"path": path, "cause": "Permission denied"}
    with pytest.raises(InputError) as caught:
        _atomic_file.read(str(path), 100)
    messages.check("file.not_read", caught.value.message, **denied)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError) as caught:
            _atomic_file.check_place(str(path))
        messages.check("file.protected_directory", caught.value.message, directory=tmp_path)
        with pytest.raises(InputError) as caught:
            _atomic_file.replace(str(path), b"new", 0o600)
        messages.check("file.not_written", caught.value.message, **denied)
    finally:
        tmp_path.chmod(0o700)
