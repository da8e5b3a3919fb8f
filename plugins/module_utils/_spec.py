# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the options of modules, and the rules for combining them."""

from __future__ import annotations

import dataclasses
import os
import typing as t
from operator import attrgetter

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ._connection import Connection, Option

Options = t.Mapping[str, t.Mapping[str, t.Any]]
Params = t.Mapping[str, t.Any]
Result = dict[str, t.Any]

RULES = ("mutually_exclusive", "required_one_of", "required_together", "required_by", "required_if")


def from_environment(variable: str) -> str:
    """Return the value of an environment variable as the fallback for an option.

    :raises AnsibleFallbackNotFound: the variable is not set, or is empty.
    """
    value = os.environ.get(variable)
    if not value:
        raise AnsibleFallbackNotFound
    return value


@dataclasses.dataclass(frozen=True)
class Spec:
    """The options of a module, the rules for combining them, and the connection that the module uses.

    ``connection`` is None for a module without connection options of its own. ``documents`` contains the names of
    options and results that contain entire files. These values are not searched for secrets and are not logged.
    ``plain`` contains dictionary options whose keys are chosen by the user, such as the IDs of connectors. Their values
    are not secret, even if a key contains a word such as ``token``. A suboption is specified as ``option.suboption``.
    """

    connection: Connection | None
    options: Options
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    required_one_of: tuple[tuple[str, ...], ...] = ()
    required_together: tuple[tuple[str, ...], ...] = ()
    required_by: t.Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    required_if: tuple[tuple[t.Any, ...], ...] = ()
    documents: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()

    @property
    def system(self) -> str | None:
        """The name of the system, or None for a module without connection options."""
        return self.connection.name if self.connection else None

    def arguments(self) -> dict[str, t.Any]:
        """Return the keyword arguments for :class:`AnsibleModule`, including the connection options and the rules."""
        return {
            "argument_spec": {**self._connection(), **{name: dict(entry) for name, entry in self.options.items()}},
            **self._rules(),
            "supports_check_mode": True,
        }

    def as_option(self) -> dict[str, t.Any]:
        """Return the argument spec of a dictionary option that has all of these options as suboptions.

        The caller validates the dictionary with :meth:`arguments`, which reads the environment. Here, optional
        suboptions without a default have no environment fallbacks, so that the caller can distinguish options, for
        example credentials, from environment variables.
        """
        options = self.arguments()["argument_spec"]
        for option in options.values():
            if not option.get("required") and option.get("default") is None:
                option.pop("fallback", None)
        return {"type": "dict", "options": options, **self._rules()}

    def _connection(self) -> dict[str, dict[str, t.Any]]:
        if self.connection is None:
            return {}
        return {option.name: _entry(option) for option in self.connection.options}

    def _rules(self) -> dict[str, t.Any]:
        return dict(zip(RULES, attrgetter(*RULES)(self)))


def _entry(option: Option) -> dict[str, t.Any]:
    """Return the argument spec of a connection option."""
    entry: dict[str, t.Any] = {"type": option.type}
    if option.default is not None:
        entry["default"] = option.default
    if option.required:
        entry["required"] = True
    if option.secret:
        entry["no_log"] = True
    if option.env:
        entry["fallback"] = (from_environment, [option.env])
    return entry
