# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the model of a Spark customer: attributes, secrets, comparisons and request bodies.

Source: the schema of relation/SparkCustomer. A customer is a dictionary with the following keys:

- ``pkid``: the ID of the customer.
- ``hierarchy``: the pkid of its node. None if the server does not show it.
- ``hierarchy_path``: the dotted path of its node. None if the server does not show it.
- ``nodes``: the pkids of the nodes from the root to its node. Empty if the server does not show them.
- ``data``: the attributes that the server returned.
"""

from __future__ import annotations

import base64
import re
import typing as t
import unicodedata
from datetime import datetime

from ..._plan import NOT_SHOWN, WRITTEN, Item, Object, diff, differing, first_of
from ..._timestamps import days_left
from ..._unicode import is_printable

Customer = dict[str, t.Any]

# Settings that are not secret. Proxies are not in this list, because the address of a proxy can contain a password.
OPEN_SETTINGS = (
    "name", "account_email", "account_number", "account_number_external", "default_calling_behaviour",
    "dirsync_enabled", "email_domain",
)  # fmt: skip
SETTINGS = (*OPEN_SETTINGS, "http_proxy")
PASSWORDS = ("https_proxy", "token", "refresh_token")
UNSHOWN = frozenset(PASSWORDS) | {"http_proxy", "token_link"}
# Attributes that the module documentation describes. The server omits attributes that are not set.
DOCUMENTED = (*OPEN_SETTINGS, "access_token_expires", "refresh_token_expires")
LOCATION = frozenset({"pkid", "hierarchy", "hierarchy_path", "hierarchy_friendly_name"})
# Attributes that identify a customer in a diff.
IDENTITY = ("name", "hierarchy_path", "pkid")
# The expiry times of tokens, which the server sets when a token is written.
EXPIRIES = {"token": "access_token_expires", "refresh_token": "refresh_token_expires"}
EXPIRY_NAMES = frozenset(EXPIRIES.values())
UNWRITTEN = frozenset(PASSWORDS) | LOCATION | {"token_link", "sync"}

# The possible differences between similar names; see normal().
SIMILARITY = "case, whitespace, invisible characters or Unicode normalization"
# Unicode category of invisible format characters, which does not include control characters such as line breaks.
FORMATTING = "Cf"

_MASK = re.compile(r"[*\u2022\u25cf]*")
_ADDRESS = re.compile(r"/relation/SparkCustomer/([0-9A-Za-z]+)(?=[/?]|$)")
# Matches printable ASCII characters except spaces.
# A filter with fewer than three characters would match too many names.
_ASCII_PART = re.compile("[!-~]{3,}")


def customer_from(pkid: str, item: Item) -> Customer:
    """Create a customer object from a list item or from the response to a GET request.

    ``data.pkid`` is not used, because it belongs to a different object. The node is the parent, or the second to last
    element of ``meta.path``. If the two are different, the location of the customer is unknown.
    """
    meta, data = mapping(item.get("meta")), mapping(item.get("data"))
    nodes = path_to(pkid, meta)[:-1]
    parent = _agreed(non_empty(_reference(meta, "parent").get("pkid")), *nodes[-1:])
    return {
        "pkid": pkid,
        "hierarchy": parent,
        "hierarchy_path": non_empty(data.get("hierarchy_path")),
        "nodes": nodes if parent else (),
        "data": _without(data, LOCATION),
    }


def pkid_of(item: Item) -> str | None:
    """Return the pkid of an item, or None if the item contains no pkid or conflicting pkids."""
    own = _reference(mapping(item.get("meta")), "self")
    return non_empty(_agreed(item.get("pkid"), own.get("pkid"), pkid_in(own.get("href"))))


def without_unused(item: Object) -> Object:
    """Remove metadata about actions and columns from an item, because this metadata accounts for most of a page."""
    meta = item.get("meta")
    if isinstance(meta, dict):
        meta.pop("actions", None)
        meta.pop("summary_attrs", None)
    return item


def _reference(meta: Object, kind: str) -> Object:
    """Return the first reference of the given kind, or an empty object if there is none."""
    references = sequence(mapping(meta.get("references")).get(kind))
    return mapping(next(iter(references), None))


def _agreed(*values: t.Any) -> t.Any:
    """Return the value that all arguments have in common, or None if they differ. Missing values are ignored."""
    shown = list(filter(None, values))
    first = next(iter(shown), None)
    return first if shown.count(first) == len(shown) else None


def _without(data: Object, names: t.Container[str]) -> Object:
    return {name: value for name, value in data.items() if name not in names}


def mapping(value: object) -> Object:
    """Return the value if it is an object, or an empty object otherwise, because servers can omit optional objects."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[t.Any]:
    """Return the value if it is a list, or an empty list otherwise."""
    return value if isinstance(value, list) else []


