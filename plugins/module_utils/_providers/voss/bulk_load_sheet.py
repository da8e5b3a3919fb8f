# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read customers from sheets in the bulk-load layout of VOSS Automate.

Source: the vendor's documentation of bulk-load sheets. A block begins with a cell such as
``entity: relation/SparkCustomer; hierarchy: sys.hcs.Provider``. The next rows contain the names, the groups and the
column headings. The customers follow. A sheet can contain several blocks. The vendor does not document the order
of the columns, so they are identified by their names.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ..._tables import Check, Columns, Row, Rows, TableOptions, UnusableFile, key_of, plain, table_from
from .hierarchy import is_pkid

ACTION, NODE, SEARCH, PKID = "# Action", "# Hierarchy Node", "# Search Fields", "# Unique Identifier"
# Columns that only VOSS Automate can process.
UNSUPPORTED = ("# Device", "# CFT Template")
MAPPED = {
    NODE: "hierarchy",
    "sync": "sync_on_create",
    **{name: name for name in (ACTION, SEARCH, PKID, *UNSUPPORTED)},
}
# The server sets these attributes itself, or uses them only in its user interface.
IGNORED = (
    "# Comment", "access_token_expires", "hierarchy_friendly_name", "hierarchy_path", "notes", "pkid",
    "refresh_token_expires", "shadow", "shadow.0.name", "token_link",
)  # fmt: skip
# An empty action means "add".
PRESENT = ("", "add", "modify")
ABSENT = ("", "delete")
# Actions that the vendor documents.
ACTIONS = ("add", "modify", "delete", "execute")
# A cell that contains a single space clears the value in VOSS Automate.
EMPTY = " "
# Offsets of the rows that contain the groups and the column headings, relative to the first row of a block.
DESCRIPTIONS = (2, 3)

_ENTITY = re.compile(r"(?:^|;)\s*entity\s*:", re.IGNORECASE)
# A dotted path. In a sentence, a space or the end of the text follows a dot.
_PATH = re.compile(r"[^.\s][^.]*(?:\.[^.\s][^.]*)+")

if t.TYPE_CHECKING:
    from ..._workbook import Sheet

