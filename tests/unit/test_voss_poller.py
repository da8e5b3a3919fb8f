# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the transactions of many changes are looked at, request by request, against a server with a script."""

from __future__ import annotations

import itertools
import json
import threading
import time
import uuid
from typing import Any

import pytest
from support.scripted import Scripted, Step, reply

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    RequestFailed,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import poller as watch_module
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
# Two pieces of work are under way before a look is due, on a busy machine, too.
QUICK = PollOptions(True, 5, 0.05)


def item(name: str, status: str = "Success", **data: Any) -> dict[str, Any]:
    return {"pkid": name, "data": {"status": status, **data}}


def one(name: str, status: str = "Success", **data: Any) -> Step:
    return reply(200, json.dumps(item(name, status, **data)))


def several(*items: dict[str, Any]) -> Step:
    return reply(200, json.dumps({"resources": list(items)}))


def look(name: str) -> str:
    return f"GET {TRANSACTIONS}{name}/?format=json"


def look_at(batch: str) -> str:
    filtered = f"filter_field=external.id&filter_condition=contains&filter_text={batch}"
    return f"GET {TRANSACTIONS}?hierarchy=sys&{filtered}&limit=200&format=json"


def watch_at(server: Scripted, **options: Any) -> TransactionPoller:
    poller = TransactionPoller(server.http("voss", **{"requests_per_second": 0, **options}))
    poller.place = [("hierarchy", "sys")]
    return poller


def waiting(name: str, ended: dict[str, Any], batch: str = "b-", external_id: str = "") -> WorkItem:
    """A piece of work with one change that is waited for."""

    def steps() -> Steps:
        ended[name] = yield Accepted(name, batch=batch, external_id=external_id)

    return WorkItem(steps(), lambda error: ended.update({name: error}))


def run(
    server: Scripted, *names: str, poll_options: PollOptions = QUICK, parallel: int = 1, **options: Any
) -> dict[str, Any]:
    ended: dict[str, Any] = {}
    watch_at(server).run([waiting(name, ended, **options) for name in names], poll_options, parallel)
    return ended


def unexpected(error: ConnectorsError) -> None:
    raise AssertionError(error.message)


def states(ended: dict[str, Any]) -> dict[str, Any]:
    return {name: found if isinstance(found, Exception) else found["state"] for name, found in ended.items()}


# Sending


def test_every_change_of_a_run_has_an_id_of_its_own_and_a_hundred_begin_alike() -> None:
    steps = [reply(200, json.dumps({"transaction_id": f"t{number}"})) for number in range(202)]
    with Scripted(*steps) as server:
        poller = watch_at(server)
        change = Change("PUT", PATH, [("hierarchy", "sys")], {})
        accepted = [poller.submit(change) for _number in range(201)]
        watch_at(server).submit(Change("PUT", PATH, [], {}))
    ids = [json.loads(asked.body)["request_meta"]["external_id"] for asked in server.asked]
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
    ids=["it has another one", "it has this one", "it has none", "the server cannot tell"],
)
def test_one_transaction_for_two_changes_proves_neither(
    lookups: list[Step], found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "LOOKUP_PAUSES", (0.0,) * 4)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=0))
    same = reply(200, '{"transaction_id": "t"}')
    with Scripted(same, same, *lookups) as server:
        poller = watch_at(server)
        first = poller.submit(Change("PUT", PATH, [], {}))
        second = poller.submit(Change("PUT", PATH, [], {}))
    assert second.external_id == SECOND
    assert (first.transaction, first.doubt) == ("t", None)
    assert poller.is_doubtful(first)
    assert second.transaction == found
    assert (second.doubt.reason if second.doubt else None) == (None if found else "outcome_unknown")
    assert not poller.is_doubtful(second)


def assert_paused(moments: list[float], *pauses: float) -> None:
    """Between the moments were these pauses at least, and a machine that is busy made them not half as long again."""
    found = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert [pause for pause, least in zip(found, pauses, strict=True) if pause < least - 0.02] == []
    assert sum(found) < 1.4 * sum(pauses) + 0.1


