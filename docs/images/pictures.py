# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create the pictures in docs/images, which show a fleet report and the demonstration in a terminal.

The report shows a generated fleet, which the modules read from the simulator.

With a folder as argument, this program also writes the page to the folder, and screenshots in dark mode, on a
phone and in print layout.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).resolve().parent
ROOT = IMAGES.parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / ".cache" / "collections")]

import terminal  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from support.browser import launch  # noqa: E402
from support.reports import Document, changes, fleet_document, pages, trend, unhealthy  # noqa: E402
from support.simulator import connections, start  # noqa: E402

NOW = datetime.now(timezone.utc).replace(second=0, microsecond=0)
REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-south-1")
CUSTOMERS = [
    "Acme",
    "Initech",
    "Globex",
    "Umbrella",
    "Hooli",
    "Vandelay",
    "Stark",
    "Wayne",
    "Tyrell",
    "Soylent",
    "Cyberdyne",
    "Wonka",
    "Duff",
    "Gringotts",
    "Oscorp",
    "Massive",
    "Octan",
    "Virtucon",
    "Zorin",
    "Weyland",
    "Monsters",
    "Pied",
    "Dunder",
    "Prestige",
    "Sirius",
    "Bluth",
]


def ago(**lapse: float) -> str:
    """Return a timestamp in the past in the format of the services."""
    return (NOW - timedelta(**lapse)).strftime("%Y-%m-%dT%H:%M:%SZ")


def apono() -> list[dict[str, Any]]:
    """Return connectors in several regions. One was disconnected long ago, and some are outdated."""
    versions = ("1.6.4", "1.6.4", "1.6.4", "1.6.2", "1.6.4", "1.5.9")
    found: list[dict[str, Any]] = []
    for number in range(14):
        lost = {4: 3.2, 9: 41.0}.get(number)
        version = "1.5.2" if number == 9 else versions[number % len(versions)]
        found.append(
            {
                "id": f"apono-{number:04}",
                "name": f"{('production', 'staging', 'analytics')[number % 3]}-{REGIONS[number % 5]}",
                "status": "DISCONNECTED" if lost else "CONNECTED",
                "version": version,
                "last_connected": ago(days=lost) if lost else ago(minutes=1 + number),
                "is_latest_version": version == "1.6.4",
                "cloud_provider_type": ("AWS", "AZURE", "GCP")[number % 3],
                "sessions": [],
            }
        )
    return found


def hdp() -> list[dict[str, Any]]:
    """Return connectors of three tenants. Three connectors have not been used for days, and one was never used."""
    found: list[dict[str, Any]] = []
    for number in range(11):
        idle = {2: 55, 7: 640, 8: 2100}.get(number, number * 0.4)
        found.append(
            {
                "connectorID": f"55b55556-22d1-4f6a-888f-{number:012x}",
                "label": f"{('sales', 'finance', 'warehouse', 'hr')[number % 4]}-db-{number:02}",
                "version": ("4.6.1.815", "4.6.1.815", "4.6.1.758", "4.6.1.702")[number % 4],
                "owner": "admin",
                "tenantName": ("Retail", "Finance", "Logistics")[number % 3],
                "isGroup": False,
                "createdTime": ago(days=700),
                "lastModified": ago(days=90),
                "lastAccessed": None if number == 5 else ago(hours=idle),
                "ipAddress": f"192.0.2.{20 + number}",
                "javaVersion": "11.0.22",
                "javaVendor": "Eclipse Adoptium",
                "osName": "Linux",
                "osVersion": "5.14.0",
            }
        )
    return found


def voss() -> list[dict[str, Any]]:
    """Return customers whose tokens expire on different days. Some expire soon, and one has expired."""
    found: list[dict[str, Any]] = []
    for number, name in enumerate(CUSTOMERS):
        access = {3: -1.4, 8: 2.2, 15: 5.4}.get(number, 8 + (number * 5) % 7)
        refresh = {8: 12.0, 11: 4.6}.get(number, 20 + (number * 11) % 66)
        found.append(
            {
                "pkid": f"65e0918d6fd4534903e2{number:04}",
                "hierarchy": ("sys.hcs.CS-P.CS-NB.AAAGlobal", "sys.hcs.CS-P.CS-AB.AB_Group")[number % 2],
                "name": name,
                "account_email": f"webex-admin@{name.lower()}.example",
                "access_token_expires": ago(days=-access),
                "refresh_token_expires": ago(days=-refresh),
                "token": "token",
                "refresh_token": "token",
            }
        )
    return found


