#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_spark_customers
short_description: Manage a list of Webex customers in VOSS Automate
version_added: 1.0.0
description:
  - Creates, modifies, moves, deletes and synchronizes a list of customers in one task. The attributes have the same
    meaning as in M(hybrid.connectors.voss_spark_customer).
  - The module lists the scope once, validates the complete list and plans all changes before it changes anything. It
    sends the changes in parallel, and combines deletions, and moves to the same node, into one request.
  - The module verifies the changes by reading. If this takes fewer requests, it lists the scope again instead of
    reading each customer.
  - If a customer fails, the module continues with the others. The task fails at the end and returns the outcome of each
    customer.
  - If a run is interrupted, run the task again. It makes the remaining changes and does not repeat the others.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.voss
attributes:
  idempotent:
    support: partial
    details:
      - The module cannot compare secrets that the server does not show. With O(update_secrets=always), the module
        writes these secrets and reports a change in each run.
      - With O(sync_when=always) and O(refresh_access_token=always), the module runs these actions and reports a change
        in each run.
options:
  hierarchy:
    description:
      - Scope, as a dotted path or a pkid. The module lists the customers at this node and below it, and does not read
        or change anything outside.
    type: str
    required: true
  customers:
    description:
      - List of customers. If two list entries have the same name and node, the task fails before any change.
      - If a name differs from the name of an existing customer only in case, whitespace, invisible characters or
        Unicode normalization, the list entry fails if this customer is at or below its node. Otherwise, the module
        warns.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the customer.
        type: str
        required: true
      hierarchy:
        description:
          - Node in the scope. The module searches for the customer at this node and below it. If the customer does not
            exist, the module creates it at this node. The default is the scope.
          - The module warns before it creates a customer at a node of the type System, Hcs, Provider or Reseller, if
            the server shows the type.
        type: str
      account_email:
        description: E-mail address of the administrator account that the tokens belong to.
        type: str
      account_number:
        description: Internal ID of the Webex organization. The server determines it from
          O(customers[].account_number_external).
        type: str
      account_number_external:
        description: ID of the Webex organization in Webex Control Hub, as a UUID or as the base64 ID of the Webex API.
        type: str
      default_calling_behaviour:
        description: Application that the organization uses for calls by default.
        type: str
      dirsync_enabled:
        description: Whether Control Hub synchronizes the organization with a directory.
        type: bool
      email_domain:
        description: Domain of the Unified CM users for workspaces with hybrid calling.
        type: str
      http_proxy:
        description: Proxy for HTTP, with scheme and port. The module does not return it.
        type: str
      https_proxy:
        description: Proxy for HTTPS, with scheme and port. The module does not return it.
        type: str
      token:
        description: Access token of a Webex administrator. The module does not return it.
        type: str
      refresh_token:
        description: Refresh token that belongs to O(customers[].token). The module does not return it.
        type: str
      sync_on_create:
        description: Whether the server synchronizes roles and licences when it creates the customer.
        type: bool
      extra_attributes:
        description: Attributes that have no option, with the names of the API.
        type: dict
  state:
    description:
      - If V(present), the module creates or modifies the customers of the list.
      - If V(absent), the module deletes them. Only their names are required.
    type: str
    choices: [present, absent]
    default: present
  relocate:
    description:
      - Whether the module moves a customer that exists elsewhere in the scope to the node of its list entry.
      - If V(false), the module creates a second customer with this name at the node, and warns about the first one.
    type: bool
    default: false
  prune:
    description:
      - Whether to delete customers in the scope that are not in the list.
      - The task fails before any change if the list would create a customer, and a customer with the same name, or with
        a name that looks the same, would be deleted. Use O(relocate) to move such a customer.
      - The module reads each customer again immediately before the deletion. If the name or the node has changed, the
        customer is not deleted and fails.
      - If pkids do not prove that each of these customers is in the scope, the task fails before any change.
    type: bool
    default: false
  prune_limit:
    description:
      - Maximum number of customers to prune. If there are more, the task fails before any change.
    type: int
    default: 5
  max_parallel:
    description:
      - Maximum number of parallel requests, from 1 to 100. O(requests_per_second) limits all of them together.
    type: int
    default: 8
  update_secrets:
    description:
      - When to write O(customers[].https_proxy), O(customers[].token) and O(customers[].refresh_token), if the server
        does not show their values.
      - If V(on_create), the module writes them only when it creates a customer. If V(always), the module writes them in
        each run.
    type: str
    choices: [on_create, always]
    default: on_create
  sync:
    description: Data of each customer to synchronize with Webex after all changes.
    type: list
    elements: str
    choices: [roles_licences, users]
  sync_when:
    description: Whether to synchronize only the customers that the run V(changed), or V(always) all customers.
    type: str
    choices: [changed, always]
    default: changed
  refresh_access_token:
    description:
      - Whether the server requests new access tokens. If V(expiring), only for tokens that have expired, or that expire
        within O(token_min_days).
    type: str
    choices: [never, expiring, always]
    default: never
  token_min_days:
    description: Minimum number of days until an access token expires, for O(refresh_access_token=expiring), from 0 to
      1000000.
    type: float
    default: 3.0
  wait:
    description: Whether to wait for the last transaction of each customer. The module always waits for the transactions
      before it.
    type: bool
    default: true
  wait_timeout:
    description: Maximum duration of one transaction in seconds, from 0 to 604800.
    type: float
    default: 600.0
  poll_interval:
    description: Maximum number of seconds between two polls of the transactions, from 0.001 to 604800. Several
      transactions are polled with one request.
    type: float
    default: 2.0
