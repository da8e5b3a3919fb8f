# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the page of a fleet report in a headless browser. Ansible creates all pages once. A test fails if the page
writes to the console, raises an error or sends a request.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from support import report_documents, reports
from support.browser import MISSING, OpenPage, chromium, launch
from support.simulator import connections, start


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of this folder if there is no browser."""
    if chromium():
        return
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def page_files(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, Path]:
    """All pages by name, which the first worker creates."""
    shared = tmp_path_factory.getbasetemp()
    folder = (shared if worker_id == "master" else shared.parent) / "pages"
    folder.mkdir(exist_ok=True)
    index = folder / "index.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not index.exists():
            with start() as simulator:
                samples = reports.fleet_document(folder, connections(simulator))
            made = reports.pages(folder, {"samples": samples, **report_documents.everything()})
            index.write_text(json.dumps({name: str(path) for name, path in made.items()}), encoding="utf-8")
    return {name: Path(path) for name, path in json.loads(index.read_text(encoding="utf-8")).items()}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, page_files: dict[str, Path]) -> Iterator[OpenPage]:
    """Open pages, each in a separate window."""
    contexts = []
    trouble: list[str] = []
    received: list[str] = []

    def opened(name: str, fragment: str = "", *, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: trouble.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: received.append(request.url))
        page.goto(page_files[name].as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []
    own = tuple(path.as_uri() for path in page_files.values())
    assert [address for address in received if not address.startswith((*own, "data:"))] == []
