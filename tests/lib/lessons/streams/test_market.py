"""Flat 5-minute candles at 100 unless said otherwise; standard exits 100.3 and 99.85, costs 0.11."""

from __future__ import annotations

import pytest

from lib.lessons.streams import market as streams
from lib.lessons.streams.market import MarketEntries
from lib.market.exits import PricePath
from lib.market.terms import DEFAULT_TERMS
from tests.builders import candles, samples, window
from tests.lib.lessons.streams.made import us

FLAT = (100.0, 100.0, 100.0, 100.0)
WICK = (100.0, 100.0, 99.6, 100.0)


def market(changes, count=30, state="mixed", drop=()):
    """A market whose candles differ from flat at these places."""
    rows = [None if place in drop else changes.get(place, FLAT) for place in range(count)]
    shown = samples([(minute, 100.0, state) for minute in range(5 * count + 1)], MMA5=99.9)
    seen = window(candles(rows), shown, shown, end=5 * count)
    return seen, PricePath.of(seen.candles_1min, seen.candles_5min)


def entries(seen):
    return MarketEntries.of(seen.candles_5min, seen.samples_5min, seen.samples_15min)


def setup_candidates(seen, path, settled, terms):
    return streams.setup_candidates(entries(seen).setups.between(settled, us(1e6)), path, terms)


def rule_candidates(seen, path, settled, last_entry, terms):
    return streams.rule_candidates(entries(seen).signals.between(settled, us(1e6)), path, last_entry, terms)


def wick_candidates(seen, path, settled, terms):
    return streams.wick_candidates(entries(seen).wicks.between(settled, us(1e6)), path, terms)


def rows(found):
    return [
        (
            trade.direction,
            (trade.entry_at - us(0)) / 6e7,
            None if trade.end_at is None else (trade.end_at - us(0)) / 6e7,
        )
        for trade in found
    ]


def test_a_setup_is_entered_at_the_close_and_costs_the_round_trip():
    # The wick of candle 2 closes at minute 15; candle 4 reaches 100.3 and closes at 25.
    (trade,) = setup_candidates(*market({2: WICK, 4: (100.2, 100.3, 100.0, 100.1)}), us(0), DEFAULT_TERMS)
    assert rows([trade]) == [("LONG", 15, 25)]
    assert trade.net_pct == pytest.approx(0.19)
    assert (trade.worst_pct, trade.best_pct) == pytest.approx((0.36, 0.29))
    assert trade.trade == "2026-01-05T00:15:00Z-LONG"


def test_setups_wait_until_the_one_before_is_over():
    # LONG at 15, which reaches its target in candle 4; the wick up of candle 3 stays between its levels, and is not entered.
    inside, target = (99.9, 100.25, 99.9, 99.9), (100.0, 100.3, 100.0, 100.1)
    seen, path = market({2: WICK, 3: inside, 4: target, 5: WICK}, count=12)
    assert rows(setup_candidates(seen, path, us(0), DEFAULT_TERMS)) == [("LONG", 15, 25), ("LONG", 30, None)]
    # Where each is stopped by the next one's wick, that one begins as it ends.
    seen, path = market(dict.fromkeys(range(2, 5), WICK), count=13)
    assert rows(setup_candidates(seen, path, us(0), DEFAULT_TERMS)) == [
        ("LONG", 15, 20),
        ("LONG", 20, 25),
        ("LONG", 25, None),
    ]


def test_a_ribbon_that_stays_green_is_no_setup():
    assert setup_candidates(*market({}, state="all_green"), us(0), DEFAULT_TERMS) == []
    found = setup_candidates(*green_from(6, {}), us(0), DEFAULT_TERMS)
    assert rows(found) == [("LONG", 30, 75)]


def test_the_walk_ends_at_the_first_open_trade_and_takes_it_up_again():
    seen, path = market({2: WICK}, count=8)
    assert rows(setup_candidates(seen, path, us(0), DEFAULT_TERMS)) == [("LONG", 15, None)]
    later, longer = market({2: WICK, 12: WICK}, count=30)
    assert rows(setup_candidates(later, longer, us(15) - 1, DEFAULT_TERMS)) == [
        ("LONG", 15, 60),
        ("LONG", 65, 110),
    ]


