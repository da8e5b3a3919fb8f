# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulator starts from: the vendors' own samples, unless a seed has other data.

A seed is an object of ``credentials``, ``settings``, ``quirks``, ``generate``, ``apono``, ``hdp``, ``voss`` and
``webex``. What it leaves out keeps its samples; a list that it has replaces the list of the samples. ``generate`` makes
a fleet, in place of the samples; the ``generate`` of a system adds objects to its lists.
"""

from __future__ import annotations

import copy
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any, cast

from connector_simulator import fleet, generate

SYSTEMS = ("apono", "hdp", "voss", "webex")
_LISTS = {
    "apono": ("connectors", "integrations"),
    "hdp": ("connectors", "user_connectors"),
    "voss": ("nodes", "customers"),
    "webex": ("connectors", "clusters", "resource_groups"),
}
_GENERATORS: dict[str, Callable[..., generate.Lists]] = {
    "apono": generate.apono,
    "hdp": generate.hdp,
    "voss": generate.voss,
    "webex": generate.webex,
}


@cache
def _samples_text() -> str:
    return (Path(__file__).parent / "data" / "samples.json").read_text(encoding="utf-8")


def samples() -> dict[str, Any]:
    """A fresh copy of the samples, in the form of a complete seed."""
    return cast("dict[str, Any]", json.loads(_samples_text()))


def complete(seed: Mapping[str, Any]) -> dict[str, Any]:
    """Fill a seed up with the samples; raises ValueError with a sentence that says what is wrong."""
    result = samples()
    _refuse_unknown("A seed", seed, ("credentials", "settings", "quirks", "generate", *SYSTEMS))
    for part, given in seed.items():
        if not isinstance(given, dict):
            raise ValueError(f"The seed's {part} is an object.")
    credentials = seed.get("credentials", {})
    _refuse_unknown("The seed's credentials", credentials, SYSTEMS)
    result["credentials"].update(credentials)
    result["settings"] = dict(seed.get("settings", {}))
    result["quirks"] = dict(seed.get("quirks", {}))
    seed = _with_fleet(seed)
    for system in SYSTEMS:
        result[system] = _complete_system(system, seed.get(system, {}), result[system])
    return result


def digest(seed: Mapping[str, Any]) -> str:
    """Return a digest of a seed, by which two seeds can be compared; what is empty does not count."""
    filled = {name: value for name, value in seed.items() if value != {}}
    return hashlib.sha256(json.dumps(filled, sort_keys=True).encode()).hexdigest()


def read(path: str) -> dict[str, Any]:
    """Read a seed from a JSON file, or from stdin if the path is a dash; raises ValueError with a sentence."""
    try:
        seed = json.loads(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"The seed {path} cannot be read: {error}.") from None
    if not isinstance(seed, dict):
        raise ValueError(f"The seed {path} does not hold an object.")
    return seed


def _with_fleet(seed: Mapping[str, Any]) -> Mapping[str, Any]:
    """The seed with the ``generate`` of all systems in the place of its own ``generate``."""
    if "generate" not in seed:
        return seed
    wanted = seed["generate"]
    _refuse_unknown("The seed's generate", wanted, ("connectors", "seed", "now"))
    if not _is_count(wanted.get("connectors", 0)):
        raise ValueError("The connectors of the seed's generate are a whole number.")
    chosen = {name: value for name, value in wanted.items() if name != "connectors"}
    systems = {}
    for system, counts in fleet.shares(wanted.get("connectors", 0)).items():
        # The nodes of VOSS Automate stay: the generated customers are below them.
        empty: dict[str, Any] = {name: [] for name in _LISTS[system] if name != "nodes"}
        generated = {"generate": {"seed": 1, **chosen, **counts}}
        systems[system] = {**empty, **generated, **seed.get(system, {})}
    return {**seed, **systems}


def _generated(system: str, wanted: Any) -> generate.Lists:
    """The lists that a system's ``generate`` makes: numbered objects, or with ``seed`` a believable fleet."""
    known = generate.COUNTS[system]
    what = f"The seed's {system}.generate"
    if not isinstance(wanted, dict):
        raise ValueError(f"{what} is an object of whole numbers.")
    _refuse_unknown(what, wanted, (*known, "seed", "now"))
    counts = {name: wanted.get(name, 0) for name in known}
    if not all(_is_count(count) for count in (*counts.values(), wanted.get("seed", 0))):
        raise ValueError(f"{what} is an object of whole numbers.")
    if "seed" not in wanted:
        return _GENERATORS[system](**counts)
    return fleet.lists(system, counts, wanted["seed"], _moment(f"{what}.now", wanted.get("now")))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _moment(what: str, value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        raise ValueError(f"{what} is a timestamp such as 2026-10-01T08:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _complete_system(system: str, given: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    lists = _LISTS[system]
    _refuse_unknown(f"The seed's {system}", given, (*lists, "generate"))
    for name in lists:
        if name not in given:
            continue
        items = given[name]
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ValueError(f"The seed's {system}.{name} is a list of objects.")
        result[name] = copy.deepcopy(items)
    if system == "hdp" and "connectors" in given and "user_connectors" not in given:
        result["user_connectors"] = copy.deepcopy(given["connectors"])
    if "generate" in given:
        for name, items in _generated(system, given["generate"]).items():
            result[name].extend(items)
    return result


def _refuse_unknown(what: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{what} has no {', '.join(unknown)}, only {', '.join(known)}.")
