# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the registry of providers, which is the only list of vendors in the collection."""

from __future__ import annotations

from .._errors import InputError
from ._base import Provider

# BEGIN GENERATED providers by `make generate`, which you run after you add a package
from .apono.provider import Apono
from .hdp.provider import Hdp
from .voss.provider import VossAutomate
from .webex.provider import Webex

PROVIDERS: dict[str, Provider] = {
    "apono": Apono(),
    "hdp": Hdp(),
    "voss": VossAutomate(),
    "webex": Webex(),
}
# END GENERATED providers


def provider_of(system: str) -> Provider:
    """Return the provider of a system.

    :raises InputError: the system is unknown.
    """
    if system not in PROVIDERS:
        raise InputError(f"Unknown system '{system}'. Specify one of {', '.join(PROVIDERS)}.")
    return PROVIDERS[system]
