# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module apono_connector: rename and delete a connector."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

AWS = "AwsConnector-ProdTeam-XYZ123"
NEVER = "4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"
NAMES = {
    AWS: AWS,
    "prod-us-east-1": "prod-us-east-1",
    "gcp-analytics": "analytics",
    "4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012": "azure-west-europe",
}


def names(simulator: Simulator) -> dict[str, str]:
    return {item["id"]: item["name"] for item in simulator.state()["apono"]["connectors"]}


def sent(simulator: Simulator) -> list[tuple[str, Any]]:
    """Return the body of each write."""
    return [(f"{entry['method']} {entry['path'].rpartition('/')[2]}", entry["body"]) for entry in simulator.writes()]


def twins(simulator: Simulator, *identifiers: str, name: str = "twin") -> None:
    """Return two connectors with the same name. The vendor does not document that names are unique."""
    known = simulator.state()["apono"]["connectors"]
    simulator.reset(
        {
            "apono": {
                "connectors": [*known, *({**known[0], "id": identifier, "name": name} for identifier in identifiers)]
            }
        }
    )


WRITES: dict[str, dict[str, Any]] = {
    "rename by id": {"id": "gcp-analytics", "name": "warehouse"},
    "rename by name": {"name": "analytics", "new_name": "warehouse"},
    "delete by id": {"id": "gcp-analytics", "state": "absent"},
    "delete by name": {"name": "analytics", "state": "absent"},
    "delete a disconnected one": {"id": "gcp-analytics", "state": "absent", "require_disconnected": True},
    "delete an unused one": {"id": "4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012", "state": "absent", "require_unused": True},
    "delete by id, whatever its name": {"id": "gcp-analytics", "name": "other", "state": "absent"},
}
NO_WRITES: dict[str, dict[str, Any]] = {
    "the name it has, by id": {"id": "gcp-analytics", "name": "analytics"},
    "by id without a name": {"id": "gcp-analytics"},
    "by name without a new one": {"name": "analytics"},
    "the name it has as the new one": {"name": "analytics", "new_name": "analytics"},
    "renamed before": {"name": "old", "new_name": "analytics"},
    "absent by id": {"id": "nothing", "state": "absent"},
    "absent by name": {"name": "nothing", "state": "absent"},
}
REFUSED: dict[str, dict[str, Any]] = {
    "no such id": {"id": "nothing", "name": "x"},
    "no such name": {"name": "nothing"},
    "neither name": {"name": "nothing", "new_name": "nowhere"},
    "a taken name, by id": {"id": "gcp-analytics", "name": "prod-us-east-1"},
    "a taken name, by name": {"name": "analytics", "new_name": "prod-us-east-1"},
    "still connected": {"id": AWS, "state": "absent", "require_disconnected": True},
    "in use": {"id": "gcp-analytics", "state": "absent", "require_unused": True},
}


@pytest.mark.parametrize("options", WRITES.values(), ids=WRITES)
def test_check_mode_predicts_the_run_and_writes_nothing(
    module: RunModule, simulator: Simulator, options: dict[str, Any]
) -> None:
    predicted = module("apono_connector", check=True, **options)
    assert simulator.writes() == []
    assert names(simulator) == NAMES
    done = module("apono_connector", **options)
    assert len(simulator.writes()) == 1
    assert predicted.changed
    assert predicted.values == done.values


@pytest.mark.parametrize("options", WRITES.values(), ids=WRITES)
def test_a_second_run_changes_nothing(module: RunModule, simulator: Simulator, options: dict[str, Any]) -> None:
    assert module("apono_connector", **options).changed
    simulator.forget()
    again = module("apono_connector", **options)
    assert not again.failed
    assert not again.changed
    assert again["diff"]["before"] == again["diff"]["after"]
    assert simulator.writes() == []


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
@pytest.mark.parametrize("options", NO_WRITES.values(), ids=NO_WRITES)
def test_a_connector_in_the_desired_state_is_unchanged(
    module: RunModule, simulator: Simulator, options: dict[str, Any], check: bool
) -> None:
    result = module("apono_connector", check=check, **options)
    assert not result.failed, result.msg
    assert not result.changed
    assert result["diff"]["before"] == result["diff"]["after"]
    assert (result["connector"] or {}).get("name") == (None if "state" in options else "analytics")
    assert simulator.writes() == []


