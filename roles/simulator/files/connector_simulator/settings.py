# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define settings, which select the behavior of a service where the vendor documentation is not clear.

The summaries are part of REFERENCE.md, which :mod:`connector_simulator.reference` generates.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """A setting with its allowed values and its default.

    :param values: valid strings. If empty, every value with the type of the default is valid.
    :param nullable: whether null is valid as well.
    """

    default: Any
    summary: str
    values: tuple[str, ...] = ()
    nullable: bool = False

    def complaint(self, value: Any) -> str:
        """Return an empty string for a valid value, or else the requirement that the value does not meet."""
        if self.values:
            return "" if value in self.values else f"must be one of {', '.join(self.values)}"
        if value is None and self.nullable:
            return ""
        is_valid, description = _TYPES[type(self.default)]
        if is_valid(value):
            return ""
        if self.nullable:
            description += " or null"
        return f"must be {description}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_TYPES = {
    bool: (_is_boolean, "true or false"),
    int: (_is_number, "a number from 0"),
    type(None): (_is_number, "a number from 0"),
    str: (_is_string, "a string"),
    list: (_is_list, "a list of strings"),
}


def _choice(summary: str, *values: str) -> Setting:
    """Create a setting whose default is the first of its values."""
    return Setting(values[0], summary, values)


