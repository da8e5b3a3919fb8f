# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Convert a fleet report to metrics in the Prometheus text format.

Prometheus rejects a file that contains a series twice. If two connectors have the same labels, the metrics contain only
the first one.
"""

from __future__ import annotations

import functools
import typing as t
from collections import Counter
from operator import itemgetter

from ..module_utils._fleet import identity
from ..module_utils._mappings import picked
from ..module_utils._plan import Object
from ..module_utils._timestamps import SECONDS_A_DAY, parse_timestamp
from ._sanitize import metric_label

Labels = t.Mapping[str, t.Any]
Sample = tuple[Labels, float]

PREFIX = "hybrid_connectors_"
SECONDS_AN_HOUR = 3600.0


def metrics(document: Object) -> str:
    """Return a fleet report as metrics in the Prometheus text format.

    :param document: a result of :func:`_report.checked_report`.
    """
    # Most values are used as labels in several metrics. True and 1 are equal, but produce different labels.
    escaped = functools.lru_cache(maxsize=None, typed=True)(_escaped)
    return "".join(_family(name, text, samples(document), escaped) for name, text, samples in _FAMILIES)


def _family(name: str, text: str, samples: t.Iterable[Sample], escaped: t.Callable[[t.Any], str]) -> str:
    seen: dict[str, float] = {}
    for labels, value in samples:
        inside = ",".join([f'{label}="{escaped(shown)}"' for label, shown in labels.items()])
        seen.setdefault(f"{{{inside}}}" if inside else "", value)
    if not seen:
        return ""
    lines = [f"# HELP {PREFIX}{name} {text}", f"# TYPE {PREFIX}{name} gauge"]
    lines += [f"{PREFIX}{name}{labels} {_number(value)}" for labels, value in seen.items()]
    return "\n".join(lines) + "\n"


def _escaped(value: object) -> str:
    """Escape the special characters in a label value."""
    return metric_label(value).replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _time(document: Object) -> t.Iterator[Sample]:
    yield {}, _seconds(document["generated_at"])


def _systems(document: Object) -> t.Iterator[Sample]:
    for system in document["systems"]:
        yield {"system": system["system"]}, system["read"]


def _counts(document: Object) -> t.Iterator[Sample]:
    for system, counts in document["summary"]["by_system"].items():
        for health, count in counts.items():
            yield {"system": system, "health": health}, count


def _health(document: Object) -> t.Iterator[Sample]:
    for record in document["records"]:
        yield {**identity(record), "group": record["group"], "health": record["health"]}, 1


def _info(document: Object) -> t.Iterator[Sample]:
    for record in document["records"]:
        more = picked(record, ("group", "host", "status", "version", "type", "org"))
        yield {**identity(record), **more}, 1


def _outdated(document: Object) -> t.Iterator[Sample]:
    for record in document["records"]:
        if record["outdated"] is not None:
            yield identity(record), record["outdated"]


def _last_seen(document: Object) -> t.Iterator[Sample]:
    for record in document["records"]:
        if record["last_seen"]:
            yield identity(record), _seconds(record["last_seen"])


def _expiries(document: Object) -> t.Iterator[Sample]:
    for expiry in document["expiries"]:
        yield {**identity(expiry), "token": expiry["token"]}, _seconds(expiry["expires_at"])


def _alarms(document: Object) -> t.Iterator[Sample]:
    fields = ("system", "id", "name", "severity")
    counts = Counter(map(itemgetter(*fields), document["alarms"]))
    for values, count in counts.items():
        yield dict(zip(fields, values)), count


def _stale(document: Object) -> t.Iterator[Sample]:
    yield {}, document["limits"]["stale_after_hours"] * SECONDS_AN_HOUR


def _expiring(document: Object) -> t.Iterator[Sample]:
    yield {}, document["limits"]["expiring_within_days"] * SECONDS_A_DAY


def _seconds(text: object) -> float:
    parsed = parse_timestamp(text)
    return parsed.timestamp() if parsed else float("nan")


_FAMILIES: tuple[tuple[str, str, t.Callable[[Object], t.Iterator[Sample]]], ...] = (
    ("report_timestamp_seconds", "Time of the report.", _time),
    (
        "system_read",
        "1 if the system was read completely, otherwise 0. The metrics contain only connectors that were read.",
        _systems,
    ),
    ("connectors", "Number of connectors of a system by health.", _counts),
    ("health", "Health of each connector as a label. The value is always 1.", _health),
    ("connector_info", "Other properties of each connector as labels. The value is always 1.", _info),
    ("outdated", "1 if a newer version of the connector exists, otherwise 0.", _outdated),
    ("last_seen_timestamp_seconds", "Time of the last connection or access of the connector.", _last_seen),
    ("token_expiry_timestamp_seconds", "Time at which a token of a connector expires.", _expiries),
    ("alarms", "Number of alarms of a connector by severity.", _alarms),
    ("stale_after_seconds", "Time without access after which a connector is degraded.", _stale),
    ("expiring_within_seconds", "Time before the expiry of a token at which a connector is degraded.", _expiring),
)
