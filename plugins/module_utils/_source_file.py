# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read a source file that the user specifies, for example a list of customers."""

from __future__ import annotations

import os
import stat

from ._errors import InputError, cause_of

MAX_SOURCE_BYTES = 64 * 1024 * 1024


def shown_path(path: str) -> str:
    """Return a path for a message. A relative path is made absolute, so that the message contains its directory."""
    try:
        return path if os.path.isabs(path) else os.path.abspath(path)
    except OSError:  # the working directory no longer exists
        return path


def read_source(path: str) -> bytes:
    """Return the content of a regular file.

    :raises InputError: the file cannot be read, is a device or a pipe, or is too large.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # opening a pipe would wait for a writer
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InputError(
                    f"Cannot read '{shown_path(path)}': it is not a regular file. Specify the path of a file."
                )
            content = file.read(MAX_SOURCE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(
            f"Cannot read the file '{shown_path(path)}': {cause_of(error)}. Check the path and the permissions."
        ) from None
    if len(content) > MAX_SOURCE_BYTES:
        raise InputError(
            f"Cannot read the file '{shown_path(path)}': it is larger than {MAX_SOURCE_BYTES // 1024 // 1024} MiB."
            " Split the file."
        )
    return content
