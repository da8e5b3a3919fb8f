# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of Hybrid Data Pipeline counts only if the server proves it, and keeps undocumented properties."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result

from hostile.attack import Attack, Serve
from hostile.server import HostileServer, Request, Sent, reply
from hostile.test_vendor_proof import HTML, Case, outcome, play

pytestmark = pytest.mark.first_case_only

LIST = "/api/mgmt/connectors"
ONE = {"connectorID": "one", "owner": "o", "label": "warehouse", "authUser": ["Ann"], "purpose": {"costCenter": 17}}
TWO = {"connectorID": "two", "owner": "o", "label": "second", "authUser": []}
GROUP: dict[str, Any] = {
    "connectorID": "group",
    "owner": "o",
    "label": "both",
    "authUser": [],
    "connectorGroup": {
        "connectionTimeout": "15",
        "retryDelay": 120,
        "loadBalancing": "Round Robin",
        "members": [{"memberID": "one", "sequence": 1, "weight": "2"}],
        "unknown": True,
    },
}
NO = {"error": {"code": 222207919, "message": {"lang": "en-US", "value": "No."}}}
DEFAULTS = {"connectionTimeout": 15, "retryDelay": 120}
RELABEL = {"connector_id": "one", "new_label": "new"}
DELETE = {"connector_id": "group", "state": "absent"}
CREATE = {"label": "new", "members": [{"connector_id": "two"}]}


class Hdp:
    """A service that behaves as documented, except for the responses in ``instead`` (by method and path)."""

    def __init__(self, instead: dict[str, Any] | None = None, *objects: dict[str, Any]) -> None:
        self.objects = {item["connectorID"]: copy.deepcopy(item) for item in objects or (ONE, TWO, GROUP)}
        self.instead = {key: list(sent) if isinstance(sent, list) else [sent] for key, sent in (instead or {}).items()}
        self.bodies: list[Any] = []

    def __call__(self, request: Request) -> Sent:
        if request.method in ("PUT", "POST"):
            self.bodies.append(request.json)
        left = self.instead.get(f"{request.method} {request.path.removeprefix(LIST)}")
        if left:
            sent: Sent = left.pop(0) if len(left) > 1 else left[0]
            return sent
        return self.documented(request)

    def documented(self, request: Request) -> bytes:
        """Return the documented response."""
        if request.path == LIST:
            if request.method == "POST":
                self.objects["made"] = {"connectorID": "made", "owner": "o", **request.json}
                return reply(201, self.objects["made"])
            return reply(200, {"connectorIds": list(self.objects.values())})
        identifier = request.path.rpartition("/")[2]
        if identifier not in self.objects:
            return reply(404, NO)
        if request.method == "PUT":
            self.objects[identifier] = request.json
        if request.method == "DELETE":
            del self.objects[identifier]
        return reply(200, self.objects[identifier] if request.method == "GET" else {"success": True})


def check(attack: Attack, serve: Serve, cases: Mapping[str, Case]) -> dict[str, tuple[Result, HostileServer]]:
    """Run all cases, and compare the results with the expected results."""
    results = play(attack, serve, cases)
    found = {}
    for name, (result, server) in results.items():
        reason, changed, writes = outcome(result, server)
        found[name] = (reason, changed, [line.replace(LIST, "") for line in writes])
    assert found == {name: (case.reason, case.changed, case.writes) for name, case in cases.items()}
    return results


def test_the_status_of_a_connector_is_not_an_error(attack: Attack, serve: Serve) -> None:
    service = Hdp(None, {**ONE, "status": "Error"})
    ((result, _server),) = play(attack, serve, {"failed": Case("hdp_connector", RELABEL, service)}).values()
    assert result.changed, result.msg
    assert service.bodies == [{**ONE, "status": "Error", "label": "new"}]


