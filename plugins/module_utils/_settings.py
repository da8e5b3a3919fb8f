# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The connection options of every system, written once.

Argument specs, documentation fragments, the inventory and the event source all read the tables of this file.
A value becomes a :class:`Settings` here and nowhere else; a secret that enters leaves again only as a request header.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import platform
import re
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._address import parse, with_ascii_host
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import SettingsError
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import has_surrogates

COLLECTION_VERSION = "1.0.0"
SLOWEST = 0.001  # requests a second
# Seconds, over all requests of a run.
RETRY_BUDGET = 120.0
# Seconds for which connections that cannot be made are retried unless the user sets 'retry_budget'.
CONNECT_BUDGET = 15.0


@dataclasses.dataclass(frozen=True)
class Option:
    """One connection option: what a user may write, and what is meant if nothing is written."""

    name: str
    type: str
    description: tuple[str, ...]
    default: object = None
    required: bool = False
    secret: bool = False
    env: str | None = None


@dataclasses.dataclass(frozen=True)
class System:
    """What the request loop needs to know of a system: its name, its options, how it authenticates and names
    requests.
    """

    name: str
    title: str
    options: tuple[Option, ...]
    authorization: t.Callable[[t.Mapping[str, t.Any]], str]
    request_id_headers: tuple[str, ...] = ()
    # Beginnings of paths that the vendor's pages print with the address. They are removed from the end of 'api_url'.
    documented_paths: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Settings:
    """The checked connection settings of one run against one system. Times in seconds."""

    system: str
    api_url: str
    authorization: str = dataclasses.field(repr=False)
    secrets: tuple[str, ...] = dataclasses.field(repr=False)
    request_id_headers: tuple[str, ...] = ()
    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    client_key_password: str | None = dataclasses.field(default=None, repr=False)
    timeout: float = 30.0
    retry_budget: float = RETRY_BUDGET
    # Seconds for which connections that cannot be made are retried.
    connect_budget: float = 15.0
    use_proxy: bool = True
    requests_per_second: float = 0.0
    connections: int = 1


# Those of every system that may come from an environment variable, which begins with the name of the system.
IN_ENVIRONMENT = ("validate_certs", "ca_path", "client_cert", "client_key", "client_key_password")

COMMON: tuple[Option, ...] = (
    Option(
        "validate_certs",
        "bool",
        (
            "Whether the server's TLS certificate is checked.",
            "Switching this off lets anybody on the way read the credentials. Prefer O(ca_path) for"
            " a certificate that is"
            " not publicly trusted.",
        ),
        default=True,
    ),
    Option(
        "ca_path",
        "path",
        (
            "File with the PEM certificates of the authorities to trust in place of the machine's own.",
            "The file may contain the certificate of the server itself instead.",
            "If neither this option nor its environment variable is set, the bundle named by the environment variable"
            " E(REQUESTS_CA_BUNDLE) is used, else the trust store of the machine.",
        ),
    ),
    Option("client_cert", "path", ("PEM file with a client certificate to present to the server.",)),
    Option("client_key", "path", ("PEM file with the private key of O(client_cert), if it is not in the same file.",)),
    Option(
        "client_key_password",
        "str",
        ("Password of the private key, if the key is encrypted.",),
        secret=True,
    ),
    Option(
        "timeout",
        "float",
        (
            "How many seconds one request may take to connect, and how many seconds the server may"
            " be silent while it answers.",
            "In all, a request may take ten times as many seconds, and one more second for each 64 KiB of the response,"
            " so that a large export over a slow connection is possible. Then it fails and is not repeated.",
        ),
        default=30.0,
    ),
    Option(
        "retry_budget",
        "float",
        (
            "How many seconds the whole task may spend waiting to repeat requests that failed for a passing reason:"
            " the statuses 423, 429, 502, 503, 504 and failed connections.",
            "C(Retry-After) is honoured if it fits into what is left of the budget. If this option is V(0), the module"
            " does not retry.",
            "If this option is not set, connections that cannot be made, for example because the server refuses them,"
            " are retried for at most 15 seconds. Set it to have them retried for as long as it says.",
            "If the name of the host cannot be resolved, the module fails after one retry, whatever the budget.",
            "A request that may have been carried out and cannot be repeated safely is never"
            " repeated blindly, whatever the budget.",
        ),
        default=RETRY_BUDGET,
    ),
    Option(
        "use_proxy",
        "bool",
        ("Whether the proxy settings of the environment (E(HTTPS_PROXY), E(HTTP_PROXY), E(NO_PROXY)) are honoured.",),
        default=True,
    ),
)


