"""What the sealed part says of a question, at the level that was spent: proven, proven worse, or not shown.

The bets of a lesson (docs/evidence-method.md, The e-process) over the episodes of the sealed part: the mean above zero, and below it, each
at the question's level; no mean but exactly zero makes both wrong. What would surprise: e-values count at every episode on the way, as
they do in the ledger, so that a question whose edge showed and faded is proven; its mean and bounds stand beside.
"""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from lib.contract.results import Model
from lib.market.exits import MINUTE, ExitRule
from lib.market.readings import instants
from lib.market.terms import Terms, declared_bounds
from lib.stats.betting import MEAN
from lib.stats.dependence import DayCells
from lib.stats.episodes import episode_means
from lib.stats.groups import round_percent, round_rate
from lib.stats.levels import BUDGETS, SOUGHT_PCT, episodes_needed

Verdict = Literal["proven", "not shown", "proven worse"]
CONFIRMED = BUDGETS["confirmed"]
_DAY = 24 * 60 * MINUTE
#: As the ledger has it: what spreads less than usual trades needs no fewer of them.
_USUAL_SD_PCT, _LEAST_FOR_SD = 0.16, 20
#: Stands for the log of an empty bet: JSON knows no infinity.
_EMPTY = -1e9


class Confirmation(Model):
    """A verdict with its figures; net of costs, bounds at the question's own level."""

    verdict: Verdict = Field(description="proven, not shown, or proven worse.")
    level: float = Field(description="The level that was spent, a share of 1.")
    since: str = Field(description="The boundary: trades entered later count, ISO 8601 in UTC.")
    until: str = Field(description="When the last row that counted was known, ISO 8601 in UTC.")
    days: float = Field(description="Length of the sealed part, days.")
    trades: int = Field(description="Closed trades of the sealed part.")
    episodes: int = Field(description="Episodes that they belong to.")
    win_rate: float | None = Field(
        description="Trades with a net return above 0, percent; null without a trade."
    )
    net_mean_pct: float | None = Field(description="Net mean of an episode, percent; null without a trade.")
    net_low_pct: float | None = Field(
        description="Largest mean that is rejected from below at the level, percent; null where none is."
    )
    net_high_pct: float | None = Field(
        description="Smallest mean that is rejected from above at the level, percent; null where none is."
    )
    net_total_pct: float = Field(description="Sum of net returns, percent of the entry prices.")
    evidence: float = Field(
        description="Log of the largest e-value for a gain, as a share of what the level asks for; proven at 1."
    )
    evidence_worse: float = Field(description="The same for a loss.")
    inflation: float = Field(
        description="By how much days that hang together temper the evidence at the end; 1: not at all."
    )
    ruled_out: bool = Field(
        description="Whether an edge of 0.05 % an episode is already ruled out at the level."
    )
    more_episodes: int | None = Field(
        description="About how many more episodes an edge of 0.05 % would take to show; null where that is no question any more."
    )
    more_days: float | None = Field(
        description="About how many days those are, at the rate of the sealed part; null where unknown."
    )
    beyond_declared: int = Field(
        description="Losses, or gains, larger than a trade declared at its entry: with any, the level is not exact."
    )
    log_e: float = Field(
        0.0, description="Log of the e-value for a gain at the end, not the largest: what replications count."
    )


class _Bets(NamedTuple):
    largest: float  #: log e-value, the largest on the way
    end: float  #: and that at the end
    bound: float | None  #: largest mean on this side that is rejected
    beyond: int


def confirmation(
    closed: pd.DataFrame, k: int, since: str, until: str, days: float, exits: ExitRule, terms: Terms
) -> Confirmation:
    """The verdict on the sealed part's closed trades (lib.questions.trades) at level number `k` of confirmed questions.

    Without a target a trade declares the furthest that the terms allow; a gain beyond it is counted (`beyond_declared`).
    """
    level = CONFIRMED.level(k)
    net = closed["net_pct"].to_numpy(float)
    x, tempering, inflation = episodes_of(closed)
    worst, best = question_bounds(exits, terms)
    gain, loss = _bets(x, worst, tempering, level), _bets(-x, best, tempering, level)
    needed = -log(level)
    verdict: Verdict = (
        "proven" if gain.largest >= needed else "proven worse" if loss.largest >= needed else "not shown"
    )
    high = None if loss.bound is None else -loss.bound
    ruled_out = high is not None and high < SOUGHT_PCT
    more = None if verdict != "not shown" or ruled_out else _more(x, level, inflation)
    return Confirmation(
        verdict=verdict,
        level=level,
        since=since,
        until=until,
        days=round(days, 2),
        trades=len(net),
        episodes=len(x),
        win_rate=round_rate(float((net > 0).mean()) * 100) if len(net) else None,
        net_mean_pct=round_percent(float(x.mean())) if len(x) else None,
        net_low_pct=round_percent(gain.bound),
        net_high_pct=round_percent(high),
        net_total_pct=round_percent(float(net.sum())) or 0.0,
        evidence=round(max(gain.largest, 0.0) / needed, 4),
        evidence_worse=round(max(loss.largest, 0.0) / needed, 4),
        inflation=round(inflation, 4),
        ruled_out=ruled_out,
        more_episodes=more,
        more_days=round(more * days / len(x), 1) if more is not None and len(x) else None,
        beyond_declared=gain.beyond + loss.beyond,
        log_e=round(gain.end, 6),
    )


def question_bounds(exits: ExitRule, terms: Terms) -> tuple[float, float]:
    """Largest loss and largest gain that a question's trade declares; without a target the furthest that the terms allow."""
    return declared_bounds(
        replace(exits, target_pct=min(exits.target_pct, terms.max_target_pct)), terms.costs
    )


def episodes_of(closed: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, float]:
    """Of closed trades: the episodes' mean net returns (n, percent) in their order, what tempers each (n), and the inflation at the end."""
    order = np.argsort(instants(closed["exit_time"]), kind="stable")
    x = episode_means(closed["episode"].to_numpy()[order], closed["net_pct"].to_numpy(float)[order])
    ended = pd.Series(instants(closed["exit_time"])).groupby(closed["episode"].to_numpy()).max().to_numpy()
    tempering, inflation = _tempering(x, ended)
    return x, tempering, inflation


def _bets(x: np.ndarray, worst: float, tempering: np.ndarray, level: float) -> _Bets:
    sums, largest = MEAN.start(), 0.0
    for value, inflation in zip(x.tolist(), tempering.tolist(), strict=True):
        MEAN.bet(sums, value, worst, inflation)
        largest = max(largest, MEAN.log_e(sums))
    declared = np.full(len(x), worst)
    return _Bets(
        largest,
        max(MEAN.log_e(sums), _EMPTY),
        MEAN.lower_bound(x, declared, tempering, -log(level)),
        int((x < -worst).sum()),
    )


def _tempering(x: np.ndarray, ended: np.ndarray) -> tuple[np.ndarray, float]:
    """The inflation known before each episode, and that at the end."""
    cells, found = DayCells(), np.ones(len(x))
    for place, (value, at) in enumerate(zip(x.tolist(), ended.tolist(), strict=True)):
        cells.observe(at // _DAY, "all", value)
        found[place] = cells.inflation
    return found, cells.inflation


def _more(x: np.ndarray, level: float, inflation: float) -> int:
    spread = float(x.std(ddof=1)) if len(x) >= _LEAST_FOR_SD else _USUAL_SD_PCT
    return max(0, round(episodes_needed(level, max(spread, _USUAL_SD_PCT)) * inflation) - len(x))
