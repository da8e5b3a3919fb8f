# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README, the guides and the reference link to each other."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest
import yaml
from support.documentation import documented, role_specs
from support.modules import ROOT

GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = ROOT / "docs" / "docsite" / "rst"
CERTIFIED_SECTIONS = [
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Contributing",
    "Support",
    "Release Notes and Roadmap",
    "Related Information",
    "License Information",
]
MODULES = [name.rpartition(".")[2] for name in documented()["module"]]
# A module, its list module and its info module.
PAIRS = [(name, name + suffix) for name in MODULES for suffix in ("s", "_info") if name + suffix in MODULES]


def linked_modules(name: str) -> set[str]:
    """Return the modules to which the reference page of a module links."""
    source = (ROOT / "plugins" / "modules" / f"{name}.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION":
            entries: list[dict[str, Any]] = yaml.safe_load(ast.literal_eval(node.value))["seealso"]
            return {entry["module"].rpartition(".")[2] for entry in entries if "module" in entry}
    raise AssertionError(f"{name} does not have documentation.")


def test_pairs_include_bulk_modules() -> None:
    assert {("apono_connector", "apono_connectors"), ("voss_spark_customer", "voss_spark_customers")} <= set(PAIRS)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_related_modules_link_to_each_other(first: str, second: str) -> None:
    assert second in linked_modules(first)
    assert first in linked_modules(second)


@pytest.mark.parametrize("role", sorted(role_specs()))
def test_each_role_has_an_example_and_a_guide(role: str) -> None:
    spec = role_specs()[role]
    assert f"role: hybrid.connectors.{role}\n" in spec["examples"]
    guides = [entry["ref"].rpartition(".")[2] for entry in spec["seealso"] if "ref" in entry]
    assert guides
    assert [name for name in guides if not (GUIDES / f"{name}.rst").is_file()] == []


def test_readme_has_the_sections_of_certified_collections() -> None:
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == CERTIFIED_SECTIONS


def test_readme_links_are_absolute_and_exist() -> None:
    targets = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", README)
    links = ["".join(target) for target in targets]
    assert [link for link in links if not link.startswith("https://")] == []
    prefix = re.compile(re.escape(GALAXY["repository"]) + "/(?:blob|raw)/main/")
    files = [prefix.sub("", link) for link in links if prefix.match(link)]
    assert files
    assert [file for file in files if not (ROOT / file).is_file()] == []


def user_guides() -> set[str]:
    """Return the names of all guides except those for contributors."""
    sections = yaml.safe_load((GUIDES.parent / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    return {name for section in sections if section["title"] != "Development" for name in section["toctree"]}


def test_readme_links_to_each_guide_for_users() -> None:
    listed = README.partition("### Guides\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"/docs/docsite/rst/(\w+)\.rst\)", listed)) == user_guides()


@pytest.mark.parametrize("guide", sorted(user_guides() - {"troubleshooting"}))
def test_a_guide_has_at_most_1500_words(guide: str) -> None:
    assert len((GUIDES / f"{guide}.rst").read_text(encoding="utf-8").split()) <= 1500


def listed_playbooks() -> dict[str, list[str]]:
    """Return the description and the guide of each playbook in the guide to the playbooks."""
    guide = (GUIDES / "playbooks.rst").read_text(encoding="utf-8")
    table = guide.partition("\nList of playbooks\n")[2].partition("\nSet credentials\n")[0]
    rows = re.findall(r"^   \* - ``(\w+)``\n     - (.+)\n     - (.+)$", table, re.MULTILINE)
    assert len(rows) == table.count("   * - ``")
    return {name: [description, target] for name, description, target in rows}


def test_the_guide_lists_each_playbook_with_a_link() -> None:
    listed = listed_playbooks()
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
    headings = re.findall(r"^(.+)\n-+$", (GUIDES / "playbooks.rst").read_text(encoding="utf-8"), re.MULTILINE)
    for name, (_description, target) in listed.items():
        guide = re.fullmatch(r":ref:`[\w ]+ <ansible_collections\.hybrid\.connectors\.docsite\.(\w+)>`", target)
        if guide:
            assert re.search(rf"\b{name}\b", (GUIDES / f"{guide[1]}.rst").read_text(encoding="utf-8")), name
        else:
            assert target.removeprefix("`").removesuffix("`_") in headings, name


def test_the_guide_names_the_playbooks_that_only_a_rulebook_starts() -> None:
    rulebooks = (path.read_text(encoding="utf-8") for path in (ROOT / "extensions" / "eda" / "rulebooks").glob("*.yml"))
    started = {name for text in rulebooks for name in re.findall(r"name: hybrid\.connectors\.(\w+)", text)}
    listed = listed_playbooks()
    assert {name for name in listed if "Started only by a rulebook." in listed[name][0]} == started


def test_each_guide_is_in_the_navigation_with_a_short_title() -> None:
    sections = yaml.safe_load((GUIDES.parent / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    listed = [name for section in sections for name in section["toctree"]]
    titles = yaml.safe_load((ROOT / "docs" / "site" / "titles.yml").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(path.stem for path in GUIDES.glob("*.rst"))
    systems = {name.partition("_")[0] for name in MODULES}
    untitled = set(listed) - set(titles["guides"])
    # The title of the page is enough for the guide of a new system.
    assert untitled <= systems
    assert set(titles["guides"]) <= set(listed)
    assert [title for title in titles["guides"].values() if len(title) > 28] == []
    assert set(titles["modules"]) <= systems
