# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notifications about the changes in a report: the payload of each format, and failing targets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.receiver import Receiver
from support.report_documents import changed_document as document

SECRET = "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
HOSTILE = "<!channel> *bold* :bomb: [x](http://evil.example) &amp;"


def fleet(*connectors: tuple[str, str]) -> dict[str, Any]:
    items = [{"id": name, "hostname": name, "status": status, "alarms": []} for name, status in connectors]
    return {"webex": {"connectors": items}, "hdp": {"connectors": []}}


CHANGED = document(
    fleet(("a", "operational"), ("b", "impaired"), ("c", "outage"), (HOSTILE, "operational")),
    {**fleet(("a", "outage"), ("b", "outage"), ("c", "operational"), (HOSTILE, "impaired")), "hdp": {"failed": True}},
)
UNCHANGED = document(fleet(("a", "outage")), fleet(("a", "outage")))


def sent(module: RunModule, receiver: Receiver, style: str, content: str = CHANGED, **more: Any) -> Result:
    target = {"url": f"{receiver.url}/services/{SECRET}?sig=canary-signature", "format": style, **more}
    return module("fleet_report_files", report=content, notify=[target])


def body(receiver: Receiver) -> Any:
    [(path, found)] = receiver.received
    assert path == f"/services/{SECRET}?sig=canary-signature"
    assert receiver.headers[0]["Content-Type"] == "application/json"
    assert "Authorization" not in receiver.headers[0]
    return found


HEADLINE = "2 of 4 connectors are down, 1 more than in the report from 3 hours ago; Hybrid Data Pipeline was not read."


def slack_lines(block: dict[str, Any]) -> list[str]:
    """Return the heading and the list entries of a Slack block, after checking that they are plain text elements."""
    assert block["type"] == "rich_text"
    heading, *lists = block["elements"]
    sections = [heading]
    for found in lists:
        assert (found["type"], found["style"]) == ("rich_text_list", "bullet")
        sections += found["elements"]
    assert {section["type"] for section in sections} == {"rich_text_section"}
    elements = [element for section in sections for element in section["elements"]]
    assert {element["type"] for element in elements} == {"text"}
    assert [element.get("style") for element in elements] == [{"bold": True}, *[None] * (len(elements) - 1)]
    return [element["text"] for element in elements]


def test_slack_receives_text_without_markup(module: RunModule, receiver: Receiver) -> None:
    result = sent(module, receiver, "slack")
    assert result.values["notifications"] == [{"format": "slack", "sent": True, "error": None}]
    assert not result.changed
    found = body(receiver)
    assert found.keys() == {"text", "blocks"}
    assert found["text"] == f"Ours: {HEADLINE}"
    blocks = list(map(slack_lines, found["blocks"]))
    # The reason that the host name is not valid follows the name.
    blocks[1][2] = blocks[1][2].partition(" '<")[0]
    assert blocks == [
        [f"Ours: {HEADLINE}"],
        [
            "New problems (2)",
            "Webex a: down. Webex reports the status 'outage'.",
            f"Webex {HOSTILE}: degraded. Webex reports the status 'impaired'.",
        ],
        ["Worse (1)", "Webex b: down, previously degraded, unhealthy for 3 hours. Webex reports the status 'outage'."],
        ["Recovered (1)", "Webex c: healthy again, was down for 3 hours."],
        ["Not read (1)", "Hybrid Data Pipeline: not read, because the module did not return a list."],
    ]