notes:
  - The module returns only a few values for unchanged customers. In the returned parameters of the task, the list
    contains only the names of the customers.
seealso:
  - module: hybrid.connectors.voss_spark_customer
  - module: hybrid.connectors.voss_spark_customer_info
"""

EXAMPLES = r"""
- name: Manage all customers of a provider
  hybrid.connectors.voss_spark_customers:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    customers:
      - name: Initech
        hierarchy: sys.hcs.CS-P.CS-NB.Initech
        account_email: webex-admin@initech.example
        default_calling_behaviour: Calling in Webex App
      - name: Globex
        hierarchy: sys.hcs.CS-P.CS-NB.Globex Corp
        email_domain: rooms.globex.example
    relocate: true
    prune: true
    prune_limit: 2

- name: Offboard several customers
  hybrid.connectors.voss_spark_customers:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    customers:
      - name: Initech
      - name: Globex
    state: absent
"""

RETURN = r"""
customers:
  description: Outcome of each customer in the order of the list, followed by the pruned customers.
  returned: always, unless the list is invalid
  type: list
  elements: dict
  contains:
    name:
      description: Name of the customer.
      type: str
      returned: always
    hierarchy_path:
      description: Dotted path of the node of the customer.
      type: str
      returned: always
    pkid:
      description: ID of the customer; null if it does not exist.
      type: str
      returned: always
    action:
      description:
        - V(created), V(updated), V(moved), V(deleted), V(synced), V(unchanged) or V(failed). If the module performed
          several actions, this is the first one. RV(customers[].actions) contains all actions.
        - V(synced) means that the module only synchronized the customer.
      type: str
      returned: always
    changed:
      description: Whether the module changed the customer. A failed customer can be changed.
      type: bool
      returned: always
    actions:
      description: Actions of the module, as M(hybrid.connectors.voss_spark_customer) returns them.
      type: list
      elements: str
      returned: if changed
    transactions:
      description: The transactions of the customer, as M(hybrid.connectors.voss_spark_customer) returns them. Customers
        that are moved or deleted in one request share a transaction. Empty in check mode.
      type: list
      elements: dict
      returned: always
    diff:
      description: The attributes that change, before and after, as M(hybrid.connectors.voss_spark_customer) returns
        them.
      type: dict
      returned: if changed
    error:
      description: Error message.
      type: str
      returned: if failed
    failure:
      description: The failed request, with the C(reason) as one word. Without a failed request, the other keys are
        null.
      type: dict
      returned: if failed
  sample:
    - name: Initech
      hierarchy_path: sys.hcs.CS-P.CS-NB.Initech
      pkid: 65e0918d6fd4534903e212d9
      action: unchanged
      changed: false
      transactions: []
