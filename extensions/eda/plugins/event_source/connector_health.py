# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source hybrid.connectors.connector_health: the work is done in plugins/plugin_utils/_health_watch.py."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
short_description: Tell when the health of a connector changes
version_added: 1.0.0
description:
  - Lists the connectors of Apono, Hybrid Data Pipeline, VOSS Automate and Webex again and again, and puts an event into
    the queue when the health of one has changed, when one appears or disappears, and at the start for each that is not
    healthy.
  - A change is told once. What stays as it is makes no event.
  - A system that cannot be read is told of once, and read at longer and longer intervals; its connectors count as they
    were. A system that refuses the credentials (401, 403) is not asked again; if all do, the source ends with an error.
  - Ansible renders the strings of an event as templates, and a service chooses what is in them. So every string of an
    event consists of letters, digits and marks of any script, spaces, parentheses, and the characters
    C(_-.,:;/@+=&!?*~). Other characters are replaced by their number in parentheses, C(U+007B) for an opening brace;
    quotes are replaced by typographic ones. Strings are at most 2,000 characters long.
  - The exact ID of a connector is in C(id_base64), as UTF-8 in base64. Use C({{ event.id_base64 | b64decode }})
    directly in an option of a module.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
requirements:
  - ansible-core 2.16 or later and C(requests) 2.27 or later, where ansible-rulebook runs
notes:
  - The systems to watch are those that are named. If none is named, every system is watched whose required connection
    options are all in the environment.
  - Options of a system that are not given come from the environment variables of its modules, for example
    E(APONO_PERSONAL_TOKEN). Credentials are better given there than in a rulebook or its variables.
options:
  # BEGIN GENERATED systems by `make generate`
  apono:
    description:
      - Options of M(hybrid.connectors.apono_connector_info), to watch Apono. Options that are not set come
        from the environment.
      - C(retry_budget) is 10 seconds by default.
      - C(status) is not supported.
    type: dict
  hdp:
    description:
      - Options of M(hybrid.connectors.hdp_connector_info), to watch Hybrid Data Pipeline. Options that
        are not set come from the environment.
      - C(retry_budget) is 10 seconds by default.
      - C(details) is V(true) by default.
    type: dict
  voss:
    description:
      - Options of M(hybrid.connectors.voss_spark_customer_info), to watch VOSS Automate. Options that are
        not set come from the environment.
      - C(retry_budget) is 10 seconds by default.
      - C(hierarchy) is V(sys) by default.
      - C(expiring_within_days) is not supported.
    type: dict
  webex:
    description:
      - Options of M(hybrid.connectors.webex_hybrid_connector_info), to watch Webex. Options that are not
        set come from the environment.
      - C(retry_budget) is 10 seconds by default.
      - C(status) is not supported.
    type: dict
  # END GENERATED systems
  interval:
    description:
      - Seconds from the end of one reading of a system to the start of the next.
    type: float
    default: 60.0
  jitter:
    description:
      - By which part of itself each pause is made longer or shorter at random, 0 to 0.5, so that many sources do not
        ask at the same time.
    type: float
    default: 0.1
  max_interval:
    description:
      - Each time a system cannot be read, the pause before the next try doubles, up to this many seconds. Less than
        O(interval) means O(interval).
    type: float
    default: 900.0
  heartbeat:
    description:
      - Seconds between two events that say that the source is alive. V(0) means none.
    type: float
    default: 0.0
  stale_after_hours:
    description:
      - Number of hours without access after which a connector is degraded, in systems that report the time of the
        last access.
    type: float
    default: 24.0
    aliases: [stale_after]
  expiring_within_days:
    description:
      - Number of days before the expiry of a token at which a connector is degraded, in systems that report
        expiries.
    type: float
    default: 7.0
  state_file:
    description:
      - A file in which the source keeps the health of each connector, so that after a restart it tells only what
        differs. Its directory has to exist. Nobody but its owner may read it, and there is no secret in it.
      - Each source needs a file of its own. Remove it to begin afresh. Without it, every start tells of each connector
        that is not healthy.
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

# Every system whose credentials are in the environment
- hybrid.connectors.connector_health:
    heartbeat: 300
"""


def _watch() -> Any:
    """The function that does the work. Ansible's own loader is what makes collections importable."""
    try:
        from ansible.plugins.loader import init_plugin_loader
        from ansible.utils.collection_loader import AnsibleCollectionConfig
    except ImportError as error:
        raise RuntimeError(
            "hybrid.connectors.connector_health needs ansible-core in the Python environment that ansible-rulebook"
            f" runs in, {sys.prefix}: {error}."
        ) from error
    if not AnsibleCollectionConfig.collection_finder:
        tree = Path(__file__).absolute().parents[6]
        init_plugin_loader([str(tree.parent)] if tree.name == "ansible_collections" else [])
    from ansible_collections.hybrid.connectors.plugins.plugin_utils._health_watch import watch

    return watch


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Put events into the queue until cancelled; see the documentation above."""
    watch = await asyncio.to_thread(_watch)
    await watch(queue, {name: value for name, value in args.items() if name != "eda_feedback_queue"})


if __name__ == "__main__":
    # By hand: python connector_health.py [options.json], with the options of the source in a file.

    class Printer:
        """A queue that prints what is put into it."""

        async def put(self, event: dict[str, Any]) -> None:
            """Print an event as a line of JSON."""
            print(json.dumps(event), flush=True)

    try:
        given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")) if sys.argv[1:] else {}
        asyncio.run(main(Printer(), given))
    except KeyboardInterrupt:
        pass
    except Exception as problem:
        sys.exit(f"{type(problem).__name__}: {problem}")