# One transaction


def test_one_transaction_is_looked_at_until_it_has_ended() -> None:
    with Scripted(one("t", "Processing"), one("t", "Queued"), one("t")) as server:
        found = watch_at(server).follow("t", QUICK)
    assert (found["id"], found["status"], found["state"], found["whole"]) == ("t", "Success", "succeeded", True)
    assert server.targets() == [look("t")] * 3


@pytest.mark.parametrize(("interval", "pauses"), [(2, (0.1, 0.2, 0.4, 0.8)), (0.15, (0.1, 0.15, 0.15, 0.15))])
def test_the_first_look_comes_soon_and_each_later_one_after_twice_the_time_up_to_the_interval(
    interval: float, pauses: tuple[float, ...]
) -> None:
    moments: list[float] = []
    steps = [Step(one("t", word).data, before=lambda: moments.append(time.monotonic())) for word in ["Queued"] * 4]
    with Scripted(*steps, one("t")) as server:
        start = time.monotonic()
        watch_at(server, requests_per_second=10).follow("t", PollOptions(True, 5, interval))
    assert_paused([start, *moments], *pauses)


def test_a_transaction_that_does_not_end_in_time_goes_on_without_us() -> None:
    with Scripted(*[one("t", "Processing")] * 40) as server, pytest.raises(TransactionFailed) as caught:
        watch_at(server).follow("t", PollOptions(True, 0.3, 0.05))
    assert caught.value.message == (
        "The transaction t is still 'Processing' after 0.3 s ('wait_timeout'), and may still be running. Check it"
        " with the module voss_transaction_info before you run the task again."
    )
    assert caught.value.result["transaction"] == {
        "id": "t", "status": "Processing", "state": "running", "message": None, "pkid": None,
    }  # fmt: skip
    assert 4 <= len(server.asked) <= 8


@pytest.mark.parametrize(("timeout", "seconds"), [(0.2, 0.2), (0.5, 0.5)])
def test_a_transaction_that_is_never_to_be_found_is_not_known(timeout: float, seconds: float) -> None:
    start = time.monotonic()
    with Scripted(*[reply(404, "{}")] * 60) as server, pytest.raises(TransactionFailed) as caught:
        watch_at(server).follow("t", PollOptions(True, timeout, 0.02))
    assert seconds <= time.monotonic() - start < seconds + 0.4
    assert caught.value.message == (
        "VOSS Automate returned 404 for the transaction t, which it had accepted. It is not known whether the change"
        " was made. Check the object in the service before you run the task again."
    )
    assert caught.value.reason == "outcome_unknown"


def test_a_transaction_that_is_late_to_be_found_is_followed() -> None:
    with Scripted(reply(404, "{}"), reply(404, "{}"), one("t", "Queued"), reply(404, "{}"), one("t")) as server:
        assert watch_at(server).follow("t", QUICK)["state"] == "succeeded"


def test_a_look_that_fails_is_told_to_the_work_that_waits() -> None:
    with Scripted(reply(500, "broken")) as server, pytest.raises(RequestFailed) as caught:
        watch_at(server).follow("t", QUICK)
    assert caught.value.failure.status == 500


# Several


def test_several_are_looked_at_with_one_request_until_one_is_left() -> None:
    steps = (
        several(item("a", "Queued"), item("b"), item("somebody else's"), item("c", "Queued")),
        several(item("a"), item("c", "Queued")),
        one("c"),
    )
    with Scripted(*steps) as server:
        ended = run(server, "a", "b", "c")
    assert states(ended) == dict.fromkeys(("a", "b", "c"), "succeeded")
    assert [ended[name]["whole"] for name in ("a", "b", "c")] == [False, False, True]
    assert server.targets() == [look_at("b-"), look_at("b-"), look("c")]


def test_each_batch_has_a_request_of_its_own() -> None:
    ended: dict[str, Any] = {}
    works = [waiting("a", ended, "x-"), waiting("b", ended, "y-"), waiting("c", ended, "y-")]
    with Scripted(several(item("a")), several(item("b"), item("c"))) as server:
        watch_at(server).run(works, QUICK)
    assert server.targets() == [look_at("x-"), look_at("y-")]
    assert set(ended) == {"a", "b", "c"}


