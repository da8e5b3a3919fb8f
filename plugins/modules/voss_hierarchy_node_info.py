#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_hierarchy_node_info
short_description: List VOSS Automate hierarchy nodes
version_added: 1.0.0
description:
  - Returns hierarchy nodes with their pkids, paths, types and parents, and optionally the Webex customers at each node.
  - You can use the path or the pkid of a node as the value of the option C(hierarchy) in other modules.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.voss
options:
  hierarchy:
    description:
      - Node of the hierarchy, as a dotted path or a pkid. The module returns this node and all nodes below it.
      - If the node does not exist, the task fails.
      - By default, the module returns all nodes that the user has access to.
    type: str
  name:
    description:
      - Return only nodes whose name exactly matches this value. A name can occur several times in the hierarchy.
    type: str
  node_type:
    description:
      - Return only nodes of one of these types, for example V(Provider), V(Reseller), V(Customer) or V(Site). The
        comparison is case-insensitive.
      - A VOSS Automate installation can define additional types. Intermediate nodes do not have a type.
    type: list
    elements: str
  customers:
    description: Whether to return the names of the Webex customers that are directly at each node.
    type: bool
    default: false
seealso:
  - module: hybrid.connectors.voss_spark_customer_info
"""

EXAMPLES = r"""
- name: List the customer nodes of a provider
  hybrid.connectors.voss_hierarchy_node_info:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    node_type: [Customer]
    customers: true
  register: provider

- name: Show the nodes without a Webex customer
  ansible.builtin.debug:
    msg: "{{ provider.nodes | selectattr('customers', 'equalto', []) | map(attribute='path') }}"

- name: Find the path of a node by its name
  hybrid.connectors.voss_hierarchy_node_info:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    name: Initech
"""

RETURN = r"""
nodes:
  description:
    - The nodes, sorted by name, then by pkid. Other attributes that the server returns are included.
    - If no node matches the options, the list is empty.
  returned: success
  type: list
  elements: dict
  contains:
    pkid:
      description: ID of the node.
      type: str
      returned: always
    path:
      description: Dotted path of the node; null if the server does not return it.
      type: str
      returned: always
    name:
      description: Name of the node.
      type: str
      returned: always
    node_type:
      description: Type of the node; null for an intermediate node.
      type: str
      returned: always
    parent:
      description: Pkid of the parent node; null for the root, or if the server does not return it.
      type: str
      returned: always
    description:
      description: Description of the node; null if it is not set.
      type: str
      returned: always
    customers:
      description: Sorted names of the Webex customers at the node.
      type: list
      elements: str
      returned: if O(customers=true)
  sample:
    - pkid: 5f0d1e6f8a2b4c0012345678
      path: sys.hcs.CS-P.CS-NB.Initech
      name: Initech
      node_type: Customer
      parent: 5f0d1e6f8a2b4c0012345670
      description: null
      customers: [Initech]
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import check_not_empty
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import node_list
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.connection import VOSS

SPEC = Spec(
    connection=VOSS,
    options={
        "hierarchy": {"type": "str"},
        "name": {"type": "str"},
        "node_type": {"type": "list", "elements": "str"},
        "customers": {"type": "bool", "default": False},
    },
)


def voss_hierarchy_node_info(params: Params, context: Context) -> Result:
    """Return the hierarchy nodes that match the options."""
    check_not_empty(params, "hierarchy", "name")
    selection = node_list.NodeFilter(params["hierarchy"], params["name"], params["node_type"])
    voss = Voss(context.http, params["hierarchy"])
    return {"changed": False, "nodes": node_list.nodes(voss, selection, params["customers"])}


def main() -> None:
    """Run the module."""
    run(SPEC, voss_hierarchy_node_info)


if __name__ == "__main__":
    main()
