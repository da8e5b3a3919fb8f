# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: voss_spark_customers_file
short_description: Read Webex customers of VOSS Automate from a table or from an export
version_added: 1.0.0
description:
  - Reads a file on the controller and returns the list that O(hybrid.connectors.voss_spark_customers#module:customers)
    takes.
  - A file that is encrypted with Ansible Vault is decrypted on the way.
  - A failure says what is wrong and in which line, and shows no value, since any of them may be a secret.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
options:
  _terms:
    description:
      - The files. One that is not absolute is looked for where Ansible looks for files, for example in the directory of
        the playbook.
    type: list
    elements: path
    required: true
  format:
    description:
      - V(csv) is a table in UTF-8 whose first line has the names of attributes, V(name) among them. Any of them that
        are no dictionaries may be there. Cells are separated by commas, semicolons or tabulators, whichever is in the
        first line; those that hold one, a quotation mark or a line break are put in quotation marks. Blanks around a
        cell do not count, and an empty cell leaves its attribute as it is.
      - V(export) is what M(hybrid.connectors.voss_spark_customer_export) writes in its format V(json), or the JSON
        inside of it. Each customer comes with the node where it was. Attributes without an option are left out.
    type: str
    choices: [csv, export]
    required: true
  secrets:
    description:
      - Whether C(http_proxy), C(https_proxy), C(token) and C(refresh_token) are read from an export, if it shows them.
      - Tokens are renewed on the server, so those of an export are soon too old to be of use.
      - A table is always read as it is written.
    type: bool
    default: false
seealso:
  - plugin: hybrid.connectors.voss_spark_customers
    plugin_type: module
  - plugin: hybrid.connectors.voss_spark_customer_export
    plugin_type: module
"""

EXAMPLES = r"""
- name: Keep the customers that a table has
  hybrid.connectors.voss_spark_customers:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    customers: "{{ lookup('hybrid.connectors.voss_spark_customers_file', 'customers.csv', format='csv') }}"

- name: See who is in an export
  ansible.builtin.debug:
    msg: "{{ customers | map(attribute='name') }}"
  vars:
    customers: "{{ lookup('hybrid.connectors.voss_spark_customers_file', 'backup.json.zip', format='export') }}"
"""

RETURN = r"""
_raw:
  description: For each file the list of its customers.
  type: list
  elements: list
  sample:
    - - name: Initech
        hierarchy: sys.hcs.CS-P.CS-NB.Initech
        email_domain: rooms.initech.example
"""

import typing as t

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.hybrid.connectors.plugins.plugin_utils._customer_files import (
    UnusableFile,
    from_csv,
    from_export,
)


class LookupModule(LookupBase):
    """The lookup plugin."""

    def run(
        self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any
    ) -> list[list[dict[str, t.Any]]]:
        """One list of customers for each file."""
        self.set_options(var_options=variables, direct=kwargs)  # type: ignore[no-untyped-call]
        return [_customers(self, term, variables or {}) for term in terms]


def _customers(plugin: LookupBase, term: str, variables: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    path = plugin.find_file_in_search_path(variables, "files", term, ignore_missing=True)
    if not path:
        raise AnsibleLookupError(f"There is no file '{term}' where Ansible looks for files.")
    try:
        content = _decrypted(plugin._loader, path)
        if plugin.get_option("format") == "csv":
            return from_csv(content)
        return from_export(content, plugin.get_option("secrets"))
    except (AnsibleError, OSError) as error:
        raise AnsibleLookupError(f"The file '{term}' cannot be read: {error}") from None
    except UnusableFile as error:
        raise AnsibleLookupError(f"The file '{term}' cannot be used: {error}.") from None


def _decrypted(loader: t.Any, path: str) -> bytes:
    real = loader.get_real_file(path)
    try:
        with open(real, "rb") as file:
            return file.read()
    finally:
        loader.cleanup_tmp_file(real)
