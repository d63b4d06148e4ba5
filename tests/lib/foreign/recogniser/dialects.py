"""A true table of candles, and every way in which exports write it."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

NAMES = ("open", "high", "low", "close", "volume")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


def true_table(
    rows: int = 40, start: str = "2025-05-14T15:33:00Z", seed: int = 3, price: float = 1827.0
) -> pd.DataFrame:
    """Candles a minute apart with two decimals of price and three of volume, by chance."""
    random = np.random.default_rng(seed)
    close = np.round(price + random.normal(0, price / 2_000, rows).cumsum(), 2)
    opened = np.concatenate([[price], close[:-1]])
    high = np.round(np.maximum(opened, close) + random.uniform(0, 1, rows), 2)
    low = np.round(np.minimum(opened, close) - random.uniform(0, 1, rows), 2)
    volume = np.round(random.uniform(1, 900, rows), 3)
    index = pd.date_range(start, periods=rows, freq="1min", unit="us", name="timestamp")
    return pd.DataFrame(
        {"open": opened, "high": high, "low": low, "close": close, "volume": volume}, index=index
    )


def epoch(time: pd.Timestamp, unit: str) -> str:
    micro = int(time.as_unit("us").asm8.astype("int64"))
    return str({"s": micro // 1_000_000, "ms": micro // 1_000, "us": micro, "ns": micro * 1_000}[unit])


#: How a time may be written; each names its zone, or is a number.
TIMES: dict[str, Callable[[pd.Timestamp], str]] = {
    "iso": lambda time: f"{time:%Y-%m-%dT%H:%M:%SZ}",
    "offset": lambda time: f"{time.tz_convert('Europe/Berlin'):%Y-%m-%d %H:%M:%S%z}",
    "words": lambda time: f"{time:%Y-%m-%d %H:%M:%S} UTC",
    "s": lambda time: epoch(time, "s"),
    "ms": lambda time: epoch(time, "ms"),
    "us": lambda time: epoch(time, "us"),
    "ns": lambda time: epoch(time, "ns"),
    "float": lambda time: f"{epoch(time, 's')}.0",
    "dotted": lambda time: f"{time:%d.%m.%Y %H:%M:%S.000} GMT+0000",
    "slashes": lambda time: f"{time:%d/%m/%Y %H:%M} UTC",
    "american": lambda time: f"{time:%m/%d/%Y %I:%M:%S %p} UTC",
    "month": lambda time: f"{time:%d %b %Y %H:%M:%S} UTC",
    "named-first": lambda time: f"{time:%Y-%b-%d %H:%M:%S} UTC",
    "compact": lambda time: f"{time:%Y%m%d%H%M%S}Z",
    "packed": lambda time: f"{time:%Y%m%d %H%M%S} UTC",
}
HEADERS = {
    "ours": ("timestamp", *NAMES),
    "capitals": ("Date", "Open", "High", "Low", "Close", "Volume"),
    "binance": ("open_time", *NAMES),
    "short": ("t", "o", "h", "l", "c", "v"),
    "brackets": ("<DATE>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>"),
    "none": (),
}


@dataclass(frozen=True)
class Dialect:
    """One way of writing a table."""

    time: str = "iso"
    separator: str = "comma"
    decimal: str = "."
    thousands: str = ""
    header: str = "ours"
    newest_first: bool = False
    quoted: bool = False
    line_end: str = "\n"
    encoding: str = "utf-8"
    container: str = "plain"
    unused: int = 0
    apart: bool = False

    def number(self, value: float, decimals: int) -> str:
        text = f"{value:,.{decimals}f}"
        return text.replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)

    def row(self, time: pd.Timestamp, values: pd.Series) -> list[str]:
        stamp = [f"{time:%Y.%m.%d}", f"{time:%H:%M:%S}"] if self.apart else [TIMES[self.time](time)]
        numbers = [self.number(values[name], 3 if name == "volume" else 2) for name in NAMES]
        return [*stamp, *numbers, *(["17"] * self.unused)]

    def names(self) -> list[str]:
        names = [*HEADERS[self.header], *(["EMA"] * self.unused if self.header != "none" else [])]
        return ["<DATE>", "<TIME>", *names[1:]] if self.apart and names else names

    def text(self, table: pd.DataFrame) -> str:
        mark = SEPARATORS[self.separator]
        rows = [self.row(time, values) for time, values in table.iterrows()]
        rows = rows[::-1] if self.newest_first else rows
        lines = [*([self.names()] if self.header != "none" else []), *rows]
        quoted = [
            [f'"{field}"' if self.quoted or mark in field else field for field in line] for line in lines
        ]
        return "".join(mark.join(line) + self.line_end for line in quoted)

    def write(self, table: pd.DataFrame) -> bytes:
        return packed(self.text(table).encode(self.encoding), self.container)


def packed(data: bytes, container: str) -> bytes:
    if container == "gzip":
        return gzip.compress(data, 1)
    if container == "zip":
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("candles.csv", data)
        return memory.getvalue()
    return data


def json_rows(table: pd.DataFrame, unit: str = "ms") -> list[list[float]]:
    return [
        [int(epoch(time, unit)), *map(float, values)]
        for time, values in zip(table.index, table[[*NAMES]].to_numpy(), strict=True)
    ]
