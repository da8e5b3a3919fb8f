# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the requests for a list of customers: matching, planning and bulk changes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

import pytest
from support.messages import MessageTable
from support.simulated_time import SimulatedTime
from support.simulator import Simulator
from support.voss import (
    AAA_NODE,
    AAA_PATH,
    AAAGLOBAL,
    CUSTOMERS,
    INITECH,
    INITECH_PKID,
    RESELLER,
    RESELLER_PKID,
    WEST,
    WEST_PKID,
    at_once,
    progress,
    received,
)

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError, RequestFailed
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import (
    bulk_plan,
    bulk_run,
    model,
    poller,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.bulk_items import (
    BulkItem,
    BulkOptions,
    Unchanged,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.bulk_items import (
    work_items as work_items_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer import (
    DesiredCustomer,
    Outcome,
    Plan,
    Rules,
    Step,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import PollOptions

SCOPE, SCOPE_PKID = "sys.hcs.CS-P", "5f3ae1fcce894e001204e0ed"
AB_GROUP, AB_NODE = "65e032dc6fd4534903dff709", "5f3ae552ce894e00120537fa"
AB_PATH = "sys.hcs.CS-P.CS-AB.AB_Group"
UMBRELLA, UMBRELLA_PKID = "sys.hcs.CS-P.CS-AB.Umbrella", "6130d69ae04a4a0015a93c04"
NODES = "GET /api/data/HierarchyNode/"
LISTED = f"GET {CUSTOMERS} hierarchy={SCOPE}"
SCOPE_LOOKUP = f"{NODES} filter_condition=contains filter_field=name filter_text=CS-P"
MOVE = "POST /api/tool/DataMove/"
QUICK = PollOptions(interval=0.01)
SLOW = PollOptions(interval=1.0)
HASTY = PollOptions(wait=False, interval=0.01)
BULK = BulkOptions(SCOPE)


@pytest.fixture
def voss(simulator: Simulator, connection: Mapping[str, Mapping[str, str]]) -> Voss:
    return at_once(simulator, connection, connections=8)


def written(simulator: Simulator) -> list[tuple[str, list[str]]]:
    """Return the writes with the pkids in each write, and clear the journal."""
    found = [
        (
            f"{entry['method']} {entry['path']}",
            [href.removeprefix(CUSTOMERS) for href in entry["body"].get("hrefs", ())],
        )
        for entry in simulator.writes("voss")
    ]
    simulator.forget()
    return found


def desired(name: str | None, **more: Any) -> DesiredCustomer:
    given: dict[str, Any] = {"hierarchy": SCOPE, "pkid": None, "settings": {}, "secrets": {}, "scope": SCOPE}
    return DesiredCustomer(name=name, **{**given, **more})


def seeded(simulator: Simulator, *customers: tuple[str, str]) -> list[str]:
    """Create more customers, each with a name and a node, and return their pkids."""
    state = simulator.state()
    pkids = [f"65e0918d6fd4534903e2{number:04d}" for number in range(len(customers))]
    more = [
        {"pkid": pkid, "name": name, "hierarchy": path, "token": "canary"}
        for pkid, (name, path) in zip(pkids, customers, strict=True)
    ]
    simulator.reset({"voss": {"customers": [*state["voss"]["customers"], *more]}, "settings": state["settings"]})
    return pkids


def there(simulator: Simulator) -> dict[str, str]:
    """Return the name and the node of each customer in the simulator, by pkid."""
    return {item["pkid"]: item["hierarchy"] for item in simulator.state()["voss"]["customers"]}


def refused(
    voss: Voss, items: list[DesiredCustomer], bulk_options: BulkOptions = BULK, reason: str | None = None
) -> str:
    with pytest.raises(InputError) as raised:
        planned(voss, items, Rules(), bulk_options)
    assert reason in (None, raised.value.reason)
    return raised.value.message


def planned(voss: Voss, items: list[DesiredCustomer], rules: Rules, bulk_options: BulkOptions) -> list[BulkItem]:
    """Plan a bulk run, and return only the customers that may require changes."""
    return work_items_of(bulk_plan.plan(voss, items, rules, bulk_options))


def steps(work_items: list[BulkItem]) -> list[list[str]]:
    return [[step.action for step in work_item.remaining] for work_item in work_items]


def check_ambiguous(
    messages: MessageTable, row: str, error: str | None, name: str, places: tuple[str, str], scope: str = SCOPE
) -> None:
    messages.check(row, error, name=name, scope=scope, first=places[0], second=places[1], option="hierarchy")


def errors(work_items: list[BulkItem]) -> list[str | None]:
    return [work_item.error.message if work_item.error else None for work_item in work_items]


def ready(voss: Voss, pkids: list[str], *todo: Step) -> list[BulkItem]:
    """Return work items with these steps for these customers of the list."""
    listed = {item["pkid"]: item for item in voss.customers(SCOPE)}
    work_items = [BulkItem(desired(listed[pkid]["data"]["name"])) for pkid in pkids]
    for work_item, pkid in zip(work_items, pkids, strict=True):
        work_item.set_plan(Plan(listed[pkid], listed[pkid], todo))
    return work_items


# Matching and planning


def test_only_customers_that_seem_to_differ_are_read(simulator: Simulator, voss: Voss) -> None:
    items = [
        desired("AAAGlobal"),
        desired("AB_Group", settings={"email_domain": "x"}),
        desired("Initech", hierarchy=INITECH),
    ]
    entries = bulk_plan.plan(voss, items, Rules(), BULK)
    assert [entry.desired for entry in entries] == items
    work_items = work_items_of(entries)
    assert errors(work_items) == [None, None]
    assert steps(work_items) == [["updated"], ["created"]]
    [same] = [entry for entry in entries if isinstance(entry, Unchanged)]
    assert same.listed["pkid"] == AAAGLOBAL
    changed, new = (work_item.plan for work_item in work_items)
    assert changed.before is not None
    assert changed.before["data"]["shadow"] == []
    assert new == Plan(
        None,
        {
            "pkid": None,
            "hierarchy": INITECH_PKID,
            "hierarchy_path": INITECH,
            "nodes": (),
            "data": {"name": "Initech"},
        },
        (Step("created", {"name": "Initech"}),),
    )
    assert [work_item.outcome.customer for work_item in work_items] == [changed.before, new.after]
    requests = received(simulator)
    assert requests[:2] == [LISTED, NODES]
    assert sorted(requests[2:]) == [f"GET {CUSTOMERS}{AB_GROUP}/ hierarchy={AB_NODE}"]


def test_all_nodes_are_read_only_if_needed(simulator: Simulator, voss: Voss) -> None:
    for items, bulk_options, nodes in (
        ([desired("AAAGlobal")], BULK, 0),
        ([desired("Nobody")], BulkOptions(SCOPE, absent=True), 0),
        ([], BULK, 0),
        ([desired("AAAGlobal"), desired("Nobody")], BULK, 1),
    ):
        planned(voss, items, Rules(), bulk_options)
        assert received(simulator).count(NODES) == nodes


def test_a_planning_failure_does_not_stop_other_customers(
    simulator: Simulator, voss: Voss, messages: MessageTable
) -> None:
    first, second, third, fourth = seeded(simulator, ("A", INITECH), ("A", WEST), ("B", SCOPE), ("B", SCOPE))
    items = [
        desired("A"),
        desired("B"),
        desired("C", hierarchy="sys.hcs.CS-P.Nowhere"),
        desired("D", hierarchy=INITECH),
    ]
    work_items = planned(voss, items, Rules(), BULK)
    below = f"{INITECH} (pkid {first})", f"{WEST} (pkid {second})"
    at = f"{SCOPE} (pkid {third})", f"{SCOPE} (pkid {fourth})"
    check_ambiguous(messages, "voss.ambiguous_below", errors(work_items)[0], "A", below)
    check_ambiguous(messages, "voss.ambiguous_at", errors(work_items)[1], "B", at)
    messages.check("voss.unknown_node", errors(work_items)[2], node="sys.hcs.CS-P.Nowhere")
    assert [work_item.error.reason if work_item.error else None for work_item in work_items] == [
        "ambiguous", "ambiguous", "invalid_option", None,
    ]  # fmt: skip
    assert steps(work_items) == [[], [], [], ["created"]]
    cause = f"{errors(work_items)[0]} {errors(work_items)[1]}"
    messages.check("voss.unclear_prune", refused(voss, items, BulkOptions(SCOPE, prune=True)), cause=cause)


def test_nodes_are_not_learnt_for_items_that_failed(simulator: Simulator, voss: Voss) -> None:
    seeded(simulator, ("A", INITECH), ("A", WEST))
    assert planned(voss, [desired("A")], Rules(), BULK)[0].error
    assert received(simulator) == [LISTED]


def test_a_customer_in_the_scope_moves_with_relocate(simulator: Simulator, voss: Voss) -> None:
    item = desired("AB_Group", hierarchy=WEST)
    [work_item] = planned(voss, [item], Rules(sync=("users",)), BulkOptions(SCOPE, relocate=True))
    assert work_item.desired == desired("AB_Group", hierarchy=WEST, target=WEST)
    assert work_item.remaining == [Step("moved", target=WEST_PKID), Step("users_synced")]
    assert work_item.plan.before is not None
    assert (work_item.plan.before["pkid"], work_item.plan.before["hierarchy"]) == (AB_GROUP, AB_NODE)
    [work_item] = planned(voss, [item], Rules(), BULK)
    assert (work_item.desired, steps([work_item])) == (item, [["created"]])
    [work_item] = planned(voss, [item], Rules(), BulkOptions(SCOPE, relocate=True, absent=True))
    assert (work_item.desired, work_item.plan) == (item, Plan(None, None))
    new = desired("Hooli", hierarchy=WEST)
    [work_item] = planned(voss, [new], Rules(), BulkOptions(SCOPE, relocate=True))
    assert (work_item.desired, steps([work_item])) == (new, [["created"]])


def test_an_ambiguous_relocation_names_the_scope(simulator: Simulator, voss: Voss, messages: MessageTable) -> None:
    first, second = seeded(simulator, ("A", INITECH), ("A", WEST))
    [work_item] = planned(voss, [desired("A", hierarchy=UMBRELLA)], Rules(), BulkOptions(SCOPE, relocate=True))
    places = f"{INITECH} (pkid {first})", f"{WEST} (pkid {second})"
    check_ambiguous(messages, "voss.ambiguous_below", errors([work_item])[0], "A", places)
    assert planned(voss, [desired("A", hierarchy=RESELLER)], Rules(), BulkOptions(SCOPE, relocate=True)) == []


def test_a_customer_is_not_relocated_out_of_the_scope(simulator: Simulator, voss: Voss, messages: MessageTable) -> None:
    seeded(simulator, ("AB_Group", WEST))
    for node, row, facts in (
        (UMBRELLA, "voss.outside_scope", {"scope": f"'{WEST}'"}),
        (f"{SCOPE}.Nowhere", "voss.unknown_node", {}),
    ):
        item = desired("AB_Group", hierarchy=node, scope=WEST)
        [work_item] = planned(voss, [item], Rules(), BulkOptions(WEST, relocate=True))
        messages.check(row, errors([work_item])[0], node=node, **facts)
        assert steps([work_item]) == [[]]


@pytest.mark.parametrize(
    ("node", "row", "facts"),
    [
        (UMBRELLA, "voss.outside_scope", {"scope": f"'{RESELLER}'"}),
        (f"{RESELLER}.Initehc", "voss.unknown_node", {}),
        (INITECH, None, {}),
        (RESELLER, None, {}),
    ],
)
def test_a_missing_customer_to_delete_needs_a_node_in_the_scope(
    simulator: Simulator, voss: Voss, node: str, row: str | None, facts: dict[str, str], messages: MessageTable
) -> None:
    bulk_options = BulkOptions(RESELLER, absent=True)
    items = [desired("AAAGlobal", scope=RESELLER, hierarchy=RESELLER), desired("X", hierarchy=node, scope=RESELLER)]
    work_items = planned(voss, items, Rules(), bulk_options)
    assert steps(work_items) == [["deleted"], []]
    assert errors(work_items)[0] is None
    if row:
        messages.check(row, errors(work_items)[1], node=node, **facts)
    else:
        assert errors(work_items)[1] is None


def test_a_relocation_leaves_the_customer_of_another_entry(simulator: Simulator, voss: Voss) -> None:
    relocate = BulkOptions(SCOPE, relocate=True)
    items = [desired("AB_Group", hierarchy=WEST), desired("AB_Group", hierarchy=AB_PATH)]
    for order in (items, items[::-1]):
        [at_west] = planned(voss, order, Rules(), relocate)
        assert (at_west.desired.hierarchy, steps([at_west])) == (WEST, [["created"]])
    [third] = seeded(simulator, ("AB_Group", INITECH))
    [at_west] = planned(voss, items, Rules(), relocate)
    assert (at_west.customer["pkid"], steps([at_west])) == (third, [["moved"]])


def test_a_relocation_leaves_the_customer_of_a_failed_entry(simulator: Simulator, voss: Voss) -> None:
    seeded(simulator, ("A", WEST))
    items = [desired("A", hierarchy=WEST, exported_pkid=AAAGLOBAL), desired("A", hierarchy=UMBRELLA)]
    at_west, at_umbrella = planned(voss, items, Rules(), BulkOptions(SCOPE, relocate=True))
    assert at_west.error is not None
    assert at_west.error.reason == "conflict"
    assert steps([at_west, at_umbrella]) == [[], ["created"]]


def test_a_mistyped_node_keeps_its_customer(simulator: Simulator, voss: Voss, messages: MessageTable) -> None:
    [pkid] = seeded(simulator, ("Initech", INITECH))
    mistyped = desired("Initech", hierarchy="CS-P.CS-NB.Initehc")
    items = [mistyped, desired("Initech", hierarchy=WEST), desired("Hooli", hierarchy=WEST)]
    for order in (items, items[::-1]):
        work_items = planned(voss, order, Rules(), BulkOptions(SCOPE, relocate=True))
        in_order = work_items if order is items else work_items[::-1]
        assert steps(in_order) == [[], [], ["created"]]
        failed = in_order[1].error
        assert failed is not None
        assert failed.reason == "ambiguous"
        facts = {"name": "Initech", "node": WEST, "place": INITECH, "pkid": pkid, "other": mistyped.hierarchy}
        messages.check("voss.unclear_move", failed.message, **facts)


def test_an_ambiguous_entry_keeps_its_customers(simulator: Simulator, voss: Voss) -> None:
    seeded(simulator, ("A", INITECH), ("A", AAA_PATH))
    items = [desired("A", hierarchy=RESELLER), desired("A", hierarchy=WEST), desired("A", hierarchy=INITECH)]
    ambiguous, at_west = planned(voss, items, Rules(), BulkOptions(SCOPE, relocate=True))
    assert [item.error and item.error.reason for item in (ambiguous, at_west)] == ["ambiguous", "ambiguous"]
    assert steps([ambiguous, at_west]) == [[], []]
    [new] = planned(voss, [desired("A", hierarchy=WEST), items[2]], Rules(), BulkOptions(SCOPE))
    assert steps([new]) == [["created"]]


def test_a_failed_entry_does_not_stop_a_creation(simulator: Simulator, voss: Voss) -> None:
    items = [desired("Initech", hierarchy="CS-P.CS-NB.Initehc"), desired("Initech", hierarchy=WEST)]
    assert steps(planned(voss, items, Rules(), BulkOptions(SCOPE, relocate=True))) == [[], ["created"]]


def test_two_relocations_of_one_customer_are_refused(simulator: Simulator, voss: Voss) -> None:
    items = [desired("AB_Group", hierarchy=WEST), desired("AB_Group", hierarchy=UMBRELLA)]
    refused(voss, items, BulkOptions(SCOPE, relocate=True), reason="ambiguous")


def test_the_list_reveals_a_taken_name_at_the_target(simulator: Simulator, voss: Voss, messages: MessageTable) -> None:
    item = desired("AB_Group", hierarchy=RESELLER, target=WEST)
    seeded(simulator, ("AB_Group", WEST), ("AB_Group", RESELLER))
    [work_item] = planned(voss, [item], Rules(), BULK)
    facts = {"name": "AB_Group", "node": WEST, "pkid": "65e0918d6fd4534903e20000"}
    messages.check("voss.name_taken", errors([work_item])[0], **facts)
    assert [words for words in received(simulator) if "filter" in words and "Spark" in words] == []


@pytest.mark.parametrize("hierarchy", [AAA_PATH, AAA_NODE, "CS-P.CS-NB.AAAGlobal"])
def test_duplicate_items_are_refused_before_planning(
    simulator: Simulator, voss: Voss, hierarchy: str, messages: MessageTable
) -> None:
    plain = AAA_NODE if hierarchy == AAA_NODE else "CS-P.CS-NB.AAAGlobal"
    items = [desired("B", hierarchy=AAA_PATH), desired("A", hierarchy=AAA_PATH), desired("A", hierarchy=hierarchy)]
    messages.check("voss.duplicate_item", refused(voss, items), name="'A'", node=plain)
    requests = received(simulator)
    assert requests[0] == LISTED
    assert (len(requests) == 1) is (hierarchy != AAA_NODE)


def test_one_name_at_two_nodes_is_two_customers(simulator: Simulator, voss: Voss) -> None:
    for node in (WEST, WEST_PKID):
        items = [desired("A", hierarchy=INITECH), desired("A", hierarchy=node)]
        assert steps(planned(voss, items, Rules(), BULK)) == [["created"], ["created"]]


def test_two_items_that_mean_one_customer_are_refused(simulator: Simulator, voss: Voss, messages: MessageTable) -> None:
    items = [desired("AAAGlobal"), desired("AAAGlobal", hierarchy=RESELLER)]
    message = refused(voss, items, reason="ambiguous")
    facts = {"first": SCOPE, "second": RESELLER, "name": "AAAGlobal", "pkid": AAAGLOBAL}
    messages.check("voss.shared_customer", message, **facts)


def test_a_failed_entry_does_not_stop_the_entry_of_its_customer(simulator: Simulator, voss: Voss) -> None:
    first, renamed = seeded(simulator, ("Initech", INITECH), ("Acme", AB_PATH))
    items = [
        desired("Initech", hierarchy=RESELLER, exported_pkid=renamed),
        desired("Initech", hierarchy=INITECH, exported_pkid=first),
        desired("Hooli", hierarchy=UMBRELLA),
    ]
    for order in (items, [items[1], items[0], items[2]]):
        entries = bulk_plan.plan(voss, order, Rules(), BULK)
        assert [entry.listed and entry.listed["pkid"] for entry in entries] == [first, first, None]
        failed, new = work_items_of(entries)
        assert failed.error is not None
        assert (failed.desired, failed.error.reason) == (items[0], "conflict")
        assert (new.desired, steps([new])) == (items[2], [["created"]])


def test_unlisted_customers_are_pruned_in_order_of_name(
    simulator: Simulator, voss: Voss, messages: MessageTable
) -> None:
    third, first, second = seeded(simulator, ("B", INITECH), ("A", WEST), ("A", UMBRELLA))
    bulk_options = BulkOptions(SCOPE, prune=True, prune_limit=4)
    work_items = planned(voss, [desired("AAAGlobal")], Rules(), bulk_options)
    assert [work_item.desired for work_item in work_items] == [
        DesiredCustomer(SCOPE, name, pkid, {}, {})
        for name, pkid in (("A", first), ("A", second), ("AB_Group", AB_GROUP), ("B", third))
    ]
    assert steps(work_items) == [["deleted"]] * 4
    for work_item in work_items:
        assert work_item.plan.before is not None
        assert work_item.plan == Plan(work_item.plan.before, None, (Step("deleted"),))
        assert work_item.plan.before["pkid"] == work_item.desired.pkid
    message = refused(voss, [desired("AAAGlobal")], BulkOptions(SCOPE, prune=True, prune_limit=3), "refused")
    facts = {"count": 4, "names": "'A', 'A', 'AB_Group', 'B'", "scope": SCOPE, "limit": 3}
    messages.check("voss.prune_limit", message, **facts)
    assert planned(voss, [desired("AAAGlobal")], Rules(), BULK) == []
    assert len(planned(voss, [desired("AAAGlobal")], Rules(), BulkOptions(SCOPE, prune=True, absent=True))) == 1


def test_the_first_twenty_pruned_customers_are_named(simulator: Simulator, voss: Voss, messages: MessageTable) -> None:
    names = [f"C{number:02d}" for number in range(21)]
    seeded(simulator, *((name, INITECH) for name in names))
    message = refused(voss, [desired("AAAGlobal"), desired("AB_Group")], BulkOptions(SCOPE, prune=True), "refused")
    shown = f"{', '.join(map(repr, names[:20]))} and 1 more"
    messages.check("voss.prune_limit", message, count=21, names=shown, scope=SCOPE, limit=5)


def test_a_list_with_a_nameless_customer_is_unusable(simulator: Simulator, voss: Voss) -> None:
    items = [{"pkid": "p1", "data": {}, "meta": {"path": [SCOPE_PKID, "p1"]}}]
    simulator.fault(
        system="voss",
        path="SparkCustomer/\\?",
        body={"resources": items, "pagination": {"total": 1, "limit": 2000}},
    )
    with pytest.raises(RequestFailed) as raised:
        planned(voss, [], Rules(), BulkOptions(SCOPE_PKID, prune=True))
    assert raised.value.reason == "invalid_response"


RENAMED = {"body": {"pkid": AAAGLOBAL, "data": {"name": "Renamed"}}}
GONE = {"status": 404, "body": {"error": "gone"}}


@pytest.mark.parametrize(
    ("response", "reason", "fact"),
    [(RENAMED, "invalid_response", "Renamed"), (GONE, "not_found", "404")],
    ids=["renamed", "gone"],
)
def test_an_outdated_list_creates_no_customer(
    simulator: Simulator, voss: Voss, response: dict[str, Any], reason: str, fact: str
) -> None:
    simulator.fault(system="voss", path=AAAGLOBAL, **response)
    item = desired("AAAGlobal", hierarchy=AAA_PATH, settings={"email_domain": "x"})
    [work_item] = planned(voss, [item], Rules(), BulkOptions(SCOPE))
    assert work_item.error
    assert work_item.error.reason == reason
    assert fact in work_item.error.message
    assert steps([work_item]) == [[]]


MOVED = {
    "body": {"pkid": AAAGLOBAL, "data": {"name": "AAAGlobal"}, "meta": {"references": {"parent": [{"pkid": AB_NODE}]}}}
}


@pytest.mark.parametrize(
    ("response", "reason"),
    [(RENAMED, "invalid_response"), (MOVED, "conflict"), (GONE, None)],
    ids=["renamed", "moved", "gone"],
)
@pytest.mark.parametrize(
    "bulk_options", [BulkOptions(SCOPE, absent=True), BulkOptions(SCOPE, prune=True)], ids=["absent", "pruned"]
)
def test_an_outdated_list_deletes_no_customer(
    simulator: Simulator, voss: Voss, bulk_options: BulkOptions, response: dict[str, Any], reason: str | None
) -> None:
    items = [desired("AAAGlobal", hierarchy=AAA_PATH)] if bulk_options.absent else [desired("AB_Group")]
    work_items = planned(voss, items, Rules(), bulk_options)
    assert received(simulator) == [LISTED, *([SCOPE_LOOKUP] if bulk_options.prune else [])]
    assert work_items[-1].remaining == [Step("deleted")]
    simulator.fault(system="voss", path=AAAGLOBAL, **response)
    bulk_plan.confirm_deletions(voss, work_items, bulk_options)
    assert (work_items[-1].error.reason if work_items[-1].error else None) == reason
    assert received(simulator) == [f"GET {CUSTOMERS}{AAAGLOBAL}/ hierarchy={AAA_NODE}"]
    bulk_run.run(voss, work_items, Rules(), bulk_options, QUICK)
    assert simulator.writes("voss") == []
    assert work_items[-1].outcome.actions == []


@pytest.mark.parametrize(
    ("hierarchy", "scope", "is_refused"),
    [
        (WEST, RESELLER, True),
        (SCOPE, RESELLER, True),
        (INITECH, "CS-P.CS-NB", False),
        (INITECH_PKID, RESELLER_PKID, False),
        (RESELLER_PKID, RESELLER, False),
        ("CS-P.CS-NB", RESELLER, False),
        (RESELLER, RESELLER, False),
        (WEST_PKID, RESELLER, True),
        (INITECH, "sys", False),
        (INITECH, "sys.hcs", False),
        ("sys.hcs.CS-P.CS-NB.Initech-West", "sys.hcs.CS-P.CS-NB.Initech", False),
    ],
)
def test_nothing_is_created_outside_the_scope(
    simulator: Simulator, voss: Voss, hierarchy: str, scope: str, is_refused: bool, messages: MessageTable
) -> None:
    if "NB.Initech-West" in hierarchy:
        state = simulator.state()
        nodes = [*state["voss"]["nodes"], {"path": hierarchy, "pkid": "6130d69ae04a4a0015a93c09"}]
        simulator.reset({"voss": {"nodes": nodes}, "settings": state["settings"]})
        is_refused = True
    [work_item] = planned(voss, [desired("Hooli", hierarchy=hierarchy, scope=scope)], Rules(), BulkOptions(scope))
    check_scope(messages, work_item, hierarchy, scope, is_refused)


def check_scope(messages: MessageTable, work_item: BulkItem, hierarchy: str, scope: str, is_refused: bool) -> None:
    """Check that a customer is created, or rejected because its node is not in the scope."""
    assert steps([work_item]) == [[] if is_refused else ["created"]]
    assert bool(work_item.error) is is_refused
    if work_item.error:
        assert work_item.error.reason == "invalid_option"
        messages.check("voss.outside_scope", work_item.error.message, node=hierarchy, scope=f"'{scope}'")


@pytest.mark.parametrize(
    ("node", "scope", "is_refused"),
    [
        ("hcs.A", "hcs", False),
        ("hcs.A", None, True),
        (None, "hcs.A", True),
        (None, None, True),
        (None, "sys", False),
    ],
)
def test_hidden_paths_need_the_whole_scope(
    simulator: Simulator,
    voss: Voss,
    node: str | None,
    scope: str | None,
    is_refused: bool,
    messages: MessageTable,
) -> None:
    simulator.fault(system="voss", path=r"HierarchyNode/\?", times=None, status=403, body={"error": "no"})
    for pkid, path in ((INITECH_PKID, node), (RESELLER_PKID, scope)):
        data = {"name": path.split(".")[-1], "hierarchy_path": path} if path else {"name": "A"}
        simulator.fault(system="voss", path=f"HierarchyNode/{pkid}", times=None, body={"pkid": pkid, "data": data})
    item = desired("Hooli", hierarchy=INITECH_PKID, scope=RESELLER_PKID)
    [work_item] = planned(voss, [item], Rules(), BulkOptions(RESELLER_PKID))
    check_scope(messages, work_item, INITECH_PKID, RESELLER_PKID, is_refused)


def test_one_without_a_scope_may_be_created_anywhere(simulator: Simulator, voss: Voss) -> None:
    [work_item] = planned(voss, [desired("Hooli", hierarchy=WEST, scope=None)], Rules(), BulkOptions(RESELLER))
    assert steps([work_item]) == [["created"]]


@pytest.mark.parametrize("parallel", [1, 3])
def test_parallel_requests_reach_the_limit(simulator: Simulator, voss: Voss, parallel: int) -> None:
    pkids = seeded(simulator, ("A", INITECH), ("B", INITECH), ("C", INITECH))
    simulator.settings(latency=0.1, voss={"nowait": "ignore"})
    items = [desired(name, settings={"email_domain": "x"}) for name in "ABC"]
    bulk_options = BulkOptions(SCOPE, parallel=parallel)
    work_items = planned(voss, items, Rules(sync=("users",)), bulk_options)
    bulk_run.run(voss, work_items, Rules(sync=("users",)), bulk_options, QUICK)
    assert [work_item.outcome.actions for work_item in work_items] == [["updated", "users_synced"]] * 3
    found: dict[str, set[int]] = {}
    for entry in simulator.journal("voss"):
        if pkids[0][:-1] in entry["path"]:
            found.setdefault(f"{entry['method']} {entry['path'].split('/')[-2][:1]}", set()).add(entry["connection"])
    assert {words: len(connections) for words, connections in found.items()} == {
        "GET 6": parallel,
        "PUT 6": parallel,
        "POST +": parallel,
    }


def test_moves_and_their_successors_run_in_parallel(simulator: Simulator, voss: Voss) -> None:
    work_items = [
        *ready(voss, [AAAGLOBAL], Step("moved", target=WEST_PKID), Step("users_synced")),
        *ready(voss, [AB_GROUP], Step("moved", target=UMBRELLA_PKID), Step("users_synced")),
    ]
    simulator.settings(latency=0.1, voss={"nowait": "ignore"})
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=2), QUICK)
    assert [work_item.outcome.actions for work_item in work_items] == [["moved", "users_synced"]] * 2
    writes = [(entry["path"].split("/")[-2], entry["connection"]) for entry in simulator.writes("voss")]
    assert sorted(name for name, _connection in writes) == ["+SyncWebexTeamsUsers"] * 2 + ["DataMove"] * 2
    assert len(set(writes)) == 4


def test_an_unexpected_error_is_the_failure_of_its_customer(simulator: Simulator, voss: Voss) -> None:
    broken = desired("AAAGlobal", settings=None, target=AAA_PATH)
    work_items = planned(voss, [broken, desired("AB_Group", target=WEST)], Rules(), BulkOptions(SCOPE, parallel=1))
    assert [work_item.error.reason if work_item.error else None for work_item in work_items] == [
        "invalid_response",
        None,
    ]
    assert steps(work_items) == [[], ["moved"]]


@pytest.mark.parametrize("name", ["modification", "after_changes"])
@pytest.mark.parametrize(
    "error",
    [TypeError("x"), KeyError("x"), RecursionError(), UnicodeError("x"), MemoryError(), AssertionError()],
    ids=repr,
)
def test_a_defect_for_one_customer_does_not_stop_others(
    simulator: Simulator, voss: Voss, monkeypatch: pytest.MonkeyPatch, error: Exception, name: str
) -> None:
    function = getattr(model, name)

    def broken(found: Mapping[str, Any], *arguments: Any) -> Any:
        if found["data"]["name"] == "AB_Group":
            raise error
        return function(found, *arguments)

    monkeypatch.setattr(model, name, broken)
    seeded(simulator, ("Hooli", INITECH))
    items = [desired(name, settings={"email_domain": "x.example"}) for name in ("AAAGlobal", "AB_Group", "Hooli")]
    work_items = planned(voss, items, Rules(), BULK)
    bulk_run.run(voss, work_items, Rules(), BULK, QUICK)
    assert [item.error and item.error.reason for item in work_items] == [None, "invalid_response", None]
    assert [item.outcome.actions for item in work_items] == [["updated"], [], ["updated"]]


def test_unfinished_work_is_an_error_of_its_customer(
    simulator: Simulator, voss: Voss, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(self: object, *arguments: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(poller._Run, "_poll", dies)
    items = [desired(name, settings={"email_domain": "x.example"}) for name in ("AAAGlobal", "AB_Group")]
    work_items = planned(voss, items, Rules(), BULK)
    bulk_run.run(voss, work_items, Rules(), BULK, QUICK)
    assert [item.error and item.error.reason for item in work_items] == ["outcome_unknown"] * 2
    assert {entry["method"] for entry in simulator.writes("voss")} == {"PUT"}


# Bulk requests


def test_moves_and_deletions_are_one_request_for_each_node(simulator: Simulator, voss: Voss) -> None:
    first, second, third, fourth = seeded(simulator, ("A", INITECH), ("B", INITECH), ("C", INITECH), ("D", INITECH))
    work_items = [
        *ready(voss, [first], Step("updated", {"name": "A2"}), Step("moved", target=WEST_PKID), Step("users_synced")),
        *ready(voss, [second], Step("moved", target=WEST_PKID)),
        *ready(voss, [third, fourth], Step("moved", target=UMBRELLA_PKID)),
        *ready(voss, [AAAGLOBAL, AB_GROUP], Step("deleted")),
    ]
    received(simulator)
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), QUICK)
    moved = f"{MOVE} context_hierarchy={{}} hierarchy={SCOPE_PKID} model_type=relation/SparkCustomer"
    entries = [entry for entry in simulator.journal("voss") if "Transaction" not in entry["path"]]
    named = [entry["body"]["hrefs"] for entry in entries if entry["body"] and "hrefs" in entry["body"]]
    assert named == [[f"{CUSTOMERS}{pkid}" for pkid in pair] for pair in ((first, second), (third, fourth))] + [
        [f"{CUSTOMERS}{pkid}" for pkid in (AAAGLOBAL, AB_GROUP)]
    ]
    requests = [words for words in received(simulator) if "Transaction" not in words]
    assert requests[0] == f"PUT {CUSTOMERS}{first}/ hierarchy={INITECH_PKID}"
    assert [words for words in requests[1:] if not words.startswith("GET")] == [
        moved.format(WEST_PKID),
        moved.format(UMBRELLA_PKID),
        f"DELETE {CUSTOMERS} hierarchy={SCOPE_PKID}",
        f"POST {CUSTOMERS}{first}/+SyncWebexTeamsUsers/ hierarchy={WEST_PKID}",
    ]
    assert [words for words in requests if words.startswith(f"GET {CUSTOMERS}")] == [
        f"GET {CUSTOMERS}{AAAGLOBAL}/ hierarchy={AAA_NODE}",
        f"GET {CUSTOMERS}{AB_GROUP}/ hierarchy={AB_NODE}",
        f"GET {CUSTOMERS} hierarchy={WEST_PKID}",
        f"GET {CUSTOMERS} hierarchy={UMBRELLA_PKID}",
        f"GET {CUSTOMERS} hierarchy={SCOPE_PKID}",
    ]
    assert errors(work_items) == [None] * 6
    assert steps(work_items) == [[]] * 6
    assert [work_item.outcome.actions for work_item in work_items] == [
        ["updated", "moved", "users_synced"],
        *[["moved"]] * 3,
        *[["deleted"]] * 2,
    ]
    assert [[entry["action"] for entry in work_item.outcome.transactions] for work_item in work_items] == [
        work_item.outcome.actions for work_item in work_items
    ]
    assert work_items[0].outcome.transactions[1] is work_items[1].outcome.transactions[0]
    assert [work_item.outcome.customer and work_item.outcome.customer["hierarchy"] for work_item in work_items] == [
        *[WEST_PKID] * 2,
        *[UMBRELLA_PKID] * 2,
        *[None] * 2,
    ]
    assert there(simulator) == {first: WEST, second: WEST, third: UMBRELLA, fourth: UMBRELLA}


def test_a_hundred_at_most_go_out_together(simulator: Simulator, voss: Voss) -> None:
    pkids = seeded(simulator, *((f"C{number:03d}", INITECH) for number in range(101)))
    bulk_run.run(voss, ready(voss, pkids, Step("deleted")), Rules(), BulkOptions(SCOPE, parallel=1), HASTY)
    assert written(simulator) == [
        (f"DELETE {CUSTOMERS}", pkids[:100]),
        (f"DELETE {CUSTOMERS}{pkids[100]}/", []),
    ]
    assert there(simulator).keys() == {AAAGLOBAL, AB_GROUP}


def test_two_transactions_are_polled_with_the_scope(simulator: Simulator, voss: Voss) -> None:
    simulator.settings(voss={"polls": 1})
    bulk_run.run(
        voss, ready(voss, [AAAGLOBAL, AB_GROUP], Step("access_token_refreshed")), Rules(), BulkOptions(SCOPE), SLOW
    )
    polls = [words for words in received(simulator) if words.startswith("GET /api/tool/Transaction/ ")]
    assert polls
    assert {words.split()[-1] for words in polls} == {f"hierarchy={SCOPE}"}


def lookup(name: str, node: str) -> str:
    """Return the request that searches for a customer by its name at a node."""
    return f"GET {CUSTOMERS} filter_condition=contains filter_field=name filter_text={name} hierarchy={node}"


@pytest.mark.parametrize("behavior", [{}, {"transaction_pkid": False}, {"nowait": "ignore"}], ids=str)
def test_created_customers_are_looked_up_and_read_together(
    simulator: Simulator, voss: Voss, behavior: dict[str, Any]
) -> None:
    items = [desired(name, hierarchy=path) for name, path in (("Initech", INITECH), ("Hooli", UMBRELLA))]
    work_items = planned(voss, items, Rules(sync=("users",)), BULK)
    simulator.settings(voss={"polls": 1, **behavior})
    received(simulator)
    bulk_run.run(voss, work_items, Rules(), BULK, SLOW)
    requests = [words for words in received(simulator) if "Transaction" not in words]
    assert sorted(requests[:4]) == sorted(
        [
            lookup("Initech", INITECH_PKID),
            lookup("Hooli", UMBRELLA_PKID),
            f"POST {CUSTOMERS} hierarchy={INITECH_PKID}",
            f"POST {CUSTOMERS} hierarchy={UMBRELLA_PKID}",
        ]
    )
    assert requests[4] == LISTED.replace(SCOPE, SCOPE_PKID)
    assert [there(simulator).get((work_item.outcome.customer or {})["pkid"]) for work_item in work_items] == [
        INITECH,
        UMBRELLA,
    ]
    assert sorted(words.split("/")[4] for words in requests[5:]) == sorted(
        (work_item.outcome.customer or {})["pkid"] for work_item in work_items
    )


@pytest.mark.parametrize("behavior", [{}, {"transaction_pkid": False}], ids=str)
def test_one_customer_that_is_created_is_read_by_itself(
    simulator: Simulator, voss: Voss, behavior: dict[str, Any]
) -> None:
    [work_item] = work_items = planned(voss, [desired("Initech", hierarchy=INITECH)], Rules(), BULK)
    simulator.settings(voss=behavior)
    received(simulator)
    bulk_run.run(voss, work_items, Rules(), BULK, QUICK)
    pkid = (work_item.outcome.customer or {})["pkid"]
    read = [f"GET {CUSTOMERS}{pkid}/" if not behavior else lookup("Initech", INITECH_PKID)]
    read += [f"GET {CUSTOMERS}{pkid}/ hierarchy={INITECH_PKID}"] if behavior else []
    assert [words for words in received(simulator) if "Transaction" not in words] == [
        lookup("Initech", INITECH_PKID),
        f"POST {CUSTOMERS} hierarchy={INITECH_PKID}",
        *read,
    ]


def test_one_failure_before_a_bulk_move_spares_the_others(
    simulator: Simulator, voss: Voss, messages: MessageTable
) -> None:
    pkids = seeded(simulator, ("A", INITECH), ("B", INITECH), ("C", INITECH))
    work_items = ready(
        voss, pkids, Step("updated", {"name": "A"}), Step("moved", target=WEST_PKID), Step("users_synced")
    )
    simulator.fault(system="voss", method="PUT", path=pkids[0], status=409, body={"error": "no"})
    simulator.fault(system="voss", path=f"{pkids[1]}/.SyncWebex", status=409, body={"error": "not now"})
    simulator.settings(voss={"duplicate_names": "allow"})
    bulk_run.run(voss, work_items, Rules(sync_always=True), BulkOptions(SCOPE, parallel=1), QUICK)
    assert [work_item.outcome.actions for work_item in work_items] == [
        [],
        ["updated", "moved"],
        ["updated", "moved", "users_synced"],
    ]
    assert steps(work_items) == [["updated", "moved", "users_synced"], ["users_synced"], []]
    first, second, third = errors(work_items)
    assert first is not None
    assert first.endswith(progress(messages, pending="moved, users_synced"))
    assert second is not None
    assert second.endswith(progress(messages, "updated, moved"))
    assert third is None
    assert work_items[1].error is not None
    assert work_items[1].error.result["changed"] is True


@pytest.mark.parametrize("action", ["moved", "deleted"])
def test_a_refused_bulk_request_is_repeated_for_each_customer(simulator: Simulator, voss: Voss, action: str) -> None:
    pkids = seeded(simulator, ("A", INITECH), ("B", INITECH))
    step = Step(action, target=WEST_PKID if action == "moved" else "")
    for status in (400, 405, 411, 413, 415):
        work_items = ready(voss, pkids, step)
        simulator.fault(
            system="voss", path="DataMove|SparkCustomer/.hierarchy.*nowait", status=status, body={"error": "no"}
        )
        simulator.forget()
        bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), QUICK)
        assert (errors(work_items), [work_item.outcome.actions for work_item in work_items]) == (
            [None] * 2,
            [[action]] * 2,
        )
        if action == "moved":
            assert written(simulator) == [
                (MOVE, pkids),
                (MOVE, pkids[:1]),
                (MOVE, pkids[1:]),
            ]
            assert there(simulator).items() >= {(pkid, WEST) for pkid in pkids}
        else:
            assert written(simulator) == [
                (f"DELETE {CUSTOMERS}", pkids),
                *((f"DELETE {CUSTOMERS}{pkid}/", []) for pkid in pkids),
            ]
        simulator.clear_faults()
        simulator.reset({"settings": simulator.state()["settings"]})
        seeded(simulator, ("A", INITECH), ("B", INITECH))


