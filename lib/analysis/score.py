"""Scalper score: 0–100 for how a window's trades fit the style of the strategy, all net of costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contract.actual_trades import ScalperScore
from lib.market.costs import realised_breakeven_win_rate
from lib.stats.groups import round_rate

_MIN_TRADES = 5
_LOSING_CAP = 59.0
_TIE_DIGITS = 9
GRADES = ((90.0, "A+"), (80.0, "A"), (70.0, "B"), (60.0, "C"), (50.0, "D"))


def scalper_score(trades: pd.DataFrame) -> ScalperScore:
    """docs/definitions.md, Scalper score, of closed trades (`net_pct`, `hold_minutes`); every field null below 5 trades.

    A loss is net <= 0, as a win is net > 0. W = 40 * clip((win rate - (break-even - 20)) / 30, 0, 1).
    Edge cases: with no loss W is 40 and R is 20 (every trade won, whatever the sizes); with no win W is 0 and R is 5. C uses the
    worst net return; without a loss it is 20. Bounds of S belong to the better band; an unknown hold time counts nowhere, and with
    none known S is 10. The cap of 59 holds when the net total in percent is <= 0; `capped` says that it bit. Parts are published
    uncapped, to 1 decimal, the total is the rounded sum of the unrounded parts, and the grade is that of the published total.
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
        "ratio_part": _ratio_part(net),
        "loss_part": _loss_part(-net.min()),
    }
    raw = round(sum(parts.values()), 1)
    capped = bool(round(net.sum(), _TIE_DIGITS) <= 0 and raw > _LOSING_CAP)
    total = _LOSING_CAP if capped else raw
    grade = next((name for bound, name in GRADES if total >= bound), "F")
    return ScalperScore(
        total=total, grade=grade, capped=capped, **{name: round_rate(part) for name, part in parts.items()}
    )


def _sides(net_pct: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Wins, and losses as sizes."""
    values = net_pct.astype(float).dropna().to_numpy()
    return values[values > 0], -values[values <= 0]


def _win_rate_part(net: pd.Series) -> float:
    wins, losses = _sides(net)
    breakeven = realised_breakeven_win_rate(net)
    if breakeven is None:
        return 40.0 if len(wins) else 0.0
    win_rate = 100 * len(wins) / (len(wins) + len(losses))
    return 40 * float(np.clip((win_rate - (breakeven - 20)) / 30, 0, 1))


def _hold_part(median_minutes: float) -> float:
    if 10 <= median_minutes <= 20:
        return 20.0
    return 15.0 if 5 <= median_minutes <= 25 else 10.0


def _ratio_part(net: pd.Series) -> float:
    wins, losses = _sides(net)
    if not len(wins):
        return 5.0
    mean_loss = losses.mean() if len(losses) else 0.0
    ratio = round(wins.mean() / mean_loss, _TIE_DIGITS) if mean_loss > 0 else np.inf
    return next((part for bound, part in ((2.0, 20.0), (1.5, 15.0), (1.0, 10.0)) if ratio >= bound), 5.0)


def _loss_part(worst_loss_pct: float) -> float:
    return next(
        (part for bound, part in ((0.15, 20.0), (0.30, 15.0), (0.50, 10.0)) if worst_loss_pct < bound), 5.0
    )
