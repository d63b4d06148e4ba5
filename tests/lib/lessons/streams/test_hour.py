"""Whole folders, hour by hour; the lively market lasts ten hours, and what is not over by then is abandoned a day later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.analysis.regime_and_wicks import WICK_KEYS, outcomes
from lib.analysis.smart_backtest import run_rule, window_signals
from lib.analysis.trades import actual_trades, executed_trades
from lib.data.window import MarketWindow, load_window
from lib.errors import ParameterError
from lib.lessons.streams.hour import first_hour, hour_tables
from lib.lessons.streams.models import HELD_MINUTES, TRACKS, Carry
from lib.market.costs import DEFAULT_COSTS
from lib.market.exits import NO_GAP, STANDARD, PricePath, find_exit, gaps_known_at
from lib.market.readings import instant, instants
from lib.market.setup_events import setup_directions
from lib.market.terms import DEFAULT_TERMS
from lib.market.wicks import wicks
from tests.builders import START, decisions, flat, known_until, samples, window
from tests.lib.lessons.streams.made import lively_market, run_hours, write_folder

HOURS = 10
#: By this hour everything is closed or abandoned.
LAST = HOURS + 26


def assert_same(one, other):
    for stream in TRACKS:
        pd.testing.assert_frame_equal(one[0][stream], other[0][stream], check_exact=True)
    assert one[1].model_dump_json() == other[1].model_dump_json()


@pytest.fixture(scope="module")
def market() -> MarketWindow:
    return lively_market(1, HOURS)


@pytest.fixture(scope="module")
def folder(market, tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("whole"), market)


@pytest.fixture(scope="module")
def everything(folder):
    return run_hours(folder, range(1, LAST))


def poisoned(market: MarketWindow, minutes: float) -> MarketWindow:
    """The market with all that is known later than an instant turned into something else."""
    cut = known_until(market, minutes)
    changed = {}
    for name in ("samples_5min", "samples_15min", "candles_1min", "candles_5min"):
        frame = getattr(market, name).copy()
        later = ~frame.index.isin(getattr(cut, name).index)
        numbers = frame.select_dtypes("number").columns
        frame.loc[later, numbers] = 2 * frame.loc[later, numbers]
        if "state" in frame:
            frame.loc[later, "state"] = "all_red"
        changed[name] = frame
    log, end = market.decisions.copy(), START + pd.Timedelta(minutes=minutes)
    log.loc[log["exit_time"] > end, ["exit_price", "exit_reason"]] = [1.0, "SL_HIT"]
    log.loc[log["entry_time"] > end, ["entry_price", "stop_price"]] = [7.0, 6.9]
    return MarketWindow(**{**vars(market), **changed, "decisions": log})


def test_it_does_not_matter_when_an_hour_is_processed(market, everything, tmp_path):
    carry, found = Carry(), {stream: [] for stream in TRACKS}
    for hour in range(1, LAST):
        cut = write_folder(tmp_path / "cut", known_until(market, 60 * hour))
        tables, carry = run_hours(
            cut, range(hour, hour + 1), Carry.model_validate_json(carry.model_dump_json())
        )
        for stream, table in tables.items():
            found[stream].append(table)
    step_by_step = {stream: pd.concat(parts, ignore_index=True) for stream, parts in found.items()}
    assert min(len(table) for table in step_by_step.values()) >= 9
    assert_same((step_by_step, carry), everything)


@pytest.mark.parametrize("hour", [3, 7])
def test_nothing_known_later_matters(hour, market, folder, tmp_path):
    other = write_folder(tmp_path / "other", poisoned(market, 60 * hour))
    found, expected = (run_hours(place, range(1, hour + 1)) for place in (other, folder))
    assert_same(found, expected)
    later = range(hour + 1, hour + 3)
    with pytest.raises(AssertionError):  # the poison would have been seen
        assert_same(run_hours(other, later, found[1]), run_hours(folder, later, expected[1]))


def test_every_trade_is_handed_out_or_left_out_once(folder, everything):
    tables, carry = everything
    big = load_window(folder, START + pd.Timedelta(hours=LAST - 1), LAST)
    executed = executed_trades(big)
    total, never_closed = len(executed.closed), len(executed.still_open)
    assert never_closed > 0
    for name in ("trades", *TRACKS["held"]):
        track = carry.track(name)
        assert track.handed_out + sum(track.left_out.values()) == total + never_closed
    assert len(tables["trades"]) == total
    assert carry.track("trades").left_out == {"abandoned": never_closed}
    reasons = carry.track("held_30").left_out
    assert set(reasons) == {"not_earlier", "forced_exit", "gap"}
    for stream, names in TRACKS.items():
        table = tables[stream]
        assert len(table) == sum(carry.track(name).handed_out for name in names)
        keys = ["trade", "hold"] if stream == "held" else ["trade"]
        assert not table.duplicated(keys).any()
        assert (carry.next_episode[stream], table["episode"].iloc[0]) == (table["episode"].max() + 1, 0)
        assert table["episode"].is_monotonic_increasing
        assert set(table["episode"].diff().dropna()) <= {0, 1}
        assert (table.groupby("episode")["entry_time"].diff().dropna() >= pd.Timedelta(0)).all()


def test_own_trades_are_those_of_the_analysis(folder, everything):
    big = load_window(folder, START + pd.Timedelta(hours=LAST - 1), LAST)
    expected = actual_trades(big).closed
    found = everything[0]["trades"].sort_values(["entry_time", "exit_time"], kind="stable")
    assert found["entry_time"].tolist() == expected["entry_time"].tolist()
    assert found["net_pct"].tolist() == expected["net_pct"].tolist()
    assert found["setup"].tolist() == expected["signature"].replace("UNKNOWN", "").tolist()
    assert found["direction"].tolist() == expected["direction"].tolist()


@pytest.fixture(scope="module")
def whole_window(folder) -> MarketWindow:
    return load_window(folder, START + pd.Timedelta(hours=HOURS), HOURS)


def path_of(market: MarketWindow) -> PricePath:
    return PricePath.of(market.candles_1min, market.candles_5min, market.samples_5min)


def judged(window):
    """Entries up to then have a hold that lies behind the last close."""
    return window.candles_5min["closed_at"].iloc[-1] - pd.Timedelta(minutes=STANDARD.hold_minutes)


def test_the_rule_is_that_of_the_backtest(whole_window, everything):
    taken = run_rule(window_signals(whole_window), path_of(whole_window), STANDARD)
    expected = taken[taken["exit_time"].notna() & (taken["entry_time"] <= judged(whole_window))]
    found = everything[0]["rule"]
    assert (
        found[["entry_time", "exit_time"]].values.tolist()
        == expected[["entry_time", "exit_time"]].values.tolist()
    )
    assert found["net_pct"].tolist() == pytest.approx(expected["net_pct"].tolist())


def test_wicks_are_those_of_the_analysis(whole_window, everything):
    expected, _ = outcomes(wicks(whole_window.candles_5min), WICK_KEYS, whole_window, STANDARD, DEFAULT_COSTS)
    expected = expected[expected["entry_time"] <= judged(whole_window)]
    found = everything[0]["wicks"]
    assert sorted(zip(found["entry_time"], found["kind"], found["exit_time"], strict=True)) == sorted(
        zip(expected["entry_time"], expected["kind"], expected["exit_time"], strict=True)
    )
    assert found["net_pct"].sum() == pytest.approx(expected["net_pct"].sum())
    assert found["episode"].nunique() == expected["episode"].nunique()


def test_setups_are_one_walk_over_the_whole(whole_window, everything):
    candles, path = whole_window.candles_5min, path_of(whole_window)
    expected, free, gaps = [], 0, 0
    for sign, at, price in zip(
        setup_directions(candles, whole_window.samples_5min), instants(candles["closed_at"]), candles["close"], strict=True
    ):  # fmt: skip
        if sign and at >= free:
            left = find_exit(path, sign, int(at), price)
            if gaps_known_at(path, np.array([at]), STANDARD.hold_minutes)[0] != NO_GAP:
                gaps += 1
                continue
            if left is None or at > instant(judged(whole_window)):
                break
            free = left.at
            expected.append((at, left.at))
    found = everything[0]["setups"]
    assert list(zip(instants(found["entry_time"]), instants(found["exit_time"]), strict=True)) == expected
    assert everything[1].track("setups").left_out["gap"] == gaps > 0


def test_overlapping_holds_of_one_length_share_an_episode_and_of_another_not(everything):
    held = everything[0]["held"]
    assert held.groupby("episode")["hold"].nunique().max() == 1
    for minutes in HELD_MINUTES:
        track = held[held["hold"] == str(minutes)]
        assert track.groupby("episode").size().max() > 1
        spans = track.groupby("episode").agg(begin=("entry_time", "min"), end=("exit_time", "max"))
        spans = spans.sort_values("begin")
        assert (spans["begin"].iloc[1:].to_numpy() >= spans["end"].iloc[:-1].to_numpy()).all()


def test_within_an_hour_held_episodes_are_numbered_as_they_were_finished(folder):
    _, carry = run_hours(folder, range(1, 4))
    mixed = 0
    for hour in range(4, 9):
        tables, carry = run_hours(folder, range(hour, hour + 1), carry)
        episodes = tables["held"].groupby("episode").agg(end=("exit_time", "max"), hold=("hold", "first"))
        assert episodes["end"].is_monotonic_increasing
        mixed += not episodes["hold"].is_monotonic_increasing
    assert mixed > 0


@pytest.mark.parametrize(("quality", "net"), [("ok", -0.45), ("venue_mismatch", -0.31)])
def test_a_price_of_another_venue_is_no_price_to_judge_by(quality, net, tmp_path):
    # Out of a LONG from 100 at 100.3 within its first minute; behind that a sample lies below the stop.
    log = [
        {"timestamp": 10.5, "direction": "LONG", "entry_time": 10.5, "entry_price": 100.0, "exit_time": 10.7,
         "exit_price": 100.3, "exit_reason": "TP_HIT"},
    ]  # fmt: skip
    ribbon = samples([(10.8, 99.0, "mixed", quality)])
    place = write_folder(
        tmp_path, window(flat(12), ribbon, ribbon, flat(60, minutes=1), decided=decisions(log))
    )
    held = run_hours(place, range(1, 2))[0]["held"]
    assert held["net_pct"].tolist() == pytest.approx([net] * 3)


def test_hours_come_in_order_and_whole():
    with pytest.raises(ParameterError, match="no whole hour"):
        hour_tables("nowhere", START + pd.Timedelta(minutes=30), Carry(), DEFAULT_TERMS)
    done = Carry(hour=instants(pd.DatetimeIndex([START]))[0])
    with pytest.raises(ParameterError, match="does not follow 2026-01-05T00:00:00Z"):
        hour_tables("nowhere", START + pd.Timedelta(hours=2), done, DEFAULT_TERMS)


def test_an_hour_in_which_nothing_was_known_settles_nothing_but_time(folder):
    before = START - pd.Timedelta(hours=50)
    tables, carry = hour_tables(folder, before, Carry(), DEFAULT_TERMS)
    assert all(table.empty for table in tables.values())
    assert all((track.handed_out, track.left_out) == (0, {}) for track in carry.tracks.values())
    assert carry.hour == instants(pd.DatetimeIndex([before]))[0]


def test_a_trade_in_hours_without_any_market_is_handed_out_and_one_never_closed_abandoned(tmp_path):
    # The second one holds the first back for a day, so the first is found again 25 hours after its entry.
    log = [
        {"timestamp": 2000, "direction": "LONG", "entry_time": 2000, "entry_price": 100.0, "exit_time": 2700,
         "exit_price": 101.0, "decision_id": "closed"},
        {"timestamp": 2100, "direction": "LONG", "entry_time": 2100, "entry_price": 100.0},
    ]  # fmt: skip
    ribbon = samples([(minute, 100.0, "mixed") for minute in range(60)])
    lonely = write_folder(tmp_path, window(flat(12), ribbon, ribbon, decided=decisions(log)))
    tables, carry = run_hours(lonely, range(33, 62))
    assert tables["trades"]["trade"].tolist() == ["closed"]
    assert tables["trades"][["pattern", "regime", "timeframes"]].values.tolist() == [["", "", ""]]
    assert carry.track("trades").left_out == {"abandoned": 1}
    assert carry.track("held_45").left_out == {"not_earlier": 2}


@pytest.mark.parametrize(("minute", "hour"), [(60.0, 1), (60.1, 2)])
def test_the_first_hour_holds_the_oldest_row(minute, hour, tmp_path):
    ribbon = samples([(minute, 100.0, "mixed")])
    lonely = write_folder(tmp_path, window(flat(3, start=200), ribbon, ribbon))
    assert first_hour(lonely) == START + pd.Timedelta(hours=hour)


def test_an_empty_folder_has_no_first_hour(tmp_path):
    assert first_hour(tmp_path) is None
    assert first_hour(write_folder(tmp_path, window())) is None
