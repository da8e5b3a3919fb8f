# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test polling of the transactions of many changes with a scripted server."""

from __future__ import annotations

import itertools
import json
import re
import sys
import threading
import uuid
from typing import Any

import pytest
from support.deadline import HANGS
from support.messages import MessageTable
from support.scripted import Scripted, Step, reply
from support.simulated_time import SimulatedTime

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    RequestFailed,
    TransactionFailed,
    as_failure,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import poller as poller_module
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import transactions
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.poller import (
    Steps,
    TransactionPoller,
    WorkItem,
    at_once,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import (
    Accepted,
    Change,
    PollOptions,
)

TRANSACTIONS = "/v1/api/tool/Transaction/"
PATH = "/api/relation/SparkCustomer/"
QUICK = PollOptions(True, 5, 0.05)


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch) -> SimulatedTime:
    """Time that passes only while the poller waits."""
    simulated = SimulatedTime()
    simulated.install(monkeypatch, poller_module)
    return simulated


def item(name: str, status: str = "Success", **data: Any) -> dict[str, Any]:
    return {"pkid": name, "data": {"status": status, **data}}


def one(name: str, status: str = "Success", **data: Any) -> Step:
    return reply(200, json.dumps(item(name, status, **data)))


def several(*items: dict[str, Any]) -> Step:
    return reply(200, json.dumps({"resources": list(items)}))


def single_poll(name: str) -> str:
    return f"GET {TRANSACTIONS}{name}/?format=json"


def bulk_poll(batch: str) -> str:
    filtered = f"filter_field=external.id&filter_condition=contains&filter_text={batch}"
    return f"GET {TRANSACTIONS}?hierarchy=sys&{filtered}&limit=200&format=json"


def poller_at(server: Scripted, **options: Any) -> TransactionPoller:
    poller = TransactionPoller(server.http("voss", **{"requests_per_second": 0, **options}))
    poller.place = [("hierarchy", "sys")]
    return poller


def waiting(name: str, ended: dict[str, Any], batch: str = "b-", external_id: str = "") -> WorkItem:
    """Return a work item with one change, whose transaction is polled."""

    def steps() -> Steps:
        ended[name] = yield Accepted(name, batch=batch, external_id=external_id)

    return WorkItem(steps(), lambda error: ended.update({name: error}))


def run(
    server: Scripted, *names: str, poll_options: PollOptions = QUICK, parallel: int = 1, **options: Any
) -> dict[str, Any]:
    ended: dict[str, Any] = {}
    poller_at(server).run([waiting(name, ended, **options) for name in names], poll_options, parallel)
    return ended


def unexpected(error: ConnectorsError) -> None:
    raise AssertionError(error.message)


def states(ended: dict[str, Any]) -> dict[str, Any]:
    return {name: found if isinstance(found, Exception) else found["state"] for name, found in ended.items()}


# Sending


def test_every_change_has_an_id_with_a_shared_prefix() -> None:
    steps = [reply(200, json.dumps({"transaction_id": f"t{number}"})) for number in range(202)]
    with Scripted(*steps) as server:
        poller = poller_at(server)
        change = Change("PUT", PATH, [("hierarchy", "sys")], {})
        accepted = [poller.submit(change) for _number in range(201)]
        poller_at(server).submit(Change("PUT", PATH, [], {}))
    ids = [json.loads(requested.body)["request_meta"]["external_id"] for requested in server.received]
    run_id = ids[0].partition("-")[0]
    assert ids[:201] == [f"{run_id}-{number // 100}-{number % 100}." for number in range(201)]
    assert [one.batch for one in accepted] == [f"{run_id}-{number // 100}-" for number in range(201)]
    assert [one.external_id for one in accepted] == ids[:201]
    assert [one.transaction for one in accepted] == [f"t{number}" for number in range(201)]
    assert len(run_id) == 32
    assert not ids[-1].startswith(run_id)
    assert server.targets()[0] == f"PUT /v1{PATH}?hierarchy=sys&format=json&nowait=true"


SECOND = f"{'0' * 32}-0-1."


@pytest.mark.parametrize(
    ("lookups", "found"),
    [
        ([several(item("u", external={"id": SECOND}))], "u"),
        ([several(item("t", external={"id": SECOND}))], None),
        ([several()] * 4, None),
        ([reply(400)], None),
    ],
    ids=["different transaction", "same transaction", "no transaction", "lookup refused"],
)
def test_one_transaction_does_not_prove_two_changes(
    lookups: list[Step], found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "LOOKUP_PAUSES", (0.0,) * 4)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=0))
    same = reply(200, '{"transaction_id": "t"}')
    with Scripted(same, same, *lookups) as server:
        poller = poller_at(server)
        first = poller.submit(Change("PUT", PATH, [], {}))
        second = poller.submit(Change("PUT", PATH, [], {}))
    assert second.external_id == SECOND
    assert (first.transaction, first.doubt) == ("t", None)
    assert poller.is_doubtful(first)
    assert second.transaction == found
    assert (second.doubt.reason if second.doubt else None) == (None if found else "outcome_unknown")
    assert not poller.is_doubtful(second)


