# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create fleet reports, and their pages with the template of the role fleet_report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from support.modules import ROOT
from support.playbooks import run_playbook

TEMPLATE = ROOT / "roles" / "fleet_report" / "templates" / "fleet.html.j2"
TITLES = {
    "apono": "Apono",
    "hdp": "Hybrid Data Pipeline",
    "voss": "VOSS Automate",
    "webex": "Webex",
}
HEALTHS = ("healthy", "degraded", "down", "maintenance", "unknown")
NOW = datetime(2026, 10, 1, 8, 15, tzinfo=timezone.utc)

Document = dict[str, Any]

# Reads the four lists of a simulator, whose connection options are in the variable C(systems).
READ = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.apono: "{{ systems.apono }}"
    group/hybrid.connectors.hdp: "{{ systems.hdp }}"
    group/hybrid.connectors.voss: "{{ systems.voss }}"
    group/hybrid.connectors.webex: "{{ systems.webex }}"
  tasks:
    - hybrid.connectors.apono_connector_info:
      register: apono
    - hybrid.connectors.hdp_connector_info:
        details: true
      register: hdp
    - hybrid.connectors.voss_spark_customer_info:
        hierarchy: sys.hcs.CS-P
      register: voss
    - hybrid.connectors.webex_hybrid_connector_info:
        clusters: true
      register: webex
    - name: Records
      ansible.builtin.debug:
        msg:
          records: >-
            {{ apono.connectors | hybrid.connectors.fleet('apono') + hdp.connectors | hybrid.connectors.fleet('hdp')
            + voss.customers | hybrid.connectors.fleet('voss') + webex.connectors | hybrid.connectors.fleet('webex') }}
          customers: "{{ voss.customers }}"
          connectors: "{{ webex.connectors }}"
"""

# Without the space, ansible-core before 2.19 parses the string as an object.
RENDER = """
- hosts: localhost
  gather_facts: false
  tasks:
    - hybrid.connectors.fleet_report_files:
        files:
          - path: "{{ item }}.html"
            content: "{{ lookup('ansible.builtin.template', template) }}"
            mode: "0600"
      vars:
        fleet_report_result:
          json: " {{ lookup('ansible.builtin.file', item ~ '.json') }}"
      loop: "{{ documents }}"
