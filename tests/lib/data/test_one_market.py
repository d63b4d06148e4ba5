"""Files of a folder that do not belong together: two markets, one chart twice, two units of price."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.data.one_market import folder_market, mixed_folder
from lib.data.window import load_window
from lib.errors import DataError
from tests.lib.data import made

HEADER = made.SAMPLE_HEADER
ROWS = range(0, 3_600, 10)


def test_a_folder_is_of_one_market(tmp_path):
    assert (folder_market(tmp_path), mixed_folder(tmp_path)) == ("", None)
    header = made.SAMPLE_HEADER + ",symbol"
    made.samples(tmp_path, [made.sample(0) + ",ETHUSDT"], header)
    made.samples(tmp_path, [made.sample(0)], timeframe="15min")
    assert (folder_market(tmp_path), mixed_folder(tmp_path)) == ("ETHUSDT", None)
    made.samples(tmp_path, [made.sample(0) + ",BTCUSDT"], header, "15min")
    with pytest.raises(
        DataError, match=r"of two markets: .*5min.csv is of ETHUSDT, .*15min.csv is of BTCUSDT"
    ):
        folder_market(tmp_path)


def chart(folder: Path, timeframe: str, speed: float = 1.0, unit: float = 1.0) -> None:
    """An hour of samples whose lines move at their own speed; prices are 100 and a little."""
    rows = [
        f"{made.stamp(second)},{(100 + second / 3_600) * unit},mixed,{100 + second / 3_600 * speed},{100 - second / 3_600 * speed}"
        for second in ROWS
    ]
    made.samples(folder, rows, HEADER, timeframe)


def candles(folder: Path, unit: float = 1.0) -> None:
    for timeframe, minutes in (("5min", 5), ("15min", 15)):
        rows = []
        for second in range(0, 3_600, minutes * 60):
            opened, closed = ((100 + at / 3_600) * unit for at in (second, second + minutes * 60))
            rows.append(f"{made.stamp(second)},{opened},{closed},{opened},{closed},5")
        made.candles(folder, rows, made.CANDLE_HEADER, timeframe)


def whole(folder: Path, **units: float) -> None:
    """A folder that is one market's; `samples`, `candles`: the unit that their prices are in."""
    for timeframe, speed in (("5min", 1.0), ("15min", 0.4)):
        chart(folder, timeframe, speed, units.get("samples", 1.0))
    candles(folder, units.get("candles", 1.0))


def refused(folder: Path) -> str:
    """What the loop, the status and a cycle's window say of the folder: one and the same."""
    told = mixed_folder(folder)
    assert told is not None
    for read in (folder_market, lambda place: load_window(place, made.at(3_600), 1.0)):
        with pytest.raises(DataError) as caught:
            read(folder)
        assert told.what.split(" hold ")[0] in str(caught.value) and told.fix in str(caught.value)
    return told.what


def test_files_of_one_market_belong_together(tmp_path):
    whole(tmp_path)
    assert mixed_folder(tmp_path) is None
    assert len(load_window(tmp_path, made.at(3_600), 1.0).samples_5min) == len(ROWS)


def test_one_chart_under_both_names_is_no_ribbon_of_two(tmp_path):
    """A copy of the 5-minute chart passes for the 15-minute one: the rule and Claude would see it agree with itself."""
    whole(tmp_path)
    chart(tmp_path, "15min")
    assert "hold the same lines from 2025-10-19T00:00:00Z to 2025-10-19T00:59:50Z, 360 rows" in refused(
        tmp_path
    )


def test_one_chart_under_both_names_for_part_of_the_time_is_told_too(tmp_path):
    whole(tmp_path)
    path, five = tmp_path / "ema_data_15min.csv", tmp_path / "ema_data_5min.csv"
    lines, others = path.read_text().splitlines(True), five.read_text().splitlines(True)
    path.write_text("".join([*lines[:300], *others[300:]]))
    assert "hold the same lines from 2025-10-19T00:49:50Z" in refused(tmp_path)


def test_lines_that_stand_still_are_no_copy(tmp_path):
    whole(tmp_path)
    for timeframe in ("5min", "15min"):
        rows = [f"{made.stamp(second)},100,mixed,100,100" for second in ROWS]
        made.samples(tmp_path, rows, HEADER, timeframe)
    assert mixed_folder(tmp_path) is None


@pytest.mark.parametrize("units", [{"samples": 100.0}, {"candles": 0.01}, {"samples": 0.7}])
def test_samples_far_from_the_candles_of_their_minutes_are_another_market_or_unit(tmp_path, units):
    whole(tmp_path, **units)
    assert "are not of one market or not in one unit: until 2025-10-19T01:00:00Z" in refused(tmp_path)


def test_prices_far_below_a_dollar_are_told_as_a_chart_shows_them(tmp_path):
    whole(tmp_path, samples=1e-7, candles=1e-5)
    assert "the samples tell 0.00001009972" in refused(tmp_path)


def test_samples_of_another_venue_are_told_as_that_alone(tmp_path):
    whole(tmp_path, candles=100.0)
    for timeframe in ("5min", "15min"):
        path = tmp_path / f"ema_data_{timeframe}.csv"
        head, *rows = path.read_text().splitlines()
        path.write_text("\n".join([f"{head},quality", *(f"{row},venue_mismatch" for row in rows)]) + "\n")
    assert mixed_folder(tmp_path) is None
