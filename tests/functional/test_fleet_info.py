# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the module fleet_info: several systems in one task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import RunModule
from support.playbooks import RunPlaybook
from support.simulator import Simulator

MODULE = "fleet_info"
ALL: dict[str, Any] = {"apono": {}, "hdp": {}, "voss": {"hierarchy": "sys.hcs.CS-P"}, "webex": {"clusters": True}}


def test_all_systems_are_read(module: RunModule, simulator: Simulator) -> None:
    result = module(MODULE, **ALL).ok()
    assert not result.changed
    assert {name: state["count"] for name, state in result["systems"].items()} == {
        "apono": 4,
        "hdp": 3,
        "voss": 2,
        "webex": 5,
    }
    assert len(result["connectors"]) == 14
    assert [record["name"] for record in result["connectors"]] == sorted(
        record["name"] for record in result["connectors"]
    )
    types = {record["type"] for record in result["connectors"] if record["system"] == "webex"}
    assert {"call", "calendar"} <= types
    assert {expiry["token"] for expiry in result["expiries"]} == {"access", "refresh"}
    assert simulator.writes() == []


def test_lists_are_returned_as_json(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="hdp", path="connectors", times=None, status=403)
    lists = module(MODULE, **ALL).ok()
    result = module(MODULE, **ALL, as_json=True).ok()
    assert "connectors" not in result.values
    document = json.loads(result["json"])
    assert document["systems"] == result["systems"] == lists["systems"]
    assert document["connectors"] == lists["connectors"]
    assert document["alarms"] == lists["alarms"]
    assert len(document["expiries"]) == len(lists["expiries"]) > 0


def test_system_that_cannot_be_read_is_reported(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", path="connectors", times=None, status=403, body={"message": "Missing scope."})
    options = {**ALL, "hdp": {"password": "wrong"}}
    result = module(MODULE, **options).ok()
    states = result["systems"]
    assert {name: state["reason"] for name, state in states.items()} == {
        "apono": None,
        "hdp": "unauthorized",
        "voss": None,
        "webex": "forbidden",
    }
    assert "401" in states["hdp"]["error"]
    assert states["hdp"]["count"] == 0
    assert {record["system"] for record in result["connectors"]} == {"apono", "voss"}


def test_strict_fails_with_the_other_systems(module: RunModule) -> None:
    result = module(MODULE, strict=True, apono={}, hdp={"password": "wrong"})
    assert result.failed
    assert result.failure["reason"] == "unauthorized"
    assert result.failure["system"] == "hdp"
    assert result["systems"]["apono"]["count"] == len(result["connectors"]) == 4


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"apono": {}, "voss": {}}, "hierarchy, pkid found in voss"),
        ({"apono": {}, "webex": {"id": "a", "org_id": "b"}}, "org_id"),
        ({"apono": {}, "hdp": {"filters": {"colour": "blue"}}}, "colour"),
        ({"apono": {}, "webex": {"access_token": "two words"}}, "access_token"),
        ({"apono": {"limit": 0}}, "limit"),
        ({"apono": {}, "deadline": 0}, "deadline"),
        ({"apono": {}, "stale_after_hours": -1}, "stale_after_hours"),
        ({"strict": True}, "one of the following is required"),
    ],
)
def test_wrong_option_fails_before_any_request(
    module: RunModule, simulator: Simulator, options: dict[str, Any], word: str
) -> None:
    result = module(MODULE, **options)
    assert result.failed
    assert word in result.msg
    assert result.failure["reason"] == "invalid_option"
    assert simulator.journal() == []


def test_unknown_node_is_a_failure(module: RunModule) -> None:
    result = module(MODULE, apono={}, voss={"hierarchy": "sys.nowhere"})
    assert result.failed
    assert "sys.nowhere" in result.msg


