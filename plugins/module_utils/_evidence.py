# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Check whether responses prove that an object exists, was changed or does not exist, or that a list is complete.

The clients for all systems use the functions in this module, so that each kind of proof is implemented only once. The
functions do not send requests and do not depend on a vendor.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import operator
import re
import typing as t
import unicodedata
from collections.abc import Mapping

from ._client import ApiClient
from ._errors import InvalidResponse, OutcomeUnknown, RequestFailed
from ._plan import first_of, shown
from ._request_errors import UNKNOWN_OUTCOME
from ._response import Reduce, Response, is_integer, is_list_of

MAX_PAGES = 1000
MAX_ITEMS = 1_000_000
MAX_IDENTIFIER = 512
MAX_POSITION = 8192

PROVEN, UNPROVEN, REFUSED = "proven", "unproven", "refused"

FAILED_STATUS = re.compile("error|fail|failed|failure|rejected|denied|[45][0-9][0-9]")
NOT_SUCCESSFUL = frozenset({"false", "no", "0"})
# Keys for the number of items, and keys that indicate more pages. All keys are in lower case without separators.
TOTALS = frozenset({"total", "totalcount", "totalelements", "totalitems", "totalresults", "totalsize"})
HAS_MORE = frozenset({"hasmore", "hasnext", "hasnextpage", "incomplete", "istruncated", "truncated"})
# Keys of the cursor for the next page. If one of these keys has a value, the list is incomplete.
NEXT = frozenset({"next", "nextcursor", "nextlink", "nextpage", "nextpagetoken", "nexttoken", "nexturl"})
# Keys of error and maintenance notices. An empty list with such a notice does not prove that there are no items.
NOTICES = ("code", "detail", "error_code", "errorCode", "message", "reason", "status")
SUCCESSES = frozenset({"", "0", "200", "false", "none", "ok", "success"})

# Unicode categories of control characters, format characters and white space.
INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp")

OBJECT_IDS = ("id", "pkid", "connector_id", "connectorID", "connectorId")

Object = dict[str, t.Any]
Same = t.Callable[[str, str], bool]


def require_identity(response: Response, what: str, requested: str, returned: object, same: Same = operator.eq) -> None:
    """Check that a response contains the requested object.

    :param what: the kind of object and the name of its identifier, for example ``connector with the id``.
    :param same: returns whether two identifiers are equal, for services with several spellings of an identifier.
    :raises InvalidResponse: the response contains a different object, or an object without an identifier.
    """
    if not isinstance(returned, str):
        raise response.malformed(f"an object without an identifier instead of the {what} '{shown(requested)}'")
    if not same(requested, returned):
        raise response.malformed(f"the object '{shown(returned)}' instead of the {what} '{shown(requested)}'")


