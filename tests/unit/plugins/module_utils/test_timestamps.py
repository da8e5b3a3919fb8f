# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timestamps have the same meaning with every Python."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interpreters import interpreters

from ansible_collections.hybrid.connectors.plugins.module_utils._timestamps import iso, parse_timestamp

TIMESTAMPS = Path(__file__).resolve().parents[4] / "plugins" / "module_utils" / "_timestamps.py"
READ = {
    "2026-11-28T10:15:00Z": "2026-11-28T10:15:00Z",
    "2026-11-28t10:15:00z": "2026-11-28T10:15:00Z",
    "2026-11-28 10:15:00": "2026-11-28T10:15:00Z",
    " 2026-11-28T10:15:00Z\n": "2026-11-28T10:15:00Z",
    "2026-11-28": "2026-11-28T00:00:00Z",
    "2026-11-28T10": "2026-11-28T10:00:00Z",
    "2026-11-28T10:15": "2026-11-28T10:15:00Z",
    "2026-11-28T10:15+00": "2026-11-28T10:15:00Z",
    "2026-11-28T10:15:00+00": "2026-11-28T10:15:00Z",
    "2026-11-28T10:15:00-00:00": "2026-11-28T10:15:00Z",
    "2026-11-28T10:15:00+0130": "2026-11-28T08:45:00Z",
    "2026-11-28T10:15:00-23:59": "2026-11-29T10:14:00Z",
    "2026-11-28T10:15:00,123Z": "2026-11-28T10:15:00Z",
    "2026-11-28T10:15:00.999999999999Z": "2026-11-28T10:15:00Z",
    "20261128T101500Z": "2026-11-28T10:15:00Z",
    "20261128T101500.5+0100": "2026-11-28T09:15:00Z",
    "20261128T1015": "2026-11-28T10:15:00Z",
    "2026-11-28T24:00": "2026-11-29T00:00:00Z",
    "2026-11-28T24:00:00.000Z": "2026-11-29T00:00:00Z",
    "2016-12-31T23:59:60Z": "2017-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z": "0001-01-01T00:00:00Z",
}
NOT_READ = (
    *("", "soon", "2026", "2026-11", "20261128", "2026-W48-6", "2026W486", "2026-332", "2026332", "26-11-28"),
    *("2026-11-28T", "2026-11-28Z", "2026-11-28T10:15:00+", "2026-11-28T10:15:00+1", "2026-11-28T10:15:00+24:00"),
    *("2026-11-28T10:15:00+01:60", "2026-11-28T10:15:00+01:30:30", "2026-11-28T10:15:61Z", "2026-11-28T10:60Z"),
    *("2026-11-28T24:00:01Z", "2026-11-28T24:01Z", "2026-11-28T25:00Z"),
    *("2026-11-28T24:00:00.1Z", "2026-13-01", "2026-02-30"),
    *("2026-11-28_10:15:00", "2026-11-28T10:15:00.Z", "2026-11-28T10:15.5Z", "2026-11-28T1015Z", "20261128T10:15Z"),
    *("0000-01-01", "0001-01-01T00:00:00+00:01", "9999-12-31T24:00:00Z", "9999-12-31T23:59:59-00:01", "٢٠٢٦-11-28"),
    *("2026-11-28T10:15:00 Z", "2026-11-28T10:15:00Z\x00"),
    *("2026-11-28T10:15:00." + "9" * 60, "-2026-11-28", "99999-01-01"),
)
NUMBERS = {
    1732000000: "2024-11-19T07:06:40Z",
    1732000000.5: "2024-11-19T07:06:40Z",
    1732000000000: "2024-11-19T07:06:40Z",
    0: "1970-01-01T00:00:00Z",
    -1: "1969-12-31T23:59:59Z",
}
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


PROGRAM = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("timestamps", sys.argv[1])
timestamps = importlib.util.module_from_spec(spec)
spec.loader.exec_module(timestamps)
found = [timestamps.parse_timestamp(value) for value in json.load(sys.stdin)]
print(json.dumps([timestamp and timestamps.iso(timestamp) for timestamp in found]))
"""


def test_every_python_reads_the_same() -> None:
    values = [*READ, *NOT_READ, *NUMBERS]
    tried = {version: python for version, python in interpreters().items() if version >= (3, 9)}
    assert tried
    for version, python in tried.items():
        done = subprocess.run(
            [str(python), "-c", PROGRAM, str(TIMESTAMPS)],
            input=json.dumps(values),
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert json.loads(done.stdout) == [shown(value) for value in values], version
