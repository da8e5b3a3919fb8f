# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs do not contain credentials, even if libraries log responses of a server."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from support.scripted import http_at

from hostile.attack import CREDENTIALS, SECRETS, Attack, Serve, connection
from hostile.server import Request, Sent

PARAMETERS = {"apono": {}, "hdp": {}, "webex": {}, "voss": {"hierarchy": "sys"}}
MODULES = {
    "apono": "apono_connector_info",
    "hdp": "hdp_connector_info",
    "voss": "voss_spark_customer_info",
    "webex": "webex_hybrid_connector_info",
}


def repeating(request: Request) -> Sent:
    """Return the credentials in header lines that cannot be parsed."""
    lines = [
        "HTTP/1.1 200 OK",
        "Content-Length: 2",
        f"not a header {request.headers['authorization']}",
        f"Authorization: {request.headers['authorization']}",
        f" : {request.headers['authorization']}",
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n{}"


def secret_of(authorization: str) -> str:
    return authorization.partition(" ")[2]


@pytest.fixture
def log(attack: Attack) -> Path:
    return attack.folder / "ansible.log"


@pytest.mark.parametrize("env", [{}, {"HYBRID_CONNECTORS_IN_PROCESS": "false"}], ids=["worker", "process"])
def test_the_log_of_a_playbook_shows_no_credentials(
    attack: Attack, serve: Serve, log: Path, env: dict[str, str]
) -> None:
    server = serve(repeating)
    tasks = [
        {f"hybrid.connectors.{MODULES[system]}": {**connection(system, server.url), **more}, "ignore_errors": True}
        for system, more in PARAMETERS.items()
    ]
    attack.tasks(tasks, "-vvvv", ANSIBLE_LOG_PATH=str(log), ANSIBLE_DEBUG="true", **env)
    assert len(server.requests) >= 4
    shown = log.read_text(encoding="utf-8")
    for secret in (*SECRETS, *(secret_of(request.headers["authorization"]) for request in server.requests)):
        assert secret not in shown


def test_the_log_of_an_inventory_shows_no_credentials(attack: Attack, serve: Serve, log: Path) -> None:
    server = serve(repeating)
    content = {
        system: {"api_url": server.url, **CREDENTIALS[system], "retry_budget": 0, **more}
        for system, more in PARAMETERS.items()
    }
    file = attack.write_inventory({**content, "strict": False})
    done = attack.ansible("inventory", "-i", str(file), "--list", "-vvvv", ANSIBLE_LOG_PATH=str(log))
    assert len(server.requests) >= 4
    shown = done.stdout + done.stderr + log.read_text(encoding="utf-8")
    for secret in (*SECRETS, *(secret_of(request.headers["authorization"]) for request in server.requests)):
        assert secret not in shown


def test_the_log_of_the_event_source_shows_no_credentials(attack: Attack, serve: Serve) -> None:
    server = serve(repeating)
    # Without a rulebook, the source logs warnings like ansible-rulebook with -vv.
    with attack.event_source({"apono": connection("apono", server.url), "interval": 0.2}) as source:
        server.wait_for(3)
    assert "apono-token-canary" not in source.output


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING])
def test_the_libraries_do_not_log_requests(serve: Serve, caplog: pytest.LogCaptureFixture, level: int) -> None:
    server = serve(repeating)
    with caplog.at_level(level), caplog.at_level(level, logger="urllib3"):
        http_at(server.url).get("/a", [("auth_token", "link-canary")])
        logging.getLogger("urllib3.connectionpool").error("of others")
    assert caplog.messages == ["of others"]
