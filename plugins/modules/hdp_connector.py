#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: hdp_connector
short_description: Manage the label and authorized users of a Hybrid Data Pipeline On-Premises Connector
version_added: 1.0.0
description:
  - Changes the label of an On-Premises Connector, or the list of users who are authorized to use it.
  - Connectors register themselves during their installation. This module cannot create connectors.
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
      - Only the server can check that each authorized user exists. Therefore, the server can reject a change that
        check mode predicts.
options:
  connector_id:
    description:
      - ID of the connector.
    type: str
  label:
    description:
      - Current label of the connector. If several connectors of the user have this label, the task fails and lists
        their IDs.
    type: str
  new_label:
    description:
      - Desired label of the connector, with at most 255 characters.
      - If no connector has the label O(label), but a connector has the label O(new_label), the module selects that
        connector.
    type: str
notes:
  - Only the owner can manage a connector. The owner is the user who registered the connector during its installation.
  - The API can neither transfer a connector to a different owner nor unregister a single connector. To remove a
    connector, uninstall it.
  - The module replaces the complete definition of the connector. If another client changes the definition at the same
    time, the last change wins.
seealso:
  - module: hybrid.connectors.hdp_connector_group
  - module: hybrid.connectors.hdp_connector_info
"""

EXAMPLES = r"""
- name: Change the label of a connector
  hybrid.connectors.hdp_connector:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_owner }}"
    password: "{{ hdp_owner_password }}"
    label: sales-oracle-1
    new_label: sales-oracle-primary

- name: Authorize two more users
  hybrid.connectors.hdp_connector:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_owner }}"
    password: "{{ hdp_owner_password }}"
    label: finance-mssql
    authorized_users: [Ann, Bob]
    authorized_users_mode: add

- name: Revoke all authorizations
  hybrid.connectors.hdp_connector:
    api_url: https://hdp.example.com:8443
    username: "{{ hdp_owner }}"
    password: "{{ hdp_owner_password }}"
    connector_id: 3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e03
    authorized_users: []
"""

RETURN = r"""
connector:
  description: The connector after the run.
  returned: success
  type: dict
  contains:
    connector_id:
      description: ID of the connector.
      returned: always
      type: str
    owner:
      description: User who owns the connector.
      returned: always
      type: str
    label:
      description: Label of the connector.
      returned: always
      type: str
    auth_user:
      description: Users who are authorized to use the connector, sorted by name.
      returned: always
      type: list
      elements: str
  sample:
    connector_id: 3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e03
    owner: hdp-owner
    label: finance-mssql
    auth_user: [Ann, Bob]
diff:
  description: The ID, the label and the changed attributes before and after the run.
  returned: success
  type: dict
  sample:
    before: {connector_id: 3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e03, label: finance-mssql, auth_user: [Ann]}
    after: {connector_id: 3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e03, label: finance-mssql, auth_user: [Ann, Bob]}
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.hdp import selection
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.hdp.connection import HDP

SPEC = Spec(connection=HDP, options=selection.OPTIONS, **selection.RULES)


def hdp_connector(params: Params, context: Context) -> Result:
    """Change the label and the authorized users of the connector."""
    selection.check(params)
    return selection.present(params, context.http, context.check_mode)


def main() -> None:
    """Run the module."""
    run(SPEC, hdp_connector)


if __name__ == "__main__":
    main()
