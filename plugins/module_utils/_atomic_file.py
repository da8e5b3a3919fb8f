# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read a file on the machine where a module runs, and replace it atomically.

The new content is never readable for users who must not read it, not even for a short time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import stat
import tempfile
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError

CHUNK = 1024 * 1024


@dataclasses.dataclass(frozen=True)
class File:
    """The properties of a file. ``checksum`` is SHA-1, as in the results of Ansible's modules."""

    size: int
    checksum: str
    mode: int

    def shown(self) -> dict[str, t.Any]:
        """Return the properties of the file for results and diffs."""
        return {"size": self.size, "checksum": self.checksum, "mode": f"{self.mode:04o}"}


def mode_from(value: object) -> int:
    """Return the permissions of an octal number, which is a string, or the integer that YAML reads without quotes.

    An octal number without its quotes or its leading zero usually gives others permissions that the owner lacks.

    :raises InputError: the value is not such a number, has more than nine bits, or gives others permissions that the
        owner lacks.
    """
    mode = -1
    if isinstance(value, int) and not isinstance(value, bool):
        mode = value
    elif isinstance(value, str) and re.fullmatch(r"(0o?)?[0-7]{1,4}", value):
        mode = int(value, 8)
    remedy = "Set an octal number in quotes, for example '0600' or '0640'."
    if not 0 <= mode <= 0o777:
        raise InputError(f"Invalid 'mode' {value!r}: it is not an octal number up to 0777. {remedy}")
    owner, group, others = mode >> 6, mode >> 3 & 7, mode & 7
    lets_write_unread = 2 in (group & 6, others & 6)
    if (group | others) & ~owner or lets_write_unread:
        raise InputError(
            f"Invalid 'mode' {value!r}: it means {mode:04o}, which gives the group or others a permission that the"
            f" owner lacks, or lets them write a file that they cannot read. {remedy}"
        )
    return mode


def check_place(path: str) -> None:
    """Check that a file can be created or replaced at a path.

    :raises InputError: the path is a directory or a device, or its directory does not exist or is not writable.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not path or path.endswith(os.sep) or os.path.isdir(path):
        raise InputError(f"'{path}' is a directory. Set the path of a file.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"'{path}' is not a file or a link to a file. Set the path of a file.")
    if not os.path.isdir(folder):
        raise InputError(f"The directory '{folder}' does not exist. Create it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"The directory '{folder}' is not writable. Change its permissions, or set a different path.")


def read(path: str, limit: int) -> tuple[File, bytes] | None:
    """Return the properties and the content of a file; None if the path is not a file, or is a link.

    :param limit: the maximum number of bytes of the content. The content of a larger file is returned as empty.
    :raises InputError: the file cannot be read.
    """
    try:
        handle = _open_itself(path)
        if handle is None:
            return None
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


def described(content: bytes, mode: int) -> File:
    """Return the properties of a file with this content."""
    return File(len(content), hashlib.sha1(content, usedforsecurity=False).hexdigest(), mode)


def replace(path: str, content: bytes, mode: int) -> None:
    """Replace a file atomically: other processes read either the old file or the complete new file.

    The current user owns the new file. A link is replaced, and its target is not changed.

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


def set_mode(path: str, mode: int) -> None:
    """Change the permissions of a file, but not of the target of a link.

    :raises InputError: the current user must not change them.
    """
    try:
        handle = _open_itself(path)
        if handle is not None:
            try:
                os.fchmod(handle, mode)
            finally:
                os.close(handle)
    except OSError as error:
        raise _unusable(path, "change the permissions of", error) from None


def _open_itself(path: str) -> int | None:
    """Return a file descriptor for reading; None if there is no file, or a link."""
    if os.path.islink(path) or not os.path.lexists(path):
        return None
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def _unusable(path: str, action: str, error: Exception) -> InputError:
    return InputError(f"Cannot {action} '{path}': {getattr(error, 'strerror', None) or error}.")
