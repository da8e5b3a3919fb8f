# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The generated objects of the role awx_setup follow the rules of AWX."""

from __future__ import annotations

import re
from pathlib import Path

import awx_objects
import pytest
import yaml
from support import awx_rules

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "awx_setup"
PROJECT = ROLE / "files" / "project"
OBJECTS = yaml.safe_load((ROLE / "vars" / "main" / "objects.yml").read_text(encoding="utf-8"))
PLAYBOOKS = [*awx_objects.ROLES, *awx_objects.PLAYBOOKS]
# The fields that AWX writes to files, and the ends of the environment variables with their paths.
FILES = {"ca_certificate": "CA_PATH", "client_certificate": "CLIENT_CERT", "client_key": "CLIENT_KEY"}


@pytest.mark.parametrize("system", PROVIDERS)
def test_a_credential_type_has_every_option_and_hides_secrets(system: str) -> None:
    made = awx_objects.credential_type(system)
    awx_rules.check_credential_type(made)
    options = [option for option in PROVIDERS[system].connection.own_options if option.env]
    assert [field["id"] for field in made["inputs"]["fields"]] == [
        *(option.name for option in options),
        *FILES,
        "client_key_password",
    ]
    secrets = [option.name for option in options if option.secret]
    assert awx_rules.secret_fields(made["inputs"]) == [*secrets, "client_key", "client_key_password"]
    assert made["inputs"]["required"] == [option.name for option in options if option.required]
    of_tls = [f"{system.upper()}_{name}" for name in (*FILES.values(), "CLIENT_KEY_PASSWORD")]
    assert list(made["injectors"]["env"]) == [*(option.env for option in options), *of_tls]
    assert set(of_tls) <= {option.env for option in PROVIDERS[system].connection.options}


@pytest.mark.parametrize("system", PROVIDERS)
def test_documentation_lists_the_fields_of_credentials(system: str) -> None:
    fields = [field["id"] for field in awx_objects.credential_type(system)["inputs"]["fields"]]
    readme = (ROLE / "README.md").read_text(encoding="utf-8")
    assert f"| `{system}` | {', '.join(f'`{field}`' for field in fields)} |" in readme
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    described = specs["main"]["options"]["awx_setup_credentials"]["description"]
    (text,) = (text for text in described if text.startswith(f"V({system})"))
    assert re.findall(r"C\((\w+)\)", text) == fields


def test_alternatives_of_credentials_are_fields() -> None:
    made = awx_objects.credential_types()
    alternatives = made["__awx_setup_credential_alternatives"]
    assert alternatives == {"webex": [["access_token"], ["client_id", "client_secret", "refresh_token"]]}
    for system, groups in alternatives.items():
        fields = [field["id"] for field in made["__awx_setup_credential_types"][system]["inputs"]["fields"]]
        assert {field for group in groups for field in group} <= set(fields)


@pytest.mark.parametrize("system", PROVIDERS)
def test_certificates_and_keys_become_temporary_files(system: str, tmp_path: Path) -> None:
    injectors = awx_objects.credential_type(system)["injectors"]
    contents = {field: f"-----BEGIN {field}-----\nAAAA\n" for field in FILES}
    env = awx_rules.injected(injectors, contents, tmp_path)
    for field, name in FILES.items():
        assert Path(env[f"{system.upper()}_{name}"]).read_text(encoding="utf-8") == contents[field]
        alone = awx_rules.injected(injectors, {field: contents[field]}, tmp_path)
        given = [other for other in FILES.values() if alone[f"{system.upper()}_{other}"]]
        assert given == [name]
    assert env[f"{system.upper()}_CLIENT_KEY_PASSWORD"] == ""
    password = awx_rules.injected(injectors, {"client_key_password": "canary"}, tmp_path)
    assert password[f"{system.upper()}_CLIENT_KEY_PASSWORD"] == "canary"


ABBREVIATIONS = ("api", "ca", "csv", "html", "http", "https", "id", "json", "pem", "tls", "url")


