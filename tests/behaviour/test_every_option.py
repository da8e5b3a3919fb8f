# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option of every module is read: another value than the default makes another request or another result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.modules import Result, RunModule
from support.simulator import Simulator, start

from ansible_collections.hybrid.connectors.plugins.module_utils._module import module_called
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import connection_options

MODULES = sorted(path.stem for path in (Path(__file__).parents[2] / "plugins" / "modules").glob("*.py"))

SCOPE = "sys.hcs.CS-P"
NODE = f"{SCOPE}.CS-NB.Initech"
AAAGLOBAL = {"hierarchy": SCOPE, "name": "AAAGlobal"}
INITECH = {"hierarchy": NODE, "name": "Initech"}
LIST = {"hierarchy": SCOPE, "customers": [{"name": "AAAGlobal", "account_email": "new@example.com"}]}
TWO = {
    "hierarchy": SCOPE,
    "customers": [{"name": name, "account_email": "new@example.com"} for name in ("AAAGlobal", "AB_Group")],
}
PKID = "65e0918d6fd4534903e212d9"
DEAD = {"prune": True, "prune_after_days": 1}
PLACE = "a file of the test"
TRANSACTION = "a transaction of the test"
SLOW = {"voss": {"looks": 1000}}


@dataclass(frozen=True)
class Case:
    """A value of an option, the other options of both runs, and how the simulator behaves in both."""

    value: Any
    given: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)


def _cases(given: Mapping[str, Any], **values: Any) -> dict[str, Case]:
    return {option: value if isinstance(value, Case) else Case(value, given) for option, value in values.items()}


def _attributes(given: Mapping[str, Any]) -> dict[str, Case]:
    """The attributes of a customer that has none of them."""
    return _cases(
        given,
        account_email="admin@initech.example",
        account_number="17",
        account_number_external="18",
        default_calling_behaviour="UNIFIED_CM",
        dirsync_enabled=True,
        email_domain="initech.example",
        http_proxy="proxy.initech.example",
        https_proxy="secure.initech.example",
        token="new-access-token",
        refresh_token="new-refresh-token",
        sync_on_create=True,
        extra_attributes=Case({"newAttribute": "x"}, given, {"voss": {"extra_attributes": ["newAttribute"]}}),
    )


def _rules(change: Mapping[str, Any], unchanged: Mapping[str, Any], secret: Mapping[str, Any]) -> dict[str, Case]:
    """What is done beside writing, for a customer with a change, without, and with a secret that the server hides."""
    return _cases(
        change,
        update_secrets=Case("always", secret),
        sync=["users"],
        sync_when=Case("always", {**unchanged, "sync": ["users"]}),
        refresh_access_token=Case("always", unchanged),
        token_min_days=Case(-10000, {**unchanged, "refresh_access_token": "expiring"}),
        wait=False,
        wait_timeout=Case(0.2, {**change, "poll_interval": 0.1}, {"voss": {"looks": 6}}),
        poll_interval=Case(0.1, change, {"voss": {"looks": 1000, "settle": 0.6}}),
    )


