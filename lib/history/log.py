"""training_history.jsonl: one record per cycle, and what changed from one to the next.

A record belongs to its `as_of`, not to a clock: a rerun replaces it and keeps its number. Windows of neighbouring cycles share most of
their trades, so changes are told with n and interval, sums over weeks use only the trades closed since the cycle before, and no sentence
names a cause.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import ValidationError

from lib import paths
from lib.analysis.score import scalper_score
from lib.contract.schema import HISTORY_FILE
from lib.contract.standing import file_text, is_there, open_file
from lib.contract.times import iso, parse_instant
from lib.data.atomic import append_line, replace_text
from lib.history.changes import changes_since
from lib.history.lesson_effects import evidence_counts
from lib.history.records import BacktestHeadline, CycleRecord, OptimalVsActualHeadline, TradesBlock
from lib.market.terms import Terms
from lib.prompt.addition import terms_told
from lib.stats.groups import group_stats

#: Lines that are no records are moved here before the history is rewritten.
_SET_ASIDE_FILE = "training_history.set_aside.txt"
#: About twelve weeks of hourly records.
RECENT_BYTES = 8 * 1024 * 1024
#: The last day or so: enough to see that a record is the newest and that the file ends well.
LAST_BYTES = 64 * 1024


class History(NamedTuple):
    """Records by time, the line each was read from, and the lines that are none (torn, malformed, replaced)."""

    records: list[CycleRecord]
    lines: list[str]
    set_aside: list[str]


def record_cycle(
    insights: Mapping[str, Any],
    trades_window: pd.DataFrame | None,
    trades_since_last: pd.DataFrame | None,
    previous_records: Sequence[CycleRecord],
) -> CycleRecord:
    """The record of the cycle that made these insights; pure, and the same again when its own record is already there.

    The frames hold the window's closed trades and those closed since the cycle before (`trades_closed_since`); None where they could not
    be analyzed, which leaves their figures null.
    """
    now = parse_instant(insights["last_updated"])
    before = previous_record(previous_records, now)
    number = next((record.cycle_number for record in previous_records if record.at == now), None)
    start = insights["provenance"]["window"]["start"]
    terms = terms_told(insights)
    window = _block(trades_window, start, terms)
    source = insights["provenance"]["source"]
    record = CycleRecord(
        cycle_number=number or 1 + max((record.cycle_number for record in previous_records), default=0),
        timestamp=iso(now),
        win_rate=window.win_rate if window else None,
        total_pnl=window.total_pnl if window else None,
        scalper_score=window.scalper_score if window else None,
        key_improvements=[],
        window=window,
        since_last=_block(trades_since_last, before.timestamp if before else start, terms),
        backtest=_backtest(insights["realistic_backtest"]),
        optimum=_optimum(insights["optimal_comparison"]),
        regime=(insights["regime_analysis"] or {}).get("current_regime"),
        sections=insights["sections"],
        decisions=str(source.get("decisions", "unknown")),
        synthetic=source.get("synthetic") is True,
        lookback_hours=insights["provenance"]["window"]["lookback_hours"],
        candidate_lessons=sum(lesson["status"] == "candidate" for lesson in insights["lessons"]),
        evidence=evidence_counts(insights),
        prompt_sha256=insights["provenance"]["prompt_sha256"],
    )
    return record.model_copy(update={"key_improvements": changes_since(record, before)})


def previous_record(records: Sequence[CycleRecord], as_of: str | pd.Timestamp) -> CycleRecord | None:
    """The newest record older than `as_of`."""
    now = parse_instant(as_of)
    return max((record for record in records if record.at < now), key=lambda record: record.at, default=None)


def trades_closed_since(
    trades: pd.DataFrame, records: Sequence[CycleRecord], as_of: str | pd.Timestamp
) -> pd.DataFrame:
    """Trades whose exit lies after the cycle before `as_of` and not after `as_of`; all up to `as_of` in the first cycle."""
    now, before = parse_instant(as_of), previous_record(records, as_of)
    closed = trades["exit_time"] <= now
    return trades[closed & (trades["exit_time"] > before.at)] if before else trades[closed]


def load_history(folder: str | Path | None = None, recent: bool = False) -> History:
    """The history of a trading_data folder, oldest first; an empty one where there is no file.

    A line that is torn (without newline), malformed, or replaced by a later line of the same timestamp is set aside. `recent` reads
    the last RECENT_BYTES only, some weeks of hourly cycles, so that an hour's cost does not grow with the years.
    """
    return _load(paths.trading_data(folder) / HISTORY_FILE, RECENT_BYTES if recent else None)


def _load(path: Path, last_bytes: int | None) -> History:
    if not is_there(path):
        return History([], [], [])
    *whole, torn = _read_lines(path, last_bytes)
    found: dict[str, tuple[CycleRecord, str]] = {}
    set_aside = [torn] if torn else []
    with _uncollected():
        for line in whole:
            try:
                record = CycleRecord.read(line)
            except ValidationError:
                set_aside.append(line)
                continue
            if record.timestamp in found:
                set_aside.append(found[record.timestamp][1])
            found[record.timestamp] = (record, line)
    ordered = sorted(found.values(), key=lambda pair: pair[0].at)
    return History([record for record, _ in ordered], [line for _, line in ordered], set_aside)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: it would look at all records read so far again and again, which takes as long as to read them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def recent_history(folder: str | Path | None, as_of: str | pd.Timestamp) -> History:
    """Recent records, or all where `as_of` lies before them (an old cycle run again)."""
    recent = load_history(folder, recent=True)
    reaches_back = not recent.records or recent.records[0].at < parse_instant(as_of)
    return recent if reaches_back else load_history(folder)


def record_at(folder: str | Path | None, as_of: str | pd.Timestamp) -> CycleRecord | None:
    """The record of this very `as_of`, looked for among the newest first."""
    path, now = paths.trading_data(folder) / HISTORY_FILE, parse_instant(as_of)
    found = [record for record in _load(path, LAST_BYTES).records if record.at == now]
    found = found or [record for record in _load(path, None).records if record.at == now]
    return found[-1] if found else None


def is_recorded(folder: str | Path | None, sha256: str) -> bool:
    """Whether a cycle's record says that it told or composed the prompt addition of this hash."""
    path = paths.trading_data(folder) / HISTORY_FILE
    if not (sha256 and is_there(path)):
        return False
    with open_file(path) as file:
        return any(_names(line.decode(errors="replace"), sha256) for line in file if sha256.encode() in line)


