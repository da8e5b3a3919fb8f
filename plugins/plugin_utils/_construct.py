# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""``compose``, ``groups`` and ``keyed_groups`` for thousands of hosts, with the results that Ansible gives.

Ansible's own ``Constructable`` does the work, of whichever release. It compiles every expression anew for every host,
which is nearly all of its time. So it is given a templar that remembers what a pure expression gave for the same values
and reads a plain name without Jinja, and an inventory in which no name that a service chose can break anything.
"""

from __future__ import annotations

import copy
import functools
import re
import typing as t
from collections.abc import Mapping

from ansible.utils.vars import combine_vars
from jinja2 import Environment, TemplateSyntaxError, nodes

from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import address, group_name
from ansible_collections.hybrid.connectors.plugins.plugin_utils._expressions import Path, deciding, plain_name

try:
    from ansible.template import is_trusted_as_template as _is_trusted
    from ansible.template import trust_as_template

    def is_trusted_as_template(value: object) -> bool:
        """Whether the value may be a template."""
        return _is_trusted(value)

    def _as_text(value: str) -> str:
        """Return a string in which no template can start as one that Ansible exports unchanged.

        Since ansible-core 2.19 that is a string that may be a template.
        """
        return trust_as_template(value)

    def _as_no_template(value: str) -> str:
        """Return a string that Ansible does not take for a template: since 2.19 one that is not marked."""
        return value

    def is_marked(value: t.Any) -> bool:
        """Whether anything in the value is marked as no template, which no result depends on any more."""
        return False

except ImportError:
    from ansible.utils.unsafe_proxy import wrap_var

    def _as_text(value: str) -> str:
        """Return a string in which no template can start as one that Ansible exports unchanged.

        Before ansible-core 2.19 that is a string that is not marked.
        """
        return "".join(value)

    def _as_no_template(value: str) -> str:
        """Return a string that Ansible does not take for a template."""
        return t.cast(str, wrap_var(value))

    def is_trusted_as_template(value: object) -> bool:
        """Whether the value may be a template: before ansible-core 2.19 everything is that is not marked."""
        return not hasattr(value, "__UNSAFE__")

    def is_marked(value: t.Any) -> bool:
        """Whether anything in the value is marked as no template: so is then all that comes of a part of it."""
        if isinstance(value, Mapping):
            return any(is_marked(inner) for inner in value.values())
        if isinstance(value, list):
            return any(is_marked(inner) for inner in value)
        return hasattr(value, "__UNSAFE__")

    def trust_as_template(value: t.Any) -> t.Any:  # type: ignore[misc]
        """A text that may be a template."""
        return value


REMEMBERED = 10_000  # results of one expression; one that gives more is not worth more memory
# Braces start templates, and this header gives other characters their meaning.
_TEMPLATE = re.compile(r"[{}]|#\s*jinja2", re.IGNORECASE)
_CALL = re.compile(r"[(|]")
# Characters of a string that is parsed as an expression. A longer one is taken for one.
MAX_EXPRESSION = 1000


def as_data(value: t.Any) -> t.Any:
    """Return plain values of a service so that Ansible never evaluates them.

    Only strings in which a template can start are marked as no templates, because AWX stores marked strings as
    dictionaries.
    """
    if isinstance(value, str):
        return _text_data(value)
    if isinstance(value, Mapping):
        return {(name if _is_inert(name) else _as_no_template(name)): as_data(item) for name, item in value.items()}
    return [as_data(item) for item in value] if isinstance(value, list) else value


@functools.lru_cache(maxsize=REMEMBERED)
def _text_data(text: str) -> str:
    return _as_text(text) if _is_inert(text) else _as_no_template(text)


def _exported(value: t.Any) -> t.Any:
    """Return a composed value with each string in which no template can start as one that Ansible exports unchanged."""
    if isinstance(value, str):
        return _as_text(value) if _is_inert(value) else value
    if isinstance(value, Mapping):
        return {name: _exported(item) for name, item in value.items()}
    return [_exported(item) for item in value] if isinstance(value, list) else value


def _is_inert(text: str) -> bool:
    """Return whether Ansible can do nothing with a string but show it: no template and no call starts in it.

    Conditions and the option ``var`` of M(ansible.builtin.debug) evaluate strings that have no braces.
    """
    if _TEMPLATE.search(text):
        return False
    return not _CALL.search(text) or not _calls(text)


@functools.lru_cache(maxsize=REMEMBERED)
def _calls(text: str) -> bool:
    """Return whether a string without braces is a Jinja expression that calls something."""
    if len(text) > MAX_EXPRESSION:
        return True
    try:
        tree = Environment().parse(f"{{{{ {text} }}}}")
    except TemplateSyntaxError:
        return False
    except Exception:  # too deep to be parsed
        return True
    return tree.find(nodes.Call) is not None or tree.find(nodes.Filter) is not None


Evaluate = t.Callable[[], t.Any]

ADDRESSES = frozenset({"ansible_host", "ansible_ssh_host"})

SCALARS = frozenset({"bool", "NoneType", "int", "_AnsibleTaggedInt"})
TEXTS = frozenset({"str", "AnsibleUnsafeText", "AnsibleUnicode", "_AnsibleTaggedStr"})
FLOATS = frozenset({"float", "_AnsibleTaggedFloat"})
LISTS = frozenset({"list", "AnsibleSequence", "_AnsibleTaggedList"})
DICTIONARIES = frozenset({"dict", "AnsibleMapping", "_AnsibleTaggedDict"})


class _NotComparable(Exception):
    """A value that may be more than it looks: a template, a vault value, an object."""


class RememberingTemplar:
    """A templar that remembers.

    :param records: the variables that are data and nothing else, so that a part of one has nothing to do with the rest.
    """

    def __init__(self, templar: t.Any, records: t.Collection[str]) -> None:
        self._templar = templar
        self._records = frozenset(records)
        self._memories: dict[tuple[t.Any, ...], _Memory] = {}
        self._recent: dict[
            str, dict[int, tuple[str, _Memory]]
        ] = {}  # by identity, quicker to find; kept, so it stays theirs
        # Before ansible-core 2.19 a text can come out of a template as something else, and more so in this mode.
        self._texts_stay = not getattr(templar, "jinja2_native", False)
        self.results_are_names = False

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._templar, name)

    @property
    def available_variables(self) -> t.Any:
        return self._templar.available_variables

    @available_variables.setter
    def available_variables(self, variables: t.Any) -> None:
        self._templar.available_variables = variables

    def evaluate_expression(self, expression: t.Any, **options: t.Any) -> t.Any:
        """What Ansible evaluates in ``compose`` and in keys since 2.19."""
        evaluate = self._templar.evaluate_expression
        if not isinstance(expression, str):
            return evaluate(expression, **options)
        return self._remembered("expression", expression, "{{%s}}", options, lambda: evaluate(expression, **options))

    def evaluate_conditional(self, conditional: t.Any) -> t.Any:
        """What Ansible evaluates in ``groups`` since 2.19."""
        evaluate = self._templar.evaluate_conditional
        if not isinstance(conditional, str):
            return evaluate(conditional)
        return self._remembered(
            "conditional", conditional, "{%% if %s %%}{%% endif %%}", {}, lambda: evaluate(conditional)
        )

    def template(self, variable: t.Any, **options: t.Any) -> t.Any:
        """Names of parent groups, and before ansible-core 2.19 everything."""
        evaluate = self._templar.template
        if not isinstance(variable, str) or "{" not in variable:
            return evaluate(variable, **options)
        return self._remembered("template", variable, "%s", options, lambda: evaluate(variable, **options))

    def _remembered(
        self, kind: str, source: str, form: str, options: t.Mapping[str, t.Any], evaluate: Evaluate
    ) -> t.Any:
        recent = self._recent.get(kind, {}).get(id(source)) if not options else None
        memory = recent[1] if recent else self._memory(kind, source, form, options)
        result = memory.result(self._templar.available_variables, evaluate)
        return _as_name(result) if self.results_are_names else result

    def _memory(self, kind: str, source: str, form: str, options: t.Mapping[str, t.Any]) -> _Memory:
        trusted = is_trusted_as_template(source)
        key = (kind, source, trusted, *sorted(options.items()))
        memory = self._memories.get(key)
        if memory is None:
            template = form % source
            name = plain_name(template) if self._texts_stay and trusted else None
            memory = self._memories[key] = _Memory(deciding(template), name, self._records)
            if not options:
                self._recent.setdefault(kind, {})[id(source)] = (source, memory)
        return memory


def _as_name(value: t.Any) -> t.Any:
    """Return a number or true as a string. As keys of groups these are errors to Ansible, whatever the options, and the
    inventory is lost. Zero and false stay unchanged; there is no group for them.
    """
    return str(value) if value and type(value).__name__ in SCALARS | FLOATS else value


class _Memory:
    """The results of one expression, by the values that decide them."""

    def __init__(self, paths: tuple[Path, ...] | None, name: Path | None, records: frozenset[str]) -> None:
        self._paths = paths
        self._name = name if name and (len(name) == 1 or name[0] in records) else None
        self._records = records
        self._results: dict[tuple[t.Any, ...], Evaluate] = {}

    def result(self, variables: t.Mapping[str, t.Any], evaluate: Evaluate) -> t.Any:
        if self._paths is None:
            return evaluate()
        try:
            if self._name:
                value, _depth = _at(self._name, variables)
                if _stays(value):
                    return value
            key = tuple(self._frozen(path, variables) for path in self._paths)
        except _NotComparable:
            return evaluate()
        found = self._results.get(key)
        if found is None:
            found = _outcome(evaluate)
            if len(self._results) < REMEMBERED:
                self._results[key] = found
        return found()

    def _frozen(self, path: Path, variables: t.Mapping[str, t.Any]) -> t.Any:
        """What is at a path, or as far along it as there is something, so that it can be compared."""
        if path[0] not in self._records:
            path = path[:1]
        value, depth = _at(path, variables)
        found = depth if value is _MISSING else (depth, _comparable(value))
        return found, is_marked(variables.get(path[0]))


_MISSING = object()


def _at(path: Path, variables: t.Mapping[str, t.Any]) -> tuple[t.Any, int]:
    """The value at the path and the length of the path; where it ends earlier, the last value and its place.

    :raises _NotComparable: a part of the path is a method there.
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
    """Whether a plain name gives just this value, in any release: a text that reads as nothing else."""
    return (
        type(value).__name__ in TEXTS
        and "{" not in value
        and not value.startswith(("[", "#jinja2:"))
        and value not in ("", "True", "False")
    )


