"""The history that is asked: a folder's own candles, or those of a file, with the market that they are of."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.contract.standing import expanded
from lib.contract.visible import visible
from lib.data.loaders import empty_candles
from lib.errors import DataError, MissingDataError, ParameterError
from lib.foreign.market_name import checked_market, given_market, market_of_file
from lib.foreign.ohlcv import CandleHistory, read_history
from lib.market.candles import resample, with_closed_at
from lib.questions.history import History, checked, folder_history
from runner.fetch.merging import flat_made


def market_history(folder: Path, candles: Path | None, symbol: str, now: pd.Timestamp) -> History:
    """The candles of `folder`, or of the file `candles` up to `now`; `symbol` names the market where that is not known.

    Raises what the readers raise for a file, ParameterError for one that does not say its market, EmptyWindowError for a short one.
    """
    if candles is None:
        if symbol:
            raise ParameterError("--symbol goes with --candles: a folder's rows name their market")
        return folder_history(folder)
    return _file_history(expanded(candles), symbol, now)


def _file_history(path: Path, symbol: str, now: pd.Timestamp) -> History:
    if path.is_dir():
        raise MissingDataError(
            "this is a folder, not a file of candles",
            path=path,
            fix="Name a file with --candles (in a study `candles`); a folder that holds candles of its own is asked with --trading-data",
        )
    try:
        read = read_history(path, now)
    except DataError as error:
        if "--" not in str(error):
            raise
        raise DataError(
            f"{error}. These are options of `ribbon backfill`: bring the file into a folder with it, and ask the folder"
        ) from None
    own = read.reading.symbol if read.reading else ""
    market = given_market(symbol) if symbol else market_of_file(path.name, own, read.candles.index[-1])
    if not market:
        raise ParameterError(
            f"{visible(path.name)} does not say which market it is of: say it with --symbol (in a study `symbol`), e.g. ETHUSDT"
        )
    filled = flat_made(read).drop(columns="flat")
    if read.minutes == 1:
        one, five = with_closed_at(filled, 1), resample(filled, 1, 5)
    else:
        one, five = empty_candles(), with_closed_at(filled, 5)
    return checked(History(checked_market(market), visible(path.name), one, five, _notes(read)))


def _notes(read: CandleHistory) -> tuple[str, ...]:
    if not read.set_aside:
        return read.notes
    told = ", ".join(f"{number:,} {reason}" for reason, number in read.set_aside.items())
    return (
        *read.notes,
        f"Rows of the file set aside: {told}" + (f" (first: {read.first_bad})." if read.first_bad else "."),
    )
