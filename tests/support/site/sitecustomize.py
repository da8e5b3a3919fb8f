# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Python runs by itself if this folder is on its path: the log of the system becomes a file, and if BROKEN_LIBRARY
is set, there is a library that fails as nobody expects, with all that it was given in its message.
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
