# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Call functions in daemon threads.

When Python exits, it waits for the threads that :class:`concurrent.futures.ThreadPoolExecutor` and
:func:`asyncio.to_thread` create. If such a thread waited for a server, Ctrl+C would not end the process until the
server responds.
"""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import Future

from . import _signals

Result = t.TypeVar("Result")

NAME = "hybrid.connectors"


def start(function: t.Callable[..., Result], *arguments: t.Any) -> Future[Result]:
    """Call a function in a daemon thread, and return a future for its result."""
    future: Future[Result] = Future()
    # A running future cannot be cancelled, so the thread can always set its result.
    future.set_running_or_notify_cancel()
    threading.Thread(target=_run, args=(future, function, arguments), name=NAME, daemon=True).start()
    return future


def _run(future: Future[Result], function: t.Callable[..., Result], arguments: tuple[t.Any, ...]) -> None:
    _signals.block_in_this_thread()
    try:
        result = function(*arguments)
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