def path_to(pkid: str, meta: Object) -> tuple[str, ...]:
    """Return ``meta.path`` (the pkids from the root node to the object itself), or an empty tuple if it is invalid."""
    path = sequence(meta.get("path"))
    if path[-1:] != [pkid] or not all(map(non_empty, path)):
        return ()
    return tuple(path)


def normal(name: str) -> str:
    """Normalize a name so that similar names compare as equal.

    Names are similar if they differ only in case, whitespace, invisible characters or Unicode normalization. A server
    may treat similar names as the same name.
    """
    if name.isascii():
        return " ".join(name.lower().split())
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return " ".join(_visible(composed).split())


def _visible(name: str) -> str:
    return "".join(letter for letter in name if unicodedata.category(letter) != FORMATTING)


def search_text(name: str) -> str:
    """Return the part of a name that can be used to search for similar names. The server stores this part unchanged.

    If the name contains irregular spaces or invisible characters, only its longest word is used. Because the server may
    store a non-ASCII letter as several characters, only the longest ASCII part is used.
    """
    words = _visible(name).split()
    text = name
    if name != " ".join(words):
        text = max(words, key=len, default="")
    if text.isascii():
        return text
    return max(_ASCII_PART.findall(unicodedata.normalize("NFC", text)), key=len, default=text)


def is_regular(name: str) -> bool:
    """Return whether a server that trims and normalizes names would store this name unchanged."""
    return name == " ".join(name.split()) and is_printable(name) and unicodedata.is_normalized("NFC", name)


def is_same_but_for_form(value: object, other: object) -> bool:
    """Return whether two values are equal, ignoring case, whitespace and Unicode normalization."""
    return isinstance(value, str) and isinstance(other, str) and normal(value) == normal(other)


def non_empty(value: object) -> str | None:
    """Return the value if it is a non-empty string, or None otherwise."""
    if isinstance(value, str) and value:
        return value
    return None


def pkid_in(href: object) -> str | None:
    """Return the pkid from the URL path of a customer, or None if the value is not such a path."""
    return part_of(_ADDRESS, href)


def part_of(pattern: re.Pattern[str], value: object) -> str | None:
    """Return the part of a string that matches the first group of a pattern, or None if there is no match."""
    found = pattern.search(value) if isinstance(value, str) else None
    return found[1] if found else None


def public(customer: Customer, now: datetime | None = None) -> Object:
    """Return the attributes and the location of a customer for a module result, without secrets.

    The redaction of the result removes undocumented attributes whose names identify secrets.

    :param now: if set, the result contains the number of days until each token expires.
    """
    shown = _without(customer["data"], UNSHOWN)
    shown.update(pkid=customer["pkid"], hierarchy=customer["hierarchy"], hierarchy_path=customer["hierarchy_path"])
    if now:
        for kind in ("access_token", "refresh_token"):
            shown[f"{kind}_days_left"] = days_left(customer["data"].get(f"{kind}_expires"), now)
    return shown


def with_documented(shown: Object) -> Object:
    """Return the attributes of a customer. Documented attributes that the server omits are null."""
    return {**dict.fromkeys(DOCUMENTED), **shown}


def is_blank(value: object) -> bool:
    """Return whether a value is equivalent to a missing value, because the server omits empty attributes."""
    return value is False or value in (None, "", [], {}, "false", "False")


def equal(name: str, current: object, desired: object) -> bool:
    """Return whether two values of an attribute are equivalent."""
    if is_blank(desired):
        return is_blank(current)
    if is_blank(current):
        return False
    if isinstance(desired, bool):
        return str(current).casefold() == str(desired).casefold()
    if name in ("account_number", "account_number_external"):
        return organization(current) == organization(desired)
    return current == desired


