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
from support.modules import PACKAGE, Result, RunModule
from support.simulator import Simulator

from ansible_collections.hybrid.connectors.plugins.doc_fragments.attributes import ModuleDocFragment

pytestmark = pytest.mark.in_worker

READING = [name for name in MODULES if name.endswith("_info")]
EACH = each(name for name in MODULES if name not in READING)
# According to the documentation, these options are not idempotent, because each run changes something.
EVERY_TIME = {"update_secrets", "sync_when", "refresh_access_token"}
# With these options, a run can end before the server has made the change.
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


def cases_of(kind: str) -> list[Any]:
    """Return the cases of a kind: regular, refused, unfinished, or those that change something every time."""

    def kind_of(name: str, option: str) -> str:
        if (name, option) in REFUSED:
            return "refused"
        if option in UNFINISHED:
            return "unfinished"
        return "every time" if option in EVERY_TIME else "regular"

    return [case for case in EACH if kind_of(*case.values) == kind]


class Runs:
    """Runs a module with a case. The run in check mode must not send any write."""

    def __init__(self, module: RunModule, simulator: Simulator, tmp_path: Path) -> None:
        self._module, self._simulator, self._file = module, simulator, tmp_path / "exported"

    def once(self, name: str, option: str, check: bool = False) -> Result:
        case = CASES[name][option]
        given = {**case.given, option: case.value}
        return run_case(self._module, self._simulator, self._file, name, given, check=check, login=case.login)

    def predicted(self, name: str, option: str) -> tuple[Result, Result]:
        """Return the results of a run in check mode and of a run with the same initial state."""
        self._simulator.settings(**CASES[name][option].settings)
        predicted = self.once(name, option, check=True)
        assert self._simulator.writes() == []
        self._simulator.reset()
        self._simulator.settings(**CASES[name][option].settings)
        return predicted, self.once(name, option)


@pytest.fixture
def runs(module: RunModule, simulator: Simulator, tmp_path: Path) -> Runs:
    return Runs(module, simulator, tmp_path)


def assert_predicted(name: str, predicted: Result, found: Result) -> None:
    """Check that check mode predicted a run that succeeded."""
    assert (predicted.failed, predicted.changed) == (found.failed, found.changed) == (False, found.changed), found.msg
    if attributes_of(name)["diff_mode"] == "full":
        assert lasting(predicted["diff"]["before"]) == lasting(found["diff"]["before"])
        assert contained(lasting(predicted["diff"]["after"]), lasting(found["diff"]["after"]))


@pytest.mark.parametrize(("name", "option"), cases_of("regular"))
def test_check_mode_predicts_and_a_second_run_changes_nothing(
    runs: Runs, simulator: Simulator, name: str, option: str
) -> None:
    predicted, found = runs.predicted(name, option)
    assert_predicted(name, predicted, found)
    if attributes_of(name)["diff_mode"] == "full":
        differs = lasting(found["diff"]["before"]) != lasting(found["diff"]["after"])
        assert found.changed == differs or "sync" in {*CASES[name][option].given, option}
    again = runs.once(name, option)
    assert (again.failed, again.changed) == (False, False)
    assert [entry for entry in simulator.writes() if entry["applied"]] == []


@pytest.mark.parametrize(("name", "option"), cases_of("every time"))
def test_check_mode_predicts_a_change_of_every_run(runs: Runs, name: str, option: str) -> None:
    assert attributes_of(name)["idempotent"] == "partial"
    predicted, found = runs.predicted(name, option)
    assert_predicted(name, predicted, found)
    again = runs.once(name, option)
    assert (found.changed, again.changed, again.failed) == (True, True, False)


@pytest.mark.parametrize(("name", "option"), cases_of("refused"))
def test_check_mode_predicts_a_failure(runs: Runs, simulator: Simulator, name: str, option: str) -> None:
    predicted, found = runs.predicted(name, option)
    assert (predicted.failed, predicted.changed) == (found.failed, found.changed) == (True, False)
    assert predicted.msg == found.msg
    assert predicted.failure["reason"] == found.failure["reason"]
    assert [entry for entry in simulator.writes() if entry["applied"]] == []


@pytest.mark.parametrize(("name", "option"), cases_of("unfinished"))
def test_check_mode_predicts_the_change_of_an_unfinished_run(
    runs: Runs, simulator: Simulator, name: str, option: str
) -> None:
    predicted, found = runs.predicted(name, option)
    assert (predicted.failed, predicted.changed) == (False, True)
    assert (found.failed, found.changed) == {"wait": (False, True), "wait_timeout": (True, False)}[option]
    assert len(simulator.writes()) == 1
