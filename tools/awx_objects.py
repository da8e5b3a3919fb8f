# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the credential types and surveys for the role awx_setup.

Credential types are generated from the connection options, and surveys from the argument specs of roles and playbooks.
"""

from __future__ import annotations

import importlib
import re
import typing as t

import registry
import yaml
from registry import ROOT

from ansible_collections.hybrid.connectors.plugins.module_utils._connection import Option
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _in_process

Question = dict[str, t.Any]

# For each playbook: the role and the entry point that document its variables, and the module that uses the variables.
ROLES = {
    "apono_tidy": ("apono_connectors", "main", "apono_connectors"),
    "fleet_report": ("fleet_report", "main", None),
    "voss_tokens": ("voss_spark_customers", "tokens", "voss_spark_customer"),
}
PLAYBOOKS = {
    "apono_replace_connector": "apono_connector",
    "voss_onboard": "voss_spark_customer",
    "voss_offboard": "voss_spark_customer",
}

# AWX surveys do not support dictionaries or lists of arbitrary values, and must not contain credentials.
# Users can set these variables in the extra variables of the job template.
UNASKED_TYPES = ("dict",)
UNASKED = re.compile(rf"_connection$|^fleet_report_({'|'.join(PROVIDERS)})$|_slice_(count|number)$|_hosts$")

LINES = ("voss_offboard_names",)
WORDS = {"prom": "Prometheus", "src": "File"}
ABBREVIATION = re.compile(r"(?<![\w./:])(api|ca|csv|html|https?|id|json|pem|tls|url)(?![\w/]|:/)", re.IGNORECASE)
MARKUP = re.compile(r"\b(RV|[BCEILMOPRUV])\(((?:\\.|[^)\\])*)\)")
# For each connection option whose value is the path of a file: the field with the content of this file.
FILE_FIELDS: dict[str, dict[str, t.Any]] = {
    "ca_path": {
        "id": "ca_certificate",
        "type": "string",
        "label": "CA certificate",
        "help_text": "PEM certificates of the authorities to trust for this server instead of those of the execution"
        " environment. Leave it empty if the certificate of the server is publicly trusted.",
        "multiline": True,
    },
    "client_cert": {
        "id": "client_certificate",
        "type": "string",
        "label": "Client certificate",
        "help_text": "PEM client certificate, if the server requires one. Do not add the private key to this field,"
        " because AWX does not encrypt the field.",
        "multiline": True,
    },
    "client_key": {
        "id": "client_key",
        "type": "string",
        "label": "Client key",
        "help_text": "Private key of the client certificate in PEM format.",
        "secret": True,
        "multiline": True,
    },
}
KEY_PASSWORD = "client_key_password"


class Unsafe(str):
    """A string that Ansible must not evaluate as a template."""


def _module_options(name: str | None) -> dict[str, t.Any]:
    if name is None:
        return {}
    text = importlib.import_module(f"{_in_process.MODULES}.{name}").DOCUMENTATION
    options: dict[str, t.Any] = yaml.safe_load(text)["options"]
    return options


def _unmarked(match: re.Match[str]) -> str:
    text = re.sub(r"\\(.)", r"\1", match[2])
    if match[1] in ("O", "RV"):
        text = text.rpartition("#")[2].rpartition(":")[2]  # collection.plugin#type:option
    return text.removeprefix("hybrid.connectors.")


def _capitals(text: str) -> str:
    return ABBREVIATION.sub(lambda match: match[0].upper(), text)


def plain(description: t.Any) -> str:
    """Return the first paragraph of a description without Ansible markup."""
    text = description if isinstance(description, str) else str(description[0])
    return _capitals(" ".join(MARKUP.sub(_unmarked, text).split()))


def title(name: str) -> str:
    """Convert an option or variable name to a form field label."""
    words = [WORDS.get(word, word) for word in name.split("_")]
    text = " ".join(words)
    return _capitals(text[0].upper() + text[1:])


def _field(system: str, option: Option) -> dict[str, t.Any]:
    """Return the field for a connection option."""
    field: dict[str, t.Any] = {"id": option.name, "type": "string", "label": title(option.name)}
    field["help_text"] = plain(registry.descriptions(system)[option.name])
    if option.secret:
        field["secret"] = True
    if option.name == "api_url":
        field |= {"label": "API address", "format": "url"}
    if option.default is not None:
        field["default"] = option.default
    return field


def _value(option: Option) -> Unsafe:
    """Return the template for the environment variable of a connection option."""
    if option.default is None:
        return Unsafe(f"{{{{ {option.name} }}}}")
    return Unsafe(f"{{{{ {option.name} | default('{option.default}', true) }}}}")


def credential_type(system: str) -> dict[str, t.Any]:
    """Return the credential type for a system.

    Each connection option of the system with an environment variable becomes a field. In addition, there are fields for
    certificates and keys. AWX writes them to files for the job. If a field is empty, its variable is empty as well.
    """
    definition = PROVIDERS[system].connection
    variables = {option.name: option.env for option in definition.options}
    options = [option for option in definition.own_options if option.env]
    fields = [_field(system, option) for option in options]
    injected = {option.env: _value(option) for option in options}
    files: dict[str, str] = {}
    for path_option, file_field in FILE_FIELDS.items():
        name = file_field["id"]
        fields.append(dict(file_field))
        files[f"template.{name}"] = Unsafe(f"{{{{ {name} }}}}")
        injected[variables[path_option]] = Unsafe(f"{{% if {name} %}}{{{{ tower.filename.{name} }}}}{{% endif %}}")
    (password,) = (option for option in definition.options if option.name == KEY_PASSWORD)
    fields.append(_field(system, password))
    injected[password.env] = _value(password)
    return {
        "name": f"{definition.title} (hybrid.connectors)",
        "description": f"Access to {definition.title} for the modules of hybrid.connectors",
        "kind": "cloud",
        "inputs": {
            "fields": fields,
            "required": [option.name for option in options if option.required],
        },
        "injectors": {"file": files, "env": injected},
    }


def _kind(variable: str, spec: t.Mapping[str, t.Any], choices: t.Any) -> str | None:
    """Return the survey question type for a variable, or None if surveys do not support the variable."""
    if UNASKED.search(variable) or spec["type"] in UNASKED_TYPES:
        return None
    if spec["type"] == "list":
        if variable in LINES:
            return "textarea"
        return "multiselect" if choices else None
    if choices:
        return "multiplechoice"
    if spec.get("no_log"):
        return "password"
    return {"int": "integer", "float": "float"}.get(spec["type"], "text")


def _limits(kind: str) -> dict[str, int]:
    """Return the limits for an answer: the minimum and maximum length of text, or the minimum of a number."""
    if kind in ("integer", "float"):
        return {"min": 0}
    if kind in ("text", "password", "textarea"):
        return {"min": 0, "max": 65536 if kind == "textarea" else 1024}
    return {}


def _question(
    variable: str, spec: t.Mapping[str, t.Any], short: str, documented: t.Mapping[str, t.Any]
) -> Question | None:
    is_boolean = spec["type"] == "bool"
    choices = ["true", "false"] if is_boolean else spec.get("choices") or documented.get("choices")
    kind = _kind(variable, spec, choices)
    if kind is None:
        return None
    question: Question = {
        "question_name": title(short),
        "question_description": plain(spec.get("description") or documented["description"]),
        "variable": variable,
        "type": kind,
        "required": bool(spec.get("required", False)),
        **_limits(kind),
    }
    if choices:
        question["choices"] = list(choices)
    default = spec.get("default", documented.get("default"))
    if default is None or default == []:
        return question
    if is_boolean:
        default = str(bool(default)).lower()
    elif kind == "multiselect":
        default = "\n".join(default)
    return question | {"default": default}


def _spec_of_playbook(playbook: str) -> dict[str, t.Any]:
    (play,) = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8"))
    (spec,) = (
        task["ansible.builtin.validate_argument_spec"]["argument_spec"]
        for task in play["tasks"]
        if "ansible.builtin.validate_argument_spec" in task
    )
    return dict(spec)


def spec_of(playbook: str) -> dict[str, t.Any]:
    """Return the argument spec of a playbook, either from its role or from the playbook itself."""
    if playbook in PLAYBOOKS:
        return _spec_of_playbook(playbook)
    role, entry_point, _module_name = ROLES[playbook]
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options: dict[str, t.Any] = yaml.safe_load(text)["argument_specs"][entry_point]["options"]
    return options


def survey(playbook: str) -> dict[str, t.Any]:
    """Return the survey for the job template of a playbook."""
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
    """Return the role variables that contain the credential types of all systems, and their alternative fields.

    Only systems that support several kinds of credentials have alternatives.
    """
    alternatives = {system: PROVIDERS[system].connection.credentials for system in PROVIDERS}
    return {
        "__awx_setup_credential_types": {system: credential_type(system) for system in PROVIDERS},
        "__awx_setup_credential_alternatives": {
            system: [list(group) for group in groups] for system, groups in alternatives.items() if len(groups) > 1
        },
    }


def surveys() -> dict[str, t.Any]:
    """Return the role variable that contains the surveys of all playbooks."""
    return {"__awx_setup_surveys": {playbook: survey(playbook) for playbook in sorted([*ROLES, *PLAYBOOKS])}}
