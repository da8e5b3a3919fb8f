# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the fleet reports for the pages in the tests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HealthThresholds
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report import report
from support.reports import NOW, Document, changes, document, expiry, identity, large, record, trend, unhealthy
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
    """Seven connectors of three systems with all health values. VOSS Automate rejected the request."""
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
        changes=changes(
            NOW - timedelta(days=1),
            appeared=[identity(found[4])],
            disappeared=[{"system": "hdp", "id": "hdp-00009", "name": "gone for good"}],
            health=[{**change, "before": "healthy", "after": "down"}],
        ),
    )


def calendar() -> Document:
    """Customers of VOSS Automate whose tokens have expired, or expire soon, in weeks or in a year."""
    found = [record("voss", number, name=f"customer {number}") for number in range(5)]
    ends = [
        expiry(found[0], "access", -2.0),
        expiry(found[1], "access", 3.0),
        expiry(found[1], "refresh", 30.0),
        expiry(found[2], "refresh", 30.0),
        expiry(found[3], "access", 365.0),
    ]
    return document(found, expiries=ends)


def alarms() -> Document:
    """Three Webex connectors: one has an alarm without a severity, one has a critical alarm and one has no alarm."""
    found = [record("webex", number, name=f"connector {number}") for number in range(3)]
    more = {"title": "Cut off", "description": None, "raised_at": None}
    severities = (None, "critical")
    raised = [
        {**identity(item), **more, "severity": severity} for item, severity in zip(found[:2], severities, strict=True)
    ]
    return document(found, alarms=raised)


def hostile() -> Document:
    """Return a document in which each string from a service is harmful unless it is treated as plain text."""
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
            **changes(NOW),
            "since": HOSTILE[3],
            "appeared": of,
            "disappeared": of,
            "unread": [HOSTILE[0]],
            **{
                kind: [{**item, "before": text, "after": text, "since": text} for item, text in pairs]
                for kind in ("health", "version", "new", "worse", "recovered")
            },
        },
        mutes=[{**item, "until": text, "reason": text} for item, text in pairs],
        unhealthy=[{**item, "health": text, "since": text, "muted": True} for item, text in pairs],
        headline=HOSTILE[0] + HOSTILE[3],
        trend=[{"generated_at": text, "by_system": {text: {text: 1}, "webex": {"down": 3}}} for text in HOSTILE],
    )


def news() -> Document:
    """A fleet with a history: new, worse, recovered and muted connectors, and a run in which a system was not read."""
    ended = (NOW - timedelta(days=12)).isoformat().replace("+00:00", "Z")
    found = [
        record(
            "webex", 1, name="new", health="down", group="Oslo", org="Globex", type="c_cal", problems=["It is down."]
        ),
        record("webex", 2, name="worse", health="down", group="Oslo", org="Initech", type="c_cal"),
        record("webex", 3, name="recovered", group="Bergen", org="Initech", type="c_mgmt"),
        record("webex", 4, name="muted", health="down", group="Bergen", org="Initech", type="c_mgmt", outdated=True),
        record("voss", 5, name="=cmd()", health="down", host=None, version=None, last_seen=None, group="sys.hcs"),
        record("hdp", 6, name="idle", health="degraded", group="sales", org="sales"),
    ]
    found[4]["problems"] = [f"The access token expired at {ended}."]
    found[5]["problems"] = [f"The connector was last accessed at {ended}."]
    states = [
        unhealthy(item, NOW - timedelta(days=days)) for item, days in zip(found, (0, 3, 0, 40, 12, 11), strict=True)
    ]
    states[3]["muted"] = True

    def change(number: int, before: str) -> Document:
        state = {**identity(found[number]), "before": before, "after": found[number]["health"]}
        return {**state, "since": states[number]["since"]}

    runs = [{"webex": {"healthy": 3 - day % 3, "down": day % 3 + 1}, "hdp": {"degraded": 1}} for day in range(30)]
    for run in runs[:10]:
        run["voss"] = {"healthy": 1}
    for run in runs[20:]:
        run["voss"] = {"down": 1}
    alarm = {**identity(found[1]), "title": "Cut off", "description": None, "raised_at": ended}
    return document(
        found,
        alarms=[{**alarm, "severity": severity} for severity in ("critical", "error", "warning")],
        changes=changes(
            NOW - timedelta(days=1),
            new=[change(0, "healthy")],
            worse=[change(1, "degraded")],
            recovered=[{**change(2, "down"), "since": (NOW - timedelta(days=2)).isoformat()}],
        ),
        mutes=[{"system": "webex", "id": found[3]["id"], "until": "2026-12-24T00:00:00Z", "reason": "Replaced <soon>"}],
        unhealthy=[state for state in states if state["health"] != "healthy"],
        headline="4 of 6 connectors are down, 1 more than yesterday, 1 of them muted.",
        trend=trend(runs),
    )


