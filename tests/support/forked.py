# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fork module processes from a process that has already imported Ansible and requests. As a program, this file runs on
the interpreter for modules. It reads a request from each connection to a socket, runs the module in a forked process,
and returns the output and the exit status of that process. The program ends when its stdin is closed.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import socket
import sys
import tempfile
import traceback
from typing import Any

if __name__ != "__main__":  # the server finds modules in this folder only
    from support.fork_server import ForkServer

HERE = os.path.abspath(__file__)
PACKAGE = "ansible_collections.hybrid.connectors.plugins.modules"


class Forker:
    """The process that forks module processes. It is thread-safe."""

    def __init__(self, interpreter: str, search_path: str) -> None:
        env = {"PYTHONPATH": search_path, "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
        self._server = ForkServer(interpreter, HERE, env)
        self.stop = self._server.stop

    def run(self, name: str, text: str, env: dict[str, str], timeout: float) -> tuple[int, str, str]:
        """Run a module with this stdin, and return its exit status, stdout and stderr."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout)
            connection.connect(self._server.address)
            connection.sendall(json.dumps({"name": name, "text": text, "env": env, "cwd": os.getcwd()}).encode())
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as response:
                status, stdout, stderr = json.loads(response.read())
        return status, stdout, stderr


def _serve(address: str) -> None:
    importlib.import_module("skipped_waits")
    package = importlib.import_module(PACKAGE)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{PACKAGE}.{module.name}")
    importlib.import_module("fork_server").serve(address, _respond)


def _respond(connection: socket.socket) -> None:
    with connection, connection.makefile("rb") as read:
        request = json.loads(read.read())
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(request["text"].encode("utf-8", "surrogatepass"))
            given.seek(0)
            child = os.fork()
            if child == 0:
                connection.close()
                for number, file in enumerate((given, out, err)):
                    os.dup2(file.fileno(), number)
                _run(request)
            status = os.waitpid(child, 0)[1]
            ended = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
            for file in (out, err):
                file.seek(0)
            written = [file.read().decode("utf-8", "replace") for file in (out, err)]
            connection.sendall(json.dumps([ended, *written]).encode())
    os._exit(0)


def _run(request: dict[str, Any]) -> None:
    """Run the module in this process, and exit."""
    status = 1
    try:
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(str(request["cwd"]))
        sys.argv = [str(request["name"])]
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the process
        with sys.modules["skipped_waits"].skipped_waits(request["env"]):
            sys.modules[f"{PACKAGE}.{request['name']}"].main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve(sys.argv[1])
