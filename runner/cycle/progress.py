"""What a person sees while a cycle runs: a live table on a terminal, one plain line per change in a log. Both on stderr.

Where the ledger of lessons catches up first, a line above the table counts its hours; a log gets a line every tenth of them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from runner.cycle.models import Status
from runner.terminal.console import console as safe_console

STYLES: dict[str, str] = {
    "waiting": "dim",
    "running": "cyan",
    "ok": "green",
    "failed": "bold red",
    "skipped": "yellow",
    "interrupted": "yellow",
}


class PlainProgress:
    """Lines for a log: each notebook's start and end, once."""

    def __init__(self, titles: Mapping[str, str], console: Console) -> None:
        self.titles, self.console = titles, console
        self._last: dict[str, str] = {}
        self._tenth = -1

    def watch(self, name: str, status: Status, seconds: float) -> None:
        """Tell of a change; the same status again is no change."""
        if self._last.get(name) == status:
            return
        self._last[name] = status
        took = f" ({seconds:.1f} s)" if status not in ("running", "waiting", "skipped") else ""
        self.console.print(f"{name}: {status}{took}", markup=False, highlight=False, soft_wrap=True)

    def caught_up(self, done: int, hours: int) -> None:
        """Tell that the ledger has taken in `done` of the hours it is behind: at the first, and whenever another tenth is done."""
        tenth = 10 * done // hours
        if tenth > self._tenth:
            self._tenth = tenth
            self.console.print(_hours_line(done, hours), markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class LiveProgress(PlainProgress):
    """A table that is drawn over: notebook, status, seconds."""

    def __init__(self, titles: Mapping[str, str], console: Console) -> None:
        super().__init__(titles, console)
        self._seconds: dict[str, float] = {}
        self._hours = ""
        self._live = Live(self.shown(), console=console, refresh_per_second=4)
        self._drawn = 0.0

    def watch(self, name: str, status: Status, seconds: float) -> None:
        """Note the change and draw again, a few times a second at most."""
        changed = self._last.get(name) != status
        self._last[name], self._seconds[name] = status, seconds
        self._draw(changed)

    def caught_up(self, done: int, hours: int) -> None:
        """Note the hours and draw again."""
        self._hours = _hours_line(done, hours)
        self._draw(done == hours)

    def shown(self) -> RenderableType:
        """The table, below the line of hours where there were any to catch up with."""
        return Group(Text(self._hours), self.table()) if self._hours else self.table()

    def _draw(self, at_once: bool) -> None:
        if at_once or time.monotonic() - self._drawn > 0.2:
            self._live.update(self.shown())
            self._drawn = time.monotonic()

    def table(self) -> Table:
        """The table as it stands."""
        table = Table(box=None, padding=(0, 2), show_header=False)
        table.add_column()
        table.add_column(min_width=11)
        table.add_column(justify="right", min_width=7)
        for name, title in self.titles.items():
            status = self._last.get(name, "waiting")
            seconds = f"{self._seconds[name]:.1f} s" if self._seconds.get(name) else ""
            table.add_row(Text(f"{name[:2]}  {title}"), Text(status, style=STYLES[status]), Text(seconds))
        return table

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()


def _hours_line(done: int, hours: int) -> str:
    return f"lessons catch up: {done:,} of {hours:,} hours ({100 * done // hours} %)"


def progress(titles: Mapping[str, str], console: Console | None = None) -> PlainProgress:
    """The kind that fits the console (default: stderr); `titles` are name → title in running order."""
    shown = console or safe_console()
    return (LiveProgress if shown.is_terminal else PlainProgress)(titles, shown)
