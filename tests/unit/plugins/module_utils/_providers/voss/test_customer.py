# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the requests for one customer: selection, planning and changes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest
from support.messages import MessageTable
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

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    InputError,
    RequestFailed,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import customer, steps
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer import (
    DesiredCustomer,
    Outcome,
    Plan,
    Rules,
    Step,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.poller import WorkItem
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import PollOptions

NODES = "/api/data/HierarchyNode/"
QUICK = PollOptions(interval=0.01)
LISTED = f"GET {CUSTOMERS} filter_condition=contains filter_field=name filter_text=AAAGlobal hierarchy="
READ = f"GET {CUSTOMERS}{AAAGLOBAL}/"


@pytest.fixture
def voss(simulator: Simulator, connection: Mapping[str, Mapping[str, str]]) -> Voss:
    return at_once(simulator, connection)


def bodies(simulator: Simulator) -> list[dict[str, Any]]:
    """Return the bodies of the writes, without the parts that all writes contain."""
    written = [dict(entry["body"]) for entry in simulator.writes("voss")]
    assert all(body.pop("request_meta") for body in written)
    return written


def desired(**more: Any) -> DesiredCustomer:
    given: dict[str, Any] = {"hierarchy": RESELLER, "name": "AAAGlobal", "pkid": None, "settings": {}, "secrets": {}}
    return DesiredCustomer(**{**given, **more})


def with_customers(simulator: Simulator, *more: dict[str, Any]) -> None:
    """Add customers to the sample data."""
    state = simulator.state()
    simulator.reset({"voss": {"customers": [*state["voss"]["customers"], *more]}, "settings": state["settings"]})


def listed_as(items: list[dict[str, Any]]) -> dict[str, Any]:
    """A list of these resources, on one page."""
    return {"resources": items, "pagination": {"total": len(items), "limit": 2000}}


def there(simulator: Simulator, name: str) -> list[str]:
    """Return the nodes at which the simulator has customers with a name."""
    return sorted(item["hierarchy"] for item in simulator.state()["voss"]["customers"] if item["name"] == name)


# Selection of a customer


@pytest.mark.parametrize(
    ("change", "path", "requests"),
    [
        ({}, AAA_PATH, [f"{LISTED}{RESELLER}", f"{READ} hierarchy={AAA_NODE}"]),
        ({"hierarchy": AAA_PATH}, AAA_PATH, [f"{LISTED}{AAA_PATH}", f"{READ} hierarchy={AAA_NODE}"]),
        ({"pkid": AAAGLOBAL, "name": "Other"}, AAA_PATH, [READ, f"GET {NODES}{AAA_NODE}/"]),
        ({"target": WEST}, AAA_PATH, [f"{LISTED}{RESELLER}", f"{READ} hierarchy={AAA_NODE}"]),
        (
            {"hierarchy": WEST, "target": RESELLER},
            AAA_PATH,
            [f"{LISTED}{WEST}", f"{LISTED}{RESELLER}", f"{READ} hierarchy={AAA_NODE}"],
        ),
    ],
    ids=["below its node", "at its node", "by its pkid", "not yet moved", "already moved"],
)
def test_a_customer_is_found_with_its_place(
    simulator: Simulator, voss: Voss, change: dict[str, Any], path: str, requests: list[str]
) -> None:
    found = customer.find(voss, desired(**change))
    assert found is not None
    assert (found["pkid"], found["hierarchy"], found["hierarchy_path"]) == (AAAGLOBAL, AAA_NODE, path)
    assert found["data"]["account_email"] == "webex.admin@example.com"
    assert received(simulator) == requests


def test_absence_is_proven_by_the_whole_list(simulator: Simulator, voss: Voss) -> None:
    listed = LISTED.replace("AAAGlobal", "Nobody")
    named = f"GET {NODES} filter_condition=contains filter_field=name filter_text="
    assert customer.find(voss, desired(name="Nobody")) is None
    assert received(simulator) == [
        f"{listed}{RESELLER}",
        f"{named}CS-NB",
        f"GET {CUSTOMERS} hierarchy={RESELLER_PKID}",
    ]
    assert customer.find(voss, desired(name="Nobody", target=WEST)) is None
    assert received(simulator) == [
        f"{listed}{RESELLER_PKID}",
        f"{listed}{WEST}",
        f"{listed}{RESELLER_PKID}",
        f"GET {CUSTOMERS} hierarchy={RESELLER_PKID}",
        f"{listed}{WEST}",
        f"{named}Initech-West",
        f"GET {CUSTOMERS} hierarchy={WEST_PKID}",
    ]


@pytest.mark.parametrize("hierarchy", [INITECH, WEST])
def test_an_ineffective_filter_falls_back_to_the_list(simulator: Simulator, voss: Voss, hierarchy: str) -> None:
    with_customers(simulator, {"hierarchy": hierarchy, "name": "Initech", "pkid": "65e0918d6fd4534903e20001"})
    simulator.fault(system="voss", path="filter_text=Initech&", times=None, body=listed_as([]))
    found = customer.find(voss, desired(name="Initech", hierarchy=INITECH, target=WEST))
    assert found is not None
    assert (found["pkid"], found["hierarchy_path"]) == ("65e0918d6fd4534903e20001", hierarchy)


@pytest.mark.parametrize(
    ("change", "filtered"),
    [
        ({"hierarchy": RESELLER}, True),
        ({"hierarchy": WEST, "target": RESELLER}, True),
        ({"hierarchy": RESELLER, "target": WEST}, False),
        ({"hierarchy": WEST, "target": RESELLER}, False),
    ],
)
def test_the_customer_at_node_or_target_precedes_those_below(
    simulator: Simulator, voss: Voss, change: dict[str, Any], filtered: bool
) -> None:
    places = (INITECH, RESELLER, AAA_PATH)
    with_customers(
        simulator,
        *({"hierarchy": path, "name": "Twin", "pkid": f"65e0918d6fd4534903e2000{n}"} for n, path in enumerate(places)),
    )
    if not filtered:
        simulator.fault(system="voss", path="filter_text=Twin&", times=None, body=listed_as([]))
    found = customer.find(voss, desired(name="Twin", **change))
    assert found is not None
    assert (found["pkid"], found["hierarchy_path"]) == ("65e0918d6fd4534903e20001", RESELLER)


def test_a_customer_renamed_since_the_list_does_not_match(simulator: Simulator, voss: Voss) -> None:
    for to_delete in (True, False):
        simulator.fault(system="voss", path=AAAGLOBAL, body={"pkid": AAAGLOBAL, "data": {"name": "Renamed"}})
        with pytest.raises(RequestFailed) as raised:
            customer.find(voss, desired(), to_delete)
        assert raised.value.reason == "invalid_response"
    simulator.fault(system="voss", path=AAAGLOBAL, body={"pkid": AAAGLOBAL, "data": {"name": "Renamed"}})
    found = customer.find(voss, desired(pkid=AAAGLOBAL))
    assert found is not None
    assert found["data"]["name"] == "Renamed"


def test_a_listed_customer_that_disappears_fails_unless_absent(
    simulator: Simulator, voss: Voss, messages: MessageTable
) -> None:
    simulator.fault(system="voss", path=AAAGLOBAL, times=None, status=404, body={"error": "gone"})
    with pytest.raises(RequestFailed) as raised:
        customer.find(voss, desired())
    facts = {"request": f"GET {raised.value.failure.url}", "cause": "gone"}
    messages.check("voss.listed_customer_missing", raised.value.message, **facts)
    assert customer.find(voss, desired(), to_delete=True) is None
    assert customer.plan_absent(voss, desired()) == Plan(None, None)
    assert customer.find(voss, desired(pkid=AAAGLOBAL)) is None


@pytest.mark.parametrize("status", [403, 404])
def test_a_pkid_is_found_without_access_to_its_node(simulator: Simulator, voss: Voss, status: int) -> None:
    simulator.fault(system="voss", path="HierarchyNode", times=None, status=status, body={"error": "no"})
    found = customer.find(voss, desired(pkid=AAAGLOBAL))
    assert found is not None
    assert (found["hierarchy"], found["hierarchy_path"]) == (AAA_NODE, None)


def test_a_returned_path_needs_no_lookup_of_the_node(simulator: Simulator, voss: Voss) -> None:
    shown = {"pkid": AAAGLOBAL, "data": {"name": "AAAGlobal", "hierarchy_path": "sys.shown"}}
    simulator.fault(
        system="voss",
        path=AAAGLOBAL,
        body={**shown, "meta": {"references": {"parent": [{"pkid": AAA_NODE}]}}},
    )
    found = customer.find(voss, desired(pkid=AAAGLOBAL))
    assert found is not None
    assert found["hierarchy_path"] == "sys.shown"
    simulator.fault(system="voss", path=AAAGLOBAL, body={"pkid": AAAGLOBAL, "data": {"name": "AAAGlobal"}})
    found = customer.find(voss, desired(pkid=AAAGLOBAL))
    assert found is not None
    assert (found["hierarchy"], found["hierarchy_path"]) == (None, None)
    assert received(simulator) == [READ, READ]


# Planning of the steps


def test_a_missing_customer_is_planned_with_all_attributes(simulator: Simulator, voss: Voss) -> None:
    new = desired(
        hierarchy=INITECH,
        name="Initech",
        settings={"email_domain": "x.example"},
        secrets={"token": "canary"},
        sync_on_create=False,
    )
    rules = Rules(sync=("users", "roles_licences"), refresh="always")
    data = {"name": "Initech", "email_domain": "x.example"}
    assert customer.plan_present(voss, new, rules) == Plan(
        None,
        {"pkid": None, "hierarchy": INITECH_PKID, "hierarchy_path": INITECH, "nodes": (), "data": data},
        (
            Step("created", {**data, "token": "canary", "sync": False}),
            Step("access_token_refreshed"),
            Step("roles_licences_synced"),
            Step("users_synced"),
        ),
        ("token",),
    )


@pytest.mark.parametrize("refresh", ["never", "expiring"])
def test_a_new_customer_needs_no_token_refresh(simulator: Simulator, voss: Voss, refresh: str) -> None:
    new = desired(hierarchy=INITECH, name="Initech", target=WEST)
    assert customer.plan_present(voss, new, Rules(refresh=refresh, sync_always=True)) == Plan(
        None,
        {
            "pkid": None,
            "hierarchy": WEST_PKID,
            "hierarchy_path": WEST,
            "nodes": (),
            "data": {"name": "Initech"},
        },
        (Step("created", {"name": "Initech"}),),
    )


@pytest.mark.parametrize("target", [WEST, WEST_PKID, "CS-P.CS-AB.Initech-West"])
def test_a_move_is_planned_to_the_targets_pkid(simulator: Simulator, voss: Voss, target: str) -> None:
    plan = customer.plan_present(voss, desired(target=target, settings={"email_domain": "x"}), Rules(sync=("users",)))
    before = customer.find(voss, desired())
    assert before is not None
    assert plan == Plan(
        before,
        {
            **before,
            "hierarchy": WEST_PKID,
            "hierarchy_path": WEST,
            "nodes": (),
            "data": {**before["data"], "email_domain": "x"},
        },
        (
            Step("updated", plan.steps[0].body),
            Step("moved", target=WEST_PKID),
            Step("users_synced"),
        ),
    )
    assert plan.steps[0].body["email_domain"] == "x"


@pytest.mark.parametrize("target", [AAA_PATH, AAA_NODE, "CS-P.CS-NB.AAAGlobal"])
@pytest.mark.parametrize("named", [{}, {"pkid": AAAGLOBAL}])
def test_a_customer_at_its_target_is_not_moved(
    simulator: Simulator, voss: Voss, target: str, named: dict[str, str]
) -> None:
    plan = customer.plan_present(voss, desired(target=target, **named), Rules())
    assert plan.before == plan.after
    assert plan.before is not None
    assert plan.before["pkid"] == AAAGLOBAL
    assert plan.steps == ()
    is_short = target == "CS-P.CS-NB.AAAGlobal"  # The module has to look up the node.
    assert len(received(simulator)) == 2 + is_short


def test_a_hidden_path_is_recognized_by_the_target_pkid(simulator: Simulator, voss: Voss) -> None:
    simulator.fault(system="voss", path=f"HierarchyNode/{AAA_NODE}", status=403, body={"error": "no"})
    plan = customer.plan_present(voss, desired(pkid=AAAGLOBAL, target=AAA_PATH), Rules())
    assert plan.before is not None
    assert plan.before["hierarchy_path"] is None
    assert plan.steps == ()


def test_rename_and_move_look_a_name_up_once(simulator: Simulator, voss: Voss) -> None:
    plan = customer.plan_present(voss, desired(pkid=AAAGLOBAL, name="Hooli", target=WEST_PKID), Rules())
    assert [step.action for step in plan.steps] == ["updated", "moved"]
    assert received(simulator) == [
        READ,
        f"GET {NODES}{AAA_NODE}/",
        f"GET {CUSTOMERS} hierarchy={AAA_NODE}",
        f"GET {NODES}{WEST_PKID}/",
        f"GET {CUSTOMERS} hierarchy={WEST_PKID}",
    ]


@pytest.mark.parametrize(
    ("change", "path"),
    [({"pkid": AAAGLOBAL, "name": "Twin"}, AAA_PATH), ({"name": "AAAGlobal", "target": WEST}, WEST)],
    ids=["renamed", "moved"],
)
def test_a_taken_name_is_refused_with_the_other_customer(
    simulator: Simulator, voss: Voss, change: dict[str, Any], path: str, messages: MessageTable
) -> None:
    name = change["name"]
    with_customers(simulator, {"hierarchy": path, "name": name, "pkid": "65e0918d6fd4534903e20001"})
    with pytest.raises(InputError) as raised:
        customer.plan_present(voss, desired(**change), Rules())
    assert raised.value.reason == "conflict"
    messages.check("voss.name_taken", raised.value.message, name=name, node=path, pkid="65e0918d6fd4534903e20001")


def test_an_existing_customer_is_deleted_for_absent(simulator: Simulator, voss: Voss) -> None:
    plan = customer.plan_absent(voss, desired())
    assert plan.before is not None
    assert plan == Plan(plan.before, None, (Step("deleted"),))
    assert (plan.before["pkid"], plan.before["hierarchy_path"]) == (AAAGLOBAL, AAA_PATH)
    assert received(simulator) == [
        f"{LISTED}{RESELLER}",
        f"{READ} hierarchy={AAA_NODE}",
        f"GET {NODES} filter_condition=contains filter_field=name filter_text=CS-NB",
    ]
    assert customer.plan_absent(voss, desired(name="Nobody")) == Plan(None, None)


# Execution of the steps


def unexpected(error: ConnectorsError) -> None:
    raise AssertionError(error.message)


def applied(voss: Voss, plan: Plan, poll_options: PollOptions = QUICK, rules: Rules | None = None) -> Outcome:
    return steps.run(voss, plan, poll_options, rules or Rules())


def failing(voss: Voss, plan: Plan, rules: Rules | None = None) -> ConnectorsError:
    with pytest.raises(ConnectorsError) as raised:
        applied(voss, plan, rules=rules)
    return raised.value


def test_every_step_is_sent_once_with_its_transaction(simulator: Simulator, voss: Voss) -> None:
    with_customers(
        simulator, {"hierarchy": AAA_PATH, "name": "Initech", "pkid": "65e0918d6fd4534903e20001", "token": "t"}
    )
    change = desired(pkid="65e0918d6fd4534903e20001", name="Hooli", target=WEST)
    plan = customer.plan_present(voss, change, Rules(sync=("users", "roles_licences")))
    received(simulator)
    begin = time.monotonic()
    outcome = applied(voss, plan)
    elapsed = time.monotonic() - begin
    actions = ["updated", "moved", "roles_licences_synced", "users_synced"]
    assert outcome.actions == actions
    assert outcome.customer == plan.after
    assert [(entry["action"], entry["status"]) for entry in outcome.transactions] == [
        (action, "Success") for action in actions
    ]
    for entry in outcome.transactions:
        assert set(entry) == {"id", "action", "status", "seconds"}
        assert isinstance(entry["seconds"], float)
        assert 0 <= entry["seconds"] == round(entry["seconds"], 3) <= round(elapsed, 3)
    own, ids = f"{CUSTOMERS}65e0918d6fd4534903e20001/", [entry["id"] for entry in outcome.transactions]
    assert bodies(simulator) == [
        {"name": "Hooli", "shadow": []},
        {"hrefs": [own[:-1]]},
        {},
        {},
    ]
    polls = [f"GET /api/tool/Transaction/{identifier}/" for identifier in ids]
    assert received(simulator) == [
        f"PUT {own} hierarchy={AAA_NODE}",
        polls[0],
        f"GET {own}",
        f"POST /api/tool/DataMove/ context_hierarchy={WEST_PKID} hierarchy={AAA_NODE}"
        " model_type=relation/SparkCustomer",
        polls[1],
        f"GET {own}",
        f"POST {own}+SyncWebexTeamsRolesLicences/ hierarchy={WEST_PKID}",
        polls[2],
        f"POST {own}+SyncWebexTeamsUsers/ hierarchy={WEST_PKID}",
        polls[3],
    ]


def test_customers_with_hidden_nodes_are_updated_by_pkid(simulator: Simulator, voss: Voss) -> None:
    simulator.fault(
        system="voss", method="GET", path=AAAGLOBAL, body={"pkid": AAAGLOBAL, "data": {"name": "AAAGlobal"}}
    )
    plan = customer.plan_present(voss, desired(pkid=AAAGLOBAL, settings={"email_domain": "x"}), Rules())
    assert applied(voss, plan).actions == ["updated"]
    assert f"PUT {CUSTOMERS}{AAAGLOBAL}/" in received(simulator)
    assert {"name": "AAAGlobal", "email_domain": "x"}.items() <= simulator.state()["voss"]["customers"][0].items()


def test_a_plan_without_steps_sends_no_request(simulator: Simulator, voss: Voss) -> None:
    plan = customer.plan_present(voss, desired(), Rules())
    received(simulator)
    assert applied(voss, plan) == Outcome(plan.before)
    assert applied(voss, Plan(None, None)) == Outcome(None)
    assert received(simulator) == []


@pytest.mark.parametrize(
    ("behavior", "looked_for"),
    [({}, 1), ({"transaction_pkid": False}, 2), ({"nowait": "ignore"}, 1)],
    ids=["pkid in the transaction", "no pkid", "made at once"],
)
@pytest.mark.parametrize("refresh", ["never", "always"])
def test_values_set_by_the_server_are_read_back(
    simulator: Simulator, voss: Voss, behavior: dict[str, Any], looked_for: int, refresh: str
) -> None:
    simulator.settings(voss=behavior)
    new = desired(hierarchy=INITECH, name="Initech", secrets={"token": "t", "refresh_token": "canary"})
    plan = customer.plan_present(voss, new, Rules(refresh=refresh))
    received(simulator)
    outcome = applied(voss, plan)
    # The module looks up the name once before the creation, and once afterwards if it does not know the pkid.
    lists = [words for words in received(simulator) if words.startswith(f"GET {CUSTOMERS} ")]
    assert lists == [f"{LISTED.replace('AAAGlobal', 'Initech')}{INITECH_PKID}"] * looked_for
    stored = next(item for item in simulator.state()["voss"]["customers"] if item["name"] == "Initech")
    assert outcome.actions == ["created", *(["access_token_refreshed"] if refresh == "always" else [])]
    assert outcome.customer is not None
    assert outcome.customer == {**(plan.after or {}), "pkid": stored["pkid"], "data": outcome.customer["data"]}
    assert outcome.customer["data"]["access_token_expires"] == stored["access_token_expires"]
    assert stored["hierarchy"] == INITECH


def test_a_refreshed_token_has_its_expiry(simulator: Simulator, voss: Voss) -> None:
    plan = customer.plan_present(voss, desired(), Rules(refresh="always"))
    received(simulator)
    outcome = applied(voss, plan)
    stored = next(item for item in simulator.state()["voss"]["customers"] if item["name"] == "AAAGlobal")
    assert outcome.customer is not None
    assert outcome.customer["data"]["access_token_expires"] == stored["access_token_expires"] > "2026"
    assert outcome.customer["hierarchy_path"] == AAA_PATH
    assert received(simulator)[-1] == READ


@pytest.mark.parametrize(
    ("change", "rules", "requests"),
    [
        ({"settings": {"email_domain": "x"}}, Rules(), [f"PUT {CUSTOMERS}{AAAGLOBAL}/ hierarchy={AAA_NODE}"]),
        (
            {"target": WEST},
            Rules(),
            [
                f"POST /api/tool/DataMove/ context_hierarchy={WEST_PKID} hierarchy={AAA_NODE}"
                " model_type=relation/SparkCustomer"
            ],
        ),
        (
            {"hierarchy": INITECH, "name": "Initech"},
            Rules(),
            [
                f"{LISTED.replace('AAAGlobal', 'Initech')}{INITECH_PKID}",
                f"POST {CUSTOMERS} hierarchy={INITECH_PKID}",
            ],
        ),
        (
            {},
            Rules(refresh="always"),
            [f"POST {CUSTOMERS}{AAAGLOBAL}/+RefreshAccessToken/ hierarchy={AAA_NODE}"],
        ),
    ],
    ids=["update", "move", "create", "refresh"],
)
def test_without_waiting_no_request_follows_the_last_step(
    simulator: Simulator, voss: Voss, change: dict[str, Any], rules: Rules, requests: list[str]
) -> None:
    plan = customer.plan_present(voss, desired(**change), rules)
    received(simulator)
    outcome = applied(voss, plan, PollOptions(wait=False, interval=0.01))
    assert received(simulator) == requests
    assert [dict(entry, id="") for entry in outcome.transactions] == [
        {"id": "", "action": plan.steps[0].action, "status": "submitted", "seconds": None}
    ]
    assert outcome.customer == {**(plan.after or {}), "pkid": plan.before and AAAGLOBAL}


def test_all_steps_except_the_last_are_awaited(simulator: Simulator, voss: Voss) -> None:
    plan = customer.plan_present(voss, desired(settings={"email_domain": "x"}, target=WEST), Rules(sync=("users",)))
    outcome = applied(voss, plan, PollOptions(wait=False, interval=0.01))
    assert [entry["status"] for entry in outcome.transactions] == ["Success", "Success", "submitted"]


def test_a_deletion_returns_no_customer_and_may_be_unchanged(simulator: Simulator, voss: Voss) -> None:
    plan = customer.plan_absent(voss, desired())
    outcome = applied(voss, plan)
    assert outcome == Outcome(None, ["deleted"], outcome.transactions)
    assert len(outcome.transactions) == 1
    assert there(simulator, "AAAGlobal") == []
    assert applied(voss, plan) == Outcome(None)


@pytest.mark.parametrize(
    ("behavior", "poll_options"),
    [
        ({"pkid_after_move": "change"}, QUICK),
        ({"pkid_after_move": "change", "nowait": "ignore"}, QUICK),
        ({"pkid_after_move": "change"}, PollOptions(wait=False, interval=0.01)),
        ({"pkid_after_move": "keep"}, QUICK),
    ],
    ids=["it changes", "it changes at once", "it changes and the last step is not waited for", "it stays"],
)
def test_a_moved_customer_is_found_by_name(
    simulator: Simulator, voss: Voss, behavior: dict[str, Any], poll_options: PollOptions
) -> None:
    simulator.settings(voss=behavior)
    plan = customer.plan_present(voss, desired(target=WEST), Rules(sync=("users",)))
    outcome = applied(voss, plan, poll_options)
    stored = next(item for item in simulator.state()["voss"]["customers"] if item["name"] == "AAAGlobal")
    assert outcome.actions == ["moved", "users_synced"]
    assert outcome.customer == {**(plan.after or {}), "pkid": stored["pkid"]}
    assert (stored["pkid"] == AAAGLOBAL) is (behavior["pkid_after_move"] == "keep")
    assert stored["hierarchy"] == WEST
    assert stored["syncs"] == {"users": 1}
    assert simulator.writes("voss")[-1]["params"]["hierarchy"] == [WEST_PKID]


def test_a_moved_pkid_of_a_different_customer_is_rejected(simulator: Simulator, voss: Voss) -> None:
    simulator.settings(voss={"pkid_after_move": "change"})
    plan = customer.plan_present(voss, desired(target=WEST), Rules(sync=("users",)))
    elsewhere = {
        "pkid": AAAGLOBAL,
        "data": {"name": "AAAGlobal"},
        "meta": {"references": {"parent": [{"pkid": AAA_NODE}]}},
    }
    simulator.fault(system="voss", method="GET", path=AAAGLOBAL, body=elsewhere)
    outcome = applied(voss, plan)
    assert outcome.customer is not None
    assert outcome.customer["pkid"] != AAAGLOBAL
    assert outcome.actions == ["moved", "users_synced"]


def test_an_unreadable_moved_customer_is_taken_from_the_list(simulator: Simulator, voss: Voss) -> None:
    plan = customer.plan_present(voss, desired(target=WEST), Rules(sync=("users",)))
    simulator.fault(system="voss", method="GET", path=AAAGLOBAL, times=2, status=404, body={"error": "not yet"})
    received(simulator)
    outcome = applied(voss, plan)
    assert outcome.actions == ["moved", "users_synced"]
    requests = [words for words in received(simulator) if "Transaction" not in words]
    assert requests[1:-1] == [READ, f"{LISTED}{WEST_PKID}", f"{READ} hierarchy={WEST_PKID}"]
    assert requests[-1] == f"POST {CUSTOMERS}{AAAGLOBAL}/+SyncWebexTeamsUsers/ hierarchy={WEST_PKID}"


@pytest.mark.parametrize(
    ("listed", "row", "facts"),
    [
        ([], "voss.change_not_shown", {}),
        ([AAA_NODE], "voss.change_not_shown", {}),
        ([WEST_PKID, WEST_PKID], "voss.change_shown_twice", {"count": 2}),
    ],
    ids=["nowhere", "elsewhere", "twice"],
)
def test_a_customer_away_from_its_node_is_a_failure(
    simulator: Simulator, voss: Voss, listed: list[str], row: str, facts: dict[str, Any], messages: MessageTable
) -> None:
    plan = customer.plan_present(voss, desired(target=WEST), Rules(sync=("users",)))
    items = [
        {"pkid": f"p{number}", "data": {"name": "AAAGlobal"}, "meta": {"path": [RESELLER_PKID, node, f"p{number}"]}}
        for number, node in enumerate(listed)
    ]
    simulator.fault(system="voss", method="GET", path=AAAGLOBAL, times=None, status=404, body={"error": "gone"})
    simulator.fault(system="voss", path="SparkCustomer/\\?", times=None, body=listed_as(items))
    error = failing(voss, plan)
    assert isinstance(error, TransactionFailed)
    assert error.reason == "outcome_unknown"
    message, shown, end = error.message.partition(progress(messages, "moved", "users_synced"))
    assert shown
    messages.check(row, message, customer="customer 'AAAGlobal'", action="moved", node=WEST_PKID, **facts)
    messages.check_end("voss.no_synchronization", end)


def test_an_invisible_created_customer_is_a_failure(simulator: Simulator, voss: Voss, messages: MessageTable) -> None:
    simulator.settings(voss={"transaction_pkid": False})
    plan = customer.plan_present(voss, desired(hierarchy=INITECH, name="Initech"), Rules())
    simulator.fault(system="voss", method="GET", path="SparkCustomer/\\?", times=None, body=listed_as([]))
    message, shown, end = failing(voss, plan).message.partition(progress(messages, "created"))
    assert (bool(shown), end) == (True, "")
    facts = {"customer": "customer 'Initech'", "action": "created", "node": INITECH_PKID}
    messages.check("voss.change_not_shown", message, **facts)


def test_a_failed_transaction_lists_the_completed_steps(
    simulator: Simulator, voss: Voss, messages: MessageTable
) -> None:
    with_customers(simulator, {"hierarchy": INITECH, "name": "Initech", "pkid": "65e0918d6fd4534903e20001"})
    change = desired(hierarchy=INITECH, name="Initech", settings={"email_domain": "x"})
    rules = Rules(sync=("roles_licences", "users"))
    error = failing(voss, customer.plan_present(voss, change, rules), rules)
    done, failed = error.result["transactions"]
    assert isinstance(error, TransactionFailed)
    message, shown, end = error.message.partition(progress(messages, "updated", "users_synced"))
    assert shown
    vendor_message = error.result["failure"]["message"]
    assert "no access token" in vendor_message
    facts = {"action": "roles_licences_synced", "customer": "customer 'Initech'", "transaction": failed["id"]}
    messages.check("voss.failed_action", message, cause=vendor_message.rstrip("."), **facts)
    messages.check_end("voss.no_synchronization", end)
    assert error.result == {
        "failure": {
            "system": "voss",
            "method": "GET",
            "url": f"{voss.http.settings.api_url}/api/tool/Transaction/{failed['id']}/",
            "status": 200,
            "code": "Fail",
            "message": vendor_message,
            "request_id": None,
            "reason": "transaction_failed",
        },
        "actions": ["updated"],
        "transactions": [done, failed],
        "changed": True,
    }
    assert (failed["action"], failed["status"]) == ("roles_licences_synced", "Fail")


@pytest.mark.parametrize(
    ("vendor_message", "cause"),
    [("", None), ("Unknown device EQX. ", "Unknown device EQX")],
)
def test_the_vendor_message_precedes_the_default(
    simulator: Simulator, voss: Voss, vendor_message: str, cause: str | None, messages: MessageTable
) -> None:
    plan = customer.plan_present(voss, desired(settings={"email_domain": "x"}), Rules())
    simulator.fault(system="voss", path="Transaction", body={"data": {"status": "Fail", "message": vendor_message}})
    error = failing(voss, plan)
    identifier = error.result["transactions"][0]["id"]
    facts = {"action": "updated", "customer": "customer 'AAAGlobal'", "transaction": identifier}
    if cause:
        messages.check("voss.failed_action", error.message, cause=cause, **facts)
    else:
        messages.check("voss.failed_action_without_cause", error.message, **facts)
    assert (error.result["actions"], error.result["changed"]) == ([], False)


def test_steps_run_up_to_a_kind(simulator: Simulator, voss: Voss) -> None:
    plan = customer.plan_present(voss, desired(settings={"email_domain": "x"}, target=WEST), Rules(sync=("users",)))
    todo, outcome = list(plan.steps), Outcome(plan.before)
    work = steps.run_steps(voss, todo, outcome, PollOptions(wait=False, interval=0.01), ("moved", "deleted"))
    voss.poller.run([WorkItem(work, unexpected)], QUICK)
    assert outcome.actions == ["updated"]
    assert [entry["status"] for entry in outcome.transactions] == ["Success"]
    assert todo == list(plan.steps[1:])
    assert outcome.customer is not None
    assert outcome.customer == plan.before
    assert there(simulator, "AAAGlobal") == [AAA_PATH]


def test_steps_after_a_rename_use_the_new_name(simulator: Simulator, voss: Voss, messages: MessageTable) -> None:
    plan = customer.plan_present(voss, desired(pkid=AAAGLOBAL, name="Hooli"), Rules(sync=("users",)))
    simulator.fault(system="voss", method="POST", path="SyncWebexTeamsUsers", status=400, body={"error": "no"})
    errors: list[ConnectorsError] = []
    outcome, todo = Outcome(plan.before), list(plan.steps)
    voss.poller.run([WorkItem(steps.run_steps(voss, todo, outcome, QUICK), errors.append)], QUICK)
    assert outcome.customer is not None
    assert outcome.customer["data"] == {**(plan.before or {})["data"], "name": "Hooli"}
    assert outcome.customer["pkid"] == AAAGLOBAL
    error = steps.explained(errors[0], outcome, todo, Rules(sync_always=True))
    assert error.message.endswith(progress(messages, "updated"))
    assert todo == [Step("users_synced")]


def test_a_deleted_customer_has_no_further_steps(simulator: Simulator, voss: Voss) -> None:
    todo = [Step("deleted"), Step("users_synced")]
    plan = customer.plan_absent(voss, desired())
    outcome = Outcome(plan.before)
    voss.poller.run([WorkItem(steps.run_steps(voss, todo, outcome, QUICK), unexpected)], QUICK)
    assert (outcome.customer, outcome.actions, todo) == (None, ["deleted"], [])
