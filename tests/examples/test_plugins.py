# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the examples of every module, plugin and role, as ansible-doc displays them. All tasks of a page run in one play.
If an example requires other objects or files, C(before/<type>.<name>.md) contains them and runs first. The simulator
contains the sample data, unless an example requires different data.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.documentation import documented, role_specs
from support.modules import ROOT
from support.pages import Block, read
from support.sessions import RunPage
from support.simulator import Simulator

BEFORE = Path(__file__).parent / "before"
EDA = ROOT / "extensions" / "eda" / "plugins"
GOOD = {"id": "good", "name": "good", "status": "CONNECTED", "version": "1.6.4", "is_latest_version": True}
NEEDS_AWX = {"awx_setup"}
# These examples fail if a connector has a problem, so the simulator contains only healthy connectors.
SEEDS: Mapping[str, Mapping[str, Any]] = {
    "test.healthy": {"apono": {"connectors": [GOOD]}},
    "test.outdated": {"apono": {"connectors": [GOOD]}},
}


def _pages() -> Iterator[tuple[str, Path]]:
    for kind, names in documented().items():
        for name in names if kind != "role" else ():
            short = name.rpartition(".")[2]
            yield f"{kind}.{short}", ROOT / "plugins" / ("modules" if kind == "module" else kind) / f"{short}.py"
    yield "event_source.connector_health", EDA / "event_source" / "connector_health.py"
    yield "event_filter.webex_alert", EDA / "event_filter" / "webex_alert.py"


def examples(path: Path) -> str:
    """Return the examples in the source of a plugin."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
            return str(ast.literal_eval(node.value)).lstrip("\n")
    raise AssertionError(f"{path.name} does not have examples.")


def blocks(text: str) -> Iterator[Block]:
    """Return the examples as blocks. File names precede their content, and all files but the first are comments."""
    parts = re.split(r"^# (\S+\.fleet\.yml): .*\n", text, flags=re.MULTILINE)
    if len(parts) == 1:
        yield Block("yaml", text, 1)
    for name, content in zip(parts[1::2], parts[2::2], strict=True):
        yield Block("yaml", re.sub(r"^# ?", "", content, flags=re.MULTILINE), 1, caption=name)


@pytest.mark.parametrize(("page", "path"), [pytest.param(*page, id=page[0]) for page in _pages()])
def test_the_examples_of_a_plugin_run(page: str, path: Path, simulator: Simulator, run_page: RunPage) -> None:
    if page in SEEDS:
        simulator.reset(dict(SEEDS[page]))
    before = BEFORE / f"{page}.md"
    run_page([*(read(before) if before.exists() else ()), *blocks(examples(path))])


@pytest.mark.parametrize("role", sorted(set(role_specs()) - NEEDS_AWX))
def test_the_examples_of_a_role_run(role: str, run_page: RunPage) -> None:
    run_page([Block("yaml", role_specs()[role]["examples"], 1)])


def test_preconditions_belong_to_a_plugin() -> None:
    assert {path.stem for path in BEFORE.iterdir()} <= {page for page, _path in _pages()}
