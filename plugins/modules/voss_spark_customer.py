#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_spark_customer
short_description: Create, modify, move, delete or synchronize a Webex customer in VOSS Automate
version_added: 1.0.0
description:
  - Manages one customer of the C(relation/SparkCustomer) model, which connects a customer of a service provider to
    Webex.
  - VOSS Automate makes each change in a transaction. The module polls the transaction until it has ended. If the
    response to a change request is lost, the module looks up the transaction, so that it does not make the change
    twice.
  - Before the module creates a customer, it checks that no customer at the node has the same name, or a name that
    differs only in case, whitespace or Unicode normalization. The module never repeats the request that creates a
    customer. If the response is lost, and the server returns neither the transaction nor the customer, the task fails
    with the reason C(outcome_unknown).
  - The module reads the customer after each change. The task fails if the server reports success but the customer does
    not have the new values.
  - To compare attributes, the module reads the individual customer, not a list of customers. Attributes whose options
    are not set stay unchanged.
  - An update sends the other attributes back to the server, except for secrets. If the value of such an attribute looks
    masked, for example C(********), the module does not update the customer, because it would replace the stored value.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.voss
attributes:
  idempotent:
    support: partial
    details:
      - The module cannot compare secrets that the server does not return. With O(update_secrets=always), the module
        writes these secrets and reports a change in each run.
      - With O(sync_when=always) and O(refresh_access_token=always), the module runs these actions and reports a change
        in each run.
options:
  name:
    description:
      - Name of the customer. Without O(pkid), the module searches at and below O(hierarchy) for a customer whose name
        exactly matches this value.
      - A customer directly at O(hierarchy) takes precedence. If no customer directly at O(hierarchy) has this name, but
        several customers below this node do, the task fails and lists these customers.
      - If O(pkid) is set, this option is the new name of the customer. With O(pkid) and O(state=absent), the module
        deletes the customer only if the customer has this name.
    type: str
  pkid:
    description:
      - ID of the customer, which this module returns as C(pkid). In API responses, this ID is the C(pkid) at the same
        level as C(data), not the C(pkid) inside C(data).
      - The value must not be empty.
    type: str
  hierarchy:
    description:
      - Node of the hierarchy. The module searches for the customer at and below this node. If the customer does not
        exist, the module creates it at this node.
      - The value is the dotted path of the node, for example V(sys.hcs.Provider.Reseller.Customer), or its pkid. If the
        path omits the prefix C(sys.) or C(hcs.), the module sends additional requests.
      - With O(state=absent), the module deletes the customer only if the node pkids prove that the customer is at or
        below this node, even if O(pkid) is set.
      - With O(state=present) and O(pkid), the module modifies the customer even if it is not at or below this node.
      - If the server returns System, Hcs, Provider or Reseller as the type of the node, the module emits a warning
        before it creates a customer at this node.
    type: str
    required: true
  target_hierarchy:
    description:
      - Node to move the customer to, in the same format as O(hierarchy).
      - If the customer is not at or below O(hierarchy), the module searches for the customer at the target node. If
        the customer does not exist there either, the module creates it at the target node.
      - This option cannot be used with O(state=absent).
    type: str
  state:
    description:
      - If V(present), the module creates or modifies the customer.
      - If V(absent), the module deletes the customer. The server also deletes the data syncs of the customer and their
        schedules.
    type: str
    choices: [present, absent]
    default: present
  account_email:
    description: E-mail address of the administrator account that the tokens belong to.
    type: str
  account_number:
    description:
      - Internal ID of the Webex organization. The server derives this ID from O(account_number_external). If a task
        changes O(account_number_external) and does not set this option, the module does not send the earlier internal
        ID.
    type: str
  account_number_external:
    description:
      - ID of the Webex organization in Webex Control Hub.
      - You can specify the UUID or the Base64 ID from the Webex API. The two formats are equivalent.
    type: str
  default_calling_behaviour:
    description:
      - Default calling application of the organization, for example V(Calling in Webex App), V(Calling in Webex App
        (Unified CM\)), V(Cisco Jabber app) or V(Third-Party app). The valid values depend on the release of VOSS
        Automate.
    type: str
  dirsync_enabled:
    description: Whether Control Hub synchronizes the organization with a directory.
    type: bool
  email_domain:
    description: Domain of the Unified CM users for workspaces with hybrid calling.
    type: str
  http_proxy:
    description: Address of the HTTP proxy, with scheme and port. The module does not return this value, because it can
      contain credentials.
    type: str
  https_proxy:
    description:
      - Address of the HTTPS proxy, with scheme and port. The server stores this value in encrypted form and does not
        return it.
      - An empty string clears the address if O(update_secrets=always).
    type: str
  token:
    description:
      - Access token of a Webex administrator. The server does not return the token.
      - The token must not be empty.
      - In recent releases of VOSS Automate, an administrator obtains the first tokens with a browser login, which a
        module cannot perform.
    type: str
  refresh_token:
    description:
      - Refresh token that belongs to O(token). If the server returns the stored refresh token, the module compares the
        two tokens, and updates the stored token if they are different. The token must not be empty.
      - Set this option when you create the customer. Omit the option afterwards, because the server can renew the
        token.
    type: str
  sync_on_create:
    description: Whether the server synchronizes roles and licenses when it creates the customer. This option has no
      effect on an existing customer.
    type: bool
  extra_attributes:
    description:
      - Attributes that do not have an option, for example attributes in other releases of the model. The keys are the
        attribute names of the API. The module compares and writes these attributes like all other attributes, and
        includes them in results and diffs.
    type: dict
  update_secrets:
    description:
      - When to write O(https_proxy), O(token) and O(refresh_token) if the server does not return their values.
      - If V(on_create), the module writes these values only when it creates the customer.
      - If V(always), the module writes these values and reports a change in each run.
    type: str
    choices: [on_create, always]
    default: on_create
  sync:
    description:
      - Data to synchronize with Webex after all other changes. The module runs the synchronizations one after the
        other.
    type: list
    elements: str
    choices: [roles_licences, users]
  sync_when:
    description:
      - If V(changed), the module synchronizes the customer only if the run makes another change.
      - If V(always), the module synchronizes the customer and reports a change in each run.
    type: str
    choices: [changed, always]
    default: changed
  refresh_access_token:
    description:
      - When the server uses its refresh token to request a new access token.
      - If V(expiring), the server requests a new access token only if the access token has expired, or expires within
        O(token_min_days) days.
    type: str
    choices: [never, expiring, always]
    default: never
  token_min_days:
    description: With O(refresh_access_token=expiring), the server requests a new access token if the current access
      token expires within this number of days. The value must be between 0 and 1000000.
    type: float
    default: 3.0
  wait:
    description:
      - Whether to wait until the last transaction has ended. The module always waits for earlier transactions.
      - If V(false), the module does not report whether the last transaction fails, and does not return the C(pkid) of a
        new customer.
    type: bool
    default: true
  wait_timeout:
    description: Maximum number of seconds to wait for one transaction, from 0 to 604800. After this time, the task
      fails, but the transaction continues on the server.
    type: float
    default: 600.0
  poll_interval:
    description: Maximum number of seconds between two polls of a transaction, from 0.001 to 604800. The first intervals
      are shorter.
    type: float
    default: 2.0
