"""What the events of the 14 days before a window made with the standard exits, and the file that keeps it from hour to hour.

They are seen as at the window's start: no later row is read, and an outcome that was not known then does not count. Parsing 15 days
each hour would cost several times what the window itself does, so a cycle keeps what is settled in SETUP_OUTCOMES_FILE and reads only what
came since. What would surprise: the file is never trusted for its age. It names the terms and the very bytes of the market's files that
its outcomes were made from; where any of them has changed (a gap was filled, a row corrected) it counts as not there, and all days are
read. So it can be deleted at any time (docs/decisions/hindsight.md); a file of the same size, inode and times holds the same bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError

from lib.analysis.selection import entry_outcomes
from lib.contract import schema
from lib.contract.results import Model
from lib.contract.standing import file_text, open_file
from lib.contract.times import configured_zone
from lib.data.atomic import replace_text
from lib.data.market import load_market
from lib.data.slices import read_slice
from lib.data.window import WARMUP, MarketWindow
from lib.market.costs import Costs
from lib.market.exits import ExitRule, PricePath
from lib.market.readings import CANDLE, instant, instants
from lib.market.setup_events import setup_events
from lib.market.setups import SetupReadings

SETUP_OUTCOMES_FILE = "setup_outcomes.json"
PAST = pd.Timedelta(days=14)
#: Later rows may still change how the newest samples are judged (a frozen run grows), so this and the longest hold are read anew each time.
_SETTLED_AFTER = pd.Timedelta(hours=2)
#: So long the file may begin before what is needed: up to then its hashes go on, and one look at the bytes both checks and lengthens it.
_BEGINS_EARLIER = pd.Timedelta(days=1)
_MICROSECOND = pd.Timedelta(microseconds=1)
_CHUNK = 1 << 18  #: bytes hashed at once
#: Another version of how outcomes are made: a file of another one counts as not there.
_METHOD = 1
_FRAMES = ("candles_1min", "candles_5min", "samples_5min", "samples_15min")
_COLUMNS = ("entered", "left", "signature", "net_pct")


class ReadBytes(Model):
    """A stretch of a file that outcomes were made from."""

    first: int = Field(description="Offset of its first byte.")
    size: int = Field(description="How many bytes it is long.")
    sha256: str = Field(description="Their hash.")


class KeptOutcomes(Model):
    """SETUP_OUTCOMES_FILE: the events entered after `since` and up to `until` whose outcome is known."""

    method: int = Field(description="Version of how outcomes are made.")
    terms: dict[str, float] = Field(
        description="Exits and costs that they were made with, percent and minutes."
    )
    zone: str = Field(description="Zone of the files' naive times; empty for none.")
    since: int = Field(description="Microseconds since 1970 in UTC.")
    until: int = Field(description="Microseconds since 1970 in UTC.")
    files: dict[str, ReadBytes] = Field(description="What was read of each file of the market.")
    events: list[tuple[int, int, str, float]] = Field(
        description="Entry and exit (microseconds since 1970 in UTC), setup signature, net percent."
    )

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The events, one a row."""
        return _framed(self.events)


class _Held(NamedTuple):
    """What is kept, which was made as it would be now from the bytes that are there now, and the hash of each file to go on from."""

    kept: KeptOutcomes
    hashes: Mapping[str, Any]


def past_events(
    folder: str | Path,
    start: pd.Timestamp,
    rule: ExitRule,
    costs: Costs,
    unsettled: MarketWindow | None = None,
) -> pd.DataFrame:
    """The events entered in the 14 days up to `start` whose outcome was known at it: entered, left (microseconds), signature, net_pct.

    `unsettled`: the window of `unsettled_hours` up to `start`, for whoever has it: where all before it is kept no file is parsed.
    Raises as lib.data.market.load_market.
    """
    place, since, settled = Path(folder), instant(start - PAST), _settled(start, rule)
    held, found = _held(place, rule, costs), None
    if held is not None and held.kept.since <= since < min(held.kept.until, settled):
        kept = held.kept
        after = min(kept.until, settled)
        if unsettled is not None and (unsettled.as_of, instant(unsettled.start)) == (start, after):
            frames = {name: getattr(unsettled, name) for name in _FRAMES}
            newer, up_to_date = _judged(frames, after, start, rule, costs)
        else:
            newer, up_to_date = _read(place, after, start, rule, costs)
        before = kept.frame[kept.frame["entered"] <= after]
        found = pd.concat([before, newer], ignore_index=True) if up_to_date else None
    if found is None:
        found, _ = _read(place, since, start, rule, costs)
    known = (found["entered"] > since) & (found["left"] <= instant(start)) & found["net_pct"].notna()
    return found.loc[known, list(_COLUMNS)].reset_index(drop=True)


