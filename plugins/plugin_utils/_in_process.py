# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second door: the function of a module, run in Ansible's worker without a process of its own.

A process costs a third of a second before its first line runs, so loops over modules are slow. Where the process would
run on the same machine, as the same user, with the same Python and the same environment, it is spared, and the
connections are kept over the items of a loop. Otherwise the module is run as ever. What comes back is the same.
"""

from __future__ import annotations

import configparser
import contextlib
import datetime
import functools
import importlib
import json
import multiprocessing.connection
import os
import signal
import sys
import threading
import typing as t
from collections.abc import Mapping, Sequence

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import merge_hash

from ansible_collections.hybrid.connectors.plugins.module_utils import _module
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Function, Params, Result, Spec
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import Redaction
from ansible_collections.hybrid.connectors.plugins.module_utils._session import REQUESTS_IMPORT_ERROR, ApiSession
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import Settings

MODULES = "ansible_collections.hybrid.connectors.plugins.modules"
# Connections that a loop keeps.
MAX_SESSIONS = 8
# Seconds between two checks whether Ansible is alive while a module process runs.
PARENT_INTERVAL = 0.2

_sessions: dict[Settings, ApiSession] = {}


class _Unshown(dict[str, t.Any]):
    """Arguments as Ansible takes them, without their values in its texts: it writes them out with ANSIBLE_DEBUG."""

    def __repr__(self) -> str:
        return str(dict.fromkeys(self, "..."))


class ActionModule(ActionBase):
    """Runs a module of this collection in the worker, or has it run as a process."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """See :class:`ActionBase`."""
        result = self._result(tmp, task_vars or {})
        if self._task.diff and isinstance(result.get("diff"), dict):
            result["diff"] = readable(result["diff"])
        return result

    def _result(self, tmp: t.Any, task_vars: dict[str, t.Any]) -> Result:
        result: Result = super().run(tmp, task_vars)
        if self._needs_process(task_vars):
            wrap_async = bool(self._task.async_val) and not self._connection.has_native_async
            arguments = _Unshown(self._arguments())
            with _ending_with_ansible():
                result = merge_hash(
                    result, self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=wrap_async)
                )
            if not wrap_async:
                self._remove_tmp_path(self._connection._shell.tmpdir)  # type: ignore[no-untyped-call]
            return result
        name = self._task.action.rpartition(".")[2]
        spec, function = module_called(name)
        with _working_directory(self._loader.get_basedir()):
            result.update(
                execute(
                    spec,
                    function,
                    _plain(self._arguments()),
                    self._task.action,
                    self._task.check_mode,
                    _session_for,
                    _show,
                )
            )
        if not _shows_invocation(task_vars):
            del result["invocation"]
        return result

    def _arguments(self) -> dict[str, t.Any]:
        """Return the arguments of the module."""
        arguments: dict[str, t.Any] = self._task.args
        return arguments

    def _needs_process(self, task_vars: Mapping[str, t.Any]) -> bool:
        """Whether a process of its own would be different from the worker, or is asked for."""
        return bool(
            REQUESTS_IMPORT_ERROR
            or not _switched_on()
            or self._task.async_val
            or self._connection.transport != "local"
            or self._connection.become is not None
            or any(self._task.environment or ())
            or self._is_other_python(task_vars)
        )

    def _is_other_python(self, task_vars: Mapping[str, t.Any]) -> bool:
        host = self._task.delegate_to
        variables = task_vars.get("ansible_delegated_vars", {}).get(host, {}) if host else task_vars
        wanted = variables.get("ansible_python_interpreter") or C.config.get_config_value("INTERPRETER_PYTHON")
        wanted = str(self._templar.template(wanted))
        return not wanted.startswith("auto") and _identity(wanted) != _identity(sys.executable)


def module_called(name: str) -> tuple[Spec, Function]:
    """Return the specification and the function of the module of this collection that has this name."""
    module = importlib.import_module(f"{MODULES}.{name}")
    return module.SPEC, getattr(module, name)


def execute(
    spec: Spec,
    function: Function,
    arguments: Params,
    name: str,
    check_mode: bool,
    connect: t.Callable[[Settings], ApiSession] = ApiSession,
    show: t.Callable[[str], None] = lambda text: None,
) -> Result:
    """Return the result that a module process would return: validate the arguments, and call the function.

    :param arguments: the arguments of the task, which have plain types.
    :param connect: opens a session, or returns a session that is kept from one task to the next.
    :param show: displays a line without secrets during the run, if that is possible.
    """
    rules = spec.arguments()
    redaction = Redaction(rules["argument_spec"], arguments)
    warnings: list[str] = []
    params, complaint = _module.check_arguments(rules, arguments, name, redaction)
    if complaint:
        failure = _module.no_request_failed(spec.system, "invalid_option")
        return redaction.result({"failed": True, "msg": complaint, "failure": failure}, params)
    task = _module.TaskContext(check_mode, warnings.append, connect, lambda text: show(redaction.line(text)))
    result = _module.outcome(spec, function, params, task, arguments)
    if warnings:
        result["warnings"] = list(dict.fromkeys(warnings))
    return redaction.result(result, params)


def readable(diff: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a diff that Ansible displays without escape sequences.

    Ansible displays a dictionary as JSON in ASCII, for example ``\\u00fc``. If a side contains other characters, both
    sides are therefore returned as the string to display.
    """
    if json.dumps(diff, ensure_ascii=False, default=str).isascii():
        return diff
    return {side: _as_text(state) if isinstance(state, Mapping) else state for side, state in diff.items()}


