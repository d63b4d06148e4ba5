"""What the two arms answer, whose difference is known.

A *world* says how both arms find their side, how often each trades, and how well it chooses. Choosing well means to take, with a chance,
the side to which the price will have moved (or the other one, to choose badly): the mean of a trade is then known, and its spread hardly
changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bench.experiment.market import DAY_MINUTES, MOVES, TERMS, TOOK_S, Market, Side
from lib.experiments.arm import LETTERS, Letter
from lib.experiments.rows import Answered

SIDES: tuple[Side, ...] = ("LONG", "SHORT")
OTHER_SIDE: dict[Side, Side] = {"LONG": "SHORT", "SHORT": "LONG"}
#: A repeating decider is asked so often, minutes; its first answer lies below the least confidence, and it enters once the price is behind.
ASKED_EVERY, LAST_ASKED = 5, 40
REFUSED = "rail_confidence"
VALID_S = 20.0


@dataclass(frozen=True)
class World:
    """What is true. Chances are 0 to 1; `better` may be negative: the chance to take the side that loses."""

    name: str
    better: dict[Letter, float] = field(default_factory=lambda: dict.fromkeys(LETTERS, 0.0))
    trades: dict[Letter, float] = field(default_factory=lambda: dict.fromkeys(LETTERS, 1.0))
    day_better: float = 0.0  #: each day all choose well, or all badly, with this chance
    repeats: bool = False  #: answers are repeated while they are behind
    moves: float = MOVES  #: chance that the price moves in a minute

    @property
    def slot_minutes(self) -> int:
        """From one block to the next, with room for the latest entry's hold."""
        return 120 if self.repeats else 60


class Arms:
    """Both arms of one run: their choices are drawn beforehand, by block, so neither depends on which arm is executed."""

    def __init__(self, world: World, market: Market, slots: int, rng: np.random.Generator) -> None:
        self.world, self.market = world, market
        self._sides = {letter: rng.integers(0, 2, size=slots) for letter in LETTERS}
        self._trades = {letter: rng.random(slots) < world.trades[letter] for letter in LETTERS}
        self._chooses = {letter: rng.random(slots) for letter in LETTERS}
        self._days = rng.choice([-1.0, 1.0], size=slots * world.slot_minutes // DAY_MINUTES + 1)

    def ticks(self) -> range:
        """The minutes of a block at which its arm is asked, until it enters."""
        return range(0, LAST_ASKED + 1, ASKED_EVERY) if self.world.repeats else range(1)

    def answer(
        self, letter: Letter, slot: int, minute: int, executed: bool, experiment: str, block: int
    ) -> Answered:
        """What an arm answers at a tick of a block."""
        trades = bool(self._trades[letter][slot])
        side = self._side(letter, slot) if trades else "HOLD"
        return Answered(
            at=self.market.tick(slot, minute),
            experiment=experiment,
            block=block,
            arm=letter,
            executed=executed,
            direction=side,
            code=self._code(side, slot, minute),
            stop_pct=TERMS.stop_pct,
            target_pct=TERMS.target_pct,
            valid_s=VALID_S,
            took_s=TOOK_S,
        )

    def _code(self, side: str, slot: int, minute: int) -> str:
        """Why an answer makes no order. A repeating decider grows surer while its first side is behind, and passes only then."""
        if side == "HOLD":
            return "hold"
        if not self.world.repeats:
            return ""
        moved = self.market.moved(slot, minute)
        behind = moved < 0 if side == "LONG" else moved > 0
        return "" if minute and behind else REFUSED

    def _side(self, letter: Letter, slot: int) -> Side:
        day = self._days[slot * self.world.slot_minutes // DAY_MINUTES]
        chance = self.world.better[letter] + self.world.day_better * day
        favoured = self.market.favoured(slot)
        if favoured and self._chooses[letter][slot] < abs(chance):
            return favoured if chance > 0 else OTHER_SIDE[favoured]
        return "LONG" if self._sides[letter][slot] else "SHORT"


def entry(at: int, side: Side) -> Answered:
    """An answer that enters."""
    return Answered(
        at=at,
        experiment="e1",
        block=1,
        arm="a",
        executed=True,
        direction=side,
        code="",
        stop_pct=TERMS.stop_pct,
        target_pct=TERMS.target_pct,
        valid_s=VALID_S,
        took_s=TOOK_S,
    )
