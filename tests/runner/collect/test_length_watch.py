"""Charts whose label lies about the length of their candles: seen over time, and only there."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from runner.collect.chart_reading import Bar
from runner.collect.length_watch import LengthWatch
from tests.runner.collect.test_candle_watch import T0, Market


def verdicts(market: Market, says: int, length: int, instants, late_s: float = 0.0) -> dict[float, str]:
    """The verdict after each look at a chart that says `says` minutes and shows candles of `length`."""
    watch, found = LengthWatch(says), {}
    for instant in instants:
        until = instant - late_s
        slot = market.times[market.times <= until][-1] // (length * 60) * length * 60
        watch.observe(T0 + instant, market.bar(slot, until, length * 60.0))
        found[float(instant)] = watch.wrong
    return found


def first_wrong(found: dict[float, str]) -> float:
    return next((at for at, wrong in found.items() if wrong), float("inf"))


@pytest.mark.parametrize("step", [0.4, 4.0])
@pytest.mark.parametrize(
    ("says", "length", "within"),
    [(5, 1, 300), (5, 3, 620), (15, 1, 300), (15, 5, 1_500), (5, 15, 800), (5, 30, 800), (15, 60, 1_800)],
)
def test_another_length_shows_within_minutes(says, length, within, step):
    for seed in range(5):
        found = verdicts(Market(seed, minutes=60), says, length, np.arange(130.0, 2_500.0, step))
        assert first_wrong(found) - 130 <= within


@pytest.mark.parametrize("step", [0.4, 10.0])
@pytest.mark.parametrize("late_s", [-3.0, 0.0, 2.0, 70.0])
@pytest.mark.parametrize("minutes", [5, 15])
def test_the_right_length_is_never_called_wrong_whatever_the_page_clock_says(minutes, late_s, step):
    for seed in range(4):
        instants = np.arange(130.0, 3_400.0, step)
        assert first_wrong(verdicts(Market(seed, minutes=60), minutes, minutes, instants, late_s)) == np.inf


@pytest.mark.parametrize("trades", [30, 60, 200])
def test_a_market_of_few_trades_begins_candles_late_and_that_proves_nothing(trades):
    for seed in range(20):
        market = Market(seed, minutes=60)
        kept = np.sort(np.random.default_rng(seed).choice(len(market.times), trades, replace=False))
        kept = np.union1d([0], kept)
        market.times, market.prices = market.times[kept], market.prices[kept]
        instants = np.arange(market.times[0] + 1, 3_400.0, 2.0)
        assert first_wrong(verdicts(market, 5, 5, instants)) == np.inf


def test_what_is_wrong_is_said_and_over_once_a_whole_candle_was_right():
    market, watch = Market(minutes=60), LengthWatch(5)
    told = {}
    for instant in np.arange(20.0, 3_000.0, 1.0):
        length = 60 if instant < 1_000 else 300
        slot = market.times[market.times <= instant][-1] // length * length
        watch.observe(T0 + instant, market.bar(slot, instant, float(length)))
        told[instant] = watch.wrong
    assert (
        told[150] == "candles began at 2026-01-05T00:01:00Z and 2026-01-05T00:02:00Z, inside one of 5 minutes"
    )
    assert told[1_100] and told[1_490]
    assert not any(wrong for at, wrong in told.items() if at > 1_510)


def test_what_nobody_saw_begin_is_no_proof():
    """One candle seen, a pause, another seen: it may have begun at any time between."""
    market = Market(minutes=60)
    instants = [at for at in np.arange(20.0, 3_000.0, 1.0) if at % 60 < 40]
    assert first_wrong(verdicts(market, 5, 1, instants)) == np.inf


def told(*looks: tuple[float, float]) -> str:
    """What is wrong on a chart of 5 minutes whose candles begin at the instants, each with an open of its own, up to the last one.

    A look is (from when on, the candle's open); each goes on, changing, twice a second until the next.
    """
    watch = LengthWatch(5)
    for (begun, opened), (until, _) in pairwise(looks):
        for instant in np.arange(begun, until, 0.5):
            watch.observe(T0 + instant, Bar(opened, opened + 1, opened - 1, opened, instant + 1_000.0))
    return watch.wrong


@pytest.mark.parametrize(
    "looks",
    [
        [(10, 1), (58, 2), (62, 3), (100, 0)],  # one minute that shows twice
        [(10, 1), (300, 2), (360, 3), (400, 0)],  # where its own candles begin is one that is right
        [(10, 1), (80, 2), (140, 3), (200, 4), (230, 0)],  # no whole minutes
        [(0, 1), (308, 2), (614.5, 0)],  # a candle's last changes, time after time
        [(0, 1), (313, 2), (350, 0)],  # the page is late, and changes for moments more
    ],
)
def test_what_a_candle_of_the_right_length_can_show_is_no_proof(looks):
    assert told(*looks) == ""


def test_what_is_more_than_that_is_proof():
    assert "2026-01-05T00:01:00Z and 2026-01-05T00:03:00Z" in told((10, 1), (60, 2), (180, 3), (190, 0))
    assert "goes on since 2026-01-05T00:00:00Z" in told((0, 1), (317, 2), (318, 0))


def test_a_look_from_before_the_last_one_begins_no_candle():
    watch = LengthWatch(5)
    looks = [(50, 1), *((at, 2) for at in range(60, 130, 8)), (121, 1), (125, 2)]
    for instant, opened in looks:
        watch.observe(T0 + instant, Bar(opened, opened, opened, opened, 1_000.0 + instant))
    assert watch.wrong == ""
