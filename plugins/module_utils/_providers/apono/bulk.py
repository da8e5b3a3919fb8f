# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Rename and prune Apono connectors: plan the run, delete unused connectors, then rename connectors."""

from __future__ import annotations

import dataclasses
import functools
import operator
import typing as t
from datetime import datetime

from ..._client import ApiClient
from ..._errors import ConnectorsError, InputError, failure_of
from ..._evidence import folded
from ..._mappings import by_key
from ..._plan import Object, complaint, counted, diff, first_of, result_of
from . import client, prune
from .prune import PruneOptions
from .rename import Renamer
from .work_items import Names, WorkItem

ACTIONS = ("renamed", "deleted", "kept", "unchanged", "failed")


@dataclasses.dataclass
class Plan:
    """The planned work items of a run, and the current names of all connectors."""

    items: list[WorkItem]
    names: Names


def plan(http: ApiClient, names: t.Mapping[str, str], options: PruneOptions | None, now: datetime) -> Plan:
    """Plan a run without making any changes.

    The work items for ``names`` come first, in the same order. If ``options`` is set, work items for all other
    disconnected connectors follow.

    :raises InputError: ``options`` is set, and ``names`` contains an unknown ID, there are more unused connectors than
        the limit allows, or the timestamps do not show which connectors are unused.
    :raises AccessDenied: the token does not have permission to list connectors or integrations.
    """
    known = by_key(client.connectors(http), "id")
    if options:
        _refuse_unknown(known, names)
    items = [WorkItem(identifier, known.get(identifier, {}), name) for identifier, name in names.items()]
    for item in items:
        if not item.before:
            item.fail(_not_found(known, item.identifier))
    if options:
        items += prune.plan(http, known.values(), names, options, now)
    return Plan(items, Names(known.values()))


def _refuse_unknown(known: t.Collection[str], names: t.Iterable[str]) -> None:
    """Check that ``names`` contains only known IDs, because pruning never deletes the connectors in ``names``.

    :raises InputError: an ID is unknown, so that pruning could delete the connector that it should protect.
    """
    unknown = [identifier for identifier in names if identifier not in known]
    if not unknown:
        return
    similar = [_similar(known, identifier) for identifier in unknown]
    listed = [f"'{one}' (did you mean '{other}'?)" if other else f"'{one}'" for one, other in zip(unknown, similar)]
    raise InputError(
        "Cannot prune connectors: it is not clear which connectors 'names' protects, because it contains"
        f" {counted(len(unknown), 'unknown id')}: {first_of(listed, 20)}. Nothing was changed. Specify only ids of"
        " registered connectors. Use the module apono_connector_info to list the connectors.",
        reason="not_found",
    )


def _similar(known: t.Iterable[str], identifier: str) -> str | None:
    """Return the known ID that looks the same as an unknown ID, or None if there is none."""
    return dict(zip(map(folded, known), known)).get(folded(identifier))


def _not_found(known: t.Iterable[str], identifier: str) -> InputError:
    similar = _similar(known, identifier)
    suggestion = f" Did you mean '{similar}'?" if similar else ""
    message = (
        f"Apono does not have a connector with the id '{identifier}'.{suggestion} Connectors register themselves during"
        " their installation; the module cannot create them. Use the module apono_connector_info to list the"
        " connectors."
    )
    return InputError(message, reason="not_found")


def run(
    http: ApiClient, planned: Plan, options: PruneOptions | None, now: t.Callable[[], datetime], check_mode: bool
) -> None:
    """Delete unused connectors, then rename connectors. In check mode, only predict the outcomes.

    If an operation fails, its work item contains the error, and the run continues.
    """
    for item in planned.items:
        if options and item.action == "deleted" and not check_mode:
            item.attempt(functools.partial(prune.delete, http, options, now()))
        if item.action == "deleted" or item.is_gone:
            planned.names.assign(item.identifier, None)
    Renamer(http, planned.names, check_mode).run(list(filter(operator.attrgetter("before"), planned.items)))


def result(planned: Plan) -> Object:
    """Return the result of the module."""
    return result_of("connectors", list(map(_report, planned.items)), ACTIONS, operator.itemgetter("id"))


def _report(item: WorkItem) -> Object:
    """Return the outcome for a connector. A failed rename that leaves a different name counts as a change."""
    report: Object = {
        "id": item.identifier,
        "name": item.after.get("name"),
        "last_connected": item.before.get("last_connected"),
        "action": item.action,
        "changed": item.action in ("renamed", "deleted") or item.after != item.before,
    }
    if report["changed"]:
        report["diff"] = diff(item.before, None if item.action == "deleted" else item.after, client.IDENTITY)
    if item.why:
        report["why"] = item.why
    if item.error:
        report.update(error=item.error.message, failure=failure_of(item.error, "apono"))
    return report


def error_of(planned: Plan, outcome: Object, check_mode: bool) -> ConnectorsError:
    """Return the error of a run in which at least one work item failed.

    The message contains the errors of all connectors that failed. The reason is that of the first failed connector.

    :param outcome: the result of the module.
    """
    failed = [(item.identifier, item.error) for item in planned.items if item.error]
    messages = [(identifier, error.message) for identifier, error in failed]
    message = complaint("connectors", messages, len(planned.items), check_mode)
    return ConnectorsError(message, outcome, failed[0][1].reason)
