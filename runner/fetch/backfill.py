"""OHLCV history into the CSVs of a trading_data folder, so that nobody waits days for data.

Each source candle gives one sample of either ribbon, stamped at its close: that is when it was known. Candles of the longer timeframes are
made of everything the folder and the source hold together, and the lines go on from the bars the folder has, so that a history given in
two parts gives the same files as in one. Samples are only ever appended, so a source that begins before the folder's samples is refused.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.data.decisions import empty_decisions
from lib.data.loaders import load_candles, load_samples
from lib.data.ohlcv import CandleHistory
from lib.errors import DataError
from lib.market.candles import resample
from lib.market.ribbon import ribbon_on_forming_bars
from lib.market.rules import decide
from lib.market.terms import Terms
from runner.fetch.progress import step
from runner.files import tables
from runner.files.journal import Journal
from runner.files.lock import WriterLock
from runner.files.present import candles_in, last_time, prices_since, time_range
from runner.files.tables import WriteCounts

#: Older bars weigh less than a rounding error in the longest line (e^-41).
_BARS_BACK = 3_000
#: What stands in the candles' `source` column, where a file has one.
SOURCE = "backfill"


@dataclass
class WriteOutcome:
    """What a writing command did, for its summary: one entry a file, and the source rows set aside by reason."""

    trading_data: Path
    source: str
    rows_read: int
    set_aside: dict[str, int]
    first_bad: str = ""
    files: dict[str, dict[str, object]] = field(default_factory=dict)

    def note(self, journal: Journal, written: WriteCounts) -> None:
        """Keep what was written to a file, with its first and last time."""
        times = [time.isoformat().replace("+00:00", "Z") if time else None for time in time_range(journal)]
        self.files[journal.path.name] = {**written._asdict(), "first": times[0], "last": times[1]}

    def summary(self) -> dict[str, object]:
        """The outcome as JSON types."""
        return asdict(self) | {"trading_data": str(self.trading_data)}


def backfill(
    history: CandleHistory,
    folder: Path,
    source: str,
    terms: Terms,
    symbol: str = "",
    rules: bool = False,
    quiet: bool = False,
) -> WriteOutcome:
    """Write samples and candles of `history` into `folder`, with `rules` also the rule decider's decisions under `terms`.

    Raises LockedError while another process writes any of the files, DataError when the folder holds another market,
    MixedDecisionsError when it holds decisions of another kind.
    """
    if history.candles.empty:
        raise DataError(f"{source}: no candle is left ({history.set_aside})")
    folder.mkdir(parents=True, exist_ok=True)
    outcome = WriteOutcome(
        folder,
        source,
        len(history.candles) + sum(history.set_aside.values()),
        history.set_aside,
        history.first_bad,
    )
    with ExitStack() as held:
        # All locks before the first byte: a folder is never left half written because of another writer.
        candle_files = {
            name: held.enter_context(tables.candles_journal(folder, name)) for name in _timeframes(history)
        }
        shape = ribbon_on_forming_bars(history.candles["close"].iloc[:0], 5)
        sample_files = {
            name: held.enter_context(tables.samples_journal(folder, name, shape))
            for name in schema.RIBBON_TIMEFRAMES
        }
        decisions = held.enter_context(tables.decisions_journal(folder, empty_decisions())) if rules else None
        for journal in sample_files.values():
            tables.check_symbol(journal, symbol)
            _refuse_older(history, journal, source)
        if decisions is not None:
            tables.check_one_kind(decisions, "rules")
        _write_candles(history, candle_files, outcome, quiet)
        for name, journal in sample_files.items():
            _write_samples(history, name, journal, candle_files[name], symbol, outcome, quiet)
        if decisions is not None:
            _write_decisions(folder, decisions, outcome, quiet, terms)
    return outcome


def refuse_if_written(folder: Path) -> None:
    """Raises LockedError at once, before a long reading or fetching, while another process writes any of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        for name in (*schema.CANDLE_FILES.values(), *schema.SAMPLE_FILES.values()):
            held.enter_context(WriterLock(folder / name))


