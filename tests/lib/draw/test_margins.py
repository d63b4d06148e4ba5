"""No text of a figure is cut off or lies on a neighbour's axis, by the renderer's own measure: it checks what is placed by counting."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from lib.contract import schema
from lib.contract.actual_trades import LongerHold
from lib.contract.dollars import Coin
from lib.contract.optimal_vs_actual import GapPart
from lib.contract.regime_and_wicks import RegimeWicks
from lib.contract.smart_backtest import GridCell
from lib.draw import (
    actual_trades,
    answers,
    explore,
    grid,
    groups,
    history,
    lanes,
    optimal_vs_actual,
    regime_and_wicks,
    smart_backtest,
    sweep,
)
from lib.draw.axis import draw_nothing
from lib.draw.margins import text_width
from lib.draw.style import new_axes, new_axes_grid
from tests.lib.draw.made import START, candles, group, samples, stats, trades
from tests.lib.draw.test_optimal_vs_actual import comparison
from tests.lib.draw.test_sweep import luck, made, walked

#: As long as a label of a source, a coin and a setup may be.
WHO = "rule decider on a synthetic market, with imported trades of another bot"
COIN, SMALL = Coin("1000SHIB-USDT-PERP"), Coin("SHIB", 9)
SETUPS = [group(f"SHORT_WICK_UP_WITH_MIXED_TIMEFRAMES_{name}", 12, 5, -1234.5) for name in "ABC"]


def texts_of(ax: Axes) -> list[Text]:
    """Every text of an axis and its colour bar that is drawn."""
    found = [text for text in ax.findobj(Text) if text.get_visible() and text.get_text().strip()]
    hidden: set[int] = set()
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        outside = [tick for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]
        hidden |= {id(text) for part in ([axis] if not ax.axison else outside) for text in part.findobj(Text)}
    return [text for text in found if id(text) not in hidden]


def check(ax: Axes) -> None:
    """Draw the figure; no text reaches beyond the canvas, and none of one cell into the axis of another."""
    figure = ax.figure
    figure.canvas.draw()
    renderer, canvas = figure.canvas.get_renderer(), figure.bbox
    boxes = {each: each.get_window_extent(renderer) for each in figure.axes}
    shown = {each: texts_of(each) for each in figure.axes} | {None: list(figure.texts)}
    for owner, texts in shown.items():
        for text in texts:
            box = text.get_window_extent(renderer)
            # A pixel is what the smoothed edge of a letter takes.
            inside = canvas.x0 - 1 <= box.x0 and box.x1 <= canvas.x1 + 1
            assert inside and canvas.y0 - 1 <= box.y0 and box.y1 <= canvas.y1 + 1, (
                f"{text.get_text()!r} is cut off"
            )
            for other, place in boxes.items():
                twin = owner is not None and other.get_subplotspec() == owner.get_subplotspec()
                assert twin or not box.padded(-1).overlaps(place), f"{text.get_text()!r} lies on another axis"
    plt.close("all")


def rising(count: int, step: float = 1000.0) -> pd.DataFrame:
    """Trades whose money needs long tick labels."""
    frame = pd.concat([trades()] * count, ignore_index=True)
    return frame.assign(net_usd=-step, gross_usd=step, net_account=-step, gross_account=step)


def cycles() -> pd.DataFrame:
    index = pd.date_range(START, periods=5, freq="h", name="timestamp")
    frame = pd.DataFrame({name: np.linspace(10.0, 60.0, 5) for name in history.COLUMNS}, index=index)
    return frame.assign(total_pnl=-23456.5, nearest_share=0.5)


def grid_cells() -> list[GridCell]:
    return [
        GridCell(
            target_pct=t,
            stop_pct=s,
            total_trades=40,
            win_rate=40.0,
            breakeven_win_rate=57.8,
            total_pnl_pct=0.0,
            net_mean_pct=t - 3 * s,
        )
        for t in (0.2, 0.3, 0.4)
        for s in (0.1, 0.15, 0.2)
    ]


def regimes() -> list[RegimeWicks]:
    return [
        RegimeWicks(
            regime=name, hours=6.0, share=25.0, wick_down_long=stats(12, 5), wick_up_short=stats(3, 1)
        )
        for name in ("RANGING_QUIET", "BULLISH_TRENDING", "RANGING_VOLATILE")
    ]


PARTS = [
    GapPart(name=name, count=1000, pnl=123456.78 * sign)
    for name, sign in zip(optimal_vs_actual.PART_WORDS, (1, -1, 1, -1, 1, -1), strict=True)
]
PRICES = candles(list(range(0, 60, 5)), 123456.0)
HELD = [
    LongerHold(
        minutes=minutes,
        episodes=40,
        total=44,
        mean_net_pct=-0.1,
        mean_actual_net_pct=-0.1,
        worst_adverse_pct=-0.9,
        mean_adverse_pct=-0.2,
        difference_pct=-0.0123,
        difference_low_pct=-0.05,
        difference_high_pct=0.03,
    )
    for minutes in (5, 15, 45)
]
FIGURES = {
    "equity": lambda ax: actual_trades.draw_equity(ax, rising(40), who=WHO, coin=COIN),
    "account": lambda ax: actual_trades.draw_account_equity(ax, rising(400, 12345.67), who=WHO),
    "price": lambda ax: actual_trades.draw_price_with_trades(
        ax, candles([0, 5, 10, 15], 123456.0), trades(), samples(list(range(20)))
    ),
    "calibration": lambda ax: answers.draw_calibration(
        ax,
        [group("≥ 0.85", 9, 4), group("0.75–0.85", 8, 3)],
        [group("< 0.75", 9, 9)],
        breakeven=57.8,
    ),
    "longer holds": lambda ax: actual_trades.draw_longer_holds(ax, HELD),
    "win rates": lambda ax: groups.draw_win_rates(ax, SETUPS, breakeven=57.8),
    "grid": lambda ax: grid.draw_grid(ax, grid_cells(), standard=(0.3, 0.15), heading=WHO),
    "wicks": lambda ax: regime_and_wicks.draw_wick_outcomes(ax, regimes(), breakeven=57.8),
    "win rate trend": lambda ax: history.draw_win_rate_trend(ax, cycles()),
    "score trend": lambda ax: history.draw_score_trend(ax, cycles()),
    "evidence trend": lambda ax: history.draw_evidence_trend(ax, cycles()),
    "ribbon": lambda ax: explore.draw_ribbon_colours(ax, samples([0, 1, 2])),
    "quality": lambda ax: explore.draw_quality(ax, {"5 min": samples([0, 1]), "15 min": samples([0, 1])}),
    "candles": lambda ax: explore.draw_candlesticks(ax, PRICES),
    "price by regime": lambda ax: regime_and_wicks.draw_price_by_regime(
        ax, PRICES, pd.Series(np.resize(schema.REGIMES, len(PRICES)), index=PRICES.index)
    ),
    "gap": lambda ax: optimal_vs_actual.draw_gap_parts(
        ax, comparison(actual_pnl=-98765.4, gap_parts=PARTS), coin=COIN
    ),
    "gap of a small coin": lambda ax: optimal_vs_actual.draw_gap_parts(
        ax,
        comparison(
            actual_pnl=-3.8e-7,
            optimal_pnl=6.4e-7,
            gap_parts=[part.model_copy(update={"pnl": part.pnl * 1e-12}) for part in PARTS],
        ),
        coin=SMALL,
    ),
    "equity of a small coin": lambda ax: actual_trades.draw_equity(ax, rising(40, 1e-9), who=WHO, coin=SMALL),
    "setup trades": lambda ax: optimal_vs_actual.draw_setup_trades(
        ax, comparison(learnable=comparison().learnable.model_copy(update={"pnl_pct": 0.4}))
    ),
    "lanes": lambda ax: lanes.draw_lanes(ax, PRICES, trades(), trades()),
    "equity beside": lambda ax: actual_trades.draw_equity(
        ax, rising(3), coin=COIN, heading="Entry rule", beside=("the simulated trader", rising(4))
    ),
    "target and stop": lambda ax: sweep.draw_target_stop(ax, made(), 45.0, 20.0, "0.3–0.8", (0.3, 0.15)),
    "luck": lambda ax: sweep.draw_luck(ax, made(), luck()),
    "in and out": lambda ax: sweep.draw_in_and_out(ax, walked()),
    "forward": lambda ax: sweep.draw_forward(ax, walked()),
    "nothing": lambda ax: draw_nothing(ax, "no trades in this window", WHO),
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("height", [2.8, 4.8])
def test_no_text_is_cut_off(name, height):
    check(FIGURES[name](new_axes(height=height, source=WHO)))


def test_of_a_small_coin_the_axis_has_zero_alone_as_more_would_lie_on_each_other():
    ax = FIGURES["gap of a small coin"](new_axes(height=4.8, source=WHO))
    ax.figure.canvas.draw()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["$0.0000000"]
    plt.close("all")


def test_no_text_of_one_axis_lies_on_another():
    check(
        smart_backtest.draw_equity_and_drawdown(
            new_axes_grid(2, height=5.4, heights=[3, 1], share_time=True, source=WHO), rising(40), coin=COIN
        )[0]
    )
    check(sweep.draw_by_value(new_axes_grid(5, height=8.0, source=WHO), made())[0])


@pytest.mark.parametrize("text", ["LONG_FRESH_FLIP_WITH_5MIN   n 45", "−$123,456.78", "WWWWWiiiii\nshort"])
@pytest.mark.parametrize("bold", [False, True])
def test_a_counted_width_is_that_of_the_renderer(text, bold):
    ax = new_axes()
    drawn = ax.text(0, 0, text, size=8.5, weight="bold" if bold else "normal")
    width = drawn.get_window_extent(ax.figure.canvas.get_renderer()).width / ax.figure.dpi
    assert width <= text_width(text, 8.5, bold=bold) <= 1.1 * width
    plt.close("all")


@pytest.mark.parametrize(
    ("long", "broken"),
    [
        (
            "a heading with many words and some more  ·  n 45 and some",
            "a heading with many words and some more\nn 45 and some",
        ),
        ("word " * 16 + "end", "\n".join(["word " * 7 + "word", "word " * 8 + "end"])),
    ],
)
def test_a_long_title_is_broken_before_its_count_or_in_even_lines(long, broken):
    ax = new_axes()
    ax.set_title(long)
    ax.figure.canvas.draw()
    assert ax.get_title(loc="left") == broken
    plt.close("all")
