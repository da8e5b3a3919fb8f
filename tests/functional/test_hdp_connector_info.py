# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module hdp_connector_info."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.simulator import CREDENTIALS, Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

MINE, OTHERS = "55b55556-22d1-4f6a-888f-444a2df565e0", "7e7afa77-5555-44c3-b0ff-6bbe888edf8a"
BRIEF = {"connector_id", "label", "version", "owner", "tenant_name"}
DETAILS = {
    "is_group",
    "created_time",
    "last_modified",
    "last_accessed",
    "ip_address",
    "java_version",
    "java_vendor",
    "os_name",
    "os_version",
}


def labels(result: Result) -> list[str]:
    assert not result.failed, result.msg
    assert not result.changed
    return [connector["label"] for connector in result["connectors"]]


def queries(simulator: Simulator) -> list[str]:
    """Return the raw queries of the requests."""
    return [entry["query"] for entry in simulator.journal("hdp")]


def as_user(module: RunModule, **options: Any) -> Result:
    return module("hdp_connector_info", scope="user", **{**CREDENTIALS["hdp_user"], **options})


def test_an_administrator_lists_all_connectors_sorted_by_label(module: RunModule, simulator: Simulator) -> None:
    result = module("hdp_connector_info")
    assert labels(result) == ["MyConnector", "MySampleConnector", "hdp_connector"]
    assert result["connectors"][0] == {
        "connector_id": MINE,
        "label": "MyConnector",
        "version": "4.6.1.758",
        "owner": "admin123",
        "tenant_name": "OrgB",
    }
    assert [entry["path"] for entry in simulator.journal("hdp")] == ["/api/admin/connectors"]
    assert queries(simulator) == [""]


def test_check_mode_lists_as_well(module: RunModule) -> None:
    assert module("hdp_connector_info", check=True).values == module("hdp_connector_info").values


def test_connectors_of_one_label_are_sorted_by_id(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(
        system="hdp", body={"connectors": [{"connectorID": "b", "label": "x"}, {"connectorID": "a", "label": "x"}]}
    )
    assert [item["connector_id"] for item in module("hdp_connector_info")["connectors"]] == ["a", "b"]


def test_no_connectors_are_an_empty_list(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"hdp": {"connectors": []}})
    assert labels(module("hdp_connector_info")) == []
    assert labels(as_user(module)) == []


@pytest.mark.parametrize("as_text", [True, False], ids=["booleans as text", "booleans"])
def test_details_have_fourteen_fields_and_a_real_boolean(
    module: RunModule, simulator: Simulator, as_text: bool
) -> None:
    simulator.settings(hdp={"group_as_text": as_text})
    connectors = module("hdp_connector_info", details=True)["connectors"]
    assert all(set(connector) == BRIEF | DETAILS for connector in connectors)
    assert [connector["is_group"] for connector in connectors] == [False, True, False]
    assert connectors[0]["last_accessed"] == "2026-10-01T08:10:44.000Z"
    assert queries(simulator) == ["details=true"]


def test_parameters_are_separated_by_a_semicolon_and_values_encoded(module: RunModule, simulator: Simulator) -> None:
    filters = {"tenant_name": "A&B; C=D/E+F%", "label": "zürich?"}
    assert labels(module("hdp_connector_info", details=True, filters=filters)) == []
    assert queries(simulator) == [
        "details=true;tenantName=A%26B%3B%20C%3DD%2FE%2BF%25;label=z%C3%BCrich%3F",
    ]
    assert simulator.journal("hdp")[0]["params"]["tenantName"] == ["A&B; C=D/E+F%"]


@pytest.mark.parametrize("key", ["tenant_name", "tenantName", "TenantName", "tenantname"])
def test_a_filter_is_accepted_in_every_spelling(module: RunModule, simulator: Simulator, key: str) -> None:
    assert labels(module("hdp_connector_info", filters={key: "OrgD"})) == ["hdp_connector"]
    assert queries(simulator) == ["tenantName=OrgD"]


