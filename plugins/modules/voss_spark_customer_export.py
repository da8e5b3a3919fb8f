#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_spark_customer_export
short_description: Export Webex customers or the bulk-load template from VOSS Automate to a file
version_added: 1.0.0
description:
  - Exports customers of the C(relation/SparkCustomer) model to a file on the host on which the module runs.
  - The module replaces the file only if its content is different. The comparison ignores the time of the export, so a
    second export of the same customers does not change the file.
  - With O(format=csv) or O(format=table_xlsx), the module itself creates a table from the list of customers. The option
    O(hybrid.connectors.voss_spark_customers#module:src) can read this table.
  - If the export does not contain exactly the requested customers, with the names and nodes that the server lists, the
    task fails and does not write the file. In a workbook, the module can check only the names.
  - B(An export can contain secrets), for example tokens. The vendor does not document the content of an export, so
    treat the file as a secret. The module does not return, show or log the content.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.voss
attributes:
  check_mode:
    details:
      - In check mode, the module requests the export but does not write the file. The request does not change anything
        on the server.
      - The diff describes the file that would be written. Two exports of the same customers can have different sizes
        and checksums, because each export contains the time of its creation.
options:
  dest:
    description:
      - Path of the file. Its directory must exist and be writable.
      - The module replaces the file atomically. If the path is a symbolic link, the module replaces the link, not its
        target. The file belongs to the user who runs the task.
      - The module ignores the file name in the server response.
    type: path
    required: true
  mode:
    description:
      - Permissions of the file, as an octal number in quotes. If the content of the file is the same but its
        permissions are different, the module corrects the permissions.
      - The module rejects symbolic permissions, and permissions that give the group or others more rights than the
        owner. Such permissions usually result from an unquoted number, for example V(440).
    type: raw
    default: "0600"
  format:
    description:
      - V(json) is a zip archive that contains JSON. VOSS Automate can import this archive.
      - V(xlsx) is a workbook with the columns of the bulk-load template. VOSS Automate can load this workbook.
      - V(raw_xlsx) is a workbook with the columns of the JSON format.
      - V(csv) is a table with the name, the node and the settings of each customer, without proxies and tokens. The
        file is encoded in UTF-8, with a byte order mark for Excel.
      - V(table_xlsx) is a workbook with the same table in the sheet C(Customers). The Python library C(openpyxl) is
        required. If a value has more than 32,767 characters, the task fails, because a cell cannot contain it.
      - Spreadsheet programs treat cells that begin with one of the characters C(= + - @) as formulas. In a table, the
        module adds an apostrophe to the beginning of such a value. A value with spaces at its beginning or end is
        written as C(=" value "). The option O(hybrid.connectors.voss_spark_customers#module:src) restores the original
        values.
    type: str
    choices: [json, xlsx, raw_xlsx, csv, table_xlsx]
    default: json
  hierarchy:
    description:
      - Node of the hierarchy, as a dotted path or a pkid. The module exports the customers at and below this node.
      - Required unless O(pkids) contains a single pkid.
    type: str
  names:
    description:
      - Exact names of the customers to export. If neither O(names) nor O(pkids) is set, the module exports all
        customers.
      - If several customers have the same name, the module selects the customer directly at O(hierarchy). If all of
        these customers are below O(hierarchy), the task fails and lists them.
    type: list
    elements: str
  pkids:
    description:
      - Pkids of the customers to export. If O(hierarchy) is set, the customers must be at or below that node.
    type: list
    elements: str
  version:
    description: Version tag of the exported schema. The option is not supported for tables.
    type: str
  configuration_template:
    description:
      - Name of the configuration template that the server applies to the export. The option is not supported for
        tables.
      - To list the available templates, use O(hybrid.connectors.voss_spark_customer_info#module:gather).
    type: str
  bulkload_template:
    description:
      - Whether to export the empty bulk-load workbook, compressed with gzip, instead of customers.
      - If V(true), O(hierarchy) is required, and only O(dest), O(mode) and the connection options can be set.
    type: bool
    default: false
requirements:
  - openpyxl (only for O(format=table_xlsx))
seealso:
  - module: hybrid.connectors.voss_spark_customers
  - module: hybrid.connectors.voss_spark_customer_info
  - module: hybrid.connectors.voss_spark_customer
notes:
  - For a large export, raise O(timeout), because the server can take longer to respond.
  - If the export is larger than 64 MiB, or larger than 256 MiB when it is unpacked, the task fails. In this case,
    export fewer customers per file.
"""

EXAMPLES = r"""
- name: Back up all customers of a provider
  hybrid.connectors.voss_spark_customer_export:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    dest: /var/backups/voss/spark-customers.json.zip

- name: Export two customers as a workbook that the group of the file can read
  hybrid.connectors.voss_spark_customer_export:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    names: [AAAGlobal, AB_Group]
    format: xlsx
    dest: /srv/reports/customers.xlsx
    mode: "0640"

- name: Write a table for Excel
  hybrid.connectors.voss_spark_customer_export:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    format: table_xlsx
    dest: /srv/reports/customers-table.xlsx

- name: Export one customer by its pkid
  hybrid.connectors.voss_spark_customer_export:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    pkids: [65e0918d6fd4534903e212d9]
    dest: /var/backups/voss/aaaglobal.json.zip

- name: Export the workbook for a bulk load
  hybrid.connectors.voss_spark_customer_export:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P.CS-NB
    bulkload_template: true
    dest: /srv/bulkload/spark-customers.xlsx.gz
"""

RETURN = r"""
dest:
  description: Path of the file. Ansible adds the owner, group and permissions of an existing file to the result.
  returned: success
  type: str
  sample: /var/backups/voss/spark-customers.json.zip
size:
  description: Size of the file in bytes. In check mode, this is the size of the existing file, if a file exists.
  returned: success
  type: int
  sample: 1482
checksum:
  description: SHA-1 checksum of the file, as M(ansible.builtin.copy) and M(ansible.builtin.stat) return it.
  returned: success
  type: str
  sample: 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed
customers:
  description:
    - Sorted pkids of the exported customers. The list is empty for the bulk-load template.
    - If O(format) is V(json), the module reads the pkids from the file. A workbook does not contain pkids, so the
      module returns the requested pkids. The module checks that the workbook contains the names of these customers,
      except for a single customer that O(pkids) specifies without O(hierarchy).
  returned: success
  type: list
  elements: str
  sample: [65e032dc6fd4534903dff709, 65e0918d6fd4534903e212d9]
diff:
  description:
    - The path of the file, and the changed size, checksum and permissions before and after the run. The diff does not
      contain the content.
    - With C(--diff), C(before) and C(after) are strings if they contain non-ASCII characters, because Ansible would
      otherwise display escape sequences.
  returned: success
  type: dict
  sample:
    before: {}
    after:
      dest: /srv/customers.json.zip
      size: 1482
      checksum: 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed
      mode: "0600"
"""

from ansible_collections.hybrid.connectors.plugins.module_utils import _atomic_file
from ansible_collections.hybrid.connectors.plugins.module_utils._client import MAX_EXPORT_BYTES
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError, check_not_empty
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, Spec, run
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, diff
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import export
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.connection import VOSS

SPEC = Spec(
    connection=VOSS,
    options={
        "dest": {"type": "path", "required": True},
        "mode": {"type": "raw", "default": "0600"},
        "format": {"type": "str", "choices": [*export.FORMATS, *export.TABLES], "default": "json"},
        "hierarchy": {"type": "str"},
        "names": {"type": "list", "elements": "str"},
        "pkids": {"type": "list", "elements": "str"},
        "version": {"type": "str"},
        "configuration_template": {"type": "str"},
        "bulkload_template": {"type": "bool", "default": False},
    },
    mutually_exclusive=(("names", "pkids"),),
    required_one_of=(("hierarchy", "pkids"),),
    required_if=(("bulkload_template", True, ("hierarchy",)),),
)
OF_SERVER = ("version", "configuration_template")
OF_CUSTOMERS = ("names", "pkids", *OF_SERVER)


def voss_spark_customer_export(params: Params, context: Context) -> Result:
    """Export the selected customers or the bulk-load template to a file."""
    _check(params)
    dest = params["dest"]
    target = _atomic_file.target(dest, params["mode"], MAX_EXPORT_BYTES)
    exported = _exported(Voss(context.http, params["hierarchy"]), params)
    content = target.content if exported.holds_the_same(target.content) else exported.content
    after, before = target.write(content, context.check_mode), target.before
    return {
        "changed": after != before,
        "dest": dest,
        "size": after.size,
        "checksum": after.checksum,
        "customers": list(exported.customers),
        "diff": diff(_described(dest, before), _described(dest, after), ("dest",)),
    }


def _described(dest: str, file: _atomic_file.File | None) -> Object | None:
    """Return one side of the diff: the properties of the file, or None if the file does not exist."""
    return {"dest": dest, **file.shown()} if file else None


def _check(params: Params) -> None:
    """Check that no option is empty, and that the options can be combined."""
    check_not_empty(params, "hierarchy", *OF_CUSTOMERS)
    if params["format"] in export.TABLES:
        for name in filter(params.get, OF_SERVER):
            raise InputError(
                f"'{name}' is not supported with 'format: {params['format']}'. Remove the option, or use a different"
                " format."
            )
    if params["bulkload_template"]:
        _check_template(params)


def _check_template(params: Params) -> None:
    """Check that ``bulkload_template`` is not combined with options for customers or with ``format``."""
    given = list(filter(params.get, OF_CUSTOMERS))
    if params["format"] != "json":
        given.append("format")
    if given:
        raise InputError(f"'{given[0]}' is not supported with 'bulkload_template'. Remove one of these options.")


def _exported(voss: Voss, params: Params) -> export.Export:
    """Return the requested export."""
    if params["bulkload_template"]:
        return export.bulkload_template(voss, params["hierarchy"])
    selection = export.Selection(params["hierarchy"], params["names"], params["pkids"])
    if params["format"] in export.TABLES:
        return export.export_table(voss, selection, params["format"])
    return export.export(voss, selection, params["format"], params["version"], params["configuration_template"])


def main() -> None:
    """Run the module."""
    run(SPEC, voss_spark_customer_export)


if __name__ == "__main__":
    main()
