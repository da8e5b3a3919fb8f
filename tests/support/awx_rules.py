# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Implement the rules of AWX 24.6.1 for credential types, credentials, surveys, survey answers, schedules and
playbooks. Each rule contains the file of AWX on which it is based.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import jinja2.sandbox
import yaml

NAME = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
FILE = re.compile(r"template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?")
# git+ssh is not in this list, because update_scm_url rejects it.
GIT_SCHEMES = ("ssh", "git", "http", "https", "ftp", "ftps", "file")
_DOMAIN = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_PART = r"[a-z0-9]+(?:(?:[_.]|__|-+)[a-z0-9]+)*"
IMAGE = re.compile(
    rf"(?:{_DOMAIN}(?:\.{_DOMAIN})*(?::[0-9]+)?/)?{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?"
)
FIELD_KEYS = {
    "type",
    "format",
    "choices",
    "id",
    "label",
    "help_text",
    "multiline",
    "secret",
    "ask_at_runtime",
    "default",
}
# ENV_BLOCKLIST in awx/main/constants.py
RESERVED = {
    "VIRTUAL_ENV",
    "PATH",
    "PYTHONPATH",
    "JOB_ID",
    "INVENTORY_ID",
    "INVENTORY_SOURCE_ID",
    "INVENTORY_UPDATE_ID",
    "AD_HOC_COMMAND_ID",
    "REST_API_URL",
    "REST_API_TOKEN",
    "MAX_EVENT_RES",
    "CALLBACK_QUEUE",
    "CALLBACK_CONNECTION",
    "CACHE",
    "JOB_CALLBACK_DEBUG",
    "INVENTORY_HOSTVARS",
    "AWX_HOST",
    "PROJECT_REVISION",
    "SUPERVISOR_CONFIG_PATH",
}
# SURVEY_TYPE_MAPPING in awx/main/constants.py
DEFAULT_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("text", "textarea", "password", "multiplechoice", "multiselect"), str),
    "integer": int,
    "float": (float, int),
}
# valid_playbook_re in awx/main/utils/ansible.py
PLAYBOOK = re.compile(
    r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?include|(ansible\.builtin\.)?import_playbook):\s*?.*?$", re.MULTILINE
)


class Refused(Exception):
    """The error response of AWX."""

    def __init__(self, status: int, content: Any):
        super().__init__(content)
        self.status = status
        self.content = content


def playbooks(folder: Path) -> list[str]:
    """Return the playbooks of a project (ProjectOptions.playbooks, could_be_playbook, skip_directory)."""
    found = []
    for path in folder.rglob("*.y*ml"):
        inside = path.relative_to(folder)
        skipped = {"roles", "tasks", "group_vars", "host_vars"} & set(inside.parts[:-1])
        hidden = any(part.startswith(".") for part in inside.parts[:-1])
        if path.suffix in (".yml", ".yaml") and not skipped and not hidden and PLAYBOOK.search(path.read_text("utf-8")):
            found.append(str(inside))
    return sorted(found)


def variables(text: str, field: str) -> dict[str, Any]:
    """Return variables from JSON or YAML (vars_validate_or_raise)."""
    try:
        values = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise Refused(400, {field: [f"Cannot parse as JSON or YAML: {error}"]}) from error
    if not isinstance(values, dict):
        raise Refused(400, {field: ["Input type is not a dictionary"]})
    return values


def check_image(image: str) -> None:
    """validate_container_image_name in awx/main/validators.py."""
    if not IMAGE.fullmatch(image):
        raise Refused(400, {"image": [f"The container image name {image} is not valid"]})


def check_git_address(address: str) -> None:
    """ProjectOptions.clean_scm_url in awx/main/models/projects.py, update_scm_url in awx/main/utils/common.py."""
    if not address.strip():
        raise Refused(400, {"scm_url": ["SCM URL is required."]})
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError as error:
        raise Refused(400, {"scm_url": ["Invalid git URL"]}) from error
    if "://" not in address:
        if parts.scheme == "git+ssh":
            raise Refused(400, {"scm_url": ["Unsupported git URL"]})
        return  # A path, or host:path in the format of scp.
    if parts.scheme not in GIT_SCHEMES:
        raise Refused(400, {"scm_url": ["Unsupported git URL"]})
    if parts.scheme == "file" and parts.netloc not in ("", "localhost"):
        raise Refused(400, {"scm_url": [f'Unsupported host "{parts.netloc}" for file:// URL']})
    if parts.scheme != "file" and not parts.netloc:
        raise Refused(400, {"scm_url": [f"Host is required for {parts.scheme} URL"]})


