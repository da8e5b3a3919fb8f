# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # This fragment is for modules that manage a connector or a connector group of Hybrid Data Pipeline.
    DOCUMENTATION = r"""
options:
  authorized_users:
    description:
      - Names of users who are authorized to use the connector or the group, in addition to its owner.
      - The server rejects the complete change if one of the users does not exist.
      - By default, the module does not change the authorized users.
    type: list
    elements: str
  authorized_users_mode:
    description:
      - If V(exact), only the users in O(authorized_users) are authorized after the run. An empty list revokes all
        authorizations.
      - If V(add), the module authorizes these users in addition to the users who are already authorized.
      - If V(remove), the module revokes the authorization of these users.
    type: str
    choices: [exact, add, remove]
    default: exact
notes:
  - Hybrid Data Pipeline does not document whether user names are case-sensitive. If O(authorized_users) contains a name
    that differs only in case from the name of an authorized user, the task fails.
"""
