#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apono_integration
short_description: Move an Apono integration to another connector
version_added: 1.0.0
description:
  - Changes the connector that an integration uses, for example before you delete an old connector.
  - The Apono API can only replace an integration as a whole. The module reads the integration, sends all fields back
    with the new connector, reads the integration again, and fails if any other field has changed.
  - The module moves the integration regardless of its status, for example if the status is V(Error) because the old
    connector is disconnected.
  - The module does not move the integration if a field cannot be sent back safely, for example because a value looks
    masked. See also O(secret_parameters).
  - The result and the diff never contain the configuration of the integration. In error messages that Apono returns,
    the module masks the secrets that Apono stores, configured values whose keys name a secret, for example C(password),
    and all other configured strings that have at least eight characters. Single characters and flags such as C(yes)
    are never masked.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.apono
options:
  id:
    description:
      - ID of the integration.
    type: str
  name:
    description:
      - Name of the integration. If several integrations have this name, the task fails and lists their IDs.
    type: str
  connector_id:
    description:
      - ID of the connector to which the module moves the integration. The connector must exist.
    type: str
    required: true
  secret_parameters:
    description:
      - Names and values of the secrets of an integration whose secrets are stored in Apono.
      - Apono does not document whether it returns these secrets, so the module does not move such an integration
        without this option. If the integration references a different secret store, for example AWS Secrets Manager,
        the module sends the reference back.
      - Specify all secrets, because a move could erase the others. If Apono returns the names of the secrets and one of
        them is missing, the module does not move the integration.
      - Each value must be a string.
      - The module does not compare these values, and writes them only when it moves the integration.
    type: dict
notes:
  - The token requires the permissions to list and to change integrations.
  - If the integration references a secret, for example a Kubernetes secret, the new connector must be able to read this
    secret. The module cannot check this.
  - If another client changes the integration at the same time, the last change wins.
seealso:
  - module: hybrid.connectors.apono_integration_info
  - module: hybrid.connectors.apono_connector
"""

EXAMPLES = r"""
- name: Move an integration to another connector
  hybrid.connectors.apono_integration:
    api_token: "{{ apono_token }}"
    name: Orders database
    connector_id: prod-us-east-1

- name: Move an integration whose secrets are stored in Apono
  hybrid.connectors.apono_integration:
    api_token: "{{ apono_token }}"
    name: Warehouse
    connector_id: prod-us-east-1
    secret_parameters:
      username: warehouse
      password: "{{ warehouse_password }}"
"""

RETURN = r"""
integration:
  description:
    - The integration after the run, without its configuration. See M(hybrid.connectors.apono_integration_info) for its
      fields.
  returned: success
  type: dict
  sample:
    id: 0b9d3e54-8f7e-4c60-a1a4-5ab1c0f3d202
    name: Orders database
    type: aws-rds-postgresql
    category: RESOURCES
    status: ACTIVE
    connector_id: prod-us-east-1
    last_sync_time: "2026-10-01T07:46:10Z"
diff:
  description: The ID, the name and the connector before and after the run.
  returned: success
  type: dict
  sample:
    before: {id: 0b9d3e54-8f7e-4c60-a1a4-5ab1c0f3d202, name: Orders database, connector_id: old-connector}
    after: {id: 0b9d3e54-8f7e-4c60-a1a4-5ab1c0f3d202, name: Orders database, connector_id: prod-us-east-1}
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._mappings import having
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import diff, only_one
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono import client, integrations
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.connection import APONO

SPEC = Spec(
    connection=APONO,
    options={
        "id": {"type": "str"},
        "name": {"type": "str"},
        "connector_id": {"type": "str", "required": True},
        "secret_parameters": {"type": "dict", "no_log": True},
    },
    required_one_of=(("id", "name"),),
    mutually_exclusive=(("id", "name"),),
)


def apono_integration(params: Params, context: Context) -> Result:
    """Move the selected integration to the specified connector."""
    for option in ("id", "name", "connector_id"):
        if params[option] == "":
            raise InputError(f"Option '{option}' is empty. Specify a value.")
    integrations.check_parameters(params["secret_parameters"])
    context.http.learn_secrets((params["secret_parameters"] or {}).values())
    current = _current(params, context)
    before = integrations.public(current)
    if before["connector_id"] == params["connector_id"]:
        return {"changed": False, "integration": before, "diff": diff(before, before)}
    change = integrations.change_of(current, params["connector_id"], params["secret_parameters"])
    _check_connector(params["connector_id"], context)
    after = {**before, "connector_id": params["connector_id"]}
    changes = diff(before, after, client.IDENTITY)
    if not context.check_mode:
        after = integrations.public(integrations.move(context.http, current, change))
    return {"changed": True, "integration": after, "diff": changes}


def _current(params: Params, context: Context) -> integrations.Integration:
    """Return the selected integration.

    :raises InputError: the integration does not exist, several integrations have the name, or the integration was
        renamed after the list was read.
    """
    identifier, name = params["id"], params["name"]
    if name:
        identifier = _id_of(name, context)
    current = integrations.integration(context.http, identifier) if identifier else None
    if current is None:
        raise InputError(
            f"Apono does not have an integration with the {'name' if name else 'id'} '{name or identifier}'. Use the"
            " module apono_integration_info to list the integrations.",
            reason="not_found",
        )
    if name and current["name"] != name:
        raise InputError(
            f"The integration '{identifier}' was renamed after the list was read. The module did not change anything."
            " Run the task again.",
            reason="conflict",
        )
    return current


def _id_of(name: str, context: Context) -> str | None:
    """Return the ID of the integration with the given name, or None if no integration has it.

    :raises InputError: several integrations have the name.
    """
    found = having(integrations.integrations(context.http, requires_names=True), "name", name)
    only = only_one(found, f"integrations have the name '{name}'", lambda item: str(item["id"]), "id")
    return str(only["id"]) if only else None


def _check_connector(identifier: str, context: Context) -> None:
    """Check that the new connector exists, and warn if it is not connected."""
    connector = client.connector(context.http, identifier)
    if connector is None:
        raise InputError(
            f"Apono does not have a connector with the id '{identifier}'. Nothing was changed. Use the module"
            " apono_connector_info to list the connectors.",
            reason="not_found",
        )
    if not client.is_connected(connector):
        context.warn(
            f"The connector '{identifier}' is not connected. Until it is connected, the integration cannot be used."
        )


def main() -> None:
    """Run the module."""
    run(SPEC, apono_integration)


if __name__ == "__main__":
    main()
