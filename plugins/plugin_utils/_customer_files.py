# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Files of customers, as people or VOSS Automate write them, to the list that the module voss_spark_customers takes.

Pure functions of a file's content. No text that they raise holds the value of a cell or of an attribute: any of them
may be a secret.
"""

from __future__ import annotations

import csv
import io
import json
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.archive import NotAnExport, members
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.model import PASSWORDS, SETTINGS, is_shown
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.options import ATTRIBUTES

COLUMNS = ("name", "hierarchy", *(name for name, option in ATTRIBUTES.items() if option["type"] != "dict"))
SECRETS = tuple(name for name, option in ATTRIBUTES.items() if option.get("no_log"))
MODEL = "relation/SparkCustomer"


class UnusableFile(ValueError):
    """A file cannot be read as customers. The text says why, without a value."""


def from_csv(content: bytes) -> list[Object]:
    """The customers of a table whose first line names their attributes. An empty cell says nothing of its attribute.

    The cells are separated by whichever of comma, semicolon and tabulator is in the first line.

    :raises UnusableFile: the table is not of that form.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableFile("it is not text in UTF-8") from None
    header = text.lstrip("\r\n").partition("\n")[0]
    separator = next((one for one in ",;\t" if one in header), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    customers = []
    columns: list[str] = []
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if columns:
                customers.append(_row(columns, cells, reader.line_num))
            else:
                columns = _checked_columns(cells)
    except csv.Error as error:
        raise UnusableFile(f"line {reader.line_num} is not CSV: {error}") from None
    if not columns:
        raise UnusableFile("it is empty; its first line has to name the attributes")
    return customers


def _checked_columns(columns: list[str]) -> list[str]:
    if "name" not in columns:
        # What is in its place may be a customer with its secrets, so it is not shown.
        raise UnusableFile("its first line has to name the attributes, and does not have 'name'")
    unknown = sorted(set(columns) - set(COLUMNS))
    if unknown:
        raise UnusableFile(
            f"nothing is known of the columns {', '.join(map(repr, unknown))}; there are {', '.join(COLUMNS)}"
        )
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise UnusableFile(f"it has more than one column {', '.join(map(repr, twice))}")
    return columns


def _row(columns: t.Sequence[str], cells: t.Sequence[str], line: int) -> Object:
    if len(cells) != len(columns):
        raise UnusableFile(f"line {line} has {len(cells)} cells, and the first line has {len(columns)}")
    customer: Object = {column: cell for column, cell in zip(columns, cells) if cell}
    if "name" not in customer:
        raise UnusableFile(f"line {line} has no name")
    for column in customer:
        if ATTRIBUTES.get(column, {}).get("type") == "bool":
            try:
                customer[column] = boolean(customer[column])
            except TypeError:
                raise UnusableFile(f"in line {line}, '{column}' has to be true or false") from None
    return customer


def from_export(content: bytes, secrets: bool) -> list[Object]:
    """The customers of an export in JSON, zipped as VOSS Automate writes it or as it is inside.

    What has no option in the module is left out, since the server sets most of it by itself.

    :param secrets: whether proxies and tokens are taken as well, if the export shows them.
    :raises UnusableFile: it is no such export.
    """
    try:
        texts = [text for _name, text in members(content)] if content.startswith(b"PK") else [content]
    except NotAnExport as error:
        raise UnusableFile(f"it is {error}") from None
    documents = [document for document in map(_json, texts) if isinstance(document, dict)]
    resources = [document["resources"] for document in documents if isinstance(document.get("resources"), list)]
    if not resources:
        raise UnusableFile("it is no export in JSON: nothing in it has a list 'resources'")
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
        raise UnusableFile(f"its resource {number} is no customer with a name and a hierarchy") from None
    if model != MODEL:
        raise UnusableFile(f"its resource {number} is not of the model {MODEL}")
    taken = [name for name in SETTINGS if name not in ("name", *SECRETS)]
    if secrets:
        taken += [name for name in SECRETS if name not in PASSWORDS or is_shown(data, name)]
    return {**customer, **{name: data[name] for name in taken if data.get(name) is not None}}
