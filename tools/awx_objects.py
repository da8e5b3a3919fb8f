# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role awx_setup gives to AWX and what follows from other files: credential types and surveys.

Credential types come from the connection options, surveys from the argument specs of the roles and playbooks.
"""

from __future__ import annotations

import importlib
import re
import typing as t

import yaml
from environment import ROOT

from ansible_collections.hybrid.connectors.plugins.module_utils import _module, _settings

Question = dict[str, t.Any]

# Which argument spec a playbook reads, and which module its variables end up in.
ROLES = {
    "apono_tidy": ("apono_connectors", "main", "apono_connectors"),
    "fleet_report": ("fleet_report", "main", None),
    "voss_tokens": ("voss_spark_customers", "tokens", "voss_spark_customer"),
}
PLAYBOOKS = {"voss_onboard": "voss_spark_customer", "voss_offboard": "voss_spark_customer"}

# Of these a form cannot ask: AWX has no question for a dictionary or a list of one's own, and credentials are not
# asked for at all. They can be extra variables of the job template.
UNASKED_TYPES = ("dict",)
UNASKED = re.compile(r"_connection$|^fleet_report_(apono|hdp|voss|webex)$|_slice_(count|number)$|_hosts$")

# What no documentation of a role or module says.
SAID = {
    "voss_offboard_hierarchy": "The node at which and below which the customers are, as a dotted path or a pkid.",
    "voss_offboard_names": "The names of the customers that are to go, one in each line.",
    "voss_offboard_backup_directory": "An existing directory that outlasts the job, in which they are saved first.",
    "voss_offboard_limit": "The most that may be deleted. If there are more, nothing is changed.",
    "voss_offboard_wait_timeout": "For how many seconds one deletion is waited for.",
    "voss_onboard_hierarchy": "The node of the customer; with a table, the scope, as a dotted path or a pkid.",
    "voss_onboard_name": "The name of the one customer.",
    "voss_onboard_csv": "Or a table of customers in the project.",
    "fleet_report_systems": "The systems to read.",
    "fleet_report_json": "The file for the report as JSON. Without it, none is written. Its directory has to be there.",
    "fleet_report_prom": "The file for the metrics. Without it, none is written. Its directory has to be there.",
    "voss_onboard_sync": "What is synchronised with Webex for those who were changed.",
}
DEFAULTS: dict[str, t.Any] = {
    "voss_offboard_limit": 5,
    "voss_offboard_wait_timeout": 600,
    "voss_onboard_wait_timeout": 600,
}
LINES = ("voss_offboard_names",)


class Unsafe(str):
    """A text that Ansible must not take for a template."""


def _module_options(name: str | None) -> dict[str, t.Any]:
    if name is None:
        return {}
    text = importlib.import_module(f"{_module.MODULES}.{name}").DOCUMENTATION
    options: dict[str, t.Any] = yaml.safe_load(text)["options"]
    return options


def plain(description: t.Any) -> str:
    """The first sentence of a description, without Ansible's markup."""
    text = description if isinstance(description, str) else str(description[0])
    text = re.sub(r"\b[A-Z]{1,3}\(((?:hybrid\.connectors\.)?([^)]*))\)", r"\2", text)
    return " ".join(text.split())


def credential_type(system: str) -> dict[str, t.Any]:
    """The credential type of a system: its own connection options that have an environment variable."""
    definition = _settings.SYSTEMS[system]
    options = [option for option in definition.options if option.env]
    fields: list[dict[str, t.Any]] = []
    injected: dict[str, str] = {}
    for option in options:
        label = option.name.replace("_", " ").capitalize().replace("Api", "API").replace("url", "address")
        field: dict[str, t.Any] = {"id": option.name, "type": "string", "label": label}
        field["help_text"] = plain(option.description)
        if option.secret:
            field["secret"] = True
        if option.name == "api_url":
            field["format"] = "url"
        value = option.name
        if option.default is not None:
            field["default"] = option.default
            value = f"{option.name} | default('{option.default}', true)"
        fields.append(field)
        assert option.env
        injected[option.env] = Unsafe(f"{{{{ {value} }}}}")
    return {
        "name": f"{definition.title} (hybrid.connectors)",
        "description": f"Access to {definition.title} for the modules of hybrid.connectors",
        "kind": "cloud",
        "inputs": {"fields": fields, "required": [option.name for option in options if option.required]},
        "injectors": {"env": injected},
    }


def _question(
    variable: str, spec: t.Mapping[str, t.Any], short: str, documented: t.Mapping[str, t.Any]
) -> Question | None:
    if UNASKED.search(variable) or spec["type"] in UNASKED_TYPES:
        return None
    kind = {"int": "integer", "float": "float", "bool": "multiplechoice"}.get(spec["type"], "text")
    choices = spec.get("choices") or documented.get("choices")
    if spec["type"] == "list":
        if variable not in LINES and not choices:
            return None
        kind = "textarea" if variable in LINES else "multiselect"
    elif choices:
        kind = "multiplechoice"
    elif spec.get("no_log"):
        kind = "password"
    question: Question = {
        "question_name": short.replace("_", " ").capitalize(),
        "question_description": plain(SAID.get(variable) or spec.get("description") or documented["description"]),
        "variable": variable,
        "type": kind,
        "required": bool(spec.get("required", False)),
    }
    if kind in ("text", "password", "textarea"):
        question |= {"min": 0, "max": 65536 if kind == "textarea" else 1024}
    elif kind in ("integer", "float"):
        question["min"] = 0
    if spec["type"] == "bool":
        choices = ["true", "false"]
    if choices:
        question["choices"] = list(choices)
    default = spec.get("default", DEFAULTS.get(variable, documented.get("default")))
    if default is not None and default != []:
        if spec["type"] == "bool":
            default = str(bool(default)).lower()
        elif kind == "multiselect":
            default = "\n".join(default)
        question["default"] = default
    return question


def _spec_of_playbook(playbook: str) -> dict[str, t.Any]:
    (play,) = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8"))
    (spec,) = (
        task["ansible.builtin.validate_argument_spec"]["argument_spec"]
        for task in play["tasks"]
        if "ansible.builtin.validate_argument_spec" in task
    )
    return dict(spec)


def spec_of(playbook: str) -> dict[str, t.Any]:
    """The variables that a playbook reads, as its role or it itself declares them."""
    if playbook in PLAYBOOKS:
        return _spec_of_playbook(playbook)
    role, entry_point, _module_name = ROLES[playbook]
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options: dict[str, t.Any] = yaml.safe_load(text)["argument_specs"][entry_point]["options"]
    return options


def survey(playbook: str) -> dict[str, t.Any]:
    """The survey of a playbook's job template."""
    prefix = playbook if playbook in PLAYBOOKS else ROLES[playbook][0]
    documented = _module_options(PLAYBOOKS[playbook] if playbook in PLAYBOOKS else ROLES[playbook][2])
    questions = []
    for variable, spec in spec_of(playbook).items():
        short = variable.removeprefix(f"{prefix}_")
        question = _question(variable, spec, short, documented.get(short, {}))
        if question:
            questions.append(question)
    return {"name": playbook, "description": f"Variables of hybrid.connectors.{playbook}", "spec": questions}


def credential_types() -> dict[str, t.Any]:
    """All credential types, by system."""
    return {"__awx_setup_credential_types": {system: credential_type(system) for system in _settings.SYSTEMS}}


def surveys() -> dict[str, t.Any]:
    """All surveys, by playbook."""
    return {"__awx_setup_surveys": {playbook: survey(playbook) for playbook in sorted([*ROLES, *PLAYBOOKS])}}
