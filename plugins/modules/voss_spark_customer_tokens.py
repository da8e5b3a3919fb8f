#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_spark_customer_tokens
short_description: Plan and summarize token renewals for Webex customers
version_added: 1.0.0
description:
  - Determines which access tokens of VOSS Automate customers must be refreshed, and which customers an administrator
    must authorize again. The entry point C(tokens) of the role P(hybrid.connectors.voss_spark_customers#role) uses this
    module.
  - The module does not send requests or change anything.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
options:
  customers:
    description:
      - Customers, as returned by M(hybrid.connectors.voss_spark_customer_info).
      - If O(results) is not set, the module returns the customers whose list entries lack the expiry of at least one
        token.
    type: list
    elements: dict
  results:
    description:
      - Registered results of a loop that read each customer in RV(without_expiry). If this option is set, the module
        returns the plan.
      - With C(failed_when=false), this loop can continue if a customer cannot be read. RV(failures) then contains the
        error, and the plan does not contain this customer.
    type: list
    elements: dict
  token_days:
    description:
      - The plan contains the tokens that expire within this number of days.
    type: float
    default: 7.0
  renewals:
    description:
      - Registered results of a loop that requested a new access token for each customer in RV(refresh). If this option
        is set, the module returns the summary.
    type: list
    elements: dict
  ends:
    description:
      - Registered results of a loop that waited for the transactions in O(renewals).
    type: list
    elements: dict
    default: []
  reauthorise:
    description:
      - Customers that an administrator must authorize again, as returned in RV(reauthorise). The summary lists these
        customers.
    type: list
    elements: dict
    default: []
  failures:
    description:
      - Messages about customers that could not be read, as returned in RV(failures). The summary contains these
        messages.
    type: list
    elements: str
    default: []
requirements:
  - requests >= 2.27
"""

EXAMPLES = r"""
- name: List the customers
  hybrid.connectors.voss_spark_customer_info:
    hierarchy: sys.hcs.CS-P
  register: listed

- name: Plan which tokens to refresh
  hybrid.connectors.voss_spark_customer_tokens:
    customers: "{{ listed.customers }}"
    results: []
    token_days: 14
  register: plan

- name: Show the customers that an administrator must authorize
  ansible.builtin.debug:
    msg: "{{ plan.reauthorise | map(attribute='name') }}"
"""

RETURN = r"""
without_expiry:
  description: The customers whose list entries lack the expiry of at least one token.
  returned: with O(customers) and without O(results)
  type: list
  elements: dict
refresh:
  description: The customers whose access token must be refreshed, sorted by name.
  returned: with O(results)
  type: list
  elements: dict
reauthorise:
  description: The customers that an administrator must authorize again, sorted by name.
  returned: with O(results)
  type: list
  elements: dict
failures:
  description: A message for each customer that could not be read, sorted by the name of the customer.
  returned: with O(results)
  type: list
  elements: str
refreshed:
  description: The customers whose access token was refreshed, or would be refreshed in check mode.
  returned: with O(renewals)
  type: list
  elements: dict
lines:
  description: The lines of the summary.
  returned: with O(renewals)
  type: list
  elements: str
  sample:
    - "Access tokens refreshed: 1"
    - "AAAGlobal at sys.hcs.CS-P.CS-NB.AAAGlobal"
    - "Customers to authorize: 0"
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Params, Result, Spec, TaskContext, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import tokens

SPEC = Spec(
    connection=None,
    options={
        "customers": {"type": "list", "elements": "dict"},
        "results": {"type": "list", "elements": "dict"},
        "token_days": {"type": "float", "default": 7.0, "no_log": False},
        "renewals": {"type": "list", "elements": "dict"},
        "ends": {"type": "list", "elements": "dict", "default": []},
        "reauthorise": {"type": "list", "elements": "dict", "default": []},
        "failures": {"type": "list", "elements": "str", "default": []},
    },
    mutually_exclusive=(("customers", "renewals"),),
    required_one_of=(("customers", "renewals"),),
    required_by={"results": ("customers",)},
)


def voss_spark_customer_tokens(params: Params, context: TaskContext) -> Result:
    """Depending on the options, return customers without a known token expiry, a refresh plan, or a result summary."""
    if params["renewals"] is not None:
        found = tokens.outcome(params["renewals"], params["ends"], params["failures"])
        lines = tokens.report(found, params["reauthorise"], context.check_mode)
        return {"changed": False, "refreshed": found["refreshed"], "lines": lines}
    if params["results"] is not None:
        return {"changed": False, **tokens.plan(params["customers"], params["results"], params["token_days"])}
    return {"changed": False, "without_expiry": tokens.without_expiry(params["customers"])}


def main() -> None:
    """Run the module."""
    run(SPEC, voss_spark_customer_tokens)


if __name__ == "__main__":
    main()
