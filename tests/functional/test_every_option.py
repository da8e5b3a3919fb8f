# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option of every module has an effect: a different value changes the requests or the result as expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme
from support import effects
from support.cases import CASES, MODULES, SCOPE, each, lasting, run_case
from support.certificates import encrypted
from support.documented import connection_options, module_options, system_of
from support.modules import NULL, Result, RunModule
from support.simulator import WEBEX_GRANT, Simulator, start

pytestmark = pytest.mark.in_worker

# These options only change the rate of the requests.
RATES = ("poll_interval", "max_parallel")

EACH = each(MODULES)
# The modules accept and ignore these options, so that module_defaults can set them.
IGNORED = {"voss_transaction_info": {"hierarchy"}}


def connection_of(module_name: str) -> list[str]:
    """Return the connection options of a module."""
    return list(connection_options(system_of(module_name)))


@pytest.mark.parametrize("name", MODULES)
def test_every_option_has_a_case_with_another_value(name: str) -> None:
    options = module_options(name)
    assert set(CASES[name]) == set(options) - IGNORED.get(name, set())
    for option, case in CASES[name].items():
        assert case.value != options[option].get("default"), option
        assert not {*connection_of(name)} & set(case.given)


def requests_of(simulator: Simulator) -> list[Any]:
    """Return each request once, in an order that does not depend on the order of parallel responses."""
    received = [
        lasting([entry["method"], entry["path"], entry["params"], entry["body"]]) for entry in simulator.journal()
    ]
    return [request for _text, request in sorted({repr(request): request for request in received}.items())]


def everything(result: Result, simulator: Simulator) -> Any:
    return lasting(dict(result.values)), requests_of(simulator)


@pytest.mark.parametrize("name", MODULES)
def test_null_equals_an_omitted_option(module: RunModule, simulator: Simulator, tmp_path: Path, name: str) -> None:
    given, file = next(iter(CASES[name].values())).given, tmp_path / "exported"
    connection = connection_options(system_of(name))
    optional = {option for option in connection if not connection[option].get("required")} - {"api_url", "access_token"}
    without = everything(run_case(module, simulator, file, name, given).ok(), simulator)
    simulator.reset()
    file.unlink(missing_ok=True)
    nulls = dict.fromkeys((optional | set(module_options(name))) - set(given), NULL)
    assert everything(run_case(module, simulator, file, name, {**nulls, **given}).ok(), simulator) == without


@pytest.fixture(scope="session")
def earlier() -> dict[str, Any]:
    """Cache the results without an option, because several cases share them."""
    return {}


@pytest.mark.parametrize(("name", "option"), [case for case in EACH if case.values[1] not in RATES])
def test_another_value_has_the_expected_effect(
    module: RunModule, simulator: Simulator, tmp_path_factory: Any, earlier: dict[str, Any], name: str, option: str
) -> None:
    case = CASES[name][option]
    file = tmp_path_factory.getbasetemp() / "exported"

    def seen(given: Mapping[str, Any]) -> Any:
        simulator.reset()
        simulator.settings(**case.settings)
        file.unlink(missing_ok=True)
        result = run_case(module, simulator, file, name, given, login=case.login)
        return effects.portable(everything(result, simulator), {simulator.url: "simulator", str(file): "exported"})

    needed = module_options(name)[option].get("required")
    given = {key: value for key, value in case.given.items() if needed or key != option}
    same = repr((name, sorted(given.items(), key=str), case.settings, case.login))
    if same not in earlier:
        earlier[same] = seen(given)
    effects.check(f"{name}.{option}", earlier[same], seen({**case.given, option: case.value}))


@pytest.mark.parametrize(("name", "option"), [case for case in EACH if case.values[1] == "poll_interval"])
def test_a_short_poll_interval_polls_more_often(
    module: RunModule, simulator: Simulator, tmp_path: Path, name: str, option: str
) -> None:
    case = CASES[name][option]

    def run(**options: Any) -> Result:
        simulator.reset()
        simulator.settings(voss={"polls": 10})
        return run_case(module, simulator, tmp_path, name, {**case.given, "wait_timeout": 4, **options})

    # By default, the tenth poll is sent after more than ten seconds.
    assert run().failure["reason"] == "timeout"
    assert run(poll_interval=case.value).ok()


def test_max_parallel_limits_the_connections(module: RunModule, simulator: Simulator, tmp_path: Path) -> None:
    case = CASES["voss_spark_customers"]["max_parallel"]

    def connections(**options: Any) -> int:
        simulator.reset()
        simulator.settings(**case.settings)
        run_case(module, simulator, tmp_path, "voss_spark_customers", {**case.given, **options}).ok()
        return len({entry["connection"] for entry in simulator.writes()})

    assert connections() == 2
    assert connections(max_parallel=case.value) == 1


