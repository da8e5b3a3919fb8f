# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Decide which access tokens of Webex customers to refresh, and which customers an administrator must authorize."""

from __future__ import annotations

import typing as t

Customer = t.Mapping[str, t.Any]
Result = t.Mapping[str, t.Any]
Listed = dict[str, t.Any]

# The name under which the role registers the customer of a loop.
CUSTOMER = "voss_spark_customers_one"
SENT = "voss_spark_customers_sent"


def without_expiry(customers: t.Iterable[Customer]) -> list[Customer]:
    """Return the customers for which the list does not show when both tokens expire."""
    found: list[Customer] = []
    for customer in customers:
        if None in (customer["access_token_days_left"], customer["refresh_token_days_left"]):
            found.append(customer)
    return found


def plan(customers: t.Iterable[Customer], results: t.Iterable[Result], days: float) -> Listed:
    """Return the customers whose access token to refresh, and the customers to authorize, sorted by name.

    :param results: the results of the loop that read the customers of :func:`without_expiry`.
    :param days: number of days before its expiry at which a token is refreshed or reported.
    """
    refresh: list[Customer] = []
    reauthorise: list[Customer] = []
    for customer in _current(customers, results):
        left, refresh_left = customer["access_token_days_left"], customer["refresh_token_days_left"]
        if refresh_left is None or refresh_left <= days:
            reauthorise.append(customer)
        has_refresh_token = refresh_left is not None and refresh_left > 0
        if has_refresh_token and (left is None or left <= days):
            refresh.append(customer)
    return {"refresh": refresh, "reauthorise": reauthorise}


def _current(customers: t.Iterable[Customer], results: t.Iterable[Result]) -> list[Customer]:
    """Replace listed customers by the customers that were read. Omit customers that do not exist anymore.

    Only a list contains the path of the node.
    """
    read: dict[str, t.Sequence[Customer]] = {}
    for result in results:
        read[result[CUSTOMER]["pkid"]] = result["customers"]
    current: list[Customer] = []
    for customer in customers:
        found = read.get(customer["pkid"])
        if found is None:
            current.append(customer)
        elif found:
            current.append({**customer, **found[0], "hierarchy_path": customer["hierarchy_path"]})
    return sorted(current, key=lambda customer: str(customer["name"]))


def outcome(renewals: t.Iterable[Result], ends: t.Iterable[Result]) -> Listed:
    """Return the customers whose access token was refreshed, and one line for each failure.

    :param renewals: the results of the loop that started to refresh the tokens.
    :param ends: the results of the loop that waited for the transactions.
    """
    failures: list[str] = []
    failed_pkids: set[str] = set()
    for end in ends:
        if end.get("failed"):
            customer = end[SENT][CUSTOMER]
            failed_pkids.add(customer["pkid"])
            failures.append(_failure(customer, _cause(end)))
    refreshed: list[Customer] = []
    started: list[str] = []
    for renewal in renewals:
        if renewal.get("failed"):
            started.append(_failure(renewal[CUSTOMER], renewal["msg"]))
        elif "access_token_refreshed" in renewal.get("actions", ()) and renewal[CUSTOMER]["pkid"] not in failed_pkids:
            refreshed.append(renewal[CUSTOMER])
    return {"refreshed": refreshed, "failures": started + failures}


def _failure(customer: Customer, cause: str) -> str:
    return f"failed: {customer['name']} at {customer['hierarchy_path']}: {cause}"


def _cause(end: Result) -> str:
    """Return why the transaction of a refreshed token did not succeed."""
    if "transaction" not in end:
        return str(end["msg"])
    transaction = end["transaction"]
    if transaction is None:
        return "VOSS Automate does not show the transaction that it had accepted."
    if transaction["state"] == "failed":
        return transaction["message"] or "VOSS Automate returned no reason."
    return str(end["msg"])


def authorization_line(customer: Customer) -> str:
    """Return one line about a customer that an administrator must authorize."""
    account = f", account {customer['account_email']}" if customer.get("account_email") else ""
    return f"{customer['name']} at {customer['hierarchy_path']}{account}: {_reason(customer)}"


def _reason(customer: Customer) -> str:
    days = customer["refresh_token_days_left"]
    if days is not None and days <= 0:
        return f"refresh token expired {abs(days):.1f} days ago"
    if days is not None:
        return f"refresh token expires in {days:.1f} days"
    if customer["access_token_days_left"] is None:
        return "never authorized, or unknown expiry of its tokens"
    return "unknown expiry of its refresh token"


def report(found: Listed, reauthorise: t.Sequence[Customer], check_mode: bool) -> list[str]:
    """Return the lines of the report.

    :param found: the return value of :func:`outcome`.
    """
    title = "Access tokens that would be refreshed" if check_mode else "Access tokens refreshed"
    lines = [f"{title}: {len(found['refreshed'])}"]
    for customer in found["refreshed"]:
        unknown = ", whose expiry was not known" if customer["access_token_days_left"] is None else ""
        lines.append(f"{customer['name']} at {customer['hierarchy_path']}{unknown}")
    lines += found["failures"]
    lines.append(f"Customers to authorize: {len(reauthorise)}")
    if reauthorise:
        lines.append(
            "A Webex administrator must authorize them with a browser login, from the page of the customer in VOSS"
            " Automate. A module cannot perform this login."
        )
    lines += [authorization_line(customer) for customer in reauthorise]
    return lines
