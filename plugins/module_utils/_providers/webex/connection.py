# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the connection to the Webex API: options, authentication and URL paths."""

from __future__ import annotations

import typing as t

from ..._connection import Connection, Option, Params, bearer, read_on
from ..._errors import SettingsError
from ..._token_grant import TokenGrant

DOCUMENTATION = r"""
---
api_url:
  - URL of the Webex API.
access_token:
  - Access token of a Webex administrator. The token requires the scope C(spark-admin:hybrid_connectors_read).
  - Access tokens expire after hours or days.
  - For unattended jobs, set O(client_id), O(client_secret) and O(refresh_token) instead.
client_id:
  - Client ID of a Webex integration or service app.
client_secret:
  - Client secret of the integration or service app.
refresh_token:
  - Refresh token of the integration or service app.
  - The module uses this token to request access tokens.
  - The module emits a warning if the refresh token expires within 14 days.
token_cache:
  - Path of a file in which the module keeps access tokens, so that tasks do not request a new token each time. Only
    the owner can read the file. The module rejects a file that is not a token cache.
  - The module uses an access token until 10 % of its lifetime remains.
  - If Webex returns a new refresh token, the module also keeps this refresh token in the file. If the module cannot
    store the new refresh token, it emits a warning.
  - If several jobs use the file at the same time, the file must be on a file system that supports locks.
"""

AUTHORIZE = (
    "For an integration, the administrator who authorized the integration must open its authorization URL (developer"
    " portal of Webex, My Webex Apps) and sign in. For a service app, a Full Administrator must check in Control Hub"
    " (Apps > Service Apps) that the app is authorized. The owner of the app must then generate new tokens for the"
    " organization (developer portal, My Webex Apps, Org Authorizations). Then update 'refresh_token'."
)
CHECK_CLIENT_ID = "Check that 'client_id' is the ID of an integration or of a service app."
# Remedies by OAuth error code.
# The empty code matches all other codes, because Webex returns several codes for an expired token.
REMEDIES = (
    ("invalid_client", "Check 'client_id' and 'client_secret'."),
    ("unauthorized_client", CHECK_CLIENT_ID),
    ("unsupported_grant_type", CHECK_CLIENT_ID),
    ("", f"The refresh token may have expired or may have been revoked. {AUTHORIZE}"),
)
GRANT_OPTIONS = ("client_id", "client_secret", "refresh_token")


def grant(params: Params, given: Params) -> TokenGrant | None:
    """Return the refresh grant of an integration or a service app, or None if the options contain an access token.

    Credentials in options take precedence over credentials in environment variables.

    :raises SettingsError: the credentials are incomplete, or two kinds of credentials are set.
    """
    specified = [name for name in GRANT_OPTIONS if params[name]]
    has_token, has_grant = bool(given.get("access_token")), any(map(given.get, GRANT_OPTIONS))
    if not specified:
        return None
    if has_token and not has_grant:
        return None
    if params["access_token"] and has_token == has_grant:
        raise SettingsError(
            f"Both 'access_token' and '{specified[0]}' are set. Set either 'access_token', or 'client_id',"
            " 'client_secret' and 'refresh_token'. Environment variables can also set these options."
        )
    _require_all(specified)
    return TokenGrant(
        client_id=str(params["client_id"]),
        client_secret=str(params["client_secret"]),
        refresh_token=str(params["refresh_token"]),
        path="/access_token",
        cache=params["token_cache"] or None,
        remedies=REMEDIES,
        authorize=AUTHORIZE,
    )


def _require_all(specified: t.Sequence[str]) -> None:
    missing = [repr(name) for name in GRANT_OPTIONS if name not in specified]
    if missing:
        raise SettingsError(f"The refresh grant of Webex also requires {' and '.join(missing)}.")


def authorization(params: Params) -> str:
    """Return the value of the ``Authorization`` header, which contains the access token.

    :raises SettingsError: there are no credentials, or the token is not valid.
    """
    if not params["access_token"]:
        raise SettingsError(
            "Webex requires the option 'access_token', or the options 'client_id', 'client_secret' and 'refresh_token'."
            " Set these options, or the environment variables WEBEX_ACCESS_TOKEN, or WEBEX_CLIENT_ID,"
            f" WEBEX_CLIENT_SECRET and WEBEX_REFRESH_TOKEN {read_on()}."
        )
    return bearer("access_token")(params)


WEBEX = Connection(
    name="webex",
    title="Webex",
    own_options=(
        Option("api_url", default="https://webexapis.com/v1", env="WEBEX_API_URL"),
        Option("access_token", secret=True, env="WEBEX_ACCESS_TOKEN"),
        Option("client_id", env="WEBEX_CLIENT_ID"),
        Option("client_secret", secret=True, env="WEBEX_CLIENT_SECRET"),
        Option("refresh_token", secret=True, env="WEBEX_REFRESH_TOKEN"),
        Option("token_cache", "path"),
    ),
    authorization=authorization,
    grant=grant,
    credentials=(("access_token",), GRANT_OPTIONS),
    request_id_headers=("trackingId",),
    parallel=4,
    documented_paths=("/hybrid", "/hybrid/connectors", "/hybrid/clusters", "/organizations", "/resourceGroups"),
)
