# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""What can go wrong, as types. They are raised where it happens and turned into a failure at the edge alone."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class Failure:
    """The structured part of a failed request, free of secrets. ``status`` is None if no answer came."""

    system: str
    method: str
    url: str
    status: int | None = None
    code: str | None = None
    message: str | None = None
    request_id: str | None = None


class ConnectorsError(Exception):
    """Anything that this collection reports: one sentence for a person, and ``result``, what the task still returns."""

    def __init__(self, message: str, result: t.Mapping[str, t.Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.result = dict(result or {})


class SettingsError(ConnectorsError):
    """A connection option is missing or cannot be used."""


class InputError(ConnectorsError):
    """What the user asks for cannot be done as it is written: a wrong value, an ambiguous or unknown name."""


class TransactionFailed(ConnectorsError):
    """The server took a change on and reported later that it failed, or did not finish it in time."""


class RequestFailed(ConnectorsError):
    """A request got no answer, or one that does not help. ``failure`` says which and why."""

    def __init__(self, message: str, failure: Failure) -> None:
        super().__init__(message, {"failure": dataclasses.asdict(failure)})
        self.failure = failure


class NotAllowed(RequestFailed):
    """401 or 403: the credentials were refused, and nothing is tried again with them."""


class OutcomeUnknown(RequestFailed):
    """A change was sent and its answer was lost: it may have been made or not.

    ``may_come`` says that the server may still be at it, so that no trace of it is no proof.
    """

    may_come = False


class UnusableAnswer(RequestFailed):
    """An answer came that is not what the documented API answers."""
