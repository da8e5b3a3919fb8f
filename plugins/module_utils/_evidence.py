# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Decide whether a response proves what was requested: identity, effect, completeness and absence.

The collection accepts a response only if the response proves what was requested. The clients of all systems use the
functions of this module, so that each kind of proof is in one place. The functions do not send requests and do not
depend on a vendor.
"""

from __future__ import annotations

import contextlib
import dataclasses
import operator
import re
import typing as t
import unicodedata
from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InvalidResponse, RequestFailed
from ansible_collections.hybrid.connectors.plugins.module_utils._response import Response

MAX_PAGES = 1000
MAX_ITEMS = 1_000_000
MAX_IDENTIFIER = 512
MAX_POSITION = 8192

PROVEN, UNPROVEN, REFUSED = "proven", "unproven", "refused"

FAILED_STATUSES = frozenset({"error", "fail", "failed", "failure", "rejected", "denied"})
NOT_SUCCESSFUL = frozenset({"false", "no", "0"})
# Keys for the number of items of a list, and for whether there are more pages. Only letters are compared.
TOTALS = frozenset({"total", "totalcount", "totalelements", "totalitems", "totalresults", "totalsize"})
HAS_MORE = frozenset({"hasmore", "hasnext", "hasnextpage", "incomplete", "istruncated", "truncated"})
# Keys for the position of the next page. If the API documents a different key, these keys contradict it.
NEXT = frozenset({"next", "nextcursor", "nextlink", "nextpage", "nextpagetoken", "nexttoken", "nexturl"})
# Keys of error and maintenance notices, which a list does not need. Together with them, an empty list proves nothing.
NOTICES = ("code", "detail", "error_code", "errorCode", "message", "reason", "status")
SUCCESSES = frozenset({"", "0", "200", "false", "none", "ok", "success"})

OBJECT_IDS = ("id", "pkid", "connector_id", "connectorID", "connectorId")

Object = dict[str, t.Any]


def require_identity(
    response: Response,
    what: str,
    requested: str,
    returned: object,
    same: t.Callable[[str, str], bool] = operator.eq,
) -> None:
    """Check that the object in a response is the requested object.

    :param what: the object and the attribute that identifies it, for example ``connector with the id``.
    :param same: returns whether two identifiers are equal, for a service that has several spellings of an identifier.
    :raises InvalidResponse: the response contains a different object, or an object without an identifier.
    """
    if not isinstance(returned, str):
        raise response.unusable(f"an object without an identifier instead of the {what} '{requested[:200]}'")
    if not same(requested, returned):
        raise response.unusable(f"the object '{returned[:200]}' instead of the {what} '{requested[:200]}'")


def identifier_of(response: Response, item: Mapping[str, t.Any], key: str, what: str) -> str:
    """Return the identifier of a list entry or an object.

    :param what: the kind of object, for the message.
    :raises InvalidResponse: there is no identifier, or it is not a string of at most :data:`MAX_IDENTIFIER` characters.
        One object that cannot be identified makes a whole list unusable, because it can be any object.
    """
    identifier = item.get(key)
    if not isinstance(identifier, str) or not identifier or len(identifier) > MAX_IDENTIFIER:
        raise response.unusable(f"{what} without a usable '{key}'")
    return identifier


def folded(identifier: str) -> str:
    """Return an identifier in a form that makes identifiers equal that look alike.

    Identifiers that differ only in case, whitespace, invisible characters or their Unicode form most likely identify
    the same object. This comparison can only prevent a deletion.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", identifier).casefold())
    return "".join(filter(_is_visible, text))


def _is_visible(letter: str) -> bool:
    return not letter.isspace() and unicodedata.category(letter) not in ("Cc", "Cf")


def content_of(response: Response) -> t.Any:
    """Return the body of a response to a change as JSON; None if it is empty or not JSON, which proves nothing."""
    try:
        return response.json()
    except InvalidResponse:
        return None


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
    transaction = content.get("transaction_id")
    if content.get("success") is True or (transaction and isinstance(transaction, str)):
        return PROVEN
    for value in map(content.get, OBJECT_IDS):
        if isinstance(value, str) and value in identifiers:
            return PROVEN
    return UNPROVEN


