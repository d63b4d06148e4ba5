"""Pairs of a group's episodes and the others', for "beats the rest": which are set against each other, by their labels alone.

An episode that holds trades of both sides is a pair of its own. Of the rest, so many of the frequent side as there have been for one of the
rare side make a pair, the newest first. What is paired depends on labels and never on returns, and no episode counts twice, so that
the differences of independent episodes of equal mean have the mean 0, whatever was seen before (docs/evidence-method.md, The e-process;
why not as soon as both sides have one: docs/decisions/evidence.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lib.lessons.episodes import Cell

#: So many of the frequent side at most are set against one: more would hardly make the mean of a side any surer.
MOST_OF_A_SIDE = 16
#: So many episodes of a side wait at most, some one and a half days of them; the oldest are let go.
MOST_WAITING = 60
#: Episodes that each side is thought to have had before the first: until there are many, pairs are of one and one.
PRIOR = 10


class Pair(NamedTuple):
    """A difference of means, percent, and the largest loss and gain declared for it (both positive)."""

    difference: float
    worst: float
    best: float


@dataclass(slots=True)
class Pairing:
    """Episodes that wait for the other side's: of the group [mean, worst, best], of the others the mean; and how many each had alone."""

    group: list[list[float]] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    seen: list[int] = field(default_factory=lambda: [0, 0])

    def observe(self, cell: Cell | None, others: float | None, worst: float, best: float) -> Pair | None:
        """One more episode: the group's trades in it, the others' mean; either may be None. Returns the pair that it completes.

        `worst` and `best` are the largest loss and gain that the family has declared so far.
        """
        if cell is not None and others is not None:
            return Pair(cell.mean - others, cell.worst + best, cell.best + worst)
        if cell is not None:
            self.seen[0] += 1
            self.group.append([cell.mean, cell.worst, cell.best])
            del self.group[:-MOST_WAITING]
        elif others is not None:
            self.seen[1] += 1
            self.others.append(others)
            if len(self.others) > MOST_WAITING:
                del self.others[0]
        if not (self.group and self.others):
            return None
        ours, theirs = self.sizes()
        if len(self.group) < ours or len(self.others) < theirs:
            return None
        paired, against = self.group[-ours:], self.others[-theirs:]
        del self.group[-ours:], self.others[-theirs:]
        return Pair(
            sum(one[0] for one in paired) / ours - sum(against) / theirs,
            max(one[1] for one in paired) + best,
            max(one[2] for one in paired) + worst,
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON; the lists are its own."""
        return {"group": self.group, "others": self.others, "seen": self.seen}

    def sizes(self) -> tuple[int, int]:
        """How many episodes of the group, and of the others, make the next pair."""
        group, others = (count + PRIOR for count in self.seen)
        if group > others:
            return min(int(group / others + 0.5), MOST_OF_A_SIDE), 1
        return 1, min(int(others / group + 0.5), MOST_OF_A_SIDE)