@pytest.mark.parametrize(
    ("action", "request_"), [("moved", "POST"), ("deleted", "DELETE")], ids=["a move", "a deletion"]
)
def test_a_failed_bulk_request_fails_for_each_customer(
    simulator: Simulator, voss: Voss, action: str, request_: str, messages: MessageTable
) -> None:
    pkids = seeded(simulator, ("A", INITECH), ("B", INITECH))
    work_items = ready(voss, pkids, Step(action, target=WEST_PKID), Step("users_synced"))
    work_items[0].outcome.actions.append("updated")
    simulator.fault(system="voss", method=request_, status=403, body={"error": "not you"})
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), QUICK)
    for work_item, completed in zip(work_items, ("updated", ""), strict=True):
        assert work_item.error is not None
        assert "not you" in work_item.error.message
        assert work_item.error.message.partition(progress(messages, "", "users_synced"))[0].endswith(
            progress(messages, completed)
        )
        assert work_item.error.result["failure"]["method"] == request_
        assert work_item.error.result["failure"]["status"] == 403
    assert steps(work_items) == [[action, "users_synced"]] * 2
    assert len(written(simulator)) == 1


@pytest.mark.parametrize("action", ["moved", "deleted"])
def test_a_failed_bulk_transaction_is_repeated_for_each_customer(
    simulator: Simulator, voss: Voss, action: str, messages: MessageTable
) -> None:
    """A bulk transaction changes all customers or none. Only the customer with the obstacle fails."""
    first, second, third = seeded(simulator, ("A", INITECH), ("B", INITECH), ("B", WEST))
    work_items = ready(voss, [first, second], Step(action, target=WEST_PKID), Step("users_synced"))
    if action == "deleted":
        simulator.fault(
            system="voss",
            method="GET",
            path="Transaction/[0-9a-f]",
            body={"data": {"status": "Fail", "message": "One is in use."}},
        )
        work_items = ready(voss, [first, second], Step("deleted"))
        simulator.fault(system="voss", method="DELETE", path=second, status=409, body={"error": "in use"})
        simulator.settings(voss={"polls": 1})
    work_items[1].outcome.actions.append("updated")
    simulator.forget()
    bulk_run.run(voss, work_items, Rules(sync_always=True), BulkOptions(SCOPE, parallel=1), QUICK)
    failed = work_items[1].error
    assert work_items[0].error is None
    assert work_items[0].outcome.actions[0] == action
    assert failed is not None
    if action == "moved":
        identifier = work_items[1].outcome.transactions[0]["id"]
        vendor_message = failed.result["failure"]["message"]
        assert f"B already exists at {WEST}" in vendor_message
        message, shown, end = failed.message.partition(progress(messages, "updated", "users_synced"))
        assert (bool(shown), end) == (True, "")
        facts = {"action": "moved", "customer": "customer 'B'", "cause": vendor_message.rstrip(".")}
        messages.check("voss.failed_action", message, transaction=identifier, **facts)
        assert work_items[0].outcome.actions == ["moved", "users_synced"]
        assert work_items[1].remaining == [Step("moved", target=WEST_PKID), Step("users_synced")]
        assert there(simulator).items() >= {(first, WEST), (second, INITECH), (third, WEST)}
    else:
        assert "in use" in failed.message
        assert work_items[1].remaining == [Step("deleted")]
        assert failed.message.endswith(progress(messages, "updated"))
        assert failed.result["actions"] == ["updated"]


