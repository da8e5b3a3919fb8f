# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the variables of a job for every playbook of the collection."""

from __future__ import annotations

from typing import Any

SCOPE = "sys.hcs.CS-P"
EVENT = {
    "type": "health_changed",
    "at": "2026-11-22T12:00:00Z",
    "system": "apono",
    "id": "1",
    "id_base64": "MQ==",
    "name": "analytics",
    "before": "healthy",
    "after": "down",
    "unhealthy_since": "2026-11-22T12:00:00Z",
    "downtime_seconds": None,
    "flapping_since": None,
    "record": None,
}
ALERT = {
    "org_id": "1ab23cde",
    "title": "A connector is offline",
    "summary": "An alert",
    "action_url": None,
    "severity": "HIGH",
    "event_type": "created",
    "resource_type": "ControlHubAlerts",
    "type": "Hybrid",
    "subtype": None,
}
# The extra variables of each job template, without credentials. The directory {folder} persists after the job.
VARIABLES: dict[str, dict[str, Any]] = {
    "apono_tidy": {"apono_connectors_names": {"prod-us-east-1": "aws-us-east-1"}},
    "apono_replace_connector": {
        "apono_replace_connector_old": "AwsConnector-ProdTeam-XYZ123",
        "apono_replace_connector_new": "prod-us-east-1",
    },
    "connector_health": {"ansible_eda": {"event": {"connector_health": EVENT}}},
    "connector_health_chat": {"ansible_eda": {"event": {"connector_health": EVENT}}},
    "connector_health_ticket": {"ansible_eda": {"event": {"connector_health": EVENT}}},
    "demo": {"demo_simulator": False},
    "fleet_report": {
        "fleet_report_systems": ["apono", "hdp", "webex"],
        "fleet_report_html": "{folder}/fleet.html",
        "fleet_report_json": "{folder}/fleet.json",
    },
    "simulator": {
        "simulator_state": "stopped",
        "simulator_port": "{port}",
        "simulator_directory": "{folder}/simulator",
    },
    "voss_offboard": {
        "voss_offboard_hierarchy": SCOPE,
        "voss_offboard_names": ["AB_Group"],
        "voss_offboard_backup_directory": "{folder}",
    },
    "voss_onboard": {
        "voss_onboard_hierarchy": f"{SCOPE}.CS-NB.Initech",
        "voss_onboard_name": "Initech",
        "voss_onboard_account_email": "webex-admin@initech.example",
    },
    "webex_alerts": {"ansible_eda": {"event": {"webex_alert": ALERT}}},
    "voss_tokens": {"voss_spark_customers_hierarchy": SCOPE},
}
# These playbooks set up AWX. test_role_awx_setup.py tests them.
VARIABLES_OF_AWX: dict[str, dict[str, Any]] = {
    "awx_project": {"awx_setup_project_dest": "{folder}/project"},
    "awx_setup": {
        "awx_setup_systems": ["webex"],
        "awx_setup_project_url": "https://git.example.com/connectors.git",
        "awx_setup_credentials": {"webex": {"access_token": "a token"}},
    },
}
