# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists of the info modules for plugins that are no tasks: which modules they are."""

from __future__ import annotations

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils import _fleet, _listing
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError


def test_every_system_of_the_fleet_can_be_read() -> None:
    assert set(_listing.MODULES) == set(_fleet.LISTS)
    assert {_listing.spec_of(system).system for system in _listing.MODULES} == set(_fleet.LISTS)


def test_a_wrong_option_is_an_error_without_the_secret_beside_it() -> None:
    with pytest.raises(ConnectorsError, match="statuss") as raised:
        _listing.read("apono", {"api_token": "canary", "statuss": "canary"}, print)
    assert "canary" not in str(raised.value.message)
