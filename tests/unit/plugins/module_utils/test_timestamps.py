# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test which timestamps are valid, and their meaning."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.timestamps import NOT_READ, NUMBERS, READ

from ansible_collections.hybrid.connectors.plugins.module_utils._timestamps import iso, parse_timestamp

NO_NUMBERS: tuple[object, ...] = (float("inf"), float("nan"), -float("inf"), 10**400, 1e300, True, None, [], {})


def shown(value: object) -> str | None:
    timestamp = parse_timestamp(value)
    assert timestamp is None or timestamp.tzinfo is timezone.utc
    return iso(timestamp) if timestamp else None


@pytest.mark.parametrize(("value", "meaning"), [*READ.items(), *NUMBERS.items()])
def test_time_stamps_that_are_read(value: object, meaning: str) -> None:
    assert shown(value) == meaning


@pytest.mark.parametrize("value", [*NOT_READ, *NO_NUMBERS])
def test_what_is_no_time_stamp_is_not_read(value: object) -> None:
    assert shown(value) is None


@given(st.datetimes(timezones=st.just(timezone.utc)), st.sampled_from(["", "Z", "+00", "+0000", "-00:00"]))
def test_every_datetime_of_python_is_read_back(timestamp: datetime, zone: str) -> None:
    text = timestamp.isoformat().removesuffix("+00:00") + zone
    assert parse_timestamp(text) == timestamp
    assert parse_timestamp(re.sub("[-:]", "", text.removesuffix(zone)) + zone) == timestamp


@given(
    st.from_regex(r"[0-9]{4}-?[0-9W]{2,3}-?[0-9]{0,2}[Tt _]?[0-9:.,]{0,20}[Zz+-]?[0-9:]{0,6}", fullmatch=True)
    | st.text()
)
def test_no_string_raises_an_error(text: str) -> None:
    shown(text)
