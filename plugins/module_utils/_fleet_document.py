# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Load earlier fleet reports. Their content is untrusted and is validated."""

from __future__ import annotations

from ._fleet_history import are_items, has_state
from ._plan import Object
from ._untrusted import has_format, json_or_none

FORMAT = "hybrid.connectors.fleet_report"
VERSION = 1
# Fields that a record in an earlier report must have for the comparison.
EARLIER = ("system", "id", "name", "health", "version")


def report_from(value: object) -> Object | None:
    """Load a report from an object or a JSON string, or return None if it is not a valid report of this version."""
    document = unvalidated_report_from(value)
    if document is None or not has_state(document) or not are_items(document.get("records"), EARLIER):
        return None
    return document


def unvalidated_report_from(value: object) -> Object | None:
    """Load a report from an object or a JSON string, or return None if it does not have the format of a report."""
    if isinstance(value, (str, bytes)):
        value = json_or_none(value)
    if not has_format(value, FORMAT, VERSION):
        return None
    return dict(value)
