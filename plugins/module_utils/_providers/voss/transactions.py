# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Send changes, and read the transactions that they start.

Every change is sent with ``nowait=true`` and a unique ``external_id``. The server returns a transaction, which is
polled until it has ended. If the response is lost or proves nothing, the transaction is looked up by the external ID,
so that no change is made twice. The client never follows a ``replay`` link, because that would repeat the change.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t
import uuid

from ..._client import ApiClient, segment
from ..._errors import ConnectorsError, Failure, OutcomeUnknown, RequestFailed
from ..._evidence import (
    PROVEN,
    REFUSED,
    ListReader,
    effect_of,
    list_content,
    object_content,
    require_api_404,
    require_identity,
)
from ..._plan import Item, Object
from ..._request_errors import UNKNOWN_OUTCOME
from ..._response import Response
from ..._retry import LATE_LOOKUP_PAUSES, LOOKUP_PAUSES
from . import model
from .query import JSON, Pairs

TRANSACTIONS = "/api/tool/Transaction/"
# Maps each transaction status to a state. Any other status means that the transaction is running.
STATES = {
    **dict.fromkeys(("success", "completed"), "succeeded"),
    **dict.fromkeys(("fail", "failed", "cancelled", "canceled"), "failed"),
}
NOT_ROLLED_BACK = frozenset({"", "no", "n", "false", "0", "none", "null"})
CHECK_FIRST = UNKNOWN_OUTCOME.strip()

_IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_:-]{0,127}")
_ADDRESS = re.compile(re.escape(TRANSACTIONS) + r"([^/?#]*)")

Transaction = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class PollOptions:
    """Options for polling transactions.

    :ivar timeout: maximum duration of one transaction, in seconds.
    :ivar interval: maximum time between two polls, in seconds.
    """

    wait: bool = True
    timeout: float = 600.0
    interval: float = 2.0


@dataclasses.dataclass(frozen=True)
class Change:
    """A request that makes a change in VOSS Automate.

    :ivar external_id: the ID that the server stores with the transaction of the change.
    :ivar pkids: the pkids of the customers to change. The response may contain one of them.
    :ivar repeatable: whether the change may be sent again if its transaction is not found. A creation is not
        repeatable, because the server could create the customer twice.
    """

    method: str
    path: str
    query: Pairs
    body: Item
    external_id: str = ""
    pkids: tuple[str, ...] = ()
    repeatable: bool = True

    def concerns(self, pkid: str | None) -> bool:
        """Return whether a pkid in a response or a transaction may identify the changed customer."""
        return not self.pkids or pkid in (None, *self.pkids)


@dataclasses.dataclass(frozen=True)
class Accepted:
    """The result of sending a change: the transaction, the customer, or an error if the outcome is unknown.

    :ivar transaction: the ID of the transaction; None if the server made the change without a transaction.
    :ivar pkid: the pkid of the customer in the response, if any.
    :ivar gone: whether the customer to delete no longer exists.
    :ivar batch: the prefix that all external IDs in a batch share.
    :ivar external_id: the external ID of the change.
    :ivar doubt: the error to raise if reading does not confirm the change; None if the response or the transaction
        proves the change.
    :ivar response: the response; None if it was lost.
    """

    transaction: str | None
    pkid: str | None = None
    gone: bool = False
    batch: str = ""
    external_id: str = ""
    doubt: ConnectorsError | None = None
    response: Response | None = dataclasses.field(default=None, compare=False, repr=False)


def state_of(status: object) -> str:
    """Map a status to ``succeeded``, ``failed`` or ``running``. An undocumented status counts as running."""
    return STATES.get(str(status).strip().casefold(), "running")


def is_rolled_back(value: object) -> bool:
    """Return whether a transaction was rolled back. The server represents this value as a boolean or a string."""
    if isinstance(value, str):
        return value.strip().casefold() not in NOT_ROLLED_BACK
    return bool(value)


def is_identifier(value: object) -> bool:
    """Return whether a value is a valid transaction ID. The vendor uses UUIDs with hyphens."""
    return isinstance(value, str) and _IDENTIFIER.fullmatch(value) is not None


