# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every field of every response with an unusual value, missing, or with an unknown name."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fuzz import inputs
from fuzz.tasks import arguments_of, assert_sanitized, spec_of
from hypothesis import given
from hypothesis import strategies as st
from support.cases import MODULES
from support.inline import call
from support.openapi import document
from support.simulator import CREDENTIALS, SYSTEMS
from support.wire import Wire

from connector_simulator.exchange import Response

LINK_TOKEN = "simulator-link-token"
NODE = "sys.hcs.CS-P.CS-NB.AAAGlobal"
PKID = "65e0918d6fd4534903e212d9"
OWNER = CREDENTIALS["hdp_owner"]
TASKS: list[tuple[str, dict[str, Any]]] = [
    ("apono_connector", {"id": "prod-us-east-1", "name": "production"}),
    ("apono_connector", {"name": "prod-us-east-1", "new_name": "production"}),
    ("apono_connector", {"name": "analytics", "state": "absent", "require_disconnected": True}),
    ("apono_connectors", {"names": {"prod-us-east-1": "production"}, "prune": True, "prune_after_days": 1}),
    ("apono_connector_info", {}),
    ("apono_connector_info", {"id": "prod-us-east-1"}),
    ("apono_connector_info", {"api_version": "v2"}),
    ("apono_integration", {"name": "Orders database", "connector_id": "prod-us-east-1"}),
    ("apono_integration_info", {}),
    ("hdp_connector", {**OWNER, "label": "finance-mssql", "authorized_users": ["Ann", "Bob"]}),
    ("hdp_connector_group", {**OWNER, "label": "finance", "members": [{"label": "finance-mssql"}]}),
    ("hdp_connector_group", {**OWNER, "label": "sales-oracle", "retry_delay": 60}),
    ("hdp_connector_group", {**OWNER, "label": "sales-oracle", "state": "absent"}),
    ("hdp_server_info", {}),
    ("hdp_connector_info", {}),
    ("hdp_connector_info", {"filters": {"is_group": False}}),
    ("hdp_connector_info", {"scope": "user", "details": True, "accessible": True}),
    ("webex_hybrid_connector_info", {"clusters": True, "status": ["outage"], "hostname": "foo.example.org"}),
    ("webex_hybrid_connector_info", {"id": "Y2lZY76123"}),
    ("webex_hybrid_connector_info", {"org_ids": "all", "hybrid_cluster_name": "Expressway Oslo"}),
    ("webex_hybrid_connector_info", {"org_ids": ["Y2lzY29zcGFyazovL3"], "alarm_severity": ["critical"]}),
    ("webex_hybrid_cluster_info", {}),
    ("webex_hybrid_cluster_info", {"org_ids": "all", "name": "Expressway Oslo"}),
    ("voss_hierarchy_node_info", {"customers": True}),
    ("voss_hierarchy_node_info", {"hierarchy": "sys.hcs.CS-P", "name": "Initech"}),
    ("voss_spark_customer", {"hierarchy": "sys.hcs.CS-P", "name": "AAAGlobal", "email_domain": "x.example"}),
    (
        "voss_spark_customer",
        {"hierarchy": NODE, "name": "new", "token": "t", "refresh_token": "r", "refresh_access_token": "always"},
    ),
    ("voss_spark_customer", {"hierarchy": NODE, "name": "AAAGlobal", "target_hierarchy": "sys.hcs.CS-P.CS-AB"}),
    ("voss_spark_customer", {"hierarchy": NODE, "pkid": PKID, "name": "renamed", "http_proxy": "http://a"}),
    ("voss_spark_customer", {"hierarchy": NODE, "name": "AAAGlobal", "state": "absent"}),
    (
        "voss_spark_customers",
        {
            "hierarchy": "sys.hcs",
            "customers": [
                {"name": "AAAGlobal", "hierarchy": NODE, "email_domain": "x.example"},
                {"name": "new", "hierarchy": NODE},
            ],
            "prune": True,
            "relocate": True,
            "refresh_access_token": "expiring",
        },
    ),
    ("voss_spark_customers", {"hierarchy": "sys.hcs", "customers": [{"name": "AAAGlobal"}], "state": "absent"}),
    ("voss_spark_customer_info", {"hierarchy": "sys.hcs", "expiring_within_days": 10**6}),
    ("voss_spark_customer_info", {"hierarchy": NODE, "name": "AAAGlobal"}),
    (
        "voss_spark_customer_info",
        {
            "hierarchy": "sys.hcs",
            "pkid": PKID,
            "gather": ["help", "add_form", "configuration_templates", "field_display_policies"],
        },
    ),
    ("voss_spark_customer_export", {"hierarchy": "sys.hcs"}),
    ("voss_spark_customer_export", {"hierarchy": "sys.hcs", "names": ["AAAGlobal"]}),
    ("voss_spark_customer_export", {"hierarchy": "sys.hcs", "format": "csv"}),
    (
        "fleet_info",
        {"apono": {}, "hdp": {}, "voss": {"hierarchy": "sys.hcs"}, "webex": {"clusters": True}, "strict": True},
    ),
    ("voss_transaction_info", {"id": "cfe8a8fd-98e6-4290-b0c3-2dfa2224b808", "wait": True}),
]
HEADERS = ("Link", "Location", "Content-Type", "X-Request-ID", "trackingId", "Content-Encoding", "Retry-After")
STATUSES = (200, 201, 202, 204, 207, 299, 300, 302, 304, 400, 404, 409, 410, 418, 422, 500, 501, 599)
BODIES = (
    b"", b" ", b"null", b"[]", b"{}", b"0", b'""', b"<html/>", b"\xff\xfe", b"\xef\xbb\xbf{}", b"{", b'{"a":1,"a":2}',
    b"[" * 100_000, b'{"items":[],"items":[{}]}', b"1" * 5000, b'{"resources":' + b"[" * 150 + b"]" * 150 + b"}",
    b"NaN", b'{"items":[{"id":"a","id":["b"]}]}', b"[1e999]", b'"\\ud800"', b"{}\0",
)  # fmt: skip
HOWS = (*["value"] * 4, "missing", *["more"] * 2, "renamed", "again", "twice", "header", "status", "body")