def secret_fields(inputs: Mapping[str, Any]) -> list[str]:
    """Return the fields of a credential type that AWX encrypts."""
    return [field["id"] for field in inputs.get("fields", []) if field.get("secret") is True]


def check_credential_type(desired: Mapping[str, Any]) -> None:
    """CredentialTypeSerializer; CredentialTypeInputField and CredentialTypeInjectorField in awx/main/fields.py."""
    if desired["kind"] not in ("cloud", "net"):
        raise Refused(400, {"kind": [f"Must be 'cloud' or 'net', not {desired['kind']}"]})
    inputs, injectors = desired["inputs"], desired["injectors"]
    if set(inputs) - {"fields", "required"} or set(injectors) - {"file", "env", "extra_vars"}:
        raise Refused(400, {"inputs": ["Additional properties are not allowed"]})
    ids = [field.get("id") for field in inputs.get("fields", [])]
    if len(set(ids)) != len(ids) or "tower" in ids:
        raise Refused(400, {"inputs": ["field IDs must be unique, and tower is reserved"]})
    for field in inputs.get("fields", []):
        kind = field.setdefault("type", "string")
        wrong = (
            set(field) - FIELD_KEYS
            or not {"id", "label"} <= set(field)
            or not NAME.fullmatch(field["id"])
            or kind not in ("string", "boolean")
            or field.get("format", "url") not in ("ssh_private_key", "url")
            or not isinstance(field.get("ask_at_runtime", False), bool)
            or not isinstance(field.get("multiline", False), bool)
            or ("default" in field and not isinstance(field["default"], str if kind == "string" else bool))
            or (kind == "boolean" and {"choices", "multiline", "format", "secret"} & set(field))
            or not all(isinstance(field.get(name, ""), str) for name in ("label", "help_text"))
            or not isinstance(field.get("secret", False), bool)
        )
        if wrong:
            raise Refused(400, {"inputs": [f"{field} is not valid"]})
    _check_injectors(injectors, ids)


def _check_injectors(injectors: Mapping[str, Any], ids: list[str]) -> None:
    files = injectors.get("file", {})
    if any(not FILE.fullmatch(name) for name in files):
        raise Refused(400, {"injectors": [f"{', '.join(files)}: not the name of a file template"]})
    if "template" in files and len(files) > 1:
        raise Refused(400, {"injectors": ["Must use multi-file syntax when injecting multiple files"]})
    known = {**dict.fromkeys(ids, "EXAMPLE"), **file_names(dict.fromkeys(files, "EXAMPLE_FILENAME"))}
    for name, text in injectors.get("env", {}).items():
        if not NAME.fullmatch(name) or not isinstance(text, str) or not text.isascii():
            raise Refused(400, {"injectors": [f"{name} is not valid"]})
        if name.startswith("ANSIBLE_") or name in RESERVED:
            raise Refused(400, {"injectors": [f"{name} is not allowed in credentials."]})
    sandbox = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
    for name, text in [*files.items(), *injectors.get("env", {}).items()]:
        try:
            sandbox.from_string(text).render(known)
        except jinja2.TemplateError as error:
            raise Refused(400, {"injectors": [f"{name} uses an undefined field ({error})"]}) from error


def file_names(paths: Mapping[str, str]) -> dict[str, Any]:
    """Return the variable ``tower`` of injectors, with the paths of the files by the names of their templates."""
    if not paths:
        return {}
    single = paths.get("template")
    return {"tower": {"filename": single or {name.partition(".")[2]: path for name, path in paths.items()}}}