def webex() -> list[dict[str, Any]]:
    """Return connectors of three clusters. Three connectors have alarms."""
    kinds = (("calendar", "8.11-1.0.7025"), ("call", "8.11-1.0.681"), ("videoMesh", "2026.09.15.4021m"))
    status = {4: "impaired", 6: "outage", 12: "maintenanceMode"}
    alarms = {
        4: [("error", "Cannot reach the call control", "Its Unified CM has not answered for 10 minutes.", 11)],
        6: [
            ("critical", "Connector stopped", "No heartbeat since the host was restarted.", 38),
            ("alert", "Certificate expires soon", "A certificate on the host expires within 30 days.", 400),
        ],
        9: [("warning", "Upgrade is pending", "The maintenance window was missed twice.", 75)],
    }
    found: list[dict[str, Any]] = []
    for number in range(18):
        kind, version = kinds[number % 3]
        found.append(
            {
                "id": f"Y2lZY76{number:04}",
                "orgId": "Y2lzY29zcGFyazovL3",
                "hybridClusterId": ("Y2lZY76123abbb", "Y2lZY76123accc", "Y2lZY76123addd")[number % 3],
                "hostname": f"{('expc', 'expe', 'mesh')[number % 3]}{number // 3 + 1:02}.example.org",
                "status": status.get(number, "operational"),
                "created": ago(days=900),
                "type": kind,
                "version": "8.11-1.0.6712" if number in (3, 9) else version,
                "alarms": [
                    {
                        "id": f"Y2lZYalarm{number}{index}",
                        "created": ago(hours=hours),
                        "severity": severity,
                        "title": title,
                        "description": words,
                        "hybridConnectorId": f"Y2lZY76{number:04}",
                    }
                    for index, (severity, title, words, hours) in enumerate(alarms.get(number, []))
                ],
            }
        )
    return found


def report(folder: Path) -> Document:
    """Return the report of the fleet, with the changes since the previous day."""
    seed = {
        "apono": {"connectors": apono()},
        "hdp": {"connectors": hdp()},
        "voss": {"customers": voss()},
        "webex": {"connectors": webex()},
    }
    with start() as simulator:
        simulator.reset(seed)
        found = fleet_document(folder, connections(simulator), now=NOW)
    by_id = {record["id"]: record for record in found["records"]}

    def of(identifier: str, **more: str) -> dict[str, str]:
        return {**{name: by_id[identifier][name] for name in ("system", "id", "name")}, **more}

    new = of("Y2lZY760004", before="healthy", after="degraded")
    worse = of("Y2lZY760006", before="degraded", after="down")
    recovered = of("apono-0002", before="down", after="healthy")
    found["changes"] = changes(
        NOW - timedelta(days=1),
        appeared=[of("apono-0013"), of("65e0918d6fd4534903e20025")],
        disappeared=[{"system": "hdp", "id": "gone", "name": "legacy-db-01"}],
        health=[new, worse, recovered],
        version=[of("apono-0000", before="1.6.2", after="1.6.4"), of("apono-0001", before="1.6.2", after="1.6.4")],
        new=[{**new, "since": ago(hours=1)}],
        worse=[{**worse, "since": ago(days=3)}],
        recovered=[{**recovered, "since": ago(days=2)}],
    )
    found["unhealthy"] = [
        unhealthy(record, NOW - timedelta(days=number % 40, hours=1))
        for number, record in enumerate(found["records"])
        if record["health"] != "healthy"
    ]
    found["trend"] = runs(found)
    return found


def runs(found: Document) -> list[Document]:
    """Return the trend of the report: 30 daily runs whose counts approach those of the report."""
    by_system = found["summary"]["by_system"]
    counts = []
    for number in range(30):
        run = {}
        for system, healths in by_system.items():
            moved = (29 - number) // 6 % 4 if healths["healthy"] > 3 else 0
            run[system] = {**healths, "healthy": healths["healthy"] - moved, "down": healths["down"] + moved}
        counts.append(run)
    return trend(counts, NOW)


@contextmanager
def opened(browser: Browser, path: Path, width: int, height: int, scheme: Any = "light") -> Iterator[Page]:
    """Open a page in a browser window of a certain size."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    try:
        page = context.new_page()
        page.goto(path.as_uri())
        yield page
    finally:
        context.close()


def main() -> None:
    """Write the pictures to docs/images. If a folder is specified, also write further pictures to it."""
    with tempfile.TemporaryDirectory(prefix="hybrid-connectors-pictures-") as name, sync_playwright() as playwright:
        folder = Path(name)
        shown = report(folder)
        path = pages(folder, {"report": shown})["report"]
        browser = launch(playwright)
        for title, scheme in (("fleet_report", "light"), ("fleet_report_dark", "dark")):
            with opened(browser, path, 1280, 1000, scheme) as page:
                # The picture ends below the last card, above the table of connectors.
                bottom = page.evaluate("document.querySelector('.cards').getBoundingClientRect().bottom")
                page.screenshot(
                    path=IMAGES / f"{title}.png",
                    full_page=True,
                    clip={"x": 0, "y": 0, "width": 1280, "height": round(bottom) + 16},
                )
        with opened(browser, terminal.page(folder), 1200, 1000) as page:
            page.locator("pre").screenshot(path=IMAGES / "demo.png")
        if len(sys.argv) > 1:
            kept = Path(sys.argv[1])
            kept.mkdir(parents=True, exist_ok=True)
            (kept / "report.html").write_bytes(path.read_bytes())
            (kept / "report.json").write_text(json.dumps(shown, indent=1), encoding="utf-8")
            for title, size, scheme in (
                ("light", (1280, 1000), "light"),
                ("dark", (1280, 1000), "dark"),
                ("phone", (360, 740), "light"),
            ):
                with opened(browser, path, *size, scheme) as page:
                    page.screenshot(path=kept / f"{title}.png", full_page=True)
                    if title == "dark":
                        page.pdf(path=kept / "paper.pdf", format="A4")
        browser.close()


if __name__ == "__main__":
    main()
