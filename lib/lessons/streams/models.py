"""What the streams of closed trades hand out and remember: their tables, a candidate trade, and the carry from hour to hour.

A *stream* is one source of hypotheses. A *track* is a walk through time whose trades share episodes: one a stream, but one for each
hold time in `held`. What would surprise: the carry holds no trades. What is not finished is found again in the files an hour later,
from `settled_until` on, so that a ledger built anew reads what a growing one read. Times in it are microseconds since 1970 in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pydantic import Field

from lib.contract.results import Model
from lib.contract.times import times_index
from lib.lessons.hypotheses import FAMILIES
from lib.market.exits import MINUTE, PricePath
from lib.market.terms import Terms

HOUR = 60 * MINUTE
#: Minutes that own trades are held to in the stream `held`.
HELD_MINUTES = (15, 30, 45)
#: The tracks of each stream; a stream's tables hold the trades of all its tracks.
TRACKS = {
    "trades": ("trades",),
    "held": tuple(f"held_{minutes}" for minutes in HELD_MINUTES),
    "setups": ("setups",),
    "rule": ("rule",),
    "wicks": ("wicks",),
    "answers": ("answers",),
}
#: Numbers that a stream's table has beside those of all: the confidence that own trades were entered with.
FURTHER_NUMBERS = {"trades": ("confidence",)}
_NUMBERS = ("net_pct", "worst_pct", "best_pct")
LEADING_COLUMNS = ("entry_time", "exit_time", *_NUMBERS, "trade", "episode")


@dataclass(frozen=True)
class Candidate:
    """One trade of a track as known at an hour; `end_at` None while its outcome is not known, `left_out` why it never counts."""

    entry_at: int
    end_at: int | None
    direction: str
    trade: str
    net_pct: float = 0.0
    worst_pct: float = 0.0
    best_pct: float = 0.0
    left_out: str = ""
    words: dict[str, object] = field(
        default_factory=dict
    )  #: what its origin says of it: confidence, states, kind, hold


class Track(Model):
    """How far one walk has come: every trade entered until `settled_until` was handed out or left out, and counted."""

    settled_until: int | None = Field(
        None,
        description="Microseconds since 1970 in UTC; trades entered until then are all settled. Null: nothing seen yet.",
    )
    last_entry: int | None = Field(
        None,
        description="Entry of the newest settled trade that was not left out, microseconds since 1970 in UTC; null without one.",
    )
    handed_out: int = Field(0, description="Trades handed out so far.")
    cut_episodes: int = Field(
        0, description="Episodes ended for their length while a trade of theirs reached into the next."
    )
    left_out: dict[str, int] = Field(
        default_factory=dict,
        description="Trades that never count, by reason (abandoned, late, gap, …); only reasons that occurred.",
    )


class OpenAnswer(Model):
    """An answer that counts, whose outcome is not known yet."""

    answered_at: int = Field(description="When it was given, microseconds since 1970 in UTC.")
    groups: dict[str, str] = Field(description="The groups that it counts for: value by family.")


class Carry(Model):
    """What is known of the streams after an hour; `Carry()` has seen nothing."""

    hour: int | None = Field(
        None, description="The whole hour done last, microseconds since 1970 in UTC; null before the first."
    )
    next_episode: dict[str, int] = Field(
        default_factory=dict,
        description="Number of the next episode, by stream; 0 where a stream is missing.",
    )
    tracks: dict[str, Track] = Field(
        default_factory=dict,
        description="How far each track has come, by its name; what is missing has seen nothing.",
    )
    open_answers: dict[str, OpenAnswer] = Field(
        default_factory=dict,
        description="Answers that count and are open, by id: as long as one is, no other counts for its groups.",
    )

    @classmethod
    def begun(cls, at: int | None) -> Carry:
        """The carry of a ledger whose evidence begins after an instant: trades entered by then are settled; None: `Carry()`."""
        names = [name for tracks in TRACKS.values() for name in tracks]
        return cls() if at is None else cls(tracks={name: Track(settled_until=at) for name in names})

    def track(self, name: str) -> Track:
        """A track as it stands."""
        return self.tracks.get(name, Track())

    @property
    def cut_episodes(self) -> int:
        """Episodes cut for their length, in all tracks."""
        return sum(track.cut_episodes for track in self.tracks.values())

    @property
    def abandoned(self) -> int:
        """Trades and answers left out because they were open for too long, in all tracks."""
        return sum(track.left_out.get("abandoned", 0) for track in self.tracks.values())


def judged_until(path: PricePath, terms: Terms) -> int:
    """Entries up to this instant (microseconds) have outcomes that no gap can void any more: their hold lies behind the last close.

    Only such outcomes of hypothetical trades are handed out; else a quick end would escape the gap that voids a slower one
    (docs/definitions.md, Ribbon).
    """
    return int(path.bar_closes_at[-1]) - int(terms.hold_minutes * MINUTE) if len(path.bar_closes_at) else 0


def stream_table(stream: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows as the table of a stream: LEADING_COLUMNS (times in UTC microseconds), FURTHER_NUMBERS, then its families as str."""
    columns: dict[str, object] = {}
    further = FURTHER_NUMBERS.get(stream, ())
    for name in (*LEADING_COLUMNS, *further, *FAMILIES[stream]):
        values = [row[name] for row in rows]
        if name in ("entry_time", "exit_time"):
            columns[name] = times_index(np.array(values, dtype=np.int64))
        elif name == "episode" or name in (*_NUMBERS, *further):
            columns[name] = np.array(values, dtype=np.int64 if name == "episode" else float)
        else:
            columns[name] = pd.array(values, dtype="str")
    return pd.DataFrame(columns)
