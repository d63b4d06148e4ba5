from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from bench.evidence.attributes import STEPS_A_WEEK, attributes, market
from bench.evidence.payoffs import standard_exits
from bench.evidence.tables import (
    LEAST_TRADES,
    World,
    days_of,
    null_weeks,
    priced,
    spaced,
)
from lib.lessons.episodes import COLUMNS, episodes_of
from lib.lessons.hypotheses import FAMILIES, STREAMS, is_value
from lib.stats.episodes import assign_episodes


@pytest.fixture(scope="module")
def month() -> dict[str, pd.DataFrame]:
    return null_weeks(4, np.random.default_rng(11))


def test_every_stream_has_what_the_ledger_asks_for(month):
    assert list(month) == list(STREAMS)
    for stream, table in month.items():
        assert {*COLUMNS, *FAMILIES[stream]} <= set(table)
        for family in FAMILIES[stream]:
            assert all(not value or is_value(stream, family, value) for value in table[family].unique())
        episodes = [*episodes_of(stream, table)]
        assert sum(len(episode.trades) for episode in episodes) == len(table)
        assert all(one.ended <= other.ended for one, other in pairwise(episodes))
        if stream == "answers":
            continue  # episodes of their own, which overlap where they count for different groups
        assert all(one.ended <= other.begun for one, other in pairwise(episodes))
        assert (assign_episodes(table["entry_time"], table["exit_time"]) == table["episode"]).all()


def test_trades_are_many_and_crowd(month):
    own = month["trades"]
    assert own["entry_time"].dt.isocalendar().week.value_counts().min() >= LEAST_TRADES
    sizes = own.groupby("episode").size()
    assert sizes.mean() > 1.5 and sizes.max() >= 6
    a_day = own["entry_time"].dt.floor("D").value_counts()
    assert a_day.var() > 2 * a_day.mean()


def test_attributes_hang_together_and_last_but_do_not_tell_of_the_outcome(month):
    own = month["trades"]
    green = own["pattern"] == "all_green"
    assert (own["direction"] == "LONG")[green].mean() > 0.8
    known = own[own["pattern"] != ""]
    assert (known["pattern"] == known["pattern"].shift()).mean() > 0.28
    assert own["setup"].value_counts(normalize=True).iloc[0] > 0.08
    assert own["setup"].nunique() > 25
    many = priced(spaced(40_000, np.random.default_rng(3)), World(), np.random.default_rng(4).random(40_000))
    for family in ("direction", "wick", "timeframes", "band", "pattern", "regime"):
        means = many.groupby(family)["net_pct"].agg(["mean", "sem"])
        assert (means["mean"].abs() < 4.5 * means["sem"]).all(), family


def test_overlapping_outcomes_hang_together(month):
    pairs = month["trades"].groupby("episode")["net_pct"].apply(list)
    first = np.array([(found[0], found[1]) for found in pairs if len(found) > 1])
    assert 0.3 < np.corrcoef(first.T)[0, 1] < 0.7


def test_shares_are_those_that_the_figures_name():
    rng = np.random.default_rng(8)
    found = attributes(market(20 * STEPS_A_WEEK, False, rng), np.arange(20 * STEPS_A_WEEK), rng)
    shares = {family: found[family].value_counts(normalize=True) for family in found}
    assert shares["direction"]["LONG"] == pytest.approx(0.5, abs=0.01)
    assert shares["pattern"]["all_green"] == pytest.approx(0.196, abs=0.01)
    assert shares["setup"]["LONG_ALL_RED_15MIN"] == pytest.approx(0.05, abs=0.01)
    regime = found["regime"].str.replace("_LONG", "").str.replace("_SHORT", "").value_counts(normalize=True)
    assert regime.round(2).to_dict() == pytest.approx(
        {
            "RANGING_QUIET": 0.58,
            "RANGING_VOLATILE": 0.19,
            "BULLISH_TRENDING": 0.13,
            "BEARISH_TRENDING": 0.10,
        },
        abs=0.015,
    )


def test_an_edge_is_where_it_was_planted_and_a_day_leans_one_way():
    table = spaced(20_000, np.random.default_rng(1))
    world = World(mean_pct=-0.05, edges={("pattern", "all_green"): 0.05})
    means = world.means(table, np.zeros(0))
    assert set(means[table["pattern"] == "all_green"]) == {0.05}
    assert set(means[table["pattern"] != "all_green"]) == {-0.05}
    leans = np.array([1.0, -1.0] * 300)
    leaning = World(day_pct=0.04).means(table, leans)
    side = np.where(table["direction"] == "LONG", 1, -1)
    assert leaning == pytest.approx(0.04 * side * leans[table["minute"].to_numpy().astype(int) // 1440])


def test_days_hold_the_episodes_that_ended_in_them_and_together_all():
    tables = {"trades": null_weeks(1, np.random.default_rng(2))["trades"]}
    parts = [part["trades"] for part in days_of(tables, 1 / 24)]
    assert pd.concat(parts).equals(tables["trades"])
    ends = [part.groupby("episode")["exit_time"].max() for part in parts]
    hours = [set((found - pd.Timedelta("1us")).dt.floor("h")) for found in ends]
    assert all(len(found) == 1 for found in hours) and len(set.union(*hours)) == len(hours)


def test_the_payoff_of_a_world_is_the_one_drawn_from():
    table = spaced(4, np.random.default_rng(2))
    found = priced(table, World(mean_pct=0.05), np.array([0.0, 0.01, 0.99, 0.5]))
    wanted = standard_exits(0.05, 0.03).at(np.array([0.0, 0.01, 0.99, 0.5]))
    assert found["net_pct"].tolist() == wanted.tolist() and wanted[0] == pytest.approx(-0.26)
