# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Determine the variables that the result of a Jinja template depends on.

A template is *pure* if its result depends only on the values at certain paths in the variables. A pure template does
not contain lookups. Its filters, tests and methods always return the same result for the same values.
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
# Filters that take the name of a filter or test as an argument: the permitted names and the argument's position.
NAMING = {
    "map": (FILTERS - _words("map reject rejectattr select selectattr"), 0),
    "select": (TESTS, 0),
    "reject": (TESTS, 0),
    "selectattr": (TESTS, 1),
    "rejectattr": (TESTS, 1),
}
# Tests of this collection, with the record fields that they use.
RECORD_TESTS = {
    "hybrid.connectors.healthy": ("health", "outdated"),
    "hybrid.connectors.outdated": ("health", "outdated"),
}
# Prefix of the filters and tests of ansible-core.
BUILTIN = "ansible.builtin."
# The result of each of these nodes depends only on its children.
TRANSPARENT = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr, nodes.BinExpr, nodes.UnaryExpr,
    nodes.Compare, nodes.Operand, nodes.Concat, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Keyword,
    nodes.Slice, nodes.Getitem,
)  # fmt: skip

_ENVIRONMENT = Environment(autoescape=False)  # only for parsing


class _NotPure(Exception):
    """The result of the template can depend on more than the values of variables."""


@functools.lru_cache(maxsize=1000)
def deciding(template: str) -> tuple[Path, ...] | None:
    """Return the paths whose values determine the result of a template, or None if the template is not pure."""
    try:
        return tuple(sorted(set(_paths(_ENVIRONMENT.parse(template)))))
    except (TemplateError, _NotPure, RecursionError):
        return None


def plain_name(template: str) -> Path | None:
    """Return the variable path if a template contains only a dotted name in braces, or None otherwise."""
    found = PLAIN.fullmatch(template)
    return tuple(found.group(1).split(".")) if found else None


def _paths(node: nodes.Node) -> t.Iterator[Path]:
    """Yield the variable paths that a Jinja node uses.

    :raises _NotPure: the node is not pure.
    """
    path = _path(node)
    if path:
        yield path
        return
    for kind, paths_of in _PATHS_OF.items():
        if isinstance(node, kind):
            yield from paths_of(node)
            return
    raise _NotPure


def _of_constant(node: nodes.Const) -> t.Iterator[Path]:
    if "{" in str(node.value):
        raise _NotPure
    return iter(())


def _of_attribute(node: nodes.Getattr) -> t.Iterator[Path]:
    if node.attr.startswith("_"):
        raise _NotPure
    return _paths(node.node)


def _of_children(node: nodes.Node) -> t.Iterator[Path]:
    for child in node.iter_child_nodes():
        yield from _paths(child)


def _path(node: nodes.Node) -> Path | None:
    """Return the variable path of a node such as ``a.b['c']``, or None for other kinds of nodes.

    :raises _NotPure: the name is not that of a variable.
    """
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
    if node.name in NOT_VARIABLES:
        raise _NotPure
    return (node.name, *reversed(parts))


def _of_call(node: nodes.Call) -> t.Iterator[Path]:
    method = node.node
    if not isinstance(method, nodes.Getattr) or method.attr not in METHODS:
        raise _NotPure
    holder = _path(method.node)
    if method.attr == "get" and holder:
        yield (*holder, *_constant_key(node))
    else:
        yield from _paths(method.node)
    yield from _arguments(node)


def _constant_key(node: nodes.Call) -> Path:
    """Return the first argument of a call as a path, or an empty path if the argument is not a constant string."""
    for argument in node.args[:1]:
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            return (argument.value,)
    return ()


def _of_filter(node: nodes.Filter) -> t.Iterator[Path]:
    name = node.name.removeprefix(BUILTIN)
    if name not in FILTERS:
        raise _NotPure
    _check_named(node, name)
    if node.node is not None:
        yield from _paths(node.node)
    yield from _arguments(node)


def _of_test(node: nodes.Test) -> t.Iterator[Path]:
    name = node.name.removeprefix(BUILTIN)
    if name in TESTS:
        yield from _paths(node.node)
    else:
        record = _path(node.node)
        if record is None or name not in RECORD_TESTS:
            raise _NotPure
        for field in RECORD_TESTS[name]:
            yield (*record, field)
    yield from _arguments(node)


def _check_named(node: nodes.Filter, name: str) -> None:
    """Check that a filter such as ``map`` applies only known filters and tests."""
    known, place = NAMING.get(name, (None, 0))
    if known is None or len(node.args) <= place:
        return
    given = node.args[place]
    if not isinstance(given, nodes.Const) or str(given.value).removeprefix(BUILTIN) not in known:
        raise _NotPure


def _arguments(node: nodes.Filter | nodes.Test | nodes.Call) -> t.Iterator[Path]:
    if (node.dyn_args, node.dyn_kwargs) != (None, None):
        raise _NotPure
    for argument in (*node.args, *node.kwargs):
        yield from _paths(argument)


_PATHS_OF: dict[t.Any, t.Callable[[t.Any], t.Iterator[Path]]] = {
    nodes.Const: _of_constant,
    nodes.Call: _of_call,
    nodes.Filter: _of_filter,
    nodes.Test: _of_test,
    nodes.Getattr: _of_attribute,
    TRANSPARENT: _of_children,
}
