# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test one case of the table: run a task with a fault at one of its calls, and check the outcome."""

from __future__ import annotations

import base64
import json
import operator
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from support.simulator import CREDENTIALS

from faults.bench import Bench, Run, plain
from faults.calls import Call, calls_of, changes, identity
from faults.faults import APPLIED, FAULTS, LASTING, NO_BUDGET, ONCE, Fault
from faults.rules import (
    CREATED,
    FAILS,
    GOES_ON,
    GROUP_CREATED,
    MAKES_DO,
    REPEATABLE,
    VOSS_CHANGE,
    durations,
    exception_of,
    rule_of,
    safety,
)
from faults.tasks import TASKS, Task

REFUSED_FOR = 0.25
FOR_GOOD = 3600.0
LOOKUP = 7.7  # Seconds of waits between the lookups after a lost response.
LOOKUPS = 3 * LOOKUP
SLACK = 8.0  # Seconds of other waits, for example between polls.
KEYS = {"system", "method", "url", "status", "code", "message", "request_id", "reason"}
LONGEST = 3000
TRIES = 5
NOT_REACHED = "the fault did not happen"


@dataclass(frozen=True)
class Good:
    """The requests, the result and the state of a task without faults."""

    task: Task
    calls: tuple[Call, ...]
    sent: Counter[str]
    applied: Counter[str]
    result: Any
    world: Any
    waited: float


@dataclass(frozen=True)
class FaultCase:
    """A task, one of its calls, a fault, and its duration."""

    good: Good
    call: Call
    fault: Fault
    duration: str

    @property
    def name(self) -> str:
        again = f" ({self.call.skip + 1})" if self.call.skip else ""
        return f"{self.good.task.name} | {self.call.kind}{again} | {self.fault.name} | {self.duration}"


@dataclass(frozen=True)
class Verdict:
    """The outcome of a case, its rule, and the problems."""

    case: str
    module: str
    fault: str
    duration: str
    rule: str
    exception: str
    outcome: str
    waited: float
    problems: tuple[str, ...]


def tasks() -> Iterator[Task]:
    """Yield all tasks, each in normal mode and in check mode."""
    for task in TASKS:
        yield task
        yield replace(task, check=True)


def good(bench: Bench, task: Task) -> Good:
    """Run a task without faults."""
    bench.choose(secure=False)
    bench.prepare(task)
    run = bench.run(task)
    assert not run.failed, run.result
    return Good(
        task,
        tuple(calls_of(run.journal, task.optional)),
        Counter(map(identity, run.journal)),
        _applied(run),
        plain(run.result),
        bench.world(task),
        run.waited,
    )


def cases_of(of: Good) -> Iterator[FaultCase]:
    """All cases of a task."""
    for call in of.calls:
        for fault in FAULTS:
            for duration in durations(fault, call):
                yield FaultCase(of, call, fault, duration)


def examine(bench: Bench, case: FaultCase) -> Verdict:
    """Return the verdict of a case. If the request with the fault was not sent, run the task again.

    Whether transactions share a poll depends on the time at which they are submitted.
    """
    for _attempt in range(TRIES):
        verdict = _examine(bench, case)
        if NOT_REACHED not in verdict.problems:
            break
    return verdict