def test_a_change_keeps_what_the_server_sent(attack: Attack, serve: Serve) -> None:
    """PUT replaces the whole definition, so the request must include undocumented properties and other spellings."""
    spelling = {
        "connectorId": "one",
        "Owner": "o",
        "LABEL": "warehouse",
        "auth_user": ["Ann"],
        "purpose": ONE["purpose"],
    }
    one, group, spelled = Hdp(), Hdp(), Hdp({"GET /one": reply(200, spelling)})
    cases = {
        "connector": Case("hdp_connector", RELABEL, one),
        "group": Case("hdp_connector_group", {"connector_id": "group", "retry_delay": 5}, group),
        "spelling": Case("hdp_connector", RELABEL, spelled),
    }
    for result, _server in play(attack, serve, cases).values():
        assert result.changed, result.msg
    assert one.bodies == [{**ONE, "label": "new"}]
    assert spelled.bodies == [{**ONE, "label": "new"}]
    changed = {**GROUP["connectorGroup"], "retryDelay": 5, "connectionTimeout": 15}
    changed["members"] = [{"memberID": "one", "sequence": 1, "weight": 2}]
    assert group.bodies == [{**GROUP, "connectorGroup": changed}]


def test_an_accepted_change_that_cannot_be_verified_is_unknown(
    attack: Attack, serve: Serve, messages: MessageTable
) -> None:
    unread: dict[str, Sent] = {"503": reply(503, NO), "403": reply(403, NO), "HTML": reply(200, "<html>"), "lost": None}
    cases = {}
    for name, sent in unread.items():
        put = Hdp({"PUT /one": reply(200, {}), "GET /one": [reply(200, ONE), sent]})
        delete = Hdp({"DELETE /group": reply(200, {}), "GET /group": [reply(200, GROUP), sent]})
        cases[f"replace, {name}"] = Case("hdp_connector", RELABEL, put, "outcome_unknown", writes=["PUT /one"])
        cases[f"delete, {name}"] = Case(
            "hdp_connector_group", DELETE, delete, "outcome_unknown", writes=["DELETE /group"]
        )
    results = check(attack, serve, cases)
    for name, row in {"replace": "hdp.unverified_replacement", "delete": "hdp.unverified_deletion"}.items():
        result, server = results[f"{name}, 503"]
        messages.check(row, result.msg, url=server.url)


def test_an_incomplete_definition_is_not_replaced(attack: Attack, serve: Serve) -> None:
    """A PUT request without users or members would remove them."""
    group = {"connector_id": "group", "retry_delay": 5}

    def one(**instead: Any) -> Case:
        return Case("hdp_connector", RELABEL, Hdp({"GET /one": reply(200, {**ONE, **instead})}))

    def of_group(**instead: Any) -> Case:
        shown = {**GROUP, "connectorGroup": {**GROUP["connectorGroup"], **instead}}
        return Case("hdp_connector_group", group, Hdp({"GET /group": reply(200, shown)}))

    without_users = {key: value for key, value in ONE.items() if key != "authUser"}
    check(
        attack,
        serve,
        {
            "another connector": Case("hdp_connector", RELABEL, Hdp({"GET /one": reply(200, TWO)})),
            "without an id": one(connectorID=None),
            "without users": Case("hdp_connector", RELABEL, Hdp({"GET /one": reply(200, without_users)})),
            "users that are not a list": one(authUser="Ann"),
            "users without names": one(authUser=[{"name": "Ann"}]),
            "an error with 200": Case("hdp_connector", RELABEL, Hdp({"GET /one": reply(200, {**ONE, **NO})})),
            "a partial response": Case("hdp_connector", RELABEL, Hdp({"GET /one": reply(206, ONE)})),
            "a list": Case("hdp_connector", RELABEL, Hdp({"GET /one": reply(200, [ONE])})),
            "a group without members": of_group(members=None),
            "a member without an id": of_group(members=[{"sequence": 1}]),
            "a member without a sequence": of_group(members=[{"memberID": "one"}]),
            "a timeout that is not a number": of_group(connectionTimeout="soon"),
            "a delay that is a boolean": of_group(retryDelay=True),
        },
    )