CASES: dict[str, dict[str, Case]] = {
    "apono_connector": _cases(
        {"id": "prod-us-east-1", "name": "production"},
        id="gcp-analytics",
        name="other",
        new_name=Case("stock", {"name": "analytics"}),
        state="absent",
        require_disconnected=Case(True, {"id": "prod-us-east-1", "state": "absent"}),
        require_unused=Case(True, {"id": "gcp-analytics", "state": "absent"}),
    ),
    "apono_connector_info": _cases(
        {}, id="prod-us-east-1", name="analytics", status=["DISCONNECTED"], api_version="v2", limit=2
    ),
    "apono_connectors": _cases(
        {"names": {"prod-us-east-1": "production"}},
        names={"prod-us-east-1": "other"},
        prune=True,
        prune_after_days=Case(100000, DEAD),
        prune_limit=Case(0, {**DEAD, "prune_never_connected": ["4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"]}),
        prune_never_connected=Case(["4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"], DEAD),
    ),
    "hdp_connector_info": _cases(
        {},
        scope="user",
        details=True,
        accessible=Case(True, {"scope": "user"}),
        filters={"version": "4.6.1.815"},
    ),
    "voss_spark_customer": {
        **_cases(
            INITECH,
            name="Other",
            pkid=Case(PKID, {"hierarchy": SCOPE, "name": "Globex"}),
            hierarchy=f"{SCOPE}.CS-AB.Umbrella",
            target_hierarchy=Case(NODE, AAAGLOBAL),
            state=Case("absent", AAAGLOBAL),
        ),
        **_attributes(INITECH),
        **_rules(
            {**AAAGLOBAL, "account_email": "new@example.com"},
            AAAGLOBAL,
            {**AAAGLOBAL, "https_proxy": "proxy.example.com"},
        ),
    },
    "voss_spark_customer_export": _cases(
        {"dest": PLACE, "hierarchy": SCOPE},
        dest=f"{PLACE}, another",
        mode="0640",
        format="xlsx",
        hierarchy=f"{SCOPE}.CS-NB",
        names=["AAAGlobal"],
        pkids=Case([PKID], {"dest": PLACE}),
        version="21.4",
        configuration_template="default",
        bulkload_template=True,
    ),
    "voss_spark_customer_info": _cases(
        {"hierarchy": SCOPE},
        hierarchy=f"{SCOPE}.CS-NB",
        name="AAAGlobal",
        pkid=PKID,
        expiring_within_days=-100000,
        gather=["help"],
    ),
    "voss_spark_customers": {
        **_cases(
            LIST,
            hierarchy=f"{SCOPE}.CS-NB",
            customers=[{"name": "AB_Group", "account_email": "new@example.com"}],
            state="absent",
            relocate=Case(True, {"hierarchy": SCOPE, "customers": [{"name": "AAAGlobal", "hierarchy": NODE}]}),
            prune=True,
            prune_limit=Case(0, {**LIST, "prune": True}),
            max_parallel=Case(1, TWO, {"latency": 0.1}),
        ),
        **_rules(
            LIST,
            {"hierarchy": SCOPE, "customers": [{"name": "AAAGlobal"}]},
            {"hierarchy": SCOPE, "customers": [{"name": "AAAGlobal", "https_proxy": "proxy.example.com"}]},
        ),
    },
    "voss_transaction_info": _cases(
        {"id": TRANSACTION},
        id="00000000-0000-4000-8000-000000000000",
        wait=True,
        wait_timeout=Case(0.3, {"id": TRANSACTION, "wait": True, "poll_interval": 0.1}, {"voss": {"looks": 9}}),
        poll_interval=Case(0.1, {"id": TRANSACTION, "wait": True}, {"voss": {"looks": 1000, "settle": 0.8}}),
    ),
    "webex_hybrid_connector_info": _cases(
        {},
        id="Y2lZY76123",
        org_id="Y2lzY29zcGFyazovL3",
        status=["outage"],
        type=["call"],
        hostname="foo.example.org",
        hybrid_cluster_id="Y2lZY76123abbb",
        clusters=True,
    ),
}
EACH = [(module, option) for module, cases in CASES.items() for option in cases]
FLEETING_KEYS = ("seconds", "invocation", "request_meta", "checksum", "access_token_expires")
KNOWN = re.compile(r"65e0\w{20}|6130\w{20}|5f3a\w{20}")
FLEETING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-z]{24}\b")


def connection_of(module_name: str) -> set[str]:
    """The connection options of a module."""
    return {option.name for option in connection_options(module_called(module_name)[0].system)}


@pytest.mark.parametrize("name", MODULES)
def test_every_option_has_its_case_with_a_value_that_is_not_the_default(name: str) -> None:
    options = module_called(name)[0].options
    assert set(CASES[name]) == set(options)
    for option, case in CASES[name].items():
        assert case.value != options[option].get("default"), option
        assert not connection_of(name) & set(case.given)


def lasting(value: Any) -> Any:
    """A value without what differs from run to run: new ids, times, how long something took."""
    if isinstance(value, dict):
        return {key: lasting(item) for key, item in value.items() if key not in FLEETING_KEYS}
    if isinstance(value, list):
        return [lasting(item) for item in value]
    if isinstance(value, float):
        return round(value)
    if isinstance(value, str):
        return FLEETING.sub(lambda found: found[0] if KNOWN.fullmatch(found[0]) else "an id", value)
    return value


