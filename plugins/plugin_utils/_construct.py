# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Construct variables and groups for thousands of hosts with ``compose``, ``groups`` and ``keyed_groups``.

Ansible's ``Constructable`` class creates the variables and groups, with a caching templar and with an inventory that
accepts any name from a service. If ansible-core lacks any of the names in ``USED``, ``Constructable`` uses its own
templar. The results are the same.
"""

from __future__ import annotations

import functools
import inspect
import typing as t
from collections.abc import Mapping

from ansible.utils.vars import combine_vars

from ..module_utils._untrusted import address
from ._caching_templar import CachingTemplar
from ._expressions import deciding
from ._sanitize import inventory_name
from ._template_data import CACHE_SIZE, exported, missing_function

# Attributes, parameters and functions of ansible-core that are not part of its public API.
USED = ("_sanitize_group_name", "fetch_hostvars", "trust_as_template", "is_trusted_as_template")
ADDRESSES = frozenset({"ansible_host", "ansible_ssh_host"})

Name = t.Callable[[str], str]


class TolerantInventory:
    """An inventory wrapper for the ``Constructable`` features of a plugin.

    Ansible's inventory first interprets each name as the name of a group, and raises an error for a group that has no
    name or would contain itself. This wrapper sets variables only on hosts, and skips such groups.

    :ivar children_are_hosts: whether :meth:`add_child` adds hosts, not groups.
    :ivar group_names_matter: whether an expression can depend on the groups of a host.
    :ivar results_are_names: whether ``Constructable`` uses the results of expressions as group names.
    :ivar safe_name: a function that makes a group name safe; None if ``Constructable`` uses only safe names.
    """

    def __init__(self, inventory: t.Any, warn: t.Callable[[str], None]) -> None:
        self._inventory = inventory
        self._warn = warn
        self.children_are_hosts = False
        self.group_names_matter = True
        self.results_are_names = False
        self.safe_name: Name | None = None

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._inventory, name)

    def set_variable(self, host: str, name: str, value: t.Any) -> None:
        """Set a host variable. Skip an invalid address, because ssh could interpret it as an option."""
        if name in ADDRESSES and address(value) is None:
            self._warn(
                f"The variable '{name}' is not set for some hosts: the composed value is not a valid host name or IP"
                " address."
            )
            return
        self._inventory.hosts[host].set_variable(name, exported(value))

    def add_group(self, group: t.Any) -> t.Any:
        """Add a group, and return its name, or an empty string if the group has no name."""
        group = self._safe(group)
        known = self._inventory.groups.get(group)
        if known:
            return known.name
        return self._inventory.add_group(group) if group else ""

    def add_host(self, host: str, group: t.Any = None) -> None:
        """Add a host to a group."""
        known = self._inventory.hosts.get(host)
        if not known:
            self._inventory.add_host(host, group or None)
        elif group:
            self._inventory.groups[group].add_host(known)

    def add_child(self, group: str, child: str) -> None:
        """Add a host or a child group to a group. Emit a warning if the child group cannot be added."""
        if not group or not child:
            return
        if self.children_are_hosts:
            self.add_host(child, group)
            return
        group = self._safe(group)
        try:
            if child == "all":
                raise ValueError("the group 'all' contains all groups.")
            self._inventory.add_child(group, child)
        except Exception as error:  # Ansible raises a generic exception if a group would contain itself
            self._warn(f"The group '{child}' cannot be in the group '{group}': {error}")

    def _safe(self, group: str) -> str:
        if self.safe_name is None or not self.results_are_names:
            return group
        return self.safe_name(str(group))


def prepare(
    plugin: t.Any,
    variables: t.Iterable[str],
    warn: t.Callable[[str], None],
    hosts: t.Iterable[str] = (),
    extra_vars: t.Mapping[str, t.Any] | None = None,
) -> None:
    """Prepare a ``Constructable`` plugin for :func:`construct`. Call this function before the plugin adds hosts.

    :param variables: the names of the variables that the plugin sets to plain data.
    :param hosts: the names of all hosts that the plugin adds.
    :param extra_vars: the extra variables from the command line.
    """
    taken = frozenset((*plugin.inventory.hosts, *hosts))
    plugin.inventory = TolerantInventory(plugin.inventory, warn)
    missing = _missing(plugin)
    if missing:
        plugin.display.vv(
            f"This version of ansible-core does not have '{missing}', so {plugin.NAME} uses the standard implementation"
            " of compose, groups and keyed_groups."
        )
        plugin.inventory.safe_name = _safe_names(str, taken)
        return
    compose, groups, keyed = (plugin.get_option(name) for name in ("compose", "groups", "keyed_groups"))
    extra = extra_vars if plugin.get_option("use_extra_vars") else None
    others: set[str] = set()
    for given in (compose, extra):
        if isinstance(given, Mapping):
            others.update(map(str, given))
    plugin.templar = CachingTemplar(plugin.templar, frozenset(variables) - others)
    pure = all(deciding(template) is not None for template in _templates(compose, groups, keyed))
    plugin.inventory.group_names_matter = bool(extra) or not pure
    plugin._sanitize_group_name = _sanitizer(plugin.templar, plugin._sanitize_group_name, taken)


def _missing(plugin: t.Any) -> str | None:
    """Return the name of a required function or parameter that ansible-core lacks, or None if it lacks none."""
    if not hasattr(plugin, "_sanitize_group_name"):
        return "_sanitize_group_name"
    for method in (plugin._add_host_to_composed_groups, plugin._add_host_to_keyed_groups):
        if "fetch_hostvars" not in inspect.signature(method).parameters:
            return "fetch_hostvars"
    return missing_function()


def _safe_names(stock: Name, hosts: t.Collection[str]) -> Name:
    """Return a function that converts values from a service to safe group names.

    By default, Ansible does not change such a name, and reads the variables of the group from a file with this name. In
    patterns, a group takes precedence over a host with the same name.
    """

    @functools.lru_cache(maxsize=CACHE_SIZE)
    def safe_name(given: str) -> str:
        name = stock(inventory_name(given))
        while name in hosts:
            name += "_"
        return name

    return safe_name


def _sanitizer(templar: CachingTemplar, stock: Name, hosts: t.Collection[str]) -> t.Callable[[t.Any], str]:
    """Return a function that sanitizes group names, more strictly if they are from a service than from the user."""
    of_service = _safe_names(stock, hosts)
    of_user = functools.lru_cache(maxsize=CACHE_SIZE)(stock)

    def sanitize(given: t.Any) -> str:
        name = given if isinstance(given, str) else str(given)
        return of_service(name) if templar.results_are_names else of_user(name)

    return sanitize


def _templates(compose: t.Any, groups: t.Any, keyed: t.Any) -> t.Iterator[str]:
    """Yield the expressions in the options as Jinja templates."""
    for given in (compose, groups):
        if isinstance(given, Mapping):
            for text in given.values():
                yield f"{{{{ {text} }}}}"
    for entry in keyed or ():
        if isinstance(entry, Mapping):
            yield f"{{{{ {entry.get('key')} }}}}"
            yield str(entry.get("parent_group"))


def construct(plugin: t.Any, host: str, variables: t.Mapping[str, t.Any]) -> None:
    """Construct the variables and groups of one host. Call :func:`prepare` first.

    :raises AnsibleError: an expression fails, and the option ``strict`` is true.
    """
    inventory, strict = plugin.inventory, plugin.get_option("strict")
    plugin._set_composite_vars(plugin.get_option("compose"), variables, host, strict=strict)
    options, phase = {"strict": strict}, inventory
    if isinstance(plugin.templar, CachingTemplar):
        options["fetch_hostvars"], phase = inventory.group_names_matter, plugin.templar
        if not inventory.group_names_matter:  # prevents Ansible from combining the variables for each entry
            variables = combine_vars(variables, inventory.get_host(host).get_vars())
    inventory.children_are_hosts = True
    plugin._add_host_to_composed_groups(plugin.get_option("groups"), variables, host, **options)
    inventory.children_are_hosts = False
    phase.results_are_names = True
    try:
        plugin._add_host_to_keyed_groups(plugin.get_option("keyed_groups"), variables, host, **options)
    finally:
        phase.results_are_names = False
