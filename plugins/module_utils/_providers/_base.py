# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""What shared code may ask of a vendor.

A vendor is one package with a :class:`Provider`. Code outside these packages never tests the name of a vendor.
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
    :cvar spec: the options of that module that select and complete the list.
    :cvar scope: those of the options that an inventory accepts.
    :cvar required_scope: those of the scope that an inventory requires.
    :cvar health_filters: those of the options that filter by health, with which a connector seems to come and go.
    :cvar health_from_tokens: whether health follows from the expiry of tokens alone.
    :cvar fleet_defaults: defaults of the options for readers of the fleet, where they differ from the module.
    :cvar watch_defaults: defaults of the options for the event source, in addition.
    :cvar item: what an item of the list is called in text, in the singular.
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
        """The options for readers of the fleet: those of the info module with other defaults."""
        options = {name: dict(entry) for name, entry in self.spec.options.items()}
        for name, default in self.fleet_defaults.items():
            options[name]["default"] = default
        return dataclasses.replace(self.spec, options=options)

    @abc.abstractmethod
    def check(self, params: Params) -> None:
        """Check parameters that a specification cannot check. Nothing is sent.

        :raises InputError: a parameter is not valid.
        """

    @abc.abstractmethod
    def items(self, http: ApiClient, params: Params, warn: Warn) -> list[Object]:
        """Return the list of the info module for these parameters, in the order of the info module."""

    @abc.abstractmethod
    def identity(self, item: Item) -> tuple[object, object]:
        """Return the id and the name of an item, with values of any type."""

    @abc.abstractmethod
    def record(self, item: Item, thresholds: HealthThresholds) -> Object:
        """Return the other fields of a fleet record of an item, with values of any type."""

    def alarms(self, item: Item) -> list[Item]:
        """Return the alarms of an item: ``severity``, ``title``, ``description`` and ``created`` of each."""
        return []

    def expiries(self, item: Item) -> list[tuple[str, object]]:
        """Return the kind of each token of an item, and when the token expires, as the service writes the time.

        The kind is one of :data:`_secret_names.TOKEN_KINDS`. Other values of the key ``token`` count as secrets.
        """
        return []


def shown(value: object) -> str:
    """Return a value of a service as a part of a sentence."""
    text = record_text(value)
    return f"'{text[:MAX_SHOWN]}'" if text is not None else "a value that is not a string"


def status_problem(title: str, status: object) -> str:
    """Return the problem of a connector that is not healthy because of its status."""
    return f"{title} reports the status {shown(status)}." if status is not None else f"{title} reports no status."


def word(value: object) -> str:
    """Return a word of a service for a comparison."""
    return value.casefold() if isinstance(value, str) else ""


def first_text(*candidates: object) -> object:
    """Return the first value that a field of a record can have."""
    return next((value for value in candidates if record_text(value)), None)