SPEC: dict[str, Mapping[str, Setting]] = {
    "apono": {
        "maximum_limit": Setting(1000, "Maximum page size."),
        "over_limit": _choice("Whether a larger page size is an error or is reduced.", "refuse", "clamp"),
        "last_page": _choice("Value of `next_page_token` on the last page.", "missing", "null", "empty"),
        "status_case": _choice("Case of each status: `CONNECTED` or `Connected`.", "upper", "title"),
        "unknown_status": _choice(
            "Whether a filter on an unknown status is an error or matches nothing.", "refuse", "empty"
        ),
        "token_with_filters": _choice(
            "Whether a page token can be sent together with other parameters.", "refuse", "accept"
        ),
        "delete_connected": _choice("Whether a connected connector can be deleted.", "allow", "refuse"),
        "delete_used": _choice("Whether a connector that integrations use can be deleted.", "allow", "refuse"),
        "sessions": Setting(True, "Whether connectors contain their sessions."),
        "repeat_token": Setting(False, "Whether every page has the same page token."),
        "omitted_fields": _choice(
            "Whether a PUT request clears or keeps optional fields of an integration that it omits.", "clear", "keep"
        ),
        "stored_secrets": _choice(
            "How an integration returns `secret_store_config.apono.parameters`: with masked values, not at all, or "
            "with their values.",
            "mask",
            "drop",
            "show",
        ),
        "config_secrets": _choice(
            "Whether values in `integration_config` are masked if their names indicate secrets.", "show", "mask"
        ),
        "unknown_connector": _choice(
            "Whether an integration can refer to a connector that does not exist.", "refuse", "accept"
        ),
        "refreshing": Setting(0, "Number of responses with the status `Refreshing` after a change of an integration."),
    },
    "hdp": {
        "user_list_key": _choice("Key of the list for users.", "connectorIds", "connectorIDs"),
        "user_id_key": _choice("Key of an ID in the list for users.", "connectorId", "connectorID"),
        "group_as_text": Setting(True, "Whether `isGroup` is a string."),
        "detail_filters": _choice(
            "Whether the list can be filtered by properties that require `details=true`.", "accept", "refuse"
        ),
        "lockout": Setting(3, "Number of failed logins that lock an account. 0: never."),
        "text_codes": Setting(False, "Whether error codes are strings."),
        "create_status": Setting(201, "HTTP status of the response to a new group."),
        "delete_status": Setting(200, "HTTP status of the response to the deletion of a group."),
        "change_body": _choice(
            "Body of the response to a change of a connector, of its users or of its members.",
            "success",
            "object",
            "empty",
        ),
        "duplicate_labels": _choice("Whether connectors of a user can have the same label.", "allow", "refuse"),
        "user_limit": Setting(100, "Maximum number of users in a request that adds authorized users."),
        "user_limit_for_put": Setting(False, "Whether `user_limit` also applies to requests that replace the users."),
        "user_names": _choice(
            "How the names of authorized users are compared with existing users. `any` accepts every name.",
            "exact",
            "ignore_case",
            "any",
        ),
        "group_conflict": _choice(
            "Whether a new group that includes a connector of another group is not created, or is created without this "
            "connector. In both cases, the response is an error.",
            "refuse",
            "partial",
        ),
        "omitted_properties": _choice(
            "Whether a PUT request without all properties is an error or keeps the omitted properties.",
            "refuse",
            "keep",
        ),
        "no_load_balancing": _choice(
            "Value of `loadBalancing` in a group without load balancing.", "missing", "null", "empty"
        ),
        "numbers_as_text": Setting(False, "Whether the numbers of a group are strings."),
        "groups_in_lists": Setting(False, "Whether the list for users contains `connectorGroup`."),
        "health": Setting("active", "Status of the server in the health check."),
        "health_as_text": Setting(False, "Whether the health check returns text that is not JSON."),
        "version": Setting("5.0.0.1", "Version of the server."),
        "license": _choice("Type of the installation.", "Licenced", "Evaluation"),
    },
    "webex": {
        "empty": _choice('Response for an empty list: `{"items": []}` or `{}`.', "items", "object"),
        "page_size": Setting(
            None, "If set to a number, lists are split into pages of this size, with `Link` headers.", nullable=True
        ),
        "organization": Setting("Y2lzY29zcGFyazovL3", "Organization of the token."),
        "scopes": Setting(
            [
                "spark-admin:hybrid_connectors_read",
                "spark-admin:hybrid_clusters_read",
                "spark-admin:resource_groups_read",
                "spark-admin:organizations_read",
            ],
            "Scopes of the token.",
        ),
        "padded_ids": Setting(
            False, "Whether organizations and references to clusters and resource groups have IDs with Base64 padding."
        ),
        "forbidden_organizations": Setting([], "Organizations whose objects the token cannot read (403)."),
        "personal_token": _choice("Whether the access token of the credentials is valid.", "accept", "refuse"),
        "access_token_lifetime": Setting(1_209_600, "Lifetime of an access token in seconds. 0: the token is expired."),
        "refresh_token_lifetime": Setting(
            7_776_000, "Lifetime of the refresh token in seconds. Each refresh extends it. 0: the token is expired."
        ),
        "refresh_token": _choice(
            "Refresh token that a refresh returns: the same token, a new token that invalidates the old one, or no "
            "refresh token.",
            "keep",
            "rotate",
            "omit",
        ),
        "token_reuse": Setting(0, "Maximum age in seconds of an access token that a refresh returns again."),
        "token_scope": Setting(False, "Whether a refresh returns the scopes of the token."),
        "expired_refresh_token": _choice(
            "OAuth error for an expired or unknown refresh token. `unauthorized`: status 401 with the usual body.",
            "invalid_request",
            "invalid_grant",
            "unauthorized",
        ),
        "token_error": _choice(
            "OAuth error that every refresh returns.",
            "none",
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
            "unauthorized",
        ),
    },
    "voss": {
        "throttle": Setting(20, "Maximum number of requests per second for each user. 0: no limit."),
        "retry_after": Setting(
            None, "If set to a number, 429 responses have a `Retry-After` header with this number.", nullable=True
        ),
        "default_limit": Setting(50, "Page size if a request has no limit."),
        "maximum_limit": Setting(2000, "Maximum page size."),
        "over_limit": _choice("Whether a larger page size is reduced or is an error.", "clamp", "refuse"),
        "polls": Setting(2, "Number of polls before a transaction ends. 0: it ends at once."),
        "settle": Setting(
            None, "If set to a number, a transaction ends after this many seconds, even without a poll.", nullable=True
        ),
        "success_word": Setting("Success", "Status of a transaction that succeeded."),
        "fail_word": Setting("Fail", "Status of a transaction that failed."),
        "filters": _choice("How filters on customers and nodes are handled.", "honour", "ignore", "refuse"),
        "list_data": _choice(
            "Whether lists contain the attributes of the vendor's sample or only the summary attributes.",
            "sample",
            "summary",
        ),
        "false_values": _choice("Whether attributes that are false are omitted.", "omit", "show"),
        "delete_body": _choice("How a DELETE request with a body is handled.", "accept", "refuse"),
        "delete_response": _choice("Response to a synchronous DELETE request.", "body", "empty"),
        "write_status": Setting(200, "HTTP status of a successful write."),
        "omitted_password": _choice(
            "Whether a PUT request that omits a password keeps or deletes the password.", "keep", "blank"
        ),
        "omitted_expiry": _choice(
            "Whether a PUT request that omits the expiry times of the tokens deletes or keeps these times.",
            "blank",
            "keep",
        ),
        "account_number_form": _choice(
            "Format in which an account number without a prefix is stored.", "as_given", "base64"
        ),
        "duplicate_names": _choice("Whether a node can have two customers with the same name.", "refuse", "allow"),
        "pkid_after_move": _choice("Whether a move changes the pkid of a customer.", "keep", "change"),
        "move_direction": _choice("Direction in which customers can be moved.", "any", "up", "down"),
        "expired_refresh_token": _choice("Result of a refresh with an expired refresh token.", "accept", "fail"),
        "nowait": _choice("Whether writes can be asynchronous.", "honour", "ignore"),
        "dotted": _choice(
            "Accepted dotted paths: with or without `sys.hcs.`, only complete paths, or none.",
            "accept",
            "sys",
            "refuse",
        ),
        "unknown_hierarchy": _choice(
            "Whether a request with an unknown node is an error or uses the home node of the user.", "refuse", "home"
        ),
        "missing_hierarchy": _choice(
            "Whether a request without a node is an error or uses the home node of the user.", "refuse", "home"
        ),
        "home": Setting("sys.hcs", "Home node of the user."),
        "node_get": _choice(
            "Whether the response for a single node contains its location. Only lists are known to contain it.",
            "located",
            "sparse",
        ),
        "node_path": _choice("Path that a node returns as its `hierarchy_path`.", "own", "parent"),
        "transaction_pkid": Setting(True, "Whether a successful transaction contains the pkid of its object."),
        "transaction_visible_after": Setting(0, "Number of list requests that do not return a new transaction yet."),
        "sheet_layout": _choice(
            "Whether formatted spreadsheets have the layout of bulk load sheets or one row of titles.",
            "bulkload",
            "plain",
        ),
        "extra_attributes": Setting([], "Attributes of other releases that are accepted."),
        "error_shape": _choice("Format of an error body.", "object", "string", "message", "text"),
        "session_cookies": Setting(
            True, "Whether responses set cookies. A write with these cookies requires the header `X-CSRFToken`."
        ),
    },
}
_LATENCY = Setting(0, "Delay of every response in seconds.")


