# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provide the event source connector_health, which is implemented in plugins/plugin_utils/_health_monitor.py."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
short_description: Emit events when the health of a connector changes
version_added: 1.0.0
description:
  - Polls the connectors of Apono, Hybrid Data Pipeline, VOSS Automate and Webex. The source emits an event when the
    health of a connector changes, and when a connector appears or disappears. At startup, it emits one event for each
    unhealthy connector.
  - The source emits one event for each change. It does not emit events for connectors that do not change.
  - Each event about a connector contains C(unhealthy_since), and an event about a recovery also contains
    C(downtime_seconds).
  - If the source cannot read a system, it emits one event and polls the system at increasing intervals. In the
    meantime, the source does not change the health of the connectors of this system. If a system rejects the
    credentials (401, 403), the source stops polling this system. If all systems reject the credentials, the source ends
    with an error.
  - If the source cannot read one of several Webex organizations, it emits the same event, continues to poll at the same
    interval, and emits the events of the other organizations. It emits the event again if it cannot read a further
    organization or the whole system.
  - Ansible evaluates strings in an event as templates, and some of these strings come from the services. Therefore,
    strings in events contain only letters, digits and marks of any script, spaces, parentheses, and the characters
    C(_-.,:;/@+=&!?*~). The source replaces all other characters with their code points in parentheses, for example
    C(U+007B) for an opening brace, and replaces quotes with typographic quotes. Strings are at most 2,000 characters
    long.
  - C(id_base64) contains the exact ID of the connector, as base64-encoded UTF-8. In a playbook that a rulebook runs,
    use C({{ ansible_eda.event.connector_health.id_base64 | b64decode }}) directly in an option of a module.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
requirements:
  - ansible-core 2.16 or later and C(requests) 2.27 or later, where ansible-rulebook runs
notes:
  - The source polls the systems in its options. If its options do not contain a system, it polls each system whose
    required connection options are all set in the environment.
  - Options of a system that are not set come from the environment variables of the modules, for example
    E(APONO_PERSONAL_TOKEN). Set credentials in the environment, not in a rulebook or its variables.
options:
  # BEGIN GENERATED systems by `make generate`
  apono:
    description:
      - Options of M(hybrid.connectors.apono_connector_info) to poll Apono. Options that are not set come
        from the environment.
      - C(retry_budget) is 10 seconds by default.
      - C(status) is not supported.
    type: dict
  hdp:
    description:
      - Options of M(hybrid.connectors.hdp_connector_info) to poll Hybrid Data Pipeline. Options that are
        not set come from the environment.
      - C(retry_budget) is 10 seconds by default.
      - C(details) is V(true) by default.
    type: dict
  voss:
    description:
      - Options of M(hybrid.connectors.voss_spark_customer_info) to poll VOSS Automate. Options that are
        not set come from the environment.
      - C(retry_budget) is 10 seconds by default.
      - C(hierarchy) is V(sys) by default.
      - C(expiring_within_days) is not supported.
    type: dict
  webex:
    description:
      - Options of M(hybrid.connectors.webex_hybrid_connector_info) to poll Webex. Options that are not
        set come from the environment.
      - C(retry_budget) is 10 seconds by default.
      - C(status) is not supported.
      - C(alarm_severity) is not supported.
    type: dict
  # END GENERATED systems
  interval:
    description:
      - Number of seconds between the end of one poll of a system and the start of the next poll.
    type: float
    default: 60.0
  jitter:
    description:
      - Fraction by which each pause is randomly extended or shortened, from 0 to 0.5, so that several sources do not
        send requests at the same time.
    type: float
    default: 0.1
  max_interval:
    description:
      - Maximum number of seconds between two polls. The pause doubles after each failed poll of a system.
      - If this value is less than O(interval), the maximum is O(interval).
    type: float
    default: 900.0
  heartbeat:
    description:
      - Number of seconds between two heartbeat events. If V(0), the source does not emit heartbeats.
    type: float
    default: 0.0
  confirm:
    description:
      - Number of consecutive polls that must find the same health before an event reports this health.
      - The source reports that a connector has disappeared if this number of consecutive polls, but at least two, do
        not find the connector.
      - This option does not affect the health in heartbeat events and in C(record), which is always the health that the
        last poll found.
    type: int
    default: 1
  flapping_changes:
    description:
      - A connector begins to flap when its health has changed this number of times in the last O(flapping_window)
        polls. The source then emits the event C(flapping_started).
      - While a connector flaps, the source does not emit events for changes of its health. When the health does not
        change in O(flapping_window) consecutive polls, the source emits the event C(flapping_ended).
      - The source counts all changes that its polls find, even if they are not confirmed.
      - If V(0), the source does not detect flapping. Otherwise, the minimum is 2 and the maximum is O(flapping_window).
    type: int
    default: 0
  flapping_window:
    description:
      - Number of polls in which the source counts health changes, from 2 to 100.
    type: int
    default: 10
  stale_after_hours:
    description:
      - A connector is degraded if its last access was more than this number of hours ago. This option applies to
        systems that report the time of the last access.
    type: float
    default: 24.0
    aliases: [stale_after]
  expiring_within_days:
    description:
      - A connector is degraded if one of its tokens expires within this number of days. This option applies to systems
        that report when tokens expire.
    type: float
    default: 7.0
  state_file:
    description:
      - File in which the source stores the health of each connector and the changes that it has counted. After a
        restart, the source then emits events only for changes. The directory must exist, and the file must not be a
        symbolic link. If the file exists but is not a state file, the source exits with an error. Only the owner can
        read the file. The file does not contain secrets.
      - Each source requires its own file. Delete the file to reset the state. If this option is not set, the source
        emits an event for each unhealthy connector at each start.
    type: path