def pauses_between(times: list[float]) -> list[float]:
    return [round(later - earlier, 6) for earlier, later in itertools.pairwise(times)]


# One transaction


def test_one_transaction_is_polled_until_it_ends() -> None:
    with Scripted(one("t", "Processing"), one("t", "Queued"), one("t")) as server:
        found = poller_at(server).follow("t", QUICK)
    assert (found["id"], found["status"], found["state"], found["whole"]) == ("t", "Success", "succeeded", True)
    assert server.targets() == [single_poll("t")] * 3


@pytest.mark.parametrize(("interval", "pauses"), [(2, (0.1, 0.2, 0.4, 0.8)), (0.15, (0.1, 0.15, 0.15, 0.15))])
def test_poll_pauses_double_up_to_the_interval(
    simulated: SimulatedTime, interval: float, pauses: tuple[float, ...]
) -> None:
    times = [simulated.now]
    steps = [Step(one("t", word).data, before=lambda: times.append(simulated.now)) for word in ["Queued"] * 4]
    with Scripted(*steps, one("t")) as server:
        poller_at(server, requests_per_second=10).follow("t", PollOptions(True, 5, interval))
    assert pauses_between(times) == list(pauses)


def test_a_transaction_that_times_out_is_still_running(messages: MessageTable) -> None:
    with Scripted(*[one("t", "Processing")] * 40) as server, pytest.raises(TransactionFailed) as caught:
        poller_at(server).follow("t", PollOptions(True, 0.375, 0.0625))
    facts = {"transaction": "transaction t", "status": "Processing", "seconds": 0.375}
    messages.check("voss.still_running", caught.value.message, **facts)
    assert caught.value.result["transaction"] == {
        "id": "t", "status": "Processing", "state": "running", "message": None, "pkid": None,
    }  # fmt: skip
    assert len(server.received) == 6  # every 0.0625 s, which binary fractions represent exactly


@pytest.mark.parametrize(("timeout", "seconds"), [(0.2, 0.2), (0.5, 0.5), (60, 10.02)])
def test_a_transaction_that_never_appears_is_unknown(
    simulated: SimulatedTime, timeout: float, seconds: float, messages: MessageTable
) -> None:
    start = simulated.now
    with Scripted(*[reply(404, "{}")] * 600) as server, pytest.raises(TransactionFailed) as caught:
        poller_at(server).follow("t", PollOptions(True, timeout, 0.02))
    assert round(simulated.now - start, 2) == pytest.approx(seconds, abs=0.021)
    assert caught.value.reason == "outcome_unknown"
    messages.check("voss.transaction_never_shown", caught.value.message, transaction="transaction t")


def test_a_transaction_that_appears_late_is_followed() -> None:
    with Scripted(reply(404, "{}"), reply(404, "{}"), one("t", "Queued"), reply(404, "{}"), one("t")) as server:
        assert poller_at(server).follow("t", QUICK)["state"] == "succeeded"


def test_a_failed_poll_fails_the_waiting_work() -> None:
    with Scripted(reply(500, "broken")) as server, pytest.raises(RequestFailed) as caught:
        poller_at(server).follow("t", QUICK)
    assert caught.value.failure.status == 500


# Several


def test_several_are_polled_with_one_request() -> None:
    steps = (
        several(item("a", "Queued"), item("b"), item("of another user"), item("c", "Queued")),
        several(item("a"), item("c", "Queued")),
        one("c"),
    )
    with Scripted(*steps) as server:
        ended = run(server, "a", "b", "c")
    assert states(ended) == dict.fromkeys(("a", "b", "c"), "succeeded")
    assert [ended[name]["whole"] for name in ("a", "b", "c")] == [False, False, True]
    assert server.targets() == [bulk_poll("b-"), bulk_poll("b-"), single_poll("c")]


def test_each_batch_has_a_request_of_its_own() -> None:
    ended: dict[str, Any] = {}
    works = [waiting("a", ended, "x-"), waiting("b", ended, "y-"), waiting("c", ended, "y-")]
    with Scripted(several(item("a")), several(item("b"), item("c"))) as server:
        poller_at(server).run(works, QUICK)
    assert server.targets() == [bulk_poll("x-"), bulk_poll("y-")]
    assert set(ended) == {"a", "b", "c"}


