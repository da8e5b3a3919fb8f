# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Functions in threads that do not keep a program from ending.

The threads of :class:`concurrent.futures.ThreadPoolExecutor`, and with them those of :func:`asyncio.to_thread`, are
waited for when the interpreter ends. One that waits for a server would hold up Ctrl+C for as long as the server likes.
"""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import Future

Result = t.TypeVar("Result")

NAME = "hybrid.connectors"


def start(function: t.Callable[..., Result], *arguments: t.Any) -> Future[Result]:
    """Call a function in a daemon thread, and return what its result will be."""
    future: Future[Result] = Future()
    # From here on nobody can cancel it, so that its result is always taken.
    future.set_running_or_notify_cancel()
    threading.Thread(target=_run, args=(future, function, arguments), name=NAME, daemon=True).start()
    return future


def _run(future: Future[Result], function: t.Callable[..., Result], arguments: tuple[t.Any, ...]) -> None:
    try:
        result = function(*arguments)
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
