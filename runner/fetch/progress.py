"""Progress on stderr: a bar on a terminal, one plain line a step elsewhere (a log)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from runner.terminal.console import console
from runner.terminal.gate import say


@contextmanager
def step(
    title: str, total: int, unit: str = "rows", quiet: bool = False
) -> Iterator[Callable[[int], object]]:
    """Show one step of work; yields the function to call with each amount done."""
    shown = console()
    if quiet or not shown.is_terminal:
        yield lambda amount: None
        if not quiet:
            say(f"{title}: {total:,} {unit}")
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=shown) as bar:
        task = bar.add_task(title, total=total)
        yield lambda amount: bar.advance(task, amount)