notes:
  - The guide R(Undocumented behavior of VOSS Automate, ansible_collections.hybrid.connectors.docsite.voss_unknowns)
    explains behavior that the vendor does not document, and how this collection handles it.
seealso:
  - module: hybrid.connectors.voss_spark_customers
  - module: hybrid.connectors.voss_spark_customer_info
  - module: hybrid.connectors.voss_transaction_info
"""

EXAMPLES = r"""
- name: Onboard a customer and synchronize its roles and licenses
  hybrid.connectors.voss_spark_customer:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P.CS-NB.Initech
    name: Initech
    account_email: webex-admin@initech.example
    account_number_external: 000fd0e4-83ef-d398-be23-d06998580fed
    default_calling_behaviour: Calling in Webex App
    token: "{{ initech_token }}"
    refresh_token: "{{ initech_refresh_token }}"
    sync: [roles_licences]

- name: Change one attribute of a customer
  hybrid.connectors.voss_spark_customer:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    name: Initech
    email_domain: rooms.initech.example

- name: Move a customer to another node of the provider
  hybrid.connectors.voss_spark_customer:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    target_hierarchy: sys.hcs.CS-P.CS-AB.Initech-West
    name: Initech

- name: Refresh an access token before it expires
  hybrid.connectors.voss_spark_customer:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    name: Initech
    refresh_access_token: expiring
    token_min_days: 5

- name: Offboard a customer
  hybrid.connectors.voss_spark_customer:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    name: Initech
    state: absent
