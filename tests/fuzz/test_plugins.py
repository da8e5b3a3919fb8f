# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters, tests, the lookup, the inventory and the event source with unusual input: a result or a typed error."""

from __future__ import annotations

import copy
import functools
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible.errors import AnsibleError
from fuzz import inputs
from fuzz.tasks import HASTE
from fuzz.test_responses import altering, changes, fields
from hypothesis import given
from hypothesis import strategies as st
from support.simulator import SYSTEMS
from support.wire import Wire
from support.workbooks import workbook_of

from ansible_collections.hybrid.connectors.plugins.filter.fleet import fleet
from ansible_collections.hybrid.connectors.plugins.filter.fleet_metrics import fleet_metrics
from ansible_collections.hybrid.connectors.plugins.filter.fleet_page import fleet_page
from ansible_collections.hybrid.connectors.plugins.filter.fleet_problems import fleet_problems
from ansible_collections.hybrid.connectors.plugins.filter.fleet_report import fleet_report
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import FIELDS, HEALTHS, HealthThresholds, records
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet_reader import read, source_of
from ansible_collections.hybrid.connectors.plugins.module_utils._module import UNREADABLE
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_case
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import customer_files
from ansible_collections.hybrid.connectors.plugins.module_utils._tables import UnusableFile
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _health_events, _health_monitor
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _sources as sources
from ansible_collections.hybrid.connectors.plugins.test.healthy import healthy
from ansible_collections.hybrid.connectors.plugins.test.outdated import outdated
from ansible_collections.hybrid.connectors.plugins.test.same_fleet import same_fleet

NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)
every_system = pytest.mark.parametrize("system", SYSTEMS)
REASONS = ("down", "degraded", "unread", "outdated", "expiring", "maintenance", "unknown")


@functools.cache
def items(system: str) -> st.SearchStrategy[list[Any]]:
    """Lists in the format of an info module, with unusual values."""
    names = sorted({snake_case(name) for name in fields(system)} | {"alarms", "hierarchy_path", "hybrid_cluster_name"})
    item = st.dictionaries(st.sampled_from(names), inputs.values, max_size=6)
    return st.lists(item, max_size=3)


@functools.cache
def whole_report() -> dict[str, Any]:
    """A report with every kind of entry."""
    alarm = {"id": "a", "severity": "critical", "title": "t", "description": "d", "created": "2026-01-01T00:00:00Z"}
    report = fleet_report(
        {
            "apono": {"connectors": [{"id": "a", "name": "b", "status": "DISCONNECTED", "is_latest_version": False}]},
            "hdp": {"connectors": [{"connector_id": "c", "label": "d", "last_accessed": "2020-01-01T00:00:00Z"}]},
            "voss": {"customers": [{"pkid": "e", "name": "f", "access_token_expires": "2026-11-25T00:00:00Z"}]},
            "webex": {"connectors": [{"id": "g", "status": "outage", "alarms": [alarm]}]},
        }
    )
    assert isinstance(report, dict)
    return report


def report_changed(at: float, how: str, name: str, value: Any) -> Any:
    """A report with one change."""
    return inputs.changed(copy.deepcopy(whole_report()), at, how, name, value)


reports = st.one_of(
    inputs.values,
    st.builds(
        report_changed,
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["value", "missing", "more", "renamed", "again"]),
        st.sampled_from(["health", "systems", "records", "id", "x"]),
        inputs.values,
    ),
)


