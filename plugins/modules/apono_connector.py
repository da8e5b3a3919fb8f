#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apono_connector
short_description: Rename or delete an Apono connector
version_added: 1.0.0
description:
  - Renames a connector, or deletes its registration with Apono.
  - Connectors register themselves during their installation. This module cannot create connectors.
  - The module reports a change only if Apono returns the changed connector, or if reading the connector afterwards
    shows the change.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.apono
options:
  id:
    description:
      - Connector ID, which is chosen during installation. Renaming a connector does not change its ID.
    type: str
  name:
    description:
      - If O(id) is set, this option is the desired name of the connector.
      - If O(id) is not set, this option is the current name of the connector. If several connectors have this name, the
        task fails and lists their IDs.
    type: str
  new_name:
    description:
      - The desired name of the connector whose current name is O(name).
      - If no connector has the name O(name), but a connector has the name O(new_name), the module does not change
        anything.
      - This option requires O(name), and cannot be used with O(id).
    type: str
  state:
    description:
      - If V(present), the module renames a connector that has a different name. The task fails if the connector does
        not exist.
      - If V(absent), the module deletes the connector if it exists. HTTP 404 proves that the connector
        does not exist if the response body is a JSON object and the list of connectors can be read from O(api_url).
        With any other HTTP 404, the task fails.
      - If Apono returns HTTP 404 for the deletion, the module reads the connector again. If the connector still exists,
        the task fails.
      - If O(name) selects the connector, the module reads the connector by its ID immediately before the deletion. If
        the connector has been renamed in the meantime, the module does not delete it, and the task fails.
    type: str
    choices: [present, absent]
    default: present
  require_disconnected:
    description:
      - If V(true), the module deletes the connector only if its status is C(DISCONNECTED). Otherwise, the task fails.
      - The module checks the status again immediately before the deletion.
    type: bool
    default: false
  require_unused:
    description:
      - If V(true), the module deletes the connector only if no integration uses it. If integrations use the connector,
        or if its integrations cannot be listed, the task fails.
      - With this option, the token requires the permission to list integrations.
    type: bool
    default: false
notes:
  - Apono does not document what happens to a running agent after its connector is deleted. The agent may register
    again. Set O(require_disconnected=true) to prevent this.
  - Apono does not document what happens to the integrations of a deleted connector. Set O(require_unused=true) to
    delete only connectors that no integration uses.
seealso:
  - module: hybrid.connectors.apono_connector_info
  - module: hybrid.connectors.apono_connectors
"""

EXAMPLES = r"""
- name: Rename a connector by its ID
  hybrid.connectors.apono_connector:
    api_token: "{{ apono_token }}"
    id: AwsConnector-ProdTeam-XYZ123
    name: aws-production

- name: Rename a connector by its current name
  hybrid.connectors.apono_connector:
    api_token: "{{ apono_token }}"
    name: prod-us-east-1
    new_name: aws-us-east-1

- name: Delete a connector if it is disconnected and unused
  hybrid.connectors.apono_connector:
    api_token: "{{ apono_token }}"
    name: azure-west-europe
    state: absent
    require_disconnected: true
    require_unused: true
"""

RETURN = r"""
connector:
  description:
    - State of the connector after the run, or before the deletion if the module deleted it. See
      M(hybrid.connectors.apono_connector_info) for its fields.
    - If O(state=absent) and the connector does not exist, the value is null.
  returned: success
  type: dict
  sample:
    id: AwsConnector-ProdTeam-XYZ123
    name: aws-production
    status: CONNECTED
    version: 1.7.5
    is_latest_version: true
    last_connected: "2026-11-20T08:15:30Z"
    cloud_provider_type: AWS
diff:
  description:
    - The ID, the name and the changed attributes before and after the run. For a deleted connector, C(before) contains
      all attributes.
    - With C(--diff), C(before) and C(after) are strings if they contain non-ASCII characters, because Ansible would
      otherwise display escape sequences.
  returned: success
  type: dict
  sample:
    before: {id: AwsConnector-ProdTeam-XYZ123, name: aws-old}
    after: {id: AwsConnector-ProdTeam-XYZ123, name: aws-production}
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._mappings import having
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, diff, only_one, shown
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono import client
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.connection import APONO

SPEC = Spec(
    connection=APONO,
    options={
        "id": {"type": "str"},
        "name": {"type": "str"},
        "new_name": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "require_disconnected": {"type": "bool", "default": False},
        "require_unused": {"type": "bool", "default": False},
    },
    required_one_of=(("id", "name"),),
    required_by={"new_name": ("name",)},
    mutually_exclusive=(("id", "new_name"),),
)


