# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Read complete lists from VOSS Automate, page by page.

A list is complete if the total, the page size and the overlap between pages are consistent. Each page begins with the
last items of the previous page. If these items are missing, objects were deleted in the meantime. Later objects may
then have moved to an earlier page and would be missed.
"""

from __future__ import annotations

import functools
import typing as t

from ..._client import ApiClient
from ..._errors import RequestFailed
from ..._evidence import ListReader, list_content, require_api_404
from ..._plan import Object, counted
from ..._response import Response, is_integer
from .model import mapping, pkid_of, without_unused
from .query import JSON, Pairs

PAGE_SIZES = (2000, 200)
# Number of items by which consecutive pages overlap, in each attempt to read a list.
OVERLAPS = (1, 20, 100)
PARAMETER_REFUSALS = (400, 422)

T = t.TypeVar("T")
# A function that converts a resource to a list item, or raises an exception.
# The parameters are the response, the pkid of the resource, and the resource.
Convert = t.Callable[[Response, str, Object], T]


class Pages:
    """A reader for paginated lists that remembers the page size that the server accepts.

    :ivar count: the number of requests that were needed to read the last list.
    """

    def __init__(self, http: ApiClient) -> None:
        self.count = 0
        self._http = http
        self._page_size = PAGE_SIZES[0]

    def read(self, path: str, query: Pairs, what: str, convert: Convert[T]) -> list[T]:
        """Read all pages of a list and return its items.

        If the list changes while it is read, it is read again.

        :param what: the plural noun for the items, for messages.
        :raises InvalidResponse: the response is not a list or reports an error, the list is incomplete in every
            attempt, or an item has no identifier.
        :raises RequestFailed: the list cannot be read.
        """
        self.count = 0
        for overlap in OVERLAPS:
            reader = ListReader(what)
            response, is_complete = self._read_once(reader, path, query, convert, overlap)
            if is_complete:
                self._http.proven_collections.add(path)
                return list(reader.items.values())
        raise response.malformed(
            f"a list of {what} that was incomplete or did not end ({len(OVERLAPS)} attempts,"
            f" {counted(len(reader.items), 'item')} in the last attempt)"
        )

    def _read_once(
        self, reader: ListReader, path: str, query: Pairs, convert: Convert[T], overlap: int
    ) -> tuple[Response, bool]:
        """Read all pages of a list, and return the last response and whether the list is complete."""
        skip = repeated = 0
        while True:
            response = self._page(path, query, skip)
            page = list_content(response, reader.what, without_unused)
            pagination, resources = mapping(page.get("pagination")), page.get("resources", ())
            fresh = reader.add(response, resources, pkid_of, functools.partial(convert, response))
            received = len(resources)
            if not reader.items:
                reader.finish(response, page)
            del page, resources  # free the memory of a large page before reading the next page
            total = _number(pagination.get("total"))
            if total:
                reader.totals.append(total)
            if repeated and not reader.is_connected:
                return response, False
            if received <= repeated or _is_last(pagination, total, received, skip):
                return response, reader.is_complete
            if not fresh:  # the server returned the same page again
                return response, False
            repeated = min(overlap, received - 1)
            skip += received - repeated
            del response

    def _page(self, path: str, query: Pairs, skip: int) -> Response:
        """Request a page with the largest page size that the server accepts.

        The vendor documents two maximum sizes, but not the response to a larger size.
        """
        for size in PAGE_SIZES[PAGE_SIZES.index(self._page_size) :]:
            self.count += 1
            try:
                response = self._http.get(
                    path, [*query, ("skip", str(skip)), ("limit", str(size)), JSON], expect=(404,)
                )
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
    """Return the error for a 404 response to a request for something that should exist.

    :raises InvalidResponse: the 404 did not come from the API.
    """
    require_api_404(response)
    failure = response.unusable("a 404", reason="not_found").failure
    request = f"{failure.method} {failure.url}"
    if failure.message:
        request += f": {failure.message.rstrip('. ')}"
    return RequestFailed(
        f"VOSS Automate returned 404 for {request}. Check the identifiers in the URL and 'api_url'.", failure
    )


def _number(value: object) -> int:
    """Return a value from the ``pagination`` object, or 0 if the value is not a positive integer."""
    return max(value, 0) if is_integer(value) else 0


def _is_last(pagination: Object, total: int, received: int, skip: int) -> bool:
    """Return whether a page is the last one, that is, not full and with no announced items left to receive.

    If the response does not contain a limit, only an empty next page proves that the list is complete.
    """
    limits = filter(None, map(_number, (pagination.get("limit"), pagination.get("maximum_limit"))))
    if received >= min(limits, default=0):
        return False
    return skip + received >= total
