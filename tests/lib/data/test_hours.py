"""Samples every minute for twelve hours from START; what an hour's window would hold, held against what was read for many."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lib.contract import schema
from lib.contract.times import microseconds
from lib.data import hours as module
from lib.data.hours import HoursRead, read_hour, read_hours
from lib.data.window import WARMUP
from tests.builders import START, candles, decisions, flat, samples, window
from tests.lib.lessons.streams.made import write_folder

HOUR = pd.Timedelta(hours=1)
FIVE = schema.SAMPLE_FILES["5min"]


@pytest.fixture
def folder(tmp_path) -> Path:
    minutes = range(1, 721)
    ribbon = samples([(minute, 100.0 + minute % 7, "mixed") for minute in minutes], MMA5=list(minutes))
    log = decisions([{"timestamp": 60.0 * hour + 5, "direction": "LONG", "model": "m"} for hour in range(11)])
    return write_folder(tmp_path, window(flat(144), ribbon, ribbon, decided=log))


def lines(path: Path, change) -> None:
    """Change the rows of a file, given as a list."""
    head, *rows = path.read_text().splitlines()
    change(rows)
    path.write_text("\n".join([head, *rows]) + "\n")


def read(folder: Path) -> HoursRead | None:
    return read_hours(folder, START - 31 * HOUR, START + 12 * HOUR)


def shown(folder: Path) -> list[int]:
    """The hours that are shown, by their ends; each holds what it would see alone."""
    found, hours = read(folder), []
    for hour in range(1, 13):
        end, start = START + hour * HOUR, START + (hour - 3) * HOUR
        if not found.reach.show(microseconds(end), microseconds(start - WARMUP)):
            continue
        alone = read_hour(folder, start, end)
        for name in ("samples_5min", "samples_15min", "candles_1min", "candles_5min"):
            frame = getattr(found, name)
            known = frame.get("closed_at", frame.index)
            cut = frame[(known > start - WARMUP) & (known <= end)]
            pd.testing.assert_frame_equal(cut, getattr(alone, name))
        hours.append(hour)
    return hours


def test_rows_in_order_show_every_hour_what_it_would_see_alone(folder):
    assert shown(folder) == list(range(1, 13))


@pytest.mark.parametrize(
    ("place", "to", "hidden"),
    [
        (290, 295, []),  # minute 291 behind 296: 300, the end of an hour, is later than both
        (298, 301, [5]),  # minute 299 behind 302: at 300 nobody knows 301 yet
        (301, 299, []),  # minute 302 before 300: what is set aside is known when all of it is
        (100, 280, [2, 3, 4]),
    ],
)
def test_an_hour_within_rows_out_of_order_is_not_shown(folder, place, to, hidden):
    lines(folder / FIVE, lambda rows: rows.insert(to, rows.pop(place)))
    assert shown(folder) == [hour for hour in range(1, 13) if hour not in hidden]


def test_a_candle_is_out_of_order_from_its_close_on(folder):
    # The candles that open at minutes 290 and 295 have closed at 295 and 300.
    lines(folder / schema.CANDLE_FILES["5min"], lambda rows: rows.insert(60, rows.pop(58)))
    assert shown(folder) == [hour for hour in range(1, 13) if hour != 5]


def freeze(path: Path, first: int, behind: int) -> None:
    """Let the line stand still in some rows, at the value of the one before them."""
    column = path.read_text().splitlines()[0].split(",").index("MMA5")

    def stand(rows):
        still = rows[first - 1].split(",")[column]
        for row in range(first, behind):
            cells = rows[row].split(",")
            cells[column] = still
            rows[row] = ",".join(cells)

    lines(path, stand)


def test_an_hour_that_does_not_know_yet_that_the_ribbon_froze_is_not_shown(folder):
    freeze(folder / FIVE, 300, 304)  # from minute 300 on, known to be frozen from 301 on
    assert (read(folder).samples_5min["quality"] == "frozen").sum() == 5
    assert shown(folder) == [hour for hour in range(1, 13) if hour != 5]


def test_an_hour_whose_window_may_not_see_where_a_frozen_stretch_began_is_not_shown(folder):
    freeze(folder / FIVE, 10, 100)
    # The warm-up of hour 7 begins at minute 60, within it; the window reads from a quarter of an hour before.
    found = read(folder)
    begins = {hour: microseconds(START + (hour - 6) * HOUR) for hour in range(1, 13)}
    hidden = [
        hour for hour, at in begins.items() if not found.reach.show(microseconds(START + hour * HOUR), at)
    ]
    assert hidden == [7]


@pytest.mark.parametrize("odd", ["naive", "kinds", "clock", "header", "bytes", "broken"])
def test_where_it_cannot_be_told_what_a_window_would_hold_nothing_is_read(folder, odd, monkeypatch):
    path, log = folder / FIVE, folder / schema.DECISIONS_FILE
    if odd == "naive":
        lines(path, lambda rows: rows.__setitem__(9, rows[9].replace("Z,", ",", 1)))
    elif odd == "kinds":
        lines(log, lambda rows: rows.__setitem__(3, rows[3].replace(",m,", ",rules,")))
        assert ",rules," in log.read_text()
    elif odd == "clock":
        coarse = candles([(100.0,) * 4] * 3)
        coarse.index += pd.Timedelta(seconds=30)
        coarse["closed_at"] += pd.Timedelta(seconds=30)
        coarse.drop(columns="closed_at").to_csv(folder / schema.CANDLE_FILES["5min"], index_label="timestamp")
    elif odd == "header":
        (folder / schema.CANDLE_FILES["15min"]).unlink()
    elif odd == "bytes":
        monkeypatch.setattr(module, "_MOST_BYTES", 1000)
    else:
        lines(path, lambda rows: rows.insert(9, "x" * 20_000))
    assert read(folder) is None
