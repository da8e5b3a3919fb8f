# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define quirks: deviations from the documented behavior that a test can enable.

A test enables a quirk for a system or, with a fault, for some requests. This module contains the quirks that only
change responses. For the other quirks, the services call :meth:`connector_simulator.exchange.Call.quirk` or a function
of this module.
The summaries are part of REFERENCE.md, which :mod:`connector_simulator.reference` generates.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from connector_simulator.exchange import Call, Response, json_response, text_response

Item = TypeVar("Item")
SECRET = "simulator-leaked-secret/+="
ON = "on"
_APONO, _HDP, _VOSS, _WEBEX = "apono", "hdp", "voss", "webex"
ALL_SYSTEMS = (_APONO, _HDP, _VOSS, _WEBEX)
_LISTS = ("items", "resources", "connectors", "connectorIds", "connectorIDs", "members", "nodes")
_IDS = ("id", "pkid", "connectorID", "connectorId", "connector_id")
_NAMES = ("name", "label", "hostname", "displayName")
_PLACES = ("hierarchy_path", "hierarchy_friendly_name", "hybridClusterId", "orgId", "tenantName", "cloud_provider_type")
_NEVER_NORMALISED = ("token", "refresh_token")
_NOT_FOUND_PAGE = (
    "<html><head><title>404 Not Found</title></head>"
    "<body><center><h1>404 Not Found</h1></center><hr><center>nginx</center></body></html>"
)


@dataclass(frozen=True)
class Quirk:
    """A quirk and its description for REFERENCE.md.

    :param values: valid values. The value ``true`` selects the first of them.
    :param change: function that returns the changed response. None if the services handle the quirk.
    """

    summary: str
    systems: tuple[str, ...]
    values: tuple[str, ...] = (ON,)
    change: Callable[[str, Call, Response], Response] | None = None


