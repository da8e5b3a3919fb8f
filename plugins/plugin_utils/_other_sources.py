# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Choose an alternative host name for a connector if another inventory source already uses its name.

Ansible merges hosts that have the same name in several sources. Variables from the later source take precedence, and
the host belongs to the groups from all sources. Two connectors could become one host that is both healthy and down.
"""

from __future__ import annotations

import os
import re
import typing as t

from ..module_utils._errors import InputError
from ..module_utils._plan import counted, first_of, shown
from ._sanitize import inventory_name
from ._sources import free_name

MAX_PREFIX = 50
# Maximum number of hosts in a warning.
MAX_NAMED = 5

_PREFIX = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{,{MAX_PREFIX - 1}}}")
_END_OF_FILE_NAME = re.compile(r"[._-]?fleet\.ya?ml\Z")


def checked_prefix(prefix: str | None) -> str:
    """Validate the host name prefix and return it, or return an empty string if it is not set.

    :raises InputError: the prefix is too long, or contains an invalid character.
    """
    if not prefix:
        return ""
    if not _PREFIX.fullmatch(prefix):
        raise InputError(
            f"Invalid value '{shown(prefix)}' for 'host_prefix': it must contain only letters, digits, '_', '.'"
            f" and '-', must not begin with '.' or '-', and must not be longer than {MAX_PREFIX} characters."
        )
    return prefix


class OtherSources:
    """The hosts and groups that an inventory contains before a file is parsed.

    :param inventory: the Ansible inventory.
    :param path: the path of the file.
    """

    def __init__(self, inventory: t.Any, path: str) -> None:
        self._path = path
        self._groups = frozenset(inventory.groups)
        # Ignore hosts from this file, because Ansible can parse a file twice.
        self._others = {
            name: host.vars for name, host in inventory.hosts.items() if host.vars.get("inventory_file") != path
        }
        self._renamed: dict[str, str] = {}
        self._merged: list[str] = []

    def distinct(self, names: t.Sequence[str]) -> list[str]:
        """Replace each host name that a group or a connector from another source already has, and return all names."""
        taken = {*self._others, *self._groups, *names}
        stem = _END_OF_FILE_NAME.sub("", os.path.basename(self._path))
        result = []
        for name in names:
            if name in self._groups or "fleet" in self._others.get(name, ()):
                self._renamed[name] = name = free_name(inventory_name(name, stem) if stem else name, taken)
                taken.add(name)
            elif name in self._others:
                self._merged.append(name)
            result.append(name)
        return result

    def warnings(self, added: t.Collection[str]) -> list[str]:
        """Return warnings about renamed hosts and about hosts that Ansible merges.

        :param added: the names of the hosts that the plugin added.
        """
        warnings = []
        pairs = [f"'{name}' as '{new}'" for name, new in self._renamed.items() if new in added]
        if pairs:
            warnings.append(
                f"{self._path}: The inventory already contains hosts with the same names from a different source. The"
                f" plugin adds the hosts {first_of(pairs, MAX_NAMED)}. Set 'host_prefix' in one of the files to get"
                " stable names."
            )
        merged = [name for name in self._merged if name in added]
        if merged:
            sources = {str(self._others[name].get("inventory_file") or "a different source") for name in merged}
            warnings.append(
                f"{self._path}: Ansible merges {counted(len(merged), 'host')} with hosts of the same name from"
                f" {first_of(sorted(sources), MAX_NAMED)}: {first_of(merged, MAX_NAMED)}. Set 'host_prefix' if these"
                " are different hosts."
            )
        return warnings