def _bearer(option: str) -> t.Callable[[t.Mapping[str, t.Any]], str]:
    def authorization(params: t.Mapping[str, t.Any]) -> str:
        token = str(params[option] or "")
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            raise SettingsError(
                f"The option '{option}' cannot be a token: it is empty, or holds a blank, a line break or a character"
                " outside ASCII. A token read from a file often ends with a line break; use the trim filter."
            )
        return f"Bearer {token}"

    return authorization


def _basic(params: t.Mapping[str, t.Any]) -> str:
    username, password = str(params["username"] or ""), str(params["password"] or "")
    if not username or ":" in username or re.search(r"[\x00-\x1f\x7f]", username + password):
        raise SettingsError(
            "The options 'username' and 'password' cannot be sent with HTTP Basic: the user name is"
            " empty or holds a colon,"
            " or one of the two holds a control character such as a line break."
        )
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def _basic_options(title: str, prefix: str) -> tuple[Option, ...]:
    return (
        Option(
            "username",
            "str",
            (f"Name of the {title} user, sent unchanged.",),
            required=True,
            env=f"{prefix}_USERNAME",
        ),
        Option(
            "password", "str", (f"Password of the {title} user.",), required=True, secret=True, env=f"{prefix}_PASSWORD"
        ),
    )


SYSTEMS: dict[str, System] = {
    system.name: system
    for system in (
        System(
            "apono",
            "Apono",
            (
                Option(
                    "api_url",
                    "str",
                    ("Address of the Apono API.",),
                    default="https://api.apono.io",
                    env="APONO_ENDPOINT",
                ),
                Option(
                    "api_token",
                    "str",
                    (
                        "An Apono personal token or the token of a service account. It acts with the"
                        " rights of its owner.",
                    ),
                    required=True,
                    secret=True,
                    env="APONO_PERSONAL_TOKEN",
                ),
            ),
            _bearer("api_token"),
            ("X-Request-ID",),
            (
                "/api",
                "/api/admin",
                "/api/admin/v3",
                "/api/admin/v3/connectors",
                "/api/admin/v4",
                "/api/admin/v4/integrations",
                "/api/v2",
                "/api/v2/connectors",
            ),
        ),
        System(
            "hdp",
            "Hybrid Data Pipeline",
            (
                Option(
                    "api_url",
                    "str",
                    (
                        "Address of the Hybrid Data Pipeline server with its port, for example"
                        " V(https://hdp.example.com:8443).",
                    ),
                    required=True,
                    env="HDP_API_URL",
                ),
                *_basic_options("Hybrid Data Pipeline", "HDP"),
            ),
            _basic,
            ("X-Request-ID",),
            ("/api", "/api/admin", "/api/admin/connectors", "/api/mgmt", "/api/mgmt/connectors"),
        ),
        System(
            "voss",
            "VOSS Automate",
            (
                Option(
                    "api_url",
                    "str",
                    (
                        "Address of VOSS Automate, in a cluster that of the web proxy, for example"
                        " V(https://voss.example.com).",
                    ),
                    required=True,
                    env="VOSS_API_URL",
                ),
                *_basic_options("VOSS Automate", "VOSS"),
                Option(
                    "requests_per_second",
                    "float",
                    (
                        "The most requests that one task sends in any one second, over all that it does in parallel.",
                        "VOSS Automate refuses more than 20 a second of one user unless it is configured otherwise;"
                        " tasks that run at the same time share that number. V(0) means no limit,"
                        " and less than V(0.001) is refused.",
                    ),
                    default=18.0,
                ),
            ),
            _basic,
            ("X-Request-ID",),
            ("/api", "/api/relation/SparkCustomer"),
        ),
        System(
            "webex",
            "Webex",
            (
                Option(
                    "api_url",
                    "str",
                    ("Address of the Webex API.",),
                    default="https://webexapis.com/v1",
                    env="WEBEX_API_URL",
                ),
                Option(
                    "access_token",
                    "str",
                    (
                        "Access token of a Webex administrator with the scope C(spark-admin:hybrid_connectors_read).",
                        "Access tokens expire after hours or days; renewing them is not a part of this collection.",
                    ),
                    required=True,
                    secret=True,
                    env="WEBEX_ACCESS_TOKEN",
                ),
            ),
            _bearer("access_token"),
            ("trackingId",),
            ("/hybrid", "/hybrid/connectors", "/hybrid/clusters"),
        ),
    )
}


