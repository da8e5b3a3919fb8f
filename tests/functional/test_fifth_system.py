# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Add a fictional fifth system to a copy of the collection: one package with a provider, one module, and ``make
generate``. Without further changes, the info module, the inventory, ``fleet_info``, the report and its metrics, the
objects in AWX and the event source support the system.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile.attack import Attack
from hostile.server import HostileServer, Request, Sent, reply
from support.awx import TOKEN, Awx
from support.event_source import SOURCE, Event, Process
from support.modules import AWX_COLLECTION, COLLECTIONS, ROOT

pytestmark = [pytest.mark.first_case_only, pytest.mark.slow]

SOURCES = Path(__file__).parent / "fifth_system"
RECIPE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
KEY = "acme-key-canary"
RELAYS: list[dict[str, Any]] = [
    {"id": "r1", "name": "north", "state": "up", "version": "2.1", "address": "192.0.2.7", "rack": "a"},
    {
        "id": "r2",
        "name": "south",
        "state": "gone",
        "certificate_expires": "2031-05-01T00:00:00Z",
        "alarms": [{"severity": "critical", "title": "No power", "created": "2026-11-20T08:00:00Z"}],
    },
]
MAX_FILES = 12
FILES = {
    "plugins/module_utils/_providers/acme/client.py": "acme/client.py",
    "plugins/module_utils/_providers/acme/connection.py": "acme/connection.py",
    "plugins/module_utils/_providers/acme/provider.py": "acme/provider.py",
    "plugins/modules/acme_relay_info.py": "acme_relay_info.py",
}


