from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from lib.contract import schema
from lib.contract.schema import SIGNATURES
from lib.errors import ParameterError
from lib.market.exits import STANDARD, PricePath, find_exit, gaps_known_at
from lib.market.readings import instants
from lib.market.regime import regimes
from lib.market.setups import describe_entries
from lib.market.wicks import wicks
from lib.simulation.market import DEFAULT_END, SimulatedMarket, simulate_market
from lib.stats.episodes import assign_episodes

EDGES = {"LONG_BOTH_GREEN": 0.1, "LONG_WICK_DOWN": 0.15, "SHORT_BREAKOUT": -0.2, "SHORT_BOTH_RED": 0.05}


@pytest.fixture(scope="module")
def fine() -> SimulatedMarket:
    return simulate_market(days=3, seed=4, decisions="simulated", edges=EDGES, gaps=6)


@pytest.fixture(scope="module")
def coarse() -> SimulatedMarket:
    return simulate_market(days=14, seed=7, step_seconds=60, decisions="simulated")


def closed_trades(market: SimulatedMarket) -> pd.DataFrame:
    log = market.decisions
    return log[log["executed"] & log["exit_time"].notna()]


def text_of(market: SimulatedMarket) -> str:
    frames = (market.candles_1min, market.samples_5min, market.samples_15min, market.decisions)
    return json.dumps(market.truth) + "".join(frame.to_csv() for frame in frames)


def test_the_same_seed_gives_the_same_market_and_another_seed_another() -> None:
    first, second, other = (
        simulate_market(days=0.5, seed=seed, decisions="simulated", edges={"LONG": 0.1}) for seed in (1, 1, 2)
    )
    assert text_of(first) == text_of(second)
    assert text_of(first) != text_of(other)


def test_frames_are_those_of_the_loaders(fine: SimulatedMarket) -> None:
    for frame, minutes in ((fine.candles_1min, 1), (fine.candles_5min, 5), (fine.candles_15min, 15)):
        assert list(frame.columns) == ["open", "high", "low", "close", "volume", "closed_at"]
        assert str(frame.index.dtype) == "datetime64[us, UTC]" and frame.index.is_monotonic_increasing
        assert (frame["closed_at"] == frame.index + pd.Timedelta(minutes=minutes)).all()
        assert (frame["high"] >= frame[["open", "close"]].max(axis=1)).all()
        assert (frame["low"] <= frame[["open", "close"]].min(axis=1)).all()
        assert (frame["volume"] > 0).all()
    for samples in (fine.samples_5min, fine.samples_15min):
        assert samples.index.equals(fine.prices.index) and samples.index[-1] == pd.Timestamp(DEFAULT_END)
        assert set(samples["quality"]) == {"ok"} and set(samples["state"]) <= set(schema.STATES)
        assert samples["symbol"].str.startswith(schema.SYNTHETIC_SYMBOL).all()
    assert list(fine.decisions.columns) == list(schema.DECISION_COLUMNS)


def test_candles_hold_the_samples_of_their_minute(fine: SimulatedMarket) -> None:
    prices = fine.prices
    minute = (prices.index - pd.Timedelta(microseconds=1)).floor("1min")
    by_minute = prices.groupby(minute).agg(["max", "min", "last", "size"])
    shown = by_minute[by_minute["size"] == 6].join(fine.candles_1min, how="inner")
    assert len(shown) == len(fine.candles_1min)
    assert (shown["high"] >= shown["max"]).all() and (shown["low"] <= shown["min"]).all()
    assert (shown["close"] == shown["last"]).all()
    # The path goes on between samples: extremes lie beyond them in most minutes.
    assert (shown["high"] > shown["max"]).mean() > 0.5


def test_gaps_leave_neither_samples_nor_candles(fine: SimulatedMarket) -> None:
    steps = fine.prices.index.to_series().diff()
    holes = steps[steps > pd.Timedelta(seconds=10)]
    assert 1 <= len(holes) <= 6
    for end, length in holes.items():
        first_lost = (end - length + pd.Timedelta(seconds=10)).floor("1min")
        minutes = pd.date_range(first_lost, end - pd.Timedelta(seconds=11), freq="1min")
        assert not fine.candles_1min.index.isin(minutes[:-1]).any()
    none = simulate_market(days=1, seed=4, step_seconds=60, decisions="none", gaps=0)
    assert len(none.prices) == 1440 and len(none.candles_1min) == 1440 and len(none.candles_15min) == 96