def read_of(pkid: str, node: str = INITECH_PKID) -> str:
    return f"GET {CUSTOMERS}{pkid}/ hierarchy={node}"


def test_a_bulk_deletion_with_missing_customers_is_split(simulator: Simulator, voss: Voss) -> None:
    first, second = pkids = seeded(simulator, ("A", INITECH), ("B", INITECH))
    work_items = ready(voss, pkids, Step("deleted"))
    simulator.fault(
        system="voss", method="DELETE", path=r"SparkCustomer/\?", status=404, body={"error": "one of them is gone"}
    )
    received(simulator)
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), QUICK)
    requests = [words for words in received(simulator) if "Transaction" not in words]
    # The module also looks up the node of the scope before a deletion.
    assert requests.pop(1) == SCOPE_LOOKUP
    assert requests[:3] == [read_of(first), read_of(second), f"DELETE {CUSTOMERS} hierarchy={SCOPE_PKID}"]
    one_by_one = [
        [read_of(pkid), f"DELETE {CUSTOMERS}{pkid}/ hierarchy={INITECH_PKID}", f"GET {CUSTOMERS}{pkid}/"]
        for pkid in pkids
    ]
    assert sorted(requests[3:]) == sorted(itertools.chain(*one_by_one))
    assert [
        (work_item.outcome.actions, work_item.outcome.customer, work_item.remaining, work_item.error)
        for work_item in work_items
    ] == [(["deleted"], None, [], None)] * 2
    assert [len(work_item.outcome.transactions) for work_item in work_items] == [1, 1]
    assert there(simulator).keys() == {AAAGLOBAL, AB_GROUP}


