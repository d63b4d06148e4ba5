"""Small live markets for tests of the loop: a clock that is set, samples that arrive by hand, deciders that follow a script."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from lib.data.loaders import empty_candles
from lib.market.candles import candles_from_prices
from lib.market.terms import DEFAULT_TERMS
from runner.trade.book import Book
from runner.trade.clock import SetClock
from runner.trade.experimenter import Asked
from runner.trade.known import CandleTable, MarketTables, SampleTable
from runner.trade.live import open_loop
from runner.trade.models import Answer, TickView
from runner.trade.settings import TradeSettings
from tests.builders import START, samples

START_US = START.value // 1_000
SECOND = 1_000_000
BEAT = 10.0


def at_us(seconds: float) -> int:
    """Microseconds of the instant so many seconds after START."""
    return START_US + round(seconds * SECOND)


class HandFeed:
    """A feed that is given its samples one by one; both timeframes get each of them, candles are made of them as they close."""

    def __init__(self, clock: SetClock, seconds: Sequence[float] = (), price: float = 100.0) -> None:
        self.clock = clock
        self.rows: list[tuple[float, float, str, str]] = []
        self.fresh = False
        self.known = MarketTables(
            {name: SampleTable(name, samples([], MMA5=[])) for name in ("5min", "15min")},
            {name: CandleTable(empty_candles()) for name in ("1min", "5min", "15min")},
        )
        for second in seconds:
            self.give(second, price)
        self.fresh = False

    def give(self, second: float, price: float, state: str = "mixed", quality: str = "ok") -> None:
        """A sample so many seconds after START; the clock is set to it."""
        self.rows.append((second / 60, price, state, quality))
        self.clock.at_us = at_us(second)
        frame = samples(self.rows, MMA5=np.arange(len(self.rows)))
        for table in self.known.samples.values():
            table.load(frame)
        for name, minutes in (("5min", 5), ("15min", 15)):
            made = candles_from_prices(frame["price"], minutes)
            self.known.candles[name].load(made[made["closed_at"] <= frame.index[-1]])
        self.known.know(at_us(second))
        self.fresh = True

    def poll(self) -> bool:
        fresh, self.fresh = self.fresh, False
        return fresh

    def age_s(self, timeframe: str) -> float:
        table = self.known.samples[timeframe]
        return (self.clock.at_us - int(table.at[table.newest])) / 1e6 if table.known else float("inf")

    def price_age_s(self) -> float:
        return (self.clock.at_us - self.known.priced_at) / 1e6


class Script:
    """A decider that gives its answers in order, then HOLD; remembers what it was shown."""

    name = "script"

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.views: list[TickView] = []

    def decide(self, view: TickView, deadline_s: float) -> Answer:
        self.views.append(view)
        return self.answers.pop(0) if self.answers else Answer("HOLD", False, 0.0, model=self.name)


class Looker:
    """A controlled test that draws nothing and writes down what it is told: times of ticks, and what became of answers."""

    def __init__(self) -> None:
        self.looks: list[tuple[int, int]] = []
        self.asked: list[Asked] = []

    def look(self, at: int, book: Book, now: int) -> None:
        self.looks.append((at, now))

    def draw(self, view: TickView, book: Book) -> str:
        return ""

    def answered(self, asked: Asked) -> None:
        self.asked.append(asked)


class Hanging(Script):
    """Never back in time."""

    def decide(self, view: TickView, deadline_s: float) -> Answer:
        self.views.append(view)
        time.sleep(deadline_s + 1.0)
        return enter()


def enter(direction: str = "LONG", **fields: object) -> Answer:
    """A valid answer to enter."""
    return Answer(
        **{"direction": direction, "entry_recommended": True, "confidence": 0.9, "model": "script"} | fields
    )


def settings(**fields: object) -> TradeSettings:
    """Settings under which every tick asks and nothing waits."""
    given = {"gate": {"every_minutes": 0.001, "least_seconds": 0}, "rails": {"cooldown_minutes": 0}}
    return TradeSettings.model_validate(given | fields)


@contextmanager
def hand_loop(
    folder: Path, decider: Script, chosen: TradeSettings | None = None, warm: int = 4, **kwargs: object
):
    """A loop over a hand feed that already knows `warm` beats; yields (loop, feed)."""
    clock = kwargs.pop("clock", None) or SetClock(START_US)
    feed = kwargs.pop("feed", None) or HandFeed(clock, [BEAT * place for place in range(warm)])
    with open_loop(
        folder, chosen or settings(), decider, clock=clock, feed=feed, **({"terms": DEFAULT_TERMS} | kwargs)
    ) as loop:
        yield loop, feed


def log_rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a CSV as texts."""
    path = folder / name
    return pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records") if path.exists() else []