def _as_text(state: Mapping[str, t.Any]) -> str:
    """Return one side of a diff as a string; an empty one for an object that does not exist."""
    if not state:
        return ""
    return json.dumps(state, ensure_ascii=False, indent=4, sort_keys=True, default=str) + "\n"


@functools.cache
def _switched_on() -> bool:
    """The switch: an environment variable, or an entry of the configuration file."""
    switch = os.environ.get("HYBRID_CONNECTORS_IN_PROCESS")
    file = getattr(C, "CONFIG_FILE", None)
    if switch is None and file:
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.read(file, encoding="utf-8")
        switch = parser.get("hybrid_connectors", "in_process", fallback=None)
    try:
        return True if switch is None else bool(boolean(switch))
    except TypeError:
        raise AnsibleError(
            f"HYBRID_CONNECTORS_IN_PROCESS, or in_process in the section hybrid_connectors of {file}, has to be"
            f" true or false, not '{switch}'."
        ) from None


def _identity(python: str) -> tuple[str, str]:
    """Where a Python is and what it is: those of two virtual environments may be one file, but not in one folder."""
    return os.path.realpath(os.path.dirname(python)), os.path.realpath(python)


def _shows_invocation(task_vars: Mapping[str, t.Any]) -> bool:
    """Whether results have their parameters in them, which can be chosen since ansible-core 2.21."""
    if not hasattr(C, "INJECT_INVOCATION"):
        return True
    return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))


@contextlib.contextmanager
def _working_directory(path: str) -> t.Iterator[None]:
    """Be where a local process would be: relative paths begin there."""
    before = os.getcwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


def _plain(value: t.Any) -> t.Any:
    """The arguments as a process would get them: as JSON, without what Ansible keeps beside the values."""
    return json.loads(json.dumps(value, default=_as_json))


def _as_json(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)) or (
        isinstance(value, Sequence) and type(value).__name__.startswith("_AnsibleLazy")
    ):
        return list(value)
    return str(value)


@functools.cache
def _parent(_process: int) -> int:
    """Return the process that started this worker.

    It is remembered, because the system names a different one after its death.
    """
    started_by = multiprocessing.parent_process()
    return started_by.pid if started_by and started_by.pid else os.getppid()


def _is_awaited() -> bool:
    """Return whether Ansible is alive. Since ansible-core 2.19 a worker outlives an Ansible that is killed."""
    return os.getppid() == _parent(os.getpid())


@contextlib.contextmanager
def _ending_with_ansible() -> t.Iterator[None]:
    """End this worker if Ansible is killed while it waits for a module process, which notices the end of the worker.

    Since ansible-core 2.19 a worker has a process group of its own, so that the module process is ended as well.
    """
    ended = threading.Event()
    started_by = multiprocessing.parent_process()
    # It is ready when Ansible ends, unless a worker that was forked later has inherited its other end.
    sentinels = [started_by.sentinel] if started_by else []

    def watch() -> None:
        while not ended.is_set():
            multiprocessing.connection.wait(sentinels, PARENT_INTERVAL)
            if not _is_awaited():
                if os.getpgrp() == os.getpid():
                    os.killpg(os.getpid(), signal.SIGKILL)
                os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _show(line: str) -> None:
    """Display a line while the task runs. A worker sends it to the process that displays.

    It goes to the standard error, so that a callback that writes JSON to the standard output is not disturbed.
    """
    Display().display(f"hybrid.connectors: {line}", stderr=True)


def _session_for(settings: Settings) -> ApiSession:
    """Return the connections that tasks with the same settings share. Those that were used last are kept."""
    session = _sessions.pop(settings, None) or ApiSession(settings, is_awaited=_is_awaited)
    _sessions[settings] = session
    while len(_sessions) > MAX_SESSIONS:
        _sessions.pop(next(iter(_sessions))).close()
    return session
