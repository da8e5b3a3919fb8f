# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demonstration as a page that looks like a terminal: what ``make demo`` really prints, without its lengths."""

from __future__ import annotations

import io
import os
import pty
import re
import sys
from pathlib import Path

from environment import ROOT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

COLUMNS = 118
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #14171c; }}
pre {{ margin: 0; padding: 18px 22px; font: 13px/1.35 "DejaVu Sans Mono", monospace; color: #d9d9d9; }}
pre {{ width: max-content; }}
{stylesheet}</style><pre>{code}</pre>
"""


def printed() -> str:
    """What the demonstration prints into a terminal, colours and all."""
    output = bytearray()

    def read(descriptor: int) -> bytes:
        data = os.read(descriptor, 65536)
        output.extend(data)
        return b"\r" if data else data  # something has to be passed on, or pty takes it for the end

    status = pty.spawn([sys.executable, str(ROOT / "tools" / "demo.py")], read)
    if status:
        raise SystemExit("The demonstration failed: make demo says why.")
    return output.decode().replace("\r\n", "\n")


def shortened(text: str) -> str:
    """The first run without the start of the simulator, and how it all ended."""
    _start, work, rest = re.split(r"(?=PLAY \[A day's work)", text, maxsplit=2)
    first, ends = re.split(r"\n{2,}(?=\S*PLAY \[A simulator)", work)[0], rest[rest.index("Run 1:") :]
    dots = "\n\x1b[2m[...]\x1b[0m\n"
    return f"$ make demo\n{dots}\n{first}\n{dots}\n{ends.partition(chr(10) * 2)[0]}\n"


def page(folder: Path) -> Path:
    """The page with the output, written into a folder."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(shortened(printed())), soft_wrap=False)
    path = folder / "demo.html"
    html = console.export_html(theme=MONOKAI, code_format=PAGE)
    path.write_text(html, encoding="utf-8")
    return path
