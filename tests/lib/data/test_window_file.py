"""lib.data.window_file: the frames come back as they were, and no file is taken that is not of the very same bytes."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.contract import schema
from lib.data import window as module
from lib.data import window_file
from lib.data.window import MarketWindow, load_window, read_window
from lib.data.window_bytes import WindowBytes
from lib.data.window_file import WINDOW_FILE
from lib.errors import EmptyWindowError
from tests.lib.data import made

AS_OF = made.at(3600)
COLOURED = "timestamp,price,state,MMA5,MMA5_color,MMA10,MMA10_color,quality,symbol"


@pytest.fixture
def folder(tmp_path):
    data = made.market(tmp_path / "data", minutes=61)
    made.decisions(data, [made.decision(600 * step) for step in range(6)])
    return data


@pytest.fixture
def run_dir(tmp_path):
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


@pytest.fixture
def parsed(monkeypatch):
    """How often a window was parsed."""
    times, really = [], WindowBytes.parse
    monkeypatch.setattr(WindowBytes, "parse", lambda self: times.append(self) or really(self))
    return times


def assert_same(one: MarketWindow, other: MarketWindow) -> None:
    for name in module.FRAMES:
        frame, found = getattr(one, name), getattr(other, name)
        pd.testing.assert_frame_equal(frame, found, check_exact=True, check_freq=True)
        assert frame.columns.dtype == found.columns.dtype and frame.attrs == found.attrs
    for field in ("counts", "source", "as_of", "start", "lookback_hours", "trading_data"):
        assert getattr(one, field) == getattr(other, field)


def ragged(data: Path) -> None:
    """Gaps, a frozen stretch, partial rows, unknown words, blanks, an open trade, a torn last row, text that is no ASCII."""
    rows = [
        f"{made.stamp(10 * step)},{100 + (step % 7 if not 90 < step < 130 else 0)},{'odd' if step % 5 else ''},"
        f"{'' if step % 11 == 0 else 100 + step},{('green', 'red', '')[step % 3]},101,red,"
        f"{'partial' if step % 13 == 0 else ''},{'ETHUSDT' if step % 2 else ''}"
        for step in range(366)
        if not 200 < step < 240
    ]
    made.samples(data, rows, COLOURED, "5min")
    made.samples(data, [row.replace(",101,", ",102,") for row in rows], COLOURED, "15min")
    made.candles(data, [made.candle(60 * step, "") for step in range(60)], timeframe="1min")
    header = made.DECISION_HEADER + ",decision_id,entry_time,exit_time,model"
    decided = [
        made.decision(600 * step, 'kölner "Wicks"', f"d{step}") + f",{made.stamp(600 * step + 5)},,live-é"
        for step in range(6)
    ]
    made.decisions(data, decided, header)
    with (data / schema.SAMPLE_FILES["5min"]).open("a") as stream:
        stream.write(made.stamp(3599) + ",1")


def trades_alone(data: Path) -> None:
    for name in schema.MARKET_FILES:
        if name != schema.DECISIONS_FILE:
            (data / name).unlink(missing_ok=True)


def foreign_log(data: Path) -> None:
    """A log of few columns in another zone."""
    rows = [f"2025-10-19T02:{step:02d}:00+02:00,SHORT,NO,,,False,,,," for step in range(5)]
    made.decisions(data, rows)


@pytest.mark.parametrize("change", [lambda data: None, ragged, trades_alone, foreign_log])
@pytest.mark.parametrize("hours", [0.5, 24.0])
def test_the_frames_of_the_file_are_those_of_the_csvs(folder, run_dir, parsed, change, hours):
    change(folder)
    kept = read_window(folder, AS_OF, hours)
    kept.leave(run_dir)
    plain = load_window(folder, AS_OF, hours, trades_suffice=True)
    assert_same(plain, kept.window)
    parsed.clear()
    taken = load_window(folder, AS_OF, hours, trades_suffice=True, run_dir=run_dir)
    assert not parsed
    assert_same(plain, taken)
    assert plain.counts[schema.DECISIONS_FILE].rows_in > 0


def test_a_frame_that_is_changed_in_place_changes_no_other_column(folder, run_dir):
    read_window(folder, AS_OF, 24.0).leave(run_dir)
    samples = load_window(folder, AS_OF, run_dir=run_dir).samples_5min
    before = samples["MMA5"].copy()
    samples.loc[:, "price"] = -1.0
    pd.testing.assert_series_equal(samples["MMA5"], before)


def append(data: Path, name: str, text: str) -> None:
    with (data / name).open("a") as stream:
        stream.write(text)


SAMPLES, CANDLES = schema.SAMPLE_FILES["15min"], schema.CANDLE_FILES["5min"]
LATER = made.sample(3670) + "\n"


def later_rows(data: Path) -> None:
    append(data, SAMPLES, LATER + made.sample(3680) + "\n\n")


def later_candle(data: Path) -> None:
    """It closes a second after the window's end."""
    append(data, CANDLES, made.candle(3301) + "\n")


