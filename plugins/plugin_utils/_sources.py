# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The systems that an inventory is made of: what may be said of each, reading all at once, keeping, and naming."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import typing as t
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError, InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HEALTHS, LISTS
from ansible_collections.hybrid.connectors.plugins.module_utils._listing import read
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import Option, connection_options

# The options of the info modules that say which connectors there are; those that are required first.
SCOPES: dict[str, tuple[str, ...]] = {
    "apono": (),
    "hdp": ("scope",),
    "voss": ("hierarchy",),
    "webex": ("org_id", "clusters"),
}
REQUIRED = {"voss": ("hierarchy",)}
FORMAT = 1
# Who asks, and where: without them what is kept may still be read, since it takes no credentials.
ASKED = ("api_url", "username")

Options = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Reading:
    """What came of reading a system: the list of its info module, or why there is none."""

    items: list[Object] | None = None
    warnings: tuple[str, ...] = ()
    error: ConnectorsError | None = None

    @property
    def refused(self) -> bool:
        """Whether a request failed, and not what was asked for."""
        return self.error is not None and bool((self.error.result.get("failure") or {}).get("method"))


def check(system: str, options: Options) -> None:
    """Refuse options that a system does not have in an inventory, or that it needs.

    :raises InputError: in a sentence.
    """
    known = [option.name for option in connection_options(system)] + list(SCOPES[system])
    unknown = sorted(str(name) for name in set(options) - set(known))
    if unknown:
        raise InputError(f"'{system}' has no option {', '.join(unknown)}; it has {', '.join(known)}.")
    for name in REQUIRED.get(system, ()):
        if options.get(name) in (None, ""):
            raise InputError(f"'{system}' needs the option '{name}'.")


def secret_options(system: str) -> frozenset[str]:
    """The options of a system that hold secrets."""
    return frozenset(option.name for option in connection_options(system) if option.secret)


def read_all(wanted: t.Mapping[str, Options]) -> dict[str, Reading]:
    """Read systems at the same time."""
    if not wanted:
        return {}
    with ThreadPoolExecutor(len(wanted)) as pool:
        return dict(zip(wanted, pool.map(_reading, wanted, wanted.values())))


def _reading(system: str, options: Options) -> Reading:
    warnings: list[str] = []
    try:
        return Reading(read(system, options, warnings.append), tuple(warnings))
    except ConnectorsError as error:
        return Reading(None, tuple(warnings), error)


def cache_key(path: str, system: str, options: Options) -> str:
    """The name under which a system's list is kept: another one for another file, address or scope.

    :param options: those of the system that are given and no secrets.
    """
    scope = {name: options.get(name) for name in ("api_url", *SCOPES[system])}
    text = json.dumps([path, system, scope], sort_keys=True, default=str)
    return f"hybrid_connectors_fleet_{system}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def asked(system: str, options: Options) -> dict[str, str]:
    """Where a list comes from and who asks for it, as far as that is known without a secret."""
    known = {option.name: option for option in connection_options(system) if option.name in ASKED}
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


def groups_of(system: str, health: str) -> tuple[str, str, str]:
    """The groups that a connector of a system and of a health is in."""
    return system, f"{system}_{health}", f"health_{health}"


def host_names(system: str, records: t.Sequence[Object]) -> list[str]:
    """A name for each record, all different, and none that of one of the groups above.

    It is the system and the connector's name, and the id as well where that is not enough.
    """
    short = [_decent(f"{system}_{record['name'] or record['id']}") for record in records]
    long = [
        _decent(f"{system}_{record['name']}_{record['id']}" if record["name"] else f"{system}_{record['id']}")
        for record in records
    ]
    groups = {name for of in LISTS for health in HEALTHS for name in groups_of(of, health)}
    names, chosen = short, [False] * len(records)
    while True:
        times = Counter(names)
        more = [not done and (times[name] > 1 or name in groups) for done, name in zip(chosen, names)]
        if not any(more):
            break
        chosen = [done or now for done, now in zip(chosen, more)]
        names = [long[place] if done else short[place] for place, done in enumerate(chosen)]
    return _numbered(names, groups)


def _numbered(names: t.Sequence[str], taken: t.Collection[str]) -> list[str]:
    """The names, with a number where there is still another such: a service that gives an id twice."""
    used = {*taken, *names}
    seen = set(taken)
    result = []
    for name in names:
        if name in seen:
            number = 2
            while f"{name}_{number}" in used:
                number += 1
            name = f"{name}_{number}"
            used.add(name)
        seen.add(name)
        result.append(name)
    return result


def _decent(name: str) -> str:
    """The name without what could be taken for a template, and without control characters.

    Ansible makes new texts of the names of hosts, so a mark that they are no templates would get lost.
    """
    return re.sub(r"[{}\x00-\x1f\x7f]", "_", name)
