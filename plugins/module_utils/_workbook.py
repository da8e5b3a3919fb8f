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
import functools
import io
import math
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
_OTHER_ENCODING = re.compile(rb"""^[^>]*encoding\s*=\s*["'](?!utf-?8|utf-?16|us-ascii)""", re.IGNORECASE)
_MERGED_RANGE = re.compile(r"\$?[A-Z]+\$?(\d+)(?::\$?[A-Z]+\$?(\d+))?", re.IGNORECASE)
_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _FORMULA, _MERGED, _FORMAT = (_NAMESPACE + name for name in ("row", "f", "mergeCell", "sheetFormatPr"))
# A row that is not as high as one point cannot be read.
_VISIBLE_HEIGHT = 1.0


@dataclasses.dataclass(frozen=True)
class Part:
    """Properties of a sheet that openpyxl does not show in its read-only mode.

    :ivar uncalculated: the name of a cell that contains a formula without a value.
    :ivar merged: the first and the last row of each range of rows with merged cells, sorted and without overlaps.
    :ivar hidden: the numbers of the hidden rows.
    :ivar hides_rows: whether rows are hidden by default.
    """

    uncalculated: str | None
    merged: t.Sequence[tuple[int, int]]
    hidden: t.Container[int]
    hides_rows: bool

    def has_merged(self, row: int) -> bool:
        """Return whether a row has merged cells."""
        index = bisect.bisect_right(self.merged, (row, MAX_ROWS)) - 1
        return index >= 0 and row <= self.merged[index][1]


