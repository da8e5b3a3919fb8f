# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read tables from CSV files and from the rows of a workbook.

The functions have no side effects. Error messages do not contain cell values, because a value can be a secret.
"""

from __future__ import annotations

import dataclasses
import io
import re
import typing as t
import unicodedata
from collections import Counter

DELIMITERS = ",;\t|"
MAX_PROBLEMS = 20
MAX_CELL = 1024 * 1024

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATOR_LINE = re.compile(r"\s*sep=([,;|\t])[ \t]*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
# Spreadsheet programs interpret a cell that begins with one of these characters as a formula.
# Some programs also accept the full-width characters.
_CALCULATED = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_MARKED = re.compile(f"'+{_CALCULATED}")
_NEEDS_MARK = re.compile(f"'*{_CALCULATED}")

Row = dict[str, t.Any]


class UnusableFile(ValueError):
    """The file is not a valid table or export. The message does not contain values from the file."""


class MissingLibrary(UnusableFile):
    """The library that reads the file is not installed."""


class UnreadableCell(str):
    """A cell whose value is not text, a number or a boolean. The string describes the problem.

    A table can contain such cells in ignored columns.
    """


@dataclasses.dataclass(frozen=True)
class TableOptions:
    """Options for reading a table.

    :ivar encoding: the encoding of a CSV file; None for UTF-8, or for UTF-16 with a byte order mark.
    :ivar delimiter: the cell delimiter of a CSV file; None to detect it.
    :ivar sheet: the name of the sheet of a workbook.
    :ivar columns: a mapping from column names in the table to attribute names.
    :ivar ignore_columns: names of columns to ignore.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    columns: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    ignore_columns: t.Sequence[str] = ()


STANDARD = TableOptions()


@dataclasses.dataclass(frozen=True)
class Columns:
    """The known and required columns of a table.

    :ivar known: the names of all columns.
    :ivar required: the columns that must have a value in each row, each with a noun phrase for the value (``a name``).
    :ivar what: the plural noun for columns in messages, for example ``attributes``.
    """

    known: t.Sequence[str]
    required: t.Mapping[str, str]
    what: str = "columns"


@dataclasses.dataclass(frozen=True)
class Rows:
    """The numbered rows of a table.

    :ivar unit: the word for a row in messages, for example ``line``.
    :ivar sheet: the name of the sheet of a workbook, for messages; empty for a CSV file.
    """

    numbered: t.Iterable[tuple[int, t.Sequence[str]]]
    unit: str = "line"
    sheet: str = ""

    def at(self, number: int) -> str:
        """Return the position of a row as shown in messages, for example ``line 2``."""
        return f"{self.unit} {number}{self._suffix}"

    @property
    def first(self) -> str:
        """The position of the header row as shown in messages."""
        return f"the first {self.unit}{self._suffix}"

    @property
    def _suffix(self) -> str:
        return f" of the sheet '{self.sheet}'" if self.sheet else ""


# A function that returns the problems in a row, and may convert the values in the row.
# The parameters are the row and its position for messages.
Check = t.Callable[[Row, str], t.Iterable[str]]


def unchecked(_row: Row, _place: str) -> tuple[str, ...]:
    """Accept any row by returning no problems."""
    return ()


def read_table(
    content: bytes, columns: Columns, options: TableOptions = STANDARD, check: Check = unchecked
) -> list[Row]:
    """Return the rows of a CSV file that has a header row. Empty cells are omitted.

    :raises UnusableFile: the table is not valid. The message lists the first problems with their line numbers.
    """
    problems: list[str] = []
    rows = table_from(csv_rows(content, options), columns, options, check, problems)
    refuse(problems)
    return rows


def table_from(rows: Rows, columns: Columns, options: TableOptions, check: Check, problems: list[str]) -> list[Row]:
    """Return the rows of a table that has a header row. Empty cells are omitted.

    :param problems: receives the problems in individual rows. The other rows are still read.
    :raises UnusableFile: the header row is missing or not valid.
    """
    header: list[str | None] | None = None
    found: list[Row] = []
    for number, cells in rows.numbered:
        if not any(cells):
            continue
        if header is None:
            header = _header(cells, columns, options, rows.first)
            continue
        place = rows.at(number)
        row = _row(header, cells, place, columns, problems)
        if row is not None:
            problems += check(row, place)
            found.append(row)
    if header is None:
        raise UnusableFile(f"it is empty; {rows.first} must contain the names of the {columns.what}")
    return found


