# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Send JSON to a webhook. The whole URL is a secret, because it authorizes the sender."""

from __future__ import annotations

import re
import typing as t

from ._address import parse, with_ascii_host
from ._client import ApiClient
from ._errors import ConnectorsError, InputError
from ._module import TaskContext
from ._settings import Settings

TIMEOUT = 15.0
# Retry budget in seconds. Only requests that the target did not execute are retried.
RETRY_BUDGET = 30.0
CONNECT_BUDGET = 5.0
MAX_MESSAGE = 200
# Shorter parts of a URL are usually ordinary words such as "services" and not secrets.
MIN_SECRET = 10

REDIRECTED = "the server redirected the request, and the module does not follow redirects. Check the URL"
REASONS = {
    "unreachable": "the connection failed. Check the URL, the network path and any proxy",
    "tls": "the TLS connection failed. Check the certificate of the server and the trusted CA certificates",
    "timeout": "the server did not respond in time",
    "outcome_unknown": "the response was lost. The target may have received the notification",
    "invalid_response": "the response is not valid",
}


def checked_url(url: str, name: str) -> tuple[str, str]:
    """Validate a URL, and return its origin and its path, including the query.

    :param name: the name of the option, for the error message, which does not contain the URL.
    :raises InputError: the URL is not valid.
    """
    try:
        address = parse(with_ascii_host(url))
    except ValueError:
        raise InputError(
            f"Invalid value for '{name}': it is not a URL that begins with https:// or http://. Specify the whole URL"
            " of the webhook."
        ) from None
    path = address.rest.partition("#")[0]
    return address.origin, path if path.startswith("/") else f"/{path}"


def _secrets(url: str, path: str) -> tuple[str, ...]:
    """Return the URL and the parts of it that must be kept secret, because they authorize the sender."""
    parts = re.split("[/?&=]", path)
    return (url, path, *(part for part in parts if len(part) >= MIN_SECRET))


def post(url: str, name: str, payload: t.Any, task: TaskContext) -> str | None:
    """Send a payload to a webhook. Return None on success, or the reason for the failure.

    :param name: the name of the option that contains the URL.
    """
    try:
        origin, path = checked_url(url, name)
        settings = Settings(
            system="webhook",
            title="The webhook",
            api_url=origin,
            authorization="",
            secrets=_secrets(url, path),
            timeout=TIMEOUT,
            retry_budget=RETRY_BUDGET,
            connect_budget=CONNECT_BUDGET,
        )
        with ApiClient(settings, lambda text: None, task.connect(settings)) as client:
            client.request("POST", path, payload=payload)
    except ConnectorsError as error:
        return _reason(error)
    return None


def _reason(error: ConnectorsError) -> str:
    failure = error.result.get("failure") or {}
    status = failure.get("status") or 0
    if status // 100 == 3:
        return REDIRECTED
    if not status:
        return REASONS.get(error.reason, error.message)
    detail = str(failure.get("message") or "")[:MAX_MESSAGE]
    text = f"the server returned HTTP status {status}"
    if detail[:1] in ("", "<"):
        return text
    return f"{text}: {detail}"
