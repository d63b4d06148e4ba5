"""The whole log in one line: what all trades of a folder made up to an instant, and when its lessons were proven, told and ended.

Every closed trade counts once, at its exit, whatever cycles saw it. What would surprise: trades from before the first cycle count too; a
row that logs no fees pays the costs of today's terms; and what was made before and since Claude was told goes by when a trade was decided.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field

from lib import paths
from lib.analysis.trades import price_log
from lib.contract.dollars import CENTS, dollar_decimals
from lib.contract.results import GroupStats, Model
from lib.contract.times import iso
from lib.data.atomic import replace_json
from lib.data.decisions import load_executed
from lib.errors import DataError
from lib.history.lesson_effects import LessonEffect
from lib.market.costs import Costs
from lib.market.readings import instant, instants
from lib.stats.episodes import assign_episodes
from lib.stats.groups import group_stats, round_dollars

WHOLE_LOG = "whole_log"
#: Stretches of time of which the line has its last value, and the highest and the lowest of all besides.
STRETCHES = 400
MarkKind = Literal["proven", "told", "ended"]


def _instant(at: str) -> str:
    """An ISO time with its zone, as it was. Raises ValueError for another text."""
    if datetime.fromisoformat(at).tzinfo is None:
        raise ValueError(f"{at!r} names no zone")
    return at


#: An ISO time in UTC, checked as it is read: pages place it without a second look.
Instant = Annotated[str, AfterValidator(_instant)]


class LessonMark(Model):
    """When something became of lessons."""

    at: Instant = Field(description="When, ISO time in UTC.")
    kind: MarkKind = Field(
        description="proven (and large enough, of a lesson that is told now), told (lessons for the first time), or ended."
    )
    lessons: list[str] = Field(
        description="What they claim, in words; empty where only their number is known."
    )
    count: int = Field(description="How many.")


class LogPoint(Model):
    """The running sums of the closed trades at an instant."""

    at: Instant = Field(description="Exit of the newest of them, ISO time in UTC.")
    net: float = Field(description="Sum of their P&L, dollars, net, per 1 coin.")
    gross: float = Field(description="The same before costs.")


class ToldFrom(Model):
    """From when on Claude was told lessons, and what trades made that were decided before and since."""

    at: Instant = Field(description="When it was first told lessons, ISO time in UTC.")
    before: GroupStats = Field(description="Trades decided before it.")
    since: GroupStats = Field(description="Trades decided at it or later.")


class WholeLog(Model):
    """What notebook 06 leaves of the whole log in the run folder."""

    as_of: Instant = Field(description="Up to when it is known, ISO time in UTC.")
    trades: int = Field(description="Closed trades.")
    since: Instant | None = Field(
        description="Entry of the first of them, ISO time in UTC; null without a trade."
    )
    net: float = Field(description="Sum of their P&L, dollars, net, per 1 coin.")
    gross: float = Field(description="The same before costs.")
    lowest: float = Field(description="Lowest running net sum, at most 0.")
    highest: float = Field(description="Highest running net sum, at least 0.")
    points: list[LogPoint] = Field(description="The line, oldest first; every trade is in the last one.")
    unread: str = Field("", description="Why the log could not be read; empty where it was.")
    cycles: int = Field(0, description="Cycles that are recorded.")
    marks: list[LessonMark] = Field([], description="What became of lessons, oldest first.")
    told_from: ToldFrom | None = Field(
        None,
        description="Since when Claude is told lessons; null where it was told none, or that is not recorded.",
    )


class ClosedLog(NamedTuple):
    """All closed trades of a folder as they were known at `as_of`, priced, in the order of their exits; `unread`: why there are none."""

    as_of: pd.Timestamp
    trades: pd.DataFrame
    unread: str = ""


def closed_log(folder: str | Path | None, as_of: pd.Timestamp, costs: Costs) -> ClosedLog:
    """Those of a trading_data folder.

    A log that cannot be read as a whole is no error here: a window of it may be sound.
    """
    try:
        closed = price_log(load_executed(paths.trading_data(folder), as_of), costs).closed
    except DataError as error:
        return ClosedLog(as_of, pd.DataFrame(), str(error))
    closed = closed.assign(left=instants(closed["exit_time"])).sort_values("left", kind="stable")
    return ClosedLog(as_of, closed)


def whole_log(closed: ClosedLog) -> WholeLog:
    """All of them in one line, without cycles and marks."""
    trades = closed.trades
    points = _points(trades)
    sums, decimals = pd.Series([0.0]), CENTS
    if len(trades):
        sums, decimals = trades["net_usd"].cumsum(), dollar_decimals(trades["entry_price"])
    return WholeLog(
        as_of=iso(closed.as_of),
        trades=len(trades),
        since=iso(trades["entry_time"].min()) if len(trades) else None,
        net=points[-1].net if points else 0.0,
        gross=points[-1].gross if points else 0.0,
        lowest=round_dollars(min(0.0, sums.min()), decimals),
        highest=round_dollars(max(0.0, sums.max()), decimals),
        points=points,
        unread=closed.unread,
    )


def with_lessons(
    closed: ClosedLog, history: pd.DataFrame, effects: Sequence[LessonEffect], told: Collection[str]
) -> WholeLog:
    """The same with its cycles (`history`: lib.history.trends) and marks; `told`: ids of the lessons that are told now."""
    cycles = int(history["cycle_number"].max()) if len(history) else 0
    proven = [
        LessonMark(at=effect.large_since, kind="proven", lessons=[effect.statement], count=1)
        for effect in effects
        if effect.id in told
    ]
    ended = [
        LessonMark(at=effect.until, kind="ended", lessons=[effect.statement], count=1)
        for effect in effects
        if effect.until is not None
    ]
    first = _first_told(history)
    marks = sorted([*proven, *first, *ended], key=lambda mark: mark.at)
    told_from = _told_from(closed.trades, first[0].at) if first and len(closed.trades) else None
    found = whole_log(closed)
    return found.model_copy(update={"cycles": cycles, "marks": marks, "told_from": told_from})


def _told_from(closed: pd.DataFrame, at: str) -> ToldFrom:
    trades = closed.assign(episode=assign_episodes(closed["entry_time"], closed["exit_time"]))
    since = (trades["timestamp"] >= pd.Timestamp(at)).to_numpy()
    return ToldFrom(at=at, before=group_stats(trades, ~since), since=group_stats(trades, since))


def publish_whole_log(log: WholeLog, run_dir: str | Path) -> None:
    """Leave it in `<run_dir>/results/whole_log.json`, if there is a run_dir."""
    if run_dir:
        folder = Path(run_dir) / "results"
        folder.mkdir(parents=True, exist_ok=True)
        replace_json(folder / f"{WHOLE_LOG}.json", {"name": WHOLE_LOG, "result": log.model_dump(mode="json")})


def _first_told(history: pd.DataFrame) -> list[LessonMark]:
    """The first cycle that told a lesson, if it is among the records that were read."""
    told = history["lessons_to_act_on"].to_numpy() > 0
    if not told.any():
        return []
    first = int(np.argmax(told))
    if first == 0 and history["cycle_number"].iloc[0] != 1:
        return []  # there are older records
    count = int(history["lessons_to_act_on"].iloc[first])
    return [LessonMark(at=iso(history.index[first]), kind="told", lessons=[], count=count)]


def _points(closed: pd.DataFrame) -> list[LogPoint]:
    """The running sums of trades in order of their exits, thinned to what a line of STRETCHES stretches shows."""
    if closed.empty:
        return []
    at, net, gross = (closed[name].to_numpy() for name in ("left", "net_usd", "gross_usd"))
    net, gross = net.cumsum(), gross.cumsum()
    begun = instant(closed["entry_time"].min())
    stretch = (at - begun) * STRETCHES // max(1, at[-1] - begun)
    last = np.flatnonzero(np.diff(stretch, append=stretch[-1] + 1))
    chosen = np.union1d(last, [found for sums in (net, gross) for found in (sums.argmin(), sums.argmax())])
    times, decimals = closed["exit_time"].iloc[chosen], dollar_decimals(closed["entry_price"])
    return [
        LogPoint(at=iso(when), net=round_dollars(float(n), decimals), gross=round_dollars(float(g), decimals))
        for when, n, g in zip(times, net[chosen], gross[chosen], strict=True)
    ]