@pytest.mark.parametrize("number", [2, 3])
def test_a_bulk_deletion_reads_before_and_afterwards(simulator: Simulator, voss: Voss, number: int) -> None:
    pkids = seeded(simulator, *((name, INITECH) for name in "ABC"[:number]))
    work_items = ready(voss, pkids, Step("deleted"))
    received(simulator)
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), QUICK)
    requests = [words for words in received(simulator) if "Transaction" not in words]
    assert requests.pop(1) == SCOPE_LOOKUP
    assert requests == [
        *map(read_of, pkids),
        f"DELETE {CUSTOMERS} hierarchy={SCOPE_PKID}",
        LISTED.replace(SCOPE, SCOPE_PKID),
    ]
    assert [work_item.outcome.actions for work_item in work_items] == [["deleted"]] * number


def test_a_customer_that_was_moved_is_not_moved_again(simulator: Simulator, voss: Voss) -> None:
    pkids = seeded(simulator, ("A", WEST), ("B", INITECH))
    work_items = ready(voss, pkids, Step("moved", target=WEST_PKID), Step("users_synced"))
    simulator.fault(system="voss", path="DataMove", status=400, body={"error": "no"})
    simulator.forget()
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), QUICK)
    assert written(simulator) == [
        (MOVE, pkids),
        (MOVE, pkids[1:]),
        *((f"POST {CUSTOMERS}{pkid}/+SyncWebexTeamsUsers/", []) for pkid in pkids),
    ]
    assert [work_item.outcome.actions for work_item in work_items] == [["moved", "users_synced"]] * 2
    assert work_items[0].outcome.customer is not None
    assert work_items[0].outcome.customer["data"]["shadow"] == []
    assert [len(work_item.outcome.transactions) for work_item in work_items] == [1, 2]


