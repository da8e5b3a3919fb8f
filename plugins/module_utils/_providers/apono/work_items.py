# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""State of a bulk run: one work item for each connector, and the names that the connectors have."""

from __future__ import annotations

import dataclasses
import typing as t
from collections import defaultdict

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.client import Connector


@dataclasses.dataclass
class WorkItem:
    """The desired name of one connector, and what the run did or would do in check mode.

    :ivar why: why the connector was kept, or how it was renamed.
    :ivar temporary: the temporary name of a connector that exchanges its name with other connectors.
    """

    identifier: str
    before: Connector | None
    name: str | None = None
    after: Connector | None = None
    action: str = "unchanged"
    why: str | None = None
    error: ConnectorsError | None = None
    temporary: str | None = None

    @property
    def name_before(self) -> object:
        """Return the name that the connector had before the run."""
        return (self.before or {}).get("name")

    def fail(self, error: ConnectorsError) -> None:
        """Record a failure."""
        self.action, self.error = "failed", error

    def keep(self, why: str) -> None:
        """Record that the connector is not deleted, and why."""
        self.action, self.why, self.after = "kept", why, self.before

    def set_gone(self) -> None:
        """Record that a different client deleted the connector."""
        self.action, self.why = "unchanged", "gone already"

    def attempt(self, operation: t.Callable[[WorkItem], None]) -> None:
        """Run an operation. Record every failure, so that the outcomes of the other work items are not lost."""
        try:
            operation(self)
        except ConnectorsError as error:
            self.fail(error)
        except Exception as error:  # a defect, or a response of an unforeseen form
            self.fail(
                ConnectorsError(
                    f"Cannot process a response ({type(error).__name__}). Whether the change was made is unknown."
                    " This is a defect; please report it.",
                    reason="outcome_unknown",
                )
            )


class Names:
    """The current names of all connectors. Values that are not strings are ignored."""

    def __init__(self, connectors: t.Iterable[Connector]) -> None:
        self._names: dict[str, object] = {}
        self._owners: dict[object, set[str]] = defaultdict(set)
        for item in connectors:
            self.assign(item["id"], item.get("name"))

    def assign(self, identifier: str, name: object) -> None:
        """Assign a name to a connector; None if the connector was deleted."""
        before = self._names.pop(identifier, None)
        self._owners[before].discard(identifier)
        if isinstance(name, str):
            self._names[identifier] = name
            self._owners[name].add(identifier)

    def owners(self, name: object) -> set[str]:
        """Return the IDs of the connectors with a name."""
        return self._owners[name] if isinstance(name, str) else set()