def test_a_failed_transaction_is_read_once_more() -> None:
    with Scripted(several(item("a", "Fail"), item("b")), one("a", "Fail", message="No.")) as server:
        ended = run(server, "a", "b")
    assert ended["a"]["message"] == "No."
    assert ended["b"] == {
        "id": "b", "status": "Success", "state": "succeeded", "message": None, "pkid": None, "whole": False,
    }  # fmt: skip
    assert server.targets() == [bulk_poll("b-"), single_poll("a")]


@pytest.mark.parametrize(
    "second",
    [reply(404, "{}"), reply(500), reply(200, "[]"), one("a", "In Progress"), one("a"), one("b", "Fail")],
    ids=["not found", "error", "no transaction", "running", "succeeded", "different transaction"],
)
def test_a_second_read_does_not_refute_a_failure(second: Step) -> None:
    with Scripted(several(item("a", "Fail"), item("b")), second) as server:
        ended = run(server, "a", "b")
    assert states(ended) == {"a": "failed", "b": "succeeded"}
    assert server.targets() == [bulk_poll("b-"), single_poll("a")]


def test_a_foreign_external_id_is_no_proof() -> None:
    ended: dict[str, Any] = {}
    works = [waiting(name, ended, external_id=f"b-{name}") for name in ("a", "b", "c")]
    shown = [item("a", external={"id": "b-b"}), item("b", external={"id": "b-a"}), item("c", external={"id": "b-c"})]
    with Scripted(several(*shown)) as server:
        poller_at(server).run(works, QUICK)
    assert [getattr(ended[name], "reason", "") for name in ("a", "b", "c")] == ["invalid_response"] * 2 + [""]


def test_one_transaction_of_two_changes_is_sent_to_both() -> None:
    ended: dict[str, Any] = {}

    def work(name: str) -> WorkItem:
        def steps() -> Steps:
            ended[name] = yield Accepted("t", batch="b-")

        return WorkItem(steps(), unexpected)

    with Scripted(several(item("t"))) as server:
        poller_at(server).run([work("a"), work("b")], QUICK)
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}


@pytest.mark.parametrize("status", [400, 403, 404, 405, 422])
def test_without_bulk_polls_each_transaction_is_polled(status: int) -> None:
    with Scripted(reply(status), one("a"), one("b")) as server:
        ended = run(server, "a", "b")
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}
    assert server.targets() == [bulk_poll("b-"), single_poll("a"), single_poll("b")]


def test_another_failure_of_a_bulk_poll_fails_all() -> None:
    with Scripted(reply(500)) as server:
        ended = run(server, "a", "b")
    assert {type(error) for error in ended.values()} == {RequestFailed}
    assert server.targets() == [bulk_poll("b-")]


def test_transactions_missing_in_four_bulk_polls_are_polled_singly() -> None:
    steps = (*[several(item("a", "Queued"))] * 4, one("a"), one("b"))
    with Scripted(*steps) as server:
        ended = run(server, "a", "b")
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}
    assert server.targets() == [*[bulk_poll("b-")] * 4, single_poll("a"), single_poll("b")]


def test_a_transaction_missing_in_a_bulk_poll_may_exist() -> None:
    steps = (*[several(item("a", "Queued"))] * 3, several(item("a"), item("b")))
    with Scripted(*steps) as server:
        ended = run(server, "a", "b", poll_options=PollOptions(True, 3, 0.2))
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}


def test_listed_transactions_stay_in_bulk_polls() -> None:
    steps = (*[several(item("a", "Queued"), item("b", "Queued"))] * 6, several(item("a"), item("b")))
    with Scripted(*steps) as server:
        ended = run(server, "a", "b")
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}
    assert server.targets() == [bulk_poll("b-")] * 7


def test_a_transaction_missing_until_the_timeout_is_unknown(messages: MessageTable) -> None:
    with Scripted(*[several(item("a", "Queued"))] * 3) as server:
        ended = run(server, "a", "b", poll_options=PollOptions(True, 0.25, 0.2))
    facts = {"transaction": "transaction a", "status": "Queued", "seconds": 0.25}
    messages.check("voss.still_running", ended["a"].message, **facts)
    messages.check("voss.transaction_not_listed", ended["b"].message, transaction="transaction b", seconds=0.25)
    assert ended["b"].result == {"transaction": None}


def test_bulk_polls_leave_the_rate_to_changes(simulated: SimulatedTime) -> None:
    times = [simulated.now]
    step = Step(several(item("a", "Queued"), item("b", "Queued")).data, before=lambda: times.append(simulated.now))
    with Scripted(step, step, several(item("a"), item("b"))) as server:
        ended: dict[str, Any] = {}
        poller = poller_at(server, requests_per_second=20)
        poller.run([waiting(name, ended) for name in ("a", "b")], PollOptions(True, 5, 2))
    assert pauses_between(times) == [0.4, 0.4]


