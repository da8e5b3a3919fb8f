# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet reports on the pages of the tests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HealthThresholds
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report import report
from support.reports import NOW, Document, document, expiry, large, record
from support.simulator import SYSTEMS

HOSTILE = (
    "</script ><img src=x onerror=alert(1)>",
    "<!-- <script >",
    "{{ 7 * 7 }}{% raw %}",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "\u202egnp.exe\u2066",
    "line\u2028separator\u2029&amp;<b>",
    "\x00\x07\x1b[31m",
    "x" * 5000,
    "long " * 1000,
    "\ud83d\ude00 אבג \U0001f469\u200d\U0001f4bb",
    "",
    "__proto__",
)


def small() -> Document:
    """Seven connectors of three systems, one of them of each health; VOSS Automate refused."""
    found = [
        record(
            "webex",
            1,
            name="beta",
            health="degraded",
            version="1.10.0",
            problems=["Webex reports the status 'impaired'."],
        ),
        record("webex", 2, name="alpha10", version="1.9.0", group="Oslo"),
        record("webex", 3, name="alpha9", health="maintenance", last_seen=None),
        record("apono", 4, name="gamma", health="down", outdated=True, last_seen=str(NOW - timedelta(days=40))),
        record("apono", 5, name="delta", version="1.2.3"),
        record("hdp", 6, name="epsilon", health="unknown", version=None, host=None, group=None),
        record("hdp", 7, name="zeta", last_seen=str(NOW - timedelta(hours=3))),
    ]
    alarm = {**{name: found[0][name] for name in ("system", "id", "name")}, "severity": "error", "title": "Cut off"}
    alarm |= {"description": "No answer for 10 minutes.", "raised_at": str(NOW - timedelta(hours=2))}
    change = {name: found[3][name] for name in ("system", "id", "name")}
    return document(
        found,
        unread={"voss": "VOSS Automate returned 403 for GET https://voss.example.com/api: <Forbidden>."},
        title="Fleet <of> connectors",
        alarms=[alarm],
        changes={
            "since": str(NOW - timedelta(days=1)),
            "appeared": [{name: found[4][name] for name in ("system", "id", "name")}],
            "disappeared": [{"system": "hdp", "id": "hdp-00009", "name": "gone for good"}],
            "health": [{**change, "before": "healthy", "after": "down"}],
            "version": [],
        },
    )


def calendar() -> Document:
    """Customers of VOSS Automate with tokens that end before the report, soon, in weeks and in a year."""
    found = [record("voss", number, name=f"customer {number}") for number in range(5)]
    ends = [
        expiry(found[0], "access", -2.0),
        expiry(found[1], "access", 3.0),
        expiry(found[1], "refresh", 30.0),
        expiry(found[2], "refresh", 30.0),
        expiry(found[3], "access", 365.0),
    ]
    return document(found, expiries=ends)


def hostile() -> Document:
    """Return a document in which each string of a service would do harm if it were not treated as a string."""
    found = []
    for number, text in enumerate(HOSTILE):
        words = dict.fromkeys(("id", "name", "host", "status", "version", "group"), text)
        more = {"health": "down", "outdated": True, "last_seen": text, "problems": [text, text]}
        found.append(record("webex", number, **{**words, "id": f"{number} {text}", **more}))
    found.append(
        record("webex", 99, **dict.fromkeys(("name", "host", "status", "version", "outdated", "last_seen", "group")))
    )
    found.append(record("webex", 98, health="of a new kind"))
    of = [{name: item[name] for name in ("system", "id", "name")} for item in found[: len(HOSTILE)]]
    pairs = list(zip(of, HOSTILE, strict=True))
    return document(
        found,
        unread={"voss": HOSTILE[0] + HOSTILE[9], "apono": HOSTILE[2]},
        title=HOSTILE[0],
        alarms=[
            {**item, **dict.fromkeys(("severity", "title", "description", "raised_at"), text)} for item, text in pairs
        ],
        expiries=[{**item, "token": text, "expires_at": text, "days_left": 1.0} for item, text in pairs],
        changes={
            "since": HOSTILE[3],
            "appeared": of,
            "disappeared": of,
            "health": [{**item, "before": text, "after": text} for item, text in pairs],
            "version": [{**item, "before": text, "after": text} for item, text in pairs],
        },
    )


def everything() -> dict[str, Document]:
    """All of them, by name."""
    return {
        "small": small(),
        "calendar": calendar(),
        "hostile": hostile(),
        "large": large(10_000),
        "empty": document([]),
        "nothing read": document([], unread=dict.fromkeys(SYSTEMS, "it is away.")),
    }


def changed_document(before: Any, after: Any, hours: float = 3) -> str:
    """Return a report as JSON, with the changes from the results of one run to those of a later run."""
    now = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
    previous = report(before, HealthThresholds(now))
    return json.dumps(report(after, HealthThresholds(now + timedelta(hours=hours)), "Ours", previous))