def apono_connector(params: Params, context: Context) -> Result:
    """Rename or delete the selected connector."""
    for option in ("id", "name", "new_name"):
        if params[option] == "":
            raise InputError(f"Option '{option}' is empty. Specify a value, or omit the option.")
    if params["state"] == "absent":
        return _absent(params, context)
    return _present(params, context)


def _present(params: Params, context: Context) -> Result:
    """Rename the connector if it has a different name.

    :raises InputError: the connector does not exist, or a different connector already has the desired name.
    """
    if params["id"]:
        listed, name = None, params["name"]
        current = client.connector(context.http, params["id"])
    else:
        listed, name = client.connectors(context.http, requires_names=True), params["new_name"]
        current = _named(listed, params["name"]) or _named(listed, name)
    if current is None:
        raise InputError(
            f"Apono does not have a connector {_reference(params)}. Connectors register themselves during their"
            " installation; the module cannot create them. Use the module apono_connector_info to list the connectors.",
            reason="not_found",
        )
    if name in (None, current["name"]):
        return {"changed": False, "connector": current, "diff": diff(current, current, client.IDENTITY)}
    if listed is None:
        listed = client.connectors(context.http)
    _refuse_taken(name, current, listed)
    after = {**current, "name": name}
    if not context.check_mode:
        after = client.rename(context.http, current, name)
    return {"changed": True, "connector": after, "diff": diff(current, after, client.IDENTITY)}


def _refuse_taken(name: str, current: Object, listed: list[Object]) -> None:
    for item in listed:
        if item["name"] == name and item["id"] != current["id"]:
            raise InputError(
                f"The name '{name}' belongs to the connector with the id '{item['id']}'. Names must be unique."
                " Nothing was changed.",
                reason="conflict",
            )


def _absent(params: Params, context: Context) -> Result:
    if params["id"]:
        current = client.connector(context.http, params["id"])
    else:
        current = _named(client.connectors(context.http, requires_names=True), params["name"])
    if current is None:
        return _unchanged()
    _refuse_connected(params, current)
    _refuse_used(params, context, current)
    if context.check_mode:
        return _deleted(current)
    if not params["id"] or params["require_unused"]:
        current = _read_again(params, context, current)
    if current is None or not client.delete(context.http, current["id"]):
        return _unchanged(current)
    return _deleted(current)


def _deleted(connector: Object) -> Result:
    return {"changed": True, "connector": connector, "diff": diff(connector, None)}


def _unchanged(connector: Object | None = None) -> Result:
    """Return the result for a connector that did not exist, or that disappeared before the module could delete it."""
    return {"changed": False, "connector": connector, "diff": diff(None, None)}


def _read_again(params: Params, context: Context, listed: Object) -> Object | None:
    """Read the connector again immediately before deleting it. Return None if it no longer exists.

    :raises InputError: the connector was renamed, or its status forbids the deletion.
    """
    current = client.connector(context.http, listed["id"])
    if current is None:
        return None
    if not params["id"] and current["name"] != params["name"]:
        raise InputError(
            f"The connector '{params['name']}' ({current['id']}) was not deleted: its name changed to"
            f" '{shown(current['name'])}' after the list was read.",
            reason="conflict",
        )
    _refuse_connected(params, current)
    return current


def _refuse_connected(params: Params, connector: Object) -> None:
    if params["require_disconnected"] and not client.is_disconnected(connector):
        raise InputError(
            f"The connector '{shown(connector['name'])}' ({connector['id']}) was not deleted: its status is"
            f" {shown(connector['status'])}, and 'require_disconnected' is true.",
            reason="refused",
        )


def _refuse_used(params: Params, context: Context, connector: Object) -> None:
    if not params["require_unused"]:
        return
    used = client.in_use(client.integrations(context.http, connector["id"]))
    if used:
        raise InputError(
            f"The connector '{shown(connector['name'])}' ({connector['id']}) was not deleted: it is {used}, and"
            " 'require_unused' is true.",
            reason="refused",
        )


def _named(listed: list[Object], name: str | None) -> Object | None:
    """Return the connector with the given name, or None if the name is empty or no connector has it.

    :raises InputError: several connectors have this name.
    """
    if not name:
        return None
    found = having(listed, "name", name)
    return only_one(found, f"Apono connectors with the name '{name}'", lambda item: str(item["id"]), "id")


def _reference(params: Params) -> str:
    if params["id"]:
        return f"with the id '{params['id']}'"
    reference = f"with the name '{params['name']}'"
    if params["new_name"]:
        reference += f" or '{params['new_name']}'"
    return reference


def main() -> None:
    """Run the module."""
    run(SPEC, apono_connector)


if __name__ == "__main__":
    main()
