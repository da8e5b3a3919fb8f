# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the browser for tests of web pages. If there is none, install one on Debian if the user is root.

If the installation fails, the script prints a message and succeeds. The tests that require a browser are then skipped.
"""

from __future__ import annotations

import os
import shutil

from debian import provide

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = ("chromium", "fonts-dejavu-core")
MISSING = "There is no Chromium here: apt-get install chromium, or say where one is by CHROMIUM=/path/to/it"


def path() -> str | None:
    """Return the browser in the variable CHROMIUM, or else the first browser with a common name, or None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def main() -> None:
    """Install the browser if none exists."""
    provide(PACKAGES, lambda: path() is not None, f"{MISSING}. The tests of pages in a browser are skipped.")


if __name__ == "__main__":
    main()