def test_what_failed_is_looked_at_once_more() -> None:
    with Scripted(several(item("a", "Fail"), item("b")), one("a", "Fail", message="No.")) as server:
        ended = run(server, "a", "b")
    assert ended["a"]["message"] == "No."
    assert ended["b"] == {
        "id": "b", "status": "Success", "state": "succeeded", "message": None, "pkid": None, "whole": False,
    }  # fmt: skip
    assert server.targets() == [look_at("b-"), look("a")]


def test_what_failed_and_is_gone_has_failed() -> None:
    with Scripted(several(item("a", "Fail"), item("b")), reply(404, "{}")) as server:
        ended = run(server, "a", "b")
    assert states(ended) == {"a": "failed", "b": "succeeded"}


def test_a_transaction_with_the_external_id_of_another_change_proves_nothing() -> None:
    ended: dict[str, Any] = {}
    works = [waiting(name, ended, external_id=f"b-{name}") for name in ("a", "b", "c")]
    shown = [item("a", external={"id": "b-b"}), item("b", external={"id": "b-a"}), item("c", external={"id": "b-c"})]
    with Scripted(several(*shown)) as server:
        watch_at(server).run(works, QUICK)
    assert [getattr(ended[name], "reason", "") for name in ("a", "b", "c")] == ["invalid_response"] * 2 + [""]


def test_one_transaction_of_two_changes_is_sent_to_both() -> None:
    ended: dict[str, Any] = {}

    def work(name: str) -> WorkItem:
        def steps() -> Steps:
            ended[name] = yield Accepted("t", batch="b-")

        return WorkItem(steps(), unexpected)

    with Scripted(several(item("t"))) as server:
        watch_at(server).run([work("a"), work("b")], QUICK)
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}


def test_a_second_look_that_fails_is_told_to_the_work() -> None:
    with Scripted(several(item("a", "Fail"), item("b")), reply(500)) as server:
        ended = run(server, "a", "b")
    assert states(ended)["b"] == "succeeded"
    assert isinstance(ended["a"], RequestFailed)
    assert server.targets() == [look_at("b-"), look("a")]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 422])
def test_where_many_cannot_be_looked_at_together_each_is_by_itself(status: int) -> None:
    with Scripted(reply(status), one("a"), one("b")) as server:
        ended = run(server, "a", "b")
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}
    assert server.targets() == [look_at("b-"), look("a"), look("b")]


def test_any_other_failure_of_a_look_at_many_is_told_to_all_of_them() -> None:
    with Scripted(reply(500)) as server:
        ended = run(server, "a", "b")
    assert {type(error) for error in ended.values()} == {RequestFailed}
    assert server.targets() == [look_at("b-")]


def test_those_that_a_look_at_many_misses_four_times_are_looked_at_each_by_itself() -> None:
    steps = (*[several(item("a", "Queued"))] * 4, one("a"), one("b"))
    with Scripted(*steps) as server:
        ended = run(server, "a", "b")
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}
    assert server.targets() == [*[look_at("b-")] * 4, look("a"), look("b")]


def test_a_look_at_many_that_misses_one_does_not_mean_that_it_is_not_known() -> None:
    steps = (*[several(item("a", "Queued"))] * 3, several(item("a"), item("b")))
    with Scripted(*steps) as server:
        ended = run(server, "a", "b", poll_options=PollOptions(True, 3, 0.2))
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}


def test_what_a_look_at_many_shows_is_looked_at_together_however_long_it_takes() -> None:
    steps = (*[several(item("a", "Queued"), item("b", "Queued"))] * 6, several(item("a"), item("b")))
    with Scripted(*steps) as server:
        start = time.monotonic()
        ended = run(server, "a", "b")
        assert time.monotonic() - start < 0.9
    assert states(ended) == {"a": "succeeded", "b": "succeeded"}
    assert server.targets() == [look_at("b-")] * 7