class Settings:
    """The settings of all systems. Each system reads its settings from ``values`` for every request."""

    def __init__(self) -> None:
        self.latency: float = 0
        self.values: dict[str, dict[str, Any]] = {
            system: {name: copy.copy(setting.default) for name, setting in spec.items()}
            for system, spec in SPEC.items()
        }

    def merge(self, changes: Any) -> None:
        """Change the settings of one or more systems.

        :raises ValueError: a setting is unknown or has an invalid value. Nothing is changed.
        """
        if not isinstance(changes, dict):
            raise ValueError(f"The settings must be an object with the keys latency, {', '.join(SPEC)}.")
        for key, value in changes.items():
            if key == "latency":
                _require(_LATENCY, "latency", value)
            else:
                _check_system(key, value)
        for key, value in changes.items():
            if key == "latency":
                self.latency = value
            else:
                self.values[key].update(value)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings in the format that :meth:`merge` accepts."""
        return {"latency": self.latency, **self.values}


def _check_system(system: str, values: Any) -> None:
    spec = SPEC.get(system)
    if spec is None or not isinstance(values, dict):
        raise ValueError(f"The settings have no object {system!r}. Valid keys: latency, {', '.join(SPEC)}.")
    for name, value in values.items():
        if name not in spec:
            raise ValueError(f"{system} has no setting {name!r}. Valid settings: {', '.join(spec)}.")
        _require(spec[name], f"{system}.{name}", value)


def _require(setting: Setting, name: str, value: Any) -> None:
    complaint = setting.complaint(value)
    if complaint:
        raise ValueError(f"The setting {name} {complaint}.")
