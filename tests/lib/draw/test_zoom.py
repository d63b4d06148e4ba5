from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lib.draw.actual_trades import draw_price_with_trades
from lib.draw.decision import DecisionMarks, decision_block
from lib.draw.style import new_axes
from lib.draw.zoom import MOST_CANDLES, MOST_SAMPLES, MOST_TRADES, price_block
from tests.builders import at as minute_of
from tests.builders import random_market
from tests.lib.draw.made import START, candles, samples, trades


def test_every_row_is_there_in_seconds_after_the_first_candle():
    block = price_block(candles([0, 5, 20]), {"5min": samples([0, 1, 2])}, trades())
    assert pd.Timestamp(block.start, unit="ms", tz="UTC") == START and (block.first, block.last) == (0, 1500)
    assert block.candles.at == [0, 300, 1200] and block.candles.seconds == 300
    assert (block.candles.open[0], block.candles.high[0], block.candles.low[0], block.candles.close[0]) == (
        100.0, 101.5, 99.5, 101.0,
    )  # fmt: skip
    (band,) = block.bands
    assert (band.minutes, band.at, band.low, band.high, band.states) == (
        5,
        [0, 60, 120],
        [70.0] * 3,
        [90.0] * 3,
        "mmm",
    )
    first, second, third = block.trades
    assert (first.direction, first.entry_at, first.entry, first.exit_at, first.exit, first.how) == (
        "LONG", 0, 100.0, 600, 104.0, "target hit",
    )  # fmt: skip
    assert first.net_pct == 3.0 and second.net_pct == pytest.approx(-1.9231) and third.direction == "SHORT"


def test_a_gap_and_what_is_left_out_are_told():
    quality = ["ok", "frozen", "frozen", "ok", "partial", "ok"]
    block = price_block(candles([0, 5]), {"5min": samples([0, 1, 2, 3, 4, 30], quality=quality)})
    (band,) = block.bands
    assert band.at == [0, 60, 120, 180, 1800] and band.gaps == [4]  # the partial one's lines are not settled
    assert [(doubt.kind, doubt.since, doubt.until) for doubt in block.doubts] == [
        ("frozen", 60, 120),
        ("partial", 240, 240),
    ]


def test_many_candles_are_put_together_by_the_clock_and_lose_no_extreme():
    opens = [5 * place for place in range(3 * MOST_CANDLES)]
    long = candles(opens).assign(high=np.arange(len(opens)) + 500.0, low=np.arange(len(opens)) * 1.0)
    found = price_block(long, {}).candles
    assert len(found.at) <= MOST_CANDLES + 1 and found.seconds == 900
    assert max(found.high) == float(long["high"].max()) and min(found.low) == float(long["low"].min())
    assert found.close[-1] == float(long["close"].iloc[-1]) and found.open[0] == float(long["open"].iloc[0])


def test_a_block_of_a_week_of_fast_samples_stays_small():
    minutes = [place / 6 for place in range(0, 7 * 24 * 60 * 6, 5)]
    block = price_block(candles(list(range(0, 7 * 24 * 60, 5))), {"5min": samples(minutes)}, trades())
    assert len(block.bands[0].at) <= MOST_SAMPLES + 2
    assert len(block.model_dump_json()) < 65_000


def test_of_very_many_trades_the_newest_are_kept_and_the_rest_counted():
    many = pd.concat([trades()] * 400, ignore_index=True)
    block = price_block(candles([0, 5]), {}, many)
    assert (len(block.trades), block.trades_before) == (MOST_TRADES, 400)
    assert block.trades[-1].entry_at == 1200 and len(block.model_dump_json()) < 200_000


def test_without_a_candle_there_is_none():
    assert price_block(candles([]), {}) is None


def test_a_figure_of_price_keeps_its_block():
    ax = draw_price_with_trades(new_axes(), candles([0, 5]), trades(), samples([0, 1]))
    assert len(ax.figure.block.trades) == 3
    assert draw_price_with_trades(new_axes(), candles([]), None).figure.block is None
    plt.close("all")


def test_a_decision_has_both_ribbons_its_levels_and_its_trade():
    market = random_market(3)
    asked = minute_of(180)
    marks = DecisionMarks(
        asked, "LONG", minute_of(181), 100.0, 99.8, 100.4, minute_of(192), 100.4, True, 0.3, "TP_HIT"
    )
    block = decision_block(market, marks, pd.Timedelta(minutes=90))
    assert [band.minutes for band in block.bands] == [5, 15]
    assert [(level.name, level.price, level.until - level.since) for level in block.levels] == [
        ("entry", 100.0, 660), ("stop", 99.8, 660), ("target", 100.4, 660),
    ]  # fmt: skip
    (trade,) = block.trades
    assert (trade.exit, trade.net_pct, trade.how) == (100.4, 0.3, "target hit")
    assert block.asked == round(asked.timestamp() - block.start / 1000)
    still_open = decision_block(
        market, marks._replace(exit_at=None, exit=None, net_pct=None), pd.Timedelta(minutes=90)
    )
    assert still_open.trades[0].exit_at is None and still_open.trades[0].how == ""
    assert decision_block(market, DecisionMarks(asked, "HOLD"), pd.Timedelta(minutes=90)).trades == []


def test_nothing_but_words_of_ours_gets_in():
    attack = trades().assign(exit_reason="<script>x</script>")
    assert {trade.how for trade in price_block(candles([0]), {}, attack).trades} == {"other"}


@pytest.mark.parametrize("price", [1e-9, 5e-324, 0.0, 1e300, 1.7e308])
def test_prices_of_any_size_are_drawn(price):
    block = price_block(candles([0]).assign(open=price, high=price, low=price, close=price), {})
    assert block.candles.close == [pytest.approx(price)] and block.trades == []
    assert type(block).model_validate_json(block.model_dump_json()) == block


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_candle_without_a_price_is_left_out(odd):
    some = candles([0, 5, 10])
    some.loc[some.index[1], "high"] = odd
    assert price_block(some, {}).candles.at == [0, 600]
    assert price_block(some.assign(low=odd), {}) is None


def test_a_trade_of_which_something_is_not_known_claims_nothing():
    known = trades()
    odd = known.assign(exit_price=np.nan, net_pct=np.inf)
    block = price_block(candles([0, 5]), {}, odd)
    assert [(each.exit_at, each.exit, each.net_pct, each.how) for each in block.trades] == [
        (None, None, None, "")
    ] * 3
    assert [
        each.net_pct for each in price_block(candles([0, 5]), {}, known.assign(net_pct=-np.inf)).trades
    ] == [None] * 3
    for changed in ({"entry_price": np.nan}, {"entry_time": pd.NaT}, {"direction": "HOLD"}):
        assert price_block(candles([0, 5]), {}, known.assign(**changed)).trades == []
