"""An experiment of a data folder, judged as it was known at an instant: log, decisions and candles read, blocks and pairs made of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lib.contract import schema
from lib.data.decisions import load_decisions
from lib.data.loaders import empty_candles, load_candles, load_samples
from lib.experiments.blocks import Block, blocks_of, entered_trades
from lib.experiments.judge import judge
from lib.experiments.judgement import Judgement
from lib.experiments.log import EXPERIMENTS_FILE, ExperimentLog, ExperimentRows, read_log
from lib.experiments.scoring import Pair, Prices, Unpaired, pairs_of
from lib.market.exits import PricePath
from lib.market.readings import usable_states
from lib.market.terms import Terms

#: Candles and samples of so long before the first tick are read: an entry's own candle begins before it.
_BEFORE = pd.Timedelta(hours=1)


class Judged(NamedTuple):
    """A judgement with what it was made from."""

    judgement: Judgement
    blocks: list[Block]
    pairs: list[Pair]
    unpaired: dict[int, Unpaired]


def experiments_in(folder: Path) -> ExperimentLog:
    """The log of a data folder, whole lines only; an empty one where there is none. Raises DataError, OSError."""
    path = folder / EXPERIMENTS_FILE
    if not path.exists():
        return ExperimentLog()
    *lines, _ = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return read_log(lines, path)


def judged(folder: Path, rows: ExperimentRows, terms: Terms, until: int) -> Judged:
    """How an experiment stood at `until` (microseconds), from the rows of its log and what the folder has.

    Raises DataError and MissingDataError for files that cannot be read.
    """
    start = pd.Timestamp(rows.definition.started, unit="us", tz="UTC")
    end = pd.Timestamp(until, unit="us", tz="UTC")
    decided = (folder / schema.DECISIONS_FILE).exists()
    trades = entered_trades(load_decisions(folder, start - _BEFORE, end)[0], terms) if decided else []
    blocks = blocks_of(rows, trades)
    if not rows.definition.paired:
        return Judged(judge(rows, blocks), blocks, [], {})
    entered = [block.number for block in blocks if block.trades]
    pairs, unpaired = pairs_of(rows, prices_of(folder, start - _BEFORE, end), terms, entered)
    return Judged(judge(rows, blocks, pairs, unpaired), blocks, pairs, unpaired)


def prices_of(folder: Path, start: pd.Timestamp, end: pd.Timestamp) -> Prices:
    """What answers of (start, end] are scored on: the finest candles there are, and samples."""
    frames = {
        name: load_candles(folder, name, start, end)[0] if (folder / file).exists() else empty_candles()
        for name, file in schema.CANDLE_FILES.items()
        if name in ("1min", "5min")
    }
    samples = load_samples(folder, "5min", start, end, causal=True)[0]
    own = samples[(samples["quality"] != "venue_mismatch").to_numpy()]
    path = PricePath.of(frames["1min"], frames["5min"], own)
    return Prices(path, usable_states(own), int(end.value // 1_000))
