"""A replay's own folder: the rows it may know, copied byte for byte, and nothing of what others decided on them.

It works as --trading-data of `ribbon cycle` and of the notebooks. Only an empty folder is taken: a replay never mixes with another.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.contract.standing import open_file
from lib.data.loaders import candle_rows, sample_rows
from lib.data.slices import read_tail
from lib.errors import ParameterError


def holds_anything(folder: Path) -> bool:
    """Whether something is there already: a file, or a folder that is not empty."""
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))


def make_folder(folder: Path) -> None:
    """Make `folder`; raises ParameterError unless it is new or empty."""
    if holds_anything(folder):
        raise ParameterError(
            f"--outputs {folder} is not empty: a replay wants a folder of its own, and one that was interrupted does not go on"
        )
    folder.mkdir(parents=True, exist_ok=True)


def copy_rows(source: Path, folder: Path, start: pd.Timestamp, end: pd.Timestamp) -> None:
    """Copy samples and candles known in (start, end], headers included. Raises what the loaders raise for a missing or broken file."""
    for name in schema.SAMPLE_FILES.values():
        _copy(source / name, folder / name, sample_rows(source / name, start, end).window)
    for timeframe, name in schema.CANDLE_FILES.items():
        if timeframe == "1min" and not (source / name).exists():
            continue
        rows = candle_rows(source / name, schema.MINUTES[timeframe], start, end)
        _copy(source / name, folder / name, rows.window)


def _copy(source: Path, target: Path, rows: bytes) -> None:
    length = read_tail(source, 0).header.end
    with open_file(source) as file:
        head = file.read(length)
    target.write_bytes(head + rows)
