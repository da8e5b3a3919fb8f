# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the command-line interface (see :mod:`connector_simulator.cli`). Usage: ``python -m connector_simulator``."""

from __future__ import annotations

import sys

from connector_simulator.cli import main

sys.exit(main())
