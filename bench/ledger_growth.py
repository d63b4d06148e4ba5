"""What the ledger of lessons costs: hours taken in a second while it catches up, and the next hour after a day, a month and a year.

The hours are those of one simulated market. For the ledgers of a longer log its last day is taken in again and again under earlier dates,
with its net returns drawn anew from themselves, so that days differ; what an hour reads of the files is the same rows in all. What grows
with the log beside them, the files that an hour looks into, is measured by `window_load` and `history_growth`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from bench.history_growth import FLAT, SPANS, span
from bench.measure import Figures, seconds
from bench.years import DAY, END
from lib.analysis.streams.hour import first_hour, hour_tables
from lib.analysis.streams.models import Carry
from lib.data.times import iso
from lib.learning.lessons.advance import HOUR, advance
from lib.learning.lessons.choices import load_choices
from lib.learning.lessons.compiling import compile_lessons
from lib.learning.lessons.ledger import Ledger
from lib.learning.lessons.store import LEDGER_FILE, Kept, LedgerStore
from lib.market.readings import instant
from runner.collect.simulated import Simulation, write_simulation

TIMED = 7
Tables = dict[str, pd.DataFrame]


def run(folder: Path, spans: Sequence[int] = tuple(SPANS), timed: int = TIMED, days: int = 2) -> Figures:
    """Catch up over `days` of data, then time the last hour, and the lessons made of it, with ledgers of all spans."""
    data = folder / "data"
    write_simulation(Simulation(days=days, seed=7, end=iso(END), gaps=0), data)
    caught_up = hours_per_second(data)
    day, carry = last_day(data)
    measured = {length: measure(data, day, carry, length, timed) for length in spans}
    figures: dict[str, object] = {"hours_per_second": round(caught_up, 1)}
    for name in next(iter(measured.values())):
        figures[name] = {span(length): found[name] for length, found in measured.items()}
    first = measured[min(spans)]["hour_s"]
    ratios = {span(length): round(found["hour_s"] / first, 2) for length, found in measured.items()}
    return {
        "ledger_growth": figures
        | {"hour_ratio": ratios, "flat_within_20_percent": max(ratios.values()) <= FLAT}
    }


def hours_per_second(data: Path) -> float:
    """Whole hours of the folder that a new ledger takes in within a second."""
    counted: list[int] = []
    path = data / "caught_up.sqlite"
    begun = perf_counter()
    with LedgerStore.opened(path, writable=True) as store:
        advance(store, data, END, lambda done, all_: counted.append(all_))
    return len(counted) / (perf_counter() - begun)


def last_day(data: Path) -> tuple[Tables, Carry]:
    """The streams' tables of the day that ends an hour before END, and their carry then."""
    carry, hours = Carry(), []
    for hour in pd.date_range(first_hour(data), END - HOUR, freq="h"):
        tables, carry = hour_tables(data, hour, carry)
        hours.append((hour, tables))
    kept = [tables for hour, tables in hours if hour > END - HOUR - DAY]
    return {stream: pd.concat([tables[stream] for tables in kept]) for stream in kept[0]}, carry


def measure(data: Path, day: Tables, carry: Carry, length: int, timed: int) -> dict[str, float]:
    """With a ledger of so many days: seconds of its next hour and of its lessons, what it holds and how large it is."""
    grown, path = data / f"grown-{length}.sqlite", data / LEDGER_FILE
    grow(grown, day, carry, length)

    def with_store(work: Callable[[LedgerStore], object]) -> None:
        with LedgerStore.opened(path, writable=True) as store:
            work(store)

    hours, compiled = [], []
    for _ in range(timed):
        shutil.copy(grown, path)
        hours.append(seconds(lambda: with_store(lambda store: advance(store, data, END))))
        compiled.append(
            seconds(lambda: with_store(lambda store: compile_lessons(store, END, load_choices(data))))
        )
    with LedgerStore.opened(path, writable=True) as store:
        if store.head() != iso(END):
            raise RuntimeError(f"the ledger of {length} days stands at {store.head()}, not at {iso(END)}")
        kept = store.load()
        (state,) = store.connection.execute("SELECT length(ledger) + length(carry) FROM state").fetchone()
        trades = len(store.trades(instant(END)))
    return {
        "hour_s": round(float(np.median(hours)), 4),
        "lessons_s": round(float(np.median(compiled)), 4),
        "own_trades": trades,
        "hypotheses": len(kept.ledger.entries),
        "state_kb": round(state / 1e3, 1),
        "file_mb": round(path.stat().st_size / 1e6, 2),
    }


def grow(path: Path, day: Tables, carry: Carry, length: int, seed: int = 7) -> None:
    """Write a ledger that has taken in a day so many times, the last time as it was, and stands an hour before END."""
    numbers, ledger = np.random.default_rng(seed), Ledger.new()
    with LedgerStore.opened(path, writable=True) as store, store.transaction():
        for ago in range(length - 1, -1, -1):
            tables = {stream: earlier(table, ago, numbers) for stream, table in day.items()}
            for stream, table in tables.items():
                ledger.fold(stream, table)
            head = END - HOUR - ago * DAY
            ledger.expire(instant(head))
            store.add(Kept(iso(head), 0, carry.model_dump(mode="json"), ledger), tables["trades"])


def earlier(table: pd.DataFrame, days: int, numbers: np.random.Generator) -> pd.DataFrame:
    """A day's table so many days earlier, its net returns drawn anew; as it is for 0."""
    if not days:
        return table
    moved = {name: table[name] - days * DAY for name in ("entry_time", "exit_time")}
    net = numbers.choice(table["net_pct"], len(table)) if len(table) else table["net_pct"]
    names = [f"{name}-{days}" for name in table["trade"]]
    return table.assign(**moved, net_pct=net, trade=names, episode=table["episode"] - 10_000 * days)
