# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Cache the results of pure template expressions, and resolve plain variable names without Jinja.

Ansible compiles each expression again for each host, which takes most of the run time with a large inventory.
"""

from __future__ import annotations

import copy
import functools
import typing as t

from ._expressions import Path, deciding, plain_name
from ._template_data import CACHE_SIZE, is_marked, is_trusted_as_template

Evaluate = t.Callable[..., t.Any]
CacheKey = tuple[t.Any, ...]

# Names of Python types and of the corresponding types in Ansible.
SCALARS = frozenset({"bool", "NoneType", "int", "_AnsibleTaggedInt"})
STRINGS = frozenset({"str", "AnsibleUnsafeText", "AnsibleUnicode", "_AnsibleTaggedStr"})
FLOATS = frozenset({"float", "_AnsibleTaggedFloat"})
LISTS = frozenset({"list", "AnsibleSequence", "_AnsibleTaggedList"})
DICTIONARIES = frozenset({"dict", "AnsibleMapping", "_AnsibleTaggedDict"})
NUMBERS = SCALARS | FLOATS
IMMUTABLE = NUMBERS | STRINGS

_MISSING = object()


class _NotComparable(Exception):
    """The value cannot be compared, because it is a template, a vault value or an object."""


class CachingTemplar:
    """A templar that caches the results of expressions.

    :ivar results_are_names: whether the results are used as group names.
    :param records: the names of variables that contain only plain data and no templates, so that no part of a value
        depends on other variables.
    """

    def __init__(self, templar: t.Any, records: t.Collection[str]) -> None:
        self._templar = templar
        self._records = frozenset(records)
        self._caches: dict[CacheKey, _Cache] = {}
        # For fast lookups, each cache is also stored under the ``id()`` of its expression.
        # Each entry contains its expression, so that Python cannot reuse the ID for a different string.
        self._recent: dict[str, dict[int, tuple[str, _Cache]]] = {}
        # In the native Jinja mode of ansible-core before 2.19, a template can return a value of any type.
        self._strings_stay = not getattr(templar, "jinja2_native", False)
        self.results_are_names = False

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._templar, name)

    @property
    def available_variables(self) -> t.Any:
        """Return the available variables of the wrapped templar."""
        return self._templar.available_variables

    @available_variables.setter
    def available_variables(self, variables: t.Any) -> None:
        self._templar.available_variables = variables

    def evaluate_expression(self, expression: t.Any, **options: t.Any) -> t.Any:
        """Evaluate an expression in ``compose`` or ``keyed_groups``. ansible-core 2.19 and later call this method."""
        return self._cached("expression", self._templar.evaluate_expression, expression, "{{%s}}", options)

    def evaluate_conditional(self, conditional: t.Any) -> t.Any:
        """Evaluate a condition in ``groups``. ansible-core 2.19 and later call this method."""
        form = "{%% if %s %%}{%% endif %%}"
        return self._cached("conditional", self._templar.evaluate_conditional, conditional, form, {})

    def template(self, variable: t.Any, **options: t.Any) -> t.Any:
        """Evaluate the name of a parent group. Before ansible-core 2.19, this method also evaluates expressions."""
        if not isinstance(variable, str) or "{" not in variable:
            return self._templar.template(variable, **options)
        return self._cached("template", self._templar.template, variable, "%s", options)

    def _cached(self, kind: str, evaluate: Evaluate, source: t.Any, form: str, options: t.Mapping[str, t.Any]) -> t.Any:
        evaluate = functools.partial(evaluate, source, **options)
        if not isinstance(source, str):
            return evaluate()
        recent = None
        if not options:
            recent = self._recent.get(kind, {}).get(id(source))
        cache = recent[1] if recent else self._cache(kind, source, form, options)
        result = cache.result(self._templar.available_variables, evaluate)
        if self.results_are_names:
            return _as_name(result)
        return result

    def _cache(self, kind: str, source: str, form: str, options: t.Mapping[str, t.Any]) -> _Cache:
        """Return the cache for an expression. The first call creates the cache."""
        trusted = is_trusted_as_template(source)
        key = (kind, source, trusted, *sorted(options.items()))
        cache = self._caches.get(key)
        if cache is None:
            template = form % source
            cache = self._caches[key] = _Cache(deciding(template), self._name(template, trusted), self._records)
            if not options:
                self._recent.setdefault(kind, {})[id(source)] = (source, cache)
        return cache

    def _name(self, template: str, trusted: bool) -> Path | None:
        """Return the path of a plain variable that can be resolved without Jinja, or None for any other template."""
        name = plain_name(template)
        if name is None or not self._strings_stay or not trusted:
            return None
        return name if len(name) == 1 or name[0] in self._records else None


def _as_name(value: t.Any) -> t.Any:
    """Convert a number or ``True`` to a string, because Ansible accepts only strings as group names.

    Zero and false are returned unchanged, because Ansible creates no groups for these values.
    """
    if value and type(value).__name__ in NUMBERS:
        return str(value)
    return value


class _Cache:
    """The cached results of an expression, keyed by the values of the variables in the expression."""

    def __init__(self, paths: tuple[Path, ...] | None, name: Path | None, records: frozenset[str]) -> None:
        self._paths = paths
        self._name = name
        self._records = records
        self._results: dict[CacheKey, Evaluate] = {}

    def result(self, variables: t.Mapping[str, t.Any], evaluate: Evaluate) -> t.Any:
        """Return the cached result for the current variables, or evaluate the expression."""
        if self._paths is None:
            return evaluate()
        try:
            if self._name:
                value, _depth = _at(self._name, variables)
                if _stays(value):
                    return value
            key = tuple([self._key_part(path, variables) for path in self._paths])
        except _NotComparable:
            return evaluate()
        found = self._results.get(key)
        if found is None:
            found = _outcome(evaluate)
            if len(self._results) < CACHE_SIZE:
                self._results[key] = found
        return found()

    def _key_part(self, path: Path, variables: t.Mapping[str, t.Any]) -> CacheKey:
        """Return the part of a cache key that represents the value at a path."""
        if path[0] not in self._records:
            path = path[:1]
        value, depth = _at(path, variables)
        marked = is_marked(variables.get(path[0]))
        if value is _MISSING:
            return depth, marked
        return depth, _comparable(value), marked


def _at(path: Path, variables: t.Mapping[str, t.Any]) -> tuple[t.Any, int]:
    """Return the value at a path, and the number of path elements that were used.

    If a value on the path is missing or is not a dictionary, the function returns this value and its position.

    :raises _NotComparable: a part of the path is the name of a method of the value before it.
    """
    value: t.Any = variables.get(path[0], _MISSING)
    if value is _MISSING:
        return _MISSING, 0
    for depth, part in enumerate(path[1:], 1):
        if hasattr(type(value), part):
            raise _NotComparable
        if type(value).__name__ not in DICTIONARIES:
            return value, depth
        value = value.get(part, _MISSING)
        if value is _MISSING:
            return _MISSING, depth
    return value, len(path)


def _stays(value: t.Any) -> bool:
    """Return whether every ansible-core version returns this value unchanged when it evaluates a plain variable."""
    return (
        type(value).__name__ in STRINGS
        and "{" not in value
        and not value.startswith(("[", "#jinja2:"))
        and value not in ("", "True", "False")
    )


def _comparable(value: t.Any) -> CacheKey:
    """Convert a value to a part of a cache key. Values with equal keys produce the same result in every expression."""
    kind = type(value).__name__
    convert = _CONVERSIONS.get(kind)
    if convert is None:
        raise _NotComparable
    return kind, convert(value)


def _comparable_string(value: str) -> str:
    if ("{" in value or value.startswith("#jinja2:")) and is_trusted_as_template(value):
        raise _NotComparable
    return value


_CONVERSIONS: dict[str, t.Callable[[t.Any], t.Any]] = {
    **dict.fromkeys(STRINGS, _comparable_string),
    **dict.fromkeys(SCALARS, lambda value: value),
    **dict.fromkeys(FLOATS, lambda value: repr(float(value))),
    **dict.fromkeys(LISTS, lambda value: tuple([_comparable(item) for item in value])),
    **dict.fromkeys(
        DICTIONARIES, lambda value: tuple([(_comparable(name), _comparable(item)) for name, item in value.items()])
    ),
}


def _outcome(evaluate: Evaluate) -> Evaluate:
    """Call ``evaluate`` once, and return a function that returns a copy of the result or raises the same error."""
    try:
        value = evaluate()
    except Exception as error:
        failure = error

        def fail() -> t.NoReturn:
            raise failure.with_traceback(None)

        return fail
    if type(value).__name__ in IMMUTABLE:
        return lambda: value
    return lambda: copy.deepcopy(value)
