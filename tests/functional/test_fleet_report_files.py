# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module fleet_report_files: files are replaced atomically, or not at all."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.report_documents import changed_document

PAGE = {"content": "<p>ü</p>\n", "mode": "0640"}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page.html"


def warning(result: Result) -> str:
    """Return the only warning of a module, in the format before or since ansible-core 2.19."""
    [found] = result.ok().values["warnings"]
    return str(found["event"]["msg"] if isinstance(found, dict) else found)


def write(module: RunModule, *files: dict[str, Any], **more: Any) -> Result:
    return module("fleet_report_files", files=list(files), **more)


def test_files_are_written_once(module: RunModule, tmp_path: Path, page: Path) -> None:
    metrics = tmp_path / "fleet.prom"
    files = [{"path": str(page), **PAGE}, {"path": str(metrics), "content": "a 1\n", "mode": "0644"}]
    first = write(module, *files)
    assert first.changed
    assert page.read_text(encoding="utf-8") == PAGE["content"]
    assert metrics.stat().st_mode & 0o777 == 0o644
    assert first.values["diff"]["after"][str(page)]["size"] == 10
    second = write(module, *files)
    assert not second.changed
    assert second.values["diff"] == {"before": {}, "after": {}}


def test_check_mode_writes_nothing(module: RunModule, page: Path) -> None:
    predicted = write(module, {"path": str(page), **PAGE}, check=True)
    assert predicted.changed
    assert not page.exists()
    made = write(module, {"path": str(page), **PAGE})
    assert made.values["diff"] == predicted.values["diff"]


def test_content_that_does_not_count_is_written(module: RunModule, page: Path) -> None:
    write(module, {"path": str(page), **PAGE})
    result = write(module, {"path": str(page), **PAGE, "content": "later"}, content_changed=False)
    assert not result.changed
    assert page.read_text(encoding="utf-8") == "later"


@pytest.mark.parametrize("content_changed", [True, False])
def test_other_permissions_are_a_change(module: RunModule, page: Path, content_changed: bool) -> None:
    write(module, {"path": str(page), **PAGE})
    result = write(module, {"path": str(page), **PAGE, "mode": "0600"}, content_changed=content_changed)
    assert result.changed
    assert page.stat().st_mode & 0o777 == 0o600


def test_link_is_replaced(module: RunModule, tmp_path: Path, page: Path) -> None:
    target = tmp_path / "target"
    target.write_text("kept", encoding="utf-8")
    page.symlink_to(target)
    assert write(module, {"path": str(page), **PAGE}).changed
    assert not page.is_symlink()
    assert target.read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("wrong", [{"path": "/nowhere/page.html"}, {"path": "/"}, {"mode": "u=rw"}, {"mode": 640}])
def test_nothing_is_written_if_one_file_is_wrong(module: RunModule, page: Path, wrong: dict[str, Any]) -> None:
    other = {"path": str(page.with_name("other.html")), **PAGE, **wrong}
    result = write(module, {"path": str(page), **PAGE}, other)
    assert result.failed
    assert result.failure["reason"] == "invalid_option"
    assert not page.exists()


@pytest.mark.parametrize("second", ["page.html", "./page.html", "../{folder}/page.html", "link/page.html"])
@pytest.mark.parametrize("is_history", [False, True])
def test_no_file_is_written_if_two_have_the_same_path(
    module: RunModule, page: Path, messages: MessageTable, second: str, is_history: bool
) -> None:
    (page.parent / "link").symlink_to(page.parent)
    path = f"{page.parent}/{second.format(folder=page.parent.name)}"
    if is_history:
        result = write(module, {"path": str(page), **PAGE}, history=path)
    else:
        result = write(module, {"path": str(page), **PAGE}, {"path": path, **PAGE, "content": "other"})
    assert result.failed
    assert result.failure["reason"] == "invalid_option"
    messages.check("report.same_path", result.msg, path=path)
    assert not page.exists()


def test_files_with_the_same_name_in_different_directories_are_written(module: RunModule, page: Path) -> None:
    other = page.parent / "other" / page.name
    other.parent.mkdir()
    assert write(module, {"path": str(page), **PAGE}, {"path": str(other), **PAGE}, read=[str(page)]).changed
    assert other.exists()


