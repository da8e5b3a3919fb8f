# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read customers from tables and from VOSS Automate exports, in the format of the option ``customers``.

Error messages do not contain values of cells or attributes, because each value may be a secret.
"""

from __future__ import annotations

import functools
import json
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.archive import NotAnExport, members
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import (
    OPEN_SETTINGS,
    PASSWORDS,
    is_shown,
    mapping,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.options import ATTRIBUTES
from ansible_collections.hybrid.connectors.plugins.module_utils._tables import (
    STANDARD,
    Columns,
    TableOptions,
    UnusableFile,
    read_table,
)

__all__ = ["TableOptions", "UnusableFile", "from_csv", "from_export"]

COLUMNS = Columns(
    ("name", "hierarchy", *(name for name, option in ATTRIBUTES.items() if option["type"] != "dict")),
    {"name": "a name"},
    "attributes",
)
MODEL = "relation/SparkCustomer"


def from_csv(content: bytes, options: TableOptions = STANDARD) -> list[Object]:
    """Return the customers in a table. The first row contains the names of their attributes.

    Attributes with empty cells are omitted. The error message contains all errors in the file.

    :raises UnusableFile: the file is not such a table.
    """
    return read_table(content, COLUMNS, options, _with_booleans)


def _with_booleans(customer: Object, line: int) -> t.Iterator[str]:
    """Convert the boolean attributes of a row in place, and yield an error message for each invalid value."""
    for column in customer:
        if ATTRIBUTES.get(column, {}).get("type") == "bool":
            try:
                customer[column] = boolean(customer[column])
            except TypeError:
                yield f"in line {line}, '{column}' must be true or false"


def from_export(content: bytes, secrets: bool) -> list[Object]:
    """Return the customers in a JSON export: a zip archive or the JSON document inside it.

    Only attributes with a module option are returned, because the server sets most of the others itself.

    :param secrets: whether to return proxies and tokens, if the export contains them.
    :raises UnusableFile: the file is not a JSON export.
    """
    texts = [content]
    if content.startswith(b"PK"):
        try:
            texts = [text for _name, text in members(content)]
        except NotAnExport as error:
            raise UnusableFile(f"it is {error}") from None
    is_export = False
    found: list[Object] = []
    for text in texts:
        try:
            resources = mapping(json.loads(text)).get("resources")
        except (ValueError, RecursionError):
            continue
        if isinstance(resources, list):
            is_export = True
            for resource in resources:
                found.append(_resource(resource, len(found) + 1, secrets))
    if not is_export:
        raise UnusableFile("it is not a JSON export, because it does not contain the list 'resources'")
    return found


def _resource(resource: t.Any, number: int, secrets: bool) -> Object:
    try:
        meta, data = resource["meta"], resource["data"]
        model, customer = meta.get("model_type", MODEL), {"name": data["name"], "hierarchy": meta["hierarchy"]}
    except (AttributeError, KeyError, TypeError):
        raise UnusableFile(f"resource {number} is not a customer with a name and a hierarchy") from None
    if model != MODEL:
        raise UnusableFile(f"resource {number} does not belong to the model {MODEL}")
    names = list(OPEN_SETTINGS)
    if secrets:
        names += ["http_proxy", *filter(functools.partial(is_shown, data), PASSWORDS)]
    for name in names:
        if data.get(name) is not None:
            customer[name] = data[name]
    return customer
