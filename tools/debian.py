# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that are no Python packages, installed on Debian if root runs this. Run as a script: GnuPG and sshd."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable

from environment import run


def provide(packages: tuple[str, ...], is_there: Callable[[], bool], otherwise: str) -> None:
    """Install Debian's packages, with fresh lists, unless what is wanted is there; say so where that cannot be."""
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
    """See that there is what signs, and a server for connections over SSH."""
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
