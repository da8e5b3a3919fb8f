# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read the names of Apono connectors from CSV tables."""

from __future__ import annotations

import operator
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._tables import (
    STANDARD,
    Columns,
    Row,
    TableOptions,
    read_table,
)

COLUMNS = Columns(("id", "name"), {"id": "an id", "name": "a name"})


def names_from_csv(content: bytes, options: TableOptions = STANDARD) -> dict[str, str]:
    """Return a dictionary of connector names by ID from a table with the columns ``id`` and ``name``.

    The names and the IDs must be unique. Error messages contain them, because they are not secret.

    :raises UnusableFile: the table is not valid, or an ID or a name occurs twice.
    """
    places: dict[tuple[str, str], str] = {}

    def repeated(row: Row, place: str) -> t.Iterator[str]:
        for column in ("id", "name"):
            first = places.setdefault((column, row[column]), place)
            if first != place:
                yield f"{place} has the {column} '{row[column]}', which {first} has as well"

    return dict(map(operator.itemgetter("id", "name"), read_table(content, COLUMNS, options, repeated)))
