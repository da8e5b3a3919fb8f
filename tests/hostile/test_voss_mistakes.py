# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in lists of customers, and what the modules report about them."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from typing import Any

import pytest
from support.messages import MessageTable

from hostile.attack import Attack, Serve, connection
from hostile.server import Request, reply
from hostile.voss import CUSTOMERS, SCOPE, Json, Service, on
from hostile.voss_task import Task, actions, reasons

NB = f"{SCOPE}.NB"
WEST = f"{SCOPE}.West"
COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "Müller") for form in ("NFC", "NFD"))
SIMILAR_NAMES = [
    ("Initech", "Initech "),
    ("Initech", "INITECH"),
    ("Globex Corp", "Globex\u00a0Corp"),
    (COMPOSED, DECOMPOSED),
    ("Initech", "Ini\u200btech"),
]


def warnings(result: Json) -> str:
    return "\n".join(result.get("warnings", ()))


def visible(name: str) -> str:
    """Return a name as a message shows it."""
    return name.replace("\u200b", "[U+200B]")


def names(service: Service) -> list[str]:
    return [one["data"]["name"] for one in service.customers.values()]


def with_types(service: Service, **types: str | None) -> Service:
    """Make a service return the types of nodes, by the last part of their paths."""
    plain = service.node_item

    def item(key: str) -> Json:
        shown = plain(key)
        node_type = types.get(shown["data"]["name"].replace("-", "_"))
        if node_type is not None:
            shown["data"]["node_type"] = node_type
        return shown

    service.node_item = item  # type: ignore[method-assign]
    return service


# A customer that exists elsewhere in the scope


@pytest.mark.parametrize("check", [True, False])
def test_second_customer_of_one_name_is_a_warning(voss: Task, check: bool, messages: MessageTable) -> None:
    service = Service("Initech", "Globex", west=WEST)
    desired = [{"name": "Initech", "hierarchy": WEST}, {"name": "Globex"}, {"name": "New", "hierarchy": WEST}]
    result = voss(service, "voss_spark_customers", check=check, customers=desired)
    assert actions(result) == ["created", "unchanged", "created"]
    facts = {"name": "Initech", "node": WEST, "place": NB}
    messages.check("voss.name_exists_elsewhere", warnings(result), **facts)


@pytest.mark.parametrize(
    ("desired", "options"),
    [
        ([{"name": "Initech", "hierarchy": WEST}], {"relocate": True}),
        ([{"name": "Initech", "hierarchy": WEST}, {"name": "Initech", "hierarchy": NB}], {}),
        ([{"name": "Initech", "hierarchy": WEST}], {"state": "absent"}),
    ],
    ids=["moved", "both are in the list", "absent"],
)
def test_intended_names_are_no_warning(voss: Task, desired: list[Json], options: Json) -> None:
    service = Service("Initech", west=WEST)
    assert warnings(voss(service, "voss_spark_customers", customers=desired, **options)) == ""


def test_many_second_customers_are_one_warning(voss: Task) -> None:
    service = Service(*(f"C{number}" for number in range(9)), west=WEST)
    desired = [{"name": f"C{number}", "hierarchy": WEST} for number in range(9)]
    result = voss(service, "voss_spark_customers", customers=desired, check=True)
    (warning,) = result["warnings"]
    assert [name for name in (one["name"] for one in desired) if f"'{name}'" in warning] == [
        "C0",
        "C1",
        "C2",
        "C3",
        "C4",
    ]
    assert re.findall(r" (\d+) ", warning) == ["4"]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("there", "desired"), [("Initech", "Initech"), *SIMILAR_NAMES], ids=ascii)
def test_customer_is_not_pruned_for_a_new_namesake(voss: Task, there: str, desired: str, check: bool) -> None:
    service = Service(west=WEST)
    service.add(there, NB)
    given = [{"name": desired, "hierarchy": WEST}]
    result = voss(service, "voss_spark_customers", check=check, customers=given, prune=True)
    assert reasons(result) == ["conflict"]
    assert there in result["msg"]
    assert NB in result["msg"]
    assert voss.server.writes == []


def test_second_customer_of_a_selected_name_is_pruned(voss: Task) -> None:
    service = Service("Initech", f"Initech @ {WEST}")
    result = voss(service, "voss_spark_customers", customers=[{"name": "Initech", "hierarchy": NB}], prune=True)
    assert actions(result) == ["unchanged", "deleted"]