def folded(identifier: str) -> str:
    """Normalize an identifier, so that identifiers that look the same compare equal.

    Identifiers that differ only in case, whitespace, invisible characters or their Unicode form most likely identify
    the same object. A match never causes a deletion.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", identifier).casefold())
    return "".join(letter for letter in text if unicodedata.category(letter) not in INVISIBLE)


def require_texts(response: Response, what: str, entries: t.Iterable[Object], key: str, identifier: str) -> None:
    """Check that each entry of a list has a string under a key, because the module selects objects by this key.

    If entries lack the key, the list does not prove that no object has the requested value.

    :param what: the plural noun for the entries in the message.
    :param identifier: the key of the ID of an entry.
    :raises InvalidResponse: the value of an entry is missing or not a string.
    """
    lacking = [f"'{shown(entry.get(identifier))}'" for entry in entries if not isinstance(entry.get(key), str)]
    if lacking:
        raise response.unusable(
            f"{what} without the property '{key}' ({first_of(lacking, 5)})",
            remedy=f"Set the {key} of these {what}, or use '{identifier}' to select an object by its ID.",
        )


def content_of(response: Response) -> t.Any:
    """Return the parsed JSON body of the response to a change, or None if the body is empty or not JSON."""
    try:
        return response.json()
    except InvalidResponse:
        return None


def effect_of(content: object, identifiers: t.Collection[str] = ()) -> str:
    """Return whether the body of a 2xx response proves that a change was made.

    :param content: the parsed body; None if the body is empty.
    :param identifiers: values that identify the changed object, such as its id.
    :returns: ``proven`` if the body contains the id of the object or of a transaction, or explicitly reports success;
        ``refused`` if the body reports an error despite the success status; otherwise ``unproven``. If the result is
        ``unproven``, the caller must read the object to determine whether the change was made.
    """
    if not isinstance(content, Mapping):
        return UNPROVEN
    if reports_error(content):
        return REFUSED
    if content.get("success") is True or text_or_empty(content.get("transaction_id")):
        return PROVEN
    found = set(map(text_or_empty, map(content.get, OBJECT_IDS))) - {""}
    if found.isdisjoint(identifiers):
        return UNPROVEN
    return PROVEN


def text_or_empty(value: object) -> str:
    """Return the value if it is a string, or an empty string for any other type."""
    return value if isinstance(value, str) else ""


@contextlib.contextmanager
def verifying(http: ApiClient, change: str) -> t.Iterator[None]:
    """Convert the errors of requests that verify a change, because the server has already accepted the change.

    :param change: a phrase that describes the change; see :func:`without_effect`.
    :raises OutcomeUnknown: one of the requests failed.
    """
    try:
        yield
    except RequestFailed as error:
        message = (
            f"{http.title} returned a success status for {change}, but the module could not verify the change:"
            f" {error.message}{UNKNOWN_OUTCOME}"
        )
        raise OutcomeUnknown(message, dataclasses.replace(error.failure, reason="outcome_unknown")) from None


def without_effect(response: Response, change: str, content: object) -> InvalidResponse:
    """Return the error for a change that the server did not make, although it returned a success status.

    :param change: a phrase that describes the change and begins with a gerund, for example ``deleting the group 'a'``.
    :param content: the parsed body of the response.
    """
    what = f"a success status without {change}"
    if effect_of(content) == REFUSED:
        return response.unusable(what, reason="refused")
    return response.malformed(what)


def contains_error(content: Mapping[str, t.Any]) -> bool:
    """Return whether a response body that should be an object contains an error instead.

    The ``status`` of an object is data: a failed object has the status ``Error``, although the request succeeded.
    """
    if any(map(content.get, ("error", "errors"))):
        return True
    return str(content.get("success")).strip().casefold() in NOT_SUCCESSFUL


def reports_error(content: Mapping[str, t.Any]) -> bool:
    """Return whether the response body of a list or a change reports an error, regardless of the HTTP status."""
    if contains_error(content):
        return True
    return FAILED_STATUS.fullmatch(str(content.get("status")).strip().casefold()) is not None


def is_free_of_errors(content: object) -> t.TypeGuard[dict[str, t.Any]]:
    """Return whether the response body of a change is a JSON object that does not report an error."""
    return isinstance(content, dict) and not reports_error(content)


@contextlib.contextmanager
def reading_list(remedy: str = "") -> t.Iterator[None]:
    """Set the reason to ``wrong_address`` if a list request fails with status 404, because list URLs always exist.

    :param remedy: a sentence with a remedy, which is added to the message.
    """
    try:
        yield
    except RequestFailed as error:
        if error.failure.status != 404:
            raise
        message = f"{error.message} {remedy}".rstrip()
        raise RequestFailed(message, dataclasses.replace(error.failure, reason="wrong_address")) from None


def list_content(response: Response, what: str, reduce: Reduce | None = None) -> Object:
    """Check that the response to a list request is complete and successful, and return its body.

    :param what: the plural noun for the items in messages, for example ``connectors``.
    :param reduce: a function that removes unused values from each object; see :meth:`Response.json`.
    :raises InvalidResponse: the status is not 200, or the body is not a JSON object or reports an error.
    """
    require_ok(response, f"a list of {what}")
    content = response.json_object(reduce)
    if reports_error(content):
        raise response.malformed(f"an error instead of a list of {what}")
    return content


def object_content(response: Response, what: str) -> Object:
    """Check that the response to a GET request for a single object is complete and successful, and return its body.

    :param what: the kind of object with its article for messages, for example ``a connector``.
    :raises InvalidResponse: the status is not 200, or the body is not a JSON object or contains an error.
    """
    require_ok(response, what)
    content = response.json_object()
    if contains_error(content):
        raise response.malformed(f"an error instead of {what}")
    return content


def require_ok(response: Response, what: str) -> None:
    """Check that the response to a GET request is complete.

    The statuses 202, 203, 206 and 207 report a success, but the body is not the complete requested object.

    :param what: a noun phrase for the requested object or list, for the message.
    :raises InvalidResponse: the status is not 200.
    """
    if response.status != 200:
        raise response.malformed(f"{what} with the status {response.status} instead of 200")


class ListReader:
    """Collect the items of a paginated list, and check that the list is valid, finite and complete.

    Entries with the same identifier count as one item, because an entry can move to a different page if objects are
    created or deleted in the meantime.

    :ivar items: the items by identifier.
    :ivar repeated: the number of entries that were also on an earlier page.
    :ivar page: the identifiers on the last page.
    :ivar totals: the total item counts that the server reported, which can differ from page to page.
    :param what: the plural noun for the items in messages, for example ``connectors``.
    """

    def __init__(self, what: str) -> None:
        self.items: dict[str, t.Any] = {}
        self.repeated = 0
        self.page: frozenset[str] = frozenset()
        self.what = what
        self._pages = 0
        self._page_before: frozenset[str] = frozenset()
        self.totals: list[int] = []
        self._positions: set[str] = set()

    def add(
        self,
        response: Response,
        entries: object,
        key: str | t.Callable[[Object], object],
        convert: t.Callable[[str, Object], t.Any] = lambda _identifier, entry: entry,
    ) -> list[t.Any]:
        """Add the entries of a page, and return the items that were not on an earlier page.

        :param entries: the value that should be a list of objects.
        :param key: the key of the identifier, or a function that returns the identifier of an entry.
        :param convert: converts an identifier and its entry to the item to store, so that large pages are not kept in
            memory. The function can raise an exception.
        :raises InvalidResponse: the value is not a list of objects, an entry does not have a valid identifier, or there
            are more than :data:`MAX_ITEMS` items. One object without an identifier makes the whole list unusable,
            because the object cannot be identified.
        """
        self._pages += 1
        if self._pages > MAX_PAGES:
            raise response.malformed(f"a list of {self.what} with more than {MAX_PAGES} pages")
        if not is_list_of(entries, dict):
            raise response.unusable(f"JSON that does not contain a list of {self.what}")
        fresh = []
        identifiers = []
        for entry in entries:
            identifier = self._identify(response, entry, key)
            identifiers.append(identifier)
            if identifier in self.items:
                self.repeated += 1
                continue
            item = self.items[identifier] = convert(identifier, entry)
            fresh.append(item)
        if len(self.items) > MAX_ITEMS:
            raise response.malformed(f"a list with more than {MAX_ITEMS} {self.what}")
        self._page_before, self.page = self.page, frozenset(identifiers)
        return fresh

    def _identify(self, response: Response, entry: Object, key: str | t.Callable[[Object], object]) -> str:
        identifier = text_or_empty(key(entry) if callable(key) else entry.get(key))
        if not 0 < len(identifier) <= MAX_IDENTIFIER:
            raise response.malformed(f"a list of {self.what} in which an entry does not have a valid identifier")
        return identifier

    @property
    def is_connected(self) -> bool:
        """Whether the last two pages have an item in common.

        If the pages overlap by position but have no item in common, the list is missing items: objects were deleted
        during the run, and later objects moved to earlier pages.
        """
        return bool(self.page & self._page_before)

    @property
    def is_complete(self) -> bool:
        """Whether the list contains at least as many items as the smallest total that the server reported."""
        return len(self.items) >= min(self.totals, default=0)

    def advance(self, response: Response, position: object) -> str:
        """Check and return the cursor for the next page, which is a page token, a link or an offset.

        :raises InvalidResponse: the position is not a string, or an earlier page had the same position, so that the
            list would not end.
        """
        if self._pages >= MAX_PAGES:
            raise response.malformed(f"a list of {self.what} with more than {MAX_PAGES} pages")
        if not isinstance(position, str):
            raise response.malformed(f"a list of {self.what} in which the cursor for the next page is not a string")
        if not 0 < len(position.strip()) <= MAX_POSITION:
            raise response.malformed(
                f"a list of {self.what} in which the cursor for the next page is empty or too long"
            )
        if position in self._positions:
            raise response.malformed(f"a list of {self.what} in which the next page is an earlier page")
        self._positions.add(position)
        return position

    def finish(self, response: Response, *parts: object) -> None:
        """Check that a list is complete after its last page was read.

        :param parts: the JSON objects of the last page that can contain the number of items, such as ``pagination``.
        :raises InvalidResponse: an object reports more items than the pages contain, or the list is empty and an
            object contains a notice.
        """
        for part in parts:
            if not isinstance(part, Mapping):
                continue
            if _announced(part) > len(self.items):
                raise response.malformed(f"fewer {self.what} than the total in the response")
            notices = {str(part.get(name)).strip().casefold() for name in NOTICES} - SUCCESSES
            if notices and not self.items:
                raise response.malformed(f"an empty list of {self.what} together with an error or maintenance message")


def _announced(part: Mapping[str, t.Any]) -> float:
    """Return the largest item count in a JSON object, or infinity if the object indicates that there are more pages."""
    largest = 0.0
    for key, value in part.items():
        name = key[:64].replace("_", "").replace("-", "").lower()
        if name in HAS_MORE and value is True:
            return math.inf
        if name in NEXT and value:
            return math.inf
        if name in TOTALS and is_integer(value):
            largest = max(largest, value)
    return largest


def require_api_404(response: Response) -> None:
    """Check that a 404 response comes from the API itself, and not from a proxy or a different server.

    :raises InvalidResponse: the body is not a JSON object. The reason is ``wrong_address``.
    """
    if not isinstance(content_of(response), dict):
        raise response.unusable("a 404 response without a JSON object", reason="wrong_address")


def confirm_absence(
    response: Response,
    http: ApiClient,
    collection: str,
    what: str,
    identifier: str,
    listed: t.Callable[[], list[str]],
) -> None:
    """Check that a 404 response proves that an object does not exist.

    A server also returns a 404 response if 'api_url' is wrong. Therefore, the response must come from the API. In
    addition, an earlier response in this run must prove that the URL of the collection is correct; otherwise, the
    function reads the list, which must not contain the object.

    :param collection: the path of the collection to which the object belongs.
    :param what: the kind of object for messages, for example ``connector``.
    :param listed: reads the collection and returns IDs, or raises an error if the collection cannot be read.
    :raises RequestFailed: the response does not prove that the object does not exist.
    """
    require_api_404(response)
    if collection not in http.proven_collections and identifier in listed():
        raise response.malformed(f"a 404 response for the {what} '{identifier}' although the list contains it")
