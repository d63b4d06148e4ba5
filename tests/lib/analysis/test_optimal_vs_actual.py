from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.optimal_vs_actual import (
    compare_optimal_with_actual,
    describe_pairs,
    gap_parts,
    match_trades,
)
from lib.analysis.past_events import no_past
from lib.analysis.setup_trades import WindowEvents
from lib.analysis.trades import actual_trades
from lib.contract.dollars import dollar_decimals
from lib.market.costs import DEFAULT_COSTS, price_trades
from lib.market.exits import STANDARD
from lib.market.rules import decide
from lib.stats.groups import round_dollars
from tests.builders import (
    closes,
    decisions_until,
    entries,
    known_until,
    random_market,
    round_trips,
    samples,
    window,
)


def matched(optimum, actual):
    def with_prices(rows):
        return entries([(*row, 100.0) for row in rows])

    return [tuple(pair) for pair in match_trades(with_prices(optimum), with_prices(actual)).tolist()]


@pytest.mark.parametrize(
    ("minute", "pairs"), [(94.99, []), (95, [(0, 0)]), (100, [(0, 0)]), (115, [(0, 0)]), (115.01, [])]
)
def test_an_entry_matches_from_5_minutes_before_to_15_after(minute, pairs):
    assert matched([("LONG", 100)], [("LONG", minute)]) == pairs


def test_only_the_same_direction_matches():
    assert matched([("LONG", 100)], [("SHORT", 100)]) == []
    assert matched([("LONG", 100), ("SHORT", 100)], [("SHORT", 100), ("LONG", 101)]) == [(0, 1), (1, 0)]


def test_matches_are_one_to_one_and_nearest_first():
    # 104 is nearer to 105 than to 100, so 100 is left with 112; a third trade finds nobody.
    assert matched([("LONG", 100), ("LONG", 105)], [("LONG", 104), ("LONG", 112), ("LONG", 113)]) == [
        (0, 1),
        (1, 0),
    ]
    # 97 is 3 minutes early, 102 is 2 late: the nearer one
    assert matched([("LONG", 100)], [("LONG", 97), ("LONG", 102)]) == [(0, 1)]
    assert matched([("LONG", 100), ("LONG", 104)], [("LONG", 103)]) == [(1, 0)]


def test_nothing_matches_nothing():
    assert matched([], []) == matched([("LONG", 1)], []) == matched([], [("LONG", 1)]) == []


# One matched pair, one missed optimum, one false entry; all in dollars.
#   optimum  LONG 100 -> 103, costs 0.11 % of 100:     3 - 0.11    =  2.89
#            SHORT 110 -> 108:                         2 - 0.121   =  1.879
#   actual   LONG 100.5 -> 102, fees 0.09 % of 100.5: 1.5 - 0.09045 =  1.40955
#            SHORT 105 -> 106:                        -1 - 0.0945   = -1.0945
# entry: 100.5 - 100 = 0.5; exit: 2.89 - 1.40955 - 0.5 = 0.98045 (prices 103 - 102 = 1, less 0.01955 of costs)
def by_hand(entered=104.0, left=120.0):
    optimum = price_trades(round_trips([("LONG", 100, 100, 130, 103), ("SHORT", 200, 110, 210, 108)]), 0.11)
    actual = price_trades(
        round_trips([("LONG", entered, 100.5, left, 102), ("SHORT", 300, 105, 310, 106)]), 0.09
    )
    pairs = describe_pairs(optimum, actual, match_trades(optimum, actual))
    return pairs, {part.name: (part.count, part.pnl) for part in gap_parts(optimum, actual, pairs)}


def test_the_parts_of_a_gap_by_hand():
    pairs, parts = by_hand()
    assert pairs[["optimum", "actual"]].to_numpy().tolist() == [[0, 0]]
    assert pairs["entry_usd"].tolist() == pytest.approx([0.5])
    assert pairs["exit_usd"].tolist() == pytest.approx([0.98045])
    # optimal 4.769 -> 4.77, actual 0.31505 -> 0.32 (0.315 rounds up at .31505): gap 4.45
    assert parts == {
        "missed": (1, 1.88),
        "late_entry": (0, 0.0),
        "entry": (1, 0.5),
        "early_exit": (1, 0.98),
        "exit": (0, 0.0),
        "false_entry": (1, 1.09),
    }
    assert list(parts) == ["missed", "late_entry", "entry", "early_exit", "exit", "false_entry"]