def test_slow_system_does_not_delay_others(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", times=None, delay=60)
    result = module(MODULE, apono={}, webex={}, deadline=10).ok()
    assert result["systems"]["webex"]["reason"] == "timeout"
    assert result["systems"]["apono"]["read"]


def test_a_system_without_a_value_is_not_read(playbook: RunPlaybook) -> None:
    text = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.apono: "{{ systems.apono }}"
    group/hybrid.connectors.webex: "{{ systems.webex }}"
  tasks:
    - name: fleet
      hybrid.connectors.fleet_info:
        apono: {}
        webex:
        hdp: "{{ nothing | default(omit) }}"
    - name: process
      hybrid.connectors.fleet_info:
        apono: {}
        webex:
      environment:
        SOME: value
"""
    played = playbook(text)
    assert played.status == 0, played.output
    for task in ("fleet", "process"):
        assert {name: state["count"] for name, state in played[task]["systems"].items()} == {"apono": 4}


def test_module_defaults_do_not_filter_by_health(playbook: RunPlaybook) -> None:
    text = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.apono: "{{ systems.apono }}"
    group/hybrid.connectors.webex: "{{ systems.webex }}"
    hybrid.connectors.apono_connector_info:
      status: [DISCONNECTED]
      name: prod-us-east-1
    hybrid.connectors.webex_hybrid_connector_info:
      status: [outage]
      alarm_severity: [critical]
  tasks:
    - name: fleet
      hybrid.connectors.fleet_info:
        apono: {}
        webex: {}
    - name: filtered
      hybrid.connectors.fleet_info:
        webex:
          status: [outage]
"""
    played = playbook(text)
    assert played.status == 0, played.output
    assert {name: state["count"] for name, state in played["fleet"]["systems"].items()} == {"apono": 1, "webex": 5}
    assert {record["health"] for record in played["filtered"]["connectors"]} == {"down"}


def test_module_defaults_of_the_systems_apply(playbook: RunPlaybook) -> None:
    text = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.all:
      timeout: 20
    group/hybrid.connectors.apono: "{{ systems.apono }}"
    group/hybrid.connectors.hdp: "{{ systems.hdp | combine({'password': 'wrong'}) }}"
    hybrid.connectors.hdp_connector_info:
      password: "{{ systems.hdp.password }}"
    hybrid.connectors.fleet_info:
      strict: true
  tasks:
    - name: fleet
      hybrid.connectors.fleet_info:
        apono: {}
        hdp:
          scope: admin
"""
    played = playbook(text)
    assert played.status == 0, played.output
    assert {name: state["count"] for name, state in played["fleet"]["systems"].items()} == {"apono": 4, "hdp": 3}


def test_omitted_module_defaults_come_from_the_environment(
    playbook: RunPlaybook, connection: Mapping[str, Mapping[str, str]]
) -> None:
    text = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.hdp: "{{ systems.hdp | combine(omitted) }}"
    hybrid.connectors.hdp_connector_info:
      scope: admin
      filters:
        label: "{{ nothing | default(omit) }}"
    hybrid.connectors.fleet_info:
      strict: true
  vars:
    omitted:
      password: "{{ nothing | default(omit) }}"
      timeout: "{{ nothing | default(omit) }}"
      ca_path: "{{ nothing | default(omit) }}"
  tasks:
    - name: fleet
      hybrid.connectors.fleet_info:
        hdp: {}
"""
    played = playbook(text, env={"HDP_PASSWORD": connection["hdp"]["password"]})
    assert played.status == 0, played.output
    assert {name: state["count"] for name, state in played["fleet"]["systems"].items()} == {"hdp": 3}


def test_a_secret_of_the_environment_is_masked_in_other_systems(
    module: RunModule, simulator: Simulator, connection: Mapping[str, Mapping[str, Any]]
) -> None:
    token = connection["webex"]["access_token"]
    body = {"message": f"The token {token} is unknown."}
    simulator.fault(system="hdp", path="connectors", times=None, status=403, body=body)
    result = module(MODULE, env={"WEBEX_ACCESS_TOKEN": token}, hdp={}, webex={"access_token": None}).ok()
    assert result["systems"]["webex"]["read"], result["systems"]
    assert "********" in result["systems"]["hdp"]["error"]
    assert token not in result.output


SUBSIDIARY = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMg"
ORGANIZATIONS: dict[str, Any] = {"apono": {}, "webex": {"org_ids": "all", "clusters": True}}


def test_records_have_the_name_of_the_organization(module: RunModule) -> None:
    result = module(MODULE, **ORGANIZATIONS, strict=True).ok()
    found = [(record["org"], record["name"]) for record in result["connectors"] if record["system"] == "webex"]
    assert len(found) == 7
    assert ("Example Subsidiary", "expc01.subsidiary.example") in found
    assert {org for org, _name in found} == {"Example Corporation", "Example Subsidiary"}
    assert result["systems"]["webex"] == {"read": True, "error": None, "reason": None, "count": 7}


def test_a_partly_read_system_is_not_read(module: RunModule, simulator: Simulator, messages: MessageTable) -> None:
    simulator.settings(webex={"forbidden_organizations": [SUBSIDIARY]})
    result = module(MODULE, **ORGANIZATIONS).ok()
    state = result["systems"]["webex"]
    assert (state["read"], state["reason"], state["count"]) == (False, "forbidden", 5)
    assert [SUBSIDIARY in part for part in state["unread"]] == [True]
    messages.check_in("webex.unread_organization", state["error"], total=2)
    assert "Example Subsidiary" in state["error"]
    assert len([record for record in result["connectors"] if record["system"] == "webex"]) == 5
    assert {alarm["system"] for alarm in result["alarms"]} == {"webex"}


def test_strict_fails_with_the_readable_part(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"forbidden_organizations": [SUBSIDIARY]})
    result = module(MODULE, **ORGANIZATIONS, strict=True)
    assert result.failed
    assert (result.failure["system"], result.failure["status"], result.failure["reason"]) == ("webex", 403, "forbidden")
    assert len([record for record in result["connectors"] if record["system"] == "webex"]) == 5


def test_a_system_without_any_readable_organization_has_no_records(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"forbidden_organizations": ["Y2lzY29zcGFyazovL3", SUBSIDIARY]})
    result = module(MODULE, **ORGANIZATIONS).ok()
    state = result["systems"]["webex"]
    assert (state["read"], state["reason"], state["count"]) == (False, "forbidden", 0)
    assert {record["system"] for record in result["connectors"]} == {"apono"}
