# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the registry of providers from the packages in plugins/module_utils/_providers.

This file does not import the collection when it is loaded, because the collection cannot find a new provider until the
registry has been generated.
"""

from __future__ import annotations

import importlib
import re
import textwrap
import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PROVIDERS = "plugins/module_utils/_providers"
PACKAGE = "ansible_collections.hybrid.connectors.plugins.module_utils"


def with_region(text: str, name: str, content: str) -> str:
    """Replace the content between ``BEGIN GENERATED`` and ``END GENERATED`` comments.

    :raises ValueError: the text does not contain exactly one region with this name.
    """
    pattern = rf"(?m)^(( *)(?:#|<!--) BEGIN GENERATED {name}\b.*\n)(?:.*\n)*?(\2(?:#|<!--) END GENERATED {name}\b.*\n)"
    result, count = re.subn(pattern, lambda match: match[1] + textwrap.indent(content, match[2]) + match[3], text)
    if count != 1:
        raise ValueError(f"The text contains the region '{name}' {count} times instead of once.")
    return result


def files() -> dict[str, str]:
    """Return the content of the registry and of each provider's ``__init__.py``, keyed by path in the source tree."""
    imports = entries = ""
    texts = {}
    for path in sorted((ROOT / PROVIDERS).glob("*/provider.py")):
        system = path.parent.name
        (provider,) = re.findall(r"(?m)^class (\w+)\(Provider\):", path.read_text(encoding="utf-8"))
        imports += f"from .{system}.provider import {provider}\n"
        entries += f'    "{system}": {provider}(),\n'
        texts[f"{PROVIDERS}/{system}/__init__.py"] = ""
    registry = f"{PROVIDERS}/registry.py"
    region = f"{imports}\nPROVIDERS: dict[str, Provider] = {{\n{entries}}}\n"
    texts[registry] = with_region((ROOT / registry).read_text(encoding="utf-8"), "providers", region)
    return texts


def documentation(module: str) -> dict[str, t.Any]:
    """Return the parsed ``DOCUMENTATION`` string of a file in ``plugins/module_utils``."""
    content: dict[str, t.Any] = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{module}").DOCUMENTATION)
    return content


def descriptions(system: str) -> dict[str, list[str]]:
    """Return the description of each connection option of a system."""
    return documentation("_connection") | documentation(f"_providers.{system}.connection")


def write(texts: dict[str, str]) -> None:
    """Write files. The keys of ``texts`` are paths in the source tree."""
    for name, text in texts.items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text, encoding="utf-8")
