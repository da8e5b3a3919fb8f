# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example in the documentation runs and prints the output on its page. CONTRIBUTING.md has the rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.modules import ROOT
from support.pages import read
from support.sessions import RunPage

pytestmark = pytest.mark.slow

PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("docs/docsite/rst/*.rst", "*.md", "roles/*/README.md")
    for path in ROOT.glob(pattern)
)
# These examples cannot run, for the given reasons. A comment above each example contains its reason.
SIGNED = "test_signatures.py tests it"
FROM_SOURCE = "test_install_from_source.py tests it"
NOT_RUN = {
    "CONTRIBUTING.md": ["these commands run the tests"],
    "README.md": ["these commands run the tests", *[FROM_SOURCE] * 2],
    "docs/docsite/rst/awx.rst": ["it downloads a collection", *["it requires AWX"] * 3],
    "docs/docsite/rst/eda_events.rst": ["test_event_source.py tests it"] * 3,
    "docs/docsite/rst/eda_rulebooks.rst": ["test_rulebook.py tests it"] * 3,
    "docs/docsite/rst/execution_environment.rst": [
        "it requires a container engine and a registry",
        "it requires a container engine",
    ],
    "docs/docsite/rst/fleet_notifications.rst": ["test_role_fleet_report.py tests it"],
    "docs/docsite/rst/fleet_report.rst": ["it requires a node exporter"],
    "docs/docsite/rst/inventory_plays.rst": ["it requires a ticket system", "it requires machines with SSH"],
    "docs/docsite/rst/openapi.rst": ["these commands run the tests"],
    "docs/docsite/rst/release.rst": [
        *[SIGNED] * 5,
        "test_supply_chain.py tests it",
        "it queries a database on the internet",
        SIGNED,
    ],
    "docs/docsite/rst/testing.rst": ["tests/molecule runs similar scenarios"],
    "docs/docsite/rst/upgrading.rst": [FROM_SOURCE] * 3,
    "roles/awx_setup/README.md": ["it requires AWX"],
}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_examples_of_a_page_run_in_their_order(page: Path, run_page: RunPage) -> None:
    run_page(read(ROOT / page), source_tree=page.name == "CONTRIBUTING.md")


def test_what_is_not_run_is_written_down() -> None:
    reported = {str(page): [block.not_run for block in read(ROOT / page) if block.not_run] for page in PAGES}
    assert {page: reasons for page, reasons in reported.items() if reasons} == NOT_RUN