# Work


def test_work_receives_its_outcome_and_may_wait_again() -> None:
    heard: list[str] = []

    def steps() -> Steps:
        for name in ("a", "b"):
            heard.append((yield Accepted(name))["id"])

    with Scripted(one("a"), one("b")) as server:
        poller_at(server).run([WorkItem(steps(), unexpected)], QUICK)
    assert heard == ["a", "b"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectorsError("Wrong.", reason="conflict"), "conflict"),
        (TypeError("canary"), "invalid_response"),
        (KeyError("canary"), "invalid_response"),
        (RecursionError("canary"), "invalid_response"),
        (UnicodeDecodeError("utf-8", b"canary", 0, 1, "canary"), "invalid_response"),
        (MemoryError(), "invalid_response"),
        (StopAsyncIteration("canary"), "invalid_response"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("where", ["before", "after", "at once"])
def test_an_error_in_work_does_not_stop_others(error: Exception, reason: str, where: str) -> None:
    failed: list[ConnectorsError] = []
    ended: dict[str, Any] = {}

    def wrong() -> None:
        raise error

    def steps() -> Steps:
        if where == "before":
            wrong()
        yield Accepted("a", batch="b-")
        wrong()

    broken = WorkItem(at_once(wrong) if where == "at once" else steps(), failed.append)
    responses = [several(item("a"), item("t"))] if where == "after" else [one("t")]
    with Scripted(*responses) as server:
        poller_at(server).run([broken, waiting("t", ended)], QUICK)
    assert states(ended) == {"t": "succeeded"}
    assert [found.reason for found in failed] == [reason]
    assert "canary" not in failed[0].message


def test_work_that_a_run_does_not_finish_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: dict[str, Any] = {}

    def dies(self: object, *arguments: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(poller_module._Run, "_poll", dies)
    with Scripted() as server:
        poller_at(server).run([waiting(name, ended) for name in "abc"], QUICK)
    assert [found.reason for found in ended.values()] == ["outcome_unknown"] * 3


def test_an_interrupted_run_fails_all_open_work(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: dict[str, Any] = {}

    def interrupted(self: object, *arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(poller_module._Run, "_poll", interrupted)
    with Scripted() as server, pytest.raises(KeyboardInterrupt):
        poller_at(server).run([waiting(name, ended) for name in "abc"], QUICK)
    assert [found.reason for found in ended.values()] == ["outcome_unknown"] * 3


@pytest.mark.parametrize(("options", "connections"), [({}, 1), ({"parallel": 3}, 3)])
def test_parallel_work_is_limited_to_the_connections(options: dict[str, int], connections: int) -> None:
    lock = threading.Lock()
    together = threading.Barrier(connections, timeout=HANGS)
    now, most = 0, 0

    def steps() -> Steps:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        together.wait()  # until the maximum number is running
        with lock:
            now -= 1
        yield from ()

    with Scripted() as server:
        poller_at(server).run([WorkItem(steps(), unexpected) for _number in range(30)], QUICK, **options)
    assert most == connections


def test_open_transactions_are_limited_to_what_polls_cover() -> None:
    sent: list[str] = []
    ended: dict[str, Any] = {}
    seen: list[int] = []

    def work(name: str) -> WorkItem:
        def steps() -> Steps:
            sent.append(name)
            yield from waiting(name, ended).steps

        return WorkItem(steps(), unexpected)

    names = [f"t{number}" for number in range(40)]
    poll = Step(several(*map(item, names)).data, before=lambda: seen.append(len(sent)))
    with Scripted(poll, poll) as server:
        poller_at(server).run([work(name) for name in names], QUICK)
    assert seen == [32, 40]
    assert set(ended) == set(names)


def test_without_work_no_request_is_sent() -> None:
    with Scripted() as server:
        poller_at(server).run([], QUICK)
    assert server.received == []


@pytest.mark.parametrize("limit", [None, 0])
def test_an_unexpected_error_names_its_place(monkeypatch: pytest.MonkeyPatch, limit: int | None) -> None:
    """Some libraries set ``sys.tracebacklimit``, which hides the entries of every traceback of the process."""
    monkeypatch.setattr(sys, "tracebacklimit", limit, raising=False)
    if limit is None:
        monkeypatch.delattr(sys, "tracebacklimit")
    try:
        raise KeyError("canary")
    except KeyError as error:
        failure = as_failure(error)
    assert failure.reason == "invalid_response"
    assert re.search(r"\bKeyError\b.*\btest_poller\.py:\d", failure.message)
    assert "canary" not in failure.message
    assert "KeyError)" in as_failure(KeyError("canary")).message
