# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read a file on the machine where a module runs, and replace it atomically.

Users who are not permitted to read the file cannot read the new content at any point during the replacement.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import stat
import tempfile
import typing as t

from ._errors import InputError
from ._response import is_integer
from ._unicode import printable

CHUNK = 1024 * 1024


@dataclasses.dataclass(frozen=True)
class File:
    """The properties of a file. ``checksum`` is a SHA-1 checksum, as in the results of Ansible's own modules."""

    size: int
    checksum: str
    mode: int

    def shown(self) -> dict[str, t.Any]:
        """Return the properties of the file for results and diffs."""
        return {"size": self.size, "checksum": self.checksum, "mode": f"{self.mode:04o}"}


@dataclasses.dataclass(frozen=True)
class Target:
    """A file to create or replace.

    :ivar before: the current file; None if the path does not exist or is a symbolic link.
    :ivar content: the current content; empty if it is longer than the limit.
    """

    path: str
    mode: int
    before: File | None
    content: bytes

    def write(self, content: bytes, check_mode: bool) -> File:
        """Write the content if it differs from the existing file, and return the properties of the new file.

        :param check_mode: do not write the file.
        :raises InputError: the file cannot be written.
        """
        after = described(content, self.mode)
        if not check_mode and after != self.before:
            replace(self.path, content, self.mode)
        return after


def target(path: str, mode: object, limit: int = 0) -> Target:
    """Check that a file can be written, and read the existing file.

    :param limit: the maximum size of the current content in bytes.
    :raises InputError: the path or the mode is invalid, or the current file cannot be read.
    """
    bits = mode_from(mode)
    check_place(path)
    return Target(path, bits, *(read(path, limit) or (None, b"")))


def check_distinct(paths: t.Iterable[str]) -> None:
    """Check that each path is a different file.

    A symbolic link at the end of a path is not resolved, because the link is replaced.

    :raises InputError: two paths are the same file.
    """
    found = set()
    for path in paths:
        folder, name = os.path.split(path)
        place = os.path.join(os.path.realpath(folder), name)
        if place in found:
            raise InputError(f"'{path}' is the path of two files. Specify a different path for each file.")
        found.add(place)


def mode_from(value: object) -> int:
    """Parse file permissions from an octal string, or from the integer that YAML produces if the quotes are missing.

    If a user omits the quotes or the leading zero of an octal number, the resulting permissions usually give the group
    or other users more access than the owner.

    :raises InputError: the value is not an octal number of at most 0777, or the permissions give the group or other
        users access that the owner does not have, or allow them to write but not read.
    """
    mode = -1
    if is_integer(value):
        mode = value
    elif re.fullmatch(r"(0o?)?[0-7]{1,4}", str(value)):
        mode = int(str(value), 8)
    remedy = "Set an octal number in quotes, for example '0600' or '0640'."
    if not 0 <= mode <= 0o777:
        raise InputError(f"Invalid value {value!r} for 'mode': it must be an octal number of at most 0777. {remedy}")
    owner, group, others = mode >> 6, mode >> 3 & 7, mode & 7
    if (group | others) & ~owner or 2 in (group & 6, others & 6):
        raise InputError(
            f"Invalid value {value!r} for 'mode': {mode:04o} gives the group or other users a permission that the owner"
            f" does not have, or allows them to write a file that they cannot read. {remedy}"
        )
    return mode


def check_place(path: str) -> None:
    """Check that a file can be created or replaced at a path.

    :raises InputError: the path is empty, a directory or a device, or its directory does not exist or is not writable.
    """
    if not path:
        raise InputError("The path is empty. Specify the path of a file.")
    folder = os.path.dirname(os.path.abspath(path))
    if path.endswith(os.sep) or os.path.isdir(path):
        raise InputError(f"'{path}' is a directory. Specify the path of a file.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"'{path}' is neither a file nor a link to a file. Specify the path of a file.")
    if not os.path.isdir(folder):
        raise InputError(f"The directory '{folder}' does not exist. Create the directory first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(
            f"The directory '{folder}' is not writable. Change its permissions, or specify a different path."
        )


def read(path: str, limit: int) -> tuple[File, bytes] | None:
    """Return the properties and the content of a file, or None if the path is a symbolic link or not a regular file.

    :param limit: the maximum size of the content in bytes. If the file is larger, the returned content is empty.
    :raises InputError: the file cannot be read.
    """
    if os.path.islink(path) or not os.path.exists(path):
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return None
            content = file.read() if status.st_size <= limit else b""
            digest = hashlib.sha1(content, usedforsecurity=False)
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except (OSError, ValueError) as error:
        raise _unusable(path, "read", error) from None
    return File(status.st_size, digest.hexdigest(), stat.S_IMODE(status.st_mode)), content


def content_of(path: str, limit: int) -> bytes:
    """Return the content of a file. If the file is too large or cannot be read, return empty content.

    :param limit: the maximum number of bytes.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
                return b""
            return file.read()
    except (OSError, ValueError):
        return b""


def described(content: bytes, mode: int) -> File:
    """Return the properties of a file with the specified content and mode."""
    return File(len(content), hashlib.sha1(content, usedforsecurity=False).hexdigest(), mode)


def replace(path: str, content: bytes, mode: int) -> None:
    """Replace a file atomically: other processes read either the old file or the complete new file.

    The current user owns the new file. A symbolic link is replaced; the target of the link is not changed.

    :raises InputError: the file cannot be written. The old file is unchanged, and no temporary file is left.
    """
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".hybrid.connectors.", dir=os.path.dirname(os.path.abspath(path)))
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = None
    except (OSError, ValueError) as error:
        raise _unusable(path, "write", error) from None
    finally:
        if temporary:
            os.unlink(temporary)


def _unusable(path: str, action: str, error: Exception) -> InputError:
    cause = getattr(error, "strerror", error)
    if "\0" in path:  # Python versions describe this error differently
        cause = "The path contains a null character"
    return InputError(f"Cannot {action} '{printable(path)}': {cause}.")