"""


def document(
    records: Sequence[Mapping[str, Any]],
    *,
    unread: Mapping[str, str] | None = None,
    now: datetime = NOW,
    title: str = "Fleet of connectors",
    **more: Any,
) -> Document:
    """Return a report with records, the reasons for ``unread`` systems, and ``more`` lists such as expiries."""
    refused = unread or {}

    def counts(of: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        found = Counter(record["health"] for record in of)
        return {health: found[health] for health in HEALTHS}

    def error(system: str) -> str | None:
        if system not in refused:
            return None
        completely = " completely" if by_system[system] else ""
        return f"not read{completely}, because {refused[system]}"

    by_system = {system: [record for record in records if record["system"] == system] for system in TITLES}
    shown = [system for system in TITLES if by_system[system] or system not in refused]
    return {
        "format": "hybrid.connectors.fleet_report",
        "version": 1,
        "generated_at": now.isoformat().replace("+00:00", "Z"),
        "title": title,
        "limits": {"stale_after_hours": 24.0, "expiring_within_days": 7.0},
        "systems": [
            {
                "system": system,
                "title": words,
                "item": "customer" if system == "voss" else "connector",
                "has_alarms": system == "webex",
                "has_expiries": system == "voss",
                "read": system not in refused,
                "error": error(system),
                "count": len(by_system[system]),
                "last_read": None if system in refused else now.isoformat().replace("+00:00", "Z"),
            }
            for system, words in TITLES.items()
        ],
        "summary": {
            "total": len(records),
            "by_health": counts(records),
            "by_system": {system: counts(by_system[system]) for system in shown},
            "outdated": sum(record["outdated"] is True for record in records),
        },
        "records": list(records),
        "expiries": [],
        "alarms": [],
        "mutes": [],
        "changes": None,
        "unhealthy": [],
        "headline": f"{counts(records)['down']} of {len(records):,} connectors are down.",
        "trend": [],
        **more,
    }


def changes(since: datetime, **more: Any) -> Document:
    """Return the changes since a time. ``more`` contains lists of changes."""
    kinds = ("appeared", "disappeared", "health", "version", "new", "worse", "recovered", "unread", "read_again")
    return {"since": since.isoformat().replace("+00:00", "Z"), **{kind: [] for kind in kinds}, **more}


def unhealthy(of: Mapping[str, Any], since: datetime, muted: bool = False) -> Document:
    """Return the state of a connector that has been unhealthy since a time."""
    start = since.isoformat().replace("+00:00", "Z")
    return {**identity(of), "health": of["health"], "since": start, "muted": muted}


def identity(of: Mapping[str, Any]) -> Document:
    """Return the system, the ID and the name of a record."""
    return {name: of[name] for name in ("system", "id", "name")}


def trend(counts: Sequence[Mapping[str, Mapping[str, int] | None]], now: datetime = NOW) -> list[Document]:
    """Return daily runs with counts by system. The counts are None if the system was not read."""
    found = []
    for number, run in enumerate(counts):
        time = now - timedelta(days=len(counts) - 1 - number)
        by_system = {system: {**dict.fromkeys(HEALTHS, 0), **of} for system, of in run.items() if of is not None}
        found.append({"generated_at": time.isoformat().replace("+00:00", "Z"), "by_system": by_system})
    return found


def record(system: str, number: int, **more: Any) -> Document:
    """Return a healthy record. ``more`` contains different values."""
    return {
        "system": system,
        "id": f"{system}-{number:05}",
        "name": f"connector-{number:05}",
        "host": f"host{number:05}.example.org",
        "status": "operational",
        "health": "healthy",
        "version": "1.6.4",
        "outdated": False,
        "last_seen": (NOW - timedelta(hours=1)).isoformat(),
        "group": f"group {number % 50}",
        "type": None,
        "org": None,
        "problems": [],
        **more,
    }


def expiry(of: Mapping[str, Any], token: str, days: float) -> Document:
    """Return the expiry of a token of a record, this number of days after the report."""
    return {
        **{name: of[name] for name in ("system", "id", "name")},
        "token": token,
        "expires_at": (NOW + timedelta(days=days)).isoformat(),
        "days_left": days,
    }


def expiries(customers: Sequence[Mapping[str, Any]]) -> list[Document]:
    """Return the expiries of tokens from the result of the module voss_spark_customer_info."""
    return [
        {
            "system": "voss",
            "id": customer["pkid"],
            "name": customer["name"],
            "token": token,
            "expires_at": customer[f"{token}_token_expires"],
            "days_left": customer[f"{token}_token_days_left"],
        }
        for customer in customers
        for token in ("access", "refresh")
        if customer.get(f"{token}_token_expires")
    ]


def alarms(connectors: Sequence[Mapping[str, Any]]) -> list[Document]:
    """Return the alarms from the result of the module webex_hybrid_connector_info."""
    return [
        {
            "system": "webex",
            "id": connector["id"],
            "name": connector["hostname"],
            "severity": alarm["severity"],
            "title": alarm["title"],
            "description": alarm["description"],
            "raised_at": alarm["created"],
        }
        for connector in connectors
        for alarm in connector["alarms"]
    ]


def large(count: int) -> Document:
    """Return a report of connectors of all systems, some of them unhealthy, with matching expiries and alarms."""
    systems = list(TITLES)
    found = []
    for number in range(count):
        health = HEALTHS[number // 10 % 5] if number % 10 == 0 else "healthy"
        seen = (NOW - timedelta(minutes=number * 7 % 90000)).isoformat()
        problems = [] if health == "healthy" else [f"It is {health} since number {number}."]
        version = f"1.{number % 7}.{number % 11}"
        found.append(
            record(
                systems[number % 4],
                number,
                health=health,
                last_seen=seen,
                problems=problems,
                version=version,
                outdated=number % 20 == 0,
            )
        )
    ends = [expiry(item, "access", index % 120 - 5) for index, item in enumerate(found) if item["system"] == "voss"]
    return document(found, expiries=ends)


def fleet_document(folder: Path, systems: Mapping[str, Any], **more: Any) -> Document:
    """Return the report of a simulator. ``systems`` contains the connection options."""
    played = run_playbook(folder, READ, (), {"systems": systems}, {})
    assert played.status == 0, played.output
    found = played["Records"]["msg"]
    more = {"expiries": expiries(found["customers"]), "alarms": alarms(found["connectors"]), **more}
    return document(found["records"], **more)


def pages(folder: Path, documents: Mapping[str, Document]) -> dict[str, Path]:
    """Return the pages of reports by name, which the module ansible.builtin.template creates."""
    for name, content in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    variables = {"template": str(TEMPLATE), "documents": [str(folder / name) for name in documents]}
    played = run_playbook(folder, RENDER, (), variables, {})
    assert played.status == 0, played.output
    return {name: folder / f"{name}.html" for name in documents}
