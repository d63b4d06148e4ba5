"""The stable part of the prompt: rules.md with the figures filled in that the code works with."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lib.contract.standing import file_text
from lib.market.regime import CANDLES, QUIET_RANGE_PCT, TREND_CHANGE_PCT
from lib.market.setups import BREAKOUT_FACTOR, TRIGGER_REACH
from lib.market.terms import Terms
from lib.market.wicks import WICK_RANGE_PCT

_RULES_FILE = Path(__file__).with_name("rules.md")


def own_rules() -> str:
    """The text of the rules that come with the program, its figures still in braces."""
    return file_text(_RULES_FILE)


@cache
def rules_text(terms: Terms, template: str = "") -> str:
    """The rules under these terms, the same bytes for as long as the program runs (the cache lives on that).

    `template`: the text of another rules file, which may name the same figures in braces. Raises KeyError, IndexError or ValueError for
    one that names others.
    """
    return (template or own_rules()).format(
        wick_low=f"{WICK_RANGE_PCT[0]:g}",
        wick_high=f"{WICK_RANGE_PCT[1]:g}",
        wick_minutes=f"{TRIGGER_REACH.total_seconds() / 60:g}",
        breakout=f"{BREAKOUT_FACTOR * 100:g}",
        regime_candles=CANDLES,
        quiet=f"{QUIET_RANGE_PCT:g}",
        trend=f"{TREND_CHANGE_PCT:g}",
        target=f"{terms.target_pct:g}",
        stop=f"{terms.stop_pct:g}",
        hold=f"{terms.hold_minutes:g}",
        cost=f"{terms.round_trip_pct:.2f}",
        net_win=f"{terms.net_win_pct:.2f}",
        net_loss=f"{terms.net_loss_pct:.2f}",
        break_even=f"{terms.breakeven_win_rate:.1f}",
    )
