"""Two sets of closed trades side by side: what of them is the same, and how far apart their means are.

An episode is one of the trades of both sides together where they are of one market (docs/evidence-method.md, Two side by side): trades that
overlap share their market, whosever they are, so an episode in which both traded is a pair. Trades that both sides have out of one log are
left out, as they can make no difference.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from lib.contract.results import Model
from lib.market.readings import instants
from lib.stats.differences import LEAST_EPISODES, Difference, difference_interval
from lib.stats.episodes import assign_episodes
from lib.stats.groups import round_percent

Verdict = Literal["more", "less", "not shown", "the same", "constant", "too few", "nothing"]
#: What tells one row of a log from another.
_ROW = ["timestamp", "decision_id", "direction", "entry_time", "entry_price"]
_DAY_US = 86_400_000_000
#: Percent; returns that differ by less differ by rounding.
_ALIKE = 1e-9


class MeanDifference(Model):
    """How much more, or less, B made an episode than A."""

    of: str = Field(description="Which trades and returns: net, gross, LONG or SHORT (both net).")
    trades_a: int = Field(description="Trades of A that count here.")
    trades_b: int = Field(description="Trades of B that count here.")
    episodes_a: int = Field(description="Episodes with such trades of A.")
    episodes_b: int = Field(description="Episodes with such trades of B.")
    pairs: int = Field(description="Episodes with such trades of both: there the difference is paired.")
    mean_a_pct: float | None = Field(
        description="Mean of A's episode means, percent; null without an episode."
    )
    mean_b_pct: float | None = Field(
        description="Mean of B's episode means, percent; null without an episode."
    )
    difference_pct: float | None = Field(
        description="Mean of B less mean of A, points of percent; null where either has no episode."
    )
    low_pct: float | None = Field(
        description="Lower end of its 95 % interval, points of percent; null without a spread to measure."
    )
    high_pct: float | None = Field(
        description="Upper end of its 95 % interval, points of percent; null without a spread to measure."
    )
    inflation: float = Field(
        description="By how much days that hang together widen its variance; 1: not at all."
    )
    verdict: Verdict = Field(
        description="more or less: its interval leaves 0 out; constant: every episode differs by the same; too few: under 10 episodes "
        "on a side; nothing: none on a side."
    )

    @property
    def has_interval(self) -> bool:
        """Whether there is an interval that may be told."""
        return self.low_pct is not None and self.verdict in ("more", "less", "not shown")


class SideBySide(Model):
    """What two sets of closed trades have in common, and how far apart the rest is."""

    shared: int = Field(description="Trades that both have out of one log; they are left out below.")
    same_instants: int = Field(
        description="Entries of A, of those that are left, at whose instant B entered too."
    )
    days: int = Field(description="UTC days on which an episode that counts began.")
    differences: list[MeanDifference] = Field(
        description="All trades net, which the answer rests on; then gross, LONG and SHORT."
    )

    @property
    def net(self) -> MeanDifference:
        """That of all trades after costs."""
        return self.differences[0]


def side_by_side(a: pd.DataFrame, b: pd.DataFrame, *, one_market: bool, one_log: bool) -> SideBySide:
    """Compare closed trades, priced (lib.analysis.trades.price_log), of which `one_market` says whether their episodes are found together,
    and `one_log` whether equal rows are the same trade.
    """
    shared = 0
    if one_log:
        rows = [pd.MultiIndex.from_frame(side[_ROW]) for side in (a, b)]
        kept = [~rows[0].isin(rows[1]), ~rows[1].isin(rows[0])]
        shared = int((~kept[0]).sum())
        a, b = a[kept[0]], b[kept[1]]
    both = _with_episodes(a, b, one_market)
    return SideBySide(
        shared=shared,
        same_instants=int(a["entry_time"].isin(b["entry_time"]).sum()) if one_market else 0,
        days=both["day"].nunique(),
        differences=[
            _difference("net", both, "net_pct"),
            _difference("gross", both, "gross_pct"),
            *(_difference(side, both[both["direction"] == side], "net_pct") for side in ("LONG", "SHORT")),
        ],
    )


def _with_episodes(a: pd.DataFrame, b: pd.DataFrame, one_market: bool) -> pd.DataFrame:
    """The trades of both with `side` ("a", "b"), `episode`, and the `day` (number, UTC) on which the episode began."""
    names = ["direction", "entry_time", "exit_time", "net_pct", "gross_pct"]
    both = pd.concat([a[names].assign(side="a"), b[names].assign(side="b")], ignore_index=True)
    if one_market:
        both["episode"] = assign_episodes(both["entry_time"], both["exit_time"])
    else:  # even numbers are A's, odd ones B's
        apart = [2 * assign_episodes(side["entry_time"], side["exit_time"]) for side in (a, b)]
        both["episode"] = np.r_[apart[0], apart[1] + 1]
    begun = pd.Series(instants(both["entry_time"])).groupby(both["episode"]).transform("min")
    return both.assign(day=begun // _DAY_US)


def _difference(of: str, both: pd.DataFrame, column: str) -> MeanDifference:
    means = both.pivot_table(index="episode", columns="side", values=column, aggfunc="mean")
    means = means.reindex(columns=["a", "b"]).astype(float)
    first, second = (means[side].to_numpy() for side in ("a", "b"))
    days = both.groupby("episode")["day"].first().reindex(means.index).to_numpy()
    found = difference_interval(first, second, days)
    trades = both["side"].value_counts()
    episodes = [int(np.isfinite(values).sum()) for values in (first, second)]
    return MeanDifference(
        of=of,
        trades_a=int(trades.get("a", 0)),
        trades_b=int(trades.get("b", 0)),
        episodes_a=episodes[0],
        episodes_b=episodes[1],
        pairs=int((np.isfinite(first) & np.isfinite(second)).sum()),
        mean_a_pct=round_percent(float(np.nanmean(first))) if episodes[0] else None,
        mean_b_pct=round_percent(float(np.nanmean(second))) if episodes[1] else None,
        difference_pct=round_percent(found.mean) if found else None,
        low_pct=round_percent(found.low) if found else None,
        high_pct=round_percent(found.high) if found else None,
        inflation=round(found.inflation, 2) if found else 1.0,
        verdict=_verdict(first, second, found),
    )


def _verdict(first: np.ndarray, second: np.ndarray, found: Difference | None) -> Verdict:
    if found is None:
        return "nothing"
    if np.array_equal(first, second):
        return "the same"
    if min(np.isfinite(first).sum(), np.isfinite(second).sum()) < LEAST_EPISODES:
        return "too few"
    apart = second - first
    if np.isfinite(apart).all() and np.allclose(apart, apart[0], rtol=0, atol=_ALIKE):
        return "constant"
    if found.low is None or found.high is None:
        return "not shown"
    return "more" if found.low > 0 else "less" if found.high < 0 else "not shown"
