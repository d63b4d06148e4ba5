"""Loading 24 hours out of one year of 10-second samples (3.15 million rows), against reading the file whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from bench.measure import figure, seconds
from lib.data import schema
from lib.data.loaders import load_samples
from lib.market.ribbon import LINE_PERIODS

DAYS = 365
ROWS_A_DAY = 8640
END = pd.Timestamp("2025-06-01T00:00:00Z")


def day_of_rows(seed: int = 0) -> list[str]:
    """The rows of one day without their timestamps: a random walk, all lines and colours as a collector writes them."""
    generator = np.random.default_rng(seed)
    price = 2500 * np.exp(np.cumsum(generator.normal(0, 2e-4, ROWS_A_DAY)))
    lag = pd.Series(price)
    lines = np.column_stack([lag.ewm(span=30 * period).mean() for period in LINE_PERIODS])
    rising = np.diff(lines, axis=0, prepend=lines[:1]) >= 0
    colours = np.where(rising, "#00ff00", "#ff0000")
    state = np.where(rising.mean(axis=1) > 0.85, "all_green", "mixed")
    return [
        f"{price[row]:.2f},{state[row]},"
        + ",".join(f"{value:.2f}" for value in lines[row])
        + ","
        + ",".join(colours[row])
        + ",ok,share85-1,BENCH"
        for row in range(ROWS_A_DAY)
    ]


def write_year(path: Path) -> None:
    """The same day again and again under growing timestamps."""
    names = [f"MMA{period}" for period in LINE_PERIODS]
    header = [
        *schema.SAMPLE_COLUMNS,
        *names,
        *(f"{name}_color" for name in names),
        "quality",
        "classifier",
        "symbol",
    ]
    rows = day_of_rows()
    with path.open("w") as file:
        file.write(",".join(header) + "\n")
        for day in range(DAYS):
            begin = END - pd.Timedelta(days=DAYS - day)
            times = pd.date_range(begin, periods=ROWS_A_DAY, freq="10s").strftime("%Y-%m-%dT%H:%M:%SZ")
            file.write("".join(f"{time},{row}\n" for time, row in zip(times, rows, strict=True)))


def run(folder: Path) -> dict[str, object]:
    """The window in the middle of the year; both ways must find the same rows."""
    path = folder / schema.SAMPLE_FILES["5min"]
    write_year(path)
    as_of = END - pd.Timedelta(days=DAYS // 2)
    start = as_of - pd.Timedelta(hours=24)
    found: dict[str, int] = {}

    def ours() -> None:
        frame, _ = load_samples(folder, "5min", start, as_of)
        found["ours"] = len(frame)

    def whole() -> None:
        frame = pd.read_csv(path, parse_dates=["timestamp"])
        found["other"] = int(((frame["timestamp"] > start) & (frame["timestamp"] <= as_of)).sum())

    ours_s, other_s = seconds(ours, repeats=5), seconds(whole)
    if found["ours"] != found["other"]:
        raise RuntimeError(f"the two ways differ: {found}")
    return figure(
        ours_s, other_s, "pandas.read_csv of the file", rows=DAYS * ROWS_A_DAY, file_bytes=path.stat().st_size
    )
