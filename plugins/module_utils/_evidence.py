# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Decide whether a response proves what was requested: identity, effect, completeness and absence.

A response is believed only if it proves what was asked. The clients of all systems use the functions of this module, so
that there is one place for each kind of proof. Nothing here sends a request or knows a vendor.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._answer import Answer

MAX_PAGES = 1000
MAX_ITEMS = 1_000_000
MAX_IDENTIFIER = 512

PROVEN, UNPROVEN, REFUSED = "proven", "unproven", "refused"

FAILED_STATUSES = frozenset({"error", "fail", "failed", "failure", "rejected", "denied"})

Object = dict[str, t.Any]


def require_identity(answer: Answer, what: str, requested: str, returned: object) -> None:
    """Check that the object in a response is the one that was requested.

    :param what: the object and the attribute that identifies it, for example ``connector with the id``.
    :raises UnusableAnswer: the response contains a different object, or one without an identifier.
    """
    if returned != requested:
        shown = f"{returned!r}"[:200] if isinstance(returned, str) else "none"
        raise answer.unusable(f"another object: it requested the {what} '{requested[:200]}' and got {shown}")


def identifier_of(answer: Answer, item: Mapping[str, t.Any], key: str, what: str) -> str:
    """Return the identifier of a list entry or an object.

    :param what: the kind of object, for the message.
    :raises UnusableAnswer: there is none, or it is not a string of a sensible length. An object that cannot be
        identified makes a whole list unusable, because nothing is known of what it stands for.
    """
    identifier = item.get(key)
    if not isinstance(identifier, str) or not identifier or len(identifier) > MAX_IDENTIFIER:
        raise answer.unusable(f"{what} without a usable '{key}'")
    return identifier


def effect_of(content: object, identifiers: t.Collection[str] = ()) -> str:
    """Return whether the body of a 2xx response to a change proves that the change was made.

    :param content: the parsed body; None if the body is empty.
    :param identifiers: values that identify the object of the change, such as its id.
    :returns: ``proven`` if the body names the object, its transaction or an explicit success; ``refused`` if it reports
        an error in spite of the status; else ``unproven``, and only reading afterwards shows what happened.
    """
    if not isinstance(content, Mapping):
        return UNPROVEN
    if reports_error(content):
        return REFUSED
    if content.get("success") is True:
        return PROVEN
    if isinstance(content.get("transaction_id"), str) and content["transaction_id"]:
        return PROVEN
    named = [content.get(key) for key in ("id", "pkid", "connector_id", "connectorID", "connectorId")]
    return PROVEN if any(isinstance(value, str) and value in identifiers for value in named) else UNPROVEN


def reports_error(content: Mapping[str, t.Any]) -> bool:
    """Return whether a body reports an error, whatever the HTTP status says."""
    if content.get("success") is False or content.get("error") or content.get("errors"):
        return True
    return str(content.get("status")).strip().casefold() in FAILED_STATUSES


class ListReader:
    """Collect the items of a paginated list and decide whether the list is usable, ends and is complete.

    The same identifier twice is one item: pages shift while objects are created or deleted.

    :ivar items: the items by their identifiers.
    :ivar repeated: how many entries were there before.
    :ivar page: the identifiers of the last page.
    :param what: the kind of the items, for messages, for example ``connectors``.
    :param max_pages: how many pages a list may have; by default :data:`MAX_PAGES`.
    """

    def __init__(self, what: str, max_pages: int | None = None) -> None:
        self.items: dict[str, t.Any] = {}
        self.repeated = 0
        self.page: frozenset[str] = frozenset()
        self._what = what
        self._max_pages = max_pages or MAX_PAGES
        self._pages = 0
        self._page_before: frozenset[str] = frozenset()
        self._least_total: int | None = None
        self._positions: set[str] = set()

    def add(
        self,
        answer: Answer,
        entries: object,
        key: str | t.Callable[[Object], object],
        convert: t.Callable[[Object], t.Any] | None = None,
    ) -> list[t.Any]:
        """Add the entries of one page and return the items that no earlier page contained.

        :param entries: what the response has in the place of its list.
        :param key: the key of the identifier, or a function that returns the identifier of an entry.
        :param convert: makes the item that is kept of an entry, so that a large page need not be kept; it may raise.
        :raises UnusableAnswer: it is not a list of objects, an entry cannot be identified, or there are too many.
        """
        self._pages += 1
        if self._pages > self._max_pages:
            raise answer.unusable(f"more than {self._max_pages} pages of {self._what}")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise answer.unusable(f"JSON that does not contain a list of {self._what}")
        fresh = []
        identifiers = []
        for entry in entries:
            found = {"identifier": key(entry) if callable(key) else entry.get(key)}
            identifier = identifier_of(answer, found, "identifier", f"an entry of the list of {self._what}")
            identifiers.append(identifier)
            if identifier in self.items:
                self.repeated += 1
                continue
            self.items[identifier] = convert(entry) if convert else entry
            fresh.append(self.items[identifier])
        if len(self.items) > MAX_ITEMS:
            raise answer.unusable(f"more than {MAX_ITEMS} {self._what}")
        self._page_before, self.page = self.page, frozenset(identifiers)
        return fresh

    def announce(self, total: int) -> None:
        """Note how many items the server announces. It may announce another number with each page."""
        self._least_total = total if self._least_total is None else min(self._least_total, total)

    @property
    def is_connected(self) -> bool:
        """Whether the last page contains an item of the page before it, if their positions overlap.

        If not, items between them were missed: objects were deleted meanwhile, and later ones moved to earlier pages.
        """
        return bool(self.page & self._page_before)

    @property
    def is_complete(self) -> bool:
        """Whether there are as many items as the server announced at least."""
        return self._least_total is None or len(self.items) >= self._least_total

    def advance(self, answer: Answer, position: object) -> str:
        """Return the position of the next page, which is a page token, a link or an offset.

        :raises UnusableAnswer: it is not a string, or the server returned it before, so that the list would never end.
        """
        if not isinstance(position, str):
            raise answer.unusable(f"a position of the next page of {self._what} that is not a string")
        if position in self._positions:
            raise answer.unusable(f"a page of {self._what} that it returned before, so that the list would never end")
        self._positions.add(position)
        return position


def require_api_404(answer: Answer) -> None:
    """Check that a 404 is the API's own, and not that of a proxy or of a wrong address.

    :raises UnusableAnswer: its body is not a JSON object. Its reason is ``wrong_address``.
    """
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise answer.unusable("a 404 that is not the API's own", reason="wrong_address")


def confirm_absence(answer: Answer, proven: t.Collection[str], collection: str, probe: t.Callable[[], object]) -> None:
    """Check that a 404 means that an object does not exist.

    A 404 comes as well if 'api_url' is wrong. So it counts only if it is the API's own and the address of the
    collection has returned a list in this run.

    :param proven: the collections that have returned a list in this run.
    :param collection: path of the collection of the object.
    :param probe: reads the collection; raises if that fails.
    :raises RequestFailed: the 404 proves nothing.
    """
    require_api_404(answer)
    if collection not in proven:
        probe()
