# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The model of a Spark customer: attributes, secrets, comparison of values, and request bodies.

Source: the schema of relation/SparkCustomer. A customer is a dictionary with ``pkid``, ``hierarchy`` (pkid of its
node), ``hierarchy_path`` (None if the server does not show it), ``nodes`` (pkids of the nodes from the root to its
node) and ``data`` (the attributes that the server returned).
"""

from __future__ import annotations

import base64
import functools
import json
import re
import typing as t
import unicodedata
from datetime import datetime

from ansible_collections.hybrid.connectors.plugins.module_utils._plan import (
    NOT_SHOWN,
    WRITTEN,
    Object,
    diff,
    differing,
    first_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._timestamps import days_left
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import is_printable

Customer = dict[str, t.Any]

# Settings that are neither secrets nor addresses of proxies.
OPEN_SETTINGS = (
    "name",
    "account_email",
    "account_number",
    "account_number_external",
    "default_calling_behaviour",
    "dirsync_enabled",
    "email_domain",
)
SETTINGS = (*OPEN_SETTINGS, "http_proxy")
PASSWORDS = ("https_proxy", "token", "refresh_token")
UNSHOWN = frozenset(PASSWORDS) | {"http_proxy", "token_link"}
# Attributes in the documentation of the modules. The server leaves out attributes that are not set.
DOCUMENTED = (
    *OPEN_SETTINGS,
    "access_token_expires",
    "refresh_token_expires",
)
LOCATION = frozenset({"pkid", "hierarchy", "hierarchy_path", "hierarchy_friendly_name"})
# Attributes that identify a customer in a diff.
IDENTITY = ("name", "hierarchy_path", "pkid")
UNWRITTEN = frozenset(PASSWORDS) | LOCATION | {"token_link", "sync"}

# Unicode category of formatting characters. Control characters are not in it, because they can separate words.
INVISIBLE = ("Cf",)

_MASK = re.compile(r"[*\u2022\u25cf]*")


def customer_from(item: t.Mapping[str, t.Any]) -> Customer | None:
    """Convert a list item or the response to a GET to a customer; None if it has no pkid.

    ``data.pkid`` is not used, because it belongs to another object. The node is the parent, or the second to last
    element of ``meta.path``. If both are different, the place of the customer is not known.
    """
    meta, data = mapping(item.get("meta")), mapping(item.get("data"))
    pkid = pkid_of(item)
    if pkid is None:
        return None
    path = steps(meta)
    nodes = path[:-1] if path[-1:] == [pkid] else []
    above = nodes[-1] if nodes else None
    parent = non_empty(_first(mapping(meta.get("references")).get("parent")).get("pkid")) or above
    if nodes and parent != above:
        parent, nodes = None, []
    return {
        "pkid": pkid,
        "hierarchy": parent,
        "hierarchy_path": non_empty(data.get("hierarchy_path")),
        "nodes": tuple(nodes),
        "data": {key: value for key, value in data.items() if key not in LOCATION},
    }


def pkid_of(item: t.Mapping[str, t.Any]) -> str | None:
    """Return the pkid of an item, from the item or from its address; None if they contain different pkids."""
    own = mapping(mapping(item.get("meta")).get("references")).get("self")
    shown = [item.get("pkid"), _first(own).get("pkid"), pkid_in(_first(own).get("href"))]
    pkids = {json.dumps(pkid): pkid for pkid in shown if pkid}
    if len(pkids) != 1:
        return None
    (pkid,) = pkids.values()
    return pkid if isinstance(pkid, str) else None


def mapping(value: object) -> Object:
    """Return the value if it is an object, else an empty object, because a server can leave out optional objects."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[t.Any]:
    """Return the value if it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def steps(meta: Object) -> list[str]:
    """Return the pkids from the root to the object itself from ``meta.path``; empty if one of them is not a pkid."""
    path = sequence(meta.get("path"))
    return path if all(isinstance(step, str) and step for step in path) else []


def _first(references: object) -> Object:
    return mapping(next(iter(sequence(references)), None))


def normal(name: str) -> str:
    """Return a name in a form in which similar names are equal.

    Names are similar if they differ only in case, whitespace, invisible characters or Unicode normalization. A server
    may treat similar names as the same name.
    """
    if name.isascii():
        return " ".join(name.lower().split())
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return " ".join(_visible(composed).split())


def _visible(name: str) -> str:
    return "".join(letter for letter in name if unicodedata.category(letter) not in INVISIBLE)


_FOLDS: dict[str, t.Callable[[str], str]] = {
    "invisible characters": _visible,
    "Unicode normalization": functools.partial(unicodedata.normalize, "NFC"),
    "case": str.casefold,
    "whitespace": lambda name: " ".join(name.split()),
}


def difference_of(name: str, other: str) -> str:
    """Return a description of the differences between two similar names."""
    kinds = [kind for kind in _FOLDS if _folded(name, kind) != _folded(other, kind)]
    return " and ".join(kinds) or "case, whitespace or Unicode normalization"


def _folded(name: str, kept: str) -> str:
    """Return a name in a form that keeps only one kind of differences."""
    for kind, fold in _FOLDS.items():
        if kind != kept:
            name = fold(name)
    return name


def is_regular(name: str) -> bool:
    """Return whether a server that trims and normalizes names stores this one unchanged."""
    return name == " ".join(name.split()) and is_printable(name) and unicodedata.is_normalized("NFC", name)


def is_same_but_for_form(value: object, other: object) -> bool:
    """Return whether two values differ in nothing but case, whitespace or Unicode normalization."""
    return isinstance(value, str) and isinstance(other, str) and normal(value) == normal(other)


def non_empty(value: object) -> str | None:
    """Return the value if it is a string that is not empty."""
    return value if value and isinstance(value, str) else None


def pkid_in(href: object) -> str | None:
    """Return the pkid in the address of a customer; None if the value is not such an address."""
    if not isinstance(href, str):
        return None
    found = re.search(r"/relation/SparkCustomer/([0-9A-Za-z]+)(?=[/?]|$)", href)
    return found.group(1) if found else None


def public(customer: Customer, now: datetime | None = None) -> Object:
    """Return a customer as the modules return it: its attributes and its place, without secrets.

    Undocumented attributes with the name of a secret are removed later, from the result of the task.

    :param now: if set, the result contains the days until the tokens expire.
    """
    shown = {key: value for key, value in customer["data"].items() if key not in UNSHOWN}
    shown.update({key: customer[key] for key in ("pkid", "hierarchy", "hierarchy_path")})
    if now:
        for kind in ("access_token", "refresh_token"):
            shown[f"{kind}_days_left"] = days_left(customer["data"].get(f"{kind}_expires"), now)
    return shown


def with_documented(shown: Object) -> Object:
    """Add the documented attributes that are not set as null."""
    return {**dict.fromkeys(DOCUMENTED), **shown}


def is_blank(value: object) -> bool:
    """Return whether a value is equivalent to a missing value. The server leaves out empty attributes."""
    return value is None or value is False or value in ("", [], {}, "false", "False")


def equal(name: str, current: object, wanted: object) -> bool:
    """Return whether two values of an attribute are equivalent."""
    if is_blank(current) or is_blank(wanted):
        return is_blank(current) and is_blank(wanted)
    if isinstance(wanted, bool):
        return str(current).casefold() == str(wanted).casefold()
    if name in ("account_number", "account_number_external"):
        return organization(current) == organization(wanted)
    return current == wanted


def organization(number: object) -> object:
    """Return the UUID of an organization from the UUID or from base64 of ``ciscospark://us/ORGANIZATION/<uuid>``."""
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
    """Return the settings and the secrets that an update must write.

    :param rewrite_secrets: whether to write secrets that the server does not show, and that cannot be compared.
    """
    data = customer["data"]
    written: Object = {}
    for name, value in secrets.items():
        is_different = data[name] != value if is_shown(data, name) else rewrite_secrets
        if is_different:
            written[name] = value
    return differing(data, settings, equal), written


