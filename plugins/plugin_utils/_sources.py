# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Options, cache entries and host names of the systems of an inventory."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import typing as t
from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._connection import Option
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HEALTHS
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.plugin_utils._sanitize import inventory_name

FORMAT = 3
# Index of the longest name of a host, see _choices.
LONGEST = 2
# The options that identify the account of a cached list. Tokens are secrets and are not compared.
ACCOUNT = ("api_url", "username")

Options = t.Mapping[str, t.Any]
Choices = tuple[str, str, str]


def check(system: str, options: Options) -> None:
    """Check that the options of a system exist and are complete.

    :raises InputError: an option does not exist, or is missing.
    """
    provider = PROVIDERS[system]
    known = [option.name for option in provider.connection.options] + list(provider.scope)
    unknown = sorted(str(name) for name in set(options) - set(known))
    if unknown:
        raise InputError(f"Unknown option of '{system}': {', '.join(unknown)}. The options are {', '.join(known)}.")
    for name in provider.required_scope:
        if options.get(name) in (None, ""):
            raise InputError(f"'{system}' needs the option '{name}'.")


def secret_options(system: str) -> frozenset[str]:
    """Return the names of the options of a system that contain secrets."""
    return PROVIDERS[system].connection.secret_options


def with_paths_beside(file: str, system: str, options: Options) -> Options:
    """Return options of a system in which relative paths are relative to the directory of an inventory file."""
    folder = os.path.dirname(os.path.abspath(file))
    absolute = dict(options)
    for option in PROVIDERS[system].connection.options:
        given = options.get(option.name)
        if option.type == "path" and given and isinstance(given, str):
            absolute[option.name] = os.path.join(folder, os.path.expanduser(os.path.expandvars(given)))
    return absolute


def cache_key(path: str, system: str, options: Options) -> str:
    """Return the cache key of the list of a system, which depends on the inventory file, the address and the scope.

    :param options: the options of the system without secrets.
    """
    scope = {name: options.get(name) for name in ("api_url", *PROVIDERS[system].scope)}
    text = json.dumps([path, system, scope], sort_keys=True, default=str)
    return f"hybrid_connectors_fleet_{system}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def account(system: str, options: Options) -> dict[str, str]:
    """Return the address and the user name with which a list is read, as far as they are set."""
    found = {}
    for option in PROVIDERS[system].connection.options:
        value = _effective(option, options) if option.name in ACCOUNT else None
        if value not in (None, ""):
            found[option.name] = str(value)
    return found


def _effective(option: Option, options: Options) -> object:
    if options.get(option.name) is not None:
        return options[option.name]
    return os.environ.get(option.env or "") or option.default


def cache_entry(items: list[Object], of_account: t.Mapping[str, str]) -> Object:
    """Return the cache entry of a list.

    :param of_account: what :func:`account` returned.
    """
    return {"format": FORMAT, "account": dict(of_account), "items": items}


def cached_items(entry: object, of_account: t.Mapping[str, str]) -> list[Object] | None:
    """Return the list of a cache entry; None if the entry is of a different version or account, or is malformed."""
    try:
        plain = json.loads(json.dumps(entry))
    except (TypeError, ValueError, RecursionError):  # a cache plugin returned objects
        return None
    if not isinstance(plain, dict) or plain.get("format") != FORMAT or not isinstance(plain.get("account"), dict):
        return None
    for name, value in of_account.items():
        if plain["account"].get(name, value) != value:
            return None
    items = plain.get("items")
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        return None
    return items


def protect(cache: t.Any, keys: t.Collection[str]) -> None:
    """Make the files of a cache with these keys readable for their owner only. Ansible makes them readable for all.

    A cache without files is not changed. Ansible adds one prefix to the key, and two since ansible-core 2.19.
    """
    folder = getattr(getattr(cache, "_plugin", None), "_cache_dir", None)
    if not keys or not isinstance(folder, str):
        return
    # If the files cannot be changed, Ansible has already displayed a warning.
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(tuple(keys)) and entry.is_file(follow_symlinks=False):
                os.chmod(entry.path, 0o600)


def groups_of(system: str, health: str) -> tuple[str, str, str]:
    """Return the groups of a connector of a system with a health."""
    return system, f"{system}_{health}", f"health_{health}"


def host_names(system: str, records: t.Sequence[Object]) -> list[str]:
    """Return a unique host name for each record. No host name equals the name of a group.

    A host name consists of the system and the name of the connector. If that is not unique, the ID is added, and if the
    names and IDs differ only in characters that are not valid in host names, a digest of both is added.
    """
    choices = [_choices(system, record) for record in records]
    groups: set[str] = set()
    for of_system in PROVIDERS:
        for health in HEALTHS:
            groups.update(groups_of(of_system, health))
    levels = [0] * len(records)
    while True:
        names = [choice[level] for choice, level in zip(choices, levels)]
        longer = _longer(names, choices, levels, groups)
        if longer == levels:
            return _numbered(names, groups)
        levels = longer


def _longer(
    names: t.Sequence[str], choices: t.Sequence[Choices], levels: t.Sequence[int], groups: t.Collection[str]
) -> list[int]:
    """Return the index of the name of each record, with a longer name for names that are not unique.

    If the short name of a record equals the long name of another record, the former gets a longer name.
    """
    lowest: dict[str, int] = {}
    different: dict[str, set[str]] = {}
    for name, choice, level in zip(names, choices, levels):
        lowest[name] = min(level, lowest.get(name, level))
        different.setdefault(name, set()).add(choice[-1])
    result = []
    for name, level in zip(names, levels):
        is_taken = len(different[name]) > 1 or name in groups
        result.append(min(level + 1, LONGEST) if is_taken and level == lowest[name] else level)
    return result


def _choices(system: str, record: Object) -> Choices:
    """Return the possible host names of a record, the shortest first."""
    parts = [part for part in (record["name"], record["id"]) if part]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
    return (
        inventory_name(system, *parts[:1]),
        inventory_name(system, *parts),
        inventory_name(system, *parts, digest),
    )


def _numbered(names: t.Sequence[str], taken: t.Collection[str]) -> list[str]:
    """Return the names with a number where they are not unique, because a service returned an ID twice."""
    used = {*taken, *names}
    seen = set(taken)
    result = []
    for name in names:
        if name in seen:
            number = 2
            while inventory_name(name, str(number)) in used:
                number += 1
            name = inventory_name(name, str(number))
            used.add(name)
        seen.add(name)
        result.append(name)
    return result