def test_the_trader_does_all_kinds_of_things_one_position_at_a_time(coarse: SimulatedMarket) -> None:
    log, trades = coarse.decisions, closed_trades(coarse)
    assert log["timestamp"].is_monotonic_increasing and log["decision_id"].is_unique
    assert set(log["direction"]) == {"LONG", "SHORT", "HOLD"}
    assert ((log["direction"] != "HOLD") & ~log["executed"]).sum() > 10
    assert (log.loc[log["direction"] == "HOLD", "entry_recommended"] == "NO").all()
    assert (
        log.loc[~log["executed"], ["entry_price", "entry_time", "exit_price", "net_pnl_pct"]]
        .isna()
        .all(axis=None)
    )
    assert set(log["model"]) == {schema.SIMULATED_MODEL}
    assert log["confidence"].between(0.6, 0.95).all() and log["confidence"].nunique() > 30
    assert 25 <= len(trades) / 14 <= 65
    assert set(trades["exit_reason"]) == set(schema.STANDARD_EXIT_REASONS)
    assert len(set(assign_episodes(trades["entry_time"], trades["exit_time"]))) == len(trades)
    assert (trades["entry_time"] > trades["timestamp"]).all()


def test_a_reason_says_where_an_entry_goes_against_the_ribbon(coarse: SimulatedMarket) -> None:
    log = coarse.decisions
    against = log["reasoning"].str.endswith(", against the 5min ribbon")
    colour = {"LONG": "_red", "SHORT": "_green"}
    expected = [
        row.direction in colour and row.state_5min.endswith(colour[row.direction]) for row in log.itertuples()
    ]
    assert against.tolist() == expected and 0 < against.sum() < len(log) / 2
    assert log["reasoning"].str.contains(": 5min ", regex=False).all()


def path_of(market: SimulatedMarket) -> PricePath:
    return PricePath.of(market.candles_1min, market.candles_5min, market.samples_5min)


def test_exits_are_the_standard_ones_and_money_is_right(
    fine: SimulatedMarket, coarse: SimulatedMarket
) -> None:
    for market in (fine, coarse):
        trades = closed_trades(market)
        path = path_of(market)
        sign = np.where(trades["direction"] == "LONG", 1.0, -1.0)
        entered = zip(sign, instants(trades["entry_time"]), trades["entry_price"], strict=True)
        exits = [find_exit(path, side, int(at), price) for side, at, price in entered]
        assert [found.at for found in exits] == instants(trades["exit_time"]).tolist()
        assert [found.reason for found in exits] == trades["exit_reason"].tolist()
        at_market = (trades["exit_reason"] == "TIME_EXIT").to_numpy()
        slipped = np.array([found.price for found in exits]) * np.where(at_market, 1 - sign * 0.0001, 1.0)
        assert np.abs(slipped - trades["exit_price"]).max() < 1e-3
        gross = sign * (trades["exit_price"] / trades["entry_price"] - 1) * 100
        assert np.abs(gross - trades["pnl_pct"]).max() < 1e-5
        assert np.abs(trades["pnl_pct"] - 0.09 - trades["net_pnl_pct"]).max() < 1e-5
        # An entry fills at the sample of its time, 0.01 % worse.
        at_entry = market.prices.loc[trades["entry_time"]].to_numpy()
        assert np.abs(trades["entry_price"] / at_entry - 1 - sign * 0.0001).max() < 1e-6


def test_a_target_makes_021_and_a_stop_loses_024(coarse: SimulatedMarket) -> None:
    # From the fill: 0.30 − 2 · 0.045 = 0.21 and −0.15 − 0.09 = −0.24.
    trades = closed_trades(coarse)
    met = gaps_known_at(path_of(coarse), instants(trades["entry_time"]), STANDARD.hold_minutes)
    over_hole = met <= instants(trades["exit_time"])
    net = trades[~over_hole].groupby("exit_reason")["net_pnl_pct"].agg(["min", "max"])
    assert net.loc["TP_HIT"].to_list() == pytest.approx([0.21, 0.21], abs=1e-4)
    assert net.loc["SL_HIT"].to_list() == pytest.approx([-0.24, -0.24], abs=1e-4)
    # A stop that was passed in a hole loses more, never less.
    stopped = trades[over_hole & (trades["exit_reason"] == "SL_HIT")]["net_pnl_pct"]
    assert len(stopped) and stopped.max() <= -0.24 + 1e-4 and stopped.min() < -0.25


