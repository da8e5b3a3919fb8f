# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of a page in reStructuredText or Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives, roles
from markdown_it import MarkdownIt

REMARK = re.compile(
    r"^example: (?:(?P<fails>fails)|(?P<interrupted>interrupted)|not run: (?P<reason>\S.*))$", re.DOTALL
)
TITLE = re.compile(r'\btitle="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """An example: its language, its content, its optional file name, and the comments above it."""

    language: str
    text: str
    line: int
    caption: str = ""
    fails: bool = False
    interrupted: bool = False
    not_run: str = ""


def read(path: Path) -> list[Block]:
    """Return the examples of a page in their order."""
    text = path.read_text(encoding="utf-8")
    return list(_markdown(text) if path.suffix == ".md" else _restructured(text))


def _remarks(remark: str) -> dict[str, Any]:
    """Return the remarks in a comment before an example."""
    if not remark.startswith("example:"):
        return {}
    found = REMARK.match(remark)
    assert found, f"'{remark}' is none of 'example: fails', 'example: interrupted', 'example: not run: <reason>'."
    marks = {name: bool(found[name]) for name in ("fails", "interrupted")}
    return {**marks, "not_run": " ".join((found["reason"] or "").split())}


def _markdown(text: str) -> Iterator[Block]:
    remarks: dict[str, Any] = {}
    for token in MarkdownIt().parse(text):
        if token.type == "html_block":
            remarks = _remarks(token.content.strip().removeprefix("<!--").removesuffix("-->").strip())
        elif token.type in ("fence", "code_block"):
            title = TITLE.search(token.info)
            language = (token.info.split() or [""])[0]
            line = token.map[0] + 1 if token.map else 0
            yield Block(language, token.content, line, title[1] if title else "", **remarks)
            remarks = {}


class _CodeBlock(Directive):
    """The Sphinx directive for an example, whose caption is read."""

    optional_arguments = 1
    has_content = True
    option_spec = {"caption": directives.unchanged_required, "emphasize-lines": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        text = "\n".join(self.content) + "\n"
        language = self.arguments[0] if self.arguments else ""
        caption = self.options.get("caption", "")
        return [nodes.literal_block(text, text, language=language, caption=caption, line=self.lineno)]


class _Kept(Directive):
    """A Sphinx directive whose content is parsed, because it can contain examples."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = dict.fromkeys(("maxdepth", "caption", "hidden", "titlesonly", "glob"), directives.unchanged)

    def run(self) -> list[nodes.Node]:
        node = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def _plain(_name: str, _raw: str, text: str, *_more: Any) -> Any:
    return [nodes.inline(text, text)], []


def _restructured(text: str) -> Iterator[Block]:
    directives.register_directive("code-block", _CodeBlock)
    for name in ("toctree", "seealso", "versionadded", "versionchanged", "deprecated"):
        directives.register_directive(name, _Kept)
    for name in ("ref", "doc", "envvar", "ansplugin", "ansopt", "ansoptref", "ansretval", "ansval", "ansenvvar"):
        roles.register_local_role(name, _plain)
    # An error, such as an unknown directive, could hide an example.
    document = publish_doctree(text, settings_overrides={"halt_level": 3, "report_level": 3})
    remarks: dict[str, Any] = {}
    for node in document.findall():
        if isinstance(node, nodes.comment):
            remarks = _remarks(node.astext())
        elif isinstance(node, nodes.literal_block):
            yield Block(
                node.get("language", ""), node.astext(), node.get("line", 0), node.get("caption", ""), **remarks
            )
            remarks = {}
