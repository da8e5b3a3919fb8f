# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the interface between the shared code and the providers.

The package for each vendor contains a subclass of :class:`Provider`. Code outside these packages does not depend on any
vendor.
"""

from __future__ import annotations

import abc
import dataclasses
import typing as t
from datetime import datetime

from .._client import ApiClient
from .._connection import Connection
from .._errors import ConnectorsError, check_range
from .._evidence import text_or_empty
from .._plan import Object, named_values, shown, text_of
from .._spec import Params, Spec
from .._untrusted import record_text

Item = t.Mapping[str, t.Any]
Warn = t.Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class HealthThresholds:
    """The current time and the thresholds that determine the health of an item.

    :raises InputError: a threshold is negative, too large or not finite.
    """

    now: datetime
    stale_after_hours: float = 24.0
    expiring_within_days: float = 7.0

    def __post_init__(self) -> None:
        check_range(vars(self), "stale_after_hours", 0, 1e7)
        check_range(vars(self), "expiring_within_days", 0, 1e6)


class PartlyRead(ConnectorsError):
    """Only part of a list could be read.

    :ivar items: the items that were read.
    :ivar unread: the IDs of the parts that could not be read, for example of organizations.
    """

    def __init__(self, message: str, items: list[Object], cause: ConnectorsError, unread: t.Iterable[str]) -> None:
        super().__init__(message, cause.result, cause.reason)
        self.items = items
        self.unread = frozenset(unread)


class Provider(abc.ABC):
    """Base class of providers, which list the connectors of one vendor and convert them to fleet records.

    ``make generate`` reads ``DOCUMENTATION`` in the file of a provider: ``operations`` (the supported operations),
    ``health_rules`` (sentences about how the health of an item is determined), and optionally ``fleet_notes``
    (sentences about the options that are used to read the fleet).

    :cvar info_module: the name of the module that lists the connectors.
    :cvar list_key: the key of the list in the result of that module.
    :cvar spec: the connection and the options of that module.
    :cvar scope: the options that an inventory accepts in addition to the connection options.
    :cvar required_scope: the options of the scope that are required.
    :cvar health_filters: the options that filter by health. The event source rejects these options, because connectors
        would otherwise seem to appear and disappear.
    :cvar health_from_tokens: whether the health of an item depends only on the expiry of its tokens.
    :cvar fleet_defaults: the default values for reading the fleet that differ from those of the info module.
    :cvar poll_defaults: additional default values for the event source.
    :cvar item: the noun for an item of the list, in the singular.
    """

    info_module: t.ClassVar[str]
    list_key: t.ClassVar[str] = "connectors"
    spec: t.ClassVar[Spec]
    scope: t.ClassVar[tuple[str, ...]] = ()
    required_scope: t.ClassVar[tuple[str, ...]] = ()
    health_filters: t.ClassVar[tuple[str, ...]] = ()
    health_from_tokens: t.ClassVar[bool] = False
    fleet_defaults: t.ClassVar[t.Mapping[str, t.Any]] = {}
    poll_defaults: t.ClassVar[t.Mapping[str, t.Any]] = {}
    item: t.ClassVar[str] = "connector"

    @property
    def connection(self) -> Connection:
        """Return the connection options and the authentication of the system."""
        if self.spec.connection is None:
            raise TypeError(f"The specification of {self.info_module} does not have a connection.")
        return self.spec.connection

    @property
    def name(self) -> str:
        """Return the short name of the system, which is used in options, groups and records."""
        return self.connection.name

    @property
    def title(self) -> str:
        """Return the name of the product."""
        return self.connection.title

    @property
    def has_alarms(self) -> bool:
        """Return whether items of this system can have alarms."""
        return type(self).alarms is not Provider.alarms

    @property
    def has_expiries(self) -> bool:
        """Return whether items of this system can have tokens that expire."""
        return type(self).expiries is not Provider.expiries

    @property
    def fleet_spec(self) -> Spec:
        """Return the options of the info module, with the default values from :attr:`fleet_defaults`."""
        options = dict(self.spec.options)
        for name, default in self.fleet_defaults.items():
            options[name] = {**options[name], "default": default}
        return dataclasses.replace(self.spec, options=options)

    @abc.abstractmethod
    def check(self, params: Params) -> None:
        """Check parameter rules that :attr:`spec` cannot express. This method does not send requests.

        :raises InputError: a parameter is not valid.
        """

    @abc.abstractmethod
    def items(self, http: ApiClient, params: Params, warn: Warn) -> list[Object]:
        """Return the list of items that the info module returns for these parameters.

        :raises PartlyRead: only some of the items could be read.
        """

    def missing(self, result: Item) -> str | None:
        """Return the reason why the result of the info module is not complete, or None if it is complete."""
        return None

    def unread_parts(self, result: Item) -> list[t.Any]:
        """Return the IDs of the parts that the result of the info module does not contain because of errors."""
        return []

    @abc.abstractmethod
    def identity(self, item: Item) -> tuple[object, object]:
        """Return the ID and the name of an item. Both values can have any type."""

    @abc.abstractmethod
    def record(self, item: Item, thresholds: HealthThresholds) -> Object:
        """Return the fields of the fleet record for an item. Values can have any type. None values can be omitted."""

    def alarms(self, item: Item) -> list[Item]:
        """Return the alarms of an item, with the keys ``severity``, ``title``, ``description`` and ``created``."""
        return []

    def expiries(self, item: Item) -> list[tuple[str, object]]:
        """Return the kind and the expiry time of each token of an item. The format of the time depends on the service.

        The kind is one of :data:`_secret_names.TOKEN_KINDS`. Other values of the key ``token`` are treated as secrets.
        """
        return []


def quoted(value: object) -> str:
    """Quote a value from a service for use in a message."""
    text = record_text(value)
    return "a value that is not a string" if text is None else f"'{shown(text)}'"


def status_problem(title: str, status: object) -> str:
    """Return a sentence that gives the status of a connector as the reason why it is not healthy."""
    if status is None:
        return f"{title} reports no status."
    return f"{title} reports the status {quoted(status)}."


def word(value: object) -> str:
    """Return a string from a service for case-insensitive comparison, or an empty string for other types."""
    return text_or_empty(value).casefold()


def first_text(*candidates: object) -> object:
    """Return the first non-empty value that can be stored in a string field of a record, or None if there is none."""
    return next(filter(record_text, candidates), None)


def matching(items: list[Object], key: str, values: t.Iterable[str] | None) -> list[Object]:
    """Return the items whose value for ``key`` is one of ``values``. Without ``values``, return all items."""
    accepted = named_values(values)
    if not accepted:
        return items
    return [item for item in items if text_of(item[key]) in accepted]
