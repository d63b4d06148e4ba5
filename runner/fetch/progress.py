"""Progress on stderr: a bar on a terminal, one plain line a step elsewhere (a log)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from runner.terminal.console import console
from runner.terminal.gate import say


@contextmanager
def step(
    title: str, total: int, unit: str = "rows", quiet: bool = False
) -> Iterator[Callable[[int], object]]:
    """Show one step of work; yields the function to call with each amount done."""
    with steps(title, {unit: total}, quiet) as advance:
        yield partial(advance, unit)


@contextmanager
def steps(
    title: str, totals: Mapping[str, int], quiet: bool = False
) -> Iterator[Callable[[str, int], object]]:
    """Show work that is counted in several units, of which so many are to be done; yields what to call with a unit and each amount done."""
    shown = console()
    if quiet or not shown.is_terminal:
        yield lambda unit, amount: None
        if not quiet:
            say(f"{title}: {', '.join(f'{total:,} {unit}' for unit, total in totals.items())}")
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=shown) as bar:
        tasks = {unit: bar.add_task(title, total=total, unit=unit) for unit, total in totals.items()}
        yield lambda unit, amount: bar.advance(tasks[unit], amount)