def _refuse_older(history: CandleHistory, journal: Journal, source: str) -> None:
    """Samples can only be appended, so a history that begins before those of the folder would give candles without any."""
    first, begins = time_range(journal)[0], history.candles.index[0] + pd.Timedelta(minutes=history.minutes)
    if first is not None and begins < first:
        raise DataError(
            f"{source} begins at {begins:%Y-%m-%dT%H:%MZ}, before the folder's first sample at {first:%Y-%m-%dT%H:%MZ}",
            path=journal.path,
            fix="Backfill the older history into a folder of its own, and what follows it afterwards",
        )


def _timeframes(history: CandleHistory) -> list[str]:
    return [name for name, minutes in schema.MINUTES.items() if minutes >= history.minutes]


def _write_candles(
    history: CandleHistory, files: dict[str, Journal], outcome: WriteOutcome, quiet: bool
) -> None:
    finest = next(iter(files.values()))
    present = candles_in(finest)
    both = pd.concat([present, history.candles])
    both = both[~both.index.duplicated()].sort_index()
    for name, journal in files.items():
        minutes = schema.MINUTES[name]
        made = history.candles if minutes == history.minutes else resample(both, history.minutes, minutes)
        if schema.SOURCE_COLUMN in journal.header:
            made = made.assign(source=SOURCE)
        with step(journal.path.name, len(made), quiet=quiet) as advance:
            written = tables.append_candles(journal, made, history.decimals, advance)
        outcome.note(journal, written)


def _write_samples(
    history: CandleHistory,
    timeframe: str,
    journal: Journal,
    candle_file: Journal,
    symbol: str,
    outcome: WriteOutcome,
    quiet: bool,
) -> None:
    minutes = schema.MINUTES[timeframe]
    prices = history.candles["close"].set_axis(history.candles.index + pd.Timedelta(minutes=history.minutes))
    last = last_time(journal)
    later = prices if last is None else prices[prices.index > last]
    skipped = len(prices) - len(later)
    samples = ribbon_on_forming_bars(later, minutes, _closes_before(later, minutes, journal, candle_file))
    with step(journal.path.name, len(samples), quiet=quiet) as advance:
        written = tables.append_samples(journal, samples, symbol, history.decimals, progress=advance)
    outcome.note(journal, written._replace(skipped=skipped))


def _closes_before(
    later: pd.Series, minutes: int, journal: Journal, candle_file: Journal
) -> pd.Series | None:
    """Closes of the bars before the first new sample's: of the folder's candles, and where a candle was not whole, of its samples."""
    if later.empty:
        return None
    bar = pd.Timedelta(minutes=minutes)
    prices = prices_since(journal, later.index[0] - _BARS_BACK * bar)
    of_samples = prices.groupby((prices.index - pd.Timedelta(microseconds=1)).floor(bar)).last()
    closes = candles_in(candle_file)["close"].combine_first(of_samples)
    return closes[closes.index < (later.index[0] - pd.Timedelta(microseconds=1)).floor(bar)]


def _write_decisions(
    folder: Path, journal: Journal, outcome: WriteOutcome, quiet: bool, terms: Terms
) -> None:
    """Decide over the whole folder, as a reader sees it, and keep what is new: the decider is causal, so the past stays as it was."""
    samples = {name: load_samples(folder, name, None, None)[0] for name in schema.RIBBON_TIMEFRAMES}
    has_minutes = (folder / schema.CANDLE_FILES["1min"]).exists()
    names = ("1min", "5min") if has_minutes else ("5min",)
    candles = {name: load_candles(folder, name, None, None)[0] for name in names}
    decisions = decide(
        samples["5min"], samples["15min"], candles["5min"], candles.get("1min"), terms.exits, terms.costs
    )
    with step(journal.path.name, len(decisions), quiet=quiet):
        written = tables.append_decisions(journal, decisions)
    outcome.note(journal, written)
