# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test trusted certificates, keys with passwords, and invalid proxies."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.certificates import encrypted
from support.deadline import HANGS
from support.messages import MessageTable
from support.modules import COLLECTIONS, PACKAGE
from support.scripted import http_at

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import RequestFailed, SettingsError
from hostile.attack import Attack, connection
from hostile.server import HostileServer, reply

PASSWORD = "key-password-canary"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def serving(certificate: trustme.LeafCert, client_authority: trustme.CA | None = None) -> Iterator[HostileServer]:
    """Serve an empty list over TLS. With an authority for client certificates, the server requires them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if client_authority:
        client_authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    with HostileServer(lambda request: reply(200, {"items": []}), context) as server:
        yield server


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_server_certificate_in_ca_path_is_trusted(authority: trustme.CA, tmp_path: Path, name: str) -> None:
    """By default, only Python 3.13 and later trust such certificates."""
    certificate = authority.issue_cert(name)
    bundle = tmp_path / "server.pem"
    certificate.cert_chain_pems[0].write_to_path(str(bundle))
    with serving(certificate) as server:
        url = server.url.replace("127.0.0.1", name)
        assert http_at(url, ca_path=str(bundle)).get("/a").json() == {"items": []}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_is_closed_during_the_handshake_is_retried(method: str) -> None:
    connections: list[bytes] = []

    def serve() -> None:
        while True:
            accepted, _address = listening.accept()
            with accepted:
                connections.append(accepted.recv(65536))
                if not connections[-1]:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(RequestFailed) as caught:
            http_at(f"https://{address}", retry_budget=0.2).request(method, "/a")
        socket.create_connection(listening.getsockname()).close()
        thread.join(HANGS)
    assert caught.value.reason == "tls"
    assert len(connections) > 2


@pytest.mark.parametrize("which", ["another certificate", "the certificate of another host", "another authority"])
def test_no_other_certificate_is_trusted(authority: trustme.CA, tmp_path: Path, which: str) -> None:
    name = "other.example" if which == "the certificate of another host" else "127.0.0.1"
    certificate = authority.issue_cert(name)
    bundle = tmp_path / "server.pem"
    trusted = {
        "another certificate": authority.issue_cert("127.0.0.1").cert_chain_pems[0],
        "the certificate of another host": certificate.cert_chain_pems[0],
        "another authority": trustme.CA().cert_pem,
    }
    trusted[which].write_to_path(str(bundle))
    with serving(certificate) as server:
        with pytest.raises(RequestFailed) as caught:
            http_at(server.url, ca_path=str(bundle)).get("/a")
        assert server.requests == []
    assert caught.value.reason == "tls"


@pytest.mark.parametrize("files", ["one", "two"])
def test_an_encrypted_key_needs_its_password(authority: trustme.CA, tmp_path: Path, files: str) -> None:
    issued = authority.issue_cert("client@example.com")
    certificate, key, bundle = (tmp_path / name for name in ("client.pem", "client.key", "ca.pem"))
    content = encrypted(issued.private_key_pem.bytes(), PASSWORD)
    certificate.write_bytes(issued.cert_chain_pems[0].bytes() + (content if files == "one" else b""))
    key.write_bytes(content)
    authority.cert_pem.write_to_path(str(bundle))
    options: dict[str, Any] = {"client_cert": str(certificate), "ca_path": str(bundle)}
    if files == "two":
        options["client_key"] = str(key)
    with serving(authority.issue_cert("127.0.0.1"), authority) as server:
        right = http_at(server.url, **options, client_key_password=PASSWORD)
        assert right.get("/a").json() == {"items": []}
        assert right.scrub(f"It is {PASSWORD}.") == "It is ********."
        for password in (None, "", "wrong", "x" * 2000):
            with pytest.raises(SettingsError) as caught:
                http_at(server.url, **options, client_key_password=password).get("/a")
            assert "'client_key_password'" in caught.value.message
            assert caught.value.reason == "invalid_option"


def test_no_password_is_requested_on_a_terminal(attack: Attack, authority: trustme.CA, tmp_path: Path) -> None:
    key = tmp_path / "client.pem"
    issued = authority.issue_cert("client@example.com")
    key.write_bytes(issued.cert_chain_pems[0].bytes() + encrypted(issued.private_key_pem.bytes(), PASSWORD))
    options = {**connection("apono", "https://127.0.0.1:1"), "client_cert": str(key)}
    (tmp_path / "given.json").write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}), encoding="utf-8")
    module = [sys.executable, "-m", f"{PACKAGE}.apono_connector_info", str(tmp_path / "given.json")]
    done = subprocess.run(
        [sys.executable, "-c", "import pty, sys; pty.spawn(sys.argv[1:])", *module],
        env=attack.env(PYTHONPATH=str(COLLECTIONS)),
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    result = json.loads(done.stdout[done.stdout.index("{") :])
    assert result["failure"]["reason"] == "invalid_option"
    assert "'client_key_password'" in result["msg"]


PROXIES = {
    "socks5h://127.0.0.1:1": "proxy.socks",
    "SOCKS5://user:proxy-canary@127.0.0.1:1": "proxy.socks",
    "ftp://127.0.0.1:1": "proxy.unknown_type",
    "proxy-canary://127.0.0.1:1": "proxy.unknown_type",
    "http://": "proxy.invalid_address",
    "http://[::1": "proxy.invalid_address",
    "http://user:proxy-canary@": "proxy.invalid_address",
    "http://127.0.0.1:99999999": "proxy.invalid_address",
}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("variable", ["all_proxy", "ALL_PROXY", "{scheme}_proxy"])
@pytest.mark.parametrize(("proxy", "row"), PROXIES.items())
def test_an_unusable_proxy_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, scheme: str, variable: str, proxy: str, row: str, messages: MessageTable
) -> None:
    for name in ("all_proxy", "http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(sys.modules, "socks", None)  # not installed
    variable = variable.format(scheme=scheme)
    monkeypatch.setenv(variable, proxy)
    with pytest.raises(SettingsError) as caught:
        http_at(f"{scheme}://127.0.0.1:1", use_proxy=True).get("/a")
    messages.check(row, caught.value.message, variable=variable)
    assert "canary" not in caught.value.message
    with pytest.raises(RequestFailed):
        http_at(f"{scheme}://127.0.0.1:1", use_proxy=False).get("/a")


@contextmanager
def socks_proxy(target: int) -> Iterator[tuple[str, list[bytes]]]:
    """Run a SOCKS5 proxy without authentication, which always connects to one port of this machine."""
    received: list[bytes] = []

    def serve(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", target)) as server:
            client.recv(100)
            client.sendall(b"\x05\x00")
            received.append(client.recv(300))
            client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01")
            back = threading.Thread(target=copy, args=(server, client))
            back.start()
            copy(client, server)
            back.join()

    def copy(source: socket.socket, destination: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                destination.sendall(data)
            destination.shutdown(socket.SHUT_WR)

    def accept(listening: socket.socket) -> None:
        serve(listening.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept, args=(listening,))
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}", received
        thread.join()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_socks_proxy_is_used(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, tmp_path: Path, scheme: str
) -> None:
    pytest.importorskip("socks")
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.example").configure_cert(context)
    with HostileServer(lambda request: reply(200, {}), context if scheme == "https" else None) as server:
        with socks_proxy(server.port) as (address, received):
            monkeypatch.setenv("all_proxy", f"socks5h://{address}")
            monkeypatch.delenv("no_proxy", raising=False)
            http = http_at(f"{scheme}://api.example", use_proxy=True, ca_path=str(bundle))
            assert http.get("/a").json() == {}
            assert http.request("POST", "/a").json() == {}
            http._session.close()
        assert server.seen() == ["GET /a", "POST /a"]
        assert server.connections == 1
        assert b"api.example" in received[0]


def test_a_bundle_with_the_wrong_authority_is_named(authority: trustme.CA, tmp_path: Path, attack: Attack) -> None:
    bundle = tmp_path / "wrong.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    with serving(authority.issue_cert("127.0.0.1")) as server:
        options = connection("apono", server.url, ca_path=str(bundle))
        result = attack.task("apono_connector_info", options)
        assert result.failure["reason"] == "tls"
        assert result.failure["reason"] == "tls"
        assert f"'ca_path' ({bundle})" in result.msg
        del options["ca_path"]
        for variable, reported in (("APONO_CA_PATH", "'ca_path'"), ("REQUESTS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")):
            result = attack.task("apono_connector_info", options, **{variable: str(bundle)})
            assert result.failure["reason"] == "tls"
            assert f"{reported} ({bundle})" in result.msg


def test_a_rejected_client_certificate_is_named(authority: trustme.CA, tmp_path: Path, attack: Attack) -> None:
    bundle, client = tmp_path / "ca.pem", tmp_path / "client.pem"
    authority.cert_pem.write_to_path(str(bundle))
    trustme.CA().issue_cert("client@example.com").private_key_and_cert_chain_pem.write_to_path(str(client))
    with serving(authority.issue_cert("127.0.0.1"), authority) as server:
        options = connection("apono", server.url, ca_path=str(bundle), client_cert=str(client))
        result = attack.task("apono_connector_info", options)
    assert result.failure["reason"] == "tls"
    assert f"'client_cert' ({client})" in result.msg


def test_paths_in_an_inventory_are_relative_to_its_file(attack: Attack, authority: trustme.CA, tmp_path: Path) -> None:
    folder = tmp_path / "inventory"
    folder.mkdir()
    authority.cert_pem.write_to_path(str(folder / "our.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    empty = reply(200, {"items": [], "pagination": {"next_page_token": None}})
    with HostileServer(lambda request: empty, context) as server:
        content = {"apono": connection("apono", server.url, ca_path="our.pem"), "strict_systems": True}
        file = attack.write_inventory(content, "inventory/our.fleet.yml")
        done = attack.ansible("inventory", "-i", str(file), "--list", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
    assert done.returncode == 0, done.stderr
