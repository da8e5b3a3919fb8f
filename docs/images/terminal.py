# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Render the demonstration as an HTML page that looks like a terminal, with shortened output of ``make demo``."""

from __future__ import annotations

import io
import os
import pty
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 130
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #14171c; }}
pre {{ margin: 0; padding: 18px 22px; font: 13px/1.35 "DejaVu Sans Mono", monospace; color: #d9d9d9; }}
pre {{ width: max-content; }}
{stylesheet}</style><pre>{code}</pre>
"""


def printed() -> str:
    """Return the output of the demonstration in a terminal, including colors."""
    output = bytearray()

    def read(descriptor: int) -> bytes:
        data = os.read(descriptor, 65536)
        output.extend(data)
        return b"\r" if data else data  # pty interprets an empty result as the end of the output.

    status = pty.spawn([sys.executable, str(ROOT / "tools" / "demo.py")], read)
    if status:
        raise SystemExit("The demonstration failed; see the output of make demo.")
    return output.decode().replace("\r\n", "\n")


def shortened(text: str) -> str:
    """Return the tasks and the recap of the first run, the summary of both runs, and the end of the output.

    :param text: the output, in which each run consists of a play that starts the simulator and a play with the tasks.
    """
    tasks_of_first_run = re.split(r"(?=\n\S*PLAY \[)", text)[2]
    summary, _where_to_go_next, end = text[text.index("\nRun 1:") :].rstrip("\n").rsplit("\n\n", 2)
    dots = "\x1b[2m[...]\x1b[0m"
    parts = ["$ make demo", dots, tasks_of_first_run, dots, summary, dots, end]
    return "\n\n".join(part.strip("\n") for part in parts).replace(str(ROOT), "~/hybrid.connectors") + "\n"


def page(folder: Path) -> Path:
    """Write the page with the output of the demonstration to a folder."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(shortened(printed())), soft_wrap=False)
    path = folder / "demo.html"
    html = console.export_html(theme=MONOKAI, code_format=PAGE)
    path.write_text(html, encoding="utf-8")
    return path
