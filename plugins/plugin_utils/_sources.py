# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Check options, create cache entries, and choose host names for an inventory."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import itertools
import json
import os
import typing as t
from operator import attrgetter

from ..module_utils._errors import InputError
from ..module_utils._fleet import HEALTHS, are_objects
from ..module_utils._mappings import picked
from ..module_utils._plan import Object
from ..module_utils._providers.registry import PROVIDERS
from ._sanitize import inventory_name

FORMAT = 3
# Index of the longest host name in the result of :func:`_choices`.
LONGEST = 2
# Options that identify the account to which a cached list belongs. Tokens are secret, so they are not cached.
ACCOUNT = ("api_url", "username")

Options = t.Mapping[str, t.Any]
Choices = tuple[str, str, str]


def check_names(given: t.Iterable[object], definitions: t.Mapping[str, t.Mapping[str, t.Any]]) -> None:
    """Check that the top-level keys of an inventory file are options of the plugin.

    :param definitions: the options of the plugin, including those from documentation fragments.
    :raises InputError: an option does not exist.
    """
    aliases = (definition.get("aliases") or () for definition in definitions.values())
    known = {*definitions, *itertools.chain.from_iterable(aliases)}
    unknown = sorted(map(str, set(given) - known))
    if not unknown:
        return
    close = [match for name in unknown for match in difflib.get_close_matches(name, sorted(known), n=1)]
    remedy = f"Valid options are {', '.join(sorted(known))}."
    if len(close) == len(unknown):
        remedy = f"Did you mean {', '.join(dict.fromkeys(close))}?"
    raise InputError(f"Unknown option in the inventory file: {', '.join(unknown)}. {remedy}")


def check(system: str, options: Options) -> None:
    """Check that the options of a system are known, and that the required options are set.

    :raises InputError: an option does not exist, or a required option is missing.
    """
    provider = PROVIDERS[system]
    known = [*map(attrgetter("name"), provider.connection.options), *provider.scope]
    unknown = sorted(map(str, set(options) - set(known)))
    if unknown:
        raise InputError(f"Unknown option for '{system}': {', '.join(unknown)}. Valid options are {', '.join(known)}.")
    for name in provider.required_scope:
        if options.get(name) in (None, ""):
            raise InputError(f"'{system}' requires the option '{name}'.")


def with_paths_beside(file: str, system: str, options: Options) -> Options:
    """Make the paths in a system's options absolute, based on the directory of the inventory file."""
    folder = os.path.dirname(os.path.abspath(file))
    absolute = dict(options)
    for option in PROVIDERS[system].connection.options:
        given = options.get(option.name)
        if option.type == "path" and given and isinstance(given, str):
            absolute[option.name] = os.path.join(folder, os.path.expanduser(os.path.expandvars(given)))
    return absolute


def cache_key(path: str, system: str, options: Options) -> str:
    """Return the cache key for a system's list, based on the inventory file, the API URL and the scope.

    :param options: the options of the system, without secrets.
    """
    scope = picked(options, ("api_url", *PROVIDERS[system].scope))
    text = json.dumps([path, system, scope], sort_keys=True, default=str)
    return f"hybrid_connectors_fleet_{system}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def account(system: str, options: Options) -> dict[str, str]:
    """Return the URL and the user name that identify an account, omitting values that are not set."""
    found = {}
    for option in PROVIDERS[system].connection.options:
        value = options.get(option.name)
        if value is None:
            value = os.environ.get(option.env) or option.default
        if option.name in ACCOUNT and value not in (None, ""):
            found[option.name] = str(value)
    return found


def cache_entry(items: list[Object], of_account: t.Mapping[str, str]) -> Object:
    """Return the cache entry for a list.

    :param of_account: the result of :func:`account`.
    """
    return {"format": FORMAT, "account": dict(of_account), "items": items}


def cached_items(entry: object, of_account: t.Mapping[str, str]) -> list[Object] | None:
    """Return the list in a cache entry, or None if the entry is malformed or has a different version or account."""
    try:
        plain = json.loads(json.dumps(entry))
    except (TypeError, ValueError, RecursionError):  # the cache plugin returned unexpected types
        return None
    if not isinstance(plain, dict) or plain.get("format") != FORMAT or not isinstance(plain.get("account"), dict):
        return None
    for name, value in of_account.items():
        if plain["account"].get(name, value) != value:
            return None
    items: list[Object] | None = plain.get("items")
    return items if are_objects(items) else None


def protect(cache: t.Any, keys: t.Collection[str]) -> None:
    """Make the cache files for these keys readable only by their owner, because Ansible makes them world-readable.

    The function does nothing if the cache does not consist of files. Ansible adds prefixes to the keys.
    """
    folder = getattr(getattr(cache, "_plugin", None), "_cache_dir", None)
    if not isinstance(folder, str):
        return
    # if a file cannot be changed, Ansible has already displayed a warning
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(tuple(keys)) and entry.is_file(follow_symlinks=False):
                os.chmod(entry.path, 0o600)


def groups_of(system: str, health: str) -> tuple[str, str, str]:
    """Return the inventory groups for a connector with this system and health."""
    return system, f"{system}_{health}", f"health_{health}"


def host_names(system: str, records: t.Sequence[Object]) -> list[str]:
    """Return a unique host name for each record. No host name is the same as a group name.

    A host name consists of the system and the name of the connector. If this name is not unique, the ID is added. If
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
    """Raise the level of each record whose host name is not unique, and return all levels.

    The level is the index of the host name in ``choices``. If the short name of a record equals a longer name of a
    different record, only the level of the short name is raised.
    """
    lowest: dict[str, int] = {}
    different: dict[str, set[str]] = {}
    for name, choice, level in zip(names, choices, levels):
        lowest[name] = min(level, lowest.get(name, level))
        different.setdefault(name, set()).add(choice[-1])
    result = []
    for name, level in zip(names, levels):
        is_taken = len(different[name]) > 1 or name in groups
        if is_taken and level == lowest[name]:
            level = min(level + 1, LONGEST)
        result.append(level)
    return result


def _choices(system: str, record: Object) -> Choices:
    """Return the possible host names for a record, from the shortest to the longest."""
    parts = list(filter(None, (record["name"], record["id"])))
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
    return inventory_name(system, *parts[:1]), inventory_name(system, *parts), inventory_name(system, *parts, digest)


def _numbered(names: t.Sequence[str], taken: t.Collection[str]) -> list[str]:
    """Append a number to repeated names, because a service can return the same ID twice."""
    used = {*taken, *names}
    seen = set(taken)
    result = []
    for name in names:
        if name in seen:
            name = free_name(name, used)
            used.add(name)
        seen.add(name)
        result.append(name)
    return result


def free_name(name: str, taken: t.Collection[str]) -> str:
    """Return a host name that is not taken, adding a number as a suffix if necessary."""
    free = inventory_name(name)
    numbers = itertools.count(2)
    while free in taken:
        free = inventory_name(name, str(next(numbers)))
    return free