class Quirks:
    """The enabled quirks. ``values`` contains a dictionary of quirk names and values for each system."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, str]] = {system: {} for system in ALL_SYSTEMS}

    def merge(self, changes: Any) -> None:
        """Enable or disable quirks.

        :raises ValueError: a quirk is unknown or has an invalid value. Nothing is changed.
        """
        if not isinstance(changes, dict) or not all(isinstance(given, dict) for given in changes.values()):
            raise ValueError(f"The quirks must be an object with one object for each of {', '.join(ALL_SYSTEMS)}.")
        unknown = sorted(set(changes) - set(ALL_SYSTEMS))
        if unknown:
            raise ValueError(f"Unknown system {', '.join(unknown)}. Valid systems: {', '.join(ALL_SYSTEMS)}.")
        switched_on = {system: parse(given, system) for system, given in changes.items()}
        for system, given in changes.items():
            kept = {name: value for name, value in self.values[system].items() if name not in given}
            self.values[system] = {**kept, **switched_on[system]}

    def for_request(self, system: str, extra: Mapping[str, str]) -> Mapping[str, str]:
        """Return the quirks that are enabled for a request, including the quirks of a fault."""
        added = {name: value for name, value in extra.items() if system in QUIRKS[name].systems}
        return {**self.values[system], **added}

    def as_dict(self) -> dict[str, dict[str, str]]:
        """Return the enabled quirks in the format that :meth:`merge` accepts."""
        return {system: dict(values) for system, values in self.values.items() if values}


def parse(given: Any, system: str | None) -> dict[str, str]:
    """Validate a JSON object of quirk names and values, and return the enabled quirks.

    :param system: system of the quirks. None permits the quirks of all systems.
    :raises ValueError: a quirk is unknown or has an invalid value.
    """
    if not isinstance(given, dict):
        raise ValueError("The quirks must be an object of names and values.")
    known = {name: quirk for name, quirk in QUIRKS.items() if system in (None, *quirk.systems)}
    result = {}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"{system or 'The simulator'} has no quirk {name!r}. Valid quirks: {', '.join(known)}.")
        parsed = _parse_value(name, value, known[name].values)
        if parsed:
            result[name] = parsed
    return result


def _parse_value(name: str, value: Any, values: Sequence[str]) -> str:
    """Return the value of a quirk, or an empty string if the quirk is disabled."""
    if value is None or value is False:
        return ""
    if value is True:
        return values[0]
    if value not in values:
        raise ValueError(f"The quirk {name} must be true, false or one of {', '.join(values)}.")
    return str(value)


def added(seed: Mapping[str, Any], argument: str) -> dict[str, Any]:
    """Return a copy of a seed with the quirk from a command-line argument.

    :param argument: ``SYSTEM.NAME`` or ``SYSTEM.NAME=VALUE``.
    :raises ValueError: the argument has a different format.
    """
    name, equals, value = argument.partition("=")
    system, dot, quirk = name.partition(".")
    if not dot:
        raise ValueError(f"Invalid quirk {argument!r}. Use SYSTEM.NAME or SYSTEM.NAME=VALUE.")
    quirks = seed.get("quirks", {})
    return {**seed, "quirks": {**quirks, system: {**quirks.get(system, {}), quirk: value if equals else True}}}


# The services call the following functions to apply quirks.


def replacement(call: Call, write: bool) -> Response | None:
    """Return a replacement response if a quirk prevents a request from reaching the service, or None otherwise."""
    if call.quirk("html_404") == "every":
        return _not_found_page()
    if not write:
        return None
    if call.quirk("unproven") == "lost":
        return json_response({})
    refusals = {
        "status": {"status": "error", "message": "The change was not made."},
        "error": {"error": {"code": 500, "message": "The change was not made."}},
        "success": {"success": False, "message": "The change was not made."},
    }
    content = refusals.get(call.quirk("false_success"))
    return None if content is None else json_response(content)


def normalise(call: Call) -> None:
    """Trim or lowercase strings in a request body if a quirk requires this."""
    for quirk, change in (("trim_names", str.strip), ("lower_names", str.lower)):
        word = call.quirk(quirk)
        if not word or not isinstance(call.content, dict):
            continue
        for name, value in call.content.items():
            concerned = name in ("name", "label") if word == "name" else name not in _NEVER_NORMALISED
            if concerned and isinstance(value, str):
                call.content[name] = change(value)


def substitute(call: Call, item: Item, items: Sequence[Item]) -> Item:
    """Return the requested object, or a different object if the quirk ``wrong_object`` is enabled."""
    if not call.quirk("wrong_object"):
        return item
    return next((other for other in items if other != item), item)


def page(
    call: Call, items: Sequence[Item], start: int, size: int, renew: Callable[[Item, int], Item]
) -> tuple[list[Item], bool]:
    """Return the items of a page and whether more pages follow.

    :param start: index of the first item.
    :param size: number of items.
    :param renew: function that returns a new item for an endless list, given an item and the number of repetitions.
    """
    if start and call.quirk("shifting_pages") == "added":
        start -= 1
    kind = call.quirk("endless_list")
    if not kind or kind == "empty" or not items:
        return list(items[start : start + size]), bool(kind) or start + size < len(items)
    shown = []
    for number in range(start, start + size):
        rounds, position = divmod(number, len(items))
        item = items[position]
        shown.append(renew(item, rounds) if rounds and kind == "new" else item)
    return shown, True


def renewed(item: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a copy of an item with a different ID and name."""
    changed = {name: f"{item[name]}-{number}" for name in (id_name(item), *_NAMES) if item.get(name)}
    return {**item, **changed}


def loses_first(call: Call, start: int) -> bool:
    """Return whether the quirk ``shifting_pages`` deletes the first object of a list before this page is returned."""
    return start > 0 and call.quirk("shifting_pages") == "deleted"


def change_response(call: Call, response: Response) -> Response:
    """Return the response after applying all enabled quirks."""
    for name, quirk in QUIRKS.items():
        word = call.quirk(name)
        if word and quirk.change:
            response = quirk.change(word, call, response)
    return response


def id_name(item: Mapping[str, Any]) -> str:
    """Return the name of the ID field of an object."""
    return next((name for name in _IDS if name in item), "id")


# The following functions change responses.


def _not_found_page() -> Response:
    return text_response(_NOT_FOUND_PAGE, 404, "text/html")


def _html_404(word: str, _call: Call, response: Response) -> Response:
    return _not_found_page() if word == "every" or response.status == 404 else response


def _unproven(_word: str, call: Call, response: Response) -> Response:
    return json_response({}, headers=response.headers) if call.entry.write and response.status < 300 else response


