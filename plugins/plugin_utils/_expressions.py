# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""What decides the result of a Jinja template: the values at some paths in the variables, or more than can be told.

A template is *pure* if it gives the same for the same values at its paths: no lookup, no clock, no chance, no file, and
only filters, tests and methods of which that is known. All else is left to Ansible.
"""

from __future__ import annotations

import functools
import re
import typing as t

from jinja2 import Environment, TemplateError, nodes

Path = tuple[str, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PLAIN = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*)\s*\}\}")
NOT_VARIABLES = _words(
    "cycler dict environment finalize group_names groups hostvars joiner lipsum lookup namespace now omit q query"
    " range undef vars"
)
FILTERS = _words(
    "abs b64decode b64encode basename batch bool capitalize center checksum combine count d default dict2items"
    " dictsort difference dirname e escape first flatten float format from_json from_yaml groupby hash"
    " human_readable human_to_bytes indent int intersect items items2dict join last length list log lower map"
    " mandatory max md5 min pow product quote regex_escape regex_findall regex_replace regex_search reject"
    " rejectattr replace reverse root round select selectattr sha1 slice sort split splitext string subelements"
    " sum symmetric_difference ternary title to_datetime to_json to_nice_json to_uuid trim truncate union unique"
    " upper urlencode urlsplit wordcount zip zip_longest"
)
TESTS = _words(
    "!= < <= == > >= all any boolean callable contains defined divisibleby eq equalto even false falsy float ge"
    " greaterthan gt in integer issubset issuperset iterable le lessthan lower lt mapping match ne none number odd"
    " regex search sequence string subset superset true truthy undefined upper version version_compare"
)
METHODS = _words(
    "capitalize casefold count endswith find get index isalnum isalpha isdecimal isdigit islower isnumeric"
    " isspace istitle isupper items join keys lower lstrip partition replace rfind rindex rpartition rsplit rstrip"
    " split splitlines startswith strip swapcase title upper values"
)
# Filters that apply a filter or a test of a given name, and where the name stands among their arguments.
NAMING_FILTERS = {"map": (FILTERS, 0)}
NAMING_TESTS = {"select": (TESTS, 0), "reject": (TESTS, 0), "selectattr": (TESTS, 1), "rejectattr": (TESTS, 1)}
# Tests that look at nothing of a record but these.
RECORD_TESTS = {
    "hybrid.connectors.healthy": ("health", "outdated"),
    "hybrid.connectors.outdated": ("health", "outdated"),
}
TRANSPARENT = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.CondExpr,
    nodes.BinExpr,
    nodes.UnaryExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.Concat,
    nodes.List,
    nodes.Tuple,
    nodes.Dict,
    nodes.Pair,
    nodes.Keyword,
    nodes.Slice,
    nodes.Getitem,
)

_ENVIRONMENT = Environment(autoescape=False)  # it parses, and renders nothing


class _MoreThanValues(Exception):
    """The result may depend on more than values."""


@functools.lru_cache(maxsize=1000)
def deciding(template: str) -> tuple[Path, ...] | None:
    """The paths whose values decide the result of a template; None if that cannot be told."""
    try:
        return tuple(sorted(set(_paths(_ENVIRONMENT.parse(template)))))
    except (TemplateError, _MoreThanValues, RecursionError):
        return None


def plain_name(template: str) -> Path | None:
    """The path that a template consists of, if it is no more than a dotted name between braces."""
    found = PLAIN.fullmatch(template)
    return tuple(found.group(1).split(".")) if found else None


def _paths(node: nodes.Node) -> t.Iterator[Path]:
    chain = _chain(node)
    if chain:
        if chain[0] in NOT_VARIABLES:
            raise _MoreThanValues
        yield chain
    elif isinstance(node, nodes.Const):
        if isinstance(node.value, str) and "{" in node.value:
            raise _MoreThanValues
    elif isinstance(node, nodes.Call):
        yield from _call(node)
    elif isinstance(node, nodes.Filter):
        yield from _named(node, FILTERS)
    elif isinstance(node, nodes.Test):
        yield from _named(node, TESTS)
    elif isinstance(node, nodes.Getattr) and not node.attr.startswith("_"):
        yield from _paths(node.node)
    elif isinstance(node, TRANSPARENT):
        for child in node.iter_child_nodes():
            yield from _paths(child)
    else:
        raise _MoreThanValues


def _chain(node: nodes.Node) -> Path | None:
    """The dotted path that a node is, also where a part of it is written in brackets."""
    parts: list[str] = []
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            part: object = node.attr
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            part = node.arg.value
        else:
            return None
        if not isinstance(part, str) or part.startswith("_"):
            return None
        parts.append(part)
        node = node.node
    return (node.name, *reversed(parts))


def _call(node: nodes.Call) -> t.Iterator[Path]:
    method = node.node
    if not isinstance(method, nodes.Getattr) or method.attr not in METHODS or node.dyn_args or node.dyn_kwargs:
        raise _MoreThanValues
    first = node.args[0] if node.args else None
    holder = _chain(method.node)
    if method.attr == "get" and holder and isinstance(first, nodes.Const) and isinstance(first.value, str):
        yield (*holder, first.value)
    else:
        yield from _paths(method.node)
    yield from _arguments(node)


def _named(node: nodes.Filter | nodes.Test, known: frozenset[str]) -> t.Iterator[Path]:
    """A filter or a test."""
    name = node.name.removeprefix("ansible.builtin.")
    inner = node.node
    if isinstance(node, nodes.Test) and name in RECORD_TESTS:
        record = _chain(inner) if inner else None
        if not record or record[0] in NOT_VARIABLES:
            raise _MoreThanValues
        yield from ((*record, part) for part in RECORD_TESTS[name])
    elif name not in known or node.dyn_args or node.dyn_kwargs:
        raise _MoreThanValues
    else:
        if isinstance(node, nodes.Filter):
            _check_named(node, name)
        if inner is not None:
            yield from _paths(inner)
    yield from _arguments(node)


def _check_named(node: nodes.Filter, name: str) -> None:
    """Refuse a filter that applies something unknown: `map` and its like."""
    known, place = {**NAMING_FILTERS, **NAMING_TESTS}.get(name, (None, 0))
    if known is None or len(node.args) <= place:
        return
    given = node.args[place]
    if not isinstance(given, nodes.Const) or str(given.value).removeprefix("ansible.builtin.") not in known:
        raise _MoreThanValues
    if name == "map" and given.value in {**NAMING_FILTERS, **NAMING_TESTS}:
        raise _MoreThanValues


def _arguments(node: nodes.Filter | nodes.Test | nodes.Call) -> t.Iterator[Path]:
    for argument in (*node.args, *node.kwargs):
        yield from _paths(argument)