every_task = pytest.mark.parametrize(
    ("module", "options"), TASKS, ids=[f"{number}-{task[0]}" for number, task in enumerate(TASKS)]
)


def test_every_module_has_a_task() -> None:
    assert {module for module, _options in TASKS} == set(MODULES)


@every_task
def test_a_task_succeeds_with_valid_responses(
    wire: Wire, folder: Path, module: str, options: Mapping[str, Any]
) -> None:
    wire.begin()
    result = call(module, arguments_of(module, wire, options, folder))
    assert_sanitized(result, wire)
    assert "msg" not in result
    assert wire.exchanges


@functools.cache
def fields(system: str) -> list[str]:
    """Return the names of all fields in the responses of the document of a system."""

    def found(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            properties = value.get("properties")
            if isinstance(properties, dict):
                yield from properties
            for inner in value.values():
                yield from found(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from found(inner)

    return sorted(set(found(document(system))))


def altered(reply: Response, at: float, how: str, name: str, value: Any) -> Response:
    """Return a response with one undocumented change."""
    if how == "header":
        text = (value if isinstance(value, str) else json.dumps(value))[:500].replace("\r", " ").replace("\n", " ")
        reply.headers[HEADERS[int(at * len(HEADERS))]] = text
    elif how == "status":
        reply.status = STATUSES[int(at * len(STATUSES))]
    elif how == "body":
        bodies = (*BODIES, reply.body[: int(at * len(reply.body))])
        reply.body = bodies[int(at * len(bodies))]
    else:
        try:
            content = json.loads(reply.body)
        except (ValueError, RecursionError):
            return reply
        content = inputs.changed(content, at, how, name, value)
        reply.body = json.dumps(content).encode()
        if how == "twice":
            reply.body = reply.body.replace(b'{"', b'{"%s": null, "' % name.encode(), 1)
    return reply


Change = tuple[int, float, str, str, Any]


@functools.cache
def changes(system: str) -> st.SearchStrategy[list[Change]]:
    """Generate the changes of some responses."""
    one = st.tuples(
        st.integers(1, 6),
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(HOWS),
        st.sampled_from(fields(system)),
        inputs.values,
    )
    return st.lists(one, min_size=1, max_size=3)


def altering(planned: list[Change]) -> Callable[[int, Response], Response]:
    """Return a function that changes responses by their number."""

    def alter(number: int, reply: Response) -> Response:
        for desired, *how in planned:
            if desired == number:
                reply = altered(reply, *how)
        return reply

    return alter


@every_task
@inputs.examples(40)
@given(data=st.data())
def test_any_response_to_a_module(
    wire: Wire, folder: Path, module: str, options: Mapping[str, Any], data: st.DataObject
) -> None:
    planned = data.draw(changes(spec_of(module).system or "webex"))
    wire.begin(altering(planned))
    result = call(module, arguments_of(module, wire, options, folder))
    assert_sanitized(result, wire, (LINK_TOKEN,))
    assert {path.name for path in folder.iterdir()} <= {"file"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_documents_name_fields(system: str) -> None:
    assert len(fields(system)) > 5
