# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the rules for connectors, connector groups and authorized users of Hybrid Data Pipeline.

Source: the vendor's Connector API reference. It does not document error codes for most violations of these rules, so
their error code is the HTTP status.
"""

from __future__ import annotations

import copy
import operator
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from connector_simulator.checks import Check, json_object, list_of_strings, non_empty_string, nullable, string, unless
from connector_simulator.exchange import ApiError
from connector_simulator.strict import check_fields

ROUND_ROBIN = "Round Robin"
MAXIMUM_LABEL = 255
_GROUP = "connectorGroup"
_DEFAULTS = {"connectionTimeout": 15, "retryDelay": 120}


def number(value: Any) -> str | None:
    """Accept a non-negative integer as a number or as a string, because the vendor documents both."""
    is_integer = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    is_numeric_string = isinstance(value, str) and value.isascii() and value.isdigit()
    return unless(is_integer or is_numeric_string, "must be a number from 0")


def objects(value: Any) -> str | None:
    """Accept an array of objects."""
    is_list = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return unless(is_list, "must be a list of objects")


CONNECTOR_FIELDS: dict[str, Check] = {
    "connectorID": non_empty_string,
    "owner": non_empty_string,
    "label": string,
    _GROUP: json_object,
    "authUser": list_of_strings,
}
GROUP_FIELDS: dict[str, Check] = {
    "connectionTimeout": number,
    "retryDelay": number,
    "loadBalancing": nullable(string),
    "members": objects,
}
MEMBER_FIELDS: dict[str, Check] = {"memberID": non_empty_string, "sequence": number, "weight": number}


class ConnectorStore:
    """The connectors and groups of all users.

    :param connectors: connectors in the format of the list for administrators.
    :param user_connectors: connectors and groups with their authorized users.
    :param users: names of all users.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        connectors: list[dict[str, Any]],
        user_connectors: list[dict[str, Any]],
        users: Iterable[str],
    ):
        self._settings = settings
        self.connectors = connectors
        self.user_connectors = user_connectors
        self._users = set(users)

    def visible(self, user: str, shared: bool) -> list[dict[str, Any]]:
        """Return the connectors and groups that a user owns.

        :param shared: whether to include the connectors that other users share with this user.
        """
        found = []
        for item in self.user_connectors:
            if item["owner"] == user or (shared and self._is_authorised(item, user)):
                found.append(item)
        return found

    def owned(self, connector_id: str, user: str) -> dict[str, Any]:
        """Return a connector or group that a user owns.

        :raises ApiError: the connector does not exist (404), or another user owns it (403).
        """
        for item in self.user_connectors:
            if item["connectorID"] == connector_id:
                if item["owner"] != user:
                    raise ApiError(403, "You lack the permissions to access this url.", code=222208103)
                return item
        raise ApiError(404, f"There is no connector with the ID {connector_id}.")

    def group(self, connector_id: str, user: str) -> dict[str, Any]:
        """Return a group that a user owns.

        :raises ApiError: the group does not exist, another user owns it, or it is a single connector (400).
        """
        item = self.owned(connector_id, user)
        if _GROUP not in item:
            raise ApiError(400, f"The connector {connector_id} is not a connector group.")
        return item

    def create_group(self, user: str, content: Mapping[str, Any]) -> tuple[dict[str, Any], ApiError | None]:
        """Create a group.

        :returns: the group, and an error if the group lacks members because they are in another group.
        :raises ApiError: the definition breaks a rule, or a member is in another group. The group is not created.
        """
        self._check_owner(content, user)
        self._check_label(content["label"], user, None)
        item = {
            "connectorID": str(uuid.uuid4()),
            "owner": user,
            "label": content["label"],
            "authUser": self.checked_users(content["authUser"]),
        }
        checked = self._checked_group(content[_GROUP], user, None)
        error = None
        if self._settings["group_conflict"] == "partial":
            free = [member for member in checked["members"] if not self._group_of(member["memberID"], None)]
            if len(free) < len(checked["members"]):
                error = ApiError(400, "A member of the connector group is already in another group.")
            checked["members"] = free
        else:
            self._check_conflicts(checked["members"], None)
        group = {**item, _GROUP: checked}
        self._add(group)
        return group, error

    def replace(self, item: dict[str, Any], content: Mapping[str, Any], ignore_label: bool) -> bool:
        """Replace the definition of a connector or a group, and return whether it changed.

        :raises ApiError: the definition breaks a rule. Nothing is changed.
        """
        if content.get("connectorID", item["connectorID"]) != item["connectorID"]:
            raise ApiError(400, "The connectorID in the body must be the ID in the path.")
        self._check_owner(content, item["owner"])
        self._check_complete(item, content)
        label = content.get("label", item["label"])
        self._check_label(label, item["owner"], item)
        changed = {**item, "label": item["label"] if ignore_label else label}
        changed["authUser"] = self.checked_users(content.get("authUser", item.get("authUser", [])))
        if _GROUP in content:
            changed[_GROUP] = self._checked_group(content[_GROUP], item["owner"], item)
            self._check_conflicts(changed[_GROUP]["members"], item)
        return self._store(item, changed)

    def set_users(self, item: dict[str, Any], users: Sequence[str]) -> bool:
        """Replace the authorized users and return whether they changed.

        :raises ApiError: a user does not exist. Nothing is changed.
        """
        return self._store(item, {**item, "authUser": self.checked_users(users)})

    def set_members(self, item: dict[str, Any], members: Sequence[Mapping[str, Any]]) -> bool:
        """Replace the members of a group and return whether they changed.

        :raises ApiError: a member breaks a rule. Nothing is changed.
        """
        group = self._checked_group({**item[_GROUP], "members": members}, item["owner"], item)
        self._check_conflicts(group["members"], item)
        return self._store(item, {**item, _GROUP: group})

    def delete(self, item: Mapping[str, Any]) -> None:
        """Delete a group, but not its members."""
        self.user_connectors.remove(dict(item))
        self.connectors[:] = [other for other in self.connectors if other["connectorID"] != item["connectorID"]]

    def checked_users(self, users: Sequence[str]) -> list[str]:
        """Return user names as spelled in the user accounts, without duplicates.

        :raises ApiError: a user does not exist.
        """
        checked: dict[str, None] = {}
        for name in users:
            known = self._find_user(name)
            if known is None:
                raise ApiError(400, f"The user {name} does not exist.", code=222207916)
            checked[known] = None
        return list(checked)

    def _find_user(self, name: str) -> str | None:
        if self._settings["user_names"] == "any" or name in self._users:
            return name
        if self._settings["user_names"] == "ignore_case":
            return next((known for known in sorted(self._users) if known.lower() == name.lower()), None)
        return None

    def _is_authorised(self, item: Mapping[str, Any], user: str) -> bool:
        return user in item.get("authUser", [])

    def _add(self, item: dict[str, Any]) -> None:
        self.user_connectors.append(item)
        now = _now()
        facts = {"isGroup": True, "createdTime": now, "lastModified": now, "lastAccessed": None}
        tenant = {}
        for other in self.connectors:
            if other.get("owner") == item["owner"] and "tenantName" in other:
                tenant = {"tenantName": other["tenantName"]}
        self.connectors.append({**{name: item[name] for name in ("connectorID", "label", "owner")}, **tenant, **facts})

    def _store(self, item: dict[str, Any], changed: Mapping[str, Any]) -> bool:
        if item == changed:
            return False
        item.update(copy.deepcopy(dict(changed)))
        for other in self.connectors:
            if other["connectorID"] == item["connectorID"]:
                other["label"] = item["label"]
                other["lastModified"] = _now()
        return True

    def _check_owner(self, content: Mapping[str, Any], owner: str) -> None:
        if content.get("owner", owner) != owner:
            raise ApiError(400, f"The owner of a connector cannot be changed. The current owner is {owner}.")

    def _check_label(self, label: str, owner: str, current: Mapping[str, Any] | None) -> None:
        if len(label) > MAXIMUM_LABEL:
            raise ApiError(400, f"A label must have at most {MAXIMUM_LABEL} characters.")
        if self._settings["duplicate_labels"] == "allow":
            return
        for item in self.visible(owner, shared=False):
            if item is not current and item["label"] == label:
                raise ApiError(400, f"The label {label} is already in use.")

    def _check_complete(self, item: Mapping[str, Any], content: Mapping[str, Any]) -> None:
        required = ["label", "authUser"]
        if _GROUP in item:
            required.append(_GROUP)
        elif _GROUP in content:
            raise ApiError(400, "A single connector does not have members.")
        if self._settings["omitted_properties"] == "refuse":
            missing = [name for name in required if name not in content]
            if missing:
                raise ApiError(400, f"Every property is required. Missing: {', '.join(missing)}.")

    def _checked_group(self, given: Mapping[str, Any], owner: str, current: Mapping[str, Any] | None) -> dict[str, Any]:
        """Check the definition of a group, and return the complete definition with numbers as integers."""
        check_fields(given, GROUP_FIELDS, _GROUP)
        group: dict[str, Any] = dict(current[_GROUP]) if current else {}
        is_optional = self._settings["omitted_properties"] == "keep"
        for name, default in _DEFAULTS.items():
            if name in given:
                group[name] = int(given[name])
            elif is_optional:
                group.setdefault(name, default)
            else:
                raise ApiError(400, f"The property {name} of a connector group is required.")
        group.pop("loadBalancing", None)
        balanced = self._is_balanced(given.get("loadBalancing"))
        if balanced:
            group["loadBalancing"] = ROUND_ROBIN
        if "members" in given or not is_optional:
            group["members"] = self._checked_members(given.get("members", []), owner, balanced)
        return group

    def _is_balanced(self, value: Any) -> bool:
        if value == ROUND_ROBIN:
            return True
        off = {"missing": (None,), "null": (None,), "empty": (None, "")}[self._settings["no_load_balancing"]]
        if value not in off:
            raise ApiError(400, f"loadBalancing must be {ROUND_ROBIN!r}, not {value!r}.")
        return False

    def _checked_members(
        self, members: Sequence[Mapping[str, Any]], owner: str, balanced: bool
    ) -> list[dict[str, Any]]:
        if not members:
            raise ApiError(400, "A connector group requires at least one member.")
        checked = []
        for member in members:
            check_fields(member, MEMBER_FIELDS, "members")
            if "memberID" not in member or "sequence" not in member:
                raise ApiError(400, "A member requires memberID and sequence.")
            self._check_member(member["memberID"], owner)
            weight = int(member.get("weight", 1))
            checked.append({"memberID": member["memberID"], "sequence": int(member["sequence"]), "weight": weight})
        if len(set(map(operator.itemgetter("memberID"), checked))) < len(checked):
            raise ApiError(400, "A connector can occur only once in a connector group.")
        if not balanced and len(set(map(operator.itemgetter("sequence"), checked))) < len(checked):
            raise ApiError(
                400, "The sequence of each member must be unique in a connector group without load balancing."
            )
        return checked

    def _check_member(self, member_id: str, owner: str) -> None:
        for item in self.user_connectors:
            if item["connectorID"] == member_id and item["owner"] == owner:
                if _GROUP in item:
                    raise ApiError(400, f"The member {member_id} is a connector group. Groups cannot be nested.")
                return
        raise ApiError(400, f"The member {member_id} is not registered to {owner}.")

    def _check_conflicts(self, members: Sequence[Mapping[str, Any]], current: Mapping[str, Any] | None) -> None:
        for member in members:
            other = self._group_of(member["memberID"], current)
            if other is not None:
                raise ApiError(400, f"The connector {member['memberID']} is already in the group {other['label']}.")

    def _group_of(self, member_id: str, current: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """Return the group other than ``current`` that contains a connector, or None if there is no such group."""
        for item in self.user_connectors:
            if item is current or _GROUP not in item:
                continue
            if member_id in map(operator.itemgetter("memberID"), item[_GROUP]["members"]):
                return item
        return None


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
