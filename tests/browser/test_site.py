# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open the files of the documentation site in a browser: search, home page, phone width, light and dark mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from support.documentation import role_specs
from support.modules import ROOT

HTML = ROOT / ".cache" / "site" / "html"
REFERENCE = "collection/apono_connector_module.html"
GUIDE = "collection/docsite/inventory_plays.html"
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
SEARCHED = {
    "certificate": "troubleshooting",
    "cron": "faq",
    "delegate_to": "inventory_plays",
    "excel": "customer_files",
    "proxy": "failures",
    "rollback": "upgrading",
    "slack": "fleet_notifications",
    "ssh": "inventory_plays",
    "upgrade": "upgrading",
    "webhook": "fleet_notifications",
    "xlsx": "customer_files",
}

pytestmark = pytest.mark.skipif(not (HTML / "index.html").exists(), reason="make docs has not built the site")


@pytest.fixture
def telephone(browser: Browser) -> Iterator[Page]:
    """A narrow window."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    """A wide window. A request to another host fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    received: list[str] = []
    context.on("request", lambda request: received.append(request.url))
    yield context.new_page()
    context.close()
    assert [url for url in received if not url.startswith(("file:", "data:"))] == []


def found_pages(page: Page, words: str) -> list[str]:
    """Search the site and return the addresses of the results."""
    page.goto((HTML / "search.html").as_uri() + f"?q={words}")
    page.locator("#search-results li a").first.wait_for()
    page.locator("#search-results .search-summary", has_text="found").wait_for()
    return [link.get_attribute("href") or "" for link in page.locator("#search-results li a").all()]


def test_the_search_finds_options(desktop: Page) -> None:
    assert any("voss_spark_customer_module" in link for link in found_pages(desktop, "refresh_access_token"))


@pytest.mark.parametrize("word", SEARCHED)
def test_the_search_finds_a_guide(desktop: Page, word: str) -> None:
    assert any(f"docsite/{SEARCHED[word]}.html" in link for link in found_pages(desktop, word))


def test_home_leads_to_the_first_steps(desktop: Page) -> None:
    desktop.goto((HTML / "index.html").as_uri())
    text = desktop.inner_text("article")
    assert "ansible-galaxy collection install hybrid.connectors" in text
    assert f"Version {GALAXY['version']}" in text
    links = [(link.get_attribute("href") or "").partition("#")[0] for link in desktop.locator("article a").all()]
    guides = ("getting_started", "help", "apono", "hdp", "voss", "webex", "inventory", "fleet_report", "eda")
    for target in (*(f"collection/docsite/{name}.html" for name in guides), "collection/changelog.html"):
        assert target in links
    assert GALAXY["repository"] in links
    favicon = desktop.locator("link[rel~='icon']").get_attribute("href") or ""
    assert (HTML / favicon.partition("?")[0]).is_file()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_home_has_a_picture_for_each_color_scheme(browser: Browser, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto((HTML / "index.html").as_uri())
    shown = [image.get_attribute("src") or "" for image in page.locator("article img").all() if image.is_visible()]
    assert [Path(source).stem.endswith("_dark") for source in shown] == [scheme == "dark"]
    context.close()


def test_the_copy_button_copies_only_commands(browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto((HTML / GUIDE).as_uri())
    block = page.locator(".highlight-console", has_text="integrations.yml").first
    block.hover()
    block.locator("button.copybtn").click()
    block.locator("button.copybtn.success").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == (
        "ansible-playbook -i connectors.fleet.yml integrations.yml"
    )
    assert page.locator("article pre").count() == page.locator("article button.copybtn").count()
    context.close()


@pytest.mark.parametrize("role", sorted(role_specs()))
def test_role_pages_show_an_example_and_a_guide(desktop: Page, role: str) -> None:
    desktop.goto((HTML / "collection" / f"{role}_role.html").as_uri())
    assert f"hybrid.connectors.{role}" in desktop.inner_text("article .highlight")
    guides = desktop.locator(".seealso a[href^='docsite/']")
    assert guides.count() > 0
    for link in guides.all():
        target = (link.get_attribute("href") or "").partition("#")[0]
        assert (HTML / "collection" / target).is_file()


def test_tables_are_stacked_on_a_telephone(telephone: Page) -> None:
    telephone.goto((HTML / "collection" / "docsite" / "playbooks.html").as_uri())
    row = telephone.locator("article table.docutils tbody tr").first
    boxes = [cell.bounding_box() for cell in row.locator("td").all() if cell.inner_text()]
    edges = [(box["x"], box["y"]) for box in boxes if box]
    assert len({x for x, _y in edges}) == 1
    assert len({y for _x, y in edges}) == len(edges) > 1


def test_code_fits_on_a_telephone(telephone: Page) -> None:
    telephone.goto((HTML / GUIDE).as_uri())
    wide = "blocks => blocks.filter(block => block.scrollWidth > block.clientWidth).length"
    assert telephone.locator("article pre").evaluate_all(wide) == 0


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
