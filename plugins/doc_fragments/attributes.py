# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # This fragment is for modules that change objects. Attributes in the documentation of a module override it.
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description:
      - In check mode, the module does not send changes. It predicts the changes and returns them.
    support: full
  diff_mode:
    description:
      - In diff mode, the module returns the state before and after the task. The diff does not contain secrets.
    support: full
  idempotent:
    description:
      - A second run with the same options changes nothing, unless the objects were changed in the meantime.
    support: full
notes:
  - The module removes secrets from returned objects, and masks secrets in messages and links. It replaces control
    characters, which could change the display of a terminal, by their numbers, for example C([U+009B]).
"""

    # This fragment is for modules that only read. Do not use both fragments, because the first one has precedence.
    INFO = r"""
attributes:
  check_mode:
    description:
      - This module does not change anything. Check mode makes no difference.
    support: full
  diff_mode:
    description:
      - This module does not change anything. It does not return a diff.
    support: N/A
  idempotent:
    description:
      - This module does not change anything.
    support: full
notes:
  - The module removes secrets from returned objects, and masks secrets in messages and links. It replaces control
    characters, which could change the display of a terminal, by their numbers, for example C([U+009B]).
"""
