# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must come of a fault: a few rules, by the kind of the fault, the safety of the call, and how long it lasts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from faults.calls import Call
from faults.faults import APPLIED, FAULTS, LASTING, NO_BUDGET, ONCE, Fault

GOES_ON, FAILS, MAKES_DO = "goes on", "fails", "makes do"
READ, REPEATABLE, LOOKED_UP = "reads", "changes in Apono", "changes in VOSS Automate"
CREATED = "creations in VOSS Automate"
ATTEMPTS = 12
SUBMISSIONS = 3

UNTIL_SPENT = (1, ATTEMPTS - 1)
Due = tuple[tuple[str, ...], tuple[int, int]]


def _due(*outcomes: str, again: tuple[int, int] = (0, 0)) -> Due:
    return outcomes, again


@dataclass(frozen=True)
class Rule:
    """For which faults and which calls it holds, and by how long the fault lasts: which outcomes there may be, and how
    often the request is sent again, at least and at most.
    """

    title: str
    faults: frozenset[str]
    calls: tuple[str, ...]
    due: dict[str, Due]
    says: str


ALL = (READ, REPEATABLE, LOOKED_UP, CREATED)
CHANGES = (REPEATABLE, LOOKED_UP, CREATED)
BROKEN = ("502", "503", "504", "cut before the request was read")
BROKEN_LATE = ("cut after it was applied", "cut in the body", "slow beyond the time-out")
UNUSABLE = ("HTML with 200", "wrong JSON type", "empty body", "100 MiB body")
FAILS_AT_ONCE = {ONCE: _due(FAILS), LASTING: _due(FAILS)}
WAITED_FOR = {
    ONCE: _due(GOES_ON, again=(1, 1)),
    LASTING: _due(FAILS, again=UNTIL_SPENT),
    NO_BUDGET: _due(FAILS),
}


def _rule(title: str, faults: tuple[str, ...], calls: tuple[str, ...], due: dict[str, Due], says: str) -> Rule:
    return Rule(title, frozenset(faults), calls, due, says)


RULES = (
    _rule(
        "Credentials are refused",
        ("401",),
        ALL,
        FAILS_AT_ONCE,
        "The task fails and sends nothing more, since servers lock accounts.",
    ),
    _rule("It is not allowed", ("403",), ALL, FAILS_AT_ONCE, "The task fails. The request is not sent again."),
    _rule(
        "The answer is final",
        ("404", "409", "500"),
        ALL,
        {**FAILS_AT_ONCE, APPLIED: _due(FAILS)},
        "The task fails. The request is not sent again.",
    ),
    _rule(
        "It was not run",
        ("423", "429 with Retry-After", "429 without Retry-After"),
        ALL,
        WAITED_FOR,
        "It is sent again within the budget, whatever it is.",
    ),
    _rule(
        "It never arrived",
        ("connection refused",),
        ALL,
        {ONCE: _due(GOES_ON), LASTING: _due(FAILS), NO_BUDGET: _due(FAILS)},
        "It is sent again within the budget, whatever it is.",
    ),
    _rule(
        "Nobody knows whether it was run, and it may be run twice",
        (*BROKEN, *BROKEN_LATE),
        (READ, REPEATABLE),
        {**WAITED_FOR, APPLIED: _due(GOES_ON, again=(1, 1))},
        "It is sent again within the budget.",
    ),
    _rule(
        "Nobody knows whether it was run: it was not",
        BROKEN,
        (LOOKED_UP,),
        {
            ONCE: _due(GOES_ON, again=(1, 1)),
            LASTING: _due(FAILS, again=(1, SUBMISSIONS - 1)),
            NO_BUDGET: _due(FAILS),
            APPLIED: _due(GOES_ON),
        },
        "It is looked up by its external id, and sent again if there is no trace of it.",
    ),
    _rule(
        "Nobody knows whether a customer was created: it was not",
        BROKEN,
        (CREATED,),
        {**dict.fromkeys((ONCE, LASTING, NO_BUDGET), _due(FAILS)), APPLIED: _due(GOES_ON)},
        "It is looked up by its external id and its name. It is never sent again: the server may still work on it.",
    ),
    _rule(
        "Nobody knows whether it was run: it was",
        BROKEN_LATE,
        (LOOKED_UP, CREATED),
        dict.fromkeys((ONCE, LASTING, NO_BUDGET), _due(GOES_ON)),
        "It is looked up by its external id, found, and followed.",
    ),
    _rule(
        "It is no answer of the API",
        UNUSABLE,
        ALL,
        {**FAILS_AT_ONCE, APPLIED: _due(FAILS)},
        "The task fails. The request is not sent again.",
    ),
    _rule(
        "It leads to another origin",
        ("redirect to another origin",),
        ALL,
        FAILS_AT_ONCE,
        "The task fails. Nothing is sent there.",
    ),
    _rule(
        "It is not known who answers",
        ("untrusted certificate", "expired certificate", "certificate for a wrong host name"),
        ALL,
        {LASTING: _due(FAILS)},
        "The task fails. Nothing is sent.",
    ),
)


