# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Store the state of a bulk run: the work item of each connector, and the current names of all connectors."""

from __future__ import annotations

import dataclasses
import typing as t
from collections import defaultdict

from ..._errors import ConnectorsError, as_failure
from .client import Connector


@dataclasses.dataclass
class WorkItem:
    """The desired name of one connector, and the result of the operation on this connector.

    :ivar before: the connector before the run; empty if the connector does not exist in Apono.
    :ivar name: the desired name; None if the connector is not renamed.
    :ivar after: the connector after the run. If the run deletes the connector, its state before the deletion.
    :ivar why: why the connector was kept, or how it was renamed.
    :ivar temporary: the temporary name of a connector that exchanges its name with other connectors.
    """

    identifier: str
    before: Connector
    name: str | None = None
    after: Connector = dataclasses.field(init=False)
    action: str = "unchanged"
    why: str | None = None
    error: ConnectorsError | None = None
    temporary: str | None = None
    is_gone: bool = False

    def __post_init__(self) -> None:
        self.after = self.before

    @property
    def name_before(self) -> object:
        """Return the name that the connector had before the run."""
        return self.before.get("name")

    def fail(self, error: ConnectorsError) -> None:
        """Record the failure of a work item. The error contains the connector if the operation changed it."""
        self.action, self.error = "failed", error
        self.after = error.result.get("connector", self.after)

    def keep(self, why: str) -> None:
        """Record that the connector is kept, and why."""
        self.action, self.why = "kept", why

    def set_gone(self) -> None:
        """Record that the connector had already been deleted outside this run."""
        self.action, self.why, self.is_gone = "unchanged", "already deleted", True

    def attempt(self, operation: t.Callable[[WorkItem], None]) -> None:
        """Run an operation. If it fails, record the failure without raising an error, so that the run continues."""
        try:
            operation(self)
        except Exception as error:  # a bug or an unexpected response can cause any exception
            self.fail(as_failure(error, "outcome_unknown"))


class Names:
    """The current names of all connectors. Names that are not strings are ignored."""

    def __init__(self, connectors: t.Iterable[Connector]) -> None:
        self._names: dict[str, object] = {}
        self._owners: dict[object, set[str]] = defaultdict(set)
        for item in connectors:
            self.assign(item["id"], item.get("name"))

    def assign(self, identifier: str, name: object) -> None:
        """Store the new name of a connector, or None for a deleted connector."""
        before = self._names.pop(identifier, None)
        self._owners[before].discard(identifier)
        if isinstance(name, str):
            self._names[identifier] = name
            self._owners[name].add(identifier)

    def of(self, identifier: str) -> object:
        """Return the current name of a connector, or None if it does not have a name."""
        return self._names.get(identifier)

    def owners(self, name: object) -> set[str]:
        """Return the IDs of the connectors that have this name."""
        return self._owners[name] if isinstance(name, str) else set()
