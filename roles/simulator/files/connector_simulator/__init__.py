# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stateful simulator of the four services that hybrid.connectors manages.

The simulator serves Apono, Progress Hybrid Data Pipeline (HDP), Webex and VOSS Automate on one loopback port. It
rejects requests that the vendors do not document, records every request, and can simulate failures.
"""

from __future__ import annotations

NAME = "hybrid.connectors simulator"
VERSION = "1.0.0"
