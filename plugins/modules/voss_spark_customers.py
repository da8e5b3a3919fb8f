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
  - The module lists the customers in the scope once, validates the complete list and plans all changes before it
    changes anything. The module sends the changes in parallel, and combines several deletions, or several moves to the
    same node, into one request.
  - To verify the changes, the module reads the customers again. If this requires fewer requests, the module lists all
    customers in the scope instead of reading each customer separately.
  - If an operation fails for one customer, the module continues with the others. The task then fails and returns the
    outcome for each customer.
  - If a run is interrupted, run the task again. The second run makes the remaining changes and does not repeat
    completed changes.
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
  hierarchy:
    description:
      - Node that defines the scope, as a dotted path or a pkid. The module lists the customers at and below this
        node, and does not read or change anything outside the scope.
    type: str
    required: true
  customers:
    description:
      - List of customers. If two list entries have the same name and node, the task fails before any change.
      - Names can look the same but differ in case, whitespace, invisible characters or Unicode normalization. If the
        name of an existing customer only looks the same as the name of a list entry, and the customer is at or below
        the node of the list entry, the module reports a failure for the list entry. With O(state=absent), the module
        emits a warning instead, and does not delete the customer. If the customer is elsewhere in the
        scope, the module emits a warning.
      - Exactly one of O(customers) and O(src) is required.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the customer.
        type: str
        required: true
      hierarchy:
        description:
          - Node in the scope. The module searches for the customer at and below this node. If the customer does not
            exist, the module creates it at this node. The default is the node that defines the scope. The value
            must not be empty.
          - If the customer is not at or below this node, and the node does not exist or is not in the scope, the
            module reports a failure for the list entry. This also applies to O(state=absent) and O(relocate=true).
          - If the server returns System, Hcs, Provider or Reseller as the type of the node, the module emits a warning
            before it creates a customer at this node.
        type: str
      account_email:
        description: E-mail address of the administrator account that the tokens belong to.
        type: str
      account_number:
        description: Internal ID of the Webex organization. The server derives this ID from
          O(customers[].account_number_external).
        type: str
      account_number_external:
        description: ID of the Webex organization in Webex Control Hub, as a UUID or as the Base64 ID from the Webex
          API.
        type: str
      default_calling_behaviour:
        description: Default calling application of the organization.
        type: str
      dirsync_enabled:
        description: Whether Control Hub synchronizes the organization with a directory.
        type: bool
      email_domain:
        description: Domain of the Unified CM users for workspaces with hybrid calling.
        type: str
      http_proxy:
        description: Address of the HTTP proxy, with scheme and port. The module does not return this value.
        type: str
      https_proxy:
        description: Address of the HTTPS proxy, with scheme and port. The module does not return this value. An empty
          string clears the address if O(update_secrets=always).
        type: str
      token:
        description: Access token of a Webex administrator. The module does not return this value. The token must not be
          empty.
        type: str
      refresh_token:
        description: Refresh token that belongs to O(customers[].token). The module does not return this value. The
          token must not be empty.
        type: str
      sync_on_create:
        description: Whether the server synchronizes roles and licenses when it creates the customer.
        type: bool
      extra_attributes:
        description: Attributes that do not have an option. The keys are the attribute names of the API.
        type: dict
  src:
    description:
      - File that contains the list of customers, on the host on which the module runs. The module detects the format
        from the content of the file.
      - A CSV file is a table whose first line contains attribute names, including C(name). The module detects the
        delimiter. An empty cell leaves its attribute unchanged. Column names are case-insensitive, and can contain
        spaces or hyphens instead of underscores. A cell that begins with an apostrophe and one of the characters
        C(= + - @) is read without the apostrophe.
      - A JSON file is a list of objects with the suboptions of O(customers), or an object whose key C(customers)
        contains this list.
      - A JSON export of VOSS Automate is a file that M(hybrid.connectors.voss_spark_customer_export) writes in the
        format V(json), or the JSON document in such a file. The module ignores attributes that do not have an option,
        and does not read proxies and tokens. If a zip archive contains a JSON or CSV file that is not such a document,
        the module rejects the archive.
      - A workbook (XLSX) contains a table with the same columns as a CSV file, or sheets in the bulk-load layout of
        VOSS Automate. The module skips sheets whose name begins with C(#). The Python library C(openpyxl) is required.
      - In the bulk-load layout, the module finds the columns by their names. The supported columns are C(# Hierarchy
        Node), C(# Action) (V(add), V(modify) or empty, or V(delete) or empty with O(state=absent)) and attributes. The
        node in the first row of the sheet is the default for its customers. A cell that contains one space sets an
        empty value, but in the column C(# Hierarchy Node), it has the same effect as an empty cell. The module rejects
        cells that contain macros.
      - In the bulk-load layout, the third and the fourth row of a block contain the groups and the titles of the
        columns. The module skips these rows. If such a row contains an action, a node or a pkid, the module rejects the
        file.
      - The module does not evaluate formulas, but uses the values that are stored in the workbook. The module rejects a
        workbook that contains VBA macros.
      - The module rejects numbers that the workbook shows in a different form, for example with leading zeros or as a
        percentage, and merged cells in the rows of a table. The module also reads rows that are hidden, for example by
        a filter, and hidden sheets. With O(state=absent), it rejects a file with hidden rows, or with hidden sheets
        unless O(src_options.sheet) selects a sheet. A row with a height of less than one point, and each row of a sheet
        that hides rows by default, count as hidden.
      - Ignored columns of a workbook can contain values in any format, for example dates.
      - If a row of an export or of a bulk-load sheet contains the pkid of an existing customer with a different name,
        the module reports a failure for this customer.
      - The module selects customers by their names. If a row contains the pkid of an existing customer, but the
        customer with this name at the node has a different pkid, the module reports a failure. With O(state=absent), it
        also reports a failure if the customer with the pkid in the row no longer exists, so that it does not delete a
        new customer with the same name.
      - If the file is not valid, the task fails before any change, and lists the problems. Error messages do not
        contain values from the file.
      - The maximum size of the file is 64 MiB, and the unpacked size of a workbook must not exceed 64 MiB either. The
        module cannot decrypt a file that is encrypted with Ansible Vault. For such a file, use the lookup plugin
        P(hybrid.connectors.voss_spark_customers_file#lookup).
    type: path
  src_options:
    description: Options for reading O(src).
    type: dict
    suboptions:
      encoding:
        description:
          - Encoding of a CSV file, for example V(cp1252) for a CSV file from Excel on Windows.
          - By default, the encoding is UTF-8, or UTF-16 if the file begins with a byte order mark.
        type: str
      delimiter:
        description: Character that separates the cells of a CSV file. By default, the module detects the delimiter from
          the first line.
        type: str
        choices: [",", ";", "|", "\t"]
      sheet:
        description: Name of the sheet to read from a workbook. The module ignores all other sheets. This option is
          required if the workbook contains several tables.
        type: str
      columns:
        description: Mapping of column names in the file to attribute names.
        type: dict
      ignore_columns:
        description: Names of columns to ignore. If the file contains any other unknown column, the task fails.
        type: list
        elements: str
  state:
    description:
      - If V(present), the module creates or modifies the customers in the list.
      - If V(absent), the module deletes the customers in the list. In this case, only the names are required.
    type: str
    choices: [present, absent]
    default: present
  relocate:
    description:
      - Whether the module moves a customer that exists elsewhere in the scope to the node of its list entry. The module
        does not move a customer that another list entry selects at its own node.
      - If a list entry fails because its node does not exist or its customer is ambiguous, the module does not move
        existing customers with the name in this entry, and reports a failure for each entry that would move one.
      - If V(false), the module creates a second customer with this name at the node, and emits a warning about the
        existing customer.
    type: bool
    default: false
  prune:
    description:
      - Whether to delete customers in the scope that are not in the list.
      - The task fails before any change if it would create a customer and delete a different customer whose name is the
        same or looks the same. Use O(relocate) to move such a customer.
      - The module reads each customer again immediately before the deletion. If the name or the node of the customer
        has changed, the module does not delete the customer and reports a failure.
      - If the node pkids do not prove that each customer to delete is in the scope, the task fails before any change.
      - This option cannot be used with O(state=absent).
    type: bool
    default: false
  prune_limit:
    description:
      - Maximum number of customers to prune. If the task would prune more customers, it fails before any change.
    type: int
    default: 5
  max_parallel:
    description:
      - Maximum number of parallel requests, from 1 to 100. The rate limit O(requests_per_second) applies to all
        parallel requests together.
    type: int
    default: 8
  update_secrets:
    description:
      - When to write O(customers[].https_proxy), O(customers[].token) and O(customers[].refresh_token) if the server
        does not return their values.
      - If V(on_create), the module writes these values only when it creates a customer. If V(always), the module writes
        these values in each run.
    type: str
    choices: [on_create, always]
    default: on_create
  sync:
    description: Customer data to synchronize with Webex after all other changes.
    type: list
    elements: str
    choices: [roles_licences, users]
  sync_when:
    description: Customers to synchronize. If V(changed), the module synchronizes only the customers that it changes in
      the same run. If V(always), the module synchronizes all customers in each run.
    type: str
    choices: [changed, always]
    default: changed
  refresh_access_token:
    description:
      - When the server requests new access tokens. If V(expiring), the server replaces only access tokens that have
        expired, or that expire within O(token_min_days) days.
    type: str
    choices: [never, expiring, always]
    default: never
  token_min_days:
    description: With O(refresh_access_token=expiring), the server requests a new access token if an access token
      expires within this number of days. The value must be between 0 and 1000000.
    type: float
    default: 3.0
  wait:
    description: Whether to wait until the last transaction of each customer has ended. The module always waits for
      earlier transactions.
    type: bool
    default: true
  wait_timeout:
    description: Maximum number of seconds to wait for one transaction, from 0 to 604800.
    type: float
    default: 600.0
  poll_interval:
    description: Maximum number of seconds between two polls of the transactions, from 0.001 to 604800. The module polls
      several transactions with one request.
    type: float
    default: 2.0
requirements:
  - openpyxl (only to read XLSX files)
notes:
  - For unchanged customers, the module returns only a few values. In the task parameters that Ansible returns, the list
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

- name: Manage the customers in a file
  hybrid.connectors.voss_spark_customers:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    src: customers.csv
    src_options:
      columns:
        Company: name
        Node: hierarchy
      ignore_columns: [Sales representative]

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
  description: Outcome for each customer in the order of the list, followed by the outcomes for the pruned customers.
  returned: always, unless the list is invalid
  type: list
  elements: dict
  contains:
    name:
      description: Name of the customer.
      type: str
      returned: always
    hierarchy_path:
      description: Dotted path of the hierarchy node of the customer after the completed actions. If the customer does
        not exist, this is the node of the list entry.
      type: str
      returned: always
    pkid:
      description: ID of the customer; null if the customer does not exist.
      type: str
      returned: always
    action:
      description:
        - V(created), V(updated), V(moved), V(deleted), V(synced), V(unchanged) or V(failed). If the module ran several
          actions, the value is the first action. RV(customers[].actions) contains all actions.
        - V(synced) means that the module only synchronized the customer.
      type: str
      returned: always
    changed:
      description: Whether the module changed the customer. The value can also be V(true) for a failed customer.
      type: bool
      returned: always
    actions:
      description: Actions that the module ran, in the format of M(hybrid.connectors.voss_spark_customer).
      type: list
      elements: str
      returned: if changed
    transactions:
      description: The transactions of the customer, in the format of M(hybrid.connectors.voss_spark_customer).
        Customers that are moved or deleted in one request share a transaction. The list is empty in check mode.
      type: list
      elements: dict
      returned: always
    diff:
      description: The changed attributes before and after the run, in the format of
        M(hybrid.connectors.voss_spark_customer). For a failed customer, the diff contains only the completed actions.
      type: dict
      returned: if changed
    error:
      description: Error message.
      type: str
      returned: if failed
    failure:
      description: Details of the failed request. C(reason) identifies the kind of error. If no request failed, the
        other keys are null.
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
    - Details of the failure. If the task failed for individual customers, C(reason) is the reason for the first of
      these customers, and the other keys are null. RV(customers[].failure) contains the failed requests.
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
  description: Number of customers for each action.
  returned: always, unless the list is invalid
  type: dict
  sample: {created: 1, updated: 3, moved: 0, deleted: 0, synced: 0, unchanged: 996, failed: 0}
diff:
  description:
    - The changed attributes before and after the run. Each key consists of the node path and the name of a customer.
      Created customers are only in C(after), and deleted customers are only in C(before). If several changed
      customers have the same path and name, the key also contains the pkid.
    - With C(--diff), C(before) and C(after) are strings if they contain non-ASCII characters, because Ansible would
      otherwise display escape sequences.
  returned: always, unless the list is invalid
  type: dict
  sample:
    before: {"sys.hcs.CS-P.CS-NB.Initech: Initech": {name: Initech, email_domain: old.initech.example}}
    after: {"sys.hcs.CS-P.CS-NB.Initech: Initech": {name: Initech, email_domain: rooms.initech.example}}
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    InputError,
    check_range,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import (
    bulk_plan,
    bulk_report,
    bulk_run,
    bulk_source,
    options,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.bulk_items import (
    BulkOptions,
    work_items,
)
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
            "options": {
                "name": {"type": "str", "required": True},
                "hierarchy": {"type": "str"},
                **options.ATTRIBUTES,
            },
        },
        **bulk_source.OPTIONS,
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "relocate": {"type": "bool", "default": False},
        "prune": {"type": "bool", "default": False},
        "prune_limit": {"type": "int", "default": 5},
        "max_parallel": {"type": "int", "default": 8},
        **options.RULES,
        **options.WAITING,
    },
    mutually_exclusive=(("customers", "src"),),
    required_one_of=(("customers", "src"),),
    required_by={"src_options": ("src",)},
    plain=("src_options.columns",),
)


def voss_spark_customers(params: Params, context: Context) -> Result:
    """Create, change or delete the customers in a list."""
    bulk_options = _bulk_options(params)
    scope = bulk_options.scope
    customers = params["customers"]
    if params["src"] is not None:
        customers = bulk_source.read_customers(params)
        context.learn({"customers": bulk_source.secret_parts(customers)})
    options.learn_secrets(context.http, customers)
    desired = bulk_source.desired_customers(customers, scope)
    rules = options.rules_from(params)
    poll_options = options.poll_options_from(params)
    voss = Voss(context.http, scope)
    entries = bulk_plan.plan(voss, desired, rules, bulk_options)
    if context.check_mode:
        bulk_plan.confirm_deletions(voss, entries, bulk_options)
    else:
        bulk_run.run(voss, entries, rules, bulk_options, poll_options)
    for warning in normalization_warnings(voss):
        context.warn(warning)
    result = bulk_report.result(entries, context.check_mode)
    for item in work_items(entries):
        if item.error:
            message = bulk_report.error_message(entries, context.check_mode)
            raise ConnectorsError(message, result, item.error.reason)
    return result


def _bulk_options(params: Params) -> BulkOptions:
    options.refuse_empty(params, ("hierarchy",), "the task")
    check_range(params, "max_parallel", 1, 100)
    absent = params["state"] == "absent"
    if params["prune_limit"] < 0:
        raise InputError(f"Invalid value {params['prune_limit']} for 'prune_limit': it must not be negative.")
    if params["prune"] and absent:
        raise InputError("'prune' is not supported with 'state: absent'. Remove one of these options.")
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
