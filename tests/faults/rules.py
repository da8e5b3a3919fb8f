# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the required outcome of a fault by the kind of the fault, the safety of the request, and the duration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from faults.calls import Call
from faults.faults import APPLIED, FAULTS, LASTING, NO_BUDGET, ONCE, Fault

GOES_ON, FAILS, MAKES_DO = "succeeds", "fails", "succeeds with less"
READ, REPEATABLE, VOSS_CHANGE = "reads", "idempotent changes", "changes in VOSS Automate"
CREATED = "creations in VOSS Automate"
GROUP_CREATED = "creations in Hybrid Data Pipeline"
ATTEMPTS = 12
SUBMISSIONS = 3

UNTIL_SPENT = (1, ATTEMPTS - 1)
Due = tuple[tuple[str, ...], tuple[int, int]]


def _due(*outcomes: str, again: tuple[int, int] = (0, 0)) -> Due:
    return outcomes, again


@dataclass(frozen=True)
class Rule:
    """The faults and calls of a rule. For each duration, ``due`` contains the permitted outcomes, and the minimum and
    maximum number of retries.
    """

    title: str
    faults: frozenset[str]
    calls: tuple[str, ...]
    due: dict[str, Due]
    description: str


ALL = (READ, REPEATABLE, VOSS_CHANGE, CREATED, GROUP_CREATED)
CHANGES = (REPEATABLE, VOSS_CHANGE, CREATED, GROUP_CREATED)
BROKEN = ("502", "503", "504", "connection closed before the request was read", "malformed Content-Length")
LATE = ("504 before the change is made",)
BROKEN_LATE = (
    "connection closed after the change was made",
    "connection closed within the body",
    "slower than the timeout",
    "endless headers",
)
TOO_LARGE = ("100 MiB body",)
UNUSABLE = ("HTML with 200", "wrong JSON type", "empty body", "error with 200")
FAILS_AT_ONCE = {ONCE: _due(FAILS), LASTING: _due(FAILS)}
WAITED_FOR = {
    ONCE: _due(GOES_ON, again=(1, 1)),
    LASTING: _due(FAILS, again=UNTIL_SPENT),
    NO_BUDGET: _due(FAILS),
}


def _rule(title: str, faults: tuple[str, ...], calls: tuple[str, ...], due: dict[str, Due], description: str) -> Rule:
    return Rule(title, frozenset(faults), calls, due, description)


RULES = (
    _rule(
        "Rejected credentials",
        ("401",),
        ALL,
        FAILS_AT_ONCE,
        "The task fails. The module sends no further request, because servers lock accounts.",
    ),
    _rule("Missing permission", ("403",), ALL, FAILS_AT_ONCE, "The task fails. The module does not retry."),
    _rule(
        "Final response",
        ("404", "409", "500", "HTML with 404"),
        ALL,
        {**FAILS_AT_ONCE, APPLIED: _due(FAILS)},
        "The task fails. The module does not retry.",
    ),
    _rule(
        "Request not executed",
        ("423", "429 with Retry-After", "429 without Retry-After"),
        ALL,
        WAITED_FOR,
        "The module retries within ``retry_budget``, even if the request is not idempotent.",
    ),
    _rule(
        "No connection",
        ("connection refused",),
        ALL,
        {ONCE: _due(GOES_ON), LASTING: _due(FAILS), NO_BUDGET: _due(FAILS)},
        "The module retries within ``retry_budget``, even if the request is not idempotent.",
    ),
    _rule(
        "Unknown outcome, idempotent request",
        (*BROKEN, *BROKEN_LATE, *LATE),
        (READ, REPEATABLE),
        {**WAITED_FOR, APPLIED: _due(GOES_ON, again=(1, 1))},
        "The module retries within ``retry_budget``.",
    ),
    _rule(
        "Unknown outcome, change not executed",
        BROKEN,
        (VOSS_CHANGE,),
        {
            ONCE: _due(GOES_ON, again=(1, 1)),
            LASTING: _due(FAILS, again=(1, SUBMISSIONS - 1)),
            NO_BUDGET: _due(FAILS),
            APPLIED: _due(GOES_ON),
        },
        "The module searches for the change by its external ID, and sends the change again if it does not exist.",
    ),
    _rule(
        "Unknown outcome, creation not executed",
        BROKEN,
        (CREATED, GROUP_CREATED),
        {**dict.fromkeys((ONCE, LASTING, NO_BUDGET), _due(FAILS)), APPLIED: _due(GOES_ON)},
        "The module searches for the customer by external ID and name, or for the group by its label. It never sends a"
        " creation again, because the server may still be processing the first request.",
    ),
    _rule(
        "Unknown outcome, change executed",
        (*BROKEN_LATE, *LATE, *TOO_LARGE),
        (VOSS_CHANGE, CREATED, GROUP_CREATED),
        dict.fromkeys((ONCE, LASTING, NO_BUDGET), _due(GOES_ON)),
        "The module finds the change by its external ID, and polls its transaction. It finds a group by its label.",
    ),
    _rule(
        "Response that is too large",
        TOO_LARGE,
        (READ,),
        FAILS_AT_ONCE,
        "The task fails. The module does not retry.",
    ),
    _rule(
        "Response of something other than the API",
        UNUSABLE,
        (READ, VOSS_CHANGE, CREATED),
        {**FAILS_AT_ONCE, APPLIED: _due(FAILS)},
        "The task fails. The module does not retry.",
    ),
    _rule(
        "Response of something other than the API to an idempotent change",
        UNUSABLE,
        (REPEATABLE, GROUP_CREATED),
        {**FAILS_AT_ONCE, APPLIED: _due(GOES_ON, FAILS)},
        "The module reads the connector. The task fails unless the connector shows that the change was made.",
    ),
    _rule(
        "Response to an idempotent change that is too large",
        TOO_LARGE,
        (REPEATABLE,),
        {**FAILS_AT_ONCE, APPLIED: _due(GOES_ON, FAILS)},
        "The task fails. The module does not retry.",
    ),
    _rule(
        "Redirect to a different origin",
        ("redirect to another origin",),
        ALL,
        FAILS_AT_ONCE,
        "The task fails. The module does not send anything to the other origin.",
    ),
    _rule(
        "Server not authenticated",
        ("untrusted certificate", "expired certificate", "certificate for a wrong host name"),
        ALL,
        {LASTING: _due(FAILS)},
        "The task fails. The module does not send a request.",
    ),
)


