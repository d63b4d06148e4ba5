"""`ribbon import-trades`: the closed trades of another bot into a trading_data folder, shown before anything is written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib import paths
from lib.contract.schema import RULES_MODEL, SIMULATED_MODEL
from lib.draw.numbers import counted, dollars, percent
from lib.errors import ParameterError
from runner.cli.options import ZONE, AsJson, TradingData, answer
from runner.cli.values import one_of
from runner.terminal.gate import say

if TYPE_CHECKING:
    from lib.foreign.trade_rows import Reading
    from runner.fetch.trades import TradesPlan, WriteCounts

#: As many bad rows are shown; --json has all.
_SHOWN_BAD = 5
#: What the longest lines need before they say anything.
_WARM_UP = timedelta(days=5)
_DATES = {"": None, "day-first": True, "month-first": False}
_SIDES = {"": "", "long": "LONG", "short": "SHORT"}


def import_trades(
    file: Annotated[
        Path, typer.Argument(help="Table of closed trades: CSV, JSON or JSON lines, plain or .gz.")
    ],
    trading_data: TradingData = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="FIELD=COLUMN corrects what is guessed, e.g. entry_time=OpenDate; FIELD= takes none. Repeatable."
        ),
    ] = None,
    timezone: Annotated[
        str,
        typer.Option(help=f"{ZONE} [default: RIBBON_TIMEZONE]"),
    ] = "",
    symbol: Annotated[str, typer.Option(help="Which market, where the file has several.")] = "",
    model: Annotated[
        str, typer.Option(help="Name of who decided. [default: the file's own column, else its name]")
    ] = "",
    direction: Annotated[
        str,
        typer.Option(
            help="long or short, where no column says it.",
            autocompletion=one_of("long", "short"),
        ),
    ] = "",
    dates: Annotated[
        str,
        typer.Option(
            help="day-first or month-first, where 03/04/2025 may be either.",
            autocompletion=one_of("day-first", "month-first"),
        ),
    ] = "",
    contract_size: Annotated[
        float | None,
        typer.Option(help="Units that one of the file's sizes is, where they are lots or contracts."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import the closed trades of another bot: shows which column is taken as what, then writes."""
    import pandas as pd

    from runner.config import load_config
    from runner.fetch.trades import WriteCounts, plan_import, write_trades

    reading = _reading(file, timezone, symbol, model, direction, dates, contract_size)
    folder = paths.trading_data(trading_data)
    plan = plan_import(
        file,
        folder,
        column or [],
        reading,
        load_config().section("terms").costs,
        pd.Timestamp.now("UTC").as_unit("us"),
    )
    for line in preview_lines(plan):
        say(line)
    agreed = plan.new == 0 or yes or _asked(plan)
    written = write_trades(plan) if agreed and plan.new else WriteCounts(skipped=plan.held)
    answer(_written_lines(plan, written, agreed), _summary(plan, written), as_json)


def _reading(
    file: Path,
    timezone: str,
    symbol: str,
    model: str,
    direction: str,
    dates: str,
    contract_size: float | None,
) -> Reading:
    from lib.contract.times import configured_zone
    from lib.foreign.recording import recording_zone
    from lib.foreign.trade_rows import Reading

    if dates not in _DATES or direction.lower() not in _SIDES:
        raise ParameterError("--dates is day-first or month-first, --direction long or short")
    if contract_size is not None and not contract_size > 0:
        raise ParameterError(f"--contract-size {contract_size:g} must be above 0")
    if model.strip().lower() in (RULES_MODEL, SIMULATED_MODEL):
        raise ParameterError(
            f"--model {model}: that name is taken by a decider of this project; give another"
        )
    source = file.name.removesuffix(".gz").rpartition(".")[0] or file.name
    return Reading(
        recording_zone(timezone) if timezone else configured_zone(),
        _DATES[dates],
        symbol,
        _SIDES[direction.lower()],
        model.strip(),
        source,
        contract_size,
        bool(timezone),
    )


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _asked(plan: TradesPlan) -> bool:
    """Whether a person agrees; ParameterError where nobody can be asked."""
    if not _can_ask():
        raise ParameterError(
            "nothing was written: nobody can be asked here. If the columns are right, add --yes; else correct them with --column"
        )
    return typer.confirm(f"Write {counted(plan.new, 'trades')}?", err=True)


def preview_lines(plan: TradesPlan) -> Iterator[str]:
    """What was understood and what would be written, for people."""
    from lib.foreign.trade_columns import FIELDS

    trades = plan.trades
    yield f"{plan.path} -> {plan.folder}: {counted(plan.rows_read, 'rows')} read"
    yield "  taken as (correct one with --column FIELD=COLUMN):"
    for field, name in plan.columns.items():
        yield f"    {field:<14} {name:<26} {plan.examples[field]}"
    lacking = [
        field for field in FIELDS if field not in plan.columns and field not in ("closing_side", "notional")
    ]
    yield f"  no column for: {', '.join(lacking) or 'nothing'}"
    yield f"  not used: {', '.join(plan.unused) or 'nothing'}"
    if trades.exits:
        told = (f"{theirs} is {ours} ({count:,})" for (theirs, ours), count in trades.exits.items())
        yield f"  exits: {', '.join(told)}"
    yield from (f"  note: {note}" for note in trades.notes)
    yield from _left_out(plan)
    yield from _figures(plan.figures())
    yield from _source_lines(plan)
    if plan.held:
        yield f"  {counted(plan.held, 'trades')} of them stand in the folder already; {plan.new:,} new"