def test_a_change_without_proof_is_read_again(attack: Attack, serve: Serve) -> None:
    done = [reply(200, ONE), reply(200, {**ONE, "label": "new"})]
    check(
        attack,
        serve,
        {
            "no body, and made": Case(
                "hdp_connector", RELABEL, Hdp({"PUT /one": reply(200), "GET /one": done}), None, True, ["PUT /one"]
            ),
            "no body, and not made": Case(
                "hdp_connector", RELABEL, Hdp({"PUT /one": reply(200)}), writes=["PUT /one"]
            ),
            "the old object": Case(
                "hdp_connector", RELABEL, Hdp({"PUT /one": reply(200, ONE)}), writes=["PUT /one"]
            ),
            "an error with 200": Case(
                "hdp_connector", RELABEL, Hdp({"PUT /one": reply(200, NO)}), "refused", writes=["PUT /one"]
            ),
            "success false": Case(
                "hdp_connector", RELABEL, Hdp({"PUT /one": reply(200, {"success": False})}), "refused",
                writes=["PUT /one"],
            ),
            "a group that still exists": Case(
                "hdp_connector_group", DELETE, Hdp({"DELETE /group": reply(200, {"success": False})}), "refused",
                writes=["DELETE /group"],
            ),
            "a group in spite of HTML": Case(
                "hdp_connector_group", DELETE, Hdp({"DELETE /group": reply(200, "<html>")}), writes=["DELETE /group"]
            ),
            "a group that is gone": Case(
                "hdp_connector_group", DELETE,
                Hdp({"DELETE /group": reply(200, "<html>"), "GET /group": [reply(200, GROUP), reply(404, NO)]}),
                None, True, ["DELETE /group"],
            ),
            "a group that another client deleted": Case(
                "hdp_connector_group", DELETE,
                Hdp({"DELETE /group": reply(404, NO), "GET /group": [reply(200, GROUP), reply(404, NO)]}),
                None, False, ["DELETE /group"],
            ),
            "a group that one node does not know": Case(
                "hdp_connector_group", DELETE, Hdp({"DELETE /group": reply(404, NO)}), "conflict",
                writes=["DELETE /group"],
            ),
            "a lost deletion later": Case(
                "hdp_connector_group", DELETE,
                Hdp({"DELETE /group": [None, reply(404, NO)], "GET /group": [reply(200, GROUP), reply(404, NO)]}),
                None, True, ["DELETE /group", "DELETE /group"],
            ),
            "a lost deletion that one node does not know later": Case(
                "hdp_connector_group", DELETE, Hdp({"DELETE /group": [None, reply(404, NO)]}), "conflict",
                writes=["DELETE /group", "DELETE /group"],
            ),
            "a new group without an id": Case(
                "hdp_connector_group", CREATE, Hdp({"POST ": reply(201, {"success": True})}), writes=["POST "]
            ),
            "a new group that is refused with 200": Case(
                "hdp_connector_group", CREATE, Hdp({"POST ": reply(200, NO)}), "refused", writes=["POST "]
            ),
        },
    )  # fmt: skip


def test_a_404_proves_absence_only_with_the_list(attack: Attack, serve: Serve) -> None:
    missing = {"connector_id": "nothing", "state": "absent"}
    check(
        attack,
        serve,
        {
            "not there": Case("hdp_connector_group", missing, Hdp(), None),
            "HTML": Case("hdp_connector_group", missing, Hdp({"GET /nothing": reply(404, "<html>")}), "wrong_address"),
            "no list": Case("hdp_connector_group", missing, Hdp({"GET ": reply(404, NO)}), "wrong_address"),
            "in the list": Case("hdp_connector_group", DELETE, Hdp({"GET /group": reply(404, NO)})),
            "a group of that label was relabelled": Case(
                "hdp_connector_group", {"label": "both", "state": "absent"},
                Hdp({"GET /group": reply(200, {**GROUP, "label": "other"})}), "conflict",
            ),
            "a connector in place of the group": Case(
                "hdp_connector_group", {"label": "both", "state": "absent"},
                Hdp({"GET /group": reply(200, {key: GROUP[key] for key in GROUP if key != "connectorGroup"})}),
                "refused",
            ),
        },
    )  # fmt: skip