def _examine(bench: Bench, case: FaultCase) -> Verdict:
    """Run the task with the fault and once more without it, and return the verdict."""
    task, fault = case.good.task, case.fault
    bench.choose(fault.secure)
    bench.prepare(task)
    _let_fail(bench, case)
    budget = {ONCE: fault.budget, NO_BUDGET: 0.0}.get(case.duration, fault.spent)
    first = bench.run(task, timeout=fault.timeout, retry_budget=budget)
    bench.simulator.clear_faults()
    left = sorted(file.name for file in bench.file.parent.iterdir())
    outcome = _outcome(case, first)
    rule, exception = rule_of(fault, case.call), exception_of(fault, case.call)
    problems = [*_common(case, first, bench)]
    if not exception:
        problems += _by_rule(case, first, outcome)
    if outcome == FAILS:
        problems += _failure(case, first)
        problems += [f"a file was left: {left}"] if left and not case.good.world["files"] else []
    elif outcome == GOES_ON and not exception and bench.world(task) != case.good.world:
        problems.append("the task succeeds, but the objects are not in the desired state")
    bench.simulator.forget()
    # Otherwise, the late change of the first run could be made between two requests of the second run.
    time.sleep(fault.rule.get("late", 0))
    second = bench.run(task)
    problems += _second(case, first, second, bench)
    return Verdict(
        case.name,
        task.module,
        fault.name,
        case.duration,
        rule.title,
        exception.why if exception else "",
        outcome,
        first.waited,
        tuple(problems),
    )


def _let_fail(bench: Bench, case: FaultCase) -> None:
    fault, call = case.fault, case.call
    if fault.follows:
        rule: dict[str, Any] = {"refuse": REFUSED_FOR if case.duration == ONCE else FOR_GOOD}
        if fault.certificate:
            rule = {"certificate": str(bench.certificates.files[fault.certificate])}
        if call.before is None:
            bench.knock(rule)
        else:
            bench.simulator.fault(**case.good.calls[call.before].rule, **rule)
        return
    rule = dict(fault.rule)
    if rule.get("status") == 307:
        rule["headers"] = {"Location": bench.elsewhere}
    if case.duration == APPLIED:
        rule["applied"] = True
    bench.simulator.fault(**call.rule, **rule, times=None if case.duration == LASTING else 1)


def _applied(run: Run) -> Counter[str]:
    return Counter(change for entry in run.journal if entry["applied"] for change in changes(entry))


def _number_of_customers(case: FaultCase) -> int:
    """Return the length of the list of customers. The option of an info module is a boolean."""
    customers = case.good.task.options.get("customers")
    return len(customers) if isinstance(customers, list) else 0


def _outcome(case: FaultCase, run: Run) -> str:
    if run.failed:
        return FAILS
    return GOES_ON if plain(run.result) == case.good.result else MAKES_DO


def _common(case: FaultCase, run: Run, bench: Bench) -> Iterator[str]:
    """Yield violations of the requirements for every case."""
    text = json.dumps(run.result, default=str)
    for secret in secrets(case.good.task):
        if secret in text:
            yield f"a secret is shown: {secret}"
    if "exception" in run.result or "Traceback" in text or "This is a bug" in text:
        yield f"a traceback: {text[:2000]}"
    if bench.strayed():
        yield "something was sent to another origin"
    if case.good.task.check and any(entry["write"] for entry in run.journal):
        yield "check mode sent a write"
    too_many = _applied(run) - case.good.applied
    if safety(case.call) == REPEATABLE:
        too_many = Counter({words: count for words, count in too_many.items() if words not in case.good.applied})
    if too_many:
        yield f"applied too often, or not expected: {dict(too_many)}"
    if any(entry["refused"] for entry in run.journal):
        yield f"not documented: {[entry['refused'] for entry in run.journal if entry['refused']]}"
    most = case.good.waited + case.fault.budget + SLACK
    customers = max(1, _number_of_customers(case))  # The task handles them sequentially.
    if safety(case.call) == VOSS_CHANGE:
        most += LOOKUPS * customers
    if safety(case.call) in (CREATED, GROUP_CREATED):  # by the external ID, then by the name
        most += 2 * LOOKUP * customers
    if run.waited > most:
        yield f"it waited {run.waited:.1f} s, more than {most:.1f}"


