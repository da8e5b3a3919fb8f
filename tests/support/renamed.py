# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run an Ansible program in which ansible-core has a different name for an attribute, as a future release could.

Usage: python renamed.py PACKAGE NAME PROGRAM [ARGUMENT]... where PROGRAM is for example ``playbook``. The attribute is
renamed in the source of the package and of its modules. For a NAME with an owner, such as ``self._task``, the program
renames only this attribute, not modules or functions of the same name.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import re
import sys
from types import CodeType

# The private attributes that in-process execution uses, and the names that the construction of an inventory uses.
# tests/unit compares them with the code.
USED_IN_PROCESS = ("_task", "_connection", "_loader", "_templar")
USED_BY_INVENTORY = ("_sanitize_group_name", "fetch_hostvars", "trust_as_template", "is_trusted_as_template")


def rename(package: str, name: str) -> None:
    """Rename an attribute in the source of each module of a package that is imported from now on."""
    original = importlib.machinery.SourceFileLoader.get_code
    word = re.compile(rf"\b{re.escape(name)}\b")
    owner, dot, attribute = name.rpartition(".")
    replacement = f"{owner}{dot}renamed_{attribute}"

    def get_code(loader: importlib.machinery.SourceFileLoader, module: str) -> CodeType | None:
        if module != package and not module.startswith(f"{package}."):
            return original(loader, module)
        path = loader.get_filename(module)
        source = loader.get_data(path).decode("utf-8")
        code: CodeType = loader.source_to_code(word.sub(replacement, source).encode("utf-8"), path)
        return code

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    rename(sys.argv[1], sys.argv[2])
    program = sys.argv[3]
    sys.argv = [f"ansible-{program}", *sys.argv[4:]]
    importlib.import_module(f"ansible.cli.{program}").main()
