"""What a folder and a new history hold together, found out before a byte is written: which candles are new, corrected, flat, or in doubt.

Of two that differ the grown one counts (lib.data.grown), so a candle that was still running when a day's file was made is set right by
the next day's. Candles that were watched on a chart keep their values: an exchange's are never quite the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.data import formats
from lib.data.grown import has_grown, same
from lib.data.jumps import first_jump
from lib.errors import DataError
from lib.foreign.ohlcv import CandleHistory, candle_text
from lib.foreign.recogniser.reading import PRICES
from lib.market.candles import FLAT_MINUTES, with_flat
from runner.files.journal import Journal
from runner.files.present import candles_in, watched_in
from runner.files.tables import check_same_market

_COLUMNS = [*PRICES, "volume"]
#: Volumes are written to so many decimals, so those of a file are compared to as many.
_VOLUME_DECIMALS = 6
_MINUTE = pd.Timedelta(minutes=1)
#: Zones lie whole quarters of an hour apart, up to 26 hours; so many closes that are the same there are no chance.
_QUARTER, _QUARTERS, _ENOUGH = pd.Timedelta(minutes=15), 26 * 4, 20
_LONGEST = pd.Timedelta(minutes=max(schema.MINUTES.values()))


@dataclass(frozen=True)
class Merged:
    """All candles of the folder and the source, and flat ones between them."""

    candles: pd.DataFrame  #: columns open … volume, flat
    own: np.ndarray  #: (n,) bool: those of the source, and the flat ones made now
    corrected: pd.DatetimeIndex  #: opens whose candle in the folder had not yet grown to what it is
    before: pd.DataFrame  #: what the folder held
    decimals: int  #: those of all prices that something is written of
    told: dict[str, int]  #: counts: flat, minutes_missing, corrected, kept
    notes: list[str]

    def closes(self, minutes: int) -> pd.Series:
        """The close of each candle by the instant it was known."""
        return self.candles["close"].set_axis(self.candles.index + minutes * _MINUTE)


def merge(history: CandleHistory, journal: Journal, accept_jumps: bool) -> Merged:
    """Folder and source together. Raises DataError for another market, a candle in doubt, and a jump that nobody accepted."""
    present = candles_in(journal)
    check_same_market(journal, present["close"], history.candles)
    watched = watched_in(journal)
    corrected, kept = _differing(history, present, watched, journal)
    new = history.candles.index.difference(present.index).union(corrected)
    both = (
        pd.concat([present.drop(corrected), history.candles.loc[new]]).sort_index().rename_axis("timestamp")
    )
    filled = with_flat(both, history.minutes, _may_be_flat(both.index, history))
    own = (filled.index.isin(history.candles.index) | filled["flat"]).to_numpy(bool)
    if not accept_jumps:
        _refuse_jump(filled, filled.index.isin(new), history, journal)
    # The longest candle that the source's first minute lies in is made of minutes of the folder, too.
    touched = filled[filled.index >= filled.index[own][0].floor(_LONGEST)]
    decimals = formats.price_decimals(touched[[*PRICES]].to_numpy())
    lacking = _lacking(filled.index, history)
    told = {
        "flat": int(filled["flat"].sum()),
        "minutes_missing": lacking,
        "corrected": len(corrected),
        "kept": kept,
    }
    return Merged(filled, own, corrected, present, decimals, told, _seam_note(present.index, history))


def flat_made(history: CandleHistory) -> pd.DataFrame:
    """The candles of a source alone, with the flat ones of its minutes without a trade."""
    return with_flat(history.candles, history.minutes, history.whole_behind()[1:-1])


def candles_differ(count: int) -> str:
    """So many of them, as the beginning of a sentence."""
    return "1 candle differs" if count == 1 else f"{count:,} candles differ"


def _differing(
    history: CandleHistory, present: pd.DataFrame, watched: pd.DatetimeIndex, journal: Journal
) -> tuple[pd.DatetimeIndex, int]:
    """The opens whose candle of the source has outgrown the folder's, and how many of the folder's have outgrown the source's."""
    common = history.candles.index.intersection(present.index).difference(watched)
    ours, theirs = _as_written(history.candles.loc[common], history.decimals), present.loc[common, _COLUMNS]
    # Candles made of watched prices have no volume: nothing of them is an exchange's.
    blank = (theirs["volume"].isna() & ours["volume"].notna()).to_numpy()
    one, other = ours.to_numpy(float), theirs.to_numpy(float)
    differ = ~same(one, other) & ~blank
    grown, outgrown = has_grown(one, other), has_grown(other, one)
    doubtful = np.flatnonzero(differ & ~grown & ~outgrown)
    if len(doubtful):
        place = doubtful[0]
        moved = history.path and _moved(history.candles["close"], present["close"])
        raise DataError(
            f"{candles_differ(differ.sum())} from what {journal.path} holds, and of {len(doubtful):,} neither has grown from the other; "
            f"the first, of {iso(common[place])}: here {candle_text(one[place])}, there {candle_text(other[place])}"
            + (
                f". Its prices stand in the folder {_words_of(moved)}: one of the two was read in another zone"
                if moved
                else ""
            ),
            path=history.path,
            line=history.place(common[place]),
            fix="Name the zone of this file's times with --timezone; if the folder's are wrong, begin another one"
            if moved
            else "Find out which is right: another market, or another exchange, needs a folder of its own",
        )
    return common[differ & grown], int((differ & outgrown & ~grown).sum())


