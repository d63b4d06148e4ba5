"""A month taken in at once gives the ledger that hour by hour gives: with gaps, late and repeated rows, frozen stretches, exits known
hours later, a person's choices, and a change of terms in the middle.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.contract import schema
from lib.contract.times import iso
from lib.data.hours import read_hours
from lib.data.window import MarketWindow
from lib.lessons import advance as advance_module
from lib.lessons.advance import ended_ledger, ledger_at, ledger_through, note_terms
from lib.lessons.choices import add_choice
from lib.lessons.eras import LEDGER_FILE, eras_of
from lib.lessons.store import LedgerStore
from lib.lessons.streams import stretch as stretch_module
from lib.lessons.streams.hour import first_hour
from lib.lessons.streams.models import Carry
from lib.market.terms import DEFAULT_TERMS, Terms
from tests.builders import START
from tests.lib.lessons.streams.made import lively_market, write_folder

HOUR = pd.Timedelta(hours=1)
OTHER_TERMS = Terms(target_pct=0.4, stop_pct=0.2, hold_minutes=30)


def spoiled(folder: Path, seed: int) -> Path:
    """The folder with lines moved, repeated, cut and frozen."""
    random = np.random.default_rng(seed)
    for name in (*schema.SAMPLE_FILES.values(), *schema.CANDLE_FILES.values(), schema.DECISIONS_FILE):
        path = folder / name
        head, *lines = path.read_text().splitlines()
        if not lines:
            continue
        if name in schema.SAMPLE_FILES.values():
            _freeze(lines, head.split(","), random)
        if name == schema.DECISIONS_FILE:
            _complete_later(lines, head.split(","), random)
        for _ in range(max(2, len(lines) // 4000)):
            place, away = int(random.integers(len(lines) - 100)), int(random.integers(1, 90))
            lines.insert(place + away, lines.pop(place))  # late
            place = int(random.integers(len(lines) - 100))
            lines.insert(place + away // 9, lines[place])  # repeated
        place = int(random.integers(len(lines)))
        lines[place] = lines[place][:9]
        path.write_text("\n".join([head, *lines]) + "\n")
    return folder


def _freeze(lines: list[str], names: list[str], random: np.random.Generator) -> None:
    """Stretches of minutes in which no line changes, some of them over a whole hour's end."""
    shown = [place for place, name in enumerate(names) if name.startswith("MMA")]
    for place in random.integers(0, len(lines) - 60, size=max(3, len(lines) // 6000)):
        first = int(place) // 120 * 120 + 116 if place % 2 else int(place)
        still = lines[first].split(",")
        for row in range(first, min(first + int(random.choice([3, 8, 50])), len(lines))):
            cells = lines[row].split(",")
            for column in shown:
                cells[column] = still[column]
            lines[row] = ",".join(cells)


def _complete_later(lines: list[str], names: list[str], random: np.random.Generator) -> None:
    left = names.index("exit_time")
    for place in random.choice(len(lines), size=len(lines) // 15, replace=False):
        cells = lines[place].split(",")
        if cells[left]:
            late = pd.Timestamp(cells[left]) + pd.Timedelta(hours=float(random.choice([1.5, 4, 20])))
            cells[left] = late.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            lines[place] = ",".join(cells)


def made(folder: Path, hours: int, gaps: int, seed: int = 5) -> Path:
    """A folder of samples two minutes apart, spoiled."""
    market = lively_market(seed, hours, gaps)
    thin = {name: getattr(market, name).iloc[::4] for name in ("samples_5min", "samples_15min")}
    return spoiled(write_folder(folder, MarketWindow(**vars(market) | thin)), seed)


def contents(folder: Path, end: pd.Timestamp) -> list[dict[str, list[tuple]]]:
    """Of the ledgers of all eras up to an instant, from nothing."""
    eras, found = eras_of(folder), []
    for era, later in pairwise(eras):
        with ended_ledger(folder, era, pd.Timestamp(later.since)) as store:
            found.append(store.contents())
    with ledger_at(folder, end) as store:
        return [*found, store.contents()]


class Counted:
    """How often hours were read alone, and several at once."""

    def __init__(self, monkeypatch):
        self.alone = self.together = 0
        really = stretch_module.read_hour, stretch_module.read_hours

        def read_hour(*asked):
            self.alone += 1
            return really[0](*asked)

        def read_hours(*asked):
            self.together += 1
            return really[1](*asked)

        monkeypatch.setattr(stretch_module, "read_hour", read_hour)
        monkeypatch.setattr(stretch_module, "read_hours", read_hours)


def one_by_one(monkeypatch) -> None:
    monkeypatch.setattr(stretch_module, "MOST_HOURS", 1)
    monkeypatch.setattr(advance_module, "MOST_HOURS", 1)


FOUND = [
    {"state": 1, "hypotheses": 459, "changes": 13868, "observations": 12736, "trades": 2060},
    {"state": 1, "hypotheses": 456, "changes": 11431, "observations": 10611, "trades": 1736},
]
TRACKS = {
    "trades": (1736, {"abandoned": 108}),
    "held_15": (520, {"forced_exit": 389, "gap": 14, "not_earlier": 1063}),
    "held_30": (727, {"forced_exit": 545, "gap": 45, "not_earlier": 669}),
    "held_45": (799, {"forced_exit": 609, "gap": 81, "not_earlier": 495}),
    "setups": (1599, {"gap": 65}),
    "rule": (285, {"gap": 11}),
    "wicks": (427, {"gap": 11}),
    "answers": (156, {"abandoned": 31, "gap": 8, "overlapping": 12}),
}


@pytest.mark.slow
def test_a_month_at_once_is_what_hour_by_hour_gives(tmp_path, monkeypatch):
    hours = 30 * 24
    folder, end = made(tmp_path / "data", hours, gaps=60), START + hours * HOUR
    note_terms(folder, DEFAULT_TERMS, START)
    note_terms(folder, OTHER_TERMS, START + 380 * HOUR + pd.Timedelta(minutes=7))
    for hour, lesson in ((100, "trades.direction.LONG.above"), (500, "answers.all.answers.below")):
        add_choice(folder, "retire", lesson, "2026-03-01T00:00:00Z", iso(START + hour * HOUR))
    counted = Counted(monkeypatch)
    at_once = contents(folder, end)
    assert 0 < counted.alone < hours / 8 and counted.together < 8
    one_by_one(monkeypatch)
    together, counted.alone = counted.together, 0
    assert contents(folder, end) == at_once
    assert counted.alone >= hours - 1 and counted.together == together
    # So that both do not change together.
    assert [{name: len(rows) for name, rows in found.items()} for found in at_once] == FOUND
    carry = Carry.model_validate_json(at_once[-1]["state"][0][4])
    assert {name: (track.handed_out, track.left_out) for name, track in carry.tracks.items()} == TRACKS


def test_rows_that_somebody_has_read_already_give_the_same(tmp_path, monkeypatch):
    hours = [START + number * HOUR for number in range(1, 61)]
    folder = made(tmp_path / "data", 60, gaps=4, seed=8)
    wanted = contents(folder, hours[-1])[-1]
    counted, shown = Counted(monkeypatch), 0
    for first in range(0, len(hours), 12):
        few = hours[first : first + 12]
        # The first of them reach further back than these rows, and so do some of later hours.
        read = read_hours(folder, few[4] - 3 * HOUR, few[-1])
        at_hand = None if read is None else stretch_module.Stretch.of(read, DEFAULT_TERMS)
        shown += at_hand is not None
        with ledger_through(folder, few, DEFAULT_TERMS, at_hand) as up_to:
            for hour in few:
                up_to(hour)
        # Trades whose exit was logged hours late came in behind others that ended later: it is sound all the same.
        with ledger_at(folder, few[-1]) as store:
            assert store.head() == iso(few[-1])
    assert shown == 5 and counted.alone < len(hours)
    with ledger_at(folder, hours[-1]) as store:
        found = store.contents()
    assert found == wanted and len(found["observations"]) > 400


def test_rows_under_other_terms_or_beyond_their_end_are_not_at_hand(day, monkeypatch):
    hours = [START + number * HOUR for number in range(1, 13)]
    read = read_hours(day, hours[0] - 3 * HOUR, hours[5])
    assert read is not None
    counted = Counted(monkeypatch)
    for terms in (OTHER_TERMS, DEFAULT_TERMS):
        reader = stretch_module.HourReader(day, hours, DEFAULT_TERMS, stretch_module.Stretch.of(read, terms))
        together = counted.together
        reader.window(hours[5], int((hours[5] - 2 * HOUR).value // 1000))
        assert counted.together == together + (terms is OTHER_TERMS)
    reader.window(hours[6], int((hours[6] - 2 * HOUR).value // 1000))
    assert counted.together == together + 1


@pytest.fixture
def day(tmp_path) -> Path:
    """A folder of half a day."""
    return write_folder(tmp_path / "data", lively_market(2, 12))


def test_what_stops_it_between_two_hours_leaves_those_before_it(day):
    end = START + 12 * HOUR

    def stopping(done: int, all_: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), ledger_at(day, end, keep=True, progress=stopping):
        pass
    with LedgerStore.open_file(day / LEDGER_FILE, writable=False) as store:
        assert store.head() == iso(first_hour(day) + 4 * HOUR)
        kept = store.contents()
    with ledger_at(day, first_hour(day) + 4 * HOUR) as store:
        assert store.contents() == kept
    with ledger_at(day, end, keep=True) as store:
        gone_on = store.contents()
    (day / LEDGER_FILE).unlink()
    assert contents(day, end) == [gone_on]


def test_what_breaks_within_an_hour_leaves_what_was_before_the_batch(day, monkeypatch):
    folds = []

    def breaking(self, stream, episodes):
        folds.append(stream)
        if len(folds) == 20:
            raise KeyboardInterrupt
        return []

    with ledger_at(day, START + 2 * HOUR, keep=True) as store:
        before = store.contents()
    monkeypatch.setattr("lib.lessons.ledger.Ledger.fold_episodes", breaking)
    with pytest.raises(KeyboardInterrupt), ledger_at(day, START + 12 * HOUR, keep=True):
        pass
    with LedgerStore.open_file(day / LEDGER_FILE, writable=False) as store:
        assert store.contents() == before
