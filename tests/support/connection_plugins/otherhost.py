# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to this machine that Ansible does not recognize as local."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = r"""
name: otherhost
short_description: Another machine, for the tests
description: Run the tasks of a remote host on this machine.
extends_documentation_fragment: connection_pipelining
"""


class Connection(Local):
    transport = "otherhost"
