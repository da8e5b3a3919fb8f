# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Decide which Webex customers need an access token refresh, and which ones an administrator must authorize."""

from __future__ import annotations

import math
import typing as t

Customer = t.Mapping[str, t.Any]
Result = t.Mapping[str, t.Any]
Listed = dict[str, t.Any]

# Loop variables of the role: a customer, and the result of a token refresh.
CUSTOMER = "voss_spark_customers_one"
SENT = "voss_spark_customers_sent"


def without_expiry(customers: t.Iterable[Customer]) -> list[Customer]:
    """Return the listed customers that have a token without a known expiry date."""
    return [customer for customer in customers if -math.inf in (_left(customer, "access"), _left(customer, "refresh"))]


def _left(customer: Customer, token: str) -> float:
    """Return the number of days until a token expires. A token with an unknown expiry is treated as expired."""
    left = customer[f"{token}_token_days_left"]
    return -math.inf if left is None else left


def plan(customers: t.Iterable[Customer], results: t.Iterable[Result], days: float) -> Listed:
    """Return the customers that need a token refresh and those that require authorization, both lists sorted by name.

    The result also contains a message for each customer that could not be read. Neither list contains this customer,
    because the expiry of its tokens is unknown.

    :param results: the results of the task that reads the customers that :func:`without_expiry` returned.
    :param days: access tokens that expire within this number of days are refreshed. Refresh tokens that expire within
        this number of days require authorization.
    """
    refresh: list[Customer] = []
    reauthorise: list[Customer] = []
    failures: list[str] = []
    read = {result[CUSTOMER]["pkid"]: result for result in results}
    for listed in sorted(customers, key=lambda customer: str(customer["name"])):
        result = read.get(listed["pkid"])
        if result is not None and "customers" not in result:
            failures.append(_failure(listed, str(result["msg"])))
            continue
        for customer in _current(listed, result):
            refresh_left = _left(customer, "refresh")
            if refresh_left <= days:
                reauthorise.append(customer)
            if refresh_left > 0 and _left(customer, "access") <= days:
                refresh.append(customer)
    return {"refresh": refresh, "reauthorise": reauthorise, "failures": failures}


def _current(listed: Customer, result: Result | None) -> list[Customer]:
    """Return a listed customer with its current state, or no customer if it no longer exists.

    Only lists contain the path of the node, so the path of the listed customer is kept.
    """
    if result is None:
        return [listed]
    return [{**listed, **found, "hierarchy_path": listed["hierarchy_path"]} for found in result["customers"][:1]]


def outcome(renewals: t.Iterable[Result], ends: t.Iterable[Result], failures: t.Iterable[str] = ()) -> Listed:
    """Return the customers whose access tokens were refreshed, and one message for each failure.

    :param renewals: the results of the task that starts the token refreshes, one for each customer.
    :param ends: the results of the task that waits for the resulting transactions.
    :param failures: the messages about customers that could not be read, from :func:`plan`.
    """
    failed: dict[str, str] = {}
    for end in ends:
        if end.get("failed"):
            customer = end[SENT][CUSTOMER]
            failed[customer["pkid"]] = _failure(customer, _cause(end))
    refreshed: list[Customer] = []
    not_started: list[str] = []
    for renewal in renewals:
        customer = renewal[CUSTOMER]
        if customer["pkid"] in failed:
            continue
        if renewal.get("failed"):
            not_started.append(_failure(customer, renewal["msg"]))
        elif "access_token_refreshed" in renewal.get("actions", ()):
            refreshed.append(customer)
    return {"refreshed": refreshed, "failures": [*failures, *not_started, *failed.values()]}


def _failure(customer: Customer, cause: str) -> str:
    return f"failed: {customer['name']} at {customer['hierarchy_path']}: {cause}"


def _cause(end: Result) -> str:
    """Return the reason why a transaction did not refresh a token."""
    transaction = end.get("transaction", {})
    if transaction is None:
        return "VOSS Automate did not return the transaction, although it accepted the request."
    if transaction.get("state") == "failed":
        return transaction["message"] or "VOSS Automate returned no cause."
    return str(end["msg"])


def authorization_line(customer: Customer) -> str:
    """Return a report line about a customer that an administrator must authorize."""
    account = f", account {customer['account_email']}" if customer.get("account_email") else ""
    return f"{customer['name']} at {customer['hierarchy_path']}{account}: {_reason(customer)}"


def _reason(customer: Customer) -> str:
    left = _left(customer, "refresh")
    if left > 0:
        return f"the refresh token expires in {left:.1f} days"
    if left > -math.inf:
        return f"the refresh token expired {abs(left):.1f} days ago"
    if customer["access_token_days_left"] is None:
        return "the customer was never authorized, or the expiry of its tokens is unknown"
    return "the expiry of the refresh token is unknown"


def report(found: Listed, reauthorise: t.Sequence[Customer], check_mode: bool) -> list[str]:
    """Return the lines of the report about token refreshes.

    :param found: the return value of :func:`outcome`.
    """
    title = "Access tokens that would be refreshed" if check_mode else "Access tokens refreshed"
    lines = [f"{title}: {len(found['refreshed'])}"]
    for customer in found["refreshed"]:
        unknown = " (the expiry was unknown)" if customer["access_token_days_left"] is None else ""
        lines.append(f"{customer['name']} at {customer['hierarchy_path']}{unknown}")
    lines += found["failures"]
    lines.append(f"Customers to authorize: {len(reauthorise)}")
    if reauthorise:
        lines.append(
            "A Webex administrator must authorize these customers by logging in with a browser on the page of each"
            " customer in VOSS Automate. A module cannot perform this login."
        )
    lines += map(authorization_line, reauthorise)
    return lines
