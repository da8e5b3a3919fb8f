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
  - Lists the connectors that are registered with Apono, all pages of them, or looks for certain ones.
  - Returns an empty list if nothing matches. A rejected request, an incomplete list and a wrong address are failures,
    never an empty list.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.apono
options:
  id:
    description:
      - Only the connector with this id.
    type: str
  name:
    description:
      - Only connectors with exactly this name. Not with O(api_version=v2), which has no names.
    type: str
  status:
    description:
      - Only connectors with one of these statuses, in upper or lower case.
      - Apono documents C(CONNECTED) and C(DISCONNECTED); any other value is looked for as well, with a warning.
    type: list
    elements: str
  api_version:
    description:
      - Which version of Apono's API is asked.
      - V(v2) has fewer fields and no pages; O(id) and O(status) are applied to its list here.
    type: str
    choices: [v3, v2]
    default: v3
  limit:
    description:
      - How many connectors one page holds, if not as many as Apono gives by itself (100).
      - It changes the number of requests, not the result. Not with O(api_version=v2).
    type: int
seealso:
  - module: hybrid.connectors.apono_connector
"""

EXAMPLES = r"""
- name: List all connectors
  hybrid.connectors.apono_connector_info:
    api_token: "{{ apono_token }}"
  register: apono

- name: Show those that lost their connection
  ansible.builtin.debug:
    msg: "{{ item.name }} was last seen at {{ item.last_connected }}"
  loop: "{{ apono.connectors | selectattr('status', 'equalto', 'DISCONNECTED') }}"
  loop_control:
    label: "{{ item.id }}"

- name: Ask the server for the disconnected ones alone
  hybrid.connectors.apono_connector_info:
    api_token: "{{ apono_token }}"
    status: [DISCONNECTED]
"""

RETURN = r"""
connectors:
  description:
    - The connectors, sorted by name, then by id. Keys are in snake case; fields that Apono adds later are kept, and
      documented fields that it leaves out are null.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id that the connector was given when it was installed.
      returned: always
      type: str
    connector_id:
      description: The same, as the API v2 names it.
      returned: with O(api_version=v2)
      type: str
    name:
      description: Name of the connector.
      returned: with O(api_version=v3)
      type: str
    status:
      description: V(CONNECTED) or V(DISCONNECTED), as the server writes it.
      returned: always
      type: str
    version:
      description: Version of the connector's software.
      returned: with O(api_version=v3)
      type: str
    is_latest_version:
      description: Whether that is the newest version.
      returned: with O(api_version=v3)
      type: bool
    last_connected:
      description: When the connector last connected, ISO 8601; null if never. It is not when it was last alive.
      returned: always
      type: str
    cloud_provider_type:
      description: Cloud provider that the connector gives access to.
      returned: with O(api_version=v3)
      type: str
    sessions:
      description: The running instances of a connected connector; null if the server does not return them.
      returned: with O(api_version=v3)
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
    PROVIDER.check(params)
    return {"changed": False, "connectors": PROVIDER.items(context.http, params, context.warn)}


def main() -> None:
    run(SPEC, apono_connector_info)


if __name__ == "__main__":
    main()