def test_several_filters_have_to_fit_all(module: RunModule) -> None:
    assert labels(module("hdp_connector_info", filters={"version": "4.6.1.758", "owner": "xyzadmin"})) == [
        "hdp_connector"
    ]
    assert labels(module("hdp_connector_info", filters={"version": "4.6.1.815", "owner": "xyzadmin"})) == []


def test_empty_filters_are_ignored(module: RunModule, simulator: Simulator) -> None:
    assert len(labels(module("hdp_connector_info", filters={}))) == 3
    assert queries(simulator) == [""]


@pytest.mark.parametrize("value", [True, "true", "True"])
def test_is_group_is_filtered_as_boolean_with_details(module: RunModule, simulator: Simulator, value: Any) -> None:
    result = module("hdp_connector_info", filters={"is_group": value})
    assert labels(result) == ["MySampleConnector"]
    assert set(result["connectors"][0]) == BRIEF | DETAILS
    assert queries(simulator) == ["details=true"], "It is not documented which connectors the server treats as groups."


@pytest.mark.undocumented("the server contradicts itself")
@pytest.mark.parametrize("reported", [{"isGroup": "false"}, {"isGroup": True}, {"isGroup": None}, {}])
def test_a_connector_with_group_properties_is_a_group(
    module: RunModule, simulator: Simulator, reported: dict[str, Any]
) -> None:
    group = {"connectorID": "a", "connectorGroup": {"members": [{"memberID": "b"}]}, **reported}
    single = {"connectorID": "b", "isGroup": "false", "connectorGroup": None}
    simulator.fault(system="hdp", body={"connectors": [group, single]}, times=None)
    found = module("hdp_connector_info", details=True)["connectors"]
    assert {item["connector_id"]: item["is_group"] for item in found} == {"a": True, "b": False}
    for value, expected in ((True, ["a"]), (False, ["b"])):
        found = module("hdp_connector_info", filters={"is_group": value})["connectors"]
        assert [item["connector_id"] for item in found] == expected


@pytest.mark.parametrize("name", sorted(DETAILS - {"is_group"}))
def test_a_filter_on_a_detail_requests_the_details(module: RunModule, simulator: Simulator, name: str) -> None:
    desired = module("hdp_connector_info", details=True)["connectors"][0]
    simulator.forget()
    assert desired["label"] in labels(module("hdp_connector_info", filters={name: desired[name]}))
    assert queries(simulator)[0].startswith("details=true;")


def test_an_unknown_filter_is_refused_with_the_valid_ones(module: RunModule, simulator: Simulator) -> None:
    result = module("hdp_connector_info", filters={"status": "up"})
    assert "'status'" in result.msg
    assert all(name in result.msg for name in BRIEF | DETAILS)
    assert simulator.journal() == []


def test_a_server_without_multiple_values_returns_no_others(module: RunModule, simulator: Simulator) -> None:
    everything = simulator.state()["hdp"]["connectors"]
    simulator.fault(system="hdp", body={"connectors": everything}, times=None)
    assert labels(module("hdp_connector_info", details=True, filters={"tenant_name": "orgb"})) == ["MyConnector"]
    assert labels(module("hdp_connector_info", filters={"is_group": True})) == ["MySampleConnector"]


def test_a_filter_on_an_omitted_field_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="hdp", body={"connectors": [{"connectorID": "a", "label": "x"}]})
    result = module("hdp_connector_info", filters={"ip_address": "192.0.2.21"})
    assert result.failed
    assert "'ip_address'" in result.msg


def test_a_user_lists_the_ids_of_owned_connectors(module: RunModule, simulator: Simulator) -> None:
    result = as_user(module)
    assert result["connectors"] == [{"connector_id": MINE}]
    assert [entry["path"] for entry in simulator.journal("hdp")] == ["/api/mgmt/connectors"]
    assert queries(simulator) == [""]


def test_a_user_lists_shared_connectors_too(module: RunModule, simulator: Simulator) -> None:
    assert [item["connector_id"] for item in as_user(module, accessible=True)["connectors"]] == [MINE, OTHERS]
    assert queries(simulator) == ["accessible=true"]