def test_a_404_for_a_listed_connector_is_not_absence(attack: Attack, serve: Serve) -> None:
    """A node that lags behind the other nodes of a load balancer does not know a connector that the list contains."""
    lagging = {"GET /group": reply(404, NO), "GET /one": reply(404, NO)}
    members = {"members": [{"connector_id": "two"}]}
    owned = {"scope": "user", "groups": True}
    foreign = [reply(200, {"connectorIds": ["one"]}), reply(200, {"connectorIds": []})]
    results = check(
        attack,
        serve,
        {
            "no second group": Case("hdp_connector_group", {"label": "both", **members}, Hdp(lagging), "conflict"),
            "by its id": Case("hdp_connector_group", {"connector_id": "group", **members}, Hdp(lagging), "conflict"),
            "deletion": Case("hdp_connector_group", {"label": "both", "state": "absent"}, Hdp(lagging), "conflict"),
            "connector": Case("hdp_connector", {"label": "warehouse", "new_label": "x"}, Hdp(lagging), "conflict"),
            "groups": Case("hdp_connector_info", owned, Hdp(lagging), "conflict"),
            "accessible": Case("hdp_connector_info", {**owned, "accessible": True}, Hdp(lagging), "conflict"),
            "of another user": Case(
                "hdp_connector_info", {**owned, "accessible": True}, Hdp({**lagging, "GET ": foreign}), None
            ),
        },
    )
    assert results["of another user"][0]["connectors"] == [{"connector_id": "one", "connector_group": None}]


def test_a_deletion_never_selects_the_new_label(attack: Attack, serve: Serve) -> None:
    """The new label is for a change, so the group with this label is not the group to delete."""
    relabelled = {"state": "absent", "new_label": "both"}
    second = {**GROUP, "connectorID": "old", "label": "before"}
    check(
        attack,
        serve,
        {
            "only the new label": Case("hdp_connector_group", {"label": "before", **relabelled}, Hdp(), None),
            "both labels": Case(
                "hdp_connector_group", {"label": "before", **relabelled}, Hdp(None, ONE, GROUP, second), None, True,
                ["DELETE /old"],
            ),
        },
    )  # fmt: skip


def test_a_lost_creation_is_looked_up_and_never_repeated(attack: Attack, serve: Serve) -> None:
    """The server may have executed the request, so a second request could create a second group."""
    members = [{"memberID": "two", "sequence": 1, "weight": 1}]
    group = {"connectionTimeout": 15, "retryDelay": 120, "members": members}
    made = {"connectorID": "made", "owner": "o", "label": "new", "authUser": [], "connectorGroup": group}
    other = {**made, "connectorGroup": {**group, "retryDelay": 1}}
    lists = [reply(200, {"connectorIds": [ONE, TWO]}), reply(200, {"connectorIds": [ONE, TWO]})]
    later = [*lists, reply(200, {"connectorIds": [ONE, TWO, made]})]

    def case(sent: Any, reason: str | None, created: Any = None, shown: Any = made) -> Case:
        respond = Hdp({"POST ": sent, "GET ": later if created else lists, "GET /made": reply(200, shown)})
        return Case("hdp_connector_group", CREATE, respond, reason, reason is None, ["POST "])

    results = check(
        attack,
        serve,
        {
            "lost": case(None, "outcome_unknown"),
            "a bad gateway": case(reply(502, "<html>"), "outcome_unknown"),
            "lost, and made": case(None, None, made),
            "a bad gateway, and made": case(reply(502, "<html>"), None, made),
            "no body, and made": case(reply(200), None, made),
            "another group of the label": case(None, "outcome_unknown", other, other),
        },
    )
    assert results["lost, and made"][0]["group"]["connector_id"] == "made"