@pytest.mark.parametrize("options", REFUSED.values(), ids=REFUSED)
def test_impossible_changes_are_refused_before_any_write(
    module: RunModule, simulator: Simulator, options: dict[str, Any]
) -> None:
    predicted, result = (module("apono_connector", check=check, **options) for check in (True, False))
    assert result.failed
    assert predicted.values == result.values
    assert simulator.writes() == []
    assert names(simulator) == NAMES


def test_a_rename_returns_the_connector_of_the_server(module: RunModule, simulator: Simulator) -> None:
    result = module("apono_connector", id="gcp-analytics", name="warehouse")
    assert sent(simulator) == [("PUT gcp-analytics", {"name": "warehouse"})]
    assert names(simulator) == {**NAMES, "gcp-analytics": "warehouse"}
    assert (result["connector"]["id"], result["connector"]["name"]) == ("gcp-analytics", "warehouse")
    assert result["connector"]["cloud_provider_type"] == "GCP"
    assert result["diff"]["before"] == {"id": "gcp-analytics", "name": "analytics"}
    assert result["diff"]["after"] == {"id": "gcp-analytics", "name": "warehouse"}


def test_a_rename_without_a_response_body_returns_the_connector(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", method="PUT", status=204, applied=True)
    result = module("apono_connector", id="gcp-analytics", name="warehouse")
    assert result.changed
    assert result["connector"]["name"] == "warehouse"


@pytest.mark.parametrize(
    ("options", "response", "reason"),
    [
        (WRITES["rename by id"], {"status": 204}, "invalid_response"),
        (WRITES["rename by id"], {"body": "<html>Sign in</html>"}, "invalid_response"),
        (WRITES["rename by id"], {"body": {"message": "Done."}}, "invalid_response"),
        (WRITES["rename by id"], {"body": {"status": "error"}}, "refused"),
        (WRITES["delete by id"], {"body": "<html>Sign in</html>"}, "invalid_response"),
        (WRITES["delete by id"], {"body": [1]}, "invalid_response"),
        (WRITES["delete by id"], {"body": {"error": "No."}}, "refused"),
    ],
)
def test_a_change_without_effect_is_a_failure(
    module: RunModule, simulator: Simulator, options: dict[str, Any], response: dict[str, Any], reason: str
) -> None:
    simulator.fault(system="apono", method="DELETE" if "state" in options else "PUT", **response)
    result = module("apono_connector", **options)
    assert result.failed
    assert result.failure["reason"] == reason
    assert len(simulator.writes()) == 1


@pytest.mark.parametrize("body", ["<html>Sign in</html>", [1], {"status": "error"}, {}])
@pytest.mark.parametrize("options", [WRITES["rename by id"], WRITES["delete by id"]], ids=["rename", "delete"])
def test_a_change_with_effect_counts_for_any_response(
    module: RunModule, simulator: Simulator, options: dict[str, Any], body: Any
) -> None:
    simulator.fault(system="apono", method="DELETE" if "state" in options else "PUT", body=body, applied=True)
    assert module("apono_connector", **options).ok().changed
    assert len(simulator.writes()) == 1


def test_a_delete_returns_the_connector_as_it_was(module: RunModule, simulator: Simulator) -> None:
    result = module("apono_connector", name="analytics", state="absent")
    assert result.changed
    assert sent(simulator) == [("DELETE gcp-analytics", None)]
    assert "gcp-analytics" not in names(simulator)
    assert result["connector"]["name"] == "analytics"
    assert result["diff"] == {"before": result["connector"], "after": {}}


def test_a_name_is_found_on_the_last_page(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"apono": {"connectors": [], "generate": {"connectors": 250}}})
    assert module("apono_connector", name="generated-0250", new_name="last").changed
    assert names(simulator)["generated-0250"] == "last"


def test_a_name_taken_on_the_last_page_is_refused(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"apono": {"connectors": [], "generate": {"connectors": 250}}})
    result = module("apono_connector", id="generated-0001", name="generated-0250")
    assert "'generated-0250'" in result.msg
    assert "unique" in result.msg
    assert simulator.writes() == []


@pytest.mark.parametrize("identifier", ["a/b", "../connectors", "a b", "50%", "%2e%2e", "a?b#c", "a;b&c=d", "zürich"])
def test_ids_of_any_characters_are_renamed_and_deleted(
    module: RunModule, simulator: Simulator, identifier: str
) -> None:
    twins(simulator, identifier)
    assert module("apono_connector", id=identifier, name="renamed").changed
    assert names(simulator) == {**NAMES, identifier: "renamed"}
    assert module("apono_connector", id=identifier, state="absent").changed
    assert names(simulator) == NAMES