# One module of each system tests the connection options, because all modules of a system share them.
LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "apono": ("apono_connector_info", {}),
    "hdp": ("hdp_connector_info", {}),
    "voss": ("voss_spark_customer_info", {"hierarchy": SCOPE}),
    "webex": ("webex_hybrid_connector_info", {}),
}
WRONG = {"api_token": "wrong", "access_token": "wrong", "username": "wrong", "password": "wrong"}


def cases_of_connections() -> list[Any]:
    """Return system and option as parameters of a test. The effect of one of the options is a wait."""
    return [
        pytest.param(system, name, marks=[pytest.mark.real_waits] if name == "requests_per_second" else [])
        for system in LISTS
        for name in connection_of(LISTS[system][0])
    ]


@pytest.mark.parametrize(("system", "option"), cases_of_connections())
def test_another_value_of_a_connection_option_makes_a_difference(
    module: RunModule,
    simulator: Simulator,
    tls_simulator: Simulator,
    demanding_simulator: Simulator,
    client_certificate: Path,
    authority_file: Path,
    closed_port: int,
    system: str,
    option: str,
) -> None:
    name, given = LISTS[system]
    nowhere = f"http://127.0.0.1:{closed_port}"
    tls = {"api_url": tls_simulator.system_url(system), "retry_budget": 0}
    demanding = {
        "api_url": demanding_simulator.url + simulator.system_url(system).removeprefix(simulator.url),
        "ca_path": str(authority_file),
        "retry_budget": 0,
    }

    def fails(env: Any = None, **options: Any) -> bool:
        simulator.reset()
        if option == "timeout":
            simulator.settings(latency=0.5)
        if option == "retry_budget":
            simulator.fault(system=system, path=".", status=503, body={}, headers={"Retry-After": "0"})
        return module(name, env=env, **given, **options).failed

    if option in WEBEX_GRANT:
        grant = {**WEBEX_GRANT, "access_token": None}
        assert (fails(**grant), fails(**{**grant, option: "wrong"})) == (False, True)
    elif option == "token_cache":
        assert fails(**{**WEBEX_GRANT, "access_token": None, option: f"{client_certificate}/none/tokens"})
    elif option in WRONG:
        assert (fails(), fails(**{option: WRONG[option]})) == (False, True)
    elif option == "api_url":
        assert (fails(), fails(api_url=nowhere, retry_budget=0)) == (False, True)
    elif option == "validate_certs":
        assert (fails(**tls), fails(validate_certs=False, **tls)) == (True, False)
    elif option == "ca_path":
        assert (fails(**tls), fails(ca_path=str(authority_file), **tls)) == (True, False)
    elif option in ("client_cert", "client_key"):
        certificate, key = client_certificate / "certificate.pem", client_certificate / "key.pem"
        both = {"client_cert": str(certificate), "client_key": str(key)}
        less = {other: path for other, path in both.items() if other != option}
        assert (fails(**demanding, **less), fails(**demanding, **both)) == (True, False)
    elif option == "client_key_password":
        pair = {
            "client_cert": str(client_certificate / "certificate.pem"),
            "client_key": str(client_certificate / "encrypted.pem"),
        }
        assert (fails(**demanding, **pair), fails(**demanding, **pair, client_key_password="right")) == (True, False)
    elif option == "timeout":
        assert (fails(retry_budget=0), fails(timeout=0.1, retry_budget=0)) == (False, True)
    elif option == "retry_budget":
        assert (fails(), fails(retry_budget=0)) == (False, True)
    elif option == "use_proxy":
        proxy = {"http_proxy": nowhere}
        assert (fails(proxy, retry_budget=0), fails(proxy, retry_budget=0, use_proxy=False)) == (True, False)
    else:
        assert option == "requests_per_second"
        simulator.reset()
        module(name, gather=["help", "add_form"], requests_per_second=1, **given).ok()
        times = [entry["time"] for entry in simulator.journal()]
        assert times[-1] - times[0] > len(times) - 2


@pytest.fixture(scope="session")
def client_certificate(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate, its key, and its encrypted key."""
    folder = tmp_path_factory.mktemp("client")
    issued = authority.issue_cert("client.example.com")
    issued.cert_chain_pems[0].write_to_path(str(folder / "certificate.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "encrypted.pem").write_bytes(encrypted(issued.private_key_pem.bytes(), "right"))
    return folder


@pytest.fixture(scope="session")
def demanding_simulator(server_certificate: Path, authority_file: Path) -> Iterator[Simulator]:
    """A simulator that requires a client certificate."""
    with start("--tls-cert", str(server_certificate), "--tls-client-ca", str(authority_file)) as demanding:
        yield demanding
