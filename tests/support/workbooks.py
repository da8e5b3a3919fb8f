# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create workbooks in the same way as other programs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl

Cells = Sequence[Sequence[Any]]


def empty_workbook() -> Any:
    """Return a workbook with one sheet, which is active."""
    return openpyxl.Workbook()


def saved(workbook: Any) -> bytes:
    """Return the content of a file with the workbook."""
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def workbook_of(*sheets: tuple[str, Cells]) -> bytes:
    """Return a workbook with these sheets, each with a title and rows."""
    workbook = empty_workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets:
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved(workbook)