def unsettled_hours(rule: ExitRule) -> float:
    """How far back from a window's start events are not settled yet."""
    return (_SETTLED_AFTER + pd.Timedelta(minutes=rule.hold_minutes)) / pd.Timedelta(hours=1)


def no_past() -> pd.DataFrame:
    """`past_events` of a market without any."""
    return _framed([])


def keep_past_events(
    folder: str | Path, first: pd.Timestamp, last: pd.Timestamp, rule: ExitRule, costs: Costs
) -> None:
    """Keep what windows that start from `first` to `last` need of the past and is settled; the caller is the only writer.

    Raises as lib.data.market.load_market, and OSError.
    """
    if text := outcomes_to_keep(folder, first, last, rule, costs):
        leave_outcomes(folder, text)


def leave_outcomes(folder: str | Path, text: str) -> None:
    """Put what `outcomes_to_keep` gave in its place. Raises OSError."""
    replace_text(Path(folder) / SETUP_OUTCOMES_FILE, text)


def outcomes_to_keep(
    folder: str | Path, first: pd.Timestamp, last: pd.Timestamp, rule: ExitRule, costs: Costs
) -> str:
    """The text of the file that `keep_past_events` leaves; "" where nothing new can be kept. Raises as lib.data.market.load_market."""
    place, since, settled = Path(folder), instant(first - PAST), _settled(last, rule)
    held = _held(place, rule, costs)
    if held is None or not held.kept.since <= since < held.kept.until:
        held, after, before = None, since, no_past()
    elif held.kept.until >= settled:
        return ""
    else:
        if since - held.kept.since < _BEGINS_EARLIER // _MICROSECOND:
            since = held.kept.since
        after, before = held.kept.until, held.kept.frame[held.kept.frame["entered"] > since]
    found, up_to_date = _read(place, after, last, rule, costs)
    if not up_to_date:
        return ""
    waiting = found.loc[found["still_open"], "entered"]
    until = min([settled, *(waiting - 1)])
    done = found[(found["entered"] <= until) & found["net_pct"].notna()]
    events = pd.concat([before, done], ignore_index=True)
    rows = zip(*(events[name].tolist() for name in _COLUMNS), strict=True)
    goes_on = held is not None and held.kept.since == since
    made = KeptOutcomes(
        method=_METHOD,
        terms=_terms(rule, costs),
        zone=str(configured_zone() or ""),
        since=since,
        until=until,
        files=_lengthened(place, held, last) if goes_on else _bytes_read(place, first - PAST - WARMUP, last),
        events=list(rows),
    )
    return made.model_dump_json() + "\n"


def _framed(rows: list[tuple[int, int, str, float]]) -> pd.DataFrame:
    entered, left, signature, net = list(zip(*rows, strict=True)) or [()] * 4
    return pd.DataFrame(
        {
            "entered": np.array(entered, dtype=np.int64),
            "left": np.array(left, dtype=np.int64),
            "signature": pd.array(signature, dtype="str"),
            "net_pct": np.array(net, dtype=float),
        }
    )


def _settled(start: pd.Timestamp, rule: ExitRule) -> int:
    """Entries up to then are settled for a window that begins at `start`, if candles are there to within _SETTLED_AFTER of it."""
    return instant(start - _SETTLED_AFTER - pd.Timedelta(minutes=rule.hold_minutes))


def _read(
    place: Path, after: int, start: pd.Timestamp, rule: ExitRule, costs: Costs
) -> tuple[pd.DataFrame, bool]:
    """`_judged` of what the files hold."""
    begin = pd.Timestamp(after, unit="us", tz="UTC")
    frames, _ = load_market(place, begin - WARMUP, start, names=_FRAMES)
    return _judged(frames, after, start, rule, costs)