def test_an_entry_is_late_after_five_minutes():
    assert by_hand(entered=105)[1]["late_entry"] == (0, 0.0)
    assert by_hand(entered=105.01)[1]["late_entry"] == (1, 0.5)
    assert by_hand(entered=105.01)[1]["entry"] == (0, 0.0)


def test_an_exit_is_early_before_the_optimums():
    assert by_hand(left=129.9)[1]["early_exit"] == (1, 0.98)
    on_time = by_hand(left=130)[1]
    assert (on_time["early_exit"], on_time["exit"]) == ((0, 0.0), (1, 0.98))


def test_a_short_that_sold_lower_lost_at_its_entry():
    # optimum sold at 110, the trade at 109.4: 0.6 lost
    optimum = price_trades(round_trips([("SHORT", 100, 110, 130, 108)]), 0.11)
    actual = price_trades(round_trips([("SHORT", 101, 109.4, 140, 108.5)]), 0.09)
    pairs = describe_pairs(optimum, actual, match_trades(optimum, actual))
    assert pairs["entry_usd"].tolist() == pytest.approx([0.6])
    # prices: 108.5 - 108 = 0.5; costs 0.121 of the optimum and 0.09846 of the trade: 0.5 - 0.121 + 0.09846
    assert pairs["exit_usd"].tolist() == pytest.approx([0.47746])


def mills(money):
    return round(money * 1000)