@dataclass(frozen=True)
class Excepted:
    """Calls with outcomes that differ from the rule, and the reason. The general requirements also apply."""

    faults: frozenset[str]
    calls: str
    why: str

    def concerns(self, fault: Fault, call: Call) -> bool:
        words = [call.kind, f"{call.kind}?{call.query}"]
        if call.granted:
            words.append(f"{call.kind}, granted")
        if call.optional:
            words.append(f"{call.kind}, optional")
        return fault.name in self.faults and any(re.fullmatch(self.calls, word) for word in words)


def _except(faults: tuple[str, ...], calls: str, why: str) -> Excepted:
    return Excepted(frozenset(faults), calls, why)


EXCEPTIONS = (
    _except(
        ("403", "404"),
        r"GET /api/mgmt/connectors/\[id\], optional",
        "If the user does not own a connector, the list with ``groups`` does not contain its group. After 404, the task"
        " fails if the user owns the connector.",
    ),
    _except(
        ("404",),
        r"(GET|DELETE) .*\[(id|pkid)\]/?",
        "404 for a single object means that it does not exist. The outcome depends on the desired state. After 404 for"
        " a deletion, the module reads the object, and the task fails if the object still exists.",
    ),
    _except(
        ("404",),
        r"DELETE /api/relation/SparkCustomer/",
        "404 for a bulk deletion may refer to a single customer. The module then deletes each customer separately.",
    ),
    _except(
        ("403", "404"),
        r"GET /api/data/HierarchyNode/.*",
        "Some users cannot list nodes. The module then sends the dotted path unchanged.",
    ),
    _except(
        tuple(fault.name for fault in FAULTS),
        r"GET /api/data/HierarchyNode/\[pkid\]/",
        "If the customer is known by its pkid, the path of the node is only part of the result. The task continues"
        " without it.",
    ),
    _except(
        ("404", "409"),
        r"GET /api/relation/SparkCustomer/( by name)?",
        "The server may reject a dotted path. The module then looks up the pkid of the node, and requests the list"
        " again with it.",
    ),
    _except(
        ("403", "404", "HTML with 404"),
        r"GET /api/tool/Transaction/ by external.id",
        "The server may not support the search for transactions. The module then polls each transaction separately.",
    ),
    _except(
        ("401",),
        r"GET .*, granted",
        "If Webex rejects an access token from a refresh grant, the module requests a new access token once.",
    ),
    _except(
        tuple(fault.name for fault in FAULTS if fault.rule and fault.name != "401"),
        r"GET /organizations",
        "If ``org_ids`` contains IDs, the list of organizations contains only their names. The task continues without"
        " the names.",
    ),
    _except(
        ("HTML with 200", "wrong JSON type", "empty body"),
        r"GET /api/relation/SparkCustomer/help",
        "The format of the help page is not documented. The module returns it unchanged.",
    ),
    _except(
        ("connection closed within the body", "100 MiB body"),
        r"DELETE /api/admin/v3/connectors/\[id\]",
        "The response has no body that could be truncated or too large.",
    ),
    _except(
        ("empty body",),
        r"DELETE /api/admin/.*",
        "The response to a deletion may have no body. The module accepts it as a success.",
    ),
    _except(
        ("empty body",),
        r"(PUT|POST|DELETE) .*",
        "The module looks up the change and reads the object. The task succeeds if the change was made.",
    ),
    _except(
        tuple(fault.name for fault in FAULTS),
        r"GET /api/relation/SparkCustomer/\?hierarchy=[0-9a-z]{24}&skip=.*",
        "The module reads the list again to verify bulk changes. If the list cannot be read, it reads each customer.",
    ),
)


def safety(call: Call) -> str:
    """Return the kind of a call."""
    if not call.write:
        return READ
    if call.kind == "POST /api/mgmt/connectors":
        return GROUP_CREATED
    if call.system != "voss":
        return REPEATABLE
    return CREATED if call.kind == "POST /api/relation/SparkCustomer/" else VOSS_CHANGE


def rule_of(fault: Fault, call: Call) -> Rule:
    """Return the only rule for a fault of a call."""
    (rule,) = [rule for rule in RULES if fault.name in rule.faults and safety(call) in rule.calls]
    return rule


def exception_of(fault: Fault, call: Call) -> Excepted | None:
    """Return the exception to the rule for a fault of a call, if there is one."""
    return next((one for one in EXCEPTIONS if one.concerns(fault, call)), None)


def durations(fault: Fault, call: Call) -> Iterator[str]:
    """Yield the durations of a fault of a call."""
    for duration in rule_of(fault, call).due:
        if duration != APPLIED or (call.write and fault.responses):
            yield duration
