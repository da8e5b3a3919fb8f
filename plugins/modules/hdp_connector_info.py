#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: hdp_connector_info
short_description: List On-Premises Connectors of Hybrid Data Pipeline
version_added: 1.0.0
description:
  - Lists the On-Premises Connectors that are registered with a Progress DataDirect Hybrid Data Pipeline server, either
    all of them as an administrator sees them, or those that one user may use.
  - Returns an empty list if nothing matches. A rejected request, an incomplete list and a wrong address are failures,
    never an empty list.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.hdp
options:
  scope:
    description:
      - V(admin) lists the connectors of all users. It needs the permission Administrator.
      - V(user) lists the connectors of the user who signs in, which every active user may do.
    type: str
    choices: [admin, user]
    default: admin
  details:
    description:
      - Whether to have the server send more than the essential fields of each connector.
      - With O(scope=user) the server sends nothing but ids if this is V(false).
    type: bool
    default: false
  accessible:
    description:
      - Whether to list not only the connectors that the user owns, but those that others share with the user as well.
      - Only with O(scope=user).
    type: bool
    default: false
  filters:
    description:
      - Only connectors that have all of these values. Values are compared as a whole, here without regard to case.
      - Write them as the server has them all the same. It filters first, and whether case matters to it is not
        documented.
      - Keys are C(connector_id), C(label), C(version), C(owner), C(tenant_name), C(is_group), C(created_time),
        C(last_modified), C(last_accessed), C(ip_address), C(java_version), C(java_vendor), C(os_name) and
        C(os_version), or the same in the server's spelling, such as C(tenantName).
      - The keys from C(is_group) on belong to the details. A filter by one of them asks for the details,
        as O(details=true) does.
      - Quote a version, so that YAML does not take a text such as V(4.6) for a number.
      - Only with O(scope=admin).
    type: dict
notes:
  - Hybrid Data Pipeline locks an account after a few failed logins. Refused credentials are therefore never tried
    again, not even by another request of the same task.
seealso:
  - ref: ansible_collections.hybrid.connectors.docsite.unknowns
    description: What the vendor leaves open about Hybrid Data Pipeline, and what this module does about it.
"""

EXAMPLES = r"""
- name: List all connectors of the server
  hybrid.connectors.hdp_connector_info:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_username }}"
    password: "{{ hdp_password }}"
    details: true
  register: hdp

- name: Show which are used from which address
  ansible.builtin.debug:
    msg: "{{ item.label }} ({{ item.owner }}) at {{ item.ip_address }}, last used {{ item.last_accessed }}"
  loop: "{{ hdp.connectors }}"
  loop_control:
    label: "{{ item.connector_id }}"

- name: Look for the connectors of one tenant that still have an old version
  hybrid.connectors.hdp_connector_info:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_username }}"
    password: "{{ hdp_password }}"
    filters:
      tenant_name: OrgB
      version: "4.6.1.758"

- name: List what a user owns and what others share with that user
  hybrid.connectors.hdp_connector_info:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_user }}"
    password: "{{ hdp_user_password }}"
    scope: user
    accessible: true
    details: true
"""

RETURN = r"""
connectors:
  description:
    - The connectors, sorted by label, then by id. Keys are in snake case; fields that the server adds later are kept,
      and documented fields that it leaves out are null.
  returned: success
  type: list
  elements: dict
  contains:
    connector_id:
      description: Id that the connector, or the group of connectors, was given when it was made.
      returned: always
      type: str
    label:
      description: Name of the connector.
      returned: with O(scope=admin), or with O(details=true)
      type: str
    owner:
      description: The user who installed the connector.
      returned: with O(scope=admin), or with O(details=true)
      type: str
    version:
      description: Version of the connector's software.
      returned: with O(scope=admin)
      type: str
    tenant_name:
      description: Tenant that the connector belongs to.
      returned: with O(scope=admin)
      type: str
    auth_user:
      description: Users with whom the connector is shared. It is empty, too, if the connector belongs to somebody else.
      returned: with O(scope=user) and O(details=true)
      type: list
      elements: str
    is_group:
      description:
        - Whether the id belongs to a group of connectors. It is also V(true) if the server returns the properties of a
          group in C(connector_group).
      returned: with O(scope=admin) and O(details=true)
      type: bool
    created_time:
      description: When the connector was made, as the server writes it.
      returned: with O(scope=admin) and O(details=true)
      type: str
    last_modified:
      description: When the connector was last changed.
      returned: with O(scope=admin) and O(details=true)
      type: str
    last_accessed:
      description: When the connector last had a connection to the server.
      returned: with O(scope=admin) and O(details=true)
      type: str
    ip_address:
      description: Address of the machine on which the connector runs.
      returned: with O(scope=admin) and O(details=true)
      type: str
    java_version:
      description: Version of the Java that the connector uses.
      returned: with O(scope=admin) and O(details=true)
      type: str
    java_vendor:
      description: Vendor of the Java that the connector uses.
      returned: with O(scope=admin) and O(details=true)
      type: str
    os_name:
      description: Name of the machine's operating system.
      returned: with O(scope=admin) and O(details=true)
      type: str
    os_version:
      description: Version of the machine's operating system.
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
    PROVIDER.check(params)
    return {"changed": False, "connectors": PROVIDER.items(context.http, params, context.warn)}


def main() -> None:
    run(SPEC, hdp_connector_info)


if __name__ == "__main__":
    main()
