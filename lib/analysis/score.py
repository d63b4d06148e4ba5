"""Scalper score: 0–100 for how a window's trades fit the style of the strategy, all net of costs (docs/definitions.md, Scalper score)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contract.actual_trades import ScalperScore
from lib.market.costs import realised_breakeven_win_rate
from lib.market.terms import Terms
from lib.stats.groups import round_rate

_MIN_TRADES = 5
_LOSING_CAP = 59.0
_TIE_DIGITS = 9
GRADES = ((90.0, "A+"), (80.0, "A"), (70.0, "B"), (60.0, "C"), (50.0, "D"))
#: Least q of the ratio part, and greatest worst loss of the loss part in net stops of the terms, with their points; below all of them 5.
_RATIO_BOUNDS = ((1.0, 20.0), (0.8, 15.0), (0.6, 10.0))
_LOSS_BOUNDS = ((1.1, 20.0), (2.0, 15.0), (3.0, 10.0))
_LEAST = 5.0


def scalper_score(trades: pd.DataFrame, terms: Terms) -> ScalperScore:
    """The score of closed trades (`net_pct`, `hold_minutes`), measured at the target and stop of `terms`; every field null below 5 trades.

    A loss is net <= 0, as a win is net > 0. W = 40 * clip((win rate - (break-even - 20)) / 30, 0, 1). Net win and loss of the terms are
    those of trades that pay the whole round trip, so fills at exactly target and stop have q above 1.
    Edge cases: with no loss W is 40 and R and C are 20 (every trade won, whatever the sizes); with no win all parts are 0. Bounds
    belong to the better band; an unknown hold time counts nowhere, and with none known S is 10. The cap of 59 holds when the net total
    in percent is <= 0; `capped` says that it bit. Parts are published uncapped, to 1 decimal, the total is the rounded sum of the
    unrounded parts, and the grade is that of the published total.
    """
    # Rounded, so that a value that is a bound on paper is one here: three wins of .1 are a hair above .3.
    net = trades["net_pct"].astype(float).dropna().round(_TIE_DIGITS)
    if len(net) < _MIN_TRADES:
        return ScalperScore(
            total=None, win_rate_part=None, hold_part=None, ratio_part=None, loss_part=None, grade=None
        )
    parts = {
        "win_rate_part": _win_rate_part(net),
        "hold_part": _hold_part(trades["hold_minutes"].astype(float).median()),
        "ratio_part": _ratio_part(net, terms),
        "loss_part": _loss_part(-net.min(), terms),
    }
    if not (net > 0).any():
        parts = dict.fromkeys(parts, 0.0)
    raw = round(sum(parts.values()), 1)
    capped = bool(round(net.sum(), _TIE_DIGITS) <= 0 and raw > _LOSING_CAP)
    total = _LOSING_CAP if capped else raw
    grade = next((name for bound, name in GRADES if total >= bound), "F")
    return ScalperScore(
        total=total, grade=grade, capped=capped, **{name: round_rate(part) for name, part in parts.items()}
    )


def _win_rate_part(net: pd.Series) -> float:
    breakeven = realised_breakeven_win_rate(net)
    if breakeven is None:
        return 40.0
    return 40 * float(np.clip((100 * (net > 0).mean() - (breakeven - 20)) / 30, 0, 1))


def _hold_part(median_minutes: float) -> float:
    if 10 <= median_minutes <= 20:
        return 20.0
    return 15.0 if 5 <= median_minutes <= 25 else 10.0


def _ratio_part(net: pd.Series, terms: Terms) -> float:
    """By q: the ratio of mean net win and mean net loss over that of the terms; a target that pays less than the costs is always met."""
    mean_loss = -net[net <= 0].mean()
    if not mean_loss > 0 or terms.net_win_pct <= 0:
        return 20.0
    q = round(net[net > 0].mean() / mean_loss / (terms.net_win_pct / terms.net_loss_pct), _TIE_DIGITS)
    return next((part for bound, part in _RATIO_BOUNDS if q >= bound), _LEAST)


def _loss_part(worst_loss_pct: float, terms: Terms) -> float:
    stops = round(worst_loss_pct / terms.net_loss_pct, _TIE_DIGITS)
    return next((part for bound, part in _LOSS_BOUNDS if stops <= bound), _LEAST)
