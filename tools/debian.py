# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""If the user is root, install the Debian packages of GnuPG and sshd, which the tests require."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable

from environment import run


def provide(packages: tuple[str, ...], is_there: Callable[[], bool], otherwise: str) -> None:
    """Install Debian packages unless their programs exist. Print a message if that is not possible."""
    if is_there():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' and '.join(packages)} with apt-get", flush=True)
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        command = ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages)
        if run("apt-get", "update", "--quiet") and run(*command) and is_there():
            return
    print(otherwise, file=sys.stderr)


def main() -> None:
    """Install GnuPG and the SSH server if they are missing."""
    provide(
        ("gnupg",),
        lambda: shutil.which("gpg") is not None,
        "No gpg is here: the tests of signatures are skipped.",
    )
    provide(
        ("openssh-server", "openssh-client"),
        lambda: shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") is not None,
        "No sshd is here: the tests of connections over SSH are skipped.",
    )


if __name__ == "__main__":
    main()
