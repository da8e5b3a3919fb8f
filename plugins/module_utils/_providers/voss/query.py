# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Define query parameters for VOSS Automate."""

from __future__ import annotations

import typing as t

Pairs = t.Sequence[tuple[str, str]]

# According to the documentation, each request for JSON requires this parameter.
JSON = ("format", "json")
