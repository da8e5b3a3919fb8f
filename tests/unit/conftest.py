# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator and the certificate authority for tests of functions that send requests."""

from __future__ import annotations

from support.fixtures import _simulator, authority, authority_file, connection, simulator

__all__ = ["_simulator", "authority", "authority_file", "connection", "simulator"]
