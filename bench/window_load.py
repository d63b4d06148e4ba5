"""Loading 24 hours out of one year of 10-second samples (3.15 million rows), against reading the file whole."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.measure import Figures, figure, seconds
from bench.years import DAY, END, write_years
from lib.contract import schema
from lib.data.loaders import load_samples

DAYS = 365


def run(folder: Path, days: int = DAYS) -> Figures:
    """The window in the middle of the year; both ways must find the same rows."""
    path = folder / schema.SAMPLE_FILES["5min"]
    write_years({days: folder}, [path.name])
    as_of = END - days // 2 * DAY
    start = as_of - DAY
    found: dict[str, int] = {}

    def ours() -> None:
        frame, _ = load_samples(folder, "5min", start, as_of)
        found["ours"] = len(frame)

    def whole() -> None:
        frame = pd.read_csv(path, parse_dates=["timestamp"])
        found["rows"] = len(frame)
        found["other"] = int(((frame["timestamp"] > start) & (frame["timestamp"] <= as_of)).sum())

    ours_s, other_s = seconds(ours, repeats=5), seconds(whole)
    if found["ours"] != found["other"] or not found["ours"]:
        raise RuntimeError(f"the two ways differ: {found}")
    size = {"rows": found["rows"], "file_bytes": path.stat().st_size}
    return {"window_load": figure(ours_s, other_s, "pandas.read_csv of the file", **size)}