def test_what_is_settled_is_not_entered_again():
    seen, path = market({2: WICK, 12: WICK})
    assert rows(setup_candidates(seen, path, us(15), DEFAULT_TERMS)) == [("LONG", 65, 110)]


def test_a_trade_over_a_gap_is_left_out_and_holds_no_position():
    # Wicks at 15 and 50, candle 12, 60-65, is missing: both holds meet it, also that of 50, whose target came at 55.
    changes = {2: WICK, 9: WICK, 10: (100.2, 100.3, 100.0, 100.1), 14: WICK}
    seen, path = market(changes, drop=(12,))
    found = setup_candidates(seen, path, us(0), DEFAULT_TERMS)
    assert rows(found) == [("LONG", 15, 50), ("LONG", 50, None), ("LONG", 75, 120)]
    assert [trade.left_out for trade in found] == ["", "gap", ""]
    earlier = wick_candidates(*market(changes, drop=(11,)), us(0), DEFAULT_TERMS)
    assert [trade.left_out for trade in earlier] == ["gap", "gap", ""]


def test_a_trade_that_ended_counts_as_open_until_no_gap_can_void_it():
    # The target of the one at 50 comes at 55, its hold is past with the close at 95.
    changes = {9: WICK, 10: (100.2, 100.3, 100.0, 100.1)}
    for count, end in ((18, None), (19, 55)):
        seen, path = market(changes, count=count)
        assert rows(setup_candidates(seen, path, us(0), DEFAULT_TERMS)) == [("LONG", 50, end)]


def green_from(place, changes):
    rows_of = [changes.get(number, (100.0, 100.05, 100.0, 100.05)) for number in range(30)]
    shown = samples(
        [(minute, 100.0, "all_green" if minute >= 5 * place else "mixed") for minute in range(151)], MMA5=99.9
    )
    seen = window(candles(rows_of), shown, shown, end=150)
    return seen, PricePath.of(seen.candles_1min, seen.candles_5min)


def test_the_rule_keeps_twenty_minutes_between_entries():
    # Green from minute 30 on, and every candle goes up and past the target: a signal at each close, over one candle later.
    seen, path = green_from(6, dict.fromkeys(range(30), (100.0, 100.5, 100.0, 100.05)))
    found = rule_candidates(seen, path, us(0), None, DEFAULT_TERMS)
    assert rows(found)[:3] == [("LONG", 30, 35), ("LONG", 50, 55), ("LONG", 70, 75)]
    assert rows(rule_candidates(seen, path, us(60), us(50), DEFAULT_TERMS))[0] == ("LONG", 70, 75)
    assert rows(rule_candidates(seen, path, us(60), None, DEFAULT_TERMS))[0] == ("LONG", 65, 70)


def test_the_rule_holds_one_position():
    found = rule_candidates(*green_from(6, {}), us(0), None, DEFAULT_TERMS)
    assert rows(found)[:2] == [("LONG", 30, 75), ("LONG", 75, 120)]


def test_every_wick_is_a_trade_of_its_kind_also_two_of_one_candle():
    both = (100.0, 100.5, 99.5, 100.0)
    found = wick_candidates(*market({2: WICK, 5: both}), us(0), DEFAULT_TERMS)
    assert [(trade.words["kind"], *row) for trade, row in zip(found, rows(found), strict=True)] == [
        ("WICK_DOWN_LONG", "LONG", 15, 30),
        ("WICK_DOWN_LONG", "LONG", 30, 75),
        ("WICK_UP_SHORT", "SHORT", 30, 75),
    ]
    assert len(wick_candidates(*market({2: WICK, 5: both}), us(15), DEFAULT_TERMS)) == 2


def test_a_wick_whose_outcome_is_not_known_is_open():
    assert rows(wick_candidates(*market({25: WICK}), us(0), DEFAULT_TERMS)) == [("LONG", 130, None)]


def test_no_candles_no_trades():
    seen, path = window(), PricePath.of(candles([], 1), candles([]))
    assert (
        setup_candidates(seen, path, us(0), DEFAULT_TERMS)
        == wick_candidates(seen, path, us(0), DEFAULT_TERMS)
        == []
    )
    assert rule_candidates(seen, path, us(0), None, DEFAULT_TERMS) == []