def refuse(problems: t.Sequence[str]) -> None:
    """Raise an error if there are problems.

    :raises UnusableFile: there are problems. The message lists the first :data:`MAX_PROBLEMS` of them.
    """
    if problems:
        listed = list(problems[:MAX_PROBLEMS])
        if len(problems) > MAX_PROBLEMS:
            listed.append(f"and {len(problems) - MAX_PROBLEMS} more problems")
        raise UnusableFile("; ".join(listed))


def csv_rows(content: bytes, options: TableOptions) -> Rows:
    """Return the rows of a CSV file.

    :raises UnusableFile: the file is not text in a known encoding.
    """
    text, delimiter, skipped = _delimited(_decoded(content, options.encoding), options.delimiter)
    return Rows(_rows(text, delimiter, skipped))


def _decoded(content: bytes, encoding: str | None) -> str:
    if content.startswith(_WORKBOOKS):
        raise UnusableFile("it is an Excel workbook, not a CSV file; save it as 'CSV UTF-8' in Excel")
    known = encoding or next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(known)
        if encoding:
            text.encode()  # some encodings can result in lone surrogates
    except LookupError:
        raise UnusableFile(f"the encoding '{encoding}' does not exist; examples are utf-8, utf-16 and cp1252") from None
    except UnicodeError as error:
        line = content[: getattr(error, "start", 0)].count(b"\n") + 1
        problem = f"line {line} is not valid {known.replace('-sig', '').upper()}"
        if not encoding:
            problem += "; if Excel wrote the file, set the encoding to cp1252, or save the file as 'CSV UTF-8'"
        raise UnusableFile(problem) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnusableFile(
            f"line {line} contains a NUL character; if the file is UTF-16, set the encoding to utf-16-le"
        )
    return text.lstrip("\ufeff")


def _delimited(text: str, delimiter: str | None) -> tuple[str, str, int]:
    """Remove Excel's ``sep=`` line, and return the table, the delimiter and the number of removed lines.

    If ``delimiter`` is None, the ``sep=`` line sets the delimiter. Without this line, the delimiter is the character
    in :data:`DELIMITERS` that occurs most often in the header row, outside quoted cells.
    """
    declared = _SEPARATOR_LINE.match(text)
    skipped = 0
    if declared:
        skipped = len(re.findall(r"\r\n|\r|\n", declared[0]))
        text = text[declared.end() :]
        delimiter = delimiter or declared[1]
    if delimiter is None:
        header = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
        outside = re.sub(r'"[^"]*"', "", header)
        delimiter = max(DELIMITERS, key=outside.count)
    return _without_blanks_after_quotes(text, delimiter), delimiter, skipped


def _without_blanks_after_quotes(text: str, delimiter: str) -> str:
    """Remove spaces between quoted cells and delimiters, because the csv module rejects them in strict mode."""
    if not re.search('"[ \t]', text):
        return text
    border = rf"[{re.escape(delimiter)}\r\n]"
    blanks = " " if delimiter == "\t" else " \t"
    quoted = rf'(^|{border})[{blanks}]*("(?:[^"]|"")*")[{blanks}]*(?={border}|\Z)'
    return re.sub(quoted, r"\1\2", text)


def _rows(text: str, delimiter: str, skipped: int) -> t.Iterator[tuple[int, list[str]]]:
    """Yield the line number and the stripped cells of each row."""
    import csv

    csv.field_size_limit(MAX_CELL)
    convert = plain if "=" in text or "'" in text else str.strip  # str.strip is faster and gives the same results
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    number = skipped + 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnusableFile(f"line {skipped + reader.line_num} is not valid CSV: {error}") from None
        if cells is None:
            return
        yield number, list(map(convert, cells))
        number = skipped + reader.line_num + 1


def plain(cell: str) -> str:
    """Return the plain value of a cell, without the mark from :func:`marked` or Excel's ``="00123"`` notation."""
    if isinstance(cell, UnreadableCell):
        return cell
    cell = cell.strip()
    if not cell.startswith(("=", "'")):
        return cell
    formula = _TEXT_FORMULA.fullmatch(cell)
    if formula:
        return formula[1].replace('""', '"')
    return cell[1:] if _MARKED.match(cell) else cell


