# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Create notifications about the changes in a fleet report.

A notification contains names and messages from services. The payloads ensure that chat services display this text
verbatim and do not interpret markup in it.
"""

from __future__ import annotations

import operator
import typing as t

from ._fleet_document import report_from
from ._fleet_history import are_items
from ._mappings import picked
from ._plan import Object
from ._timestamps import duration, parse_timestamp, seconds_between
from ._unicode import one_line

FORMAT = "hybrid.connectors.fleet_notification"
VERSION = 1
HEALTH_KINDS = ("new", "worse", "recovered")
KINDS = (*HEALTH_KINDS, "unread")
CHANGE_FIELDS = ("system", "id", "name", "before", "after", "since")
TITLES = {"new": "New problems", "worse": "Worse", "recovered": "Recovered", "unread": "Not read"}

# Maximum number of lines for each kind of change in a chat message.
MAX_LINES = 10
MAX_NAME = 60
MAX_REASON = 120
# Webex limits a message to 7,439 bytes.
WEBEX_MESSAGE = 7000

Group = tuple[str, list[str]]


def notification(document: t.Mapping[str, t.Any], on: t.Collection[str]) -> Object | None:
    """Return the changes in a report to which a target subscribes, or None if there are no such changes.

    :param document: a report.
    :param on: the kinds of changes to include, from :data:`KINDS`.
    """
    changes = document.get("changes")
    records = {(record["system"], record["id"]): record for record in document["records"]}
    content: Object = {
        "format": FORMAT,
        "version": VERSION,
        "title": document["title"],
        "headline": document["headline"],
        "generated_at": document["generated_at"],
        "since": changes["since"] if changes else None,
    }
    found = 0
    for kind in KINDS:
        items = []
        if kind in on:
            items = _unread(document, changes) if kind == "unread" else _problems(document, changes, kind, records)
        content[kind] = items
        found += len(items)
    return content if found else None


def _problems(
    document: t.Mapping[str, t.Any],
    changes: t.Mapping[str, t.Any] | None,
    kind: str,
    records: t.Mapping[tuple[str, t.Any], t.Mapping[str, t.Any]],
) -> list[Object]:
    """Return the connectors with one kind of change, including their problems and how long the problems have lasted."""
    items: list[Object] = []
    titles = _titles(document)
    for change in changes[kind] if changes else ():
        record = records.get((change["system"], change["id"]), {})
        seconds = max(0, round(seconds_between(change["since"], document["generated_at"])))
        more = {"title": titles.get(change["system"]), "group": record.get("group"), "org": record.get("org")}
        items.append({**change, **more, "problems": record.get("problems", []), "duration_seconds": seconds})
    return items


def _unread(document: t.Mapping[str, t.Any], changes: t.Mapping[str, t.Any] | None) -> list[Object]:
    """Return the systems that could not be read, except those that could not be read in the previous report either."""
    items = []
    for system in document["systems"]:
        if system["read"]:
            continue
        if changes is None or system["system"] in changes["unread"]:
            items.append(picked(system, ("system", "title", "error", "last_read")))
    return items


def _titles(document: t.Mapping[str, t.Any]) -> dict[str, str]:
    return {system["system"]: str(system["title"]) for system in document["systems"]}


def payload(style: str, content: Object) -> Object:
    """Return the request body for a notification target.

    :param style: the format of the target: ``slack``, ``teams``, ``webex`` or ``json``.
    :param content: a result of :func:`notification`.
    """
    if style == "json":
        return content
    heading = f"{one_line(content['title'])[:MAX_NAME]}: {one_line(content['headline'])}"
    groups = [_group(kind, content) for kind in KINDS if content[kind]]
    return _FORMATS[style](heading, groups)


def _group(kind: str, content: Object) -> Group:
    """Return the heading for one kind of change, and the lines to display under it."""
    items = content[kind]
    lines = list(map(_LINES[kind], items[:MAX_LINES]))
    if len(items) > MAX_LINES:
        lines.append(f"and {len(items) - MAX_LINES:,} more")
    return f"{TITLES[kind]} ({len(items):,})", lines


def _called(item: Object) -> str:
    name = item["name"] or item["id"] or "unnamed"
    return f"{item['title']} {one_line(name)[:MAX_NAME]}"


def _reason(item: Object) -> str:
    """Return the problems of a connector as text to append to a line, or an empty string if there are no problems."""
    text = one_line(" ".join(map(str, item["problems"])))
    return f" {text[:MAX_REASON]}" if text else ""


def _new(item: Object) -> str:
    return f"{_called(item)}: {item['after']}.{_reason(item)}"


def _worse(item: Object) -> str:
    length = duration(item["duration_seconds"])
    return f"{_called(item)}: {item['after']}, previously {item['before']}, unhealthy for {length}.{_reason(item)}"


def _recovered(item: Object) -> str:
    return f"{_called(item)}: healthy again, was {item['before']} for {duration(item['duration_seconds'])}."


def _not_read(item: Object) -> str:
    return f"{item['title']}: {one_line(item['error'])[: 2 * MAX_REASON]}"


_LINES: dict[str, t.Callable[[Object], str]] = {
    "new": _new,
    "worse": _worse,
    "recovered": _recovered,
    "unread": _not_read,
}


def _slack(heading: str, groups: t.Sequence[Group]) -> Object:
    """Return the payload for a Slack incoming webhook. The text elements of rich text do not contain markup."""
    blocks: list[Object] = [{"type": "rich_text", "elements": [_slack_heading(heading)]}]
    for title, lines in groups:
        items = [_slack_section({"type": "text", "text": line}) for line in lines]
        entries = {"type": "rich_text_list", "style": "bullet", "elements": items}
        blocks.append({"type": "rich_text", "elements": [_slack_heading(title), entries]})
    # Slack displays this text only where it cannot display blocks, for example in a push notification.
    return {"text": _escaped(heading), "blocks": blocks}


def _slack_heading(text: str) -> Object:
    return _slack_section({"type": "text", "text": text, "style": {"bold": True}})


def _slack_section(element: Object) -> Object:
    return {"type": "rich_text_section", "elements": [element]}


def _escaped(text: str) -> str:
    """Escape the characters that Slack uses in mentions and links."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(heading: str, groups: t.Sequence[Group]) -> Object:
    """Return the payload for a Teams workflow that posts an adaptive card. The card does not use Markdown."""
    body = [_text_run(heading, weight="Bolder", size="Medium")]
    for title, lines in groups:
        body.append(_text_run(title, weight="Bolder"))
        for line in lines:
            body.append(_text_run(f"• {line}"))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _text_run(text: str, **style: str) -> Object:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _webex(heading: str, groups: t.Sequence[Group]) -> Object:
    """Return the payload for a Webex incoming webhook. The message is plain text, not Markdown."""
    lines = [heading]
    for title, entries in groups:
        lines += ["", "\n- ".join([title, *entries])]
    text = "\n".join(lines).encode()[:WEBEX_MESSAGE].decode(errors="ignore")
    return {"text": text}


_FORMATS: dict[str, t.Callable[[str, t.Sequence[Group]], Object]] = {
    "slack": _slack,
    "teams": _teams,
    "webex": _webex,
}
FORMATS = ("slack", "teams", "webex", "json")


def is_report(value: object) -> bool:
    """Return whether a value is a report that contains all parts that notifications and the history require."""
    document = report_from(value)
    if document is None or not {"title", "headline"} <= document.keys():
        return False
    if not are_items(document["systems"], ("title", "error")):
        return False
    for record in document["records"]:
        if not isinstance(record.get("problems"), list):
            return False
    return _are_changes(document.get("changes"))


def _are_changes(changes: object) -> bool:
    """Return whether a value contains the changes in a report, or is None because there is no earlier report."""
    if changes is None:
        return True
    if not isinstance(changes, t.Mapping) or not isinstance(changes.get("unread"), list):
        return False
    times = [changes.get("since")]
    for kind in HEALTH_KINDS:
        items: t.Any = changes.get(kind)
        if not are_items(items, CHANGE_FIELDS):
            return False
        times += map(operator.itemgetter("since"), items)
    return all(map(parse_timestamp, times))
