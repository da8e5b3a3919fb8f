# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of every module with unusual values, according to its specification."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fuzz import inputs
from fuzz.tasks import CANARY, arguments_of, assert_sanitized, spec_of
from hypothesis import given
from hypothesis import strategies as st
from support.cases import MODULES
from support.inline import call
from support.wire import BASE, Wire

Option = Mapping[str, Any]

# These objects exist in the samples, so that modules get far enough to use the unusual values.
THERE: dict[str, tuple[Any, ...]] = {
    "hierarchy": ("sys.hcs.CS-P.CS-NB.AAAGlobal", "sys.hcs", "6130d69ae04a4a0015a93bc6"),
    "target_hierarchy": ("sys.hcs.CS-P.CS-AB",),
    "name": ("AAAGlobal", "prod-us-east-1"),
    "new_name": ("production",),
    "pkid": ("65e0918d6fd4534903e212d9",),
    "pkids": (["65e0918d6fd4534903e212d9"],),
    "names": (["AAAGlobal"], {"prod-us-east-1": "production"}),
    "id": ("prod-us-east-1", "Y2lZY76123"),
    "org_id": ("Y2lzY29zcGFyazovL3",),
    "org_ids": ("all", ["Y2lzY29zcGFyazovL3"]),
    "customers": ([{"name": "AAAGlobal"}],),
}
# These options select the server and the waiting time. They have a separate test.
CONNECTION = {"api_url", "timeout", "retry_budget", "requests_per_second", "ca_path", "client_cert", "client_key"}
WAITING = {"wait_timeout", "poll_interval"}
# With one of these characters, the address has a different meaning.
UPWARDS = re.compile(r"/\.\.?(?:/|$)")


def secret_values() -> st.SearchStrategy[Any]:
    """Values of any type that must not appear in any output."""
    text = inputs.strings.map(lambda text: f"{text}{CANARY}{text}"[-200:])
    return text | st.just(CANARY) | st.lists(text, max_size=2) | st.dictionaries(inputs.strings, text, max_size=2)


def values_of(name: str, option: Option) -> st.SearchStrategy[Any]:
    """Values for an option: values of its type, values of existing objects, and other values."""
    if option.get("no_log"):
        return secret_values()
    kinds: list[st.SearchStrategy[Any]] = [inputs.strings]
    if name in THERE:
        kinds = [st.sampled_from(THERE[name]), *kinds]
    if "choices" in option:
        choices = st.sampled_from(list(option["choices"]))
        kinds.append(st.lists(choices, max_size=3) if option["type"] == "list" else choices)
    of_type: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans() | st.sampled_from(["yes", "no", "1", 0, "maybe"]),
        "int": inputs.numbers | st.integers(0, 5) | st.sampled_from(inputs.UNBOUNDED),
        "float": inputs.numbers | st.floats(0, 5) | st.sampled_from(inputs.UNBOUNDED),
        "dict": st.dictionaries(inputs.strings, inputs.values, max_size=3) | inputs.deep,
        "list": st.lists(inside_of(option), max_size=4),
    }
    if option.get("type", "str") in of_type:
        kinds.append(of_type[option["type"]])
    return st.one_of(*kinds, *kinds, inputs.values)


def inside_of(option: Option) -> st.SearchStrategy[Any]:
    """Items of a list."""
    if "options" not in option:
        return inputs.strings | inputs.values
    return arguments(option["options"]) | inputs.values


def arguments(options: Mapping[str, Option], leave: frozenset[str] = frozenset()) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these options with arbitrary values, and sometimes an unknown option."""
    known = {name: values_of(name, option) for name, option in options.items() if name not in leave}
    required = {name: values for name, values in known.items() if options[name].get("required") or name in THERE}
    rest = {name: values for name, values in known.items() if name not in required}
    some = st.lists(st.sampled_from(sorted(rest)), max_size=4, unique=True) if rest else st.just([])
    of_required = st.fixed_dictionaries({}, optional=required)
    of_rest = some.flatmap(lambda names: st.fixed_dictionaries({name: rest[name] for name in names}))
    return st.builds(lambda one, other: {**one, **other}, of_required, of_rest)


@functools.cache
def arguments_for(module: str) -> st.SearchStrategy[dict[str, Any]]:
    """Arbitrary values for the options of a module."""
    return arguments(spec_of(module).arguments()["argument_spec"], frozenset(CONNECTION | WAITING | {"dest"}))


@functools.cache
def ways_for(module: str) -> st.SearchStrategy[dict[str, Any]]:
    """One or two options of a module that select its server or its waiting time."""
    options = spec_of(module).arguments()["argument_spec"]
    if spec_of(module).system is None:
        options = options["apono"]["options"]
    ways = {name: values_of(name, options[name]) for name in sorted(CONNECTION & set(options))}
    some = st.lists(st.sampled_from(sorted(ways)), min_size=1, max_size=2, unique=True)
    return some.flatmap(lambda names: st.fixed_dictionaries({name: ways[name] for name in names}))


@pytest.mark.parametrize("module", MODULES)
@inputs.examples(40)
@given(data=st.data(), check=st.booleans())
def test_any_values_of_the_options_of_a_module(
    wire: Wire, folder: Path, module: str, data: st.DataObject, check: bool
) -> None:
    given = data.draw(arguments_for(module))
    wire.begin()
    result = call(module, arguments_of(module, wire, given, folder), check)
    assert_sanitized(result, wire)
    assert {path.name for path in folder.iterdir()} <= {"file"}


THERE_FOR: dict[str, dict[str, Any]] = {
    "apono_connector": {"id": "prod-us-east-1", "name": "production"},
    "apono_connectors": {"names": {"prod-us-east-1": "production"}},
    "fleet_info": {"apono": {}},
    "voss_spark_customer": {"hierarchy": "sys.hcs.CS-P.CS-NB.AAAGlobal", "name": "AAAGlobal"},
    "voss_spark_customers": {"hierarchy": "sys.hcs", "customers": [{"name": "AAAGlobal"}]},
    "voss_spark_customer_info": {"hierarchy": "sys.hcs"},
    "voss_spark_customer_export": {"hierarchy": "sys.hcs"},
    "voss_transaction_info": {"id": "cfe8a8fd-98e6-4290-b0c3-2dfa2224b808"},
}


@pytest.mark.parametrize("module", MODULES)
@inputs.examples(20)
@given(data=st.data(), start=st.sampled_from(["", "http://", "ftp://", "/"]), below=st.booleans())
def test_any_connection_options(
    wire: Wire, folder: Path, module: str, data: st.DataObject, start: str, below: bool
) -> None:
    given = data.draw(ways_for(module))
    if "api_url" in given and not below:  # The address must be on this machine.
        given["api_url"] = (
            f"{start}127.0.0.1{given['api_url']}" if isinstance(given["api_url"], str) else given["api_url"]
        )
    elif "api_url" in given:
        given["api_url"] = f"{wire.origin}{BASE}{given['api_url']}"
    wire.begin()
    whole = arguments_of(module, wire, THERE_FOR.get(module, {}), folder)
    several = spec_of(module).system is None
    result = call(module, {"apono": {**whole["apono"], **given}} if several else {**whole, **given})
    if "api_url" in given:
        elsewhere = UPWARDS.search(unquote(str(given["api_url"])))
        received = [] if elsewhere else wire.exchanges
        wire.exchanges = [one for one in received if not one.head.split(b" ")[1].startswith(BASE.encode())]
    assert_sanitized(result, wire)