"""

EXAMPLES = r"""
- hybrid.connectors.connector_health:
    interval: 60
    state_file: /var/lib/eda/connector_health.json
    webex: {}
    hdp:
      api_url: https://hdp.example.com:8443
      ca_path: /etc/ssl/certs/our-own-ca.pem

# Report changes that two consecutive polls confirm, and report when flapping begins and ends
- hybrid.connectors.connector_health:
    interval: 15
    confirm: 2
    flapping_changes: 4
    flapping_window: 10

# Poll each system whose credentials are in the environment
- hybrid.connectors.connector_health:
    heartbeat: 300
"""


def _implementation() -> Any:
    """Set up Ansible's plugin loader, and return the function that implements the event source."""
    try:
        from ansible.plugins.loader import init_plugin_loader
        from ansible.utils.collection_loader import AnsibleCollectionConfig
    except ImportError as error:
        raise RuntimeError(
            "hybrid.connectors.connector_health requires ansible-core in the Python environment of ansible-rulebook,"
            f" {sys.prefix}: {error}. Install ansible-core in this environment."
        ) from error
    if not AnsibleCollectionConfig.collection_finder:
        tree = Path(__file__).absolute().parents[6]
        init_plugin_loader([str(tree.parent)] if tree.name == "ansible_collections" else [])
    from ansible_collections.hybrid.connectors.plugins.plugin_utils._health_monitor import monitor

    return monitor


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Put events into the queue until the task is cancelled."""
    monitor = await asyncio.to_thread(_implementation)
    await monitor(queue, {name: value for name, value in args.items() if name != "eda_feedback_queue"})


if __name__ == "__main__":
    # To test the source without ansible-rulebook, run: python connector_health.py [options.json]
    import argparse

    class Printer:
        """A queue that prints each event."""

        async def put(self, event: dict[str, Any]) -> None:
            """Print an event as one line of JSON."""
            print(json.dumps(event), flush=True)

    parser = argparse.ArgumentParser(description="Print the events of the event source, without ansible-rulebook.")
    parser.add_argument("file", metavar="options.json", nargs="?", help="JSON file with the options of the source")
    file = parser.parse_args().file
    try:
        given = json.loads(Path(file).read_text(encoding="utf-8")) if file else {}
        if not isinstance(given, dict):
            raise ValueError("the content is not a JSON object")
    except (OSError, ValueError) as problem:
        cause = getattr(problem, "strerror", None) or problem
        sys.exit(f"Cannot read the options in '{file}': {cause}. Specify a file with a JSON object.")
    try:
        asyncio.run(main(Printer(), given))
    except KeyboardInterrupt:
        pass
    except Exception as problem:
        sys.exit(f"{type(problem).__name__}: {problem}")
