#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: hdp_connector_group
short_description: Manage a group of Hybrid Data Pipeline On-Premises Connectors
version_added: 1.0.0
description:
  - Creates, changes or deletes a group of On-Premises Connectors, which provides failover or load balancing.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.hdp
  - hybrid.connectors.hdp_users
attributes:
  check_mode:
    support: full
    details:
      - Only the server can check that each authorized user exists. The documented list of connectors does not show
        which entries are groups or members of groups. Therefore, the server can reject a change that check mode
        predicts, for example because a member is a group or belongs to a different group.
options:
  connector_id:
    description:
      - ID of the group, which the server assigns. To create a group, use O(label) instead.
    type: str
  label:
    description:
      - Current label of the group. If several connectors or groups of the user have this label, the task fails and
        lists their IDs.
      - If the group does not exist and O(state=present), the module creates a group with this label.
    type: str
  new_label:
    description:
      - Desired label of the group, with at most 255 characters.
      - If no group has the label O(label), but a group has the label O(new_label), the module selects that group.
      - If O(state=absent), the module ignores this option.
    type: str
  state:
    description:
      - If V(present), the module creates the group, or changes it if it has different properties.
      - If V(absent), the module deletes the group if it exists. The members stay registered. HTTP 404 proves
        that the group does not exist if the response body is a JSON object, and the list of connectors can be read from
        O(api_url) and does not contain the group. With any other HTTP 404, the task fails.
    type: str
    choices: [present, absent]
    default: present
  members:
    description:
      - Complete list of the members of the group. The module removes all other members from the group.
      - Each member must be a single connector that belongs to the user and is not a member of another group. Groups
        cannot be nested. If the list of connectors does not show that a member is a group or belongs to another group,
        the module cannot check this before the change, and the server rejects the change.
      - This option is required to create a group.
    type: list
    elements: dict
    suboptions:
      connector_id:
        description:
          - ID of the connector.
        type: str
      label:
        description:
          - Label of the connector, which must be unique.
        type: str
      sequence:
        description:
          - Position of the connector in the order in which the server tries the members of a group without load
            balancing.
          - The default is the position in O(members). Without load balancing, the sequence numbers must be unique.
        type: int
      weight:
        description:
          - Relative share of the requests that the member receives in a group with load balancing.
          - The default is the current weight, or V(1) for a new member.
        type: int
  connection_timeout:
    description:
      - Number of seconds that the server waits for a connection to a member before it tries the next member. V(0)
        disables the timeout.
      - For a new group, the default is V(15). If the server does not return a value for an existing group, the module
        assumes this default, and sends the default when it changes the group.
    type: int
  retry_delay:
    description:
      - Number of seconds for which the server does not use a member after a failed connection. If this option is V(0),
        the server continues to use the member.
      - For a new group, the default is V(120). If the server does not return a value for an existing group, the module
        assumes this default, and sends the default when it changes the group.
    type: int
  load_balancing:
    description:
      - Whether the server distributes the requests among the members (round robin) instead of trying them in the order
        of their sequence numbers.
      - For a new group, the default is V(false).
    type: bool
notes:
  - Only the owner can manage a group. All members must belong to the same owner.
  - Hybrid Data Pipeline does not document what happens to data sources that use a deleted group. Change these data
    sources before you delete the group.
  - The module replaces the complete definition of the group. If another client changes the definition at the same time,
    the last change wins.
seealso:
  - module: hybrid.connectors.hdp_connector
  - module: hybrid.connectors.hdp_connector_info
"""

EXAMPLES = r"""
- name: Create a group with failover
  hybrid.connectors.hdp_connector_group:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_owner }}"
    password: "{{ hdp_owner_password }}"
    label: finance
    members:
      - label: finance-mssql

- name: Distribute the requests between two connectors
  hybrid.connectors.hdp_connector_group:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_owner }}"
    password: "{{ hdp_owner_password }}"
    label: sales-oracle
    load_balancing: true
    members:
      - label: sales-oracle-1
        weight: 70
      - label: sales-oracle-2
        weight: 30

- name: Delete a group
  hybrid.connectors.hdp_connector_group:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_owner }}"
    password: "{{ hdp_owner_password }}"
    label: sales-oracle
    state: absent
"""

RETURN = r"""
group:
  description:
    - The group after the run, or before its deletion.
    - If O(state=absent) and the group does not exist, the value is null.
  returned: success
  type: dict
  contains:
    connector_id:
      description: ID of the group. In check mode, the ID of a new group is null.
      returned: always
      type: str
    owner:
      description: User who owns the group. In check mode, the owner of a new group is null.
      returned: always
      type: str
    label:
      description: Label of the group.
      returned: always
      type: str
    auth_user:
      description: Users who are authorized to use the group, sorted by name.
      returned: always
      type: list
      elements: str
    connector_group:
      description: Properties of the group.
      returned: always
      type: dict
      contains:
        connection_timeout:
          description:
            - Number of seconds that the server waits for a connection to a member. The value is null if the server
              omits it.
          returned: always
          type: int
        retry_delay:
          description:
            - Number of seconds for which the server does not use a member after a failed connection. The value is null
              if the server omits it.
          returned: always
          type: int
        load_balancing:
          description: Load balancing method. The value is null if load balancing is disabled.
          returned: always
          type: str
        members:
          description: The members, sorted by sequence.
          returned: always
          type: list
          elements: dict
  sample:
    connector_id: 3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e10
    owner: hdp-owner
    label: sales-oracle
    auth_user: [Fred, Joe]
    connector_group:
      connection_timeout: 15
      retry_delay: 120
      load_balancing: Round Robin
      members:
        - {member_id: 3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e01, sequence: 1, weight: 70}
        - {member_id: 3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e02, sequence: 2, weight: 30}
diff:
  description:
    - The ID, the label and the changed attributes before and after the run. For a deleted group, C(before) contains all
      attributes.
  returned: success
  type: dict
  sample:
    before: {connector_id: 3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e10, label: sales-oracle, auth_user: [Joe]}
    after: {connector_id: 3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e10, label: sales-oracle, auth_user: [Fred, Joe]}
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.hdp import groups, selection
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.hdp.connection import HDP

SPEC = Spec(
    connection=HDP,
    options={
        **selection.OPTIONS,
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "members": {
            "type": "list",
            "elements": "dict",
            "options": {
                "connector_id": {"type": "str"},
                "label": {"type": "str"},
                "sequence": {"type": "int"},
                "weight": {"type": "int"},
            },
            "required_one_of": [("connector_id", "label")],
            "mutually_exclusive": [("connector_id", "label")],
        },
        "connection_timeout": {"type": "int"},
        "retry_delay": {"type": "int"},
        "load_balancing": {"type": "bool"},
    },
    **selection.RULES,
)


def hdp_connector_group(params: Params, context: Context) -> Result:
    """Create, change or delete the group."""
    groups.check(params)
    if params["state"] == "absent":
        return groups.absent(params, context.http, context.check_mode)
    return groups.present(params, context.http, context.check_mode)


def main() -> None:
    """Run the module."""
    run(SPEC, hdp_connector_group)


if __name__ == "__main__":
    main()
