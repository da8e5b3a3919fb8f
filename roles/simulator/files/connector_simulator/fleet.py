# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A believable fleet: plausible names, clusters, tenants and versions, and a few connectors that are not healthy.

The same number gives the same fleet; timestamps are relative to now. Each function returns lists in the form of a seed.
"""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from connector_simulator.generate import Lists

Choice = TypeVar("Choice")
PROVIDER = "sys.hcs.CS-P"
ORGANIZATION = "Y2lzY29zcGFyazovL3"
_COMPANIES = (
    *("Acme", "Aperture", "Bluth", "Contoso", "Cyberdyne", "Dunder", "Fabrikam", "Gekko", "Globex", "Hooli", "Initech"),
    *("Litware", "Massive", "Monarch", "Northwind", "Oceanic", "Oscorp", "Prestige", "Proseware", "Sirius", "Soylent"),
    *("Stark", "Tailspin", "Trey", "Tyrell", "Umbrella", "Vandelay", "Virtucon", "Wayne", "Wingtip", "Wonka"),
)  # fmt: skip
_CITIES = (
    *("Amsterdam", "Atlanta", "Austin", "Berlin", "Boston", "Chicago", "Dallas", "Denver", "Dublin", "Frankfurt"),
    *("Helsinki", "Lisbon", "London", "Madrid", "Melbourne", "Milan", "Mumbai", "Munich", "Osaka", "Oslo", "Paris"),
    *("Perth", "Prague", "Seattle", "Singapore", "Stockholm", "Sydney", "Tokyo", "Toronto", "Vienna", "Warsaw"),
)  # fmt: skip
_REGIONS = {
    "AWS": ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2"),
    "AZURE": ("westeurope", "northeurope", "eastus2", "uksouth"),
    "GCP": ("europe-west3", "us-central1", "asia-east1"),
}
_ALARMS = {
    "impaired": ("error", "Cannot reach the call control", "The connector has had no response for 10 minutes."),
    "outage": ("critical", "Connector is not running", "The service stopped and did not start again."),
    "operational": ("warning", "Certificate expires soon", "The certificate of the host expires within 30 days."),
}
_OWNERS = ("admin123", "ddctest01", "j.smith", "m.garcia", "s.tanaka")


class Chance:
    """The random choices of one system's fleet, and its clock."""

    def __init__(self, system: str, number: int, now: datetime):
        self._random = random.Random(f"{system} {number}")
        self._now = now
        self._names: dict[str, int] = {}

    def pick(self, weighted: Mapping[Choice, float]) -> Choice:
        """One of the keys; the values say how often."""
        return self._random.choices(list(weighted), list(weighted.values()))[0]

    def any(self, choices: Sequence[Choice]) -> Choice:
        """One of the choices, each as often."""
        return self._random.choice(choices)

    def between(self, low: float, high: float) -> float:
        """A number between two others."""
        return self._random.uniform(low, high)

    def uuid(self) -> str:
        """A UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def pkid(self) -> str:
        """24 hexadecimal digits."""
        return f"{self._random.getrandbits(96):024x}"

    def unique(self, name: str, separator: str = "-") -> str:
        """A name that was not given before: the name itself, or with a number behind it."""
        number = self._names[name] = self._names.get(name, 0) + 1
        return name if number == 1 else self.unique(f"{name}{separator}{number}", separator)

    def time(self, days: float) -> str:
        """The time so many days from now; negative: before now."""
        return (self._now + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def lists(system: str, counts: Mapping[str, int], number: int, now: datetime | None = None) -> Lists:
    """The lists of a system: so many objects, chosen by a number."""
    chance = Chance(system, number, now or datetime.now(timezone.utc))
    return _GENERATORS[system](chance, **counts)


def shares(connectors: int) -> dict[str, dict[str, int]]:
    """How many objects each system has of a fleet of so many connectors."""
    apono, hdp, voss = connectors * 25 // 100, connectors * 20 // 100, connectors * 15 // 100
    webex = connectors - apono - hdp - voss
    return {
        "apono": {"connectors": apono},
        "hdp": {"connectors": hdp},
        "voss": {"customers": voss, "free_nodes": voss // 5},
        "webex": {"connectors": webex},
    }


def _apono(chance: Chance, connectors: int) -> Lists:
    """Connectors of many accounts, most of them connected, and what they are used for."""
    found: Lists = {"connectors": [], "integrations": []}
    for _number in range(connectors):
        cloud = chance.pick({"AWS": 6, "AZURE": 3, "GCP": 2})
        region = chance.any(_REGIONS[cloud])
        stage = chance.pick({"prod": 5, "staging": 2, "dev": 2, "analytics": 1})
        connected = chance.pick({True: 92, False: 8})
        version = chance.pick({"1.6.4": 8, "1.6.2": 2, "1.5.9": 1})
        connector = {
            "id": chance.uuid(),
            "name": chance.unique(f"{chance.any(_COMPANIES).lower()}-{stage}-{region}"),
            "status": "CONNECTED" if connected else "DISCONNECTED",
            "version": version,
            "last_connected": chance.time(chance.between(-20, -1) if connected else chance.between(-60, -0.2)),
            "is_latest_version": version == "1.6.4",
            "cloud_provider_type": cloud,
            "sessions": [_session(chance, version, region)] if connected else [],
        }
        found["connectors"].append(connector)
        if chance.pick({True: 2, False: 1}):
            found["integrations"].append(_integration(chance, connector))
    return found


def _session(chance: Chance, version: str, region: str) -> dict[str, Any]:
    metadata = {"connector_version": version, "cloud_provider_metadata": {"region": region}}
    return {"id": chance.uuid(), "last_connected_time": chance.time(chance.between(-0.01, 0)), "metadata": metadata}


def _integration(chance: Chance, connector: Mapping[str, Any]) -> dict[str, Any]:
    kind, what = chance.any((("aws-rds-postgresql", "database"), ("mysql", "orders"), ("k8s-roles", "cluster")))
    return {
        "id": chance.uuid(),
        "name": chance.unique(f"{what} of {connector['name']}", " "),
        "type": kind,
        "category": "RESOURCES",
        "status": chance.pick({"ACTIVE": 9, "ERROR": 1}),
        "connector_id": connector["id"],
        "integration_config": {},
    }


def _hdp(chance: Chance, connectors: int) -> Lists:
    """Connectors of several tenants; some were not used for days, and of a few nothing is known."""
    tenants = [chance.unique(chance.any(_COMPANIES)) for _tenant in range(connectors // 8 + 1)]
    found: Lists = {"connectors": [], "user_connectors": []}
    for number in range(connectors):
        label = f"{chance.any(('sales', 'finance', 'stock', 'hr'))}-{chance.any(('oracle', 'postgres', 'mssql'))}"
        idle = chance.pick({"no": 90, "long": 7, "unknown": 3})
        connector = {
            "connectorID": chance.uuid(),
            "label": chance.unique(f"{label}-{chance.any(_CITIES).lower()}"),
            "version": chance.pick({"4.6.1.815": 6, "4.6.1.758": 3, "4.6.1.702": 1}),
            "owner": chance.any(_OWNERS),
            "tenantName": chance.any(tenants),
            "isGroup": chance.pick({False: 12, True: 1}),
            "createdTime": chance.time(chance.between(-900, -300)),
            "lastModified": chance.time(chance.between(-300, -30)),
            "lastAccessed": None,
            "ipAddress": f"198.18.{number // 250 % 256}.{number % 250 + 1}",
            "javaVersion": chance.pick({"11.0.22": 4, "17.0.10": 1}),
            "javaVendor": "Eclipse Adoptium",
            "osName": chance.pick({"Linux": 4, "Windows Server 2022": 1}),
            "osVersion": "5.14.0",
        }
        if idle != "unknown":
            connector["lastAccessed"] = chance.time(
                chance.between(-80, -2) if idle == "long" else chance.between(-0.5, 0)
            )
        found["connectors"].append(connector)
        owned = {name: connector[name] for name in ("connectorID", "owner", "label")}
        found["user_connectors"].append({**owned, "authUser": [chance.any(_OWNERS)]})
    return found


def _webex(chance: Chance, connectors: int) -> Lists:
    """Hosts with up to three connectors each, two hosts to a cluster; some have alarms, and a few hosts are down."""
    found: Lists = {"connectors": [], "clusters": [], "resource_groups": []}
    for name in ("Americas", "Asia Pacific", "Europe"):
        found["resource_groups"].append(
            {"id": _webex_id(chance, "RESOURCE_GROUP"), "orgId": ORGANIZATION, "name": name}
        )
    kinds = ("calendar", "call", "message")
    hosts: list[tuple[str, str, str]] = []
    for number in range(connectors):
        if number % 6 == 0:
            city = chance.unique(chance.any(_CITIES), " ")
            cluster = {
                "id": _webex_id(chance, "HYBRID_CLUSTER"),
                "orgId": ORGANIZATION,
                "name": f"Expressway {city}",
                "resourceGroupId": chance.any(found["resource_groups"])["id"],
            }
            found["clusters"].append(cluster)
            domain = f"{city.lower().replace(' ', '')}.example.net"
            weights = {"operational": 88, "impaired": 5, "outage": 3, "maintenanceMode": 4}
            hosts = [(cluster["id"], f"exp-c{host}.{domain}", chance.pick(weights)) for host in (1, 2)]
        cluster_id, hostname, status = hosts[number % 6 // 3]
        found["connectors"].append(_webex_connector(chance, cluster_id, hostname, status, kinds[number % 3]))
    return found


def _webex_connector(chance: Chance, cluster: str, hostname: str, status: str, kind: str) -> dict[str, Any]:
    connector: dict[str, Any] = {
        "id": _webex_id(chance, "HYBRID_CONNECTOR"),
        "orgId": ORGANIZATION,
        "hybridClusterId": cluster,
        "hostname": hostname,
        "status": status,
        "created": chance.time(chance.between(-1500, -200)),
        "type": kind,
        "version": chance.pick({"8.11-1.0.7025": 7, "8.11-1.0.6961": 2, "8.10-1.0.6412": 1}),
        "alarms": [],
    }
    if status in ("impaired", "outage") or (status == "operational" and chance.pick({True: 4, False: 96})):
        severity, title, description = _ALARMS[status]
        alarm = {"severity": severity, "title": title, "description": description}
        created = {"created": chance.time(chance.between(-2, 0)), "hybridConnectorId": connector["id"]}
        connector["alarms"].append({"id": chance.uuid(), **created, **alarm})
    return connector


def _webex_id(chance: Chance, kind: str) -> str:
    return base64.b64encode(f"ciscospark://us/{kind}/{chance.uuid()}".encode()).decode().rstrip("=")


def _voss(chance: Chance, customers: int, free_nodes: int) -> Lists:
    """Resellers with customers; a few tokens expire soon or have expired. Some customer nodes have no customer."""
    found: Lists = {"nodes": [], "customers": []}
    reseller = ""
    for number in range(customers + free_nodes):
        if number % 10 == 0:
            reseller = f"{PROVIDER}.{chance.unique(f'{chance.any(_CITIES)} Reseller', ' ')}"
            found["nodes"].append({"path": reseller, "node_type": "Reseller", "pkid": chance.pkid()})
        name = chance.unique(f"{chance.any(_COMPANIES)} {chance.any(_CITIES)}", " ")
        path = f"{reseller}.{name}"
        found["nodes"].append({"path": path, "node_type": "Customer", "pkid": chance.pkid()})
        if number < customers:
            found["customers"].append(_customer(chance, path, name))
    return found


def _customer(chance: Chance, path: str, name: str) -> dict[str, Any]:
    access = chance.pick({(8.0, 14.0): 88, (1.0, 6.0): 8, (-5.0, -1.0): 4})
    domain = f"{name.lower().replace(' ', '-')}.example"
    organization = chance.uuid()
    return {
        "pkid": chance.pkid(),
        "data_pkid": chance.pkid(),
        "hierarchy": path,
        "name": name,
        "account_email": f"webex-admin@{domain}",
        "account_number": organization,
        "account_number_external": organization,
        "email_domain": domain,
        "default_calling_behaviour": "Calling in Webex App",
        "dirsync_enabled": chance.pick({True: 3, False: 1}),
        "token": f"generated-access-token-{chance.pkid()}",
        "refresh_token": f"generated-refresh-token-{chance.pkid()}",
        "access_token_expires": chance.time(chance.between(*access)),
        "refresh_token_expires": chance.time(chance.between(20, 85)),
    }


_GENERATORS: dict[str, Callable[..., Lists]] = {"apono": _apono, "hdp": _hdp, "voss": _voss, "webex": _webex}
