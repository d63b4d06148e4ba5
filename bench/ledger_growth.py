"""What the ledger of lessons costs: hours taken in a second while it catches up, and the next hour after a day, a month and a year.

The hours are those of one simulated market. For the ledgers of a longer log its last day is taken in again and again under earlier dates,
with its net returns drawn anew from themselves, so that days differ; what an hour reads of the files is the same rows in all. What grows
with the log beside them, the files that an hour looks into, is measured by `window_load` and `history_growth`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import pandas as pd

from bench.history_growth import FLAT, SPANS, span
from bench.measure import Figures
from bench.years import DAY, END
from lib.contract.times import iso
from lib.lessons.advance import HOUR, ledger_at
from lib.lessons.choices import load_choices
from lib.lessons.compiling import compile_lessons
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.ledger import Ledger
from lib.lessons.store import LedgerState, LedgerStore
from lib.lessons.streams.hour import first_hour, hour_tables
from lib.lessons.streams.models import Carry
from lib.market.readings import instant
from lib.market.terms import DEFAULT_TERMS
from runner.fetch.simulated import Simulation, write_simulation

TIMED = 7
Tables = dict[str, pd.DataFrame]
#: More than the episodes of a day.
_DAY_EPISODES = 10_000


def run(folder: Path, spans: Sequence[int] = tuple(SPANS), timed: int = TIMED, days: int = 2) -> Figures:
    """Catch up over `days` of data, then time the last hour, and the lessons made of it, with ledgers of all spans in turns."""
    data = folder / "data"
    write_simulation(Simulation(days=days, seed=7, end=iso(END), gaps=0), data)
    rates = hours_per_second(data)
    day, carry = last_day(data)
    grown = {length: grow(folder / f"grown-{length}.sqlite", day, carry, length) for length in spans}
    hours: dict[int, list[float]] = {length: [] for length in spans}
    lessons: dict[int, list[float]] = {length: [] for length in spans}
    for _ in range(1 + timed):
        for length, path in grown.items():
            shutil.copy(path, data / LEDGER_FILE)
            hours[length].append(processor_seconds(lambda: next_hour(data)))
            lessons[length].append(processor_seconds(lambda: compile_at_end(data)))
    told: dict[str, Mapping[int, float]] = {
        "hour_cpu_s": {length: round(median(hours[length][1:]), 3) for length in spans},
        "lessons_cpu_s": {length: round(median(lessons[length][1:]), 3) for length in spans},
    }
    held = {length: holdings(path) for length, path in grown.items()}
    told |= {name: {length: held[length][name] for length in spans} for name in held[min(spans)]}
    ratios = {
        length: round(time / told["hour_cpu_s"][min(spans)], 2) for length, time in told["hour_cpu_s"].items()
    }
    figures = {name: {span(length): value for length, value in found.items()} for name, found in told.items()}
    return {
        "ledger_growth": {
            **rates,
            **figures,
            "hour_ratio": {span(length): ratio for length, ratio in ratios.items()},
            "flat_within_20_percent": max(ratios.values()) <= FLAT,
        }
    }


def hours_per_second(data: Path) -> dict[str, float]:
    """Whole hours of the folder that a new ledger takes in within a second, by the clock and of processor time."""
    counted: list[int] = []
    begun, spent = perf_counter(), process_time()
    with ledger_at(data, END, keep=True, progress=lambda done, all_: counted.append(all_)):
        took, worked = perf_counter() - begun, process_time() - spent
    return {
        "hours_per_second": round(len(counted) / took, 1),
        "hours_per_cpu_second": round(len(counted) / worked, 1),
    }


def last_day(data: Path) -> tuple[Tables, Carry]:
    """The streams' tables of the day that ends an hour before END, and their carry then."""
    carry, hours = Carry(), []
    for hour in pd.date_range(first_hour(data), END - HOUR, freq="h"):
        tables, carry = hour_tables(data, hour, carry, DEFAULT_TERMS)
        hours.append((hour, tables))
    kept = [tables for hour, tables in hours if hour > END - HOUR - DAY]
    return {stream: pd.concat([tables[stream] for tables in kept]) for stream in kept[0]}, carry


def processor_seconds(work: Callable[[], object]) -> float:
    """Processor time of a call, which other work on the machine hardly changes."""
    begun = process_time()
    work()
    return process_time() - begun


def next_hour(data: Path) -> None:
    """Take in the hour that ends at END, as a cycle does; raises RuntimeError unless it was that one alone."""
    done: list[int] = []
    with ledger_at(data, END, keep=True, progress=lambda place, all_: done.append(all_)) as store:
        if store.head() != iso(END) or done != [1]:
            raise RuntimeError(
                f"the ledger stands at {store.head()} after {len(done)} hours, not at {iso(END)} after one"
            )


def compile_at_end(data: Path) -> None:
    """Make the lessons of a ledger that stands at END."""
    with LedgerStore.open_file(data / LEDGER_FILE, writable=True) as store:
        compile_lessons(store, END, load_choices(data))


def holdings(path: Path) -> dict[str, float]:
    """What a ledger holds, and how large it and the state to go on from are."""
    with LedgerStore.open_file(path, writable=True) as store:
        (state,) = store.connection.execute("SELECT length(ledger) + length(carry) FROM state").fetchone()
        return {
            "own_trades": store.trade_counts(instant(END)).trades,
            "hypotheses": len(store.load().ledger.entries),
            "state_kb": round(state / 1e3, 1),
            "file_mb": round(path.stat().st_size / 1e6, 2),
        }


def grow(path: Path, day: Tables, carry: Carry, length: int, seed: int = 7) -> Path:
    """Write a ledger, and return where: it has taken in a day so many times, the last time as it was, and stands an hour before END."""
    numbers, ledger = np.random.default_rng(seed), Ledger.new()
    first = _DAY_EPISODES * (length - 1)  # so that the oldest day's begin at 0
    carry = carry.model_copy(
        update={"next_episode": {name: n + first for name, n in carry.next_episode.items()}}
    )
    with LedgerStore.open_file(path, writable=True) as store, store.transaction():
        for ago in range(length - 1, -1, -1):
            tables = {stream: earlier(table, ago, numbers) for stream, table in day.items()}
            tables = {name: table.assign(episode=table["episode"] + first) for name, table in tables.items()}
            for stream, table in tables.items():
                ledger.fold(stream, table)
            head = END - HOUR - ago * DAY
            ledger.expire(instant(head))
            store.add(LedgerState(iso(head), 0, carry.model_dump(mode="json"), ledger), tables["trades"])
    return path


def earlier(table: pd.DataFrame, days: int, numbers: np.random.Generator) -> pd.DataFrame:
    """A day's table so many days earlier, its net returns drawn anew; as it is for 0."""
    if not days:
        return table
    moved = {name: table[name] - days * DAY for name in ("entry_time", "exit_time")}
    net = numbers.choice(table["net_pct"], len(table)) if len(table) else table["net_pct"]
    names = [f"{name}-{days}" for name in table["trade"]]
    return table.assign(**moved, net_pct=net, trade=names, episode=table["episode"] - _DAY_EPISODES * days)
