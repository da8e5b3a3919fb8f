#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_report_files
short_description: Write the files of a fleet report, and send notifications about changes
version_added: 1.0.0
description:
  - Reads the files of an earlier report, writes the files of a new report, and sends notifications, in this order. Each
    step is optional. The role P(hybrid.connectors.fleet_report#role) uses this module.
  - The module replaces each file atomically, so that other processes never read an incomplete file. The module checks
    all paths before it writes the first file. The paths in O(files) and O(history) must be different.
  - If a path is a symbolic link, the module replaces the link. The target of the link stays unchanged.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes
attributes:
  check_mode:
    description:
      - In check mode, the module neither writes files nor sends notifications, but reports the same changes to files as
        in a normal run.
    support: full
  diff_mode:
    description:
      - In diff mode, the module returns the size, checksum and permissions of each file. The diff does not contain the
        content.
    support: full
  idempotent:
    description:
      - A second run with the same content does not change the files in O(files). If O(report) and O(history) are set,
        each run adds an entry to the history, but the module does not report this addition as a change.
    support: full
options:
  read:
    description:
      - Earlier reports in JSON format, which the module reads before it writes files.
      - The module treats a file that does not exist, is not readable or is larger than 64 MiB as empty. It emits a
        warning if a file exists but cannot be read, or is not a valid fleet report.
    type: list
    elements: path
    default: []
  files:
    description:
      - Files to write.
    type: list
    elements: dict
    default: []
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
      - Whether the module reports a change if it writes different content to an existing file.
      - If V(false), the module still writes different content, but reports a change only if a file does not exist or
        has different permissions. Set this option to V(false) if the contents differ only in timestamps.
    type: bool
    default: true
  report:
    description:
      - Report from the filter P(hybrid.connectors.fleet_report#filter), as a JSON string.
      - If O(history) is also set, the module adds an entry for the report to the history.
    type: str
  history:
    description:
      - Path of the history file, which contains one entry for each report, as a line of JSON. If the file already
        exists, it must be a history file.
      - The module keeps the entries of the last 400 days, but at most 10,000 entries.
      - Without O(report), the module only reads the file.
    type: path
  history_mode:
    description:
      - Permissions of the history file, as an octal number in quotes.
    type: raw
    default: "0640"
  notify:
    description:
      - Targets to which the module sends the changes since the earlier report. Each target receives one message, or no
        message if none of the changes in its option C(on) have occurred.
      - Without O(report), the module only validates this option.
      - If a message cannot be delivered, the module emits a warning and does not fail.
      - The module does not follow redirects, and it validates the TLS certificate of the target. Additional CA
        certificates can be specified in the environment variable E(REQUESTS_CA_BUNDLE).
    type: list
    elements: dict
    default: []
    suboptions:
      url:
        description:
          - URL of the webhook. The module treats the URL as a secret.
        type: str
        required: true
      format:
        description:
          - Format of the message.
          - V(slack) is for an incoming webhook of Slack, and V(webex) is for an incoming webhook of Webex.
          - V(teams) is for a workflow of Microsoft Teams that posts adaptive cards.
          - V(json) is a JSON document that contains all changes, for processing by other programs.
        type: str
        choices: [slack, teams, webex, json]
        default: json
      "on":
        description:
          - Changes to report.
          - V(new), V(worse) and V(recovered) are changes of the health of connectors.
          - V(unread) reports systems that could not be read, unless they could not be read for the earlier report
            either. If there is no earlier report, V(unread) reports all systems that could not be read.
          - Muted connectors are not reported as V(new) or V(worse).
          - The alias exists because YAML parses the unquoted key C(on) as a boolean.
        type: list
        elements: str
        aliases: ["true"]
        choices: [new, worse, recovered, unread]
        default: [new, worse, recovered, unread]
requirements:
  - requests >= 2.27
"""

EXAMPLES = r"""
- name: Write an HTML page and a metrics file
  hybrid.connectors.fleet_report_files:
    files:
      - path: /var/lib/fleet/page.html
        content: "<!DOCTYPE html><title>Connectors</title>"
      - path: /var/lib/fleet/connectors.prom
        content: "connectors 14\n"
        mode: "0644"

- name: Send the changes in a report to Slack
  hybrid.connectors.fleet_report_files:
    report: "{{ lookup('ansible.builtin.file', '/var/lib/fleet/fleet.json') }}"
    notify:
      - url: https://hooks.slack.com/services/T000/B000/XXXX # Encrypt the real URL with Ansible Vault.
        format: slack
        "on": [new, worse, recovered]
"""

RETURN = r"""
files:
  description: The files that the module writes, in the order of O(files). If the module writes a history file, it is
    the last item.
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
contents:
  description: The contents of the files in O(read), encoded in Base64.
  returned: success
  type: list
  elements: str
  sample: ["e30="]
history:
  description:
    - The last 30 entries of O(history) before this run, encoded in Base64. The value is null if O(history) is not set.
  returned: success
  type: str
  sample: ""
notifications:
  description: The outcome for each target in O(notify), in the same order.
  returned: success
  type: list
  elements: dict
  contains:
    format:
      description: Format of the message.
      returned: always
      type: str
    sent:
      description: Whether the target received the message.
      returned: always
      type: bool
    error:
      description: Error message if the message could not be delivered. Otherwise, the value is null.
      returned: always
      type: str
  sample:
    - format: slack
      sent: true
      error:
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

import base64
import os
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils import (
    _atomic_file,
    _fleet_history,
    _notifications,
    _webhook,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet_document import report_from
from ansible_collections.hybrid.connectors.plugins.module_utils._module import Params, Result, Spec, TaskContext, run
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import json_or_none

# Maximum size in bytes of a file to read. A report on 10,000 connectors is about 6 MB in size.
MAX_BYTES = 64 * 1024 * 1024
FILE: dict[str, t.Any] = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "raw", "default": "0640"},
}
KINDS = list(_notifications.KINDS)
TARGET: dict[str, t.Any] = {
    "url": {"type": "str", "required": True, "no_log": True},
    "format": {"type": "str", "choices": list(_notifications.FORMATS), "default": "json"},
    # YAML 1.1 parses the unquoted key "on" as the boolean true.
    "on": {"type": "list", "elements": "str", "choices": KINDS, "default": KINDS, "aliases": ["true"]},
}
SPEC = Spec(
    connection=None,
    options={
        "read": {"type": "list", "elements": "path", "default": []},
        "files": {"type": "list", "elements": "dict", "options": FILE, "default": []},
        "content_changed": {"type": "bool", "default": True},
        "report": {"type": "str"},
        "history": {"type": "path"},
        "history_mode": {"type": "raw", "default": "0640"},
        "notify": {"type": "list", "elements": "dict", "options": TARGET, "default": []},
    },
    documents=("report", "files", "contents", "history"),
)

Report = t.Mapping[str, t.Any]


def fleet_report_files(params: Params, context: TaskContext) -> Result:
    """Check all options, then read the existing files, write the new files and send the notifications."""
    report = _report(params)
    for number, item in enumerate(params["notify"], 1):
        _webhook.checked_url(item["url"], f"notify[{number}].url")
    _atomic_file.check_distinct(_written_paths(params))
    targets = [_atomic_file.target(file["path"], file["mode"]) for file in params["files"]]
    history = _history(params)
    contents = [_encoded(_earlier_report(path, context)) for path in params["read"]]
    written = [(target, file["content"]) for file, target in zip(params["files"], targets)]
    counted = [params["content_changed"]] * len(written)
    if report and params["history"]:
        target = _atomic_file.target(params["history"], params["history_mode"])
        written.append((target, _fleet_history.appended(history or "", report, params["history"])))
        counted.append(False)
    return {
        **_written(written, counted, context.check_mode),
        "contents": contents,
        "history": None if history is None else _encoded(_fleet_history.last_lines(history).encode()),
        "notifications": _notified(params["notify"], report, context),
    }


def _written_paths(params: Params) -> list[str]:
    """Return the paths of all files, including the history."""
    paths = [file["path"] for file in params["files"]]
    if params["history"]:
        paths.append(params["history"])
    return paths


def _earlier_report(path: str, context: TaskContext) -> bytes:
    """Return the content of an earlier report. If the file exists but is not a valid report, emit a warning."""
    content = _atomic_file.content_of(path, MAX_BYTES)
    if _is_unread(path, content):
        context.warn(
            f"Cannot read the earlier report '{path}': the permissions do not allow it, or the file is larger than"
            f" {MAX_BYTES // 1024**2} MiB. The module treats the file as empty. Change the permissions, or specify a"
            " different path."
        )
    elif content and report_from(content) is None:
        context.warn(
            f"Cannot use '{path}' as an earlier report: it is not a valid fleet report of this version. Specify the"
            " path of a JSON file that the role fleet_report has written."
        )
    return content


def _report(params: Params) -> Report | None:
    """Return the parsed report from the option ``report``, or None if the option is not set.

    :raises InputError: the option is not a report.
    """
    if not params["report"]:
        return None
    report = json_or_none(params["report"])
    if not _notifications.is_report(report):
        raise InputError(
            "Option 'report' is not a fleet report. Use the filter hybrid.connectors.fleet_report to create a report."
        )
    checked: Report = report
    return checked


def _history(params: Params) -> str | None:
    """Return the content of the history file, or None if the option ``history`` is not set.

    :raises InputError: the file cannot be read, or is not a history.
    """
    path = params["history"]
    if not path:
        return None
    _atomic_file.check_place(path)
    content = _atomic_file.content_of(path, _fleet_history.MAX_BYTES)
    if _is_unread(path, content):
        limit = _fleet_history.MAX_BYTES // 1024**2
        raise InputError(
            f"Cannot read the history file '{path}': the permissions do not allow it, or the file is larger than"
            f" {limit} MiB. Change the permissions, or specify a different path."
        )
    text = content.decode(errors="replace")
    _fleet_history.check_history(text, path)
    return text


def _is_unread(path: str, content: bytes) -> bool:
    """Return whether a file has content that could not be read."""
    return not content and os.path.exists(path) and os.path.getsize(path) > 0


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _written(
    files: t.Sequence[tuple[_atomic_file.Target, str]], counted: t.Sequence[bool], check_mode: bool
) -> dict[str, t.Any]:
    """Write the files, and return which files have changed.

    :param counted: for each file, whether different content counts as a change.
    """
    states = []
    diff: dict[str, dict[str, t.Any]] = {"before": {}, "after": {}}
    for (target, content), content_changed in zip(files, counted):
        before, after = target.before, target.write(content.encode(), check_mode)
        states.append({"path": target.path, "changed": _is_change(before, after, content_changed)})
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


def _notified(targets: t.Iterable[Params], report: Report | None, context: TaskContext) -> list[Result]:
    """Notify each target for which the report contains relevant changes, and return the outcomes."""
    outcomes = []
    for number, target in enumerate(targets, 1):
        outcome = {"format": target["format"], "sent": False, "error": None}
        outcomes.append(outcome)
        content = _notifications.notification(report, target["on"]) if report else None
        if content is None or context.check_mode:
            continue
        name = f"notify[{number}].url"
        message = _notifications.payload(target["format"], content)
        problem = _webhook.post(target["url"], name, message, context)
        if problem is None:
            outcome["sent"] = True
            continue
        outcome["error"] = f"Notification {number} ({target['format']}) was not delivered: {problem}."
        context.warn(outcome["error"])
    return outcomes


def main() -> None:
    """Run the module."""
    run(SPEC, fleet_report_files)


if __name__ == "__main__":
    main()