def _comparable(value: t.Any) -> t.Any:
    """The value as a key; two have the same key only if no expression can tell them apart."""
    kind = type(value).__name__
    if kind in TEXTS:
        if ("{" in value or value.startswith("#jinja2:")) and is_trusted_as_template(value):
            raise _NotComparable
        return kind, value
    if kind in SCALARS:
        return kind, value
    if kind in FLOATS:
        return kind, repr(float(value))
    if kind in LISTS:
        return kind, tuple(_comparable(item) for item in value)
    if kind in DICTIONARIES:
        return kind, tuple((_comparable(name), _comparable(item)) for name, item in value.items())
    raise _NotComparable


def _outcome(evaluate: Evaluate) -> Evaluate:
    """What an evaluation gives or raises, to be had again. What could be changed afterwards is given as a copy."""
    try:
        value = evaluate()
    except Exception as error:
        failure = error

        def fail() -> t.NoReturn:
            raise failure.with_traceback(None)

        return fail
    if type(value).__name__ in TEXTS | SCALARS | FLOATS:
        return lambda: value
    return lambda: copy.deepcopy(value)


class TolerantInventory:
    """An inventory to construct in, for one plugin.

    Ansible's own looks first among the groups for any name, and raises an error for a group without a name or one that
    would be its own parent. Here variables belong to hosts, and such a group is left out or not put into itself.
    """

    def __init__(self, inventory: t.Any, warn: t.Callable[[str], None]) -> None:
        self._inventory = inventory
        self._warn = warn
        self.children_are_hosts = False
        self.group_names_matter = True

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._inventory, name)

    def set_variable(self, host: str, name: str, value: t.Any) -> None:
        """Set a variable of a host, unless it is an address that is none, which could become an option of ssh."""
        if name in ADDRESSES and address(value) is None:
            self._warn(f"Some hosts have no '{name}': the composed value is not a valid host name or IP address.")
            return
        self._inventory.hosts[host].set_variable(name, _exported(value))

    def add_group(self, group: t.Any) -> t.Any:
        known = self._inventory.groups.get(group)
        if known:
            return known.name
        return self._inventory.add_group(group) if group else ""

    def add_host(self, host: str, group: t.Any = None) -> None:
        known = self._inventory.hosts.get(host)
        if not known:
            self._inventory.add_host(host, group or None)
        elif group:
            self._inventory.groups[group].add_host(known)

    def add_child(self, group: str, child: str) -> None:
        if not group or not child:
            return
        if self.children_are_hosts:
            self.add_host(child, group)
            return
        try:
            if child == "all":
                raise ValueError("all groups are in it.")
            self._inventory.add_child(group, child)
        except Exception as error:  # for a group in itself Ansible raises no type of its own
            self._warn(f"The group '{child}' cannot be in the group '{group}': {error}")