def tried(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return the result of a plugin if it can be printed, or None if the plugin rejects its input with one sentence."""
    try:
        found = function(*arguments, **named)
    except (AnsibleError, ConnectorsError, UnusableFile) as error:
        refusal = str(error)
    else:
        json.dumps(found)
        return found
    assert refusal.strip()
    assert "Traceback" not in refusal
    return None


@every_system
@inputs.examples(40)
@given(data=st.data(), hours=inputs.values, days=inputs.values)
def test_the_fleet_of_any_list(system: str, data: st.DataObject, hours: Any, days: Any) -> None:
    given_items = data.draw(items(system))
    for arguments in ({}, {"stale_after_hours": hours}, {"stale_after": hours}, {"expiring_within_days": days}):
        for record in tried(fleet, given_items, system, **arguments) or ():
            assert set(record) == set(FIELDS)
            assert record["health"] in HEALTHS
            assert all(isinstance(problem, str) for problem in record["problems"])
            assert isinstance(healthy(record), bool)
            assert isinstance(outdated(record), bool)
    tried(
        fleet_report,
        {system: {PROVIDERS[system].list_key: given_items}},
        stale_after_hours=hours,
        expiring_within_days=days,
    )


def test_a_limit_beyond_any_date_is_refused() -> None:
    connector = {"connector_id": "a", "last_accessed": "2026-01-01T00:00:00Z"}
    # The first message is that of Python.
    for limit, fact in ((10**400, "too large"), (1e300, "'stale_after_hours'")):
        with pytest.raises(AnsibleError, match=fact):
            fleet([connector], "hdp", stale_after_hours=limit)


def test_an_infinite_number_is_refused_by_the_event_source() -> None:
    with pytest.raises(ConnectorsError, match=re.escape(UNREADABLE)):
        _health_monitor._checked({"interval": 10**400})


def test_a_report_with_null_numbers_has_no_metrics() -> None:
    damaged = json.loads(json.dumps(whole_report()).replace('"total": 4', '"total": null'))
    damaged["systems"][0]["total"] = None
    damaged["systems"][0]["read"] = None
    for report in (damaged, {**damaged, "summary": None}, {**damaged, "records": [{}]}):
        tried(fleet_metrics, report)
        assert same_fleet(report, whole_report()) is False


@inputs.examples(60)
@given(value=inputs.values, other=reports, system=st.sampled_from(SYSTEMS) | inputs.strings)
def test_plugins_with_any_value(value: Any, other: Any, system: str) -> None:
    tried(fleet, value, system)
    tried(fleet_report, value)
    tried(fleet_report, {system: value})
    tried(fleet_report, json.dumps({system: value}, default=str), as_json=True)
    tried(fleet_report, {}, title=value, previous=other)
    for function in (healthy, outdated):
        tried(function, value)
    tried(fleet_problems, whole_report(), value)
    tried(lambda: [bool(source_of("apono", {"api_token": value}))])


@inputs.examples(150)
@given(report=reports, other=reports)
def test_plugins_with_any_report(report: Any, other: Any) -> None:
    tried(fleet_metrics, report)
    tried(fleet_page, report)
    tried(fleet_problems, report, REASONS)
    tried(fleet_report, {"apono": {"connectors": []}}, previous=report)
    tried(same_fleet, report, other)
    tried(same_fleet, report, whole_report())


@every_system
@inputs.examples(30)
@given(data=st.data())
def test_inventory_and_event_source_with_any_response(wire: Wire, system: str, data: st.DataObject) -> None:
    planned = data.draw(changes(system))
    wire.begin(altering(planned))
    rate = {"requests_per_second": 0} if system == "voss" else {}
    source = source_of(system, {**PROVIDERS[system].poll_defaults, **wire.connection(system), **HASTE, **rate})
    found = tried(read, source, lambda warning: None) or []
    fleet_records = records(system, found, HealthThresholds(NOW))
    names = sources.host_names(system, fleet_records)
    assert len(set(names)) == len(fleet_records)
    known = _health_events.System()
    for step in _health_events.steps(system, known, fleet_records, "2026-11-22T00:00:00Z"):
        json.dumps(step.event)
        known.connectors = {**known.connectors, **({step.id: step.known} if step.known else {})}
    _health_events.restored(_health_events.stored({system: known}))
    assert wire.wrong == []


@inputs.examples(100)
@given(options=st.dictionaries(st.sampled_from([*_health_monitor.OPTIONS, *SYSTEMS, "x"]), inputs.values, max_size=4))
def test_the_event_source_with_any_options(options: dict[str, Any]) -> None:
    options.pop("state_file", None)
    tried(lambda: [bool(_health_monitor._checked(options))])
    tried(lambda: [bool(_health_monitor._checked_systems(options))])


def with_part(name: str, content: bytes) -> bytes:
    """Return a workbook in which one part has other content."""
    workbook = workbook_of(("Customers", [["name"], ["A"]]))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return buffer.getvalue()


@inputs.examples(100)
@given(
    content=st.binary(max_size=60) | inputs.strings.map(lambda text: text.encode("utf-8", "replace")),
    value=inputs.values,
)
def test_files_with_any_content(content: bytes, value: Any) -> None:
    header = b"name,hierarchy,dirsync_enabled,notes\n"
    for text in (
        content,
        header + content,
        b'{"resources": ' + content + b"}",
        json.dumps({"resources": value}).encode(),
        json.dumps({"customers": value}).encode(),
        json.dumps([value]).encode(),
    ):
        tried(customer_files.from_csv, text)
        tried(customer_files.from_export, text, False)
        tried(customer_files.customers_from, text)
    for part in ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        tried(customer_files.customers_from, with_part(part, content))
    tried(lambda: bool(_health_events.restored(content)))
    tried(lambda: bool(_health_events.restored(json.dumps({"format": 2, "systems": value}).encode())))
