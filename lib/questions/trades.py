"""The trades of a question: entered at the closes at which it speaks, one position at a time, with its exits, on the finest candles.

As in the backtest of the entry rule (docs/definitions.md, Standard exits): from the unslipped close, less the round trip. A trade whose
longest hold meets a gap is null and holds no position; one that is still open at the last candle counts nowhere and blocks what follows.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from lib.analysis.sweep_exits import OPEN, REASONS, FirstTouches, first_touches
from lib.contract.times import times_index
from lib.market.costs import Costs, price_trades
from lib.market.exits import NO_GAP, ExitRule, PricePath
from lib.stats.episodes import assign_episodes

_WORDS = np.array(REASONS, dtype=object)


@dataclass(frozen=True)
class QuestionTrades:
    """Closed trades, priced (lib.market.costs.price_trades), with `row` (their entry's place), `episode`, `ambiguous`; and what is none."""

    closed: pd.DataFrame
    spoke: int  #: rows of which something was said
    gap: int  #: of them those whose hold meets a gap
    busy: int  #: while a position was held
    open: int  #: entered and not ended yet


@dataclass(frozen=True)
class EntryExits:
    """Entries in time order, one a row and direction, and how each ends under one rule: made once, whichever of them are taken."""

    entries: pd.DataFrame  #: direction, entry_time, entry_price
    row: np.ndarray  #: place of each entry's candle
    entry_at: np.ndarray  #: microseconds
    gap_known_at: np.ndarray  #: when a gap in its hold is known, NO_GAP without one
    at: np.ndarray  #: its exit, OPEN while open
    price: np.ndarray
    ambiguous: np.ndarray
    reason: np.ndarray  #: place in lib.analysis.sweep_exits.REASONS

    def taken(self, places: np.ndarray) -> EntryExits:
        """Only the entries at these places, in time order; `places` are indices or a mask."""
        arrays = {
            each.name: getattr(self, each.name)[places] for each in fields(self) if each.name != "entries"
        }
        return EntryExits(self.entries.iloc[places], **arrays)

    def until(self, instant: int) -> EntryExits:
        """As they were known at `instant` (microseconds): what ends later is open. Entries must lie before it."""
        return replace(
            self,
            at=np.where(self.at > instant, OPEN, self.at),
            gap_known_at=np.where(self.gap_known_at > instant, NO_GAP, self.gap_known_at),
        )


def entry_exits(
    candles: pd.DataFrame, rows: np.ndarray, directions: np.ndarray, path: PricePath, rule: ExitRule
) -> EntryExits:
    """Entries at the closes of these `rows` (ascending) in these directions (+1, -1), with their exits on the path."""
    entries = entries_at(candles, rows, directions)
    touches = first_touches(entries, path, [rule.target_pct], [rule.stop_pct], [rule.hold_minutes])
    ends = one_exit(touches, np.arange(len(rows)))
    return EntryExits(entries, rows, touches.entry_at, touches.gap_known_at, *ends)


def question_trades(
    said: np.ndarray, candles: pd.DataFrame, path: PricePath, rule: ExitRule, costs: Costs, begin: int = 0
) -> QuestionTrades:
    """Trades of what was `said` (n,) of rows (candles by `closed_at`), from row `begin` on, flat before it; the path ends with the rows."""
    rows = np.flatnonzero(said)
    rows = rows[rows >= begin]
    return trades_of(entry_exits(candles, rows, said[rows], path, rule), costs)


def trades_of(spoken: EntryExits, costs: Costs) -> QuestionTrades:
    """The trades of all entries of which was spoken, one position at a time."""
    sound = np.flatnonzero(spoken.gap_known_at == NO_GAP)
    chosen = one_at_a_time(spoken.entry_at[sound], spoken.at[sound])
    ended = chosen & (spoken.at[sound] != OPEN)
    kept = spoken.taken(sound[ended])
    closed = price_trades(
        kept.entries.assign(
            exit_time=times_index(kept.at),
            exit_price=kept.price,
            exit_reason=pd.array(_WORDS[kept.reason], dtype="str"),
            ambiguous=kept.ambiguous,
            row=kept.row,
        ),
        costs.round_trip_pct,
    ).reset_index(drop=True)
    closed["episode"] = assign_episodes(closed["entry_time"], closed["exit_time"])
    return QuestionTrades(
        closed,
        len(spoken.row),
        len(spoken.row) - len(sound),
        int((~chosen).sum()),
        int((chosen & ~ended).sum()),
    )


def one_at_a_time(entry_at: np.ndarray, exit_at: np.ndarray) -> np.ndarray:
    """Which entries (n,) in time order one position at a time allows: the next may begin the moment the one before has ended.

    As `choose_each` of lib.analysis.sweep_exits has it for many rules at once; here only the entries that are taken are looked at.
    """
    following = np.maximum(np.searchsorted(entry_at, exit_at, side="left"), np.arange(1, len(entry_at) + 1))
    chosen, place, after = np.zeros(len(entry_at), dtype=bool), 0, following.tolist()
    while place < len(after):
        chosen[place] = True
        place = after[place]
    return chosen


def entries_at(candles: pd.DataFrame, rows: np.ndarray, directions: np.ndarray) -> pd.DataFrame:
    """Entries (direction, entry_time, entry_price) at the closes of these rows, +1 LONG and -1 SHORT."""
    return pd.DataFrame(
        {
            "direction": pd.array(np.where(directions > 0, "LONG", "SHORT"), dtype="str"),
            "entry_time": candles.index[rows],
            "entry_price": candles["close"].to_numpy()[rows],
        }
    )


def one_exit(
    touches: FirstTouches, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Instant (OPEN while open), price, doubt and reason of the signals `rows` under the only rule there is."""
    one = np.zeros(1, dtype=int)
    found = touches.exits(one, one, one, rows)
    return found.at[:, 0], found.price[:, 0], found.ambiguous[:, 0], found.reason[:, 0]
