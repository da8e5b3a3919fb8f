# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # This fragment is for modules that change objects. Attributes in the module documentation override its attributes.
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description:
      - In check mode, the module does not send requests that could change anything. The module still returns the
        planned changes.
    support: full
  diff_mode:
    description:
      - In diff mode, the module returns the state before and after the task. The diff never contains secrets.
    support: full
  idempotent:
    description:
      - A second run with the same options does not change anything, unless the objects have been changed by other means
        in the meantime.
    support: full
notes:
  - The module removes secrets from the data that a service returns, and masks secrets in messages and links. The module
    replaces terminal control characters with their code points, for example C([U+009B]).
"""

    # This fragment is for modules that only read data. Do not combine it with the fragment for modules that change
    # objects, which takes precedence.
    INFO = r"""
attributes:
  check_mode:
    description:
      - This module does not change anything, so check mode has no effect.
    support: full
  diff_mode:
    description:
      - In diff mode, modules return the state before and after the task. This module does not change anything, so it
        does not return a diff.
    support: N/A
  idempotent:
    description:
      - This module does not change anything and never reports a change.
    support: full
notes:
  - The module removes secrets from the data that a service returns, and masks secrets in messages and links. The module
    replaces terminal control characters with their code points, for example C([U+009B]).
"""