def later_row_and_part_of_one(data: Path) -> None:
    append(data, SAMPLES, LATER + made.sample(3680)[:30])


@pytest.mark.parametrize("change", [later_rows, later_candle, later_row_and_part_of_one])
def test_rows_appended_later_than_the_window_do_not_matter(folder, run_dir, parsed, change):
    read_window(folder, AS_OF, 24.0).leave(run_dir)
    change(folder)
    parsed.clear()
    found = load_window(folder, AS_OF, run_dir=run_dir)
    assert not parsed
    assert_same(found, load_window(folder, AS_OF))


def row_within(data: Path) -> None:
    append(data, SAMPLES, LATER + made.sample(3595) + "\n")


def candle_at_the_end(data: Path) -> None:
    append(data, CANDLES, made.candle(3300) + "\n")


def part_of_a_row(data: Path) -> None:
    append(data, SAMPLES, made.sample(3670)[:30])


def broken_row(data: Path) -> None:
    append(data, SAMPLES, "no,row\n")


def quoted_row(data: Path) -> None:
    append(data, SAMPLES, LATER.replace("mixed", '"mixed"'))


def naive_row(data: Path) -> None:
    append(data, SAMPLES, LATER.replace("Z", ""))


def corrected_row(data: Path) -> None:
    path = data / CANDLES
    stamp = path.stat()
    path.write_bytes(path.read_bytes().replace(b",5\n", b",6\n"))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def shorter_file(data: Path) -> None:
    path = data / SAMPLES
    path.write_bytes(path.read_bytes()[:-10])


def new_file(data: Path) -> None:
    made.candles(data, [made.candle(60 * step) for step in range(60)], timeframe="1min")


def gone_decisions(data: Path) -> None:
    (data / schema.DECISIONS_FILE).unlink()


def decided_meanwhile(data: Path) -> None:
    append(data, schema.DECISIONS_FILE, made.decision(3590) + "\n")


def decided_later(data: Path) -> None:
    """The kinds of all decisions tell which of them is damaged."""
    append(data, schema.DECISIONS_FILE, made.decision(3700) + "\n")


def other_header(data: Path) -> None:
    path = data / schema.SAMPLE_FILES["5min"]
    path.write_bytes(path.read_bytes().replace(b"MMA10", b"MMA20", 1))


