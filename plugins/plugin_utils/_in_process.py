# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Run modules in-process: call a module's function in the Ansible worker instead of starting a module process.

A module process takes a third of a second to start, so tasks with loops are slow. If the process would run on the same
machine with the same user, Python interpreter and environment as the worker, the worker calls the function itself and
keeps the sessions open for the next loop items. Otherwise, Ansible starts a module process. The results are the same.
"""

from __future__ import annotations

import configparser
import contextlib
import datetime
import functools
import gc
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
from ansible.plugins.action.normal import ActionModule as ModuleProcess
from ansible.utils.display import Display

from ..module_utils import _module, _signals
from ..module_utils._client import Show
from ..module_utils._errors import AccessDenied
from ..module_utils._module import Function, Params, Result, Spec
from ..module_utils._redaction import Redaction
from ..module_utils._session import REQUESTS_IMPORT_ERROR, ApiSession, Connect
from ..module_utils._settings import Settings

MODULES = "ansible_collections.hybrid.connectors.plugins.modules"
# Maximum number of sessions that a worker keeps open during a loop.
MAX_SESSIONS = 8
# While a module process is running, the worker checks at this interval in seconds whether Ansible is still running.
PARENT_INTERVAL = 0.2
# Undocumented attributes that this module uses: attributes of action plugins, and attributes of their values.
USED: dict[str, tuple[str, ...]] = {
    "_task": ("action", "args", "async_val", "check_mode", "delegate_to", "diff", "environment"),
    "_connection": ("become", "transport"),
    "_loader": ("get_basedir",),
    "_templar": ("template",),
}

_sessions: dict[Settings, ApiSession] = {}


class _Unshown(dict[str, t.Any]):
    """Arguments whose values are hidden in Ansible's debug output."""

    def __repr__(self) -> str:
        return str(dict.fromkeys(self, "..."))


