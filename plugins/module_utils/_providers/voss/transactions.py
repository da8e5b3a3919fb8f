# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Changes and the transactions that carry them out.

Every change goes out with ``nowait=true`` and an ``external_id`` of its own. The server accepts it as a transaction,
which is polled until it has ended. If the response is lost, or does not prove anything, the transaction is looked up by
that id, so that a change is never made twice. A ``replay`` link is never called: it is a GET that repeats a change.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
import uuid

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient, segment
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    Failure,
    OutcomeUnknown,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._evidence import (
    PROVEN,
    REFUSED,
    effect_of,
    list_content,
    require_api_404,
    require_identity,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import mapping, pkid_in, sequence
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.query import JSON, Pairs
from ansible_collections.hybrid.connectors.plugins.module_utils._request_errors import UNKNOWN_OUTCOME
from ansible_collections.hybrid.connectors.plugins.module_utils._response import Response
from ansible_collections.hybrid.connectors.plugins.module_utils._retry import LATE_LOOKUP_PAUSES, LOOKUP_PAUSES

TRANSACTIONS = "/api/tool/Transaction/"
SUCCEEDED = frozenset({"success", "completed"})
FAILED = frozenset({"fail", "failed", "cancelled", "canceled"})
NOT_ROLLED_BACK = frozenset({"", "no", "n", "false", "0", "none", "null"})
CHECK_FIRST = UNKNOWN_OUTCOME.strip()

_IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_:-]{0,127}")
_ADDRESS = re.compile(re.escape(TRANSACTIONS) + r"([^/?#]*)")

Transaction = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class PollOptions:
    """How a change is waited for.

    Seconds: at most ``timeout`` for one transaction, at most ``interval`` between looks.
    """

    wait: bool = True
    timeout: float = 600.0
    interval: float = 2.0


@dataclasses.dataclass(frozen=True)
class Change:
    """A change as a request, and what identifies it.

    :ivar external_id: identifies the change among the transactions of the server.
    :ivar pkids: the customers that the change is about; a response may name one of them.
    :ivar repeatable: whether the change may be sent again if the server shows no trace of it. A creation may not: if
        the server still works on it, there would be two customers.
    """

    method: str
    path: str
    query: Pairs
    body: t.Mapping[str, t.Any]
    external_id: str = ""
    pkids: tuple[str, ...] = ()
    repeatable: bool = True


@dataclasses.dataclass(frozen=True)
class Accepted:
    """What the response to a change says.

    :ivar transaction: id of the transaction; None if there is none, because the change was made at once.
    :ivar pkid: the customer that the response names, if any.
    :ivar gone: whether there was nothing left to delete.
    :ivar batch: how the external ids of its batch begin.
    :ivar external_id: the external id of the change.
    :ivar doubt: the failure if reading does not show that the change was made; None if the response proves it, or if
        its transaction will.
    :ivar answer: the response; None if it was lost.
    """

    transaction: str | None
    pkid: str | None = None
    gone: bool = False
    batch: str = ""
    external_id: str = ""
    doubt: ConnectorsError | None = None
    response: Response | None = dataclasses.field(default=None, compare=False, repr=False)


def pause(http: ApiClient, seconds: float) -> None:
    """Wait, unless the run is stopped."""
    http.sleep(seconds)


def state_of(status: object) -> str:
    """``succeeded``, ``failed`` or ``running``. A word that nobody documents means that it is still running."""
    word = str(status).strip().casefold()
    if word in SUCCEEDED:
        return "succeeded"
    return "failed" if word in FAILED else "running"


def is_rolled_back(value: object) -> bool:
    """Whether a transaction was rolled back, however the server says so."""
    if isinstance(value, str):
        return value.strip().casefold() not in NOT_ROLLED_BACK
    return bool(value)


def is_identifier(value: object) -> bool:
    """Whether a value can be the id of a transaction. The vendor's are UUIDs with dashes."""
    return isinstance(value, str) and _IDENTIFIER.fullmatch(value) is not None