CHANGES = [
    row_within,
    candle_at_the_end,
    part_of_a_row,
    broken_row,
    quoted_row,
    naive_row,
    corrected_row,
    shorter_file,
    new_file,
    gone_decisions,
    decided_meanwhile,
    decided_later,
    other_header,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_of_other_bytes_is_not_taken(folder, run_dir, parsed, change):
    """Also where size and time of change are the same."""
    read_window(folder, AS_OF, 24.0).leave(run_dir)
    change(folder)
    parsed.clear()
    found = load_window(folder, AS_OF, run_dir=run_dir)
    assert len(parsed) == 1
    assert_same(found, load_window(folder, AS_OF))


def torn(data: Path) -> None:
    append(data, SAMPLES, made.sample(3670)[:5])


def disordered(data: Path) -> None:
    append(data, SAMPLES, made.sample(3000) + "\n")


@pytest.mark.parametrize(("before", "grown"), [(torn, made.sample(3670)[5:] + "\n"), (disordered, LATER)])
def test_a_file_that_ended_torn_or_stands_in_disorder_may_not_have_grown(
    folder, run_dir, parsed, before, grown
):
    before(folder)
    read_window(folder, AS_OF, 24.0).leave(run_dir)
    parsed.clear()
    load_window(folder, AS_OF, run_dir=run_dir)
    assert not parsed
    append(folder, SAMPLES, grown)
    assert_same(load_window(folder, AS_OF, run_dir=run_dir), load_window(folder, AS_OF))
    assert len(parsed) == 2


def test_a_long_file_that_grows_is_looked_at_where_it_was(tmp_path, run_dir, parsed):
    """A search of a grown file may find another beginning of the same window; what is appended in any order changes no result."""
    data = made.market(tmp_path / "data", minutes=24 * 60)
    until = made.at(24 * 3600)
    read_window(data, until, 2.0).leave(run_dir)
    parsed.clear()
    for step in range(1, 400):
        append(data, SAMPLES, made.sample(24 * 3600 + 10 * step) + "\n")
        if step % 80 == 0:
            found = load_window(data, until, 2.0, run_dir=run_dir)
            assert not parsed
            assert_same(found, load_window(data, until, 2.0))
            parsed.clear()


def test_a_file_of_another_window_is_not_taken(folder, run_dir, parsed, tmp_path, monkeypatch):
    read_window(folder, AS_OF, 24.0).leave(run_dir)
    parsed.clear()
    load_window(folder, AS_OF, run_dir=run_dir)
    assert not parsed
    load_window(folder, made.at(3599), run_dir=run_dir)
    load_window(folder, AS_OF, 23.0, run_dir=run_dir)
    load_window(folder, AS_OF, zone="Europe/Berlin", run_dir=run_dir)
    other = tmp_path / "other"
    other.mkdir()
    for path in folder.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    load_window(other, AS_OF, run_dir=run_dir)
    monkeypatch.setattr(window_file, "_code", lambda: "another version")
    load_window(folder, AS_OF, run_dir=run_dir)
    assert len(parsed) == 5


def test_a_damaged_or_foreign_file_is_not_taken(folder, run_dir, parsed):
    read_window(folder, AS_OF, 24.0).leave(run_dir)
    path = run_dir / WINDOW_FILE
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 1
    pickled = run_dir / "pickled"
    with pickled.open("wb") as stream:
        np.savez(stream, head=np.array([{"key": "any"}], dtype=object))
    parsed.clear()
    contents = [b"", b"no zip", whole[:-100], bytes(damaged), pickled.read_bytes()]
    for content in contents:
        path.write_bytes(content)
        found = load_window(folder, AS_OF, run_dir=run_dir)
    assert len(parsed) == len(contents)
    assert_same(found, load_window(folder, AS_OF))
    path.unlink()
    load_window(folder, AS_OF, run_dir=run_dir)
    load_window(folder, AS_OF, run_dir=run_dir / "gone")


def test_nothing_in_it_is_pickled_and_no_half_of_it_is_left(folder, run_dir, monkeypatch):
    kept = read_window(folder, AS_OF, 24.0)
    kept.leave(run_dir)
    assert [path.name for path in run_dir.iterdir()] == [WINDOW_FILE]
    with zipfile.ZipFile(run_dir / WINDOW_FILE) as packed:
        assert {info.compress_type for info in packed.infolist()} == {zipfile.ZIP_STORED}
    with np.load(run_dir / WINDOW_FILE, allow_pickle=False) as arrays:
        assert not any(arrays[name].dtype.hasobject for name in arrays.files)


def test_an_empty_window_is_refused_before_anything_is_left(folder):
    with pytest.raises(EmptyWindowError):
        read_window(folder, made.at(10**7), 1.0)
