"""What the page of regimes begins with: the regime now and how far price went since; folded what the label rests on."""

from __future__ import annotations

from lib.contract.regime_and_wicks import RegimeAnalysis
from lib.draw.findings import Found
from lib.draw.html import STEP
from lib.draw.numbers import percent
from lib.draw.words import moments, name_words, regime_words
from lib.market.regime import TREND_CHANGE_PCT


def regime_finding(
    result: RegimeAnalysis, moved_pct: float | None = None, window_moved_pct: float | None = None
) -> Found:
    """The regime now, what price did since, and what follows; folded its label explained and how long it ruled.

    `moved_pct`: what the close moved since it began; `window_moved_pct`: over the window.
    """
    if result.current_regime == "UNKNOWN":
        first = "The regime now is unknown: there are no 24 five-minute candles in a row up to now."
        return Found([first, f"{STEP}see whether candles still come: `ribbon status`."], [])
    regime = result.current_regime
    now = f"the range is {percent(result.range_pct, 2)}, the change {percent(result.change_pct, 2, signed=True)}."
    label = f"The label means, within two hours, {regime_words(regime)}; now {now}"
    hours = _hours_words(result, window_moved_pct)
    return Found(
        [f"{_since_words(result)}{_moved_words(regime, moved_pct)}.", _step(result)],
        [label, *[hours] * bool(hours)],
    )


def _since_words(result: RegimeAnalysis) -> str:
    before = " or before" if result.current_since_or_before else ""
    return f"{name_words(result.current_regime).capitalize()} since {moments(result.current_since or '–')}{before}"


def _moved_words(regime: str, moved_pct: float | None) -> str:
    """What price did since, and where that seems to say another thing than the label, why it does not."""
    if moved_pct is None:
        return ""
    moved = f"price {_went(moved_pct)}"
    if not _at_odds(regime, moved_pct):
        return f": {moved} since"
    return f", though {moved}: the label looks at two hours at a time"


def _at_odds(regime: str, moved_pct: float | None) -> bool:
    """Whether what price did since the regime began seems to say another thing than its label."""
    if moved_pct is None:
        return False
    sign = {"BULLISH_TRENDING": 1, "BEARISH_TRENDING": -1}.get(regime, 0)
    return sign * moved_pct < 0 if sign else abs(moved_pct) > TREND_CHANGE_PCT


def _went(moved_pct: float) -> str:
    """What price did: "rose 2.5 %"."""
    return f"{'fell' if moved_pct < 0 else 'rose'} {percent(abs(moved_pct), 1)}"


def _hours_words(result: RegimeAnalysis, window_moved_pct: float | None) -> str:
    """How much of the window the regime had, and what price did in all of it."""
    whole, here = (
        sum(found.hours for found in result.regimes if regime in (None, found.regime))
        for regime in (None, result.current_regime)
    )
    if whole < 1:
        return ""
    went = "" if window_moved_pct is None else f"; over all {whole:.0f} price {_went(window_moved_pct)}"
    return f"It ruled {here:.0f} of the window's {whole:.0f} hours{went}."


def regime_heading(result: RegimeAnalysis, moved_pct: float | None = None) -> str:
    """The regime now, as the title of the price's picture."""
    if result.current_regime == "UNKNOWN" or moved_pct is None:
        return "Price by regime"
    since = moments(result.current_since or "–")[5:]
    return (
        f"Now {name_words(result.current_regime)}, price {percent(moved_pct, 1, signed=True)} since {since}"
    )


def _step(result: RegimeAnalysis) -> str:
    """What follows: nothing, or to ask more than one window."""
    if result.strategy_supported:
        return f"{STEP}trade nothing by one window; `ribbon ask` tests such a rule on months of candles."
    return f"{STEP}nothing; a label is no reason to trade."
