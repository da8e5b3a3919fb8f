# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: healthy
short_description: Test whether a connector is healthy
version_added: 1.0.0
description:
  - Returns V(true) if the health of a fleet record is V(healthy).
author:
  - hybrid.connectors contributors (@hybrid-connectors)
options:
  _input:
    description: Fleet record from the filter P(hybrid.connectors.fleet#filter) or from M(hybrid.connectors.fleet_info).
    type: dict
    required: true
seealso:
  - plugin: hybrid.connectors.fleet
    plugin_type: filter
"""

EXAMPLES = r"""
- name: List the connectors of Apono
  hybrid.connectors.apono_connector_info:
    api_token: "{{ apono_token }}"
  register: apono

- name: Fail if a connector is not healthy
  ansible.builtin.assert:
    that: records | reject('hybrid.connectors.healthy') | list | length == 0
  vars:
    records: "{{ apono.connectors | hybrid.connectors.fleet('apono') }}"
"""

RETURN = r"""
_value:
  description: Whether the connector is healthy.
  type: bool
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import is_healthy


def healthy(record: object) -> bool:
    """Return whether the health of a fleet record is ``healthy``."""
    try:
        return is_healthy(record)
    except InputError as error:
        raise AnsibleFilterError(f"hybrid.connectors.healthy: {error}") from error


class TestModule:
    """Class that Ansible loads to find the tests in this file."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        """Return the test functions, keyed by test name."""
        return {"healthy": healthy}