@dataclass(frozen=True)
class Excepted:
    """Calls of which something else than the rule says may come, and why. What holds for every cell holds for them."""

    faults: frozenset[str]
    calls: str
    why: str

    def concerns(self, fault: Fault, call: Call) -> bool:
        words = (call.kind, f"{call.kind}?{call.query}")
        return fault.name in self.faults and any(re.fullmatch(self.calls, word) for word in words)


def _except(faults: tuple[str, ...], calls: str, why: str) -> Excepted:
    return Excepted(frozenset(faults), calls, why)


EXCEPTIONS = (
    _except(
        ("404",),
        r"(GET|DELETE) .*\[(id|pkid)\]/?",
        "404 to a request for one object says that there is none. What follows of that depends on what is wanted.",
    ),
    _except(
        ("404",),
        r"DELETE /api/relation/SparkCustomer/",
        "404 to the deletion of many may be for one of them. Each is deleted by itself.",
    ),
    _except(
        ("403", "404"),
        r"GET /api/data/HierarchyNode/.*",
        "Not every user may list nodes. The dotted path goes out as it is, and the server judges.",
    ),
    _except(
        tuple(fault.name for fault in FAULTS),
        r"GET /api/data/HierarchyNode/\[pkid\]/",
        "The path of a node whose customer is known by its pkid is only shown. Without it the task goes on.",
    ),
    _except(
        ("404", "409"),
        r"GET /api/relation/SparkCustomer/( by name)?",
        "The server may not know a dotted path. It is asked for the node's pkid, and then once more for the list.",
    ),
    _except(
        ("403", "404"),
        r"GET /api/tool/Transaction/ by external.id",
        "The server may not search transactions. Each is looked at by itself.",
    ),
    _except(
        ("HTML with 200", "wrong JSON type", "empty body"),
        r"GET /api/relation/SparkCustomer/help",
        "The help is a page of no certain form. What comes is returned.",
    ),
    _except(
        ("cut in the body", "100 MiB body"),
        r"DELETE /api/admin/v3/connectors/\[id\]",
        "Its answer has no body that could be cut or too long.",
    ),
    _except(
        ("empty body",),
        r"DELETE /api/admin/.*",
        "A deletion may be answered with nothing. That it was made is believed.",
    ),
    _except(
        ("empty body",),
        r"(PUT|POST|DELETE) .*",
        "The change is looked up and read. If it was made, the task goes on; otherwise it fails.",
    ),
    _except(
        tuple(fault.name for fault in FAULTS),
        r"GET /api/relation/SparkCustomer/\?hierarchy=[0-9a-z]{24}&skip=.*",
        "After changes of many customers their list is read once more. If it cannot be read, each customer is.",
    ),
)


def safety(call: Call) -> str:
    """Which of the kinds of calls one is."""
    if not call.write:
        return READ
    if call.system != "voss":
        return REPEATABLE
    return CREATED if call.kind == "POST /api/relation/SparkCustomer/" else LOOKED_UP


def rule_of(fault: Fault, call: Call) -> Rule:
    """The one rule for a fault of a call."""
    (rule,) = [rule for rule in RULES if fault.name in rule.faults and safety(call) in rule.calls]
    return rule


def exception_of(fault: Fault, call: Call) -> Excepted | None:
    """Why something else may come of it."""
    return next((one for one in EXCEPTIONS if one.concerns(fault, call)), None)


def durations(fault: Fault, call: Call) -> Iterator[str]:
    """For how long a fault of a call lasts in the table."""
    for duration in rule_of(fault, call).due:
        if duration != APPLIED or (call.write and fault.answers):
            yield duration
