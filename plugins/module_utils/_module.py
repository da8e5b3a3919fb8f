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
from ansible_collections.hybrid.connectors.plugins.module_utils._http import REQUESTS_IMPORT_ERROR, Http
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


def run(spec: Spec, function: Function) -> None:
    """Run a function as the module process that Ansible started, and answer Ansible."""
    module = AnsibleModule(**spec.arguments())
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    try:
        settings = settings_from(spec.system, module.params, connections=module.params.get("max_parallel") or 1)
        http = Http(settings, module.warn)
        result = function(module.params, Context(http, module.check_mode, module.warn))
    except ConnectorsError as error:
        module.fail_json(msg=error.message, **_lighten(module, spec, error.result))
    except Exception as error:  # the last resort: a defect of ours must not show a user's data
        module.fail_json(
            msg=f"An answer or option was met that hybrid.connectors cannot handle ({type(error).__name__})."
            " This is a defect; please report it with the output of -vvv.",
            exception=traceback.format_exc(),
        )
    module.exit_json(**_lighten(module, spec, result))


def _nested_secrets(options: Options, values: t.Any) -> t.Iterator[str]:
    """The secrets inside of lists of dictionaries."""
    for name, option in options.items():
        for item in (values.get(name) or ()) if option.get("options") else ():
            for inner, suboption in option["options"].items():
                if suboption.get("no_log") and item.get(inner):
                    yield str(item[inner])


def _without_nested_secrets(options: Options, values: Params) -> Result:
    """The parameters as they are shown, with the secrets inside of lists of dictionaries left out by their names."""
    shown = dict(values)
    for name, option in options.items():
        if option.get("options") and values.get(name):
            secret = {inner for inner, suboption in option["options"].items() if suboption.get("no_log")}
            shown[name] = [
                {inner: HIDDEN if inner in secret and value else value for inner, value in item.items()}
                for item in values[name]
            ]
    return shown


def _lighten(module: AnsibleModule, spec: Spec, result: Result) -> Result:
    """Spare Ansible the search for thousands of secrets in thousands of values, if none of them is there.

    A list whose items carry secrets makes Ansible look for each of them in each value, which takes minutes. Here they
    are left out by name, and one look at the whole text shows whether any of them is there all the same.
    """
    secrets = set(_nested_secrets(spec.options, module.params))
    if not secrets:
        return result
    light = {**result, "invocation": {"module_args": _without_nested_secrets(spec.options, module.params)}}
    text = json.dumps(light, default=str)
    if not any(json.dumps(secret)[1:-1] in text for secret in secrets):
        module.no_log_values -= secrets - {
            str(module.params[option.name]) for option in connection_options(spec.system) if option.secret
        }
    return light
