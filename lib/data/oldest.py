"""The oldest known-at of a data folder, from the first bytes of its files: where a walk through all of it begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.contract.standing import is_there
from lib.contract.times import configured_zone
from lib.data.decisions import parse_decisions
from lib.data.loaders import parse_candles, parse_samples
from lib.data.rows import Rows
from lib.data.slices import MARGIN, read_slice

#: An instant before all data: what a slice up to it holds is its margin, the first rows of the file.
_BEFORE_ALL = 0


def oldest_known_at(folder: str | Path, zone: str | None = None) -> pd.Timestamp | None:
    """The oldest known-at in a folder: of samples, candles and decisions; None if there are no rows.

    Raises HeaderError, RaggedHeaderError, NaiveTimeError.
    """
    found = [_oldest_row(Path(folder) / name, parse_samples, zone) for name in schema.SAMPLE_FILES.values()]
    for timeframe, name in schema.CANDLE_FILES.items():
        opened = _oldest_row(Path(folder) / name, parse_candles, zone)
        found += [None if opened is None else opened + pd.Timedelta(minutes=schema.MINUTES[timeframe])]
    found += [_oldest_row(Path(folder) / schema.DECISIONS_FILE, parse_decisions, zone)]
    return min((instant for instant in found if instant is not None), default=None)


def _oldest_row(path: Path, parse: Callable[..., Rows], zone: str | None) -> pd.Timestamp | None:
    """The time of the first sound row of a file, read from as many bytes as hold one; None if there is none, or no file."""
    named = configured_zone(zone)
    length = MARGIN if is_there(path) else 0
    while length:
        piece = read_slice(path, None, _BEFORE_ALL, named, margin=length)
        index = parse(piece, None, None, named).frame.index
        if len(index):
            return index[0]
        length = 0 if piece.to_last_byte else 8 * length
    return None