@functools.cache
def connection_options(system: str) -> tuple[Option, ...]:
    """Return all connection options of a system, its own first."""
    common = [
        dataclasses.replace(option, env=f"{system}_{option.name}".upper()) if option.name in IN_ENVIRONMENT else option
        for option in COMMON
    ]
    return (*SYSTEMS[system].options, *common)


def _checked_url(value: str) -> str:
    """Return the address of an API with its scheme and host in lower case and without a slash at its end."""
    try:
        address = parse(with_ascii_host(value))
    except ValueError as error:
        raise SettingsError(f"Option 'api_url' is not a valid address: it {error}.{_remedy(str(error))}") from None
    if "?" in address.rest or "#" in address.rest:
        raise SettingsError("Option 'api_url' is not a valid address: it contains a query or a fragment.")
    return address.origin + address.rest.rstrip("/")


def _remedy(problem: str) -> str:
    return " Set the options for credentials instead." if "credentials" in problem else ""


def _base_of(api_url: str, documented_paths: t.Iterable[str]) -> str:
    """Return an address without the beginning of a path that the client adds itself."""
    path = "/" + api_url.partition("://")[2].partition("/")[2].lower()
    for documented in sorted(documented_paths, key=len, reverse=True):
        if path.endswith(documented.lower()):
            return api_url[: -len(documented)].rstrip("/")
    return api_url


def _alternative(option: Option) -> str:
    """Return what can be set in place of a required option, for a message."""
    return f" or the environment variable {option.env}, {read_on()}" if option.env else ""


def read_on() -> str:
    """Return on which machine environment variables are read, for a message.

    A task that runs on a remote host does not see the environment of the controller.
    """
    return f"which is read on the host '{platform.node()}'"


def settings_from(
    system: str,
    params: t.Mapping[str, t.Any],
    connections: int = 1,
    given: t.Mapping[str, t.Any] | None = None,
) -> Settings:
    """Check the connection options in ``params`` and make settings of them.

    :param connections: how many requests may be under way at once.
    :param given: the options that the user set, without defaults; by default ``params``.
    :raises SettingsError: an option is missing or cannot be used; the message never shows a secret.
    """
    definition = SYSTEMS[system]
    values: dict[str, t.Any] = {}
    for option in connection_options(system):
        value = params.get(option.name)
        if value is None:
            value = option.default
        if option.required and value in (None, ""):
            raise SettingsError(f"{definition.title} needs the option '{option.name}'{_alternative(option)}.")
        if option.type == "str" and has_surrogates(value):
            raise SettingsError(f"The option '{option.name}' holds what is no character.")
        values[option.name] = value
    for name in ("timeout", "retry_budget", "requests_per_second"):
        value = values.get(name, 0.0)
        if not 0 <= value <= 86400 or (name == "timeout" and not value):
            raise SettingsError(
                f"The option '{name}' has to be a number of seconds above zero."
                if name == "timeout"
                else f"The option '{name}' must not be negative or above 86400."
            )
    if 0 < values.get("requests_per_second", 0.0) < SLOWEST:
        raise SettingsError(f"The option 'requests_per_second' has to be 0, for no limit, or at least {SLOWEST:g}.")
    if values["client_key"] and not values["client_cert"]:
        raise SettingsError("The option 'client_key' is of no use without 'client_cert'.")
    authorization = definition.authorization(values)
    retry_budget = float(values["retry_budget"])
    is_asked = (params if given is None else given).get("retry_budget") is not None
    secret_options = [option.name for option in connection_options(system) if option.secret]
    secrets = {str(values[name]) for name in secret_options if values[name]} | {authorization.partition(" ")[2]}
    return Settings(
        system=system,
        api_url=_base_of(_checked_url(str(values["api_url"])), definition.documented_paths),
        authorization=authorization,
        secrets=tuple(sorted(secrets)),
        request_id_headers=definition.request_id_headers,
        validate_certs=values["validate_certs"],
        ca_path=values["ca_path"],
        client_cert=values["client_cert"],
        client_key=values["client_key"],
        client_key_password=values["client_key_password"] or None,
        timeout=float(values["timeout"]),
        retry_budget=retry_budget,
        connect_budget=retry_budget if is_asked else min(retry_budget, CONNECT_BUDGET),
        use_proxy=values["use_proxy"],
        requests_per_second=float(values.get("requests_per_second") or 0.0),
        connections=connections,
    )