def _moved(ours: pd.Series, theirs: pd.Series) -> pd.Timedelta | None:
    """How much later the folder holds the same closes, as files of two zones have them; None where it does not."""
    some = ours.iloc[:: max(len(ours) // 500, 1)]
    for apart in sorted(range(-_QUARTERS, _QUARTERS + 1), key=abs):
        later = apart * _QUARTER
        held = theirs.reindex(some.index + later).to_numpy()
        there = ~np.isnan(held)
        if there.sum() >= _ENOUGH and np.isclose(held[there], some.to_numpy()[there], rtol=1e-9).mean() > 0.9:
            return later or None
    return None


def _words_of(moved: pd.Timedelta) -> str:
    hours, minutes = divmod(int(abs(moved).total_seconds()) // 60, 60)
    return f"{hours} h {minutes:02} min {'later' if moved > pd.Timedelta(0) else 'earlier'}"


def _as_written(candles: pd.DataFrame, decimals: int) -> pd.DataFrame:
    """The candles as they come back from a file, so that a digit that is not written makes no difference."""
    written = {name: formats.number_texts(candles[name], decimals) for name in PRICES}
    return (
        pd.DataFrame(written, index=candles.index)
        .astype(float)
        .assign(volume=candles["volume"].round(_VOLUME_DECIMALS))
    )


def _may_be_flat(index: pd.DatetimeIndex, history: CandleHistory) -> np.ndarray:
    """Behind which candles but the last (n - 1,) a stretch has no trade: the source holds both its ends, and no row in between was damaged.

    Between the folder's end and a source's beginning nobody knows: a cut file's last row is set aside, too.
    """
    ours = index.isin(history.candles.index)
    # The place among the source's candles that a stretch behind each of the candles lies at.
    whole = history.whole_behind()[np.cumsum(ours)]
    return (ours[:-1] & ours[1:] & whole[:-1]).astype(bool)


def _seam_note(present: pd.DatetimeIndex, history: CandleHistory) -> list[str]:
    """What is not known between the folder's last candle and the source's first."""
    first = history.candles.index[0]
    earlier = present[present < first]
    lacking = 0 if earlier.empty else (first - earlier[-1]) // _MINUTE - history.minutes
    if lacking <= 0:
        return []
    told = f"{lacking:,} minutes lack between the folder's candle of {iso(earlier[-1])} and the first one given, of {iso(first)}"
    if lacking > FLAT_MINUTES:
        return [f"{told}: no candle is made for them, nor a longer one that they are part of"]
    return [f"{told}: a history that holds both says whether anything was traded"]


def _refuse_jump(candles: pd.DataFrame, asked: np.ndarray, history: CandleHistory, journal: Journal) -> None:
    jump = first_jump(candles, asked)
    if jump is None:
        return
    before = candles.index[candles.index.get_loc(jump.at) - 1] if jump.at > candles.index[0] else jump.at
    seam = history.place(before) is None or history.place(jump.at) is None
    where = (
        f" (the candle before it is of {iso(before)}, in {journal.path.name})"
        if seam and history.path
        else ""
    )
    raise DataError(
        f"at {iso(jump.at)} {jump.words()}{where}: another market, another unit, or a row that is damaged",
        path=history.path,
        line=history.place(jump.at),
        fix="Look at it; if prices did move so, --accept-jumps takes it",
    )


def _lacking(index: pd.DatetimeIndex, history: CandleHistory) -> int:
    """Minutes between the source's first and last candle that nobody has."""
    first, last = history.candles.index[0], history.candles.index[-1]
    wanted = (last - first) // (history.minutes * _MINUTE) + 1
    return int((wanted - ((index >= first) & (index <= last)).sum()) * history.minutes)
