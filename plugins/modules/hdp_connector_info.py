#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: hdp_connector_info
short_description: List Hybrid Data Pipeline On-Premises Connectors
version_added: 1.0.0
description:
  - Lists the On-Premises Connectors that are registered with a Progress DataDirect Hybrid Data Pipeline server.
    Depending on O(scope), the list contains all connectors or the connectors of one user.
  - Returns an empty list if nothing matches. The task fails if a request is rejected, the list is incomplete or
    O(api_url) is wrong.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.hdp
options:
  scope:
    description:
      - If V(admin), the module lists the connectors of all users, which requires the Administrator permission.
      - If V(user), the module lists the connectors of the authenticated user.
    type: str
    choices: [admin, user]
    default: admin
  details:
    description:
      - Whether to return detailed fields in addition to the essential fields of each connector.
      - If this option is V(false) and O(scope=user), the server returns only IDs.
    type: bool
    default: false
  accessible:
    description:
      - Whether to include connectors that other users share with the user.
      - Requires O(scope=user).
    type: bool
    default: false
  filters:
    description:
      - Return only connectors that match all of these values. The module compares complete values. The comparison is
        case-insensitive.
      - Specify the values with the same capitalization as on the server. The server also filters the list, and the
        vendor does not document whether these filters are case-sensitive.
      - The keys are C(connector_id), C(label), C(version), C(owner), C(tenant_name), C(is_group), C(created_time),
        C(last_modified), C(last_accessed), C(ip_address), C(java_version), C(java_vendor), C(os_name) and
        C(os_version). You can also use the key names of the server, for example C(tenantName).
      - C(is_group) and the keys that follow it in this list are detailed fields. A filter with one of these keys
        implies O(details=true).
      - Enclose versions in quotes. Otherwise, YAML parses a version such as V(4.6) as a number.
      - Requires O(scope=admin).
    type: dict
  connector_id:
    description:
      - Return only the connector or the group with this ID.
    type: str
  groups:
    description:
      - Whether to return the properties and the members of groups.
      - The module sends one additional request for each connector. Only the owner of a group can read its members.
      - If the server returns HTTP 404 for a connector that the user owns, the task fails.
      - Requires O(scope=user).
    type: bool
    default: false
notes:
  - Hybrid Data Pipeline locks an account after a few failed logins. Therefore, the module does not send rejected
    credentials again, not even in a different request of the same task.
seealso:
  - module: hybrid.connectors.hdp_connector
  - ref: ansible_collections.hybrid.connectors.docsite.unknowns
    description: Undocumented behavior of Hybrid Data Pipeline, and how the module handles it.
"""

EXAMPLES = r"""
- name: List all connectors of the server
  hybrid.connectors.hdp_connector_info:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_username }}"
    password: "{{ hdp_password }}"
    details: true
  register: hdp

- name: Show the address and the last access of each connector
  ansible.builtin.debug:
    msg: "{{ item.label }} ({{ item.owner }}) at {{ item.ip_address }}, last used {{ item.last_accessed }}"
  loop: "{{ hdp.connectors }}"
  loop_control:
    label: "{{ item.connector_id }}"

- name: List the connectors of one tenant with a certain version
  hybrid.connectors.hdp_connector_info:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_username }}"
    password: "{{ hdp_password }}"
    filters:
      tenant_name: OrgB
      version: "4.6.1.758"

- name: List the connectors that a user owns, or that other users share with the user
  hybrid.connectors.hdp_connector_info:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_user }}"
    password: "{{ hdp_user_password }}"
    scope: user
    accessible: true
    details: true

- name: List the groups of a user with their members
  hybrid.connectors.hdp_connector_info:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_user }}"
    password: "{{ hdp_user_password }}"
    scope: user
    details: true
    groups: true
"""

RETURN = r"""
connectors:
  description:
    - The connectors, sorted by label, then by ID. Keys are in snake case.
    - Fields that the server adds later are returned as well. Documented fields that the server omits are null.
  returned: success
  type: list
  elements: dict
  contains:
    connector_id:
      description: ID of the connector or of the group of connectors.
      returned: always
      type: str
    label:
      description: Name of the connector.
      returned: with O(scope=admin), or with O(details=true)
      type: str
    owner:
      description: User who installed the connector.
      returned: with O(scope=admin), or with O(details=true)
      type: str
    version:
      description: Version of the connector software.
      returned: with O(scope=admin)
      type: str
    tenant_name:
      description: Tenant of the connector.
      returned: with O(scope=admin)
      type: str
    auth_user:
      description:
        - Users with whom the connector is shared. The list is also empty if the connector belongs to a different user.
      returned: with O(scope=user) and O(details=true)
      type: list
      elements: str
    connector_group:
      description:
        - Properties and members of the group. See M(hybrid.connectors.hdp_connector_group) for the keys.
        - The value is null for a single connector, and for a group that belongs to a different user.
      returned: with O(groups=true)
      type: dict
    is_group:
      description:
        - Whether the ID belongs to a group of connectors. It is also V(true) if the server returns the properties of a
          group in C(connector_group).
      returned: with O(scope=admin) and O(details=true)
      type: bool
    created_time:
      description: Time when the connector was created, in the format of the server.
      returned: with O(scope=admin) and O(details=true)
      type: str
    last_modified:
      description: Time when the connector was last modified.
      returned: with O(scope=admin) and O(details=true)
      type: str
    last_accessed:
      description: Time when the connector last accessed the server.
      returned: with O(scope=admin) and O(details=true)
      type: str
    ip_address:
      description: IP address of the machine on which the connector runs.
      returned: with O(scope=admin) and O(details=true)
      type: str
    java_version:
      description: Version of the Java runtime of the connector.
      returned: with O(scope=admin) and O(details=true)
      type: str
    java_vendor:
      description: Vendor of the Java runtime of the connector.
      returned: with O(scope=admin) and O(details=true)
      type: str
    os_name:
      description: Name of the operating system of the machine.
      returned: with O(scope=admin) and O(details=true)
      type: str
    os_version:
      description: Version of the operating system of the machine.
      returned: with O(scope=admin) and O(details=true)
      type: str
  sample:
    - connector_id: 9d3c1c0e-4a57-4f0b-9b0e-2f6f6f0a1c55
      label: warehouse
      version: 4.6.1.758
      owner: d2cadmin
      tenant_name: OrgB
      is_group: false
      created_time: "2026-01-12T09:30:00Z"
      last_modified: "2026-05-02T16:04:11Z"
      last_accessed: "2026-11-20T08:15:30Z"
      ip_address: 192.0.2.17
      java_version: 17.0.9
      java_vendor: Eclipse Adoptium
      os_name: Linux
      os_version: "5.14"
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.hdp.provider import Hdp

PROVIDER = Hdp()
SPEC = PROVIDER.spec


def hdp_connector_info(params: Params, context: Context) -> Result:
    """Return the connectors that match the filters."""
    PROVIDER.check(params)
    return {"changed": False, "connectors": PROVIDER.items(context.http, params, context.warn)}


def main() -> None:
    """Run the module."""
    run(SPEC, hdp_connector_info)


if __name__ == "__main__":
    main()
