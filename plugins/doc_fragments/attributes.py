# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # For modules that change something. A module that falls short says so: its own support and details win.
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description:
      - In check mode nothing is sent that could change anything. Whether something would change, and to what, is
        reported nevertheless.
    support: full
  diff_mode:
    description:
      - In diff mode the state before and after the task is returned. Secrets never appear in it.
    support: full
  idempotent:
    description:
      - A second run with the same options changes nothing, provided that nobody else changed something in between.
    support: full
notes:
  - Secrets in what a service returns are removed, or masked in messages and links. Characters that steer a terminal are
    replaced by their numbers, for example C([U+009B]).
"""

    # For modules that only read, in place of the fragment above and not beside it: of two fragments the first one wins.
    INFO = r"""
attributes:
  check_mode:
    description:
      - This module changes nothing, so it does the same in check mode.
    support: full
  diff_mode:
    description:
      - In diff mode the state before and after the task is returned. This module changes nothing, so there is no
        difference to show.
    support: N/A
  idempotent:
    description:
      - This module changes nothing and always reports that nothing was changed.
    support: full
notes:
  - Secrets in what a service returns are removed, or masked in messages and links. Characters that steer a terminal are
    replaced by their numbers, for example C([U+009B]).
"""