def marked(value: str) -> str:
    """Mark a value so that spreadsheet programs do not interpret it as a formula. :func:`plain` restores the value."""
    if value != value.strip():
        quoted = value.replace('"', '""')
        return f'="{quoted}"'
    if _NEEDS_MARK.match(value):
        return f"'{value}"
    return value


def key_of(column: str) -> str:
    """Return the normalized name of a column, for example ``account_email`` for ``Account Email``."""
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", column).strip()).casefold()


def _header(cells: t.Sequence[str], columns: Columns, options: TableOptions, place: str) -> list[str | None]:
    """Return the attribute for each column, an empty string for an ignored column, or None for an unnamed column.

    :raises UnusableFile: a column is unknown or occurs twice, or a required column is missing.
    """
    renamed = renamed_columns(columns, options)
    header: list[str | None] = []
    for cell in cells:
        if isinstance(cell, UnreadableCell):
            raise UnusableFile(str(cell))
        key = key_of(cell)
        header.append(renamed.get(key, key or None))
    _check_header(header, cells, columns, place)
    return header


def renamed_columns(columns: Columns, options: TableOptions) -> dict[str, str]:
    """Map each normalized column name in the options to an attribute, or to an empty string if it is ignored.

    :raises UnusableFile: the options map a column to an unknown attribute.
    """
    renamed = {key_of(str(column)): str(attribute) for column, attribute in options.columns.items()}
    wrong = sorted(set(renamed.values()) - set(columns.known))
    if wrong:
        raise UnusableFile(
            f"'columns' contains the unknown {columns.what} {listed(wrong)}; the known {columns.what} are"
            f" {', '.join(columns.known)}"
        )
    renamed.update(dict.fromkeys(map(key_of, options.ignore_columns), ""))
    return renamed


def _check_header(header: t.Sequence[str | None], cells: t.Sequence[str], columns: Columns, place: str) -> None:
    for name in columns.required:
        if name not in header:
            # The message does not contain any cells, because the first line can be a row with secrets.
            raise UnusableFile(
                f"{place} must contain the names of the {columns.what}, but does not contain '{name}'. Add this column,"
                f" or map a column to '{name}' with 'columns'"
            )
    unknown = sorted({cell for cell, name in zip(cells, header) if name not in (*columns.known, "", None)})
    if unknown:
        raise unknown_columns(unknown, columns)
    names = list(filter(None, header))
    twice = sorted(Counter(names) - Counter(set(names)))
    if twice:
        raise UnusableFile(f"several columns have the name {listed(twice)}")


def unknown_columns(unknown: t.Iterable[str], columns: Columns) -> UnusableFile:
    """Return the error for a table with unknown columns."""
    return UnusableFile(
        f"unknown columns {listed(unknown)}; the known columns are {', '.join(columns.known)}. Map each unknown"
        " column with 'columns', or ignore the column with 'ignore_columns'"
    )


def listed(names: t.Iterable[str]) -> str:
    """Return a comma-separated string of quoted names."""
    return ", ".join(map(repr, names))


def _values(header: t.Sequence[str | None], cells: t.Sequence[str], place: str, problems: list[str]) -> Row:
    """Return the non-empty cells of a row, keyed by attribute. Add values in unnamed columns to ``problems``."""
    row: Row = {}
    for index, (column, cell) in enumerate(zip(header, cells), 1):
        if not cell:
            continue
        if column is None:
            problems.append(f"{place} has a value in column {index}, which does not have a name")
        elif column and isinstance(cell, UnreadableCell):
            problems.append(str(cell))
        elif column:
            row[column] = cell
    return row


def _names_column(item: tuple[str, str]) -> bool:
    """Return whether a cell contains the name of its column."""
    column, cell = item
    return key_of(cell) == column


def _row(
    header: t.Sequence[str | None], cells: t.Sequence[str], place: str, columns: Columns, problems: list[str]
) -> Row | None:
    """Return the values of a row, keyed by attribute, or None if the row is invalid. Add problems to ``problems``."""
    if any(cells[len(header) :]):
        problems.append(f"{place} has {len(cells)} cells, but the header has {len(header)}")
        return None
    row = _values(header, cells, place, problems)
    if row and all(map(_names_column, row.items())):
        problems.append(f"{place} repeats the header; the file may consist of several tables")
        return None
    missing = [columns.required[name] for name in columns.required if name not in row]
    if missing:
        problems.append(f"{place} does not have {' and '.join(missing)}")
        return None
    return row
