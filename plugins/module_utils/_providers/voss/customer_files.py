# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Convert tables, JSON files and VOSS Automate exports to the format of the option ``customers``.

Error messages do not contain values of cells or attributes, because any value may be a secret.
"""

from __future__ import annotations

import functools
import itertools
import json
import operator
import re
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean

from ... import _tables
from ..._masked_values import masked_place
from ..._plan import Object, shown
from ..._tables import STANDARD, Columns, Rows, TableOptions, UnusableFile
from ..._unicode import has_surrogates, printable
from .model import OPEN_SETTINGS, PASSWORDS, is_shown, mapping
from .options import ATTRIBUTES

if t.TYPE_CHECKING:
    from ..._workbook import Sheet

Numbered = tuple[int, t.Sequence[str]]
FilledSheet = tuple["Sheet", t.Sequence[str], t.Iterator[Numbered]]

COLUMNS = Columns(
    ("name", "hierarchy", *(name for name, option in ATTRIBUTES.items() if option["type"] != "dict")),
    {"name": "a name"},
    "attributes",
)
IN_JSON = Columns(("name", "hierarchy", *ATTRIBUTES), COLUMNS.required, COLUMNS.what)
BOOLEANS = frozenset(name for name, option in ATTRIBUTES.items() if option["type"] == "bool")
MODEL = "relation/SparkCustomer"

_GZIP = b"\x1f\x8b"
# The first bytes of a zip archive with and without members. A CSV file can begin with the letters PK.
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0"
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
# Byte order marks, whitespace and the zero bytes of UTF-16, which can precede the first character of a JSON document.
_BEFORE_JSON = b"\0\xff\xfe\xef\xbb\xbf \t\r\n"
# Names of the files in an archive that the module must read completely, or reject.
_PARTS = (".json", ".csv")
# The first bytes of the additional files with which macOS stores attributes in an archive.
_APPLE_DOUBLE = b"\0\x05\x16\x07"
_WORKBOOK_PART = b"[Content_Types].xml"
_VAULT = b"$ANSIBLE_VAULT;"


def customers_from(
    content: bytes, options: TableOptions = STANDARD, absent: bool = False, secrets: bool = False
) -> list[Object]:
    """Return the customers in a file. The file format is detected from the content.

    Customers from an export or a bulk-load sheet also have the key ``pkid`` if the file contains it.

    :param absent: whether the customers are to be deleted, which determines the supported actions of a bulk-load sheet.
    :param secrets: whether to return proxies and tokens from an export.
    :raises UnusableFile: the file has an unknown format or is not valid. The message contains all problems.
    """
    if content.startswith(_VAULT):
        raise UnusableFile(
            "it is encrypted with Ansible Vault, and a module cannot decrypt files. Read the file with the lookup"
            " plugin hybrid.connectors.voss_spark_customers_file"
        )
    if content.startswith(_OLE):
        raise UnusableFile("it is password-protected or in an old format; save it as an Excel workbook (.xlsx)")
    if content.startswith((*_ZIP, _GZIP)):
        if content.startswith(_GZIP) or _WORKBOOK_PART in content:
            return from_workbook(content, options, absent)
        return from_export(content, secrets, with_pkids=True)
    if _JSON.match(content):
        return from_json(content, options, secrets)
    return from_csv(content, options)


def from_csv(content: bytes, options: TableOptions = STANDARD) -> list[Object]:
    """Return the customers in a CSV table. The first row contains the attribute names.

    Attributes with empty cells are omitted. The error message contains all errors in the file.

    :raises UnusableFile: the file is not such a table.
    """
    return _tables.read_table(content, COLUMNS, options, _with_booleans)


def _with_booleans(customer: Object, place: str) -> t.Iterator[str]:
    """Convert the boolean attributes of a row in place, and yield an error message for each invalid value."""
    for column in BOOLEANS & customer.keys():
        try:
            customer[column] = boolean(customer[column])
        except TypeError:
            yield f"in {place}, '{column}' must be true or false"


def from_workbook(content: bytes, options: TableOptions = STANDARD, absent: bool = False) -> list[Object]:
    """Return the customers in a workbook: a plain table, or sheets in the bulk-load layout of VOSS Automate.

    Sheets whose names begin with ``#`` are skipped. The error message contains all errors in the file.

    :raises UnusableFile: the file is not such a workbook, or openpyxl is not installed.
    """
    from . import bulk_load_sheet

    problems: list[str] = []
    customers: list[Object] = []
    sheets = _filled_sheets(content, options.sheet)
    if absent and options.sheet is None:
        _refuse_hidden(sheet for sheet, _first, _rows in sheets)
    for sheet, first, rows in sheets:
        if bulk_load_sheet.entity_row(first):
            customers += bulk_load_sheet.read_sheet(
                sheet, rows, MODEL, COLUMNS, options, absent, _with_booleans, problems
            )
        elif len(sheets) > 1:
            titles = _tables.listed(filled.title for filled, _first, _rows in sheets)
            raise UnusableFile(
                f"it contains {len(sheets)} sheets: {titles}. Select a sheet with 'sheet', or begin the name of each"
                " other sheet with '#'"
            )
        else:
            plain_rows = ((number, list(map(_tables.plain, cells))) for number, cells in sheet.checked(rows, absent))
            table = Rows(plain_rows, "row", sheet.title)
            customers += _tables.table_from(table, COLUMNS, options, _with_booleans, problems)
    _tables.refuse(problems)
    if not sheets:
        raise UnusableFile("it is a workbook that does not contain any values")
    return customers


def _refuse_hidden(sheets: t.Iterable[Sheet]) -> None:
    """Check that all sheets are visible, because the customers in the sheets are to be deleted.

    :raises UnusableFile: a sheet is hidden.
    """
    for sheet in sheets:
        if not sheet.is_visible:
            raise UnusableFile(
                f"the sheet '{sheet.title}' is hidden; show the sheet, begin its name with '#' if you want to keep its"
                " customers, or select a sheet with 'sheet'"
            )


def _filled_sheets(content: bytes, name: str | None) -> list[FilledSheet]:
    """Return each selected sheet that is not empty, with its first row and all its rows.

    :param name: the only sheet to read; None for all sheets whose names do not begin with ``#``.
    :raises UnusableFile: the file is not a workbook, or does not contain the sheet.
    """
    from ..._workbook import sheets_of

    sheets = sheets_of(_unpacked(content))
    titles = list(map(operator.attrgetter("title"), sheets))
    selected = [title for title in titles if not title.startswith("#")]
    if name is not None:
        selected = [name]
        if name not in titles:
            raise UnusableFile(f"it does not contain the sheet '{name}'; it contains {_tables.listed(titles)}")
    found: list[FilledSheet] = []
    for sheet in sheets:
        if sheet.title not in selected:
            continue
        rows = sheet.rows()
        first = next(rows, None)
        if first is not None:
            found.append((sheet, first[1], itertools.chain([first], rows)))
    return found


def from_json(content: bytes, options: TableOptions = STANDARD, secrets: bool = False) -> list[Object]:
    """Return the customers in a JSON document: an export, a list of customers, or an object with the key ``customers``.

    The error message contains all errors in the file.

    :raises UnusableFile: the file is not such a document.
    """
    document = _parsed(content)
    if isinstance(document, dict):
        resources = _resources(document)
        if resources is not None:
            return _exported([resources], secrets, with_pkids=True)
        document = document.get("customers")
    if not isinstance(document, list):
        raise UnusableFile(
            "it is neither a list of customers, nor an object with the list 'customers', nor a JSON export"
        )
    problems: list[str] = []
    renamed = _tables.renamed_columns(IN_JSON, options)
    unknown: set[str] = set()
    customers = []
    for number, entry in enumerate(document, 1):
        place = f"entry {number}"
        if isinstance(entry, dict):
            customers.append(_entry(entry, place, renamed, unknown, problems))
        else:
            problems.append(f"{place} is not an object")
    if unknown:
        raise _tables.unknown_columns(sorted(unknown), IN_JSON)
    _tables.refuse(problems)
    return customers


def _parsed(content: bytes) -> t.Any:
    def without_repetition(pairs: list[tuple[str, t.Any]]) -> Object:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise UnusableFile("it contains an object with duplicate keys")
        return found

    try:
        text = content.decode(json.detect_encoding(content))
        document = json.loads(text, object_pairs_hook=without_repetition)
    except (ValueError, RecursionError) as error:
        if isinstance(error, UnusableFile):
            raise
        place = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        problem = "it begins like JSON, but is not valid JSON" if _begins_like_json(content) else "it is not valid JSON"
        raise UnusableFile(f"{problem}{place}") from None
    if "\\u" in text:
        _refuse_surrogates(document)
    return document


def _begins_like_json(content: bytes) -> bool:
    return content.lstrip(_BEFORE_JSON).startswith((b"{", b"["))


def _entry(entry: Object, place: str, renamed: t.Mapping[str, str], unknown: set[str], problems: list[str]) -> Object:
    """Return the attributes of an entry in a JSON list. Add unknown keys to ``unknown``."""
    customer: Object = {}
    for key, value in entry.items():
        name = renamed.get(_tables.key_of(key), key)
        if name in customer:
            problems.append(f"{place} contains the attribute '{name}' more than once")
        elif name in IN_JSON.known:
            customer[name] = value
        elif name:
            unknown.add(key)
    return _converted(customer, place, problems)


def _converted(values: Object, place: str, problems: list[str]) -> Object:
    """Convert JSON attributes to the types of the options, and omit null values. Add problems to ``problems``."""
    customer = {name: value for name, value in values.items() if value is not None}
    for name, value in customer.items():
        if name in BOOLEANS:
            continue
        if name == "extra_attributes":
            if not isinstance(value, dict):
                problems.append(f"in {place}, '{name}' must be an object")
        elif isinstance(value, bool) or not isinstance(value, (str, int, float)):
            problems.append(f"in {place}, '{name}' must be a string")
        else:
            customer[name] = str(value)
    problems += _with_booleans(customer, place)
    if not str(customer.get("name", "")).strip():
        problems.append(f"{place} does not have a name")
    return customer


def _unpacked(content: bytes) -> bytes:
    """Decompress a file if necessary. VOSS Automate compresses its bulk-load template with gzip."""
    if not content.startswith(_GZIP):
        return content
    from . import archive

    try:
        return archive.unzipped(content)
    except archive.NotAnExport as error:
        raise UnusableFile(f"it is {error}") from None


def from_export(content: bytes, secrets: bool, with_pkids: bool = False) -> list[Object]:
    """Return the customers in a JSON export.

    The export is either a zip archive or the JSON document extracted from it. Only attributes with
    a module option are returned, because the server sets most of the others itself.

    :param secrets: whether to return proxies and tokens, if the export contains them.
    :param with_pkids: whether to return the pkids of the customers.
    :raises UnusableFile: the file is not a JSON export.
    """
    lists = []
    if content.startswith(_ZIP):
        lists = _lists_in_archive(content)
    elif _begins_like_json(content):
        resources = _resources(_parsed(content))
        lists = [] if resources is None else [resources]
    if not lists:
        raise UnusableFile("it is not a JSON export, because it does not contain the list 'resources'")
    return _exported(lists, secrets, with_pkids)


def _lists_in_archive(content: bytes) -> list[list[t.Any]]:
    """Return the resources of each JSON document in an archive. Ignore files that cannot contain customers.

    :raises UnusableFile: the archive is damaged, or a file in the archive can contain customers, but is not valid. If
        such a file was ignored, a task could delete its customers.
    """
    from . import archive

    try:
        parts = list(archive.members(content))
    except archive.NotAnExport as error:
        raise UnusableFile(f"it is {error}") from None
    return [_resources_of_part(name, data) for name, data in parts if _can_contain_customers(name, data)]


def _can_contain_customers(name: str, content: bytes) -> bool:
    if content.startswith(_APPLE_DOUBLE):
        return False
    return name.lower().endswith(_PARTS) or content.startswith((*_ZIP, _GZIP)) or _begins_like_json(content)


def _resources_of_part(name: str, content: bytes) -> list[t.Any]:
    """Return the resources in one file of an archive.

    :raises UnusableFile: the file is not a JSON export.
    """
    try:
        if content.startswith((*_ZIP, _GZIP)):
            raise UnusableFile("it is compressed itself")
        resources = _resources(_parsed(content))
        if resources is None:
            raise UnusableFile("it does not contain the list 'resources'")
    except UnusableFile as error:
        raise UnusableFile(
            f"it is an archive with the file '{shown(printable(name))}', which is not a JSON export, because {error}."
            " Replace this file, or remove it if it does not contain customers"
        ) from None
    return resources


def _resources(document: t.Any) -> list[t.Any] | None:
    """Return the list of resources in a JSON export, or None if the document is not an export."""
    resources = mapping(document).get("resources")
    return resources if isinstance(resources, list) else None


def _exported(lists: t.Iterable[list[t.Any]], secrets: bool, with_pkids: bool) -> list[Object]:
    """Return the customers in the lists of resources of an export.

    :raises UnusableFile: a resource is not a customer, or has an attribute with an invalid value.
    """
    problems: list[str] = []
    found: list[Object] = []
    for resource in itertools.chain.from_iterable(lists):
        place = f"resource {len(found) + 1}"
        found.append(_converted(_resource(resource, place, secrets, with_pkids), place, problems))
    _tables.refuse(problems)
    _refuse_surrogates(found)
    return found


def _refuse_surrogates(value: t.Any) -> None:
    if has_surrogates(value):
        raise UnusableFile("it contains an invalid Unicode character (lone surrogate)")


def _resource(resource: t.Any, place: str, secrets: bool, with_pkid: bool) -> Object:
    try:
        meta, data = resource["meta"], resource["data"]
        model, customer = meta.get("model_type", MODEL), {"name": data["name"], "hierarchy": meta["hierarchy"]}
    except (AttributeError, KeyError, TypeError):
        raise UnusableFile(f"{place} is not a customer with a name and a hierarchy") from None
    if model != MODEL:
        raise UnusableFile(f"{place} does not belong to the model {MODEL}")
    names = list(OPEN_SETTINGS)
    if secrets:
        returned = ("http_proxy", *filter(functools.partial(is_shown, data), PASSWORDS))
        names += [name for name in returned if masked_place(name, data.get(name)) is None]
    for name in names:
        if data.get(name) is not None:
            customer[name] = data[name]
    if with_pkid:
        customer["pkid"] = meta.get("pkid")
    return customer
