# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the steps of a customer, the request of each step, and the report. These tests do not require a server."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.messages import MessageTable
from support.voss import progress

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    AccessDenied,
    ConnectorsError,
    Failure,
    InputError,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import WRITTEN
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import (
    bulk_plan,
    bulk_report,
    bulk_run,
    customer,
    steps,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.bulk_items import NO_PLAN, BulkItem
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.connection import VOSS
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer import (
    DesiredCustomer,
    Outcome,
    Plan,
    Rules,
    Step,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import Customer
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import settings_from

NODE = "6130d69ae04a4a0015a93bc6"
WEST = "6130d69ae04a4a0015a93c03"
SYNCS = ["roles_licences_synced", "users_synced"]


@pytest.fixture
def voss() -> Voss:
    """Return a client for a closed port, so that every request fails."""
    given = {"api_url": "http://127.0.0.1:1", "username": "user", "password": "canary", "retry_budget": 0}
    return Voss(ApiClient(settings_from(VOSS, given), warn=lambda text: None))


def a_customer(pkid: str | None = "p1", **more: Any) -> Customer:
    place = {"hierarchy": NODE, "hierarchy_path": "sys.hcs.A", "nodes": (NODE,)}
    return {"pkid": pkid, **place, "data": {"name": "Initech", **more.pop("data", {})}, **more}


def desired(**more: Any) -> DesiredCustomer:
    given: dict[str, Any] = {"hierarchy": "sys.hcs", "name": "Initech", "pkid": None, "settings": {}, "secrets": {}}
    return DesiredCustomer(**{**given, **more})


def in_days(days: float | None) -> str | None:
    return None if days is None else (datetime.now(timezone.utc) + timedelta(days=days)).isoformat()


# One customer


@pytest.mark.parametrize(
    ("step", "place", "request_"),
    [
        (
            Step("created", {"name": "A"}),
            NODE,
            ("POST", "/api/relation/SparkCustomer/", [("hierarchy", NODE)], {"name": "A"}),
        ),
        (
            Step("updated", {"name": "A"}, WEST),
            NODE,
            ("PUT", "/api/relation/SparkCustomer/p%2F1/", [("hierarchy", NODE)], {"name": "A"}),
        ),
        (
            Step("updated", {"name": "A"}),
            None,
            ("PUT", "/api/relation/SparkCustomer/p%2F1/", [], {"name": "A"}),
        ),
        (
            Step("moved", target=WEST),
            NODE,
            (
                "POST",
                "/api/tool/DataMove/",
                [("model_type", "relation/SparkCustomer"), ("hierarchy", NODE), ("context_hierarchy", WEST)],
                {"hrefs": ["/api/relation/SparkCustomer/p%2F1"]},
            ),
        ),
        (
            Step("access_token_refreshed"),
            NODE,
            ("POST", "/api/relation/SparkCustomer/p%2F1/+RefreshAccessToken/", [("hierarchy", NODE)], {}),
        ),
        (
            Step("roles_licences_synced"),
            NODE,
            ("POST", "/api/relation/SparkCustomer/p%2F1/+SyncWebexTeamsRolesLicences/", [("hierarchy", NODE)], {}),
        ),
        (
            Step("users_synced"),
            NODE,
            ("POST", "/api/relation/SparkCustomer/p%2F1/+SyncWebexTeamsUsers/", [("hierarchy", NODE)], {}),
        ),
        (Step("deleted"), NODE, ("DELETE", "/api/relation/SparkCustomer/p%2F1/", [("hierarchy", NODE)], {})),
    ],
)
def test_each_step_is_one_request(step: Step, place: str | None, request_: tuple[Any, ...]) -> None:
    change = steps._request(step, a_customer("p/1", hierarchy=place))
    assert (change.method, change.path, change.query, change.body) == request_
    assert change.pkids == (() if step.action in ("created", "moved") else ("p/1",))
    assert change.repeatable is (step.action != "created")


def test_an_unknown_step_sends_no_request() -> None:
    with pytest.raises(KeyError):
        steps._request(Step("replaced"), a_customer())


EXPIRED, FRESH = -1.0, 30.0


@pytest.mark.parametrize(
    ("rules", "expires", "changed", "steps"),
    [
        (Rules(), FRESH, False, []),
        (Rules(), EXPIRED, True, []),
        (Rules(sync=("users", "roles_licences")), EXPIRED, False, []),
        (Rules(sync=("users", "roles_licences")), EXPIRED, True, SYNCS),
        (Rules(sync=("users",)), EXPIRED, True, ["users_synced"]),
        (Rules(sync=("roles_licences",), sync_always=True), FRESH, False, ["roles_licences_synced"]),
        (Rules(refresh="always"), FRESH, False, ["access_token_refreshed"]),
        (Rules(refresh="always", sync=("users",)), None, False, ["access_token_refreshed", "users_synced"]),
        (Rules(refresh="expiring"), FRESH, False, []),
        (Rules(refresh="expiring"), FRESH, True, []),
        (Rules(refresh="expiring"), EXPIRED, False, ["access_token_refreshed"]),
        (Rules(refresh="expiring", sync=("users",)), EXPIRED, False, ["access_token_refreshed", "users_synced"]),
        (Rules(refresh="expiring"), None, False, []),
        (Rules(refresh="expiring"), 2.9, False, ["access_token_refreshed"]),
        (Rules(refresh="expiring"), 3.1, False, []),
        (Rules(refresh="expiring", token_min_days=40), FRESH, False, ["access_token_refreshed"]),
        (Rules(refresh="never", token_min_days=40), FRESH, False, []),
    ],
)
def test_actions_are_due_after_changes_demands_or_expiries(
    rules: Rules, expires: float | None, changed: bool, steps: list[str]
) -> None:
    found = customer.calls(rules, a_customer(data={"access_token_expires": in_days(expires)}), changed)
    assert found == [Step(action) for action in steps]


def test_a_token_with_exactly_the_minimum_days_is_refreshed() -> None:
    now = datetime.now(timezone.utc)
    there = a_customer(data={"access_token_expires": (now + timedelta(days=5, seconds=30)).isoformat()})
    assert customer.calls(Rules(refresh="expiring", token_min_days=5), there, False) == [Step("access_token_refreshed")]


AGAIN = "voss.no_synchronization"


@pytest.mark.parametrize(
    ("done", "todo", "rules", "completed", "pending", "row"),
    [
        ([], ["updated"], Rules(), "", "", None),
        ([], [], Rules(), "", "", None),
        (["created"], [], Rules(), "created", "", None),
        (["updated"], ["moved"], Rules(), "updated", "", None),
        ([], ["updated", "moved"], Rules(), "", "moved", None),
        ([], ["updated", "moved", "deleted"], Rules(), "", "moved, deleted", None),
        (["updated", "moved"], ["access_token_refreshed"], Rules(), "updated, moved", "", None),
        (["updated"], ["users_synced"], Rules(), "updated", "", AGAIN),
        (["updated"], ["roles_licences_synced"], Rules(), "updated", "", AGAIN),
        (["updated"], ["moved", *SYNCS], Rules(), "updated", ", ".join(SYNCS), AGAIN),
        (["updated"], ["users_synced"], Rules(sync_always=True), "updated", "", None),
        ([], ["users_synced"], Rules(), "", "", None),
    ],
)
def test_a_failure_lists_completed_and_pending_steps(
    done: list[str],
    todo: list[str],
    rules: Rules,
    completed: str,
    pending: str,
    row: str | None,
    messages: MessageTable,
) -> None:
    text = steps.progress(done, todo, rules)
    begin = progress(messages, completed, pending)
    assert text.startswith(begin)
    messages.check_end(row, text.removeprefix(begin))


SCOPE = "6130d69ae04a4a0015a93bc5"


def below_scope(pkid: str, path: str | None, node: str) -> Customer:
    """A customer at a node of this name below ``sys.hcs.A``."""
    return a_customer(pkid, hierarchy=node, hierarchy_path=path, nodes=("root", "hcs", SCOPE, node))


def at_scope(pkid: str) -> Customer:
    return a_customer(pkid, hierarchy=SCOPE, hierarchy_path="sys.hcs.A", nodes=("root", "hcs", SCOPE))


def test_the_customer_at_the_node_precedes_those_below(voss: Voss) -> None:
    at = at_scope("p1")
    below, deeper = below_scope("p2", "sys.hcs.A.B", "b"), below_scope("p3", "sys.hcs.A.C", "c")
    assert customer.select(voss, "sys.hcs.A", [below, at, deeper]) == at
    assert customer.select(voss, "sys.hcs.A", [below]) == below
    assert customer.select(voss, "sys.hcs.A", []) is None


@pytest.mark.parametrize(
    ("listed", "option", "row", "facts"),
    [
        (
            [below_scope("p0", "sys.hcs.A.B", "b"), below_scope("p1", None, NODE)],
            {},
            "voss.ambiguous_below",
            {"first": "sys.hcs.A.B (pkid p0)", "second": f"{NODE} (pkid p1)", "option": "pkid"},
        ),
        (
            [at_scope("p0"), at_scope("p1"), below_scope("p2", "sys.hcs.A.B", "b")],
            {"option": "hierarchy"},
            "voss.ambiguous_at",
            {"first": "sys.hcs.A (pkid p0)", "second": "sys.hcs.A (pkid p1)", "option": "hierarchy"},
        ),
    ],
)
def test_ambiguous_customers_are_listed(
    voss: Voss,
    listed: list[Customer],
    option: dict[str, str],
    row: str,
    facts: dict[str, str],
    messages: MessageTable,
) -> None:
    with pytest.raises(InputError) as raised:
        customer.select(voss, "sys.hcs.A", listed, **option)
    assert raised.value.reason == "ambiguous"
    messages.check(row, raised.value.message, name="Initech", scope="sys.hcs.A", **facts)


def test_a_plan_has_body_and_states_of_each_step(
    voss: Voss,
) -> None:
    now = a_customer(data={"email_domain": "old.example", "account_email": "a@example.com"})
    change = desired(settings={"email_domain": "new.example"}, secrets={"token": "canary"})
    rules = Rules(rewrite_secrets=True, sync=("users",))
    body = {
        "name": "Initech",
        "email_domain": "new.example",
        "account_email": "a@example.com",
        "token": "canary",
    }
    after = a_customer(data={"email_domain": "new.example", "account_email": "a@example.com"})
    steps = (Step("updated", body), Step("users_synced"))
    assert customer.plan_from(voss, now, change, rules, lambda name, node: ()) == Plan(now, after, steps, ("token",))
    only_secret = customer.plan_from(voss, now, desired(secrets={"token": "canary"}), rules, lambda name, node: ())
    assert only_secret == Plan(
        now, now, (Step("updated", {**body, "email_domain": "old.example"}), Step("users_synced")), ("token",)
    )
    assert customer.plan_from(voss, now, desired(), rules, lambda name, node: ()) == Plan(now, now)


def test_a_customer_with_a_hidden_node_cannot_be_renamed(voss: Voss, messages: MessageTable) -> None:
    there = a_customer(hierarchy=None, hierarchy_path=None)
    with pytest.raises(InputError) as raised:
        customer.plan_from(voss, there, desired(name="Hooli", pkid="p1"), Rules(), lambda name, node: ())
    assert raised.value.reason == "refused"
    messages.check("voss.rename_at_hidden_node", raised.value.message, name="Initech", new_name="Hooli")


@pytest.mark.parametrize("path", ["sys.hcs.A", None])
def test_a_name_taken_at_the_node_is_refused(voss: Voss, path: str | None, messages: MessageTable) -> None:
    requested: list[tuple[str, str]] = []

    def called(name: str, node: str) -> list[Customer]:
        requested.append((name, node))
        return [
            a_customer("p1", data={"name": "Hooli"}),
            a_customer("p2", hierarchy=WEST, data={"name": "Hooli"}),
            a_customer("p3", hierarchy_path=path, data={"name": "Hooli"}),
        ]

    with pytest.raises(InputError) as raised:
        customer.plan_from(voss, a_customer(), desired(name="Hooli", pkid="p1"), Rules(), called)
    assert raised.value.reason == "conflict"
    messages.check("voss.name_taken", raised.value.message, name="Hooli", node=path or NODE, pkid="p3")
    assert requested == [("Hooli", NODE)]


@pytest.mark.parametrize("change", [{"pkid": "p9"}, {"pkid": "p9", "name": None}])
def test_nothing_is_created_with_a_pkid(voss: Voss, change: dict[str, Any], messages: MessageTable) -> None:
    with pytest.raises(InputError) as raised:
        customer.plan_from(voss, None, desired(**change), Rules(), lambda name, node: ())
    assert raised.value.reason == "not_found"
    messages.check("voss.unknown_pkid", raised.value.message, pkid="p9")


@pytest.mark.parametrize(
    ("change", "settings"),
    [
        ({"settings": {"email_domain": "x"}}, {"email_domain": "x", "name": "Initech"}),
        ({"name": None, "settings": {"email_domain": "x"}}, {"email_domain": "x"}),
        ({"settings": {"name": "other"}}, {"name": "Initech"}),
    ],
)
def test_a_set_name_is_one_of_the_attributes(change: dict[str, Any], settings: dict[str, str]) -> None:
    assert customer.settings_of(desired(**change)) == settings


# A list of customers


def work_item(actions: tuple[str, ...] = (), todo: tuple[str, ...] = (), plan: Plan = NO_PLAN, **more: Any) -> BulkItem:
    """Return a work item in the middle of its run."""
    found = BulkItem(desired(**more.pop("desired", {})), plan, **more)
    found.outcome.actions = list(actions)
    found.remaining = [Step(action) for action in todo]
    return found


BEFORE = a_customer(data={"email_domain": "old.example"})
AFTER = a_customer(hierarchy_path="sys.hcs.B", data={"email_domain": "new.example"})
CREATED = a_customer(None)
SHORT = {"name": "Initech", "hierarchy_path": "sys.hcs.A", "pkid": "p1", "action": "unchanged", "changed": False}
SHORT["transactions"] = []
KEYS = ("system", "method", "url", "status", "code", "message", "request_id", "reason")
FAILURE = Failure("voss", "PUT", "https://voss.example", 403)
SHOWN = {"name": "Initech", "pkid": "p1", "hierarchy": NODE, "hierarchy_path": "sys.hcs.A"}
SAME = {"name": "Initech", "pkid": "p1", "hierarchy_path": "sys.hcs.A"}


@pytest.mark.parametrize(
    ("one", "check", "report"),
    [
        (work_item(plan=Plan(BEFORE, BEFORE), outcome=Outcome(BEFORE)), False, SHORT),
        (work_item(plan=Plan(BEFORE, BEFORE), outcome=Outcome(BEFORE)), True, SHORT),
        (work_item(plan=Plan(None, None)), False, {**SHORT, "pkid": None, "hierarchy_path": "sys.hcs"}),
        (
            work_item(plan=Plan(None, None), desired={"target": "sys.hcs.T"}),
            False,
            {**SHORT, "pkid": None, "hierarchy_path": "sys.hcs.T"},
        ),
        (
            work_item(plan=Plan(BEFORE, None), actions=("deleted",)),
            False,
            {
                **SHORT,
                "action": "deleted",
                "changed": True,
                "actions": ["deleted"],
                "diff": {"before": {**SHOWN, "email_domain": "old.example"}, "after": {}},
            },
        ),
        (
            work_item(
                plan=Plan(BEFORE, AFTER, (), ("token",)),
                actions=("updated", "moved"),
                outcome=Outcome(a_customer("p2")),
                desired={"secrets": {"token": "canary", "refresh_token": "canary"}},
            ),
            False,
            {
                "name": "Initech",
                "hierarchy_path": "sys.hcs.B",
                "pkid": "p2",
                "action": "updated",
                "changed": True,
                "transactions": [],
                "actions": ["updated", "moved"],
                "diff": {
                    "before": {**SAME, "email_domain": "old.example", "token": "(not shown)"},
                    "after": {
                        **SAME,
                        "hierarchy_path": "sys.hcs.B",
                        "email_domain": "new.example",
                        "token": WRITTEN,
                    },
                },
            },
        ),
        (
            work_item(plan=Plan(None, CREATED), todo=("created", "users_synced"), outcome=Outcome(CREATED)),
            True,
            {
                **SHORT,
                "pkid": None,
                "action": "created",
                "changed": True,
                "actions": ["created", "users_synced"],
                "diff": {"before": {}, "after": {**SHOWN, "pkid": None}},
            },
        ),
        (
            work_item(plan=Plan(None, CREATED), todo=("created",), outcome=Outcome(CREATED)),
            False,
            {**SHORT, "pkid": None},
        ),
        (work_item(plan=Plan(None, AFTER)), False, {**SHORT, "hierarchy_path": "sys.hcs.B"}),
        (
            work_item(error=AccessDenied("no", FAILURE)),
            True,
            {
                **SHORT,
                "hierarchy_path": "sys.hcs",
                "pkid": None,
                "action": "failed",
                "error": "no",
                "failure": {
                    "system": "voss",
                    "method": "PUT",
                    "url": "https://voss.example",
                    "status": 403,
                    "code": None,
                    "message": None,
                    "request_id": None,
                    "reason": "invalid_response",
                },
            },
        ),
        (
            work_item(
                plan=Plan(BEFORE, BEFORE),
                actions=("users_synced",),
                todo=("updated",),
                outcome=Outcome(BEFORE),
                error=InputError("no"),
            ),
            True,
            {
                **SHORT,
                "action": "failed",
                "changed": True,
                "error": "no",
                "failure": {**dict.fromkeys(KEYS), "system": "voss", "reason": "invalid_option"},
                "actions": ["users_synced"],
                "diff": {"before": {}, "after": {}},
            },
        ),
    ],
)
def test_a_changed_customer_is_reported_in_full(one: BulkItem, check: bool, report: dict[str, Any]) -> None:
    assert bulk_report.report(one, check) == report


CHANGED = {"before": {**SAME, "email_domain": "old.example"}, "after": {**SAME, "email_domain": "new.example"}}
CHANGED_SECRET = {
    "before": {**CHANGED["before"], "token": "(not shown)"},
    "after": {**CHANGED["after"], "token": WRITTEN},
}
MOVED = {"before": SAME, "after": {**SAME, "hierarchy_path": "sys.hcs.B"}}


@pytest.mark.parametrize(
    ("before", "after", "actions", "todo", "path", "diff"),
    [
        (BEFORE, AFTER, (), ("moved",), "sys.hcs.A", None),
        (BEFORE, AFTER, (), ("updated", "moved"), "sys.hcs.A", None),
        (BEFORE, AFTER, ("updated",), ("moved", "users_synced"), "sys.hcs.A", CHANGED_SECRET),
        (BEFORE, {**AFTER, "data": BEFORE["data"]}, ("moved",), ("users_synced",), "sys.hcs.B", MOVED),
        (None, CREATED, (), ("created",), "sys.hcs.A", None),
        (BEFORE, None, (), ("deleted",), "sys.hcs.A", None),
    ],
    ids=["move", "update and move", "move after an update", "synchronization", "creation", "deletion"],
)
def test_a_failed_customer_is_reported_where_it_is(
    before: Customer | None,
    after: Customer | None,
    actions: tuple[str, ...],
    todo: tuple[str, ...],
    path: str,
    diff: dict[str, Any] | None,
) -> None:
    written = ("token",) if "updated" in actions else ()
    all_steps = tuple(map(Step, (*actions, *todo)))
    one = work_item(actions, todo, Plan(before, after, all_steps, written), error=InputError("no"))
    report = bulk_report.report(one, False)
    assert (report["action"], report["hierarchy_path"], report["changed"]) == ("failed", path, bool(actions))
    assert report.get("diff") == diff


def test_a_refused_relocation_is_reported_where_the_customer_is() -> None:
    one = work_item(listed=BEFORE, desired={"target": "sys.hcs.B", "hierarchy": "sys.hcs.B"}, error=InputError("no"))
    assert bulk_report.report(one, False)["hierarchy_path"] == "sys.hcs.A"


@pytest.mark.parametrize(
    ("actions", "error", "word"),
    [
        ([], None, "unchanged"),
        (["created", "users_synced"], None, "created"),
        (["users_synced", "moved", "updated"], None, "moved"),
        (["users_synced"], None, "synced"),
        (["roles_licences_synced", "users_synced"], None, "synced"),
        (["access_token_refreshed", "users_synced"], None, "updated"),
        (["updated"], InputError("no"), "failed"),
    ],
)
def test_several_actions_are_one_word(actions: list[str], error: ConnectorsError | None, word: str) -> None:
    assert bulk_report._action(actions, error) == word


def test_a_list_has_one_diff_and_one_summary() -> None:
    work_items = [
        work_item(plan=Plan(BEFORE, BEFORE), outcome=Outcome(BEFORE)),
        work_item(plan=Plan(BEFORE, AFTER), todo=("updated",), outcome=Outcome(BEFORE)),
    ]
    found = bulk_report.result(work_items, True)
    assert found == {
        "changed": True,
        "customers": [bulk_report.report(one, True) for one in work_items],
        "summary": {"created": 0, "updated": 1, "moved": 0, "deleted": 0, "synced": 0, "unchanged": 1, "failed": 0},
        "diff": {
            "before": {"sys.hcs.B: Initech": {**SAME, "email_domain": "old.example"}},
            "after": {"sys.hcs.B: Initech": {**SAME, "hierarchy_path": "sys.hcs.B", "email_domain": "new.example"}},
        },
    }
    assert bulk_report.result(work_items, False)["summary"]["unchanged"] == 2


@pytest.mark.parametrize("path", ["sys.hcs.A", None])
def test_the_diff_has_each_deletion_of_one_name(path: str | None) -> None:
    first, second = (a_customer(pkid, hierarchy_path=path) for pkid in ("p1", "p2"))
    created = {**first, "pkid": None}
    work_items = [
        work_item(plan=Plan(None, created), todo=("created",), outcome=Outcome(created)),
        *(work_item(plan=Plan(one, None), todo=("deleted",), outcome=Outcome(one)) for one in (first, second)),
    ]
    found = bulk_report.result(work_items, True)
    key = f"{found['customers'][0]['hierarchy_path']}: Initech"
    assert list(found["diff"]["before"]) == [f"{key} (pkid p1)", f"{key} (pkid p2)"]
    assert list(found["diff"]["after"]) == [key]


def test_one_sentence_reports_all_failures() -> None:
    work_items = [
        work_item(error=InputError("no")),
        work_item(),
        work_item(desired={"name": "Hooli"}, error=InputError("never")),
    ]
    assert (
        bulk_report.error_message(work_items, False)
        == "2 of 3 customers failed; 1 succeeded. 'Initech': no. 'Hooli': never."
    )


def test_a_work_item_does_not_change_its_plan() -> None:
    one = BulkItem(desired())
    plan = Plan(None, CREATED, (Step("created"), Step("users_synced")))
    one.set_plan(plan)
    assert one == BulkItem(desired(), plan, Outcome(CREATED), [Step("created"), Step("users_synced")])
    one.remaining.pop()
    assert len(plan.steps) == 2
    one.set_plan(Plan(BEFORE, AFTER))
    assert one == BulkItem(desired(), Plan(BEFORE, AFTER), Outcome(BEFORE))


@pytest.mark.parametrize(
    "error",
    [AccessDenied("It is refused.", FAILURE), TransactionFailed("It is refused.", {"failure": {"status": 200}})],
)
def test_a_bulk_failure_is_reported_for_each_customer(error: ConnectorsError, messages: MessageTable) -> None:
    one = work_item(actions=("updated",), todo=("moved", "users_synced"))
    bulk_run._fail(one, Rules(sync_always=True), error)
    assert one.error is not None
    message = f"It is refused.{progress(messages, 'updated', 'users_synced')}"
    assert one.error.message == message
    bulk_run._fail(one, Rules(), error)
    assert type(one.error) is type(error)
    assert one.error.reason == error.reason
    messages.check_end(AGAIN, one.error.message.removeprefix(message))
    done = {"actions": ["updated"], "transactions": [], "changed": True}
    assert one.error.result == {**error.result, **done}
    assert "actions" not in error.result
    assert getattr(one.error, "failure", None) == getattr(error, "failure", None)
    assert error.message == "It is refused."


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ([a_customer("p0", hierarchy=WEST), a_customer("p1", hierarchy=WEST)], "p1"),
        ([a_customer("p7", hierarchy=WEST)], "p7"),
        ([a_customer("p7", hierarchy=WEST, data={"name": "Hooli"})], None),
        ([a_customer("p7", hierarchy=WEST), a_customer("p8", hierarchy=WEST)], None),
        ([a_customer("p1", hierarchy=NODE)], None),
        ([a_customer("p1", hierarchy=NODE), a_customer("p7", hierarchy=WEST)], None),
        ([], None),
    ],
)
def test_a_customer_at_the_target_counts_as_moved(voss: Voss, there: list[Customer], found: str | None) -> None:
    one = work_item(actions=("updated",), todo=("moved", "users_synced"), outcome=Outcome(BEFORE))
    one.outcome.transactions = [{"id": "first"}]
    one.chunk_transactions = [{"id": "shared"}]
    bulk_run._complete_move(voss, one, WEST, there)
    if found:
        assert one.outcome == Outcome(
            {**BEFORE, "pkid": found, "hierarchy": WEST}, ["updated", "moved"], [{"id": "first"}, {"id": "shared"}]
        )
        assert one.remaining == [Step("users_synced")]
    else:
        assert one.outcome == Outcome(BEFORE, ["updated"], [{"id": "first"}])
        assert one.remaining == [Step("moved"), Step("users_synced")]