@pytest.mark.parametrize("list_key", ["connectorIds", "connectorIDs"])
@pytest.mark.parametrize("id_key", ["connectorId", "connectorID"])
def test_details_of_a_user_are_read_in_every_spelling(
    module: RunModule, simulator: Simulator, list_key: str, id_key: str
) -> None:
    simulator.settings(hdp={"user_list_key": list_key, "user_id_key": id_key})
    assert as_user(module, accessible=True, details=True)["connectors"] == [
        {"connector_id": MINE, "owner": "ddctest01", "label": "DevTest1", "auth_user": ["Joe", "Fred", "Tom"]},
        {"connector_id": OTHERS, "owner": "ddctest02", "label": "DevTest1", "auth_user": []},
    ]
    assert queries(simulator) == ["details=true&accessible=true"]


@pytest.mark.parametrize("scope", ["admin", "user"])
@pytest.mark.parametrize("list_key", ["connectors", "Connectors", "connectorIDs", "CONNECTORIDS", "connector_ids"])
def test_lists_and_ids_are_read_in_every_spelling(
    module: RunModule, simulator: Simulator, scope: str, list_key: str
) -> None:
    items = ["a", {"connectorID": "b"}, {"connectorId": "c"}, {"CONNECTORid": "d"}, {"connector_id": "e"}]
    simulator.fault(system="hdp", body={list_key: items})
    found = module("hdp_connector_info", scope=scope)["connectors"]
    documented = dict.fromkeys(BRIEF) if scope == "admin" else {}
    assert found == [{**documented, "connector_id": identifier} for identifier in "abcde"]


def test_documented_fields_that_the_server_leaves_out_are_null(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="hdp", body={"connectors": ["a"]}, times=None)
    (item,) = module("hdp_connector_info", details=True)["connectors"]
    assert item == {**dict.fromkeys(BRIEF | DETAILS), "connector_id": "a"}
    (item,) = module("hdp_connector_info", scope="user", details=True)["connectors"]
    assert item == {"connector_id": "a", "owner": None, "label": None, "auth_user": None}


def test_known_fields_are_normalized_and_unknown_ones_are_kept(module: RunModule, simulator: Simulator) -> None:
    group = {"connectionTimeout": 15, "members": [{"memberID": "m", "sequence": 1}]}
    item = {"ConnectorID": "a", "TENANTNAME": "T", "ipaddress": "192.0.2.1", "connectorGroup": group, "someNewField": 1}
    simulator.fault(system="hdp", body={"connectors": [item]})
    assert module("hdp_connector_info")["connectors"] == [
        {
            **dict.fromkeys(BRIEF),
            "connector_id": "a",
            "tenant_name": "T",
            "ip_address": "192.0.2.1",
            "is_group": True,
            "connector_group": {"connection_timeout": 15, "members": [{"member_id": "m", "sequence": 1}]},
            "some_new_field": 1,
        }
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        ["a"],
        {"success": True},
        {"connectors": [], "error": {"code": 222208103}},
        {"connectors": [], "success": False},
        {"connectors": [], "connectorIDs": ["a"]},
        {"connectors": [{"connectorID": "a", "connectorId": "b"}]},
        {"connectors": None},
        {"connectors": {"a": 1}},
        {"connectors": [None]},
        {"connectors": [7]},
        {"connectors": [""]},
        {"connectors": [{"label": "no id"}]},
        {"connectors": [{"connectorID": None}]},
        {"connectors": [["a"]]},
    ],
)
@pytest.mark.parametrize("scope", ["admin", "user"])
def test_a_malformed_list_is_a_failure(module: RunModule, simulator: Simulator, scope: str, body: Any) -> None:
    simulator.fault(system="hdp", body=body)
    result = module("hdp_connector_info", scope=scope)
    assert result.failure["reason"] == "invalid_response"
    assert "connectors" not in result


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"scope": "user", "filters": {"label": "x"}}, "'filters'"),
        ({"accessible": True}, "'accessible'"),
        ({"scope": "admin", "accessible": True}, "'accessible'"),
    ],
)
def test_options_of_the_other_scope_are_refused(
    module: RunModule, simulator: Simulator, options: dict[str, Any], named: str
) -> None:
    result = module("hdp_connector_info", **options)
    assert result.failed
    assert named in result.msg
    assert "scope" in result.msg
    assert simulator.journal() == []


