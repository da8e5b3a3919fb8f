# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read the connectors of several systems in parallel.

The module ``fleet_info``, the inventory and the event source use this module. :func:`source_of` checks the options of a
system before any request is sent. If a system cannot be read, the result is a :class:`ConnectorsError`. If only part
of a system could be read, the result contains both the error and this part.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from ._background import start
from ._client import ApiClient, Show
from ._errors import ConnectorsError, Failure, InputError, RequestFailed, SettingsError, as_failure
from ._fleet import HealthThresholds, fleet_of
from ._module import check_arguments, no_request_failed
from ._plan import Object
from ._providers._base import PartlyRead, Provider, Warn
from ._providers.registry import provider_of
from ._redaction import Redaction
from ._session import ApiSession, Connect
from ._settings import Settings, settings_from
from ._spec import Params
from ._stop import StopSwitch
from ._untrusted import plain_data

# Maximum number of seconds to read the list of one system.
DEADLINE = 600.0
MAX_DEADLINE = 86400.0
OPTION_ERRORS = (InputError, SettingsError)


@dataclasses.dataclass(frozen=True)
class Source:
    """A system to read, with its validated options and its session."""

    provider: Provider
    params: Params
    settings: Settings
    session: ApiSession = dataclasses.field(repr=False, compare=False)
    redaction: Redaction = dataclasses.field(repr=False, compare=False)


@dataclasses.dataclass(frozen=True)
class Reading:
    """The items that were read from a system, or the error if reading failed.

    If only part of the list could be read, the reading contains both this part and the error.
    """

    items: list[Object] | None = None
    warnings: tuple[str, ...] = ()
    error: ConnectorsError | None = None

    @property
    def is_misconfigured(self) -> bool:
        """Whether the system could not be read because an option is invalid."""
        return isinstance(self.error, OPTION_ERRORS)


def source_of(system: str, options: Params, connect: Connect = ApiSession) -> Source:
    """Check the options of a system, and return a source for reading the system. No requests are sent.

    :param options: the options of the info module. Missing options are taken from the environment.
    :param connect: creates a session, or returns a session that several tasks share.
    :raises InputError: an option is invalid or missing. The message contains no secrets.
    """
    provider = provider_of(system)
    spec = provider.fleet_spec
    rules = spec.arguments()
    redaction = Redaction(rules["argument_spec"], options, spec.documents, spec.plain)
    params, complaint = check_arguments(rules, options, provider.info_module, redaction)
    if complaint:
        raise InputError(f"{system}: {redaction.line(complaint)}")
    try:
        provider.check(params)
        settings = settings_from(provider.connection, params, given=options)
        session = connect(settings)
        session.open()
    except ConnectorsError as error:
        raise InputError(f"{system}: {redaction.line(error.message)}") from None
    return Source(provider, params, settings, session, redaction)


def sources_of(given: t.Mapping[str, Params], connect: Connect = ApiSession) -> dict[str, Source]:
    """Check the options of several systems, and return a source for each system. No requests are sent.

    :raises InputError: options of one or more systems are invalid or missing.
    """
    sources = {}
    complaints = []
    for system, options in given.items():
        try:
            sources[system] = source_of(system, options, connect)
        except InputError as error:
            complaints.append(error.message)
    if complaints:
        raise InputError(" ".join(complaints))
    return sources


def read(source: Source, warn: Warn, stop: StopSwitch | None = None, show: Show | None = None) -> list[Object]:
    """Read a system, and return its list of items.

    :param stop: the switch that another thread can use to stop the read operation.
    :param show: displays a message during the run, if that is possible.
    :raises PartlyRead: only part of the system can be read. The error contains this part.
    :raises ConnectorsError: the system cannot be read. The error contains no secrets.
    """
    # The event source reads a system thousands of times, and each read operation can use different tokens.
    redaction = source.redaction.copy()
    source = dataclasses.replace(source, redaction=redaction)

    def warn_redacted(text: str) -> None:
        warn(redaction.line(text))

    def show_redacted(text: str) -> None:
        if show is not None:
            show(redaction.line(text))

    try:
        learn = redaction.learn_parameters
        with ApiClient(source.settings, warn_redacted, source.session, stop, show_redacted, learn) as http:
            items = source.provider.items(http, source.params, warn_redacted)
        return t.cast("list[Object]", plain_data(redaction.data(items)))
    except PartlyRead as error:
        error.items = t.cast("list[Object]", plain_data(redaction.data(error.items)))
        error.unread = frozenset(map(redaction.line, error.unread))
        _redact(error, source)
        raise
    except ConnectorsError as error:
        _redact(error, source)
        raise
    except Exception as error:
        raise as_failure(error) from error


