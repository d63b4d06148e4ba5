"""The page of regimes says the move beside the label, and that there is no wick once."""

from __future__ import annotations

from lib.contract.regime_and_wicks import RegimeAnalysis
from lib.contract.results import GroupStats
from lib.draw.regime_finding import regime_finding, regime_heading
from tests.lib.contract import made

NOW = {
    "current_regime": "RANGING_QUIET",
    "current_since": "2025-06-15T02:00:00Z",
    "current_since_or_before": False,
    "range_pct": 1.07,
    "change_pct": 0.74,
    "strategy_supported": False,
}


def result(down=(0, 0), up=(0, 0), **changes) -> RegimeAnalysis:
    given = RegimeAnalysis(**made.regime()).model_copy(update=NOW | changes)
    here = given.regimes[0].model_copy(
        update={
            "regime": "RANGING_QUIET",
            "wick_down_long": GroupStats(**made.group(*down)),
            "wick_up_short": GroupStats(**made.group(*up)),
        }
    )
    return given.model_copy(update={"regimes": [here]})


def test_the_move_since_then_stands_beside_the_label():
    first, label, *_ = regime_finding(result(), 2.6)
    assert (
        first
        == "Ranging quiet since 2025-06-15 02:00: no two hours ranged over 1.6 %, though price rose 2.6 % in all."
    )
    assert label == (
        "It ruled 20 of the window's 20 hours. Of the last two hours the range is 1.07 %, the change +0.74 %. One window proves nothing."
    )
    assert regime_finding(result(), 0.4)[1] == (
        "It ruled 20 of the window's 20 hours. The label means, within two hours, a range of at most 1.6\u00a0%, whichever way "
        "price went; now the range is 1.07 %, the change +0.74 %. One window proves nothing."
    )
    ruled = "It ruled 20 of the window's 20 hours; over all 20 price "
    assert regime_finding(result(), 2.6, 4.81)[1].startswith(f"{ruled}rose 4.8 %. ")
    assert regime_finding(result(), 2.6, -0.3)[1].startswith(f"{ruled}fell 0.3 %. ")
    assert regime_finding(result(current_since_or_before=True), None)[0].endswith("02:00 or before.")
    assert (
        regime_finding(result(), -0.4)[0] == "Ranging quiet since 2025-06-15 02:00: price fell 0.4 % since."
    )
    rising = result(current_regime="BULLISH_TRENDING")
    assert regime_finding(rising, 2.6)[0].endswith(": price rose 2.6 % since.")
    assert ", though price fell 0.1 %: the label looks" in regime_finding(rising, -0.1)[0]
    assert regime_heading(result(), 2.6) == "Now ranging quiet, price +2.6 % since 06-15 02:00"


def test_without_a_regime_that_is_said():
    unknown = result(current_regime="UNKNOWN", current_since=None)
    assert regime_finding(unknown)[0].startswith("The regime now is unknown")
    assert "`ribbon status`" in regime_finding(unknown)[1]
    assert regime_heading(unknown) == regime_heading(result()) == "Price by regime"


def test_no_wick_is_said_once():
    told = " ".join(regime_finding(result(), 2.6))
    assert told.count("wick") == 1 and "No wick was seen in this regime in this window." in told
    assert "Too few wicks were seen in this regime in this window to judge (n 4)" in " ".join(
        regime_finding(result((3, 1), (1, 0)))
    )


def test_wicks_are_told_with_how_they_were_traded():
    told = regime_finding(result((12, 9, 9.0, 0.1, 0.05), (2, 1)))[-1]
    assert "down, traded LONG, n 12, mean +0.100 % (95 % +0.050 to +0.150), gained;" in told
    assert "up, traded SHORT, n 2, too few" in told and told.endswith("One window proves nothing.")


def test_a_regime_asks_for_no_trade():
    assert "nothing; a label is no reason to trade" in regime_finding(result())[2]
    assert "`ribbon ask`" in regime_finding(result(strategy_supported=True))[2]
