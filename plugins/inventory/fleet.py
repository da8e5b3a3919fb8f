# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
short_description: Create an inventory of connectors from four systems
version_added: 1.0.0
description:
  - Creates a host for each connector of Apono, Hybrid Data Pipeline and Webex, and for each Webex customer of VOSS
    Automate. The plugin groups the hosts by system and by health.
  - The name of the inventory file must end in C(fleet.yml) or C(fleet.yaml). The plugin reads only the systems that the
    file specifies, and reads them in parallel. If the value of a system is empty, as in C(apono:), the plugin reads the
    options of the system from the environment.
  - The host name is C(<system>_<name>). If several connectors of a system have the same name, or if the host name would
    be the same as a group name, the host name is C(<system>_<name>_<id>). The plugin adds O(host_prefix) to the
    beginning of each host name.
  - Ansible merges hosts with the same name. If a different inventory file of this plugin has already added a host with
    this name, the plugin appends the name of the current file to the name of the new host, and emits a warning. If a
    different plugin has added the host, for example from a static inventory with more variables, Ansible merges the
    hosts, and the plugin emits a warning. The plugin cannot detect hosts from sources that Ansible parses later.
  - Host names, and group names from O(keyed_groups), can contain letters and digits of any script, underscores, dots
    and dashes. Each name is at most 200 bytes long. The plugin replaces all other characters with underscores, because
    Ansible uses names as file names and as patterns. If names or IDs differ only in replaced characters, the plugin
    adds a hash to the names.
  - Each host is in the groups C(<system>), C(<system>_<health>) and C(health_<health>).
  - The variable C(fleet) of a host contains its fleet record. See the filter P(hybrid.connectors.fleet#filter) for the
    fields of the record. The variable C(connector) contains the item from the list that the info module returns.
    C(ansible_host) is the host name or address of the connector, if the system returns it. The plugin does not set
    C(ansible_host) if the value, or the result of O(compose), is not a valid host name (RFC 1123) or IP address.
  - Ansible never evaluates strings from a service as templates.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
  - hybrid.connectors.fleet
options:
  plugin:
    description: Name of this plugin.
    type: str
    required: true
    choices: [hybrid.connectors.fleet]
  host_prefix:
    description:
      - Prefix of all host names. Use a prefix if a second inventory file reads the same system.
      - The prefix can contain letters, digits, C(_), C(.) and C(-), must not begin with a dot or a dash, and can have
        up to 50 characters. The plugin does not add the prefix to group names.
    type: str
    version_added: 1.0.0
  health:
    description: Add only connectors with one of these health values. By default, the plugin adds all connectors.
    type: list
    elements: str
    choices: [healthy, degraded, down, maintenance, unknown]
  stale_after_hours:
    description: A connector is degraded if its last access was more than this number of hours ago. This option applies
      to systems that report the time of the last access.
    type: float
    default: 24.0
    aliases: [stale_after]
  expiring_within_days:
    description: A connector is degraded if one of its tokens expires within this number of days. This option applies to
      systems that report when tokens expire.
    type: float
    default: 7.0
  strict_systems:
    description:
      - Whether the plugin fails if it cannot read one of the systems.
      - If V(false), the plugin emits a warning, and adds the hosts of the other systems. The plugin always fails if no
        system can be read, or if an option is not valid.
      - This option also applies to a system that is read only partly, because a Webex organization cannot be read. If
        V(false), the plugin adds the hosts of the other organizations, and does not store the incomplete list in the
        cache.
    type: bool
    default: false
notes:
  - The options of a system can contain templates and strings that are encrypted with Ansible Vault. Templates can use
    extra variables.
  - The cache contains the lists that the info modules return, without secrets. The plugin creates fleet records and
    groups from these lists in each run, so health values that depend on the time are current. Only the owner of a cache
    file can read the file.
  - If a cache entry cannot be read, for example because the file is empty or incomplete, the plugin emits a warning and
    reads the system.
  - With a valid cache entry, the plugin does not send requests and does not require credentials. The plugin reads a
    system again if the scope, the address or the user name of the system changes. The plugin cannot detect that a token
    belongs to a different account. Use O(cache_prefix) or C(--flush-cache) after you switch to a token of a different
    account. After C(--flush-cache), the plugin does not use the old lists again, even if it cannot read a system.
  - Expressions in O(compose), O(groups) and O(keyed_groups) have the same results as in other inventories, but the
    plugin evaluates most of them faster. The guide to this inventory lists the other expressions.
seealso:
  - plugin: hybrid.connectors.fleet
    plugin_type: filter
  - ref: ansible_collections.hybrid.connectors.docsite.inventory
    description: Guide to this inventory.
  - ref: ansible_collections.hybrid.connectors.docsite.inventory_plays
    description: Guide to using this inventory in plays.
"""

EXAMPLES = r"""
# attention.fleet.yml: unhealthy connectors, in groups by version and by cluster, with a cache
plugin: hybrid.connectors.fleet
webex:
  access_token: "{{ lookup('ansible.builtin.env', 'OUR_WEBEX_TOKEN') }}"
  org_ids: all
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
  - key: fleet.org
    prefix: org
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/fleet

# connectors.fleet.yml: all systems, with credentials from the environment, for example APONO_PERSONAL_TOKEN
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
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HEALTHS, HealthThresholds, record_of
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet_reader import Reading, read_all, sources_of
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.module_utils._session import REQUESTS_IMPORT_ERROR
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import one_line
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _sources as sources
from ansible_collections.hybrid.connectors.plugins.plugin_utils._construct import construct, prepare
from ansible_collections.hybrid.connectors.plugins.plugin_utils._other_sources import OtherSources, checked_prefix
from ansible_collections.hybrid.connectors.plugins.plugin_utils._sanitize import inventory_name
from ansible_collections.hybrid.connectors.plugins.plugin_utils._template_data import as_data, without_origin

VARIABLES = ("fleet", "connector", "ansible_host")
EXPRESSIONS = ("compose", "groups", "keyed_groups")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Inventory plugin that adds one host for each connector."""

    NAME = "hybrid.connectors.fleet"

    def __init__(self) -> None:
        super().__init__()
        self._written: list[str] = []

    def verify_file(self, path: str) -> bool:
        """Return whether an inventory file exists and has a name that this plugin supports."""
        exists = super().verify_file(path)  # type: ignore[no-untyped-call]
        return bool(exists) and path.endswith(("fleet.yml", "fleet.yaml"))

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        """Read the options from the inventory file, and resolve templates and vault strings.

        The plugin resolves the options for each system later, because they may not be needed if a cache is used.

        :raises AnsibleParserError: the file contains an unknown option, or a value cannot be resolved.
        """
        given = direct or {}
        try:
            sources.check_names(given, self.option_definitions)
        except InputError as error:
            raise AnsibleParserError(error.message) from error
        resolved = {}
        for name, value in given.items():
            if name in EXPRESSIONS:
                resolved[name] = without_origin(value)
            elif name not in PROVIDERS:
                resolved[name] = self._value(f"the option '{name}'", value)
        super().set_options(task_keys, var_options, resolved)  # type: ignore[no-untyped-call]

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Add the hosts from an inventory file to the inventory; see :class:`BaseInventoryPlugin`."""
        super().parse(inventory, loader, path, cache)
        extra_vars = load_extra_vars(loader)
        self.templar.available_variables = extra_vars
        config = self._read_config_data(path)  # type: ignore[no-untyped-call]
        given = {system: self._section(system, config[system]) for system in PROVIDERS if system in config}
        if not given:
            raise AnsibleParserError(
                f"The file {path} does not specify a system. Specify one or more of {', '.join(PROVIDERS)}."
            )
        try:
            prefix = checked_prefix(self._option("host_prefix"))
            lists = self._lists(given, path, cache)
            hosts = self._hosts(lists, prefix)
        except InputError as error:
            raise AnsibleParserError(error.message) from error
        others = OtherSources(inventory, path)
        names = others.distinct([host.name for host in hosts])
        prepare(self, VARIABLES, self.display.warning, names, extra_vars)
        for system in lists:
            inventory.add_group(system)
        added = self._populate(names, hosts)
        for warning in others.warnings(added):
            self._warn(warning)

    def update_cache_if_changed(self) -> None:
        """Write the cache. If the cache uses files, allow only their owner to read them."""
        super().update_cache_if_changed()
        sources.protect(self._cache, self._written)

    def _hosts(self, lists: t.Mapping[str, list[Object]], prefix: str) -> list[_Host]:
        """Return the hosts for all systems, sorted by system, then by connector name and ID.

        :raises InputError: an option is not valid.
        """
        hours, days = self._option("stale_after_hours"), self._option("expiring_within_days")
        thresholds = HealthThresholds(datetime.now(timezone.utc), hours, days)
        hosts: list[_Host] = []
        for system, items in lists.items():
            records = [record_of(system, item, thresholds) for item in items]
            names = sources.host_names(system, records)
            if prefix:
                names = [inventory_name(prefix + name) for name in names]
            hosts += sorted(map(_Host, names, records, items), key=_order)
        return hosts

    def _lists(self, given: t.Mapping[str, sources.Options], path: str, cache: bool) -> dict[str, list[Object]]:
        """Return the connectors of each system, either from the cache or from the system's API.

        :raises InputError: an option is not valid.
        """
        lists = {}
        entries = {}
        missing = {}
        for system, options in given.items():
            sources.check(system, options)
            known = self._known(system, options)
            entries[system] = sources.cache_key(path, system, known), sources.account(system, known)
            found = self._cached(system, *entries[system]) if cache else None
            if found is None:
                missing[system] = options
            else:
                lists[system] = found
        if not cache:
            self._invalidate([key for key, _account in entries.values()])
        readings = self._read(missing, path)
        self._report_problems(readings, len(given))
        for system, reading in readings.items():
            if reading.items is None:
                continue
            lists[system] = reading.items
            if not reading.error:
                self._keep(reading.items, *entries[system])
        return dict(sorted(lists.items()))

    def _read(self, given: t.Mapping[str, sources.Options], path: str) -> dict[str, Reading]:
        """Read the connectors of several systems in parallel.

        :raises InputError: an option is not valid.
        """
        if given and REQUESTS_IMPORT_ERROR:
            raise AnsibleParserError(missing_required_lib("requests"))
        resolved = {}
        for system, options in given.items():
            plain = {name: self._value(f"the option '{name}' of '{system}'", value) for name, value in options.items()}
            resolved[system] = sources.with_paths_beside(path, system, plain)
        return read_all(sources_of(resolved))

    def _cached(self, system: str, key: str, account: t.Mapping[str, str]) -> list[Object] | None:
        """Return the cached connectors of a system, or None if the cache entry does not exist or cannot be read."""
        if not self._option("cache"):
            return None
        try:
            entry = self._cache.get(key)
        except Exception as error:  # a cache plugin can raise any exception from its libraries
            cause = one_line(str(error) or type(error).__name__)
            title = PROVIDERS[system].title
            self._warn(f"Cannot read the cached list of {title}: {cause}. The plugin requests a new list.")
            return None
        # Ansible writes each entry that it has loaded. This would reset the age of the entry, and allow other users to
        # read the file.
        self._cache.pop(key, None)
        return sources.cached_items(entry, account)

    def _invalidate(self, keys: t.Sequence[str]) -> None:
        """Replace cache entries with empty entries, so that they are not used again if the next read fails."""
        if not self._option("cache"):
            return
        for key in keys:
            self._cache[key] = {}
        self.set_cache_plugin()
        sources.protect(self._cache, keys)
        for key in keys:
            self._cache.pop(key, None)

    def _keep(self, items: list[Object], key: str, account: t.Mapping[str, str]) -> None:
        """Store the connectors of a system in the cache if the cache is enabled."""
        if self._option("cache"):
            self._cache[key] = sources.cache_entry(items, account)
            self._written.append(key)

    def _report_problems(self, readings: t.Mapping[str, Reading], total: int) -> None:
        """Emit a warning for each system that could not be read.

        :param total: the number of systems in the file, including those that are read from the cache.
        :raises AnsibleParserError: a system could not be read and ``strict_systems`` is true, no system could be read,
            or an option is not valid.
        """
        problems: list[str] = []
        unread = 0
        is_fatal = bool(self._option("strict_systems"))
        for system, reading in readings.items():
            title = PROVIDERS[system].title
            for warning in reading.warnings:
                self._warn(f"{title}: {warning}")
            if reading.error:
                completely = "" if reading.items is None else " completely"
                problems.append(f"{title} was not read{completely}: {reading.error.message}")
                unread += reading.items is None
                is_fatal |= reading.is_misconfigured
        is_fatal |= unread == total
        if problems and is_fatal:
            raise AnsibleParserError(" ".join(problems))
        for problem in problems:
            self._warn(problem)

    def _warn(self, message: str) -> None:
        self.display.warning(f"{self.NAME}: {message}")

    def _populate(self, names: t.Iterable[str], hosts: t.Iterable[_Host]) -> set[str]:
        """Add hosts with their variables and groups, and return the names of the added hosts."""
        inventory: t.Any = self.inventory
        healths = self._option("health") or HEALTHS
        added = set()
        for name, host in zip(names, hosts):
            health = host.record["health"]
            if health not in healths:
                continue
            added.add(name)
            variables = as_data({"fleet": host.record, "connector": host.item})
            if host.record["host"]:
                variables["ansible_host"] = variables["fleet"]["host"]
            inventory.add_host(name)
            for variable, value in variables.items():
                inventory.hosts[name].set_variable(variable, value)
            for group in sources.groups_of(host.record["system"], health):
                inventory.add_host(name, inventory.add_group(group))
            construct(self, name, variables)
        return added

    def _option(self, name: str) -> t.Any:
        return self.get_option(name)  # type: ignore[no-untyped-call]

    def _section(self, system: str, given: t.Any) -> sources.Options:
        """Return the options that the inventory file sets for a system."""
        if isinstance(given, str):
            given = self._value(f"'{system}'", given)
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            raise AnsibleParserError(f"Option '{system}' must be a dictionary of options, or empty.")
        return given

    def _known(self, system: str, given: sources.Options) -> dict[str, t.Any]:
        """Return the non-secret options of a system. Options that cannot be resolved are omitted."""
        known = {}
        for name in set(given) - PROVIDERS[system].connection.secret_options:
            try:
                known[name] = self._value(name, given[name])
            except AnsibleParserError:
                continue
        return known

    def _value(self, what: str, given: t.Any) -> t.Any:
        """Resolve the templates and vault strings in an option value, and return plain data.

        :raises AnsibleParserError: the value cannot be resolved. The message does not contain the value, because the
            value can contain a secret.
        """
        try:
            return json.loads(json.dumps(self.templar.template(given), default=str))
        except AnsibleUndefinedVariable:
            reason = "its template contains an undefined variable"
        except Exception as error:
            reason = f"its template or vault string is not valid ({error.__class__.__name__})"
        raise AnsibleParserError(f"Cannot resolve {what}: {reason}.")


class _Host(t.NamedTuple):
    """An inventory host that represents a connector."""

    name: str
    record: Object
    item: Object


def _order(host: _Host) -> tuple[str, str]:
    return host.record["name"] or "", host.record["id"] or ""
