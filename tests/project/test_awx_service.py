# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWX service for tests accepts and refuses the same requests as a real AWX 24.6.1."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from support import awx_rules
from support.awx import TOKEN, Awx
from support.modules import ROOT

PROJECT = ROOT / "roles" / "awx_setup" / "files" / "project"
URL = "https://git.example.com/connectors.git"
HOURLY = "DTSTART;TZID=UTC:20260101T003000 RRULE:FREQ=HOURLY;INTERVAL=1"


@pytest.fixture
def awx(tmp_path: Path) -> Iterator[Awx]:
    (tmp_path / "projects" / "manual").mkdir(parents=True)
    (tmp_path / "projects" / "manual" / "fleet_report.yml").write_text("- hosts: all\n", encoding="utf-8")
    with Awx(tmp_path / "projects", {URL: PROJECT}) as running:
        running.add("organizations", name="Ours")
        yield running


def send(awx: Awx, method: str, path: str, body: Any = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.request(method, f"{awx.url}/api/v2/{path}", json=body, headers=headers, timeout=30)


def job_template(awx: Awx, **fields: Any) -> dict[str, Any]:
    """Create a job template of a manual project."""
    organization = awx.named("organizations", "Ours")["id"]
    project = awx.add("projects", name="Manual", organization=organization, local_path="manual")
    inventory = awx.add("inventories", name="Hosts", organization=organization)
    given = {"project": project["id"], "inventory": inventory["id"], "playbook": "fleet_report.yml", **fields}
    return awx.add("job_templates", name="Report", **given)


@pytest.mark.parametrize(
    ("image", "status"),
    [
        ("connectors:1", 201),
        ("registry.example.com:5000/team/connectors:1.0_2", 201),
        (f"registry.example.com/connectors@sha256:{'0' * 64}", 201),
        ("registry.example.com/Connectors:1", 400),
        ("https://registry.example.com/connectors", 400),
        ("connectors:", 400),
        ("our connectors", 400),
        (f"connectors:{'1' * 129}", 400),
    ],
)
def test_image_names_follow_the_grammar_of_registries(awx: Awx, image: str, status: int) -> None:
    assert send(awx, "POST", "execution_environments/", {"name": "Ours", "image": image}).status_code == status


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (URL, 201),
        ("ssh://git@git.example.com:2222/connectors.git", 201),
        ("git@git.example.com:connectors.git", 201),
        ("file:///srv/connectors.git", 201),
        ("git+ssh://git@git.example.com/connectors.git", 400),
        ("sftp://git.example.com/connectors.git", 400),
        ("file://git.example.com/connectors.git", 400),
        ("https:///connectors.git", 400),
        ("https://git.example.com:port/connectors.git", 400),
        (" ", 400),
    ],
)
def test_git_addresses_need_a_supported_scheme(awx: Awx, address: str, status: int) -> None:
    body = {"name": "Ours", "scm_type": "git", "scm_url": address}
    assert send(awx, "POST", "projects/", body).status_code == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"job_type": "check"}, 201),
        ({"job_type": "scan"}, 400),
        ({"rrule": f"{HOURLY};COUNT=999"}, 201),
        ({"rrule": f"{HOURLY};COUNT=1000"}, 400),
    ],
)
def test_schedules_need_a_valid_type_and_count(awx: Awx, fields: dict[str, Any], status: int) -> None:
    template = job_template(awx, ask_job_type_on_launch=True)
    body = {"name": "Hourly", "unified_job_template": template["id"], "rrule": HOURLY, **fields}
    assert send(awx, "POST", "schedules/", body).status_code == status


def test_a_manual_project_accepts_update_on_launch_alone(awx: Awx) -> None:
    project = awx.add("projects", name="Manual", local_path="manual")
    path = f"projects/{project['id']}/"
    assert send(awx, "PATCH", path, {"scm_update_on_launch": True}).status_code == 200
    assert send(awx, "PATCH", path, {"scm_type": "", "scm_update_on_launch": True}).status_code == 400


@pytest.mark.parametrize(("ask", "status"), [(False, 201), (True, 201), ("no", 400)])
def test_a_credential_field_can_be_prompted_at_runtime(awx: Awx, ask: Any, status: int) -> None:
    fields = [{"id": "token", "label": "Token", "ask_at_runtime": ask}]
    body = {"name": "Ours", "kind": "cloud", "inputs": {"fields": fields}}
    assert send(awx, "POST", "credential_types/", body).status_code == status