def injected(injectors: Mapping[str, Any], inputs: Mapping[str, Any], folder: Path | None) -> dict[str, str]:
    """Return the environment that a credential results in, and write its files to ``folder``. Empty values are omitted,
    as in CredentialType.inject_credential in awx/main/models/credential/__init__.py.
    """
    sandbox = jinja2.sandbox.ImmutableSandboxedEnvironment()
    known: dict[str, Any] = {name: value for name, value in inputs.items() if value}
    paths: dict[str, str] = {}
    for name, text in injectors.get("file", {}).items():
        assert folder, "A job with file injectors needs a folder."
        handle, paths[name] = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(sandbox.from_string(text).render(**known))
    known |= file_names(paths)
    return {name: sandbox.from_string(text).render(**known) for name, text in injectors.get("env", {}).items()}


def check_credential(given: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    """CredentialInputField in awx/main/fields.py."""
    fields = {field["id"]: field for field in inputs.get("fields", [])}
    for name, value in given.items():
        if name not in fields:
            raise Refused(400, {"inputs": [f"Additional properties are not allowed ('{name}' was unexpected)"]})
        if not isinstance(value, {"string": str, "boolean": bool}[fields[name]["type"]]):
            raise Refused(400, {"inputs": {name: ["wrong type"]}})
        address = urlsplit(str(value))
        if fields[name].get("format") == "url" and not (address.scheme and address.netloc):
            raise Refused(400, {"inputs": {name: [f"Invalid URL: {value}"]}})


def _survey_error(text: str) -> Refused:
    return Refused(400, {"error": text})


def check_survey(new: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """JobTemplateSurveySpec._validate_spec_data in awx/api/views/__init__.py."""
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(new.get(name), kind):
            raise _survey_error(f"Field '{name}' is missing from survey spec, or of another type.")
    if not new["spec"]:
        raise _survey_error("'spec' doesn't contain any items.")
    seen = set()
    for question in new["spec"]:
        for name in ("type", "question_name", "variable", "required"):
            if not isinstance(question.get(name), bool if name == "required" else str):
                raise _survey_error(f"'{name}' missing from survey question, or of another type: {question}")
        if question["variable"] in seen:
            raise _survey_error(f"'variable' '{question['variable']}' duplicated.")
        seen.add(question["variable"])
        _check_question(question)


def _check_question(question: dict[str, Any]) -> None:
    kind, default = question["type"], question.get("default", "")
    if kind not in DEFAULT_TYPES:
        raise _survey_error(f"'{kind}' is not one of the allowed question types.")
    if default != "" and not isinstance(default, DEFAULT_TYPES[kind]):
        raise _survey_error(f"Default value {default} of {question['variable']} is of another type than {kind}.")
    for name in ("min", "max"):
        if question.get(name) is not None and not isinstance(question[name], int):
            raise _survey_error(f"The {name} limit of {question['variable']} expected to be integer.")
    if kind in ("multiselect", "multiplechoice"):
        if "choices" not in question:
            raise _survey_error(f"{question['variable']} must specify choices.")
        chosen = default.splitlines()
        if kind == "multiplechoice" and len(chosen) > 1:
            raise _survey_error("Multiple Choice (Single Select) can only have one default value.")
        if any(choice not in question["choices"] for choice in chosen):
            raise _survey_error("Default choice must be answered from the choices listed.")
    if isinstance(default, str) and default.startswith("$encrypted$"):
        raise _survey_error("$encrypted$ is a reserved keyword.")


def shown_survey(survey: Mapping[str, Any]) -> Any:
    """Return a survey without the defaults of passwords."""
    shown = json.loads(json.dumps(survey))
    for question in shown.get("spec", []):
        if question["type"] == "password" and question.get("default"):
            question["default"] = "$encrypted$"
    return shown


def wrong_answer(question: Mapping[str, Any], value: Any) -> str | None:
    """Return the problem of a survey answer (_survey_element_validation in awx/main/models/mixins.py)."""
    kind, name = question["type"], question["variable"]
    if kind in ("text", "textarea", "password"):
        if not isinstance(value, str):
            return f"Value {value} for '{name}' expected to be a string."
        size: float = len(value)
    elif kind in ("integer", "float"):
        if type(value) not in ((int,) if kind == "integer" else (int, float)):
            return f"Value {value} for '{name}' expected to be a number."
        size = value
    elif kind == "multiselect":
        if not isinstance(value, list):
            return f"'{name}' value is expected to be a list."
        unexpected = [item for item in value if item not in question["choices"]]
        return f"Value {unexpected} for '{name}' expected to be one of {question['choices']}." if unexpected else None
    else:
        return None if value in question["choices"] else f"Value {value} for '{name}' is not one of the choices."
    if question.get("min") is not None and size < question["min"]:
        return f"'{name}' value {value} is too small."
    if question.get("max") is not None and size > question["max"]:
        return f"'{name}' value {value} is too large."
    return None


def launched(
    template: Mapping[str, Any], given: Mapping[str, Any], with_required: bool = True
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the extra variables of a job, and those that AWX ignores.

    The variables of the template come first, then the defaults of its survey, then ``given``
    (SurveyJobTemplateMixin in awx/main/models/mixins.py: _accept_or_ignore_variables, _update_unified_job_kwargs).
    """
    questions = template["survey_spec"].get("spec", []) if template["survey_enabled"] else []
    own = variables(template["extra_vars"], "extra_vars")
    errors = []
    for question in questions:
        if question["variable"] in given:
            errors.append(wrong_answer(question, given[question["variable"]]))
        elif question["required"] and with_required:
            errors.append(f"'{question['variable']}' value missing")
    if any(errors):
        raise Refused(400, {"variables_needed_to_start": [error for error in errors if error]})
    received = {question["variable"] for question in questions}
    allowed, ignored = dict(given), {}
    if not template["ask_variables_on_launch"]:
        others = {name: value for name, value in given.items() if name not in received}
        allowed = {name: value for name, value in given.items() if name in received}
        ignored = {name: value for name, value in others.items() if own.get(name, ...) != value}
    defaults = {
        question["variable"]: question["default"]
        for question in questions
        if question.get("default") is not None and not wrong_answer(question, question["default"])
    }
    return {**own, **defaults, **allowed}, ignored


def accepted(template: Mapping[str, Any], given: Mapping[str, Any], with_required: bool) -> dict[str, Any]:
    """Return the extra variables of a job of a schedule or a workflow. AWX rejects variables that a launch ignores."""
    values, ignored = launched(template, given, with_required)
    if ignored:
        raise Refused(400, {"extra_vars": [f"Variables {', '.join(ignored)} are not allowed on launch."]})
    return values


def check_rrule(text: str) -> None:
    """SchedulePreviewSerializer.validate_rrule in awx/api/serializers.py, as far as a pattern can check the rule."""
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", text)
    rules = re.findall(r"RULE:[^\s]*", text)
    wrong = []
    if len(starts) != 1:
        wrong.append("exactly one DTSTART is required")
    elif re.match(r"DTSTART:[0-9]+T[0-9]+$", starts[0]):
        wrong.append("DTSTART cannot be a naive datetime")
    elif not _is_timestamp(starts[0]):
        wrong.append("DTSTART is not a timestamp")
    if not rules or "RRULE:" not in text:
        wrong.append("One or more rule required in rrule.")
    if re.search(r"(EXDATE|RDATE):", text, re.IGNORECASE):
        wrong.append("EXDATE and RDATE not allowed in rrule.")
    for rule in rules:
        if "interval" not in rule.lower():
            wrong.append(f"INTERVAL required in rrule: {rule}")
        if re.search(r"SECONDLY|BYDAY[:=][0-9]+[A-Z]{2}", rule, re.IGNORECASE):
            wrong.append(f"SECONDLY and BYDAY with a number are not supported: {rule}")
        if "COUNT" in rule and "UNTIL" in rule:
            wrong.append("RRULE may not contain both COUNT and UNTIL")
        if any(int(count) > 999 for count in re.findall(r"COUNT=([0-9]+)", rule)):
            wrong.append(f"COUNT > 999 is unsupported: {rule}")
        if not re.search(r"FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY)", rule):
            wrong.append(f"FREQ is missing: {rule}")
    if wrong:
        raise Refused(400, {"rrule": wrong})


def _is_timestamp(start: str) -> bool:
    zone = re.search(r"TZID=([^:;]+)", start)
    try:
        datetime.datetime.strptime(start.rpartition(":")[2].rstrip("Z"), "%Y%m%dT%H%M%S")
    except ValueError:
        return False
    known = os.environ.get("TZDIR", "/usr/share/zoneinfo")
    return zone is None or zone[1] == "UTC" or not Path(known).is_dir() or (Path(known) / zone[1]).is_file()
