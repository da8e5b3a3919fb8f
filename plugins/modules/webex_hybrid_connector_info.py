#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: webex_hybrid_connector_info
short_description: List Webex hybrid connectors
version_added: 1.0.0
description:
  - Lists the hybrid connectors of one or more Webex organizations with their status and their unresolved alarms.
  - Returns an empty list if nothing matches. The task fails if a request is rejected, the list is incomplete or
    O(api_url) is wrong.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.webex
options:
  id:
    description:
      - Return only the connector with this ID.
    type: str
  org_id:
    description:
      - ID of the organization. By default, the module lists the connectors of the organization to which the token
        belongs.
    type: str
  org_ids:
    description:
      - IDs of the organizations, or V(all) for all organizations that the token can read. The result then contains
        RV(organizations), and each connector contains the name of its organization.
      - The module reads up to four organizations at the same time. If an organization cannot be read, the module emits
        a warning, and returns the connectors of the other organizations. If no organization can be read, the task
        fails.
      - V(all) requires the scope C(spark-admin:organizations_read). If you specify IDs and the list of organizations
        cannot be read, for example without this scope, the module emits a warning, and the names of the organizations
        are null. If Webex rejects the credentials, the task fails.
    type: list
    elements: str
  status:
    description:
      - Return only connectors with one of these statuses. The comparison is case-insensitive.
      - Webex documents C(operational), C(impaired), C(outage) and C(maintenanceMode). For any other value, the module
        emits a warning.
    type: list
    elements: str
  type:
    description:
      - Return only connectors of one of these types. The comparison is case-insensitive.
      - Webex documents C(expresswayManagement), C(calendar), C(call), C(message), C(expresswayServiceability),
        C(ecpServiceability), C(videoMesh), C(dataSecurity), C(care) and C(careManagement). For any other value, the
        module emits a warning.
    type: list
    elements: str
  hostname:
    description:
      - Return only connectors on the host with this name. The comparison is case-insensitive.
    type: str
  hybrid_cluster_id:
    description:
      - Return only connectors that belong to the cluster with this ID.
    type: str
  hybrid_cluster_name:
    description:
      - Return only connectors that belong to clusters with this name. The comparison is case-insensitive.
      - This option requires the same request and the same scope as O(clusters).
    type: str
  alarm_severity:
    description:
      - Return only connectors that have an unresolved alarm of one of these severities. The comparison is
        case-insensitive.
      - Webex documents C(critical), C(error), C(warning) and C(alert). For any other value, the module emits a warning.
    type: list
    elements: str
  clusters:
    description:
      - Whether to return the cluster name of each connector. If V(true), the module sends an additional request for
        each organization.
      - The token requires the additional scope C(spark-admin:hybrid_clusters_read). Without this scope, Webex rejects
        the request.
    type: bool
    default: false
notes:
  - The Webex API does not support filters. The module applies O(status), O(type), O(hostname), O(hybrid_cluster_id),
    O(hybrid_cluster_name) and O(alarm_severity) to the complete list.
  - With O(org_ids), the module sends one request for the list of organizations, and one request for each organization.
    If Webex returns HTTP 429, all requests of the task wait.
seealso:
  - module: hybrid.connectors.webex_hybrid_cluster_info
  - ref: ansible_collections.hybrid.connectors.docsite.unknowns
    description: Undocumented behavior of Webex, and how the module handles it.
"""

EXAMPLES = r"""
- name: List all hybrid connectors of the organization
  hybrid.connectors.webex_hybrid_connector_info:
    access_token: "{{ webex_token }}"
    clusters: true
  register: webex

- name: Show all unresolved alarms
  ansible.builtin.debug:
    msg: "{{ item.0.hostname }}: {{ item.1.severity }}: {{ item.1.title }}"
  loop: "{{ webex.connectors | subelements('alarms') }}"
  loop_control:
    label: "{{ item.1.id }}"

- name: List calendar and call connectors with an unhealthy status
  hybrid.connectors.webex_hybrid_connector_info:
    access_token: "{{ webex_token }}"
    type: [calendar, call]
    status: [impaired, outage]