def test_a_launch_ignores_variables_that_are_not_allowed(awx: Awx) -> None:
    template = job_template(awx, extra_vars="title: ours")
    sent = {"extra_vars": {"title": "ours", "other": 1}, "limit": "one"}
    launched = send(awx, "POST", f"job_templates/{template['id']}/launch/", sent)
    assert launched.status_code == 201
    assert launched.json()["ignored_fields"] == {"extra_vars": {"other": 1}, "limit": "one"}
    assert launched.json()["extra_vars"] == '{"title": "ours"}'

    schedule = {"name": "Hourly", "unified_job_template": template["id"], "rrule": HOURLY, "extra_data": {"other": 1}}
    assert send(awx, "POST", "schedules/", schedule).status_code == 400


def test_an_organization_accepts_credentials_and_leaves_templates(awx: Awx) -> None:
    organization = awx.named("organizations", "Ours")["id"]
    template = job_template(awx)
    kind = awx.add("credential_types", name="Kind", kind="cloud")
    awx.add("credentials", name="Gone", organization=organization, credential_type=kind["id"])
    awx.add("labels", name="Gone", organization=organization)
    assert send(awx, "DELETE", f"organizations/{organization}/").status_code == 204
    left = {name for name, items in awx.objects.items() if items}
    assert left == {"projects", "inventories", "job_templates", "credential_types"}
    assert template["organization"] is None
    assert awx.named("inventories", "Hosts")["organization"] is None


def test_a_file_injector_writes_a_temporary_file(awx: Awx, tmp_path: Path) -> None:
    injectors = {
        "file": {"template": "{{ ca }}"},
        "env": {"CA": "{% if ca %}{{ tower.filename }}{% endif %}", "TOKEN": "{{ token }}"},
    }
    fields = [{"id": name, "label": name, "type": "string"} for name in ("ca", "token")]
    kind = awx.add("credential_types", name="Kind", kind="cloud", inputs={"fields": fields}, injectors=injectors)
    owner = awx.named("organizations", "Ours")["id"]
    both = awx.add("credentials", name="a", organization=owner, credential_type=kind["id"], inputs={"ca": "PEM"})
    one = awx.add("credentials", name="b", organization=owner, credential_type=kind["id"], inputs={"token": "t"})
    env = awx.environment([both["id"]], tmp_path)
    assert Path(env["CA"]).read_text(encoding="utf-8") == "PEM"
    assert awx.environment([one["id"]], tmp_path) == {"CA": "", "TOKEN": "t"}


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({}, "{{ tower.filename }}"),
        ({"template": "a"}, "{{ tower.filename.ca }}"),
        ({"template.ca": "a"}, "{{ tower.filename.key }}"),
        ({"template": "a", "template.ca": "b"}, "{{ tower.filename }}"),
        ({"file": "a"}, "a"),
        ({"template": "{{ unknown }}"}, "a"),
    ],
)
def test_an_injector_must_refer_to_its_own_file(files: dict[str, str], text: str) -> None:
    desired = {"kind": "cloud", "inputs": {"fields": []}, "injectors": {"file": files, "env": {"CA": text}}}
    with pytest.raises(awx_rules.Refused):
        awx_rules.check_credential_type(desired)


def test_lists_have_pages_and_filters(awx: Awx) -> None:
    inventory = awx.add("inventories", name="Hosts", organization=awx.named("organizations", "Ours")["id"])
    for number in range(30):
        sources = [[1], [1, 2], []][number % 3]
        awx.add("hosts", name=f"host-{number:02}", inventory=inventory["id"], inventory_sources=sources)
    awx.objects["inventory_sources"][1] = {"id": 1, "name": "One"}
    first = send(awx, "GET", "hosts/").json()
    assert (first["count"], len(first["results"])) == (30, 25)
    assert len(send(awx, "GET", first["next"].removeprefix("/api/v2/")).json()["results"]) == 5
    assert send(awx, "GET", "inventory_sources/1/hosts/?not__inventory_sources__in=2,3").json()["count"] == 10
    assert send(awx, "GET", "hosts/?name__startswith=host-0&inventory_sources__isnull=true").json()["count"] == 3
    assert send(awx, "GET", "hosts/?nme=a").status_code == 400
    assert send(awx, "GET", "hosts/?page=9").status_code == 404


def test_a_failed_project_update_blocks_launches(awx: Awx) -> None:
    project = awx.add("projects", name="Git", scm_type="git", scm_url="https://git.example.com/gone.git")
    path = f"projects/{project['id']}/"
    assert [send(awx, "GET", path).json()["status"] for _look in range(2)] == ["running", "failed"]
    awx.repositories[project["scm_url"]] = PROJECT
    started = send(awx, "POST", f"{path}update/")
    assert started.status_code == 202
    assert [send(awx, "GET", path).json()["status"] for _look in range(2)] == ["running", "successful"]
    assert "fleet_report.yml" in send(awx, "GET", f"{path}playbooks/").json()
