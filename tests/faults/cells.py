# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test one cell of the table: run a task with a fault at one of its calls, and check the outcome."""

from __future__ import annotations

import base64
import json
import operator
import re
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
LOOKUP = 7.7  # Duration in seconds of the lookups after a lost response.
LOOKUPS = 3 * LOOKUP
SLACK = 8.0
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
    seconds: float


@dataclass(frozen=True)
class Cell:
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
    """The outcome of a cell, its rule, and the problems."""

    cell: str
    module: str
    fault: str
    duration: str
    rule: str
    exception: str
    outcome: str
    seconds: float
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
        tuple(calls_of(run.journal)),
        Counter(map(identity, run.journal)),
        _applied(run),
        plain(run.result),
        bench.world(task),
        run.seconds,
    )


def cells(of: Good) -> Iterator[Cell]:
    """All cells of a task."""
    for call in of.calls:
        for fault in FAULTS:
            for duration in durations(fault, call):
                yield Cell(of, call, fault, duration)


def examine(bench: Bench, cell: Cell) -> Verdict:
    """Return the verdict of a cell. If the request with the fault was not sent, run the task again.

    Whether transactions share a poll depends on the time at which they are submitted.
    """
    for _attempt in range(TRIES):
        verdict = _examine(bench, cell)
        if NOT_REACHED not in verdict.problems:
            break
    return verdict


def _examine(bench: Bench, cell: Cell) -> Verdict:
    """Run the task with the fault and once more without it, and return the verdict."""
    task, fault = cell.good.task, cell.fault
    bench.choose(fault.secure)
    bench.prepare(task)
    _let_fail(bench, cell)
    budget = {ONCE: fault.budget, NO_BUDGET: 0.0}.get(cell.duration, fault.spent)
    first = bench.run(task, timeout=fault.timeout, retry_budget=budget)
    bench.simulator.clear_faults()
    left = sorted(file.name for file in bench.file.parent.iterdir())
    outcome = FAILS if first.failed else GOES_ON if plain(first.result) == cell.good.result else MAKES_DO
    rule, exception = rule_of(fault, cell.call), exception_of(fault, cell.call)
    problems = [*_common(cell, first, bench)]
    if not exception:
        problems += _by_rule(cell, first, outcome)
    if outcome == FAILS:
        problems += _failure(cell, first)
        problems += [f"a file was left: {left}"] if left and not cell.good.world["files"] else []
    elif outcome == GOES_ON and not exception and bench.world(task) != cell.good.world:
        problems.append("the task succeeds, but the objects are not in the desired state")
    bench.simulator.forget()
    second = bench.run(task)
    problems += _second(cell, first, second, bench)
    return Verdict(
        cell.name,
        task.module,
        fault.name,
        cell.duration,
        rule.title,
        exception.why if exception else "",
        outcome,
        first.seconds,
        tuple(problems),
    )


def _let_fail(bench: Bench, cell: Cell) -> None:
    fault, call = cell.fault, cell.call
    if fault.follows:
        rule: dict[str, Any] = {"refuse": REFUSED_FOR if cell.duration == ONCE else FOR_GOOD}
        if fault.certificate:
            rule = {"certificate": str(bench.certificates.files[fault.certificate])}
        if call.before is None:
            bench.knock(rule)
        else:
            bench.simulator.fault(**cell.good.calls[call.before].rule, **rule)
        return
    rule = dict(fault.rule)
    if rule.get("status") == 307:
        rule["headers"] = {"Location": bench.elsewhere}
    if cell.duration == APPLIED:
        rule["applied"] = True
    bench.simulator.fault(**call.rule, **rule, times=None if cell.duration == LASTING else 1)


def _applied(run: Run) -> Counter[str]:
    return Counter(change for entry in run.journal if entry["applied"] for change in changes(entry))


def _number_of_customers(cell: Cell) -> int:
    """Return the length of the list of customers. The option of an info module is a boolean."""
    customers = cell.good.task.options.get("customers")
    return len(customers) if isinstance(customers, list) else 0


def _common(cell: Cell, run: Run, bench: Bench) -> Iterator[str]:
    """Yield violations of the requirements for every cell."""
    text = json.dumps(run.result, default=str)
    for secret in secrets(cell.good.task):
        if secret in text:
            yield f"a secret is shown: {secret}"
    if "exception" in run.result or "Traceback" in text or "This is a bug" in text:
        yield f"a traceback: {text[:2000]}"
    if bench.strayed():
        yield "something was sent to another origin"
    if cell.good.task.check and any(entry["write"] for entry in run.journal):
        yield "check mode sent a write"
    too_many = _applied(run) - cell.good.applied
    if safety(cell.call) == REPEATABLE:
        too_many = Counter({words: count for words, count in too_many.items() if words not in cell.good.applied})
    if too_many:
        yield f"applied too often, or not expected: {dict(too_many)}"
    if any(entry["refused"] for entry in run.journal):
        yield f"not documented: {[entry['refused'] for entry in run.journal if entry['refused']]}"
    attempts = sum(1 for entry in run.journal if entry["fault"])
    most = cell.good.seconds + cell.fault.budget + attempts * min(cell.fault.timeout, 1.0) + SLACK
    customers = max(1, _number_of_customers(cell))  # The task handles them sequentially.
    if safety(cell.call) == VOSS_CHANGE:
        most += LOOKUPS * customers
    if safety(cell.call) in (CREATED, GROUP_CREATED):  # by the external ID, then by the name
        most += 2 * LOOKUP * customers
    if run.seconds > most:
        yield f"it took {run.seconds:.1f} s, more than {most:.1f}"


