# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendors leave open, as settings: each behaviour a real server might show can be chosen.

The first of several words is the default.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """A default and what else is allowed: some words, or any value of the default's kind (and null)."""

    default: Any
    words: tuple[str, ...] = ()
    nullable: bool = False

    def complaint(self, value: Any) -> str:
        """The second half of a sentence saying what the value should be, empty if it is fine."""
        if self.words:
            return "" if value in self.words else f"is one of {', '.join(self.words)}"
        if value is None and self.nullable:
            return ""
        sample = 0 if self.default is None else self.default
        if isinstance(sample, bool):
            return "" if isinstance(value, bool) else "is true or false"
        if isinstance(sample, (int, float)):
            fine = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
            return "" if fine else "is a number from 0" + (" or null" if self.nullable else "")
        if isinstance(sample, list):
            fine = isinstance(value, list) and all(isinstance(item, str) for item in value)
            return "" if fine else "is a list of texts"
        return "" if isinstance(value, str) else "is a text"


def _words(*words: str) -> Setting:
    return Setting(words[0], words)


SPEC: dict[str, Mapping[str, Setting]] = {
    "apono": {
        "maximum_limit": Setting(1000),
        "over_limit": _words("refuse", "clamp"),
        "last_page": _words("missing", "null", "empty"),
        "status_case": _words("upper", "title"),
        "unknown_status": _words("refuse", "empty"),
        "token_with_filters": _words("refuse", "accept"),
        "delete_connected": _words("allow", "refuse"),
        "delete_used": _words("allow", "refuse"),
        "sessions": Setting(True),
        "repeat_token": Setting(False),
    },
    "hdp": {
        "user_list_key": _words("connectorIds", "connectorIDs"),
        "user_id_key": _words("connectorId", "connectorID"),
        "group_as_text": Setting(True),
        "detail_filters": _words("accept", "refuse"),
        "lockout": Setting(3),
        "text_codes": Setting(False),
    },
    "webex": {
        "empty": _words("items", "object"),
        "page_size": Setting(None, nullable=True),
        "organization": Setting("Y2lzY29zcGFyazovL3"),
        "scopes": Setting(["spark-admin:hybrid_connectors_read", "spark-admin:hybrid_clusters_read"]),
    },
    "voss": {
        "throttle": Setting(20),
        "retry_after": Setting(None, nullable=True),
        "default_limit": Setting(50),
        "maximum_limit": Setting(2000),
        "over_limit": _words("clamp", "refuse"),
        "looks": Setting(2),
        "settle": Setting(None, nullable=True),
        "success_word": Setting("Success"),
        "fail_word": Setting("Fail"),
        "filters": _words("honour", "ignore", "refuse"),
        "list_data": _words("sample", "summary"),
        "false_values": _words("omit", "show"),
        "delete_body": _words("accept", "refuse"),
        "delete_answer": _words("body", "empty"),
        "write_status": Setting(200),
        "omitted_password": _words("keep", "blank"),
        "omitted_expiry": _words("blank", "keep"),
        "account_number_form": _words("as_given", "base64"),
        "duplicate_names": _words("refuse", "allow"),
        "pkid_after_move": _words("keep", "change"),
        "move_direction": _words("any", "up", "down"),
        "expired_refresh_token": _words("accept", "fail"),
        "nowait": _words("honour", "ignore"),
        "dotted": _words("accept", "sys", "refuse"),
        "unknown_hierarchy": _words("refuse", "home"),
        "missing_hierarchy": _words("refuse", "home"),
        "home": Setting("sys.hcs"),
        "node_path": _words("own", "parent"),
        "transaction_pkid": Setting(True),
        "transaction_visible_after": Setting(0),
        "extra_attributes": Setting([]),
        "error_shape": _words("object", "string", "message", "text"),
        "session_cookies": Setting(True),
    },
}
_LATENCY = Setting(0)


class Settings:
    """All settings; ``values[system]`` are live dictionaries that the systems read with every request."""

    def __init__(self) -> None:
        self.latency: float = 0
        self.values: dict[str, dict[str, Any]] = {
            system: {name: copy.copy(setting.default) for name, setting in spec.items()}
            for system, spec in SPEC.items()
        }

    def merge(self, changes: Any) -> None:
        """Take over changes; raises ValueError, with nothing changed, if any of them is not a setting."""
        if not isinstance(changes, dict):
            raise ValueError("Settings are an object of latency and one object for each system.")
        for key, value in changes.items():
            if key == "latency":
                _refuse_if("latency", _LATENCY.complaint(value))
                continue
            spec = SPEC.get(key)
            if spec is None or not isinstance(value, dict):
                raise ValueError(f"Settings have no {key!r} object, only latency, {', '.join(SPEC)}.")
            for name, wanted in value.items():
                if name not in spec:
                    raise ValueError(f"{key} has no setting {name!r}, only {', '.join(spec)}.")
                _refuse_if(f"{key}.{name}", spec[name].complaint(wanted))
        for key, value in changes.items():
            if key == "latency":
                self.latency = value
            else:
                self.values[key].update(value)

    def as_dict(self) -> dict[str, Any]:
        """The settings in the form that :meth:`merge` takes."""
        return {"latency": self.latency, **self.values}


def _refuse_if(name: str, complaint: str) -> None:
    if complaint:
        raise ValueError(f"The setting {name} {complaint}.")