CHANGED = {"hdp": {"connectors": [{"connector_id": "a", "last_accessed": None}]}}
REPORT: dict[str, Any] = json.loads(changed_document({"hdp": {"connectors": []}}, CHANGED))
PROBLEM: dict[str, Any] = {"system": "hdp", "id": "a", "name": "a", "before": None, "after": "unknown", "since": "x"}


def with_changes(**changes: Any) -> dict[str, Any]:
    return {"changes": {**REPORT["changes"], **changes}}


@pytest.mark.parametrize(
    "damage",
    [
        {"title": None, "version": 2},
        {"records": None},
        {"summary": None},
        {"records": [{"system": "hdp", "id": "a"}]},
        {"records": [{**REPORT["records"][0], "problems": 7}]},
        {"systems": [{"system": "hdp", "read": True, "last_read": None}]},
        {"changes": 7},
        {"changes": {}},
        with_changes(since=None),
        with_changes(unread=None),
        with_changes(recovered=7),
        with_changes(worse=[{}]),
        with_changes(new=[PROBLEM]),
    ],
)
def test_an_incomplete_report_is_refused(
    module: RunModule, tmp_path: Path, page: Path, messages: MessageTable, damage: dict[str, Any]
) -> None:
    report = json.dumps({**REPORT, **damage})
    history = tmp_path / "fleet.jsonl"
    targets = [{"url": "http://127.0.0.1:9/abcdefghijklmnop", "format": "slack"}]
    result = write(module, {"path": str(page), **PAGE}, report=report, history=str(history), notify=targets)
    assert result.failed
    assert result.failure["reason"] == "invalid_option"
    messages.check("report.not_the_filter", result.msg)
    assert not page.exists()
    assert not history.exists()


def test_a_complete_report_is_accepted(module: RunModule, tmp_path: Path) -> None:
    history = tmp_path / "fleet.jsonl"
    assert write(module, report=json.dumps(REPORT), history=str(history)).changed
    assert write(module, report=json.dumps({**REPORT, "changes": None}), history=str(history)).ok()


@pytest.mark.parametrize("content", ["text\n", "[]", "{}\n{}\n"])
def test_an_invalid_history_is_refused(
    module: RunModule, tmp_path: Path, page: Path, messages: MessageTable, content: str
) -> None:
    history = tmp_path / "fleet.jsonl"
    history.write_text(content, encoding="utf-8")
    read = module("fleet_report_files", history=str(history))
    written = write(module, {"path": str(page), **PAGE}, history=str(history), report=json.dumps(REPORT))
    for result in (read, written):
        assert result.failed
        assert result.failure["reason"] == "invalid_option"
        messages.check("report.not_a_history", result.msg, file=history)
    assert not page.exists()
    assert history.read_text("utf-8") == content


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_a_history(module: RunModule, tmp_path: Path, content: str) -> None:
    history = tmp_path / "fleet.jsonl"
    history.write_text(content, encoding="utf-8")
    assert module("fleet_report_files", history=str(history)).ok()
    assert write(module, history=str(history), report=json.dumps(REPORT)).ok()


@pytest.mark.parametrize("content", ["", "no JSON", '{"format": "hybrid.connectors.fleet_report", "version": 1}'])
def test_a_file_that_is_not_a_report_is_reported(
    module: RunModule, tmp_path: Path, messages: MessageTable, content: str
) -> None:
    earlier = tmp_path / "fleet.json"
    earlier.write_text(content, encoding="utf-8")
    result = module("fleet_report_files", read=[str(earlier)])
    assert result.values["contents"] == [base64.b64encode(content.encode()).decode()]
    if content:
        messages.check("report.not_a_report", warning(result), file=earlier)
    else:
        assert "warnings" not in result.values


def test_a_file_that_cannot_be_read_is_reported(module: RunModule, tmp_path: Path, messages: MessageTable) -> None:
    large = tmp_path / "fleet.json"
    with large.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    result = module("fleet_report_files", read=[str(large), str(tmp_path / "missing.json")])
    assert result.values["contents"] == ["", ""]
    messages.check("report.unreadable_report", warning(result), file=large)


def test_a_valid_report_is_read_without_a_warning(module: RunModule, tmp_path: Path) -> None:
    earlier = tmp_path / "fleet.json"
    earlier.write_text(changed_document({"hdp": {"connectors": []}}, {"hdp": {"connectors": []}}), encoding="utf-8")
    assert "warnings" not in module("fleet_report_files", read=[str(earlier)]).values
