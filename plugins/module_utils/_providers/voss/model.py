# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""What a Spark customer is: its attributes, which are secret, when two values are the same, and what a write carries.

Source: the schema of relation/SparkCustomer. Pure functions; a customer is a dictionary with ``pkid``, ``hierarchy``
(pkid of its node), ``hierarchy_path`` (None where the server does not show it) and ``data`` (the attributes as the
server has them).
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

SETTINGS = (
    "name",
    "account_email",
    "account_number",
    "account_number_external",
    "default_calling_behaviour",
    "dirsync_enabled",
    "email_domain",
    "http_proxy",
)
PASSWORDS = ("https_proxy", "token", "refresh_token")
UNSHOWN = frozenset(PASSWORDS) | {"http_proxy", "token_link"}
# Attributes that are documented as returned. The server leaves out those that are not set.
DOCUMENTED = (
    "name",
    "account_email",
    "account_number",
    "account_number_external",
    "default_calling_behaviour",
    "dirsync_enabled",
    "email_domain",
    "access_token_expires",
    "refresh_token_expires",
)
LOCATION = frozenset({"pkid", "hierarchy", "hierarchy_path", "hierarchy_friendly_name"})
# Identify a customer in a diff.
IDENTITY = ("name", "hierarchy_path", "pkid")
UNWRITTEN = frozenset(PASSWORDS) | LOCATION | {"token_link", "sync"}

# Control characters stay, since they separate words; formatting characters are never seen.
INVISIBLE = ("Cf",)

_MASK = re.compile(r"[*\u2022\u25cf]*")


def customer_from(item: t.Mapping[str, t.Any]) -> Customer | None:
    """A customer out of an item of a list or the answer to a GET, which have the same frame; None if it has no pkid.

    ``data.pkid`` is another object's and not used. The node is the parent, or the last but one of ``meta.path``. If
    these two contradict each other, the place of the customer is not known.
    """
    meta, data = mapping(item.get("meta")), mapping(item.get("data"))
    pkid = pkid_of(item)
    if pkid is None:
        return None
    path = steps(meta)
    nodes = tuple(path[:-1]) if path and path[-1] == pkid else ()
    parent = _first_pkid(mapping(meta.get("references")).get("parent"))
    if parent and nodes and parent != nodes[-1]:
        parent, nodes = None, ()
    shown = data.get("hierarchy_path")
    return {
        "pkid": pkid,
        "hierarchy": parent or (nodes[-1] if nodes else None),
        "hierarchy_path": shown if isinstance(shown, str) and shown else None,
        "nodes": nodes,
        "data": {key: value for key, value in data.items() if key not in LOCATION},
    }


def pkid_of(item: t.Mapping[str, t.Any]) -> str | None:
    """The pkid of an item, out of its own address if that alone shows it; None if the two contradict each other."""
    own = mapping(mapping(item.get("meta")).get("references")).get("self")
    shown = [item.get("pkid"), _first(own).get("pkid"), pkid_in(_first(own).get("href"))]
    pkids = {json.dumps(pkid): pkid for pkid in shown if pkid}
    if len(pkids) != 1:
        return None
    (pkid,) = pkids.values()
    return pkid if isinstance(pkid, str) else None


def mapping(value: object) -> Object:
    """The value if it is an object, else an empty one: what a server leaves out is not there, and no defect."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[t.Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def steps(meta: Object) -> list[str]:
    """The pkids from the root down to the thing itself, as ``meta.path`` has them; none if one of them is no pkid."""
    path = sequence(meta.get("path"))
    return path if all(isinstance(step, str) and step for step in path) else []


def _first(references: object) -> Object:
    return mapping(next(iter(sequence(references)), None))


def normal(name: str) -> str:
    """A name as it is compared where a server might take two spellings for one: without regard to case, spaces around
    it or invisible characters, and to how its letters are composed.
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
    """Return in which respects two names differ that :func:`normal` makes equal."""
    kinds = [kind for kind in _FOLDS if _folded(name, kind) != _folded(other, kind)]
    return " and ".join(kinds) or "case, whitespace or Unicode normalization"


