# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site in .cache/site/html offline, with antsibull-docs and Sphinx.

Warnings and broken links within the site are errors.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import yaml
from documentation import COLLECTION, documented
from environment import CACHE, COLLECTIONS, ROOT, link_collection, separate
from site_links import broken

SITE = CACHE / "site"
SOURCE, HTML = SITE / "source", SITE / "html"
REFERENCE = "collection --use-current --squash-hierarchy --fail-on-error --no-add-antsibull-docs-version"
SPHINX = "-b html -q -j auto -W --keep-going"
CONTENTS = re.compile(r"^\.\. contents::\n(?: +.*\n)*", re.MULTILINE)
# Pages refer to these entries in the Ansible documentation: kind, name, address and title.
ANSIBLE = [
    (
        "std:label",
        "ansible_configuration_settings",
        "reference_appendices/config.html#$",
        "Ansible Configuration Settings",
    ),
    ("std:label", "action_plugins", "plugins/action.html#action-plugins", "Action plugins"),
    ("std:label", "common_return_values", "reference_appendices/common_return_values.html#$", "Return Values"),
    *(
        (
            "std:label",
            f"ansible_collections.ansible.builtin.{name}_module",
            f"collections/ansible/builtin/{name}_module.html",
            name,
        )
        for name in ("async_status", "copy", "stat")
    ),
    *(
        ("std:envvar", f"ANSIBLE_{name}", "reference_appendices/config.html#envvar-$", "-")
        for name in (
            "CACHE_PLUGIN",
            "CACHE_PLUGIN_CONNECTION",
            "CACHE_PLUGIN_PREFIX",
            "CACHE_PLUGIN_TIMEOUT",
            "INVENTORY_CACHE",
            "INVENTORY_CACHE_CONNECTION",
            "INVENTORY_CACHE_PLUGIN",
            "INVENTORY_CACHE_PLUGIN_PREFIX",
            "INVENTORY_CACHE_TIMEOUT",
            "INVENTORY_USE_EXTRA_VARS",
        )
    ),
]


def inventory() -> bytes:
    """Return an intersphinx inventory with only the entries to which pages refer."""
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n# The rest is compressed using zlib.\n"
    lines = "".join(f"{name} {kind} 1 {address} {title}\n" for kind, name, address, title in ANSIBLE)
    return head.encode() + zlib.compress(lines.encode())


def toctree(caption: str, documents: list[str]) -> str:
    """Return a navigation group of pages, given as paths or as titles with a path in angle brackets."""
    lines = "".join(f"   {document}\n" for document in documents)
    return f"\n.. toctree::\n   :caption: {caption}\n   :maxdepth: 1\n   :hidden:\n\n{lines}"


def navigation() -> Iterator[str]:
    """Yield the guides in their groups, followed by the reference and the changelog."""
    guides = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))
    for section in guides["sections"]:
        yield toctree(section["title"], [f"collection/docsite/{name}" for name in section["toctree"]])
    pages = documented(ROOT)
    plugins = [kind for kind in pages if kind not in ("module", "role")]
    for caption, kinds in (("Modules", ["module"]), ("Roles", ["role"]), ("Plugins", plugins)):
        names = [(name.rpartition(".")[2], kind) for kind in kinds for name in pages[kind]]
        titles = {kind: f" ({kind})" if caption == "Plugins" else "" for kind in kinds}
        yield toctree(caption, [f"{name}{titles[kind]} <collection/{name}_{kind}>" for name, kind in names])
    yield toctree("Settings", ["Environment variables <collection/environment_variables>"])
    yield toctree("Changelog", ["Release notes <collection/changelog>"])


def write_source(programs: Path) -> None:
    """Write all files that Sphinx reads."""
    shutil.rmtree(SITE, ignore_errors=True)
    generated = SOURCE / "collection"
    generated.mkdir(parents=True)
    generated.chmod(0o700)
    home = CACHE / "home"
    home.mkdir(exist_ok=True)
    subprocess.run(
        [str(programs / "antsibull-docs"), *REFERENCE.split(), "--dest-dir", str(generated), COLLECTION],
        check=True,
        env={
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(home),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        },
    )
    (generated / "index.rst").unlink()
    for page in generated.glob("*.rst"):  # The theme shows the table of contents next to the page.
        page.write_text(CONTENTS.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "site", SOURCE, dirs_exist_ok=True)
    shutil.copytree(ROOT / "docs" / "images", SOURCE / "images")
    (SOURCE / "ansible.inv").write_bytes(inventory())
    with (SOURCE / "index.rst").open("a", encoding="utf-8") as index:
        index.writelines(navigation())


def main() -> int:
    """Build the documentation site and return the exit code."""
    link_collection()
    programs = separate("docs")
    write_source(programs)
    places = map(str, (SITE / "doctrees", SOURCE, HTML))
    if subprocess.run([programs / "sphinx-build", *SPHINX.split(), "-d", *places], check=False).returncode:
        return 1
    links = broken(HTML)
    print("\n".join(links), file=sys.stderr, end="\n" if links else "")
    print(f"The site is in {HTML.relative_to(ROOT)}/index.html")
    return 1 if links else 0


if __name__ == "__main__":
    sys.exit(main())
