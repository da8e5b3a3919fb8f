# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the connection options that all vendors share. The package for each vendor adds vendor-specific options.

The argument specs of the modules and the options of the inventory plugin and the event source are derived from these
definitions. ``DOCUMENTATION`` contains the descriptions of the options, from which ``make generate`` creates the
documentation fragments.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import platform
import re
import typing as t

from ._errors import SettingsError
from ._token_grant import TokenGrant

DOCUMENTATION = r"""
---
validate_certs:
  - Whether to validate the TLS certificate of the server.
  - If this option is V(false), an attacker on the network path can read the credentials. For a certificate that is
    not publicly trusted, set O(ca_path) instead.
ca_path:
  - Path of a PEM file with the CA certificates to trust instead of those of the operating system.
  - Alternatively, the file can contain the certificate of the server itself.
  - If neither this option nor its environment variable is set, the module uses the CA bundle that the environment
    variable E(REQUESTS_CA_BUNDLE) specifies, or otherwise the trust store of the operating system.
client_cert:
  - Path of a PEM file with the client certificate.
client_key:
  - Path of a PEM file with the private key for O(client_cert), if the key is not in the same file.
client_key_password:
  - Password of the private key, if the key is encrypted.
timeout:
  - Timeout in seconds for establishing a connection, and for each wait for data from the server.
  - The timeout of a whole request is ten times this value, plus one second for each 64 KiB of the response, so that
    a large export over a slow connection can finish. The module does not retry a request that exceeds this timeout.
retry_budget:
  - Maximum total time in seconds that the module waits before it retries requests that failed temporarily. Failed
    connections and the HTTP status codes 423, 429, 502, 503 and 504 count as temporary failures.
  - The module waits as long as the C(Retry-After) header specifies, unless the total time would then exceed this
    maximum. If this option is V(0), the module does not retry.
  - If this option is not set, the module retries for at most 15 seconds if it cannot connect to the server, for example
    because the server refuses the connection.
  - If the host name cannot be resolved, the module retries once.
  - The module never retries a change that the server may have made, unless the change is safe to repeat.
use_proxy:
  - Whether to use the proxies in the environment variables E(HTTPS_PROXY), E(HTTP_PROXY) and E(NO_PROXY).
"""

# Maximum total time in seconds that the requests of a run spend waiting for retries.
RETRY_BUDGET = 120.0

_TOKEN = re.compile(r"[\x21-\x7e]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Params = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Option:
    """A connection option.

    :ivar env: the environment variable that sets the option if the task does not set it; empty if there is none.
    """

    name: str
    type: str = "str"
    default: object = None
    required: bool = False
    secret: bool = False
    env: str = ""


# Common options that can be set with environment variables. Each variable name starts with the name of the system.
IN_ENVIRONMENT = ("validate_certs", "ca_path", "client_cert", "client_key", "client_key_password")

COMMON = (
    Option("validate_certs", "bool", default=True),
    Option("ca_path", "path"),
    Option("client_cert", "path"),
    Option("client_key", "path"),
    Option("client_key_password", secret=True),
    Option("timeout", "float", default=30.0),
    Option("retry_budget", "float", default=RETRY_BUDGET),
    Option("use_proxy", "bool", default=True),
)


@dataclasses.dataclass(frozen=True)
class Connection:
    """The connection to a vendor's API: options, authentication and names.

    :ivar name: the name of the system, for example ``webex``.
    :ivar title: the name of the product, for messages.
    :ivar own_options: the connection options that only this vendor has.
    :ivar authorization: returns the ``Authorization`` header for checked options.
    :ivar grant: returns the credentials of an OAuth refresh grant, if the options contain them. Requests then use the
        access token of the grant instead of ``authorization``. The second argument contains only the options that
        the user set, not those from the environment.
    :ivar credentials: alternative groups of options, for systems that support several kinds of credentials. To
        connect, all options in at least one of the groups must be set.
    :ivar request_id_headers: the response headers that contain the request ID, which the vendor's support team needs
        to identify a request.
    :ivar parallel: the maximum number of concurrent requests, unless a module has an option for it.
    :ivar documented_paths: paths that the vendor documentation includes in the address. The collection removes such a
        path from the end of ``api_url``.
    """

    name: str
    title: str
    own_options: tuple[Option, ...]
    authorization: t.Callable[[Params], str]
    grant: t.Callable[[Params, Params], TokenGrant | None] = lambda params, given: None
    credentials: tuple[tuple[str, ...], ...] = ((),)
    request_id_headers: tuple[str, ...] = ()
    parallel: int = 1
    documented_paths: tuple[str, ...] = ()

    @functools.cached_property
    def options(self) -> tuple[Option, ...]:
        """All connection options, starting with the options of the vendor."""
        options = list(self.own_options)
        for option in COMMON:
            env = f"{self.name}_{option.name}".upper() if option.name in IN_ENVIRONMENT else ""
            options.append(dataclasses.replace(option, env=env))
        return tuple(options)

    @functools.cached_property
    def secret_options(self) -> frozenset[str]:
        """The names of the options that contain secrets."""
        return frozenset(option.name for option in self.options if option.secret)

    def is_complete(self, variables: t.Mapping[str, str]) -> bool:
        """Return whether environment variables set all options that are required to connect."""
        found = {option.name for option in self.options if variables.get(option.env)}
        required = {option.name for option in self.options if option.required}
        if not required <= found:
            return False
        return any(found.issuperset(names) for names in self.credentials)


def read_on() -> str:
    """Return a phrase for error messages that names the host whose environment variables the task uses.

    A task that runs on a remote host does not use the environment of the control node.
    """
    return f"on the host '{platform.node()}'"


def bearer(option: str) -> t.Callable[[Params], str]:
    """Return a function that builds an ``Authorization`` header from the bearer token in a required option."""

    def authorization(params: Params) -> str:
        token = str(params[option])
        if not _TOKEN.fullmatch(token):
            raise SettingsError(
                f"Option '{option}' is not a valid token: it contains whitespace or non-ASCII characters. A"
                " token that is read from a file often ends with a line break; use the trim filter."
            )
        return f"Bearer {token}"

    return authorization


def basic(params: Params) -> str:
    """Return the ``Authorization`` header for HTTP Basic authentication.

    :raises SettingsError: the user name or the password cannot be sent.
    """
    username, password = str(params["username"]), str(params["password"])
    if ":" in username or _CONTROL.search(username + password):
        raise SettingsError(
            "Options 'username' and 'password' are not valid for HTTP Basic authentication: the user name contains a"
            " colon, or one of the values contains a control character such as a line break."
        )
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def basic_options(prefix: str) -> tuple[Option, ...]:
    """Return the options that HTTP Basic authentication requires.

    :param prefix: the prefix of the environment variables.
    """
    return (
        Option("username", required=True, env=f"{prefix}_USERNAME"),
        Option("password", required=True, secret=True, env=f"{prefix}_PASSWORD"),
    )