def test_every_entry_has_the_edge_of_the_setup_that_the_files_show(fine: SimulatedMarket) -> None:
    trades = closed_trades(fine)
    frames = (fine.candles_5min, fine.samples_5min, fine.samples_15min)
    signatures = describe_entries(trades[["direction", "entry_time"]], *frames)["signature"]
    assert set(signatures) <= {*SIGNATURES, "UNKNOWN"}
    for key in ("LONG_BOTH_GREEN", "SHORT_BOTH_RED"):
        assert fine.truth["planted"][key]["trades"] == (signatures == key).sum() > 0
        assert fine.truth["planted"][key]["realised"]["trades"] == (signatures == key).sum()
    for key in ("LONG_WICK_DOWN", "SHORT_BREAKOUT"):
        assert fine.truth["planted"][key]["trades"] == signatures.str.startswith(key).sum() > 0
    counted = sum(group["trades"] for group in fine.truth["setups"].values())
    assert counted == len(trades)


def test_an_edge_has_the_size_asked_for_and_leaves_other_trades_alone() -> None:
    edges = {"LONG_BOTH_GREEN": 0.1, "SHORT_WICK_UP": -0.2}
    sums = {name: np.zeros(2) for name in (*edges, "")}
    for seed in range(6):
        truth = simulate_market(14, seed, step_seconds=60, decisions="simulated", edges=edges).truth
        groups = {name: planted["realised"] for name, planted in truth["planted"].items()} | {
            "": truth["unplanted"]
        }
        for name, group in groups.items():
            sums[name] += (group["trades"], group["trades"] * (group["net_mean_pct"] or 0.0))
    for name, wanted in {**edges, "": -0.10}.items():
        trades, total = sums[name]
        # A trade's net return has a standard deviation of at most (0.30 + 0.15) / 2 = 0.225.
        assert total / trades == pytest.approx(wanted, abs=3 * 0.225 / np.sqrt(trades) + 0.005), name


def test_regimes_and_wicks_come_about_as_often_as_in_the_real_market() -> None:
    shares, daily = [], []
    for seed in range(6):
        market = simulate_market(14, seed, step_seconds=60, decisions="none", gaps=0)
        names = regimes(market.candles_5min)["regime"]
        shares.append(names[names != "UNKNOWN"].value_counts(normalize=True) * 100)
        flags = wicks(market.candles_5min)
        daily.append(flags[["wick_down", "wick_up"]].sum() / 14)
    table = pd.DataFrame(shares).fillna(0.0)
    assert (table > 0).all(axis=None)
    wanted = {"RANGING_QUIET": 58, "BULLISH_TRENDING": 13, "BEARISH_TRENDING": 10, "RANGING_VOLATILE": 19}
    for name, share in wanted.items():
        assert table[name].mean() == pytest.approx(share, abs=10), name
    per_day = pd.DataFrame(daily)
    assert per_day.min(axis=None) >= 1.5 and per_day.mean(axis=None) == pytest.approx(7.5, abs=3)


def test_a_market_for_the_rule_decider_has_its_decisions() -> None:
    market = simulate_market(days=2, seed=3)
    assert set(market.decisions["model"]) == {schema.RULES_MODEL}
    assert len(market.decisions) > 5 and market.truth["planted"] == {}
    assert len(simulate_market(days=0.5, seed=3, decisions="none").decisions) == 0


def test_a_market_may_end_at_any_minute() -> None:
    market = simulate_market(days=0.5, seed=3, end="2025-06-01T10:07:00Z", decisions="simulated", gaps=0)
    assert market.prices.index[-1] == pd.Timestamp("2025-06-01T10:07:00Z")
    assert market.prices.index[0] == pd.Timestamp("2025-05-31T22:07:10Z")
    assert market.candles_1min.index[0] == pd.Timestamp("2025-05-31T22:07:00Z")
    assert market.candles_5min.index[-1] == pd.Timestamp("2025-06-01T10:00:00Z")


@pytest.mark.parametrize(
    "options",
    [
        {"days": 0.1},
        {"days": 1_000},
        {"days": float("nan")},
        {"step_seconds": 30},
        {"decisions": "live"},
        {"edges": {"LONG_BOTH_GREEN": 0.1}},  # the rule decider is no simulated trader
        {"decisions": "simulated", "edges": {"LONG_GREEN": 0.1}},
        {"gaps": -1},
        {"end": "yesterday"},
        {"seed": -1},
    ],
)
def test_what_makes_no_market_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        simulate_market(**{"days": 1.0, "seed": 1, "step_seconds": 60, **options})
