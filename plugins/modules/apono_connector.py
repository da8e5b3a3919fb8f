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
  - A connector registers itself when it is installed. This module cannot create one.
  - A change counts as made only if Apono returns the changed connector, or if reading it afterwards shows the change.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.apono
options:
  id:
    description:
      - Id of the connector, as it was chosen at its installation. It stays the same when the connector is renamed.
    type: str
  name:
    description:
      - Together with O(id), the name that the connector is to have.
      - Without O(id), the name by which the connector is found. If several have it, the task fails and lists their
        ids.
    type: str
  new_name:
    description:
      - The name that the connector called O(name) is to have. If there is none called O(name), but one called
        O(new_name), nothing is changed.
    type: str
  state:
    description:
      - V(present) renames the connector if its name is another one. It fails if there is no such connector.
      - V(absent) deletes the connector. If there is none, nothing is changed. A 404 counts as "there is none" only if
        it is a JSON object and the list of connectors can be read at O(api_url).
      - A connector that is selected by O(name) is read by its id right before it is deleted. If it has a different name
        by then, the task fails and the connector is not deleted.
    type: str
    choices: [present, absent]
    default: present
  require_disconnected:
    description:
      - Whether to refuse to delete a connector whose status is not C(DISCONNECTED). The status is read again right
        before the deletion.
    type: bool
    default: false
  require_unused:
    description:
      - Whether to refuse to delete a connector that integrations use, or of which that cannot be found out.
      - It takes the right to list integrations.
    type: bool
    default: false
notes:
  - What Apono does with an agent that is still running when its connector is deleted is not documented; it may
    register again. O(require_disconnected=true) keeps clear of that.
  - Nor is it documented what becomes of integrations whose connector is deleted. O(require_unused=true) keeps clear of
    that.
seealso:
  - module: hybrid.connectors.apono_connector_info
  - module: hybrid.connectors.apono_connectors
"""

EXAMPLES = r"""
- name: Give a connector a name that people understand
  hybrid.connectors.apono_connector:
    api_token: "{{ apono_token }}"
    id: AwsConnector-ProdTeam-XYZ123
    name: aws-production

- name: Rename by the old name
  hybrid.connectors.apono_connector:
    api_token: "{{ apono_token }}"
    name: prod-us-east-1
    new_name: aws-us-east-1

- name: Remove a connector, but only if it is really gone and nothing needs it
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
    - The connector after the run, see M(hybrid.connectors.apono_connector_info) for its fields. With O(state=absent)
      as it was before; null if there was none.
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
    - The ID, the name and the attributes that change, before and after the run. A deleted connector is complete.
    - With C(--diff), both sides are strings if they contain characters outside ASCII, for which Ansible would display
      escape sequences.
  returned: success
  type: dict
  sample:
    before: {id: AwsConnector-ProdTeam-XYZ123, name: aws-old}
    after: {id: AwsConnector-ProdTeam-XYZ123, name: aws-production}
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
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
    if any(params[option] == "" for option in ("id", "name", "new_name")):
        raise InputError("'id', 'name' and 'new_name' must not be empty.")
    return (_absent if params["state"] == "absent" else _present)(params, context)


def _present(params: Params, context: Context) -> Result:
    known = None if params["id"] else client.connectors(context.http)
    wanted = params["name"] if params["id"] else params["new_name"]
    if known is None:
        current = client.connector(context.http, params["id"])
    else:
        current = _called(known, params["name"]) or (_called(known, wanted) if wanted else None)
    if current is None:
        raise InputError(
            f"Apono has no connector {_reference(params)}. A connector registers itself when it is installed; it cannot"
            " be created here. The module apono_connector_info lists those that there are.",
            reason="not_found",
        )
    if wanted in (None, current["name"]):
        return {"changed": False, "connector": current, "diff": diff(current, current, client.IDENTITY)}
    if known is None:
        known = client.connectors(context.http)
    holder = next((item for item in known if item["name"] == wanted and item["id"] != current["id"]), None)
    if holder:
        raise InputError(
            f"The name '{wanted}' belongs to the connector with the id '{holder['id']}', and names are unique."
            " Nothing was changed.",
            reason="conflict",
        )
    after = {**current, "name": wanted}
    if not context.check_mode:
        after = client.rename(context.http, current["id"], wanted)
    return {"changed": True, "connector": after, "diff": diff(current, after, client.IDENTITY)}


def _absent(params: Params, context: Context) -> Result:
    if params["id"]:
        current = client.connector(context.http, params["id"])
    else:
        current = _called(client.connectors(context.http), params["name"])
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
    """Return the result if there is nothing to delete, or if the connector was gone when it was to be deleted."""
    return {"changed": False, "connector": connector, "diff": diff(None, None)}


def _read_again(params: Params, context: Context, listed: Object) -> Object | None:
    """Return the connector right before it is deleted, or None if it is gone.

    :raises InputError: it is not the connector that was selected, or must no longer be deleted.
    """
    current = client.connector(context.http, listed["id"])
    if current is None:
        return None
    if not params["id"] and current["name"] != params["name"]:
        raise InputError(
            f"The connector with the id '{current['id']}' was called '{params['name']}' in the list, and is called"
            f" '{shown(current['name'])}' now. It was not deleted.",
            reason="conflict",
        )
    _refuse_connected(params, current)
    return current


def _refuse_connected(params: Params, connector: Object) -> None:
    if params["require_disconnected"] and not client.is_disconnected(connector):
        raise InputError(
            f"The connector '{shown(connector['name'])}' ({connector['id']}) is {shown(connector['status'])} and"
            " 'require_disconnected' is set. It was not deleted.",
            reason="refused",
        )


def _refuse_used(params: Params, context: Context, connector: Object) -> None:
    used = client.in_use(client.integrations(context.http, connector["id"])) if params["require_unused"] else None
    if used:
        raise InputError(
            f"The connector '{shown(connector['name'])}' ({connector['id']}) is {used}, and 'require_unused' is set."
            " It was not deleted.",
            reason="refused",
        )


def _called(known: list[Object], name: str) -> Object | None:
    return only_one(
        [item for item in known if item.get("name") == name],
        f"Apono connectors are called '{name}'",
        lambda item: str(item["id"]),
        "id",
    )


def _reference(params: Params) -> str:
    if params["id"]:
        return f"with the id '{params['id']}'"
    either = f" or '{params['new_name']}'" if params["new_name"] else ""
    return f"called '{params['name']}'{either}"


def main() -> None:
    run(SPEC, apono_connector)


if __name__ == "__main__":
    main()