- name: List the connectors with a critical alarm in all organizations
  hybrid.connectors.webex_hybrid_connector_info:
    access_token: "{{ webex_token }}"
    org_ids: all
    alarm_severity: [critical]
  register: alarmed

- name: Show the organizations that could not be read
  ansible.builtin.debug:
    msg: "{{ item.name or item.id }}: {{ item.error }}"
  loop: "{{ alarmed.organizations | rejectattr('read') }}"
  loop_control:
    label: "{{ item.id }}"

- name: Get one connector
  hybrid.connectors.webex_hybrid_connector_info:
    access_token: "{{ webex_token }}"
    id: Y2lZY76123
"""

RETURN = r"""
connectors:
  description:
    - The connectors, sorted by host name, then by ID. Keys are in snake case.
    - Fields that Webex adds later are returned as well. Documented fields that Webex omits are null.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Connector ID.
      returned: always
      type: str
    org_id:
      description: ID of the organization to which the connector belongs.
      returned: always
      type: str
    org_name:
      description: Name of the organization to which the connector belongs. The value is null if the name is not known.
      returned: with O(org_ids)
      type: str
    hybrid_cluster_id:
      description: ID of the cluster to which the connector belongs.
      returned: always
      type: str
    hybrid_cluster_name:
      description: Name of the cluster. The value is null if the list of clusters does not contain this cluster.
      returned: with O(clusters=true) or O(hybrid_cluster_name)
      type: str
    hostname:
      description: Name of the host on which the connector runs.
      returned: always
      type: str
    status:
      description: Status of the connector, for example V(operational), V(impaired), V(outage) or V(maintenanceMode).
      returned: always
      type: str
    created:
      description: Time when the connector was created, in ISO 8601 format.
      returned: always
      type: str
    type:
      description: Type of the connector, for example V(calendar).
      returned: always
      type: str
    version:
      description: Version of the connector software.
      returned: always
      type: str
    alarms:
      description: Unresolved alarms of the connector. The list is empty if there are no alarms.
      returned: always
      type: list
      elements: dict
      contains:
        id:
          description: Alarm ID.
          returned: always
          type: str
        created:
          description: Time when the alarm was raised, in ISO 8601 format.
          returned: always
          type: str
        severity:
          description: Severity of the alarm, for example V(critical), V(error), V(warning) or V(alert).
          returned: always
          type: str
        title:
          description: Title of the alarm.
          returned: always
          type: str
        description:
          description: Description of the alarm.
          returned: always
          type: str
        hybrid_connector_id:
          description: ID of the connector that raised the alarm.
          returned: always
          type: str
  sample:
    - id: Y2lzY29zcGFyazovL3VzL0hZQlJJRF9DT05ORUNUT1IvMQ
      org_id: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8x
      org_name: Example Corporation
      hybrid_cluster_id: Y2lzY29zcGFyazovL3VzL0hZQlJJRF9DTFVTVEVSLzE
      hybrid_cluster_name: Berlin
      hostname: expressway1.example.com
      status: impaired
      created: "2026-03-02T07:00:00Z"
      type: calendar
      version: 8.11-1.0.5211
      alarms:
        - id: Y2lzY29zcGFyazovL3VzL0FMQVJNLzE
          created: "2026-11-20T08:15:30Z"
          severity: warning
          title: Exchange server does not respond
          description: The connector cannot reach one of its Exchange servers.
          hybrid_connector_id: Y2lzY29zcGFyazovL3VzL0hZQlJJRF9DT05ORUNUT1IvMQ
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
      description: Whether all connectors of the organization could be read.
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
    - id: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8y
      name: Example Subsidiary
      read: false
      error: Webex returned 403 for GET https://webexapis.com/v1/hybrid/connectors.
      reason: forbidden
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex.provider import Webex

PROVIDER = Webex()
SPEC = PROVIDER.spec


def webex_hybrid_connector_info(params: Params, context: Context) -> Result:
    """Return the connectors that match the filters."""
    PROVIDER.check(params)
    found = PROVIDER.listing(context.http, params, context.warn)
    return {"changed": False, "connectors": found.items, **found.result(context.warn)}


def main() -> None:
    """Run the module."""
    run(SPEC, webex_hybrid_connector_info)


if __name__ == "__main__":
    main()