def transaction(http: ApiClient, identifier: str, external_id: str = "") -> Transaction | None:
    """A transaction as ``id``, ``status`` (the server's word), ``state``, ``message``, ``pkid``; None if it is not
    known.

    :param external_id: the external id that the transaction has, if it has one.
    :raises InvalidResponse: it is not a transaction, or another one, or a 404 that is not the API's own.
    """
    response = http.get(f"{TRANSACTIONS}{segment(identifier)}/", [JSON], expect=(404,))
    if response.status == 404:
        require_api_404(response)
        return None
    return transaction_in(http, response, identifier, external_id)


def transaction_in(http: ApiClient, response: Response, identifier: str, external_id: str = "") -> Transaction:
    """A transaction out of the response to its GET; see :func:`transaction`."""
    item = response.json_object()
    for shown in _identifiers(item):
        if str(shown).casefold() != identifier.casefold():
            require_identity(response, "transaction", identifier, shown)
    own = external_id_of(item)
    if external_id and own:
        require_identity(response, "transaction with the external id", external_id, own)
    found = summary(http, {**item, "pkid": identifier})
    if not isinstance(found["status"], str):
        raise response.unusable("JSON that is not a transaction")
    return {**found, "whole": True}


def external_id_of(item: t.Mapping[str, t.Any]) -> object:
    """The external id that a transaction shows; None if it shows none."""
    return mapping(mapping(item.get("data")).get("external")).get("id")


def _identifiers(item: Object) -> t.Iterator[object]:
    """The ids of itself that a transaction shows, in any of the places where the API shows them.

    ``data.pkid`` is not one of them: for other models it is the id of something else.
    """
    meta = mapping(item.get("meta"))
    own = next(iter(sequence(mapping(meta.get("references")).get("self"))), None)
    actions = meta.get("actions")
    links = [action for entry in sequence(actions) for action in mapping(entry).values()]
    links += list(mapping(actions).values())
    addresses = [item.get("href"), mapping(own).get("href"), *(mapping(link).get("href") for link in links)]
    yield from (value for value in (item.get("pkid"), mapping(own).get("pkid")) if value)
    for address in addresses:
        found = _ADDRESS.search(address) if isinstance(address, str) else None
        if found and found.group(1):
            yield found.group(1)


def summary(http: ApiClient, item: t.Mapping[str, t.Any]) -> Transaction:
    """A transaction out of an item of a list, which does not show all of it."""
    data = mapping(item.get("data"))
    words = next((data[key] for key in ("message", "detail") if isinstance(data.get(key), str) and data[key]), None)
    state = state_of(data.get("status"))
    if state == "succeeded" and is_rolled_back(data.get("rolled_back")):
        state = "failed"
        words = f"It was rolled back. {words or ''}".strip()
    return {
        "id": item["pkid"],
        "status": data.get("status"),
        "state": state,
        "message": http.scrub(words)[:2000] if words else None,
        "pkid": pkid_in(mapping(data.get("resource")).get("after_transaction")),
        "whole": False,
    }


def shown(found: Transaction) -> Transaction:
    """A transaction as it is returned."""
    return {key: found[key] for key in ("id", "status", "state", "message", "pkid")}


def submitted(http: ApiClient, change: Change) -> Accepted:
    """Send a change once, whatever becomes of its response.

    :raises OutcomeUnknown: the response was lost, and the server shows no transaction of the change.
    :raises InvalidResponse: the response reports an error, or is not one of the API.
    """
    sent = 0
    while True:
        sent += 1
        try:
            response = _send(http, change)
        except OutcomeUnknown as error:
            found, could_tell = looked_up(http, change, error.may_come)
            if found:
                return Accepted(found)
            # The second run of a change that is not a creation leaves what the first one leaves.
            if not http.retry_policy.may_submit_again(sent, change.repeatable, could_tell, error.timed_out):
                raise
            http.warn(
                f"The answer to {change.method} {change.path} was lost; VOSS Automate has no trace of the change,"
                " so it is sent again."
            )
        else:
            return _accepted(http, change, response)


