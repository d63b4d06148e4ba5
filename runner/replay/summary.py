"""What a replay leaves for people: summary.json and the equity chart. Figures are lib's, over the trades of the replay's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from lib.analysis.score import scalper_score
from lib.analysis.trades import actual_trades
from lib.contract.times import iso
from lib.data.atomic import replace_json
from lib.data.window import load_window
from lib.market.terms import Terms
from lib.stats.groups import group_stats
from runner.replay.replay import Replay, ReplayResult
from runner.trade.book import Book
from runner.trade.settings import TradeSettings

_SUMMARY_FILE, _CHART_FILE = "summary.json", "equity.png"


def write_summary(
    replay: Replay, settings: TradeSettings, terms: Terms, decider: str, done: ReplayResult
) -> dict[str, Any]:
    """Write both files; returns what summary.json holds (JSON types)."""
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
        "source": window.source.as_dict(),
        "trading_data": str(replay.trading_data),
        "from": iso(replay.start),
        "to": iso(replay.end),
        "rails": replay.rails,
        "ticks": done.ticks,
        "outcomes": dict(sorted(done.outcomes.items())),
        "trades": group_stats(closed).model_dump(),
        "by_exit_reason": reasons,
        "scalper_score": scalper_score(closed, terms).model_dump(),
        "open_trades": trades.open_trades,
        "account": _account_figures(done.book),
        "model_cost_usd": float(window.in_window(window.decisions)["model_cost_usd"].sum()),
        "halts": done.halts,
        "hours_learned": done.learning.learned,
        "hours_passed_over": done.learning.passed_over,
        "settings": json.loads(settings.model_dump_json()),
        "terms": terms.model_dump(),
    }
    replace_json(replay.outputs / _SUMMARY_FILE, summary)
    _draw_chart(replay.outputs / _CHART_FILE, closed, window.source.label)
    return summary


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


def summary_lines(summary: dict[str, Any], outputs: Path) -> list[str]:
    """For people."""
    trades, account = summary["trades"], summary["account"]
    won = "" if trades["win_rate"] is None else f", won {trades['win_rate']:.1f} %"
    lines = [
        f"{summary['source']['label']}, {summary['from']} to {summary['to']}: {summary['ticks']:,} ticks",
        f"  trades: {trades['total']}{won}, net {trades['total_pnl_pct']:+.2f} % (sum)",
        f"  account: {account['equity_begun']:,.2f} -> {account['equity']:,.2f} ({account['return_pct']:+.2f} %), "
        f"fees {account['fees']:,.2f}",
        f"  halts: {len(summary['halts'])}; hours learned: {summary['hours_learned']}",
        "  outcomes: " + ", ".join(f"{name} {count:,}" for name, count in summary["outcomes"].items()),
        f"  {outputs / _SUMMARY_FILE}, {outputs / _CHART_FILE}",
    ]
    return lines