def _left_out(plan: TradesPlan) -> Iterator[str]:
    import pandas as pd

    trades = plan.trades
    if trades.other_symbols:
        yield f"  {counted(trades.other_symbols, 'rows')} of other markets left out"
    if trades.open_trades:
        yield f"  {counted(trades.open_trades, 'trades')} still open, left out: import the file again when they have closed"
    if trades.bad:
        counts = pd.Series([row.reason for row in trades.bad]).value_counts()
        yield "  set aside: " + ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
    for row in trades.bad[:_SHOWN_BAD]:
        yield f"    {plan.path.name}, {row.place}: {row.reason}. {row.fix}"
        yield f"      {row.text}"
    if len(trades.bad) > _SHOWN_BAD:
        yield f"    and {len(trades.bad) - _SHOWN_BAD:,} more: --json names them all"


def _figures(figures: dict[str, Any]) -> Iterator[str]:
    total = figures["trades"]
    if not total:
        yield "  no closed trade is left"
        return
    yield (
        f"  {counted(total, 'closed trades')}, {figures['long']:,} LONG and {figures['short']:,} SHORT, "
        f"{figures['first_entry']} to {figures['last_exit']}"
    )
    yield "  decided by: " + ", ".join(f"{name} {count:,}" for name, count in figures["models"].items())
    fees = f"fees known of {figures['with_fees']:,} of {total:,}, else at the configured rate"
    yield (
        f"  won {percent(figures['win_rate'])} (n {total}), sum of net returns {percent(figures['net_pct'], 3, signed=True)} "
        f"(gross {percent(figures['gross_pct'], 3, signed=True)}); {fees}"
    )
    if figures["with_size"]:
        yield (
            f"  account: net {dollars(figures['account_net'])} (gross {dollars(figures['account_gross'])}), "
            f"{figures['with_size']:,} of {counted(total, 'trades')} have a size"
        )
    else:
        yield "  no sizes: what the account made cannot be told"


def _source_lines(plan: TradesPlan) -> Iterator[str]:
    found = plan.source_check()
    column = plan.columns.get("pnl")
    if column is None or found["pnl_is"] == "none":
        return
    if found["pnl_is"] == "unlike":
        yield f"  note: {column!r} is far from price difference x size, and was not used: is it of another currency or size?"
        return
    words = {"net": "net of fees, and taken as what the account got", "gross": "before fees"}[found["pnl_is"]]
    yield f"  {column!r} is {words}"
    if not found["compared"]:
        return
    ours = "prices, size and fee columns" if found["pnl_is"] == "net" else "prices and size"
    told = f"account {dollars(found['source_sum'])} by the source, {dollars(found['own_sum'])} from {ours}"
    far = f"; furthest off: {found['largest']}" if found["largest"] else ""
    yield f"    {told}: {found['deviating']:,} of {counted(found['compared'], 'trades')} differ by more than $0.01 account{far}"


def _written_lines(plan: TradesPlan, written: WriteCounts, agreed: bool) -> Iterator[str]:
    import pandas as pd

    from lib.contract.times import iso
    from lib.lessons.eras import LEDGER_FILE

    if not agreed:
        yield "nothing was written"
        return
    added = written.rows + written.filled
    if not added:
        yield f"nothing to add: {'all trades stand in the folder already' if plan.held else 'there is no closed trade'}"
        return
    yield f"claude_decisions.csv: {counted(added, 'trades')} added, {written.skipped:,} there already"
    if written.filled and (plan.folder / LEDGER_FILE).exists():
        yield "  older hours got trades that the ledger has passed: `ribbon lessons rebuild` takes them in"
    figures = plan.figures()
    span = pd.Timestamp(figures["last_exit"]) - pd.Timestamp(figures["first_entry"])
    yield f"  next: `ribbon cycle --as-of newest --lookback-hours {span // pd.Timedelta(hours=1) + 1}`"
    since = (pd.Timestamp(figures["first_entry"]) - _WARM_UP).floor("D")
    until = pd.Timestamp(figures["last_exit"]).ceil("D")
    yield (
        "  candles for them: `ribbon backfill --exchange NAME --symbol ETH/USDT "
        f"--since {iso(since)} --until {iso(until)}`, then `ribbon lessons rebuild`"
    )


def _summary(plan: TradesPlan, written: WriteCounts) -> dict[str, Any]:
    trades = plan.trades
    return {
        "file": str(plan.path),
        "trading_data": str(plan.folder),
        "rows_read": plan.rows_read,
        "columns": plan.columns,
        "not_used": plan.unused,
        "notes": trades.notes,
        "open_trades": trades.open_trades,
        "other_symbols": trades.other_symbols,
        "set_aside": [vars(row) for row in trades.bad],
        "figures": plan.figures(),
        "source_pnl": plan.source_check(),
        "there_already": plan.held,
        "written": written.rows + written.filled,
    }
