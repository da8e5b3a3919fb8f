#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apono_connectors
short_description: Keep the names of all Apono connectors, and remove dead ones
version_added: 1.0.0
description:
  - Sees to it that connectors have the names that are written down for them, and deletes those that have been
    disconnected for long and that no integration uses.
  - The connectors are listed once. Everything is planned before anything is changed.
  - What goes wrong with one connector stops no other. The task fails in the end and returns the outcome of every
    connector.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.apono
options:
  names:
    description:
      - The names that connectors are to have, by their ids. A connector that is not in it keeps its name.
      - A connector that is in it is wanted, and is never pruned. That it is not registered with Apono is a failure.
      - A connector whose id differs from one in it only in case, whitespace or Unicode form is not pruned either.
      - A connector can get the name of a connector that the module prunes or renames in the same run.
      - If connectors exchange their names, the module renames one of them to a temporary name first, because names are
        unique. If it is interrupted in between, the next run completes the exchange.
      - P(hybrid.connectors.apono_connector_names_file#lookup) reads the names from a table in CSV.
    type: dict
    default: {}
  prune:
    description:
      - Whether dead connectors are deleted.
      - A connector is dead if its status is C(DISCONNECTED), it was last connected more than O(prune_after_days) ago,
        no integration uses it, and it is not in O(names). If any of that is not certain, it is kept.
      - The module checks these conditions again right before each deletion. The last request before a deletion reads
        the connector; if its name or C(last_connected) changed since the list was read, it is kept.
      - Apono documents C(last_connected) as the time of the last connection, not as the time until which a connector
        was connected. If a connected connector of the list has a C(last_connected) that is older than
        O(prune_after_days), the time proves nothing, and the task fails before anything is changed.
      - A C(last_connected) that is before Apono existed or in the future proves nothing either. The connector is kept.
    type: bool
    default: false
  prune_after_days:
    description:
      - For how many days a connector must have been disconnected. V(1) is the least, since one that is started anew is
        disconnected for a moment.
    type: float
    default: 90.0
  prune_limit:
    description:
      - The most connectors that O(prune) may delete. If more are dead, the task fails before anything is changed.
    type: int
    default: 5
  prune_never_connected:
    description:
      - Ids of connectors that may be deleted although they were never connected.
      - Apono does not show since when a connector is registered, so one that was never connected may as well be
        about to. It is kept unless its id is here. Once it was connected, O(prune_after_days) holds for it.
    type: list
    elements: str
    default: []
notes:
  - To know what uses a connector, the token needs the right to list integrations. Without it, O(prune) fails before
    anything is changed.
  - Between reading a connector and deleting it a moment remains; Apono has no conditional deletion.
seealso:
  - module: hybrid.connectors.apono_connector
  - module: hybrid.connectors.apono_connector_info
  - plugin: hybrid.connectors.apono_connector_names_file
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Keep the names, and remove what has been gone for half a year
  hybrid.connectors.apono_connectors:
    api_token: "{{ apono_token }}"
    names:
      AwsConnector-ProdTeam-XYZ123: aws-production
      prod-us-east-1: aws-us-east-1
    prune: true
    prune_after_days: 180
    prune_limit: 2

- name: Remove one that was never connected, if it still was not
  hybrid.connectors.apono_connectors:
    api_token: "{{ apono_token }}"
    prune: true
    prune_never_connected:
      - 4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012
"""

RETURN = r"""
connectors:
  description:
    - The outcome of every connector in O(names), in that order. With O(prune) those that are disconnected beside them
      follow, sorted by name, then by id.
  returned: always, unless the options are wrong or too many are dead
  type: list
  elements: dict
  contains:
    id:
      description: Id of the connector.
      type: str
      returned: always
    name:
      description: Its name after the run; that of one that was deleted, as it was. Null if it does not exist.
      type: str
      returned: always
    last_connected:
      description: When it was last connected, as the server shows it; null if never.
      type: str
      returned: always
    action:
      description:
        - V(renamed), V(deleted), V(kept), V(unchanged) or V(failed). V(kept) are those that O(prune) looked at and let
          be.
      type: str
      returned: always
    changed:
      description:
        - Whether it was renamed or deleted. It is also V(true) for a connector whose renaming failed and that has a
          temporary name.
      type: bool
      returned: always
    why:
      description:
        - Why it was kept, that it was gone already when it was to be deleted, or through which temporary name it was
          renamed.
      type: str
      returned: if it is so
    diff:
      description: The ID, the name and the attributes that change, before and after. A deleted connector is complete.
      type: dict
      returned: if changed
    error:
      description: What went wrong, in one sentence.
      type: str
      returned: if failed
    failure:
      description: The request that went wrong; null if it was not a request.
      type: dict
      returned: if failed
  sample:
    - id: gcp-analytics
      name: analytics
      last_connected: "2026-08-19T22:41:07.5Z"
      action: kept
      changed: false
      why: used by the integration 'Warehouse'
summary:
  description: How many connectors met with each of the actions.
  returned: always, unless the options are wrong or too many are dead
  type: dict
  sample: {renamed: 1, deleted: 0, kept: 2, unchanged: 14, failed: 0}
diff:
  description:
    - The attributes that change, before and after, by the ID of the connector. A deleted connector is only in
      C(before).
    - With C(--diff), both sides are strings if they contain characters outside ASCII, for which Ansible would display
      escape sequences.
  returned: always, unless the options are wrong or too many are dead
  type: dict
  sample:
    before: {prod-us-east-1: {id: prod-us-east-1, name: prod-us-east-1}}
    after: {prod-us-east-1: {id: prod-us-east-1, name: aws-us-east-1}}
"""

import json
from datetime import datetime, timezone

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError, InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono import bulk
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.connection import APONO

# Characters of a wrong value that a message shows.
MAX_VALUE = 100

SPEC = Spec(
    connection=APONO,
    options={
        "names": {"type": "dict", "default": {}},
        "prune": {"type": "bool", "default": False},
        "prune_after_days": {"type": "float", "default": 90.0},
        "prune_limit": {"type": "int", "default": 5},
        "prune_never_connected": {"type": "list", "elements": "str", "default": []},
    },
)


def apono_connectors(params: Params, context: Context) -> Result:
    names = _names(params["names"])
    if not params["prune_after_days"] >= 1 or params["prune_limit"] < 0:
        raise InputError("'prune_after_days' has to be at least 1, and 'prune_limit' must not be negative.")
    prune = None
    if params["prune"]:
        prune = bulk.Prune(
            params["prune_after_days"], params["prune_limit"], frozenset(params["prune_never_connected"])
        )
    planned = bulk.plan(context.http, names, prune, _now())
    bulk.run(context.http, planned, prune, _now, context.check_mode)
    result = bulk.result(planned)
    if any(job.error for job in planned.jobs):
        raise ConnectorsError(bulk.complaint_about(planned, context.check_mode), result)
    return result


def _names(given: Params) -> dict[str, str]:
    names: dict[str, str] = {}
    for identifier, name in given.items():
        if not identifier:
            raise InputError("'names' contains an empty id. Specify the id of a connector.")
        if not isinstance(name, str) or not name:
            value = json.dumps(name, default=str)[:MAX_VALUE]
            raise InputError(
                f"'names' contains {value} for the id '{identifier}': the name must be a string that is not empty. Put"
                " numbers, dates and booleans in quotes."
            )
        names[identifier] = name
    ids: dict[str, str] = {}
    for identifier, name in names.items():
        if ids.setdefault(name, identifier) != identifier:
            raise InputError(
                f"'names' gives the name '{name}' to '{ids[name]}' and to '{identifier}', and names are unique."
                " Nothing was changed."
            )
    return names


def _now() -> datetime:
    return datetime.now(timezone.utc)


def main() -> None:
    run(SPEC, apono_connectors)


if __name__ == "__main__":
    main()