def _broken_lists(word: str, _call: Call, response: Response) -> Response:
    content = _content(response)
    key = _list_key(content)
    if isinstance(content, list):
        content, key = {"items": content}, "items"
    if key is None:
        return response
    items = content[key]
    broken: dict[str, tuple[int, Any]] = {
        "error": (200, {"error": {"code": 500, "message": "The list cannot be read."}}),
        "status": (200, {"status": "maintenance"}),
        "spelling": (200, {**_without(content, key), key.capitalize(): items}),
        "pagination": (200, {**content, "pagination": "next"}),
        "null": (200, {**content, key: None}),
        "empty": (200, {}),
        "accepted": (202, {**content, key: []}),
        "partial": (206, {**content, key: items[: len(items) // 2]}),
    }
    status, changed = broken[word]
    return _with_content(response, changed, status)


def _page_total(_word: str, _call: Call, response: Response) -> Response:
    def edit(content: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("pagination"), dict):
            content["pagination"]["total"] = len(_items(content))

    return _edited(response, edit)


def _anonymous_items(word: str, _call: Call, response: Response) -> Response:
    lost = {"name": _NAMES, "place": _PLACES}
    references = {"id": "self", "place": "parent"}

    def edit(content: Any) -> None:
        items = _items(content)
        if word == "id" and items and isinstance(items[0], str):
            items[0] = None
        if not items or not isinstance(items[0], dict):
            return
        item = items[0]
        # The pkid in the data of a VOSS Automate object identifies a different object, so it is not changed.
        for part in (item,) if word == "id" else (item, item.get("data", {})):
            for name in lost.get(word) or (id_name(item),):
                part.pop(name, None)
        meta = item.get("meta", {})
        meta.get("references", {}).pop(references.get(word), None)
        if word == "place":
            meta.pop("path", None)

    return _edited(response, edit)


def _sparse_items(_word: str, _call: Call, response: Response) -> Response:
    kept = (*_IDS, *_NAMES, "status", "owner", "hierarchy_path", "meta", "data", "orgId")

    def edit(content: Any) -> None:
        for item in _objects(content):
            for part in (item, item.get("data", {})):
                for name in set(part) - set(kept):
                    del part[name]

    return _edited(response, edit)


_ODD: dict[str, dict[tuple[str, ...], tuple[Any, ...]]] = {
    "versions": {
        ("version",): (
            *(16, 1.5, True, None, math.inf, ["1.6.4"], {"__ansible_vault": "1.6.4"}, {"__ansible_unsafe": "1.6.4"}),
            *("{{ 7 * 7 }}", "5", "true", "\x1b[31m1.6.4\x9b0m", "1.6.4\u202e", "A" * 20_000),
        ),
        ("tenantName", "hybridClusterId", "cloud_provider_type"): (5, "true", None, "5", ["x"], "../../etc"),
    },
    "names": {
        _NAMES: (
            "#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ lookup('ansible.builtin.pipe', 'id') ]]",
            "{{ lookup('ansible.builtin.pipe', 'id') }}",
            "{% for x in range(9) %}x{% endfor %}",
            "x/../../../../tmp/evil",
            "../evil",
            "-oProxyCommand=id",
            "all:!x,y[0:9]",
            "\x1b]0;title\x07\x9b31mred\u202etxt.exe",
            "<script>alert(1)</script>",
            "=cmd|' /C calc'!A0",
            " name ",
            "name\u00a0",
            "A" * 20_000,
            7,
            None,
        ),
    },
    "hosts": {
        ("hostname", "ipAddress"): (
            *("-oProxyCommand=id", "{{ 7 * 7 }}", "host name", "evil.example;id", "[::1", "1.2.3.4.5", "x" * 300, 7),
            *("localhost\nansible_connection=local", None),
        ),
    },
    "times": {
        ("last_connected", "last_connected_time", "lastAccessed", "created", "access_token_expires"): (
            *("0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-10-01T08:15:30+00"),
            *("2026-10-01T08:15:30,123Z", "20261001T081530Z", "2026-10-01", "never", "", 1790842530, True, None),
        ),
    },
    "ids": {("id",): (["x"], 7, True, {"id": "x"}, "../../x", "x?y=z#", "x\r\ny", "\ud800", "")},
}
_ODD["values"] = {names: odd for kind in ("versions", "names", "hosts", "times") for names, odd in _ODD[kind].items()}


def _odd_values(word: str, _call: Call, response: Response) -> Response:
    def edit(content: Any) -> None:
        for number, item in enumerate(_objects(content)):
            _make_odd(item, word, number)
            _make_odd(item.get("data"), word, number)

    return _edited(response, edit)


def _make_odd(part: Any, word: str, number: int) -> None:
    if not isinstance(part, dict):
        return
    for names, odd in _ODD[word].items():
        for name in (id_name(part),) if word == "ids" else names:
            if name in part:
                part[name] = odd[number % len(odd)]


def _secrets(_word: str, _call: Call, response: Response) -> Response:
    if response.content_type.startswith("text/html"):
        return Response(
            response.status, response.body + _leaks_in_html().encode(), response.content_type, response.headers
        )

    def edit(content: Any) -> None:
        for item in _objects(content):
            data = item.get("data")
            shown = data if isinstance(data, dict) else item
            shown.update(_leaks())

    return _edited(response, edit)


def _leaks() -> dict[str, Any]:
    """Return secrets with typical names and encodings. Each secret contains ``simulator-leaked-secret``."""
    return {
        "connectorPassword": SECRET,
        "token": SECRET,
        "auth_token": SECRET,
        "proxy": "http://user:simulator-leaked-secret%2F%2B%3D@proxy.example.com:3128",
        "installCommand": f"docker run -e APONO_TOKEN={SECRET} registry.example.com/connector",
        "settings": {
            "api_key": SECRET,
            "clientSecret": SECRET,
            "nested": [{"private_key": SECRET, "PASSWORD": SECRET}],
        },
        "links": [
            {"href": f"/api/tool/DataMove/?auth_token={SECRET}"},
            {"href": "/api/tool/DataMove/%3Fauth_token%3Dsimulator-leaked-secret%252F"},
        ],
    }


def _leaks_in_html() -> str:
    leaks = (
        '<a href="/api/x/?a=1&amp;auth_token=simulator-leaked-secret%2F%2B%3D">1</a>',
        '<a href="/api/x/?a=1&#38;auth_token=simulator-leaked-secret&#47;">2</a>',
        '<a href="/api/x/%3Fauth_token%3Dsimulator-leaked-secret%252F">3</a>',
        '<a href="/api/x/?AUTH_TOKEN=simulator-leaked-secret">4</a>',
        '<input type="hidden" name="auth_token" value="simulator-leaked-secret">',
        '<script>var session = {"auth_token": "simulator-leaked-secret\\/+\\u003d"};</script>',
    )
    return "".join(f"<p>{leak}</p>" for leak in leaks)


def _content(response: Response) -> Any:
    """Return the JSON content of a successful response, or None."""
    if response.status >= 300 or not response.content_type.startswith("application/json") or not response.body:
        return None
    return json.loads(response.body)


def _list_key(content: Any) -> str | None:
    if not isinstance(content, dict):
        return None
    return next((key for key in _LISTS if isinstance(content.get(key), list)), None)


def _items(content: Any) -> list[Any]:
    """Return the items of a list response. Changes to the returned list also change the content."""
    if isinstance(content, list):
        return content
    key = _list_key(content)
    items: list[Any] = [] if key is None else content[key]
    return items


def _objects(content: Any) -> list[dict[str, Any]]:
    """Return the JSON objects in a response body, which contains a list or a single object."""
    items = _items(content)
    if not items and isinstance(content, dict) and any(name in content for name in (*_IDS, "meta")):
        items = [content]
    return [item for item in items if isinstance(item, dict)]


def _without(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != key}


def _edited(response: Response, edit: Callable[[Any], None]) -> Response:
    content = _content(response)
    if content is None:
        return response
    edit(content)
    return _with_content(response, content, response.status)


def _with_content(response: Response, content: Any, status: int) -> Response:
    # Python serializes infinity as Infinity, which is not valid JSON. 1e999 is valid and parsed as infinity.
    body = json.dumps(content, separators=(",", ":")).replace(":Infinity", ":1e999")
    return Response(status, body.encode(), response.content_type, response.headers, response.cookies)


QUIRKS: dict[str, Quirk] = {
    "wrong_object": Quirk(
        "The response to a GET request for an object, or to a change of an object, contains a different object.",
        ALL_SYSTEMS,
    ),
    "ignore_rename": Quirk("Renaming an object succeeds, but the object keeps its old name.", (_APONO, _HDP, _VOSS)),
    "ignore_move": Quirk(
        "Moving an integration to another connector succeeds, but the integration keeps its old connector.", (_APONO,)
    ),
    "unproven": Quirk(
        "The response to every change is `200 {}`. The change is `applied` or `lost`.",
        (_APONO, _HDP, _VOSS),
        ("applied", "lost"),
        _unproven,
    ),
    "false_success": Quirk(
        'The response to every change is 200 with an error in its body (`status`: `{"status": "error"}`, '
        '`error`: `{"error": {...}}`, `success`: `{"success": false}`). The change is not made.',
        (_APONO, _HDP, _VOSS),
        ("status", "error", "success"),
    ),
    "lost_changes": Quirk("The response to every change is normal, but the change is not made.", (_APONO, _HDP)),
    "same_transaction": Quirk("All asynchronous changes return the transaction ID of the first change.", (_VOSS,)),
    "rolled_back": Quirk(
        "Transactions end with the status Success and `rolled_back: Yes`; their changes are undone.", (_VOSS,)
    ),
    "ignore_hierarchy": Quirk("Lists ignore `hierarchy` and contain the objects of the whole tree.", (_VOSS,)),
    "page_total": Quirk("The `total` of a list is the number of objects on the page.", (_VOSS,), (ON,), _page_total),
    "endless_list": Quirk(
        "Every page of a list has a next page, which has `new` objects, has the `same` objects, or is `empty`.",
        (_APONO, _VOSS, _WEBEX),
        ("new", "same", "empty"),
    ),
    "shifting_pages": Quirk(
        "The list changes while its pages are read: before each further page, its first object is `deleted`, or each "
        "further page repeats the last object of the previous page, as if an object was `added`.",
        (_APONO, _VOSS, _WEBEX),
        ("deleted", "added"),
    ),
    "anonymous_items": Quirk(
        "The first object of each list does not have an `id`, a `name` or a `place`.",
        ALL_SYSTEMS,
        ("id", "name", "place"),
        _anonymous_items,
    ),
    "sparse_items": Quirk("Optional fields are missing.", ALL_SYSTEMS, (ON,), _sparse_items),
    "trim_names": Quirk(
        "The server removes spaces around the `name`, or around all strings (`texts`), before it stores them.",
        (_APONO, _HDP, _VOSS),
        ("name", "texts"),
    ),
    "lower_names": Quirk(
        "The server stores the `name`, or all strings (`texts`), in lowercase.",
        (_APONO, _HDP, _VOSS),
        ("name", "texts"),
    ),
    "odd_values": Quirk(
        "Fields contain values of the wrong type, such as 1e999, or strings with templates, paths and terminal control "
        "sequences. These fields are the `versions`, `names`, `hosts` or `times`, all four (`values`), or the `ids`.",
        ALL_SYSTEMS,
        ("values", "versions", "names", "hosts", "times", "ids"),
        _odd_values,
    ),
    "secrets_in_items": Quirk(
        "Objects and documents contain tokens, passwords, proxies with credentials and links with `auth_token`.",
        ALL_SYSTEMS,
        (ON,),
        _secrets,
    ),
    "broken_lists": Quirk(
        "A list response is replaced by an `error` or the `status` maintenance with HTTP status 200, by its content "
        "with another `spelling` of the key, with a string as `pagination` or with `null` instead of the list, by `{}` "
        "(`empty`), by 202 with an empty list (`accepted`), or by 206 with half of the list (`partial`).",
        ALL_SYSTEMS,
        ("error", "status", "spelling", "pagination", "null", "empty", "accepted", "partial"),
        _broken_lists,
    ),
    "wrong_export": Quirk(
        "An export is `missing` the last customer, contains an `other` customer instead, or is `empty`.",
        (_VOSS,),
        ("missing", "other", "empty"),
    ),
    "html_404": Quirk(
        "The response is the HTML page of a proxy with status 404 if the object is `missing`, or for `every` request.",
        ALL_SYSTEMS,
        ("missing", "every"),
        _html_404,
    ),
}
