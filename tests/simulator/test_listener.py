# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listener: hosts, origins, compression and TLS."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import trustme
from support.simulator import Client, Simulator, start

LIST = "/api/admin/v3/connectors"


def test_only_the_loopback_address_is_bound(simulator: Simulator) -> None:
    port = urlsplit(simulator.url).port
    assert port
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    listening = {
        line.split()[1] for line in lines if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")
    }
    assert listening == {f"0100007F:{port:04X}"}


@pytest.mark.parametrize("host", ["example.com", "example.com:80", "127.0.0.1.example.com", "", "[broken"])
def test_other_host_names_are_refused(apono: Client, simulator: Simulator, host: str) -> None:
    response = apono("GET", LIST, headers={"Host": host})
    assert response.status_code in (400, 403)
    assert requests.get(f"{simulator.url}/_simulator/state", headers={"Host": host}, timeout=30).status_code in (
        400,
        403,
    )
    assert simulator.journal() == []


def test_the_names_of_this_machine_are_accepted(apono: Client) -> None:
    for host in ("localhost", "127.0.0.1:1", "LOCALHOST:80"):
        assert apono("GET", LIST, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"), [("https://example.com", 403), ("null", 403), ("http://localhost:3000", 200)]
)
def test_pages_of_other_hosts_are_refused(simulator: Simulator, origin: str, status: int) -> None:
    response = requests.get(f"{simulator.url}/_simulator/", headers={"Origin": origin}, timeout=30)
    assert response.status_code == status


def test_other_paths_list_the_systems(simulator: Simulator) -> None:
    for path in ("/", "/apon", "/aponoo/api", "/favicon.ico"):
        response = requests.get(simulator.url + path, timeout=30)
        assert (response.status_code, "/webex/v1" in response.text) == (404, True)
    assert simulator.journal() == []


def test_responses_are_compressed_on_request(apono: Client) -> None:
    plain = apono("GET", LIST, headers={"Accept-Encoding": "identity"})
    packed = apono("GET", LIST, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
    assert packed.json() == plain.json()


def test_invalid_http_does_not_disturb_other_clients(apono: Client, simulator: Simulator) -> None:
    port = urlsplit(simulator.url).port or 0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"\x16\x03\x01nonsense\r\n\r\n")
        assert b" 400 " in connection.recv(100)
    assert apono("GET", LIST).status_code == 200


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, Path]:
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    return authority, bundle


def test_tls(authority: tuple[trustme.CA, Path], tmp_path: Path) -> None:
    _authority, bundle = authority
    with start("--tls-cert", str(tmp_path / "server.pem"), verify=str(bundle)) as simulator:
        url = simulator.system_url("voss")
        assert url.startswith("https://127.0.0.1:")
        client = simulator.client("voss")
        client.session.verify = str(bundle)
        response = client("GET", "/api/data/HierarchyNode/")
        client.session.close()
        assert response.status_code == 200
        assert "Secure" in response.headers["Set-Cookie"]
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(url, timeout=30)


def test_tls_with_client_certificates(authority: tuple[trustme.CA, Path], tmp_path: Path) -> None:
    issuer, bundle = authority
    mine = str(tmp_path / "client.pem")
    issuer.issue_cert("client").private_key_and_cert_chain_pem.write_to_path(mine)
    arguments = ("--tls-cert", str(tmp_path / "server.pem"), "--tls-client-ca", str(bundle))
    with start(*arguments) as simulator:
        url = f"{simulator.url}/_simulator/"
        response = requests.get(url, verify=str(bundle), cert=mine, timeout=30)
        assert json.loads(response.text)["name"] == "hybrid.connectors simulator"
        with pytest.raises(requests.ConnectionError):
            requests.get(url, verify=str(bundle), timeout=30)