@pytest.mark.parametrize("listed", [["one", "group"], [ONE, {**GROUP, "label": 7}], [{**ONE, "label": None}, GROUP]])
def test_no_group_is_created_from_a_list_without_labels(attack: Attack, serve: Serve, listed: list[Any]) -> None:
    """If the list omits labels, a group with the label may exist, and each run would create another group."""
    by_label: dict[str, tuple[str, dict[str, Any]]] = {
        "present": ("hdp_connector_group", CREATE),
        "absent": ("hdp_connector_group", {"label": "both", "state": "absent"}),
        "a member": ("hdp_connector_group", {"connector_id": "group", "members": [{"label": "warehouse"}]}),
        "a connector": ("hdp_connector", {"label": "warehouse", "authorized_users": []}),
    }
    cases = {}
    for name, (module, options) in by_label.items():
        for mode in (True, False):
            respond = Hdp({"GET ": reply(200, {"connectorIds": listed})})
            cases[f"{name}, {mode}"] = Case(module, options, respond, is_check_mode=mode)
    check(attack, serve, cases)


def test_labels_are_required_only_if_a_label_selects_an_object(attack: Attack, serve: Serve) -> None:
    members = {"connector_id": "group", "members": [{"connector_id": "one", "weight": 3}]}
    respond = Hdp({"GET ": reply(200, {"connectorIds": ["one", "group"]})})
    check(attack, serve, {"ids": Case("hdp_connector_group", members, respond, None, True, ["PUT /group"])})


def test_a_lookup_without_labels_does_not_prove_that_no_group_was_created(
    attack: Attack, serve: Serve, messages: MessageTable
) -> None:
    lists = [reply(200, {"connectorIds": [ONE, TWO]}), reply(200, {"connectorIds": ["one", "two", "made"]})]
    sent = {"POST ": reply(400, NO), "GET ": lists}
    ((result, server),) = check(
        attack, serve, {"rejected": Case("hdp_connector_group", CREATE, Hdp(sent), "refused", writes=["POST "])}
    ).values()
    messages.check("hdp.group_not_looked_up", result.msg, url=server.url)


def creations(sent: Mapping[str, tuple[Sent, str, bool]], lists: list[bytes]) -> dict[str, Case]:
    """Return the creations of a group. Each has a response to the POST, the reason of the failure, and whether the task
    reports a change. The server returns the same lists for each creation.
    """
    return {
        name: Case("hdp_connector_group", CREATE, Hdp({"POST ": first, "GET ": lists}), reason, changed, ["POST "])
        for name, (first, reason, changed) in sent.items()
    }


