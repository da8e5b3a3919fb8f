#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_spark_customer
short_description: Create, modify, move, delete or synchronise a Webex customer in VOSS Automate
version_added: 1.0.0
description:
  - Keeps one customer of the model C(relation/SparkCustomer), that is the connection of a service provider's
    customer to Webex.
  - Every change becomes a transaction of VOSS Automate, which is followed to its end. A change whose answer is lost
    on the way is
    looked up on the server and never made twice.
  - A customer is created only if a lookup just before shows no customer of that name at the node, nor one whose name
    differs only in
    upper and lower case, spaces or the composition of letters. A creation is never sent a second time. If its response
    is lost and the
    server shows neither the transaction nor the customer, the task fails with the reason C(outcome_unknown).
  - What a change has brought about is read afterwards. The task fails if the server reports a success that reading does
    not show.
  - What is compared is read from the customer itself, not from a list. An attribute that is not given is left as it
    is.
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
  name:
    description:
      - Name of the customer. Without O(pkid), the customer is found by exactly this name at O(hierarchy) or below it.
      - One at O(hierarchy) itself is preferred. If there is none there and several below, the task fails and lists
        them.
      - Together with O(pkid), the name that the customer is to have. With O(state=absent), the name that it must have
        to be deleted.
    type: str
  pkid:
    description:
      - The customer's own id, as the list and the C(pkid) of this module's result show it. It is the C(pkid) beside
        C(data) in the
        answers of the API, not the one inside.
    type: str
  hierarchy:
    description:
      - The node of the hierarchy where the customer is looked for and, if there is none, created.
      - Either the dotted path of the node, for example V(sys.hcs.Provider.Reseller.Customer), or its pkid. A path
        may leave out the
        leading C(sys.) and C(hcs.), which costs a lookup.
      - With O(state=absent), a customer is only deleted if pkids prove that it is at this node or below it, also if
        it is specified by O(pkid).
      - The module warns before it creates a customer at a node of the type System, Hcs, Provider or Reseller, if the
        server shows the type.
    type: str
    required: true
  target_hierarchy:
    description:
      - The node where the customer is to be in the end, written like O(hierarchy). It is moved there if it is
        elsewhere.
      - If the customer is not found at O(hierarchy) or below, it is looked for here; if there is none, it is created
        here.
    type: str
  state:
    description:
      - V(present) creates the customer or makes it as described.
      - V(absent) deletes it. Its data syncs and their schedules go with it on the server.
    type: str
    choices: [present, absent]
    default: present
  account_email:
    description: E-mail address of the administrator's account that the tokens belong to.
    type: str
  account_number:
    description:
      - Internal id of the Webex organization. The server finds it out from O(account_number_external).
    type: str
  account_number_external:
    description:
      - Id of the organization as Webex Control Hub shows it.
      - Both forms in use, the bare UUID and the base64 text of the Webex API, are the same here.
    type: str
  default_calling_behaviour:
    description:
      - Which application the organization calls with by default, for example V(Calling in Webex App),
        V(Calling in Webex App (Unified CM\)),
        V(Cisco Jabber app) or V(Third-Party app). The server knows which its release allows.
    type: str
  dirsync_enabled:
    description: Whether Control Hub synchronises the organization with a directory.
    type: bool
  email_domain:
    description: Domain of the Unified CM users that are made for workspaces with hybrid calling.
    type: str
  http_proxy:
    description: Proxy for plain HTTP, with scheme and port. The server shows it, this module does not, as it may
      hold credentials.
    type: str
  https_proxy:
    description: Proxy for HTTPS, with scheme and port. The server stores it encrypted and does not show it.
    type: str
  token:
    description:
      - Access token of a Webex administrator. The server does not show it.
      - In newer releases of VOSS Automate the first tokens come from a login in a browser, which no module can do.
    type: str
  refresh_token:
    description:
      - Refresh token that belongs to O(token). If the server shows the one it has, the two are compared and an other
        one is written.
        Give it for the creation, and leave it out afterwards if it may have been renewed on the server.
    type: str
  sync_on_create:
    description: Whether the server synchronises roles and licences when it creates the customer. It has no effect
      afterwards.
    type: bool
  extra_attributes:
    description:
      - Attributes that have no option here, as the API names them, for other releases of the model. They are
        compared and written
        like the others, and shown in results and diffs.
    type: dict
  update_secrets:
    description:
      - When O(https_proxy), O(token) and O(refresh_token) are written, if the server does not show what it has.
      - V(on_create) writes them when the customer is created and never again. A modification leaves them out.
      - V(always) writes them each time, and reports a change each time.
    type: str
    choices: [on_create, always]
    default: on_create
  sync:
    description:
      - What is synchronised with Webex at the end, one after the other.
    type: list
    elements: str
    choices: [roles_licences, users]
  sync_when:
    description:
      - V(changed) synchronises only if this run changed something else.
      - V(always) synchronises each time, and reports a change each time.
    type: str
    choices: [changed, always]
    default: changed
  refresh_access_token:
    description:
      - Whether the server gets itself a new access token with the refresh token that it has.
      - V(expiring) does it only if the access token expires within O(token_min_days) or has expired.
    type: str
    choices: [never, expiring, always]
    default: never
  token_min_days:
    description: How many days an access token must at least be valid, for O(refresh_access_token=expiring), from 0 to
      1000000.
    type: float
    default: 3.0
  wait:
    description:
      - Whether the last transaction is waited for. Those before it always are.
      - Without waiting, a transaction that fails later goes unnoticed, and the C(pkid) of a created customer is not
        known.
    type: bool
    default: true
  wait_timeout:
    description: For how many seconds one transaction is waited for, from 0 to 604800. What is not finished then is a
      failure, and goes on on the server.
    type: float
    default: 600.0
  poll_interval:
    description: At most how many seconds pass between two looks at a transaction, from 0.001 to 604800. The first
      looks come sooner.
    type: float
    default: 2.0
