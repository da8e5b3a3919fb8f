# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide a Python interpreter that starts modules of other collections in a fraction of the time.

Such a module spends most of its run time on imports. A server process imports this code once. The interpreter is a
small program that passes its arguments, environment and open files to the server, which runs the module in a forked
process. As a program, this file is the server, which ends when its stdin is closed.
"""

from __future__ import annotations

import array
import ast
import importlib
import os
import runpy
import socket
import sys
import types
from pathlib import Path

if __name__ != "__main__":  # the server finds modules in this folder only
    from support.fork_server import ForkServer

HERE = os.path.abspath(__file__)
CLIENT = """#!{python} -IS
import _socket, array, os, sys
server = _socket.socket(_socket.AF_UNIX)
server.connect({address!r})
server.sendmsg([b"."], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
server.sendall(repr((sys.argv[1:], os.getcwd(), dict(os.environ))).encode())
server.shutdown(_socket.SHUT_WR)
sys.exit(int(server.recv(16) or b"1"))
"""


class WarmInterpreter:
    """The interpreter at ``path``, with its server. Use it in a with statement.

    The server imports ``modules`` from the folders in ``search_path``.
    """

    def __init__(self, modules: tuple[str, ...], search_path: str) -> None:
        env = {**os.environ, "PYTHONPATH": search_path, "LC_ALL": "C.UTF-8"}
        self._server = ForkServer(sys.executable, HERE, env, *modules)
        self.path = os.path.join(self._server.folder.name, "python")
        client = CLIENT.format(python=sys.executable, address=self._server.address)
        Path(self.path).write_text(client, encoding="utf-8")
        os.chmod(self.path, 0o700)

    def __enter__(self) -> WarmInterpreter:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.stop()


def _serve(address: str, modules: list[str]) -> None:
    """Run each request in a forked process, until stdin is closed."""
    for module in modules:
        importlib.import_module(module)
    importlib.import_module("fork_server").serve(address, _respond)


def _respond(connection: socket.socket) -> None:
    """Run one request in a forked process, and send its exit status to the interpreter."""
    message = connection.recvmsg(1, socket.CMSG_SPACE(3 * array.array("i").itemsize))
    files = array.array("i", message[1][0][2])
    with connection.makefile("rb") as read:
        arguments, folder, env = ast.literal_eval(read.read().decode())
    child = os.fork()
    if child:
        for file in files:
            os.close(file)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        connection.sendall(b"%d" % status)
        return
    connection.close()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    _run(arguments)


def _run(arguments: list[str]) -> None:
    """Run a file with its arguments, or the code in stdin."""
    sys.argv = arguments or ["-"]
    if arguments:
        runpy.run_path(arguments[0], run_name="__main__")
        return
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    exec(compile(sys.stdin.buffer.read(), "<stdin>", "exec"), vars(main))


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2:])
