"""The clock of the hourly cycle under `ribbon up`: `python -m runner.up.hourly --trading-data DIR --outputs DIR`.

A cycle is a process of its own, a few minutes after each full hour. Hours that were missed (the machine slept, a cycle took long) are not
made up one by one: the next cycle is the one catch-up (docs/guarantees.md, C1), and one that is due when this starts runs at once. In a
fresh folder the first is due when there is something to read.
"""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from runner.cycle.inputs import published_as_of
from runner.processes.interpreter import module_command
from runner.terminal.gate import say
from runner.up.readiness import lacks_data

MINUTE = 5
HOUR = timedelta(hours=1)
#: The wait is done in pieces, as a machine that slept wakes with its wait unfinished.
_PIECE_S = 15.0


def next_due(now: datetime, last: datetime | None) -> datetime:
    """When the next cycle is due: MINUTE past the hour; at once if the last one (its as_of) is older than the newest such time."""
    newest = now.replace(minute=MINUTE, second=0, microsecond=0)
    if newest > now:
        newest -= HOUR
    return now if last is None or last < newest else newest + HOUR


def run_hourly(
    trading_data: Path,
    outputs: Path,
    stop: threading.Event,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Run cycles until `stop`: each in a process that is ended with this one; its words go to this one's streams."""
    last: datetime | None = None
    _wait_for_data(trading_data, stop)
    while not stop.is_set():
        published = published_as_of(trading_data)
        known = [
            moment
            for moment in (last, published.to_pydatetime() if published is not None else None)
            if moment
        ]
        due = next_due(now(), max(known, default=None))
        while now() < due and not stop.wait(min(_PIECE_S, max(0.0, (due - now()).total_seconds()))):
            pass
        if not stop.is_set():
            last = now()
            _cycle(trading_data, outputs, stop)


def _wait_for_data(folder: Path, stop: threading.Event) -> None:
    if lacks := lacks_data(folder):
        say(f"cycle waits: {lacks}", err=False)
    while lacks_data(folder) and not stop.wait(_PIECE_S):
        pass


def _cycle(trading_data: Path, outputs: Path, stop: threading.Event) -> None:
    command = module_command("runner.main", "cycle")
    command += ["--trading-data", str(trading_data), "--outputs", str(outputs)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    while process.poll() is None:
        if stop.wait(0.2):
            process.terminate()
            process.wait()


def main(trading_data: Path = typer.Option(), outputs: Path = typer.Option()) -> None:
    """Run hourly cycles until SIGTERM or Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stop.set())
    run_hourly(trading_data, outputs, stop)


if __name__ == "__main__":
    typer.run(main)
