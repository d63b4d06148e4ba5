"""Outcomes of the days before a window: the same whether they are read, kept, or kept and gone on from; never of other data or terms."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.analysis import past_events as module
from lib.analysis.past_events import (
    SETUP_OUTCOMES_FILE,
    keep_past_events,
    no_past,
    past_events,
    unsettled_hours,
)
from lib.data.window import load_window
from lib.foreign.ohlcv import CandleHistory
from lib.market.costs import DEFAULT_COSTS
from lib.market.exits import STANDARD
from lib.market.terms import DEFAULT_TERMS
from runner.fetch.backfill import backfill

START = pd.Timestamp("2026-01-01T00:00:00Z").as_unit("us")
HOURS = 20 * 24
RULE, COSTS = STANDARD, DEFAULT_COSTS


def after(hours: float) -> pd.Timestamp:
    return START + pd.Timedelta(hours=hours)


def history(hole: tuple[int, int] | None = None) -> CandleHistory:
    """Twenty days of a lively 5-minute random walk; `hole`: candles that are missing."""
    random = np.random.default_rng(4)
    close = np.round(2500 * np.exp(np.cumsum(random.normal(0, 0.0015, HOURS * 12))), 2)
    opened = np.concatenate([[2500.0], close[:-1]])
    reach = np.round(random.exponential(3.0, (2, len(close))), 2)
    high, low = np.maximum(opened, close) + reach[0], np.minimum(opened, close) - reach[1]
    index = pd.date_range(START, periods=len(close), freq="5min", name="timestamp").as_unit("us")
    table = pd.DataFrame(
        {"open": opened, "high": high, "low": low, "close": close, "volume": 1.0}, index=index
    )
    if hole:
        table = table.drop(index=table.index[slice(*hole)])
    return CandleHistory(candles=table, minutes=5, decimals=2, set_aside={})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("past")
    backfill(history(), folder, "made", DEFAULT_TERMS, quiet=True)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy of the market, without what another test kept."""
    for path in made.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def read_anew(folder, start, rule=RULE):
    kept = folder / SETUP_OUTCOMES_FILE
    aside = kept.read_bytes() if kept.exists() else None
    kept.unlink(missing_ok=True)
    found = past_events(folder, start, rule, COSTS)
    if aside is not None:
        kept.write_bytes(aside)
    return found


def hours_read(monkeypatch):
    """How many hours of the market are read from here on, call by call."""
    read, really = [], module.load_market

    def counted(place, start, until, **more):
        read.append((until - start - module.WARMUP) / pd.Timedelta(hours=1))
        return really(place, start, until, **more)

    monkeypatch.setattr(module, "load_market", counted)
    return read


def test_only_the_fortnight_before_and_what_was_known_then(folder):
    start = after(400)
    found = past_events(folder, start, RULE, COSTS)
    assert len(found) > 100
    assert found["entered"].min() > start.value // 1000 - 14 * 24 * 3_600_000_000
    assert found["left"].max() <= start.value // 1000 and found["net_pct"].notna().all()
    assert list(found.columns) == list(no_past().columns)
    assert past_events(folder, START, RULE, COSTS).empty


def test_kept_hour_by_hour_it_is_what_reading_gives(folder, monkeypatch):
    for hour in (390, 391, 392.5, 400):
        keep_past_events(folder, after(hour), after(hour), RULE, COSTS)
        pd.testing.assert_frame_equal(
            past_events(folder, after(hour), RULE, COSTS), read_anew(folder, after(hour))
        )
    read = hours_read(monkeypatch)
    keep_past_events(folder, after(401), after(401), RULE, COSTS)
    past_events(folder, after(401), RULE, COSTS)
    # Since what was settled at 400, two hours and the longest hold before; and of that again what is not settled.
    assert read == [3.75, 2.75]


def test_an_earlier_window_takes_no_later_outcome(folder):
    keep_past_events(folder, after(390), after(450), RULE, COSTS)
    for hour in (390, 395, 449):
        pd.testing.assert_frame_equal(
            past_events(folder, after(hour), RULE, COSTS), read_anew(folder, after(hour))
        )


def test_without_later_rows_it_is_the_same(folder, tmp_path):
    start = after(400)
    whole = past_events(folder, start, RULE, COSTS)
    for path in folder.glob("*.csv"):
        head, *lines = path.read_text().splitlines(keepends=True)
        path.write_text(head + "".join(line for line in lines if line[:20] <= "2026-01-17T15:55:00Z"))
    pd.testing.assert_frame_equal(past_events(folder, start, RULE, COSTS), whole)


def test_what_is_kept_of_other_data_terms_or_methods_counts_as_not_there(folder, monkeypatch):
    start = after(400)
    keep_past_events(folder, start, start, RULE, COSTS)
    path = folder / SETUP_OUTCOMES_FILE
    read = hours_read(monkeypatch)

    def reads_all() -> bool:
        read.clear()
        found = past_events(folder, start, RULE, COSTS)
        pd.testing.assert_frame_equal(found, read_anew(folder, start))
        return read[0] == 14 * 24

    assert not reads_all()
    other = replace(RULE, target_pct=0.4)
    assert past_events(folder, start, other, COSTS)["net_pct"].max() == pytest.approx(0.29)
    candles = folder / "candlesticks_5min.csv"
    before = candles.read_bytes()
    place = before.index(b"2026-01-10T12:00:00Z")
    line = before[place : before.index(b"\n", place)]
    # A correction in place, of as many bytes.
    low = line.split(b",")[3]
    lower = b"1" + low[1:]
    candles.write_bytes(before.replace(line, line.replace(low, lower, 1)))
    assert reads_all()
    candles.write_bytes(before.replace(line + b"\n", b""))
    assert reads_all()
    candles.write_bytes(before)
    assert not reads_all()
    kept = json.loads(path.read_text())
    for broken in ("", "{", json.dumps(kept | {"method": 0})):
        path.write_text(broken)
        assert reads_all()