def transaction(http: ApiClient, identifier: str, external_id: str = "") -> Transaction | None:
    """Return a transaction with ``id``, ``status``, ``state``, ``message`` and ``pkid``, or None if it does not exist.

    :param external_id: the expected external ID.
    :raises InvalidResponse: the response is incomplete, contains an error, or does not contain the requested
        transaction; or the 404 did not come from the API.
    """
    response = http.get(f"{TRANSACTIONS}{segment(identifier)}/", [JSON], expect=(404,))
    if response.status == 404:
        require_api_404(response)
        return None
    return transaction_in(http, response, identifier, external_id)


def transaction_in(http: ApiClient, response: Response, identifier: str, external_id: str = "") -> Transaction:
    """Return the transaction in a response; see :func:`transaction`."""
    item = object_content(response, "a transaction")
    for shown in _identifiers(item):
        if str(shown).casefold() != identifier.casefold():
            require_identity(response, "transaction", identifier, shown)
    own = external_id_of(item)
    if external_id and own:
        require_identity(response, "transaction with the external id", external_id, own)
    found = summary(http, {**item, "pkid": identifier})
    if not isinstance(found["status"], str):
        raise response.malformed("a JSON object that is not a transaction")
    return {**found, "whole": True}


def external_id_of(item: Item) -> object:
    """Return the external ID of a transaction, or None if it does not have one."""
    return model.mapping(model.mapping(item.get("data")).get("external")).get("id")


def _identifiers(item: Object) -> t.Iterator[object]:
    """Yield every transaction ID in the pkids and links of a transaction.

    ``data.pkid`` is not used, because it is the ID of a different object in other models.
    """
    meta = model.mapping(item.get("meta"))
    own = model.mapping(next(iter(model.sequence(model.mapping(meta.get("references")).get("self"))), None))
    actions = meta.get("actions")
    links = [item, own, *model.mapping(actions).values()]
    for entry in model.sequence(actions):
        links += model.mapping(entry).values()
    yield from filter(None, (item.get("pkid"), own.get("pkid")))
    yield from filter(None, (model.part_of(_ADDRESS, model.mapping(link).get("href")) for link in links))


def summary(http: ApiClient, item: Item) -> Transaction:
    """Convert a list item to a transaction. List items do not contain all attributes."""
    data = model.mapping(item.get("data"))
    message = model.non_empty(data.get("message")) or model.non_empty(data.get("detail")) or ""
    state = state_of(data.get("status"))
    if state == "succeeded" and is_rolled_back(data.get("rolled_back")):
        state = "failed"
        message = f"The transaction was rolled back. {message}".strip()
    return {
        "id": item["pkid"],
        "status": data.get("status"),
        "state": state,
        "message": model.non_empty(http.scrub(message)[:2000]),
        "pkid": model.pkid_in(model.mapping(data.get("resource")).get("after_transaction")),
        "whole": False,
    }


def as_result(found: Transaction) -> Transaction:
    """Return a transaction in the format of module results."""
    return {key: found[key] for key in ("id", "status", "state", "message", "pkid")}


