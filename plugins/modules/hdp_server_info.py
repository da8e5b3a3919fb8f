#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: hdp_server_info
short_description: Get the health and the version of a Hybrid Data Pipeline server
version_added: 1.0.0
description:
  - Returns the health, the version and the nodes of a Progress DataDirect Hybrid Data Pipeline server.
  - If the health check returns a status other than C(active), the module does not send further requests, and
    RV(version) and RV(nodes) are null. If the server cannot be reached or returns an error, the task fails.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.hdp
options:
  nodes:
    description:
      - Whether to return the nodes of the server. If V(true), the user requires the Administrator permission.
    type: bool
    default: true
notes:
  - The server does not return the health of each node, and the module does not send requests to the addresses of nodes.
    To check a node, run the module with O(api_url) set to the address of the node.
seealso:
  - module: hybrid.connectors.hdp_connector_info
"""

EXAMPLES = r"""
- name: Get the health and the version of the server
  hybrid.connectors.hdp_server_info:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_username }}"
    password: "{{ hdp_password }}"
  register: hdp

- name: Stop if the server is not healthy
  ansible.builtin.assert:
    that: hdp.healthy

- name: Get the version as a user without the Administrator permission
  hybrid.connectors.hdp_server_info:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_user }}"
    password: "{{ hdp_user_password }}"
    nodes: false
"""

RETURN = r"""
healthy:
  description: Whether the health check of the server returned the status C(active).
  returned: success
  type: bool
  sample: true
version:
  description:
    - The installation type and the versions of the components, with keys in snake case.
    - If the server is not healthy, the value is null.
  returned: success
  type: dict
  sample:
    install_type: Licenced
    hdp_version: 5.0.0.1
    wap_version: 5.0.0.1
    das_version: 5.0.0.1
nodes:
  description:
    - The nodes of the server, sorted by address.
    - If O(nodes=false), or if the server is not healthy, the value is null.
  returned: success
  type: list
  elements: dict
  contains:
    url:
      description: Address of the node.
      returned: always
      type: str
    id:
      description: Number of the node.
      returned: always
      type: int
  sample:
    - url: https://node1.hdp.example.com:8443
      id: 1
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.hdp import server
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.hdp.connection import HDP

SPEC = Spec(connection=HDP, options={"nodes": {"type": "bool", "default": True}})


def hdp_server_info(params: Params, context: Context) -> Result:
    """Return the health, the version and the nodes of the server."""
    result: Result = {"changed": False, "healthy": server.is_healthy(context.http), "version": None, "nodes": None}
    if result["healthy"]:
        result["version"] = server.version(context.http)
        result["nodes"] = server.nodes(context.http) if params["nodes"] else None
    return result


def main() -> None:
    """Run the module."""
    run(SPEC, hdp_server_info)


if __name__ == "__main__":
    main()
