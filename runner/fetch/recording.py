"""Old recordings into the CSVs of a trading_data folder: samples, decisions, and candles made of the 5-minute file's samples.

A second run adds nothing. A folder that holds other data of the same time is refused before anything is written, because two
collections mixed in one file are nobody's truth.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.data import formats
from lib.data.decisions import kinds_in
from lib.data.one_market import one_chart_twice
from lib.errors import DataError, MissingDataError
from lib.foreign.recording import Recording, read_decisions, read_samples, recording_zone
from lib.market.candles import candles_from_prices
from runner.fetch.backfill import WriteOutcome
from runner.fetch.progress import step
from runner.files import tables
from runner.files.journal import Journal
from runner.files.present import last_time, prices_since


def import_recording(recorded: Path, timezone: str, folder: Path, quiet: bool = False) -> WriteOutcome:
    """Convert the files of `recorded` and write them into `folder`.

    Raises ParameterError for an unknown zone, MissingDataError and HeaderError for the recording's files, LockedError while another
    process writes, DataError when the folder holds other samples of the same time, or one file is the other's copy.
    """
    zone = recording_zone(timezone)
    samples = {name: read_samples(find(recorded, file), zone) for name, file in schema.SAMPLE_FILES.items()}
    if twice := one_chart_twice(samples["5min"].frame, samples["15min"].frame):
        raise DataError(twice.what, path=recorded, fix="Give the recording of both charts")
    decided = find(recorded, schema.DECISIONS_FILE, needed=False)
    decisions = read_decisions(decided, zone) if decided else None
    read = [*samples.values(), *([decisions] if decisions else [])]
    _refuse_idle_zone(read, timezone, recorded)
    outcome = WriteOutcome(
        folder,
        str(recorded),
        sum(len(part.frame) + sum(part.set_aside.values()) for part in read),
        _added_up(read),
        next((part.first_bad for part in read if part.first_bad), ""),
    )
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        files = {
            name: held.enter_context(tables.samples_journal(folder, name, samples[name].frame))
            for name in samples
        }
        candle_files = {
            name: held.enter_context(tables.candles_journal(folder, name))
            for name in schema.RIBBON_TIMEFRAMES
        }
        decision_file = (
            held.enter_context(tables.decisions_journal(folder, decisions.frame)) if decisions else None
        )
        for name, journal in files.items():
            _refuse_other_data(journal, samples[name].frame)
        if decisions and decision_file:
            tables.check_one_kind(decision_file, *kinds_in(decisions.frame))
        for name, journal in files.items():
            _write_samples(journal, samples[name].frame, outcome, quiet)
        for name, journal in candle_files.items():
            _write_candles(journal, samples["5min"].frame, schema.MINUTES[name], outcome, quiet)
        if decisions and decision_file:
            with step(decision_file.path.name, len(decisions.frame), quiet=quiet):
                outcome.note(decision_file, tables.append_decisions(decision_file, decisions.frame))
    return outcome


def _refuse_idle_zone(read: list[Recording], timezone: str, recorded: Path) -> None:
    """Times that all name their zone, and another one told for them: it would do nothing, or one of the two is wrong by hours."""
    told = {
        pd.Timestamp(2025, month, 1).tz_localize(recording_zone(timezone)).utcoffset() for month in (1, 7)
    }
    if all(part.zoned for part in read) and told != {pd.Timedelta(0)}:
        raise DataError(
            f"each time names its zone, as {read[0].zoned!r} does, and --timezone says {timezone}",
            path=recorded,
            fix="Give --timezone UTC if the times are right",
        )


def find(folder: Path, name: str, needed: bool = True) -> Path | None:
    """The file of that name in the folder, plain or gzipped; raises MissingDataError for a needed one."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists():
            return path
    if needed:
        raise MissingDataError(
            "the recording lacks this file (plain or .gz)",
            path=folder / name,
            fix="Give the recording's folder",
        )
    return None


def _write_samples(journal: Journal, frame: pd.DataFrame, outcome: WriteOutcome, quiet: bool) -> None:
    lines = frame[[name for name in frame.columns if frame[name].dtype.kind == "f"]]
    digits = formats.price_decimals(lines.to_numpy())
    decimals = formats.price_decimals(frame["price"].to_numpy())
    with step(journal.path.name, len(frame), quiet=quiet) as advance:
        outcome.note(journal, tables.append_samples(journal, frame, "", decimals, digits, progress=advance))


def _write_candles(
    journal: Journal, samples: pd.DataFrame, minutes: int, outcome: WriteOutcome, quiet: bool
) -> None:
    candles = candles_from_prices(samples["price"], minutes)
    with step(journal.path.name, len(candles), quiet=quiet):
        decimals = formats.price_decimals(samples["price"].to_numpy())
        outcome.note(journal, tables.append_candles(journal, candles, decimals))


def _refuse_other_data(journal: Journal, frame: pd.DataFrame) -> None:
    """Every recorded sample up to the file's last must stand in the file, and nothing else between the first and the last of them."""
    last = last_time(journal)
    if last is None or last < frame.index[0]:
        return
    ours = frame["price"][frame.index <= last]
    theirs = prices_since(journal, frame.index[0] - pd.Timedelta(microseconds=1))
    theirs = theirs[theirs.index <= frame.index[-1]]
    if not (theirs.index.equals(ours.index) and np.array_equal(theirs.to_numpy(), ours.to_numpy())):
        raise DataError(
            f"the file holds other samples between {frame.index[0].isoformat()} and {frame.index[-1].isoformat()}",
            path=journal.path,
            fix="Import the recording into a folder of its own",
        )


def _added_up(parts: list[Recording]) -> dict[str, int]:
    reasons = sorted({reason for part in parts for reason in part.set_aside})
    return {reason: sum(part.set_aside.get(reason, 0) for part in parts) for reason in reasons}