trips = st.lists(
    st.tuples(
        st.sampled_from(["LONG", "SHORT"]),
        st.integers(0, 300),
        st.floats(50, 150),
        st.integers(1, 60),
        st.floats(50, 150),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(best=trips, real=trips)
def test_the_parts_sum_to_the_gap_exactly(best, real):
    def priced(rows, cost):
        made = [(way, start, at, start + length, end) for way, start, at, length, end in rows]
        return price_trades(round_trips(made), cost)

    optimum, actual = priced(best, 0.11), priced(real, 0.09)
    pairs = describe_pairs(optimum, actual, match_trades(optimum, actual))
    parts = gap_parts(optimum, actual, pairs)
    best_sum, real_sum = (
        round_dollars(frame["net_usd"].sum(), dollar_decimals(frame["entry_price"]))
        for frame in (optimum, actual)
    )
    gap = mills(best_sum) - mills(real_sum)
    assert sum(mills(part.pnl) for part in parts) == gap
    # the unrounded identity: optimal - actual = missed + entry + exit + false
    missed = optimum["net_usd"].drop(index=pairs["optimum"]).sum()
    false = -actual["net_usd"].drop(index=pairs["actual"]).sum()
    whole = missed + pairs["entry_usd"].sum() + pairs["exit_usd"].sum() + false
    assert whole == pytest.approx(optimum["net_usd"].sum() - actual["net_usd"].sum(), abs=1e-9)
    named = {part.name: part for part in parts}
    assert mills(named["missed"].pnl) == pytest.approx(missed * 1000, abs=5.1)
    assert mills(named["false_entry"].pnl) == pytest.approx(false * 1000, abs=5.1)
    # rounding goes into the exit, a few cents at most
    by_time = pairs.loc[~pairs["early"], "exit_usd"].sum()
    assert mills(named["exit"].pnl) == pytest.approx(by_time * 1000, abs=40)
    assert named["missed"].count + len(pairs) == len(optimum)
    assert named["false_entry"].count + len(pairs) == len(actual)


# ---- the whole comparison


def decided_market(seed, gaps=0):
    """A random market with the rule decider's decisions as they were known at its end."""
    market = random_market(seed, gaps=gaps)
    log = decide(market.samples_5min, market.samples_15min, market.candles_5min, market.candles_1min)
    return window(
        market.candles_5min,
        market.samples_5min,
        market.samples_15min,
        market.candles_1min,
        decisions_until(log, 360),
        start=120,
        end=360,
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_comparison_hangs_together(seed):
    market = decided_market(seed, gaps=1)
    actual = actual_trades(market).closed
    found = compare_optimal_with_actual(market, actual, no_past(), shifts=50)
    result = found.result
    assert result.optimal_trades == len(found.optimum) > 0 and result.optimal_win_rate == 100.0
    assert (found.optimum["entry_time"] > market.start).all()
    assert result.matched_trades + result.missed_opportunities == result.optimal_trades
    assert result.matched_trades + result.false_entries == result.actual_trades == len(actual)
    assert sum(mills(part.pnl) for part in result.gap_parts) == mills(result.gap_pnl)
    assert mills(result.gap_pnl) == mills(result.optimal_pnl) - mills(result.actual_pnl)
    assert result.missed_pnl == result.gap_parts[0].pnl >= 0
    assert result.ceiling.pnl_pct >= result.optimal_pnl_pct >= 0 and result.selection.pnl_pct >= 0
    assert sum(pattern.count for pattern in result.optimal_patterns) == result.optimal_trades
    assert sum(pattern.seen for pattern in result.optimal_patterns) == result.events
    assert all(pattern.standard.n <= pattern.seen for pattern in result.optimal_patterns)
    for null, rank in (
        (result.optimal_null, result.optimal_rank),
        (result.selection.null, result.selection.rank),
    ):
        assert null.p5 <= null.mean <= null.p95 and null.shifts == 50 and 0 <= rank <= 1
    assert (result.learnable.trades, result.learnable.signatures, result.learnable.null) == (0, [], None)


def test_a_comparison_is_the_same_twice():
    market = decided_market(1)
    actual = actual_trades(market).closed
    first, again = (compare_optimal_with_actual(market, actual, no_past()).result for _ in range(2))
    assert first == again


@pytest.mark.parametrize("seed", range(3))
def test_what_would_be_next_changes_nothing_that_is_over(seed):
    """The perfect trades of a window that ends earlier lie in what the longer one saw; what they are may change, the past may not."""
    whole = decided_market(seed)
    early = known_until(whole, 300)
    events = [WindowEvents.of(market, STANDARD, DEFAULT_COSTS) for market in (early, whole)]
    count = len(events[0].candles)
    pd.testing.assert_frame_equal(events[0].events, events[1].events[events[1].events["row"] < count])
    known = ~np.isnan(events[0].outcomes.net_pct)
    assert known.any() and (events[0].outcomes.net_pct == events[1].outcomes.net_pct[:, :count])[known].all()


def ribbons(end):
    """A 5-minute ribbon that flips to all_green at minute 20 alone, and a 15-minute one that is mixed."""
    minutes = range(0, end + 1, 5)
    five = samples([(minute, 100, "all_green" if minute == 20 else "mixed") for minute in minutes])
    return five, samples([(minute, 100, "mixed") for minute in minutes])


def test_a_comparison_by_hand():
    # The flip to all_green at minute 20 is the one event: entry 100 there, the best of the next nine closes 102 at minute 30. The
    # trade: in at 100.2 at 22, out at 101 at 27, fills.
    prices = [100, 100, 100, 100, 100.1, 100.2, 100.3, 102, *[101] * 8]
    market = window(closes(prices), *ribbons(80), start=15, end=80)
    real = price_trades(round_trips([("LONG", 22, 100.2, 27, 101)]), 0.09)
    real = real.assign(episode=0)
    result = compare_optimal_with_actual(market, real, no_past()).result
    # The jump to 102 is a breakout at 40, from where it only falls: nothing is entered there, and nothing lost.
    assert (result.events, result.optimal_trades, result.optimal_pnl, result.optimal_pnl_pct) == (
        2,
        1,
        1.89,
        1.89,
    )
    # 102 -> 101 is a fall of 0.98 %, so the ceiling has two trades: 1.89 + (1 - 0.1122)
    assert (result.ceiling.trades, result.ceiling.pnl) == (2, 2.78)
    # actual: 0.8 - 0.09018 = 0.70982; entry 0.2; exit 1.89 - 0.70982 - 0.2 = 0.98018
    assert (result.actual_pnl, result.gap_pnl, result.missed_pnl) == (0.71, 1.18, 0.0)
    parts = {part.name: part.pnl for part in result.gap_parts if part.count}
    assert parts == {"entry": 0.2, "early_exit": 0.98}
    # The flip reaches 100.3 at minute 35: 0.3 - 0.11; the breakout is stopped: -0.15 - 0.11. The choice takes the first.
    assert [
        (found.signature, found.seen, found.count, found.standard.net_mean_pct)
        for found in result.optimal_patterns
    ] == [
        ("LONG_ALL_GREEN_5MIN", 1, 1, 0.19),
        ("LONG_BREAKOUT_MIXED", 1, 0, -0.26),
    ]
    assert (result.selection.trades, result.selection.pnl_pct, result.selection.pnl) == (1, 0.19, 0.19)
    # 13 closes in the window leave no place an hour away.
    assert (result.optimal_null, result.optimal_rank, result.selection.null) == (None, None, None)


def past(**signatures):
    """So many outcomes of each signature, as `name=(how many, net percent)`."""
    return pd.DataFrame(
        [(name, net) for name, (count, net) in signatures.items() for _ in range(count)],
        columns=["signature", "net_pct"],
    )


@pytest.mark.parametrize(
    ("outcomes", "learned"),
    [
        (past(), []),
        (past(LONG_ALL_GREEN_5MIN=(9, 0.19)), []),  # below ten
        (past(LONG_ALL_GREEN_5MIN=(10, 0.19)), ["LONG_ALL_GREEN_5MIN"]),  # 0.19 * 10 / 35 = 0.054
        (past(LONG_ALL_GREEN_5MIN=(10, 0.069)), []),  # 0.069 * 10 / 35 is below 0.02
        (past(LONG_ALL_GREEN_5MIN=(10, 0.071)), ["LONG_ALL_GREEN_5MIN"]),
        (past(LONG_ALL_GREEN_5MIN=(50, -0.1), SHORT_MIXED=(40, 0.1)), ["SHORT_MIXED"]),
        (past(UNKNOWN=(50, 0.3)), []),  # what is unknown is no setup
    ],
)
def test_only_signatures_that_gained_before_are_learnable(outcomes, learned):
    prices = [100, 100, 100, 100, 100.1, 100.2, 100.3, *[100.3] * 40]
    market = window(closes(prices), *ribbons(235), start=15, end=235)
    found = compare_optimal_with_actual(market, actual_trades(market).closed, outcomes).result.learnable
    assert found.signatures == learned and found.past_events == len(outcomes)
    taken = "LONG_ALL_GREEN_5MIN" in learned
    assert (found.trades, found.pnl_pct) == ((1, 0.19) if taken else (0, 0.0))
    # Elsewhere the market rests, and a time exit costs 0.11; shifted back round, the event may meet the rise again.
    assert (found.null is not None) == taken and (not taken or found.rank == 1.0)


def test_an_empty_window_compares_to_nothing():
    market = window()
    result = compare_optimal_with_actual(market, actual_trades(market).closed, no_past()).result
    assert (result.optimal_trades, result.optimal_win_rate, result.gap_pnl) == (0, None, 0.0)
    assert (result.events, result.optimal_null, result.selection.trades, result.learnable.trades) == (
        0,
        None,
        0,
        0,
    )


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_the_sign_of_a_frame_is_never_lost(seed):
    """A trade that equals its optimum leaves no gap at all but the difference of costs."""
    random = np.random.default_rng(seed)
    rows = [
        (
            str(random.choice(["LONG", "SHORT"])),
            60 * k,
            100 + random.normal(),
            60 * k + 20,
            100 + random.normal(),
        )
        for k in range(5)
    ]
    optimum, actual = price_trades(round_trips(rows), 0.11), price_trades(round_trips(rows), 0.09)
    pairs = describe_pairs(optimum, actual, match_trades(optimum, actual))
    assert len(pairs) == 5
    assert pairs["entry_usd"].abs().max() == 0
    pd.testing.assert_series_equal(
        pairs["exit_usd"], -0.0002 * optimum["entry_price"], check_names=False, atol=1e-9
    )
