"""The trades of a question: entered at the closes at which it speaks, one position at a time, with its exits, on the finest candles.

As in the backtest of the entry rule (docs/definitions.md, Standard exits): from the unslipped close, less the round trip. A trade whose
longest hold meets a gap is null and holds no position; one that is still open at the last candle counts nowhere and blocks what follows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.sweep_exits import OPEN, REASONS, FirstTouches, choose_each, first_touches
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


def question_trades(
    said: np.ndarray, candles: pd.DataFrame, path: PricePath, rule: ExitRule, costs: Costs, begin: int = 0
) -> QuestionTrades:
    """Trades of what was `said` (n,) of rows (candles by `closed_at`), from row `begin` on, flat before it; the path ends with the rows."""
    rows = np.flatnonzero(said)
    rows = rows[rows >= begin]
    entries = entries_at(candles, rows, said[rows])
    touches = first_touches(entries, path, [rule.target_pct], [rule.stop_pct], [rule.hold_minutes])
    sound = np.flatnonzero(touches.gap_known_at == NO_GAP)
    at, price, ambiguous, reason = one_exit(touches, sound)
    chosen = choose_each(
        touches.entry_at[sound], at[:, None], np.ones((len(sound), 1), dtype=bool), np.zeros(1)
    )[:, 0, 0]
    ended = chosen & (at != OPEN)
    kept = sound[ended]
    closed = price_trades(
        entries.iloc[kept].assign(
            exit_time=times_index(at[ended]),
            exit_price=price[ended],
            exit_reason=pd.array(_WORDS[reason[ended]], dtype="str"),
            ambiguous=ambiguous[ended],
            row=rows[kept],
        ),
        costs.round_trip_pct,
    ).reset_index(drop=True)
    closed["episode"] = assign_episodes(closed["entry_time"], closed["exit_time"])
    return QuestionTrades(
        closed, len(rows), len(rows) - len(sound), int((~chosen).sum()), int((chosen & ~ended).sum())
    )


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
