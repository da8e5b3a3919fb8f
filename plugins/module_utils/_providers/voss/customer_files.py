# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read files of customers, CSV tables and exports of VOSS Automate, as the list that voss_spark_customers takes.

Pure functions of a file's content. No error message contains the value of a cell or of an attribute, because any of
them may be a secret.
"""

from __future__ import annotations

import json
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.archive import NotAnExport, members
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import (
    PASSWORDS,
    SETTINGS,
    is_shown,
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
SECRETS = tuple(name for name, option in ATTRIBUTES.items() if option.get("no_log"))
MODEL = "relation/SparkCustomer"


def from_csv(content: bytes, options: TableOptions = STANDARD) -> list[Object]:
    """Return the customers of a table whose header row names their attributes.

    An empty cell leaves its attribute out. All problems of a file are reported together, each with its line.

    :raises UnusableFile: the table is not of that form.
    """
    return read_table(content, COLUMNS, options, _with_booleans)


def _with_booleans(customer: Object, line: int) -> t.Iterator[str]:
    """Convert the attributes of a row that are booleans, and yield what is wrong with them."""
    for column in customer:
        if ATTRIBUTES.get(column, {}).get("type") == "bool":
            try:
                customer[column] = boolean(customer[column])
            except TypeError:
                yield f"in line {line}, '{column}' must be true or false"


def from_export(content: bytes, secrets: bool) -> list[Object]:
    """Return the customers of an export in JSON, as the zip archive that VOSS Automate writes or as the JSON in it.

    Attributes without an option of the module are left out, because the server sets most of them by itself.

    :param secrets: whether proxies and tokens are read as well, if the export shows them.
    :raises UnusableFile: it is not such an export.
    """
    try:
        texts = [text for _name, text in members(content)] if content.startswith(b"PK") else [content]
    except NotAnExport as error:
        raise UnusableFile(f"it is {error}") from None
    documents = [document for document in map(_json, texts) if isinstance(document, dict)]
    resources = [document["resources"] for document in documents if isinstance(document.get("resources"), list)]
    if not resources:
        raise UnusableFile("it is not an export in JSON: it does not contain a list 'resources'")
    return [
        _resource(resource, number, secrets)
        for number, resource in enumerate((one for some in resources for one in some), 1)
    ]


def _json(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _resource(resource: t.Any, number: int, secrets: bool) -> Object:
    try:
        meta, data = resource["meta"], resource["data"]
        model, customer = meta.get("model_type", MODEL), {"name": data["name"], "hierarchy": meta["hierarchy"]}
    except (AttributeError, KeyError, TypeError):
        raise UnusableFile(f"its resource {number} is not a customer with a name and a hierarchy") from None
    if model != MODEL:
        raise UnusableFile(f"its resource {number} is not of the model {MODEL}")
    taken = [name for name in SETTINGS if name not in ("name", *SECRETS)]
    if secrets:
        taken += [name for name in SECRETS if name not in PASSWORDS or is_shown(data, name)]
    return {**customer, **{name: data[name] for name in taken if data.get(name) is not None}}