def reports_error(content: Mapping[str, t.Any]) -> bool:
    """Return whether a body reports an error. The HTTP status is not considered."""
    if content.get("error") or content.get("errors"):
        return True
    if str(content.get("success")).strip().casefold() in NOT_SUCCESSFUL:
        return True
    status = str(content.get("status")).strip().casefold()
    return status in FAILED_STATUSES or re.fullmatch("[45][0-9][0-9]", status) is not None


@contextlib.contextmanager
def reading_list(remedy: str = "") -> t.Iterator[None]:
    """Change the reason of a 404 for a list to ``wrong_address``, because the address of a list always exists.

    :param remedy: a sentence with a remedy in addition to checking 'api_url'.
    """
    try:
        yield
    except RequestFailed as error:
        if error.failure.status != 404:
            raise
        message = f"{error.message} {remedy}".rstrip()
        raise RequestFailed(message, dataclasses.replace(error.failure, reason="wrong_address")) from None


def list_content(response: Response, what: str) -> Object:
    """Return the body of the response to a GET request for a list, which must be complete and successful.

    :param what: the kind of the items, for messages, for example ``connectors``.
    :raises InvalidResponse: the status is not 200, or the body is not a JSON object or reports an error.
    """
    require_ok(response, f"its list of {what}")
    content = response.json_object()
    if reports_error(content):
        raise response.unusable(f"an error instead of its list of {what}")
    return content


def require_ok(response: Response, what: str) -> None:
    """Check that a response to a GET request is complete.

    The statuses 202, 203, 206 and 207 are successful, but the body is not the complete requested object.

    :param what: the requested object or list, for the message.
    :raises InvalidResponse: the status is not 200.
    """
    if response.status != 200:
        raise response.unusable(f"the status {response.status} for {what}")