def test_two_new_groups_with_the_label_are_named(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    """A proxy repeats the creation, or two runs create the group at the same time."""
    made = [{**GROUP, "connectorID": identifier, "label": "new"} for identifier in ("first", "second")]
    lists = [reply(200, {"connectorIds": [ONE, TWO]}), reply(200, {"connectorIds": [ONE, TWO, *made]})]
    sent: dict[str, tuple[Sent, str, bool]] = {
        "no body": (reply(200), "ambiguous", True),
        "an error with 200": (reply(200, NO), "ambiguous", True),
        "rejected": (reply(400, NO), "refused", True),
        "lost": (None, "outcome_unknown", False),
    }
    results = check(attack, serve, creations(sent, lists))
    rows = {
        "no body": "hdp.two_new_groups",
        "an error with 200": "hdp.two_new_groups",
        "rejected": "hdp.two_new_groups_rejected",
        "lost": "hdp.two_new_groups_lost",
    }
    for name, row in rows.items():
        result, server = results[name]
        messages.check(row, result.msg, url=server.url)


def test_a_new_group_only_in_the_list_is_named(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    """The list contains the new group, but a node that lags behind the other nodes returns 404 for it."""
    made = {**GROUP, "connectorID": "made", "label": "new"}
    lists = [reply(200, {"connectorIds": [ONE, TWO]}), reply(200, {"connectorIds": [ONE, TWO, made]})]
    sent: dict[str, tuple[Sent, str, bool]] = {
        "no body": (reply(200), "invalid_response", True),
        "an error with 200": (reply(200, NO), "invalid_response", True),
        "a redirect": (reply(307, "", "Location: /elsewhere"), "wrong_address", True),
        "rejected": (reply(400, NO), "refused", True),
        "lost": (None, "outcome_unknown", False),
    }
    results = check(attack, serve, creations(sent, lists))
    for name in ("no body", "an error with 200"):
        result, server = results[name]
        messages.check("hdp.unreadable_new_group", result.msg, url=server.url)


def test_a_failed_lookup_does_not_replace_the_first_error(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    """The error of the creation shows that the group may exist. The error of the lookup does not."""
    listed = reply(200, {"connectorIds": [ONE, TWO]})
    broken = reply(503, {"message": "The lookup failed."})
    sent: dict[str, tuple[Sent, str]] = {
        "lost": (None, "outcome_unknown"),
        "a bad gateway": (reply(502, "<html>"), "outcome_unknown"),
        "rejected": (reply(400, NO), "refused"),
        "a conflict": (reply(409, NO), "conflict"),
        "HTML": (reply(200, "<html>"), "outcome_unknown"),
        "no body": (reply(201), "outcome_unknown"),
        "an error with 200": (reply(200, NO), "refused"),
    }
    cases = {
        name: Case(
            "hdp_connector_group", CREATE, Hdp({"POST ": first, "GET ": [listed, broken]}), reason, writes=["POST "]
        )
        for name, (first, reason) in sent.items()
    }
    results = check(attack, serve, cases)
    messages.check_in("response.without_effect", results["an error with 200"][0].msg, change="creating the group 'new'")
    for name, (result, server) in results.items():
        assert "The lookup failed" in result.msg, name
        assert result.failure["method"] == "POST", name
        assert len(server.seen("GET")) == 2, name


def test_a_lookup_that_cannot_read_the_group_is_reported(attack: Attack, serve: Serve) -> None:
    made = {"connectorID": "made", "owner": "o", "label": "new", "authUser": []}
    lists = [reply(200, {"connectorIds": [ONE, TWO]}), reply(200, {"connectorIds": [ONE, TWO, made]})]
    denied = {"POST ": None, "GET ": lists, "GET /made": reply(403, NO)}
    check(
        attack,
        serve,
        {"denied": Case("hdp_connector_group", CREATE, Hdp(denied), "outcome_unknown", writes=["POST "])},
    )


def test_a_new_group_has_the_desired_properties(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    """The server could create the group without those members that belong to another group."""
    members = [{"memberID": "one", "sequence": 1, "weight": 1}, {"memberID": "two", "sequence": 2, "weight": 1}]
    create = {"label": "new", "members": [{"connector_id": "one"}, {"connector_id": "two"}]}

    def case(reason: str | None, **group: Any) -> Case:
        shown = {"connectionTimeout": 15, "retryDelay": 120, "members": members, **group}
        made = {"connectorID": "made", "owner": "o", "label": "new", "connectorGroup": shown}
        return Case("hdp_connector_group", create, Hdp({"POST ": reply(201, made)}, ONE, TWO), reason, True, ["POST "])

    results = check(
        attack,
        serve,
        {
            "the same": case(None),
            "numbers in strings": case(None, connectionTimeout="15"),
            "another order": case(None, members=members[::-1]),
            "omitted defaults": case(None, connectionTimeout=None, retryDelay=None),
            "an unknown property": case(None, unknown=True),
            "one member less": case("invalid_response", members=members[:1]),
            "another member": case("invalid_response", members=[members[0], {**members[1], "memberID": "x"}]),
            "another timeout": case("invalid_response", connectionTimeout=1),
            "load balancing": case("invalid_response", loadBalancing="Round Robin"),
        },
    )
    messages.check_in("hdp.incomplete_group", results["one member less"][0].msg, identifier="made")


class Partly(Hdp):
    """A service that makes only a part of each change, and whose responses do not show the objects."""

    def __init__(self, sent: Sent, **lost: Any) -> None:
        super().__init__(None, ONE, TWO)
        self._sent, self._lost = sent, lost

    def documented(self, request: Request) -> bytes:
        """Return the documented response, or ``sent`` after a change."""
        documented = super().documented(request)
        if request.method == "GET":
            return documented
        for identifier in self.objects.keys() - {"two"}:
            self.objects[identifier].update(self._lost)
        assert isinstance(self._sent, bytes)
        return self._sent


@pytest.mark.parametrize("sent", [reply(200), reply(200, {"success": True}), reply(200, HTML), reply(202, {})], ids=str)
def test_a_change_made_in_part_is_a_change(attack: Attack, serve: Serve, sent: bytes, messages: MessageTable) -> None:
    members = {"members": [{"memberID": "one", "sequence": 1, "weight": 1}]}
    create = {"label": "new", "members": [{"connector_id": "one"}, {"connector_id": "two"}]}
    users = {"connector_id": "one", "new_label": "new", "authorized_users": ["Ann", "Bob"]}
    cases = {"group": Case("hdp_connector_group", create, Partly(sent, connectorGroup=members), None)}
    if sent != reply(200, {"success": True}):
        cases["definition"] = Case("hdp_connector", users, Partly(sent, authUser=["Ann"]))
    results = play(attack, serve, cases)
    for result, server in results.values():
        assert result.failed
        assert result.changed, result.msg
        assert messages.expected("response.without_effect", change="") not in result.msg
        assert len([*server.seen("POST"), *server.seen("PUT")]) == 1
    messages.check_in("hdp.incomplete_group", results["group"][0].msg, identifier="made")


def test_a_group_without_optional_properties_is_read_and_changed(attack: Attack, serve: Serve) -> None:
    """The vendor documents defaults for the timeouts, and that a PUT request requires both."""
    members = [{"memberID": "one", "sequence": 1}]
    group: dict[str, Any] = {**GROUP, "connectorGroup": {"members": members, "retryDelay": None}}
    changed, unproven = Hdp(None, ONE, group), Hdp({"PUT /group": reply(200)}, ONE, group)
    relabel = {"connector_id": "group", "new_label": "new"}
    unproven.instead["GET /group"] = [reply(200, group), reply(200, {**group, "label": "new"})]
    results = check(
        attack,
        serve,
        {
            "info": Case("hdp_connector_info", {"scope": "user", "groups": True}, Hdp(None, ONE, group), None),
            "the same": Case(
                "hdp_connector_group", {"connector_id": "group", "authorized_users": []}, Hdp(None, ONE, group), None
            ),
            "a change": Case("hdp_connector_group", relabel, changed, None, True, ["PUT /group"]),
            "a change without proof": Case("hdp_connector_group", relabel, unproven, None, True, ["PUT /group"]),
        },
    )
    shown = {
        "connection_timeout": None,
        "retry_delay": None,
        "load_balancing": None,
        "members": [{"member_id": "one", "sequence": 1, "weight": 1}],
    }
    listed = results["info"][0]["connectors"]
    assert [item["connector_group"] for item in listed if item["connector_id"] == "group"] == [shown]
    assert results["the same"][0]["group"]["connector_group"] == shown
    assert results["a change"][0]["group"]["connector_group"] == {
        **shown, "connection_timeout": 15, "retry_delay": 120,
    }  # fmt: skip
    sent = changed.bodies[0]["connectorGroup"]
    assert (sent["connectionTimeout"], sent["retryDelay"]) == (15, 120)


def test_an_omitted_default_is_not_a_difference(attack: Attack, serve: Serve) -> None:
    """A server that omits the documented defaults also omits them after a change."""
    bare: dict[str, Any] = {**GROUP, "connectorGroup": {"members": GROUP["connectorGroup"]["members"]}}
    stored: dict[str, Any] = {**GROUP, "connectorGroup": {**bare["connectorGroup"], **DEFAULTS}}

    def case(before: dict[str, Any], *after: dict[str, Any], **options: Any) -> Case:
        read = [reply(200, shown) for shown in (before, *after)]
        respond = Hdp({"PUT /group": reply(200), "GET /group": read}, ONE, TWO, before)
        writes = ["PUT /group"] if after else []
        return Case("hdp_connector_group", {"connector_id": "group", **options}, respond, None, bool(after), writes)

    results = check(
        attack,
        serve,
        {
            "timeout": case(bare, connection_timeout=15),
            "both": case(bare, connection_timeout=15, retry_delay=120),
            "a different value": case(bare, {**bare, "connectorGroup": {**bare["connectorGroup"], "retryDelay": 5}},
                                      connection_timeout=15, retry_delay=5),
            "set to the default": case(
                {**bare, "connectorGroup": {**bare["connectorGroup"], "retryDelay": 5}}, bare, retry_delay=120
            ),
            "omitted after a change": case(stored, {**bare, "label": "new"}, new_label="new"),
        },
    )  # fmt: skip
    result, _server = results["both"]
    assert result["group"]["connector_group"]["connection_timeout"] is None
    assert result["diff"]["before"] == result["diff"]["after"]


@pytest.mark.parametrize("sent", [reply(200), reply(200, {}), reply(200, NO)], ids=str)
def test_a_change_next_to_omitted_defaults_is_compared(
    attack: Attack, serve: Serve, sent: bytes, messages: MessageTable
) -> None:
    """The stored group and the desired group are equal apart from the omitted defaults."""
    bare: dict[str, Any] = {**GROUP, "connectorGroup": {"members": GROUP["connectorGroup"]["members"]}}
    changed: dict[str, Any] = {**bare, "connectorGroup": {**bare["connectorGroup"], "retryDelay": 5}}
    reason = "refused" if sent == reply(200, NO) else "invalid_response"

    def case(after: dict[str, Any], reason: str | None) -> Case:
        read = [reply(200, bare), reply(200, after)]
        respond = Hdp({"PUT /group": sent, "GET /group": read}, ONE, TWO, bare)
        options = {"connector_id": "group", "retry_delay": 5}
        return Case("hdp_connector_group", options, respond, reason, reason is None, ["PUT /group"])

    stored = {**changed, "connectorGroup": {**DEFAULTS, **changed["connectorGroup"]}}
    same = {**bare, "connectorGroup": {**DEFAULTS, **bare["connectorGroup"]}}
    results = check(
        attack,
        serve,
        {
            "omitted, made": case(changed, None),
            "stored, made": case(stored, None),
            "omitted, not made": case(bare, reason),
            "only the defaults": case(same, reason),
        },
    )
    change = "storing the new definition of the connector 'group'"
    if reason == "invalid_response":
        messages.check_in("response.without_effect", results["only the defaults"][0].msg, change=change)


@pytest.mark.parametrize("listed", [["two"], ["TWO", 7, None, {}], [{"memberID": "two"}], [{"memberID": ["two"]}]])
def test_members_in_the_list_can_have_any_type(attack: Attack, serve: Serve, listed: Any) -> None:
    group = {**GROUP, "connectorGroup": {"members": listed}}
    respond = Hdp({"GET ": reply(200, {"connectorIds": [ONE, TWO, group]})})
    is_member = listed in (["two"], [{"memberID": "two"}])
    writes = [] if is_member else ["POST "]
    reason = "conflict" if is_member else None
    check(attack, serve, {"create": Case("hdp_connector_group", CREATE, respond, reason, not is_member, writes)})


def test_only_a_status_proves_the_health(attack: Attack, serve: Serve) -> None:
    """A page of a proxy or of a different application is neither a healthy nor an unhealthy status."""

    def served(sent: bytes, reason: str = "invalid_response") -> Case:
        return Case("hdp_server_info", {"nodes": False, "retry_budget": 0}, lambda request: sent, reason)

    check(
        attack,
        serve,
        {
            "HTML": served(reply(200, "<html>active</html>")),
            "a list": served(reply(200, ["active"])),
            "nothing": served(reply(200)),
            "a number": served(reply(200, {"status": 1})),
            "binary": served(reply(200, b"\xff\xfe\x00")),
            "created": served(reply(201, {"status": "active"})),
            "an error": served(reply(500, NO), "unavailable"),
        },
    )
