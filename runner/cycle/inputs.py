"""What a cycle may know and what it reads: its `as_of`, and the window of data it starts from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.contract.schema import INSIGHTS_FILE
from lib.contract.standing import file_text, not_a_folder
from lib.contract.times import iso, parse_instant
from lib.errors import MissingDataError, ParameterError, PublishError
from runner.errors import ClockError

if TYPE_CHECKING:
    from lib.data.window import KeptWindow

NEWEST = "newest"
#: What a time may lie ahead of the clock, which somebody else may have written it by.
_CLOCK_SLACK = pd.Timedelta(minutes=1)
AHEAD_FIX = "Set the clock right; if it is right, run `ribbon cycle --force` once"
#: Cycles are hourly. So much older than live data the newest one may be before it is told.
_LATE = pd.Timedelta(hours=2)
LATE_FIX = "See why in the log of what starts `ribbon cycle` each hour: outputs/cron.log, or .up/cycle.log in the data folder"
_MAKE = "Make data with `ribbon backfill` or `ribbon simulate`"


@dataclass(frozen=True)
class Asked:
    """The window that a cycle is to read, before anybody looked for it. `as_of` is ISO in UTC."""

    as_of: str
    lookback_hours: float


@dataclass(frozen=True)
class Inputs:
    """The window a cycle reads, as its manifest and its reports name it. Times are ISO in UTC."""

    as_of: str
    start: str
    lookback_hours: float
    source: dict[str, Any]  #: decisions, synthetic, symbol, label
    files: Mapping[str, Mapping[str, Any]]  #: size and hash of the window's part of each file
    has_market: bool = True  #: whether the window has samples or candles, and not trades alone


def now_utc() -> pd.Timestamp:
    """The clock: the one place of the cycle that asks what time it is, beside the stamps in its manifest."""
    return pd.Timestamp(datetime.now(UTC)).as_unit("us")


def resolve_as_of(asked: str | None, trading_data: Path, now: pd.Timestamp) -> pd.Timestamp:
    """The instant the cycle may know up to: `now` in whole seconds, the `newest` row known, or the time asked for.

    Raises ParameterError for what is no time, has no zone, or lies ahead (once published it would refuse all cycles until then).
    """
    if what := not_a_folder(trading_data):
        raise MissingDataError(what, path=trading_data, fix=_MAKE)
    if not asked:
        return now.floor("s")
    if asked == NEWEST:
        from lib.data.window import newest_known_at

        newest = newest_known_at(trading_data, now=now)
        if newest is None:
            raise MissingDataError("the folder holds no rows yet", path=trading_data, fix=_MAKE)
        return newest
    moment = parse_instant(asked)
    if moment > now + _CLOCK_SLACK:
        raise ParameterError(f"--as-of {asked} lies ahead of the clock ({iso(now.floor('s'))})")
    return moment


def published_as_of(trading_data: Path) -> pd.Timestamp | None:
    """The `last_updated` of the published insights; None when there are none, or none that can be read."""
    try:
        return parse_instant(json.loads(file_text(trading_data / INSIGHTS_FILE))["last_updated"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, ParameterError):
        return None


def behind_data(published: pd.Timestamp | None, newest: pd.Timestamp | None, now: pd.Timestamp) -> str:
    """That data come and cycles do not, in words; "" where the newest is of the last hours, and for data that are no live ones."""
    if published is None or newest is None or now - newest > _LATE or newest - published <= _LATE:
        return ""
    return f"the newest cycle is of {iso(published)}, and the data go on to {iso(newest)}: what was learned then is told on"


def ahead_of_clock(published: pd.Timestamp | None, now: pd.Timestamp) -> str:
    """That insights `published` as of an instant ahead of `now` refuse each cycle until then; "" where they do not."""
    if published is None or published <= now + _CLOCK_SLACK:
        return ""
    return f"the insights are of {iso(published)}, ahead of this machine's clock: every cycle until then is refused"


def refuse_older(as_of: pd.Timestamp, trading_data: Path, force: bool) -> None:
    """Raise PublishError when what is published knows more than this cycle would, unless `force`.

    Raises ClockError where it knows more than anybody could by this machine's clock.
    """
    published = published_as_of(trading_data)
    ahead = ahead_of_clock(published, now_utc())
    if ahead and not force:
        raise ClockError(f"in {trading_data} {ahead} (it says {iso(now_utc().floor('s'))}). {AHEAD_FIX}")
    if published is not None and as_of < published and not force:
        raise PublishError(
            f"as_of {iso(as_of)} is older than the published insights of {iso(published)} in {trading_data}; "
            "use --force to replace the newer by the older"
        )


def inspect_window(
    trading_data: Path, as_of: pd.Timestamp, lookback_hours: float
) -> tuple[Inputs, KeptWindow]:
    """Read the window once before any kernel starts; raises EmptyWindowError naming the newest row, or what is wrong with a file."""
    from lib.data.window import read_window

    kept = read_window(trading_data, as_of, lookback_hours)
    inputs = Inputs(
        as_of=iso(as_of),
        start=iso(kept.window.start),
        lookback_hours=lookback_hours,
        source=kept.window.source.as_dict(),
        files=kept.hashes,
        has_market=kept.window.has_market,
    )
    return inputs, kept