@pytest.mark.parametrize(("action", "left"), [("deleted", None), ("moved", BEFORE)])
def test_a_completed_step_has_the_transactions_of_its_chunk(action: str, left: Customer | None) -> None:
    one = work_item(todo=(action,), outcome=Outcome(BEFORE), chunk_transactions=[{"id": "shared"}])
    one.complete_step(action)
    assert one.outcome == Outcome(left, [action], [{"id": "shared"}])
    assert one.remaining == []


@pytest.mark.parametrize(
    ("expires", "change", "rules", "same"),
    [
        (None, {}, Rules(), True),
        (None, {"settings": {"email_domain": "x"}}, Rules(), True),
        (None, {"settings": {"email_domain": "y"}}, Rules(), False),
        (None, {"settings": {"email_domain": ""}}, Rules(), False),
        (None, {"settings": {"account_email": ""}}, Rules(), True),
        (None, {"settings": {"dirsync_enabled": False}}, Rules(), False),
        (None, {"settings": {"http_proxy": ""}}, Rules(), False),
        (None, {"settings": {"http_proxy": None}}, Rules(), True),
        (None, {"secrets": {"refresh_token": "r"}}, Rules(), False),
        (None, {"secrets": {"token": "t"}}, Rules(), True),
        (None, {"secrets": {"token": "t"}}, Rules(rewrite_secrets=True), False),
        (None, {}, Rules(sync=("users",)), True),
        (None, {}, Rules(sync=("users",), sync_always=True), False),
        (None, {}, Rules(refresh="always"), False),
        (None, {}, Rules(refresh="expiring"), False),
        (FRESH, {}, Rules(refresh="expiring"), True),
        (EXPIRED, {}, Rules(refresh="expiring"), False),
        (EXPIRED, {}, Rules(), True),
    ],
)
def test_the_list_suffices_to_find_no_changes(
    expires: float | None, change: dict[str, Any], rules: Rules, same: bool
) -> None:
    listed = a_customer(data={"email_domain": "x", "account_email": "", "access_token_expires": in_days(expires)})
    assert bulk_plan._is_up_to_date(listed, desired(**change), rules) is same


def test_two_items_that_mean_one_customer_are_refused(messages: MessageTable) -> None:
    def items(*listed: Customer | None) -> list[BulkItem]:
        nodes = ("sys.hcs", "sys.hcs.B", "sys.hcs.A")
        return [BulkItem(desired(hierarchy=node), listed=one) for node, one in zip(nodes, listed, strict=True)]

    bulk_plan._refuse_shared(items(None, None, BEFORE))
    bulk_plan._refuse_shared(items(a_customer("p2"), a_customer("p3"), BEFORE))
    with pytest.raises(InputError) as raised:
        bulk_plan._refuse_shared(items(BEFORE, a_customer("p2"), BEFORE))
    assert raised.value.reason == "ambiguous"
    messages.check(
        "voss.shared_customer", raised.value.message, first="sys.hcs", second="sys.hcs.A", name="Initech", pkid="p1"
    )