class Fleet(Attack):
    """Run commands with a server of the fifth system and a copy of the collection that contains the system."""

    def __init__(self, folder: Path, collections: Path, server: HostileServer) -> None:
        super().__init__(folder)
        self.collections = collections
        self.server = server
        self.variables = {
            "ANSIBLE_COLLECTIONS_PATH": f"{collections}:{COLLECTIONS}",
            "ACME_API_URL": server.url,
            "ACME_API_KEY": KEY,
        }


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the collection with the fifth system, added according to the recipe."""
    collections = tmp_path_factory.mktemp("collections")
    copy = collections / "ansible_collections" / "hybrid" / "connectors"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for file in filter(None, files.split("\0")):
        if not file.startswith("docs/images/") and (ROOT / file).is_file():
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, copy / file)
    for target, source in FILES.items():
        (copy / target).parent.mkdir(exist_ok=True)
        shutil.copy(SOURCES / source, copy / target)
    env = {**os.environ, "PYTHONPATH": str(collections)}
    subprocess.run([sys.executable, "tools/generate.py"], cwd=copy, env=env, check=True)
    return collections


@pytest.fixture
def fleet(collections: Path, tmp_path: Path) -> Iterator[Fleet]:
    """The copy of the collection and a server of the fifth system."""

    def respond(request: Request) -> Sent:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return reply(401, {"message": "Unknown key."})
        assert request.path == "/v1/relays"
        return reply(200, {"relays": RELAYS})

    with HostileServer(respond) as server:
        yield Fleet(tmp_path, collections, server)


def recipe(system: str, kind: str) -> list[str]:
    """Return the files that the recipe in CONTRIBUTING.md lists for a system, without the integration targets."""
    section = RECIPE.partition("\n## Add a system\n")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| `(.+?[^/])` \|", section)
    return [row.replace("<system>", system).replace("<object>", kind) for row in rows]


def test_recipe_for_system_has_few_files() -> None:
    files = recipe("apono", "connector")
    assert f"requires {len(files)} files and two integration targets" in RECIPE
    assert len(files) <= MAX_FILES
    assert set(FILES) <= set(recipe("acme", "relay"))


def test_recipe_lists_files_of_existing_system() -> None:
    files = [file for file in recipe("apono", "connector") if not file.startswith("changelogs/")]
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_generated_pages_contain_fifth_system(collections: Path) -> None:
    copy = collections / "ansible_collections" / "hybrid" / "connectors"
    readme = (copy / "README.md").read_text(encoding="utf-8")
    guide = "https://github.com/hybrid-connectors/hybrid.connectors/blob/main/docs/docsite/rst/acme.rst"
    assert f"| [**Acme Relay**]({guide}) | List relays |" in readme
    assert "| `acme_relay_info` | List relays of Acme Relay |" in readme
    assert "| Acme Relay | `api_url`, `api_key` | `ACME_API_URL`, `ACME_API_KEY` |" in readme


def test_info_module_of_fifth_system(fleet: Fleet) -> None:
    result = fleet.task("acme_relay_info", {"site": "main"}, **fleet.variables)
    assert [relay["name"] for relay in result.values["relays"]] == ["north", "south"]
    assert fleet.server.seen() == ["GET /v1/relays?site=main"]
    assert KEY not in result.output


def test_missing_option_of_fifth_system_names_its_variable(fleet: Fleet) -> None:
    variables = {**fleet.variables, "ACME_API_KEY": ""}
    result = fleet.task("acme_relay_info", {"site": "main"}, **variables)
    assert result.failure["reason"] == "invalid_option"
    assert "api_key" in result.msg
    assert "ACME_API_KEY" in result.msg
    assert fleet.server.requests == []


def test_inventory_of_fifth_system(fleet: Fleet) -> None:
    (fleet.folder / "acme.fleet.yml").write_text("plugin: hybrid.connectors.fleet\nacme: {site: main}\n")
    done = fleet.ansible("inventory", "-i", "acme.fleet.yml", "--list", **fleet.variables)
    hosts = json.loads(done.stdout)
    assert hosts["acme"]["hosts"] == ["acme_north", "acme_south"], done.stderr
    assert hosts["acme_down"]["hosts"] == ["acme_south"]
    assert hosts["_meta"]["hostvars"]["acme_north"]["ansible_host"] == "192.0.2.7"


def test_fleet_info_of_fifth_system(fleet: Fleet) -> None:
    result = fleet.task("fleet_info", {"acme": {"site": "main"}}, **fleet.variables).values
    assert result["systems"]["acme"] == {"read": True, "error": None, "reason": None, "count": 2}
    assert [(record["name"], record["health"]) for record in result["connectors"]] == [
        ("north", "healthy"),
        ("south", "down"),
    ]
    assert result["alarms"][0]["title"] == "No power"
    assert result["expiries"][0]["token"] == "certificate"


def test_report_and_metrics_of_fifth_system(fleet: Fleet) -> None:
    paths = {kind: str(fleet.folder / f"fleet.{kind}") for kind in ("html", "json", "prom")}
    variables = {
        "fleet_report_acme": {"site": "main"},
        **{f"fleet_report_{kind}": path for kind, path in paths.items()},
    }
    text = "- ansible.builtin.import_playbook: hybrid.connectors.fleet_report\n"
    played = fleet.playbook(text, variables=variables, **fleet.variables)
    assert played.status == 0, played.output
    report = json.loads(Path(paths["json"]).read_text(encoding="utf-8"))
    assert report["summary"]["by_system"]["acme"]["down"] == 1
    page = Path(paths["html"]).read_text(encoding="utf-8")
    assert "2 relays" in page
    metrics = Path(paths["prom"]).read_text(encoding="utf-8")
    assert 'hybrid_connectors_connectors{system="acme",health="down"} 1' in metrics
    assert 'hybrid_connectors_alarms{system="acme",id="r2",name="south",severity="critical"} 1' in metrics
    again = fleet.playbook(text, variables=variables, **fleet.variables)
    assert [name for name, result in again.tasks if result.changed] == []


def test_report_names_fifth_system_without_scope(fleet: Fleet) -> None:
    text = "- ansible.builtin.import_playbook: hybrid.connectors.fleet_report\n"
    played = fleet.playbook(text, variables={"fleet_report_systems": ["acme"]}, **fleet.variables)
    assert played.status == 2
    assert "site" in played.output
    assert fleet.server.requests == []


def test_objects_in_awx_of_fifth_system(fleet: Fleet) -> None:
    assert AWX_COLLECTION.exists(), "Run make .venv/.development first."
    url = "https://git.example.com/connectors.git"
    project = fleet.collections / "ansible_collections/hybrid/connectors/roles/awx_setup/files/project"
    variables = {
        "awx_setup_systems": ["acme"],
        "awx_setup_acme_site": "main",
        "awx_setup_project_url": url,
        "awx_setup_credentials": {"acme": {"api_url": fleet.server.url, "api_key": KEY}},
    }
    text = "- ansible.builtin.import_playbook: hybrid.connectors.awx_setup\n"
    with Awx(fleet.folder / "projects", {url: project}) as awx:
        env = {
            "CONTROLLER_HOST": awx.url,
            "CONTROLLER_OAUTH_TOKEN": TOKEN,
            "ANSIBLE_PIPELINING": "true",
            # The modules load the certificates of the system before each request, even for HTTP.
            "SSL_CERT_FILE": os.devnull,
        }
        played = fleet.playbook(text, variables=variables, **fleet.variables, **env)
        assert played.status == 0, played.output
        assert KEY not in played.output
        kind = awx.named("credential_types", "Acme Relay (hybrid.connectors)")
        assert [field["id"] for field in kind["inputs"]["fields"]] == [
            "api_url",
            "api_key",
            "ca_certificate",
            "client_certificate",
            "client_key",
            "client_key_password",
        ]
        (source,) = awx.objects["inventory_sources"].values()
        assert source["source_path"] == "acme.fleet.yml"
        assert "FLEET_ACME_SITE" in json.dumps(source["source_vars"])


def test_event_source_of_fifth_system(fleet: Fleet) -> None:
    options = fleet.folder / "options.json"
    options.write_text(json.dumps({"acme": {}, "interval": 1}), encoding="utf-8")
    with Process([sys.executable, fleet.collections / SOURCE, options], fleet.folder, fleet.variables) as source:
        event = source.line(_event)
    assert (event["system"], event["name"], event["after"]) == ("acme", "south", "down")
    assert fleet.server.seen()[0] == "GET /v1/relays?site=main"


def _event(line: str) -> Event | None:
    if not line.startswith("{"):
        return None
    event: Event = json.loads(line)["connector_health"]
    return event
