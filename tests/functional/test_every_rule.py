# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A violation of a rule for options is a failure before any request, and its message contains the options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support.cases import MODULES
from support.documented import connection_options
from support.modules import NULL, RunModule, spec_of
from support.simulator import Simulator

pytestmark = pytest.mark.in_worker

OF_A_TYPE: Mapping[str, Any] = {
    "str": "x",
    "path": "/nowhere/x",
    "raw": "x",
    "bool": True,
    "int": 1,
    "float": 1.0,
    "list": [],
    "dict": {},
}
WRONG: Mapping[str, Any] = {
    "bool": "perhaps",
    "int": "many",
    "float": "a lot",
    "dict": "no dictionary",
    "list": {"a": 1},
}


def valid(options: Mapping[str, Any], name: str) -> Any:
    """Return a valid value of an option."""
    choices = options[name].get("choices")
    return choices[0] if choices else OF_A_TYPE[options[name]["type"]]


def breaches() -> Iterator[tuple[str, str, dict[str, Any], tuple[str, ...]]]:
    """Yield a module, a rule, options that violate the rule, and the words that the message must contain."""
    for name in MODULES:
        spec = spec_of(name)
        connection = connection_options(spec.system)
        options = {option: {"type": connection[option]["type"]} for option in connection} | dict(spec.options)
        required = {key: valid(options, key) for key, entry in spec.options.items() if entry.get("required")}
        enough = required | {group[0]: valid(options, group[0]) for group in spec.required_one_of}

        def given(options: Mapping[str, Any] = options, *names: str) -> dict[str, Any]:
            return {key: valid(options, key) for key in names}

        for key in required:
            yield name, f"without {key}", {other: required[other] for other in required if other != key}, (key,)
            yield name, f"{key} null", required | {key: NULL}, (key, "null")
        for option, entry in spec.options.items():
            for key in (key for key, within in entry.get("options", {}).items() if within.get("required")):
                wrong: Any = {key: None}
                yield (
                    name,
                    f"{key} null in {option}",
                    enough | {option: [wrong] if entry["type"] == "list" else wrong},
                    (key, "null"),
                )
        for group in spec.mutually_exclusive:
            yield name, " and ".join(group), enough | given(options, *group), group
        for group in spec.required_one_of:
            yield name, "neither " + " nor ".join(group), required, group
            yield name, " and ".join(group) + " null", required | dict.fromkeys(group, NULL), group
        for group in spec.required_together:
            yield name, f"{group[0]} alone", enough | given(options, group[0]), group
        for key, others in spec.required_by.items():
            less = {other: value for other, value in enough.items() if other not in others}
            rest = {
                other: valid(options, other) for group in spec.required_one_of for other in group if other not in others
            }
            yield name, f"{key} without {others[0]}", less | rest | given(options, key), (key, *others)
        for key, value, others in spec.required_if:
            less = {other: entry for other, entry in enough.items() if other not in others}
            rest = {
                other: valid(options, other) for group in spec.required_one_of for other in group if other not in others
            }
            yield name, f"{key} without {others[0]}", less | rest | {key: value}, (key, *others)
        for key, entry in options.items():
            if entry.get("choices"):
                wrong = ["unknown"] if entry["type"] == "list" else "unknown"
                yield name, f"an unknown {key}", enough | {key: wrong}, (key, "unknown")
            elif entry["type"] in WRONG:
                yield name, f"a {key} of the wrong type", enough | {key: WRONG[entry["type"]]}, (key,)
            if entry["type"] in ("int", "float"):
                yield name, f"a {key} that is too long to be read", enough | {key: 5000 * "9"}, (key, "digits")
        yield name, "an option that there is not", enough | {"colour": "blue"}, ("colour",)


BREACHES = list(breaches())


@pytest.mark.parametrize(
    ("name", "given", "named"),
    [(name, given, named) for name, _what, given, named in BREACHES],
    ids=[f"{name}: {what}" for name, what, _given, _named in BREACHES],
)
def test_a_breach_is_a_failure_that_names_the_options(
    module: RunModule, simulator: Simulator, name: str, given: dict[str, Any], named: tuple[str, ...]
) -> None:
    result = module(name, **given)
    assert result.failed
    assert [word for word in named if word not in result.msg] == []
    assert simulator.journal() == []
