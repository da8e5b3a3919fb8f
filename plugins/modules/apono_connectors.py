#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apono_connectors
short_description: Rename and prune Apono connectors
version_added: 1.0.0
description:
  - Renames connectors, and deletes disconnected connectors whose last connection began a long time ago and that no
    integration uses.
  - The module lists the connectors once, and plans all operations before it changes anything.
  - If an operation fails for one connector, the module continues with the others. The task then fails and returns the
    outcome for each connector.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.apono
options:
  names:
    description:
      - Desired names of connectors, by connector ID. The module does not rename a connector whose ID is not in this
        dictionary.
      - The module never prunes a connector whose ID is in this dictionary, or whose ID differs from one of these IDs
        only in case, whitespace or Unicode normalization.
      - The task fails if a connector in this dictionary is not registered with Apono. With O(prune=true), the task then
        fails before it changes anything, because the module could otherwise prune a connector whose ID is misspelled in
        this dictionary.
      - A connector can take the name of another connector that the module prunes or renames in the same run.
      - If connectors exchange their names, the module first gives one of them a temporary name, because names must be
        unique. If the run is interrupted during the exchange, the next run completes it.
      - Use P(hybrid.connectors.apono_connector_names_file#lookup) to read the names from a CSV file.
    type: dict
    default: {}
  prune:
    description:
      - Whether to delete unused connectors.
      - A connector is unused if its status is C(DISCONNECTED), its last connection began more than
        O(prune_after_days) days ago, no integration uses it, and it is not in O(names). If the module cannot check one
        of these conditions, it keeps the connector.
      - The module checks these conditions again immediately before each deletion. The last request before a deletion
        reads the connector. If its name or C(last_connected) has changed since the list was read, the module keeps the
        connector.
      - If Apono returns HTTP 404 for a deletion, the module reads the connector again. If the connector still exists,
        the deletion fails.
      - Apono documents C(last_connected) as the time of the last connection, not as the time until which a connector
        was connected. If the C(last_connected) of a connected connector is more than O(prune_after_days) days ago,
        C(last_connected) cannot prove that a connector is unused. The task then fails before it changes anything.
      - The module also keeps connectors whose C(last_connected) is implausible, because it is in the future or before
        2021, when Apono did not exist yet.
    type: bool
    default: false
  prune_after_days:
    description:
      - Minimum number of days that must have passed since the last connection of a connector began before the module
        can delete it. Set this option to more days than a connection can last.
      - The value must be at least V(1), because a connector is disconnected for a short time when it restarts.
    type: float
    default: 90.0
  prune_limit:
    description:
      - Maximum number of connectors that O(prune) can delete. If more connectors are unused, the task fails before it
        changes anything.
    type: int
    default: 5
  prune_never_connected:
    description:
      - IDs of connectors that the module can delete even if they have never connected.
      - Apono does not return the registration date of a connector. A connector that has never connected may be new and
        about to connect, so the module keeps it by default.
      - After a connector in this list has connected for the first time, O(prune_after_days) applies to it.
    type: list
    elements: str
    default: []
notes:
  - O(prune) requires a token that has the permission to list integrations. Without this permission, the task fails
    before it changes anything.
  - The Apono API does not support conditional deletions, so a connector can reconnect between the last check and the
    deletion.
seealso:
  - module: hybrid.connectors.apono_connector
  - module: hybrid.connectors.apono_connector_info
  - plugin: hybrid.connectors.apono_connector_names_file
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Rename connectors, and delete unused connectors that last connected more than half a year ago
  hybrid.connectors.apono_connectors:
    api_token: "{{ apono_token }}"
    names:
      AwsConnector-ProdTeam-XYZ123: aws-production
      prod-us-east-1: aws-us-east-1
    prune: true
    prune_after_days: 180
    prune_limit: 2

- name: Delete a connector that was never connected
  hybrid.connectors.apono_connectors:
    api_token: "{{ apono_token }}"
    prune: true
    prune_never_connected:
      - 4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012
"""

RETURN = r"""
connectors:
  description:
    - The outcomes for the connectors in O(names), in the order of that dictionary. If O(prune=true), the outcomes for
      all other disconnected connectors follow, sorted by name, then by ID.
  returned: always, unless an option is not valid or O(prune) fails before the task changes anything
  type: list
  elements: dict
  contains:
    id:
      description: Connector ID.
      type: str
      returned: always
    name:
      description:
        - Name of the connector after the run, or before the deletion. It is null if the connector does not exist. If
          the outcome of a rename is unknown, it is the name before this rename.
      type: str
      returned: always
    last_connected:
      description: Time of the last connection, as Apono returns it. It is null if the connector was never connected.
      type: str
      returned: always
    action:
      description:
        - V(renamed), V(deleted), V(kept), V(unchanged) or V(failed). V(kept) means that the connector is disconnected,
          but does not meet all conditions of O(prune).
      type: str
      returned: always
    changed:
      description:
        - Whether the connector was renamed or deleted. It is also V(true) if a rename failed and the connector may
          still have a temporary name, or has a different name that Apono stored instead of the desired name.
      type: bool
      returned: always
    why:
      description:
        - Explanation of the action, for example the reason why the connector was kept, the temporary name that it had
          during the run, or a note that it no longer existed when the module tried to delete it.
      type: str
      returned: if there is a reason
    diff:
      description:
        - The ID, the name and the changed attributes before and after the run. For a deleted connector, C(before)
          contains all attributes.
      type: dict
      returned: if changed
    error:
      description: Error message.
      type: str
      returned: if failed
    failure:
      description:
        - Details of the failure. C(reason) identifies the kind of error. If no request failed, the other details are
          null.
      type: dict
      returned: if failed
  sample:
    - id: gcp-analytics
      name: analytics
      last_connected: "2026-08-19T22:41:07.5Z"
      action: kept
      changed: false
      why: used by the integration 'Warehouse'
failure:
  description:
    - Details of the failure. If the task failed for individual connectors, C(reason) is the reason for the first of
      these connectors, and the other keys are null. RV(connectors[].failure) contains the failed requests.
  returned: on failure
  type: dict
  sample:
    system: apono
    method:
    url:
    status:
    code:
    message:
    request_id:
    reason: not_found
summary:
  description: Number of connectors for each action.
  returned: always, unless an option is not valid or O(prune) fails before the task changes anything
  type: dict
  sample: {renamed: 1, deleted: 0, kept: 2, unchanged: 14, failed: 0}
diff:
  description:
    - The changed attributes before and after the run, by connector ID. C(after) does not contain deleted connectors.
    - With C(--diff), C(before) and C(after) are strings if they contain non-ASCII characters, because Ansible would
      otherwise display escape sequences.
  returned: always, unless an option is not valid or O(prune) fails before the task changes anything
  type: dict
  sample:
    before: {prod-us-east-1: {id: prod-us-east-1, name: prod-us-east-1}}
    after: {prod-us-east-1: {id: prod-us-east-1, name: aws-us-east-1}}
"""

import json
from datetime import datetime, timezone

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import shown
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono import bulk
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.connection import APONO
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.prune import PruneOptions

SPEC = Spec(
    connection=APONO,
    options={
        "names": {"type": "dict", "default": {}},
        "prune": {"type": "bool", "default": False},
        "prune_after_days": {"type": "float", "default": 90.0},
        "prune_limit": {"type": "int", "default": 5},
        "prune_never_connected": {"type": "list", "elements": "str", "default": []},
    },
    plain=("names",),
)


def apono_connectors(params: Params, context: Context) -> Result:
    """Rename and prune connectors."""
    names = _names(params["names"])
    if not params["prune_after_days"] >= 1:
        raise InputError(f"Invalid value {params['prune_after_days']:g} for 'prune_after_days': it must be at least 1.")
    if params["prune_limit"] < 0:
        raise InputError(f"Invalid value {params['prune_limit']} for 'prune_limit': it must be at least 0.")
    options = None
    if params["prune"]:
        never_connected = frozenset(params["prune_never_connected"])
        options = PruneOptions(params["prune_after_days"], params["prune_limit"], never_connected)
    planned = bulk.plan(context.http, names, options, _now())
    bulk.run(context.http, planned, options, _now, context.check_mode)
    result = bulk.result(planned)
    if result["summary"]["failed"]:
        raise bulk.error_of(planned, result, context.check_mode)
    return result


def _names(given: Params) -> dict[str, str]:
    """Validate the desired names, and return them keyed by connector ID.

    :raises InputError: an ID or a name is not valid, or a name occurs twice.
    """
    identifiers: dict[str, str] = {}
    for identifier, name in given.items():
        if not identifier:
            raise InputError("'names' contains an empty id. Specify only connector ids.")
        if not isinstance(name, str) or not name:
            value = shown(json.dumps(name, default=str))
            raise InputError(
                f"'names' contains {value} for the id '{identifier}': the name must be a non-empty string. Put"
                " numbers, dates and booleans in quotes."
            )
        if name in identifiers:
            raise InputError(
                f"'names' contains the name '{name}' for '{identifiers[name]}' and for '{identifier}'. Names must"
                " be unique. Nothing was changed."
            )
        identifiers[name] = identifier
    return dict(given)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def main() -> None:
    """Run the module."""
    run(SPEC, apono_connectors)


if __name__ == "__main__":
    main()
