# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packages of an execution environment, and their known vulnerabilities."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from audit import NONE, SOME, AuditUnavailable, audit
from environment import separate
from production import desired, production
from sbom import bill_of_materials
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


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment like in production."""
    return production(tmp_path_factory.mktemp("production") / "environment")


def test_the_bill_of_materials_lists_all_that_is_installed(python: Path, tmp_path: Path) -> None:
    written = bill_of_materials(python, "--no-validate")
    found = json.loads(written)
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    collection = found["metadata"]["component"]
    assert (collection["name"], collection["version"]) == ("hybrid.connectors", galaxy["version"])
    assert [one["license"]["id"] for one in collection["licenses"]] == galaxy["license"]

    code = "from importlib import metadata; print(*{f'{one.name}=={one.version}' for one in metadata.distributions()})"
    installed = subprocess.run([python, "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    listed = {f"{component['name']}=={component['version']}": component for component in found["components"]}
    assert set(listed) == set(installed)
    assert [name for name, component in listed.items() if not component.get("licenses")] == []
    (root,) = [entry for entry in found["dependencies"] if entry["ref"] == collection["bom-ref"]]
    needed = {name.partition("==")[0] for name in root["dependsOn"]}
    assert needed == {"ansible-core", "ansible-runner", "requests"}
    assert [line.partition(">")[0] for line in desired()] == sorted(needed)

    assert bill_of_materials(python, "--no-validate") == written
    assert str(python.parent.parent) not in written
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(written, encoding="utf-8")
    bad.write_text(json.dumps({**found, "components": "none"}), encoding="utf-8")
    done = subprocess.run(
        [separate("supply_chain") / "python", "-c", VALIDATE],
        check=True,
        input=f"{good}\n{bad}\n",
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.stdout.split() == ["valid", "invalid"]


class Database(BaseHTTPRequestHandler):
    """A database like OSV with one vulnerability."""

    def do_POST(self) -> None:
        received = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = received["package"]["name"]
        self._respond({"vulns": [WEAKNESS]} if (name, received["version"]) == ("requests", "2.30.0") else {})

    def _respond(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


WEAKNESS = {
    "id": "EXAMPLE-2026-1",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "An example",
    "affected": [
        {
            "package": {"name": "requests", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.31.0"}]}],
        }
    ],
}


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Database) as server:
        monkeypatch.setenv("OSV_URL", f"http://127.0.0.1:{server.server_address[1]}/v1/query")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


def options(folder: Path, *pinned: str) -> tuple[str | Path, ...]:
    """Return the options that audit some packages."""
    file = folder / "pinned.txt"
    file.write_text("".join(f"{line}\n" for line in pinned), encoding="utf-8")
    return "--no-deps", "--disable-pip", "-r", file


@pytest.mark.usefixtures("database")
def test_the_audit_lists_vulnerabilities_with_fixed_versions(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert audit("some", *options(tmp_path, "requests==2.30.0", "idna==3.10")) == SOME
    assert capfd.readouterr().out.splitlines() == [
        "requests 2.30.0: EXAMPLE-2026-1, fixed in 2.31.0",
        "some: 1 weaknesses known, 2 packages checked, 0 NOT CHECKED",
    ]
    assert audit("others", *options(tmp_path, "requests==2.31.0", "idna==3.10")) == NONE
    assert capfd.readouterr().out.splitlines() == ["others: no weakness known, 2 packages checked, 0 NOT CHECKED"]


def test_an_audit_without_its_database_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSV_URL", "http://127.0.0.1:1/v1/query")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(AuditUnavailable, match="refused"):
        audit("some", *options(tmp_path, "requests==2.30.0"))