def strings() -> list[str]:
    """Return all strings that an AWX form displays."""
    types = [awx_objects.credential_type(system) for system in PROVIDERS]
    fields = [field for one in types for field in one["inputs"]["fields"]]
    questions = [question for playbook in PLAYBOOKS for question in awx_objects.survey(playbook)["spec"]]
    shown = [text for field in fields for text in (field["label"], field["help_text"])]
    return shown + [text for item in questions for text in (item["question_name"], item["question_description"])]


@pytest.mark.parametrize(
    "artefact",
    [r"\\", r"  |\n|\t|^ | $", r"\b[A-Z]{1,3}\(", r"\b[Aa]n other\b", r"[{}]|``", r"\.\."],
    ids=["backslash", "blanks", "markup", "an other", "braces", "two stops"],
)
def test_form_labels_have_no_artefacts(artefact: str) -> None:
    assert [text for text in strings() if re.search(artefact, text)] == []


def test_form_labels_capitalize_abbreviations() -> None:
    words = {word for text in strings() for word in re.findall(r"(?<![\w./:])[A-Za-z]+(?![\w/]|:/)", text)}
    assert sorted(word for word in words if word.lower() in ABBREVIATIONS and not word.isupper()) == []


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("One of V(a (b\\)) or O(c).", "One of a (b) or c."),
        (["The C(id\\) of\n  a thing)."], "The ID) of a thing."),
        ("O(hybrid.connectors.fleet#inventory:a) and E(X_Y).", "a and X_Y."),
        (
            "Json for https://a.example/id, fleet.json and account_id",
            "JSON for https://a.example/id, fleet.json and account_id",
        ),
    ],
)
def test_markup_and_escapes_are_removed(description: str | list[str], text: str) -> None:
    assert awx_objects.plain(description) == text


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_survey_is_valid_with_its_defaults(playbook: str) -> None:
    survey = awx_objects.survey(playbook)
    awx_rules.check_survey(survey, {})
    for question in survey["spec"]:
        assert question["question_description"], question
        default = question.get("default")
        if default is not None:
            response = default.splitlines() if question["type"] == "multiselect" else default
            assert awx_rules.wrong_answer(question, response) is None


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_survey_has_every_variable_that_fits_a_form(playbook: str) -> None:
    received = {question["variable"]: question["type"] for question in awx_objects.survey(playbook)["spec"]}
    for variable, spec in awx_objects.spec_of(playbook).items():
        cannot = spec["type"] == "dict" or (spec["type"] == "list" and variable not in received)
        assert (variable in received) is not (cannot or bool(awx_objects.UNASKED.search(variable)))
        if spec.get("no_log") and variable in received:
            assert received[variable] == "password"


def test_each_job_template_has_its_playbook_in_the_project() -> None:
    assert awx_rules.playbooks(PROJECT) == sorted(f"{name}.yml" for name in OBJECTS["__awx_setup_playbooks"])
    for name in OBJECTS["__awx_setup_playbooks"]:
        (play,) = yaml.safe_load((PROJECT / f"{name}.yml").read_text(encoding="utf-8"))
        assert play["ansible.builtin.import_playbook"] == f"hybrid.connectors.{name}"


def test_every_other_playbook_has_a_job_template() -> None:
    brought = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    for_rulebooks = {"connector_health_chat", "connector_health_ticket", "webex_alerts"}
    others = {"awx_project", "awx_setup", "demo", "simulator", *for_rulebooks}
    assert brought - set(OBJECTS["__awx_setup_playbooks"]) == others
    assert sorted({*PLAYBOOKS, "connector_health"}) == sorted(OBJECTS["__awx_setup_playbooks"])


def test_the_project_has_an_inventory_file_for_each_system() -> None:
    for system in PROVIDERS:
        content = yaml.safe_load((PROJECT / f"{system}.fleet.yml").read_text(encoding="utf-8"))
        assert set(content) == {"plugin", system}