def fleet() -> Document:
    """A fleet of 4,400 connectors, of which 1,100 have a problem."""
    systems = {"webex": 2400, "voss": 1000, "hdp": 600, "apono": 400}
    problems = {
        "webex": "Webex reports the status 'outage'. Alarm (critical): Connector stopped.",
        "voss": "The access token expired at 2026-09-19T08:15:00Z."
        " The refresh token expires in 3.0 days, at 2026-10-04T08:15:00Z.",
        "hdp": "The connector was last accessed at 2026-09-20T10:00:00Z.",
        "apono": "Disconnected; last connected at 2026-08-19T22:41:07.5Z. Version 1.5.2 is not the latest version.",
    }
    found = []
    for system, count in systems.items():
        for number in range(count):
            more: Document = {"name": f"{system}{number:04}.branch-{number % 90:02}.example.com"}
            more |= {"host": more["name"] if system in ("webex", "hdp") else None, "group": f"Branch {number % 90}"}
            if number % 4 == 0:
                more |= {"health": "down" if number % 8 == 0 else "degraded", "problems": [problems[system]]}
            found.append(record(system, number, **more))
    states = [
        unhealthy(item, NOW - timedelta(hours=number * 5 % 2000))
        for number, item in enumerate(found)
        if item["health"] != "healthy"
    ]
    ends = [expiry(item, "access", number % 100 - 3) for number, item in enumerate(found) if item["system"] == "voss"]
    ends += [expiry(item, "refresh", 30) for item in found if item["system"] == "voss"][:80]

    def new(state: Document) -> Document:
        return {**identity(state), "before": "healthy", "after": state["health"], "since": state["since"]}

    runs = [
        {system: {"healthy": count * 3 // 4 - day, "down": count // 8 + day} for system, count in systems.items()}
        for day in range(30)
    ]
    return document(
        found,
        expiries=ends,
        alarms=[
            {
                **identity(item),
                "severity": ("critical", "error", "warning", "alert")[number % 4],
                "title": "Connector stopped",
                "description": "No contact for 10 minutes.",
                "raised_at": (NOW - timedelta(hours=number)).isoformat(),
            }
            for number, item in enumerate(found[:240:4])
        ],
        unhealthy=states,
        changes=changes(
            NOW - timedelta(days=1),
            new=[new(state) for state in states[:21]],
            worse=[{**new(state), "before": "degraded"} for state in states[40:46]],
            recovered=[{**new(found[1] | {"since": states[1]["since"]}), "before": "down", "after": "healthy"}],
            health=[{**identity(state), "before": "healthy", "after": state["health"]} for state in states[:30]],
        ),
        headline="550 of 4,400 connectors are down, 21 more than yesterday.",
        trend=trend(runs),
    )


def everything() -> dict[str, Document]:
    """Return all documents by name."""
    return {
        "small": small(),
        "calendar": calendar(),
        "alarms": alarms(),
        "hostile": hostile(),
        "news": news(),
        "fleet": fleet(),
        "large": large(10_000),
        "empty": document([]),
        "partly read": document([record("webex", 1, version="1.9.0")], unread={"webex": "one organization is away."}),
        "nothing read": document([], unread=dict.fromkeys(SYSTEMS, "it is away.")),
    }


def changed_document(before: Any, after: Any, hours: float = 3) -> str:
    """Return a report as JSON, with the changes from the results of one run to those of a later run."""
    now = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
    previous = report(before, HealthThresholds(now))
    return json.dumps(report(after, HealthThresholds(now + timedelta(hours=hours)), "Ours", previous))
