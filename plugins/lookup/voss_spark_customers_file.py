# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: voss_spark_customers_file
short_description: Read Webex customers of VOSS Automate from a file
version_added: 1.0.0
description:
  - Reads a CSV, JSON or XLSX file on the controller and returns a list for
    O(hybrid.connectors.voss_spark_customers#module:customers).
  - For a large file, use O(hybrid.connectors.voss_spark_customers#module:src), which is faster than this lookup because
    the module reads the file.
  - The lookup decrypts a file that is encrypted with Ansible Vault.
  - The lookup does not return the pkids in an export or in a bulk-load sheet. To delete only customers that have the
    pkids in the file, use O(hybrid.connectors.voss_spark_customers#module:src).
  - Error messages list all invalid lines and columns, but do not contain values, because any value can be a secret.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
options:
  _terms:
    description:
      - Paths of the files. Relative paths are resolved with the file search path of Ansible, which includes the
        directory of the playbook.
    type: list
    elements: path
    required: true
  format:
    description:
      - If V(auto), the lookup determines the format from the content of the file.
      - V(csv) is a table whose first line contains attribute names, including C(name). Every attribute that is not a
        dictionary can be a column. Column names are case-insensitive, and can contain spaces or hyphens instead of
        underscores. For example, C(Account Email) is the same as C(account_email).
      - The cells are separated by commas, semicolons, tabs or C(|). The lookup detects the delimiter unless
        O(delimiter) is set. A cell that contains a delimiter, a quotation mark or a line break must be enclosed in
        quotation marks. The lookup removes spaces at the beginning and at the end of a cell. An empty cell leaves its
        attribute unchanged.
      - The lookup supports the output of Excel, for example a first line C(sep=;), empty columns at the end, and
        strings such as C(="00123").
      - V(export) is a file that M(hybrid.connectors.voss_spark_customer_export) writes in the format V(json), or the
        JSON document in such a file. The node of each customer is the node from which the customer was exported. The
        lookup omits attributes that do not have an option.
      - V(json) is a list of objects with the suboptions of O(hybrid.connectors.voss_spark_customers#module:customers),
        or an object whose key C(customers) contains this list.
      - V(xlsx) is a workbook that contains a table with the same columns as a CSV file, or sheets in the bulk-load
        layout of VOSS Automate. O(hybrid.connectors.voss_spark_customers#module:src) describes the layout. The Python
        library C(openpyxl) is required.
    type: str
    choices: [auto, csv, export, json, xlsx]
    default: auto
  encoding:
    description:
      - Encoding of a table, for example V(cp1252) for a CSV file from Excel on Windows.
      - By default, the encoding is UTF-8, or UTF-16 if the file begins with a byte order mark.
    type: str
  delimiter:
    description: Character that separates the cells of a table. By default, the lookup detects the delimiter from the
      first line.
    type: str
    choices: [",", ";", "|", "\t"]
  sheet:
    description: Name of the sheet to read from a workbook. The lookup ignores all other sheets. This option is required
      if the workbook contains several tables.
    type: str
  columns:
    description:
      - Mapping of column names in the table to attribute names.
    type: dict
  ignore_columns:
    description:
      - Names of columns to ignore. If a table contains any other unknown column, the lookup fails.
    type: list
    elements: str
  state:
    description:
      - Value of O(hybrid.connectors.voss_spark_customers#module:state) in the task that uses the list. The value
        determines which actions a sheet in the bulk-load layout can contain.
      - V(present) allows V(add), V(modify) and empty cells. V(absent) allows V(delete) and empty cells.
      - If V(absent), the lookup rejects workbooks with hidden rows, or with hidden sheets unless O(sheet) is set.
    type: str
    choices: [present, absent]
    default: present
  secrets:
    description:
      - Whether to read C(http_proxy), C(https_proxy), C(token) and C(refresh_token) from an export that contains them.
        The lookup omits values that are masked, for example C(********).
      - The server renews tokens, so the tokens in an export expire soon.
      - This option applies only to exports. If the file is a table, the lookup always reads all columns.
    type: bool
    default: false
requirements:
  - openpyxl (only to read XLSX files)
seealso:
  - plugin: hybrid.connectors.voss_spark_customers
    plugin_type: module
  - plugin: hybrid.connectors.voss_spark_customer_export
    plugin_type: module
"""

EXAMPLES = r"""
- name: Manage the customers in a CSV file
  hybrid.connectors.voss_spark_customers:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    customers: "{{ lookup('hybrid.connectors.voss_spark_customers_file', 'customers.csv', format='csv') }}"

- name: Read a CSV file from Excel on Windows with other column names
  ansible.builtin.debug:
    msg: "{{ lookup('hybrid.connectors.voss_spark_customers_file', 'crm.csv', format='csv', encoding='cp1252',
      columns={'Company': 'name', 'Node': 'hierarchy'}, ignore_columns=['Sales']) }}"

- name: Read one sheet of a workbook
  ansible.builtin.debug:
    msg: "{{ lookup('hybrid.connectors.voss_spark_customers_file', 'customers.xlsx', sheet='Customers') }}"

- name: Show the customers in an export
  ansible.builtin.debug:
    msg: "{{ customers | map(attribute='name') }}"
  vars:
    customers: "{{ lookup('hybrid.connectors.voss_spark_customers_file', 'backup.json.zip', format='export') }}"
"""

RETURN = r"""
_raw:
  description: One list of customers for each file.
  type: list
  elements: list
  sample:
    - - name: Initech
        hierarchy: sys.hcs.CS-P.CS-NB.Initech
        email_domain: rooms.initech.example
"""

import dataclasses
import typing as t

from ansible.plugins.lookup import LookupBase

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import customer_files
from ansible_collections.hybrid.connectors.plugins.plugin_utils._table_files import read_file, table_options


class LookupModule(LookupBase):
    """Lookup plugin that reads customers from files."""

    def run(
        self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any
    ) -> list[list[dict[str, t.Any]]]:
        """Return a list of customers for each file."""
        self.set_options(var_options=variables, direct=kwargs)  # type: ignore[no-untyped-call]
        return [read_file(self, term, variables or {}, self._customers) for term in terms]

    def _customers(self, content: bytes) -> list[dict[str, t.Any]]:
        file_format, sheet, secrets, state = map(self.get_option, ("format", "sheet", "secrets", "state"))
        options = dataclasses.replace(table_options(self), sheet=sheet)
        absent = state == "absent"
        if file_format == "csv":
            return customer_files.from_csv(content, options)
        if file_format == "export":
            return customer_files.from_export(content, secrets)
        if file_format == "json":
            customers = customer_files.from_json(content, options, secrets)
        elif file_format == "xlsx":
            customers = customer_files.from_workbook(content, options, absent)
        else:
            customers = customer_files.customers_from(content, options, absent, secrets)
        for customer in customers:
            customer.pop("pkid", None)  # the option "customers" does not support pkids
        return customers
