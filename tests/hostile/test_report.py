# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile data is not interpreted in templates, JSON, the page, metrics or the log of a report."""

from __future__ import annotations

import html.parser
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.simulator import SYSTEMS

from hostile.attack import Attack, Serve, connection
from hostile.fleet import NODE, apono_item, hdp_item, lists, voss_item, webex_item
from hostile.server import reply
from hostile.test_events import payloads

pytestmark = pytest.mark.extended

ROLE = Path(__file__).resolve().parents[2] / "roles" / "fleet_report"
PLAYBOOK = "- import_playbook: hybrid.connectors.fleet_report"
MARKUP = (
    *("</script><script>alert(1)</script>", "<!--", "<img src=x onerror=alert(1)>", '" onmouseover="alert(1)', "]]>"),
    *(
        "javascript:alert(1)",
        "&lt;",
        "\u2028alert(1)\u2029",
        "</title>",
        "\x1b]0;title\x07",
        "a\nb\r\nc",
        "\u202e",
        "\ud800",
    ),
    *("x" * 5000, "a\\", 'a"', "# HELP x y\nhybrid_connectors_health 1", "{a}", "__proto__", "constructor", "\x00"),
)
ODD: tuple[Any, ...] = (1e999, -1e999, 5, True, None, [], {}, [1], {"a": 1}, {"__ansible_vault": "x"}, 10**30, 0.1)
KINDS: dict[str, Any] = {"apono": apono_item, "hdp": hdp_item, "voss": voss_item, "webex": webex_item}
FIELDS: dict[str, tuple[str, ...]] = {
    "apono": ("name", "status", "version", "last_connected", "is_latest_version", "cloud_provider_type"),
    "hdp": ("label", "version", "tenantName", "lastAccessed", "ipAddress"),
    "voss": ("name", "access_token_expires", "refresh_token_expires"),
    "webex": ("hostname", "status", "version", "hybridClusterId"),
}


def hostile_items(system: str, values: list[Any]) -> list[dict[str, Any]]:
    """Return connectors with each value in one field, and in all fields."""
    items = []
    for number, value in enumerate(values):
        for field in FIELDS[system]:
            if (system, field) == ("voss", "name") and not isinstance(value, str):
                continue  # a list is not valid if it contains a customer without a name
            items.append(KINDS[system](f"{number}-{field}", **{field: value}))
        if isinstance(value, str) and system != "voss":
            everywhere: dict[str, Any] = {**dict.fromkeys(FIELDS[system], value)}
            if system == "webex":
                alarm = {"severity": value, "title": value, "description": value, "created": value, value: value}
                everywhere["alarms"] = [alarm, value, None, {}]
            items.append(KINDS[system](f"{number}-{value}"[:500], **everywhere))
    return items


