"""Closed trades of a foreign table as a decisions frame: one executed decision a trade, made and filled at its entry.

Nothing is repaired: a row that cannot be a trade is set aside with its place, its text and what would help. What would surprise: a trade's
id is made of its content, so the same trade is known again, whatever file it comes in and whatever model is named for it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.contract.visible import visible
from lib.data.decisions import empty_decisions
from lib.errors import DataError, HeaderError, ParameterError
from lib.foreign.market_name import plain_market, same_market
from lib.foreign.recogniser.instants import not_a_time
from lib.foreign.trade_columns import NEEDED
from lib.foreign.trade_money import SourceCheck, TradeMoney, check_source
from lib.foreign.trade_money_columns import read_money
from lib.foreign.trade_rows import Cells, Reading, read_fields
from lib.foreign.trade_table import BadRow, TradeTable, in_pairs
from lib.foreign.trade_values import exit_reason_of, looks_like_time, numbers_of
from lib.foreign.trade_words import is_uncertain_time, words_of

#: What a column says of orders alone, in small letters.
_ORDER_STATES = frozenset(
    ("filled", "partially filled", "cancelled", "canceled", "rejected", "expired", "working", "new")
)
SYMBOL = "symbol"


@dataclass(frozen=True)
class ClosedTrades:
    """The trades as a decisions frame in order of entry, and what was left out."""

    decisions: pd.DataFrame  #: schema.DECISION_COLUMNS and `symbol`
    check: SourceCheck
    places: list[str]  #: of each decision
    bad: list[BadRow]
    open_trades: int
    other_symbols: int
    notes: list[str]
    exits: dict[tuple[str, str], int]  #: how often each reason of the source became which of ours


def closed_trades(
    table: TradeTable, columns: Mapping[str, str], reading: Reading, now: pd.Timestamp
) -> ClosedTrades:
    """The closed trades of a table whose `columns` say which field stands where; `now`: no exit can be later.

    Raises HeaderError for a field that no column has, ParameterError for what must be told, NaiveTimeError, and DataError where the
    table's P&L contradicts its sides or sizes.
    """
    _need(table, columns, reading)
    chosen, symbol, others = _one_market(table, columns, reading.symbol)
    cells = Cells(table.table[chosen].reset_index(drop=True), columns)
    places = [place for place, keep in zip(table.places, chosen, strict=True) if keep]
    numbers = [number for number, keep in enumerate(chosen) if keep]
    notes = _notes(cells)
    fields, is_open, why = read_fields(table, cells, places, reading, now)
    fields["decision_id"] = _ids(fields, cells, symbol)
    repeated = (
        (why == "") & ~is_open & fields["decision_id"].where((why == "") & ~is_open).duplicated().to_numpy()
    )
    why[repeated] = "duplicate|It stands in the file before; nothing to do"
    bad = [
        BadRow(places[row], table.row_text(numbers[row]), *why[row].split("|", 1))
        for row in np.flatnonzero((why != "") & ~is_open)
    ]
    good = np.flatnonzero((why == "") & ~is_open)
    good = good[np.argsort(fields["entry_time"].iloc[good].to_numpy(), kind="stable")]
    try:
        money = read_money(fields.iloc[good], cells.rows(good), reading, symbol, notes)
        check = check_source(money, _named(columns.get("pnl", "")))
    except DataError as error:
        raise error.of_file(table.path) from None
    frame = _decisions(
        fields.iloc[good].reset_index(drop=True), cells.rows(good), money, check, reading, symbol
    )
    return ClosedTrades(
        frame,
        check,
        [places[row] for row in good],
        [*table.malformed, *bad],
        int(is_open.sum()),
        others,
        notes,
        _exits(cells.rows(good)),
    )


def _notes(cells: Cells) -> list[str]:
    """What a person should know of how the columns are taken."""
    notes, name = [], cells.columns["entry_time"]
    if is_uncertain_time(name):
        notes.append(f"{name!r} may be of the closing order: check that it is when the trade was opened")
    if "confidence" in cells.columns and not np.nan_to_num(cells.numbers("confidence")).any():
        notes.append("confidence is 0 throughout, which says nothing: left blank")
    return notes


def _need(table: TradeTable, columns: Mapping[str, str], reading: Reading) -> None:
    lacking = [field for field in NEEDED if field not in columns]
    sided = bool({"direction", "closing_side"} & set(columns) or reading.direction)
    if not lacking and not sided and not _has_signed_sizes(table, columns):
        lacking = ["direction"]
    if not lacking:
        return
    if table.table.empty:
        raise DataError("it holds no row of a trade", path=table.path, fix="Give a table of closed trades")
    alone = {"exit_time", "exit_price"} <= set(lacking) or _tells_orders(table)
    if alone and in_pairs(table.table):
        raise HeaderError(
            "each trade stands in two rows, as in TradingView's list of trades, and their words are not English. "
            f"It has {', '.join(table.table.columns)}",
            path=table.path,
            fix="Set the page's language to English and export the list again, or give a table with one row a trade",
        )
    fills = "; each row seems to be one order or fill, and closed trades are needed" if alone else ""
    ways = " or --direction long" if "direction" in lacking else ""
    told = next((words for field in lacking if (words := _why_not(table, field))), "")
    if told:
        raise HeaderError(
            told, path=table.path, fix=f"Write it so, or name another column: --column {lacking[0]}=COLUMN"
        )
    raise HeaderError(
        f"no column was found for {', '.join(lacking)}{fills}. It has {', '.join(table.table.columns)}",
        path=table.path,
        fix=f"Say which it is: --column {lacking[0]}=COLUMN{ways}",
    )


def _tells_orders(table: TradeTable) -> bool:
    """Whether a column tells what became of orders; an order's placing and closing times look like those of a trade."""
    states = (set(texts[texts != ""].str.casefold()) for _, texts in table.table.items())
    return any(told and told <= _ORDER_STATES for told in states)


