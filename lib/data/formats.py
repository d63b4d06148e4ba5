"""Frames as CSV text: the one place that says how times, prices, lines and words are written (docs/data-contracts.md).

Lines end in "\\n" and no field ever holds one: readers and the journal cut files at newlines, so a newline inside a quoted field could
make half a row look whole. A missing number is blank. Times are ISO-8601 in UTC with Z, with microseconds only where there are any.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.dollars import dollar_decimals
from lib.market.ribbon import colour_names, line_names

#: Lines carry this many decimals more than the price, so that a line that moves is seen to move.
MORE_LINE_DECIMALS = 2
_VOLUME_DECIMALS = 6
#: Decimals of the computed figures of a decision (fills, percentages, fees); a small price has more.
_FIGURE_DECIMALS = 8
_PRICE_COLUMNS = frozenset({"entry_price", "exit_price", "stop_price", "target_price"})
#: Decimals that a price has at least beyond those of dollars at it: a millionth of a percent.
_MORE_PRICE_DECIMALS = 4


def price_decimals(prices: np.ndarray) -> int:
    """The fewest decimals (at most 12) that write every finite price exactly."""
    finite = prices[np.isfinite(prices)]
    exact = (decimals for decimals in range(12) if np.array_equal(np.round(finite, decimals), finite))
    return next(exact, 12)


def sample_header(frame: pd.DataFrame) -> list[str]:
    """Columns of a samples file for `frame`: the leading three, lines, colours, the five further ones, then whatever else it has."""
    known = [*schema.SAMPLE_COLUMNS, *line_names(frame.columns), *colour_names(frame.columns)]
    known += schema.SAMPLE_EXTRA_COLUMNS
    return known + [name for name in frame.columns if name not in known]


def decision_header(frame: pd.DataFrame) -> list[str]:
    """Columns of a decisions file for `frame`: those of the schema, then whatever else it has."""
    return [
        *schema.DECISION_COLUMNS,
        *(name for name in frame.columns if name not in schema.DECISION_COLUMNS),
    ]


def sample_rows(
    frame: pd.DataFrame,
    header: Sequence[str],
    price_digits: int,
    line_digits: int,
    classifier: str,
    first_seq: int,
) -> list[str]:
    """CSV rows (without newline) of a samples frame in the order of `header`; `seq` counts up from `first_seq`."""
    lines = set(line_names(frame.columns))
    columns: list[Sequence[str]] = []
    for name in header:
        if name == "timestamp":
            columns.append(instant_texts(frame.index))
        elif name == "seq":
            columns.append([str(first_seq + place) for place in range(len(frame))])
        elif name == "classifier":
            columns.append([classifier] * len(frame))
        elif name == "price" or name in lines:
            columns.append(number_texts(frame[name], price_digits if name == "price" else line_digits))
        else:
            columns.append(word_texts(frame[name]) if name in frame else [""] * len(frame))
    return _joined(columns)


def candle_rows(frame: pd.DataFrame, header: Sequence[str], price_digits: int) -> list[str]:
    """CSV rows of a candles frame (index = open); volumes in their shortest form, to 6 decimals; further columns are words."""
    columns: list[Sequence[str]] = []
    for name in header:
        if name == "timestamp":
            columns.append(instant_texts(frame.index))
        elif name == "volume":
            columns.append(figure_texts(frame[name], _VOLUME_DECIMALS))
        elif name in schema.CANDLE_COLUMNS:
            columns.append(number_texts(frame[name], price_digits))
        else:
            columns.append(word_texts(frame[name]) if name in frame else [""] * len(frame))
    return _joined(columns)


def decision_rows(frame: pd.DataFrame, header: Sequence[str]) -> list[str]:
    """CSV rows of a decisions frame, quoted where a text needs it; `executed` is True or False, missing values are blank."""
    columns: list[Sequence[str]] = []
    for name in header:
        if name not in frame:
            columns.append([""] * len(frame))
        elif isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            columns.append(instant_texts(pd.DatetimeIndex(frame[name])))
        elif pd.api.types.is_bool_dtype(frame[name].dtype):
            columns.append([str(bool(value)) for value in frame[name]])
        elif pd.api.types.is_numeric_dtype(frame[name].dtype):
            columns.append([decision_text(name, value) for value in frame[name].to_numpy(float).tolist()])
        else:
            columns.append(word_texts(frame[name]))
    return _joined(columns)


def instant_texts(times: pd.DatetimeIndex) -> list[str]:
    """Times in UTC as ISO-8601 with Z; blank where missing."""
    instants = pd.DatetimeIndex(times).tz_convert("UTC").as_unit("us")
    naive = instants.tz_localize(None).to_numpy()
    whole = instants.microsecond == 0
    texts = np.where(whole, np.datetime_as_string(naive, unit="s"), np.datetime_as_string(naive, unit="us"))
    return ["" if text == "NaT" else f"{text}Z" for text in texts.tolist()]


def instant_text(at: int) -> str:
    """`instant_texts` of one time, microseconds since 1970."""
    return f"{np.datetime64(at, 'us')}Z" if at % 1_000_000 else f"{np.datetime64(at // 1_000_000, 's')}Z"


def number_texts(values: pd.Series, decimals: int) -> list[str]:
    """Numbers with a fixed count of decimals; blank where missing."""
    form = f"%.{decimals}f"
    return [form % value if value == value else "" for value in values.to_numpy(float).tolist()]


def figure_texts(values: pd.Series, decimals: int) -> list[str]:
    """Numbers in their shortest form, rounded to `decimals`; blank where missing."""
    return [figure_text(value, decimals) for value in values.to_numpy(float).tolist()]


def figure_text(value: float, decimals: int) -> str:
    """One number in its shortest form, rounded to `decimals`; blank where missing."""
    return np.format_float_positional(np.round(value, decimals), trim="0") if value == value else ""


def decision_text(name: str, value: float) -> str:
    """A computed figure of the column `name` of a decision: a price to what resolves a millionth of a percent of it."""
    price = dollar_decimals(value) + _MORE_PRICE_DECIMALS if name in _PRICE_COLUMNS else 0
    return figure_text(value, max(_FIGURE_DECIMALS, price))


def word_texts(values: pd.Series) -> list[str]:
    """Texts as CSV fields; each distinct one is quoted once, however often it stands there."""
    places, texts = pd.factorize(values)
    table = np.array([quoted(text) for text in texts] + [""], dtype=object)
    return table[places].tolist()


def quoted(value: object) -> str:
    """One CSV field: newlines become spaces, quotes are added where needed."""
    text = " ".join(str(value).splitlines()).replace("\x00", "")
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"') else text


def _joined(columns: list[Sequence[str]]) -> list[str]:
    return [",".join(fields) for fields in zip(*columns, strict=True)]
