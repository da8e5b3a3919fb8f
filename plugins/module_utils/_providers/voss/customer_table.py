# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Write customers to a table that ``customer_files`` can read. A table does not contain secrets."""

from __future__ import annotations

import csv
import io
import re
import typing as t

from ..._errors import ConnectorsError
from ..._plan import shown
from ..._tables import marked
from ..._workbook import MAX_TEXT, workbook_from
from .model import OPEN_SETTINGS, Customer, place_of

COLUMNS = ("name", "hierarchy", *(name for name in OPEN_SETTINGS if name != "name"))
SHEET = "Customers"

# Control characters except tab and line feed, lone surrogates, and code points that are not valid in XML.
_UNSUPPORTED = re.compile("[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def table_of(customers: t.Iterable[Customer], is_workbook: bool) -> bytes:
    """Return a CSV file or a workbook with the customers, sorted by name.

    Values that a spreadsheet program would interpret, for example as a formula, are marked. The option ``src`` of the
    module ``voss_spark_customers`` accepts the file.

    :raises ConnectorsError: a value is not a scalar, contains a control character, or is too long for a workbook.
    :raises MissingLibrary: the library for workbooks is not installed.
    """
    ordered = sorted(customers, key=lambda customer: (str(customer["data"].get("name")), customer["pkid"]))
    rows = list(map(_row, ordered))
    if is_workbook:
        for customer, row in zip(ordered, rows):
            _refuse_long(customer, row)
        return workbook_from(SHEET, [COLUMNS, *rows])
    text = io.StringIO(newline="")
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue().encode("utf-8-sig")  # Excel detects UTF-8 only with a byte order mark


def _row(customer: Customer) -> list[str]:
    values = {**customer["data"], "hierarchy": place_of(customer)}
    row = []
    for column in COLUMNS:
        text = _text(values.get(column))
        if text is None or _UNSUPPORTED.search(text):
            cause = "contains a control character, or is not a string. Nothing was written. Correct the value, or use"
            raise _unwritable(customer, column, f"{cause} the format 'json'.")
        row.append(marked(text))
    return row


def _refuse_long(customer: Customer, row: t.Iterable[str]) -> None:
    """Check that a workbook can contain all values of a row.

    :raises ConnectorsError: a value is too long.
    """
    for column, text in zip(COLUMNS, row):
        if len(text) > MAX_TEXT:
            cause = f"has more than {MAX_TEXT} characters. Nothing was written. Use the format 'csv' or 'json'."
            raise _unwritable(customer, column, cause)


def _unwritable(customer: Customer, column: str, cause: str) -> ConnectorsError:
    """Return the error for a value that a table cannot contain.

    :param cause: the predicate of the sentence, followed by the remedy.
    """
    name = shown(customer["data"].get("name"))
    return ConnectorsError(
        f"Cannot write the customer '{name}' (pkid {customer['pkid']}) to a table: '{column}' {cause}",
        reason="invalid_response",
    )


def _text(value: object) -> str | None:
    """Return a scalar as a string, or None for any other value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else None
