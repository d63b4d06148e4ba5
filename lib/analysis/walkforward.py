"""Walk-forward: choose a combination on one stretch of time, score it on the next, which the choice could not know.

Test stretches follow one another without overlapping, the last one up to the end of the data; each is preceded by its train
stretch. A train stretch counts exits known at its end only. A trade entered in a test stretch counts there even if it ends a
little later; every stretch starts flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from lib.analysis.sweep import PERIOD_HOURS, Progress, Sweep, run_sweep
from lib.analysis.sweep_candidates import PARAMETERS, Candidates
from lib.market.exits import MINUTE

DAY = 1440 * MINUTE
SCORES = ["trades", "win_rate", "net_mean_pct", "total_pct", "sharpe"]


class Fold(NamedTuple):
    """Train (begin, split], test (split, end]; microseconds."""

    begin: int
    split: int
    end: int


@dataclass(frozen=True)
class WalkForward:
    """`folds`: one row a fold, the combination chosen with its figures in_… and out_…, and out_median_pct, the median net mean of
    all combinations out of sample: what choosing at random would have made. `pairs`: in_ and out_ figures of all combinations.
    """

    folds: pd.DataFrame
    pairs: pd.DataFrame
    train_days: float
    test_days: float

    @property
    def rank_correlation(self) -> float | None:
        """Spearman's ρ between net mean in and out of sample, the mean over the folds; None without two combinations."""
        each = [
            fold[["in_net_mean_pct", "out_net_mean_pct"]].dropna().rank().corr().iloc[0, 1]
            for _, fold in self.pairs.groupby("fold")
        ]
        found = pd.Series(each, dtype=float).mean()
        return None if pd.isna(found) else float(found)


def lay_folds(begin: int, end: int, train_days: float, test_days: float) -> list[Fold]:
    """The folds that fit between two instants, in time order; none if the time is too short for one."""
    train, test = int(train_days * DAY), int(test_days * DAY)
    if train <= 0 or test <= 0:
        raise ValueError("train_days and test_days must be more than 0")
    folds = []
    while end - test - train >= begin:
        folds.append(Fold(end - test - train, end - test, end))
        end -= test
    return folds[::-1]


def walk_forward(
    candidates: Candidates,
    train_days: float,
    test_days: float,
    *,
    min_trades: int = 30,
    period_hours: float = PERIOD_HOURS,
    progress: Progress | None = None,
) -> WalkForward:
    """In each fold the combination of the highest Sharpe ratio among those with `min_trades` in train, and its test figures.

    A fold in which none has so many is left out of `folds`.
    """
    laid = lay_folds(candidates.begin, candidates.end, train_days, test_days)
    chosen, pairs = [], []
    for number, fold in enumerate(laid, start=1):
        trained = run_sweep(
            candidates, fold.begin, fold.split, known_until=fold.split, period_hours=period_hours
        )
        tested = run_sweep(candidates, fold.split, fold.end, period_hours=period_hours)
        pair = _pair(trained, tested).assign(fold=number)
        pairs.append(pair)
        eligible = pair[(pair["in_trades"] >= max(min_trades, 1)) & pair["in_sharpe"].notna()]
        if len(eligible):
            best = eligible.loc[eligible["in_sharpe"].idxmax()]
            chosen.append({**_times(fold), **best, "out_median_pct": pair["out_net_mean_pct"].median()})
        if progress is not None:
            progress(f"fold {number} of {len(laid)}")
    columns = ["fold", *PARAMETERS, *(f"{side}_{name}" for side in ("in", "out") for name in SCORES)]
    return WalkForward(
        folds=pd.DataFrame(chosen, columns=["train_from", "split", "test_until", *columns, "out_median_pct"]),
        pairs=pd.concat(pairs, ignore_index=True)[columns] if pairs else pd.DataFrame(columns=columns),
        train_days=train_days,
        test_days=test_days,
    )


def _pair(trained: Sweep, tested: Sweep) -> pd.DataFrame:
    parts = [trained.table[PARAMETERS]]
    parts += [trained.table[SCORES].add_prefix("in_"), tested.table[SCORES].add_prefix("out_")]
    return pd.concat(parts, axis=1)


def _times(fold: Fold) -> dict[str, pd.Timestamp]:
    names = ("train_from", "split", "test_until")
    return {name: pd.Timestamp(at, unit="us", tz="UTC") for name, at in zip(names, fold, strict=True)}
