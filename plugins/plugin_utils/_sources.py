# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The systems of an inventory: the options of each, the entries of the cache, and the names of hosts."""

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
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import host_name

FORMAT = 2
LONGEST = 2  # the last of the names that a record can have
# Who asks, and where: without them what is kept may still be read, since it takes no credentials.
ASKED = ("api_url", "username")

Options = t.Mapping[str, t.Any]
Choices = tuple[str, str, str]


def check(system: str, options: Options) -> None:
    """Refuse options that a system does not have in an inventory, or that it needs.

    :raises InputError: in a sentence.
    """
    known = [option.name for option in PROVIDERS[system].connection.options] + list(PROVIDERS[system].scope)
    unknown = sorted(str(name) for name in set(options) - set(known))
    if unknown:
        raise InputError(f"'{system}' has no option {', '.join(unknown)}; it has {', '.join(known)}.")
    for name in PROVIDERS[system].required_scope:
        if options.get(name) in (None, ""):
            raise InputError(f"'{system}' needs the option '{name}'.")


def secret_options(system: str) -> frozenset[str]:
    """The options of a system that hold secrets."""
    return frozenset(option.name for option in PROVIDERS[system].connection.options if option.secret)


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
    """The name under which a system's list is kept: another one for another file, address or scope.

    :param options: those of the system that are given and no secrets.
    """
    scope = {name: options.get(name) for name in ("api_url", *PROVIDERS[system].scope)}
    text = json.dumps([path, system, scope], sort_keys=True, default=str)
    return f"hybrid_connectors_fleet_{system}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def asked(system: str, options: Options) -> dict[str, str]:
    """Where a list comes from and who asks for it, as far as that is known without a secret."""
    known = {option.name: option for option in PROVIDERS[system].connection.options if option.name in ASKED}
    found = {name: _effective(option, options) for name, option in known.items()}
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def _effective(option: Option, options: Options) -> object:
    if options.get(option.name) is not None:
        return options[option.name]
    return os.environ.get(option.env or "") or option.default


def kept(items: list[Object], by: t.Mapping[str, str]) -> Object:
    """A list as it is kept in a cache."""
    return {"format": FORMAT, "asked": dict(by), "items": items}


def found_in(entry: object, by: t.Mapping[str, str]) -> list[Object] | None:
    """The list in what a cache kept, of plain types; None if it is of another version, or was asked for by another."""
    try:
        plain = json.loads(json.dumps(entry))
    except (TypeError, ValueError, RecursionError):  # a cache plugin made objects of it
        return None
    if not isinstance(plain, dict) or plain.get("format") != FORMAT or not isinstance(plain.get("asked"), dict):
        return None
    if any(plain["asked"].get(name, value) != value for name, value in by.items()):
        return None
    items = plain.get("items")
    return items if isinstance(items, list) and all(isinstance(item, Mapping) for item in items) else None


def protect(cache: t.Any, keys: t.Collection[str]) -> None:
    """Let only the owner read the files of a cache that have these keys; Ansible lets everybody.

    A cache that has no files is left alone. Ansible puts a prefix before the key, and since 2.19 one more.
    """
    folder = getattr(getattr(cache, "_plugin", None), "_cache_dir", None)
    if not keys or not isinstance(folder, str):
        return
    # What cannot be written or changed is left to Ansible, which has warned of it.
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(tuple(keys)) and entry.is_file(follow_symlinks=False):
                os.chmod(entry.path, 0o600)


def groups_of(system: str, health: str) -> tuple[str, str, str]:
    """The groups that a connector of a system and of a health is in."""
    return system, f"{system}_{health}", f"health_{health}"


def host_names(system: str, records: t.Sequence[Object]) -> list[str]:
    """Return a name for each record, all different, and none that of one of the groups above.

    A name is made of the system and the connector's name; where that is not enough, of the id as well; and where names
    or ids differ only in characters that a name of a host cannot have, of a digest of both as well.
    """
    choices = [_choices(system, record) for record in records]
    groups = {name for of in PROVIDERS for health in HEALTHS for name in groups_of(of, health)}
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
    """Return which name each record is to have, where several different ones have one name, or one that of a group.

    A record whose short name is the long one of another gives way to it.
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
    """Return the names that a record can have, the shortest first."""
    parts = [part for part in (record["name"], record["id"]) if part]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
    return (
        host_name(system, *parts[:1]),
        host_name(system, *parts),
        host_name(system, *parts, digest),
    )


def _numbered(names: t.Sequence[str], taken: t.Collection[str]) -> list[str]:
    """Return the names, with a number where there is still another such: a service that returns an id twice."""
    used = {*taken, *names}
    seen = set(taken)
    result = []
    for name in names:
        if name in seen:
            number = 2
            while host_name(name, str(number)) in used:
                number += 1
            name = host_name(name, str(number))
            used.add(name)
        seen.add(name)
        result.append(name)
    return result
