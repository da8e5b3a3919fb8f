# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
short_description: The connectors of four systems as one inventory
version_added: 1.0.0
description:
  - Makes a host of every connector of Apono, Hybrid Data Pipeline and Webex, and of every Webex customer of VOSS
    Automate, with its health, in groups by system and by health.
  - It reads a file whose name ends in C(fleet.yml) or C(fleet.yaml). The systems that the file names are read at the
    same time; one that it does not name is left out. C(apono:) without anything behind it names Apono with all its
    options from the environment.
  - A host is called C(<system>_<name>). Where several connectors of a system share a name, each of them is called
    C(<system>_<name>_<id>), and so is one that would be called like one of the groups. O(host_prefix) is put before it.
  - Ansible merges hosts of one name. If a host of that name is already in the inventory from a different file of this
    plugin, the name of the file is added to the name of the new host, and the plugin emits a warning. If that host is
    from a different plugin, for example from a static inventory that adds variables, Ansible merges the hosts, and the
    plugin emits a warning. The plugin does not see hosts of sources that Ansible parses later.
  - Names of hosts and of groups that O(keyed_groups) makes contain letters and digits of any script, underscores, dots
    and dashes, and are at most 200 bytes long. Every other character becomes an underscore, because Ansible uses names
    as file names and as patterns. Where names or ids differ only in such characters, a digest is added.
  - Every host is in the groups C(<system>), C(<system>_<health>) and C(health_<health>).
  - The variable C(fleet) of a host is its record of the fleet, as the filter P(hybrid.connectors.fleet#filter) makes
    it. The variable C(connector) is the item of the list of the system's info module. C(ansible_host) is the host
    name or address, for systems that have one. If the service returns something that is not a valid host name
    (RFC 1123) or IP address, or if O(compose) sets C(ansible_host) to such a value, the variable is not set.
  - Strings of a service are never rendered as templates.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
  - hybrid.connectors.fleet
options:
  plugin:
    description: The name of this plugin, which says that the file is meant for it.
    type: str
    required: true
    choices: [hybrid.connectors.fleet]
  host_prefix:
    description:
      - Prefix of all host names, for a second file of the same system.
      - It can contain letters, digits, C(_), C(.) and C(-), and does not begin with a dot or a dash. It can have up to
        50 characters. It is not a part of the names of groups.
    type: str
    version_added: 1.0.0
  health:
    description: Only connectors with one of these healths; all of them if it is not given.
    type: list
    elements: str
    choices: [healthy, degraded, down, maintenance, unknown]
  stale_after_hours:
    description: Number of hours without access after which a connector is degraded, in systems that report the time
        of the last access.
    type: float
    default: 24.0
    aliases: [stale_after]
  expiring_within_days:
    description: Number of days before the expiry of a token at which a connector is degraded, in systems that report
        expiries.
    type: float
    default: 7.0
  strict_systems:
    description:
      - Whether it is an error if one of the systems cannot be read.
      - If this is V(false), there is a warning that says why, and the hosts of the others are there. It is an error
        in any case if none can be read, or if an option is wrong.
    type: bool
    default: false
notes:
  - Options below the systems can be templates and vault strings. In templates the extra variables are known.
  - The cache holds the lists of the info modules, one of each system, without any secret. Records and groups are made
    anew each time, so health is always that of now as far as it depends on the time. Only its owner can read a file of
    the cache.
  - If an entry of the cache cannot be read, for example because the file is empty or incomplete, the plugin emits a
    warning and reads the system.
  - What is in the cache is used without any request, and no credentials are needed for it. It is read again if the
    scope or the address is another one, or the user name as far as one is given. Which account a token belongs to
    cannot be known, so use O(cache_prefix) or C(--flush-cache) after changing to a token of another account.
  - Expressions in O(compose), O(groups) and O(keyed_groups) give what they give in any inventory, but faster. See
    the guide for which ones that holds.
seealso:
  - plugin: hybrid.connectors.fleet
    plugin_type: filter
  - ref: ansible_collections.hybrid.connectors.docsite.inventory
    description: A guide to this inventory.
"""

EXAMPLES = r"""
# attention.fleet.yml: what needs attention, in groups by version and by cluster, with a cache
plugin: hybrid.connectors.fleet
webex:
  access_token: "{{ lookup('ansible.builtin.env', 'OUR_WEBEX_TOKEN') }}"
  clusters: true
hdp:
  api_url: https://hdp.example.com:8443
  username: hdp-admin
  password: "{{ lookup('ansible.builtin.env', 'OUR_HDP_PASSWORD') }}"
health: [degraded, down]
compose:
  problem: fleet.problems | join(' ')
groups:
  alarmed: connector.alarms | default([]) | length > 0
keyed_groups:
  - key: fleet.version
    prefix: version
  - key: fleet.group
    prefix: in
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/fleet

# connectors.fleet.yml: everything from the environment, APONO_PERSONAL_TOKEN and so on
# plugin: hybrid.connectors.fleet
# apono:
# webex:
#   clusters: true
# hdp:
# voss:
#   hierarchy: sys.hcs.CS-P
"""

import json
import typing as t
from collections.abc import Mapping
from datetime import datetime, timezone

from ansible.errors import AnsibleParserError, AnsibleUndefinedVariable
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.vars import load_extra_vars

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import (
    HEALTHS,
    HealthThresholds,
    record_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet_reader import Reading, read_all, sources_of
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.module_utils._session import REQUESTS_IMPORT_ERROR
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import one_line
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import host_name
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _sources as sources
from ansible_collections.hybrid.connectors.plugins.plugin_utils._construct import construct, prepare
from ansible_collections.hybrid.connectors.plugins.plugin_utils._other_sources import OtherSources, checked_prefix
from ansible_collections.hybrid.connectors.plugins.plugin_utils._template_data import as_data, without_origin

VARIABLES = ("fleet", "connector", "ansible_host")
EXPRESSIONS = ("compose", "groups", "keyed_groups")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The inventory plugin."""

    NAME = "hybrid.connectors.fleet"

    def __init__(self) -> None:
        super().__init__()
        self._written: list[str] = []

    def verify_file(self, path: str) -> bool:
        """Whether a file may be meant for this plugin, by its name."""
        exists = super().verify_file(path)  # type: ignore[no-untyped-call]
        return bool(exists) and path.endswith(("fleet.yml", "fleet.yaml"))

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        """Take the options of the file, templates and vault strings among them; those below the systems are for later,
        since a cache may spare them.
        """
        if direct:
            ours = {name: value for name, value in direct.items() if name not in PROVIDERS}
            direct = {
                name: without_origin(value) if name in EXPRESSIONS else self._value(f"The option '{name}'", value)
                for name, value in ours.items()
            }
        super().set_options(task_keys, var_options, direct)  # type: ignore[no-untyped-call]

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """See :class:`BaseInventoryPlugin`."""
        super().parse(inventory, loader, path, cache)
        extra_vars = load_extra_vars(loader)
        self.templar.available_variables = extra_vars
        config = self._read_config_data(path)  # type: ignore[no-untyped-call]
        given = {system: self._section(system, config[system]) for system in PROVIDERS if system in config}
        if not given:
            raise AnsibleParserError(f"{path} names none of the systems {', '.join(PROVIDERS)}.")
        try:
            prefix = checked_prefix(self._option("host_prefix"))
        except InputError as error:
            raise AnsibleParserError(error.message) from error
        lists = self._lists(given, path, cache)
        hours, days = self._option("stale_after_hours"), self._option("expiring_within_days")
        try:
            thresholds = HealthThresholds(datetime.now(timezone.utc), hours, days)
        except InputError as error:
            raise AnsibleParserError(error.message) from error
        fleet = {system: _named(system, items, thresholds, prefix) for system, items in lists.items()}
        others = OtherSources(inventory, path)
        fleet = {system: _renamed(hosts, others) for system, hosts in fleet.items()}
        names = [host.name for hosts in fleet.values() for host in hosts]
        prepare(self, VARIABLES, self.display.warning, names, extra_vars)
        added: set[str] = set()
        for system, hosts in fleet.items():
            added |= self._populate(system, hosts)
        for warning in others.warnings(added):
            self.display.warning(f"hybrid.connectors.fleet: {warning}")

    def update_cache_if_changed(self) -> None:
        """Write the cache, so that only its owner can read it, if it is one of files."""
        super().update_cache_if_changed()
        sources.protect(self._cache, self._written)

    def _lists(self, given: t.Mapping[str, sources.Options], path: str, cache: bool) -> dict[str, list[Object]]:
        """The list of each system, out of the cache or read."""
        use_cache = self._option("cache")
        lists: dict[str, list[Object]] = {}
        keys, asked = {}, {}
        for system, options in given.items():
            try:
                sources.check(system, options)
            except InputError as error:
                raise AnsibleParserError(error.message) from error
            known = self._known(system, options)
            keys[system], asked[system] = sources.cache_key(path, system, known), sources.account(system, known)
            if use_cache and cache:
                found = sources.cached_items(self._cached(system, keys[system]), asked[system])
                if found is not None:
                    lists[system] = found
        missing = {
            system: sources.with_paths_beside(path, system, self._given_options(system, given[system]))
            for system in given
            if system not in lists
        }
        if missing and REQUESTS_IMPORT_ERROR:
            raise AnsibleParserError(missing_required_lib("requests"))
        try:
            readings = read_all(sources_of(missing))
        except InputError as error:
            raise AnsibleParserError(error.message) from error
        self._complain(readings, others=bool(lists))
        for system, reading in readings.items():
            if reading.items is not None:
                lists[system] = reading.items
                if use_cache:
                    self._cache[keys[system]] = sources.cache_entry(reading.items, asked[system])
                    self._written.append(keys[system])
        return {system: lists[system] for system in PROVIDERS if system in lists}

    def _cached(self, system: str, key: str) -> object:
        """Return the entry of the cache with a key; None if there is none, or if it cannot be read."""
        try:
            return self._cache.get(key)
        except Exception as error:  # a cache plugin raises what its libraries raise
            self.display.warning(
                f"hybrid.connectors.fleet: The cache entry of {PROVIDERS[system].title} cannot be read, so the system"
                f" is read: {one_line(str(error) or type(error).__name__)}"
            )
            return None

    def _complain(self, readings: t.Mapping[str, Reading], others: bool) -> None:
        """Warn of systems that could not be read. Fail if that is asked for, if an option is wrong or if none could."""
        problems = []
        fatal = bool(self._option("strict_systems"))
        for system, reading in readings.items():
            title = PROVIDERS[system].title
            for warning in reading.warnings:
                self.display.warning(f"hybrid.connectors.fleet: {title}: {warning}")
            if reading.error:
                problems.append(f"{title} was not read: {reading.error.message}")
                fatal = fatal or reading.is_misconfigured
        fatal = fatal or (len(problems) == len(readings) and not others)
        if problems and fatal:
            raise AnsibleParserError(" ".join(problems))
        for problem in problems:
            self.display.warning(f"hybrid.connectors.fleet: {problem}")

    def _populate(self, system: str, hosts: list[_Host]) -> set[str]:
        """Add the hosts of a system, with their variables and groups, and return their names."""
        inventory: t.Any = self.inventory
        inventory.add_group(system)
        healths = self._option("health") or HEALTHS
        wanted = [host for host in hosts if host.record["health"] in healths]
        for host in wanted:
            variables = as_data({"fleet": host.record, "connector": host.item})
            if host.record["host"]:
                variables["ansible_host"] = variables["fleet"]["host"]
            inventory.add_host(host.name)
            for variable, value in variables.items():
                inventory.set_variable(host.name, variable, value)
            for group in sources.groups_of(system, host.record["health"]):
                inventory.add_host(host.name, inventory.add_group(group))
            construct(self, host.name, variables)
        return {host.name for host in wanted}

    def _option(self, name: str) -> t.Any:
        return self.get_option(name)  # type: ignore[no-untyped-call]

    def _section(self, system: str, given: t.Any) -> sources.Options:
        """What the file says below a system."""
        if isinstance(given, str):
            given = self._value(f"'{system}'", given)
        if given is not None and not isinstance(given, Mapping):
            raise AnsibleParserError(f"'{system}' takes a dictionary of options, or nothing.")
        return given or {}

    def _given_options(self, system: str, given: sources.Options) -> sources.Options:
        """The options of a system as plain values."""
        return {name: self._value(f"The option '{name}' of '{system}'", value) for name, value in given.items()}

    def _known(self, system: str, given: sources.Options) -> dict[str, t.Any]:
        """The options of a system that are no secrets, as far as they can be made out."""
        known = {}
        for name in set(given) - sources.secret_options(system):
            try:
                known[name] = self._value(name, given[name])
            except AnsibleParserError:
                continue
        return known

    def _value(self, what: str, given: t.Any) -> t.Any:
        """An option as a plain value, whether it is one, a template or a vault string.

        :raises AnsibleParserError: it cannot be made out. Its text may hold a secret, and is not shown.
        """
        try:
            return json.loads(json.dumps(self.templar.template(given), default=str))
        except AnsibleUndefinedVariable:
            reason = "it is a template with an undefined variable"
        except Exception as error:
            reason = f"its template or vault string cannot be read ({error.__class__.__name__})"
        raise AnsibleParserError(f"{what} cannot be made out: {reason}.")


class _Host(t.NamedTuple):
    """A connector as a host."""

    name: str
    record: Object
    item: Object


def _named(system: str, items: list[Object], thresholds: HealthThresholds, prefix: str) -> list[_Host]:
    """Return the hosts of a system, sorted by the names of their connectors, then by their ids."""
    records = [record_of(system, item, thresholds) for item in items]
    names = sources.host_names(system, records)
    if prefix:
        names = [host_name(prefix + name) for name in names]
    hosts = map(_Host, names, records, items)
    return sorted(hosts, key=lambda host: (host.record["name"] or "", host.record["id"] or ""))


def _renamed(hosts: list[_Host], others: OtherSources) -> list[_Host]:
    """Return the hosts with names that do not merge them with connectors of other sources."""
    names = others.distinct([host.name for host in hosts])
    return [host._replace(name=name) for host, name in zip(hosts, names)]