def _send(http: ApiClient, change: Change) -> Response:
    payload = {**change.body, "request_meta": {"external_id": change.external_id}}
    wanted = [*change.query, JSON, ("nowait", "true")]
    if change.method != "DELETE":
        return http.request(change.method, change.path, wanted, payload=payload, repeatable=False)
    try:
        return http.request("DELETE", change.path, wanted, payload=payload, repeatable=False, expect=(404,))
    except RequestFailed as error:
        if error.failure.status not in (400, 411, 413, 415) or change.body:
            raise
        # A body on DELETE is documented, but not every proxy lets it pass.
        return http.request("DELETE", change.path, wanted, repeatable=False, expect=(404,))


def _accepted(http: ApiClient, change: Change, response: Response) -> Accepted:
    """Return what a response says of a change.

    A response that proves nothing, not even that it is the API's own, leads to a lookup of the transaction.
    """
    if response.status == 404:
        require_api_404(response)
        return Accepted(None, gone=True)
    said = response.json_object() if response.body.strip() else {}
    effect = effect_of(said, change.pkids)
    if effect == REFUSED:
        raise response.unusable("an error in spite of its status", reason="refused")
    named = [said.get("transaction_id"), _identifier_in(said.get("href"))]
    identifier = next((value for value in named if is_identifier(value)), None)
    if identifier:
        return Accepted(str(identifier), response=response)
    pkid = said["pkid"] if isinstance(said.get("pkid"), str) else None
    is_at_once = "transaction_id" not in said and named[1] is None
    is_other = bool(change.pkids) and pkid is not None and pkid not in change.pkids
    if effect == PROVEN and is_at_once and not is_other:
        return Accepted(None, pkid)
    found, _could_tell = looked_up(http, change)
    return Accepted(found) if found else Accepted(None, pkid, doubt=unproven(response), response=response)


def _identifier_in(address: object) -> str | None:
    found = _ADDRESS.search(address) if isinstance(address, str) else None
    return found.group(1) if found else None


def unproven(
    response: Response | None, what: str = "a response that does not show whether the change was made"
) -> ConnectorsError:
    """The failure of a change of which neither its response nor its transaction proves that it was made."""
    if response is None:
        return ConnectorsError(f"VOSS Automate returned {what}. {CHECK_FIRST}", reason="outcome_unknown")
    error = response.unusable(what, reason="outcome_unknown")
    return OutcomeUnknown(f"{error.message} {CHECK_FIRST}", error.failure)


def looked_up(http: ApiClient, change: Change, may_come: bool = False) -> tuple[str | None, bool]:
    """The transaction that carries the external id of a change, if there is one, and whether the server could tell.

    :param may_come: whether the server may still be about to begin with the change, so that it is looked for longer.
    """
    place = [pair for pair in change.query if pair[0] == "hierarchy"]
    try:
        for seconds in LATE_LOOKUP_PAUSES if may_come else LOOKUP_PAUSES:
            pause(http, seconds)
            found = sorted(
                with_external_id(http, place, change.external_id),
                key=lambda item: (
                    not _shows(item, change.external_id),
                    bool(mapping(item.get("data")).get("parent_pkid")),
                ),
            )
            if found:
                is_it = _shows(found[0], change.external_id)
                if not is_it and len(found) == 1:  # believed if the server does not find just anything
                    is_it = not with_external_id(http, place, str(uuid.uuid4()))
                return (str(found[0]["pkid"]), True) if is_it else (None, False)
    except RequestFailed:
        return None, False
    return None, True


def _shows(item: t.Mapping[str, t.Any], external_id: str) -> bool:
    return external_id in repr(item)


def with_external_id(http: ApiClient, place: Pairs, text: str, limit: int = 50) -> list[dict[str, t.Any]]:
    """The transactions whose external id contains a text, as the list shows them."""
    wanted = [*place, ("filter_field", "external.id"), ("filter_condition", "contains"), ("filter_text", text)]
    response = http.get(TRANSACTIONS, [*wanted, ("limit", str(limit)), JSON])
    return [
        item
        for item in sequence(list_content(response, "transactions").get("resources"))
        if isinstance(item, dict) and is_identifier(item.get("pkid"))
    ]


def failure_of(http: ApiClient, ended: t.Mapping[str, t.Any]) -> Failure:
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