def test_a_name_of_any_characters_is_sent_verbatim(module: RunModule, simulator: Simulator) -> None:
    name = 'Ängström & "co" / 50% <b>'
    assert module("apono_connector", id="gcp-analytics", name=name).changed
    assert names(simulator)["gcp-analytics"] == name
    assert module("apono_connector", name=name, state="absent").changed


def test_a_name_differs_by_its_case(module: RunModule, simulator: Simulator) -> None:
    assert module("apono_connector", name="Analytics").failed
    assert module("apono_connector", id="gcp-analytics", name="Analytics").changed
    assert names(simulator)["gcp-analytics"] == "Analytics"


@pytest.mark.parametrize("identifier", [".", ".."])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_an_id_with_path_characters_is_refused(
    module: RunModule, simulator: Simulator, identifier: str, state: str
) -> None:
    result = module("apono_connector", id=identifier, name="x", state=state)
    assert "identifier" in result.msg
    assert simulator.journal() == []


def test_a_missing_connector_cannot_be_created(module: RunModule, messages: MessageTable) -> None:
    by_id = module("apono_connector", id="nothing", name="x")
    by_name = module("apono_connector", name="nothing", new_name="nowhere")
    assert [result.failure["reason"] for result in (by_id, by_name)] == ["not_found"] * 2
    messages.check("apono.unknown_id", by_id.msg, identifier="nothing")
    messages.check("apono.unknown_name", by_name.msg, names="'nothing' or 'nowhere'")


def test_the_holder_of_a_taken_name_is_named(module: RunModule) -> None:
    assert "'gcp-analytics'" in module("apono_connector", id=AWS, name="analytics").msg


@pytest.mark.parametrize(
    "options",
    [
        {"name": "twin"},
        {"name": "twin", "new_name": "other"},
        {"name": "twin", "state": "absent"},
        {"name": "nothing", "new_name": "twin"},
    ],
)
def test_an_ambiguous_name_is_a_failure_with_the_ids(
    module: RunModule, simulator: Simulator, options: dict[str, Any]
) -> None:
    twins(simulator, "one", "two")
    result = module("apono_connector", **options)
    assert result.failed
    assert "one; two" in result.msg
    assert "'id'" in result.msg
    assert simulator.writes() == []


def test_the_id_selects_among_several_of_one_name(module: RunModule, simulator: Simulator) -> None:
    twins(simulator, "one", "two")
    assert module("apono_connector", id="two", name="other").changed
    assert names(simulator) == {**NAMES, "one": "twin", "two": "other"}
    assert module("apono_connector", id="one", name="ignored", state="absent").changed
    assert names(simulator) == {**NAMES, "two": "other"}


@pytest.mark.parametrize("case", ["upper", "title"])
def test_require_disconnected_refuses_to_delete_a_connected_connector(
    module: RunModule, simulator: Simulator, case: str
) -> None:
    simulator.settings(apono={"status_case": case})
    result = module("apono_connector", id=AWS, state="absent", require_disconnected=True)
    assert result.failure["reason"] == "refused"
    assert "'require_disconnected'" in result.msg
    assert simulator.writes() == []
    assert module("apono_connector", id="gcp-analytics", state="absent", require_disconnected=True).changed