# Similar names


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("there", "desired"), SIMILAR_NAMES, ids=ascii)
def test_similar_name_below_the_node_is_a_conflict(
    voss: Task, there: str, desired: str, many: bool, check: bool
) -> None:
    service = Service()
    service.add(there, NB)
    if many:
        result = voss(service, "voss_spark_customers", check=check, customers=[{"name": desired}])
    else:
        result = voss(service, "voss_spark_customer", check=check, hierarchy=SCOPE, name=desired)
    assert set(reasons(result)) == {"conflict"}
    assert there in json.dumps(result, ensure_ascii=False)
    assert voss.server.writes == []


@pytest.mark.parametrize(("there", "desired"), SIMILAR_NAMES, ids=ascii)
def test_similar_name_at_a_different_node_is_a_warning(
    voss: Task, there: str, desired: str, messages: MessageTable
) -> None:
    service = Service(west=WEST)
    service.add(there, NB)
    given = [{"name": desired, "hierarchy": WEST}]
    result = voss(service, "voss_spark_customers", check=True, customers=given)
    facts = {"name": visible(desired), "node": WEST, "other": there, "place": NB}
    messages.check_in("voss.similar_name", warnings(result), **facts)


@pytest.mark.parametrize(("there", "desired"), SIMILAR_NAMES, ids=ascii)
def test_similar_names_in_one_list_are_a_warning(voss: Task, there: str, desired: str, messages: MessageTable) -> None:
    service = Service(west=WEST)
    given = [{"name": there, "hierarchy": WEST}, {"name": desired, "hierarchy": NB}]
    result = voss(service, "voss_spark_customers", check=True, customers=given)
    facts = {"name": visible(desired), "node": NB, "other": there, "place": WEST}
    messages.check_in("voss.similar_new_name", warnings(result), **facts)


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize(("there", "desired"), SIMILAR_NAMES, ids=ascii)
def test_similar_name_to_be_deleted_is_a_warning(voss: Task, there: str, desired: str, many: bool) -> None:
    service = Service()
    service.add(there, NB)
    if many:
        result = voss(service, "voss_spark_customers", customers=[{"name": desired}], state="absent")
    else:
        result = voss(service, "voss_spark_customer", hierarchy=SCOPE, name=desired, state="absent")
    assert result["changed"] is False
    assert f"'{there}'" in warnings(result)
    assert names(service) == [there]


@pytest.mark.parametrize(("there", "desired"), SIMILAR_NAMES, ids=ascii)
def test_customer_is_not_renamed_to_a_similar_name(voss: Task, there: str, desired: str) -> None:
    service = Service()
    service.add(there, NB)
    other = service.add("Other", NB)
    result = voss(service, "voss_spark_customer", hierarchy=SCOPE, pkid=other, name=desired)
    assert reasons(result) == ["conflict"]
    assert voss.server.writes == []


@pytest.mark.parametrize("name", ["Initech ", "Globex\u00a0Corp", DECOMPOSED, "A  B"], ids=ascii)
@pytest.mark.parametrize("many", [True, False])
def test_name_that_a_server_may_change_is_a_warning(voss: Task, name: str, many: bool, messages: MessageTable) -> None:
    service = Service()
    given = {"name": name, "hierarchy": NB}
    if many:
        result = voss(service, "voss_spark_customers", check=True, customers=[given])
    else:
        result = voss(service, "voss_spark_customer", check=True, **given)
    messages.check("voss.irregular_name", warnings(result), customer=f"the customer '{name}'")


# Customers at nodes of providers and resellers


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("node_type", "warned"),
    [
        ("Provider", True),
        ("Reseller", True),
        ("/api/data/HierarchyNodeType/Reseller/", True),
        ("Customer", False),
        ("Our own", False),
        ("", False),
        (None, False),
    ],
)
def test_creation_above_customers_is_a_warning(
    voss: Task, node_type: str | None, warned: bool, many: bool, check: bool, messages: MessageTable
) -> None:
    service = with_types(Service(), NB=node_type)
    if many:
        desired = [{"name": "A", "hierarchy": NB}, {"name": "B", "hierarchy": NB}]
        result = voss(service, "voss_spark_customers", check=check, customers=desired)
    else:
        result = voss(service, "voss_spark_customer", check=check, hierarchy=NB, name="A")
    assert len(result.get("warnings", ())) == int(warned)
    if warned:
        facts = {"name": "'A'", "node": NB, "node_type": str(node_type).strip("/").rpartition("/")[2]}
        shown = warnings(result).replace("2 customers ('A', 'B')", "the customer 'A'")
        messages.check("voss.unusual_node", shown, **facts)