def is_shown(data: t.Mapping[str, t.Any], name: str) -> bool:
    """Return whether the server shows the value of a secret, and not a mask or an empty string."""
    value = data.get(name)
    return isinstance(value, str) and _MASK.fullmatch(value) is None


def modification(customer: Customer, settings: Object, secrets: Object, given_secrets: Object) -> Object:
    """Return the body of a PUT, which replaces the customer: all attributes with the changes, and the given secrets."""
    data = customer["data"]
    body = {name: value for name, value in data.items() if name not in UNWRITTEN}
    body.update(settings)
    for name, value in given_secrets.items():
        if is_shown(data, name) and data[name] == value:
            body[name] = value
    return {**body, **secrets}


def after_changes(customer: Customer, settings: Object) -> Customer:
    """Return the customer after an update."""
    return {**customer, "data": {**customer["data"], **settings}}


def difference(
    before: Customer | None, after: Customer | None, written: t.Collection[str] = (), called: t.Sequence[str] = ()
) -> Object:
    """Return the diff of a customer: what changes, and what identifies the customer.

    :param before: the customer before the run; None if it does not exist.
    :param after: the customer after the run; None if it does not exist anymore.
    :param written: names of the secrets that are written. The diff does not contain their values.
    :param called: actions that change something other than the attributes, for example a synchronization.
    """
    shown_before = public(before) if before else None
    shown_after = public(after) if after else None
    if shown_before is not None:
        shown_before.update(dict.fromkeys(written, NOT_SHOWN))
    if shown_after is not None:
        shown_after.update(dict.fromkeys(written, WRITTEN))
    if shown_after is not None and called:
        shown_after["actions"] = list(called)
    return diff(shown_before, shown_after, IDENTITY)


def counted_names(names: t.Sequence[str], limit: int = 5) -> str:
    """Return the number and the names of customers for a message, with at most ``limit`` names."""
    quoted = first_of([f"'{name}'" for name in names], limit)
    return f"the customer {quoted}" if len(names) == 1 else f"{len(names)} customers ({quoted})"


def place_of(customer: Customer) -> t.Any:
    """Return the dotted path of the node of a customer, or its pkid if the server does not show the path."""
    return customer["hierarchy_path"] or customer["hierarchy"]
