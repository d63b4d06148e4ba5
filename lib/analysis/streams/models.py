"""What is carried from one hour to the next, so that each trade is handed out once, whenever its hour is taken in."""

from __future__ import annotations

from pydantic import Field

from lib.analysis.results import Model

HOUR = 3_600_000_000
#: An episode that has lasted so long is cut: the next entry begins a new one. Fixed in advance, against chains without end.
LONGEST_EPISODE = 6 * HOUR
#: A trade that is open for longer no longer holds back those that it overlaps.
LONGEST_WAIT = 24 * HOUR


class Carry(Model):
    """State of the streams after an hour; times in microseconds. An empty one is the start of the log."""

    episodes: dict[str, int] = Field(default_factory=dict)  #: number of the next episode, by stream
    settled: dict[str, int] = Field(
        default_factory=dict
    )  #: entry of the newest trade that was handed out, by stream
    waiting_since: dict[str, int] = Field(
        default_factory=dict
    )  #: first entry that has yet to be handed out, by stream
    walked: dict[str, int] = Field(default_factory=dict)  #: where the walk of a market stream goes on
    free_at: dict[str, int] = Field(default_factory=dict)  #: end of its last trade
    last_entry: dict[str, int] = Field(default_factory=dict)
    left_out: dict[str, int] = Field(default_factory=dict)  #: trades left out, by stream and reason
    cut_episodes: dict[str, int] = Field(default_factory=dict)

    def leave_out(self, stream: str, reason: str, count: int = 1) -> None:
        """Count trades that are not handed out."""
        if count:
            name = f"{stream}.{reason}"
            self.left_out[name] = self.left_out.get(name, 0) + count