def test_modification_below_a_provider_is_no_warning(voss: Task) -> None:
    service = with_types(Service("A"), CS_P="Provider", NB="Customer")
    result = voss(service, "voss_spark_customers", customers=[{"name": "A", "email_domain": "a.example"}])
    assert actions(result) == ["updated"]
    assert warnings(result) == ""


# Values that the server changes


def normalizing(service: Service) -> Service:
    """Make a service store values in lower case."""

    def respond(request: Request) -> Any:
        body = request.json
        for attribute in {"email_domain", "account_email"}.intersection(body):
            body[attribute] = body[attribute].strip().lower()
        return service.documented(dataclasses.replace(request, body=json.dumps(body).encode()))

    service.hooks += [on("POST", CUSTOMERS, respond), on("PUT", CUSTOMERS, respond)]
    return service


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("existing", [True, False])
def test_normalized_value_is_one_warning_in_each_run(
    voss: Task, many: bool, count: int, existing: bool, messages: MessageTable
) -> None:
    named = [f"C{number}" for number in range(count)]
    service = normalizing(Service(*(named if existing else ())))
    attributes = {"hierarchy": NB, "email_domain": "Rooms.Example ", "account_email": "Admin@Rooms.Example"}
    for expected in ("updated" if existing else "created", "updated"):
        if many:
            desired = [{"name": name, **attributes} for name in named]
            result = voss(service, "voss_spark_customers", customers=desired)
            assert actions(result) == [expected] * count
        else:
            result = voss(service, "voss_spark_customer", name=named[0], **attributes)
            assert result["actions"] == [expected]
        assert [re.findall(r"'(\w+)' of", warning) for warning in result["warnings"]] == [
            ["account_email"],
            ["email_domain"],
        ]
        for warning, attribute in zip(result["warnings"], ("account_email", "email_domain"), strict=True):
            (names,) = re.findall(r" of (.+?) in a different", warning)
            messages.check("voss.normalized", warning, attribute=attribute, customers=names)


# Reports


@pytest.mark.parametrize(("check", "row"), [(False, "failures.some"), (True, "failures.some_in_check_mode")])
def test_failures_are_counted(voss: Task, check: bool, row: str, messages: MessageTable) -> None:
    service = Service()
    desired = [{"name": "A", "hierarchy": NB}, {"name": "B", "hierarchy": f"{SCOPE}.Nowhere"}]
    result = voss(service, "voss_spark_customers", check=check, customers=desired)
    begin = messages.expected(row, failed=1, total=2, objects="customers", others=1)
    assert result["msg"].startswith(f"{begin} 'B'")