def test_customers_missed_by_a_bulk_move_are_moved_singly(simulator: Simulator, voss: Voss) -> None:
    pkids = seeded(simulator, ("A", WEST), ("B", INITECH))
    work_items = ready(voss, pkids, Step("moved", target=WEST_PKID))
    simulator.fault(system="voss", path="DataMove", body={"success": True})
    simulator.forget()
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), QUICK)
    assert [work_item.outcome.actions for work_item in work_items] == [["moved"], ["moved"]]
    assert [len(work_item.outcome.transactions) for work_item in work_items] == [0, 1]
    assert written(simulator) == [(MOVE, pkids), (MOVE, pkids[1:])]
    assert there(simulator)[pkids[1]] == WEST


@pytest.mark.parametrize("action", ["moved", "deleted"])
def test_without_waiting_bulk_requests_are_not_polled(simulator: Simulator, voss: Voss, action: str) -> None:
    work_items = ready(voss, [AAAGLOBAL, AB_GROUP], Step(action, target=WEST_PKID))
    received(simulator)
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), HASTY)
    requests = received(simulator)
    assert [words.split()[0] for words in requests] == (
        ["POST"] if action == "moved" else ["GET", "GET", "GET", "DELETE"]
    )
    assert [work_item.outcome.actions for work_item in work_items] == [[action]] * 2
    assert [(work_item.outcome.customer is None) for work_item in work_items] == [action == "deleted"] * 2
    for work_item in work_items:
        assert [dict(entry, id="") for entry in work_item.outcome.transactions] == [
            {"id": "", "action": action, "status": "submitted", "seconds": None}
        ]


