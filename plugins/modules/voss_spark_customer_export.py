#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: voss_spark_customer_export
short_description: Save Webex customers of VOSS Automate, or the template for a bulk load, to a file
version_added: 1.0.0
description:
  - Has VOSS Automate export customers of the model C(relation/SparkCustomer) and keeps the export in a file on the
    machine where the module runs.
  - The file is replaced only if something else is in it. An export carries the time at which it was made; that is not
    compared, so a second export of the same customers changes nothing.
  - What the server returns is read. If it does not contain exactly the requested customers, with the names and nodes
    that the server lists, the task fails and writes nothing. Of a workbook only the names can be checked.
  - B(An export may hold secrets), tokens among them. What the server puts into it is not documented, so treat the file
    as a secret. Nothing of what is in it is returned, shown in a diff or logged.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
  - hybrid.connectors.voss
attributes:
  check_mode:
    details:
      - The export is asked for in check mode as well, because the server changes nothing for it. No file is written.
      - What would be written is described in the diff. The sizes and checksums of two exports differ, because of the
        times in them.
options:
  dest:
    description:
      - The file to write. Its directory has to be there and be writable.
      - The file is replaced in one step, so that nobody ever sees a part of it. A symbolic link is replaced by the
        file; what it leads to is not touched. The file belongs to the user who runs the task.
      - The name that the server proposes for the file is not used.
    type: path
    required: true
  mode:
    description:
      - Permissions of the file, as an octal number in quotes. They are corrected as well where the content is as it
        should be.
      - Symbolic ones are refused, and so are those by which the group or others may do what the owner may not. That is
        what mostly comes of a number without quotes, for example of V(440).
    type: raw
    default: "0600"
  format:
    description:
      - V(json) is a zip file of JSON, which VOSS Automate can import.
      - V(xlsx) is a workbook with the columns of the bulk-load template, which VOSS Automate can load.
      - V(raw_xlsx) is a workbook with the columns of the JSON format.
    type: str
    choices: [json, xlsx, raw_xlsx]
    default: json
  hierarchy:
    description:
      - The node at which and below which customers are exported, as a dotted path or as a pkid.
      - Needed unless O(pkids) is a single one.
    type: str
  names:
    description:
      - Names of the customers to export, exactly as they are. Without it and without O(pkids), all are exported.
      - Of several customers of one name the one at O(hierarchy) itself is meant. If there is none there and several
        below, the task fails and lists them.
    type: list
    elements: str
  pkids:
    description:
      - Pkids of the customers to export. With O(hierarchy), they have to be there or below.
    type: list
    elements: str
  version:
    description: Tag of the version of the schema that is exported.
    type: str
  configuration_template:
    description:
      - Name of the configuration template that the server applies.
      - The option O(hybrid.connectors.voss_spark_customer_info#module:gather) of another module shows which there are.
    type: str
  bulkload_template:
    description:
      - Saves the empty workbook for a bulk load, compressed with gzip, in place of customers. It needs O(hierarchy)
        and goes together with O(dest), O(mode) and the options of the connection only.
    type: bool
    default: false
seealso:
  - module: hybrid.connectors.voss_spark_customer_info
  - module: hybrid.connectors.voss_spark_customer
notes:
  - A large export may take the server longer than O(timeout), which is how long it may be silent.
  - An answer of more than 64 MiB, or of more than 256 MiB when it is unpacked, is a failure. Export fewer customers
    into each file then.
"""

EXAMPLES = r"""
- name: Back up all customers of a provider
  hybrid.connectors.voss_spark_customer_export:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    dest: /var/backups/voss/spark-customers.json.zip

- name: Save two of them as a workbook that the group may read
  hybrid.connectors.voss_spark_customer_export:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    hierarchy: sys.hcs.CS-P
    names: [AAAGlobal, AB_Group]
    format: xlsx
    dest: /srv/reports/customers.xlsx
    mode: "0640"

- name: Save one by its pkid
  hybrid.connectors.voss_spark_customer_export:
    api_url: https://voss.example.com
    username: "{{ voss_username }}"
    password: "{{ voss_password }}"
    pkids: [65e0918d6fd4534903e212d9]
    dest: /var/backups/voss/aaaglobal.json.zip

- name: Get the workbook to fill in for a bulk load
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
  description: The file. If it is there, Ansible itself adds its owner, group and permissions.
  returned: success
  type: str
  sample: /var/backups/voss/spark-customers.json.zip
size:
  description: Its size in bytes. In check mode that of the file that is there, if there is one; RV(diff) has both.
  returned: success
  type: int
  sample: 1482
checksum:
  description: Its SHA-1, as M(ansible.builtin.copy) and M(ansible.builtin.stat) return it.
  returned: success
  type: str
  sample: 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed
customers:
  description:
    - The pkids of the customers in it, sorted; empty for the template of a bulk load.
    - With V(json) as O(format), they are read out of the file. A workbook shows no pkids; they are those that were
      requested, and the names of the customers are in it, except for a single one that O(pkids) specifies without
      O(hierarchy).
  returned: success
  type: list
  elements: str
  sample: [65e032dc6fd4534903dff709, 65e0918d6fd4534903e212d9]
diff:
  description:
    - The path of the file, and the size, checksum and permissions that change, before and after. The diff does not
      contain the content.
    - With C(--diff), both sides are strings if they contain characters outside ASCII, for which Ansible would display
      escape sequences.
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

import dataclasses

from ansible_collections.hybrid.connectors.plugins.module_utils import _atomic_file
from ansible_collections.hybrid.connectors.plugins.module_utils._client import MAX_EXPORT_BYTES
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
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
        "format": {"type": "str", "choices": list(export.FORMATS), "default": "json"},
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
OF_CUSTOMERS = ("names", "pkids", "version", "configuration_template")


def voss_spark_customer_export(params: Params, context: Context) -> Result:
    """Export customers to a file."""
    _check(params)
    dest, mode = params["dest"], _atomic_file.mode_from(params["mode"])
    _atomic_file.check_place(dest)
    found = _atomic_file.read(dest, MAX_EXPORT_BYTES)
    exported = _exported(Voss(context.http, params["hierarchy"]), params)
    before, content = found or (None, b"")
    kept = before if exported.holds_the_same(content) else None
    after = dataclasses.replace(kept, mode=mode) if kept else _atomic_file.described(exported.content, mode)
    if after != before and not context.check_mode:
        if kept:
            _atomic_file.set_mode(dest, mode)
        else:
            _atomic_file.replace(dest, exported.content, mode)
    return {
        "changed": after != before,
        "dest": dest,
        "size": after.size,
        "checksum": after.checksum,
        "customers": list(exported.customers),
        "diff": diff(_described(dest, before), _described(dest, after), ("dest",)),
    }


def _described(dest: str, file: _atomic_file.File | None) -> Object | None:
    """Return one side of the diff: the file without its content, or None if it does not exist."""
    return {"dest": dest, **file.shown()} if file else None


def _check(params: Params) -> None:
    """Check that no option is empty, and that ``bulkload_template`` is not combined with options for customers."""
    given = [name for name in ("hierarchy", *OF_CUSTOMERS) if params[name] is not None]
    for name in given:
        value = params[name]
        if not value or "" in (value if isinstance(value, list) else ()):
            raise InputError(f"'{name}' must not be empty. Omit the option if you do not need it.")
    if not params["bulkload_template"]:
        return
    if params["format"] != "json":
        given.append("format")
    for name in given:
        if name != "hierarchy":
            raise InputError(f"'{name}' is not supported with 'bulkload_template'. Set only one of them.")


def _exported(voss: Voss, params: Params) -> export.Export:
    """Return the requested export."""
    if params["bulkload_template"]:
        return export.bulkload_template(voss, params["hierarchy"])
    return export.export(
        voss,
        export.Selection(params["hierarchy"], params["names"] or (), params["pkids"] or ()),
        params["format"],
        params["version"],
        params["configuration_template"],
    )


def main() -> None:
    """Run the module."""
    run(SPEC, voss_spark_customer_export)


if __name__ == "__main__":
    main()
