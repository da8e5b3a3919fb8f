# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open the files of the documentation site in a browser: search, phone width, light and dark mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from support.modules import ROOT

HTML = ROOT / ".cache" / "site" / "html"
REFERENCE = "collection/apono_connector_module.html"

pytestmark = pytest.mark.skipif(not (HTML / "index.html").exists(), reason="make docs has not built the site")


@pytest.fixture
def telephone(browser: Browser) -> Iterator[Page]:
    """A narrow window."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def test_the_search_works_offline(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    received: list[str] = []
    page.on("request", lambda request: received.append(request.url))
    page.goto((HTML / "search.html").as_uri() + "?q=refresh_access_token")
    found = page.locator("#search-results li a").first
    found.wait_for()
    assert "voss_spark_customer" in page.inner_text("#search-results")
    assert [url for url in received if not url.startswith(("file:", "data:"))] == []
    context.close()


def test_no_page_is_wider_than_a_telephone(telephone: Page) -> None:
    wide = []
    for path in sorted(HTML.rglob("*.html")):
        telephone.goto(path.as_uri())
        if telephone.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(str(path.relative_to(HTML)))
    assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_reference_can_be_read_in_either_scheme(browser: Browser, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto((HTML / Path(REFERENCE)).as_uri())
    found = Axe().run(page, context="article", options={"runOnly": ["color-contrast"]})
    assert found.response["violations"] == [], found.generate_report()
    context.close()