def prepare(
    plugin: t.Any, variables: t.Iterable[str], warn: t.Callable[[str], None], hosts: t.Iterable[str] = ()
) -> None:
    """Give a plugin that is Constructable what it takes to construct, before its first host.

    :param variables: those that the plugin sets to plain data.
    :param hosts: the names of all hosts that the plugin is going to add.
    """
    compose, groups, keyed = (plugin.get_option(name) for name in ("compose", "groups", "keyed_groups"))
    extra = plugin._vars if plugin.get_option("use_extra_vars") else None
    others = {str(name) for given in (compose, extra) if isinstance(given, Mapping) for name in given}
    plugin.templar = RememberingTemplar(plugin.templar, frozenset(variables) - others)
    plugin.inventory = TolerantInventory(plugin.inventory, warn)
    plugin.inventory.group_names_matter = bool(extra) or not _all_decided(compose, groups, keyed)
    taken = frozenset((*plugin.inventory.hosts, *hosts))
    plugin._sanitize_group_name = _name_maker(plugin.templar, plugin._sanitize_group_name, taken)


def _name_maker(
    templar: RememberingTemplar, stock: t.Callable[[str], str], hosts: t.Collection[str]
) -> t.Callable[[t.Any], str]:
    """Make a function that makes names of groups: Ansible's own, on an allow-list where a service chose a part of them.

    Ansible itself leaves names unchanged by default, and reads a file of that name with the variables of the group. It
    also prefers groups to hosts in patterns, so that a group with the name of a host would take its place.
    """

    @functools.lru_cache(maxsize=REMEMBERED)
    def of_service(given: str) -> str:
        name = stock(group_name(given))
        while name in hosts:
            name += "_"
        return name

    of_user = functools.lru_cache(maxsize=REMEMBERED)(stock)

    def name_of(given: t.Any) -> str:
        make = of_service if templar.results_are_names else of_user
        return make(given if isinstance(given, str) else str(given))

    return name_of


