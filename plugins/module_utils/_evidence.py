# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Decide whether a response proves what was requested: identity, effect, completeness and absence.

A response is believed only if it proves what was asked. The clients of all systems use the functions of this module, so
that there is one place for each kind of proof. Nothing here sends a request or knows a vendor.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
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
# Keys with which services announce how many items a list has, or that it goes on. Compared in lower case, letters only.
TOTALS = frozenset({"total", "totalcount", "totalelements", "totalitems", "totalresults", "totalsize"})
GOES_ON = frozenset({"hasmore", "hasnext", "hasnextpage", "incomplete", "istruncated", "truncated"})
# Keys with which services give the position of the next page. Where the API documents another one, these contradict it.
NEXT = frozenset({"next", "nextcursor", "nextlink", "nextpage", "nextpagetoken", "nexttoken", "nexturl"})
# Keys that an error or maintenance notice has and a list does not need. Beside an empty list they make it doubtful.
NOTICES = ("code", "detail", "error_code", "errorCode", "message", "reason", "status")
SUCCESSES = frozenset({"", "0", "200", "false", "none", "ok", "success"})

Object = dict[str, t.Any]


def require_identity(
    response: Response,
    what: str,
    requested: str,
    returned: object,
    same: t.Callable[[str, str], bool] = lambda one, other: one == other,
) -> None:
    """Check that the object in a response is the one that was requested.

    :param what: the object and the attribute that identifies it, for example ``connector with the id``.
    :param same: whether two identifiers are one, for a service that writes them in several ways.
    :raises InvalidResponse: the response contains a different object, or one without an identifier.
    """
    if not isinstance(returned, str) or not same(requested, returned):
        shown = f"{returned!r}"[:200] if isinstance(returned, str) else "none"
        raise response.unusable(f"another object: it requested the {what} '{requested[:200]}' and got {shown}")


def identifier_of(response: Response, item: Mapping[str, t.Any], key: str, what: str) -> str:
    """Return the identifier of a list entry or an object.

    :param what: the kind of object, for the message.
    :raises InvalidResponse: there is none, or it is not a string of a sensible length. An object that cannot be
        identified makes a whole list unusable, because nothing is known of what it stands for.
    """
    identifier = item.get(key)
    if not isinstance(identifier, str) or not identifier or len(identifier) > MAX_IDENTIFIER:
        raise response.unusable(f"{what} without a usable '{key}'")
    return identifier