def test_an_undocumented_status_is_not_disconnected(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", method="GET", body={"id": AWS, "name": AWS, "status": None})
    assert module("apono_connector", id=AWS, state="absent", require_disconnected=True).failed
    assert simulator.writes() == []


def test_what_uses_a_connector_is_named(module: RunModule) -> None:
    result = module("apono_connector", id=AWS, state="absent", require_unused=True)
    assert result.failure["reason"] == "refused"
    assert all(fact in result.msg for fact in ("'Production accounts'", "'Orders database'", "'require_unused'"))


def test_a_connector_of_unknown_use_is_not_deleted(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", method="GET", path="integrations", body={"integrations": []})
    assert module("apono_connector", id="gcp-analytics", state="absent", require_unused=True).failed
    assert simulator.writes() == []


def test_a_delete_with_a_lost_response_counts_as_changed(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", method="DELETE", cut="after")
    result = module("apono_connector", id="gcp-analytics", state="absent")
    assert result.changed
    assert [entry["status"] for entry in simulator.writes()] == [None, 404]
    assert [entry["applied"] for entry in simulator.writes()] == [True, False]


def test_a_connector_that_vanishes_before_its_delete_is_unchanged(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", method="DELETE", status=404, body={"message": "Connector not found"}, applied=True)
    result = module("apono_connector", id="gcp-analytics", state="absent")
    assert not result.failed
    assert not result.changed


def test_a_connector_that_exists_after_a_404_was_not_deleted(
    module: RunModule, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.fault(system="apono", method="DELETE", status=404, body={"message": "No such route"})
    result = module("apono_connector", id="gcp-analytics", state="absent")
    assert result.failure["reason"] == "conflict"
    messages.check("apono.exists_after_404", result.msg, identifier="gcp-analytics")
    assert not result.changed


def test_a_404_from_a_proxy_is_no_deletion(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", method="DELETE", status=404, body="<html>404</html>")
    assert module("apono_connector", id="gcp-analytics", state="absent").failure["reason"] == "wrong_address"


def test_the_last_request_before_a_deletion_reads_the_connector(module: RunModule, simulator: Simulator) -> None:
    def requests(**options: Any) -> list[str]:
        simulator.reset()
        module("apono_connector", state="absent", **options).ok()
        return [f"{entry['method']} {entry['path'].rpartition('/')[2]}" for entry in simulator.journal()]

    assert requests(id=NEVER) == [f"GET {NEVER}", f"DELETE {NEVER}"]
    assert requests(id=NEVER, require_disconnected=True) == [f"GET {NEVER}", f"DELETE {NEVER}"]
    again = ["GET integrations", f"GET {NEVER}", f"DELETE {NEVER}"]
    assert requests(id=NEVER, require_unused=True) == [f"GET {NEVER}", *again]
    assert requests(name="azure-west-europe") == ["GET connectors", f"GET {NEVER}", f"DELETE {NEVER}"]
    assert requests(name="azure-west-europe", require_unused=True) == ["GET connectors", *again]


@pytest.mark.parametrize("cut", ["before", "after", "body"])
def test_a_rename_with_a_lost_response_is_retried(module: RunModule, simulator: Simulator, cut: str) -> None:
    simulator.fault(system="apono", method="PUT", cut=cut)
    result = module("apono_connector", id="gcp-analytics", name="warehouse")
    assert result.changed
    assert result["connector"]["name"] == "warehouse"
    assert len(simulator.writes()) == 2
    assert sum(entry["applied"] for entry in simulator.writes()) == 1


@pytest.mark.parametrize("status", [423, 429, 502, 503, 504])
@pytest.mark.parametrize("options", [WRITES["rename by id"], WRITES["delete by id"]], ids=["rename", "delete"])
def test_a_delayed_write_is_retried(
    module: RunModule, simulator: Simulator, options: dict[str, Any], status: int
) -> None:
    simulator.fault(system="apono", path="gcp-analytics", skip=1, status=status)
    assert module("apono_connector", **options).changed
    assert [entry["status"] for entry in simulator.writes()] == [status, 204 if "state" in options else 200]


def test_a_refused_delete_fails_with_the_vendor_message(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(apono={"delete_connected": "refuse"})
    result = module("apono_connector", id=AWS, state="absent")
    assert result.failed
    assert result.failure["status"] == 409
    assert result.failure["method"] == "DELETE"
    assert f"The connector {AWS} is connected" in result.msg
    assert AWS in names(simulator)


def test_a_refused_rename_fails_with_the_vendor_message(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", method="PUT", status=400, body={"message": "Names are alphanumeric."})
    result = module("apono_connector", id="gcp-analytics", name="ware house")
    assert result.failed
    assert "Names are alphanumeric" in result.msg
    assert result.failure["message"] == "Names are alphanumeric."
    assert len(simulator.writes()) == 1


def test_a_connector_without_a_name_can_be_named(module: RunModule, simulator: Simulator) -> None:
    nameless = {"id": "gcp-analytics", "status": "DISCONNECTED"}
    simulator.fault(system="apono", method="GET", path="gcp-analytics", body=nameless)
    simulator.fault(system="apono", method="GET", body={"items": [nameless], "pagination": {}})
    result: Result = module("apono_connector", id="gcp-analytics", name="warehouse")
    assert result.changed
    assert result["diff"]["before"].items() >= {"id": "gcp-analytics", "name": None, "version": None}.items()
