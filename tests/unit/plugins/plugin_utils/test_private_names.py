# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The functional tests rename each private name of ansible-core that the plugins use."""

from __future__ import annotations

from support.renamed import USED_BY_INVENTORY, USED_IN_PROCESS

from ansible_collections.hybrid.connectors.plugins.plugin_utils import _construct, _in_process


def test_every_used_name_is_renamed_in_a_functional_test() -> None:
    assert tuple(_in_process.USED) == USED_IN_PROCESS
    assert _construct.USED == USED_BY_INVENTORY
