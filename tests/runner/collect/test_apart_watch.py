"""Charts that tell two prices at one time: for how long, and what ends it."""

from __future__ import annotations

import numpy as np
import pytest

from runner.collect.apart_watch import ApartWatch

SAME, APART = {"5min": 2500.0, "15min": 2500.2}, {"5min": 2439.73, "15min": 2485.26}


def after(*beats: dict[str, float], every_s: float = 10.0) -> ApartWatch:
    watch = ApartWatch()
    for place, prices in enumerate(beats):
        watch.observe(1e9 + place * every_s, prices)
    return watch


@pytest.mark.parametrize("every_s", [3.0, 10.0])
def test_a_minute_and_a_half_apart_is_wrong_and_agreeing_ends_it(every_s):
    beats = [SAME] + [APART] * round(90 / every_s)
    assert after(*beats, every_s=every_s).wrong == ""
    watch = after(*beats, APART, every_s=every_s)
    assert watch.wrong == "at one time 5min tells 2439.73, 15min tells 2485.26"
    assert watch.right_at == 1e9
    assert (
        after(*beats, APART, {"5min": 2439.99, "15min": 2485.0}, every_s=every_s).wrong == watch.wrong
    )  # said once
    assert after(*beats, APART, SAME, every_s=every_s).wrong == ""


def test_one_agreement_amid_begins_anew():
    assert after(*[APART] * 9, SAME, *[APART] * 9).wrong == ""


def test_a_chart_that_is_not_read_for_a_while_changes_nothing_and_for_long_ends_it():
    alone = {"5min": 2439.73}
    assert after(*[APART] * 5, *[alone] * 5, *[APART] * 2).wrong
    assert after(*[APART] * 12, *[alone] * 6).wrong
    assert after(*[APART] * 12, *[alone] * 7).wrong == ""
    assert after(*[alone] * 50).right_at == -np.inf


def test_a_crash_of_a_third_in_a_minute_is_none():
    prices = 2500 * np.exp(-0.4 / 60 * np.arange(0, 300, 10))
    beats = [{"5min": price, "15min": price * np.exp(-0.4 / 60 * 0.7)} for price in prices]
    assert after(*beats).wrong == ""
