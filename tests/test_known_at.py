"""Guarantee C4: no published number uses a row that was not known at `as_of`. Later rows are cut off, or poisoned; nothing may change."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lib.analysis.run import analyze_window
from lib.data import schema
from lib.data.window import load_window, newest_known_at

POISON = 3.0
PRICES = ("price", "open", "high", "low", "close", "entry_price", "exit_price")


def published(folder: Path, as_of: pd.Timestamp) -> dict[str, object]:
    """Everything that the four analyses publish, as JSON-ready dicts."""
    return {name: result.model_dump() for name, result in analyze_window(load_window(folder, as_of)).items()}


def later(frame: pd.DataFrame, name: str, as_of: pd.Timestamp) -> pd.Series:
    """Which rows of a file were not known at `as_of`, told from their texts alone."""
    times = pd.to_datetime(frame["timestamp"], utc=True, format="ISO8601")
    minutes = {file: schema.MINUTES[timeframe] for timeframe, file in schema.CANDLE_FILES.items()}
    return times + pd.Timedelta(minutes=minutes.get(name, 0)) > as_of


def blank_unknown_exits(frame: pd.DataFrame, as_of: pd.Timestamp) -> None:
    for known_at, columns in (("exit_time", schema.EXIT_COLUMNS), ("entry_time", schema.FILL_COLUMNS)):
        unknown = pd.to_datetime(frame[known_at], utc=True, format="ISO8601") > as_of
        frame.loc[unknown, list(columns)] = ""
        if known_at == "entry_time":
            frame.loc[unknown, "executed"] = "False"


def altered(source: Path, target: Path, as_of: pd.Timestamp, how: str) -> Path:
    """A copy of the folder as it stood at `as_of` (cut), or with every later row's prices tripled and states turned (poisoned)."""
    target.mkdir()
    for path in sorted(source.glob("*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        unknown = later(frame, path.name, as_of)
        if how == "cut":
            frame = frame[~unknown].copy()
            if path.name == schema.DECISIONS_FILE:
                blank_unknown_exits(frame, as_of)
        else:
            for column in [name for name in frame if name in PRICES or (name[3:].isdigit())]:
                turned = frame.loc[unknown & (frame[column] != ""), column].astype(float) * POISON
                frame.loc[turned.index, column] = turned.map("{:.4f}".format)
            for column in [name for name in frame if name.endswith("_color")]:
                frame.loc[unknown, column] = (
                    frame.loc[unknown, column].map({"green": "red", "red": "green"}.get).fillna("gray")
                )
        frame.to_csv(target / path.name, index=False)
    return target


@pytest.mark.slow
@pytest.mark.parametrize("hours_before_end", [2.0, 7.03, 31.4])
@pytest.mark.parametrize("how", ["cut", "poisoned"])
def test_nothing_published_depends_on_later_rows(sample_data, tmp_path, hours_before_end, how):
    as_of = (newest_known_at(sample_data) - pd.Timedelta(hours=hours_before_end)).floor("s")
    honest = published(sample_data, as_of)
    assert honest["actual_trades"]["result"]["total_trades"] > 0
    assert published(altered(sample_data, tmp_path / how, as_of, how), as_of) == honest
