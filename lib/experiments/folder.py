"""An experiment of a data folder, judged as it was known at an instant: its log, and of a paired one the prices that answers met."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from lib.contract import schema
from lib.contract.standing import file_text, is_there
from lib.contract.times import microseconds
from lib.data.loaders import empty_candles, load_candles, load_samples
from lib.experiments.judge import judge
from lib.experiments.judgement import Judgement
from lib.experiments.log import EXPERIMENTS_FILE, ExperimentLog, read_log
from lib.experiments.rows import read_row
from lib.experiments.running import ExperimentRows
from lib.experiments.scoring import Pairs, Prices, pairs_of
from lib.experiments.wording import short_words
from lib.market.exits import PricePath
from lib.market.readings import usable_states

#: Candles and samples of so long before the first tick are read: an entry's own candle begins before it.
_BEFORE = pd.Timedelta(hours=1)


class Judged(NamedTuple):
    """An experiment with its judgement, and the pairs that it was made from: none where it is not paired."""

    rows: ExperimentRows
    judgement: Judgement
    pairs: Pairs

    @property
    def state(self) -> Literal["running", "ended", "helps", "harms"]:
        """Its verdict, or without one whether it runs or ended."""
        if self.judgement.verdict != "not_yet":
            return self.judgement.verdict
        return "running" if self.rows.stop is None else "ended"

    @property
    def words(self) -> str:
        """Where it stands, in one sentence."""
        return short_words(self.rows, self.judgement)


def experiments_in(folder: Path, until: int | None = None) -> ExperimentLog:
    """The log of a data folder, whole lines only, of it what was there at `until` (microseconds; None: all of it).

    An empty one where there is none. Raises DataError, OSError.
    """
    path = folder / EXPERIMENTS_FILE
    if not is_there(path):
        return ExperimentLog()
    *lines, _ = file_text(path, errors="replace").split("\n")
    found = read_log(lines, path)
    if until is None:
        return found
    then = ExperimentLog()
    # No row was there before the one above it, whatever clock each is stamped by.
    for row in takewhile(lambda row: row.at <= until, map(read_row, lines)):
        then.accept(row)
    return then


def experiment_at(folder: Path, as_of: pd.Timestamp) -> Judged | None:
    """The newest experiment of a folder as it stood at `as_of`; None where none had begun. Raises as `judged`."""
    until = microseconds(as_of)
    newest = experiments_in(folder, until).newest
    return None if newest is None else judged(folder, newest, until)


def judged(folder: Path, rows: ExperimentRows, until: int) -> Judged:
    """How an experiment stood at `until` (microseconds), from the rows of its log and the folder's prices.

    Raises DataError and MissingDataError for files that cannot be read.
    """
    if not rows.definition.paired or not rows.ends:
        return Judged(rows, judge(rows), Pairs())
    start, end = (pd.Timestamp(at, unit="us", tz="UTC") for at in (rows.draws[0].at, until))
    pairs = pairs_of(rows, prices_of(folder, start - _BEFORE, end), rows.definition.terms)
    return Judged(rows, judge(rows, pairs), pairs)


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
    return Prices(path, int(end.value // 1_000), usable_states(own))
