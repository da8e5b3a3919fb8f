# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the table of API calls in the guide: the module in each row sends the call in the row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.modules import RunModule
from support.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "voss_calls.rst"
MODEL = "/api/relation/SparkCustomer/"
SCOPE = "sys.hcs.CS-P"
NODE = "sys.hcs.CS-P.CS-NB.Initech"
WEST = "sys.hcs.CS-P.CS-AB.Initech-West"
AAAGLOBAL = {"hierarchy": SCOPE, "name": "AAAGlobal"}
PKID = "65e0918d6fd4534903e212d9"
BOTH = [{"name": "AAAGlobal"}, {"name": "AB_Group"}]
LAST = "the last transaction"
POLLS = 3  # A transaction of the simulator ends with the third poll.

# The calls in the vendor's reference for the model. The guide must list all of them.
REFERENCE = {
    "GET add/",
    "POST",
    "DELETE hrefs",
    "POST /api/tool/DataMove/ one href",
    "POST /api/tool/DataMove/ hrefs",
    "POST bulk_update/",
    "POST export/ hrefs",
    "POST export_bulkload_template/",
    "GET configuration_template/",
    "GET field_display_policy/",
    "GET",
    "GET help",
    "PUT [pkid]/",
    "DELETE [pkid]/",
    "POST /api/tool/DataMove/[pkid]/",
    "GET [pkid]/export/",
    "GET [pkid]/",
    "GET [pkid]/help",
    "POST [pkid]/+RefreshAccessToken/",
    "POST [pkid]/+SyncWebexTeamsRolesLicences/",
    "POST [pkid]/+SyncWebexTeamsUsers/",
    "GET /api/tool/Transaction/[id]/",
}
# Every module may also read the customers, their nodes and the transactions.
BESIDE = re.compile(
    rf"GET ({MODEL}|/api/data/HierarchyNode/|/api/tool/Transaction/)([0-9a-z]{{24}}/|[0-9a-f-]{{36}}/)?"
)


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    title: str
    call: str
    maker: str

    @property
    def identity(self) -> str:
        """Return a short form of the call: its markup, and the number of customers in its body."""
        found = re.match(r"``([^`]+)``", self.call)
        assert found, self.call
        hrefs = {None: "", 1: " one href", 2: " hrefs"}[self.hrefs]
        return found.group(1) + hrefs

    @property
    def hrefs(self) -> int | None:
        """Return 1 if the body contains one customer, 2 for several customers, or None for no customer."""
        if "``hrefs``" not in self.call:
            return None
        return 1 if "one item in ``hrefs``" in self.call else 2

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return a pattern for method and path of the call."""
        method, _, path = self.identity.removesuffix(" one href").removesuffix(" hrefs").partition(" ")
        place = re.escape(path if path.startswith("/api/") else MODEL + path)
        place = place.replace(re.escape("[pkid]"), "[0-9a-z]{24}").replace(re.escape("[id]"), "[0-9a-f-]{36}")
        return re.compile(f"{method} {place}")

    @property
    def used(self) -> bool:
        return not self.maker.startswith("Not used")

    @property
    def modules(self) -> set[str]:
        """Return the modules in the row."""
        return set(re.findall(r"``(voss_\w+)``", self.maker))

    @property
    def options(self) -> dict[str, Any]:
        """Return the options in the row with their values, or ... for an option without a value."""
        named: dict[str, Any] = {}
        for text in re.findall(r"``([a-z]\w*(?:: [^`]+)?)``", self.maker):
            if not text.startswith("voss_"):
                named.update(yaml.safe_load(text) if ":" in text else {text: ...})
        return named


def rows() -> Iterator[Row]:
    """Return the rows of the table of requests in the guide."""
    section = GUIDE.read_text(encoding="utf-8").partition("\nAPI requests\n")[2]
    table = re.search(r"\.\. list-table::\n(.*?)\n\S", section, re.DOTALL)
    assert table
    for text in re.split(r"^   \* - ", table.group(1), flags=re.MULTILINE)[2:]:
        title, call, maker = (" ".join(cell.split()) for cell in re.split(r"^     - ", text, flags=re.MULTILINE))
        yield Row(title, call, maker)


ROWS = {row.title: row for row in rows()}


@dataclass(frozen=True)
class Run:
    """A module with options, the number of times that it sends the call, and the parameters of the call. If the call
    follows a change, ``change`` is the method of this change.
    """

    module: str
    options: Mapping[str, Any]
    calls: int = 1
    received: Mapping[str, str] = field(default_factory=dict)
    change: str | None = None
    before: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    def __str__(self) -> str:
        return f"{self.module} {' '.join(self.options)}"


def one(**options: Any) -> Run:
    return Run("voss_spark_customer", options)


def many(calls: int = 1, **options: Any) -> Run:
    return Run("voss_spark_customers", {"hierarchy": SCOPE, **options}, calls)


def info(**options: Any) -> Run:
    return Run("voss_spark_customer_info", options)


def exported(received: Mapping[str, str], **options: Any) -> Run:
    return Run("voss_spark_customer_export", {"dest": "export", **options}, received=received)


def modified(suffix: str) -> list[dict[str, Any]]:
    return [{**customer, "email_domain": f"{suffix}.example"} for customer in BOTH]


RUNS: dict[str, list[Run]] = {
    "Add form": [info(hierarchy=NODE, gather=["add_form"])],
    "Create": [one(hierarchy=NODE, name="Initech"), many(customers=[{"name": "Initech", "hierarchy": NODE}])],
    "Bulk delete": [
        many(customers=BOTH, state="absent"),
        many(customers=[], prune=True),
    ],
    "Move to a target hierarchy": [one(**AAAGLOBAL, target_hierarchy=WEST)],
    "Bulk move": [many(customers=[{**customer, "hierarchy": WEST} for customer in BOTH], relocate=True)],
    "Bulk modify": [many(customers=modified("rooms"))],
    "Bulk export as JSON, raw XLSX and XLSX": [
        *(
            exported({"export_format": kind}, hierarchy=SCOPE, format=kind, **more)
            for kind in ("json", "raw_xlsx", "xlsx")
            for more in ({}, {"names": ["AAAGlobal", "AB_Group"]})
        ),
        exported({"version": "1.2.7"}, hierarchy=SCOPE, version="1.2.7"),
        exported(
            {"template_name": "Spark Customer Defaults"},
            hierarchy=SCOPE,
            configuration_template="Spark Customer Defaults",
        ),
    ],
    "Bulk-load template": [exported({}, hierarchy=NODE, bulkload_template=True)],
    "Configuration templates": [info(hierarchy=NODE, gather=["configuration_templates"])],
    "Field display policies": [info(hierarchy=NODE, gather=["field_display_policies"])],
    "List": [info(hierarchy=SCOPE)],
    "Help of the model": [info(hierarchy=NODE, gather=["help"])],
    "Modify": [one(**AAAGLOBAL, email_domain="rooms.example"), many(2, customers=modified("rooms"))],
    "Delete": [one(**AAAGLOBAL, state="absent"), many(customers=BOTH[:1], state="absent")],
    "Move of an instance": [one(**AAAGLOBAL, target_hierarchy=WEST)],
    "Export of an instance as JSON, raw XLSX and XLSX": [
        exported({"export_format": kind}, pkids=[PKID], format=kind) for kind in ("json", "raw_xlsx", "xlsx")
    ],
    "Get": [
        info(pkid=PKID),
        one(**AAAGLOBAL),
        replace(many(2, customers=modified("rooms")[:1]), change="PUT"),
    ],
    "Help of an instance": [info(hierarchy=NODE, pkid=PKID, gather=["help"])],
    "Refresh access token": [
        one(**AAAGLOBAL, refresh_access_token="always"),
        many(2, customers=BOTH, refresh_access_token="always"),
    ],
    "Sync Webex Teams roles and licences": [
        one(**AAAGLOBAL, sync=["roles_licences"], sync_when="always"),
        many(2, customers=BOTH, sync=["roles_licences"], sync_when="always"),
    ],
    "Sync Webex Teams users": [
        one(**AAAGLOBAL, sync=["users"], sync_when="always"),
        many(2, customers=BOTH, sync=["users"], sync_when="always"),
    ],
    "Transaction of a change": [
        Run(
            "voss_transaction_info",
            {"id": LAST},
            before=(("voss_spark_customer", {**AAAGLOBAL, "email_domain": "rooms.example", "wait": False}),),
        ),
        replace(one(**AAAGLOBAL, email_domain="rooms.example", wait=True), calls=POLLS, change="PUT"),
        replace(many(customers=modified("rooms")[:1], wait=True), calls=POLLS, change="PUT"),
    ],
}


def test_every_call_of_the_reference_has_a_running_row() -> None:
    assert {row.identity for row in ROWS.values()} == REFERENCE
    assert list(ROWS) == list(RUNS)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_each_row_runs_the_module_that_it_names(row: Row) -> None:
    runs = RUNS[row.title]
    assert {run.module for run in runs} == row.modules or not row.used
    for option, value in row.options.items():
        given = [run.options[option] for run in runs if option in run.options]
        given += [item[option] for run in runs for item in run.options.get("customers", []) if option in item]
        assert given, f"{option} is named and not run"
        assert value is ... or value in given


@pytest.mark.parametrize(
    ("row", "run"),
    [pytest.param(row, run, id=f"{row.title}: {run}") for row in ROWS.values() for run in RUNS[row.title]],
)
def test_each_row_sends_its_call_and_otherwise_only_reads(
    simulator: Simulator, module: RunModule, tmp_path: Path, row: Row, run: Run
) -> None:
    given: dict[str, Any] = {**run.options}
    if "dest" in given:
        given["dest"] = str(tmp_path / given["dest"])
    if run.module in ("voss_spark_customer", "voss_spark_customers"):
        given["poll_interval"] = 0.02
    customers = simulator.state()["voss"]["customers"]
    with_tokens = [{**customer, "token": "token"} for customer in customers]
    simulator.reset({"voss": {**simulator.state()["voss"], "customers": with_tokens}})
    for name, options in run.before:
        made = module(name, **options).ok()
        given = {key: made["transactions"][-1]["id"] if value == LAST else value for key, value in given.items()}
    simulator.forget()
    module(run.module, **given).ok()
    sent = [(f"{entry['method']} {entry['path']}", entry) for entry in simulator.journal("voss")]
    calls = [entry for words, entry in sent if row.pattern.fullmatch(words)]
    others = [(words, entry) for words, entry in sent if entry not in calls and not BESIDE.fullmatch(words)]
    if not row.used:
        assert calls == []
        assert any(entry["write"] for _message, entry in others)
        return
    assert len(calls) == run.calls
    assert [entry["method"] for _message, entry in others] == ([run.change] if run.change else [])
    for entry in calls:
        body = entry["body"] if isinstance(entry["body"], dict) else {}
        assert min(len(body.get("hrefs", ())), 2) == (row.hrefs or 0)
        assert run.received.items() <= {name: values[0] for name, values in entry["params"].items()}.items()
    for entry in simulator.writes("voss"):
        assert entry["params"]["nowait"] == ["true"]
