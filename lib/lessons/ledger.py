"""The ledger: every hypothesis ever asked, fed with episodes in the order in which they ended.

It knows no clock and no file. The same episodes in the same order give the same ledger to the bit, so it can be rebuilt from the data;
lib.lessons.store keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from lib.lessons.episodes import Cell, Episode, cells_of, episodes_of
from lib.lessons.evidence import DAY, Change, Evidence, Snapshot
from lib.lessons.hypotheses import FAMILIES, QUESTIONS, Hypothesis, initial_hypotheses, value_hypotheses
from lib.stats.dependence import DayCells


class Observation(NamedTuple):
    """What one episode said of a group: its mean, or ("pair") how far it was above the others since the pair before."""

    group: str
    pair: bool
    at: int
    x: float
    worst: float
    best: float
    tempering: float
    trades: str  #: ids, separated by spaces; none of a pair


@dataclass
class Family:
    """What all values of one family of a stream have in common: the largest loss, and gain, declared, and how days hang together."""

    worst: float = 0.0
    best: float = 0.0
    days: DayCells = field(default_factory=DayCells)


class Ledger:
    """All hypotheses with their evidence. `observed`, `changed` and `touched` gather what `fresh` gives."""

    def __init__(self, entries: Iterable[Evidence], families: dict[str, Family], recording: bool = True):
        self.entries: dict[str, Evidence] = {}
        self.families = families
        self.recording = recording
        self.observed: list[Observation] = []
        self.touched: set[str] = set()
        self.changed: list[Snapshot] = []
        self._open: dict[str, list[Evidence]] = {}
        self._paired: dict[str, dict[str, Evidence]] = {}
        self._proven: dict[str, Evidence] = {}
        for entry in entries:
            self._enter(entry)

    @classmethod
    def new(cls, recording: bool = True) -> Ledger:
        """A ledger at the start of a log: the standing hypotheses, no evidence."""
        ledger = cls([], {}, recording)
        for hypothesis in initial_hypotheses():
            ledger.register(hypothesis, 0)
        return ledger

    def register(self, hypothesis: Hypothesis, at: int) -> Evidence:
        """Give a hypothesis the next number; only trades of episodes that begin at `at` (microseconds) or later will count for it."""
        entry = Evidence(hypothesis, k=len(self.entries) + 1, born=at, since=at)
        self._enter(entry)
        self._note(entry)
        return entry

    def fold(self, stream: str, table: pd.DataFrame) -> list[Change]:
        """Take in the episodes of a stream's table (lib.lessons.episodes), in its order; returns the changes."""
        return self.fold_episodes(stream, episodes_of(stream, table))

    def fold_episodes(self, stream: str, episodes: Iterable[Episode]) -> list[Change]:
        """Take in episodes of a stream in their order; returns the changes."""
        changes: list[Change] = []
        for episode in episodes:
            changes += self.expire(episode.ended, stream)
            for place, family in enumerate(FAMILIES[stream]):
                changes += self._fold_family(stream, family, place, episode)
        return changes

    def expire(self, at: int, stream: str = "") -> list[Change]:
        """End the lessons (of one stream, or all) that had seen too few episodes by `at`, each at the instant when that became so."""
        changes = []
        for entry in sorted(self._proven.values(), key=lambda entry: entry.k):
            due = entry.expires_at() if stream in ("", entry.hypothesis.stream) else None
            if due is not None and due <= at:
                change = entry.become("ended", "expired", due)
                self._note(entry)
                changes.append(self._ended(entry, change))
        return changes

    def retire(self, id_: str, at: int) -> Change | None:
        """End a hypothesis for good, which a person may; None where it has ended or is unknown."""
        entry = self.entries.get(id_)
        if entry is None or entry.status == "ended":
            return None
        change = entry.become("ended", "person", at)
        self._close(entry)
        self._note(entry)
        return change

    def fresh(self) -> tuple[list[Snapshot], list[Observation]]:
        """What was new since this was last called: a row for each change, and one for each other entry whose n changed, in the
        order of time and number; and all observations.
        """
        rows = {(row.id, row.n, row.status, row.large): row for row in self.changed}
        for id_ in self.touched:
            row = self.entries[id_].snapshot()
            rows.setdefault((row.id, row.n, row.status, row.large), row)
        observed, self.observed, self.changed, self.touched = self.observed, [], [], set()
        return sorted(rows.values(), key=lambda row: (row.at, row.k)), observed

    def as_dict(self) -> dict[str, Any]:
        """As JSON: all that is needed to go on."""
        families = {name: asdict(found) for name, found in self.families.items()}
        return {"entries": [entry.as_dict() for entry in self.entries.values()], "families": families}

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Ledger:
        """Back from JSON; raises ValueError, KeyError or TypeError for what is none."""
        families = {
            name: Family(**(sums | {"days": DayCells(**sums["days"])}))
            for name, sums in found["families"].items()
        }
        return cls([Evidence.from_dict(entry) for entry in found["entries"]], families)

    def _fold_family(self, stream: str, name: str, place: int, episode: Episode) -> list[Change]:
        cells = cells_of(episode, place)
        if not cells:
            return []
        family, key = self._family(stream, name), f"{stream}.{name}"
        changes: list[Change] = []
        for value, cell in cells.items():
            family.worst, family.best = max(family.worst, cell.worst), max(family.best, cell.best)
            found = self._open.get(f"{key}.{value}")
            if found is None:
                for hypothesis in value_hypotheses(stream, name, value):
                    self.register(hypothesis, episode.ended)
                continue
            day = episode.ended // DAY
            # One question's trades may be found hours after another's later ones: a day that is closed stays closed.
            family.days.observe(max(day, family.days.day) if stream == QUESTIONS else day, value, cell.mean)
            self._record(f"{key}.{value}", False, episode, cell.mean, cell, family)
            for entry in [*found]:
                if entry.born > episode.begun:
                    continue
                entry.count(cell.n, cell.wins, cell.net, cell.gains, episode.ended)
                self.touched.add(entry.hypothesis.id)
                if entry.hypothesis.claim != "beats":
                    worst = cell.best if entry.hypothesis.claim == "below" else cell.worst
                    change = entry.observe(cell.mean, worst, family.days.inflation, episode.ended)
                    changes += self._followed(entry, change)
        return changes + self._compare(key, family, episode, cells)

    def _compare(self, key: str, family: Family, episode: Episode, cells: dict[str, Cell]) -> list[Change]:
        """Take an episode into the comparisons of a family."""
        changes: list[Change] = []
        if not (paired := [*self._paired.get(key, {}).values()]):
            return changes
        n, net = sum(cell.n for cell in cells.values()), sum(cell.net for cell in cells.values())
        for entry in paired:
            if entry.born <= episode.begun:
                changes += self._pair(entry, family, episode, cells.get(entry.hypothesis.value), n, net)
        return changes

    def _pair(
        self, entry: Evidence, family: Family, episode: Episode, cell: Cell | None, n: int, net: float
    ) -> list[Change]:
        """Take an episode of n trades, whose net returns have that sum, into the pairs of a comparison; `cell` holds the group's."""
        if cell is not None:
            n, net = n - cell.n, net - cell.net
        pair = entry.pairing.observe(cell, net / n if n else None, family.worst, family.best)
        if pair is None:
            return []
        entry.last = max(entry.last, episode.ended)
        self.touched.add(entry.hypothesis.id)
        found = Cell(worst=pair.worst, best=pair.best)
        self._record(entry.hypothesis.group, True, episode, pair.difference, found, family)
        change = entry.observe(pair.difference, pair.worst, family.days.inflation, episode.ended)
        return self._followed(entry, change)

    def _record(self, group: str, pair: bool, episode: Episode, x: float, cell: Cell, family: Family) -> None:
        if self.recording:
            names, tempering = " ".join(cell.names), family.days.inflation
            self.observed.append(
                Observation(group, pair, episode.ended, x, cell.worst, cell.best, tempering, names)
            )

    def _followed(self, entry: Evidence, change: Change | None) -> list[Change]:
        if change is None:
            return []
        self._note(entry)
        if entry.status == "ended":
            return [self._ended(entry, change)]
        self._proven[entry.hypothesis.id] = entry
        return [change]

    def _ended(self, entry: Evidence, change: Change) -> Change:
        """Close an entry; a lesson that has ended is asked anew. What was shelved is not, nor a question, which a new keeping asks."""
        self._close(entry)
        if entry.why != "shelved" and entry.hypothesis.stream != QUESTIONS:
            again = entry.hypothesis._replace(round=entry.hypothesis.round + 1)
            self.register(again, change.at)
        return change

    def _note(self, entry: Evidence) -> None:
        if self.recording:
            self.changed.append(entry.snapshot())

    def _close(self, entry: Evidence) -> None:
        self.touched.add(entry.hypothesis.id)
        self._open[entry.hypothesis.group].remove(entry)
        self._proven.pop(entry.hypothesis.id, None)
        self._paired.get(_family_key(entry), {}).pop(entry.hypothesis.id, None)

    def _enter(self, entry: Evidence) -> None:
        self.entries[entry.hypothesis.id] = entry
        self._open.setdefault(entry.hypothesis.group, [])
        if entry.status == "ended":
            return
        self._open[entry.hypothesis.group].append(entry)
        if entry.status == "proven":
            self._proven[entry.hypothesis.id] = entry
        if entry.hypothesis.claim == "beats":
            self._paired.setdefault(_family_key(entry), {})[entry.hypothesis.id] = entry

    def _family(self, stream: str, name: str) -> Family:
        return self.families.setdefault(f"{stream}.{name}", Family())


def _family_key(entry: Evidence) -> str:
    return f"{entry.hypothesis.stream}.{entry.hypothesis.family}"
