# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""The lists of the info modules, read on the controller, for plugins that are no tasks."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import LISTS
from ansible_collections.hybrid.connectors.plugins.module_utils._http import Link
from ansible_collections.hybrid.connectors.plugins.module_utils._module import (
    Function,
    Result,
    Spec,
    answer,
    module_called,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import Stop
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import plain_data

MODULES = {
    "apono": "apono_connector_info",
    "hdp": "hdp_connector_info",
    "voss": "voss_spark_customer_info",
    "webex": "webex_hybrid_connector_info",
}
DEFAULTS: dict[str, Object] = {"hdp": {"details": True}, "voss": {"hierarchy": "sys"}}


def spec_of(system: str) -> Spec:
    """The options of a system's info module."""
    return module_called(MODULES[system])[0]


def check(system: str, options: t.Mapping[str, t.Any]) -> None:
    """Find out before anything is sent whether a system can be read with these options.

    :raises ConnectorsError: it cannot; no secret is in it.
    """
    _answer(system, system, lambda params, context: {}, options)


def read(
    system: str, options: t.Mapping[str, t.Any], warn: t.Callable[[str], None], stop: Stop | None = None
) -> list[Object]:
    """Return the list that the info module of a system returns for these options; HDP's with its details.

    :param stop: the switch that ends this reading, from another thread. It is of no use afterwards.
    :raises ConnectorsError: the options are wrong, or the system cannot be read; no secret is in it.
    """
    name = MODULES[system]
    result = _answer(system, name, module_called(name)[1], options, warn, stop)
    items: list[Object] = plain_data(result[LISTS[system]])
    return items


def _answer(
    system: str,
    name: str,
    function: Function,
    options: t.Mapping[str, t.Any],
    warn: t.Callable[[str], None] = lambda warning: None,
    stop: Stop | None = None,
) -> Result:
    given = {**DEFAULTS.get(system, {}), **options}
    result = answer(spec_of(system), function, given, name, True, functools.partial(Link, stop=stop))
    for warning in result.get("warnings", ()):
        warn(warning)
    if result.get("failed"):
        failure = result.get("failure") or {}
        raise ConnectorsError(result["msg"], {"failure": failure}, failure.get("reason"))
    return result
