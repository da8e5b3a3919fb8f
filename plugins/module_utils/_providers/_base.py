# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The interface between shared code and a vendor.

Each vendor is a package with a :class:`Provider`. Code outside these packages never tests the name of a vendor.
"""

from __future__ import annotations

import abc
import dataclasses
import typing as t
from datetime import datetime

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._connection import Connection
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._spec import Params, Spec
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import record_text

MAX_HOURS = 1e7
MAX_DAYS = 1e6
MAX_SHOWN = 100

Item = t.Mapping[str, t.Any]
Warn = t.Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class HealthThresholds:
    """The time at which health is determined, and the thresholds that depend on time.

    :raises InputError: a threshold is negative, too large or not finite.
    """

    now: datetime
    stale_after_hours: float = 24.0
    expiring_within_days: float = 7.0

    def __post_init__(self) -> None:
        if not 0 <= self.stale_after_hours <= MAX_HOURS:
            raise InputError(f"Option 'stale_after_hours' is not valid: it must be between 0 and {MAX_HOURS:.0f}.")
        if not 0 <= self.expiring_within_days <= MAX_DAYS:
            raise InputError(f"Option 'expiring_within_days' is not valid: it must be between 0 and {MAX_DAYS:.0f}.")


class Provider(abc.ABC):
    """One vendor.

    :cvar info_module: the name of the module that lists the connectors.
    :cvar list_key: the key of the list in the result of that module.
    :cvar spec: the connection and the options of that module.
    :cvar scope: the options that an inventory accepts in addition to the connection options.
    :cvar required_scope: the options of the scope that are required.
    :cvar health_filters: the options that filter by health. The event source rejects them, because connectors would
        seem to appear and disappear.
    :cvar health_from_tokens: whether the health of an item follows only from the expiry of its tokens.
    :cvar fleet_defaults: defaults of options for readers of the fleet that differ from those of the module.
    :cvar watch_defaults: further defaults of options for the event source.
    :cvar item: the noun for an item of the list, in the singular.
    :cvar health_rules: sentences that document how the health of an item is determined.
    :cvar fleet_notes: further sentences that document the options for readers of the fleet.
    """

    info_module: t.ClassVar[str]
    list_key: t.ClassVar[str] = "connectors"
    spec: t.ClassVar[Spec]
    scope: t.ClassVar[tuple[str, ...]] = ()
    required_scope: t.ClassVar[tuple[str, ...]] = ()
    health_filters: t.ClassVar[tuple[str, ...]] = ()
    health_from_tokens: t.ClassVar[bool] = False
    fleet_defaults: t.ClassVar[t.Mapping[str, t.Any]] = {}
    watch_defaults: t.ClassVar[t.Mapping[str, t.Any]] = {}
    item: t.ClassVar[str] = "connector"
    health_rules: t.ClassVar[tuple[str, ...]]
    fleet_notes: t.ClassVar[tuple[str, ...]] = ()

    @property
    def connection(self) -> Connection:
        """How the API is reached."""
        if self.spec.connection is None:
            raise TypeError(f"The specification of {self.info_module} has no connection.")
        return self.spec.connection

    @property
    def name(self) -> str:
        """The name of the system in options, groups and records."""
        return self.connection.name

    @property
    def title(self) -> str:
        """The name of the product."""
        return self.connection.title

    @property
    def has_alarms(self) -> bool:
        """Whether items of this system can have alarms."""
        return type(self).alarms is not Provider.alarms

    @property
    def has_expiries(self) -> bool:
        """Whether items of this system can have tokens that expire."""
        return type(self).expiries is not Provider.expiries

    @property
    def fleet_spec(self) -> Spec:
        """The options for readers of the fleet: those of the info module, with :attr:`fleet_defaults`."""
        options = {name: dict(entry) for name, entry in self.spec.options.items()}
        for name, default in self.fleet_defaults.items():
            options[name]["default"] = default
        return dataclasses.replace(self.spec, options=options)

    @abc.abstractmethod
    def check(self, params: Params) -> None:
        """Check the rules between parameters that a specification cannot express, without sending a request.

        :raises InputError: a parameter is not valid.
        """

    @abc.abstractmethod
    def items(self, http: ApiClient, params: Params, warn: Warn) -> list[Object]:
        """Return the list of the info module for these parameters."""

    @abc.abstractmethod
    def identity(self, item: Item) -> tuple[object, object]:
        """Return the ID and the name of an item. The values can have any type."""

    @abc.abstractmethod
    def record(self, item: Item, thresholds: HealthThresholds) -> Object:
        """Return the other fields of the fleet record of an item. The values can have any type."""

    def alarms(self, item: Item) -> list[Item]:
        """Return the alarms of an item, with the keys ``severity``, ``title``, ``description`` and ``created``."""
        return []

    def expiries(self, item: Item) -> list[tuple[str, object]]:
        """Return the kind of each token of an item, and when the token expires, as the service writes the time.

        The kind is one of :data:`_secret_names.TOKEN_KINDS`. Other values of the key ``token`` count as secrets.
        """
        return []


def shown(value: object) -> str:
    """Return a value from a service for a message, in quotes."""
    text = record_text(value)
    return f"'{text[:MAX_SHOWN]}'" if text is not None else "a value that is not a string"


def status_problem(title: str, status: object) -> str:
    """Return the problem of a connector that is not healthy because of its status."""
    return f"{title} reports the status {shown(status)}." if status is not None else f"{title} reports no status."


def word(value: object) -> str:
    """Return a string from a service in lower case, for comparisons; an empty string for any other type."""
    return value.casefold() if isinstance(value, str) else ""


def first_text(*candidates: object) -> object:
    """Return the first value that is valid in a string field of a record."""
    return next((value for value in candidates if record_text(value)), None)
