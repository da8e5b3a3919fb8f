# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A become method that runs commands as the current user."""

from __future__ import annotations

from typing import Any

from ansible.plugins.become import BecomeBase

DOCUMENTATION = r"""
name: otheruser
short_description: Another user, for the tests
description: Runs commands as the current user.
options:
  become_user:
    description: The user.
    default: otheruser
    vars:
      - name: ansible_become_user
  become_exe:
    description: Not used.
  become_flags:
    description: Not used.
  become_pass:
    description: Not used.
"""


class BecomeModule(BecomeBase):
    name = "otheruser"

    def build_become_command(self, cmd: Any, shell: Any) -> Any:
        base: Any = super()
        base.build_become_command(cmd, shell)
        return base._build_success_command(cmd, shell)
