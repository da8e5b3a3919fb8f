# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Define, validate and convert the options of the modules for Spark customers."""

from __future__ import annotations

import typing as t

from ..._client import ApiClient
from ..._errors import InputError, check_range
from ..._plan import Item, Object
from . import model
from .customer import SYNCS, DesiredCustomer, Rules
from .transactions import PollOptions

Options = t.Mapping[str, Item]

ATTRIBUTES: Options = {
    "account_email": {"type": "str"},
    "account_number": {"type": "str"},
    "account_number_external": {"type": "str"},
    "default_calling_behaviour": {"type": "str"},
    "dirsync_enabled": {"type": "bool"},
    "email_domain": {"type": "str"},
    "http_proxy": {"type": "str", "no_log": True},
    "https_proxy": {"type": "str", "no_log": True},
    "token": {"type": "str", "no_log": True},
    "refresh_token": {"type": "str", "no_log": True},
    "sync_on_create": {"type": "bool"},
    "extra_attributes": {"type": "dict"},
}

RULES: Options = {
    "update_secrets": {"type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False},
    "sync": {"type": "list", "elements": "str", "choices": list(SYNCS)},
    "sync_when": {"type": "str", "choices": ["changed", "always"], "default": "changed"},
    "refresh_access_token": {
        "type": "str",
        "choices": ["never", "expiring", "always"],
        "default": "never",
        "no_log": False,
    },
    "token_min_days": {"type": "float", "default": 3.0, "no_log": False},
}

WAITING: Options = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 600.0},
    "poll_interval": {"type": "float", "default": 2.0},
}

# Options that select a customer or a node.
IDENTIFIERS = ("pkid", "hierarchy", "target_hierarchy")

# Attributes that "extra_attributes" must not contain.
RESERVED = frozenset({*model.SETTINGS, *model.UNWRITTEN, "request_meta"})

MIN_INTERVAL = 0.001
MAX_SECONDS = 7 * 24 * 3600.0
MAX_DAYS = 1_000_000.0


def desired_customer_from(params: Item, hierarchy: str, scope: str | None = None) -> DesiredCustomer:
    """Create the desired state of a customer from the options of a module or from a list entry.

    :raises InputError: an identifier or a token is empty, or ``extra_attributes`` contains an attribute that has its
        own option or that only the server sets.
    """
    name = params.get("name")
    refuse_empty(params, ("name",), "a customer")
    refuse_empty(params, IDENTIFIERS, f"the customer '{name}'" if name else "a customer")
    extra = params.get("extra_attributes") or {}
    reserved = RESERVED.intersection(extra)
    if reserved:
        raise InputError(
            f"'extra_attributes' must not contain {', '.join(sorted(reserved))}. Use the options with the same names,"
            " or omit attributes that only the server sets."
        )
    settings = {key: params[key] for key in model.SETTINGS if params.get(key) is not None}
    settings.pop("name", None)
    settings.update(extra)
    return DesiredCustomer(
        hierarchy=hierarchy,
        name=name,
        pkid=params.get("pkid"),
        settings=settings,
        secrets=_passwords(params),
        sync_on_create=params.get("sync_on_create"),
        target=params.get("target_hierarchy"),
        scope=scope,
    )


def refuse_empty(params: Item, names: t.Iterable[str], owner: str) -> None:
    """Check that no option is empty, for example because of an undefined variable.

    :param owner: a description of the object to which the options belong, for the error message.
    :raises InputError: an option is set, but empty.
    """
    for name in names:
        value = params.get(name)
        if value is None:
            continue
        if not value.strip():
            raise InputError(f"The '{name}' of {owner} must not be empty. Check the value of this option.")


def _passwords(params: Item) -> Object:
    """Return the passwords that are set. An empty string clears the address of a proxy.

    :raises InputError: a token is empty.
    """
    for name in ("token", "refresh_token"):
        if params.get(name) == "":
            customer = params.get("name") or params.get("pkid")
            raise InputError(
                f"The '{name}' of the customer '{customer}' must not be empty. To leave the token unchanged, omit the"
                " option."
            )
    return {name: params[name] for name in model.PASSWORDS if params.get(name) is not None}


def rules_from(params: Item) -> Rules:
    """Return the options that determine when to write secrets, synchronize customers and refresh access tokens.

    :raises InputError: ``token_min_days`` is out of range.
    """
    check_range(params, "token_min_days", 0, MAX_DAYS)
    return Rules(
        rewrite_secrets=params["update_secrets"] == "always",
        sync=tuple(params["sync"] or ()),
        sync_always=params["sync_when"] == "always",
        refresh=params["refresh_access_token"],
        token_min_days=params["token_min_days"],
    )


def poll_options_from(params: Item) -> PollOptions:
    """Create the poll options from the parameters of a module.

    :raises InputError: a time is not a number, or is out of range.
    """
    check_range(params, "wait_timeout", 0, MAX_SECONDS)
    check_range(params, "poll_interval", MIN_INTERVAL, MAX_SECONDS)
    return PollOptions(params.get("wait", True), params["wait_timeout"], params["poll_interval"])


def learn_secrets(http: ApiClient, entries: t.Iterable[Item]) -> None:
    """Register the secrets of customers, so that the client removes them before it shortens a vendor message.

    :param entries: the options or list entries of the customers.
    """
    secrets: list[t.Any] = []
    extra: list[Item] = []
    for entry in entries:
        secrets += secrets_of(entry).values()
        if entry.get("extra_attributes"):
            extra.append(entry["extra_attributes"])
    http.learn_secrets(secrets)
    http.learn_parameters({"extra_attributes": extra})


def secrets_of(params: Item) -> Object:
    """Return the secret options that are not empty. Their values are redacted in messages and results."""
    return {name: params[name] for name in (*model.PASSWORDS, "http_proxy") if params.get(name)}