def read_all(
    sources: t.Mapping[str, Source], deadline: float = DEADLINE, show: Show | None = None
) -> dict[str, Reading]:
    """Read several systems in parallel. No requests are sent after this function returns.

    :param deadline: the maximum time for each system in seconds. If a system takes longer, its reading contains an
        error with the reason ``timeout``.
    :param show: displays a message during the run, if that is possible.
    """
    end = time.monotonic() + deadline
    switches = []
    started = {}
    try:
        for system, source in sources.items():
            switch = StopSwitch(source.session.is_awaited)
            switches.append(switch)
            started[system] = start(_reading, source, switch, show)
        return {system: _finished(future, end, sources[system], deadline) for system, future in started.items()}
    finally:
        for switch in switches:
            switch.set()


def too_late(source: Source, deadline: float) -> ConnectorsError:
    """Return the error for a system that was not read before the deadline."""
    return RequestFailed(
        f"{source.provider.title} did not return its list within {deadline:g} s. Check the network path, or raise"
        " the time limit.",
        Failure(source.provider.name, reason="timeout"),
    )


def summary_of(readings: t.Mapping[str, Reading], thresholds: HealthThresholds) -> Object:
    """Summarize the readings of all systems as ``connectors``, ``systems``, ``alarms`` and ``expiries``."""
    lists = {}
    systems: dict[str, Object] = {}
    for system, reading in readings.items():
        if reading.items is not None:
            lists[system] = reading.items
        error, count = reading.error, len(reading.items or ())
        message, reason = (error.message, error.reason) if error else (None, None)
        systems[system] = {"read": not error, "error": message, "reason": reason, "count": count}
        if isinstance(error, PartlyRead):
            systems[system]["unread"] = sorted(error.unread)
    return {**fleet_of(lists, thresholds), "systems": systems}


def require_read(readings: t.Mapping[str, Reading], strict: bool, result: Object) -> None:
    """Check that the options of all systems are valid. If ``strict`` is true, also check that all systems were read.

    :param result: the result to include in the error.
    :raises ConnectorsError: the check failed. The error contains the failure details of the first system that failed.
    """
    errors = [reading.error for reading in readings.values() if reading.error]
    misconfigured: list[ConnectorsError] = [error for error in errors if isinstance(error, OPTION_ERRORS)]
    if not strict or misconfigured:
        errors = misconfigured
    if not errors:
        return
    message = " ".join(error.message for error in errors)
    raise ConnectorsError(message, {"failure": errors[0].result["failure"], **result}, errors[0].reason)


def _reading(source: Source, stop: StopSwitch, show: Show | None) -> Reading:
    warnings: list[str] = []
    try:
        items = read(source, warnings.append, stop, show)
    except PartlyRead as error:
        return Reading(error.items, tuple(warnings), error)
    except ConnectorsError as error:
        return Reading(None, tuple(warnings), error)
    return Reading(items, tuple(warnings))


def _finished(future: Future[Reading], end: float, source: Source, deadline: float) -> Reading:
    """Wait for a reading and return it. After the deadline, return a reading with a timeout error instead."""
    try:
        return future.result(max(0.0, end - time.monotonic()))
    except FutureTimeout:
        return Reading(error=too_late(source, deadline))


def _redact(error: ConnectorsError, source: Source) -> None:
    """Remove secrets from an error, and add failure details if the error does not have any."""
    failure = error.result.get("failure", no_request_failed(source.provider.name, error.reason))
    result = {"msg": error.message, **error.result, "failure": failure}
    shown = source.redaction.data(result)
    error.message = shown.pop("msg")
    error.args = (error.message,)
    error.result = shown
    if isinstance(error, RequestFailed):
        error.failure = Failure(**shown["failure"])
