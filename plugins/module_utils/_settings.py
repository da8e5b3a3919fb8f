# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Check the connection options for one system, and convert them to settings."""

from __future__ import annotations

import dataclasses
import typing as t

from ._address import parse, with_ascii_host
from ._connection import RETRY_BUDGET, Connection, Option, read_on
from ._errors import SettingsError, check_range
from ._token_grant import TokenGrant
from ._unicode import has_surrogates

COLLECTION_VERSION = "1.0.0"
# Minimum and maximum values of options that set a duration in seconds or a rate.
MIN_NUMBER = 0.001
MAX_NUMBER = 86400
# Time in seconds during which failed connections are retried, unless the user sets 'retry_budget'.
CONNECT_BUDGET = 15.0

# Options that are copied unchanged to the setting with the same name.
UNCHANGED = (
    "validate_certs", "ca_path", "client_cert", "client_key", "client_key_password", "timeout", "use_proxy",
    "requests_per_second",
)  # fmt: skip

Params = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Settings:
    """The validated settings for connections to one system. Durations are in seconds."""

    system: str
    title: str
    api_url: str
    authorization: str = dataclasses.field(repr=False)
    secrets: tuple[str, ...] = dataclasses.field(repr=False)
    grant: TokenGrant | None = None
    request_id_headers: tuple[str, ...] = ()
    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    client_key_password: str | None = dataclasses.field(default=None, repr=False)
    timeout: float = 30.0
    retry_budget: float = RETRY_BUDGET
    connect_budget: float = CONNECT_BUDGET
    use_proxy: bool = True
    requests_per_second: float = 0.0
    connections: int = 1


def settings_from(
    connection: Connection, params: Params, connections: int | None = None, given: Params | None = None
) -> Settings:
    """Check the connection options in ``params`` and convert them to settings.

    :param connections: the maximum number of concurrent requests; by default, the ``parallel`` value of the connection.
    :param given: the options that the user set, without defaults; by default, ``params``.
    :raises SettingsError: an option is missing or invalid. The message contains no secrets.
    """
    values = _checked_values(connection, params)
    if given is None:
        given = params
    grant = connection.grant(values, given)
    authorization = "" if grant else connection.authorization(values)
    secrets = {authorization.partition(" ")[2], *map(values.get, connection.secret_options)} - {None, ""}
    connect_budget = retry_budget = float(values["retry_budget"])
    if given.get("retry_budget") is None:
        connect_budget = min(retry_budget, CONNECT_BUDGET)
    return Settings(
        system=connection.name,
        title=connection.title,
        api_url=_base_of(_checked_url(str(values["api_url"])), connection.documented_paths),
        authorization=authorization,
        grant=grant,
        secrets=tuple(sorted(map(str, secrets))),
        request_id_headers=connection.request_id_headers,
        retry_budget=retry_budget,
        connect_budget=connect_budget,
        connections=max(1, connection.parallel if connections is None else connections),
        **{name: values[name] for name in UNCHANGED if name in values},
    )


def _checked_values(connection: Connection, params: Params) -> Params:
    """Validate the connection options, and return their values by name.

    :raises SettingsError: an option is missing or invalid.
    """
    values = {option.name: _value(connection, option, params) for option in connection.options}
    check_range(values, "timeout", MIN_NUMBER, MAX_NUMBER, SettingsError)
    check_range(values, "retry_budget", 0, MAX_NUMBER, SettingsError)
    if values.get("requests_per_second"):  # 0 disables the rate limit
        check_range(values, "requests_per_second", MIN_NUMBER, MAX_NUMBER, SettingsError)
    if values["client_key"] and not values["client_cert"]:
        raise SettingsError("Option 'client_key' requires the option 'client_cert'.")
    return values


def _value(connection: Connection, option: Option, params: Params) -> t.Any:
    """Return the value of an option, or its default.

    :raises SettingsError: the option is missing, or contains a lone surrogate.
    """
    value = params.get(option.name)
    if value is None:
        value = option.default
    if option.required and value in (None, ""):
        message = f"{connection.title} requires the option '{option.name}'"
        if option.env:
            message += f", or the environment variable {option.env} {read_on()}"
        raise SettingsError(f"{message}.")
    if option.type == "str" and has_surrogates(value):
        raise SettingsError(f"Option '{option.name}' contains an invalid Unicode character (lone surrogate).")
    return value


def _checked_url(value: str) -> str:
    """Validate and normalize the URL of an API: lowercase its scheme and host, and remove trailing slashes."""
    try:
        address = parse(with_ascii_host(value))
    except ValueError as error:
        message = f"Option 'api_url' is not a valid address: {error}."
        if "credentials" in message:
            message += " Set the options for credentials instead."
        raise SettingsError(message) from None
    if set("?#") & set(address.rest):
        raise SettingsError("Option 'api_url' is not a valid address: it contains a query or a fragment.")
    return address.origin + address.rest.rstrip("/")


def _base_of(api_url: str, documented_paths: t.Iterable[str]) -> str:
    """Remove a documented API path from the end of a URL, because the client appends the complete path."""
    path = "/" + api_url.partition("://")[2].partition("/")[2].lower()
    for documented in sorted(documented_paths, key=len, reverse=True):
        if path.endswith(documented.lower()):
            return api_url[: -len(documented)].rstrip("/")
    return api_url