def folded(identifier: str) -> str:
    """Return an identifier in a form in which identifiers that look alike are equal.

    Identifiers that differ only in case, whitespace, invisible characters or their Unicode form are most likely meant
    to be one. This decides against a deletion, never for one.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", identifier).casefold())
    return "".join(
        letter for letter in text if not letter.isspace() and unicodedata.category(letter) not in ("Cc", "Cf")
    )


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
    if content.get("success") is True:
        return PROVEN
    if isinstance(content.get("transaction_id"), str) and content["transaction_id"]:
        return PROVEN
    named = [content.get(key) for key in ("id", "pkid", "connector_id", "connectorID", "connectorId")]
    return PROVEN if any(isinstance(value, str) and value in identifiers for value in named) else UNPROVEN


def reports_error(content: Mapping[str, t.Any]) -> bool:
    """Return whether a body reports an error, whatever the HTTP status says."""
    if content.get("error") or content.get("errors"):
        return True
    if str(content.get("success")).strip().casefold() in NOT_SUCCESSFUL:
        return True
    status = str(content.get("status")).strip().casefold()
    return status in FAILED_STATUSES or re.fullmatch("[45][0-9][0-9]", status) is not None


@contextlib.contextmanager
def reading_list(remedy: str = "") -> t.Iterator[None]:
    """Report a 404 to the request for a list as what it is: the address is wrong.

    :param remedy: a sentence that says what to do about it, beyond checking 'api_url'.
    """
    try:
        yield
    except RequestFailed as error:
        if error.failure.status != 404:
            raise
        message = f"{error.message} {remedy}".rstrip()
        raise RequestFailed(message, dataclasses.replace(error.failure, reason="wrong_address")) from None


def list_content(response: Response, what: str) -> Object:
    """Return the body of the response to the GET of a list, which has to be a complete and successful response.

    :param what: the kind of the items, for messages, for example ``connectors``.
    :raises InvalidResponse: the status is not 200, or the body is not a JSON object or reports an error.
    """
    require_ok(response, f"its list of {what}")
    content = response.json_object()
    if reports_error(content):
        raise response.unusable(f"an error in place of its list of {what}")
    return content


def require_ok(response: Response, what: str) -> None:
    """Check that a response to a GET is complete. 202, 203, 206 and 207 are not: the body stands for something else.

    :param what: what was requested, for the message.
    :raises InvalidResponse: the status is not 200.
    """
    if response.status != 200:
        raise response.unusable(f"the status {response.status} for {what}")


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
        self.what = what
        self._max_pages = max_pages or MAX_PAGES
        self._pages = 0
        self._page_before: frozenset[str] = frozenset()
        self._least_total: int | None = None
        self._positions: set[str] = set()

    def add(
        self,
        response: Response,
        entries: object,
        key: str | t.Callable[[Object], object],
        convert: t.Callable[[Object], t.Any] | None = None,
    ) -> list[t.Any]:
        """Add the entries of one page and return the items that no earlier page contained.

        :param entries: what the response has in the place of its list.
        :param key: the key of the identifier, or a function that returns the identifier of an entry.
        :param convert: makes the item that is kept of an entry, so that a large page need not be kept; it may raise.
        :raises InvalidResponse: it is not a list of objects, an entry cannot be identified, or there are too many.
        """
        self._pages += 1
        if self._pages > self._max_pages:
            raise response.unusable(f"more than {self._max_pages} pages of {self.what}")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise response.unusable(f"JSON that does not contain a list of {self.what}")
        fresh = []
        identifiers = []
        for entry in entries:
            found = {"identifier": key(entry) if callable(key) else entry.get(key)}
            identifier = identifier_of(response, found, "identifier", f"an entry of the list of {self.what}")
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

    def advance(self, response: Response, position: object) -> str:
        """Return the position of the next page, which is a page token, a link or an offset.

        :raises InvalidResponse: it is not a string, or the server returned it before, so that the list would never end.
        """
        if self._pages >= self._max_pages:
            raise response.unusable(f"more than {self._max_pages} pages of {self.what}")
        if not isinstance(position, str):
            raise response.unusable(f"a position of the next page of {self.what} that is not a string")
        if not position.strip() or len(position) > MAX_POSITION:
            raise response.unusable(f"a position of the next page of {self.what} that is empty or too long")
        if position in self._positions:
            raise response.unusable(f"a page of {self.what} that it returned before, so that the list would never end")
        self._positions.add(position)
        return position

    def finish(self, response: Response, *parts: object) -> None:
        """Check that a list has ended where its last page does not give the position of another one.

        :param parts: the objects of the last page that may say how many items there are: its body, its pagination.
        :raises InvalidResponse: one of them announces more items than came, or the list is empty beside a notice.
        """
        for part in parts:
            if not isinstance(part, Mapping):
                continue
            if _announced(part) > len(self.items) or _goes_on(part):
                raise response.unusable(f"fewer {self.what} than it announces")
            if not self.items and any(_is_notice(part.get(key)) for key in NOTICES):
                raise response.unusable(f"an empty list of {self.what} beside a message")


def _announced(part: Mapping[str, t.Any]) -> int:
    """Return the largest number of items that an object announces."""
    numbers = [value for key, value in part.items() if _letters(key) in TOTALS]
    return max((value for value in numbers if isinstance(value, int) and not isinstance(value, bool)), default=0)


def _goes_on(part: Mapping[str, t.Any]) -> bool:
    keys = {_letters(key): value for key, value in part.items()}
    return any(keys.get(key) is True for key in GOES_ON) or any(keys.get(key) for key in NEXT)


def _is_notice(value: object) -> bool:
    return str(value).strip().casefold() not in SUCCESSES


def _letters(key: str) -> str:
    """Return a key in lower case without separators. No key that matters is long."""
    return key[:64].replace("_", "").replace("-", "").lower()


def require_api_404(response: Response) -> None:
    """Check that a 404 is the API's own, and not that of a proxy or of a wrong address.

    :raises InvalidResponse: its body is not a JSON object. Its reason is ``wrong_address``.
    """
    try:
        content = json.loads(response.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise response.unusable("a 404 that is not the API's own", reason="wrong_address")


def confirm_absence(
    response: Response, proven: t.Collection[str], collection: str, probe: t.Callable[[], object]
) -> None:
    """Check that a 404 means that an object does not exist.

    A 404 comes as well if 'api_url' is wrong. So it counts only if it is the API's own and the address of the
    collection has returned a list, or one of its objects, in this run.

    :param proven: the collections that have returned a list, or one of their objects, in this run.
    :param collection: path of the collection of the object.
    :param probe: reads the collection; raises if that fails.
    :raises RequestFailed: the 404 proves nothing.
    """
    require_api_404(response)
    if collection not in proven:
        probe()