Numbered = tuple[int, t.Sequence[str]]


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of rows in a sheet.

    :ivar number: the number of its first row.
    :ivar settings: the settings in the first row, by lower-case name.
    :ivar rows: the rows that contain the column names and the customers.
    """

    number: int
    settings: t.Mapping[str, str]
    rows: t.Iterator[Numbered]


def entity_row(cells: t.Sequence[str]) -> str | None:
    """Return the settings from the first row of a block, or None for any other row."""
    texts = list(filter(str.strip, cells))
    if len(texts) == 1 and _ENTITY.search(texts[0]):
        return texts[0]
    return None


def read_sheet(
    sheet: Sheet,
    rows: t.Iterator[Numbered],
    model: str,
    columns: Columns,
    options: TableOptions,
    absent: bool,
    check: Check,
    problems: list[str],
) -> list[Row]:
    """Return the customers in a sheet. The first row of the sheet must be the first row of a block.

    :param model: the only supported entity.
    :param absent: whether the customers are to be deleted.
    :param check: converts the values of a row, and returns its problems.
    :param problems: receives the problems that are found in the rows.
    :raises UnusableFile: a block is not valid or belongs to a different model.
    """
    columns = dataclasses.replace(columns, known=(*columns.known, ACTION, SEARCH, PKID, *UNSUPPORTED))
    options = dataclasses.replace(
        options, columns={**MAPPED, **options.columns}, ignore_columns=(*IGNORED, *options.ignore_columns)
    )
    found: list[Row] = []
    for block in _blocks(rows, sheet.title):
        place = Rows((), "row", sheet.title).at(block.number)
        if block.settings.get("entity", "").casefold() != model.casefold():
            raise UnusableFile(
                f"{place} belongs to a different model than {model}. To skip the sheet, begin its name with '#', or"
                " select a different sheet with 'sheet'"
            )
        if block.settings.get("template") and "# CFT Template" not in options.ignore_columns:
            raise UnusableFile(f"{place} contains a template, which only VOSS Automate can apply. {_REMEDY}")
        checks = _Checks(block.settings.get("hierarchy"), ABSENT if absent else PRESENT, check)
        table = Rows(sheet.checked(block.rows, absent), "row", sheet.title)
        found += table_from(table, columns, options, checks.problems_of, problems)
    return found


_REMEDY = "To ignore the template, add '# CFT Template' to 'ignore_columns'"


def _blocks(rows: t.Iterator[Numbered], sheet: str) -> t.Iterator[Block]:
    """Yield the blocks of a sheet. The caller must read all rows of a block before it requests the next block."""
    starts: list[tuple[int, str]] = []

    def until_next(first: int) -> t.Iterator[Numbered]:
        names: t.Sequence[str] = ()
        for number, cells in rows:
            text = entity_row(cells)
            if text:
                starts.append((number, text))
                return
            if number - first in DESCRIPTIONS:
                _refuse_customer(names, cells, number, first, sheet)
                continue
            if not names and number != first + 1:
                raise UnusableFile(f"row {first + 1} of the sheet '{sheet}' must contain the names of the columns")
            names = names or cells
            yield number, [cell if cell == EMPTY else plain(cell) for cell in cells]

    for number, cells in rows:
        starts.append((number, entity_row(cells) or ""))
        break
    while starts:
        number, text = starts.pop()
        yield Block(number, _settings(text), until_next(number))


def _refuse_customer(names: t.Sequence[str], cells: t.Sequence[str], number: int, first: int, sheet: str) -> None:
    """Check that a row does not contain a customer, because the groups and the column headings are skipped.

    :param names: the names of the columns.
    :param number: the number of the row.
    :param first: the number of the first row of the block.
    :raises UnusableFile: the row contains an action, a node or a pkid.
    """
    values = {key_of(name): cell.strip() for name, cell in zip(names, cells)}
    action, node, pkid = (values.get(key_of(column), "") for column in (ACTION, NODE, PKID))
    if action.casefold() in ACTIONS or _PATH.fullmatch(node) or is_pkid(node) or is_pkid(pkid):
        raise UnusableFile(
            f"row {number} of the sheet '{sheet}' contains a customer, but rows {first + 2} and {first + 3} must"
            " contain the groups and the column headings. Insert the missing rows above the customers"
        )


def _settings(text: str) -> dict[str, str]:
    """Parse the first row of a block, which contains settings separated by semicolons."""
    found = {}
    for part in text.split(";"):
        name, _colon, value = part.partition(":")
        found[name.strip().casefold()] = value.strip()
    return found


@dataclasses.dataclass(frozen=True)
class _Checks:
    """Check and convert the rows of a block.

    :ivar hierarchy: the node of each customer whose row does not specify a node.
    :ivar actions: the supported actions.
    :ivar check: checks and converts the attributes.
    """

    hierarchy: str | None
    actions: tuple[str, ...]
    check: Check

    def problems_of(self, row: Row, place: str) -> t.Iterator[str]:
        """Convert a row in place, and yield an error message for each problem."""
        if row.pop(ACTION, "").strip().casefold() not in self.actions:
            yield (
                f"{place} has an unsupported value in '{ACTION}'. The task supports {', '.join(self.actions[1:])} and"
                " empty cells"
            )
        if not _selects_name(row.pop(SEARCH, ""), row["name"]):
            yield f"{place} has an unsupported value in '{SEARCH}'. Only 'name:' with the name in this row is supported"
        for column in UNSUPPORTED:
            if row.pop(column, "").strip():
                yield (
                    f"{place} has a value in '{column}', which only VOSS Automate can apply. Remove the value, or add"
                    f" '{column}' to 'ignore_columns'"
                )
        pkid = row.pop(PKID, "").strip()
        yield from _emptied(row, place)
        node = row.pop("hierarchy", "") or self.hierarchy
        if node:
            row["hierarchy"] = node
        yield from self.check(row, place)
        if pkid:
            row["pkid"] = pkid


def _emptied(row: Row, place: str) -> t.Iterator[str]:
    """Replace cells that contain a single space with empty strings, and yield an error message for each macro."""
    for column, value in row.items():
        if value.lstrip().startswith("{{"):
            yield f"{place} contains a macro in '{column}', which only VOSS Automate can evaluate. Enter the value"
        elif value == EMPTY:
            row[column] = ""


def _selects_name(search: str, name: str) -> bool:
    """Return whether a search cell is empty or selects the customer by name."""
    if not search.strip():
        return True
    field, _colon, value = search.partition(":")
    return (field.strip().casefold(), value.strip()) == ("name", name)