def _names(line: str, sha256: str) -> bool:
    try:
        record = CycleRecord.read(line)
    except ValidationError:
        return False
    return sha256 in (
        record.prompt_sha256,
        record.prompt_change.composed_sha256 if record.prompt_change else "",
    )


def _read_lines(path: Path, last_bytes: int | None) -> list[str]:
    """The file's lines, the last one "" if it ends in a newline; of its last bytes only whole lines."""
    with open_file(path) as file:
        begin = 0 if last_bytes is None else max(0, path.stat().st_size - last_bytes)
        file.seek(max(begin - 1, 0))
        text = file.read()
    if begin:
        text = text[text.find(b"\n") + 1 :]
    return text.decode("utf-8-sig", errors="replace").split("\n")


def append_record(folder: str | Path | None, record: CycleRecord) -> None:
    """Put a record behind the last one, which is older: `store_record` for who alone writes to the folder and has just written that one."""
    append_line(paths.trading_data(folder) / HISTORY_FILE, _line(record))


def store_record(folder: str | Path | None, record: CycleRecord) -> History:
    """Put a record in its place, replacing the one of the same timestamp; all other lines stay as they were, byte for byte.

    Lines that are no records move to `training_history.set_aside.txt` first, so nothing is lost. The caller holds the cycle's lock.
    A record newer than all is appended; only an older or a repeated one has the file replaced. Returns the history read, with it.
    """
    place = paths.trading_data(folder)
    history = _load(place / HISTORY_FILE, LAST_BYTES)
    line = _line(record)
    if history.records and not history.set_aside and history.records[-1].at < record.at:
        append_line(place / HISTORY_FILE, line)
        return History([*history.records, record], [*history.lines, line], [])
    history = load_history(place)
    if history.set_aside:
        _keep_aside(place / _SET_ASIDE_FILE, history.set_aside)
    others = [
        pair
        for pair in zip(history.records, history.lines, strict=True)
        if pair[0].timestamp != record.timestamp
    ]
    ordered = sorted([*others, (record, line)], key=lambda pair: pair[0].at)
    replace_text(place / HISTORY_FILE, "".join(f"{line}\n" for _, line in ordered))
    return History([found for found, _ in ordered], [line for _, line in ordered], [])


def _line(record: CycleRecord) -> str:
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, allow_nan=False)


def _keep_aside(path: Path, lines: list[str]) -> None:
    kept = file_text(path).split("\n")[:-1] if is_there(path) else []
    replace_text(
        path, "".join(f"{line}\n" for line in [*kept, *(line for line in lines if line not in kept)])
    )


def _block(trades: pd.DataFrame | None, since: str, terms: Terms) -> TradesBlock | None:
    if trades is None:
        return None
    stats = group_stats(trades).model_dump()
    shared = {name: stats[name] for name in TradesBlock.model_fields if name in stats}
    score = scalper_score(trades, terms)
    return TradesBlock(since=since, n=stats["total"], scalper_score=score, **shared)


def _backtest(section: Mapping[str, Any] | None) -> BacktestHeadline | None:
    if not section:
        return None
    figures = section["overall"] | section
    return BacktestHeadline(**{name: figures[name] for name in BacktestHeadline.model_fields})


def _optimum(section: Mapping[str, Any] | None) -> OptimalVsActualHeadline | None:
    if not section:
        return None
    return OptimalVsActualHeadline(
        trades=section["optimal_trades"],
        pnl=section["optimal_pnl"],
        rank=section.get("optimal_rank"),
        learnable_pnl=(section.get("learnable") or {}).get("pnl"),
        gap_pnl=section["gap_pnl"],
    )
