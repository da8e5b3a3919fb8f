# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the bill of materials and the audit of an execution environment."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from nox.project import load_toml
from support.environments import make, programs
from support.modules import ROOT

# The CycloneDX library reads the licence files whose names are on stdin.
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for line in sys.stdin:
    with open(line.strip(), encoding="utf-8") as file:
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(file.read())
    print("valid" if error is None else "invalid")
"""


@pytest.fixture(autouse=True)
def _supply_chain() -> None:
    programs("supply_chain")


def galaxy() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    return content


def test_the_project_table_is_a_copy_of_galaxy_yml_and_of_the_execution_environment() -> None:
    project = load_toml(ROOT / "pyproject.toml")["project"]
    about = galaxy()
    assert project.pop("name") == f"{about['namespace']}.{about['name']}"
    assert [project.pop("license")] == about["license"]
    assert project.pop("urls") == {name: about[name] for name in ("documentation", "homepage", "issues", "repository")}
    definition = yaml.safe_load((ROOT / "execution-environment.yml").read_text(encoding="utf-8"))["dependencies"]
    packages = [definition[name]["package_pip"] for name in ("ansible_core", "ansible_runner")]
    own = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").split()
    assert project.pop("dependencies") == packages + own
    assert project == {name: about[name] for name in ("version", "description")}


def bill_of_materials(folder: Path) -> tuple[str, Path]:
    """Return the bill of materials of a new environment, and the Python interpreter of the environment."""
    production, written = folder / "production", folder / "sbom.json"
    done = make("sbom", f"PRODUCTION={production}", f"SBOM={written}")
    assert done.returncode == 0, done.stdout + done.stderr
    return written.read_text(encoding="utf-8"), production / "bin" / "python"


def test_the_bill_of_materials_lists_all_that_is_installed(tmp_path: Path) -> None:
    written, python = bill_of_materials(tmp_path)
    found = json.loads(written)
    about = galaxy()
    collection = found["metadata"]["component"]
    assert (collection["name"], collection["version"]) == ("hybrid.connectors", about["version"])
    assert [one["license"]["id"] for one in collection["licenses"]] == about["license"]

    code = "from importlib import metadata; print(*{f'{one.name}=={one.version}' for one in metadata.distributions()})"
    installed = subprocess.run([python, "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    listed = {f"{component['name']}=={component['version']}": component for component in found["components"]}
    assert set(listed) == set(installed)
    assert [name for name, component in listed.items() if not component.get("licenses")] == []
    (root,) = [entry for entry in found["dependencies"] if entry["ref"] == collection["bom-ref"]]
    needed = {name.partition("==")[0] for name in root["dependsOn"]}
    assert needed == {"ansible-core", "ansible-runner", "requests"}

    assert bill_of_materials(tmp_path)[0] == written
    assert str(tmp_path) not in written
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(written, encoding="utf-8")
    bad.write_text(json.dumps({**found, "components": "none"}), encoding="utf-8")
    done = subprocess.run(
        [programs("supply_chain") / "python", "-c", VALIDATE],
        check=True,
        input=f"{good}\n{bad}\n",
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.stdout.split() == ["valid", "invalid"]


class Database(BaseHTTPRequestHandler):
    """A fake OSV database with vulnerabilities of some packages."""

    vulnerable: list[str]

    def do_POST(self) -> None:
        received = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._respond(
            {"vulns": [vulnerability(received["package"]["name"])]}
            if received["package"]["name"] in self.vulnerable
            else {}
        )

    def _respond(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def vulnerability(name: str) -> dict[str, Any]:
    """Return a vulnerability of a package, which version 99.0 fixes."""
    return {
        "id": "EXAMPLE-2026-1",
        "modified": "2026-01-01T00:00:00Z",
        "summary": "An example",
        "affected": [
            {
                "package": {"name": name, "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
            }
        ],
    }


@pytest.fixture
def database() -> Iterator[tuple[str, list[str]]]:
    """The URL of a database, and the list of vulnerable packages."""
    vulnerable: list[str] = []
    handler = type("Handler", (Database,), {"vulnerable": vulnerable})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query", vulnerable
        server.shutdown()
        thread.join()


def audit(folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Audit the packages of a new environment and the development tools."""
    return make("audit", f"PRODUCTION={folder / 'production'}", f"OSV_URL={url}", NO_PROXY="127.0.0.1")


def test_the_audit_lists_vulnerabilities_with_fixed_versions(database: tuple[str, list[str]], tmp_path: Path) -> None:
    url, vulnerable = database
    vulnerable += ["ansible-runner", "zizmor"]
    done = audit(tmp_path, url)
    assert done.returncode != 0
    results = dict(re.findall(r"^(\S.*):\n((?:(?!requirements).*\n)*)", done.stdout, re.MULTILINE))
    with_faults = {
        "execution environment": "ansible-runner",
        "requirements/development.txt": "zizmor",
        "requirements/mutation.txt": "ansible-runner",
        "requirements/navigator.txt": "ansible-runner",
        "requirements/rulebook.txt": "ansible-runner",
        "requirements/test.txt": "ansible-runner",
    }
    for title, package in with_faults.items():
        assert re.search(rf"^{package} +\S+ +EXAMPLE-2026-1 +99\.0", results.pop(title), re.MULTILINE), done.stdout
    assert set(results.values()) == {"No known vulnerabilities found\n"}, done.stdout


def test_the_audit_covers_production_and_development_tools(database: tuple[str, list[str]], tmp_path: Path) -> None:
    done = audit(tmp_path, database[0])
    assert done.returncode == 0, done.stdout + done.stderr
    lists = sorted(path.name for path in (ROOT / "requirements").glob("*.txt"))
    titles = ["execution environment", *(f"requirements/{name}" for name in lists)]
    assert done.stdout.splitlines() == [
        line for title in titles for line in (f"{title}:", "No known vulnerabilities found")
    ]


def test_an_audit_without_its_database_fails(tmp_path: Path) -> None:
    done = audit(tmp_path, "http://127.0.0.1:1/v1/query")
    assert done.returncode != 0
    assert "No known vulnerabilities found" not in done.stdout
    assert "Connection refused" in done.stdout
