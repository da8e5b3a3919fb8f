# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read tables in CSV, as Excel and other programs write them.

Pure functions of a file's content. No error message contains the value of a cell, because any of them may be a secret.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import typing as t
import unicodedata

DELIMITERS = ",;\t|"
MAX_PROBLEMS = 20
MAX_CELL = 1024 * 1024

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATOR_LINE = re.compile(r"\s*sep=([,;|\t])[ \t]*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')

Row = dict[str, t.Any]


class UnusableFile(ValueError):
    """A file cannot be read as a table or an export. The message says why, without a value."""


@dataclasses.dataclass(frozen=True)
class TableOptions:
    """How a table is read.

    :ivar encoding: of the text; None for UTF-8, or for UTF-16 with a byte order mark.
    :ivar delimiter: between cells; None to detect it in the header row.
    :ivar columns: our names of columns by the names in the table.
    :ivar ignore_columns: names of columns that are not read.
    """

    encoding: str | None = None
    delimiter: str | None = None
    columns: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    ignore_columns: t.Sequence[str] = ()


STANDARD = TableOptions()


@dataclasses.dataclass(frozen=True)
class Columns:
    """The columns that a table can have.

    :ivar known: their names.
    :ivar required: those that each row must have, with the value as a message names it, for example ``a name``.
    :ivar what: what the columns contain, for messages, for example ``attributes``.
    """

    known: t.Sequence[str]
    required: t.Mapping[str, str]
    what: str = "columns"


def read_table(
    content: bytes,
    columns: Columns,
    options: TableOptions = STANDARD,
    check: t.Callable[[Row, int], t.Iterable[str]] = lambda row, line: (),
) -> list[Row]:
    """Return the rows of a table whose header row names its columns.

    An empty cell leaves its column out. All problems of a file are reported together, each with its line.

    :param check: returns what is wrong with a row that starts at a line; it may convert the values of the row.
    :raises UnusableFile: the table is not of that form.
    """
    text, delimiter, skipped = _delimited(_decoded(content, options.encoding), options.delimiter)
    header: list[str | None] | None = None
    rows: list[Row] = []
    problems: list[str] = []
    for number, cells in _rows(text, delimiter, skipped):
        if not any(cells):
            continue
        if header is None:
            header = _header(cells, columns, options)
            continue
        row = _row(header, cells, number, columns, problems)
        if row is not None:
            problems += check(row, number)
            rows.append(row)
    if header is None:
        raise UnusableFile(f"it is empty; its first line must contain the names of the {columns.what}")
    if problems:
        more = f"; and {len(problems) - MAX_PROBLEMS} more problems" if len(problems) > MAX_PROBLEMS else ""
        raise UnusableFile("; ".join(problems[:MAX_PROBLEMS]) + more)
    return rows


def _decoded(content: bytes, encoding: str | None) -> str:
    if content.startswith(_WORKBOOKS):
        raise UnusableFile("it is an Excel workbook, not a table in CSV; save it as 'CSV UTF-8' in Excel")
    known = encoding or next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(known)
    except LookupError:
        raise UnusableFile(f"the encoding '{encoding}' does not exist; examples are utf-8, utf-16 and cp1252") from None
    except UnicodeError as error:
        line = content[: getattr(error, "start", 0)].count(b"\n") + 1
        hint = "" if encoding else "; if Excel wrote it, set the encoding to cp1252, or save it as 'CSV UTF-8'"
        raise UnusableFile(f"line {line} is not text in {known.replace('-sig', '').upper()}{hint}") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnusableFile(
            f"line {line} contains a NUL character; if the file is UTF-16, set the encoding to utf-16-le"
        )
    return text.lstrip("\ufeff")


def _delimited(text: str, delimiter: str | None) -> tuple[str, str, int]:
    """Return the table without a ``sep=`` line of Excel, its delimiter, and the number of lines that were skipped.

    The delimiter is the one that is given, the one of the ``sep=`` line, or the most frequent one in the header row
    outside quotation marks.
    """
    declared = _SEPARATOR_LINE.match(text)
    skipped = 0
    if declared:
        skipped = len(re.findall(r"\r\n|\r|\n", declared[0]))
        text = text[declared.end() :]
    if delimiter is None and declared:
        delimiter = declared[1]
    if delimiter is None:
        header = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
        outside = re.sub(r'"[^"]*"', "", header)
        delimiter = max(DELIMITERS, key=outside.count)
    return _without_blanks_after_quotes(text, delimiter), delimiter, skipped


def _without_blanks_after_quotes(text: str, delimiter: str) -> str:
    """Remove blanks between a quoted cell and its delimiter, which the csv module refuses in its strict mode."""
    if '" ' not in text and '"\t' not in text:
        return text
    border = rf"[{re.escape(delimiter)}\r\n]"
    blanks = " " if delimiter == "\t" else " \t"
    quoted = rf'(^|{border})[{blanks}]*("(?:[^"]|"")*")[{blanks}]*(?={border}|\Z)'
    return re.sub(quoted, r"\1\2", text)


def _rows(text: str, delimiter: str, skipped: int) -> t.Iterator[tuple[int, list[str]]]:
    """Yield the number of the first line of each row, and its cells without blanks around them."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    number = skipped + 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnusableFile(f"line {skipped + reader.line_num} is not CSV: {error}") from None
        if cells is None:
            return
        yield number, [_plain(cell) for cell in cells]
        number = skipped + reader.line_num + 1


def _plain(cell: str) -> str:
    """Return the text of a cell. Excel writes ``="00123"`` to keep the zeros of a text."""
    cell = cell.strip()
    formula = _TEXT_FORMULA.fullmatch(cell)
    return formula[1].replace('""', '"') if formula else cell


def _key(column: str) -> str:
    """Return the name of a column as it is compared: the header row of a table may be spelt ``Account Email``."""
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", column).strip()).casefold()


def _header(cells: t.Sequence[str], columns: Columns, options: TableOptions) -> list[str | None]:
    """Return our name of each column; an empty string for one that is ignored, None for one without a heading.

    :raises UnusableFile: a column is unknown or occurs twice, or a required one is missing.
    """
    renamed = {_key(column): attribute for column, attribute in options.columns.items()}
    ignored = {_key(column) for column in options.ignore_columns}
    wrong = sorted(set(renamed.values()) - set(columns.known))
    if wrong:
        raise UnusableFile(
            f"'columns' maps to unknown {columns.what} {_listed(wrong)}; known are {', '.join(columns.known)}"
        )
    header: list[str | None] = []
    for cell in cells:
        key = _key(cell)
        if key in ignored:
            header.append("")
        else:
            header.append(renamed.get(key, key) or None)
    missing = next((name for name in columns.required if name not in header), None)
    if missing:
        # The cells may be those of a row with its secrets, so they are not shown.
        raise UnusableFile(
            f"its first line must contain the names of the {columns.what}, and does not contain '{missing}'"
        )
    unknown = sorted({cell for cell, attribute in zip(cells, header) if attribute not in (*columns.known, "", None)})
    if unknown:
        raise UnusableFile(
            f"the columns {_listed(unknown)} are unknown; known are {', '.join(columns.known)}. Map a column with"
            " 'columns', or leave it out with 'ignore_columns'"
        )
    twice = sorted({attribute for attribute in header if attribute and header.count(attribute) > 1})
    if twice:
        raise UnusableFile(f"it has more than one column {_listed(twice)}")
    return header


def _listed(names: t.Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _row(
    header: t.Sequence[str | None], cells: t.Sequence[str], line: int, columns: Columns, problems: list[str]
) -> Row | None:
    """Return the values of a row by their columns; add what is wrong with the row to ``problems``."""
    if len(cells) > len(header) and any(cells[len(header) :]):
        problems.append(f"line {line} has {len(cells)} cells, and the first line has {len(header)}")
        return None
    row: Row = {}
    for place, (column, cell) in enumerate(zip(header, cells), 1):
        if cell and column is None:
            problems.append(f"line {line} has a value in column {place}, which does not have a heading")
        elif cell and column:
            row[column] = cell
    if row and all(_key(str(cell)) == column for column, cell in row.items()):
        problems.append(f"line {line} repeats the first line; were two files joined?")
        return None
    missing = [value for name, value in columns.required.items() if name not in row]
    if missing:
        problems.append(f"line {line} does not have {' and '.join(missing)}")
        return None
    return row
