# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the execution environment definition with ansible-builder.

These tests do not build an image, because that requires a registry. An image was built manually from the archive on a
Debian base image, and playbooks ran in it with ansible-runner and ansible-navigator with Podman. The base image
almalinux:9 was not tested.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_builder.ee_schema import validate_schema
from support.deadline import HANGS
from support.modules import ROOT, environment

from noxfile import SERIES

pytestmark = pytest.mark.extended

PROGRAMS = Path(sys.executable).parent
DEFINITION = ROOT / "execution-environment.yml"
# uv does not read the index of pip.
INDEX = {"UV_DEFAULT_INDEX": os.environ["PIP_INDEX_URL"]} if "PIP_INDEX_URL" in os.environ else {}
NEEDED = ROOT / "meta" / "ee-requirements.txt"


def definition() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    return content


def builder(folder: Path, *arguments: str | Path) -> str:
    """Run ansible-builder in a folder, and return its output."""
    done = subprocess.run(
        [PROGRAMS / "ansible-builder", *arguments],
        cwd=folder,
        env=environment(folder),
        check=False,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_build_context_installs_collection_and_runner(tmp_path: Path) -> None:
    builder(tmp_path, "create", "--file", DEFINITION, "--context", "context", "--output-filename", "Containerfile")
    recipe = (tmp_path / "context" / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (.*)$", recipe, re.MULTILINE) == [
        "$EE_BASE_IMAGE AS base",
        "base AS galaxy",
        "base AS builder",
        "base AS final",
    ]
    assert re.findall(r'^ARG ANSIBLE_INSTALL_REFS="([a-z-]+)\S* ([a-z-]+)\S*"$', recipe, re.MULTILINE) == [
        ("ansible-core", "ansible-runner")
    ]
    # The requirements of collections are resolved during the build of the image, where they are installed.
    assert "introspect.py introspect" in recipe
    built = tmp_path / "context" / "_build"
    received = yaml.safe_load((built / "requirements.yml").read_text(encoding="utf-8"))
    assert received == {"collections": [{"name": "hybrid.connectors"}]}
    assert {path.name for path in built.iterdir()} == {"requirements.txt", "requirements.yml", "scripts"}
    assert (built / "requirements.txt").read_text(encoding="utf-8").split() == ["openpyxl>=3.1"]


def test_the_guide_shows_the_definition_and_an_archive_variant(tmp_path: Path) -> None:
    ready, from_archive = shown_in_the_guide()
    assert ready == definition()
    archive = "hybrid-connectors-{version}.tar.gz".format(**yaml.safe_load((ROOT / "galaxy.yml").read_text("utf-8")))
    (tmp_path / archive).write_text("what is built has it", encoding="utf-8")
    (tmp_path / "from-archive.yml").write_text(yaml.safe_dump(from_archive), encoding="utf-8")
    builder(tmp_path, "create", "--file", "from-archive.yml", "--context", "context")
    assert (tmp_path / "context" / "_build" / archive).exists()


def shown_in_the_guide() -> list[dict[str, Any]]:
    """Return the definitions in the guide, in their order."""
    guide = (ROOT / "docs" / "docsite" / "rst" / "execution_environment.rst").read_text(encoding="utf-8")
    blocks = re.findall(r"^ +:caption: \S+\n\n((?: +.*\n|\n)+)", guide, re.MULTILINE)
    contents = [yaml.safe_load(textwrap.dedent(block)) for block in blocks]
    return [content for content in contents if "version" in content]


def test_the_base_image_is_replaceable_at_build_time() -> None:
    assert re.fullmatch(r"[a-z]+:\d+", definition()["images"]["base_image"]["name"])


@pytest.mark.parametrize("path", [DEFINITION, ROOT / "meta" / "execution-environment.yml"], ids=["ready", "meta"])
def test_it_is_as_ansible_builder_wants_one(path: Path) -> None:
    validate_schema(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_ansible_builder_finds_the_requirements_of_the_modules(tmp_path: Path) -> None:
    alone = tmp_path / "collections" / "ansible_collections" / "hybrid"
    alone.mkdir(parents=True)
    (alone / "connectors").symlink_to(ROOT)
    found = yaml.safe_load(builder(tmp_path, "introspect", tmp_path / "collections"))
    needed = NEEDED.read_text(encoding="utf-8").splitlines()
    assert found == {"python": [f"{line}  # from collection hybrid.connectors" for line in needed], "system": []}
    assert needed == ["requests>=2.27"]


@pytest.mark.parametrize("series", SERIES)
def test_its_packages_exist_for_each_ansible_core_series(series: str, tmp_path: Path) -> None:
    dependencies = definition()["dependencies"]
    desired = [
        f"ansible-core~={series}.0",
        dependencies["ansible_core"]["package_pip"],
        dependencies["ansible_runner"]["package_pip"],
        *dependencies["python"],
        *NEEDED.read_text(encoding="utf-8").splitlines(),
    ]
    for python in SERIES[series]:
        command = [str(PROGRAMS / "uv"), "pip", "compile", "--quiet", "--no-python-downloads", "--no-annotate"]
        done = subprocess.run(
            [*command, "--python-version", python, "-"],
            cwd=tmp_path,
            env={**INDEX, "UV_SYSTEM_CERTS": "true", **os.environ},
            input="\n".join(desired),
            check=False,
            capture_output=True,
            text=True,
            timeout=HANGS,
        )
        assert done.returncode == 0, done.stderr
        found = dict(line.split("==") for line in done.stdout.splitlines() if "==" in line)
        assert found["ansible-core"].startswith(f"{series}.")
        assert {"ansible-runner", "openpyxl", "requests"} <= set(found)