def submitted(http: ApiClient, change: Change) -> Accepted:
    """Send a change. If the response is lost, look up the transaction, and resend the change only if this is safe.

    :raises OutcomeUnknown: the response was lost, and no transaction of the change was found.
    :raises InvalidResponse: the response contains an error, or did not come from the API.
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
            if not http.retry_policy.may_submit_again(sent, change.repeatable, could_tell, error.timed_out):
                raise
            http.warn(
                f"The response to {change.method} {change.path} was lost. VOSS Automate does not list a transaction of"
                " the change, so the module sends the change again."
            )
        else:
            return _accepted(http, change, response)


def _send(http: ApiClient, change: Change) -> Response:
    payload = {**change.body, "request_meta": {"external_id": change.external_id}}
    query = [*change.query, JSON, ("nowait", "true")]
    send = functools.partial(http.request, change.method, change.path, query, repeatable=False)
    if change.method != "DELETE":
        return send(payload=payload)
    try:
        return send(payload=payload, expect=(404,))
    except RequestFailed as error:
        if change.body or error.failure.status not in (400, 411, 413, 415):
            raise
        # The vendor documents a body for DELETE requests, but some proxies reject a DELETE request with a body.
        return send(expect=(404,))


def _accepted(http: ApiClient, change: Change, response: Response) -> Accepted:
    """Return the transaction or the customer in the response to a change.

    If the response does not prove the change, the transaction is looked up.

    :raises InvalidResponse: the response contains an error.
    """
    if response.status == 404:
        require_api_404(response)
        return Accepted(None, gone=True)
    content = response.json_object() if response.body.strip() else {}
    effect = effect_of(content, change.pkids)
    if effect == REFUSED:
        raise response.unusable("an error with a success status", reason="refused")
    linked = model.part_of(_ADDRESS, content.get("href"))
    identifier = next(filter(is_identifier, (content.get("transaction_id"), linked)), None)
    if identifier:
        return Accepted(identifier, response=response)
    pkid = model.non_empty(content.get("pkid"))
    if effect == PROVEN and linked is None and "transaction_id" not in content and change.concerns(pkid):
        return Accepted(None, pkid)
    found, _is_conclusive = looked_up(http, change)
    if found:
        return Accepted(found)
    return Accepted(None, pkid, doubt=unproven(response), response=response)


def unproven(
    response: Response | None, what: str = "a response that does not show whether the change was made"
) -> ConnectorsError:
    """Return the error for a change that neither its response nor its transaction proves."""
    if response is None:
        return ConnectorsError(f"VOSS Automate returned {what}. {CHECK_FIRST}", reason="outcome_unknown")
    error = response.unusable(what, reason="outcome_unknown", remedy="")
    return OutcomeUnknown(f"{error.message} {CHECK_FIRST}", error.failure)


def looked_up(http: ApiClient, change: Change, may_come: bool = False) -> tuple[str | None, bool]:
    """Look up the transaction ID of a change. Return the ID, if any, and whether the lookup was conclusive.

    :param may_come: whether the server may create the transaction later. The lookup is then repeated for longer.
    """
    place = [pair for pair in change.query if pair[0] == "hierarchy"]
    try:
        for seconds in LATE_LOOKUP_PAUSES if may_come else LOOKUP_PAUSES:
            http.sleep(seconds)
            found = _with_external_id(http, place, change.external_id)
            if found:
                return _transaction_among(http, place, found, change.external_id)
    except RequestFailed:
        return None, False
    return None, True


def _transaction_among(
    http: ApiClient, place: Pairs, found: t.Sequence[Object], external_id: str
) -> tuple[str | None, bool]:
    """Return the ID of the transaction with the given external ID, and whether the result is certain.

    Transactions without a parent take precedence.
    """

    def rank(item: Object) -> tuple[bool, bool]:
        return external_id not in repr(item), bool(model.mapping(item.get("data")).get("parent_pkid"))

    best = min(found, key=rank)
    is_certain = external_id in repr(best)
    if not is_certain and len(found) == 1:
        # If the server also returns a transaction for a random ID, the server ignores the filter.
        is_certain = not _with_external_id(http, place, str(uuid.uuid4()))
    return (str(best["pkid"]), True) if is_certain else (None, False)


def _with_external_id(http: ApiClient, place: Pairs, text: str) -> list[Object]:
    """Return the transactions whose external ID contains a string.

    :raises InvalidResponse: the response contains no transaction, but does not prove that there is none.
    """
    response, found = listed(http, place, text)
    if not found:
        content = response.json_object()
        reader = ListReader("transactions")
        reader.add(response, content.get("resources"), _listed_identifier)
        reader.finish(response, content, content.get("pagination"))
    return found


def listed(http: ApiClient, place: Pairs, text: str, limit: int = 50) -> tuple[Response, list[Object]]:
    """List the transactions whose external ID contains a string. Return the response and the valid list items.

    If there are no items, this does not prove that there is no transaction.
    """
    query = [*place, ("filter_field", "external.id"), ("filter_condition", "contains"), ("filter_text", text)]
    response = http.get(TRANSACTIONS, [*query, ("limit", str(limit)), JSON])
    resources = model.sequence(list_content(response, "transactions").get("resources"))
    return response, [item for item in resources if _listed_identifier(model.mapping(item))]


def _listed_identifier(item: Object) -> str | None:
    """Return the transaction ID of a list item, or None if it is missing or not valid."""
    identifier = item.get("pkid")
    return identifier if is_identifier(identifier) else None


def failure_of(http: ApiClient, ended: Item) -> Failure:
    """Return the ``failure`` entry of a module result for a failed transaction."""
    return Failure(
        system="voss",
        method="GET",
        url=f"{http.settings.api_url}{TRANSACTIONS}{ended['id']}/",
        status=200,
        code=str(ended["status"]),
        message=ended["message"],
        reason="transaction_failed",
    )