def _by_rule(case: FaultCase, run: Run, outcome: str) -> Iterator[str]:
    """Yield violations of the rule."""
    outcomes, (least, most) = rule_of(case.fault, case.call).due[case.duration]
    if outcome not in outcomes:
        yield f"it {outcome}, where it should be one that {' or '.join(outcomes)}: {run.result.get('msg')}"
    hit = [entry for entry in run.journal if entry["fault"]]
    if hit and not case.fault.follows:
        again, too_often = _repetitions(case, run, hit[0])
        # Every customer of a list may send the same request.
        items = _number_of_customers(case) if outcome == FAILS else 1
        if again < least or too_often > (most + 1) * max(items, 1) - 1:
            yield f"it was sent again {again} times, where it should be {least} to {most}"
    elif not case.fault.follows:
        yield NOT_REACHED
    if case.fault.name == "401" and [entry for entry in run.journal if entry["fault"]] != run.journal[-1:]:
        yield "something was sent after the credentials were refused"


def _repetitions(case: FaultCase, run: Run, failed: dict[str, Any]) -> tuple[int, int]:
    """Return how often a request was sent after it failed, and how often more than in a run without faults.

    Transactions that are pending at the same time share their polls. Therefore, the number of polls differs between
    runs, and only polls of the same transaction are counted. If a task waits, it polls a transaction twice.
    """
    place = run.journal.index(failed)
    if "/Transaction/" in failed["path"]:
        polled = operator.itemgetter("method", "path", "query")
        again = list(map(polled, run.journal[place + 1 :])).count(polled(failed))
        return again, again - bool(case.good.task.options.get("wait"))
    requests = list(map(identity, run.journal))
    words = identity(failed)
    return requests[place:].count(words) - 1, requests.count(words) - case.good.sent[words]


def _failure(case: FaultCase, run: Run) -> Iterator[str]:
    """Yield violations of the requirements for failures."""
    msg = run.result.get("msg")
    if not isinstance(msg, str) or "\n" in msg or len(msg) > LONGEST or not msg.endswith((".", ")")):
        yield f"not a sentence: {msg!r}"
    elif re.search(r"object at 0x|Pool\(|<html|<!DOCTYPE|\bNone\b|Error\(", msg):
        yield f"not a message for users: {msg}"
    found = failures(run.result)
    if any(set(failure) != KEYS for failure in found):
        yield f"a failure with other keys: {found}"
    if exception_of(case.fault, case.call):
        return
    desired = {"system": case.call.system, "method": case.call.method, "status": case.fault.status}
    if "size" in case.fault.rule:  # the service determines the status
        del desired["status"]
    if case.fault.rule.get("headers", {}).get("X-Request-ID"):
        desired.update(message="It is out of order.", code="E17", request_id="request-canary")
    if not any(desired.items() <= failure.items() for failure in found):
        yield f"no failure with {desired}: {msg} {found}"


def failures(result: Any) -> list[dict[str, Any]]:
    """Yield the structured failures in a result."""
    if isinstance(result, dict):
        own = [result["failure"]] if isinstance(result.get("failure"), dict) else []
        return own + [found for key, value in result.items() if key != "failure" for found in failures(value)]
    return [found for item in result for found in failures(item)] if isinstance(result, list) else []


def _second(case: FaultCase, first: Run, second: Run, bench: Bench) -> Iterator[str]:
    """Yield problems of a second run without the fault."""
    if second.failed:
        yield f"the second run fails: {second.result.get('msg')}"
        return
    if bench.world(case.good.task) != case.good.world:
        yield "the objects are not in the desired state after a second run"
    done = _applied(first) + _applied(second)
    if case.good.task.repeats:
        done = _applied(second)
    elif safety(case.call) == REPEATABLE:
        done = Counter(dict.fromkeys(done, 1))
    if done - case.good.applied:
        yield f"done twice by two runs: {dict(done - case.good.applied)}"


def secrets(task: Task) -> set[str]:
    """Return the values that must not be in any result of a task."""
    login = CREDENTIALS[task.login or task.system]
    words = {value for name, value in login.items() if name not in ("username", "client_id")}
    if "password" in login:
        words.add(base64.b64encode(f"{login['username']}:{login['password']}".encode()).decode())
    if task.system == "voss":
        words |= {"canary-token", "canary-refresh", "simulator-access-token", "_P0A1_"}
    return words
