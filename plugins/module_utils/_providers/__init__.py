# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The registry of providers: the only list of vendors in the collection."""

from __future__ import annotations

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._providers._base import Provider
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.provider import Apono
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.hdp.provider import Hdp
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.provider import VossAutomate
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex.provider import Webex

PROVIDERS: dict[str, Provider] = {provider.name: provider for provider in (Apono(), Hdp(), VossAutomate(), Webex())}


def provider_of(system: str) -> Provider:
    """Return the provider of a system.

    :raises InputError: the system does not exist.
    """
    if system not in PROVIDERS:
        raise InputError(f"Unknown system '{system}'. Specify one of {', '.join(PROVIDERS)}.")
    return PROVIDERS[system]
