"""OHLCV history into the CSVs of a trading_data folder, so that nobody waits days for data.

Each source candle gives one sample of either ribbon, stamped at its close: that is when it was known. Candles of the longer timeframes are
made of everything the folder and the source hold together, and the lines go on from the bars the folder has, so that a history given in
two parts gives the same files as in one (where minutes without a trade lie between them, in parts that overlap). Samples are appended, so
a source that begins before the folder's samples is refused; only where a candle of the folder was still running, the samples computed from
there on are made anew.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.data.decisions import empty_decisions, load_decisions
from lib.data.loaders import load_candles, load_samples
from lib.errors import DataError
from lib.foreign.ohlcv import CandleHistory
from lib.market.candles import resample
from lib.market.ribbon import ribbon_on_forming_bars
from lib.market.rules import decide
from lib.market.terms import Terms
from runner.fetch.merging import Merged, merge
from runner.fetch.progress import step
from runner.fetch.remaking import KEPT, remove_computed
from runner.files import tables
from runner.files.header import holds_rows
from runner.files.journal import Journal
from runner.files.lock import WriterLock
from runner.files.present import closes_before, last_time, time_range, watched_in
from runner.files.tables import WriteCounts

_NO_MARKET = (
    "no market is named, so a file of another one is found out by its prices alone: --symbol names it"
)


@dataclass
class WriteOutcome:
    """What a writing command did, for its summary: one entry a file, and the source rows set aside by reason."""

    trading_data: Path
    source: str
    rows_read: int
    set_aside: dict[str, int]
    first_bad: str = ""
    files: dict[str, dict[str, object]] = field(default_factory=dict)
    symbol: str = ""  #: the market it was taken for, "" for none
    reading: dict[str, object] | None = None  #: what a file was taken for, step by step
    candles: dict[str, int] = field(default_factory=dict)  #: flat, minutes_missing, corrected, kept
    bars_not_made: dict[str, int] = field(default_factory=dict)  #: by timeframe: those that miss a part
    notes: list[str] = field(default_factory=list)

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
    accept_jumps: bool = False,
) -> WriteOutcome:
    """Write samples and candles of `history` into `folder`, with `rules` also the rule decider's decisions under `terms`.

    Raises LockedError while another process writes any of the files, DataError when the folder holds another market or another candle
    of the same time, and at a jump of the price without `accept_jumps`; MixedDecisionsError when it holds decisions of another kind.
    """
    history.refuse_empty(source)
    folder.mkdir(parents=True, exist_ok=True)
    outcome = _outcome(history, folder, source, symbol)
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
        for journal in sample_files.values():
            tables.check_symbol(journal, symbol)
            _refuse_older(history, journal, source)
        merged = merge(history, next(iter(candle_files.values())), accept_jumps)
        outcome.candles = merged.told
        outcome.notes += merged.notes
        rules = rules or (len(merged.corrected) > 0 and _has_rules(folder))
        decisions = held.enter_context(tables.decisions_journal(folder, empty_decisions())) if rules else None
        if decisions is not None:
            tables.check_one_kind(decisions, "rules")
        # First what is made anew is taken away: killed after that, the same command finds the same candles to correct.
        removed = {
            name: remove_computed(journal, merged, history.minutes) for name, journal in sample_files.items()
        }
        outcome.notes += [
            f"{sample_files[name].path.name}: {KEPT}" for name, times in removed.items() if times is None
        ]
        _write_candles(history, merged, candle_files, outcome, quiet)
        for name, journal in sample_files.items():
            prices = _prices(merged, history.minutes, removed[name])
            _write_samples(prices, merged.decimals, name, journal, candle_files[name], symbol, outcome, quiet)
        if decisions is not None:
            if len(merged.corrected):
                decisions.replace([])
            _write_decisions(folder, decisions, outcome, quiet, terms)
    return outcome


def _outcome(history: CandleHistory, folder: Path, source: str, symbol: str) -> WriteOutcome:
    return WriteOutcome(
        folder,
        source,
        len(history.candles) + sum(history.set_aside.values()),
        history.set_aside,
        history.first_bad,
        symbol=symbol,
        reading=history.reading.as_dict() if history.reading else None,
        notes=[*history.notes, *([] if symbol else [_NO_MARKET])],
    )


def _has_rules(folder: Path) -> bool:
    """Whether the folder holds decisions, all of them of the rule decider: they follow from the samples."""
    models = load_decisions(folder, None, None)[0]["model"]
    return bool(len(models)) and bool((models == "rules").all())


def refuse_if_written(folder: Path) -> None:
    """Raises LockedError at once, before a long reading or fetching, while another process writes any of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        for name in (*schema.CANDLE_FILES.values(), *schema.SAMPLE_FILES.values()):
            held.enter_context(WriterLock(folder / name))


def holds_candles(folder: Path) -> bool:
    """Whether any candle file of the folder has a row."""
    return any(holds_rows(folder / name) for name in schema.CANDLE_FILES.values())


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
    history: CandleHistory, merged: Merged, files: dict[str, Journal], outcome: WriteOutcome, quiet: bool
) -> None:
    own = merged.candles[merged.own].drop(columns="flat")
    corrected = own[own.index.isin(merged.corrected)].index
    for name, journal in files.items():
        minutes = schema.MINUTES[name]
        whole = merged.candles.drop(columns="flat")
        made = own if minutes == history.minutes else resample(whole, history.minutes, minutes)
        if minutes != history.minutes:
            outcome.bars_not_made[name] = _not_made(made.index, own.index, minutes)
        if schema.SOURCE_COLUMN in journal.header:
            made = made.assign(source=schema.BACKFILL_SOURCE)
        stale = made[made.index.isin(corrected.floor(f"{minutes}min").difference(watched_in(journal)))]
        tables.correct_candles(journal, stale, merged.decimals)
        with step(journal.path.name, len(made), quiet=quiet) as advance:
            written = tables.append_candles(journal, made, merged.decimals, advance)
        outcome.note(journal, written)


def _not_made(made: pd.DatetimeIndex, own: pd.DatetimeIndex, minutes: int) -> int:
    """Bars between the first and the last candle given that miss a part; those two, which the source may begin and end in, aside."""
    freq = f"{minutes}min"
    bars = pd.date_range(own[0].floor(freq), own[-1].floor(freq), freq=freq, unit="us")[1:-1]
    return int((~bars.isin(made)).sum())


def _prices(merged: Merged, minutes: int, removed: pd.DatetimeIndex | None) -> pd.Series:
    """The closes of which samples are wanted, by the instant they were known: the source's, and those whose samples were taken away."""
    closes = merged.closes(minutes)
    return closes[merged.own | (False if removed is None else closes.index.isin(removed))]


def _write_samples(
    prices: pd.Series,
    decimals: int,
    timeframe: str,
    journal: Journal,
    candle_file: Journal,
    symbol: str,
    outcome: WriteOutcome,
    quiet: bool,
) -> None:
    minutes = schema.MINUTES[timeframe]
    last = last_time(journal)
    later = prices if last is None else prices[prices.index > last]
    skipped = len(prices) - len(later)
    before = None if later.empty else closes_before(later.index[0], minutes, journal, candle_file)
    samples = ribbon_on_forming_bars(later, minutes, before)
    samples = samples.assign(**{schema.SOURCE_COLUMN: schema.BACKFILL_SOURCE})
    with step(journal.path.name, len(samples), quiet=quiet) as advance:
        written = tables.append_samples(journal, samples, symbol, decimals, progress=advance)
    outcome.note(journal, written._replace(skipped=skipped))


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
