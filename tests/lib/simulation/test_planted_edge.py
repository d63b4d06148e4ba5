"""The statistical promise of the simulator and of the evidence together: a planted edge is found, and nothing else is.

A setup stands out when the one-sided lower t bound of its net mean (of episode means) lies above 0 at level 0.05 / setups seen.
"""

from __future__ import annotations

import pandas as pd
import pytest

from lib.market.setups import describe_entries
from lib.simulation.market import SimulatedMarket, simulate_market
from lib.stats.episodes import assign_episodes, episode_means
from lib.stats.intervals import mean_interval

SEEDS = range(20)
DAYS = 20
EDGE_PCT = 0.10
PLANTED = ("LONG_BOTH_GREEN", "SHORT_BOTH_RED")


def market_of(seed: int, edges: dict[str, float]) -> SimulatedMarket:
    return simulate_market(DAYS, seed, step_seconds=60, decisions="simulated", edges=edges)


def standing_out(market: SimulatedMarket) -> set[str]:
    """The setups of a market that stand out, from its decisions alone."""
    log = market.decisions
    trades = log[log["executed"] & log["exit_time"].notna()]
    trades = trades.assign(
        net_pct=trades["net_pnl_pct"],
        episode=assign_episodes(trades["entry_time"], trades["exit_time"]),
        signature=describe_entries(
            trades[["direction", "entry_time"]],
            market.candles_5min,
            market.samples_5min,
            market.samples_15min,
        )["signature"],
    )
    bounds = lower_bounds(trades)
    return {name for name, bound in bounds.items() if bound is not None and bound > 0}


def lower_bounds(trades: pd.DataFrame) -> dict[str, float | None]:
    groups = dict(list(trades.groupby("signature")))
    level = 1 - 0.05 / len(groups)
    means = {
        name: episode_means(*group[["episode", "net_pct"]].to_numpy().T) for name, group in groups.items()
    }
    return {name: mean_interval(values, 2 * level - 1).low for name, values in means.items()}


@pytest.mark.slow
def test_a_planted_edge_stands_out_in_at_least_16_of_20_markets() -> None:
    found = alone = 0
    for seed in SEEDS:
        planted = PLANTED[seed % 2]
        names = standing_out(market_of(seed, {planted: EDGE_PCT}))
        found += planted in names
        alone += names <= {planted}
    assert found >= 16
    # And it alone: what else stands out would be a lesson about nothing.
    assert alone >= 19


@pytest.mark.slow
def test_without_an_edge_any_setup_stands_out_in_at_most_1_of_20_markets() -> None:
    markets = [market_of(seed, {}) for seed in SEEDS]
    assert sum(standing_out(market) != set() for market in markets) <= 1
    # The test had something to find: many setups, most with enough trades to bound.
    seen = [len(market.truth["setups"]) for market in markets]
    assert min(seen) >= 25
    large = [sum(group["trades"] >= 30 for group in market.truth["setups"].values()) for market in markets]
    assert min(large) >= 6


@pytest.mark.slow
def test_where_every_setup_just_breaks_even_few_markets_show_one() -> None:
    # The hardest null: net means of 0. At a level of 0.05 over all setups about 1 market in 20 shows one; 4 or more would happen in 1.6 %.
    found = [standing_out(market_of(seed, {"LONG": 0.0, "SHORT": 0.0})) for seed in SEEDS]
    assert sum(names != set() for names in found) <= 3


def test_an_edge_of_some_days_is_in_the_trades_entered_in_them_and_in_no_other() -> None:
    edges, spans = {"LONG": 0.15}, {"LONG": (2.0, 5.0)}
    market = simulate_market(
        8, seed=3, step_seconds=60, decisions="simulated", edges=edges, spans=spans, gaps=0
    )
    whole = simulate_market(8, seed=3, step_seconds=60, decisions="simulated", edges=edges, gaps=0)
    bare = simulate_market(8, seed=3, step_seconds=60, decisions="simulated", gaps=0)
    log = market.decisions
    longs = log[log["executed"] & log["exit_time"].notna() & (log["direction"] == "LONG")]
    day = (longs["entry_time"] - market.prices.index[0]) / pd.Timedelta(days=1)
    inside = (day >= 2) & (day < 5)
    planted, others = longs[inside], longs[~inside]
    assert len(planted) >= 30 and len(others) >= 50
    assert planted["net_pnl_pct"].mean() > 0.08 and others["net_pnl_pct"].mean() < -0.04
    told = market.truth["planted"]["LONG"]
    assert told["days"] == [2.0, 5.0] and "days" not in whole.truth["planted"]["LONG"]
    assert told["trades"] == told["realised"]["trades"] == len(planted)
    assert told["realised"]["net_mean_pct"] == pytest.approx(planted["net_pnl_pct"].mean(), abs=1e-4)
    # Before its first day the market is the one without an edge.
    early = bare.prices.index < bare.prices.index[0] + pd.Timedelta(days=2)
    assert (market.prices[early] == bare.prices[early]).all() and (market.prices != bare.prices).any()
