"""Data folders as days, months and a year of collecting leave them, with the same last day: its rows are the same bytes in all.

The last day is a simulated market's. Before it lies the market's day before, again and again under earlier dates, so that a year is
written in half a minute. Each folder also has the hours before its first day that a window of 24 hours warms up with. Samples are not
numbered (`seq`, which no reader of a window asks for): their number would change with every day that lies before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.simulation.market import DEFAULT_END
from runner.fetch.simulated import Simulation, write_simulation

END = pd.Timestamp(DEFAULT_END)
DAY = pd.Timedelta(days=1)
#: More than lib.data.window reads before a window, with the context of lib.data.loaders.
WARM = pd.Timedelta(hours=4)
FILES = (*schema.SAMPLE_FILES.values(), *schema.CANDLE_FILES.values(), schema.DECISIONS_FILE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=T)")


def write_years(folders: Mapping[int, Path], files: Collection[str] = FILES, seed: int = 7) -> None:
    """Fill each folder with so many days up to END; `files` are written, each in one pass over all folders."""
    with TemporaryDirectory() as made:
        write_simulation(Simulation(days=2, seed=seed, end=iso(END), gaps=0), Path(made))
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            _write_file({days: folder / name for days, folder in folders.items()}, Path(made) / name)


def _write_file(targets: Mapping[int, Path], source: Path) -> None:
    header, warm, before, last = _blocks(source)
    dates = sorted(set(_DATE.findall(before)))
    with ExitStack() as held:
        files = {days: held.enter_context(path.open("w")) for days, path in targets.items()}
        for days, file in files.items():
            file.write(header + _earlier(warm, days - 1, dates))
        for ago in range(max(targets), 0, -1):
            block = _earlier(before, ago - 1, dates)
            for days, file in files.items():
                file.write(block if ago < days else "")
        for file in files.values():
            file.write(last)


def _blocks(source: Path) -> tuple[str, str, str, str]:
    """A file's header, the last hours of its last day but one, the whole of that day, and the last day.

    A sample is known at its time, so that a day's last one is stamped with its end; candles and decisions begin theirs with it.
    """
    header, *rows = source.read_text().splitlines(keepends=True)
    sampled = source.name in schema.SAMPLE_FILES.values()
    if sampled:
        header, *rows = (f"{row.rpartition(',')[0]}\n" for row in (header, *rows))
    times = pd.to_datetime([row.partition(",")[0] for row in rows], utc=True)
    day, hours = (
        int(times.searchsorted(at, side="right" if sampled else "left"))
        for at in (END - DAY, END - DAY - WARM)
    )
    return header, "".join(rows[hours:day]), "".join(rows[:day]), "".join(rows[day:])


def _earlier(rows: str, days: int, dates: list[str]) -> str:
    """The rows with all their `dates`, oldest first, so many days earlier; the names of decisions have theirs without hyphens."""
    for date in dates:
        earlier = str((pd.Timestamp(date) - days * DAY).date())
        rows = rows.replace(date, earlier).replace(date.replace("-", ""), earlier.replace("-", ""))
    return rows
