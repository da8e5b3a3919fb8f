# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a fleet report in a real browser, without a window.

All pages are made once, by Ansible. Whatever a test does: a page that writes to the console, raises an error or asks
for anything but itself fails it.
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
from support.browser import OpenPage, chromium, launch
from support.simulator import CREDENTIALS, start


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser the tests of this folder are skipped, and say so."""
    if chromium():
        return
    reason = "There is no Chromium here: apt-get install chromium, or name one in the environment variable CHROMIUM."
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def page_files(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, Path]:
    """All pages by name, made by the first of the processes that share the tests."""
    shared = tmp_path_factory.getbasetemp()
    folder = (shared if worker_id == "master" else shared.parent) / "pages"
    folder.mkdir(exist_ok=True)
    index = folder / "index.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not index.exists():
            with start() as simulator:
                systems = {name: {"api_url": simulator.system_url(name), **CREDENTIALS[name]} for name in reports.TITLES}
                samples = reports.fleet_document(folder, systems)
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
    """Opens pages, each in a window of its own."""
    contexts = []
    trouble: list[str] = []

    def opened(name: str, fragment: str = "", *, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        address = page_files[name].as_uri()
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: trouble.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: request.url.startswith((address, "data:")) or trouble.append(f"request: {request.url}"),
        )
        page.goto(address + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []
