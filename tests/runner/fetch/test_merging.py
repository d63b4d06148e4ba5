"""Folder and source together: the seam, candles that grew, minutes without a trade, jumps, and what is told of each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.data.loaders import load_candles, load_samples
from lib.errors import DataError
from lib.foreign.ohlcv import CandleHistory, tidy
from lib.market.terms import DEFAULT_TERMS
from runner.fetch.backfill import WriteOutcome, backfill
from runner.fetch.merging import Merged
from runner.fetch.remaking import remove_computed
from runner.files.tables import append_candles, append_samples, candles_journal, samples_journal
from tests.runner.fetch.test_backfill import NOW, contents, walk


def history(candles: pd.DataFrame, minutes: int = 1) -> CandleHistory:
    return tidy(candles, minutes, NOW, {})


def filled(candles: pd.DataFrame, folder: Path, rules: bool = False, **options) -> WriteOutcome:
    return backfill(history(candles), folder, "test", DEFAULT_TERMS, "ETHUSDT", rules, True, **options)


def running(candles: pd.DataFrame, place: int) -> pd.DataFrame:
    """The candles up to `place`, that one five seconds old."""
    young = candles.iloc[: place + 1].copy()
    opened = young["open"].iloc[place]
    young.iloc[place] = [opened, opened, opened, opened, 0.01]
    return young


@pytest.mark.parametrize("place", [4_000, 4_001, 4_003, 4_012])
def test_a_candle_still_running_at_the_seam_is_set_right_and_all_that_follows_from_it(
    tmp_path: Path, place: int
) -> None:
    candles = walk(8_000)
    filled(candles, tmp_path / "whole", rules=True)
    filled(running(candles, place), tmp_path / "parts", rules=True)
    outcome = filled(candles.iloc[place - 20 :], tmp_path / "parts", rules=True)
    assert outcome.candles["corrected"] == 1
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_a_source_of_whole_prices_does_not_round_what_the_folder_holds(tmp_path: Path) -> None:
    candles = walk(60)  # from 00:02
    candles.iloc[30:, :4] = 2000.0
    filled(candles, tmp_path / "whole")
    filled(candles.iloc[:30], tmp_path / "parts")
    filled(candles.iloc[30:], tmp_path / "parts")
    for name in ("5min", "15min"):
        whole, parts = (load_candles(tmp_path / folder, name, None, None)[0] for folder in ("whole", "parts"))
        pd.testing.assert_frame_equal(whole, parts)


def test_a_correction_in_the_middle_remakes_the_samples_behind_it(tmp_path: Path) -> None:
    candles = walk(8_000)
    filled(candles, tmp_path / "whole", rules=True)
    wrong = candles.copy()
    wrong.iloc[5_000, :5] = [*[candles["open"].iloc[5_000]] * 4, 0.01]
    filled(wrong, tmp_path / "parts", rules=True)
    before = contents(tmp_path / "parts")
    # The correction comes in a file that ends long before the folder does, and without --policy.
    outcome = filled(candles.iloc[4_990:5_010], tmp_path / "parts")
    assert outcome.candles["corrected"] == 1
    after = contents(tmp_path / "parts")
    assert after == contents(tmp_path / "whole")
    assert after["ema_data_5min.csv"] != before["ema_data_5min.csv"]


def test_the_folders_candle_stays_where_it_has_grown(tmp_path: Path) -> None:
    candles = walk(300)
    filled(candles, tmp_path)
    before = contents(tmp_path)
    outcome = filled(running(candles, 200), tmp_path)
    assert (outcome.candles["kept"], outcome.candles["corrected"]) == (1, 0)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(("hours", "words"), [(1, "1 h 00 min earlier"), (-2.75, "2 h 45 min later")])
def test_the_same_candles_read_in_another_zone_are_told_as_that(tmp_path: Path, hours, words) -> None:
    candles = walk(300)
    filled(candles, tmp_path)
    moved = candles.set_axis(candles.index + pd.Timedelta(hours=hours))
    file = replace(history(moved[moved.index >= candles.index[0]]), path=tmp_path / "august.csv")
    with pytest.raises(DataError, match=rf"stand in the folder {words}: one .*--timezone"):
        backfill(file, tmp_path, "test", DEFAULT_TERMS, "ETHUSDT", False, True)


def test_a_candle_in_doubt_is_refused_before_the_first_byte(tmp_path: Path) -> None:
    candles = walk(300)
    filled(candles, tmp_path)
    before = contents(tmp_path)
    other = candles.copy()
    other.iloc[[100, 150], 1] += 1.0
    other.iloc[[100, 150], 4] -= 1.0  # a wider range with less volume
    with pytest.raises(
        DataError,
        match=r"2 candles differ from what .*candlesticks_1min\.csv holds, .*the first, of 2025-01-01T01:42:00Z: here",
    ):
        filled(other, tmp_path)
    assert contents(tmp_path) == before


def test_watched_candles_and_samples_keep_their_values(tmp_path: Path) -> None:
    candles = walk(300, step=5)
    chart = candles.iloc[:200].drop(columns="volume").assign(volume=np.nan, source="chart")
    with candles_journal(tmp_path, "5min", with_source=True) as journal:
        append_candles(journal, chart, 2)
    bigger = candles.copy()
    bigger["high"] += 0.25
    outcome = backfill(history(bigger, 5), tmp_path, "test", DEFAULT_TERMS, quiet=True)
    assert (outcome.candles["corrected"], outcome.candles["kept"]) == (0, 0)
    loaded, _ = load_candles(tmp_path, "5min", None, None)
    assert loaded["high"].iloc[:200].tolist() == candles["high"].iloc[:200].tolist()


def test_watched_samples_behind_a_corrected_candle_stay_and_that_is_said(tmp_path: Path) -> None:
    candles = walk(300)
    filled(running(candles, 200), tmp_path)
    samples, _ = load_samples(tmp_path, "5min", None, None)
    watched = samples.iloc[-1:].set_axis(samples.index[-1:] + pd.Timedelta(seconds=11))
    with samples_journal(tmp_path, "5min", watched) as journal:
        append_samples(journal, watched, "ETHUSDT", 2)
    before = (tmp_path / "ema_data_5min.csv").read_text().splitlines()
    outcome = filled(candles.iloc[180:], tmp_path)
    assert outcome.notes == [
        "ema_data_5min.csv: samples from the first corrected candle on were watched, not computed, so they stay as they are"
    ]
    assert (tmp_path / "ema_data_5min.csv").read_text().splitlines()[: len(before)] == before


def test_watched_samples_of_a_small_coin_are_told_from_computed_ones(tmp_path: Path) -> None:
    candles = pd.DataFrame(
        {"close": [0.00001234, 0.00001236]},
        index=pd.date_range("2025-01-01", periods=2, freq="5min", tz="UTC", unit="us"),
    )
    watched = pd.DataFrame(
        {"price": [0.00001235], "state": ["unknown"]}, index=candles.index[1:] + pd.Timedelta(minutes=5)
    )
    merged = Merged(candles, np.ones(2, dtype=bool), candles.index[:1], candles, 8, {}, [])
    with samples_journal(tmp_path, "5min", watched) as journal:
        append_samples(journal, watched, "SHIBUSDT", 8)
        assert remove_computed(journal, merged, 5) is None  # one tick from the close of its candle


def test_after_a_kill_while_correcting_a_rerun_gives_the_same_files(tmp_path: Path, monkeypatch) -> None:
    candles = walk(3_000)
    filled(candles, tmp_path / "whole")
    for name in ("_write_candles", "_write_samples"):
        folder = tmp_path / name
        filled(running(candles, 2_000), folder)

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(f"runner.fetch.backfill.{name}", killed)
            with pytest.raises(KeyboardInterrupt):
                filled(candles, folder)
        filled(candles, folder)
        assert contents(folder) == contents(tmp_path / "whole")


def sparse(candles: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Candles without an eighth of the minutes, and what they are with flat ones."""
    random = np.random.default_rng(4)
    lacking = random.random(len(candles)) < 0.125
    lacking[[0, -1]] = False
    kept = candles[~lacking]
    flat = kept.reindex(candles.index)
    close = flat["close"].ffill()
    for name in ("open", "high", "low", "close"):
        flat[name] = flat[name].fillna(close)
    return kept, flat.fillna({"volume": 0.0})