def _judged(
    frames: Mapping[str, pd.DataFrame], after: int, start: pd.Timestamp, rule: ExitRule, costs: Costs
) -> tuple[pd.DataFrame, bool]:
    """The events entered after an instant (microseconds) and up to `start`, as known at it, with `still_open`; and whether candles go
    on behind the longest hold of all that is settled: without them nobody knows yet whether it held a gap.
    """
    minutes, candles, samples, slow = (frames[name] for name in _FRAMES)
    events = setup_events(candles, samples, SetupReadings.of(candles, samples, slow))
    events = events[instants(events["entry_time"]) > after].reset_index(drop=True)
    made = entry_outcomes(events, PricePath.of(minutes, candles, samples), rule, costs)
    reach = start - _SETTLED_AFTER + CANDLE
    frame = pd.DataFrame(
        {
            "entered": instants(made["entry_time"]),
            "left": instants(made["exit_time"]),
            "signature": made["signature"],
            "net_pct": made["net_pct"],
            "still_open": made["still_open"],
        }
    )
    return frame, bool(len(candles) and candles["closed_at"].iloc[-1] >= reach)


def _terms(rule: ExitRule, costs: Costs) -> dict[str, float]:
    return asdict(rule) | asdict(costs)


def _held(place: Path, rule: ExitRule, costs: Costs) -> _Held | None:
    """What is kept, if it was made as it would be now, from the bytes that are there now."""
    stamps = tuple(map(_stamp, (place / SETUP_OUTCOMES_FILE, *_files(place))))
    return _verified(place, stamps, tuple(_terms(rule, costs).items()), str(configured_zone() or ""))


def _stamp(path: Path) -> tuple[str, int, int, int, int]:
    """What changes with a file's bytes."""
    found = path.stat() if path.exists() else os.stat_result([0] * 10)
    return path.name, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@lru_cache(maxsize=2)
def _verified(
    place: Path, stamps: tuple[object, ...], terms: tuple[tuple[str, float], ...], zone: str
) -> _Held | None:
    """What is kept, if it was made so. `stamps` are no more than what makes the answer another one."""
    try:
        kept = KeptOutcomes.read(file_text(place / SETUP_OUTCOMES_FILE))
    except (OSError, ValueError, ValidationError):
        return None
    made_so = (kept.method, kept.terms, kept.zone) == (_METHOD, dict(terms), zone)
    if not made_so or set(kept.files) != {path.name for path in _files(place)}:
        return None
    hashes = {}
    for name, part in kept.files.items():
        hashes[name] = _hash_of(place / name, part.first, part.size)
        if hashes[name].hexdigest() != part.sha256:
            return None
    return _Held(kept, hashes)


def _files(place: Path) -> list[Path]:
    names = (*schema.SAMPLE_FILES.values(), *schema.CANDLE_FILES.values())
    return [place / name for name in names if (place / name).exists()]


def _bytes_read(place: Path, start: pd.Timestamp, until: pd.Timestamp) -> dict[str, ReadBytes]:
    """The bytes of each file that rows between two instants are read from."""
    found = {}
    for path in _files(place):
        piece = read_slice(path, instant(start), instant(until), configured_zone())
        found[path.name] = ReadBytes(
            first=piece.offset, size=len(piece.data), sha256=hashlib.sha256(piece.data).hexdigest()
        )
    return found


def _lengthened(place: Path, held: _Held, until: pd.Timestamp) -> dict[str, ReadBytes]:
    """What is held of each file and what follows it, up to the bytes that rows until an instant are read from."""
    found, at = {}, instant(until)
    for path in _files(place):
        part, piece = held.kept.files[path.name], read_slice(path, at, at, configured_zone())
        more = max(0, piece.offset + len(piece.data) - part.first - part.size)
        whole = _hash_of(path, part.first + part.size, more, held.hashes[path.name].copy())
        found[path.name] = ReadBytes(first=part.first, size=part.size + more, sha256=whole.hexdigest())
    return found


def _hash_of(path: Path, first: int, size: int, before: Any = None) -> Any:
    """The SHA-256 of a stretch of a file, going on from that of what lies `before` it."""
    found, left, buffer = before or hashlib.sha256(), size, memoryview(bytearray(_CHUNK))
    with open_file(path, buffering=0) as stream:
        stream.seek(first)
        while left > 0 and (count := stream.readinto(buffer[: min(left, _CHUNK)])):
            found.update(buffer[:count])
            left -= count
    return found
