# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Client for Webex: list organizations and their hybrid connectors, clusters and resource groups.

The API is read-only and does not support filters.

Source: the vendor's API reference and OpenAPI document, in which all properties are optional. For an organization
without hybrid services, the API can return an empty object instead of an empty list. IDs are sent unchanged.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import functools
import itertools
import operator
import re
import typing as t
from urllib.parse import urljoin, urlsplit

from ..._client import ApiClient, segment
from ..._errors import AccessDenied
from ..._evidence import ListReader, list_content, object_content, reading_list, require_api_404, require_identity
from ..._plan import Object, with_documented
from ..._response import Response

try:
    import requests
except ImportError:
    requests = None  # type: ignore[assignment]

STATUSES = ("operational", "impaired", "outage", "maintenanceMode")
TYPES: tuple[str, ...] = ("expresswayManagement", "calendar", "call", "message", "expresswayServiceability")
TYPES += ("ecpServiceability", "videoMesh", "dataSecurity", "care", "careManagement")
SEVERITIES = ("critical", "error", "warning", "alert")
ALARM_KEYS = ("id", "created", "severity", "title", "description", "hybridConnectorId")
MAX_LINK = 16 * 1024

_URL = re.compile(r"<[^<>]*>")
_NEXT = re.compile(r"(?<![\w-])next(?![\w-])", re.IGNORECASE)
_UUID = re.compile(r"(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
# Matches the URI that an ID encodes. The URI ends with the UUID that Control Hub displays.
_ADDRESS = re.compile(rf"ciscospark://(?:.*/)?({_UUID.pattern})", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Collection:
    """A collection that the API can list.

    :ivar what: the plural noun for the items.
    :ivar keys: the documented keys of an item.
    :ivar scope: the scope that a token requires to read the list.
    """

    path: str
    what: str
    keys: tuple[str, ...]
    scope: str


CONNECTORS = Collection(
    "/hybrid/connectors",
    "hybrid connectors",
    ("id", "orgId", "hybridClusterId", "hostname", "status", "created", "type", "version", "alarms"),
    "spark-admin:hybrid_connectors_read",
)
CLUSTERS = Collection(
    "/hybrid/clusters",
    "hybrid clusters",
    ("id", "orgId", "name", "resourceGroupId"),
    "spark-admin:hybrid_clusters_read",
)
RESOURCE_GROUPS = Collection(
    "/resourceGroups", "resource groups", ("id", "orgId", "name"), "spark-admin:resource_groups_read"
)
ORGANIZATIONS = Collection(
    "/organizations", "organizations", ("id", "displayName", "created"), "spark-admin:organizations_read"
)


def connectors(http: ApiClient, org_id: str | None = None) -> list[Object]:
    """Return all connectors in an organization. The default is the organization that the token belongs to."""
    return list(itertools.starmap(_with_alarms, _listed(http, CONNECTORS, org_id)))


def connector(http: ApiClient, identifier: str) -> Object | None:
    """Return the connector with the given ID, or None if it does not exist.

    Base64 padding does not change the meaning of an ID. If the API returns 404, the function searches the list for the
    ID, and repeats the request with the ID as it is spelled in the list.

    :raises InvalidResponse: the response is incomplete, contains an error or a different object, or is a 404 that did
        not come from the API.
    """
    response = _get_connector(http, identifier)
    if response.status == 404:
        require_api_404(response)
        identifiers = map(operator.itemgetter("id"), connectors(http))
        listed = next(filter(functools.partial(is_same, identifier), identifiers), None)
        if listed is None:
            return None
        if listed != identifier:
            response = _get_connector(http, listed)
        if response.status == 404:
            raise response.malformed(f"a 404 response for the connector '{listed}' although the list contains it")
    item = object_content(response, "a connector")
    require_identity(response, "connector with the id", identifier, item.get("id"), is_same)
    http.proven_collections.add(CONNECTORS.path)
    return _with_alarms(response, with_documented(item, CONNECTORS.keys))


def _get_connector(http: ApiClient, identifier: str) -> Response:
    return http.get(f"{CONNECTORS.path}/{segment(identifier)}", expect=(404,))


def clusters(http: ApiClient, org_id: str | None = None) -> list[Object]:
    """Return all clusters in an organization. The default is the organization that the token belongs to."""
    return [item for _response, item in _listed(http, CLUSTERS, org_id)]


def resource_group_names(http: ApiClient, org_id: str | None = None) -> dict[str | None, t.Any]:
    """Return the names of the resource groups in an organization, keyed by ID without padding."""
    return {plain(item["id"]): item["name"] for _response, item in _listed(http, RESOURCE_GROUPS, org_id)}


def organizations(http: ApiClient) -> list[Object]:
    """Return all organizations that the token can read."""
    return [item for _response, item in _listed(http, ORGANIZATIONS)]


def plain(identifier: object) -> str | None:
    """Return an ID without its optional base64 padding, or None if the value is not a string."""
    return identifier.rstrip("=") if isinstance(identifier, str) else None


def is_same(one: str, other: str) -> bool:
    """Return whether two IDs differ only in padding, or whether one is the UUID that the other encodes."""
    return plain(one) == plain(other) or one.lower() == _uuid_in(other) or other.lower() == _uuid_in(one)


def comparable(identifier: str) -> str:
    """Return the UUID encoded in an ID, or the ID without padding, so that different spellings can be compared."""
    text = identifier.rstrip("=")
    if _UUID.fullmatch(text):
        return text.lower()
    return _uuid_in(text) or text


def _uuid_in(identifier: str) -> str | None:
    """Return the lowercase UUID that is encoded in an ID, or None if the ID does not encode a UUID."""
    text = identifier.rstrip("=")
    try:
        address = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except ValueError:
        return None
    found = _ADDRESS.fullmatch(address)
    return found[1].lower() if found else None


def _listed(http: ApiClient, collection: Collection, org_id: str | None = None) -> t.Iterator[tuple[Response, Object]]:
    """Yield each item in a list, together with the response that contains the item.

    Webex does not document pagination for these lists, but the function follows any link to a next page.
    """
    path = collection.path
    reader = ListReader(collection.what)
    with _with_scope(collection):
        response = _first_page(http, path, org_id)
    page = list_content(response, reader.what)
    if page == {} and _next_link(response) is None:  # According to the documentation, an empty list has this form.
        http.proven_collections.add(path)
        return
    while True:
        for item in reader.add(response, page.get("items"), lambda entry: plain(entry.get("id"))):
            _require_organization(response, org_id, item)
            yield response, with_documented(item, collection.keys)
        http.proven_collections.add(path)
        link = _next_link(response)
        if link is None:
            reader.finish(response, page)
            return
        _require_same_list(http, response, path, link)
        with reading_list(), _with_scope(collection):
            response = http.follow(reader.advance(response, link), path)
        page = list_content(response, reader.what)


@contextlib.contextmanager
def _with_scope(collection: Collection) -> t.Iterator[None]:
    """Add the required scope to the error message if a list request returns 403.

    The status does not identify this error, because the token endpoint can also reject OAuth credentials with 403.
    """
    try:
        yield
    except AccessDenied as error:
        if error.reason != "forbidden":
            raise
        message = f"{error.message} Listing {collection.what} requires the scope {collection.scope}."
        raise AccessDenied(message, error.failure) from None


def _first_page(http: ApiClient, path: str, org_id: str | None) -> Response:
    """Return the first page of a list. A 404 response can mean that the organization does not exist."""
    if org_id is None:
        with reading_list(_remedy(http)):
            return http.get(path)
    response = http.get(path, [("orgId", org_id)], expect=(404,))
    if response.status == 404:
        require_api_404(response)
        raise response.unusable(
            f"404 for the organization '{org_id}'", reason="not_found", remedy="Check the ID of the organization."
        )
    return response


def _remedy(http: ApiClient) -> str:
    if urlsplit(http.settings.api_url).path.rstrip("/").endswith("/v1"):
        return ""
    return "The URL of the Webex API ends in /v1, for example https://webexapis.com/v1."


def _require_organization(response: Response, org_id: str | None, item: Object) -> None:
    """Check that an item belongs to the requested organization, unless its organization is unknown."""
    returned = item.get("orgId")
    if org_id is not None and isinstance(returned, str):
        require_identity(response, "organization", org_id, returned, is_same)


def _with_alarms(response: Response, item: Object) -> Object:
    """Return a connector with a list of alarms, which is empty if Webex omits the alarms."""
    if item["alarms"] is None:
        return {**item, "alarms": []}
    if not isinstance(item["alarms"], list):
        raise response.malformed("a connector in which 'alarms' is not a list")
    return {**item, "alarms": list(map(_alarm, item["alarms"]))}


def _alarm(alarm: t.Any) -> t.Any:
    """Return an alarm with all documented fields, or return any other value unchanged."""
    return with_documented(alarm, ALARM_KEYS) if isinstance(alarm, dict) else alarm


def _require_same_list(http: ApiClient, response: Response, path: str, link: str) -> None:
    """Check that a link refers to a page of the same list. :meth:`ApiClient.follow` checks the origin of the link."""
    try:
        is_same_list = urlsplit(urljoin(http.settings.api_url + path, link)).path.endswith(path)
    except ValueError:
        return
    if not is_same_list:
        raise response.unusable("a link to a page that does not belong to this list", reason="wrong_address")


def _next_link(response: Response) -> str | None:
    """Return the URL of the next page from the ``Link`` header, or None if there is no next page.

    :raises InvalidResponse: the header is too long, is not valid, or contains several URLs.
    """
    header = response.headers.get("Link", "")
    if len(header) > MAX_LINK:
        raise response.malformed(f"a Link header with more than {MAX_LINK} characters")
    try:
        return next_url(header)
    except ValueError:
        raise response.malformed("a Link header that is not valid or contains several URLs for the next page") from None


def next_url(header: str) -> str | None:
    """Return the URL with the link relation ``next``, or None if the header does not contain this relation.

    The requests library ignores the parts of a header that it cannot parse, and splits URLs at semicolons. If such a
    part could contain the link to the next page, the function raises an error, because the list would be incomplete.

    :raises ValueError: the header contains several URLs, or the library cannot parse the URL or its relation.
    """
    found = set()
    for link in map(requests.structures.CaseInsensitiveDict, requests.utils.parse_header_links(header)):
        if "next" in link.get("rel", "").lower().split():
            found.add(link["url"])
    if not found and not _NEXT.search(_URL.sub("", header)):
        return None
    if len(found) == 1:
        (url,) = found
        if f"<{url}>" in header:
            return url
    raise ValueError("The header contains several URLs, or cannot be parsed.")
