# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture of the structure is the one of the code as it is, and what could not be drawn is an error."""

from __future__ import annotations

import pytest
import structure


def test_the_picture_shows_what_imports_what_now() -> None:
    assert structure.PICTURE.read_text(encoding="utf-8") == structure.picture(), "make pictures"


def test_a_file_without_a_room_is_an_error() -> None:
    with pytest.raises(SystemExit, match="is in 0 rooms"):
        structure.room("plugins/module_utils/_new.py")


def test_rooms_that_need_each_other_are_an_error() -> None:
    with pytest.raises(SystemExit, match="in a circle: a, b"):
        structure.without_detours({"a": frozenset("b"), "b": frozenset("a"), "c": frozenset("a")})


def test_of_two_ways_to_a_room_the_longer_one_is_drawn() -> None:
    needed = {"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset[str]()}
    assert structure.without_detours(needed) == {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset()}
