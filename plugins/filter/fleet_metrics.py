# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_metrics
short_description: Convert a fleet report to Prometheus metrics
version_added: 1.0.0
description:
  - Converts a report to the Prometheus text format, for example for the textfile collector of the node exporter.
  - All metrics are gauges whose names begin with C(hybrid_connectors_).
  - If a system was not read completely, its C(hybrid_connectors_system_read) metric is 0. The output contains other
    time series only for the connectors that were read.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
options:
  _input:
    description: Report from the filter P(hybrid.connectors.fleet_report#filter), as a dictionary or as a JSON string.
    type: raw
    required: true
seealso:
  - plugin: hybrid.connectors.fleet_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Write the metrics for the node exporter
  ansible.builtin.copy:
    content: "{{ lookup('ansible.builtin.file', 'fleet.json') | hybrid.connectors.fleet_metrics }}"
    dest: /var/lib/node_exporter/hybrid_connectors.prom
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The metrics.
  type: str
  sample: |
    # HELP hybrid_connectors_connectors Number of connectors of a system by health.
    # TYPE hybrid_connectors_connectors gauge
    hybrid_connectors_connectors{system="apono",health="healthy"} 1
"""

import typing as t

from ansible_collections.hybrid.connectors.plugins.plugin_utils._metrics import metrics
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report import checked_report, filter_errors


def fleet_metrics(report: object) -> str:
    """Convert a report to Prometheus metrics. For the arguments, see the filter documentation."""
    with filter_errors("fleet_metrics"):
        return metrics(checked_report(report))


class FilterModule:
    """Filter plugins that Ansible loads from this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return a dictionary that maps filter names to functions."""
        return {"fleet_metrics": fleet_metrics}
