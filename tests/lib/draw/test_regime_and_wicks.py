from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.contract.regime_and_wicks import RegimeWicks
from lib.draw import regime_and_wicks as regimes
from lib.draw.axis import days
from tests.lib.draw.made import candles, stats


def row(regime: str, hours: float, down: tuple[int, int], up: tuple[int, int]) -> RegimeWicks:
    return RegimeWicks(
        regime=regime, hours=hours, share=hours * 10, wick_down_long=stats(*down), wick_up_short=stats(*up)
    )


def test_words():
    assert regimes.words("RANGING_QUIET") == "ranging quiet"
    assert regimes.words("BULLISH_TRENDING") == "bullish trending"
    assert regimes.words("UNKNOWN") == "unknown"


def test_every_stretch_has_its_regimes_colour_and_gaps_stay_open(ax):
    frame = candles([0, 5, 10, 60, 65])
    named = pd.Series(
        ["UNKNOWN", "RANGING_QUIET", "RANGING_QUIET", "RANGING_QUIET", "BEARISH_TRENDING"], index=frame.index
    )
    regimes.draw_price_by_regime(ax, frame, named)
    lines = {
        artist.get_label(): artist.get_segments()
        for artist in ax.collections
        if hasattr(artist, "get_segments")
    }
    quiet = lines["ranging quiet 60 %"]
    closed = days(frame["closed_at"])
    # Joined to the close before it, then anew after the gap.
    assert np.allclose(quiet[0], np.c_[closed[:3], [101, 102, 103]])
    assert np.allclose(quiet[1], np.c_[closed[3:4], [104]])
    assert np.allclose(lines["bearish trending 20 %"][0], np.c_[closed[3:], [104, 105]])
    assert ax.get_title(loc="left") == "Price by regime  ·  n 5 candles"


def test_candles_without_a_regime_are_unknown(ax):
    frame = candles([0, 5])
    regimes.draw_price_by_regime(ax, frame, pd.Series(["RANGING_QUIET"], index=frame.index[:1]))
    unknown = next(artist for artist in ax.collections if artist.get_label() == "unknown 50 %")
    assert unknown.get_linestyles()[0][1] is not None, "the line is dashed"


def test_wick_outcomes_have_dot_interval_and_n(ax):
    regimes.draw_wick_outcomes(ax, [row("RANGING_QUIET", 6, (20, 8), (8, 6))], breakeven=57.8)
    dots = {line.get_marker(): float(line.get_xdata()[0]) for line in ax.lines if len(line.get_xdata()) == 1}
    assert dots == {"^": 40, "v": 75}
    assert [10, 90] in [list(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 2]
    assert [text.get_text() for text in ax.texts] == ["n 20, 40 %", "n 8, 75 %"]
    assert ax.get_title(loc="left").endswith("n 28") and "%" in ax.get_xlabel()
    key = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "hollow: n below 10" in key and "break-even here 57.8 %" in key
    ax.clear()
    regimes.draw_wick_outcomes(ax, [row("RANGING_QUIET", 6, (20, 8), (10, 6))])
    assert not any("hollow" in text.get_text() for text in ax.get_legend().get_texts())


def test_a_regime_without_wicks_keeps_its_row(ax):
    given = [row("RANGING_QUIET", 6, (5, 1), (4, 4)), row("RANGING_VOLATILE", 1, (0, 0), (0, 0))]
    regimes.draw_wick_outcomes(ax, given)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["ranging\nvolatile", "ranging\nquiet"]
    assert sorted(text.get_text() for text in ax.texts) == ["n 0", "n 0", "n 4", "n 5, 20 %"]


@pytest.mark.parametrize(("wicks", "rows"), [(0, ["ranging\nquiet"]), (1, ["unknown", "ranging\nquiet"])])
def test_unknown_has_a_row_only_with_wicks(ax, wicks, rows):
    given = [row("RANGING_QUIET", 6, (5, 1), (4, 4)), row("UNKNOWN", 1, (wicks, 0), (0, 0))]
    regimes.draw_wick_outcomes(ax, given)
    assert [text.get_text() for text in ax.get_yticklabels()] == rows


def test_nothing_to_draw_is_said(ax):
    for draw, arguments in (
        (regimes.draw_price_by_regime, (None, None)),
        (regimes.draw_price_by_regime, (candles([]), pd.Series(dtype=str))),
        (regimes.draw_wick_outcomes, (None,)),
        (regimes.draw_wick_outcomes, ([row("UNKNOWN", 1, (0, 0), (0, 0))],)),
    ):
        ax.clear()
        draw(ax, *arguments)
        assert "in this window" in ax.texts[0].get_text()