def _why_not(table: TradeTable, field: str) -> str:
    """Why the column that is called as a field was not taken for it, with the first text that is the reason; "" without one."""
    name = next((name for name in table.table.columns if "_".join(words_of(name)) == field), None)
    texts = [] if name is None else [text for text in table.table[name] if text]
    if field in ("entry_time", "exit_time"):
        odd = [text for text in texts if not looks_like_time(text)]
        why = f"{not_a_time(odd[0], '')[0]}, and not like 2025-10-19T14:35:10Z or an epoch" if odd else ""
    elif field in ("entry_price", "exit_price"):
        odd = [text for text in texts if not np.isfinite(numbers_of(pd.Series([text]))[0])]
        why = "is no price (2608.68)"
    else:
        return ""
    if 2 * len(odd) < len(texts) or not odd:
        return ""
    return f"column {name!r}: {visible(odd[0][:60])!r} {why}, and most of its texts are like it"


def _has_signed_sizes(table: TradeTable, columns: Mapping[str, str]) -> bool:
    """Whether sizes tell the direction: some are below zero."""
    return "size" in columns and bool((numbers_of(table.table[columns["size"]]) < 0).any())


def _one_market(table: TradeTable, columns: Mapping[str, str], wanted: str) -> tuple[np.ndarray, str, int]:
    """Which rows are of the market asked for, its name, and how many rows are of others."""
    every = np.ones(len(table.table), dtype=bool)
    if SYMBOL not in columns:
        return every, wanted, 0
    names = table.table[columns[SYMBOL]]
    found = names[names != ""].value_counts()
    told = ", ".join(f"{name} ({count})" for name, count in found.items())
    markets = {plain_market(name): str(name) for name in reversed(found.index)}
    if wanted:
        plain = plain_market(wanted)
        longer = (each for each in markets if each.startswith(plain) and same_market(each, plain))
        fitting = [plain] if plain in markets else [*longer]
        if len(fitting) != 1:
            raise ParameterError(
                f"--symbol {wanted}: {table.path} has {told or 'no symbol'}; name one of them"
            )
        chosen = (names.map(plain_market) == fitting[0]).to_numpy()
        return chosen, markets[fitting[0]], int((~chosen).sum())
    if len(markets) > 1:
        raise ParameterError(
            f"{table.path} has trades of several markets: {told}. Choose one with --symbol NAME"
        )
    return every, str(found.index[0]) if len(found) else "", 0