def _all_decided(compose: t.Any, groups: t.Any, keyed: t.Any) -> bool:
    """Whether all expressions are pure, so that none looks at what groups a host is in by then."""
    expressions = [
        *(f"{{{{ {text} }}}}" for given in (compose, groups) if isinstance(given, Mapping) for text in given.values()),
        *(f"{{{{ {entry.get('key')} }}}}" for entry in keyed or () if isinstance(entry, Mapping)),
        *(str(entry.get("parent_group")) for entry in keyed or () if isinstance(entry, Mapping)),
    ]
    return all(deciding(text) is not None for text in expressions)


def construct(plugin: t.Any, host: str, variables: t.Mapping[str, t.Any]) -> None:
    """Do for one host what the options of a plugin say that was prepared.

    :raises AnsibleError: an expression fails, and the option ``strict`` is set.
    """
    inventory, strict = plugin.inventory, plugin.get_option("strict")
    plugin._set_composite_vars(plugin.get_option("compose"), variables, host, strict=strict)
    more = {"strict": strict, "fetch_hostvars": inventory.group_names_matter}
    if not inventory.group_names_matter:  # else Ansible looks anew for each entry
        variables = combine_vars(variables, inventory.get_host(host).get_vars())
    inventory.children_are_hosts = True
    plugin._add_host_to_composed_groups(plugin.get_option("groups"), variables, host, **more)
    inventory.children_are_hosts = False
    plugin.templar.results_are_names = True
    try:
        plugin._add_host_to_keyed_groups(plugin.get_option("keyed_groups"), variables, host, **more)
    finally:
        plugin.templar.results_are_names = False


def without_origin(value: t.Any) -> t.Any:
    """Expressions of a file without the note where they stand: with an error Ansible would show the lines around them,
    which may hold secrets.
    """
    if isinstance(value, Mapping):
        return {without_origin(name): without_origin(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_origin(inner) for inner in value]
    if not isinstance(value, str):
        return value
    text = "".join(value)
    return trust_as_template(text) if is_trusted_as_template(value) else _as_no_template(text)
