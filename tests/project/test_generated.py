# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The generated files are up to date."""

from __future__ import annotations

from pathlib import Path

import generate
import yaml
from support.cases import WITHOUT_REQUESTS

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS

GROUPS = ("fleet", *PROVIDERS)
ROOT = Path(__file__).resolve().parents[2]


def test_generated_files_are_up_to_date() -> None:
    assert generate.differences() == ""


def test_every_module_is_in_its_action_groups() -> None:
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    modules = set(generate.module_names()) - WITHOUT_REQUESTS
    # Modules for several systems have the connection options in a dictionary for each system.
    assert set(groups["all"]) == modules - set(groups["fleet"])
    assert {name for group in GROUPS for name in groups[group]} == modules
    for group in GROUPS:
        assert all(name.startswith(f"{group}_") for name in groups[group])


def test_only_generated_parts_are_replaced() -> None:
    groups = "action_groups:\n  all:\n    - gone\n\n  # more\n  x: []\n"
    before = f'---\nrequires_ansible: ">=2.16.0"\n{groups}\n# A remark.\nimport_redirection:\n  a: b\n'
    after = generate.runtime(before)
    assert yaml.safe_load(after)["import_redirection"] == {"a": "b"}
    assert "gone" not in after
    assert "# A remark." in after
    assert generate.runtime(after) == after


def test_only_modules_have_a_generated_action_plugin() -> None:
    modules, actions = (
        {path.stem for path in (ROOT / "plugins" / kind).glob("*.py")} for kind in ("modules", "action")
    )
    assert actions == modules


def test_every_environment_name_is_documented() -> None:
    for name, provider in PROVIDERS.items():
        text = generate.fragment(name)
        for option in provider.connection.options:
            assert not option.env or f"E({option.env})" in text