def test_one_that_many_looks_do_not_show_is_not_to_be_seen_when_the_time_is_over() -> None:
    with Scripted(*[several(item("a", "Queued"))] * 3) as server:
        ended = run(server, "a", "b", poll_options=PollOptions(True, 0.25, 0.2))
    assert [str(ended[name])[:50] for name in ("a", "b")] == [
        "The transaction a is still 'Queued' after 0.25 s (",
        "The transaction b is not in the list of transactio",
    ]
    assert ended["b"].result == {"transaction": None}


def test_with_a_rate_many_looks_leave_room_for_changes() -> None:
    moments: list[float] = []
    step = Step(several(item("a", "Queued"), item("b", "Queued")).data, before=lambda: moments.append(time.monotonic()))
    with Scripted(step, step, several(item("a"), item("b"))) as server:
        start = time.monotonic()
        ended: dict[str, Any] = {}
        poller = watch_at(server, requests_per_second=20)
        poller.run([waiting(name, ended) for name in ("a", "b")], PollOptions(True, 5, 2))
    assert_paused([start, *moments], 0.4, 0.4)


# Work


def test_work_goes_on_with_how_its_change_ended_and_may_wait_for_the_next() -> None:
    heard: list[str] = []

    def steps() -> Steps:
        for name in ("a", "b"):
            heard.append((yield Accepted(name))["id"])

    with Scripted(one("a"), one("b")) as server:
        watch_at(server).run([WorkItem(steps(), unexpected)], QUICK)
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
def test_what_work_raises_itself_is_its_failure_and_stops_no_other(error: Exception, reason: str, where: str) -> None:
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
    answers = [several(item("a"), item("t"))] if where == "after" else [one("t")]
    with Scripted(*answers) as server:
        watch_at(server).run([broken, waiting("t", ended)], QUICK)
    assert states(ended) == {"t": "succeeded"}
    assert [found.reason for found in failed] == [reason]
    assert "canary" not in failed[0].message


def test_work_that_a_run_does_not_finish_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: dict[str, Any] = {}

    def dies(self: object, *arguments: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(watch_module._Run, "_poll", dies)
    with Scripted() as server:
        watch_at(server).run([waiting(name, ended) for name in "abc"], QUICK)
    assert [found.reason for found in ended.values()] == ["outcome_unknown"] * 3


def test_what_interrupts_a_run_leaves_it_and_all_open_work_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: dict[str, Any] = {}

    def interrupted(self: object, *arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch_module._Run, "_poll", interrupted)
    with Scripted() as server, pytest.raises(KeyboardInterrupt):
        watch_at(server).run([waiting(name, ended) for name in "abc"], QUICK)
    assert [found.reason for found in ended.values()] == ["outcome_unknown"] * 3


@pytest.mark.parametrize(("options", "connections"), [({}, 1), ({"parallel": 3}, 3)])
def test_no_more_work_is_under_way_at_once_than_there_are_connections(
    options: dict[str, int], connections: int
) -> None:
    lock = threading.Lock()
    now, most = 0, 0

    def steps() -> Steps:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1
        yield from ()

    with Scripted() as server:
        watch_at(server).run([WorkItem(steps(), unexpected) for _number in range(30)], QUICK, **options)
    assert most == connections


def test_no_more_is_waited_for_than_can_be_looked_at() -> None:
    sent: list[str] = []
    ended: dict[str, Any] = {}
    seen: list[int] = []

    def work(name: str) -> WorkItem:
        def steps() -> Steps:
            sent.append(name)
            yield from waiting(name, ended).steps

        return WorkItem(steps(), unexpected)

    names = [f"t{number}" for number in range(40)]
    first = Step(several(*map(item, names[:32])).data, before=lambda: seen.append(len(sent)))
    with Scripted(first, several(*map(item, names[32:]))) as server:
        watch_at(server).run([work(name) for name in names], QUICK)
    assert seen[0] <= 32
    assert set(ended) == set(names)


def test_without_work_nothing_is_asked() -> None:
    with Scripted() as server:
        watch_at(server).run([], QUICK)
    assert server.asked == []
