# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The edge: a specification and a function of plain parameters become an Ansible module.

Nothing behind this file knows Ansible, and no module catches an error: what is raised becomes a failure here.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import re
import traceback
import typing as t

from ansible.module_utils.ansible_release import __version__
from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict
from ansible.module_utils.errors import UnsupportedError

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError, Failure
from ansible_collections.hybrid.connectors.plugins.module_utils._parent_process import ParentProcess
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import Redaction
from ansible_collections.hybrid.connectors.plugins.module_utils._session import REQUESTS_IMPORT_ERROR, ApiSession
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import (
    Settings,
    read_on,
    settings_from,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._spec import Options, Params, Result, Spec
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import has_surrogates, printable

__all__ = ["Options", "Params", "Result", "Spec"]

MODULES = "ansible_collections.hybrid.connectors.plugins.modules"

MAX_DIGITS = 400  # more than any float has; Python does not write out an int of more than 4300

# ansible-core 2.19 and later do not show the traceback of a module by themselves, whatever the verbosity.
TRACEBACK_SHOWN_BY = "-vvv"
if tuple(map(int, __version__.split(".")[:2])) >= (2, 19):
    TRACEBACK_SHOWN_BY = "-vvv and the environment variable ANSIBLE_DISPLAY_TRACEBACK=error"

UNREADABLE = "The options cannot be read: there is a number in them that is too large, or none."


@dataclasses.dataclass(frozen=True)
class TaskContext:
    """What every function needs beside its parameters: whether it may write, where warnings go, and how it connects."""

    check_mode: bool
    warn: t.Callable[[str], None]
    connect: t.Callable[[Settings], ApiSession]
    show: t.Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Context(TaskContext):
    """The context of a function of a module for one system."""

    http: ApiClient


Function = t.Callable[[Params, Context], Result]


def module_called(name: str) -> tuple[Spec, Function]:
    """The specification and the function of a module of this collection, by its name."""
    module = importlib.import_module(f"{MODULES}.{name}")
    return module.SPEC, getattr(module, name)


def outcome(
    spec: Spec,
    function: Function,
    params: Params,
    check_mode: bool,
    warn: t.Callable[[str], None],
    connect: t.Callable[[Settings], ApiSession] = ApiSession,
    given: Params | None = None,
    show: t.Callable[[str], None] = lambda text: None,
) -> Result:
    """What a function gives for checked parameters, whichever door they came through; ``failed`` is in it if it failed.

    Whatever ends the function, nothing is sent afterwards: an exception of Ansible's task timeout or of Ctrl+C leaves
    it, too.

    :param connect: opens a session, or returns one that is kept from one task to the next.
    :param given: the parameters that the user set, without defaults; by default ``params``.
    :param show: displays a message during the run, where that is possible.
    """

    def warn_printably(text: str) -> None:
        warn(printable(text))

    task = TaskContext(check_mode, warn_printably, connect, show)
    try:
        return _called(spec, function, params, task, given)
    except ConnectorsError as error:
        result = {"failed": True, "msg": printable(error.message), **error.result}
        failure = error.result.get("failure") or no_request_failed(spec.system, error.reason)
        result["failure"] = {name: printable(value) for name, value in failure.items()}
        return result
    except Exception as error:  # the last resort: a defect of ours must not show a user's data
        return {"failed": True, "msg": defect(error), "exception": traceback.format_exc()}


def _called(spec: Spec, function: Function, params: Params, task: TaskContext, given: Params | None) -> Result:
    """Call the function of a module, with a connection to its system if it has one."""
    if spec.connection is None:
        return t.cast("t.Callable[[Params, TaskContext], Result]", function)(params, task)
    settings = settings_from(spec.connection, params, max(1, params.get("max_parallel") or 1), given)
    with ApiClient(settings, task.warn, task.connect(settings), show=task.show) as http:
        return function(params, Context(task.check_mode, task.warn, task.connect, task.show, http))


def defect(error: Exception) -> str:
    """Return the message about an exception that is a defect of this collection. It shows no data."""
    return (
        f"An answer or option was met that hybrid.connectors cannot handle ({type(error).__name__})."
        f" This is a defect; please report it with the output of {TRACEBACK_SHOWN_BY}."
    )


def no_request_failed(system: str | None, reason: str) -> Result:
    """Return the structured part of a failure that no request caused."""
    return dataclasses.asdict(Failure(system, None, None, reason=reason))


def _invalid_option(system: str | None, message: str) -> Result:
    return {"failed": True, "msg": message, "failure": no_request_failed(system, "invalid_option")}


def execute(
    spec: Spec,
    function: Function,
    arguments: Params,
    name: str,
    check_mode: bool,
    connect: t.Callable[[Settings], ApiSession] = ApiSession,
    show: t.Callable[[str], None] | None = None,
) -> Result:
    """What a module process would answer: the arguments are checked, the function runs, and no secret is in the result.

    :param arguments: of plain types, as they are written.
    :param connect: opens a session, or returns one that is kept from one task to the next.
    :param show: displays a line during the run, where that is possible. No secret is in it.
    """
    rules = spec.arguments()
    redaction = Redaction(rules["argument_spec"], arguments)
    warnings: list[str] = []
    params, complaint = check_arguments(rules, arguments, name, redaction)
    if complaint:
        result = _invalid_option(spec.system, complaint)
    else:

        def show_safely(text: str) -> None:
            if show is not None:
                show(redaction.line(text))

        result = outcome(spec, function, params, check_mode, warnings.append, connect, arguments, show_safely)
    if warnings:
        result["warnings"] = list(dict.fromkeys(warnings))
    return redaction.result(result, params)


def check_arguments(
    rules: t.Mapping[str, t.Any], arguments: Params, name: str, redaction: Redaction
) -> tuple[Params, str | None]:
    """Check arguments as Ansible does for a module process.

    :param rules: what :meth:`Spec.arguments` returns.
    :param name: of the module, for messages.
    :param redaction: learns the secrets among the parameters.
    :return: the parameters, with defaults as far as the arguments can be read, and what is wrong with them. The message
        is not redacted.
    """
    options = rules["argument_spec"]
    complaint = malformed(options, arguments)
    if complaint:
        return arguments, complaint
    arguments = without_nulls(options, arguments)
    try:
        of_validator = {key: rule for key, rule in rules.items() if key != "supports_check_mode"}
        checked = ArgumentSpecValidator(**of_validator).validate(arguments)
    except (ValueError, OverflowError):  # at a number without end, and in 2.16 at a text that is no dictionary
        return arguments, UNREADABLE
    params: Params = checked.validated_parameters
    redaction.learn_parameters(params, checked._no_log_values)
    if not checked.errors.errors:
        return params, None
    message = with_environment(options, checked.errors.msg)
    if isinstance(checked.errors[0], UnsupportedError):
        message = f"Unsupported parameters for ({name}) module: {message}"
    return params, message


class _Module(AnsibleModule):
    """The module that Ansible knows. Whatever it says, what it says of its own parameters included, holds no secret."""

    def __init__(self, spec: Spec) -> None:
        arguments = spec.arguments()
        self.redaction = Redaction(arguments["argument_spec"])
        self.system = spec.system
        self.complaint: str | None = None
        try:
            super().__init__(**arguments)  # type: ignore[no-untyped-call]
            if not self.complaint:
                return
        except (ValueError, OverflowError):  # at a number without end, and in 2.16 at a text that is no dictionary
            self.complaint = self.complaint or UNREADABLE
        self.fail_json(self.complaint)

    def _load_params(self) -> None:
        """Know the secrets from the start: Ansible writes to the log and complains before it returns to us."""
        super()._load_params()  # type: ignore[no-untyped-call]
        self.redaction.learn_parameters(self.params)
        self.complaint = malformed(self.argument_spec, self.params)
        self.given = {name: value for name, value in self.params.items() if not name.startswith("_ansible_")}
        self.params = without_nulls(self.argument_spec, self.params)

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail, also where Ansible itself finds fault with the parameters."""
        if "invocation" not in kwargs:
            self.params = self.given if self.complaint else self.params
            failure = no_request_failed(self.system, "invalid_option")
            message = self.complaint or with_environment(self.argument_spec, msg)
            kwargs = self.shown({"failure": failure, **kwargs, "msg": message})
            msg = kwargs.pop("msg")
        super().fail_json(msg, **kwargs)
        raise AssertionError("fail_json has returned.")

    def shown(self, result: Result) -> Result:
        """Return the result without secrets. Ansible itself has none left to look for: it would mask names, too."""
        self.redaction.learn_parameters(self.params, self.no_log_values)
        self.no_log_values = set()
        return self.redaction.result(result, self.params)

    def warn(self, warning: str, **more: t.Any) -> None:
        """Warn, without any secret, in one line. Ansible warns through this method, too."""
        super().warn(self.redaction.line(warning), **more)

    def log(self, msg: str | bytes, log_args: Params | None = None) -> None:
        """Write to the system log, without any secret. Ansible writes the parameters to it."""
        text = msg.decode("utf-8", "replace") if isinstance(msg, bytes) else msg
        shown = {name: self.redaction.text(str(value)) for name, value in (log_args or {}).items()}
        super().log(self.redaction.text(text), shown)  # type: ignore[no-untyped-call]

    def deprecate(self, msg: str, *args: t.Any, **more: t.Any) -> None:
        """Warn of what is deprecated in the same way."""
        # The caller names the collection, in the arguments that are passed on.
        super().deprecate(self.redaction.line(msg), *args, **more)  # pylint: disable=ansible-deprecated-no-collection-name

    def add_path_info(self, kwargs: Result) -> Result:
        """Leave a result with a ``dest`` as it is: what is there is said by the module itself, in check mode too."""
        return kwargs


def run(spec: Spec, function: Function) -> None:
    """Run a function as the module process that Ansible started, and answer Ansible."""
    module = _Module(spec)
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    connect = functools.partial(ApiSession, is_awaited=ParentProcess().awaits_result)
    result = module.shown(outcome(spec, function, module.params, module.check_mode, module.warn, connect, module.given))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def with_environment(options: Options, complaint: str) -> str:
    """Return an error message of Ansible. If it names missing options, add the environment variables that can set them.

    :param options: the argument spec, whose entries have the variables as their fallback.
    """
    missing = re.match(r"missing required arguments: (.*?)(?: found in (\w+))?$", complaint)
    if not missing:
        return complaint
    inside = options.get(missing[2] or "", {}).get("options") or {}
    variables = []
    for name in missing[1].split(", "):
        _strategy, names = (inside or options).get(name, {}).get("fallback", (None, []))
        variables += names
    if not variables:
        return complaint
    return f"{complaint}. The environment can have it as well: {', '.join(variables)}, {read_on()}"


def without_nulls(options: Options, arguments: Params) -> dict[str, t.Any]:
    """The arguments without options that are null. For Ansible these are given, so that no default takes effect."""
    return {name: value for name, value in arguments.items() if value is not None or name not in options}


def malformed(options: Options, arguments: Params) -> str | None:
    """What is to be said of an item of a list that is no dictionary, which Ansible's own words would show, of half a
    character, for which Ansible has none, of a number that is longer than Python writes out, and of null where a value
    is required, which Ansible takes for one. Names of files may be anything.
    """
    for name, option in options.items():
        given = arguments.get(name)
        if option.get("required") and name in arguments and given is None:
            return f"The option '{name}' is required, and has no value."
        if option.get("type") != "path" and has_surrogates(given):
            return f"The option '{name}' holds what is no character."
        if option.get("type") in ("int", "float") and isinstance(given, str) and len(given) > MAX_DIGITS:
            return f"The option '{name}' holds a number that is too large, or none."
        complaint = _malformed_inside(name, option, given)
        if complaint:
            return complaint
    return None


def _malformed_inside(name: str, option: t.Mapping[str, t.Any], given: t.Any) -> str | None:
    """Return what is wrong with the value of an option that takes a dictionary, or a list of them."""
    if not option.get("options") or given is None:
        return None
    takes = "a list of dictionaries" if option.get("type") == "list" else "a dictionary"
    for number, item in enumerate(given if isinstance(given, list) else [given], 1):
        if not _is_dictionary(item):
            which = f"Item {number}" if option.get("type") == "list" else "The value"
            return (
                f"The option '{name}' takes {takes}. {which} cannot be read as one;"
                f" it is of the type {type(item).__name__}."
            )
        if isinstance(item, dict) and (complaint := malformed(option["options"], item)):
            return complaint
    return None


def _is_dictionary(value: object) -> bool:
    try:
        check_type_dict(value)
    except (TypeError, ValueError):
        return False
    return True
