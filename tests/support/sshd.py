# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run an SSH server on the loopback interface for one test, with separate keys, as the current user."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.ports import reserve_port

CONFIGURATION = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
"""
START = 30.0


def program() -> str | None:
    """Return the absolute path of sshd, or None if it is not installed. sshd uses this path to restart itself."""
    return shutil.which("sshd", path=os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/usr/local/sbin")))


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[dict[str, Any]]:
    """Run sshd, and return the variables of a host to which Ansible connects with SSH. :param folder: a folder with a
    short path for keys and sockets.
    """
    sshd = program()
    assert sshd is not None
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    if os.geteuid() == 0:  # sshd requires this folder if it runs as root, and only a service manager creates it
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = reserve_port()
    configuration = folder / "sshd_config"
    configuration.write_text(CONFIGURATION.format(port=port, folder=folder), "utf-8")
    log = folder / "sshd.log"
    process = subprocess.Popen([sshd, "-D", "-f", str(configuration), "-E", str(log)])
    try:
        _await(port, process, log)
        yield {
            "ansible_host": "127.0.0.1",
            "ansible_port": port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(folder / "user_key"),
            "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={folder}/known -o StrictHostKeyChecking=no",
            "ansible_control_path_dir": str(folder),
        }
    finally:
        process.terminate()
        process.wait()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < end, log.read_text("utf-8")
        time.sleep(0.05)
