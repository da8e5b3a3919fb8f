#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_spark_customer_info
short_description: List Webex customers in VOSS Automate, and read model documents
version_added: 1.0.0
description:
  - Lists the customers of the C(relation/SparkCustomer) model at and below a node of the hierarchy, or returns one
    customer by its pkid.
  - The module does not return secrets.
  - The module returns an empty list if no customer matches. If the server rejects the request, or the node is unknown,
    the task fails.
  - If the list is still incomplete after several attempts, or contains a customer without a name, pkid or node, the
    task fails with the reason C(invalid_response).
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.voss
options:
  hierarchy:
    description:
      - Node of the hierarchy, as a dotted path or a pkid. The module lists the customers at and below this node.
      - Required unless O(pkid) is set.
    type: str
  name:
    description: Return only customers whose name exactly matches this value.
    type: str
  pkid:
    description:
      - Return only the customer with this pkid. The result contains more attributes than a customer in a list, but does
        not contain the path of the node.
    type: str
  expiring_within_days:
    description:
      - Return only customers whose access token or refresh token has expired, or expires within this number of days.
        The value must be between -1000000 and 1000000.
    type: float
  gather:
    description:
      - Model documents to return. The module sends one request for each document, and returns each document under its
        own key. This option requires O(hierarchy), which must be a node that allows the model.
      - V(help) is the help page as HTML. If O(pkid) is set, V(help) is the help page for this customer.
      - V(add_form) is the form for new customers, including its schema.
      - V(configuration_templates) and V(field_display_policies) are the templates and policies for the node.
    type: list
    elements: str
    choices: [help, add_form, configuration_templates, field_display_policies]
seealso:
  - module: hybrid.connectors.voss_spark_customer
  - module: hybrid.connectors.voss_spark_customers
"""

EXAMPLES = r"""
- name: List the customers of a provider
  hybrid.connectors.voss_spark_customer_info:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
  register: provider

- name: List the customers whose tokens expire within a week
  hybrid.connectors.voss_spark_customer_info:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    expiring_within_days: 7

- name: Read the schema of the model
  hybrid.connectors.voss_spark_customer_info:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P.CS-NB.AAAGlobal
    gather: [add_form]
  register: model
"""

RETURN = r"""
customers:
  description:
    - The customers, sorted by name, then by pkid. Attributes that are not set are null.
    - Other attributes that the server returns are included.
  returned: success
  type: list
  elements: dict
  contains:
    pkid:
      description: ID of the customer.
      type: str
      returned: always
    name:
      description: Name of the customer.
      type: str
      returned: always
    hierarchy:
      description: Pkid of the hierarchy node of the customer.
      type: str
      returned: always
    hierarchy_path:
      description: Dotted path of the node; null if O(pkid) is set.
      type: str
      returned: always
    account_email:
      description: E-mail address of the administrator account; null if it is not set.
      type: str
      returned: always
    account_number:
      description: Internal ID of the Webex organization; null if it is not set.
      type: str
      returned: always
    account_number_external:
      description: ID of the Webex organization in Webex Control Hub; null if it is not set.
      type: str
      returned: always
    default_calling_behaviour:
      description: Default calling application of the organization; null if it is not set.
      type: str
      returned: always
    dirsync_enabled:
      description: Whether Control Hub synchronizes the organization with a directory; null if it is not set.
      type: bool
      returned: always
    email_domain:
      description: Domain of the Unified CM users for workspaces with hybrid calling; null if it is not set.
      type: str
      returned: always
    access_token_expires:
      description: Expiry of the access token in ISO 8601 format; null if the server does not return it.
      type: str
      returned: always
    refresh_token_expires:
      description: Expiry of the refresh token in ISO 8601 format; null if the server does not return it.
      type: str
      returned: always
    access_token_days_left:
      description: Number of days until the access token expires; negative if the token has expired, null if the expiry
        is not known.
      type: float
      returned: always
    refresh_token_days_left:
      description: Number of days until the refresh token expires; negative if the token has expired, null if the expiry
        is not known.
      type: float
      returned: always
  sample:
    - pkid: 65e0918d6fd4534903e212d9
      name: AAAGlobal
      hierarchy: 6130d69ae04a4a0015a93bc6
      hierarchy_path: sys.hcs.CS-P.CS-NB.AAAGlobal
      account_email: webex-admin@aaaglobal.example
      access_token_expires: "2026-12-03T14:19:31.448016Z"
      access_token_days_left: 11.4
      refresh_token_expires: "2027-02-16T22:00:24.448084Z"
      refresh_token_days_left: 86.7
help:
  description: Help page as HTML.
  returned: if O(gather) contains V(help)
  type: str
  sample: <html>...</html>
add_form:
  description: Form for new customers and its schema, as the server returns them, but without session tokens.
  returned: if O(gather) contains V(add_form)
  type: dict
configuration_templates:
  description: Configuration templates, as the server returns them.
  returned: if O(gather) contains V(configuration_templates)
  type: dict
field_display_policies:
  description: Field display policies, as the server returns them.
  returned: if O(gather) contains V(field_display_policies)
  type: dict
"""

import dataclasses

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import DOCUMENTS, Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.provider import (
    VossAutomate,
    customers,
)

PROVIDER = VossAutomate()
SPEC = dataclasses.replace(
    PROVIDER.spec,
    options={**PROVIDER.spec.options, "gather": {"type": "list", "elements": "str", "choices": list(DOCUMENTS)}},
    required_by={"gather": ("hierarchy",)},
)


def voss_spark_customer_info(params: Params, context: Context) -> Result:
    """Return the selected customers and the requested documents of the customer model."""
    PROVIDER.check(params)
    voss = Voss(context.http, params["hierarchy"])
    found = customers(voss, params, context.warn)
    documents = {name: voss.document(name, params["hierarchy"], params["pkid"]) for name in params["gather"] or ()}
    return {"changed": False, "customers": found, **documents}


def main() -> None:
    """Run the module."""
    run(SPEC, voss_spark_customer_info)


if __name__ == "__main__":
    main()
