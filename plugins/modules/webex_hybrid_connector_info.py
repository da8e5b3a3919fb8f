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
  - Lists the hybrid connectors of a Webex organization with their state and their unresolved alarms, or looks for
    certain ones.
  - Returns an empty list if nothing matches. A rejected request, an incomplete list and a wrong address are failures,
    never an empty list.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.webex
options:
  id:
    description:
      - Only the connector with this id.
    type: str
  org_id:
    description:
      - Id of the organization whose connectors are listed, by default the one that the token belongs to.
    type: str
  status:
    description:
      - Only connectors with one of these statuses, in upper or lower case.
      - Webex documents C(operational), C(impaired), C(outage) and C(maintenanceMode); any other value is looked for as
        well, with a warning.
    type: list
    elements: str
  type:
    description:
      - Only connectors of one of these types, in upper or lower case.
      - Webex documents C(expresswayManagement), C(calendar), C(call), C(message), C(expresswayServiceability),
        C(ecpServiceability), C(videoMesh), C(dataSecurity), C(care) and C(careManagement); any other value is looked
        for as well, with a warning.
    type: list
    elements: str
  hostname:
    description:
      - Only connectors that run on the system with this host name, in upper or lower case.
    type: str
  hybrid_cluster_id:
    description:
      - Only connectors of the cluster with this id.
    type: str
  clusters:
    description:
      - Whether to look up the name of each connector's cluster, which takes a second request.
      - The token needs the scope C(spark-admin:hybrid_clusters_read) for that, beside the one for connectors.
        Without it the task fails.
    type: bool
    default: false
notes:
  - Webex filters nothing itself. O(status), O(type), O(hostname) and O(hybrid_cluster_id) are applied to its list here.
seealso:
  - ref: ansible_collections.hybrid.connectors.docsite.unknowns
    description: What the vendor leaves open about Webex, and what this module does about it.
"""

EXAMPLES = r"""
- name: List all hybrid connectors of the organization
  hybrid.connectors.webex_hybrid_connector_info:
    access_token: "{{ webex_token }}"
    clusters: true
  register: webex

- name: Show every unresolved alarm
  ansible.builtin.debug:
    msg: "{{ item.0.hostname }}: {{ item.1.severity }}: {{ item.1.title }}"
  loop: "{{ webex.connectors | subelements('alarms') }}"
  loop_control:
    label: "{{ item.1.id }}"

- name: Look for calendar and call connectors that do not work as they should
  hybrid.connectors.webex_hybrid_connector_info:
    access_token: "{{ webex_token }}"
    type: [calendar, call]
    status: [impaired, outage]

- name: Look up one connector
  hybrid.connectors.webex_hybrid_connector_info:
    access_token: "{{ webex_token }}"
    id: Y2lZY76123
"""

RETURN = r"""
connectors:
  description:
    - The connectors, sorted by host name, then by id. Keys are in snake case; fields that Webex adds later are kept,
      and documented fields that it leaves out are null.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the connector.
      returned: always
      type: str
    org_id:
      description: Id of the organization that the connector belongs to.
      returned: always
      type: str
    hybrid_cluster_id:
      description: Id of the cluster that the connector belongs to.
      returned: always
      type: str
    hybrid_cluster_name:
      description: Name of that cluster; null if Webex does not list the cluster.
      returned: with O(clusters=true)
      type: str
    hostname:
      description: Host name of the system on which the connector runs.
      returned: always
      type: str
    status:
      description: V(operational), V(impaired), V(outage) or V(maintenanceMode), as the server writes it.
      returned: always
      type: str
    created:
      description: When the connector was created, ISO 8601.
      returned: always
      type: str
    type:
      description: Type of the connector, for example V(calendar).
      returned: always
      type: str
    version:
      description: Version of the connector's software.
      returned: always
      type: str
    alarms:
      description: The unresolved alarms of the connector, empty if there are none.
      returned: always
      type: list
      elements: dict
      contains:
        id:
          description: Id of the alarm.
          returned: always
          type: str
        created:
          description: When the alarm was raised, ISO 8601.
          returned: always
          type: str
        severity:
          description: V(critical), V(error), V(warning) or V(alert), as the server writes it.
          returned: always
          type: str
        title:
          description: Title of the alarm.
          returned: always
          type: str
        description:
          description: What the alarm is about.
          returned: always
          type: str
        hybrid_connector_id:
          description: Id of the connector on which the alarm is raised.
          returned: always
          type: str
  sample:
    - id: Y2lzY29zcGFyazovL3VzL0hZQlJJRF9DT05ORUNUT1IvMQ
      org_id: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8x
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
          title: Exchange server does not answer
          description: The connector cannot reach one of its Exchange servers.
          hybrid_connector_id: Y2lzY29zcGFyazovL3VzL0hZQlJJRF9DT05ORUNUT1IvMQ
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex.provider import Webex

PROVIDER = Webex()
SPEC = PROVIDER.spec


def webex_hybrid_connector_info(params: Params, context: Context) -> Result:
    PROVIDER.check(params)
    return {"changed": False, "connectors": PROVIDER.items(context.http, params, context.warn)}


def main() -> None:
    run(SPEC, webex_hybrid_connector_info)


if __name__ == "__main__":
    main()
