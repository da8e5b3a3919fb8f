# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links from page to page."""

from __future__ import annotations

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils._webex import _next_link

PAGE = "https://webexapis.com/v1/hybrid/connectors?cursor=a,b;c"


@pytest.mark.parametrize(
    "header",
    [
        f'<{PAGE}>; rel="next"',
        f"<{PAGE}>;rel=next",
        f'<{PAGE}> ; REL = "NEXT"',
        f'<{PAGE}>; title="more; of, it"; rel="next"',
        f'<{PAGE}>; rel="last next"; hreflang=en',
        f'<https://webexapis.com/first>; rel="first", <{PAGE}>; rel="next"',
        f"<https://webexapis.com/prev>; rel=prev,<{PAGE}>; rel=next",
    ],
)
def test_the_link_to_the_next_page_is_found(header: str) -> None:
    assert _next_link(header) == PAGE


@pytest.mark.parametrize(
    "header",
    ["", "nonsense", f'<{PAGE}>; rel="prev"', f'<{PAGE}>; title="rel=next"', f"<{PAGE}>", f'<{PAGE}>; rel="nextish"'],
)
def test_no_other_link_is_taken_for_it(header: str) -> None:
    assert _next_link(header) is None