class ActionModule(ModuleProcess):
    """Action plugin that runs a module of this collection in the worker or in a module process."""

    @staticmethod
    def prepare(module: str) -> None:
        """Import a module and validate an empty set of arguments, so that the workers do not have to repeat this work.

        Ansible imports action plugins before it starts the workers, but does not cache the compiled code of
        collections. Without this method, each worker would compile the module, its imports and its regular expressions.
        """
        spec, _function = module_called(module)
        rules = spec.arguments()
        redaction = Redaction(rules["argument_spec"])
        params, _complaint = _module.check_arguments(rules, {}, module, redaction)
        redaction.result({}, params)

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Run the module and return its result. See :class:`ActionBase`."""
        if not self._is_supported():
            return self._run_stock(tmp, task_vars)
        variables = task_vars or {}
        if self._needs_process(variables):
            self._task.args = _Unshown(self._arguments())
            with _ending_with_ansible():
                result = self._run_stock(tmp, task_vars)
        else:
            result = self._run_in_process(tmp, variables)
        if self._task.diff and isinstance(result.get("diff"), dict):
            result["diff"] = readable(result["diff"])
        return result

    def _is_supported(self) -> bool:
        """Return whether this ansible-core version has all attributes that in-process execution requires."""
        for owner, attributes in USED.items():
            for attribute in attributes:
                if not hasattr(getattr(self, owner, None), attribute):
                    return False
        return hasattr(C.config, "get_config_value")

    def _run_stock(self, tmp: t.Any, task_vars: dict[str, t.Any] | None) -> Result:
        result: Result = super().run(tmp, task_vars)  # type: ignore[no-untyped-call]
        return result

    def _run_in_process(self, tmp: t.Any, task_vars: dict[str, t.Any]) -> Result:
        _exclude_inherited_objects()
        result: Result = ActionBase.run(self, tmp, task_vars)
        spec, function = module_called(self._task.action.rpartition(".")[2])
        arguments = _plain(self._arguments())
        with _working_directory(self._loader.get_basedir()):
            result.update(
                execute(spec, function, arguments, self._task.action, self._task.check_mode, _session_for, _show)
            )
        if not _is_awaited():
            # If Ansible was killed, a worker that returns a large result would wait forever, because the worker has
            # inherited the other end of the pipe.
            os._exit(1)
        # In ansible-core 2.21 and later, users can configure whether results contain the module parameters.
        optional = hasattr(C, "INJECT_INVOCATION")
        if optional and not C.config.get_config_value("INJECT_INVOCATION", variables=task_vars):
            del result["invocation"]
        return result

    def _arguments(self) -> dict[str, t.Any]:
        """Return the arguments of the module."""
        arguments: dict[str, t.Any] = self._task.args
        return arguments

    def _needs_process(self, task_vars: Mapping[str, t.Any]) -> bool:
        """Return whether the task requires a module process, for example because of ``become`` or a remote host."""
        return bool(
            REQUESTS_IMPORT_ERROR
            or not _is_enabled()
            or self._task.async_val
            or self._connection.transport != "local"
            or self._connection.become is not None
            or any(self._task.environment or ())
            or self._is_different_python(task_vars)
        )

    def _is_different_python(self, task_vars: Mapping[str, t.Any]) -> bool:
        host, variables = self._task.delegate_to, task_vars
        if host:
            variables = task_vars.get("ansible_delegated_vars", {}).get(host, {})
        python = variables.get("ansible_python_interpreter") or C.config.get_config_value("INTERPRETER_PYTHON")
        python = str(self._templar.template(python))
        if python == sys.executable or python.startswith("auto"):
            return False
        return _identity(python) != _identity(sys.executable)


def module_called(name: str) -> tuple[Spec, Function]:
    """Import a module of this collection, and return its specification and function."""
    module = importlib.import_module(f"{MODULES}.{name}")
    return module.SPEC, getattr(module, name)


def execute(
    spec: Spec,
    function: Function,
    arguments: Params,
    name: str,
    check_mode: bool,
    connect: Connect = ApiSession,
    show: Show = lambda text: None,
) -> Result:
    """Validate the arguments, call the function, and return the result that a module process would return.

    :param arguments: the task arguments, as plain types.
    :param connect: creates a session, or returns a session from an earlier task.
    :param show: displays a redacted line while the task runs, if that is possible.
    """
    rules = spec.arguments()
    redaction = Redaction(rules["argument_spec"], arguments, spec.documents, spec.plain)
    warnings: list[str] = []
    params, complaint = _module.check_arguments(rules, arguments, name, redaction)
    if complaint:
        failure = _module.no_request_failed(spec.system, "invalid_option")
        return redaction.result({"failed": True, "msg": complaint, "failure": failure}, params)
    task = _module.TaskContext(
        check_mode,
        warnings.append,
        connect,
        lambda text: show(redaction.line(text)),
        redaction.learn_parameters,
        redaction.data,
    )
    result = _module.outcome(spec, function, params, task, arguments)
    if warnings:
        result["warnings"] = list(dict.fromkeys(warnings))
    return redaction.result(result, params)


def readable(diff: dict[str, t.Any]) -> dict[str, t.Any]:
    r"""Return a diff that Ansible displays without JSON escape sequences for non-ASCII characters.

    Ansible displays a dictionary as JSON in ASCII, for example ``\u00fc``. If a diff contains non-ASCII characters,
    both sides of the result are strings.
    """
    if json.dumps(diff, ensure_ascii=False, default=str).isascii():
        return diff
    return {side: _as_text(state) for side, state in diff.items()}


def _as_text(state: t.Any) -> t.Any:
    """Convert one side of a diff to a string. The string is empty if the object does not exist."""
    if not isinstance(state, Mapping):
        return state
    if not state:
        return ""
    return json.dumps(state, ensure_ascii=False, indent=4, sort_keys=True, default=str) + "\n"


@functools.cache
def _exclude_inherited_objects() -> None:
    """Freeze all inherited objects once in each worker, so that the garbage collector ignores them.

    A large result triggers several garbage collections, which would otherwise visit all of Ansible's objects.
    """
    gc.freeze()


@functools.cache
def _is_enabled() -> bool:
    """Return whether in-process execution is enabled.

    The environment variable takes precedence over the configuration file. If both are unset or empty, it is enabled.
    """
    value = os.environ.get("HYBRID_CONNECTORS_IN_PROCESS")
    file = getattr(C, "CONFIG_FILE", None)
    if not value and file:
        # Ansible reads its configuration file in the same way.
        parser = configparser.ConfigParser(interpolation=None, strict=False, inline_comment_prefixes=(";",))
        parser.read(file, encoding="utf-8")
        value = parser.get("hybrid_connectors", "in_process", fallback=None)
    if not value:
        return True
    try:
        return bool(boolean(value))
    except TypeError:
        raise AnsibleError(
            f"'{value}' is not a boolean. Set the environment variable HYBRID_CONNECTORS_IN_PROCESS, or 'in_process' in"
            f" the section 'hybrid_connectors' of {file}, to true or false."
        ) from None


def _identity(python: str) -> tuple[str, str]:
    """Return the resolved directory and file of a Python interpreter. Virtual environments can share the same file."""
    return os.path.realpath(os.path.dirname(python)), os.path.realpath(python)


@contextlib.contextmanager
def _working_directory(path: str) -> t.Iterator[None]:
    """Temporarily change to the working directory of a local module process.

    As a result, relative paths have the same meaning as in a module process.
    """
    before = os.getcwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


def _plain(value: t.Any) -> t.Any:
    """Convert arguments to the plain types that a module process would receive as JSON."""
    return json.loads(json.dumps(value, default=_as_json))


def _as_json(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    is_lazy_list = isinstance(value, Sequence) and type(value).__name__.startswith("_AnsibleLazy")
    if is_lazy_list or isinstance(value, (set, frozenset)):
        return list(value)  # type: ignore[call-overload]
    return str(value)


@functools.cache
def _parent(_process: int) -> int:
    """Return the ID of the process that started this worker.

    The result is cached, because the operating system returns a different parent ID after that process has ended.
    """
    started_by = multiprocessing.parent_process()
    parent: int = getattr(started_by, "pid", os.getppid())
    return parent


def _is_awaited() -> bool:
    """Return whether Ansible is still running. Since ansible-core 2.19, workers keep running if Ansible is killed."""
    return os.getppid() == _parent(os.getpid())


@contextlib.contextmanager
def _ending_with_ansible() -> t.Iterator[None]:
    """Terminate this worker if Ansible is killed while the worker waits for a module process.

    The module process ends when its worker ends. Since ansible-core 2.19, a worker has its own process group, and this
    function kills the whole group.
    """
    ended = threading.Event()
    started_by = multiprocessing.parent_process()
    # The sentinel becomes ready when Ansible exits, unless another worker has inherited the pipe.
    sentinels = [started_by.sentinel] if started_by else []

    def monitor() -> None:
        _signals.block_in_this_thread()
        while not ended.is_set():
            multiprocessing.connection.wait(sentinels, PARENT_INTERVAL)
            if not _is_awaited():
                if os.getpgrp() == os.getpid():
                    os.killpg(os.getpid(), signal.SIGKILL)
                os._exit(1)

    threading.Thread(target=monitor, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _show(line: str) -> None:
    """Display a line on standard error while the task runs.

    Standard output is not suitable, because a callback can write JSON to it.
    """
    Display().display(f"hybrid.connectors: {line}", stderr=True)


def _session_for(settings: Settings) -> ApiSession:
    """Return the session for tasks with these settings. Close the least recently used ones above the limit.

    Only rejected credentials prevent requests in later items and retries of the task, as in separate processes.
    """
    session = _sessions.pop(settings, None) or ApiSession(settings, is_awaited=_is_awaited)
    if not isinstance(session.rejected, AccessDenied):
        session.rejected = None
    _sessions[settings] = session
    while len(_sessions) > MAX_SESSIONS:
        _sessions.pop(next(iter(_sessions))).close()
    return session
