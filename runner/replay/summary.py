"""What a replay leaves for people: summary.json and the equity chart. Figures are lib's, over the trades of the replay's folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from lib.analysis.score import scalper_score
from lib.analysis.trades import actual_trades
from lib.contract.dollars import dollar_decimals
from lib.contract.schema import SUMMARY_FILE
from lib.contract.standing import file_bytes
from lib.contract.times import iso
from lib.data.atomic import replace_json
from lib.data.window import MarketWindow, load_window
from lib.draw.numbers import per_coin
from lib.experiments.log import EXPERIMENTS_FILE
from lib.market.costs import realised_breakeven_win_rate
from lib.market.terms import Terms
from lib.stats.groups import group_stats, round_dollars, round_percent, round_rate
from runner.claude.model_cost import ModelCost
from runner.cycle.manifest import git_commit, versions
from runner.experiment.report import report
from runner.replay.replay import Replay, ReplayResult
from runner.replay.telling import MAY_KNOW
from runner.trade.book import Book
from runner.trade.settings import TradeSettings

CHART_FILE = "equity.png"
#: A stretch of the period without samples is told from this length on.
_TOLD_FROM = pd.Timedelta(hours=1)


def without_rails(folder: Path) -> bool:
    """Whether a folder is that of a replay without rails; False where nothing says so."""
    try:
        found = json.loads(file_bytes(folder / SUMMARY_FILE))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("rails") is False


def write_summary(
    replay: Replay,
    settings: TradeSettings,
    terms: Terms,
    decider: str,
    done: ReplayResult,
    cost: ModelCost,
    warning: str = "",
) -> dict[str, Any]:
    """Write both files; returns what summary.json holds (JSON types).

    `cost`: what the model cost. `warning`: what is known of the model's training and these data.
    """
    hours = (replay.end - replay.start) / pd.Timedelta(hours=1)
    window = load_window(replay.outputs, replay.end, hours)
    trades = actual_trades(window, terms.costs)
    closed = trades.closed
    reasons = {
        str(reason): group_stats(group).model_dump()
        for reason, group in closed.groupby("exit_reason", sort=True)
    }
    summary = {
        "decider": decider,
        "may_know_market": MAY_KNOW,
        "training_warning": warning,
        "source": window.source.as_dict(),
        "trading_data": str(replay.trading_data),
        "from": iso(replay.start),
        "to": iso(replay.end),
        "no_samples": _no_samples(window.in_window(window.samples_5min).index, replay.start, replay.end),
        "rails": replay.rails,
        "ticks": done.ticks,
        "outcomes": dict(sorted(done.outcomes.items())),
        "trades": _trade_figures(closed),
        "by_direction": {
            side: group_stats(closed[closed["direction"] == side]).model_dump() for side in ("LONG", "SHORT")
        },
        "holding": _holding(window, terms.costs.round_trip_pct),
        "dollars": dict.fromkeys(("trades", "holding"), per_coin(window.source.coin))
        | {"account": "account"},
        "by_exit_reason": reasons,
        "scalper_score": scalper_score(closed, terms).model_dump(),
        "open_trades": trades.open_trades,
        "account": _account_figures(done.book),
        "model_cost": asdict(cost) | {"words": cost.words()},
        "halts": done.halts,
        "hours_learned": done.learning.learned,
        "hours_passed_over": done.learning.passed_over,
        "settings": json.loads(settings.model_dump_json()),
        "terms": terms.model_dump(),
        "versions": versions(),
        "commit": git_commit(),
        "experiment": _experiment(replay),
    }
    replace_json(replay.outputs / SUMMARY_FILE, summary)
    _draw_chart(replay.outputs / CHART_FILE, closed, window.source.label)
    return summary


def _no_samples(times: pd.DatetimeIndex, start: pd.Timestamp, end: pd.Timestamp) -> list[dict[str, str]]:
    """Stretches of the period of an hour or more without any of `times` (ascending), oldest first: nothing was replayed there."""
    bounds = [start, *times, end]
    return [
        {"from": iso(before), "to": iso(behind)}
        for before, behind in pairwise(bounds)
        if behind - before >= _TOLD_FROM
    ]


def _experiment(replay: Replay) -> dict[str, Any] | None:
    """The experiment of the replay as it stood at its end; null without one."""
    if not (replay.outputs / EXPERIMENTS_FILE).exists():
        return None
    return report(replay.outputs, int(replay.end.value // 1_000)).model_dump(mode="json")


def _trade_figures(closed: pd.DataFrame) -> dict[str, Any]:
    """All closed trades: the figures of a group, net, with what they made before costs and the win rate at which they would sum to 0."""
    return group_stats(closed).model_dump() | {
        "breakeven_win_rate": round_rate(realised_breakeven_win_rate(closed["net_pct"])),
        "gross_pnl": round_dollars(float(closed["gross_usd"].sum()), dollar_decimals(closed["entry_price"])),
        "gross_pnl_pct": round_percent(float(closed["gross_pct"].sum())),
    }


def _holding(window: MarketWindow, cost_pct: float) -> dict[str, float | None]:
    """One coin bought at the first price of the replay and sold at the last: percent of the first price, and dollars per 1 coin."""
    prices = window.in_window(window.samples_5min)["price"].dropna()
    if prices.empty:
        return dict.fromkeys(("from_price", "to_price", "gross_pct", "net_pct", "net_pnl"))
    first, last = float(prices.iloc[0]), float(prices.iloc[-1])
    gross_pct = (last / first - 1) * 100
    net_pct = gross_pct - cost_pct
    return {
        "from_price": first,
        "to_price": last,
        "gross_pct": round_percent(gross_pct),
        "net_pct": round_percent(net_pct),
        "net_pnl": round_dollars(net_pct / 100 * first, dollar_decimals(first)),
    }


def _account_figures(book: Book) -> dict[str, Any]:
    """Money in quote currency: where the account began and ended, fees paid."""
    begun = book.equity - sum(trade.net for trade in book.closed)
    return {
        "equity_begun": begun,
        "equity": book.equity,
        "return_pct": (book.equity / begun - 1) * 100,
        "fees": sum(2 * fill.fee for fill in book.fills) - (book.held.fee if book.held else 0.0),
        "entries": len(book.fills),
        "halted": book.halted,
    }


def _draw_chart(path: Path, closed: pd.DataFrame, who: str) -> None:
    """The equity chart of lib.draw as a PNG file."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from lib.draw.actual_trades import draw_equity
    from lib.draw.style import new_axes

    ax = draw_equity(new_axes(source=who), closed, who=who)
    ax.figure.savefig(path)
    plt.close(ax.figure)
