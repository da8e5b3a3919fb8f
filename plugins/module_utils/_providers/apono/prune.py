# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Delete unused Apono connectors.

A connector is unused if it is disconnected, its last connection began more than a minimum number of days ago, and no
integration uses it. The module keeps a connector if one of these conditions cannot be checked. The module checks the
conditions when it plans the run, and again right before each deletion.
"""

from __future__ import annotations

import dataclasses
import typing as t
from datetime import datetime, timezone

from ..._client import ApiClient
from ..._errors import AccessDenied, InputError, RequestFailed
from ..._evidence import folded
from ..._plan import by_name_and_id, counted, first_of, shown
from ..._timestamps import SECONDS_A_DAY, parse_timestamp
from . import client
from .client import Connector
from .work_items import WorkItem

# Apono did not exist before 2021. An earlier timestamp is a default value, for example 1970-01-01.
FIRST_CONNECTION = datetime(2021, 1, 1, tzinfo=timezone.utc)


@dataclasses.dataclass(frozen=True)
class PruneOptions:
    """The options that determine which connectors are deleted.

    :ivar after_days: minimum number of days since the last connection began.
    :ivar limit: maximum number of deletions.
    :ivar never_connected: IDs of connectors that can be deleted even if they were never connected.
    """

    after_days: float
    limit: int
    never_connected: t.Collection[str]


def plan(
    http: ApiClient,
    connectors: t.Collection[Connector],
    names: t.Mapping[str, str],
    options: PruneOptions,
    now: datetime,
) -> list[WorkItem]:
    """Return a work item for each disconnected connector that is not in ``names``, sorted by name, then by ID.

    :raises InputError: there are more unused connectors than the limit allows, or the timestamps do not show which
        connectors are unused.
    """
    listed = dict(zip(map(folded, names), names))
    items = []
    for connector in by_name_and_id(filter(client.is_disconnected, connectors)):
        if connector["id"] in names:
            continue
        item = WorkItem(connector["id"], connector)
        similar = listed.get(folded(item.identifier))
        if similar:
            item.keep(
                f"'names' contains the similar id '{similar}', which differs only in case, whitespace or Unicode form"
            )
        else:
            _decide(http, options, now, item)
        items.append(item)
    unused = [item for item in items if item.action == "deleted"]
    if any(item.before.get("last_connected") is not None for item in unused):
        _require_meaningful_timestamps(connectors, options, now)
    _require_limit(unused, options)
    return items


def _require_meaningful_timestamps(connectors: t.Iterable[Connector], options: PruneOptions, now: datetime) -> None:
    """Check that an old timestamp is a reliable sign that a connector is unused.

    Apono documents ``last_connected`` as the time of the most recent successful connection. If a connected connector
    has an old timestamp, a connector that was connected until yesterday can have an old timestamp as well.

    :raises InputError: a connected connector has a timestamp that is older than ``after_days``.
    """
    for item in filter(client.is_connected, connectors):
        seen = parse_timestamp(item["last_connected"])
        if seen is None or _days_since(seen, now) <= options.after_days:
            continue
        raise InputError(
            f"Cannot prune connectors by age: the connector '{shown(item['name'])}' ({item['id']}) is connected, but"
            f" its 'last_connected' is '{shown(item['last_connected'])}'. An old 'last_connected' therefore does not"
            " prove that a connector is unused. Nothing was changed. Use the module apono_connector to delete"
            " connectors by ID.",
            reason="refused",
        )


def _require_limit(unused: t.Sequence[WorkItem], options: PruneOptions) -> None:
    if len(unused) <= options.limit:
        return
    listed = first_of([f"{shown(item.name_before)} ({item.identifier})" for item in unused], 20)
    raise InputError(
        f"Cannot prune {counted(len(unused), 'connector')}, because 'prune_limit' is {options.limit}: {listed}."
        " Nothing was changed. Check the connectors, and raise 'prune_limit' to delete them.",
        reason="refused",
    )


def _decide(http: ApiClient, options: PruneOptions, now: datetime, item: WorkItem) -> None:
    """Decide whether to delete or keep the connector in a work item."""
    why = _reason_to_keep(item.before, options, now)
    if why is None:
        try:
            why = client.in_use(client.integrations(http, item.identifier))
        except AccessDenied:
            raise
        except RequestFailed as error:
            message = f"Cannot list the integrations of the connector, so it is not deleted. {error.message}"
            item.fail(error.with_message(message))
            return
    if why is None:
        item.action = "deleted"
    else:
        item.keep(why)


def delete(http: ApiClient, options: PruneOptions, now: datetime, item: WorkItem) -> None:
    """Delete a connector if it still exists, is still unused and has not changed since the list was read.

    The last request before the deletion reads the connector.
    """
    planned = item.before
    _decide(http, options, now, item)
    if item.action != "deleted":
        return
    current = client.connector(http, item.identifier)
    if current is None:
        item.set_gone()
        return
    item.before = item.after = current
    why = _reason_to_keep(current, options, now) or _changed(planned, current)
    if why:
        item.keep(why)
    elif not client.delete(http, item.identifier):
        item.set_gone()


def _reason_to_keep(connector: Connector, options: PruneOptions, now: datetime) -> str | None:
    """Return the reason to keep a connector, or None if it can be deleted. Integrations are not considered."""
    if not client.is_disconnected(connector):
        return f"its status is {shown(connector.get('status'))}"
    if connector.get("sessions"):
        return "its status is DISCONNECTED, but the connector has sessions"
    last_connected = connector.get("last_connected")
    if last_connected is None:
        return None if connector["id"] in options.never_connected else "it was never connected"
    seen = parse_timestamp(last_connected)
    if seen is None or not isinstance(last_connected, str):
        return f"its 'last_connected' is not a valid timestamp: '{shown(last_connected)}'"
    if seen < FIRST_CONNECTION:
        return f"its 'last_connected' is earlier than the first release of Apono: '{shown(last_connected)}'"
    days = _days_since(seen, now)
    if days > options.after_days:
        return None
    return f"last connected only {max(days, 0.0):.1f} days ago"


def _changed(planned: Connector, current: Connector) -> str | None:
    """Describe how a connector has changed since the list was read, or return None if it has not changed."""
    if planned.get("name") != current.get("name"):
        return f"its name changed to '{shown(current.get('name'))}' after the list was read"
    after = current.get("last_connected")
    if parse_timestamp(after) != parse_timestamp(planned.get("last_connected")):
        return f"its 'last_connected' changed to '{shown(after)}' after the list was read"
    return None


def _days_since(timestamp: datetime, now: datetime) -> float:
    return (now - timestamp).total_seconds() / SECONDS_A_DAY
