# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""What the query strings of VOSS Automate are made of."""

from __future__ import annotations

import typing as t

Pairs = t.Sequence[tuple[str, str]]

# The vendor requires it of every request that is not to be answered in another format.
JSON = ("format", "json")
