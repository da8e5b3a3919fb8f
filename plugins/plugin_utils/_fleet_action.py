# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Apply the ``module_defaults`` of each system to modules that read from several systems."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ..module_utils._providers._base import Provider
from ..module_utils._providers.registry import PROVIDERS
from . import _in_process

COLLECTION = "hybrid.connectors"


class ActionModule(_in_process.ActionModule):
    """Action plugin for a module that has one dictionary option for each system."""

    def _arguments(self) -> dict[str, t.Any]:
        """Return the arguments, with module defaults added for each specified system."""
        arguments = dict(super()._arguments())
        for name, provider in PROVIDERS.items():
            given = arguments.get(name)
            if isinstance(given, Mapping):
                arguments[name] = {**self._defaults(provider), **given}
        return arguments

    def _defaults(self, provider: Provider) -> dict[str, t.Any]:
        """Return the defaults for the info module of a system. Module defaults take precedence over group defaults.

        The defaults do not contain filters by health, because connectors would then disappear instead of recovering.
        """
        groups = (f"group/{COLLECTION}.all", f"group/{COLLECTION}.{provider.name}")
        levels: dict[str, t.Any] = {}
        for level in self._task.module_defaults or ():
            levels.update(level)
        found: dict[str, t.Any] = {}
        for key in (*groups, f"{COLLECTION}.{provider.info_module}"):
            found.update(self._templar.template(levels.get(key)) or {})
        found = _without_omitted(found, self._templar.available_variables.get("omit"))
        for name in provider.health_filters:
            found.pop(name, None)
        return found


def _without_omitted(value: t.Any, placeholder: object) -> t.Any:
    """Return a value without the placeholders of omitted values, at any depth.

    Before ansible-core 2.19, the variable ``omit`` is a placeholder. Ansible removes it from the arguments of a task
    before it calls the action plugin, but the module defaults of the systems are added later.

    :param placeholder: the value of the variable ``omit``, or None if this ansible-core version has no placeholder.
    """
    if placeholder is None:
        return value
    if isinstance(value, Mapping):
        return {key: _without_omitted(item, placeholder) for key, item in value.items() if item != placeholder}
    if isinstance(value, list):
        return [_without_omitted(item, placeholder) for item in value if item != placeholder]
    return value