@pytest.mark.parametrize("cuts", [(), (700,), (333, 334, 1_200)])
def test_minutes_without_a_trade_are_flat_in_parts_as_in_one(tmp_path: Path, cuts: tuple[int, ...]) -> None:
    kept, flat = sparse(walk(2_000))
    filled(flat, tmp_path / "whole")
    told = [
        filled(kept.iloc[max(start - 1, 0) : end], tmp_path / "parts").candles
        for start, end in zip((0, *cuts), (*cuts, len(kept)), strict=True)
    ]
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")
    assert sum(each["flat"] for each in told) == 2_000 - len(kept)
    assert sum(each["minutes_missing"] for each in told) == 0


def test_a_longer_stretch_is_missing_and_said(tmp_path: Path) -> None:
    candles = walk(600)
    outcome = filled(candles.drop(candles.index[300:311]), tmp_path)  # eleven minutes: 05:02 to 05:12
    assert outcome.candles == {"flat": 0, "minutes_missing": 11, "corrected": 0, "kept": 0}
    assert outcome.bars_not_made == {"5min": 3, "15min": 1}


def test_where_a_row_was_damaged_no_flat_candle_is_made(tmp_path: Path) -> None:
    candles = walk(60)
    lines = np.arange(2, 62)
    kept = np.delete(np.arange(60), [20, 30, 31])
    source = replace(tidy(candles.iloc[kept], 1, NOW, {}, lines=lines[kept]), damaged=np.array([22]))
    outcome = backfill(source, tmp_path, "test", DEFAULT_TERMS, quiet=True)
    assert (outcome.candles["flat"], outcome.candles["minutes_missing"]) == (2, 1)
    one, _ = load_candles(tmp_path, "1min", None, None)
    assert candles.index[20] not in one.index


