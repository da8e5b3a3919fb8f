# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The browser for the tests of pages. Run as a script, it installs one on Debian if there is none and root runs it.

Where that cannot be, the script says so and succeeds: the tests that need the browser are skipped then.
"""

from __future__ import annotations

import os
import shutil

from debian import provide

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = ("chromium", "fonts-dejavu-core")
MISSING = "There is no Chromium here: apt-get install chromium, or say where one is by CHROMIUM=/path/to/it"


def path() -> str | None:
    """What the variable CHROMIUM says, or else the first browser of the usual names; None if there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def main() -> None:
    """See that there is one."""
    provide(PACKAGES, lambda: path() is not None, f"{MISSING}. The tests of pages in a browser are skipped.")


if __name__ == "__main__":
    main()
