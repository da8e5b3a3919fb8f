# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Changes and the transactions that carry them out.

Every change goes out with ``nowait=true`` and an ``external_id`` of its own. The server takes it on as a transaction,
which is looked at until it has ended. If the answer was lost, the transaction is looked up by that id, so that a
change is never made twice. A ``replay`` link is never called: it is a GET that does everything again.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t
import uuid

from ansible_collections.hybrid.connectors.plugins.module_utils._answer import Answer
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    Failure,
    OutcomeUnknown,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._http import Http, segment
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.model import mapping, pkid_in, sequence
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.query import JSON, Pairs

TRANSACTIONS = "/api/tool/Transaction/"
SUCCEEDED = frozenset({"success", "completed"})
FAILED = frozenset({"fail", "failed", "cancelled", "canceled"})
LOOKS_FOR_LOST = (0.2, 0.5, 1.0, 2.0)
LOOKS_FOR_LATE = (*LOOKS_FOR_LOST, 4.0)
SUBMISSIONS = 3

Transaction = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Patience:
    """How a change is waited for.

    Seconds: at most ``timeout`` for one transaction, at most ``interval`` between looks.
    """

    wait: bool = True
    timeout: float = 600.0
    interval: float = 2.0


@dataclasses.dataclass(frozen=True)
class Accepted:
    """What the server said to a change: the transaction that it became, or, if it was made at once, none; the pkid if
    it told.

    ``gone`` says that there was nothing left to delete; ``batch`` is how the external ids of its batch begin.
    """

    transaction: str | None
    pkid: str | None = None
    gone: bool = False
    batch: str = ""


def state_of(status: object) -> str:
    """``succeeded``, ``failed`` or ``running``. A word that nobody documents means that it is still running."""
    word = str(status).strip().casefold()
    if word in SUCCEEDED:
        return "succeeded"
    return "failed" if word in FAILED else "running"


def transaction(http: Http, identifier: str) -> Transaction | None:
    """A transaction as ``id``, ``status`` (the server's word), ``state``, ``message``, ``pkid``; None if it is not
    known.
    """
    answer = http.get(f"{TRANSACTIONS}{segment(identifier)}/", [JSON], expect=(404,))
    if answer.status == 404:
        return None
    found = summary(http, {"pkid": identifier, **answer.json_object()})
    if not isinstance(found["status"], str):
        raise answer.unusable("JSON that is not a transaction")
    return {**found, "id": identifier, "whole": True}


def summary(http: Http, item: t.Mapping[str, t.Any]) -> Transaction:
    """A transaction out of an item of a list, which does not show all of it."""
    data = mapping(item.get("data"))
    words = next((data[key] for key in ("message", "detail") if isinstance(data.get(key), str) and data[key]), None)
    return {
        "id": item["pkid"],
        "status": data.get("status"),
        "state": state_of(data.get("status")),
        "message": http.scrub(words)[:2000] if words else None,
        "pkid": pkid_in(mapping(data.get("resource")).get("after_transaction")),
        "whole": False,
    }


def shown(found: Transaction) -> Transaction:
    """A transaction as it is returned."""
    return {key: found[key] for key in ("id", "status", "state", "message", "pkid")}


def submitted(
    http: Http, method: str, path: str, query: Pairs, body: t.Mapping[str, t.Any], external_id: str
) -> Accepted:
    """Send a change once, whatever becomes of its answer.

    :raises OutcomeUnknown: the answer was lost, and the server cannot tell what became of the change.
    """
    sent = 0
    while True:
        sent += 1
        try:
            answer = _send(http, method, path, query, body, external_id)
        except OutcomeUnknown as error:
            found = _looked_up(http, query, external_id, error)
            if found:
                return Accepted(found)
            if error.may_come or sent == SUBMISSIONS or http.settings.retry_budget <= 0:
                raise
            http.warn(
                f"The answer to {method} {path} was lost; VOSS Automate has no trace of the change,"
                " so it is sent again."
            )
        else:
            if answer.status == 404 or answer.body.strip():
                return _accepted(answer)
            # Nothing is said of the change, not even that it was the API that answered.
            found = _looked_up(http, query, external_id, answer.unusable("an empty body"))
            if not found and method != "DELETE":
                raise answer.unusable("an empty body, and has no trace of the change")
            return Accepted(found)


def _send(http: Http, method: str, path: str, query: Pairs, body: t.Mapping[str, t.Any], external_id: str) -> Answer:
    payload = {**body, "request_meta": {"external_id": external_id}}
    wanted = [*query, JSON, ("nowait", "true")]
    if method != "DELETE":
        return http.request(method, path, wanted, payload=payload, repeatable=False)
    try:
        return http.request(method, path, wanted, payload=payload, repeatable=False, expect=(404,))
    except RequestFailed as error:
        if error.failure.status not in (400, 411, 413, 415) or body:
            raise
        # A body on DELETE is documented, but not every proxy lets it pass.
        return http.request(method, path, wanted, repeatable=False, expect=(404,))


def _accepted(answer: Answer) -> Accepted:
    if answer.status == 404:
        return Accepted(None, gone=True)
    said = answer.json_object()
    if said.get("success") is False:
        raise answer.unusable("'success': false")
    identifier = said.get("transaction_id")
    if not identifier and isinstance(said.get("href"), str) and TRANSACTIONS in said["href"]:
        identifier = said["href"].split(TRANSACTIONS)[1].split("/")[0].split("?")[0]
    if identifier:
        return Accepted(str(identifier))
    return Accepted(None, said["pkid"] if isinstance(said.get("pkid"), str) else None)


def _looked_up(http: Http, query: Pairs, external_id: str, lost: RequestFailed) -> str | None:
    """The transaction that carries an external id, None if the server has no trace of it."""
    looks = LOOKS_FOR_LATE if isinstance(lost, OutcomeUnknown) and lost.may_come else LOOKS_FOR_LOST
    place = [pair for pair in query if pair[0] == "hierarchy"]
    try:
        for pause in looks:
            time.sleep(pause)
            found = sorted(
                with_external_id(http, place, external_id),
                key=lambda item: (not _shows(item, external_id), bool(mapping(item.get("data")).get("parent_pkid"))),
            )
            if len(found) == 1 or (found and _shows(found[0], external_id)):
                candidate = found[0]
                if _shows(candidate, external_id) or not with_external_id(http, place, str(uuid.uuid4())):
                    return str(candidate["pkid"])
            if found:
                raise lost
    except RequestFailed as error:
        if error is lost or error.failure.status is None:
            raise
        raise lost from None
    return None


def _shows(item: t.Mapping[str, t.Any], external_id: str) -> bool:
    return external_id in repr(item)


def with_external_id(http: Http, place: Pairs, text: str, limit: int = 50) -> list[dict[str, t.Any]]:
    """The transactions whose external id contains a text, as the list shows them."""
    wanted = [*place, ("filter_field", "external.id"), ("filter_condition", "contains"), ("filter_text", text)]
    answer = http.get(TRANSACTIONS, [*wanted, ("limit", str(limit)), JSON])
    return [
        item for item in sequence(answer.json_object().get("resources")) if isinstance(item, dict) and item.get("pkid")
    ]


def failure_of(http: Http, ended: t.Mapping[str, t.Any]) -> Failure:
    """The structured failure of a transaction that ended badly."""
    return Failure(
        system="voss",
        method="GET",
        url=f"{http.settings.api_url}{TRANSACTIONS}{ended['id']}/",
        status=200,
        code=str(ended["status"]),
        message=ended["message"],
        reason="transaction_failed",
    )
