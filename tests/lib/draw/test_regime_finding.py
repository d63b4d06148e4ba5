"""The page of regimes says the move beside the label, and folds what other times say."""

from __future__ import annotations

from lib.contract.regime_and_wicks import RegimeAnalysis
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


def result(**changes) -> RegimeAnalysis:
    given = RegimeAnalysis(**made.regime()).model_copy(update=NOW | changes)
    here = given.regimes[0].model_copy(update={"regime": "RANGING_QUIET"})
    return given.model_copy(update={"regimes": [here]})


def test_the_move_since_then_stands_beside_the_label_and_other_times_are_folded():
    (first, _), (label, hours) = regime_finding(result(), 2.6)
    assert (
        first
        == "Ranging quiet since 2025-06-15 02:00, though price rose 2.6 %: the label looks at two hours at a time."
    )
    assert label == (
        "The label means, within two hours, a range of at most 1.6\u00a0%, whichever way price went; now the range is 1.07 %, the change "
        "+0.74 %."
    )
    assert hours == "It ruled 20 of the window's 20 hours."
    ruled = "It ruled 20 of the window's 20 hours; over all 20 price "
    assert regime_finding(result(), 2.6, 4.81).sure[1] == f"{ruled}rose 4.8 %."
    assert regime_finding(result(), 2.6, -0.3).sure[1] == f"{ruled}fell 0.3 %."
    assert regime_finding(result(current_since_or_before=True), None).said[0].endswith("02:00 or before.")
    fell = regime_finding(result(), -0.4).said[0]
    assert fell == "Ranging quiet since 2025-06-15 02:00: price fell 0.4 % since."
    rising = result(current_regime="BULLISH_TRENDING")
    assert regime_finding(rising, 2.6).said[0].endswith(": price rose 2.6 % since.")
    assert ", though price fell 0.1 %: the label looks" in regime_finding(rising, -0.1).said[0]
    assert regime_heading(result(), 2.6) == "Now ranging quiet, price +2.6 % since 06-15 02:00"


def test_without_a_regime_that_is_said():
    unknown = result(current_regime="UNKNOWN", current_since=None)
    assert regime_finding(unknown).said[0].startswith("The regime now is unknown")
    assert "`ribbon status`" in regime_finding(unknown).said[1]
    assert regime_heading(unknown) == regime_heading(result()) == "Price by regime"


def test_a_regime_asks_for_no_trade():
    assert "nothing; a label is no reason to trade" in regime_finding(result()).said[1]
    assert "`ribbon ask`" in regime_finding(result(strategy_supported=True)).said[1]
