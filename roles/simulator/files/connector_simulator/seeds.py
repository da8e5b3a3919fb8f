# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulator starts from: the vendors' own samples, unless a seed says otherwise.

A seed is an object of ``credentials``, ``settings``, ``apono``, ``hdp``, ``voss`` and ``webex``. What it leaves out
keeps its samples; a list it gives replaces the samples' list. A system's ``generate`` adds objects by number.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from connector_simulator import generate

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
    _refuse_unknown("A seed", seed, ("credentials", "settings", *SYSTEMS))
    for part, given in seed.items():
        if not isinstance(given, dict):
            raise ValueError(f"The seed's {part} is an object.")
    credentials = seed.get("credentials", {})
    _refuse_unknown("The seed's credentials", credentials, SYSTEMS)
    result["credentials"].update(credentials)
    result["settings"] = dict(seed.get("settings", {}))
    for system in SYSTEMS:
        result[system] = _complete_system(system, seed.get(system, {}), result[system])
    return result


def read(path: str) -> dict[str, Any]:
    """Read a seed from a JSON file, or from stdin if the path is a dash; raises ValueError with a sentence."""
    try:
        seed = json.loads(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"The seed {path} cannot be read: {error}.") from None
    if not isinstance(seed, dict):
        raise ValueError(f"The seed {path} does not hold an object.")
    return seed


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
        wanted = given["generate"]
        if not isinstance(wanted, dict) or not all(isinstance(count, int) for count in wanted.values()):
            raise ValueError(f"The seed's {system}.generate is an object of whole numbers.")
        generator = _GENERATORS[system]
        known = generate.COUNTS[system]
        _refuse_unknown(f"The seed's {system}.generate", wanted, known)
        for name, items in generator(*(wanted.get(count, 0) for count in known)).items():
            result[name].extend(items)
    return result


def _refuse_unknown(what: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{what} has no {', '.join(unknown)}, only {', '.join(known)}.")
