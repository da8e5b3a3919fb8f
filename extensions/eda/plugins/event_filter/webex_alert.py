# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provide the event filter webex_alert, which converts Webex Control Hub alerts to events."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
short_description: Convert Webex Control Hub alerts to events
version_added: 1.0.0
description:
  - Converts a Webex Control Hub alert, which the event source C(ansible.eda.webhook) receives, to an event with the key
    C(webex_alert).
  - The event contains the keys C(org_id), C(title), C(summary), C(action_url), C(severity), C(event_type),
    C(resource_type), C(type) and C(subtype). The value of a key is null if the alert does not contain it.
  - If the webhook payload is not a Control Hub alert, the filter returns an empty event.
  - Ansible evaluates strings in an event as templates. Therefore, the filter allows only the same characters as the
    event source C(hybrid.connectors.connector_health). The filter removes all other data, including the HTTP headers of
    the webhook.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
requirements:
  - ansible-core 2.16 or later, where ansible-rulebook runs
options: {}
"""

EXAMPLES = r"""
- name: Alerts of Webex Control Hub
  hosts: localhost
  sources:
    - ansible.eda.webhook:
        host: 127.0.0.1
        port: 5000
        hmac_secret: "{{ webex_alerts_secret }}"
        hmac_algo: sha1
        hmac_header: X-Spark-Signature
      filters:
        - hybrid.connectors.webex_alert:
  rules:
    - name: Control Hub has sent an alert
      condition: event.webex_alert.severity == "HIGH"
      action:
        print_event:
"""

KEYS = {
    "org_id": "orgId",
    "title": "title",
    "summary": "summary",
    "action_url": "actionUrl",
    "severity": "severity",
    "event_type": "eventType",
    "resource_type": "resourceType",
    "type": "type",
    "subtype": "subtype",
}


@lru_cache
def _event_text() -> Any:
    """Set up Ansible's plugin loader, and return the function that sanitizes strings for events."""
    from ansible.plugins.loader import init_plugin_loader
    from ansible.utils.collection_loader import AnsibleCollectionConfig

    if not AnsibleCollectionConfig.collection_finder:
        tree = Path(__file__).absolute().parents[6]
        init_plugin_loader([str(tree.parent)] if tree.name == "ansible_collections" else [])
    from ansible_collections.hybrid.connectors.plugins.plugin_utils._sanitize import event_text

    return event_text


def main(event: dict[str, Any]) -> dict[str, Any]:
    """Convert a Control Hub alert to an event. For any other data, return an empty event."""
    payload = event.get("payload")
    if not isinstance(payload, dict) or payload.get("resourceType") != "ControlHubAlerts":
        return {}
    alert: dict[str, str | None] = dict.fromkeys(KEYS)
    for name, key in KEYS.items():
        value = payload.get(key)
        if isinstance(value, str):
            alert[name] = _event_text()(value)
    return {"webex_alert": alert}
