# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide the browser of the tests, a headless Chromium that is installed on this machine."""

from __future__ import annotations

import os
import shutil
from typing import Any, Protocol

from playwright.sync_api import Browser, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = "Chromium is not installed. Install the package chromium, or set CHROMIUM to the path of the program."
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
)


class OpenPage(Protocol):
    """Open one of the pages. ``fragment`` is the URL fragment. The options are passed to Playwright."""

    def __call__(self, name: str, fragment: str = "", *, width: int = 1280, **options: Any) -> Page: ...


def chromium() -> str | None:
    """Return the browser in the variable CHROMIUM, or else the first browser with a common name, or None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: Playwright) -> Browser:
    """Start the browser. As root, the sandbox is disabled, which is safe for the pages of this collection."""
    root = os.geteuid() == 0
    return playwright.chromium.launch(
        executable_path=chromium(), args=[*QUIET, *(["--no-sandbox"] if root else [])], chromium_sandbox=not root
    )
