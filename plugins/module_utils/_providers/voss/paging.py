# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Read whole lists of VOSS Automate, page by page.

A list is complete if every signal that the server gives agrees. Each page begins with the last item of the page before
it: if that item is missing, objects were deleted meanwhile, and later ones moved to a page that was read before.
"""

from __future__ import annotations

import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import RequestFailed
from ansible_collections.hybrid.connectors.plugins.module_utils._evidence import ListReader, require_api_404
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import mapping, pkid_of
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.query import JSON, Pairs
from ansible_collections.hybrid.connectors.plugins.module_utils._response import Response

PAGE_SIZES = (2000, 200)
# How many items each page has in common with the page before it, each time that a list is read.
OVERLAPS = (1, 20, 100)
PARAMETER_REFUSALS = (400, 422)

T = t.TypeVar("T")


class Pages:
    """Reads lists, and knows how large a page may be.

    :ivar count: how many requests the last list took.
    """

    def __init__(self, http: ApiClient) -> None:
        self.count = 0
        self._http = http
        self._page_size = PAGE_SIZES[0]

    def read(self, path: str, query: Pairs, what: str, convert: t.Callable[[Response, Object], T]) -> list[T]:
        """Return all items of a list.

        A list that changed while it was read is read again.

        :param what: the kind of the items, for messages.
        :param convert: makes an item of a resource, or raises.
        :raises InvalidResponse: it is not a list, it is incomplete each time, or an item cannot be identified.
        :raises RequestFailed: it cannot be read.
        """
        self.count = 0
        for overlap in OVERLAPS:
            reader = ListReader(what)
            response, is_complete = self._read_once(reader, path, query, convert, overlap)
            if is_complete:
                self._http.proven_collections.add(path)
                return list(reader.items.values())
        raise response.unusable(
            f"a list of {what} that is incomplete or does not end, {len(OVERLAPS)} times in a row; the last time it had"
            f" {len(reader.items)} of them"
        )

    def _read_once(
        self, reader: ListReader, path: str, query: Pairs, convert: t.Callable[[Response, Object], T], overlap: int
    ) -> tuple[Response, bool]:
        """Read a list to its end. Return the last response, and whether the list is complete."""
        skip = repeated = 0
        while True:
            response = self._page(path, query, skip)
            page = response.json_object()
            pagination, resources = mapping(page.get("pagination")), page.get("resources")
            fresh = reader.add(response, resources, pkid_of, lambda item: convert(response, item))  # noqa: B023
            received = len(resources) if isinstance(resources, list) else 0
            del page, resources  # they are large, and not to be kept while the next page comes
            total = _number(pagination.get("total"))
            if total:
                reader.announce(total)
            if repeated and not reader.is_connected:
                return response, False
            if received <= repeated or _is_last(pagination, total, received, skip):
                return response, reader.is_complete
            if not fresh:  # the server returns one page again and again
                return response, False
            repeated = min(overlap, received - 1)
            skip += received - repeated

    def _page(self, path: str, query: Pairs, skip: int) -> Response:
        """Return one page, as large as the server allows: both maxima are documented, but not what happens above."""
        for size in (self._page_size, *(size for size in PAGE_SIZES if size < self._page_size)):
            self.count += 1
            wanted = [*query, ("skip", str(skip)), ("limit", str(size)), JSON]
            try:
                response = self._http.get(path, wanted, expect=(404,))
            except RequestFailed as error:
                if error.failure.status not in PARAMETER_REFUSALS or size == min(PAGE_SIZES):
                    raise
            else:
                self._page_size = size
                break
        if response.status == 404:
            raise not_found(response)
        return response


def not_found(response: Response) -> RequestFailed:
    """Return the failure of a request with a 404 that was expected to be possible, and is a failure nevertheless.

    :raises InvalidResponse: it is not the API's own 404.
    """
    require_api_404(response)
    failure = response.unusable("a 404", reason="not_found").failure
    said = f": {failure.message}" if failure.message else ""
    return RequestFailed(
        f"VOSS Automate returned 404 for {failure.method} {failure.url}{said.rstrip('. ')}."
        " Check the identifiers in it and 'api_url'.",
        failure,
    )


def _number(value: object) -> int | None:
    """Return a number that a server announces; None if it announces none, or nonsense."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _is_last(pagination: Object, total: int | None, received: int, skip: int) -> bool:
    """Return whether every signal agrees that a page is the last one.

    These are the total, if the server announces it, and that the page is shorter than its limit. A page of a server
    that does not show the limit is never known to be short: a page after it has to prove the end.
    """
    limits = [limit for limit in (_number(pagination.get(key)) for key in ("limit", "maximum_limit")) if limit]
    is_short = bool(limits) and received < min(limits)
    return is_short and (total is None or skip + received >= total)