def requests_of(simulator: Simulator) -> list[Any]:
    """What was asked, in an order that does not depend on which of several answers came first, and each thing once."""
    asked = [[entry["method"], entry["path"], entry["params"], entry["body"]] for entry in simulator.journal()]
    return sorted({repr(lasting(request)) for request in asked})


def looks(result: Result, simulator: Simulator) -> Any:
    return sum("/tool/Transaction/" in entry["path"] for entry in simulator.journal()) > 4


def connections(result: Result, simulator: Simulator) -> Any:
    return len({entry["connection"] for entry in simulator.writes()})


def everything(result: Result, simulator: Simulator) -> Any:
    return lasting(dict(result.values)), requests_of(simulator)


# Of these options only the pace can be seen.
PACE = {"poll_interval": looks, "max_parallel": connections}


@dataclass(frozen=True)
class Observer:
    """Runs a module with options, in a world that is always the same, and tells what can be seen of the run."""

    module: RunModule
    simulator: Simulator
    file: Path

    def __call__(self, name: str, option: str, case: Case, given: Mapping[str, Any]) -> Any:
        self.simulator.reset()
        self.file.unlink(missing_ok=True)
        self.simulator.settings(**case.settings)
        options = {
            key: value.replace(PLACE, str(self.file)) if isinstance(value, str) else value
            for key, value in given.items()
        }
        if options.get("id") == TRANSACTION:
            options["id"] = started(self.simulator)
        self.simulator.forget()
        return PACE.get(option, everything)(self.module(name, **options), self.simulator)


@pytest.fixture(scope="session")
def earlier() -> dict[str, Any]:
    """What was seen without an option, which several cases have in common."""
    return {}


@pytest.mark.parametrize(("name", "option"), EACH)
def test_another_value_of_it_makes_a_difference(
    module: RunModule, simulator: Simulator, tmp_path_factory: Any, earlier: dict[str, Any], name: str, option: str
) -> None:
    case = CASES[name][option]
    observer = Observer(module, simulator, tmp_path_factory.getbasetemp() / "exported")
    needed = module_called(name)[0].options[option].get("required")
    given = {key: value for key, value in case.given.items() if needed or key != option}
    same = repr((name, sorted(given.items(), key=str), case.settings, PACE.get(option)))
    if same not in earlier:
        earlier[same] = observer(name, option, case, given)
        assert observer(name, option, case, given) == earlier[same]
    assert observer(name, option, case, {**case.given, option: case.value}) != earlier[same]


def started(simulator: Simulator) -> str:
    """The id of a transaction that has only begun."""
    answer = simulator.client("voss")(
        "DELETE", "/api/relation/SparkCustomer/65e032dc6fd4534903dff709/", params={"nowait": "true", "hierarchy": SCOPE}
    )
    return str(answer.json()["transaction_id"])


# A module of each system for the connection, which is the same for all of its modules.
LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "apono": ("apono_connector_info", {}),
    "hdp": ("hdp_connector_info", {}),
    "voss": ("voss_spark_customer_info", {"hierarchy": SCOPE}),
    "webex": ("webex_hybrid_connector_info", {}),
}
WRONG = {"api_token": "wrong", "access_token": "wrong", "username": "wrong", "password": "wrong"}


@pytest.mark.parametrize(
    ("system", "option"), [(system, option.name) for system in LISTS for option in connection_options(system)]
)
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

    if option in WRONG:
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
    """A folder with a certificate and its key, each in a file of its own."""
    folder = tmp_path_factory.mktemp("client")
    issued = authority.issue_cert("client.example.com")
    issued.cert_chain_pems[0].write_to_path(str(folder / "certificate.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    return folder


@pytest.fixture(scope="session")
def demanding_simulator(server_certificate: Path, authority_file: Path) -> Iterator[Simulator]:
    """A simulator that talks only to those who show a certificate."""
    with start("--tls-cert", str(server_certificate), "--tls-client-ca", str(authority_file)) as demanding:
        yield demanding
