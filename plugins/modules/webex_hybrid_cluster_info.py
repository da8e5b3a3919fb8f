#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: webex_hybrid_cluster_info
short_description: List Webex hybrid clusters
version_added: 1.0.0
description:
  - Lists the hybrid clusters of one or more Webex organizations with their resource groups. For each cluster, the
    module counts the connectors by status and by type.
  - Returns an empty list if nothing matches. The task fails if a request is rejected, a list is incomplete or
    O(api_url) is wrong.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.webex
options:
  id:
    description:
      - Return only the cluster with this ID.
    type: str
  name:
    description:
      - Return only clusters with this name. The comparison is case-insensitive.
    type: str
  org_id:
    description:
      - ID of the organization. By default, the module lists the clusters of the organization to which the token
        belongs.
    type: str
  org_ids:
    description:
      - IDs of the organizations, or V(all) for all organizations that the token can read. The result then contains
        RV(organizations), and each cluster contains the name of its organization.
      - The module reads up to four organizations at the same time. If an organization cannot be read, the module emits
        a warning, and returns the clusters of the other organizations. If no organization can be read, the task fails.
      - V(all) requires the scope C(spark-admin:organizations_read). If you specify IDs and the list of organizations
        cannot be read, for example without this scope, the module emits a warning, and the names of the organizations
        are null. If Webex rejects the credentials, the task fails.
    type: list
    elements: str
  resource_groups:
    description:
      - Whether to return the name of the resource group of each cluster. If V(true), the module sends an additional
        request for each organization.
      - The token requires the additional scope C(spark-admin:resource_groups_read). Without this scope, Webex rejects
        the request.
    type: bool
    default: true
notes:
  - The token requires the scopes C(spark-admin:hybrid_clusters_read) and C(spark-admin:hybrid_connectors_read).
  - The Webex API does not return the status of a cluster. The module counts the connectors of the cluster instead.
seealso:
  - module: hybrid.connectors.webex_hybrid_connector_info
  - ref: ansible_collections.hybrid.connectors.docsite.unknowns
    description: Undocumented behavior of Webex, and how the module handles it.
"""

EXAMPLES = r"""
- name: List all clusters of the organization
  hybrid.connectors.webex_hybrid_cluster_info:
    access_token: "{{ webex_token }}"
  register: webex

- name: Show the clusters in which a connector has an outage
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.connectors.by_status.outage }} of {{ item.connectors.total }} connectors"
  loop: "{{ webex.clusters | selectattr('connectors.by_status.outage') }}"
  loop_control:
    label: "{{ item.id }}"

- name: List the clusters of all organizations that the token can read
  hybrid.connectors.webex_hybrid_cluster_info:
    access_token: "{{ webex_token }}"
    org_ids: all
    resource_groups: false
"""

RETURN = r"""
clusters:
  description:
    - The clusters, sorted by name, then by ID. Keys are in snake case.
    - Fields that Webex adds later are returned as well. Documented fields that Webex omits are null.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Cluster ID.
      returned: always
      type: str
    org_id:
      description: ID of the organization to which the cluster belongs.
      returned: always
      type: str
    org_name:
      description: Name of the organization to which the cluster belongs. The value is null if the name is not known.
      returned: with O(org_ids)
      type: str
    name:
      description: Name of the cluster.
      returned: always
      type: str
    resource_group_id:
      description: ID of the resource group to which the cluster belongs.
      returned: always
      type: str
    resource_group_name:
      description:
        - Name of the resource group. The value is null if O(resource_groups=false), or if the list of resource groups
          does not contain this resource group.
      returned: always
      type: str
    connectors:
      description: Number of connectors in the cluster, in total, by status and by type.
      returned: always
      type: dict
      contains:
        total:
          description: Total number of connectors.
          returned: always
          type: int
        by_status:
          description: Number of connectors with each status. Each documented status is a key.
          returned: always
          type: dict
        by_type:
          description: Number of connectors of each type. Each documented type is a key.
          returned: always
          type: dict
  sample:
    - id: Y2lzY29zcGFyazovL3VzL0hZQlJJRF9DTFVTVEVSLzE
      org_id: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8x
      org_name: Example Corporation
      name: Berlin
      resource_group_id: Y2lzY29zcGFyazovL3VzL1JFU09VUkNFX0dST1VQLzE
      resource_group_name: Europe
      connectors:
        total: 2
        by_status: {operational: 1, impaired: 1, outage: 0, maintenanceMode: 0}
        by_type:
          expresswayManagement: 0
          calendar: 1
          call: 1
          message: 0
          expresswayServiceability: 0
          ecpServiceability: 0
          videoMesh: 0
          dataSecurity: 0
          care: 0
          careManagement: 0
organizations:
  description: The organizations, sorted by name, then by ID.
  returned: with O(org_ids)
  type: list
  elements: dict
  contains:
    id:
      description: ID of the organization.
      returned: always
      type: str
    name:
      description: Name of the organization. The value is null if the name is not known.
      returned: always
      type: str
    read:
      description: Whether all clusters of the organization could be read.
      returned: always
      type: bool
    error:
      description: Error message if the organization could not be read; otherwise, the value is null.
      returned: always
      type: str
    reason:
      description: Kind of error, for example V(forbidden). If no error occurred, the value is null.
      returned: always
      type: str
  sample:
    - id: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8x
      name: Example Corporation
      read: true
      error:
      reason:
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import check_not_empty
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import by_name_and_id
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex import clusters, organizations
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex.connection import WEBEX

SPEC = Spec(
    connection=WEBEX,
    options={
        "id": {"type": "str"},
        "name": {"type": "str"},
        **organizations.OPTIONS,
        "resource_groups": {"type": "bool", "default": True},
    },
    mutually_exclusive=(("org_id", "org_ids"),),
)


def webex_hybrid_cluster_info(params: Params, context: Context) -> Result:
    """Return the clusters that match the filters."""
    check_not_empty(params, "id", "name")
    organizations.check(params)
    found = clusters.listing(context.http, params, context.warn)
    return {"changed": False, "clusters": by_name_and_id(found.items), **found.result(context.warn)}


def main() -> None:
    """Run the module."""
    run(SPEC, webex_hybrid_cluster_info)


if __name__ == "__main__":
    main()