"""

RETURN = r"""
customer:
  description:
    - The customer after the run, without secrets. With O(state=absent), the customer before the run, or null if the
      customer did not exist.
    - Other attributes that the server returns are included.
  returned: success
  type: dict
  contains:
    pkid:
      description: ID of the customer; null for a new customer in check mode or with O(wait=false).
      type: str
      returned: always
    hierarchy:
      description: Pkid of the hierarchy node of the customer.
      type: str
      returned: always
    hierarchy_path:
      description: Dotted path of the node; null if the server does not return it.
      type: str
      returned: always
    name:
      description: Name of the customer.
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
  sample:
    pkid: 65e0918d6fd4534903e212d9
    hierarchy: 6130d69ae04a4a0015a93bc6
    hierarchy_path: sys.hcs.CS-P.CS-NB.AAAGlobal
    name: AAAGlobal
    account_email: webex-admin@aaaglobal.example
    access_token_expires: "2026-12-03T14:19:31.448016Z"
    refresh_token_expires: "2027-02-16T22:00:24.448084Z"
actions:
  description:
    - Actions that the module ran, or would run in check mode, in the order of execution.
    - Possible actions are V(created), V(updated), V(moved), V(deleted), V(access_token_refreshed),
      V(roles_licences_synced) and V(users_synced).
  returned: always
  type: list
  elements: str
  sample: [updated, moved]
transactions:
  description: Transactions in which the server ran the actions. The list is empty in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: ID of the transaction.
      type: str
      returned: always
    action:
      description: Action that the transaction ran, as in RV(actions).
      type: str
      returned: always
    status:
      description: Final status that the server returned, or V(submitted) if the module did not wait.
      type: str
      returned: always
    seconds:
      description: Duration of the transaction in seconds; null if the module did not wait.
      type: float
      returned: always
  sample:
    - id: cfe8a8fd-98e6-4290-b0c3-2dfa2224b808
      action: updated
      status: Success
      seconds: 1.42
diff:
  description:
    - The changed attributes before and after the run, with the name, node and pkid of the customer. For a created or
      deleted customer, the diff contains all attributes.
    - The diff does not contain the values of secrets. The diff shows only whether the module writes them.
    - The key C(actions) contains token refreshes and synchronizations.
    - With C(--diff), C(before) and C(after) are strings if they contain non-ASCII characters, because Ansible would
      otherwise display escape sequences.
  returned: success
  type: dict
  sample:
    before: {name: Initech, email_domain: ""}
    after: {name: Initech, email_domain: rooms.initech.example}
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import customer, options, steps
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.connection import VOSS
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import public, with_documented
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.verify import normalization_warnings

SPEC = Spec(
    connection=VOSS,
    options={
        "name": {"type": "str"},
        "pkid": {"type": "str"},
        "hierarchy": {"type": "str", "required": True},
        "target_hierarchy": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **options.ATTRIBUTES,
        **options.RULES,
        **options.WAITING,
    },
    required_one_of=(("name", "pkid"),),
)


def voss_spark_customer(params: Params, context: Context) -> Result:
    """Create, change, move, synchronize or delete a customer."""
    desired = options.desired_customer_from(params, params["hierarchy"])
    rules = options.rules_from(params)
    poll_options = options.poll_options_from(params)
    options.learn_secrets(context.http, [params])
    voss = Voss(context.http, params["hierarchy"])
    absent = params["state"] == "absent"
    if not absent:
        plan = customer.plan_present(voss, desired, rules)
    elif desired.target:
        raise InputError("'target_hierarchy' is not supported with 'state: absent'. Remove one of these options.")
    else:
        plan = customer.plan_absent(voss, desired)
    if plan.before is None and plan.after:
        customer.warn_of_creations(voss, [plan.after])
    outcome = customer.Outcome(plan.after, [step.action for step in plan.steps])
    if not context.check_mode:
        outcome = steps.run(voss, plan, poll_options, rules)
    for warning in normalization_warnings(voss):
        context.warn(warning)
    final = plan.before if absent else outcome.customer
    return {
        "changed": bool(outcome.actions),
        "customer": with_documented(public(final)) if final else None,
        "actions": outcome.actions,
        "transactions": outcome.transactions,
        "diff": customer.difference(plan),
    }


def main() -> None:
    """Run the module."""
    run(SPEC, voss_spark_customer)


if __name__ == "__main__":
    main()
