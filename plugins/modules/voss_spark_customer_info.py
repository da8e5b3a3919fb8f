#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_spark_customer_info
short_description: List Webex customers of VOSS Automate, and read the model's own documents
version_added: 1.0.0
description:
  - Lists the customers of the model C(relation/SparkCustomer) at a node of the hierarchy and below it, or shows one
    by its pkid.
  - Secrets are left out of what is returned.
  - Nothing found is an empty list. A refused request and an unknown hierarchy are failures, never an empty list.
  - A list that is incomplete each time that it is read, or that has a customer without a name, pkid or place, is a
    failure with the reason C(invalid_response).
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.voss
options:
  hierarchy:
    description:
      - The node at which and below which customers are listed, as a dotted path or as a pkid.
      - Needed unless O(pkid) is given.
    type: str
  name:
    description: Only customers with exactly this name.
    type: str
  pkid:
    description:
      - Only the customer with this pkid. It is read by itself, which shows more attributes than the list; the server
        does not show
        the path of its node then.
    type: str
  expiring_within_days:
    description:
      - Only customers whose access token or refresh token expires within so many days, or has expired. From -1000000
        to 1000000.
    type: float
  gather:
    description:
      - Documents of the model that are returned as well, each under its own name, one request each. They need
        O(hierarchy),
        which has to be a node that allows the model.
      - V(help) is the help page as HTML; with O(pkid) that of the customer.
      - V(add_form) is the form and the schema with which a customer is created.
      - V(configuration_templates) and V(field_display_policies) are those that can be used at the node.
    type: list
    elements: str
    choices: [help, add_form, configuration_templates, field_display_policies]
seealso:
  - module: hybrid.connectors.voss_spark_customer
"""

EXAMPLES = r"""
- name: List the customers of a provider
  hybrid.connectors.voss_spark_customer_info:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
  register: provider

- name: Whose tokens run out within a week?
  hybrid.connectors.voss_spark_customer_info:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    expiring_within_days: 7

- name: Read which attributes this release of the model has
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
    - Other attributes that the server shows are there as well.
  returned: success
  type: list
  elements: dict
  contains:
    pkid:
      description: Id of the customer.
      type: str
      returned: always
    name:
      description: Its name.
      type: str
      returned: always
    hierarchy:
      description: Pkid of the node where it is.
      type: str
      returned: always
    hierarchy_path:
      description: Dotted path of that node; null if it was asked for by pkid.
      type: str
      returned: always
    account_email:
      description: E-mail address of the administrator's account; null if it is not set.
      type: str
      returned: always
    account_number:
      description: Internal ID of the Webex organization; null if it is not set.
      type: str
      returned: always
    account_number_external:
      description: ID of the Webex organization as Webex shows it; null if it is not set.
      type: str
      returned: always
    default_calling_behaviour:
      description: Application that the organization calls with by default; null if it is not set.
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
      description: When the access token expires, ISO 8601; null if there is none.
      type: str
      returned: always
    refresh_token_expires:
      description: When the refresh token expires, ISO 8601; null if there is none.
      type: str
      returned: always
    access_token_days_left:
      description: Days until the access token expires, below zero if it has; null if there is none.
      type: float
      returned: always
    refresh_token_days_left:
      description: Days until the refresh token expires, below zero if it has; null if there is none.
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
  description: The help page, HTML.
  returned: if V(help) is among O(gather)
  type: str
  sample: <html>...</html>
add_form:
  description: The form for a new customer with its schema, as the server has it, without session tokens.
  returned: if V(add_form) is among O(gather)
  type: dict
configuration_templates:
  description: The configuration templates, as the server has them.
  returned: if V(configuration_templates) is among O(gather)
  type: dict
field_display_policies:
  description: The field display policies, as the server has them.
  returned: if V(field_display_policies) is among O(gather)
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
    """Return customers and the documents of their model."""
    PROVIDER.check(params)
    voss = Voss(context.http, params["hierarchy"])
    found = customers(voss, params)
    documents = {name: voss.document(name, params["hierarchy"], params["pkid"]) for name in params["gather"] or ()}
    return {"changed": False, "customers": found, **documents}


def main() -> None:
    """Run the module."""
    run(SPEC, voss_spark_customer_info)


if __name__ == "__main__":
    main()
