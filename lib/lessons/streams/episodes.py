"""Which trades of a track are finished at an hour: whole episodes in time order, each handed out once.

An episode is a connected component of overlapping holding intervals (docs/evidence-method.md, Observations, the rule of
lib.stats), handed out when every trade of it is closed. What would surprise: chains are cut, because an episode that never
ends would never count; and an episode waits for the one before it, so that a ledger sees them in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lib.lessons.streams.models import HOUR, Candidate, Track

#: An entry this long after the first one of an episode begins a new one.
_LONGEST_EPISODE = 6 * HOUR
#: A trade still open this long after its entry is left out.
ABANDONED_AFTER = 24 * HOUR
#: How far back an hour must look for what is not finished: an episode whose last trade was not abandoned an hour ago.
FURTHEST_BACK = _LONGEST_EPISODE + ABANDONED_AFTER + HOUR


@dataclass
class Episode:
    """Trades that share their market; `cut` if one of them reaches into the episode that follows."""

    trades: list[Candidate] = field(default_factory=list)
    cut: bool = False

    @property
    def is_finished(self) -> bool:
        """Whether the outcome of each is known."""
        return all(trade.end_at is not None for trade in self.trades)

    @property
    def finished_at(self) -> int:
        """When the last outcome became known; of finished episodes."""
        return max(trade.end_at or trade.entry_at for trade in self.trades)


def group_episodes(trades: Sequence[Candidate]) -> list[Episode]:
    """The episodes of trades in order of entry; one that is open reaches on without end.

    An exit at the instant of the next entry does not overlap; entries at one instant share an episode.
    """
    episodes: list[Episode] = []
    reach: float = 0
    for trade in trades:
        members = episodes[-1].trades if episodes else []
        apart = not members or (trade.entry_at >= reach and trade.entry_at > members[-1].entry_at)
        long = bool(members) and trade.entry_at - members[0].entry_at >= _LONGEST_EPISODE
        if apart or long:
            if members:
                episodes[-1].cut = not apart
            episodes.append(Episode())
            reach = 0
        episodes[-1].trades.append(trade)
        reach = max(reach, float("inf") if trade.end_at is None else trade.end_at)
    return episodes


def settle(track: Track, candidates: Sequence[Candidate], hour: int) -> tuple[list[Episode], Track]:
    """The episodes of a track that are finished at `hour` (microseconds), in time order, and the track as it then stands.

    `candidates`: all its trades entered in (settled_until, hour], in order of entry.
    """
    judged = [_abandon(trade, hour) for trade in candidates]
    episodes = group_episodes([trade for trade in judged if not trade.left_out])
    waiting = next((place for place, found in enumerate(episodes) if not found.is_finished), len(episodes))
    finished, unfinished = episodes[:waiting], episodes[waiting:]
    settled_until = unfinished[0].trades[0].entry_at - 1 if unfinished else hour
    settled = [trade for trade in judged if trade.entry_at <= settled_until]
    counted = [trade for trade in settled if not trade.left_out]
    left_out = Counter(track.left_out) + Counter(trade.left_out for trade in settled if trade.left_out)
    return finished, Track(
        settled_until=settled_until,
        last_entry=counted[-1].entry_at if counted else track.last_entry,
        handed_out=track.handed_out + sum(len(episode.trades) for episode in finished),
        cut_episodes=track.cut_episodes + sum(episode.cut for episode in finished),
        left_out=dict(sorted(left_out.items())),
    )


def _abandon(trade: Candidate, hour: int) -> Candidate:
    overdue = trade.end_at is None and not trade.left_out and hour - trade.entry_at >= ABANDONED_AFTER
    return replace(trade, left_out="abandoned") if overdue else trade