def organization(number: object) -> object:
    """Return the UUID of an organization, which can be base64-encoded as ``ciscospark://us/ORGANIZATION/<uuid>``."""
    text = str(number).strip()
    if not re.fullmatch(r"[0-9a-fA-F-]{36}", text):
        try:
            decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
        except ValueError:
            return text
        found = re.fullmatch(r"ciscospark://[^/]+/ORGANIZATION/([0-9a-fA-F-]{36})", decoded)
        if not found:
            return text
        text = found.group(1)
    return text.lower()


def changes(customer: Customer, settings: Object, secrets: Object, rewrite_secrets: bool) -> tuple[Object, Object]:
    """Return the settings and the secrets that an update must contain.

    :param rewrite_secrets: whether to write secrets that cannot be compared, because the server does not show them.
    """
    data = customer["data"]
    written: Object = {}
    for name, value in secrets.items():
        is_written = data[name] != value if is_shown(data, name) else rewrite_secrets
        if is_written:
            written[name] = value
    return differing(data, settings, equal), written


def is_shown(data: Item, name: str) -> bool:
    """Return whether the server returned the actual value of a secret rather than a mask or an empty string."""
    value = data.get(name)
    return isinstance(value, str) and _MASK.fullmatch(value) is None


def is_omitted(data: Item, settings: Object, secrets: t.Container[str] = ()) -> bool:
    """Return whether the list omits an attribute that is compared and that the customer may have.

    A list contains fewer attributes than the response to a GET request. Therefore, an attribute that is not in the list
    is not necessarily empty. Of the secrets, only the refresh token is known to be in the response to a GET request.
    """
    for name, value in settings.items():
        if value is not None and name not in data and is_blank(value):
            return True
    return "refresh_token" in secrets and not is_shown(data, "refresh_token")


def modification(
    customer: Customer, settings: Object, secrets: Object, given_settings: Item, given_secrets: Object
) -> Object:
    """Return the body of the PUT request that replaces the customer.

    :param settings: the settings to change. The body contains all other attributes of the customer unchanged, except
        those that the server derives from a changed setting or sets together with a secret.
    :param secrets: the secrets to change.
    :param given_settings: the settings in the options. The body also contains each of them that is unchanged.
    :param given_secrets: the secrets in the options. The body also contains each secret that the customer already has.
    """
    data = customer["data"]
    replaced = {expiry for secret, expiry in EXPIRIES.items() if secret in secrets}
    if _changes_organization(data, settings):
        replaced.add("account_number")
    replaced -= {name for name, value in given_settings.items() if value is not None}
    body = {**_without(data, UNWRITTEN | replaced), **settings}
    for name, value in given_secrets.items():
        if is_shown(data, name) and data[name] == value:
            body[name] = value
    return {**body, **secrets}


def _changes_organization(data: Item, settings: Item) -> bool:
    """Return whether an update changes the external number of an organization, and thereby its internal number."""
    external = settings.get("account_number_external")
    if not external:
        return False
    return organization(external) != organization(data.get("account_number"))


def after_changes(customer: Customer, settings: Object) -> Customer:
    """Return the expected state of a customer after an update."""
    return {**customer, "data": {**customer["data"], **settings}}


def difference(
    before: Customer | None, after: Customer | None, written: t.Collection[str] = (), called: t.Sequence[str] = ()
) -> Object:
    """Return the diff of a customer, with its changed attributes and the attributes that identify it.

    :param before: the customer before the run; None if it does not exist.
    :param after: the customer after the run; None if it no longer exists.
    :param written: names of the secrets that are written. The diff does not contain their values.
    :param called: actions that change something other than the attributes, for example a synchronization.
    """
    additions: Object = dict.fromkeys(written, WRITTEN)
    if called:
        additions["actions"] = list(called)
    old: Object | None = None
    new: Object | None = None
    if before:
        old = {**public(before), **dict.fromkeys(written, NOT_SHOWN)}
    if after:
        new = {**public(after), **additions}
    return diff(old, new, IDENTITY)


def counted_names(names: t.Sequence[str], limit: int = 5) -> str:
    """Return the number and the names of customers for use in a message, with at most ``limit`` names."""
    quoted = first_of(list(map("'{}'".format, names)), limit)
    return f"the customer {quoted}" if len(names) == 1 else f"{len(names)} customers ({quoted})"


def place_of(customer: Customer) -> t.Any:
    """Return the dotted path of a customer's node, or the pkid of the node if the path is unknown."""
    return customer["hierarchy_path"] or customer["hierarchy"]
