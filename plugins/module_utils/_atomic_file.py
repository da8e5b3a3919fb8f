# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""One file on the machine where a module runs: what is there, and putting another in its place in one step.

It knows nothing of what is in the file. A content that others may not read is never readable to them, not even for a
moment.
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
    """A file without its content. ``checksum`` is SHA-1, as the modules of Ansible report it."""

    size: int
    checksum: str
    mode: int

    def shown(self) -> dict[str, t.Any]:
        """The file as results and diffs show it."""
        return {"size": self.size, "checksum": self.checksum, "mode": f"{self.mode:04o}"}


def mode_from(value: object) -> int:
    """Permissions from an octal number, written as a text or as what YAML makes of one without quotes.

    A number whose quotes or leading zero were forgotten mostly gives the group or others what the owner has not.

    :raises InputError: it is something else, has more than the nine bits of reading, writing and executing, or is such
        a number.
    """
    mode = -1
    if isinstance(value, int) and not isinstance(value, bool):
        mode = value
    elif isinstance(value, str) and re.fullmatch(r"(0o?)?[0-7]{1,4}", value):
        mode = int(value, 8)
    wanted = "Give the permissions as an octal number in quotes, for example '0600' or '0640'"
    if not 0 <= mode <= 0o777:
        raise InputError(f"The 'mode' {value!r} cannot be used. {wanted}; symbolic ones like 'u=rw' are not taken.")
    owner, *rest = mode >> 6, mode >> 3 & 7, mode & 7
    if any(other & ~owner or other & 6 == 2 for other in rest):
        raise InputError(
            f"The 'mode' {value!r} means {mode:04o} here, by which others may do what the owner may not, or may write"
            f" what they may not read. {wanted}."
        )
    return mode


def check_place(path: str) -> None:
    """Find out before anything else whether a file can be put somewhere.

    :raises InputError: it cannot: there is a directory or a device, or the directory above is missing or not writable.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not path or path.endswith(os.sep) or os.path.isdir(path):
        raise InputError(f"'{path}' is a directory; give the path of a file in it.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"'{path}' is neither a file nor a link to one; it is not touched.")
    if not os.path.isdir(folder):
        raise InputError(f"The directory '{folder}' does not exist. Make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"The directory '{folder}' is not writable, which it has to be for a file to be replaced.")


def read(path: str, limit: int) -> tuple[File, bytes] | None:
    """What is at a path, or None if there is no file. A link counts as none, whatever it leads to.

    :param limit: a content of more bytes is returned as empty.
    :raises InputError: there is a file that cannot be read.
    """
    try:
        handle = _open_itself(path)
        if handle is None:
            return None
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return None
            content, digest = b"", hashlib.sha1(usedforsecurity=False)
            if status.st_size <= limit:
                content = file.read()
                digest.update(content)
            while True:
                chunk = file.read(CHUNK)
                if not chunk:
                    break
                digest.update(chunk)
    except (OSError, ValueError) as error:
        raise _unusable(path, "read", error) from None
    return File(status.st_size, digest.hexdigest(), stat.S_IMODE(status.st_mode)), content


def described(content: bytes, mode: int) -> File:
    """The file that a content would be."""
    return File(len(content), hashlib.sha1(content, usedforsecurity=False).hexdigest(), mode)


def replace(path: str, content: bytes, mode: int) -> None:
    """Put a new file at a path: whoever looks there sees the old one or all of the new one.

    It belongs to the user who runs this. A link is replaced itself; what it leads to is not touched.

    :raises InputError: it cannot be written; what was there is as it was, and nothing is left beside it.
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
        raise _unusable(path, "written", error) from None
    finally:
        if temporary:
            os.unlink(temporary)


def set_mode(path: str, mode: int) -> None:
    """Give a file, never what a link leads to, other permissions.

    :raises InputError: the user who runs this may not.
    """
    try:
        handle = _open_itself(path)
        if handle is not None:
            try:
                os.fchmod(handle, mode)
            finally:
                os.close(handle)
    except OSError as error:
        raise _unusable(path, "given other permissions", error) from None


def _open_itself(path: str) -> int | None:
    """A handle to read a file with; None if there is none, or a link."""
    if os.path.islink(path) or not os.path.lexists(path):
        return None
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def _unusable(path: str, done: str, error: Exception) -> InputError:
    reason = error.strerror if isinstance(error, OSError) else error
    return InputError(f"'{path}' cannot be {done}: {reason}.")
