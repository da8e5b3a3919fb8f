# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Run a function as an Ansible module, and return its result without secrets.

No other code in the collection uses :class:`AnsibleModule`. Module functions take plain parameters and raise
exceptions, which this module converts to the results of failed tasks.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import traceback
import types
import typing as t
from collections.abc import Mapping

from ansible.module_utils.ansible_release import __version__
from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.common.validation import check_type_dict
from ansible.module_utils.errors import UnsupportedError

from . import _settings
from ._client import ApiClient, Show
from ._connection import read_on
from ._errors import ConnectorsError, Failure
from ._parent_process import ParentProcess
from ._redaction import Redaction
from ._session import REQUESTS_IMPORT_ERROR, ApiSession, Connect
from ._spec import Options, Params, Result, Spec
from ._unicode import has_surrogates, printable

__all__ = ["Options", "Params", "Result", "Spec"]

# Maximum length of a number in an option. Python cannot convert an int with more than 4300 digits to a string.
MAX_DIGITS = 400

# In ansible-core 2.19 and later, the traceback of a module is displayed only if this variable is set.
TRACEBACK_SHOWN_BY = "-vvv"
if tuple(map(int, __version__.split(".")[:2])) >= (2, 19):
    TRACEBACK_SHOWN_BY = "-vvv and the environment variable ANSIBLE_DISPLAY_TRACEBACK=error"

UNREADABLE = "Cannot read the options: one of them contains infinity, NaN or a number that is too large."


@dataclasses.dataclass(frozen=True)
class TaskContext:
    """The context in which a module function runs.

    :ivar check_mode: whether the function must not change anything.
    :ivar warn: emits a warning.
    :ivar connect: opens a session, or returns the session of an earlier task with the same settings.
    :ivar show: displays a message during the run, if that is possible.
    :ivar learn: registers the secrets in additional parameters, for example those in a file.
    :ivar redact: returns a value without secrets, for use in a document.
    """

    check_mode: bool
    warn: t.Callable[[str], None]
    connect: Connect
    show: Show
    learn: t.Callable[[Params], None]
    redact: t.Callable[[t.Any], t.Any]


@dataclasses.dataclass(frozen=True)
class Context(TaskContext):
    """The context in which a module function runs if the module connects to a single system."""

    http: ApiClient


Function = t.Callable[[Params, Context], Result]


def outcome(spec: Spec, function: Function, params: Params, task: TaskContext, given: Params) -> Result:
    """Call a module function and return its result. If the function fails, the result contains ``failed``.

    No request is sent after the function has ended, even if a task timeout or Ctrl+C ends the function.

    :param params: the validated parameters.
    :param given: the parameters that the user set, without defaults.
    """
    try:
        return _called(spec, function, params, task, given)
    except ConnectorsError as error:
        failure = error.result.get("failure", no_request_failed(spec.system, error.reason))
        failure = {name: printable(value) for name, value in failure.items()}
        return {"failed": True, "msg": printable(error.message), **error.result, "failure": failure}
    except Exception as error:  # the message about a bug in the collection must not contain user data
        message = (
            f"Cannot process a response or an option ({type(error).__name__}). This is a bug in hybrid.connectors."
            f" Report the bug with the output of {TRACEBACK_SHOWN_BY}."
        )
        failure = no_request_failed(spec.system, "invalid_response")
        return {"failed": True, "msg": message, "exception": traceback.format_exc(), "failure": failure}


def _called(spec: Spec, function: Function, params: Params, task: TaskContext, given: Params) -> Result:
    """Call a module function. If the module has connection options, pass a client to the function."""
    warn = task.warn
    task = dataclasses.replace(task, warn=lambda text: warn(printable(text)))
    if spec.connection is None:
        return t.cast("t.Callable[[Params, TaskContext], Result]", function)(params, task)
    settings = _settings.settings_from(spec.connection, params, params.get("max_parallel"), given)
    with ApiClient(settings, task.warn, task.connect(settings), show=task.show, learn=task.learn) as http:
        return function(params, Context(**vars(task), http=http))


def no_request_failed(system: str | None, reason: str) -> Result:
    """Return the ``failure`` value for an error that was not caused by a request."""
    return dataclasses.asdict(Failure(system, reason=reason))