def test_an_empty_id_is_refused(module: RunModule, simulator: Simulator) -> None:
    assert module("hdp_connector_info", connector_id="").failure["reason"] == "invalid_option"
    assert simulator.journal() == []


@pytest.mark.parametrize("text_codes", [False, True], ids=["numbers", "strings"])
def test_a_missing_permission_is_a_failure_with_the_code(
    module: RunModule, simulator: Simulator, text_codes: bool
) -> None:
    simulator.settings(hdp={"text_codes": text_codes})
    result = module("hdp_connector_info", **CREDENTIALS["hdp_user"])
    assert result.failed
    assert result.failure["status"] == 403
    assert result.failure["code"] == "222208103"
    assert result.failure["reason"] == "forbidden"
    assert "permissions" in result.failure["message"]
    assert "connectors" not in result
    assert len(simulator.journal()) == 1


def test_a_wrong_password_is_sent_once(module: RunModule, simulator: Simulator, messages: MessageTable) -> None:
    for _ in range(2):
        result = module("hdp_connector_info", password="wrong-canary")
        assert result.failure["status"] == 401
        assert result.failure["code"] == "222206007"
        assert result.failure["reason"] == "unauthorized"
        messages.check_in("request.unauthorized", result.msg)
    assert [entry["status"] for entry in simulator.journal("hdp")] == [401, 401]
    assert len(labels(module("hdp_connector_info"))) == 3


def test_credentials_are_sent_with_the_first_request(module: RunModule, simulator: Simulator) -> None:
    module("hdp_connector_info")
    assert [entry["headers"]["authorization"] for entry in simulator.journal("hdp")] == ["Basic"]


def test_user_name_and_password_are_sent_in_utf_8(module: RunModule, simulator: Simulator) -> None:
    login = {"username": "jörg|LDAP1", "password": "pä:ß wörd€"}
    simulator.reset({"credentials": {"hdp": [{**login, "administrator": True, "owner": "x"}]}})
    assert len(labels(module("hdp_connector_info", **login))) == 3


def test_one_connector_is_selected_by_its_id(module: RunModule) -> None:
    assert labels(module("hdp_connector_info", connector_id=MINE)) == ["MyConnector"]
    assert labels(as_user(module, details=True, connector_id=MINE)) == ["DevTest1"]
    assert labels(module("hdp_connector_info", connector_id="nothing")) == []
    assert labels(module("hdp_connector_info", connector_id=MINE.upper())) == []


def test_groups_are_read_by_their_owner(module: RunModule, simulator: Simulator) -> None:
    result = module("hdp_connector_info", scope="user", details=True, groups=True, **CREDENTIALS["hdp_owner"]).ok()
    groups = {item["label"]: item["connector_group"] for item in result["connectors"]}
    assert set(groups) == {"finance-mssql", "sales-oracle", "sales-oracle-1", "sales-oracle-2"}
    assert [item["weight"] for item in groups.pop("sales-oracle")["members"]] == [60, 40]
    assert set(groups.values()) == {None}
    assert len(simulator.journal("hdp")) == 5


def test_a_shared_connector_has_no_readable_group(module: RunModule) -> None:
    result = as_user(module, details=True, accessible=True, groups=True).ok()
    assert {item["owner"]: item["connector_group"] for item in result["connectors"]} == {
        "ddctest01": None,
        "ddctest02": None,
    }


def test_an_administrator_cannot_read_groups(module: RunModule, simulator: Simulator) -> None:
    result = module("hdp_connector_info", groups=True)
    assert result.failure["reason"] == "invalid_option"
    assert "'scope: user'" in result.msg
    assert simulator.journal("hdp") == []