class Sheet:
    """A sheet of a workbook.

    :ivar is_visible: whether Excel shows the sheet.
    """

    def __init__(self, title: str, worksheet: t.Any, archive: _CheckedArchive) -> None:
        self.title = title
        self.is_visible = worksheet.sheet_state == "visible"
        self._worksheet = worksheet
        self._archive = archive

    @functools.cached_property
    def _part(self) -> Part:
        try:
            return _part_of(self._archive.read(self._worksheet._worksheet_path))
        except Exception:  # a damaged part can cause many kinds of errors
            raise _damaged() from None

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
            if absent and self._part.hides_rows:
                raise UnusableFile(f"{place} can be hidden, because the sheet hides rows by default; show all its rows")
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
    archive = _checked_archive(content)
    try:
        reader = openpyxl.reader.excel.ExcelReader(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        reader.archive = archive
        reader.read()
        found = []
        for worksheet in reader.wb.worksheets:
            worksheet.reset_dimensions()  # the dimensions in the file can be wrong
            found.append(Sheet(worksheet.title, worksheet, archive))
        # openpyxl skips a sheet whose part is missing.
        is_complete = not found or len(reader.wb.sheetnames) == len(reader.parser.sheets)
    except Exception:  # openpyxl raises many kinds of errors, whose messages can contain values
        raise archive.problem or _damaged() from None
    if not is_complete:
        raise _damaged()
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
        import openpyxl.reader.excel
    except ImportError:
        raise MissingLibrary(missing_required_lib("openpyxl", reason="for XLSX files").rstrip(".")) from None
    # openpyxl warns about parts that it does not support, such as slicers.
    warnings.filterwarnings("ignore", module=r"openpyxl\.")
    return openpyxl


class _CheckedArchive(zipfile.ZipFile):
    """The archive of a workbook. Each XML part is checked before it can be read, regardless of its name.

    :ivar problem: why a part was rejected. openpyxl replaces exceptions.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))
        self.problem: UnusableFile | None = None
        self._checked: set[str] = set()

    def open(self, name: t.Any, *args: t.Any, **kwargs: t.Any) -> t.IO[bytes]:
        """Open a part for reading.

        :raises UnusableFile: the part is not supported, or shows that the workbook contains macros.
        """
        path = str(getattr(name, "filename", name))
        if path not in self._checked:
            with super().open(path) as file:
                self._check(path, file.read())
            self._checked.add(path)
        return super().open(name, *args, **kwargs)

    def _check(self, path: str, data: bytes) -> None:
        try:
            _check_part(path, data)
        except UnusableFile as error:
            self.problem = error
            raise


def _checked_archive(content: bytes) -> _CheckedArchive:
    """Open a workbook, and check its parts before openpyxl reads them.

    :raises UnusableFile: a part is not supported or contains macros, or the file is too large.
    """
    left = MAX_UNPACKED_BYTES
    try:
        archive = _CheckedArchive(content)
        for info in archive.infolist():
            left -= info.file_size  # zipfile does not unpack more than this size
            if left < 0:
                raise UnusableFile(f"it is a workbook with more than {MAX_UNPACKED_BYTES // 1024 // 1024} MiB of data")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UnusableFile("it is a workbook with an unsupported compression method")
            if _MACROS.search(info.filename):
                raise _with_macros()
            if info.filename.lower().endswith((".xml", ".rels")):
                archive.open(info.filename).close()
    except UnusableFile:
        raise
    except Exception:  # a damaged archive can cause many kinds of errors
        raise _damaged() from None
    return archive


def _check_part(name: str, data: bytes) -> None:
    """Check an XML part of a workbook.

    :raises UnusableFile: the part is not supported, or shows that the workbook contains macros.
    """
    if name == CONTENT_TYPES and b"macroEnabled" in data:
        raise _with_macros()
    if _DOCTYPE.search(data) or _OTHER_ENCODING.search(data):
        raise UnusableFile("it is a workbook with a document type definition or an unsupported encoding")


def _part_of(data: bytes) -> Part:
    """Return the properties of a sheet. The rows have the same numbers as in openpyxl."""
    uncalculated = None
    merged = []
    hidden: set[int] = set()
    hides_rows = has_formula = False
    number = 0
    for _event, element in ElementTree.iterparse(io.BytesIO(data)):
        if element.tag == _ROW:
            number = int(float(element.get("r", number + 1)))
            if _is_hidden(element):
                hidden.add(number)
            if has_formula:
                uncalculated = uncalculated or _uncalculated_cell(element)
            has_formula = False
            element.clear()
        elif element.tag == _FORMULA:
            has_formula = True
        elif element.tag == _MERGED:
            merged.append(_rows_of_range(element.get("ref", "")))
        elif element.tag == _FORMAT:
            hides_rows |= _is_true(element.get("zeroHeight", "0")) or _is_flat(element.get("defaultRowHeight"))
    return Part(uncalculated, _joined(merged), hidden, hides_rows)


def _is_hidden(row: ElementTree.Element) -> bool:
    return _is_true(row.get("hidden", "0")) or _is_flat(row.get("ht"))


def _is_true(value: str) -> bool:
    """Return whether a boolean attribute is true. A program may interpret an invalid value as true."""
    return value.strip() not in ("0", "false")


def _is_flat(height: str | None) -> bool:
    """Return whether a row height in points is too small to show the row, or is not a number."""
    if height is None:
        return False
    try:
        points = float(height)
    except ValueError:
        return True
    return math.isnan(points) or points < _VISIBLE_HEIGHT


def _rows_of_range(reference: str) -> tuple[int, int]:
    """Return the first and the last row of a range of cells, for example ``B2:C4``.

    :raises ValueError: the reference is not a range.
    """
    found = _MERGED_RANGE.fullmatch(reference.strip())
    if not found:
        raise ValueError("not a range of cells")
    rows = int(found[1]), int(found[2] or found[1])
    return min(rows), max(rows)


def _joined(ranges: t.Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges of rows, sorted and without overlaps."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1]:
            first, last = joined[-1][0], max(last, joined.pop()[1])
        joined.append((first, last))
    return joined


def _uncalculated_cell(row: ElementTree.Element) -> str | None:
    """Return the name of the first cell of a row with a formula but no value, or None."""
    return next((str(cell.get("r")) for cell in row if _is_uncalculated(cell)), None)


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