def test_a_bulk_move_is_awaited_before_further_steps(simulator: Simulator, voss: Voss) -> None:
    simulator.settings(voss={"pkid_after_move": "change"})
    work_items = [
        *ready(voss, [AAAGLOBAL], Step("moved", target=WEST_PKID)),
        *ready(voss, [AB_GROUP], Step("moved", target=WEST_PKID), Step("users_synced")),
    ]
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), HASTY)
    assert errors(work_items) == [None, None]
    assert [[entry["status"] for entry in work_item.outcome.transactions] for work_item in work_items] == [
        ["Success"],
        ["Success", "submitted"],
    ]
    assert [work_item.outcome.customer and work_item.outcome.customer["pkid"] for work_item in work_items] == list(
        there(simulator)
    )
    assert set(there(simulator)) & {AAAGLOBAL, AB_GROUP} == set()


def test_a_single_move_is_awaited_before_further_steps(simulator: Simulator, voss: Voss) -> None:
    simulator.settings(voss={"polls": 1})
    work_items = [
        *ready(voss, [AAAGLOBAL], Step("moved", target=WEST_PKID), Step("users_synced")),
        *ready(voss, [AB_GROUP], Step("moved", target=UMBRELLA_PKID)),
    ]
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), HASTY)
    assert [work_item.outcome.actions for work_item in work_items] == [["moved", "users_synced"], ["moved"]]
    assert [[entry["status"] for entry in work_item.outcome.transactions] for work_item in work_items] == [
        ["Success", "submitted"],
        ["submitted"],
    ]
    assert simulator.writes("voss")[-1]["params"]["hierarchy"] == [WEST_PKID]


