# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the documented ``attributes`` of modules with every option: check mode, diff mode and idempotence."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.cases import CASES, MODULES, each, lasting, run_case
from support.modules import PACKAGE, RunModule
from support.simulator import Simulator

from ansible_collections.hybrid.connectors.plugins.doc_fragments.attributes import ModuleDocFragment

pytestmark = pytest.mark.in_worker

READING = [name for name in MODULES if name.endswith("_info")]
EACH = each(name for name in MODULES if name not in READING)
# Options that the documentation excludes from idempotence: every run changes something.
EVERY_TIME = {"update_secrets", "sync_when", "refresh_access_token"}
# Options with which a run may end before its change has been made.
UNFINISHED = {"wait", "wait_timeout"}
# Options whose value in the cases makes the module fail.
REFUSED = {
    ("apono_connector", "require_disconnected"),
    ("apono_connector", "require_unused"),
    ("hdp_connector_group", "label"),
    ("apono_connectors", "prune_limit"),
    ("voss_spark_customer", "token_min_days"),
    ("voss_spark_customer_export", "configuration_template"),
    ("voss_spark_customers", "prune_limit"),
    ("voss_spark_customers", "token_min_days"),
}


def attributes_of(name: str) -> dict[str, str]:
    """Return the support of each attribute of a module."""
    text = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{name}").DOCUMENTATION)
    reads = "hybrid.connectors.attributes.info" in text["extends_documentation_fragment"]
    fragment = ModuleDocFragment.INFO if reads else ModuleDocFragment.DOCUMENTATION
    made = {key: entry["support"] for key, entry in yaml.safe_load(fragment)["attributes"].items()}
    return {**made, **{key: entry.get("support", made[key]) for key, entry in text.get("attributes", {}).items()}}


def contained(predicted: Any, found: Any) -> bool:
    """Return whether a result has all predicted values. The other values of new objects come from the server."""
    if isinstance(predicted, Mapping) and isinstance(found, Mapping):
        return all(key in found and contained(value, found[key]) for key, value in predicted.items())
    return predicted is None or lasting(predicted) == lasting(found)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_declares_the_three_attributes(name: str) -> None:
    made = attributes_of(name)
    assert set(made) == {"check_mode", "diff_mode", "idempotent"}
    assert made["check_mode"] == "full"
    if name in READING:
        assert made == {"check_mode": "full", "diff_mode": "N/A", "idempotent": "full"}


@pytest.mark.parametrize("name", READING)
def test_info_modules_return_the_same_in_check_mode(
    module: RunModule, simulator: Simulator, tmp_path: Path, name: str
) -> None:
    given = next(iter(CASES[name].values())).given
    predicted, found = (run_case(module, simulator, tmp_path, name, given, check=check) for check in (True, False))
    assert lasting(dict(predicted.values)) == lasting(dict(found.values))
    assert not found.changed


@pytest.mark.parametrize(("name", "option"), EACH)
def test_check_mode_predicts_and_a_second_run_changes_nothing(
    module: RunModule, simulator: Simulator, tmp_path: Path, name: str, option: str
) -> None:
    case = CASES[name][option]
    simulator.settings(**case.settings)
    given = {**case.given, option: case.value}

    predicted = run_case(module, simulator, tmp_path / "exported", name, given, check=True, login=case.login)
    assert simulator.writes() == []
    simulator.reset()
    simulator.settings(**case.settings)
    found = run_case(module, simulator, tmp_path / "exported", name, given, login=case.login)
    if option in UNFINISHED:
        assert (predicted.failed, predicted.changed) == (False, True)
        assert (found.failed, found.changed) == {"wait": (False, True), "wait_timeout": (True, False)}[option]
        assert len(simulator.writes()) == 1
        return
    assert (predicted.failed, predicted.changed) == (found.failed, found.changed), found.msg
    assert found.failed is ((name, option) in REFUSED)
    if found.failed:
        assert predicted.msg == found.msg
        assert predicted.failure["reason"] == found.failure["reason"]
        assert simulator.writes() == [] or found.failure["method"] == "POST"
        return
    if attributes_of(name)["diff_mode"] == "full":
        assert lasting(predicted["diff"]["before"]) == lasting(found["diff"]["before"])
        assert contained(lasting(predicted["diff"]["after"]), lasting(found["diff"]["after"]))
    again = run_case(module, simulator, tmp_path / "exported", name, given, login=case.login)
    assert not again.failed
    if option in EVERY_TIME:
        assert attributes_of(name)["idempotent"] == "partial"
        assert (found.changed, again.changed) == (True, True)
        return
    if attributes_of(name)["diff_mode"] == "full":
        assert found.changed == (lasting(found["diff"]["before"]) != lasting(found["diff"]["after"])) or "sync" in given
    assert not again.changed
    assert [entry for entry in simulator.writes() if entry["applied"]] == []
