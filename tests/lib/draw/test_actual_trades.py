from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.contract.actual_trades import LongerHold
from lib.draw import actual_trades as actual
from lib.draw.axis import days
from lib.draw.summaries import show_longer_holds
from tests.lib.draw.made import at, candles, samples, trades


def line(ax, label):
    return next(artist for artist in ax.lines if artist.get_label() == label)


def test_equity_steps_at_exits_in_their_order(ax):
    actual.draw_equity(ax, trades(), who="your trades")
    x, net = line(ax, "net of costs").get_data()
    # Exits at 10, 30, 40: +3, then +1 of the SHORT, then −2 of the second LONG.
    assert np.allclose(x, days([at(0), at(10), at(30), at(40)]))
    assert net.tolist() == [0, 3, 4, 2]
    assert line(ax, "gross").get_ydata().tolist() == [0, 4, 6, 5]
    marked = {artist.get_label(): artist.get_offsets()[:, 1].tolist() for artist in ax.collections}
    assert (marked["LONG won"], marked["SHORT won"], marked["LONG lost"]) == ([3], [4], [2])
    assert ax.get_title(loc="left") == "Equity: +$2.00 net, +$5.00 gross  ·  n 3"
    assert ax.figure.alt == (
        "Equity, your trades: a line that ends at +$2.00 after costs and +$5.00 before them, over 3 trades; its lowest point is $0.00."
    )
    assert ax.get_xlabel() == "time (UTC)" and "$" in ax.get_ylabel()


def test_many_trades_are_a_line_without_marks(ax):
    actual.draw_equity(ax, pd.concat([trades()] * 9, ignore_index=True))
    assert {artist.get_label() for artist in ax.lines} >= {"net of costs", "gross"}
    assert not [artist for artist in ax.collections if str(artist.get_label()).endswith(("won", "lost"))]


def test_somebody_elses_equity_stands_beside(ax):
    actual.draw_equity(ax, trades(), heading="Entry rule", beside=("the trader", trades().head(1)))
    assert line(ax, "the trader, net").get_ydata().tolist() == [0, 3]
    assert (
        line(ax, "entry rule, net").get_ydata()[-1] == 2
        and line(ax, "entry rule, gross").get_ydata()[-1] == 5
    )
    assert ax.get_title(loc="left") == "Entry rule: +$2.00 net, the trader +$3.00  ·  n 3 and 1"
    assert ax.figure.alt.endswith("Beside it the trader, with +$3.00 after costs over 1 trade.")
    ax.clear()
    actual.draw_equity(ax, trades(), beside=("you", trades().head(0)))
    assert ax.get_title(loc="left").endswith("gross  ·  n 3")


def test_of_many_hold_times_the_line_names_the_one_most_seen():
    told = actual.longer_holds_answer([longer_hold(15, 41, -0.2, 0.1), longer_hold(20, 44, -0.3, 0.1)])
    assert told.startswith("Held longer: 20 min") and told.endswith("; 1 other hold time clear of zero too")


def test_the_accounts_equity_leaves_out_trades_without_a_size(ax):
    sized = trades().assign(net_account=[30.0, np.nan, 10.0], gross_account=[40.0, np.nan, 20.0])
    actual.draw_account_equity(ax, sized, who="your trades")
    assert line(ax, "net of costs").get_ydata().tolist() == [0, 30, 40]
    assert ax.get_title(loc="left") == "Equity of the account: +$40.00 net, +$60.00 gross  ·  n 2"
    assert "account" in ax.get_ylabel()


def test_no_account_without_a_size(ax):
    actual.draw_account_equity(ax, trades().assign(net_account=np.nan, gross_account=np.nan))
    assert ax.texts[0].get_text() == "no trade logs a size"