def history(values: list[Any]) -> str:
    """Return a history with two valid lines that contain hostile values, and damaged lines."""
    yesterday = (datetime.now(timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    systems = [{"system": value, "read": True, "last_read": yesterday} for value in MARKUP]
    counts = dict.fromkeys(("healthy", "degraded", "down", "maintenance", "unknown"), 1)
    state = {"system": "apono", "health": "down", "since": yesterday, "muted": False}
    run = {
        "format": "hybrid.connectors.fleet_history",
        "version": 1,
        "generated_at": yesterday,
        "systems": systems,
        "summary": {"by_system": dict.fromkeys((*MARKUP, "webex"), counts)},
        "unhealthy": [{**state, "id": text, "name": text} for text in MARKUP],
    }
    lines = [json.dumps(run), json.dumps(run)]
    for name, valid in run.items():
        for value in values:
            if value not in (valid, []):
                lines.append(json.dumps({**run, name: value}))
    return "\n".join([*lines, *map(str, MARKUP)])


class Page(html.parser.HTMLParser):
    """Collects the elements of a page and all executable content in them."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.elements: set[str] = set()
        self.handlers: list[str] = []
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.scripts += tag == "script"
        self.handlers += [name for name, _value in attrs if name.startswith("on")]
        self.links |= {str(value)[:20] for name, value in attrs if name in ("href", "src", "action")}


def test_a_report_of_hostile_services(attack: Attack, serve: Serve, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    values = [*payloads(trap), *MARKUP, *ODD]
    systems: dict[str, dict[str, Any]] = {}
    for system in SYSTEMS:
        server = serve(lists(system, *hostile_items(system, values)))
        systems[system] = connection(system, server.url)
    systems["voss"]["hierarchy"] = NODE
    (tmp_path / "before.json").write_text(
        json.dumps({"format": "hybrid.connectors.fleet_report", "version": 1}), "utf-8"
    )
    variables = {
        **{f"fleet_report_{system}": options for system, options in systems.items()},
        **{f"fleet_report_{kind}": str(tmp_path / f"fleet.{kind}") for kind in ("html", "json", "prom")},
        "fleet_report_previous": str(tmp_path / "before.json"),
        "fleet_report_history": str(tmp_path / "history.jsonl"),
        "fleet_report_mute": [{"system": "apono", "id": f"0-{text}"[:500], "reason": text} for text in MARKUP[:5]],
    }
    (tmp_path / "history.jsonl").write_text(history(values), "utf-8", "surrogatepass")
    played = attack.playbook(PLAYBOOK, variables=variables)
    assert played.status == 0, played.output[-3000:]
    lines = list(map(json.loads, (tmp_path / "history.jsonl").read_text("utf-8").splitlines()))
    # Two lines are from 1970. Because the clock can be wrong, they are removed only after further runs.
    assert [line["generated_at"] for line in lines[2:-1]] == [5, 0.1]
    assert len(lines) == 5, "Damaged lines are removed."
    # The second run reads the report of the first run, and displays all values on the terminal.
    variables["fleet_report_previous"] = ""
    variables["fleet_report_fail_on"] = "down,degraded,unknown,outdated,expired,expiring,unread,disappeared"
    failed = attack.playbook(PLAYBOOK, variables=variables)
    assert failed.status != 0
    assert not trap.exists()
    for output in (played.output, failed.output):
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(output)
    assert_is_a_report(tmp_path)


def assert_is_a_report(folder: Path) -> None:
    def refuse(constant: str) -> Any:
        raise AssertionError(f"{constant} is not JSON")

    text = (folder / "fleet.json").read_text("utf-8")
    document = json.loads(text, parse_constant=refuse)
    assert [system["error"] for system in document["systems"]] == [None] * 4
    schema = json.loads((ROLE / "files" / "fleet_report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    page = Page()
    page.feed((folder / "fleet.html").read_text("utf-8"))
    assert page.scripts == 2
    assert page.handlers == []
    assert "img" not in page.elements
    assert all(link.startswith(("#", "data:image/svg+xml,")) for link in page.links), page.links
    families = list(text_string_to_metric_families((folder / "fleet.prom").read_text("utf-8")))
    counted = [sample for family in families for sample in family.samples if sample.name == "hybrid_connectors_health"]
    assert len(counted) == len(document["records"])
    assert max(len(value) for sample in counted for value in sample.labels.values()) <= 200


def test_a_system_that_fails_with_a_hostile_message(attack: Attack, serve: Serve, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    text = f"{payloads(trap)[1]} {payloads(trap)[0]} </script>\x1b[31m\u202e"
    failing = serve(lambda _request: reply(500, {"message": text}))
    apono = serve(lists("apono", apono_item("1")))
    variables = {
        "fleet_report_apono": connection("apono", apono.url),
        "fleet_report_webex": connection("webex", failing.url),
        **{f"fleet_report_{kind}": str(tmp_path / f"fleet.{kind}") for kind in ("html", "json", "prom")},
    }
    played = attack.playbook(PLAYBOOK, variables=variables)
    assert played.status == 0, played.output
    assert not trap.exists()
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(played.output)
    document = json.loads((tmp_path / "fleet.json").read_text("utf-8"))
    assert "lookup" in document["systems"][1]["error"]
    assert "</script>" not in (tmp_path / "fleet.html").read_text("utf-8").partition("</script>")[0]