notes:
  - What the vendor does not document, and what this collection does about it, stands in the guide
    R(Undocumented vendor behaviour,
    ansible_collections.hybrid.connectors.docsite.unknowns).
seealso:
  - module: hybrid.connectors.voss_spark_customer_info
  - module: hybrid.connectors.voss_transaction_info
"""

EXAMPLES = r"""
- name: Onboard a customer and load its roles and licences
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

- name: Change one attribute, leave the others
  hybrid.connectors.voss_spark_customer:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    name: Initech
    email_domain: rooms.initech.example

- name: Move it to another node, wherever it is below the provider
  hybrid.connectors.voss_spark_customer:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    target_hierarchy: sys.hcs.CS-P.CS-AB.Initech-West
    name: Initech

- name: Renew its access token before it expires
  hybrid.connectors.voss_spark_customer:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    name: Initech
    refresh_access_token: expiring
    token_min_days: 5

- name: Offboard it
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
    - The customer after the run, without secrets. With O(state=absent) as it was before; null if there was none.
    - Other attributes that the server shows are there as well.
  returned: success
  type: dict
  contains:
    pkid:
      description: Id of the customer; null in check mode for one that would be created, and with O(wait=false).
      type: str
      returned: always
    hierarchy:
      description: Pkid of the node where it is.
      type: str
      returned: always
    hierarchy_path:
      description: Dotted path of that node; null if the server does not tell.
      type: str
      returned: always
    name:
      description: Name of the customer.
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
    - What was done, or in check mode would be, in this order.
    - Of V(created), V(updated), V(moved), V(deleted), V(access_token_refreshed), V(roles_licences_synced),
      V(users_synced).
  returned: always
  type: list
  elements: str
  sample: [updated, moved]
transactions:
  description: The transactions that carried it out; empty in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the transaction.
      type: str
      returned: always
    action:
      description: Which of RV(actions) it was for.
      type: str
      returned: always
    status:
      description: The server's word for its end, or V(submitted) if it was not waited for.
      type: str
      returned: always
    seconds:
      description: How long it took, as seen from here; null if it was not waited for.
      type: float
      returned: always
  sample:
    - id: cfe8a8fd-98e6-4290-b0c3-2dfa2224b808
      action: updated
      status: Success
      seconds: 1.42
diff:
  description:
    - The attributes that change, before and after, with the name, node and pkid of the customer. A created or deleted
      customer is complete.
    - The diff does not contain the values of secrets, only whether the module writes them.
    - C(actions) contains renewed tokens and synchronizations.
    - With C(--diff), both sides are strings if they contain characters outside ASCII, for which Ansible would display
      escape sequences.
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
    context.http.learn_secrets(options.secrets_of(params).values())
    voss = Voss(context.http, params["hierarchy"])
    absent = params["state"] == "absent"
    if not absent:
        plan = customer.plan_present(voss, desired, rules)
    elif desired.target:
        raise InputError("'target_hierarchy' is not supported with 'state: absent'. Set only one of them.")
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