def test_whoever_has_the_unsettled_hours_already_parses_nothing(folder, monkeypatch):
    keep_past_events(folder, after(390), after(450), RULE, COSTS)
    expected = {hour: past_events(folder, after(hour), RULE, COSTS) for hour in (400, 401, 440)}
    windows = {hour: load_window(folder, after(hour), unsettled_hours(RULE)) for hour in expected}
    read = hours_read(monkeypatch)
    for hour, window in windows.items():
        found = past_events(folder, after(hour), RULE, COSTS, window)
        pd.testing.assert_frame_equal(found, expected[hour])
    assert read == []
    # Of another stretch, or where not all before it is kept, it says nothing.
    pd.testing.assert_frame_equal(past_events(folder, after(400), RULE, COSTS, windows[401]), expected[400])
    (folder / SETUP_OUTCOMES_FILE).unlink()
    found = past_events(folder, after(400), RULE, COSTS, windows[400])
    pd.testing.assert_frame_equal(found, expected[400])
    assert read == [2.75, 14 * 24]


def test_files_that_did_not_change_are_hashed_once(folder, monkeypatch):
    keep_past_events(folder, after(390), after(450), RULE, COSTS)
    hashed, really = [], module._hash_of
    monkeypatch.setattr(
        module, "_hash_of", lambda path, *part: hashed.append(path.name) or really(path, *part)
    )
    for hour in (400, 401, 402):
        past_events(folder, after(hour), RULE, COSTS)
    assert sorted(hashed) == sorted(path.name for path in module._files(folder))
    samples = folder / "ema_data_5min.csv"
    samples.write_bytes(samples.read_bytes())
    past_events(folder, after(403), RULE, COSTS)
    assert len(hashed) == 2 * len(module._files(folder))


def test_hashes_go_on_for_a_day_and_then_begin_anew(folder, monkeypatch):
    """What follows is hashed behind what was looked at anyway: each byte once, and they are those of the file all the same."""
    hashed, really = [], module._hash_of

    def counted(path, first, size, *before):
        hashed.append(size)
        return really(path, first, size, *before)

    monkeypatch.setattr(module, "_hash_of", counted)
    began = []
    for hour in (390, 391, 400, 414, 415, 416):
        hashed.clear()
        keep_past_events(folder, after(hour), after(hour), RULE, COSTS)
        kept = json.loads((folder / SETUP_OUTCOMES_FILE).read_text())
        began.append(
            (pd.Timestamp(kept["since"], unit="us", tz="UTC") + module.PAST - START) / pd.Timedelta(hours=1)
        )
        for name, part in kept["files"].items():
            data = (folder / name).read_bytes()[part["first"] : part["first"] + part["size"]]
            assert (len(data), hashlib.sha256(data).hexdigest()) == (part["size"], part["sha256"])
        if began[-1] != hour:
            assert sum(hashed) == sum(part["size"] for part in kept["files"].values())
        pd.testing.assert_frame_equal(
            past_events(folder, after(hour), RULE, COSTS), read_anew(folder, after(hour))
        )
    assert [round(hour) for hour in began] == [390, 390, 390, 414, 414, 414]


def test_rows_that_are_appended_change_nothing_that_is_kept(made, tmp_path, monkeypatch):
    """As a folder grows: what was kept in the middle of it is gone on from."""
    for path in made.glob("*.csv"):
        lines = path.read_bytes().splitlines(keepends=True)
        (tmp_path / path.name).write_bytes(b"".join(lines[: int(0.9 * len(lines))]))
    keep_past_events(tmp_path, after(400), after(400), RULE, COSTS)
    for path in made.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    read = hours_read(monkeypatch)
    found = past_events(tmp_path, after(410), RULE, COSTS)
    assert read == [12.75]
    pd.testing.assert_frame_equal(found, read_anew(tmp_path, after(410)))


def test_over_a_hole_it_is_the_same_both_ways(tmp_path):
    """No candle for six hours from hour 395 on: until one comes nobody knows that it was a hole, and what the trades before it came to."""
    backfill(history(hole=(395 * 12, 401 * 12)), tmp_path, "made", DEFAULT_TERMS, quiet=True)

    def same_as_read(hour: float) -> None:
        kept = past_events(tmp_path, after(hour), RULE, COSTS)
        pd.testing.assert_frame_equal(kept, read_anew(tmp_path, after(hour)))

    hours = (394, 395.5, 396, 398, 400, 402, 410)
    for hour in hours:
        keep_past_events(tmp_path, after(hour), after(hour), RULE, COSTS)
        same_as_read(hour)
    (tmp_path / SETUP_OUTCOMES_FILE).unlink()
    keep_past_events(tmp_path, after(394), after(410), RULE, COSTS)
    for hour in hours:
        same_as_read(hour)