def _folded(name: str, kept: str) -> str:
    """Return a name in a form without differences, except those of one kind."""
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


def _first_pkid(references: object) -> str | None:
    pkid = _first(references).get("pkid")
    return pkid if isinstance(pkid, str) and pkid else None


def pkid_in(href: object) -> str | None:
    """The pkid of a customer out of an address of it, as transactions and references give it."""
    found = re.search(r"/relation/SparkCustomer/([0-9A-Za-z]+)(?=[/?]|$)", href) if isinstance(href, str) else None
    return found.group(1) if found else None


def public(customer: Customer, now: datetime | None = None) -> Object:
    """Return the customer as the modules return it: its attributes and its place; with days left if ``now`` is given.

    The documented secrets are left out. Attributes of other releases that are named like a secret are removed from the
    result of the task.
    """
    shown = {key: value for key, value in customer["data"].items() if key not in UNSHOWN}
    shown.update({key: customer[key] for key in ("pkid", "hierarchy", "hierarchy_path")})
    if now:
        for kind in ("access_token", "refresh_token"):
            shown[f"{kind}_days_left"] = days_left(customer["data"].get(f"{kind}_expires"), now)
    return shown


def with_documented(shown: Object) -> Object:
    """Return a customer as the modules return it, with every documented attribute: null where it is not set."""
    return {**dict.fromkeys(DOCUMENTED), **shown}


def is_blank(value: object) -> bool:
    """Whether a value says no more than its absence: the server leaves out what is empty or not set."""
    return value is None or value is False or value == "" or value == [] or value == {} or value in ("false", "False")


def equal(name: str, current: object, wanted: object) -> bool:
    """Whether two values of an attribute are the same, however they are spelt."""
    if is_blank(current) or is_blank(wanted):
        return is_blank(current) and is_blank(wanted)
    if isinstance(wanted, bool):
        return str(current).casefold() == str(wanted).casefold()
    if name in ("account_number", "account_number_external"):
        return organization(current) == organization(wanted)
    return current == wanted


def organization(number: object) -> object:
    """The bare UUID of an organization, also out of base64 of ``ciscospark://us/ORGANIZATION/<uuid>``."""
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
    """The settings and the secrets that a modification has to write; both empty if all is as it should be.

    A secret that the server shows is compared like a setting. One that it does not show is written if
    ``rewrite_secrets``.
    """
    data = customer["data"]
    return (
        differing(data, settings, equal),
        {
            name: value
            for name, value in secrets.items()
            if (data[name] != value if is_shown(data, name) else rewrite_secrets)
        },
    )


def is_shown(data: t.Mapping[str, t.Any], name: str) -> bool:
    """Whether the server shows the value of a password attribute; masks and empty strings show nothing."""
    value = data.get(name)
    return isinstance(value, str) and _MASK.fullmatch(value) is None


def modification(customer: Customer, settings: Object, secrets: Object, given_secrets: Object) -> Object:
    """The body of a PUT, which replaces: all that is not secret, with the changes, and of the secrets only what was
    given.
    """
    data = customer["data"]
    body = {name: value for name, value in data.items() if name not in UNWRITTEN}
    kept = {name: value for name, value in given_secrets.items() if is_shown(data, name) and data[name] == value}
    return {**body, **settings, **kept, **secrets}


def after_changes(customer: Customer, settings: Object) -> Customer:
    """The customer as a modification leaves it."""
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
    """Return how to call customers in a message: by their names, of which at most ``limit`` are listed."""
    quoted = first_of([f"'{name}'" for name in names], limit)
    return f"the customer {quoted}" if len(names) == 1 else f"{len(names)} customers ({quoted})"


def place_of(customer: Customer) -> t.Any:
    """Return the dotted path of the node of a customer, or its pkid if the server does not show the path."""
    return customer["hierarchy_path"] or customer["hierarchy"]
