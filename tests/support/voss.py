# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide a VOSS client for the simulator, some customers and nodes, and the received requests."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.connection import VOSS
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import settings_from
from support.messages import MessageTable
from support.simulator import Simulator

RESELLER, RESELLER_PKID = "sys.hcs.CS-P.CS-NB", "5f3ae236ce894e001204efa0"
AAAGLOBAL, AAA_NODE, AAA_PATH = "65e0918d6fd4534903e212d9", "6130d69ae04a4a0015a93bc6", f"{RESELLER}.AAAGlobal"
INITECH, INITECH_PKID = "sys.hcs.CS-P.CS-NB.Initech", "6130d69ae04a4a0015a93c01"
WEST, WEST_PKID = "sys.hcs.CS-P.CS-AB.Initech-West", "6130d69ae04a4a0015a93c03"
CUSTOMERS = "/api/relation/SparkCustomer/"


def at_once(simulator: Simulator, connection: Mapping[str, Mapping[str, str]], connections: int = 1) -> Voss:
    """Return a client for a simulator in which every transaction ends with the first poll."""
    simulator.settings(voss={"throttle": 0, "polls": 0})
    given = {**connection["voss"], "requests_per_second": 0, "retry_budget": 0}
    return Voss(ApiClient(settings_from(VOSS, given, connections=connections), warn=lambda text: None))


def received(simulator: Simulator) -> list[str]:
    """Return every request with its specific parameters in order, and clear the journal."""
    usual = {"format", "skip", "limit", "nowait"}
    found = [
        " ".join(
            (
                entry["method"],
                entry["path"],
                *(f"{name}={','.join(entry['params'][name])}" for name in sorted(entry["params"].keys() - usual)),
            )
        )
        for entry in simulator.journal("voss")
    ]
    simulator.forget()
    return found


def progress(messages: MessageTable, completed: str = "", pending: str = "") -> str:
    """Return the sentences after an error that list the completed steps and the steps that were not run."""
    listed = {"voss.completed_steps": completed, "voss.pending_steps": pending}
    return "".join(f" {messages.expected(row, steps=steps)}" for row, steps in listed.items() if steps)
