# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that must not be in an archive of the collection."""

from __future__ import annotations

import re

# Files that editors, test runs or builds may leave in any folder.
STRAY = re.compile(
    r"(^|/)(\.|__pycache__|molecule|output|test_|conftest)|\.(pyc|orig|rej|bak|swp|retry|log|asc|key|pem|gz)$|~$"
)
