"""Tables on a terminal: as wide as it is, long texts folded, heads bold, and a few words in colour; in a pipe the plain lines.

The one place that knows how a listing looks. A command hands its lines and tables to `answer` (runner.cli.options).
"""

from __future__ import annotations

import re

from lib.contract.text_table import TextTable
from runner.terminal.console import console
from runner.terminal.gate import say

#: What a cell begins with → its colour. A word says the same without it.
_TONES = (
    (re.compile(r"(ok|act on|proven, act on|IN FORCE)\b"), "green"),
    (re.compile(r"(warn|HELD|stale)\b"), "yellow"),
    (re.compile(r"(fail|wrong|HALTED|KILL FILE|GONE BACK|\S+ WRONG)\b"), "red"),
    (re.compile(r"(warning|PROMPT HELD)\b"), "yellow"),
    (re.compile(r"\+\$(?!0\.00$)"), "green"),
    (re.compile(r"[-−]\$"), "red"),
)


def show(part: str | TextTable, *, err: bool) -> None:
    """A line or a table, to stdout unless `err`."""
    shown = console(err=err)
    if isinstance(part, str) or not shown.is_terminal:
        for line in [part] if isinstance(part, str) else part.lines():
            say(line, err=err)
        return
    from rich.table import Table
    from rich.text import Text

    # What a row is of is to be copied whole, unless it would leave no room for the rest.
    is_short = 2 * max((len(row[0]) for row in part.rows), default=0) <= shown.width
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for place, name in enumerate(part.head):
        side = "left" if place in part.left else "right"
        table.add_column(Text(name), justify=side, overflow="fold", no_wrap=not place and is_short)
    for row in part.rows:
        table.add_row(*(Text(cell, style=_tone(cell)) for cell in row))
    shown.print(table)


def _tone(cell: str) -> str:
    return next((colour for begins, colour in _TONES if begins.match(cell)), "")
