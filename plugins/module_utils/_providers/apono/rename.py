# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Rename Apono connectors, including connectors that swap names with each other."""

from __future__ import annotations

import hashlib
import operator
import typing as t

from ..._client import ApiClient
from ..._errors import ConnectorsError, InputError
from ..._plan import shown
from . import client
from .work_items import Names, WorkItem


class Renamer:
    """Rename the connectors of one run.

    :param names: the current names of all connectors. The renamer updates them.
    """

    def __init__(self, http: ApiClient, names: Names, check_mode: bool) -> None:
        self._http = http
        self._names = names
        self._check_mode = check_mode

    def run(self, items: t.Iterable[WorkItem]) -> None:
        """Rename the connectors in an order that ensures that each new name is free when it is needed."""
        renamed = [item for item in items if item.name not in (None, item.name_before)]
        waiting = list(renamed)
        while waiting:
            free = next(filter(self._is_free, waiting), None)
            if free:
                waiting.remove(free)
                free.attempt(self._rename)
                continue
            cyclic = self._cyclic(waiting)
            if cyclic is None:
                break
            cyclic.attempt(self._use_temporary_name)
            if cyclic.error:
                waiting.remove(cyclic)
        for item in waiting:
            item.fail(self._conflict(item, renamed))
        self._end_temporary_names(items)

    def _send(self, item: WorkItem, name: str, is_temporary: bool = False) -> client.Connector:
        """Rename a connector and return it. In check mode, return the expected result without sending a request.

        :param is_temporary: see :func:`client.rename`.
        """
        current = {**item.before, "name": self._names.of(item.identifier)}
        if self._check_mode:
            connector = {**current, "name": name}
        else:
            try:
                connector = client.rename(self._http, current, name, is_temporary)
            except ConnectorsError as error:
                # If Apono stored a third name, no other connector may get this name.
                stored = error.result.get("connector", current)
                self._names.assign(item.identifier, stored["name"])
                raise
        self._names.assign(item.identifier, connector["name"])
        return connector

    def _is_free(self, item: WorkItem) -> bool:
        return not self._names.owners(item.name)

    def _rename(self, item: WorkItem) -> None:
        item.after = self._send(item, str(item.name))
        item.action = "renamed"

    def _cyclic(self, waiting: t.Sequence[WorkItem]) -> WorkItem | None:
        """Return a connector from a cycle of connectors in which each one needs the current name of the next one."""
        by_identifier = {item.identifier: item for item in waiting}
        return next((item for item in waiting if self._waits_for_itself(item, by_identifier)), None)

    def _waits_for_itself(self, start: WorkItem, waiting: t.Mapping[str, WorkItem]) -> bool:
        item = start
        for _number in waiting:
            owners = self._names.owners(item.name)
            following = waiting.get(next(iter(owners))) if len(owners) == 1 else None
            if following is None or following.temporary:
                return False
            if following is start:
                return True
            item = following
        return False

    def _use_temporary_name(self, item: WorkItem) -> None:
        """Give a connector a temporary name, so that its current name is free for another connector.

        The name depends only on the ID, so that the next run recognizes a temporary name from an interrupted run.
        """
        digest = hashlib.sha256(item.identifier.encode()).hexdigest()[:12]
        name = f"renaming-{digest}"
        number = 1
        while not self._names.owners(name) <= {item.identifier}:
            number += 1
            name = f"renaming-{digest}-{number}"
        item.temporary = str(self._send(item, name, is_temporary=True)["name"])
        item.why = (
            f"renamed through the temporary name '{shown(item.temporary)}', because connectors exchange their names"
        )

    def _end_temporary_names(self, items: t.Iterable[WorkItem]) -> None:
        """Restore the previous names of connectors that could not be renamed, or report their temporary names."""
        for item in items:
            if not item.error or not item.temporary:
                continue
            item.why = None
            if self._names.of(item.identifier) != item.temporary:
                continue  # the error already contains the name that Apono stored instead of the desired name
            error = self._restore(item, item.error)
            if error is None:
                item.temporary = None
                continue
            name = self._names.of(item.identifier)
            item.after = {**item.before, "name": name}
            message = f"The connector now has the temporary name '{shown(name)}'. Run the task again."
            if "outcome_unknown" in (item.error.reason, error.reason):
                message = (
                    f"The connector had the temporary name '{shown(name)}' before a rename whose outcome is unknown."
                    " Run the task again."
                )
            item.error = item.error.with_message(f"{item.error.message} {message}")

    def _restore(self, item: WorkItem, error: ConnectorsError) -> ConnectorsError | None:
        """Restore the previous name of a connector. Return None, or the error because of which it was not restored.

        :param error: the error of the previous rename. The function returns it if the previous name is no longer free.
        """
        if self._names.owners(item.name_before) - {item.identifier}:
            return error
        try:
            self._send(item, str(item.name_before))
        except ConnectorsError as failed:
            return failed
        return None

    def _conflict(self, item: WorkItem, renamed: t.Iterable[WorkItem]) -> InputError:
        """Return the error for a connector whose new name is not free.

        :param renamed: all connectors that the run renames.
        """
        owner = min(self._names.owners(item.name))
        message = f"The name '{item.name}' belongs to the connector with the id '{owner}'. Names must be unique."
        # A connector that still has this name, or has it again, was not renamed.
        if (owner, item.name) in map(operator.attrgetter("identifier", "name_before"), renamed):
            message += " That connector had to be renamed first, but renaming it failed."
        return InputError(message, reason="conflict")
