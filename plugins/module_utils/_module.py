# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The edge: a specification and a function of plain parameters become an Ansible module.

Nothing behind this file knows Ansible, and no module catches an error: what is raised becomes a failure here.
"""

from __future__ import annotations

import dataclasses
import json
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError
from ansible_collections.hybrid.connectors.plugins.module_utils._http import REQUESTS_IMPORT_ERROR, Http, Link
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import connection_options, settings_from

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

Options = t.Mapping[str, t.Mapping[str, t.Any]]
Params = t.Mapping[str, t.Any]
Result = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Spec:
    """The options of a module beside the connection, with the rules between them, in one object that loses none."""

    system: str
    options: Options
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    required_one_of: tuple[tuple[str, ...], ...] = ()
    required_together: tuple[tuple[str, ...], ...] = ()
    required_by: t.Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    required_if: tuple[tuple[t.Any, ...], ...] = ()

    def arguments(self) -> dict[str, t.Any]:
        """What :class:`AnsibleModule` takes: the argument spec, connection options included, and the rules."""
        argument_spec: dict[str, dict[str, t.Any]] = {}
        for option in connection_options(self.system):
            entry: dict[str, t.Any] = {"type": option.type}
            if option.default is not None:
                entry["default"] = option.default
            if option.required:
                entry["required"] = True
            if option.secret:
                entry["no_log"] = True
            if option.env:
                entry["fallback"] = (env_fallback, [option.env])
            argument_spec[option.name] = entry
        argument_spec.update({name: dict(entry) for name, entry in self.options.items()})
        return {
            "argument_spec": argument_spec,
            "mutually_exclusive": self.mutually_exclusive,
            "required_one_of": self.required_one_of,
            "required_together": self.required_together,
            "required_by": self.required_by,
            "required_if": self.required_if,
            "supports_check_mode": True,
        }


@dataclasses.dataclass(frozen=True)
class Context:
    """What a function needs beside its parameters: the way to the system, whether it may write, and where warnings
    go.
    """

    http: Http
    check_mode: bool
    warn: t.Callable[[str], None]


Function = t.Callable[[Params, Context], Result]


def outcome(
    spec: Spec,
    function: Function,
    params: Params,
    check_mode: bool,
    warn: t.Callable[[str], None],
    link: Link | None = None,
) -> Result:
    """What a function gives for checked parameters, whichever door they came through; ``failed`` is in it if it failed.

    :param link: a connection that is kept from one task to the next.
    """
    try:
        settings = settings_from(spec.system, params, connections=params.get("max_parallel") or 1)
        return function(params, Context(Http(settings, warn, link), check_mode, warn))
    except ConnectorsError as error:
        return {"failed": True, "msg": error.message, **error.result}
    except Exception as error:  # the last resort: a defect of ours must not show a user's data
        return {
            "failed": True,
            "msg": f"An answer or option was met that hybrid.connectors cannot handle ({type(error).__name__})."
            " This is a defect; please report it with the output of -vvv.",
            "exception": traceback.format_exc(),
        }


class _Module(AnsibleModule):
    def add_path_info(self, kwargs: Result) -> Result:
        """Leave a result with a ``dest`` as it is: what is there is said by the module itself, in check mode too."""
        return kwargs


def run(spec: Spec, function: Function) -> None:
    """Run a function as the module process that Ansible started, and answer Ansible."""
    module = _Module(**spec.arguments())  # type: ignore[no-untyped-call]
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    result = outcome(spec, function, module.params, module.check_mode, module.warn)
    result, module.no_log_values = shown(spec, module.params, module.no_log_values, result)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def shown(spec: Spec, params: Params, secrets: t.Collection[str], result: Result) -> tuple[Result, set[str]]:
    """The result with the parameters of the task, and those of the secrets that really are somewhere in it.

    Secrets inside of a list are left out of the parameters by their names. Ansible would look for each secret in each
    value, which takes minutes where a list of thousands carries one or two per item; one look at the whole text shows
    which of them are there at all.
    """
    arguments = dict(params)
    for name, option in spec.options.items():
        inside = option.get("options")
        if inside and params.get(name):
            hidden = {inner for inner, suboption in inside.items() if suboption.get("no_log")}
            arguments[name] = [
                {inner: HIDDEN if inner in hidden and value else value for inner, value in item.items()}
                for item in params[name]
            ]
    complete = {**result, "invocation": {"module_args": arguments}}
    text = json.dumps(complete, default=str)
    return complete, {secret for secret in secrets if json.dumps(secret)[1:-1] in text}