def test_price_with_ribbon_and_trades(ax):
    frame = candles([0, 5, 10, 15, 20, 25, 30, 35])
    actual.draw_price_with_trades(ax, frame, trades(), samples(list(range(40))))
    labels = {artist.get_label() for artist in ax.collections}
    assert {"mixed", "LONG entry", "SHORT entry", "exit in profit", "exit in loss", "_bodies"} <= labels
    assert ax.get_title(loc="left") == "Price, ribbon and trades  ·  n 3 trades"
    legend = {text.get_text() for text in ax.get_legend().get_texts()}
    assert {"candle up", "candle down", "mixed", "exit in loss"} <= legend


def test_price_without_trades_or_samples_still_shows_price(ax):
    actual.draw_price_with_trades(ax, candles([0, 5]), trades().head(0), samples([]))
    assert "n 0 trades" in ax.get_title(loc="left") and ax.get_ylabel() == "price ($)"


def longer_hold(minutes, episodes, mean, half):
    return LongerHold(
        minutes=minutes,
        total=episodes + 1,
        episodes=episodes,
        mean_net_pct=mean - 0.1,
        mean_actual_net_pct=-0.1,
        difference_pct=mean,
        difference_low_pct=mean - half,
        difference_high_pct=mean + half,
        worst_adverse_pct=-0.4,
        mean_adverse_pct=-0.2,
    )


def test_held_longer_draws_the_difference_with_its_interval(ax):
    actual.draw_longer_holds(
        ax, [longer_hold(5, 29, 0.3, 0.1), longer_hold(10, 30, 0.2, 0.1), longer_hold(15, 41, 0.1, 0.2)]
    )
    (drawn,) = ax.containers
    assert drawn.lines[0].get_data()[0].tolist() == [10, 15]
    assert drawn.lines[0].get_ydata().tolist() == [0.2, 0.1]
    spans = [segment[:, 1].tolist() for segment in drawn.lines[2][0].get_segments()]
    assert np.allclose(spans, [[0.1, 0.3], [-0.1, 0.3]])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["10\nn 30", "15\nn 41"]
    assert ax.get_title(loc="left").endswith("n 30–41") and "%" in ax.get_ylabel()


def test_held_longer_is_hidden_below_thirty_episodes(ax):
    few = [longer_hold(5, 29, 0.3, 0.1)]
    actual.draw_longer_holds(ax, few)
    assert not ax.containers and "no hold time has 30" in ax.texts[0].get_text()
    assert actual.holds_enough(few) == []
    folded = show_longer_holds(few)
    assert folded.summary.startswith("Held longer: nothing can be said yet, as no hold time has 30 episodes")
    assert "0.300" not in repr(folded)
    many = repr(show_longer_holds([*few, longer_hold(10, 30, 0.2, 0.1)]))
    assert "31 in 30 episodes" in many and "+0.200 % (n 30, +0.100 to +0.300)" in many and "5 min" not in many


def test_the_line_that_folds_longer_holds_is_their_answer():
    unclear, clear = longer_hold(10, 30, 0.2, 0.3), longer_hold(15, 41, -0.2, 0.1)
    assert "no hold time is told apart" in actual.longer_holds_answer([unclear])
    assert actual.longer_holds_answer([unclear, clear]) == (
        "Held longer: 15 min would have changed the mean by −0.200 % (n 41, −0.300 to −0.100)"
    )


@pytest.mark.parametrize("none", [None, "empty"])
@pytest.mark.parametrize("draw", [actual.draw_equity, actual.draw_longer_holds])
def test_nothing_to_draw_is_said(ax, draw, none):
    empty = trades().head(0) if draw is actual.draw_equity else []
    assert draw(ax, None if none is None else empty) is ax
    assert ax.texts[0].get_text() == "no trades in this window" and "n 0" in ax.get_title(loc="left")


def test_no_candles_is_said(ax):
    for candle_frame in (None, pd.DataFrame()):
        ax.clear()
        actual.draw_price_with_trades(ax, candle_frame, trades())
        assert ax.texts[0].get_text() == "no candles in this window"