def check_arguments(rules: Params, arguments: Params, name: str, redaction: Redaction) -> tuple[Params, str | None]:
    """Validate arguments in the same way that Ansible validates them for a module process.

    :param rules: the result of :meth:`Spec.arguments`.
    :param name: the name of the module, for messages.
    :param redaction: receives the secrets in the parameters.
    :return: the parameters, with defaults if the arguments can be read, and an error message if they are invalid. The
        message is not redacted.
    """
    options = rules["argument_spec"]
    complaint = malformed(options, arguments)
    if complaint:
        return arguments, complaint
    arguments = without_nulls(options, arguments)
    try:
        rules = {name: rule for name, rule in rules.items() if name != "supports_check_mode"}
        checked = ArgumentSpecValidator(**rules).validate(arguments)
    except (TypeError, ValueError, OverflowError):  # a value is infinity or not a dictionary
        return arguments, UNREADABLE
    params: Params = checked.validated_parameters
    redaction.learn_parameters(params, checked._no_log_values)
    if not checked.errors.errors:
        return params, None
    message = with_remedy(options, checked.errors.msg)
    if isinstance(checked.errors[0], UnsupportedError):
        message = f"Unsupported parameters for ({name}) module: {message}"
    return params, message


class _Module(AnsibleModule):
    """An Ansible module whose results, warnings, log lines and error messages contain no secrets."""

    def __init__(self, spec: Spec) -> None:
        arguments = spec.arguments()
        self.redaction = Redaction(arguments["argument_spec"], documents=spec.documents, plain=spec.plain)
        self.system = spec.system
        self.complaint: str | None = None
        try:
            super().__init__(**arguments)  # type: ignore[no-untyped-call]
        except (TypeError, ValueError, OverflowError):  # a value is infinity or not a dictionary
            self.complaint = self.complaint or UNREADABLE
        if self.complaint:
            self.fail_json(self.complaint)

    def _load_params(self) -> None:
        """Register the secrets when the parameters are loaded, because the constructor already logs them."""
        super()._load_params()  # type: ignore[no-untyped-call]
        self.redaction.learn_parameters(self.params)
        self.complaint = malformed(self.argument_spec, self.params)
        self.given = {name: value for name, value in self.params.items() if not name.startswith("_ansible_")}
        self.params = without_nulls(self.argument_spec, self.params)

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail the task. Ansible calls this method if the parameters are invalid."""
        if "invocation" not in kwargs:
            if self.complaint:
                self.params = self.given
            failure = no_request_failed(self.system, "invalid_option")
            message = self.complaint or with_remedy(self.argument_spec, msg)
            kwargs = self.shown({"failure": failure, **kwargs, "msg": message})
            msg = kwargs.pop("msg")
        super().fail_json(msg, **kwargs)
        raise AssertionError("fail_json has returned.")

    def shown(self, result: Result) -> Result:
        """Return the result without secrets. Disable the masking by Ansible, which would also mask names."""
        self.redaction.learn_parameters(self.params, self.no_log_values)
        self.no_log_values = set()
        return self.redaction.result(result, self.params)

    def warn(self, warning: str, **more: t.Any) -> None:
        """Emit a one-line warning without secrets. Ansible also calls this method."""
        super().warn(self.redaction.line(warning), **more)

    def log(self, msg: str | bytes, log_args: Params = types.MappingProxyType({})) -> None:
        """Write a message without secrets to the system log. Ansible calls this method to log the parameters."""
        text = to_text(msg, errors="replace")
        logged = {name: value for name, value in log_args.items() if name not in self.redaction.documents}
        shown = {name: self.redaction.text(str(value)) for name, value in logged.items()}
        super().log(self.redaction.text(text), shown)  # type: ignore[no-untyped-call]

    def deprecate(self, msg: str, *args: t.Any, **more: t.Any) -> None:
        """Emit a one-line deprecation warning without secrets."""
        # The caller passes the name of the collection in ``more``.
        super().deprecate(self.redaction.line(msg), *args, **more)  # pylint: disable=ansible-deprecated-no-collection-name

    def add_path_info(self, kwargs: Result) -> Result:
        """Return the result unchanged, because the module itself returns the properties of ``dest``."""
        return kwargs


def run(spec: Spec, function: Function) -> None:
    """Run a function in the module process that Ansible started, and return its result to Ansible."""
    module = _Module(spec)
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    connect = functools.partial(ApiSession, is_awaited=ParentProcess().awaits_result)
    redaction = module.redaction
    task = TaskContext(
        module.check_mode, module.warn, connect, lambda text: None, redaction.learn_parameters, redaction.data
    )
    result = module.shown(outcome(spec, function, module.params, task, module.given))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def with_remedy(options: Options, complaint: str) -> str:
    """Add a remedy to Ansible's error message about missing options.

    The remedy contains the option that must contain the missing options, or the environment variables that set them.

    :param options: the argument spec. The ``fallback`` of its entries contains the environment variables.
    """
    alternatives = re.match(r"one of the following is required: (\w+).* found in (\w+)$", complaint)
    if alternatives:
        return f"{complaint}. Set one of these options in '{alternatives[2]}', for example '{alternatives[1]}'."
    missing = re.match(r"missing required arguments: (.*?)(?: found in (\w+))?$", complaint)
    if not missing:
        return complaint
    variables = []
    inside = options.get(missing[2], {}).get("options", options)
    for name in missing[1].split(", "):
        _strategy, names = inside.get(name, {}).get("fallback", (None, []))
        variables += names
    if not variables:
        return complaint
    where = f" in '{missing[2]}'" if missing[2] else ""
    return f"{complaint}. Set these options{where}, or the environment variables {', '.join(variables)} {read_on()}."


def without_nulls(options: Options, arguments: Params) -> dict[str, t.Any]:
    """Remove options and suboptions that are null, so that Ansible replaces them with their defaults.

    A dictionary without suboptions is not changed, because null can be a value in it.
    """
    result = dict(arguments)
    for name, option in options.items():
        for key in filter(result.__contains__, (name, *option.get("aliases", ()))):
            if result[key] is None:
                del result[key]
            elif option.get("options"):
                result[key] = _without_null_suboptions(option["options"], result[key])
    return result


def _without_null_suboptions(options: Options, value: t.Any) -> t.Any:
    if isinstance(value, Mapping):
        return without_nulls(options, value)
    if isinstance(value, list):
        return [_without_null_suboptions(options, item) for item in value]
    return value


def malformed(options: Options, arguments: Params) -> str | None:
    """Return an error message if an argument must not be passed to Ansible, or None if all arguments are acceptable.

    If a list item is not a dictionary, Ansible's error message contains the item, which can be a secret. Ansible
    cannot handle lone surrogates or long numbers, and accepts null for a required option.
    """
    for name in filter(arguments.__contains__, options):
        complaint = _malformed_value(name, options[name], arguments[name])
        if complaint:
            return complaint
    return None


def _malformed_value(name: str, option: Params, value: t.Any) -> str | None:
    if value is None:
        return f"Option '{name}' is required and must not be null." if option.get("required") else None
    # File names can contain any bytes. Python represents bytes that are not UTF-8 as lone surrogates.
    if option.get("type") != "path" and has_surrogates(value):
        return f"Option '{name}' contains an invalid Unicode character (lone surrogate)."
    if option.get("type") in ("int", "float") and isinstance(value, str) and len(value) > MAX_DIGITS:
        return f"Option '{name}' is not a number, or has more than {MAX_DIGITS} digits."
    if not option.get("options"):
        return None
    return _malformed_suboptions(name, option, value)


def _malformed_suboptions(name: str, option: Params, value: t.Any) -> str | None:
    """Check an option that is a dictionary or a list of dictionaries, and return an error message or None."""
    expected, items = f"Option '{name}' must be a dictionary", [value]
    if option.get("type") == "list":
        expected = f"Option '{name}' must be a list of dictionaries"
        if isinstance(value, list):
            expected, items = f"Item {{}} of option '{name}' must be a dictionary", value
    for number, item in enumerate(items, 1):
        try:
            suboptions = check_type_dict(item)
        except (TypeError, ValueError):
            return f"{expected.format(number)}, not a value of type {type(item).__name__}."
        complaint = malformed(option["options"], suboptions)
        if complaint:
            return complaint
    return None
