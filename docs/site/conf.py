# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of Sphinx for the documentation site, which `make docs` builds from the pages of antsibull-docs."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import yaml
from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent

GALAXY = yaml.safe_load((HERE.parents[1] / "galaxy.yml").read_text(encoding="utf-8"))

project = "hybrid.connectors"
release = version = GALAXY["version"]
html_title = f"{project} {release}"
copyright = "hybrid.connectors contributors"

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext", "sphinx_copybutton"]
default_role = "any"
nitpicky = True
# `make docs` runs without internet, so it checks only links to files of this site.
linkcheck_ignore = ["https?://"]

# This inventory contains only the entries to which pages refer, so that the build does not need internet.
INVENTORY = HERE.parents[1] / ".cache" / "site" / "ansible.inv"
HEAD = b"# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n# The rest is compressed using zlib.\n"
INVENTORY.write_bytes(HEAD + zlib.compress((HERE / "ansible.txt").read_bytes()))
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/ansible/latest/", str(INVENTORY))}

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_favicon = "static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
html_use_index = False
html_use_smartypants = False
highlight_language = "yaml+jinja"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-dark"

# In a block with prompts, the button copies the commands, without the prompts and the output.
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"

CONTENTS = re.compile(r"^\.\. contents::\n(?: +.*\n)*", re.MULTILINE)
PLUGINS = ("filter", "inventory", "lookup", "test")
# The short titles of the guides in the navigation.
TITLES = yaml.safe_load((HERE / "titles.yml").read_text(encoding="utf-8"))


def _group(caption: str, pages: list[str]) -> str:
    """Return a group of pages in the navigation."""
    lines = "".join(f"   {page}\n" for page in pages)
    return f"\n.. toctree::\n   :caption: {caption}\n   :maxdepth: 1\n   :hidden:\n\n{lines}"


def _pages(source: Path, pattern: str, suffix: str = "") -> list[str]:
    """Return the reference pages whose names match a pattern, with short titles."""
    names = [path.stem for path in sorted(source.glob(f"collection/{pattern}.rst"))]
    return [f"{name.rpartition('_')[0]}{suffix} <collection/{name}>" for name in names]


def _guide(name: str) -> str:
    """Return a guide with its short title. A guide without a short title keeps the title of its page."""
    page = f"collection/docsite/{name}"
    title = TITLES["guides"].get(name)
    return f"{title} <{page}>" if title else page


def _navigation(source: Path) -> Iterator[str]:
    """Yield the guides in their groups, followed by the reference."""
    guides = yaml.safe_load((HERE.parent / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))
    for section in guides["sections"]:
        pages = [_guide(name) for name in section["toctree"]]
        if section["title"] == "Releases":
            pages.insert(0, "Release notes <collection/changelog>")
        yield _group(section["title"], pages)
    prefixes = {path.name.partition("_")[0] for path in source.glob("collection/*_module.rst")}
    for prefix in sorted(prefixes):
        title = TITLES["modules"].get(prefix, prefix)
        yield _group(f"Modules: {title}", _pages(source, f"{prefix}_*_module"))
    yield _group("Roles", _pages(source, "*_role"))
    yield _group("Plugins", [page for kind in PLUGINS for page in _pages(source, f"*_{kind}", f" ({kind})")])
    yield _group("Settings", ["Environment variables <collection/environment_variables>"])


def _change(app: Sphinx, name: str, content: list[str]) -> None:
    """Add the navigation, and remove tables of contents, which the theme shows next to the page."""
    content[0] = CONTENTS.sub("", content[0])
    if name == "index":
        content[0] += "".join(_navigation(Path(app.srcdir)))


def setup(app: Sphinx) -> None:
    """Register the changes of the pages."""
    app.connect("source-read", _change)