def _exits(cells: Cells) -> dict[tuple[str, str], int]:
    texts = [text for text in cells.texts("exit_reason") if text]
    found = Counter((text[:40], exit_reason_of(text)) for text in texts)
    return dict(found.most_common(12))


def _ids(fields: pd.DataFrame, cells: Cells, symbol: str) -> pd.Series:
    """A name for each trade, made of its content: the same content, the same name."""
    times = [
        [iso(time) if pd.notna(time) else "" for time in fields[name]] for name in ("entry_time", "exit_time")
    ]
    rows = zip(
        *times, fields["direction"], fields["entry_price"], fields["exit_price"], np.abs(cells.numbers("size")),
        cells.texts("id"), cells.texts("model"), [symbol] * len(fields), strict=True,
    )  # fmt: skip
    names = [hashlib.sha256("|".join(map(str, row)).encode()).hexdigest()[:16] for row in rows]
    return pd.Series([f"import-{name}" for name in names], index=fields.index, dtype="str")


def _named(column: str) -> str:
    return next((word for word in ("net", "gross") if word in words_of(column)), "")


def _decisions(
    fields: pd.DataFrame, cells: Cells, money: TradeMoney, check: SourceCheck, reading: Reading, symbol: str
) -> pd.DataFrame:
    frame = empty_decisions().reindex(range(len(fields)))
    value = money.entry * money.size
    for name in ("entry_time", "exit_time", "direction", "entry_price", "exit_price", "decision_id"):
        frame[name] = fields[name]
    frame["timestamp"] = fields["entry_time"]
    frame["pnl_pct"] = money.sign * (money.exit / money.entry - 1) * 100
    frame["size"], frame["fees"] = money.size, np.where(np.isfinite(money.size), check.fees, np.nan)
    logged = _percent(cells.numbers("pnl_pct"), frame["pnl_pct"].to_numpy())
    frame["net_pnl_pct"] = ((money.gross - frame["fees"]) / value * 100).fillna(pd.Series(logged))
    texts = {name: cells.texts(name) for name in ("exit_reason", "reasoning", "model")}
    words = texts["exit_reason"].map(exit_reason_of)
    kept = texts["exit_reason"].where((words == "OTHER") | (texts["exit_reason"].str.len() > 24), "")
    frame["exit_reason"] = words.astype("str")
    frame["reasoning"] = [
        "; ".join(part for part in (why, f"exit: {text}" if text else "") if part)[:500]
        for why, text in zip(texts["reasoning"], kept, strict=True)
    ]
    own = texts["model"].where(texts["model"] != "", reading.source)
    frame["model"] = reading.model or own.astype("str")
    frame["confidence"] = _confidence(cells.numbers("confidence"))
    for name in ("stop_price", "target_price"):
        price = cells.numbers(name)
        frame[name] = np.where(np.abs(price / money.entry - 1) < 0.5, price, np.nan)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.StringDtype):
            frame[name] = frame[name].fillna("")
    return frame.assign(entry_recommended="YES", executed=True, reason_code=schema.IMPORTED, symbol=symbol)


def _percent(values: np.ndarray, gross_pct: np.ndarray) -> np.ndarray:
    """The source's own percentages; shares of 1 made percent, by which of them lies nearer to the gross ones."""
    known = np.isfinite(values)
    as_share = np.abs(values * 100 - gross_pct)[known]
    return (
        values * 100
        if known.any() and np.median(as_share) < np.median(np.abs(values - gross_pct)[known])
        else values
    )


def _confidence(values: np.ndarray) -> np.ndarray:
    """0 to 1; percentages divided; nothing where a table has one value throughout that says nothing, as 0."""
    known = values[np.isfinite(values)]
    if not known.any():
        return np.full(len(values), np.nan)
    values = values / 100 if known.max() > 1 else values
    return np.where((values >= 0) & (values <= 1), values, np.nan)
