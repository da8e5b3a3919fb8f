#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_transaction_info
short_description: Get the status of a VOSS Automate transaction
version_added: 1.0.0
description:
  - Returns a transaction, immediately or after it has ended.
  - If the transaction failed, RV(transaction.state) is V(failed), but the module does not fail.
  - A transaction that was rolled back has the state V(failed), regardless of its status.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.voss
options:
  id:
    description: ID of the transaction, as returned in RV(hybrid.connectors.voss_spark_customer#module:transactions).
    type: str
    required: true
  hierarchy:
    description:
      - The module ignores this option. The option exists so that C(module_defaults) for the action group can set
        C(hierarchy) for the other modules.
    type: str
  wait:
    description: Whether to wait until the transaction has ended.
    type: bool
    default: false
  wait_timeout:
    description: Maximum number of seconds to wait, from 0 to 604800. If the transaction is still running after this
      time, the task fails.
    type: float
    default: 600.0
  poll_interval:
    description: Maximum number of seconds between two polls, from 0.001 to 604800. The first intervals are shorter.
    type: float
    default: 2.0
seealso:
  - module: hybrid.connectors.voss_spark_customer
"""

EXAMPLES = r"""
- name: Change a customer without waiting
  hybrid.connectors.voss_spark_customer:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    name: AAAGlobal
    dirsync_enabled: true
    wait: false
  register: change

- name: Wait until the transaction has ended
  hybrid.connectors.voss_transaction_info:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    id: "{{ change.transactions[0].id }}"
    wait: true
  register: end
  failed_when: end.transaction.state != 'succeeded'
  when: change.transactions | length > 0
"""

RETURN = r"""
transaction:
  description: The transaction; null if it does not exist.
  returned: success
  type: dict
  contains:
    id:
      description: ID of the transaction.
      type: str
      returned: always
    status:
      description: Status that the server returned.
      type: str
      returned: always
    state:
      description:
        - V(running), V(succeeded) or V(failed). For an undocumented status, the state is V(running).
      type: str
      returned: always
    message:
      description: Message from the server; null if the server does not return a message.
      type: str
      returned: always
    pkid:
      description: ID of the customer that the transaction created or changed; null if the server does not return it.
      type: str
      returned: always
  sample:
    id: cfe8a8fd-98e6-4290-b0c3-2dfa2224b808
    status: Success
    state: succeeded
    message: null
    pkid: 65e0918d6fd4534903e212d9
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import options
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.connection import VOSS
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import as_result

SPEC = Spec(
    connection=VOSS,
    options={
        "id": {"type": "str", "required": True},
        "hierarchy": {"type": "str"},
        **options.WAITING,
        "wait": {"type": "bool", "default": False},
    },
)


def voss_transaction_info(params: Params, context: Context) -> Result:
    """Return the transaction. If the option ``wait`` is true, wait until it has ended."""
    poll_options = options.poll_options_from(params)
    voss = Voss(context.http)
    found = voss.transaction(params["id"])
    if found is None:
        return {"changed": False, "transaction": None}
    if found["state"] == "running" and params["wait"]:
        found = voss.poller.follow(params["id"], poll_options)
    return {"changed": False, "transaction": as_result(found)}


def main() -> None:
    """Run the module."""
    run(SPEC, voss_transaction_info)


if __name__ == "__main__":
    main()
