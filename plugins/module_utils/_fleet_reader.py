# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read the connectors of several systems in parallel.

The module ``fleet_info``, the inventory and the event source use it. Options are checked first, by :func:`source_of`,
which sends nothing. A system that cannot be read is a :class:`ConnectorsError` with its ``reason``.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from ansible_collections.hybrid.connectors.plugins.module_utils._background import start
from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    Failure,
    InputError,
    RequestFailed,
    SettingsError,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import (
    HealthThresholds,
    fleet_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._module import (
    check_arguments,
    defect,
    no_request_failed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers import provider_of
from ansible_collections.hybrid.connectors.plugins.module_utils._providers._base import Provider
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import Redaction
from ansible_collections.hybrid.connectors.plugins.module_utils._session import ApiSession
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import Settings, settings_from
from ansible_collections.hybrid.connectors.plugins.module_utils._spec import Params
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import plain_data

# Seconds for the whole list of one system.
DEADLINE = 600.0
MAX_DEADLINE = 86400.0


@dataclasses.dataclass(frozen=True)
class Source:
    """A system with its checked options and its session. Nothing has been sent yet."""

    provider: Provider
    params: Params
    settings: Settings
    session: ApiSession = dataclasses.field(repr=False, compare=False)
    redaction: Redaction = dataclasses.field(repr=False, compare=False)


@dataclasses.dataclass(frozen=True)
class Reading:
    """The list of a system, or the error of the attempt to read it."""

    items: list[Object] | None = None
    warnings: tuple[str, ...] = ()
    error: ConnectorsError | None = None

    @property
    def is_misconfigured(self) -> bool:
        """Whether the system could not be read because an option is wrong."""
        return isinstance(self.error, (InputError, SettingsError))


def source_of(
    system: str, options: t.Mapping[str, t.Any], connect: t.Callable[[Settings], ApiSession] = ApiSession
) -> Source:
    """Check the options of a system, without sending a request.

    :param options: the options of the info module. Missing options come from the environment.
    :param connect: creates a session, or returns one that several tasks share.
    :raises InputError: an option is wrong or missing. No secret is in the message.
    """
    provider = provider_of(system)
    spec = provider.fleet_spec
    rules = spec.arguments()
    redaction = Redaction(rules["argument_spec"], options)
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


def sources_of(
    given: t.Mapping[str, t.Mapping[str, t.Any]], connect: t.Callable[[Settings], ApiSession] = ApiSession
) -> dict[str, Source]:
    """Check the options of several systems, without sending a request.

    :raises InputError: options of one or more systems are wrong or missing.
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


def read(
    source: Source,
    warn: t.Callable[[str], None],
    stop: StopSwitch | None = None,
    show: t.Callable[[str], None] | None = None,
) -> list[Object]:
    """Return the list of a system.

    :param stop: the switch with which another thread ends this reading.
    :param show: displays a message during the run, where that is possible.
    :raises ConnectorsError: the system cannot be read. No secret is in the error.
    """
    redaction = source.redaction

    def warn_redacted(text: str) -> None:
        warn(redaction.line(text))

    def show_redacted(text: str) -> None:
        if show is not None:
            show(redaction.line(text))

    try:
        with ApiClient(source.settings, warn_redacted, source.session, stop, show_redacted) as http:
            items = source.provider.items(http, source.params, warn_redacted)
        return t.cast("list[Object]", plain_data(redaction.data(items)))
    except ConnectorsError as error:
        _redact(error, source)
        raise
    except Exception as error:
        raise ConnectorsError(defect(error), reason="invalid_response") from error


def read_all(
    sources: t.Mapping[str, Source], deadline: float = DEADLINE, show: t.Callable[[str], None] | None = None
) -> dict[str, Reading]:
    """Read systems in parallel. When the function returns or raises, no more requests are sent.

    :param deadline: seconds for each system. The error of a system that takes longer has the reason ``timeout``.
    :param show: displays a message during the run, where that is possible.
    """
    switches = {system: StopSwitch(source.session.is_awaited) for system, source in sources.items()}
    end = time.monotonic() + deadline
    try:
        started = {system: start(_reading, source, switches[system], show) for system, source in sources.items()}
        return {system: _finished(started[system], end, sources[system], deadline) for system in sources}
    finally:
        for switch in switches.values():
            switch.set()


def too_late(source: Source, deadline: float) -> ConnectorsError:
    """Return the error of a system that was not read before its deadline."""
    failure = Failure(source.provider.name, None, None, reason="timeout")
    return RequestFailed(
        f"{source.provider.title} did not return its list within {deadline:g} s. Check the network path, or increase"
        " the limit.",
        failure,
    )


def summary_of(readings: t.Mapping[str, Reading], thresholds: HealthThresholds) -> Object:
    """Return the ``connectors``, ``systems``, ``alarms`` and ``expiries`` of the readings."""
    items = {system: reading.items for system, reading in readings.items() if reading.items is not None}
    return {**fleet_of(items, thresholds), "systems": {system: _state(reading) for system, reading in readings.items()}}


def _state(reading: Reading) -> Object:
    return {
        "read": reading.error is None,
        "error": reading.error.message if reading.error else None,
        "reason": reading.error.reason if reading.error else None,
        "count": len(reading.items or ()),
    }


def require_read(readings: t.Mapping[str, Reading], strict: bool, result: Object) -> None:
    """Check that no system was misconfigured and, if ``strict``, that all were read.

    :param result: the result that the error contains.
    :raises ConnectorsError: a system was not read. Its failure is that of the first such system.
    """
    errors = _errors(reading for reading in readings.values() if reading.is_misconfigured)
    if strict and not errors:
        errors = _errors(readings.values())
    if not errors:
        return
    message = " ".join(error.message for error in errors)
    raise ConnectorsError(message, {**errors[0].result, **result}, errors[0].reason)


def _errors(readings: t.Iterable[Reading]) -> list[ConnectorsError]:
    return [reading.error for reading in readings if reading.error]


def _reading(source: Source, stop: StopSwitch, show: t.Callable[[str], None] | None) -> Reading:
    warnings: list[str] = []
    try:
        items = read(source, warnings.append, stop, show)
    except ConnectorsError as error:
        return Reading(None, tuple(warnings), error)
    return Reading(items, tuple(warnings))


def _finished(future: Future[Reading], end: float, source: Source, deadline: float) -> Reading:
    """Wait for a reading until the deadline."""
    try:
        return future.result(max(0.0, end - time.monotonic()))
    except FutureTimeout:
        return Reading(error=too_late(source, deadline))


def _redact(error: ConnectorsError, source: Source) -> None:
    """Remove the secrets from an error, and add the structured part if there is none."""
    failure = error.result.get("failure") or no_request_failed(source.provider.name, error.reason)
    result = {"msg": error.message, **error.result, "failure": failure}
    shown = source.redaction.data(result)
    error.message = shown.pop("msg")
    error.args = (error.message,)
    error.result = shown
    if isinstance(error, RequestFailed):
        error.failure = Failure(**shown["failure"])