def test_teams_receives_an_adaptive_card(module: RunModule, receiver: Receiver) -> None:
    assert sent(module, receiver, "teams").values["notifications"][0]["sent"]
    found = body(receiver)
    [attachment] = found["attachments"]
    assert found["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}, "A TextBlock would interpret Markdown."
    assert {run["type"] for run in runs} == {"TextRun"}
    assert runs[0]["text"] == f"Ours: {HEADLINE}"
    assert any(run["text"].startswith(f"• Webex {HOSTILE}: degraded.") for run in runs)


def test_webex_receives_plain_text(module: RunModule, receiver: Receiver) -> None:
    sent(module, receiver, "webex")
    found = body(receiver)
    assert found.keys() == {"text"}
    lines = found["text"].splitlines()
    assert lines[:4] == [
        f"Ours: {HEADLINE}",
        "",
        "New problems (2)",
        "- Webex a: down. Webex reports the status 'outage'.",
    ]


def test_json_contains_all_changes_as_data(module: RunModule, receiver: Receiver) -> None:
    sent(module, receiver, "json", on=["worse", "unread"])
    found = body(receiver)
    assert found["headline"] == HEADLINE
    assert found["new"] == found["recovered"] == []
    assert found["worse"] == [
        {
            "system": "webex",
            "id": "b",
            "name": "b",
            "before": "degraded",
            "after": "down",
            "since": "2026-11-22T12:00:00Z",
            "title": "Webex",
            "group": None,
            "org": None,
            "problems": ["Webex reports the status 'outage'."],
            "duration_seconds": 10800,
        }
    ]
    assert [system["system"] for system in found["unread"]] == ["hdp"]


@pytest.mark.parametrize("style", ["slack", "teams", "webex", "json"])
def test_a_message_stays_within_the_limits_of_its_service(module: RunModule, receiver: Receiver, style: str) -> None:
    names = [f"{number} ä{'x' * 400}" for number in range(500)]
    content = document(fleet(*((name, "operational") for name in names)), fleet(*((name, "outage") for name in names)))
    assert sent(module, receiver, style, content).values["notifications"][0]["sent"]
    found = body(receiver)
    size = len(json.dumps(found, ensure_ascii=False).encode())
    if style == "slack":
        assert max(sum(map(len, slack_lines(block))) for block in found["blocks"]) <= 3000
        assert len(found["blocks"]) <= 50
    if style == "teams":
        assert size < 28 * 1024
    if style == "webex":
        assert len(found["text"].encode()) <= 7439
    if style != "json":
        assert "and 490 more" in json.dumps(found)


@pytest.mark.parametrize(
    ("content", "kinds"), [(UNCHANGED, None), (CHANGED, [])], ids=["nothing is new", "no change is selected"]
)
def test_no_message_is_sent_without_changes(
    module: RunModule, receiver: Receiver, content: str, kinds: list[str] | None
) -> None:
    more = {} if kinds is None else {"on": kinds}
    result = sent(module, receiver, "slack", content, **more)
    assert result.values["notifications"] == [{"format": "slack", "sent": False, "error": None}]
    assert receiver.received == []


def test_check_mode_sends_nothing(module: RunModule, receiver: Receiver) -> None:
    target = {"url": f"{receiver.url}/x"}
    assert not module("fleet_report_files", report=CHANGED, notify=[target], check=True).failed
    assert receiver.received == []


FAILURES: dict[str, tuple[tuple[int, dict[str, str], bytes], str, dict[str, str]]] = {
    "404": ((404, {}, b"no_service"), "notify.status", {"status": "404: no_service"}),
    "500": ((500, {}, b"<html>"), "notify.status", {"status": "500"}),
    "redirect": ((302, {"Location": "/elsewhere"}, b""), "notify.redirected", {}),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_target_is_a_warning_without_the_url(
    module: RunModule, receiver: Receiver, failure: str, messages: MessageTable
) -> None:
    response, row, facts = FAILURES[failure]
    receiver.responses[f"/services/{SECRET}?sig=canary-signature"] = response
    result = sent(module, receiver, "slack")
    assert not result.failed
    [outcome] = result.values["notifications"]
    assert not outcome["sent"]
    problem = messages.expected(row, **facts)
    messages.check("notify.not_delivered", outcome["error"], number=1, format="slack", problem=problem)
    assert outcome["error"] in json.dumps(result.values["warnings"])
    assert len(receiver.received) == 1
    for secret in (receiver.url, SECRET, "XXXXXXXX", "canary-signature"):
        assert secret not in result.output


def test_the_other_targets_receive_the_message_if_one_fails(
    module: RunModule, receiver: Receiver, messages: MessageTable
) -> None:
    targets = [{"url": "http://127.0.0.1:9/closed"}, {"url": f"{receiver.url}/open"}]
    result = module("fleet_report_files", report=CHANGED, notify=targets)
    assert [outcome["sent"] for outcome in result.values["notifications"]] == [False, True]
    problem = messages.expected("notify.unreachable")
    error = result.values["notifications"][0]["error"]
    messages.check("notify.not_delivered", error, number=1, format="json", problem=problem)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"notify": [{"url": "hooks.example/canary-x"}]},
        {"notify": [{"url": "ftp://hooks.example/canary-x"}]},
        {"notify": [{"url": "https://canary:canary@hooks.example/"}]},
        {"notify": [{"url": "https://hooks.example/canary-x", "format": "irc"}]},
        {"notify": [{"url": "https://hooks.example/canary-x", "on": ["all"]}]},
        {"report": "no JSON"},
        {"report": "{}"},
    ],
)
def test_wrong_options_are_refused_before_any_file_is_written(
    module: RunModule, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    page = tmp_path / "page.html"
    result = module("fleet_report_files", files=[{"path": str(page), "content": "x"}], **wrong)
    assert result.failed
    assert result.failure["reason"] == "invalid_option"
    assert "canary" not in result.output
    assert not page.exists()


def test_a_file_that_is_not_a_history_is_kept(module: RunModule, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("precious\n", "utf-8")
    page = tmp_path / "page.html"
    files = [{"path": str(page), "content": "x"}]
    result = module("fleet_report_files", files=files, report=CHANGED, history=str(path))
    assert result.failed
    assert result.failure["reason"] == "invalid_option"
    assert path.read_text("utf-8") == "precious\n"
    assert not page.exists()


def test_a_history_grows_and_is_not_a_change(module: RunModule, tmp_path: Path) -> None:
    path = tmp_path / "fleet.jsonl"
    first = module("fleet_report_files", report=CHANGED, history=str(path), history_mode="0600")
    assert first.changed
    assert path.stat().st_mode & 0o777 == 0o600
    second = module("fleet_report_files", report=CHANGED, history=str(path), history_mode="0600", check=True)
    assert path.read_text("utf-8").count("\n") == 1
    again = module("fleet_report_files", report=CHANGED, history=str(path), history_mode="0600")
    assert not second.changed
    assert not again.changed
    assert again.values["diff"]["after"] == second.values["diff"]["after"]
    assert path.read_text("utf-8").count("\n") == 2
