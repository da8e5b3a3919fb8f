#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apono_integration_info
short_description: List Apono integrations
version_added: 1.0.0
description:
  - Lists the integrations of an Apono account, with the connector that each integration uses.
  - The module never returns the configuration of an integration, because it can contain secrets.
  - Returns an empty list if nothing matches. The task fails if a request is rejected, the list is incomplete or
    O(api_url) is wrong.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.apono
options:
  connector_id:
    description:
      - Return only integrations that use one of the connectors with these IDs.
      - If the list is empty, the module returns an empty list and does not send a request.
    type: list
    elements: str
  name:
    description:
      - Return only integrations whose name exactly matches this value.
    type: str
  type:
    description:
      - Return only integrations of one of these types, for example V(aws-rds-postgresql). The comparison is
        case-insensitive.
    type: list
    elements: str
  category:
    description:
      - Return only integrations of one of these categories. The comparison is case-insensitive.
    type: list
    elements: str
  status:
    description:
      - Return only integrations with one of these statuses. The comparison is case-insensitive.
      - Apono does not document the possible statuses of an integration. An earlier API documents C(Initializing),
        C(Refreshing), C(Active), C(Error), C(Warning) and C(Disabled).
    type: list
    elements: str
notes:
  - The token requires the permission to list integrations.
  - The server filters the list by O(connector_id). The module filters the result by the other options.
seealso:
  - module: hybrid.connectors.apono_integration
  - module: hybrid.connectors.apono_connector_info
"""

EXAMPLES = r"""
- name: List the integrations of a connector
  hybrid.connectors.apono_integration_info:
    api_token: "{{ apono_token }}"
    connector_id: [AwsConnector-ProdTeam-XYZ123]
  register: apono

- name: Show the name and the status of each integration
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.status }}"
  loop: "{{ apono.integrations }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
integrations:
  description: The integrations, sorted by name, then by ID. Documented fields that the server omits are null.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the integration.
      returned: always
      type: str
    name:
      description: Name of the integration.
      returned: always
      type: str
    type:
      description: Type of the integration.
      returned: always
      type: str
    category:
      description: Category of the integration.
      returned: always
      type: str
    status:
      description: Status of the integration.
      returned: always
      type: str
    connector_id:
      description: ID of the connector that the integration uses. The value is null if the integration does not use a
        connector.
      returned: always
      type: str
    last_sync_time:
      description: Time of the last synchronization.
      returned: always
      type: str
  sample:
    - id: 0b9d3e54-8f7e-4c60-a1a4-5ab1c0f3d202
      name: Orders database
      type: aws-rds-postgresql
      category: RESOURCES
      status: ACTIVE
      connector_id: AwsConnector-ProdTeam-XYZ123
      last_sync_time: "2026-10-01T07:46:10Z"
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError, check_not_empty
from ansible_collections.hybrid.connectors.plugins.module_utils._mappings import having
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, by_name_and_id
from ansible_collections.hybrid.connectors.plugins.module_utils._providers._base import matching
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono import integrations
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.connection import APONO

SPEC = Spec(
    connection=APONO,
    options={
        "connector_id": {"type": "list", "elements": "str"},
        "name": {"type": "str"},
        "type": {"type": "list", "elements": "str"},
        "category": {"type": "list", "elements": "str"},
        "status": {"type": "list", "elements": "str"},
    },
)


def apono_integration_info(params: Params, context: Context) -> Result:
    """Return the integrations that match all filters."""
    check_not_empty(params, "name")
    found = _of_connectors(params["connector_id"], context)
    if params["name"] is not None:
        found = having(found, "name", params["name"])
    for option in ("type", "category", "status"):
        found = matching(found, option, params[option])
    return {"changed": False, "integrations": by_name_and_id(found)}


def _of_connectors(identifiers: list[str] | None, context: Context) -> list[Object]:
    """Return the integrations that use the connectors, or all integrations if the option is not set.

    An empty list can be the result of an expression that found no connectors. In this case, returning all integrations
    would be wrong.

    :raises InputError: one of the IDs is empty.
    """
    if identifiers is None:
        return integrations.integrations(context.http)
    if "" in identifiers:
        raise InputError("Option 'connector_id' contains an empty ID. Specify only connector IDs.")
    if not identifiers:
        return []
    return integrations.integrations(context.http, identifiers)


def main() -> None:
    """Run the module."""
    run(SPEC, apono_integration_info)


if __name__ == "__main__":
    main()
