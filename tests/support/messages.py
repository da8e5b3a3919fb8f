# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of messages: C(tests/messages.txt) shows the wording of each message once.

A test passes the message that the code under test produced and the facts of the test to :meth:`MessageTable.check`.
The table contains a placeholder for each fact, so that one row serves several tests.

After a message is reworded, run the tests that fail with C(MESSAGES=write) in the environment. Review the difference.
"""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ansible_collections.hybrid.connectors.plugins.module_utils._errors import RequestFailed

TABLE = Path(__file__).parents[1] / "messages.txt"
WRITE = os.environ.get("MESSAGES") == "write"
HEADING = re.compile(r"^\[([a-z0-9_.]+)\]\n", re.MULTILINE)


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Return the comment at the top of a table, and its messages by name."""
    comment, *parts = HEADING.split(text)
    return comment, {name: message.rstrip("\n") for name, message in zip(parts[::2], parts[1::2], strict=True)}


def render(comment: str, rows: dict[str, str]) -> str:
    """Return the text of a table, sorted by name."""
    return comment + "\n".join(f"[{name}]\n{rows[name]}\n" for name in sorted(rows))


def fill(row: str, facts: dict[str, object]) -> str:
    """Return a row with the facts in place of its placeholders."""
    for key, value in facts.items():
        row = row.replace(f"<{key}>", str(value))
    return row


def generalize(message: str, facts: dict[str, object]) -> str:
    """Return a message with placeholders in place of the facts, longest fact first."""
    for key, value in sorted(facts.items(), key=lambda fact: len(str(fact[1])), reverse=True):
        if str(value):
            message = re.sub(rf"(?<!\w){re.escape(str(value))}(?!\w)", f"<{key}>", message)
    return message


class MessageTable:
    """The rows of the table, each read or written by the tests that produce its message."""

    def __init__(self, path: Path = TABLE, write: bool = WRITE) -> None:
        self.path = path
        self.write = write
        self.comment, self.rows = parse(path.read_text(encoding="utf-8"))

    def check(self, name: str, message: object, /, **facts: object) -> None:
        """Check that a message is the message of a row with the facts of the test."""
        if self.write and fill(self.rows.get(name, ""), facts) != message:
            self.replace(name, generalize(str(message), facts))
        assert message == self.expected(name, **facts)

    def check_end(self, name: str | None, end: str, /, **facts: object) -> None:
        """Check that a message ends with a space and the message of a row, or with nothing if the row is None."""
        if name is None:
            assert end == ""
        else:
            assert end.startswith(" ")
            self.check(name, end[1:], **facts)

    def check_unusable(
        self, name: str, error: RequestFailed, remedy: str = "response.unusable", /, **facts: object
    ) -> None:
        """Check that a failure reports an invalid response with the cause in a row. :param remedy: the row with the end
        of the message.
        """
        failure = error.failure
        cause, _request, end = error.message.partition(f" for {failure.method} {failure.url}")
        self.check(name, cause, **facts)
        self.check(remedy, end)

    def check_in(self, name: str, text: str, /, **facts: object) -> None:
        """Check that a string contains the message of a row with the facts of the test. This method cannot rewrite the
        row, so edit the row manually.
        """
        assert self.expected(name, **facts) in text, text

    def expected(self, name: str, /, **facts: object) -> str:
        """Return the message of a row with the facts of the test. The row must contain all facts."""
        row = self.rows[name]
        unused = [key for key in facts if f"<{key}>" not in row]
        assert not unused, f"The row {name} of {self.path} does not have a placeholder for {unused}"
        return fill(row, facts)

    def replace(self, name: str, row: str) -> None:
        """Write a row while other test processes wait."""
        with self.path.open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.comment, self.rows = parse(file.read())
            self.rows[name] = row
            file.seek(0)
            file.truncate()
            file.write(render(self.comment, self.rows))
