"""Progress on stderr: a bar on a terminal, one plain line a step elsewhere (a log)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def step(
    title: str, total: int, unit: str = "rows", quiet: bool = False
) -> Iterator[Callable[[int], object]]:
    """Show one step of work; yields the function to call with each amount done."""
    if quiet or not sys.stderr.isatty():
        yield lambda amount: None
        if not quiet:
            sys.stderr.write(f"{title}: {total:,} {unit}\n")
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total)
        yield lambda amount: bar.advance(task, amount)
