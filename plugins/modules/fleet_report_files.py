#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_report_files
short_description: Write the files of a fleet report
version_added: 1.0.0
description:
  - Writes several text files in one task. The role P(hybrid.connectors.fleet_report#role) uses this module.
  - The module replaces each file atomically, so that no reader sees an incomplete file. The module checks all paths
    before it writes the first file.
  - If a path is a symbolic link, the module replaces the link. The target of the link stays unchanged.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
attributes:
  check_mode:
    description:
      - In check mode, the module does not write any files and returns the same result.
    support: full
  diff_mode:
    description:
      - In diff mode, the module returns the size, checksum and permissions of each file. The diff does not contain the
        content.
    support: full
  idempotent:
    description:
      - A second run with the same content changes nothing.
    support: full
options:
  files:
    description:
      - Files to write.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description:
          - Path of the file. Its directory must exist.
        type: path
        required: true
      content:
        description:
          - Content of the file. The module writes the file in UTF-8.
        type: str
        required: true
      mode:
        description:
          - Permissions of the file, as an octal number in quotes.
        type: raw
        default: "0640"
  content_changed:
    description:
      - Whether the module reports a change if the content of a file is different.
      - If V(false), the module still writes different content, but reports a change only if a file does not exist or
        has different permissions. Set this option to V(false) if only timestamps in the content are different.
    type: bool
    default: true
requirements:
  - requests >= 2.27
"""

EXAMPLES = r"""
- name: Write a page and its metrics
  hybrid.connectors.fleet_report_files:
    files:
      - path: /var/lib/fleet/page.html
        content: "<!DOCTYPE html><title>Connectors</title>"
      - path: /var/lib/fleet/connectors.prom
        content: "connectors 14\n"
        mode: "0644"
"""

RETURN = r"""
files:
  description: The files, in the order of O(files).
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Path of the file.
      returned: always
      type: str
    changed:
      description: Whether the module reports a change for the file.
      returned: always
      type: bool
  sample:
    - path: /var/lib/fleet/page.html
      changed: true
diff:
  description: The size, checksum and permissions of each written file before and after the task, by path.
  returned: success
  type: dict
  sample:
    before: {}
    after:
      /var/lib/fleet/page.html:
        size: 40
        checksum: 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed
        mode: "0640"
"""

import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils import _atomic_file
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Params, Result, Spec, TaskContext, run

FILE: dict[str, t.Any] = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "raw", "default": "0640"},
}
SPEC = Spec(
    connection=None,
    options={
        "files": {"type": "list", "elements": "dict", "required": True, "options": FILE},
        "content_changed": {"type": "bool", "default": True},
    },
)


def fleet_report_files(params: Params, context: TaskContext) -> Result:
    """Check that all files can be written, then write them."""
    targets = [_atomic_file.target(file["path"], file["mode"]) for file in params["files"]]
    states = []
    diff: dict[str, dict[str, t.Any]] = {"before": {}, "after": {}}
    for file, target in zip(params["files"], targets):
        before, after = target.before, target.write(file["content"].encode(), context.check_mode)
        states.append({"path": target.path, "changed": _is_change(before, after, params["content_changed"])})
        if before == after:
            continue
        diff["after"][target.path] = after.shown()
        if before:
            diff["before"][target.path] = before.shown()
    return {"changed": any(state["changed"] for state in states), "files": states, "diff": diff}


def _is_change(before: _atomic_file.File | None, after: _atomic_file.File, content_changed: bool) -> bool:
    """Return whether the task reports a file as changed."""
    if before is None or before.mode != after.mode:
        return True
    return content_changed and before != after


def main() -> None:
    """Run the module."""
    run(SPEC, fleet_report_files)


if __name__ == "__main__":
    main()
