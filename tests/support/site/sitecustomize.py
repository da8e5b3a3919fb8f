# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python runs this file at startup if the folder is on its path. It redirects the system log to a file. If
BROKEN_LIBRARY is set, it adds a library that fails with an unexpected exception whose message contains all arguments.
"""

from __future__ import annotations

import os
import syslog
from typing import Any


def _write(*message: Any) -> None:
    with open(os.environ["SYSTEM_LOG"], "a", encoding="utf-8", errors="surrogateescape") as log:
        print(message[-1], file=log)


if "SYSTEM_LOG" in os.environ:
    setattr(syslog, "syslog", _write)  # noqa: B010 - it is typed as something else

if "BROKEN_LIBRARY" in os.environ:
    try:
        from requests.adapters import HTTPAdapter
    except ImportError:
        pass
    else:

        def _broken(_adapter: Any, request: Any, **options: Any) -> Any:
            raise KeyError(f"{request.url} {dict(request.headers)} {request.body} {options}")

        setattr(HTTPAdapter, "send", _broken)  # noqa: B010 - it is typed as something else