@pytest.fixture
def simulated_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass only while the poller waits. Tests must request this fixture before the client."""
    SimulatedTime().install(monkeypatch, poller)


@pytest.mark.usefixtures("simulated_time")
def test_a_bulk_move_timeout_fails_for_each_customer(simulator: Simulator, voss: Voss, messages: MessageTable) -> None:
    simulator.settings(voss={"polls": 1000})
    work_items = ready(voss, [AAAGLOBAL, AB_GROUP], Step("moved", target=WEST_PKID))
    bulk_run.run(voss, work_items, Rules(), BulkOptions(SCOPE, parallel=1), PollOptions(timeout=20, interval=1))
    for work_item in work_items:
        assert work_item.error is not None
        (entry,) = work_item.error.result["transactions"]
        (status,) = re.findall(r"'(Queued|In Progress)'", work_item.error.message)
        facts = {"transaction": f"transaction {entry['id']}", "seconds": 20, "status": status}
        messages.check("voss.still_running", work_item.error.message, **facts)
        assert work_item.outcome.customer is not None


def test_an_empty_plan_sends_no_request(simulator: Simulator, voss: Voss) -> None:
    work_items = ready(voss, [AAAGLOBAL])
    failed = ready(voss, [AB_GROUP], Step("deleted"))
    failed[0].error = InputError("no")
    received(simulator)
    bulk_run.run(voss, [*work_items, *failed, BulkItem(desired("A"))], Rules(), BULK, QUICK)
    assert received(simulator) == []
    assert work_items[0].outcome == Outcome(work_items[0].outcome.customer)
