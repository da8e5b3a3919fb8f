# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Convert a fleet report to the template values for its HTML page.

A report can contain thousands of connectors, and Ansible processes each value that a template uses. Therefore, the page
contains the report as JSON, which a script on the page displays. The template uses only the totals and the first
unhealthy connectors.
"""

from __future__ import annotations

import hashlib
import json

from ..module_utils._mappings import picked
from ..module_utils._plan import Object

# Maximum number of connectors that the page lists without JavaScript.
LISTED = 200
# Parts of a report that the template uses unchanged.
PARTS = ("title", "headline", "generated_at", "limits", "systems", "summary")
CHANGES = ("new", "worse", "recovered", "appeared", "disappeared", "health", "version")
# Characters that could end the element that contains the JSON.
ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def page_values(document: Object) -> Object:
    """Return the template values for the HTML page of a report.

    The nonce is a hash of the JSON data. Therefore, the same report always results in the same page, and no value in
    the data can contain the nonce.

    :param document: a result of :func:`_report.unchecked_report`.
    """
    data = json.dumps(document).translate(ESCAPES)
    expiries = document["expiries"]
    unhealthy = [record for record in document["records"] if record["health"] != "healthy"]
    return {
        **picked(document, PARTS),
        "data": data,
        "nonce": hashlib.sha256(data.encode()).hexdigest(),
        "unhealthy": unhealthy[:LISTED],
        "unhealthy_count": len(unhealthy),
        "alarms_count": len(document["alarms"]),
        "expiries_count": len(expiries),
        "refresh_tokens_count": sum(expiry["token"] == "refresh" for expiry in expiries),
        "changes": _changes(document.get("changes")),
    }


def _changes(changes: Object | None) -> Object | None:
    """Return the number of changes by kind, and the time of the earlier report."""
    if not changes:
        return None
    return {"since": changes["since"], **{name: len(changes[name]) for name in CHANGES}}
