# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Hosts that an inventory already has from other sources when a file of this collection is parsed.

Ansible merges hosts of one name, whatever source they are from: variables of the later source win, and the host is in
the groups of both. Two connectors would become one that is healthy and down at the same time.
"""

from __future__ import annotations

import itertools
import os
import re
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import first_of
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import host_name

MAX_PREFIX = 50
# How many hosts a warning names.
MAX_NAMED = 5

_PREFIX = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_END_OF_FILE_NAME = re.compile(r"[._-]?fleet\.ya?ml\Z")


def checked_prefix(prefix: str | None) -> str:
    """Return the prefix of host names; empty if there is none.

    :raises InputError: it contains what a host name cannot contain.
    """
    if not prefix:
        return ""
    if not _PREFIX.fullmatch(prefix) or len(prefix) > MAX_PREFIX:
        raise InputError(
            f"Option 'host_prefix' is '{prefix[:MAX_PREFIX]}': it must contain only letters, digits, '_', '.' and '-',"
            f" must not begin with '.' or '-', and must not be longer than {MAX_PREFIX} characters."
        )
    return prefix


class OtherSources:
    """What is in an inventory before a file is parsed.

    :param inventory: Ansible's inventory.
    :param path: path of the file that is parsed.
    """

    def __init__(self, inventory: t.Any, path: str) -> None:
        self._path = path
        self._groups = frozenset(inventory.groups)
        # A file that is parsed twice adds its hosts twice, and that changes nothing.
        self._others = {
            name: host.vars for name, host in inventory.hosts.items() if host.vars.get("inventory_file") != path
        }
        self._renamed: dict[str, str] = {}
        self._merged: list[str] = []

    def distinct(self, names: t.Sequence[str]) -> list[str]:
        """Return the names for the hosts of the file, none of them that of a connector from a different source."""
        taken = {*self._others, *self._groups, *names}
        result = []
        for name in names:
            if name in self._groups or "fleet" in self._others.get(name, ()):
                self._renamed[name] = name = self._free(name, taken)
                taken.add(name)
            elif name in self._others:
                self._merged.append(name)
            result.append(name)
        return result

    def warnings(self, added: t.Collection[str]) -> list[str]:
        """Return warnings about hosts that were renamed or that Ansible merges.

        :param added: the names of the hosts that the file adds.
        """
        renamed = {name: new for name, new in self._renamed.items() if new in added}
        merged = [name for name in self._merged if name in added]
        warnings = []
        if renamed:
            pairs = first_of([f"'{name}' as '{new}'" for name, new in renamed.items()], MAX_NAMED)
            warnings.append(
                f"{self._path}: {len(renamed)} host name(s) already exist in the inventory from a different source."
                f" Added {pairs}. Set 'host_prefix' in one of the files to get stable names."
            )
        if merged:
            sources = {str(self._others[name].get("inventory_file") or "a different source") for name in merged}
            warnings.append(
                f"{self._path}: Ansible merges {len(merged)} host(s) with hosts of the same name from"
                f" {first_of(sorted(sources), MAX_NAMED)}: {first_of(merged, MAX_NAMED)}. Set 'host_prefix' if they are"
                " different hosts."
            )
        return warnings

    def _free(self, name: str, taken: t.Collection[str]) -> str:
        stem = _END_OF_FILE_NAME.sub("", os.path.basename(self._path))
        parts = (name, stem) if stem else (name,)
        numbered = (host_name(*parts, str(number)) for number in itertools.count(2))
        candidates = itertools.chain([host_name(*parts)], numbered)
        return next(candidate for candidate in candidates if candidate not in taken)