def test_message_has_each_name_once_and_no_broken_sentence(voss: Task, messages: MessageTable) -> None:
    service = Service("Initech", "Globex", "Hooli")
    desired = [{"name": name} for name in ("INITECH", "GLOBEX", "HOOLI", "hooli")]
    result = voss(service, "voss_spark_customers", customers=desired)
    begin = messages.expected("failures.all", failed=4, total=4, objects="customers")
    assert result["msg"].startswith(f"{begin} ")
    assert result["msg"].count("'INITECH'") == 1
    end = messages.expected("failures.more", objects="customers", count=1)
    assert result["msg"].endswith(f". {end}")
    for broken in (".;", "; '", "..", "succeeded"):
        assert broken not in result["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_synchronization_is_counted_and_returned(voss: Task, check: bool) -> None:
    service = Service("A", "B")
    desired = [{"name": "A"}, {"name": "B", "email_domain": "b.example"}]
    options: Json = {"sync": ["users"], "sync_when": "always", "check": check}
    result = voss(service, "voss_spark_customers", customers=desired, **options)
    assert actions(result) == ["synced", "updated"]
    assert [result["summary"][word] for word in ("synced", "updated", "unchanged")] == [1, 1, 0]
    assert result["diff"]["after"][f"{NB}: A"]["actions"] == ["users_synced"]
    single = voss(service, "voss_spark_customer", hierarchy=SCOPE, name="A", **options)
    assert single["diff"]["before"] != single["diff"]["after"]


def test_each_outcome_has_its_transactions(voss: Task) -> None:
    service = Service("A", "B", "C")
    desired = [{"name": "A"}, {"name": "B", "email_domain": "b.example"}, {"name": "D", "hierarchy": NB}]
    result = voss(service, "voss_spark_customers", customers=desired, prune=True)
    assert actions(result) == ["unchanged", "updated", "created", "deleted"]
    found = [[one["action"] for one in item["transactions"]] for item in result["customers"]]
    assert found == [[], ["updated"], ["created"], ["deleted"]]


@pytest.mark.parametrize("check", [True, False])
def test_diff_has_what_changes_and_what_identifies(voss: Task, check: bool) -> None:
    service = Service()
    service.add("A", NB, email_domain="old.example", account_email="a@example")
    service.add("C", NB)
    desired = [{"name": "A", "email_domain": "new.example"}, {"name": "B", "hierarchy": NB}]
    result = voss(service, "voss_spark_customers", check=check, customers=desired, prune=True)
    before, after = (result["diff"][side] for side in ("before", "after"))
    same = {"name": "A", "hierarchy_path": NB, "pkid": service.named("A")[0]}
    assert before[f"{NB}: A"] == {**same, "email_domain": "old.example"}
    assert after[f"{NB}: A"] == {**same, "email_domain": "new.example"}
    assert sorted(before) == [f"{NB}: A", f"{NB}: C"]
    assert sorted(after) == [f"{NB}: A", f"{NB}: B"]


def test_displayed_diff_is_a_string(attack: Attack, serve: Serve) -> None:
    service = Service("Grün")
    server = serve(service.respond)
    options = {
        **connection("voss", server.url),
        "hierarchy": SCOPE,
        "poll_interval": 0.05,
        "customers": [{"name": "Grün", "email_domain": "grün.example"}, {"name": "Bläu", "hierarchy": NB}],
    }
    play = [{"name": "attack", "hybrid.connectors.voss_spark_customers": options}]
    played = attack.tasks(play, "--check", "--diff")
    assert '+        "email_domain": "grün.example"' in played.output
    assert "\\u00" not in played.output.partition("PLAY RECAP")[0].partition("--- before")[2]
    removed = [line for line in played.output.splitlines() if line.startswith("-") and "Bläu" in line]
    assert removed == []


# Options of the group


def test_hierarchy_in_module_defaults_suits_all_modules(attack: Attack, serve: Serve) -> None:
    service = Service("A")
    service.transactions["t"] = {"status": "Success", "external": "", "pkid": None}
    server = serve(service.respond)
    play = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"group/hybrid.connectors.voss": {**connection("voss", server.url), "hierarchy": SCOPE}},
            "tasks": [
                {"hybrid.connectors.voss_transaction_info": {"id": "t"}},
                {"hybrid.connectors.voss_spark_customer_info": {}},
                {"hybrid.connectors.voss_spark_customer": {"name": "A"}},
                {"hybrid.connectors.voss_spark_customers": {"customers": [{"name": "A"}]}},
                {"hybrid.connectors.voss_spark_customer_export": {"dest": "export.zip"}},
            ],
        }
    ]
    played = attack.playbook(json.dumps(play))
    assert played.status == 0, played.output


def test_rename_that_apono_normalizes_is_a_warning(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    connector = {"id": "c", "name": "old", "status": "CONNECTED"}

    def respond(request: Request) -> bytes:
        if request.method == "PUT":
            connector["name"] = request.json["name"].strip().lower()
            return reply(200, connector)
        page = {"items": [connector], "pagination": {"next_page_token": None}}
        return reply(200, connector if request.path.endswith("/c") else page)

    server = serve(respond)
    for _run in range(2):
        result = attack.task("apono_connector", {**connection("apono", server.url), "id": "c", "name": "Production "})
        assert not result.failed, result
        assert result["connector"]["name"] == "production"
        facts = {"identifier": "c", "stored": "production", "name": "Production "}
        messages.check("apono.normalized_name", " ".join(result["warnings"]), **facts)
