# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate a realistic fleet: plausible names, clusters, tenants and versions, and a few unhealthy connectors.

The same number always produces the same fleet. Timestamps are relative to the current time. Each generator returns
lists in the format of a seed.
"""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from connector_simulator.generate import ORGANIZATION, Lists, spread

Choice = TypeVar("Choice")
PROVIDER = "sys.hcs.CS-P"
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


class RandomSource:
    """A reproducible source of random values and timestamps for the fleet of one system."""

    def __init__(self, system: str, number: int, now: datetime):
        self._random = random.Random(f"{system} {number}")
        self._now = now
        self._names: dict[str, int] = {}

    def pick(self, weighted: Mapping[Choice, float]) -> Choice:
        """Return a random key of a mapping, using the values as weights."""
        return self._random.choices(list(weighted), list(weighted.values()))[0]

    def any(self, choices: Sequence[Choice]) -> Choice:
        """Return a random item. All items have the same probability."""
        return self._random.choice(choices)

    def between(self, low: float, high: float) -> float:
        """Return a random number between two limits."""
        return self._random.uniform(low, high)

    def uuid(self) -> str:
        """Return a random UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def pkid(self) -> str:
        """Return a random VOSS Automate pkid (24 hexadecimal digits)."""
        return f"{self._random.getrandbits(96):024x}"

    def unique(self, name: str, separator: str = "-") -> str:
        """Return a unique name. Append a number if necessary."""
        number = self._names[name] = self._names.get(name, 0) + 1
        return name if number == 1 else self.unique(f"{name}{separator}{number}", separator)

    def time(self, days: float) -> str:
        """Return a timestamp for the current time plus a number of days, which may be negative."""
        return (self._now + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def lists(system: str, counts: Mapping[str, int], number: int, now: datetime | None = None) -> Lists:
    """Generate the lists of objects for a system.

    :param counts: number of objects to create, by kind.
    :param number: number that selects the fleet.
    """
    rng = RandomSource(system, number, now or datetime.now(timezone.utc))
    return _GENERATORS[system](rng, **counts)


def shares(connectors: int, organizations: int = 0) -> dict[str, dict[str, int]]:
    """Return how many objects to create in each system for a fleet with the given number of connectors."""
    apono, hdp, voss = connectors * 25 // 100, connectors * 20 // 100, connectors * 15 // 100
    webex = connectors - apono - hdp - voss
    return {
        "apono": {"connectors": apono},
        "hdp": {"connectors": hdp},
        "voss": {"customers": voss, "free_nodes": voss // 5},
        "webex": {"connectors": webex, "organizations": organizations},
    }


def _apono(rng: RandomSource, connectors: int) -> Lists:
    """Create connectors in several cloud regions, and integrations that use them. Most connectors are connected."""
    found: Lists = {"connectors": [], "integrations": []}
    for _number in range(connectors):
        cloud = rng.pick({"AWS": 6, "AZURE": 3, "GCP": 2})
        region = rng.any(_REGIONS[cloud])
        stage = rng.pick({"prod": 5, "staging": 2, "dev": 2, "analytics": 1})
        connected = rng.pick({True: 92, False: 8})
        version = rng.pick({"1.6.4": 8, "1.6.2": 2, "1.5.9": 1})
        connector = {
            "id": rng.uuid(),
            "name": rng.unique(f"{rng.any(_COMPANIES).lower()}-{stage}-{region}"),
            "status": "CONNECTED" if connected else "DISCONNECTED",
            "version": version,
            "last_connected": rng.time(rng.between(-20, -1) if connected else rng.between(-60, -0.2)),
            "is_latest_version": version == "1.6.4",
            "cloud_provider_type": cloud,
            "sessions": [_session(rng, version, region)] if connected else [],
        }
        found["connectors"].append(connector)
        if rng.pick({True: 2, False: 1}):
            found["integrations"].append(_integration(rng, connector))
    return found


def _session(rng: RandomSource, version: str, region: str) -> dict[str, Any]:
    metadata = {"connector_version": version, "cloud_provider_metadata": {"region": region}}
    return {"id": rng.uuid(), "last_connected_time": rng.time(rng.between(-0.01, 0)), "metadata": metadata}


def _integration(rng: RandomSource, connector: Mapping[str, Any]) -> dict[str, Any]:
    kind, what = rng.any((("aws-rds-postgresql", "database"), ("mysql", "orders"), ("k8s-roles", "cluster")))
    return {
        "id": rng.uuid(),
        "name": rng.unique(f"{what} of {connector['name']}", " "),
        "type": kind,
        "category": "RESOURCES",
        "status": rng.pick({"ACTIVE": 9, "ERROR": 1}),
        "connector_id": connector["id"],
        "integration_config": {},
    }


def _hdp(rng: RandomSource, connectors: int) -> Lists:
    """Create connectors and groups for several tenants. Some have not been used for days or have never been used."""
    tenants = [rng.unique(rng.any(_COMPANIES)) for _tenant in range(connectors // 8 + 1)]
    found: Lists = {"connectors": [], "user_connectors": []}
    for number in range(connectors):
        label = f"{rng.any(('sales', 'finance', 'stock', 'hr'))}-{rng.any(('oracle', 'postgres', 'mssql'))}"
        idle = rng.pick({"no": 90, "long": 7, "unknown": 3})
        connector = {
            "connectorID": rng.uuid(),
            "label": rng.unique(f"{label}-{rng.any(_CITIES).lower()}"),
            "version": rng.pick({"4.6.1.815": 6, "4.6.1.758": 3, "4.6.1.702": 1}),
            "owner": rng.any(_OWNERS),
            "tenantName": rng.any(tenants),
            "isGroup": rng.pick({False: 12, True: 1}),
            "createdTime": rng.time(rng.between(-900, -300)),
            "lastModified": rng.time(rng.between(-300, -30)),
            "lastAccessed": None,
            "ipAddress": f"198.18.{number // 250 % 256}.{number % 250 + 1}",
            "javaVersion": rng.pick({"11.0.22": 4, "17.0.10": 1}),
            "javaVendor": "Eclipse Adoptium",
            "osName": rng.pick({"Linux": 4, "Windows Server 2022": 1}),
            "osVersion": "5.14.0",
        }
        if idle != "unknown":
            connector["lastAccessed"] = rng.time(rng.between(-80, -2) if idle == "long" else rng.between(-0.5, 0))
        found["connectors"].append(connector)
        owned = {name: connector[name] for name in ("connectorID", "owner", "label")}
        found["user_connectors"].append({**owned, "authUser": [rng.any(_OWNERS)]})
    _add_groups(rng, found)
    return found


def _add_groups(rng: RandomSource, found: Lists) -> None:
    """Add to each group up to two connectors that belong to its owner. Add each connector to only one group."""
    is_group = {item["connectorID"]: item["isGroup"] for item in found["connectors"]}
    free = [item for item in found["user_connectors"] if not is_group[item["connectorID"]]]
    for item in found["user_connectors"]:
        if not is_group[item["connectorID"]]:
            continue
        members = [other for other in free if other["owner"] == item["owner"]][:2]
        free = [other for other in free if other not in members]
        item["connectorGroup"] = _group(rng, members)


def _group(rng: RandomSource, members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    balancing: dict[str, str] = rng.any(({}, {"loadBalancing": "Round Robin"}))
    listed = []
    for sequence, member in enumerate(members, start=1):
        listed.append({"memberID": member["connectorID"], "sequence": sequence, "weight": 1})
    return {"connectionTimeout": 15, "retryDelay": 120, **balancing, "members": listed}


def _webex(rng: RandomSource, connectors: int, organizations: int) -> Lists:
    """Create clusters with two hosts and up to three connectors per host. Some connectors have alarms or outages."""
    found: Lists = {"connectors": [], "clusters": [], "resource_groups": []}
    for name in ("Americas", "Asia Pacific", "Europe"):
        found["resource_groups"].append({"id": _webex_id(rng, "RESOURCE_GROUP"), "orgId": ORGANIZATION, "name": name})
    kinds = ("calendar", "call", "message")
    hosts: list[tuple[str, str, str]] = []
    for number in range(connectors):
        if number % 6 == 0:
            city = rng.unique(rng.any(_CITIES), " ")
            cluster = {
                "id": _webex_id(rng, "HYBRID_CLUSTER"),
                "orgId": ORGANIZATION,
                "name": f"Expressway {city}",
                "resourceGroupId": rng.any(found["resource_groups"])["id"],
            }
            found["clusters"].append(cluster)
            domain = f"{city.lower().replace(' ', '')}.example.net"
            weights = {"operational": 88, "impaired": 5, "outage": 3, "maintenanceMode": 4}
            hosts = [(cluster["id"], f"exp-c{host}.{domain}", rng.pick(weights)) for host in (1, 2)]
        cluster_id, hostname, status = hosts[number % 6 // 3]
        found["connectors"].append(_webex_connector(rng, cluster_id, hostname, status, kinds[number % 3]))
    return spread(found, organizations)


def _webex_connector(rng: RandomSource, cluster: str, hostname: str, status: str, kind: str) -> dict[str, Any]:
    connector: dict[str, Any] = {
        "id": _webex_id(rng, "HYBRID_CONNECTOR"),
        "orgId": ORGANIZATION,
        "hybridClusterId": cluster,
        "hostname": hostname,
        "status": status,
        "created": rng.time(rng.between(-1500, -200)),
        "type": kind,
        "version": rng.pick({"8.11-1.0.7025": 7, "8.11-1.0.6961": 2, "8.10-1.0.6412": 1}),
        "alarms": [],
    }
    if status in ("impaired", "outage") or (status == "operational" and rng.pick({True: 4, False: 96})):
        severity, title, description = _ALARMS[status]
        alarm = {"severity": severity, "title": title, "description": description}
        created = {"created": rng.time(rng.between(-2, 0)), "hybridConnectorId": connector["id"]}
        connector["alarms"].append({"id": rng.uuid(), **created, **alarm})
    return connector


def _webex_id(rng: RandomSource, kind: str) -> str:
    return base64.b64encode(f"ciscospark://us/{kind}/{rng.uuid()}".encode()).decode().rstrip("=")


def _voss(rng: RandomSource, customers: int, free_nodes: int) -> Lists:
    """Create resellers and customers. Some tokens have expired or expire soon, and some nodes have no customer."""
    found: Lists = {"nodes": [], "customers": []}
    reseller = ""
    for number in range(customers + free_nodes):
        if number % 10 == 0:
            reseller = f"{PROVIDER}.{rng.unique(f'{rng.any(_CITIES)} Reseller', ' ')}"
            found["nodes"].append({"path": reseller, "node_type": "Reseller", "pkid": rng.pkid()})
        name = rng.unique(f"{rng.any(_COMPANIES)} {rng.any(_CITIES)}", " ")
        path = f"{reseller}.{name}"
        found["nodes"].append({"path": path, "node_type": "Customer", "pkid": rng.pkid()})
        if number < customers:
            found["customers"].append(_customer(rng, path, name))
    return found


def _customer(rng: RandomSource, path: str, name: str) -> dict[str, Any]:
    access = rng.pick({(8.0, 14.0): 88, (1.0, 6.0): 8, (-5.0, -1.0): 4})
    domain = f"{name.lower().replace(' ', '-')}.example"
    organization = rng.uuid()
    return {
        "pkid": rng.pkid(),
        "data_pkid": rng.pkid(),
        "hierarchy": path,
        "name": name,
        "account_email": f"webex-admin@{domain}",
        "account_number": organization,
        "account_number_external": organization,
        "email_domain": domain,
        "default_calling_behaviour": "Calling in Webex App",
        "dirsync_enabled": rng.pick({True: 3, False: 1}),
        "token": f"generated-access-token-{rng.pkid()}",
        "refresh_token": f"generated-refresh-token-{rng.pkid()}",
        "access_token_expires": rng.time(rng.between(*access)),
        "refresh_token_expires": rng.time(rng.between(20, 85)),
    }


_GENERATORS: dict[str, Callable[..., Lists]] = {"apono": _apono, "hdp": _hdp, "voss": _voss, "webex": _webex}