class ListReader:
    """Collect the items of a paginated list, and check that the list is usable, ends and is complete.

    An identifier that occurs twice is one item, because pages shift while objects are created or deleted.

    :ivar items: the items by their identifiers.
    :ivar repeated: the number of entries that an earlier page contained as well.
    :ivar page: the identifiers of the last page.
    :param what: the kind of the items, for messages, for example ``connectors``.
    :param max_pages: the maximum number of pages; by default :data:`MAX_PAGES`.
    """

    def __init__(self, what: str, max_pages: int | None = None) -> None:
        self.items: dict[str, t.Any] = {}
        self.repeated = 0
        self.page: frozenset[str] = frozenset()
        self.what = what
        self._max_pages = max_pages or MAX_PAGES
        self._pages = 0
        self._page_before: frozenset[str] = frozenset()
        self._totals: list[int] = []
        self._positions: set[str] = set()

    def add(
        self,
        response: Response,
        entries: object,
        key: str | t.Callable[[Object], object],
        convert: t.Callable[[Object], t.Any] | None = None,
    ) -> list[t.Any]:
        """Add the entries of one page, and return the items that no earlier page contained.

        :param entries: the value that should be the list.
        :param key: the key of the identifier, or a function that returns the identifier of an entry.
        :param convert: converts an entry to the item that is kept, so that large pages are not kept. It may raise.
        :raises InvalidResponse: the value is not a list of objects, an entry cannot be identified, or there are more
            than :data:`MAX_ITEMS` items.
        """
        self._pages += 1
        if self._pages > self._max_pages:
            raise response.unusable(f"more than {self._max_pages} pages of {self.what}")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise response.unusable(f"JSON that does not contain a list of {self.what}")
        fresh = []
        identifiers = []
        for entry in entries:
            identifier = self._identify(response, entry, key)
            identifiers.append(identifier)
            if identifier in self.items:
                self.repeated += 1
                continue
            self.items[identifier] = convert(entry) if convert else entry
            fresh.append(self.items[identifier])
        if len(self.items) > MAX_ITEMS:
            raise response.unusable(f"more than {MAX_ITEMS} {self.what}")
        self._page_before, self.page = self.page, frozenset(identifiers)
        return fresh

    def _identify(self, response: Response, entry: Object, key: str | t.Callable[[Object], object]) -> str:
        found = key(entry) if callable(key) else entry.get(key)
        return identifier_of(response, {"identifier": found}, "identifier", f"an entry of the list of {self.what}")

    def announce(self, total: int) -> None:
        """Store the number of items that the server announces. The number can differ from page to page."""
        self._totals.append(total)

    @property
    def is_connected(self) -> bool:
        """Whether the last page contains an item of the page before it, if their positions overlap.

        If not, items between the pages were missed: objects were deleted, and later objects moved to earlier pages.
        """
        return bool(self.page & self._page_before)

    @property
    def is_complete(self) -> bool:
        """Whether there are at least as many items as the smallest number that the server announced."""
        return len(self.items) >= min(self._totals, default=0)

    def advance(self, response: Response, position: object) -> str:
        """Return the position of the next page, which is a page token, a link or an offset.

        :raises InvalidResponse: the position is not a string, or was returned before, so that the list would not end.
        """
        if self._pages >= self._max_pages:
            raise response.unusable(f"more than {self._max_pages} pages of {self.what}")
        if not isinstance(position, str):
            raise response.unusable(f"a position of the next page of {self.what} that is not a string")
        if not position.strip() or len(position) > MAX_POSITION:
            raise response.unusable(f"a position of the next page of {self.what} that is empty or too long")
        if position in self._positions:
            raise response.unusable(f"a page of {self.what} that it returned before, so that the list does not end")
        self._positions.add(position)
        return position

    def finish(self, response: Response, *parts: object) -> None:
        """Check that a list is complete if its last page does not contain the position of a next page.

        :param parts: the objects of the last page that can contain the number of items: its body, its pagination.
        :raises InvalidResponse: one of them announces more items, or the list is empty and the body contains a notice.
        """
        for part in parts:
            if not isinstance(part, Mapping):
                continue
            if _announced(part) > len(self.items) or _has_more(part):
                raise response.unusable(f"fewer {self.what} than it announces")
            if not self.items and any(map(_is_notice, map(part.get, NOTICES))):
                raise response.unusable(f"an empty list of {self.what} together with a message")


def _announced(part: Mapping[str, t.Any]) -> int:
    """Return the largest number of items that an object announces."""
    largest = 0
    for key, value in part.items():
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and _letters(key) in TOTALS:
            largest = max(largest, value)
    return largest


def _has_more(part: Mapping[str, t.Any]) -> bool:
    """Return whether an object announces more pages."""
    for key, value in part.items():
        name = _letters(key)
        if (value is True and name in HAS_MORE) or (value and name in NEXT):
            return True
    return False


def _is_notice(value: object) -> bool:
    return str(value).strip().casefold() not in SUCCESSES


def _letters(key: str) -> str:
    """Return a key in lower case without separators. Only the beginning of a long key is considered."""
    return key[:64].replace("_", "").replace("-", "").lower()


def require_api_404(response: Response) -> None:
    """Check that the API itself returned a 404, and not a proxy or a different server.

    :raises InvalidResponse: the body is not a JSON object. The reason is ``wrong_address``.
    """
    if not isinstance(content_of(response), dict):
        raise response.unusable("a 404 that is not a response of the API", reason="wrong_address")


def confirm_absence(
    response: Response, proven: t.Collection[str], collection: str, probe: t.Callable[[], object]
) -> None:
    """Check that a 404 means that an object does not exist.

    A server also returns a 404 if 'api_url' is wrong. Therefore, the 404 must be a response of the API, and the address
    of the collection must have returned a list, or one of its objects, in this run.

    :param proven: the collections that have returned a list, or one of their objects, in this run.
    :param collection: the path of the collection of the object.
    :param probe: reads the collection, and raises if that fails.
    :raises RequestFailed: the 404 proves nothing.
    """
    require_api_404(response)
    if collection not in proven:
        probe()
