#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_spark_customers
short_description: Keep a whole list of Webex customers in VOSS Automate
version_added: 1.0.0
description:
  - Does for a list of customers in one task what M(hybrid.connectors.voss_spark_customer) does for one, with the
    same meaning of
    every attribute.
  - The scope is listed once. Everything is planned, and the list is checked as a whole, before anything is changed;
    then the
    changes are made in parallel. Moves to one node go out together, and so do deletions.
  - What the changes have brought about is read afterwards. Where that takes fewer requests, the scope is listed once
    more instead of
    reading each customer.
  - What goes wrong with one customer stops no other. The task fails in the end and returns the outcome of every
    customer.
  - A run that was interrupted can be run again. It finishes the rest and repeats nothing.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.voss
attributes:
  idempotent:
    support: partial
    details:
      - Secrets that the server does not show cannot be compared. With O(update_secrets=always) they are written, and
        reported as
        changed, every time.
      - The actions behind O(sync) with O(sync_when=always) and O(refresh_access_token=always) do something every
        time.
options:
  hierarchy:
    description:
      - The scope. Customers at this node and below it are listed; nothing outside is read or changed.
      - A dotted path or a pkid.
    type: str
    required: true
  customers:
    description:
      - The customers. Two items with the same name and node are a failure before anything is changed.
      - A name that differs from that of an existing customer only in case, whitespace, invisible characters or Unicode
        normalization is a failure if that customer is at or below the node of the item, and otherwise a warning.
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
          - The node where, or below which, the customer is looked for, and where it is created if there is none. By
            default the scope. It has to be in the scope.
          - The module warns before it creates a customer at a node of the type System, Hcs, Provider or Reseller, if
            the server shows the type.
        type: str
      account_email:
        description: E-mail address of the administrator's account that the tokens belong to.
        type: str
      account_number:
        description: Internal id of the Webex organization. The server finds it out from
          O(customers[].account_number_external).
        type: str
      account_number_external:
        description: Id of the organization as Webex Control Hub shows it, as bare UUID or as the base64 text of the
          Webex API.
        type: str
      default_calling_behaviour:
        description: Which application the organization calls with by default.
        type: str
      dirsync_enabled:
        description: Whether Control Hub synchronises the organization with a directory.
        type: bool
      email_domain:
        description: Domain of the Unified CM users that are made for workspaces with hybrid calling.
        type: str
      http_proxy:
        description: Proxy for plain HTTP, with scheme and port. It is never shown.
        type: str
      https_proxy:
        description: Proxy for HTTPS, with scheme and port. It is never shown.
        type: str
      token:
        description: Access token of a Webex administrator. It is never shown.
        type: str
      refresh_token:
        description: Refresh token that belongs to O(customers[].token). It is never shown.
        type: str
      sync_on_create:
        description: Whether the server synchronises roles and licences when it creates the customer.
        type: bool
      extra_attributes:
        description: Attributes that have no option here, as the API names them.
        type: dict
  state:
    description:
      - V(present) creates the customers of the list or makes them as described.
      - V(absent) deletes them, and needs no more than their names.
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
      - Whether customers in the scope that the list does not name are deleted.
      - The task fails before any change if the list would create a customer, and a customer with the same name, or with
        a name that looks the same, would be deleted. Use O(relocate) to move such a customer.
      - Each is read once more just before. It stays, and is a failure, if it has another name or node by then. The task
        fails before
        any change if the server does not prove by pkids that each of them is in the scope.
    type: bool
    default: false
  prune_limit:
    description:
      - The most customers that O(prune) may delete. If there are more, the task fails before anything is changed.
    type: int
    default: 5
  max_parallel:
    description:
      - How many requests are under way at once, at most 100. O(requests_per_second) limits all of them together.
    type: int
    default: 8
  update_secrets:
    description:
      - When O(customers[].https_proxy), O(customers[].token) and O(customers[].refresh_token) are written, if the
        server does
        not show what it has. V(on_create) writes them when a customer is created and never again, V(always) each
        time.
    type: str
    choices: [on_create, always]
    default: on_create
  sync:
    description: What is synchronised with Webex at the end, for each customer.
    type: list
    elements: str
    choices: [roles_licences, users]
  sync_when:
    description: Whether that is done for the customers that this run V(changed), or V(always) for all of them.
    type: str
    choices: [changed, always]
    default: changed
  refresh_access_token:
    description:
      - Whether the server gets itself new access tokens. V(expiring) does it for those that expire within
        O(token_min_days).
    type: str
    choices: [never, expiring, always]
    default: never
  token_min_days:
    description: How many days an access token must at least be valid, for O(refresh_access_token=expiring), from 0 to
      1000000.
    type: float
    default: 3.0
  wait:
    description: Whether the last transaction of each customer is waited for. Those before it always are.
    type: bool
    default: true
  wait_timeout:
    description: For how many seconds one transaction is waited for, from 0 to 604800.
    type: float
    default: 600.0
  poll_interval:
    description: At most how many seconds pass between two looks at the transactions, from 0.001 to 604800. Several
      are looked at together.
    type: float
    default: 2.0
notes:
  - What did not change is returned in short, and so are the parameters of the task, which name the customers and show
    nothing else of them.
seealso:
  - module: hybrid.connectors.voss_spark_customer
  - module: hybrid.connectors.voss_spark_customer_info
"""

EXAMPLES = r"""
- name: Keep all customers of a provider as they are written down
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

- name: Offboard several at once
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
  description: The outcome of every customer, in the order of the list, then those that were pruned.
  returned: always, unless the list itself is wrong
  type: list
  elements: dict
  contains:
    name:
      description: Name of the customer.
      type: str
      returned: always
    hierarchy_path:
      description: Where it is.
      type: str
      returned: always
    pkid:
      description: Its id; null if it does not exist.
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
      description: Whether anything was changed, which may be so for one that failed.
      type: bool
      returned: always
    actions:
      description: What was done, as M(hybrid.connectors.voss_spark_customer) returns it.
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
      description: What went wrong, in one sentence.
      type: str
      returned: if failed
    failure:
      description: The request that went wrong, with the C(reason) as one word. Without a request, its other keys are
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
  description: How many customers met with each of the actions.
  returned: always, unless the list itself is wrong
  type: dict
  sample: {created: 1, updated: 3, moved: 0, deleted: 0, synced: 0, unchanged: 996, failed: 0}
diff:
  description:
    - The attributes that change, before and after, by the path of the node and the name of the customer. A created
      customer is only in C(after), a deleted one only in C(before).
    - With C(--diff), both sides are strings if they contain characters outside ASCII, for which Ansible would display
      escape sequences.
  returned: always, unless the list itself is wrong
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