failure:
  description:
    - Why the task failed. If customers failed, its C(reason) is that of the first of them, and its other keys are null;
      RV(customers[].failure) has their requests.
  returned: on failure
  type: dict
  sample:
    system: voss
    method:
    url:
    status:
    code:
    message:
    request_id:
    reason: conflict
summary:
  description: Number of customers by action.
  returned: always, unless the list is invalid
  type: dict
  sample: {created: 1, updated: 3, moved: 0, deleted: 0, synced: 0, unchanged: 996, failed: 0}
diff:
  description:
    - The attributes that change, before and after, by the path of the node and the name of the customer. A created
      customer is only in C(after), a deleted one only in C(before).
    - With C(--diff), both sides are strings if they contain characters outside ASCII, for which Ansible would display
      escape sequences.
  returned: always, unless the list is invalid
  type: dict
  sample:
    before: {"sys.hcs.CS-P.CS-NB.Initech: Initech": {name: Initech, email_domain: old.initech.example}}
    after: {"sys.hcs.CS-P.CS-NB.Initech: Initech": {name: Initech, email_domain: rooms.initech.example}}
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError, InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import (
    bulk_plan,
    bulk_report,
    bulk_run,
    options,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.bulk_items import BulkOptions
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.connection import VOSS
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.verify import normalization_warnings

SPEC = Spec(
    connection=VOSS,
    options={
        "hierarchy": {"type": "str", "required": True},
        "customers": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "hierarchy": {"type": "str"},
                **options.ATTRIBUTES,
            },
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "relocate": {"type": "bool", "default": False},
        "prune": {"type": "bool", "default": False},
        "prune_limit": {"type": "int", "default": 5},
        "max_parallel": {"type": "int", "default": 8},
        **options.RULES,
        **options.WAITING,
    },
)


def voss_spark_customers(params: Params, context: Context) -> Result:
    """Create, change or delete the customers of a list."""
    bulk_options = _bulk_options(params)
    scope = bulk_options.scope
    desired = [options.desired_customer_from(item, item["hierarchy"] or scope, scope) for item in params["customers"]]
    for item in params["customers"]:
        context.http.learn_secrets(options.secrets_of(item).values())
    rules = options.rules_from(params)
    poll_options = options.poll_options_from(params)
    voss = Voss(context.http, scope)
    items = bulk_plan.plan(voss, desired, rules, bulk_options)
    if context.check_mode:
        bulk_plan.confirm_deletions(voss, items, bulk_options)
    else:
        bulk_run.run(voss, items, rules, bulk_options, poll_options)
    for warning in normalization_warnings(voss):
        context.warn(warning)
    result = bulk_report.result(items, context.check_mode)
    for item in items:
        if item.error:
            message = bulk_report.error_message(items, context.check_mode)
            raise ConnectorsError(message, result, item.error.reason)
    return result


def _bulk_options(params: Params) -> BulkOptions:
    options.check_range(params, "max_parallel", 1, 100)
    absent = params["state"] == "absent"
    if params["prune_limit"] < 0:
        raise InputError(f"Invalid value {params['prune_limit']} for 'prune_limit': must not be negative.")
    if params["prune"] and absent:
        raise InputError("'prune' is not supported with 'state: absent'. Set only one of them.")
    return BulkOptions(
        scope=params["hierarchy"],
        absent=absent,
        relocate=params["relocate"],
        prune=params["prune"],
        prune_limit=params["prune_limit"],
        parallel=params["max_parallel"],
    )


def main() -> None:
    """Run the module."""
    run(SPEC, voss_spark_customers)


if __name__ == "__main__":
    main()
