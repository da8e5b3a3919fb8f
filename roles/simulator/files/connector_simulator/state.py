# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the complete state of the simulator: systems, journal, faults, quirks and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector_simulator import seeds
from connector_simulator.apono import Apono
from connector_simulator.faults import Faults
from connector_simulator.hdp import Hdp, Login
from connector_simulator.journal import Journal
from connector_simulator.quirks import Quirks
from connector_simulator.settings import Settings
from connector_simulator.system import System
from connector_simulator.voss.service import Voss, VossLogin
from connector_simulator.webex import Webex

PREFIXES = {"apono": Apono.prefix, "hdp": Hdp.prefix, "voss": Voss.prefix, "webex": Webex.prefix}


class State:
    """The state of the simulator, which is created from a seed and replaced by a reset.

    :raises ValueError: the seed is not valid.
    """

    def __init__(self, seed: Mapping[str, Any]):
        complete = seeds.complete(seed)
        self.journal = Journal()
        self.faults = Faults()
        self.settings = Settings()
        self.settings.merge(complete["settings"])
        self.quirks = Quirks()
        self.quirks.merge(complete["quirks"])
        self._credentials = complete["credentials"]
        self.systems = _systems(complete, self.settings)

    def dump(self) -> dict[str, Any]:
        """Return the state in the format of a seed, including the credentials of the simulator."""
        return {
            "credentials": self._credentials,
            "settings": self.settings.as_dict(),
            "quirks": self.quirks.as_dict(),
            **{name: system.dump() for name, system in self.systems.items()},
        }


def find_system(path: str) -> str | None:
    """Return the name of the system for a raw request path, or None if no system has this path prefix."""
    for name, prefix in PREFIXES.items():
        if path == prefix or path.startswith(prefix + "/"):
            return name
    return None


def _systems(seed: Mapping[str, Any], settings: Settings) -> dict[str, System]:
    credentials = seed["credentials"]
    try:
        return {
            "apono": Apono(settings.values["apono"], credentials["apono"]["token"], seed["apono"]),
            "hdp": Hdp(settings.values["hdp"], [Login(**login) for login in credentials["hdp"]], seed["hdp"]),
            "voss": Voss(settings.values["voss"], [VossLogin(**login) for login in credentials["voss"]], seed["voss"]),
            "webex": Webex(settings.values["webex"], credentials["webex"], seed["webex"]),
        }
    except (KeyError, TypeError) as error:
        raise ValueError(f"The seed is incomplete or contains an unknown field: {error}.") from None
