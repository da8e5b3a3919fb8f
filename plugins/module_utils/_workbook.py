# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read and write XLSX workbooks with openpyxl.

A workbook can come from an untrusted source. Therefore, its size is limited before and after it is unpacked. It must
not contain macros or a document type definition, which could define entities. Formulas are not calculated. Error
messages contain the names of sheets and cells, but no values.
"""

from __future__ import annotations

import bisect
import dataclasses
import io
import re
import typing as t
import warnings
import zipfile
from xml.etree import ElementTree

from ansible.module_utils.basic import missing_required_lib

from ._tables import MissingLibrary, UnreadableCell, UnusableFile

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_ROWS = 1_048_576
# The limit includes empty cells to the left of a cell with a value.
MAX_CELLS = 8_000_000
# Excel shows numbers with at most 15 significant digits.
MAX_NUMBER = 10**15
# Excel does not support longer values, and openpyxl truncates them.
MAX_TEXT = 32_767
CONTENT_TYPES = "[Content_Types].xml"

_MACROS = re.compile(r"(?:^|/)(?:vbaProject\.bin|macrosheets/|dialogsheets/)", re.IGNORECASE)
_DOCTYPE = re.compile(b"<!DOCTYPE|<\0!\0D\0O\0C\0|\0<\0!\0D\0O\0C", re.IGNORECASE)
_OTHER_ENCODING = re.compile(rb"""^[^>]{0,200}encoding\s*=\s*["'](?!utf-?8|utf-?16|us-ascii)""", re.IGNORECASE)
_FORMULA = re.compile(r"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(r"""<(?:\w+:)?mergeCell\s[^<>]*?\bref\s*=\s*["'][A-Z$]+(\d+)(?::[A-Z$]+(\d+))?["']""")
_ROW = re.compile(r"<(?:\w+:)?row(?:\s[^<>]*)?>")
_NUMBER_OF_ROW = re.compile(r"""\sr\s*=\s*["'](\d+)["']""")
_HIDDEN = re.compile(r"""\shidden\s*=\s*["'](?:1|true)["']""")


@dataclasses.dataclass(frozen=True)
class Part:
    """Properties of a sheet that openpyxl does not show in its read-only mode.

    :ivar uncalculated: the name of a cell that contains a formula without a value.
    :ivar merged: the first and the last row of each range of rows with merged cells, sorted and without overlaps.
    :ivar hidden: the numbers of the hidden rows.
    """

    uncalculated: str | None = None
    merged: t.Sequence[tuple[int, int]] = ()
    hidden: t.Container[int] = frozenset()

    def has_merged(self, row: int) -> bool:
        """Return whether a row has merged cells."""
        index = bisect.bisect_right(self.merged, (row, MAX_ROWS)) - 1
        return index >= 0 and row <= self.merged[index][1]


class Sheet:
    """A sheet of a workbook.

    :ivar is_visible: whether Excel shows the sheet.
    """

    def __init__(self, title: str, worksheet: t.Any, part: Part) -> None:
        self.title = title
        self.is_visible = worksheet.sheet_state == "visible"
        self._worksheet = worksheet
        self._part = part

    def rows(self) -> t.Iterator[tuple[int, list[str]]]:
        """Yield the number and the cells of each non-empty row. The cells are converted to strings.

        A cell that does not contain text, a number or a boolean is an :class:`UnreadableCell`.

        :raises UnusableFile: the sheet is damaged or too large, or a formula has no value.
        """
        uncalculated = self._part.uncalculated
        if uncalculated:
            raise UnusableFile(
                f"the cell {uncalculated} of the sheet '{self.title}' contains a formula without a value; open and save"
                " the workbook in Excel, or enter the value"
            )
        count = 0
        for number, cells in enumerate(_guarded(self._worksheet.iter_rows()), 1):
            count += len(cells)
            if number > MAX_ROWS or count > MAX_CELLS:
                raise UnusableFile(f"the sheet '{self.title}' has more than {MAX_ROWS} rows or {MAX_CELLS} cells")
            texts = [self._text(value, number, column) for column, value in enumerate(cells)]
            if any(texts):
                yield number, texts

    def checked(
        self, rows: t.Iterable[tuple[int, t.Sequence[str]]], absent: bool
    ) -> t.Iterator[tuple[int, t.Sequence[str]]]:
        """Yield rows of this sheet that belong to a table, after checking that each row shows its values.

        :param absent: whether the objects in the rows are to be deleted.
        :raises UnusableFile: a row has merged cells, which have only one value, or a row to delete is hidden.
        """
        for number, cells in rows:
            place = f"row {number} of the sheet '{self.title}'"
            if self._part.has_merged(number):
                raise UnusableFile(f"{place} contains merged cells; unmerge them, and enter the value in each cell")
            if absent and number in self._part.hidden:
                raise UnusableFile(f"{place} is hidden; show the row, or delete it if you want to keep its customer")
            yield number, cells

    def _text(self, cell: t.Any, row: int, column: int) -> str:
        """Return the value of a cell in the format that Excel uses in CSV files."""
        value = cell.value
        if cell.data_type == "e":
            return self._unreadable(row, column, "contains an error value")
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).upper()
        kind = "a date or a time"
        if isinstance(value, (int, float)):
            kind = "a number with more than 15 digits"
            if abs(value) < MAX_NUMBER:
                if _is_shown_unchanged(value, cell.number_format):
                    return f"{value:.15g}"
                kind = "a number with a format that changes how it is shown, such as leading zeros or a percentage"
        return self._unreadable(row, column, f"contains {kind}; format the cell as text, and enter the value again")

    def _unreadable(self, row: int, column: int, problem: str) -> UnreadableCell:
        return UnreadableCell(f"the cell {cell_name(row, column)} of the sheet '{self.title}' {problem}")


def _is_shown_unchanged(number: float, number_format: str | None) -> bool:
    """Return whether a number format shows all digits of a number, and nothing else."""
    shown = str(number_format or "General").casefold()
    if shown == "0":
        return number == int(number)
    return shown in ("general", "@")


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell, for example ``B7``. Column numbers start at 0."""
    letters = ""
    number = column + 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{row}"


def sheets_of(content: bytes) -> list[Sheet]:
    """Return the sheets of a workbook in order.

    :raises UnusableFile: the file is not a workbook, contains macros, or is too large when it is unpacked.
    :raises MissingLibrary: openpyxl is not installed.
    """
    openpyxl = _library()
    parts = _checked_parts(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        found = []
        for worksheet in book.worksheets:
            worksheet.reset_dimensions()  # the dimensions in the file can be wrong
            found.append(Sheet(worksheet.title, worksheet, parts.get(worksheet._worksheet_path, Part())))
    except Exception:  # openpyxl raises many kinds of errors, whose messages can contain values
        raise _damaged() from None
    return found


def workbook_from(title: str, rows: t.Iterable[t.Sequence[str]]) -> bytes:
    """Create a workbook with one sheet that contains only strings, not formulas, and return its content.

    :param rows: the strings, without characters that are not valid in XML. They must not be longer than
        :data:`MAX_TEXT`.
    :raises MissingLibrary: openpyxl is not installed.
    """
    openpyxl = _library()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_cell(openpyxl, sheet, value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _cell(openpyxl: t.Any, sheet: t.Any, value: str) -> t.Any:
    if not value.startswith(("=", "#")):
        return value
    cell = openpyxl.cell.WriteOnlyCell(sheet, value)
    cell.data_type = "s"  # otherwise, openpyxl writes a formula or an error value, such as #N/A
    return cell


def _library() -> t.Any:
    try:
        import openpyxl
        import openpyxl.cell
    except ImportError:
        raise MissingLibrary(missing_required_lib("openpyxl", reason="for XLSX files").rstrip(".")) from None
    # openpyxl warns about parts that it does not support, such as slicers.
    warnings.filterwarnings("ignore", module=r"openpyxl\.")
    return openpyxl


def _checked_parts(content: bytes) -> dict[str, Part]:
    """Check the parts of a workbook before openpyxl reads them, and return the XML parts by name.

    :raises UnusableFile: a part is not supported or contains macros, or the file is too large.
    """
    left = MAX_UNPACKED_BYTES
    parts = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                left -= info.file_size  # zipfile does not unpack more than this size
                if left < 0:
                    raise UnusableFile(
                        f"it is a workbook with more than {MAX_UNPACKED_BYTES // 1024 // 1024} MiB of data"
                    )
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise UnusableFile("it is a workbook with an unsupported compression method")
                if _MACROS.search(info.filename):
                    raise _with_macros()
                if info.filename.lower().endswith((".xml", ".rels")):
                    parts[info.filename] = _checked_part(info.filename, archive.read(info))
    except UnusableFile:
        raise
    except Exception:  # a damaged archive can cause many kinds of errors
        raise _damaged() from None
    return parts


def _checked_part(name: str, data: bytes) -> Part:
    """Check one XML part of a workbook, and return its properties.

    :raises UnusableFile: the part is not supported, or shows that the workbook contains macros.
    """
    if name == CONTENT_TYPES and b"macroEnabled" in data:
        raise _with_macros()
    if _DOCTYPE.search(data) or _OTHER_ENCODING.search(data):
        raise UnusableFile("it is a workbook with a document type definition or an unsupported encoding")
    text = _decoded(data)
    uncalculated = _uncalculated_cell(data) if _FORMULA.search(text) else None
    return Part(uncalculated, _merged_rows(text), _hidden_rows(text))


def _decoded(data: bytes) -> str:
    """Return the text of an XML part, which is encoded in UTF-8 or UTF-16."""
    encoding = "utf-8"
    if data.startswith(b"\0<"):
        encoding = "utf-16-be"
    elif data.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0")):
        encoding = "utf-16"
    return data.decode(encoding, "replace")


def _merged_rows(text: str) -> list[tuple[int, int]]:
    """Return the ranges of rows with merged cells, sorted and without overlaps."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted((int(first), int(last or first)) for first, last in _MERGED.findall(text)):
        if joined and first <= joined[-1][1]:
            first, last = joined[-1][0], max(last, joined.pop()[1])
        joined.append((first, last))
    return joined


def _hidden_rows(text: str) -> set[int]:
    """Return the numbers of the hidden rows. A row without a number follows the previous row."""
    hidden: set[int] = set()
    if not _HIDDEN.search(text):
        return hidden
    number = 0
    for row in _ROW.finditer(text):
        number += 1
        found = _NUMBER_OF_ROW.search(row[0])
        if found:
            number = int(found[1])
        if _HIDDEN.search(row[0]):
            hidden.add(number)
    return hidden


def _uncalculated_cell(data: bytes) -> str | None:
    """Return the name of the first cell with a formula but no value, or None."""
    for _event, element in ElementTree.iterparse(io.BytesIO(data)):
        kind = _local_name(element)
        if kind == "c" and _is_uncalculated(element):
            return str(element.get("r"))
        if kind == "row":
            element.clear()
    return None


def _is_uncalculated(cell: ElementTree.Element) -> bool:
    """Return whether a cell contains a formula but no calculated value.

    A program that writes formulas and does not calculate them omits the value or leaves it empty. If the result of a
    formula is an empty string, the type of the cell is a string.
    """
    parts = {_local_name(part): part.text for part in cell}
    if "f" not in parts:
        return False
    if cell.get("t") == "str":
        return "v" not in parts
    return not parts.get("v")


def _local_name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _guarded(rows: t.Iterator[t.Sequence[t.Any]]) -> t.Iterator[t.Sequence[t.Any]]:
    """Yield rows, and replace openpyxl's errors, because their messages can contain values from the workbook."""
    try:
        yield from rows
    except Exception:
        raise _damaged() from None


def _damaged() -> UnusableFile:
    return UnusableFile("it is a damaged workbook, or an archive that is not a workbook")


def _with_macros() -> UnusableFile:
    return UnusableFile("it is a workbook with macros; save it without macros as an Excel workbook (.xlsx)")
