# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Convert the keys of vendor APIs from camel case to snake case.

``camel_dict_to_snake_dict`` from ansible.module_utils returns the same names for all documented keys except ``...IDs``.
This module does not use that function, because its run time grows quadratically with the length of a key, and a service
controls this length.
"""

from __future__ import annotations

import functools
import re
import typing as t

# Longer keys are not cached, because a service controls their length.
MAX_CACHED = 100


def snake_case(name: str) -> str:
    """Convert a key to snake case, for example ``connectorID`` to ``connector_id``."""
    return _converted(name) if len(name) <= MAX_CACHED else _converted.__wrapped__(name)


@functools.lru_cache(maxsize=4096)
def _converted(name: str) -> str:
    if name.islower():
        return name.replace("-", "_")
    name = re.sub(r"IDs(?![a-z])", "Ids", name)
    name = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return name.replace("-", "_").lower()


def snake_cased(value: t.Any) -> t.Any:
    """Convert all keys to snake case, at any depth. The values are not changed."""
    if isinstance(value, dict):
        return {snake_case(str(key)): snake_cased(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(snake_cased, value))
    return value
