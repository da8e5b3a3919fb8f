# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Implement the Webex refresh token grant, including the lifetimes of access tokens and refresh tokens.

Source: the vendor's OpenAPI document, its guide on integrations and its SDK. The SDK documents OAuth errors with status
400. Error bodies from webexapis.com are not documented, so a setting defines them.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from connector_simulator.exchange import ApiError, Call, Response, json_response

OAUTH_ERRORS = {
    "invalid_request": "The request is missing a parameter, or a token is expired, revoked, malformed, or invalid.",
    "invalid_client": "Client authentication failed.",
    "invalid_grant": "The refresh token is expired, revoked, malformed, or invalid.",
    "unauthorized_client": "The client is not authorized to use this grant type.",
    "unsupported_grant_type": "The grant type is not supported.",
    "invalid_scope": "The scope is invalid, unknown, or malformed.",
}
UNAUTHORIZED = "unauthorized"


class TokenService:
    """The access tokens of one integration or service app.

    :param credentials: ``token`` (a personal access token), ``client_id``, ``client_secret`` and ``refresh_token``. A
        rotation changes the refresh token.
    """

    def __init__(self, settings: Mapping[str, Any], credentials: dict[str, Any]):
        self._settings = settings
        self._credentials = credentials
        self._issued: dict[str, float] = {}
        self._refreshed = time.monotonic()

    def accepts(self, token: str) -> bool:
        """Return whether an access token is currently valid."""
        if token == self._credentials["token"]:
            return bool(self._settings["personal_token"] == "accept")
        return token in self._issued and self._remaining(token) > 0

    def refresh(self, call: Call) -> Response:
        """Exchange a refresh token for an access token.

        :raises ApiError: the credentials are invalid, and the setting for the error is ``unauthorized``.
        """
        error = self._error(call.content)
        if error == UNAUTHORIZED:
            raise ApiError(401, OAUTH_ERRORS["invalid_grant"])
        if error:
            details = {"error_description": OAUTH_ERRORS[error], "error_uri": "https://developer.webex.com"}
            return json_response({"error": error, **details}, 400)
        self._refreshed = time.monotonic()
        token = self._access_token()
        content: dict[str, Any] = {
            "access_token": token,
            "expires_in": int(self._remaining(token)),
            "refresh_token_expires_in": int(self._settings["refresh_token_lifetime"]),
            "token_type": "Bearer",
        }
        if self._settings["refresh_token"] == "rotate":
            self._credentials["refresh_token"] = f"simulator-webex-refresh-{uuid.uuid4().hex}"
        if self._settings["refresh_token"] != "omit":
            content["refresh_token"] = self._credentials["refresh_token"]
        if self._settings["token_scope"]:
            content["scope"] = " ".join(self._settings["scopes"])
        return json_response(content)

    def _error(self, content: Mapping[str, str]) -> str:
        """Return the error code for a token request, or an empty string if the request is valid."""
        configured: str = self._settings["token_error"]
        if configured != "none":
            return configured
        if content.get("grant_type") != "refresh_token":
            return "unsupported_grant_type"
        names = ("client_id", "client_secret", "refresh_token")
        if not all(content.get(name) for name in names):
            return "invalid_request"
        if any(content[name] != self._credentials[name] for name in ("client_id", "client_secret")):
            return "invalid_client"
        is_expired = time.monotonic() - self._refreshed >= self._settings["refresh_token_lifetime"]
        if is_expired or content["refresh_token"] != self._credentials["refresh_token"]:
            return str(self._settings["expired_refresh_token"])
        return ""

    def _access_token(self) -> str:
        """Return a new access token, or the previous token if it is younger than ``token_reuse``."""
        now = time.monotonic()
        latest = max(self._issued, key=lambda token: self._issued[token], default="")
        if latest and now - self._issued[latest] < self._settings["token_reuse"] and self._remaining(latest) > 0:
            return latest
        token = f"simulator-webex-access-{uuid.uuid4().hex}"
        self._issued[token] = now
        return token

    def _remaining(self, token: str) -> float:
        lifetime: float = self._settings["access_token_lifetime"]
        return self._issued[token] + lifetime - time.monotonic()
