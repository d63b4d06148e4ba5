"""What a replay says to people: its summary in lines, whose money a figure is, and what a model may know of the market that it replays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract.dollars import Coin
from lib.draw.numbers import dollars, percent, price_words
from runner.experiment.report import Report, report_lines

#: Said with every replay: what a decider made here is compared with others, and only a model can have read of these prices.
MAY_KNOW = (
    "a model may know the market that it replays: dates and prices are in its prompt, and may have been in its training. "
    "What it makes on old data is no measure of what it makes on new ones"
)

_MOST_STRETCHES = 3


def training_warning(start: pd.Timestamp, end: pd.Timestamp, training_until: str) -> str:
    """What to be warned of if the data from `start` to `end` lie before the end of the model's training ("YYYY-MM"; "": not known)."""
    if not training_until:
        return ""
    trained = pd.Timestamp(f"{training_until}-01", tz="UTC") + pd.DateOffset(months=1)
    if start >= trained:
        return ""
    part = "all of these data lie" if end <= trained else "these data begin"
    return (
        f"{part} before the end of the model's training ([claude] training_until = {training_until}): "
        "it may remember these prices, and what it makes here proves nothing"
    )


def summary_lines(summary: dict[str, Any], files: list[Path]) -> list[str]:
    """The summary for people, and the files that it stands in."""
    return [
        f"{summary['source']['label']}, {summary['from']} to {summary['to']}: {summary['ticks']:,} ticks",
        *_no_samples_lines(summary["no_samples"]),
        *_trade_lines(summary),
        _holding_line(summary),
        _account_line(summary["account"]),
        *([f"  model: {summary['model_cost']['words']}"] if summary["model_cost"]["calls"] else []),
        *_halt_lines(summary["halts"]),
        f"  hours learned: {summary['hours_learned']}",
        "  outcomes: " + ", ".join(f"{name} {count:,}" for name, count in summary["outcomes"].items()),
        *_experiment_lines(summary.get("experiment")),
        *([f"  warning: {summary['training_warning']}"] if summary["training_warning"] else []),
        f"  note: {summary['may_know_market']}",
        f"  {', '.join(map(str, files))}",
    ]


def _no_samples_lines(stretches: list[dict[str, str]]) -> list[str]:
    """The longest stretches of which nothing was replayed, and how many more there are."""
    if not stretches:
        return []
    longest = sorted(stretches, key=_hours, reverse=True)[:_MOST_STRETCHES]
    told = "; ".join(
        f"{_minute(each['from'])} to {_minute(each['to'])}, {_hours(each):,.1f} h" for each in longest
    )
    more = f"; and {len(stretches) - len(longest)} shorter" if len(stretches) > len(longest) else ""
    return [f"  no samples, so nothing was replayed: {told}{more}"]


def _hours(stretch: dict[str, str]) -> float:
    return (pd.Timestamp(stretch["to"]) - pd.Timestamp(stretch["from"])) / pd.Timedelta(hours=1)


def _experiment_lines(found: dict[str, Any] | None) -> list[str]:
    """How the experiment of a replay stood at its end."""
    if found is None:
        return []
    first, *rest = report_lines(Report.model_validate(found))
    return [f"  experiment {first}", *(f"  {line}" for line in rest)]


def _trade_lines(summary: dict[str, Any]) -> list[str]:
    trades, unit, coin = summary["trades"], summary["dollars"]["trades"], Coin.of(summary["source"])
    head = f"  trades: {trades['total']:,} closed, {summary['open_trades']} open"
    if not trades["total"]:
        return [head]
    needed = trades["breakeven_win_rate"]
    against = (
        "no break-even rate without both wins and losses"
        if needed is None
        else f"break-even {percent(needed)}"
    )
    costs = trades["gross_pnl_pct"] - trades["total_pnl_pct"]
    return [
        f"{head}; won {percent(trades['win_rate'])}, {against}",
        f"    gross {percent(trades['gross_pnl_pct'], 2, signed=True)}, fees {percent(costs, 2)}, "
        f"net {percent(trades['total_pnl_pct'], 2, signed=True)} (sums, of entry prices)",
        f"    gross {dollars(trades['gross_pnl'], coin)}, net {dollars(trades['total_pnl'], coin)} {unit}",
        *(_side_line(side, group, unit, coin) for side, group in summary["by_direction"].items()),
    ]


def _side_line(side: str, group: dict[str, Any], unit: str, coin: Coin) -> str:
    if not group["total"]:
        return f"    {side}: none"
    return (
        f"    {side}: {group['total']}, won {percent(group['win_rate'])}, "
        f"net {percent(group['total_pnl_pct'], 2, signed=True)}, {dollars(group['total_pnl'], coin)} {unit}"
    )


def _holding_line(summary: dict[str, Any]) -> str:
    held, coin = summary["holding"], Coin.of(summary["source"])
    if held["net_pct"] is None:
        return "  holding instead: no price"
    return (
        f"  holding instead, from {price_words(held['from_price'])} to {price_words(held['to_price'])}: "
        f"net {percent(held['net_pct'], 2, signed=True)}, {dollars(held['net_pnl'], coin)} {summary['dollars']['holding']}"
    )


def _account_line(account: dict[str, Any]) -> str:
    return (
        f"  account: ${account['equity_begun']:,.2f} -> ${account['equity']:,.2f} "
        f"({percent(account['return_pct'], 2, signed=True)}), fees ${account['fees']:,.2f}"
    )


def _halt_lines(halts: list[dict[str, str]]) -> list[str]:
    if not halts:
        return ["  halts: none"]
    lines = [f"  halts: {len(halts)}"]
    for halt in halts:
        lifted = f"lifted {_minute(halt['lifted'])}" if halt.get("lifted") else "not lifted"
        lines.append(f"    {_minute(halt['at'])} {halt['reason'].replace('_', ' ')}, {lifted}")
    return lines


def _minute(text: str) -> str:
    return f"{pd.Timestamp(text).strftime('%Y-%m-%d %H:%M')} UTC"
