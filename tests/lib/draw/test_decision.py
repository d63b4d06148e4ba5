from __future__ import annotations

import dataclasses
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lib.draw import style
from lib.draw.axis import days
from lib.draw.decision import DecisionMarks, decision_figure
from tests.builders import at, random_market

AROUND = pd.Timedelta(minutes=90)
ASKED = 180


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def market():
    return random_market(3)


def marks(**changed: object) -> DecisionMarks:
    given = DecisionMarks(at(ASKED), "LONG", at(ASKED + 1), 100.0, 99.8, 100.4, at(ASKED + 12), 100.4, True)
    return given._replace(**changed)


def drawn(ax, label: str):
    return next(artist for artist in [*ax.lines, *ax.collections] if artist.get_label() == label)


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def rests(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts() if "goes on" in text.get_text()]


def test_entry_stop_and_target_last_as_long_as_the_trade(market):
    ax, _ = decision_figure(market, marks(), AROUND).axes
    span = days([at(ASKED + 1), at(ASKED + 12)])
    for name, level in (("entry", 100.0), ("stop", 99.8), ("target", 100.4)):
        x, y = drawn(ax, f"_{name}").get_data()
        assert np.allclose(x, span) and list(y) == [level, level]
        tails = [line for line in ax.lines if len(line.get_ydata()) == 2 and set(line.get_ydata()) == {level}]
        assert len(tails) == 1
    assert texts(ax) == ["target 100.4", "entry 100", "stop 99.8"]
    assert drawn(ax, "exit in profit").get_offsets().data.tolist() == [[span[1], 100.4]]


def test_price_and_trade_have_the_height_and_a_ribbon_that_lies_far_off_is_said_to_go_on(market):
    lines = [name for name in market.samples_5min if name.startswith("MMA") and not name.endswith("color")]
    far = market.samples_5min.assign(**{lines[-1]: market.samples_5min[lines[-1]] * 0.9})
    figure = decision_figure(dataclasses.replace(market, samples_5min=far), marks(), AROUND)
    ax, _ = figure.axes
    shown = market.candles_1min[(market.candles_1min["closed_at"] > at(ASKED - 90)).to_numpy()]
    low, high = min(shown["low"].min(), 99.8), max(shown["high"].max(), 100.4)
    assert ax.get_ylim() == pytest.approx((low - 0.06 * (high - low), high + 0.06 * (high - low)))
    assert rests(ax) in (["ribbon goes on \u2193"], ["ribbon goes on \u2195"])
    near = market.samples_5min.assign(**dict.fromkeys(lines, 100.0))
    ax, _ = decision_figure(dataclasses.replace(market, samples_5min=near), marks(), AROUND).axes
    assert rests(ax) == []


def test_both_ribbons_and_the_instant_are_there(market):
    figure = decision_figure(market, marks(), AROUND)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "Price and the 5-minute ribbon",
        "15-minute ribbon",
    ]
    for ax in figure.axes:
        assert any(artist.get_label() in style.STATE_COLOURS for artist in ax.collections)
        assert any(np.allclose(line.get_xdata(), days([at(ASKED)])[0]) for line in ax.lines)
        begin, last = days([at(ASKED - 90), market.as_of])
        assert ax.get_xlim() == pytest.approx([begin, last + (last - begin) / 2])  # with room for the names


def test_an_open_trade_lasts_to_the_end_and_names_stand_behind_the_price_apart(market):
    figure = decision_figure(market, marks(exit_at=None, exit=None, stop=99.99), AROUND)
    ax, _ = figure.axes
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    price_ends = ax.transData.transform((days([market.as_of])[0], 100.0))[0]
    assert all(box.x0 > price_ends for box in boxes)
    assert all(upper.y0 >= lower.y0 + 10 for upper, lower in pairwise(boxes))
    assert drawn(ax, "_stop").get_xdata()[1] == pytest.approx(days([market.as_of])[0])
    assert {text.get_ha() for text in ax.texts} == {"right"}
    assert "exit in profit" not in [artist.get_label() for artist in ax.collections]


def test_without_an_entry_only_the_market_is_drawn(market):
    ax, _ = decision_figure(market, DecisionMarks(at(ASKED), "HOLD"), AROUND).axes
    assert texts(ax) == [] and not any(line.get_label() == "_entry" for line in ax.lines)


def test_without_candles_it_says_so(market):
    empty = {name: getattr(market, name).iloc[:0] for name in ("candles_1min", "candles_5min")}
    figure = decision_figure(dataclasses.replace(market, **empty), marks(), AROUND)
    assert {text for ax in figure.axes for text in texts(ax)} == {"no candle of that time is there"}
    assert figure.png()[:4] == b"\x89PNG"


@pytest.mark.parametrize("narrow", [False, True])
def test_a_phone_gets_a_picture_of_its_own_whose_letters_are_as_large(market, narrow):
    figure = decision_figure(market, marks(), AROUND, narrow=narrow, source="recorded market")
    assert figure.png()[:4] == b"\x89PNG"
    # Pixels of a window for each inch, times the inches of the smallest letters: at least eight.
    shown = 334 if narrow else 1012
    smallest = min(text.get_size() for ax in figure.axes for text in ax.get_xticklabels()) / 72
    assert smallest * shown / figure.get_figwidth() >= 8
