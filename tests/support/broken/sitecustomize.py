# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A library that fails as nobody expects, with all that it was given in its message. Python runs this by itself."""

from __future__ import annotations

try:
    from requests.adapters import HTTPAdapter
except ImportError:
    pass
else:

    def _broken(self, request, **options):  # type: ignore[no-untyped-def]
        raise KeyError(f"{request.url} {dict(request.headers)} {request.body} {options}")

    HTTPAdapter.send = _broken  # type: ignore[method-assign]