def test_between_folder_and_source_nobody_knows_and_that_is_said(tmp_path: Path) -> None:
    candles = walk(60)
    filled(candles.iloc[:10], tmp_path)
    outcome = filled(candles.iloc[12:], tmp_path)  # the last row of the first file may have been cut
    assert outcome.candles["flat"] == 0
    assert outcome.notes == [
        "2 minutes lack between the folder's candle of 2025-01-01T00:11:00Z and the first one given, of 2025-01-01T00:14:00Z: "
        "a history that holds both says whether anything was traded"
    ]
    again = filled(candles.drop(candles.index[10:12]), tmp_path)
    assert (again.candles["flat"], again.notes) == (2, [])
    filled(candles.drop(candles.index[10:12]), tmp_path / "whole")
    one, whole = (load_candles(folder, "5min", None, None)[0] for folder in (tmp_path, tmp_path / "whole"))
    pd.testing.assert_frame_equal(one, whole)


def test_a_long_stretch_between_folder_and_source_is_said_too(tmp_path: Path) -> None:
    candles = walk(600)
    filled(candles.iloc[:100], tmp_path)
    assert filled(candles.iloc[220:], tmp_path).notes == [
        "120 minutes lack between the folder's candle of 2025-01-01T01:41:00Z and the first one given, of 2025-01-01T03:42:00Z: "
        "no candle is made for them, nor a longer one that they are part of"
    ]


def test_a_flat_candle_gives_way_to_one_with_trades(tmp_path: Path) -> None:
    candles = walk(600)
    filled(candles, tmp_path / "whole")
    filled(candles.drop(candles.index[[200, 300]]), tmp_path / "parts")
    outcome = filled(candles, tmp_path / "parts")
    assert outcome.candles["corrected"] == 2
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_a_jump_inside_and_at_the_seam_is_refused_unless_accepted(tmp_path: Path) -> None:
    candles = walk(300)
    doubled = candles.copy()
    doubled.iloc[200:, :4] *= 1.3
    with pytest.raises(
        DataError,
        match=r"at 2025-01-01T03:22:00Z the open is .*\+30\.0 % from the close before it .*--accept-jumps",
    ):
        filled(doubled, tmp_path)
    assert contents(tmp_path) == {name: data for name, data in contents(tmp_path).items() if not data}
    filled(doubled.iloc[:200], tmp_path)
    before = contents(tmp_path)
    with pytest.raises(DataError, match="--accept-jumps"):
        filled(doubled.iloc[200:], tmp_path)
    assert contents(tmp_path) == before
    filled(doubled.iloc[200:], tmp_path, accept_jumps=True)
    # What was accepted once is not asked again.
    assert filled(doubled, tmp_path).candles["corrected"] == 0
