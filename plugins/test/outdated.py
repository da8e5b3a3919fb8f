# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: outdated
short_description: Test whether a connector is outdated
version_added: 1.0.0
description:
  - Returns V(true) if the system of the connector reports that a newer version exists. If the system does not provide
    this information, the test returns V(false).
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

- name: Fail if a connector is outdated
  ansible.builtin.assert:
    that: records | select('hybrid.connectors.outdated') | list | length == 0
  vars:
    records: "{{ apono.connectors | hybrid.connectors.fleet('apono') }}"
"""

RETURN = r"""
_value:
  description: Whether the connector is outdated.
  type: bool
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import is_outdated


def outdated(record: object) -> bool:
    """Return whether a newer version exists for the connector in a fleet record."""
    try:
        return is_outdated(record)
    except InputError as error:
        raise AnsibleFilterError(f"hybrid.connectors.outdated: {error}") from error


class TestModule:
    """Class that Ansible loads to find the tests in this file."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        """Return the test functions, keyed by test name."""
        return {"outdated": outdated}
