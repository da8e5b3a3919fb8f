# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read seeds, which contain the initial data of a simulator, and add samples for missing data.

A seed is an object with the keys ``credentials``, ``settings``, ``quirks``, ``generate``, ``apono``, ``hdp``, ``voss``
and ``webex``. For keys that a seed omits, the simulator uses the samples. A list in a seed replaces a sample list. The
key ``generate`` replaces the samples with a generated fleet. Within a system, the key ``generate`` adds objects to the
system's lists.
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

_LISTS = {
    "apono": ("connectors", "integrations"),
    "hdp": ("connectors", "user_connectors", "users", "nodes"),
    "voss": ("nodes", "customers"),
    "webex": ("connectors", "clusters", "resource_groups", "organizations"),
}
SYSTEMS = tuple(_LISTS)
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
    """Return the sample data as a new, complete seed."""
    return cast("dict[str, Any]", json.loads(_samples_text()))


def complete(seed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a complete seed, with sample data for everything that the given seed omits.

    :raises ValueError: the seed is not valid.
    """
    result = samples()
    _reject_unknown("the seed", seed, ("credentials", "settings", "quirks", "generate", *SYSTEMS))
    for part, given in seed.items():
        if not isinstance(given, dict):
            raise ValueError(f"The key {part} of the seed must be an object.")
    credentials = seed.get("credentials", {})
    _reject_unknown("the credentials of the seed", credentials, SYSTEMS)
    for system, given in credentials.items():
        result["credentials"][system] = _completed_credentials(given, result["credentials"][system])
    result["settings"] = dict(seed.get("settings", {}))
    result["quirks"] = dict(seed.get("quirks", {}))
    seed = _with_fleet(seed)
    for system in SYSTEMS:
        result[system] = _complete_system(system, seed.get(system, {}), result[system])
    return result


def _completed_credentials(given: Any, samples: Any) -> Any:
    """Return credentials with sample values for missing fields."""
    return {**samples, **given} if isinstance(given, dict) and isinstance(samples, dict) else copy.deepcopy(given)


def digest(seed: Mapping[str, Any]) -> str:
    """Return a digest of a seed that ignores empty objects."""
    filled = {name: value for name, value in seed.items() if value != {}}
    return hashlib.sha256(json.dumps(filled, sort_keys=True).encode()).hexdigest()


def read(path: str) -> dict[str, Any]:
    """Read a seed from a JSON file, or from stdin if the path is ``-``.

    :raises ValueError: the file cannot be read or does not contain an object.
    """
    try:
        seed = json.loads(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"Cannot read the seed {path}: {error}.") from None
    if not isinstance(seed, dict):
        raise ValueError(f"The seed {path} must contain an object.")
    return seed


def _with_fleet(seed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a copy of a seed with the objects to generate divided among the systems."""
    if "generate" not in seed:
        return seed
    options = seed["generate"]
    _reject_unknown("generate of the seed", options, ("connectors", "organizations", "seed", "now"))
    numbers = [options.get(name, 0) for name in ("connectors", "organizations")]
    if not all(map(_is_count, numbers)):
        raise ValueError("connectors and organizations in generate of the seed must be whole numbers.")
    chosen = {name: options[name] for name in ("seed", "now") if name in options}
    systems = {}
    for system, counts in fleet.shares(*numbers).items():
        # The VOSS Automate nodes are kept because the generated customers are below them.
        empty: dict[str, Any] = {name: [] for name in _LISTS[system] if name not in ("nodes", "organizations")}
        generated = {"generate": {"seed": 1, **chosen, **counts}}
        systems[system] = {**empty, **generated, **seed.get(system, {})}
    return {**seed, **systems}


def _generated(system: str, options: Any) -> generate.Lists:
    """Generate the lists of a system: a realistic fleet if the options contain ``seed``, or else numbered objects."""
    known = generate.COUNTS[system]
    what = f"{system}.generate of the seed"
    if not isinstance(options, dict):
        raise ValueError(f"{what} must be an object of whole numbers.")
    _reject_unknown(what, options, (*known, "seed", "now"))
    counts = {name: options.get(name, 0) for name in known}
    if not all(map(_is_count, (*counts.values(), options.get("seed", 0)))):
        raise ValueError(f"{what} must be an object of whole numbers.")
    if "seed" not in options:
        return _GENERATORS[system](**counts)
    return fleet.lists(system, counts, options["seed"], _timestamp(f"{what}.now", options.get("now")))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _timestamp(what: str, value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        timestamp = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        raise ValueError(f"{what} must be a timestamp such as 2026-10-01T08:00:00Z.") from None
    return timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=timezone.utc)


def _complete_system(system: str, given: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    lists = _LISTS[system]
    _reject_unknown(f"{system} of the seed", given, (*lists, "generate"))
    for name in lists:
        if name in given:
            result[name] = _checked_list(f"{system}.{name}", given[name])
    if system == "hdp" and "connectors" in given and "user_connectors" not in given:
        result["user_connectors"] = copy.deepcopy(given["connectors"])
    if "generate" in given:
        for name, items in _generated(system, given["generate"]).items():
            result[name].extend(items)
    return result


def _checked_list(what: str, items: Any) -> list[dict[str, Any]]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError(f"{what} of the seed must be a list of objects.")
    return copy.deepcopy(items)


def _reject_unknown(what: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"Unknown key in {what}: {', '.join(unknown)}. Valid keys: {', '.join(known)}.")