def _by_rule(cell: Cell, run: Run, outcome: str) -> Iterator[str]:
    """Yield violations of the rule."""
    outcomes, (least, most) = rule_of(cell.fault, cell.call).due[cell.duration]
    if outcome not in outcomes:
        yield f"it {outcome}, where it should be one that {' or '.join(outcomes)}: {run.result.get('msg')}"
    hit = [entry for entry in run.journal if entry["fault"]]
    if hit and not cell.fault.follows:
        again, too_often = _repetitions(cell, run, hit[0])
        # Every customer of a list may send the same request.
        items = _number_of_customers(cell) if outcome == FAILS else 1
        if again < least or too_often > (most + 1) * max(items, 1) - 1:
            yield f"it was sent again {again} times, where it should be {least} to {most}"
    elif not cell.fault.follows:
        yield NOT_REACHED
    if cell.fault.name == "401" and [entry for entry in run.journal if entry["fault"]] != run.journal[-1:]:
        yield "something was sent after the credentials were refused"


def _repetitions(cell: Cell, run: Run, failed: dict[str, Any]) -> tuple[int, int]:
    """Return how often a request was sent after it failed, and how often more than in a run without faults.

    Transactions that are pending at the same time share their polls. Therefore, the number of polls differs between
    runs, and only polls of the same transaction are counted. If a task waits, it polls a transaction twice.
    """
    place = run.journal.index(failed)
    if "/Transaction/" in failed["path"]:
        polled = operator.itemgetter("method", "path", "query")
        again = list(map(polled, run.journal[place + 1 :])).count(polled(failed))
        return again, again - bool(cell.good.task.options.get("wait"))
    requests = list(map(identity, run.journal))
    words = identity(failed)
    return requests[place:].count(words) - 1, requests.count(words) - cell.good.sent[words]


def _failure(cell: Cell, run: Run) -> Iterator[str]:
    """Yield violations of the requirements for failures."""
    msg = run.result.get("msg")
    if not isinstance(msg, str) or "\n" in msg or len(msg) > LONGEST or not msg.endswith((".", ")")):
        yield f"not a sentence: {msg!r}"
    elif re.search(r"object at 0x|Pool\(|<html|<!DOCTYPE|\bNone\b|Error\(", msg):
        yield f"not a message for users: {msg}"
    found = failures(run.result)
    if any(set(failure) != KEYS for failure in found):
        yield f"a failure with other keys: {found}"
    if exception_of(cell.fault, cell.call):
        return
    desired = {"system": cell.call.system, "method": cell.call.method, "status": cell.fault.status}
    if "size" in cell.fault.rule:  # the service determines the status
        del desired["status"]
    if cell.fault.rule.get("headers", {}).get("X-Request-ID"):
        desired.update(message="It is out of order.", code="E17", request_id="request-canary")
    if not any(desired.items() <= failure.items() for failure in found):
        yield f"no failure with {desired}: {msg} {found}"


def failures(result: Any) -> list[dict[str, Any]]:
    """Yield the structured failures in a result."""
    if isinstance(result, dict):
        own = [result["failure"]] if isinstance(result.get("failure"), dict) else []
        return own + [found for key, value in result.items() if key != "failure" for found in failures(value)]
    return [found for item in result for found in failures(item)] if isinstance(result, list) else []


def _second(cell: Cell, first: Run, second: Run, bench: Bench) -> Iterator[str]:
    """Yield problems of a second run without the fault."""
    if second.failed:
        yield f"the second run fails: {second.result.get('msg')}"
        return
    if bench.world(cell.good.task) != cell.good.world:
        yield "the objects are not in the desired state after a second run"
    done = _applied(first) + _applied(second)
    if cell.good.task.repeats:
        done = _applied(second)
    elif safety(cell.call) == REPEATABLE:
        done = Counter(dict.fromkeys(done, 1))
    if done - cell.good.applied:
        yield f"done twice by two runs: {dict(done - cell.good.applied)}"


def secrets(task: Task) -> set[str]:
    """Return the values that must not be in any result of a task."""
    login = CREDENTIALS[task.login or task.system]
    words = {value for name, value in login.items() if name not in ("username", "client_id")}
    if "password" in login:
        words.add(base64.b64encode(f"{login['username']}:{login['password']}".encode()).decode())
    if task.system == "voss":
        words |= {"canary-token", "canary-refresh", "simulator-access-token", "_P0A1_"}
    return words
