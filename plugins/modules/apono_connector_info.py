#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apono_connector_info
short_description: List Apono connectors
version_added: 1.0.0
description:
  - Lists the connectors that are registered with Apono. The module reads all pages of the list.
  - Returns an empty list if nothing matches. The task fails if a request is rejected, the list is incomplete or
    O(api_url) is wrong.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.apono
options:
  id:
    description:
      - Return only the connector with this ID.
    type: str
  name:
    description:
      - Return only connectors whose name exactly matches this value.
      - This option cannot be used with O(api_version=v2), which does not return names.
    type: str
  status:
    description:
      - Return only connectors with one of these statuses. The comparison is case-insensitive.
      - Apono documents C(CONNECTED) and C(DISCONNECTED). For any other value, the module emits a warning.
    type: list
    elements: str
  api_version:
    description:
      - Version of the Apono API.
      - Version V(v2) returns fewer fields and does not support pagination. The module filters the complete list by
        O(id) and O(status).
    type: str
    choices: [v3, v2]
    default: v3
  limit:
    description:
      - Number of connectors per page. By default, Apono returns 100 connectors per page.
      - This option changes the number of requests, but not the result. The option cannot be used with
        O(api_version=v2).
    type: int
  integrations:
    description:
      - Whether to return the integrations that use each connector.
      - If V(true), the token requires the permission to list integrations.
    type: bool
    default: false
seealso:
  - module: hybrid.connectors.apono_connectors
  - module: hybrid.connectors.apono_integration_info
  - module: hybrid.connectors.apono_connector
"""

EXAMPLES = r"""
- name: List all connectors
  hybrid.connectors.apono_connector_info:
    api_token: "{{ apono_token }}"
  register: apono

- name: Show the disconnected connectors
  ansible.builtin.debug:
    msg: "{{ item.name }} last connected at {{ item.last_connected }}"
  loop: "{{ apono.connectors | selectattr('status', 'equalto', 'DISCONNECTED') }}"
  loop_control:
    label: "{{ item.id }}"

- name: List only the disconnected connectors
  hybrid.connectors.apono_connector_info:
    api_token: "{{ apono_token }}"
    status: [DISCONNECTED]
"""

RETURN = r"""
connectors:
  description:
    - The connectors, sorted by name, then by ID. Keys are in snake case.
    - Fields that Apono adds later are returned as well. Documented fields that Apono omits are null.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Connector ID, which is chosen during installation.
      returned: always
      type: str
    connector_id:
      description: Connector ID, under the key that version 2 of the API uses.
      returned: with O(api_version=v2)
      type: str
    name:
      description: Name of the connector.
      returned: with O(api_version=v3)
      type: str
    status:
      description: Status of the connector, for example V(CONNECTED) or V(DISCONNECTED).
      returned: always
      type: str
    version:
      description: Version of the connector software.
      returned: with O(api_version=v3)
      type: str
    is_latest_version:
      description: Whether the connector runs the latest version.
      returned: with O(api_version=v3)
      type: bool
    last_connected:
      description:
        - Time when the connector last established a connection, in ISO 8601 format. This is not the time when the
          connection ended. The value is null if the connector has never connected.
      returned: always
      type: str
    cloud_provider_type:
      description: Cloud provider to which the connector provides access.
      returned: with O(api_version=v3)
      type: str
    sessions:
      description: Running instances of the connector, if it is connected. The value is null if Apono does not return
        this field.
      returned: with O(api_version=v3)
      type: list
      elements: dict
    integrations:
      description:
        - The integrations that use the connector. See M(hybrid.connectors.apono_integration_info) for the fields.
      returned: with O(integrations=true)
      type: list
      elements: dict
  sample:
    - id: AwsConnector-ProdTeam-XYZ123
      name: aws-prod
      status: CONNECTED
      version: 1.7.5
      is_latest_version: true
      last_connected: "2026-11-20T08:15:30Z"
      cloud_provider_type: AWS
      sessions: []
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.provider import Apono

PROVIDER = Apono()
SPEC = PROVIDER.spec


def apono_connector_info(params: Params, context: Context) -> Result:
    """Return the connectors that match the filters."""
    PROVIDER.check(params)
    return {"changed": False, "connectors": PROVIDER.items(context.http, params, context.warn)}


def main() -> None:
    """Run the module."""
    run(SPEC, apono_connector_info)


if __name__ == "__main__":
    main()
