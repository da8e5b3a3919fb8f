# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: apono_connector_names_file
short_description: Read names of Apono connectors from a CSV file
version_added: 1.0.0
description:
  - Reads a CSV file on the controller and returns a dictionary for O(hybrid.connectors.apono_connectors#module:names).
  - The lookup decrypts a file that is encrypted with Ansible Vault.
  - The first line of the file contains the names of the columns, C(id) and C(name). Each of the following lines
    contains the ID and the desired name of a connector. The lookup fails if an ID or a name occurs twice. The error
    message lists all invalid lines.
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
  encoding:
    description:
      - Encoding of the file, for example V(cp1252) for a file that Excel on Windows saved as plain CSV.
      - By default, the encoding is UTF-8, or UTF-16 if the file begins with a byte order mark.
    type: str
  delimiter:
    description: Character that separates the cells. By default, the lookup detects the delimiter from the first line.
    type: str
    choices: [",", ";", "|", "\t"]
  columns:
    description:
      - Mapping of column names in the file to C(id) and C(name).
    type: dict
  ignore_columns:
    description:
      - Names of columns to ignore. The lookup fails if the file contains any other unknown column.
    type: list
    elements: str
seealso:
  - plugin: hybrid.connectors.apono_connectors
    plugin_type: module
"""

EXAMPLES = r"""
- name: Rename connectors according to a table
  hybrid.connectors.apono_connectors:
    api_token: "{{ apono_token }}"
    names: "{{ lookup('hybrid.connectors.apono_connector_names_file', 'connectors.csv') }}"

- name: Show the names in a table with different column names
  ansible.builtin.debug:
    msg: "{{ lookup('hybrid.connectors.apono_connector_names_file', 'inventory.csv', columns={'Connector': 'id',
      'Label': 'name'}, ignore_columns=['Team']) }}"
"""

RETURN = r"""
_raw:
  description: One dictionary for each file, with connector IDs as keys and names as values.
  type: list
  elements: dict
  sample:
    - AwsConnector-ProdTeam-XYZ123: aws-production
      prod-us-east-1: aws-us-east-1
"""

import operator
import typing as t

from ansible.plugins.lookup import LookupBase

from ansible_collections.hybrid.connectors.plugins.module_utils._tables import Columns, Row, TableOptions, read_table
from ansible_collections.hybrid.connectors.plugins.plugin_utils._table_files import read_file, table_options

COLUMNS = Columns(("id", "name"), {"id": "an id", "name": "a name"})


class LookupModule(LookupBase):
    """Lookup plugin that reads the names of Apono connectors from files."""

    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[dict[str, str]]:
        """For each file, return a dictionary that maps connector IDs to connector names."""
        self.set_options(var_options=variables, direct=kwargs)  # type: ignore[no-untyped-call]

        def names(content: bytes) -> dict[str, str]:
            return _names_from(content, table_options(self))

        return [read_file(self, term, variables or {}, names) for term in terms]


def _names_from(content: bytes, options: TableOptions) -> dict[str, str]:
    """Read a table with the columns ``id`` and ``name``, and return a dictionary that maps connector IDs to names.

    Names and IDs must be unique. Error messages can contain names and IDs, because these values are not secret.

    :raises UnusableFile: the table is not valid, or an ID or a name occurs twice.
    """
    places: dict[tuple[str, str], str] = {}

    def repeated(row: Row, place: str) -> t.Iterator[str]:
        for column in ("id", "name"):
            first = places.setdefault((column, row[column]), place)
            if first != place:
                yield f"{place} contains the {column} '{row[column]}', which {first} also contains"

    return dict(map(operator.itemgetter("id", "name"), read_table(content, COLUMNS, options, repeated)))
